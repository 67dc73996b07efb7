//! The engine over `embedded-io`: for boards without an executor and for plain threads.

use embedded_io::{Error as _, ErrorKind, Read, Write};
use septet::pdu::Pdu;

use crate::board::{Board, NoBoard};
use crate::engine::{Busy, Engine, Event, Instant, Output, Ticket};
use crate::options::Options;
use crate::profile::Profile;

/// A modem session over a port whose `read` comes back within a short time.
///
/// `read` may return 0 or an error of kind [`TimedOut`](ErrorKind::TimedOut) or
/// [`Interrupted`](ErrorKind::Interrupted) when nothing came; 10 to 100 ms are good. Times are kept
/// as exactly as that.
#[derive(Debug)]
pub struct Driver<P, N, B = NoBoard> {
    engine: Engine,
    port: P,
    now: N,
    board: B,
    buffer: [u8; 64],
    /// Octets of the buffer that the engine has not taken yet.
    rest: core::ops::Range<usize>,
}

impl<P: Read + Write, N: FnMut() -> Instant> Driver<P, N> {
    /// A session with a modem of which nothing is known yet; `now` tells the time.
    pub fn new(profile: &'static Profile, port: P, now: N) -> Self {
        Self::with(Options::new(profile), port, now, NoBoard)
    }
}

impl<P: Read + Write, N: FnMut() -> Instant, B: Board<P>> Driver<P, N, B> {
    /// A session with a modem of whose surroundings this is known; `now` tells the time.
    pub fn with(options: Options, port: P, mut now: N, board: B) -> Self {
        let engine = Engine::with(options, now());
        Self { engine, port, now, board, buffer: [0; 64], rest: 0..0 }
    }

    /// Drives the modem until something happens.
    ///
    /// # Errors
    /// Those of the port.
    pub fn wait(&mut self) -> Result<Event, P::Error> {
        loop {
            if let Some(event) = self.turn()? {
                return Ok(event);
            }
        }
    }

    /// Drives the modem for at most one `read`, for a loop that has other things to do too.
    ///
    /// # Errors
    /// Those of the port. The session stays usable; what was lost is recovered from.
    pub fn turn(&mut self) -> Result<Option<Event>, P::Error> {
        let deadline = loop {
            match self.engine.poll() {
                Output::Transmit(octets) => write(&mut self.port, octets)?,
                Output::Pin(pin, level) => self.board.drive(pin, level),
                Output::Baud(baud) => {
                    self.port.flush()?;
                    self.board.switch(&mut self.port, baud);
                }
                Output::Event(event) => return Ok(Some(event)),
                Output::Wait(deadline) => break deadline,
            }
        };
        if self.rest.is_empty() {
            self.rest = 0..match self.port.read(&mut self.buffer) {
                Ok(len) => len,
                Err(error)
                    if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) =>
                {
                    0
                }
                Err(error) => return Err(error),
            };
        }
        let now = (self.now)();
        let octets = self.buffer.get(self.rest.clone()).unwrap_or_default();
        self.rest.start = self.rest.start.saturating_add(self.engine.receive(octets, now));
        if self.rest.is_empty() && now >= deadline {
            self.engine.expire(now);
        }
        Ok(None)
    }

    /// Takes a message for sending; [`wait`](Self::wait) sends it and tells its fate.
    ///
    /// # Errors
    /// As [`Engine::send`].
    pub fn send(&mut self, pdu: &Pdu) -> Result<(), Busy> {
        self.engine.send(pdu, (self.now)())
    }

    /// As [`send`](Self::send), for a message that another follows at once; see
    /// [`Engine::send_more`].
    ///
    /// # Errors
    /// As [`Engine::send`].
    pub fn send_more(&mut self, pdu: &Pdu) -> Result<(), Busy> {
        self.engine.send_more(pdu, (self.now)())
    }

    /// Takes a command of the caller's own; see [`Engine::command`].
    ///
    /// # Errors
    /// As [`Engine::command`].
    #[cfg(feature = "commands")]
    pub fn command(&mut self, command: &impl crate::engine::Command) -> Result<(), Busy> {
        self.engine.command(command, (self.now)())
    }

    /// Begins a USSD dialogue, or answers in it; see [`Engine::ussd`].
    ///
    /// # Errors
    /// As [`Engine::ussd`].
    #[cfg(feature = "commands")]
    pub fn ussd(&mut self, string: &str) -> Result<(), Busy> {
        self.engine.ussd(string, (self.now)())
    }

    /// Tells what the modem's `STATUS` pin says; see [`Engine::powered`].
    pub fn powered(&mut self, on: bool) {
        self.engine.powered(on, (self.now)());
    }

    /// Tells that the caller has a received message safe; see [`Engine::done`].
    pub fn done(&mut self, received: &Ticket) {
        self.engine.done(received, (self.now)());
    }

    /// Tells that the caller does not want a received message; see [`Engine::keep`].
    pub fn keep(&mut self, received: &Ticket) {
        self.engine.keep(received, (self.now)());
    }

    /// The port, to look at it.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The session, to ask it what it knows.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// What came of a turn of a gateway and its modem.
#[cfg(feature = "direct")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn<H, P> {
    /// Nothing: both lines are quiet, or have no room.
    Quiet,
    /// Something: the next turn may have more to do.
    Busy,
    /// The host line reports an error.
    Host(H),
    /// The modem's line reports an error.
    Modem(P),
}

#[cfg(feature = "direct")]
impl<H, P> Turn<H, P> {
    /// What came of a turn in which both lines went so. `take` is told what happened with the modem,
    /// however the host line went.
    pub(crate) fn of(
        host: Result<bool, H>,
        modem: Result<Option<Event>, P>,
        take: impl FnOnce(Event),
    ) -> Self {
        let happened = match modem {
            Err(error) => return Self::Modem(error),
            Ok(event) => event.map(take).is_some(),
        };
        match host {
            Err(error) => Self::Host(error),
            Ok(is_busy) if is_busy || happened => Self::Busy,
            Ok(_) => Self::Quiet,
        }
    }
}

/// How many octets; 0 where that would have to wait.
#[cfg(feature = "direct")]
pub(crate) fn at_once<E: embedded_io::Error>(result: Result<usize, E>) -> Result<usize, E> {
    result.or_else(|error| match error.kind() {
        ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::WriteZero => Ok(0),
        _ => Err(error),
    })
}

/// Writes the octets. What a port that takes none drops is lost, as it is on a line: the session
/// recovers from it. `write_all` panics there.
fn write<P: Write>(port: &mut P, mut octets: &[u8]) -> Result<(), P::Error> {
    while let len @ 1.. = port.write(octets)?.min(octets.len()) {
        octets = octets.get(len..).unwrap_or_default();
    }
    Ok(())
}
