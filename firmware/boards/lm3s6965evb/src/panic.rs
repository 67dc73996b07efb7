//! How a life of the board ends, and what the next one knows of it.

use core::cell::UnsafeCell;
use core::fmt::{self, Write as _};
use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use heapless::String;
use septet_firmware::gateway::START_MAX;

use crate::system::{self, Cause};

/// The octets of a panic's message that are kept.
const LEN: usize = START_MAX - PANIC.len();

/// What stands before it.
const PANIC: &str = "a panic: ";

/// What `Kept::state` has in a life, after a panic, and after a hang. That a RAM has one of them by
/// chance when the power comes is no more likely than 3 in 2^32.
const ALIVE: u32 = 0x5E97_E701;
const PANICKED: u32 = 0x5E97_E702;
const HUNG: u32 = 0x5E97_E703;

/// Memory that is not cleared at a reset.
#[repr(C)]
struct Kept {
    state: u32,
    /// How many lives in a row ended by a panic or a hang.
    deaths: u32,
    len: usize,
    text: [u8; LEN],
}

struct Place(UnsafeCell<MaybeUninit<Kept>>);

// SAFETY: it is used before interrupts are on and after they are off, on one core; but for `deaths`,
// which is a word.
unsafe impl Sync for Place {}

// SAFETY: the script of cortex-m-rt has this section, in RAM, where nothing else is and nothing is cleared.
#[unsafe(link_section = ".uninit.panic")]
static KEPT: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

/// How this life of the board began.
#[derive(Debug)]
pub struct Start {
    /// What made it start; empty where its power did.
    pub after: String<START_MAX>,
    /// How many lives before it ended by a panic or a hang, one behind the other.
    pub deaths: u32,
}

/// How this life began. To be asked once, before interrupts are on.
pub fn start() -> Start {
    let kept = KEPT.0.get().cast::<Kept>();
    // SAFETY: nothing else uses it now, see `Place`. Any octets are a value of integers, and those in
    // this section are whatever the RAM has: they are read as volatile, so that the compiler takes
    // nothing for granted.
    let Kept { state, deaths, len, text } = unsafe { kept.read_volatile() };
    let mut after = String::new();
    let is_death = match (state, system::cause()) {
        (PANICKED, _) => {
            let message = text.iter().take(len).copied().map(printable);
            // It has room for both.
            let _ = PANIC.chars().chain(message).try_for_each(|c| after.push(c));
            true
        }
        (ALIVE, Cause::Power) => false,
        (ALIVE, Cause::Button) => {
            let _ = after.push_str("a reset");
            false
        }
        (ALIVE | HUNG, _) => {
            let _ = after.push_str("a hang");
            true
        }
        _ => false,
    };
    let deaths = if is_death { deaths.saturating_add(1) } else { 0 };
    // SAFETY: as above.
    unsafe {
        (&raw mut (*kept).state).write_volatile(ALIVE);
        (&raw mut (*kept).deaths).write_volatile(deaths);
    }
    Start { after, deaths }
}

/// Tells that this life lasts.
pub fn lasts() {
    // SAFETY: see `Place`.
    unsafe { (&raw mut (*KEPT.0.get().cast::<Kept>()).deaths).write_volatile(0) };
}

/// An octet of a message, whose lines are joined, since one line tells it.
fn printable(octet: u8) -> char {
    if matches!(octet, b' '..=b'~') { char::from(octet) } else { ' ' }
}

/// Writes as much of a message as there is room for.
struct Writer {
    len: usize,
    text: [u8; LEN],
}

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for octet in text.bytes() {
            let Some(place) = self.text.get_mut(self.len) else { break };
            *place = octet;
            self.len += 1;
        }
        Ok(())
    }
}

/// Ends this life.
fn end(state: u32, words: fmt::Arguments<'_>) -> ! {
    cortex_m::interrupt::disable();
    let mut writer = Writer { len: 0, text: [0; LEN] };
    let _ = writer.write_fmt(words);
    let kept = KEPT.0.get().cast::<Kept>();
    // SAFETY: interrupts are off, see `Place`.
    unsafe {
        (&raw mut (*kept).len).write_volatile(writer.len);
        (&raw mut (*kept).text).write_volatile(writer.text);
        (&raw mut (*kept).state).write_volatile(state);
    }
    SCB::sys_reset()
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    end(PANICKED, format_args!("{info}"))
}

/// Ends a life that makes no progress.
pub fn hang() -> ! {
    end(HUNG, format_args!(""))
}

// SAFETY: it only reads the frame, and does not return.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    panic!("hard fault at {:#010X}", frame.pc())
}
