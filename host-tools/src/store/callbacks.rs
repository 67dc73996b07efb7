//! Callbacks that customers have not taken yet.

use std::time::Duration;

use septet::api::{Api, Asked, Asking, How, Method, api_named};
use septet::error::{Error, ErrorKind};
use tracing::{error, info, warn};
use url::Url;

use super::numbers::Kind;
use super::{CallbackId, SqlStore, ms};

/// How many callbacks to one host are under way at once, so that one that does not answer holds up
/// only its own.
const TO_A_HOST: i64 = 16;

/// A host that callbacks are owed to.
#[derive(Default)]
pub(super) struct Host {
    /// When one is to be tried next, where one waits.
    due: Option<i64>,
    /// How many are under way.
    under_way: i64,
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
    pub content_type: Option<String>,
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

impl OwnedCallback {
    /// The callback that asks this of a URL; `None` where it cannot be written.
    pub fn new(
        endpoint: &'static dyn Asking,
        url: Url,
        asked: &Asked<'_>,
        how: &How,
    ) -> Option<Self> {
        let Emitted { method, query, content_type, body } = emitted(endpoint, asked, how)?;
        let url = with_query(endpoint, url, &query);
        Some(Self { endpoint, method, url, content_type: content_type.map(str::to_owned), body })
    }
}

/// The URL that is called: with the query of the callback, behind its own where the interface keeps that.
fn with_query(endpoint: &dyn Asking, mut url: Url, query: &str) -> Url {
    let own = url.query().filter(|own| endpoint.keeps_query() && !own.is_empty());
    let pieces: Vec<&str> = own.into_iter().chain([query]).filter(|own| !own.is_empty()).collect();
    let query = Some(pieces.join("&")).filter(|query| !query.is_empty());
    url.set_query(query.as_deref());
    url.set_fragment(None);
    url
}

/// What stands in a callback's request.
pub(super) struct Emitted {
    method: Method,
    query: String,
    content_type: Option<&'static str>,
    body: Vec<u8>,
}

impl SqlStore {
    /// Owes a customer a callback: that of a message that was received, or a report. Returns its number.
    /// `subject` is the number of the message that was received, or of the one that is reported.
    pub(super) fn owe(
        &mut self,
        api: &Api,
        (inbound, subject): (bool, i64),
        url: Url,
        emitted: Option<Emitted>,
    ) -> Option<CallbackId> {
        let endpoint = endpoint(api, inbound)?;
        let Emitted { method, query, content_type, body } = emitted?;
        let url = with_query(endpoint, url, &query);
        let id = self.numbers(Kind::Callback, 1);
        let host = url.host_str().unwrap_or_default();
        self.database.execute(
            "INSERT INTO callback (id, host, api, inbound, posts, url, content_type, body, tries, due, \
             gateway, subject) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11)",
            &[
                id.into(),
                host.into(),
                api.name.into(),
                inbound.into(),
                (method == Method::Post).into(),
                url.as_str().into(),
                content_type.into(),
                body.as_slice().into(),
                self.now_ms.into(),
                self.gateways.own.into(),
                subject.into(),
            ],
        );
        let now = self.now_ms;
        let host = self.hosts.entry(host.to_owned()).or_default();
        host.due = Some(host.due.map_or(now, |due| due.min(now)));
        Some(id)
    }

    /// Reads which hosts are owed callbacks.
    pub(super) fn load_hosts(&mut self) {
        let hosts = self.database.all(
            "SELECT host, min(due), count(*) - count(due) FROM callback WHERE gateway = $1 \
             GROUP BY host",
            &[self.gateways.own.into()],
            |row| (row.string(0), Host { due: row.number(1), under_way: row.integer(2) }),
        );
        self.hosts = hosts.into_iter().collect();
        self.knows_hosts = true;
    }

    /// When a callback is due next, of those that a host has room for.
    pub(super) fn next_callback_due(&self) -> Option<i64> {
        let with_room = self.hosts.values().filter(|host| host.under_way < TO_A_HOST);
        with_room.filter_map(|host| host.due).min()
    }

    /// The callbacks that are to be made now. Each is made once until
    /// [`called`](Self::called) tells how it went.
    pub fn due_callbacks(&mut self) -> Vec<DueCallback> {
        let now = self.now_ms;
        let is_due = |host: &Host| host.due.is_some_and(|due| due <= now);
        let mut due = Vec::new();
        for (name, host) in &mut self.hosts {
            let room = TO_A_HOST - host.under_way;
            if room <= 0 || !is_due(host) {
                continue;
            }
            let found = self.database.all(
                "SELECT id, api, inbound, posts, url, content_type, body FROM callback \
                 WHERE host = $1 AND due <= $2 AND gateway = $3 ORDER BY due, id LIMIT $4",
                &[name.into(), now.into(), self.gateways.own.into(), room.into()],
                |row| {
                    let api = row.text(1).and_then(api_named)?;
                    let request = OwnedCallback {
                        endpoint: endpoint(api, row.is(2))?,
                        method: if row.is(3) { Method::Post } else { Method::Get },
                        url: Url::parse(row.text(4)?).ok()?,
                        content_type: row.text(5).map(str::to_owned),
                        body: row.octets(6).to_vec(),
                    };
                    Some(DueCallback { id: row.integer(0), request })
                },
            );
            for callback in found.into_iter().flatten() {
                self.database.execute(
                    "UPDATE callback SET due = NULL, tries = tries + 1, first = coalesce(first, $1) \
                     WHERE id = $2",
                    &[now.into(), callback.id.into()],
                );
                host.under_way += 1;
                due.push(callback);
            }
            let sql = "SELECT min(due) FROM callback WHERE host = $1 AND gateway = $2";
            let values = [name.into(), self.gateways.own.into()];
            host.due = self.database.one(sql, &values, |row| row.number(0)).flatten();
        }
        due
    }

    /// Tells how a try of a callback went.
    pub fn called(&mut self, id: CallbackId, outcome: Outcome) {
        let found = self.database.one(
            "SELECT host, api, tries, first FROM callback WHERE id = $1",
            &[id.into()],
            |row| (row.string(0), row.text(1).and_then(api_named), row.small(2), row.number(3)),
        );
        let Some((host, api, tries, first)) = found else { return };
        let tries: usize = tries.unwrap_or_default();
        let is_over = match outcome {
            Outcome::Taken => {
                info!(callback = id, host, tries, "taken");
                true
            }
            Outcome::Unwanted => {
                warn!(callback = id, host, tries, "not wanted, given up");
                true
            }
            Outcome::NotTaken => {
                info!(callback = id, host, tries, "not taken");
                false
            }
            Outcome::NoAnswer(why) => {
                info!(callback = id, host, tries, why, "no answer");
                false
            }
        };
        let now = self.now_ms;
        let since_first = Duration::from_millis((now - first.unwrap_or(now)).max(0) as u64);
        let wait = api.filter(|_| !is_over);
        let wait = wait.and_then(|api| self.config.retry(api).wait(tries, since_first));
        match wait {
            Some(wait) => self.database.execute(
                "UPDATE callback SET due = $1 WHERE id = $2",
                &[now.saturating_add(ms(wait)).into(), id.into()],
            ),
            None => {
                if !is_over {
                    warn!(callback = id, host, tries, "given up");
                }
                self.database.execute("DELETE FROM callback WHERE id = $1", &[id.into()]);
            }
        }
        let Some(known) = self.hosts.get_mut(&host) else { return };
        known.under_way -= 1;
        let due = wait.map(|wait| now.saturating_add(ms(wait)));
        known.due = known.due.into_iter().chain(due).min();
        if known.due.is_none() && known.under_way <= 0 {
            self.hosts.remove(&host);
        }
    }
}

/// The callback of an interface: of a message that was received, or a report.
pub fn endpoint(api: &Api, inbound: bool) -> Option<&'static dyn Asking> {
    let endpoint = if inbound { api.inbound } else { api.report };
    endpoint.map(|endpoint| -> &'static dyn Asking { endpoint })
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
