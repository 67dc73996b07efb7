//! Cell broadcast: pages that every handset in a cell receives, and the messages that they make.
//!
//! ```text
//! octets
//! 2       serial number: bits 15..14 geographical scope · bits 13..4 message code · bits 3..0 update
//! 2       message identifier: what the message is about
//! 1       data coding scheme
//! 1       page parameter: bits 7..4 which page · bits 3..0 of how many
//! 82      content, padded with carriage returns
//! ```
//!
//! 3GPP TS 23.041, section 9.4.1.2; TS 23.038, section 5.

pub mod assembly;
pub mod coding;

use core::fmt;
use core::iter::Take;

pub use assembly::{Added, Assembler, Message};
pub use coding::Coding;

use crate::codes::codes;
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Code, Tables};
use crate::runs::OneByOne;
use crate::text::quoted;
use crate::tpdu::dcs::Alphabet;
use crate::tpdu::udh::Header;
use crate::tpdu::user_data::{Characters, UserData};
use crate::ucs2;
use crate::wire::{Quirk, Reader, Rejected, Wire, Writer};

/// The octets of a page.
pub const PAGE_LEN: usize = 88;
/// The octets of a page that are its content.
pub const CONTENT_LEN: usize = 82;

/// Carriage return, which fills a page up.
const CR: char = '\r';

/// A page of a broadcast message.
///
/// 3GPP TS 23.041, section 9.4.1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Page<'a> {
    /// Which message of its source it is, and which version.
    pub serial: SerialNumber,
    /// What the message is about.
    pub identifier: MessageIdentifier,
    /// How the content is coded.
    pub coding: Coding,
    /// Which page of the message.
    pub parameter: PageParameter,
    /// The content, 0..=82 octets; a page that was stored may have lost its end.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub content: &'a [u8],
}

/// The characters of a page, made by [`Page::text`].
pub type Text<'a> = Characters<Take<gsm7::Septets<'a>>, ucs2::Units<'a>>;

/// Which message of its source, and which version, as on the wire.
///
/// 3GPP TS 23.041, section 9.4.1.2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SerialNumber(pub u16);

impl SerialNumber {
    /// Where the message is the same one, and how it is shown.
    pub const fn scope(self) -> Scope {
        Scope((self.0 >> 14) as u8)
    }

    /// Which message of its source, 0..=1023.
    ///
    /// Of an emergency message bit 9 asks for an alarm, bit 8 for a window that opens by itself.
    pub const fn message_code(self) -> u16 {
        self.0 >> 4 & 0x3FF
    }

    /// Which version of the message, 0..=15, round and round.
    pub const fn update(self) -> u8 {
        (self.0 & 0x0F) as u8
    }

    /// The number without the version: what all versions of a message share.
    pub const fn without_update(self) -> Self {
        Self(self.0 & 0xFFF0)
    }
}

codes! {
    /// In which area a message code means the same message.
    ///
    /// 0..=3. 3GPP TS 23.041, section 9.4.1.2.1.
    pub struct Scope(u8);
    CELL_IMMEDIATE = 0 => "the cell, shown at once",
    NETWORK = 1 => "the network",
    AREA = 2 => "the location area",
    CELL = 3 => "the cell",
}

/// Which page of how many, as its octet.
///
/// 3GPP TS 23.041, section 9.4.1.2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PageParameter(pub u8);

impl PageParameter {
    /// Page 1 of 1.
    pub const SINGLE: Self = Self(0x11);

    /// Which page, 1..=15.
    pub const fn number(self) -> u8 {
        self.read().0
    }

    /// How many pages, 1..=15.
    pub const fn total(self) -> u8 {
        self.read().1
    }

    /// A page 0, or one of 0, is the only one, as the standard has it; so is one after the last.
    const fn read(self) -> (u8, u8) {
        let (number, total) = (self.0 >> 4, self.0 & 0x0F);
        if number == 0 || number > total { (1, 1) } else { (number, total) }
    }
}

codes! {
    /// What a message is about.
    ///
    /// 3GPP TS 23.041, section 9.4.1.2.2.
    pub struct MessageIdentifier(u16);
    LOCATION_EOTD = 0x03E8 => "location assistance, E-OTD",
    LOCATION_DGPS = 0x03E9 => "location assistance, DGPS corrections",
    LOCATION_EPHEMERIS = 0x03EA => "location assistance, GPS ephemeris and clock",
    LOCATION_ALMANAC = 0x03EB => "location assistance, GPS almanac",
    EARTHQUAKE = 0x1100 => "earthquake warning",
    TSUNAMI = 0x1101 => "tsunami warning",
    EARTHQUAKE_AND_TSUNAMI = 0x1102 => "earthquake and tsunami warning",
    WARNING_TEST = 0x1103 => "test of a warning",
    OTHER_WARNING = 0x1104 => "other emergency warning",
    PRESIDENTIAL_ALERT = 0x1112 => "presidential alert, EU alert level 1",
    EXTREME_IMMEDIATE_OBSERVED = 0x1113 => "extreme alert, immediate, observed",
    EXTREME_IMMEDIATE_LIKELY = 0x1114 => "extreme alert, immediate, likely",
    EXTREME_EXPECTED_OBSERVED = 0x1115 => "severe alert, extreme, expected, observed",
    EXTREME_EXPECTED_LIKELY = 0x1116 => "severe alert, extreme, expected, likely",
    SEVERE_IMMEDIATE_OBSERVED = 0x1117 => "severe alert, immediate, observed",
    SEVERE_IMMEDIATE_LIKELY = 0x1118 => "severe alert, immediate, likely",
    SEVERE_EXPECTED_OBSERVED = 0x1119 => "severe alert, expected, observed",
    SEVERE_EXPECTED_LIKELY = 0x111A => "severe alert, expected, likely",
    CHILD_ABDUCTION = 0x111B => "child abduction emergency",
    MONTHLY_TEST = 0x111C => "required monthly test",
    EXERCISE = 0x111D => "exercise",
    OPERATOR_DEFINED = 0x111E => "alert of the operator's own",
    PRESIDENTIAL_ALERT_TRANSLATED = 0x111F => "presidential alert, EU alert level 1, another language",
    PUBLIC_SAFETY = 0x112C => "public safety message",
    PUBLIC_SAFETY_TRANSLATED = 0x112D => "public safety message, another language",
    LOCAL_TEST = 0x112E => "state or local test",
    LOCAL_TEST_TRANSLATED = 0x112F => "state or local test, another language",
    GEO_FENCING = 0x1130 => "trigger of geo-fencing",
    EU_INFO = 0x1900 => "EU information message",
    RESERVED = 0xFFFF => "reserved",
    0x0000..=0x03E7 => "topic of the network",
    0x1000..=0x10FF => "data for the SIM",
    0x1105..=0x1111 => "emergency warning, reserved",
    0x1120..=0x112B => "alert, another language",
    0x1131..=0x18FF => "emergency message, reserved",
    0x03EC..=0x0FFF => "reserved",
    0x1901..=0x9FFF => "reserved",
    0xA000..=0xAFFF => "topic of the home network only",
    0xB000..=0xFFFE => "reserved for topics of a network",
}

impl<'a> Page<'a> {
    /// The text, without its language and its padding; `None` when the content is 8-bit data or
    /// compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        if self.coding.compressed() {
            return None;
        }
        match self.coding.alphabet() {
            Alphabet::Gsm7 => Some(Characters::Gsm7(self.tables().chars(self.septets()))),
            Alphabet::Ucs2 => Some(Characters::Ucs2(ucs2::chars(self.units()))),
            Alphabet::EightBit => None,
        }
    }

    /// The language of the text, two letters of ISO 639, when the coding or the text says it.
    pub fn language(&self) -> Option<[char; 2]> {
        self.coding.language_of(self.content)
    }

    /// The information elements, where the content begins with a header.
    pub fn header(&self) -> Option<Header<'a>> {
        self.data().header()
    }

    /// The tables that septets of the text are read by: a header may name national languages.
    pub(crate) fn tables(&self) -> Tables {
        self.data().tables()
    }

    /// The septets of the text.
    pub(crate) fn septets(&self) -> Take<gsm7::Septets<'a>> {
        let mut septets = self.data().septets();
        if self.coding.split_language(self.content).is_some() {
            // Two letters and a carriage return.
            septets.by_ref().take(3).for_each(drop);
        }
        let text = septets.clone().enumerate().filter(|(_, septet)| *septet != CR as u8);
        let count = text.last().map_or(0, |(at, _)| at.saturating_add(1));
        septets.take(count)
    }

    /// The code units of the text.
    pub(crate) fn units(&self) -> ucs2::Units<'a> {
        let data = self.data();
        let body = self.coding.split_language(self.content).map_or(data.body(), |(_, rest)| rest);
        let (mut units, _) = body.as_chunks::<2>();
        while let [rest @ .., [0, 0x0D]] = units {
            units = rest;
        }
        ucs2::units(units.as_flattened())
    }

    /// The content as user data has it: a header, where there is one, and a body.
    fn data(&self) -> UserData<'a> {
        let octets = self.content;
        let len = match self.coding.alphabet() {
            Alphabet::Gsm7 => octets.len() * 8 / 7,
            Alphabet::EightBit | Alphabet::Ucs2 => octets.len(),
        };
        UserData { has_header: self.coding.has_header(), len: len as u8, octets }
    }
}

impl<'a> Wire<'a> for Page<'a> {
    /// Reads a page.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::Truncated`] before the content; to a strict reader
    /// [`ErrorKind::Truncated`] in it, and [`ErrorKind::Value`] of a reserved coding.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        if reader.is_empty() {
            return Err(reader.fail(ErrorKind::Empty.at("page", reader.at())));
        }
        let serial = SerialNumber(u16::from_be_bytes(reader.array("serial number")?));
        let identifier = reader.array("message identifier")?;
        let identifier = MessageIdentifier(u16::from_be_bytes(identifier));
        let at = reader.at();
        let coding = Coding(reader.octet("data coding scheme")?);
        if coding.reserved() {
            let error = ErrorKind::Value.at("data coding scheme", at);
            reader.excuse(Quirk::ReservedDcs, error)?;
        }
        let parameter = PageParameter(reader.octet("page parameter")?);
        if reader.len() < CONTENT_LEN {
            let end = reader.at().saturating_add(reader.len());
            reader.excuse(Quirk::ShortPage, ErrorKind::Truncated.at("content", end))?;
        }
        let content = reader.octets(reader.len().min(CONTENT_LEN), "content")?;
        Ok(Self { serial, identifier, coding, parameter, content })
    }

    /// Writes the page, its content as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::TooLong`] past 82 octets of content.
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        if self.content.len() > CONTENT_LEN {
            return Err(ErrorKind::TooLong.at("content", w.len()));
        }
        w.octets(&self.serial.0.to_be_bytes())?;
        w.octets(&self.identifier.0.to_be_bytes())?;
        w.octets(&[self.coding.0, self.parameter.0])?;
        w.octets(self.content)
    }
}

/// Fills the content of a page with the beginning of `text` and pads it, and returns how many
/// characters it took.
///
/// For codings without a language in the text and without a header.
///
/// # Errors
/// [`ErrorKind::Unencodable`] with the place of the character; [`ErrorKind::Value`] for a coding that
/// is not for text.
pub fn fill(
    text: impl Iterator<Item = char> + Clone,
    coding: Coding,
    content: &mut [u8; CONTENT_LEN],
) -> Result<usize, Error> {
    let units = |c| match coding.alphabet() {
        Alphabet::Gsm7 => Tables::DEFAULT.code(c).map(Code::len),
        _ => Some(char::len_utf16(c)),
    };
    let capacity = match coding.alphabet() {
        _ if coding.compressed() || coding.has_header() || coding.has_language() => 0,
        Alphabet::Gsm7 => CONTENT_LEN * 8 / 7,
        Alphabet::Ucs2 => CONTENT_LEN / 2,
        Alphabet::EightBit => 0,
    };
    if capacity == 0 {
        return Err(ErrorKind::Value.at("data coding scheme", 0));
    }
    let (mut count, mut used) = (0_usize, 0_usize);
    for c in text.clone() {
        let units = units(c).ok_or(ErrorKind::Unencodable(c).at("text", count))?;
        if units > capacity.saturating_sub(used) {
            break;
        }
        used = used.saturating_add(units);
        count = count.saturating_add(1);
    }
    let padding = core::iter::repeat_n(CR, capacity.saturating_sub(used));
    let characters = text.take(count).chain(padding);
    let mut w = Writer::new(content);
    match coding.alphabet() {
        Alphabet::Gsm7 => {
            let codes = characters.filter_map(|c| Tables::DEFAULT.code(c));
            gsm7::pack(codes.flat_map(Code::septets), 0, &mut w)?;
        }
        _ => {
            ucs2::emit(OneByOne(characters), &mut w)?;
        }
    }
    Ok(count)
}

/// Each field on a line, with its words.
impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { serial, identifier, coding, parameter, content } = self;
        writeln!(f, "serial number       {serial}")?;
        writeln!(f, "message identifier  {identifier}")?;
        writeln!(f, "data coding scheme  {coding}")?;
        writeln!(f, "page                {} of {}", parameter.number(), parameter.total())?;
        if let Some([first, second]) = self.language() {
            writeln!(f, "language            {first}{second}")?;
        }
        for element in self.header().into_iter().flat_map(Header::elements) {
            writeln!(f, "header              {element}")?;
        }
        f.write_str("content             ")?;
        if let Some(text) = self.text() {
            return write!(f, "{}", quoted(text));
        }
        content.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

/// `message 630, update 0, in the network`.
impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = self.scope().words().unwrap_or_default();
        write!(f, "message {}, update {}, in {scope}", self.message_code(), self.update())
    }
}

/// `page 1 of 3`.
impl fmt::Display for PageParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of {}", self.number(), self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::{String, ToString};

    fn page(coding: Coding, content: &[u8]) -> Page<'_> {
        let (serial, identifier) = (SerialNumber(0x0110), MessageIdentifier::EU_INFO);
        Page { serial, identifier, coding, parameter: PageParameter::SINGLE, content }
    }

    fn text(page: &Page<'_>) -> String {
        page.text().unwrap().collect()
    }

    #[test]
    fn a_page_0_is_the_only_one() {
        for (octet, number, total) in [(0x35, 3, 5), (0x00, 1, 1), (0x05, 1, 1), (0x53, 1, 1)] {
            let parameter = PageParameter(octet);
            assert_eq!((parameter.number(), parameter.total()), (number, total));
        }
    }

    #[test]
    fn a_language_stands_before_the_text() {
        let mut content = [0; 82];
        fill("da\rhej @".chars(), Coding::GSM7, &mut content).unwrap();
        let packed = page(Coding::GSM7_WITH_LANGUAGE, &content);
        assert_eq!((packed.language(), text(&packed)), (Some(['d', 'a']), "hej @".to_string()));
        // Without a carriage return behind it, it is no language.
        fill("dag".chars(), Coding::GSM7, &mut content).unwrap();
        let none = page(Coding::GSM7_WITH_LANGUAGE, &content);
        assert_eq!((none.language(), text(&none)), (None, "dag".to_string()));
        for content in [&[0xF2, 0x3A, 0x04, 0x1F][..], b"ru\x04\x1F", b"ru\x04\x1F\x00"] {
            let page = page(Coding::UCS2_WITH_LANGUAGE, content);
            assert_eq!((page.language(), text(&page)), (Some(['r', 'u']), "П".to_string()));
        }
    }

    #[test]
    fn a_header_is_no_text() {
        let mut content = [0x0D; 82];
        content[..6].copy_from_slice(&[3, 0x70, 1, 0xAA, 0x00, 0x41]);
        let page = page(Coding(0x98), &content);
        assert_eq!(page.header().unwrap().elements().count(), 1);
        assert!(text(&page).starts_with('A'));
    }

    #[test]
    #[cfg(feature = "turkish")]
    fn a_header_may_name_a_national_language() {
        // UDHL, single shift of language 1, three fill bits; then an escape and the septet of ş.
        let mut content = [0x0D; 82];
        let mut w = Writer::new(&mut content);
        w.octets(&[3, 0x24, 1, 1]).unwrap();
        gsm7::pack([0x1B, 0x73].into_iter().chain([CR as u8; 86]), 3, &mut w).unwrap();
        assert_eq!(text(&page(Coding(0x90), &content)), "ş");
    }

    #[test]
    fn a_page_takes_as_many_characters_as_it_has_room_for() {
        let mut content = [0; 82];
        let long = "€".repeat(60);
        assert_eq!(fill(long.chars(), Coding::GSM7, &mut content), Ok(46));
        assert_eq!(text(&page(Coding::GSM7, &content)).chars().count(), 46);
        assert_eq!(fill("😀".repeat(30).chars(), Coding(0x48), &mut content), Ok(20));
        assert_eq!(text(&page(Coding(0x48), &content)), "😀".repeat(20));
        let refused = fill("ж".chars(), Coding::GSM7, &mut content);
        assert_eq!(refused, Err(ErrorKind::Unencodable('ж').at("text", 0)));
        assert!(fill("a".chars(), Coding(0x44), &mut content).is_err());
    }

    #[test]
    fn a_page_has_words() {
        let mut content = [0; 82];
        fill("Belconnen".chars(), Coding(0x01), &mut content).unwrap();
        assert_eq!(
            page(Coding(0x01), &content).to_string(),
            "serial number       message 17, update 0, in the cell, shown at once\n\
             message identifier  6400 (EU information message)\n\
             data coding scheme  GSM 7-bit, en\n\
             page                1 of 1\n\
             language            en\n\
             content             \"Belconnen\""
        );
    }

    #[test]
    fn a_page_that_was_cut_is_told() {
        let octets = [0x01, 0x10, 0x00, 0x32, 0x01, 0x11, 0xC2];
        let (page, quirks) = Page::from_bytes_tolerant(&octets).unwrap();
        assert!(quirks.contains(Quirk::ShortPage));
        assert_eq!(text(&page), "B");
        assert_eq!(Page::from_bytes(&octets), Err(ErrorKind::Truncated.at("content", 7)));
        assert_eq!(
            Page::from_bytes(&octets[..5]),
            Err(ErrorKind::Truncated.at("page parameter", 5))
        );
        assert_eq!(Page::from_bytes(&[]), Err(ErrorKind::Empty.at("page", 0)));
    }
}
