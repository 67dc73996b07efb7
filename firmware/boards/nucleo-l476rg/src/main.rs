//! A NUCLEO-L476RG with a SIM800: a gateway on the virtual COM port of its ST-LINK.
//!
//! The README beside it says what is wired where.
#![no_std]
#![no_main]

mod keep;
mod led;
mod panic;
mod watchdog;

#[cfg(feature = "defmt")]
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_stm32::gpio::{Input, Level, Output, Pull, Speed};
use embassy_stm32::peripherals::{RNG, USART1, USART2};
use embassy_stm32::rcc::mux::Clk48sel;
use embassy_stm32::rcc::{MSIRange, Sysclk};
use embassy_stm32::rng::Rng;
use embassy_stm32::usart::{BufferedInterruptHandler, BufferedUart, Config};
use embassy_stm32::{bind_interrupts, flash, rng};
use septet_board::led::Pattern;
use septet_board::progress::Progress;
use septet_board::tapes::{Port, traced};
use septet_board::time::{GatewayClock, SessionClock, now};
use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
use septet_firmware::driver::Driver;
use septet_firmware::gateway::driver::Host;
use septet_firmware::options::{Options, SimPin};
use septet_firmware::profile::SIM800;
use static_cell::ConstStaticCell;

use watchdog::Guard;

bind_interrupts!(struct Interrupts {
    FLASH => flash::InterruptHandler;
    RNG => rng::InterruptHandler<RNG>;
    USART1 => BufferedInterruptHandler<USART1>;
    USART2 => BufferedInterruptHandler<USART2>;
});

/// How often `STATUS` is read and progress looked at, in milliseconds.
const TICK_MS: u32 = 500;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let mut config = embassy_stm32::Config::default();
    (config.rcc.hsi, config.rcc.sys) = (true, Sysclk::HSI);
    // Of the random numbers, 48 MHz.
    (config.rcc.msi, config.rcc.mux.clk48sel) = (Some(MSIRange::RANGE48M), Clk48sel::MSI);
    let p = embassy_stm32::init(config);
    let (mut guard, is_hang) = Guard::start(p.IWDG);
    let led = led::start(spawner, p.PA5.into());
    let random = Rng::new(p.RNG, Interrupts).next_u64();
    let mut gateway = keep::open(p.FLASH, Interrupts, random, is_hang);

    // What comes while a page is erased.
    static MODEM: ConstStaticCell<([u8; 64], [u8; 4096])> =
        ConstStaticCell::new(([0; 64], [0; 4096]));
    static HOST: ConstStaticCell<([u8; 512], [u8; 4096])> =
        ConstStaticCell::new(([0; 512], [0; 4096]));
    let config = Config::default(); // 115 200 bits a second, 8 data bits, no parity
    let (tx, rx) = HOST.take();
    let host = BufferedUart::new(p.USART2, p.PA3, p.PA2, tx, rx, Interrupts, config);
    let (tx, rx) = MODEM.take();
    let port = BufferedUart::new(p.USART1, p.PA10, p.PA9, tx, rx, Interrupts, config).unwrap();
    let pins = Pins {
        power_key: ActiveHigh(Output::new(p.PB5, Level::Low, Speed::Low)),
        reset: ActiveHigh(Output::new(p.PB4, Level::Low, Speed::Low)),
        data_terminal_ready: ActiveLow(Output::new(p.PB10, Level::High, Speed::Low)),
        supply: NotWired,
        switch: |port: &mut Port<BufferedUart<'_>>, baud| {
            port.port().set_baudrate(baud).unwrap_or_default();
        },
    };
    let status = Input::new(p.PA8, Pull::Down);
    let pin = SimPin::new(&gateway.settings().pin);
    let bauds = &[115_200, 9_600];
    let options = Options { pin, wiring: pins.wiring(), bauds, ..Options::new(&SIM800) };
    let progress = Progress::new();
    let mut modem = Driver::with(options, traced(port), SessionClock(&progress.0), pins);
    let mut host = Host::new(host.unwrap());
    loop {
        modem.powered(status.is_high());
        led.show(Pattern::of(&gateway, modem.engine(), true));
        guard.look(&progress);
        let until = now().after(TICK_MS);
        // What a line has lost is found out: by the session, and by who asks.
        let _ = host.serve_until(&mut gateway, &mut modem, &mut GatewayClock, until).await;
    }
}
