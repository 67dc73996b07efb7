//! A gateway that works for long at half of its peak, while things go wrong with its modems: memory, open
//! files, threads and octets a message stay as they are, and nothing that was accepted is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use septet::api::State;
use tempfile::TempDir;

use super::customer::Customer;
use super::reader::{Ledger, Reader, sizes};
use super::septet::{Connection, Modems, Septet, configure};
use super::{Finding, mib};

/// How many modems send.
const MODEMS: usize = 16;

/// What goes wrong, with one modem after the other; the rest of them have nothing.
const TROUBLES: [&str; 8] = [
    "one in 20000 lines: reboot",
    "one in 300000 octets: lose 2",
    "one in 300000 octets: change",
    "one in 300000 typed octets: lose",
    "one in 5000 lines: answer +CMS ERROR: 500",
    "one in 20000 lines: answer +CMS ERROR: 38",
    "one in 2000 lines: late 200",
    "one in 10000 lines: silence 2000",
];

/// How many connections ask, each one request after the other.
const CONNECTIONS: usize = 16;

/// Every other time a customer is told what became of a message.
const TOLD: u64 = 2;

/// How many messages may be open while the peak is measured.
const OPEN_MAX: u64 = 2000;

/// How much of the load must have been asked for in time.
const LOAD_SHARE: f64 = 0.95;

/// By how much the maximum of memory in the last quarter may be above that in the second: a share of it,
/// and octets.
const MEMORY_SHARE: f64 = 0.1;
const MEMORY_MORE: u64 = 8 << 20;

/// How many more open files and threads there may be in the last quarter than in the second.
const FILES_MORE: u64 = 4;
const THREADS_MORE: u64 = 2;

/// How many octets a message the file may grow by in the last quarter, in times of the second.
const ROW_SHARE: f64 = 1.1;

/// How large the store's log may be, in octets.
const LOG_MAX: u64 = 64 << 20;

/// What is done, and for how long.
pub struct Trial {
    /// How often it is looked at: four times at least.
    pub looks: u64,
    /// How long after each other.
    pub every: Duration,
    /// For how long the peak is measured, after as long a time in which it is reached.
    pub peak: Duration,
    /// For how long nothing becomes final at the end: whose report was lost is still open then.
    pub quiet: Duration,
}

impl Trial {
    /// An hour.
    pub const WHOLE: Self = Self {
        looks: 60,
        every: Duration::from_secs(60),
        peak: Duration::from_secs(10),
        quiet: Duration::from_secs(90),
    };
    pub const TINY: Self = Self {
        looks: 4,
        every: Duration::from_millis(500),
        peak: Duration::from_secs(1),
        quiet: Duration::from_secs(1),
    };
}

/// What is seen when it is looked at.
struct Look {
    accepted: u64,
    memory: u64,
    files: u64,
    threads: u64,
    file: u64,
    log: u64,
    worked: Duration,
}

/// Who asks for messages, until it is stopped.
struct Load {
    begun: Instant,
    rate: f64,
    accepted: Arc<AtomicU64>,
    waits: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Asks so many times a second, however late the answers are, for messages from this number on.
    fn start(septet: &Septet, customer: &Customer, first: u64, rate: f64) -> Self {
        let [accepted, next] = [(); 2].map(|()| Arc::<AtomicU64>::default());
        let [waits, is_over] = [(); 2].map(|()| Arc::<AtomicBool>::default());
        let begun = Instant::now();
        let callback = customer.address;
        let thread = |mut connection: Connection| {
            let [accepted, next] = [&accepted, &next].map(Arc::clone);
            let [waits, is_over] = [&waits, &is_over].map(Arc::clone);
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    if waits.load(Ordering::Relaxed) {
                        thread::sleep(Duration::from_millis(5));
                        continue;
                    }
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let due = Duration::from_secs_f64(number as f64 / rate);
                    thread::sleep(due.saturating_sub(begun.elapsed()));
                    let is_told = number.is_multiple_of(TOLD);
                    connection.ask_for_message(first + number, is_told.then_some(callback));
                    connection.answer();
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let threads = (0..CONNECTIONS).map(|_| thread(septet.connect())).collect();
        Self { begun, rate, accepted, waits, is_over, threads }
    }

    fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many it is behind.
    fn behind(&self) -> u64 {
        let due = self.begun.elapsed().as_secs_f64() * self.rate;
        (due as u64).saturating_sub(self.accepted())
    }

    /// Stops it, and returns how many messages were accepted.
    fn stop(mut self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        self.accepted()
    }
}

/// How many messages a second become final where some always wait; and how many were accepted.
fn peak(septet: &Septet, customer: &Customer, reader: &Reader, lasts: Duration) -> (f64, u64) {
    let load = Load::start(septet, customer, 0, f64::INFINITY);
    let done_after = |time: Duration| {
        let begun = Instant::now();
        loop {
            let open = reader.open();
            load.waits.store(open > OPEN_MAX, Ordering::Relaxed);
            if begun.elapsed() >= time {
                return load.accepted().saturating_sub(open);
            }
            thread::sleep(Duration::from_millis(5));
        }
    };
    let (before, begun) = (done_after(lasts), Instant::now());
    let done = done_after(lasts).saturating_sub(before);
    (done as f64 / begun.elapsed().as_secs_f64(), load.stop())
}

/// Has a gateway work, and looks at it.
pub fn measured(trial: &Trial) -> Vec<Finding> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    configure(folder, Modems::Virtual(MODEMS));
    let customer = Customer::start();
    let septet = Septet::start(folder);
    let reader = Reader::new(folder);
    for (place, trouble) in TROUBLES.iter().enumerate() {
        Septet::trouble(folder, place + 1, trouble);
    }
    let (peak, first) = peak(&septet, &customer, &reader, trial.peak);
    let rate = (peak / 2.0).max(1.0);
    println!(
        "{peak:.0} messages a second at most, {first} in all; from now on {rate:.0} a second."
    );
    println!(
        "| minute | accepted | behind | delivered | unknown | other ends | open | CPU a message \
         | memory | files | threads | file | octets a message | log |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let (mut ledger, mut looks) = (Ledger::default(), Vec::<Look>::new());
    let mut last = (first, septet.worked());
    let load = Load::start(&septet, &customer, first, rate);
    for number in 1..=trial.looks.max(4) as u32 {
        thread::sleep((trial.every * number).saturating_sub(load.begun.elapsed()));
        assert!(!load.threads.iter().any(JoinHandle::is_finished), "it refuses");
        let (file, log) = sizes(folder);
        let look = Look {
            accepted: first + load.accepted(),
            memory: septet.memory().resident,
            files: septet.files(),
            threads: septet.threads(),
            file,
            log,
            worked: septet.worked(),
        };
        ledger.read(&reader);
        print(&look, &ledger, (trial.every * number, load.behind()), last);
        last = (look.accepted, look.worked);
        looks.push(look);
    }
    let behind = load.behind();
    let asked = load.accepted() + behind;
    let accepted = first + load.stop();
    let begun = Instant::now();
    let mut changed = (u64::MAX, begun);
    let taken = loop {
        thread::sleep(Duration::from_millis(100));
        ledger.read(&reader);
        let rest = ledger.open.len() as u64 + reader.callbacks_owed();
        if rest != changed.0 {
            changed = (rest, Instant::now());
        } else if rest == 0 || changed.1.elapsed() >= trial.quiet {
            break customer.taken();
        }
    };
    let (ended, open) = (ledger.ended(), ledger.open.len() as u64);
    println!(
        "After {:.0?} more: {ended} final ({} of them delivered, {} unknown), {open} open, {taken} \
         callbacks of {} taken.",
        begun.elapsed(),
        ledger.ended_as(State::Delivered),
        ledger.ended_as(State::Unknown),
        ledger.told,
    );
    let exact = |what, is: u64, bound: u64| Finding {
        what,
        is_measure: false,
        is_held: is == bound,
        figure: is.to_string(),
        bound: bound.to_string(),
    };
    let mut findings = vec![
        exact(
            "messages that are final or open, of those that were accepted",
            ended + open,
            accepted,
        ),
        exact("reports that the customer's server took", taken, ledger.told),
        Finding {
            what: "messages that were accepted in time",
            is_measure: true,
            is_held: behind as f64 <= (1.0 - LOAD_SHARE) * asked as f64,
            figure: (asked - behind).to_string(),
            bound: format!("{:.0} % of {asked}", 100.0 * LOAD_SHARE),
        },
    ];
    findings.extend(compared(&looks));
    findings
}

fn print(look: &Look, ledger: &Ledger, (at, behind): (Duration, u64), last: (u64, Duration)) {
    let [delivered, unknown] =
        [State::Delivered, State::Unknown].map(|state| ledger.ended_as(state));
    let worked = (look.worked - last.1) / u32::try_from(look.accepted - last.0).unwrap_or(1).max(1);
    println!(
        "| {:.0} | {} | {behind} | {delivered} | {unknown} | {} | {} | {worked:.0?} | {} | {} | {} | {} | {} | {} |",
        at.as_secs_f64() / 60.0,
        look.accepted,
        ledger.ended() - delivered - unknown,
        ledger.open.len(),
        mib(look.memory),
        look.files,
        look.threads,
        mib(look.file),
        look.file / look.accepted.max(1),
        mib(look.log),
    );
}

/// The last quarter of what was seen beside the second.
fn compared(looks: &[Look]) -> Vec<Finding> {
    let quarter = looks.len() / 4;
    let (second, last) = (&looks[quarter..2 * quarter], &looks[looks.len() - quarter..]);
    let most = |of: fn(&Look) -> u64| {
        [second, last].map(|quarter| quarter.iter().map(of).max().unwrap_or_default())
    };
    let at_most = |what, [before, after]: [u64; 2], bound: u64, shown: fn(u64) -> String| Finding {
        what,
        is_measure: true,
        is_held: after <= bound,
        figure: format!("{}, after {}", shown(after), shown(before)),
        bound: shown(bound),
    };
    let (memory, files, threads) =
        (most(|look| look.memory), most(|look| look.files), most(|look| look.threads));
    let memory_max = memory[0] + (memory[0] as f64 * MEMORY_SHARE) as u64 + MEMORY_MORE;
    // By how much the file grew from the look before a quarter to its end.
    let row = |from: usize, to: usize| {
        let messages = (looks[to].accepted - looks[from].accepted).max(1);
        (looks[to].file - looks[from].file) as f64 / messages as f64
    };
    let rows = [row(quarter - 1, 2 * quarter - 1), row(looks.len() - quarter - 1, looks.len() - 1)];
    let log = looks.iter().map(|look| look.log).max().unwrap_or_default();
    vec![
        at_most("memory at most in the last quarter", memory, memory_max, mib),
        at_most("open files", files, files[0] + FILES_MORE, |files| files.to_string()),
        at_most("threads", threads, threads[0] + THREADS_MORE, |threads| threads.to_string()),
        Finding {
            what: "by how many octets a message the file grew",
            is_measure: true,
            is_held: rows[1] <= rows[0] * ROW_SHARE,
            figure: format!("{:.0}, after {:.0}", rows[1], rows[0]),
            bound: format!("{:.0}", rows[0] * ROW_SHARE),
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
