//! The laws of what carries fields. Each is a function that panics where the law is broken, so that
//! the tests and the fuzz targets call the same one.

use septet::error::Error;
use septet::fields::{Body, Source};
use septet::form::FormReader;
use septet::json::{DEPTH_MAX, Kind, Value};
use septet::multipart::MultipartReader;
use septet::octets::{Coding, Octets};
use septet::text::{Charset, Text};
use septet::wire::Writer;

/// Every charset.
const CHARSETS: [Charset; 5] =
    [Charset::Utf8, Charset::Latin1, Charset::Windows1252, Charset::Latin1Gsm, Charset::HexUtf16];

/// What is read of a text can be written in its charset, and is then read as the same.
fn text_comes_back(text: Text<'_>) {
    let mut buffer = vec![0; 8 * text.chars().count()];
    let mut w = Writer::new(&mut buffer);
    text.emit(&mut w, text.charset()).unwrap();
    assert_eq!(Text::octets(w.written(), text.charset()), Ok(text));
    for coding in [Coding::Hex, Coding::Base64] {
        let Ok(octets) = Octets::coded(text, coding) else { continue };
        let mut buffer = vec![0; 8 + 2 * text.chars().count()];
        let mut w = Writer::new(&mut buffer);
        octets.emit(&mut w, coding).unwrap();
        let digits = Text::octets(w.written(), Charset::Utf8).unwrap();
        assert_eq!(Octets::coded(digits, coding), Ok(octets));
    }
}

/// Names and values of a source are read or refused, and found again under their names.
fn source_is_walked(source: Source<'_>) {
    for charset in CHARSETS {
        let mut pairs = source.with_charset(charset);
        while let Some(pair) = pairs.next_pair() {
            if let Ok(name) = pair.name() {
                assert!(pair.is_named(&name.to_string()));
                assert!(source.find(&name.to_string()).is_some());
            }
            if let Ok(text) = pair.value.text() {
                text_comes_back(text);
            }
        }
    }
}

/// Whatever octets a form or query has: its pairs are read or refused without a panic.
pub fn any_form_is_walked(octets: &[u8]) {
    source_is_walked(Source::of_form(FormReader::new(octets, Charset::Utf8)));
}

/// Whatever octets a form in parts has: its parts are read or refused without a panic.
pub fn any_parts_are_walked(octets: &[u8]) -> Result<(), Error> {
    let content_type = "multipart/form-data; boundary=b";
    let parts = MultipartReader::new(octets, content_type, Charset::Utf8)?;
    source_is_walked(Source::of_body(Body::Multipart(parts)));
    Ok(())
}

/// Whatever octets a document has: it is read or refused without a panic; what was read is walked to
/// its leaves, each of which stands where it says, and is a document of its own.
pub fn any_document_is_walked(octets: &[u8]) -> Result<(), Error> {
    let value = Value::read(octets)?;
    walk(octets, value, 0);
    source_is_walked(Source::of_body(Body::json(value)));
    Ok(())
}

fn walk(document: &[u8], value: Value<'_>, depth: u32) {
    assert!(depth <= DEPTH_MAX);
    assert!(document[value.at()..].starts_with(value.octets()));
    let again = Value::read(value.octets()).unwrap();
    assert_eq!(again.octets(), value.octets());
    match value.kind() {
        Kind::Null | Kind::Boolean(_) => {}
        Kind::Number(number) => assert!(!number.is_empty()),
        Kind::String(raw) => {
            if let Ok(text) = Text::json(raw) {
                text_comes_back(text);
            }
        }
        Kind::Array(elements) => {
            elements.into_iter().for_each(|value| walk(document, value, depth + 1));
        }
        Kind::Object(members) => {
            members.into_iter().for_each(|(_, value)| walk(document, value, depth + 1));
        }
    }
}
