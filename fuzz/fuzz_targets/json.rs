//! A JSON document is read or refused without a panic; what was read is walked to its leaves, each of
//! which stands where it says, and is a document of its own.

#![no_main]

#[path = "../../codec/tests/law/fields.rs"]
#[allow(dead_code, reason = "another target has the rest")]
mod fields;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let _ = fields::any_document_is_walked(octets);
});
