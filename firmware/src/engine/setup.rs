//! Set-up: the same commands, in the same order, as often as need be.
//!
//! It is run at the start, after a restart of the modem and after every time-out. Each command may
//! be given again without harm, so that set-up is at once the way to get back in step: an answer
//! that came too late is noticed at `AT+CPIN?` or `AT+CMGF?`, whose `OK` never stands alone.

use septet::at::{Class, CmeError, CmsError, Domain, Failure, Pin};

use super::{EventKind, Instant, Session, Step, Trouble};

/// One command of set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    /// `AT`: is anybody there?
    Attention,
    /// `ATV1`, where results are digits.
    Verbose,
    /// `ATE0`
    Echo,
    /// `AT+CMEE=1`
    Errors,
    /// `AT+CPIN?`
    Pin,
    /// `AT+CMGF=0`
    PduMode,
    /// `AT+CMGF?`
    Check,
    /// `AT+CSMS=`
    Service,
    /// One of the profile's `AT+CNMI=`.
    Indications(u8),
    /// One of the profile's own.
    Init(u8),
    /// `AT+CREG=1` and its sisters: to be told when it changes.
    Watch(Domain),
    /// `AT+CREG?` and its sisters.
    Registration(Domain),
}

/// Time to answer `AT`: a modem that is there does at once.
const ATTENTION_MS: u32 = 1_000;

/// Pause before a command that came too early is tried again.
const EARLY_MS: u32 = 1_000;

/// How often a command is tried while the modem is busy.
const EARLY_MAX: u8 = 20;

/// Pause between two questions for the network.
const REGISTER_MS: u32 = 2_000;

/// Pause between two looks at a SIM that cannot be used.
const SIM_MS: u32 = 5_000;

/// Time for the `OK` after `+CPIN:`; modem-wavecom-cpin-without-ok has none.
const OK_MS: u32 = 1_000;

impl Session {
    /// Runs set-up at the deadline.
    pub(super) fn pause(&mut self, setup: Setup, ms: u32, now: Instant) {
        self.step = Step::Pause(setup);
        self.deadline = now.after(ms);
    }

    pub(super) fn start_setup(&mut self, setup: Setup, now: Instant) {
        let text = match setup {
            Setup::Attention => Some(""),
            Setup::Verbose => Some("V1"),
            Setup::Echo => Some("E0"),
            Setup::Errors => Some("+CMEE=1"),
            Setup::Pin => Some("+CPIN?"),
            Setup::PduMode => Some("+CMGF=0"),
            Setup::Check => Some("+CMGF?"),
            Setup::Service if self.profile.acknowledges => Some("+CSMS=1"),
            Setup::Service => Some("+CSMS=0"),
            Setup::Indications(i) => self.profile.indications.get(usize::from(i)).copied(),
            Setup::Init(i) => self.profile.init.get(usize::from(i)).copied(),
            Setup::Watch(Domain::Circuit) => Some("+CREG=1"),
            Setup::Watch(Domain::Packet) => Some("+CGREG=1"),
            Setup::Watch(Domain::Evolved) => Some("+CEREG=1"),
            Setup::Registration(Domain::Circuit) => Some("+CREG?"),
            Setup::Registration(Domain::Packet) => Some("+CGREG?"),
            Setup::Registration(Domain::Evolved) => Some("+CEREG?"),
        };
        let Some(text) = text else {
            // Past the end of a list.
            let next = match setup {
                Setup::Indications(_) => Setup::Init(0),
                _ => Setup::Watch(Domain::Circuit),
            };
            return self.start_setup(next, now);
        };
        let ms = if setup == Setup::Attention { ATTENTION_MS } else { self.profile.answer_ms };
        self.link.answer = None;
        self.start_text(Step::Setup(setup), text, ms, now);
    }

    /// A line that answers `AT+CPIN?`.
    pub(super) fn pin_told(&mut self, pin: Pin<'_>, now: Instant) {
        let told = match pin {
            Pin::Ready => Ok(()),
            Pin::SimPin => Err(CmeError::SIM_PIN_REQUIRED),
            Pin::SimPuk => Err(CmeError::SIM_PUK_REQUIRED),
            Pin::NotInserted => Err(CmeError::SIM_NOT_INSERTED),
            Pin::Other(b"NOT READY") => Err(CmeError::SIM_BUSY),
            // PH-NET PIN, SIM PIN2 and the like.
            Pin::Other(_) => Err(CmeError::PH_SIM_PIN_REQUIRED),
        };
        self.link.answer = Some(told.map_err(Failure::Cme));
        self.deadline = self.deadline.min(now.after(OK_MS));
    }

    /// A line that answers `AT+CMGF?`.
    pub(super) fn mode_told(&mut self, mode: Option<u32>) {
        self.link.answer = Some(match mode {
            Some(0) => Ok(()),
            _ => Err(Failure::Error),
        });
    }

    /// A result in digits, `0` for `OK` or `4` for `ERROR`: another program left `ATV0`.
    ///
    /// ITU-T V.250, section 6.2.6.
    pub(super) fn numeric_result(&mut self, setup: Setup, now: Instant) {
        self.setup_ends(setup, Ok(()), now);
        if setup == Setup::Attention {
            self.pause(Setup::Verbose, self.profile.gap_ms, now);
        }
    }

    /// A command of set-up has its result.
    pub(super) fn setup_ends(&mut self, setup: Setup, result: Result<(), Failure>, now: Instant) {
        self.link.command_ends();
        let told = self.link.answer.take();
        let result = result.and(told.unwrap_or(Ok(())));
        if let Err(failure) = result
            && failure.class() == Class::Busy
            && self.try_again(setup, failure, now)
        {
            return;
        }
        let alone = matches!(setup, Setup::Pin | Setup::Check) && told.is_none();
        if alone && result.is_ok() && self.out_of_step(now) {
            return;
        }
        let next = match (setup, result) {
            // ERROR is an answer too.
            (Setup::Attention, _) => {
                self.answered(now);
                Setup::Echo
            }
            (Setup::Verbose, _) => Setup::Echo,
            (Setup::Echo, _) => {
                if result.is_ok() {
                    self.link.echo_agreed();
                }
                Setup::Errors
            }
            (Setup::Errors, _) => Setup::Pin,
            (Setup::Pin, Ok(())) => Setup::PduMode,
            (Setup::Pin, Err(failure)) => match sim_trouble(failure) {
                Some(trouble) => return self.lost(trouble, Setup::Pin, SIM_MS, now),
                None => Setup::PduMode,
            },
            (Setup::PduMode, Ok(())) => Setup::Check,
            // modem-sim800-boot-and-too-early-cmgf: ERROR until the SIM is read.
            (Setup::PduMode, Err(failure)) => {
                self.link.retries = 0;
                self.try_again(setup, failure, now);
                return;
            }
            (Setup::Check, Err(_)) if told.is_some() => {
                self.link.retries = 0;
                self.try_again(Setup::PduMode, Failure::Error, now);
                return;
            }
            (Setup::Check, _) => Setup::Service,
            (Setup::Service, _) => {
                self.inbox.acknowledges = self.profile.acknowledges && result.is_ok();
                Setup::Indications(0)
            }
            (Setup::Indications(_), Ok(())) => Setup::Init(0),
            (Setup::Indications(i), Err(_)) => Setup::Indications(i.saturating_add(1)),
            (Setup::Init(i), _) => Setup::Init(i.saturating_add(1)),
            (Setup::Watch(Domain::Circuit), _) => Setup::Watch(Domain::Packet),
            (Setup::Watch(Domain::Packet), _) => Setup::Watch(Domain::Evolved),
            (Setup::Watch(Domain::Evolved), _) => Setup::Registration(Domain::Circuit),
            (Setup::Registration(Domain::Circuit), _) => Setup::Registration(Domain::Packet),
            (Setup::Registration(Domain::Packet), _) => Setup::Registration(Domain::Evolved),
            (Setup::Registration(Domain::Evolved), _) => {
                if self.verdict() == Some(false) && !self.link.waited_for_network(self.profile, now)
                {
                    self.pause(Setup::Registration(Domain::Circuit), REGISTER_MS, now);
                } else {
                    self.ready(now);
                }
                return;
            }
        };
        self.link.retries = 0;
        self.pause(next, self.profile.gap_ms, now);
    }

    /// Tries a command again that came too early; `false` when that was done often enough.
    fn try_again(&mut self, setup: Setup, failure: Failure, now: Instant) -> bool {
        self.link.suspect(Trouble::Refused(failure));
        self.link.retries = self.link.retries.saturating_add(1);
        let again = self.link.retries <= EARLY_MAX;
        if again {
            self.pause(setup, EARLY_MS, now);
        }
        again
    }

    fn ready(&mut self, now: Instant) {
        self.link.set_up(now);
        // The trouble before may have been a restart that nothing told.
        self.inbox.selected = None;
        self.finish(now);
        self.tell(EventKind::Ready);
    }
}

/// What a refusal of `AT+CPIN?` says of the SIM; `None` where the modem only lacks the command.
const fn sim_trouble(failure: Failure) -> Option<Trouble> {
    match failure {
        Failure::Cms(CmsError::SIM_PIN_REQUIRED) | Failure::Cme(CmeError::SIM_PIN_REQUIRED) => {
            Some(Trouble::SimPin)
        }
        Failure::Cms(CmsError::SIM_PUK_REQUIRED) | Failure::Cme(CmeError::SIM_PUK_REQUIRED) => {
            Some(Trouble::SimPuk)
        }
        Failure::Cms(
            CmsError::PH_SIM_PIN_REQUIRED
            | CmsError::SIM_PIN2_REQUIRED
            | CmsError::SIM_PUK2_REQUIRED,
        )
        | Failure::Cme(CmeError(5..=7 | 17 | 18 | 40..=48)) => Some(Trouble::OtherLock),
        _ => match failure.class() {
            Class::Sim => Some(Trouble::NoSim),
            Class::Busy => Some(Trouble::Refused(failure)),
            Class::Permanent | Class::Temporary | Class::Local | Class::Unsupported => None,
        },
    }
}
