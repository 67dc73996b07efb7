//! The modem's line and its pins.

use septet_firmware::blocking::Driver;
use septet_firmware::board::{ActiveHigh, ActiveLow, Board, NotWired, Pins};
use septet_firmware::options::SimPin;
use septet_firmware::profile::{GENERIC, PROFILES};
use septet_firmware::{Instant, Options};

use crate::gpio::{Input, Pin, Port};
use crate::uart::{Queues, Uart};
use crate::{tapes, time};

/// The speeds at which a modem is looked for, in bits a second.
const BAUDS: &[u32] = &[115_200, 9_600];

/// The session, with the digits of the SIM's PIN, if it has one.
///
/// What it takes besides the session itself is not to stay in the caller's frame.
#[inline(never)]
pub fn new(
    line: &'static mut Queues,
    pin: &str,
) -> Driver<tapes::Line, impl FnMut() -> Instant + use<>, impl Board<tapes::Line> + use<>> {
    let pins = Pins {
        power_key: ActiveHigh(Pin::new(Port::B, 0).output(false)),
        reset: ActiveHigh(Pin::new(Port::B, 1).output(false)),
        data_terminal_ready: ActiveLow(Pin::new(Port::B, 4).output(false)),
        supply: NotWired,
        switch: |line: &mut tapes::Line, baud| tapes::uart(line).set_baud(baud),
    };
    let options = Options {
        candidates: PROFILES,
        pin: SimPin::new(pin),
        wiring: pins.wiring(),
        bauds: BAUDS,
        ..Options::new(&GENERIC)
    };
    Driver::with(options, tapes::line(Uart::new(1, line, BAUDS[0])), time::now, pins)
}

/// What says whether the modem is on.
pub fn status() -> Input {
    Pin::new(Port::B, 5).input()
}
