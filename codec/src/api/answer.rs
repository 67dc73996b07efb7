//! The neutral model: what can be answered, in no vendor's words.

use core::fmt;

use crate::fields::{List, Rows};
use crate::text::{Secret, Text};

use super::op::{Inbound, Page, State};
use super::refusal::{Advice, Reason, Refusal};
use super::time::When;

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Answer<'a> {
    /// A session has begun, or a token is given.
    #[cfg_attr(feature = "serde", serde(skip))]
    LoggedIn {
        /// The user key.
        user: Text<'a>,
        /// The session's key, or the token.
        key: Secret<'a>,
    },
    /// Whether the session lives still.
    Session(bool),
    /// The messages are accepted.
    Sent(Sent<'a>),
    /// What it would cost, in hundredths of a credit.
    Quoted(u64),
    /// What the account has left.
    Credits(Credits),
    /// What became of messages.
    Reports(Reports<'a>),
    /// It is taken back.
    Cancelled,
    /// What was sent.
    History(History<'a>),
    /// What was received.
    Inbox(Inbox<'a>),
    /// The callback is taken.
    Taken,
    /// It is refused.
    Refused(Refusal<'a>),
}

/// What is said of messages that are accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Sent<'a> {
    /// The gateway's id of the request, in the vendor's form.
    pub id: Option<Text<'a>>,
    /// The customer's own id.
    pub client_id: Option<Text<'a>>,
    /// Whether they are to be sent later.
    pub scheduled: bool,
    /// How many parts the message to one recipient has; of several texts, the longest one's.
    pub parts: u32,
    /// How many messages are accepted: one for each recipient.
    pub messages: u32,
    /// What was used, in credits, where it was asked for.
    pub used: Option<u64>,
    /// What is left, in credits, where it was asked for.
    pub left: Option<u64>,
    /// Each message that is accepted.
    pub receipts: Rows<'a, Receipt<'a>>,
}

impl Sent<'_> {
    /// One message of one part, of which nothing is known besides.
    pub const fn new() -> Self {
        Self {
            id: None,
            client_id: None,
            scheduled: false,
            parts: 1,
            messages: 1,
            used: None,
            left: None,
            receipts: Rows::EMPTY,
        }
    }
}

impl Default for Sent<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// A message that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Receipt<'a> {
    /// The gateway's id of the message, in the vendor's form.
    pub id: Text<'a>,
    /// The sender, as it was given.
    pub sender: Text<'a>,
    /// Its number.
    pub recipient: Text<'a>,
    /// How many characters it has.
    pub characters: u32,
    /// How many parts.
    pub parts: u32,
    /// The customer's own id.
    pub client_id: Text<'a>,
}

/// What an account has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Credits {
    /// Hundredths of a credit.
    pub hundredths: u64,
    /// As in [`CreditsQuery`](super::CreditsQuery).
    pub aliases: bool,
}

/// What became of the messages of one request.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reports<'a> {
    /// What was asked for besides recipient and state, as the vendor calls it, in this order.
    pub columns: List<'a>,
    /// The messages.
    pub rows: Rows<'a, Delivery<'a>>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Delivery<'a> {
    /// To whom.
    pub recipient: Text<'a>,
    /// State.
    pub state: State,
    /// What the network said of it (TP-ST).
    pub status: Option<u8>,
    /// Its text.
    pub text: Option<Text<'a>>,
    /// When the gateway took it.
    pub created: Option<When<'a>>,
    /// When its state became final.
    pub done: Option<When<'a>>,
    /// Credits that it cost.
    pub credits: Option<u64>,
    /// The number that it came from.
    pub sender: Option<Text<'a>>,
    /// The customer's own id of the request.
    pub client_id: Option<Text<'a>>,
}

impl<'a> Delivery<'a> {
    /// A message of which nothing is known but its state.
    pub const fn new(recipient: Text<'a>, state: State) -> Self {
        Self {
            recipient,
            state,
            status: None,
            text: None,
            created: None,
            done: None,
            credits: None,
            sender: None,
            client_id: None,
        }
    }
}

/// A page of what was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct History<'a> {
    /// The requests, the latest first.
    pub rows: Rows<'a, Order<'a>>,
    /// Which page it is.
    pub page: Page,
    /// How many there are on all pages.
    pub total: u64,
}

/// A request that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Order<'a> {
    /// The gateway's id of the request.
    pub id: Text<'a>,
    /// When the gateway took it.
    pub created: When<'a>,
    /// When it is to be sent, where that was asked.
    pub scheduled: Option<When<'a>>,
    /// The kind of message, as the vendor calls it.
    pub kind: Option<Text<'a>>,
    /// The sender that was asked for.
    pub sender: Option<Text<'a>>,
    /// How many recipients it has.
    pub recipients: u32,
}

/// What was received.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Inbox<'a> {
    /// The messages.
    pub rows: Rows<'a, Inbound<'a>>,
    /// Which page it is, where it is one.
    pub page: Option<Page>,
    /// How many there are on all pages.
    pub total: u64,
}

impl Answer<'_> {
    /// What a client may do about the answer.
    pub const fn advice(&self) -> Advice {
        match self {
            Self::Refused(refusal) => refusal.reason.advice(),
            _ => Advice::Done,
        }
    }
}

/// `message 7 is accepted`, `refused: the password is wrong`.
impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoggedIn { user, .. } => write!(f, "logged in with user key {user}"),
            Self::Session(true) => f.write_str("the session lives"),
            Self::Session(false) => f.write_str("the session is over"),
            Self::Sent(sent) => sent.fmt(f),
            Self::Quoted(hundredths) | Self::Credits(Credits { hundredths, .. }) => {
                write!(f, "{}.{:02} credits", hundredths / 100, hundredths % 100)
            }
            Self::Reports(reports) if reports.rows.is_empty() => f.write_str("no deliveries"),
            Self::Reports(reports) => {
                for (i, delivery) in reports.rows.iter().enumerate() {
                    write!(f, "{}{delivery}", if i > 0 { "\n" } else { "" })?;
                }
                Ok(())
            }
            Self::Cancelled => f.write_str("taken back"),
            Self::History(history) => {
                write!(f, "{} of {} requests", history.rows.iter().count(), history.total)?;
                history.rows.iter().try_for_each(|order| {
                    write!(f, "\n{}: {}, recipients: {}", order.id, order.created, order.recipients)
                })
            }
            Self::Inbox(inbox) => {
                write!(f, "{} of {} messages", inbox.rows.iter().count(), inbox.total)?;
                inbox.rows.iter().try_for_each(|inbound| write!(f, "\n{}: {inbound}", inbound.id))
            }
            Self::Taken => f.write_str("taken"),
            Self::Refused(refusal) => {
                let advice = refusal.reason.advice();
                match (refusal.reason, advice) {
                    (Reason::Other, _) => write!(f, "{refusal}"),
                    (_, Advice::Unknown) => write!(f, "unknown: {refusal}"),
                    _ => write!(f, "refused: {refusal}"),
                }?;
                write!(f, "; {advice}")
            }
        }
    }
}

/// `4512345678: delivered, done: 2026-10-08 12:00:00, credits: 1`.
impl fmt::Display for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recipient, state, status: _, text, created, done, credits, sender, client_id } =
            self;
        write!(f, "{recipient}: {state}")?;
        let mut more = |name, value: Option<&dyn fmt::Display>| {
            value.map_or(Ok(()), |value| write!(f, ", {name}: {value}"))
        };
        more("accepted", created.as_ref().map(|when| when as _))?;
        more("done", done.as_ref().map(|when| when as _))?;
        more("credits", credits.as_ref().map(|credits| credits as _))?;
        more("from", sender.as_ref().map(|sender| sender as _))?;
        more("own id", client_id.as_ref().map(|id| id as _))?;
        more("text", text.as_ref().map(|text| text as _))
    }
}

/// `message 7 is accepted`.
impl fmt::Display for Sent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.messages, self.id.or(self.client_id)) {
            (0 | 1, Some(id)) => write!(f, "message {id} is accepted"),
            (0 | 1, None) => f.write_str("the message is accepted"),
            (messages, Some(id)) => write!(f, "{messages} messages are accepted: {id}"),
            (messages, None) => write!(f, "{messages} messages are accepted"),
        }?;
        if self.scheduled {
            f.write_str(", to be sent later")?;
        }
        self.receipts.iter().try_for_each(|receipt| {
            let Receipt { id, recipient, parts, .. } = receipt;
            write!(f, "\n{recipient}: {id}, parts: {parts}")
        })
    }
}
