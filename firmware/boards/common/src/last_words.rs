//! What a panic says, kept over the restart that follows it, in RAM that the start-up code leaves alone.

use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::mem::MaybeUninit;

/// Octets that are kept of it.
const LEN: usize = septet_firmware::gateway::START_MAX;

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
#[cfg_attr(target_arch = "arm", unsafe(link_section = ".uninit.LAST_WORDS"))]
#[cfg_attr(target_arch = "riscv32", unsafe(link_section = ".rtc_fast.persistent"))]
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

    /// `a panic:` and what was said, in ASCII.
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

/// Keeps what is said, of which what does not fit is left out. To be called where nothing else runs any
/// more: in a panic or a fault, with the interrupts off.
pub fn keep(words: impl fmt::Display) {
    let mut kept = Kept { whole: WHOLE, len: 0, text: [0; LEN] };
    let _ = write!(kept, "a panic: {words}");
    // SAFETY: nothing else runs any more.
    unsafe { PLACE.0.get().cast::<Kept>().write_volatile(kept) };
}
