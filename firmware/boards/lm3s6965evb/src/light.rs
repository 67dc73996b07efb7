//! The board's light, which tells how the modem is.

use embedded_hal::digital::{OutputPin as _, PinState};
use septet::parts::Fate;
use septet_firmware::Instant;
use septet_firmware::engine::Engine;
use septet_firmware::gateway::outbox::Outbox;

use crate::gpio::Output;

/// The light.
#[derive(Debug)]
pub struct Light(pub Output);

impl Light {
    /// Lights it or not, as it should be at this time.
    pub fn show(&mut self, engine: &Engine, outbox: &Outbox, now: Instant) {
        let is_sending = outbox.messages().any(|sms| sms.known.fates.contains(&Fate::Sending));
        let is_lit = match (engine.is_ready(), is_sending) {
            (_, true) => now.0 % 200 < 100,
            (true, false) => true,
            (false, false) => now.0 % 1_000 < 500,
        };
        let _ = self.0.set_state(PinState::from(is_lit));
    }
}
