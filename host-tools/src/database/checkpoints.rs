//! What was committed to SQLite's log is moved into its file while the writer goes on.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tracing::debug;

/// After how much work, counted as below, the log is moved: about as many pages of 4 KiB, or fewer.
const WORK: u32 = 2048;

/// What a commit counts; each statement counts one.
const COMMIT: u32 = 4;

/// A thread that moves the log, with a connection of its own. It ends when this is dropped.
pub(super) struct Checkpoints {
    /// Asks the thread to move the log.
    due: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// What was done since it was asked last.
    work: u32,
}

impl Checkpoints {
    /// Those of the database in a file.
    pub(super) fn of(path: &Path) -> Self {
        let path = path.to_owned();
        // One that is asked while it is at it goes on once more, and no more than that.
        let (due, asked) = sync_channel(1);
        let thread = thread::spawn(move || run(&path, &asked));
        Self { due: Some(due), thread: Some(thread), work: 0 }
    }

    /// Counts a statement.
    pub(super) const fn count(&mut self) {
        self.work = self.work.saturating_add(1);
    }

    /// Counts a commit, and has the log moved where it is time.
    pub(super) fn committed(&mut self) {
        self.work = self.work.saturating_add(COMMIT);
        if self.work >= WORK {
            self.work = 0;
            // One that was asked already does this as well.
            let _ = self.due.as_ref().map(|due| due.try_send(()));
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

/// Moves the log as often as it is asked. Where that cannot be done the writer does it, once the log is
/// long enough, and tells what is wrong.
fn run(path: &Path, asked: &Receiver<()>) {
    let mut connection = None;
    while asked.recv().is_ok() {
        if let Err(error) = moved(path, &mut connection) {
            debug!(%error, "the log of the database was not moved");
            connection = None;
        }
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
