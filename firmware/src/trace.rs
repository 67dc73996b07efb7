//! What goes over the line, octet by octet: as a transcript, or as the last of it in a ring.
//!
//! [`Traced`] wraps any port. What it sees it gives to a [`Trace`]: a [`Transcript`] writes it as text
//! in the format of `firmware/transcripts`, so that a log from the field is a test as it stands; a
//! [`Ring`] keeps the last octets of a board, to be written as a transcript when something went wrong.
//!
//! No PIN is traced, whatever [`Mask`] says: the digits behind `AT+CPIN=` and the other commands that
//! have a secret in them are zeros.
//!
//! ```
//! use septet_firmware::Instant;
//! use septet_firmware::blocking::Driver;
//! use septet_firmware::profile::SIM800;
//! use septet_firmware::trace::{Mask, Traced, Transcript};
//!
//! fn session<P>(port: P, log: impl core::fmt::Write, now: impl FnMut() -> Instant + Copy)
//! where
//!     P: embedded_io::Read + embedded_io::Write,
//! {
//!     let transcript = Transcript::new(log, SIM800.model, Mask::NUMBERS);
//!     let port = Traced::new(port, transcript, now);
//!     let mut modem = Driver::new(&SIM800, port, now);
//!     if let Ok(event) = modem.wait() {
//!         // What the session made of the octets: the conclusions of the transcript.
//!         modem.port().concluded(&event);
//!     }
//! }
//! ```

mod mask;
mod ring;
mod secret;
mod transcript;

use core::cell::RefCell;

use embedded_io::ErrorType;

pub use mask::Mask;
pub use ring::Ring;
pub use transcript::Transcript;

use crate::engine::{Event, Instant};

/// Which way octets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// From the host: `>`.
    ToModem,
    /// From the modem: `<`.
    ToHost,
}

/// What is told of everything that goes over the line.
pub trait Trace {
    /// Octets have gone this way by now.
    fn octets(&mut self, direction: Direction, octets: &[u8], now: Instant);

    /// The session has concluded this from what was traced so far.
    fn concluded(&mut self, event: &Event) {
        let _ = event;
    }
}

/// For a port that is traced at times only.
impl<T: Trace> Trace for Option<T> {
    fn octets(&mut self, direction: Direction, octets: &[u8], now: Instant) {
        if let Some(trace) = self {
            trace.octets(direction, octets, now);
        }
    }

    fn concluded(&mut self, event: &Event) {
        if let Some(trace) = self {
            trace.concluded(event);
        }
    }
}

/// For a trace that its owner looks at while the port has it. Nothing is traced while it is borrowed.
impl<T: Trace> Trace for &RefCell<T> {
    fn octets(&mut self, direction: Direction, octets: &[u8], now: Instant) {
        if let Ok(mut trace) = self.try_borrow_mut() {
            trace.octets(direction, octets, now);
        }
    }

    fn concluded(&mut self, event: &Event) {
        if let Ok(mut trace) = self.try_borrow_mut() {
            trace.concluded(event);
        }
    }
}

/// Time that a trace tells as a pause, in milliseconds.
///
/// What is shorter is added up, so that the pauses together are as long as the trace took.
const PAUSE_MS: u64 = 50;

/// A port, and the trace of what goes over it.
#[derive(Clone, Copy, Debug)]
pub struct Traced<P, T, N> {
    port: P,
    trace: T,
    now: N,
}

impl<P, T: Trace, N: FnMut() -> Instant> Traced<P, T, N> {
    /// The port, traced; `now` tells the time.
    pub const fn new(port: P, trace: T, now: N) -> Self {
        Self { port, trace, now }
    }

    /// The port itself. What goes over it is not traced.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The trace.
    pub const fn trace(&mut self) -> &mut T {
        &mut self.trace
    }

    /// Tells the trace what the session has concluded.
    pub fn concluded(&mut self, event: &Event) {
        self.trace.concluded(event);
    }

    fn seen(&mut self, direction: Direction, octets: &[u8], len: usize) {
        let now = (self.now)();
        self.trace.octets(direction, octets.get(..len).unwrap_or(octets), now);
    }
}

impl<P: ErrorType, T, N> ErrorType for Traced<P, T, N> {
    type Error = P::Error;
}

impl<P: embedded_io::Read, T: Trace, N: FnMut() -> Instant> embedded_io::Read for Traced<P, T, N> {
    fn read(&mut self, octets: &mut [u8]) -> Result<usize, P::Error> {
        let len = self.port.read(octets)?;
        self.seen(Direction::ToHost, octets, len);
        Ok(len)
    }
}

impl<P: embedded_io::Write, T: Trace, N: FnMut() -> Instant> embedded_io::Write
    for Traced<P, T, N>
{
    fn write(&mut self, octets: &[u8]) -> Result<usize, P::Error> {
        let len = self.port.write(octets)?;
        self.seen(Direction::ToModem, octets, len);
        Ok(len)
    }

    fn flush(&mut self) -> Result<(), P::Error> {
        self.port.flush()
    }
}

/// As cancel-safe as the port: what it has read or written is traced at once.
impl<P: embedded_io_async::Read, T: Trace, N: FnMut() -> Instant> embedded_io_async::Read
    for Traced<P, T, N>
{
    async fn read(&mut self, octets: &mut [u8]) -> Result<usize, P::Error> {
        let len = self.port.read(octets).await?;
        self.seen(Direction::ToHost, octets, len);
        Ok(len)
    }
}

impl<P: embedded_io_async::Write, T: Trace, N: FnMut() -> Instant> embedded_io_async::Write
    for Traced<P, T, N>
{
    async fn write(&mut self, octets: &[u8]) -> Result<usize, P::Error> {
        let len = self.port.write(octets).await?;
        self.seen(Direction::ToModem, octets, len);
        Ok(len)
    }

    async fn flush(&mut self) -> Result<(), P::Error> {
        self.port.flush().await
    }
}
