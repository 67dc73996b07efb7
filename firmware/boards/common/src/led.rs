//! The LED: what it shows of the modem.

use core::cell::Cell;

use embassy_time::{Duration, Ticker};
use embedded_hal::digital::{OutputPin, PinState};
use septet_firmware::engine::{Engine, Trouble};
use septet_firmware::gateway::Gateway;
use septet_firmware::gateway::keep::Keep;

/// How long one bit of a pattern is shown. A pattern has 16 and repeats every 2 s.
const BIT: Duration = Duration::from_millis(125);

/// What the LED shows in 2 s: lit where a bit is set, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern(u16);

impl Pattern {
    /// No modem: one flash.
    pub const NO_MODEM: Self = Self(0b0000_0000_0000_0001);
    /// The SIM is locked, or there is none: two flashes.
    pub const SIM_LOCKED: Self = Self(0b0000_0000_0000_0101);
    /// The board has no address in its network: three flashes.
    pub const NO_ADDRESS: Self = Self(0b0000_0000_0001_0101);
    /// The flash cannot be read or written: four flashes.
    pub const NO_FLASH: Self = Self(0b0000_0000_0101_0101);
    /// No network: on and off for half a second each.
    pub const SEARCHING: Self = Self(0b0000_1111_0000_1111);
    /// Messages can be sent: on.
    pub const READY: Self = Self(0b1111_1111_1111_1111);
    /// One is being sent: a flicker.
    pub const SENDING: Self = Self(0b0101_0101_0101_0101);

    /// What a gateway and its modem are to be shown with; `has_address` where the board needs none, too.
    pub fn of<K: Keep, const IN: usize, const OUT: usize>(
        gateway: &Gateway<K, IN, OUT>,
        engine: &Engine,
        has_address: bool,
    ) -> Self {
        let locked = matches!(
            gateway.modem().err().flatten(),
            Some(
                Trouble::SimPin
                    | Trouble::WrongPin
                    | Trouble::LastPinTry
                    | Trouble::SimPuk
                    | Trouble::OtherLock
                    | Trouble::NoSim
            )
        );
        match (engine.is_ready(), engine.is_registered()) {
            _ if !has_address => Self::NO_ADDRESS,
            _ if locked => Self::SIM_LOCKED,
            _ if gateway.outbox().is_sending() => Self::SENDING,
            (true, Some(true)) => Self::READY,
            (true, _) | (false, Some(false)) => Self::SEARCHING,
            (false, _) => Self::NO_MODEM,
        }
    }
}

/// The pattern that is shown: set by the main loop, read by [`blink`], which run on one executor.
#[derive(Debug)]
pub struct Led(Cell<Pattern>);

impl Default for Led {
    fn default() -> Self {
        Self::new()
    }
}

impl Led {
    /// The LED of a board that starts.
    pub const fn new() -> Self {
        Self(Cell::new(Pattern::NO_MODEM))
    }

    /// Shows another pattern.
    pub fn show(&self, pattern: Pattern) {
        self.0.set(pattern);
    }
}

/// Shows the pattern at this pin, for ever.
pub async fn blink(led: &Led, mut pin: impl OutputPin) -> ! {
    let mut tick = Ticker::every(BIT);
    loop {
        for bit in 0..16 {
            let is_lit = led.0.get().0 >> bit & 1 == 1;
            // A pin of the chip's own cannot fail.
            let _ = pin.set_state(PinState::from(is_lit));
            tick.next().await;
        }
    }
}
