//! UCS-2, which in real messages is UTF-16: characters ⇄ octets, most significant first.
//!
//! 3GPP TS 23.038, section 6.2.3.

use core::iter::FusedIterator;

use crate::error::Error;
use crate::wire::Writer;

/// The code units of `octets`; an odd octet at the end is dropped.
pub fn units(octets: &[u8]) -> Units<'_> {
    Units { octets }
}

/// The code units of `octets` whose order is that of the byte order mark in front, which is left out;
/// without a mark the most significant octet is first.
///
/// The standard knows no mark and no other order. Some gateways pass on what they were given, and then
/// U+FEFF or U+FFFE is the first character of a text that makes no sense.
///
/// The Unicode Standard, section 2.6 (UTF-16 encoding scheme).
pub fn units_by_mark(octets: &[u8]) -> impl Iterator<Item = u16> + Clone + '_ {
    let (body, swapped) = match octets {
        [0xFF, 0xFE, body @ ..] => (body, true),
        [0xFE, 0xFF, body @ ..] => (body, false),
        body => (body, false),
    };
    units(body).map(move |unit| if swapped { unit.swap_bytes() } else { unit })
}

/// The characters of code units; half of a surrogate pair that stands alone reads as U+FFFD.
pub fn chars<U: Iterator<Item = u16>>(units: U) -> Chars<U> {
    Chars(char::decode_utf16(units))
}

/// Writes `characters` and returns how many octets they took.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub fn emit(characters: impl Iterator<Item = char>, w: &mut Writer<'_>) -> Result<usize, Error> {
    let len = put(characters, w);
    w.check().map(|()| len)
}

/// As [`emit`]; whether there was room, the writer tells.
pub(crate) fn put(characters: impl Iterator<Item = char>, w: &mut Writer<'_>) -> usize {
    let start = w.len();
    for c in characters {
        for unit in c.encode_utf16(&mut [0; 2]) {
            w.put(&unit.to_be_bytes());
        }
    }
    w.len().saturating_sub(start)
}

/// Whether `octets` have half of a surrogate pair that stands alone.
pub(crate) fn has_lone_surrogate(octets: &[u8]) -> bool {
    char::decode_utf16(units(octets)).any(|c| c.is_err())
}

/// The code units of octets, made by [`units`].
#[derive(Clone, Debug)]
pub struct Units<'a> {
    octets: &'a [u8],
}

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let (unit, rest) = self.octets.split_first_chunk()?;
        self.octets = rest;
        Some(u16::from_be_bytes(*unit))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.octets.len() / 2;
        (len, Some(len))
    }
}

impl ExactSizeIterator for Units<'_> {}
impl FusedIterator for Units<'_> {}

/// The characters of code units, made by [`chars`].
#[derive(Clone, Debug)]
pub struct Chars<U: Iterator<Item = u16>>(core::char::DecodeUtf16<U>);

impl<U: Iterator<Item = u16>> Iterator for Chars<U> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        Some(self.0.next()?.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;

    #[test]
    fn surrogate_pairs_are_one_character() {
        let mut buffer = [0; 8];
        let mut w = Writer::new(&mut buffer);
        assert_eq!(emit("a😀".chars(), &mut w), Ok(6));
        assert_eq!(w.written(), [0x00, 0x61, 0xD8, 0x3D, 0xDE, 0x00]);
        assert!(chars(units(w.written())).eq("a😀".chars()));
    }

    #[test]
    fn a_mark_tells_the_order() {
        let text = |octets| chars(units_by_mark(octets)).collect::<std::string::String>();
        assert_eq!(text(&[0xFF, 0xFE, 0x3D, 0xD8, 0x00, 0xDE, 0x41, 0x00]), "😀A");
        assert_eq!(text(&[0xFE, 0xFF, 0xD8, 0x3D, 0xDE, 0x00]), "😀");
        assert_eq!(text(&[0x00, 0x41]), "A");
        assert_eq!(text(&[0xFF, 0xFE]), "");
    }

    #[test]
    fn what_is_broken_reads_as_far_as_it_goes() {
        assert!(chars(units(&[0x00, 0x61, 0xD8, 0x3D, 0x00])).eq("a\u{FFFD}".chars()));
        assert!(has_lone_surrogate(&[0xDE, 0x00]));
    }
}
