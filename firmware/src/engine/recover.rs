//! Recovering: restarts, power-downs, silence, answers that do not fit.
//!
//! Whatever happens, the message in flight ends once and truthfully, the trouble is told once, and
//! the engine goes on trying.

use septet::at::{CR, ESC, Failure};

use super::ladder::Rung;
use super::setup::Setup;
use super::{Answered, Effect, EventKind, Instant, NotSent, Session, Step, Trouble, Why};
use crate::options::{Options, Pin};
use crate::profile::{Profile, Sleep};

/// The longest wait for a silent line.
const QUIET_MAX_MS: u32 = 5_000;

/// How often set-up begins anew since answers do not fit; then the modem just answers that way.
const OUT_OF_STEP_MAX: u8 = 3;

/// How often a modem at a new speed is asked.
const NEW_SPEED_MAX: u8 = 3;

/// Pause after the modem said that it starts.
const BOOT_MS: u32 = 500;

/// Time after set-up in which `Call Ready` and the like still belong to the start before it.
const SETTLE_MS: u32 = 30_000;

/// What is known of the modem's settings and of its answering at all.
#[derive(Debug)]
pub(super) struct Link {
    up: bool,
    trouble: Trouble,
    /// When the trouble is told, unless set-up ends before; `None` once told.
    tell_at: Option<Instant>,
    /// From when on a line that belongs to a start means a restart.
    settled_at: Instant,
    /// Until when set-up waits for a network, once it does.
    network_until: Option<Instant>,
    /// `AT`s without an answer on this rung of the ladder, one after the other.
    pub(super) unanswered: u8,
    pub(super) rung: Rung,
    /// How often the ladder was climbed in vain, one after the other.
    pub(super) falls: u8,
    /// What the `STATUS` pin says.
    pub(super) powered: Option<bool>,
    /// The modem answered since it last started: a start is a restart.
    pub(super) met: bool,
    /// The modem said that it goes off, or was started anew.
    pub(super) off: bool,
    /// The speed of the port, where that is known; the one before while a new one is tried.
    pub(super) baud: Option<u32>,
    pub(super) old_baud: Option<u32>,
    /// The modem does not switch its speed.
    pub(super) keeps_speed: bool,
    /// It was told by `DTR` that it may sleep.
    pub(super) asleep: bool,
    last_command: Instant,
    pub(super) pin: PinState,
    /// The tries that the PIN has left, as far as the modem tells, and when it was entered last.
    pub(super) tries: Option<u32>,
    pub(super) tries_before: Option<u32>,
    /// The modem refused `AT+CMMS`.
    pub(super) refuses_more: bool,
    /// Which of the profile's `AT+CNMI=` the modem agreed to.
    pub(super) indications: Option<u8>,
    /// Settings may be lost.
    stale: bool,
    echo: Echo,
    /// Whether the command in flight was echoed.
    echoed: bool,
    out_of_step: u8,
    /// How often the present command of set-up was tried again.
    pub(super) retries: u8,
    /// What the line before the `OK` said to the present command of set-up.
    pub(super) answer: Option<Result<(), Failure>>,
}

/// What is known of the PIN that the engine was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PinState {
    /// It was not entered, or it was right.
    Fresh,
    /// The modem has taken it and the SIM is not ready yet.
    Entered,
    /// It was wrong, or nothing says that it was right.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Echo {
    /// Nothing agreed.
    Any,
    /// The modem agreed to leave it. modem-sim800-pi-double-echo goes on for a while.
    Agreed,
    /// A command came back without one: from now on an echo means a restart.
    Off,
}

impl Link {
    pub(super) fn new(options: &Options, now: Instant) -> Self {
        Self {
            up: false,
            trouble: Trouble::NoAnswer,
            tell_at: Some(patience(options.profile, now)),
            settled_at: now,
            network_until: None,
            unanswered: 0,
            rung: Rung::Start,
            falls: 0,
            powered: None,
            met: false,
            off: false,
            baud: options.bauds.first().copied(),
            old_baud: None,
            keeps_speed: options.bauds.is_empty(),
            asleep: false,
            last_command: now,
            pin: PinState::Fresh,
            tries: None,
            tries_before: None,
            refuses_more: false,
            indications: None,
            stale: false,
            echo: Echo::Any,
            echoed: false,
            out_of_step: 0,
            retries: 0,
            answer: None,
        }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.up
    }

    /// Whether nothing can come any more that belongs to the last start.
    pub(super) fn is_settled(&self, now: Instant) -> bool {
        now >= self.settled_at
    }

    pub(super) const fn settled_at(&self) -> Instant {
        self.settled_at
    }

    /// When the trouble is to be told.
    pub(super) const fn expires_at(&self) -> Option<Instant> {
        self.tell_at
    }

    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Has set-up run again at the next occasion.
    pub(super) const fn refresh(&mut self) {
        self.stale = true;
    }

    /// Set-up begins. Patience counts from the first time that it did.
    fn begin(&mut self, profile: &Profile, now: Instant) {
        if self.up {
            self.up = false;
            self.trouble = Trouble::NoAnswer;
            self.tell_at = Some(patience(profile, now));
            self.network_until = None;
            self.unanswered = 0;
            self.falls = 0;
            self.out_of_step = 0;
        }
        self.stale = false;
        self.retries = 0;
    }

    /// Set-up has ended.
    pub(super) const fn set_up(&mut self, now: Instant) {
        self.up = true;
        self.tell_at = None;
        self.settled_at = now.after(SETTLE_MS);
    }

    /// Notes what it is that keeps set-up from its end.
    pub(super) const fn suspect(&mut self, trouble: Trouble) {
        self.trouble = trouble;
    }

    /// Whether a network was waited for long enough.
    pub(super) fn waited_for_network(&mut self, profile: &Profile, now: Instant) -> bool {
        now >= *self.network_until.get_or_insert(now.after(profile.register_ms))
    }

    /// Whether the PIN has fewer tries left than before it was entered.
    pub(super) fn spent_a_try(&self) -> bool {
        self.tries.zip(self.tries_before).is_some_and(|(now, before)| now < before)
    }

    pub(super) const fn command_starts(&mut self, now: Instant) {
        self.echoed = false;
        self.last_command = now;
    }

    pub(super) fn command_ends(&mut self) {
        if self.echo == Echo::Agreed && !self.echoed {
            self.echo = Echo::Off;
        }
    }

    pub(super) fn echo_agreed(&mut self) {
        if self.echo == Echo::Any {
            self.echo = Echo::Agreed;
        }
    }
}

/// The longest that set-up takes with a modem that has nothing wrong.
const fn patience(profile: &Profile, now: Instant) -> Instant {
    now.after(profile.boot_ms).after(profile.register_ms)
}

impl Session {
    /// Runs set-up, from the next occasion on.
    pub(super) fn set_up_again(&mut self, ms: u32, now: Instant) {
        self.link.begin(self.profile, now);
        self.rouse();
        self.pause(Setup::Attention, ms, now);
    }

    /// The modem says that it has started.
    pub(super) fn booted(&mut self, now: Instant) {
        if self.link.met || self.link.off {
            self.restart(now);
        } else {
            self.hasten(now);
        }
    }

    /// `Call Ready` and the like, or `+CPIN:` unasked: a part of the start that set-up is waiting
    /// for, or, later, the only sign of another (modem-sim800-reboot-without-power-down-line).
    pub(super) fn part_ready(&mut self, restarted: bool, now: Instant) {
        if self.link.up && restarted {
            self.restart(now);
        } else {
            self.hasten(now);
        }
    }

    /// What was too early may go now.
    fn hasten(&mut self, now: Instant) {
        if let Step::Pause(_) = self.step {
            self.deadline = self.deadline.min(now.after(BOOT_MS));
        }
    }

    /// The modem says that it goes off.
    pub(super) fn powered_down(&mut self, now: Instant) {
        self.abandon_send(NotSent::Rebooted, Why::PoweredDown);
        self.link.begin(self.profile, now);
        self.link.off = true;
        self.lost(Trouble::PoweredDown, Setup::Attention, BOOT_MS, now);
        self.switch_on(now);
    }

    /// The line to the modem was cut.
    pub(super) fn disconnected(&mut self, now: Instant) {
        self.abandon_send(NotSent::Lost, Why::Disconnected);
        self.transmit_ready = false;
        self.link.begin(self.profile, now);
        // It may be another modem next time: what was known of this one is nothing to act on.
        self.link.met = false;
        self.link.echo = Echo::Any;
        self.registration = [None; 3];
        self.inbox.restart(now);
        self.lost(Trouble::Disconnected, Setup::Attention, BOOT_MS, now);
    }

    /// Anything else: the echo of a command, which tells a restart where echo was off.
    pub(super) fn other(&mut self, text: &[u8], now: Instant) {
        if self.transmit.strip_suffix(&[CR]) != Some(text) {
            return;
        }
        if self.link.echo == Echo::Off {
            self.restart(now);
        } else {
            self.link.echoed = true;
        }
    }

    /// The modem has restarted: its settings are lost.
    fn restart(&mut self, now: Instant) {
        // Where the echo of `AT+CMGS=` told it, a prompt will follow.
        let prompt = self.step == Step::Prompt;
        self.renew(now);
        self.set_up_again(BOOT_MS, now);
        if prompt {
            self.escape(now);
        }
    }

    /// Begins another life of the modem.
    fn renew(&mut self, now: Instant) {
        self.abandon_send(NotSent::Rebooted, Why::Rebooted);
        self.end_asked(Answered::NoAnswer);
        self.link.refuses_more = false;
        self.signal = None;
        self.generation = self.generation.wrapping_add(1);
        self.link.met = false;
        self.link.off = false;
        self.link.out_of_step = 0;
        self.link.echo = Echo::Any;
        self.registration = [None; 3];
        self.inbox.restart(now);
        self.tell(EventKind::Rebooted);
    }

    /// The modem answers `AT`.
    pub(super) fn answered(&mut self, now: Instant) {
        self.link.unanswered = 0;
        self.link.falls = 0;
        self.link.rung = Rung::Start;
        if self.link.off {
            self.renew(now);
        }
        self.link.met = true;
    }

    /// The step in flight has had its time.
    pub(super) fn no_answer(&mut self, now: Instant) {
        // Set-up begins anew because of this, whatever it was before.
        self.link.out_of_step = 0;
        match self.step {
            Step::Setup(Setup::Pin) if self.link.answer.is_some() => {
                return self.setup_ends(Setup::Pin, Ok(()), now);
            }
            Step::Setup(Setup::Attention) => return self.unanswered(now),
            Step::Setup(Setup::NewSpeed) => return self.deaf(now),
            Step::Prompt | Step::Result(_) => {
                self.abandon_send(NotSent::NoPrompt, Why::NoAnswer);
            }
            Step::List => self.inbox.sweep = None,
            Step::Select(_) => self.inbox.not_selected(now),
            Step::Read(_) => self.inbox.look_again(now),
            Step::Delete => self.inbox.not_deleted(now),
            Step::Acknowledge => self.inbox.not_acknowledged(now),
            // An announcement may be lost with the answer.
            Step::Setup(_) => self.inbox.sweep_soon(now),
            Step::Asked => self.end_asked(Answered::NoAnswer),
            Step::More | Step::Care(_) => {}
            Step::Idle | Step::Quiet(_) | Step::Pause(_) | Step::Wake | Step::Climb(_) => {}
        }
        self.resync(now);
    }

    /// Nothing is heard at the new speed: back to the old one.
    fn deaf(&mut self, now: Instant) {
        self.link.retries = self.link.retries.saturating_add(1);
        if self.link.retries < NEW_SPEED_MAX {
            return self.pause(Setup::NewSpeed, 0, now);
        }
        self.link.keeps_speed = true;
        if let Some(baud) = self.link.old_baud.take() {
            self.switch_speed(baud);
        }
        self.resync(now);
    }

    /// Whether the modem is let sleep or is woken before the next command: then that is under way.
    pub(super) fn start_sleep_or_wake(&mut self, due: bool, now: Instant) -> bool {
        let asleep = match self.sleep() {
            Sleep::Never => false,
            Sleep::Pin { .. } => self.link.asleep,
            Sleep::Line { quiet_ms, .. } => now >= self.link.last_command.after(quiet_ms.into()),
        };
        match self.sleep() {
            Sleep::Pin { wake_ms, .. } if due && asleep => {
                self.rouse();
                self.step = Step::Wake;
                self.deadline = now.after(wake_ms.into());
            }
            Sleep::Line { wake_ms, .. } if due && asleep => {
                self.start_text(Step::Wake, "", wake_ms.into(), now);
            }
            Sleep::Pin { .. } if !due && !asleep => {
                self.link.asleep = true;
                self.effect = Some(Effect::Pin(Pin::DataTerminalReady, false));
                self.step = Step::Idle;
            }
            _ => return false,
        }
        true
    }

    /// Whether the modem is to be told, now that nothing is to be done, that it may sleep.
    pub(super) fn may_sleep(&self) -> bool {
        matches!(self.sleep(), Sleep::Pin { .. }) && !self.link.asleep
    }

    /// How the modem is let sleep, if at all.
    fn sleep(&self) -> Sleep {
        match self.profile.sleep {
            Sleep::Pin { .. } if !self.options.wiring.data_terminal_ready => Sleep::Never,
            sleep if self.options.sleep => sleep,
            _ => Sleep::Never,
        }
    }

    /// The command that lets the modem sleep.
    pub(super) fn sleep_command(&self) -> Option<&'static str> {
        match self.sleep() {
            Sleep::Never => None,
            Sleep::Pin { command, .. } | Sleep::Line { command, .. } => Some(command),
        }
    }

    /// A modem that sleeps by its pin is woken.
    fn rouse(&mut self) {
        if core::mem::take(&mut self.link.asleep) {
            self.effect = Some(Effect::Pin(Pin::DataTerminalReady, true));
        }
    }

    /// Runs set-up again, once the line is silent and answers fit commands.
    pub(super) fn resync(&mut self, now: Instant) {
        self.link.begin(self.profile, now);
        self.rouse();
        // A prompt may be open, from this session or from one before it.
        self.escape(now);
    }

    /// Leaves a prompt that may be open, then waits for silence.
    fn escape(&mut self, now: Instant) {
        self.wait_for_silence(now);
        self.transmit.clear();
        self.transmit.extend([ESC, CR]);
        self.transmit_ready = true;
    }

    fn wait_for_silence(&mut self, now: Instant) {
        self.step = Step::Quiet(now.after(QUIET_MAX_MS));
        self.deadline = now.after(self.profile.quiet_ms);
    }

    /// An `OK` came where another line had to be before it: it is the answer to an earlier command.
    ///
    /// Set-up begins anew when the line is silent. `false` when that did not help.
    pub(super) fn out_of_step(&mut self, now: Instant) -> bool {
        self.link.out_of_step = self.link.out_of_step.saturating_add(1);
        let again = self.link.out_of_step <= OUT_OF_STEP_MAX;
        if again {
            self.link.suspect(Trouble::NoSync);
            self.wait_for_silence(now);
        }
        again
    }

    /// Set-up cannot end: tells it once and goes on with `next` after a pause.
    pub(super) fn lost(&mut self, trouble: Trouble, next: Setup, ms: u32, now: Instant) {
        self.link.suspect(trouble);
        self.pause(next, ms, now);
        self.tell_trouble(now);
    }

    /// Tells why no message can be sent, unless that was told.
    pub(super) fn tell_trouble(&mut self, now: Instant) {
        self.abandon_send(NotSent::Lost, Why::NoAnswer);
        self.end_asked(Answered::NoAnswer);
        self.inbox.sweep_soon(now);
        if self.event.is_some() {
            // Once that is out of the way.
            self.link.tell_at = self.link.tell_at.map(|_| now);
        } else if self.link.tell_at.take().is_some() {
            self.tell(EventKind::Lost(self.link.trouble));
        }
    }
}
