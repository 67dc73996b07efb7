//! The ladder: what is tried, rung by rung, to bring back a modem that does not answer.
//!
//! Each rung has a time of its own and ends with `AT`. The mildest comes first: another speed, leaving
//! a data call, a restart by command, by `RESET`, by `PWRKEY`, by the supply. What is not wired is
//! passed over. Past the last rung the trouble is told, and after a pause, which grows, the ladder
//! begins anew.

use super::setup::Setup;
use super::{Effect, Instant, Session, Step, Trouble};
use crate::options::Pin;

/// Unanswered `AT`s after which the first rung is climbed: a modem that starts is silent for long.
const PROBES: u8 = 10;

/// Unanswered `AT`s after which the next one is.
const PROBES_ON_RUNG: u8 = 3;

/// The longest pause between two climbs.
const BACK_OFF_MAX_MS: u32 = 60_000;

/// Silence around `+++`, so that a modem in a data call takes it for a command (V.250's guard time).
const GUARD_MS: u32 = 1_100;

/// How long DTR is dropped, so that a modem in a data call notices.
const HANG_UP_MS: u32 = 1_000;

/// From supply to `PWRKEY`.
const SUPPLY_MS: u32 = 500;

/// A rung, and what of it is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Climb {
    rung: Rung,
    phase: u8,
}

impl Climb {
    /// What is done first of all: pins have the levels that they have while nothing is done.
    pub(super) const START: Self = Self { rung: Rung::Start, phase: 0 };
}

/// The rungs, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rung {
    /// The ground: pins at rest.
    Start,
    /// The port at the speed with this index of [`Options::bauds`](crate::Options::bauds).
    Speed(u8),
    /// Out of a data call by `+++`.
    Escape,
    /// Out of a data call by `DTR`.
    HangUp,
    /// A restart by command.
    Restart,
    /// A restart by `RESET`.
    Reset,
    /// Off by `PWRKEY`, where `STATUS` says that the modem is on.
    PowerOff,
    /// On by `PWRKEY`; off, if it was on and nothing tells.
    PowerOn,
    /// And then on.
    PowerOnAgain,
    /// Off and on by the supply.
    Supply,
}

enum Act {
    Nothing,
    Write(&'static str),
    Pin(Pin, bool),
}

impl Session {
    /// `AT` was not answered: again, or the next rung.
    pub(super) fn unanswered(&mut self, now: Instant) {
        self.link.unanswered = self.link.unanswered.saturating_add(1);
        let probes = if self.link.rung == Rung::Start { PROBES } else { PROBES_ON_RUNG };
        if self.link.unanswered < probes {
            return self.resync(now);
        }
        self.link.unanswered = 0;
        match self.rung_above(self.link.rung) {
            Some(rung) => self.climb(Climb { rung, phase: 0 }, now),
            None => {
                let ms = BACK_OFF_MAX_MS.min(1_000 << self.link.falls.min(6));
                self.link.falls = self.link.falls.saturating_add(1);
                self.link.rung = Rung::Start;
                self.lost(Trouble::NoAnswer, Setup::Attention, ms, now);
            }
        }
    }

    /// The modem is off: on again, once it has had the time to go down.
    pub(super) fn switch_on(&mut self, now: Instant) -> bool {
        let wired = self.can(Rung::PowerOn);
        if wired {
            self.step = Step::Climb(Climb { rung: Rung::PowerOn, phase: 0 });
            self.deadline = now.after(self.profile.power.down_ms.into());
        }
        wired
    }

    /// What the modem's `STATUS` pin says.
    pub(super) fn powered(&mut self, on: bool, now: Instant) {
        let before = self.link.powered.replace(on);
        let climbing = matches!(self.step, Step::Climb(_));
        if before == Some(true) && !on && !climbing {
            self.powered_down(now);
        }
    }

    fn rung_above(&self, rung: Rung) -> Option<Rung> {
        let next = match rung {
            Rung::Start => Rung::Speed(0),
            Rung::Speed(i) if usize::from(i) < self.options.bauds.len() => {
                Rung::Speed(i.saturating_add(1))
            }
            Rung::Speed(_) => Rung::HangUp,
            Rung::HangUp => Rung::Escape,
            Rung::Escape => Rung::Restart,
            Rung::Restart => Rung::Reset,
            Rung::Reset => Rung::PowerOff,
            Rung::PowerOff => Rung::PowerOn,
            Rung::PowerOn => Rung::PowerOnAgain,
            Rung::PowerOnAgain => Rung::Supply,
            Rung::Supply => return None,
        };
        if self.can(next) { Some(next) } else { self.rung_above(next) }
    }

    /// Whether this rung is there.
    fn can(&self, rung: Rung) -> bool {
        let wiring = self.options.wiring;
        match rung {
            Rung::Start | Rung::Escape | Rung::Restart => true,
            Rung::Speed(i) => usize::from(i) < self.options.bauds.len(),
            Rung::HangUp => wiring.data_terminal_ready,
            Rung::Reset => wiring.reset,
            Rung::PowerOff => wiring.power_key && self.link.powered == Some(true),
            Rung::PowerOn => wiring.power_key && self.link.powered != Some(true),
            Rung::PowerOnAgain => wiring.power_key && self.link.powered.is_none(),
            Rung::Supply => wiring.supply,
        }
    }

    /// Does the next of a rung, and what follows after its time.
    pub(super) fn climb(&mut self, Climb { rung, phase }: Climb, now: Instant) {
        self.link.rung = rung;
        let mut phase = phase;
        while let Some((act, ms)) = self.act(rung, phase, now) {
            phase = phase.saturating_add(1);
            match act {
                Act::Pin(pin, _) if !self.is_wired(pin) => continue,
                Act::Pin(pin, level) => self.effect = Some(Effect::Pin(pin, level)),
                Act::Write(text) => {
                    self.transmit.clear();
                    self.transmit.extend(text.bytes());
                    self.transmit_ready = true;
                }
                Act::Nothing => {}
            }
            self.step = Step::Climb(Climb { rung, phase });
            self.deadline = now.after(ms);
            return;
        }
        match rung {
            Rung::Start if self.link.powered == Some(false) && self.can(Rung::PowerOn) => {
                self.climb(Climb { rung: Rung::PowerOn, phase: 0 }, now);
            }
            Rung::PowerOff => self.climb(Climb { rung: Rung::PowerOn, phase: 0 }, now),
            Rung::Start | Rung::PowerOn => self.pause(Setup::Attention, 0, now),
            _ => self.resync(now),
        }
    }

    /// What is done of a rung, and for how long it is waited then.
    fn act(&mut self, rung: Rung, phase: u8, now: Instant) -> Option<(Act, u32)> {
        let power = self.profile.power;
        let [on, off, reset, down, up] =
            [power.on_ms, power.off_ms, power.reset_ms, power.down_ms, power.up_ms].map(u32::from);
        // A modem that was there and is started anew has restarted.
        let restarts = matches!(
            rung,
            Rung::Restart | Rung::Reset | Rung::PowerOn | Rung::PowerOnAgain | Rung::Supply
        );
        self.link.off |= restarts && self.link.met;
        Some(match (rung, phase) {
            (Rung::Start, 0) => (Act::Pin(Pin::Supply, true), SUPPLY_MS),
            (Rung::Start, 1) => (Act::Pin(Pin::DataTerminalReady, true), 0),
            (Rung::Start, 2) => (Act::Pin(Pin::Reset, false), 0),
            (Rung::Start, 3) => (Act::Pin(Pin::PowerKey, false), 0),
            (Rung::Speed(i), 0) => {
                if let Some(baud) = self.options.bauds.get(usize::from(i)) {
                    self.switch_speed(*baud);
                }
                (Act::Nothing, GUARD_MS)
            }
            (Rung::HangUp, 0) => (Act::Pin(Pin::DataTerminalReady, false), HANG_UP_MS),
            (Rung::HangUp, 1) => (Act::Pin(Pin::DataTerminalReady, true), 100),
            (Rung::Escape, 0) => (Act::Nothing, GUARD_MS),
            (Rung::Escape, 1) => (Act::Write("+++"), GUARD_MS),
            (Rung::Restart, 0) => {
                self.start_text(Step::Idle, self.profile.restart, up, now);
                (Act::Nothing, up)
            }
            (Rung::Reset, 0) => (Act::Pin(Pin::Reset, true), reset),
            (Rung::Reset, 1) => (Act::Pin(Pin::Reset, false), up),
            (Rung::PowerOff, 0) => (Act::Pin(Pin::PowerKey, true), off),
            (Rung::PowerOff, 1) => (Act::Pin(Pin::PowerKey, false), down),
            (Rung::PowerOn | Rung::PowerOnAgain, 0) => (Act::Pin(Pin::PowerKey, true), on),
            (Rung::PowerOn | Rung::PowerOnAgain, 1) => (Act::Pin(Pin::PowerKey, false), up),
            (Rung::Supply, 0) => (Act::Pin(Pin::Supply, false), down),
            (Rung::Supply, 1) => (Act::Pin(Pin::Supply, true), SUPPLY_MS),
            (Rung::Supply, 2) => (Act::Pin(Pin::PowerKey, true), on),
            (Rung::Supply, 3) => (Act::Pin(Pin::PowerKey, false), 0),
            // Its key may be tied to the ground.
            (Rung::Supply, 4) => (Act::Nothing, up),
            _ => return None,
        })
    }

    const fn is_wired(&self, pin: Pin) -> bool {
        let wiring = self.options.wiring;
        match pin {
            Pin::PowerKey => wiring.power_key,
            Pin::Reset => wiring.reset,
            Pin::DataTerminalReady => wiring.data_terminal_ready,
            Pin::Supply => wiring.supply,
        }
    }
}
