//! `septet send` through modems that do not play along.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

/// A status report on a message to 4512345678 with this reference, which the service centre took then.
fn report(reference: u8, taken: &str) -> String {
    format!("0006{reference:02X}0A915421436587{taken}{taken}00")
}

/// Octets of its TPDU.
const REPORT_LEN: usize = 24;

/// How long after its message a report comes.
const LATER: Duration = Duration::from_secs(3);

/// Now, as a PDU has it.
fn now() -> String {
    let now = jiff::Timestamp::now().strftime("%y%m%d%H%M%S00").to_string();
    let digits: Vec<char> = now.chars().collect();
    digits.chunks(2).flat_map(|pair| pair.iter().rev()).collect()
}

/// A modem that sends every message with reference 7, and otherwise says what `answer` does; where that
/// says nothing, `OK`. Returns its port.
fn modem(mut answer: impl FnMut(&str, usize) -> Option<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut octet, mut typed, mut sent) = ([0], String::new(), 0);
        while stream.read_exact(&mut octet).is_ok() {
            if !matches!(octet[0], b'\r' | 0x1a) {
                typed.push(char::from(octet[0]));
                continue;
            }
            let command = std::mem::take(&mut typed);
            let is_sent = octet[0] == 0x1a;
            sent += usize::from(is_sent);
            let said = answer(&command, sent).unwrap_or_else(|| match command.as_str() {
                "AT+CPIN?" => "+CPIN: READY\r\n\r\nOK".to_owned(),
                "AT+CMGF?" => "+CMGF: 0\r\n\r\nOK".to_owned(),
                "AT+CREG?" => "+CREG: 0,1\r\n\r\nOK".to_owned(),
                "AT+CSQ" => "+CSQ: 20,0\r\n\r\nOK".to_owned(),
                _ if is_sent => "+CMGS: 7\r\n\r\nOK".to_owned(),
                _ => "OK".to_owned(),
            });
            let said = match command.starts_with("AT+CMGS=") {
                true => "\r\n> ".to_owned(),
                false => format!("\r\n{said}\r\n"),
            };
            if stream.write_all(said.as_bytes()).is_err() {
                return;
            }
        }
    });
    port
}

fn send(port: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(["send", "--to", "4512345678", "hi", "--profile", "generic", "--port", port]);
    command.args(more).env_remove("SEPTET_PIN").output().unwrap()
}

/// The code that it ends with, what it prints, and what it says besides.
fn said(output: Output) -> (Option<i32>, String, String) {
    let [out, error] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code(), out, error)
}

#[test]
fn a_report_that_lies_in_a_store_unannounced_is_found_while_it_is_awaited() {
    // When it was sent: the report comes somewhat later.
    let mut since = None;
    let port = modem(move |command, sent| {
        if sent > 0 {
            since.get_or_insert_with(Instant::now);
        }
        match command {
            "AT+CMGL=4" if since.is_some_and(|since| since.elapsed() > LATER) => {
                let report = report(7, &now());
                Some(format!("+CMGL: 3,0,,{REPORT_LEN}\r\n{report}\r\n\r\nOK"))
            }
            "AT+CMGR=3" => {
                Some(format!("+CMGR: 0,,{REPORT_LEN}\r\n{}\r\n\r\nOK", report(7, &now())))
            }
            _ => None,
        }
    });
    let (code, out, error) = said(send(&port, &["--report", "--report-wait", "40"]));
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(out, "part 1: sent, reference 7, report 0 (received by the handset)\n");
}

#[test]
fn a_part_that_is_refused_for_a_reason_that_passes_is_sent_again() {
    let refusing = |times: usize, code: u16| {
        modem(move |command, sent| {
            let is_refused = command.starts_with("00") && sent <= times;
            is_refused.then(|| format!("+CMS ERROR: {code}"))
        })
    };
    let (code, out, error) = said(send(&refusing(1, 314), &[]));
    assert_eq!((code, &*out), (Some(0), "part 1: sent, reference 7\n"), "{error}");
    let again = "part 1: refused: +CMS ERROR: 314 (SIM busy); sending it again in 2 seconds\n";
    assert!(error.contains(again), "{error}");
    // What does not pass is not tried again.
    let (code, _, error) = said(send(&refusing(1, 1), &[]));
    assert_eq!(code, Some(1));
    assert!(!error.contains("again"), "{error}");
}
