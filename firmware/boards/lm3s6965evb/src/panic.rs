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

/// Says that there is a message: no more likely than one in 2^32 after the power came.
const WRITTEN: u32 = 0x5E97_E701;

/// The message, in memory that is not cleared at a reset.
#[repr(C)]
struct Kept {
    written: u32,
    len: usize,
    text: [u8; LEN],
}

struct Place(UnsafeCell<MaybeUninit<Kept>>);

// SAFETY: it is used before interrupts are on and after they are off, on one core.
unsafe impl Sync for Place {}

// SAFETY: the script of cortex-m-rt has this section, in RAM, where nothing else is and nothing is cleared.
#[unsafe(link_section = ".uninit.panic")]
static KEPT: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

/// The message of the panic that ended the life before this one. It is told once.
///
/// To be called before interrupts are on.
pub fn take() -> Option<String<LEN>> {
    let kept = KEPT.0.get().cast::<Kept>();
    // SAFETY: nothing else uses it now, see `Place`. Any octets are a value of integers, and those in
    // this section are whatever the RAM has: they are read as volatile, so that the compiler takes
    // nothing for granted.
    let Kept { written, len, text } = unsafe {
        let found = kept.read_volatile();
        (&raw mut (*kept).written).write_volatile(0);
        found
    };
    let text = text.get(..len).filter(|_| written == WRITTEN)?;
    let mut message = String::new();
    for octet in text {
        // A message has its lines joined, since one line tells it.
        let character = if matches!(octet, b' '..=b'~') { char::from(*octet) } else { ' ' };
        let _ = message.push(character);
    }
    Some(message)
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
    let mut kept = Kept { written: WRITTEN, len: 0, text: [0; LEN] };
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
