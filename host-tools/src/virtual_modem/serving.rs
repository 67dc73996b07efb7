//! A modem over a stream, with the time of the system: what it is given while it runs, and what is
//! traced.

use std::future::pending;
use std::io;
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use septet_firmware::trace;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;

use super::VirtualModem;
use super::trouble::Trouble;

/// Sees the octets that a stream carries.
pub type Trace = Box<dyn trace::Trace + Send + Sync>;

/// Troubles that are made known to a modem that runs.
#[derive(Default)]
pub struct Inbox {
    troubles: Mutex<Vec<Trouble>>,
    arrival: Notify,
}

impl Inbox {
    /// Makes troubles known.
    pub fn put(&self, troubles: Vec<Trouble>) {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).extend(troubles);
        self.arrival.notify_one();
    }

    pub(super) fn take(&self) -> Vec<Trouble> {
        mem::take(&mut *self.troubles.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl VirtualModem {
    /// Shows what [`run`](Self::run) reads and writes to `trace`.
    pub fn trace(&mut self, trace: Trace) {
        self.trace = Some(trace);
    }

    /// When it was made, which traces count from.
    pub(crate) fn made_at(&self) -> Instant {
        self.powered.into_std()
    }

    /// Serves a terminal over `stream` until the stream ends; settings and stores stay as they are.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn run(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let arrival = self.network.arrival(self.sim);
        let inbox = self.inbox();
        let now = || tokio::time::Instant::now().into_std();
        let mut octets = [0; 1024];
        self.expire(now());
        loop {
            let written = self.transmit();
            self.show(trace::Direction::ToHost, &written, now());
            stream.write_all(&written).await?;
            stream.flush().await?;
            let deadline = self.deadline();
            let due = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                read = stream.read(&mut octets) => match read? {
                    0 => return Ok(()),
                    len => {
                        self.show(trace::Direction::ToModem, &octets[..len], now());
                        self.receive(&octets[..len], now());
                    }
                },
                () = due => self.expire(now()),
                () = arrival.notified() => self.expire(now()),
                () = inbox.arrival.notified() => self.expire(now()),
            }
        }
    }

    /// Shows octets that are read or written to the trace.
    pub(crate) fn show(&mut self, direction: trace::Direction, octets: &[u8], now: Instant) {
        let elapsed = now.saturating_duration_since(self.made_at());
        let now = septet_firmware::Instant(elapsed.as_millis() as u64);
        if let Some(trace) = self.trace.as_mut().filter(|_| !octets.is_empty()) {
            trace.octets(direction, octets, now);
        }
    }
}
