//! User data reads in any coding, can be written, and is then read as the same.

#![no_main]

#[path = "../../codec/tests/law/tpdu.rs"]
#[allow(dead_code, reason = "the other targets have the rest")]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    if let [coding, header, octets @ ..] = octets {
        law::user_data_reads(octets, *coding, header & 1 != 0);
    }
});
