//! The gateway on the host line, and what it finds when the board starts.

use septet_firmware::gateway::blocking;
use septet_firmware::gateway::retained::Retained;
use septet_firmware::gateway::{Gateway, apis};

use crate::keep::Kept;
use crate::panic::Start;
use crate::uart::{Queues, Uart};
use crate::{system, tapes, time};

/// The octets of the longest request, and of the longest reply.
const IN: usize = 3_072;
const OUT: usize = 4_096;

/// Bits a second.
const BAUD: u32 = 115_200;

/// A gateway with its host line.
pub type Host = blocking::Host<Retained<'static>, Uart, IN, OUT>;

/// The gateway, before it has read what its last life has kept: [`load`] follows. To be asked for once in
/// a life.
///
/// What it takes besides the gateway itself is not to stay in the caller's frame.
#[inline(never)]
pub fn new(line: &'static mut Queues, start: &Start) -> Host {
    let kept = Kept::found();
    let random = kept.random();
    let keep = kept.records(start.deaths);
    let gateway = Gateway::new(keep, apis::ALL, system::seed(), random, time::now());
    Host::new(gateway, Uart::new(0, line, BAUD))
}

/// Reads what was kept, and notes what made the board start.
///
/// # Panics
/// When what was kept cannot be read, as often as [`Kept::records`] says.
#[inline(never)]
pub fn load(host: &mut Host, start: &Start) {
    host.gateway.load().expect("what was kept cannot be read");
    host.gateway.started_after(&start.after);
    host.gateway.set_tapes(tapes::tapes());
}
