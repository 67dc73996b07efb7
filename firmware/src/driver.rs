//! The engine over `embedded-io-async`: for a board's async UART, and on a host over anything that
//! has those traits.

use embassy_futures::select::{Either, select};
use embedded_io_async::{Read, Write};
use heapless::Vec;
use septet::pdu::Pdu;

use crate::board::{Board, NoBoard};
use crate::engine::{Busy, Engine, Event, Instant, Output, Ticket};
use crate::options::Options;
use crate::profile::Profile;

/// The time, and a way to wait for it: two lines over any timer.
#[allow(async_fn_in_trait, reason = "the driver is generic over it and needs no Send")]
pub trait Clock {
    /// What time it is.
    fn now(&mut self) -> Instant;

    /// Waits until `at`; returns at once when that has passed. May be dropped while it waits.
    async fn until(&mut self, at: Instant);
}

/// Why [`Driver::next`] ends without an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error<E> {
    /// The port reports an error.
    Port(E),
    /// The port is closed: it gives no octets or takes none.
    Closed,
}

/// A modem session over a port and a clock, on a board.
#[derive(Debug)]
pub struct Driver<P, C, B = NoBoard> {
    engine: Engine,
    port: P,
    clock: C,
    board: B,
    /// The speed that the port is to have next.
    baud: Option<u32>,
    received: Vec<u8, 64>,
    transmit: Vec<u8, 64>,
}

impl<P: Read + Write, C: Clock> Driver<P, C> {
    /// A session with a modem of which nothing is known yet.
    pub fn new(profile: &'static Profile, port: P, clock: C) -> Self {
        Self::with(Options::new(profile), port, clock, NoBoard)
    }
}

impl<P: Read + Write, C: Clock, B: Board<P>> Driver<P, C, B> {
    /// A session with a modem of whose surroundings this is known.
    pub fn with(options: Options, port: P, mut clock: C, board: B) -> Self {
        let engine = Engine::with(options, clock.now());
        Self { engine, port, clock, board, baud: None, received: Vec::new(), transmit: Vec::new() }
    }

    /// Drives the modem until something happens.
    ///
    /// The future may be dropped at any point: the session goes on where it was with the next call.
    /// That holds where `P::read` and `P::write` lose nothing when they are dropped, as those of
    /// buffered UARTs do.
    ///
    /// # Errors
    /// [`Error`] of the port. The session stays usable; what was lost is recovered from.
    pub async fn next(&mut self) -> Result<Event, Error<P::Error>> {
        loop {
            while !self.transmit.is_empty() {
                let len = self.port.write(&self.transmit).await.map_err(Error::Port)?;
                if len == 0 {
                    return Err(Error::Closed);
                }
                take_front(&mut self.transmit, len);
            }
            if let Some(baud) = self.baud {
                self.port.flush().await.map_err(Error::Port)?;
                self.board.switch(&mut self.port, baud);
                self.baud = None;
            }
            let deadline = match self.engine.poll() {
                Output::Transmit(octets) => {
                    self.transmit.extend(octets.iter().copied());
                    continue;
                }
                Output::Pin(pin, level) => {
                    self.board.drive(pin, level);
                    continue;
                }
                Output::Baud(baud) => {
                    self.baud = Some(baud);
                    continue;
                }
                Output::Event(event) => return Ok(event),
                Output::Wait(deadline) => deadline,
            };
            if !self.received.is_empty() {
                let now = self.clock.now();
                let len = self.engine.receive(&self.received, now);
                take_front(&mut self.received, len);
                // A modem that never stops talking must not hold up the time.
                if self.received.is_empty() && now >= deadline {
                    self.engine.expire(now);
                }
                continue;
            }
            let mut buffer = [0; 64];
            match select(self.port.read(&mut buffer), self.clock.until(deadline)).await {
                Either::First(len) => {
                    let octets = buffer.get(..len.map_err(Error::Port)?).unwrap_or_default();
                    if octets.is_empty() {
                        return Err(Error::Closed);
                    }
                    self.received.extend(octets.iter().copied());
                }
                Either::Second(()) => self.engine.expire(self.clock.now()),
            }
        }
    }

    /// Takes a message for sending; [`next`](Self::next) sends it and tells its fate.
    ///
    /// # Errors
    /// As [`Engine::send`].
    pub fn send(&mut self, pdu: &Pdu) -> Result<(), Busy> {
        self.engine.send(pdu, self.clock.now())
    }

    /// As [`send`](Self::send), for a message that another follows at once; see
    /// [`Engine::send_more`].
    ///
    /// # Errors
    /// As [`Engine::send`].
    pub fn send_more(&mut self, pdu: &Pdu) -> Result<(), Busy> {
        self.engine.send_more(pdu, self.clock.now())
    }

    /// Takes a command of the caller's own; see [`Engine::command`].
    ///
    /// # Errors
    /// As [`Engine::command`].
    #[cfg(feature = "commands")]
    pub fn command(&mut self, command: &impl crate::engine::Command) -> Result<(), Busy> {
        self.engine.command(command, self.clock.now())
    }

    /// Begins a USSD dialogue, or answers in it; see [`Engine::ussd`].
    ///
    /// # Errors
    /// As [`Engine::ussd`].
    #[cfg(feature = "commands")]
    pub fn ussd(&mut self, string: &str) -> Result<(), Busy> {
        self.engine.ussd(string, self.clock.now())
    }

    /// Tells what the modem's `STATUS` pin says; see [`Engine::powered`].
    pub fn powered(&mut self, on: bool) {
        self.engine.powered(on, self.clock.now());
    }

    /// Tells that the caller has a received message safe; see [`Engine::done`].
    pub fn done(&mut self, received: &Ticket) {
        self.engine.done(received, self.clock.now());
    }

    /// Tells that the caller does not want a received message; see [`Engine::keep`].
    pub fn keep(&mut self, received: &Ticket) {
        self.engine.keep(received, self.clock.now());
    }

    /// Tells that the port failed or was closed; see [`Engine::disconnected`]. The session goes on
    /// over what [`port`](Self::port) is made to be.
    pub fn disconnected(&mut self) {
        self.received.clear();
        self.transmit.clear();
        self.baud = None;
        self.engine.disconnected(self.clock.now());
    }

    /// The port, to open it again.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The session, to ask it what it knows.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }
}

fn take_front(octets: &mut Vec<u8, 64>, len: usize) {
    let len = len.min(octets.len());
    octets.rotate_left(len);
    octets.truncate(octets.len().saturating_sub(len));
}
