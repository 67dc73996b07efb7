//! Records in flash, where a power cut leaves them: through `sequential-storage`, which spreads what is
//! written over all pages and repairs what a cut has torn.
//!
//! Erasing a page stops a chip that runs from the same flash for tens of milliseconds, and what its lines
//! hear meanwhile is lost. [`Held`] has them held before.

pub mod once;

use core::ops::Range;

use embassy_futures::block_on;
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use embedded_storage_async::nor_flash as nor;
use sequential_storage::Error;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage};

use super::keep::{Keep, Key, Trouble};
use super::outbox::MESSAGE_MAX;

/// Room for the longest record with its key, in whole words of any flash.
const ROOM: usize = (MESSAGE_MAX + size_of::<u32>()).next_multiple_of(32);

/// What is found is not remembered: a board has little memory, and reads fast.
type NoCache = Cache<Uncached, Uncached, Uncached, u32>;

/// Records in a part of a flash.
pub struct Flash<F: NorFlash + MultiwriteNorFlash> {
    map: MapStorage<u32, AtOnce<F>, NoCache>,
    room: [u8; ROOM],
}

impl<F: NorFlash + MultiwriteNorFlash> core::fmt::Debug for Flash<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Flash").finish_non_exhaustive()
    }
}

impl<F: NorFlash + MultiwriteNorFlash> Flash<F> {
    /// The records in these octets of a flash: whole pages, two at least. `None` where they are none.
    pub fn new(flash: F, place: Range<u32>) -> Option<Self> {
        let map = MapConfig::try_new(place).ok()?;
        Some(Self {
            map: MapStorage::new(AtOnce(flash), map, Cache::new_uncached()),
            room: [0; ROOM],
        })
    }

    /// Erases every record.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    pub fn erase(&mut self) -> Result<(), Trouble> {
        block_on(self.map.erase_all()).map_err(trouble)
    }

    /// The flash.
    pub fn into_inner(self) -> F {
        self.map.destroy().0.0
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
        block_on(self.map.store_item(&mut self.room, &key.code(), &value)).map_err(trouble)
    }

    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
        let key = key.code();
        let found = self.map.fetch_item::<&[u8]>(&mut self.room, &key);
        let Some(value) = block_on(found).map_err(trouble)? else { return Ok(None) };
        let room = room.get_mut(..value.len()).ok_or(Trouble::Broken)?;
        room.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        Ok(Some(value.len()))
    }

    fn remove(&mut self, key: Key) -> Result<(), Trouble> {
        block_on(self.map.remove_item(&mut self.room, &key.code())).map_err(trouble)
    }

    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
        let told = async {
            let mut room = [0; ROOM];
            let mut items = self.map.fetch_all_items(&mut self.room).await?;
            while let Some((key, _)) = items.next::<&[u8]>(&mut room).await? {
                tell(Key::of_code(key));
            }
            Ok(())
        };
        block_on(told).map_err(trouble)
    }
}

/// A flash that does everything at once, for what would wait for it.
struct AtOnce<F>(F);

impl<F: ErrorType> ErrorType for AtOnce<F> {
    type Error = F::Error;
}

impl<F: ReadNorFlash> nor::ReadNorFlash for AtOnce<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<F: NorFlash> nor::NorFlash for AtOnce<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.0.erase(from, to)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.write(offset, bytes)
    }
}

impl<F: MultiwriteNorFlash> nor::MultiwriteNorFlash for AtOnce<F> {}

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
