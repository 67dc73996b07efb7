//! What is traced reads back as it was; under a mask a PDU keeps all but the digits of its addresses.

#![no_main]

#[path = "../../firmware/tests/law/trace.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let dialogue = law::dialogue(octets);
    law::holds(&dialogue);
    law::ring_holds(&dialogue);
    law::pdu_holds(octets, true);
    law::pdu_holds(octets, false);
});
