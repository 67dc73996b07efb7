//! What the store has kept is there after a restart, and what it could not keep did not happen.

mod air;
mod driven;
mod place;

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use septet::answer::Store;
use septet::api::{
    Answer, Credentials, HistoryQuery, InboxQuery, Login, Op, Page, Reason, When, skebby,
};
use septet::at::{Class, CmsError, Failure};
use septet::fields::List;
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::text::{Secret, Text};
use septet::tpdu::udh::Reference;
use septet_firmware::engine::{NotSent, Outcome};
use septet_host::database::Database;
use septet_host::store::{CallbackOutcome, SqlStore};

use air::{RECIPIENT, report};
use driven::{Driven as _, addressed};
use place::Place;

const SENT: Outcome = Outcome::Sent { reference: 7 };

/// A store that may be opened again.
struct Kept {
    store: SqlStore,
    place: Place,
}

impl Kept {
    fn new() -> Self {
        Self::at(Place::new())
    }

    /// One in a file, wherever others are.
    fn in_file() -> Self {
        Self::at(Place { url: None, ..Place::new() })
    }

    fn at(place: Place) -> Self {
        let keyword = r#"
            credits = 10
            [[account.keyword]]
            number = "4520001204"
            keyword = "TEST"
            url = "http://127.0.0.1:9/mo"
            api = "gatewayapi-v2"
        "#;
        let config = driven::config("", keyword);
        let mut store = driven::open(&config, place.open(), Instant::now()).unwrap();
        store.set_ready(0, true);
        Self { store, place }
    }

    /// Another process opens it, and the first one has not said good-bye.
    fn restart(self) -> Self {
        drop(self.store);
        Self::at(self.place)
    }
}

/// The parts of a text, as the modem hands them over.
fn parts(text: &str) -> Vec<Pdu> {
    let plan = Plan::cheapest(text.chars());
    let parts = segments(text.chars(), plan, Reference::Short(1)).unwrap();
    parts
        .map(|part| {
            let mut buffer = [0; 140];
            air::received(part.coding(), part.user_data(&mut buffer))
        })
        .collect()
}

#[test]
fn what_was_accepted_is_sent_after_a_restart_in_its_order() {
    let mut kept = Kept::new();
    for id in ["one", "two", "three"] {
        kept.store.text(id, id).unwrap();
    }
    assert!(kept.store.give(0, SENT));
    let mut kept = kept.restart();
    assert_eq!(kept.store.credits(), 700);
    // An id stands for its message still.
    assert_eq!(kept.store.text("two", "two"), Ok(()));
    assert_eq!(kept.store.text("two", "other"), Err(Reason::DuplicateClientId));
    for expected in ["two", "three"] {
        let pdu = kept.store.next_part(0).unwrap();
        let (_, message) = pdu.read::<septet::tpdu::Mo<'_>>().unwrap();
        assert!(message.text().unwrap().eq(expected.chars()), "{expected}");
        kept.store.finished(0, Outcome::Sent { reference: 8 });
    }
    assert!(!kept.store.give(0, SENT));
    // The report of what was sent before comes after.
    kept.store.received(0, &report(7, 0));
    assert_eq!(kept.store.due(), ["/dsn?sessionid=one&statuscode=1"]);
}

#[test]
fn a_part_that_a_modem_had_is_unknown_and_the_others_go_on() {
    let mut kept = Kept::new();
    kept.store.text("one", &"a".repeat(300)).unwrap();
    assert!(kept.store.next_part(0).is_some());
    let mut kept = kept.restart();
    assert!(kept.store.give(0, SENT));
    assert!(!kept.store.give(0, SENT), "it is not sent twice");
    kept.store.received(0, &report(7, 0));
    assert_eq!(kept.store.due(), ["/dsn?sessionid=one&statuscode=5"]);
}

#[test]
fn what_waits_after_a_refusal_waits_after_a_restart() {
    let mut kept = Kept::new();
    kept.store.text("one", "hi").unwrap();
    let code = Failure::Cms(CmsError(42));
    assert!(kept.store.give(0, Outcome::Refused { class: Class::Temporary, code }));
    assert!(!kept.store.give(0, SENT));
    let mut kept = kept.restart();
    assert!(!kept.store.give(0, SENT));
    let later = Instant::now() + Duration::from_secs(3);
    kept.store.set_now(later);
    assert!(kept.store.give(0, SENT));
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    let mut kept = Kept::new();
    // The clock on the wall was ahead by an hour when this was accepted.
    kept.store.set_now(Instant::now() + Duration::from_secs(60 * 60));
    kept.store.text("one", "hi").unwrap();
    kept.store.received(0, &parts("test a")[0]);
    let mut kept = kept.restart();
    assert!(kept.store.give(0, SENT));
    assert_eq!(kept.store.due().len(), 1);
}

#[test]
fn callbacks_go_on_where_they_were() {
    let mut kept = Kept::new();
    kept.store.received(0, &parts("test a")[0]);
    kept.store.received(0, &parts("test b")[0]);
    let due = kept.store.due_callbacks();
    assert_eq!(due.len(), 2);
    kept.store.called(due[0].id, CallbackOutcome::Taken);
    // The other one was under way: nobody knows whether it was taken.
    let mut kept = kept.restart();
    let due = kept.store.due_callbacks();
    assert_eq!(due.len(), 1);
    assert!(due[0].request.url.as_str().ends_with("text=b"));
    kept.store.called(due[0].id, CallbackOutcome::NotTaken);
    let mut kept = kept.restart();
    assert_eq!(kept.store.due(), [""; 0], "it waits");
    assert!(kept.store.next_due().is_some());
}

#[test]
fn a_text_of_which_a_part_came_before_is_whole_after_a_restart() {
    let mut kept = Kept::new();
    let parts = parts(&format!("test {}", "b".repeat(200)));
    kept.store.received(0, &parts[1]);
    let mut kept = kept.restart();
    kept.store.received(0, &parts[1]);
    assert_eq!(kept.store.due(), [""; 0], "the modem handed it over before");
    kept.store.received(0, &parts[0]);
    assert!(kept.store.due()[0].ends_with(&"b".repeat(200)));
}

#[test]
fn sessions_histories_and_inboxes_are_kept() {
    let mut kept = Kept::new();
    let login = Op::Login(Login::Session);
    let (user, key) = kept.store.perform(&0, &skebby::API, &login, |answer| match answer {
        Answer::LoggedIn { user, key } => (user.to_string(), key.0.to_string()),
        other => panic!("{other:?}"),
    });
    let (user, key) = (&*user.leak(), &*key.leak());
    let sent = Op::Send(addressed(List::Joined(Text::plain(RECIPIENT)), "one", "hi"));
    kept.store.perform(&0, &skebby::API, &sent, |answer| {
        assert!(matches!(answer, Answer::Sent(_)), "{answer}");
    });
    kept.store.received(0, &parts("test a")[0]);
    let mut kept = kept.restart();
    let session = Credentials::Session { user: user.into(), key: Secret(key.into()) };
    assert_eq!(kept.store.admit(&skebby::API, &session), Ok(0));
    let (from, page) = (When::Unix(0), Page { number: 1, size: 10 });
    let query = Op::History(HistoryQuery { recipient: None, from, to: None, page });
    let found = kept.store.perform(&0, &skebby::API, &query, |answer| match answer {
        Answer::History(history) => history.total,
        other => panic!("{other:?}"),
    });
    assert_eq!(found, 1);
    for expected in [1, 0] {
        let query = Op::Inbox(InboxQuery::New { recipient: None, limit: 10 });
        let found = kept.store.perform(&0, &skebby::API, &query, |answer| match answer {
            Answer::Inbox(inbox) => inbox.total,
            other => panic!("{other:?}"),
        });
        assert_eq!(found, expected);
        kept = kept.restart();
    }
}

#[test]
fn what_the_disk_does_not_take_did_not_happen() {
    let mut kept = Kept::in_file();
    kept.store.text("one", "hi").unwrap();
    // Another program keeps the database locked.
    let other = rusqlite::Connection::open(kept.place.file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    kept.store.begin();
    let _ = kept.store.text("two", "hi");
    let _ = kept.store.next_part(0);
    let failed = kept.store.commit().unwrap_err().sentence;
    assert!(failed.contains("septet.db failed: database is locked"), "{failed}");
    other.execute_batch("ROLLBACK").unwrap();
    // It recovers without a restart, and the modem still has nothing.
    kept.store.begin();
    assert!(kept.store.next_part(0).is_some());
    kept.store.commit().unwrap();
    kept.store.begin();
    kept.store.finished(0, Outcome::NotSent(NotSent::NoPrompt));
    kept.store.commit().unwrap();
    assert_eq!(kept.store.credits(), 900);
    assert_eq!(kept.store.text("two", "other"), Ok(()), "it was never accepted");
}

#[test]
fn a_database_of_a_later_program_is_refused_in_a_sentence() {
    let kept = Kept::in_file();
    let path = kept.place.file();
    drop(kept.store);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("UPDATE version SET number = 99").unwrap();
    drop(other);
    let database = Database::open(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let sentence = driven::open("", database, Instant::now()).err().unwrap().sentence;
    assert!(sentence.contains("has version 99 of the tables"), "{sentence}");
    // What is no database at all.
    std::fs::write(&path, "no database").unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
    let sentence = Database::open(&path).err().unwrap().sentence;
    assert!(sentence.contains("septet.db: file is not a database"), "{sentence}");
}

#[test]
fn the_last_messages_of_a_modem_are_known_again_and_the_others_forgotten() {
    // As many as are known at least, and at most.
    const KNOWN: std::ops::Range<i64> = 512..1024;
    let mut kept = Kept::new();
    let receive = |kept: &mut Kept, number: i64| {
        let [pdu] = &parts(&format!("number {number}"))[..] else { panic!() };
        kept.store.received(0, pdu);
    };
    let rows = |kept: &Kept| {
        let sql = "SELECT count(*) FROM seen";
        kept.place.open().one(sql, &[], |row| row.integer(0)).unwrap()
    };
    let last = 2 * KNOWN.end;
    kept.store.begin();
    (0..=last).for_each(|number| receive(&mut kept, number));
    kept.store.commit().unwrap();
    kept = kept.restart();
    let known = rows(&kept);
    assert!(KNOWN.contains(&known), "{known}");
    for (number, is_known) in [(last, true), (last - KNOWN.start + 1, true), (0, false)] {
        receive(&mut kept, number);
        assert_eq!(rows(&kept) == known, is_known, "{number}");
    }
}
