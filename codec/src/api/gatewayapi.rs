//! GatewayAPI's legacy interfaces: HTTP v2 (`sendsms`), its delivery status notification (DSN) and
//! its received message (MO).
//!
//! Source: GatewayAPI's legacy documentation (2021-05). What it leaves open is decided here:
//!
//! * `smsc` and `price` are optional; a missing one means an unknown operator, not charged.
//! * `to` holds several numbers separated by commas, semicolons or white space, and may repeat.
//! * An empty optional parameter is one that is not given.
//! * Wrong credentials are a 400, as every other error: no 401 is documented.
//! * The words of the 400s that the documentation of the REST interface lists are used for this one.
//! * What is refused for now and may be accepted later is a 503.

mod dsn;
mod mo;
mod sendsms;

use crate::api::{Answer, Api, Reason, Refusal, RetrySchedule};
use crate::text::Text;

pub use dsn::{Dsn, Exactly200, Notification};
pub use mo::{AsynchNoTrace, Mo, MoSms};
pub use sendsms::{Send, SendReply, SendSms};

/// Legacy HTTP v2.
pub static V2: Api = Api {
    name: "gatewayapi-v2",
    calls: &[&SendSms],
    report: &Dsn,
    inbound: &Mo,
    // 1, 5, 15 and 60 minutes, then hourly up to a day: "re-attempt later" is all that is documented.
    retry: RetrySchedule { first: &[60, 300, 900, 3600], then: 3600, until: 86_400 },
};

/// An optional parameter, where it says something.
fn given(text: Option<Text<'_>>) -> Option<Text<'_>> {
    text.filter(|text| !text.is_empty())
}

/// The customer's answer to a callback: taken, or to be tried again.
fn taken<'a>(taken: bool) -> Answer<'a> {
    if taken { Answer::Taken } else { Answer::Refused(Refusal::new(Reason::Busy, Text::EMPTY)) }
}
