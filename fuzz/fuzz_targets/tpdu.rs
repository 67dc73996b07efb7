//! No octets panic; what parses can be emitted and parses again to the same value.

#![no_main]

#[path = "../../codec/tests/law/tpdu.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    law::octets_read_and_write(octets);
    if let [coding, header, octets @ ..] = octets {
        law::user_data_reads(octets, *coding, header & 1 != 0);
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        law::addresses_come_back(text);
    }
});
