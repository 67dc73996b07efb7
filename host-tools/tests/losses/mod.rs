//! What a gateway still has of what it accepted, after it was killed and after the power was cut.
#![allow(dead_code)] // Not every user needs all of it.

pub mod content;
pub mod disk;
pub mod load;
pub mod names;
pub mod record;
pub mod septet;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;
use std::path::Path;

use fastrand::Rng;
use tempfile::TempDir;

use disk::{Disk, Reading};
use load::Load;
use record::Process;

/// A message, by a number that is in no other.
pub type Number = u64;

/// A gateway whose losses are counted.
pub trait Contender {
    /// Its name, with what it keeps messages in where it has a choice.
    fn name(&self) -> String;

    /// Writes into an empty folder what it needs to be started there.
    fn prepare(&self, folder: &Path);

    /// Starts it without a way to handsets, so that what it accepts waits; recorded, where a file for that
    /// is given.
    fn start(&self, folder: &Path, record: Option<&Path>) -> Accepting;

    /// Starts it with a way to handsets: how often each message arrives, until all that are expected have
    /// and no more come, or none comes any more.
    fn arrivals(&self, folder: &Path, expected: &BTreeSet<Number>) -> BTreeMap<Number, usize>;
}

/// What stands in a URL for the number of a message.
pub const NUMBER: &str = "{number}";

/// A gateway that accepts messages.
pub struct Accepting {
    /// The request for a message, with `NUMBER` in it.
    pub url: String,
    /// The status of an answer that accepts.
    pub accepts: u16,
    /// What it consists of.
    pub processes: Vec<Process>,
}

impl Accepting {
    /// Kills it, and waits until its record is whole.
    pub fn kill(&mut self) {
        self.processes.iter_mut().for_each(Process::kill);
        self.processes.iter_mut().for_each(Process::wait);
    }
}

/// What befalls a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// `kill -9`: the operating system goes on.
    Kill,
    /// The power goes, and with it what no disk has.
    Cut(Reading),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "`kill -9`",
            Self::Cut(Reading::Journal) => "power cut",
            Self::Cut(Reading::Chance) => "power cut, sectors and names by chance",
        })
    }
}

/// What became of the messages whose acceptance a customer has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    pub accepted: usize,
    pub recovered: usize,
    /// How many of them arrived more than once.
    pub doubled: usize,
}

impl Losses {
    pub fn of(accepted: &BTreeSet<Number>, arrivals: &BTreeMap<Number, usize>) -> Self {
        let arrived = accepted.iter().filter_map(|number| arrivals.get(number));
        Self {
            accepted: accepted.len(),
            recovered: arrived.clone().count(),
            doubled: arrived.filter(|count| **count > 1).count(),
        }
    }

    pub const fn lost(&self) -> usize {
        self.accepted - self.recovered
    }
}

impl AddAssign for Losses {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.recovered += other.recovered;
        self.doubled += other.doubled;
    }
}

/// Has a gateway work in a folder until `event`: the numbers of the messages that it accepted.
pub fn befall(
    contender: &dyn Contender,
    folder: &Path,
    event: Event,
    load: &Load<'_>,
) -> BTreeSet<Number> {
    let Event::Cut(reading) = event else { return load.run(contender.start(folder, None)) };
    let records = TempDir::new().unwrap();
    let record = records.path().join("record");
    let mut disk = Disk::new(folder, reading);
    let accepted = load.run(contender.start(folder, Some(&record)));
    disk.replay(&record::calls(&record));
    disk.cut(&mut Rng::new());
    accepted
}
