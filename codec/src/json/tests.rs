use super::*;

extern crate std;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;

/// The length of the well-formed value ahead, octet by octet.
fn plain_value_len(octets: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut is_string = false;
    let mut is_escaped = false;
    for (i, octet) in octets.iter().enumerate() {
        if is_string {
            match octet {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    is_string = false;
                    if depth == 0 {
                        return i.saturating_add(1);
                    }
                }
                _ => {}
            }
            continue;
        }
        match octet {
            b'"' => is_string = true,
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i.saturating_add(1);
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return i,
            _ => {}
        }
    }
    octets.len()
}

/// The value as another library has it.
fn other(value: Value<'_>) -> serde_json::Value {
    let text = |raw| Text::json(raw).unwrap().to_string();
    match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Boolean(boolean) => boolean.into(),
        Kind::Number(number) => serde_json::from_str(number.as_str().unwrap()).unwrap(),
        Kind::String(raw) => {
            let text = text(raw);
            assert_eq!(value.text().map(|own| own.to_string()).as_ref(), Ok(&text));
            assert_eq!(value.copy_to(&mut std::vec![0; raw.len()]), Ok(&*text));
            assert_eq!(value.decoded(&mut std::vec![0; raw.len()]), Ok(&*text));
            assert_eq!(value.as_str(), (!raw.contains(&b'\\')).then_some(&*text));
            text.into()
        }
        Kind::Array(elements) => elements.map(other).collect::<Vec<_>>().into(),
        Kind::Object(members) => serde_json::Value::Object(
            members.map(|(name, value)| (text(name), other(value))).collect(),
        ),
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            proptest::collection::btree_map(".*", inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn errors_say_where() {
    let error = |json: &str| Value::read(json.as_bytes()).unwrap_err().to_string();
    assert_eq!(error(r#"{"a": tru}"#), "JSON is malformed at octet 9");
    assert_eq!(error(r#"{"a": [1,]}"#), "JSON is malformed at octet 9");
    assert_eq!(error(r#"{"a": 01}"#), "JSON is malformed at octet 6");
    assert_eq!(error(r#"{"a": "b"#), "JSON is cut short at octet 8");
    assert_eq!(error("{} x"), "JSON is followed by octets that do not belong to it at octet 3");
    assert_eq!(error("\"a\u{1}\""), "JSON is malformed at octet 2");
    assert_eq!(error(""), "JSON is cut short at octet 0");
    assert_eq!(error(&"[".repeat(1000)), "JSON is nested too deeply at octet 32");
}

proptest! {
    /// A document means what another library says, and none of its beginnings is a document.
    #[test]
    fn documents_mean_the_same_to_another_library(json in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
        let text = text.unwrap();
        prop_assert_eq!(other(Value::read(text.as_bytes()).unwrap()), json.clone());
        for (cut, _) in text.char_indices() {
            if Value::read(&text.as_bytes()[..cut]).is_ok() {
                prop_assert!(json.is_number());
            }
        }
    }

    /// Octets are a document exactly where another library says so, strings aside.
    #[test]
    fn what_is_refused_is_refused_by_another_library(text in "[\\[\\]{},:\"a\\\\ 01.eE+-]{0,12}|[a-z{}\\[\\]\": ,]{0,12}") {
        let ours = Value::read(text.as_bytes());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        if theirs.is_ok() {
            prop_assert!(ours.is_ok(), "{text}");
        } else if !text.contains('\\') && !text.contains(['e', 'E']) {
            // Escapes are checked when a string is read, and a number may be past what theirs holds.
            prop_assert!(ours.is_err(), "{text}");
        }
    }

    /// A text that is written as a string is the same to another library.
    #[test]
    fn strings_are_written_as_another_library_reads_them(text in any::<String>()) {
        let mut buffer = std::vec![0; 6 * text.len() + 2];
        let mut w = Writer::new(&mut buffer);
        write_string(&mut w, None, Text::plain(&text), None).unwrap();
        prop_assert_eq!(serde_json::from_slice::<String>(w.written()).unwrap(), text);
    }
}

/// What is written character by character.
fn plainly_written(text: &str) -> Vec<u8> {
    text.chars()
        .flat_map(|c| {
            match c {
                '"' | '\\' => std::format!("\\{c}"),
                '\n' => "\\n".into(),
                '\r' => "\\r".into(),
                '\t' => "\\t".into(),
                c if c < ' ' => std::format!("\\u{:04x}", u32::from(c)),
                c => c.into(),
            }
            .into_bytes()
        })
        .collect()
}

fn strings_agree(text: &str) {
    let plain = plainly_written(text);
    let mut buffer = std::vec![0; plain.len()];
    for text in [Text::plain(text), Text::json(&plain).unwrap()] {
        let mut w = Writer::new(&mut buffer);
        write_characters(&mut w, text).unwrap();
        assert_eq!(w.written(), plain);
    }
    assert!(
        buffer.pop().is_none()
            || write_characters(&mut Writer::new(&mut buffer), Text::plain(text)).is_err()
    );
}

#[test]
fn every_character_is_written_as_it_is_alone() {
    for c in ('\0'..='\u{300}').chain("日😀".chars()) {
        let mut text = String::from(c);
        strings_agree(&text);
        text.insert_str(0, "twenty letters ahead");
        strings_agree(&(text + "and more behind it"));
    }
}

proptest! {
    #[test]
    fn strings_are_written_character_by_character(text in any::<String>()) {
        strings_agree(&text);
    }

    /// Values are as long as they are octet by octet, whatever stands behind them.
    #[test]
    fn values_are_as_long_as_they_are_octet_by_octet(
        text in "[\\[\\]{}\":, a1\\\\]{0,40}",
        value in any_json(),
    ) {
        let value_len = |octets: &[u8]| octets.len() - after_value(octets, "").len();
        let document = value.to_string() + &text;
        if Value::read(value.to_string().as_bytes()).is_ok() {
            let octets = document.as_bytes();
            if value.is_string() || value.is_array() || value.is_object() {
                prop_assert_eq!(value_len(octets), plain_value_len(octets));
                prop_assert_eq!(value_len(octets), value.to_string().len());
                if !document.contains('\\') {
                    prop_assert_eq!(after_value(octets, &document), after_value(octets, ""));
                }
            }
        }
        if text.starts_with(['"', '[', '{']) {
            prop_assert_eq!(value_len(text.as_bytes()), plain_value_len(text.as_bytes()));
        }
    }
}
