use super::*;

extern crate std;
use std::vec::Vec;

use proptest::prelude::*;

const ALL: [Stops; 5] = [
    Stops::at([b'&'; 2]),
    Stops::at([b'%', b'+']),
    Stops::at([b'%', b'+']).and_non_ascii(),
    Stops::IN_STRING,
    Stops::at([0xFF; 2]),
];

#[track_caller]
fn spans_agree(octets: &[u8]) {
    for stops in ALL {
        let plain = plain_span(octets, stops);
        assert_eq!(wide_span(octets, stops), plain, "{octets:?}");
        assert_eq!(narrow_span(octets, stops), plain, "{octets:?}");
        assert_eq!(short_span(octets, stops), plain, "{octets:?}");
    }
}

/// What is copied is what stood there, up to what stops.
fn copies_agree(octets: &[u8], stops: Stops) {
    let mut to = std::vec![0; octets.len()];
    let change = |octet: u8| octet ^ 1;
    let is_whole = copy_all(octets, &mut to, stops, change);
    assert_eq!(is_whole, plain_span(octets, stops) == octets.len(), "{octets:?}");
    let are_changed = || to.iter().zip(octets).all(|(to, octet)| *to == change(*octet));
    assert!(!is_whole || are_changed(), "{octets:?}");
    let mut to = std::vec![0; octets.len()];
    let mut free = Free::new(&mut to);
    let rest = copy_words(octets, &mut free, |octet| stops.stop(octet), change);
    let copied = octets.len() - rest.len();
    assert_eq!(free.len(), rest.len());
    assert!(to.iter().zip(octets).take(copied).all(|(to, octet)| *to == change(*octet)));
    // It ends in the word of what stops, or in the last one.
    assert!(copied <= plain_span(octets, stops), "{octets:?}");
    assert!(plain_span(octets, stops) - copied < 4, "{octets:?}");
}

/// Each octet at each place of each length, before each other.
#[test]
fn a_span_ends_where_octet_by_octet_it_does() {
    for len in 0..=50 {
        spans_agree(&std::vec![b'x'; len]);
        for (at, octet) in (0..len).flat_map(|at| (0..=u8::MAX).map(move |octet| (at, octet))) {
            let mut octets = std::vec![b'x'; len];
            octets[at] = octet;
            spans_agree(&octets);
        }
    }
    for pair in 0..=u16::MAX {
        spans_agree(&pair.to_be_bytes());
        spans_agree(&[&b"123456"[..], &pair.to_be_bytes()].concat());
    }
}

#[test]
fn every_pair_of_digits_is_read() {
    for pair in 0..=u16::MAX {
        let [high, low] = pair.to_be_bytes();
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let plain = digit(high).zip(digit(low)).map(|(high, low)| (high << 4 | low) as u8);
        assert_eq!(hex_pair(high, low), plain, "{high} {low}");
    }
}

/// Eight septets are packed as bits one after the other, and unpacked again.
fn eights_agree(septets: [u8; 8]) {
    let bits = septets.iter().rev().fold(0, |bits, septet| bits << 7 | u64::from(*septet));
    assert_eq!(packed(septets), bits);
    assert_eq!(unpacked(bits), septets);
}

#[test]
fn each_bit_has_its_place() {
    for bit in 0..56 {
        let mut septets = [0; 8];
        septets[bit / 7] = 1 << (bit % 7);
        eights_agree(septets);
        eights_agree(septets.map(|septet| !septet & 0x7F));
    }
}

proptest! {
    #[test]
    fn spans_of_anything_agree(octets in proptest::collection::vec(any::<u8>(), 0..200), stops in 0..5_usize) {
        let stops = ALL[stops];
        prop_assert_eq!(wide_span(&octets, stops), plain_span(&octets, stops));
        prop_assert_eq!(narrow_span(&octets, stops), plain_span(&octets, stops));
        prop_assert_eq!(short_span(&octets, stops), plain_span(&octets, stops));
        let plain: Vec<u8> = octets.iter().map(|octet| if stops.stop(*octet) { b'x' } else { *octet }).collect();
        prop_assert_eq!(wide_span(&plain, stops), plain.len());
        for octets in [&octets, &plain] {
            copies_agree(octets, stops);
        }
    }

    #[test]
    fn eights_of_anything_agree(septets in proptest::array::uniform8(0..0x80_u8)) {
        eights_agree(septets);
    }
}
