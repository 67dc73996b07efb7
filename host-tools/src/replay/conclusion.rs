//! The vocabulary of conclusions: what an `= ` line says, and what an event is in the same words.

use std::fmt;

use septet::at::{CmeError, CmsError, Failure, Store};
use septet::cbs::Coding;
use septet::pdu::read_hex;
use septet::tpdu::dcs::Alphabet;
use septet::ussd::UssdString;
use septet_firmware::EventKind;
use septet_firmware::engine::{Outcome, Trouble, Ussd};

use super::received::Received;
use super::words::{self, Word, quoted};

/// What the engine concludes, as far as it is said: what is `None` is left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// `ready`: the modem is set up.
    Ready,
    /// `registered`, `not registered`: what the modem's networks add up to.
    Registered(bool),
    /// `lost`, `lost pin`: no message can be sent for now, and why.
    Lost(Option<&'static str>),
    /// `reboot`: the modem restarted.
    Reboot,
    /// `sent`, `sent mr=17`: the service centre has the message, with this reference.
    Sent(Option<u8>),
    /// `refused`, `refused cms=500`, `refused cme=100`, `refused error`: the message is refused.
    Refused(Option<Failure>),
    /// `not sent`: the message certainly did not go.
    NotSent,
    /// `unknown`: the fate of the message is not known.
    Unknown,
    /// `waiting`, `waiting SM 3`: a message is announced.
    Waiting(Option<(Store, u16)>),
    /// `received`, with details: a message or a report is handed over.
    Received(Received),
    /// `damaged`: a message came that cannot be handed over.
    Damaged,
    /// `full`, `full SM`: a store has no room.
    Full(Option<Store>),
    /// `ussd 0 "text"`: the network's side of a USSD dialogue.
    Ussd(u8, Option<String>),
    /// `ok`: the command of the log before this line is answered so.
    Ok,
    /// `error`, `error cms=321`, `error cme=14`: the command before this line is refused.
    Error(Option<Failure>),
    /// `ignored`: what the modem said since the `=` or `>` line before made no event.
    Ignored,
}

/// Every conclusion, for who wrote another.
const ALL: &str = "ready, registered, not registered, lost, reboot, sent, refused, not sent, \
                   unknown, waiting, received, damaged, full, ussd, ok, error, ignored";

/// Why no message can be sent, in one word.
const LOSSES: [&str; 11] = [
    "no-answer",
    "off",
    "disconnected",
    "no-sync",
    "pin",
    "wrong-pin",
    "last-pin-try",
    "puk",
    "lock",
    "no-sim",
    "refused",
];

const fn loss(trouble: &Trouble) -> Option<&'static str> {
    Some(match trouble {
        Trouble::NoAnswer => "no-answer",
        Trouble::PoweredDown => "off",
        Trouble::Disconnected => "disconnected",
        Trouble::NoSync => "no-sync",
        Trouble::SimPin => "pin",
        Trouble::WrongPin => "wrong-pin",
        Trouble::LastPinTry => "last-pin-try",
        Trouble::SimPuk => "puk",
        Trouble::OtherLock => "lock",
        Trouble::NoSim => "no-sim",
        Trouble::Refused(_) => "refused",
        _ => return None,
    })
}

impl Conclusion {
    /// The conclusion that `line` says; prose behind a `;` is passed over.
    ///
    /// # Errors
    /// The octet of `line`, and what is wrong there.
    pub fn parse(line: &str) -> Result<Self, (usize, String)> {
        let words = words::split(line)?;
        let Some((first, mut rest)) = words.split_first() else {
            return Err((0, format!("a conclusion is missing; there are: {ALL}")));
        };
        let mut next = || rest.split_off_first();
        let conclusion = match first.text.as_str() {
            "ready" => Self::Ready,
            "registered" => Self::Registered(true),
            "not" => match next() {
                Some(word) if word.text == "registered" => Self::Registered(false),
                Some(word) if word.text == "sent" => Self::NotSent,
                _ => return Err((first.at, unknown(line))),
            },
            "lost" => Self::Lost(next().map(read_loss).transpose()?),
            "reboot" => Self::Reboot,
            "sent" => Self::Sent(next().map(reference).transpose()?),
            "refused" => Self::Refused(next().map(failure).transpose()?),
            "unknown" => Self::Unknown,
            "waiting" => Self::Waiting(match next() {
                None => None,
                Some(name) => Some((store(name)?, number(next(), name.end, u16::MAX, "a slot")?)),
            }),
            "received" => Self::Received(Received::parse(std::mem::take(&mut rest))?),
            "damaged" => Self::Damaged,
            "full" => Self::Full(next().map(store).transpose()?),
            "ussd" => {
                let status = number(next(), first.end, u8::MAX, "the state of the dialogue")?;
                Self::Ussd(status, next().map(|word| word.text.clone()))
            }
            "ok" => Self::Ok,
            "error" => Self::Error(next().map(failure).transpose()?),
            "ignored" => Self::Ignored,
            _ => return Err((first.at, unknown(line))),
        };
        match rest.first() {
            None => Ok(conclusion),
            Some(word) => Err((
                word.at,
                format!("{:?} says nothing behind {:?}; prose follows a ;", word.text, first.text),
            )),
        }
    }

    /// What an event says, with all that is known of it; `None` for one that no log tells.
    pub fn of(event: &EventKind) -> Option<Self> {
        Some(match event {
            EventKind::Ready => Self::Ready,
            EventKind::Lost(trouble) => Self::Lost(loss(trouble)),
            EventKind::Rebooted => Self::Reboot,
            EventKind::Registered(registered) => Self::Registered(*registered),
            EventKind::Finished(Outcome::Sent { reference }) => Self::Sent(Some(*reference)),
            EventKind::Finished(Outcome::Refused { code, .. }) => Self::Refused(Some(*code)),
            EventKind::Finished(Outcome::NotSent(_)) => Self::NotSent,
            EventKind::Finished(Outcome::Unknown(_)) => Self::Unknown,
            EventKind::Waiting { store, index } => Self::Waiting(Some((*store, *index))),
            EventKind::Received { pdu, .. } => Self::Received(Received::of(pdu)),
            EventKind::Damaged => Self::Damaged,
            EventKind::Full { store } => Self::Full(*store),
            EventKind::Ussd(ussd) => Self::Ussd(ussd.status, string(ussd)),
            _ => return None,
        })
    }

    /// Whether `seen` is what this says.
    pub fn admits(&self, seen: &Self) -> bool {
        fn open<T: PartialEq>(said: &Option<T>, seen: &Option<T>) -> bool {
            said.is_none() || said == seen
        }
        match (self, seen) {
            (Self::Lost(said), Self::Lost(seen)) => open(said, seen),
            (Self::Sent(said), Self::Sent(seen)) => open(said, seen),
            (Self::Refused(said), Self::Refused(seen)) | (Self::Error(said), Self::Error(seen)) => {
                open(said, seen)
            }
            (Self::Waiting(said), Self::Waiting(seen)) => open(said, seen),
            (Self::Received(said), Self::Received(seen)) => said.admits(seen),
            (Self::Full(said), Self::Full(seen)) => open(said, seen),
            (Self::Ussd(said, text), Self::Ussd(seen, seen_text)) => {
                said == seen && open(text, seen_text)
            }
            _ => self == seen,
        }
    }

    /// Whether it is what became of a message that was to be sent.
    pub const fn is_fate(&self) -> bool {
        matches!(self, Self::Sent(_) | Self::Refused(_) | Self::NotSent | Self::Unknown)
    }
}

/// The string of a USSD dialogue: as it came, but for the digits of code units.
fn string(ussd: &Ussd) -> Option<String> {
    let octets = ussd.string.octets();
    let coding = ussd.coding.map(Coding).filter(|coding| coding.alphabet() == Alphabet::Ucs2);
    let digits = coding.and_then(|coding| Some((coding, read_hex(octets).ok()?)));
    let text = match &digits {
        Some((coding, octets)) => {
            let text = UssdString { coding: *coding, octets }.text();
            text.map_or_else(String::new, Iterator::collect)
        }
        None => String::from_utf8_lossy(octets).into_owned(),
    };
    (!text.is_empty()).then_some(text)
}

fn unknown(line: &str) -> String {
    let said = line.split(';').next().unwrap_or(line).trim();
    format!("{said:?} is no conclusion; there are: {ALL}")
}

fn read_loss(word: &Word) -> Result<&'static str, (usize, String)> {
    let known = LOSSES.into_iter().find(|loss| word.text == *loss);
    known.ok_or_else(|| {
        (word.at, format!("{:?} is no loss; there are: {}", word.text, LOSSES.join(", ")))
    })
}

fn reference(word: &Word) -> Result<u8, (usize, String)> {
    let reference = word.text.strip_prefix("mr=").and_then(|number| number.parse().ok());
    reference.ok_or_else(|| {
        (word.at, format!("{:?} is no reference; write mr= and a number to 255", word.text))
    })
}

fn failure(word: &Word) -> Result<Failure, (usize, String)> {
    let code = |name: &str| word.text.strip_prefix(name)?.parse().ok();
    if word.text == "error" {
        Ok(Failure::Error)
    } else if let Some(code) = code("cms=") {
        Ok(Failure::Cms(CmsError(code)))
    } else if let Some(code) = code("cme=") {
        Ok(Failure::Cme(CmeError(code)))
    } else {
        Err((
            word.at,
            format!("{:?} is no reason; write cms= or cme= and a number, or error", word.text),
        ))
    }
}

fn store(word: &Word) -> Result<Store, (usize, String)> {
    Store::new(word.text.as_bytes())
        .ok_or_else(|| (word.at, format!("{:?} is no store; write SM, ME and the like", word.text)))
}

/// A number that must stand `at` this octet or behind it.
fn number<T: TryFrom<u64> + fmt::Display>(
    word: Option<&Word>,
    at: usize,
    max: T,
    what: &str,
) -> Result<T, (usize, String)> {
    let number = word.and_then(|word| word.text.parse::<u64>().ok()?.try_into().ok());
    number.ok_or_else(|| {
        (word.map_or(at, |word| word.at), format!("{what} must stand here, a number to {max}"))
    })
}

/// As it stands in a log.
impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = |f: &mut fmt::Formatter<'_>, name: &str, failure: &Option<Failure>| {
            f.write_str(name)?;
            match failure {
                None => Ok(()),
                Some(Failure::Error) => f.write_str(" error"),
                Some(Failure::Cms(code)) => write!(f, " cms={}", code.0),
                Some(Failure::Cme(code)) => write!(f, " cme={}", code.0),
            }
        };
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Registered(true) => f.write_str("registered"),
            Self::Registered(false) => f.write_str("not registered"),
            Self::Lost(None) => f.write_str("lost"),
            Self::Lost(Some(loss)) => write!(f, "lost {loss}"),
            Self::Reboot => f.write_str("reboot"),
            Self::Sent(None) => f.write_str("sent"),
            Self::Sent(Some(reference)) => write!(f, "sent mr={reference}"),
            Self::Refused(code) => failed(f, "refused", code),
            Self::NotSent => f.write_str("not sent"),
            Self::Unknown => f.write_str("unknown"),
            Self::Waiting(None) => f.write_str("waiting"),
            Self::Waiting(Some((store, index))) => write!(f, "waiting {store} {index}"),
            Self::Received(received) => received.fmt(f),
            Self::Damaged => f.write_str("damaged"),
            Self::Full(None) => f.write_str("full"),
            Self::Full(Some(store)) => write!(f, "full {store}"),
            Self::Ussd(status, None) => write!(f, "ussd {status}"),
            Self::Ussd(status, Some(text)) => write!(f, "ussd {status} {}", quoted(text)),
            Self::Ok => f.write_str("ok"),
            Self::Error(code) => failed(f, "error", code),
            Self::Ignored => f.write_str("ignored"),
        }
    }
}
