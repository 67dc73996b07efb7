//! How octets stand for characters.

use core::fmt;

use super::hex_digit;
use crate::error::ErrorKind;
use crate::gsm7::{Code, Tables};

/// The most octets that stand for one character, in any charset.
pub(crate) const ENCODED_MAX: usize = 8;

/// How octets stand for characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u32)]
pub enum Charset {
    /// UTF-8.
    #[default]
    Utf8,
    /// ISO 8859-1; the C1 controls 0x80..=0x9F are refused.
    Latin1,
    /// ISO 8859-1 as many programs write it: 0x80..=0x9F are those of Windows code page 1252.
    Windows1252,
    /// The GSM default alphabet in octets of ISO 8859-1, as one vendor has it: Greek capitals in
    /// the place of letters that GSM lacks, and 0xBB before the code of an extension character.
    Latin1Gsm,
    /// UTF-16, big-endian, as hexadecimal digits: four for each code unit.
    HexUtf16,
}

/// The characters that code page 1252 has at 0x80..=0x9F; U+FFFD where it has none.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{FFFD}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{FFFD}', 'Ž',
    '\u{FFFD}', '\u{FFFD}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{FFFD}',
    'ž', 'Ÿ',
];

/// Octets of ISO 8859-1 whose character GSM lacks, and the Greek capital that stands there.
const GREEK: [(u8, char); 10] = [
    (0xD0, 'Δ'),
    (0xDE, 'Φ'),
    (0xAC, 'Γ'),
    (0xC2, 'Λ'),
    (0xDB, 'Ω'),
    (0xBA, 'Π'),
    (0xDD, 'Ψ'),
    (0xCA, 'Σ'),
    (0xD4, 'Θ'),
    (0xB1, 'Ξ'),
];

/// The octet before the code of an extension character.
const EXTENSION: u8 = 0xBB;

impl Charset {
    /// The next character of `octets`: `None` at the end, an error where it is none of this charset.
    pub(crate) fn decode(
        self,
        mut octets: impl FnMut() -> Option<u8>,
    ) -> Option<Result<char, ErrorKind>> {
        let first = octets()?;
        let c = match self {
            Self::Utf8 => utf8(first, octets),
            Self::Latin1 => (!(0x80..0xA0).contains(&first)).then_some(char::from(first)),
            Self::Windows1252 => match first {
                0x80..0xA0 => WINDOWS_1252
                    .get(usize::from(first & 0x1F))
                    .copied()
                    .filter(|c| *c != char::REPLACEMENT_CHARACTER),
                _ => Some(char::from(first)),
            },
            Self::Latin1Gsm => latin1_gsm(first, octets),
            Self::HexUtf16 => hex_utf16(first, octets),
        };
        Some(c.ok_or(ErrorKind::Charset))
    }

    /// Whether the octet, where a character begins, is the one of ASCII.
    pub(super) fn is_ascii(self, octet: u8) -> bool {
        match self {
            Self::Utf8 | Self::Latin1 | Self::Windows1252 => octet.is_ascii(),
            // Not every character of ASCII is in the GSM alphabet.
            Self::Latin1Gsm => octet.is_ascii_alphanumeric() || octet == b' ',
            Self::HexUtf16 => false,
        }
    }

    /// Whether the charset has the character.
    pub fn carries(self, c: char) -> bool {
        self.encode(c, &mut [0; ENCODED_MAX]).is_ok()
    }

    /// The octets that stand for `c`, in `buffer`.
    ///
    /// # Errors
    /// [`ErrorKind::Unencodable`].
    pub(crate) fn encode(
        self,
        c: char,
        buffer: &mut [u8; ENCODED_MAX],
    ) -> Result<&[u8], ErrorKind> {
        let latin1 = |c: char| u8::try_from(c).ok().filter(|octet| !(0x80..0xA0).contains(octet));
        let octet = match self {
            Self::Utf8 => return Ok(c.encode_utf8(buffer).as_bytes()),
            Self::Latin1 => latin1(c),
            Self::Windows1252 => {
                match WINDOWS_1252.iter().zip(0x80..).find(|(own, _)| **own == c) {
                    Some((_, octet)) if c != char::REPLACEMENT_CHARACTER => Some(octet),
                    _ => latin1(c),
                }
            }
            Self::Latin1Gsm => {
                let greek = || GREEK.iter().find(|(_, own)| *own == c).map(|(octet, _)| *octet);
                match Tables::DEFAULT.code(c) {
                    Some(Code::Main(_)) => greek().or_else(|| latin1(c)),
                    Some(Code::Extension(code)) => {
                        let [first, second, ..] = buffer;
                        (*first, *second) = (EXTENSION, code);
                        return Ok(buffer.get(..2).unwrap_or_default());
                    }
                    None => None,
                }
            }
            Self::HexUtf16 => return Ok(encode_hex(c, buffer)),
        };
        let [first, ..] = buffer;
        *first = octet.ok_or(ErrorKind::Unencodable(c))?;
        Ok(core::slice::from_ref(first))
    }
}

fn latin1_gsm(first: u8, mut next: impl FnMut() -> Option<u8>) -> Option<char> {
    if first == EXTENSION {
        return Tables::DEFAULT.extension_character(next()?);
    }
    if let Some((_, greek)) = GREEK.iter().find(|(own, _)| *own == first) {
        return Some(*greek);
    }
    match char::from(first) {
        // GSM has only the capital.
        'ç' => Some('Ç'),
        // The extension characters of ASCII stand for themselves, too.
        c => Tables::DEFAULT.code(c).map(|_| c),
    }
}

fn hex_utf16(first: u8, mut next: impl FnMut() -> Option<u8>) -> Option<char> {
    let mut unit = |first: Option<u8>| {
        let mut unit = 0;
        for i in 0..4 {
            let octet = match first {
                Some(first) if i == 0 => first,
                _ => next()?,
            };
            unit = unit << 4 | u32::from(hex_digit(octet)?);
        }
        Some(unit)
    };
    let high = unit(Some(first))?;
    if !(0xD800..0xDC00).contains(&high) {
        return char::from_u32(high);
    }
    let low = unit(None).filter(|low| (0xDC00..0xE000).contains(low))?;
    char::from_u32(0x1_0000 + ((high & 0x3FF) << 10 | low & 0x3FF))
}

fn encode_hex(c: char, buffer: &mut [u8; ENCODED_MAX]) -> &[u8] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units);
    for (unit, digits) in units.iter().zip(buffer.as_chunks_mut::<4>().0.iter_mut()) {
        for (digit, shift) in digits.iter_mut().zip([12_u32, 8, 4, 0]) {
            *digit = DIGITS.get(usize::from(unit >> shift & 0xF)).copied().unwrap_or_default();
        }
    }
    buffer.get(..4 * units.len()).unwrap_or_default()
}

/// The character that begins with `first`, by the well-formed sequences of the Unicode Standard,
/// table 3-7.
fn utf8(first: u8, mut next: impl FnMut() -> Option<u8>) -> Option<char> {
    let (more, bits, smallest) = match first {
        0x00..=0x7F => return Some(char::from(first)),
        0xC2..=0xDF => (1, first & 0x1F, 0x80),
        0xE0..=0xEF => (2, first & 0x0F, 0x800),
        0xF0..=0xF4 => (3, first & 0x07, 0x1_0000),
        _ => return None,
    };
    let mut code = u32::from(bits);
    for _ in 0..more {
        let octet = next().filter(|octet| octet & 0xC0 == 0x80)?;
        code = code << 6 | u32::from(octet & 0x3F);
    }
    if code < smallest { None } else { char::from_u32(code) }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Latin1 => "ISO 8859-1",
            Self::Windows1252 => "Windows-1252",
            Self::Latin1Gsm => "GSM in ISO 8859-1",
            Self::HexUtf16 => "UTF-16 in hexadecimal digits",
        })
    }
}
