//! What is asked over HTTP and answered, owned.

use std::net::IpAddr;
use std::sync::Arc;

use septet::answer::{self, Said, Served, answer_with, refuse};
use septet::api::{
    APIS, Answer, Api, Authorization, Credentials, Endpoint, Head, Method, Op, Reason, Refusal,
    Request, Status,
};
use septet::error::{Error, ErrorKind};
use septet::text::{Charset, Text};
use septet::wire::Writer;
use tracing::{info, warn};

use crate::config::{Config, InputCharset};
use crate::store::{Draft, KEY_HEADER, SqlStore, Taken};
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
    /// Where it goes.
    pub fn served(&self) -> Served {
        answer::served(APIS, self.method, &self.path)
    }

    /// Its headers, to be lent to [`opened`](Self::opened).
    pub(super) fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The request as interfaces read it, with its `headers`. Credentials are decoded into `room`.
    pub(super) fn opened<'r>(
        &'r self,
        latin1: Charset,
        headers: &'r [(&'r str, &'r str)],
        room: &'r mut Vec<u8>,
    ) -> Request<'r> {
        let request = Request::new(self.method, &self.path, self.query.as_bytes(), &self.body);
        let mut request = Request { headers, latin1, ..request };
        if let Some(authorization) = request.header("authorization").filter(|own| !own.is_empty()) {
            room.resize(authorization.len(), 0);
            request.authorization = Authorization::read(authorization, room);
        }
        request
    }

    /// Hands the request to `work`.
    pub fn with<R>(&self, latin1: Charset, work: impl FnOnce(&Request<'_>) -> R) -> R {
        let (headers, mut room) = (self.headers(), Vec::new());
        work(&self.opened(latin1, &headers, &mut room))
    }

    /// What the store makes of the request, once that is safe.
    pub(super) fn answer(&self, latin1: Charset, store: &mut SqlStore) -> Answered {
        store.asked_from(self.peer);
        self.with(latin1, |request| {
            store.set_request_key(request.header(KEY_HEADER));
            answer_with(APIS, store, request, |said| match said {
                Said::Answer(endpoint, answer) => self.answered(*endpoint, answer),
                Said::OtherMethod(..) | Said::NoPath(_) => Answered {
                    reply: written(|w| said.emit(w)),
                    counted: Counted::Refused,
                    refused: None,
                },
            })
        })
    }

    /// The reply of a call.
    fn answered(&self, endpoint: &dyn Endpoint, answer: &Answer<'_>) -> Answered {
        let Answer::Refused(mut refusal) = *answer else {
            let reply = written(|w| endpoint.emit_reply(answer, w));
            return Answered { reply, counted: Counted::Taken, refused: None };
        };
        let peer = self.peer.map(|peer| peer.to_string());
        if refusal.reason == Reason::Forbidden && refusal.subject.is_empty() {
            refusal.subject = Text::plain(peer.as_deref().unwrap_or_default());
        }
        info!(call = endpoint.name(), peer, why = noted(&refusal), "refused");
        let reply = written(|w| endpoint.emit_reply(&Answer::Refused(refusal), w));
        Answered::refused(refusal.reason, reply)
    }

    /// A refusal in the vendor's words.
    pub(super) fn refused(&self, latin1: Charset, reason: Reason) -> Answered {
        let reply = self.with(latin1, |request| written(|w| refuse(APIS, request, reason, w)));
        Answered::refused(reason, reply)
    }
}

/// The interface that a request goes to.
pub(super) const fn interface(served: Served) -> &'static str {
    match served {
        Served::Call(api, _) => api.interface.name,
        Served::OtherMethod | Served::Nothing => "none",
    }
}

/// The longest body of which what is to be sent is prepared before its turn, in octets: what is prepared
/// takes some twenty times the room.
const DRAFT_MAX: usize = 16 * 1024;

/// A request for a call of an interface.
#[derive(Clone, Copy)]
pub(super) struct Call<'r> {
    pub api: &'static Api,
    pub endpoint: &'static dyn Endpoint,
    pub request: Request<'r>,
}

impl<'r> Call<'r> {
    /// Who asks, where the request tells.
    pub fn credentials(&self) -> Option<Credentials<'r>> {
        self.endpoint.credentials(&self.request).ok()?
    }

    /// What is to be sent for this account, prepared, and the customer's id of it. `None` of what is no
    /// request to send, is to be refused, or is too long to wait in memory: the store reads it once more.
    pub fn drafted(
        &self,
        config: Arc<Config>,
        account: usize,
    ) -> Option<(Draft, Option<Text<'r>>)> {
        if self.request.body.len() > DRAFT_MAX {
            return None;
        }
        let charset = config.accounts[account].input_charset.map(InputCharset::charset);
        let request = Request { charset, ..self.request };
        let Ok(Op::Send(submit)) = self.endpoint.parse_request(&request) else { return None };
        let key = request.header(KEY_HEADER);
        let draft = Draft::new(config, (account, self.api), &submit, key)?;
        Some((draft, submit.client_id))
    }

    /// What is told of a draft that the store took, or refused.
    pub fn told(
        &self,
        taken: Result<Taken, Refusal<'_>>,
        client_id: Option<Text<'_>>,
        request: &OwnedRequest,
    ) -> Answered {
        match taken {
            Ok(taken) => taken.told(client_id, |answer| request.answered(self.endpoint, answer)),
            Err(refusal) => request.answered(self.endpoint, &Answer::Refused(refusal)),
        }
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

/// What the writer has made of a request.
#[derive(Debug)]
pub(super) enum Done {
    /// Its reply.
    Answered(Answered),
    /// What its draft has was accepted, or not.
    Taken(Result<Taken, Refusal<'static>>),
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
