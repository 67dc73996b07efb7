//! The gateway over the flash, from which the chip cannot run while a page is erased.

use embassy_rp::clocks::RoscRng;
use embassy_rp::flash::Blocking;
use embassy_rp::peripherals::FLASH;
use embassy_rp::{Peri, flash, pac};
use septet_board::rp2040::watchdog::Guard;
use septet_firmware::gateway::apis;
use septet_firmware::gateway::flash::{Flash, Held};

/// Octets of the flash.
const FLASH_SIZE: usize = 2048 * 1024;

/// Where messages and settings are: the last 256 KB, which memory.x leaves alone.
const KEEP: core::ops::Range<u32> = (2048 - 256) * 1024..2048 * 1024;

/// The bit of GP5, the modem's TXD.
const MODEM_SPEAKS: u32 = 1 << 5;

type Chip = flash::Flash<'static, FLASH, Blocking, FLASH_SIZE>;

/// The board's gateway, with room for requests of 2 KB and replies of 4 KB.
pub type Gateway = septet_firmware::gateway::Gateway<Flash<Held<Chip, fn(bool)>>, 2048, 4096>;

/// The gateway, which goes on where it ended, and the number that no other board has.
pub fn open(place: Peri<'static, FLASH>, is_hang: bool) -> (Gateway, [u8; 8]) {
    // SAFETY: it is used by one of them after the other.
    let chip = || Chip::new_blocking(unsafe { place.clone_unchecked() });
    let mut id = [0; 8];
    chip().blocking_unique_id(&mut id).expect("the flash has a number");
    let hold: fn(bool) = hold;
    let flash = || Flash::new(Held { flash: chip(), hold }, KEEP).expect("whole pages");
    let random = RoscRng.next_u64();
    let seed = u64::from_be_bytes(id);
    (septet_board::keep::open(flash, apis::CALLING, seed, random, is_hang), id)
}

/// Lets the modem finish before a page is erased. There is no RTS on this board: of what it begins to say
/// in the time after, its UART loses what is more than 32 octets, and the session finds out.
fn hold(is_held: bool) {
    if is_held {
        let speaks = || pac::SIO.gpio_in(0).read() & MODEM_SPEAKS == 0;
        septet_board::keep::wait_for_silence(speaks);
    } else {
        Guard::erased();
    }
}
