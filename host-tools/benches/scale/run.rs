//! A long run: what is accepted is sent, reported and final, and nothing grows but the store's own rows.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection as Store;
use tempfile::TempDir;

use super::customer::Customer;
use super::reader::{Reader, sizes};
use super::septet::{Memory, Modems, Septet, configure, store};
use super::{Finding, mib};

/// How many messages there are in a run.
pub const MESSAGES: u64 = 100_000;

/// How many where it is only to be seen that it works.
pub const MESSAGES_TINY: u64 = 2000;

/// How many modems send them.
const MODEMS: usize = 16;

/// How many messages may be open before more are given to the gateway.
const OPEN_MAX: u64 = 10_000;

/// How many messages are given to the gateway at a time. Every other time a customer is told what became
/// of each.
const AT_ONCE: u64 = 1000;

/// How often it is looked at: after each such share of the messages.
const LOOKS: u64 = 10;

/// By how much memory may be above what it was after the first share, in octets: what the allocator keeps
/// of the largest request, and messages that the network remembers.
const GROWTH_MAX: u64 = 16 << 20;

/// How much larger the file may be than one that is written anew with the same rows.
const SLACK_MAX: f64 = 1.5;

/// How large the store's log may be, in octets: a few times what is moved into the file at once.
const LOG_MAX: u64 = 64 << 20;

/// How long nothing may become final.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is seen when it is looked at.
struct Look {
    messages: u64,
    memory: Memory,
    file: u64,
    log: u64,
}

/// Has messages sent, and looks at what that takes.
pub fn measured(messages: u64) -> Vec<Finding> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    configure(folder, Modems::Virtual(MODEMS));
    let customer = Customer::start();
    let septet = Septet::start(folder);
    let reader = Reader::new(folder);
    let begun = Instant::now();
    println!("| messages | a second | memory | at most | file | octets a message | log |");
    println!("|---|---|---|---|---|---|---|");
    let mut looks: Vec<Look> = Vec::new();
    let (mut given, mut told, mut last) = (0, 0, (0, Instant::now()));
    loop {
        let open = reader.open();
        let done = given - open;
        if done > last.0 {
            last = (done, Instant::now());
        }
        assert!(last.1.elapsed() < PATIENCE, "nothing is final since {done} of {messages}");
        if done >= (looks.len() as u64 + 1) * messages / LOOKS && looks.len() < LOOKS as usize {
            let (file, log) = sizes(folder);
            let look = Look { messages: done, memory: septet.memory(), file, log };
            print(&look, begun);
            looks.push(look);
        }
        if done >= messages {
            break;
        }
        if given < messages && open < OPEN_MAX {
            let next = (given + AT_ONCE).min(messages);
            let is_told = (given / AT_ONCE) % 2 == 1;
            septet.submit(given..next, is_told.then_some(customer.address));
            told += if is_told { next - given } else { 0 };
            given = next;
        } else {
            thread::sleep(Duration::from_millis(20));
        }
    }
    while reader.callbacks_owed() > 0 {
        assert!(last.1.elapsed() < PATIENCE, "callbacks are not taken");
        thread::sleep(Duration::from_millis(100));
    }
    let delivered = reader.count("SELECT count(*) FROM message WHERE state = 0");
    drop(reader);
    septet.stop();
    let mut findings = vec![Finding {
        what: "messages of the run that were delivered",
        is_measure: false,
        is_held: delivered == messages,
        figure: delivered.to_string(),
        bound: messages.to_string(),
    }];
    let taken = customer.taken();
    findings.push(Finding {
        what: "reports that the customer's server took",
        is_measure: false,
        is_held: taken == told,
        figure: taken.to_string(),
        bound: told.to_string(),
    });
    findings.extend(compared(&looks));
    findings.push(slack(folder));
    findings
}

fn print(look: &Look, begun: Instant) {
    println!(
        "| {} | {:.0} | {} | {} | {} | {} | {} |",
        look.messages,
        look.messages as f64 / begun.elapsed().as_secs_f64(),
        mib(look.memory.resident),
        mib(look.memory.peak),
        mib(look.file),
        look.file / look.messages.max(1),
        mib(look.log),
    );
}

/// What was seen later beside what was seen first.
fn compared(looks: &[Look]) -> [Finding; 2] {
    let first = looks.first().map_or(0, |look| look.memory.resident);
    let most = looks.iter().map(|look| look.memory.resident).max().unwrap_or_default();
    let growth = most.saturating_sub(first);
    let log = looks.iter().map(|look| look.log).max().unwrap_or_default();
    [
        Finding {
            what: "memory above what it was after the first tenth",
            is_measure: true,
            is_held: growth <= GROWTH_MAX,
            figure: mib(growth),
            bound: mib(GROWTH_MAX),
        },
        Finding {
            what: "the store's log at most",
            is_measure: false,
            is_held: log <= LOG_MAX,
            figure: mib(log),
            bound: mib(LOG_MAX),
        },
    ]
}

/// How much larger the file is than one with the same rows that is written anew.
fn slack(folder: &Path) -> Finding {
    let (file, copy) = (store(folder), folder.join("copy.db"));
    let name = copy.to_str().expect("a folder of ours");
    Store::open(&file).unwrap().execute("VACUUM INTO $1", [name]).unwrap();
    let [file, copy] = [file, copy].map(|path| path.metadata().unwrap().len());
    let slack = file as f64 / copy as f64;
    Finding {
        what: "the file beside one with the same rows that is written anew",
        is_measure: false,
        is_held: slack <= SLACK_MAX,
        figure: format!("{slack:.2} times ({} and {})", mib(file), mib(copy)),
        bound: format!("{SLACK_MAX} times"),
    }
}
