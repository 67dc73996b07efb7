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
//! unsolicited otherwise. Every line is read in the file `lines`, and every result there; the files
//! `setup`, `pin`, `send`, `receive` and `recover` say what follows.
//!
//! One command is out at a time. None starts while the first line of a two-line message waits for
//! its second. A command that is not answered in time is never followed by another before the line
//! was silent and answers fit commands again, so that a late answer is not taken for the next one's.

// `#[inline(never)]` stands where a call takes less flash than what is called: `.ci/image` tells.

mod ask;
mod event;
mod inbox;
mod known;
mod ladder;
mod lines;
mod pin;
mod receive;
mod recover;
mod send;
mod setup;
mod time;
mod transmit;
#[cfg(feature = "commands")]
mod ussd;

use heapless::Vec;
use septet::pdu::{PDU_MAX, Pdu};

pub use ask::{Answer, Command};
pub use event::{
    Answered, Busy, Event, EventKind, Instant, NotSent, Outcome, Output, Ticket, Trouble, Ussd,
    Why, Words,
};

use crate::lexer::Lexer;
use crate::options::{self, Options};
use crate::profile::Profile;
use ask::Asked;
use event::Notice;
use inbox::{Inbox, Slot};
use lines::Networks;
use recover::Link;
use setup::Setup;
use time::{NEVER, Timer, Timers};
use transmit::Transmit;

/// A session with one modem.
#[derive(Debug)]
pub struct Engine {
    session: Session,
    lexer: Lexer,
}

impl Engine {
    /// A session with a modem of which nothing is known yet. Set-up begins with the first
    /// [`expire`](Self::expire).
    pub fn new(profile: &'static Profile, now: Instant) -> Self {
        Self::with(Options::new(profile), now)
    }

    /// A session with a modem of whose surroundings this is known.
    pub fn with(options: Options, now: Instant) -> Self {
        Self { session: Session::new(options, now), lexer: Lexer::default() }
    }

    /// Takes octets that came from the modem and returns how many it took.
    ///
    /// It takes no more while there is something to [`poll`](Self::poll); give it the rest after.
    pub fn receive(&mut self, octets: &[u8], now: Instant) -> usize {
        self.session.pass(now);
        for (taken, octet) in octets.iter().enumerate() {
            if self.session.has_output() {
                return taken;
            }
            self.session.heard();
            if let Some(token) = self.lexer.push(*octet, self.session.hint()) {
                self.session.token(token, self.lexer.line());
            }
        }
        octets.len()
    }

    /// Tells that the time of [`Output::Wait`] has come. Calling it early does no harm.
    pub fn expire(&mut self, now: Instant) {
        self.session.pass(now);
        if !self.session.has_output() {
            self.session.expire();
        }
    }

    /// Takes a message for sending. Its fate comes as [`EventKind::Finished`].
    ///
    /// # Errors
    /// [`Busy`] while another is on its way or the modem is not set up. The message is not kept then.
    pub fn send(&mut self, pdu: &Pdu, now: Instant) -> Result<(), Busy> {
        self.session.pass(now);
        self.session.send(pdu, false)
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
        self.session.pass(now);
        self.session.send(pdu, true)
    }

    /// Takes a command of the caller's own. Lines of its answer come as [`EventKind::Answer`], its end
    /// as [`EventKind::Answered`], once.
    ///
    /// It must not change what the engine has set, nor send or read messages.
    ///
    /// # Errors
    /// [`Busy`] while another is on its way, while the modem is not set up, and for a command that
    /// cannot be written.
    #[cfg(feature = "commands")]
    pub fn command(&mut self, command: &impl Command, now: Instant) -> Result<(), Busy> {
        self.session.pass(now);
        self.session.ask(command)
    }

    /// Begins a USSD dialogue with `string`, such as `*100#`, or answers in it. The network's side
    /// comes as [`EventKind::Ussd`], after [`EventKind::Answered`] or without it.
    ///
    /// # Errors
    /// As [`command`](Self::command); a string is written where it is 1 to 160 characters of ASCII
    /// without quotation marks, and the modem's form of it fits into a command.
    #[cfg(feature = "commands")]
    pub fn ussd(&mut self, string: &str, now: Instant) -> Result<(), Busy> {
        let packed = self.session.options.profile.packs_ussd;
        self.command(&ussd::UssdRequest { string, packed }, now)
    }

    /// Tells what the modem's `STATUS` pin says: whether it is switched on. Only a board that has it
    /// wired calls this, at the start and at each change.
    pub fn powered(&mut self, on: bool, now: Instant) {
        self.session.pass(now);
        self.session.powered(on);
    }

    /// Tells that the caller has a received message safe: it is deleted from the modem's store or
    /// acknowledged to the network.
    ///
    /// The next stored message is read only after that, or after [`keep`](Self::keep). What cannot
    /// be deleted is tried again when the stores are looked through, and not handed over again. A
    /// void ticket does nothing.
    pub fn done(&mut self, received: &Ticket, now: Instant) {
        self.session.pass(now);
        self.session.done(received);
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
        self.session.pass(now);
        self.session.keep(received);
    }

    /// Tells that the line to the modem was cut: its port failed or was closed.
    ///
    /// The message in flight ends at once, truthfully, and set-up is run again, at the first of
    /// [`bauds`](Options::bauds). What is transmitted while there is no line is lost, which is no harm.
    pub fn disconnected(&mut self, now: Instant) {
        self.lexer.reset();
        self.session.pass(now);
        self.session.disconnected();
    }

    /// What is to be done next; see the contract above.
    pub fn poll(&mut self) -> Output<'_> {
        self.session.poll(self.lexer.line())
    }

    /// Whether the modem is set up and takes messages.
    pub const fn is_ready(&self) -> bool {
        self.session.link.is_up()
    }

    /// Whether the modem is registered in a network that carries messages; `None` where it does not
    /// tell.
    pub fn is_registered(&self) -> Option<bool> {
        self.session.networks.verdict()
    }

    /// The strength of the signal in dBm, as the modem told it last: when it was set up, and with every
    /// look through the stores. `None` where it does not know it.
    pub const fn signal(&self) -> Option<i16> {
        self.session.signal
    }

    /// How the modem is driven: the profile that it was given, or the one that set-up has chosen.
    pub const fn profile(&self) -> &'static Profile {
        self.session.options.profile
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
    /// Nothing. The next command may start when the step's time is over.
    Idle,
    /// Nothing, until the line was silent.
    Quiet,
    /// Nothing yet: a command of set-up when the step's time is over.
    Pause,
    /// A command of set-up.
    Setup,
    /// `AT+CMMS=`, before a message that others follow.
    More,
    /// `AT+CMGS=`, up to the prompt.
    Prompt,
    /// The PDU, up to its result.
    Result,
    /// `AT+CPMS=`, for what is to be done in another store.
    Select,
    /// `AT+CMGR=`.
    Read,
    /// `AT+CMGL=4`.
    List,
    /// `AT+CMGD=`.
    Delete,
    /// `AT+CNMA`.
    Acknowledge,
    /// A command of the caller's.
    Asked,
    /// A command of set-up, given again to see whether the modem has its settings still.
    Care,
    /// Waking the modem.
    Wake,
    /// What is done, step by step, to bring back a modem that does not answer.
    Climb,
}

impl Step {
    /// Whether nothing of the modem is waited for, only the time of the next command.
    const fn waits(self) -> bool {
        matches!(self, Self::Idle | Self::Wake | Self::Pause | Self::Climb)
    }
}

// In this order, since a Cortex-M0 reaches an octet in the first 32, and a word in the first 128, with
// one instruction.
#[derive(Debug)]
#[repr(C)]
struct Session {
    step: Step,
    /// Of set-up: which command, where one is in flight or next.
    setup: Setup,
    /// Which one of the profile's, where set-up has several.
    row: u8,
    /// TP-MR, once it came.
    reference: Option<u8>,
    networks: Networks,
    /// Another message follows the outgoing one, and the modem was not told yet.
    more: bool,
    care: Option<Setup>,
    event: Option<Notice>,
    /// Behind it, that a message was lost with it is to be told.
    lost_with_it: bool,
    noted_len: u8,
    noted: Slot,
    generation: u16,
    link: Link,
    timers: Timers,
    options: Options,
    damaged: u16,
    /// In dBm.
    signal: Option<i16>,
    inbox: Inbox,
    /// When the time was told last.
    now: Instant,
    answered: Option<Answered>,
    effect: Option<Effect>,
    outcome: Option<(u16, Outcome)>,
    asked: Option<Asked>,
    transmit: Transmit,
    /// The PDU to be sent; empty where there is none.
    outgoing: Vec<u8, PDU_MAX, u8>,
}

/// What is to be done to the port or to a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Pin(options::Pin, bool),
    Baud(u32),
}

impl Session {
    #[inline(never)]
    fn new(options: Options, now: Instant) -> Self {
        Self {
            step: Step::Climb,
            setup: Setup::Attention,
            row: 0,
            reference: None,
            networks: Networks::default(),
            more: false,
            care: None,
            event: None,
            lost_with_it: false,
            noted_len: 0,
            noted: Slot::NONE,
            link: Link::new(&options),
            generation: 0,
            damaged: 0,
            signal: None,
            inbox: Inbox::new(),
            timers: Timers::new(recover::patience(options.profile)),
            now,
            answered: None,
            effect: None,
            outcome: None,
            options,
            asked: None,
            transmit: Transmit::new(),
            outgoing: Vec::new(),
        }
    }

    /// Notes that it is `now`.
    #[inline(never)]
    fn pass(&mut self, now: Instant) {
        let ms = now.0.saturating_sub(self.now.0);
        self.now = now;
        self.timers.pass(u32::try_from(ms).unwrap_or(u32::MAX));
    }

    #[inline(never)]
    fn has_output(&self) -> bool {
        self.transmit.has_output()
            || self.outcome.is_some()
            || cfg!(feature = "commands") && self.answered.is_some()
            || cfg!(any(feature = "ladder", feature = "sleep")) && self.effect.is_some()
            || self.event.is_some()
    }

    /// What is to be done next; `line` is the one that came last.
    fn poll(&mut self, line: &[u8]) -> Output<'_> {
        if let Some((generation, outcome)) = self.outcome.take() {
            return Output::Event(Event { generation, kind: EventKind::Finished(outcome) });
        }
        let generation = self.generation;
        if let Some(notice) = self.event.take() {
            if core::mem::take(&mut self.lost_with_it) {
                self.event = Some(Notice::Damaged);
            }
            return Output::Event(Event { generation, kind: self.told(notice, line) });
        }
        if cfg!(feature = "commands")
            && let Some(answered) = self.answered.take()
        {
            return Output::Event(Event { generation, kind: EventKind::Answered(answered) });
        }
        if cfg!(any(feature = "ladder", feature = "sleep"))
            && let Some(effect) = self.effect.take()
        {
            return match effect {
                Effect::Pin(pin, level) => Output::Pin(pin, level),
                Effect::Baud(baud) => Output::Baud(baud),
            };
        }
        if self.transmit.take(&self.outgoing) {
            return Output::Transmit(self.transmit.octets());
        }
        Output::Wait(self.now.after(self.wake_after()))
    }

    /// Starts the command `AT` + `text`.
    #[inline(never)]
    fn start_text(&mut self, step: Step, text: &str) {
        self.transmit.command(text.as_bytes());
        self.started(step);
    }

    /// Starts the command `AT` + `text` + `number`.
    #[inline(never)]
    fn start_number(&mut self, step: Step, text: &str, number: u32) {
        self.transmit.number(text.as_bytes(), number);
        self.started(step);
    }

    /// Starts the command `AT` + `text` + `value` in quotation marks.
    #[inline(never)]
    fn start_quoted(&mut self, step: Step, text: &str, value: &[u8]) {
        self.transmit.quoted(text.as_bytes(), value);
        self.started(step);
    }

    /// A command is to be written. Where it asks network or SIM, the caller gives it more time.
    #[inline(never)]
    fn started(&mut self, step: Step) {
        self.step = step;
        self.timers.set(Timer::Step, self.options.profile.answer_ms);
        self.timers.since_command = 0;
        self.link.command_starts();
    }

    /// The command in flight is done: the next may start after the gap.
    #[inline(never)]
    fn finish(&mut self) {
        self.link.command_ends();
        self.inbox.command_ends();
        self.step = Step::Idle;
        self.next_after(self.options.profile.gap_ms);
    }

    /// The next command may start after so long.
    fn next_after(&mut self, ms: u32) {
        self.timers.set(Timer::Step, ms);
        self.timers.set(Timer::Fresh, ms.saturating_add(inbox::RESTART_MS));
    }

    fn tell(&mut self, notice: Notice) {
        debug_assert!(self.event.is_none(), "nothing is read while an event waits");
        self.event = Some(notice);
    }

    /// Notes that the modem said something.
    fn heard(&mut self) {
        if self.step == Step::Quiet {
            self.timers.set(
                Timer::Step,
                self.timers.left(Timer::Silence).min(self.options.profile.quiet_ms),
            );
        }
    }

    /// In how many milliseconds there is something to do though nothing comes from the modem.
    #[inline(never)]
    fn wake_after(&self) -> u32 {
        let mut ms = match self.step {
            step if step.waits() && self.inbox.expects_pdu() => NEVER,
            Step::Idle if !self.has_work() && !self.may_sleep() => {
                self.timers.left(Timer::Step).max(self.timers.left(Timer::Sweep))
            }
            _ => self.timers.left(Timer::Step),
        };
        if self.inbox.expects_pdu() {
            ms = ms.min(self.timers.left(Timer::SecondLine));
        }
        if self.inbox.is_owing() {
            ms = ms.min(self.timers.left(Timer::Duty));
        }
        ms.min(self.timers.left(Timer::Trouble))
    }

    fn has_work(&self) -> bool {
        !self.outgoing.is_empty()
            || self.asked().is_some()
            || self.care.is_some()
            || self.link.is_stale()
            || self.inbox.has_work()
    }

    fn expire(&mut self) {
        self.expire_inbox();
        if self.event.is_none() && self.timers.is_over(Timer::Trouble) {
            self.tell_trouble();
        }
        // An event is not to be pushed aside, but for silence that is waited for.
        let due = self.timers.is_over(Timer::Step);
        match self.step {
            Step::Quiet if due => self.pause(Setup::Attention, 0),
            _ if !due || self.event.is_some() => {}
            // Nor a two-line message cut in half.
            step if step.waits() && self.inbox.expects_pdu() => {}
            Step::Idle | Step::Wake => self.start_next(),
            Step::Pause => self.start_setup(),
            Step::Climb => self.climb(),
            _ => self.no_answer(),
        }
    }

    /// Chooses what to do next: what the network waits for, then the settings, then messages, in
    /// and out by turns.
    fn start_next(&mut self) {
        let due = self.has_work() || self.timers.is_over(Timer::Sweep);
        if self.start_sleep_or_wake(due) || self.start_acknowledge() {
            return;
        }
        if self.link.is_stale() {
            return self.set_up_again(0);
        }
        let started = self.inbox.turn && self.start_inbox()
            || self.start_send()
            || self.start_asked()
            || self.start_inbox();
        if !started {
            self.step = Step::Idle;
        }
    }
}
