//! What a gateway still has of what it accepted, after `kill -9` and after a power cut; with Kannel beside
//! it where its programs are there.
//!
//! ```sh
//! cargo bench -p septet-host --bench losses                            # Septet alone
//! cargo bench -p septet-host --bench losses -- --kannel --rounds 20    # side by side, longer
//! ```
//!
//! Customers send as fast as they can while no modem and no centre is there, so that all that is accepted
//! waits. After a random number of replies the gateway is killed. Where the power is cut, what it had not
//! synced is dropped as well. Then it is started again, and what arrives is counted.

#[path = "../../tests/losses/mod.rs"]
mod losses;

mod beside;
#[path = "../kannel/mod.rs"]
mod kannel;

use std::process::ExitCode;

use tempfile::TempDir;

use beside::{Kannel, Keeping};
use losses::disk::Reading;
use losses::load::Load;
use losses::septet::Septet;
use losses::{Contender, Event, Losses, befall, record};

/// How often each befalls each.
const ROUNDS: usize = 5;

/// After how many replies, at most.
const REPLIES: usize = 5000;

/// What a row of the table counts.
fn row(contender: &dyn Contender, event: Event, rounds: usize) -> Losses {
    let mut losses = Losses::default();
    for _ in 0..rounds {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        contender.prepare(folder.path());
        let replies = fastrand::usize(1..=REPLIES);
        let load = Load { numbers: 1_000_000..u64::MAX, is_enough: &|count| count >= replies };
        let accepted = befall(contender, folder.path(), event, &load);
        losses += Losses::of(&accepted, &contender.arrivals(folder.path(), &accepted));
    }
    losses
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().position(|argument| argument == name);
    let rounds = has("--rounds").and_then(|at| arguments.get(at + 1)?.parse().ok());
    // `cargo test` runs benchmarks as well, to see that they work.
    let rounds = rounds.unwrap_or(if has("--bench").is_some() { ROUNDS } else { 1 });

    let mut contenders: Vec<Box<dyn Contender>> = vec![Box::new(Septet)];
    if has("--kannel").is_some() {
        contenders.extend(Keeping::ALL.map(|keeping| Box::new(Kannel::new(keeping)) as _));
    }
    let mut events = vec![Event::Kill];
    match record::is_possible() {
        Ok(()) => events.extend([Reading::Journal, Reading::Chance].map(Event::Cut)),
        Err(why) => {
            println!("no power is cut, since nobody can see here what a program writes: {why}")
        }
    }
    println!("{rounds} times each\n");
    println!("| | gateway | accepted | recovered | lost | doubled |");
    println!("|---|---|---|---|---|---|");
    let mut is_kept = true;
    for event in events {
        for (number, contender) in contenders.iter().enumerate() {
            // Where nothing was synced, chance would make of it what it likes.
            if event == Event::Cut(Reading::Chance) && number > 0 {
                continue;
            }
            let losses = row(&**contender, event, rounds);
            let Losses { accepted, recovered, doubled } = losses;
            let (name, lost) = (contender.name(), losses.lost());
            println!("| {event} | {name} | {accepted} | {recovered} | {lost} | {doubled} |");
            is_kept &= number > 0 || (lost, doubled) == (0, 0);
        }
    }
    // Of the gateway of this repository it is an error.
    if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
