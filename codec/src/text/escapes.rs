//! Octets that stand for other octets, in forms, paths and JSON.

use super::Charset;
use crate::error::ErrorKind;

/// How octets stand for other octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Escapes {
    None,
    /// `application/x-www-form-urlencoded`: `%41`, and `+` for a space.
    Form,
    /// A segment of a path: `%41`, and `+` for itself.
    Percent,
    /// What stands between the quotation marks of a JSON string: `\n`, `\u0041`.
    Json,
}

/// How the octets of a text stand for its characters: in one word, since texts are moved about a lot.
#[derive(Clone, Copy)]
pub(super) struct Encoding(u32);

impl Encoding {
    const BACKSLASHES: u32 = 1 << 8;

    pub(super) const fn new(escapes: Escapes, charset: Charset) -> Self {
        Self(escapes as u32 | (charset as u32) << 16)
    }

    pub(super) const fn escapes(self) -> Escapes {
        match self.0 & 0xFF {
            0 => Escapes::None,
            1 => Escapes::Form,
            2 => Escapes::Percent,
            _ => Escapes::Json,
        }
    }

    /// Whether octets are UTF-8 as they stand.
    pub(super) const fn is_utf8(self) -> bool {
        self.0 == Self::new(Escapes::None, Charset::Utf8).0
    }

    pub(super) const fn with_escapes(self, escapes: Escapes) -> Self {
        Self(self.0 & !0xFF | escapes as u32)
    }

    /// Whether a backslash has the octet after it stand for itself, once other escapes are undone.
    pub(super) const fn has_backslashes(self) -> bool {
        self.0 & Self::BACKSLASHES != 0
    }

    pub(super) const fn with_backslashes(self) -> Self {
        Self(self.0 | Self::BACKSLASHES)
    }

    pub(super) const fn charset(self) -> Charset {
        match self.0 >> 16 {
            0 => Charset::Utf8,
            1 => Charset::Latin1,
            2 => Charset::Windows1252,
            3 => Charset::Latin1Gsm,
            _ => Charset::HexUtf16,
        }
    }

    pub(super) const fn with_charset(self, charset: Charset) -> Self {
        Self(self.0 & 0xFFFF | (charset as u32) << 16)
    }
}

/// The value of a hexadecimal digit.
#[inline(never)]
pub(crate) const fn hex_digit(octet: u8) -> Option<u8> {
    // Small letters are the capitals with bit 5 set; digits have it anyway.
    match octet | 0x20 {
        digit @ b'0'..=b'9' if octet & 0x20 != 0 => Some(digit - b'0'),
        letter @ b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

/// Octets with their escapes undone.
#[derive(Clone, Copy)]
pub(super) struct Unescaped<'a> {
    pub(super) raw: &'a [u8],
    pub(super) encoding: Encoding,
}

impl Unescaped<'_> {
    /// The next octet: `None` at the end, an error where an escape is broken.
    pub(super) fn next(&mut self) -> Option<Result<u8, ErrorKind>> {
        match self.next_plain()? {
            Ok(b'\\') if self.encoding.has_backslashes() => {
                Some(self.next_plain().unwrap_or(Err(ErrorKind::Escape)))
            }
            octet => Some(octet),
        }
    }

    fn next_plain(&mut self) -> Option<Result<u8, ErrorKind>> {
        let (octet, rest) = match (self.encoding.escapes(), self.raw) {
            (_, []) => return None,
            (Escapes::Form | Escapes::Percent, [b'%', high, low, rest @ ..]) => {
                match (hex_digit(*high), hex_digit(*low)) {
                    (Some(high), Some(low)) => (high << 4 | low, rest),
                    _ => return Some(Err(ErrorKind::Escape)),
                }
            }
            (Escapes::Form | Escapes::Percent, [b'%', ..]) => return Some(Err(ErrorKind::Escape)),
            (Escapes::Form, [b'+', rest @ ..]) => (b' ', rest),
            (_, [octet, rest @ ..]) => (*octet, rest),
        };
        self.raw = rest;
        Some(Ok(octet))
    }
}

/// The octets with their escapes undone, up to one that is broken.
pub(crate) fn unescaped(raw: &[u8], escapes: Escapes) -> impl Iterator<Item = u8> + Clone {
    let mut octets = Unescaped { raw, encoding: Encoding::new(escapes, Charset::Utf8) };
    core::iter::from_fn(move || octets.next()?.ok())
}

impl Unescaped<'_> {
    /// The character that a JSON escape stands for, behind its backslash.
    pub(super) fn json_escape(&mut self) -> Result<char, ErrorKind> {
        let [kind, rest @ ..] = self.raw else { return Err(ErrorKind::Escape) };
        self.raw = rest;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(*kind),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.json_unit()?;
                if !(0xD800..0xDC00).contains(&first) {
                    // Half of a pair is no character.
                    return char::from_u32(first).ok_or(ErrorKind::Charset);
                }
                let [b'\\', b'u', rest @ ..] = self.raw else { return Err(ErrorKind::Charset) };
                self.raw = rest;
                let second = self.json_unit()?;
                if !(0xDC00..0xE000).contains(&second) {
                    return Err(ErrorKind::Charset);
                }
                let code = 0x1_0000 + ((first & 0x3FF) << 10 | second & 0x3FF);
                char::from_u32(code).ok_or(ErrorKind::Charset)?
            }
            _ => return Err(ErrorKind::Escape),
        })
    }

    /// The four hexadecimal digits of a `\u` escape.
    fn json_unit(&mut self) -> Result<u32, ErrorKind> {
        let [a, b, c, d, rest @ ..] = self.raw else { return Err(ErrorKind::Escape) };
        self.raw = rest;
        [*a, *b, *c, *d].iter().try_fold(0, |unit, octet| {
            Ok(unit << 4 | u32::from(hex_digit(*octet).ok_or(ErrorKind::Escape)?))
        })
    }
}
