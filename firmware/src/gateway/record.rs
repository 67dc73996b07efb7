//! How requests, messages and their fates are written into records.

use septet::Error;
use septet::fields::Carrier;
use septet::parts::Fate;
use septet::tpdu::Timestamp;
use septet::wire::Writer;

use crate::msisdn::Msisdn;

/// What the messages of a request have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The account's number.
    pub account: u16,
    /// The interface's place in the board's list.
    pub api: u8,
    /// How many messages it has; their numbers follow the request's.
    pub count: u8,
    /// Whether a delivery report is wanted.
    pub report: bool,
    /// Message class, 0..=3.
    pub class: Option<u8>,
    /// TP-PID.
    pub protocol: u8,
    /// How long the network tries, in seconds.
    pub validity: Option<u32>,
    /// A hash of the key by which the customer makes it again, and one of what it asks.
    pub dedupe: Option<(u64, u32)>,
    /// The customer's own id; empty where there is none.
    pub client_id: &'a str,
    /// Where its reports go; empty where that was not said.
    pub callback: &'a str,
    /// What they are written in, where the customer said so.
    pub carrier: Option<Carrier>,
}

/// What a callback can be written in, with what it is called.
pub const CARRIERS: [(Carrier, &str); 3] =
    [(Carrier::Form, "form"), (Carrier::Multipart, "multipart"), (Carrier::Json, "json")];

/// The most octets of a customer's own id, and of a callback's URL.
pub const CLIENT_ID_MAX: usize = 64;
/// See [`CLIENT_ID_MAX`].
pub const CALLBACK_MAX: usize = 160;

/// The most octets of a request's record.
pub const REQUEST_MAX: usize = 7 + 16 + 2 + CLIENT_ID_MAX + CALLBACK_MAX;

/// What stands for no message class.
const NO_CLASS: u8 = u8::MAX;

const REPORT: u8 = 1;
const DEDUPE: u8 = 2;
/// Above these flags stands the place of the carrier, from 1.
const CARRIER_SHIFT: u8 = 2;

impl<'a> Request<'a> {
    /// Writes the record.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](septet::ErrorKind::Full).
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let flags = u8::from(self.report) * REPORT + u8::from(self.dedupe.is_some()) * DEDUPE;
        let carrier = CARRIERS.iter().position(|(own, _)| Some(*own) == self.carrier);
        let flags = flags | carrier.map_or(0, |at| at as u8 + 1) << CARRIER_SHIFT;
        let class = self.class.unwrap_or(NO_CLASS);
        let (key, content) = self.dedupe.unwrap_or_default();
        w.octets(&self.account.to_be_bytes())?;
        w.octets(&[self.api, self.count, flags, class, self.protocol])?;
        w.octets(&self.validity.unwrap_or(u32::MAX).to_be_bytes())?;
        w.octets(&key.to_be_bytes())?;
        w.octets(&content.to_be_bytes())?;
        for text in [self.client_id, self.callback] {
            w.octet(text.len() as u8)?;
            w.text(text)?;
        }
        Ok(())
    }

    /// Reads the record; `None` where it is none.
    pub fn read(octets: &'a [u8]) -> Option<Self> {
        let (account, rest) = octets.split_first_chunk()?;
        let (&[api, count, flags, class, protocol], rest) = rest.split_first_chunk()?;
        let (validity, rest) = number(rest)?;
        let (key, rest) = rest.split_first_chunk()?;
        let key = u64::from_be_bytes(*key);
        let (content, rest) = number(rest)?;
        let (client_id, rest) = text(rest)?;
        let (callback, _) = text(rest)?;
        let carrier = usize::from(flags >> CARRIER_SHIFT).checked_sub(1);
        let carrier = carrier.and_then(|at| CARRIERS.get(at)).map(|(own, _)| *own);
        Some(Self {
            account: u16::from_be_bytes(*account),
            api,
            count,
            report: flags & REPORT != 0,
            class: (class != NO_CLASS).then_some(class),
            protocol,
            validity: (validity != u32::MAX).then_some(validity),
            dedupe: (flags & DEDUPE != 0).then_some((key, content)),
            client_id,
            callback,
            carrier,
        })
    }
}

fn number(octets: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = octets.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}

fn text(octets: &[u8]) -> Option<(&str, &[u8])> {
    let (len, rest) = octets.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*len))?;
    Some((core::str::from_utf8(text).ok()?, rest))
}

/// Writes what stands before the parts of a message.
///
/// # Errors
/// [`ErrorKind::Full`](septet::ErrorKind::Full).
pub fn emit_message(request: u32, to: Msisdn, w: &mut Writer<'_>) -> Result<(), Error> {
    w.octets(&request.to_be_bytes())?;
    w.octets(&to.0.to_be_bytes())
}

/// The request, the recipient and the parts of a message.
pub fn read_message(octets: &[u8]) -> Option<(u32, Msisdn, &[u8])> {
    let (request, rest) = number(octets)?;
    let (to, parts) = rest.split_first_chunk()?;
    Some((request, Msisdn(u64::from_be_bytes(*to)), parts))
}

/// The most parts of a message on a board.
pub const PARTS_MAX: usize = 8;

/// The fates of a message's parts.
pub type Fates = heapless::Vec<Fate, PARTS_MAX, u8>;

/// The fates of parts, as many as there are and as a board has room for.
pub fn fates(each: impl Iterator<Item = Fate>) -> Fates {
    let mut fates = Fates::new();
    for fate in each.take(PARTS_MAX) {
        let _ = fates.push(fate);
    }
    fates
}

/// The octets of a record of fates.
pub const FATES_MAX: usize = 9 + 2 * PARTS_MAX;

/// What is known of a message that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whether its end was told.
    pub told: bool,
    /// What the network said of it last (TP-ST); 0 where it said nothing.
    pub status: u8,
    /// When that came to be (TP-DT); no point in time where the network said nothing.
    pub done: Timestamp,
    /// What became of its parts.
    pub fates: Fates,
}

impl Known {
    /// What is known of a message of so many parts that was just accepted.
    pub fn new(parts: usize) -> Self {
        let fates = fates(core::iter::repeat_n(Fate::Waiting, parts));
        Self { told: false, status: 0, done: Timestamp([0; 7]), fates }
    }

    /// Writes the record.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](septet::ErrorKind::Full).
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.octets(&[u8::from(self.told), self.status])?;
        w.octets(&self.done.0)?;
        self.fates.iter().try_for_each(|fate| w.octets(&fate.octets()))
    }

    /// Reads the record; `None` where it is none.
    pub fn read(octets: &[u8]) -> Option<Self> {
        let (&[told, status], rest) = octets.split_first_chunk()?;
        let (done, rest) = rest.split_first_chunk()?;
        let fates = fates(rest.chunks(2).map(Fate::read));
        Some(Self { told: told != 0, status, done: Timestamp(*done), fates })
    }
}

/// Sorts a few numbers: in a tenth of the flash that sorting many takes.
pub fn sort(numbers: &mut [u32]) {
    for end in (1..=numbers.len()).rev() {
        let numbers = numbers.get_mut(..end).unwrap_or_default();
        let cells = core::cell::Cell::from_mut(numbers).as_slice_of_cells();
        for (own, next) in cells.iter().zip(cells.iter().skip(1)) {
            if own.get() > next.get() {
                own.swap(next);
            }
        }
    }
}
