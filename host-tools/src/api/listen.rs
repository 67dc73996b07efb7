//! `septet api NAME listen`: the customer's end of an interface's callbacks.

use std::io::{self, Write as _};
use std::num::NonZeroU64;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::State;
use axum::http::{self, StatusCode};
use axum::response::{IntoResponse, Response};
use septet::api::{Answer, Api, BODY_MAX, Endpoint, Head, Method, Op, Request, Status};
use septet::error::Error;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use super::{harmless, listed, wrong};
use crate::Failed;
use crate::gateway::{OwnedReply, OwnedRequest, written};
use crate::http::{Address, App, Taking, response, serve};

/// Where to listen, and for how long.
#[derive(Debug)]
pub struct Options {
    /// Where.
    pub address: Address,
    /// How many callbacks.
    pub count: Option<NonZeroU64>,
    /// Whether callbacks are printed as JSON.
    pub json: bool,
}

/// Hears callbacks until there were enough of them, or it is interrupted.
///
/// # Errors
/// One sentence, when it cannot listen, or the interface has no callbacks.
pub async fn run(api: &'static Api, options: &Options) -> Result<String, Failed> {
    let Options { address: Address(address), count, json } = options;
    if callbacks(api).next().is_none() {
        return Err(Failed::input(format!("{} has no callbacks", api.name)));
    }
    let failed = |error| Failed::input(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    eprintln!("listening on http://{}", listener.local_addr().map_err(failed)?);
    let (taken, mut lines) = mpsc::channel::<Line>(1);
    let heard = Arc::new(Heard { api, json: *json, taken });
    let app = Router::new().fallback(hear).with_state(heard);
    let enough = async move {
        let mut left = count.map(NonZeroU64::get);
        while left != Some(0) {
            let line = tokio::select! {
                line = lines.recv() => line,
                _ = tokio::signal::ctrl_c() => return,
            };
            let Some((line, printed)) = line else { return };
            let mut out = io::stdout().lock();
            // A reader that has gone away, as `head` does, wants no more.
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return;
            }
            // Whoever asked may have gone away.
            let _ = printed.send(());
            left = left.map(|left| left - 1);
        }
    };
    serve(listener, Taking::default(), App::pages(app), enough).await;
    Ok(String::new())
}

/// A line to be printed, and who is told when it is: what is not printed is not taken.
type Line = (String, oneshot::Sender<()>);

/// What hears.
struct Heard {
    api: &'static Api,
    json: bool,
    taken: mpsc::Sender<Line>,
}

/// The callbacks of an interface.
fn callbacks(api: &'static Api) -> impl Iterator<Item = &'static dyn Endpoint> {
    api.report.into_iter().chain(api.inbound)
}

async fn hear(State(heard): State<Arc<Heard>>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let method = match head.method {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        http::Method::DELETE => Method::Delete,
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let Ok(body) = to_bytes(body, BODY_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let headers = head.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let request = OwnedRequest {
        method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.into(),
        peer: None,
    };
    let Answered { reply, said } = answered(heard.api, &request, heard.json);
    match said {
        Ok(line) => {
            let (printed, is_printed) = oneshot::channel();
            if heard.taken.send((line, printed)).await.is_err() || is_printed.await.is_err() {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        }
        Err(why) => eprintln!("septet: {why}"),
    }
    response(reply)
}

/// A reply to a callback, and what is printed of it.
pub struct Answered {
    /// The reply.
    pub reply: OwnedReply,
    /// A line for standard output, or what is wrong.
    pub said: Result<String, String>,
}

/// What the customer says to a callback.
pub fn answered(api: &'static Api, request: &OwnedRequest, json: bool) -> Answered {
    request.with(septet::text::Charset::Latin1, |read| match of_callback(api, read) {
        Ok((endpoint, op, _)) => {
            let said = if json {
                told(&op, request).to_string()
            } else {
                harmless(&op.to_string()).replace('\n', "\\n")
            };
            Answered { reply: reply(endpoint, &Answer::Taken), said: Ok(said) }
        }
        Err(Unread { endpoint, why }) => {
            let why = format!("{} {}: {why}", request.method, request.path);
            let refused = endpoint.map(|(endpoint, error)| {
                reply(endpoint, &Answer::Refused(endpoint.refusal(error)))
            });
            let reply = refused.unwrap_or_else(|| OwnedReply {
                head: Head::new(Status::METHOD_NOT_ALLOWED, "text/plain"),
                body: Vec::new(),
            });
            Answered { reply, said: Err(harmless(&why)) }
        }
    })
}

fn reply(endpoint: &dyn Endpoint, answer: &Answer<'_>) -> OwnedReply {
    written(|w| endpoint.emit_reply(answer, w))
}

/// A request that is no callback of the interface.
pub struct Unread {
    /// The callback that has its method, and what is wrong with it.
    pub endpoint: Option<(&'static dyn Endpoint, Error)>,
    /// The same in words.
    pub why: String,
}

/// A callback, what it tells, and the request with the charset that it was read in.
type Told<'a> = (&'static dyn Endpoint, Op<'a>, Request<'a>);

/// The callback that a request is.
///
/// # Errors
/// What is wrong with it.
pub fn of_callback<'a>(api: &'static Api, request: &Request<'a>) -> Result<Told<'a>, Unread> {
    let mut unread: Vec<(&'static dyn Endpoint, Error)> = Vec::new();
    for endpoint in callbacks(api).filter(|own| own.methods().contains(&request.method)) {
        // A text that is no UTF-8 is one of an interface that does not say its charset.
        let latin1 = Request { charset: Some(septet::text::Charset::Windows1252), ..*request };
        let read = |request: Request<'a>| endpoint.parse_request(&request).map(|op| (op, request));
        let read = read(*request).or_else(|error| match error.kind {
            septet::ErrorKind::Charset => read(latin1),
            _ => Err(error),
        });
        match read {
            Ok((op @ (Op::Report(_) | Op::Inbound(_)), read)) => return Ok((endpoint, op, read)),
            Ok(_) => {}
            Err(error) => unread.push((endpoint, error)),
        }
    }
    if unread.is_empty() {
        let has = |method: &Method| callbacks(api).any(|own| own.methods().contains(method));
        let methods = listed(Method::ALL.into_iter().filter(has));
        let why = format!("callbacks of {} come by {methods}", api.name);
        return Err(Unread { endpoint: None, why });
    }
    let mut words: Vec<String> = Vec::new();
    for (endpoint, error) in &unread {
        let word = format!("no {}: {}", endpoint.name(), wrong(*endpoint, *error));
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Err(Unread { endpoint: unread.into_iter().next(), why: words.join("; ") })
}

/// A callback as JSON.
fn told(op: &Op<'_>, request: &OwnedRequest) -> Value {
    let mut told = json!(op);
    told["path"] = json!(request.path);
    told["query"] = json!(request.query);
    told
}
