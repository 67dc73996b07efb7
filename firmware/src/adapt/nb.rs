//! `embedded-hal-nb`.

use embedded_hal_nb::nb::{self, block};
use embedded_hal_nb::serial;
use embedded_io::{ErrorKind, ErrorType, Read, Write};

/// A port with the serial traits of `embedded-hal-nb` 1.0: a UART that gives and takes one octet and
/// never waits.
///
/// `read` gives what is there, none at all too, and comes back at once; `write` waits until the UART
/// takes the octets. The port has no buffer but the UART's: the loop must come round more often than
/// that fills, at 115 200 bits a second every 87 µs for each octet that it holds. Where it cannot,
/// read by an interrupt into a queue, and wrap that.
///
/// ```
/// use embedded_hal_nb::serial;
/// use septet_firmware::Instant;
/// use septet_firmware::adapt::Nb;
/// use septet_firmware::blocking::Driver;
/// use septet_firmware::profile::GENERIC;
///
/// fn session<P: serial::Read + serial::Write>(uart: P, now: impl FnMut() -> Instant) {
///     let _ = Driver::new(&GENERIC, Nb::new(uart), now);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Nb<P> {
    port: P,
    /// Came behind octets that were read, and is told with the next `read`.
    error: Option<ErrorKind>,
}

impl<P> Nb<P> {
    /// The port over this UART.
    pub const fn new(port: P) -> Self {
        Self { port, error: None }
    }

    /// The UART.
    pub fn into_inner(self) -> P {
        self.port
    }
}

impl<P> ErrorType for Nb<P> {
    type Error = ErrorKind;
}

impl<P: serial::Read> Read for Nb<P> {
    /// Reads what is there: 0 octets where there are none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`] for a parity error, a framing error and noise,
    /// [`ErrorKind::Other`] for an overrun and the rest.
    fn read(&mut self, octets: &mut [u8]) -> Result<usize, ErrorKind> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let mut len = 0;
        for place in octets {
            *place = match self.port.read() {
                Ok(octet) => octet,
                Err(nb::Error::WouldBlock) => break,
                Err(nb::Error::Other(error)) if len == 0 => return Err(kind(&error)),
                Err(nb::Error::Other(error)) => {
                    self.error = Some(kind(&error));
                    break;
                }
            };
            len += 1;
        }
        Ok(len)
    }
}

impl<P: serial::Write> Write for Nb<P> {
    /// Writes one octet, waiting until the UART takes it.
    fn write(&mut self, octets: &[u8]) -> Result<usize, ErrorKind> {
        let Some(octet) = octets.first() else { return Ok(0) };
        block!(self.port.write(*octet)).map_err(|error| kind(&error))?;
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        block!(self.port.flush()).map_err(|error| kind(&error))
    }
}

fn kind(error: &impl serial::Error) -> ErrorKind {
    use serial::ErrorKind as Kind;
    match error.kind() {
        Kind::FrameFormat | Kind::Parity | Kind::Noise => ErrorKind::InvalidData,
        // The kinds of a serial error may become more.
        _ => ErrorKind::Other,
    }
}
