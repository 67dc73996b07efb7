//! An address of any octets, also as a service centre's, can be written and is then read as the same;
//! a number and a name come back as they were given.

#![no_main]

#[path = "../../codec/tests/law/address.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    law::octets_read_and_write(octets);
    law::service_centres_read_and_write(octets);
    law::texts_come_back(&String::from_utf8_lossy(octets));
});
