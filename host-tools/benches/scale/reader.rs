//! A store that is looked at while its gateway runs.

use std::collections::BTreeMap;
use std::mem;
use std::path::Path;

use rusqlite::{Connection as Store, OpenFlags, Row};
use septet::api::State;

use super::septet::store;

/// The reading end of a folder's store.
pub struct Reader(Store);

impl Reader {
    /// That of a gateway that has started.
    pub fn new(folder: &Path) -> Self {
        Self(Store::open_with_flags(store(folder), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap())
    }

    /// What a statement counts.
    pub fn count(&self, sql: &str) -> u64 {
        let count: i64 = self.0.query_row(sql, [], |row| row.get(0)).unwrap();
        count.unsigned_abs()
    }

    /// How many messages are not final.
    pub fn open(&self) -> u64 {
        self.count("SELECT count(*) FROM message WHERE expires IS NOT NULL")
    }

    /// How many callbacks the customers have not taken.
    pub fn callbacks_owed(&self) -> u64 {
        self.count("SELECT count(*) FROM callback")
    }
}

/// How large the store of a folder is, in octets: its file, and its log.
pub fn sizes(folder: &Path) -> (u64, u64) {
    let file = store(folder);
    let size = |path: &Path| path.metadata().map_or(0, |data| data.len());
    (size(&file), size(&file.with_extension("db-wal")))
}

/// What became of each message of a store. Each is read until it is final, and then no more, so that the
/// store may forget it.
#[derive(Default)]
pub struct Ledger {
    /// How many are in each final state.
    ended: BTreeMap<State, u64>,
    /// Of how many of those a customer is told.
    pub told: u64,
    /// Those that are not final, by their numbers.
    pub open: Vec<i64>,
    /// The last that was read.
    last: i64,
}

impl Ledger {
    /// Reads what is new.
    pub fn read(&mut self, reader: &Reader) {
        let select = "SELECT m.id, m.state, m.expires IS NULL, r.callback IS NOT NULL \
                      FROM message m JOIN request r ON r.id = m.request WHERE m.id";
        let mut one = reader.0.prepare(&format!("{select} = ?1")).unwrap();
        for id in mem::take(&mut self.open) {
            // One that is gone is neither open nor final, and so is missed.
            one.query_map([id], |row| self.enter(row)).unwrap().for_each(Result::unwrap);
        }
        let mut newer = reader.0.prepare(&format!("{select} > ?1 ORDER BY m.id")).unwrap();
        newer.query_map([self.last], |row| self.enter(row)).unwrap().for_each(Result::unwrap);
    }

    fn enter(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let id = row.get(0)?;
        self.last = self.last.max(id);
        if row.get(2)? {
            *self.ended.entry(State::of_code(row.get(1)?)).or_default() += 1;
            self.told += u64::from(row.get::<_, bool>(3)?);
        } else {
            self.open.push(id);
        }
        Ok(())
    }

    /// How many are in a final state.
    pub fn ended_as(&self, state: State) -> u64 {
        self.ended.get(&state).copied().unwrap_or_default()
    }

    /// How many are final.
    pub fn ended(&self) -> u64 {
        self.ended.values().sum()
    }
}
