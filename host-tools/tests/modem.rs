//! `septet modem` as other programs meet it: on a pseudo-terminal and at a TCP address.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use septet_host::port;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// One test at a time: a process that is being started has, for a moment, what is open here, and with it
/// the lock on a terminal that is closed and opened again.
static ALONE: Mutex<()> = Mutex::new(());

/// The running command; it is stopped when this is dropped.
struct Modem {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    _alone: MutexGuard<'static, ()>,
}

impl Modem {
    fn start(arguments: &[&str]) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
        command.arg("modem").args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said, _alone: alone }
    }

    /// The next line that it prints.
    fn said(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// `hello` to 4512345678.
const HELLO: &str = "0011000A9154214365870000AA05E8329BFD06\x1a";

#[test]
fn tcp_connections_come_and_go_and_the_modem_stays() {
    let mut modem = Modem::start(&["--listen", "tcp:127.0.0.1:0", "--number", "4599990000"]);
    let port = modem.said();
    let address = port.strip_prefix("tcp:").unwrap();
    for (write, answer) in [
        ("ATE0\r", "ATE0\r\r\nOK\r\n"),
        ("AT+CMEE=1;+CNUM\r", "\r\n+CNUM: ,\"+4599990000\",145\r\n\r\nOK\r\n"),
        ("AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n"),
        ("AT+CMGS=18\r", "\r\n> "),
        (HELLO, "\r\n+CMGS: 1\r\n\r\nOK\r\n"),
    ] {
        let mut terminal = TcpStream::connect(address).unwrap();
        terminal.write_all(write.as_bytes()).unwrap();
        let mut octets = vec![0; answer.len()];
        terminal.read_exact(&mut octets).unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), answer);
    }
    assert_eq!(modem.said(), "4512345678 received from +4599990000: \"hello\"");
}

#[test]
fn a_second_tcp_connection_is_closed_while_the_first_is_served() {
    let mut modem = Modem::start(&["--listen", "tcp:127.0.0.1:0"]);
    let port = modem.said();
    let address = port.strip_prefix("tcp:").unwrap();
    let attention = |terminal: &mut TcpStream, answer: &str| {
        terminal.write_all(b"AT\r").unwrap();
        let mut octets = vec![0; answer.len()];
        terminal.read_exact(&mut octets).unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), answer);
    };
    let answer = "AT\r\r\nOK\r\n";
    for _ in 0..3 {
        let mut first = TcpStream::connect(address).unwrap();
        attention(&mut first, answer);
        let mut second = TcpStream::connect(address).unwrap();
        assert_eq!(second.read(&mut [0]).unwrap(), 0);
        attention(&mut first, answer);
    }
}

#[tokio::test]
async fn a_pseudo_terminal_is_opened_as_a_modem_is() {
    let mut modem = Modem::start(&["--fault", "1=cms:38"]);
    let path = modem.said();
    for (write, answer) in [
        ("ATE0\r", "ATE0\r\r\nOK\r\n"),
        ("AT+CMGS=18\r", "\r\n> "),
        (HELLO, "\r\n+CMS ERROR: 38\r\n"),
        ("AT+CMGS=18\r", "\r\n> "),
        (HELLO, "\r\n+CMGS: 1\r\n\r\nOK\r\n"),
    ] {
        let mut terminal = port::open(&path, 115_200).await.unwrap();
        terminal.write_all(write.as_bytes()).await.unwrap();
        let mut octets = vec![0; answer.len()];
        terminal.read_exact(&mut octets).await.unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), answer);
    }
    assert_eq!(modem.said(), "4512345678 received from +4512340001: \"hello\"");
}

/// Runs another command, and returns what it prints.
fn septet(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_septet")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_modem_that_runs_is_troubled_and_its_handsets_are_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let (data, trace) = (folder.path().join("data"), folder.path().join("trace"));
    let [data, trace] = [&data, &trace].map(|path| path.to_str().unwrap());
    let mut modem = Modem::start(&[
        "--listen",
        "tcp:127.0.0.1:0",
        "--data",
        data,
        "--trace",
        trace,
        "--pin",
        "1234",
    ]);
    let port = modem.said();
    let mut terminal = TcpStream::connect(port.strip_prefix("tcp:").unwrap()).unwrap();
    let mut expect = |write: &str, answer: &str| {
        terminal.write_all(write.as_bytes()).unwrap();
        let mut octets = vec![0; answer.len()];
        terminal.read_exact(&mut octets).unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), answer);
    };
    expect("ATE0\r", "ATE0\r\r\nOK\r\n");
    // From here on the control file is there.
    expect("AT+CPIN=\"1234\";+CNMI=2,1\r", "\r\nOK\r\n");
    septet(&["trouble", "now: say RING", "at 6 octets: reboot", "--data", data]);
    expect("", "\r\nRING\r\n");
    septet(&["trouble", "now: answer NO CARRIER", "--data", data]);
    expect("AT\r", "\r\nNO C");
    expect("", "\r\nRDY\r\n");
    expect("ATE0;+CPIN=1234\r", "ATE0;+CPIN=1234\r\r\nOK\r\n");

    septet(&["handset", "4512345678", "--off", "--data", data]);
    expect("AT+CMGS=18\r", "\r\n> ");
    expect(HELLO, "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    let none = "4512345678 has received 0 messages\n";
    assert_eq!(septet(&["handset", "4512345678", "--data", data]), none);
    septet(&["handset", "4512345678", "--on", "--data", data]);
    assert_eq!(modem.said(), "4512345678 received from +4512340001: \"hello\"");

    expect("AT+CNMI=2,1\r", "\r\nOK\r\n");
    let (text, to) = ("x".repeat(200), "4512340001");
    let sent = septet(&["handset", "4512345678", "--send", &text, "--to", to, "--data", data]);
    assert_eq!(sent, "sent to 4512340001 in 2 parts\n");
    expect("", "\r\n+CMTI: \"ME\",1\r\n\r\n+CMTI: \"ME\",2\r\n");
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.starts_with("# format: 1\n# modem: generic\n"), "{trace}");
    assert!(trace.contains("\n> AT+CMGS=18\\r\n"), "{trace}");
}

/// What `septet send` says through this modem with this PIN in its environment.
fn send_with(pin: Option<&str>, port: &str) -> Result<String, String> {
    send(pin, port, &[])
}

fn send(pin: Option<&str>, port: &str, more: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(["send", "--to", "4512345678", "hi", "--port", port]).args(more);
    command.env_remove("SEPTET_PIN");
    let output = command.envs(pin.map(|pin| ("SEPTET_PIN", pin))).output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let sentence = said.lines().last().unwrap().trim_start_matches("septet: ");
    Err(sentence.trim_start_matches(port).to_owned())
}

#[test]
fn a_pin_is_entered_and_its_last_try_is_not_spent() {
    let mut modem = Modem::start(&["--listen", "tcp:127.0.0.1:0", "--pin", "1234"]);
    let port = modem.said();
    let refused =
        Err(": SIM refused the PIN, which is not tried again; give the right one, while \
                       there are tries left"
            .to_owned());
    assert_eq!(
        send_with(None, &port),
        Err(": SIM waits for its PIN; give it by --pin-file or SEPTET_PIN".to_owned())
    );
    assert_eq!(
        send_with(Some("123"), &port),
        Err("no PIN in SEPTET_PIN: a PIN has 4 to 8 digits".to_owned())
    );
    assert_eq!(send_with(Some("0000"), &port), refused);
    assert_eq!(send_with(Some("0001"), &port), refused);
    assert_eq!(
        send_with(Some("1234"), &port),
        Err(": SIM waits for its PIN and has one try left, which is not spent; try the PIN in a \
             telephone, where its PUK can be entered too"
            .to_owned())
    );
    drop(modem);
    let mut modem = Modem::start(&["--listen", "tcp:127.0.0.1:0", "--pin", "1234"]);
    let port = modem.said();
    assert_eq!(send_with(Some("1234"), &port), Ok("part 1: sent, reference 1\n".to_owned()));
}

#[test]
fn a_part_of_unknown_fate_is_sent_again_where_that_is_asked_for() {
    let faults = ["--fault", "1=reboot-sent", "--fault", "3=reboot-sent"];
    let listen = ["--listen", "tcp:127.0.0.1:0"];
    let mut modem = Modem::start(&[&faults[..], &listen[..]].concat());
    let port = modem.said();
    let sent = send(None, &port, &["--resend-unknown"]);
    assert_eq!(sent, Ok("part 1: sent, reference 2\n".to_owned()));
    let unknown = send_with(None, &port);
    assert_eq!(unknown, Err("1 of 1 part cannot be said to be sent".to_owned()));
}

#[test]
fn wrong_usage_is_told_with_what_is_right() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (arguments, words) in [
        (["--fault", "2=smoke"], "\"2=smoke\" is no fault: write N=WHAT"),
        (["--listen", "127.0.0.1:7000"], "write tcp:ADDRESS:PORT, as tcp:127.0.0.1:7000"),
        (["--number", "12"], "a number has 5 to 15 digits"),
        (["--manner", "rude"], "no manner is called \"rude\"; there are standard, cr-only"),
        (["--pin", "12a4"], "a PIN has 4 to 8 digits"),
        (["--profile", "none"], "no profile \"none\"; known: generic, SIM800"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
        let output = command.arg("modem").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{said}");
    }
}
