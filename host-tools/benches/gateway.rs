//! How many messages a second the gateway accepts, each on disk before its reply, and how many it brings
//! to a handset; with Kannel beside it in the same run where its programs are there, and with what the
//! machine bears: a server that does nothing but keep a row for each request, and one that keeps nothing,
//! beside the gateway with its store in memory, which a restart loses.
//!
//! ```sh
//! cargo bench -p septet-host --bench gateway                 # Septet alone
//! cargo bench -p septet-host --bench gateway -- --kannel     # side by side; `--limit` as well
//! cargo bench -p septet-host --bench gateway -- accepted     # only what is accepted; or `end-to-end`
//! ```
//!
//! Contenders take turns in an order that rotates, and what counts is the median of the rounds. Loads
//! last seconds and stop by themselves; everything listens on loopback.

#[path = "kannel/mod.rs"]
mod kannel;
#[path = "limit/mod.rs"]
mod limit;
#[path = "serve/mod.rs"]
mod serve;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kannel::{Ports, connect, program};
use rusqlite::OptionalExtension as _;
use septet_host::accounts;
use serve::serve;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout_at;

/// How often each cell is measured.
const ROUNDS: usize = 5;

/// How long each load lasts, and how long one goes before it.
const LOAD: Duration = Duration::from_secs(3);
const WARM: Duration = Duration::from_millis(500);

/// How long after a load its last replies are waited for.
const UNANSWERED: Duration = Duration::from_secs(1);

/// What is sent: so many connections at the same time, each one request after the other with this text.
const LOADS: [(usize, &str); 5] = [(1, SHORT), (64, SHORT), (256, SHORT), (64, FULL), (256, FULL)];

/// A text of 32 characters, and one that fills a message: 160 septets, as `tests/bench` has them. Escaped.
const SHORT: &str = "Hello+from+the+gateway+benchmark";
const FULL: &str = "%C3%9Cbermorgen+um+9:30+fr%C3%BCh+kommt+S%C3%B8ren+%5BT%C3%BCr+3%5D+mit+%C3%86r%C3%B8\
    +und+%C3%85se,+%C3%91u%C3%B1ez+bringt+f%C3%BCr+25+%E2%82%AC+%C3%96l+und+7+~+8+kg+K%C3%A4se\
    +mit.+Bitte+klingeln,+danke+sehr+und+bis+dann+im+Haus";

/// What is measured of a load.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// Accepted requests a second.
    rate: f64,
    /// The time of the slowest reply but one in a hundred, in milliseconds.
    p99: f64,
}

/// A program that accepts messages.
struct Contender {
    name: &'static str,
    /// Starts it in a folder.
    start: fn(&Path) -> Box<dyn Running>,
}

/// A program that runs until it is dropped.
trait Running {
    fn address(&self) -> SocketAddr;
    /// The path and query of a request with this number and text.
    fn target(&self, number: u64, text: &str) -> String;
    /// What an answer that accepts begins with.
    fn accepts(&self) -> &'static str;
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Septet {
    address: SocketAddr,
    _process: Process,
    /// Where it keeps what it keeps, if that goes with it.
    _folder: Option<TempDir>,
}

/// With its store where a sync costs nothing.
fn start_in_memory(_: &Path) -> Box<dyn Running> {
    let folder = TempDir::new_in("/dev/shm").unwrap();
    let septet = septet(folder.path());
    Box::new(Septet { _folder: Some(folder), ..septet })
}

fn start_septet(folder: &Path) -> Box<dyn Running> {
    Box::new(septet(folder))
}

fn septet(folder: &Path) -> Septet {
    let hash = accounts::hash("secret").unwrap();
    // Nobody answers at the modem's port: what is measured is what is accepted.
    let config = format!(
        "listen = \"127.0.0.1:0\"\n[[account]]\nname = \"demo\"\npassword = \"{hash}\"\n\
         [[modem]]\nname = \"one\"\nport = \"tcp:127.0.0.1:9\"\nnumber = \"4520001204\"\n"
    );
    fs::write(folder.join("septet.toml"), config).unwrap();
    let (address, process) = serve(folder);
    Septet { address, _process: Process(process), _folder: None }
}

impl Running for Septet {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn target(&self, number: u64, text: &str) -> String {
        format!(
            "/sendsms?user=demo&password=secret&to=4512345678&smsc=dk.unknown&\
             sessionid=4512345678:{number}&text={text}"
        )
    }

    fn accepts(&self) -> &'static str {
        "HTTP/1.1 200"
    }
}

/// What the machine bears, as a process of its own.
struct Limit {
    address: SocketAddr,
    _process: Process,
}

/// The arguments that have this program be the server that keeps rows, in the folder behind it, and the one
/// that keeps none.
const KEEP: &str = "--keep-rows";
const KEEP_NONE: &str = "--keep-none";

fn start_limit(folder: &Path) -> Box<dyn Running> {
    start_own([KEEP.as_ref(), folder.as_os_str()])
}

fn start_hyper(_: &Path) -> Box<dyn Running> {
    start_own([KEEP_NONE.as_ref(), "".as_ref()])
}

fn start_own(arguments: [&OsStr; 2]) -> Box<dyn Running> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let line = BufReader::new(process.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let address = line.trim_start_matches("http://").parse().unwrap();
    Box::new(Limit { address, _process: Process(process) })
}

impl Running for Limit {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn target(&self, number: u64, text: &str) -> String {
        format!("/?number={number}&text={text}")
    }

    fn accepts(&self) -> &'static str {
        "HTTP/1.1 200"
    }
}

struct Kannel {
    ports: Ports,
    /// How many messages its centre has.
    arrived: Arc<AtomicU64>,
    _bearerbox: Process,
    _smsbox: Process,
}

fn start_kannel(folder: &Path) -> Kannel {
    let ports = Ports::free();
    let path = folder.join("kannel.conf");
    fs::write(&path, ports.config("")).unwrap();
    let run = |name: &str| {
        let (program, libraries) = program(name);
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", libraries).arg(&path);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Process(command.spawn().unwrap())
    };
    let bearerbox = run("bearerbox");
    // What it sends is read by a centre that counts its lines, each a message, and does nothing else.
    let mut centre = connect(ports.centre);
    let arrived = Arc::<AtomicU64>::default();
    let counted = arrived.clone();
    thread::spawn(move || {
        let mut octets = vec![0; 1 << 16];
        while let Ok(len @ 1..) = centre.read(&mut octets) {
            let lines = octets[..len].iter().filter(|octet| **octet == b'\n').count();
            counted.fetch_add(lines as u64, Ordering::Relaxed);
        }
    });
    let smsbox = run("smsbox");
    drop(connect(ports.sendsms));
    Kannel { ports, arrived, _bearerbox: bearerbox, _smsbox: smsbox }
}

impl Running for Kannel {
    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports.sendsms))
    }

    fn target(&self, number: u64, text: &str) -> String {
        format!("/cgi-bin/sendsms?username=u&password=p&from={number}&to=%2B4512345678&text={text}")
    }

    fn accepts(&self) -> &'static str {
        "HTTP/1.1 202"
    }
}

/// Sends a text over so many connections, each one request after the other, and measures the replies of
/// `LOAD`.
fn load(
    running: &dyn Running,
    (connections, text): (usize, &str),
    numbers: &Arc<AtomicU64>,
) -> Cell {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = running.address();
    let begun = Instant::now();
    let (from, to) = (begun + WARM, begun + WARM + LOAD);
    let mut times = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        // The requests of a load are made before, and taken by number.
        let (head, tail) = {
            let target = running.target(u64::MAX, text);
            let (head, tail) = target.split_once(&u64::MAX.to_string()).unwrap();
            let tail = format!("{tail} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            (format!("GET {head}"), tail)
        };
        for _ in 0..connections {
            let (head, tail, numbers) = (head.clone(), tail.clone(), numbers.clone());
            let accepts = running.accepts();
            tasks.spawn(async move {
                let mut stream = None;
                let (mut times, mut reply) = (Vec::new(), Vec::with_capacity(4096));
                let sending = async {
                    loop {
                        let number = numbers.fetch_add(1, Ordering::Relaxed);
                        let request = format!("{head}{number}{tail}");
                        let asked = Instant::now();
                        if asked >= to {
                            return;
                        }
                        // One that was closed is opened again, and its request is not counted.
                        if exchange(&mut stream, address, &request, &mut reply).await.is_err() {
                            stream = None;
                            continue;
                        }
                        let accepted = reply.starts_with(accepts.as_bytes());
                        assert!(accepted, "{}", String::from_utf8_lossy(&reply));
                        if asked >= from {
                            times.push(asked.elapsed().as_secs_f64() * 1e3);
                        }
                    }
                };
                // Kannel now and then never answers one of many connections.
                let _ = timeout_at((to + UNANSWERED).into(), sending).await;
                times
            });
        }
        tasks.join_all().await.concat()
    });
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Cell { rate: times.len() as f64 / LOAD.as_secs_f64(), p99 }
}

/// Sends a request and reads its reply, over a connection that is made where there is none.
async fn exchange(
    stream: &mut Option<tokio::net::TcpStream>,
    address: SocketAddr,
    request: &str,
    reply: &mut Vec<u8>,
) -> io::Result<()> {
    let stream = match stream {
        Some(stream) => stream,
        None => {
            let opened = stream.insert(tokio::net::TcpStream::connect(address).await?);
            opened.set_nodelay(true)?;
            opened
        }
    };
    stream.write_all(request.as_bytes()).await?;
    reply.clear();
    while !is_whole(reply) {
        if stream.read_buf(reply).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// Whether a reply is there with its whole body.
fn is_whole(reply: &[u8]) -> bool {
    let Some(end) = reply.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let (head, body) = (&reply[..end], &reply[end + 4..]);
    const LENGTH: &[u8] = b"content-length:";
    let mut lines = head.split(|octet| *octet == b'\n');
    let is_length =
        |line: &&[u8]| line.get(..LENGTH.len()).is_some_and(|own| own.eq_ignore_ascii_case(LENGTH));
    match lines.find(is_length) {
        Some(line) => {
            let digits = line.iter().filter(|octet| octet.is_ascii_digit());
            let length = digits.fold(0, |length, digit| 10 * length + usize::from(digit - b'0'));
            body.len() >= length
        }
        None => body.ends_with(b"0\r\n\r\n"),
    }
}

fn median(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

/// How often the disk syncs in a second, an octet appended before each.
fn syncs(folder: &Path) -> f64 {
    let mut file = fs::File::create(folder.join("syncs")).unwrap();
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < Duration::from_secs(1) {
        file.write_all(b"x").unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// What goes from the gateway's modems to a handset, in messages a second, with so many modems of the
/// virtual network inside the gateway.
fn end_to_end(folder: &Path, modems: usize, messages: u64) -> f64 {
    let hash = accounts::hash("secret").unwrap();
    let mut config =
        format!("listen = \"127.0.0.1:0\"\n[[account]]\nname = \"demo\"\npassword = \"{hash}\"\n");
    for modem in 0..modems {
        config += &format!(
            "[[modem]]\nname = \"m{modem}\"\nport = \"virtual\"\nnumber = \"{}\"\n",
            4_520_000_000_u64 + modem as u64
        );
    }
    fs::write(folder.join("septet.toml"), config).unwrap();
    let (address, process) = serve(folder);
    let septet = Septet { address, _process: Process(process), _folder: None };
    let path = folder.join("septet-data/septet.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    // The newest that waits is found at once: looking takes no time from what is measured.
    let is_over = || {
        let sql = "SELECT id FROM message WHERE sent IS NULL ORDER BY id DESC LIMIT 1";
        database.query_row(sql, [], |row| row.get::<_, i64>(0)).optional().unwrap().is_none()
    };
    let begun = Instant::now();
    // All of them wait before the last is sent.
    submit(&septet, messages);
    while !is_over() {
        assert!(begun.elapsed() < Duration::from_secs(120), "not all of {messages} are sent");
        thread::sleep(Duration::from_millis(5));
    }
    messages as f64 / begun.elapsed().as_secs_f64()
}

/// Has messages accepted, a thousand recipients in a request.
fn submit(septet: &Septet, messages: u64) {
    let mut stream = TcpStream::connect(septet.address).unwrap();
    let numbers: Vec<u64> = (0..messages).map(|number| 4_512_000_000 + number).collect();
    for (count, numbers) in numbers.chunks(1000).enumerate() {
        let to: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let body =
            format!("user=demo&password=secret&to={}&sessionid=x:{count}&text=Hello", to.join(","));
        let request = format!(
            "POST /sendsms HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (mut reply, mut octets) = (Vec::new(), [0; 1 << 16]);
        while !is_whole(&reply) {
            let len = stream.read(&mut octets).unwrap();
            assert!(len > 0, "closed");
            reply.extend_from_slice(&octets[..len]);
        }
        assert!(reply.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&reply));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments.iter().map(String::as_str).collect::<Vec<_>>() {
        [KEEP, folder, ..] => return limit::serve(Some(Path::new(folder))),
        [KEEP_NONE, ..] => return limit::serve(None),
        _ => {}
    }
    let is_given = |argument: &str| arguments.iter().any(|own| own == argument);
    // `cargo test` runs benchmarks as well, to see that they work.
    let rounds = if is_given("--bench") { ROUNDS } else { 0 };
    if !is_given("end-to-end") {
        let mut contenders = vec![Contender { name: "Septet", start: start_septet }];
        if is_given("--kannel") {
            let start = |folder: &Path| -> Box<dyn Running> { Box::new(start_kannel(folder)) };
            contenders.push(Contender { name: "Kannel", start });
        }
        if is_given("--limit") {
            contenders.push(Contender { name: "a row for each", start: start_limit });
            contenders.push(Contender { name: "Septet in memory", start: start_in_memory });
            contenders.push(Contender { name: "hyper alone", start: start_hyper });
        }
        compare_accepted(rounds, &contenders);
    }
    if !is_given("accepted") {
        compare_end_to_end(rounds, is_given("--kannel"));
    }
}

/// Prints how many messages a second are accepted.
fn compare_accepted(rounds: usize, contenders: &[Contender]) {
    let mut cells = vec![vec![Vec::new(); LOADS.len()]; contenders.len()];
    let mut disk = Vec::new();
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            disk.push(syncs(folder.path()));
            let running = (contenders[at].start)(folder.path());
            let numbers = Arc::new(AtomicU64::new(1_000_000));
            for (column, what) in LOADS.into_iter().enumerate() {
                cells[at][column].push(load(&*running, what, &numbers));
            }
        }
    }
    if rounds == 0 {
        return;
    }
    let (rate, min, max) = median(disk.into_iter());
    println!("the disk syncs {rate:.0} ({min:.0} to {max:.0}) times a second\n");
    println!("| accepted a second, median (min to max); p99 | {} |", {
        let heads = LOADS.map(|(connections, text)| {
            format!("{connections}, {}", if text == FULL { "160 septets" } else { "32 characters" })
        });
        heads.join(" | ")
    });
    println!("|---|{}", "---|".repeat(LOADS.len()));
    for (contender, row) in contenders.iter().zip(&cells) {
        let cells: Vec<String> = row
            .iter()
            .map(|cells| {
                let (rate, min, max) = median(cells.iter().map(|cell| cell.rate));
                let (p99, _, _) = median(cells.iter().map(|cell| cell.p99));
                format!("{rate:.0} ({min:.0} to {max:.0}); {p99:.2} ms")
            })
            .collect();
        println!("| {} | {} |", contender.name, cells.join(" | "));
    }
    let row = |name: &str| {
        let at = contenders.iter().position(|contender| contender.name == name)?;
        cells.get(at)
    };
    for (one, other) in [
        ("Septet", "Kannel"),
        ("Septet", "a row for each"),
        ("Septet in memory", "Kannel"),
        ("Septet in memory", "hyper alone"),
    ] {
        let (Some(ours), Some(theirs)) = (row(one), row(other)) else { continue };
        let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| {
            let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours.rate / theirs.rate);
            format!("{:.2}", median(ratios).0)
        });
        let ratios: Vec<String> = ratios.collect();
        println!("| {one} / {other}, in the same round | {} |", ratios.join(" | "));
    }
}

/// What gets from Kannel to its centre, in messages a second, while 64 connections ask for it.
fn end_to_end_of_kannel(folder: &Path) -> f64 {
    let kannel = start_kannel(folder);
    let begun = Instant::now();
    load(&kannel, (64, SHORT), &Arc::default());
    kannel.arrived.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// Prints how many messages a second get to a handset, and from Kannel to its centre.
fn compare_end_to_end(rounds: usize, with_kannel: bool) {
    if rounds == 0 {
        return;
    }
    let septet = [(1, 5_000), (16, 50_000)].into_iter().map(|(modems, messages)| {
        let name = format!("Septet, {modems} virtual modem(s), to a handset");
        let run = move |folder: &Path| end_to_end(folder, modems, messages);
        (name, Box::new(run) as Box<dyn Fn(&Path) -> f64>)
    });
    let kannel = with_kannel.then(|| {
        let run = Box::new(end_to_end_of_kannel) as Box<dyn Fn(&Path) -> f64>;
        ("Kannel, to its centre, without a modem".to_owned(), run)
    });
    let contenders: Vec<_> = septet.chain(kannel).collect();
    let mut rates = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let own = (round + turn) % contenders.len();
            let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            rates[own].push((contenders[own].1)(folder.path()));
        }
    }
    println!(
        "\n| end to end, messages a second | median (min to max) | times Kannel, same round |"
    );
    println!("|---|---|---|");
    for ((name, _), own) in contenders.iter().zip(&rates) {
        let (rate, min, max) = median(own.iter().copied());
        let others = if with_kannel { &rates[rates.len() - 1][..] } else { &[] };
        let ratio = match others {
            [] => "–".to_owned(),
            others => {
                let ratios = own.iter().zip(others).map(|(own, other)| own / other);
                format!("{:.2}", median(ratios).0)
            }
        };
        println!("| {name} | {rate:.0} ({min:.0} to {max:.0}) | {ratio} |");
    }
}
