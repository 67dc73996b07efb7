//! General-purpose pins: PL061 with Luminary's additions.
//!
//! Datasheet, chapter 8.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, InputPin, OutputPin, PinState};

use crate::registers::Block;
use crate::system::{self, Gate};

/// GPIODIR: 1 is an output.
const DIRECTION: usize = 0x400;
/// GPIOAFSEL: 1 is a pin of another peripheral.
const ALTERNATE: usize = 0x420;
/// GPIOPUR and GPIOPDR: weak resistors in the pad.
const PULL_UP: usize = 0x510;
const PULL_DOWN: usize = 0x514;
/// GPIODEN: 1 is a digital pin.
const DIGITAL: usize = 0x51C;

/// A port, by its letter.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    A,
    B,
    D = 3,
    F = 5,
    #[cfg(feature = "trial")]
    G,
}

/// A pin that nothing is done with yet.
#[derive(Debug)]
pub struct Pin {
    registers: Block,
    /// 0 to 7.
    bit: u8,
}

impl Pin {
    /// The pin of this port.
    pub fn new(port: Port, bit: u8) -> Self {
        system::enable(Gate::Pins(port as usize));
        Self { registers: Block::PINS[port as usize], bit }
    }

    /// An output, which has this level from its first moment.
    pub fn output(self, level: bool) -> Output {
        let mut pin = Output(self);
        let _ = pin.set_state(PinState::from(level));
        pin.0.registers.set(DIRECTION, 1 << pin.0.bit);
        // The level is lost while the pin is an input, as it is after a reset.
        let _ = pin.set_state(PinState::from(level));
        pin.0.registers.set(DIGITAL, 1 << pin.0.bit);
        pin
    }

    /// An input that is low where nothing drives it.
    pub fn input(self) -> Input {
        self.registers.set(PULL_DOWN, 1 << self.bit);
        self.registers.set(DIGITAL, 1 << self.bit);
        Input(self)
    }

    /// The pin of another peripheral, high where nothing drives it, as a line at rest is.
    pub fn alternate(self) {
        self.registers.set(PULL_UP, 1 << self.bit);
        self.registers.set(ALTERNATE, 1 << self.bit);
        self.registers.set(DIGITAL, 1 << self.bit);
    }

    /// Where GPIODATA has this pin alone: bits 2 to 9 of the address are a mask.
    ///
    /// Datasheet, section 8.2.1 (data control).
    fn data(&self) -> usize {
        4 << self.bit
    }
}

/// A pin that the board drives.
#[derive(Debug)]
pub struct Output(Pin);

/// A pin that the board reads.
#[derive(Debug)]
pub struct Input(Pin);

impl ErrorType for Output {
    type Error = Infallible;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.registers.write(self.0.data(), 0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.registers.write(self.0.data(), 0xFF);
        Ok(())
    }
}

impl ErrorType for Input {
    type Error = Infallible;
}

impl InputPin for Input {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.registers.read(self.0.data()) != 0)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}
