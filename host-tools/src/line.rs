//! A modem's session on a host: the driver of `septet-firmware` over tokio's streams and time.

use std::future::{Future, pending};
use std::io;
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use septet_firmware::driver::{Clock, Driver, Error};
use septet_firmware::{EventKind, Instant, Profile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{self, sleep_until};
use tracing::warn;

use crate::Failed;
use crate::gateway::{Handle, Work};
use crate::port::Port;

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
pub struct TokioClock(time::Instant);

impl Clock for TokioClock {
    fn now(&mut self) -> Instant {
        Instant(self.0.elapsed().as_millis() as u64)
    }

    async fn until(&mut self, at: Instant) {
        sleep_until(self.0 + Duration::from_millis(at.0)).await;
    }
}

/// A session with a modem on a host.
pub type Session = Driver<Line, TokioClock>;

/// A session that begins now.
pub fn session(profile: &'static Profile, line: Line) -> Session {
    Driver::new(profile, line, TokioClock(time::Instant::now()))
}

/// Why a line failed, in words.
pub fn words(error: &Error<io::Error>) -> String {
    match error {
        Error::Port(error) => error.to_string(),
        Error::Closed => "it was closed at the other end".to_owned(),
    }
}

/// How long after a failure a port is opened again.
const REOPEN: Duration = Duration::from_secs(1);

/// Runs the session of one of the gateway's modems until the gateway ends.
///
/// A port that fails is opened again; meanwhile the session goes on without one.
pub async fn run<F>(
    modem: usize,
    name: String,
    profile: &'static Profile,
    open: impl Fn() -> F,
    gateway: Handle,
    mut work: mpsc::UnboundedReceiver<Work>,
) where
    F: Future<Output = Result<Port, Failed>>,
{
    let mut session = session(profile, Line::default());
    let mut reopen = time::Instant::now();
    // Said once until the modem was ready again, whatever else fails meanwhile.
    let mut said = false;
    let mut say = move |trouble: Option<String>| match trouble {
        Some(why) if !said => {
            warn!(modem = name, why, "no line to the modem, trying again until there is one");
            said = true;
        }
        Some(_) => {}
        None => said = false,
    };
    loop {
        let closed = session.port().0.is_none();
        let opened = async {
            sleep_until(reopen).await;
            open().await
        };
        let still_runs = tokio::select! {
            event = session.next() => match event {
                Ok(event) => {
                    if event.kind == EventKind::Ready {
                        say(None);
                    }
                    gateway.tell(modem, event).await
                }
                Err(error) => {
                    say(Some(words(&error)));
                    session.port().0 = None;
                    session.disconnected();
                    reopen = time::Instant::now() + REOPEN;
                    true
                }
            },
            work = work.recv() => match work {
                None => false,
                Some(Work::Done(ticket)) => {
                    session.done(&ticket);
                    true
                }
                Some(Work::Send(pdu)) => {
                    session.send(&pdu).is_ok() || gateway.not_taken(modem).await
                }
            },
            port = opened, if closed => {
                match port {
                    Ok(port) => session.port().0 = Some(port),
                    Err(failed) => {
                        say(Some(failed.sentence));
                        reopen = time::Instant::now() + REOPEN;
                    }
                }
                true
            }
        };
        if !still_runs {
            return;
        }
    }
}
