//! The character set that strings have between terminal and modem.
//!
//! 3GPP TS 27.007, section 5.5 (`+CSCS`).

use septet::gsm7::{Code, Tables};
use septet::pdu::hex;
use septet::ucs2;

/// A character set of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// The GSM 7-bit default alphabet, an octet for each septet.
    Gsm,
    /// ASCII.
    Ira,
    /// UTF-16 in hexadecimal digits.
    Ucs2,
    /// The octets of [`Gsm`](Self::Gsm) in hexadecimal digits.
    Hex,
    /// ISO 8859-1.
    Latin1,
}

/// Stands for what a character set lacks.
const SUBSTITUTE: u8 = b'?';

impl Charset {
    /// Each with its name.
    pub(super) const ALL: [(&'static str, Self); 5] = [
        ("GSM", Self::Gsm),
        ("IRA", Self::Ira),
        ("UCS2", Self::Ucs2),
        ("HEX", Self::Hex),
        ("8859-1", Self::Latin1),
    ];

    pub(super) fn new(name: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, charset)| charset)
    }

    pub(super) fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, charset)| *charset == self).map_or("", |(name, _)| name)
    }

    /// The text as it is written to the terminal.
    pub(super) fn encode(self, text: impl Iterator<Item = char>) -> Vec<u8> {
        match self {
            Self::Gsm => text.flat_map(septets).collect(),
            Self::Ira => text.map(|c| if c.is_ascii() { c as u8 } else { SUBSTITUTE }).collect(),
            Self::Ucs2 => {
                let text: String = text.collect();
                let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                hex(&octets).collect()
            }
            Self::Hex => hex(&Self::Gsm.encode(text)).collect(),
            Self::Latin1 => text.map(|c| u8::try_from(c).unwrap_or(SUBSTITUTE)).collect(),
        }
    }

    /// A name or a number as it is written to the terminal. In [`Hex`](Self::Hex) it is plain: gammu
    /// chooses that where it can, and reads only texts by it.
    pub(super) fn encode_name(self, name: impl Iterator<Item = char>) -> Vec<u8> {
        match self {
            Self::Hex => Self::Gsm.encode(name),
            Self::Gsm | Self::Ira | Self::Ucs2 | Self::Latin1 => self.encode(name),
        }
    }

    /// The text that the terminal wrote; `None` where it should have written hexadecimal digits.
    pub(super) fn decode(self, octets: &[u8]) -> Option<String> {
        let gsm = |octets: &[u8]| {
            Tables::DEFAULT.chars(octets.iter().map(|octet| octet & 0x7F)).collect()
        };
        Some(match self {
            Self::Gsm => gsm(octets),
            Self::Ira => octets.iter().map(|octet| char::from(octet & 0x7F)).collect(),
            Self::Ucs2 => ucs2::chars(ucs2::units(&unhex(octets, 2)?)).collect(),
            Self::Hex => gsm(&unhex(octets, 1)?),
            Self::Latin1 => octets.iter().map(|octet| char::from(*octet)).collect(),
        })
    }

    /// The number that the terminal wrote. Some write its plain digits in every character set.
    pub(super) fn number(self, octets: &[u8]) -> Option<String> {
        let is_number =
            |text: &String| text.chars().all(|c| c.is_ascii_digit() || "+*#abcABC".contains(c));
        let plain = || String::from_utf8(octets.to_vec()).ok();
        self.decode(octets).filter(is_number).or_else(plain)
    }
}

fn septets(c: char) -> Vec<u8> {
    Tables::DEFAULT.code(c).map_or_else(|| vec![SUBSTITUTE], |code: Code| code.septets().collect())
}

/// The octets that hexadecimal digits spell, a multiple of `unit`.
pub(super) fn unhex(digits: &[u8], unit: usize) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16).map(|digit| digit as u8);
    let octets = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    let octets: Vec<u8> = octets.collect::<Option<_>>()?;
    octets.len().is_multiple_of(unit).then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_and_read_in_each_character_set() {
        for (charset, text, octets) in [
            (Charset::Gsm, "@ø€", &[0x00, 0x0C, 0x1B, 0x65][..]),
            (Charset::Ira, "a@b", b"a@b"),
            (Charset::Ucs2, "æ漢", b"00E66F22"),
            (Charset::Hex, "@ø€", b"000C1B65"),
            (Charset::Latin1, "æ@", &[0xE6, 0x40]),
        ] {
            assert_eq!(charset.encode(text.chars()), octets, "{text}");
            assert_eq!(charset.decode(octets).as_deref(), Some(text));
            assert_eq!(Charset::new(charset.name()), Some(charset));
        }
    }

    #[test]
    fn what_a_character_set_lacks_is_a_question_mark() {
        for charset in [Charset::Gsm, Charset::Ira, Charset::Latin1] {
            assert_eq!(charset.encode("a漢".chars()), b"a?");
        }
    }

    #[test]
    fn a_number_is_read_plain_and_in_the_character_set() {
        assert_eq!(Charset::Ucs2.number(b"002B00340035").as_deref(), Some("+45"));
        assert_eq!(Charset::Ucs2.number(b"+45").as_deref(), Some("+45"));
        assert_eq!(Charset::Ucs2.decode(b"12"), None);
    }
}
