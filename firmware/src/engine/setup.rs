//! Set-up: the same commands, in the same order, as often as need be.
//!
//! It is run at the start, after a restart of the modem and after every time-out. Each command may
//! be given again without harm, so that set-up is at once the way to get back in step: an answer
//! that came too late is noticed at `AT+CPIN?` or `AT+CMGF?`, whose `OK` never stands alone.

use septet::at::{Class, Failure, RawLine};

use super::event::Notice;
use super::time::{NEVER, Timer};
use super::{Effect, Session, Step, Trouble};
use crate::profile::{GENERIC, PinTries, Profile};

/// Makes the commands of set-up from one table.
macro_rules! commands {
    ($($(#[$doc:meta])* $command:ident $text:literal,)*) => {
        /// One command of set-up.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Setup {
            $($(#[$doc])* $command,)*
        }

        impl Setup {
            /// All, in their order.
            const ALL: &[Self] = &[$(Self::$command),*];

            /// The command, without `AT`, where it is always the same.
            const fn text(self) -> &'static str {
                match self {
                    $(Self::$command => $text,)*
                }
            }
        }
    };
}

commands! {
    /// Is anybody there?
    Attention "",
    /// Only where results are digits.
    Verbose "V1",
    Echo "E0",
    Errors "+CMEE=1",
    /// Who made it?
    Maker "+CGMI",
    /// What is it?
    Model "+CGMM",
    /// `AT+IPR=`
    Speed "",
    /// `AT`, at the new speed.
    NewSpeed "",
    /// `AT+IFC=2,2` and the like.
    Flow "",
    Pin "+CPIN?",
    /// How many tries the PIN has left.
    Tries "",
    /// `AT+CPIN=`
    Enter "",
    PduMode "+CMGF=0",
    Check "+CMGF?",
    /// `AT+CSMS=`
    Service "+CSMS=0",
    /// Each of the profile's `AT+CNMI=`, until one is agreed to.
    Indications "",
    /// Each of the profile's own.
    Init "",
    /// `AT+CREG=1` and its sisters: to be told when it changes.
    Watch "",
    /// `AT+CREG?` and its sisters.
    Registration "",
    /// What lets it sleep.
    Sleep "",
    Signal "+CSQ",
    /// Where that said nothing.
    Quality "+CESQ",
}

impl Setup {
    /// The one behind it; the last stays.
    fn next(self) -> Self {
        Self::ALL.get(self as usize + 1).copied().unwrap_or(self)
    }
}

/// The commands of [`Setup::Watch`].
const WATCHES: &[&str] = &["+CREG=1", "+CGREG=1", "+CEREG=1"];

/// The commands of [`Setup::Registration`].
const REGISTRATIONS: &[&str] = &["+CREG?", "+CGREG?", "+CEREG?"];

/// Time to answer `AT`: a modem that is there does at once.
const ATTENTION_MS: u32 = 1_000;

/// Which of the `AT`s that are not answered is given more time, and how much: one in so many.
const PATIENT: u8 = 4;
const PATIENT_MS: u32 = 4_000;

/// Pause before a command that came too early is tried again.
pub(super) const EARLY_MS: u32 = 1_000;

/// How often a command is tried while the modem is busy.
const EARLY_MAX: u8 = 20;

/// How often phase 2+ service is asked for again.
const SERVICE_MAX: u8 = 2;

/// Pause between two questions for the network.
const REGISTER_MS: u32 = 2_000;

/// Time for the modem to switch to another speed.
const SWITCH_MS: u32 = 100;

/// Time after set-up in which `Call Ready` and the like still belong to the start before it.
const SETTLE_MS: u32 = 30_000;

impl Session {
    /// Gives a command of set-up after so long.
    pub(super) fn pause(&mut self, setup: Setup, ms: u32) {
        self.step = Step::Pause;
        self.setup = setup;
        self.timers.set(Timer::Step, ms);
    }

    /// Starts the command that is next, passing over what this modem needs not.
    pub(super) fn start_setup(&mut self) {
        self.link.answer = None;
        loop {
            match (self.setup, self.wanted_speed()) {
                (Setup::Enter, _) => return self.start_pin(),
                (Setup::Speed, Some(baud)) => {
                    self.start_number(Step::Setup, "+IPR=", baud);
                    break;
                }
                (Setup::Speed, None) => self.setup = Setup::Flow,
                _ => {}
            }
            if let Some(text) = self.setup_text() {
                self.start_text(Step::Setup, text);
                break;
            }
            self.setup = self.setup.next();
            self.row = 0;
        }
        if matches!(self.setup, Setup::Attention | Setup::Speed | Setup::NewSpeed) {
            let ms = if self.is_patient() { PATIENT_MS } else { ATTENTION_MS };
            self.timers.set(Timer::Step, ms);
        }
    }

    /// Whether an `AT` is one of those that a slow modem is given time for.
    fn is_patient(&self) -> bool {
        self.setup == Setup::Attention && self.link.unanswered % PATIENT == PATIENT - 1
    }

    /// The present command, without `AT`; `None` where there is none.
    fn setup_text(&self) -> Option<&'static str> {
        let profile = self.options.profile;
        let list = match self.setup {
            Setup::Maker | Setup::Model if !self.identifies() => return None,
            Setup::Flow => {
                return if self.options.flow_control { Some(profile.flow_control) } else { None };
            }
            Setup::Tries => return Some(profile.pin_tries.command),
            Setup::Service if !profile.has_services => return None,
            Setup::Service if profile.acknowledges => return Some("+CSMS=1"),
            // Another program may have left `ATQ1` (ITU-T V.250, section 6.2.5).
            Setup::Attention if self.is_patient() => return Some("Q0"),
            Setup::Sleep => return self.sleep_command(),
            // Not directly where the modem does not wait for an acknowledgement that it should wait for.
            Setup::Indications if profile.acknowledges && !self.inbox.acknowledges => {
                GENERIC.indications
            }
            Setup::Indications => profile.indications,
            Setup::Init => profile.init,
            Setup::Watch => WATCHES,
            Setup::Registration => REGISTRATIONS,
            setup => return Some(setup.text()),
        };
        list.get(usize::from(self.row)).copied()
    }

    /// A line that answers a command of set-up in its own way.
    #[inline(never)]
    pub(super) fn setup_told(&mut self, line: &RawLine<'_>) {
        let PinTries { command, index } = self.options.profile.pin_tries;
        let (command, index) = match self.setup {
            // A result in digits, for OK or ERROR: another program left ATV0 (ITU-T V.250, section
            // 6.2.6).
            Setup::Attention | Setup::Verbose if matches!(line.text, b"0" | b"4") => {
                let next = self.setup.next();
                self.setup_ends(Ok(()));
                self.setup = next;
                return;
            }
            Setup::Check => ("+CMGF", 0),
            Setup::Quality => ("+CESQ", 5),
            Setup::Tries => (command, index),
            _ => return,
        };
        let Some([] | [b'=' | b'?', ..]) = command.as_bytes().strip_prefix(line.name) else {
            return;
        };
        let value = line.number(index.into());
        match self.setup {
            Setup::Check if value == Some(0) => self.link.answer = Some(Ok(())),
            Setup::Check => self.link.answer = Some(Err(Failure::Error)),
            Setup::Quality => self.quality(value),
            _ => self.link.tries = value.and_then(|tries| u8::try_from(tries).ok()),
        }
    }

    /// A command of set-up has its result.
    #[inline(never)]
    pub(super) fn setup_ends(&mut self, result: Result<(), Failure>) {
        self.link.command_ends();
        let setup = self.setup;
        let told = self.link.answer.take();
        let result = result.and(told.unwrap_or(Ok(())));
        if let Err(failure) = result
            && failure.class() == Class::Busy
            && setup != Setup::Enter
            && self.try_again(setup, failure)
        {
            return;
        }
        let alone = matches!(setup, Setup::Pin | Setup::Check) && told.is_none();
        if alone && result.is_ok() && self.out_of_step() {
            return;
        }
        let mut next = setup.next();
        let mut row = 0;
        match (setup, result) {
            // ERROR is an answer too.
            (Setup::Attention, _) => {
                self.answered();
                next = Setup::Echo;
            }
            (Setup::Echo, Ok(())) => self.link.echo_agreed(),
            (Setup::Speed | Setup::NewSpeed, _) if !cfg!(feature = "ladder") => {}
            // The modem switches its speed behind the OK: the port follows.
            (Setup::Speed, Ok(())) => {
                self.link.old_baud = self.link.baud;
                self.switch_speed(self.options.baud.unwrap_or_default());
                return self.pause(next, SWITCH_MS);
            }
            // What the modem does not do is not asked again.
            (Setup::Speed, Err(_)) => {
                self.link.keeps_speed = true;
                next = Setup::Flow;
            }
            (Setup::NewSpeed, _) => self.link.old_baud = 0,
            (Setup::Pin | Setup::Tries | Setup::Enter, _) => match self.pin_ends(result) {
                Some(command) => next = command,
                None => return,
            },
            // modem-sim800-boot-and-too-early-cmgf: ERROR until the SIM is read.
            (Setup::PduMode, Err(failure)) => {
                self.link.retries = 0;
                self.try_again(setup, failure);
                return;
            }
            (Setup::Check, Err(_)) if told.is_some() => {
                self.link.retries = 0;
                self.try_again(Setup::PduMode, Failure::Error);
                return;
            }
            // As long as it does not refuse.
            (Setup::Check, _) => self.inbox.acknowledges = self.options.profile.acknowledges,
            // A command may be damaged on its way.
            (Setup::Service, Err(_)) if self.inbox.acknowledges => {
                if self.link.retries < SERVICE_MAX {
                    self.link.retries = self.link.retries.saturating_add(1);
                    return self.pause(setup, self.options.profile.gap_ms);
                }
                self.inbox.acknowledges = false;
            }
            (Setup::Indications, Ok(())) => self.link.indications = Some(self.row),
            (Setup::Indications, Err(_)) | (Setup::Init | Setup::Watch, _) => {
                next = setup;
                row = self.row.saturating_add(1);
            }
            (Setup::Registration, _) if usize::from(self.row) + 1 < REGISTRATIONS.len() => {
                next = setup;
                row = self.row.saturating_add(1);
            }
            (Setup::Registration, _) if self.waits_for_network() => {
                self.row = 0;
                return self.pause(setup, REGISTER_MS);
            }
            (Setup::Signal, _) if self.signal.is_some() => return self.ready(),
            (Setup::Quality, _) => return self.ready(),
            _ => {}
        }
        self.link.retries = 0;
        self.row = row;
        self.pause(next, self.options.profile.gap_ms);
    }

    /// Whether the modem is not registered and may still be.
    fn waits_for_network(&mut self) -> bool {
        if self.networks.verdict() != Some(false) {
            return false;
        }
        if self.timers.left(Timer::Network) == NEVER {
            self.timers.set(Timer::Network, self.options.profile.register_ms);
        }
        !self.timers.is_over(Timer::Network)
    }

    /// The speed that the line is to have, where it has another one.
    fn wanted_speed(&self) -> Option<u32> {
        let switches = cfg!(feature = "ladder") && !self.link.keeps_speed;
        self.options.baud.filter(|baud| switches && self.link.baud != *baud)
    }

    /// Whether the modem is asked what it is.
    pub(super) fn is_named(&self) -> bool {
        self.identifies() && (self.asks(Setup::Maker) || self.asks(Setup::Model))
    }

    /// Whether the profile is chosen by what the modem says of itself.
    const fn identifies(&self) -> bool {
        cfg!(feature = "identify") && !self.options.candidates.is_empty()
    }

    /// What the modem says of itself: the profile that fits is used from now on.
    pub(super) fn named(&mut self, line: &RawLine<'_>) {
        if self.transmit.is_echo(line.text) {
            return self.link.echo_came();
        }
        let says = |says: &&str| {
            (0..line.text.len()).any(|at| {
                let place = line.text.get(at..).and_then(|rest| rest.get(..says.len()));
                place.is_some_and(|place| place.eq_ignore_ascii_case(says.as_bytes()))
            })
        };
        let fits = |profile: &&&Profile| profile.says.iter().any(says);
        if let Some(profile) = self.options.candidates.iter().find(fits) {
            self.options.profile = profile;
        }
    }

    /// Has the port switched to this speed.
    pub(super) const fn switch_speed(&mut self, baud: u32) {
        self.link.baud = baud;
        self.effect = Some(Effect::Baud(baud));
    }

    /// The strength of the signal, as `AT+CSQ` has it.
    pub(super) const fn strength(&mut self, rssi: u8) {
        self.signal = if rssi <= 31 { Some(2 * rssi as i16 - 113) } else { None };
    }

    /// The strength of the signal, as the sixth value of `AT+CESQ` has it: RSRP, from −141 dBm.
    ///
    /// 3GPP TS 27.007, section 8.69.
    fn quality(&mut self, rsrp: Option<u32>) {
        self.signal = rsrp.filter(|rsrp| *rsrp <= 97).map(|rsrp| rsrp as i16 - 141);
    }

    /// Sees, with every look through the stores, that the modem has its settings still.
    pub(super) fn start_care(&mut self, setup: Setup) {
        self.setup = setup;
        // That which it agreed to: modem-telit-le910-cmt-cnma
        self.row = self.link.indications.unwrap_or_default();
        let text = self.setup_text().unwrap_or_default();
        self.start_text(Step::Care, text);
    }

    pub(super) fn cared(&mut self, result: Result<(), Failure>) {
        self.finish();
        self.care = match self.setup {
            Setup::Signal => None,
            // It agreed once: what refuses is another modem, or one that has restarted.
            _ if result.is_err() => {
                self.link.refresh();
                None
            }
            Setup::PduMode if self.link.indications.is_some() => Some(Setup::Indications),
            _ => Some(Setup::Signal),
        };
    }

    /// Tries a command again that came too early; `false` when that was done often enough.
    #[inline(never)]
    pub(super) fn try_again(&mut self, setup: Setup, failure: Failure) -> bool {
        self.link.suspect(Trouble::Refused(failure));
        self.link.retries = self.link.retries.saturating_add(1);
        let again = self.link.retries <= EARLY_MAX;
        if again {
            self.pause(setup, EARLY_MS);
        }
        again
    }

    fn ready(&mut self) {
        self.link.set_up();
        self.timers.set(Timer::Trouble, NEVER);
        self.timers.set(Timer::Settled, SETTLE_MS);
        // The trouble before may have been a restart that nothing told.
        self.inbox.selected = None;
        self.finish();
        self.tell(Notice::Ready);
    }
}
