//! What is asked of what was sent and received.

use crate::api::time::When;
use crate::fields::List;
use crate::text::Text;

/// What a login gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Login {
    /// The key of a session, which ends when it is not used.
    Session,
    /// A token, which does not end by itself.
    Token,
}

/// What a question for the account's credits says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CreditsQuery {
    /// Whether money is asked for, too.
    pub money: bool,
    /// Whether kinds of message are called by the vendor's later names.
    pub aliases: bool,
}

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportsQuery<'a> {
    /// The id of the request that they belong to.
    pub id: Text<'a>,
    /// Only this recipient.
    pub recipient: Option<Text<'a>>,
    /// What is wished for besides recipient and state, as the vendor calls it, in this order.
    pub columns: List<'a>,
}

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Cancel<'a> {
    /// The id of the request; all of the account where absent.
    pub id: Option<Text<'a>>,
}

/// A part of something longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Page {
    /// Which one, from 1 on.
    pub number: u32,
    /// How many of them make a page.
    pub size: u32,
}

/// What is asked for of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HistoryQuery<'a> {
    /// Only to this recipient.
    pub recipient: Option<Text<'a>>,
    /// From when on.
    pub from: When<'a>,
    /// Until when; now where absent.
    pub to: Option<When<'a>>,
    /// Which page.
    pub page: Page,
}

/// What is asked for of what was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum InboxQuery<'a> {
    /// What came after the message of this id, the oldest first; 0 for all.
    After {
        /// The id.
        id: u64,
        /// The number that it was sent to; any where absent.
        recipient: Option<Text<'a>>,
        /// The most that are wanted.
        limit: u32,
    },
    /// What came since the account asked last.
    New {
        /// The number that it was sent to; any where absent.
        recipient: Option<Text<'a>>,
        /// The most that are wanted.
        limit: u32,
    },
    /// What came within a time.
    Between {
        /// The number that it was sent to; any where absent.
        recipient: Option<Text<'a>>,
        /// From when on.
        from: When<'a>,
        /// Until when; now where absent.
        to: Option<When<'a>>,
        /// Only what is of this kind, as the vendor calls it.
        kind: Option<Text<'a>>,
        /// Which page.
        page: Page,
    },
}
