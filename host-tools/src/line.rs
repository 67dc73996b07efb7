//! A modem's session on a host: the engine of `septet-firmware` over a tokio stream.

use std::io;
use std::time::Duration;

use septet::pdu::Pdu;
use septet_firmware::{Busy, Engine, Event, Instant, Output, Profile, Ticket};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{self, sleep_until};
use tracing::warn;

use crate::Failed;
use crate::gateway::{Handle, Work};

/// A session with the modem at one end of a stream.
///
/// The engine outlives the stream: after an error the session goes on with another one.
pub struct Session {
    engine: Engine,
    start: time::Instant,
    /// What came from the modem and the engine has not taken.
    input: Vec<u8>,
    /// What the engine wants written and the stream has not taken.
    output: Vec<u8>,
}

impl Session {
    /// A session that begins now.
    pub fn new(profile: &'static Profile) -> Self {
        Self {
            engine: Engine::new(profile, Instant(0)),
            start: time::Instant::now(),
            input: Vec::new(),
            output: Vec::new(),
        }
    }

    fn now(&self) -> Instant {
        Instant(self.start.elapsed().as_millis() as u64)
    }

    /// See [`Engine::send`].
    ///
    /// # Errors
    /// As there.
    pub fn send(&mut self, pdu: &Pdu) -> Result<(), Busy> {
        let now = self.now();
        self.engine.send(pdu, now)
    }

    /// See [`Engine::done`].
    pub fn done(&mut self, received: &Ticket) {
        let now = self.now();
        self.engine.done(received, now);
    }

    /// The next thing that happens.
    ///
    /// May be dropped at any point and called again: nothing is lost.
    ///
    /// # Errors
    /// Those of the stream; its end is [`io::ErrorKind::UnexpectedEof`].
    pub async fn next(
        &mut self,
        port: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<Event> {
        let mut buffer = [0; 512];
        loop {
            while !self.output.is_empty() {
                let written = port.write(&self.output).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                self.output.drain(..written);
            }
            let wake = match self.engine.poll() {
                Output::Transmit(octets) => {
                    self.output.extend_from_slice(octets);
                    continue;
                }
                Output::Event(event) => return Ok(event),
                Output::Wait(wake) => wake,
            };
            if !self.input.is_empty() {
                let taken = self.engine.receive(&self.input, self.now());
                self.input.drain(..taken);
                continue;
            }
            let wake = self.start + Duration::from_millis(wake.0);
            tokio::select! {
                read = port.read(&mut buffer) => match read? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    len => self.input.extend_from_slice(buffer.get(..len).unwrap_or_default()),
                },
                () = sleep_until(wake) => {
                    let now = self.now();
                    self.engine.expire(now);
                }
            }
        }
    }

    /// Lets time pass while there is no stream, and returns what happens to the session meanwhile.
    pub async fn without_port(&mut self, for_time: Duration) -> Option<Event> {
        self.output.clear();
        let until = time::Instant::now() + for_time;
        loop {
            match self.engine.poll() {
                Output::Transmit(_) => {}
                Output::Event(event) => return Some(event),
                Output::Wait(wake) => {
                    let wake = self.start + Duration::from_millis(wake.0);
                    sleep_until(wake.min(until)).await;
                    if time::Instant::now() >= until {
                        return None;
                    }
                    let now = self.now();
                    self.engine.expire(now);
                }
            }
        }
    }
}

/// How long after a failure a port is opened again.
const REOPEN: Duration = Duration::from_secs(1);

/// Runs the session of one of the gateway's modems until the gateway ends.
///
/// A port that fails is opened again; the engine finds out what that means for the modem.
pub async fn run<P, F>(
    modem: usize,
    name: String,
    profile: &'static Profile,
    open: impl Fn() -> F,
    gateway: Handle,
    mut work: mpsc::UnboundedReceiver<Work>,
) where
    P: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = Result<P, Failed>>,
{
    let mut session = Session::new(profile);
    let mut said = false;
    loop {
        match open().await {
            Ok(mut port) => {
                said = false;
                match serve(modem, &mut session, &mut port, &gateway, &mut work).await {
                    Ok(()) => return,
                    Err(error) => warn!(modem = name, %error, "port failed, opening it again"),
                }
            }
            Err(failed) if !said => {
                warn!(modem = name, error = failed.sentence, "trying again until it opens");
                said = true;
            }
            Err(_) => {}
        }
        while let Some(event) = session.without_port(REOPEN).await {
            if !gateway.tell(modem, event).await {
                return;
            }
        }
    }
}

/// Runs the session over one port; `Ok` when the gateway has ended.
async fn serve(
    modem: usize,
    session: &mut Session,
    port: &mut (impl AsyncRead + AsyncWrite + Unpin),
    gateway: &Handle,
    work: &mut mpsc::UnboundedReceiver<Work>,
) -> io::Result<()> {
    loop {
        tokio::select! {
            event = session.next(port) => if !gateway.tell(modem, event?).await { return Ok(()) },
            work = work.recv() => match work {
                None => return Ok(()),
                Some(Work::Done(ticket)) => session.done(&ticket),
                Some(Work::Send(pdu)) => {
                    if session.send(&pdu).is_err() && !gateway.not_taken(modem).await {
                        return Ok(());
                    }
                }
            }
        }
    }
}
