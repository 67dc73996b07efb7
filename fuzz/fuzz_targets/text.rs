//! Septets, code units and characters come back from however they are packed and written.

#![no_main]

#[path = "../../codec/tests/law/text.rs"]
#[allow(dead_code, reason = "another target has the rest")]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::holds(octets));
