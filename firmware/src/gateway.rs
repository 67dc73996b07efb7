//! A gateway on a board: HTTP on the host line, the vendors' interfaces, an outbox that outlives a power
//! cut, and the modem's session behind it.
//!
//! [`Gateway`] has no input or output of its own, as the engine has none. It is told what comes over the
//! host line ([`hear`](Gateway::hear)) and what happens with the modem ([`event`](Gateway::event)); it
//! tells what goes over the host line ([`reply`](Gateway::reply)) and what is to be sent next
//! ([`next`](Gateway::next)). Of several boards each has a seed of its own.

pub mod apis;
pub mod blocking;
pub mod callback;
pub mod driver;
pub mod events;
#[cfg(feature = "flash")]
pub mod flash;
pub mod http;
pub mod keep;
pub mod outbox;
pub mod page;
pub mod record;
pub mod retained;
mod serve;
pub mod settings;
pub mod sms;
pub mod tape;

use heapless::{String, Vec};
use septet::answer::{self, Served, answer_with};
use septet::api::{Authorization, Head, Method, Request, Scheme, Status};
use septet::form::FormReader;
use septet::pdu::Pdu;
use septet::text::Charset;
use septet::tpdu::Mt;
use septet::wire::Writer;
use septet::{Error, ErrorKind};

use self::events::{Events, Inbox};
use self::http::{Incoming, Line, write_head};
use self::keep::{Keep, Trouble};
use self::outbox::{Next, Outbox};
use self::page::Shown;
use self::serve::Desk;
pub use self::serve::{BoardApi, Id, id};
use self::settings::{Sessions, Settings};
use self::tape::{Tape, Tapes};
use crate::engine::{self, Engine, Event, EventKind, Instant, Ticket};
use crate::seen::Seen;

/// How long a client may wait for an event, in milliseconds.
const WAIT_MAX_MS: u32 = 30_000;

/// The most octets of the head of a reply.
const HEAD_MAX: usize = 272;

/// The most octets of what is told of the board's start.
pub const START_MAX: usize = 160;

/// How many octets are read from the host line at a time.
const REST: usize = 64;

/// The most octets that a `Basic` authorization decodes to.
const BASIC_MAX: usize = 128;

/// What is to be told the modem of a message that it handed over.
#[derive(Debug)]
pub enum Back {
    /// The message is safe.
    Done(Ticket),
    /// There is no room for it: it stays.
    Keep(Ticket),
}

/// A gateway, with room for requests of `IN` octets and replies of `OUT`.
#[derive(Debug)]
pub struct Gateway<K, const IN: usize, const OUT: usize> {
    line: Line<IN>,
    /// What a shell has read and the line has not taken.
    rest: Vec<u8, REST>,
    reply: [u8; OUT],
    /// Which octets of the reply are still to go.
    left: core::ops::Range<usize>,
    apis: &'static [&'static BoardApi],
    keep: K,
    settings: Settings,
    outbox: Outbox,
    inbox: Inbox,
    seen: Seen<16>,
    seed: u64,
    sessions: Sessions,
    ready: bool,
    trouble: Option<engine::Trouble>,
    started: Instant,
    /// What made the board start.
    start: String<START_MAX>,
    /// What programs on the host read of the board's doings.
    tapes: Tapes,
    /// Since when a client waits for an event.
    waits: Option<Instant>,
    /// Whether another client waits for this one to end.
    hurried: bool,
    /// Whether the last reply has said that it is the connection's last.
    over: bool,
    now: Instant,
}

impl<K: Keep, const IN: usize, const OUT: usize> Gateway<K, IN, OUT> {
    /// A gateway that goes on where the last one ended. `seed` is a number that no other board has, and
    /// that stays; `random` is another one at each start, which nobody guesses: sessions have their keys
    /// of it.
    ///
    /// # Errors
    /// [`Trouble::Broken`] where what was kept cannot be read.
    pub fn open(
        keep: K,
        apis: &'static [&'static BoardApi],
        seed: u64,
        random: u64,
        now: Instant,
    ) -> Result<Self, Trouble> {
        let mut own = Self::new(keep, apis, seed, random, now);
        own.load()?;
        Ok(own)
    }

    /// As [`open`](Self::open), before [`load`](Self::load), which has to follow at once: in two steps
    /// a gateway is built where it stays, where memory for two is too much.
    pub fn new(
        keep: K,
        apis: &'static [&'static BoardApi],
        seed: u64,
        random: u64,
        now: Instant,
    ) -> Self {
        Self {
            line: Line::new(),
            rest: Vec::new(),
            reply: [0; OUT],
            left: 0..0,
            apis,
            keep,
            settings: Settings::default(),
            outbox: Outbox::default(),
            inbox: Inbox::default(),
            seen: Seen::new(),
            seed,
            sessions: Sessions::new(seed, random),
            ready: false,
            trouble: None,
            started: now,
            start: String::new(),
            tapes: Tapes::default(),
            waits: None,
            hurried: false,
            over: false,
            now,
        }
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// [`Trouble::Broken`] where it cannot be read: then this is no gateway.
    pub fn load(&mut self) -> Result<(), Trouble> {
        self.settings = Settings::open(&mut self.keep)?;
        self.outbox = Outbox::open(&mut self.keep)?;
        self.inbox = Inbox::open(&mut self.keep)?;
        Ok(())
    }

    /// What the board was told once.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Has the board be told something else.
    ///
    /// # Errors
    /// [`Trouble`]: then nothing has changed.
    pub fn set(&mut self, settings: Settings) -> Result<(), Trouble> {
        settings.save(&mut self.keep)?;
        self.settings = settings;
        Ok(())
    }

    /// What was accepted.
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Whether the modem takes messages, or why it does not, where that is known.
    pub const fn modem(&self) -> Result<(), Option<engine::Trouble>> {
        if self.ready { Ok(()) } else { Err(self.trouble) }
    }

    /// Why the modem cannot send, where it has said so.
    pub const fn trouble(&self) -> Option<engine::Trouble> {
        self.trouble
    }

    /// Notes in words what made the board start, where it was not its power: the watchdog, or a panic and
    /// what it said. Programs and the page are told. What is longer than [`START_MAX`] octets is cut.
    pub fn started_after(&mut self, words: &str) {
        self.start.clear();
        // What has no room is the end.
        let _ = words.chars().try_for_each(|c| self.start.push(c));
    }

    /// Has `GET /trace` and `GET /log` give these.
    pub const fn set_tapes(&mut self, tapes: Tapes) {
        self.tapes = tapes;
    }

    /// What keeps it all.
    pub fn into_keep(self) -> K {
        self.keep
    }

    /// Takes octets from the host line, and returns how many. None are taken while a reply is to go.
    ///
    /// Who begins another request has given up the one that waits for an event, and gets no reply to it:
    /// a cable has no connections, and the reply would be taken for that of the other one.
    #[inline(never)]
    pub fn hear(&mut self, octets: &[u8], now: Instant) -> usize {
        self.now = now;
        if !self.left.is_empty() {
            return 0;
        }
        if self.waits.is_some() {
            // Empty lines are no request.
            if octets.iter().all(|octet| matches!(octet, b'\r' | b'\n')) {
                return octets.len();
            }
            self.waits = None;
            self.line.answered();
        }
        self.line.receive(octets, now)
    }

    /// Takes what a shell has read, and returns how many octets of it.
    fn hear_rest(&mut self, now: Instant) -> usize {
        let rest = self.rest.clone();
        let taken = self.hear(&rest, now);
        self.rest.clear();
        let _ = self.rest.extend_from_slice(rest.get(taken..).unwrap_or_default());
        taken
    }

    /// The octets that are to go over the host line now; [`written`](Self::written) tells how many went.
    pub fn reply(&mut self, engine: &Engine, now: Instant) -> &[u8] {
        self.now = now;
        self.line.pass(now);
        if self.left.is_empty() {
            self.answer(engine);
        }
        self.said()
    }

    /// What of the reply is still to go.
    fn said(&self) -> &[u8] {
        self.reply.get(self.left.clone()).unwrap_or_default()
    }

    /// Tells that so many octets of the reply went.
    pub fn written(&mut self, octets: usize) {
        self.left.start = self.left.start.saturating_add(octets).min(self.left.end);
    }

    /// Tells that a connection begins: what was under way with another one is forgotten.
    pub fn connected(&mut self) {
        self.line = Line::new();
        self.rest.clear();
        self.left = 0..0;
        self.waits = None;
        self.hurried = false;
        self.over = false;
    }

    /// Tells that another client waits for this connection to end: where this client waits for an event,
    /// it is told that there is none, and its next reply is its last.
    pub const fn hurry(&mut self) {
        self.hurried = true;
    }

    /// Whether the connection is to be closed: the client wanted that, or it was hurried, and the reply
    /// that says so has gone.
    pub fn is_over(&self) -> bool {
        self.over && self.left.is_empty()
    }

    /// When [`reply`](Self::reply) and [`next`](Self::next) are to be called though nothing comes.
    pub fn deadline(&self, engine: &Engine) -> Option<Instant> {
        let wait = self.waits.map(|since| since.after(WAIT_MAX_MS));
        // A modem that is being set up takes nothing, and tells when it does.
        let outbox = self.outbox.deadline().filter(|_| self.ready && engine.is_ready());
        [self.line.deadline(), wait, outbox].into_iter().flatten().min()
    }

    /// Whether nothing is on the host line.
    pub fn is_idle(&self) -> bool {
        self.left.is_empty() && self.line.is_idle()
    }

    /// The part that the modem is to send now: to be called when it is ready, after each event, and at
    /// the [`deadline`](Self::deadline). Where the modem does not take it, [`put_back`](Self::put_back) is told.
    #[inline(never)]
    pub fn next(&mut self, now: Instant) -> Option<Next> {
        self.now = now;
        self.outbox.expire(now, &mut self.keep);
        if !self.ready {
            return None;
        }
        self.outbox.next(now, &mut self.keep).ok().flatten()
    }

    /// Tells that the modem did not take the part of [`next`](Self::next).
    pub fn put_back(&mut self) {
        self.outbox.put_back(&mut self.keep);
    }

    /// Takes what happened with the modem.
    #[inline(never)]
    pub fn event(&mut self, event: Event, now: Instant) -> Option<Back> {
        self.now = now;
        #[cfg(feature = "defmt")]
        defmt::info!("{}", event);
        match event.kind {
            EventKind::Ready => {
                self.ready = true;
                self.trouble = None;
                None
            }
            EventKind::Lost(trouble) => {
                self.ready = false;
                self.trouble = Some(trouble);
                None
            }
            EventKind::Rebooted => {
                self.ready = false;
                None
            }
            EventKind::Finished(outcome) => {
                self.outbox.finished(&outcome, now, &mut self.keep);
                None
            }
            // What cannot be kept stays with the modem.
            EventKind::Received { pdu, ticket } => Some(match self.take(&pdu) {
                Ok(()) => Back::Done(ticket),
                Err(_) => Back::Keep(ticket),
            }),
            _ => None,
        }
    }

    /// Takes what the modem received: a message, a part of one, or a status report. What was handed over
    /// before is taken and left.
    ///
    /// # Errors
    /// [`Trouble`]: it is not kept.
    #[inline(never)]
    pub fn take(&mut self, pdu: &Pdu) -> Result<(), Trouble> {
        let mut seen = self.seen.clone();
        if !seen.is_new(pdu) {
            return Ok(());
        }
        match pdu.read_tolerant::<Mt<'_>>() {
            Ok(((_, Mt::StatusReport(report)), _)) => self.outbox.reported(&report, &mut self.keep),
            Ok(((_, Mt::Deliver(_)), _)) => self.inbox.add(pdu, &mut self.keep)?,
            // What is no message is of no use to anybody.
            Ok(((_, Mt::SubmitReport(_)), _)) | Err(_) => {}
        }
        self.seen = seen;
        Ok(())
    }

    /// Writes a reply, where one is due.
    #[inline(never)]
    fn answer(&mut self, engine: &Engine) {
        if self.line.expects() {
            self.go_on();
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
            let mut w = Writer::new(self.reply.get_mut(HEAD_MAX..).unwrap_or_default());
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
        // The head has its room before the body's, whose length it tells.
        let mut w = Writer::new(self.reply.get_mut(HEAD_MAX..).unwrap_or_default());
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

    /// Has a reply go whose body was written, behind the room of its head.
    fn send(&mut self, head: Result<Head, Error>, body: usize, how: How) {
        let How { keeps, has_body, challenges } = how;
        let keeps = keeps && !self.hurried;
        self.over = !keeps;
        let (head, body) = match head {
            Ok(head) => (head, body),
            Err(_) => (Head::new(Status::INTERNAL_SERVER_ERROR, "text/plain"), 0),
        };
        #[cfg(feature = "defmt")]
        defmt::info!("answered {}, {} octets", head.status, body);
        let mut room = [0; HEAD_MAX];
        let mut w = Writer::new(&mut room);
        // It has room: the longest phrase and content type are shorter.
        let _ = write_head(&head, body, keeps, challenges, &mut w);
        let start = HEAD_MAX.saturating_sub(w.len());
        let to = self.reply.get_mut(start..).unwrap_or_default();
        to.iter_mut().zip(w.written()).for_each(|(to, from)| *to = *from);
        let end = if has_body { HEAD_MAX.saturating_add(body) } else { HEAD_MAX };
        self.left = start..end;
        self.waits = None;
        self.line.answered();
    }

    /// Has the client send the body that it has announced.
    fn go_on(&mut self) {
        let mut w = Writer::new(&mut self.reply);
        w.put(b"HTTP/1.1 100 Continue\r\n\r\n");
        self.left = 0..w.len();
    }
}

/// How a reply goes.
#[derive(Clone, Copy)]
struct How {
    /// Whether another request may follow.
    keeps: bool,
    /// Whether its body goes.
    has_body: bool,
    /// Whether one who is not known is asked for a password by HTTP Basic.
    challenges: bool,
}

impl How {
    /// That of what is no request: none may follow.
    const LAST: Self = Self { keeps: false, has_body: true, challenges: false };
}

/// Whether what is asked takes HTTP Basic credentials.
fn takes_basic(apis: &'static [&'static BoardApi], incoming: &Incoming<'_>) -> bool {
    let method = Method::ALL.into_iter().find(|own| own.name() == incoming.method);
    match method.map(|method| answer::served(apis, method, incoming.path)) {
        Some(Served::Call(_, call)) => {
            call.schemes().iter().any(|own| matches!(own, Scheme::Basic | Scheme::BasicKey))
        }
        _ => false,
    }
}

/// What a request comes to.
enum Routed {
    /// Nothing yet: it is asked again.
    Later,
    /// A reply.
    Said(Result<Head, Error>),
}

/// A reply of words.
fn plain(status: Status, words: &str, w: &mut Writer<'_>) -> Result<Head, Error> {
    w.text(words)?;
    w.text("\n")?;
    Ok(Head::new(status, "text/plain"))
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
        _ => Routed::Said(asked(incoming, desk, w)),
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

/// Answers a request to a vendor's interface.
#[inline(never)]
fn asked<K: Keep>(
    incoming: &Incoming<'_>,
    desk: &mut Desk<'_, K>,
    w: &mut Writer<'_>,
) -> Result<Head, Error> {
    let method = Method::ALL.into_iter().find(|own| own.name() == incoming.method);
    let Some(method) = method else {
        return plain(Status::METHOD_NOT_ALLOWED, "no interface has this method", w);
    };
    let apis = desk.apis;
    if let Served::Nothing = answer::served(apis, method, incoming.path) {
        return plain(Status::NOT_FOUND, "no interface has this path", w);
    }
    let request = Request::new(method, incoming.path, incoming.query.as_bytes(), incoming.body);
    let mut request = Request { headers: &incoming.headers, ..request };
    let mut decoded = [0; BASIC_MAX];
    if let Some(value) = request.header("authorization").filter(|value| !value.is_empty()) {
        request.authorization = Authorization::read(value, &mut decoded);
    }
    answer_with(apis, desk, &request, |said| {
        let head = said.emit(w);
        match head {
            // It is done, and there is no room to say it all: that is told as it is.
            Err(Error { kind: ErrorKind::Full, .. }) => {
                Ok(Head::new(Status::INTERNAL_SERVER_ERROR, "text/plain"))
            }
            head => head,
        }
    })
}
