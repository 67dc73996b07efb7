//! With the feature `serde`: what is written in a format that can lend octets reads back equal, and
//! what breaks an invariant is an error.

#![cfg(feature = "serde")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

use std::fmt::Debug;

use proptest::prelude::*;
use septet::api::{DateTime, Reason, Refusal, When, Zone};
use septet::at::{Line, Store};
use septet::cbs::Page;
use septet::fields::List;
use septet::fold::Rung;
use septet::gsm7::{Languages, Tables};
use septet::pdu::{self, Pdu};
use septet::segment::Plan;
use septet::text::{Charset, Text};
use septet::tpdu::udh::{Element, Header, Language};
use septet::tpdu::{Address, Mo, Mt, Stored, UserData};
use septet::wire::{Quirk, Quirks, Wire};
use septet::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is written in Postcard reads back equal.
fn comes_back<'a, T>(value: &T, buffer: &'a mut [u8])
where
    T: Serialize + Deserialize<'a> + PartialEq + Debug,
{
    let octets = postcard::to_slice(value, buffer).unwrap();
    assert_eq!(postcard::from_bytes::<T>(octets).as_ref(), Ok(value));
}

/// The vectors that have octets.
fn vectors(file: &str) -> Vec<(Value, Vec<u8>)> {
    let path = format!("{}/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let vectors: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let octets = |vector: &Value| pdu::read_hex(vector["hex"].as_str().unwrap());
    let read = |vector: Value| octets(&vector).ok().map(|octets| (vector, octets.to_vec()));
    vectors.into_iter().filter_map(read).collect()
}

fn header_comes_back(header: Header<'_>) {
    for element in header.elements() {
        comes_back(&element, &mut [0; 512]);
        comes_back(&element.information(), &mut [0; 512]);
    }
}

/// Every message that the octets can be.
fn tpdu_comes_back(octets: &[u8]) -> bool {
    let mt = Mt::from_bytes_tolerant(octets);
    if let Ok((mt, quirks)) = &mt {
        comes_back(mt, &mut [0; 512]);
        comes_back(&Stored::Received(*mt), &mut [0; 512]);
        comes_back(quirks, &mut [0; 64]);
        if let Mt::Deliver(deliver) = mt {
            deliver.user_data.header().into_iter().for_each(header_comes_back);
        }
    }
    let mo = Mo::from_bytes_tolerant(octets);
    if let Ok((mo, quirks)) = &mo {
        comes_back(mo, &mut [0; 512]);
        comes_back(quirks, &mut [0; 64]);
    }
    mt.is_ok() || mo.is_ok()
}

#[test]
fn every_vector_comes_back() {
    let mut messages = 0;
    for (vector, octets) in vectors("pdu.json") {
        let pdu = Pdu::from_octets(&octets);
        if let Ok(pdu) = &pdu {
            comes_back(pdu, &mut [0; 512]);
        }
        let tpdu = match &pdu {
            Ok(pdu) if vector["smsc"] == true => pdu.tpdu(),
            _ => &octets,
        };
        let is_message = tpdu_comes_back(tpdu);
        messages += usize::from(is_message && !vector["expect"].is_null());
    }
    assert_eq!(messages, 156);
    for (_, octets) in vectors("cbs.json") {
        comes_back(&Page::from_bytes_tolerant(&octets).unwrap().0, &mut [0; 512]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_message_comes_back(
        octets in proptest::collection::vec(any::<u8>(), 0..200),
        header in proptest::collection::vec(any::<u8>(), 0..40),
        identifier in 0..0x28_u8,
    ) {
        tpdu_comes_back(&octets);
        let element = Element { identifier: septet::tpdu::udh::Identifier(identifier), data: &header };
        comes_back(&element.information(), &mut [0; 512]);
        comes_back(&UserData { has_header: true, len: 7, octets: &octets }, &mut [0; 512]);
    }
}

#[test]
fn sets_and_choices_come_back() {
    comes_back(&Quirks::ALL, &mut [0; 64]);
    comes_back(&Languages::ALL, &mut [0; 64]);
    comes_back(&Languages::NONE, &mut [0; 64]);
    comes_back(&Plan::Ucs2, &mut [0; 64]);
    for language in Language::LISTED.iter().copied().map(Some).chain([None]) {
        comes_back(&Plan::Gsm7(Tables::national(language, language)), &mut [0; 64]);
    }
    comes_back(&Store::SM, &mut [0; 64]);
    let text = Text::form(b"a+b%E6", Charset::Latin1).unwrap();
    let refusal = Refusal { subject: text, ..Refusal::plain(Reason::Other) };
    comes_back(&refusal, &mut [0; 64]);
    let at = DateTime { year: 2026, month: 2, day: 3, hour: 4, minute: 5, second: 6 };
    comes_back(&When::Civil { at, zone: Zone::Named(text) }, &mut [0; 64]);
}

#[test]
fn names_are_those_of_machine_readable_output() {
    let kinds = [ErrorKind::UdhOverrun, ErrorKind::ReservedMti, ErrorKind::OddHex];
    kinds.iter().for_each(|kind| assert_eq!(json!(kind), kind.name()));
    Quirk::ALL.iter().for_each(|quirk| assert_eq!(json!(quirk), quirk.name()));
    Rung::ALL.iter().for_each(|rung| assert_eq!(json!(rung), rung.name()));
    let quirks = Quirks::NONE.with(Quirk::TrailingOctets).with(Quirk::UdOver140);
    assert_eq!(json!(quirks), json!(["ud_over_140", "trailing_octets"]));
    assert_eq!(json!(Languages::NONE.with(Language::TURKISH)), json!([1]));
    assert_eq!(json!(Store::SM), "SM");
    let error: Error = ErrorKind::Truncated.at("TP-OA", 1);
    assert_eq!(json!(error), json!({ "kind": "truncated", "field": "TP-OA", "at": 1 }));
    let texts = [Text::plain("1"), Text::plain("2")];
    assert_eq!(json!(List::Slice(&texts)), json!(["1", "2"]));
    assert_eq!(
        json!(Line::read(b"+CSCA: \"+45\",145")),
        json!({ "Info": { "name": "+CSCA", "arguments": [{ "Quoted": [43, 52, 53] }, { "Number": 145 }] } })
    );
}

/// An address of the type 0x91 with this length and these octets.
fn address(len: u8, octets: &[u8]) -> Result<Address, String> {
    let fields = json!({ "type_of_address": 0x91, "len": len, "octets": octets });
    serde_json::from_value(fields).map_err(|error| error.to_string())
}

#[test]
fn what_breaks_an_invariant_is_an_error() {
    let whole = address(10, &[0x54, 0x21, 0x43, 0x65, 0x87]).unwrap();
    assert_eq!(whole, Address::number("+4512345678").unwrap());
    assert_eq!(address(21, &[0x21; 10]).unwrap_err(), "address is too long at octet 20");
    let value = "address has a value that is not allowed at octet 0";
    assert_eq!(address(20, &[0x21; 9]).unwrap_err(), value);
    assert_eq!(address(255, &[]).unwrap_err(), "address is too long at octet 20");
    assert!(address(22, &[0x21; 11]).is_err());

    assert!(serde_json::from_value::<Pdu>(json!([])).is_err());
    assert!(serde_json::from_value::<Pdu>(json!([2, 0x91])).is_err());
    assert!(serde_json::from_value::<Pdu>(json!(vec![0; 177])).is_err());
    assert!(serde_json::from_value::<Quirks>(json!(["no_such_quirk"])).is_err());
    assert!(serde_json::from_value::<Languages>(json!([14])).is_err());
    assert!(serde_json::from_value::<Tables>(json!({ "locking": 99, "single": null })).is_err());
    assert!(serde_json::from_value::<Store>(json!("\"M")).is_err());
    assert!(serde_json::from_value::<Store>(json!("SMS")).is_err());
}
