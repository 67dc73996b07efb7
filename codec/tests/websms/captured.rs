//! What real clients send.

use septet::api::{
    Authorization, Callback, Credentials, Duplicates, Messages, Method, Op, Payload, Request,
    State, Test, websms,
};
use septet::fields::List;
use septet::octets::{Coding, Octets};
use septet::text::{Secret, Text};
use serde_json::Value;

use super::{answered, endpoint, refused};

struct Captured {
    id: String,
    method: Method,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    expected: Value,
    accepting: Value,
}

fn base64(digits: &str) -> Vec<u8> {
    Octets::coded(Text::plain(digits), Coding::Base64).unwrap().iter().collect()
}

fn captured() -> Vec<Captured> {
    let file: Value =
        serde_json::from_str(include_str!("../../vectors/http_requests.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_this_api = |entry: &&Value| entry["expected"]["api"] == "websms";
    let read = |entry: &Value| {
        let whole = text(&entry["path_and_query"]);
        let (path, query) = whole.split_once('?').unwrap_or((&whole, ""));
        let header = |header: &Value| (text(&header[0]), text(&header[1]));
        Captured {
            id: text(&entry["id"]),
            method: if entry["method"] == "GET" { Method::Get } else { Method::Post },
            path: path.to_owned(),
            query: query.to_owned(),
            headers: entry["headers"].as_array().unwrap().iter().map(header).collect(),
            body: match entry["body_base64"].as_str() {
                Some(digits) => base64(digits),
                None => text(&entry["body"]).into_bytes(),
            },
            expected: entry["expected"].clone(),
            accepting: entry["accepting_reply"].clone(),
        }
    };
    file["requests"].as_array().unwrap().iter().filter(of_this_api).map(read).collect()
}

impl Captured {
    fn with<R>(&self, with: impl FnOnce(&Request<'_>) -> R) -> R {
        let mut buffer = [0; 256];
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let authorization = headers.iter().find(|(name, _)| *name == "Authorization");
        let authorization = match authorization {
            Some((_, value)) => Authorization::read(value, &mut buffer),
            None => Authorization::Absent,
        };
        let request = Request::new(self.method, &self.path, self.query.as_bytes(), &self.body);
        with(&Request { authorization, headers: &headers, ..request })
    }

    fn field(&self, name: &str) -> Option<Text<'_>> {
        self.expected["fields"][name].as_str().map(Text::plain)
    }

    fn texts(&self, name: &str) -> Vec<Text<'_>> {
        match &self.expected["fields"][name] {
            Value::Array(items) => items.iter().map(|v| Text::plain(v.as_str().unwrap())).collect(),
            joined => joined.as_str().unwrap().split(',').map(Text::plain).collect(),
        }
    }
}

fn credentials(expected: &Value) -> Credentials<'_> {
    let text = |value: &'static str| Text::plain(expected["auth"][value].as_str().unwrap());
    match expected["auth"]["kind"].as_str() {
        Some("basic") => {
            Credentials::Password { user: text("user"), password: Secret(text("password")) }
        }
        Some("bearer") => Credentials::Token(Secret(text("token"))),
        _ => {
            let token = expected["fields"]["access_token"].as_str().unwrap();
            Credentials::Token(Secret(Text::plain(token)))
        }
    }
}

#[test]
fn requests_of_real_clients_are_read() {
    let requests: Vec<_> =
        captured().into_iter().filter(|captured| captured.path != "/cb").collect();
    assert_eq!(requests.len(), 10);
    for captured in &requests {
        captured.with(|request| read(captured, request));
    }
}

fn read(captured: &Captured, request: &Request<'_>) {
    let id = &captured.id;
    let endpoint = endpoint(captured.method, &captured.path);
    assert_eq!(endpoint.credentials(request), Ok(Some(credentials(&captured.expected))), "{id}");
    let fields = &captured.expected["fields"];
    if fields["priority"] == 10 {
        // The request of the guide's example, which is refused.
        let error = endpoint.parse_request(request).unwrap_err();
        assert_eq!(error.field, "priority");
        return;
    }
    let Ok(Op::Send(submit)) = endpoint.parse_request(request) else { panic!("{id}") };
    let Messages::Same { to, body } = submit.messages else { panic!("{id}") };
    let numbers = captured.texts("recipientAddressList");
    assert_eq!(to.numbers, List::Slice(&numbers), "{id}");
    assert!(to.country.is_empty() && to.groups.is_empty());
    match body {
        Payload::Text(text) => assert_eq!(Some(text), captured.field("messageContent"), "{id}"),
        Payload::Octets { segments, has_header } => {
            assert_eq!(Some(has_header), fields["userDataHeaderPresent"].as_bool());
            let octets: Vec<Vec<u8>> = captured
                .texts("messageContent")
                .iter()
                .map(|digits| base64(&digits.to_string()))
                .collect();
            let segments = segments.iter().map(|segment| segment.iter().collect::<Vec<_>>());
            assert!(segments.eq(octets.iter().cloned()), "{id}");
            assert_eq!(octets[0][..3], [5, 0, 3]);
        }
    }
    let is_true = |name: &str| fields[name] == true || fields[name].as_str() == Some("true");
    assert_eq!(submit.sender, captured.field("senderAddress"), "{id}");
    assert_eq!(submit.client_id, captured.field("clientMessageId"), "{id}");
    assert_eq!(submit.dedupe, None);
    let url = captured.field("notificationCallbackUrl");
    assert_eq!(submit.callback, url.map(|url| Callback { url, carrier: None }), "{id}");
    assert_eq!(submit.class, is_true("sendAsFlashSms").then_some(0), "{id}");
    assert_eq!(submit.test, is_true("test").then_some(Test::Succeed), "{id}");
    assert_eq!(submit.duplicates, Duplicates::Strip);
    let most = &fields["maxSmsPerMessage"];
    let most = most.as_u64().or_else(|| most.as_str()?.parse().ok());
    assert_eq!(submit.parts_max.map(u64::from), most, "{id}");
    let note = |name: &str| submit.note(name).map(|value| value.to_string());
    assert_eq!(note("senderAddressType").as_deref(), fields["senderAddressType"].as_str());
    assert_eq!(note("priority"), fields["priority"].as_u64().map(|own| own.to_string()));
}

#[test]
fn the_request_of_the_guides_example_is_refused_as_there() {
    let of_the_guide = |captured: &Captured| captured.expected["fields"]["priority"] == 10;
    let captured = captured().into_iter().find(of_the_guide).unwrap();
    captured.with(|request| {
        let token = Authorization::Bearer(Secret(Text::plain("token")));
        let request = Request { authorization: token, ..*request };
        let body = refused(4015, "message priority is invalid");
        assert_eq!(answered(&request), (200, body));
    });
}

#[test]
fn notifications_are_read_and_written_as_they_were_seen() {
    let notifications: Vec<_> =
        captured().into_iter().filter(|captured| captured.path == "/cb").collect();
    assert_eq!(notifications.len(), 3);
    for captured in &notifications {
        let id = &captured.id;
        let (report, inbound) = (websms::API.report.unwrap(), websms::API.inbound.unwrap());
        let is_report = captured.field("messageType").unwrap() == *"deliveryReport";
        let (own, other) = if is_report { (report, inbound) } else { (inbound, report) };
        captured.with(|request| {
            assert!(other.parse_request(request).is_err(), "{id}");
            assert_eq!(own.credentials(request), Ok(None));
            let op = own.parse_request(request).unwrap_or_else(|e| panic!("{id}: {e}"));
            match op {
                Op::Report(report) => {
                    assert_eq!(report.notification, captured.field("notificationId"));
                    assert_eq!(report.id, captured.field("transferId"));
                    assert_eq!(report.recipient, captured.field("senderAddress"));
                    assert_eq!(report.client_id, captured.field("clientMessageId"));
                    assert_eq!(report.state, State::Delivered);
                    assert_eq!(report.sent.unwrap().to_string(), "2024-10-15 20:33:02 +02:00");
                    assert_eq!(report.done.unwrap().to_string(), "2024-10-15 20:33:03 +02:00");
                }
                Op::Inbound(inbound) => {
                    assert_eq!(Some(inbound.id), captured.field("notificationId"));
                    assert_eq!(Some(inbound.sender), captured.field("senderAddress"));
                    assert_eq!(Some(inbound.recipient), captured.field("recipientAddress"));
                    assert!(!inbound.flash);
                    match inbound.body.unwrap() {
                        Payload::Text(text) => {
                            assert_eq!(Some(text), captured.field("textMessageContent"));
                        }
                        Payload::Octets { segments, has_header } => {
                            assert!(has_header);
                            let segments: Vec<_> =
                                segments.iter().map(|segment| segment.to_string()).collect();
                            assert_eq!(segments, ["050003cc0201686920", "050003cc02027468657265"]);
                        }
                    }
                }
                op => panic!("{id}: {op}"),
            }
            let mut buffer = [0; 1024];
            let asked = septet::api::Asked { credentials: None, op };
            let how = septet::api::How::default();
            let emitted = own.emit_request(&asked, &how, &mut buffer).unwrap();
            let mut written: Value = serde_json::from_slice(emitted.body).unwrap();
            if captured.field("messageType").unwrap() == *"binary" {
                let flash = written.as_object_mut().unwrap().remove("messageFlashSms");
                assert_eq!(flash, Some(false.into()));
            }
            assert_eq!(written, captured.expected["fields"], "{id}");
        });
        assert_eq!(captured.accepting["body"], r#"{"statusCode":2000,"statusMessage":"OK"}"#);
    }
}
