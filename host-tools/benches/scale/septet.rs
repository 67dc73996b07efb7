//! A gateway in a process of its own, who asks it, and what it takes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use septet_host::accounts;

use crate::serve::serve;

/// The most recipients of a request.
const RECIPIENTS_MAX: usize = 1000;

/// Where the numbers of recipients begin.
const FIRST_NUMBER: u64 = 4_512_000_000;

/// How many messages may wait for a modem.
const WAITING_MAX: u64 = 2_000_000;

/// How many connections ask at the same time where each message has a request of its own.
const CONNECTIONS: usize = 64;

/// The password of the account and of the operator's page.
const PASSWORD: &str = "secret";

/// In what parts of a second Linux tells how long a process has worked.
const TICKS: u64 = 100;

/// What a gateway has for modems.
#[derive(Clone, Copy)]
pub enum Modems {
    /// So many of the virtual network inside the gateway.
    Virtual(usize),
    /// One where nobody answers, so that all that is accepted waits.
    Gone,
}

/// Writes a gateway's configuration.
pub fn configure(folder: &Path, modems: Modems) {
    let hash = accounts::hash(PASSWORD).unwrap();
    let (port, count) = match modems {
        Modems::Virtual(count) => ("virtual", count),
        Modems::Gone => ("tcp:127.0.0.1:9", 1),
    };
    let mut config = format!(
        "listen = \"127.0.0.1:0\"\nwaiting_max = {WAITING_MAX}\n[callbacks]\nallow = [\"127.0.0.0/8\"]\n[operator]\n\
         password = \"{hash}\"\n[[account]]\nname = \"demo\"\npassword = \"{hash}\"\n"
    );
    for modem in 0..count {
        let number = 4_520_000_000 + modem;
        config +=
            &format!("[[modem]]\nname = \"m{modem}\"\nport = \"{port}\"\nnumber = \"{number}\"\n");
    }
    fs::write(folder.join("septet.toml"), config).unwrap();
}

/// The file of a gateway's store.
pub fn store(folder: &Path) -> PathBuf {
    folder.join("septet-data/septet.db")
}

/// A gateway, until it is dropped.
pub struct Septet {
    address: SocketAddr,
    process: Child,
}

impl Drop for Septet {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a process has in memory, in octets.
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// What it was at most.
    pub peak: u64,
}

impl Septet {
    /// Starts the one of a folder, and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        let (address, process) = serve(folder);
        Self { address, process }
    }

    /// Makes something go wrong with one of its virtual modems, which are counted from 1.
    pub fn trouble(folder: &Path, modem: usize, trouble: &str) {
        let mut septet = Command::new(env!("CARGO_BIN_EXE_septet"));
        septet.current_dir(folder).args(["trouble", "--modem", &modem.to_string(), trouble]);
        assert!(septet.status().unwrap().success());
    }

    /// Stops it as a service is stopped.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.process.wait().unwrap().success());
    }

    /// What it has in memory.
    pub fn memory(&self) -> Memory {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            kib << 10
        };
        Memory { resident: field("VmRSS:"), peak: field("VmHWM:") }
    }

    /// How many files it has open.
    pub fn files(&self) -> u64 {
        fs::read_dir(self.proc("fd")).unwrap().count() as u64
    }

    /// How many threads it has.
    pub fn threads(&self) -> u64 {
        fs::read_dir(self.proc("task")).unwrap().count() as u64
    }

    /// How long it has worked on the processors so far, as a user and in the system.
    pub fn worked(&self) -> Duration {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        // Behind the name, which may have anything in it, and the twelve fields before those two.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks: u64 =
            fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 1000 / TICKS)
    }

    /// What the system tells of it.
    fn proc(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.process.id())
    }

    /// A connection that stays open.
    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection(BufReader::new(stream))
    }

    /// Has a message accepted to each of these numbers, in requests as large as they may be.
    pub fn submit(&self, numbers: impl IntoIterator<Item = u64>, callback: Option<SocketAddr>) {
        let mut connection = self.connect();
        let all: Vec<u64> = numbers.into_iter().collect();
        for numbers in all.chunks(RECIPIENTS_MAX) {
            let to: Vec<String> =
                numbers.iter().map(|number| (FIRST_NUMBER + number).to_string()).collect();
            let body = format!(
                "user=demo&password={PASSWORD}&to={}&sessionid=x:{}&text=Hello{}",
                to.join(","),
                numbers[0],
                callback_url(callback)
            );
            connection.ask("POST", "/sendsms", &form(&body));
            connection.answer();
        }
    }

    /// Has a message accepted to each of these numbers, each in a request of its own.
    pub fn ask_each(&self, numbers: &[u64]) {
        let mut connections: Vec<Connection> = (0..CONNECTIONS).map(|_| self.connect()).collect();
        for numbers in numbers.chunks(CONNECTIONS) {
            for (connection, number) in connections.iter_mut().zip(numbers) {
                connection.ask_for_message(*number, None);
            }
            for (connection, _) in connections.iter_mut().zip(numbers) {
                connection.answer();
            }
        }
    }

    /// Has a message accepted to each of these numbers, in batches of so many.
    pub fn submit_batches(&self, numbers: &[u64], size: usize) {
        let mut connection = self.connect();
        for numbers in numbers.chunks(size) {
            let lines: String = numbers
                .iter()
                .map(|number| format!("%22{}%22,%22Hello%22%0A", FIRST_NUMBER + number))
                .collect();
            let body =
                format!("username=demo&password={PASSWORD}&batch_data=msisdn,message%0A{lines}");
            connection.ask("POST", "/eapi/submission/send_batch/1/1.0", &form(&body));
            let answer = connection.answer();
            assert!(answer.starts_with("0|"), "{answer}");
        }
    }

    /// The cookie of who is logged in at the operator's page.
    pub fn log_in(&self) -> String {
        let mut connection = self.connect();
        connection.ask("POST", "/login", &form(&format!("password={PASSWORD}")));
        let (head, _) = connection.reply();
        let cookie = head.iter().find_map(|line| line.strip_prefix("set-cookie:"));
        let cookie = cookie.expect("a cookie").trim();
        cookie.split(';').next().unwrap_or_default().to_owned()
    }
}

/// The field of a form that names a customer's server.
fn callback_url(callback: Option<SocketAddr>) -> String {
    let url = callback.map(|callback| format!("&callbackurl=http%3A%2F%2F{callback}%2F"));
    url.unwrap_or_default()
}

/// The headers and the body of a form.
fn form(body: &str) -> String {
    let length = body.len();
    format!(
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// A connection to a gateway.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Asks, with headers of one's own, the empty line and a body.
    pub fn ask(&mut self, method: &str, target: &str, rest: &str) {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{rest}");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
    }

    /// Asks for a message to a number.
    pub fn ask_for_message(&mut self, number: u64, callback: Option<SocketAddr>) {
        let target = format!(
            "/sendsms?user=demo&password={PASSWORD}&to={}&sessionid=y:{number}&text=Hello{}",
            FIRST_NUMBER + number,
            callback_url(callback)
        );
        self.ask("GET", &target, "\r\n");
    }

    /// Asks with a password that is wrong, and is refused.
    pub fn guess(&mut self, number: usize) {
        self.ask("GET", &format!("/sendsms?user=demo&password=wrong{number}&to=45"), "\r\n");
        let (head, _) = self.reply();
        assert!(!head[0].contains(" 200 "), "{}", head[0]);
    }

    /// Reads the body of an answer that is none of a refusal.
    pub fn answer(&mut self) -> String {
        let (head, body) = self.reply();
        assert!(head[0].contains(" 200 "), "{}: {body}", head[0]);
        body
    }

    /// Reads an answer: the lines of its head, in lower case but for values, and its body.
    fn reply(&mut self) -> (Vec<String>, String) {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "closed");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            head.push(line.to_owned());
        }
        let length = head.iter().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.expect("a length").trim().parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (head, String::from_utf8_lossy(&body).into_owned())
    }
}
