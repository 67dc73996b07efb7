//! The neutral model: what can be asked, in no vendor's words.
//!
//! It is what the vendors share, and `Option`s for what several have. What one vendor has alone and
//! changes nothing is a [`Note`]. Who needs one vendor's extra uses that vendor's own struct.

mod messages;
mod query;
mod submit;
mod told;

use core::fmt;

use super::credentials::Credentials;

pub use self::messages::{
    Addressed, AddressedOctets, Body, Content, Filled, FilledChars, Merged, Messages, MessagesIter,
    Recipient, Recipients, Values,
};
pub use self::query::{Cancel, CreditsQuery, HistoryQuery, InboxQuery, Login, Page, ReportsQuery};
pub use self::submit::{Again, Alphabet, Callback, Dedupe, Duplicates, Note, Noted, Submit, Test};
pub use self::told::{Inbound, Report, State};

/// What is asked, and by whom.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Asked<'a> {
    /// Who asks; `None` in a callback.
    pub credentials: Option<Credentials<'a>>,
    /// What is asked.
    pub op: Op<'a>,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Op<'a> {
    /// Begin a session, or give a token.
    Login(Login),
    /// Whether the session lives still.
    CheckSession,
    /// Send messages.
    Send(Submit<'a>),
    /// What it would cost to send them.
    Quote(Submit<'a>),
    /// What the account has left.
    Credits(CreditsQuery),
    /// What became of the messages of one request.
    Reports(ReportsQuery<'a>),
    /// Take back what is scheduled and not sent.
    Cancel(Cancel<'a>),
    /// What was sent.
    History(HistoryQuery<'a>),
    /// What was received.
    Inbox(InboxQuery<'a>),
    /// The state of a message that was sent: a callback.
    Report(Report<'a>),
    /// A message was received: a callback.
    Inbound(Inbound<'a>),
}

/// `send to 4512345678: "Hello"`.
impl fmt::Display for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(Login::Session) => f.write_str("begin a session"),
            Self::Login(Login::Token) => f.write_str("give a token"),
            Self::CheckSession => f.write_str("does the session live"),
            Self::Send(submit) => write!(f, "send {submit}"),
            Self::Quote(submit) => write!(f, "what it costs to send {submit}"),
            Self::Credits(_) => f.write_str("what is left"),
            Self::Reports(query) => write!(f, "what became of {}", query.id),
            Self::Cancel(Cancel { id: Some(id) }) => write!(f, "take {id} back"),
            Self::Cancel(Cancel { id: None }) => f.write_str("take everything back"),
            Self::History(query) => write!(f, "what was sent from {} on", query.from),
            Self::Inbox(_) => f.write_str("what was received"),
            Self::Report(report) => write!(f, "report of {report}"),
            Self::Inbound(inbound) => write!(f, "received {inbound}"),
        }
    }
}
