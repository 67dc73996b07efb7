//! Characters that can be taken many at a time.

use crate::wide::{self, WIDE};

/// Characters one after the other, which may tell what octets they stand in.
///
/// What works on octets takes as many as it can, and single characters between them. An iterator of
/// characters that has no octets to show is one as it is: `impl Runs for MyChars {}`.
pub trait Runs: Iterator<Item = char> + Clone {
    /// Octets that the characters ahead are in UTF-8, as far as they stand together; they may end
    /// within a character, and be none where there are characters.
    fn ahead(&self) -> &[u8] {
        &[]
    }

    /// Goes past the characters that the first `octets` [ahead](Self::ahead) are, all of them whole.
    fn skip_ahead(&mut self, octets: usize) {
        let _ = octets;
    }
}

impl Runs for core::str::Chars<'_> {
    fn ahead(&self) -> &[u8] {
        self.as_str().as_bytes()
    }

    fn skip_ahead(&mut self, octets: usize) {
        *self = self.as_str().get(octets..).unwrap_or_default().chars();
    }
}

/// Characters that are taken one after the other, whatever has them.
#[derive(Clone, Debug)]
pub struct OneByOne<I>(pub I);

impl<I: Iterator<Item = char>> Iterator for OneByOne<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<I: Iterator<Item = char> + Clone> Runs for OneByOne<I> {}

/// How far octets go: the characters that they are, and the septets or code units of those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) octets: usize,
    pub(crate) characters: usize,
    pub(crate) units: usize,
}

/// The first characters of others: so many, or as many as are so many octets in UTF-8.
#[derive(Clone, Debug)]
pub(crate) struct First<I> {
    text: I,
    /// How many characters are left; `usize::MAX` where octets say so.
    characters: usize,
    octets: [usize; WIDE as usize],
}

impl<I> First<I> {
    pub(crate) const fn characters(text: I, characters: usize) -> Self {
        Self { text, characters, octets: [usize::MAX; WIDE as usize] }
    }

    pub(crate) const fn octets(text: I, octets: [usize; WIDE as usize]) -> Self {
        Self { text, characters: usize::MAX, octets }
    }
}

impl<I: Iterator<Item = char>> Iterator for First<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.characters = self.characters.checked_sub(1)?;
        if self.octets.first() == Some(&0) {
            return None;
        }
        let character = self.text.next()?;
        for left in &mut self.octets {
            *left = left.saturating_sub(character.len_utf8());
        }
        Some(character)
    }
}

impl<I: Runs> Runs for First<I> {
    fn ahead(&self) -> &[u8] {
        let octets = self.text.ahead();
        // A character is an octet at least.
        let left = self.octets.iter().fold(self.characters, |left, octets| left.min(*octets));
        octets.get(..left).unwrap_or(octets)
    }

    fn skip_ahead(&mut self, octets: usize) {
        match self.octets.first_mut() {
            Some(left) if *left <= self.characters => *left = left.saturating_sub(octets),
            _ => {
                let skipped = self.text.ahead().get(..octets).unwrap_or_default();
                self.characters = self.characters.saturating_sub(wide::characters(skipped));
            }
        }
        self.text.skip_ahead(octets);
    }
}

/// How many of the octets are whole characters of UTF-8, which may end within one.
pub(crate) fn whole(octets: &[u8]) -> usize {
    if octets.last().is_none_or(u8::is_ascii) {
        return octets.len();
    }
    let end = octets.iter().rev().take(4).position(|octet| octet & 0xC0 != 0x80);
    match end {
        // The last character begins so many octets before the end.
        Some(behind) => {
            let begin = octets.len().saturating_sub(behind).saturating_sub(1);
            let first = octets.get(begin).copied().unwrap_or_default();
            let len = match first {
                0..0x80 => 1,
                0x80..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            if behind.saturating_add(1) >= len { octets.len() } else { begin }
        }
        None => 0,
    }
}
