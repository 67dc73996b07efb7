//! UCS-2, which in real messages is UTF-16: characters ⇄ octets, most significant first.
//!
//! ```
//! use septet::ucs2::{chars, emit, units};
//! use septet::wire::Writer;
//!
//! let mut octets = [0; 140];
//! let mut w = Writer::new(&mut octets);
//! emit("日😀".chars(), &mut w)?;
//! assert_eq!(w.written(), [0x65, 0xE5, 0xD8, 0x3D, 0xDE, 0x00]);
//! assert!(chars(units(w.written())).eq("日😀".chars()));
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 23.038, section 6.2.3.

use core::iter::FusedIterator;

use crate::error::Error;
use crate::runs::Runs;
use crate::text;
use crate::wide::WIDE;
use crate::wire::Writer;

pub(crate) use self::wide::count;

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
    Chars { units, back: None }
}

/// Writes `characters` and returns how many octets they took.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub fn emit(characters: impl Runs, w: &mut Writer<'_>) -> Result<usize, Error> {
    let len = put(characters, w);
    w.check().map(|()| len)
}

/// As [`emit`]; whether there was room, the writer tells.
pub(crate) fn put(mut characters: impl Runs, w: &mut Writer<'_>) -> usize {
    let start = w.len();
    loop {
        if WIDE {
            let (read, written) = wide::encode(characters.ahead(), w.free());
            characters.skip_ahead(read);
            w.advance(written);
        }
        let Some(c) = characters.next() else { break };
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
pub struct Chars<U: Iterator<Item = u16>> {
    units: U,
    /// What followed the first half of a pair and is not the second.
    back: Option<u16>,
}

impl<U: Iterator<Item = u16>> Iterator for Chars<U> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let first = match self.back.take() {
            Some(unit) => unit,
            None => self.units.next()?,
        };
        if first & 0xFC00 != 0xD800 {
            return Some(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let second = self.units.next();
        if let Some(second) = second
            && second & 0xFC00 == 0xDC00
        {
            let code = 0x1_0000 + (u32::from(first & 0x3FF) << 10 | u32::from(second & 0x3FF));
            return char::from_u32(code);
        }
        self.back = second;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (low, high) = self.units.size_hint();
        let back = usize::from(self.back.is_some());
        (low.saturating_add(back).div_ceil(2), high.and_then(|high| high.checked_add(back)))
    }
}

impl Chars<Units<'_>> {
    /// Writes the characters that are left, as UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub fn emit(mut self, w: &mut Writer<'_>) -> Result<(), Error> {
        loop {
            if WIDE && self.back.is_none() {
                let (read, written) = wide::decode(self.units.octets, w.free());
                self.units.octets = self.units.octets.get(read..).unwrap_or_default();
                w.advance(written);
            }
            let Some(c) = self.next() else { return Ok(()) };
            w.text(c.encode_utf8(&mut [0; 4]))?;
        }
    }

    /// Copies the characters that are left to the front of `buffer`, as UTF-8. What is behind them may
    /// be overwritten.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub fn copy_to(self, buffer: &mut [u8]) -> Result<&str, Error> {
        text::written(buffer, |w| self.emit(w))
    }
}

/// UTF-8 to code units and back, many octets at a time, as far as that goes.
mod wide {
    use crate::runs::Count;
    use crate::wide::{Free, behind};

    /// Counts characters that have room for as many code units.
    pub(crate) fn count(octets: &[u8], room: usize) -> Count {
        let mut rest = octets;
        let mut count = Count::default();
        loop {
            while let Some(block) = rest.first_chunk::<16>()
                && room.saturating_sub(count.units) >= 16
                && block.is_ascii()
            {
                rest = behind(rest, 16);
                count.characters = count.characters.wrapping_add(16);
                count.units = count.units.wrapping_add(16);
            }
            for _ in 0..16 {
                let next = match rest {
                    [0..0x80, ..] => Some((1, 1)),
                    [0xC2..=0xDF, 0x80..=0xBF, ..] => Some((2, 1)),
                    [0xE0..=0xEF, 0x80..=0xBF, 0x80..=0xBF, ..] => Some((3, 1)),
                    [0xF0..=0xF4, 0x80..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..] => Some((4, 2)),
                    _ => None,
                };
                let fits = next.filter(|(_, units)| count.units.wrapping_add(*units) <= room);
                let Some((len, units)) = fits else {
                    count.octets = octets.len().saturating_sub(rest.len());
                    return count;
                };
                rest = behind(rest, len);
                count.characters = count.characters.wrapping_add(1);
                count.units = count.units.wrapping_add(units);
            }
        }
    }

    /// Writes what UTF-8 stands for as code units, as far as there is room: the octets that were read and
    /// those that were written.
    pub(super) fn encode(octets: &[u8], free: &mut [u8]) -> (usize, usize) {
        let room = free.len();
        let (mut rest, mut free) = (octets, Free::new(free));
        loop {
            while let (Some(block), Some(to)) = (rest.first_chunk::<16>(), free.next::<32>())
                && block.is_ascii()
            {
                let units = block.map(|octet| u16::from(octet).to_be_bytes());
                to.as_chunks_mut().0.iter_mut().zip(units).for_each(|(to, unit)| *to = unit);
                rest = behind(rest, 16);
                free.advance(32);
            }
            if let (Some(word), Some(to)) = (rest.first_chunk::<8>(), free.next::<16>())
                && word.is_ascii()
            {
                let units = word.map(|octet| u16::from(octet).to_be_bytes());
                to.as_chunks_mut().0.iter_mut().zip(units).for_each(|(to, unit)| *to = unit);
                rest = behind(rest, 8);
                free.advance(16);
            }
            for _ in 0..16 {
                let (read, unit) = match rest {
                    [octet @ 0..0x80, ..] => (1, u16::from(*octet)),
                    [lead @ 0xC2..=0xDF, next @ 0x80..=0xBF, ..] => {
                        (2, u16::from(lead & 0x1F) << 6 | u16::from(next & 0x3F))
                    }
                    // Those of three octets that are no surrogates and not shorter in two.
                    [lead @ 0xE1..=0xEC, next @ 0x80..=0xBF, last @ 0x80..=0xBF, ..] => {
                        let high = u16::from(lead & 0x0F) << 12 | u16::from(next & 0x3F) << 6;
                        (3, high | u16::from(last & 0x3F))
                    }
                    _ => (0, 0),
                };
                match free.next() {
                    Some(to) if read > 0 => *to = unit.to_be_bytes(),
                    _ => {
                        return (
                            octets.len().saturating_sub(rest.len()),
                            room.saturating_sub(free.len()),
                        );
                    }
                }
                rest = behind(rest, read);
                free.advance(2);
            }
        }
    }

    /// Writes code units as UTF-8, as far as there is room, up to a surrogate: the octets that were read
    /// and those that were written. Behind those more may be overwritten.
    pub(super) fn decode(octets: &[u8], free: &mut [u8]) -> (usize, usize) {
        let room = free.len();
        let (mut rest, mut free) = (octets, Free::new(free));
        loop {
            while let (Some(block), Some(to)) = (rest.first_chunk::<16>(), free.next::<8>()) {
                let units = block.as_chunks::<2>().0;
                if units.iter().fold(0, |all, [high, low]| all | high | low & 0x80) != 0 {
                    break;
                }
                to.iter_mut().zip(units).for_each(|(to, [_, low])| *to = *low);
                rest = behind(rest, 16);
                free.advance(8);
            }
            for _ in 0..8 {
                let (Some(unit), Some(to)) = (rest.first_chunk(), free.next::<4>()) else {
                    return (
                        octets.len().saturating_sub(rest.len()),
                        room.saturating_sub(free.len()),
                    );
                };
                let unit = u32::from(u16::from_be_bytes(*unit));
                let last = 0x80 | unit & 0x3F;
                let (len, utf8) = match unit {
                    0..0x80 => (1, unit),
                    0x80..0x800 => (2, 0xC0 | unit >> 6 | last << 8),
                    0xD800..0xE000 => {
                        return (
                            octets.len().saturating_sub(rest.len()),
                            room.saturating_sub(free.len()),
                        );
                    }
                    _ => (3, 0xE0 | unit >> 12 | (0x80 | unit >> 6 & 0x3F) << 8 | last << 16),
                };
                *to = utf8.to_le_bytes();
                rest = behind(rest, 2);
                free.advance(len);
            }
        }
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

    /// Written, counted and read many at a time as one by one.
    fn texts_agree(text: &str) {
        let mut octets = std::vec![0; 4 * text.len() + 4];
        let mut w = Writer::new(&mut octets);
        emit(text.chars(), &mut w).unwrap();
        let wide = w.written().to_vec();
        let mut w = Writer::new(&mut octets);
        emit(crate::runs::OneByOne(text.chars()), &mut w).unwrap();
        assert_eq!(wide, w.written(), "{text:?}");
        for room in [wide.len() / 2, (wide.len() / 2).saturating_sub(1)] {
            let crate::runs::Count { octets, characters, units } = count(text.as_bytes(), room);
            let (front, rest) = text.split_at(octets);
            assert_eq!((front.chars().count(), front.encode_utf16().count()), (characters, units));
            let next = rest.chars().next().map(char::len_utf16);
            assert!(units <= room && next.is_none_or(|next| units + next > room), "{text:?}");
        }
        units_agree(&wide);
        // Just as much room as it takes, and less.
        let mut tight = std::vec![0; wide.len()];
        assert_eq!(emit(text.chars(), &mut Writer::new(&mut tight)), Ok(wide.len()));
        let full = tight.pop().map(|_| emit(text.chars(), &mut Writer::new(&mut tight)));
        assert!(full.is_none_or(|full| full.is_err()));
    }

    fn units_agree(octets: &[u8]) {
        let plain: std::string::String = chars(units(octets)).collect();
        let std = char::decode_utf16(units(octets)).map(|c| c.unwrap_or('\u{FFFD}'));
        assert!(std.eq(plain.chars()), "{octets:?}");
        for more in [0, 3, 100] {
            let mut buffer = std::vec![0; plain.len() + more];
            assert_eq!(chars(units(octets)).copy_to(&mut buffer), Ok(&*plain), "{octets:?}");
        }
        if let Some(less) = plain.len().checked_sub(1) {
            assert!(chars(units(octets)).copy_to(&mut std::vec![0; less]).is_err());
        }
    }

    #[test]
    fn every_character_is_what_it_is_one_by_one() {
        for c in ('\0'..=char::MAX).step_by(7).chain('\0'..='\u{900}') {
            texts_agree(c.encode_utf8(&mut [0; 4]));
        }
        for unit in 0..=u16::MAX {
            units_agree(&unit.to_be_bytes());
        }
        for (len, c) in (0..40).flat_map(|len| "é日😀".chars().map(move |c| (len, c))) {
            let mut text = "a".repeat(len);
            text.push(c);
            texts_agree(&(text + "bcdefghijklmnopqrst"));
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_are_what_they_are_one_by_one(text in ".{0,80}") {
            texts_agree(&text);
        }

        #[test]
        fn units_are_what_they_are_one_by_one(octets in proptest::collection::vec(0..0xFF_u8, 0..80)) {
            units_agree(&octets);
        }
    }
}
