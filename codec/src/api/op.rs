//! The neutral model: what can be asked and answered, in no vendor's words.
//!
//! It is what the vendors share, and `Option`s for what several have. Who needs one vendor's extra
//! uses that vendor's own struct.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::fields::List;
use crate::text::{Secret, Text};
use crate::tpdu::codes::{Outcome, Status};

/// What is asked, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Asked<'a> {
    /// Who asks; `None` in a callback.
    pub credentials: Option<Credentials<'a>>,
    /// What is asked.
    pub op: Op<'a>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Credentials<'a> {
    /// A name and a password.
    Password {
        /// Name.
        user: Text<'a>,
        /// Password.
        password: Secret<'a>,
    },
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Op<'a> {
    /// Send a text.
    Send(Submit<'a>),
    /// The state of a message that was sent: a callback.
    Report(Report<'a>),
    /// A message was received: a callback.
    Inbound(Inbound<'a>),
}

/// A text to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Submit<'a> {
    /// To whom: MSISDNs, at least one, each of 5 to 15 digits without a leading zero.
    pub recipients: List<'a>,
    /// The text, not empty.
    pub text: Text<'a>,
    /// The sender that is wished for: digits, or letters that a modem cannot carry.
    pub sender: Option<Text<'a>>,
    /// The customer's own id. The same id again is the same message.
    pub client_id: Option<Text<'a>>,
    /// Where delivery reports go: an http or https URL.
    pub callback: Option<Text<'a>>,
    /// What the handset's owner is charged, in the vendor's form.
    pub price: Option<Text<'a>>,
    /// The network of the recipient, in the vendor's form.
    pub network: Option<Text<'a>>,
    /// The class of service, in the vendor's form.
    pub class: Option<Text<'a>>,
}

/// Whether `number` is an MSISDN: 5 to 15 digits, country code first, no leading zero.
pub fn is_msisdn(number: Text<'_>) -> bool {
    let mut len = 0_u8;
    for (i, c) in number.chars().enumerate() {
        if i >= 15 || !c.is_ascii_digit() || i == 0 && c == '0' {
            return false;
        }
        len = len.saturating_add(1);
    }
    len >= 5
}

/// The state of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Report<'a> {
    /// The customer's own id, as given with the message.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub client_id: Option<Text<'a>>,
    /// State.
    pub state: State,
}

/// What became of a message.
///
/// Ordered from best to worst, so that the state of several parts is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum State {
    /// On the handset.
    Delivered,
    /// On its way: not final.
    EnRoute,
    /// Nobody can say: it may have been delivered, or not.
    Unknown,
    /// Deleted before it was delivered.
    Deleted,
    /// Its validity period is over.
    Expired,
    /// The recipient cannot be charged.
    InsufficientFunds,
    /// The network blocks the recipient.
    Blacklisted,
    /// The network does not know the recipient.
    UnknownRecipient,
    /// It cannot be delivered.
    Undeliverable,
}

/// What a status report says of a message.
///
/// 3GPP TS 23.040, section 9.2.3.15 (TP-ST).
impl From<Status> for State {
    fn from(status: Status) -> Self {
        match (status, status.outcome()) {
            (Status::NOT_OBTAINABLE, _) => Self::UnknownRecipient,
            (Status::EXPIRED, _) => Self::Expired,
            (Status::DELETED_BY_SENDER | Status::DELETED_BY_SERVICE_CENTRE, _) => Self::Deleted,
            (_, Outcome::Delivered) => Self::Delivered,
            (_, Outcome::StillTrying) => Self::EnRoute,
            (_, Outcome::GaveUp | Outcome::Failed) => Self::Undeliverable,
        }
    }
}

/// A message that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Inbound<'a> {
    /// The gateway's id of the message.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub id: Text<'a>,
    /// From whom: an MSISDN, or a name.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub sender: Text<'a>,
    /// The number that it was sent to.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub recipient: Text<'a>,
    /// The keyword that its first word is, as the customer has it.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub keyword: Text<'a>,
    /// What follows the keyword; `None` where nothing does.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub text: Option<Text<'a>>,
    /// The network of the sender, in the vendor's form.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub network: Option<Text<'a>>,
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Answer<'a> {
    /// The message is accepted.
    Sent {
        /// The customer's own id.
        #[cfg_attr(feature = "serde", serde(borrow))]
        client_id: Option<Text<'a>>,
    },
    /// The callback is taken.
    Taken,
    /// It is refused.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Refused(Refusal<'a>),
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refusal<'a> {
    /// The reason.
    pub reason: Reason,
    /// What it is about: a field's name, a number, the vendor's words; empty where the reason says it.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub subject: Text<'a>,
    /// More about it, in words; empty where there is nothing to say.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub detail: Text<'a>,
}

impl<'a> Refusal<'a> {
    /// A refusal of `subject`, with nothing more to say.
    pub const fn new(reason: Reason, subject: Text<'a>) -> Self {
        Self { reason, subject, detail: Text::EMPTY }
    }
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Reason {
    /// A field that must be there is not; the subject is its name.
    Missing,
    /// A field has a value that is not allowed; the subject is its name.
    Invalid,
    /// There is no such account; the subject is its name.
    UnknownUser,
    /// The password is wrong.
    WrongPassword,
    /// The recipient stands in the request more than once; the subject is its number.
    DuplicateRecipient,
    /// There are more recipients than one request may have.
    TooManyRecipients,
    /// The customer's id was used for another message.
    DuplicateClientId,
    /// Charging is not set up.
    Charging,
    /// The sender cannot be carried.
    Sender,
    /// The callback URL is not allowed.
    CallbackUrl,
    /// There is no room: to be tried again later.
    Busy,
    /// Something else, in the vendor's words.
    Other,
}

impl Reason {
    /// Whether the same request may be accepted later.
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<Error> for Refusal<'_> {
    fn from(error: Error) -> Self {
        let reason = match error.kind {
            ErrorKind::Missing => Reason::Missing,
            ErrorKind::Full => Reason::Busy,
            _ => Reason::Invalid,
        };
        let detail = if reason == Reason::Invalid { error.kind.words() } else { "" };
        Self { reason, subject: Text::plain(error.field), detail: Text::plain(detail) }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::EnRoute => "on its way",
            Self::Unknown => "unknown: it may have been delivered, or not",
            Self::Deleted => "deleted before it was delivered",
            Self::Expired => "not delivered in time",
            Self::InsufficientFunds => "not delivered: the recipient cannot be charged",
            Self::Blacklisted => "not delivered: the network blocks the recipient",
            Self::UnknownRecipient => "not delivered: the network does not know the recipient",
            Self::Undeliverable => "not delivered: it cannot be",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a field is missing",
            Self::Invalid => "a field has a value that is not allowed",
            Self::UnknownUser => "there is no such account",
            Self::WrongPassword => "the password is wrong",
            Self::DuplicateRecipient => "a recipient is given twice",
            Self::TooManyRecipients => "there are too many recipients",
            Self::DuplicateClientId => "the id was used for another message",
            Self::Charging => "charging is not set up",
            Self::Sender => "the sender cannot be carried",
            Self::CallbackUrl => "the callback URL is not allowed",
            Self::Busy => "there is no room now",
            Self::Other => "refused",
        })
    }
}

/// `a field is missing: to`.
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, subject, detail } = self;
        reason.fmt(f)?;
        for more in [subject, detail] {
            if !more.is_empty() {
                write!(f, ": {more}")?;
            }
        }
        Ok(())
    }
}

/// `message 7 is accepted`, `refused: the password is wrong`.
impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { client_id: Some(id) } => write!(f, "message {id} is accepted"),
            Self::Sent { client_id: None } => f.write_str("the message is accepted"),
            Self::Taken => f.write_str("taken"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
        }
    }
}

/// `message 7: delivered`.
impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.client_id {
            Some(id) => write!(f, "message {id}: {}", self.state),
            None => self.state.fmt(f),
        }
    }
}

/// `to 4512345678 from 1204: "Hello"`.
impl fmt::Display for Submit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("to ")?;
        for (i, recipient) in self.recipients.iter().enumerate() {
            write!(f, "{}{recipient}", if i > 0 { ", " } else { "" })?;
        }
        match self.sender {
            Some(sender) => write!(f, " from {sender}: {:?}", self.text),
            None => write!(f, ": {:?}", self.text),
        }
    }
}

/// `from 4512345678 to 1204: keyword "TEST", "hello"`.
impl fmt::Display for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, recipient, keyword, text, .. } = self;
        write!(f, "from {sender} to {recipient}: keyword {keyword:?}")?;
        text.map_or(Ok(()), |text| write!(f, ", {text:?}"))
    }
}

/// `send to 4512345678: "Hello"`.
impl fmt::Display for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(submit) => write!(f, "send {submit}"),
            Self::Report(report) => write!(f, "report of {report}"),
            Self::Inbound(inbound) => write!(f, "received {inbound}"),
        }
    }
}
