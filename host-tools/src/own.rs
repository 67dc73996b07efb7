//! The operator's own texts: from the page, and from `septet bulk`.
//!
//! They are accepted as those of customers are, as an account's, and go the same way. No interface is
//! asked by them, so nobody is owed a callback.

use septet::answer::Store;
use septet::api::{
    Again, Answer, Api, Dedupe, Ids, Interface, Messages, Op, Payload, Reason, Recipients,
    RetrySchedule, Submit, Zone,
};
use septet::fields::List;
use septet::text;
use serde::{Deserialize, Serialize};

use crate::store::SqlStore;

/// What the operator's texts come by: it has no calls.
pub static API: Api = Api {
    interface: Interface {
        name: "operator",
        base: "",
        retry: RetrySchedule::USUAL,
        ids: Ids::Number,
        inbound_ids: Ids::Number,
        recipients_max: 1,
        batch_max: 1,
        times: Zone::Offset(0),
        replies_to_callback: false,
        upper_case_keywords: false,
        history: false,
        lockout: None,
    },
    calls: &[],
    report: None,
    inbound: None,
};

/// How long an id stands for its text, in seconds: a year.
const ID_WINDOW_S: u32 = 365 * 24 * 60 * 60;

/// A text of the operator's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The account that it counts for.
    pub account: String,
    /// To whom: country code first, as people write it.
    pub to: String,
    /// The text.
    pub text: String,
    /// The id that it is known by again: it is sent once, however often it is asked for.
    #[serde(default)]
    pub id: Option<String>,
    /// Whether it is only asked what would become of it.
    #[serde(default)]
    pub dry_run: bool,
}

/// A text that is accepted, now or when it was asked for first, or that would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The id that the store has for it; empty of what would be accepted.
    pub name: String,
    /// The number that it goes to.
    pub to: String,
    /// How many parts it has.
    pub parts: u32,
    /// Whether it was accepted when it was asked for before.
    #[serde(default)]
    pub before: bool,
}

/// Why a text is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The sentence.
    pub why: String,
    /// Whether it may be accepted later as it is.
    pub later: bool,
}

impl Refused {
    /// The gateway cannot take it now.
    pub fn busy() -> Self {
        Self { why: "the gateway cannot take it now, try again later".to_owned(), later: true }
    }
}

/// The digits of a number as people write it: with a `+` or 00 before it, blanks, hyphens and
/// parentheses in it.
fn digits(written: &str) -> String {
    let plain: String =
        written.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")).unwrap_or(&plain).to_owned()
}

/// Accepts a text, within the store's transaction, or says whether it would be accepted.
///
/// # Errors
/// Why it is not accepted.
pub fn accept(store: &mut SqlStore, own: &Text) -> Result<Accepted, Refused> {
    let Text { account, to, text, id, dry_run } = own;
    let refused = |why: String| Refused { why, later: false };
    let place = store.account_named(account);
    let account = place.ok_or_else(|| refused(format!("there is no account {account:?}")))?;
    if text.is_empty() {
        return Err(refused("the text is empty".to_owned()));
    }
    let to = digits(to);
    let id = id.as_deref().filter(|id| !id.is_empty()).map(text::Text::plain);
    let numbers = [text::Text::plain(&to)];
    let messages = Messages::Same {
        to: Recipients::numbers(List::Slice(&numbers)),
        body: Payload::Text(text::Text::plain(text)),
    };
    let submit = Submit {
        client_id: id,
        dedupe: id.map(|key| Dedupe { key, again: Again::FirstAnswer, window_s: ID_WINDOW_S }),
        ..Submit::new(messages)
    };
    let before = store.is_known(account, &API, &submit);
    // What is known is told again, and nothing is sent.
    let op = if *dry_run && !before { Op::Quote(submit) } else { Op::Send(submit) };
    let accepted = |name, parts| Accepted { name, to: to.clone(), parts, before };
    store.perform(&account, &API, &op, |answer| match answer {
        Answer::Sent(sent) => {
            Ok(accepted(sent.id.map(|id| id.to_string()).unwrap_or_default(), sent.parts))
        }
        Answer::Quoted(hundredths) => {
            Ok(accepted(String::new(), u32::try_from(hundredths / 100).unwrap_or(u32::MAX)))
        }
        Answer::Refused(refusal) => Err(Refused {
            why: words(refusal.reason, &to),
            later: matches!(refusal.reason, Reason::Busy | Reason::Internal),
        }),
        _ => Err(Refused::busy()),
    })
}

/// Why a text is not accepted, for who typed it.
fn words(reason: Reason, to: &str) -> String {
    match reason {
        Reason::Recipient => {
            format!("{to:?} is no number: write 5 to 15 digits, country code first")
        }
        Reason::TooManyParts => "the text needs more than 255 parts".to_owned(),
        Reason::Credit => "the account has too few credits".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for written in ["+45 12 34 56 78", "004512345678", "(45) 1234-5678", "4512345678"] {
            assert_eq!(digits(written), "4512345678");
        }
        assert_eq!(digits("nobody"), "nobody");
    }
}
