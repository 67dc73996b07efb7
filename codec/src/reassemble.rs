//! Parts → message, in whatever order they arrive.
//!
//! A [`Reassembler`] is a value of fixed size that the caller owns: room for `N` parts, of one
//! message or of several. It has no clock; the caller says how late it is.
//!
//! ```
//! use septet::reassemble::{Added, Reassembler};
//! use septet::pdu::read_hex;
//! use septet::tpdu::Deliver;
//! use septet::wire::Wire;
//!
//! let first = read_hex("4004812143000862210251320580080500037F0201D83D")?;
//! let second = read_hex("4004812143000862210251320580080500037F0202DE00")?;
//!
//! let mut parts = Reassembler::<8>::new();
//! let (deliver, _) = Deliver::from_bytes_tolerant(&second)?;
//! assert!(matches!(parts.add(&deliver, 0), Added::Waiting { missing: 1, .. }));
//! let (deliver, _) = Deliver::from_bytes_tolerant(&first)?;
//! let Added::Complete(message) = parts.add(&deliver, 20_000) else { panic!() };
//! // Each part had one half of the character.
//! assert!(message.text().is_some_and(|text| text.eq(['😀'])));
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! Parts can wait over a restart: [`save`](Reassembler::save) writes them as octets, and
//! [`load`](Reassembler::load) reads them.
//!
//! 3GPP TS 23.040, section 9.2.3.24.1 (concatenated short messages).

use core::fmt;

mod save;

use core::iter::Peekable;
use core::slice;

use arrayvec::ArrayVec;

use crate::gsm7::{self, Tables};
use crate::tpdu::address::Address;
use crate::tpdu::codes::ProtocolIdentifier;
use crate::tpdu::dcs::{Alphabet, Class, DataCoding};
use crate::tpdu::udh::Reference;
use crate::tpdu::user_data::{USER_DATA_MAX, UserData};
use crate::tpdu::{Deliver, Timestamp};
use crate::ucs2;

/// Parts of messages that are not complete, at most `N`.
///
/// One place is kept free, so that the next part always has room: a message can have `N` parts, and
/// `N - 1` parts can wait. `N` must be 2 at least. A part takes 184 octets of memory on a 64-bit host.
#[derive(Clone, Debug)]
pub struct Reassembler<const N: usize> {
    parts: ArrayVec<Part, N>,
}

/// What the parts of one message have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Key {
    /// Who sent the message.
    pub originator: Address,
    /// The number that its parts share, with its width.
    pub reference: Reference,
    /// How many parts it has, 2..=255.
    pub total: u8,
    /// Its TP-PID.
    pub protocol: ProtocolIdentifier,
    /// The class in its TP-DCS. The alphabet may change from part to part.
    pub class: Option<Class>,
}

impl Key {
    /// The key of the message that a part belongs to; `None` of a message of its own.
    pub fn of(deliver: &Deliver<'_>) -> Option<Self> {
        let concatenation = deliver.user_data.header()?.concatenation()?;
        Some(Self {
            originator: deliver.originator,
            reference: concatenation.reference,
            total: concatenation.total,
            protocol: deliver.protocol,
            class: deliver.coding.class(),
        })
    }
}

/// A part of a message, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Part {
    /// Which message it belongs to.
    pub key: Key,
    /// Which part it is, 1..=`key.total`.
    pub number: u8,
    /// Its TP-DCS.
    pub coding: DataCoding,
    /// When the service centre received it.
    pub service_centre_time: Timestamp,
    /// When the last part of the message was added, in milliseconds of the caller's clock.
    pub touched_ms: u64,
    user_data: ArrayVec<u8, USER_DATA_MAX>,
    user_data_len: u8,
    /// Handed out already, and to be dropped at the next call.
    #[cfg_attr(feature = "serde", serde(skip))]
    leaving: bool,
}

/// What became of a part that was added.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Added<'r> {
    /// It is a message of its own, and was not kept.
    ///
    /// Also when its header says that it is part 0, or a part after the last: then the header is to
    /// be ignored.
    Single,
    /// It was kept; parts are missing.
    Waiting {
        /// How many parts are missing.
        missing: u8,
        /// A message with the same originator and reference, but another total, waits as well: one
        /// of the two will not be completed.
        other_total: bool,
    },
    /// It was the last one that was missing.
    Complete(Message<'r>),
    /// It is there already, and was not kept again.
    Duplicate,
    /// It has the number of a part that is there, but other octets: the reference was used again.
    /// It was kept as the first part of a new message; the old one is lost.
    Conflict(Message<'r>),
    /// It was kept, and the message that had waited longest had to make room: it may be its own.
    Evicted(Message<'r>),
}

impl<const N: usize> Default for Reassembler<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Reassembler<N> {
    /// Without any parts.
    pub const fn new() -> Self {
        const { assert!(N >= 2, "one place is kept free") };
        Self { parts: ArrayVec::new_const() }
    }

    /// How many parts wait.
    pub fn len(&self) -> usize {
        self.waiting().count()
    }

    /// Whether no part waits.
    pub fn is_empty(&self) -> bool {
        self.waiting().next().is_none()
    }

    /// Adds a message that has arrived at `now_ms`.
    ///
    /// Messages that are handed out are dropped at the next call of a method that changes the
    /// reassembler.
    pub fn add(&mut self, deliver: &Deliver<'_>, now_ms: u64) -> Added<'_> {
        self.drop_leaving();
        let Some(part) = Part::new(deliver, now_ms) else {
            return Added::Single;
        };
        let key = part.key;
        let old = self.parts.iter().find(|old| old.key == key && old.number == part.number);
        let conflict = match old {
            None => false,
            Some(old) if old.is_repeated_by(&part) => return Added::Duplicate,
            Some(_) => true,
        };
        if conflict {
            self.leave(key);
        }
        // There is room: one place is kept free.
        if self.parts.try_push(part).is_err() {
            return Added::Single;
        }
        if conflict {
            return Added::Conflict(Message { key, parts: &self.parts });
        }
        let mut count = 0_u8;
        for part in self.parts.iter_mut().filter(|part| part.key == key) {
            part.touched_ms = now_ms;
            count = count.saturating_add(1);
        }
        if count == key.total {
            self.leave(key);
            return Added::Complete(Message { key, parts: &self.parts });
        }
        if self.parts.is_full()
            && let Some(key) = self.oldest().map(|part| part.key)
        {
            self.leave(key);
            return Added::Evicted(Message { key, parts: &self.parts });
        }
        let other_total = self
            .parts
            .iter()
            .any(|part| part.key.total != key.total && Key { total: key.total, ..part.key } == key);
        Added::Waiting { missing: key.total - count, other_total }
    }

    /// Hands out one message of which no part has arrived for longer than `age_ms`.
    ///
    /// To be called until it returns `None`.
    pub fn expire(&mut self, now_ms: u64, age_ms: u64) -> Option<Message<'_>> {
        self.drop_leaving();
        let oldest = self.oldest()?;
        if now_ms.saturating_sub(oldest.touched_ms) <= age_ms {
            return None;
        }
        let key = oldest.key;
        self.leave(key);
        Some(Message { key, parts: &self.parts })
    }

    /// When the last part of the message that has waited longest arrived, in milliseconds of the
    /// caller's clock.
    pub fn oldest_ms(&self) -> Option<u64> {
        self.oldest().map(|part| part.touched_ms)
    }

    fn waiting(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.leaving)
    }

    fn oldest(&self) -> Option<&Part> {
        self.waiting().min_by_key(|part| part.touched_ms)
    }

    fn leave(&mut self, key: Key) {
        self.parts.iter_mut().filter(|part| part.key == key).for_each(|part| part.leaving = true);
    }

    fn drop_leaving(&mut self) {
        self.parts.retain(|part| !part.leaving);
    }
}

impl Part {
    /// The part that `deliver` is, when it is one of several.
    fn new(deliver: &Deliver<'_>, now_ms: u64) -> Option<Self> {
        let concatenation = deliver.user_data.header()?.concatenation()?;
        if concatenation.total == 1 {
            return None;
        }
        let key = Key {
            originator: deliver.originator,
            reference: concatenation.reference,
            total: concatenation.total,
            protocol: deliver.protocol,
            class: deliver.coding.class(),
        };
        Some(Self {
            key,
            number: concatenation.number,
            coding: deliver.coding,
            service_centre_time: deliver.service_centre_time,
            touched_ms: now_ms,
            user_data: ArrayVec::try_from(deliver.user_data.octets).ok()?,
            user_data_len: deliver.user_data.len,
            leaving: false,
        })
    }

    /// Whether `other` says the same.
    fn is_repeated_by(&self, other: &Self) -> bool {
        let said = |part: &Self| (part.coding, part.user_data_len);
        said(self) == said(other) && self.user_data == other.user_data
    }

    /// The message that the part came as; what is not kept of it is as in most messages.
    fn deliver(&self) -> Deliver<'_> {
        Deliver {
            no_more_messages: true,
            loop_prevention: false,
            status_report_indication: false,
            reply_path: false,
            originator: self.key.originator,
            protocol: self.key.protocol,
            coding: self.coding,
            service_centre_time: self.service_centre_time,
            user_data: self.user_data(),
        }
    }

    /// The user data of the part, with its header.
    pub fn user_data(&self) -> UserData<'_> {
        UserData { has_header: true, len: self.user_data_len, octets: &self.user_data }
    }
}

/// What characters are made of.
#[derive(Clone, Copy, Debug)]
enum Unit {
    Septet(Tables, u8),
    Code(u16),
}

impl Part {
    /// The units of the body.
    fn units(&self) -> Units<'_> {
        let data = self.user_data();
        match self.coding.alphabet() {
            Alphabet::Gsm7 => Units::Septets(data.tables(), data.septets()),
            _ => Units::Codes(ucs2::units(data.body())),
        }
    }
}

/// The units of one part.
#[derive(Clone, Debug)]
enum Units<'r> {
    Septets(Tables, gsm7::Septets<'r>),
    Codes(ucs2::Units<'r>),
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        match self {
            Self::Septets(tables, septets) => Some(Unit::Septet(*tables, septets.next()?)),
            Self::Codes(codes) => codes.next().map(Unit::Code),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Part {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "part {} of {}: {:02X}", self.number, self.key, self.user_data.as_slice());
    }
}

/// The parts of one message: all of them, or those that are there when it is given up.
#[derive(Clone, Copy, Debug)]
pub struct Message<'r> {
    /// What the parts have in common.
    pub key: Key,
    parts: &'r [Part],
}

#[cfg(feature = "defmt")]
impl defmt::Format for Message<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "parts of {}", self.key);
    }
}

impl<'r> Message<'r> {
    /// The parts that are there, in order.
    pub fn parts(self) -> Parts<'r> {
        Parts { message: self, number: 0 }
    }

    /// The characters of the parts that are there, or `None` when one is 8-bit data or compressed.
    ///
    /// They are joined before they are read, so that a surrogate pair whose halves are in two parts
    /// is one character. Each part is read in its own alphabet and by the national language tables
    /// that its own header names.
    ///
    /// 3GPP TS 23.038, section 6.
    pub fn text(self) -> Option<impl Iterator<Item = char> + Clone + use<'r>> {
        let is_text =
            |part: &Part| !part.coding.compressed() && part.coding.alphabet() != Alphabet::EightBit;
        self.parts()
            .all(is_text)
            .then(|| Joined { units: self.parts().flat_map(Part::units).peekable() })
    }
}

/// The characters of units from part to part.
#[derive(Clone, Debug)]
struct Joined<U: Iterator<Item = Unit>> {
    units: Peekable<U>,
}

impl<U: Iterator<Item = Unit>> Iterator for Joined<U> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.units.next()? {
            Unit::Septet(tables, septet) => Some(tables.character(septet, || {
                let Some(Unit::Septet(tables, septet)) = self.units.peek().copied() else {
                    return None;
                };
                self.units.next();
                Some((tables, septet))
            })),
            Unit::Code(first) => {
                let low = match self.units.peek() {
                    Some(Unit::Code(low @ 0xDC00..0xE000)) if matches!(first, 0xD800..0xDC00) => {
                        Some(*low)
                    }
                    _ => None,
                };
                if low.is_some() {
                    self.units.next();
                }
                ucs2::chars([first].into_iter().chain(low)).next()
            }
        }
    }
}

/// The parts of a message in order, made by [`Message::parts`].
#[derive(Clone, Debug)]
pub struct Parts<'r> {
    message: Message<'r>,
    /// The part that was yielded last.
    number: u8,
}

impl<'r> Iterator for Parts<'r> {
    type Item = &'r Part;

    fn next(&mut self) -> Option<&'r Part> {
        let Message { key, parts } = self.message;
        while self.number < key.total {
            self.number += 1;
            let mut parts: slice::Iter<'r, Part> = parts.iter();
            let found =
                parts.find(|part| part.leaving && part.key == key && part.number == self.number);
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// `message of 3 parts from +4512345678, reference 17 (8 bits)`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { originator, reference, total, .. } = self;
        write!(f, "message of {total} parts from {originator}, reference {reference}")
    }
}

/// `part 2 of a message of 3 parts from +4512345678, reference 17 (8 bits)`.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "part {} of a {}", self.number, self.key)
    }
}

#[cfg(test)]
mod tests;
