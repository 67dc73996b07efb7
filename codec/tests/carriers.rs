//! What carries fields: forms, multipart, JSON, and texts in every charset.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "law/fields.rs"]
mod law;

use proptest::prelude::*;
use septet::text::{Charset, Text};

#[test]
fn gsm_letters_stand_in_the_slots_of_latin_1() {
    let read =
        |octets: &[u8]| Text::octets(octets, Charset::Latin1Gsm).map(|text| text.to_string());
    let greek = [0xD0, 0xDE, 0xAC, 0xC2, 0xDB, 0xBA, 0xDD, 0xCA, 0xD4, 0xB1];
    assert_eq!(read(&greek).unwrap(), "ΔΦΓΛΩΠΨΣΘΞ");
    let extensions = b"\xBB\x14\xBB\x28\xBB\x29\xBB\x2F\xBB\x3C\xBB\x3D\xBB\x3E\xBB\x40\xBB\x65";
    assert_eq!(read(extensions).unwrap(), "^{}\\[~]|€");
    assert_eq!(read(b"^{}\\[~]|").unwrap(), "^{}\\[~]|");
    assert_eq!(read(b"\xA3\xA4\xA7\xBF\xC4\xFC\xC7\xE7").unwrap(), "£¤§¿ÄüÇÇ");
    for wrong in [b"a\xBB".as_slice(), b"\xBBa", b"\xE1", b"\x80", b"`"] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn utf_16_stands_in_hexadecimal_digits() {
    let read = |text| Text::octets(text, Charset::HexUtf16).map(|text| text.to_string());
    assert_eq!(read(b"4e2d6587002020AC").unwrap(), "中文 €");
    assert_eq!(read(b"d83dDE00").unwrap(), "😀");
    for wrong in [b"4e2".as_slice(), b"4e2dd83d", b"d83d0041", b"de00", b"4e2x"] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn what_carries_fields_keeps_the_laws(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        law::any_form_is_walked(&octets);
        let _ = law::any_parts_are_walked(&octets);
        let _ = law::any_document_is_walked(&octets);
    }

    #[test]
    fn what_looks_like_json_keeps_the_laws(text in "(\\{\"[a-z\\\\u0-9]{0,4}\": ?|\\[|[0-9.e-]{1,4}|\"[a-f\\\\u0-9d]{0,8}\"|,|\\]|\\}|null|true){0,12}") {
        let _ = law::any_document_is_walked(text.as_bytes());
    }

    #[test]
    fn what_looks_like_parts_keeps_the_laws(text in "(--b(--)?\r?\n|Content-Disposition: form-data; name=\"?[ab]\"?\r?\n|\r?\n|x){0,12}") {
        let _ = law::any_parts_are_walked(text.as_bytes());
    }
}
