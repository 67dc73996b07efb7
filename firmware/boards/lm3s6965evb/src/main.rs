//! A modem session on a Stellaris LM3S6965 evaluation board: the modem at UART1, a host at UART0.

#![no_std]
#![no_main]

mod gpio;
mod host;
mod interrupts;
mod panic;
mod registers;
mod system;
mod time;
mod uart;
mod watchdog;

use cortex_m_rt::entry;
use embedded_hal::digital::{InputPin as _, OutputPin as _, PinState};
use septet_firmware::blocking::Driver;
use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
use septet_firmware::profile::{GENERIC, PROFILES};
use septet_firmware::{Instant, Options};

use gpio::{Pin, Port};
use host::Host;
use time::Load;
use uart::{Queues, Uart};
use watchdog::Watchdog;

/// Speeds in bits a second: the host's, and those at which the modem is looked for.
const HOST_BAUD: u32 = 115_200;
const MODEM_BAUDS: &[u32] = &[115_200, 9_600];

/// When the clock starts. In a trial, 5 s before the low half of the milliseconds wraps.
const START: Instant = Instant(if cfg!(feature = "trial") { (1 << 32) - 5_000 } else { 0 });

#[entry]
fn main() -> ! {
    static mut HOST: Queues = Queues::new();
    static mut MODEM: Queues = Queues::new();

    let start = panic::start();
    system::start();
    let core = cortex_m::Peripherals::take().expect("the core's peripherals are taken here only");
    time::start(core.SYST, START);
    let mut watchdog = Watchdog::start(time::now());

    let mut led = Pin::new(Port::F, 0).output(false);
    let mut status = Pin::new(Port::B, 5).input();
    let pins = Pins {
        power_key: ActiveHigh(Pin::new(Port::B, 0).output(false)),
        reset: ActiveHigh(Pin::new(Port::B, 1).output(false)),
        data_terminal_ready: ActiveLow(Pin::new(Port::B, 4).output(false)),
        supply: NotWired,
        switch: Uart::set_baud,
    };
    let options = Options {
        candidates: PROFILES,
        wiring: pins.wiring(),
        bauds: MODEM_BAUDS,
        ..Options::new(&GENERIC)
    };
    let mut host = Host::new(Uart::new(0, HOST, HOST_BAUD), &start);
    let mut modem = Driver::with(options, Uart::new(1, MODEM, MODEM_BAUDS[0]), time::now, pins);
    let mut powered = None;
    let mut load = Load::default();

    loop {
        if powered != status.is_high().ok() {
            powered = status.is_high().ok();
            modem.powered(powered == Some(true));
        }
        let mut happened = false;
        if host.has_room() {
            host.turn(&mut modem, &load);
        }
        if host.has_room() {
            let turn = modem.turn();
            happened = !matches!(turn, Ok(None));
            host.happened(turn, &mut modem, &load);
        }
        let ms = time::now().0;
        let is_lit = match (modem.engine().is_ready(), host.is_sending()) {
            (_, true) => ms % 200 < 100,
            (true, false) => true,
            (false, false) => ms % 1_000 < 500,
        };
        let _ = led.set_state(PinState::from(is_lit));
        watchdog.feed(time::now());
        load.sleep_if(|| !happened && host.is_quiet() && modem.port().is_quiet());
    }
}
