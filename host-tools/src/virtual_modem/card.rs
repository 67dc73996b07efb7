//! The SIM card: its PIN, and how it is doing.
//!
//! 3GPP TS 27.007, section 8.3 (`+CPIN`).

use septet::at::{CmeError, CmsError, Failure, Pin};

/// Wrong PINs until the PUK is asked for.
const PIN_TRIES: u8 = 3;
/// Wrong PUKs until the card is of no use.
const PUK_TRIES: u8 = 10;
/// The PUK of every card.
pub const PUK: &str = "12345678";

/// A SIM card.
pub(super) struct Card {
    pin: String,
    /// Whether the PIN is asked for after the start: the facility lock `SC`.
    pub(super) is_locked: bool,
    /// Whether it was given since.
    verified: bool,
    tries: u8,
    puk_tries: u8,
    pub(super) condition: Condition,
}

/// How a card is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Well.
    Ready,
    /// It has no time for the modem.
    Busy,
    /// It was taken out.
    Removed,
}

impl Card {
    /// A card that asks for `pin`, or for none.
    pub(super) fn new(pin: Option<&str>) -> Self {
        Self {
            pin: pin.unwrap_or("0000").to_owned(),
            is_locked: pin.is_some(),
            verified: false,
            tries: PIN_TRIES,
            puk_tries: PUK_TRIES,
            condition: Condition::Ready,
        }
    }

    /// The power has come back.
    pub(super) fn restart(&mut self) {
        self.verified = false;
    }

    /// What the card waits for.
    pub(super) fn waits_for(&self) -> Pin<'static> {
        match self {
            Self { tries: 0, .. } => Pin::SimPuk,
            Self { is_locked: true, verified: false, .. } => Pin::SimPin,
            _ => Pin::Ready,
        }
    }

    /// The PINs and PUKs that may still be tried.
    pub(super) fn tries_left(&self) -> (u8, u8) {
        (self.tries, self.puk_tries)
    }

    /// Why a command that needs the card is refused: in the words of 27.007, and of 27.005.
    pub(super) fn trouble(&self) -> Option<(CmeError, CmsError)> {
        Some(match (self.condition, self.waits_for()) {
            (Condition::Removed, _) => (CmeError::SIM_NOT_INSERTED, CmsError::SIM_NOT_INSERTED),
            (Condition::Busy, _) => (CmeError::SIM_BUSY, CmsError::SIM_BUSY),
            (Condition::Ready, Pin::SimPin) => {
                (CmeError::SIM_PIN_REQUIRED, CmsError::SIM_PIN_REQUIRED)
            }
            (Condition::Ready, Pin::SimPuk) => {
                (CmeError::SIM_PUK_REQUIRED, CmsError::SIM_PUK_REQUIRED)
            }
            (Condition::Ready, _) => return None,
        })
    }

    /// Whether the card is there and has time.
    pub(super) fn answers(&self) -> Result<(), Failure> {
        match self.condition {
            Condition::Ready => Ok(()),
            Condition::Busy => Err(Failure::Cme(CmeError::SIM_BUSY)),
            Condition::Removed => Err(Failure::Cme(CmeError::SIM_NOT_INSERTED)),
        }
    }

    /// Takes a PIN, or a PUK and a new PIN.
    pub(super) fn enter(&mut self, code: &str, new: Option<&str>) -> Result<(), Failure> {
        self.answers()?;
        match (self.waits_for(), new) {
            (Pin::SimPin, None) => self.verify(code),
            (Pin::SimPuk, Some(new)) => {
                if !is_puk(code) || !is_pin(new) {
                    return Err(NO_CODE);
                }
                if self.puk_tries == 0 || code != PUK {
                    self.puk_tries = self.puk_tries.saturating_sub(1);
                    return Err(Failure::Cme(CmeError::INCORRECT_PASSWORD));
                }
                new.clone_into(&mut self.pin);
                (self.tries, self.puk_tries, self.verified) = (PIN_TRIES, PUK_TRIES, true);
                Ok(())
            }
            (Pin::SimPuk, None) => Err(Failure::Cme(CmeError::SIM_PUK_REQUIRED)),
            _ => Err(Failure::Cme(CmeError::NOT_ALLOWED)),
        }
    }

    /// Locks or unlocks the card (`+CLCK`).
    pub(super) fn lock(&mut self, is_locked: bool, pin: &str) -> Result<(), Failure> {
        self.verify(pin)?;
        self.is_locked = is_locked;
        Ok(())
    }

    /// Gives the card another PIN (`+CPWD`).
    pub(super) fn change(&mut self, pin: &str, new: &str) -> Result<(), Failure> {
        if !is_pin(new) {
            return Err(NO_CODE);
        }
        self.verify(pin)?;
        new.clone_into(&mut self.pin);
        Ok(())
    }

    fn verify(&mut self, pin: &str) -> Result<(), Failure> {
        self.answers()?;
        // The card is not asked about what cannot be its PIN.
        if !is_pin(pin) {
            return Err(NO_CODE);
        }
        if self.tries == 0 {
            return Err(Failure::Cme(CmeError::SIM_PUK_REQUIRED));
        }
        if pin != self.pin {
            self.tries -= 1;
            let asks = if self.tries == 0 { CmeError::SIM_PUK_REQUIRED } else { WRONG };
            return Err(Failure::Cme(asks));
        }
        (self.tries, self.verified) = (PIN_TRIES, true);
        Ok(())
    }
}

const WRONG: CmeError = CmeError::INCORRECT_PASSWORD;
/// What is neither a PIN nor a PUK.
const NO_CODE: Failure = Failure::Cme(CmeError::INCORRECT_PARAMETERS);

/// A PIN has 4 to 8 digits (3GPP TS 31.101, section 9.5.1).
pub fn is_pin(code: &str) -> bool {
    (4..=8).contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit())
}

/// A PUK has 8 digits.
fn is_puk(code: &str) -> bool {
    code.len() == 8 && is_pin(code)
}
