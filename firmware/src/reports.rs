//! Messages that were sent and whose reports are awaited.
//!
//! A status report names its message by the reference that the modem gave it, one of 256, and by the
//! recipient; that is all there is (3GPP TS 23.040, section 9.2.2.3).

use heapless::Vec;
use septet::tpdu::codes::{Outcome, Status};
use septet::tpdu::{Address, StatusReport};

use crate::engine::Instant;

/// Reports that came before the reference of their message was told: a modem may hand one over while
/// it still holds back the `+CMGS` line.
const EARLY_MAX: usize = 2;

/// The last `N` messages whose reports are awaited, each with what the caller knows it by.
///
/// A message takes about 40 octets and what its `T` takes.
#[derive(Clone, Debug)]
pub struct Reports<T, const N: usize> {
    awaited: Vec<Awaited<T>, N>,
    early: Vec<Early, EARLY_MAX>,
}

#[derive(Clone, Debug)]
struct Awaited<T> {
    reference: u8,
    recipient: Address,
    sent: Instant,
    message: T,
}

#[derive(Clone, Copy, Debug)]
struct Early {
    reference: u8,
    recipient: Address,
    status: Status,
}

/// What becomes of a message by [`Reports::sent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sent<T> {
    /// Its report is awaited.
    Awaited,
    /// Its report is awaited; that of this message no more: there was no room for both, or they cannot
    /// be told apart, since 256 messages went since.
    Instead(T),
    /// Its report was there before it.
    Reported(T, Status),
}

impl<T, const N: usize> Default for Reports<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Reports<T, N> {
    /// A table without messages.
    pub const fn new() -> Self {
        Self { awaited: Vec::new(), early: Vec::new() }
    }

    /// How many reports are awaited.
    pub fn len(&self) -> usize {
        self.awaited.len()
    }

    /// Whether no report is awaited.
    pub fn is_empty(&self) -> bool {
        self.awaited.is_empty()
    }

    /// Notes that `message` was sent with this reference, and that its report will come.
    pub fn sent(&mut self, reference: u8, recipient: Address, message: T, now: Instant) -> Sent<T> {
        let is_early =
            |early: &Early| early.reference == reference && is_same(&early.recipient, &recipient);
        if let Some(at) = self.early.iter().position(is_early) {
            let status = self.early.remove(at).status;
            if status.outcome() != Outcome::StillTrying {
                return Sent::Reported(message, status);
            }
        }
        let before = match self.find(reference, &recipient) {
            Some(at) => Some(self.awaited.remove(at).message),
            None if self.awaited.is_full() && N > 0 => Some(self.awaited.remove(0).message),
            None => None,
        };
        match self.awaited.push(Awaited { reference, recipient, sent: now, message }) {
            Ok(()) => before.map_or(Sent::Awaited, Sent::Instead),
            // A table without room awaits nothing.
            Err(awaited) => Sent::Instead(awaited.message),
        }
    }

    /// Takes a status report, and returns the message that it is of, if that is awaited. It is not
    /// awaited any more then, unless the service centre still tries.
    pub fn reported(&mut self, report: &StatusReport<'_>) -> Option<T>
    where
        T: Clone,
    {
        let StatusReport { message_reference: reference, recipient, status, .. } = *report;
        let Some(at) = self.find(reference, &recipient) else {
            if self.early.is_full() {
                self.early.remove(0);
            }
            let _ = self.early.push(Early { reference, recipient, status });
            return None;
        };
        if status.outcome() == Outcome::StillTrying {
            return self.awaited.get(at).map(|awaited| awaited.message.clone());
        }
        Some(self.awaited.remove(at).message)
    }

    /// A message that was sent more than `ms` ago and is not reported, if there is one: it is not
    /// awaited any more. To be called until there is none.
    pub fn expire(&mut self, now: Instant, ms: u32) -> Option<T> {
        let at = self.awaited.iter().position(|awaited| now > awaited.sent.after(ms))?;
        Some(self.awaited.remove(at).message)
    }

    /// The last message with this reference and recipient.
    fn find(&self, reference: u8, recipient: &Address) -> Option<usize> {
        self.awaited.iter().rposition(|awaited| {
            awaited.reference == reference && is_same(&awaited.recipient, recipient)
        })
    }
}

/// Whether two addresses are one number. A report may have it in another form than the message: with
/// the country code, or without it and with a zero.
fn is_same(one: &Address, other: &Address) -> bool {
    let digits = |address: &Address| {
        let mut digits: Vec<char, 20> = Vec::new();
        let significant = address.chars().skip_while(|c| matches!(c, '+' | '0'));
        digits.extend(significant.take(20));
        digits
    };
    let (one, other) = (digits(one), digits(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    one == other || short.len() >= 6 && long.ends_with(short)
}
