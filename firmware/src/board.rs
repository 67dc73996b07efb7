//! What a board does for a modem besides moving octets: its pins, and the speed of its port.

use embedded_hal::digital::{OutputPin, PinState};

use crate::options::{Pin, Wiring};

/// What a shell does when the engine asks for [`Output::Pin`](crate::Output::Pin) and
/// [`Output::Baud`](crate::Output::Baud).
pub trait Board<P> {
    /// Drives a pin of the modem to a level.
    fn drive(&mut self, pin: Pin, level: bool);

    /// Switches the port to this speed, in bits a second. What was written has left.
    fn switch(&mut self, port: &mut P, baud: u32);
}

/// A board that has nothing but the port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoBoard;

impl<P> Board<P> for NoBoard {
    fn drive(&mut self, _: Pin, _: bool) {}

    fn switch(&mut self, _: &mut P, _: u32) {}
}

/// A modem's pins as those of a microcontroller, and a function that switches the port.
///
/// A pin that is not wired is [`NotWired`].
///
/// ```
/// use embedded_hal::digital::OutputPin;
/// use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
///
/// fn pins(key: impl OutputPin, ready: impl OutputPin) {
///     let pins = Pins {
///         power_key: ActiveHigh(key),
///         reset: NotWired,
///         data_terminal_ready: ActiveLow(ready),
///         supply: NotWired,
///         switch: |_: &mut (), _: u32| {},
///     };
///     assert!(pins.wiring().power_key && !pins.wiring().reset);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Pins<K, R, D, S, F> {
    /// `PWRKEY`, held when driven.
    pub power_key: K,
    /// `RESET`, held when driven.
    pub reset: R,
    /// `DTR`: the terminal is ready when driven.
    pub data_terminal_ready: D,
    /// The modem's supply, on when driven.
    pub supply: S,
    /// Switches the port.
    pub switch: F,
}

impl<K: Wire, R: Wire, D: Wire, S: Wire, F> Pins<K, R, D, S, F> {
    /// What is wired, for [`Options::wiring`](crate::Options::wiring).
    pub const fn wiring(&self) -> Wiring {
        Wiring {
            power_key: K::WIRED,
            reset: R::WIRED,
            data_terminal_ready: D::WIRED,
            supply: S::WIRED,
        }
    }
}

impl<P, K: Wire, R: Wire, D: Wire, S: Wire, F: FnMut(&mut P, u32)> Board<P>
    for Pins<K, R, D, S, F>
{
    fn drive(&mut self, pin: Pin, level: bool) {
        match pin {
            Pin::PowerKey => self.power_key.drive(level),
            Pin::Reset => self.reset.drive(level),
            Pin::DataTerminalReady => self.data_terminal_ready.drive(level),
            Pin::Supply => self.supply.drive(level),
        }
    }

    fn switch(&mut self, port: &mut P, baud: u32) {
        (self.switch)(port, baud);
    }
}

/// A wire to a pin of the modem.
pub trait Wire {
    /// Whether there is one.
    const WIRED: bool;

    /// Drives it.
    ///
    /// A pin that cannot be driven stays as it is: that the modem does not come up is told as any
    /// other silence of it.
    fn drive(&mut self, level: bool);
}

/// A wire whose level is the pin's own.
#[derive(Clone, Copy, Debug)]
pub struct ActiveHigh<P>(pub P);

/// A wire behind a transistor: the pin is low when it is driven.
#[derive(Clone, Copy, Debug)]
pub struct ActiveLow<P>(pub P);

/// No wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotWired;

impl<P: OutputPin> Wire for ActiveHigh<P> {
    const WIRED: bool = true;

    fn drive(&mut self, level: bool) {
        let _ = self.0.set_state(PinState::from(level));
    }
}

impl<P: OutputPin> Wire for ActiveLow<P> {
    const WIRED: bool = true;

    fn drive(&mut self, level: bool) {
        let _ = self.0.set_state(PinState::from(!level));
    }
}

impl Wire for NotWired {
    const WIRED: bool = false;

    fn drive(&mut self, _: bool) {}
}
