//! A W5500-EVB-Pico with a SIM800: a gateway on TCP, at port 80.
//!
//! The README beside it says what is wired where.
#![no_std]
#![no_main]

mod calls;
mod keep;
mod led;
mod network;

#[cfg(feature = "defmt")]
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_rp::dma;
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{DMA_CH0, DMA_CH1, UART1};
use embassy_rp::spi::{self, Spi};
use embassy_rp::uart::{BufferedInterruptHandler, BufferedUart, Config};
use septet_board::led::Pattern;
use septet_board::progress::Progress;
use septet_board::rp2040::watchdog::Guard;
use septet_board::tapes::{Port, traced};
use septet_board::time::{GatewayClock, SessionClock, now};
use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
use septet_firmware::driver::Driver;
use septet_firmware::gateway::driver::{Host, Stopped};
use septet_firmware::options::{Options, SimPin};
use septet_firmware::profile::SIM800;
use static_cell::ConstStaticCell;

use calls::Calls;
use network::Network;

embassy_rp::bind_interrupts!(struct Interrupts {
    UART1_IRQ => BufferedInterruptHandler<UART1>;
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});

/// How often `STATUS` is read and progress looked at, in milliseconds.
const TICK_MS: u32 = 500;

/// How often it is looked whether a callback has got further, in milliseconds.
const CALL_MS: u32 = 20;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());
    let (mut guard, is_hang) = Guard::start(p.WATCHDOG);
    let led = led::start(spawner, p.PIN_25.into());
    let (mut gateway, id) = keep::open(p.FLASH, is_hang);

    let (clk, mosi, miso) = (p.PIN_18, p.PIN_19, p.PIN_16);
    let mut config = spi::Config::default();
    config.frequency = 30_000_000;
    let spi = Spi::new(p.SPI0, clk, mosi, miso, p.DMA_CH0, p.DMA_CH1, Interrupts, config);
    let (select, reset) = (Output::new(p.PIN_17, Level::High), Output::new(p.PIN_20, Level::High));
    let interrupt = Input::new(p.PIN_21, Pull::Up);
    let network = Network::start(spawner, spi, select, reset, interrupt, id).await;

    // What a SIM800 sends while nobody reads, at most: a listed message, and its announcements.
    static BUFFERS: ConstStaticCell<([u8; 64], [u8; 1024])> =
        ConstStaticCell::new(([0; 64], [0; 1024]));
    let (tx, rx) = BUFFERS.take();
    let config = Config::default(); // 115 200 bits a second, 8 data bits, no parity
    let port = BufferedUart::new(p.UART1, p.PIN_4, p.PIN_5, Interrupts, tx, rx, config);
    let pins = Pins {
        power_key: ActiveHigh(Output::new(p.PIN_6, Level::Low)),
        reset: ActiveHigh(Output::new(p.PIN_7, Level::Low)),
        data_terminal_ready: ActiveLow(Output::new(p.PIN_9, Level::High)),
        supply: NotWired,
        switch: |port: &mut Port<BufferedUart>, baud| {
            while port.port().busy() {} // the last octets are still in the UART
            port.port().set_baudrate(baud);
        },
    };
    let status = Input::new(p.PIN_8, Pull::Down);
    let pin = SimPin::new(&gateway.settings().pin);
    let bauds = &[115_200, 9_600];
    let options = Options { pin, wiring: pins.wiring(), bauds, ..Options::new(&SIM800) };
    let progress = Progress::new();
    let mut modem = Driver::with(options, traced(port), SessionClock(&progress.0), pins);
    let mut host = Host::new(network.nobody());
    let mut calls = Calls::start(spawner, network.stack());
    loop {
        modem.powered(status.is_high());
        led.show(Pattern::of(&gateway, modem.engine(), network.has_address()));
        guard.look(&progress);
        if network.is_wanted() {
            host.hurry(&mut gateway, now());
        }
        calls.turn(&mut gateway);
        let until = now().after(if calls.is_busy() { CALL_MS } else { TICK_MS });
        match host.serve_until(&mut gateway, &mut modem, &mut GatewayClock, until).await {
            // What the modem's line has lost, the session finds out.
            Ok(()) | Err(Stopped::Modem(_)) => {}
            Err(Stopped::Host(_)) => {
                host = Host::connection(network.next(host.into_port()), &mut gateway, now());
            }
        }
    }
}
