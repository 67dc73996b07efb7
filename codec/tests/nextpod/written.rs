//! What the client writes, and the gateway's callbacks.

use super::*;

#[test]
fn the_documented_request_is_written() {
    let asked = Asked { credentials: Some(key(None, KEY)), op: Op::Send(submit(&TO, "Hello!")) };
    let mut buffer = [0; 1024];
    let emitted = sms().emit_request(&asked, &How::default(), &mut buffer).unwrap();
    assert_eq!((emitted.method, emitted.path, emitted.query), (Method::Post, "/v2/sms", ""));
    assert_eq!(&emitted.headers[..], [("Authorization", BASIC)]);
    assert_eq!(emitted.content_type, Some(JSON));
    let body = r#"{"from":"Nextpod","to":"4791726200,4758484412","msg":"Hello!"}"#;
    assert_eq!(emitted.body, body.as_bytes());
    let how = How { carrier: Some(Carrier::Form), ..How::default() };
    let mut buffer = [0; 1024];
    let emitted = sms().emit_request(&asked, &how, &mut buffer).unwrap();
    assert_eq!(emitted.content_type, Some(FORM));
    assert_eq!(emitted.body, b"from=Nextpod&to=4791726200%2C4758484412&msg=Hello%21");
}

#[test]
fn what_the_vendor_cannot_carry_is_named() {
    let plain = submit(&TO, "Hello!");
    let same = |to, body| Submit { messages: Messages::Same { to, body }, ..plain };
    let to = Recipients::numbers(List::Slice(&TO));
    let body = Payload::Text(Text::plain("Hello!"));
    let long = "x".repeat(1501);
    let octets = Payload::Octets { segments: Rows::EMPTY, has_header: false };
    let twice = [TO[0], TO[1], TO[0]];
    let callback = |url, carrier| Some(Callback { url: Text::plain(url), carrier });
    let local = DateTime { year: 2019, month: 9, day: 25, hour: 8, minute: 58, second: 0 };
    let again = septet::api::Again::Refused;
    let value = |name| ErrorKind::Value.at(name, 0);
    let refused: Vec<(Submit<'_>, Error)> = vec![
        (Submit { sender: None, ..plain }, ErrorKind::Missing.at("from", 0)),
        (Submit { sender: Some(Text::plain("ab")), ..plain }, value("from")),
        (same(Recipients::numbers(List::EMPTY), body), ErrorKind::Empty.at("to", 0)),
        (same(Recipients { country: Text::plain("47"), ..to }, body), value("to")),
        (same(Recipients { groups: List::Slice(&TO), ..to }, body), value("to")),
        (same(Recipients::numbers(List::Joined(Text::plain("+4791726200"))), body), value("to")),
        (
            Submit {
                duplicates: Duplicates::Refuse,
                ..same(Recipients::numbers(List::Slice(&twice)), body)
            },
            ErrorKind::Repeated.at("to", 0),
        ),
        (same(to, octets), value("msg")),
        (same(to, Payload::Text(Text::EMPTY)), ErrorKind::Empty.at("msg", 0)),
        (same(to, Payload::Text(Text::plain(&long))), ErrorKind::TooLong.at("msg", 0)),
        (Submit { messages: Messages::Each(Rows::EMPTY), ..plain }, value("msg")),
        (
            Submit {
                messages: Messages::Merged { template: Text::EMPTY, rows: Rows::EMPTY },
                ..plain
            },
            value("msg"),
        ),
        (
            Submit { client_id: Some(Text::plain(&long)), ..plain },
            ErrorKind::TooLong.at("reference", 0),
        ),
        (
            Submit { dedupe: Some(Dedupe { key: TO[0], again, window_s: 1 }), ..plain },
            value("dedupe"),
        ),
        (Submit { callback: callback("x:", None), ..plain }, value("dlr_url")),
        (
            Submit {
                callback: callback("https://example.com/", Some(Carrier::Multipart)),
                ..plain
            },
            value("dlr_method"),
        ),
        (
            Submit { report: false, callback: callback("https://example.com/", None), ..plain },
            value("report"),
        ),
        (
            Submit { schedule: Some(When::Civil { at: local, zone: Zone::Account }), ..plain },
            value("send_time"),
        ),
        (Submit { validity: Some(60), ..plain }, value("validity")),
        (Submit { class: Some(0), ..plain }, value("class")),
        (Submit { protocol: Some(0x41), ..plain }, value("protocol")),
        (Submit { alphabet: Alphabet::Ucs2, ..plain }, value("alphabet")),
        (Submit { parts_max: Some(1), ..plain }, value("parts_max")),
        (Submit { cut: true, ..plain }, value("cut")),
        (Submit { skip_invalid: true, ..plain }, value("skip_invalid")),
        (Submit { test: Some(Test::Succeed), ..plain }, value("test")),
        (Submit { wants_used: true, ..plain }, value("wants_used")),
        (Submit { wants_left: true, ..plain }, value("wants_left")),
        (
            Submit { notes: Rows::one(Note { name: "gateway", value: Text::plain("x") }), ..plain },
            value("gateway"),
        ),
    ];
    let written = |submit: Submit<'_>| {
        let asked = Asked { credentials: Some(key(None, KEY)), op: Op::Send(submit) };
        let mut buffer = [0; 4096];
        let emitted = sms().emit_request(&asked, &How::default(), &mut buffer)?;
        Ok(String::from_utf8(emitted.body.to_vec()).unwrap())
    };
    for (submit, error) in refused {
        let named = |error: Error| (error.kind, error.field);
        assert_eq!(written(submit).map_err(named), Err(named(error)), "{submit:?}");
    }
    // What changes nothing is carried.
    let usual = written(plain);
    assert_eq!(written(Submit { duplicates: Duplicates::Refuse, ..plain }), usual);
    assert_eq!(written(Submit { report: false, ..plain }), usual);
    let note = Note { name: "another vendor's", value: Text::plain("x") };
    assert_eq!(written(Submit { notes: Rows::one(note), ..plain }), usual);
    // Any zone that is known is written as UTC, and the default of `dlr_method` is written out.
    let zone = Zone::Offset(120);
    let schedule = Some(When::Civil { at: DateTime { hour: 10, ..local }, zone });
    let body = r#"{"from":"Nextpod","to":"4791726200,4758484412","msg":"Hello!","send_time":"2019-09-25T08:58:00Z"}"#;
    assert_eq!(written(Submit { schedule, ..plain }).as_deref(), Ok(body));
    let schedule = Some(When::Unix(1_569_401_880));
    assert_eq!(written(Submit { schedule, ..plain }).as_deref(), Ok(body));
    let body = r#"{"from":"Nextpod","to":"4791726200,4758484412","msg":"Hello!","dlr_url":"https://example.com/","dlr_method":"JSON"}"#;
    let callback = callback("https://example.com/", None);
    assert_eq!(written(Submit { callback, ..plain }).as_deref(), Ok(body));
    for op in [Op::CheckSession, Op::Report(Report::new(State::Delivered))] {
        let asked = Asked { credentials: None, op };
        let error = sms().emit_request(&asked, &How::default(), &mut [0; 64]).unwrap_err();
        assert_eq!(error.field, "sms");
    }
}

#[test]
fn the_documented_callbacks_are_written() {
    assert_eq!((dlr().name(), mo().name()), ("dlr", "mo"));
    assert_eq!([dlr(), mo()].map(|endpoint| endpoint.paths().len()), [0, 0]);
    let report = Report {
        id: Some(Text::plain("89ADEE05-5960-43D4-83B7-61EABA45F5F9")),
        client_id: Some(Text::plain("5adFadX55sQfdsADFFS42")),
        recipient: Some(Text::plain("4791726200")),
        mcc: Some(242),
        mnc: Some(1),
        created: at((2019, 8, 28), (14, 59, 58)),
        sent: at((2019, 8, 28), (15, 0, 0)),
        done: at((2019, 8, 28), (15, 0, 8)),
        parts: Some(1),
        ..Report::new(State::Delivered)
    };
    // But for the operator's code, which is TP-ST here, the documented body.
    let json = r#"{"id":"89ADEE05-5960-43D4-83B7-61EABA45F5F9","reference":"5adFadX55sQfdsADFFS42","to":"4791726200","created_time":"2019-08-28T14:59:58Z","sent_time":"2019-08-28T15:00:00Z","status_updated":"2019-08-28T15:00:08Z","status_code":"200","status_text":"DELIVERED","operator_status_code":"0","mcc":"242","mnc":"1","msg_parts":"1"}"#;
    let op = Op::Report(Report { status: Some(0), ..report });
    assert_eq!(callback(dlr(), op, Carrier::Json), Ok((json.to_owned(), JSON)));
    let form = "id=89ADEE05-5960-43D4-83B7-61EABA45F5F9&reference=5adFadX55sQfdsADFFS42&to=4791726200&created_time=2019-08-28T14%3A59%3A58Z&sent_time=2019-08-28T15%3A00%3A00Z&status_updated=2019-08-28T15%3A00%3A08Z&status_code=200&status_text=DELIVERED&mcc=242&mnc=1&msg_parts=1";
    assert_eq!(callback(dlr(), Op::Report(report), Carrier::Form), Ok((form.to_owned(), FORM)));
    // What is not known is left out, but for the customer's id.
    let bare = Report { id: report.id, recipient: report.recipient, ..Report::new(State::EnRoute) };
    let json = r#"{"id":"89ADEE05-5960-43D4-83B7-61EABA45F5F9","reference":"","to":"4791726200","status_code":"201","status_text":"SENT"}"#;
    assert_eq!(callback(dlr(), Op::Report(bare), Carrier::Json), Ok((json.to_owned(), JSON)));

    let inbound = Inbound {
        keyword: Some(Text::plain("HELLO")),
        sub_keyword: Some(Text::plain("WONDERFUL")),
        body: Some(Payload::Text(Text::plain("Hello wonderful world!"))),
        received: at((2019, 8, 28), (15, 0, 0)),
        mcc: Some(242),
        mnc: Some(1),
        ..Inbound::new(Text::plain("1053289234"), Text::plain("4791726200"), Text::plain("2345"))
    };
    let json = r#"{"id":"1053289234","from":"4791726200","to":"2345","msg":"Hello wonderful world!","keyword":"HELLO","sub_keyword":"WONDERFUL","keyword_rules":"false","mcc":"242","mnc":"1","received_time":"2019-08-28T15:00:00"}"#;
    assert_eq!(callback(mo(), Op::Inbound(inbound), Carrier::Json), Ok((json.to_owned(), JSON)));
    let bare =
        Inbound { keyword: None, sub_keyword: Some(Text::EMPTY), mcc: None, mnc: None, ..inbound };
    let bare = Inbound { received: Some(When::Unix(1_567_004_400)), ..bare };
    let form = "id=1053289234&from=4791726200&to=2345&msg=Hello+wonderful+world%21&keyword_rules=false&received_time=2019-08-28T15%3A00%3A00";
    assert_eq!(callback(mo(), Op::Inbound(bare), Carrier::Form), Ok((form.to_owned(), FORM)));

    for (endpoint, op, kind, name) in [
        (dlr(), Op::Report(Report { id: None, ..report }), ErrorKind::Missing, "id"),
        (dlr(), Op::Report(Report { recipient: None, ..report }), ErrorKind::Missing, "to"),
        (dlr(), Op::Inbound(inbound), ErrorKind::Value, "status_code"),
        (mo(), Op::Report(report), ErrorKind::Value, "msg"),
        (mo(), Op::Inbound(Inbound { body: None, ..inbound }), ErrorKind::Missing, "msg"),
        (
            mo(),
            Op::Inbound(
                inbound
                    .with_body(Some(Payload::Octets { segments: Rows::EMPTY, has_header: false })),
            ),
            ErrorKind::Value,
            "msg",
        ),
    ] {
        assert_eq!(callback(endpoint, op, Carrier::Json), Err(kind.at(name, 0)));
    }
}

#[test]
fn every_state_has_a_code_and_every_code_a_state() {
    let states = [
        (State::Delivered, "200", "DELIVERED", State::Delivered),
        (State::EnRoute, "201", "SENT", State::EnRoute),
        (State::Waiting, "201", "SENT", State::EnRoute),
        (State::Scheduled, "201", "SENT", State::EnRoute),
        (State::Unknown, "201", "SENT", State::EnRoute),
        (State::Undeliverable, "400", "UNDELIVERED", State::Undeliverable),
        (State::Blacklisted, "403", "REJECTED", State::Blacklisted),
        (State::InsufficientFunds, "403", "REJECTED", State::Blacklisted),
        (State::UnknownRecipient, "404", "UNKNOWN_SUBSCRIBER", State::UnknownRecipient),
        (State::Expired, "408", "EXPIRED", State::Expired),
        (State::Deleted, "410", "DELETED", State::Deleted),
        (State::GaveUp, "500", "FAILED", State::GaveUp),
    ];
    let id = Some(Text::plain("1"));
    for (state, code, word, read) in states {
        let op = Op::Report(Report { id, recipient: id, ..Report::new(state) });
        let (body, _) = callback(dlr(), op, Carrier::Json).unwrap();
        let tail = format!(r#""status_code":"{code}","status_text":"{word}"}}"#);
        assert!(body.ends_with(&tail), "{body}");
        Post::json(&body).with(|request| {
            let expected = Report { id, recipient: id, ..Report::new(read) };
            assert_eq!(dlr().parse_request(request), Ok(Op::Report(expected)));
        });
    }
    for (code, word, state) in [
        ("202", "DELIVERED", State::Delivered),
        ("200", "ACCEPTED", State::EnRoute),
        ("299", "BUFFERED", State::EnRoute),
        ("300", "DELIVERED", State::Undeliverable),
        ("2000", "DELIVERED", State::Undeliverable),
        ("20x", "DELIVERED", State::Undeliverable),
        ("-5", "ABSENT", State::Undeliverable),
        ("408", "TIMEOUT", State::Expired),
        ("408", "DELIVERED", State::Expired),
    ] {
        let body = format!("id=1&to=1&status_code={code}&status_text={word}");
        Post::form(&body).with(|request| {
            let Ok(Op::Report(report)) = dlr().parse_request(request) else { panic!("{body}") };
            let words = Some(Text::plain(word)).filter(|_| state != State::Delivered);
            assert_eq!((report.state, report.words), (state, words), "{body}");
            // Told on, it says the same.
            let (body, _) = callback(dlr(), Op::Report(report), Carrier::Json).unwrap();
            Post::json(&body).with(|request| {
                assert_eq!(dlr().parse_request(request), Ok(Op::Report(report)), "{body}");
            });
        });
    }
}

#[test]
fn the_interface_is_registered() {
    let api = api_named("nextpod").unwrap();
    assert_eq!((api.base, api.calls.len(), api.ids), ("/v2", 1, Ids::UuidEach));
    assert_eq!(api.retry, RetrySchedule::USUAL);
    let lockout = api.lockout.unwrap();
    assert_eq!((lockout.failures, lockout.seconds), (20, 1200));
    assert_eq!(sms().carriers(), [Carrier::Json, Carrier::Form, Carrier::Multipart]);
    let fields = Scheme::KeyFields { account: "account_id", key: "api_key" };
    assert_eq!(sms().schemes(), [Scheme::BasicKey, fields]);
    assert!(sms().keeps_query() && dlr().keeps_query() && mo().keeps_query());
}
