//! A gateway in a process of its own, which may be killed, and what outlives it: modems, the network,
//! the customers and the customers' server.
#![allow(dead_code)] // Not every test needs all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use septet_firmware::profile::GENERIC;
use septet_host::accounts;
use septet_host::network::Network;
use septet_host::virtual_modem::VirtualModem;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::sleep;

pub const HANDSET: &str = "4512345678";

/// How many messages of theirs are on their way at the same time.
const AT_ONCE: usize = 12;

/// What the line to the modem is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Moment {
    /// Nothing of a message.
    Idle,
    /// `AT+CMGS` was written, and no prompt came.
    Prompt,
    /// The prompt came, and the PDU is not whole.
    Pdu,
    /// The PDU was written, and no result came.
    Result,
}

pub const MOMENTS: [Moment; 4] = [Moment::Idle, Moment::Prompt, Moment::Pdu, Moment::Result];

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
pub struct Ledger {
    /// Whether the customers send as fast as they can.
    pub eager: bool,
    /// How many reports nobody waits for, since they may be lost.
    pub lost: usize,
    /// Ids of messages that were accepted.
    pub accepted: BTreeSet<String>,
    /// Ids that were asked and not answered, when the gateway was killed.
    pub unanswered: BTreeSet<String>,
    /// The codes that the customer's server was told, by id.
    pub reports: BTreeMap<String, Vec<String>>,
    /// The texts that it was told.
    pub inbound: BTreeMap<String, usize>,
}

pub type Shared = Arc<Mutex<Ledger>>;

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

pub struct Gateway {
    child: Child,
    pub url: String,
}

impl Gateway {
    pub fn start(folder: &Path) -> Self {
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

    pub fn kill(&mut self) {
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
pub async fn customer(
    number: usize,
    url: Arc<Mutex<String>>,
    ledger: Shared,
    stop: Arc<AtomicBool>,
) {
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
            !ledger.eager && ledger.accepted.len() > ledger.reports.len() + ledger.lost + AT_ONCE
        };
        while is_much() && !stop.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Serves the customers' server: its port.
pub async fn serve_customers(ledger: Shared) -> u16 {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let app = Router::new().fallback(customer_server).with_state(ledger);
    tokio::spawn(async move { axum::serve(server, app).await.unwrap() });
    port
}

/// Serves a modem with the SIM of this number: the port of its line, on which `moment` is what it is doing.
pub async fn serve_modem(network: &Network, number: &str, moment: Arc<AtomicU8>) -> u16 {
    let sim = network.add_sim(number, &[]);
    let line = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = line.local_addr().unwrap().port();
    let mut modem = VirtualModem::new(&GENERIC, network.clone(), sim, Vec::new());
    tokio::spawn(async move {
        while let Ok((stream, _)) = line.accept().await {
            let (from_gateway, to_gateway) = stream.into_split();
            let (near, far) = tokio::io::duplex(4096);
            let (from_modem, to_modem) = tokio::io::split(near);
            let there = tokio::spawn(carry(from_gateway, to_modem, moment.clone(), true));
            let back = tokio::spawn(carry(from_modem, to_gateway, moment.clone(), false));
            tokio::select! {
                // It ends with the gateway that it serves.
                _ = modem.run(far) => {}
                _ = there => {}
            }
            back.abort();
        }
    });
    port
}

/// Writes the configuration of a gateway with one modem. `more` are lines at its beginning.
pub fn configure(folder: &Path, more: &str, sim: &str, line_port: u16, callback_port: u16) {
    let hash = accounts::hash("secret").unwrap();
    let config = format!(
        r#"
        listen = "127.0.0.1:0"
        {more}
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
        number = "{sim}"
        keyword = "TEST"
        url = "http://127.0.0.1:{callback_port}/mo"
        api = "gatewayapi-v2"
        [[modem]]
        name = "one"
        port = "tcp:127.0.0.1:{line_port}"
        number = "{sim}"
        "#
    );
    fs::write(folder.join("septet.toml"), config).unwrap();
}
