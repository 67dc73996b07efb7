//! What was committed to SQLite's log is moved into its file while the writer goes on.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tracing::warn;

/// After how many statements, with [`COMMIT`] for each commit, the log is moved. It is then about as many
/// pages of 4 KiB long where each commit has one message, and a third of that where it has many.
const WORK: u32 = 2048;

/// How many statements a commit counts for.
const COMMIT: u32 = 4;

/// A thread that moves the log, with a connection of its own. It ends when this is dropped.
pub(super) struct Checkpoints {
    /// Has the thread move the log, where it waits to be asked. While it is at it nobody asks: the log
    /// begins anew only where the writer finds it moved to its end.
    due: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// What was done since it was asked last.
    work: u32,
}

impl Checkpoints {
    /// A thread for the database in a file.
    ///
    /// # Errors
    /// When the system has no thread.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        let (due, asked) = sync_channel(0);
        let thread = thread::Builder::new().spawn(move || run(&path, &asked))?;
        Ok(Self { due: Some(due), thread: Some(thread), work: 0 })
    }

    /// Counts a statement.
    pub(super) const fn count(&mut self) {
        self.work = self.work.saturating_add(1);
    }

    /// Counts a commit, and has the log moved where it is time.
    pub(super) fn committed(&mut self) {
        self.work = self.work.saturating_add(COMMIT);
        if self.work >= WORK
            && let Some(due) = &self.due
            && due.try_send(()).is_ok()
        {
            self.work = 0;
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.due = None;
        // Who closes a database closes all of it, however the thread has ended.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Moves the log as often as it is asked.
fn run(path: &Path, asked: &Receiver<()>) {
    let (mut connection, mut has_failed) = (None, false);
    while asked.recv().is_ok() {
        let moved = moved(path, &mut connection);
        if let (Err(error), false) = (&moved, has_failed) {
            warn!(%error, database = %path.display(), "its log cannot be moved into it, and grows");
        }
        has_failed = moved.is_err();
    }
}

/// Moves as much of the log as nobody reads, and waits for nobody.
fn moved(path: &Path, connection: &mut Option<Connection>) -> Result<(), rusqlite::Error> {
    let connection = match connection {
        Some(connection) => connection,
        none => none.insert(Connection::open(path)?),
    };
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
