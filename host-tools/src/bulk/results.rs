//! What became of each row, in a table of its own.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::table::Row;
use crate::Failed;
use crate::control::Fate;

/// The columns.
const COLUMNS: [&str; 5] = ["to", "outcome", "parts", "id", "why"];

/// What became of each row, as it is written.
pub struct Results {
    path: PathBuf,
    table: csv::Writer<File>,
}

impl Results {
    /// Begins them anew.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn new(path: &Path) -> Result<Self, Failed> {
        let table = csv::Writer::from_path(path).map_err(|error| cannot_write(path, &error))?;
        let mut results = Self { path: path.to_owned(), table };
        results.record(COLUMNS)?;
        Ok(results)
    }

    /// Adds what became of a row.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn add(&mut self, row: &Row, fate: &Fate) -> Result<(), Failed> {
        let (outcome, parts, id, why) = match fate {
            Fate::Accepted(own) => {
                let outcome = if own.before { "accepted before" } else { "accepted" };
                (outcome, own.parts.to_string(), own.name.as_str(), "")
            }
            Fate::Refused(own) => ("refused", String::new(), "", own.why.as_str()),
        };
        self.record([&row.to, outcome, &parts, id, why])
    }

    /// Has what was added be in the file.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn flush(&mut self) -> Result<(), Failed> {
        self.table.flush().map_err(|error| cannot_write(&self.path, &error.into()))
    }

    fn record(&mut self, record: [&str; COLUMNS.len()]) -> Result<(), Failed> {
        self.table.write_record(record).map_err(|error| cannot_write(&self.path, &error))
    }
}

fn cannot_write(path: &Path, error: &csv::Error) -> Failed {
    Failed::input(format!("cannot write {}: {error}", path.display()))
}
