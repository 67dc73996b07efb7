//! Records in memory that a reset leaves alone: they outlast a watchdog and a panic, and no power cut.

use core::ops::Range;
use core::sync::atomic::{Ordering, compiler_fence};

use super::keep::{Keep, Key, Trouble};

/// The octets before the records: whether they are whole, and how many octets they have.
const START: usize = 8;

/// The octets before those of a record: its key and its length.
const HEAD: usize = 6;

/// What is added to the sum over the records: of another arrangement it would be another number.
const WHOLE: u32 = 0x5E97_E703;

/// Records in memory that the caller lends, which has after a reset what it had before.
///
/// A sum tells whether they are whole; it is wrong while they are changed. So a reset in the middle of a
/// change loses all of them, rather than one without which another would be told or sent again.
#[derive(Debug)]
pub struct Retained<'m> {
    octets: &'m mut [u8],
    /// The end of the records.
    end: usize,
    /// The sum over them, in any order.
    sum: u32,
}

impl<'m> Retained<'m> {
    /// The records that this memory has from before a reset; none where it has no whole ones.
    pub fn open(octets: &'m mut [u8]) -> Self {
        let mut own = Self { octets, end: START, sum: 0 };
        if let Some(end) = own.word(4).and_then(|end| usize::try_from(end).ok()) {
            own.end = end;
            own.sum = own.places().fold(0, |sum, (key, place)| {
                sum.wrapping_add(own.octets.get(place).map_or(0, |value| digest(key, value)))
            });
        }
        let last = own.places().last().map_or(START, |(_, place)| place.end);
        if last != own.end || own.word(0) != Some(own.check()) {
            own.clear();
        }
        own
    }

    /// Forgets every record.
    pub fn clear(&mut self) {
        self.spoil();
        (self.end, self.sum) = (START, 0);
        self.mend();
    }

    /// What the first word is while the records are whole.
    fn check(&self) -> u32 {
        self.sum.wrapping_add(WHOLE).wrapping_add((self.end as u32).wrapping_mul(PRIME))
    }

    /// The records are changed from here on, until [`mend`](Self::mend).
    fn spoil(&mut self) {
        self.set_word(0, !self.check());
        compiler_fence(Ordering::SeqCst);
    }

    /// The records are whole.
    fn mend(&mut self) {
        self.set_word(4, self.end as u32);
        compiler_fence(Ordering::SeqCst);
        self.set_word(0, self.check());
        compiler_fence(Ordering::SeqCst);
    }

    fn word(&self, at: usize) -> Option<u32> {
        self.octets.get(at..)?.first_chunk().map(|word| u32::from_ne_bytes(*word))
    }

    fn set_word(&mut self, at: usize, value: u32) {
        if let Some(word) = self.octets.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *word = value.to_ne_bytes();
        }
    }

    /// Where the octets of each record stand, with its key.
    fn places(&self) -> impl Iterator<Item = (Key, Range<usize>)> {
        let mut at = START;
        core::iter::from_fn(move || {
            let rest = self.octets.get(at..self.end)?;
            let (&[a, b, c, d, high, low], rest) = rest.split_first_chunk::<HEAD>()?;
            let len = usize::from(u16::from_be_bytes([high, low]));
            let start = at.saturating_add(HEAD);
            at = start.saturating_add(rest.get(..len)?.len());
            Some((Key::of_code(u32::from_be_bytes([a, b, c, d])), start..at))
        })
    }

    fn place(&self, key: Key) -> Option<Range<usize>> {
        self.places().find(|(own, _)| *own == key).map(|(_, place)| place)
    }

    fn count(&mut self, key: Key, place: Range<usize>, add: fn(u32, u32) -> u32) {
        let value = self.octets.get(place).unwrap_or_default();
        self.sum = add(self.sum, digest(key, value));
    }

    /// Takes a record out, between [`spoil`](Self::spoil) and [`mend`](Self::mend).
    fn take(&mut self, key: Key, place: Range<usize>) {
        self.count(key, place.clone(), u32::wrapping_sub);
        let start = place.start.saturating_sub(HEAD);
        if let Some(rest) = self.octets.get_mut(start..self.end) {
            let len = place.end.saturating_sub(start).min(rest.len());
            rest.copy_within(len.., 0);
            self.end = self.end.saturating_sub(len);
        }
    }
}

impl Keep for Retained<'_> {
    fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble> {
        let len = u16::try_from(value.len()).map_err(|_| Trouble::Full)?;
        let old = self.place(key);
        let freed = old.as_ref().map_or(0, |place| place.len().saturating_add(HEAD));
        let end = self.end.saturating_sub(freed).saturating_add(HEAD).saturating_add(value.len());
        if end > self.octets.len() {
            return Err(Trouble::Full);
        }
        self.spoil();
        let place = match old {
            // One that is as long stays where it is.
            Some(place) if place.len() == value.len() => {
                self.count(key, place.clone(), u32::wrapping_sub);
                place
            }
            old => {
                if let Some(place) = old {
                    self.take(key, place);
                }
                let head = key.code().to_be_bytes().into_iter().chain(len.to_be_bytes());
                let room = self.octets.get_mut(self.end..).unwrap_or_default();
                room.iter_mut().zip(head).for_each(|(to, from)| *to = from);
                let start = self.end.saturating_add(HEAD);
                self.end = end;
                start..end
            }
        };
        let room = self.octets.get_mut(place.clone()).unwrap_or_default();
        room.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        self.count(key, place, u32::wrapping_add);
        self.mend();
        Ok(())
    }

    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
        let Some(place) = self.place(key) else { return Ok(None) };
        let value = self.octets.get(place).ok_or(Trouble::Broken)?;
        let room = room.get_mut(..value.len()).ok_or(Trouble::Broken)?;
        room.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        Ok(Some(value.len()))
    }

    fn remove(&mut self, key: Key) -> Result<(), Trouble> {
        if let Some(place) = self.place(key) {
            self.spoil();
            self.take(key, place);
            self.mend();
        }
        Ok(())
    }

    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
        self.places().for_each(|(key, _)| tell(key));
        Ok(())
    }
}

/// FNV-1a of 32 bits: its prime, and where it begins.
const PRIME: u32 = 0x0100_0193;
const BASIS: u32 = 0x811C_9DC5;

/// The hash of a record.
fn digest(key: Key, value: &[u8]) -> u32 {
    let key = key.code().to_be_bytes();
    let octets = key.iter().chain(value);
    octets.fold(BASIS, |hash, octet| (hash ^ u32::from(*octet)).wrapping_mul(PRIME))
}
