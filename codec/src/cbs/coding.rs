//! The data coding scheme of a broadcast page: alphabet, language, class.
//!
//! 3GPP TS 23.038, section 5.
//!
//! ```text
//! bits 7..4
//! 0000   GSM 7-bit, bits 3..0 the language
//! 0001   0000 GSM 7-bit behind a language, 0001 UCS-2 behind a language
//! 0010   GSM 7-bit, bits 3..0 the language
//! 01cm   general; c: compressed, m: bits 1..0 are a class         bits 3..2 the alphabet
//! 1001   behind a header                                          bits 3..2 the alphabet, bits 1..0 the class
//! 1101   I1 protocol
//! 1110   WAP
//! 1111   bit 2: 8-bit data, bits 1..0 the class
//! others reserved
//! ```

use core::fmt;

use crate::gsm7;
use crate::tpdu::dcs::Alphabet;

/// How the content of a page is coded, as its octet.
///
/// A reserved value counts as the GSM 7-bit default alphabet, as the standard asks.
///
/// 3GPP TS 23.041, section 9.4.1.2.3; TS 23.038, section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Coding(pub u8);

/// The languages of group 0000.
const LANGUAGES: [[char; 2]; 15] = [
    ['d', 'e'],
    ['e', 'n'],
    ['i', 't'],
    ['f', 'r'],
    ['e', 's'],
    ['n', 'l'],
    ['s', 'v'],
    ['d', 'a'],
    ['p', 't'],
    ['f', 'i'],
    ['n', 'o'],
    ['e', 'l'],
    ['t', 'r'],
    ['h', 'u'],
    ['p', 'l'],
];

/// The languages of group 0010.
const MORE_LANGUAGES: [[char; 2]; 5] = [['c', 's'], ['h', 'e'], ['a', 'r'], ['r', 'u'], ['i', 's']];

impl Coding {
    /// GSM 7-bit default alphabet, of no language.
    pub const GSM7: Self = Self(0x0F);
    /// GSM 7-bit default alphabet; two letters of a language and a carriage return come first.
    pub const GSM7_WITH_LANGUAGE: Self = Self(0x10);
    /// UCS-2; two letters of a language in packed septets come first.
    pub const UCS2_WITH_LANGUAGE: Self = Self(0x11);
    /// UCS-2, of no language and no class.
    pub const UCS2: Self = Self(0x48);

    /// What the octets of the content are, once they are decompressed.
    pub const fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            0x1 if self.0 == Self::UCS2_WITH_LANGUAGE.0 => Alphabet::Ucs2,
            0x4..=0x7 | 0x9 => match self.0 >> 2 & 0b11 {
                1 => Alphabet::EightBit,
                2 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            // Data of another protocol.
            0xD | 0xE => Alphabet::EightBit,
            0xF if self.0 & 0x04 != 0 => Alphabet::EightBit,
            _ => Alphabet::Gsm7,
        }
    }

    /// The language that the coding says, two letters of ISO 639.
    pub fn language(self) -> Option<[char; 2]> {
        let languages: &[_] = match self.0 >> 4 {
            0x0 => &LANGUAGES,
            0x2 => &MORE_LANGUAGES,
            _ => return None,
        };
        languages.get(usize::from(self.0 & 0x0F)).copied()
    }

    /// The language of the text that `content` is, when the coding or the text says it.
    pub(crate) fn language_of(self, content: &[u8]) -> Option<[char; 2]> {
        self.language().or_else(|| self.split_language(content).map(|(language, _)| language))
    }

    /// The language that the text begins with, where the coding says that it does, and the octets
    /// behind two of them.
    pub(crate) fn split_language(self, content: &[u8]) -> Option<([char; 2], &[u8])> {
        let (head, rest) = content.split_first_chunk::<2>()?;
        let packed = || gsm7::unpack(content, 0, 3);
        let [first, second] = match self {
            Self::GSM7_WITH_LANGUAGE => {
                let mut septets = packed();
                let language = [septets.next()?, septets.next()?];
                septets.next().filter(|septet| *septet == b'\r')?;
                language
            }
            // Packed it should be. Some do not, which shows: packed the second octet is no letter.
            Self::UCS2_WITH_LANGUAGE if head.iter().all(u8::is_ascii_lowercase) => *head,
            Self::UCS2_WITH_LANGUAGE => {
                let mut septets = packed();
                [septets.next()?, septets.next()?]
            }
            _ => return None,
        };
        let language = [char::from(first), char::from(second)];
        language.iter().all(char::is_ascii_alphabetic).then_some((language, rest))
    }

    /// Whether the content begins with a language.
    pub const fn has_language(self) -> bool {
        self.0 == Self::GSM7_WITH_LANGUAGE.0 || self.0 == Self::UCS2_WITH_LANGUAGE.0
    }

    /// Whether the content begins with a user data header.
    pub const fn has_header(self) -> bool {
        self.0 >> 4 == 0x9
    }

    /// The class, 0..=3, when the coding says one.
    ///
    /// 0: shown at once, 1: for the handset, 2: for the SIM, 3: for the equipment behind the handset.
    /// In group 1111 1 and 2 are the user's to choose.
    pub const fn class(self) -> Option<u8> {
        let class = self.0 & 0b11;
        match self.0 >> 4 {
            0x5 | 0x7 | 0x9 => Some(class),
            0xF if class != 0 => Some(class),
            _ => None,
        }
    }

    /// Whether the content is compressed (TS 23.042), so that its text cannot be read here.
    pub const fn compressed(self) -> bool {
        matches!(self.0 >> 4, 0x6 | 0x7)
    }

    /// Whether the value is one that the standard reserves.
    pub const fn reserved(self) -> bool {
        match self.0 >> 4 {
            0x1 => !self.has_language(),
            0x2 => self.0 & 0x0F >= MORE_LANGUAGES.len() as u8,
            0x4..=0x7 | 0x9 => self.0 & 0x0C == 0x0C,
            0x3 | 0x8 | 0xA..=0xC => true,
            0xF => self.0 & 0x08 != 0,
            _ => false,
        }
    }
}

/// The alphabet, and what else the value says: `GSM 7-bit, en`.
impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 4 {
            0xD => f.write_str("I1 protocol")?,
            0xE => f.write_str("WAP")?,
            _ => self.alphabet().fmt(f)?,
        }
        if self.compressed() {
            f.write_str(", compressed")?;
        }
        if let Some([first, second]) = self.language() {
            write!(f, ", {first}{second}")?;
        }
        if self.has_language() {
            f.write_str(", behind its language")?;
        }
        if self.has_header() {
            f.write_str(", behind a header")?;
        }
        if let Some(class) = self.class() {
            write!(f, ", class {class}")?;
        }
        if self.reserved() {
            write!(f, " (reserved value 0x{:02X})", self.0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    #[test]
    fn each_group_has_its_words() {
        for (coding, words) in [
            (0x00, "GSM 7-bit, de"),
            (0x0E, "GSM 7-bit, pl"),
            (0x0F, "GSM 7-bit"),
            (0x10, "GSM 7-bit, behind its language"),
            (0x11, "UCS-2, behind its language"),
            (0x12, "GSM 7-bit (reserved value 0x12)"),
            (0x23, "GSM 7-bit, ru"),
            (0x25, "GSM 7-bit (reserved value 0x25)"),
            (0x30, "GSM 7-bit (reserved value 0x30)"),
            (0x44, "8-bit data"),
            (0x59, "UCS-2, class 1"),
            (0x64, "8-bit data, compressed"),
            (0x80, "GSM 7-bit (reserved value 0x80)"),
            (0x98, "UCS-2, behind a header, class 0"),
            (0xD0, "I1 protocol"),
            (0xE0, "WAP"),
            (0xF0, "GSM 7-bit"),
            (0xF6, "8-bit data, class 2"),
            (0xF8, "GSM 7-bit (reserved value 0xF8)"),
        ] {
            assert_eq!(Coding(coding).to_string(), words);
        }
    }
}
