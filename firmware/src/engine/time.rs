//! What time is left: each wait as the milliseconds until it is over.
//!
//! They are counted down as time passes, so that 32 bits do for a session of any length, and a wait
//! that is over stays over.

/// A wait that has not begun, or whose end was seen to.
pub(super) const NEVER: u32 = u32::MAX;

/// Milliseconds until something is due; 0 when it is.
#[derive(Debug)]
pub(super) struct Timers {
    /// Of the step.
    pub(super) step: u32,
    /// Of the wait for a silent line, however much comes.
    pub(super) silence: u32,
    /// Until a modem that nothing was asked may have restarted unnoticed.
    pub(super) fresh: u32,
    /// Until the stores are looked through.
    pub(super) sweep: u32,
    /// Of the second line of a message, while it is expected.
    pub(super) second_line: u32,
    /// Until the network no longer waits for an acknowledgement, while it does.
    pub(super) duty: u32,
    /// Until the trouble is told, unless set-up ends before; [`NEVER`] once told.
    pub(super) trouble: u32,
    /// Until a line that belongs to a start means a restart.
    pub(super) settled: u32,
    /// Until set-up waits for a network no longer; [`NEVER`] before it does.
    pub(super) network: u32,
    /// Since the last command, counted up.
    pub(super) since_command: u32,
}

impl Timers {
    /// Everything is due but the telling of a trouble.
    pub(super) const fn new(trouble: u32) -> Self {
        Self {
            step: 0,
            silence: 0,
            fresh: 0,
            sweep: 0,
            second_line: 0,
            duty: 0,
            trouble,
            settled: 0,
            network: NEVER,
            since_command: 0,
        }
    }

    pub(super) fn pass(&mut self, ms: u32) {
        self.since_command = self.since_command.saturating_add(ms);
        for timer in [
            &mut self.step,
            &mut self.silence,
            &mut self.fresh,
            &mut self.sweep,
            &mut self.second_line,
            &mut self.duty,
            &mut self.trouble,
            &mut self.settled,
            &mut self.network,
        ] {
            if *timer != NEVER {
                *timer = timer.saturating_sub(ms);
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
        timers.sweep = 600_000;
        timers.pass(999);
        assert_eq!((timers.trouble, timers.sweep, timers.step), (1, 599_001, 0));
        // Fifty days and more at once, twice.
        timers.pass(u32::MAX);
        timers.pass(u32::MAX);
        assert_eq!((timers.trouble, timers.sweep, timers.step), (0, 0, 0));
        assert_eq!((timers.network, timers.since_command), (NEVER, u32::MAX));
    }
}
