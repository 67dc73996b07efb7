//! What a modem or a terminal writes is read without a panic, can be written, and is then read as the
//! same.

#![no_main]

#[path = "../../codec/tests/law/at.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::octets_read_and_write(octets));
