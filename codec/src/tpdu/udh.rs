//! The user data header: information elements before the text.
//!
//! ```text
//! octet 1   UDHL: octets of the header behind this one
//! then for each element
//!   octet   IEI: what it is
//!   octet   IEDL: octets of its data
//!   octets  its data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.24 (TP-UD).

mod concatenation;
pub mod ems;
pub mod information;
mod language;
mod ports;
pub mod voice_mail;

use core::fmt;
use core::iter::FusedIterator;

pub use concatenation::{Concatenation, Reference};
pub use information::Information;
pub use language::{Language, NationalLanguage, Shift};
pub use ports::Ports;

use super::user_data::USER_DATA_MAX;
use crate::codes::codes;
use crate::error::{Error, ErrorKind};
use crate::wire::Writer;

/// A user data header: its octets behind UDHL.
///
/// A header whose elements do not fill it exactly is ignored as a whole, as the standard asks: it
/// has no elements.
///
/// 3GPP TS 23.040, section 9.2.3.24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Header<'a> {
    /// The elements as on the wire.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub octets: &'a [u8],
}

/// The octets that a header can have behind UDHL.
///
/// 3GPP TS 23.040, section 9.2.3.24.
pub const HEADER_MAX: usize = USER_DATA_MAX - 1;

impl<'a> Header<'a> {
    /// No elements, and so no header.
    pub const NONE: Self = Self { octets: &[] };

    /// The header of these elements, written into `buffer`.
    ///
    /// ```
    /// use septet::tpdu::udh::{HEADER_MAX, Header, Information, Ports};
    ///
    /// // What a WAP push goes to.
    /// let ports = Ports::Long { destination: 2948, source: 9200 };
    /// let mut buffer = [0; HEADER_MAX];
    /// let header = Header::new(&[Information::Ports(ports)], &mut buffer)?;
    /// assert_eq!(header.octets, [0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0]);
    /// # Ok::<(), septet::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::TooLong`] past 139 octets; those of [`Information::emit`].
    pub fn new(
        elements: &[Information<'_>],
        buffer: &'a mut [u8; HEADER_MAX],
    ) -> Result<Self, Error> {
        let mut w = Writer::new(buffer);
        for element in elements {
            element.emit(&mut w).map_err(|error| match error.kind {
                ErrorKind::Full => ErrorKind::TooLong.at("TP-UDH", error.at),
                _ => error,
            })?;
        }
        Ok(Self { octets: w.into_written() })
    }

    /// Whether there is no element.
    pub const fn is_empty(self) -> bool {
        self.octets.is_empty()
    }

    /// The information elements, in the order that they stand in.
    pub fn elements(self) -> Elements<'a> {
        Elements { octets: if self.is_well_formed() { self.octets } else { &[] } }
    }

    /// What the information elements say, in the order that they stand in.
    ///
    /// An element that is there twice and makes no sense twice counts as it stands last, and so do
    /// two of which each excludes the other; elements that say nothing are to be ignored.
    pub fn information(self) -> impl Iterator<Item = Information<'a>> + Clone {
        self.elements().map(Element::information)
    }

    /// Which part of which message this is; the last element that says so, of 8 and 16 bits alike.
    pub fn concatenation(self) -> Option<Concatenation> {
        self.elements().filter_map(|element| element.concatenation()).last()
    }

    /// The application ports; the last element that has some, of 8 and 16 bits alike.
    pub fn ports(self) -> Option<Ports> {
        self.elements().filter_map(|element| element.ports()).last()
    }

    /// The national languages of the text: of its locking and of its single shift table, by the last
    /// element of each kind; `None` stands for the default tables.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.15 and 9.2.3.24.16.
    pub fn national_languages(self) -> (Option<Language>, Option<Language>) {
        let last = |shift| {
            let national = self.elements().filter_map(|element| element.national_language());
            national.filter(|national| national.shift == shift).last().map(|last| last.language)
        };
        (last(Shift::Locking), last(Shift::Single))
    }

    /// Whether the elements fill the header exactly.
    pub(crate) fn is_well_formed(self) -> bool {
        let mut elements = Elements { octets: self.octets };
        elements.by_ref().for_each(drop);
        elements.octets.is_empty()
    }
}

/// An information element, as on the wire.
///
/// 3GPP TS 23.040, section 9.2.3.24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Element<'a> {
    /// What it is.
    pub identifier: Identifier,
    /// Its data, 0..=137 octets.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub data: &'a [u8],
}

impl Element<'_> {
    /// Writes the element.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::TooLong`] past 255 octets of data.
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let Ok(len) = u8::try_from(self.data.len()) else {
            return Err(ErrorKind::TooLong.at("TP-UDH", w.len()));
        };
        w.octets(&[self.identifier.0, len])?;
        w.octets(self.data)
    }
}

/// The information elements of a header, made by [`Header::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    octets: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let [identifier, len, rest @ ..] = self.octets else {
            return None;
        };
        let (data, rest) = rest.split_at_checked(usize::from(*len))?;
        self.octets = rest;
        Some(Element { identifier: Identifier(*identifier), data })
    }
}

impl FusedIterator for Elements<'_> {}

codes! {
    /// What an information element is.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24 (IEI).
    pub struct Identifier(u8);
    CONCATENATION_8 = 0x00 => "part of a message, 8-bit reference",
    SPECIAL_MESSAGE = 0x01 => "special message indication",
    PORTS_8 = 0x04 => "application ports, 8 bits",
    PORTS_16 = 0x05 => "application ports, 16 bits",
    SERVICE_CENTRE_CONTROL = 0x06 => "service centre control parameters",
    SOURCE = 0x07 => "source of the header",
    CONCATENATION_16 = 0x08 => "part of a message, 16-bit reference",
    WIRELESS_CONTROL = 0x09 => "wireless control message protocol",
    TEXT_FORMATTING = 0x0A => "text formatting",
    PREDEFINED_SOUND = 0x0B => "predefined sound",
    SOUND = 0x0C => "sound",
    PREDEFINED_ANIMATION = 0x0D => "predefined animation",
    LARGE_ANIMATION = 0x0E => "large animation",
    SMALL_ANIMATION = 0x0F => "small animation",
    LARGE_PICTURE = 0x10 => "large picture",
    SMALL_PICTURE = 0x11 => "small picture",
    VARIABLE_PICTURE = 0x12 => "variable picture",
    USER_PROMPT = 0x13 => "user prompt",
    EXTENDED_OBJECT = 0x14 => "extended object",
    REUSED_EXTENDED_OBJECT = 0x15 => "reused extended object",
    COMPRESSION_CONTROL = 0x16 => "compression control",
    OBJECT_DISTRIBUTION = 0x17 => "object distribution",
    STANDARD_VECTOR_GRAPHICS = 0x18 => "vector graphics, standard size",
    CHARACTER_VECTOR_GRAPHICS = 0x19 => "vector graphics, character size",
    EXTENDED_OBJECT_REQUEST = 0x1A => "request for an extended object",
    EMAIL_HEADER = 0x20 => "RFC 822 electronic mail header",
    HYPERLINK = 0x21 => "hyperlink",
    REPLY_ADDRESS = 0x22 => "reply address",
    VOICE_MAIL = 0x23 => "enhanced voice mail",
    SINGLE_SHIFT = 0x24 => "national language, single shift",
    LOCKING_SHIFT = 0x25 => "national language, locking shift",
    0x02..=0x02 => "reserved",
    0x03..=0x03 => "not used, because it is a line feed",
    0x1B..=0x1F => "reserved for enhanced messages",
    0x26..=0x6F => "reserved",
    0x70..=0x7F => "security header of the SIM toolkit",
    0x80..=0x9F => "between the two ends",
    0xA0..=0xBF => "reserved",
    0xC0..=0xDF => "of the service centre",
    0xE0..=0xFF => "reserved",
}

/// `application ports, 16 bits: to port 2948 from port 9200`; data that has no words as octets.
impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.identifier.words().unwrap_or_default();
        match self.identifier.0 {
            0x00..=0x01 | 0x04..=0x25 => write!(f, "{words}: ")?,
            // The words of a range name no single element.
            identifier => write!(f, "element 0x{identifier:02X}, {words}: ")?,
        }
        self.information().fmt(f)
    }
}

/// Its elements with semicolons between.
impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, element) in self.elements().enumerate() {
            write!(f, "{}{element}", if i > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_its_elements_do_not_fill_has_none() {
        for octets in [&[0x00, 0x09, 0x11, 0x02, 0x01][..], &[0x00, 0x03, 1, 2, 1, 0x24]] {
            assert_eq!(Header { octets }.elements().count(), 0);
        }
        assert!(Header { octets: &[] }.is_well_formed());
    }

    #[test]
    fn the_last_part_number_wins_and_part_0_is_none() {
        let header =
            Header { octets: &[0, 3, 7, 2, 1, 8, 4, 1, 0, 3, 2, 0, 3, 9, 2, 0, 0, 3, 9, 2, 3] };
        let concatenation = Concatenation { reference: Reference::Long(256), total: 3, number: 2 };
        assert_eq!(header.concatenation(), Some(concatenation));
    }

    #[test]
    fn the_last_language_of_each_table_wins() {
        let mut buffer = [0; 16];
        let mut w = Writer::new(&mut buffer);
        let (single, locking) = (Shift::Single, Shift::Locking);
        for (shift, language) in
            [(single, Language::TURKISH), (locking, Language::HINDI), (single, Language(0x7F))]
        {
            NationalLanguage { shift, language }.emit(&mut w).unwrap();
        }
        assert_eq!(w.written(), [0x24, 1, 1, 0x25, 1, 6, 0x24, 1, 0x7F]);
        let header = Header { octets: w.written() };
        assert_eq!(header.national_languages(), (Some(Language::HINDI), Some(Language(0x7F))));
        assert_eq!(Header { octets: &[0x25, 0] }.national_languages(), (None, None));
    }
}
