//! When a modem that fails gets no more messages, and what becomes of those that it has begun.

use std::time::Duration;

use serde::Deserialize;

use super::trouble::Troubles;
use super::written::duration;

/// What is done about a modem that fails.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draining {
    /// After how many refusals in a row, for reasons of its own, a modem gets no more messages.
    pub refusals: u32,
    /// How long it then gets none.
    #[serde(deserialize_with = "duration")]
    pub pause: Duration,
    /// How long a message that a modem has begun waits for it, since its parts come from one number.
    #[serde(deserialize_with = "duration")]
    pub begun: Duration,
}

impl Default for Draining {
    fn default() -> Self {
        Self {
            refusals: 3,
            pause: Duration::from_secs(10 * 60),
            begun: Duration::from_secs(6 * 60 * 60),
        }
    }
}

impl Draining {
    /// What no type can say.
    pub(super) fn check(&self, troubles: &mut Troubles<'_>) {
        if self.refusals == 0 {
            let why = "draining.refusals is 0: write 1 for the first refusal";
            troubles.wrong("draining.refusals", why);
        }
        if self.pause.is_zero() {
            troubles.wrong("draining.pause", "draining.pause is no time");
        }
    }
}
