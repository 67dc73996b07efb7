//! A gateway that is killed at any moment loses nothing that it has accepted, sends nothing twice that it
//! knows to be sent, and goes on with its callbacks.
//!
//! The modem, the network, the customer and the customer's server are in this process and outlive it.
//! `SEPTET_KILLS` says how often it is killed.

mod place;
mod world;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use septet_host::database::Database;
use septet_host::network::Network;
use septet_host::{accounts, callbacks};
use tokio::task::block_in_place;
use tokio::time::{sleep, timeout};

use place::Place;
use world::{
    Gateway, HANDSET, MOMENTS, Moment, Shared, configure, customer, serve_customers, serve_modem,
};

const SIM: &str = "4520001204";

/// What the database has of a part whose outcome nobody knows.
const UNKNOWN: [u8; 2] = [3, 4];

/// How many customers send at the same time.
const CUSTOMERS: usize = 4;

/// The database of the gateway.
fn open(place: &Place) -> Database {
    match &place.url {
        None => Database::open(&place.folder.path().join("septet-data/septet.db")).unwrap(),
        Some(url) => Database::connect(url).unwrap(),
    }
}

/// Whether a part of this message may be sent or not, and nobody can tell, as the database has it.
fn has_unknown_part(database: &mut Database, id: &str) -> bool {
    let sql =
        "SELECT m.fates FROM request r JOIN message m ON m.request = r.id WHERE r.client_id = $1";
    let has = |fates: &[u8]| fates.chunks(2).any(|fate| fate == UNKNOWN);
    database.one(sql, &[id.into()], |row| has(row.octets(0))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_loses_nothing_and_sends_nothing_twice() {
    let kills: usize = std::env::var("SEPTET_KILLS").map_or(10, |kills| kills.parse().unwrap());
    callbacks::install_tls();
    let place = block_in_place(Place::new);
    let folder = place.folder.path();
    let ledger = Shared::default();

    let callback_port = serve_customers(ledger.clone()).await;
    let network = Network::new();
    let moment = Arc::new(AtomicU8::new(0));
    let line_port = serve_modem(&network, SIM, moment.clone()).await;
    configure(folder, &place.line(), SIM, line_port, callback_port);
    let mut gateway = Gateway::start(folder);
    // Where customers send, behind the port of their own server.
    let url = Arc::new(Mutex::new(format!("{callback_port}|{}", gateway.url)));

    let stop = Arc::new(AtomicBool::new(false));
    let customers: Vec<_> = (0..CUSTOMERS)
        .map(|number| tokio::spawn(customer(number, url.clone(), ledger.clone(), stop.clone())))
        .collect();
    let answered = Arc::new(AtomicUsize::new(0));
    let handset = {
        let (network, stop, answered) = (network.clone(), stop.clone(), answered.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let number = answered.fetch_add(1, Ordering::SeqCst);
                network.send_from_handset(HANDSET, SIM, &format!("test {number}")).unwrap();
                sleep(Duration::from_secs(1)).await;
            }
        })
    };

    let mut fell = BTreeMap::<Moment, usize>::new();
    let (mut on_accept, mut on_commit) = (0, 0);
    for number in 0..kills {
        let mut random = [0; 2];
        accounts::random(&mut random).unwrap();
        // Not before it works: each start takes a while.
        let arrived = || network.handset(HANDSET).messages.len();
        let before = arrived();
        let works = async {
            while arrived() <= before + 1 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        assert!(timeout(Duration::from_secs(60), works).await.is_ok(), "it sends nothing any more");
        sleep(Duration::from_micros(u64::from(u16::from_le_bytes(random)) * 5)).await;
        // Turn about at each moment, where it comes; then while a request is on its way.
        let wanted = MOMENTS.get(number % (MOMENTS.len() + 1)).map(|moment| *moment as u8);
        ledger.lock().unwrap().eager = wanted.is_none();
        let comes = async {
            let is_asked = || !ledger.lock().unwrap().unanswered.is_empty();
            while wanted.map_or_else(|| !is_asked(), |own| moment.load(Ordering::SeqCst) != own) {
                tokio::task::yield_now().await;
            }
        };
        let _ = timeout(Duration::from_secs(1), comes).await;
        *fell.entry(MOMENTS[usize::from(moment.load(Ordering::SeqCst))]).or_default() += 1;
        gateway.kill();
        ledger.lock().unwrap().eager = false;
        let unanswered = ledger.lock().unwrap().unanswered.clone();
        let mut database = block_in_place(|| open(&place));
        for id in unanswered {
            let sql = "SELECT 1 FROM request WHERE client_id = $1";
            match block_in_place(|| database.one(sql, &[(&id).into()], |_| ())) {
                Some(()) => on_commit += 1,
                None => on_accept += 1,
            }
        }
        block_in_place(|| drop(database));
        gateway = Gateway::start(folder);
        *url.lock().unwrap() = format!("{callback_port}|{}", gateway.url);
    }
    stop.store(true, Ordering::SeqCst);
    for customer in customers {
        customer.await.unwrap();
    }
    handset.await.unwrap();

    // Everything comes to its end. A report that the modem wrote to a gateway that was killed is lost, as
    // it would be with a real one that wants no acknowledgement: its part stays sent, and its message open,
    // whatever is known of the other parts.
    let asked = answered.load(Ordering::SeqCst);
    let (mut before, mut calm) = (0, 0);
    let done = async {
        while calm < 500 {
            let now = {
                let ledger = ledger.lock().unwrap();
                ledger.reports.len() + ledger.inbound.len()
            };
            calm = if now == before { calm + 1 } else { 0 };
            before = now;
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(Duration::from_secs(300), done).await.is_ok(), "it never comes to rest");
    gateway.kill();
    let ledger = ledger.lock().unwrap();
    assert_eq!(ledger.inbound.len(), asked, "{:?}", ledger.inbound);

    let mut arrived = BTreeMap::<String, usize>::new();
    for message in network.handset(HANDSET).messages {
        let id = message.text.split(' ').next().unwrap_or_default().to_owned();
        *arrived.entry(id).or_default() += 1;
    }
    let mut database = block_in_place(|| open(&place));
    let (mut delivered, mut unknown, mut unreported) = (0, 0, 0);
    for id in &ledger.accepted {
        let arrived = arrived.get(id).copied().unwrap_or_default();
        let Some(codes) = ledger.reports.get(id) else {
            let sql = "SELECT 1 FROM request r JOIN message m ON m.request = r.id \
                       JOIN awaited a ON a.message = m.id WHERE r.client_id = $1";
            let is_awaited = block_in_place(|| database.one(sql, &[id.into()], |_| ())).is_some();
            let is_unknown = block_in_place(|| has_unknown_part(&mut database, id));
            let is_there = arrived == 1 || is_unknown && arrived == 0;
            assert!(is_awaited && is_there, "{id} is lost: arrived {arrived} times");
            unreported += 1;
            continue;
        };
        assert!(codes.iter().all(|code| code == &codes[0]), "{id}: {codes:?}");
        match codes[0].as_str() {
            // Delivered.
            "1" => {
                assert_eq!(arrived, 1, "{id} is called delivered");
                delivered += 1;
            }
            // Nobody knows.
            "5" => {
                assert!(arrived <= 1, "{id} arrived {arrived} times");
                unknown += 1;
            }
            code => panic!("{id}: {code}"),
        }
    }
    // What was never accepted, in the customer's eyes, is not there twice either.
    assert!(arrived.values().all(|count| *count == 1), "{arrived:?}");
    println!(
        "{kills} kills: {on_accept} requests fell on accept, {on_commit} on commit; {fell:?}; \
         {delivered} delivered, {unknown} unknown, {unreported} sent whose report was lost, {asked} \
         received"
    );
    block_in_place(|| drop(database));
}
