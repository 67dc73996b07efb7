//! Septet and the codecs of others on the same messages: who reads what, and what the standard says.
//!
//! Used by `.ci/lab`, which says where the drivers are.

mod answer;
mod classes;
mod compare;
mod features;
mod generate;
mod message;
mod peers;
mod report;
mod rng;
mod run;
mod score;
mod tables;
mod writing;

use std::process::ExitCode;
use std::{env, fs};

use crate::peers::{OURS, PEERS};
use crate::run::Source;
use crate::tables::Tables;

const USAGE: &str = "septet-lab run VECTORS SEED MESSAGES [PAGE VERSIONS]
septet-lab driver NAME
septet-lab message VECTORS SEED NUMBER";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["driver", name] => peers::drive(name),
        ["run", vectors, seed, messages, page @ ..] => {
            return run(vectors, seed.parse().unwrap(), messages.parse().unwrap(), page);
        }
        ["message", vectors, seed, number] => {
            let source = source(vectors, seed.parse().unwrap());
            let message = source.message(number.parse().unwrap());
            println!("{}\n{message:?}\n{:?}", message.job(), message.told(source.tables));
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn source(vectors: &str, seed: u64) -> Source {
    let tables = Box::leak(Box::new(Tables::read(&format!("{vectors}/gsm7_tables.json"))));
    Source { tables, seed }
}

/// Fails where Septet is wrong, or where a disagreement is in no class.
fn run(vectors: &str, seed: u64, messages: u64, page: &[&str]) -> ExitCode {
    let source = source(vectors, seed);
    let scores = score::all(&format!("{vectors}/pdu.json"));
    for score in &scores {
        println!(
            "{:<20} {}/{} of the known answers",
            score.peer.name, score.passed, score.applicable
        );
    }
    let results = run::all(source, messages);
    let written = run::all_written(source, messages / 5);
    if let [page, versions] = page {
        let versions = fs::read_to_string(versions).unwrap();
        let words = report::page(source, messages, &scores, &results, &written, &versions);
        match *page {
            "-" => println!("\n{words}"),
            page => fs::write(page, words).unwrap(),
        }
    }
    let mut failed = false;
    for (peer, result) in PEERS.iter().zip(&results) {
        if let Some((count, example)) = result.classes[classes::CLASSES.len()] {
            println!(
                "{}: {count} disagreements are in no class, as message {} of seed {seed}",
                peer.name, example.index
            );
            failed = true;
        }
        if peer.name == OURS && result.agreed != result.asked {
            for (count, example) in result.classes.iter().flatten() {
                println!(
                    "{OURS} is wrong {count} times, as with message {} of seed {seed}: {:?}",
                    example.index, example.field
                );
            }
            failed = true;
        }
    }
    for (peer, written) in PEERS.iter().zip(&written) {
        if peer.name == OURS
            && written.as_ref().is_none_or(|written| written.agreed != written.asked)
        {
            println!(
                "{OURS} writes texts wrongly: {:?}",
                written.as_ref().map(|written| &written.faults)
            );
            failed = true;
        }
    }
    let ours = scores.iter().find(|score| score.peer.name == OURS);
    failed |= ours.is_none_or(|score| score.passed != score.applicable);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
