//! The pins that switch a modem: `PWRKEY`, `RESET`, `STATUS` and its supply.

use std::mem;
use std::time::{Duration, Instant};

use septet::at::Line;

use super::{START, Session, State, VirtualModem};

/// For how long `PWRKEY` is held to switch a modem on: SIM800 Hardware Design 1.09, figure 12.
const ON: Duration = Duration::from_secs(1);

/// For how long it is held to switch it off: the same, section 4.2.2.1 and figure 13.
const OFF: Duration = Duration::from_millis(1_500);

/// Pins as they are held.
#[derive(Default)]
pub(super) struct Power {
    /// When a `PWRKEY` that is held has been held for long enough. It counts once.
    key: Option<Instant>,
    /// Whether `RESET` is held.
    reset: bool,
    /// Whether the supply is gone.
    cut: bool,
}

impl Power {
    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.key
    }
}

impl VirtualModem {
    /// `STATUS`: whether the modem is on.
    pub const fn is_on(&self) -> bool {
        !matches!(self.session.state, State::Off { until: None })
    }

    /// `PWRKEY` is held, or released.
    pub fn key(&mut self, held: bool, now: Instant) {
        let time = if self.is_on() { OFF } else { ON };
        self.power.key = (held && !self.power.cut).then(|| now + time);
    }

    /// `RESET` is held, or released.
    pub fn reset(&mut self, held: bool, now: Instant) {
        let was_held = mem::replace(&mut self.power.reset, held);
        if held {
            self.switch_off();
        } else if was_held {
            self.switch(true, now);
        }
    }

    /// The supply goes, or comes back. What has it again stays off.
    pub fn supply(&mut self, on: bool) {
        self.power = Power { key: None, cut: !on, ..self.power };
        if !on {
            self.switch_off();
        }
    }

    /// Switches a modem that is held by its `PWRKEY` for long enough.
    pub(super) fn hold(&mut self, now: Instant) {
        if self.power.key.take_if(|until| *until <= now).is_none() {
            return;
        }
        if self.is_on() {
            self.say(&Line::Other(b"NORMAL POWER DOWN"));
            self.write(now);
            self.switch_off();
        } else {
            self.switch(true, now);
        }
    }

    /// Switches the modem on, where it has power and is off, or takes the power from it.
    pub(super) fn switch(&mut self, on: bool, now: Instant) {
        if !on {
            self.switch_off();
        } else if !self.is_on() && !self.power.cut {
            self.session.state = State::Off { until: Some(now + START) };
        }
    }

    fn switch_off(&mut self) {
        self.output.clear();
        self.session = Session::new(self.profile, State::Off { until: None });
    }
}
