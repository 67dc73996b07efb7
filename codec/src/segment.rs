//! Text → parts: which alphabet, where each part ends, and the user data of each.
//!
//! ```
//! use septet::segment::{Plan, segments};
//! use septet::tpdu::udh::Reference;
//!
//! let text = "It costs 5 €";
//! let plan = Plan::cheapest(text.chars());
//! for part in segments(text.chars(), plan, Reference::Short(7))? {
//!     let mut buffer = [0; 140];
//!     let user_data = part.user_data(&mut buffer);
//!     assert_eq!((user_data.len, user_data.octets.len()), (13, 12));
//! }
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! In the languages that the caller allows a text may need fewer parts:
//!
//! ```
//! use septet::gsm7::Languages;
//! use septet::segment::{Plan, segments};
//! use septet::tpdu::udh::{Language, Reference};
//!
//! let text = "Yarın sabah görüşürüz. ".repeat(6);
//! let turkish = Languages::NONE.with(Language::TURKISH);
//! let reference = Reference::Short(7);
//! let parts = |plan| segments(text.chars(), plan, reference).map(|parts| parts.total());
//! assert_eq!(parts(Plan::cheapest(text.chars())), Ok(3));
//! # #[cfg(feature = "turkish")]
//! assert_eq!(parts(Plan::cheapest_of(text.chars(), turkish, reference)), Ok(1));
//! ```
//!
//! And in fewer yet where each part may have tables of its own:
//!
//! ```
//! use septet::gsm7::Languages;
//! use septet::segment::{Choice, Plan, segments};
//! use septet::tpdu::udh::{Language, Reference};
//!
//! # #[cfg(all(feature = "turkish", feature = "hindi"))] {
//! let text = "Yarın sabah görüşürüz. ".repeat(6) + &"कल सुबह मिलते हैं। ".repeat(7);
//! let languages = Languages::NONE.with(Language::TURKISH).with(Language::HINDI);
//! let reference = Reference::Short(7);
//! let one = Plan::cheapest_of(text.chars(), languages, reference);
//! assert_eq!(segments(text.chars(), one, reference)?.total(), 5);
//! let choice = Choice::cheapest_of(text.chars(), languages, reference);
//! let parts = segments(text.chars(), choice, reference)?;
//! let locking = |plan| match plan {
//!     Plan::Gsm7(tables) => tables.locking(),
//!     Plan::Ucs2 => None,
//! };
//! let turkish_then_hindi = [Some(Language::TURKISH), Some(Language::HINDI)];
//! assert!(parts.map(|part| locking(part.plan())).eq(turkish_then_hindi));
//! # }
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.24.1 (concatenated short messages).

mod breaks;
mod choice;
mod plan;
mod search;

use core::iter::{FusedIterator, Take};

pub use self::breaks::Break;
use self::choice::Parts;
pub use self::choice::{Choice, Plans};
pub use self::plan::Plan;
use self::plan::{Extent, FIELD};
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Packer, Tables};
use crate::runs::{First, Runs};
use crate::tpdu::dcs::DataCoding;
use crate::tpdu::udh::{Concatenation, Header, NationalLanguage, Reference};
use crate::tpdu::user_data::{USER_DATA_MAX, UserData};
use crate::ucs2;
use crate::wide::WIDE;
use crate::wire::Writer;

/// What the parts of a text have besides it, and where they may end.
///
/// A [`Reference`] is one: no further elements, and parts that end anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Layout<'a> {
    /// What the parts share where there are several.
    pub reference: Reference,
    /// Further information elements for the header of each part, such as ports.
    ///
    /// Which part it is and the national languages are no such elements: they follow from the text.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub elements: Header<'a>,
    /// Where a part may end.
    pub breaks: Break,
}

impl From<Reference> for Layout<'_> {
    fn from(reference: Reference) -> Self {
        Self { reference, elements: Header::NONE, breaks: Break::Anywhere }
    }
}

impl Layout<'_> {
    /// The octets of a header, UDHL included, with as many shift elements; 0 where there is none.
    const fn header_len(&self, shifts: usize, several: bool) -> usize {
        let reference = match self.reference {
            _ if !several => 0,
            Reference::Short(_) => 5,
            Reference::Long(_) => 6,
        };
        let elements = self.elements.octets.len().saturating_add(reference + 3 * shifts);
        if elements == 0 { 0 } else { elements.saturating_add(1) }
    }

    /// Which part of which message a part is, where there are several.
    const fn concatenation(&self, number: u8, total: u8) -> Option<Concatenation> {
        let reference = self.reference;
        if total > 1 { Some(Concatenation { reference, total, number }) } else { None }
    }

    /// Refuses elements that are none of the caller's.
    fn check(&self) -> Result<(), Error> {
        if !self.elements.is_well_formed() {
            return Err(ErrorKind::Value.at(HEADER, 0));
        }
        let (mut given, languages) = (self.elements.elements(), self.elements.national_languages());
        if given.any(|element| element.concatenation().is_some()) || languages != (None, None) {
            return Err(ErrorKind::Repeated.at(HEADER, 0));
        }
        Ok(())
    }

    /// Writes a header of as many octets as `len`, UDHL included.
    fn put_header(
        &self,
        len: usize,
        concatenation: Option<Concatenation>,
        shifts: impl Iterator<Item = NationalLanguage>,
        w: &mut Writer<'_>,
    ) {
        let Some(len) = len.checked_sub(1) else { return };
        w.put(&[len as u8]);
        // Some readers look for the number of the part nowhere but at the front.
        if let Some(concatenation) = concatenation {
            concatenation.put(w);
        }
        shifts.for_each(|shift| shift.put(w));
        w.put(self.elements.octets);
    }
}

/// What the errors of a layout are about.
const HEADER: &str = "TP-UDH";

/// The parts of `text` by a plan, or a choice of plans: one when it fits, else several that share the
/// reference of `layout`.
///
/// An empty text is one part. To count parts, ask for the [total](Segments::total).
///
/// # Errors
/// [`ErrorKind::Unencodable`] when the alphabet of the plan lacks a character,
/// [`ErrorKind::TooManyParts`] past 255 parts. The error's place counts characters; of too many
/// parts it is the first character that has no room. Of TP-UDH, [`ErrorKind::TooLong`] when the
/// elements leave no room for a character, [`ErrorKind::Value`] when they are malformed, and
/// [`ErrorKind::Repeated`] when they are those of a part or of a language.
pub fn segments<'a, I: Runs, P: Plans>(
    text: I,
    plans: P,
    layout: impl Into<Layout<'a>>,
) -> Result<Segments<'a, I, P>, Error> {
    let layout = layout.into();
    layout.check()?;
    if plans.shortest().header_len(&layout, false) > USER_DATA_MAX {
        return Err(ErrorKind::TooLong.at(HEADER, 0));
    }
    let first = [const { None }; WIDE as usize];
    let mut segments = Segments { text, plans, layout, total: 1, number: 0, first };
    let only = plans.part(&mut segments.text.clone(), plans.room(&layout, false), layout.breaks)?;
    if only.0.last {
        segments.first = [Some(only); WIDE as usize];
        return Ok(segments);
    }
    // From two parts on each says which it is.
    let room = plans.room(&layout, true);
    let mut rest = segments.text.clone();
    let mut at = 0_usize;
    for total in 1..=u8::MAX {
        let part = plans.part(&mut rest, room, layout.breaks);
        let (extent, _) = part.map_err(|e| e.kind.at(FIELD, at.saturating_add(e.at)))?;
        if extent.last {
            segments.total = total;
            return Ok(segments);
        }
        if extent.characters == 0 {
            return Err(ErrorKind::TooLong.at(HEADER, 0));
        }
        at = at.saturating_add(extent.characters);
    }
    Err(ErrorKind::TooManyParts.at(FIELD, at))
}

/// The user data of a text that one message has room for, and its plan, the [cheapest](Plan::cheapest);
/// `None` where it takes several [`segments`].
///
/// It is what the only one of the segments has, in one pass: whether a text has room is known when it is
/// written.
///
/// ```
/// use septet::segment::single;
///
/// let mut buffer = [0; 140];
/// let one = single("It costs 5 €".chars(), &mut buffer);
/// assert!(one.is_some_and(|(_, user_data)| (user_data.len, user_data.octets.len()) == (13, 12)));
/// assert!(single("It costs 5 €. ".repeat(12).chars(), &mut buffer).is_none());
/// ```
pub fn single<I: Runs>(text: I, buffer: &mut [u8; USER_DATA_MAX]) -> Option<(Plan, UserData<'_>)> {
    let mut w = Writer::new(buffer);
    let gsm7 = Tables::DEFAULT.encode(text.clone(), 0, &mut w).map_err(|error| error.kind);
    let (plan, len, octets) = match gsm7 {
        Ok(septets) => (Plan::Gsm7(Tables::DEFAULT), septets, w.len()),
        Err(ErrorKind::Unencodable(_)) => {
            let mut w = Writer::new(buffer);
            let octets = ucs2::emit(text, &mut w).ok().map(|_| w.len())?;
            (Plan::Ucs2, octets, octets)
        }
        Err(_) => return None,
    };
    let octets = buffer.get(..octets).unwrap_or_default();
    Some((plan, UserData { has_header: false, len: len as u8, octets }))
}

/// The parts of 8-bit data: one when it fits, else several of up to 134 octets, which share the
/// reference of `layout`; its [breaks](Layout::breaks) are for text.
///
/// # Errors
/// [`ErrorKind::TooManyParts`] past 255 parts; those that [`segments`] has of TP-UDH.
pub fn data_segments<'a>(
    data: &'a [u8],
    layout: impl Into<Layout<'a>>,
) -> Result<DataSegments<'a>, Error> {
    let layout = layout.into();
    layout.check()?;
    let room = |several| USER_DATA_MAX.checked_sub(layout.header_len(0, several));
    let too_long = ErrorKind::TooLong.at(HEADER, 0);
    if data.len() <= room(false).ok_or(too_long)? {
        return Ok(DataSegments { data, layout, capacity: USER_DATA_MAX, total: 1, number: 0 });
    }
    let capacity = room(true).filter(|room| *room > 0).ok_or(too_long)?;
    let total = u8::try_from(data.len().div_ceil(capacity));
    let total = total.map_err(|_| ErrorKind::TooManyParts.at("data", 255 * capacity))?;
    Ok(DataSegments { data, layout, capacity, total, number: 0 })
}

/// The parts of 8-bit data, made by [`data_segments`].
#[derive(Clone, Debug)]
pub struct DataSegments<'a> {
    /// What is left.
    data: &'a [u8],
    layout: Layout<'a>,
    /// The octets of data that a part has room for.
    capacity: usize,
    total: u8,
    /// The part that was yielded last.
    number: u8,
}

impl<'a> Iterator for DataSegments<'a> {
    type Item = DataSegment<'a>;

    fn next(&mut self) -> Option<DataSegment<'a>> {
        if self.number == self.total {
            return None;
        }
        let data;
        let len = self.capacity.min(self.data.len());
        (data, self.data) = self.data.split_at_checked(len)?;
        self.number += 1;
        Some(DataSegment { number: self.number, total: self.total, data, layout: self.layout })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.total - self.number);
        (left, Some(left))
    }
}

impl ExactSizeIterator for DataSegments<'_> {}
impl FusedIterator for DataSegments<'_> {}

/// One part of 8-bit data: the user data of one message, to be sent with
/// [`DataCoding::EIGHT_BIT`].
#[derive(Clone, Copy, Debug)]
pub struct DataSegment<'a> {
    /// Which part it is, 1..=`total`.
    pub number: u8,
    /// How many parts the data has, 1..=255.
    pub total: u8,
    /// The data of the part, 0..=140 octets.
    pub data: &'a [u8],
    layout: Layout<'a>,
}

impl DataSegment<'_> {
    /// Which part of which message this is, in data of several parts.
    pub const fn concatenation(&self) -> Option<Concatenation> {
        self.layout.concatenation(self.number, self.total)
    }

    /// The user data of the part, with its header, written into `buffer`.
    pub fn user_data<'b>(&self, buffer: &'b mut [u8; USER_DATA_MAX]) -> UserData<'b> {
        let header = self.layout.header_len(0, self.total > 1);
        let mut w = Writer::new(buffer);
        self.layout.put_header(header, self.concatenation(), core::iter::empty(), &mut w);
        w.put(self.data);
        let octets = w.into_written();
        UserData { has_header: header > 0, len: octets.len() as u8, octets }
    }
}

/// The parts of a text, made by [`segments`].
#[derive(Clone, Debug)]
pub struct Segments<'a, I, P: Parts = Plan> {
    /// What is left.
    text: I,
    plans: P,
    layout: Layout<'a>,
    total: u8,
    /// The part that was yielded last.
    number: u8,
    /// How far the first part goes, where that is known and there is room for it.
    first: [Option<(Extent, P::Chosen)>; WIDE as usize],
}

impl<I, P: Parts> Segments<'_, I, P> {
    /// How many parts the text has, 1..=255.
    pub const fn total(&self) -> u8 {
        self.total
    }
}

impl<I> Segments<'_, I> {
    /// The units that every part has room for: septets or code units.
    pub fn capacity(&self) -> usize {
        self.plans.capacity(&self.layout, self.total > 1).into()
    }
}

impl<'a, I: Runs, P: Plans> Iterator for Segments<'a, I, P> {
    type Item = Segment<'a, I>;

    fn next(&mut self) -> Option<Segment<'a, I>> {
        if self.number == self.total {
            return None;
        }
        let Self { plans, layout, total, .. } = *self;
        let text = self.text.clone();
        let (extent, chosen) = match self.first.first().copied().flatten() {
            Some(only) => only,
            None => {
                let room = plans.room(&layout, total > 1);
                plans.part(&mut self.text, room, layout.breaks).ok()?
            }
        };
        let plan = plans.plan(chosen);
        self.number += 1;
        Some(Segment { number: self.number, total, text, extent, plan, layout })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.total - self.number);
        (left, Some(left))
    }
}

impl<I: Runs, P: Plans> ExactSizeIterator for Segments<'_, I, P> {}
impl<I: Runs, P: Plans> FusedIterator for Segments<'_, I, P> {}

/// One part of a text: the user data of one message.
#[derive(Clone, Debug)]
pub struct Segment<'a, I> {
    /// Which part it is, 1..=`total`.
    pub number: u8,
    /// How many parts the text has, 1..=255.
    pub total: u8,
    /// Begins with the part.
    text: I,
    extent: Extent,
    plan: Plan,
    layout: Layout<'a>,
}

impl<I: Runs> Segment<'_, I> {
    /// The characters of the part.
    pub fn chars(&self) -> Take<I> {
        self.text.clone().take(self.extent.characters)
    }

    fn text(&self) -> First<I> {
        match self.extent.octets {
            Some(octets) if WIDE => First::octets(self.text.clone(), [octets; WIDE as usize]),
            _ => First::characters(self.text.clone(), self.extent.characters),
        }
    }

    /// The units of the part: septets or code units, without the header.
    pub const fn units(&self) -> usize {
        self.extent.units
    }

    /// The units that the part has room for besides.
    pub fn left(&self) -> usize {
        let capacity = self.plan.capacity(&self.layout, self.total > 1);
        usize::from(capacity).saturating_sub(self.extent.units)
    }

    /// The alphabet and the tables of the part.
    pub const fn plan(&self) -> Plan {
        self.plan
    }

    /// TP-DCS, without a class.
    pub const fn coding(&self) -> DataCoding {
        self.plan.coding()
    }

    /// Which part of which message this is, in a text of several parts.
    pub const fn concatenation(&self) -> Option<Concatenation> {
        self.layout.concatenation(self.number, self.total)
    }

    /// The user data of the part, with its header, written into `buffer`.
    pub fn user_data<'b>(&self, buffer: &'b mut [u8; USER_DATA_MAX]) -> UserData<'b> {
        // There is room for a part: that is what ends it.
        let mut w = Writer::new(buffer);
        let len = self.put(&mut w);
        UserData { has_header: self.header_len() > 0, len, octets: w.into_written() }
    }

    /// Writes TP-UD and returns TP-UDL.
    fn put(&self, w: &mut Writer<'_>) -> u8 {
        let header = self.header_len();
        self.layout.put_header(header, self.concatenation(), self.plan.shifts(), w);
        let len = match self.plan {
            Plan::Gsm7(tables) => {
                let septets = gsm7::header_septets(header);
                let fill_bits = 7 * septets - 8 * header;
                if self.extent.units == 0 && fill_bits > 0 {
                    // The fill bits count, also where nothing follows them.
                    w.put(&[0]);
                }
                let mut packer = Packer::new(fill_bits as u8, w);
                packer.push_part(tables, self.text());
                septets + packer.finish()
            }
            Plan::Ucs2 => header + ucs2::put(self.text(), w),
        };
        len as u8
    }

    fn header_len(&self) -> usize {
        self.plan.header_len(&self.layout, self.total > 1)
    }
}

#[cfg(test)]
mod tests;
