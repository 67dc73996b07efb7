//! The laws of the session, over random dialogues.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "law/engine.rs"]
mod engine;
#[path = "law/modem.rs"]
mod modem;

use proptest::prelude::*;

/// Deeds that bring the session forward more often than not.
fn deed() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => 32_u8..128,
        2 => 0_u8..32,
        3 => 128_u8..192,
        1 => 192_u8..208,
        1 => 208_u8..224,
        1 => 224_u8..,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_session_never_lies(script in prop::collection::vec(deed(), 0..200)) {
        engine::holds(&script);
    }

    #[test]
    fn the_session_never_lies_once_the_modem_is_set_up(
        script in prop::collection::vec(deed(), 0..100),
    ) {
        // Answer, pause, answer: twenty of them set up any of the profiles.
        let mut deeds = [40, 148].repeat(20);
        deeds.extend(script);
        engine::holds(&deeds);
    }
}

proptest! {
    // Each is hours with a modem.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn no_message_is_lost_and_no_fate_is_made_up(script in prop::collection::vec(any::<u8>(), 0..200)) {
        modem::holds(&script);
    }
}
