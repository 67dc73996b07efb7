//! No octets panic as a message to the handset; what parses can be emitted and parses again to the same
//! value, and a strict reader takes nothing that a tolerant one does not.

#![no_main]

#[path = "../../codec/tests/law/tpdu.rs"]
#[allow(dead_code, reason = "the other targets have the rest")]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::mt_reads_and_writes(octets));
