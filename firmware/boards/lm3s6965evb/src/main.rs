//! An SMS gateway on a Stellaris LM3S6965 evaluation board: the modem at UART1, a host at UART0.

#![no_std]
#![no_main]

mod gateway;
mod gpio;
mod interrupts;
mod keep;
mod light;
mod modem;
mod panic;
mod registers;
mod system;
mod tapes;
mod time;
#[cfg(feature = "trial")]
mod trial;
mod uart;
mod watchdog;

use cortex_m_rt::entry;
use embedded_hal::digital::InputPin as _;
use septet_firmware::Instant;
use septet_firmware::gateway::blocking::Turn;

use gpio::{Pin, Port};
use light::Light;
use uart::Queues;
use watchdog::Watchdog;

/// When the clock starts. In a trial, 5 s before the low half of the milliseconds wraps.
const START: Instant = Instant(if cfg!(feature = "trial") { (1 << 32) - 5_000 } else { 0 });

/// How long a life lasts that does not end for what an earlier one has kept, in milliseconds.
const LASTS_MS: u32 = 600_000;

#[entry]
fn main() -> ! {
    static mut HOST: Queues = Queues::new();
    static mut MODEM: Queues = Queues::new();
    #[cfg(feature = "trial")]
    static mut TEST: Queues = Queues::new();

    let start = panic::start();
    system::start();
    let core = cortex_m::Peripherals::take().expect("the core's peripherals are taken here only");
    time::start(core.SYST, START);
    let mut watchdog = Watchdog::start(time::now());

    let mut host = gateway::new(HOST, &start);
    gateway::load(&mut host, &start);
    let mut modem = modem::new(MODEM, &host.gateway.settings().pin);
    let mut status = modem::status();
    let mut light = Light(Pin::new(Port::F, 0).output(false));
    #[cfg(feature = "trial")]
    let mut trial = trial::Trial::new(TEST);
    let mut powered = None;

    loop {
        if powered != status.is_high().ok() {
            powered = status.is_high().ok();
            modem.powered(powered == Some(true));
        }
        #[cfg(feature = "trial")]
        trial.begins(&host);
        let turn = host.turn(&mut modem, time::now());
        let is_quiet = matches!(turn, Turn::Quiet);
        #[cfg(feature = "trial")]
        trial.turn(&host, tapes::uart(modem.port()), is_quiet);
        light.show(modem.engine(), host.gateway.outbox(), time::now());
        // A line that fails in each turn makes no progress.
        if is_quiet || matches!(turn, Turn::Busy) {
            watchdog.feed(time::now());
        }
        if time::now() > START.after(LASTS_MS) {
            panic::lasts();
        }
        time::sleep_if(|| is_quiet && host.port.is_quiet() && tapes::uart(modem.port()).is_quiet());
    }
}
