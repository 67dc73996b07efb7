//! Whatever a customer of BulkSMS EAPI sends or answers is read or refused without a panic, and what was
//! read can be written and is then read as the same; every request is answered, every reply read.

#![no_main]

#[path = "../../codec/tests/law/api.rs"]
#[allow(dead_code, reason = "the tests have more to say")]
mod api;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let apis = &[&septet::api::bulksms::API];
    api::any_octets_are_read_or_refused(apis, octets);
    api::any_request_is_answered(apis, octets);
    for status in [200, 201, 400, 500] {
        api::any_reply_is_read(apis, octets, status);
    }
});
