use super::*;

extern crate std;
use std::string::String;
use std::vec::Vec;

use crate::segment::{Plan, segments};

fn part<'a>(text: &str, from: &str, reference: u8, buffer: &'a mut [u8; 140]) -> Deliver<'a> {
    let (number, text) = text.split_once(' ').unwrap();
    let (number, total) = number.split_once('/').unwrap();
    let header = [5, 0, 3, reference, total.parse().unwrap(), number.parse().unwrap()];
    buffer[..6].copy_from_slice(&header);
    buffer[6..6 + text.len()].copy_from_slice(text.as_bytes());
    let octets = &buffer[..6 + text.len()];
    Deliver {
        no_more_messages: true,
        loop_prevention: false,
        status_report_indication: false,
        reply_path: false,
        originator: Address::number(from).unwrap(),
        protocol: ProtocolIdentifier::PLAIN,
        coding: DataCoding::EIGHT_BIT,
        service_centre_time: Timestamp([0x62, 0x21, 0x02, 0x51, 0x32, 0x05, 0x80]),
        user_data: UserData { has_header: true, len: octets.len() as u8, octets },
    }
}

fn octets(message: Message<'_>) -> String {
    let body = |part: &Part| part.user_data().body().to_vec();
    String::from_utf8(message.parts().flat_map(body).collect()).unwrap()
}

/// Adds parts of sender 1, reference 7, 1 ms apart.
fn add<const N: usize>(parts: &[&str]) -> (Reassembler<N>, Vec<String>) {
    let mut reassembler = Reassembler::new();
    let mut log = Vec::new();
    for (ms, text) in parts.iter().enumerate() {
        let mut buffer = [0; USER_DATA_MAX];
        let deliver = &part(text, "1", 7, &mut buffer);
        log.push(match reassembler.add(deliver, ms as u64) {
            Added::Single => String::from("single"),
            Added::Waiting { missing, other_total } => std::format!("{missing} {other_total}"),
            Added::Complete(message) => std::format!("complete {}", octets(message)),
            Added::Duplicate => String::from("duplicate"),
            Added::Conflict(message) => std::format!("conflict {}", octets(message)),
            Added::Evicted(message) => std::format!("evicted {}", octets(message)),
        });
    }
    (reassembler, log)
}

#[test]
fn parts_may_come_in_any_order_and_twice() {
    let (reassembler, log) = add::<4>(&["3/3 c", "1/3 a", "3/3 c", "2/3 b"]);
    assert_eq!(log, ["2 false", "1 false", "duplicate", "complete abc"]);
    assert!(reassembler.is_empty());
}

#[test]
fn a_part_of_no_message_is_a_message_of_its_own() {
    let (_, log) = add::<4>(&["0/3 a", "4/3 a", "1/1 a", "0/0 a"]);
    assert_eq!(log, ["single"; 4]);
}

#[test]
fn a_reference_that_is_used_again_gives_up_the_old_message() {
    let (_, log) = add::<4>(&["1/2 a", "1/2 b", "2/2 c"]);
    assert_eq!(log, ["1 false", "conflict a", "complete bc"]);
}

#[test]
fn another_total_is_another_message() {
    let (_, log) = add::<8>(&["1/2 a", "1/3 b", "2/2 c"]);
    assert_eq!(log, ["1 false", "2 true", "complete ac"]);
}

#[test]
fn the_message_that_waited_longest_makes_room() {
    let (reassembler, log) = add::<4>(&["1/3 a", "2/3 b", "1/4 c", "2/4 d", "3/4 e", "4/4 f"]);
    let wanted = ["2 false", "1 false", "3 true", "evicted ab", "1 false", "complete cdef"];
    assert_eq!(log, wanted);
    assert!(reassembler.is_empty());
    let (_, log) = add::<2>(&["1/3 a", "2/3 b", "3/3 c"]);
    assert_eq!(log, ["2 false", "evicted ab", "2 false"]);
}

#[test]
fn other_originators_and_references_are_other_messages() {
    let mut reassembler = Reassembler::<8>::new();
    for (from, reference) in [("1", 7), ("+1", 7), ("1", 8)] {
        let mut buffer = [0; USER_DATA_MAX];
        let deliver = part("1/2 a", from, reference, &mut buffer);
        let added = reassembler.add(&deliver, 0);
        assert!(matches!(added, Added::Waiting { missing: 1, other_total: false }));
    }
}

#[test]
fn old_parts_are_handed_back() {
    let (mut reassembler, _) = add::<8>(&["1/3 a", "1/2 b", "2/3 c"]);
    assert_eq!(reassembler.oldest_ms(), Some(1));
    assert!(reassembler.expire(101, 100).is_none());
    assert_eq!(octets(reassembler.expire(103, 100).unwrap()), "b");
    assert_eq!(octets(reassembler.expire(103, 100).unwrap()), "ac");
    assert!(reassembler.expire(103, 100).is_none());
}

#[test]
#[cfg(feature = "turkish")]
fn each_part_is_read_in_its_own_alphabet_and_language() {
    let mut reassembler = Reassembler::<4>::new();
    let mut whole = None;
    let parts: [(DataCoding, u8, &[u8]); 3] = [
        // Turkish: 0x0C, and an escape whose character is in the next part.
        (DataCoding::GSM7, 13, &[8, 0, 3, 7, 3, 1, 0x25, 1, 1, 0x80, 0xB1, 0x01]),
        (DataCoding::GSM7, 9, &[5, 0, 3, 7, 3, 2, 0xCA, 0x61]),
        (DataCoding::UCS2, 8, &[5, 0, 3, 7, 3, 3, 0x65, 0xE5]),
    ];
    for (coding, len, octets) in parts {
        let user_data = UserData { has_header: true, len, octets };
        let deliver = Deliver { coding, user_data, ..part("1/1 ", "1", 7, &mut [0; 140]) };
        if let Added::Complete(message) = reassembler.add(&deliver, 0) {
            whole = message.text().map(String::from_iter);
        }
    }
    assert_eq!(whole.as_deref(), Some("ğ€a日"));
}

#[test]
fn text_is_joined_before_it_is_read() {
    let text = "Smørrebrød {10 €} ".repeat(20);
    let plan = Plan::cheapest(text.chars());
    let reference = Reference::Short(7);
    let mut reassembler = Reassembler::<4>::new();
    for segment in segments(text.chars(), plan, reference).unwrap().collect::<Vec<_>>().iter().rev()
    {
        let mut buffer = [0; USER_DATA_MAX];
        let user_data = segment.user_data(&mut buffer);
        let coding = segment.coding();
        let deliver = Deliver { coding, user_data, ..part("1/1 ", "1", 7, &mut [0; 140]) };
        if let Added::Complete(message) = reassembler.add(&deliver, 0) {
            assert_eq!(segment.number, 1);
            return assert!(message.text().unwrap().eq(text.chars()));
        }
    }
    panic!("not complete");
}
