//! Septets come back from however they are packed; folded texts fit the alphabet.

#![no_main]

#[path = "../../codec/tests/law/text.rs"]
mod law;

use septet::gsm7::Languages;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    if let [choice, octets @ ..] = octets {
        law::septets_come_back(octets, *choice);
        let languages = if choice & 1 == 0 { Languages::NONE } else { Languages::ALL };
        law::folded_texts_fit(&String::from_utf8_lossy(octets), languages);
    }
});
