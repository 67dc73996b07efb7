//! The gateway over `embedded-io-async`: for a board with an executor.

use core::convert::Infallible;
use core::future::pending;

use embassy_futures::select::{Either, Either3, select, select3};
use embedded_io_async::{Read, Write};

use super::keep::Keep;
use super::{Back, Gateway, REST};
use crate::board::Board;
use crate::driver::{Clock, Driver, Error};

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
    loop {
        progress();
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
        let said = gateway.reply(modem.engine(), now);
        // What came and was not taken yet has its turn first.
        if said.is_empty() && !gateway.rest.is_empty() {
            continue;
        }
        let said = gateway.reply.get(gateway.left.clone()).unwrap_or_default();
        let event = if said.is_empty() {
            let mut buffer = [0; REST];
            let deadline = gateway.deadline(modem.engine());
            let time = async {
                match deadline {
                    Some(at) => clock.until(at).await,
                    None => pending().await,
                }
            };
            match select3(modem.next(), host.read(&mut buffer), time).await {
                Either3::First(event) => Some(event),
                Either3::Second(Ok(0)) => return Err(Stopped::Host(Error::Closed)),
                Either3::Second(Ok(len)) => {
                    let _ = gateway.rest.extend_from_slice(buffer.get(..len).unwrap_or_default());
                    None
                }
                Either3::Second(Err(error)) => return Err(Stopped::Host(Error::Port(error))),
                Either3::Third(()) => None,
            }
        } else {
            match select(modem.next(), host.write(said)).await {
                Either::First(event) => Some(event),
                Either::Second(Ok(0)) => return Err(Stopped::Host(Error::Closed)),
                Either::Second(Ok(len)) => {
                    gateway.written(len);
                    None
                }
                Either::Second(Err(error)) => return Err(Stopped::Host(Error::Port(error))),
            }
        };
        if let Some(event) = event {
            match gateway.event(event.map_err(Stopped::Modem)?, clock.now()) {
                Some(Back::Done(ticket)) => modem.done(&ticket),
                Some(Back::Keep(ticket)) => modem.keep(&ticket),
                None => {}
            }
        }
    }
}
