//! The session with a modem: no input or output of its own, no clock, no heap.
//!
//! # Contract
//!
//! [`Engine`] is told what comes from the modem ([`receive`](Engine::receive)), that time has passed
//! ([`expire`](Engine::expire)), and what the caller wants ([`send`](Engine::send),
//! [`done`](Engine::done), [`keep`](Engine::keep)). **After each of these calls, call
//! [`poll`](Engine::poll) until it returns [`Output::Wait`]; call nothing else before.** The shells
//! [`driver`](crate::driver) and [`blocking`](crate::blocking) do that.
//!
//! # What a line means
//!
//! The step in flight alone decides: `+CREG: 0,1` answers `AT+CREG?` while that is in flight and is
//! unsolicited otherwise. Every line is read in one place, the `match` over step and line, and every
//! result in the one below it; the files `setup`, `send`, `receive` and `recover` say what follows.
//!
//! One command is out at a time. None starts while the first line of a two-line message waits for
//! its second. A command that is not answered in time is never followed by another before the line
//! was silent and answers fit commands again, so that a late answer is not taken for the next one's.

mod ask;
mod event;
mod inbox;
mod known;
mod ladder;
mod receive;
mod recover;
mod send;
mod setup;

use heapless::Vec;
use septet::at::{
    self, Argument, Arguments, CR, CTRL_Z, CmeError, CmsError, Domain, Failure, Line, Pin,
    Registration, RegistrationState, Store,
};
use septet::error::Error;
use septet::pdu::{Pdu, hex};
use septet::wire::{Wire, Writer};

pub use ask::{Answer, Command};
pub use event::{
    Answered, Busy, Event, EventKind, Instant, NotSent, Outcome, Output, Ticket, Trouble, Ussd,
    Why, Words,
};

use crate::lexer::{Lexer, Token};
use crate::options::{self, Options};
use crate::profile::Profile;
use ask::Asked;
use inbox::{Inbox, Slot};
use ladder::Climb;
use recover::Link;
use setup::Setup;

/// The longest command, CR included.
const TRANSMIT_MAX: usize = 64;

/// Octets of a PDU that are given out at a time: two digits each, and Ctrl-Z.
const PART_MAX: u8 = 31;

/// A session with one modem.
#[derive(Debug)]
pub struct Engine {
    lexer: Lexer,
    session: Session,
}

impl Engine {
    /// A session with a modem of which nothing is known yet. Set-up begins with the first
    /// [`expire`](Self::expire).
    pub fn new(profile: &'static Profile, now: Instant) -> Self {
        Self::with(Options::new(profile), now)
    }

    /// A session with a modem of whose surroundings this is known.
    pub fn with(options: Options, now: Instant) -> Self {
        Self { lexer: Lexer::default(), session: Session::new(options, now) }
    }

    /// Takes octets that came from the modem and returns how many it took.
    ///
    /// It takes no more while there is something to [`poll`](Self::poll); give it the rest after.
    pub fn receive(&mut self, octets: &[u8], now: Instant) -> usize {
        for (taken, octet) in octets.iter().enumerate() {
            if self.session.has_output() {
                return taken;
            }
            self.session.heard(now);
            // Some show the prompt again; the result may stand right behind it.
            let prompt = matches!(self.session.step, Step::Prompt | Step::Result(None));
            if let Some(token) = self.lexer.push(*octet, prompt) {
                self.session.token(token, now);
            }
        }
        octets.len()
    }

    /// Tells that the time of [`Output::Wait`] has come. Calling it early does no harm.
    pub fn expire(&mut self, now: Instant) {
        if !self.session.has_output() {
            self.session.expire(now);
        }
    }

    /// Takes a message for sending. Its fate comes as [`EventKind::Finished`].
    ///
    /// # Errors
    /// [`Busy`] while another is on its way or the modem is not set up. The message is not kept then.
    pub fn send(&mut self, pdu: &Pdu, now: Instant) -> Result<(), Busy> {
        self.session.send(pdu, false, now)
    }

    /// As [`send`](Self::send), for a message that another follows at once: the modem is asked to keep
    /// the link to the service centre until then (`AT+CMMS`), where it can.
    ///
    /// For every part of a text but the last. Where a part is not [`Sent`](Outcome::Sent), those after
    /// it are of no use.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_more(&mut self, pdu: &Pdu, now: Instant) -> Result<(), Busy> {
        self.session.send(pdu, true, now)
    }

    /// Takes a command of the caller's own. Lines of its answer come as [`EventKind::Answer`], its end
    /// as [`EventKind::Answered`], once.
    ///
    /// It must not change what the engine has set, nor send or read messages.
    ///
    /// # Errors
    /// [`Busy`] while another is on its way, while the modem is not set up, and for a command that
    /// cannot be written.
    pub fn command(&mut self, command: &impl Command, now: Instant) -> Result<(), Busy> {
        self.session.ask(command, now)
    }

    /// Begins a USSD dialogue with `string`, such as `*100#`, or answers in it. The network's side
    /// comes as [`EventKind::Ussd`], after [`EventKind::Answered`] or without it.
    ///
    /// # Errors
    /// As [`command`](Self::command); a string is written where it is 1 to 160 characters of ASCII
    /// without quotation marks, and the modem's form of it fits into a command.
    pub fn ussd(&mut self, string: &str, now: Instant) -> Result<(), Busy> {
        let packed = self.session.profile.packs_ussd;
        self.session.ask(&ask::UssdRequest { string, packed }, now)
    }

    /// Tells what the modem's `STATUS` pin says: whether it is switched on. Only a board that has it
    /// wired calls this, at the start and at each change.
    pub fn powered(&mut self, on: bool, now: Instant) {
        self.session.powered(on, now);
    }

    /// Tells that the caller has a received message safe: it is deleted from the modem's store or
    /// acknowledged to the network.
    ///
    /// The next stored message is read only after that, or after [`keep`](Self::keep). What cannot
    /// be deleted is tried again when the stores are looked through, and not handed over again. A
    /// void ticket does nothing.
    pub fn done(&mut self, received: &Ticket, now: Instant) {
        self.session.done(received, now);
    }

    /// Tells that the caller does not want a received message: it stays in the modem's store, and the
    /// next one is read.
    ///
    /// Of the messages that stay, the four that were handed over last are not handed over again
    /// before the modem restarts; the others come again when the stores are looked through, every
    /// [`sweep_ms`](Profile::sweep_ms). A message that came directly is in no store: without
    /// [`done`](Self::done) the network sends it again, whether or not this is called. A void ticket
    /// does nothing.
    pub fn keep(&mut self, received: &Ticket, now: Instant) {
        self.session.keep(received, now);
    }

    /// Tells that the line to the modem was cut: its port failed or was closed.
    ///
    /// The message in flight ends at once, truthfully, and set-up is run again. What is transmitted
    /// while there is no line is lost, which is no harm.
    pub fn disconnected(&mut self, now: Instant) {
        self.lexer = Lexer::default();
        self.session.disconnected(now);
    }

    /// What is to be done next; see the contract above.
    pub fn poll(&mut self) -> Output<'_> {
        self.session.poll()
    }

    /// Whether the modem is set up and takes messages.
    pub const fn is_ready(&self) -> bool {
        self.session.link.is_up()
    }

    /// Whether the modem is registered in a network that carries messages; `None` where it does not
    /// tell.
    pub fn is_registered(&self) -> Option<bool> {
        self.session.verdict()
    }

    /// The strength of the signal in dBm, as the modem told it last: when it was set up, and with every
    /// look through the stores. `None` where it does not know it.
    pub const fn signal(&self) -> Option<i16> {
        self.session.signal
    }

    /// How the modem is driven: the profile that it was given, or the one that set-up has chosen.
    pub const fn profile(&self) -> &'static Profile {
        self.session.profile
    }

    /// How many lines were damaged on the way: longer than any that means something, or a message that
    /// is not whole. It stops at 65 535.
    pub const fn damaged(&self) -> u16 {
        self.session.damaged
    }

    /// How often the modem was seen to restart, modulo 65 536.
    pub const fn generation(&self) -> u16 {
        self.session.generation
    }
}

/// What is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing. The next command may start at the deadline.
    Idle,
    /// Nothing, until the line was silent; at the latest at this time.
    Quiet(Instant),
    /// Nothing yet: this command of set-up at the deadline.
    Pause(Setup),
    /// A command of set-up.
    Setup(Setup),
    /// `AT+CMMS=`, before a message that others follow.
    More,
    /// `AT+CMGS=`, up to the prompt.
    Prompt,
    /// The PDU, up to its result. With the reference once it came.
    Result(Option<u8>),
    /// `AT+CPMS=`, for what is to be done in another store.
    Select(Store),
    /// `AT+CMGR=`.
    Read(Slot),
    /// `AT+CMGL=4`.
    List,
    /// `AT+CMGD=`.
    Delete,
    /// `AT+CNMA`.
    Acknowledge,
    /// A command of the caller's.
    Asked,
    /// A command that sees whether the modem has its settings still.
    Care(Care),
    /// Waking the modem.
    Wake,
    /// What is done, step by step, to bring back a modem that does not answer.
    Climb(Climb),
}

impl Step {
    /// Whether nothing of the modem is waited for, only the time of the next command.
    const fn waits(self) -> bool {
        matches!(self, Self::Idle | Self::Wake | Self::Pause(_) | Self::Climb(_))
    }
}

/// What is asked and set again with every look through the stores: a modem may forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// `AT+CMGF=0`
    PduMode,
    /// The `AT+CNMI=` that it agreed to: modem-telit-le910-cmt-cnma
    Indications,
    /// `AT+CSQ`
    Signal,
}

/// What an nRF91 says, unasked, when it left the message service: its settings for that are lost.
const CLIENT_LEFT: CmsError = CmsError(524);

/// What a modem says, unasked, when the network does not answer a USSD string.
const USSD_FAILED: CmeError = CmeError(258);

#[derive(Debug)]
struct Session {
    options: Options,
    profile: &'static Profile,
    step: Step,
    /// Of the step.
    deadline: Instant,
    generation: u16,
    link: Link,
    /// What each network said last, in the order of [`Domain::ALL`].
    registration: [Option<RegistrationState>; 3],
    /// In dBm.
    signal: Option<i16>,
    damaged: u16,
    inbox: Inbox,
    outgoing: Option<Pdu>,
    /// Another message follows the outgoing one, and the modem was not told yet.
    more: bool,
    asked: Option<Asked>,
    care: Option<Care>,
    /// The command in flight, to know its echo; or the part of a PDU that was given out last.
    transmit: Vec<u8, TRANSMIT_MAX, u8>,
    transmit_ready: bool,
    /// Octets of the outgoing PDU that were given out, while it is.
    pdu_at: Option<u8>,
    outcome: Option<(u16, Outcome)>,
    answered: Option<Answered>,
    effect: Option<Effect>,
    event: Option<Event>,
}

/// What is to be done to the port or to a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Pin(options::Pin, bool),
    Baud(u32),
}

impl Session {
    fn new(options: Options, now: Instant) -> Self {
        let profile = options.profile;
        Self {
            options,
            profile,
            step: Step::Climb(Climb::START),
            deadline: now,
            generation: 0,
            link: Link::new(&options, now),
            registration: [None; 3],
            signal: None,
            damaged: 0,
            inbox: Inbox::new(now),
            outgoing: None,
            more: false,
            asked: None,
            care: None,
            transmit: Vec::new(),
            transmit_ready: false,
            pdu_at: None,
            outcome: None,
            answered: None,
            effect: None,
            event: None,
        }
    }

    fn has_output(&self) -> bool {
        self.transmit_ready
            || self.pdu_at.is_some()
            || self.outcome.is_some()
            || self.answered.is_some()
            || self.effect.is_some()
            || self.event.is_some()
    }

    fn poll(&mut self) -> Output<'_> {
        if let Some((generation, outcome)) = self.outcome.take() {
            return Output::Event(Event { generation, kind: EventKind::Finished(outcome) });
        }
        if let Some(event) = self.event.take() {
            return Output::Event(event);
        }
        if let Some(answered) = self.answered.take() {
            let kind = EventKind::Answered(answered);
            return Output::Event(Event { generation: self.generation, kind });
        }
        match self.effect.take() {
            Some(Effect::Pin(pin, level)) => return Output::Pin(pin, level),
            Some(Effect::Baud(baud)) => return Output::Baud(baud),
            None => {}
        }
        self.transmit_pdu();
        if core::mem::take(&mut self.transmit_ready) {
            return Output::Transmit(&self.transmit);
        }
        Output::Wait(self.wake_at())
    }

    /// Puts the next part of the outgoing PDU into the empty transmit buffer.
    fn transmit_pdu(&mut self) {
        let (Some(at), Some(pdu), false) = (self.pdu_at, &self.outgoing, self.transmit_ready)
        else {
            return;
        };
        let rest = pdu.octets().get(usize::from(at)..).unwrap_or_default();
        let part = rest.get(..usize::from(PART_MAX)).unwrap_or(rest);
        self.transmit.clear();
        self.transmit.extend(hex(part));
        self.pdu_at = (part.len() < rest.len()).then(|| at.saturating_add(PART_MAX));
        if self.pdu_at.is_none() {
            self.transmit.extend([CTRL_Z]);
        }
        self.transmit_ready = true;
    }

    /// Starts the command `AT` + `name` + `=` + `argument`. It has `ms` from now.
    fn start_set(&mut self, step: Step, name: &str, argument: Argument<'_>, ms: u32, now: Instant) {
        self.start(step, ms, now, |w| at::Command::set(name, &[argument]).emit(w));
    }

    /// Starts the command `AT` + `text`.
    fn start_text(&mut self, step: Step, text: &str, ms: u32, now: Instant) {
        self.start(step, ms, now, |w| {
            w.text("AT")?;
            w.text(text)?;
            w.octet(CR)
        });
    }

    fn start(
        &mut self,
        step: Step,
        ms: u32,
        now: Instant,
        command: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
    ) {
        self.step = step;
        self.deadline = now.after(ms);
        self.link.command_starts(now);
        let mut buffer = [0; TRANSMIT_MAX];
        let mut w = Writer::new(&mut buffer);
        let written = command(&mut w);
        debug_assert!(written.is_ok(), "a command longer than the transmit buffer");
        self.transmit.clear();
        self.transmit.extend(w.written().iter().copied());
        self.transmit_ready = true;
    }

    /// The command in flight is done: the next may start after the gap.
    fn finish(&mut self, now: Instant) {
        self.link.command_ends();
        self.inbox.command_ends();
        self.step = Step::Idle;
        self.deadline = now.after(self.profile.gap_ms);
    }

    fn tell(&mut self, kind: EventKind) {
        debug_assert!(self.event.is_none(), "nothing is read while an event waits");
        self.event = Some(Event { generation: self.generation, kind });
    }

    /// Notes that the modem said something.
    fn heard(&mut self, now: Instant) {
        if let Step::Quiet(limit) = self.step {
            self.deadline = limit.min(now.after(self.profile.quiet_ms));
        }
    }

    fn token(&mut self, token: Token<'_>, now: Instant) {
        match token {
            Token::Prompt if self.step == Step::Prompt => self.prompt(now),
            Token::Prompt => {}
            Token::Pdu(octets) => self.pdu_line(octets, now),
            Token::Damaged => {
                if self.inbox.take_expected() {
                    self.tell_damaged();
                } else {
                    self.damaged = self.damaged.saturating_add(1);
                }
            }
            Token::Line(text) => {
                let line = Line::read(text);
                let expected = !may_interrupt(line) && self.inbox.take_expected();
                if self.step == Step::Asked && self.is_answer(text, line) {
                    self.tell(EventKind::Answer(Words::new(text)));
                } else {
                    self.line(line, now);
                }
                if expected {
                    self.tell_damaged();
                }
            }
        }
    }

    /// A message was lost on the way. What else a line tells goes before that.
    fn tell_damaged(&mut self) {
        self.damaged = self.damaged.saturating_add(1);
        if self.event.is_none() {
            self.tell(EventKind::Damaged);
        }
    }

    /// What a line means: the step in flight alone decides.
    fn line(&mut self, line: Line<'_>, now: Instant) {
        match (self.step, line) {
            (_, Line::Boot(_)) => self.booted(now),
            (_, Line::PowerDown(_)) => self.powered_down(now),
            (Step::Setup(Setup::Pin), Line::Pin(pin)) => self.pin_told(pin, now),
            (_, Line::Service(_) | Line::Pin(Pin::Ready)) => {
                self.part_ready(self.link.is_settled(now), now)
            }
            (_, Line::Pin(_)) => self.part_ready(true, now),
            (_, Line::Registration(registration)) => self.registered(registration),
            (_, Line::MessageStored { store, index } | Line::ReportStored { store, index }) => {
                self.announced(Slot { store, index });
            }
            (_, Line::Message { tpdu_len } | Line::Report { tpdu_len }) => {
                self.expect_direct(tpdu_len, now);
            }
            (_, Line::Broadcast { .. }) => self.expect_ignored(now),
            (_, Line::Full { store }) => self.full(store, now),
            (_, Line::Ussd { status, text, coding }) => {
                let string = Words::new(text.unwrap_or_default());
                self.tell(EventKind::Ussd(Ussd { status, string, coding }));
            }
            (_, Line::Signal { rssi, .. }) => self.strength(rssi),

            (
                Step::Setup(setup @ (Setup::Attention | Setup::Verbose)),
                Line::Other(b"0" | b"4"),
            ) => self.numeric_result(setup, now),
            (Step::Setup(Setup::Check), Line::Info { name: "+CMGF", arguments }) => {
                self.mode_told(arguments.get(0).number());
            }
            (Step::Setup(Setup::Tries), Line::Info { name, arguments }) => {
                self.tries_told(name, arguments);
            }
            (
                Step::Setup(Setup::Maker | Setup::Model),
                Line::Other(words) | Line::Info { arguments: Arguments::Wire(words), .. },
            ) => self.named(words),
            (Step::Setup(Setup::Quality), Line::Info { name: "+CESQ", arguments }) => {
                self.quality(arguments.get(5).number());
            }
            (Step::Result(_), Line::Submitted { reference, .. }) => {
                self.step = Step::Result(Some(reference));
            }
            (Step::Read(slot), Line::Stored { tpdu_len, .. }) => {
                self.expect_stored(slot, tpdu_len, now);
            }
            (Step::List, Line::Listed { index, status, .. }) => {
                self.listed(index, status, now);
            }
            (_, Line::Failed(Failure::Cms(CLIENT_LEFT))) => self.link.refresh(),
            // modem-ussd-late-cme-after-ok
            (step, Line::Failed(Failure::Cme(USSD_FAILED))) if step != Step::Asked => {}
            (Step::Idle, Line::Failed(Failure::Cms(CmsError::MEMORY_FULL))) => {
                self.full(None, now);
            }
            (_, Line::Ok) => self.ended(Ok(()), now),
            (_, Line::Failed(failure)) => self.ended(Err(failure), now),
            (_, Line::Other(text)) => self.other(text, now),

            // Answers that came too late, and lines that mean nothing here.
            _ => {}
        }
    }

    /// The command in flight has its result.
    fn ended(&mut self, result: Result<(), Failure>, now: Instant) {
        match (self.step, result) {
            // Of a command that was given up.
            (Step::Idle | Step::Quiet(_) | Step::Pause(_) | Step::Wake | Step::Climb(_), _) => {}
            (Step::Setup(setup), _) => self.setup_ends(setup, result, now),
            (Step::Prompt, Ok(())) => {}
            (Step::Prompt | Step::Result(None), Err(failure)) => self.refused(failure, now),
            (Step::Result(Some(reference)), Ok(())) => {
                self.conclude(Outcome::Sent { reference }, now);
            }
            (Step::Result(None), Ok(())) | (Step::Result(Some(_)), Err(_)) => {
                self.contradicted(now);
            }
            (Step::Select(store), _) => self.selected(store, result, now),
            // A slot that is empty (321) is no matter.
            (Step::Read(_), _) => self.inbox_ends(result, now),
            (Step::List, _) => self.list_ends(result, now),
            (Step::Delete, _) => self.deleted(result, now),
            (Step::Acknowledge, _) => self.acknowledged(now),
            (Step::More, _) => self.more_ends(result, now),
            (Step::Asked, _) => {
                let failed = result.err().map(Answered::Failed);
                self.end_asked(failed.unwrap_or(Answered::Ok));
                self.finish(now);
            }
            (Step::Care(care), _) => self.cared(care, result, now),
        }
    }

    fn registered(&mut self, registration: Registration) {
        let before = self.verdict();
        let domains = Domain::ALL.iter().zip(&mut self.registration);
        for (_, state) in domains.filter(|(domain, _)| **domain == registration.domain) {
            *state = Some(registration.state);
        }
        let after = self.verdict();
        if before != after && self.link.is_up() {
            self.tell(EventKind::Registered(after == Some(true)));
        }
    }

    /// One verdict of all networks that told.
    fn verdict(&self) -> Option<bool> {
        let told = self.registration.iter().flatten();
        told.map(|state| state.carries_messages()).reduce(|any, one| any || one)
    }

    /// When there is something to do though nothing comes from the modem.
    fn wake_at(&self) -> Instant {
        let step = match self.step {
            step if step.waits() && self.inbox.expects_pdu() => Instant(u64::MAX),
            Step::Idle if !self.has_work() && !self.may_sleep() => {
                self.deadline.max(self.inbox.sweep_at)
            }
            _ => self.deadline,
        };
        let others = [self.inbox.expires_at(), self.link.expires_at()];
        others.into_iter().flatten().fold(step, Instant::min)
    }

    fn has_work(&self) -> bool {
        self.outgoing.is_some()
            || self.asked.is_some()
            || self.care.is_some()
            || self.link.is_stale()
            || self.inbox.has_work()
    }

    fn expire(&mut self, now: Instant) {
        self.expire_inbox(now);
        if self.event.is_none() && self.link.expires_at().is_some_and(|at| now >= at) {
            self.tell_trouble(now);
        }
        // A two-line message is not to be cut in half, nor an event pushed aside.
        let free = self.event.is_none() && !self.inbox.expects_pdu();
        match self.step {
            step if step.waits() && !(free && now >= self.deadline) => {}
            Step::Idle | Step::Wake => self.start_next(now),
            Step::Pause(setup) => self.start_setup(setup, now),
            Step::Climb(climb) => self.climb(climb, now),
            Step::Quiet(_) if now >= self.deadline => self.pause(Setup::Attention, 0, now),
            _ if now >= self.deadline && self.event.is_none() => self.no_answer(now),
            _ => {}
        }
    }

    /// Chooses what to do next: what the network waits for, then the settings, then messages, in
    /// and out by turns.
    fn start_next(&mut self, now: Instant) {
        let due = self.has_work() || now >= self.inbox.sweep_at;
        if self.start_sleep_or_wake(due, now) || self.start_acknowledge(now) {
            return;
        }
        if self.link.is_stale() {
            self.set_up_again(0, now);
            return;
        }
        if self.inbox.turn && self.start_inbox(now) {
            return;
        }
        if !self.start_send(now) && !self.start_asked(now) && !self.start_inbox(now) {
            self.step = Step::Idle;
        }
    }
}

/// Whether a modem may say this, unasked, between the two lines of a message.
fn may_interrupt(line: Line<'_>) -> bool {
    match line {
        Line::MessageStored { .. }
        | Line::ReportStored { .. }
        | Line::Registration(_)
        | Line::Pin(_)
        | Line::Signal { .. }
        | Line::Full { .. }
        | Line::Ussd { .. }
        | Line::Failed(Failure::Cms(CLIENT_LEFT) | Failure::Cme(USSD_FAILED))
        | Line::Service(_) => true,
        // Not the first line of another message, badly received.
        Line::Info { name, .. } => !matches!(name, "+CMT" | "+CDS" | "+CBM" | "+CMGR" | "+CMGL"),
        // `UNDER-VOLTAGE WARNNING`; but not a PDU of which octets were lost.
        Line::Other(text) => {
            let digits = text.iter().filter(|octet| octet.is_ascii_hexdigit()).count();
            digits.saturating_mul(4) <= text.len().saturating_mul(3)
        }
        _ => false,
    }
}
