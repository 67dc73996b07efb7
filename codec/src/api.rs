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
//! A vendor's names stand in its file only.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::fields::{Fields, Merge};
use crate::form::{FormReader, FormWriter};
use crate::text::{Charset, Text};
use crate::wire::Writer;

pub mod gatewayapi;
mod op;

pub use op::{
    Answer, Asked, Credentials, Inbound, Op, Reason, Refusal, Report, State, Submit, is_msisdn,
};

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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Head {
    /// Status code.
    pub status: Status,
    /// `Content-Type`.
    pub content_type: &'static str,
}

/// An HTTP reply, as the asking end reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reply<'a> {
    /// Status code.
    pub status: Status,
    /// `Content-Type`; empty where there is none.
    pub content_type: &'a str,
    /// Body.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
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
    /// What a field must be, by its name, in words for the refusal of a value that it is not.
    const RULES: &'static [(&'static str, &'static str)] = &[];
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

    /// The refusal of a request that cannot be read.
    fn refusal(&self, error: Error) -> Refusal<'static>;

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

    fn refusal(&self, error: Error) -> Refusal<'static> {
        let refusal = Refusal::from(error);
        let rule = C::RULES.iter().find(|(field, _)| *field == error.field);
        match (error.kind, rule) {
            (ErrorKind::Value | ErrorKind::TooLong, Some((_, words))) => {
                Refusal { detail: Text::plain(words), ..refusal }
            }
            _ => refusal,
        }
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

/// `404`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
