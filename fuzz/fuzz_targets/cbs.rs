//! A page that parses can be emitted and parses again to the same value; pages in any order join; what
//! fills a page is its text.

#![no_main]

#[path = "../../codec/tests/law/cbs.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    law::page_reads_and_writes(octets);
    law::pages_join(octets);
    if let [coding, text @ ..] = octets {
        law::what_fills_a_page_is_its_text(&String::from_utf8_lossy(text), *coding);
    }
});
