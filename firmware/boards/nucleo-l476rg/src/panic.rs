//! A panic or a fault: what it says is kept, and the board starts anew.

use core::fmt::Display;
use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use septet_board::last_words;

fn end(words: impl Display) -> ! {
    cortex_m::interrupt::disable();
    last_words::keep(words);
    SCB::sys_reset();
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    end(info)
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    end(format_args!("hard fault at {:#010x}", frame.pc()))
}

#[exception]
unsafe fn NonMaskableInt() {
    if !crate::keep::forgive() {
        end("an interrupt that cannot be masked");
    }
}
