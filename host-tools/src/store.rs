//! What the gateway keeps: messages with their parts, callbacks owed, ids that were used.
//!
//! Everything here is a function of what it is told and when; sockets, modems and clocks are
//! [`gateway`](crate::gateway)'s business. All of it is in a [`Database`]; in memory is what a modem has
//! now, and what can be read again.

mod accepting;
mod callbacks;
mod configured;
mod digest;
mod draft;
mod draining;
mod entering;
mod gateways;
mod inbox;
mod keys;
mod limits;
mod message;
mod numbers;
mod opt_out;
mod orders;
mod pacing;
mod preparing;
mod queue;
mod receiving;
mod routes;
mod schema;
mod sending;
mod sessions;
mod settling;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use septet::tpdu::codes::Status;

pub use accepting::Taken;
pub(crate) use accepting::owned;
pub use callbacks::{
    DueCallback, Outcome as CallbackOutcome, OwnedCallback, endpoint as callback_of,
};
pub use draft::Draft;
pub use keys::KEY_HEADER;
pub(crate) use message::{Fate, fates};
pub use opt_out::OptedOut;
pub(crate) use sending::trouble;
pub use settling::same_number;

use crate::Failed;
use crate::accounts::Verifier;
use crate::config::Config;
use crate::database::Database;

/// How long a message may wait for a modem and then for its reports. Afterwards it is expired where
/// it was not sent, and unknown where it was.
const MESSAGE_WINDOW: Duration = Duration::from_secs(72 * 60 * 60);

/// How often the store's own time is kept.
const NOTE_TIME_EVERY: Duration = Duration::from_secs(10);

/// How long what is due in the database is not looked for, where nothing is known to be: time that is over
/// is told to the second, and other gateways write to it as well.
const DUE_EVERY: Duration = Duration::from_secs(1);

/// How many rows of a kind are dealt with in one transaction, where there may be many.
const AT_ONCE: i64 = 1000;

/// Number of a message, in the order of acceptance.
pub type MessageId = i64;

/// Number of a callback.
pub type CallbackId = i64;

/// A modem, as far as the store cares.
#[derive(Clone, Default)]
struct Line {
    ready: bool,
    /// Whether its network is known not to carry messages.
    without_network: bool,
    /// The message of which it has a part.
    current: Option<MessageId>,
    /// The part that the modem has.
    sending: Option<usize>,
    /// Reports that came while the modem had not yet named the part that it has.
    early: Vec<(u8, String, Status)>,
    /// The account whose turn it was last, by the database's number.
    account: i64,
    /// The accounts of which a message went on last, and none began.
    continued: BTreeSet<i64>,
    /// When it was given a part last, as a number that grows with each.
    given: i64,
    /// Until when its SIM may send nothing.
    rests_until: i64,
    /// Until when it gets nothing, since it failed.
    drained_until: i64,
    /// Whom it could not send to since it sent last, for reasons of its own.
    refused_for: BTreeSet<String>,
    /// Since when it takes no messages.
    stopped_since: Option<i64>,
}

/// What is known without asking the database, and taken back with a transaction.
#[derive(Clone, Default)]
struct Volatile {
    lines: Vec<Line>,
    /// How many messages wait for a modem or have one that sends them, how many are not final, and how
    /// many there are.
    waiting: i64,
    open: i64,
    messages: i64,
    /// Nothing of the database is due before, by the store's own time.
    due: i64,
    /// When what is due was looked for last.
    looked: i64,
    /// Whether inboxes may have too many messages.
    inbox_grew: bool,
    /// Whether there is work that any modem may do.
    has_work: bool,
    /// The numbers that are given next, by what has them.
    numbers: [numbers::Numbers; 4],
    last_turn: i64,
    /// Whether each account's list of who wants nothing more has anybody on it, as far as that is known; of
    /// what other gateways change, only within a transaction.
    lists: BTreeMap<i64, bool>,
    /// How fast each account sends, where it has a limit.
    rates: BTreeMap<usize, limits::Rates>,
}

/// What the gateway keeps.
pub struct SqlStore {
    config: Arc<Config>,
    verifier: Arc<Verifier>,
    database: Database,
    /// The numbers that the database has for accounts, modems and routes, in the order of the configuration.
    accounts: Vec<i64>,
    modems: Vec<i64>,
    routes: Vec<i64>,
    /// The user key of each account.
    user_keys: Vec<String>,
    volatile: Volatile,
    /// What it was when the transaction began.
    before: Option<Volatile>,
    /// What each modem has handed over, as far as it was read.
    received: Vec<Option<Box<receiving::Received>>>,
    gateways: gateways::Gateways,
    /// The key that a request has whose interface has none.
    request_key: Option<String>,
    /// By host: when a callback is due next, and how many are under way.
    hosts: BTreeMap<String, callbacks::Host>,
    /// Whether that is what the database has.
    knows_hosts: bool,
    sessions: sessions::Sessions,
    /// When each account is noted to have made a request last, by the clock on the wall.
    requested: BTreeMap<i64, i64>,
    /// What the log is to have of requests once they are safe.
    entered: Vec<accepting::Entered>,
    /// Added to a number, it is one that the customer sees.
    first_id: i64,
    start: Instant,
    /// The store's own time at the start, and now, in milliseconds.
    start_ms: i64,
    now_ms: i64,
    /// The time that the database has.
    noted_ms: i64,
    /// The time that the clock on the wall showed when the store was told the time last.
    wall: Timestamp,
}

impl SqlStore {
    /// The store in a database. It admits whom `verifier` knows.
    ///
    /// # Errors
    /// When the database has other tables or cannot be read, or the system has no random numbers.
    pub fn new(
        config: Arc<Config>,
        verifier: Arc<Verifier>,
        mut database: Database,
        now: Instant,
    ) -> Result<Self, Failed> {
        schema::prepare(&mut database)?;
        let wall = Timestamp::now();
        let mut store = Self {
            verifier,
            database,
            accounts: Vec::new(),
            modems: Vec::new(),
            routes: Vec::new(),
            user_keys: Vec::new(),
            volatile: Volatile {
                lines: config.modems.iter().map(|_| Line::default()).collect(),
                ..Volatile::default()
            },
            before: None,
            received: config.modems.iter().map(|_| None).collect(),
            gateways: gateways::Gateways::default(),
            request_key: None,
            hosts: BTreeMap::new(),
            knows_hosts: false,
            sessions: sessions::Sessions::default(),
            requested: BTreeMap::new(),
            entered: Vec::new(),
            first_id: 0,
            start: now,
            start_ms: 0,
            now_ms: 0,
            noted_ms: 0,
            wall,
            config,
        };
        store.database.begin();
        schema::alone(&mut store.database);
        store.load()?;
        store.database.commit()?;
        Ok(store)
    }

    /// Reads what the last run has left.
    fn load(&mut self) -> Result<(), Failed> {
        let wall_ms = self.wall.as_millisecond();
        // The store's own time never goes back, whatever the clock on the wall does.
        let left = self.fact("time").unwrap_or_default();
        self.start_ms = wall_ms.max(left);
        self.now_ms = self.start_ms;
        // Ids begin at the clock, so that those of two databases differ, and fit into 31 bits.
        let second = self.wall.as_second();
        self.first_id = match self.fact("first id") {
            Some(first) => first,
            None => {
                self.set_fact("first id", second);
                second
            }
        };
        self.load_accounts()?;
        self.join();
        self.load_numbers();
        self.volatile.last_turn = self.last("SELECT max(turn) FROM message WHERE ready = 1");
        self.recover(self.gateways.own);
        self.load_routes();
        self.load_paces();
        (0..self.modems.len()).for_each(|modem| self.note_able(modem));
        self.count();
        self.load_hosts();
        self.volatile.due = self.first_due().unwrap_or(i64::MAX);
        Ok(())
    }

    fn last(&mut self, sql: &'static str) -> i64 {
        self.database.one(sql, &[], |row| row.integer(0)).unwrap_or_default()
    }

    fn fact(&mut self, name: &str) -> Option<i64> {
        let sql = "SELECT value FROM fact WHERE name = $1";
        self.database.one(sql, &[name.into()], |row| row.integer(0))
    }

    fn set_fact(&mut self, name: &str, value: i64) {
        let sql = "INSERT INTO fact (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.database.execute(sql, &[name.into(), value.into()]);
    }

    /// Begins a transaction: what is told and asked from now on is safe when it ends, or did not happen.
    pub fn begin(&mut self) {
        self.database.begin();
        self.have_lock();
        if self.is_shared() {
            self.volatile.lists.clear();
        }
        self.before = Some(self.volatile.clone());
        if !self.knows_hosts {
            self.load_hosts();
        }
    }

    /// Ends the transaction.
    ///
    /// # Errors
    /// One sentence: why nothing of it happened.
    pub fn commit(&mut self) -> Result<(), Failed> {
        let before = self.before.take();
        let entered = std::mem::take(&mut self.entered);
        self.tell_others();
        let done = self.database.commit();
        if done.is_ok() {
            entered.iter().for_each(|entered| entered.log(&self.config));
        }
        done.inspect_err(|_| {
            if let Some(before) = before {
                self.volatile = before;
            }
            self.received.iter_mut().for_each(|received| *received = None);
            self.requested.clear();
            self.knows_hosts = false;
        })
    }

    /// Whether the present transaction has failed already.
    pub fn has_failed(&self) -> bool {
        self.database.has_failed()
    }

    /// Whether the transaction that failed last may succeed when it is repeated at once: another gateway
    /// was in the way.
    pub fn is_to_be_repeated(&self) -> bool {
        self.database.is_to_be_repeated()
    }

    /// Tells the time. What is told after counts as happening then.
    pub fn set_now(&mut self, now: Instant) {
        // The clock on the wall may be set at any time. A test tells times that are not yet.
        let ahead = now.saturating_duration_since(Instant::now());
        let wall = Timestamp::now();
        self.wall = wall.checked_add(ahead).unwrap_or(wall);
        self.now_ms = self.start_ms + ms(now.duration_since(self.start));
        if self.now_ms >= self.volatile.due.min(self.volatile.looked + ms(DUE_EVERY)) {
            self.do_what_is_due();
        }
    }

    fn do_what_is_due(&mut self) {
        self.volatile.looked = self.now_ms;
        self.note_time();
        self.tend();
        self.release_scheduled();
        self.release_put_off();
        self.end_begun();
        self.expire();
        self.expire_parts();
        self.volatile.due = self.first_due().unwrap_or(i64::MAX);
        self.forget();
    }

    /// Tells that something in the database is due at a time of the store's own.
    fn is_due_at(&mut self, at: i64) {
        self.volatile.due = self.volatile.due.min(at);
    }

    /// Tells that something in the database is due at a time of the clock on the wall.
    fn is_due_at_wall(&mut self, at: i64) {
        self.is_due_at(self.now_ms + (at - self.wall.as_millisecond()).max(0));
    }

    /// When something is due next without being told anything.
    pub fn next_due(&mut self) -> Option<Instant> {
        let own = Some(self.volatile.due).filter(|due| *due < i64::MAX);
        let due = [own, self.next_callback_due(), self.next_line_due()];
        due.into_iter().flatten().min().map(|at| self.instant(at))
    }

    /// When something of the database is due first.
    fn first_due(&mut self) -> Option<i64> {
        let now = self.now_ms;
        let mut due = Vec::new();
        let put_off = "SELECT min(due) FROM message WHERE due IS NOT NULL";
        due.push(self.database.one(put_off, &[], |row| row.number(0)));
        let expires = "SELECT min(expires) FROM message WHERE expires IS NOT NULL";
        due.push(self.database.one(expires, &[], |row| row.number(0)));
        let parts = self.oldest_part().map(|at| at + receiving::WINDOW_MS + 1);
        let scheduled = "SELECT min(scheduled) FROM message WHERE scheduled IS NOT NULL";
        let scheduled = self.database.one(scheduled, &[], |row| row.number(0)).flatten();
        let wall = self.wall.as_millisecond();
        let scheduled = scheduled.map(|at| now + (at - wall).max(0));
        let due = due.into_iter().flatten().flatten();
        due.chain(parts).chain(scheduled).chain(self.begun_is_due()).min()
    }

    /// When the store's own time is `ms`.
    fn instant(&self, ms: i64) -> Instant {
        self.start + Duration::from_millis((ms - self.start_ms).max(0) as u64)
    }

    /// Keeps the store's own time, so that a later run does not go back behind it.
    fn note_time(&mut self) {
        if self.now_ms >= self.noted_ms + ms(NOTE_TIME_EVERY) {
            self.noted_ms = self.now_ms;
            self.set_fact("time", self.now_ms);
        }
    }

    /// The time that the clock on the wall shows.
    const fn wall(&self) -> Timestamp {
        self.wall
    }

    /// The place of an account in the configuration, by the database's number.
    fn account(&self, id: i64) -> Option<usize> {
        self.accounts.iter().position(|own| *own == id)
    }

    /// Forgets what has been final for long, or is too much.
    fn forget(&mut self) {
        self.forget_orders();
        self.forget_inbox();
    }
}

/// Milliseconds, as the store counts them.
fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The point in time of a row.
pub(crate) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}
