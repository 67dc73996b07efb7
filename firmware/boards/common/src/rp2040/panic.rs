//! A panic or a hard fault: what it says is kept, and the board starts anew.

use core::fmt::Arguments;
use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};
use embassy_rp::peripherals::WATCHDOG;
use embassy_rp::watchdog::Watchdog;

use crate::last_words;

fn end(words: Arguments<'_>) -> ! {
    cortex_m::interrupt::disable();
    last_words::keep(words);
    // SAFETY: nobody else uses it any more.
    Watchdog::new(unsafe { WATCHDOG::steal() }).trigger_reset();
    loop {
        cortex_m::asm::nop();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    end(format_args!("{info}"))
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    end(format_args!("hard fault at {:#010x}", frame.pc()))
}
