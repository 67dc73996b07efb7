//! A gateway on a board: HTTP on the host line, the vendors' interfaces, an outbox that outlives a power
//! cut, and the modem's session behind it.
//!
//! [`Gateway`] has no input or output of its own, as the engine has none. It is told what comes over the
//! host line ([`hear`](Gateway::hear)) and what happens with the modem ([`event`](Gateway::event)); it
//! tells what goes over the host line ([`reply`](Gateway::reply)) and what is to be sent next
//! ([`next`](Gateway::next)). Of several boards each has a seed of its own.

mod answer;
pub mod blocking;
pub mod callback;
pub mod driver;
pub mod events;
#[cfg(feature = "flash")]
pub mod flash;
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
use septet::pdu::Pdu;
use septet::tpdu::Mt;

use self::events::Inbox;
use self::keep::{Keep, Trouble};
use self::outbox::{Next, Outbox};
use self::settings::{Sessions, Settings};
use self::tape::Tapes;
pub use crate::apis::{self, BoardApi};
use crate::engine::{self, Engine, Event, EventKind, Instant, Ticket};
pub use crate::http;
use crate::http::Line;
use crate::http::reply::Reply;
use crate::seen::Seen;
pub use crate::submit::{Id, id};

/// How long a client may wait for an event, in milliseconds.
const WAIT_MAX_MS: u32 = 30_000;

/// The most octets of what is told of the board's start.
pub const START_MAX: usize = 160;

/// How many octets are read from the host line at a time.
const REST: usize = 64;

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
    reply: Reply<OUT>,
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
            reply: Reply::new(),
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
        if !self.reply.is_gone() {
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
        if self.reply.is_gone() {
            self.answer(engine);
        }
        self.reply.left()
    }

    /// Tells that so many octets of the reply went.
    pub fn written(&mut self, octets: usize) {
        self.reply.written(octets);
    }

    /// Tells that a connection begins: what was under way with another one is forgotten.
    pub fn connected(&mut self) {
        self.line = Line::new();
        self.rest.clear();
        self.reply.written(usize::MAX);
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
        self.over && self.reply.is_gone()
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
        self.reply.is_gone() && self.line.is_idle()
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
}
