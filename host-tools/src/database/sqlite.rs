//! SQLite: one file, one writer, no server.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, OpenFlags, ToSql};

use super::checkpoints::Checkpoints;
use super::{Columns, Engine, Row, Trouble, Value};

/// How many statements are kept prepared: more than there are.
const PREPARED: usize = 256;

/// How long another program that has the file may keep us waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// After how many pages of 4 KiB in the log the writer itself moves what is left of them into the file, so
/// that the log begins anew.
const CHECKPOINT: u32 = 4096;

/// How a statement ends that keeps other writers from its rows.
const LOCKS: [&str; 3] = [" FOR UPDATE SKIP LOCKED", " FOR UPDATE OF m", " FOR UPDATE"];

pub(super) struct Sqlite {
    /// Of a database in a file that is written to. They end first.
    checkpoints: Option<Checkpoints>,
    connection: Connection,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        // Nobody else is to read what is in messages; the files beside it get the same mode.
        let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
        made.map_err(|e| e.to_string())?;
        let opened = Self::prepared(Connection::open(path))?;
        let checkpoints = Some(Checkpoints::of(path).map_err(|e| e.to_string())?);
        Ok(Self { checkpoints, ..opened })
    }

    pub(super) fn open_reading(path: &Path) -> Result<Self, String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let prepared = |connection: Connection| {
            connection.busy_timeout(PATIENCE)?;
            connection.set_prepared_statement_cache_capacity(PREPARED);
            Ok(Self { connection, checkpoints: None })
        };
        Connection::open_with_flags(path, flags).and_then(prepared).map_err(|e| e.to_string())
    }

    pub(super) fn in_memory() -> Result<Self, String> {
        Self::prepared(Connection::open_in_memory())
    }

    fn prepared(connection: Result<Connection, Error>) -> Result<Self, String> {
        let prepared = |connection: Connection| {
            connection.busy_timeout(PATIENCE)?;
            // A commit returns when the disk has it, and readers never wait for the writer.
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
            // A statement stays as it is prepared, whatever its values.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            connection.set_prepared_statement_cache_capacity(PREPARED);
            Ok(Self { connection, checkpoints: None })
        };
        connection.and_then(prepared).map_err(|e| e.to_string())
    }
}

/// Another program that keeps the file was waited for already.
fn trouble(error: Error) -> Trouble {
    Trouble { why: error.to_string(), passing: false }
}

impl Engine for Sqlite {
    fn run(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>),
    ) -> Result<u64, Trouble> {
        // There is one writer.
        let alone = LOCKS.iter().find_map(|lock| sql.strip_suffix(lock));
        let sql = alone.unwrap_or(sql);
        let mut run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            for (value, number) in values.iter().zip(1..) {
                // One that is not bound is none: a statement comes without values.
                if *value != Value::Null {
                    statement.raw_bind_parameter(number, value)?;
                }
            }
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                each(Row(row));
            }
            Ok(self.connection.changes())
        };
        let changed = run().map_err(trouble)?;
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.count();
        }
        Ok(changed)
    }

    fn batch(&mut self, sql: &str) -> Result<(), Trouble> {
        self.connection.execute_batch(sql).map_err(trouble)
    }

    fn begin(&mut self) -> Result<(), Trouble> {
        self.run("BEGIN IMMEDIATE", &[], &mut |_| ()).map(drop)
    }

    fn commit(&mut self) -> Result<(), Trouble> {
        self.run("COMMIT", &[], &mut |_| ())?;
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.committed();
        }
        Ok(())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Octets(octets) => ValueRef::Blob(octets),
        }))
    }
}

impl Columns for rusqlite::Row<'_> {
    fn column(&self, at: usize) -> Value<'_> {
        match self.get_ref(at) {
            Ok(ValueRef::Integer(number)) => Value::Integer(number),
            Ok(ValueRef::Text(text)) => std::str::from_utf8(text).map_or(Value::Null, Value::Text),
            Ok(ValueRef::Blob(octets)) => Value::Octets(octets),
            Ok(ValueRef::Null | ValueRef::Real(_)) | Err(_) => Value::Null,
        }
    }
}
