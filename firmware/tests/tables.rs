//! What the caller keeps: reports that are awaited, messages that were seen.

#![allow(
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

use septet::pdu::Pdu;
use septet::tpdu::codes::Status;
use septet::tpdu::{Address, Mt, StatusReport};
use septet_firmware::Instant;
use septet_firmware::reports::{Reports, Sent};
use septet_firmware::seen::Seen;

/// modem-qualcomm-cmti-reply-cds-direct: reference 64, delivered.
const REPORT: &str = "079151551000243706400C91515510002437511090718384225110907183252200";
const MESSAGE: &str = "07911555010042F7040B915155100024F700002270513254128004D4F29C0E";

fn number(number: &str) -> Address {
    Address::number(number).unwrap()
}

/// The report with another reference, recipient and status.
fn with_report<R>(
    reference: u8,
    recipient: &str,
    status: u8,
    take: impl FnOnce(&StatusReport<'_>) -> R,
) -> R {
    let pdu = Pdu::from_hex(REPORT).unwrap();
    let (_, Mt::StatusReport(report)) = pdu.read().unwrap() else { unreachable!() };
    take(&StatusReport {
        message_reference: reference,
        recipient: number(recipient),
        status: Status(status),
        ..report
    })
}

#[test]
fn a_report_finds_its_message_by_reference_and_number() {
    let mut reports: Reports<&str, 4> = Reports::new();
    for (reference, to, message) in
        [(1, "+4512345678", "a"), (1, "+4587654321", "b"), (2, "+4512345678", "c")]
    {
        assert_eq!(reports.sent(reference, number(to), message, Instant(0)), Sent::Awaited);
    }
    // In national form, as some networks have it.
    let reported = |reports: &mut Reports<_, 4>, reference, recipient, status| {
        with_report(reference, recipient, status, |report| reports.reported(report))
    };
    assert_eq!(reported(&mut reports, 1, "087654321", 0x30), Some("b"), "still trying");
    assert_eq!(reported(&mut reports, 1, "087654321", 0x00), Some("b"));
    assert_eq!(reported(&mut reports, 1, "+4587654321", 0x00), None);
    assert_eq!(reported(&mut reports, 2, "+4512345678", 0x46), Some("c"));
    assert_eq!(reports.len(), 1);
}

#[test]
fn a_report_may_come_before_the_reference() {
    let mut reports: Reports<u16, 2> = Reports::new();
    assert_eq!(with_report(7, "+4512345678", 0x00, |report| reports.reported(report)), None);
    let reported = Sent::Reported(9, Status(0x00));
    assert_eq!(reports.sent(7, number("+4512345678"), 9, Instant(0)), reported);
    assert_eq!(reports.sent(7, number("+4512345678"), 10, Instant(0)), Sent::Awaited);
}

#[test]
fn what_has_no_room_or_the_same_reference_is_given_back() {
    let mut reports: Reports<u16, 2> = Reports::new();
    let to = number("+4512345678");
    assert_eq!(reports.sent(1, to, 1, Instant(0)), Sent::Awaited);
    assert_eq!(reports.sent(2, to, 2, Instant(10)), Sent::Awaited);
    assert_eq!(reports.sent(3, to, 3, Instant(20)), Sent::Instead(1));
    assert_eq!(reports.sent(2, to, 258, Instant(30)), Sent::Instead(2));
    assert_eq!(reports.expire(Instant(120), 100), None);
    assert_eq!(reports.expire(Instant(121), 100), Some(3));
    assert_eq!((reports.expire(Instant(121), 100), reports.len()), (None, 1));
    let mut none: Reports<u16, 0> = Reports::new();
    assert_eq!(none.sent(1, to, 1, Instant(0)), Sent::Instead(1));
    assert!(none.is_empty());
}

#[test]
fn a_message_is_new_once() {
    let pdu = |hex: &str| Pdu::from_hex(hex).unwrap();
    let mut seen: Seen<2> = Seen::new();
    assert!(seen.is_new(&pdu(MESSAGE)));
    assert!(!seen.is_new(&pdu(MESSAGE)));
    // More messages wait this time, and another service centre brings it.
    assert!(!seen.is_new(&pdu(&MESSAGE[16..].replacen("04", "0000", 1))));
    // A second later.
    assert!(seen.is_new(&pdu(&MESSAGE.replace("22705132541280", "22705132542280"))));
    assert!(seen.is_new(&pdu(REPORT)));
    assert!(seen.is_new(&pdu(MESSAGE)), "the oldest is forgotten");
}
