//! The gateway over `embedded-io-async`: for a board with an executor.

use core::convert::Infallible;
use core::future::pending;

use super::keep::Keep;
use super::{Back, Gateway, REST};
use crate::board::Board;
use crate::driver::{Clock, Driver, Error};
use crate::engine::Instant;
use embassy_futures::select::{Either3, select3};
use embedded_io_async::{Read, Write};

/// How long a connection may ask nothing, and how long a request and its reply may take, in milliseconds.
pub const PATIENCE_MS: u32 = 60_000;

/// How long a connection may ask nothing while another one waits, in milliseconds: what a client that has
/// just connected needs for its request, with time to spare.
pub const IDLE_MS: u32 = 500;

/// How long a request and its reply may take from when another connection waits, in milliseconds.
pub const HURRY_MS: u32 = 5_000;

/// Why a gateway stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Stopped<H, P> {
    /// The host line reports an error, or is closed.
    Host(Error<H>),
    /// The modem's line does.
    Modem(Error<P>),
}

/// Serves the host line and drives the modem, until one of the lines fails. It may be called again, with
/// the same gateway and the same or another line. `progress` is called each time that something was
/// done: what feeds a watchdog.
///
/// The future may be dropped at any point, and the next call goes on where it was, where `read` and
/// `write` of both lines lose nothing when they are dropped.
///
/// # Errors
/// [`Stopped`]. Where the modem's line failed, [`Driver::disconnected`] is to be called.
pub async fn serve<K, H, P, C, B, T, const IN: usize, const OUT: usize>(
    gateway: &mut Gateway<K, IN, OUT>,
    host: &mut H,
    modem: &mut Driver<P, C, B>,
    clock: &mut T,
    mut progress: impl FnMut(),
) -> Result<Infallible, Stopped<H::Error, P::Error>>
where
    K: Keep,
    H: Read + Write,
    P: Read + Write,
    C: Clock,
    B: Board<P>,
    T: Clock,
{
    let mut host = Host::new(host);
    loop {
        progress();
        host.turn(gateway, modem, clock, None).await?;
    }
}

/// A host line: a cable, or one connection after the other.
#[derive(Debug)]
pub struct Host<H> {
    port: H,
    /// `None` of a cable, which lasts.
    connection: Option<Connection>,
}

/// What says how long a connection lasts.
#[derive(Clone, Copy, Debug)]
struct Connection {
    /// When it began, or its last reply had gone.
    since: Instant,
    /// Since when a request or its reply is under way.
    busy: Option<Instant>,
    /// Since when another one waits.
    hurried: Option<Instant>,
}

impl Connection {
    /// When it is over, where nothing happens before.
    fn ends(&mut self, is_idle: bool, now: Instant) -> Instant {
        self.busy = if is_idle { None } else { self.busy.or(Some(now)) };
        match (self.busy, self.hurried) {
            (None, None) => self.since.after(PATIENCE_MS),
            (None, Some(_)) => self.since.after(IDLE_MS),
            (Some(busy), None) => busy.after(PATIENCE_MS),
            (Some(busy), Some(hurried)) => busy.after(PATIENCE_MS).min(hurried.after(HURRY_MS)),
        }
    }
}

impl<H> Host<H> {
    /// A cable.
    pub const fn new(port: H) -> Self {
        Self { port, connection: None }
    }

    /// A connection that begins now. What was under way with another one is forgotten.
    ///
    /// It is over when the client closes it or has asked for that, when a request and its reply take more
    /// than [`PATIENCE_MS`], and sooner where another one waits ([`hurry`](Self::hurry)).
    pub fn connection<K: Keep, const IN: usize, const OUT: usize>(
        port: H,
        gateway: &mut Gateway<K, IN, OUT>,
        now: Instant,
    ) -> Self {
        gateway.connected();
        let connection = Some(Connection { since: now, busy: None, hurried: None });
        Self { port, connection }
    }

    /// Tells that another connection waits. Where this one waits for an event, it is told that there is
    /// none; after its next reply it is over, and after [`IDLE_MS`] in which it asks nothing, and
    /// [`HURRY_MS`] in any case.
    pub fn hurry<K: Keep, const IN: usize, const OUT: usize>(
        &mut self,
        gateway: &mut Gateway<K, IN, OUT>,
        now: Instant,
    ) {
        if let Some(connection) = &mut self.connection {
            connection.hurried.get_or_insert(now);
            gateway.hurry();
        }
    }

    /// The port.
    pub const fn port(&mut self) -> &mut H {
        &mut self.port
    }

    /// The port, where the line is over.
    pub fn into_port(self) -> H {
        self.port
    }
}

impl<H: Read + Write> Host<H> {
    /// Serves the line and drives the modem until `until`. The future may be dropped at any point, as
    /// long as the ports' `read` and `write` lose nothing when they are dropped.
    ///
    /// # Errors
    /// [`Stopped`]: a connection that is over ends with [`Error::Closed`]. Where the modem's line failed,
    /// [`Driver::disconnected`] is to be called.
    pub async fn serve_until<K, P, C, B, T, const IN: usize, const OUT: usize>(
        &mut self,
        gateway: &mut Gateway<K, IN, OUT>,
        modem: &mut Driver<P, C, B>,
        clock: &mut T,
        until: Instant,
    ) -> Result<(), Stopped<H::Error, P::Error>>
    where
        K: Keep,
        P: Read + Write,
        C: Clock,
        B: Board<P>,
        T: Clock,
    {
        loop {
            self.turn(gateway, modem, clock, Some(until)).await?;
            if clock.now() >= until {
                return Ok(());
            }
        }
    }

    /// Does what is to be done, and waits for one thing to happen, until `until` at most.
    async fn turn<K, P, C, B, T, const IN: usize, const OUT: usize>(
        &mut self,
        gateway: &mut Gateway<K, IN, OUT>,
        modem: &mut Driver<P, C, B>,
        clock: &mut T,
        until: Option<Instant>,
    ) -> Result<(), Stopped<H::Error, P::Error>>
    where
        K: Keep,
        P: Read + Write,
        C: Clock,
        B: Board<P>,
        T: Clock,
    {
        let now = clock.now();
        gateway.hear_rest(now);
        if modem.engine().is_ready()
            && let Some(next) = gateway.next(now)
        {
            let taken = if next.more { modem.send_more(&next.pdu) } else { modem.send(&next.pdu) };
            if taken.is_err() {
                gateway.put_back();
            }
        }
        let is_idle = gateway.is_idle();
        let ends = self.connection.as_mut().map(|connection| connection.ends(is_idle, now));
        if ends.is_some_and(|at| now >= at) {
            return Err(Stopped::Host(Error::Closed));
        }
        let is_silent = gateway.reply(modem.engine(), now).is_empty();
        // What came and was not taken yet has its turn first.
        if is_silent && !gateway.rest.is_empty() {
            return Ok(());
        }
        // What else is due waits for the reply to go.
        let due = if is_silent { gateway.deadline(modem.engine()) } else { None };
        let deadline = [due, ends, until].into_iter().flatten().min();
        let said = gateway.reply.left();
        let time = async {
            match deadline {
                Some(at) => clock.until(at).await,
                None => pending().await,
            }
        };
        let event = if said.is_empty() {
            let mut buffer = [0; REST];
            match select3(modem.next(), self.port.read(&mut buffer), time).await {
                Either3::First(event) => Some(event),
                Either3::Second(Ok(0)) => return Err(Stopped::Host(Error::Closed)),
                Either3::Second(Ok(len)) => {
                    // It is empty: all of it was taken.
                    let _ = gateway.rest.extend_from_slice(buffer.get(..len).unwrap_or_default());
                    None
                }
                Either3::Second(Err(error)) => return Err(Stopped::Host(Error::Port(error))),
                Either3::Third(()) => None,
            }
        } else {
            match select3(modem.next(), self.port.write(said), time).await {
                Either3::First(event) => Some(event),
                Either3::Second(Ok(0)) => return Err(Stopped::Host(Error::Closed)),
                Either3::Second(Ok(len)) => {
                    let is_whole = len >= said.len();
                    gateway.written(len);
                    if is_whole && let Some(connection) = &mut self.connection {
                        connection.since = clock.now();
                        if gateway.is_over() {
                            return Err(Stopped::Host(Error::Closed));
                        }
                    }
                    None
                }
                Either3::Second(Err(error)) => return Err(Stopped::Host(Error::Port(error))),
                Either3::Third(()) => None,
            }
        };
        if let Some(event) = event {
            match gateway.event(event.map_err(Stopped::Modem)?, clock.now()) {
                Some(Back::Done(ticket)) => modem.done(&ticket),
                Some(Back::Keep(ticket)) => modem.keep(&ticket),
                None => {}
            }
        }
        Ok(())
    }
}
