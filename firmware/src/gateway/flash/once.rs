//! A flash whose words are written once, as those with error correction are, made one whose words are
//! written several times.

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// Places of a word. A word is written twice, and once more for each power cut that tears its second
/// writing.
const PLACES: usize = 4;

/// Pages of the flash that are one here: so many that the longest record has room.
const PAGES: usize = 2 * PLACES;

/// The most octets of a word.
const WORD_MAX: usize = 32;

/// A flash of a quarter of the size, in which each word has four places, one behind the other. What is
/// read of a word is what its places have in common, since writing makes zeros of ones; a place that a
/// power cut has torn is as a word that it has torn.
///
/// Addresses are a quarter of those of the flash.
#[derive(Debug)]
pub struct Once<F>(pub F);

/// Why it does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// The flash reports an error.
    Flash(E),
    /// There is no place left for the word, or what is asked is not on the border of one.
    Place,
}

impl<E: NorFlashError> NorFlashError for Error<E> {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Flash(error) => error.kind(),
            Self::Place => NorFlashErrorKind::Other,
        }
    }
}

impl<F: ErrorType> ErrorType for Once<F> {
    type Error = Error<F::Error>;
}

impl<F: NorFlash> Once<F> {
    /// Octets of a word.
    const WORD: usize = F::WRITE_SIZE;

    /// Where a place of the word at `offset` is.
    fn place(offset: u32, place: usize) -> Option<u32> {
        let start = offset.checked_mul(PLACES as u32)?;
        start.checked_add((place * Self::WORD) as u32)
    }

    /// Reads a word, and says which place was not written yet.
    fn word(&mut self, offset: u32, word: &mut [u8]) -> Result<Option<usize>, Error<F::Error>> {
        let mut free = None;
        word.fill(0xFF);
        for place in 0..PLACES {
            let mut room = [0; WORD_MAX];
            let room = room.get_mut(..Self::WORD).ok_or(Error::Place)?;
            let at = Self::place(offset, place).ok_or(Error::Place)?;
            self.0.read(at, room).map_err(Error::Flash)?;
            if room.iter().all(|octet| *octet == 0xFF) {
                free = free.or(Some(place));
            }
            word.iter_mut().zip(room).for_each(|(all, own)| *all &= *own);
        }
        Ok(free)
    }
}

impl<F: NorFlash> ReadNorFlash for Once<F> {
    const READ_SIZE: usize = F::WRITE_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for (at, own) in (offset..).step_by(Self::WORD).zip(bytes.chunks_mut(Self::WORD)) {
            if own.len() < Self::WORD {
                return Err(Error::Place);
            }
            self.word(at, own)?;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.capacity() / PLACES
    }
}

impl<F: NorFlash> NorFlash for Once<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE * PAGES / PLACES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        let place = |offset| Self::place(offset, 0).ok_or(Error::Place);
        self.0.erase(place(from)?, place(to)?).map_err(Error::Flash)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        for (at, own) in (offset..).step_by(Self::WORD).zip(bytes.chunks(Self::WORD)) {
            let mut room = [0; WORD_MAX];
            let before = room.get_mut(..own.len()).filter(|_| own.len() == Self::WORD);
            let before = before.ok_or(Error::Place)?;
            let free = self.word(at, before)?;
            // What is there already, and what is as erased, needs no place.
            if before.iter().zip(own).all(|(before, own)| before & own == *before) {
                continue;
            }
            let place = free.and_then(|place| Self::place(at, place)).ok_or(Error::Place)?;
            self.0.write(place, own).map_err(Error::Flash)?;
        }
        Ok(())
    }
}

impl<F: NorFlash> MultiwriteNorFlash for Once<F> {}
