//! Whether the board gets on: what its watchdog is fed by.
//!
//! The modem's session always says until when it waits. Where that has passed and it still waits, or
//! where it is not asked any more, something hangs.

use core::cell::Cell;

use embassy_time::{Duration, Instant};

/// How late the session may be. Erasing a page of flash holds it up for less.
const LATE: Duration = Duration::from_secs(1);

/// Until when the session waits: what its clock notes, and what the watchdog goes by.
#[derive(Debug)]
pub struct Progress(pub Cell<Instant>);

impl Progress {
    /// A session that starts.
    pub fn new() -> Self {
        Self(Cell::new(Instant::now()))
    }

    /// Whether the session gets on: only then the watchdog is fed.
    pub fn is_there(&self) -> bool {
        Instant::now() <= self.0.get() + LATE
    }
}
