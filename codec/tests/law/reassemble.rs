//! The laws of putting parts together. Each is a function that panics where the law is broken, so
//! that the tests and the fuzz targets call the same one.

use std::collections::BTreeMap;

use septet::reassemble::{Added, Key, Message, Reassembler};
use septet::tpdu::udh::Reference;
use septet::tpdu::{Address, DataCoding, Deliver, Timestamp, UserData};
use septet::wire::Writer;

/// A part that is made of three octets: whose it is, which one, and what it says.
fn with_part<R>(octets: [u8; 3], f: impl FnOnce(&Deliver<'_>) -> R) -> R {
    let [whose, which, body] = octets;
    let (total, number) = (2 + which % 3, which / 3 % 6);
    let mut user_data = [5, 0, 3, whose & 3, total, number, body & 1];
    if whose & 4 != 0 {
        user_data = [6, 8, 4, 0, whose & 3, total, number];
    }
    let coding = if whose & 8 != 0 { DataCoding::EIGHT_BIT } else { DataCoding::GSM7 };
    let len = if whose & 8 != 0 { user_data.len() } else { user_data.len() * 8 / 7 };
    f(&Deliver {
        no_more_messages: true,
        loop_prevention: false,
        status_report_indication: false,
        reply_path: false,
        originator: Address::number(if whose & 16 != 0 { "+1" } else { "1" }).unwrap(),
        protocol: Default::default(),
        coding,
        service_centre_time: Timestamp([0x62, 0x21, 0x02, 0x51, 0x32, 0x05, 0x80]),
        user_data: UserData { has_header: true, len: len as u8, octets: &user_data },
    })
}

type Kept = BTreeMap<(String, u8), Vec<u8>>;

/// Takes the parts of a message that is handed out from those that are known to wait.
fn take(kept: &mut Kept, message: Message<'_>) -> usize {
    let parts = message.parts().map(|part| {
        let octets = kept.remove(&(format!("{:?}", part.key), part.number)).unwrap();
        assert_eq!(octets, part.user_data().octets);
    });
    message.text().into_iter().flatten().for_each(drop);
    parts.count()
}

/// Whatever arrives: each part that was kept waits, or is handed out exactly once, as it came; a
/// message is complete exactly when its last part comes; and saving and loading in between changes
/// nothing.
pub fn every_part_is_kept_or_handed_out(octets: &[u8]) {
    let mut parts = Reassembler::<8>::new();
    let mut kept = Kept::new();
    for (now_ms, octets) in octets.as_chunks::<4>().0.iter().enumerate() {
        let now_ms = now_ms as u64 * 1000;
        let [what, part @ ..] = *octets;
        let saved = saved(&parts);
        if what & 1 == 1 {
            parts = Reassembler::new();
            parts.load(&saved, now_ms).unwrap();
        }
        if what & 6 == 6 {
            let age_ms = u64::from(what) * 10;
            while let Some(message) = parts.expire(now_ms, age_ms) {
                assert!(take(&mut kept, message) > 0);
            }
        }
        with_part(part, |deliver| {
            let before = kept.clone();
            let concatenation = deliver.user_data.header().unwrap().concatenation();
            let place = concatenation.map(|concatenation| {
                let key = Key {
                    originator: deliver.originator,
                    reference: concatenation.reference,
                    total: concatenation.total,
                    protocol: deliver.protocol,
                    class: deliver.coding.class(),
                };
                (format!("{key:?}"), concatenation.number)
            });
            let put = |kept: &mut Kept| {
                kept.insert(place.clone().unwrap(), deliver.user_data.octets.to_vec())
            };
            match parts.add(deliver, now_ms) {
                Added::Single => assert_eq!(place, None),
                Added::Duplicate => {
                    assert_eq!(put(&mut kept).as_deref(), Some(deliver.user_data.octets));
                }
                Added::Waiting { missing, .. } => {
                    assert_eq!(put(&mut kept), None);
                    assert!(missing > 0);
                }
                Added::Complete(message) => {
                    assert_eq!(put(&mut kept), None);
                    assert_eq!(take(&mut kept, message), usize::from(message.key.total));
                }
                Added::Conflict(message) => {
                    assert!(before.contains_key(place.as_ref().unwrap()));
                    take(&mut kept, message);
                    put(&mut kept);
                }
                Added::Evicted(message) => {
                    put(&mut kept);
                    take(&mut kept, message);
                }
            }
        });
        assert_eq!(parts.len(), kept.len());
    }
}

fn saved(parts: &Reassembler<8>) -> Vec<u8> {
    let mut buffer = [0; Reassembler::<8>::SAVED_MAX];
    let mut w = Writer::new(&mut buffer);
    parts.save(&mut w).unwrap();
    let saved = w.written().to_vec();
    let mut loaded = Reassembler::<8>::new();
    loaded.load(&saved, u64::MAX).unwrap();
    let mut w = Writer::new(&mut buffer);
    loaded.save(&mut w).unwrap();
    assert_eq!(w.written(), saved);
    saved
}

/// The parts of a message in any order, each as often as one likes, give the text once, complete with
/// the last part that was missing.
pub fn any_order_gives_the_text(
    text: &str,
    plans: impl septet::segment::Plans,
    order: &[usize],
    reference: Reference,
) {
    let segments: Vec<_> =
        septet::segment::segments(text.chars(), plans, reference).unwrap().collect();
    let mut parts = Reassembler::<64>::new();
    let mut missing: Vec<usize> = (0..segments.len()).collect();
    let all = 0..segments.len();
    for index in order.iter().map(|index| index % segments.len()).chain(all) {
        let segment = segments.get(index).unwrap();
        let mut buffer = [0; 140];
        let user_data = segment.user_data(&mut buffer);
        let coding = segment.coding();
        let is_new = missing.contains(&index);
        missing.retain(|there| *there != index);
        let added = with_part([0; 3], |deliver| {
            match parts.add(&Deliver { coding, user_data, ..*deliver }, 0) {
                Added::Single => Some(segments.len() == 1),
                Added::Complete(message) => {
                    assert!(message.text().unwrap().eq(text.chars()));
                    Some(true)
                }
                Added::Duplicate => Some(!is_new),
                Added::Waiting { missing: count, .. } => {
                    assert_eq!(usize::from(count), missing.len());
                    None
                }
                Added::Conflict(_) | Added::Evicted(_) => Some(false),
            }
        });
        assert_ne!(added, Some(false));
        if missing.is_empty() {
            return assert!(added == Some(true) && parts.is_empty());
        }
    }
}

/// A save of any making, whose sum is right, is refused or has parts that can be saved again.
pub fn saves_load_or_are_refused(octets: &[u8]) {
    let mut parts = Reassembler::<8>::new();
    let save = [octets, &crc32(octets).to_be_bytes()].concat();
    match parts.load(&save, u64::MAX) {
        Ok(()) => assert_eq!(saved(&parts).get(..3), octets.get(..3)),
        Err(_) => assert!(parts.is_empty()),
    }
    while let Some(message) = parts.expire(u64::MAX, 0) {
        message.text().into_iter().flatten().for_each(drop);
    }
}

/// The CRC-32 of IEEE 802.3.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |sum, octet| {
        let shift = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
        (0..8).fold(sum ^ u32::from(*octet), shift)
    })
}

/// What is no save is refused, and leaves nothing; so is a save with a wrong octet.
pub fn damaged_saves_are_refused(octets: &[u8]) {
    let mut parts = Reassembler::<8>::new();
    if parts.load(octets, 0).is_err() {
        assert!(parts.is_empty());
    }
    let mut parts = Reassembler::<8>::new();
    for part in octets.as_chunks::<3>().0 {
        with_part(*part, |deliver| {
            parts.add(deliver, 7);
        });
    }
    let mut saved = saved(&parts);
    let at = octets.iter().map(|octet| usize::from(*octet)).sum::<usize>() % saved.len();
    if let Some(octet) = saved.get_mut(at) {
        *octet ^= 1 << (octets.len() % 8);
    }
    assert!(parts.load(&saved, 0).is_err() && parts.is_empty());
}

/// All of them, of whatever octets.
pub fn holds(octets: &[u8]) {
    every_part_is_kept_or_handed_out(octets);
    damaged_saves_are_refused(octets);
    saves_load_or_are_refused(octets);
}
