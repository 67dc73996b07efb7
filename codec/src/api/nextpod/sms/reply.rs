//! Reply to `sms`: JSON, and a reason phrase that says what is wrong.

use super::Send;
use crate::api::{Answer, Reason, Receipt, Refusal, Reply, Sent, Status, Tell};
use crate::error::Error;
use crate::fields::{Array, Body, Carrier, Fields, Row, Rows, Sink, Source, Stringly, fields};
use crate::json::{self, Kind};
use crate::text::{Charset, Text};
use crate::wire::Writer;

fields! {
    /// A message that is accepted.
    pub struct Message<'a> {
        /// The gateway's id of the message.
        "id" => id: Text<'a>,
        /// The sender, as it was given.
        "from" => from: Option<Text<'a>>,
        /// To whom: an MSISDN.
        "to" => to: Text<'a>,
        /// How many characters it has.
        "msg_length" => msg_length: Option<Stringly<u32>>,
        /// How many parts.
        "msg_parts" => msg_parts: Option<Stringly<u32>>,
        /// The customer's own id; empty where there is none.
        "reference" => reference: Option<Text<'a>>,
    }
}

impl<'a> Row<'a, Receipt<'a>> for Message<'a> {
    fn read(self) -> Result<Receipt<'a>, Error> {
        Ok(Receipt {
            id: self.id,
            sender: self.from.unwrap_or(Text::EMPTY),
            recipient: self.to,
            characters: self.msg_length.map_or(0, |length| length.0),
            parts: self.msg_parts.map_or(1, |parts| parts.0),
            client_id: self.reference.unwrap_or(Text::EMPTY),
        })
    }

    fn write(receipt: &Receipt<'a>) -> Self {
        Self {
            id: receipt.id,
            from: Some(receipt.sender),
            to: receipt.recipient,
            msg_length: Some(Stringly(receipt.characters)),
            msg_parts: Some(Stringly(receipt.parts)),
            reference: Some(receipt.client_id),
        }
    }
}

fields! {
    /// Several messages that are accepted.
    pub struct Messages<'a> {
        /// How many there are.
        "recipients" => recipients: Option<u32>,
        /// The messages.
        "sms" => sms: Array<'a, Receipt<'a>, Message<'a>>,
    }
}

fields! {
    /// What is wrong.
    pub struct Failed<'a> {
        /// The status of the reply.
        "status" => status: Option<u16>,
        /// What the reason phrase of the reply says.
        "message" => message: Option<Text<'a>>,
    }
}

/// Reply to `sms`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum SmsReply<'a> {
    /// 200 with the messages: of exactly one, it alone.
    Accepted(Rows<'a, Receipt<'a>>),
    /// Another status, with what is wrong.
    Refused(Refusal<'a>),
}

/// What a refusal says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// That the parameter that is its subject is wrong.
    Subject,
    /// That this parameter is wrong.
    Parameter(&'static str),
    /// Its own subject and detail.
    Itself,
    /// These words.
    Words(&'static str),
}

const UNAUTHORIZED: Says = Says::Words("Unauthorized");
const OUT_OF_CREDIT: Says = Says::Words("Out of credit");
const INTERNAL: Says = Says::Words("Internal server error");

/// The status of each reason, and what is said of it; of those with one status, the first is read.
const STATUSES: &[(Reason, Status, Says)] = &[
    (Reason::Invalid, Status::BAD_REQUEST, Says::Subject),
    (Reason::Missing, Status::BAD_REQUEST, Says::Subject),
    (Reason::Unreadable, Status::BAD_REQUEST, Says::Itself),
    (Reason::Other, Status::BAD_REQUEST, Says::Itself),
    (Reason::Sender, Status::BAD_REQUEST, Says::Parameter("from")),
    (Reason::Recipient, Status::BAD_REQUEST, Says::Parameter("to")),
    (Reason::DuplicateRecipient, Status::BAD_REQUEST, Says::Parameter("to")),
    (Reason::Blacklisted, Status::BAD_REQUEST, Says::Parameter("to")),
    (Reason::UnknownGroup, Status::BAD_REQUEST, Says::Parameter("to")),
    (Reason::Unencodable, Status::BAD_REQUEST, Says::Parameter("msg")),
    (Reason::TooManyParts, Status::BAD_REQUEST, Says::Parameter("msg")),
    (Reason::Segment, Status::BAD_REQUEST, Says::Parameter("msg")),
    (Reason::NoValue, Status::BAD_REQUEST, Says::Parameter("msg")),
    (Reason::Schedule, Status::BAD_REQUEST, Says::Parameter("send_time")),
    (Reason::CallbackUrl, Status::BAD_REQUEST, Says::Parameter("dlr_url")),
    (Reason::DuplicateClientId, Status::BAD_REQUEST, Says::Parameter("reference")),
    (Reason::UnknownId, Status::BAD_REQUEST, Says::Itself),
    (Reason::Test, Status::BAD_REQUEST, Says::Itself),
    (Reason::WrongPassword, Status::UNAUTHORIZED, UNAUTHORIZED),
    (Reason::NoCredentials, Status::UNAUTHORIZED, UNAUTHORIZED),
    (Reason::UnknownUser, Status::UNAUTHORIZED, UNAUTHORIZED),
    (Reason::NoSession, Status::UNAUTHORIZED, UNAUTHORIZED),
    (Reason::Credit, Status::PAYMENT_REQUIRED, OUT_OF_CREDIT),
    (Reason::Charging, Status::PAYMENT_REQUIRED, OUT_OF_CREDIT),
    (Reason::Forbidden, Status::FORBIDDEN, Says::Words("Forbidden")),
    // "To" is how the vendor spells it.
    (Reason::TooManyRecipients, Status::TOO_LARGE, Says::Words("To many recipients")),
    (Reason::TooLarge, Status::TOO_LARGE, Says::Words("Request is too large")),
    (Reason::TooManyFailures, Status::TOO_MANY_REQUESTS, Says::Words("To many requests")),
    (Reason::Internal, Status::INTERNAL_SERVER_ERROR, INTERNAL),
    (Reason::Busy, Status::INTERNAL_SERVER_ERROR, INTERNAL),
    (Reason::Unknown, Status::INTERNAL_SERVER_ERROR, INTERNAL),
];

/// What is said of a 400 that says nothing of itself.
const BAD_REQUEST: &str = "Bad Request";

/// What follows the name of a parameter.
const IS_WRONG: &str = " parameter is missing or has an invalid value";

/// The most octets of what is said.
const MESSAGE_MAX: usize = 256;

/// The status of a refusal and what it says.
fn row(refusal: &Refusal<'_>) -> (Status, Says) {
    let row = STATUSES.iter().find(|(reason, status, _)| match refusal.reason {
        Reason::Vendor(code, _) => status.0 == code,
        own => *reason == own,
    });
    row.map_or((Status::INTERNAL_SERVER_ERROR, INTERNAL), |(_, status, says)| (*status, *says))
}

/// What a refusal says, as far as `buffer` has room.
fn message<'b>(refusal: &Refusal<'_>, buffer: &'b mut [u8]) -> &'b str {
    let mut w = Writer::new(buffer);
    // A sentence that is too long ends where there is no room for more of it.
    let _ = write_message(refusal, &mut w);
    core::str::from_utf8(w.into_written()).unwrap_or_default()
}

fn write_message(refusal: &Refusal<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    let Refusal { subject, detail, .. } = refusal;
    let (_, says) = row(refusal);
    match says {
        Says::Words(words) => w.text(words),
        Says::Parameter(name) => write_parameter(Text::plain(name), w),
        Says::Subject if !subject.is_empty() => write_parameter(*subject, w),
        Says::Subject | Says::Itself => {
            subject.emit(w, Charset::Utf8)?;
            if !subject.is_empty() && !detail.is_empty() {
                w.text(" ")?;
            }
            detail.emit(w, Charset::Utf8)?;
            if w.is_empty() { w.text(BAD_REQUEST) } else { Ok(()) }
        }
    }
}

/// Writes that a parameter is wrong, its name with a capital letter.
fn write_parameter(name: Text<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    for c in capitalised(name) {
        w.text(c.encode_utf8(&mut [0; 4]))?;
    }
    w.text(IS_WRONG)
}

fn capitalised(name: Text<'_>) -> impl Iterator<Item = char> {
    name.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c })
}

/// The refusal of this status and message; `None` where the status is none of the vendor's.
fn refusal(status: Status, message: Text<'_>) -> Option<Refusal<'_>> {
    let mut rows = STATUSES.iter().filter(|(_, own, _)| *own == status);
    let says = |says: Says| matches!(says, Says::Words(words) if message == *words);
    if let Some((reason, ..)) = rows.clone().find(|(.., own)| says(*own)) {
        return Some(Refusal::plain(*reason));
    }
    let reason = rows.next().map(|(reason, ..)| *reason)?;
    if status != Status::BAD_REQUEST {
        return Some(Refusal { reason, subject: Text::EMPTY, detail: message });
    }
    let Some(name) = message.strip_suffix(IS_WRONG).filter(|name| !name.is_empty()) else {
        let detail = if message == *BAD_REQUEST { Text::EMPTY } else { message };
        return Some(Refusal { reason, subject: Text::EMPTY, detail });
    };
    let known = |own: &&&str| capitalised(Text::plain(own)).eq(name.chars());
    let known = Send::NAMES.iter().find(known).map(|own| Text::plain(own));
    Some(Refusal::new(reason, known.unwrap_or(name)))
}

/// The fields of a JSON object.
fn object(body: &[u8]) -> Option<Source<'_>> {
    let value = json::Value::read(body).ok()?;
    matches!(value.kind(), Kind::Object(_)).then(|| Source::of_body(Body::json(value)))
}

/// The messages that a 200 tells.
fn accepted(body: &[u8]) -> Option<Rows<'_, Receipt<'_>>> {
    let source = object(body)?;
    if source.find("sms").is_some() {
        return Messages::parse(source).ok().map(|messages| messages.sms.0);
    }
    Message::parse(source).ok()?.read().ok().map(Rows::one)
}

/// How many there are.
fn count(rows: &Rows<'_, Receipt<'_>>) -> u32 {
    rows.iter().fold(0, |count: u32, _| count.saturating_add(1))
}

impl<'a> Tell<'a> for SmsReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        if reply.status == Status::OK
            && let Some(rows) = accepted(reply.body)
        {
            return Self::Accepted(rows);
        }
        let failed = object(reply.body).and_then(|source| Failed::parse(source).ok());
        let message = failed.and_then(|failed| failed.message).unwrap_or(Text::EMPTY);
        Self::Refused(refusal(reply.status, message).unwrap_or_else(|| {
            let body = reply.body.trim_ascii_end();
            let body = Text::octets(body, Charset::Utf8).unwrap_or(Text::EMPTY);
            Refusal::new(Reason::Unknown, body)
        }))
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        let mut sink = Sink::new(w, Carrier::Json, Charset::Utf8)?;
        let status = match self {
            Self::Accepted(rows) => {
                let mut messages = rows.iter();
                match (messages.next(), messages.next()) {
                    (Some(only), None) => Message::write(&only).emit(&mut sink)?,
                    _ => {
                        let recipients = Some(count(rows));
                        Messages { recipients, sms: Array::new(*rows) }.emit(&mut sink)?;
                    }
                }
                Status::OK
            }
            Self::Refused(refusal) => {
                let (status, _) = row(refusal);
                let mut buffer = [0; MESSAGE_MAX];
                let message = Some(Text::plain(message(refusal, &mut buffer)));
                Failed { status: Some(status.0), message }.emit(&mut sink)?;
                status
            }
        };
        sink.finish()?;
        Ok(status)
    }

    fn phrase<'b>(&self, buffer: &'b mut [u8]) -> &'b str {
        match self {
            Self::Accepted(_) => "",
            Self::Refused(refusal) => message(refusal, buffer),
        }
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Accepted(receipts) => Answer::Sent(Sent {
                client_id: receipts
                    .iter()
                    .next()
                    .map(|receipt| receipt.client_id)
                    .filter(|client_id| !client_id.is_empty()),
                parts: receipts.iter().map(|receipt| receipt.parts).max().unwrap_or_default(),
                messages: count(&receipts),
                receipts,
                ..Sent::new()
            }),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Sent(sent) => Self::Accepted(sent.receipts),
            Answer::Refused(refusal) => Self::Refused(refusal),
            // Nothing else is an answer to this call.
            _ => Self::Refused(Refusal::plain(Reason::Internal)),
        }
    }
}
