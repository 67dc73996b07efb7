//! Nextpod's SMS API, v2 and v3: its call (`sms`), its delivery report (`dlr`) and its received message
//! (`mo`).
//!
//! Source: the vendor's one page, "Nextpod SMS API", whose examples are of 2019. What it leaves open is
//! decided here:
//!
//! * v2 and v3 are the same; our client uses v2.
//! * The name in a `Basic` header may be the account's number. Where a request has a `Basic` header and
//!   the fields, too, the header counts.
//! * A field of the body counts before one of the query. A form may be `multipart/form-data`; a body of
//!   another type is refused.
//! * `from` is required. One that is not all digits may have any characters but control characters.
//! * `to` may be a JSON list or number, or stand several times in a form. A number has 5 to 15 digits;
//!   white space may stand around commas, and nowhere else. A recipient that is there twice counts once.
//! * Characters of `msg` are Unicode scalar values.
//! * `send_time` may have a fraction of a second, and an offset in the place of `Z`; our client writes
//!   UTC. One that is past means at once.
//! * `dlr_method` is JSON when absent, and compared without regard to case. Without `dlr_url` it changes
//!   nothing.
//! * An empty optional parameter is one that is not given; a JSON number may stand for a string.
//! * `reference` tells nothing about a request that is made again: it is sent again.
//! * What is wrong stands in the reason phrase and in a JSON body. Our client reads the status alone to
//!   decide. A status that is not listed is no answer of this vendor.
//! * What is refused for now and may be accepted later is a 500.
//! * `dlr`: only 200 `DELIVERED` is documented; the other states are those of the table there. A state
//!   that nobody knows is not final: it is neither a success nor a failure. Of a code that is not in the
//!   table, 2xx is not final and anything else failed; a word that is not in it is kept.
//! * `operator_status_code` is TP-ST in decimal digits; one that is none is not read.
//! * `reference` is always in a `dlr`, empty where there is none. What else is not known is left out.
//! * `mo`: `received_time` is UTC. `keyword_rules` is `false`: the gateway has none.
//! * Any 2xx takes a callback.

mod dlr;
mod mo;
mod sms;

use crate::api::check::taken;
use crate::api::{
    Answer, Api, Ids, Interface, Lockout, Reply, RetrySchedule, Stamp, Status, Tell, TimeFormat,
    When, Zone,
};
use crate::error::{Error, ErrorKind};
use crate::fields::Carrier;
use crate::wire::Writer;

pub use dlr::{DeliveryReport, Dlr, OperatorStatus};
pub use mo::{Mo, Received};
pub use sms::{Failed, Message, Messages, Send, Sms, SmsReply};

/// SMS API v2 and v3.
pub static API: Api = Api {
    interface: Interface {
        name: "nextpod",
        base: "/v2",
        // Nothing is documented.
        retry: RetrySchedule::USUAL,
        ids: Ids::UuidEach,
        inbound_ids: Ids::Number,
        recipients_max: 1000,
        batch_max: 1000,
        times: Zone::Offset(0),
        replies_to_callback: false,
        upper_case_keywords: true,
        history: false,
        // "Too many failed requests": how many is not said, 20 minutes is.
        lockout: Some(Lockout { failures: 20, seconds: 20 * 60 }),
    },
    calls: &[&Sms],
    report: Some(&Dlr),
    inbound: Some(&Mo),
};

/// `Content-Type` of every body, which the vendor's own have with a charset.
const fn content_type(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Json => "application/json; charset=utf-8",
        Carrier::Form => "application/x-www-form-urlencoded; charset=utf-8",
        Carrier::Multipart => carrier.content_type(),
    }
}

/// `2019-09-25T08:58:00Z`.
#[derive(Clone, Copy, Debug)]
pub struct Zulu;

impl TimeFormat for Zulu {
    const PATTERNS: &'static [&'static str] = &["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:ssfZ"];
    const ZONE: Zone<'static> = Zone::Offset(0);
}

/// The stamp of a point in time, in UTC.
fn stamp<F: TimeFormat>(
    name: &'static str,
    when: Option<When<'_>>,
) -> Result<Option<Stamp<F>>, Error> {
    let Some(when) = when else { return Ok(None) };
    let refused = ErrorKind::Value.at(name, 0);
    let at = when.in_utc().ok_or(refused)?;
    Stamp::new(&When::utc(at)).map(Some).map_err(|_| refused)
}

/// Reply to a callback: any 2xx takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Any2xx(pub Status);

impl<'a> Tell<'a> for Any2xx {
    fn parse(reply: &Reply<'a>) -> Self {
        Self(reply.status)
    }

    fn emit(&self, _: &mut Writer<'_>) -> Result<Status, Error> {
        Ok(self.0)
    }

    fn read(self) -> Answer<'a> {
        taken(matches!(self.0.0, 200..300))
    }

    fn write(answer: &Answer<'a>) -> Self {
        Self(if *answer == Answer::Taken { Status::OK } else { Status::SERVICE_UNAVAILABLE })
    }
}
