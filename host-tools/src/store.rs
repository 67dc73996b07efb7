//! What the gateway keeps: messages with their parts, callbacks owed, ids that were used.
//!
//! Everything here is a function of what it is told and when; sockets, modems and clocks are
//! [`gateway`](crate::gateway)'s business. The store lives in memory: it ends with the process.

mod accepting;
mod callbacks;
mod inbox;
mod orders;
mod preparing;
mod receiving;
mod sending;
mod sessions;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use septet::api::{Api, State};
use septet::reassemble::Reassembler;
use septet::tpdu::codes::Status;
use septet_firmware::seen::Seen;

use callbacks::Callback;
pub use callbacks::{DueCallback, Outcome as CallbackOutcome, OwnedCallback};
use orders::{OrderId, Orders};
pub use sending::same_number;

use crate::Failed;
use crate::accounts::{Verifier, random};
use crate::body::Body;
use crate::callbacks::Policy;
use crate::clock;
use crate::config::Config;

/// How long a message may wait for a modem and then for its reports. Afterwards it is expired where
/// it was not sent, and unknown where it was.
const MESSAGE_WINDOW: Duration = Duration::from_secs(72 * 60 * 60);

/// How long parts of a received message wait for the others.
const REASSEMBLY_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Number of a message, in the order of acceptance.
pub type MessageId = u64;

/// An account, an interface, and a key that the account gave to a request.
type UsedKey = (usize, &'static str, String);

/// The request that a key stands for.
struct Used {
    fingerprint: u64,
    order: OrderId,
}

/// Number of a callback.
pub type CallbackId = u64;

/// A message that was accepted and is not final: one body to one recipient.
struct Message {
    account: usize,
    /// The interface that it came by, and its report goes by.
    api: &'static Api,
    /// The request that it came with, and its place in it.
    order: OrderId,
    index: usize,
    recipient: String,
    /// Whether a delivery report is wanted.
    report: bool,
    /// How long the network tries, in seconds.
    validity: Option<u32>,
    class: Option<u8>,
    protocol: u8,
    /// What was asked besides and changes nothing.
    noted: Arc<Noted>,
    /// The modem that sends it, once one does: parts of one message come from one number.
    modem: Option<usize>,
    /// Whether the sender chose the modem.
    modem_chosen: bool,
    body: Arc<Body>,
    /// The state of each part of the body.
    parts: Vec<PartState>,
    /// What the network said last (TP-ST).
    status: Option<u8>,
    /// How often the present part was refused for a passing reason.
    refusals: usize,
    /// When it is to be sent, where that is later.
    scheduled: Option<Timestamp>,
    /// When it was accepted, or released.
    accepted: Instant,
    /// Its time was over while a modem had a part of it.
    expired: bool,
}

/// What a customer asked and a modem cannot do.
#[derive(Debug, Default)]
struct Noted {
    /// A sender that is not carried: the handset sees the number of the SIM.
    sender_not_carried: Option<String>,
    /// Fields of the vendor's that change nothing.
    others: Vec<(&'static str, String)>,
}

/// `sender="Acme" not carried, price="0.00DKK"`.
impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sender) = &self.sender_not_carried {
            write!(f, "sender={sender:?} not carried ")?;
        }
        self.others.iter().try_for_each(|(name, value)| write!(f, "{name}={value:?} "))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartState {
    /// Not given to a modem.
    Waiting,
    /// Given to a modem.
    Sending,
    /// The service centre has it, under this reference.
    Sent(u8),
    /// Nothing more will change.
    Final(State),
}

impl Message {
    fn next_part(&self) -> Option<usize> {
        self.parts.iter().position(|part| *part == PartState::Waiting)
    }

    /// Whether a part of it was given to a modem.
    fn has_begun(&self) -> bool {
        self.parts.iter().any(|part| *part != PartState::Waiting)
    }

    /// The state of the whole, once every part is final: the worst of theirs.
    fn state(&self) -> Option<State> {
        let state = |part: &PartState| match part {
            PartState::Final(state) => Some(*state),
            _ => None,
        };
        self.parts.iter().map(state).collect::<Option<Vec<State>>>()?.into_iter().max()
    }
}

/// A modem, as far as the store cares.
#[derive(Default)]
struct Line {
    ready: bool,
    /// Whether its network is known not to carry messages.
    without_network: bool,
    /// Messages that only this modem may send.
    queue: VecDeque<MessageId>,
    /// The message whose parts go out now.
    current: Option<MessageId>,
    /// The part that the modem has.
    sending: Option<usize>,
    /// Parts whose report is awaited, by the reference that the modem gave them; the latest last.
    awaited: HashMap<u8, Vec<(MessageId, usize)>>,
    /// Reports that came while the modem had not yet named the part that it has.
    early: Vec<(u8, String, Status)>,
    reassembler: Box<Reassembler<REASSEMBLY_PARTS>>,
    /// What it has handed over: after a restart a modem, or the network, may do it again.
    seen: Box<Seen<SEEN>>,
}

/// How many parts of unfinished messages are kept for each modem.
const REASSEMBLY_PARTS: usize = 512;

/// How many messages of each modem are known again.
const SEEN: usize = 512;

/// What the gateway keeps.
pub struct MemoryStore {
    config: Arc<Config>,
    policy: Policy,
    verifier: Arc<Verifier>,
    messages: BTreeMap<MessageId, Message>,
    next_message: MessageId,
    /// Messages that any modem may send.
    queue: VecDeque<MessageId>,
    /// Messages that wait after a refusal.
    delayed: BTreeSet<(Instant, MessageId)>,
    /// Messages that are to be sent later, by the clock on the wall.
    scheduled: BTreeSet<(Timestamp, MessageId)>,
    lines: Vec<Line>,
    /// Messages by the time they were accepted.
    accepted: BTreeSet<(Instant, MessageId)>,
    /// What came with each key of a customer's.
    used: HashMap<UsedKey, Used>,
    /// The keys with the time until which they count.
    used_until: BTreeSet<(Instant, UsedKey)>,
    orders: Orders,
    /// What each account has left; `None` where it has no limit.
    credits: Vec<Option<u64>>,
    sessions: sessions::Sessions,
    /// What was received for each account.
    inboxes: Vec<inbox::Messages>,
    next_id: u64,
    callbacks: BTreeMap<CallbackId, Callback>,
    next_callback: CallbackId,
    due: BTreeSet<(Instant, CallbackId)>,
    next_inbound: u64,
    reference: u8,
    start: Instant,
    /// The time that the clock on the wall showed when the store was told the time last.
    wall: Timestamp,
    now: Instant,
}

impl MemoryStore {
    /// An empty store. It admits whom `verifier` knows.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(config: Arc<Config>, verifier: Arc<Verifier>, now: Instant) -> Result<Self, Failed> {
        // A fresh process does not start with the references that the last one started with, so that
        // a handset does not take its parts for those of an old message.
        let mut reference = [0];
        random(&mut reference)?;
        let start_wall = Timestamp::now();
        let accounts = config.accounts.len();
        Ok(Self {
            policy: Policy::new(config.callbacks.allow.clone()),
            verifier,
            messages: BTreeMap::new(),
            next_message: 1,
            queue: VecDeque::new(),
            delayed: BTreeSet::new(),
            scheduled: BTreeSet::new(),
            lines: config.modems.iter().map(|_| Line::default()).collect(),
            accepted: BTreeSet::new(),
            used: HashMap::new(),
            used_until: BTreeSet::new(),
            orders: Orders::default(),
            credits: config.accounts.iter().map(|account| account.credits).collect(),
            sessions: sessions::Sessions::new(accounts)?,
            inboxes: (0..accounts).map(|_| inbox::Messages::default()).collect(),
            // Ids that are not used again after a restart, and fit into 31 bits.
            next_id: u64::try_from(start_wall.as_second()).unwrap_or_default(),
            callbacks: BTreeMap::new(),
            next_callback: 1,
            due: BTreeSet::new(),
            // No id is used again after a restart, where less than a message a second came.
            next_inbound: u64::try_from(start_wall.as_second()).unwrap_or_default(),
            reference: reference[0],
            start: now,
            wall: start_wall,
            now,
            config,
        })
    }

    /// Tells the time. What is told after counts as happening then.
    pub fn set_now(&mut self, now: Instant) {
        // The clock on the wall may be set at any time. A test tells times that are not yet.
        let ahead = now.saturating_duration_since(Instant::now());
        let wall = Timestamp::now();
        self.wall = wall.checked_add(ahead).unwrap_or(wall);
        self.now = now;
        while let Some(&(at, id)) = self.scheduled.first()
            && at <= self.wall
        {
            self.scheduled.pop_first();
            self.release_scheduled(id);
        }
        while let Some(&(at, id)) = self.delayed.first()
            && at <= now
        {
            self.delayed.pop_first();
            self.enqueue(id);
        }
        self.expire_parts();
        self.forget_used(now);
        self.orders.forget(now);
        while let Some(&(accepted, id)) = self.accepted.first()
            && now.duration_since(accepted) >= MESSAGE_WINDOW
        {
            self.accepted.pop_first();
            self.expire(id);
        }
    }

    /// Ends a message whose time is over.
    fn expire(&mut self, id: MessageId) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        message.expired = true;
        for (number, part) in message.parts.iter_mut().enumerate() {
            *part = match *part {
                PartState::Waiting => PartState::Final(State::Expired),
                PartState::Sent(reference) => {
                    if let Some(modem) = message.modem {
                        self.lines[modem].forget(reference, id, number);
                    }
                    PartState::Final(State::Unknown)
                }
                // The modem tells soon.
                PartState::Sending | PartState::Final(_) => *part,
            };
        }
        self.settle(id);
    }

    /// When something is due next without being told anything.
    pub fn next_due(&self) -> Option<Instant> {
        let first = |set: &BTreeSet<(Instant, u64)>| set.first().map(|(at, _)| *at);
        let oldest = first(&self.accepted).map(|accepted| accepted + MESSAGE_WINDOW);
        let parts = self.lines.iter().filter_map(|line| line.reassembler.oldest_ms());
        let parts =
            parts.min().map(|ms| self.start + Duration::from_millis(ms) + REASSEMBLY_WINDOW);
        let scheduled = self.scheduled.first();
        let scheduled = scheduled.map(|(at, _)| self.now + clock::until(self.wall, *at));
        [first(&self.delayed), first(&self.due), oldest, parts, scheduled]
            .into_iter()
            .flatten()
            .min()
    }

    /// How many messages wait for a modem or have one that sends them.
    fn waiting(&self) -> usize {
        let lines = self.lines.iter();
        let with_lines: usize =
            lines.map(|line| line.queue.len() + usize::from(line.current.is_some())).sum();
        self.queue.len() + self.delayed.len() + with_lines
    }

    /// Has a message go whose time has come.
    fn release_scheduled(&mut self, id: MessageId) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        message.scheduled = None;
        message.accepted = self.now;
        self.accepted.insert((self.now, id));
        if let Some(sms) = self.orders.sms(message.order, message.index) {
            sms.state = State::Waiting;
        }
        self.enqueue(id);
    }

    fn enqueue(&mut self, id: MessageId) {
        let Some(message) = self.messages.get(&id) else { return };
        match message.modem {
            Some(modem) => self.lines[modem].queue.push_back(id),
            None => self.queue.push_back(id),
        }
    }
}

impl Line {
    /// Awaits no report of a part any more.
    fn forget(&mut self, reference: u8, id: MessageId, number: usize) {
        if let Some(awaited) = self.awaited.get_mut(&reference) {
            awaited.retain(|part| *part != (id, number));
            if awaited.is_empty() {
                self.awaited.remove(&reference);
            }
        }
    }
}
