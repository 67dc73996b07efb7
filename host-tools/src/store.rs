//! What the gateway keeps: messages with their parts, callbacks owed, ids that were used.
//!
//! Everything here is a function of what it is told and when; sockets, modems and clocks are
//! [`gateway`](crate::gateway)'s business. The store lives in memory: it ends with the process.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;
use septet::api::{
    Answer, Api, Asked, Asking, Credentials, Inbound, Op, Reason, Refusal, Report, State, Submit,
};
use septet::at::Class;
use septet::error::{Error, ErrorKind};
use septet::pdu::Pdu;
use septet::reassemble::{self, Added, Reassembler};
use septet::text::{Charset, Text};
use septet::tpdu::udh::Reference;
use septet::tpdu::{Deliver, Mt, StatusReport};
use septet::wire::Writer;
use septet_firmware::engine::Outcome;
use tracing::{debug, info, warn};

use crate::Failed;
use crate::accounts::{Verifier, random};
use crate::callbacks::Policy;
use crate::config::{CallbackCharset, Config, Keyword, Retry, SenderRule};
use crate::encode::Sending;

/// How long a customer's id stands for the message that came with it.
const CLIENT_ID_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a message may wait for a modem and then for its reports. Afterwards it is expired where
/// it was not sent, and unknown where it was.
const MESSAGE_WINDOW: Duration = Duration::from_secs(72 * 60 * 60);

/// How long parts of a received message wait for the others.
const REASSEMBLY_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// How long after each refusal that may pass a message is tried again; then it is given up.
const REFUSED_BACKOFF: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
];

/// How many messages may wait for a modem. A request past that is to be tried again later.
const WAITING_MAX: usize = 100_000;

/// How many status reports are kept that came before the modem said which message they are of.
const EARLY_REPORTS_MAX: usize = 64;

/// Number of a message, in the order of acceptance.
pub type MessageId = u64;

/// An account and an id that it gave to a message.
type ClientId = (usize, String);

/// Number of a callback.
pub type CallbackId = u64;

/// A message that was accepted and is not final: one text to one recipient.
struct Message {
    account: usize,
    /// The interface that it came by, and its report goes by.
    api: &'static Api,
    client_id: Option<String>,
    recipient: String,
    callback: Option<Url>,
    /// The only modem that may send it, where the sender is the number of its SIM.
    modem: Option<usize>,
    parts: Vec<Part>,
    /// How often the network refused it for a passing reason.
    refusals: usize,
}

struct Part {
    pdu: Pdu,
    state: PartState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartState {
    /// Not given to a modem.
    Waiting,
    /// Given to a modem.
    Sending,
    /// The service centre has it.
    Sent,
    /// Nothing more will change.
    Final(State),
}

impl Message {
    fn next_part(&self) -> Option<usize> {
        self.parts.iter().position(|part| part.state == PartState::Waiting)
    }

    fn any_part_left(&self) -> bool {
        self.parts.iter().any(|part| part.state != PartState::Waiting)
    }

    /// The state of the whole, once every part is final: the worst of theirs.
    fn state(&self) -> Option<State> {
        let state = |part: &Part| match part.state {
            PartState::Final(state) => Some(state),
            _ => None,
        };
        self.parts.iter().map(state).collect::<Option<Vec<State>>>()?.into_iter().max()
    }
}

/// A modem, as far as the store cares.
#[derive(Default)]
struct Line {
    ready: bool,
    /// Messages that only this modem may send.
    queue: VecDeque<MessageId>,
    /// The message whose parts go out now.
    current: Option<MessageId>,
    /// The part that the modem has.
    sending: Option<usize>,
    /// Parts whose report is awaited, by the reference that the modem gave them; the latest last.
    awaited: HashMap<u8, Vec<(MessageId, usize)>>,
    /// Reports whose message the modem had not named when they came.
    early: VecDeque<(u8, String, State)>,
    reassembler: Box<Reassembler<REASSEMBLY_PARTS>>,
}

/// How many parts of unfinished messages are kept for each modem.
const REASSEMBLY_PARTS: usize = 512;

/// A callback that the customer has not taken yet.
struct Callback {
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

/// What the gateway keeps.
pub struct Store {
    config: Arc<Config>,
    policy: Policy,
    verifier: Verifier,
    messages: BTreeMap<MessageId, Message>,
    next_message: MessageId,
    /// Messages that any modem may send.
    queue: VecDeque<MessageId>,
    /// Messages that wait after a refusal.
    delayed: BTreeSet<(Instant, MessageId)>,
    lines: Vec<Line>,
    /// Messages with the time they were accepted, the oldest first; some are final by now.
    accepted: VecDeque<(Instant, MessageId)>,
    /// What came with each id of a customer's.
    client_ids: HashMap<ClientId, u64>,
    /// The ids with the time they were used, the oldest first.
    used: VecDeque<(Instant, ClientId)>,
    callbacks: BTreeMap<CallbackId, Callback>,
    next_callback: CallbackId,
    due: BTreeSet<(Instant, CallbackId)>,
    next_inbound: u64,
    reference: u8,
    start: Instant,
    now: Instant,
}

impl Store {
    /// An empty store.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(config: Arc<Config>, now: Instant) -> Result<Self, Failed> {
        // A fresh process does not start with the references that the last one started with, so that
        // a handset does not take its parts for those of an old message.
        let mut reference = [0];
        random(&mut reference)?;
        Ok(Self {
            policy: Policy::new(config.callbacks.allow.clone()),
            verifier: Verifier::new()?,
            messages: BTreeMap::new(),
            next_message: 1,
            queue: VecDeque::new(),
            delayed: BTreeSet::new(),
            lines: config.modems.iter().map(|_| Line::default()).collect(),
            accepted: VecDeque::new(),
            client_ids: HashMap::new(),
            used: VecDeque::new(),
            callbacks: BTreeMap::new(),
            next_callback: 1,
            due: BTreeSet::new(),
            next_inbound: 1,
            reference: reference[0],
            start: now,
            now,
            config,
        })
    }

    /// Tells the time. What is told after counts as happening then.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
        while let Some(&(at, id)) = self.delayed.first()
            && at <= now
        {
            self.delayed.pop_first();
            self.enqueue(id);
        }
        self.expire_parts();
        while let Some((used, _)) = self.used.front()
            && now.duration_since(*used) >= CLIENT_ID_WINDOW
            && let Some((_, id)) = self.used.pop_front()
        {
            self.client_ids.remove(&id);
        }
        while let Some((accepted, _)) = self.accepted.front()
            && now.duration_since(*accepted) >= MESSAGE_WINDOW
            && let Some((_, id)) = self.accepted.pop_front()
        {
            self.expire(id);
        }
    }

    /// Ends a message whose time is over.
    fn expire(&mut self, id: MessageId) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        for part in &mut message.parts {
            part.state = match part.state {
                PartState::Waiting => PartState::Final(State::Expired),
                PartState::Sent => PartState::Final(State::Unknown),
                // The modem tells in a moment.
                PartState::Sending | PartState::Final(_) => part.state,
            };
        }
        self.settle(id);
    }

    /// When something is due next without being told anything.
    pub fn next_due(&self) -> Option<Instant> {
        let first = |set: &BTreeSet<(Instant, u64)>| set.first().map(|(at, _)| *at);
        [first(&self.delayed), first(&self.due)].into_iter().flatten().min()
    }

    fn enqueue(&mut self, id: MessageId) {
        let Some(message) = self.messages.get(&id) else { return };
        match message.modem {
            Some(modem) => self.lines[modem].queue.push_back(id),
            None => self.queue.push_back(id),
        }
    }
}

/// Sending.
impl Store {
    /// Tells whether a modem takes messages.
    pub fn set_ready(&mut self, modem: usize, ready: bool) {
        let line = &mut self.lines[modem];
        line.ready = ready;
        // What has not begun can go through another modem.
        if !ready
            && line.sending.is_none()
            && let Some(id) = line.current
            && let Some(message) = self.messages.get(&id)
            && message.modem.is_none()
            && !message.any_part_left()
        {
            line.current = None;
            self.queue.push_front(id);
        }
    }

    /// The part that an idle modem is to send now.
    pub fn next_part(&mut self, modem: usize) -> Option<Pdu> {
        let line = &mut self.lines[modem];
        if !line.ready || line.sending.is_some() {
            return None;
        }
        loop {
            let id = match line.current {
                Some(id) => id,
                None => line.queue.pop_front().or_else(|| self.queue.pop_front())?,
            };
            line.current = None;
            let Some(message) = self.messages.get_mut(&id) else { continue };
            let Some(number) = message.next_part() else { continue };
            line.current = Some(id);
            line.sending = Some(number);
            let part = &mut message.parts[number];
            part.state = PartState::Sending;
            debug!(sms = id, part = number + 1, of = message.parts.len(), modem, "sending");
            return Some(message.parts[number].pdu.clone());
        }
    }

    /// Tells that a modem did not take the part that it was given: it is not ready after all.
    pub fn not_taken(&mut self, modem: usize) {
        let line = &mut self.lines[modem];
        if let (Some(id), Some(number)) = (line.current, line.sending.take())
            && let Some(message) = self.messages.get_mut(&id)
        {
            message.parts[number].state = PartState::Waiting;
        }
        self.set_ready(modem, false);
    }

    /// Tells what became of the part that a modem had.
    pub fn finished(&mut self, modem: usize, outcome: Outcome) {
        let line = &mut self.lines[modem];
        let (Some(id), Some(number)) = (line.current, line.sending.take()) else { return };
        let Some(message) = self.messages.get_mut(&id) else { return };
        let of = message.parts.len();
        let part = &mut message.parts[number];
        match outcome {
            Outcome::Sent { reference } => {
                info!(sms = id, part = number + 1, of, modem, reference, "sent");
                part.state = PartState::Sent;
                line.awaited.entry(reference).or_default().push((id, number));
                let recipient = message.recipient.clone();
                let early = line.early.iter().position(|(own, number, _)| {
                    *own == reference && same_number(number, &recipient)
                });
                if let Some((_, _, state)) = early.and_then(|early| line.early.remove(early)) {
                    self.reported(modem, reference, &recipient, state);
                }
            }
            Outcome::NotSent(why) => {
                info!(sms = id, part = number + 1, of, modem, %why, "not sent, will be");
                part.state = PartState::Waiting;
            }
            Outcome::Unknown(why) => {
                warn!(sms = id, part = number + 1, of, modem, %why, "outcome unknown");
                part.state = PartState::Final(State::Unknown);
            }
            Outcome::Refused { class, code } => {
                warn!(sms = id, part = number + 1, of, modem, %code, ?class, "refused");
                part.state = PartState::Waiting;
                line.current = None;
                let passing =
                    !matches!(class, Class::Permanent | Class::Local | Class::Unsupported);
                match REFUSED_BACKOFF.get(message.refusals).filter(|_| passing) {
                    Some(backoff) => {
                        message.refusals += 1;
                        // Parts of one message come from one number.
                        if message.any_part_left() {
                            message.modem = Some(modem);
                        }
                        self.delayed.insert((self.now + *backoff, id));
                    }
                    None => {
                        for part in &mut message.parts {
                            if part.state == PartState::Waiting {
                                part.state = PartState::Final(State::Undeliverable);
                            }
                        }
                    }
                }
            }
        }
        self.settle(id);
    }

    /// Takes a status report: the message that it is of is the latest with this reference and number.
    fn reported(&mut self, modem: usize, reference: u8, recipient: &str, state: State) {
        let line = &mut self.lines[modem];
        let messages = &self.messages;
        let found = line.awaited.get(&reference).and_then(|awaited| {
            awaited.iter().rposition(|(id, _)| {
                messages.get(id).is_some_and(|own| same_number(&own.recipient, recipient))
            })
        });
        let Some(found) = found else {
            debug!(modem, reference, "a report came before its message was known to be sent");
            if line.early.len() >= EARLY_REPORTS_MAX {
                line.early.pop_front();
            }
            line.early.push_back((reference, recipient.to_owned(), state));
            return;
        };
        if state == State::EnRoute {
            return;
        }
        let Some(awaited) = line.awaited.get_mut(&reference) else { return };
        let (id, number) = awaited.remove(found);
        if awaited.is_empty() {
            line.awaited.remove(&reference);
        }
        let Some(message) = self.messages.get_mut(&id) else { return };
        info!(sms = id, part = number + 1, of = message.parts.len(), ?state, "reported");
        message.parts[number].state = PartState::Final(state);
        self.settle(id);
    }

    /// Owes the customer the report of a message whose parts are all final.
    fn settle(&mut self, id: MessageId) {
        let Some(state) = self.messages.get(&id).and_then(Message::state) else { return };
        let Some(message) = self.messages.remove(&id) else { return };
        for line in &mut self.lines {
            if line.current == Some(id) {
                line.current = None;
            }
        }
        let account = &self.config.accounts[message.account].name;
        info!(sms = id, account, ?state, "final");
        let Some(url) = message.callback else { return };
        let report = Report { client_id: message.client_id.as_deref().map(Text::plain), state };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        let query = emitted(message.api.report, &asked, Charset::Utf8);
        self.owe(message.api, message.api.report, url, &query);
    }
}

/// Whether two spellings are the same number: equal, or one the end of the other without the digits
/// for dialling abroad.
fn same_number(one: &str, other: &str) -> bool {
    let significant = |number: &str| number.trim_start_matches(['+', '0']).to_owned();
    let (one, other) = (significant(one), significant(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    one == other || short.len() >= 6 && long.ends_with(short.as_str())
}

/// Callbacks.
impl Store {
    fn owe(&mut self, api: &Api, endpoint: &'static dyn Asking, mut url: Url, query: &str) {
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
                self.due.insert((self.now + wait, id));
            }
            None => {
                warn!(callback = id, host, tries, "given up");
                self.callbacks.remove(&id);
            }
        }
    }
}

/// The fields of a request, in `charset`; what it lacks becomes `?`.
fn emitted(endpoint: &dyn Asking, asked: &Asked<'_>, charset: Charset) -> String {
    let mut buffer = vec![0; 1024];
    loop {
        let mut w = Writer::new(&mut buffer);
        match endpoint.emit_request(asked, charset, &mut w) {
            Ok(()) => return String::from_utf8_lossy(w.written()).into_owned(),
            Err(Error { kind: ErrorKind::Full, .. }) => buffer.resize(buffer.len() * 2, 0),
            Err(error) => {
                // Callbacks are made of what the store has: every field of theirs can be written.
                debug_assert!(false, "{error}");
                return String::new();
            }
        }
    }
}

/// Receiving.
impl Store {
    /// Takes a message or a status report that a modem received. Afterwards it is safe.
    pub fn received(&mut self, modem: usize, pdu: &Pdu) {
        match pdu.read_tolerant::<Mt<'_>>() {
            Ok(((_, Mt::StatusReport(report)), _)) => self.status_report(modem, &report),
            Ok(((_, Mt::Deliver(deliver)), _)) => self.deliver(modem, &deliver),
            // The answer to a submission, which no modem passes on as a message.
            Ok(((_, Mt::SubmitReport(report)), _)) => {
                warn!(modem, cause = ?report.failure_cause, "received a submit report");
            }
            Err(error) => {
                let hex: String = pdu.hex().map(char::from).collect();
                warn!(modem, pdu = hex, %error, "received what cannot be read");
            }
        }
    }

    fn status_report(&mut self, modem: usize, report: &StatusReport<'_>) {
        let recipient: String = report.recipient.chars().collect();
        let state = State::from(report.status);
        self.reported(modem, report.message_reference, &recipient, state);
    }

    fn deliver(&mut self, modem: usize, deliver: &Deliver<'_>) {
        let sender: String = deliver.originator.chars().collect();
        let sender = sender.trim_start_matches('+').to_owned();
        let now_ms = self.now_ms();
        let text = match self.lines[modem].reassembler.add(deliver, now_ms) {
            Added::Single => deliver.text().map(Iterator::collect::<String>),
            Added::Complete(message) => message.text().map(Iterator::collect::<String>),
            Added::Waiting { missing, .. } => {
                debug!(modem, sender, missing, "received a part");
                return;
            }
            Added::Duplicate => {
                debug!(modem, sender, "received a part again");
                return;
            }
            Added::Conflict(lost) | Added::Evicted(lost) => {
                lost_parts(modem, &lost);
                return;
            }
        };
        let Some(text) = text else {
            info!(modem, sender, "received data, which has no keyword");
            return;
        };
        let (account, keyword, rest) = match self.keyword(modem, &text) {
            Some(found) => found,
            None => {
                info!(modem, sender, "received a message without a keyword that anybody has");
                return;
            }
        };
        info!(modem, sender, account, keyword = keyword.keyword, "received");
        let id = format!("{sender}:{}", self.next_inbound);
        self.next_inbound += 1;
        let (charset, rest) = match keyword.charset {
            CallbackCharset::Utf8 => (Charset::Utf8, rest.to_owned()),
            CallbackCharset::Latin1 => (Charset::Latin1, latin1(rest)),
        };
        let inbound = Inbound {
            id: Text::plain(&id),
            sender: Text::plain(&sender),
            recipient: Text::plain(&keyword.number),
            keyword: Text::plain(&keyword.keyword),
            text: Some(Text::plain(&rest)).filter(|rest| !rest.is_empty()),
            network: None,
        };
        let asked = Asked { credentials: None, op: Op::Inbound(inbound) };
        let api = keyword.api;
        let query = emitted(api.inbound, &asked, charset);
        match Policy::read(&keyword.url) {
            Some(url) => self.owe(api, api.inbound, url, &query),
            None => debug_assert!(false, "the configuration was checked"),
        }
    }

    fn now_ms(&self) -> u64 {
        self.now.duration_since(self.start).as_millis() as u64
    }

    /// Gives up messages whose parts waited too long.
    fn expire_parts(&mut self) {
        let (now_ms, age_ms) = (self.now_ms(), REASSEMBLY_WINDOW.as_millis() as u64);
        for (modem, line) in self.lines.iter_mut().enumerate() {
            while let Some(lost) = line.reassembler.expire(now_ms, age_ms) {
                lost_parts(modem, &lost);
            }
        }
    }

    /// The account and the keyword that a text on this modem's numbers belongs to, and what follows
    /// the keyword.
    fn keyword<'t>(&self, modem: usize, text: &'t str) -> Option<(String, Keyword, &'t str)> {
        let text = text.trim_start();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let numbers: Vec<&str> = self.config.modems[modem].numbers().collect();
        let first = first.to_uppercase();
        self.config.accounts.iter().find_map(|account| {
            let keyword = account.keywords.iter().find(|keyword| {
                numbers.contains(&keyword.number.as_str())
                    && keyword.keyword.to_uppercase() == first
            })?;
            Some((account.name.clone(), keyword.clone(), rest.trim_start()))
        })
    }
}

/// Says which parts are lost: their message will not be whole.
fn lost_parts(modem: usize, lost: &reassemble::Message<'_>) {
    let sender: String = lost.key.originator.chars().collect();
    let parts: Vec<u8> = lost.parts().map(|part| part.number).collect();
    let text: Option<String> = lost.text().map(Iterator::collect);
    warn!(
        modem,
        sender,
        ?parts,
        of = lost.key.total,
        text,
        "a message stays without its other parts"
    );
}

/// The text with `?` for what ISO 8859-1 lacks.
fn latin1(text: &str) -> String {
    let carried = |c: char| u8::try_from(c).is_ok_and(|octet| !(0x80..0xA0).contains(&octet));
    text.chars().map(|c| if carried(c) { c } else { '?' }).collect()
}

/// Accepting.
impl septet::answer::Store for Store {
    type Account = usize;

    fn admit<'a>(&mut self, credentials: &Credentials<'a>) -> Result<usize, Refusal<'a>> {
        let Credentials::Password { user, password } = *credentials;
        let account = self.config.accounts.iter().position(|account| user == *account.name);
        let Some(account) = account else {
            return Err(Refusal::new(Reason::UnknownUser, user));
        };
        let hash = &self.config.accounts[account].password;
        if self.verifier.verify(hash, &password.0.to_string()) {
            Ok(account)
        } else {
            Err(Refusal::new(Reason::WrongPassword, Text::EMPTY))
        }
    }

    fn perform<'a>(&'a mut self, account: &usize, api: &'static Api, op: &Op<'a>) -> Answer<'a> {
        match op {
            Op::Send(submit) => match self.submit(*account, api, submit) {
                Ok(()) => Answer::Sent { client_id: submit.client_id },
                Err(refusal) => Answer::Refused(refusal),
            },
            // Callbacks are what the gateway asks, not what it is asked.
            Op::Report(_) | Op::Inbound(_) => {
                Answer::Refused(Refusal::new(Reason::Other, Text::EMPTY))
            }
        }
    }
}

impl Store {
    /// Accepts a text for each of its recipients, or nothing of it.
    fn submit<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<(), Refusal<'a>> {
        let client_id = submit.client_id.map(|id| (account, id.to_string()));
        let fingerprint = fingerprint(submit);
        match client_id.as_ref().and_then(|id| self.client_ids.get(id)) {
            None => {}
            Some(known) if *known == fingerprint => return Ok(()),
            Some(_) => {
                return Err(Refusal {
                    reason: Reason::DuplicateClientId,
                    subject: Text::EMPTY,
                    detail: Text::plain("another message had it within a day"),
                });
            }
        }
        if let Some(price) = submit.price
            && price.chars().any(|c| matches!(c, '1'..='9'))
        {
            return Err(Refusal::new(Reason::Charging, Text::EMPTY));
        }
        let modem = self.modem_of_sender(submit.sender)?;
        let callback = match submit.callback {
            Some(url) => Some(self.callback_url(url)?),
            None => None,
        };
        let recipients = recipients(submit)?;
        if self.messages.len() + recipients.len() > WAITING_MAX {
            return Err(Refusal::new(Reason::Busy, Text::EMPTY));
        }
        let mut messages = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            self.reference = self.reference.wrapping_add(1);
            let sending = Sending {
                to: &recipient,
                service_centre: None,
                reference: Reference::Short(self.reference),
                report: true,
            };
            let pdus = sending.pdus(submit.text.chars())?;
            let part = |pdu| Part { pdu, state: PartState::Waiting };
            messages.push(Message {
                account,
                api,
                client_id: client_id.as_ref().map(|(_, id)| id.clone()),
                recipient,
                callback: callback.clone(),
                modem,
                parts: pdus.into_iter().map(part).collect(),
                refusals: 0,
            });
        }
        for message in messages {
            let id = self.next_message;
            self.next_message += 1;
            let account = &self.config.accounts[account].name;
            info!(sms = id, account, parts = message.parts.len(), "accepted");
            self.messages.insert(id, message);
            self.accepted.push_back((self.now, id));
            self.enqueue(id);
        }
        if let Some(id) = client_id {
            self.used.push_back((self.now, id.clone()));
            self.client_ids.insert(id, fingerprint);
        }
        Ok(())
    }

    /// The modem whose SIM has the sender's number; `None` where any may send.
    fn modem_of_sender<'a>(&self, sender: Option<Text<'a>>) -> Result<Option<usize>, Refusal<'a>> {
        let Some(sender) = sender else { return Ok(None) };
        let modem = self.config.modems.iter().position(|modem| sender == *modem.number);
        match (modem, self.config.sender) {
            (None, SenderRule::Refuse) => Err(Refusal::new(Reason::Sender, Text::EMPTY)),
            (None, SenderRule::Record) => {
                info!(%sender, "the sender cannot be carried: the SIM's number is sent");
                Ok(None)
            }
            (modem, _) => Ok(modem),
        }
    }

    fn callback_url<'a>(&self, url: Text<'_>) -> Result<Url, Refusal<'a>> {
        let refusal = |detail| Refusal {
            reason: Reason::CallbackUrl,
            subject: Text::EMPTY,
            detail: Text::plain(detail),
        };
        let url = Policy::read(&url.to_string()).ok_or(refusal("it is no URL of http or https"))?;
        self.policy.check(&url).map_err(refusal)?;
        Ok(url)
    }
}

/// The recipients, each once.
fn recipients<'a>(submit: &Submit<'a>) -> Result<Vec<String>, Refusal<'a>> {
    let mut seen = BTreeSet::new();
    let mut recipients = Vec::new();
    for recipient in submit.recipients.iter() {
        let number = recipient.to_string();
        if !seen.insert(number.clone()) {
            return Err(Refusal::new(Reason::DuplicateRecipient, recipient));
        }
        recipients.push(number);
    }
    Ok(recipients)
}

/// What tells one request from another with the same id.
fn fingerprint(submit: &Submit<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut add = |text: Option<Text<'_>>| text.map(|text| text.to_string()).hash(&mut hasher);
    let Submit { recipients, text, sender, client_id, callback, price, network, class } = *submit;
    recipients.iter().for_each(|recipient| add(Some(recipient)));
    for field in [Some(text), sender, client_id, callback, price, network, class] {
        add(field);
    }
    hasher.finish()
}
