//! How the octets of the modem are cut changes nothing.

use septet_host::replay::{Cut, Kind, Log, play};

use super::{made_up, transcripts};

/// The longest modem line, in octets.
fn longest(log: &Log) -> usize {
    let len = |kind: &Kind| if let Kind::Modem(octets) = kind { octets.len() } else { 0 };
    log.items.iter().map(|item| len(&item.kind)).max().unwrap_or_default()
}

#[test]
fn dialogues_end_as_they_should_at_every_cut() {
    let (mut runs, mut conclusions) = (0, 0);
    for transcript in transcripts().into_iter().chain(made_up()) {
        let whole = play(&transcript.log, None, Cut::Whole);
        assert_eq!(whole.missed, None, "{}", transcript.name);
        conclusions += whole.concluded;
        assert_ne!(whole.concluded, 0, "{} concludes nothing", transcript.name);
        let cuts = (1..longest(&transcript.log)).map(Cut::At).chain([Cut::Chunks(1)]);
        for cut in cuts {
            let other = play(&transcript.log, None, cut);
            assert_eq!(other, whole, "{}, {cut:?}", transcript.name);
            runs += 1;
        }
    }
    println!("{conclusions} conclusions, {runs} cuts");
}
