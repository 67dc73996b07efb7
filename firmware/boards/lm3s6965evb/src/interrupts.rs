//! The interrupts of the peripherals, and what is done at each.
//!
//! Datasheet, section 2.5 (exception model).

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use cortex_m_rt::exception;

use crate::{panic, uart};

/// The interrupt of a peripheral, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupt(u16);

impl Interrupt {
    /// UART0 to UART2.
    pub const UARTS: [Self; 3] = [Self(5), Self(6), Self(33)];
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
    let interrupt = Interrupt(number.cast_unsigned());
    match Interrupt::UARTS.iter().position(|own| *own == interrupt) {
        Some(nth) => uart::interrupt(nth),
        None if interrupt == Interrupt::WATCHDOG => panic::hang(),
        None => panic!("interrupt {number}"),
    }
}
