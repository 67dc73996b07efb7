//! What happens on a panic: its message is kept over a reset, and told after it.

use core::cell::UnsafeCell;
use core::fmt::{self, Write as _};
use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use heapless::String;

/// The octets of a message that are kept.
const LEN: usize = 240;

/// What `Kept::state` has in a life, and after a panic. That a RAM has one of them by chance when the
/// power comes is no more likely than 2 in 2^32.
const ALIVE: u32 = 0x5E97_E701;
const PANICKED: u32 = 0x5E97_E702;

/// Memory that is not cleared at a reset.
#[repr(C)]
struct Kept {
    state: u32,
    len: usize,
    text: [u8; LEN],
}

struct Place(UnsafeCell<MaybeUninit<Kept>>);

// SAFETY: it is used before interrupts are on and after they are off, on one core.
unsafe impl Sync for Place {}

// SAFETY: the script of cortex-m-rt has this section, in RAM, where nothing else is and nothing is cleared.
#[unsafe(link_section = ".uninit.panic")]
static KEPT: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

/// How this life of the board began.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is no heap, and one of them")]
pub enum Start {
    /// The power came.
    Power,
    /// A reset: by the button, or by the watchdog where it could not tell more.
    Reset,
    /// A panic, with its message.
    Panic(String<LEN>),
}

/// How this life began. To be asked once, before interrupts are on.
pub fn start() -> Start {
    let kept = KEPT.0.get().cast::<Kept>();
    // SAFETY: nothing else uses it now, see `Place`. Any octets are a value of integers, and those in
    // this section are whatever the RAM has: they are read as volatile, so that the compiler takes
    // nothing for granted.
    let Kept { state, len, text } = unsafe {
        let found = kept.read_volatile();
        (&raw mut (*kept).state).write_volatile(ALIVE);
        found
    };
    match (state, text.get(..len)) {
        (PANICKED, Some(text)) => Start::Panic(text.iter().copied().map(printable).collect()),
        (ALIVE | PANICKED, _) => Start::Reset,
        _ => Start::Power,
    }
}

/// An octet of a message, whose lines are joined, since one line tells it.
fn printable(octet: u8) -> char {
    if matches!(octet, b' '..=b'~') { char::from(octet) } else { ' ' }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Power => f.write_str("start"),
            Self::Reset => f.write_str("start after a reset"),
            Self::Panic(message) => write!(f, "start after a panic: {message}"),
        }
    }
}

/// Writes as much of a message as there is room for.
struct Writer<'a>(&'a mut Kept);

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for octet in text.bytes() {
            let Some(place) = self.0.text.get_mut(self.0.len) else { break };
            *place = octet;
            self.0.len += 1;
        }
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    cortex_m::interrupt::disable();
    let mut kept = Kept { state: PANICKED, len: 0, text: [0; LEN] };
    let _ = write!(Writer(&mut kept), "{info}");
    // SAFETY: interrupts are off, see `Place`.
    unsafe { KEPT.0.get().cast::<Kept>().write_volatile(kept) };
    SCB::sys_reset()
}

// SAFETY: it only reads the frame, and does not return.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    panic!("hard fault at {:#010X}", frame.pc())
}
