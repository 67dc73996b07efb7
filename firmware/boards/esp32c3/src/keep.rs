//! The gateway over the flash, from which the chip cannot run while a page is erased.

use core::cell::RefCell;

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use esp_hal::peripherals::{FLASH, GPIO};
use esp_hal::rng::Rng;
use esp_storage::{FlashStorage, FlashStorageError};
use septet_firmware::gateway;
use septet_firmware::gateway::apis;
use septet_firmware::gateway::flash::Held;
use static_cell::StaticCell;

use crate::watchdog::Guard;

/// Where messages and settings are: the last 256 KB of 4 MB.
const KEEP: core::ops::Range<u32> = 0x3C_0000..0x40_0000;

/// The bit of GPIO4, the modem's TXD.
const MODEM_SPEAKS: u32 = 1 << 4;

type Flash = gateway::flash::Flash<Held<Chip, fn(bool)>>;

/// The board's gateway, with room for requests of 2 KB and replies of 4 KB.
pub type Gateway = gateway::Gateway<Flash, 2048, 4096>;

/// The gateway, which goes on where it ended.
pub fn open(place: FLASH<'static>, is_hang: bool) -> Gateway {
    static CHIP: StaticCell<RefCell<FlashStorage<'static>>> = StaticCell::new();
    let chip = &*CHIP.init(RefCell::new(FlashStorage::new(place)));
    let hold: fn(bool) = hold;
    let flash = || Flash::new(Held { flash: Chip(chip), hold }, KEEP).expect("whole pages");
    let address = esp_hal::efuse::base_mac_address();
    let seed = address.as_bytes().iter().fold(0, |seed, octet| seed << 8 | u64::from(*octet));
    let mut random = [0; 8];
    Rng::new().read(&mut random);
    septet_board::keep::open(flash, apis::ALL, seed, u64::from_be_bytes(random), is_hang)
}

/// Lets the modem finish before a page is erased.
fn hold(is_held: bool) {
    if is_held {
        let speaks = || GPIO::regs().in_().read().bits() & MODEM_SPEAKS == 0;
        septet_board::keep::wait_for_silence(speaks);
    } else {
        Guard::erased();
    }
}

/// The flash of the module, of which there is one.
pub struct Chip(&'static RefCell<FlashStorage<'static>>);

impl ErrorType for Chip {
    type Error = FlashStorageError;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = <FlashStorage<'_> as ReadNorFlash>::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashStorageError> {
        ReadNorFlash::read(&mut *self.0.borrow_mut(), offset, bytes)
    }

    fn capacity(&self) -> usize {
        ReadNorFlash::capacity(&*self.0.borrow())
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = <FlashStorage<'_> as NorFlash>::WRITE_SIZE;
    const ERASE_SIZE: usize = <FlashStorage<'_> as NorFlash>::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashStorageError> {
        NorFlash::erase(&mut *self.0.borrow_mut(), from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashStorageError> {
        NorFlash::write(&mut *self.0.borrow_mut(), offset, bytes)
    }
}

impl MultiwriteNorFlash for Chip {}
