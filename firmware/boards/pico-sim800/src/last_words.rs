//! What a panic says, kept over the restart that follows it.

use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use cortex_m_rt::exception;
use embassy_rp::peripherals::WATCHDOG;
use embassy_rp::watchdog::Watchdog;

/// Octets that are kept of it.
const LEN: usize = 160;

/// Says that what is kept is whole. RAM that lost its power has something else there.
const WHOLE: u32 = 0x5E_97_E7_01;

#[derive(Clone, Copy)]
struct Kept {
    whole: u32,
    len: usize,
    text: [u8; LEN],
}

struct Place(UnsafeCell<MaybeUninit<Kept>>);

// SAFETY: written where nothing runs any more, and read before anything else does.
unsafe impl Sync for Place {}

// The section that the start-up code does not touch.
#[unsafe(link_section = ".uninit.LAST_WORDS")]
static PLACE: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

/// What was kept before the restart, once.
pub struct LastWords(Kept);

impl LastWords {
    /// `None` where the board did not restart for a panic.
    pub fn take() -> Option<Self> {
        // SAFETY: any octets are a `Kept`; they are read past the compiler, which knows of no writer.
        let kept = unsafe { PLACE.0.get().cast::<Kept>().read_volatile() };
        // SAFETY: as above.
        unsafe { (&raw mut (*PLACE.0.get().cast::<Kept>()).whole).write_volatile(0) };
        (kept.whole == WHOLE).then_some(Self(kept))
    }

    /// The text.
    pub fn text(&self) -> &str {
        let octets = self.0.text.get(..self.0.len).unwrap_or_default();
        core::str::from_utf8(octets).unwrap_or("words that are damaged")
    }
}

impl Write for Kept {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for octet in text.bytes().filter(u8::is_ascii) {
            let Some(place) = self.text.get_mut(self.len) else { return Err(fmt::Error) };
            // A line stays one.
            *place = if octet == b'\n' { b' ' } else { octet };
            self.len += 1;
        }
        Ok(())
    }
}

fn keep(words: impl fmt::Display) -> ! {
    cortex_m::interrupt::disable();
    let mut kept = Kept { whole: WHOLE, len: 0, text: [0; LEN] };
    // What does not fit is left out.
    let _ = write!(kept, "{words}");
    // SAFETY: nothing else runs any more.
    unsafe { PLACE.0.get().cast::<Kept>().write_volatile(kept) };
    // SAFETY: nobody else uses it any more.
    Watchdog::new(unsafe { WATCHDOG::steal() }).trigger_reset();
    loop {
        cortex_m::asm::nop();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    keep(info)
}

#[exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    keep(format_args!("hard fault at {:#010x}", frame.pc()))
}
