//! What the information elements say: one value for each that the standard defines.
//!
//! 3GPP TS 23.040, sections 9.2.3.24.1 to 9.2.3.24.16.

use core::fmt;

use super::ems::{
    Animation, Colours, ExtendedKind, ExtendedObject, Object, ObjectKind, Sound, Style,
    TextFormatting,
};
use super::voice_mail::VoiceMail;
use super::{Concatenation, Element, Identifier, NationalLanguage, Ports};
use crate::codes::codes;
use crate::error::{Error, ErrorKind};
use crate::tpdu::address::Address;
use crate::wire::Writer;

/// What an information element says.
///
/// Positions count characters of the text, from its beginning: in the part, or, where they have 16
/// bits, in the whole message.
///
/// 3GPP TS 23.040, section 9.2.3.24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Information<'a> {
    /// Which part of which message this is (9.2.3.24.1, 9.2.3.24.8).
    Concatenation(Concatenation),
    /// Something waits for the subscriber elsewhere (9.2.3.24.2).
    SpecialMessage(SpecialMessage),
    /// The application ports (9.2.3.24.3, 9.2.3.24.4).
    Ports(Ports),
    /// When the service centre is to send status reports (9.2.3.24.5).
    ServiceCentreControl(Control),
    /// Who wrote the elements that follow (9.2.3.24.6).
    Source(Source),
    /// How a stretch of the text looks (9.2.3.24.10.1.1).
    TextFormatting(TextFormatting),
    /// A sound that the handset has (9.2.3.24.10.1.2).
    PredefinedSound {
        /// Where in the part.
        position: u8,
        /// Which.
        sound: Sound,
    },
    /// An animation that the handset has (9.2.3.24.10.1.4).
    PredefinedAnimation {
        /// Where in the part.
        position: u8,
        /// Which.
        animation: Animation,
    },
    /// A sound, a picture or an animation (9.2.3.24.10.1.3, .5 to .8, .11, .12).
    #[cfg_attr(feature = "serde", serde(borrow))]
    Object(Object<'a>),
    /// A picture of any size (9.2.3.24.10.1.9).
    VariablePicture {
        /// Where in the part.
        position: u8,
        /// In eights of pixels.
        width: u8,
        /// In pixels.
        height: u8,
        /// A bit for each pixel, row by row, bit 7 leftmost.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
        data: &'a [u8],
    },
    /// The objects that follow belong together, and the user is asked what to do with them
    /// (9.2.3.24.10.1.10).
    UserPrompt {
        /// How many.
        objects: u8,
    },
    /// An object of any kind (9.2.3.24.10.1.13).
    #[cfg_attr(feature = "serde", serde(borrow))]
    ExtendedObject(ExtendedObject<'a>),
    /// An extended object of the same message once more (9.2.3.24.10.1.14).
    ReusedObject {
        /// Its reference.
        reference: u8,
        /// Where in the message.
        position: u16,
    },
    /// Compressed extended objects (9.2.3.24.10.1.15).
    CompressionControl {
        /// Bits 3..0 the algorithm, 0 is LZSS; bits 7..4 its parameters.
        algorithm: u8,
        /// Octets of the compressed data, which may go on in the next parts.
        len: u16,
        /// The compressed data.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
        data: &'a [u8],
    },
    /// Whether the elements that follow may be passed on (9.2.3.24.10.1.16).
    ObjectDistribution {
        /// How many elements; 0: all of them up to the next such element.
        elements: u8,
        /// They must not be passed on.
        keep: bool,
    },
    /// The message asks which extended objects the handset knows (9.2.3.24).
    ExtendedObjectRequest,
    /// The text begins with an Internet mail header (9.2.3.24.11).
    EmailHeader {
        /// Characters of the header; octets, in 8-bit data.
        len: u8,
    },
    /// A part of the text is a link: a title, then the address (9.2.3.24.12).
    Hyperlink {
        /// Where in the message.
        position: u16,
        /// Characters of the title.
        title: u8,
        /// Characters of the address, which follows the title.
        url: u8,
    },
    /// Who gets the reply instead of the sender (9.2.3.24.10.1.17).
    ReplyAddress(Address),
    /// What is in a voice mailbox (9.2.3.24.13).
    #[cfg_attr(feature = "serde", serde(borrow))]
    VoiceMail(VoiceMail<'a>),
    /// The language whose tables the text is written with (9.2.3.24.15, 9.2.3.24.16).
    NationalLanguage(NationalLanguage),
    /// Anything else, and data that its identifier does not allow: to be kept, and not acted upon.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Other(Element<'a>),
}

/// Something waits for the subscriber elsewhere.
///
/// 3GPP TS 23.040, section 9.2.3.24.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SpecialMessage {
    /// The message is to be stored; `false`: it may be discarded once the indication is shown.
    pub store: bool,
    /// For which profile of the subscriber, 1..=4.
    pub profile: u8,
    /// What waits.
    pub kind: Waiting,
    /// How many wait; 255 stands for 255 and more.
    pub count: u8,
}

codes! {
    /// What waits for the subscriber.
    ///
    /// 0..=31: bits 1..0 the basic, bits 4..2 the extended type. 3GPP TS 23.040, section 9.2.3.24.2.
    pub struct Waiting(u8);
    VOICE = 0x00 => "voice message",
    FAX = 0x01 => "fax",
    EMAIL = 0x02 => "electronic mail",
    OTHER = 0x03 => "other message",
    VIDEO = 0x07 => "video message",
    0x04..=0x1F => "reserved",
}

/// When the service centre is to send status reports, as its octet.
///
/// 3GPP TS 23.040, section 9.2.3.24.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Control(pub u8);

impl Control {
    /// When the message was delivered.
    pub const COMPLETED: Self = Self(0x01);
    /// When there was a permanent error.
    pub const PERMANENT_ERROR: Self = Self(0x02);
    /// When there was a temporary error and the service centre has given up.
    pub const GAVE_UP: Self = Self(0x04);
    /// When there was a temporary error and the service centre is still trying.
    pub const STILL_TRYING: Self = Self(0x08);
    /// A report of failure about this part is the last one about the message.
    pub const CANCEL_THE_REST: Self = Self(0x40);
    /// The report carries the header of the message.
    pub const INCLUDE_HEADER: Self = Self(0x80);

    /// Whether every bit of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

codes! {
    /// Who wrote the elements that follow, up to the next element of this kind.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.6.
    pub struct Source(u8);
    SENDER = 0x01 => "the sender of the message",
    RECEIVER = 0x02 => "the receiver of the message",
    SERVICE_CENTRE = 0x03 => "the service centre",
    0x00..=0xFF => "reserved",
}

impl<'a> Element<'a> {
    /// What the element says.
    ///
    /// An element whose data has not the length that its identifier asks for says nothing.
    pub fn information(self) -> Information<'a> {
        self.simple().or_else(|| self.object()).unwrap_or(Information::Other(self))
    }

    fn simple(self) -> Option<Information<'a>> {
        if let Some(concatenation) = self.concatenation() {
            return Some(Information::Concatenation(concatenation));
        }
        if let Some(ports) = self.ports() {
            return Some(Information::Ports(ports));
        }
        if let Some(national) = self.national_language() {
            return Some(Information::NationalLanguage(national));
        }
        Some(match (self.identifier, self.data) {
            (Identifier::SPECIAL_MESSAGE, &[indication, count]) => {
                Information::SpecialMessage(SpecialMessage {
                    store: indication & 0x80 != 0,
                    profile: (indication >> 5 & 0b11) + 1,
                    kind: Waiting(indication & 0x1F),
                    count,
                })
            }
            (Identifier::SERVICE_CENTRE_CONTROL, &[control]) => {
                Information::ServiceCentreControl(Control(control))
            }
            (Identifier::SOURCE, &[source]) => Information::Source(Source(source)),
            (Identifier::TEXT_FORMATTING, &[position, len, style, ref colours @ ..]) => {
                let colours = match *colours {
                    [] => None,
                    [colours] => Some(Colours(colours)),
                    _ => return None,
                };
                let style = Style(style);
                Information::TextFormatting(TextFormatting { position, len, style, colours })
            }
            (Identifier::USER_PROMPT, &[objects]) => Information::UserPrompt { objects },
            (Identifier::OBJECT_DISTRIBUTION, &[elements, attributes]) => {
                Information::ObjectDistribution { elements, keep: attributes & 0x01 != 0 }
            }
            (Identifier::EXTENDED_OBJECT_REQUEST, []) => Information::ExtendedObjectRequest,
            (Identifier::EMAIL_HEADER, &[len]) => Information::EmailHeader { len },
            (Identifier::HYPERLINK, &[high, low, title, url]) => {
                Information::Hyperlink { position: u16::from_be_bytes([high, low]), title, url }
            }
            (Identifier::REPLY_ADDRESS, data) => {
                let (address, rest) = Address::parse_element(data)?;
                if !rest.is_empty() {
                    return None;
                }
                Information::ReplyAddress(address)
            }
            (Identifier::VOICE_MAIL, data) => Information::VoiceMail(VoiceMail::parse(data)?),
            _ => return None,
        })
    }

    /// Elements that put something into the text.
    fn object(self) -> Option<Information<'a>> {
        let table =
            ObjectKind::TABLE.iter().find(|(_, identifier, _)| *identifier == self.identifier);
        if let (Some((kind, _, len)), [position, data @ ..]) = (table, self.data) {
            let fits = len.is_none_or(|len| len == data.len());
            let object = Object { kind: *kind, position: *position, data };
            return fits.then_some(Information::Object(object));
        }
        Some(match (self.identifier, self.data) {
            (Identifier::PREDEFINED_SOUND, &[position, sound]) => {
                Information::PredefinedSound { position, sound: Sound(sound) }
            }
            (Identifier::PREDEFINED_ANIMATION, &[position, animation]) => {
                Information::PredefinedAnimation { position, animation: Animation(animation) }
            }
            (Identifier::VARIABLE_PICTURE, [position, width, height, data @ ..])
                if data.len() == usize::from(*width) * usize::from(*height) =>
            {
                Information::VariablePicture {
                    position: *position,
                    width: *width,
                    height: *height,
                    data,
                }
            }
            (
                Identifier::EXTENDED_OBJECT,
                [reference, l1, l0, control, kind, p1, p0, data @ ..],
            ) => Information::ExtendedObject(ExtendedObject {
                reference: *reference,
                len: u16::from_be_bytes([*l1, *l0]),
                control: *control,
                kind: ExtendedKind(*kind),
                position: u16::from_be_bytes([*p1, *p0]),
                data,
            }),
            (Identifier::REUSED_EXTENDED_OBJECT, &[reference, high, low]) => {
                Information::ReusedObject { reference, position: u16::from_be_bytes([high, low]) }
            }
            (Identifier::COMPRESSION_CONTROL, [algorithm, high, low, data @ ..]) => {
                Information::CompressionControl {
                    algorithm: *algorithm,
                    len: u16::from_be_bytes([*high, *low]),
                    data,
                }
            }
            _ => return None,
        })
    }
}

impl Information<'_> {
    /// Writes the element: IEI, IEDL and its data.
    ///
    /// # Errors
    /// [`ErrorKind::Full`]; [`ErrorKind::TooLong`] past 255 octets of data; [`ErrorKind::Value`]
    /// where the value is none that its element can have.
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let at = w.len();
        let wrong = ErrorKind::Value.at("TP-UDH", at);
        let mut put = |identifier: Identifier, head: &[u8], data: &[u8]| {
            let Ok(len) = u8::try_from(head.len().saturating_add(data.len())) else {
                return Err(ErrorKind::TooLong.at("TP-UDH", at));
            };
            w.octets(&[identifier.0, len])?;
            w.octets(head)?;
            w.octets(data)
        };
        match *self {
            Self::Concatenation(concatenation) => concatenation.emit(w),
            Self::Ports(ports) => ports.emit(w),
            Self::NationalLanguage(national) => national.emit(w),
            Self::Other(element) => element.emit(w),
            Self::SpecialMessage(SpecialMessage { store, profile, kind, count }) => {
                if !(1..=4).contains(&profile) || kind.0 > 0x1F {
                    return Err(wrong);
                }
                let indication = (store as u8) << 7 | (profile - 1) << 5 | kind.0;
                put(Identifier::SPECIAL_MESSAGE, &[indication, count], &[])
            }
            Self::ServiceCentreControl(control) => {
                put(Identifier::SERVICE_CENTRE_CONTROL, &[control.0], &[])
            }
            Self::Source(source) => put(Identifier::SOURCE, &[source.0], &[]),
            Self::TextFormatting(TextFormatting { position, len, style, colours }) => {
                let colours = colours.map(|colours| [colours.0]);
                let colours = colours.as_ref().map_or(&[][..], |colours| colours);
                put(Identifier::TEXT_FORMATTING, &[position, len, style.0], colours)
            }
            Self::PredefinedSound { position, sound } => {
                put(Identifier::PREDEFINED_SOUND, &[position, sound.0], &[])
            }
            Self::PredefinedAnimation { position, animation } => {
                put(Identifier::PREDEFINED_ANIMATION, &[position, animation.0], &[])
            }
            Self::Object(Object { kind, position, data }) => {
                let (_, identifier, len) =
                    ObjectKind::TABLE.iter().find(|(k, ..)| *k == kind).ok_or(wrong)?;
                if len.is_some_and(|len| len != data.len()) {
                    return Err(wrong);
                }
                put(*identifier, &[position], data)
            }
            Self::VariablePicture { position, width, height, data } => {
                if data.len() != usize::from(width) * usize::from(height) {
                    return Err(wrong);
                }
                put(Identifier::VARIABLE_PICTURE, &[position, width, height], data)
            }
            Self::UserPrompt { objects } => put(Identifier::USER_PROMPT, &[objects], &[]),
            Self::ExtendedObject(object) => {
                let [l1, l0] = object.len.to_be_bytes();
                let [p1, p0] = object.position.to_be_bytes();
                let head = [object.reference, l1, l0, object.control, object.kind.0, p1, p0];
                put(Identifier::EXTENDED_OBJECT, &head, object.data)
            }
            Self::ReusedObject { reference, position } => {
                let [high, low] = position.to_be_bytes();
                put(Identifier::REUSED_EXTENDED_OBJECT, &[reference, high, low], &[])
            }
            Self::CompressionControl { algorithm, len, data } => {
                let [high, low] = len.to_be_bytes();
                put(Identifier::COMPRESSION_CONTROL, &[algorithm, high, low], data)
            }
            Self::ObjectDistribution { elements, keep } => {
                put(Identifier::OBJECT_DISTRIBUTION, &[elements, keep as u8], &[])
            }
            Self::ExtendedObjectRequest => put(Identifier::EXTENDED_OBJECT_REQUEST, &[], &[]),
            Self::EmailHeader { len } => put(Identifier::EMAIL_HEADER, &[len], &[]),
            Self::Hyperlink { position, title, url } => {
                let [high, low] = position.to_be_bytes();
                put(Identifier::HYPERLINK, &[high, low, title, url], &[])
            }
            Self::ReplyAddress(address) => {
                let head = [address.len() as u8, address.type_of_address()];
                put(Identifier::REPLY_ADDRESS, &head, address.octets())
            }
            Self::VoiceMail(voice_mail) => {
                let mut data = [0; u8::MAX as usize];
                let mut data = Writer::new(&mut data);
                voice_mail.emit(&mut data).map_err(|error| error.kind.at("TP-UDH", at))?;
                put(Identifier::VOICE_MAIL, data.written(), &[])
            }
        }
    }
}

/// `3 of kind 0 (voice message) waiting, text to be stored`.
impl fmt::Display for SpecialMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.store { "stored" } else { "discarded" };
        write!(f, "{} of kind {} waiting, text to be {text}", self.count, self.kind)?;
        if self.profile == 1 { Ok(()) } else { write!(f, ", profile {}", self.profile) }
    }
}

/// What the bits say: `report when delivered, report when given up`.
impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: [(Control, &str); 6] = [
            (Control::COMPLETED, "report when delivered"),
            (Control::PERMANENT_ERROR, "report a permanent error"),
            (Control::GAVE_UP, "report when given up"),
            (Control::STILL_TRYING, "report while still trying"),
            (Control::CANCEL_THE_REST, "a report of failure is the last one"),
            (Control::INCLUDE_HEADER, "report with this header"),
        ];
        let mut comma = "";
        for (bit, words) in WORDS {
            if self.contains(bit) {
                write!(f, "{comma}{words}")?;
                comma = ", ";
            }
        }
        if comma.is_empty() { f.write_str("no reports") } else { Ok(()) }
    }
}

/// What the element says, in words; what has none as octets.
impl fmt::Display for Information<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concatenation(concatenation) => concatenation.fmt(f),
            Self::SpecialMessage(special) => special.fmt(f),
            Self::Ports(ports) => ports.fmt(f),
            Self::ServiceCentreControl(control) => control.fmt(f),
            Self::Source(source) => source.fmt(f),
            Self::TextFormatting(formatting) => formatting.fmt(f),
            Self::PredefinedSound { position, sound } => write!(f, "{sound} at {position}"),
            Self::PredefinedAnimation { position, animation } => {
                write!(f, "{animation} at {position}")
            }
            Self::Object(Object { position, data, .. }) => {
                write!(f, "{} octets at {position}", data.len())
            }
            Self::VariablePicture { position, width, height, .. } => {
                write!(f, "{} × {height} pixels at {position}", u16::from(*width) * 8)
            }
            Self::UserPrompt { objects } => write!(f, "{objects} objects"),
            Self::ExtendedObject(object) => object.fmt(f),
            Self::ReusedObject { reference, position } => {
                write!(f, "object {reference} at {position}")
            }
            Self::CompressionControl { algorithm, len, data } => {
                write!(f, "algorithm {algorithm}, {} of {len} octets", data.len())
            }
            Self::ObjectDistribution { elements, keep } => {
                let may = if *keep { "must not" } else { "may" };
                write!(f, "{elements} elements {may} be passed on")
            }
            Self::ExtendedObjectRequest => f.write_str("which are known?"),
            Self::EmailHeader { len } => write!(f, "{len} characters"),
            Self::Hyperlink { position, title, url } => {
                write!(f, "title of {title} characters at {position}, address of {url} behind it")
            }
            Self::ReplyAddress(address) => address.described().fmt(f),
            Self::VoiceMail(voice_mail) => voice_mail.fmt(f),
            Self::NationalLanguage(national) => national.language.fmt(f),
            Self::Other(element) => {
                let mut octets = element.data.iter();
                let Some(first) = octets.next() else { return f.write_str("no data") };
                write!(f, "{first:02X}")?;
                octets.try_for_each(|octet| write!(f, " {octet:02X}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::read_hex;
    use crate::tpdu::udh::{HEADER_MAX, Header};

    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    /// Each element of the standard, and what it says.
    const ELEMENTS: [(&str, &str); 29] = [
        ("0003EB0201", "part of a message, 8-bit reference: part 1 of 2, reference 235 (8 bits)"),
        (
            "0102A103",
            "special message indication: 3 of kind 1 (fax) waiting, text to be stored, profile 2",
        ),
        ("0402F0F1", "application ports, 8 bits: to port 240 from port 241"),
        ("05040B8423F0", "application ports, 16 bits: to port 2948 from port 9200"),
        (
            "0601C1",
            "service centre control parameters: report when delivered, a report of failure is the last one, report with this header",
        ),
        ("070103", "source of the header: 3 (the service centre)"),
        (
            "080401000302",
            "part of a message, 16-bit reference: part 2 of 3, reference 256 (16 bits)",
        ),
        ("09020102", "wireless control message protocol: 01 02"),
        ("0A03000515", "text formatting: 5 characters from 0: centre, large, bold"),
        (
            "0A043807FB2B",
            "text formatting: 7 characters from 56: aligned as the language is, small, bold, italic, underlined, struck through, bright yellow on dark red",
        ),
        ("0B020003", "predefined sound: 3 (ta-da) at 0"),
        ("0C0305424D", "sound: 2 octets at 5"),
        ("0D02070E", "predefined animation: 14 (devil) at 7"),
        ("1205030102AABB", "variable picture: 8 × 2 pixels at 3"),
        ("130102", "user prompt: 2 objects"),
        ("14090100050009000BAABB", "extended object: object 1, 9 (vCard), 2 of 5 octets at 11"),
        ("1503010102", "reused extended object: object 1 at 258"),
        ("1605000009AABB", "compression control: algorithm 0, 2 of 9 octets"),
        ("17020301", "object distribution: 3 elements must not be passed on"),
        ("180300AABB", "vector graphics, standard size: 2 octets at 0"),
        ("190201CC", "vector graphics, character size: 1 octets at 1"),
        ("1A00", "request for an extended object: which are known?"),
        ("20012A", "RFC 822 electronic mail header: 42 characters"),
        ("2104010A0513", "hyperlink: title of 5 characters at 266, address of 19 behind it"),
        (
            "22080B919746121611F1",
            "reply address: +79642161111, type 0x91: international, telephone plan",
        ),
        ("230700039121F30100", "enhanced voice mail: 1 messages wait at +123"),
        ("240106", "national language, single shift: 6 (Hindi)"),
        ("250101", "national language, locking shift: 1 (Turkish)"),
        ("7002AABB", "element 0x70, security header of the SIM toolkit: AA BB"),
    ];

    #[test]
    fn every_element_of_the_standard_is_read_and_written() {
        let mut identifiers = Vec::new();
        for (hex, words) in ELEMENTS {
            let octets = read_hex(hex).unwrap();
            let mut elements = Header { octets: &octets }.elements();
            let element = elements.next().unwrap();
            assert_eq!(element.to_string(), words);
            let mut buffer = [0; HEADER_MAX];
            let header = Header::new(&[element.information()], &mut buffer).unwrap();
            assert_eq!(header.octets, &octets[..]);
            identifiers.push(element.identifier);
        }
        for (kind, identifier, len) in ObjectKind::TABLE {
            let data = [0xAA; 128];
            let data = &data[..len.unwrap_or(128)];
            let object = Information::Object(Object { kind, position: 9, data });
            let mut buffer = [0; 140];
            let mut w = Writer::new(&mut buffer);
            object.emit(&mut w).unwrap();
            let header = Header { octets: w.written() };
            assert!(header.information().eq([object]));
            identifiers.push(identifier);
        }
        for identifier in Identifier::LISTED {
            assert!(identifiers.contains(identifier), "{identifier}");
        }
    }

    #[test]
    fn data_that_an_element_cannot_have_says_nothing_and_is_kept() {
        for octets in [
            &[0x00, 3, 1, 2, 3][..],
            &[0x01, 1, 0x80],
            &[0x0A, 2, 0, 1],
            &[0x0E, 2, 0, 1],
            &[0x12, 4, 0, 1, 2, 3],
            &[0x21, 3, 0, 0, 1],
            &[0x22, 2, 4, 0x91],
            &[0x23, 2, 0, 0],
            &[0x25, 0],
        ] {
            let element = Header { octets }.elements().next().unwrap();
            assert_eq!(element.information(), Information::Other(element));
            let mut buffer = [0; 8];
            let mut w = Writer::new(&mut buffer);
            element.information().emit(&mut w).unwrap();
            assert_eq!(w.written(), octets);
        }
    }

    #[test]
    fn a_header_is_as_long_as_user_data_can_be() {
        let object = |data| Object { kind: ObjectKind::Sound, position: 0, data };
        let data = [0; 137];
        let mut buffer = [0; HEADER_MAX];
        let longest = Information::Object(object(&data[..136]));
        assert_eq!(Header::new(&[longest], &mut buffer).unwrap().octets.len(), 139);
        let error = Header::new(&[Information::Object(object(&data))], &mut buffer);
        assert_eq!(error, Err(ErrorKind::TooLong.at("TP-UDH", 3)));
    }
}
