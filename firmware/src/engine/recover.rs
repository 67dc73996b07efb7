//! Recovering: restarts, power-downs, silence, answers that do not fit.
//!
//! Whatever happens, the message in flight ends once and truthfully, each trouble is told once, and
//! the engine goes on trying.

use septet::at::{CR, ESC, Failure};

use super::event::Notice;
use super::ladder::Rung;
use super::lines::Networks;
use super::setup::Setup;
use super::time::{NEVER, Timer};
use super::{Answered, Effect, NotSent, Session, Step, Trouble, Why};
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

/// What is known of the modem's settings and of its answering at all.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Link {
    up: bool,
    /// Settings may be lost.
    stale: bool,
    /// The modem answered since it last started: a start is a restart.
    pub(super) met: bool,
    /// The modem said that it goes off, or was started anew.
    pub(super) off: bool,
    echo: Echo,
    /// Whether the command in flight was echoed.
    echoed: bool,
    out_of_step: u8,
    /// How often the present command of set-up was tried again.
    pub(super) retries: u8,
    /// `AT`s without an answer on this rung of the ladder, one after the other.
    pub(super) unanswered: u8,
    /// The rung that was reached, and the one that is climbed.
    pub(super) rung: Rung,
    pub(super) climbed: Rung,
    /// What of the ladder is to be done next, while it is climbed.
    pub(super) row: u8,
    /// Which of the speeds is tried.
    pub(super) speed: u8,
    /// How often the ladder was climbed in vain, one after the other.
    pub(super) falls: u8,
    /// The modem does not switch its speed.
    pub(super) keeps_speed: bool,
    /// It was told by `DTR` that it may sleep.
    pub(super) asleep: bool,
    /// The modem refused `AT+CMMS`.
    pub(super) refuses_more: bool,
    pub(super) pin: PinState,
    /// What the `STATUS` pin says.
    pub(super) powered: Option<bool>,
    /// The tries that the PIN has left, as far as the modem tells, and when it was entered last.
    pub(super) tries: Option<u8>,
    pub(super) tries_before: Option<u8>,
    /// Which of the profile's `AT+CNMI=` the modem agreed to.
    pub(super) indications: Option<u8>,
    /// What the line before the `OK` said to the present command of set-up.
    pub(super) answer: Option<Result<(), Failure>>,
    pub(super) trouble: Trouble,
    /// The trouble that was told last.
    told: Option<Trouble>,
    /// The speed of the port, and the one before while a new one is tried; 0 where there is none.
    pub(super) baud: u32,
    pub(super) old_baud: u32,
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
    pub(super) const fn new(options: &Options) -> Self {
        let baud = match options.bauds {
            [baud, ..] => *baud,
            [] => 0,
        };
        Self {
            up: false,
            stale: false,
            met: false,
            off: false,
            echo: Echo::Any,
            echoed: false,
            out_of_step: 0,
            retries: 0,
            unanswered: 0,
            rung: Rung::Start,
            climbed: Rung::Start,
            row: 0,
            speed: 0,
            falls: 0,
            keeps_speed: options.bauds.is_empty(),
            asleep: false,
            refuses_more: false,
            pin: PinState::Fresh,
            powered: None,
            tries: None,
            tries_before: None,
            indications: None,
            answer: None,
            trouble: Trouble::NoAnswer,
            told: None,
            baud,
            old_baud: 0,
        }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.up
    }

    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Has set-up run again at the next occasion.
    pub(super) const fn refresh(&mut self) {
        self.stale = true;
    }

    /// Set-up has ended.
    pub(super) const fn set_up(&mut self) {
        self.up = true;
    }

    /// Notes what it is that keeps set-up from its end.
    pub(super) const fn suspect(&mut self, trouble: Trouble) {
        self.trouble = trouble;
    }

    /// Whether the PIN has fewer tries left than before it was entered.
    pub(super) fn spent_a_try(&self) -> bool {
        matches!((self.tries, self.tries_before), (Some(now), Some(before)) if now < before)
    }

    /// The command in flight was echoed.
    pub(super) const fn echo_came(&mut self) {
        self.echoed = true;
    }

    pub(super) const fn command_starts(&mut self) {
        self.echoed = false;
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
pub(super) const fn patience(profile: &Profile) -> u32 {
    profile.boot_ms.saturating_add(profile.register_ms)
}

impl Session {
    /// Runs set-up, from the next occasion on.
    pub(super) fn set_up_again(&mut self, ms: u32) {
        self.begin();
        self.rouse();
        self.pause(Setup::Attention, ms);
    }

    /// Set-up begins. Patience counts from the first time that it did.
    #[inline(never)]
    fn begin(&mut self) {
        if self.link.up {
            self.link.up = false;
            self.link.trouble = Trouble::NoAnswer;
            self.link.told = None;
            self.link.unanswered = 0;
            self.link.falls = 0;
            self.link.out_of_step = 0;
            self.timers.set(Timer::Trouble, patience(self.options.profile));
            self.timers.set(Timer::Network, NEVER);
        }
        self.link.stale = false;
        self.link.retries = 0;
    }

    /// The modem says that it has started.
    pub(super) fn booted(&mut self) {
        if self.link.met || self.link.off {
            self.restart();
        } else {
            self.hasten();
        }
    }

    /// `Call Ready` and the like, or `+CPIN:` unasked: a part of the start that set-up is waiting
    /// for, or, later, the only sign of another (modem-sim800-reboot-without-power-down-line).
    pub(super) fn part_ready(&mut self, restarted: bool) {
        if self.link.up && restarted {
            self.restart();
        } else {
            self.hasten();
        }
    }

    /// What was too early may go now.
    fn hasten(&mut self) {
        if self.step == Step::Pause {
            self.timers.shorten(Timer::Step, BOOT_MS);
        }
    }

    /// The modem says that it goes off.
    pub(super) fn powered_down(&mut self) {
        self.abandon_send(NotSent::Rebooted, Why::PoweredDown);
        self.begin();
        self.link.off = true;
        self.lost(Trouble::PoweredDown, Setup::Attention, BOOT_MS);
        self.switch_on();
    }

    /// The line to the modem was cut.
    pub(super) fn disconnected(&mut self) {
        self.abandon_send(NotSent::Lost, Why::Disconnected);
        self.transmit.cancel();
        self.begin();
        // It may be another modem next time: what was known of this one is nothing to act on.
        self.forget();
        self.begin_speeds();
        self.lost(Trouble::Disconnected, Setup::Attention, BOOT_MS);
    }

    /// The echo of the command in flight, which tells a restart where echo was off.
    pub(super) fn echoed(&mut self) {
        if self.link.echo == Echo::Off {
            self.restart();
        } else {
            self.link.echo_came();
        }
    }

    /// The modem has restarted: its settings are lost.
    fn restart(&mut self) {
        // Where the echo of `AT+CMGS=` told it, a prompt will follow.
        let prompt = self.step == Step::Prompt;
        self.renew();
        self.set_up_again(BOOT_MS);
        if prompt {
            self.escape();
        }
    }

    /// Begins another life of the modem.
    fn renew(&mut self) {
        self.abandon_send(NotSent::Rebooted, Why::Rebooted);
        self.end_asked(Answered::NoAnswer);
        self.generation = self.generation.wrapping_add(1);
        self.link.refuses_more = false;
        self.link.off = false;
        self.link.out_of_step = 0;
        self.signal = None;
        self.forget();
        self.tell(Notice::Rebooted);
    }

    /// Forgets what only the modem as it was had said.
    fn forget(&mut self) {
        self.link.met = false;
        self.link.echo = Echo::Any;
        self.networks = Networks::default();
        self.inbox.restart();
        self.timers.set(Timer::Sweep, 0);
    }

    /// The modem answers `AT`.
    pub(super) fn answered(&mut self) {
        self.link.unanswered = 0;
        self.link.falls = 0;
        self.link.rung = Rung::Start;
        if self.link.off {
            self.renew();
        }
        self.link.met = true;
        if self.timers.left(Timer::Trouble) == NEVER {
            // What was told is over; another trouble may keep set-up from its end.
            self.timers.set(Timer::Trouble, patience(self.options.profile));
        }
    }

    /// The step in flight has had its time.
    pub(super) fn no_answer(&mut self) {
        // Set-up begins anew because of this, whatever it was before.
        self.link.out_of_step = 0;
        match self.step {
            Step::Setup => match self.setup {
                Setup::Pin if self.link.answer.is_some() => return self.setup_ends(Ok(())),
                Setup::Attention => return self.unanswered(),
                Setup::NewSpeed if cfg!(feature = "ladder") => return self.deaf(),
                // An announcement may be lost with the answer.
                _ => self.timers.set(Timer::Sweep, 0),
            },
            Step::Prompt | Step::Result => {
                let is_out = self.step == Step::Result && !self.transmit.has_pdu();
                self.abandon_send(NotSent::NoPrompt, Why::NoAnswer);
                if is_out {
                    // Its result may still come, and is not to be taken for that of the next message.
                    self.begin();
                    self.enter(Rung::Restart);
                    return self.climb();
                }
            }
            Step::List => self.inbox.sweep = None,
            Step::Select => self.inbox.not_selected(&mut self.timers),
            Step::Read => self.inbox.look_again(&mut self.timers),
            Step::Delete => self.inbox.not_deleted(&mut self.timers),
            Step::Acknowledge => self.inbox.not_acknowledged(&mut self.timers),
            Step::Asked => self.end_asked(Answered::NoAnswer),
            Step::More | Step::Care => {}
            Step::Idle | Step::Quiet | Step::Pause | Step::Wake | Step::Climb => {}
        }
        self.resync();
    }

    /// Nothing is heard at the new speed: back to the old one.
    fn deaf(&mut self) {
        self.link.retries = self.link.retries.saturating_add(1);
        if self.link.retries < NEW_SPEED_MAX {
            return self.pause(Setup::NewSpeed, 0);
        }
        self.link.keeps_speed = true;
        self.switch_speed(self.link.old_baud);
        self.link.old_baud = 0;
        self.resync();
    }

    /// Whether the modem is let sleep or is woken before the next command: then that is under way.
    pub(super) fn start_sleep_or_wake(&mut self, due: bool) -> bool {
        match (self.sleep(), due) {
            (Sleep::Pin { wake_ms, .. }, true) if self.link.asleep => {
                self.rouse();
                self.step = Step::Wake;
                self.next_after(u32::from(*wake_ms));
            }
            (Sleep::Line { quiet_ms, wake_ms, .. }, true)
                if self.timers.since_command >= u32::from(*quiet_ms) =>
            {
                self.start_text(Step::Wake, "");
                self.next_after(u32::from(*wake_ms));
            }
            (Sleep::Pin { .. }, false) if !self.link.asleep => {
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
    #[inline(never)]
    fn sleep(&self) -> &'static Sleep {
        match &self.options.profile.sleep {
            _ if !cfg!(feature = "sleep") => &Sleep::Never,
            Sleep::Pin { .. } if !self.options.wiring.data_terminal_ready => &Sleep::Never,
            sleep if self.options.sleep => sleep,
            _ => &Sleep::Never,
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
        if cfg!(feature = "sleep") && core::mem::take(&mut self.link.asleep) {
            self.effect = Some(Effect::Pin(Pin::DataTerminalReady, true));
        }
    }

    /// Runs set-up again, once the line is silent and answers fit commands.
    pub(super) fn resync(&mut self) {
        self.begin();
        self.rouse();
        // A prompt may be open, from this session or from one before it.
        self.escape();
    }

    /// Leaves a prompt that may be open, then waits for silence.
    #[inline(never)]
    fn escape(&mut self) {
        self.wait_for_silence();
        self.transmit.text(&[ESC, CR]);
    }

    fn wait_for_silence(&mut self) {
        self.step = Step::Quiet;
        self.timers.set(Timer::Silence, QUIET_MAX_MS);
        self.timers.set(Timer::Step, self.options.profile.quiet_ms);
    }

    /// An `OK` came where another line had to be before it: it is the answer to an earlier command.
    ///
    /// Set-up begins anew when the line is silent. `false` when that did not help.
    pub(super) fn out_of_step(&mut self) -> bool {
        self.link.out_of_step = self.link.out_of_step.saturating_add(1);
        let again = self.link.out_of_step <= OUT_OF_STEP_MAX;
        if again {
            self.link.suspect(Trouble::NoSync);
            self.wait_for_silence();
        }
        again
    }

    /// Set-up cannot end: tells why and goes on with `next` after a pause.
    pub(super) fn lost(&mut self, trouble: Trouble, next: Setup, ms: u32) {
        self.link.suspect(trouble);
        self.pause(next, ms);
        self.tell_trouble();
    }

    /// Tells why no message can be sent, unless that is what was told last.
    pub(super) fn tell_trouble(&mut self) {
        self.abandon_send(NotSent::Lost, Why::NoAnswer);
        self.end_asked(Answered::NoAnswer);
        self.timers.set(Timer::Sweep, 0);
        // Once an event that waits is out of the way.
        let later = self.event.is_some();
        self.timers.set(Timer::Trouble, if later { 0 } else { NEVER });
        if !later && self.link.told != Some(self.link.trouble) {
            self.link.told = Some(self.link.trouble);
            self.tell(Notice::Lost);
        }
    }
}
