//! A request to send that is prepared where it comes in, so that the writer has nothing to do but enter it.

use std::sync::Arc;

use jiff::Timestamp;
use septet::api::{Api, Refusal, Submit};

use super::SqlStore;
use super::accepting::{Accepted, Taken, Wanted};
use super::keys::Key;
use super::preparing::{Prepared, Preparing};
use crate::config::Config;

/// A request to send, prepared by a configuration alone. What such a request is refused for is not told:
/// the store says that where it is asked the long way.
#[derive(Debug)]
pub struct Draft {
    config: Arc<Config>,
    /// The account's place in the configuration.
    account: usize,
    api: &'static Api,
    key: Option<Key>,
    wanted: Wanted,
    prepared: Prepared,
}

impl Draft {
    /// The draft of what an account asks; `key` is the [`KEY_HEADER`](super::KEY_HEADER) of the request.
    /// `None` where it would be refused.
    pub fn new(
        config: Arc<Config>,
        (account, api): (usize, &'static Api),
        submit: &Submit<'_>,
        key: Option<&str>,
    ) -> Option<Self> {
        let key = Key::of(submit, key).ok()?;
        let wall = Timestamp::now();
        let preparing = Preparing { config: &config, account, api, wall };
        // That is the store's to say.
        let prepared = preparing.prepare(submit, &mut |_| false).ok()?;
        Some(Self { account, api, key, wanted: Wanted::of(submit), prepared, config })
    }
}

impl SqlStore {
    /// Accepts what a draft has, or finds that it was accepted before. `None` where the store has to look
    /// at the request itself: by another configuration, or where a recipient wants nothing of the account.
    /// Nothing has happened then.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn take(&mut self, draft: &Draft) -> Option<Result<Taken, Refusal<'static>>> {
        let Draft { config, account, api, key, wanted, prepared } = draft;
        let account = *account;
        if !Arc::ptr_eq(config, &self.config) {
            return None;
        }
        let wants_nothing = |store: &mut Self| {
            prepared.outgoing.iter().any(|one| store.is_opted_out(account, &one.recipient))
        };
        if self.has_opted_out(account) && wants_nothing(self) {
            return None;
        }
        Some(self.count_request(account).and_then(|()| {
            let accepted = match self.accepted_at_once(account, api, (prepared, key.as_ref())) {
                Some(order) => Accepted::Order(order),
                None => self.accepted(account, api, key.as_ref(), |_| Ok(prepared))?,
            };
            Ok(self.taken(account, *wanted, accepted))
        }))
    }
}
