//! HTTP around [`answer`](septet::answer::answer): sockets, limits, time. Nothing of a vendor's.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{
    ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method as HttpMethod, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
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

/// What is served: the vendors' calls, and pages.
#[derive(Clone)]
pub struct App {
    /// What answers the calls, where some are served.
    vendors: Option<Arc<Vendors>>,
    /// Everything else by its path.
    pages: TowerToHyperService<Router>,
}

/// What answers the vendors' calls.
struct Vendors {
    handle: Handle,
    bodies: Semaphore,
}

impl App {
    /// Only pages.
    pub fn pages(pages: Router) -> Self {
        Self { vendors: None, pages: TowerToHyperService::new(pages) }
    }

    /// The vendors' calls, and pages.
    pub fn new(handle: Handle, pages: Router) -> Self {
        let vendors = Arc::new(Vendors { handle, bodies: Semaphore::new(BODIES_KIB) });
        let fallback = vendors.clone();
        let pages = pages.fallback(move |peer: Option<Extension<SocketAddr>>, request: Request| {
            let vendors = fallback.clone();
            async move {
                let Some(method) = method(request.method()) else {
                    let allowed = allowed(request.uri().path());
                    return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response();
                };
                let served = answer::served(APIS, method, request.uri().path());
                vendors.answer(request, peer.map(|Extension(peer)| peer), method, served).await
            }
        });
        Self { vendors: Some(vendors), pages: TowerToHyperService::new(pages) }
    }

    /// Answers a request. A vendor's call does not pass through the table of pages.
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let mut request = request.map(Body::new);
        if let Some(vendors) = &self.vendors
            && let Some(method) = method(request.method())
            && let served @ Served::Call(..) = answer::served(APIS, method, request.uri().path())
        {
            return vendors.answer(request, Some(peer), method, served).await;
        }
        request.extensions_mut().insert(peer);
        let Ok(response) = self.pages.call(request).await;
        response
    }
}

/// The method, where it is one that a vendor has.
fn method(method: &HttpMethod) -> Option<Method> {
    match *method {
        HttpMethod::GET => Some(Method::Get),
        HttpMethod::POST => Some(Method::Post),
        HttpMethod::DELETE => Some(Method::Delete),
        _ => None,
    }
}

impl Vendors {
    /// Answers a request for a vendor's call, or for a path that nobody serves.
    async fn answer(
        &self,
        request: Request,
        peer: Option<SocketAddr>,
        method: Method,
        served: Served,
    ) -> Response {
        let Self { handle, bodies } = self;
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
            peer: peer.map(|peer| customer(peer.ip(), &head.headers, handle.proxies())),
        };
        let body_max = served.body_max();
        let read = async {
            match body.is_end_stream() {
                true => Ok(Ok(Arrived::empty())),
                false => timeout(BODY_TIME, Arrived::read(body, body_max, bodies)).await,
            }
        };
        let reply = match read.await {
            Ok(Ok(Arrived { octets, room: _room })) => {
                request.body = octets;
                handle.ask(request, served).await
            }
            // A path that nobody serves is said to be none, whatever its body.
            Ok(Err(Trouble::TooLarge)) if body_max == 0 => handle.ask(request, served).await,
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
        if status == Status::UNAUTHORIZED && takes_basic(served) {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        response
    }
}

/// Some programs give their password to who asks for it alone.
const CHALLENGE: &str = "Basic realm=\"septet\", charset=\"UTF-8\"";

/// Whether a call takes HTTP Basic credentials.
fn takes_basic(served: Served) -> bool {
    match served {
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
