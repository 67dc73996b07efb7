//! The interrupts of the peripherals, and what is done at each.
//!
//! Datasheet, section 2.5 (exception model).

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use cortex_m_rt::exception;

use crate::{uart, watchdog};

/// The interrupt of a peripheral, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupt(u16);

impl Interrupt {
    pub const UART0: Self = Self(5);
    pub const UART1: Self = Self(6);
    /// The watchdog's first time-out.
    pub const WATCHDOG: Self = Self(18);

    /// Lets it come.
    pub fn unmask(self) {
        // SAFETY: no critical section of this program is made by masking single interrupts.
        unsafe { NVIC::unmask(self) };
    }
}

// SAFETY: the part has each of the numbers above, and a number is all that there is of one.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}

// SAFETY: nothing is asked of it but to serve the interrupts that this program lets come.
#[exception]
unsafe fn DefaultHandler(number: i16) {
    match Interrupt(number.cast_unsigned()) {
        Interrupt::UART0 => uart::interrupt(0),
        Interrupt::UART1 => uart::interrupt(1),
        Interrupt::WATCHDOG => panic!("no progress in {} s", watchdog::SECONDS),
        Interrupt(_) => panic!("interrupt {number}"),
    }
}
