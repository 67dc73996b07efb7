//! The ladder: what is tried, rung by rung, to bring back a modem that does not answer.
//!
//! Each rung has a time of its own and ends with `AT`. The mildest comes first: another speed, leaving
//! a data call, a restart by command, by `RESET`, by `PWRKEY`, by the supply. What is not wired is
//! passed over. Past the last rung the trouble is told, and after a pause, which grows, the ladder
//! begins anew.

use super::setup::Setup;
use super::time::Timer;
use super::{Effect, Session, Step, Trouble};
use crate::options::{Pin, Wiring};
use crate::profile::Power;

/// Unanswered `AT`s after which the first rung is climbed: a modem that starts is silent for long.
const PROBES: u8 = 10;

/// Unanswered `AT`s after which the next one is.
const PROBES_ON_RUNG: u8 = 3;

/// The longest pause between two climbs.
const BACK_OFF_MAX_MS: u32 = 60_000;

/// The rungs, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rung {
    /// The ground: pins have the levels that they have while nothing is done.
    Start,
    /// The port at another of its speeds.
    Speed,
    /// Out of a data call by `DTR`.
    HangUp,
    /// Out of a data call by `+++`.
    Escape,
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

#[derive(Clone, Copy)]
enum Act {
    Nothing,
    SwitchSpeed,
    /// The port has the first of its speeds again, at which the modem was found before.
    FirstSpeed,
    /// `+++`
    Escape,
    Restart,
    /// A pin is driven, or passed over where it is not wired.
    Pin(Pin, bool),
}

/// How long it is waited after an act.
#[derive(Clone, Copy)]
enum Wait {
    Ms(u16),
    /// The profile's times of [`Power`].
    On,
    Off,
    Reset,
    Down,
    Up,
}

impl Wait {
    fn ms(self, power: &Power) -> u32 {
        u32::from(match self {
            Self::Ms(ms) => ms,
            Self::On => power.on_ms,
            Self::Off => power.off_ms,
            Self::Reset => power.reset_ms,
            Self::Down => power.down_ms,
            Self::Up => power.up_ms,
        })
    }
}

/// Silence around `+++`, so that a modem in a data call takes it for a command (V.250's guard time).
const GUARD: Wait = Wait::Ms(1_100);

/// From supply to `PWRKEY`.
const SUPPLY: Wait = Wait::Ms(500);

/// What is done of each rung, in order.
const LADDER: &[(Rung, Act, Wait)] = if cfg!(feature = "ladder") { &ALL } else { &COMMANDS };

/// The rungs that need nothing but the line.
const COMMANDS: [(Rung, Act, Wait); 3] = [
    (Rung::Escape, Act::Nothing, GUARD),
    (Rung::Escape, Act::Escape, GUARD),
    (Rung::Restart, Act::Restart, Wait::Up),
];

const ALL: [(Rung, Act, Wait); 24] = [
    (Rung::Start, Act::Pin(Pin::Supply, true), SUPPLY),
    (Rung::Start, Act::Pin(Pin::DataTerminalReady, true), Wait::Ms(0)),
    (Rung::Start, Act::Pin(Pin::Reset, false), Wait::Ms(0)),
    (Rung::Start, Act::Pin(Pin::PowerKey, false), Wait::Ms(0)),
    (Rung::Speed, Act::SwitchSpeed, GUARD),
    // None of the others had a modem: what follows may bring one back at the first.
    (Rung::HangUp, Act::FirstSpeed, Wait::Ms(0)),
    // For long enough that a modem in a data call notices.
    (Rung::HangUp, Act::Pin(Pin::DataTerminalReady, false), Wait::Ms(1_000)),
    (Rung::HangUp, Act::Pin(Pin::DataTerminalReady, true), Wait::Ms(100)),
    (Rung::Escape, Act::FirstSpeed, GUARD),
    (Rung::Escape, Act::Escape, GUARD),
    (Rung::Restart, Act::Restart, Wait::Up),
    (Rung::Reset, Act::Pin(Pin::Reset, true), Wait::Reset),
    (Rung::Reset, Act::Pin(Pin::Reset, false), Wait::Up),
    (Rung::PowerOff, Act::Pin(Pin::PowerKey, true), Wait::Off),
    (Rung::PowerOff, Act::Pin(Pin::PowerKey, false), Wait::Down),
    (Rung::PowerOn, Act::Pin(Pin::PowerKey, true), Wait::On),
    (Rung::PowerOn, Act::Pin(Pin::PowerKey, false), Wait::Up),
    (Rung::PowerOnAgain, Act::Pin(Pin::PowerKey, true), Wait::On),
    (Rung::PowerOnAgain, Act::Pin(Pin::PowerKey, false), Wait::Up),
    (Rung::Supply, Act::Pin(Pin::Supply, false), Wait::Down),
    (Rung::Supply, Act::Pin(Pin::Supply, true), SUPPLY),
    (Rung::Supply, Act::Pin(Pin::PowerKey, true), Wait::On),
    (Rung::Supply, Act::Pin(Pin::PowerKey, false), Wait::Ms(0)),
    // Its key may be tied to the ground.
    (Rung::Supply, Act::Nothing, Wait::Up),
];

impl Session {
    /// `AT` was not answered: again, or the next rung.
    pub(super) fn unanswered(&mut self) {
        self.link.unanswered = self.link.unanswered.saturating_add(1);
        let probes = if self.link.rung == Rung::Start { PROBES } else { PROBES_ON_RUNG };
        if self.link.unanswered < probes {
            return self.resync();
        }
        self.link.unanswered = 0;
        if self.link.rung != Rung::Speed {
            self.link.speed = 0;
        }
        // There are more speeds than one.
        let has_next = cfg!(feature = "ladder") && self.link.speed > 0;
        let is_above = |rung| rung > self.link.rung || rung == Rung::Speed && has_next;
        let above = LADDER.iter().find(|(rung, ..)| is_above(*rung) && self.can(*rung));
        match above {
            Some((rung, ..)) => {
                self.enter(*rung);
                self.climb();
            }
            None => {
                let ms = BACK_OFF_MAX_MS.min(1_000 << self.link.falls.min(6));
                self.link.falls = self.link.falls.saturating_add(1);
                self.link.rung = Rung::Start;
                self.lost(Trouble::NoAnswer, Setup::Attention, ms);
            }
        }
    }

    /// The line is used from its beginning: the port has the first of its speeds again.
    pub(super) fn begin_speeds(&mut self) {
        if cfg!(feature = "ladder")
            && let Some(first) = self.options.bauds.first()
            && self.link.baud != *first
        {
            self.link.old_baud = 0;
            self.link.speed = 0;
            self.switch_speed(*first);
        }
    }

    /// The modem is off: on again, once it has had the time to go down.
    pub(super) fn switch_on(&mut self) -> bool {
        let wired = self.can(Rung::PowerOn);
        if wired {
            self.enter(Rung::PowerOn);
            self.timers.set(Timer::Step, self.options.profile.power.down_ms.into());
        }
        wired
    }

    /// What the modem's `STATUS` pin says.
    pub(super) fn powered(&mut self, on: bool) {
        let before = self.link.powered.replace(on);
        if before == Some(true) && !on && self.step != Step::Climb {
            self.powered_down();
        }
    }

    /// Whether this rung is there.
    fn can(&self, rung: Rung) -> bool {
        let wiring = if cfg!(feature = "ladder") { self.options.wiring } else { Wiring::NONE };
        match rung {
            Rung::Start | Rung::Escape | Rung::Restart => true,
            Rung::Speed => {
                cfg!(feature = "ladder") && usize::from(self.link.speed) < self.options.bauds.len()
            }
            Rung::HangUp => wiring.data_terminal_ready,
            Rung::Reset => wiring.reset,
            Rung::PowerOff => wiring.power_key && self.link.powered == Some(true),
            Rung::PowerOn => wiring.power_key && self.link.powered != Some(true),
            Rung::PowerOnAgain => wiring.power_key && self.link.powered.is_none(),
            Rung::Supply => wiring.supply,
        }
    }

    /// Steps on a rung: [`climb`](Self::climb) does the first of it.
    #[inline(never)]
    pub(super) fn enter(&mut self, rung: Rung) {
        self.step = Step::Climb;
        self.link.climbed = rung;
        let below = LADDER.iter().filter(|(other, ..)| *other < rung).count();
        self.link.row = below as u8;
    }

    /// Does the next of a rung, and waits; behind its last comes `AT`.
    pub(super) fn climb(&mut self) {
        let rung = self.link.climbed;
        self.link.rung = rung;
        while let Some((of, act, wait)) = LADDER.get(usize::from(self.link.row))
            && *of == rung
        {
            self.link.row = self.link.row.saturating_add(1);
            // A modem that was there and is started anew has restarted.
            self.link.off |= self.link.met && rung >= Rung::Restart && rung != Rung::PowerOff;
            match act {
                Act::Nothing => {}
                Act::FirstSpeed => self.begin_speeds(),
                Act::SwitchSpeed | Act::Pin(..) if !cfg!(feature = "ladder") => continue,
                Act::SwitchSpeed => {
                    let baud = self.options.bauds.get(usize::from(self.link.speed));
                    self.switch_speed(baud.copied().unwrap_or_default());
                    self.link.speed = self.link.speed.saturating_add(1);
                }
                Act::Escape => self.transmit.text(b"+++"),
                Act::Restart => self.transmit.command(self.options.profile.restart.as_bytes()),
                Act::Pin(pin, _) if !self.options.wiring.has(*pin) => continue,
                Act::Pin(pin, level) => self.effect = Some(Effect::Pin(*pin, *level)),
            }
            self.timers.set(Timer::Step, wait.ms(&self.options.profile.power));
            return;
        }
        match rung {
            Rung::Start if self.link.powered == Some(false) && self.switch_on() => self.climb(),
            Rung::PowerOff => {
                self.enter(Rung::PowerOn);
                self.climb();
            }
            Rung::Start | Rung::PowerOn => self.pause(Setup::Attention, 0),
            _ => self.resync(),
        }
    }
}
