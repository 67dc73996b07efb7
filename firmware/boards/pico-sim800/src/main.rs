//! A Raspberry Pi Pico with a SIM800 that is an SMS gateway: HTTP on its host line, messages on the air.
//!
//! The README beside it says what is wired where.
#![no_std]
#![no_main]

mod host;
mod led;
mod no_flash;
mod serial;
mod store;

#[cfg(feature = "defmt")]
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_futures::select::{Either, select};
use embassy_rp::flash::Flash;
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::pac;
use embassy_rp::pac::dma::vals::TreqSel;
use embassy_rp::peripherals::UART1;
use embassy_rp::uart::{BufferedInterruptHandler, BufferedUart, Config};
use embassy_time::{Duration, Ticker};
use septet_board::led::Pattern;
use septet_board::progress::Progress;
use septet_board::rp2040::watchdog::Guard;
use septet_board::time::{GatewayClock, SessionClock};
use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
use septet_firmware::driver::Driver;
use septet_firmware::gateway::driver::serve;
use septet_firmware::options::{Options, SimPin};
use septet_firmware::profile::SIM800;
use static_cell::StaticCell;

use serial::{ModemLine, Port, Serial};
use store::Store;

embassy_rp::bind_interrupts!(struct Interrupts {
    UART1_IRQ => BufferedInterruptHandler<UART1>;
});

/// How often `STATUS` is read and progress looked at.
const TICK: Duration = Duration::from_millis(500);

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());
    let (mut guard, is_hang) = Guard::start(p.WATCHDOG);
    let led = led::start(spawner, p.PIN_25.into());

    #[cfg(not(feature = "usb"))]
    let (host, mut port) = host::start(p.UART0, p.PIN_0, p.PIN_1);
    #[cfg(feature = "usb")]
    let (host, mut port) = host::start(spawner, p.USB);

    static BUFFERS: StaticCell<([u8; 64], [u8; 512])> = StaticCell::new();
    static LINE: StaticCell<ModemLine> = StaticCell::new();
    let (modem_out, modem_in) = BUFFERS.init(([0; 64], [0; 512]));
    let config = Config::default(); // 115 200 bits a second, 8 data bits, no parity
    let (uart, tx, rx) = (p.UART1, p.PIN_4, p.PIN_5);
    let modem = BufferedUart::new(uart, tx, rx, Interrupts, modem_out, modem_in, config);
    let interrupt = pac::Interrupt::UART1_IRQ;
    let line = &*LINE.init(Serial::new(modem, pac::UART1, TreqSel::UART1_RX, interrupt, 1));
    let store = Store { flash: Flash::new_blocking(p.FLASH), host, modem: line };
    let Some(gateway) = store::open(store, is_hang) else {
        led.show(Pattern::NO_FLASH);
        no_flash::answer(port, &mut guard).await
    };

    let pins = Pins {
        power_key: ActiveHigh(Output::new(p.PIN_6, Level::Low)),
        reset: ActiveHigh(Output::new(p.PIN_7, Level::Low)),
        data_terminal_ready: ActiveLow(Output::new(p.PIN_9, Level::High)),
        supply: NotWired,
        switch: |port: &mut Port<_>, baud| port.0.set_baudrate(baud),
    };
    let status = Input::new(p.PIN_8, Pull::Down);
    let (wiring, pin) = (pins.wiring(), SimPin::new(&gateway.settings().pin));
    let options = Options { wiring, pin, bauds: &[115_200, 9_600], ..Options::new(&SIM800) };
    let progress = Progress::new();
    let mut modem = Driver::with(options, Port(line), SessionClock(&progress.0), pins);
    let (mut clock, mut tick) = (GatewayClock, Ticker::every(TICK));
    loop {
        modem.powered(status.is_high());
        led.show(Pattern::of(gateway, modem.engine(), true));
        let served = serve(gateway, &mut port, &mut modem, &mut clock, || ());
        // Where octets came damaged or too fast, both lines find out what is missing.
        if let Either::Second(()) = select(served, tick.next()).await {
            guard.look(&progress);
        }
    }
}
