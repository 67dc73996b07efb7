//! The shell over tokio: the driver of `septet-firmware` on a host's ports and clock.
//!
//! ```no_run
//! use septet_firmware::options::Options;
//! use septet_firmware::profile::{GENERIC, PROFILES};
//! use septet_host::port;
//! use septet_host::shell::{self, Line};
//!
//! # async fn run() -> Result<(), septet_host::Failed> {
//! let port = port::open("/dev/ttyUSB0", 115_200).await?;
//! let options = Options { candidates: PROFILES, bauds: &[115_200, 9_600], ..Options::new(&GENERIC) };
//! let mut modem = shell::session(options, Line(Some(port)), None);
//! while let Ok(event) = modem.next().await {
//!     println!("{event:?}");
//! }
//! # Ok(())
//! # }
//! ```

use std::future::pending;
use std::io;
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use septet_firmware::Instant;
use septet_firmware::board::Board;
use septet_firmware::driver::{Clock, Driver, Error};
use septet_firmware::options::{Options, Pin, SimPin};
use septet_firmware::profile::{GENERIC, PROFILES, Profile};
use septet_firmware::trace::{Trace, Traced};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{self, sleep_until};
use tracing::warn;

use crate::port::Port;
use crate::trace::FileTrace;

/// The line to a modem: a port, or none while it is closed.
#[derive(Default)]
pub struct Line(pub Option<Port>);

impl ErrorType for Line {
    type Error = io::Error;
}

impl Read for Line {
    async fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(port) => port.read(octets).await,
            None => pending().await,
        }
    }
}

/// Without a port, what is written is lost: the session sets the modem up again when there is one.
impl Write for Line {
    async fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(port) => port.write(octets).await,
            None => Ok(octets.len()),
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Some(port) => port.flush().await,
            None => Ok(()),
        }
    }
}

/// Tokio's clock, from the session's start.
#[derive(Clone, Copy)]
pub struct TokioClock(time::Instant);

impl TokioClock {
    /// A clock that begins now.
    pub fn start() -> Self {
        Self(time::Instant::now())
    }

    /// What time it is.
    pub fn time(self) -> Instant {
        Instant(self.0.elapsed().as_millis() as u64)
    }
}

impl Clock for TokioClock {
    fn now(&mut self) -> Instant {
        self.time()
    }

    async fn until(&mut self, at: Instant) {
        sleep_until(self.0 + Duration::from_millis(at.0)).await;
    }
}

/// What a host does for a modem: it switches the speed of a serial device. It has none of its pins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl<T: Trace, N: FnMut() -> Instant> Board<Traced<Line, T, N>> for Host {
    fn drive(&mut self, _: Pin, _: bool) {}

    /// A port that does not switch stays as it is: the modem does not answer there.
    fn switch(&mut self, port: &mut Traced<Line, T, N>, baud: u32) {
        if let Some(Err(error)) = port.port().0.as_mut().map(|port| port.switch(baud)) {
            warn!(baud, %error, "the port does not switch its speed");
        }
    }
}

/// What is known of a modem: its profile, or none where it is to be chosen by what the modem says of
/// itself, and its SIM's PIN.
pub fn options(profile: Option<&'static Profile>, pin: Option<SimPin>) -> Options {
    match profile {
        Some(profile) => Options { pin, ..Options::new(profile) },
        None => Options { candidates: PROFILES, pin, ..Options::new(&GENERIC) },
    }
}

/// The name of a profile, or that it is chosen.
pub const fn model(profile: Option<&'static Profile>) -> &'static str {
    match profile {
        Some(profile) => profile.model,
        None => AUTO,
    }
}

/// In place of a profile's name: the one that fits what the modem says of itself.
pub const AUTO: &str = "auto";

/// What tells a trace the time.
pub type Now = Box<dyn FnMut() -> Instant + Send>;

/// A session with a modem on a host, traced where a trace is given.
pub type Session = Driver<Traced<Line, Option<FileTrace>, Now>, TokioClock, Host>;

/// A session that begins now.
pub fn session(options: Options, line: Line, trace: Option<FileTrace>) -> Session {
    let clock = TokioClock::start();
    let now: Now = Box::new(move || clock.time());
    Driver::with(options, Traced::new(line, trace, now), clock, Host)
}

/// Why a line failed, in words.
pub fn words(error: &Error<io::Error>) -> String {
    match error {
        Error::Port(error) => error.to_string(),
        Error::Closed => "it was closed at the other end".to_owned(),
    }
}
