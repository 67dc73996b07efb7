//! Any octets are a time, and a validity period, that is written as it was read; a point in time comes
//! back as it was given, and a period is no shorter than was asked for.

#![no_main]

#[path = "../../codec/tests/law/time.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::holds(octets));
