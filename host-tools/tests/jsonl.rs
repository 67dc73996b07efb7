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
