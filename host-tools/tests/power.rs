//! A gateway whose power is cut at any moment loses nothing that it has accepted, and sends nothing twice
//! that a modem may have sent.
//!
//! `SEPTET_CUTS` says how often it is cut.

mod losses;
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;

use fastrand::Rng;
use septet_host::network::Network;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use losses::disk::{Disk, Reading};
use losses::load::Load;
use losses::record::{self, Process};
use losses::septet::{self, HANDSET, SIM, Septet};
use losses::{Contender as _, Event, Losses, befall};
use world::serve_modem;

/// How many messages are accepted before a cut, at most.
const MESSAGES: usize = 150;

/// How many of them a modem sends before a cut, at most.
const SENT: usize = 20;

/// What may be left after a cut.
const READINGS: [Reading; 2] = [Reading::Chance, Reading::Journal];

/// How often it is cut.
fn cuts() -> usize {
    std::env::var("SEPTET_CUTS").map_or(6, |cuts| cuts.parse().unwrap())
}

/// Whether programs can be recorded here; says why not.
fn is_possible() -> bool {
    let possible = record::is_possible();
    if let Err(why) = &possible {
        println!("not tried, since nobody can see here what a program writes: {why}");
    }
    possible.is_ok()
}

/// Has a script do something in an empty folder and cuts the power: the names that are left, and what is
/// in `kept`.
fn left(script: &str, reading: Reading) -> (Vec<String>, String) {
    let (folder, records) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let record = records.path().join("record");
    let mut disk = Disk::new(folder.path(), reading);
    let mut command = record::command(Path::new("/bin/sh"), Some(&record));
    command.args(["-c", script]).current_dir(folder.path());
    let mut process = Process::start(command);
    process.wait();
    disk.replay(&record::calls(&record));
    disk.cut(&mut Rng::new());
    let names = fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.collect::<BTreeSet<_>>().into_iter().collect();
    (names, fs::read_to_string(folder.path().join("kept")).unwrap_or_default())
}

#[test]
fn what_is_not_synced_is_gone_when_the_power_was_cut() {
    if !is_possible() {
        return;
    }
    let both = &READINGS[..];
    let journal = &[Reading::Journal][..];
    for (script, readings, names, kept) in [
        ("echo one > lost", journal, &[][..], ""),
        ("echo one > kept; sync kept; echo two >> kept; echo > lost", journal, &["kept"], "one\n"),
        ("echo one > kept; echo two >> kept; sync kept .", both, &["kept"], "one\ntwo\n"),
        (r#"printf 'q"\\ \0017\n' > kept; sync kept ."#, both, &["kept"], "q\"\\ \u{1}7\n"),
        ("echo one > new; sync new; mv new kept", journal, &["new"], ""),
        ("echo one > new; sync new; mv new kept; sync .", both, &["kept"], "one\n"),
        ("echo one > kept; sync kept .; truncate -s 2 kept; sync kept", both, &["kept"], "on"),
        ("echo one > kept; sync kept .; rm kept; sync .", both, &[], ""),
        ("mkdir in; echo one > in/a; sync in/a in .; mv in out; sync .", both, &["out"], ""),
    ] {
        for reading in readings {
            let left = left(script, *reading);
            assert_eq!(
                left,
                (names.iter().map(|&name| name.into()).collect(), kept.into()),
                "{script}"
            );
        }
    }
}

#[test]
fn a_gateway_whose_power_is_cut_has_all_that_it_accepted() {
    if !is_possible() {
        return;
    }
    let folder = TempDir::new().unwrap();
    Septet.prepare(folder.path());
    let (mut accepted, mut first) = (BTreeSet::new(), 0);
    for (_, reading) in (0..cuts()).zip(READINGS.into_iter().cycle()) {
        let replies = fastrand::usize(1..=MESSAGES);
        let load = Load { numbers: first..u64::MAX, is_enough: &|count| count >= replies };
        accepted.append(&mut befall(&Septet, folder.path(), Event::Cut(reading), &load));
        // Those that were not accepted may have been, and are not sent again.
        first = accepted.last().unwrap() + 1000;
    }
    let arrivals = Septet.arrivals(folder.path(), &accepted);
    let losses = Losses::of(&accepted, &arrivals);
    println!("{} cuts: {losses:?}", cuts());
    assert_eq!(losses.lost(), 0, "{losses:?}");
    assert!(arrivals.values().all(|count| *count == 1), "{arrivals:?}");
}

#[test]
fn a_gateway_whose_power_is_cut_while_it_sends_sends_nothing_twice() {
    if !is_possible() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let network = Network::new();
    let runtime = Runtime::new().unwrap();
    let modem = serve_modem(&network, SIM, Arc::new(AtomicU8::new(0)));
    let port = runtime.block_on(modem);
    septet::configure(folder.path(), &format!("tcp:127.0.0.1:{port}"));
    let arrived = || network.handset(HANDSET).messages.len();
    let cuts = cuts().div_ceil(2);
    let mut accepted = BTreeSet::new();
    for (round, reading) in (0..cuts as u64).zip(READINGS.into_iter().cycle()) {
        let wanted = arrived() + fastrand::usize(1..=SENT);
        let numbers = round * 1000..round * 1000 + 2 * SENT as u64;
        // At any moment of what follows: it looks about once a millisecond.
        let is_enough = |_| arrived() >= wanted && fastrand::usize(..SENT) == 0;
        let load = Load { numbers, is_enough: &is_enough };
        accepted.append(&mut befall(&Septet, folder.path(), Event::Cut(reading), &load));
    }
    // The rest goes through a modem of its own.
    let mut arrivals = septet::numbers(&network.handset(HANDSET));
    for (number, count) in Septet.arrivals(folder.path(), &accepted) {
        *arrivals.entry(number).or_default() += count;
    }
    let losses = Losses::of(&accepted, &arrivals);
    println!("{cuts} cuts while it sends: {losses:?}");
    assert!(arrivals.values().all(|count| *count == 1), "{arrivals:?}");
    // Nobody knows of the one that a modem had, so it is not sent again.
    assert!(losses.lost() <= cuts, "{losses:?}");
}
