//! The pairs of a form, in one piece or in parts, are read or refused without a panic, and their texts
//! can be written in their charset and are then read as the same.

#![no_main]

#[path = "../../codec/tests/law/fields.rs"]
#[allow(dead_code, reason = "another target has the rest")]
mod fields;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    fields::any_form_is_walked(octets);
    let _ = fields::any_parts_are_walked(octets);
});
