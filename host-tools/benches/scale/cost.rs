//! What a message costs the gateway, in time on a processor: the same with a thousand messages and with a
//! million, of the store, of a request and of the process.
//!
//! That time is the gateway's own, and hardly another where others load the machine; what disturbs it makes
//! it longer, so that the least of some rounds counts.

use std::fs;
use std::ops::Range;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::Finding;
use super::reader::Reader;
use super::septet::{Modems, Septet, configure, store};

/// What is measured, and with how much.
pub struct Trial {
    /// How many messages there are before it is measured.
    pub columns: [u64; 3],
    /// How many are measured, each with a request of its own.
    pub each: u64,
    /// How many that have requests together.
    pub together: u64,
    /// How often each figure is measured.
    pub rounds: usize,
}

impl Trial {
    pub const WHOLE: Self =
        Self { columns: [1000, 100_000, 1_000_000], each: 5000, together: 100_000, rounds: 3 };
    pub const TINY: Self = Self { columns: [10, 100, 1000], each: 100, together: 1000, rounds: 1 };
}

/// How many modems send.
const MODEMS: usize = 4;

/// How many messages may be open before more are given to the gateway, where modems send them.
const OPEN_MAX: u64 = 10_000;

/// How many are given to it at a time.
const AT_ONCE: u64 = 1000;

/// How many a new process has before it is measured.
const WARM: u64 = 500;

/// How many numbers there are; the measured ones are from the half on.
const NUMBERS: u64 = 1 << 22;
const MEASURED: u64 = NUMBERS / 2;

/// How many times what a message costs with few others it may cost with many, of the store or of its
/// request.
const GROWTH_MAX: f64 = 1.5;

/// Something that messages are accepted by.
struct Row {
    what: &'static str,
    /// Who sends them, and has sent those of the store.
    modems: Modems,
    /// Has messages to these numbers accepted.
    ask: fn(&Septet, Vec<u64>),
    /// How many are measured.
    messages: fn(&Trial) -> u64,
}

const ROWS: [Row; 5] = [
    Row {
        what: "a request for one message, until that is final",
        modems: Modems::Virtual(MODEMS),
        ask: |septet, numbers| septet.ask_each(&numbers),
        messages: |trial| trial.each,
    },
    Row {
        what: "a request for one message, accepted; the others wait for a modem",
        modems: Modems::Gone,
        ask: |septet, numbers| septet.ask_each(&numbers),
        messages: |trial| trial.each,
    },
    Row {
        what: "a recipient of a request to 1000, accepted; the others wait",
        modems: Modems::Gone,
        ask: |septet, numbers| septet.submit(numbers, None),
        messages: |trial| trial.together,
    },
    Row {
        what: "a recipient of a batch to 1000, accepted; the others wait",
        modems: Modems::Gone,
        ask: |septet, numbers| septet.submit_batches(&numbers, 1000),
        messages: |trial| trial.together,
    },
    Row {
        what: "a recipient of a batch to 50 000, accepted; the others wait",
        modems: Modems::Gone,
        ask: |septet, numbers| septet.submit_batches(&numbers, 50_000),
        messages: |trial| trial.together,
    },
];

/// The row of the process that has had all the messages that there are.
const OLD: &str = "the same, by a process that has had all the others";

/// Numbers of recipients without an order, each once.
fn scattered(numbers: Range<u64>) -> Vec<u64> {
    numbers.map(|number| number.wrapping_mul(0x9E37_79B1) % NUMBERS).collect()
}

/// A gateway whose store gets more and more messages.
struct Growing {
    septet: Septet,
    reader: Reader,
    folder: TempDir,
    messages: u64,
    modems: Modems,
}

impl Growing {
    fn start(modems: Modems) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        configure(folder.path(), modems);
        let septet = Septet::start(folder.path());
        let reader = Reader::new(folder.path());
        Self { septet, reader, folder, messages: 0, modems }
    }

    /// Waits until no more than so many are open, where modems send them.
    fn wait(&self, open: u64) {
        while matches!(self.modems, Modems::Virtual(_)) && self.reader.open() > open {
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn grow_to(&mut self, messages: u64) {
        while self.messages < messages {
            self.wait(OPEN_MAX);
            let next = (self.messages + AT_ONCE).min(messages);
            self.septet.submit(scattered(self.messages..next), None);
            self.messages = next;
        }
        self.wait(0);
    }

    /// A gateway that starts with a copy of the store.
    fn copied(&self) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        configure(folder.path(), self.modems);
        let [from, to] = [&self.folder, &folder].map(|folder| store(folder.path()));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        // Nothing is written while nothing is asked; the log first, since the file may get what is in it.
        for extension in ["db-wal", "db"] {
            fs::copy(from.with_extension(extension), to.with_extension(extension)).unwrap();
        }
        let septet = Septet::start(folder.path());
        let reader = Reader::new(folder.path());
        Self { septet, reader, folder, messages: self.messages, modems: self.modems }
    }

    /// What each of so many more messages costs, in seconds.
    fn cost(&self, row: &Row, numbers: Range<u64>) -> f64 {
        let messages = numbers.end - numbers.start;
        let numbers = scattered(numbers);
        let before = self.septet.worked();
        (row.ask)(&self.septet, numbers);
        self.wait(0);
        (self.septet.worked() - before).as_secs_f64() / messages as f64
    }
}

/// Has messages accepted where there are few others, and where there are many.
pub fn measured(trial: &Trial) -> Vec<Finding> {
    let mut sent = Growing::start(Modems::Virtual(MODEMS));
    let mut kept = Growing::start(Modems::Gone);
    let mut old = [f64::INFINITY; 3];
    let mut new = [[f64::INFINITY; 3]; ROWS.len()];
    for (column, messages) in trial.columns.into_iter().enumerate() {
        sent.grow_to(messages);
        kept.grow_to(messages);
        for (row, costs) in ROWS.iter().zip(&mut new) {
            let growing = if matches!(row.modems, Modems::Gone) { &kept } else { &sent };
            for _ in 0..trial.rounds {
                let copy = growing.copied();
                let warm = MEASURED + WARM;
                copy.septet.ask_each(&scattered(MEASURED..warm));
                copy.wait(0);
                let cost = copy.cost(row, warm..warm + (row.messages)(trial));
                costs[column] = costs[column].min(cost);
            }
        }
        for _ in 0..trial.rounds {
            let numbers = sent.messages..sent.messages + trial.each;
            sent.messages = numbers.end;
            old[column] = old[column].min(sent.cost(&ROWS[0], numbers));
        }
    }
    let [few, some, many] = trial.columns;
    println!(
        "| time on a processor, in µs, with so many messages before | {few} | {some} | {many} |"
    );
    println!("|---|---|---|---|");
    let print = |(what, costs): (&'static str, [f64; 3])| {
        let [few, some, many] = costs.map(|seconds| format!("{:.1}", seconds * 1e6));
        println!("| {what} | {few} | {some} | {many} |");
        growth(what, costs[0], costs[2])
    };
    let rows = ROWS.iter().map(|row| row.what).zip(new);
    let (first, others) = (rows.clone().take(1), rows.skip(1));
    let mut findings: Vec<Finding> = first.chain([(OLD, old)]).chain(others).map(print).collect();
    let [.., small, large] = new.map(|costs| costs[2]);
    findings.push(growth(
        "a recipient of a batch to 50 000 beside one of a batch to 1000",
        small,
        large,
    ));
    findings
}

/// What a message costs with many others beside what it costs with few.
fn growth(what: &'static str, few: f64, many: f64) -> Finding {
    let growth = many / few;
    Finding {
        what,
        is_measure: true,
        is_held: growth <= GROWTH_MAX,
        figure: format!("{growth:.2} times with many"),
        bound: format!("{GROWTH_MAX} times"),
    }
}
