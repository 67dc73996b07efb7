//! An ESP32-C3 with a SIM800: a gateway on the USB line of the chip.
//!
//! The README beside it says what is wired where.
#![no_std]
#![no_main]

mod keep;
mod led;
mod panic;
mod watchdog;

use embassy_executor::Spawner;
use esp_hal::Async;
use esp_hal::gpio::{Input, InputConfig, Level, Output, OutputConfig, Pull};
use esp_hal::timer::timg::TimerGroup;
use esp_hal::uart::{Config, Uart};
use esp_hal::usb::usb_serial_jtag::UsbSerialJtag;
use septet_board::led::Pattern;
use septet_board::progress::Progress;
use septet_board::tapes::{Port, traced};
use septet_board::time::{GatewayClock, SessionClock, now};
use septet_firmware::board::{ActiveHigh, ActiveLow, NotWired, Pins};
use septet_firmware::driver::Driver;
use septet_firmware::gateway::driver::Host;
use septet_firmware::options::{Options, SimPin};
use septet_firmware::profile::SIM800;

use watchdog::Guard;

// No time of the build stands in it: the same source makes the same image.
esp_bootloader_esp_idf::esp_app_desc!(
    env!("CARGO_PKG_VERSION"),
    env!("CARGO_PKG_NAME"),
    "00:00:00",
    "1970-01-01",
    esp_bootloader_esp_idf::ESP_IDF_COMPATIBLE_VERSION,
    esp_bootloader_esp_idf::MMU_PAGE_SIZE,
    0,
    u16::MAX,
    esp_bootloader_esp_idf::SECURE_VERSION
);

/// How often `STATUS` is read and progress looked at, in milliseconds.
const TICK_MS: u32 = 500;

#[esp_rtos::main]
async fn main(spawner: Spawner) {
    let p = esp_hal::init(esp_hal::Config::default());
    let (mut guard, is_hang) = Guard::start(p.TIMG1);
    esp_rtos::start(TimerGroup::new(p.TIMG0).timer0, p.FROM_CPU_INTR0);
    let led = led::start(spawner, p.GPIO1.into());
    let mut gateway = keep::open(p.FLASH, is_hang);

    // 115 200 bits a second, 8 data bits, no parity.
    let port = Uart::new(p.UART1, Config::default()).unwrap();
    let port = port.with_tx(p.GPIO5).with_rx(p.GPIO4).into_async();
    let pins = Pins {
        power_key: ActiveHigh(Output::new(p.GPIO6, Level::Low, OutputConfig::default())),
        reset: ActiveHigh(Output::new(p.GPIO7, Level::Low, OutputConfig::default())),
        data_terminal_ready: ActiveLow(Output::new(p.GPIO3, Level::High, OutputConfig::default())),
        supply: NotWired,
        switch: |port: &mut Port<Uart<'static, Async>>, baud| {
            port.port().apply_config(&Config::default().with_baudrate(baud)).unwrap_or_default();
        },
    };
    let status = Input::new(p.GPIO10, InputConfig::default().with_pull(Pull::Down));
    let pin = SimPin::new(&gateway.settings().pin);
    let bauds = &[115_200, 9_600];
    let options = Options { pin, wiring: pins.wiring(), bauds, ..Options::new(&SIM800) };
    let progress = Progress::new();
    let mut modem = Driver::with(options, traced(port), SessionClock(&progress.0), pins);
    let mut host = Host::new(UsbSerialJtag::new(p.USB_DEVICE).into_async());
    loop {
        modem.powered(status.is_high());
        led.show(Pattern::of(&gateway, modem.engine(), true));
        guard.look(&progress);
        let until = now().after(TICK_MS);
        // What a line has lost is found out: by the session, and by who asks.
        let _ = host.serve_until(&mut gateway, &mut modem, &mut GatewayClock, until).await;
    }
}
