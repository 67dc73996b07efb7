//! What enhanced messages put into their text: formatting, sounds, pictures and animations.
//!
//! 3GPP TS 23.040, section 9.2.3.24.10.

use core::fmt;

use super::Identifier;
use crate::codes::codes;

/// How a stretch of the text looks.
///
/// 3GPP TS 23.040, section 9.2.3.24.10.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TextFormatting {
    /// Where in the part it begins.
    pub position: u8,
    /// Its characters; 0: it is how all text looks from here on.
    pub len: u8,
    /// How it looks.
    pub style: Style,
    /// Its colours, where they are given.
    pub colours: Option<Colours>,
}

/// Alignment, size and style of text, as the octet.
///
/// ```text
/// bits 1..0 alignment: left, centre, right, that of the language · bits 3..2 size: normal, large, small
/// bit 4 bold · bit 5 italic · bit 6 underlined · bit 7 struck through
/// ```
///
/// 3GPP TS 23.040, section 9.2.3.24.10.1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Style(pub u8);

/// Colours of text, as the octet: bits 3..0 the text, bits 7..4 what is behind it.
///
/// 3GPP TS 23.040, section 9.2.3.24.10.1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Colours(pub u8);

impl Colours {
    /// The colour of the text.
    pub const fn foreground(self) -> Colour {
        Colour(self.0 & 0x0F)
    }

    /// The colour behind the text.
    pub const fn background(self) -> Colour {
        Colour(self.0 >> 4)
    }
}

codes! {
    /// A colour.
    ///
    /// 0..=15. 3GPP TS 23.040, section 9.2.3.24.10.1.1.
    pub struct Colour(u8);
    BLACK = 0x0 => "black",
    DARK_GREY = 0x1 => "dark grey",
    DARK_RED = 0x2 => "dark red",
    DARK_YELLOW = 0x3 => "dark yellow",
    DARK_GREEN = 0x4 => "dark green",
    DARK_CYAN = 0x5 => "dark cyan",
    DARK_BLUE = 0x6 => "dark blue",
    DARK_MAGENTA = 0x7 => "dark magenta",
    GREY = 0x8 => "grey",
    WHITE = 0x9 => "white",
    BRIGHT_RED = 0xA => "bright red",
    BRIGHT_YELLOW = 0xB => "bright yellow",
    BRIGHT_GREEN = 0xC => "bright green",
    BRIGHT_CYAN = 0xD => "bright cyan",
    BRIGHT_BLUE = 0xE => "bright blue",
    BRIGHT_MAGENTA = 0xF => "bright magenta",
}

codes! {
    /// A sound that every handset has.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.10.3.1.
    pub struct Sound(u8);
    CHIMES_HIGH = 0 => "chimes high",
    CHIMES_LOW = 1 => "chimes low",
    DING = 2 => "ding",
    TA_DA = 3 => "ta-da",
    NOTIFY = 4 => "notify",
    DRUM = 5 => "drum",
    CLAPS = 6 => "claps",
    FANFARE = 7 => "fanfare",
    CHORD_HIGH = 8 => "chord high",
    CHORD_LOW = 9 => "chord low",
    0x0A..=0xFF => "reserved",
}

codes! {
    /// An animation that every handset has.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.10.3.2.
    pub struct Animation(u8);
    IRONIC = 0 => "I am ironic, flirty",
    GLAD = 1 => "I am glad",
    SCEPTIC = 2 => "I am sceptic",
    SAD = 3 => "I am sad",
    WOW = 4 => "wow",
    CRYING = 5 => "I am crying",
    WINKING = 6 => "I am winking",
    LAUGHING = 7 => "I am laughing",
    INDIFFERENT = 8 => "I am indifferent",
    KISSING = 9 => "in love, kissing",
    CONFUSED = 10 => "I am confused",
    TONGUE = 11 => "tongue hanging out",
    ANGRY = 12 => "I am angry",
    GLASSES = 13 => "wearing glasses",
    DEVIL = 14 => "devil",
    0x0F..=0xFF => "reserved",
}

/// A sound, a picture or an animation, at a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Object<'a> {
    /// What it is.
    pub kind: ObjectKind,
    /// Where in the part.
    pub position: u8,
    /// The melody, the pixels or the graphics.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub data: &'a [u8],
}

/// What an [`Object`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ObjectKind {
    /// An iMelody, at most 128 octets.
    Sound,
    /// Four frames of 16 × 16 pixels, 128 octets.
    LargeAnimation,
    /// Four frames of 8 × 8 pixels, 32 octets.
    SmallAnimation,
    /// 32 × 32 pixels, 128 octets.
    LargePicture,
    /// 16 × 16 pixels, 32 octets.
    SmallPicture,
    /// Vector graphics.
    Graphics,
    /// Vector graphics as large as a character.
    CharacterGraphics,
}

impl ObjectKind {
    /// Each kind, its element, and the octets of its data where it allows no others.
    pub(super) const TABLE: [(Self, Identifier, Option<usize>); 7] = [
        (Self::Sound, Identifier::SOUND, None),
        (Self::LargeAnimation, Identifier::LARGE_ANIMATION, Some(128)),
        (Self::SmallAnimation, Identifier::SMALL_ANIMATION, Some(32)),
        (Self::LargePicture, Identifier::LARGE_PICTURE, Some(128)),
        (Self::SmallPicture, Identifier::SMALL_PICTURE, Some(32)),
        (Self::Graphics, Identifier::STANDARD_VECTOR_GRAPHICS, None),
        (Self::CharacterGraphics, Identifier::CHARACTER_VECTOR_GRAPHICS, None),
    ];
}

/// An object of any kind.
///
/// Where it is longer than a part has room for, it goes on in an element of the next part, which
/// has none of these fields but the data.
///
/// 3GPP TS 23.040, section 9.2.3.24.10.1.13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExtendedObject<'a> {
    /// Names it in its message.
    pub reference: u8,
    /// Octets of all its data.
    pub len: u16,
    /// Bit 0: must not be passed on; bit 1: the user is asked what to do with it.
    pub control: u8,
    /// What it is.
    pub kind: ExtendedKind,
    /// Where in the message.
    pub position: u16,
    /// Its data, as far as the part has room for it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub data: &'a [u8],
}

codes! {
    /// What an extended object is.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.10.1.13; annex E has the formats.
    pub struct ExtendedKind(u8);
    PREDEFINED_SOUND = 0x00 => "predefined sound",
    MELODY = 0x01 => "iMelody",
    BITMAP = 0x02 => "black and white bitmap",
    GREYSCALE_BITMAP = 0x03 => "2-bit greyscale bitmap",
    COLOUR_BITMAP = 0x04 => "6-bit colour bitmap",
    PREDEFINED_ANIMATION = 0x05 => "predefined animation",
    BITMAP_ANIMATION = 0x06 => "black and white animation",
    GREYSCALE_ANIMATION = 0x07 => "2-bit greyscale animation",
    COLOUR_ANIMATION = 0x08 => "6-bit colour animation",
    VCARD = 0x09 => "vCard",
    VCALENDAR = 0x0A => "vCalendar",
    GRAPHICS = 0x0B => "vector graphics",
    POLYPHONIC_MELODY = 0x0C => "polyphonic melody",
    DATA_FORMAT_REQUEST = 0xFF => "request for the formats that are known",
    0x0D..=0xFE => "reserved",
}

/// `left, large, bold`.
impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 & 0b11 {
            0 => "left",
            1 => "centre",
            2 => "right",
            _ => "aligned as the language is",
        })?;
        f.write_str(match self.0 >> 2 & 0b11 {
            0 => "",
            1 => ", large",
            2 => ", small",
            _ => ", reserved size",
        })?;
        let styles = [(4, ", bold"), (5, ", italic"), (6, ", underlined"), (7, ", struck through")];
        styles
            .iter()
            .filter(|(bit, _)| self.0 >> bit & 1 != 0)
            .try_for_each(|(_, w)| f.write_str(w))
    }
}

/// `5 characters from 0: left, bold`.
impl fmt::Display for TextFormatting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, len, style, colours } = self;
        write!(f, "{len} characters from {position}: {style}")?;
        colours.map_or(Ok(()), |colours| write!(f, ", {colours}"))
    }
}

/// `black on white`.
impl fmt::Display for Colours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [text, behind] =
            [self.foreground(), self.background()].map(|c| c.words().unwrap_or_default());
        write!(f, "{text} on {behind}")
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sound => "sound",
            Self::LargeAnimation => "large animation",
            Self::SmallAnimation => "small animation",
            Self::LargePicture => "large picture",
            Self::SmallPicture => "small picture",
            Self::Graphics => "vector graphics",
            Self::CharacterGraphics => "vector graphics as large as a character",
        })
    }
}

/// `sound, 2 octets at 5`.
impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} octets at {}", self.kind, self.data.len(), self.position)
    }
}

/// `object 1, 9 (vCard), 2 of 5 octets at 11`.
impl fmt::Display for ExtendedObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reference, len, kind, position, data, .. } = self;
        write!(f, "object {reference}, {kind}, {} of {len} octets at {position}", data.len())
    }
}
