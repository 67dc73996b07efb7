//! The default tables many octets at a time: how much a text takes, characters to septets and back.
//!
//! Each function goes as far as it can; what stands there the plain loop beside its call takes.

use super::tables::{DEFAULT, EXTENSION};
use super::{Code, ESCAPE, Packer, Septets, Tables};
use crate::runs::{Count, Runs};
use crate::wide::{self, Free, behind};
use crate::wire::Writer;

/// A character that the tables lack.
pub(super) const NONE: u16 = 0xFFFF;
/// The least of two septets, the escape in the lower octet.
pub(super) const EXTENDED: u16 = 0x100;

/// The septets of the characters up to U+00FF.
pub(super) static LATIN: [u16; 256] = septets(0);
/// Those of the characters from U+0380 on: the Greek capitals.
pub(super) static GREEK: [u16; 64] = septets(0x380);
/// Those of the euro sign.
const EURO: u16 = 0x65 << 8 | ESCAPE as u16;

const fn septets<const N: usize>(first: u32) -> [u16; N] {
    let mut septets = [NONE; N];
    let mut place = septets.as_mut_slice();
    let mut unit = first;
    while let Some((septet, rest)) = place.split_first_mut() {
        *septet = septets_of(unit);
        place = rest;
        unit += 1;
    }
    septets
}

const fn septets_of(unit: u32) -> u16 {
    let (mut main, mut septet) = (DEFAULT_UNITS, 0);
    while let Some((own, rest)) = main.split_first() {
        if *own as u32 == unit && septet != ESCAPE {
            return septet as u16;
        }
        main = rest;
        septet += 1;
    }
    let mut cells = EXTENSION.own;
    while let Some(((septet, own), rest)) = cells.split_first() {
        if *own as u32 == unit {
            return (*septet as u16) << 8 | ESCAPE as u16;
        }
        cells = rest;
    }
    NONE
}

const DEFAULT_UNITS: &[u16] = &DEFAULT;

/// The septets of the first character of `octets`, and what is behind it; `None` where it is none of those
/// that the tables have, or not whole.
#[inline(always)]
fn first(octets: &[u8]) -> Option<(u16, &[u8])> {
    let at = |table: &[u16], place: u8| table.get(usize::from(place)).copied().unwrap_or(NONE);
    let (septets, after) = match octets {
        [octet @ 0..0x80, after @ ..] => (at(&LATIN, *octet), after),
        [lead @ 0xC2..=0xC3, next @ 0x80..=0xBF, after @ ..] => {
            (at(&LATIN, lead << 6 | next & 0x3F), after)
        }
        [0xCE, next @ 0x80..=0xBF, after @ ..] => (at(&GREEK, next & 0x3F), after),
        [0xE2, 0x82, 0xAC, after @ ..] => (EURO, after),
        _ => return None,
    };
    (septets != NONE).then_some((septets, after))
}

/// How many septets they are.
#[inline(always)]
const fn len(septets: u16) -> usize {
    1 + (septets >= EXTENDED) as usize
}

/// The septets of a character, or `None` when the tables lack it.
pub(super) fn code(character: char) -> Option<Code> {
    let place = u32::from(character);
    let septets = match place {
        0..0x100 => *LATIN.get(place as usize)?,
        0x380..0x3C0 => *GREEK.get((place & 0x3F) as usize)?,
        0x20AC => EURO,
        _ => NONE,
    };
    match septets {
        NONE => None,
        septet @ 0..EXTENDED => Some(Code::Main(septet as u8)),
        septets => Some(Code::Extension((septets >> 8) as u8)),
    }
}

/// Whether the octet is no character whose septet is the same.
#[inline(always)]
const fn is_changed(octet: u8) -> bool {
    (octet.wrapping_sub(b' ') >= 0x5B)
        | (octet.wrapping_sub(b'[') < 6)
        | (octet == b'$')
        | (octet == b'@')
}

/// Whether the octet is no character of ASCII that is one septet.
#[inline(always)]
const fn is_no_single(octet: u8) -> bool {
    (octet.wrapping_sub(b' ') >= 0x5B) | (octet.wrapping_sub(b'[') < 4) | (octet == b'`')
}

/// How many characters are taken one by one before words are tried again.
const BETWEEN_WORDS: usize = 4;

/// Counts characters of the default tables that have room for as many septets.
pub(crate) fn count(octets: &[u8], room: usize) -> Count {
    let mut rest = octets;
    let (mut characters, mut left) = (0_usize, room);
    'all: loop {
        // What is plain so far is often plain farther.
        while plain_word::<4>(&mut rest, &mut left) {
            characters = characters.wrapping_add(4);
            while plain_word::<16>(&mut rest, &mut left) {
                characters = characters.wrapping_add(16);
                while plain_word::<32>(&mut rest, &mut left) {
                    characters = characters.wrapping_add(32);
                }
            }
        }
        for _ in 0..BETWEEN_WORDS {
            let Some((septets, after)) = first(rest).filter(|(septets, _)| len(*septets) <= left)
            else {
                break 'all;
            };
            rest = after;
            characters = characters.wrapping_add(1);
            left = left.wrapping_sub(len(septets));
        }
    }
    Count {
        octets: octets.len().wrapping_sub(rest.len()),
        characters,
        units: room.wrapping_sub(left),
    }
}

/// Goes past a word of characters that are one septet each, where the next one is one.
#[inline(always)]
fn plain_word<const N: usize>(rest: &mut &[u8], left: &mut usize) -> bool {
    match rest.first_chunk::<N>() {
        Some(word) if *left >= N && !wide::has(word, is_no_single) => {
            *rest = behind(rest, N);
            *left = left.wrapping_sub(N);
            true
        }
        _ => false,
    }
}

/// Maps characters of the default tables to septets, as many as have room: the octets that were read
/// and how many septets there are. Behind those more may be overwritten.
fn map(octets: &[u8], septets: &mut [u8]) -> (usize, usize) {
    let room = septets.len();
    let (mut rest, mut free) = (octets, Free::new(septets));
    loop {
        rest = wide::copy_words(rest, &mut free, is_changed, |octet| octet);
        for _ in 0..BETWEEN_WORDS {
            let (Some((septets, after)), Some(to)) = (first(rest), free.next()) else {
                return (octets.len().wrapping_sub(rest.len()), room.wrapping_sub(free.len()));
            };
            *to = septets.to_le_bytes();
            rest = after;
            // Two steps: a length that is known is not waited for.
            if septets >= EXTENDED {
                free.advance(2);
            } else {
                free.advance(1);
            }
        }
    }
}

/// The septets that are taken at a time: those of a whole message, and eight more.
const CHUNK: usize = 168;

impl Packer<'_, '_> {
    /// Packs characters of the default tables, as many as it can.
    pub(super) fn push_ahead(&mut self, text: &mut impl Runs) {
        let mut septets = [0; CHUNK];
        let mut len = 0_usize;
        loop {
            let free = septets.get_mut(len..).unwrap_or_default();
            let (octets, mapped) = map(text.ahead(), free);
            text.skip_ahead(octets);
            len = len.saturating_add(mapped);
            // What the next ones need room for is packed, and all where there are no next ones.
            let is_full = len > CHUNK - 2;
            if is_full || mapped == 0 {
                self.push_all(septets.get(..len).unwrap_or_default());
                len = 0;
            }
            if mapped == 0 && !is_full {
                return;
            }
        }
    }

    /// Packs septets, all of them less than 0x80.
    pub(super) fn push_all(&mut self, septets: &[u8]) {
        let (eights, rest) = septets.split_at_checked(septets.len() & !7).unwrap_or_default();
        let octets = eights.len() / 8 * 7;
        match self.w.free().get_mut(..octets) {
            Some(free) => {
                let waiting = wide::pack(eights, self.waiting.into(), self.bits, free);
                // Fewer than eight bits, as before.
                self.waiting = waiting as u32;
                self.count = self.count.saturating_add(eights.len());
                self.w.advance(octets);
            }
            None => eights.iter().for_each(|septet| self.push(*septet)),
        }
        rest.iter().for_each(|septet| self.push(*septet));
    }
}

/// The characters of the main table in UTF-8, in the last of four octets how many those are; 0 for an
/// escape.
static MAIN: [u32; 128] = {
    let mut characters = [0; 128];
    let (mut units, mut place) = (DEFAULT_UNITS, characters.as_mut_slice());
    let mut septet = 0;
    while let ([unit, others @ ..], [own, rest @ ..]) = (units, place) {
        if septet != ESCAPE {
            *own = utf8(*unit);
        }
        (units, place) = (others, rest);
        septet += 1;
    }
    characters
};

/// Those of the extension table; 0 where it has none.
static EXTENSIONS: [u32; 128] = {
    let mut characters = [0; 128];
    let mut place = characters.as_mut_slice();
    let mut septet = 0;
    while let Some((own, rest)) = place.split_first_mut() {
        let mut cells = EXTENSION.own;
        while let Some(((there, unit), others)) = cells.split_first() {
            if *there == septet {
                *own = utf8(*unit);
            }
            cells = others;
        }
        place = rest;
        septet += 1;
    }
    characters
};

const fn utf8(unit: u16) -> u32 {
    let last = 0x80 | (unit & 0x3F) as u8;
    let next = 0x80 | (unit >> 6 & 0x3F) as u8;
    u32::from_le_bytes(match unit {
        0..0x80 => [unit as u8, 0, 0, 1],
        0x80..0x800 => [0xC0 | (unit >> 6) as u8, last, 0, 2],
        _ => [0xE0 | (unit >> 12) as u8, next, last, 3],
    })
}

/// Writes septets of the default tables as UTF-8, as far as there is room: the septets that were read and
/// the octets that were written. Behind those more may be overwritten.
fn write(septets: &[u8], free: &mut [u8]) -> (usize, usize) {
    let room = free.len();
    let (mut rest, mut free) = (septets, Free::new(free));
    let at = |table: &[u32], septet: u8| table.get(usize::from(septet)).copied().unwrap_or(0);
    loop {
        rest = wide::copy_words(rest, &mut free, is_changed, |octet| octet);
        while let Some(word) = rest.first_chunk::<BETWEEN_WORDS>()
            && !wide::has(word, |septet| septet == ESCAPE)
            && free.len() >= 4 * BETWEEN_WORDS
        {
            for septet in word {
                let character = at(&MAIN, *septet);
                if let Some(to) = free.next() {
                    *to = character.to_le_bytes();
                }
                free.advance((character >> 24) as usize);
            }
            rest = behind(rest, BETWEEN_WORDS);
            rest = wide::copy_words(rest, &mut free, is_changed, |octet| octet);
        }
        for _ in 0..BETWEEN_WORDS {
            let (character, after) = match rest {
                [ESCAPE, septet, after @ ..] => (at(&EXTENSIONS, *septet), after),
                [septet, after @ ..] => (at(&MAIN, *septet), after),
                [] => (0, rest),
            };
            match free.next() {
                Some(to) if character != 0 => *to = character.to_le_bytes(),
                _ => {
                    return (septets.len().wrapping_sub(rest.len()), room.wrapping_sub(free.len()));
                }
            }
            rest = after;
            free.advance((character >> 24) as usize);
        }
    }
}

impl Septets<'_> {
    /// Takes septets, as many as there are and as have room in a multiple of eight, and returns how many.
    pub(super) fn take_all(&mut self, septets: &mut [u8]) -> usize {
        let mut octets = behind(self.octets, self.bit / 8);
        let shift = self.bit % 8;
        let count = self.left.min(septets.len());
        for own in septets.as_chunks_mut().0 {
            let mut word = [0; 8];
            match octets.first_chunk() {
                Some(whole) => word = *whole,
                None => word.iter_mut().zip(octets).for_each(|(to, octet)| *to = *octet),
            }
            *own = wide::unpacked(u64::from_le_bytes(word) >> shift);
            match octets.get(7..) {
                Some(rest) => octets = rest,
                None => break,
            }
        }
        self.skip_all(count);
        count
    }

    fn skip_all(&mut self, count: usize) {
        self.bit = self.bit.saturating_add(count.saturating_mul(7));
        self.left = self.left.saturating_sub(count);
    }
}

impl super::Chars<Septets<'_>> {
    /// Writes characters of the default tables as UTF-8, as many as it can.
    pub(super) fn emit_ahead(&mut self, w: &mut Writer<'_>) {
        if self.tables != Tables::DEFAULT {
            return;
        }
        let mut septets = [0; CHUNK];
        while self.septets.left > 0 {
            let mut ahead = self.septets.clone();
            let count = ahead.take_all(&mut septets);
            let (read, written) = write(septets.get(..count).unwrap_or_default(), w.free());
            w.advance(written);
            self.septets.skip_all(read);
            if read == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::OneByOne;

    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    use proptest::prelude::*;

    #[test]
    fn every_character_has_the_septets_of_the_tables() {
        for c in '\0'..=char::MAX {
            assert_eq!(code(c), Tables::DEFAULT.plain_code(c), "{c:?}");
        }
    }

    /// Encoded, counted and decoded many octets at a time as one by one, behind any fill bits.
    fn texts_agree(text: &str, fill_bits: u8) {
        let encode = |encoded: &dyn Fn(&mut Writer<'_>) -> Result<usize, crate::Error>| {
            let mut octets = std::vec![0; 2 * text.len() + 8];
            let mut w = Writer::new(&mut octets);
            encoded(&mut w).map(|count| (count, w.written().to_vec()))
        };
        let wide = encode(&|w| Tables::DEFAULT.encode(text.chars(), fill_bits, w));
        let plain = encode(&|w| Tables::DEFAULT.encode(OneByOne(text.chars()), fill_bits, w));
        assert_eq!(wide, plain, "{text:?}");
        let Ok((septets, octets)) = plain else { return };
        for room in [septets, septets.saturating_sub(1), septets / 2] {
            let Count { octets, characters, units } = count(text.as_bytes(), room);
            let front = text.get(..octets).unwrap();
            let codes = front.chars().map(|c| Tables::DEFAULT.code(c).unwrap());
            assert_eq!(front.chars().count(), characters);
            assert_eq!(codes.map(Code::len).sum::<usize>(), units);
            // It ends where the next one has no room.
            let next = text.get(octets..).unwrap().chars().next();
            let next = next.map(|c| Tables::DEFAULT.code(c).unwrap().len());
            assert!(units <= room && next.is_none_or(|next| units + next > room), "{text:?}");
        }
        septets_agree(&octets, fill_bits, septets);
        // Just as much room as it takes, and less.
        let mut w = [0; 300];
        let room = octets.len().min(w.len());
        let fits =
            Tables::DEFAULT.encode(text.chars(), fill_bits, &mut Writer::new(&mut w[..room]));
        assert_eq!(fits.is_ok(), octets.len() <= 300);
        if let Some(less) = room.checked_sub(1) {
            let full =
                Tables::DEFAULT.encode(text.chars(), fill_bits, &mut Writer::new(&mut w[..less]));
            assert!(full.is_err());
        }
    }

    /// Decoded many septets at a time as one by one, whatever they are.
    fn septets_agree(octets: &[u8], fill_bits: u8, septets: usize) {
        let chars = || Tables::DEFAULT.chars(super::super::unpack(octets, fill_bits, septets));
        let plain: String = chars().collect();
        let mut buffer = std::vec![0; plain.len() + 8];
        assert_eq!(chars().copy_to(&mut buffer), Ok(&*plain), "{octets:?}");
        let mut tight = std::vec![0; plain.len()];
        assert_eq!(chars().copy_to(&mut tight), Ok(&*plain), "{octets:?}");
        assert!(tight.pop().is_none() || chars().copy_to(&mut tight).is_err());
    }

    /// Each character that means something here, with each before and behind it.
    #[test]
    fn short_texts_are_what_they_are_one_by_one() {
        let main = DEFAULT.iter().filter_map(|unit| char::from_u32((*unit).into()));
        let all: Vec<char> = main.chain("^{}\\[~]|€ж日😀`ő\u{380}\u{3BF}".chars()).collect();
        for first in &all {
            texts_agree(&String::from(*first), 0);
            for second in &all {
                texts_agree(&String::from_iter([first, second]), 3);
            }
            for before in 0..40 {
                let text = "a".repeat(before) + &String::from(*first) + "bcdefghijklmnopqr";
                texts_agree(&text, (before % 7) as u8);
            }
        }
    }

    #[test]
    fn short_septets_are_what_they_are_one_by_one() {
        for pair in 0..=u16::MAX {
            septets_agree(&pair.to_be_bytes(), 0, 2);
        }
        for (len, fill_bits) in (0..40).flat_map(|len| (0..7).map(move |bits| (len, bits))) {
            let octets: Vec<u8> = (0..len).map(|n| (n * 83 + 27) as u8).collect();
            septets_agree(&octets, fill_bits, usize::MAX);
        }
        // An escape where one chunk ends and the next begins.
        for escape in 150..170 {
            let mut septets = std::vec![b'a'; 200];
            (septets[escape], septets[escape + 1]) = (ESCAPE, 0x65);
            let mut octets = [0; 200];
            let mut w = Writer::new(&mut octets);
            super::super::pack(septets, 0, &mut w).unwrap();
            septets_agree(w.written(), 0, 200);
        }
    }

    proptest! {
        #[test]
        fn texts_are_what_they_are_one_by_one(
            text in "[a-zA-Z0-9 ,.€åøÆ{}~Δ@$_\\n]{0,200}",
            any in ".{0,40}",
            fill_bits in 0..7_u8,
        ) {
            texts_agree(&text, fill_bits);
            texts_agree(&any, fill_bits);
        }

        #[test]
        fn septets_are_what_they_are_one_by_one(
            octets in proptest::collection::vec(any::<u8>(), 0..300),
            fill_bits in 0..7_u8,
            septets in 0..400_usize,
        ) {
            septets_agree(&octets, fill_bits, septets);
        }

        /// Septets packed by words as by bits.
        #[test]
        fn septets_are_packed_by_words_as_by_bits(
            septets in proptest::collection::vec(any::<u8>(), 0..200),
            fill_bits in 0..7_u8,
            room in 0..200_usize,
        ) {
            let mut octets = [0; 200];
            let mut w = Writer::new(octets.get_mut(..room).unwrap());
            let wide = super::super::pack(septets.iter().copied(), fill_bits, &mut w);
            let written = w.written().to_vec();
            let mut octets = [0; 200];
            let mut w = Writer::new(octets.get_mut(..room).unwrap());
            let mut packer = Packer::new(fill_bits, &mut w);
            septets.iter().for_each(|septet| packer.push(*septet));
            let count = packer.finish();
            prop_assert_eq!(wide, w.check().map(|()| count));
            prop_assert_eq!(&written, w.written());
        }
    }
}
