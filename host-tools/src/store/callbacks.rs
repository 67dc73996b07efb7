//! Callbacks that customers have not taken yet.

use std::time::{Duration, Instant};

use septet::api::{Api, Asked, Asking};
use septet::error::{Error, ErrorKind};
use septet::text::Charset;
use septet::wire::Writer;
use tracing::{error, info, warn};
use url::Url;

use super::{CallbackId, MemoryStore};
use crate::config::Retry;

/// A callback that the customer has not taken yet.
pub(super) struct Callback {
    endpoint: &'static dyn Asking,
    url: Url,
    retry: Retry,
    tries: usize,
    first: Option<Instant>,
}

/// A try of a callback that is due.
pub struct DueCallback {
    /// Which callback.
    pub id: CallbackId,
    /// How it is answered.
    pub endpoint: &'static dyn Asking,
    /// Where it goes, fields included.
    pub url: Url,
}

impl MemoryStore {
    pub(super) fn owe(
        &mut self,
        api: &Api,
        endpoint: &'static dyn Asking,
        mut url: Url,
        query: &str,
    ) {
        let own = url.query().filter(|own| endpoint.keeps_query() && !own.is_empty());
        let query = own.map_or(query.to_owned(), |own| format!("{own}&{query}"));
        url.set_query(Some(&query));
        url.set_fragment(None);
        let id = self.next_callback;
        self.next_callback += 1;
        let retry = self.config.retry(api);
        self.callbacks.insert(id, Callback { endpoint, url, retry, tries: 0, first: None });
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
            due.push(DueCallback { id, endpoint: callback.endpoint, url: callback.url.clone() });
        }
        due
    }

    /// Tells whether the customer took a callback, or why there was no answer.
    pub fn called(&mut self, id: CallbackId, taken: Result<bool, String>) {
        let Some(callback) = self.callbacks.get(&id) else { return };
        let (tries, host) = (callback.tries, callback.url.host_str().unwrap_or_default());
        match taken {
            Ok(true) => {
                info!(callback = id, host, tries, "taken");
                self.callbacks.remove(&id);
                return;
            }
            Ok(false) => info!(callback = id, host, tries, "not taken"),
            Err(why) => info!(callback = id, host, tries, why, "no answer"),
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

/// The fields of a request, in a charset that has all their characters.
pub(super) fn emitted(endpoint: &dyn Asking, asked: &Asked<'_>, charset: Charset) -> String {
    let mut buffer = vec![0; 1024];
    loop {
        let mut w = Writer::new(&mut buffer);
        match endpoint.emit_request(asked, charset, &mut w) {
            Ok(()) => return String::from_utf8_lossy(w.written()).into_owned(),
            Err(Error { kind: ErrorKind::Full, .. }) => buffer.resize(buffer.len() * 2, 0),
            Err(error) => {
                // Callbacks are made of what the store has: every field of theirs can be written.
                error!(%error, "a callback that cannot be written");
                return String::new();
            }
        }
    }
}
