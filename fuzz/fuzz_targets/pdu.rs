//! A PDU with its service centre, and a message out of a store, is written as it was read; hexadecimal
//! digits come back in upper case.

#![no_main]

#[path = "../../codec/tests/law/tpdu.rs"]
#[allow(dead_code, reason = "the other targets have the rest")]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    law::stored_reads_and_writes(octets);
    law::pdu_reads_and_writes(octets);
    law::hex_reads_and_writes(octets);
});
