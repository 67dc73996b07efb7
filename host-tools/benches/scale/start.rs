//! A gateway with a full store: how soon it answers, and how much memory it takes.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::Connection as Store;
use tempfile::TempDir;

use super::septet::{Connection, Modems, Septet, configure, store};
use super::{Finding, mib};

/// What is measured, and with how much.
pub struct Trial {
    /// How many messages the store has.
    pub messages: u64,
    /// How often the gateway is started with what the system has of the file in memory, and how often
    /// without.
    pub starts: usize,
    /// How many connections are open.
    pub connections: usize,
}

impl Trial {
    pub const WHOLE: Self = Self { messages: 1_000_000, starts: 5, connections: 1000 };
    pub const TINY: Self = Self { messages: 3000, starts: 1, connections: 20 };
}

/// How soon it is to answer.
const START_MAX: Duration = Duration::from_secs(1);

/// How many wrong passwords it is asked with: fewer than shut the address out.
const WRONG_PASSWORDS: usize = 19;

/// How much memory it may take, in octets.
const MEMORY_MAX: u64 = 64_000_000;

/// One message in so many is final, the others wait.
const FINAL: u64 = 10;

/// How many modems send those.
const MODEMS: usize = 4;

/// How often each connection asks.
const REQUESTS: u64 = 3;

/// Pages that people and programs look at while the gateway works.
const LOOKED_AT: [&str; 3] = ["/metrics", "/", "/gateway"];

/// Fills a store, stops its gateway, and starts it again.
pub fn measured(trial: &Trial) -> Vec<Finding> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    fill(folder, trial.messages);
    let mut numbers = trial.messages..;
    let mut starts = |is_cold: bool| -> Vec<Duration> {
        let start = |_| {
            if is_cold {
                forget(&store(folder));
            }
            let begun = Instant::now();
            let septet = Septet::start(folder);
            let mut connection = septet.connect();
            connection.ask_for_message(numbers.next().unwrap_or_default(), None);
            connection.answer();
            let took = begun.elapsed();
            septet.stop();
            took
        };
        (0..trial.starts).map(start).collect()
    };
    let mut findings = vec![
        start_finding("from the start to the first answer", starts(false)),
        start_finding("the same, where the system has nothing of the file in memory", starts(true)),
    ];

    let septet = Septet::start(folder);
    let idle = septet.memory().resident;
    let mut connections: Vec<Connection> =
        (0..trial.connections).map(|_| septet.connect()).collect();
    for _ in 0..REQUESTS {
        for connection in &mut connections {
            connection.ask_for_message(numbers.next().unwrap_or_default(), None);
        }
        for connection in &mut connections {
            connection.answer();
        }
    }
    let asked = septet.memory().resident;
    (0..WRONG_PASSWORDS).for_each(|number| septet.connect().guess(number));
    let (cookie, waiting) = (septet.log_in(), waiting(folder));
    for path in LOOKED_AT {
        let mut connection = septet.connect();
        connection.ask("GET", path, &format!("Cookie: {cookie}\r\n\r\n"));
        let text = connection.answer();
        let told = text.lines().find_map(|line| line.strip_prefix("septet_messages_waiting "));
        findings.extend(told.map(|told| Finding {
            what: "messages that wait, as /metrics tells",
            is_measure: false,
            is_held: told == waiting.to_string(),
            figure: told.to_owned(),
            bound: waiting.to_string(),
        }));
    }
    let memory = septet.memory();
    drop(connections);
    septet.stop();
    println!(
        "{} messages in the store, {} of them waiting, {}; {} connections.\n\
         Memory after the start {}, with all connections asking {}, pages looked at {}, \
         at most {}.",
        trial.messages,
        waiting,
        mib(store(folder).metadata().unwrap().len()),
        trial.connections,
        mib(idle),
        mib(asked),
        mib(memory.resident),
        mib(memory.peak),
    );
    findings.push(Finding {
        what: "memory at most, with all connections open",
        is_measure: true,
        is_held: memory.peak <= MEMORY_MAX,
        figure: mib(memory.peak),
        bound: mib(MEMORY_MAX),
    });
    findings
}

fn start_finding(what: &'static str, mut times: Vec<Duration>) -> Finding {
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    Finding {
        what,
        is_measure: true,
        is_held: median < START_MAX,
        figure: format!("{median:.0?} ({:.0?} to {slowest:.0?})", times[0]),
        bound: format!("{START_MAX:?}"),
    }
}

/// Has a store filled: one message in some is final, the others wait.
fn fill(folder: &Path, messages: u64) {
    let sent = messages / FINAL;
    configure(folder, Modems::Virtual(MODEMS));
    let septet = Septet::start(folder);
    septet.submit(0..sent, None);
    while waiting(folder) > 0 {
        std::thread::sleep(Duration::from_millis(100));
    }
    septet.stop();
    configure(folder, Modems::Gone);
    let septet = Septet::start(folder);
    septet.submit(sent..messages, None);
    septet.stop();
}

/// How many messages of a store wait for a modem.
fn waiting(folder: &Path) -> u64 {
    let reader = Store::open(store(folder)).unwrap();
    let sql = "SELECT count(*) FROM message WHERE ready = 1";
    let count: i64 = reader.query_row(sql, [], |row| row.get(0)).unwrap();
    count.unsigned_abs()
}

/// Has the system keep nothing of a file in memory.
fn forget(path: &Path) {
    File::open(path).unwrap().sync_all().unwrap();
    let file = format!("if={}", path.display());
    let dd = Command::new("dd").args([&file, "iflag=nocache", "count=0", "status=none"]).status();
    assert!(dd.unwrap().success());
}
