//! The gateway over `embedded-io`: for boards without an executor.

use embedded_io::{Read, Write};

use super::keep::Keep;
use super::{Back, Gateway, REST};
use crate::blocking::Driver;
pub use crate::blocking::Turn;
use crate::blocking::at_once;
use crate::board::Board;
use crate::engine::Instant;

/// A gateway with its host line, whose `read` and `write` come back at once: with
/// [`TimedOut`](embedded_io::ErrorKind::TimedOut), [`WriteZero`](embedded_io::ErrorKind::WriteZero) or 0 where nothing came, or there
/// is no room. Neither line waits for the other: a turn reads at most 64 octets of each, and writes
/// of a reply what there is room for.
#[derive(Debug)]
pub struct Host<K, H, const IN: usize, const OUT: usize> {
    /// The gateway.
    pub gateway: Gateway<K, IN, OUT>,
    /// The host line.
    pub port: H,
}

impl<K: Keep, H: Read + Write, const IN: usize, const OUT: usize> Host<K, H, IN, OUT> {
    /// A gateway on this line.
    pub const fn new(gateway: Gateway<K, IN, OUT>, port: H) -> Self {
        Self { gateway, port }
    }

    /// Does what is to be done on both lines, once. Errors of a line are told; the other line goes on.
    pub fn turn<P, N, B>(
        &mut self,
        modem: &mut Driver<P, N, B>,
        now: Instant,
    ) -> Turn<H::Error, P::Error>
    where
        P: Read + Write,
        N: FnMut() -> Instant,
        B: Board<P>,
    {
        let host = self.host(modem, now);
        if modem.engine().is_ready()
            && let Some(next) = self.gateway.next(now)
        {
            let taken = if next.more { modem.send_more(&next.pdu) } else { modem.send(&next.pdu) };
            if taken.is_err() {
                self.gateway.put_back();
            }
        }
        let turn = modem.turn();
        Turn::of(host, turn, |event| match self.gateway.event(event, now) {
            Some(Back::Done(ticket)) => modem.done(&ticket),
            Some(Back::Keep(ticket)) => modem.keep(&ticket),
            None => {}
        })
    }

    /// Reads and writes the host line: whether anything went either way.
    fn host<P, N, B>(&mut self, modem: &Driver<P, N, B>, now: Instant) -> Result<bool, H::Error>
    where
        P: Read + Write,
        N: FnMut() -> Instant,
        B: Board<P>,
    {
        let mut octets = [0; REST];
        let read = match self.gateway.rest.is_empty() {
            true => at_once(self.port.read(&mut octets)),
            false => Ok(0),
        };
        let came = octets.get(..*read.as_ref().unwrap_or(&0)).unwrap_or_default();
        let _ = self.gateway.rest.extend_from_slice(came);
        let taken = self.gateway.hear_rest(now);
        // Where nothing can be read, a reply goes all the same.
        let said = self.gateway.reply(modem.engine(), now);
        let written = if said.is_empty() { 0 } else { at_once(self.port.write(said))? };
        self.gateway.written(written);
        Ok(read? > 0 || taken > 0 || written > 0)
    }
}
