//! Every known PDU through `septet decode --jsonl` and `septet encode --jsonl`.

use septet_host::tpdu_json::{Direction, Reading, decode, encode};
use serde_json::{Value, json};

fn vectors() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../codec/vectors/pdu.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The object that is read for a vector: its own keys.
fn asked(vector: &Value) -> Value {
    json!({ "hex": vector["hex"], "direction": vector["direction"], "smsc": vector["smsc"] })
}

fn read(vector: &Value, strict: bool) -> Result<Value, Value> {
    let reading = Reading { direction: Direction::Mt, smsc_prefix: true, strict };
    decode(&asked(vector), reading).map_err(|wrong| wrong.to_json())
}

/// The object without what does not stand in a vector's `expect`.
fn as_expected(mut read: Value) -> Value {
    let object = read.as_object_mut().unwrap();
    for key in ["direction", "smsc_prefix", "quirks"] {
        assert!(object.remove(key).is_some(), "{key}");
    }
    // Said there only behind a header.
    if !object.contains_key("udh") && object.get("fill_bits").is_some_and(|bits| *bits == 0) {
        object.remove("fill_bits");
    }
    read
}

/// Some vectors have their octets in upper case.
fn expected(vector: &Value) -> Value {
    let mut expect = vector["expect"].clone();
    for key in ["ud", "body", "utf16", "trailing"] {
        if let Some(Value::String(octets)) = expect.get_mut(key) {
            octets.make_ascii_lowercase();
        }
    }
    expect
}

#[test]
fn every_pdu_is_read() {
    let vectors = vectors();
    let mut count = 0;
    for vector in &vectors {
        let id = &vector["id"];
        let (tolerant, strict) = (read(vector, false), read(vector, true));
        if vector["expect"].is_null() {
            let error = tolerant.unwrap_err();
            assert_eq!(error["error"]["kind"], vector["error"]["kind"], "{id}");
            assert_eq!(strict.unwrap_err(), error, "{id}");
        } else {
            let read = tolerant.unwrap();
            let sorted = |quirks: &Value| {
                let mut quirks: Vec<String> = serde_json::from_value(quirks.clone()).unwrap();
                quirks.sort();
                quirks
            };
            assert_eq!(sorted(&read["quirks"]), sorted(&vector["quirks"]), "{id}");
            assert_eq!(strict.is_ok(), sorted(&vector["quirks"]).is_empty(), "{id}");
            assert_eq!(read["direction"], vector["direction"]);
            assert_eq!(read["smsc_prefix"], vector["smsc"]);
            assert_eq!(as_expected(read), expected(vector), "{id}");
        }
        count += 1;
    }
    assert_eq!(count, 171);
}

/// The object that is written for a vector: `expect`, and how it travels.
fn whole(vector: &Value) -> Value {
    let mut object = vector["expect"].clone();
    object["direction"] = vector["direction"].clone();
    object["smsc_prefix"] = vector["smsc"].clone();
    object
}

/// The object without what follows from the rest of it.
fn fields_alone(mut object: Value) -> Value {
    let has_text = object["text"].is_string();
    let map = object.as_object_mut().unwrap();
    for key in ["first_octet", "tpdu_len", "udl", "septets", "fill_bits", "ud"] {
        map.remove(key);
    }
    if has_text {
        map.remove("body");
    }
    if let Some(header) = map.get_mut("udh").and_then(Value::as_object_mut) {
        header.remove("udhl");
    }
    let drop_raw = |time: &mut Value| {
        if time["valid"] == true {
            time.as_object_mut().unwrap().remove("raw");
        }
        time["valid"] == true
    };
    for key in ["scts", "dt"] {
        map.get_mut(key).map(drop_raw);
    }
    if let Some(period) = map.get_mut("vp").filter(|period| period["format"] == "absolute")
        && period.get_mut("time").is_some_and(drop_raw)
    {
        period.as_object_mut().unwrap().remove("raw");
    }
    object
}

#[test]
fn every_pdu_is_written_from_the_whole_object_and_from_its_fields_alone() {
    let mut count = 0;
    for vector in vectors().iter().filter(|vector| vector["reencode"] == true) {
        let hex = vector["hex"].as_str().unwrap().to_uppercase();
        for object in [whole(vector), fields_alone(whole(vector))] {
            let written = encode(&object).map_err(|wrong| wrong.to_string());
            assert_eq!(written, Ok(json!({ "hex": hex })), "{}: {object:#}", vector["id"]);
        }
        count += 1;
    }
    assert_eq!(count, 141);
}

#[test]
fn what_is_read_can_be_written_again() {
    for vector in &vectors() {
        let Ok(read) = read(vector, false) else { continue };
        let written = encode(&read).map_err(|wrong| wrong.to_string());
        let hex = vector["hex"].as_str().unwrap().to_uppercase();
        assert_eq!(written, Ok(json!({ "hex": hex })), "{}", vector["id"]);
    }
}

#[test]
fn what_does_not_agree_is_refused() {
    let vectors = vectors();
    for vector in vectors.iter().filter(|vector| vector["reencode"] == true) {
        for key in ["first_octet", "tpdu_len", "udl", "septets", "fill_bits", "text", "body", "ud"]
        {
            let mut object = whole(vector);
            let Some(value) = object.get_mut(key) else { continue };
            *value = match &*value {
                Value::Number(number) => json!(number.as_u64().unwrap() + 1),
                Value::String(text) => json!(format!("{text}41")),
                _ => continue,
            };
            let wrong = encode(&object).map_err(|wrong| wrong.to_json());
            let wrong = wrong.expect_err(&format!("{}: {key}", vector["id"]));
            assert!(
                ["disagree", "truncated", "udh_overrun"]
                    .iter()
                    .any(|kind| wrong["error"]["kind"] == *kind),
                "{wrong}"
            );
        }
    }
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let submit = json!({
        "type": "SUBMIT", "mr": 0, "da": { "ton": 1, "value": "4512345678" }, "pid": 0, "dcs": { "raw": 0 },
        "text": "hi",
    });
    assert_eq!(
        encode(&submit).map_err(|wrong| wrong.to_string()),
        Ok(json!({ "hex": "01000A9154214365870000" .to_owned() + "02E834" }))
    );
    let change = |key: &str, value: Value| {
        let mut object = submit.clone();
        object[key] = value;
        encode(&object).unwrap_err().to_string()
    };
    assert_eq!(change("mr", Value::Null), "mr is missing");
    assert_eq!(change("mr", json!(256)), "mr is not a number that fits");
    assert_eq!(change("type", json!("LETTER")), "type is no type of message");
    assert_eq!(change("direction", json!("mt")), "direction is not that of type SUBMIT");
    assert_eq!(
        change("da", json!({ "ton": 1, "value": "x" })),
        "da.value has a character that its alphabet lacks, 'x',"
    );
    assert_eq!(
        change("dcs", json!({ "raw": 0, "alphabet": "ucs2" })),
        "dcs.alphabet does not agree with the rest, which says \"gsm7\""
    );
    let read = |object: Value| {
        let reading = Reading { direction: Direction::Mt, smsc_prefix: false, strict: false };
        decode(&object, reading).unwrap_err().to_json()["error"].clone()
    };
    assert_eq!(
        read(json!({ "hex": "040B91974612" })),
        json!({ "kind": "truncated", "field": "TP-OA", "at": 3, "message": "TP-OA is cut short at octet 3" })
    );
    assert_eq!(read(json!({}))["kind"], "missing");
    assert_eq!(read(json!({ "hex": "00", "direction": "up" }))["field"], "direction");
}

const OA: &str = "0B919746121611F1";
const TS: &str = "62210251320580";

/// What the octets that `hex` spells say; OA and TS in it stand for an address and a time.
fn object(direction: &str, hex: &str) -> Value {
    let hex = hex.replace("OA", OA).replace("TS", TS).replace(' ', "");
    let asked = json!({ "hex": hex, "direction": direction, "smsc": false });
    read(&asked, false).unwrap()
}

/// The octets that `object` describes, or the kind and the field of what is wrong with it.
fn written(object: &Value) -> Result<String, String> {
    match encode(object) {
        Ok(written) => Ok(written["hex"].as_str().unwrap().to_owned()),
        Err(wrong) => {
            let error = &wrong.to_json()["error"];
            Err(format!("{} {}", error["kind"], error["field"]).replace('"', ""))
        }
    }
}

fn hex(octets: &str) -> Result<String, String> {
    Ok(octets.replace("OA", OA).replace("TS", TS).replace(' ', ""))
}

/// `object` without these keys.
fn without(mut object: Value, keys: &[&str]) -> Value {
    keys.iter().for_each(|key| drop(object.as_object_mut().unwrap().remove(*key)));
    object
}

#[test]
fn reserved_bits_and_octets_of_tp_pi_come_back() {
    for (direction, octets, indicator, further, announced) in [
        ("MT", "0601 OA TS TS 00 08", 8, Value::Null, Value::Null),
        ("MT", "0601 OA TS TS 00 0900", 9, Value::Null, Value::Null),
        ("MT", "0601 OA TS TS 00 0900AABB", 9, Value::Null, json!("aabb")),
        ("MT", "0601 OA TS TS 00 810000", 0x81, json!("00"), Value::Null),
        ("MT", "0601 OA TS TS 00 870000000178", 0x87, json!("00"), Value::Null),
        ("MO", "00D38000", 0x80, json!("00"), Value::Null),
        ("MO", "0088AA7BCC", 0xAA, json!("7b"), Value::Null),
        ("MO", "0008AABB", 0x08, Value::Null, json!("aabb")),
        ("MO", "0007", 7, Value::Null, Value::Null),
        ("MO", "00070000", 7, Value::Null, Value::Null),
        ("MO", "00D3810001", 0x81, json!("00"), Value::Null),
        ("MO", "00D38100", 0x81, json!("00"), Value::Null),
        ("MT", "0107 TS 00", 7, Value::Null, Value::Null),
    ] {
        let read = object(direction, octets);
        assert_eq!(read["pi"], indicator, "{octets}");
        let is = |key: &str| read.get(key).cloned().unwrap_or_default();
        assert_eq!((is("pi_further"), is("pi_octets")), (further, announced), "{octets}");
        assert_eq!(written(&read), hex(octets));
    }
    let mut cut = object("MO", "00070000");
    cut["quirks"] = Value::Null;
    assert_eq!(written(&cut), Err("disagree pi".to_owned()));
    assert_eq!(
        written(&json!({ "type": "DELIVER-REPORT", "pi": 0x81, "pid": 0 })),
        Err("disagree pi".to_owned())
    );
    assert_eq!(
        written(&json!({ "type": "DELIVER-REPORT", "pi": 1, "pid": 0, "pi_octets": "AA" })),
        Err("disagree pi_octets".to_owned())
    );
}

#[test]
fn a_header_alone_counts_its_fill_bits() {
    let deliver = json!({
        "type": "DELIVER", "smsc_prefix": false, "mms": true, "oa": { "ton": 1, "value": "79642161111" },
        "pid": 0, "dcs": { "raw": 0 }, "scts": { "raw": TS },
        "udhi": true, "udh": { "ies": [{ "iei": 1, "data": "8103" }] },
    });
    let octets = hex("44 OA 0000 TS 06040102810300");
    for given in [json!({}), json!({ "text": "" }), json!({ "body": "" }), json!({ "body": "00" })]
    {
        let mut deliver = deliver.clone();
        deliver.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        assert_eq!(written(&deliver), octets, "{given}");
    }
    let mut both = deliver.clone();
    both["body"] = json!("");
    both["ud"] = json!("040102810300");
    assert_eq!(written(&both), Err("disagree body".to_owned()));
    let derived = ["ud", "body", "udl", "septets"];
    for octets in ["44 OA 0000 TS 06040102810300", "44 OA 0000 TS 0705000311020100"] {
        assert_eq!(written(&without(object("MT", octets), &derived)), hex(octets));
    }
    for octets in ["44 OA 0000 TS 050401028103", "44 OA 0004 TS 050401028103"] {
        let derived = ["ud", "udl", "septets"];
        assert_eq!(written(&without(object("MT", octets), &derived)), hex(octets));
    }
}

#[test]
fn bits_of_the_first_octet_that_nothing_uses_come_back() {
    for (direction, octets, unused) in [
        ("MT", "14 OA 0000 TS 0178", 0x10),
        ("MT", "1C OA 0000 TS 0178", 0x10),
        ("MT", "0D00 TS", 0xBC),
        ("MT", "8100 TS", 0xBC),
        ("MO", "0400", 0xBC),
        ("MO", "80D300", 0xBC),
        ("MT", "1201 OA TS TS 00", 0x90),
        ("MT", "8601 OA TS TS 00", 0x90),
        ("MO", "1A01000000 OA 00", 0x9C),
        ("MO", "8201000000 OA 00", 0x9C),
        ("MT", "4601 OA TS TS 00", 0x90),
        ("MO", "4000", 0xBC),
        ("MO", "40D300", 0xBC),
        ("MT", "4100 TS", 0xBC),
        ("MO", "0100 OA 0000 0178", 0x00),
    ] {
        let mut read = object(direction, octets);
        assert_eq!(written(&read), hex(octets));
        let first = read["first_octet"].as_u64().unwrap();
        let has_data = read["ud"].is_string() || read["cd"].is_string();
        for bit in (0..8).filter(|bit| unused >> bit & 1 == 0 && (has_data || *bit != 6)) {
            read["first_octet"] = json!(first ^ 1 << bit);
            assert_eq!(written(&read), Err("disagree first_octet".to_owned()), "{octets}: {bit}");
        }
        if !has_data && unused & first == 0 {
            assert_eq!(written(&without(read.clone(), &["first_octet"])), hex(octets));
        }
        if !has_data {
            read["first_octet"] = json!(first ^ 0x40);
            assert_eq!(written(&read), Err("disagree udhi".to_owned()), "{octets}");
        }
    }
}

#[test]
fn what_no_message_can_hold_is_too_long() {
    let submit = json!({
        "type": "SUBMIT", "mr": 0, "da": { "ton": 1, "value": "4512345678" }, "pid": 0,
    });
    let command = json!({
        "type": "COMMAND", "mr": 0, "pid": 0, "ct": 0, "mn": 0,
        "da": { "ton": 1, "value": "4512345678" },
    });
    let report = json!({ "type": "DELIVER-REPORT" });
    for (message, coding, key, one, most, field) in [
        (&submit, 0, "text", "a", 160, "TP-UDL"),
        (&submit, 8, "text", "я", 70, "TP-UDL"),
        (&submit, 4, "body", "AA", 140, "TP-UDL"),
        (&submit, 4, "ud", "AA", 140, "TP-UDL"),
        (&report, 0, "text", "a", 181, "TP-UDL"),
        (&report, 4, "body", "AA", 159, "TP-UDL"),
        (&command, 0, "cd", "AA", 157, "TP-CDL"),
    ] {
        let mut message = message.clone();
        if message["type"] != "COMMAND" {
            message["dcs"] = json!({ "raw": coding });
        }
        let mut of = |count: usize| {
            message[key] = json!(one.repeat(count));
            written(&message)
        };
        assert!(of(most).is_ok(), "{key} {coding}: {:?}", of(most));
        for count in [most + 1, 256, 300] {
            assert_eq!(of(count), Err(format!("too_long {field}")), "{key} {coding} {count}");
        }
        message[key] = json!(one.repeat(most + 1));
        message["quirks"] = json!([]);
        assert_eq!(written(&message), Err(format!("too_long {field}")), "{key} {coding}");
        message["quirks"] = json!(["ud_over_140"]);
        assert!(written(&message).is_ok(), "{key} {coding}");
    }
}

#[test]
fn a_body_wins_over_the_text_that_it_reads_as() {
    for (direction, octets) in [
        // Bits behind the last septet; a fill bit; a character that is in two tables.
        ("MT", "04 OA 0000 TS 05C8329BFD86"),
        ("MT", "44 OA 0000 TS 0905000311020189DF"),
        ("MT", "44 OA 0000 TS 0703240103D84800"),
        ("MT", "04 OA 0000 TS 0731D98C56B3DD00"),
        ("MT", "04 OA 0000 TS 0731D98C56B3DD02"),
        ("MT", "04 OA 0000 TS 0831D98C56B3DD00"),
        ("MT", "04 OA 0008 TS 02D83D"),
    ] {
        let read = without(object(direction, octets), &["ud", "udl", "septets"]);
        assert_eq!(written(&read), hex(octets));
        let mut other = read.clone();
        other["text"] = json!("other");
        assert_eq!(written(&other), Err("disagree text".to_owned()), "{octets}");
    }
}

#[test]
fn an_address_is_as_long_as_it_says() {
    for octets in [
        "0403D0C130 0000 TS 0178",
        "0401D001 0000 TS 0178",
        "0413D0 C8329BFD065DDF723619 0000 TS 0178",
        "0413D0 C8329BFD065DDF720000 0000 TS 0178",
        "040B919746121611 01 0000 TS 0178",
        "0400D0 0000 TS 0178",
        "040C919746121611F1 0000 TS 0178",
        "0404911FF2 0000 TS 0178",
    ] {
        assert_eq!(written(&object("MT", octets)), hex(octets));
    }
    let digits = |value: &str, toa: u8, digits: u8| {
        let oa = json!({ "toa": toa, "value": value, "digits": digits });
        written(&json!({
            "type": "DELIVER", "mms": true, "oa": oa, "pid": 0, "dcs": { "raw": 0 },
            "scts": { "raw": TS }, "text": "x",
        }))
    };
    assert_eq!(digits("79642161111", 0x91, 11), hex("04 OA 0000 TS 0178"));
    for wrong in [10, 12, 13] {
        assert_eq!(digits("79642161111", 0x91, wrong), Err("disagree oa.digits".to_owned()));
    }
    assert_eq!(digits("A", 0xD0, 3), hex("0403D04100 0000 TS 0178"));
    for wrong in [0, 1, 4] {
        assert_eq!(digits("A", 0xD0, wrong), Err("disagree oa.digits".to_owned()), "{wrong}");
    }
}

#[test]
fn a_period_that_is_null_is_none_and_a_direction_has_no_case() {
    let submit = object("MO", "0100 OA 0000 0178");
    for (key, value) in
        [("vp", Value::Null), ("direction", json!("Mo")), ("direction", json!("mo"))]
    {
        let mut submit = submit.clone();
        submit[key] = value;
        assert_eq!(written(&submit), hex("0100 OA 0000 0178"));
    }
    assert_eq!(object("Mt", "8100 TS")["type"], "SUBMIT-REPORT");
}
