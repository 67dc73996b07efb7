use super::*;

extern crate std;
use std::format;
use std::string::String;
use std::vec::Vec;

use proptest::prelude::*;

fn form(raw: &str, charset: Charset) -> Result<String, Error> {
    Text::form(raw.as_bytes(), charset).map(|text| text.chars().collect())
}

#[test]
fn escapes_are_undone_then_the_charset_is_read() {
    assert_eq!(form("bl%E5b%e6r+%2B", Charset::Latin1).unwrap(), "blåbær +");
    assert_eq!(form("bl%C3%A5b%c3%A6r+%F0%9F%98%80", Charset::Utf8).unwrap(), "blåbær 😀");
    assert_eq!(form("%80%9f", Charset::Windows1252).unwrap(), "€Ÿ");
}

#[test]
fn broken_escapes_and_foreign_octets_are_refused_where_they_stand() {
    let refused = [
        ("ab%", Charset::Utf8, ErrorKind::Escape, 2),
        ("ab%4", Charset::Utf8, ErrorKind::Escape, 2),
        ("ab%4G", Charset::Utf8, ErrorKind::Escape, 2),
        ("%C3%28", Charset::Utf8, ErrorKind::Charset, 0),
        ("x%C0%AF", Charset::Utf8, ErrorKind::Charset, 1),
        ("x%ED%A0%80", Charset::Utf8, ErrorKind::Charset, 1),
        ("%F4%90%80%80", Charset::Utf8, ErrorKind::Charset, 0),
        ("%C3%", Charset::Utf8, ErrorKind::Escape, 0),
        ("ok%80", Charset::Latin1, ErrorKind::Charset, 2),
        ("ok%81", Charset::Windows1252, ErrorKind::Charset, 2),
    ];
    for (raw, charset, kind, at) in refused {
        assert_eq!(form(raw, charset), Err(kind.at("", at)), "{raw}");
    }
}

#[test]
fn an_escaped_separator_splits_too() {
    let text = Text::form(b"45%2C46,47", Charset::Utf8).unwrap();
    let (first, c, rest) = text.split_once(|c| c == ',').unwrap();
    assert_eq!((format!("{first}"), c, format!("{rest}")), ("45".into(), ',', "46,47".into()));
}

#[test]
fn a_quoted_text_shows_what_is_there() {
    let quote = |text: &str| std::format!("{}", quoted(text.chars()));
    assert_eq!(quote("कल सुबह 👩‍👩‍👧 é"), "\"कल सुबह 👩‍👩‍👧 é\"");
    assert_eq!(quote("a\r\n\"\\\0"), r#""a\r\n\"\\\u{0}""#);
    assert_eq!(quote("\u{202E}x\u{200B}\u{85}"), r#""\u{202e}x\u{200b}\u{85}""#);
}

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", Secret(Text::plain("hunter2"))), "***");
}

proptest! {
    /// Runs and single characters, taken in turn, give the text.
    #[test]
    fn runs_lose_nothing(text in ".*", latin1 in any::<bool>()) {
        let charset = if latin1 { Charset::Latin1 } else { Charset::Utf8 };
        let mut raw = Vec::new();
        for c in text.chars() {
            let mut buffer = [0; ENCODED_MAX];
            let Ok(octets) = charset.encode(c, &mut buffer) else { continue };
            for octet in octets {
                raw.extend(format!("%{octet:02x}").bytes());
            }
            raw.extend(b"ab+");
        }
        let text = Text::form(&raw, charset).unwrap();
        let mut chars = text.chars();
        let mut by_runs = String::new();
        loop {
            let run = chars.run();
            by_runs.push_str(core::str::from_utf8(run).unwrap());
            chars.skip_run(run.len());
            match chars.next() {
                Some(c) => by_runs.push(c),
                None => break,
            }
        }
        prop_assert_eq!(by_runs, format!("{text}"));
    }

    /// UTF-8 is read as the standard library reads it.
    #[test]
    fn utf8_agrees_with_std(octets in proptest::collection::vec(any::<u8>(), 0..12)) {
        let ours = Text::octets(&octets, Charset::Utf8).map(|text| format!("{text}")).ok();
        prop_assert_eq!(ours, String::from_utf8(octets).ok());
    }
}
