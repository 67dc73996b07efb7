//! The database under the store: statements with values in, rows out.
//!
//! A failure is remembered and reported where the transaction ends, so that what stands between need
//! not ask at every step: after a failure nothing is done any more, and no row is found. Who reads rows
//! therefore acts on what is not there as on what is empty, and what came of it is taken back with the
//! transaction.

mod address;
mod checkpoints;
mod postgres;
mod sqlite;

use std::path::Path;

use tracing::error;
use url::Url;

pub use self::postgres::{Listener, is_postgres};

use self::postgres::Postgres;
use self::sqlite::Sqlite;
use crate::Failed;
use crate::callbacks::without_credentials;

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

integers!(bool, u8, u16, u32, i32, i64);

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

/// Why a statement was not executed.
#[derive(Clone, Debug)]
struct Trouble {
    /// In the words of the engine.
    why: String,
    /// Whether another program was in the way, so that the transaction may succeed when it is repeated.
    passing: bool,
}

/// What executes statements.
///
/// They are written in the SQL that every engine has: values are `$1`, `$2`, … in the order in which
/// they stand first. What follows `FOR UPDATE` at the end of a statement is for an engine with several
/// writers.
trait Engine: Send {
    /// Executes one statement and hands its rows to `each`. Returns how many rows it has changed, where it
    /// is one that changes some.
    ///
    /// # Errors
    /// What the engine says.
    fn run(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>),
    ) -> Result<u64, Trouble>;

    /// Executes statements without values or rows. Definitions of tables are in the words of SQLite.
    ///
    /// # Errors
    /// What the engine says.
    fn batch(&mut self, sql: &str) -> Result<(), Trouble>;

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// What the engine says.
    fn begin(&mut self) -> Result<(), Trouble>;

    /// Ends a transaction: all of it is safe then.
    ///
    /// # Errors
    /// What the engine says.
    fn commit(&mut self) -> Result<(), Trouble> {
        self.batch("COMMIT")
    }

    /// How often it was connected; `None` where no other program can be.
    fn connection(&self) -> Option<u64> {
        None
    }

    /// What hears the gateways that work on it.
    fn listener(&self) -> Option<Listener> {
        None
    }
}

/// A URL for people: without its password.
fn name(url: &str) -> String {
    // What follows the question mark may have a password as well.
    let name = Url::parse(url).map_or_else(
        |_| url.to_owned(),
        |mut url| {
            url.set_query(None);
            url.to_string()
        },
    );
    without_credentials(&name)
}

fn cannot_open(name: &str, why: &str) -> Failed {
    Failed::input(format!("cannot open the database {name}: {why}"))
}

/// A database, and whether something in the present transaction has failed.
pub struct Database {
    engine: Box<dyn Engine>,
    /// What it is, for people: a file's name, or a URL without password.
    name: String,
    failed: Option<Trouble>,
    /// Whether the last transaction failed for what passes.
    to_be_repeated: bool,
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

    /// The PostgreSQL database at a URL, as libpq writes it: `postgres://USER:PASSWORD@HOST/NAME`. Several
    /// gateways may have it at the same time. With `sslmode=require` the connection is encrypted, and the
    /// server's certificate is verified. It blocks.
    ///
    /// # Errors
    /// One sentence with the URL, without its password.
    pub fn connect(url: &str) -> Result<Self, Failed> {
        Self::connect_as(url, Postgres::connect)
    }

    /// The same, for reading only, whatever others write.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_reading(url: &str) -> Result<Self, Failed> {
        Self::connect_as(url, Postgres::connect_reading)
    }

    /// Whether a URL is one that can be connected to, without a connection.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn check(url: &str) -> Result<(), Failed> {
        postgres::check(url).map_err(|why| cannot_open(&name(url), &why))
    }

    fn connect_as(
        url: &str,
        connect: fn(&str) -> Result<Postgres, String>,
    ) -> Result<Self, Failed> {
        Self::with(connect(url), name(url))
    }

    fn with<E: Engine + 'static>(engine: Result<E, String>, name: String) -> Result<Self, Failed> {
        let engine = engine.map_err(|why| cannot_open(&name, &why))?;
        Ok(Self { engine: Box::new(engine), name, failed: None, to_be_repeated: false })
    }

    /// How often the process was connected to the database; `None` where no other program works on it.
    pub fn connection(&self) -> Option<u64> {
        self.engine.connection()
    }

    /// What hears the other gateways that work on the database, where there can be some.
    pub fn listener(&self) -> Option<Listener> {
        self.engine.listener()
    }

    /// What it is, for people: a file's name, or a URL without password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Executes a statement, and hands its rows to `each`.
    pub fn each(&mut self, sql: &'static str, values: &[Value<'_>], mut each: impl FnMut(Row<'_>)) {
        self.run(sql, values, &mut each);
    }

    /// Executes a statement that finds no rows.
    pub fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) {
        self.changed(sql, values);
    }

    /// Executes a statement that finds no rows. Returns how many it has changed.
    pub fn changed(&mut self, sql: &'static str, values: &[Value<'_>]) -> u64 {
        self.run(sql, values, &mut |_| ())
    }

    fn run(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>),
    ) -> u64 {
        if self.failed.is_some() {
            return 0;
        }
        self.engine.run(sql, values, each).unwrap_or_else(|e| {
            self.note(Err(Trouble { why: format!("{} ({sql})", e.why), ..e }));
            0
        })
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
        let done = self.engine.begin();
        self.note(done);
    }

    /// Has the present transaction fail and be repeated: another program was faster.
    pub fn outrun(&mut self) {
        let why = "another gateway was faster".to_owned();
        self.failed.get_or_insert(Trouble { why, passing: true });
    }

    /// Has the present transaction fail.
    pub fn refuse(&mut self, why: String) {
        self.failed.get_or_insert(Trouble { why, passing: false });
    }

    /// Ends the transaction: all of it is safe, or nothing of it is done.
    ///
    /// # Errors
    /// One sentence: why nothing of it is done.
    pub fn commit(&mut self) -> Result<(), Failed> {
        if self.failed.is_none() {
            let done = self.engine.commit();
            self.note(done);
        }
        self.checked().inspect_err(|_| {
            // It fails where the engine has rolled back by itself, or did not begin.
            let _ = self.engine.batch("ROLLBACK");
        })
    }

    /// Whether something in the present transaction has failed.
    pub const fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether the transaction that failed last may succeed when it is repeated at once.
    pub fn is_to_be_repeated(&self) -> bool {
        self.to_be_repeated
    }

    /// What has failed since this was asked last.
    ///
    /// # Errors
    /// One sentence with the database and what it says.
    pub fn checked(&mut self) -> Result<(), Failed> {
        let failed = self.failed.take();
        self.to_be_repeated = failed.as_ref().is_some_and(|trouble| trouble.passing);
        match failed {
            None => Ok(()),
            Some(Trouble { why, .. }) => {
                Err(Failed::input(format!("the database {} failed: {why}", self.name)))
            }
        }
    }

    fn note(&mut self, done: Result<(), Trouble>) {
        if let Err(trouble) = done {
            if !trouble.passing {
                error!(database = self.name, why = trouble.why, "failed");
            }
            self.failed = Some(trouble);
        }
    }
}

/// Who drops a connection to a server waits for it, which a task must not.
impl Drop for Database {
    fn drop(&mut self) {
        if self.engine.connection().is_some() {
            let engine = std::mem::replace(&mut self.engine, Box::new(Closed));
            // It ends with the thread, however that ends.
            let _ = std::thread::spawn(move || drop(engine)).join();
        }
    }
}

/// What is left of a database that is closed.
struct Closed;

impl Closed {
    fn trouble() -> Result<(), Trouble> {
        Err(Trouble { why: "it is closed".to_owned(), passing: false })
    }
}

impl Engine for Closed {
    fn run(
        &mut self,
        _: &'static str,
        _: &[Value<'_>],
        _: &mut dyn FnMut(Row<'_>),
    ) -> Result<u64, Trouble> {
        Self::trouble().map(|()| 0)
    }

    fn batch(&mut self, _: &str) -> Result<(), Trouble> {
        Self::trouble()
    }

    fn begin(&mut self) -> Result<(), Trouble> {
        Self::trouble()
    }
}
