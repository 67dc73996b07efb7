//! The end of the flash, where the gateway keeps what a power cut must not take.

use embassy_rp::clocks::RoscRng;
use embassy_rp::flash::{self, Blocking, ERASE_SIZE, FLASH_BASE, READ_SIZE, WRITE_SIZE};
use embassy_rp::peripherals::FLASH;
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use septet_board::last_words::LastWords;
use septet_board::rp2040::watchdog::Guard;
use septet_board::time::now;
use septet_firmware::gateway::flash::Flash;
use septet_firmware::gateway::keep::{Keep, Key, Kind};
use septet_firmware::gateway::{Gateway, apis};
use static_cell::StaticCell;

use crate::host;
use crate::serial::ModemLine;

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
    pub host: host::Line,
    pub modem: &'static ModemLine,
}

impl Store {
    fn standing<R>(&mut self, work: impl FnOnce(&mut ChipFlash) -> R) -> R {
        let Self { flash, host, modem } = self;
        let done = host.standing(|| modem.standing(|| work(flash)));
        host.go_on();
        modem.go_on();
        done
    }
}

/// A gateway with room for a request of 2 KB and an answer of 4 KB.
pub type BoardGateway = Gateway<Flash<Store>, 2048, 4096>;

/// The gateway with what it has kept; `None` where the flash cannot be read or written.
pub fn open(store: Store, is_hang: bool) -> Option<&'static mut BoardGateway> {
    static GATEWAY: StaticCell<BoardGateway> = StaticCell::new();
    let octets = |at: *const u8| at as u32 - FLASH_BASE as u32;
    let place = octets(&raw const _records_start)..octets(&raw const _records_end);
    let mut keep = Flash::new(store, place)?;
    let is_readable = keep.keys(&mut |_| {}).is_ok();
    if !is_readable {
        // Where that fails too, the gateway finds out.
        let _ = keep.erase();
    }
    let seed = seed(&mut keep)?;
    let mut gateway = Gateway::open(keep, apis::ALL, seed, random(), now()).ok()?;
    match LastWords::take() {
        _ if !is_readable => {
            gateway.started_after("a flash that could not be read: what it had is gone");
        }
        Some(words) => gateway.started_after(words.text()),
        None if is_hang => gateway.started_after("a hang"),
        None => {}
    }
    Some(GATEWAY.init(gateway))
}

/// The number that no other board has: made at the first start, and kept. `None` where it cannot be.
fn seed(keep: &mut impl Keep) -> Option<u64> {
    let mut room = [0; size_of::<u64>()];
    if keep.get(SEED, &mut room).ok()?.is_none() {
        room = random().to_be_bytes();
        keep.put(SEED, &room).ok()?;
    }
    Some(u64::from_be_bytes(room))
}

/// A number that is another one each time: 512 bits of the ring oscillator, of which each has little
/// that is random, mixed by FNV-1a.
fn random() -> u64 {
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
        let done = self.standing(|flash| flash.blocking_erase(from, to));
        Guard::erased();
        done
    }

    fn write(&mut self, offset: u32, octets: &[u8]) -> Result<(), flash::Error> {
        self.standing(|flash| flash.blocking_write(offset, octets))
    }
}

impl MultiwriteNorFlash for Store {}
