//! The end of the flash, where the gateway keeps what a power cut must not take.

use core::ops::Range;

use embassy_rp::clocks::RoscRng;
use embassy_rp::flash::{self, Blocking, ERASE_SIZE, FLASH_BASE, READ_SIZE, WRITE_SIZE};
use embassy_rp::peripherals::FLASH;
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use septet_firmware::gateway::flash::Flash;
use septet_firmware::gateway::keep::{Keep, Key, Kind};

use crate::serial::{HostLine, ModemLine};

/// The octets of the flash.
const SIZE: usize = 2 * 1024 * 1024;

/// The key of the board's own number, beside the settings.
const SEED: Key = Key::new(Kind::Settings, 1);

unsafe extern "C" {
    // Of memory.x: where they are is what they say.
    static _records_start: u8;
    static _records_end: u8;
}

/// The flash of the chip.
pub type ChipFlash = flash::Flash<'static, FLASH, Blocking, SIZE>;

/// The flash, and the lines that go on while it is written.
pub struct Store {
    pub flash: ChipFlash,
    pub host: &'static HostLine,
    pub modem: &'static ModemLine,
}

impl Store {
    /// The records in the flash, and whether they can be read. Where they cannot they are erased.
    pub fn open(self) -> (Flash<Self>, bool) {
        let octets = |at: *const u8| at as u32 - FLASH_BASE as u32;
        let place: Range<u32> = octets(&raw const _records_start)..octets(&raw const _records_end);
        let mut keep = Flash::new(self, place).expect("memory.x has whole pages");
        let is_readable = keep.keys(&mut |_| {}).is_ok();
        if !is_readable {
            // Where that fails too, the gateway finds out.
            let _ = keep.erase();
        }
        (keep, is_readable)
    }

    fn standing<R>(&mut self, work: impl FnOnce(&mut ChipFlash) -> R) -> R {
        let Self { flash, host, modem } = self;
        host.standing(|| modem.standing(|| work(flash)))
    }
}

/// The number that no other board has: made at the first start, and kept.
pub fn seed(keep: &mut impl Keep) -> u64 {
    let mut room = [0; size_of::<u64>()];
    if let Ok(Some(_)) = keep.get(SEED, &mut room) {
        return u64::from_be_bytes(room);
    }
    let seed = random();
    // Where it cannot be kept, neither can messages.
    let _ = keep.put(SEED, &seed.to_be_bytes());
    seed
}

/// A number that is another one each time: 512 bits of the ring oscillator, of which each has little
/// that is random, mixed by FNV-1a.
pub fn random() -> u64 {
    (0..64).fold(0xcbf2_9ce4_8422_2325, |mixed: u64, _| {
        (mixed ^ u64::from(RoscRng::next_u8())).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl ErrorType for Store {
    type Error = flash::Error;
}

impl ReadNorFlash for Store {
    const READ_SIZE: usize = READ_SIZE;

    fn read(&mut self, offset: u32, octets: &mut [u8]) -> Result<(), flash::Error> {
        self.flash.blocking_read(offset, octets)
    }

    fn capacity(&self) -> usize {
        SIZE
    }
}

impl NorFlash for Store {
    const WRITE_SIZE: usize = WRITE_SIZE;
    const ERASE_SIZE: usize = ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), flash::Error> {
        self.standing(|flash| flash.blocking_erase(from, to))
    }

    fn write(&mut self, offset: u32, octets: &[u8]) -> Result<(), flash::Error> {
        self.standing(|flash| flash.blocking_write(offset, octets))
    }
}

impl MultiwriteNorFlash for Store {}
