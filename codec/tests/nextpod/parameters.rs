//! Every parameter, and what it changes.

use super::*;

/// What a parameter changes.
type Changes<F> = (&'static str, &'static str, F);

type SendCheck = fn(&Submit<'_>) -> bool;
type ReportCheck = fn(&Report<'_>) -> bool;
type InboundCheck = fn(&Inbound<'_>) -> bool;

/// Every parameter of `sms`, as JSON, and what it changes.
const SEND: &[Changes<SendCheck>] = &[
    ("from", r#""Mycompany""#, |submit| submit.sender == Some(Text::plain("Mycompany"))),
    ("from", "47917262001234", |submit| submit.sender == Some(Text::plain("47917262001234"))),
    ("to", r#"" 4791726200 ,4758484412, ""#, |submit| {
        numbers(submit) == ["4791726200", "4758484412"]
    }),
    ("to", r#"["4791726200", 4758484412]"#, |submit| {
        numbers(submit) == ["4791726200", "4758484412"]
    }),
    ("to", "47917", |submit| numbers(submit) == ["47917"]),
    ("to", r#""4791726200,4791726200""#, |submit| submit.duplicates == Duplicates::Strip),
    ("msg", r#""Hei \u00e6\ud83d\ude00""#, |submit| text(submit) == "Hei æ😀"),
    ("send_time", r#""2019-09-25T08:58:00Z""#, |submit| {
        submit.schedule == at((2019, 9, 25), (8, 58, 0))
    }),
    ("send_time", r#""2019-09-25T08:58:00.000Z""#, |submit| {
        submit.schedule == at((2019, 9, 25), (8, 58, 0))
    }),
    ("send_time", r#""2019-09-25T10:58:00+02:00""#, |submit| {
        submit.schedule.and_then(|when| when.in_utc()).map(When::utc)
            == at((2019, 9, 25), (8, 58, 0))
    }),
    ("dlr_url", r#""https://example.com/dlr?a=b""#, |submit| {
        let url = Text::plain("https://example.com/dlr?a=b");
        submit.callback == Some(Callback { url, carrier: Some(Carrier::Json) })
    }),
    ("dlr_method", r#""FORM", "dlr_url": "https://example.com/""#, |submit| {
        submit.callback.and_then(|callback| callback.carrier) == Some(Carrier::Form)
    }),
    ("dlr_method", r#""json", "dlr_url": "https://example.com/""#, |submit| {
        submit.callback.and_then(|callback| callback.carrier) == Some(Carrier::Json)
    }),
    // Nothing, where no report goes anywhere.
    ("dlr_method", r#""FORM""#, |submit| submit.callback.is_none()),
    ("reference", r#""5adFadX55sQfdsADFFS42""#, |submit| {
        submit.client_id == Some(Text::plain("5adFadX55sQfdsADFFS42")) && submit.dedupe.is_none()
    }),
    ("reference", "17", |submit| submit.client_id == Some(Text::plain("17"))),
    ("reference", r#""""#, |submit| submit.client_id.is_none()),
    // A note: which modem sends is the gateway's business.
    ("gateway", "12", |submit| submit.note("gateway") == Some(Text::plain("12"))),
    ("gateway", r#""007""#, |submit| submit.note("gateway") == Some(Text::plain("007"))),
    // What nobody knows is ignored.
    ("flash", "true", |submit| submit.class.is_none() && submit.notes.is_empty()),
];

/// Every parameter of the delivery report, as JSON, and what it changes.
const REPORT: &[Changes<ReportCheck>] = &[
    ("id", r#""89ADEE05""#, |report| report.id == Some(Text::plain("89ADEE05"))),
    ("reference", r#""mine""#, |report| report.client_id == Some(Text::plain("mine"))),
    ("reference", r#""""#, |report| report.client_id.is_none()),
    ("to", "4791726200", |report| report.recipient == Some(Text::plain("4791726200"))),
    ("created_time", r#""2019-08-28T14:59:58Z""#, |report| {
        report.created == at((2019, 8, 28), (14, 59, 58))
    }),
    ("sent_time", r#""2019-08-28T15:00:00Z""#, |report| {
        report.sent == at((2019, 8, 28), (15, 0, 0))
    }),
    ("status_updated", r#""2019-08-28T15:00:08Z""#, |report| {
        report.done == at((2019, 8, 28), (15, 0, 8))
    }),
    ("status_code", "404", |report| report.state == State::UnknownRecipient),
    ("status_text", r#""SENT""#, |report| report.state == State::EnRoute && report.words.is_none()),
    ("status_text", r#""BUFFERED""#, |report| {
        report.state == State::EnRoute && report.words == Some(Text::plain("BUFFERED"))
    }),
    ("operator_status_code", r#""70""#, |report| report.status == Some(0x46)),
    // Another operator's code is no TP-ST.
    ("operator_status_code", r#""1001""#, |report| report.status.is_none()),
    ("operator_status_code", r#""07""#, |report| report.status.is_none()),
    ("operator_status_code", r#""x""#, |report| report.status.is_none()),
    ("mcc", r#""242""#, |report| report.mcc == Some(242)),
    ("mnc", "1", |report| report.mnc == Some(1)),
    ("msg_parts", r#""3""#, |report| report.parts == Some(3)),
];

/// Every parameter of the received message, as JSON, and what it changes.
const INBOUND: &[Changes<InboundCheck>] = &[
    ("id", "1053289234", |inbound| inbound.id == *"1053289234"),
    ("from", "4791726200", |inbound| inbound.sender == *"4791726200"),
    ("to", r#""2345""#, |inbound| inbound.recipient == *"2345"),
    ("msg", r#""Hello wonderful world!""#, |inbound| {
        inbound.body == Some(Payload::Text(Text::plain("Hello wonderful world!")))
    }),
    ("keyword", r#""HELLO""#, |inbound| inbound.keyword == Some(Text::plain("HELLO"))),
    ("sub_keyword", r#""WONDERFUL""#, |inbound| {
        inbound.sub_keyword == Some(Text::plain("WONDERFUL"))
    }),
    // Nothing: what was done elsewhere changes nothing of the message.
    ("keyword_rules", r#""true""#, |inbound| {
        *inbound
            == Inbound::new(inbound.id, inbound.sender, inbound.recipient).with_body(inbound.body)
    }),
    ("mcc", r#""242""#, |inbound| inbound.mcc == Some(242)),
    ("mnc", r#""1""#, |inbound| inbound.mnc == Some(1)),
    ("received_time", r#""2019-08-28T15:00:00""#, |inbound| {
        inbound.received == at((2019, 8, 28), (15, 0, 0))
    }),
    ("received_time", r#""2019-08-28T15:00:00Z""#, |inbound| {
        inbound.received == at((2019, 8, 28), (15, 0, 0))
    }),
];

/// Asserts that a table has every name, and that each value changes what the table says.
fn changes<F: Copy>(
    endpoint: &dyn Endpoint,
    usual: &Value,
    table: &[Changes<F>],
    holds: impl Fn(F, &Op<'_>) -> bool,
) {
    let listed: BTreeSet<&str> = table.iter().map(|(name, ..)| *name).collect();
    let unlisted: Vec<_> =
        endpoint.fields().iter().filter(|name| !listed.contains(*name)).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    for (name, value, check) in table {
        let mut usual = usual.clone();
        usual.as_object_mut().unwrap().remove(*name);
        let usual = usual.to_string();
        let body = format!("{{\"{name}\":{value},{}", &usual[1..]);
        Post::json(&body).with(|request| {
            let op = endpoint.parse_request(request).unwrap_or_else(|e| panic!("{body}: {e}"));
            assert!(holds(*check, &op), "{body}: {op:?}");
        });
    }
}

#[test]
fn every_parameter_changes_what_it_should() {
    let usual = json!({ "from": "Nextpod", "to": "4791726200", "msg": "Hello!" });
    changes(sms(), &usual, SEND, |check, op| match op {
        Op::Send(submit) => check(submit),
        other => panic!("{other:?}"),
    });
    let usual =
        json!({ "id": "1", "to": "4791726200", "status_code": "200", "status_text": "DELIVERED" });
    changes(dlr(), &usual, REPORT, |check, op| match op {
        Op::Report(report) => check(report),
        other => panic!("{other:?}"),
    });
    let usual = json!({ "id": "1", "from": "4791726200", "to": "2345", "msg": "Hello" });
    changes(mo(), &usual, INBOUND, |check, op| match op {
        Op::Inbound(inbound) => check(inbound),
        other => panic!("{other:?}"),
    });
    assert_eq!(sms().fields(), <Send<'_> as Fields<'_>>::NAMES);
    assert_eq!(dlr().fields(), <DeliveryReport<'_> as Fields<'_>>::NAMES);
    assert_eq!(mo().fields(), <Received<'_> as Fields<'_>>::NAMES);
}

#[test]
fn lengths_are_counted_in_characters() {
    for (name, value) in [
        ("from", "abc".to_owned()),
        ("from", "My Æøå, As.".to_owned()),
        ("from", "4".repeat(3)),
        ("from", "4".repeat(14)),
        ("to", "4".repeat(5)),
        ("to", "4".repeat(15)),
        ("msg", "😀".repeat(1500)),
        ("reference", "æ".repeat(100)),
    ] {
        Post::json(&with(&[(name, json!(value))])).submit(|_| ());
    }
}

#[test]
fn the_body_counts_before_the_query() {
    let mixed = Post {
        query: "from=Query&msg=Query&reference=query",
        ..Post::json(r#"{"from":"Body","to":"4791726200","msg":null}"#)
    };
    mixed.submit(|submit| {
        assert_eq!(submit.sender, Some(Text::plain("Body")));
        assert_eq!(text(submit), "Query");
        assert_eq!(submit.client_id, Some(Text::plain("query")));
    });
    let form =
        Post { query: "to=x", ..Post::form("from=Nextpod&to=4791726200&to=4758484412&msg=a+b") };
    form.submit(|submit| {
        assert_eq!(numbers(submit), ["4791726200", "4758484412"]);
        assert_eq!(text(submit), "a b");
    });
    // The gateway that counts is noted, too.
    let query = "from=Nextpod&to=4791726200&msg=a&gateway=7";
    Post::query(query).submit(|submit| assert_eq!(submit.note("gateway"), Some(Text::plain("7"))));
}
