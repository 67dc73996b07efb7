//! The parts of a text join to the text, around any header and in any language; and no choice of
//! tables has fewer parts than the cheapest plan, nor, for each part, than the cheapest choice.

#![no_main]

#[path = "../../codec/tests/law/segment.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::holds(octets));
