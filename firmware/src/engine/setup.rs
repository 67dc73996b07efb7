//! Set-up: the same commands, in the same order, as often as need be.
//!
//! It is run at the start, after a restart of the modem and after every time-out. Each command may
//! be given again without harm, so that set-up is at once the way to get back in step: an answer
//! that came too late is noticed at `AT+CPIN?` or `AT+CMGF?`, whose `OK` never stands alone.

use septet::at::{Argument, Arguments, Class, CmeError, CmsError, Domain, Failure, Pin};

use super::recover::PinState;
use super::{Care, Effect, EventKind, Instant, Session, Step, Trouble};
use crate::profile::{GENERIC, PinTries, Profile};

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
    /// `AT+CGMI`: who made it?
    Maker,
    /// `AT+CGMM`: what is it?
    Model,
    /// `AT+IPR=`
    Speed,
    /// `AT`, at the new speed.
    NewSpeed,
    /// `AT+IFC=2,2` and the like.
    Flow,
    /// `AT+CPIN?`
    Pin,
    /// How many tries the PIN has left.
    Tries,
    /// `AT+CPIN=`
    Enter,
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
    /// What lets it sleep.
    Sleep,
    /// `AT+CSQ`
    Signal,
    /// `AT+CESQ`, where that said nothing.
    Quality,
}

/// Time to answer `AT`: a modem that is there does at once.
const ATTENTION_MS: u32 = 1_000;

/// Pause before a command that came too early is tried again.
const EARLY_MS: u32 = 1_000;

/// How often a command is tried while the modem is busy.
const EARLY_MAX: u8 = 20;

/// Pause between two questions for the network.
const REGISTER_MS: u32 = 2_000;

/// How often phase 2+ service is asked for again: a command may be damaged on its way.
const SERVICE_MAX: u8 = 2;

/// Time for the modem to switch to another speed.
const SWITCH_MS: u32 = 100;

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
            Setup::Attention | Setup::NewSpeed => Some(""),
            Setup::Maker => Some("+CGMI"),
            Setup::Model => Some("+CGMM"),
            Setup::Speed => {
                let baud = Argument::Number(self.options.baud.unwrap_or_default());
                return self.start_set(Step::Setup(setup), "+IPR", baud, ATTENTION_MS, now);
            }
            Setup::Flow => Some(self.profile.flow_control),
            Setup::Tries => Some(self.profile.pin_tries.command),
            Setup::Enter => return self.start_pin(now),
            Setup::Sleep => self.sleep_command(),
            Setup::Signal => Some("+CSQ"),
            Setup::Quality => Some("+CESQ"),
            Setup::Verbose => Some("V1"),
            Setup::Echo => Some("E0"),
            Setup::Errors => Some("+CMEE=1"),
            Setup::Pin => Some("+CPIN?"),
            Setup::PduMode => Some("+CMGF=0"),
            Setup::Check => Some("+CMGF?"),
            Setup::Service if !self.profile.has_services => None,
            Setup::Service if self.profile.acknowledges => Some("+CSMS=1"),
            Setup::Service => Some("+CSMS=0"),
            Setup::Indications(i) => self.indications().get(usize::from(i)).copied(),
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
                Setup::Service => {
                    self.inbox.acknowledges = self.profile.acknowledges;
                    Setup::Indications(0)
                }
                Setup::Indications(_) => Setup::Init(0),
                Setup::Sleep => Setup::Signal,
                _ => Setup::Watch(Domain::Circuit),
            };
            return self.start_setup(next, now);
        };
        let ms = match setup {
            Setup::Attention | Setup::NewSpeed => ATTENTION_MS,
            _ => self.profile.answer_ms,
        };
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
            && setup != Setup::Enter
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
            (Setup::Errors, _) if self.options.candidates.is_empty() => self.after_model(),
            (Setup::Errors, _) => Setup::Maker,
            (Setup::Maker, _) => Setup::Model,
            (Setup::Model, _) => self.after_model(),
            (Setup::Speed, _) => return self.speed_ends(result, now),
            (Setup::NewSpeed, _) => {
                self.link.old_baud = None;
                self.after_speed()
            }
            (Setup::Flow, _) => Setup::Pin,
            (Setup::Pin, Ok(())) => {
                self.link.pin = PinState::Fresh;
                self.link.tries = None;
                Setup::PduMode
            }
            (Setup::Pin, Err(Failure::Cme(CmeError::SIM_PIN_REQUIRED)))
            | (Setup::Pin, Err(Failure::Cms(CmsError::SIM_PIN_REQUIRED)))
                if self.options.pin.is_some() && self.link.pin == PinState::Fresh =>
            {
                self.link.tries_before = self.link.tries.take();
                Setup::Tries
            }
            (Setup::Tries, _) if self.link.spent_a_try() => {
                self.link.pin = PinState::Refused;
                return self.lost(Trouble::WrongPin, Setup::Pin, SIM_MS, now);
            }
            (Setup::Tries, _) if self.link.tries.is_some_and(|tries| tries <= 1) => {
                return self.lost(Trouble::LastPinTry, Setup::Pin, SIM_MS, now);
            }
            (Setup::Tries, _) => Setup::Enter,
            (Setup::Enter, _) => {
                self.pin_ends(result);
                self.link.retries = 0;
                return self.pause(Setup::Pin, EARLY_MS, now);
            }
            (Setup::Pin, Err(failure)) => match sim_trouble(failure) {
                Some(Trouble::SimPin) if self.link.pin != PinState::Fresh => {
                    let slow = self.link.pin == PinState::Entered;
                    if slow && self.try_again(Setup::Pin, failure, now) {
                        return;
                    }
                    return self.lost(Trouble::WrongPin, Setup::Pin, SIM_MS, now);
                }
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
                let refused = self.profile.acknowledges && result.is_err();
                if refused && self.link.retries < SERVICE_MAX {
                    self.link.retries = self.link.retries.saturating_add(1);
                    return self.pause(setup, self.profile.gap_ms, now);
                }
                self.inbox.acknowledges = self.profile.acknowledges && !refused;
                Setup::Indications(0)
            }
            (Setup::Indications(i), Ok(())) => {
                self.link.indications = Some(i);
                Setup::Init(0)
            }
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
                    return self.pause(Setup::Registration(Domain::Circuit), REGISTER_MS, now);
                }
                Setup::Sleep
            }
            (Setup::Sleep, _) => Setup::Signal,
            (Setup::Signal, _) if self.signal.is_none() => Setup::Quality,
            (Setup::Signal | Setup::Quality, _) => return self.ready(now),
        };
        self.link.retries = 0;
        self.pause(next, self.profile.gap_ms, now);
    }

    /// How messages are to be announced: not directly where the modem does not wait for an
    /// acknowledgement that it should wait for.
    const fn indications(&self) -> &'static [&'static str] {
        if self.profile.acknowledges && !self.inbox.acknowledges {
            GENERIC.indications
        } else {
            self.profile.indications
        }
    }

    fn after_model(&self) -> Setup {
        match self.options.baud {
            Some(baud) if self.link.baud != Some(baud) && !self.link.keeps_speed => Setup::Speed,
            _ => self.after_speed(),
        }
    }

    const fn after_speed(&self) -> Setup {
        if self.options.flow_control { Setup::Flow } else { Setup::Pin }
    }

    /// What the modem says of itself: the profile that fits is used from now on.
    pub(super) fn named(&mut self, words: &[u8]) {
        let says = |says: &&str| {
            let mut places = words.windows(says.len());
            places.any(|place| place.eq_ignore_ascii_case(says.as_bytes()))
        };
        let fits = |profile: &&&Profile| profile.says.iter().any(says);
        if let Some(profile) = self.options.candidates.iter().find(fits) {
            self.profile = profile;
        }
    }

    /// The modem switches its speed behind the `OK`: the port follows. What the modem does not do is
    /// not asked again.
    fn speed_ends(&mut self, result: Result<(), Failure>, now: Instant) {
        if let (Ok(()), Some(baud)) = (result, self.options.baud) {
            self.link.old_baud = self.link.baud;
            self.switch_speed(baud);
            self.pause(Setup::NewSpeed, SWITCH_MS, now);
        } else {
            self.link.keeps_speed = true;
            self.pause(self.after_speed(), self.profile.gap_ms, now);
        }
    }

    /// Has the port switched to this speed.
    pub(super) const fn switch_speed(&mut self, baud: u32) {
        self.link.baud = Some(baud);
        self.effect = Some(Effect::Baud(baud));
    }

    /// The answer to the question for the tries that the PIN has left.
    pub(super) fn tries_told(&mut self, name: &str, arguments: Arguments<'_>) {
        let PinTries { command, index } = self.profile.pin_tries;
        let asked = command.split(['=', '?']).next();
        if asked == Some(name) {
            self.link.tries = arguments.get(index.into()).number();
        }
    }

    /// Enters the PIN. It counts as refused until the modem says that it was right, so that whatever
    /// happens meanwhile it is not entered twice.
    fn start_pin(&mut self, now: Instant) {
        self.link.pin = PinState::Refused;
        let Some(pin) = self.options.pin else { return };
        let digits = Argument::Quoted(pin.digits());
        self.start_set(Step::Setup(Setup::Enter), "+CPIN", digits, self.profile.answer_ms, now);
    }

    fn pin_ends(&mut self, result: Result<(), Failure>) {
        match result {
            Ok(()) => self.link.pin = PinState::Entered,
            // A SIM that was busy has not looked at it: its tries tell.
            Err(failure) if failure.class() == Class::Busy && self.link.tries.is_some() => {
                self.link.pin = PinState::Fresh;
            }
            Err(_) => {}
        }
    }

    /// The strength of the signal, as `AT+CSQ` has it.
    pub(super) fn strength(&mut self, rssi: u8) {
        self.signal = (rssi <= 31).then(|| i16::from(rssi).saturating_mul(2).saturating_sub(113));
    }

    /// The strength of the signal, as the sixth value of `AT+CESQ` has it: RSRP, from −141 dBm.
    ///
    /// 3GPP TS 27.007, section 8.69.
    pub(super) fn quality(&mut self, rsrp: Option<u32>) {
        let rsrp = rsrp.and_then(|rsrp| i16::try_from(rsrp).ok()).filter(|rsrp| *rsrp <= 97);
        self.signal = rsrp.map(|rsrp| rsrp.saturating_sub(141));
    }

    /// Sees, with every look through the stores, that the modem has its settings still.
    pub(super) fn start_care(&mut self, care: Care, now: Instant) {
        let text = match care {
            Care::PduMode => "+CMGF=0",
            Care::Indications => {
                let agreed = self.link.indications.unwrap_or_default();
                self.indications().get(usize::from(agreed)).copied().unwrap_or_default()
            }
            Care::Signal => "+CSQ",
        };
        self.start_text(Step::Care(care), text, self.profile.answer_ms, now);
    }

    pub(super) fn cared(&mut self, care: Care, result: Result<(), Failure>, now: Instant) {
        let next = match care {
            // It agreed once: what refuses is another modem, or one that has restarted.
            Care::PduMode | Care::Indications if result.is_err() => {
                self.link.refresh();
                None
            }
            Care::PduMode if self.link.indications.is_some() => Some(Care::Indications),
            Care::PduMode | Care::Indications => Some(Care::Signal),
            Care::Signal => None,
        };
        self.finish(now);
        self.care = next;
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
