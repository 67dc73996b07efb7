//! The way to a PostgreSQL server: encrypted where that is asked for, and to no other server.
//!
//! They need PostgreSQL that speaks TLS on `localhost`: `.ci/postgres` has one, and says on which port
//! and with which certificate.

use std::env;
use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use septet_host::database::Database;
use tempfile::NamedTempFile;

/// How long something that will happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The URL of the server under a name that it has, with this in its query. `ROOTS` stands for the file
/// with its certificate.
fn url(host: &str, query: &str) -> String {
    let port = env::var("SEPTET_TEST_TLS_PORT").unwrap();
    let query = query.replace("ROOTS", &env::var("SEPTET_TEST_TLS_ROOTS").unwrap());
    format!("postgres://septet:secret@{host}:{port}/postgres?{query}")
}

fn is_encrypted(url: &str) -> bool {
    let mut database = Database::connect(url).unwrap();
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let ssl = database.one(sql, &[], |row| row.is(0)).unwrap();
    database.checked().unwrap();
    ssl
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn a_connection_is_encrypted_where_the_url_requires_it() {
    for mode in ["require", "verify-full"] {
        assert!(is_encrypted(&url("localhost", &format!("sslmode={mode}&sslrootcert=ROOTS"))));
    }
    for query in ["sslmode=disable", "sslmode=prefer", ""] {
        assert!(!is_encrypted(&url("localhost", query)), "{query}");
    }
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn who_cannot_prove_to_be_the_server_is_told_nothing() {
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let roots = NamedTempFile::new().unwrap();
    fs::write(&roots, other.cert.pem()).unwrap();
    let other = format!("sslmode=require&sslrootcert={}", roots.path().display());
    for (host, query, why) in [
        ("localhost", other.as_str(), "UnknownIssuer"),
        ("localhost", "sslmode=require", "UnknownIssuer"),
        ("127.0.0.1", "sslmode=require&sslrootcert=ROOTS", "not valid for name"),
    ] {
        let sentence = Database::connect(&url(host, query)).err().unwrap().sentence;
        assert!(
            sentence.contains("invalid peer certificate") && sentence.contains(why),
            "{sentence}"
        );
        assert!(!sentence.contains("secret") && !sentence.contains("sslmode"), "{sentence}");
        // It says what to do, where the URL can do something about it.
        let is_unknown = why == "UnknownIssuer";
        assert_eq!(sentence.ends_with(", by sslrootcert=FILE"), is_unknown, "{sentence}");
    }
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn gateways_hear_each_other_over_an_encrypted_connection() {
    let url = url("localhost", "sslmode=require&sslrootcert=ROOTS");
    let mut one = Database::connect(&url).unwrap();
    let listener = Database::connect(&url).unwrap().listener().unwrap();
    let (tell, told) = mpsc::channel();
    let hearing =
        thread::spawn(move || listener.run(|who| tell.send(who).is_ok() && who != Some(7)));
    // It listens from the first word on.
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Some(0)));
    one.each("SELECT pg_notify('septet', '7')", &[], |_| ());
    one.checked().unwrap();
    while told.recv_timeout(PATIENCE).unwrap() != Some(7) {}
    hearing.join().unwrap();
}
