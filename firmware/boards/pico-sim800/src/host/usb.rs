//! The host line at the USB of the Pico: a serial port of class CDC ACM, `/dev/ttyACM0` under Linux.
//!
//! While the chip stands still the controller has the host wait: nothing is lost.

use core::convert::Infallible;

use embassy_executor::Spawner;
use embassy_futures::select::{Either, select};
use embassy_rp::Peri;
use embassy_rp::peripherals::USB;
use embassy_rp::usb::{Driver, InterruptHandler};
use embassy_usb::class::cdc_acm::{BufferedReceiver, CdcAcmClass, ControlChanged, Sender, State};
use embassy_usb::{Builder, Config, UsbDevice};
use embedded_io_async::{ErrorType, Read, Write};
use static_cell::StaticCell;

embassy_rp::bind_interrupts!(struct Interrupts {
    USBCTRL_IRQ => InterruptHandler<USB>;
});

type Usb = Driver<'static, USB>;

/// Octets of a packet: a full one would have the host wait for the next.
const PACKET: usize = 63;

/// The line, as what writes the flash has it: nothing has to be done for it.
#[derive(Clone, Copy)]
pub struct Line;

impl Line {
    /// Does something that the chip stands still for.
    pub fn standing<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }

    /// Has it go on behind that.
    pub fn go_on(self) {}
}

/// The line as its one user has it.
pub struct Port {
    sender: Sender<'static, Usb>,
    receiver: BufferedReceiver<'static, Usb>,
    control: ControlChanged<'static>,
}

/// Starts the line.
pub fn start(spawner: Spawner, usb: Peri<'static, USB>) -> (Line, Port) {
    static BUFFERS: StaticCell<([u8; 96], [u8; 16], [u8; 64], [u8; 64])> = StaticCell::new();
    static STATE: StaticCell<State<'static>> = StaticCell::new();
    let (configuration, store, control, packet) =
        BUFFERS.init(([0; 96], [0; 16], [0; 64], [0; 64]));
    // The ids of pid.codes for what is tried: nobody has one for this board.
    let mut config = Config::new(0x1209, 0x0001);
    config.manufacturer = Some("Septet");
    config.product = Some("SMS gateway");
    config.max_power = 100;
    let driver = Driver::new(usb, Interrupts);
    let mut builder = Builder::new(driver, config, configuration, store, &mut [], control);
    let class = CdcAcmClass::new(&mut builder, STATE.init(State::new()), PACKET as u16 + 1);
    let (sender, receiver, changes) = class.split_with_control();
    spawner.spawn(run(builder.build()).unwrap());
    (Line, Port { sender, receiver: receiver.into_buffered(packet), control: changes })
}

#[embassy_executor::task]
async fn run(mut device: UsbDevice<'static, Usb>) -> ! {
    device.run().await
}

impl ErrorType for Port {
    type Error = Infallible;
}

impl Read for Port {
    async fn read(&mut self, octets: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            self.receiver.wait_connection().await;
            // Where the host went, another one may come.
            if let Ok(len @ 1..) = self.receiver.read(octets).await {
                return Ok(len);
            }
        }
    }
}

impl Write for Port {
    /// What nobody reads is said to nobody: the port is not open, or is closed meanwhile.
    async fn write(&mut self, octets: &[u8]) -> Result<usize, Infallible> {
        let Self { sender, control, .. } = self;
        let packet = octets.get(..PACKET).unwrap_or(octets);
        loop {
            if !sender.dtr() {
                return Ok(octets.len());
            }
            match select(sender.write_packet(packet), control.control_changed()).await {
                Either::First(Ok(())) => return Ok(packet.len()),
                Either::First(Err(_)) => return Ok(octets.len()),
                Either::Second(()) => {}
            }
        }
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
