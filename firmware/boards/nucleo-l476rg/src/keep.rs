//! The gateway over the second bank of the flash: the chip runs from the first one meanwhile.

use embassy_futures::block_on;
use embassy_stm32::flash::{Async, Error, Flash, InterruptHandler};
use embassy_stm32::interrupt::typelevel::{Binding, FLASH};
use embassy_stm32::{Peri, pac, peripherals, uid};
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use septet_firmware::gateway;
use septet_firmware::gateway::apis;
use septet_firmware::gateway::flash::once::Once;

use crate::watchdog::Guard;

/// Where messages and settings are: the last 256 KB of the flash, a quarter of it for what is in four
/// places.
const KEEP: core::ops::Range<u32> = (1024 - 256) * 1024 / 4..1024 * 1024 / 4;

/// The board's gateway, with room for requests of 2 KB and replies of 4 KB.
pub type Gateway = gateway::Gateway<gateway::flash::Flash<Once<Bank>>, 2048, 4096>;

/// The gateway, which goes on where it ended.
pub fn open(
    place: Peri<'static, peripherals::FLASH>,
    interrupt: impl Binding<FLASH, InterruptHandler> + Copy + 'static,
    random: u64,
    is_hang: bool,
) -> Gateway {
    let id = uid::uid();
    let (first, _) = id.split_last_chunk::<4>().expect("it has 12 octets");
    let seed = first.iter().fold(0, |seed, octet| seed << 8 | u64::from(*octet));
    let flash = || {
        // SAFETY: one is used after the other.
        let bank = Bank(Flash::new(unsafe { place.clone_unchecked() }, interrupt));
        gateway::flash::Flash::new(Once(bank), KEEP).expect("whole pages")
    };
    septet_board::keep::open(flash, apis::ALL, seed, random, is_hang)
}

/// The flash, which is written and erased with the interrupts on, so that no line loses anything.
pub struct Bank(Flash<'static, Async>);

impl ErrorType for Bank {
    type Error = Error;
}

impl ReadNorFlash for Bank {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.blocking_read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        1024 * 1024
    }
}

impl NorFlash for Bank {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 2048;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Error> {
        let done = block_on(self.0.erase(from, to));
        Guard::erased();
        done
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        block_on(self.0.write(offset, bytes))
    }
}

/// Takes note that a word cannot be corrected that a power cut has torn: it is read as it is, and what it
/// belongs to is found to be damaged. RM0351, section 3.3.3. Whether there was one.
pub fn forgive() -> bool {
    let is_torn = pac::FLASH.eccr().read().eccd();
    if is_torn {
        pac::FLASH.eccr().modify(|w| w.set_eccd(true));
    }
    is_torn
}
