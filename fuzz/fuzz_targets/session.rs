//! No modem makes the session lie, get stuck or lose a message, whatever it says and whatever befalls
//! it.

#![no_main]

#[path = "../../firmware/tests/law/engine.rs"]
mod engine;
#[path = "../../firmware/tests/law/modem.rs"]
mod modem;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    engine::holds(octets);
    modem::holds(octets);
});
