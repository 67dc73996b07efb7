//! What an element of a header says can be written, and is then read as the same; one that is not
//! understood comes back octet for octet.

#![no_main]

#[path = "../../codec/tests/law/udh.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::header_reads_and_writes(octets));
