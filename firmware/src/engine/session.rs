//! The state of a session: which step is in flight, what is next, and what is told of it.

use heapless::Vec;
use septet::pdu::PDU_MAX;

use super::ask::Asked;
use super::event::Notice;
use super::inbox::{self, Inbox, Slot};
use super::lines::Networks;
use super::recover::{self, Link};
use super::setup::Setup;
use super::time::{NEVER, Timer, Timers};
use super::transmit::Transmit;
use super::{Answered, Event, EventKind, Instant, Outcome, Output};
use crate::options::{self, Options};

/// What is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
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
pub(super) struct Session {
    pub(super) step: Step,
    /// Of set-up: which command, where one is in flight or next.
    pub(super) setup: Setup,
    /// Which one of the profile's, where set-up has several.
    pub(super) row: u8,
    /// TP-MR, once it came.
    pub(super) reference: Option<u8>,
    pub(super) networks: Networks,
    /// Another message follows the outgoing one, and the modem was not told yet.
    pub(super) more: bool,
    pub(super) care: Option<Setup>,
    pub(super) event: Option<Notice>,
    /// Behind it, that a message was lost with it is to be told.
    pub(super) lost_with_it: bool,
    pub(super) noted_len: u8,
    pub(super) noted: Slot,
    pub(super) generation: u16,
    pub(super) link: Link,
    pub(super) timers: Timers,
    pub(super) options: Options,
    pub(super) damaged: u16,
    /// In dBm.
    pub(super) signal: Option<i16>,
    pub(super) inbox: Inbox,
    /// When the time was told last.
    now: Instant,
    pub(super) answered: Option<Answered>,
    pub(super) effect: Option<Effect>,
    pub(super) outcome: Option<(u16, Outcome)>,
    pub(super) asked: Option<Asked>,
    pub(super) transmit: Transmit,
    /// The PDU to be sent; empty where there is none.
    pub(super) outgoing: Vec<u8, PDU_MAX, u8>,
}

/// What is to be done to the port or to a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Pin(options::Pin, bool),
    Baud(u32),
}

impl Session {
    #[inline(never)]
    pub(super) fn new(options: Options, now: Instant) -> Self {
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
    pub(super) fn pass(&mut self, now: Instant) {
        let ms = now.0.saturating_sub(self.now.0);
        self.now = now;
        self.timers.pass(u32::try_from(ms).unwrap_or(u32::MAX));
    }

    #[inline(never)]
    pub(super) fn has_output(&self) -> bool {
        self.transmit.has_output()
            || self.outcome.is_some()
            || cfg!(feature = "commands") && self.answered.is_some()
            || cfg!(any(feature = "ladder", feature = "sleep")) && self.effect.is_some()
            || self.event.is_some()
    }

    /// What is to be done next; `line` is the one that came last.
    pub(super) fn poll(&mut self, line: &[u8]) -> Output<'_> {
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
    pub(super) fn start_text(&mut self, step: Step, text: &str) {
        self.transmit.command(text.as_bytes());
        self.started(step);
    }

    /// Starts the command `AT` + `text` + `number`.
    #[inline(never)]
    pub(super) fn start_number(&mut self, step: Step, text: &str, number: u32) {
        self.transmit.number(text.as_bytes(), number);
        self.started(step);
    }

    /// Starts the command `AT` + `text` + `value` in quotation marks.
    #[inline(never)]
    pub(super) fn start_quoted(&mut self, step: Step, text: &str, value: &[u8]) {
        self.transmit.quoted(text.as_bytes(), value);
        self.started(step);
    }

    /// A command is to be written. Where it asks network or SIM, the caller gives it more time.
    #[inline(never)]
    pub(super) fn started(&mut self, step: Step) {
        self.step = step;
        self.timers.set(Timer::Step, self.options.profile.answer_ms);
        self.timers.since_command = 0;
        self.link.command_starts();
    }

    /// The command in flight is done: the next may start after the gap.
    #[inline(never)]
    pub(super) fn finish(&mut self) {
        self.link.command_ends();
        self.inbox.command_ends();
        self.step = Step::Idle;
        self.next_after(self.options.profile.gap_ms);
    }

    /// The next command may start after so long.
    pub(super) fn next_after(&mut self, ms: u32) {
        self.timers.set(Timer::Step, ms);
        self.timers.set(Timer::Fresh, ms.saturating_add(inbox::RESTART_MS));
    }

    pub(super) fn tell(&mut self, notice: Notice) {
        debug_assert!(self.event.is_none(), "nothing is read while an event waits");
        self.event = Some(notice);
    }

    /// Notes that the modem said something.
    pub(super) fn heard(&mut self) {
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

    pub(super) fn expire(&mut self) {
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
