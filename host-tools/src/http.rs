//! HTTP around [`answer`](septet::answer::answer): sockets, limits, time. Nothing of a vendor's.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{Method as HttpMethod, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use hyper::ext::ReasonPhrase;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use septet::answer::{self, Served};
use septet::api::{APIS, Method, Scheme, Status};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use crate::gateway::{Handle, OwnedReply, OwnedRequest};

mod line;

use self::line::Escaping;

/// Where to listen: a port of loopback, or an address with its port.
#[derive(Clone, Copy, Debug)]
pub struct Address(pub SocketAddr);

impl Default for Address {
    fn default() -> Self {
        Self(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(port) => Ok(Self(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))),
            Err(_) => {
                text.parse().map(Self).map_err(|_| "write a port, or ADDRESS:PORT".to_owned())
            }
        }
    }
}

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The most octets of a request's line with its head.
const HEAD_MAX: usize = 128 * 1024;

/// How long a request's head may take to arrive, and how long a connection may stay idle.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How many KiB of bodies may be in memory at once; a request past that is to be tried again.
const BODIES_KIB: usize = 256 * 1024;

/// How many connections may be open; further ones wait.
const CONNECTIONS_MAX: usize = 4096;

/// How long open requests are waited for at the end.
const STOP_TIME: Duration = Duration::from_secs(5);

/// Pause after a connection could not be taken: the process has no room for another file.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `app` until `stopped`, and then what was asked before.
pub async fn serve(listener: TcpListener, app: Router, stopped: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
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
        // Where this cannot be had, replies come a little later.
        let _ = stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // Who has said all may close that half and still wait for the answer.
            .half_close(true)
            .max_buf_size(HEAD_MAX)
            .header_read_timeout(HEAD_TIME)
            .serve_connection(
                TokioIo::new(Escaping::new(stream)),
                TowerToHyperService::new(app.clone().layer(Extension(peer))),
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    if timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        warn!("requests were still open");
    }
}

/// Serves every vendor's paths.
pub fn vendors(handle: Handle) -> Router {
    let bodies = Arc::new(Semaphore::new(BODIES_KIB));
    Router::new().fallback(vendor).with_state((handle, bodies))
}

async fn vendor(
    State((handle, bodies)): State<(Handle, Arc<Semaphore>)>,
    request: Request,
) -> Response {
    let method = match *request.method() {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        HttpMethod::DELETE => Method::Delete,
        _ => {
            let allowed = allowed(request.uri().path());
            return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response();
        }
    };
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().filter_map(|(name, value)| {
        // What is not ASCII is in no header that anybody asks for.
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let mut request = OwnedRequest {
        method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
        peer: head.extensions.get::<SocketAddr>().map(SocketAddr::ip),
    };
    let body_max = answer::body_max(APIS, method, &request.path);
    // As much as it says that it has, at most as much as it may have.
    let said = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let kib = said.unwrap_or(body_max).min(body_max).div_ceil(1024);
    let room = u32::try_from(kib).ok().and_then(|kib| bodies.try_acquire_many(kib).ok());
    if room.is_none() {
        return response(handle.busy(&request));
    }
    let reply = match timeout(BODY_TIME, to_bytes(body, body_max)).await {
        Ok(Ok(body)) => {
            request.body = body.into();
            handle.ask(request).await
        }
        // A path that nobody serves is said to be none, whatever its body.
        Ok(Err(_)) if body_max == 0 => handle.ask(request).await,
        Ok(Err(_)) => handle.too_large(&request),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let status = reply.head.status;
    let mut response = response(reply);
    if status == Status::METHOD_NOT_ALLOWED
        && let Ok(allowed) = allowed(head.uri.path()).parse()
    {
        response.headers_mut().insert(ALLOW, allowed);
    }
    if status == Status::UNAUTHORIZED && takes_basic(method, head.uri.path()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    }
    response
}

/// Some programs give their password to who asks for it alone.
const CHALLENGE: &str = "Basic realm=\"septet\", charset=\"UTF-8\"";

/// Whether a call takes HTTP Basic credentials.
fn takes_basic(method: Method, path: &str) -> bool {
    match answer::served(APIS, method, path) {
        Served::Call(_, endpoint) => {
            let is_basic = |scheme| matches!(scheme, &Scheme::Basic | &Scheme::BasicKey);
            endpoint.schemes().iter().any(is_basic)
        }
        Served::OtherMethod | Served::Nothing => false,
    }
}

/// The methods by which a path is served.
fn allowed(path: &str) -> String {
    let is_served =
        |method: &Method| matches!(answer::served(APIS, *method, path), Served::Call(..));
    let names = Method::ALL.into_iter().filter(is_served).map(Method::name);
    names.collect::<Vec<_>>().join(", ")
}

/// A reply as it goes over the line.
pub fn response(OwnedReply { head, body }: OwnedReply) -> Response {
    let status = StatusCode::from_u16(head.status.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(CONTENT_TYPE, head.content_type)];
    let mut response = (status, content_type, Body::from(body)).into_response();
    if !head.phrase.is_empty()
        && let Ok(phrase) = ReasonPhrase::try_from(head.phrase.as_bytes())
    {
        response.extensions_mut().insert(phrase);
    }
    response
}
