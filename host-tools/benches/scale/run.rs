//! A long run: what is accepted is sent, reported and final, and nothing grows but the store's own rows.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use rusqlite::{Connection as Store, OpenFlags};
use tempfile::TempDir;

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

/// A store that is looked at while its gateway runs.
struct Reader<'f>(&'f Path, Store);

impl Reader<'_> {
    fn count(&self, sql: &str) -> u64 {
        let count: i64 = self.1.query_row(sql, [], |row| row.get(0)).unwrap();
        count.unsigned_abs()
    }

    /// How many messages are not final.
    fn open(&self) -> u64 {
        self.count("SELECT count(*) FROM message WHERE expires IS NOT NULL")
    }

    fn callbacks_owed(&self) -> u64 {
        self.count("SELECT count(*) FROM callback")
    }

    fn look(&self, septet: &Septet, messages: u64) -> Look {
        let file = store(self.0);
        let size = |path: &Path| path.metadata().map_or(0, |data| data.len());
        let log = size(&file.with_extension("db-wal"));
        Look { messages, memory: septet.memory(), file: size(&file), log }
    }
}

/// Has messages sent, and looks at what that takes.
pub fn measured(messages: u64) -> Vec<Finding> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    configure(folder, Modems::Virtual(MODEMS));
    let taken = Arc::<AtomicU64>::default();
    let customer = customer(taken.clone());
    let septet = Septet::start(folder);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let reader = Reader(folder, Store::open_with_flags(store(folder), flags).unwrap());
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
            let look = reader.look(&septet, done);
            print(&look, begun);
            looks.push(look);
        }
        if done >= messages {
            break;
        }
        if given < messages && open < OPEN_MAX {
            let next = (given + AT_ONCE).min(messages);
            let is_told = (given / AT_ONCE) % 2 == 1;
            septet.submit(given..next, is_told.then_some(customer));
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
    let taken = taken.load(Ordering::Relaxed);
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

/// A customer's server that takes every report, and counts them.
fn customer(taken: Arc<AtomicU64>) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(async move || {
        taken.fetch_add(1, Ordering::Relaxed);
        ""
    });
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    address
}
