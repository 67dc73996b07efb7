//! Loops that take many octets at a time, each beside its plain twin.
//!
//! They are for cores that have the room: on those of 32 bits only the plain ones are compiled, since
//! flash is what such a core lacks.

/// Whether many octets at a time pay.
pub(crate) const WIDE: bool = cfg!(target_pointer_width = "64");

/// The octets of a word and of a block.
pub(crate) const WORD: usize = 8;
pub(crate) const BLOCK: usize = 16;

/// Bit 0 of each octet in a word of 32 bits.
const NARROW_LOW: u32 = 0x0101_0101;

/// What ends a span: these octets, and where it says so what is not ASCII. All fits a register.
#[derive(Clone, Copy)]
pub(crate) struct Stops {
    octets: [u8; 2],
    /// Those stop, too, that are below this limit once the bits of the first octet are turned over in them;
    /// at most 0x80.
    limit: u8,
    non_ascii: bool,
}

impl Stops {
    /// These two octets, which may be the same.
    pub(crate) const fn at(octets: [u8; 2]) -> Self {
        Self { octets, limit: 1, non_ascii: false }
    }

    /// What ends a run inside of a string of JSON: the quotation mark, the backslash, and control characters.
    /// With bit 1 turned over the mark is 0x20, next to what control characters are then.
    pub(crate) const IN_STRING: Self =
        Self { octets: [0x02, b'\\'], limit: 0x21, non_ascii: false };

    /// And those from 0x80 on.
    pub(crate) const fn and_non_ascii(self) -> Self {
        Self { non_ascii: true, ..self }
    }

    const fn is_one_octet(self) -> bool {
        let [a, b] = self.octets;
        a == b && self.limit == 1 && !self.non_ascii
    }

    #[inline(always)]
    pub(crate) const fn stop(self, octet: u8) -> bool {
        let [a, b] = self.octets;
        (octet ^ a < self.limit) | (octet == b) | (self.non_ascii & (octet >= 0x80))
    }

    /// Finds bit 7 of the first octet in a word that stops; of those behind it bits may be wrong.
    #[inline(always)]
    fn in_narrow_words(self) -> impl Fn([u8; 4]) -> u32 {
        const LOW: u32 = NARROW_LOW;
        const HIGH: u32 = NARROW_LOW << 7;
        let [a, b] = self.octets;
        let (a, b) = (LOW * u32::from(a), LOW * u32::from(b));
        let limit = LOW * u32::from(self.limit);
        let non_ascii = if self.non_ascii { HIGH } else { 0 };
        let below = |word: u32, limit: u32| word.wrapping_sub(limit) & !word;
        move |word| {
            let word = u32::from_le_bytes(word);
            (below(word ^ a, limit) | below(word ^ b, LOW)) & HIGH | word & non_ascii
        }
    }

    /// Bit 7 of the first octet in a word that stops; of those behind it bits may be wrong.
    #[inline(always)]
    const fn in_word(self, word: u64) -> u64 {
        let [a, b] = self.octets;
        let (a, b) = (word ^ (ONES * a as u64), word ^ (ONES * b as u64));
        let mut found = a.wrapping_sub(ONES * self.limit as u64) & !a | b.wrapping_sub(ONES) & !b;
        if self.non_ascii {
            found |= word;
        }
        found & HIGHS
    }
}

/// Bit 7 of the first such octet in a word; of those behind it bits may be wrong.
#[inline(always)]
pub(crate) const fn in_word(word: u64, octet: u8) -> u64 {
    let other = word ^ (ONES * octet as u64);
    other.wrapping_sub(ONES) & !other & HIGHS
}

/// How many octets of a block are before the first that `is_stop` holds for.
#[inline(always)]
pub(crate) fn run(block: &[u8; BLOCK], is_stop: impl Fn(u8) -> bool) -> usize {
    let mut flags = [0; BLOCK];
    for (flag, octet) in flags.iter_mut().zip(block) {
        *flag = if is_stop(*octet) { 0xFF } else { 0 };
    }
    u128::from_le_bytes(flags).trailing_zeros() as usize / 8
}

/// How many octets of a word are before the first that `is_stop` holds for.
#[inline(always)]
pub(crate) fn short_run(word: &[u8; WORD], is_stop: impl Fn(u8) -> bool) -> usize {
    let mut flags = [0; WORD];
    for (flag, octet) in flags.iter_mut().zip(word) {
        *flag = if is_stop(*octet) { 0xFF } else { 0 };
    }
    u64::from_le_bytes(flags).trailing_zeros() as usize / 8
}

/// As [`span`], where there are most often a few.
#[inline(always)]
pub(crate) fn short_span(octets: &[u8], stops: Stops) -> usize {
    if WIDE && let Some(word) = octets.first_chunk::<WORD>() {
        return match stops.in_word(u64::from_le_bytes(*word)) {
            0 => wide_span(behind(octets, WORD), stops).wrapping_add(WORD),
            found => found.trailing_zeros() as usize / 8,
        };
    }
    span(octets, stops)
}

/// How many octets there are before the first one that stops.
#[inline(always)]
pub(crate) fn span(octets: &[u8], stops: Stops) -> usize {
    if WIDE { wide_span(octets, stops) } else { narrow_span(octets, stops) }
}

#[inline(always)]
fn plain_span(octets: &[u8], stops: Stops) -> usize {
    octets.iter().position(|octet| stops.stop(*octet)).unwrap_or(octets.len())
}

/// By words of 32 bits, and there once for all that stops.
#[inline(never)]
fn narrow_span(octets: &[u8], stops: Stops) -> usize {
    if !stops.is_one_octet() {
        return in_narrow_words(octets, stops, stops.in_narrow_words());
    }
    // What is looked for most takes half as long by itself.
    let [octet, _] = stops.octets;
    let octet = NARROW_LOW * u32::from(octet);
    in_narrow_words(octets, stops, |word| {
        let word = u32::from_le_bytes(word) ^ octet;
        word.wrapping_sub(NARROW_LOW) & !word & (NARROW_LOW << 7)
    })
}

/// How many octets there are before the first one that stops, which `find` finds in a word.
#[inline(always)]
fn in_narrow_words(octets: &[u8], stops: Stops, find: impl Fn([u8; 4]) -> u32) -> usize {
    let mut at = 0;
    for word in octets.as_chunks::<4>().0 {
        let found = find(*word);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 4;
    }
    // The last word reaches back over octets that do not stop.
    let Some(last) = octets.last_chunk() else { return plain_span(octets, stops) };
    octets.len() - 4 + find(*last).trailing_zeros() as usize / 8
}

#[inline(always)]
fn wide_span(octets: &[u8], stops: Stops) -> usize {
    let mut rest = octets;
    while let Some(block) = rest.first_chunk() {
        let run = run(block, |octet| stops.stop(octet));
        if run < BLOCK {
            return octets.len().wrapping_sub(rest.len()).wrapping_add(run);
        }
        // A length that is known keeps the next block from waiting for this one.
        rest = behind(rest, BLOCK);
        // What is plain so far is often plain farther, and one octet is found sooner where nothing says
        // which it is.
        while stops.is_one_octet()
            && let Some(block) = rest.first_chunk::<BLOCK>()
            && !block.iter().fold(false, |any, octet| any | stops.stop(*octet))
        {
            rest = behind(rest, BLOCK);
        }
    }
    if let Some(word) = rest.first_chunk() {
        let run = short_run(word, |octet| stops.stop(octet));
        rest = behind(rest, run);
        if run < WORD {
            return octets.len().wrapping_sub(rest.len());
        }
    }
    octets.len().wrapping_sub(rest.len()).wrapping_add(plain_span(rest, stops))
}

/// Each octet of a word 0x01.
pub(crate) const ONES: u64 = u64::from_ne_bytes([0x01; WORD]);
/// Bit 7 of each octet of a word.
const HIGHS: u64 = u64::from_ne_bytes([0x80; WORD]);

/// How many octets of UTF-8 begin a character.
pub(crate) fn characters(octets: &[u8]) -> usize {
    let begins = |octet: &u8| octet & 0xC0 != 0x80;
    let (blocks, rest) = octets.as_chunks::<BLOCK>();
    let mut count = rest.iter().filter(|octet| begins(octet)).count();
    for block in blocks {
        let own = block.iter().fold(0_u8, |own, octet| own.wrapping_add(begins(octet).into()));
        count = count.wrapping_add(own.into());
    }
    count
}

/// Digit values from [`DIGITS_FROM`] on; 0xFF of what is no hexadecimal digit.
static HEX: [u8; DIGITS] = {
    let mut values = [0xFF; DIGITS];
    let mut place: &mut [u8] = &mut values;
    let mut octet = DIGITS_FROM;
    while let Some((value, rest)) = place.split_first_mut() {
        if let Some(digit) = crate::text::hex_digit(octet) {
            *value = digit;
        }
        place = rest;
        octet = octet.wrapping_add(1);
    }
    values
};

/// Any octet has a value where flash is cheap; elsewhere those from `0` to `f`.
const DIGITS_FROM: u8 = if WIDE { 0 } else { b'0' };
const DIGITS: usize = if WIDE { 256 } else { (b'f' - b'0') as usize + 1 };

/// The octet that two hexadecimal digits spell, in upper or lower case.
#[inline(always)]
pub(crate) fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let value =
        |digit: u8| HEX.get(usize::from(digit.wrapping_sub(DIGITS_FROM))).copied().unwrap_or(0xFF);
    let (high, low) = (value(high), value(low));
    ((high | low) < 0x10).then_some(high << 4 | low)
}

/// Where octets are written, one behind the other.
pub(crate) struct Free<'b> {
    octets: &'b mut [u8],
}

impl<'b> Free<'b> {
    pub(crate) const fn new(octets: &'b mut [u8]) -> Self {
        Self { octets }
    }

    /// How many octets have room.
    #[inline(always)]
    pub(crate) const fn len(&self) -> usize {
        self.octets.len()
    }

    /// The next octets, where there are as many.
    #[inline(always)]
    pub(crate) const fn next<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.octets.first_chunk_mut()
    }

    /// All that have room.
    #[inline(always)]
    pub(crate) const fn octets(&mut self) -> &mut [u8] {
        self.octets
    }

    /// Writes octets where they have room, and goes past them.
    #[inline(always)]
    pub(crate) fn put(&mut self, octets: &[u8]) -> bool {
        let Some(room) = self.octets.get_mut(..octets.len()) else { return false };
        room.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
        self.advance(octets.len());
        true
    }

    /// Goes past octets that are written.
    #[inline(always)]
    pub(crate) fn advance(&mut self, octets: usize) {
        if let Some(rest) = core::mem::take(&mut self.octets).get_mut(octets..) {
            self.octets = rest;
        }
    }
}

/// Copies octets by words, up to a word that has one that `is_stop` holds for, and goes past them. What is
/// behind them may be overwritten. What is copied is changed by `change`.
///
/// Words grow while they are plain. Each is as long as is known beforehand: to go on where in a word a run
/// ends would have each load wait for the one before it.
#[inline(always)]
pub(crate) fn copy_words<'a>(
    mut rest: &'a [u8],
    free: &mut Free<'_>,
    is_stop: impl Fn(u8) -> bool + Copy,
    change: impl Fn(u8) -> u8 + Copy,
) -> &'a [u8] {
    while copy_word::<4>(&mut rest, free, is_stop, change) {
        while copy_word::<8>(&mut rest, free, is_stop, change) {
            while copy_word::<16>(&mut rest, free, is_stop, change) {}
        }
    }
    rest
}

/// Copies octets to as many others, and says whether none of them stops. The last ones are copied as a word
/// that may reach back over others. What is copied is changed by `change`.
#[inline(always)]
pub(crate) fn copy_all(
    octets: &[u8],
    to: &mut [u8],
    stops: Stops,
    change: impl Fn(u8) -> u8 + Copy,
) -> bool {
    if octets.len() >= BLOCK {
        let is_stop = |octet| stops.stop(octet);
        let blocks = octets.as_chunks::<BLOCK>().0.iter().zip(to.as_chunks_mut().0);
        for (block, to) in blocks {
            *to = block.map(change);
            if has(block, is_stop) {
                return false;
            }
        }
        let [_, last] = copy_ends::<BLOCK>(octets, to, change);
        !has(&last, is_stop)
    } else if octets.len() >= WORD {
        let [first, last] = copy_ends::<WORD>(octets, to, change).map(u64::from_le_bytes);
        stops.in_word(first) | stops.in_word(last) == 0
    } else if octets.len() >= 4 {
        let [first, last] = copy_ends::<4>(octets, to, change).map(u32::from_le_bytes);
        stops.in_word(u64::from(first) | u64::from(last) << 32) == 0
    } else {
        octets.iter().zip(to).fold(true, |all, (octet, to)| {
            *to = change(*octet);
            all & !stops.stop(*octet)
        })
    }
}

/// Whether these octets are those, of which there are most often a few.
#[inline(always)]
pub(crate) fn is_same(octets: &[u8], others: &[u8]) -> bool {
    match octets.len() {
        len if len != others.len() => false,
        0..4 => octets.iter().zip(others).fold(true, |all, (own, other)| all & (own == other)),
        4..8 => ends::<4>(octets) == ends::<4>(others),
        8..=16 => ends::<8>(octets) == ends::<8>(others),
        _ => octets == others,
    }
}

/// The first and the last `N` octets of as many or more.
#[inline(always)]
fn ends<const N: usize>(octets: &[u8]) -> [[u8; N]; 2] {
    [octets.first_chunk(), octets.last_chunk()].map(|end| end.copied().unwrap_or([0; N]))
}

/// Copies the first and the last `N` octets of as many or more, and returns what they are.
#[inline(always)]
fn copy_ends<const N: usize>(
    octets: &[u8],
    to: &mut [u8],
    change: impl Fn(u8) -> u8 + Copy,
) -> [[u8; N]; 2] {
    let ends = ends(octets);
    let [first, last] = ends.map(|end| end.map(change));
    if let Some(to) = to.first_chunk_mut() {
        *to = first;
    }
    if let Some(to) = to.last_chunk_mut() {
        *to = last;
    }
    ends
}

#[inline(always)]
fn copy_word<const N: usize>(
    rest: &mut &[u8],
    free: &mut Free<'_>,
    is_stop: impl Fn(u8) -> bool,
    change: impl Fn(u8) -> u8,
) -> bool {
    let (Some(word), Some(to)) = (rest.first_chunk::<N>(), free.next::<N>()) else { return false };
    *to = word.map(change);
    if has(word, is_stop) {
        return false;
    }
    *rest = behind(rest, N);
    free.advance(N);
    true
}

/// Whether any octet of a word stops.
#[inline(always)]
pub(crate) fn has<const N: usize>(word: &[u8; N], is_stop: impl Fn(u8) -> bool) -> bool {
    word.iter().fold(false, |any, octet| any | is_stop(*octet))
}

/// Writes an octet at a place, where there is one, and returns what place is behind it.
#[inline(always)]
pub(crate) fn put(octet: Option<u8>, free: &mut [u8], at: usize) -> usize {
    match (octet, free.get_mut(at)) {
        (Some(octet), Some(place)) => {
            *place = octet;
            at.wrapping_add(1)
        }
        _ => at,
    }
}

/// What is behind the first octets.
#[inline(always)]
pub(crate) fn behind(octets: &[u8], len: usize) -> &[u8] {
    octets.get(len..).unwrap_or_default()
}

/// Packs septets, a multiple of eight of them, into seven octets for each eight, behind the bits that wait
/// for more. Returns the bits that wait then, which are as many.
pub(crate) fn pack(septets: &[u8], mut waiting: u64, bits: u32, octets: &mut [u8]) -> u64 {
    let eights = septets.as_chunks().0;
    for (eight, seven) in eights.iter().zip(octets.as_chunks_mut().0) {
        let word = packed(*eight) << bits | waiting;
        let [octets @ .., _] = word.to_le_bytes();
        let seven: &mut [u8; 7] = seven;
        *seven = octets;
        waiting = word >> 56;
    }
    waiting
}

/// Eight septets as 56 bits.
#[inline(always)]
const fn packed(septets: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(septets);
    let word = (word & 0x007F_007F_007F_007F) | (word & 0x7F00_7F00_7F00_7F00) >> 1;
    let word = (word & 0x0000_3FFF_0000_3FFF) | (word & 0x3FFF_0000_3FFF_0000) >> 2;
    (word & 0x0FFF_FFFF) | (word & 0x0FFF_FFFF_0000_0000) >> 4
}

/// Eight septets out of the lower 56 bits.
#[inline(always)]
pub(crate) const fn unpacked(word: u64) -> [u8; 8] {
    let word = (word & 0x0FFF_FFFF) | (word & 0x00FF_FFFF_F000_0000) << 4;
    let word = (word & 0x0000_3FFF_0000_3FFF) | (word & 0x0FFF_C000_0FFF_C000) << 2;
    let word = (word & 0x007F_007F_007F_007F) | (word & 0x3F80_3F80_3F80_3F80) << 1;
    word.to_le_bytes()
}

#[cfg(test)]
mod tests;
