//! Every known answer, in both directions from one entry.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

use std::collections::BTreeSet;

use septet::Error;
use septet::cbs::{PAGE_LEN, Page};
use septet::gsm7::{self, Code, Tables};
use septet::pdu::{self, Pdu};
use septet::tpdu::dcs::Alphabet;
use septet::tpdu::time::{Civil, ValidityPeriod};
use septet::tpdu::udh::{Header, Language};
use septet::tpdu::{Address, DataCoding, Mo, Mt, Parameters, Timestamp, UserData};
use septet::wire::{Input, Wire, Writer};
use serde_json::{Value, json};

fn read(file: &str) -> Vec<Value> {
    let path = format!("{}/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn hex(octets: &[u8]) -> String {
    pdu::hex(octets).map(|digit| char::from(digit.to_ascii_lowercase())).collect()
}

fn octets(hex: &Value) -> Vec<u8> {
    match hex.as_str().unwrap() {
        "" => Vec::new(),
        hex => pdu::read_hex(hex).unwrap().to_vec(),
    }
}

#[test]
fn gsm7_texts_come_and_go() {
    let vectors = read("gsm7.json");
    for vector in &vectors {
        let text = vector["text"].as_str().unwrap();
        let septets = octets(&vector["septets"]);
        let codes = text.chars().map(|c| Tables::DEFAULT.code(c).unwrap());
        assert!(codes.flat_map(gsm7::Code::septets).eq(septets.iter().copied()), "{text}");
        assert!(Tables::DEFAULT.chars(septets.iter().copied()).eq(text.chars()), "{text}");

        for (key, fill_bits) in [("packed", 0), ("packed_fill1", 1)] {
            let packed = octets(&vector[key]);
            let mut buffer = [0; 200];
            let mut w = Writer::new(&mut buffer);
            let count = gsm7::pack(septets.iter().copied(), fill_bits, &mut w);
            assert_eq!(count, Ok(septets.len()), "{text}");
            assert_eq!(hex(w.written()), hex(&packed), "{text}");
            assert!(gsm7::unpack(&packed, fill_bits, septets.len()).eq(septets.iter().copied()));
        }

        let mut buffer = [0; 200];
        let mut w = Writer::new(&mut buffer);
        gsm7::pack_ussd(septets.iter().copied(), &mut w).unwrap();
        assert_eq!(hex(w.written()), hex(&octets(&vector["ussd"])), "{text}");
        // A carriage return at the end of an octet reads twice.
        let twice = (septets.len().is_multiple_of(8) && septets.ends_with(b"\r")).then_some(b'\r');
        let read = septets.iter().copied().chain(twice);
        assert!(gsm7::unpack_ussd(w.written()).eq(read), "{text}");

        let mut w = Writer::new(&mut buffer);
        assert_eq!(gsm7::emit_unpacked(septets.iter().copied(), &mut w), Ok(septets.len()));
        assert_eq!(w.written(), septets);
        assert!(Tables::DEFAULT.chars(gsm7::unpacked(w.written())).eq(text.chars()));
    }
    assert_eq!(vectors.len(), 32);
}

/// Every cell of every table, in both directions: what the table has is read, and written unless it
/// is for reading only; what it has not reads as a space, and is never written.
#[test]
fn tables_are_those_of_the_standard() {
    let tables = read("gsm7_tables.json");
    let cell = |table: &Value, map: &str, septet: u8| {
        let code = table[map][format!("{septet:02x}")].as_str()?;
        char::from_u32(u32::from_str_radix(code, 16).unwrap())
    };
    let septets = || 0..0x80_u8;
    let all = tables.iter().flat_map(|table| septets().filter_map(|s| cell(table, "map", s)));
    let all: BTreeSet<char> = all.collect();
    let mut cells = [0; 2];
    let mut count = 0;
    for table in &tables {
        let id = Language(table["id"].as_u64().unwrap() as u8);
        if !is_here(id) {
            continue;
        }
        count += 1;
        let language = Some(id);
        let locking = table["kind"] == "locking";
        let (national, code): (_, fn(u8) -> Code) = match locking {
            true => (Tables::national(language, None), Code::Main),
            false => (Tables::national(None, language), Code::Extension),
        };
        for septet in septets() {
            let character = cell(table, "map", septet).or(cell(table, "decode_only", septet));
            // Behind an escape that means nothing the septet is one of the main table.
            let unescaped = Tables::DEFAULT.chars([septet].into_iter()).next();
            let character = character.or(unescaped.filter(|_| !locking)).unwrap_or(' ');
            let mut read = national.chars(code(septet).septets());
            assert_eq!((read.next(), read.next()), (Some(character), None), "{table} {septet}");
        }
        for c in &all {
            let written = national.code(*c);
            let septet = septets().find(|septet| cell(table, "map", *septet) == Some(*c));
            cells[usize::from(locking)] += usize::from(septet.is_some());
            let other = Tables::DEFAULT.code(*c);
            match (locking, written) {
                (true, Some(Code::Main(s))) => assert_eq!(cell(table, "map", s), Some(*c)),
                (true, code) => assert_eq!((septet, code), (None, other.filter(|o| o.len() == 2))),
                (false, Some(Code::Extension(s))) => assert_eq!(cell(table, "map", s), Some(*c)),
                // A character that the main table has needs no escape.
                (false, Some(code)) => assert_eq!(Some(code), other),
                (false, None) => {
                    assert_eq!((septet, other.filter(|other| other.len() == 1)), (None, None));
                }
            }
        }
    }
    // The default tables are always here.
    match cfg!(feature = "languages") {
        true => assert_eq!((count, cells), (27, [853, 1557])),
        false => assert!(count >= 2),
    }
    assert_eq!(tables.len(), 27);
}

#[test]
fn pages_come_and_go() {
    let vectors = read("cbs.json");
    for vector in &vectors {
        let (id, octets) = (&vector["id"], octets(&vector["hex"]));
        let (page, quirks) = Page::from_bytes_tolerant(&octets).unwrap();
        let read = json!({
            "serial": page.serial.0,
            "geo_scope": page.serial.scope().0,
            "message_code": page.serial.message_code(),
            "update": page.serial.update(),
            "message_id": page.identifier.0,
            "dcs": page.coding.0,
            "page": page.parameter.number(),
            "pages": page.parameter.total(),
            "text": page.text().map(String::from_iter),
            "alphabet": match page.coding.alphabet() {
                Alphabet::Gsm7 => "gsm7",
                Alphabet::EightBit => "8bit",
                Alphabet::Ucs2 => "ucs2",
            },
            "language": page.language().map(String::from_iter),
        });
        assert_eq!(read, vector["expect"], "{id}");
        // Those that are no page's length were stored by somebody.
        assert_eq!(quirks.is_empty(), octets.len() == PAGE_LEN, "{id}");
        let mut buffer = [0; PAGE_LEN];
        let written = page.to_slice(&mut buffer).unwrap();
        assert_eq!(written, &octets[..octets.len().min(PAGE_LEN)], "{id}");
    }
    assert_eq!(vectors.len(), 8);
}

/// The message types of `pdu.json`.
const TYPES: [&str; 6] =
    ["DELIVER", "SUBMIT", "STATUS-REPORT", "DELIVER-REPORT", "SUBMIT-REPORT", "COMMAND"];

/// What a message is, who and when it names, and its user data; the rest of `expect` is compared
/// where it is made, by the tests of `septet decode`.
#[test]
fn pdus_come_and_go() {
    let vectors = read("pdu.json");
    for vector in &vectors {
        let (id, hex) = (&vector["id"], vector["hex"].as_str().unwrap());
        let octets = match vector["smsc"] == true {
            true => Pdu::from_hex(hex).map(|pdu| pdu.octets().to_vec()),
            false => pdu::read_hex(hex).map(|octets| octets.to_vec()),
        };
        match (octets, vector["direction"] == "MT") {
            (Err(error), _) => assert_refused(error, vector),
            (Ok(octets), true) => check(vector, &octets, told_mt),
            (Ok(octets), false) => check(vector, &octets, told_mo),
        }
        assert_eq!(vector["expect"].is_null(), vector["error"].is_object(), "{id}");
    }
    let of = |kind: &str| vectors.iter().filter(|vector| vector["expect"]["type"] == kind).count();
    assert_eq!(TYPES.map(of), [104, 36, 9, 3, 2, 2]);
    assert_eq!(vectors.iter().filter(|vector| vector["reencode"] == true).count(), 141);
    assert_eq!(vectors.len(), 171);
}

fn assert_refused(error: Error, vector: &Value) {
    let Value::Object(expected) = &vector["error"] else { panic!("{}: {error}", vector["id"]) };
    assert_eq!(error.kind.name(), expected["kind"], "{}: {error}", vector["id"]);
    assert_eq!(field_name(error.field), expected["field"], "{}: {error}", vector["id"]);
}

fn check<'a, T: Wire<'a>>(vector: &Value, octets: &'a [u8], told: fn(&T) -> Told<'a>) {
    let (id, expect) = (&vector["id"], &vector["expect"]);
    let has_prefix = vector["smsc"] == true;
    let read = |input: Input<'a>| {
        input.finish(|reader| match has_prefix {
            true => pdu::parse(reader),
            false => Ok((None, T::parse(reader)?)),
        })
    };
    let (strict, tolerant) = (read(Input::strict(octets)), read(Input::tolerant(octets)));
    let ((service_centre, tpdu), quirks) = match (strict.err(), tolerant) {
        (refused, Ok((read, quirks))) => {
            assert_eq!(refused.is_some(), !quirks.is_empty(), "{id}: {refused:?}");
            (read, quirks)
        }
        (refused, Err(error)) => {
            assert_eq!(refused, Some(error), "{id}");
            return assert_refused(error, vector);
        }
    };
    let quirks: BTreeSet<&str> = quirks.iter().map(|quirk| quirk.name()).collect();
    let expected = vector["quirks"].as_array().unwrap().iter();
    assert_eq!(quirks, expected.map(|quirk| quirk.as_str().unwrap()).collect(), "{id}");

    let Told { kind, address, times, data } = told(&tpdu);
    assert_eq!(kind, expect["type"], "{id}");
    for (key, address) in address.into_iter().chain(service_centre.map(|smsc| ("smsc", smsc))) {
        let read = (address.type_of_address(), address.len(), address.chars().collect::<String>());
        let expected = &expect[key];
        assert_eq!(
            json!(read),
            json!([expected["toa"], expected["digits"], expected["value"]]),
            "{id}"
        );
    }
    for (key, time) in times {
        let expected = expect.pointer(key).unwrap();
        let Civil { year, month, day, hour, minute, second, zone_quarters } = time.digits();
        let read =
            json!([year, month, day, hour, minute, second, zone_quarters, time.civil().is_some()]);
        let keys = ["yy", "month", "day", "hour", "minute", "second", "tz_quarters", "valid"];
        assert_eq!(read, json!(keys.map(|part| &expected[part])), "{id}: {key}");
        assert_eq!(hex(&time.0), expected["raw"], "{id}: {key}");
    }
    match data {
        Some((data, coding)) => {
            // Some entries have their octets in upper case.
            assert_eq!(
                json!(hex(data.octets)),
                expect["ud"].as_str().unwrap().to_lowercase(),
                "{id}"
            );
            let (locking, single) = data.header().map_or((None, None), Header::national_languages);
            if [locking, single].into_iter().flatten().all(is_here) {
                let text = data.text(coding).map(String::from_iter);
                assert_eq!(json!(text), expect["text"], "{id}");
            }
        }
        None => assert!(expect["ud"].is_null(), "{id}"),
    }

    if vector["reencode"] == true {
        let pdu = Pdu::new(service_centre, &tpdu).unwrap();
        let written = if has_prefix { pdu.octets() } else { pdu.tpdu() };
        assert_eq!(hex(written), hex(octets), "{id}");
    }
}

/// Whether the tables of the language are here, or no features could bring them.
fn is_here(language: Language) -> bool {
    let listed = Language::LISTED.contains(&language);
    !listed || Tables::national(None, Some(language)).single().is_some()
}

/// What a message tells: its type, whom it names, when, and its user data.
struct Told<'a> {
    kind: &'static str,
    address: Option<(&'static str, Address)>,
    /// Each behind the place where `expect` has it.
    times: Vec<(&'static str, Timestamp)>,
    data: Option<(UserData<'a>, DataCoding)>,
}

fn of_parameters<'a>(parameters: &Parameters<'a>) -> Option<(UserData<'a>, DataCoding)> {
    Some((parameters.user_data?, parameters.coding.unwrap_or_default()))
}

fn told_mt<'a>(mt: &Mt<'a>) -> Told<'a> {
    match mt {
        Mt::Deliver(deliver) => Told {
            kind: "DELIVER",
            address: Some(("oa", deliver.originator)),
            times: vec![("/scts", deliver.service_centre_time)],
            data: Some((deliver.user_data, deliver.coding)),
        },
        Mt::StatusReport(report) => Told {
            kind: "STATUS-REPORT",
            address: Some(("ra", report.recipient)),
            times: vec![("/scts", report.service_centre_time), ("/dt", report.discharge_time)],
            data: report.parameters.as_ref().and_then(of_parameters),
        },
        Mt::SubmitReport(report) => Told {
            kind: "SUBMIT-REPORT",
            address: None,
            times: vec![("/scts", report.service_centre_time)],
            data: of_parameters(&report.parameters),
        },
    }
}

fn told_mo<'a>(mo: &Mo<'a>) -> Told<'a> {
    let told = |kind, address| Told { kind, address, times: Vec::new(), data: None };
    match mo {
        Mo::Submit(submit) => Told {
            times: match submit.validity_period {
                ValidityPeriod::Absolute(until) => vec![("/vp/time", until)],
                _ => Vec::new(),
            },
            data: Some((submit.user_data, submit.coding)),
            ..told("SUBMIT", Some(("da", submit.destination)))
        },
        Mo::DeliverReport(report) => {
            Told { data: of_parameters(&report.parameters), ..told("DELIVER-REPORT", None) }
        }
        Mo::Command(command) => told("COMMAND", Some(("da", command.destination))),
    }
}

fn field_name(field: &str) -> &'static str {
    match field {
        "TP-OA" => "oa",
        "TP-RA" => "ra",
        "TP-DCS" => "dcs",
        "TP-UDH" => "udh",
        "SMSC address" => "smsc",
        "first octet" => "first_octet",
        "PDU" => "pdu",
        "hex" => "hex",
        _ => "another",
    }
}
