//! What the engine is told of a modem's surroundings: its SIM's PIN, its pins, the speeds of its line.

use core::fmt;

use crate::profile::Profile;

/// What the engine is told of a modem's surroundings.
///
/// [`new`](Self::new) is a modem on a line of its own and nothing else: no PIN is entered, no pin is
/// touched, the speed of the line stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Options {
    /// How the modem is driven, at least until it has said what it is.
    pub profile: &'static Profile,
    /// Profiles of which set-up chooses one by what the modem says of itself; the first that fits.
    /// Where none does, [`profile`](Self::profile) stays. [`PROFILES`](crate::profile::PROFILES) are
    /// all that there are; none means that the modem is not asked. With the feature `identify`.
    pub candidates: &'static [&'static Profile],
    /// The PIN of the SIM.
    pub pin: Option<SimPin>,
    /// What of the modem's pins is wired. Those and the speeds are used with the feature `ladder`.
    pub wiring: Wiring,
    /// The speeds at which a modem that does not answer is looked for, in bits a second, the one that
    /// the port was opened with among them. None means that the port has one speed.
    pub bauds: &'static [u32],
    /// The speed to which the line is switched once the modem answers, in bits a second.
    pub baud: Option<u32>,
    /// Whether RTS and CTS are wired: the modem is told to heed them.
    pub flow_control: bool,
    /// Whether the modem may sleep while nothing is to be done. With the feature `sleep`.
    pub sleep: bool,
}

impl Options {
    /// A modem of which only the profile is known.
    pub const fn new(profile: &'static Profile) -> Self {
        Self {
            profile,
            candidates: &[],
            pin: None,
            wiring: Wiring::NONE,
            bauds: &[],
            baud: None,
            flow_control: false,
            sleep: false,
        }
    }
}

/// Which of the modem's pins the board can drive or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Wiring {
    /// `PWRKEY`: held for a while, it switches the modem on or off.
    pub power_key: bool,
    /// `RESET`: held for a while, it starts the modem anew.
    pub reset: bool,
    /// `DTR`: wakes a modem that sleeps, and ends a data call.
    pub data_terminal_ready: bool,
    /// A switch in the modem's supply.
    pub supply: bool,
}

impl Wiring {
    /// Nothing but the line.
    pub const NONE: Self =
        Self { power_key: false, reset: false, data_terminal_ready: false, supply: false };

    /// Whether this pin is wired.
    pub const fn has(self, pin: Pin) -> bool {
        match pin {
            Pin::PowerKey => self.power_key,
            Pin::Reset => self.reset,
            Pin::DataTerminalReady => self.data_terminal_ready,
            Pin::Supply => self.supply,
        }
    }
}

/// A pin of the modem that the engine wants driven.
///
/// A level is what the name says, whatever the voltage: most boards invert `PWRKEY`, `RESET` and `DTR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Pin {
    /// `true`: `PWRKEY` is held.
    PowerKey,
    /// `true`: `RESET` is held.
    Reset,
    /// `true`: the terminal is ready, and the modem awake.
    DataTerminalReady,
    /// `true`: the modem has power.
    Supply,
}

/// The PIN of a SIM: four to eight digits.
///
/// 3GPP TS 27.007, section 8.3; TS 31.101, section 9.5.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SimPin {
    digits: [u8; 8],
    len: u8,
}

impl SimPin {
    /// `None` unless the text is four to eight digits.
    pub fn new(text: &str) -> Option<Self> {
        let mut digits = [0; 8];
        digits.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        let is_pin = text.len() >= 4 && text.bytes().all(|octet| octet.is_ascii_digit());
        is_pin.then_some(Self { digits, len: text.len().try_into().ok()? })
    }

    pub(crate) fn digits(&self) -> &[u8] {
        self.digits.get(..self.len.into()).unwrap_or_default()
    }
}

/// Not the PIN: it has no place in a log.
impl fmt::Debug for SimPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimPin")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SimPin {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "SimPin");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_four_to_eight_digits() {
        for text in ["", "123", "123456789", "12a4", "-123", "١٢٣٤"] {
            assert_eq!(SimPin::new(text), None, "{text}");
        }
        for text in ["0000", "12345678"] {
            assert_eq!(SimPin::new(text).map(|pin| pin.digits() == text.as_bytes()), Some(true));
        }
    }
}
