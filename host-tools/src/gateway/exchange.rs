//! What is asked over HTTP and answered, owned.

use std::net::IpAddr;

use septet::answer::{self, Said, Served, answer_with, refuse};
use septet::api::{APIS, Answer, Authorization, Head, Method, Reason, Refusal, Request, Status};
use septet::error::{Error, ErrorKind};
use septet::text::{Charset, Text};
use septet::wire::Writer;
use tracing::{info, warn};

use crate::store::{KEY_HEADER, SqlStore};
use crate::watch::metrics::Request as Counted;

/// Room for a reply at first, which is enough for that to one message, and at most, in octets.
const REPLY_FIRST: usize = 512;
const REPLY_MAX: usize = 64 * 1024 * 1024;

/// An HTTP request, owned.
#[derive(Clone, Debug)]
pub struct OwnedRequest {
    /// Method.
    pub method: Method,
    /// Path.
    pub path: String,
    /// Query, escaped.
    pub query: String,
    /// Headers, by name and value.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// The address that it comes from.
    pub peer: Option<IpAddr>,
}

/// The most characters of a refusal's subject in the log.
const NOTED_MAX: usize = 80;

/// A refusal as it is in the log: one line, not longer than that of others, and with no name that may be
/// a password in the wrong place.
fn noted(refusal: &Refusal<'_>) -> String {
    let Refusal { reason, subject, detail: _ } = refusal;
    if subject.is_empty() || matches!(reason, Reason::UnknownUser | Reason::WrongPassword) {
        return reason.to_string();
    }
    let subject: String = subject.chars().take(NOTED_MAX).flat_map(char::escape_debug).collect();
    format!("{reason}: {subject}")
}

impl OwnedRequest {
    /// Hands the request to `work`.
    pub fn with<R>(&self, latin1: Charset, work: impl FnOnce(&Request<'_>) -> R) -> R {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut request = Request::new(self.method, &self.path, self.query.as_bytes(), &self.body);
        let authorization =
            headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let authorization = authorization.map_or("", |(_, value)| *value);
        let mut buffer = vec![0; authorization.len()];
        if !authorization.is_empty() {
            request.authorization = Authorization::read(authorization, &mut buffer);
        }
        work(&Request { headers: &headers, latin1, ..request })
    }

    /// The request without headers, query and body.
    pub(super) fn without_content(&self) -> Self {
        let Self { method, path, peer, .. } = self;
        let (query, headers, body) = Default::default();
        Self { method: *method, path: path.clone(), query, headers, body, peer: *peer }
    }

    /// What the store makes of the request, once that is safe.
    pub(super) fn answer(&self, latin1: Charset, store: &mut SqlStore) -> Answered {
        store.asked_from(self.peer);
        self.with(latin1, |request| {
            store.set_request_key(request.header(KEY_HEADER));
            answer_with(APIS, store, request, |said| {
                let Said::Answer(call, Answer::Refused(refusal)) = said else {
                    let counted = match said {
                        Said::Answer(..) => Counted::Taken,
                        Said::OtherMethod(..) | Said::NoPath(_) => Counted::Refused,
                    };
                    return Answered { reply: written(|w| said.emit(w)), counted, refused: None };
                };
                let peer = self.peer.map(|peer| peer.to_string()).unwrap_or_default();
                let mut refusal = *refusal;
                if refusal.reason == Reason::Forbidden && refusal.subject.is_empty() {
                    refusal.subject = Text::plain(&peer);
                }
                info!(call = call.name(), peer, why = noted(&refusal), "refused");
                let reply = written(|w| call.emit_reply(&Answer::Refused(refusal), w));
                Answered::refused(refusal.reason, reply)
            })
        })
    }

    /// The interface that it is asked by.
    pub(super) fn interface(&self) -> &'static str {
        match answer::served(APIS, self.method, &self.path) {
            Served::Call(api, _) => api.name,
            Served::OtherMethod | Served::Nothing => "none",
        }
    }

    /// A refusal in the vendor's words.
    pub(super) fn refused(&self, latin1: Charset, reason: Reason) -> Answered {
        let reply = self.with(latin1, |request| written(|w| refuse(APIS, request, reason, w)));
        Answered::refused(reason, reply)
    }
}

/// The reply that `write` writes, given room enough.
pub fn written(write: impl Fn(&mut Writer<'_>) -> Result<Head, Error>) -> OwnedReply {
    let mut buffer = vec![0; REPLY_FIRST];
    loop {
        let mut w = Writer::new(&mut buffer);
        match write(&mut w) {
            Ok(head) => return OwnedReply { head, body: w.written().to_vec() },
            Err(Error { kind: ErrorKind::Full, .. }) if buffer.len() < REPLY_MAX => {}
            Err(error) => {
                warn!(%error, "a reply that cannot be written");
                let head = Head::new(Status::INTERNAL_SERVER_ERROR, "text/plain");
                return OwnedReply { head, body: Vec::new() };
            }
        }
        buffer.resize(buffer.len() * 4, 0);
    }
}

/// An HTTP reply, owned.
#[derive(Clone, Debug)]
pub struct OwnedReply {
    /// Status and content type.
    pub head: Head,
    /// Body.
    pub body: Vec<u8>,
}

/// What became of a request.
#[derive(Debug)]
pub(super) struct Answered {
    pub reply: OwnedReply,
    pub counted: Counted,
    /// Why its call refuses it, where that does.
    pub refused: Option<Reason>,
}

impl Answered {
    pub(super) const fn refused(reason: Reason, reply: OwnedReply) -> Self {
        let counted = match reason {
            Reason::Busy => Counted::Busy,
            _ => Counted::Refused,
        };
        Self { reply, counted, refused: Some(reason) }
    }
}
