//! Every transcript leads to its conclusions, however the modem's octets are cut.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

mod replay;

use replay::{Cut, longest_line, replay};
use septet_firmware::Profile;
use septet_firmware::profile::{GENERIC, SIM800};

/// For the transcript of a host that had asked for acknowledgement.
static ACKNOWLEDGING: Profile =
    Profile { acknowledges: true, indications: &["+CNMI=1,2,0,1,0"], ..GENERIC };

fn profile(name: &str) -> &'static Profile {
    match name {
        _ if name.contains("cnma") => &ACKNOWLEDGING,
        _ if name.contains("sim800-") => &SIM800,
        _ => &GENERIC,
    }
}

#[test]
fn transcripts_end_as_they_should_at_every_cut() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/transcripts");
    let mut replayed = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let transcript = std::fs::read_to_string(&path).unwrap();
        println!("{name}");
        let whole = replay(&transcript, profile(name), Cut::Whole);
        let cuts = (1..longest_line(&transcript)).map(Cut::At).chain([Cut::Octets]);
        for cut in cuts {
            assert_eq!(replay(&transcript, profile(name), cut), whole, "{name}, {cut:?}");
        }
        replayed.push(name.to_owned());
    }
    for name in [
        "modem-huawei-e1750-echo-send",
        "modem-sim800-cmgs-waits-60s-with-cmti-inside",
        "modem-sim800-brownout-after-ctrl-z",
    ] {
        assert!(replayed.iter().any(|replayed| replayed == name), "{name} is missing");
    }
}
