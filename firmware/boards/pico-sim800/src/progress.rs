//! The watchdog, which only the modem session's progress feeds.
//!
//! The session always says until when it waits. Where that has passed and it still waits, or where it
//! is not asked any more, something hangs: the watchdog is not fed, and the board restarts.

use core::cell::Cell;
use core::fmt::Write as _;

use embassy_rp::watchdog::{ResetReason, Watchdog};
use embassy_time::{Duration, Instant, Timer};
use heapless::String;
use septet_firmware::driver::Clock;
use septet_firmware::gateway::START_MAX;
use static_cell::StaticCell;

use crate::last_words::LastWords;

/// What the watchdog allows between two looks. Its longest time is 8.3 s: 24 bits of microseconds that
/// count double (RP2040 datasheet, section 4.7, and erratum RP2040-E1).
const PATIENCE: Duration = Duration::from_secs(8);

/// How late the session may be.
const LATE: Duration = Duration::from_secs(1);

/// The time; that of the session tells until when it waits.
pub struct BoardClock(pub Option<&'static Cell<Instant>>);

impl Clock for BoardClock {
    fn now(&mut self) -> septet_firmware::Instant {
        septet_firmware::Instant(Instant::now().as_millis())
    }

    async fn until(&mut self, at: septet_firmware::Instant) {
        let at = Instant::from_millis(at.0);
        if let Some(waits_until) = self.0 {
            waits_until.set(at);
        }
        Timer::at(at).await;
    }
}

/// The watchdog, and what it goes by.
pub struct Progress {
    watchdog: Watchdog,
    waits_until: &'static Cell<Instant>,
}

impl Progress {
    /// Starts the watchdog.
    pub fn new(mut watchdog: Watchdog) -> Self {
        static WAITS_UNTIL: StaticCell<Cell<Instant>> = StaticCell::new();
        watchdog.pause_on_debug(true);
        watchdog.start(PATIENCE);
        Self { watchdog, waits_until: WAITS_UNTIL.init(Cell::new(Instant::now())) }
    }

    /// Until when the session waits.
    pub fn waits_until(&self) -> &'static Cell<Instant> {
        self.waits_until
    }

    /// Feeds the watchdog, where the session is not late.
    pub fn look(&mut self) {
        if Instant::now() <= self.waits_until.get() + LATE {
            self.watchdog.feed(PATIENCE);
        }
    }

    /// Feeds the watchdog where there is no session.
    pub fn feed(&mut self) {
        self.watchdog.feed(PATIENCE);
    }

    /// What made the board start, where it was not its power.
    pub fn started_after(&self) -> String<START_MAX> {
        let mut words = String::new();
        // What has no room is the end.
        let _ = match (LastWords::take(), self.watchdog.reset_reason()) {
            (Some(last), _) => write!(words, "a panic: {}", last.text()),
            (None, Some(ResetReason::TimedOut)) => words.write_str("a hang"),
            (None, _) => Ok(()),
        };
        words
    }
}
