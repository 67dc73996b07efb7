//! What is known of messages that have come.

use heapless::Vec;
use septet::at::Store;

use super::Instant;
use super::known::{Known, Stored, Wish};

/// Slots that are remembered; more are found by a sweep.
const WAITING_MAX: usize = 8;

/// Pause before the stores are looked through again after one was too busy or did not answer. It
/// doubles with each look that ends so.
const BUSY_MS: u32 = 5_000;

/// Time after which the network has noticed that a message was not acknowledged.
const RESENT_MS: u32 = 15_000;

/// Where a message is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) store: Store,
    pub(super) index: u16,
}

/// What is known of messages that have come.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) waiting: Vec<Slot, WAITING_MAX, u8>,
    /// An announcement found no room.
    pub(super) missed: bool,
    /// The look through the stores that is under way.
    pub(super) sweep: Option<Sweep>,
    /// When to look through the stores.
    pub(super) sweep_at: Instant,
    /// Something kept the present look from all messages.
    pub(super) hindered: bool,
    /// How many looks before the present one were hindered, one after the other.
    pub(super) hindered_before: u8,
    pub(super) selected: Option<Selected>,
    pub(super) expected: Option<Expected>,
    pub(super) tickets: u16,
    pub(super) in_hand: Option<InHand>,
    pub(super) known: Known,
    pub(super) duty: Option<Duty>,
    /// Whether the modem agreed to wait for acknowledgements.
    pub(super) acknowledges: bool,
    /// Whether it goes before the next message to be sent.
    pub(super) turn: bool,
}

/// The store that `AT+CPMS` asked for last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected {
    pub(super) store: Store,
    /// Whether the modem agreed. One that refuses has this store only, or has not this one: then its
    /// slots are empty or, at worst, hold a message that is not yet handed over.
    pub(super) agreed: bool,
}

/// A look through all stores, in the order of the profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    /// Index into the profile's stores.
    pub(super) store: u8,
    /// The first slot that was not seen yet.
    pub(super) from: u16,
    /// There are more messages than could be remembered.
    pub(super) more: bool,
}

/// What the next line is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) what: What,
    pub(super) until: Instant,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// A message that is in no store.
    Direct { tpdu_len: u16 },
    /// The message of a slot.
    Stored { slot: Slot, tpdu_len: u16 },
    /// Of no use: in a list, or cell broadcast.
    Ignored,
}

/// A stored message that the caller has.
#[derive(Clone, Copy, Debug)]
pub(super) struct InHand {
    pub(super) ticket: u16,
    pub(super) stored: Stored,
    /// Whether the modem had agreed to the store that it was read from.
    pub(super) agreed: bool,
    pub(super) stage: Stage,
}

/// How far a stored message that the caller has is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The caller has it.
    Given,
    /// The caller has it safe: it is to be deleted.
    Done,
    /// And its store was selected for that right before.
    Selected,
}

/// A message that the network waits to see acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duty {
    pub(super) ticket: u16,
    pub(super) until: Instant,
    pub(super) done: bool,
}

impl Inbox {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            waiting: Vec::new(),
            missed: false,
            sweep: None,
            sweep_at: now,
            hindered: false,
            hindered_before: 0,
            selected: None,
            expected: None,
            tickets: 0,
            in_hand: None,
            known: Known::new(),
            duty: None,
            acknowledges: false,
            turn: false,
        }
    }

    pub(super) fn has_work(&self) -> bool {
        self.duty.is_some_and(|duty| duty.done)
            || match self.in_hand {
                Some(in_hand) => in_hand.stage != Stage::Given,
                None => !self.waiting.is_empty() || self.sweep.is_some() || self.missed,
            }
    }

    pub(super) const fn sweep_soon(&mut self, now: Instant) {
        self.sweep_at = now;
    }

    /// There is something that the present look does not find.
    pub(super) fn look_again(&mut self, now: Instant) {
        self.hindered = true;
        let pause = BUSY_MS << self.hindered_before.min(7);
        self.sweep_at = self.sweep_at.min(now.after(pause));
    }

    /// A store was not selected in time: which one is, is not known.
    pub(super) fn not_selected(&mut self, now: Instant) {
        self.selected = None;
        self.sweep = None;
        self.waiting.clear();
        self.look_again(now);
    }

    /// A message was not deleted, or that is not known. It may be gone, and its slot may have another
    /// one: it is not deleted but after it was read again.
    pub(super) fn not_deleted(&mut self, now: Instant) {
        if let Some(in_hand) = self.in_hand.take() {
            self.known.remember(in_hand.stored, Wish::Delete);
        }
        self.look_again(now);
    }

    /// A message was not acknowledged in time: the network sends it again.
    pub(super) fn not_acknowledged(&mut self, now: Instant) {
        self.duty = None;
        self.look_again(now);
    }

    /// What was selected for a deletion is that for the very next command only.
    pub(super) fn command_ends(&mut self) {
        if let Some(in_hand) = &mut self.in_hand
            && in_hand.stage == Stage::Selected
        {
            in_hand.stage = Stage::Done;
        }
    }

    /// Whether the second line of a message is waited for.
    pub(super) const fn expects_pdu(&self) -> bool {
        self.expected.is_some()
    }

    /// Stops to wait for the second line; `true` when a message is lost by that.
    pub(super) fn take_expected(&mut self) -> bool {
        let Some(expected) = self.expected.take() else { return false };
        self.lost(expected);
        !matches!(expected.what, What::Ignored)
    }

    /// A message did not come whole. Where the network waits to see it acknowledged, it sends it again,
    /// and the modem may give nothing directly any more: that is seen to once its time is over.
    pub(super) fn lost(&mut self, expected: Expected) {
        if let (What::Direct { .. }, true) = (expected.what, self.acknowledges) {
            let until = expected.until.after(RESENT_MS);
            self.duty = Some(Duty { ticket: self.next_ticket(), until, done: false });
        }
    }

    pub(super) fn expects_until(&self) -> Option<Instant> {
        self.expected.map(|expected| expected.until)
    }

    pub(super) fn expires_at(&self) -> Option<Instant> {
        let duty = self.duty.map(|duty| duty.until);
        self.expects_until().into_iter().chain(duty).min()
    }

    /// Forgets what did not outlive a restart of the modem; tickets stay unique.
    pub(super) fn restart(&mut self, now: Instant) {
        let tickets = self.tickets;
        *self = Self { tickets, ..Self::new(now) };
    }

    pub(super) fn next_ticket(&mut self) -> u16 {
        self.tickets = self.tickets.wrapping_add(1);
        self.tickets
    }

    /// Remembers a slot, the lowest ones first; `false` when one had to be forgotten.
    pub(super) fn remember(&mut self, slot: Slot) -> bool {
        if self.waiting.contains(&slot) || self.waiting.push(slot).is_ok() {
            return true;
        }
        let highest = self.waiting.iter_mut().max_by_key(|slot| slot.index);
        if let Some(highest) = highest.filter(|highest| highest.index > slot.index) {
            *highest = slot;
        }
        false
    }
}
