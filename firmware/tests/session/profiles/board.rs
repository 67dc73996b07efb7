//! A modem on a board: what its keys do to it, and for how long it is busy then.

use std::ops::Range;

use septet_firmware::options::{Pin, Wiring};
use septet_firmware::{EventKind, Options, Profile};

use crate::bench::{Act, Bench, silent};

/// A modem that hangs until it is switched off or reset, or that is off. Times are in milliseconds.
pub(super) struct Board {
    pub(super) wiring: Wiring,
    /// Whether `STATUS` is wired.
    pub(super) status: bool,
    pub(super) state: State,
    /// How long `PWRKEY` is held to switch it on, and to switch it off.
    pub(super) on: Range<u64>,
    pub(super) off: Range<u64>,
    /// How long `RESET` is held.
    pub(super) reset: Range<u64>,
    /// How long it goes down, and starts.
    pub(super) down: u64,
    pub(super) up: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Hung,
    Off,
    Down { until: u64 },
    Up { until: u64 },
}

impl Board {
    /// One that does what its keys say, however long they are held, and at once.
    pub(super) const WILLING: Self = Self {
        wiring: Wiring::NONE,
        status: false,
        state: State::Hung,
        on: 500..60_000,
        off: 500..60_000,
        reset: 100..60_000,
        down: 1_000,
        up: 1_000,
    };

    pub(super) const KEY: Wiring = Wiring { power_key: true, ..Wiring::NONE };
    pub(super) const RESET: Wiring = Wiring { reset: true, ..Wiring::NONE };
    pub(super) const SUPPLY: Wiring = Wiring { supply: true, ..Wiring::NONE };

    /// Whether the engine gets on with it, and has nothing to complain of.
    pub(super) fn comes_back(mut self, profile: &'static Profile) -> bool {
        let mut bench = Bench::with(Options { wiring: self.wiring, ..Options::new(profile) });
        let mut status = None;
        let (mut key, mut reset) = (None, None);
        for now in (0..240_000).step_by(10) {
            self.pass(now);
            let on = self.state != State::Off;
            if self.status && status.replace(on) != Some(on) {
                bench.powered(on);
            }
            let answers = matches!(self.state, State::Up { until } if until <= now);
            bench.pass(10, &mut |command| if answers { None } else { silent(command) });
            for (at, act) in std::mem::take(&mut bench.acts) {
                match act {
                    Act::Pin(Pin::PowerKey, true) => key = Some(at),
                    Act::Pin(Pin::PowerKey, false) => {
                        key.take().into_iter().for_each(|from| self.key(at - from, at));
                    }
                    Act::Pin(Pin::Reset, true) => reset = Some(at),
                    Act::Pin(Pin::Reset, false)
                        if reset.take().is_some_and(|from| self.reset.contains(&(at - from))) =>
                    {
                        self.state = State::Up { until: at + self.up };
                    }
                    Act::Pin(Pin::Supply, false) => self.state = State::Off,
                    // Its key is tied to the ground.
                    Act::Pin(Pin::Supply, true) if self.state == State::Off => {
                        self.state = State::Up { until: at + self.up };
                    }
                    _ => {}
                }
            }
            let events = bench.take();
            if events.iter().any(|event| matches!(event, EventKind::Lost(_))) {
                return false;
            }
            if events.contains(&EventKind::Ready) {
                return true;
            }
        }
        false
    }

    fn pass(&mut self, now: u64) {
        if matches!(self.state, State::Down { until } if until <= now) {
            self.state = State::Off;
        }
    }

    fn key(&mut self, held: u64, now: u64) {
        match self.state {
            State::Off if self.on.contains(&held) => {
                self.state = State::Up { until: now + self.up };
            }
            State::Hung | State::Up { .. } if self.off.contains(&held) => {
                self.state = State::Down { until: now + self.down };
            }
            _ => {}
        }
    }
}

pub(super) fn is_switched_on_after(ms: u64, profile: &'static Profile) -> bool {
    let (state, on) = (State::Off, ms..60_000);
    Board { state, on, status: true, wiring: Board::KEY, ..Board::WILLING }.comes_back(profile)
}

pub(super) fn goes_down_in(ms: u64, profile: &'static Profile) -> bool {
    Board { down: ms, status: true, wiring: Board::KEY, ..Board::WILLING }.comes_back(profile)
}

pub(super) fn is_reset_after(ms: u64, profile: &'static Profile) -> bool {
    Board { reset: ms..60_000, wiring: Board::RESET, ..Board::WILLING }.comes_back(profile)
}

pub(super) fn starts_in(ms: u64, profile: &'static Profile) -> bool {
    Board { up: ms, wiring: Board::SUPPLY, ..Board::WILLING }.comes_back(profile)
}
