//! The gateway of a board: what comes over its host line, and what becomes of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test panics"
)]

mod accounts;
mod bench;
mod blocking;
mod callback;
mod connection;
mod cut;
mod direct;
mod events;
mod line;
mod retained;
mod tape;

use bench::{Bench, form, get, json, status};
use septet::api::State;
use septet::tpdu::codes::Status;
use septet_firmware::engine::{NotSent, Outcome, Why};
use septet_firmware::gateway::apis;

/// A request to send one message, for each interface, and what its reply has.
fn sends() -> Vec<(&'static str, String, &'static str)> {
    let basic = "Authorization: Basic ZGVtbzpzZWNyZXQ=\r\n";
    vec![
        (
            "gatewayapi-v1",
            get("/legacy/http/v1/sendsms?username=demo&password=secret&countryCode=45\
                 &number=12345678&message=hello"),
            "",
        ),
        (
            "gatewayapi-v2",
            form(
                "/legacy/http/v2/sendsms",
                "",
                "user=demo&password=secret&to=4512345678&sessionid=\
                 4512345678:1&smsc=dk.x&from=1204&text=hello",
            ),
            "",
        ),
        (
            "nextpod",
            json("/v2/sms", basic, r#"{"to": "4512345678", "from": "1204", "msg": "hello"}"#),
            "",
        ),
        (
            "websms",
            json(
                "/rest/smsmessaging/text",
                basic,
                r#"{"recipientAddressList": ["4512345678"],
                 "messageContent": "hello", "maxSmsPerMessage": 1}"#,
            ),
            "statusCode\":2000",
        ),
        (
            "skebby",
            json(
                "/API/v1.0/REST/sms",
                "user_key: demo\r\nAccess_token: secret\r\n",
                r#"{"message_type": "GP", "message": "hello", "recipient": ["+4512345678"]}"#,
            ),
            "\"result\"",
        ),
        (
            "bulksms-eapi",
            form(
                "/eapi/submission/send_sms/2/2.0",
                "",
                "username=demo&password=secret\
                 &message=hello&msisdn=4512345678",
            ),
            "0|",
        ),
    ]
}

#[test]
fn every_interface_sends_a_message_and_tells_its_end() {
    for (name, request, has) in sends() {
        let mut bench = Bench::new();
        bench.ready();
        let reply = bench.ask(&request);
        assert!(matches!(status(&reply), 200 | 201) && reply.contains(has), "{name}: {reply}");
        assert_eq!(bench.next().as_deref(), Some("4512345678: hello"), "{name}");
        assert_eq!(bench.next(), None, "{name}: one at a time");
        bench.finished(Outcome::Sent { reference: 7 });
        bench.report(7, "4512345678", Status::RECEIVED);
        let messages: Vec<_> = bench.gateway.outbox().messages().map(|sms| sms.state()).collect();
        assert_eq!(messages.iter().filter(|own| **own == State::Delivered).count(), 1, "{name}");
    }
}

#[test]
fn every_interface_refuses_who_is_not_known_in_its_own_words() {
    for (name, request, _) in sends() {
        let mut bench = Bench::new();
        let wrong =
            request.replace("secret", "wrong!").replace("ZGVtbzpzZWNyZXQ=", "ZGVtbzp3cm9uZyE=");
        let reply = bench.ask(&wrong);
        assert!(bench.gateway.outbox().messages().next().is_none(), "{name}: {reply}");
        let right = Bench::new().ask(&request);
        assert_ne!(reply, right, "{name}");
        // Some programs give their password to who asks for it alone.
        let is_asked = request.contains("Basic") && status(&reply) == 401;
        assert_eq!(reply.contains("WWW-Authenticate"), is_asked, "{name}: {reply}");
    }
}

#[test]
fn a_long_text_goes_part_by_part_and_a_refused_one_ends() {
    let mut bench = Bench::new();
    bench.ready();
    let text = "x".repeat(400);
    bench.ask(&form("/eapi/submission/send_sms/2/2.0", "", &format!(
        "username=demo&password=secret&allow_concat_text_sms=1&concat_text_sms_max_parts=5&message={text}&msisdn=4512345678"
    )));
    for reference in 0..2 {
        assert!(bench.next().is_some());
        bench.finished(Outcome::Sent { reference });
    }
    assert!(bench.next().is_some());
    // It never left: it is put off, and goes again.
    bench.finished(Outcome::NotSent(NotSent::NoPrompt));
    assert_eq!(bench.next(), None);
    bench.pass(10_000);
    assert!(bench.next().is_some());
    bench.finished(Outcome::Unknown(Why::NoAnswer));
    assert_eq!(bench.next(), None);
    bench.report(0, "4512345678", Status::RECEIVED);
    bench.report(1, "4512345678", Status::RECEIVED);
    let states: Vec<_> = bench.gateway.outbox().messages().map(|sms| sms.state()).collect();
    assert_eq!(states, [State::Unknown]);
}

#[test]
fn events_wait_until_they_are_acknowledged() {
    let mut bench = Bench::new();
    bench.ready();
    // Nothing yet: it is held open.
    assert_eq!(bench.hear(get("/events").as_bytes()), "");
    bench.receive("4587654321", "hi \"there\"");
    let event = bench.said();
    assert!(
        event.contains(r#""type":"received""#) && event.contains(r#""text":"hi \"there\"""#),
        "{event}"
    );
    assert!(event.contains(r#""from":"4587654321""#), "{event}");
    // Again, until it is acknowledged.
    let again = bench.ask(&get("/events"));
    assert_eq!(event, again);
    let id: u32 =
        event.split("\"id\":").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    let delete = |id: u32| format!("DELETE /events/{id} HTTP/1.1\r\n\r\n");
    assert_eq!(status(&bench.ask(&delete(id + 1))), 404);
    assert_eq!(status(&bench.ask(&delete(id))), 200);
    assert_eq!(status(&bench.ask(&delete(id))), 404);
    assert_eq!(bench.hear(get("/events").as_bytes()), "");
    bench.pass(30_000);
    assert_eq!(status(&bench.said()), 204);

    let (_, request, _) = sends().remove(1);
    bench.ask(&request);
    bench.next().unwrap();
    bench.finished(Outcome::Sent { reference: 3 });
    bench.report(3, "4512345678", Status::RECEIVED);
    let event = bench.ask(&get("/events"));
    assert!(event.contains(r#""state":"delivered""#) && event.contains("gatewayapi-v2"), "{event}");
}

#[test]
fn a_message_of_parts_is_one_event() {
    let mut bench = Bench::new();
    let text = "0123456789".repeat(30);
    bench.receive("4587654321", &text);
    let event = bench.ask(&get("/events"));
    assert!(event.contains(&text), "{event}");
    let id: u32 =
        event.split("\"id\":").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert_eq!(status(&bench.ask(&format!("DELETE /events/{id} HTTP/1.1\r\n\r\n"))), 200);
    assert_eq!(bench.hear(get("/events").as_bytes()), "");
}

#[test]
fn a_full_outbox_says_later_and_forgets_what_is_over() {
    let mut bench = Bench::new();
    let send = |number: u32| {
        form(
            "/legacy/http/v2/sendsms",
            "",
            &format!(
                "user=demo&password=secret&to=4512345678&sessionid=4512345678:{number}&smsc=dk.x&from=1204&text=hello"
            ),
        )
    };
    let first = bench.ask(&send(0));
    let mut number = 0;
    let refused = loop {
        number += 1;
        let reply = bench.ask(&send(number));
        if status(&reply) != 200 {
            break reply;
        }
    };
    assert_eq!(number, 32, "{refused}");
    assert!(status(&refused) >= 500, "{refused}");
    // The same again is the same.
    assert_eq!(bench.ask(&send(0)), first);
    bench.ready();
    bench.next().unwrap();
    bench.finished(Outcome::Unknown(Why::NoAnswer));
    assert_eq!(status(&bench.ask(&send(number))), 200);
}

#[test]
fn the_page_shows_the_modem_and_the_last_messages() {
    let mut bench = Bench::new();
    let page = bench.ask(&get("/"));
    assert!(page.contains("is being set up"), "{page}");
    bench.ready();
    bench.ask(&sends().remove(1).1);
    let page = bench.ask(&get("/"));
    assert!(page.contains("<td>ready") && page.contains("4512345678"), "{page}");
    assert_eq!(apis::ALL.len(), 6);
}

#[test]
fn settings_are_changed_by_who_may_and_kept() {
    let mut bench = Bench::new();
    let set = |headers: &str, body: &str| form("/settings", headers, body);
    let ask = |bench: &mut Bench, headers, body| status(&bench.ask(&set(headers, body)));
    assert_eq!(
        ask(
            &mut bench,
            "",
            "account=shop&secret=s3cret&pin=1234&keyword=TEST&url=http://x/y\
             &number=4520001204&allow=192.168.0.0/16"
        ),
        200
    );
    let told = bench.ask(&get("/settings"));
    let (_, told) = told.split_once("\r\n\r\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "pin": true, "operator": false, "number": "4520001204", "interface": "",
            "reports": "", "allow": "192.168.0.0/16", "accounts": ["demo", "shop"], "keywords": {"TEST": "http://x/y"}
        })
    );
    assert!(!told.contains("s3cret") && !told.contains("1234"), "{told}");
    for wrong in [
        "pin=12a",
        "pin=123456789",
        "account=x",
        "account=x&pin=1",
        "secret=x",
        "keyword=x&secret=y",
        "account=x&secret=",
        "nothing=1",
        "number=1204",
        "number=45200012041234567",
        "allow=192.168.0.0",
        "allow=192.168.0.0/33",
        // It makes no callbacks.
        "interface=gatewayapi-v2",
    ] {
        assert_eq!(ask(&mut bench, "", wrong), 400, "{wrong}");
    }
    assert_eq!(ask(&mut bench, "", "operator=secret&remove=demo&remove=TEST"), 200);
    let refused = bench.ask(&set("", "pin=1"));
    assert_eq!(status(&refused), 401);
    assert!(refused.contains("\r\nWWW-Authenticate: Basic "), "{refused}");
    assert_eq!(ask(&mut bench, "Authorization: Basic ZGVtbzp3cm9uZyE=\r\n", "pin=1"), 401);
    assert_eq!(ask(&mut bench, "Authorization: Basic ZGVtbzpzZWNyZXQ=\r\n", "pin=1"), 200);
    // It is there after a start.
    let kept = bench.gateway.settings().clone();
    assert_eq!((kept.accounts.len(), kept.keywords.len(), kept.pin.as_str()), (1, 0, "1"));
    let again = Bench::with(bench.gateway.into_keep());
    assert_eq!(*again.gateway.settings(), kept);
}

#[test]
fn a_keyword_names_the_url_of_a_message() {
    let mut bench = Bench::new();
    bench.ask(&form("/settings", "", "keyword=TEST&url=http://x/y"));
    bench.receive("4587654321", &format!("test {}", "long ".repeat(40)));
    let event = bench.ask(&get("/events"));
    assert!(event.contains(r#""url":"http://x/y""#), "{event}");
    let (_, json) = event.split_once("\r\n\r\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["at"], "2026-11-23T09:30:00+01:00");
}
