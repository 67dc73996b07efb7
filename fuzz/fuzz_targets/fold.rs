//! Folded texts fit the alphabet, and the changes are all that differs.

#![no_main]

#[path = "../../codec/tests/law/text.rs"]
#[allow(dead_code, reason = "another target has the rest")]
mod law;

use septet::gsm7::Languages;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    if let [choice, text @ ..] = octets {
        let languages = if choice & 1 == 0 { Languages::NONE } else { Languages::ALL };
        law::folded_texts_fit(&String::from_utf8_lossy(text), languages);
    }
});
