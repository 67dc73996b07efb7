//! As much of HTTP as the vendors' interfaces are made of.

use core::fmt;

use arrayvec::{ArrayString, ArrayVec};

use crate::fields::Carrier;
use crate::text::Charset;

use super::credentials::Authorization;

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Method {
    /// `GET`: fields stand in the query.
    Get,
    /// `POST`: fields stand in the body, or in the query.
    Post,
    /// `DELETE`: fields stand in the query.
    Delete,
}

impl Method {
    /// Every method that a vendor uses.
    pub const ALL: [Self; 3] = [Self::Get, Self::Post, Self::Delete];

    /// The name: `GET`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
    /// 201.
    pub const CREATED: Self = Self(201);
    /// 400.
    pub const BAD_REQUEST: Self = Self(400);
    /// 401.
    pub const UNAUTHORIZED: Self = Self(401);
    /// 402.
    pub const PAYMENT_REQUIRED: Self = Self(402);
    /// 403.
    pub const FORBIDDEN: Self = Self(403);
    /// 404.
    pub const NOT_FOUND: Self = Self(404);
    /// 405.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// 413.
    pub const TOO_LARGE: Self = Self(413);
    /// 429.
    pub const TOO_MANY_REQUESTS: Self = Self(429);
    /// 500.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// 503.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
}

/// `404`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
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
    /// The `Authorization` header.
    pub authorization: Authorization<'a>,
    /// Headers, by name and value; at least `Content-Type` and those that a vendor asks for.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body; empty where there is none.
    pub body: &'a [u8],
    /// What customers mean by ISO 8859-1: [`Charset::Latin1`] or [`Charset::Windows1252`].
    pub latin1: Charset,
    /// The charset of the account's requests, in place of the one that the interface says.
    pub charset: Option<Charset>,
}

impl<'a> Request<'a> {
    /// A request without headers, by this method.
    pub const fn new(method: Method, path: &'a str, query: &'a [u8], body: &'a [u8]) -> Self {
        Self {
            method,
            path,
            query,
            authorization: Authorization::Absent,
            headers: &[],
            body,
            latin1: Charset::Latin1,
            charset: None,
        }
    }

    /// The value of a header, whose name is compared without regard to case. An underscore is no
    /// hyphen: `user_key` is not `User-Key`.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// The head of an HTTP reply; its body is what was written beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Head {
    /// Status code.
    pub status: Status,
    /// The reason phrase, where the vendor has one of its own; empty for the usual one.
    pub phrase: ArrayString<PHRASE_MAX>,
    /// `Content-Type`.
    pub content_type: &'static str,
}

/// The most octets of a reason phrase.
pub const PHRASE_MAX: usize = 80;

#[cfg(feature = "defmt")]
impl defmt::Format for Head {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { status, phrase, content_type } = self;
        defmt::write!(f, "{} {} {}", status, phrase.as_str(), content_type);
    }
}

impl Head {
    /// A head with the usual reason phrase.
    pub fn new(status: Status, content_type: &'static str) -> Self {
        Self::with_phrase(status, content_type, "")
    }

    /// A head with a phrase of its own, which is cut where it is too long; the usual one where it is
    /// empty.
    #[inline(never)]
    pub(super) fn with_phrase(status: Status, content_type: &'static str, phrase: &str) -> Self {
        let mut head = Self { status, phrase: ArrayString::new(), content_type };
        for c in phrase.chars() {
            // It is one line of ASCII.
            let c = if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
            let _ = head.phrase.try_push(c);
        }
        head
    }
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

/// How a request is written, where its call leaves a choice.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// The method; the call's first one where `None`.
    pub method: Option<Method>,
    /// What carries the fields of a body; the call's first one where `None`.
    pub carrier: Option<Carrier>,
    /// The charset of the fields; the call's own where `None`.
    pub charset: Option<Charset>,
}

/// A request as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted<'b> {
    /// Method.
    pub method: Method,
    /// Path, escaped; empty in a callback, whose path is the customer's.
    pub path: &'b str,
    /// Query, escaped; empty where there is none.
    pub query: &'b str,
    /// Headers, by name and value.
    pub headers: ArrayVec<(&'static str, &'b str), 2>,
    /// `Content-Type` of the body; `None` where there is no body.
    pub content_type: Option<&'static str>,
    /// Body.
    pub body: &'b [u8],
}
