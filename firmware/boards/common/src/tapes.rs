//! What a board gathers of its own doings: the modem's line, and with the feature `log` what is logged.

use septet_firmware::Instant;
use septet_firmware::gateway::tape::{Shared, Tapes};
use septet_firmware::trace::{Ring, Traced};

use crate::time::now;

/// Octets of the trace, which go into a reply together.
const TRACE: usize = 1024;

static MODEM: Shared<Ring<TRACE>> = Shared::new(Ring::new());

/// The modem's port, with its trace.
pub type Port<P> = Traced<P, &'static Shared<Ring<TRACE>>, fn() -> Instant>;

/// The modem's port, traced.
pub fn traced<P>(port: P) -> Port<P> {
    Traced::new(port, &MODEM, now)
}

/// The tapes for the gateway.
pub fn tapes() -> Tapes {
    #[cfg(feature = "log")]
    let log = Some(crate::log::tape());
    #[cfg(not(feature = "log"))]
    let log = None;
    Tapes { trace: Some(&MODEM), log }
}
