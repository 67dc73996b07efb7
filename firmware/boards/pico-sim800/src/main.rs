//! A Raspberry Pi Pico that drives a SIM800: messages go through it between a host line and the air.
//!
//! The README beside it says what is wired where.
#![no_std]
#![no_main]

mod host_line;
mod last_words;
mod led;
mod progress;

#[cfg(feature = "defmt")]
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_futures::select::{Either3, select3};
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{UART0, UART1};
use embassy_rp::uart::{BufferedInterruptHandler, BufferedUart, Config};
use embassy_rp::watchdog::Watchdog;
use embassy_time::{Duration, Ticker};
use septet_firmware::EventKind;
use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
use septet_firmware::driver::Driver;
use septet_firmware::options::Options;
use septet_firmware::profile::SIM800;
use static_cell::StaticCell;

use host_line::HostLine;
use led::Led;
use progress::{BoardClock, Progress};

embassy_rp::bind_interrupts!(struct Interrupts {
    UART0_IRQ => BufferedInterruptHandler<UART0>;
    UART1_IRQ => BufferedInterruptHandler<UART1>;
});

/// How often `STATUS` is read and progress looked at.
const TICK: Duration = Duration::from_millis(500);

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());
    let mut progress = Progress::new(Watchdog::new(p.WATCHDOG));
    let led = Led::new();
    spawner.spawn(led::blink(Output::new(p.PIN_25, Level::Low)).unwrap());

    // What a SIM800 sends while nobody reads, at most: a listed message, and its announcements.
    static BUFFERS: StaticCell<([u8; 64], [u8; 1024], [u8; 1024], [u8; 512])> = StaticCell::new();
    let (modem_out, modem_in, host_out, host_in) =
        BUFFERS.init(([0; 64], [0; 1024], [0; 1024], [0; 512]));
    let config = Config::default(); // 115 200 bits a second, 8 data bits, no parity
    let host = BufferedUart::new(p.UART0, p.PIN_0, p.PIN_1, Interrupts, host_out, host_in, config);
    let port =
        BufferedUart::new(p.UART1, p.PIN_4, p.PIN_5, Interrupts, modem_out, modem_in, config);

    let pins = Pins {
        power_key: ActiveHigh(Output::new(p.PIN_6, Level::Low)),
        reset: ActiveHigh(Output::new(p.PIN_7, Level::Low)),
        data_terminal_ready: ActiveLow(Output::new(p.PIN_9, Level::High)),
        supply: NotWired,
        switch: |port: &mut BufferedUart, baud| {
            while port.busy() {} // the last octets are still in the UART
            port.set_baudrate(baud);
        },
    };
    let status = Input::new(p.PIN_8, Pull::Down);
    let options =
        Options { wiring: pins.wiring(), bauds: &[115_200, 9_600], ..Options::new(&SIM800) };
    let mut modem = Driver::with(options, port, BoardClock(progress.waits_until()), pins);
    let mut host = HostLine::new(host);
    host.hello(progress.reset_reason()).await;
    let mut tick = Ticker::every(TICK);
    loop {
        modem.powered(status.is_high());
        match select3(modem.next(), host.next(), tick.next()).await {
            Either3::First(Ok(event)) => {
                #[cfg(feature = "defmt")]
                defmt::info!("{}", event);
                host.event(&event, modem.engine()).await;
                led.event(&event.kind, modem.engine());
                if let EventKind::Received { ticket, .. } = &event.kind {
                    modem.done(ticket);
                }
            }
            // Octets came damaged or too fast: the engine finds out what is missing.
            Either3::First(Err(_)) => {}
            Either3::Second(Ok(pdu)) => match modem.send(&pdu) {
                Ok(()) => led.sends(),
                Err(busy) => host.say(format_args!("not taken: {busy}")).await,
            },
            Either3::Second(Err(error)) => host.say(format_args!("no message: {error}")).await,
            Either3::Third(()) => progress.look(),
        }
    }
}
