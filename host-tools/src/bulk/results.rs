//! What became of each row, in a table of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::table::Row;
use crate::Failed;
use crate::control::Fate;

/// The columns.
const COLUMNS: [&str; 7] = ["to", "outcome", "parts", "id", "why", "job", "account"];

/// Whose results they are.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// The job.
    pub job: &'a str,
    /// The account that it counts for.
    pub account: &'a str,
}

/// What became of each row, as it is written.
pub struct Results<'a> {
    path: PathBuf,
    whose: Whose<'a>,
    table: csv::Writer<File>,
}

impl<'a> Results<'a> {
    /// Begins them anew. What else a file has in it stays.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn new(path: &Path, whose: Whose<'a>) -> Result<Self, Failed> {
        let Whose { job, account } = whose;
        let is_free = is_free(path, whose)
            .map_err(|error| Failed::input(format!("cannot read {}: {error}", path.display())))?;
        if !is_free {
            return Err(Failed::input(format!(
                "{} has something else in it than what became of the job {job:?} for the account \
                 {account:?}: name another file with --result, or move it away",
                path.display()
            )));
        }
        let table = csv::Writer::from_path(path).map_err(|error| cannot_write(path, &error))?;
        let mut results = Self { path: path.to_owned(), whose, table };
        results.record(COLUMNS)?;
        Ok(results)
    }

    /// Adds what became of a row.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn add(&mut self, row: &Row, fate: &Fate) -> Result<(), Failed> {
        let Whose { job, account } = self.whose;
        let (outcome, parts, id, why) = match fate {
            Fate::Accepted(own) => {
                let outcome = if own.before { "accepted before" } else { "accepted" };
                (outcome, own.parts.to_string(), own.name.as_str(), "")
            }
            Fate::Refused(own) => ("refused", String::new(), "", own.why.as_str()),
        };
        self.record([&row.to, outcome, &parts, id, why, job, account])
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

/// Whether nothing is lost where results are written to a file: it is not there, or has nothing else in
/// it than results of the same.
fn is_free(path: &Path, whose: Whose<'_>) -> Result<bool, csv::Error> {
    // A terminal or a pipe keeps nothing.
    if !fs::metadata(path).is_ok_and(|file| file.is_file()) {
        return Ok(true);
    }
    let mut table = csv::ReaderBuilder::new().flexible(true).from_path(path)?;
    let columns = table.byte_headers()?.clone();
    if columns.is_empty() {
        return Ok(true);
    }
    let mut record = csv::ByteRecord::new();
    let has_rows = table.read_byte_record(&mut record)?;
    let is_whose = || record.iter().skip(5).eq([whose.job.as_bytes(), whose.account.as_bytes()]);
    Ok(columns.iter().eq(COLUMNS.map(str::as_bytes)) && (!has_rows || is_whose()))
}
