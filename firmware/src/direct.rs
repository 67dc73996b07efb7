//! The smallest gateway: it keeps nothing. A request is answered when its message was sent, or was not.
//!
//! It takes one request at a time, for one recipient, of one account, over a serial cable. While the
//! message is with the modem the client waits, and nothing else is read. What it is told is what is known:
//! accepted is what the service centre has, every part of it.

use embedded_io::{Read, Write};
use heapless::Vec;
use septet::answer::{Store, refuse};
use septet::api::{
    Answer, Content, Credentials, Head, Method, Op, Reason, Receipt, Refusal, Request, Sent,
    Status, Submit, Test,
};
use septet::at::Class;
use septet::fields::Rows;
use septet::parts::{Envelope, PART_MAX, Parts};
use septet::pdu::Pdu;
use septet::text::Text;
use septet::wire::Writer;

use crate::apis::{BoardApi, asked, is_same, takes_basic};
use crate::blocking::{Driver, Turn, at_once};
use crate::board::Board;
use crate::engine::{Event, EventKind, Instant, NotSent, Outcome, Ticket};
use crate::http::reply::{How, Reply, plain};
use crate::http::{self, Line};
use crate::msisdn::Msisdn;
use crate::submit::{can_be_sent, id, put_parts};

/// The most parts of a message.
pub const PARTS_MAX: usize = 4;

/// How many octets are read from the host line at a time.
const REST: usize = 64;

/// The octets of a message's parts.
type Room = Vec<u8, { 1 + PARTS_MAX * PART_MAX }>;

/// Who may ask.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Its name.
    pub name: &'static str,
    /// Its password or key.
    pub secret: &'static str,
}

/// A gateway that keeps nothing, with room for requests of `IN` octets and replies of `OUT`.
#[derive(Debug)]
pub struct Direct<const IN: usize, const OUT: usize> {
    apis: &'static [&'static BoardApi],
    account: Account,
    line: Line<IN>,
    reply: Reply<OUT>,
    /// What the client waits for.
    message: Option<Message>,
    /// What no other board has, so that ids are its own.
    seed: u64,
    /// The number of the last request.
    number: u32,
    ready: bool,
}

/// A message that is being sent.
#[derive(Debug)]
struct Message {
    to: Msisdn,
    validity: Option<u32>,
    class: Option<u8>,
    protocol: u8,
    parts: Room,
    /// The part that is the next one, counted from 0.
    next: u8,
    /// Whether the modem has one.
    is_out: bool,
}

impl<const IN: usize, const OUT: usize> Direct<IN, OUT> {
    /// A gateway with this account. `seed` is a number that no other board has, and `number` one that is
    /// another one at each start: ids are made of them.
    pub const fn new(
        apis: &'static [&'static BoardApi],
        account: Account,
        seed: u64,
        number: u32,
    ) -> Self {
        Self {
            apis,
            account,
            line: Line::new(),
            reply: Reply::new(),
            message: None,
            seed,
            number,
            ready: false,
        }
    }

    /// Takes octets from the host line, and returns how many. None are taken while a request waits.
    pub fn hear(&mut self, octets: &[u8], now: Instant) -> usize {
        if !self.reply.is_gone() {
            return 0;
        }
        self.line.receive(octets, now)
    }

    /// The octets that are to go over the host line now; [`written`](Self::written) tells how many went.
    pub fn reply(&mut self, now: Instant) -> &[u8] {
        self.line.pass(now);
        if self.reply.is_gone() && self.message.is_none() {
            self.answer();
        }
        if self.message.is_some() { &[] } else { self.reply.left() }
    }

    /// Tells that so many octets of the reply went.
    pub fn written(&mut self, octets: usize) {
        self.reply.written(octets);
    }

    /// When [`reply`](Self::reply) is to be called though nothing comes.
    pub fn deadline(&self) -> Option<Instant> {
        self.line.deadline()
    }

    /// The part that the modem is to send now, and whether another one follows: to be called when it is
    /// ready. Where the modem does not take it, [`put_back`](Self::put_back) is told.
    #[inline(never)]
    pub fn next_part(&mut self) -> Option<(Pdu, bool)> {
        let message = self.message.as_mut().filter(|own| !own.is_out)?;
        let parts = Parts::read(&message.parts)?;
        let mut digits = [0; 20];
        let envelope = Envelope {
            to: message.to.digits(&mut digits),
            service_centre: None,
            report: false,
            validity: message.validity,
            class: message.class,
            protocol: message.protocol,
        };
        let part = usize::from(message.next);
        let pdu = parts.pdu(part, &envelope).ok().flatten()?;
        message.is_out = true;
        Some((pdu, part + 1 < parts.len()))
    }

    /// Tells that the modem did not take the part of [`next_part`](Self::next_part).
    pub const fn put_back(&mut self) {
        if let Some(message) = &mut self.message {
            message.is_out = false;
        }
    }

    /// Takes what happened with the modem. What was received is not wanted: it stays with the modem, which
    /// is to be told so.
    #[inline(never)]
    pub fn event(&mut self, event: Event) -> Option<Ticket> {
        match event.kind {
            EventKind::Ready => self.ready = true,
            EventKind::Lost(_) | EventKind::Rebooted => {
                self.ready = false;
                // What the modem has ends by itself.
                if self.message.as_ref().is_some_and(|own| !own.is_out) {
                    self.ends(&Outcome::NotSent(NotSent::Lost));
                }
            }
            EventKind::Finished(outcome) => self.ends(&outcome),
            EventKind::Received { ticket, .. } => return Some(ticket),
            _ => {}
        }
        None
    }

    /// A part has ended so: the next one follows, or the client is told.
    fn ends(&mut self, outcome: &Outcome) {
        let Some(message) = &mut self.message else { return };
        message.is_out = false;
        let reason = match outcome {
            Outcome::Sent { .. } => {
                message.next = message.next.saturating_add(1);
                let parts = Parts::read(&message.parts).map_or(0, |parts| parts.len());
                if usize::from(message.next) < parts {
                    return;
                }
                None
            }
            // Again, what was sent before would be sent twice.
            Outcome::Refused { .. } | Outcome::NotSent(_) if message.next > 0 => {
                Some(Reason::Unknown)
            }
            Outcome::Refused { class, .. } if class == &Class::Permanent => Some(Reason::Other),
            Outcome::Refused { .. } | Outcome::NotSent(_) => Some(Reason::Busy),
            Outcome::Unknown(_) => Some(Reason::Unknown),
        };
        self.message = None;
        if let Some(reason) = reason {
            self.refuse(reason);
        }
        self.line.answered();
    }

    /// Says in the vendor's words why it was not sent, in place of what was to be said.
    fn refuse(&mut self, reason: Reason) {
        let Some(Ok(incoming)) = self.line.request() else { return };
        let Some(method) = Method::ALL.into_iter().find(|own| own.name() == incoming.method) else {
            return;
        };
        let request = Request::new(method, incoming.path, incoming.query.as_bytes(), incoming.body);
        let request = Request { headers: &incoming.headers, ..request };
        let mut w = self.reply.body();
        let head = refuse(self.apis, &request, reason, &mut w);
        let body = w.len();
        let how = How { keeps: incoming.keeps, has_body: true, challenges: false };
        self.reply.send(head, body, how);
    }

    /// Writes the reply to a request that is whole; where it has a message, that is sent first.
    #[inline(never)]
    fn answer(&mut self) {
        if self.line.expects() {
            self.reply.go_on();
            return;
        }
        let Some(request) = self.line.request() else { return };
        let mut w = self.reply.body();
        let (head, how) = match &request {
            Err(status) => (plain(*status, http::phrase(*status), &mut w), How::LAST),
            Ok(incoming) => {
                let has_body = incoming.method != "HEAD";
                let how = How { keeps: incoming.keeps, has_body, challenges: false };
                let mut desk = Desk {
                    account: &self.account,
                    message: &mut self.message,
                    seed: self.seed,
                    number: &mut self.number,
                    ready: self.ready,
                };
                let head = match (incoming.method, incoming.path) {
                    ("GET" | "HEAD", "/") => {
                        let words = if self.ready { "ready" } else { "the modem is not ready" };
                        plain(Status::OK, words, &mut w)
                    }
                    _ => asked(self.apis, incoming, &mut desk, &mut w),
                };
                let is_refused = |head: &Head| head.status == Status::UNAUTHORIZED;
                let challenges =
                    head.as_ref().is_ok_and(is_refused) && takes_basic(self.apis, incoming);
                (head, How { challenges, ..how })
            }
        };
        let body = w.len();
        drop(request);
        self.reply.send(head, body, how);
        // The client may have to be told something else.
        if self.message.is_none() {
            self.line.answered();
        }
    }
}

/// A gateway that keeps nothing, with its host line, whose `read` and `write` come back at once, with
/// [`TimedOut`](embedded_io::ErrorKind::TimedOut), [`WriteZero`](embedded_io::ErrorKind::WriteZero) or 0 where
/// nothing came, or there is no room. A turn reads at most 64 octets of each line.
#[derive(Debug)]
pub struct Host<H, const IN: usize, const OUT: usize> {
    /// The gateway.
    pub gateway: Direct<IN, OUT>,
    /// The host line.
    pub port: H,
    /// What was read of it and not taken.
    rest: Vec<u8, REST>,
}

impl<H: Read + Write, const IN: usize, const OUT: usize> Host<H, IN, OUT> {
    /// A gateway on this line.
    pub const fn new(gateway: Direct<IN, OUT>, port: H) -> Self {
        Self { gateway, port, rest: Vec::new() }
    }

    /// Does what is to be done on both lines, once. Errors of a line are told; the other line goes on.
    pub fn turn<P, N, B>(
        &mut self,
        modem: &mut Driver<P, N, B>,
        now: Instant,
    ) -> Turn<H::Error, P::Error>
    where
        P: Read + Write,
        N: FnMut() -> Instant,
        B: Board<P>,
    {
        let host = self.host(now);
        if modem.engine().is_ready()
            && let Some((pdu, more)) = self.gateway.next_part()
        {
            let taken = if more { modem.send_more(&pdu) } else { modem.send(&pdu) };
            if taken.is_err() {
                self.gateway.put_back();
            }
        }
        let turn = modem.turn();
        Turn::of(host, turn, |event| {
            if let Some(ticket) = self.gateway.event(event) {
                modem.keep(&ticket);
            }
        })
    }

    /// Reads and writes the host line: whether anything went either way.
    fn host(&mut self, now: Instant) -> Result<bool, H::Error> {
        let read = if self.rest.is_empty() {
            let mut octets = [0; REST];
            let read = at_once(self.port.read(&mut octets));
            let came = octets.get(..*read.as_ref().unwrap_or(&0)).unwrap_or_default();
            let _ = self.rest.extend_from_slice(came);
            read
        } else {
            Ok(0)
        };
        let rest = core::mem::take(&mut self.rest);
        let taken = self.gateway.hear(&rest, now);
        let _ = self.rest.extend_from_slice(rest.get(taken..).unwrap_or_default());
        // Where nothing can be read, a reply goes all the same.
        let said = self.gateway.reply(now);
        let written = if said.is_empty() { 0 } else { at_once(self.port.write(said))? };
        self.gateway.written(written);
        Ok(read? > 0 || taken > 0 || written > 0)
    }
}

/// What is told of a message that was taken.
struct Taken {
    to: Msisdn,
    characters: u32,
    parts: u32,
}

/// What requests are answered from.
struct Desk<'d> {
    account: &'d Account,
    message: &'d mut Option<Message>,
    seed: u64,
    number: &'d mut u32,
    ready: bool,
}

impl Store<BoardApi> for Desk<'_> {
    type Account = ();

    fn admit<'a>(
        &mut self,
        _: &'static BoardApi,
        credentials: &Credentials<'a>,
    ) -> Result<(), Refusal<'a>> {
        let (name, secret) = match *credentials {
            Credentials::Password { user, password } => (Some(user), password),
            Credentials::Key { account, key } => (account, key),
            Credentials::Token(token) => (None, token),
            // Nobody has a session here.
            Credentials::Session { .. } => return Err(Refusal::plain(Reason::NoSession)),
            Credentials::AccessToken { user, token } => (Some(user), token),
        };
        let is_named = name.is_none_or(|name| name.is_empty() || name == *self.account.name);
        match (is_same(secret.0, self.account.secret), is_named) {
            (true, true) => Ok(()),
            (false, true) => Err(Refusal::plain(Reason::WrongPassword)),
            (_, false) => Err(Refusal::plain(Reason::UnknownUser)),
        }
    }

    fn perform<R>(
        &mut self,
        (): &(),
        api: &'static BoardApi,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let Op::Send(submit) = op else {
            let detail = Text::plain("this gateway only sends");
            return reply(&Answer::Refused(Refusal { detail, ..Refusal::plain(Reason::Other) }));
        };
        match self.take(submit) {
            Err(refusal) => reply(&Answer::Refused(refusal)),
            Ok(Taken { to, characters, parts }) => {
                let mut digits = [0; 20];
                let id = id(api.ids, *self.number, self.seed);
                let id = Text::plain(&id);
                let receipt = Receipt {
                    id,
                    recipient: Text::plain(to.digits(&mut digits)),
                    sender: submit.sender.unwrap_or(Text::EMPTY),
                    client_id: submit.client_id.unwrap_or(Text::EMPTY),
                    characters,
                    parts,
                };
                let used = submit.wants_used.then_some(u64::from(parts));
                let client_id = submit.client_id;
                let receipts = Rows::slice(core::slice::from_ref(&receipt));
                let id = Some(id);
                reply(&Answer::Sent(Sent { id, parts, used, client_id, receipts, ..Sent::new() }))
            }
        }
    }
}

impl Desk<'_> {
    /// Takes a message to be sent.
    #[inline(never)]
    fn take<'a>(&mut self, submit: &Submit<'a>) -> Result<Taken, Refusal<'a>> {
        let refused = |reason| Err(Refusal::plain(reason));
        can_be_sent(submit)?;
        // 0 is the number of no request.
        *self.number = self.number.checked_add(1).unwrap_or(1);
        let mut messages = submit.messages.iter();
        let Some((recipient, content)) = messages.next() else {
            return refused(Reason::Recipient);
        };
        if messages.next().is_some() {
            return refused(Reason::TooManyRecipients);
        }
        let Some(to) = Msisdn::of(&recipient) else {
            return Err(Refusal::new(Reason::Recipient, recipient.number));
        };
        let mut parts = Room::new();
        // All of its room.
        let _ = parts.resize_default(parts.capacity());
        let mut w = Writer::new(&mut parts);
        let reference = *self.number as u8;
        put_parts(submit, &content, reference, PARTS_MAX as u8, &mut w)?;
        let len = w.len();
        parts.truncate(len);
        let characters = match &content {
            Content::Text(filled) => filled.chars().count(),
            Content::Octets { segments, .. } => segments.iter().map(|own| own.len()).sum(),
        } as u32;
        let taken =
            Taken { to, characters, parts: Parts::read(&parts).map_or(0, |own| own.len()) as u32 };
        match submit.test {
            Some(Test::Fail) => return refused(Reason::Test),
            Some(Test::Succeed) => return Ok(taken),
            None if !self.ready => return refused(Reason::Busy),
            None => {}
        }
        *self.message = Some(Message {
            to,
            validity: submit.validity,
            class: submit.class,
            protocol: submit.protocol.unwrap_or(0),
            parts,
            next: 0,
            is_out: false,
        });
        Ok(taken)
    }
}
