use super::*;
use crate::form::FormReader;
use crate::json;
use crate::multipart::MultipartReader;
use crate::text::{Charset, Text};
use crate::wire::Writer;

extern crate std;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;

fields! {
    /// A request.
    pub struct Ask<'a> {
        /// To whom.
        "to" => to: List<'a>,
        /// What.
        "text" => text: Text<'a>,
        /// How many.
        "count" => count: Option<u32>,
        /// Whether.
        "flag" => flag: Option<bool>,
    }
}

fn form(octets: &str) -> Source<'_> {
    Source::of_form(FormReader::new(octets.as_bytes(), Charset::Utf8))
}

fn json(octets: &str) -> Source<'_> {
    Source::of_body(Body::json(json::Value::read(octets.as_bytes()).unwrap()))
}

fn items(ask: &Ask<'_>) -> Vec<String> {
    ask.to.iter().map(|item| item.to_string()).collect()
}

#[test]
fn unknown_names_are_ignored_and_escaped_names_are_known() {
    let ask = Ask::parse(form("&x=%&te%78t=a+b&&to=1&count=07&X")).unwrap();
    assert_eq!(ask.text, *"a b");
    assert_eq!(ask.count, Some(7));
    let ask = Ask::parse(json(r#"{"x": {"to": []}, "te\u0078t": "a b", "to": []}"#)).unwrap();
    assert_eq!(ask.text, *"a b");
}

#[test]
fn errors_name_field_and_octet() {
    let error = |octets| Ask::parse(form(octets)).unwrap_err().to_string();
    assert_eq!(error("to=1"), "text is missing at octet 0");
    assert_eq!(error("to=1&text=a%"), "text has a broken escape at octet 11");
    assert_eq!(error("to=1&text=a&text=b"), "text is given twice at octet 17");
    let value = "count has a value that is not allowed at octet 18";
    assert_eq!(error("to=1&text=a&count=4294967296"), value);
    assert_eq!(error("to=1&text=a&count=4x"), value);
    let error = |octets| Ask::parse(json(octets)).unwrap_err().to_string();
    assert_eq!(error(r#"{"to": "1", "text": null}"#), "text is missing at octet 0");
    assert_eq!(error(r#"{"text": "a\ud800"}"#), {
        "text has an octet that is not in its charset at octet 10"
    });
    assert_eq!(error(r#"{"text": "a", "text": "a"}"#), "text is given twice at octet 22");
    assert_eq!(error(r#"{"to": [1, [2]]}"#), "to has a value that is not allowed at octet 11");
    assert_eq!(error(r#"{"count": -1}"#), "count has a value that is not allowed at octet 10");
    assert_eq!(error(r#"{"flag": "yes"}"#), "flag has a value that is not allowed at octet 9");
}

#[test]
fn what_is_null_or_empty_is_not_given() {
    for octets in ["to=1&text=a&count=&flag=", "to=1&text=a"] {
        let ask = Ask::parse(form(octets)).unwrap();
        assert_eq!((ask.count, ask.flag), (None, None));
    }
    let ask = Ask::parse(json(r#"{"to": "1", "text": "", "count": null, "flag": ""}"#)).unwrap();
    assert_eq!((ask.count, ask.flag), (None, None));
}

#[test]
fn numbers_and_booleans_may_stand_in_strings_and_lists_in_one_text() {
    let ask = json(r#"{"to": 45, "text": 7, "count": "12", "flag": "TRUE"}"#);
    let ask = Ask::parse(ask).unwrap();
    assert_eq!((items(&ask), ask.text), (["45".into()].into(), Text::plain("7")));
    assert_eq!((ask.count, ask.flag), (Some(12), Some(true)));
    let ask = Ask::parse(json(r#"{"to": ["1", 2, ""], "text": "", "flag": 0}"#)).unwrap();
    assert_eq!((items(&ask), ask.flag), (["1", "2", ""].map(String::from).into(), Some(false)));
    let ask = Ask::parse(json(r#"{"to": "1, 2;3", "text": ""}"#)).unwrap();
    assert_eq!(items(&ask), ["1", "2", "3"]);
}

#[test]
fn lists_are_joined_or_repeated_or_both() {
    let ask = Ask::parse(form("to=1,2%3B3+4,,&text=&to=5%2C6&to=")).unwrap();
    assert_eq!(items(&ask), ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn the_path_wins_over_the_body_and_the_body_over_the_query() {
    let of = |octets: &'static str| FormReader::new(octets.as_bytes(), Charset::Utf8);
    let path = Captures::new("/a/{to}/b", "//a//x%2B+%20y/b/", false).unwrap();
    let body = Body::Form(of("to=1&to=2&text=b&text=c"));
    let source = Source::new(path, body, of("to=3&text=q&to=4&count=1"));
    let error = Ask::parse(source).unwrap_err().to_string();
    assert_eq!(error, "text is given twice at octet 22");
    let source = Source::new(path, Body::Form(of("to=1&text=b")), of("text=q&text=r&count=1"));
    let ask = Ask::parse(source).unwrap();
    assert_eq!(items(&ask), ["x++", "y"]);
    assert_eq!((ask.text, ask.count), (Text::plain("b"), Some(1)));
}

#[test]
fn paths_are_compared_by_segments() {
    let is = |template, path| Captures::new(template, path, false).is_some();
    assert!(is("/sms/{id}", "//sms/7") && is("/sms/{id}", "/sms/7/"));
    assert!(!is("/sms/{id}", "/sms") && !is("/sms/{id}", "/sms/7/8") && !is("/sms", "/SMS"));
    assert!(Captures::new("/Sms", "/sMS", true).is_some());
}

/// The fields in this carrier.
fn written(ask: &Ask<'_>, carrier: Carrier) -> Vec<u8> {
    let mut buffer = std::vec![0; 16 * 1024];
    let mut w = Writer::new(&mut buffer);
    let mut sink = Sink::new(&mut w, carrier, Charset::Utf8).unwrap();
    ask.emit(&mut sink).unwrap();
    sink.finish().unwrap();
    w.written().to_vec()
}

#[test]
fn what_is_written_is_what_the_carriers_say() {
    let to = [Text::plain("1"), Text::plain("2")];
    let text = Text::plain("a+b \"é\"\n");
    let ask = Ask { to: List::Slice(&to), text, count: Some(7), flag: Some(true) };
    let written = |carrier| String::from_utf8(written(&ask, carrier)).unwrap();
    assert_eq!(written(Carrier::Form), "to=1%2C2&text=a%2Bb+%22%C3%A9%22%0A&count=7&flag=true");
    assert_eq!(
        written(Carrier::Json),
        r#"{"to":["1","2"],"text":"a+b \"é\"\n","count":7,"flag":true}"#
    );
    let part = |name: &str, value: &str| {
        format!(
            "--septet-7d1f0c9b2e64a853\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\
             {value}\r\n"
        )
    };
    let parts = [("to", "1,2"), ("text", "a+b \"é\"\n"), ("count", "7"), ("flag", "true")];
    let parts: String = parts.iter().map(|(name, value)| part(name, value)).collect();
    assert_eq!(written(Carrier::Multipart), parts + "--septet-7d1f0c9b2e64a853--\r\n");
}

proptest! {
    /// One request in every carrier is read as the same.
    #[test]
    fn every_carrier_carries_the_same(
        text in ".*",
        to in proptest::collection::vec("[0-9a-z+%&=é😀\"\\\\]{1,9}", 1..4),
        count: Option<u32>,
        flag: Option<bool>,
    ) {
        let to: Vec<Text> = to.iter().map(|item| Text::plain(item)).collect();
        let ask = Ask { to: List::Slice(&to), text: Text::plain(&text), count, flag };
        let octets = written(&ask, Carrier::Form);
        prop_assert!(octets.iter().all(u8::is_ascii_graphic));
        let form = FormReader::new(&octets, Charset::Utf8);
        prop_assert_eq!(Ask::parse(Source::of_form(form)), Ok(ask));
        let octets = written(&ask, Carrier::Json);
        let other: serde_json::Value = serde_json::from_slice(&octets).unwrap();
        prop_assert_eq!(other["text"].as_str(), Some(text.as_str()));
        let value = json::Value::read(&octets).unwrap();
        prop_assert_eq!(Ask::parse(Source::of_body(Body::json(value))), Ok(ask));
        let octets = written(&ask, Carrier::Multipart);
        let content_type = Carrier::Multipart.content_type();
        let parts = MultipartReader::new(&octets, content_type, Charset::Utf8).unwrap();
        prop_assert_eq!(Ask::parse(Source::of_body(Body::Multipart(parts))), Ok(ask));
    }

    /// No octets make a reader panic.
    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut form = b"to=".to_vec();
        form.extend(&octets);
        form.extend(b"&text=x");
        if let Ok(ask) = Ask::parse(Source::of_form(FormReader::new(&form, Charset::Latin1))) {
            prop_assert!(ask.to.iter().count() <= form.len());
        }
        let mut json = b"{\"to\":[\"".to_vec();
        json.extend(&octets);
        json.extend(b"\"],\"text\":\"x\"}");
        if let Ok(value) = json::Value::read(&json) {
            let _ = Ask::parse(Source::of_body(Body::json(value)));
        }
        let head = b"--b\r\nContent-Disposition: form-data; name=text\r\n\r\n";
        let body = [head.as_slice(), &octets, b"\r\n--b--"].concat();
        let content_type = "multipart/form-data; boundary=b";
        if let Ok(parts) = MultipartReader::new(&body, content_type, Charset::Latin1) {
            let _ = Ask::parse(Source::of_body(Body::Multipart(parts)));
        }
    }
}
