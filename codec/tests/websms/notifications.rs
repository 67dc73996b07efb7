//! Notifications, and what a customer answers.

use septet::api::{
    Advice, Answer, Asked, DateTime, Endpoint, How, Inbound, Op, Payload, Reason, Refusal, Reply,
    Report, Request, RetrySchedule, State, Status, When, Zone, websms,
};
use septet::fields::Rows;
use septet::octets::Octets;
use septet::text::Text;
use septet::tpdu::codes;
use septet::wire::Writer;

use super::post;

fn report() -> &'static dyn Endpoint {
    websms::API.report.unwrap()
}

fn inbound() -> &'static dyn Endpoint {
    websms::API.inbound.unwrap()
}

fn written(endpoint: &dyn Endpoint, op: Op<'_>) -> Result<String, septet::Error> {
    let mut buffer = [0; 1024];
    let asked = Asked { credentials: None, op };
    let emitted = endpoint.emit_request(&asked, &How::default(), &mut buffer)?;
    assert_eq!((emitted.path, emitted.query), ("", ""));
    assert_eq!(emitted.content_type, Some("application/json"));
    Ok(String::from_utf8(emitted.body.to_vec()).unwrap())
}

fn at(second: u8, offset: i16) -> When<'static> {
    let at = DateTime { year: 2013, month: 5, day: 27, hour: 13, minute: 36, second };
    When::Civil { at, zone: Zone::Offset(offset) }
}

fn of(state: State) -> Report<'static> {
    Report {
        notification: Some(Text::plain("050f9005180a2a212469")),
        id: Some(Text::plain("006214b5440071843da1")),
        recipient: Some(Text::plain("4367612345678")),
        sent: Some(at(0, 120)),
        done: Some(at(1, 120)),
        ..Report::new(state)
    }
}

#[test]
fn a_report_says_what_became_of_a_message() {
    let delivered = Report { client_id: Some(Text::plain("m")), ..of(State::Delivered) };
    assert_eq!(
        written(report(), Op::Report(delivered)).unwrap(),
        r#"{"messageType":"deliveryReport","notificationId":"050f9005180a2a212469","transferId":"006214b5440071843da1","senderAddress":"4367612345678","deliveryReportMessageStatus":"delivered","sentOn":"2013-05-27T13:36:00.000+02:00","deliveredOn":"2013-05-27T13:36:01.000+02:00","deliveredAs":"sms","clientMessageId":"m"}"#
    );
    assert_eq!(
        written(report(), Op::Report(of(State::Expired))).unwrap(),
        r#"{"messageType":"deliveryReport","notificationId":"050f9005180a2a212469","transferId":"006214b5440071843da1","senderAddress":"4367612345678","deliveryReportMessageStatus":"expired","sentOn":"2013-05-27T13:36:00.000+02:00"}"#
    );
}

#[test]
fn every_status_of_the_network_has_a_status_here() {
    for status in 0..=0x7F_u8 {
        let expected = match status {
            0..=2 => "delivered",
            0x20..=0x25 | 0x30..=0x3F => "accepted",
            0x46 => "expired",
            0x47 | 0x48 => "deleted",
            0x40..=0x49 | 0x50..=0x5F => "rejected",
            0x60..=0x65 | 0x70..=0x7F => "undelivered",
            // Reserved.
            _ => continue,
        };
        let state = State::from(codes::Status(status));
        let body = written(report(), Op::Report(of(state))).unwrap();
        assert!(body.contains(&format!("Status\":\"{expected}\"")), "{status:02x}: {body}");
    }
    for state in [State::Waiting, State::Scheduled, State::Unknown] {
        let body = written(report(), Op::Report(of(state))).unwrap();
        assert!(body.contains("\"accepted\""), "{state}");
    }
    for state in [State::Blacklisted, State::InsufficientFunds] {
        let body = written(report(), Op::Report(of(state))).unwrap();
        assert!(body.contains("\"rejected\""), "{state}");
    }
}

#[test]
fn a_customer_reads_every_status() {
    for (status, state) in [
        ("delivered", State::Delivered),
        ("undelivered", State::GaveUp),
        ("expired", State::Expired),
        ("deleted", State::Deleted),
        ("accepted", State::EnRoute),
        ("rejected", State::Undeliverable),
    ] {
        let body = format!(
            r#"{{"messageType":"deliveryReport","notificationId":"1","transferId":"2","senderAddress":"436","deliveryReportMessageStatus":"{status}"}}"#
        );
        let Ok(Op::Report(read)) = report().parse_request(&post("/cb", body.as_bytes())) else {
            panic!("{status}")
        };
        assert_eq!(read.state, state);
        assert_eq!((read.sent, read.done, read.client_id), (None, None, None));
    }
}

#[test]
fn a_notification_that_lacks_something_is_refused() {
    let error = |endpoint: &dyn Endpoint, body: &str| {
        endpoint.parse_request(&post("/cb", body.as_bytes())).unwrap_err().to_string()
    };
    let head = r#""notificationId":"1","senderAddress":"436","recipientAddress":"437""#;
    for (rest, expected) in [
        (r#""messageType":"text""#, "textMessageContent is missing at octet 0"),
        (r#""messageType":"binary""#, "binaryMessageContent is missing at octet 0"),
        (r#""messageType":"whatsapp""#, "messageType has a value that is not allowed at octet 0"),
        (
            r#""messageType":"deliveryReport""#,
            "messageType has a value that is not allowed at octet 0",
        ),
    ] {
        assert_eq!(error(inbound(), &format!("{{{head},{rest}}}")), expected);
    }
    let body = r#"{"messageType":"text","notificationId":"1","transferId":"2","senderAddress":"3","deliveryReportMessageStatus":"delivered"}"#;
    assert_eq!(error(report(), body), "messageType has a value that is not allowed at octet 0");
    let body = body.replace("\"text\"", "\"deliveryReport\"").replace("\"delivered\"", "\"lost\"");
    assert_eq!(
        error(report(), &body),
        "deliveryReportMessageStatus has a value that is not allowed at octet 0"
    );
    // What a store must fill.
    for (lacking, name) in [
        (Report { notification: None, ..of(State::Deleted) }, "notificationId"),
        (Report { id: None, ..of(State::Deleted) }, "transferId"),
        (Report { recipient: None, ..of(State::Deleted) }, "senderAddress"),
        (Report { sent: Some(When::Unix(0)), ..of(State::Deleted) }, "sentOn"),
    ] {
        assert_eq!(written(report(), Op::Report(lacking)).unwrap_err().field, name);
    }
    let empty = Inbound::new(Text::plain("1"), Text::plain("2"), Text::plain("3"));
    assert!(written(inbound(), Op::Inbound(empty)).is_err());
}

#[test]
fn a_received_message_says_what_its_numbers_are() {
    let octets = [Octets::plain(&[5, 0, 3, 0xFB, 0xFF, 0xBF, 1])];
    let body = Payload::Octets { segments: Rows::slice(&octets), has_header: true };
    let number = Text::plain;
    let message = Inbound {
        body: Some(body),
        flash: true,
        ..Inbound::new(number("1"), number("436"), number("066012345678"))
    };
    assert_eq!(
        written(inbound(), Op::Inbound(message)).unwrap(),
        r#"{"messageType":"binary","notificationId":"1","senderAddress":"436","senderAddressType":"international","recipientAddress":"066012345678","recipientAddressType":"national","messageFlashSms":true,"userDataHeaderPresent":true,"binaryMessageContent":["BQAD-_-_AQ=="]}"#
    );
    for (recipient, kind) in [("123456", "shortcode"), ("4366012345678", "international")] {
        let message = Inbound { recipient: number(recipient), ..message };
        let body = written(inbound(), Op::Inbound(message)).unwrap();
        assert!(body.contains(&format!("\"recipientAddressType\":\"{kind}\"")), "{body}");
    }
    let message =
        Inbound { sender: number("Brand"), body: Some(Payload::Text(Text::EMPTY)), ..message };
    let body = written(inbound(), Op::Inbound(message)).unwrap();
    assert!(body.contains(r#""senderAddressType":"alphanumeric""#), "{body}");
    // An empty text is one.
    let request = Request::new(septet::api::Method::Post, "/cb", &[], body.as_bytes());
    assert_eq!(inbound().parse_request(&request), Ok(Op::Inbound(message)));
}

fn replied(answer: &Answer<'_>) -> (u16, String) {
    let mut buffer = [0; 256];
    let mut w = Writer::new(&mut buffer);
    let head = report().emit_reply(answer, &mut w).unwrap();
    (head.status.0, String::from_utf8(w.written().to_vec()).unwrap())
}

#[test]
fn a_customers_answer_takes_drops_or_puts_off() {
    let taken = r#"{"statusCode":2000,"statusMessage":"OK"}"#;
    assert_eq!(replied(&Answer::Taken), (200, taken.to_owned()));
    let busy = Answer::Refused(Refusal::plain(Reason::Busy));
    let body = r#"{"statusCode":5003,"statusMessage":"it is not taken now"}"#;
    assert_eq!(replied(&busy), (200, body.to_owned()));
    let dropped = Answer::Refused(Refusal::plain(Reason::Unreadable));
    let body = r#"{"statusCode":4000,"statusMessage":"the request cannot be read"}"#;
    assert_eq!(replied(&dropped), (200, body.to_owned()));
    for (status, body, advice) in [
        (200, taken, Advice::Done),
        (200, r#"{"statusMessage":"OK","statusCode":"2000"}"#, Advice::Done),
        (200, r#"{"statusCode":4000,"statusMessage":"no"}"#, Advice::DoNotRetry),
        (200, r#"{"statusCode":4999}"#, Advice::DoNotRetry),
        (200, r#"{"statusCode":5000,"statusMessage":"no"}"#, Advice::RetryLater),
        (200, r#"{"statusCode":3000}"#, Advice::RetryLater),
        (200, "", Advice::RetryLater),
        (200, "OK", Advice::RetryLater),
        (204, "", Advice::RetryLater),
        (404, taken, Advice::RetryLater),
        (500, r#"{"statusCode":4000,"statusMessage":"no"}"#, Advice::RetryLater),
    ] {
        for endpoint in [report(), inbound()] {
            let reply = Reply { status: Status(status), content_type: "", body: body.as_bytes() };
            assert_eq!(endpoint.parse_reply(&reply).advice(), advice, "{status} {body}");
        }
    }
    assert_eq!(
        websms::API.retry,
        RetrySchedule { first: &[60, 300, 900, 3600], then: 3600, until: 86_400 }
    );
}
