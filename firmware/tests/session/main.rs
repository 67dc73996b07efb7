//! What the session promises, one claim a test, against a modem of a few lines.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

mod ask;
mod bench;
mod ladder;
mod profiles;
mod receive;
mod recover;
mod send;
mod setup;
mod sim;

use septet_firmware::Engine;
use septet_firmware::profile::PROFILES;

#[test]
fn a_session_needs_little_memory() {
    assert!(size_of::<Engine>() <= 864, "{} octets", size_of::<Engine>());
}

#[test]
fn every_line_of_every_profile_fits_the_transmit_buffer() {
    for profile in PROFILES {
        for line in profile.init.iter().chain(profile.indications) {
            assert!("AT\r".len() + line.len() <= 64, "{line}");
        }
    }
}
