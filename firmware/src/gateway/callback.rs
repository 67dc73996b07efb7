//! Callbacks that a board makes itself: one on a network needs no host for its events.
//!
//! [`Gateway::callback`] writes the next one that is due as an HTTP request. The board looks the name up,
//! asks [`Gateway::lets_call`] about the address, connects, writes the request, reads the reply until the
//! other end closes, and hands it to [`Gateway::called`]. One is under way at a time; one that is not taken
//! is tried again while others go. Only http is called: a board has no TLS.

use core::net::Ipv4Addr;

use heapless::{String, Vec};
use septet::api::{
    Advice, Answer, Asked, Asking, DateTime, Emitted, How, Ids, Inbound, Op, Payload, Reply,
    Report, State, Status, When, Zone,
};
use septet::fields::Rows;
use septet::octets::Octets;
use septet::text::Text;
use septet::tpdu::Timestamp;
use septet::tpdu::dcs::Class;
use septet::wire::Writer;

use super::Gateway;
use super::events::{Events, Inbox, RECEIVED_MAX, Whole, is_owed};
use super::keep::{Keep, Key, Kind};
use super::outbox::{MESSAGES_MAX, Outbox};
use super::record::{PARTS_MAX, REQUEST_MAX, Request};
use super::serve::message_id;
use super::settings::Settings;
use super::sms::Sms;
use crate::apis::BoardApi;
use crate::engine::Instant;
use crate::submit::id;

/// The most octets of a host's name.
pub const HOST_MAX: usize = 64;

/// The most headers of a reply.
const HEADERS_MAX: usize = 24;

/// How long after the first try the second one comes, in milliseconds; each time after, twice as long.
const FIRST_MS: u32 = 1_000;

/// The longest time between two tries, in milliseconds.
const LONGEST_MS: u32 = 300_000;

/// The most digits and signs of a sender.
const SENDER_MAX: usize = 24;

/// A callback that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Whom to connect to: a name, or an IPv4 address.
    pub host: String<HOST_MAX>,
    /// The port.
    pub port: u16,
    /// How many octets the request has.
    pub len: usize,
}

/// An event whose callback was tried, or cannot be made.
#[derive(Clone, Copy, Debug)]
struct Tried {
    event: u32,
    times: u8,
    /// When it is tried again; `None`: never.
    due: Option<Instant>,
}

/// What is known of the callbacks: beside the gateway, since only a board on a network makes them.
#[derive(Default)]
pub struct Callbacks {
    tried: Vec<Tried, { MESSAGES_MAX + RECEIVED_MAX }>,
    under_way: Option<(u32, &'static dyn Asking)>,
}

impl core::fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Callbacks").field("tried", &self.tried).finish_non_exhaustive()
    }
}

impl Callbacks {
    fn is_due(&self, event: u32, now: Instant) -> bool {
        let tried = self.tried.iter().find(|own| own.event == event);
        tried.is_none_or(|own| own.due.is_some_and(|due| due <= now))
    }

    fn put_off(&mut self, event: u32, now: Instant) {
        if !self.tried.iter().any(|own| own.event == event) {
            // There is room for every event that there can be.
            let _ = self.tried.push(Tried { event, times: 0, due: None });
        }
        if let Some(own) = self.tried.iter_mut().find(|own| own.event == event) {
            let factor = 1_u32.checked_shl(own.times.into()).unwrap_or(u32::MAX);
            own.due = Some(now.after(FIRST_MS.saturating_mul(factor).min(LONGEST_MS)));
            own.times = own.times.saturating_add(1);
        }
    }

    fn never(&mut self, event: u32) {
        self.tried.retain(|own| own.event != event);
        let _ = self.tried.push(Tried { event, times: 0, due: None });
    }

    /// Forgets what is no event any more.
    fn prune(&mut self, outbox: &Outbox, inbox: &Inbox) {
        self.tried.retain(|own| {
            let number = own.event >> 1;
            match own.event & 1 {
                0 => outbox.message(number).is_some_and(|sms| is_owed(&sms)),
                _ => inbox.has(number),
            }
        });
    }

    /// The received message that is never called for, and came first.
    fn unwanted(&self) -> Option<u32> {
        let never = self.tried.iter().filter(|own| own.event & 1 == 1 && own.due.is_none());
        never.map(|own| own.event).min()
    }
}

/// What callbacks are made of.
struct Maker<'g> {
    apis: &'static [&'static BoardApi],
    settings: &'g Settings,
    seed: u64,
}

/// A request that was written, and who reads its reply.
type Made = (Callback, &'static dyn Asking);

impl<K: Keep, const IN: usize, const OUT: usize> Gateway<K, IN, OUT> {
    /// The next callback that is due, its request written into `room`, a third of which must have room for
    /// it; 6 KiB are enough for the longest. [`called`](Self::called) is to be told what came of it.
    pub fn callback(
        &mut self,
        callbacks: &mut Callbacks,
        room: &mut [u8],
        now: Instant,
    ) -> Option<Callback> {
        self.now = now;
        callbacks.prune(&self.outbox, &self.inbox);
        self.make_room(callbacks);
        let Self { outbox, inbox, keep, settings, apis, seed, .. } = self;
        let maker = Maker { apis, settings, seed: *seed };
        let mut made: Option<(u32, Made)> = None;
        for sms in outbox.messages().filter(is_owed) {
            let event = sms.number << 1;
            if !callbacks.is_due(event, now) {
                continue;
            }
            made = maker.report(sms, keep, room).map(|made| (event, made));
            if made.is_some() {
                break;
            }
            callbacks.never(event);
        }
        if made.is_none() && !inbox.is_empty() {
            inbox.visit(keep, &mut |numbers, whole| {
                let event = numbers.first().copied().unwrap_or_default() << 1 | 1;
                if callbacks.is_due(event, now) {
                    made = maker.received(event, whole, room).map(|made| (event, made));
                    if made.is_none() {
                        callbacks.never(event);
                    }
                }
                made.is_some()
            });
        }
        let (event, (callback, endpoint)) = made?;
        callbacks.under_way = Some((event, endpoint));
        Some(callback)
    }

    /// Whether a callback may go to an address: a public one, or one of the network that the settings
    /// allow. It is asked of what a name resolves to, when the connection is made.
    pub fn lets_call(&self, address: Ipv4Addr) -> bool {
        self.settings.lets_call(address)
    }

    /// Tells what the other end has answered to the callback that is under way: its whole reply, or nothing
    /// where it was not reached, or did not answer.
    pub fn called(&mut self, callbacks: &mut Callbacks, reply: &[u8], now: Instant) {
        self.now = now;
        let Some((event, endpoint)) = callbacks.under_way.take() else { return };
        match taken(endpoint, reply) {
            Some(true) => {
                let mut events = Events {
                    apis: self.apis,
                    outbox: &mut self.outbox,
                    inbox: &mut self.inbox,
                    keep: &mut self.keep,
                    settings: &self.settings,
                    seed: self.seed,
                };
                // Where that is not kept it is told again, as one that was not taken.
                if events.acknowledge(event).is_err() {
                    callbacks.put_off(event, now);
                }
            }
            Some(false) => callbacks.never(event),
            None => callbacks.put_off(event, now),
        }
    }

    /// Makes room for what is received: a message that nobody is called for, or that is not wanted, goes when
    /// another one needs the room.
    fn make_room(&mut self, callbacks: &mut Callbacks) {
        let Some(event) = callbacks.unwanted().filter(|_| self.inbox.is_full()) else { return };
        let mut events = Events {
            apis: self.apis,
            outbox: &mut self.outbox,
            inbox: &mut self.inbox,
            keep: &mut self.keep,
            settings: &self.settings,
            seed: self.seed,
        };
        // What cannot be removed now stays.
        let _ = events.acknowledge(event);
        callbacks.prune(&self.outbox, &self.inbox);
    }
}

/// Whether a reply takes a callback, or does not want it; `None`: it is to be tried again.
fn taken(endpoint: &dyn Asking, reply: &[u8]) -> Option<bool> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(reply).ok()? else { return None };
    let mut headers = response.headers.iter();
    let content_type = headers.find(|own| own.name.eq_ignore_ascii_case("content-type"));
    let content_type = content_type.and_then(|own| core::str::from_utf8(own.value).ok());
    let reply = Reply {
        status: Status(response.code?),
        content_type: content_type.unwrap_or_default(),
        body: reply.get(head..)?,
    };
    match endpoint.parse_reply(&reply) {
        Answer::Taken => Some(true),
        answer if answer.advice() == Advice::RetryLater => None,
        _ => Some(false),
    }
}

impl Maker<'_> {
    /// The callback of a report; `None` where neither the request nor the settings name a URL that a board
    /// can call.
    #[inline(never)]
    fn report(&self, sms: &Sms, keep: &mut impl Keep, room: &mut [u8]) -> Option<Made> {
        let mut kept = [0; REQUEST_MAX];
        let found = keep.get(Key::new(Kind::Request, sms.request), &mut kept).ok()?;
        let request = Request::read(kept.get(..found?)?)?;
        let callback = Some(request.callback).filter(|own| !own.is_empty());
        let url = Url::read(callback.unwrap_or(&self.settings.reports))?;
        let api = self.apis.get(usize::from(sms.api))?;
        let endpoint = api.report?;
        let message = message_id(api, sms, self.seed);
        let notification = id(Ids::Hex20, sms.number << 1, self.seed);
        let mut digits = [0; 20];
        let client_id = Text::plain(request.client_id);
        // 0 is also what is there before the network has said anything.
        let status = sms.known.status;
        let is_known = status != 0 || sms.state() == State::Delivered;
        let report = Report {
            notification: Some(Text::plain(&notification)),
            id: Some(Text::plain(&message)),
            client_id: Some(client_id).filter(|own| !own.is_empty()),
            recipient: Some(Text::plain(sms.to.digits(&mut digits))),
            status: is_known.then_some(status),
            done: when(api, sms.known.done),
            parts: Some(sms.known.fates.len() as u32),
            ..Report::new(sms.state())
        };
        let how = How { carrier: request.carrier, ..How::default() };
        made(endpoint, &url, Op::Report(report), &how, room)
    }

    /// The callback of a message that was received; `None` where no keyword has a URL for it, or the
    /// settings do not say by which interface and to which number it goes.
    #[inline(never)]
    fn received(&self, event: u32, whole: Whole<'_, '_>, room: &mut [u8]) -> Option<Made> {
        let Settings { number, interface, keywords, .. } = self.settings;
        let api = self.apis.iter().find(|api| api.name == *interface)?;
        let endpoint = api.inbound?;
        if number.is_empty() {
            return None;
        }
        let Whole { deliver, text, octets, .. } = whole;
        let third = room.len() / 3;
        let (room, own) = room.split_at_mut(room.len() - third);
        let mut w = Writer::new(own);
        for c in text {
            w.text(c.encode_utf8(&mut [0; 4])).ok()?;
        }
        let text = core::str::from_utf8(w.into_written()).ok()?;
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let keyword = keywords.iter().find(|own| own.word.eq_ignore_ascii_case(first))?;
        let url = Url::read(&keyword.url)?;
        let mut word = keyword.word.clone();
        if api.upper_case_keywords {
            word.make_ascii_uppercase();
        }
        let mut segments = Vec::<Octets<'_>, PARTS_MAX>::new();
        for part in octets {
            segments.push(Octets::plain(part.octets)).ok()?;
        }
        let has_header = deliver.user_data.has_header;
        let body = if segments.is_empty() {
            Payload::Text(Text::plain(text))
        } else {
            Payload::Octets { segments: Rows::slice(&segments), has_header }
        };
        let mut sender = String::<SENDER_MAX>::new();
        deliver.originator.printable().try_for_each(|c| sender.push(c)).ok()?;
        let (mut name, counted) = (String::<40>::new(), id(Ids::Number, event, self.seed));
        if matches!(api.inbound_ids, Ids::OfSender) {
            name.push_str(&sender).and_then(|()| name.push(':')).ok()?;
        }
        let own = match api.inbound_ids {
            Ids::Hex20 => id(Ids::Hex20, event, self.seed),
            _ => counted,
        };
        name.push_str(&own).ok()?;
        let inbound = Inbound {
            keyword: Some(Text::plain(&word)),
            body: Some(body),
            rest: Some(Text::plain(rest.trim_start())).filter(|rest| !rest.is_empty()),
            flash: deliver.coding.class() == Some(Class::Flash),
            received: when(api, deliver.service_centre_time),
            ..Inbound::new(Text::plain(&name), Text::plain(&sender), Text::plain(number))
        };
        made(endpoint, &url, Op::Inbound(inbound), &How::default(), room)
    }
}

/// A point in time as an interface tells it; `None` where it is none. An account's zone is the network's
/// own.
fn when(api: &BoardApi, time: Timestamp) -> Option<When<'static>> {
    let civil = time.civil()?;
    let at = DateTime {
        year: 2000 + u16::from(civil.year),
        month: civil.month,
        day: civil.day,
        hour: civil.hour,
        minute: civil.minute,
        second: civil.second,
    };
    let offset = Zone::Offset(i16::from(civil.zone_quarters) * 15);
    match api.times {
        Zone::Account => Some(When::Civil { at, zone: Zone::Account }),
        _ => When::Civil { at, zone: offset }.in_utc().map(When::utc),
    }
}

/// Writes a callback into the first half of `room`, of what it makes in the second.
#[inline(never)]
fn made(
    endpoint: &'static dyn Asking,
    url: &Url<'_>,
    op: Op<'_>,
    how: &How,
    room: &mut [u8],
) -> Option<Made> {
    let half = room.len() / 2;
    let (request, rest) = room.split_at_mut(half);
    let asked = Asked { credentials: None, op };
    let emitted = endpoint.emit_request(&asked, how, rest).ok()?;
    let mut w = Writer::new(request);
    write(url, &emitted, endpoint.keeps_query(), &mut w).ok()?;
    let host = String::try_from(url.host).ok()?;
    Some((Callback { host, port: url.port, len: w.len() }, endpoint))
}

/// Writes a request of HTTP/1.0, whose reply ends with its connection and has no chunks: RFC 9112, sections
/// 6.1 and 9.3.
fn write(
    url: &Url<'_>,
    emitted: &Emitted<'_>,
    keeps_query: bool,
    w: &mut Writer<'_>,
) -> Result<(), septet::Error> {
    w.text(emitted.method.name())?;
    w.text(" ")?;
    w.text(url.path)?;
    let own = if keeps_query { url.query } else { "" };
    let pieces = [own, emitted.query];
    for (piece, mark) in pieces.iter().filter(|own| !own.is_empty()).zip(["?", "&"]) {
        w.text(mark)?;
        w.text(piece)?;
    }
    w.text(" HTTP/1.0\r\nHost: ")?;
    w.text(url.authority)?;
    if let Some(content_type) = emitted.content_type {
        w.text("\r\nContent-Type: ")?;
        w.text(content_type)?;
        w.text("\r\nContent-Length: ")?;
        w.decimal(emitted.body.len() as u64)?;
    }
    w.text("\r\nConnection: close\r\n\r\n")?;
    w.octets(emitted.body)
}

/// What a board can call: `http://host:port/path?query`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Url<'a> {
    host: &'a str,
    port: u16,
    /// Host and port as they stand in the URL.
    authority: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Url<'a> {
    /// Reads a URL; `None` of what a board does not call: https, an IPv6 address, a URL with a password or
    /// with characters that have to be escaped.
    fn read(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") || !rest.bytes().all(|c| c.is_ascii_graphic()) {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)?),
            None => (authority, 80),
        };
        let is_name = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_');
        if host.is_empty() || host.len() > HOST_MAX || !host.bytes().all(is_name) {
            return None;
        }
        let path = if path.is_empty() { "/" } else { path };
        Some(Self { host, port, authority, path, query })
    }
}
