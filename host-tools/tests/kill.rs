//! A gateway that is killed at any moment loses nothing that it has accepted, sends nothing twice that it
//! knows to be sent, and goes on with its callbacks.
//!
//! The modem, the network, the customer and the customer's server are in this process and outlive it.
//! `SEPTET_KILLS` says how often it is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use septet_firmware::profile::GENERIC;
use septet_host::database::Database;
use septet_host::network::Network;
use septet_host::virtual_modem::VirtualModem;
use septet_host::{accounts, callbacks};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

const SIM: &str = "4520001204";
const HANDSET: &str = "4512345678";

/// How many customers send at the same time.
const CUSTOMERS: usize = 4;

/// How many messages of theirs are on their way at the same time.
const AT_ONCE: usize = 12;

/// What the line to the modem is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Moment {
    /// Nothing of a message.
    Idle,
    /// `AT+CMGS` was written, and no prompt came.
    Prompt,
    /// The prompt came, and the PDU is not whole.
    Pdu,
    /// The PDU was written, and no result came.
    Result,
}

const MOMENTS: [Moment; 4] = [Moment::Idle, Moment::Prompt, Moment::Pdu, Moment::Result];

impl Moment {
    /// What the line is doing after these octets, where they change that.
    fn after(octets: &[u8], from_gateway: bool) -> Option<Self> {
        let has = |text: &[u8]| octets.windows(text.len()).any(|window| window == text);
        Some(match from_gateway {
            true if has(b"\x1A") => Self::Result,
            true if has(b"AT+CMGS=") => Self::Prompt,
            false if has(b"> ") => Self::Pdu,
            false if has(b"OK") || has(b"ERROR") => Self::Idle,
            _ => return None,
        })
    }
}

/// How long octets are on their way in one direction.
const ON_THE_WAY: Duration = Duration::from_millis(3);

/// Carries octets until either end is closed, and notes what the line is doing, as the gateway sees it.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    moment: Arc<AtomicU8>,
    from_gateway: bool,
) {
    let mut octets = [0; 1024];
    while let Ok(len @ 1..) = from.read(&mut octets).await {
        let after = Moment::after(&octets[..len], from_gateway);
        let note = || after.map(|after| moment.store(after as u8, Ordering::SeqCst));
        if from_gateway {
            note();
        }
        sleep(ON_THE_WAY).await;
        if !from_gateway {
            note();
        }
        if to.write_all(&octets[..len]).await.is_err() {
            break;
        }
    }
}

/// What the customers know.
#[derive(Default)]
struct Ledger {
    /// Whether the customers send as fast as they can.
    eager: bool,
    /// Ids of messages that were accepted.
    accepted: BTreeSet<String>,
    /// Ids that were asked and not answered, when the gateway was killed.
    unanswered: BTreeSet<String>,
    /// The codes that the customer's server was told, by id.
    reports: BTreeMap<String, Vec<String>>,
    /// The texts that it was told.
    inbound: BTreeMap<String, usize>,
}

type Shared = Arc<Mutex<Ledger>>;

/// Takes every callback.
async fn customer_server(State(ledger): State<Shared>, RawQuery(query): RawQuery) -> String {
    let query = query.unwrap_or_default();
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_default().to_owned()
    };
    let mut ledger = ledger.lock().unwrap();
    let code = value("statuscode");
    if code.is_empty() {
        *ledger.inbound.entry(value("text")).or_default() += 1;
        return "cmd=asynch-no-trace".to_owned();
    }
    ledger.reports.entry(value("sessionid")).or_default().push(code);
    String::new()
}

struct Gateway {
    child: Child,
    url: String,
}

impl Gateway {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_septet"))
            .current_dir(folder)
            .args(["serve"])
            .stdout(Stdio::piped())
            .stderr(fs::File::options().create(true).append(true).open(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        Self { child, url: line.rsplit(' ').next().unwrap().to_owned() }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends messages one after the other until it is told to stop; one that is not answered is asked again.
async fn customer(number: usize, url: Arc<Mutex<String>>, ledger: Shared, stop: Arc<AtomicBool>) {
    let client =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    for count in 0.. {
        // Every tenth has three parts.
        let text = if count % 10 == 9 { "x".repeat(400) } else { "hi".to_owned() };
        let id = format!("{number}-{count}");
        let form = format!(
            "user=demo&password=secret&to={HANDSET}&sessionid={id}&callbackurl=http%3A%2F%2F127.0.0.1%3A\
             {}%2Fdsn&text={id}+{text}",
            url.lock().unwrap().split_once('|').unwrap().0
        );
        loop {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let to = url.lock().unwrap().split_once('|').unwrap().1.to_owned();
            ledger.lock().unwrap().unanswered.insert(id.clone());
            let sent = client.post(format!("{to}/sendsms")).body(form.clone()).send().await;
            if let Ok(reply) = sent {
                let status = reply.status().as_u16();
                assert_eq!(status, 200, "{:?}", reply.text().await);
                let mut ledger = ledger.lock().unwrap();
                ledger.unanswered.remove(&id);
                ledger.accepted.insert(id);
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
        // Not more than the modem gets done: it shows a report in 200 ms.
        let is_much = || {
            let ledger = ledger.lock().unwrap();
            !ledger.eager && ledger.accepted.len() > ledger.reports.len() + AT_ONCE
        };
        while is_much() && !stop.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_loses_nothing_and_sends_nothing_twice() {
    let kills: usize = std::env::var("SEPTET_KILLS").map_or(10, |kills| kills.parse().unwrap());
    callbacks::install_tls();
    let folder = TempDir::new().unwrap();
    let ledger = Shared::default();

    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback_port = server.local_addr().unwrap().port();
    let app = Router::new().fallback(customer_server).with_state(ledger.clone());
    tokio::spawn(async move { axum::serve(server, app).await.unwrap() });

    let network = Network::new();
    let sim = network.add_sim(SIM, &[]);
    let moment = Arc::new(AtomicU8::new(0));
    let line = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line_port = line.local_addr().unwrap().port();
    let mut modem = VirtualModem::new(&GENERIC, network.clone(), sim, Vec::new());
    let seen = moment.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = line.accept().await {
            let (from_gateway, to_gateway) = stream.into_split();
            let (near, far) = tokio::io::duplex(4096);
            let (from_modem, to_modem) = tokio::io::split(near);
            let there = tokio::spawn(carry(from_gateway, to_modem, seen.clone(), true));
            let back = tokio::spawn(carry(from_modem, to_gateway, seen.clone(), false));
            tokio::select! {
                // It ends with the gateway that it serves.
                _ = modem.run(far) => {}
                _ = there => {}
            }
            back.abort();
        }
    });

    let hash = accounts::hash("secret").unwrap();
    let config = format!(
        r#"
        listen = "127.0.0.1:0"
        [callbacks]
        allow = ["127.0.0.0/8"]
        [callbacks.retry.gatewayapi-v2]
        first = ["50ms"]
        then = "50ms"
        until = "10min"
        [[account]]
        name = "demo"
        password = "{hash}"
        [[account.keyword]]
        number = "{SIM}"
        keyword = "TEST"
        url = "http://127.0.0.1:{callback_port}/mo"
        api = "gatewayapi-v2"
        [[modem]]
        name = "one"
        port = "tcp:127.0.0.1:{line_port}"
        number = "{SIM}"
        "#
    );
    fs::write(folder.path().join("septet.toml"), config).unwrap();
    let mut gateway = Gateway::start(folder.path());
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
        let mut database = Database::open(&folder.path().join("septet-data/septet.db")).unwrap();
        for id in unanswered {
            let sql = "SELECT 1 FROM request WHERE client_id = $1";
            match database.one(sql, &[(&id).into()], |_| ()) {
                Some(()) => on_commit += 1,
                None => on_accept += 1,
            }
        }
        drop(database);
        gateway = Gateway::start(folder.path());
        *url.lock().unwrap() = format!("{callback_port}|{}", gateway.url);
    }
    stop.store(true, Ordering::SeqCst);
    for customer in customers {
        customer.await.unwrap();
    }
    handset.await.unwrap();

    // Everything comes to its end. A report that the modem wrote to a gateway that was killed is lost, as
    // it would be with a real one that wants no acknowledgement: its message stays sent.
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
    let mut database = Database::open(&folder.path().join("septet-data/septet.db")).unwrap();
    let (mut delivered, mut unknown, mut unreported) = (0, 0, 0);
    for id in &ledger.accepted {
        let arrived = arrived.get(id).copied().unwrap_or_default();
        let Some(codes) = ledger.reports.get(id) else {
            let sql = "SELECT 1 FROM request r JOIN message m ON m.request = r.id \
                       JOIN awaited a ON a.message = m.id WHERE r.client_id = $1";
            let is_awaited = database.one(sql, &[id.into()], |_| ()).is_some();
            assert!(is_awaited && arrived == 1, "{id} is lost: arrived {arrived} times");
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
}
