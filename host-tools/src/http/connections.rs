//! Connections: how many there may be, how long each may take, and how they end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::App;
use super::line::Escaping;

/// The most octets of a request's line with its head.
const HEAD_MAX: usize = 128 * 1024;

/// How long a request's head may take to arrive, and how long a connection may stay idle.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a customer may take to agree on TLS.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// How long a customer may read nothing of an answer.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// How many connections may be open; further ones wait.
const CONNECTIONS_MAX: usize = 4096;

/// How many of them an address may have; further ones are closed. There is room for a second address.
const CONNECTIONS_OF_ONE: usize = CONNECTIONS_MAX / 2;

/// How many files a process has open beside its connections: the database, modems, callbacks.
const FILES_BESIDE: u64 = 256;

/// How long open requests are waited for at the end.
const STOP_TIME: Duration = Duration::from_secs(5);

/// Pause after a connection could not be taken: the process has no room for another file.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections may be open in this process: as many files as it may have open, at most, but
/// for those that it needs itself.
fn connections_max() -> usize {
    let wanted = CONNECTIONS_MAX as u64 + FILES_BESIDE;
    // Where the limit is not told, it is none that is known.
    let files = rlimit::increase_nofile_limit(wanted).unwrap_or(wanted);
    let room = files.saturating_sub(FILES_BESIDE).max(files / 2).max(1);
    usize::try_from(room).map_or(CONNECTIONS_MAX, |room| room.min(CONNECTIONS_MAX))
}

/// How connections are taken.
#[derive(Clone, Default)]
pub struct Taking {
    /// TLS, where it is spoken.
    pub tls: Option<TlsAcceptor>,
    /// Proxies: they may have all connections, since they have those of others.
    pub proxies: Vec<IpNet>,
}

/// How many connections each address has.
#[derive(Default)]
struct Open(Mutex<HashMap<IpAddr, usize>>);

impl Open {
    fn addresses(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for another connection of an address, where it may have one.
    fn place(self: &Arc<Self>, address: IpAddr, max: usize) -> Option<Place> {
        let mut addresses = self.addresses();
        let count = addresses.entry(address).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Place { open: self.clone(), address })
    }
}

/// The place of a connection; it is free when this is dropped.
struct Place {
    open: Arc<Open>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut addresses = self.open.addresses();
        if let Some(count) = addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

/// Serves `app` until `stopped`, and then what was asked before.
pub async fn serve(
    listener: TcpListener,
    taking: Taking,
    app: App,
    stopped: impl Future<Output = ()>,
) {
    let max = connections_max();
    let of_one = CONNECTIONS_OF_ONE.min(max / 2);
    let connections = Arc::new(Semaphore::new(max));
    let open = Arc::new(Open::default());
    let graceful = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    loop {
        let accepted = async {
            let permit = connections.clone().acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stopped => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "cannot take a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let is_proxy = taking.proxies.iter().any(|network| network.contains(&address));
        let Some(place) = open.place(address, if is_proxy { max } else { of_one }) else {
            debug!(%address, "an address has too many connections");
            continue;
        };
        // Where this cannot be had, replies come a little later.
        let _ = stream.set_nodelay(true);
        let (tls, app, watcher) = (taking.tls.clone(), app.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(stream, tls, app, peer, watcher).await;
            drop((permit, place));
        });
    }
    drop(listener);
    if timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        warn!("requests were still open");
    }
}

/// One connection, to its end.
async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    app: App,
    peer: SocketAddr,
    watcher: Watcher,
) {
    let Some(tls) = tls else { return requests(stream, app, peer, watcher).await };
    match timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => requests(stream, app, peer, watcher).await,
        Ok(Err(error)) => debug!(%error, "no TLS"),
        Err(_) => debug!("no TLS in time"),
    }
}

/// The requests of a connection.
async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    app: App,
    peer: SocketAddr,
    watcher: Watcher,
) {
    let app = &app;
    let mut stream = TimeoutStream::new(Escaping::new(stream));
    stream.set_write_timeout(Some(WRITE_TIME));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has said all may close that half and still wait for the answer.
        .half_close(true)
        .max_buf_size(HEAD_MAX)
        .header_read_timeout(HEAD_TIME)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            service_fn(
                |request| async move { Ok::<_, Infallible>(app.answer(request, peer).await) },
            ),
        );
    if let Err(error) = watcher.watch(connection).await {
        debug!(%error, "a connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_no_other_s() {
        let open = Arc::new(Open::default());
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let mut places: Vec<Place> = (0..3).map(|_| open.place(one, 3).unwrap()).collect();
        assert!(open.place(one, 3).is_none());
        assert!(open.place(other, 3).is_some());
        places.pop();
        assert!(open.place(one, 3).is_some());
        drop(places);
        // Nothing is remembered of who has gone.
        assert!(open.addresses().is_empty());
    }

    #[test]
    fn there_is_room_for_files_beside_the_connections() {
        let max = connections_max();
        assert!((1..=CONNECTIONS_MAX).contains(&max), "{max}");
        let (files, _) = rlimit::getrlimit(rlimit::Resource::NOFILE).unwrap();
        assert!(files > max as u64, "{files} {max}");
    }
}
