//! BulkSMS EAPI: requests that real programs made, every parameter, every reply, and the laws of both
//! ends.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

use proptest::prelude::*;
use septet::answer::{Served, Store, answer, served};
use septet::api::bulksms::API;
use septet::api::{
    Addressed, AddressedOctets, Advice, Again, Alphabet, Answer, Api, Asked, Credentials, Credits,
    CreditsQuery, DateTime, Dedupe, Delivery, Duplicates, Emitted, Endpoint, How, Ids, Inbound,
    Inbox, InboxQuery, Messages, Method, Note, Op, Payload, Reason, Recipients, Refusal, Reply,
    Report, Reports, ReportsQuery, Request, Sent, State, Status, Submit, Test, When, Zone,
};
use septet::error::ErrorKind;
use septet::fields::{List, Rows};
use septet::octets::{Coding, Octets};
use septet::text::{Charset, Secret, Text};
use septet::wire::Writer;
use serde_json::Value;

const SEND: &str = "/eapi/submission/send_sms/2/2.0";
const BATCH: &str = "/eapi/submission/send_batch/1/1.0";
const QUOTE: &str = "/eapi/submission/quote_sms/2/2.0";
const CREDITS: &str = "/eapi/user/get_credits/1/1.1";
const REPORT: &str = "/eapi/status_reports/get_report/2/2.0";
const INBOX: &str = "/eapi/reception/get_inbox/1/1.1";
const INBOX_1_0: &str = "/eapi/reception/get_inbox/1/1.0";

/// What lives as long as the test: an answer lives exactly as long as what it borrows.
fn keep<T: ?Sized>(value: impl Into<Box<T>>) -> &'static T {
    Box::leak(value.into())
}

fn slice<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(values.into_iter().collect())
}

fn call(name: &str) -> &'static dyn Endpoint {
    API.call(name).unwrap()
}

fn call_at(path: &str) -> &'static dyn Endpoint {
    match served(&[&API], Method::Post, path) {
        Served::Call(_, call) => call,
        _ => panic!("{path}"),
    }
}

fn post<'a>(path: &'a str, body: &'a str) -> Request<'a> {
    Request::new(Method::Post, path, b"", body.as_bytes())
}

/// A date of the year that the vendor's pages are from.
const fn at(hour: u8, minute: u8, second: u8) -> DateTime {
    DateTime { year: 2004, month: 1, day: 20, hour, minute, second }
}

const fn civil(at: DateTime) -> When<'static> {
    When::Civil { at, zone: Zone::Account }
}

// Requests that real programs made.

struct Vector {
    id: String,
    method: Method,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    expected: Value,
}

fn vectors() -> &'static [Vector] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/http_requests.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let all = file["requests"].as_array().unwrap();
    let own = all.iter().filter(|vector| vector["expected"]["api"] == "bulksms-eapi");
    slice(own.map(|vector| {
        let (path, query) = match vector["path_and_query"].as_str().unwrap().split_once('?') {
            Some((path, query)) => (path.into(), query.into()),
            None => (vector["path_and_query"].as_str().unwrap().into(), String::new()),
        };
        let header = |pair: &Value| {
            (pair[0].as_str().unwrap().to_string(), pair[1].as_str().unwrap().to_string())
        };
        let method = vector["method"].as_str().unwrap();
        let base64 = vector["body_base64"].as_str().map(|digits| {
            Octets::coded(Text::plain(digits), Coding::Base64).unwrap().iter().collect()
        });
        let body = || vector["body"].as_str().unwrap_or_default().as_bytes().to_vec();
        Vector {
            id: vector["id"].as_str().unwrap().into(),
            method: Method::ALL.into_iter().find(|own| own.name() == method).unwrap(),
            path,
            query,
            headers: vector["headers"].as_array().unwrap().iter().map(header).collect(),
            body: base64.unwrap_or_else(body),
            expected: vector["expected"].clone(),
        }
    }))
}

impl Vector {
    fn request(&'static self) -> Request<'static> {
        let headers =
            slice(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let request =
            Request::new(self.method, &self.path, self.query.as_bytes(), self.body.as_slice());
        Request { headers, ..request }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.expected["fields"][name].as_str().filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<Text<'_>> {
        self.field(name).map(Text::plain)
    }

    fn number(&self, name: &str) -> Option<u8> {
        self.field(name).map(|value| value.parse().unwrap())
    }

    fn is(&self, name: &str) -> bool {
        self.number(name).is_some_and(|value| value != 0)
    }
}

fn john() -> Credentials<'static> {
    Credentials::Password { user: Text::plain("john"), password: Secret(Text::plain("abcd1234")) }
}

/// What a captured submission asks for, by what its fields say.
fn check_submission(vector: &'static Vector, request: &Request<'static>) {
    let message = vector.expected["message_text"].as_str().or(vector.field("message")).unwrap();
    let numbers = slice(vector.field("msisdn").unwrap().split(',').map(Text::plain));
    let octets = vector.expected["message_octets_hex"].as_str();
    let body = match octets {
        Some(digits) => Payload::Octets {
            segments: Rows::one(Octets::coded(Text::plain(digits), Coding::Hex).unwrap()),
            has_header: true,
        },
        None => Payload::Text(Text::plain(message)),
    };
    let note = vector.text("routing_group").map(|value| Note { name: "routing_group", value });
    let notes = slice(note);
    let parts = vector.number("concat_text_sms_max_parts").unwrap_or(2);
    let expected = Op::Send(Submit {
        sender: vector.text("sender"),
        client_id: vector.text("source_id"),
        dedupe: vector.text("stop_dup_id").map(|key| Dedupe {
            key,
            again: Again::FirstAnswer,
            window_s: 14_400,
        }),
        class: Some(vector.number("msg_class").unwrap_or(2)),
        report: vector.field("want_report").is_none() || vector.is("want_report"),
        alphabet: match vector.field("dca").unwrap_or("7bit") {
            "7bit" => Alphabet::Gsm7,
            "16bit" => Alphabet::Ucs2,
            _ => Alphabet::Any,
        },
        parts_max: Some(if vector.is("allow_concat_text_sms") { parts } else { 1 }),
        test: vector.is("test_always_succeed").then_some(Test::Succeed),
        notes: Rows::slice(notes),
        ..Submit::new(Messages::Same { to: Recipients::numbers(List::Slice(numbers)), body })
    });
    assert_eq!(call("send_sms").parse_request(request), Ok(expected), "{}", vector.id);
}

#[test]
fn requests_of_real_programs_are_read() {
    let mut read = 0;
    for vector in vectors().iter().filter(|vector| vector.path.starts_with("/eapi")) {
        {
            let request = vector.request();
            let Served::Call(_, call) = served(&[&API], request.method, request.path) else {
                panic!("{}", vector.id)
            };
            assert_eq!(call.credentials(&request), Ok(Some(john())), "{}", vector.id);
            match (call.name(), vector.id.contains("/latin")) {
                // UTF-8 by mistake is not guessed: 0x9C is no character of ISO 8859-1.
                ("send_sms", true) => {
                    let error = call.parse_request(&request).unwrap_err();
                    assert_eq!((error.field, error.kind), ("message", ErrorKind::Charset));
                    let request = Request { charset: Some(Charset::Utf8), ..request };
                    let Ok(Op::Send(submit)) = call.parse_request(&request) else { panic!() };
                    let (_, content) = submit.messages.iter().next().unwrap();
                    assert_eq!(content.to_string(), "\"Ümläut é £ € + %\"");
                }
                ("send_sms", false) => check_submission(vector, &request),
                ("send_batch", _) => {
                    let rows = slice(
                        [("27831234567", "Message 1"), ("27831234566", "Message 2   3")].map(
                            |(recipient, text)| Addressed {
                                recipient: recipient.into(),
                                text: text.into(),
                            },
                        ),
                    );
                    let expected = Op::Send(Submit {
                        alphabet: Alphabet::Gsm7,
                        parts_max: Some(1),
                        cut: true,
                        skip_invalid: true,
                        class: Some(2),
                        ..Submit::new(Messages::Each(Rows::slice(rows)))
                    });
                    assert_eq!(call.parse_request(&request), Ok(expected));
                }
                ("get_credits", _) => {
                    let expected = Op::Credits(CreditsQuery::default());
                    assert_eq!(call.parse_request(&request), Ok(expected));
                }
                ("get_report", _) => {
                    let columns = slice(["body", "completed_time"].map(Text::plain));
                    let expected = Op::Reports(ReportsQuery {
                        id: Text::plain("30430"),
                        recipient: None,
                        columns: List::Slice(columns),
                    });
                    assert_eq!(call.parse_request(&request), Ok(expected));
                }
                (name, _) => panic!("{name}"),
            }
        }
        read += 1;
    }
    assert_eq!(read, 15);
}

/// However it is escaped, and whatever stands beside it.
#[test]
fn text_that_the_gsm_alphabet_lacks_is_refused() {
    for value in ["`", "%60", "a%09b", "a\tb"] {
        for beside in ["", "&x=1", "&x=%E5"] {
            let body = format!("username=u&password=p&msisdn=4512345678&message={value}{beside}");
            let error = call_at(SEND).parse_request(&post(SEND, &body)).unwrap_err();
            assert_eq!((error.field, error.kind), ("message", ErrorKind::Charset), "{body}");
        }
    }
}

#[test]
fn callbacks_are_read_and_written_as_they_stand() {
    let vectors = vectors();
    let of = |id: &str| vectors.iter().find(|vector| vector.id == id).unwrap();
    let report = Report {
        id: Some(Text::plain("30430")),
        client_id: Some(Text::plain("inv-7")),
        recipient: Some(Text::plain("44123123456")),
        done: Some(civil(at(16, 6, 40))),
        ..Report::new(State::Delivered)
    };
    let inbound = Inbound {
        body: Some(Payload::Text(Text::plain("BCD"))),
        answers: Some(Text::plain("30430")),
        client_id: Some(Text::plain("inv-7")),
        ..Inbound::new("19".into(), "4412312345".into(), "44771234567".into())
    };
    let push_report = API.report.unwrap();
    let push_inbox = API.inbound.unwrap();
    let request = of("bulksms/push-status").request();
    assert_eq!(push_report.parse_request(&request), Ok(Op::Report(report)));
    assert_eq!(push_report.credentials(&request), Ok(None));
    let request = of("bulksms/push-mo-16bit").request();
    assert_eq!(push_inbox.parse_request(&request), Ok(Op::Inbound(inbound)));
    let query = |call: &dyn Endpoint, op| {
        let mut buffer = [0; 1024];
        let asked = Asked { credentials: None, op };
        let emitted = call.emit_request(&asked, &How::default(), &mut buffer).unwrap();
        assert_eq!((emitted.method, emitted.path, emitted.body), (Method::Get, "", &b""[..]));
        emitted.query.to_string()
    };
    assert!(push_report.keeps_query() && push_inbox.keeps_query());
    assert_eq!(
        query(push_report, Op::Report(report)),
        "msisdn=44123123456&batch_id=30430&status=11&completed_time=04-01-20+16%3A06%3A40\
         &source_id=inv-7"
    );
    // What a customer gets is in ISO 8859-1 as far as that has it.
    for (text, written) in [
        ("BCD", "BCD&dca=7bit"),
        ("", "&dca=7bit"),
        ("[a|b] {~^} \\", "%5Ba%7Cb%5D+%7B%7E%5E%7D+%BB%2F&dca=7bit"),
        ("5 € Ωé", "5+%BBe+%DB%E9&dca=7bit"),
        ("中 á", "4e2d002000e1&dca=16bit"),
    ] {
        let op = Op::Inbound(Inbound {
            body: Some(Payload::Text(Text::plain(text))),
            answers: None,
            client_id: None,
            ..inbound
        });
        assert_eq!(
            query(push_inbox, op),
            format!(
                "msisdn=44771234567&sender=4412312345&message={written}&msg_id=19\
                 &referring_batch_id=0"
            )
        );
    }
    let octets = [Octets::plain(&[1, 0xAB]), Octets::plain(&[2])];
    let body = Payload::Octets { segments: Rows::slice(&octets), has_header: false };
    let op = Op::Inbound(Inbound { body: Some(body), ..inbound });
    assert!(query(push_inbox, op).contains("&message=01AB02&dca=8bit&"));
    // A time is told in the account's zone, or not at all.
    for (received, written) in
        [(civil(at(16, 6, 40)), "&received_time=04-01-20+16%3A06%3A40"), (When::Unix(0), "")]
    {
        let op = Op::Inbound(Inbound { received: Some(received), ..inbound });
        let query = query(push_inbox, op);
        let time = query.split("&referring_batch_id=30430").nth(1);
        assert_eq!(time, Some(written), "{query}");
    }
}

// What each parameter changes.

/// A submission by `send_sms`, handed to `check`.
fn submitted<R>(body: &str, check: impl FnOnce(&Submit<'static>) -> R) -> R {
    match call("send_sms").parse_request(&post(SEND, keep::<str>(body))) {
        Ok(Op::Send(submit)) => check(&submit),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn each_parameter_changes_what_it_says_or_is_a_note() {
    const BASE: &str = "message=Hi&msisdn=44123123456";
    type Change = fn(&mut Submit<'static>);
    let changes: &[(&str, &str, Change)] = &[
        ("sender", "MyBrand", |submit| submit.sender = Some("MyBrand".into())),
        ("msg_class", "0", |submit| submit.class = Some(0)),
        ("msg_class", "1", |submit| submit.class = Some(1)),
        ("msg_class", "2", |_| ()),
        ("msg_class", "", |_| ()),
        ("dca", "7bit", |_| ()),
        ("want_report", "0", |submit| submit.report = false),
        ("want_report", "1", |_| ()),
        ("want_report", "8", |_| ()),
        ("source_id", "inv-7", |submit| submit.client_id = Some("inv-7".into())),
        ("source_id", "", |_| ()),
        ("strip_dup_recipients", "1", |submit| submit.duplicates = Duplicates::Strip),
        ("strip_dup_recipients", "0", |_| ()),
        ("stop_dup_id", "042", |submit| {
            let (key, again) = ("42".into(), Again::FirstAnswer);
            submit.dedupe = Some(Dedupe { key, again, window_s: 4 * 3600 });
        }),
        ("send_time", "2004-01-20 16:06:40", |submit| {
            submit.schedule = Some(civil(at(16, 6, 40)));
        }),
        ("send_time_unixtime", "1074614800", |submit| {
            submit.schedule = Some(When::Unix(1_074_614_800));
        }),
        ("send_time_seconds", "1074614800", |submit| {
            submit.schedule = Some(When::Unix(1_074_614_800));
        }),
        ("test_always_succeed", "1", |submit| submit.test = Some(Test::Succeed)),
        ("test_always_fail", "1", |submit| submit.test = Some(Test::Fail)),
        ("test_always_fail", "0", |_| ()),
        ("allow_concat_text_sms", "1", |submit| submit.parts_max = Some(2)),
        // It counts only with the one before.
        ("concat_text_sms_max_parts", "5", |_| ()),
        ("replace_msg_id", "1", |submit| submit.protocol = Some(0x41)),
        ("replace_msg_id", "7", |submit| submit.protocol = Some(0x47)),
        ("protocol_id", "70", |submit| submit.protocol = Some(70)),
        ("no_such_parameter", "%zz", |_| ()),
    ];
    let notes = [
        ("routing_group", "3"),
        ("cost_route", "1"),
        ("repliable", "1"),
        ("scheduling_description", "the job"),
    ];
    let base = || Submit {
        alphabet: Alphabet::Gsm7,
        parts_max: Some(1),
        class: Some(2),
        ..Submit::new(Messages::Same {
            to: Recipients::numbers(List::Slice(slice(["44123123456".into()]))),
            body: Payload::Text("Hi".into()),
        })
    };
    for (name, value, change) in changes {
        let mut expected = base();
        change(&mut expected);
        submitted(&format!("{BASE}&{name}={value}"), |submit| {
            assert_eq!(*submit, expected, "{name}={value}");
        });
    }
    for (name, value) in notes {
        let note = Note { name, value: Text::plain(value) };
        submitted(&format!("{BASE}&{name}={}", value.replace(' ', "+")), |submit| {
            assert_eq!(*submit, Submit { notes: Rows::one(note), ..base() }, "{name}");
        });
    }
    // Those whose change needs more than one of them.
    submitted("message=Hi&dest_group_id=7,8", |submit| {
        let (groups, _) = submit.messages.groups().unwrap();
        assert_eq!(groups, List::Slice(slice(["7".into(), "8".into()])));
        assert_eq!(submit.messages.iter().count(), 0);
    });
    submitted(&format!("{BASE}&allow_concat_text_sms=1&concat_text_sms_max_parts=127"), |submit| {
        assert_eq!(submit.parts_max, Some(127));
    });
    submitted(&format!("{BASE}&replace_msg_id=1&protocol_id=0"), |submit| {
        assert_eq!(submit.protocol, Some(0));
    });
    submitted(&format!("{BASE}&test_always_succeed=1&test_always_fail=1"), |submit| {
        assert_eq!(submit.test, Some(Test::Fail));
    });
    let times = "send_time_seconds=1&send_time=2004-01-20+16:06:40";
    submitted(&format!("{BASE}&{times}"), |submit| {
        assert_eq!(submit.schedule, Some(civil(at(16, 6, 40))));
    });
    submitted(&format!("{BASE}&{times}&send_time_unixtime=3"), |submit| {
        assert_eq!(submit.schedule, Some(When::Unix(3)));
    });
    submitted(&format!("{BASE}&sender=MyBrand&repliable=0"), |submit| {
        assert_eq!(submit.note("repliable"), Some("0".into()));
    });
    let named: Vec<_> = changes.iter().map(|(name, ..)| *name).collect();
    let named: Vec<_> = named.into_iter().chain(notes.map(|(name, _)| name)).collect();
    for name in call("send_sms").fields() {
        let is_elsewhere = ["message", "msisdn", "dest_group_id"].contains(name);
        assert!(is_elsewhere || named.contains(name), "{name}");
    }
    assert_eq!(call("quote_sms").fields(), call("send_sms").fields());
    assert_eq!(call("send_batch").fields()[0], "batch_data");
    assert_eq!(call("send_batch").fields()[1..], call("send_sms").fields()[3..]);
    assert_eq!(call("get_report").fields(), ["batch_id", "msisdn", "optional_fields"]);
    assert_eq!(call("get_inbox").fields(), ["last_retrieved_id"]);
    assert_eq!(call("get_inbox_1.0").fields(), ["last_retrieved_id"]);
    assert!(call("get_credits").fields().is_empty());
}

#[test]
fn numbers_are_read_without_what_stands_for_dialling_abroad() {
    let comes_back = |name, op| comes_back(name, op).unwrap();
    let both = "681957659 44681957659";
    for (list, expected) in [
        ("00681957659", "681957659"),
        ("%2B681957659,0044681957659", both),
        ("681957659&msisdn=0044681957659", both),
    ] {
        submitted(&format!("message=hi&msisdn={list}"), |submit| {
            let Messages::Same { to, .. } = submit.messages else { panic!() };
            assert!(to.numbers.iter().eq(expected.split(' ').map(Text::plain)), "{:?}", to.numbers);
            comes_back("send_sms", Op::Send(*submit));
        });
    }
    let lines = "msisdn,message\n\"0044681957659\",\"hi\"\n";
    let op = batch("", keep::<str>(lines)).unwrap();
    let Op::Send(Submit { messages: Messages::Each(rows), .. }) = op else { panic!() };
    assert!(rows.iter().all(|row| row.recipient == *"44681957659"));
    comes_back("send_batch", op);
    // What is no number is not made one.
    for none in ["0000681957659", "%2B00681957659", "00681"] {
        let body = format!("username=john&password=abcd1234&message=hi&msisdn={none}");
        let request = post("/eapi/submission/send_sms/2/2.0", keep::<str>(body));
        let read = call("send_sms").parse_request(&request);
        assert!(read.is_err(), "{none}: {read:?}");
    }
}

#[test]
fn messages_are_read_by_their_dca() {
    let text = |body: &str| {
        submitted(&format!("msisdn=44123123456&{body}"), |submit| {
            (submit.messages.iter().next().unwrap().1.to_string(), submit.alphabet)
        })
    };
    let gsm = |raw: &str, expected: &str| {
        assert_eq!(
            text(&format!("message={raw}")),
            (format!("{expected:?}"), Alphabet::Gsm7),
            "{raw}"
        );
    };
    gsm("%A3%A4%A7%BF%C4%FC%C7%E7", "£¤§¿ÄüÇÇ");
    gsm("%D0%DE%AC%C2%DB%BA%DD%CA%D4%B1", "ΔΦΓΛΩΠΨΣΘΞ");
    gsm("%BB%14%BB%28%BB%29%BB%2F%BB%3C%BB%3D%BB%3E%BB%40%BB%65", "^{}\\[~]|€");
    gsm("%5E%7B%7D%5B%7E%5D%7C", "^{}[~]|");
    for (digits, expected) in
        [("4e2d", "中"), ("FEFF4E2D", "中"), ("d83dde00", "😀"), ("%30041", "A")]
    {
        let expected = (format!("\"{expected}\""), Alphabet::Ucs2);
        assert_eq!(text(&format!("dca=16bit&message={digits}")), expected);
    }
    let most = "4e2d".repeat(70);
    assert_eq!(text(&format!("dca=16bit&message=feff{most}")).1, Alphabet::Ucs2);
    let most = format!("05{}", "aB".repeat(139));
    let octets = text(&format!("dca=8bit&message={most}")).0;
    assert_eq!(octets, format!("octets 05{}", "ab".repeat(139)));
    // Of an account whose requests are in UTF-8 the text stands as it is.
    let body = "msisdn=44123123456&message=%E2%82%AC+%5B".to_string();
    let request = Request { charset: Some(Charset::Utf8), ..post(SEND, &body) };
    let Ok(Op::Send(submit)) = call("send_sms").parse_request(&request) else { panic!() };
    assert_eq!(submit.messages.iter().next().unwrap().1.to_string(), "\"€ [\"");
    // What customers mean by ISO 8859-1 does not change the escapes.
    let body = "msisdn=44123123456&message=%BBe".to_string();
    let request = Request { latin1: Charset::Windows1252, ..post(SEND, &body) };
    let Ok(Op::Send(submit)) = call("send_sms").parse_request(&request) else { panic!() };
    assert_eq!(submit.messages.iter().next().unwrap().1.to_string(), "\"€\"");
}

// The server.

struct Shop {
    answer: Answer<'static>,
}

impl Store for Shop {
    type Account = ();

    fn admit<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<(), Refusal<'a>> {
        match credentials {
            own if *own == john() => Ok(()),
            Credentials::Password { user, .. } if *user == *"john" => {
                Err(Refusal::plain(Reason::WrongPassword))
            }
            Credentials::Password { user, .. } => Err(Refusal::new(Reason::UnknownUser, *user)),
            _ => Err(Refusal::plain(Reason::NoCredentials)),
        }
    }

    fn perform<R>(
        &mut self,
        (): &(),
        _: &'static Api,
        _: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        reply(&self.answer)
    }
}

/// The body of the reply, in ISO 8859-1, whose status is always 200.
fn replied(shop: &mut Shop, request: &Request<'_>) -> String {
    let mut buffer = vec![0; 1 << 16];
    let mut w = Writer::new(&mut buffer);
    let head = answer(&[&API], shop, request, &mut w).unwrap();
    assert_eq!((head.status, head.content_type), (Status::OK, "text/plain"));
    w.written().iter().map(|octet| char::from(*octet)).collect()
}

const ACCEPTED: Answer<'static> =
    Answer::Sent(Sent { id: Some(Text::plain("30430")), ..Sent::new() });

#[test]
fn the_example_is_answered_in_three_fields() {
    let body = "username=john&password=abcd1234&message=Hi+Mom+%26+Dad\
                &msisdn=44123123456,44123123457";
    let mut shop = Shop { answer: ACCEPTED };
    assert_eq!(replied(&mut shop, &post(SEND, body)), "0|IN_PROGRESS|30430");
    // Whatever the content type says, and in a query as well.
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let request = Request { headers: &headers, ..post(SEND, body) };
    assert_eq!(replied(&mut shop, &request), "0|IN_PROGRESS|30430");
    let request = Request::new(Method::Get, SEND, body.as_bytes(), b"");
    assert_eq!(replied(&mut shop, &request), "0|IN_PROGRESS|30430");
    // The body wins over the query.
    let request = Request::new(Method::Post, SEND, b"username=x&msisdn=bad&dca=9", body.as_bytes());
    let error = call("send_sms").parse_request(&request).unwrap_err();
    assert_eq!(error.field, "dca");
    let request = Request::new(Method::Post, SEND, b"username=x&msisdn=bad", body.as_bytes());
    assert_eq!(replied(&mut shop, &request), "0|IN_PROGRESS|30430");
}

#[test]
fn each_refusal_names_the_parameter() {
    let failed = |what: &str| format!("24|data validation failed: {what}");
    let is_given = "msisdn=44123123456&message=Hi";
    let long = |digits: &str, times| digits.repeat(times);
    let mut cases: Vec<(&str, String, String)> = vec![
        (SEND, "message=Hi".into(), failed("a field is missing: msisdn")),
        (SEND, "msisdn=44123123456".into(), failed("a field is missing: message")),
        (SEND, "msisdn=44123123456&message=".into(), failed("message: is empty")),
        (
            SEND,
            "message=Hi&msisdn=44123123456,x".into(),
            failed(
                "msisdn: must be numbers of 5 to 15 digits, country code first, without leading zero",
            ),
        ),
        (
            SEND,
            "message=Hi&dest_group_id=7,all".into(),
            failed("dest_group_id: must be numbers of groups"),
        ),
        (SEND, format!("{is_given}&message=Ho"), failed("message: is given twice")),
        (
            SEND,
            "msisdn=44123123456&message=%E1".into(),
            failed("message: has an octet that is not in its charset"),
        ),
        (SEND, "msisdn=44123123456&message=%4".into(), failed("message: has a broken escape")),
        (
            SEND,
            "msisdn=44123123456&dca=8bit&message=0600F".into(),
            failed("message: has an odd number of hexadecimal digits"),
        ),
        (
            SEND,
            "msisdn=44123123456&dca=8bit&message=0x".into(),
            failed("message: has a character that is no hexadecimal digit"),
        ),
        (
            SEND,
            "msisdn=44123123456&dca=8bit&message=0605".into(),
            failed("message: has a header that is longer than the user data"),
        ),
        (
            SEND,
            format!("msisdn=44123123456&dca=8bit&message=00{}", long("00", 140)),
            failed("message: must have at most 70 characters in 16bit, or 140 octets in 8bit"),
        ),
        (
            SEND,
            format!("msisdn=44123123456&dca=16bit&message={}", long("4e2d", 71)),
            failed("message: must have at most 70 characters in 16bit, or 140 octets in 8bit"),
        ),
        (QUOTE, "message=Hi".into(), failed("a field is missing: msisdn")),
        (
            BATCH,
            "batch_data=".into(),
            failed(
                "batch_data: must begin with a line that names the columns msisdn and message, and no other parameter, and have a line that can be sent",
            ),
        ),
        (
            BATCH,
            "batch_data=msisdn,message%0A1,Hi".into(),
            failed(
                "batch_data: must begin with a line that names the columns msisdn and message, and no other parameter, and have a line that can be sent",
            ),
        ),
        (BATCH, String::new(), failed("a field is missing: batch_data")),
        (REPORT, String::new(), failed("a field is missing: batch_id")),
        (REPORT, "batch_id=0".into(), failed("batch_id: must be a number above 0")),
        (
            REPORT,
            "batch_id=7&msisdn=x".into(),
            failed(
                "msisdn: must be a number of 5 to 15 digits, country code first, without leading zero",
            ),
        ),
        (
            REPORT,
            "batch_id=7&optional_fields=body,colour".into(),
            failed(
                "optional_fields: must be some of body, completed_time, created_time, credits, \
                 origin_address, source_id, each once",
            ),
        ),
        (INBOX, String::new(), failed("a field is missing: last_retrieved_id")),
        (
            INBOX_1_0,
            "last_retrieved_id=x".into(),
            failed("last_retrieved_id: has a value that is not allowed"),
        ),
    ];
    for (digits, what) in [("4e2", "3"), ("d83d", "alone"), ("4e2dd83d", "last"), ("zz00", "no")] {
        assert!(!what.is_empty());
        let body = format!("msisdn=44123123456&dca=16bit&message={digits}");
        cases.push((SEND, body, failed("message: has an octet that is not in its charset")));
    }
    for (field, rule) in [
        ("sender=MyLongBrand1", "sender: must have at most 11 characters, or 15 digits"),
        ("sender=1234567890123456", "sender: must have at most 11 characters, or 15 digits"),
        ("sender=MyBrand&repliable=1", "repliable: must be 0 where there is a sender"),
        ("msg_class=4", "msg_class: must be 0 to 3"),
        ("dca=9bit", "dca: must be 7bit, 8bit or 16bit"),
        ("routing_group=4", "routing_group: must be 1, 2 or 3"),
        ("cost_route=0", "cost_route: must be 1, 2 or 3"),
        (
            "source_id=123456789012345678901",
            "source_id: must have at most 20 characters of ISO 8859-1, and no bar",
        ),
        ("source_id=a%7Cb", "source_id: must have at most 20 characters of ISO 8859-1, and no bar"),
        ("stop_dup_id=0", "stop_dup_id: must be 1 to 2147483647"),
        ("stop_dup_id=2147483648", "stop_dup_id: must be 1 to 2147483647"),
        ("stop_dup_id=x", "stop_dup_id: must be 1 to 2147483647"),
        ("send_time=2004-02-30+00:00:00", "send_time: must be as 2026-12-31 23:59:59"),
        ("concat_text_sms_max_parts=0", "concat_text_sms_max_parts: must be 1 to 127"),
        ("concat_text_sms_max_parts=128", "concat_text_sms_max_parts: must be 1 to 127"),
        ("replace_msg_id=8", "replace_msg_id: must be 1 to 7"),
        ("replace_msg_id=0", "replace_msg_id: must be 1 to 7"),
        ("protocol_id=256", "protocol_id: must be 0 to 255"),
        ("want_report=x", "want_report: has a value that is not allowed"),
        ("send_time_unixtime=x", "send_time_unixtime: has a value that is not allowed"),
    ] {
        cases.push((SEND, format!("{is_given}&{field}"), failed(rule)));
        cases.push((
            BATCH,
            format!("batch_data=msisdn,message%0A44123123456,Hi&{field}"),
            failed(rule),
        ));
    }
    let mut shop = Shop { answer: ACCEPTED };
    for (path, body, reply) in cases {
        let body = format!("username=john&password=abcd1234&{body}");
        assert_eq!(replied(&mut shop, &post(path, &body)), reply, "{body}");
    }
    for (body, reply) in [
        ("password=abcd1234", "23|invalid credentials: there are no credentials: username"),
        ("username=john", "23|invalid credentials: there are no credentials: password"),
        ("", "23|invalid credentials: there are no credentials: username"),
        ("username=john&password=x", "23|invalid credentials"),
        ("username=j%7Cm&password=x", "23|invalid credentials: there is no such account: j m"),
    ] {
        for path in [SEND, BATCH, QUOTE, CREDITS, REPORT, INBOX, INBOX_1_0] {
            assert_eq!(replied(&mut shop, &post(path, body)), reply, "{body}");
        }
    }
}

#[test]
fn each_reason_has_its_code_and_each_code_its_advice() {
    let codes = |reason| match reason {
        Reason::Test | Reason::Unknown | Reason::Other => 22,
        Reason::NoCredentials
        | Reason::UnknownUser
        | Reason::WrongPassword
        | Reason::NoSession
        | Reason::Forbidden => 23,
        Reason::Credit => 25,
        Reason::Busy | Reason::Internal | Reason::TooManyFailures => 40,
        Reason::TooManyRecipients => 201,
        _ => 24,
    };
    let line = |path, refusal| {
        let mut buffer = [0; 512];
        let mut w = Writer::new(&mut buffer);
        let head = call_at(path).emit_reply(&Answer::Refused(refusal), &mut w).unwrap();
        assert_eq!(head.status, Status::OK);
        String::from_utf8(w.written().to_vec()).unwrap()
    };
    let read = |path, body: &str| {
        let reply = Reply { status: Status::OK, content_type: "text/plain", body: body.as_bytes() };
        match call_at(path).parse_reply(&reply) {
            Answer::Refused(refusal) => (refusal.reason, refusal.to_string()),
            other => panic!("{other:?}"),
        }
    };
    for path in [SEND, BATCH, QUOTE, CREDITS, REPORT, INBOX, INBOX_1_0] {
        for reason in Reason::ALL.iter().copied() {
            if (path, reason) == (REPORT, Reason::UnknownId) {
                continue;
            }
            let subject = Text::plain("msi|sdn\n1");
            let line = line(path, Refusal { reason, subject, detail: Text::plain("no: ā") });
            let code = match reason {
                Reason::TooLarge if path == BATCH => 201,
                reason => codes(reason),
            };
            assert!(line.starts_with(&format!("{code}|")), "{reason:?}: {line}");
            assert!(line.ends_with(": msi sdn 1: no: ?"), "{line}");
            assert_eq!(line.matches('|').count(), 1, "{line}");
            // What the customer is told to do is what there is to be done.
            let advice = read(path, &line).0.advice();
            match reason {
                Reason::TooLarge if path != BATCH => assert_eq!(advice, Advice::DoNotRetry),
                Reason::DuplicateClientId | Reason::NoSession | Reason::Unknown => {
                    assert_eq!(advice, Advice::DoNotRetry);
                }
                reason => assert_eq!(advice, reason.advice(), "{reason:?}"),
            }
        }
    }
    // Whether the server writes the code itself, and what the client makes of it.
    for (code, is_written, reason, advice) in [
        (22, true, Reason::Vendor(22, Advice::DoNotRetry), Advice::DoNotRetry),
        (23, true, Reason::WrongPassword, Advice::DoNotRetry),
        (24, true, Reason::Invalid, Advice::DoNotRetry),
        (25, true, Reason::Credit, Advice::DoNotRetry),
        (26, false, Reason::Vendor(26, Advice::RetryLater), Advice::RetryLater),
        (27, false, Reason::Vendor(27, Advice::DoNotRetry), Advice::DoNotRetry),
        (28, false, Reason::Vendor(28, Advice::RetryLater), Advice::RetryLater),
        (40, true, Reason::Busy, Advice::RetryLater),
        (201, true, Reason::TooManyRecipients, Advice::Split),
        (99, false, Reason::Vendor(99, Advice::DoNotRetry), Advice::DoNotRetry),
    ] {
        assert_eq!(Reason::ALL.iter().any(|reason| codes(*reason) == code), is_written, "{code}");
        for body in [format!("{code}|some words"), format!(" {code} | some words |\r\n")] {
            let (read, words) = read(SEND, &body);
            assert_eq!((read, read.advice()), (reason, advice), "{body}");
            assert!(words.ends_with("some words"), "{words}");
        }
        let line = line(SEND, Refusal::new(reason, Text::plain("x")));
        assert!(line.starts_with(&format!("{code}|")) && line.ends_with(": x"), "{line}");
    }
    let reply = |status, body: &'static [u8]| Reply { status, content_type: "text/html", body };
    let advice = |reply| call("send_sms").parse_reply(&reply).advice();
    for status in [201, 302, 400, 404, 500, 503] {
        assert_eq!(advice(reply(Status(status), b"0|IN_PROGRESS|1")), Advice::RetryLater);
    }
    for body in [&b""[..], b"<html>", b"|", b"ok|0", b"-1|x", b"70000|x", b"\xFF\x81"] {
        assert_eq!(advice(reply(Status::OK, body)), Advice::Unknown, "{body:?}");
    }
}

#[test]
fn a_request_that_is_too_large_is_refused_as_the_call_says() {
    let refused = |path| {
        let mut buffer = [0; 256];
        let mut w = Writer::new(&mut buffer);
        let request = post(path, "");
        septet::answer::refuse(&[&API], &request, Reason::TooLarge, &mut w).unwrap();
        String::from_utf8(w.written().to_vec()).unwrap()
    };
    assert_eq!(refused(SEND), "24|data validation failed: the request is too large");
    assert_eq!(refused(BATCH), "201|maximum batch size exceeded");
    assert_eq!(call("send_batch").body_max(), 32 << 20);
    assert_eq!(call("send_sms").body_max(), 1 << 20);
}

// Replies.

/// The body that an answer is.
fn body(call: &dyn Endpoint, answer: &Answer<'_>) -> &'static [u8] {
    let mut buffer = vec![0; 1 << 16];
    let mut w = Writer::new(&mut buffer);
    let head = call.emit_reply(answer, &mut w).unwrap();
    assert_eq!((head.status, head.content_type), (Status::OK, "text/plain"));
    keep(w.written())
}

fn ok(body: &[u8]) -> Reply<'_> {
    Reply { status: Status::OK, content_type: "text/plain", body }
}

#[test]
fn each_reply_is_written_to_the_octet_and_read_back() {
    let sent =
        |scheduled| Answer::Sent(Sent { id: Some(Text::plain("30430")), scheduled, ..Sent::new() });
    for (name, answer, written) in [
        ("send_sms", sent(false), "0|IN_PROGRESS|30430"),
        ("send_sms", sent(true), "1|SCHEDULED|30430"),
        ("send_batch", sent(false), "0|IN_PROGRESS|30430"),
        ("send_batch", sent(true), "1|SCHEDULED|30430"),
        ("send_sms", Answer::Sent(Sent::new()), "0|IN_PROGRESS|"),
        ("quote_sms", Answer::Quoted(250), "0|Quotation issued|2.50"),
        ("quote_sms", Answer::Quoted(5), "0|Quotation issued|0.05"),
        (
            "get_credits",
            Answer::Credits(Credits { hundredths: 210_115, aliases: false }),
            "0|2101.15",
        ),
    ] {
        assert_eq!(body(call(name), &answer), written.as_bytes());
        for body in [written.to_string(), format!(" {written}\r\n")] {
            let body = keep::<str>(body);
            assert_eq!(call(name).parse_reply(&ok(body.as_bytes())), answer, "{body}");
        }
    }
    let quoted = |body: &'static str| call("quote_sms").parse_reply(&ok(body.as_bytes()));
    for (body, hundredths) in
        [("0|Quotation issued|2", 200), ("0|q|2.5|", 250), ("0|q|2.505", 250), ("0|q|0.0000", 0)]
    {
        assert_eq!(quoted(body), Answer::Quoted(hundredths), "{body}");
    }
    for body in ["0|Quotation issued", "0|q|", "0|q|-1", "0|q|1.x", "0|q|1.00x", "0|q|1e3"] {
        assert_eq!(quoted(body).advice(), Advice::Unknown, "{body}");
    }
    // Two fields are a success, too.
    let none = Answer::Sent(Sent::new());
    assert_eq!(call("send_sms").parse_reply(&ok(b"0|IN_PROGRESS")), none);
    // Nothing else is an answer to the call.
    for name in ["send_sms", "send_batch", "quote_sms", "get_credits", "get_report", "get_inbox"] {
        let written = body(call(name), &Answer::Taken);
        assert_eq!(written, b"40|temporarily unavailable: something went wrong", "{name}");
    }
}

fn delivery<'a>() -> Delivery<'a> {
    Delivery {
        text: Some(Text::plain("Hi")),
        created: Some(civil(at(16, 6, 40))),
        done: Some(civil(at(16, 7, 0))),
        credits: Some(2),
        sender: Some(Text::plain("MyBrand")),
        client_id: Some(Text::plain("inv-7")),
        ..Delivery::new(Text::plain("44123123456"), State::Delivered)
    }
}

#[test]
fn reports_have_their_fields_in_the_order_asked() {
    let reports = |columns, rows| Answer::Reports(Reports { columns, rows });
    let plain = slice([
        Delivery::new(Text::plain("44123123456"), State::Delivered),
        Delivery::new(Text::plain("44123123457"), State::Waiting),
    ]);
    let answer = reports(List::EMPTY, Rows::slice(plain));
    let written = b"0|Results to follow\n\n44123123456|11\n44123123457|0\n";
    assert_eq!(body(call("get_report"), &answer), written);
    assert_eq!(call("get_report").parse_reply(&ok(written)), answer);
    let newer = b"0|Returns to follow\r\n44123123456|11\r\n44123123457|0\r\n";
    assert_eq!(call("get_report").parse_reply(&ok(newer)), answer);
    // Of a submission that nobody knows there are no lines.
    let unknown = Answer::Refused(Refusal::new(Reason::UnknownId, Text::plain("7")));
    assert_eq!(body(call("get_report"), &unknown), b"0|Results to follow\n\n");

    let rows = slice([
        Delivery { text: Some(Text::plain("Hi [a|b] \\n \r\n€")), ..delivery() },
        Delivery { text: None, credits: None, done: None, ..delivery() },
    ]);
    for columns in [
        &["source_id", "body", "credits"][..],
        &["body"],
        &["completed_time", "created_time", "origin_address", "body", "credits", "source_id"],
        &["credits"],
    ] {
        let names = slice(columns.iter().map(|name| Text::plain(name)));
        let answer = reports(List::Slice(names), Rows::slice(rows));
        let written = body(call("get_report"), &answer);
        let has = |name| columns.contains(&name);
        let seen = |row: &Delivery<'static>| Delivery {
            recipient: row.recipient,
            state: row.state,
            status: None,
            text: row.text.filter(|_| has("body")),
            created: row.created.filter(|_| has("created_time")),
            done: row.done.filter(|_| has("completed_time")),
            credits: row.credits.filter(|_| has("credits")),
            sender: row.sender.filter(|_| has("origin_address")),
            client_id: row.client_id.filter(|_| has("source_id")),
        };
        let expected = slice(rows.iter().map(seen));
        let reply = ok(written);
        let (id, columns) = ("7".into(), List::Slice(names));
        let asked = Op::Reports(ReportsQuery { id, recipient: None, columns });
        let read = call("get_report").parse_reply_to(&reply, &asked);
        assert_eq!(read, reports(List::Slice(names), Rows::slice(expected)));
        // Who does not know what was asked reads recipients and states.
        let Answer::Reports(read) = call("get_report").parse_reply(&reply) else { panic!() };
        assert_eq!(
            read.rows.iter().map(|row| row.state).collect::<Vec<_>>(),
            [State::Delivered; 2]
        );
    }
    // What the network said of a message on its way is told apart.
    let tried = Delivery { state: State::EnRoute, status: Some(0x21), ..delivery() };
    let given = Delivery { status: None, ..tried };
    let answer = reports(List::EMPTY, Rows::slice(slice([tried, given])));
    let written = body(call("get_report"), &answer);
    assert_eq!(written, b"0|Results to follow\n\n44123123456|63\n44123123456|10\n");
    let names = slice(["source_id", "body", "credits"].map(Text::plain));
    let written = body(call("get_report"), &reports(List::Slice(names), Rows::slice(rows)));
    assert_eq!(
        written.escape_ascii().to_string(),
        "0|Results to follow\\n\\n44123123456|11|inv-7|Hi [a|b] \\xbb/n \\\\r\\\\n\\xbbe|2\\n\
         44123123456|11|inv-7||\\n"
    );
}

fn inbound(id: &'static str, text: &'static str) -> Inbound<'static> {
    Inbound {
        body: Some(Payload::Text(Text::plain(text))),
        received: Some(civil(at(16, 6, 40))),
        answers: Some(Text::plain("30430")),
        ..Inbound::new(id.into(), "44123123456".into(), "44771234567".into())
    }
}

#[test]
fn the_inbox_has_a_line_for_each_message() {
    let rows = slice([
        inbound("19", "Hi\r\nMom [1|2] € \\n"),
        Inbound { answers: None, ..inbound("20", "中|文") },
        inbound("22", "a\u{C}b"),
        Inbound {
            body: Some(Payload::Octets {
                segments: Rows::one(Octets::plain(&[0xAB, 1])),
                has_header: false,
            }),
            sender: "MyBrand".into(),
            ..inbound("21", "")
        },
    ]);
    let answer = Answer::Inbox(Inbox { rows: Rows::slice(rows), page: None, total: 4 });
    let written = body(call("get_inbox"), &answer);
    assert_eq!(
        written.escape_ascii().to_string(),
        "0|records to follow|4\\n\\n\
         19|44123123456|Hi\\\\r\\\\nMom [1|2] \\xbbe \\xbb/n|2004-01-20 16:06:40|44771234567|30430|7bit\\n\
         20|44123123456|4e2d007c6587|2004-01-20 16:06:40|44771234567|0|16bit\\n\
         22|44123123456|0061000c0062|2004-01-20 16:06:40|44771234567|30430|16bit\\n\
         21|MyBrand|AB01|2004-01-20 16:06:40|44771234567|30430|8bit\\n"
    );
    assert_eq!(call("get_inbox").parse_reply(&ok(written)), answer);
    let one = Answer::Inbox(Inbox { rows: Rows::slice(&rows[..1]), page: None, total: 1 });
    let written = body(call("get_inbox_1.0"), &one);
    assert_eq!(
        written.escape_ascii().to_string(),
        "0|records to follow|1\\n\\n\
         19|44123123456|Hi\\\\r\\\\nMom [1|2] \\xbbe \\xbb/n|2004-01-20 16:06:40|44771234567|30430\\n"
    );
    assert_eq!(call("get_inbox_1.0").parse_reply(&ok(written)), one);
    // What does not say how it is written is not written so that it could be taken for another.
    for (text, line) in [("á °", "á °"), ("á \\n", "00e10020005c006e"), ("Ω", "\u{DB}")] {
        let row = slice([inbound("19", text)]);
        let answer = Answer::Inbox(Inbox { rows: Rows::slice(row), page: None, total: 1 });
        let written = body(call("get_inbox_1.0"), &answer);
        let written: String = written.iter().map(|octet| char::from(*octet)).collect();
        assert!(written.contains(&format!("|{line}|2004")), "{written}");
    }
    // A backslash before anything else is one, and a line that has too few fields is none.
    let odd = b"0|records to follow|2\n\nx|y\n19|44123123456|C:\\temp|2004-01-20 16:06:40|44771234567|30430|7bit";
    let Answer::Inbox(inbox) = call("get_inbox").parse_reply(&ok(odd)) else { panic!() };
    let read: Vec<_> = inbox.rows.iter().collect();
    assert_eq!((read, inbox.total), (vec![inbound("19", "C:\\temp")], 2));
    // Without the encoding, what cannot be taken for the GSM alphabet stands as it is; what names
    // nobody, and no submission, is nothing.
    let bare = b"0|records to follow|1\n\n19|4\x02412|\xe1\xbbe\\n|2004-01-20 16:06:40||\x02 7\n";
    let name = call("get_inbox_1.0");
    let answer = name.parse_reply(&ok(bare));
    let Answer::Inbox(inbox) = answer else { panic!() };
    let read: Vec<_> = inbox.rows.iter().collect();
    let nobody = Inbound { sender: "".into(), recipient: "".into(), ..inbound("19", "á»e\n") };
    assert_eq!(read, [Inbound { answers: None, ..nobody }]);
    assert_eq!(
        body(name, &answer),
        b"0|records to follow|1\n\n19||\xe1\xbbe\\n|2004-01-20 16:06:40||0\n"
    );
    let greek = slice([Inbound { answers: None, ..inbound("19", "\u{D0}") }]);
    let answer = Answer::Inbox(Inbox { rows: Rows::slice(greek), page: None, total: 1 });
    assert!(body(name, &answer).starts_with(b"0|records to follow|1\n\n19|44123123456|00d0|"));
    // At most a thousand.
    let many = slice(vec![inbound("1", "x"); 1001]);
    let answer = Answer::Inbox(Inbox { rows: Rows::slice(many), page: None, total: 1001 });
    let mut buffer = vec![0; 1 << 20];
    let mut w = Writer::new(&mut buffer);
    call("get_inbox").emit_reply(&answer, &mut w).unwrap();
    assert!(w.written().starts_with(b"0|records to follow|1000\n\n1|"));
    assert_eq!(w.written().iter().filter(|octet| **octet == b'\n').count(), 1002);
    let empty = Answer::Inbox(Inbox { rows: Rows::EMPTY, page: None, total: 0 });
    assert_eq!(body(call("get_inbox"), &empty), b"0|records to follow|0\n\n");
}

#[test]
fn a_callback_is_taken_by_what_has_a_character() {
    let reply = |status, body| Reply { status: Status(status), content_type: "text/html", body };
    for (status, body, report, inbox) in [
        (200, &b"1"[..], Advice::Done, Advice::Done),
        (200, b"", Advice::RetryLater, Advice::DoNotRetry),
        (204, b"", Advice::RetryLater, Advice::DoNotRetry),
        (302, b"x", Advice::RetryLater, Advice::DoNotRetry),
        (404, b"x", Advice::RetryLater, Advice::DoNotRetry),
        (500, b"x", Advice::RetryLater, Advice::RetryLater),
        (503, b"x", Advice::RetryLater, Advice::DoNotRetry),
    ] {
        assert_eq!(call("push_report").parse_reply(&reply(status, body)).advice(), report);
        assert_eq!(call("push_inbox").parse_reply(&reply(status, body)).advice(), inbox);
    }
    for name in ["push_report", "push_inbox"] {
        for (answer, status, written) in [
            (Answer::Taken, 200, &b"OK"[..]),
            (Answer::Refused(Refusal::plain(Reason::Busy)), 500, b""),
        ] {
            let mut buffer = [0; 16];
            let mut w = Writer::new(&mut buffer);
            let head = call(name).emit_reply(&answer, &mut w).unwrap();
            assert_eq!((head.status, w.written()), (Status(status), written));
            assert_eq!(call(name).parse_reply(&reply(status, written)), answer);
        }
    }
    assert_eq!(API.retry.first, [3600, 3 * 3600, 12 * 3600]);
    // The tries themselves may take an hour.
    assert_eq!(API.retry.first.iter().sum::<u32>() + 3600, API.retry.until);
    assert!(API.retry.then > API.retry.until);
    assert_eq!(API.ids, Ids::Number);
}

#[test]
fn each_delivery_status_code_is_a_state_and_each_state_a_code() {
    let read = |code: u16| {
        let query = format!("msisdn=44123123456&batch_id=1&status={code}");
        let request = Request::new(Method::Get, "/", query.as_bytes(), b"");
        match call("push_report").parse_request(&request) {
            Ok(Op::Report(report)) => report.state,
            other => panic!("{other:?}"),
        }
    };
    for (state, codes) in [
        (State::Waiting, &[0][..]),
        (State::EnRoute, &[10, 12, 40, 60, 61, 62, 63, 64]),
        (State::Delivered, &[11]),
        (State::Undeliverable, &[22, 23, 24, 25, 26, 27, 28, 31, 33, 51, 52, 54, 56, 57]),
        (State::Deleted, &[29]),
        (State::Blacklisted, &[32]),
        (State::GaveUp, &[50]),
        (State::Expired, &[53]),
        (State::Unknown, &[70, 55, 99]),
    ] {
        for code in codes {
            assert_eq!(read(*code), state, "{code}");
        }
    }
    let written = |state, status| {
        let report = Report {
            id: Some(Text::plain("1")),
            recipient: Some(Text::plain("44123123456")),
            status,
            ..Report::new(state)
        };
        let mut buffer = [0; 256];
        let asked = Asked { credentials: None, op: Op::Report(report) };
        let emitted =
            call("push_report").emit_request(&asked, &How::default(), &mut buffer).unwrap();
        let (_, code) = emitted.query.split_once("&status=").unwrap();
        code.parse::<u16>().unwrap()
    };
    for (state, code) in [
        (State::Delivered, 11),
        (State::Waiting, 0),
        (State::Scheduled, 0),
        (State::EnRoute, 10),
        (State::Unknown, 70),
        (State::Deleted, 29),
        (State::Expired, 53),
        (State::InsufficientFunds, 50),
        (State::Blacklisted, 32),
        (State::UnknownRecipient, 51),
        (State::GaveUp, 50),
        (State::Undeliverable, 51),
    ] {
        assert_eq!(written(state, None), code, "{state}");
    }
    // As TP-ST has it.
    for (statuses, code) in [
        (0x00..=0x02, 11),
        (0x20..=0x25, 63),
        (0x41..=0x45, 51),
        (0x46..=0x46, 53),
        (0x47..=0x48, 29),
        (0x49..=0x49, 51),
        (0x60..=0x6F, 50),
    ] {
        for status in statuses {
            let state = State::from(septet::tpdu::codes::Status(status));
            assert_eq!(written(state, Some(status)), code, "{status:#04X}");
        }
    }
}

// Batches.

fn batch(options: &str, lines: &str) -> Result<Op<'static>, septet::Error> {
    let mut form = format!("{options}&batch_data=");
    for octet in lines.chars().map(|c| u8::try_from(c).unwrap()) {
        form.push_str(&format!("%{octet:02X}"));
    }
    call("send_batch").parse_request(&post(BATCH, keep::<str>(form)))
}

/// The messages of a batch, as a person sees them.
fn batched(options: &str, lines: &str) -> Vec<(String, String)> {
    let op = batch(options, lines);
    let Ok(Op::Send(submit)) = op else { panic!("{lines}: {op:?}") };
    assert!(submit.cut && submit.skip_invalid);
    let seen = |(recipient, content): (septet::api::Recipient<'_>, septet::api::Content<'_>)| {
        (recipient.to_string(), content.to_string())
    };
    submit.messages.iter().map(seen).collect()
}

#[test]
fn lines_of_a_batch_are_read_by_their_columns() {
    for (lines, text) in [
        ("msisdn,message\n\"44123123456\",\"Hi\"\n", "Hi"),
        ("msisdn,message\r\n44123123456,Hi Mom \r\n", "Hi Mom"),
        ("\"message\",\"x\",\"msisdn\"\nHi,,\"44123123456\",more", "Hi"),
        (" message , msisdn \n \"Hi\" , 44123123456 ", "Hi"),
        ("msisdn,message\n44123123456,\" a, b \"", " a, b "),
        ("msisdn,message\n44123123456,\"say \\\"Hi\\\"\"", "say \"Hi\""),
        ("msisdn,message\n44123123456,\"two\\\nlines\"\n", "two\nlines"),
        ("msisdn,message\n44123123456,\"5 \u{BB}e \u{BB}/ \u{BB}\\\n\"", "5 € \\ \u{C}"),
        ("msisdn,message\n44123123456,C:\\temp", "C:\\temp"),
        ("msisdn,message\n+44123123456,Hi", "Hi"),
        ("msisdn,message\n0044123123456,Hi", "Hi"),
    ] {
        let expected = ("44123123456".into(), septet::text::quoted(text.chars()).to_string());
        assert_eq!(batched("", lines), [expected], "{lines}");
    }
    // Lines that cannot be sent are skipped, wherever they stand.
    for line in [
        "",
        " ",
        "44123123456",
        "44123123456,",
        "44123123456,\"\"",
        "44123123456,\"open",
        "44123123456,\"closed\" not",
        "44123123456,\"back\\",
        "4412x,Hi",
        ",Hi",
        "\"44123123456\"\"1\",Hi",
        "44123123456,\u{E1}",
        "44123123456,\u{BB}x",
    ] {
        let lines = format!("msisdn,message\n44123123457,one\n{line}\n44123123458,two");
        let numbers: Vec<_> = batched("", &lines).into_iter().map(|(number, _)| number).collect();
        match line.ends_with('\\') {
            // A backslash between quotation marks takes the line break with it.
            true => assert_eq!(numbers, ["44123123457"], "{line}"),
            false => assert_eq!(numbers, ["44123123457", "44123123458"], "{line}"),
        }
    }
    for lines in ["", "msisdn", "msisdn;message\n1,2", "\n", "\"msisdn,message\n44123123456,Hi"] {
        let error = batch("", lines).unwrap_err();
        assert_eq!((error.field, error.kind), ("batch_data", ErrorKind::Value), "{lines}");
    }
    let error = batch("", "msisdn,message\n44123123456,\u{9C}").unwrap_err();
    assert_eq!((error.field, error.kind), ("batch_data", ErrorKind::Charset));
}

#[test]
fn a_batch_is_read_by_its_dca() {
    let long = "4e2d".repeat(71);
    let lines = format!("msisdn,message\n44123123456,feff{long}\n44123123457,4e2\n44123123458,");
    let expected = ("44123123456".into(), format!("\"{}\"", "中".repeat(70)));
    assert_eq!(batched("dca=16bit", &lines), [expected]);
    // A pair is not cut in two.
    let long = format!("{}d83dde00", "0041".repeat(69));
    let expected = ("44123123456".into(), format!("\"{}\"", "A".repeat(69)));
    assert_eq!(batched("dca=16bit", &format!("msisdn,message\n44123123456,{long}")), [expected]);
    let lines = "msisdn,message\n44123123456,0605040B8423F0DC\n44123123457,06\n44123123458,0";
    let expected = ("44123123456".into(), "octets 0605040b8423f0dc".into());
    assert_eq!(batched("dca=8bit", lines), [expected]);
}

#[test]
fn a_batch_has_at_most_50000_messages_and_takes_no_longer_for_each() {
    let mut form = String::from("batch_data=msisdn,message%0A");
    for i in 0..50_000 {
        form.push_str(&format!("%22{}%22,%22Message+{i}%22%0A", 44_123_000_000_u64 + i));
    }
    let read = |form: &str| match call("send_batch").parse_request(&post(BATCH, form)) {
        Ok(Op::Send(submit)) => Ok(submit.messages.iter().count()),
        Ok(_) => panic!(),
        Err(error) => Err(call("send_batch").refusal(error).reason),
    };
    assert_eq!(read(&form), Ok(50_000));
    form.push_str("44123123456,one+more");
    assert_eq!(read(&form), Err(Reason::TooManyRecipients));
    let form = format!("username=john&password=abcd1234&{form}");
    let mut shop = Shop { answer: ACCEPTED };
    assert_eq!(
        replied(&mut shop, &post(BATCH, &form)),
        "201|maximum batch size exceeded: batch_data: has too many items"
    );
}

// Both ends.

/// Everything in the GSM alphabet that a carrier, a batch or a line might mistake.
const GSM: &str = "[@£$¥èéùìòÇ\r\n\u{C} a-zA-Z0-9ΔΦΓΛΩΠΨΣΘΞ^{}\\\\~|€\"%&=+,;\\[\\]ßÉ¡§¿]{1,40}";

fn text(pattern: &'static str) -> impl Strategy<Value = Text<'static>> {
    pattern.prop_map(|text| Text::plain(keep::<str>(text)))
}

fn ucs2() -> impl Strategy<Value = Text<'static>> {
    let fits = |text: &String| !text.starts_with('\u{FEFF}') && text.encode_utf16().count() <= 70;
    "(?s).{1,35}".prop_filter("one part", fits).prop_map(|text| Text::plain(keep::<str>(text)))
}

fn octets() -> impl Strategy<Value = Octets<'static>> {
    let segment = |(header, data): (Vec<u8>, Vec<u8>)| {
        let len = u8::try_from(header.len()).unwrap();
        Octets::plain(slice([vec![len], header, data].concat()))
    };
    let any = |most| proptest::collection::vec(any::<u8>(), 0..most);
    (any(20), any(120)).prop_map(segment)
}

fn number() -> impl Strategy<Value = Text<'static>> {
    text("[1-9][0-9]{4,14}")
}

fn list(
    item: impl Strategy<Value = Text<'static>>,
    least: usize,
) -> impl Strategy<Value = List<'static>> {
    proptest::collection::vec(item, least..4).prop_map(|items| List::Slice(slice(items)))
}

/// Messages with what they are written in.
fn messages(batch: bool) -> BoxedStrategy<(Messages<'static>, Alphabet, bool)> {
    if batch {
        let texts = |text: BoxedStrategy<Text<'static>>, alphabet: Alphabet| {
            let row = (number(), text).prop_map(|(recipient, text)| Addressed { recipient, text });
            let rows = proptest::collection::vec(row, 1..4);
            let messages = move |rows| (Messages::Each(Rows::slice(slice(rows))), alphabet, true);
            rows.prop_map(messages)
        };
        let octets = (number(), octets()).prop_map(|(recipient, octets)| AddressedOctets {
            recipient,
            octets,
            has_header: true,
        });
        let octets = proptest::collection::vec(octets, 1..4)
            .prop_map(|rows| (Messages::EachOctets(Rows::slice(slice(rows))), Alphabet::Any, true));
        let gsm = texts(text(GSM).boxed(), Alphabet::Gsm7);
        return prop_oneof![gsm, texts(ucs2().boxed(), Alphabet::Ucs2), octets].boxed();
    }
    let octets = octets().prop_map(|octets| {
        (Payload::Octets { segments: Rows::one(octets), has_header: true }, Alphabet::Any)
    });
    let body = prop_oneof![
        text(GSM).prop_map(|text| (Payload::Text(text), Alphabet::Gsm7)),
        ucs2().prop_map(|text| (Payload::Text(text), Alphabet::Ucs2)),
        octets,
    ];
    let groups = || list(text("[0-9]{1,5}"), 1);
    let to = prop_oneof![
        list(number(), 1).prop_map(Recipients::numbers),
        groups().prop_map(|groups| Recipients { groups, ..Recipients::numbers(List::EMPTY) }),
        (list(number(), 1), groups())
            .prop_map(|(numbers, groups)| Recipients { groups, ..Recipients::numbers(numbers) }),
    ];
    (to, body)
        .prop_map(|(to, (body, alphabet))| (Messages::Same { to, body }, alphabet, false))
        .boxed()
}

prop_compose! {
    /// A submission as the server reads it.
    fn submission(batch: bool)(
        (messages, alphabet, batch) in messages(batch),
        sender in proptest::option::of(text("[A-Za-z0-9 &]{1,11}|[0-9]{1,15}")),
        client_id in proptest::option::of(text("[A-Za-z0-9 é_.&-]{1,20}")),
        key in proptest::option::of(1..=0x7FFF_FFFF_u32),
        schedule in proptest::option::of(prop_oneof![
            any::<u64>().prop_map(When::Unix),
            (0..24_u8, 0..60_u8, 0..60_u8).prop_map(|(h, m, s)| civil(at(h, m, s))),
        ]),
        class in 0..=3_u8,
        protocol: Option<u8>,
        flags: [bool; 2],
        parts in 1..=127_u8,
        test in prop_oneof![Just(None), Just(Some(Test::Succeed)), Just(Some(Test::Fail))],
        notes in proptest::array::uniform4(any::<bool>()),
    ) -> Submit<'static> {
        let [report, strip] = flags;
        let repliable = if sender.is_some() { "0" } else { "1" };
        let all = [
            ("routing_group", "3"),
            ("cost_route", "2"),
            ("repliable", repliable),
            ("scheduling_description", "a & b"),
        ];
        let notes = all.into_iter().zip(notes).filter(|(_, is_there)| *is_there);
        let notes = notes.map(|((name, value), _)| Note { name, value: Text::plain(value) });
        Submit {
            sender,
            client_id,
            dedupe: key.map(|key| Dedupe {
                key: Text::plain(keep::<str>(key.to_string())),
                again: Again::FirstAnswer,
                window_s: 14_400,
            }),
            schedule,
            class: Some(class),
            protocol,
            report,
            alphabet,
            parts_max: Some(if alphabet == Alphabet::Gsm7 { parts } else { 1 }),
            cut: batch,
            duplicates: if strip { Duplicates::Strip } else { Duplicates::Refuse },
            skip_invalid: batch,
            test,
            notes: Rows::slice(slice(notes)),
            ..Submit::new(messages)
        }
    }
}

/// The request that was written, as the other end gets it.
fn sent_request(emitted: &Emitted<'_>, charset: Option<Charset>) -> Request<'static> {
    let content_type = emitted.content_type.map(|value| ("Content-Type", value));
    let request = Request::new(
        emitted.method,
        keep::<str>(emitted.path),
        keep::<[u8]>(emitted.query.as_bytes()),
        keep::<[u8]>(emitted.body),
    );
    Request { headers: slice(content_type), charset, ..request }
}

/// What is asked by either method and in either charset is read as it was asked, and what was read is
/// written as it was.
fn comes_back(name: &str, op: Op<'static>) -> Result<(), TestCaseError> {
    let call = call(name);
    let credentials = (!call.schemes().is_empty()).then(john);
    for method in call.methods() {
        for charset in [None, Some(Charset::Utf8)] {
            let how = How { method: Some(*method), carrier: None, charset };
            let write = |op| {
                let mut buffer = vec![0; 1 << 14];
                let asked = Asked { credentials, op };
                let emitted = call.emit_request(&asked, &how, &mut buffer);
                emitted.map(|emitted| sent_request(&emitted, charset))
            };
            let request = write(op);
            prop_assert!(request.is_ok(), "{op:?}: {request:?}");
            let request = request.unwrap();
            prop_assert!(call.paths().is_empty() || call.paths().contains(&request.path));
            prop_assert_eq!(call.credentials(&request), Ok(credentials));
            prop_assert_eq!(call.parse_request(&request), Ok(op));
            let again = write(call.parse_request(&request).unwrap()).unwrap();
            prop_assert_eq!((again.query, again.body), (request.query, request.body));
            // Field by field it is the same.
            let mut buffer = vec![0; 1 << 14];
            let source = call.source(&request).unwrap();
            let emitted = call.emit_fields(credentials.as_ref(), source, &how, &mut buffer);
            let emitted = sent_request(&emitted.unwrap(), charset);
            prop_assert_eq!((emitted.query, emitted.body), (request.query, request.body));
        }
    }
    Ok(())
}

/// An answer is read as it was given, and what was read is written as it was.
fn answer_comes_back(name: &str, answer: Answer<'static>) -> Result<(), TestCaseError> {
    let written = body(call(name), &answer);
    let read = call(name).parse_reply(&ok(written));
    prop_assert_eq!(read, answer, "{:?}", written.escape_ascii().to_string());
    prop_assert_eq!(body(call(name), &read), written);
    Ok(())
}

fn stamp() -> impl Strategy<Value = When<'static>> {
    (0..24_u8, 0..60_u8, 0..60_u8)
        .prop_map(|(hour, minute, second)| civil(at(hour, minute, second)))
}

fn payload() -> impl Strategy<Value = Payload<'static>> {
    let octets = octets()
        .prop_map(|octets| Payload::Octets { segments: Rows::one(octets), has_header: false });
    prop_oneof![
        text(GSM).prop_map(Payload::Text),
        ucs2().prop_map(Payload::Text),
        Just(Payload::Text(Text::EMPTY)),
        octets,
    ]
}

prop_compose! {
    fn received()(
        id in text("[1-9][0-9]{0,9}"),
        sender in text("[1-9][0-9]{4,14}|[A-Za-z][A-Za-z0-9]{2,10}|Δ€|00Bar|a\\|\\[b\\]"),
        recipient in number(),
        body in payload(),
        answers in proptest::option::of(text("[1-9][0-9]{0,9}")),
    ) -> Inbound<'static> {
        Inbound { body: Some(body), answers, ..Inbound::new(id, sender, recipient) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_submission_is_read_as_it_was_asked(submit in submission(false)) {
        comes_back("send_sms", Op::Send(submit))?;
        comes_back("quote_sms", Op::Quote(submit))?;
    }

    #[test]
    fn a_batch_is_read_as_it_was_asked(submit in submission(true)) {
        comes_back("send_batch", Op::Send(submit))?;
    }

    #[test]
    fn a_question_is_read_as_it_was_asked(
        id in text("[1-9][0-9]{0,18}"),
        last: u64,
        recipient in proptest::option::of(number()),
        columns in proptest::sample::subsequence(vec![
            "source_id", "body", "credits", "completed_time", "origin_address", "created_time",
        ], 0..=6),
    ) {
        let columns = List::Slice(slice(columns.into_iter().map(Text::plain)));
        comes_back("get_report", Op::Reports(ReportsQuery { id, recipient, columns }))?;
        comes_back("get_credits", Op::Credits(CreditsQuery::default()))?;
        let after = InboxQuery::After { id: last, recipient: None, limit: 1000 };
        comes_back("get_inbox", Op::Inbox(after))?;
        comes_back("get_inbox_1.0", Op::Inbox(after))?;
    }

    #[test]
    fn a_callback_is_read_as_it_was_told(
        inbound in received(),
        id in text("[1-9][0-9]{0,9}"),
        client_id in proptest::option::of(text("[A-Za-z0-9 é_.&-]{1,20}")),
        done in proptest::option::of(stamp()),
        recipient in number(),
        state in proptest::sample::select(vec![
            State::Delivered, State::Waiting, State::EnRoute, State::Unknown, State::Deleted,
            State::Expired, State::Blacklisted, State::GaveUp, State::Undeliverable,
        ]),
    ) {
        comes_back("push_inbox", Op::Inbound(Inbound { client_id, ..inbound }))?;
        let report = Report {
            id: Some(id), client_id, recipient: Some(recipient), done, ..Report::new(state)
        };
        comes_back("push_report", Op::Report(report))?;
    }

    #[test]
    fn an_answer_is_read_as_it_was_given(
        id in proptest::option::of(text("[1-9][0-9]{0,18}")),
        scheduled: bool,
        hundredths: u32,
        rows in proptest::collection::vec((received(), stamp()), 0..4),
        states in proptest::collection::vec(number(), 0..4),
        subject in text("([a-z_]{1,12}( [a-z0-9]{1,9}){0,3})?"),
    ) {
        for name in ["send_sms", "send_batch"] {
            answer_comes_back(name, Answer::Sent(Sent { id, scheduled, ..Sent::new() }))?;
        }
        let hundredths = u64::from(hundredths);
        answer_comes_back("quote_sms", Answer::Quoted(hundredths))?;
        answer_comes_back("get_credits", Answer::Credits(Credits { hundredths, aliases: false }))?;
        let rows = slice(rows.into_iter().map(|(row, at)| Inbound { received: Some(at), ..row }));
        let inbox = Inbox { rows: Rows::slice(rows), page: None, total: rows.len() as u64 };
        answer_comes_back("get_inbox", Answer::Inbox(inbox))?;
        let rows = slice(states.into_iter().map(|to| Delivery::new(to, State::Delivered)));
        let reports = Reports { columns: List::EMPTY, rows: Rows::slice(rows) };
        answer_comes_back("get_report", Answer::Reports(reports))?;
        for reason in [
            Reason::WrongPassword,
            Reason::Invalid,
            Reason::Credit,
            Reason::Vendor(22, Advice::DoNotRetry),
            Reason::Vendor(26, Advice::RetryLater),
            Reason::Vendor(27, Advice::DoNotRetry),
            Reason::Vendor(28, Advice::RetryLater),
            Reason::Busy,
            Reason::TooManyRecipients,
        ] {
            for name in ["send_sms", "send_batch", "quote_sms", "get_credits", "get_inbox"] {
                answer_comes_back(name, Answer::Refused(Refusal::new(reason, subject)))?;
            }
        }
        // What the words of other reasons say is read as words.
        for reason in Reason::ALL {
            let detail = Text::plain("why");
            let refused = Answer::Refused(Refusal { reason: *reason, subject, detail });
            let written = body(call("send_sms"), &refused);
            let read = call("send_sms").parse_reply(&ok(written));
            prop_assert_eq!(body(call("send_sms"), &read), written);
        }
    }

    #[test]
    fn no_octets_are_too_strange(octets: Vec<u8>, path in 0..7_usize) {
        let path = [SEND, BATCH, QUOTE, CREDITS, REPORT, INBOX, INBOX_1_0][path];
        let form = [b"msisdn=44123123456&last_retrieved_id=1&batch_data=msisdn,message%0A1,&message=",
            octets.as_slice()].concat();
        let call = call_at(path);
        let _ = call.parse_request(&Request::new(Method::Post, path, b"", &form));
        for start in ["", "0|x\n", "0|x|1\n\n44123123456|11|", "1|"] {
            let reply = [start.as_bytes(), &octets].concat();
            let answer = call.parse_reply(&ok(&reply));
            let mut buffer = vec![0; 1 << 14];
            let _ = call.emit_reply(&answer, &mut Writer::new(&mut buffer));
        }
    }
}

#[test]
fn a_request_that_is_cut_is_refused_or_says_what_is_left() {
    for vector in vectors() {
        let carried = if vector.body.is_empty() { vector.query.as_bytes() } else { &vector.body };
        for len in 0..carried.len() {
            let request = vector.request();
            let call = match served(&[&API], request.method, request.path) {
                Served::Call(_, call) => call,
                _ if vector.id.contains("mo") => call("push_inbox"),
                _ => call("push_report"),
            };
            let request = if vector.body.is_empty() {
                Request { query: &carried[..len], ..request }
            } else {
                Request { body: &carried[..len], ..request }
            };
            let _ = call.credentials(&request);
            match call.parse_request(&request) {
                Ok(Op::Send(submit)) => {
                    assert!(len > 30, "{}", vector.id);
                    for (recipient, content) in submit.messages.iter() {
                        assert!(recipient.is_msisdn());
                        assert!(!matches!(content.to_string().as_str(), "\"\"" | "octets "));
                    }
                }
                Ok(Op::Credits(_)) => assert_eq!(call.name(), "get_credits"),
                Ok(Op::Reports(query)) => assert!(!query.id.is_empty()),
                Ok(Op::Report(report)) => assert!(report.id.is_some()),
                Ok(Op::Inbound(inbound)) => assert!(inbound.body.is_some()),
                Ok(op) => panic!("{op:?}"),
                Err(error) => assert!(!error.field.is_empty(), "{}: {error}", vector.id),
            }
        }
    }
    // Digits that are cut are refused wherever the message ends with them.
    for (dca, digits, unit) in
        [("8bit", "0605040B8423F0DC0601AE", 2), ("16bit", "4e2d658700410042", 4)]
    {
        for len in 0..digits.len() {
            let form =
                format!("msisdn=44123123456&dca={dca}&message={}", digits.get(..len).unwrap());
            let is_read = call("send_sms").parse_request(&post(SEND, &form)).is_ok();
            let has_header = dca == "16bit" || len >= 14;
            assert_eq!(is_read, len > 0 && len % unit == 0 && has_header, "{form}");
        }
    }
}

#[test]
fn what_cannot_be_carried_is_an_error_that_names_the_field() {
    let to = Recipients::numbers(List::Joined(Text::plain("44123123456")));
    let text = |text| Messages::Same { to, body: Payload::Text(Text::plain(text)) };
    let base = Submit { parts_max: Some(1), ..Submit::new(text("Hi")) };
    let refused = |name: &str, op| {
        let mut buffer = [0; 4096];
        let asked = Asked { credentials: Some(john()), op };
        let error = call(name).emit_request(&asked, &How::default(), &mut buffer).unwrap_err();
        error.field
    };
    let two = [Octets::plain(&[0, 1]), Octets::plain(&[0, 2])];
    let octets = |segments, has_header| Submit {
        messages: Messages::Same { to, body: Payload::Octets { segments, has_header } },
        ..base
    };
    let url = septet::api::Callback { url: Text::plain("http://example.com/"), carrier: None };
    let dedupe = |key, again| Some(Dedupe { key: Text::plain(key), again, window_s: 1 });
    let same = |to| Messages::Same { to, body: Payload::Text(Text::plain("Hi")) };
    let utc = When::utc(at(1, 2, 3));
    let long = keep::<str>("中".repeat(71));
    for (field, submit) in [
        ("callback", Submit { callback: Some(url), ..base }),
        ("validity", Submit { validity: Some(3600), ..base }),
        ("wants_used", Submit { wants_used: true, ..base }),
        ("wants_left", Submit { wants_left: true, ..base }),
        ("cut", Submit { cut: true, ..base }),
        ("skip_invalid", Submit { skip_invalid: true, ..base }),
        ("stop_dup_id", Submit { dedupe: dedupe("order-7", Again::FirstAnswer), ..base }),
        ("stop_dup_id", Submit { dedupe: dedupe("7", Again::Refused), ..base }),
        ("send_time", Submit { schedule: Some(utc), ..base }),
        ("msg_class", Submit { class: Some(4), ..base }),
        ("sender", Submit { sender: Some(Text::plain("MyLongBrand1")), ..base }),
        ("source_id", Submit { client_id: Some(Text::plain("123456789012345678901")), ..base }),
        ("message", Submit { messages: text(""), ..base }),
        ("message", Submit { messages: text("á"), alphabet: Alphabet::Gsm7, ..base }),
        ("message", Submit { messages: text(long), ..base }),
        ("message", Submit { messages: Messages::Each(Rows::EMPTY), ..base }),
        ("message", octets(Rows::slice(&two), true)),
        ("message", octets(Rows::one(Octets::plain(&[0])), false)),
        ("message", octets(Rows::one(Octets::plain(&[1])), true)),
        ("msisdn", Submit { messages: same(Recipients::numbers(List::EMPTY)), ..base }),
        ("msisdn", Submit { messages: same(Recipients { country: "44".into(), ..to }), ..base }),
        (
            "dest_group_id",
            Submit {
                messages: same(Recipients { groups: List::Joined("all".into()), ..to }),
                ..base
            },
        ),
    ] {
        assert_eq!(refused("send_sms", Op::Send(submit)), field);
        assert_eq!(refused("quote_sms", Op::Quote(submit)), field);
    }
    let one = |recipient, text| Messages::Each(Rows::one(Addressed { recipient, text }));
    let number = Text::plain("44123123456");
    for (field, messages) in [
        ("batch_data", text("Hi")),
        ("batch_data", Messages::Each(Rows::EMPTY)),
        ("msisdn", one("x".into(), "Hi".into())),
        ("message", one(number, "".into())),
        ("message", one(number, long.into())),
    ] {
        let submit = Submit { messages, ..base };
        assert_eq!(refused("send_batch", Op::Send(submit)), field);
    }
    let after = |recipient, limit| Op::Inbox(InboxQuery::After { id: 1, recipient, limit });
    assert_eq!(refused("get_inbox", after(None, 10)), "limit");
    assert_eq!(refused("get_inbox", after(Some(number), 1000)), "recipient");
    assert_eq!(
        refused("get_credits", Op::Credits(CreditsQuery { money: true, aliases: false })),
        "money"
    );
    let reports = |id: &'static str, columns: &'static str| {
        let columns = List::Joined(Text::plain(columns));
        Op::Reports(ReportsQuery { id: Text::plain(id), recipient: None, columns })
    };
    assert_eq!(refused("get_report", reports("x", "")), "batch_id");
    assert_eq!(refused("get_report", reports("7", "colour")), "optional_fields");
    assert_eq!(refused("get_report", reports("7", "body,body")), "optional_fields");
}

#[test]
fn what_is_asked_without_an_alphabet_has_the_one_that_it_needs() {
    let to = Recipients::numbers(List::Joined(Text::plain("+44123123456,0044123123457")));
    let form = |text, parts_max| {
        let messages = Messages::Same { to, body: Payload::Text(Text::plain(text)) };
        let op = Op::Send(Submit { parts_max, ..Submit::new(messages) });
        let mut buffer = [0; 4096];
        let asked = Asked { credentials: Some(john()), op };
        let emitted = call("send_sms").emit_request(&asked, &How::default(), &mut buffer).unwrap();
        String::from_utf8(emitted.body.to_vec()).unwrap()
    };
    let start = "username=john&password=abcd1234";
    let to = "msisdn=44123123456%2C44123123457";
    assert_eq!(form("Hi Mom & Dad", Some(1)), format!("{start}&message=Hi+Mom+%26+Dad&{to}"));
    assert_eq!(
        form("5 €", None),
        format!(
            "{start}&message=5+%BBe&{to}&allow_concat_text_sms=1&concat_text_sms_max_parts=127"
        )
    );
    assert_eq!(form("中", None), format!("{start}&message=4e2d&{to}&dca=16bit"));
}

#[test]
fn fields_in_utf_8_are_written_as_the_vendor_has_them() {
    let fields = |path, form: &'static str| {
        let call = call_at(path);
        let source = septet::fields::Source::of_form(septet::form::FormReader::new(
            form.as_bytes(),
            Charset::Utf8,
        ));
        let mut buffer = [0; 4096];
        let emitted = call.emit_fields(None, source, &How::default(), &mut buffer).unwrap();
        String::from_utf8(emitted.body.to_vec()).unwrap()
    };
    assert_eq!(
        fields(SEND, "msisdn=44123123456&message=5+€+[é]&dca=7bit"),
        "message=5+%BBe+%BB%3C%E9%BB%3E&msisdn=44123123456&dca=7bit"
    );
    assert_eq!(
        fields(BATCH, "batch_data=msisdn,message%0A44123123456,\"5+€+\\\"é\\\"\""),
        "batch_data=msisdn%2Cmessage%0A44123123456%2C%225+%BBe+%5C%22%E9%5C%22%22"
    );
}
