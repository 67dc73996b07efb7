//! The gateway on the host line, and what it finds when the board starts.

use septet_firmware::gateway::blocking;
use septet_firmware::gateway::retained::Retained;
use septet_firmware::gateway::{Gateway, apis};

use crate::keep::Kept;
use crate::panic::Start;
use crate::uart::Uart;
use crate::{system, time};

/// The octets of the longest request, and of the longest reply.
const IN: usize = 3_072;
const OUT: usize = 4_096;

/// A gateway with its host line.
pub type Host = blocking::Host<Retained<'static>, Uart, IN, OUT>;

/// The gateway, which goes on where its last life ended. To be opened once in a life.
///
/// # Panics
/// When what was kept cannot be read, as often as [`Kept::records`] says.
pub fn open(start: &Start, uart: Uart) -> Host {
    let kept = Kept::found();
    let random = kept.random();
    let keep = kept.records(start.deaths);
    let gateway = Gateway::open(keep, apis::ALL, system::seed(), random, time::now());
    let mut gateway = gateway.expect("what was kept cannot be read");
    gateway.started_after(&start.after);
    Host::new(gateway, uart)
}
