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
//!
//! ```
//! use septet::api::bulksms::API;
//! use septet::api::{Asked, Credentials, CreditsQuery, How, Op, Request};
//! use septet::text::Secret;
//!
//! // As a client.
//! let credentials = Credentials::Password { user: "john".into(), password: Secret("s3cret".into()) };
//! let op = Op::Credits(CreditsQuery::default());
//! let asked = Asked { credentials: Some(credentials), op };
//! let call = API.call("get_credits").unwrap();
//! let mut buffer = [0; 256];
//! let emitted = call.emit_request(&asked, &How::default(), &mut buffer)?;
//! assert_eq!(emitted.path, "/eapi/user/get_credits/1/1.1");
//! // As the server that is asked.
//! let request = Request::new(emitted.method, emitted.path, emitted.query.as_bytes(), emitted.body);
//! assert_eq!(call.parse_request(&request)?, op);
//! # Ok::<(), septet::Error>(())
//! ```

use core::fmt;
use core::ops::Deref;

use crate::error::Error;
use crate::fields::{Captures, Carrier, Fields, Source};
use crate::text::Charset;
use crate::wire::Writer;

mod answer;
pub mod bulksms;
mod check;
mod credentials;
mod facts;
pub mod gatewayapi;
mod http;
pub mod nextpod;
mod op;
mod refusal;
pub mod skebby;
mod time;
pub mod websms;

pub use self::answer::{Answer, Credits, Delivery, History, Inbox, Order, Receipt, Reports, Sent};
pub use self::credentials::{Authorization, Credentials, NoFields, Scheme};
pub use self::facts::Facts;
pub use self::http::{Emitted, Head, How, Method, PHRASE_MAX, Reply, Request, Status};
pub use self::op::{
    Addressed, AddressedOctets, Again, Alphabet, Asked, Body as Payload, Callback, Cancel, Content,
    CreditsQuery, Dedupe, Duplicates, Filled, FilledChars, HistoryQuery, Inbound, InboxQuery,
    Login, Merged, Messages, MessagesIter, Note, Noted, Op, Page, Recipient, Recipients, Report,
    ReportsQuery, State, Submit, Test, Values,
};
pub use self::refusal::{Advice, Reason, Refusal};
pub use self::time::{DateTime, Stamp, TimeFormat, When, Zone};

/// Every vendor's interface that Septet speaks.
pub static APIS: &[&Api] =
    &[&gatewayapi::V1, &gatewayapi::V2, &nextpod::API, &websms::API, &skebby::API, &bulksms::API];

/// One vendor's interface, with its calls.
///
/// What serves it on a microcontroller names the calls that it has room for, and only the end that it is
/// of each: `Api<dyn Answering, dyn Asking>`.
#[derive(Clone, Copy)]
pub struct Api<C: ?Sized + 'static = dyn Endpoint, B: ?Sized + 'static = C> {
    /// What is so of all its calls.
    pub interface: Interface,
    /// What customers ask of the gateway.
    pub calls: &'static [&'static C],
    /// The gateway's callback with a delivery report, where there is one.
    pub report: Option<&'static B>,
    /// The gateway's callback with a received message, where there is one.
    pub inbound: Option<&'static B>,
}

/// What a vendor's interface says of itself, apart from its calls.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    /// Its name: `gatewayapi-v2`.
    pub name: &'static str,
    /// What the paths of its calls begin with; empty where they have nothing in common.
    pub base: &'static str,
    /// When a callback that was not accepted is tried again.
    pub retry: RetrySchedule,
    /// What the gateway's ids look like.
    pub ids: Ids,
    /// What its ids of received messages look like.
    pub inbound_ids: Ids,
    /// The most recipients of one request, each counted once.
    pub recipients_max: u32,
    /// The most messages of a request that has one for each recipient.
    pub batch_max: u32,
    /// The zone that times in answers and callbacks are told in: UTC or the account's.
    pub times: Zone<'static>,
    /// Whether what a recipient answers goes to the URL of the message's reports, where its request
    /// named one.
    pub replies_to_callback: bool,
    /// Whether keywords of received messages are told in upper case, and not as they were set up.
    pub upper_case_keywords: bool,
    /// Whether it tells what an account has sent within a time.
    pub history: bool,
    /// When an account is shut out for requests that failed.
    pub lockout: Option<Lockout>,
}

impl<C: ?Sized, B: ?Sized> fmt::Debug for Api<C, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<C: ?Sized, B: ?Sized> Deref for Api<C, B> {
    type Target = Interface;

    fn deref(&self) -> &Interface {
        &self.interface
    }
}

impl Api {
    /// The call of this name, callbacks included.
    pub fn call(&self, name: &str) -> Option<&'static dyn Endpoint> {
        let callbacks = self.report.into_iter().chain(self.inbound);
        self.calls.iter().copied().chain(callbacks).find(|call| call.name() == name)
    }
}

/// The interface of this name.
pub fn api_named(name: &str) -> Option<&'static Api> {
    APIS.iter().copied().find(|api| api.name == name)
}

/// What the gateway's ids of requests and messages look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Ids {
    /// A whole number greater than 0.
    Number,
    /// Twenty hexadecimal digits.
    Hex20,
    /// A UUID in upper case.
    Uuid,
    /// The same; each message of a request has its own.
    UuidEach,
    /// The number of the sender, a colon, and a whole number.
    OfSender,
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

impl RetrySchedule {
    /// 1, 5, 15 and 60 minutes, then hourly up to a day: where no vendor says anything else.
    pub const USUAL: Self = Self { first: &[60, 300, 900, 3600], then: 3600, until: 86_400 };
}

/// When an account or address is shut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Lockout {
    /// After how many failed requests.
    pub failures: u32,
    /// For how long, in seconds; failures further back do not count.
    pub seconds: u32,
}

/// Room for a reason phrase that is then cut to [`PHRASE_MAX`] octets.
const PHRASE_ROOM: usize = 256;

/// The longest body of a call that says nothing else, in octets.
pub const BODY_MAX: usize = 1024 * 1024;

/// One HTTP call of one vendor.
pub trait Call {
    /// Its name: what the vendor calls it.
    const NAME: &'static str;
    /// Methods that the call is served by, the one that our client uses first.
    const METHODS: &'static [Method];
    /// Paths that it is served at: `/API/v1.0/REST/sms/{order_id}`. Our client uses the first one of
    /// whose names the request has every value. A callback has none: its path is the customer's.
    const PATHS: &'static [&'static str];
    /// Whether upper and lower case are alike in the path.
    const IGNORE_CASE: bool = false;
    /// What carries the fields of a body, the one that our client uses first.
    const CARRIERS: &'static [Carrier] = &[Carrier::Form, Carrier::Multipart];
    /// What carries the fields of a body whose content type is none of these; `None` where such a
    /// body is refused.
    const OTHERWISE: Option<Carrier> = Some(Carrier::Form);
    /// The longest body, in octets.
    const BODY_MAX: usize = BODY_MAX;
    /// How a request says who asks, the one that our client uses first; none of a callback.
    const SCHEMES: &'static [Scheme] = &[];
    /// `Content-Type` of the reply.
    const CONTENT_TYPE: &'static str;
    /// The charset of the fields, where no field names it. JSON is UTF-8 whatever it says.
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

    /// `Content-Type` of a body that our client writes.
    fn content_type(carrier: Carrier) -> &'static str {
        carrier.content_type()
    }

    /// The reason of a refusal for `error`; the one that any vendor has where `None`.
    fn reason(_: &Error) -> Option<Reason> {
        None
    }
}

/// A vendor's request: its fields, and what they ask for.
pub trait Ask<'a>: Fields<'a> {
    /// What the request asks for. `source` is what the fields were read from.
    ///
    /// # Errors
    /// The field that has a value which is not allowed.
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error>;

    /// The request that asks for it, its values to be written in `charset`.
    ///
    /// # Errors
    /// The field that this vendor cannot carry.
    fn write(op: &Op<'a>, charset: Charset) -> Result<Self, Error>;
}

/// A vendor's reply: status and body, and the answer that they give.
pub trait Tell<'a>: Sized {
    /// Reads the reply. What is no reply of this vendor is kept as such: reading cannot fail.
    fn parse(reply: &Reply<'a>) -> Self;

    /// Reads the reply to what was asked, where that says what the reply leaves out.
    fn parse_to(reply: &Reply<'a>, _asked: &Op<'a>) -> Self {
        Self::parse(reply)
    }

    /// Writes the body and returns the status.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error>;

    /// The reason phrase, where the vendor has one of its own, in `buffer`; empty for the usual one.
    fn phrase<'b>(&self, _buffer: &'b mut [u8]) -> &'b str {
        ""
    }

    /// `Content-Type`, where it is another one than [`Call::CONTENT_TYPE`].
    fn content_type(&self) -> Option<&'static str> {
        None
    }

    /// The answer that the reply gives.
    fn read(self) -> Answer<'a>;

    /// The reply that gives the answer.
    fn write(answer: &Answer<'a>) -> Self;
}

/// The end that asks.
pub trait Asking: Sync {
    /// Writes a request into `buffer`.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full), or the field that this vendor or the charset cannot carry.
    fn emit_request<'b>(
        &self,
        asked: &Asked<'_>,
        how: &How,
        buffer: &'b mut [u8],
    ) -> Result<Emitted<'b>, Error>;

    /// Writes a request with these fields, which are read as the answering end reads them, but are not
    /// asked what they mean.
    ///
    /// # Errors
    /// As [`emit_request`](Self::emit_request), and the field that is missing or cannot be read.
    fn emit_fields<'b>(
        &self,
        credentials: Option<&Credentials<'_>>,
        fields: Source<'_>,
        how: &How,
        buffer: &'b mut [u8],
    ) -> Result<Emitted<'b>, Error>;

    /// The answer that the reply gives.
    fn parse_reply<'a>(&self, reply: &Reply<'a>) -> Answer<'a>;

    /// The answer that the reply gives to what was asked. See [`Tell::parse_to`].
    fn parse_reply_to<'a>(&self, reply: &Reply<'a>, asked: &Op<'a>) -> Answer<'a>;

    /// See [`Call::KEEPS_QUERY`].
    fn keeps_query(&self) -> bool;
}

/// The end that answers, and where it does.
pub trait Answering: Sync {
    /// What the call says of itself.
    fn facts(&self) -> &'static Facts;

    /// What the request asks for.
    ///
    /// # Errors
    /// The field, in the vendor's spelling, and the octet in its carrier.
    fn parse_request<'a>(&self, request: &Request<'a>) -> Result<Op<'a>, Error>;

    /// Writes the body of the reply and returns its head.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    fn emit_reply(&self, answer: &Answer<'_>, w: &mut Writer<'_>) -> Result<Head, Error>;
}

/// What both an end that answers and an endpoint are asked: it stands in the facts of the call, and not
/// in a table of functions for each.
macro_rules! asks_the_facts {
    ($($end:ident)*) => {$(
        impl dyn $end + '_ {
            /// See [`Call::NAME`].
            pub fn name(&self) -> &'static str {
                self.facts().name
            }

            /// See [`Call::METHODS`].
            pub fn methods(&self) -> &'static [Method] {
                self.facts().methods
            }

            /// See [`Call::PATHS`].
            pub fn paths(&self) -> &'static [&'static str] {
                self.facts().paths
            }

            /// See [`Call::SCHEMES`].
            pub fn schemes(&self) -> &'static [Scheme] {
                self.facts().schemes
            }

            /// See [`Call::BODY_MAX`].
            pub fn body_max(&self) -> usize {
                self.facts().body_max
            }

            /// See [`Facts::captures`].
            pub fn captures<'a>(&self, path: &'a str) -> Option<Captures<'a>> {
                self.facts().captures(path)
            }

            /// See [`Facts::source`].
            ///
            /// # Errors
            /// As there.
            pub fn source<'a>(&self, request: &Request<'a>) -> Result<Source<'a>, Error> {
                self.facts().source(request)
            }

            /// See [`Facts::credentials`].
            ///
            /// # Errors
            /// As there.
            pub fn credentials<'a>(
                &self,
                request: &Request<'a>,
            ) -> Result<Option<Credentials<'a>>, Error> {
                self.facts().credentials(request)
            }

            /// See [`Facts::refusal`].
            pub fn refusal(&self, error: Error) -> Refusal<'static> {
                self.facts().refusal(error)
            }
        }
    )*};
}

asks_the_facts!(Answering Endpoint);

/// Both ends of a call.
pub trait Endpoint: Asking + Answering {
    /// See [`Call::CARRIERS`].
    fn carriers(&self) -> &'static [Carrier];

    /// See [`Call::CHARSET`].
    fn charset(&self) -> Charset;

    /// See [`Call::CHARSET_FIELD`].
    fn charset_field(&self) -> Option<&'static str>;

    /// The names of the fields, but for those of credentials.
    fn fields(&self) -> &'static [&'static str];
}

impl<C: Call + Sync> Asking for C {
    fn emit_request<'b>(
        &self,
        asked: &Asked<'_>,
        how: &How,
        buffer: &'b mut [u8],
    ) -> Result<Emitted<'b>, Error> {
        let ask = C::Ask::write(&asked.op, how.charset.unwrap_or(C::CHARSET))?;
        let facts = const { &Facts::of::<C>() };
        facts.emit(asked.credentials.as_ref(), &|sink| ask.emit(sink), how, buffer)
    }

    fn emit_fields<'b>(
        &self,
        credentials: Option<&Credentials<'_>>,
        fields: Source<'_>,
        how: &How,
        buffer: &'b mut [u8],
    ) -> Result<Emitted<'b>, Error> {
        let ask = C::Ask::parse(fields)?;
        let facts = const { &Facts::of::<C>() };
        facts.emit(credentials, &|sink| ask.emit(sink), how, buffer)
    }

    fn parse_reply<'a>(&self, reply: &Reply<'a>) -> Answer<'a> {
        C::Tell::parse(reply).read()
    }

    fn parse_reply_to<'a>(&self, reply: &Reply<'a>, asked: &Op<'a>) -> Answer<'a> {
        C::Tell::parse_to(reply, asked).read()
    }

    fn keeps_query(&self) -> bool {
        C::KEEPS_QUERY
    }
}

impl<C: Call + Sync> Answering for C {
    fn facts(&self) -> &'static Facts {
        const { &Facts::of::<C>() }
    }

    fn parse_request<'a>(&self, request: &Request<'a>) -> Result<Op<'a>, Error> {
        let source = self.facts().source(request)?;
        let mut ask = C::Ask::unread();
        ask.fill(&source)?;
        ask.read(&source)
    }

    fn emit_reply(&self, answer: &Answer<'_>, w: &mut Writer<'_>) -> Result<Head, Error> {
        let tell = C::Tell::write(answer);
        let status = tell.emit(w)?;
        let content_type = tell.content_type().unwrap_or(C::CONTENT_TYPE);
        Ok(Head::with_phrase(status, content_type, tell.phrase(&mut [0; PHRASE_ROOM])))
    }
}

impl<C: Call + Sync> Endpoint for C {
    fn carriers(&self) -> &'static [Carrier] {
        C::CARRIERS
    }

    fn charset(&self) -> Charset {
        C::CHARSET
    }

    fn charset_field(&self) -> Option<&'static str> {
        C::CHARSET_FIELD
    }

    fn fields(&self) -> &'static [&'static str] {
        <C::Ask<'static> as Fields<'static>>::NAMES
    }
}
