//! Callbacks that customers have not taken yet.

use std::time::{Duration, Instant};

use septet::api::{Api, Asked, Asking, How, Method};
use septet::error::{Error, ErrorKind};
use tracing::{error, info, warn};
use url::Url;

use super::{CallbackId, MemoryStore};
use crate::config::Retry;

/// A callback that the customer has not taken yet.
pub(super) struct Callback {
    request: OwnedCallback,
    retry: Retry,
    tries: usize,
    first: Option<Instant>,
}

/// A callback's request, owned.
#[derive(Clone)]
pub struct OwnedCallback {
    /// How it is answered.
    pub endpoint: &'static dyn Asking,
    /// Method.
    pub method: Method,
    /// Where it goes, fields of a query included.
    pub url: Url,
    /// `Content-Type` of the body.
    pub content_type: Option<&'static str>,
    /// Body.
    pub body: Vec<u8>,
}

/// A try of a callback that is due.
pub struct DueCallback {
    /// Which callback.
    pub id: CallbackId,
    /// What is asked.
    pub request: OwnedCallback,
}

/// How a try of a callback went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The customer took it.
    Taken,
    /// The customer did not, and may later.
    NotTaken,
    /// The customer does not want it.
    Unwanted,
    /// There was no answer, and why.
    NoAnswer(String),
}

/// What stands in a callback's request.
pub(super) struct Emitted {
    method: Method,
    query: String,
    content_type: Option<&'static str>,
    body: Vec<u8>,
}

impl MemoryStore {
    pub(super) fn owe(
        &mut self,
        api: &Api,
        endpoint: &'static dyn Asking,
        mut url: Url,
        emitted: Option<Emitted>,
    ) {
        let Some(Emitted { method, query, content_type, body }) = emitted else { return };
        let own = url.query().filter(|own| endpoint.keeps_query() && !own.is_empty());
        let pieces: Vec<&str> =
            own.into_iter().chain([query.as_str()]).filter(|piece| !piece.is_empty()).collect();
        let query = Some(pieces.join("&")).filter(|query| !query.is_empty());
        url.set_query(query.as_deref());
        url.set_fragment(None);
        let id = self.next_callback;
        self.next_callback += 1;
        let retry = self.config.retry(api);
        let request = OwnedCallback { endpoint, method, url, content_type, body };
        self.callbacks.insert(id, Callback { request, retry, tries: 0, first: None });
        self.due.insert((self.now, id));
    }

    /// The callbacks that are to be made now. Each is made once until
    /// [`called`](Self::called) tells how it went.
    pub fn due_callbacks(&mut self) -> Vec<DueCallback> {
        let mut due = Vec::new();
        while let Some(&(at, id)) = self.due.first()
            && at <= self.now
        {
            self.due.pop_first();
            let Some(callback) = self.callbacks.get_mut(&id) else { continue };
            callback.tries += 1;
            callback.first.get_or_insert(self.now);
            due.push(DueCallback { id, request: callback.request.clone() });
        }
        due
    }

    /// Tells how a try of a callback went.
    pub fn called(&mut self, id: CallbackId, outcome: Outcome) {
        let Some(callback) = self.callbacks.get(&id) else { return };
        let (tries, host) = (callback.tries, callback.request.url.host_str().unwrap_or_default());
        match outcome {
            Outcome::Taken => {
                info!(callback = id, host, tries, "taken");
                self.callbacks.remove(&id);
                return;
            }
            Outcome::Unwanted => {
                warn!(callback = id, host, tries, "not wanted, given up");
                self.callbacks.remove(&id);
                return;
            }
            Outcome::NotTaken => info!(callback = id, host, tries, "not taken"),
            Outcome::NoAnswer(why) => info!(callback = id, host, tries, why, "no answer"),
        }
        let since_first = callback.first.map_or(Duration::ZERO, |first| self.now - first);
        match callback.retry.wait(tries, since_first) {
            Some(wait) => {
                self.due.insert((self.now.checked_add(wait).unwrap_or(self.now), id));
            }
            None => {
                warn!(callback = id, host, tries, "given up");
                self.callbacks.remove(&id);
            }
        }
    }
}

/// What stands in a callback's request.
pub(super) fn emitted(endpoint: &dyn Asking, asked: &Asked<'_>, how: &How) -> Option<Emitted> {
    let mut buffer = vec![0; 1024];
    loop {
        match endpoint.emit_request(asked, how, &mut buffer) {
            Ok(septet::api::Emitted { method, query, content_type, body, .. }) => {
                let (query, body) = (query.to_owned(), body.to_vec());
                return Some(Emitted { method, query, content_type, body });
            }
            Err(Error { kind: ErrorKind::Full, .. }) => {}
            Err(error) => {
                // Callbacks are made of what the store has: every field of theirs can be written.
                error!(%error, "a callback that cannot be written");
                return None;
            }
        }
        buffer.resize(buffer.len() * 2, 0);
    }
}
