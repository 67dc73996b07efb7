//! What a modem or a terminal writes is read without a panic, can be written, and is then read as
//! the same; and no modem makes the session lie, get stuck or lose a message.

#![no_main]

#[path = "../../codec/tests/law/at.rs"]
mod at;
#[path = "../../firmware/tests/law/engine.rs"]
mod engine;
#[path = "../../firmware/tests/law/modem.rs"]
mod modem;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    at::octets_read_and_write(octets);
    engine::holds(octets);
    modem::holds(octets);
});
