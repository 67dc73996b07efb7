//! The interface `skebby-rest`: captured requests, every refusal, every reply, and its laws.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use septet::answer::{Store, answer};
use septet::api::skebby::API;
use septet::api::{
    Advice, Again, Alphabet, Answer, Api, Asked, Authorization, Callback, Cancel, Credentials,
    Credits, CreditsQuery, DateTime, Dedupe, Delivery, Duplicates, Emitted, Endpoint, Head,
    History, HistoryQuery, How, Inbound, Inbox, InboxQuery, Login, Merged, Messages, Method, Note,
    Op, Order, Page, Payload, Reason, Recipients, Refusal, Reply, Report, Reports, ReportsQuery,
    Request, Scheme, Sent, State, Status, Submit, Test, Values, When, Zone,
};
use septet::fields::{List, Rows};
use septet::text::{Secret, Text};
use septet::wire::Writer;
use septet::{Error, ErrorKind, json};
use serde_json::Value;

const BASE: &str = "/API/v1.0/REST/";

fn call(name: &str) -> &'static dyn Endpoint {
    API.call(name).unwrap()
}

/// A request in owned pieces.
#[derive(Clone, Debug)]
struct Captured {
    method: Method,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Captured {
    fn new(method: Method, path_and_query: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: body.into(),
        }
    }

    fn of_emitted(emitted: &Emitted<'_>, callback: &str) -> Self {
        let path = if emitted.path.is_empty() { callback } else { emitted.path };
        let mut headers = emitted.headers.to_vec();
        headers.extend(emitted.content_type.map(|own| ("Content-Type", own)));
        let mut captured = Self::new(emitted.method, path, &headers, "");
        captured.query = emitted.query.to_owned();
        captured.body = emitted.body.to_vec();
        captured
    }

    /// Does something with the request as a server has it.
    fn with<R>(&self, then: impl FnOnce(&Request<'_>) -> R) -> R {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut buffer = [0; 512];
        let mut request = Request::new(self.method, &self.path, self.query.as_bytes(), &self.body);
        request.headers = &headers;
        if let Some(value) = request.header("Authorization") {
            request.authorization = Authorization::read(value, &mut buffer);
        }
        then(&request)
    }
}

const SESSION: &[(&str, &str)] =
    &[("user_key", "USERKEY123"), ("Session_key", "SESSIONKEY456"), ("Content-Type", "text/plain")];

fn get(path: &str) -> Captured {
    Captured::new(Method::Get, &format!("{BASE}{path}"), SESSION, "")
}

fn post(path: &str, body: &str) -> Captured {
    Captured::new(Method::Post, &format!("{BASE}{path}"), SESSION, body)
}

const SESSION_OF: Credentials<'static> = Credentials::Session {
    user: Text::plain("USERKEY123"),
    key: Secret(Text::plain("SESSIONKEY456")),
};

/// The endpoint that serves a request.
fn endpoint(captured: &Captured) -> &'static dyn Endpoint {
    match septet::answer::served(&[&API], captured.method, &captured.path) {
        septet::answer::Served::Call(_, endpoint) => endpoint,
        _ => API.report.unwrap(),
    }
}

const fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> DateTime {
    DateTime { year, month, day, hour, minute, second }
}

const fn account(at: DateTime) -> When<'static> {
    When::Civil { at, zone: Zone::Account }
}

const fn text(text: &str) -> Text<'_> {
    Text::plain(text)
}

/// What is sent, and to whom.
fn contents(submit: &Submit<'_>) -> Vec<(String, String)> {
    let content = |content| match content {
        septet::api::Content::Text(filled) => filled.chars().collect(),
        septet::api::Content::Octets { .. } => panic!("octets"),
    };
    let numbers = submit.messages.iter().map(|(to, what)| (to.to_string(), content(what)));
    let groups = submit.messages.groups().into_iter().flat_map(|(groups, what)| {
        groups.iter().map(move |group| (format!("group {group}"), content(what)))
    });
    numbers.chain(groups).collect()
}

/// The same, with one message to nobody.
fn options<'a>(submit: &Submit<'a>) -> Submit<'a> {
    let to = Recipients::numbers(List::EMPTY);
    Submit { messages: Messages::Same { to, body: Payload::Text(Text::EMPTY) }, ..*submit }
}

fn send<R>(captured: &Captured, then: impl FnOnce(&Submit<'_>) -> R) -> R {
    captured.with(|request| match endpoint(captured).parse_request(request) {
        Ok(Op::Send(submit)) => then(&submit),
        other => panic!("{captured:?}: {other:?}"),
    })
}

/// What is in a value: two that borrow from elsewhere cannot be compared themselves.
fn shown(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// The options of an order that has none.
fn plain<'a>(notes: &'a [Note<'a>]) -> Submit<'a> {
    let to = Recipients::numbers(List::EMPTY);
    Submit {
        alphabet: Alphabet::Gsm7,
        duplicates: Duplicates::Strip,
        kind: notes.first().map(|kind| kind.value),
        notes: Rows::slice(notes.get(1..).unwrap_or_default()),
        ..Submit::new(Messages::Same { to, body: Payload::Text(Text::EMPTY) })
    }
}

const fn note(name: &'static str, value: &'static str) -> Note<'static> {
    Note { name, value: text(value) }
}

const N: &[Note<'static>] = &[note("message_type", "N")];
const GP: &[Note<'static>] = &[note("message_type", "GP")];
const TI: &[Note<'static>] = &[note("message_type", "TI"), note("allow_duplicate", "true")];

/// How long an order_id stands for its order.
const YEAR_S: u32 = 31_536_000;

const fn dedupe(key: Text<'_>) -> Dedupe<'_> {
    Dedupe { key, again: Again::Refused, window_s: YEAR_S }
}

#[test]
fn captured_requests_are_read() {
    let file: Value = serde_json::from_str(include_str!("../vectors/http_requests.json")).unwrap();
    let mut cases = BTreeMap::new();
    for entry in file["requests"].as_array().unwrap() {
        if entry["expected"]["api"] != "skebby-rest" {
            continue;
        }
        let string = |name: &str| entry[name].as_str().unwrap_or_default();
        let method = Method::ALL.into_iter().find(|own| own.name() == string("method")).unwrap();
        let headers: Vec<(&str, &str)> = entry["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|header| (header[0].as_str().unwrap(), header[1].as_str().unwrap()))
            .collect();
        assert!(entry.get("body_base64").is_none());
        let captured = Captured::new(method, string("path_and_query"), &headers, string("body"));
        let endpoint = endpoint(&captured);
        assert!(endpoint.methods().contains(&method));
        cases.insert(string("case").to_owned(), (captured, endpoint.name()));
    }
    assert_eq!(cases.len(), 14);
    let mut read =
        |case: &str, name: &str, who: Option<Credentials<'_>>, check: &dyn Fn(Op<'_>)| {
            let (captured, endpoint) = cases.remove(case).unwrap();
            assert_eq!(endpoint, name, "{case}");
            captured.with(|request| {
                let endpoint = call(endpoint);
                assert_eq!(endpoint.credentials(request), Ok(who), "{case}");
                check(endpoint.parse_request(request).unwrap());
            });
        };
    let password = |user, password| {
        Some(Credentials::Password { user: text(user), password: Secret(text(password)) })
    };
    let is = |expected: Op<'static>| move |op: Op<'_>| assert_eq!(shown(&op), shown(&expected));
    let session = Some(SESSION_OF);
    read("login", "login", password("user", "pass"), &is(Op::Login(Login::Session)));
    read(
        "skebby-login-seed",
        "login",
        password("username", "password"),
        &is(Op::Login(Login::Session)),
    );
    read("token", "token", password("user@example.com", "p:w d+%"), &is(Op::Login(Login::Token)));
    let token = Credentials::AccessToken {
        user: text("USERKEY123"),
        token: Secret(text("ACCESSTOKEN789")),
    };
    read("token#2", "sms", Some(token), &|op| {
        let Op::Send(submit) = op else { panic!("{op:?}") };
        assert_eq!(contents(&submit), [("393471234567".into(), "Hello world!".into())]);
        assert_eq!(shown(&options(&submit)), shown(&plain(GP)));
    });
    read("full", "sms", session, &|op| {
        let Op::Send(submit) = op else { panic!("{op:?}") };
        let what = "Ciao è € 😀".to_owned();
        let to = ["393471234567", "393471234568"].map(|to| (to.to_owned(), what.clone()));
        assert_eq!(contents(&submit), to);
        let expected = Submit {
            sender: Some(text("MySender")),
            schedule: Some(account(at(2030, 12, 23, 10, 10, 10))),
            client_id: Some(text("ORDER_1.a-b")),
            dedupe: Some(dedupe(text("ORDER_1.a-b"))),
            wants_used: true,
            wants_left: true,
            alphabet: Alphabet::Ucs2,
            validity: Some(3600),
            callback: Some(Callback { url: text("http://127.0.0.1:18080/dlr"), carrier: None }),
            ..plain(TI)
        };
        assert_eq!(shown(&options(&submit)), shown(&expected));
    });
    read("param", "paramsms", session, &|op| {
        let Op::Send(submit) = op else { panic!("{op:?}") };
        let to = [("393471234567", "Hello Alpha"), ("393471234568", "Hello Beta")];
        assert_eq!(contents(&submit), to.map(|(to, what)| (to.to_owned(), what.to_owned())));
        let expected =
            Submit { wants_used: true, wants_left: true, skip_invalid: true, ..plain(GP) };
        assert_eq!(shown(&options(&submit)), shown(&expected));
    });
    read("groups", "smstogroups", session, &|op| {
        let Op::Send(submit) = op else { panic!("{op:?}") };
        let to = ["group G1", "group G2"].map(|to| (to.to_owned(), "Hi group".to_owned()));
        assert_eq!(contents(&submit), to);
        assert_eq!(shown(&options(&submit)), shown(&plain(GP)));
    });
    let query = ReportsQuery { id: text("ORDER1"), recipient: None, columns: List::EMPTY };
    read("state", "state", session, &is(Op::Reports(query)));
    read("delete", "delete", session, &is(Op::Cancel(Cancel { id: Some(text("ORDER1")) })));
    let from = account(at(2024, 1, 1, 0, 0, 0));
    let page = Page { number: 1, size: 50 };
    let query =
        HistoryQuery { recipient: None, from, to: Some(account(at(2024, 2, 1, 0, 0, 0))), page };
    read("history", "smshistory", session, &is(Op::History(query)));
    let query = CreditsQuery { money: true, aliases: true };
    read("status", "status", session, &is(Op::Credits(query)));
    let query = InboxQuery::New { recipient: None, limit: 10 };
    read("received", "newsrsmsmessage", session, &is(Op::Inbox(query)));
    let query = InboxQuery::Between { recipient: None, from, to: None, kind: None, page };
    read("received#2", "srsmshistory", session, &is(Op::Inbox(query)));
    let report = Report {
        id: Some(text("ORDER_1.a-b")),
        recipient: Some(text("393471234567")),
        done: Some(account(at(2024, 3, 7, 17, 56, 9))),
        ..Report::new(State::Delivered)
    };
    read("dlr-get", "dlr", None, &is(Op::Report(report)));
    assert!(cases.is_empty());
}

/// What the programs of the quick start send, each by the library that it names.
#[test]
fn the_programs_of_the_quick_start_are_read() {
    let keys = [("user_key", "USERKEY123"), ("Session_key", "SESSIONKEY456")];
    let json = ("Content-type", "application/json");
    let with = |more: &[(&'static str, &'static str)]| [&keys[..], more].concat();
    let number = "+349123456789";
    for (program, path, headers, body, to, schedule) in [
        (
            "Java",
            "//sms",
            with(&[("Accept", "application/json"), json]),
            r#"{"message":"Hello world!","message_type":"N","returnCredits":false,"recipient":["+349123456789"],"scheduled_delivery_time":"Dec 23, 2017 10:10:10 AM"}"#,
            number,
            Some(at(2017, 12, 23, 10, 10, 10)),
        ),
        (
            "Java since 9",
            "//sms",
            with(&[("Accept", "application/json"), json]),
            r#"{"message":"Hello world!","message_type":"N","returnCredits":false,"recipient":["+349123456789"],"scheduled_delivery_time":"Dec 23, 2017, 10:10:10 PM"}"#,
            number,
            Some(at(2017, 12, 23, 22, 10, 10)),
        ),
        (
            "PHP",
            "/sms",
            with(&[json]),
            r#"{"message":"Hello world!","message_type":"N","returnCredits":false,"recipient":["+349123456789"],"sender":null,"scheduled_delivery_time":"20171223101010"}"#,
            number,
            Some(at(2017, 12, 23, 10, 10, 10)),
        ),
        (
            "Python",
            "/sms",
            with(&[json]),
            r#"{"message": "Hello world!", "message_type": "N", "returnCredits": false, "recipient": ["+349123456789"], "sender": null, "scheduled_delivery_time": "2017-12-23T10:10:10.123456"}"#,
            number,
            Some(at(2017, 12, 23, 10, 10, 10)),
        ),
        (
            "JavaScript",
            "/sms",
            with(&[("accept", "application/json"), ("content-type", "application/json")]),
            r#"{"returnCredits":true,"recipient":["+349123456789"],"scheduled_delivery_time":"20171223101010","message":"Hello world!","message_type":"N"}"#,
            number,
            Some(at(2017, 12, 23, 10, 10, 10)),
        ),
        (
            "Ruby",
            "/sms",
            with(&[json]),
            r#"{"returnCredits":true,"recipient":["+349123456789"],"message":"Hello world!","message_type":"N"}"#,
            number,
            None,
        ),
        (
            "C#",
            "/sms",
            with(&[("Content-Type", "application/json")]),
            r#"{"message":"Hello World!","message_type":"N","sender":null,"scheduled_delivery_time":"2017-08-18T13:31:00","recipient":["+39349123456789"],"returnCredits":false}"#,
            "+39349123456789",
            Some(at(2017, 8, 18, 13, 31, 0)),
        ),
        (
            "Perl",
            "/sms",
            with(&[("Content-Type", "application/json")]),
            r#"{"message_type":"N","recipient":["+39349123456789"],"message":"Hello world!"}"#,
            "+39349123456789",
            None,
        ),
    ] {
        let path = format!("/API/v1.0/REST{path}");
        let captured = Captured::new(Method::Post, &path, &headers, body);
        send(&captured, |submit| {
            let what = if program == "C#" { "Hello World!" } else { "Hello world!" };
            let to = to.trim_start_matches('+').to_owned();
            assert_eq!(contents(submit), [(to, what.to_owned())], "{program}");
            let wants = body.contains("\"returnCredits\":true");
            let expected = Submit {
                schedule: schedule.map(account),
                wants_used: wants,
                wants_left: wants,
                ..plain(N)
            };
            assert_eq!(shown(&options(submit)), shown(&expected), "{program}");
        });
        captured.with(|request| {
            assert_eq!(call("sms").credentials(request), Ok(Some(SESSION_OF)), "{program}");
        });
    }
    for path in ["login", "/login"] {
        let path = format!("{BASE}{path}?username=username&password=password");
        let captured = Captured::new(Method::Get, &path, &[json], "");
        captured.with(|request| {
            let password = Secret(text("password"));
            let who = Credentials::Password { user: text("username"), password };
            assert_eq!(endpoint(&captured).credentials(request), Ok(Some(who)));
        });
    }
}

/// A store with one account, which answers as it is told.
struct OneAccount {
    answer: Option<Answer<'static>>,
    performed: usize,
}

impl Store for OneAccount {
    type Account = ();

    fn admit<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<(), Refusal<'a>> {
        let (user, is_known, is_right, otherwise) = match *credentials {
            Credentials::Password { user, password } => {
                (user, user == *"u", password == Secret(text("p")), Reason::WrongPassword)
            }
            Credentials::Session { user, key } => {
                let is_right = key == Secret(text("SESSIONKEY456"));
                (user, user == *"USERKEY123", is_right, Reason::NoSession)
            }
            Credentials::AccessToken { user, token } => {
                let is_right = token == Secret(text("ACCESSTOKEN789"));
                (user, user == *"USERKEY123", is_right, Reason::WrongPassword)
            }
            Credentials::Key { .. } | Credentials::Token(_) => panic!("{credentials:?}"),
        };
        match (is_known, is_right) {
            (true, true) => Ok(()),
            (false, _) => Err(Refusal::new(Reason::UnknownUser, user)),
            (true, false) => Err(Refusal::plain(otherwise)),
        }
    }

    fn perform<R>(
        &mut self,
        (): &(),
        _: &'static Api,
        _: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        self.performed += 1;
        reply(&self.answer.unwrap_or(Answer::Refused(Refusal::plain(Reason::Internal))))
    }
}

/// The reply to a request: head, body, whether the store was asked.
fn answered(captured: &Captured, answered: Option<Answer<'static>>) -> (Head, String, bool) {
    let mut store = OneAccount { answer: answered, performed: 0 };
    let mut buffer = [0; 4096];
    let mut w = Writer::new(&mut buffer);
    let head = captured.with(|request| answer(&[&API], &mut store, request, &mut w)).unwrap();
    (head, std::str::from_utf8(w.written()).unwrap().to_owned(), store.performed > 0)
}

/// The body of a refusal.
fn refused(words: &str, code: u16) -> String {
    let words = serde_json::to_string(words).unwrap();
    format!("{{\"result\":{words},\"message\":{words},\"code\":{code}}}")
}

/// An order with members in place of others, `null` for none of them.
fn order(path: &str, changes: Value) -> Captured {
    let mut order = match path {
        "sms" => {
            serde_json::json!({"message_type": "N", "message": "hi", "recipient": ["+393471234567"]})
        }
        "paramsms" => serde_json::json!({
            "message_type": "N", "message": "hi ${a}",
            "recipients": {"0": {"recipient": "+393471234567", "a": "b"}}
        }),
        _ => serde_json::json!({"message_type": "N", "message": "hi", "recipient": ["friends"]}),
    };
    let Value::Object(changes) = changes else { panic!("{changes}") };
    order.as_object_mut().unwrap().extend(changes);
    post(path, &order.to_string())
}

const INTERNAL: &str = "Internal error";
const INVALID_KEYS: &str = "User_key, Token or Session_key are invalid or not provided";

#[test]
fn every_request_that_cannot_be_read_is_refused_in_words() {
    let sms = |changes: Value| order("sms", changes);
    let param = |changes: Value| order("paramsms", changes);
    let long = |len: usize| "a".repeat(len);
    let many = vec!["+393471234567"; 10_001];
    let rule = |name: &str, words: &str| format!("Invalid parameter: {name}: {words}");
    let message = "must have at most 1000 characters, 450 in ucs2, 160 at low quality";
    let sender = "must have at most 11 characters, or 15 digits; none at low quality";
    let id = "must be 1 to 32 letters, digits, periods, underscores and hyphens, and not bulk";
    let boolean = "must be true or false";
    let time = "must be as 20171223101010";
    let numbers = "must be international numbers: +393471234567";
    let objects = "must be objects, each with an international number as recipient";
    let json = |value: &str| serde_json::from_str::<Value>(value).unwrap();
    let one = |name: &str, value: Value| serde_json::json!({name: value});
    let cases = [
        (post("sms", ""), "Missing parameter: recipient".into()),
        (post("sms", "{"), "Request cannot be read: JSON: is cut short".into()),
        (post("sms", "[]"), "Request cannot be read: JSON: has a value that is not allowed".into()),
        (post("sms", "message=hi"), "Request cannot be read: JSON: is malformed".into()),
        (sms(one("message_type", Value::Null)), "Missing parameter: message_type".into()),
        (
            sms(one("message_type", "X".into())),
            rule("message_type", "must be N, L, LL, GP, TI, SI, PRM, AD or EE"),
        ),
        (sms(one("message", Value::Null)), "Missing parameter: message".into()),
        (sms(one("message", "".into())), "Invalid parameter: message: is empty".into()),
        (sms(one("message", long(1001).into())), rule("message", message)),
        (
            sms(serde_json::json!({"message": long(451), "encoding": "ucs2"})),
            rule("message", message),
        ),
        (
            sms(serde_json::json!({"message": long(161), "message_type": "LL"})),
            rule("message", message),
        ),
        (
            sms(serde_json::json!({"message": long(161), "message_type": "SI"})),
            rule("message", message),
        ),
        (sms(one("recipient", Value::Null)), "Missing parameter: recipient".into()),
        (sms(one("recipient", json("[]"))), "Invalid parameter: recipient: is empty".into()),
        (sms(one("recipient", json(r#"["+39347", "347x"]"#))), rule("recipient", numbers)),
        (sms(one("recipient", json(r#"[["+393471234567"]]"#))), rule("recipient", numbers)),
        (
            sms(one("recipient", many.into())),
            "Too many recipients: recipient: has too many items".into(),
        ),
        (sms(one("sender", "twelve chars".into())), rule("sender", sender)),
        (sms(one("sender", "+1234567890123456".into())), rule("sender", sender)),
        (sms(one("sender", "a\nb".into())), rule("sender", sender)),
        (sms(serde_json::json!({"sender": "me", "message_type": "LL"})), rule("sender", sender)),
        (
            sms(one("scheduled_delivery_time", "tomorrow".into())),
            rule("scheduled_delivery_time", time),
        ),
        (
            sms(one("scheduled_delivery_timezone", "Rome!".into())),
            rule("scheduled_delivery_timezone", "must be as Europe/Rome"),
        ),
        (sms(one("order_id", "a b".into())), rule("order_id", id)),
        (sms(one("order_id", "bulk".into())), rule("order_id", id)),
        (sms(one("order_id", long(33).into())), rule("order_id", id)),
        (sms(one("returnCredits", "yes".into())), rule("returnCredits", boolean)),
        (sms(one("returnRemaining", "yes".into())), rule("returnRemaining", boolean)),
        (sms(one("allowInvalidRecipients", "yes".into())), rule("allowInvalidRecipients", boolean)),
        (sms(one("truncate", "yes".into())), rule("truncate", boolean)),
        (sms(one("allow_duplicate", "yes".into())), rule("allow_duplicate", boolean)),
        (sms(one("encoding", "utf8".into())), rule("encoding", "must be gsm or ucs2")),
        (sms(one("max_fragments", 0.into())), rule("max_fragments", "must be 1 to 255")),
        (sms(one("max_fragments", 256.into())), rule("max_fragments", "must be 1 to 255")),
        (
            sms(one("validity_period", 0.into())),
            rule("validity_period", "must be 1 to 71582788 minutes"),
        ),
        (
            sms(one("validity_period", u32::MAX.into())),
            rule("validity_period", "must be 1 to 71582788 minutes"),
        ),
        (
            sms(one("validity_period_min", 0.into())),
            rule("validity_period_min", "must be 1 to 71582788 minutes"),
        ),
        (
            sms(one("delivery_notification_url", "ftp://x".into())),
            rule("delivery_notification_url", "must be a URL of http or https"),
        ),
        (param(one("recipients", Value::Null)), "Missing parameter: recipients".into()),
        (param(one("recipients", json("[]"))), "Invalid parameter: recipients: is empty".into()),
        (param(one("recipients", json(r#"["+393471234567"]"#))), rule("recipients", objects)),
        (param(one("recipients", json(r#"[{"a": "b"}]"#))), "Missing parameter: recipients".into()),
        (
            param(one("recipients", json(r#"[{"recipient": "347x", "a": "b"}]"#))),
            rule("recipients", objects),
        ),
        (
            param(one("recipients", json(r#"[{"recipient": "+393471234567"}]"#))),
            "Placeholder without a value: message: has a place without a value".into(),
        ),
        (
            param(one(
                "recipients",
                json(&format!(r#"[{{"recipient": "+393471234567", "a": "{}"}}]"#, long(998))),
            )),
            rule("message", message),
        ),
        (
            order("smstogroups", one("recipient", Value::Null)),
            "Missing parameter: recipient".into(),
        ),
        (
            order("smstogroups", one("recipient", json("[]"))),
            "Invalid parameter: recipient: is empty".into(),
        ),
        (
            order("smstogroups", one("recipientsGroupdIds", json(r#"["G1"]"#))),
            "Invalid parameter: recipientsGroupdIds: is given twice".into(),
        ),
        (get("smshistory"), "Missing parameter: from".into()),
        (get("smshistory?from=x"), rule("from", time)),
        (get("smshistory?from=20240101000000&to=x"), rule("to", time)),
        (
            get("smshistory?from=20240101000000&timezone=%26"),
            rule("timezone", "must be as Europe/Rome"),
        ),
        (
            get("smshistory?from=20240101000000&pageNumber=0"),
            rule("pageNumber", "must be a number greater than 0"),
        ),
        (
            get("smshistory?from=20240101000000&pageSize=0"),
            rule("pageSize", "must be a number greater than 0"),
        ),
        (get("rcptHistory?from=20240101000000"), "Missing parameter: recipient".into()),
        (
            get("rcptHistory?from=20240101000000&recipient=x"),
            rule("recipient", "must be an international number: +393471234567"),
        ),
        (get("status?getMoney=maybe"), "Invalid parameter: getMoney: must be true or false".into()),
        (
            get("status?typeAliases=maybe"),
            "Invalid parameter: typeAliases: must be true or false".into(),
        ),
        (get("newsrsmsmessage?limit=101"), rule("limit", "must be 1 to 100")),
        (get("newsrsmsmessage?limit=0"), rule("limit", "must be 1 to 100")),
        (get("newsrsmsmessage/x"), rule("id_sim", "must be a number")),
        (get("srsmshistory"), "Missing parameter: from".into()),
        (get("srsmshistory/00393471234567/x"), rule("id_message", "must be a number")),
        (get("srsmshistory?id_message=7"), "Missing parameter: id_sim".into()),
        (
            get("mosmshistory?from=20240101000000&type=stop"),
            rule("type", "must be STOP, CONTACT or OTHER"),
        ),
    ];
    for (captured, words) in cases {
        let (head, body, is_performed) = answered(&captured, None);
        let shown = String::from_utf8_lossy(&captured.body[..captured.body.len().min(200)]);
        assert_eq!(body, refused(&words, 400), "{} {shown}", captured.path);
        assert_eq!((head.status, is_performed), (Status::BAD_REQUEST, false));
        assert_eq!(head.content_type, "application/json");
    }
}

#[test]
fn who_asks_is_refused_in_words() {
    let headers = |headers: &[(&str, &str)]| {
        Captured::new(Method::Get, &format!("{BASE}status"), headers, "")
    };
    let login = |query: &str, headers: &[(&str, &str)]| {
        Captured::new(Method::Get, &format!("{BASE}login{query}"), headers, "")
    };
    let (session, token) = (("Session_key", "SESSIONKEY456"), ("Access_token", "ACCESSTOKEN789"));
    for (captured, status, words) in [
        (headers(&[]), 401, INVALID_KEYS),
        (headers(&[("user_key", "USERKEY123")]), 401, INVALID_KEYS),
        (headers(&[session]), 401, INVALID_KEYS),
        (headers(&[token]), 401, INVALID_KEYS),
        (
            headers(&[("User-Key", "USERKEY123"), ("Session-Key", "SESSIONKEY456")]),
            401,
            INVALID_KEYS,
        ),
        (headers(&[("user_key", "USERKEY123"), ("Session_key", "x")]), 401, INVALID_KEYS),
        (headers(&[("user_key", "USERKEY123"), ("Access_token", "x")]), 401, INVALID_KEYS),
        (headers(&[("user_key", "x"), session]), 404, "The User_key was not found"),
        (login("?username=x&password=p", &[]), 404, "Credentials are incorrect"),
        (login("?username=u&password=x", &[]), 404, "Credentials are incorrect"),
        (login("", &[("Authorization", "Basic dTp4")]), 404, "Credentials are incorrect"),
        (
            login("", &[("Authorization", "Basic !")]),
            401,
            "Credentials are not provided: Authorization",
        ),
        (login("", &[]), 401, "Credentials are not provided: Authorization"),
        (login("?username=u", &[]), 401, "Credentials are not provided: password"),
        // They are right: the store is asked, and answers so.
        (headers(&[("USER_KEY", "USERKEY123"), session]), 500, INTERNAL),
        (headers(&[("user_key", "USERKEY123"), ("access_token", "ACCESSTOKEN789")]), 500, INTERNAL),
        (login("", &[("Authorization", "Basic dTpw")]), 500, INTERNAL),
    ] {
        let (head, body, is_performed) = answered(&captured, None);
        assert_eq!(body, refused(words, status), "{captured:?}");
        assert_eq!((head.status, is_performed), (Status(status), words == INTERNAL));
        assert_eq!(head.content_type, "application/json");
    }
    // Whether a session lives is no secret to who has its key.
    let path = format!("{BASE}checksession");
    for (headers, status, expected) in [
        (&[("user_key", "USERKEY123"), ("Session_key", "x")][..], 200, "false".to_owned()),
        (&[("user_key", "USERKEY123"), ("Access_token", "x")], 200, "false".to_owned()),
        (&[], 401, refused(INVALID_KEYS, 401)),
        (&[("user_key", "x"), session], 404, refused("The User_key was not found", 404)),
    ] {
        let (head, body, _) = answered(&Captured::new(Method::Get, &path, headers, ""), None);
        assert_eq!((head.status, body), (Status(status), expected));
    }
}

/// The reply that an answer is: head and body.
fn told(name: &str, answer: &Answer<'_>) -> (Head, String) {
    let mut buffer = [0; 8192];
    let mut w = Writer::new(&mut buffer);
    let head = call(name).emit_reply(answer, &mut w).unwrap();
    (head, std::str::from_utf8(w.written()).unwrap().to_owned())
}

/// The answer that a reply is, shown; the keys of a login, too.
fn heard(name: &str, status: u16, body: &str) -> String {
    let content_type = "application/json";
    let reply = Reply { status: Status(status), content_type, body: body.as_bytes() };
    shown_answer(&call(name).parse_reply(&reply))
}

fn shown_answer(answer: &Answer<'_>) -> String {
    match answer {
        Answer::LoggedIn { user, key } => format!("{user};{}", key.0),
        answer => shown(answer),
    }
}

/// Each reason: the status and the words that the server has for it, in three kinds of call, and
/// whether the client reads it as the same.
#[test]
fn every_reason_has_status_and_words() {
    use Reason as R;
    let subject = "name: it is so";
    let cases: &[(Reason, u16, &str, bool)] = &[
        (R::Missing, 400, "Missing parameter: name: it is so", true),
        (R::Invalid, 400, "Invalid parameter: name: it is so", true),
        (R::Unreadable, 400, "Request cannot be read: name: it is so", true),
        (R::TooLarge, 400, "Request is too large", true),
        (R::NoCredentials, 401, INVALID_KEYS, false),
        (R::UnknownUser, 404, "The User_key was not found", true),
        (R::WrongPassword, 401, INVALID_KEYS, false),
        (R::NoSession, 401, INVALID_KEYS, true),
        (R::Forbidden, 400, "Not allowed", true),
        (R::TooManyFailures, 429, "Too many requests", true),
        (R::Credit, 400, "Not enough credits", true),
        (R::Recipient, 400, "Invalid recipient: name: it is so", true),
        (R::DuplicateRecipient, 400, "Recipient given twice: name", true),
        (R::TooManyRecipients, 400, "Too many recipients: name: it is so", true),
        (R::Blacklisted, 400, "Recipient is blacklisted: name", true),
        (R::UnknownGroup, 400, "Groups could not be found", true),
        (R::DuplicateClientId, 400, "Order_id was used before: name", true),
        (R::Charging, 400, "name", false),
        (R::Sender, 400, "Sender is not allowed: name: it is so", true),
        (R::CallbackUrl, 400, "URL is not allowed: name: it is so", true),
        (R::Schedule, 400, "Delivery time is not allowed: name: it is so", true),
        (R::Unencodable, 400, "Character is not in the encoding: name: it is so", true),
        (R::TooManyParts, 400, "Too many parts: name: it is so", true),
        (R::Segment, 400, "name", false),
        (R::NoValue, 400, "Placeholder without a value: name: it is so", true),
        (R::UnknownId, 404, "The order was not found: name", true),
        (R::Test, 400, "name", false),
        (R::Busy, 503, "No room for more messages, try again later", true),
        (R::Internal, 500, INTERNAL, true),
        (R::Unknown, 400, "name", false),
        (R::Other, 400, "name", true),
    ];
    assert_eq!(cases.iter().map(|(reason, ..)| *reason).collect::<Vec<_>>(), R::ALL);
    for (reason, status, words, is_same) in cases {
        let detail = if words.contains(subject) { "it is so" } else { "" };
        let refusal = Refusal { reason: *reason, subject: text("name"), detail: text(detail) };
        for name in ["sms", "state", "status"] {
            let (head, body) = told(name, &Answer::Refused(refusal));
            assert_eq!((head.status, &body), (Status(*status), &refused(words, *status)));
            assert_eq!(head.content_type, "application/json");
            let subject = if words.contains("name") { text("name") } else { Text::EMPTY };
            let back = Answer::Refused(Refusal { subject, ..refusal });
            assert_eq!(heard(name, *status, &body) == shown(&back), *is_same, "{reason:?} {name}");
        }
        let (head, body) = told("login", &Answer::Refused(refusal));
        let (status, words) = match reason {
            R::UnknownUser | R::WrongPassword => (404, "Credentials are incorrect"),
            R::NoCredentials => (401, "Credentials are not provided: name"),
            R::NoSession => (400, "name"),
            _ => (*status, *words),
        };
        assert_eq!((head.status, body), (Status(status), refused(words, status)), "{reason:?}");
    }
    // A reason that has no words here has its own.
    let (_, body) = told("sms", &Answer::Refused(Refusal::plain(R::Charging)));
    assert_eq!(body, refused("charging is not set up", 400));
    // A refusal's words are escaped.
    let (_, body) = told("sms", &Answer::Refused(Refusal::new(R::Other, text("\"\\\n"))));
    assert_eq!(body, refused("\"\\\n", 400));
}

/// Every status of the documentation, as the client reads it whatever the words.
#[test]
fn every_status_is_read() {
    let vendor = |status| Reason::Vendor(status, Advice::RetryLater);
    let json = r#"{"result":"KO","error_message":"nope"}"#;
    for (name, status, body, reason, words) in [
        ("sms", 400, json, Reason::Other, "nope"),
        ("sms", 400, " nope\n", Reason::Other, "nope"),
        ("sms", 400, r#"{"result":"nope"}"#, Reason::Other, "nope"),
        (
            "sms",
            400,
            r#"{"result":"x","message":"nope","error_message":"y"}"#,
            Reason::Other,
            "nope",
        ),
        ("sms", 401, json, Reason::NoSession, "nope"),
        ("login", 401, json, Reason::WrongPassword, "nope"),
        ("token", 404, json, Reason::WrongPassword, "nope"),
        ("login", 404, &refused("Credentials are incorrect", 404), Reason::WrongPassword, ""),
        ("sms", 404, json, Reason::UnknownUser, "nope"),
        ("state", 404, json, Reason::UnknownId, "nope"),
        ("delete", 404, json, Reason::UnknownId, "nope"),
        ("state", 404, &refused("The User_key was not found", 404), Reason::UnknownUser, ""),
        ("sms", 429, json, vendor(429), "nope"),
        ("sms", 500, json, vendor(500), "nope"),
        ("sms", 502, "<html>", vendor(502), "<html>"),
        ("sms", 503, json, vendor(503), "nope"),
        ("sms", 400, "Not enough credits: 3", Reason::Other, "Not enough credits: 3"),
        // What is no reply of this interface.
        ("sms", 201, r#"{"result":"OK","total_sent":"x"}"#, Reason::Unknown, "OK"),
        ("state", 200, r#"{"result":"OK","recipients":[1]}"#, Reason::Unknown, "OK"),
        ("sms", 302, "", Reason::Unknown, ""),
        ("sms", 403, json, Reason::Unknown, "nope"),
        ("sms", 200, "<html>", Reason::Unknown, "<html>"),
        ("sms", 201, "", Reason::Unknown, ""),
        ("sms", 201, r#"{"order_id":"1"}"#, Reason::Unknown, r#"{"order_id":"1"}"#),
        ("sms", 201, "[]", Reason::Unknown, "[]"),
        ("login", 200, "<a>;b", Reason::Unknown, "<a>;b"),
        ("login", 200, "a", Reason::Unknown, "a"),
        ("login", 200, "a;", Reason::Unknown, "a;"),
        ("login", 200, "a;b;c", Reason::Unknown, "a;b;c"),
        ("checksession", 200, "yes", Reason::Unknown, "yes"),
        ("delete", 200, "<html>", Reason::Unknown, "<html>"),
        ("newsrsmsmessage", 200, "{}", Reason::Unknown, "{}"),
        ("smshistory", 200, "[]", Reason::Unknown, "[]"),
        ("status", 200, "{}", Reason::Unknown, "{}"),
        // What says no in a reply that says yes.
        ("sms", 201, r#"{"result":"Not enough credits"}"#, Reason::Credit, ""),
        ("sms", 201, json, Reason::Other, "nope"),
        ("delete", 200, json, Reason::Other, "nope"),
        ("state", 200, r#"{"result":"KO","recipients":[]}"#, Reason::Other, "KO"),
    ] {
        let refusal = Answer::Refused(Refusal::new(reason, text(words)));
        assert_eq!(heard(name, status, body), shown(&refusal), "{name} {status} {body}");
    }
    let advice = |status| {
        let reply = Reply { status: Status(status), content_type: "", body: b"x" };
        call("sms").parse_reply(&reply).advice()
    };
    assert_eq!(
        [400, 401, 404, 429, 500, 599, 204].map(advice),
        [
            Advice::DoNotRetry,
            Advice::LogIn,
            Advice::DoNotRetry,
            Advice::RetryLater,
            Advice::RetryLater,
            Advice::RetryLater,
            Advice::Unknown
        ]
    );
}

const OK_SMS: &str = r#"{"result":"OK","order_id":"6A6A6A","total_sent":1,"remaining_credits":99,"internal_order_id":"6A6A6A"}"#;

/// Each shape of a reply: what answer it is made of, its octets, and the answer that is read from it.
#[test]
fn every_reply_is_written_and_read() {
    let sent = Sent { id: Some(text("6A6A6A")), left: Some(99), ..Sent::new() };
    let done = Some(account(at(2018, 3, 7, 17, 56, 9)));
    let deliveries: &'static [Delivery<'static>] = Box::leak(Box::new([
        Delivery { done, ..Delivery::new(text("393471234567"), State::Delivered) },
        Delivery::new(text("393471234568"), State::EnRoute),
    ]));
    let orders: &'static [Order<'static>] = Box::leak(Box::new([
        Order {
            id: text("A"),
            created: account(at(2018, 3, 7, 17, 56, 9)),
            scheduled: Some(account(at(2018, 3, 8, 0, 0, 0))),
            kind: Some(text("N")),
            sender: Some(text("me")),
            recipients: 2,
        },
        Order {
            id: text("B"),
            created: account(at(2018, 3, 7, 17, 56, 9)),
            scheduled: None,
            kind: None,
            sender: None,
            recipients: 1,
        },
    ]));
    let inbound: &'static [Inbound<'static>] = Box::leak(Box::new([Inbound {
        body: Some(Payload::Text(text("\"hi\""))),
        received: done,
        ..Inbound::new(text("7"), text("393471234567"), text("393471234568"))
    }]));
    let reports = |rows: &'static [_]| Reports { columns: List::EMPTY, rows: Rows::slice(rows) };
    let page = Page { number: 2, size: 10 };
    let keys = Answer::LoggedIn { user: text("USER_KEY"), key: Secret(text("SESSION_KEY")) };
    let cases = [
        ("login", keys, 200, "USER_KEY;SESSION_KEY"),
        ("token", keys, 200, "USER_KEY;SESSION_KEY"),
        ("checksession", Answer::Session(true), 200, "true"),
        ("checksession", Answer::Session(false), 200, "false"),
        ("sms", Answer::Sent(sent), 201, OK_SMS),
        ("paramsms", Answer::Sent(sent), 201, OK_SMS),
        ("smstogroups", Answer::Sent(sent), 201, OK_SMS),
        (
            "sms",
            Answer::Sent(Sent { left: None, messages: 3, ..sent }),
            201,
            r#"{"result":"OK","order_id":"6A6A6A","total_sent":3,"internal_order_id":"6A6A6A"}"#,
        ),
        (
            "state",
            Answer::Reports(reports(&deliveries[..1])),
            200,
            r#"{"recipient_number":1,"result":"OK","recipients":[{"status":"DLVRD","destination":"+393471234567","delivery_date":"20180307175609"}]}"#,
        ),
        (
            "state",
            Answer::Reports(reports(&deliveries[1..])),
            200,
            r#"{"recipient_number":1,"result":"OK","recipients":[{"status":"WAIT4DLVR","destination":"+393471234568"}]}"#,
        ),
        (
            "state",
            Answer::Reports(reports(&[])),
            200,
            r#"{"recipient_number":0,"result":"OK","recipients":[]}"#,
        ),
        ("delete", Answer::Cancelled, 200, r#"{"result":"OK"}"#),
        (
            "smshistory",
            Answer::History(History { rows: Rows::slice(orders), page, total: 12 }),
            200,
            r#"{"smshistory":[{"order_id":"A","create_time":"20180307175609","schedule_time":"20180308000000","message_type":"N","sender":"me","num_recipients":2},{"order_id":"B","create_time":"20180307175609","num_recipients":1}],"pageNumber":2,"pageSize":10,"total":12}"#,
        ),
        (
            "rcptHistory",
            Answer::History(History { rows: Rows::EMPTY, page, total: 0 }),
            200,
            r#"{"smshistory":[],"pageNumber":2,"pageSize":10,"total":0}"#,
        ),
        (
            "status",
            Answer::Credits(Credits { hundredths: 10_000, aliases: true }),
            200,
            r#"{"money":null,"sms":[{"type":"GP","quantity":100},{"type":"TI","quantity":100},{"type":"SI","quantity":100}],"email":null}"#,
        ),
        (
            "status",
            Answer::Credits(Credits { hundredths: 0, aliases: false }),
            200,
            r#"{"money":null,"sms":[{"type":"N","quantity":0},{"type":"L","quantity":0},{"type":"LL","quantity":0}],"email":null}"#,
        ),
    ];
    let list = r#"[{"id":7,"phoneNumber":"+393471234567","text":"\"hi\"","receivedDate":"20180307175609","sender":"+393471234568"}]"#;
    let inbox = Answer::Inbox(Inbox { rows: Rows::slice(inbound), page: None, total: 1 });
    let received = ["newsrsmsmessage", "srsmshistory", "mosmshistory"];
    let received = received.map(|name| (name, inbox, 200, list));
    for (name, answer, status, body) in cases.into_iter().chain(received) {
        let (head, own) = told(name, &answer);
        assert_eq!((head.status, own.as_str()), (Status(status), body), "{name}");
        let is_plain = matches!(name, "login" | "token" | "checksession");
        assert_eq!(head.content_type, if is_plain { "text/plain" } else { "application/json" });
        assert_eq!(heard(name, status, body), shown_answer(&answer), "{name}");
        // Pieces of it are another answer nowhere but where nothing says that there is more.
        for cut in 0..body.len() {
            let heard = heard(name, status, &body[..cut]);
            let is_lax = name == "delete" && cut == 0 || is_plain && cut > "USER_KEY;".len();
            assert!(is_lax || heard.starts_with("Refused"), "{name} {}", &body[..cut]);
        }
    }
    // What is neither an answer to the call nor a refusal.
    assert_eq!(told("sms", &Answer::Cancelled).1, refused(INTERNAL, 500));
}

/// Where the answer that is read is not the one that was written: what the reply cannot say.
#[test]
fn replies_say_what_they_can() {
    // The order's id is the customer's own, and all that later calls take.
    let sent = Sent {
        id: Some(text("1F")),
        client_id: Some(text("mine")),
        used: Some(4),
        left: Some(5),
        messages: 2,
        ..Sent::new()
    };
    let body = r#"{"result":"OK","order_id":"mine","total_sent":4,"remaining_credits":5,"internal_order_id":"1F"}"#;
    assert_eq!(told("sms", &Answer::Sent(sent)).1, body);
    let back = Sent { id: Some(text("mine")), left: Some(5), messages: 4, ..Sent::new() };
    assert_eq!(heard("sms", 201, body), shown(&Answer::Sent(back)));
    // A reply with less in it, and with a status that the documentation has.
    let least = Answer::Sent(Sent { id: None, ..Sent::new() });
    assert_eq!(heard("paramsms", 200, r#"{"result":"OK"}"#), shown(&least));
    assert_eq!(heard("login", 200, " USER;KEY\r\n"), "USER;KEY");
    assert_eq!(heard("delete", 200, ""), shown(&Answer::Cancelled));
    // The most of any kind, and money in whatever form.
    let body = r#"{"money":{"EUR":1.5},"sms":[{"type":"N","quantity":1},{"type":"EE","quantity":2}],"email":1}"#;
    let credits = Answer::Credits(Credits { hundredths: 200, aliases: false });
    assert_eq!(heard("status", 200, body), shown(&credits));
    // Less than a credit is none.
    let credits = Answer::Credits(Credits { hundredths: 199, aliases: false });
    assert!(told("status", &credits).1.contains("\"quantity\":1}"));
    // A state that nobody knows.
    let body = r#"{"recipients":[{"status":"NEW","destination":"+393471234567"}]}"#;
    assert!(heard("state", 200, body).contains("state: Unknown"));
    // Times are told in the zone that they are given in.
    let when = When::Civil { at: at(2020, 1, 2, 3, 4, 5), zone: Zone::Named(text("Europe/Rome")) };
    let row = Delivery { done: Some(when), ..Delivery::new(text("1"), State::Delivered) };
    let reports = Reports { columns: List::EMPTY, rows: Rows::one(row) };
    let (_, body) = told("state", &Answer::Reports(reports));
    assert!(body.contains(r#""destination":"1","delivery_date":"20200102030405""#), "{body}");
    // A keyword is the beginning of the text.
    let row =
        Inbound { rest: Some(text("TEST hi")), ..Inbound::new(text("7"), text("1"), text("2")) };
    let inbox = Inbox { rows: Rows::one(row), page: None, total: 1 };
    let (_, body) = told("newsrsmsmessage", &Answer::Inbox(inbox));
    assert_eq!(body, r#"[{"id":7,"phoneNumber":"1","text":"TEST hi","sender":"2"}]"#);
}

/// Every status value, as it is read, and which one is written for each state.
#[test]
fn states_have_names() {
    for (name, state) in [
        ("WAITING", State::Waiting),
        ("SCHEDULED", State::Scheduled),
        ("SENT", State::EnRoute),
        ("WAIT4DLVR", State::EnRoute),
        ("DLVRD", State::Delivered),
        ("TOOM4USER", State::Undeliverable),
        ("TOOM4NUM", State::Undeliverable),
        ("ERROR", State::GaveUp),
        ("TIMEOUT", State::Unknown),
        ("UNKNRCPT", State::UnknownRecipient),
        ("UNKNPFX", State::UnknownRecipient),
        ("DEMO", State::Undeliverable),
        ("INVALIDDST", State::UnknownRecipient),
        ("BLACKLISTED", State::Blacklisted),
        ("KO", State::Undeliverable),
        ("INVALIDCONTENTS", State::Undeliverable),
    ] {
        let query = format!("order_id=A&status={name}");
        let read = |method, query: &str, body: &str| {
            let mut captured = Captured::new(method, "/cb", &[], body);
            captured.query = query.to_owned();
            captured.with(|request| call("dlr").parse_request(request).map(|op| shown(&op)))
        };
        let report = Op::Report(Report { id: Some(text("A")), ..Report::new(state) });
        assert_eq!(read(Method::Get, &query, ""), Ok(shown(&report)), "{name}");
        assert_eq!(read(Method::Post, "", &query), Ok(shown(&report)), "{name}");
        let is_final = !matches!(name, "WAITING" | "SCHEDULED" | "SENT" | "WAIT4DLVR");
        assert_eq!(state.is_final(), is_final);
    }
    for (state, name) in [
        (State::Delivered, "DLVRD"),
        (State::Waiting, "WAITING"),
        (State::Scheduled, "SCHEDULED"),
        (State::EnRoute, "WAIT4DLVR"),
        (State::Unknown, "TIMEOUT"),
        (State::Deleted, "ERROR"),
        (State::Expired, "ERROR"),
        (State::InsufficientFunds, "KO"),
        (State::Blacklisted, "BLACKLISTED"),
        (State::UnknownRecipient, "INVALIDDST"),
        (State::GaveUp, "ERROR"),
        (State::Undeliverable, "KO"),
    ] {
        let report = Report { id: Some(text("A")), ..Report::new(state) };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        let mut buffer = [0; 256];
        let emitted = call("dlr").emit_request(&asked, &How::default(), &mut buffer).unwrap();
        assert_eq!(emitted.query, format!("order_id=A&status={name}"));
        assert_eq!((emitted.method, emitted.body), (Method::Get, &b""[..]));
    }
}

#[test]
fn a_callback_is_read_answered_and_refused() {
    let read = |query: &str| {
        let mut captured = Captured::new(Method::Get, "/cb", &[], "");
        captured.query = query.to_owned();
        captured.with(|request| {
            call("dlr").parse_request(request).map(drop).map_err(|error| error.to_string())
        })
    };
    let refused = |words: &str| Err(words.to_owned());
    assert_eq!(read("status=DLVRD"), refused("order_id is missing at octet 0"));
    assert_eq!(read("order_id=&status=DLVRD"), refused("order_id is empty at octet 0"));
    assert_eq!(read("order_id=A"), refused("status is missing at octet 0"));
    let words = "status has a value that is not allowed at octet 0";
    assert_eq!(read("order_id=A&status=DLVR"), refused(words));
    let words = "delivery_date has a value that is not allowed at octet 38";
    assert_eq!(read("order_id=A&status=DLVRD&delivery_date=2"), refused(words));
    assert!(call("dlr").keeps_query());
    // The order's id is the customer's own, where there is one.
    let report = Report { id: Some(text("1F")), ..Report::new(State::Delivered) };
    for (client_id, id) in [(Some(text("mine")), "mine"), (None, "1F")] {
        let op = Op::Report(Report { client_id, ..report });
        let written = asked("dlr", &Asked { credentials: None, op }, &How::default()).unwrap();
        assert_eq!(written.query, format!("order_id={id}&status=DLVRD"));
    }
    for (answer, status) in
        [(Answer::Taken, 200), (Answer::Refused(Refusal::plain(Reason::Busy)), 503)]
    {
        let (head, body) = told("dlr", &answer);
        assert_eq!((head.status, body.as_str()), (Status(status), ""));
        assert_eq!(heard("dlr", status, ""), shown(&answer));
    }
    assert_eq!(heard("dlr", 204, ""), shown(&Answer::Refused(Refusal::plain(Reason::Busy))));
}

/// What a parameter of an order changes.
enum Changes {
    /// This, in the neutral order.
    To(fn(&Submit<'_>) -> bool),
    /// Nothing: it is kept as it was given.
    Nothing,
}

type Parameter = (&'static str, &'static str, Changes);

/// Every parameter of an order, a value that it can have, and what that changes.
const PARAMETERS: &[Parameter] = &[
    ("message_type", "\"GP\"", Changes::To(|submit| submit.kind == Some(text("GP")))),
    ("message", "\"ciao ${a}\"", Changes::To(|submit| contents(submit)[0].1.starts_with("ciao"))),
    ("sender", "\"me\"", Changes::To(|submit| submit.sender == Some(text("me")))),
    (
        "scheduled_delivery_time",
        "\"20171223101010\"",
        Changes::To(|submit| submit.schedule == Some(account(at(2017, 12, 23, 10, 10, 10)))),
    ),
    (
        "scheduled_delivery_timezone",
        "\"Europe/Rome\"",
        // See `times_are_read_in_every_form`.
        Changes::To(|submit| submit.schedule.is_none()),
    ),
    (
        "order_id",
        "\"A.b_c-1\"",
        Changes::To(|submit| {
            submit.client_id == Some(text("A.b_c-1"))
                && shown(&submit.dedupe) == shown(&Some(dedupe(text("A.b_c-1"))))
        }),
    ),
    ("returnCredits", "true", Changes::To(|submit| submit.wants_used && submit.wants_left)),
    ("returnRemaining", "\"true\"", Changes::To(|submit| !submit.wants_used && submit.wants_left)),
    ("allowInvalidRecipients", "true", Changes::To(|submit| submit.skip_invalid)),
    ("encoding", "\"UCS2\"", Changes::To(|submit| submit.alphabet == Alphabet::Ucs2)),
    ("max_fragments", "3", Changes::To(|submit| submit.parts_max == Some(3) && submit.cut)),
    ("truncate", "false", Changes::To(|submit| submit.parts_max == Some(7) && !submit.cut)),
    ("validity_period", "5", Changes::To(|submit| submit.validity == Some(300))),
    ("validity_period_min", "\"6\"", Changes::To(|submit| submit.validity == Some(360))),
    (
        "delivery_notification_url",
        "\"https://x/\"",
        Changes::To(|submit| submit.callback.is_some_and(|callback| callback.url == *"https://x/")),
    ),
    ("allow_duplicate", "true", Changes::Nothing),
    ("campaign_name", "\"May\"", Changes::Nothing),
    ("id_landing", "7", Changes::Nothing),
    ("short_link_url", "\"https://x/\"", Changes::Nothing),
    ("richsms_url", "\"https://x/\"", Changes::Nothing),
    ("richsms_mode", "\"DIRECT_URL\"", Changes::Nothing),
];

#[test]
fn every_parameter_of_an_order_has_an_effect_or_is_a_note() {
    let recipients: &[(&str, &[Parameter])] = &[
        (
            "sms",
            &[(
                "recipient",
                "\"+39347111111, 0039347222222\"",
                Changes::To(|submit| {
                    contents(submit).iter().map(|(to, _)| to).eq(["39347111111", "39347222222"])
                }),
            )],
        ),
        (
            "paramsms",
            &[(
                "recipients",
                r#"[{"recipient": "39347111111", "a": 7}]"#,
                Changes::To(|submit| {
                    contents(submit) == [("39347111111".to_owned(), "hi 7".to_owned())]
                }),
            )],
        ),
        (
            "smstogroups",
            &[
                (
                    "recipient",
                    r#"["my friends", "others"]"#,
                    Changes::To(|submit| {
                        let to = ["group my friends", "group others"];
                        contents(submit).iter().map(|(to, _)| to).eq(to)
                    }),
                ),
                (
                    "recipientsGroupdIds",
                    r#"["G1"]"#,
                    Changes::To(|submit| contents(submit)[0].0 == "group G1"),
                ),
            ],
        ),
    ];
    for (name, own) in recipients {
        let parameters = own.iter().chain(PARAMETERS);
        let names: Vec<&str> = parameters.clone().map(|(name, ..)| *name).collect();
        assert_eq!(call(name).fields(), names);
        let before = send(&order(name, serde_json::json!({})), |submit| shown(submit));
        for (parameter, value, changes) in parameters {
            let value: Value = serde_json::from_str(value).unwrap();
            let mut changed = serde_json::json!({*parameter: value});
            if *parameter == "recipientsGroupdIds" {
                changed["recipient"] = Value::Null;
            }
            send(&order(name, changed), |submit| match changes {
                Changes::To(is_so) => {
                    assert!(is_so(submit), "{name} {parameter}");
                    let is_same = shown(submit) == before;
                    assert_eq!(is_same, *parameter == "scheduled_delivery_timezone", "{parameter}");
                }
                Changes::Nothing => {
                    let value = value.as_str().map_or(value.to_string(), ToOwned::to_owned);
                    assert_eq!(submit.note(parameter), Some(text(&value)), "{parameter}");
                    let but_notes = Submit { notes: Rows::EMPTY, ..*submit };
                    assert_eq!(shown(&but_notes), before, "{parameter}");
                }
            });
        }
        for (parameter, value) in [
            ("returnCredits", false),
            ("returnRemaining", false),
            ("allowInvalidRecipients", false),
        ] {
            let captured = order(name, serde_json::json!({parameter: value, "unknown": {}}));
            assert_eq!(send(&captured, |submit| shown(submit)), before);
        }
    }
}

#[test]
fn invalid_recipients_are_read_where_they_are_allowed() {
    let two = [("+393471234567", "393471234567"), ("347x", "347x")];
    for (name, recipients) in [
        ("sms", serde_json::json!({"recipient": two.map(|(to, _)| to)})),
        (
            "paramsms",
            serde_json::json!({
                "recipients": two.map(|(to, _)| serde_json::json!({"recipient": to, "a": "b"}))
            }),
        ),
    ] {
        let mut captured = order(name, recipients);
        let refused = captured.with(|request| call(name).parse_request(request).is_err());
        assert!(refused, "{name}");
        let mut body: Value = serde_json::from_slice(&captured.body).unwrap();
        body["allowInvalidRecipients"] = true.into();
        captured.body = body.to_string().into();
        send(&captured, |submit| {
            assert!(submit.skip_invalid);
            assert!(contents(submit).iter().map(|(to, _)| to.as_str()).eq(two.map(|(_, to)| to)));
            let op = Op::Send(*submit);
            comes_back(name, op, &shown_order(&op), shown_order);
        });
    }
}

/// A number is the same with and without what stands for dialling abroad, and is then written with its
/// `+`; what is no MSISDN stays as it is.
#[test]
fn numbers_are_read_without_their_plus() {
    for (number, expected) in [
        ("+393471234567", "393471234567"),
        ("00393471234567", "393471234567"),
        ("393471234567", "393471234567"),
        ("+1204", "+1204"),
        ("00347x", "00347x"),
    ] {
        let lists = [serde_json::json!([number, "1"]), serde_json::json!(format!("{number}, 1"))];
        for list in lists {
            let wishes = serde_json::json!({"recipient": list, "allowInvalidRecipients": true});
            let order = order("sms", wishes);
            send(&order, |submit| {
                let Messages::Same { to, .. } = submit.messages else { panic!() };
                assert!(to.numbers.iter().eq([expected, "1"].map(Text::plain)), "{:?}", to.numbers);
                comes_back_as_it_is("sms", Op::Send(*submit));
            });
        }
        let report =
            format!("status=DLVRD&recipient={}&order_id=OR@JN", number.replace('+', "%2B"));
        let captured = get(&format!("/cb?{report}"));
        captured.with(|request| {
            let Ok(Op::Report(report)) = API.report.unwrap().parse_request(request) else {
                panic!()
            };
            assert!(report.recipient.is_some_and(|recipient| recipient == *expected));
            comes_back_as_it_is("dlr", Op::Report(report));
        });
    }
}

#[test]
fn times_are_read_in_every_form() {
    let read = |time: &str, zone: Option<&str>| {
        let changes = serde_json::json!({
            "scheduled_delivery_time": time, "scheduled_delivery_timezone": zone
        });
        send(&order("sms", changes), |submit| submit.schedule.unwrap().to_string())
    };
    for (time, expected) in [
        ("231217", "2017-12-23 00:00:00"),
        ("20171223", "2017-12-23 00:00:00"),
        ("2312171010", "2017-12-23 10:10:00"),
        ("20171223101010", "2017-12-23 10:10:10"),
        ("2017-12-23 10:10", "2017-12-23 10:10:00"),
        ("2017-12-23 10:10.0", "2017-12-23 10:10:00"),
        ("2017-12-23T10:10:10", "2017-12-23 10:10:10"),
        ("2017-12-23T10:10:10.123456", "2017-12-23 10:10:10"),
        ("2017-12-23T10:10:10Z", "2017-12-23 10:10:10 UTC"),
        ("2017-12-23T10:10:10.1+01:00", "2017-12-23 10:10:10 +01:00"),
        ("Dec 23, 2017 10:10:10 AM", "2017-12-23 10:10:10"),
        ("Dec 3, 2017, 1:10:10\u{202F}PM", "2017-12-03 13:10:10"),
    ] {
        assert_eq!(read(time, None), expected);
    }
    assert_eq!(read("20171223101010", Some("Europe/Rome")), "2017-12-23 10:10:10 Europe/Rome");
    assert_eq!(read("20171223101010", Some("UTC")), "2017-12-23 10:10:10 UTC");
    assert_eq!(read("2017-12-23T10:10:10+01:00", Some("Asia/Tokyo")), "2017-12-23 10:10:10 +01:00");
}

/// Every parameter of the calls without a body, and what it changes.
#[test]
fn every_parameter_of_a_query_has_an_effect() {
    let from = account(at(2024, 1, 1, 0, 0, 0));
    let to = account(at(2024, 2, 1, 0, 0, 0));
    let rome = |when| match when {
        When::Civil { at, .. } => When::Civil { at, zone: Zone::Named(text("Europe/Rome")) },
        unix => unix,
    };
    let page = Page { number: 1, size: 10 };
    let sent = HistoryQuery { recipient: None, from, to: None, page };
    let between =
        |from, to, page| InboxQuery::Between { recipient: None, from, to, kind: None, page };
    let number = Some(text("00393471234567"));
    let id = text("A");
    let query = ReportsQuery { id, recipient: None, columns: List::EMPTY };
    let credits = |money, aliases| Op::Credits(CreditsQuery { money, aliases });
    let start = "from=20240101000000";
    let end = "to=20240201000000";
    let cases = [
        ("state", "sms/A".into(), &["order_id"][..], Op::Reports(query)),
        ("status", "status".into(), &[], credits(false, false)),
        ("status", "status?getMoney=true".into(), &["getMoney"], credits(true, false)),
        ("status", "status?typeAliases=true".into(), &["typeAliases"], credits(false, true)),
        ("smshistory", format!("smshistory?{start}"), &["from"], Op::History(sent)),
        (
            "smshistory",
            format!("smshistory?{start}&{end}&timezone=Europe/Rome"),
            &["to", "timezone"],
            Op::History(HistoryQuery { from: rome(from), to: Some(rome(to)), ..sent }),
        ),
        (
            "smshistory",
            format!("smshistory?{start}&pageNumber=2&pageSize=3"),
            &["pageNumber", "pageSize"],
            Op::History(HistoryQuery { page: Page { number: 2, size: 3 }, ..sent }),
        ),
        (
            "rcptHistory",
            format!("rcptHistory?{start}&recipient=%2B393471234567"),
            &["recipient", "from"],
            Op::History(HistoryQuery { recipient: Some(text("393471234567")), ..sent }),
        ),
        (
            "rcptHistory",
            format!(
                "rcptHistory?{start}&{end}&timezone=UTC&pageNumber=2&pageSize=3&recipient=393471234567"
            ),
            &["to", "timezone", "pageNumber", "pageSize"],
            Op::History(HistoryQuery {
                recipient: Some(text("393471234567")),
                from: When::utc(at(2024, 1, 1, 0, 0, 0)),
                to: Some(When::utc(at(2024, 2, 1, 0, 0, 0))),
                page: Page { number: 2, size: 3 },
            }),
        ),
        (
            "newsrsmsmessage",
            "newsrsmsmessage".into(),
            &[],
            Op::Inbox(InboxQuery::New { recipient: None, limit: 100 }),
        ),
        (
            "newsrsmsmessage",
            "newsrsmsmessage/00393471234567?limit=7".into(),
            &["id_sim", "limit"],
            Op::Inbox(InboxQuery::New { recipient: number, limit: 7 }),
        ),
        (
            "srsmshistory",
            format!("srsmshistory?{start}&{end}&timezone=Europe/Rome&pageNumber=2&pageSize=3"),
            &["from", "to", "timezone", "pageNumber", "pageSize"],
            Op::Inbox(between(rome(from), Some(rome(to)), Page { number: 2, size: 3 })),
        ),
        (
            "srsmshistory",
            format!("srsmshistory/00393471234567?{start}"),
            &["id_sim"],
            Op::Inbox(InboxQuery::Between { recipient: number, from, to: None, kind: None, page }),
        ),
        (
            "srsmshistory",
            "srsmshistory/00393471234567/7?limit=8".into(),
            &["id_message", "limit"],
            Op::Inbox(InboxQuery::After { id: 7, recipient: number, limit: 8 }),
        ),
        (
            "mosmshistory",
            format!("mosmshistory?{start}&{end}&timezone=Europe/Rome&pageNumber=2&pageSize=3"),
            &["from", "to", "timezone", "pageNumber", "pageSize"],
            Op::Inbox(between(rome(from), Some(rome(to)), Page { number: 2, size: 3 })),
        ),
        (
            "mosmshistory",
            format!("mosmshistory?{start}&type=STOP"),
            &["type"],
            Op::Inbox(InboxQuery::Between {
                recipient: None,
                from,
                to: None,
                kind: Some(text("STOP")),
                page,
            }),
        ),
    ];
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, path, parameters, op) in &cases {
        let captured = get(path);
        assert_eq!(endpoint(&captured).name(), *name);
        let read = captured.with(|request| shown(&endpoint(&captured).parse_request(request)));
        assert_eq!(read, shown(&Ok::<_, Error>(op)), "{path}");
        seen.entry(name).or_default().extend(*parameters);
    }
    for name in API.calls.iter().map(|call| call.name()) {
        let listed: BTreeSet<&str> = call(name).fields().iter().copied().collect();
        match name {
            "sms" | "paramsms" | "smstogroups" | "delete" => {}
            _ => assert_eq!(listed, seen.remove(name).unwrap_or_default(), "{name}"),
        }
    }
    let delete = |path: &str| {
        let captured = Captured::new(Method::Delete, &format!("{BASE}{path}"), SESSION, "");
        captured.with(|request| shown(&endpoint(&captured).parse_request(request)))
    };
    let cancel = |id| shown(&Ok::<_, Error>(Op::Cancel(Cancel { id })));
    assert_eq!(delete("sms/A"), cancel(Some(id)));
    assert_eq!(delete("sms/bulk"), cancel(None));
}

/// The request that our client makes.
fn asked(name: &str, asked: &Asked<'_>, how: &How) -> Result<Captured, Error> {
    let mut buffer = [0; 16_384];
    let emitted = call(name).emit_request(asked, how, &mut buffer)?;
    Ok(Captured::of_emitted(&emitted, "/cb"))
}

const PASSWORD: Credentials<'static> =
    Credentials::Password { user: text("u@é"), password: Secret(text("p:w d+%")) };

/// Credentials that the call can carry.
fn credentials(name: &str) -> Vec<Option<Credentials<'static>>> {
    let (user, token) = (text("USERKEY123"), Secret(text("ACCESSTOKEN789")));
    let token = Credentials::AccessToken { user, token };
    match name {
        "login" | "token" => vec![Some(PASSWORD)],
        "dlr" => vec![None],
        _ => vec![Some(SESSION_OF), Some(token)],
    }
}

/// What one end asks the other reads as `expected`, by each method, carrier and credentials of the
/// call; and what is read is asked in the same octets.
fn comes_back(name: &str, op: Op<'_>, expected: &str, of: impl Fn(&Op<'_>) -> String) {
    let endpoint = call(name);
    for credentials in credentials(name) {
        for method in endpoint.methods() {
            for carrier in endpoint.carriers() {
                let how = How { method: Some(*method), carrier: Some(*carrier), charset: None };
                let captured = asked(name, &Asked { credentials, op }, &how).unwrap();
                if name != "dlr" {
                    let served = septet::answer::served(&[&API], *method, &captured.path);
                    let septet::answer::Served::Call(_, served) = served else { panic!("{name}") };
                    assert_eq!(served.name(), name);
                }
                captured.with(|request| {
                    assert_eq!(endpoint.credentials(request), Ok(credentials));
                    let read = endpoint.parse_request(request).unwrap();
                    assert_eq!(of(&read), expected, "{name}");
                    let again = asked(name, &Asked { credentials, op: read }, &how).unwrap();
                    assert_eq!(shown(&again), shown(&captured), "{name}");
                });
            }
        }
    }
}

fn comes_back_as_it_is(name: &str, op: Op<'_>) {
    comes_back(name, op, &shown(&op), |op| shown(op));
}

/// An order without its recipients, with what goes to whom beside it.
fn shown_order(op: &Op<'_>) -> String {
    let Op::Send(submit) = op else { panic!("{op:?}") };
    format!("{:?} {:?}", contents(submit), options(submit))
}

/// The schemes by which a password is sent.
#[test]
fn a_login_is_asked_in_both_ways() {
    for (name, login) in [("login", Login::Session), ("token", Login::Token)] {
        comes_back_as_it_is(name, Op::Login(login));
        let query = Scheme::Fields { user: "username", password: "password" };
        assert_eq!(call(name).schemes(), [Scheme::Basic, query]);
        let path = format!("{BASE}{name}?username=u%40%C3%A9&password=p%3Aw+d%2B%25");
        let captured = Captured::new(Method::Get, &path, &[], "");
        captured.with(|request| {
            assert_eq!(call(name).credentials(request), Ok(Some(PASSWORD)));
        });
    }
    comes_back_as_it_is("checksession", Op::CheckSession);
}

#[test]
fn our_client_writes_the_headers_and_the_body_of_the_documentation() {
    let to = [text("393471234567")];
    let to = Recipients::numbers(List::Slice(&to));
    let messages = Messages::Same { to, body: Payload::Text(text("Hello world!")) };
    let op = Op::Send(Submit { kind: Some(text("GP")), ..Submit::new(messages) });
    let own = Asked { credentials: Some(SESSION_OF), op };
    let captured = asked("sms", &own, &How::default()).unwrap();
    let headers = [
        ("user_key", "USERKEY123"),
        ("Session_key", "SESSIONKEY456"),
        ("Content-Type", "application/json"),
    ];
    let body = r#"{"recipient":["+393471234567"],"message_type":"GP","message":"Hello world!"}"#;
    let expected = Captured::new(Method::Post, "/API/v1.0/REST/sms", &headers, body);
    assert_eq!(shown(&captured), shown(&expected));
    let (user, token) = (text("U"), Secret(text("T")));
    let own = Asked { credentials: Some(Credentials::AccessToken { user, token }), op };
    let captured = asked("sms", &own, &How::default()).unwrap();
    assert_eq!(captured.headers[1], ("Access_token".to_owned(), "T".to_owned()));
}

/// What this vendor cannot carry, and the field that says so.
#[test]
fn what_cannot_be_carried_is_an_error() {
    let to = [text("393471234567")];
    let same = |to| Messages::Same { to, body: Payload::Text(text("hi")) };
    let messages = same(Recipients::numbers(List::Slice(&to)));
    let groups = same(Recipients { groups: List::Slice(&to), ..Recipients::numbers(List::EMPTY) });
    let octets = Payload::Octets { segments: Rows::EMPTY, has_header: false };
    let octets = Messages::Same { to: Recipients::numbers(List::Slice(&to)), body: octets };
    let submit = Submit::new(messages);
    let offset = |minutes| When::Civil { at: at(2020, 1, 1, 0, 0, 0), zone: Zone::Offset(minutes) };
    let from = account(at(2020, 1, 1, 0, 0, 0));
    let page = Page { number: 1, size: 1 };
    let history = HistoryQuery { recipient: None, from, to: None, page };
    let numbered = HistoryQuery { recipient: Some(to[0]), ..history };
    let after = |recipient| Op::Inbox(InboxQuery::After { id: 1, recipient, limit: 1 });
    let between =
        |recipient, kind| Op::Inbox(InboxQuery::Between { recipient, from, to: None, kind, page });
    let query = ReportsQuery { id: text("A"), recipient: None, columns: List::EMPTY };
    let (value, missing) = (ErrorKind::Value, ErrorKind::Missing);
    for (name, op, kind, field) in [
        ("sms", Op::CheckSession, value, "sms"),
        ("paramsms", Op::CheckSession, value, "paramsms"),
        ("smstogroups", Op::CheckSession, value, "smstogroups"),
        ("login", Op::CheckSession, value, "login"),
        ("login", Op::Login(Login::Token), value, "login"),
        ("checksession", Op::Login(Login::Token), value, "checksession"),
        ("sms", Op::Send(Submit::new(octets)), value, "message"),
        ("sms", Op::Send(Submit::new(groups)), value, "recipientsGroupdIds"),
        ("smstogroups", Op::Send(submit), value, "recipient"),
        ("smstogroups", Op::Send(Submit::new(octets)), value, "message"),
        ("paramsms", Op::Send(submit), value, "recipients"),
        ("sms", Op::Send(Submit { class: Some(0), ..submit }), value, "class"),
        ("sms", Op::Send(Submit { protocol: Some(0x41), ..submit }), value, "protocol"),
        ("sms", Op::Send(Submit { test: Some(Test::Succeed), ..submit }), value, "test"),
        ("sms", Op::Send(Submit { validity: Some(61), ..submit }), value, "validity_period"),
        ("sms", Op::Send(Submit { validity: Some(0), ..submit }), value, "validity_period"),
        ("sms", Op::Send(Submit { client_id: Some(text("a b")), ..submit }), value, "order_id"),
        (
            "sms",
            Op::Send(Submit { schedule: Some(When::Unix(0)), ..submit }),
            value,
            "scheduled_delivery_time",
        ),
        (
            "sms",
            Op::Send(Submit { schedule: Some(offset(60)), ..submit }),
            value,
            "scheduled_delivery_time",
        ),
        ("state", Op::Reports(ReportsQuery { id: text("a/b"), ..query }), value, "order_id"),
        (
            "state",
            Op::Reports(ReportsQuery { recipient: Some(to[0]), ..query }),
            value,
            "recipient",
        ),
        ("state", Op::Reports(ReportsQuery { columns: List::Slice(&to), ..query }), value, "state"),
        ("delete", Op::Cancel(Cancel { id: Some(text("bulk")) }), value, "order_id"),
        ("delete", Op::CheckSession, value, "delete"),
        ("smshistory", Op::History(numbered), value, "recipient"),
        ("smshistory", Op::CheckSession, value, "smshistory"),
        ("smshistory", Op::History(HistoryQuery { from: offset(60), ..history }), value, "from"),
        ("smshistory", Op::History(HistoryQuery { to: Some(offset(0)), ..history }), value, "to"),
        ("rcptHistory", Op::History(history), missing, "recipient"),
        ("rcptHistory", Op::CheckSession, value, "rcptHistory"),
        ("status", Op::CheckSession, value, "status"),
        ("newsrsmsmessage", after(None), value, "newsrsmsmessage"),
        (
            "newsrsmsmessage",
            Op::Inbox(InboxQuery::New { recipient: None, limit: 101 }),
            value,
            "limit",
        ),
        ("srsmshistory", after(None), missing, "id_sim"),
        ("srsmshistory", after(Some(text("x"))), value, "id_sim"),
        ("srsmshistory", between(None, Some(text("STOP"))), value, "type"),
        ("srsmshistory", Op::CheckSession, value, "srsmshistory"),
        ("mosmshistory", between(None, Some(text("x"))), value, "type"),
        ("mosmshistory", between(Some(to[0]), None), value, "id_sim"),
        ("mosmshistory", Op::CheckSession, value, "mosmshistory"),
        ("dlr", Op::CheckSession, value, "status"),
        ("dlr", Op::Report(Report::new(State::Delivered)), missing, "order_id"),
    ] {
        let asked = asked(name, &Asked { credentials: None, op }, &How::default());
        assert_eq!(asked.unwrap_err(), kind.at(field, 0), "{name} {op:?}");
    }
    // A place's name that has no room.
    let long = format!("{{\"{}\": 1}}", "a".repeat(129));
    let values = Values(json::Value::read(long.as_bytes()).unwrap());
    let rows = [Merged { recipient: to[0], values }];
    let messages = Messages::Merged { template: text("hi"), rows: Rows::slice(&rows) };
    let op = Op::Send(Submit::new(messages));
    let error = asked("paramsms", &Asked { credentials: None, op }, &How::default()).unwrap_err();
    assert_eq!((error.kind, error.field), (ErrorKind::TooLong, "recipients"));
}

/// Cut anywhere, no body is read as another one, and no request makes the reader panic.
#[test]
fn requests_that_are_cut_short_are_refused() {
    let options = serde_json::json!({
        "sender": "me", "scheduled_delivery_time": "20171223101010", "order_id": "A",
        "returnCredits": true, "encoding": "ucs2", "max_fragments": 3, "validity_period": 5
    });
    for name in ["sms", "paramsms", "smstogroups"] {
        let whole = order(name, options.clone());
        for cut in 0..whole.body.len() {
            let cut = Captured { body: whole.body[..cut].to_vec(), ..whole.clone() };
            let (head, _, is_performed) = answered(&cut, None);
            assert_eq!((head.status, is_performed), (Status::BAD_REQUEST, false));
        }
        assert!(answered(&whole, None).2);
    }
    for whole in [
        get("smshistory?from=20240101000000&to=20240201000000&timezone=Europe%2FRome&pageSize=9"),
        get("rcptHistory?recipient=%2B393471234567&from=20240101000000"),
        get("newsrsmsmessage/%2B393471234567?limit=10"),
        get("srsmshistory/00393471234567/17?limit=10"),
        get("mosmshistory?from=20240101000000&type=STOP"),
        get("status?getMoney=true&typeAliases=true"),
        Captured::new(
            Method::Get,
            "/cb?delivery_date=20240307175609&recipient=%2B393471234567&order_id=A&status=DLVRD",
            &[],
            "",
        ),
    ] {
        for cut in 0..whole.query.len() {
            let cut = Captured { query: whole.query[..cut].to_owned(), ..whole.clone() };
            let read = cut.with(|request| endpoint(&cut).parse_request(request).is_ok());
            // The state stands last, so that less of it is none.
            assert!(!read || whole.path != "/cb", "{}", cut.query);
        }
        for cut in BASE.len()..whole.path.len() {
            let cut = Captured { path: whole.path[..cut].to_owned(), ..whole.clone() };
            if septet::answer::body_max(&[&API], cut.method, &cut.path) > 0 {
                answered(&cut, None);
            }
        }
    }
}

fn any_time() -> impl Strategy<Value = DateTime> {
    (2000..=2099_u16, 1..=12_u8, 1..=28_u8, 0..24_u8, 0..60_u8, 0..60_u8).prop_map(
        |(year, month, day, hour, minute, second)| at(year, month, day, hour, minute, second),
    )
}

/// A time in a zone that has a name, or the offset 0.
fn any_when() -> impl Strategy<Value = When<'static>> {
    let zones = [Zone::Account, Zone::Offset(0), Zone::Named(text("Europe/Rome"))];
    (any_time(), proptest::sample::select(zones.to_vec()))
        .prop_map(|(at, zone)| When::Civil { at, zone })
}

/// A number, in one of the forms that stand for it.
fn any_number() -> impl Strategy<Value = String> {
    "(\\+|00)?[1-9][0-9]{4,14}"
}

fn any_text() -> impl Strategy<Value = String> {
    "[ -#%-~\\n€ñ]{1,40}|[^$]{1,40}"
}

#[derive(Clone, Debug)]
struct Wishes {
    sender: Option<String>,
    id: Option<String>,
    schedule: Option<When<'static>>,
    minutes: Option<u32>,
    parts: Option<(u8, bool)>,
    flags: (bool, bool, bool, bool),
    alphabet: Alphabet,
    url: bool,
    notes: [Option<String>; 5],
}

fn any_wishes() -> impl Strategy<Value = Wishes> {
    let sender = proptest::option::of("[A-Za-z0-9é .]{1,11}|\\+?[0-9]{1,15}");
    let id = proptest::option::of("[A-Za-z0-9._-]{1,32}");
    let schedule = proptest::option::of(any_when());
    let minutes = proptest::option::of(1..=u32::MAX / 60);
    let parts = proptest::option::of((1..=255_u8, any::<bool>()));
    let alphabet = [Alphabet::Any, Alphabet::Gsm7, Alphabet::Ucs2];
    let notes = proptest::array::uniform5(proptest::option::of(".{1,9}"));
    let rest = (proptest::sample::select(alphabet.to_vec()), any::<bool>(), notes);
    (sender, id, schedule, minutes, parts, any::<(bool, bool, bool, bool)>(), rest).prop_map(
        |(sender, id, schedule, minutes, parts, flags, (alphabet, url, notes))| Wishes {
            sender,
            id,
            schedule,
            minutes,
            parts,
            flags,
            alphabet,
            url,
            notes,
        },
    )
}

const NOTED: [&str; 5] =
    ["campaign_name", "id_landing", "short_link_url", "richsms_url", "richsms_mode"];

impl Wishes {
    fn notes(&self) -> Vec<Note<'_>> {
        let mut notes = vec![note("message_type", "PRM")];
        if self.flags.3 {
            notes.push(note("allow_duplicate", "true"));
        }
        let named = NOTED.iter().zip(&self.notes);
        notes.extend(
            named.filter_map(|(name, value)| Some(Note { name, value: text(value.as_deref()?) })),
        );
        notes
    }

    fn order<'a>(&'a self, messages: Messages<'a>, notes: &'a [Note<'a>]) -> Submit<'a> {
        let (used, left, skip_invalid, _) = self.flags;
        Submit {
            sender: self.sender.as_deref().map(text),
            client_id: self.id.as_deref().map(text),
            dedupe: self.id.as_deref().map(|id| dedupe(text(id))),
            callback: self.url.then_some(Callback { url: text("https://x/?a=b"), carrier: None }),
            schedule: self.schedule,
            validity: self.minutes.map(|minutes| minutes * 60),
            parts_max: self.parts.map(|(parts, _)| parts),
            cut: self.parts.is_some_and(|(_, cut)| cut),
            duplicates: Duplicates::Strip,
            skip_invalid,
            wants_used: used,
            wants_left: used || left,
            alphabet: self.alphabet,
            kind: notes.first().map(|kind| kind.value),
            notes: Rows::slice(notes.get(1..).unwrap_or_default()),
            ..Submit::new(messages)
        }
    }
}

/// The order as the other end reads it: its alphabet is one of two.
fn expected<'a>(submit: &Submit<'a>, texts: &[&str]) -> Op<'a> {
    let is_gsm = |c| septet::gsm7::Tables::DEFAULT.code(c).is_some();
    let alphabet = match submit.alphabet {
        Alphabet::Any if texts.iter().all(|text| text.chars().all(is_gsm)) => Alphabet::Gsm7,
        Alphabet::Any => Alphabet::Ucs2,
        known => known,
    };
    Op::Send(Submit { alphabet, ..*submit })
}

proptest! {
    #[test]
    fn orders_to_numbers_come_back(wishes in any_wishes(), what in any_text(), to in proptest::collection::vec(any_number(), 1..5)) {
        let numbers: Vec<Text> = to.iter().map(|to| text(to)).collect();
        let to = Recipients::numbers(List::Slice(&numbers));
        let notes = wishes.notes();
        let submit = wishes.order(Messages::Same { to, body: Payload::Text(text(&what)) }, &notes);
        comes_back("sms", Op::Send(submit), &shown_order(&expected(&submit, &[&what])), shown_order);
    }

    #[test]
    fn orders_to_numbers_without_their_country_come_back(what in any_text(), number in "[1-9][0-9]{3,11}") {
        let (country, numbers) = (text("39"), [text(&number)]);
        let to = Recipients { country, ..Recipients::numbers(List::Slice(&numbers)) };
        let messages = Messages::Same { to, body: Payload::Text(text(&what)) };
        let submit = Submit { kind: Some(text("N")), duplicates: Duplicates::Strip, ..Submit::new(messages) };
        comes_back("sms", Op::Send(submit), &shown_order(&expected(&submit, &[&what])), shown_order);
    }

    #[test]
    fn orders_to_groups_come_back(wishes in any_wishes(), what in any_text(), to in proptest::collection::vec(".{1,9}", 1..5)) {
        let groups: Vec<Text> = to.iter().map(|to| text(to)).collect();
        let to = Recipients { groups: List::Slice(&groups), ..Recipients::numbers(List::EMPTY) };
        let notes = wishes.notes();
        let submit = wishes.order(Messages::Same { to, body: Payload::Text(text(&what)) }, &notes);
        comes_back("smstogroups", Op::Send(submit), &shown_order(&expected(&submit, &[&what])), shown_order);
    }

    #[test]
    fn orders_with_places_come_back(
        wishes in any_wishes(),
        what in any_text(),
        rows in proptest::collection::vec((any_number(), any_text(), any::<u32>()), 1..5),
        names_the_number: bool,
    ) {
        let rows: Vec<String> = rows
            .iter()
            .map(|(to, a, b2)| if names_the_number {
                serde_json::json!({"a": a, "recipient": to, "b2": b2}).to_string()
            } else {
                serde_json::json!({"a": a, "b2": b2, "to": to}).to_string()
            })
            .collect();
        let values: Vec<Values> =
            rows.iter().map(|row| Values(json::Value::read(row.as_bytes()).unwrap())).collect();
        let name = text(if names_the_number { "recipient" } else { "to" });
        let rows: Vec<Merged> = values
            .iter()
            .map(|values| Merged { recipient: values.get(name).unwrap(), values: *values })
            .collect();
        let template = format!("${{a}}{what}${{b2}}$");
        let messages = Messages::Merged { template: text(&template), rows: Rows::slice(&rows) };
        let notes = wishes.notes();
        let submit = wishes.order(messages, &notes);
        let texts: Vec<String> = contents(&submit).into_iter().map(|(_, text)| text).collect();
        // The template itself is looked at, too.
        let texts: Vec<&str> = texts.iter().map(String::as_str).chain([&*what]).collect();
        comes_back("paramsms", Op::Send(submit), &shown_order(&expected(&submit, &texts)), shown_order);
    }

    #[test]
    fn questions_come_back(
        id in "[A-Za-z0-9._-]{1,32}",
        from in any_when(),
        until in proptest::option::of(any_time()),
        number in any_number(),
        sim in proptest::option::of("(\\+|00)?[0-9]{1,15}"),
        kind in proptest::option::of(proptest::sample::select(&["STOP", "CONTACT", "OTHER"][..])),
        page in (1..=u32::MAX, 1..=u32::MAX),
        message: u64,
        limit in 1..=100_u32,
        flags: (bool, bool),
    ) {
        let id = text(&id);
        let query = ReportsQuery { id, recipient: None, columns: List::EMPTY };
        comes_back_as_it_is("state", Op::Reports(query));
        let id = (id != *"bulk").then_some(id);
        comes_back_as_it_is("delete", Op::Cancel(Cancel { id }));
        comes_back_as_it_is("delete", Op::Cancel(Cancel { id: None }));
        comes_back_as_it_is("status", Op::Credits(CreditsQuery { money: flags.0, aliases: flags.1 }));
        let When::Civil { zone, .. } = from else { panic!() };
        let to = until.map(|at| When::Civil { at, zone });
        let page = Page { number: page.0, size: page.1 };
        let query = HistoryQuery { recipient: None, from, to, page };
        comes_back_as_it_is("smshistory", Op::History(query));
        let digits = number.trim_start_matches('+');
        let digits = digits.strip_prefix("00").unwrap_or(digits);
        let expected = Op::History(HistoryQuery { recipient: Some(text(digits)), ..query });
        let query = HistoryQuery { recipient: Some(text(&number)), ..query };
        comes_back("rcptHistory", Op::History(query), &shown(&expected), |op| shown(op));
        let recipient = sim.as_deref().map(text);
        comes_back_as_it_is("newsrsmsmessage", Op::Inbox(InboxQuery::New { recipient, limit }));
        let query = InboxQuery::Between { recipient, from, to, kind: None, page };
        comes_back_as_it_is("srsmshistory", Op::Inbox(query));
        let recipient = recipient.or(Some(text("1204")));
        let query = InboxQuery::After { id: message, recipient, limit };
        comes_back_as_it_is("srsmshistory", Op::Inbox(query));
        let kind = kind.map(text);
        let query = InboxQuery::Between { recipient: None, from, to, kind, page };
        comes_back_as_it_is("mosmshistory", Op::Inbox(query));
    }

    #[test]
    fn reports_come_back(id in ".{1,40}", number in "[1-9][0-9]{4,14}", at in any_time()) {
        for state in [
            State::Delivered, State::Waiting, State::Scheduled, State::EnRoute, State::Unknown,
            State::Blacklisted, State::UnknownRecipient, State::GaveUp, State::Undeliverable,
        ] {
            let report = Report {
                id: Some(text(&id)),
                recipient: Some(text(&number)),
                done: Some(account(at)),
                ..Report::new(state)
            };
            comes_back_as_it_is("dlr", Op::Report(report));
        }
    }

    /// What is answered is heard as the same, where the reply can say it.
    #[test]
    fn answers_come_back(
        id in ".{1,40}",
        words in ".{1,40}",
        number in "[1-9][0-9]{4,14}",
        sender in ".{1,11}",
        inbound: u64,
        time in any_time(),
        left: Option<u64>,
        credits in 0..u64::MAX / 100,
        flag: bool,
        messages: u32,
        rows in 0..4_usize,
    ) {
        let same = |name: &str, status: u16, answer: Answer<'_>| {
            let (head, body) = told(name, &answer);
            assert_eq!(head.status, Status(status));
            assert_eq!(heard(name, status, &body), shown_answer(&answer), "{name} {body}");
        };
        let (id, number, at) = (text(&id), text(&number), account(time));
        for name in ["sms", "paramsms", "smstogroups"] {
            same(name, 201, Answer::Sent(Sent { id: Some(id), messages, left, ..Sent::new() }));
        }
        let states = [State::Delivered, State::EnRoute, State::Unknown, State::GaveUp];
        let deliveries: Vec<Delivery> = (0..rows)
            .map(|row| Delivery { done: flag.then_some(at), ..Delivery::new(number, states[row]) })
            .collect();
        let reports = Reports { columns: List::EMPTY, rows: Rows::slice(&deliveries) };
        same("state", 200, Answer::Reports(reports));
        let orders = vec![
            Order {
                id,
                created: at,
                scheduled: flag.then_some(at),
                kind: flag.then_some(text("GP")),
                sender: flag.then_some(text(&sender)),
                recipients: messages,
            };
            rows
        ];
        let page = Page { number: messages, size: messages };
        for name in ["smshistory", "rcptHistory"] {
            let history = History { rows: Rows::slice(&orders), page, total: credits };
            same(name, 200, Answer::History(history));
        }
        same("status", 200, Answer::Credits(Credits { hundredths: credits * 100, aliases: flag }));
        let inbound = inbound.to_string();
        let received = vec![
            Inbound {
                body: Some(Payload::Text(text(&words))),
                received: flag.then_some(at),
                ..Inbound::new(text(&inbound), number, number)
            };
            rows
        ];
        for name in ["newsrsmsmessage", "srsmshistory", "mosmshistory"] {
            let total = rows as u64;
            same(name, 200, Answer::Inbox(Inbox { rows: Rows::slice(&received), page: None, total }));
        }
        let words = words.replace(':', ";");
        let refusal = Refusal { reason: Reason::Invalid, subject: text("name"), detail: text(words.trim_start()) };
        same("sms", 400, Answer::Refused(refusal));
    }

    /// No octets make a reader panic.
    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..64), status in 100..600_u16) {
        for call in API.calls.iter().copied().chain(API.report) {
            let reply = Reply { status: Status(status), content_type: "", body: &octets };
            let _ = call.parse_reply(&reply);
            let mut request = Request::new(Method::Post, "/", &octets, &octets);
            let _ = call.parse_request(&request);
            request.method = Method::Get;
            let _ = call.parse_request(&request);
        }
    }
}
