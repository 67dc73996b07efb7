//! The database under the store: statements with values in, rows out.
//!
//! A failure is remembered and reported where the transaction ends, so that what stands between need
//! not ask at every step: after a failure nothing is done any more, and no row is found. Who reads rows
//! therefore acts on what is not there as on what is empty, and what came of it is taken back with the
//! transaction.

mod sqlite;

use std::path::Path;

use tracing::error;

use crate::Failed;
use sqlite::Sqlite;

/// A value of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// There is none.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Octets.
    Octets(&'a [u8]),
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value<'_> {
            fn from(number: $integer) -> Self {
                Self::Integer(number.into())
            }
        }
    )*};
}

integers!(bool, u8, u16, u32, i64);

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Self::Octets(octets)
    }
}

impl<'a, V: Into<Self>> From<Option<V>> for Value<'a> {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row that was found.
#[derive(Clone, Copy)]
pub struct Row<'r>(&'r dyn Columns);

/// The columns of a row, in the order of the statement.
trait Columns {
    fn column(&self, at: usize) -> Value<'_>;
}

impl<'r> Row<'r> {
    /// A number; `None` where there is none.
    pub fn number(&self, at: usize) -> Option<i64> {
        match self.0.column(at) {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// A number; 0 where there is none.
    pub fn integer(&self, at: usize) -> i64 {
        self.number(at).unwrap_or_default()
    }

    /// A number of a smaller kind; `None` where there is none, or it does not fit.
    pub fn small<N: TryFrom<i64>>(&self, at: usize) -> Option<N> {
        N::try_from(self.number(at)?).ok()
    }

    /// Whether a number is there that is not 0.
    pub fn is(&self, at: usize) -> bool {
        self.integer(at) != 0
    }

    /// A text; `None` where there is none.
    pub fn text(&self, at: usize) -> Option<&'r str> {
        match self.0.column(at) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text; an empty one where there is none.
    pub fn string(&self, at: usize) -> String {
        self.text(at).unwrap_or_default().to_owned()
    }

    /// Octets; none where there are none.
    pub fn octets(&self, at: usize) -> &'r [u8] {
        match self.0.column(at) {
            Value::Octets(octets) => octets,
            _ => &[],
        }
    }
}

/// What executes statements.
///
/// They are written in the SQL that every engine has: values are `$1`, `$2`, … in the order in which
/// they stand first.
trait Engine: Send {
    /// Executes one statement and hands its rows to `each`.
    ///
    /// # Errors
    /// What the engine says.
    fn run(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>),
    ) -> Result<(), String>;

    /// Executes statements without values or rows.
    ///
    /// # Errors
    /// What the engine says.
    fn batch(&mut self, sql: &str) -> Result<(), String>;
}

/// A database, and whether something in the present transaction has failed.
pub struct Database {
    engine: Box<dyn Engine>,
    /// What it is, for people: a file's name.
    name: String,
    failed: Option<String>,
}

impl Database {
    /// The database in a file, which is made where it is not there.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn open(path: &Path) -> Result<Self, Failed> {
        Self::with(Sqlite::open(path), path.display().to_string())
    }

    /// Reads the database in a file that another connection writes to, and waits for nobody.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn open_reading(path: &Path) -> Result<Self, Failed> {
        Self::with(Sqlite::open_reading(path), path.display().to_string())
    }

    /// A database that ends with the process.
    ///
    /// # Errors
    /// One sentence.
    pub fn in_memory() -> Result<Self, Failed> {
        Self::with(Sqlite::in_memory(), "memory".to_owned())
    }

    fn with(engine: Result<Sqlite, String>, name: String) -> Result<Self, Failed> {
        let engine =
            engine.map_err(|e| Failed::input(format!("cannot open the database {name}: {e}")))?;
        Ok(Self { engine: Box::new(engine), name, failed: None })
    }

    /// What it is, for people: a file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Executes a statement, and hands its rows to `each`.
    pub fn each(&mut self, sql: &'static str, values: &[Value<'_>], mut each: impl FnMut(Row<'_>)) {
        if self.failed.is_none() {
            let done = self.engine.run(sql, values, &mut each);
            self.note(done.map_err(|e| format!("{e} ({sql})")));
        }
    }

    /// Executes a statement that finds no rows.
    pub fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) {
        self.each(sql, values, |_| ());
    }

    /// What `of` makes of each row.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        mut of: impl FnMut(Row<'_>) -> T,
    ) -> Vec<T> {
        let mut found = Vec::new();
        self.each(sql, values, |row| found.push(of(row)));
        found
    }

    /// What `of` makes of the first row.
    pub fn one<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        of: impl FnOnce(Row<'_>) -> T,
    ) -> Option<T> {
        let (mut found, mut of) = (None, Some(of));
        self.each(sql, values, |row| {
            if let Some(of) = of.take() {
                found = Some(of(row));
            }
        });
        found
    }

    /// Executes statements without values or rows.
    pub fn batch(&mut self, sql: &str) {
        if self.failed.is_none() {
            let done = self.engine.batch(sql);
            self.note(done);
        }
    }

    /// Begins a transaction. What is done outside of one is safe at once.
    pub fn begin(&mut self) {
        self.batch("BEGIN IMMEDIATE");
    }

    /// Ends the transaction: all of it is safe, or nothing of it is done.
    ///
    /// # Errors
    /// One sentence: why nothing of it is done.
    pub fn commit(&mut self) -> Result<(), Failed> {
        self.batch("COMMIT");
        self.checked().inspect_err(|_| {
            // It fails where the engine has rolled back by itself, or did not begin.
            let _ = self.engine.batch("ROLLBACK");
        })
    }

    /// What has failed since this was asked last.
    ///
    /// # Errors
    /// One sentence with the database and what it says.
    pub fn checked(&mut self) -> Result<(), Failed> {
        match self.failed.take() {
            None => Ok(()),
            Some(why) => Err(Failed::input(format!("the database {} failed: {why}", self.name))),
        }
    }

    fn note(&mut self, done: Result<(), String>) {
        if let Err(why) = done {
            error!(database = self.name, why, "failed");
            self.failed = Some(why);
        }
    }
}
