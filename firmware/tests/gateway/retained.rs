//! What is kept in memory that a reset leaves alone.

use septet::api::State;
use septet_firmware::engine::Outcome;
use septet_firmware::gateway::keep::{Keep, Key, Kind, Trouble};
use septet_firmware::gateway::retained::Retained;

use crate::bench::{Bench, form, settings, status};

const SIZE: usize = 4096;

fn key(number: u32) -> Key {
    Key::new(Kind::Message, number)
}

/// The numbers of the records and their octets, in order.
fn records(memory: &mut [u8]) -> Vec<(u32, Vec<u8>)> {
    let mut keep = Retained::open(memory);
    let mut keys = Vec::new();
    keep.keys(&mut |key| keys.push(key)).unwrap();
    let mut room = [0; SIZE];
    let mut read = |key| {
        let len = keep.get(key, &mut room).unwrap().unwrap();
        (key.number(), room[..len].to_vec())
    };
    let mut records: Vec<_> = keys.into_iter().map(&mut read).collect();
    records.sort();
    records
}

#[test]
fn records_outlast_a_reset() {
    // What a memory has when its power comes.
    for noise in [0, 0xA5, 0xFF] {
        let mut memory = [noise; SIZE];
        assert_eq!(records(&mut memory), []);
        let mut keep = Retained::open(&mut memory);
        for number in 0..10 {
            keep.put(key(number), &[number as u8; 100]).unwrap();
        }
        for number in 0..5 {
            keep.put(key(number), &[7; 100]).unwrap();
        }
        keep.put(key(5), b"shorter").unwrap();
        keep.put(key(6), &[8; 200]).unwrap();
        keep.remove(key(7)).unwrap();
        keep.remove(key(7)).unwrap();
        let mut expected: Vec<_> = (0..5).map(|number| (number, vec![7; 100])).collect();
        expected.push((5, b"shorter".to_vec()));
        expected.push((6, vec![8; 200]));
        expected.extend((8..10).map(|number| (number, vec![number as u8; 100])));
        assert_eq!(records(&mut memory), expected);
        // And the next.
        assert_eq!(records(&mut memory), expected);
        Retained::open(&mut memory).clear();
        assert_eq!(records(&mut memory), []);
    }
}

#[test]
fn what_is_changed_in_any_bit_is_not_taken_for_records() {
    let mut memory = [0; 160];
    let mut keep = Retained::open(&mut memory);
    keep.put(key(1), b"one").unwrap();
    keep.put(key(2), b"").unwrap();
    let end = 8 + 6 + 3 + 6;
    assert_eq!(records(&mut memory.clone()).len(), 2);
    for bit in 0..end * 8 {
        let mut other = memory;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(records(&mut other), [], "bit {bit}");
    }
}

#[test]
fn what_has_no_room_leaves_what_was_there() {
    let mut memory = [0; 64];
    let mut keep = Retained::open(&mut memory);
    keep.put(key(1), &[1; 40]).unwrap();
    assert_eq!(keep.put(key(1), &[2; 51]), Err(Trouble::Full));
    assert_eq!(keep.put(key(2), &[2; 5]), Err(Trouble::Full));
    assert_eq!(keep.get(key(1), &mut [0; 39]), Err(Trouble::Broken));
    keep.put(key(2), &[2; 4]).unwrap();
    assert_eq!(records(&mut memory), [(1, vec![1; 40]), (2, vec![2; 4])]);
    // Memory without room for anything has nothing.
    for size in 0..8 {
        let mut memory = vec![0; size];
        assert_eq!(Retained::open(&mut memory).put(key(1), b""), Err(Trouble::Full));
        assert_eq!(records(&mut memory), []);
    }
}

#[test]
fn what_was_accepted_before_a_reset_is_sent_after_it() {
    let mut memory = [0; 16_384];
    settings().save(&mut Retained::open(&mut memory)).unwrap();
    let send = "username=demo&password=secret&message=hello&msisdn=4512345678";
    let mut bench = Bench::with(Retained::open(&mut memory));
    for _ in 0..2 {
        assert_eq!(status(&bench.ask(&form("/eapi/submission/send_sms/2/2.0", "", send))), 200);
    }
    bench.ready();
    assert!(bench.next().is_some());
    drop(bench);
    // The one that the modem had is unknown; the other one goes.
    let mut bench = Bench::with(Retained::open(&mut memory));
    bench.ready();
    assert_eq!(bench.next().as_deref(), Some("4512345678: hello"));
    bench.finished(Outcome::Sent { reference: 1 });
    assert_eq!(bench.next(), None);
    let states: Vec<_> = bench.gateway.outbox().messages().map(|sms| sms.state()).collect();
    assert_eq!(states, [State::Unknown, State::EnRoute]);
}
