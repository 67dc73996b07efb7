//! Every transcript leads to its conclusions, however the modem's octets are cut and whatever else the
//! modem says between them.

mod cuts;
mod interjections;
mod others;
mod trace;

use std::fs;
use std::path::Path;

use septet_host::replay::Log;

/// A transcript and its name, without folder and extension.
pub struct Transcript {
    name: String,
    log: Log,
}

/// Every transcript.
fn transcripts() -> Vec<Transcript> {
    let transcripts = folder("../firmware/transcripts");
    assert!(transcripts.len() >= 41, "{} transcripts", transcripts.len());
    transcripts
}

/// Dialogues that no modem had: beginnings, ends and orders that the transcripts lack.
fn made_up() -> Vec<Transcript> {
    folder("transcripts/logs")
}

fn folder(name: &str) -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut transcripts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let text = fs::read_to_string(&path).unwrap();
            let log = Log::parse(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
            transcripts.push(Transcript { name, log });
        }
    }
    transcripts.sort_by(|a, b| a.name.cmp(&b.name));
    transcripts
}
