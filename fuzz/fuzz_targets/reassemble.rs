//! Each part that was kept waits or is handed out exactly once, also when the parts are saved and
//! loaded in between; and what is no save is refused.

#![no_main]

#[path = "../../codec/tests/law/reassemble.rs"]
#[allow(dead_code)]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| law::holds(octets));
