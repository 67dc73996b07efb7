//! Nextpod's interface, both ends: captured requests, every refusal, every reply, every parameter, and
//! what one end writes the other reads.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "nextpod/captured.rs"]
mod captured;
#[path = "nextpod/cut_short.rs"]
mod cut_short;
#[path = "nextpod/laws.rs"]
mod laws;
#[path = "nextpod/parameters.rs"]
mod parameters;
#[path = "nextpod/refusals.rs"]
mod refusals;
#[path = "nextpod/replies.rs"]
mod replies;
#[path = "nextpod/written.rs"]
mod written;

use std::collections::BTreeSet;

use proptest::prelude::*;
use septet::answer::{Store, answer, refuse};
use septet::api::nextpod::{API, DeliveryReport, Received, Send};
use septet::api::{
    Advice, Alphabet, Answer, Api, Asked, Authorization, Callback, Content, Credentials, DateTime,
    Dedupe, Duplicates, Emitted, Endpoint, Head, How, Ids, Inbound, Messages, Method, Note, Op,
    PHRASE_MAX, Payload, Reason, Receipt, Recipients, Refusal, Reply, Report, Request,
    RetrySchedule, Scheme, Sent, State, Status, Submit, Test, When, Zone, api_named,
};
use septet::fields::{Carrier, Fields, List, Rows, Source};
use septet::octets::{Coding, Octets};
use septet::text::{Charset, Secret, Text};
use septet::wire::Writer;
use septet::{Error, ErrorKind};
use serde_json::{Value, json};

const JSON: &str = "application/json; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const BASIC: &str = "Basic OjZjZmJmOS05M2MwYWM2MGFjNmM1ZmMzOTAwZTU2ZDk2NmRjZDhkMmIx";
const KEY: &str = "6cfbf9-93c0ac60ac6c5fc3900e56d966dcd8d2b1";

fn sms() -> &'static dyn Endpoint {
    API.call("sms").unwrap()
}

fn dlr() -> &'static dyn Endpoint {
    API.report.unwrap()
}

fn mo() -> &'static dyn Endpoint {
    API.inbound.unwrap()
}

fn key<'a>(account: Option<&'a str>, key: &'a str) -> Credentials<'a> {
    Credentials::Key { account: account.map(Text::plain), key: Secret(Text::plain(key)) }
}

/// A request as a test writes it.
#[derive(Clone, Copy)]
struct Post<'a> {
    query: &'a str,
    basic: &'a str,
    content_type: &'a str,
    body: &'a [u8],
}

impl<'a> Post<'a> {
    fn json(body: &'a str) -> Self {
        Self { query: "", basic: BASIC, content_type: JSON, body: body.as_bytes() }
    }

    fn form(body: &'a str) -> Self {
        Self { content_type: FORM, ..Self::json(body) }
    }

    fn query(query: &'a str) -> Self {
        Self { query, content_type: "", ..Self::json("") }
    }

    /// Hands the request to `read`.
    fn with<R>(self, read: impl FnOnce(&Request<'_>) -> R) -> R {
        let mut buffer = [0; 256];
        let authorization = match self.basic {
            "" => Authorization::Absent,
            value => Authorization::read(value, &mut buffer),
        };
        let headers = [("content-type", self.content_type)];
        let headers = if self.content_type.is_empty() { &[] } else { &headers[..] };
        let request = Request::new(Method::Post, "/v2/sms", self.query.as_bytes(), self.body);
        read(&Request { authorization, headers, ..request })
    }

    /// Hands what is to be sent to `read`.
    fn submit<R>(self, read: impl FnOnce(&Submit<'_>) -> R) -> R {
        self.with(|request| match sms().parse_request(request) {
            Ok(Op::Send(submit)) => read(&submit),
            other => panic!("{}: {other:?}", self.body.escape_ascii()),
        })
    }
}

fn numbers(submit: &Submit<'_>) -> Vec<String> {
    submit.messages.iter().map(|(recipient, _)| recipient.to_string()).collect()
}

fn text(submit: &Submit<'_>) -> String {
    match submit.messages.iter().next() {
        Some((_, Content::Text(filled))) => filled.chars().collect(),
        other => panic!("{other:?}"),
    }
}

fn at(
    (year, month, day): (u16, u8, u8),
    (hour, minute, second): (u8, u8, u8),
) -> Option<When<'static>> {
    Some(When::utc(DateTime { year, month, day, hour, minute, second }))
}

/// A store with one key, which refuses what it is told to.
struct OneKey {
    refusal: Option<Refusal<'static>>,
    performed: usize,
}

const IDS: [&str; 2] =
    ["B21BE07F-1EA0-40D3-9190-BABEFA2359FE", "36E34627-5A4A-43F5-9483-2FDCA2AFE9CC"];

fn receipt<'a>(id: &'a str, recipient: &'a str) -> Receipt<'a> {
    Receipt {
        id: Text::plain(id),
        sender: Text::plain("Nextpod"),
        recipient: Text::plain(recipient),
        characters: 6,
        parts: 1,
        client_id: Text::EMPTY,
    }
}

impl Store for OneKey {
    type Account = ();

    fn admit<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<(), Refusal<'a>> {
        match credentials {
            Credentials::Key { key, .. } if key.0 == *KEY => Ok(()),
            _ => Err(Refusal::plain(Reason::WrongPassword)),
        }
    }

    fn perform<R>(
        &mut self,
        (): &(),
        _: &'static Api,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        self.performed += 1;
        if let Some(refusal) = self.refusal {
            return reply(&Answer::Refused(refusal));
        }
        let Op::Send(submit) = op else { panic!("a callback has no path") };
        let numbers = numbers(submit);
        let receipts: Vec<Receipt<'_>> =
            numbers.iter().zip(IDS).map(|(number, id)| receipt(id, number)).collect();
        reply(&Answer::Sent(Sent { receipts: Rows::slice(&receipts), ..Sent::new() }))
    }
}

/// Status, phrase, body, and how often the store was asked.
fn served(refusal: Option<Refusal<'static>>, request: &Request<'_>) -> (Head, String, usize) {
    let mut buffer = [0; 2048];
    let mut w = Writer::new(&mut buffer);
    let mut store = OneKey { refusal, performed: 0 };
    let head = answer(&[&API], &mut store, request, &mut w).unwrap();
    (head, String::from_utf8(w.written().to_vec()).unwrap(), store.performed)
}

/// A good request with other members, or with further ones.
fn with(members: &[(&str, Value)]) -> String {
    let mut body = json!({ "from": "Nextpod", "to": "4791726200", "msg": "Hello!" });
    for (name, value) in members {
        body[*name] = value.clone();
    }
    body.to_string()
}

/// The reasons that a status is given for, and what is said then.
type Made = &'static [(Reason, &'static str)];

/// Every status of the vendor's page: for which reasons the server gives it, with which words, and what
/// the client reads.
const STATUSES: &[(u16, Made, Reason, Advice)] = &[
    (
        400,
        &[
            (Reason::Invalid, "Msg parameter is missing or has an invalid value"),
            (Reason::Missing, "Msg parameter is missing or has an invalid value"),
            (Reason::Unreadable, "msg why"),
            (Reason::Other, "msg why"),
            (Reason::Sender, "From parameter is missing or has an invalid value"),
            (Reason::Recipient, "To parameter is missing or has an invalid value"),
            (Reason::DuplicateRecipient, "To parameter is missing or has an invalid value"),
            (Reason::Blacklisted, "To parameter is missing or has an invalid value"),
            (Reason::UnknownGroup, "To parameter is missing or has an invalid value"),
            (Reason::Schedule, "Send_time parameter is missing or has an invalid value"),
            (Reason::Unencodable, "Msg parameter is missing or has an invalid value"),
            (Reason::TooManyParts, "Msg parameter is missing or has an invalid value"),
            (Reason::Segment, "Msg parameter is missing or has an invalid value"),
            (Reason::NoValue, "Msg parameter is missing or has an invalid value"),
            (Reason::CallbackUrl, "Dlr_url parameter is missing or has an invalid value"),
            (Reason::DuplicateClientId, "Reference parameter is missing or has an invalid value"),
            (Reason::UnknownId, "msg why"),
            (Reason::Test, "msg why"),
        ],
        Reason::Invalid,
        Advice::DoNotRetry,
    ),
    (
        401,
        &[
            (Reason::WrongPassword, "Unauthorized"),
            (Reason::NoCredentials, "Unauthorized"),
            (Reason::UnknownUser, "Unauthorized"),
            (Reason::NoSession, "Unauthorized"),
        ],
        Reason::WrongPassword,
        Advice::DoNotRetry,
    ),
    (
        402,
        &[(Reason::Credit, "Out of credit"), (Reason::Charging, "Out of credit")],
        Reason::Credit,
        Advice::DoNotRetry,
    ),
    (403, &[(Reason::Forbidden, "Forbidden")], Reason::Forbidden, Advice::DoNotRetry),
    (
        413,
        &[
            (Reason::TooManyRecipients, "To many recipients"),
            (Reason::TooLarge, "Request is too large"),
        ],
        Reason::TooManyRecipients,
        Advice::Split,
    ),
    (
        429,
        &[(Reason::TooManyFailures, "To many requests")],
        Reason::TooManyFailures,
        Advice::RetryLater,
    ),
    (
        500,
        &[
            (Reason::Internal, "Internal server error"),
            (Reason::Busy, "Internal server error"),
            (Reason::Unknown, "Internal server error"),
        ],
        Reason::Internal,
        Advice::RetryLater,
    ),
];

fn reply<'a>(status: u16, body: &'a str) -> Reply<'a> {
    Reply { status: Status(status), content_type: JSON, body: body.as_bytes() }
}

fn read_refusal(status: u16, body: &str) -> Refusal<'_> {
    match sms().parse_reply(&reply(status, body)) {
        Answer::Refused(refusal) => refusal,
        other => panic!("{status} {body}: {other:?}"),
    }
}

/// The octets without white space between JSON's tokens.
fn compact(text: &str) -> String {
    let (mut is_string, mut compact) = (false, String::new());
    for c in text.chars() {
        is_string ^= c == '"';
        if is_string || !c.is_whitespace() {
            compact.push(c);
        }
    }
    compact
}

const ONE: &str = r#"{ "id": "B21BE07F-1EA0-40D3-9190-BABEFA2359FE", "from": "Nextpod", "to": "4791726200", "msg_length": "6", "msg_parts": "1", "reference": "" }"#;
const TWO: &str = r#"{ "recipients": 2, "sms": [ { "id": "B21BE07F-1EA0-40D3-9190-BABEFA2359FE", "from": "Nextpod", "to": "4791726200", "msg_length": "6", "msg_parts": "1", "reference": "" }, { "id": "36E34627-5A4A-43F5-9483-2FDCA2AFE9CC", "from": "Nextpod", "to": "4758484412", "msg_length": "6", "msg_parts": "1", "reference": "" } ] }"#;

trait WithBody<'a> {
    fn with_body(self, body: Option<Payload<'a>>) -> Self;
}

impl<'a> WithBody<'a> for Inbound<'a> {
    fn with_body(self, body: Option<Payload<'a>>) -> Self {
        Self { body, ..self }
    }
}

fn submit<'a>(to: &'a [Text<'a>], msg: &'a str) -> Submit<'a> {
    let body = Payload::Text(Text::plain(msg));
    Submit {
        sender: Some(Text::plain("Nextpod")),
        duplicates: Duplicates::Strip,
        ..Submit::new(Messages::Same { to: Recipients::numbers(List::Slice(to)), body })
    }
}

const TO: [Text<'static>; 2] = [Text::plain("4791726200"), Text::plain("4758484412")];

/// What a callback is written as, by this carrier.
fn callback(
    endpoint: &dyn Endpoint,
    op: Op<'_>,
    carrier: Carrier,
) -> Result<(String, &'static str), Error> {
    let how = How { carrier: Some(carrier), ..How::default() };
    let mut buffer = [0; 2048];
    let emitted = endpoint.emit_request(&Asked { credentials: None, op }, &how, &mut buffer)?;
    assert_eq!((emitted.method, emitted.path, emitted.query), (Method::Post, "", ""));
    assert!(emitted.headers.is_empty());
    Ok((String::from_utf8(emitted.body.to_vec()).unwrap(), emitted.content_type.unwrap()))
}

// What borrows from two places cannot be compared where one of them is gone: what is written stays.
fn leaked(octets: &[u8]) -> &'static mut [u8] {
    Box::leak(octets.to_vec().into_boxed_slice())
}

fn leaked_str(text: &str) -> &'static str {
    core::str::from_utf8(leaked(text.as_bytes())).unwrap()
}

/// The request that is written.
fn emitted(
    emit: impl Fn(&mut [u8]) -> Result<Emitted<'_>, Error>,
) -> Result<Emitted<'static>, Error> {
    let mut buffer = vec![0; 64 * 1024];
    let Emitted { method, path, query, headers, content_type, body } = emit(&mut buffer)?;
    Ok(Emitted {
        method,
        path: leaked_str(path),
        query: leaked_str(query),
        headers: headers.iter().map(|(name, value)| (*name, leaked_str(value))).collect(),
        content_type,
        body: leaked(body),
    })
}

/// A request as it was written.
fn requested(emitted: &Emitted<'static>) -> Request<'static> {
    let Emitted { method, path, query, headers, content_type, body } = emitted;
    let header = headers.iter().find(|(name, _)| *name == "Authorization");
    let authorization = header
        .map_or(Authorization::Absent, |(_, value)| Authorization::read(value, leaked(&[0; 512])));
    let headers = vec![("Content-Type", content_type.unwrap())].leak();
    Request { authorization, headers, ..Request::new(*method, path, query.as_bytes(), body) }
}
