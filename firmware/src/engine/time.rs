//! What time is left: each wait as the milliseconds until it is over.
//!
//! They are counted down as time passes, so that 32 bits do for a session of any length, and a wait
//! that is over stays over.

/// A wait that has not begun, or whose end was seen to.
pub(super) const NEVER: u32 = u32::MAX;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The end of the step.
    Step,
    /// The end of the wait for a silent line, however much comes.
    Silence,
    /// Until it is over, a modem that nothing was asked cannot have restarted unnoticed.
    Fresh,
    /// The next look through the stores.
    Sweep,
    /// The second line of a message, while it is expected.
    SecondLine,
    /// That the network no longer waits for an acknowledgement, while it does.
    Duty,
    /// The telling of the trouble, unless set-up ends before; [`NEVER`] once told.
    Trouble,
    /// Once it is over, a line that belongs to a start means a restart.
    Settled,
    /// That set-up waits for a network no longer; [`NEVER`] before it does.
    Network,
}

/// How many there are.
const TIMERS: usize = Timer::Network as usize + 1;

/// Milliseconds until something is due; 0 when it is.
#[derive(Debug)]
pub(super) struct Timers {
    left: [u32; TIMERS],
    /// Since the last command, counted up.
    pub(super) since_command: u32,
}

impl Timers {
    /// Everything is due but the telling of a trouble.
    pub(super) fn new(trouble: u32) -> Self {
        let mut timers = Self { left: [0; TIMERS], since_command: 0 };
        timers.set(Timer::Trouble, trouble);
        timers.set(Timer::Network, NEVER);
        timers
    }

    /// How long it is until then.
    pub(super) fn left(&self, timer: Timer) -> u32 {
        self.left.get(timer as usize).copied().unwrap_or(NEVER)
    }

    pub(super) fn is_over(&self, timer: Timer) -> bool {
        self.left(timer) == 0
    }

    pub(super) fn set(&mut self, timer: Timer, ms: u32) {
        if let Some(left) = self.left.get_mut(timer as usize) {
            *left = ms;
        }
    }

    /// Not longer than so.
    pub(super) fn shorten(&mut self, timer: Timer, ms: u32) {
        self.set(timer, self.left(timer).min(ms));
    }

    pub(super) fn pass(&mut self, ms: u32) {
        self.since_command = self.since_command.saturating_add(ms);
        for left in &mut self.left {
            if *left != NEVER {
                *left = left.saturating_sub(ms);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_over_and_what_has_not_begun_does_not_end() {
        let mut timers = Timers::new(1_000);
        timers.set(Timer::Sweep, 600_000);
        timers.pass(999);
        assert_eq!(
            (timers.left(Timer::Trouble), timers.left(Timer::Sweep), timers.left(Timer::Step)),
            (1, 599_001, 0)
        );
        // Fifty days and more at once, twice.
        timers.pass(u32::MAX);
        timers.pass(u32::MAX);
        assert_eq!(
            (timers.left(Timer::Trouble), timers.left(Timer::Sweep), timers.left(Timer::Step)),
            (0, 0, 0)
        );
        assert_eq!((timers.left(Timer::Network), timers.since_command), (NEVER, u32::MAX));
    }
}
