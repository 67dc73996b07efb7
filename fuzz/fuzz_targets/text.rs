//! Septets, code units and characters come back from however they are packed and written; folded
//! texts fit the alphabet.

#![no_main]

#[path = "../../codec/tests/law/text.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::holds(octets));
