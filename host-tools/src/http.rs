//! HTTP around [`answer`](septet::answer::answer): sockets, limits, time. Nothing of a vendor's.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method as HttpMethod, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::ext::ReasonPhrase;
use septet::answer::{self, Served};
use septet::api::{APIS, Method, Scheme, Status};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::gateway::{Handle, OwnedReply, OwnedRequest};

mod arrived;
mod connections;
mod line;
mod peer;
mod tls;

use self::arrived::{Arrived, Trouble};
pub use self::connections::{Taking, serve};
pub use self::peer::customer;
pub use self::tls::Certificates;

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

/// How many KiB of bodies may be in memory at once; a request past that is to be tried again.
const BODIES_KIB: usize = 256 * 1024;

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
    let peer = head.extensions.get::<SocketAddr>();
    let mut request = OwnedRequest {
        method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
        peer: peer.map(|peer| customer(peer.ip(), &head.headers, handle.proxies())),
    };
    let body_max = answer::body_max(APIS, method, &request.path);
    let reply = match timeout(BODY_TIME, Arrived::read(body, body_max, &bodies)).await {
        Ok(Ok(Arrived { octets, room: _room })) => {
            request.body = octets;
            handle.ask(request).await
        }
        // A path that nobody serves is said to be none, whatever its body.
        Ok(Err(Trouble::TooLarge)) if body_max == 0 => handle.ask(request).await,
        Ok(Err(Trouble::TooLarge)) => handle.too_large(&request),
        Ok(Err(Trouble::NoRoom)) => handle.busy(&request),
        Ok(Err(Trouble::Broken)) => return StatusCode::BAD_REQUEST.into_response(),
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

/// What a browser makes of a reply: nothing that can act. A refusal may have a text in it that somebody
/// put into a link, and a vendor may call it HTML.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A reply as it goes over the line.
pub fn response(OwnedReply { head, body }: OwnedReply) -> Response {
    let status = StatusCode::from_u16(head.status.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (CONTENT_TYPE, head.content_type),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, NO_PAGE),
    ];
    let mut response = (status, headers, Body::from(body)).into_response();
    if !head.phrase.is_empty()
        && let Ok(phrase) = ReasonPhrase::try_from(head.phrase.as_bytes())
    {
        response.extensions_mut().insert(phrase);
    }
    response
}
