//! DLR: the delivery report.

use super::{Any2xx, Zulu, content_type, stamp};
use crate::api::check::is_digits;
use crate::api::{Ask, Call, Method, Op, Report, Stamp, State};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Nullable, Raw, Sink, Source, Stringly, Value, fields};
use crate::text::{Charset, Text};

/// Delivery report: a POST on the `dlr_url` of the message, as its `dlr_method` says.
#[derive(Clone, Copy, Debug)]
pub struct Dlr;

fields! {
    /// Parameters of the delivery report.
    pub struct DeliveryReport<'a> {
        /// The gateway's id of the message.
        "id" => id: Text<'a>,
        /// The customer's own id; empty where there is none.
        "reference" => reference: Nullable<Text<'a>>,
        /// To whom: an MSISDN.
        "to" => to: Text<'a>,
        /// When the gateway took the message.
        "created_time" => created_time: Option<Stamp<Zulu>>,
        /// When it was sent.
        "sent_time" => sent_time: Option<Stamp<Zulu>>,
        /// When its processing ended.
        "status_updated" => status_updated: Option<Stamp<Zulu>>,
        /// What became of it, as a number: `200`.
        "status_code" => status_code: Text<'a>,
        /// What became of it, as a word: `DELIVERED`.
        "status_text" => status_text: Text<'a>,
        /// What the operator said of it.
        "operator_status_code" => operator_status_code: Option<OperatorStatus<'a>>,
        /// The recipient's network: mobile country code.
        "mcc" => mcc: Option<Stringly<u16>>,
        /// The recipient's network: mobile network code.
        "mnc" => mnc: Option<Stringly<u16>>,
        /// How many parts it has.
        "msg_parts" => msg_parts: Option<Stringly<u32>>,
    }
}

/// `status_code` and `status_text` of each state; of those with one code, the first is read.
const STATUSES: [(State, &str, &str); 12] = [
    (State::Delivered, "200", DELIVERED),
    (State::EnRoute, "201", "SENT"),
    (State::Waiting, "201", "SENT"),
    (State::Scheduled, "201", "SENT"),
    (State::Unknown, "201", "SENT"),
    (State::Undeliverable, "400", "UNDELIVERED"),
    (State::Blacklisted, "403", "REJECTED"),
    (State::InsufficientFunds, "403", "REJECTED"),
    (State::UnknownRecipient, "404", "UNKNOWN_SUBSCRIBER"),
    (State::Expired, "408", "EXPIRED"),
    (State::Deleted, "410", "DELETED"),
    (State::GaveUp, "500", "FAILED"),
];

const DELIVERED: &str = "DELIVERED";

/// The code and the word for a state.
fn status(state: State) -> (&'static str, &'static str) {
    let row = STATUSES.iter().find(|(own, ..)| *own == state);
    row.map_or(("201", "SENT"), |(_, code, word)| (code, word))
}

/// The state that a code and a word tell.
fn state(code: Text<'_>, word: Text<'_>) -> State {
    let is_2xx = is_digits(code) && code.chars().count() == 3 && code.chars().next() == Some('2');
    match STATUSES.iter().find(|(_, own, _)| code == **own) {
        _ if is_2xx && word == *DELIVERED => State::Delivered,
        _ if is_2xx => State::EnRoute,
        Some((state, ..)) => *state,
        None => State::Undeliverable,
    }
}

/// What the operator said of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum OperatorStatus<'a> {
    /// TP-ST, in decimal digits without leading zeros.
    ///
    /// 3GPP TS 23.040, section 9.2.3.15.
    TpSt(u8),
    /// Anything else.
    Other(Text<'a>),
}

impl<'a> Value<'a> for OperatorStatus<'a> {
    fn unread() -> Self {
        Self::Other(Text::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let text = raw.text()?;
        let has_leading_zero = text.strip_prefix("0").is_some_and(|rest| !rest.is_empty());
        match u8::parse(raw) {
            Ok(status) if !has_leading_zero => Ok(Self::TpSt(status)),
            _ => Ok(Self::Other(text)),
        }
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        match self {
            Self::TpSt(status) => sink.quoted_number(name, u64::from(*status)),
            Self::Other(text) => sink.text(name, *text),
        }
    }
}

impl Call for Dlr {
    const NAME: &'static str = "dlr";
    const METHODS: &'static [Method] = &[Method::Post];
    const PATHS: &'static [&'static str] = &[];
    const CARRIERS: &'static [Carrier] = &[Carrier::Json, Carrier::Form];
    const OTHERWISE: Option<Carrier> = None;
    const CONTENT_TYPE: &'static str = "text/plain";
    const CHARSET: Charset = Charset::Utf8;
    type Ask<'a> = DeliveryReport<'a>;
    type Tell<'a> = Any2xx;

    fn content_type(carrier: Carrier) -> &'static str {
        content_type(carrier)
    }
}

impl<'a> Ask<'a> for DeliveryReport<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let state = state(self.status_code, self.status_text);
        let (_, usual) = status(state);
        Ok(Op::Report(Report {
            id: Some(self.id),
            client_id: self.reference.0.filter(|reference| !reference.is_empty()),
            recipient: Some(self.to),
            words: Some(self.status_text).filter(|words| *words != *usual),
            status: match self.operator_status_code {
                Some(OperatorStatus::TpSt(status)) => Some(status),
                Some(OperatorStatus::Other(_)) | None => None,
            },
            mcc: self.mcc.map(|mcc| mcc.0),
            mnc: self.mnc.map(|mnc| mnc.0),
            created: self.created_time.map(|stamp| stamp.when()),
            sent: self.sent_time.map(|stamp| stamp.when()),
            done: self.status_updated.map(|stamp| stamp.when()),
            parts: self.msg_parts.map(|parts| parts.0),
            ..Report::new(state)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Report(report) = *op else { return Err(ErrorKind::Value.at("status_code", 0)) };
        let (code, usual) = status(report.state);
        // Words that would be read as another state with this code are not for this report.
        let told = |words| state(Text::plain(code), words);
        let words = report.words.filter(|words| told(*words) == told(Text::plain(usual)));
        Ok(Self {
            id: report.id.ok_or(ErrorKind::Missing.at("id", 0))?,
            reference: Nullable(Some(report.client_id.unwrap_or(Text::EMPTY))),
            to: report.recipient.ok_or(ErrorKind::Missing.at("to", 0))?,
            created_time: stamp("created_time", report.created)?,
            sent_time: stamp("sent_time", report.sent)?,
            status_updated: stamp("status_updated", report.done)?,
            status_code: Text::plain(code),
            status_text: words.unwrap_or(Text::plain(usual)),
            operator_status_code: report.status.map(OperatorStatus::TpSt),
            mcc: report.mcc.map(Stringly),
            mnc: report.mnc.map(Stringly),
            msg_parts: report.parts.map(Stringly),
        })
    }
}
