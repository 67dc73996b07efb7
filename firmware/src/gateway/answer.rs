//! What a request comes to, and the reply that is written to it.

use septet::Error;
use septet::api::{Authorization, Head, Status};
use septet::form::FormReader;
use septet::text::Charset;
use septet::wire::Writer;

use super::events::{self, Events, Inbox};
use super::keep::Keep;
use super::page::{self, Shown};
use super::serve::Desk;
use super::settings::Settings;
use super::tape::Tape;
use super::{Gateway, WAIT_MAX_MS};
use crate::apis::{BASIC_MAX, BoardApi, asked, takes_basic};
use crate::engine::Engine;
use crate::http::reply::{How, plain};
use crate::http::{self, Incoming};

impl<K: Keep, const IN: usize, const OUT: usize> Gateway<K, IN, OUT> {
    /// Writes a reply, where one is due.
    #[inline(never)]
    pub(super) fn answer(&mut self, engine: &Engine) {
        if self.line.expects() {
            self.reply.go_on();
            return;
        }
        let Some(request) = self.line.request() else { return };
        let shown = Shown {
            start: &self.start,
            ready: self.ready,
            trouble: self.trouble,
            received: self.inbox.len(),
            up_s: self.now.0.saturating_sub(self.started.0) / 1000,
        };
        let waited = self.waits.map(|since| match self.hurried {
            true => u64::from(WAIT_MAX_MS),
            false => self.now.0.saturating_sub(since.0),
        });
        if let Ok(incoming) = &request
            && (incoming.method, incoming.path) == ("POST", "/settings")
        {
            let mut settings = self.settings.clone();
            let changed = change(incoming, self.apis, &mut settings);
            let changed = changed.and_then(|()| match settings.save(&mut self.keep) {
                Ok(()) => Ok(()),
                Err(_) => Err((Status::SERVICE_UNAVAILABLE, "it is not kept")),
            });
            if changed.is_ok() {
                self.settings = settings;
            }
            let keeps = incoming.keeps;
            let (status, words) = changed.err().unwrap_or((Status::OK, "kept"));
            drop(request);
            let mut w = self.reply.body();
            let head = plain(status, words, &mut w);
            let body = w.len();
            let challenges = status == Status::UNAUTHORIZED;
            return self.send(head, body, How { keeps, has_body: true, challenges });
        }
        let mut desk = Desk {
            apis: self.apis,
            outbox: &mut self.outbox,
            keep: &mut self.keep,
            settings: &self.settings,
            seed: self.seed,
            sessions: &self.sessions,
            tapes: self.tapes,
        };
        let mut w = self.reply.body();
        let (how, head) = match &request {
            Err(status) => (How::LAST, plain(*status, http::phrase(*status), &mut w)),
            Ok(incoming) => {
                let inbox = &mut self.inbox;
                let routed = route(incoming, &mut desk, inbox, waited, &shown, engine, &mut w);
                match routed {
                    Routed::Later => {
                        self.waits = self.waits.or(Some(self.now));
                        return;
                    }
                    Routed::Said(head) => {
                        let has_body = incoming.method != "HEAD";
                        let is_refused = |head: &Head| head.status == Status::UNAUTHORIZED;
                        let challenges =
                            head.as_ref().is_ok_and(is_refused) && takes_basic(self.apis, incoming);
                        (How { keeps: incoming.keeps, has_body, challenges }, head)
                    }
                }
            }
        };
        let body = w.len();
        drop(request);
        self.send(head, body, how);
    }

    /// Has a reply go whose body was written.
    fn send(&mut self, head: Result<Head, Error>, body: usize, how: How) {
        let keeps = how.keeps && !self.hurried;
        self.over = !keeps;
        self.reply.send(head, body, How { keeps, ..how });
        self.waits = None;
        self.line.answered();
    }
}

/// What a request comes to.
enum Routed {
    /// Nothing yet: it is asked again.
    Later,
    /// A reply.
    Said(Result<Head, Error>),
}

/// Hands a request to what it is for.
#[inline(never)]
fn route<K: Keep>(
    incoming: &Incoming<'_>,
    desk: &mut Desk<'_, K>,
    inbox: &mut Inbox,
    waited: Option<u64>,
    shown: &Shown<'_>,
    engine: &Engine,
    w: &mut Writer<'_>,
) -> Routed {
    let segments = incoming.path.strip_prefix('/').unwrap_or_default();
    let (first, rest) = segments.split_once('/').unwrap_or((segments, ""));
    match (incoming.method, first, rest) {
        ("GET" | "HEAD", "", "") => {
            let page = page::write(shown, engine, desk.outbox, w);
            Routed::Said(page.map(|()| Head::new(Status::OK, "text/html; charset=utf-8")))
        }
        ("GET", "events", "") | ("DELETE", "events", _) => {
            let mut events = Events {
                apis: desk.apis,
                outbox: desk.outbox,
                inbox,
                keep: desk.keep,
                settings: desk.settings,
                seed: desk.seed,
            };
            if incoming.method == "DELETE" {
                let done = rest.parse().ok().map(|number| events.acknowledge(number));
                return Routed::Said(match done {
                    Some(Ok(true)) => plain(Status::OK, "acknowledged", w),
                    Some(Ok(false)) | None => plain(Status::NOT_FOUND, "there is no such event", w),
                    Some(Err(_)) => plain(Status::SERVICE_UNAVAILABLE, "it is not kept", w),
                });
            }
            match events.first(w) {
                Ok(true) => Routed::Said(Ok(Head::new(Status::OK, "application/json"))),
                Ok(false) if waited.is_some_and(|ms| ms >= u64::from(WAIT_MAX_MS)) => {
                    Routed::Said(Ok(Head::new(NO_CONTENT, "application/json")))
                }
                Ok(false) => Routed::Later,
                Err(error) => Routed::Said(Err(error)),
            }
        }
        ("GET", "status", "") => {
            let status = page::write_status(shown, engine, desk.outbox, w);
            Routed::Said(status.map(|()| Head::new(Status::OK, "application/json")))
        }
        ("GET", "trace", "") => Routed::Said(write_tape(desk.tapes.trace, w)),
        ("GET", "log", "") => Routed::Said(write_tape(desk.tapes.log, w)),
        ("GET", "settings", "") => Routed::Said(write_settings(desk.settings, w)),
        _ => Routed::Said(asked(desk.apis, incoming, desk, w)),
    }
}

const NO_CONTENT: Status = Status(204);

/// Changes settings by a form, where who asks may.
#[inline(never)]
fn change(
    incoming: &Incoming<'_>,
    apis: &[&'static BoardApi],
    settings: &mut Settings,
) -> Result<(), (Status, &'static str)> {
    let mut decoded = [0; BASIC_MAX];
    let header = |name: &str| {
        let mut headers = incoming.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    };
    let authorization = header("authorization")
        .map_or(Authorization::Absent, |value| Authorization::read(value, &mut decoded));
    if !settings.lets_change(&authorization) {
        return Err((Status::UNAUTHORIZED, "the operator's password is needed"));
    }
    let form = FormReader::new(incoming.body, Charset::Utf8);
    settings.change(form).map_err(|words| (Status::BAD_REQUEST, words))?;
    let has_callback = |api: &&BoardApi| api.name == settings.interface && api.inbound.is_some();
    if !settings.interface.is_empty() && !apis.iter().any(has_callback) {
        let words =
            "this board has no interface of that name with a callback for received messages";
        return Err((Status::BAD_REQUEST, words));
    }
    Ok(())
}

/// Writes a tape as it is, where the board has it.
fn write_tape(tape: Option<&dyn Tape>, w: &mut Writer<'_>) -> Result<Head, Error> {
    let Some(tape) = tape else { return plain(Status::NOT_FOUND, "this board keeps none", w) };
    tape.copy(w)?;
    Ok(Head::new(Status::OK, "application/octet-stream"))
}

/// Writes the settings as JSON, but for what is secret.
fn write_settings(settings: &Settings, w: &mut Writer<'_>) -> Result<Head, Error> {
    let flag = |is_set| if is_set { "true" } else { "false" };
    w.text("{\"pin\":")?;
    w.text(flag(!settings.pin.is_empty()))?;
    w.text(",\"operator\":")?;
    w.text(flag(!settings.operator.is_empty()))?;
    events::member("number", settings.number.chars(), w)?;
    events::member("interface", settings.interface.chars(), w)?;
    events::member("reports", settings.reports.chars(), w)?;
    events::member("allow", settings.allow.chars(), w)?;
    w.text(",\"accounts\":[")?;
    for (number, account) in settings.accounts.iter().enumerate() {
        w.text(if number > 0 { "," } else { "" })?;
        events::string(&mut account.name.chars(), w)?;
    }
    w.text("],\"keywords\":{")?;
    for (number, keyword) in settings.keywords.iter().enumerate() {
        w.text(if number > 0 { "," } else { "" })?;
        events::string(&mut keyword.word.chars(), w)?;
        w.text(":")?;
        events::string(&mut keyword.url.chars(), w)?;
    }
    w.text("}}\n")?;
    Ok(Head::new(Status::OK, "application/json"))
}
