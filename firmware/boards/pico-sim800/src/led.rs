//! The LED of the board.

use embassy_executor::Spawner;
use embassy_rp::Peri;
use embassy_rp::gpio::{AnyPin, Level, Output};
use septet_board::led::{Led, blink};
use static_cell::StaticCell;

/// Starts the LED at this pin.
pub fn start(spawner: Spawner, pin: Peri<'static, AnyPin>) -> &'static Led {
    static LED: StaticCell<Led> = StaticCell::new();
    let led = &*LED.init(Led::new());
    spawner.spawn(run(led, Output::new(pin, Level::Low)).unwrap());
    led
}

#[embassy_executor::task]
async fn run(led: &'static Led, pin: Output<'static>) -> ! {
    blink(led, pin).await
}
