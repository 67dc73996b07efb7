//! The vendors' interfaces, both ends, from one definition for each call.
//!
//! A [`Call`] is one HTTP call of one vendor: two lists of fields and a translation to and from the
//! neutral [`Op`] and [`Answer`]. Its four corners follow from one blanket impl:
//!
//! |               | request                          | reply                        |
//! |---------------|----------------------------------|------------------------------|
//! | asking end    | [`Asking::emit_request`]         | [`Asking::parse_reply`]      |
//! | answering end | [`Answering::parse_request`]     | [`Answering::emit_reply`]    |
//!
//! A callback is a call in the other direction: there the gateway asks and the customer answers.
//!
//! A vendor's names stand in its file only. The neutral model is what the vendors share, and
//! `Option`s for what several have.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::fields::{Fields, List, Merge};
use crate::form::{FormReader, FormWriter};
use crate::text::{Charset, Secret, Text};
use crate::tpdu;
use crate::wire::Writer;

pub mod gatewayapi;

/// Every vendor's interface that Septet speaks.
pub static APIS: &[&Api] = &[&gatewayapi::V2];

/// One vendor's interface.
#[derive(Clone, Copy)]
pub struct Api {
    /// Its name: `gatewayapi-v2`.
    pub name: &'static str,
    /// What customers ask of the gateway.
    pub calls: &'static [&'static dyn Endpoint],
    /// The gateway's callback with a delivery report.
    pub report: &'static dyn Endpoint,
    /// The gateway's callback with a received message.
    pub inbound: &'static dyn Endpoint,
    /// When a callback that was not accepted is tried again.
    pub retry: RetrySchedule,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// When to try again: after each of `first`, then every `then`, until `until` is over.
///
/// All in seconds; `until` counts from the first try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetrySchedule {
    /// Seconds from each try to the next.
    pub first: &'static [u32],
    /// Seconds between later tries.
    pub then: u32,
    /// Seconds from the first try to the last one.
    pub until: u32,
}

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Method {
    /// `GET`: fields stand in the query.
    Get,
    /// `POST`: fields stand in the body, or in the query.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// HTTP status code, 100..=599.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status(pub u16);

impl Status {
    /// 200.
    pub const OK: Self = Self(200);
    /// 400.
    pub const BAD_REQUEST: Self = Self(400);
    /// 404.
    pub const NOT_FOUND: Self = Self(404);
    /// 405.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// 503.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
}

/// An HTTP request, parsed as far as the head.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Method.
    pub method: Method,
    /// Path, from its first `/`, without the query.
    pub path: &'a str,
    /// What follows the `?`, still escaped; empty where there is none.
    pub query: &'a [u8],
    /// Body; empty where there is none.
    pub body: &'a [u8],
    /// What customers mean by ISO 8859-1: [`Charset::Latin1`] or [`Charset::Windows1252`].
    pub latin1: Charset,
}

impl<'a> Request<'a> {
    /// The fields of body and query, values in the charset that `charset` finds in them.
    fn fields<C: Call>(&self) -> Result<Merge<FormReader<'a>, FormReader<'a>>, Error> {
        let body = match self.method {
            Method::Get => &[],
            Method::Post => self.body,
        };
        let body = FormReader::new(body, Charset::Utf8);
        let query = FormReader::new(self.query, Charset::Utf8);
        let charset = match C::CHARSET_FIELD {
            None => C::CHARSET,
            Some(name) => match body.find(name).or_else(|| query.find(name)) {
                None => C::CHARSET,
                Some(raw) => {
                    raw.text().ok().and_then(charset_named).ok_or(ErrorKind::Value.at(name, 0))?
                }
            },
        };
        let charset = if charset == Charset::Latin1 { self.latin1 } else { charset };
        Ok(Merge { body: body.with_charset(charset), query: query.with_charset(charset) })
    }
}

/// The charset with this name, in upper or lower case, where a vendor has it.
pub(crate) fn charset_named(name: Text<'_>) -> Option<Charset> {
    let is = |known: &str| name.chars().map(|c| c.to_ascii_lowercase()).eq(known.chars());
    if is("utf-8") || is("utf8") {
        Some(Charset::Utf8)
    } else if is("iso-8859-1") || is("latin1") {
        Some(Charset::Latin1)
    } else {
        None
    }
}

/// The head of an HTTP reply; its body is what was written beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Status code.
    pub status: Status,
    /// `Content-Type`.
    pub content_type: &'static str,
}

/// An HTTP reply, as the asking end reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Status code.
    pub status: Status,
    /// `Content-Type`; empty where there is none.
    pub content_type: &'a str,
    /// Body.
    pub body: &'a [u8],
}

/// One HTTP call of one vendor.
pub trait Call {
    /// Methods that the call is served by, the one that our client uses first.
    const METHODS: &'static [Method];
    /// Paths that it is served at, the one that our client uses first. A callback has none: its path
    /// is the customer's.
    const PATHS: &'static [&'static str];
    /// `Content-Type` of the reply.
    const CONTENT_TYPE: &'static str;
    /// The charset of the fields, where no field names it.
    const CHARSET: Charset;
    /// The field that names the charset of all others.
    const CHARSET_FIELD: Option<&'static str> = None;
    /// Whether a callback keeps the query that the customer's URL has, before its own fields.
    const KEEPS_QUERY: bool = true;
    /// The vendor's request.
    type Ask<'a>: Ask<'a>;
    /// The vendor's reply.
    type Tell<'a>: Tell<'a>;
}

/// A vendor's request: its fields, and what they ask for.
pub trait Ask<'a>: Fields<'a> {
    /// What the request asks for.
    ///
    /// # Errors
    /// The field that has a value which is not allowed.
    fn read(self) -> Result<Asked<'a>, Error>;

    /// The request that asks for it, its values to be written in `charset`.
    ///
    /// # Errors
    /// The field that this vendor cannot carry.
    fn write(asked: &Asked<'a>, charset: Charset) -> Result<Self, Error>;
}

/// A vendor's reply: status and body, and the answer that they give.
pub trait Tell<'a>: Sized {
    /// Reads the reply. What is no reply of this vendor is kept as such: reading cannot fail.
    fn parse(reply: &Reply<'a>) -> Self;

    /// Writes the body and returns the status.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error>;

    /// The answer that the reply gives.
    fn read(self) -> Answer<'a>;

    /// The reply that gives the answer.
    fn write(answer: &Answer<'a>) -> Self;
}

/// The end that asks.
pub trait Asking: Sync {
    /// Writes the fields of the request, as query or form alike.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], or the field that this vendor or `charset` cannot carry.
    fn emit_request(
        &self,
        asked: &Asked<'_>,
        charset: Charset,
        w: &mut Writer<'_>,
    ) -> Result<(), Error>;

    /// The answer that the reply gives.
    fn parse_reply<'a>(&self, reply: &Reply<'a>) -> Answer<'a>;

    /// See [`Call::KEEPS_QUERY`].
    fn keeps_query(&self) -> bool;
}

/// The end that answers.
pub trait Answering: Sync {
    /// What the request asks for.
    ///
    /// # Errors
    /// The field, in the vendor's spelling, and the octet in its carrier.
    fn parse_request<'a>(&self, request: &Request<'a>) -> Result<Asked<'a>, Error>;

    /// Writes the body of the reply and returns its head.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    fn emit_reply(&self, answer: &Answer<'_>, w: &mut Writer<'_>) -> Result<Head, Error>;
}

/// Both ends, and where the call is served.
pub trait Endpoint: Asking + Answering {
    /// See [`Call::METHODS`].
    fn methods(&self) -> &'static [Method];

    /// See [`Call::PATHS`].
    fn paths(&self) -> &'static [&'static str];
}

impl<C: Call + Sync> Asking for C {
    fn emit_request(
        &self,
        asked: &Asked<'_>,
        charset: Charset,
        w: &mut Writer<'_>,
    ) -> Result<(), Error> {
        C::Ask::write(asked, charset)?.emit(&mut FormWriter::new(w, charset))
    }

    fn parse_reply<'a>(&self, reply: &Reply<'a>) -> Answer<'a> {
        C::Tell::parse(reply).read()
    }

    fn keeps_query(&self) -> bool {
        C::KEEPS_QUERY
    }
}

impl<C: Call + Sync> Answering for C {
    fn parse_request<'a>(&self, request: &Request<'a>) -> Result<Asked<'a>, Error> {
        C::Ask::parse(request.fields::<C>()?)?.read()
    }

    fn emit_reply(&self, answer: &Answer<'_>, w: &mut Writer<'_>) -> Result<Head, Error> {
        let status = C::Tell::write(answer).emit(w)?;
        Ok(Head { status, content_type: C::CONTENT_TYPE })
    }
}

impl<C: Call + Sync> Endpoint for C {
    fn methods(&self) -> &'static [Method] {
        C::METHODS
    }

    fn paths(&self) -> &'static [&'static str] {
        C::PATHS
    }
}

/// What is asked, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Who asks; `None` in a callback.
    pub credentials: Option<Credentials<'a>>,
    /// What is asked.
    pub op: Op<'a>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials<'a> {
    /// A name and a password.
    Password {
        /// Name.
        user: Text<'a>,
        /// Password.
        password: Secret<'a>,
    },
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// Send a text.
    Send(Submit<'a>),
    /// The state of a message that was sent: a callback.
    Report(Report<'a>),
    /// A message was received: a callback.
    Inbound(Inbound<'a>),
}

/// A text to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submit<'a> {
    /// To whom: MSISDNs, at least one, each of 5 to 15 digits without a leading zero.
    pub recipients: List<'a>,
    /// The text, not empty.
    pub text: Text<'a>,
    /// The sender that is wished for: digits, or letters that a modem cannot carry.
    pub sender: Option<Text<'a>>,
    /// The customer's own id. The same id again is the same message.
    pub client_id: Option<Text<'a>>,
    /// Where delivery reports go: an http or https URL.
    pub callback: Option<Text<'a>>,
    /// What the handset's owner is charged, in the vendor's form.
    pub price: Option<Text<'a>>,
    /// The network of the recipient, in the vendor's form.
    pub network: Option<Text<'a>>,
    /// The class of service, in the vendor's form.
    pub class: Option<Text<'a>>,
}

/// Whether `number` is an MSISDN: 5 to 15 digits, country code first, no leading zero.
pub fn is_msisdn(number: Text<'_>) -> bool {
    let mut len = 0_u8;
    for (i, c) in number.chars().enumerate() {
        if i >= 15 || !c.is_ascii_digit() || i == 0 && c == '0' {
            return false;
        }
        len = len.saturating_add(1);
    }
    len >= 5
}

/// The state of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// The customer's own id, as given with the message.
    pub client_id: Option<Text<'a>>,
    /// State.
    pub state: State,
}

/// What became of a message.
///
/// Ordered from best to worst, so that the state of several parts is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// On the handset.
    Delivered,
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
    /// It cannot be delivered.
    Undeliverable,
}

/// What a status report says of a message.
///
/// 3GPP TS 23.040, section 9.2.3.15 (TP-ST).
impl From<tpdu::codes::Status> for State {
    fn from(status: tpdu::codes::Status) -> Self {
        match status.0 {
            0x00..=0x1F => Self::Delivered,
            0x20..=0x3F => Self::EnRoute,
            0x43 => Self::UnknownRecipient,
            0x46 => Self::Expired,
            0x47 | 0x48 => Self::Deleted,
            0x40..=0xFF => Self::Undeliverable,
        }
    }
}

/// A message that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inbound<'a> {
    /// The gateway's id of the message.
    pub id: Text<'a>,
    /// From whom: an MSISDN, or a name.
    pub sender: Text<'a>,
    /// The number that it was sent to.
    pub recipient: Text<'a>,
    /// The keyword that its first word is, as the customer has it.
    pub keyword: Text<'a>,
    /// What follows the keyword; `None` where nothing does.
    pub text: Option<Text<'a>>,
    /// The network of the sender, in the vendor's form.
    pub network: Option<Text<'a>>,
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The message is accepted.
    Sent {
        /// The customer's own id.
        client_id: Option<Text<'a>>,
    },
    /// The callback is taken.
    Taken,
    /// It is refused.
    Refused(Refusal<'a>),
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The reason.
    pub reason: Reason,
    /// What it is about: a field's name, a number, the vendor's words; empty where the reason says it.
    pub subject: Text<'a>,
    /// More about it, in words; empty where there is nothing to say.
    pub detail: Text<'a>,
}

impl<'a> Refusal<'a> {
    /// A refusal of `subject`, with nothing more to say.
    pub const fn new(reason: Reason, subject: Text<'a>) -> Self {
        Self { reason, subject, detail: Text::EMPTY }
    }
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// A field that must be there is not; the subject is its name.
    Missing,
    /// A field has a value that is not allowed; the subject is its name.
    Invalid,
    /// There is no such account; the subject is its name.
    UnknownUser,
    /// The password is wrong.
    WrongPassword,
    /// The recipient stands in the request more than once; the subject is its number.
    DuplicateRecipient,
    /// The customer's id was used for another message.
    DuplicateClientId,
    /// Charging is not set up.
    Charging,
    /// The sender cannot be carried.
    Sender,
    /// The callback URL is not allowed.
    CallbackUrl,
    /// There is no room: to be tried again later.
    Busy,
    /// Something else, in the vendor's words.
    Other,
}

impl Reason {
    /// Whether the same request may be accepted later.
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<Error> for Refusal<'_> {
    fn from(error: Error) -> Self {
        let reason = match error.kind {
            ErrorKind::Missing => Reason::Missing,
            ErrorKind::Full => Reason::Busy,
            _ => Reason::Invalid,
        };
        let detail = if reason == Reason::Invalid { error.kind.words() } else { "" };
        Self { reason, subject: Text::plain(error.field), detail: Text::plain(detail) }
    }
}
