//! The host line at UART0: GP0 and GP1.

use embassy_rp::pac::dma::vals::TreqSel;
use embassy_rp::peripherals::{PIN_0, PIN_1, UART0};
use embassy_rp::uart::{BufferedInterruptHandler, BufferedUart, Config};
use embassy_rp::{Peri, pac};
use static_cell::StaticCell;

use crate::serial::{Port, Serial};

embassy_rp::bind_interrupts!(struct Interrupts {
    UART0_IRQ => BufferedInterruptHandler<UART0>;
});

/// Octets that come while the chip stands still: few, since a host waits for its answer then.
const MEANWHILE: usize = 512;

/// The line, as what writes the flash has it.
pub type Line = &'static Serial<MEANWHILE>;

/// Starts the line: 115 200 bits a second, 8 data bits, no parity.
pub fn start(
    uart: Peri<'static, UART0>,
    tx: Peri<'static, PIN_0>,
    rx: Peri<'static, PIN_1>,
) -> (Line, Port<MEANWHILE>) {
    static BUFFERS: StaticCell<([u8; 256], [u8; 256])> = StaticCell::new();
    static LINE: StaticCell<Serial<MEANWHILE>> = StaticCell::new();
    let (out, come) = BUFFERS.init(([0; 256], [0; 256]));
    let uart = BufferedUart::new(uart, tx, rx, Interrupts, out, come, Config::default());
    let interrupt = pac::Interrupt::UART0_IRQ;
    let line = &*LINE.init(Serial::new(uart, pac::UART0, TreqSel::UART0_RX, interrupt, 0));
    (line, Port(line))
}
