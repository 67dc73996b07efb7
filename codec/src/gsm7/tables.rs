//! The tables of the GSM 7-bit alphabet as rows of characters.
//!
//! 3GPP TS 23.038, section 6.2.1. A language is one more [`National`]: its rows, its line in
//! [`NATIONAL`] and a feature of its name, so that a program has the tables of the languages that it
//! asks for.

#[cfg_attr(not(feature = "languages"), allow(dead_code, reason = "languages that nobody asks for"))]
mod asian;
#[cfg_attr(not(feature = "languages"), allow(dead_code, reason = "languages that nobody asks for"))]
mod latin;

use crate::tpdu::udh::Language;

/// The languages that have tables here.
pub(super) static NATIONAL: &[&National] = &[
    #[cfg(feature = "turkish")]
    &latin::TURKISH,
    #[cfg(feature = "spanish")]
    &latin::SPANISH,
    #[cfg(feature = "portuguese")]
    &latin::PORTUGUESE,
    #[cfg(feature = "bengali")]
    &asian::BENGALI,
    #[cfg(feature = "gujarati")]
    &asian::GUJARATI,
    #[cfg(feature = "hindi")]
    &asian::HINDI,
    #[cfg(feature = "kannada")]
    &asian::KANNADA,
    #[cfg(feature = "malayalam")]
    &asian::MALAYALAM,
    #[cfg(feature = "oriya")]
    &asian::ORIYA,
    #[cfg(feature = "punjabi")]
    &asian::PUNJABI,
    #[cfg(feature = "tamil")]
    &asian::TAMIL,
    #[cfg(feature = "telugu")]
    &asian::TELUGU,
    #[cfg(feature = "urdu")]
    &asian::URDU,
];

/// The tables of a national language.
pub(super) struct National {
    /// 3GPP TS 23.038, section 6.2.1.2.4.
    pub(super) language: Language,
    /// Spanish has none.
    pub(super) locking: Option<&'static Locking>,
    pub(super) single: Single,
}

/// The characters of septets without an escape before them, all of the basic multilingual plane.
///
/// The escape and a septet that has no character read as a space.
pub(super) type Locking = [u16; 128];

/// A septet behind an escape, and its character.
pub(super) type Cell = (u8, u16);

/// The table that a septet after an escape is looked up in.
pub(super) struct Single {
    /// What several languages share.
    pub(super) common: &'static [Cell],
    pub(super) own: &'static [Cell],
    /// What is read but never written, because not every reader has it.
    pub(super) read_only: &'static [Cell],
}

/// The septet of `character` in a main table.
pub(super) fn main_septet(main: &Locking, character: char) -> Option<u8> {
    let unit = u16::try_from(u32::from(character)).ok()?;
    // Most letters stand where ASCII has them.
    if main.get(usize::from(unit)) == Some(&unit) {
        return Some(unit as u8);
    }
    main.iter().position(|there| *there == unit).map(|septet| septet as u8)
}

impl Single {
    pub(super) fn septet(&self, character: char) -> Option<u8> {
        let mut cells = self.own.iter().chain(self.common);
        cells.find(|(_, unit)| u32::from(*unit) == u32::from(character)).map(|(septet, _)| *septet)
    }

    pub(super) fn character(&self, septet: u8) -> Option<char> {
        let mut cells = self.own.iter().chain(self.common).chain(self.read_only);
        let (_, unit) = cells.find(|(there, _)| *there == septet)?;
        char::from_u32((*unit).into())
    }
}

/// The GSM 7-bit default alphabet.
#[rustfmt::skip]
pub(super) static DEFAULT: Locking = row([
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
]);

/// The GSM 7-bit default alphabet extension table.
pub(super) static EXTENSION: Single = Single {
    common: &[],
    #[rustfmt::skip]
    own: &cells([
        (0x0A, '\u{C}'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2F, '\\'),
        (0x3C, '['), (0x3D, '~'), (0x3E, ']'), (0x40, '|'), (0x65, '€'),
    ]),
    read_only: &[],
};

/// Characters as the tables keep them: half as large.
const fn row<const N: usize>(characters: [char; N]) -> [u16; N] {
    let mut units = [0; N];
    let (mut from, mut to) = (characters.as_slice(), units.as_mut_slice());
    while let ([character, rest @ ..], [unit, place @ ..]) = (from, to) {
        *unit = unit_of(*character);
        (from, to) = (rest, place);
    }
    units
}

const fn cells<const N: usize>(characters: [(u8, char); N]) -> [Cell; N] {
    let mut units = [(0, 0); N];
    let (mut from, mut to) = (characters.as_slice(), units.as_mut_slice());
    while let ([(septet, character), rest @ ..], [cell, place @ ..]) = (from, to) {
        *cell = (*septet, unit_of(*character));
        (from, to) = (rest, place);
    }
    units
}

const fn unit_of(character: char) -> u16 {
    assert!(character as u32 <= 0xFFFF, "the tables have no other characters");
    character as u16
}
