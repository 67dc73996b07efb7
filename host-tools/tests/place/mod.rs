//! Where the tests of the store keep it: in SQLite, or where `SEPTET_TEST_STORE` has the URL of one, in
//! PostgreSQL. Each test has tables of its own there.
#![allow(dead_code)] // Not every test needs all of it.

use std::path::PathBuf;

use septet_host::accounts::random_hex;
use septet_host::database::Database;
use tempfile::TempDir;

/// The variable with the URL.
const URL: &str = "SEPTET_TEST_STORE";

/// A database that may be opened again.
pub struct Place {
    /// A folder of the test's own.
    pub folder: TempDir,
    /// The URL of its tables in PostgreSQL.
    pub url: Option<String>,
}

impl Place {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = std::env::var(URL).ok().map(|url| {
            let schema = format!("test_{}", random_hex(8).unwrap());
            let mut database = Database::connect(&url).unwrap();
            database.batch(&format!("CREATE SCHEMA {schema}"));
            database.checked().unwrap();
            format!("{url}&options=-csearch_path%3D{schema}")
        });
        Self { folder, url }
    }

    /// The file that the database is in, where it is in one.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("septet.db")
    }

    pub fn open(&self) -> Database {
        match &self.url {
            None => Database::open(&self.file()).unwrap(),
            Some(url) => Database::connect(url).unwrap(),
        }
    }

    /// The line of a configuration that says where it is.
    pub fn line(&self) -> String {
        self.url.as_ref().map_or_else(String::new, |url| format!("store = \"{url}\""))
    }
}

/// A database that is opened once.
pub fn passing() -> Database {
    match std::env::var(URL) {
        Err(_) => Database::in_memory().unwrap(),
        Ok(_) => Place::new().open(),
    }
}
