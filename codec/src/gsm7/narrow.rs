//! The default tables on cores of 32 bits: few instructions, and little flash.

use core::slice::Iter;

use super::{Chars, Code, ESCAPE, Packer, Septets, wide};
use crate::error::Error;
use crate::runs::Runs;
use crate::wide::{Free, behind};
use crate::wire::Writer;

/// A character that the tables lack.
const NONE: u8 = 0xFF;
/// Says of a septet that it is of the extension table.
const EXTENDED: u8 = 0x80;
/// The euro sign's.
const EURO: u8 = EXTENDED | 0x65;

/// The septets of the characters up to U+00FF.
static LATIN: [u8; 256] = narrowed(&wide::LATIN);
/// Those of the characters from U+0380 on: the Greek capitals.
static GREEK: [u8; 64] = narrowed(&wide::GREEK);

/// Septets that take half of the flash.
const fn narrowed<const N: usize>(septets: &[u16; N]) -> [u8; N] {
    let mut narrowed = [NONE; N];
    let (mut from, mut to) = (septets.as_slice(), narrowed.as_mut_slice());
    while let ([septets, others @ ..], [place, rest @ ..]) = (from, to) {
        *place = match *septets {
            wide::NONE => NONE,
            septet @ 0..wide::EXTENDED => septet as u8,
            pair => EXTENDED | (pair >> 8) as u8,
        };
        (from, to) = (others, rest);
    }
    narrowed
}

/// The septets of a character, or `None` when the tables lack it.
#[inline(never)]
pub(super) fn code(character: char) -> Option<Code> {
    let place = u32::from(character);
    let septet = match place {
        0..0x100 => *LATIN.get(place as usize)?,
        0x380..0x3C0 => *GREEK.get((place & 0x3F) as usize)?,
        0x20AC => EURO,
        _ => NONE,
    };
    match septet {
        NONE => None,
        septet @ 0..EXTENDED => Some(Code::Main(septet)),
        septet => Some(Code::Extension(septet & 0x7F)),
    }
}

/// The first character of `octets`: how many of them it is, and its septet; `None` where it is none of
/// those that the tables have, or not whole.
#[inline(always)]
fn first(octets: &[u8]) -> Option<(usize, u8)> {
    let greek = |place: u8| GREEK.get(usize::from(place)).copied().unwrap_or(NONE);
    let (len, septet) = match octets {
        [octet @ 0..0x80, ..] => (1, latin(*octet)),
        [lead @ 0xC2..=0xC3, next @ 0x80..=0xBF, ..] => (2, latin(lead << 6 | next & 0x3F)),
        [0xCE, next @ 0x80..=0xBF, ..] => (2, greek(next & 0x3F)),
        [0xE2, 0x82, 0xAC, ..] => (3, EURO),
        _ => return None,
    };
    (septet != NONE).then_some((len, septet))
}

impl Packer<'_, '_> {
    /// Packs characters of the default tables, as many as it can.
    pub(super) fn push_narrow(&mut self, text: &mut impl Runs) {
        let taken = self.push_utf8(text.ahead());
        text.skip_ahead(taken);
    }

    /// Packs characters of the default tables out of UTF-8, as many as it can, and returns how many octets
    /// they are.
    #[inline(never)]
    fn push_utf8(&mut self, octets: &[u8]) -> usize {
        let before = self.bits;
        let free = Free::new(self.w.free());
        let (room, mut rest) = (free.len(), octets);
        let mut packed = Packed { waiting: self.waiting, bits: before, free };
        'all: loop {
            while let Some([a, b, c, d, e, f, g, h]) = rest.first_chunk()
                && let Some(low) = four([*a, *b, *c, *d])
                && let Some(high) = four([*e, *f, *g, *h])
                && packed.push_eight(low, high)
            {
                rest = behind(rest, 8);
            }
            // Where one of eight is another one, all are taken singly.
            for _ in 0..8 {
                // An escape and a septet.
                if packed.free.next::<2>().is_none() {
                    break 'all;
                }
                rest = match rest {
                    [octet, rest @ ..] if latin(*octet) | octet < EXTENDED => {
                        packed.push(latin(*octet));
                        rest
                    }
                    _ => {
                        let Some((len, septet)) = first(rest) else { break 'all };
                        if septet >= EXTENDED {
                            packed.push(ESCAPE);
                        }
                        packed.push(septet & 0x7F);
                        behind(rest, len)
                    }
                };
            }
        }
        let written = room.saturating_sub(packed.free.len());
        (self.waiting, self.bits) = (packed.waiting, packed.bits);
        let bits = (8 * written).saturating_add(self.bits as usize);
        self.count = self.count.saturating_add(bits.saturating_sub(before as usize) / 7);
        self.w.advance(written);
        octets.len().saturating_sub(rest.len())
    }
}

impl Chars<Septets<'_>> {
    /// Writes the characters as UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub(super) fn emit_narrow(self, w: &mut Writer<'_>) -> Result<(), Error> {
        let Self { tables, septets } = self;
        let mut septets = septets.in_turn();
        let mut free = Free::new(w.free());
        let room = free.len();
        let mut is_full = false;
        while let Some(septet) = septets.next() {
            if let Some(unit @ 0..0x80) = tables.main.get(usize::from(septet))
                && septet != ESCAPE
                && let Some([to]) = free.next()
            {
                *to = *unit as u8;
                free.advance(1);
                continue;
            }
            let c = tables.character(septet, || Some((tables, septets.next()?)));
            let mut utf8 = [0; 4];
            let utf8 = c.encode_utf8(&mut utf8).as_bytes();
            if !free.put(utf8) {
                is_full = true;
                break;
            }
        }
        let written = room.saturating_sub(free.len());
        w.advance(written);
        if is_full { Err(w.full()) } else { Ok(()) }
    }
}

/// The septets of packed octets, each a few instructions behind the one before.
pub(super) struct InTurn<'a> {
    octets: Iter<'a, u8>,
    /// Bits that are not read yet, and how many they are.
    waiting: u32,
    bits: u32,
    left: usize,
}

impl Septets<'_> {
    #[inline(always)]
    pub(super) fn in_turn(&self) -> InTurn<'_> {
        let mut octets = behind(self.octets, self.bit / 8).iter();
        let read = self.bit as u32 % 8;
        let waiting = octets.next().map_or(0, |octet| u32::from(*octet) >> read);
        InTurn { octets, waiting, bits: 8 - read, left: self.left }
    }
}

impl InTurn<'_> {
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        if self.bits < 7 {
            self.waiting |= u32::from(*self.octets.next()?) << self.bits;
            self.bits += 8;
        }
        let septet = (self.waiting & 0x7F) as u8;
        self.waiting >>= 7;
        self.bits -= 7;
        Some(septet)
    }
}

/// What is packed, where there is room for it.
struct Packed<'b> {
    /// Bits that do not fill an octet yet, and how many they are: 0..=7.
    waiting: u32,
    bits: u32,
    free: Free<'b>,
}

impl Packed<'_> {
    #[inline(always)]
    fn push(&mut self, septet: u8) {
        self.waiting |= u32::from(septet) << self.bits;
        self.bits += 7;
        if self.bits >= 8
            && let Some([to]) = self.free.next()
        {
            *to = self.waiting as u8;
            self.free.advance(1);
            self.waiting >>= 8;
            self.bits -= 8;
        }
    }

    /// Two times four septets, or none where they have no room.
    #[inline(always)]
    fn push_eight(&mut self, low: u32, high: u32) -> bool {
        let Some([a, b, c, d, rest @ ..]) = self.free.next::<7>() else { return false };
        // Not in one word of 64 bits, which takes a shift by any number of bits.
        let (low, high) = (low | high << 28, high >> 4);
        let more = high << self.bits | low >> 1 >> (31 - self.bits);
        [*a, *b, *c, *d] = (low << self.bits | self.waiting).to_le_bytes();
        let [e, f, g, waiting] = more.to_le_bytes();
        *rest = [e, f, g];
        self.free.advance(7);
        self.waiting = waiting.into();
        true
    }
}

/// The septets of four characters of ASCII that the main table has, in 28 bits.
#[inline(always)]
fn four(octets: [u8; 4]) -> Option<u32> {
    if u32::from_ne_bytes(octets) & 0x8080_8080 != 0 {
        return None;
    }
    // Not in a loop, which a compiler for size would keep.
    let [a, b, c, d] = octets;
    let septet = |octet| u32::from(latin(octet));
    let (a, b, c, d) = (septet(a), septet(b), septet(c), septet(d));
    ((a | b | c | d) < EXTENDED.into()).then_some(a | b << 7 | c << 14 | d << 21)
}

#[inline(always)]
fn latin(octet: u8) -> u8 {
    LATIN.get(usize::from(octet)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gsm7::{Tables, pack, unpack};
    use crate::runs::OneByOne;

    extern crate std;
    use std::string::String;

    use proptest::prelude::*;

    /// Packed as here and a character after the other, behind any fill bits, in any room.
    fn texts_agree(text: &str, fill_bits: u8, room: usize) {
        let mut octets = std::vec![0; room];
        let mut w = Writer::new(&mut octets);
        let mut packer = Packer::new(fill_bits, &mut w);
        let mut chars = text.chars();
        let lacking = loop {
            packer.push_narrow(&mut chars);
            let Some(c) = chars.next() else { break None };
            let Some(code) = Tables::DEFAULT.code(c) else { break Some(c) };
            packer.push_code(code);
        };
        let count = packer.finish();
        let ours = (lacking.is_none() && w.check().is_ok()).then(|| (count, w.written().to_vec()));

        let mut octets = std::vec![0; room];
        let mut w = Writer::new(&mut octets);
        let plain = Tables::DEFAULT.encode(OneByOne(text.chars()), fill_bits, &mut w);
        let plain = plain.ok().map(|count| (count, w.written().to_vec()));
        assert_eq!(ours, plain, "{text:?} {fill_bits} {room}");
    }

    /// Written as here and as taken one by one.
    fn septets_agree(octets: &[u8], fill_bits: u8, count: usize) {
        let mut left = unpack(octets, fill_bits, count);
        loop {
            let chars = Tables::DEFAULT.chars(left.clone());
            let plain: String = chars.collect();
            for room in [plain.len() + 5, plain.len()] {
                let mut buffer = std::vec![0; room];
                let mut w = Writer::new(&mut buffer);
                assert_eq!(Tables::DEFAULT.chars(left.clone()).emit_narrow(&mut w), Ok(()));
                assert_eq!(w.written(), plain.as_bytes());
            }
            if let Some(less) = plain.len().checked_sub(1) {
                let mut buffer = std::vec![0; less];
                let mut w = Writer::new(&mut buffer);
                assert!(Tables::DEFAULT.chars(left.clone()).emit_narrow(&mut w).is_err());
            }
            if left.next().is_none() {
                return;
            }
        }
    }

    #[test]
    fn every_character_has_the_septets_of_the_tables() {
        for c in '\0'..=char::MAX {
            assert_eq!(code(c), Tables::DEFAULT.plain_code(c), "{c:?}");
        }
    }

    #[test]
    fn each_character_among_eight_is_packed_as_alone() {
        for c in ('\0'..'\u{3C0}').chain("€日😀".chars()) {
            for at in 0..9 {
                let text: String = (0..12).map(|i| if i == at { c } else { 'x' }).collect();
                texts_agree(&text, at as u8 % 7, 20);
            }
        }
    }

    #[test]
    fn all_pairs_of_octets_are_read_as_one_by_one() {
        for pair in 0..=u16::MAX {
            septets_agree(&pair.to_le_bytes(), (pair % 7) as u8, 2);
        }
    }

    proptest! {
        #[test]
        fn texts_are_packed_as_one_by_one(
            text in "([ -~]|[a-z ]{8}|[äöüÅΔ€çığ]|\\n){0,40}",
            fill_bits in 0..7_u8,
            room in prop_oneof![Just(400_usize), 0..60_usize],
        ) {
            texts_agree(&text, fill_bits, room);
        }

        #[test]
        fn septets_are_read_as_one_by_one(
            septets in proptest::collection::vec(prop_oneof![Just(ESCAPE), 0..0x80_u8], 0..40),
            fill_bits in 0..7_u8,
        ) {
            let mut octets = [0; 40];
            let mut w = Writer::new(&mut octets);
            let count = pack(septets, fill_bits, &mut w).unwrap();
            septets_agree(w.written(), fill_bits, count);
        }
    }
}
