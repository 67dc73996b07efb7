//! The watchdog, which only progress feeds: the session's, and that of the flash where room is made.

use embassy_rp::Peri;
use embassy_rp::peripherals::WATCHDOG;
use embassy_rp::watchdog::{ResetReason, Watchdog};
use embassy_time::Duration;

use crate::progress::Progress;

/// What it allows between two looks; 8.3 s is its longest (RP2040 datasheet, section 4.7).
const PATIENCE: Duration = Duration::from_secs(8);

/// The watchdog of the board.
pub struct Guard(Watchdog);

impl Guard {
    /// Starts it, and says whether it has had the board start anew.
    pub fn start(place: Peri<'static, WATCHDOG>) -> (Self, bool) {
        let mut watchdog = Watchdog::new(place);
        let is_hang = watchdog.reset_reason() == Some(ResetReason::TimedOut);
        watchdog.pause_on_debug(true);
        watchdog.start(PATIENCE);
        (Self(watchdog), is_hang)
    }

    /// Feeds it where there is no session.
    pub fn feed(&mut self) {
        self.0.feed(PATIENCE);
    }

    /// Feeds it where a page of the flash was erased: what makes room for a record erases each page a few
    /// times at most, and the session has to wait meanwhile.
    pub fn erased() {
        // SAFETY: feeding is one write of a register, which nothing else has to know of.
        Watchdog::new(unsafe { WATCHDOG::steal() }).feed(PATIENCE);
    }

    /// Feeds it where the session gets on.
    pub fn look(&mut self, progress: &Progress) {
        if progress.is_there() {
            self.0.feed(PATIENCE);
        }
    }
}
