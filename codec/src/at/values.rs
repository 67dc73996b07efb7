//! Values that lines carry: stores, states, what the SIM waits for.

use core::fmt;

use super::arguments::trim;
use super::printed;
use crate::codes::codes;

/// A message store (3GPP TS 27.005, section 3.1, `<mem>`).
///
/// Two octets, so that it can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::serial::StoreName", into = "crate::serial::StoreName")
)]
pub struct Store([u8; 2]);

impl Store {
    /// The SIM.
    pub const SM: Self = Self(*b"SM");
    /// The modem's own memory.
    pub const ME: Self = Self(*b"ME");
    /// The SIM and the modem's memory together.
    pub const MT: Self = Self(*b"MT");
    /// Status reports.
    pub const SR: Self = Self(*b"SR");
    /// Cell broadcast.
    pub const BM: Self = Self(*b"BM");

    /// The store with this name, which has two characters.
    pub fn new(name: &[u8]) -> Option<Self> {
        let name: [u8; 2] = name.try_into().ok()?;
        name.iter().all(u8::is_ascii_alphanumeric).then_some(Self(name))
    }

    /// Its name in ASCII: `SM`.
    pub const fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Its name: `SM`.
    pub fn name(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

codes! {
    /// What a stored message is (3GPP TS 27.005, section 3.1, `<stat>` in PDU mode).
    pub struct MessageStatus(u8);

    RECEIVED_UNREAD = 0 => "received, unread",
    RECEIVED_READ = 1 => "received, read",
    STORED_UNSENT = 2 => "stored, unsent",
    STORED_SENT = 3 => "stored, sent",
}

codes! {
    /// Whether the modem is registered (3GPP TS 27.007, section 7.2, `<stat>`).
    pub struct RegistrationState(u8);

    NOT_REGISTERED = 0 => "not registered, not searching",
    HOME = 1 => "registered, home network",
    SEARCHING = 2 => "not registered, searching",
    DENIED = 3 => "registration denied",
    UNKNOWN = 4 => "unknown",
    ROAMING = 5 => "registered, roaming",
    SMS_ONLY_HOME = 6 => "registered for SMS only, home network",
    SMS_ONLY_ROAMING = 7 => "registered for SMS only, roaming",
    EMERGENCY_ONLY = 8 => "emergency services only",
    NO_FALLBACK_HOME = 9 => "registered, calls not preferred, home network",
    NO_FALLBACK_ROAMING = 10 => "registered, calls not preferred, roaming",
}

impl RegistrationState {
    /// Whether messages can go.
    pub const fn carries_messages(self) -> bool {
        matches!(self.0, 1 | 5..=7 | 9 | 10)
    }
}

/// What a modem says of its registration in one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Registration {
    /// In which network.
    pub domain: Domain,
    /// `<n>`, which only the answer to a question has; an unsolicited line begins with the state.
    pub mode: Option<u8>,
    /// Whether it is registered.
    pub state: RegistrationState,
}

/// The network that a registration is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Domain {
    /// Circuit switched: `+CREG`.
    Circuit,
    /// Packet switched, GPRS and UMTS: `+CGREG`.
    Packet,
    /// LTE: `+CEREG`.
    Evolved,
}

impl Domain {
    /// Every network.
    pub const ALL: [Self; 3] = [Self::Circuit, Self::Packet, Self::Evolved];

    /// The name of its command: `+CREG`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Circuit => "+CREG",
            Self::Packet => "+CGREG",
            Self::Evolved => "+CEREG",
        }
    }
}

/// What the SIM waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Pin<'a> {
    /// Nothing: `READY`.
    Ready,
    /// `SIM PIN`.
    SimPin,
    /// `SIM PUK`.
    SimPuk,
    /// There is none: `NOT INSERTED`.
    NotInserted,
    /// Anything else: `NOT READY`, `SIM PIN2`, `PH-NET PIN`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Other(&'a [u8]),
}

impl<'a> Pin<'a> {
    /// `None` for what are no words.
    pub(super) fn read(raw: &'a [u8]) -> Option<Self> {
        let words = words(raw)?;
        let known = [Self::Ready, Self::SimPin, Self::SimPuk, Self::NotInserted];
        Some(known.into_iter().find(|pin| pin.words() == words).unwrap_or(Self::Other(words)))
    }

    /// The words of the standard: `SIM PIN`.
    pub const fn words(self) -> &'a [u8] {
        match self {
            Self::Ready => b"READY",
            Self::SimPin => b"SIM PIN",
            Self::SimPuk => b"SIM PUK",
            Self::NotInserted => b"NOT INSERTED",
            Self::Other(words) => words,
        }
    }
}

/// The words without the quotation marks that may stand around it all; `None` for what are no words: a
/// list, more than one string.
#[inline(never)]
pub(super) fn words(raw: &[u8]) -> Option<&[u8]> {
    let words = match raw {
        [b'"', words @ .., b'"'] => trim(words),
        _ => raw,
    };
    let is_list = words.iter().any(|octet| matches!(octet, b'"' | b','));
    (!is_list && !words.is_empty()).then_some(words)
}

/// `SM`.
impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `circuit switched: 1 (registered, home network)`.
impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.domain, self.state)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Circuit => "circuit switched",
            Self::Packet => "packet switched",
            Self::Evolved => "LTE",
        })
    }
}

/// `the SIM waits for its PIN`.
impl fmt::Display for Pin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("the SIM is ready"),
            Self::SimPin => f.write_str("the SIM waits for its PIN"),
            Self::SimPuk => f.write_str("the SIM waits for its PUK"),
            Self::NotInserted => f.write_str("there is no SIM"),
            Self::Other(words) => write!(f, "the SIM waits: {}", printed(words)),
        }
    }
}
