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
use septet::pdu;
use septet::tpdu::address::Address;
use septet::tpdu::dcs::{Alphabet, DataCoding, Waiting};
use septet::tpdu::time::{Period, Timestamp, ValidityPeriod};
use septet::tpdu::udh::{Language, Ports, Reference};
use septet::tpdu::user_data::UserData;
use septet::tpdu::{Mo, Mt, Parameters};
use septet::wire::{Input, Reader, Wire, Writer};
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
    for table in &tables {
        let language = Some(Language(table["id"].as_u64().unwrap() as u8));
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
    assert_eq!((tables.len(), cells), (27, [853, 1557]));
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
            "alphabet": alphabet(page.coding.alphabet()),
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

#[test]
fn pdus_come_and_go() {
    let vectors = read("pdu.json");
    for vector in &vectors {
        check(vector);
    }
    let of = |kind: &str| vectors.iter().filter(|vector| vector["expect"]["type"] == kind).count();
    assert_eq!(TYPES.map(of), [104, 36, 9, 3, 2, 2]);
    assert_eq!(vectors.iter().filter(|vector| vector["expect"].is_null()).count(), 15);
    assert_eq!(vectors.len(), 171);
}

/// What is read, as `expect` has it; and the octets that it writes.
struct Read {
    expect: Value,
    quirks: Vec<&'static str>,
    written: Vec<u8>,
}

fn check(vector: &Value) {
    let id = &vector["id"];
    let strict = message(vector, |octets| Input::strict(octets));
    let tolerant = message(vector, |octets| Input::tolerant(octets));

    if let Some(kind) = vector["error"]["kind"].as_str() {
        for error in [strict.err().unwrap(), tolerant.err().unwrap()] {
            assert_eq!(error.kind.name(), kind, "{id}: {error}");
            assert_eq!(field_name(error.field), vector["error"]["field"], "{id}: {error}");
        }
        return;
    }

    let mut tolerant = tolerant.unwrap_or_else(|error| panic!("{id}: {error}"));
    let mut quirks: Vec<&str> =
        vector["quirks"].as_array().unwrap().iter().map(|quirk| quirk.as_str().unwrap()).collect();
    quirks.sort_unstable();
    tolerant.quirks.sort_unstable();
    assert_eq!(tolerant.quirks, quirks, "{id}");
    assert_eq!(strict.is_err(), !quirks.is_empty(), "{id}: {:?}", strict.err());
    for (key, value) in vector["expect"].as_object().unwrap() {
        // The octets of the text, which `body` gives as well.
        if key == "utf16" {
            continue;
        }
        // Some entries have their octets in upper case.
        match (key.as_str(), value) {
            ("ud" | "body", Value::String(octets)) => {
                assert_eq!(tolerant.expect[key], octets.to_lowercase(), "{id}: {key}");
            }
            _ => assert_eq!(&tolerant.expect[key], value, "{id}: {key}"),
        }
    }
    if vector["reencode"] == true {
        assert_eq!(hex(&tolerant.written), vector["hex"].as_str().unwrap().to_lowercase(), "{id}");
    }
}

/// Reads a vector from its digits, and writes it again.
fn message(vector: &Value, mode: fn(&[u8]) -> Input<'_>) -> Result<Read, Error> {
    let hex = vector["hex"].as_str().unwrap();
    let prefix = vector["smsc"] == true;
    let octets = match prefix {
        true => pdu::Pdu::from_hex(hex)?.octets().to_vec(),
        false => pdu::read_hex(hex)?.to_vec(),
    };
    match vector["direction"] == "MT" {
        true => read_and_write(mode(&octets), prefix, describe_mt),
        false => read_and_write(mode(&octets), prefix, describe_mo),
    }
}

fn read_and_write<'a, T: Wire<'a>>(
    input: Input<'a>,
    prefix: bool,
    describe: fn(&T) -> Value,
) -> Result<Read, Error> {
    let parse = |reader: &mut Reader<'a>| match prefix {
        true => pdu::parse(reader),
        false => T::parse(reader).map(|tpdu| (None, tpdu)),
    };
    let ((service_centre, tpdu), quirks) = input.finish(parse)?;
    let pdu = pdu::Pdu::new(service_centre, &tpdu).unwrap();
    let mut expect = describe(&tpdu);
    let mut tpdu_at = 0;
    if prefix {
        tpdu_at = pdu.octets().len() - pdu.tpdu_len();
        expect["smsc"] = service_centre.map_or(Value::Null, |smsc| address(&smsc));
    }
    // Of the octets that were read: those that are written may be other or fewer.
    expect["first_octet"] = json!(input.octets()[tpdu_at]);
    expect["tpdu_len"] = json!(input.len() - tpdu_at);
    let mut reader = Reader::new(Input::tolerant(input.octets()));
    if parse(&mut reader).is_ok() && !reader.is_empty() {
        expect["trailing"] = json!(hex(reader.rest().octets()));
    }
    let written = if prefix { pdu.octets() } else { pdu.tpdu() }.to_vec();
    Ok(Read { expect, quirks: quirks.iter().map(|quirk| quirk.name()).collect(), written })
}

fn describe_mt(mt: &Mt<'_>) -> Value {
    match mt {
        Mt::Deliver(deliver) => {
            let mut expect = json!({
                "type": "DELIVER",
                "mms": deliver.no_more_messages,
                "lp": deliver.loop_prevention,
                "sri": deliver.status_report_indication,
                "rp": deliver.reply_path,
                "oa": address(&deliver.originator),
                "pid": deliver.protocol.0,
                "dcs": coding(deliver.coding),
                "scts": time(deliver.service_centre_time),
            });
            user_data(&mut expect, &deliver.user_data, deliver.coding);
            expect
        }
        Mt::StatusReport(report) => {
            let mut expect = json!({
                "type": "STATUS-REPORT",
                "mms": report.no_more_messages,
                "lp": report.loop_prevention,
                "srq": report.of_command,
                "mr": report.message_reference,
                "ra": address(&report.recipient),
                "scts": time(report.service_centre_time),
                "dt": time(report.discharge_time),
                "st": report.status.0,
                "udhi": false,
            });
            if let Some(parameters) = report.parameters {
                describe_parameters(&mut expect, &parameters);
            }
            expect
        }
        Mt::SubmitReport(report) => {
            let mut expect = json!({
                "type": "SUBMIT-REPORT",
                "fcs": report.failure_cause.map(|cause| cause.0),
                "scts": time(report.service_centre_time),
            });
            describe_parameters(&mut expect, &report.parameters);
            expect
        }
    }
}

fn describe_mo(mo: &Mo<'_>) -> Value {
    match mo {
        Mo::Submit(submit) => {
            let mut expect = json!({
                "type": "SUBMIT",
                "rd": submit.reject_duplicates,
                "srr": submit.status_report_request,
                "rp": submit.reply_path,
                "mr": submit.message_reference,
                "da": address(&submit.destination),
                "pid": submit.protocol.0,
                "dcs": coding(submit.coding),
                "vp": validity_period(submit.validity_period),
            });
            user_data(&mut expect, &submit.user_data, submit.coding);
            expect
        }
        Mo::DeliverReport(report) => {
            let mut expect = json!({
                "type": "DELIVER-REPORT",
                "fcs": report.failure_cause.map(|cause| cause.0),
            });
            describe_parameters(&mut expect, &report.parameters);
            expect
        }
        Mo::Command(command) => json!({
            "type": "COMMAND",
            "udhi": command.data.has_header,
            "srr": command.status_report_request,
            "mr": command.message_reference,
            "pid": command.protocol.0,
            "ct": command.command.0,
            "mn": command.message_number,
            "da": address(&command.destination),
            "cdl": command.data.len,
            "cd": hex(command.data.octets),
        }),
    }
}

fn describe_parameters(expect: &mut Value, parameters: &Parameters<'_>) {
    expect["udhi"] = json!(false);
    expect["pi"] = json!(parameters.indicator());
    if let Some(protocol) = parameters.protocol {
        expect["pid"] = json!(protocol.0);
    }
    if let Some(dcs) = parameters.coding {
        expect["dcs"] = coding(dcs);
    }
    if let Some(data) = parameters.user_data {
        user_data(expect, &data, parameters.coding.unwrap_or_default());
    }
}

fn address(address: &Address) -> Value {
    json!({
        "digits": address.len(),
        "toa": address.type_of_address(),
        "ton": address.type_of_number().0,
        "npi": address.numbering_plan().0,
        "value": address.chars().collect::<String>(),
    })
}

fn alphabet(alphabet: Alphabet) -> &'static str {
    match alphabet {
        Alphabet::Gsm7 => "gsm7",
        Alphabet::EightBit => "8bit",
        Alphabet::Ucs2 => "ucs2",
    }
}

fn coding(coding: DataCoding) -> Value {
    json!({
        "raw": coding.0,
        "alphabet": alphabet(coding.alphabet()),
        "class": coding.class().map(|class| class as u8),
        "compressed": coding.compressed(),
        "auto_delete": coding.deletes_itself(),
        "mwi": coding.message_waiting().map(|waiting| json!({
            "kind": match waiting.kind {
                Waiting::Voicemail => "voicemail",
                Waiting::Fax => "fax",
                Waiting::Email => "email",
                Waiting::Other => "other",
            },
            "active": waiting.active,
            "store": waiting.store,
        })),
        "reserved": coding.reserved(),
    })
}

fn time(time: Timestamp) -> Value {
    let digits = time.digits();
    json!({
        "raw": hex(&time.0),
        "yy": digits.year,
        "month": digits.month,
        "day": digits.day,
        "hour": digits.hour,
        "minute": digits.minute,
        "second": digits.second,
        "tz_quarters": digits.zone_quarters,
        "valid": time.civil().is_some(),
    })
}

fn validity_period(period: ValidityPeriod) -> Value {
    match period {
        ValidityPeriod::Unlimited => json!({ "format": "none" }),
        ValidityPeriod::Relative(relative) => {
            json!({ "format": "relative", "raw": hex(&[relative.0]), "minutes": relative.minutes() })
        }
        ValidityPeriod::Absolute(until) => {
            json!({ "format": "absolute", "raw": hex(&until.0), "time": time(until) })
        }
        ValidityPeriod::Enhanced(enhanced) => {
            let mut value = json!({
                "format": "enhanced",
                "raw": hex(&enhanced.0),
                "indicator": enhanced.indicator(),
                "extended": enhanced.extended(),
                "single_shot": enhanced.single_shot(),
            });
            let (kind, key, period) = match enhanced.period() {
                Period::Unlimited => ("none", "none", Value::Null),
                Period::Relative(relative) => ("relative", "minutes", json!(relative.minutes())),
                Period::Seconds(seconds) => ("seconds", "seconds", json!(seconds)),
                Period::HoursMinutesSeconds(h, m, s) => ("hms", "hms", json!([h, m, s])),
                Period::Reserved(_) => ("reserved", "reserved", Value::Null),
            };
            value["kind"] = json!(kind);
            value[key] = period;
            value
        }
    }
}

fn user_data(expect: &mut Value, data: &UserData<'_>, coding: DataCoding) {
    expect["udhi"] = json!(data.has_header);
    expect["udl"] = json!(data.len);
    expect["ud"] = json!(hex(data.octets));
    expect["body"] = json!(hex(data.body()));
    expect["text"] = json!(data.text(coding).map(String::from_iter));
    if coding.alphabet() == Alphabet::Gsm7 {
        expect["septets"] = json!(data.septets().len());
        expect["fill_bits"] = json!(data.fill_bits());
    }
    let Some(header) = data.header() else {
        return;
    };
    let elements = header.elements();
    let elements =
        elements.map(|element| json!({ "iei": element.identifier.0, "data": hex(element.data) }));
    expect["udh"] = json!({ "udhl": header.octets.len(), "ies": elements.collect::<Vec<Value>>() });
    if let Some(concatenation) = header.concatenation() {
        let (reference, bits) = match concatenation.reference {
            Reference::Short(reference) => (u16::from(reference), 8),
            Reference::Long(reference) => (reference, 16),
        };
        expect["concat"] = json!({
            "ref": reference,
            "ref_bits": bits,
            "total": concatenation.total,
            "seq": concatenation.number,
        });
    }
    let (locking, single) = header.national_languages();
    for (key, language) in [("nl_locking", locking), ("nl_single", single)] {
        if let Some(language) = language {
            expect[key] = json!(language.0);
        }
    }
    if let Some(ports) = header.ports() {
        expect["ports"] = match ports {
            Ports::Short { destination, source } => {
                json!({ "dst": destination, "src": source, "bits": 8 })
            }
            Ports::Long { destination, source } => {
                json!({ "dst": destination, "src": source, "bits": 16 })
            }
        };
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
