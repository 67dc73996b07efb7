//! The laws, with values that proptest makes up.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "law/address.rs"]
mod address;
#[path = "law/cbs.rs"]
mod cbs;
#[path = "law/parts.rs"]
mod parts;
#[path = "law/reassemble.rs"]
mod reassemble;
#[path = "law/segment.rs"]
mod segment;
#[path = "law/text.rs"]
mod text;
#[path = "law/time.rs"]
mod time;
#[path = "law/tpdu.rs"]
mod tpdu;
#[path = "law/udh.rs"]
mod udh;

use proptest::prelude::*;
use septet::gsm7::{ESCAPE, Languages, Tables};
use septet::pdu;
use septet::segment::{Break, Choice, Layout, Plan};
use septet::tpdu::time::{Civil, Relative, Timestamp, ValidityPeriod};
use septet::tpdu::udh::{Header, Language, Reference};
use septet::tpdu::{Address, DataCoding, Submit, UserData};
use septet::wire::Wire;

/// The octets of each vector that has some, without the service centre's address and with it.
fn vectors() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/pdu.json");
    let vectors = std::fs::read_to_string(path).unwrap();
    let vectors: Vec<serde_json::Value> = serde_json::from_str(&vectors).unwrap();
    let mut all = Vec::new();
    for vector in vectors {
        if let Ok(octets) = pdu::read_hex(vector["hex"].as_str().unwrap()) {
            if let Ok(pdu) = pdu::Pdu::from_octets(&octets) {
                all.push(pdu.tpdu().to_vec());
            }
            all.push(octets.to_vec());
        }
    }
    all
}

#[test]
fn vectors_cut_anywhere_keep_the_law() {
    for octets in vectors() {
        for len in 0..=octets.len() {
            tpdu::octets_read_and_write(&octets[..len]);
        }
    }
}

#[test]
fn a_header_of_any_length_keeps_the_law() {
    for (len, text) in (2..=u8::MAX).flat_map(|len| ["", "a", "Ω€"].map(|text| (len, text))) {
        let element = [&[0x70, len - 2][..], &vec![0; usize::from(len - 2)]].concat();
        segment::holds(&[&[0, 0, 0, len], &element[..], text.as_bytes()].concat());
    }
}

/// Characters of the default alphabet, of its extension, and all others.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        8 => proptest::char::range(' ', '~'),
        2 => proptest::sample::select(vec!['€', '[', '^', '@', 'å', 'Ω', '\n', '\r', '\u{C}']),
    ];
    let gsm7 = proptest::collection::vec(character, 0..500).prop_map(String::from_iter);
    let any = proptest::collection::vec(any::<char>(), 0..300).prop_map(String::from_iter);
    prop_oneof![gsm7, any]
}

/// A text of few different characters that the tables of two languages have, and a set of languages
/// with these two.
fn national_text() -> impl Strategy<Value = (String, Languages)> {
    let language = || proptest::sample::select(Language::LISTED);
    let few = proptest::collection::vec((any::<bool>(), 0..128_u8), 1..8);
    (language(), language(), language(), few).prop_flat_map(|(locking, single, third, few)| {
        let tables = Tables::national(Some(locking), Some(single));
        let characters = few.into_iter().flat_map(|(is_escaped, septet)| {
            let escape = is_escaped.then_some(ESCAPE);
            tables.chars(escape.into_iter().chain([septet])).collect::<Vec<char>>()
        });
        let character = proptest::sample::select(characters.chain([' ']).collect::<Vec<char>>());
        let short = proptest::collection::vec(character.clone(), 0..20);
        let long = proptest::collection::vec(character, 100..500);
        let text = prop_oneof![short, long].prop_map(String::from_iter);
        (text, Just([locking, single, third].into_iter().collect()))
    })
}

/// A text of a few runs, each of characters that the tables of two of three languages have, and the set
/// of the three.
fn mixed_text() -> impl Strategy<Value = (String, Languages)> {
    let language = || proptest::sample::select(Language::LISTED);
    (language(), language(), language()).prop_flat_map(|(a, b, c)| {
        let tables = proptest::sample::select(vec![
            Tables::DEFAULT,
            Tables::national(Some(a), None),
            Tables::national(None, Some(b)),
            Tables::national(Some(a), Some(b)),
            Tables::national(Some(b), Some(c)),
            Tables::national(Some(c), Some(c)),
        ]);
        let septet = prop_oneof![
            6 => (0..128_u8).prop_map(|septet| (false, septet)),
            1 => (0..128_u8).prop_map(|septet| (true, septet)),
            1 => Just((false, b' ')),
        ];
        let long = prop_oneof![9 => 1..25_usize, 1 => 100..200_usize];
        let run =
            long.prop_flat_map(move |long| proptest::collection::vec(septet.clone(), 1..=long));
        let run = (tables, run).prop_map(|(tables, run)| {
            let septets = run.into_iter().flat_map(|(is_escaped, septet)| {
                is_escaped.then_some(ESCAPE).into_iter().chain([septet])
            });
            tables.chars(septets).collect::<String>()
        });
        let runs = proptest::collection::vec(run, 0..5);
        (runs.prop_map(|runs| runs.concat()), Just([a, b, c].into_iter().collect()))
    })
}

fn layout() -> impl Strategy<Value = Layout<'static>> {
    let ports = Header { octets: &[5, 4, 0x0B, 0x84, 0x23, 0xF0] };
    let long = Header { octets: &[0x70; 114] };
    let elements = proptest::sample::select(vec![Header { octets: &[] }, ports, long]);
    let breaks = proptest::sample::select(vec![Break::Anywhere, Break::Words]);
    (reference(), elements, breaks).prop_map(|(reference, elements, breaks)| Layout {
        reference,
        elements,
        breaks,
    })
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![any::<u8>().prop_map(Reference::Short), any::<u16>().prop_map(Reference::Long),]
}

fn number() -> impl Strategy<Value = Address> {
    "\\+?[0-9*#abc]{1,20}".prop_map(|number| Address::number(&number).unwrap())
}

fn address() -> impl Strategy<Value = Address> {
    let name = "[A-Za-z0-9 @_Å]{1,11}".prop_map(|name| Address::name(&name).unwrap());
    prop_oneof![number(), name]
}

fn made_up_time() -> impl Strategy<Value = Timestamp> {
    (0..100_u8, 1..13_u8, 1..29_u8, 0..24_u8, 0..60_u8, 0..60_u8, -79..80_i8).prop_map(
        |(year, month, day, hour, minute, second, zone_quarters)| {
            let civil = Civil { year, month, day, hour, minute, second, zone_quarters };
            time::times_come_back(civil);
            Timestamp::new(civil).unwrap()
        },
    )
}

fn validity_period() -> impl Strategy<Value = ValidityPeriod> {
    prop_oneof![
        Just(ValidityPeriod::NotGiven),
        any::<u8>().prop_map(|octet| ValidityPeriod::Relative(Relative(octet))),
        made_up_time().prop_map(ValidityPeriod::Absolute),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_keep_the_law(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        tpdu::octets_read_and_write(&octets);
    }

    #[test]
    fn vectors_with_wrong_octets_keep_the_law(
        vector in proptest::sample::select(vectors()),
        wrong in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut octets = vector;
        for (at, octet) in wrong {
            if !octets.is_empty() {
                let at = at.index(octets.len());
                octets[at] = octet;
            }
        }
        tpdu::octets_read_and_write(&octets);
    }

    #[test]
    fn user_data_reads(
        octets in proptest::collection::vec(any::<u8>(), 0..180),
        coding in any::<u8>(),
        has_header in any::<bool>(),
    ) {
        tpdu::user_data_reads(&octets, coding, has_header);
    }

    #[test]
    fn headers_keep_the_law(
        elements in proptest::collection::vec(
            (0..0x28_u8, proptest::collection::vec(any::<u8>(), 0..12)), 0..8,
        ),
        any in proptest::collection::vec(any::<u8>(), 0..140),
    ) {
        let element = |(identifier, data): (u8, Vec<u8>)| [vec![identifier, data.len() as u8], data];
        let header: Vec<u8> = elements.into_iter().flat_map(element).flatten().collect();
        udh::header_reads_and_writes(&header);
        udh::header_reads_and_writes(&any);
    }

    #[test]
    fn pages_keep_the_law(
        // Few serial numbers, so that pages meet.
        pages in proptest::collection::vec(
            (0..2_u8, any::<u8>(), 0x11..0x55_u8, proptest::collection::vec(any::<u8>(), 82)), 0..20,
        ),
        cut in 0..90_usize,
    ) {
        let page = |(serial, coding, parameter, content): (u8, u8, u8, Vec<u8>)| {
            [vec![0, serial, 0, 1, coding & 0x4F, parameter], content].concat()
        };
        let mut octets: Vec<u8> = pages.into_iter().flat_map(page).collect();
        cbs::pages_join(&octets);
        octets.truncate(cut);
        cbs::page_reads_and_writes(&octets);
    }

    #[test]
    fn what_fills_a_page_is_its_text(text in text(), coding in any::<u8>()) {
        cbs::what_fills_a_page_is_its_text(&text, coding);
    }

    #[test]
    fn parts_join_to_the_text(text in text(), layout in layout()) {
        let plan = Plan::cheapest(text.chars());
        segment::parts_join_to_the_text(&text, plan, layout);
    }

    #[test]
    fn no_plan_is_cheaper((text, languages) in national_text(), layout in layout()) {
        segment::no_plan_is_cheaper(&text, languages, layout);
        let plan = Plan::cheapest_of(text.chars(), languages, layout);
        segment::parts_join_to_the_text(&text, plan, layout);
    }

    #[test]
    fn no_parts_are_fewer((text, languages) in mixed_text(), layout in layout()) {
        segment::parts_join_to_the_text(&text, Choice::PerPart(languages), layout);
        segment::no_parts_are_fewer(&text, languages, layout);
    }

    #[test]
    fn kept_parts_are_those_of_the_text(
        text in text(),
        reference in any::<u8>(),
        parts_max in proptest::option::of(1..4_u8),
        cut in any::<bool>(),
    ) {
        let layout = septet::parts::Layout {
            parts_max,
            cut,
            ..septet::parts::Layout::new(Reference::Short(reference))
        };
        parts::kept_parts_are_those_of_the_text(&text, layout);
    }

    #[test]
    fn octets_are_parts_or_not(octets in proptest::collection::vec(0..5_u8, 0..200)) {
        parts::octets_are_parts_or_not(&octets);
    }

    #[test]
    fn any_parts_are_kept_or_handed_out(
        // Of few messages, so that some are complete and some are in conflict.
        parts in proptest::collection::vec((any::<u8>(), 0..3_u8, 0..18_u8, any::<u8>()), 0..80),
    ) {
        let octets: Vec<u8> = parts.into_iter().flat_map(|(a, b, c, d)| [a, b, c, d]).collect();
        reassemble::holds(&octets);
    }

    #[test]
    fn any_saves_load_or_are_refused(
        parts in proptest::collection::vec(
            // A time, and a part that is one of few, in an SMS-DELIVER.
            (any::<[u8; 8]>(), 0..3_u8, 0..4_u8, proptest::collection::vec(any::<u8>(), 0..140)),
            0..9,
        ),
        wrong in proptest::option::of((any::<proptest::sample::Index>(), any::<u8>())),
    ) {
        let mut octets = vec![1, 0, parts.len() as u8];
        for (touched, reference, number, body) in parts {
            let user_data = [&[5, 0, 3, reference, 3, number][..], &body].concat();
            let head = [0x40, 2, 0x81, 0x21, 0, 4, 0x62, 0x21, 0x02, 0x51, 0x32, 0x05, 0x80];
            octets.extend(touched);
            octets.push((head.len() + 1 + user_data.len()) as u8);
            octets.extend(head);
            octets.push(user_data.len() as u8);
            octets.extend(user_data);
        }
        if let Some((at, octet)) = wrong {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        reassemble::saves_load_or_are_refused(&octets);
    }

    #[test]
    fn any_order_gives_the_text(
        text in text(),
        (mixed, languages) in mixed_text(),
        order in proptest::collection::vec(any::<usize>(), 0..12),
        reference in reference(),
    ) {
        let plan = Plan::cheapest(text.chars());
        reassemble::any_order_gives_the_text(&text, plan, &order, reference);
        let per_part = Choice::PerPart(languages);
        reassemble::any_order_gives_the_text(&mixed, per_part, &order, reference);
    }

    #[test]
    fn septets_come_back(
        septets in proptest::collection::vec(any::<u8>(), 0..200),
        fill_bits in any::<u8>(),
    ) {
        text::septets_come_back(&septets, fill_bits);
        text::octets_come_back(&septets, fill_bits);
    }

    #[test]
    fn texts_read_and_write(
        text in "([ -~€åΩ]|%[0-9a-fA-F]{2}|[+,]){0,40}",
        any in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        text::texts_read_and_write(text.as_bytes());
        text::holds(&any);
    }

    #[test]
    fn folded_texts_fit(any in text(), (text, languages) in national_text()) {
        text::folded_texts_fit(&any, languages);
        text::folded_texts_fit(&text, languages);
    }

    #[test]
    fn any_octets_split(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        segment::holds(&octets);
    }

    #[test]
    fn addresses_keep_the_law(
        len in 0..24_u8,
        type_of_address in prop_oneof![Just(0x81), Just(0x91), Just(0xD0), any::<u8>()],
        value in proptest::collection::vec(any::<u8>(), 0..12),
        any in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        address::octets_read_and_write(&[&[len, type_of_address], &value[..]].concat());
        let len = value.len() as u8 + 1;
        address::service_centres_read_and_write(&[&[len, type_of_address], &value[..]].concat());
        address::octets_read_and_write(&any);
        address::service_centres_read_and_write(&any);
    }

    #[test]
    fn addresses_come_back(address in "\\+?[0-9*#abc]{0,22}|\\PC{0,13}") {
        address::texts_come_back(&address);
    }

    #[test]
    fn times_keep_the_law(
        time in made_up_time(),
        format in any::<u8>(),
        any in any::<[u8; 7]>(),
        minutes in 0..(64 * 7 * 24 * 60_u32),
    ) {
        for octets in [time.0, any] {
            time::holds(&[&[format], &octets[..]].concat());
        }
        time::relative_periods_suffice(minutes);
    }

    #[test]
    fn what_is_submitted_reads_back(
        flags in any::<[bool; 3]>(),
        message_reference in any::<u8>(),
        service_centre in proptest::option::of(number()),
        destination in address(),
        validity_period in validity_period(),
        octets in proptest::collection::vec(any::<u8>(), 0..=140),
    ) {
        let submit = Submit {
            reject_duplicates: flags[0],
            status_report_request: flags[1],
            reply_path: flags[2],
            message_reference,
            destination,
            protocol: Default::default(),
            coding: DataCoding::EIGHT_BIT,
            validity_period,
            user_data: UserData { has_header: false, len: octets.len() as u8, octets: &octets },
        };
        let pdu = pdu::Pdu::new(service_centre, &submit).unwrap();
        prop_assert_eq!(pdu.read(), Ok((service_centre, submit)));
        prop_assert_eq!(Submit::from_bytes(pdu.tpdu()), Ok(submit));
    }
}
