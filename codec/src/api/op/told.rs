//! What is told of a message that was sent, and of one that was received.

use core::fmt;

use super::messages::Body;
use crate::api::time::When;
use crate::text::Text;
use crate::tpdu::codes::{Outcome, Status};

/// The state of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Report<'a> {
    /// The gateway's id of the notification, by which a customer knows one that comes twice.
    pub notification: Option<Text<'a>>,
    /// The gateway's id of the message, or of the request that it came with.
    pub id: Option<Text<'a>>,
    /// The customer's own id, as given with the message.
    pub client_id: Option<Text<'a>>,
    /// To whom.
    pub recipient: Option<Text<'a>>,
    /// State.
    pub state: State,
    /// The vendor's own words for the state, where they are others than its usual ones.
    pub words: Option<Text<'a>>,
    /// What the network said of it (TP-ST).
    pub status: Option<u8>,
    /// The recipient's network: mobile country code.
    pub mcc: Option<u16>,
    /// The recipient's network: mobile network code.
    pub mnc: Option<u16>,
    /// When the gateway took it.
    pub created: Option<When<'a>>,
    /// When it was sent.
    pub sent: Option<When<'a>>,
    /// When its state became what it is.
    pub done: Option<When<'a>>,
    /// How many parts it has.
    pub parts: Option<u32>,
}

impl Report<'_> {
    /// A report that tells nothing but the state.
    pub const fn new(state: State) -> Self {
        Self {
            notification: None,
            id: None,
            client_id: None,
            recipient: None,
            state,
            words: None,
            status: None,
            mcc: None,
            mnc: None,
            created: None,
            sent: None,
            done: None,
            parts: None,
        }
    }
}

/// What became of a message.
///
/// Ordered from best to worst, so that the state of several parts is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum State {
    /// On the handset.
    Delivered,
    /// Not sent yet: not final.
    Waiting,
    /// To be sent later, as was asked: not final.
    Scheduled,
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
    /// The network gave up after it had tried.
    GaveUp,
    /// It cannot be delivered.
    Undeliverable,
}

impl State {
    /// Every state, in their order.
    pub const ALL: [Self; 12] = [
        Self::Delivered,
        Self::Waiting,
        Self::Scheduled,
        Self::EnRoute,
        Self::Unknown,
        Self::Deleted,
        Self::Expired,
        Self::InsufficientFunds,
        Self::Blacklisted,
        Self::UnknownRecipient,
        Self::GaveUp,
        Self::Undeliverable,
    ];

    /// The number that it is kept as: its place in that order.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The state that was kept as a number; unknown where nobody knows it.
    pub const fn of_code(code: u8) -> Self {
        let mut states: &[Self] = &Self::ALL;
        while let [state, rest @ ..] = states {
            if *state as u8 == code {
                return *state;
            }
            states = rest;
        }
        Self::Unknown
    }

    /// Whether nothing more will change.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Scheduled | Self::EnRoute)
    }
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
            (_, Outcome::GaveUp) => Self::GaveUp,
            (_, Outcome::Failed) => Self::Undeliverable,
        }
    }
}

/// A message that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Inbound<'a> {
    /// The gateway's id of the message.
    pub id: Text<'a>,
    /// From whom: an MSISDN, or a name.
    pub sender: Text<'a>,
    /// The number that it was sent to.
    pub recipient: Text<'a>,
    /// The keyword that its first word is, as the customer has it.
    pub keyword: Option<Text<'a>>,
    /// The second word, where the customer has that as a keyword, too.
    pub sub_keyword: Option<Text<'a>>,
    /// What it has in it: the whole, keyword included, where the vendor tells the whole.
    pub body: Option<Body<'a>>,
    /// What follows the keyword; `None` where nothing does.
    pub rest: Option<Text<'a>>,
    /// Whether it is shown at once (class 0).
    pub flash: bool,
    /// When it came.
    pub received: Option<When<'a>>,
    /// The network of the sender, in the vendor's form.
    pub network: Option<Text<'a>>,
    /// The network of the sender: mobile country code.
    pub mcc: Option<u16>,
    /// The network of the sender: mobile network code.
    pub mnc: Option<u16>,
    /// The id of the request whose message it seems to answer.
    pub answers: Option<Text<'a>>,
    /// The customer's own id of that request.
    pub client_id: Option<Text<'a>>,
}

impl<'a> Inbound<'a> {
    /// A message with nothing known of it besides.
    pub const fn new(id: Text<'a>, sender: Text<'a>, recipient: Text<'a>) -> Self {
        Self {
            id,
            sender,
            recipient,
            keyword: None,
            sub_keyword: None,
            body: None,
            rest: None,
            flash: false,
            received: None,
            network: None,
            mcc: None,
            mnc: None,
            answers: None,
            client_id: None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::Waiting => "not sent yet",
            Self::Scheduled => "to be sent later",
            Self::EnRoute => "on its way",
            Self::Unknown => "unknown: it may have been delivered, or not",
            Self::Deleted => "deleted before it was delivered",
            Self::Expired => "not delivered in time",
            Self::InsufficientFunds => "not delivered: the recipient cannot be charged",
            Self::Blacklisted => "not delivered: the network blocks the recipient",
            Self::UnknownRecipient => "not delivered: the network does not know the recipient",
            Self::GaveUp => "not delivered: the network gave up",
            Self::Undeliverable => "not delivered: it cannot be",
        })
    }
}

/// `message 7: delivered`.
impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.client_id.or(self.id) {
            Some(id) => write!(f, "message {id}")?,
            None => f.write_str("a message")?,
        }
        if let Some(recipient) = self.recipient {
            write!(f, " to {recipient}")?;
        }
        write!(f, ": {}", self.state)
    }
}

/// `from 4512345678 to 1204: "TEST hello"`.
impl fmt::Display for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, recipient, keyword, body, rest, .. } = self;
        write!(f, "from {sender} to {recipient}: ")?;
        match (body, keyword) {
            (Some(body), _) => write!(f, "{}", body.content()),
            (None, Some(keyword)) => {
                write!(f, "keyword {keyword:?}")?;
                rest.map_or(Ok(()), |rest| write!(f, ", {rest:?}"))
            }
            (None, None) => f.write_str("nothing"),
        }
    }
}
