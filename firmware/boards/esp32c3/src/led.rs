//! The LED of the board.

use embassy_executor::Spawner;
use esp_hal::gpio::{AnyPin, Level, Output, OutputConfig};
use septet_board::led::{Led, blink};
use static_cell::StaticCell;

/// Starts the LED at this pin.
pub fn start(spawner: Spawner, pin: AnyPin<'static>) -> &'static Led {
    static LED: StaticCell<Led> = StaticCell::new();
    let led = &*LED.init(Led::new());
    let pin = Output::new(pin, Level::Low, OutputConfig::default());
    spawner.spawn(run(led, pin).unwrap());
    led
}

#[embassy_executor::task]
async fn run(led: &'static Led, pin: Output<'static>) -> ! {
    blink(led, pin).await
}
