//! The PIN of the SIM, which set-up asks for and enters: never where one try is left, and never a wrong
//! one twice.

use septet::at::{Class, CmeError, CmsError, Failure};

use super::recover::PinState;
use super::setup::{EARLY_MS, Setup};
use super::time::Timer;
use super::{Session, Step, Trouble};

/// Pause between two looks at a SIM that cannot be used.
const SIM_MS: u32 = 5_000;

/// Time for the `OK` after `+CPIN:`; modem-wavecom-cpin-without-ok has none.
const OK_MS: u32 = 1_000;

/// What `AT+CPIN?` says of a SIM that waits for nothing.
pub(super) const READY: &[u8] = b"READY";

/// What else it says, and which error is the same.
const PIN_ERRORS: [(&[u8], CmeError); 4] = [
    (b"SIM PIN", CmeError::SIM_PIN_REQUIRED),
    (b"SIM PUK", CmeError::SIM_PUK_REQUIRED),
    (b"NOT INSERTED", CmeError::SIM_NOT_INSERTED),
    (b"NOT READY", CmeError::SIM_BUSY),
];

impl Session {
    /// A line that answers `AT+CPIN?`.
    pub(super) fn pin_told(&mut self, words: &[u8]) {
        let error = PIN_ERRORS.iter().find(|(said, _)| *said == words).map(|(_, error)| *error);
        // PH-NET PIN and the like.
        let error = error.unwrap_or(CmeError::PH_SIM_PIN_REQUIRED);
        // SIM PIN2 and SIM PUK2 are in nobody's way (3GPP TS 27.007, section 8.3).
        let is_ready = words == READY || words.ends_with(b"2");
        self.link.answer = Some(if is_ready { Ok(()) } else { Err(Failure::Cme(error)) });
        self.timers.shorten(Timer::Step, OK_MS);
    }

    /// Enters the PIN. It counts as refused until the modem says that it was right, so that whatever
    /// happens meanwhile it is not entered twice.
    pub(super) fn start_pin(&mut self) {
        self.link.pin = PinState::Refused;
        let Some(pin) = self.options.pin else { return };
        self.start_quoted(Step::Setup, "+CPIN=", pin.digits());
    }

    /// A command for the PIN has its result. Gives what is next, where that is not seen to.
    #[inline(never)]
    pub(super) fn pin_ends(&mut self, result: Result<(), Failure>) -> Option<Setup> {
        match (self.setup, result) {
            (Setup::Pin, Ok(())) => {
                self.link.pin = PinState::Fresh;
                self.link.tries = None;
                Some(Setup::PduMode)
            }
            (Setup::Pin, Err(failure)) => match sim_trouble(failure) {
                Some(Trouble::SimPin) if self.link.pin != PinState::Fresh => {
                    let slow = self.link.pin == PinState::Entered;
                    if !(slow && self.try_again(Setup::Pin, failure)) {
                        self.no_sim(Trouble::WrongPin);
                    }
                    None
                }
                Some(Trouble::SimPin) if self.options.pin.is_some() => {
                    self.link.tries_before = self.link.tries.take();
                    Some(Setup::Tries)
                }
                Some(trouble) => self.no_sim(trouble),
                // The modem only lacks the command.
                None => Some(Setup::PduMode),
            },
            (Setup::Tries, _) if self.link.spent_a_try() => {
                self.link.pin = PinState::Refused;
                self.no_sim(Trouble::WrongPin)
            }
            (Setup::Tries, _) if self.link.tries.is_some_and(|tries| tries <= 1) => {
                self.no_sim(Trouble::LastPinTry)
            }
            (Setup::Tries, _) => Some(Setup::Enter),
            (_, result) => {
                match result {
                    Ok(()) => self.link.pin = PinState::Entered,
                    // A SIM that was busy has not looked at it: its tries tell.
                    Err(failure) if failure.class() == Class::Busy && self.link.tries.is_some() => {
                        self.link.pin = PinState::Fresh;
                    }
                    Err(_) => {}
                }
                self.link.retries = 0;
                self.pause(Setup::Pin, EARLY_MS);
                None
            }
        }
    }

    /// The SIM cannot be used now.
    fn no_sim(&mut self, trouble: Trouble) -> Option<Setup> {
        self.lost(trouble, Setup::Pin, SIM_MS);
        None
    }
}

/// What a refusal of `AT+CPIN?` says of the SIM; `None` where the modem only lacks the command.
fn sim_trouble(failure: Failure) -> Option<Trouble> {
    // One number never means two things here: a +CMS ERROR that is the modem's has 300 and up, where
    // no +CME ERROR is.
    let code = match failure {
        Failure::Cms(CmsError(code)) | Failure::Cme(CmeError(code)) => code,
        Failure::Error => return None,
    };
    match code {
        // SIM PIN required, SIM PUK required.
        11 | 311 => Some(Trouble::SimPin),
        12 | 316 => Some(Trouble::SimPuk),
        // PH-SIM, PIN2 and PUK2, and the locks to a network.
        5..=7 | 17 | 18 | 40..=48 | 312 | 317 | 318 => Some(Trouble::OtherLock),
        _ => match failure.class() {
            Class::Sim => Some(Trouble::NoSim),
            Class::Busy => Some(Trouble::Refused(failure)),
            Class::Permanent | Class::Temporary | Class::Local | Class::Unsupported => None,
        },
    }
}
