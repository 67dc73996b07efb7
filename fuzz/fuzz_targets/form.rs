//! Whatever a customer sends or answers is read or refused without a panic, and what was read can be
//! written and is then read as the same; every request is answered.

#![no_main]

#[path = "../../codec/tests/law/api.rs"]
#[allow(dead_code, reason = "the tests have more to say")]
mod api;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    api::any_octets_are_read_or_refused(octets);
    api::any_request_is_answered(octets);
    api::any_reply_is_read(octets, 200);
    api::any_reply_is_read(octets, 400);
});
