//! Several gateways work on one store: each message goes through one of them, and what a gateway leaves
//! that is gone is taken up by the others.
//!
//! They need PostgreSQL, whose URL is in `SEPTET_TEST_STORE`: `.ci/postgres` has one.

mod air;
mod driven;
mod place;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use septet::api::Reason;
use septet::tpdu::Mo;
use septet_firmware::engine::Outcome;
use septet_host::callbacks;
use septet_host::config::{self, Config};
use septet_host::database::Database;
use septet_host::network::Network;
use septet_host::store::SqlStore;
use septet_host::watch::live::Live;
use septet_host::watch::{Other, Watch};
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::{sleep, timeout};

use air::report;
use driven::Driven as _;
use place::Place;
use world::{Gateway, HANDSET, Shared, configure, customer, serve_customers, serve_modem};

/// How long it may take until another gateway is found to be gone.
const LOOK: Duration = Duration::from_secs(6);

fn new(place: &Place, name: &str) -> Result<SqlStore, String> {
    let first = format!("name = \"{name}\"\n{}", place.line());
    let config = driven::config(&first, "credits = 10");
    let opened = driven::open(&config, place.open(), Instant::now());
    let mut store = opened.map_err(|failed| failed.sentence)?;
    store.set_ready(0, true);
    Ok(store)
}

/// The text of the part that the modem is given, where there is one.
fn given(store: &mut SqlStore) -> Option<String> {
    let pdu = store.next_part(0)?;
    let (_, message) = pdu.read::<Mo<'_>>().unwrap();
    Some(message.text().unwrap().collect())
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn a_message_goes_through_one_gateway_while_others_look_for_work() {
    let place = Place::new();
    let (mut one, mut two) = (new(&place, "one").unwrap(), new(&place, "two").unwrap());
    for id in ["a", "b", "c"] {
        one.text(id, id).unwrap();
    }
    // Neither waits for the other, whose transaction has not ended.
    one.begin();
    two.begin();
    assert_eq!(given(&mut one).as_deref(), Some("a"));
    assert_eq!(given(&mut two).as_deref(), Some("b"));
    two.commit().unwrap();
    one.commit().unwrap();
    two.finished(0, Outcome::Sent { reference: 7 });
    assert_eq!(given(&mut two).as_deref(), Some("c"));
    two.received(0, &report(7, 0));
    // Who sent it tells the customer, whoever accepted it.
    assert_eq!(one.due(), [""; 0]);
    assert_eq!(two.due(), ["/dsn?sessionid=b&statuscode=1"]);
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn keys_and_credits_are_those_of_all_gateways() {
    let place = Place::new();
    let (mut one, mut two) = (new(&place, "one").unwrap(), new(&place, "two").unwrap());
    one.text("a", "hi").unwrap();
    assert_eq!(two.text("a", "hi"), Ok(()), "it is known");
    assert_eq!(two.text("a", "other"), Err(Reason::DuplicateClientId));
    assert_eq!((one.credits(), two.credits()), (900, 900));
    for id in ["b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        let gateway = if id < "f" { &mut one } else { &mut two };
        gateway.text(id, "hi").unwrap();
    }
    assert_eq!(one.text("k", "hi"), Err(Reason::Credit));
    assert_eq!(two.credits(), 0);
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn the_same_request_to_two_gateways_at_the_same_time_is_one() {
    let place = Place::new();
    let (mut one, mut two) = (new(&place, "one").unwrap(), new(&place, "two").unwrap());
    one.begin();
    one.text("a", "hi").unwrap();
    let other = thread::spawn(move || {
        let mut repeated = 0;
        loop {
            two.begin();
            // It waits for what the other one makes of it.
            let answer = two.text("a", "hi");
            match two.commit() {
                Ok(()) => break (answer, repeated, two),
                Err(_) => assert!(two.is_to_be_repeated()),
            }
            repeated += 1;
        }
    });
    thread::sleep(Duration::from_millis(200));
    one.commit().unwrap();
    let (answer, repeated, mut two) = other.join().unwrap();
    assert_eq!((answer, repeated), (Ok(()), 1));
    assert_eq!(two.credits(), 900);
    assert!(given(&mut one).is_some());
    assert!(given(&mut two).is_none());
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn what_a_gateway_leaves_that_is_gone_is_taken_up() {
    let place = Place::new();
    let (mut one, mut two) = (new(&place, "one").unwrap(), new(&place, "two").unwrap());
    let start = Instant::now();
    one.text("told", "hi").unwrap();
    given(&mut one).unwrap();
    one.finished(0, Outcome::Sent { reference: 7 });
    one.received(0, &report(7, 0));
    assert_eq!(one.due(), ["/dsn?sessionid=told&statuscode=1"], "it is under way");
    one.text("held", "hi").unwrap();
    given(&mut one).unwrap();
    one.text("waits", "waits").unwrap();
    // It works still.
    two.set_now(start + LOOK);
    assert_eq!(two.due(), [""; 0]);
    drop(one);
    thread::sleep(Duration::from_millis(200));
    two.set_now(start + 2 * LOOK);
    let told: BTreeSet<_> = two.due().into_iter().collect();
    let expected = ["/dsn?sessionid=held&statuscode=5", "/dsn?sessionid=told&statuscode=1"];
    assert!(told.iter().eq(expected.iter()), "{told:?}");
    assert_eq!(given(&mut two).as_deref(), Some("waits"));
    // It comes back, and finds nothing that is not its own.
    let mut one = new(&place, "one").unwrap();
    assert!(given(&mut one).is_none());
    assert_eq!(one.due(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: .ci/postgres"]
async fn the_operator_of_one_gateway_sees_the_others_and_whether_they_work() {
    let place = block_in_place(Place::new);
    let opened = |name: &str| block_in_place(|| new(&place, name).unwrap());
    let one = opened("one");
    let config = Arc::new(Config::parse("name = \"one\"").unwrap());
    let database = block_in_place(|| Database::connect_reading(place.url.as_ref().unwrap()));
    let live = Arc::new(Live::new(&config));
    let watch = Watch::new(database.unwrap(), config::Live::new(config), live);
    assert_eq!(watch.others().await.unwrap(), []);
    let other =
        |name: &str, works| Other { name: name.to_owned(), works, modems: vec!["one".to_owned()] };
    let (three, two) = (opened("three"), opened("two"));
    assert_eq!(watch.others().await.unwrap(), [other("three", true), other("two", true)]);
    block_in_place(|| drop(two));
    let gone = async {
        while watch.others().await.unwrap() != [other("three", true), other("two", false)] {
            sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(Duration::from_secs(60), gone).await.is_ok(), "it is taken for one that works");
    block_in_place(|| drop((one, three)));
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn two_gateways_of_one_name_are_refused_in_a_sentence() {
    let place = Place::new();
    let _one = new(&place, "one").unwrap();
    let sentence = new(&place, "one").err().unwrap();
    assert!(sentence.contains("another gateway with the name \"one\" works on it"), "{sentence}");
    assert!(!sentence.contains("options="), "{sentence}");
}

#[test]
#[ignore = "needs PostgreSQL: .ci/postgres"]
fn a_connection_that_is_lost_comes_back_and_nothing_is_done_twice() {
    let place = Place::new();
    let mut one = new(&place, "one").unwrap();
    one.begin();
    one.text("a", "hi").unwrap();
    let mut other = place.open();
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN \
         (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 'gateway'::regclass::oid)",
        &[],
    );
    other.checked().unwrap();
    assert!(one.commit().is_err());
    one.begin();
    assert!(given(&mut one).is_none(), "it was never accepted");
    one.text("a", "hi").unwrap();
    assert!(given(&mut one).is_some());
    one.commit().unwrap();
    assert_eq!(one.credits(), 900);
}

/// How many customers send through each gateway.
const CUSTOMERS: usize = 2;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: .ci/postgres"]
async fn a_gateway_is_killed_and_the_other_one_serves_its_customers() {
    callbacks::install_tls();
    let place = block_in_place(Place::new);
    let ledger = Shared::default();
    let callback_port = serve_customers(ledger.clone()).await;
    let network = Network::new();
    let mut gateways = Vec::new();
    for (name, sim) in [("one", "4520001204"), ("two", "4520001205")] {
        let folder = TempDir::new().unwrap();
        let line_port = serve_modem(&network, sim, Arc::new(AtomicU8::new(0))).await;
        let more = format!("name = \"{name}\"\n{}", place.line());
        configure(folder.path(), &more, sim, line_port, callback_port);
        gateways.push((Gateway::start(folder.path()), folder));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let at = |gateway: &Gateway| format!("{callback_port}|{}", gateway.url);
    let urls: Vec<_> =
        gateways.iter().map(|(gateway, _)| Arc::new(Mutex::new(at(gateway)))).collect();
    let customers: Vec<_> = (0..2 * CUSTOMERS)
        .map(|number| {
            let url = urls[number % 2].clone();
            tokio::spawn(customer(number, url, ledger.clone(), stop.clone()))
        })
        .collect();
    let arrived = || network.handset(HANDSET).messages;
    let works = async |count: usize| {
        while arrived().len() < count {
            sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(timeout(Duration::from_secs(60), works(20)).await.is_ok(), "it sends nothing");
    gateways[0].0.kill();
    {
        // Reports of what it has sent come to a modem that nobody listens to.
        let mut ledger = ledger.lock().unwrap();
        ledger.lost = ledger.accepted.len() - ledger.reports.len();
    }
    // Its customers go to the other one.
    *urls[0].lock().unwrap() = urls[1].lock().unwrap().clone();
    let count = arrived().len() + 20;
    assert!(timeout(Duration::from_secs(60), works(count)).await.is_ok(), "it sends no more");
    stop.store(true, Ordering::SeqCst);
    for customer in customers {
        customer.await.unwrap();
    }
    // Reports come last.
    let unreported = || {
        let ledger = ledger.lock().unwrap();
        let told = |id: &&String| !ledger.reports.contains_key(*id);
        ledger.accepted.iter().filter(told).cloned().collect::<Vec<_>>()
    };
    let (mut before, mut calm) = (0, 0);
    while calm < 400 {
        let now = unreported().len();
        calm = if now == before { calm + 1 } else { 0 };
        before = now;
        sleep(Duration::from_millis(20)).await;
    }
    let mut came = BTreeMap::<String, usize>::new();
    for message in arrived() {
        *came.entry(message.text.split(' ').next().unwrap_or_default().to_owned()).or_default() +=
            1;
    }
    assert!(came.values().all(|count| *count == 1), "{came:?}");
    let mut database = block_in_place(|| place.open());
    for id in unreported() {
        assert!(came.contains_key(&id), "{id} is lost");
        // Only the modem that nobody listens to any more has such.
        let sql = "SELECT o.name FROM request r JOIN message m ON m.request = r.id \
                   JOIN awaited a ON a.message = m.id JOIN modem o ON o.id = a.modem \
                   WHERE r.client_id = $1";
        let modem = block_in_place(|| database.one(sql, &[(&id).into()], |row| row.string(0)));
        assert_eq!(modem.as_deref(), Some("one/one"), "{id}");
    }
    let ledger = ledger.lock().unwrap();
    for (id, codes) in &ledger.reports {
        assert!(codes.iter().all(|code| code == &codes[0]), "{id}: {codes:?}");
        assert!(matches!(codes[0].as_str(), "1" | "5"), "{id}: {codes:?}");
        assert!(codes[0] != "1" || came.contains_key(id), "{id} is called delivered");
    }
    println!(
        "{} accepted, {} reported, {} sent by the gateway that was killed and not reported",
        ledger.accepted.len(),
        ledger.reports.len(),
        ledger.accepted.len() - ledger.reports.len()
    );
}
