//! The time, by embassy.

use core::cell::Cell;

use embassy_time::{Instant, Timer};
use septet_firmware::driver::Clock;

/// What time it is: milliseconds since the board started.
pub fn now() -> septet_firmware::Instant {
    septet_firmware::Instant(Instant::now().as_millis())
}

/// The time of the gateway.
#[derive(Clone, Copy, Debug)]
pub struct GatewayClock;

impl Clock for GatewayClock {
    fn now(&mut self) -> septet_firmware::Instant {
        now()
    }

    async fn until(&mut self, at: septet_firmware::Instant) {
        Timer::at(Instant::from_millis(at.0)).await;
    }
}

/// The time of the modem's session, which notes until when it waits: see
/// [`Progress`](crate::progress::Progress).
#[derive(Clone, Copy, Debug)]
pub struct SessionClock<'a>(pub &'a Cell<Instant>);

impl Clock for SessionClock<'_> {
    fn now(&mut self) -> septet_firmware::Instant {
        now()
    }

    async fn until(&mut self, at: septet_firmware::Instant) {
        let at = Instant::from_millis(at.0);
        self.0.set(at);
        Timer::at(at).await;
    }
}
