//! The laws of AT, with octets that proptest makes up.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that fails panics")]

#[path = "law/at.rs"]
mod law;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_are_read_and_written(octets: Vec<u8>) {
        law::octets_read_and_write(&octets);
    }

    #[test]
    fn what_looks_like_at_is_read_and_written(
        text in r#"(\r\n)?(AT|\+CM[GTS][SRIL]?|\+C[GE]?REG|\+CPIN|\+CDS|\+CBM|RDY|[0-9A-F]{0,8})[=:?; ]{0,3}[-+A-Z0-9"(), ;=?]{0,16}\r\n?"#,
    ) {
        law::octets_read_and_write(text.as_bytes());
    }
}
