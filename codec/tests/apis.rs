//! The vendors' interfaces: captured requests, and the four corners of every call.

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
    APIS, Answer, Api, Asked, Credentials, Endpoint, Inbound, Method, Op, Reason, Refusal, Reply,
    Report, Request, State, Status, Submit, gatewayapi, is_msisdn,
};
use septet::fields::List;
use septet::text::{Charset, Secret, Text};
use septet::wire::Writer;
use serde_json::Value;

fn request<'a>(method: Method, path: &'a str, query: &'a str, body: &'a str) -> Request<'a> {
    Request {
        method,
        path,
        query: query.as_bytes(),
        body: body.as_bytes(),
        latin1: Charset::Latin1,
    }
}

fn post(body: &str) -> Request<'_> {
    request(Method::Post, "/sendsms", "", body)
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
fn captured_requests_of_gatewayapi_v2_are_read() {
    let requests = captured("gatewayapi-v2");
    assert_eq!(requests.len(), 7);
    for (id, method, path, query, body, expected) in &requests {
        let request = request(*method, path, query, body);
        let endpoint =
            match gatewayapi::V2.calls.iter().find(|call| call.paths().contains(&&**path)) {
                Some(call) => *call,
                None if id.ends_with("dsn") => gatewayapi::V2.report,
                None => gatewayapi::V2.inbound,
            };
        assert!(endpoint.methods().contains(method), "{id}");
        let asked = endpoint.parse_request(&request).unwrap_or_else(|e| panic!("{id}: {e}"));
        let field = |name: &str| expected[name].as_str().map(Text::plain);
        match asked.op {
            Op::Send(submit) => {
                assert_eq!(
                    asked.credentials,
                    Some(Credentials::Password {
                        user: field("user").unwrap(),
                        password: Secret(field("password").unwrap())
                    })
                );
                assert_eq!(submit.recipients, List::Slice(&[field("to").unwrap()]), "{id}");
                assert_eq!(Some(submit.text), field("text"), "{id}");
                assert_eq!(submit.client_id, field("sessionid"), "{id}");
                assert_eq!(submit.sender, field("from"), "{id}");
                assert_eq!(submit.callback, field("callbackurl"), "{id}");
                assert_eq!(submit.price, field("price"), "{id}");
                assert_eq!(submit.network, field("smsc"), "{id}");
            }
            Op::Report(report) => {
                assert_eq!(report.client_id, field("sessionid"));
                assert_eq!(report.state, State::Delivered);
            }
            Op::Inbound(inbound) => {
                assert_eq!(Some(inbound.id), field("sessionid"));
                assert_eq!(Some(inbound.sender), field("sender"));
                assert_eq!(Some(inbound.recipient), field("appnr"));
                assert_eq!(Some(inbound.keyword), field("keyword"));
                assert_eq!((inbound.text, inbound.network), (None, None));
            }
        }
    }
}

const GOOD: &str = "user=u&password=p&to=4512345678&sessionid=s&text=t";

/// A store with one account, which notes how often it was asked to do something.
struct OneAccount {
    performed: usize,
}

impl Store for OneAccount {
    type Account = ();

    fn admit<'a>(&mut self, credentials: &Credentials<'a>) -> Result<(), Refusal<'a>> {
        let Credentials::Password { user, password } = *credentials;
        match (user == *"u", password == Secret(Text::plain("p"))) {
            (true, true) => Ok(()),
            (false, _) => Err(Refusal::new(Reason::UnknownUser, user)),
            (true, false) => Err(Refusal::new(Reason::WrongPassword, Text::EMPTY)),
        }
    }

    fn perform<'a>(&'a mut self, _: &(), _: &'static Api, op: &Op<'a>) -> Answer<'a> {
        self.performed += 1;
        let Op::Send(submit) = op else { panic!("a callback has no path") };
        Answer::Sent { client_id: submit.client_id }
    }
}

fn answered(request: &Request<'_>) -> (u16, String, usize) {
    let mut buffer = [0; 512];
    let mut w = Writer::new(&mut buffer);
    let mut store = OneAccount { performed: 0 };
    let head = answer(APIS, &mut store, request, &mut w).unwrap();
    assert_eq!(head.content_type, "text/plain");
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
    let asked = gatewayapi::V2.calls[0].parse_request(&request).unwrap();
    let Op::Send(submit) = asked.op else { panic!() };
    assert_eq!(submit.text, *"€");
}

#[test]
fn callbacks_are_taken_by_the_documented_answer_only() {
    let reply = |status, content_type, body: &'static str| Reply {
        status: Status(status),
        content_type,
        body: body.as_bytes(),
    };
    let taken = |endpoint: &dyn Endpoint, reply| endpoint.parse_reply(&reply) == Answer::Taken;
    let (dsn, mo) = (gatewayapi::V2.report, gatewayapi::V2.inbound);
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
        assert_eq!(is_msisdn(Text::plain(number)), is, "{number}");
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
        let option = |text: &'_ Option<String>| text.clone();
        let (sender, callback, price, network) = (option(&sender), option(&callback), option(&price), option(&network));
        for (charset, text) in [(Charset::Utf8, &text), (Charset::Latin1, &latin1)] {
            let asked = Asked {
                credentials: Some(Credentials::Password {
                    user: Text::plain("u"),
                    password: Secret(Text::plain("p&=+%")),
                }),
                op: Op::Send(Submit {
                    recipients: List::Slice(&numbers),
                    text: Text::plain(text),
                    sender: sender.as_deref().map(Text::plain),
                    client_id: Some(Text::plain(&id)),
                    callback: callback.as_deref().map(Text::plain),
                    price: price.as_deref().map(Text::plain),
                    network: network.as_deref().map(Text::plain),
                    class: Some(Text::plain("A")),
                }),
            };
            law::request_commutes(&gatewayapi::SendSms, charset, &asked);
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
        let report = Report { client_id: id.as_deref().map(Text::plain), state };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        law::request_commutes(gatewayapi::V2.report, Charset::Utf8, &asked);
        let inbound = Inbound {
            id: Text::plain("4512345678:1"),
            sender: Text::plain(&sender),
            recipient: Text::plain("1204"),
            keyword: Text::plain(&keyword),
            text: text.as_deref().map(Text::plain),
            network: None,
        };
        let asked = Asked { credentials: None, op: Op::Inbound(inbound) };
        law::request_commutes(gatewayapi::V2.inbound, Charset::Utf8, &asked);
    }

    #[test]
    fn answers_commute(subject in "[!-~]{1,20}", detail in "[ -~]{0,20}", id in "[!-~]{1,30}") {
        use Reason::*;
        let detail = detail.trim();
        law::answer_commutes(&gatewayapi::SendSms, &Answer::Sent { client_id: Some(Text::plain(&id)) });
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
        for reason in [UnknownUser, DuplicateRecipient, Other, Busy] {
            law::answer_commutes(&gatewayapi::SendSms, &Answer::Refused(Refusal::new(reason, Text::plain(&subject))));
        }
        law::answer_commutes(&gatewayapi::SendSms, &Answer::Refused(Refusal::new(WrongPassword, Text::EMPTY)));
        for endpoint in [gatewayapi::V2.report, gatewayapi::V2.inbound] {
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
        law::any_reply_is_read(&octets, status);
        if !good.is_empty() {
            octets.extend(good.bytes());
            octets.extend(b"&");
            octets.extend(GOOD.bytes());
        }
        law::any_octets_are_read_or_refused(&octets);
        law::any_request_is_answered(&octets);
    }
}
