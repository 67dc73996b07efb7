//! Records in flash, where a power cut leaves them: through `sequential-storage`, which spreads what is
//! written over all pages and repairs what a cut has torn.
//!
//! A page whose erasing was cut off may look like one that is in use, and its records like some of them. So
//! it is noted in the page itself that it is to be erased, and done again at the next start. What was
//! written is read back: a flash that is worn out does not say so.
//!
//! Erasing a page stops a chip that runs from the same flash for tens of milliseconds, and what its lines
//! hear meanwhile is lost. [`Held`] has them held before.

pub mod once;

use core::ops::Range;

use embassy_futures::block_on;
use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use embedded_storage_async::nor_flash as nor;
use sequential_storage::Error;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage};

use super::keep::{Keep, Key, Trouble};
use super::sms::MESSAGE_MAX;

/// Room for the longest record with its key, in whole words of any flash.
const ROOM: usize = (MESSAGE_MAX + size_of::<u32>()).next_multiple_of(32);

/// What is found is not remembered: a board has little memory, and reads fast.
type NoCache = Cache<Uncached, Uncached, Uncached, u32>;

type Map<F> = MapStorage<u32, Pages<F>, NoCache>;

/// Records in a part of a flash.
pub struct Flash<F: NorFlash + MultiwriteNorFlash> {
    map: Map<F>,
    room: [u8; ROOM],
    /// Whether what a cut has left half erased was erased.
    is_mended: bool,
    /// How many more octets have no room, once that was found: finding it erases every page.
    too_many: Option<usize>,
}

/// The octets of a record besides its value: those of `sequential-storage`, and the key.
const HEAD: usize = 12;

impl<F: NorFlash + MultiwriteNorFlash> core::fmt::Debug for Flash<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Flash").finish_non_exhaustive()
    }
}

impl<F: NorFlash + MultiwriteNorFlash> Flash<F> {
    /// The records in these octets of a flash: whole pages, two at least. `None` where they are none.
    /// What the octets had before, where it was no records, is erased.
    pub fn new(flash: F, place: Range<u32>) -> Option<Self> {
        let page = F::ERASE_SIZE as u32;
        let size = place.end.checked_sub(place.start)?;
        if page <= MARK || !place.start.is_multiple_of(page) || !size.is_multiple_of(page) {
            return None;
        }
        let pages = Pages { flash, start: place.start, count: size / page };
        let map = MapConfig::try_new(0..pages.count * Pages::<F>::USED).ok()?;
        let map = MapStorage::new(pages, map, Cache::new_uncached());
        Some(Self { map, room: [0; ROOM], is_mended: false, too_many: None })
    }

    /// Erases every record.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    pub fn erase(&mut self) -> Result<(), Trouble> {
        self.too_many = None;
        block_on(self.map.erase_all()).map_err(trouble)
    }

    /// The flash.
    pub fn into_inner(self) -> F {
        self.map.destroy().0.flash
    }

    /// How many octets more there are with this record.
    fn more(&mut self, key: Key, value: &[u8]) -> Result<usize, Trouble> {
        let (map, room) = self.records()?;
        let old = block_on(map.fetch_item::<&[u8]>(room, &key.code())).map_err(trouble)?;
        let old = old.map_or(0, |old| old.len().saturating_add(HEAD));
        Ok(value.len().saturating_add(HEAD).saturating_sub(old))
    }

    /// The records, and room for one.
    fn records(&mut self) -> Result<(&mut Map<F>, &mut [u8]), Trouble> {
        if !self.is_mended {
            self.map.flash().mend().map_err(|_| Trouble::Broken)?;
            self.is_mended = true;
        }
        Ok((&mut self.map, &mut self.room))
    }
}

fn trouble<E>(error: Error<E>) -> Trouble {
    match error {
        Error::FullStorage | Error::ItemTooBig | Error::BufferTooBig => Trouble::Full,
        _ => Trouble::Broken,
    }
}

// A future of a flash that does everything at once is ready when it is asked first.
impl<F: NorFlash + MultiwriteNorFlash> Keep for Flash<F> {
    fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble> {
        let more = match self.too_many {
            None => 0,
            Some(_) => self.more(key, value)?,
        };
        if self.too_many.is_some_and(|too_many| more >= too_many) {
            return Err(Trouble::Full);
        }
        let (map, room) = self.records()?;
        let kept = block_on(map.store_item(room, &key.code(), &value)).map_err(trouble);
        match kept {
            Err(Trouble::Full) => self.too_many = Some(self.more(key, value)?),
            Ok(()) => self.too_many = self.too_many.map(|own| own.saturating_sub(more)),
            Err(Trouble::Broken) => {}
        }
        kept
    }

    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
        let (map, own) = self.records()?;
        let found = block_on(map.fetch_item::<&[u8]>(own, &key.code())).map_err(trouble)?;
        let Some(value) = found else { return Ok(None) };
        let room = room.get_mut(..value.len()).ok_or(Trouble::Broken)?;
        room.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        Ok(Some(value.len()))
    }

    fn remove(&mut self, key: Key) -> Result<(), Trouble> {
        let (map, room) = self.records()?;
        let found = block_on(map.fetch_item::<&[u8]>(room, &key.code())).map_err(trouble)?;
        let Some(len) = found.map(<[u8]>::len) else { return Ok(()) };
        block_on(map.remove_item(room, &key.code())).map_err(trouble)?;
        self.too_many = self.too_many.map(|own| own.saturating_add(len).saturating_add(HEAD));
        Ok(())
    }

    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
        let (map, own) = self.records()?;
        let told = async {
            let mut room = [0; ROOM];
            let mut items = map.fetch_all_items(own).await?;
            while let Some((key, _)) = items.next::<&[u8]>(&mut room).await? {
                tell(Key::of_code(key));
            }
            Ok(())
        };
        block_on(told).map_err(trouble)
    }
}

/// The octets at the end of each page that are zeros once it is to be erased: whole words of any flash.
const MARK: u32 = 32;

/// How many octets are looked at together.
const PIECE: usize = 32;

/// The pages of a flash, less the octets that say that one is to be erased. Everything is done at once,
/// for what would wait for it.
struct Pages<F> {
    flash: F,
    /// Where the first page is, and how many there are.
    start: u32,
    count: u32,
}

/// Why pages cannot be read or written.
#[derive(Debug)]
enum Fault<E> {
    /// What the flash says.
    Flash(E),
    /// It does not have what was written.
    Worn,
}

impl<E: core::fmt::Debug> NorFlashError for Fault<E> {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl<F: NorFlash> Pages<F> {
    /// How many octets of a page records may have.
    const USED: u32 = F::ERASE_SIZE as u32 - MARK;

    /// Where an octet is in the flash.
    const fn place(&self, offset: u32) -> u32 {
        self.start + offset / Self::USED * F::ERASE_SIZE as u32 + offset % Self::USED
    }

    /// Whether these octets of the flash are all as erasing leaves them.
    fn is_blank(&mut self, place: Range<u32>) -> Result<bool, Fault<F::Error>> {
        let mut room = [0; PIECE];
        for at in place.step_by(PIECE) {
            self.flash.read(at, &mut room).map_err(Fault::Flash)?;
            if room.iter().any(|octet| *octet != u8::MAX) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Erases the page that begins here.
    fn erase_page(&mut self, start: u32) -> Result<(), Fault<F::Error>> {
        let end = start.saturating_add(F::ERASE_SIZE as u32);
        let mark = end.saturating_sub(MARK);
        self.flash.write(mark, &[0; MARK as usize]).map_err(Fault::Flash)?;
        self.flash.erase(start, end).map_err(Fault::Flash)?;
        if self.is_blank(start..end)? { Ok(()) } else { Err(Fault::Worn) }
    }

    /// Erases what is to be erased, and what has something though it was not begun: what a cut has left,
    /// or what was there before all records.
    fn mend(&mut self) -> Result<(), Fault<F::Error>> {
        for page in 0..self.count {
            let start = self.place(page.saturating_mul(Self::USED));
            let end = start.saturating_add(F::ERASE_SIZE as u32);
            let mut first = [0; PIECE];
            self.flash.read(start, &mut first).map_err(Fault::Flash)?;
            // As `sequential-storage` has it: half of the first word is zeros once the page is in use.
            let word = first.get(..F::READ_SIZE).unwrap_or_default();
            let is_used = word.iter().map(|octet| octet.count_zeros()).sum::<u32>() >= 4;
            let mark = end.saturating_sub(MARK);
            if !self.is_blank(if is_used { mark..end } else { start..end })? {
                self.erase_page(start)?;
            }
        }
        Ok(())
    }
}

impl<F: ErrorType> ErrorType for Pages<F> {
    type Error = Fault<F::Error>;
}

impl<F: NorFlash> nor::ReadNorFlash for Pages<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.flash.read(self.place(offset), bytes).map_err(Fault::Flash)
    }

    fn capacity(&self) -> usize {
        self.count.saturating_mul(Self::USED) as usize
    }
}

impl<F: NorFlash> nor::NorFlash for Pages<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = Self::USED as usize;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        for offset in (from..to).step_by(Self::USED as usize) {
            self.erase_page(self.place(offset))?;
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        let place = self.place(offset);
        self.flash.write(place, bytes).map_err(Fault::Flash)?;
        let mut room = [0; PIECE];
        for (piece, at) in bytes.chunks(PIECE).zip((place..).step_by(PIECE)) {
            let own = room.get_mut(..piece.len()).unwrap_or_default();
            self.flash.read(at, own).map_err(Fault::Flash)?;
            if own != piece {
                return Err(Fault::Worn);
            }
        }
        Ok(())
    }
}

impl<F: MultiwriteNorFlash> nor::MultiwriteNorFlash for Pages<F> {}

/// A flash before whose erasing the lines are held: `hold(true)` comes back when nothing more comes over
/// them, by RTS or because they are silent; `hold(false)` lets them go on.
#[derive(Debug)]
pub struct Held<F, H> {
    /// The flash.
    pub flash: F,
    /// Holds the lines and lets them go on.
    pub hold: H,
}

impl<F: ErrorType, H> ErrorType for Held<F, H> {
    type Error = F::Error;
}

impl<F: ReadNorFlash, H> ReadNorFlash for Held<F, H> {
    const READ_SIZE: usize = F::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.flash.capacity()
    }
}

impl<F: NorFlash, H: FnMut(bool)> NorFlash for Held<F, H> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        (self.hold)(true);
        let erased = self.flash.erase(from, to);
        (self.hold)(false);
        erased
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.flash.write(offset, bytes)
    }
}

impl<F: MultiwriteNorFlash, H: FnMut(bool)> MultiwriteNorFlash for Held<F, H> {}
