//! Text → parts: which alphabet, where each part ends, and the user data of each.
//!
//! ```
//! use septet::segment::{Plan, segments};
//! use septet::tpdu::udh::Reference;
//! use septet::wire::Writer;
//!
//! let text = "It costs 5 €";
//! let plan = Plan::cheapest(text.chars());
//! for part in segments(text.chars(), plan, Reference::Short(7))? {
//!     let mut user_data = [0; 140];
//!     let mut w = Writer::new(&mut user_data);
//!     assert_eq!(part.emit(&mut w)?, 13);
//! }
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.24.1 (concatenated short messages).

use core::iter::{FusedIterator, Take};

use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Tables};
use crate::tpdu::dcs::DataCoding;
use crate::tpdu::udh::{Concatenation, Reference};
use crate::tpdu::user_data::{USER_DATA_MAX, UserData};
use crate::ucs2;
use crate::wire::Writer;

/// The alphabet that a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Plan {
    /// The GSM 7-bit alphabet: 160 septets in one message, 153 or 152 in each of several parts.
    Gsm7(Tables),
    /// UCS-2: 70 code units in one message, 67 or 66 in each of several parts.
    Ucs2,
}

impl Plan {
    /// The plan with the fewest parts for `text`: GSM 7-bit when it has every character, else UCS-2.
    pub fn cheapest(mut text: impl Iterator<Item = char>) -> Self {
        let gsm7 = Self::Gsm7(Tables::DEFAULT);
        if text.all(|c| gsm7.units(c).is_some()) { gsm7 } else { Self::Ucs2 }
    }

    /// What `character` takes, 1 or 2 septets or code units; `None` when the alphabet lacks it.
    pub fn units(self, character: char) -> Option<usize> {
        match self {
            Self::Gsm7(tables) => tables.code(character).map(gsm7::Code::len),
            Self::Ucs2 => Some(character.len_utf16()),
        }
    }

    /// TP-DCS for user data in this alphabet, without a class.
    pub const fn coding(self) -> DataCoding {
        match self {
            Self::Gsm7(_) => DataCoding::GSM7,
            Self::Ucs2 => DataCoding::UCS2,
        }
    }

    /// The characters of `text` that make it costly, with their places, counted in characters.
    ///
    /// In GSM 7-bit those are the characters that take two septets; in UCS-2 those that GSM 7-bit
    /// lacks, which are why the text is not in GSM 7-bit.
    pub fn costly<I: Iterator<Item = char>>(self, text: I) -> impl Iterator<Item = (usize, char)> {
        let (gsm7, costly) = match self {
            Self::Gsm7(_) => (self, Some(2)),
            Self::Ucs2 => (Self::Gsm7(Tables::DEFAULT), None),
        };
        text.enumerate().filter(move |(_, c)| gsm7.units(*c) == costly)
    }

    /// How many units a part has room for behind a header of `header` octets.
    const fn capacity(self, header: usize) -> usize {
        match self {
            Self::Gsm7(_) => (USER_DATA_MAX - header) * 8 / 7,
            Self::Ucs2 => (USER_DATA_MAX - header) / 2,
        }
    }

    /// How far a part goes that begins with `text` and has room for `capacity` units.
    ///
    /// The only place that decides where a part ends. A character goes whole into one part, so that
    /// neither an escape nor a surrogate pair is ever split.
    fn part(self, text: impl Iterator<Item = char>, capacity: usize) -> Result<Extent, Error> {
        let mut extent = Extent { characters: 0, units: 0, last: true };
        for c in text {
            let Some(units) = self.units(c) else {
                return Err(ErrorKind::Unencodable(c).at(FIELD, extent.characters));
            };
            if units > capacity - extent.units {
                extent.last = false;
                break;
            }
            extent.characters += 1;
            extent.units += units;
        }
        Ok(extent)
    }
}

/// What the errors of this file are about.
const FIELD: &str = "text";

/// How far a part goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    characters: usize,
    units: usize,
    /// Whether the text ends with the part.
    last: bool,
}

impl Extent {
    /// Takes the characters of the part off the front of `text`.
    fn skip(self, text: &mut impl Iterator<Item = char>) {
        if let Some(last) = self.characters.checked_sub(1) {
            text.nth(last);
        }
    }
}

/// The parts of `text` by `plan`: one without a header when it fits, else several that share
/// `reference`.
///
/// An empty text is one part.
///
/// # Errors
/// [`ErrorKind::Unencodable`] when the alphabet of the plan lacks a character,
/// [`ErrorKind::TooManyParts`] past 255 parts. The error's place counts characters; of too many
/// parts it is the first character that has no room.
pub fn segments<I: Iterator<Item = char> + Clone>(
    text: I,
    plan: Plan,
    reference: Reference,
) -> Result<Segments<I>, Error> {
    let mut segments = Segments { text, plan, reference, total: 1, number: 0 };
    if plan.part(segments.text.clone(), segments.capacity())?.last {
        return Ok(segments);
    }
    // From two parts on each has a header.
    segments.total = 2;
    let capacity = segments.capacity();
    let mut rest = segments.text.clone();
    let mut at = 0_usize;
    for total in 1..=u8::MAX {
        let extent = plan.part(rest.clone(), capacity);
        let extent = extent.map_err(|error| error.kind.at(FIELD, at.saturating_add(error.at)))?;
        if extent.last {
            segments.total = total;
            return Ok(segments);
        }
        at = at.saturating_add(extent.characters);
        extent.skip(&mut rest);
    }
    Err(ErrorKind::TooManyParts.at(FIELD, at))
}

/// The parts of a text, made by [`segments`].
#[derive(Clone, Debug)]
pub struct Segments<I> {
    /// What is left.
    text: I,
    plan: Plan,
    reference: Reference,
    total: u8,
    /// The part that was yielded last.
    number: u8,
}

impl<I> Segments<I> {
    /// How many parts the text has, 1..=255.
    pub const fn total(&self) -> u8 {
        self.total
    }

    /// The units that a part has room for: septets or code units.
    pub const fn capacity(&self) -> usize {
        self.plan.capacity(if self.total > 1 { self.reference.header_len() } else { 0 })
    }
}

impl<I: Iterator<Item = char> + Clone> Iterator for Segments<I> {
    type Item = Segment<I>;

    fn next(&mut self) -> Option<Segment<I>> {
        if self.number == self.total {
            return None;
        }
        let text = self.text.clone();
        let extent = self.plan.part(text.clone(), self.capacity()).ok()?;
        extent.skip(&mut self.text);
        self.number += 1;
        let left = self.capacity() - extent.units;
        let Self { plan, reference, total, number, .. } = *self;
        Some(Segment { number, total, text, extent, left, plan, reference })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.total - self.number);
        (left, Some(left))
    }
}

impl<I: Iterator<Item = char> + Clone> ExactSizeIterator for Segments<I> {}
impl<I: Iterator<Item = char> + Clone> FusedIterator for Segments<I> {}

/// One part of a text: the user data of one message.
#[derive(Clone, Debug)]
pub struct Segment<I> {
    /// Which part it is, 1..=`total`.
    pub number: u8,
    /// How many parts the text has, 1..=255.
    pub total: u8,
    /// Begins with the part.
    text: I,
    extent: Extent,
    left: usize,
    plan: Plan,
    reference: Reference,
}

impl<I: Iterator<Item = char> + Clone> Segment<I> {
    /// The characters of the part.
    pub fn chars(&self) -> Take<I> {
        self.text.clone().take(self.extent.characters)
    }

    /// The units of the part: septets or code units, without the header.
    pub const fn units(&self) -> usize {
        self.extent.units
    }

    /// The units that the part has room for besides.
    pub const fn left(&self) -> usize {
        self.left
    }

    /// TP-DCS, without a class.
    pub const fn coding(&self) -> DataCoding {
        self.plan.coding()
    }

    /// What the header says, where there is one: in a text of several parts.
    pub const fn concatenation(&self) -> Option<Concatenation> {
        let Self { reference, total, number, .. } = *self;
        if total > 1 { Some(Concatenation { reference, total, number }) } else { None }
    }

    /// Writes TP-UD, its header included, and returns TP-UDL.
    ///
    /// # Errors
    /// [`ErrorKind::Full`]; 140 octets always suffice.
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<u8, Error> {
        let mut header = 0;
        if let Some(concatenation) = self.concatenation() {
            header = concatenation.reference.header_len();
            w.octet(header as u8 - 1)?;
            concatenation.emit(w)?;
        }
        let len = match self.plan {
            Plan::Gsm7(tables) => {
                let septets = (8 * header).div_ceil(7);
                let fill_bits = 7 * septets - 8 * header;
                let codes = self.chars().filter_map(|c| tables.code(c));
                septets + gsm7::pack(codes.flat_map(gsm7::Code::septets), fill_bits as u8, w)?
            }
            Plan::Ucs2 => header + ucs2::emit(self.chars(), w)?,
        };
        Ok(len as u8)
    }

    /// Writes the user data into `buffer` and returns it.
    ///
    /// # Errors
    /// None that can happen.
    pub fn user_data<'b>(
        &self,
        buffer: &'b mut [u8; USER_DATA_MAX],
    ) -> Result<UserData<'b>, Error> {
        let mut w = Writer::new(buffer);
        let len = self.emit(&mut w)?;
        Ok(UserData { has_header: self.total > 1, len, octets: w.into_written() })
    }
}

impl Reference {
    /// The octets of a header with nothing but a concatenation element, UDHL included.
    const fn header_len(self) -> usize {
        match self {
            Self::Short(_) => 6,
            Self::Long(_) => 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    fn units(text: &str, reference: Reference) -> Vec<usize> {
        let plan = Plan::cheapest(text.chars());
        segments(text.chars(), plan, reference).unwrap().map(|part| part.units()).collect()
    }

    #[test]
    fn parts_are_160_153_70_and_67_units() {
        let short = Reference::Short(1);
        assert_eq!(units("", short), [0]);
        assert_eq!(units(&"a".repeat(160), short), [160]);
        assert_eq!(units(&"a".repeat(161), short), [153, 8]);
        assert_eq!(units(&"ж".repeat(70), short), [70]);
        assert_eq!(units(&"ж".repeat(71), short), [67, 4]);
        assert_eq!(units(&"a".repeat(161), Reference::Long(1)), [152, 9]);
        assert_eq!(units(&"ж".repeat(71), Reference::Long(1)), [66, 5]);
    }

    #[test]
    fn escape_and_surrogate_pairs_never_split() {
        let text = String::from("a") + &"€".repeat(80);
        assert_eq!(units(&text, Reference::Short(1)), [153, 8]);
        let text = "€".repeat(81);
        assert_eq!(units(&text, Reference::Short(1)), [152, 10]);
        assert_eq!(units(&"😀".repeat(36), Reference::Short(1)), [66, 6]);
    }

    #[test]
    fn a_part_tells_what_it_holds() {
        let text = "a".repeat(152) + "€uro" + &"b".repeat(10);
        let plan = Plan::cheapest(text.chars());
        let mut parts = segments(text.chars(), plan, Reference::Short(9)).unwrap();
        assert_eq!((parts.total(), parts.len(), parts.capacity()), (2, 2, 153));
        let first = parts.next().unwrap();
        assert_eq!((first.number, first.total, first.units(), first.left()), (1, 2, 152, 1));
        assert!(parts.next().unwrap().chars().eq("€urobbbbbbbbbb".chars()));
        assert!(plan.costly(text.chars()).eq([(152, '€')]));
        assert!(Plan::Ucs2.costly("a€ж".chars()).eq([(2, 'ж')]));
    }

    #[test]
    fn what_cannot_be_sent_is_told_with_its_place() {
        let gsm7 = Plan::Gsm7(Tables::DEFAULT);
        let text = "a".repeat(200) + "ж";
        let error = segments(text.chars(), gsm7, Reference::Short(0)).err();
        assert_eq!(error, Some(ErrorKind::Unencodable('ж').at("text", 200)));
        let text = "a".repeat(255 * 153);
        assert_eq!(segments(text.chars(), gsm7, Reference::Short(0)).unwrap().total(), 255);
        let text = text + "a";
        let error = segments(text.chars(), gsm7, Reference::Short(0)).err();
        assert_eq!(error, Some(ErrorKind::TooManyParts.at("text", 255 * 153)));
    }
}
