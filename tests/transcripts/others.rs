//! Logs that nobody has written down: transcripts with lines that are missing, swapped or of another
//! one. They lead to what they lead to, but each is played to its end.

use septet_host::replay::{Cut, Log, play};

use super::{made_up, transcripts};

#[test]
fn a_log_with_one_line_less_or_two_swapped_is_played_to_its_end() {
    for transcript in transcripts().into_iter().chain(made_up()) {
        for i in 0..transcript.log.items.len() {
            let mut log = transcript.log.clone();
            let item = log.items.remove(i);
            play(&log, None, Cut::Whole);
            log.items.insert((i + 1).min(log.items.len()), item);
            play(&log, None, Cut::Whole);
        }
    }
}

#[test]
fn two_logs_one_after_the_other_are_played_to_their_end() {
    let transcripts = transcripts();
    for (i, first) in transcripts.iter().enumerate() {
        for second in transcripts.iter().skip(i % 3).step_by(3) {
            let items = [&first.log.items[..], &second.log.items].concat();
            let log = Log { items, ..first.log.clone() };
            play(&log, None, Cut::Chunks(7));
        }
    }
}
