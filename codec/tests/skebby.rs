//! The interface `skebby-rest`: captured requests, every refusal, every reply, and its laws.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
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
use septet::fields::{Carrier, List, Rows};
use septet::text::{Charset, Secret, Text};
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
        notes: Rows::slice(notes),
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
        recipient: Some(text("+393471234567")),
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
    let id = "must be 1 to 32 letters, digits, periods, underscores and hyphens";
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
            rule("validity_period", "must be a number of minutes greater than 0"),
        ),
        (
            sms(one("validity_period", u32::MAX.into())),
            rule("validity_period", "must be a number of minutes greater than 0"),
        ),
        (
            sms(one("validity_period_min", 0.into())),
            rule("validity_period_min", "must be a number of minutes greater than 0"),
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
        (login("", &[("Authorization", "Basic !")]), 401, "Credentials are not provided"),
        (login("", &[]), 401, "Credentials are not provided"),
        (login("?username=u", &[]), 401, "Credentials are not provided"),
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
