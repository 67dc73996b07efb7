//! GatewayAPI's legacy interfaces: captured requests, every answer, and the four corners of every call.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "law/api.rs"]
mod law;

use proptest::prelude::*;
use septet::answer::{Store, answer};
use septet::api::{
    APIS, Advice, Again, Answer, Api, Asked, Callback, Content, Credentials, Dedupe, Endpoint,
    Inbound, Messages, Method, Note, Op, Payload, Reason, Recipient, Recipients, Refusal, Reply,
    Report, Request, Sent, State, Status, Submit, gatewayapi,
};
use septet::fields::{List, Rows};
use septet::text::{Charset, Secret, Text};
use septet::wire::Writer;
use serde_json::Value;

fn request<'a>(method: Method, path: &'a str, query: &'a str, body: &'a str) -> Request<'a> {
    Request::new(method, path, query.as_bytes(), body.as_bytes())
}

fn post(body: &str) -> Request<'_> {
    request(Method::Post, "/sendsms", "", body)
}

/// Each recipient with its text.
fn messages(submit: &Submit<'_>) -> Vec<(String, String)> {
    let text = |content| match content {
        Content::Text(filled) => filled.chars().collect(),
        Content::Octets { .. } => panic!("octets"),
    };
    submit.messages.iter().map(|(to, content)| (to.to_string(), text(content))).collect()
}

/// The captured requests of an interface: id, method, path, query, body, expected fields.
fn captured(api: &str) -> Vec<(String, Method, String, String, String, Value)> {
    let file: Value = serde_json::from_str(include_str!("../vectors/http_requests.json")).unwrap();
    let of_this_api =
        |entry: &&Value| entry["expected"]["api"].as_str().is_some_and(|own| own == api);
    let split = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let path_and_query = text("path_and_query");
        let (path, query) = path_and_query.split_once('?').unwrap_or((&path_and_query, ""));
        let method = if text("method") == "GET" { Method::Get } else { Method::Post };
        let expected = entry["expected"]["fields"].clone();
        (text("id"), method, path.to_owned(), query.to_owned(), text("body"), expected)
    };
    file["requests"].as_array().unwrap().iter().filter(of_this_api).map(split).collect()
}

#[test]
fn captured_requests_are_read() {
    let mut read = 0;
    for api in [&gatewayapi::V1, &gatewayapi::V2] {
        for (id, method, path, query, body, expected) in &captured(api.name) {
            let request = request(*method, path, query, body);
            let endpoint = match api.calls.iter().find(|call| call.captures(path).is_some()) {
                Some(call) => *call,
                None if id.ends_with("dsn") => api.report.unwrap(),
                None => api.inbound.unwrap(),
            };
            assert!(endpoint.methods().contains(method), "{id}");
            let op = endpoint.parse_request(&request).unwrap_or_else(|e| panic!("{id}: {e}"));
            let field = |name: &str| expected[name].as_str().map(Text::plain);
            let text = |name: &str| expected[name].as_str().unwrap_or_default().to_owned();
            read += 1;
            match op {
                Op::Send(submit) => {
                    let (user, sender, message, to) = if api.name == "gatewayapi-v2" {
                        assert_eq!(submit.client_id, field("sessionid"), "{id}");
                        assert_eq!(submit.callback.map(|own| own.url), field("callbackurl"));
                        assert_eq!(submit.charge, field("price"), "{id}");
                        let known = field("smsc").filter(|smsc| *smsc != *"dk.unknown");
                        assert_eq!(submit.network, known, "{id}");
                        ("user", "from", "text", text("to"))
                    } else {
                        assert_eq!((submit.client_id, submit.callback), (None, None));
                        let to = text("countryCode") + &text("number");
                        ("username", "alphatext", "message", to)
                    };
                    let credentials = Credentials::Password {
                        user: field(user).unwrap(),
                        password: Secret(field("password").unwrap()),
                    };
                    assert_eq!(endpoint.credentials(&request), Ok(Some(credentials)), "{id}");
                    assert_eq!(messages(&submit), [(to, text(message))], "{id}");
                    assert_eq!(submit.sender, field(sender), "{id}");
                }
                Op::Report(report) => {
                    assert_eq!(report.client_id, field("sessionid"));
                    assert_eq!(report.state, State::Delivered);
                }
                Op::Inbound(inbound) => {
                    assert_eq!(Some(inbound.id), field("sessionid"));
                    assert_eq!(Some(inbound.sender), field("sender"));
                    assert_eq!(Some(inbound.recipient), field("appnr"));
                    assert_eq!(inbound.keyword, field("keyword"));
                    assert_eq!((inbound.rest, inbound.network), (None, None));
                }
                _ => panic!("{id}: {op}"),
            }
        }
    }
    assert_eq!(read, 9);
}

const GOOD: &str = "user=u&password=p&to=4512345678&sessionid=s&text=t";

/// A store with one account, which notes how often it was asked to do something.
struct OneAccount {
    performed: usize,
}

impl Store for OneAccount {
    type Account = ();

    fn admit<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<(), Refusal<'a>> {
        let Credentials::Password { user, password } = *credentials else { panic!() };
        match (user == *"u", password == Secret(Text::plain("p"))) {
            (true, true) => Ok(()),
            (false, _) => Err(Refusal::new(Reason::UnknownUser, user)),
            (true, false) => Err(Refusal::new(Reason::WrongPassword, Text::EMPTY)),
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
        let Op::Send(submit) = op else { panic!("a callback has no path") };
        reply(&Answer::Sent(Sent { client_id: submit.client_id, ..Sent::new() }))
    }
}

fn answered(request: &Request<'_>) -> (u16, String, usize) {
    let mut buffer = [0; 4096];
    let mut w = Writer::new(&mut buffer);
    let mut store = OneAccount { performed: 0 };
    let head = answer(APIS, &mut store, request, &mut w).unwrap();
    assert!(head.content_type.starts_with("text/"), "{head:?}");
    (head.status.0, String::from_utf8_lossy(w.written()).into_owned(), store.performed)
}

#[test]
fn an_accepted_message_is_answered_in_36_octets() {
    let body = "user=u&password=p&to=4512345678&smsc=dk.tdc&sessionid=4512345678:20100507151010\
                &price=6.00DKK&from=MyCompany&text=MyMessage";
    let (status, body, performed) = answered(&post(body));
    assert_eq!(
        (status, body.as_str(), performed),
        (200, "Processing:4512345678:20100507151010", 1)
    );
    assert_eq!(body.len(), 36);
}

#[test]
fn every_error_is_a_400_with_the_parameters_name_and_nothing_is_done() {
    let long = format!("{GOOD}&from=");
    let errors = [
        ("", "Missing required parameter user"),
        ("user=u", "Missing required parameter password"),
        ("user=u&password=p", "Missing required parameter to"),
        ("user=u&password=p&to=45123456", "Missing required parameter text"),
        ("user=u&password=p&to=45123456&text=t", "Missing required parameter sessionid"),
        ("user=u&password=p&to=,&text=t&sessionid=s", "Unsupported parameter to: is empty"),
        (
            "user=u&password=p&to=+4512345678&text=t&sessionid=1234567890123456789012345678901",
            "Unsupported parameter sessionid: must have at most 30 characters",
        ),
        (
            "user=u&password=p&to=%2B4512345678&text=t&sessionid=s",
            "Unsupported parameter to: must be numbers of 5 to 15 digits, country code first, without + or leading zero",
        ),
        (
            "user=u&password=p&to=4512345678,x&text=t&sessionid=s",
            "Unsupported parameter to: must be numbers of 5 to 15 digits, country code first, without + or leading zero",
        ),
        (
            "user=u&password=p&to=4512345678&text=&sessionid=s",
            "Unsupported parameter text: is empty",
        ),
        (
            "user=u&password=p&to=4512345678&text=t&sessionid=",
            "Unsupported parameter sessionid: is empty",
        ),
        (
            "user=u&password=p&to=4512345678&text=%E6%&sessionid=s",
            "Unsupported parameter text: has a broken escape",
        ),
        (
            "user=u&password=p&to=4512345678&text=%E6&sessionid=s&charset=UTF-8",
            "Unsupported parameter text: has an octet that is not in its charset",
        ),
        (
            "user=u&password=p&to=4512345678&text=%80&sessionid=s",
            "Unsupported parameter text: has an octet that is not in its charset",
        ),
        (
            &format!("{GOOD}&charset=koi8-r"),
            "Unsupported parameter charset: must be utf-8 or iso-8859-1",
        ),
        (&format!("{GOOD}&text=u"), "Unsupported parameter text: is given twice"),
        (
            &format!("{long}TwelveLetter"),
            "Unsupported parameter from: must have at most 11 characters, or 15 digits",
        ),
        (
            &format!("{long}1234567890123456"),
            "Unsupported parameter from: must have at most 11 characters, or 15 digits",
        ),
        (&format!("{GOOD}&price=10.0DKK"), "Unsupported parameter price: must be as 10.00DKK"),
        (
            &format!("{GOOD}&callbackurl=ftp://example.com/"),
            "Unsupported parameter callbackurl: must be a URL of http or https",
        ),
        ("user=x&password=p&to=4512345678&text=t&sessionid=s", "Invalid username: x"),
        ("user=u&password=x&to=4512345678&text=t&sessionid=s", "Invalid password"),
    ];
    for (body, expected) in errors {
        assert_eq!(answered(&post(body)), (400, expected.to_owned(), 0), "{body}");
    }
}

#[test]
fn get_is_served_as_post_is_and_the_body_wins_over_the_query() {
    assert_eq!(answered(&request(Method::Get, "/sendsms", GOOD, "")).1, "Processing:s");
    // A body of a GET is not looked at.
    assert_eq!(answered(&request(Method::Get, "/sendsms", GOOD, "sessionid=b")).1, "Processing:s");
    let both = request(Method::Post, "/legacy/http/v2/sendsms", GOOD, "sessionid=b");
    assert_eq!(answered(&both).1, "Processing:b");
}

#[test]
fn the_sessionid_comes_back_in_the_charset_it_came_in() {
    let mut buffer = [0; 64];
    let mut w = Writer::new(&mut buffer);
    let request = post("user=u&password=p&to=4512345678&text=t&sessionid=%E6");
    answer(APIS, &mut OneAccount { performed: 0 }, &request, &mut w).unwrap();
    assert_eq!(w.written(), b"Processing:\xE6");
}

#[test]
fn an_unknown_path_is_a_404_that_names_the_known_ones() {
    let (status, body, performed) = answered(&request(Method::Post, "/sendsm", "", GOOD));
    assert_eq!((status, performed), (404, 0));
    assert!(body.contains("\n/legacy/http/v2/sendsms\n/sendsms\n"), "{body}");
}

#[test]
fn c1_controls_are_windows_1252_where_the_server_says_so() {
    let windows = Request { latin1: Charset::Windows1252, ..post(GOOD) };
    let body = GOOD.replace("text=t", "text=%80");
    let request = Request { body: body.as_bytes(), ..windows };
    let op = gatewayapi::V2.calls[0].parse_request(&request).unwrap();
    let Op::Send(submit) = op else { panic!() };
    assert_eq!(messages(&submit)[0].1, "€");
}

#[test]
fn callbacks_are_taken_by_the_documented_answer_only() {
    let reply = |status, content_type, body: &'static str| Reply {
        status: Status(status),
        content_type,
        body: body.as_bytes(),
    };
    let taken = |endpoint: &dyn Endpoint, reply| endpoint.parse_reply(&reply) == Answer::Taken;
    let (dsn, mo) = (gatewayapi::V2.report.unwrap(), gatewayapi::V2.inbound.unwrap());
    assert!(taken(dsn, reply(200, "", "anything")));
    for status in [201, 204, 302, 400, 500] {
        assert!(!taken(dsn, reply(status, "", "")), "{status}");
    }
    assert!(taken(mo, reply(200, "text/plain", "cmd=asynch-no-trace")));
    assert!(taken(mo, reply(200, "Text/Plain; charset=utf-8", "cmd=asynch-no-trace")));
    assert!(!taken(mo, reply(200, "text/html", "cmd=asynch-no-trace")));
    assert!(!taken(mo, reply(200, "text/plain", "cmd=asynch-no-trace\n")));
    assert!(!taken(mo, reply(202, "text/plain", "cmd=asynch-no-trace")));
}

/// What a parameter changes in what is asked, or that it is noted and changes nothing.
enum Changes {
    To(fn(&Submit<'_>) -> bool),
    Nothing,
    /// Who asks.
    Credentials,
}

#[test]
fn every_parameter_has_an_effect_or_is_a_note() {
    use Changes::{Credentials, Nothing, To};
    let v2: &[(&str, &str, Changes)] = &[
        ("user", "u", Credentials),
        ("password", "p", Credentials),
        ("to", "4587654321,4587654322", To(|own| own.messages.iter().count() == 2)),
        // A modem has one network: it is kept, and changes nothing.
        ("smsc", "dk.tdc", To(|own| own.network == Some(Text::plain("dk.tdc")))),
        // Nobody can be charged: the gateway refuses what is not zero.
        ("price", "10.00DKK", To(|own| own.charge == Some(Text::plain("10.00DKK")))),
        ("text", "new", To(|own| messages(own)[0].1 == "new")),
        (
            "sessionid",
            "7:1",
            To(|own| {
                let key = Text::plain("7:1");
                let again = Again::SameContent;
                own.client_id == Some(key)
                    && own.dedupe == Some(Dedupe { key, again, window_s: 86_400 })
            }),
        ),
        ("from", "Septet", To(|own| own.sender == Some(Text::plain("Septet")))),
        (
            "callbackurl",
            "http://example.com/",
            To(|own| own.callback.is_some_and(|own| own.url == *"http://example.com/")),
        ),
        ("class", "B", Nothing),
        // Of all the others: this text has a letter that is two octets of UTF-8.
        ("charset", "utf-8", To(|own| messages(own)[0].1 == "æ")),
    ];
    let v1: &[(&str, &str, Changes)] = &[
        ("username", "u", Credentials),
        ("password", "p", Credentials),
        ("number", "87654322", To(|own| messages(own)[0].0 == "4587654322")),
        ("countryCode", "46", To(|own| messages(own)[0].0 == "4687654321")),
        ("message", "new", To(|own| messages(own)[0].1 == "new")),
        ("gatewayclass", "B", Nothing),
        ("alphatext", "Septet", To(|own| own.sender == Some(Text::plain("Septet")))),
        ("charset", "utf-8", To(|own| messages(own)[0].1 == "æ")),
    ];
    let good_v2: &[(&str, &str)] = &[
        ("user", "u"),
        ("password", "p"),
        ("to", "4512345678"),
        ("text", "%C3%A6"),
        ("sessionid", "s"),
    ];
    let good_v1: &[(&str, &str)] = &[
        ("username", "u"),
        ("password", "p"),
        ("number", "87654321"),
        ("countryCode", "45"),
        ("message", "%C3%A6"),
    ];
    for (api, parameters, good) in [(&gatewayapi::V2, v2, good_v2), (&gatewayapi::V1, v1, good_v1)]
    {
        let call = api.calls[0];
        let listed: Vec<&str> = parameters
            .iter()
            .filter(|(.., changes)| !matches!(changes, Credentials))
            .map(|(name, ..)| *name)
            .collect();
        assert_eq!(listed, call.fields(), "{}", api.name);
        for (name, value, changes) in parameters {
            let others = good.iter().filter(|(own, _)| own != name).copied();
            let query: Vec<String> = others
                .chain([(*name, *value)])
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let query = query.join("&");
            let request = request(Method::Get, "/", &query, "");
            let Ok(Op::Send(submit)) = call.parse_request(&request) else { panic!("{query}") };
            match changes {
                To(is_so) => assert!(is_so(&submit), "{name}"),
                Nothing => assert_eq!(submit.note(name), Some(Text::plain(value)), "{name}"),
                Credentials => {
                    let without = query.replace(&format!("{name}={value}"), "");
                    let request = Request { query: without.as_bytes(), ..request };
                    assert_eq!(call.credentials(&request).unwrap_err().field, *name);
                }
            }
        }
    }
}

/// Every `statuscode` of the DSN: the state that it is read as, and the states that are told by it.
#[test]
fn every_status_code_is_read_and_made() {
    let dsn = gatewayapi::V2.report.unwrap();
    let codes: [(u32, State, &[State]); 8] = [
        (1, State::Delivered, &[State::Delivered]),
        (2, State::InsufficientFunds, &[State::InsufficientFunds]),
        (3, State::Blacklisted, &[State::Blacklisted]),
        (4, State::UnknownRecipient, &[State::UnknownRecipient]),
        (5, State::Unknown, &[State::Unknown, State::EnRoute, State::Waiting, State::Scheduled]),
        (6, State::Expired, &[State::Expired]),
        (7, State::Undeliverable, &[State::Undeliverable, State::GaveUp]),
        (8, State::Deleted, &[State::Deleted]),
    ];
    for (code, read, made) in codes {
        let query = format!("sessionid=s&statuscode={code}");
        let request = request(Method::Get, "/", &query, "");
        let Ok(Op::Report(report)) = dsn.parse_request(&request) else { panic!("{code}") };
        assert_eq!(report.state, read);
        for state in made {
            let op =
                Op::Report(Report { client_id: Some(Text::plain("s")), ..Report::new(*state) });
            let asked = Asked { credentials: None, op };
            let mut buffer = [0; 64];
            let emitted = dsn.emit_request(&asked, &Default::default(), &mut buffer).unwrap();
            assert_eq!(emitted.query, query, "{state:?}");
        }
    }
    for wrong in ["0", "9", "x", ""] {
        let query = format!("statuscode={wrong}");
        assert!(dsn.parse_request(&request(Method::Get, "/", &query, "")).is_err());
    }
}

#[test]
fn v1_answers_200_whatever_becomes_of_it() {
    let get = |query| request(Method::Get, "/gateway/kunder/opret/GATEWAY.ASPX", query, "");
    let good = "username=u&password=p&number=87654321&countryCode=45&message=t";
    let (status, body, performed) = answered(&get(good));
    assert_eq!((status, performed), (200, 1));
    assert_eq!(
        body,
        "<form name=\"form1\" method=\"post\" action=\"Gateway.aspx\" id=\"form1\"><input \
         type=\"hidden\" name=\"__VIEWSTATE\" value=\"\" /></form>"
    );
    for (query, expected) in [
        ("username=u", "Missing required parameter password"),
        ("username=u&password=p", "Missing required parameter number"),
        ("username=u&password=x&number=1", "Invalid password"),
        (
            "username=u&password=p&number=8765432x&countryCode=45&message=t",
            "Unsupported parameter number: must be digits without the country code, 5 to 15 with it",
        ),
        (
            "username=u&password=p&number=87654321&countryCode=045&message=t",
            "Unsupported parameter countryCode: must be digits, without leading zero",
        ),
        (
            "username=u&password=p&number=87654321&countryCode=45&message=",
            "Unsupported parameter message: is empty",
        ),
    ] {
        assert_eq!(answered(&get(query)), (200, format!("Error: {expected}"), 0), "{query}");
    }
    let post = request(Method::Post, "/legacy/http/v1/sendsms", good, "");
    let (status, body, _) = answered(&post);
    assert_eq!(
        (status, body.as_str()),
        (405, "The path is served, but not by this method. Methods: GET\n")
    );
}

#[test]
fn v1_is_read_as_accepted_by_its_form_only() {
    let call = gatewayapi::V1.calls[0];
    let told = |status, body: &'static str| {
        let reply = Reply { status: Status(status), content_type: "", body: body.as_bytes() };
        call.parse_reply(&reply).advice()
    };
    assert_eq!(told(200, "<html><FORM x></html>"), Advice::Done);
    assert_eq!(told(200, "__viewstate"), Advice::Done);
    assert_eq!(told(200, "Error: no <form"), Advice::DoNotRetry);
    assert_eq!(told(200, "hello"), Advice::Unknown);
    assert_eq!(told(404, "<form"), Advice::DoNotRetry);
    // Nothing has a repeated request be known: it may have been accepted.
    assert_eq!(told(502, "<form"), Advice::Unknown);
}

#[test]
fn an_msisdn_is_cut_behind_its_country_code_for_v1() {
    for (number, country_code) in [
        ("4512345678", "45"),
        ("12025550123", "1"),
        ("358401234567", "358"),
        ("79031234567", "7"),
        ("21012345", "210"),
    ] {
        let to = Recipients::numbers(List::Joined(Text::plain(number)));
        let body = Payload::Text(Text::plain("t"));
        let op = Op::Send(Submit::new(Messages::Same { to, body }));
        let mut buffer = [0; 256];
        let asked = Asked { credentials: None, op };
        let emitted =
            gatewayapi::V1.calls[0].emit_request(&asked, &Default::default(), &mut buffer).unwrap();
        let rest = number.strip_prefix(country_code).unwrap();
        assert_eq!(emitted.query, format!("number={rest}&countryCode={country_code}&message=t"));
        law::received(&emitted, |request| {
            let Ok(Op::Send(submit)) = gatewayapi::V1.calls[0].parse_request(request) else {
                panic!()
            };
            assert_eq!(messages(&submit), [(number.to_owned(), "t".to_owned())]);
        });
    }
}

#[test]
fn an_msisdn_has_5_to_15_digits_and_no_leading_zero() {
    for (number, is) in [
        ("12345", true),
        ("123456789012345", true),
        ("1234", false),
        ("1234567890123456", false),
        ("0123456", false),
        ("12345a", false),
        ("１２３４５", false),
    ] {
        let recipient = Recipient { country: Text::EMPTY, number: Text::plain(number) };
        assert_eq!(recipient.is_msisdn(), is, "{number}");
    }
}

fn state() -> impl Strategy<Value = State> {
    proptest::sample::select(vec![
        State::Delivered,
        State::Unknown,
        State::Deleted,
        State::Expired,
        State::InsufficientFunds,
        State::Blacklisted,
        State::UnknownRecipient,
        State::Undeliverable,
    ])
}

proptest! {
    #[test]
    fn a_send_commutes(
        numbers in proptest::collection::vec("[1-9][0-9]{4,14}", 1..5),
        text in ".{1,200}",
        latin1 in "[ -~¡-ÿ]{1,80}",
        id in "[ -~]{1,30}",
        sender in proptest::option::of("[A-Za-z0-9]{1,11}"),
        callback in proptest::option::of("https?://[a-z]{1,9}[.]example/[!-~]{0,30}"),
        price in proptest::option::of("[0-9]{1,3}[.][0-9]{2}[A-Z]{3}"),
        network in proptest::option::of("[a-z]{2}[.][a-z]{1,9}"),
    ) {
        let numbers: Vec<Text> = numbers.iter().map(|number| Text::plain(number)).collect();
        for (charset, text) in [(Charset::Utf8, &text), (Charset::Latin1, &latin1)] {
            let notes = [Note { name: "class", value: Text::plain("A") }];
            let to = Recipients::numbers(List::Slice(&numbers));
            let body = Payload::Text(Text::plain(text));
            let asked = Asked {
                credentials: Some(Credentials::Password {
                    user: Text::plain("u"),
                    password: Secret(Text::plain("p&=+%")),
                }),
                op: Op::Send(Submit {
                    sender: sender.as_deref().map(Text::plain),
                    client_id: Some(Text::plain(&id)),
                    dedupe: Some(Dedupe { key: Text::plain(&id), again: Again::SameContent, window_s: 86_400 }),
                    callback: callback.as_deref().map(|url| Callback { url: Text::plain(url), carrier: None }),
                    network: network.as_deref().map(Text::plain),
                    charge: price.as_deref().map(Text::plain),
                    notes: Rows::slice(&notes),
                    ..Submit::new(Messages::Same { to, body })
                }),
            };
            law::request_commutes(&gatewayapi::SendSms, Some(charset), &asked);
        }
    }

    #[test]
    fn callbacks_commute(
        id in proptest::option::of(".{1,40}"),
        state in state(),
        sender in "[1-9][0-9]{4,14}",
        keyword in "\\PC{1,10}",
        text in proptest::option::of(".{1,200}"),
    ) {
        let report = Report { client_id: id.as_deref().map(Text::plain), ..Report::new(state) };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        law::request_commutes(gatewayapi::V2.report.unwrap(), None, &asked);
        let [id, sender, recipient] = ["4512345678:1", &sender, "1204"].map(Text::plain);
        let inbound = Inbound {
            keyword: Some(Text::plain(&keyword)),
            rest: text.as_deref().map(Text::plain),
            ..Inbound::new(id, sender, recipient)
        };
        let asked = Asked { credentials: None, op: Op::Inbound(inbound) };
        law::request_commutes(gatewayapi::V2.inbound.unwrap(), None, &asked);
    }

    #[test]
    fn answers_commute(subject in "[!-~]{1,20}", detail in "[ -~]{0,20}", id in "[!-~]{1,30}") {
        use Reason::*;
        let detail = detail.trim();
        law::answer_commutes(&gatewayapi::SendSms, &Answer::Sent(Sent { client_id: Some(Text::plain(&id)), ..Sent::new() }));
        for reason in [DuplicateClientId, Charging, Sender, CallbackUrl] {
            let refusal =
                Refusal { reason, subject: Text::EMPTY, detail: Text::plain(detail) };
            law::answer_commutes(&gatewayapi::SendSms, &Answer::Refused(refusal));
        }
        for reason in [Missing, Invalid] {
            let subject = String::from("p") + &subject.replace(':', "");
            let refusal = Refusal { reason, subject: Text::plain(&subject), detail: Text::plain(detail) };
            law::answer_commutes(&gatewayapi::SendSms, &Answer::Refused(refusal));
        }
        for reason in [UnknownUser, DuplicateRecipient, Blacklisted, Other, Busy] {
            law::answer_commutes(&gatewayapi::SendSms, &Answer::Refused(Refusal::new(reason, Text::plain(&subject))));
        }
        law::answer_commutes(&gatewayapi::SendSms, &Answer::Refused(Refusal::new(WrongPassword, Text::EMPTY)));
        for endpoint in [gatewayapi::V2.report, gatewayapi::V2.inbound].map(Option::unwrap) {
            law::answer_commutes(endpoint, &Answer::Taken);
            law::answer_commutes(endpoint, &Answer::Refused(Refusal::new(Busy, Text::EMPTY)));
        }
    }

    #[test]
    fn any_octets_are_read_or_refused(
        mut octets in proptest::collection::vec(any::<u8>(), 0..100),
        good in "(\n|&|x=y)?",
        status in 100..600_u16,
    ) {
        law::any_reply_is_read(APIS, &octets, status);
        if !good.is_empty() {
            octets.extend(good.bytes());
            octets.extend(b"&");
            octets.extend(GOOD.bytes());
        }
        law::any_octets_are_read_or_refused(APIS, &octets);
        law::any_request_is_answered(APIS, &octets);
    }
}
