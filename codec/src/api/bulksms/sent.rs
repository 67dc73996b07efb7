//! Replies to `send_sms`, `send_batch` and `quote_sms`.

use super::reply::{
    accepted, emit_hundredths, emit_refusal, hundredths, not_an_answer, plain, split, trimmed,
    unknown,
};
use crate::api::{Answer, Reason, Refusal, Reply, Sent, Status, Tell};
use crate::error::Error;
use crate::fields::decimal;
use crate::text::Text;
use crate::wire::Writer;

/// Reply to `send_sms`: `0|IN_PROGRESS|30430`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SendReply<'a> {
    /// 0, or 1: the submission is accepted.
    Accepted {
        /// Whether it is sent later.
        scheduled: bool,
        /// The id of the submission.
        #[cfg_attr(feature = "serde", serde(borrow))]
        batch_id: Option<Text<'a>>,
    },
    /// Another code.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Refused(Refusal<'a>),
}

impl<'a> Tell<'a> for SendReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        match accepted(reply) {
            Ok(accepted) => {
                let (id, _) = split(accepted.third, '|');
                let batch_id = Some(trimmed(id)).filter(|id| decimal(*id).is_ok());
                Self::Accepted { scheduled: accepted.code == 1, batch_id }
            }
            Err(refusal) => Self::Refused(refusal),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            // Clients count three fields, and take a line break for part of the third.
            Self::Accepted { scheduled, batch_id } => {
                w.text(if *scheduled { "1|SCHEDULED|" } else { "0|IN_PROGRESS|" })?;
                plain(batch_id.unwrap_or(Text::EMPTY), w)?;
                Ok(Status::OK)
            }
            Self::Refused(refusal) => emit_refusal(refusal, w),
        }
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Accepted { scheduled, batch_id } => {
                Answer::Sent(Sent { id: batch_id, scheduled, ..Sent::new() })
            }
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Sent(Sent { id: batch_id, scheduled, .. }) => {
                Self::Accepted { scheduled, batch_id }
            }
            Answer::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(not_an_answer()),
        }
    }
}

/// Reply to `send_batch`: as that to `send_sms`, but that a request which is too large has too many
/// messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BatchReply<'a>(#[cfg_attr(feature = "serde", serde(borrow))] pub SendReply<'a>);

impl<'a> Tell<'a> for BatchReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        Self(SendReply::parse(reply))
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        self.0.emit(w)
    }

    fn read(self) -> Answer<'a> {
        self.0.read()
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Refused(refusal) if refusal.reason == Reason::TooLarge => {
                Self(SendReply::Refused(Refusal { reason: Reason::TooManyRecipients, ..refusal }))
            }
            answer => Self(SendReply::write(&answer)),
        }
    }
}

/// Reply to `quote_sms`: `0|Quotation issued|2.50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum QuoteReply<'a> {
    /// The quotation, in hundredths of a credit.
    Issued(u64),
    /// Another code.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Refused(Refusal<'a>),
}

impl<'a> Tell<'a> for QuoteReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        match accepted(reply) {
            Ok(accepted) => match hundredths(split(accepted.third, '|').0) {
                Some(total) => Self::Issued(total),
                None => Self::Refused(unknown(accepted.second)),
            },
            Err(refusal) => Self::Refused(refusal),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            Self::Issued(total) => {
                w.text("0|Quotation issued|")?;
                emit_hundredths(*total, w)?;
                Ok(Status::OK)
            }
            Self::Refused(refusal) => emit_refusal(refusal, w),
        }
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Issued(total) => Answer::Quoted(total),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Quoted(total) => Self::Issued(total),
            Answer::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(not_an_answer()),
        }
    }
}
