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
pub use self::choice::{Choice, Plans};
pub use self::plan::Plan;
use self::plan::{Extent, FIELD};
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Packer};
use crate::tpdu::dcs::DataCoding;
use crate::tpdu::udh::{Concatenation, Header, NationalLanguage, Reference};
use crate::tpdu::user_data::{USER_DATA_MAX, UserData};
use crate::ucs2;
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
pub fn segments<'a, I: Iterator<Item = char> + Clone, P: Plans>(
    text: I,
    plans: P,
    layout: impl Into<Layout<'a>>,
) -> Result<Segments<'a, I, P>, Error> {
    let layout = layout.into();
    layout.check()?;
    if plans.shortest().header_len(&layout, false) > USER_DATA_MAX {
        return Err(ErrorKind::TooLong.at(HEADER, 0));
    }
    let mut segments = Segments { text: text.clone(), plans, layout, total: 1, number: 0 };
    if plans.part(text, plans.room(&layout, false), layout.breaks)?.0.last {
        return Ok(segments);
    }
    // From two parts on each says which it is.
    let room = plans.room(&layout, true);
    let mut rest = segments.text.clone();
    let mut at = 0_usize;
    for total in 1..=u8::MAX {
        let part = plans.part(rest.clone(), room, layout.breaks);
        let (extent, _) = part.map_err(|e| e.kind.at(FIELD, at.saturating_add(e.at)))?;
        if extent.last {
            segments.total = total;
            return Ok(segments);
        }
        if extent.characters == 0 {
            return Err(ErrorKind::TooLong.at(HEADER, 0));
        }
        at = at.saturating_add(extent.characters);
        extent.skip(&mut rest);
    }
    Err(ErrorKind::TooManyParts.at(FIELD, at))
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
pub struct Segments<'a, I, P = Plan> {
    /// What is left.
    text: I,
    plans: P,
    layout: Layout<'a>,
    total: u8,
    /// The part that was yielded last.
    number: u8,
}

impl<I, P> Segments<'_, I, P> {
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

impl<'a, I: Iterator<Item = char> + Clone, P: Plans> Iterator for Segments<'a, I, P> {
    type Item = Segment<'a, I>;

    fn next(&mut self) -> Option<Segment<'a, I>> {
        if self.number == self.total {
            return None;
        }
        let Self { plans, layout, total, .. } = *self;
        let text = self.text.clone();
        let room = plans.room(&layout, total > 1);
        let (extent, chosen) = plans.part(text.clone(), room, layout.breaks).ok()?;
        let plan = plans.plan(chosen);
        extent.skip(&mut self.text);
        self.number += 1;
        Some(Segment { number: self.number, total, text, extent, plan, layout })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.total - self.number);
        (left, Some(left))
    }
}

impl<I: Iterator<Item = char> + Clone, P: Plans> ExactSizeIterator for Segments<'_, I, P> {}
impl<I: Iterator<Item = char> + Clone, P: Plans> FusedIterator for Segments<'_, I, P> {}

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

impl<I: Iterator<Item = char> + Clone> Segment<'_, I> {
    /// The characters of the part.
    pub fn chars(&self) -> Take<I> {
        self.text.clone().take(self.extent.characters)
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
                for code in self.chars().filter_map(|c| tables.code(c)) {
                    packer.push_code(code);
                }
                septets + packer.finish()
            }
            Plan::Ucs2 => header + ucs2::put(self.chars(), w),
        };
        len as u8
    }

    fn header_len(&self) -> usize {
        self.plan.header_len(&self.layout, self.total > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    use crate::gsm7::Tables;

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
    #[cfg(all(feature = "hindi", feature = "turkish"))]
    fn the_cheapest_plan_pays_for_the_elements_that_name_its_tables() {
        use crate::gsm7::Languages;
        use crate::tpdu::udh::Language;

        let cheapest = |text: &str, languages| match Plan::cheapest_of(
            text.chars(),
            languages,
            Reference::Short(1),
        ) {
            Plan::Gsm7(tables) => (tables.locking(), tables.single()),
            Plan::Ucs2 => (Some(Language(255)), None),
        };
        let turkish = Languages::NONE.with(Language::TURKISH);
        // Two septets more in each part are less than an element.
        assert_eq!(cheapest("10 €", turkish), (None, None));
        assert_eq!(cheapest("ğ", turkish), (Some(Language::TURKISH), None));
        assert_eq!(cheapest("ğì", turkish), (None, Some(Language::TURKISH)));
        let hindi = turkish.with(Language::HINDI);
        assert_eq!(cheapest("नमस्ते", hindi), (Some(Language::HINDI), None));
        assert_eq!(cheapest("ğ", Languages::NONE), (Some(Language(255)), None));
        assert_eq!(cheapest("ğ日", Languages::ALL), (Some(Language(255)), None));
    }

    #[test]
    #[cfg(feature = "turkish")]
    fn further_elements_leave_less_room_and_stand_in_every_part() {
        let ports = Header { octets: &[5, 4, 0x0B, 0x84, 0x23, 0xF0] };
        let layout = Layout { elements: ports, ..Reference::Short(9).into() };
        let turkish = Some(crate::tpdu::udh::Language::TURKISH);
        let turkish = Plan::Gsm7(Tables::national(turkish, None));
        let text = "ğ".repeat(150);
        let parts = segments(text.chars(), turkish, layout).unwrap();
        assert_eq!((parts.total(), parts.capacity()), (2, (140 - 15) * 8 / 7));
        for part in parts {
            let mut buffer = [0; 140];
            let header = part.user_data(&mut buffer).header().unwrap();
            let number = part.number;
            assert_eq!(
                header.octets,
                [0, 3, 9, 2, number, 0x25, 1, 1, 5, 4, 0x0B, 0x84, 0x23, 0xF0]
            );
        }
        let refused = |octets| {
            let layout = Layout { elements: Header { octets }, ..layout };
            segments("a".chars(), turkish, layout).err()
        };
        assert_eq!(refused(&[0x24, 1, 1]), Some(ErrorKind::Repeated.at("TP-UDH", 0)));
        assert_eq!(refused(&[0x24, 1]), Some(ErrorKind::Value.at("TP-UDH", 0)));
        assert_eq!(refused(&[0x70; 114]), None);
        let long = [&[0x70; 114][..], &[0x70, 0x70], &[0; 0x70]].concat();
        assert_eq!(refused(&long), Some(ErrorKind::TooLong.at("TP-UDH", 0)));
    }

    fn parts(text: &str, plan: Plan, breaks: Break) -> Vec<String> {
        let layout = Layout { breaks, ..Reference::Short(1).into() };
        segments(text.chars(), plan, layout).unwrap().map(|part| part.chars().collect()).collect()
    }

    #[test]
    fn a_word_stays_whole_if_it_can() {
        let gsm7 = Plan::Gsm7(Tables::DEFAULT);
        let text = "a".repeat(150) + " word " + &"b".repeat(20);
        let wanted = ["a".repeat(150) + " ", String::from("word ") + &"b".repeat(20)];
        assert_eq!(parts(&text, gsm7, Break::Words), wanted);
        assert_eq!(parts(&"b".repeat(300), gsm7, Break::Words)[0].len(), 153);
        // A no-break space is there for this.
        let first = "ж".repeat(65) + " ";
        let text = first.clone() + "90\u{A0}км/ч";
        assert_eq!(parts(&text, Plan::Ucs2, Break::Words), [&first, "90\u{A0}км/ч"]);
    }

    #[test]
    #[cfg(all(feature = "turkish", feature = "hindi"))]
    fn each_part_has_the_tables_that_take_it_farthest() {
        use crate::gsm7::Languages;
        use crate::tpdu::udh::Language;

        let languages = Languages::NONE.with(Language::TURKISH).with(Language::HINDI);
        let each = |text: &str, breaks| {
            let layout = Layout { breaks, ..Reference::Short(1).into() };
            let parts = segments(text.chars(), Choice::PerPart(languages), layout).unwrap();
            let tables = |plan| match plan {
                Plan::Gsm7(tables) => (tables.locking(), tables.single()),
                Plan::Ucs2 => (None, None),
            };
            parts.map(|p| (tables(p.plan()), p.units(), p.left())).collect::<Vec<_>>()
        };
        let turkish = (Some(Language::TURKISH), None);
        let hindi = (Some(Language::HINDI), None);
        // A default part goes as far as it can, and the last part is no longer than it has to be.
        let text = "a".repeat(153) + &"ğ".repeat(149) + &"न".repeat(149) + "a";
        let wanted = [((None, None), 153, 0), (turkish, 149, 0), (hindi, 149, 0)];
        assert_eq!(each(&text, Break::Anywhere)[..3], wanted);
        assert_eq!(each(&text, Break::Anywhere)[3..], [((None, None), 1, 152)]);
        // A word stays whole where the tables of the part lack only its end.
        let text = String::from("aaa bbb") + &"ğ".repeat(146) + " न";
        let wanted = [((None, None), 4, 149), (turkish, 149, 0), (hindi, 2, 147)];
        assert_eq!(each(&text, Break::Words), wanted);
        let error = segments("ğж".chars(), Choice::PerPart(languages), Reference::Short(0)).err();
        assert_eq!(error, Some(ErrorKind::Unencodable('ж').at("text", 1)));
    }

    #[test]
    fn data_is_in_parts_of_140_and_134_octets() {
        let data = [0xAA; 35_000];
        let lens = |len: usize, layout: Layout<'_>| {
            let parts = data_segments(&data[..len], layout)?;
            Ok::<_, Error>(parts.map(|part| part.data.len()).collect::<Vec<_>>())
        };
        let short = Layout::from(Reference::Short(7));
        assert_eq!(lens(0, short), Ok(Vec::from([0])));
        assert_eq!(lens(140, short), Ok(Vec::from([140])));
        assert_eq!(lens(141, short), Ok(Vec::from([134, 7])));
        assert_eq!(lens(141, Reference::Long(7).into()), Ok(Vec::from([133, 8])));
        let ports =
            Layout { elements: Header { octets: &[5, 4, 0x0B, 0x84, 0x23, 0xF0] }, ..short };
        assert_eq!(lens(133, ports), Ok(Vec::from([133])));
        assert_eq!(lens(134, ports), Ok(Vec::from([128, 6])));
        assert_eq!(lens(255 * 134, short).unwrap().len(), 255);
        let refused = lens(255 * 134 + 1, short);
        assert_eq!(refused, Err(ErrorKind::TooManyParts.at("data", 255 * 134)));
        for (octets, kind) in [
            (&[5, 4, 0x0B][..], ErrorKind::Value),
            (&[0, 3, 1, 2, 1], ErrorKind::Repeated),
            (&[&[0x70, 137][..], &[0; 137]].concat(), ErrorKind::TooLong),
        ] {
            let layout = Layout { elements: Header { octets }, ..short };
            assert_eq!(lens(1, layout), Err(kind.at("TP-UDH", 0)));
        }
        let part = data_segments(&data[..141], ports).unwrap().nth(1).unwrap();
        let mut buffer = [0; USER_DATA_MAX];
        let user_data = part.user_data(&mut buffer);
        assert_eq!(user_data.header().unwrap().concatenation(), part.concatenation());
        assert_eq!(user_data.body(), [0xAA; 13]);
    }

    #[cfg(feature = "graphemes")]
    #[test]
    fn a_cluster_stays_whole_if_it_can() {
        for cluster in ["👩‍👩‍👧‍👦", "🇩🇰", "e\u{301}\u{302}", "\r\n", "नि"]
        {
            let text = "ж".repeat(66) + cluster + "ж";
            let wanted = ["ж".repeat(66), String::from(cluster) + "ж"];
            let text = text + &"ж".repeat(5);
            assert_eq!(parts(&text, Plan::Ucs2, Break::Graphemes)[0], wanted[0], "{cluster}");
        }
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
