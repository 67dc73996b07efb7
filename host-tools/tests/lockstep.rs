//! `septet modem --lockstep`: the virtual modem in the time of another program.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What the modem answers to these lines.
fn answers(arguments: &[&str], lines: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(["modem", "--lockstep"]).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A line with octets.
fn typed(time: u64, text: &str) -> String {
    let digits: String = text.bytes().map(|octet| format!("{octet:02X}")).collect();
    format!("{time} octets {digits}")
}

/// What was written, with its times.
fn written(answers: &[String]) -> Vec<(u64, String)> {
    let octets = |line: &String| {
        let (time, digits) = line.split_once(" octets ")?;
        let octet = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap() as char;
        Some((time.parse().unwrap(), (0..digits.len()).step_by(2).map(octet).collect()))
    };
    answers.iter().filter_map(octets).collect()
}

/// `hello` to 4512345678, with a report.
const HELLO: &str = "0031000A9154214365870000AA05E8329BFD06\x1a";

#[test]
fn time_goes_by_as_the_other_program_says() {
    let said = answers(
        &["--fault", "1=late:3600000"],
        &["0", &typed(10, "ATE0\rAT+CMGS=18\r"), &typed(1_000, HELLO), "5000000000"],
    );
    let hour = 3_600_001_000;
    assert_eq!(
        written(&said),
        [
            (10, "ATE0\r\r\nOK\r\n\r\n> ".to_owned()),
            (hour, "\r\n+CMGS: 1\r\n\r\nOK\r\n".to_owned())
        ]
    );
    assert_eq!(said[..2], ["0 status on", "0 next never"]);
    // The message is at the handset before the modem says so.
    let event = |text| format!("1000 event {text}");
    assert!(said.contains(&event("4512345678 received from +4512340001: \"hello\"")), "{said:?}");
    assert!(said.contains(&format!("1000 next {hour}")), "{said:?}");
    assert_eq!(said.last().unwrap(), "5000000000 next never");
}

#[test]
fn the_same_input_has_the_same_output() {
    let lines = [
        &typed(0, "ATE0;+CNMI=2,2,0,1,0\r"),
        "1000000 handset 4512345678 to 4512340001 Hello there",
        "1500000 trouble one in 9 octets: change",
        "1600000 handset 4512345678 to 4512340001 again",
        &typed(9_000_000, "AT+CMGS=18\r"),
        &typed(9_100_000, HELLO),
        "99000000",
    ];
    let first = answers(&["--seed", "7"], &lines);
    assert_eq!(first, answers(&["--seed", "7"], &lines));
    let all: String = written(&first).into_iter().map(|(_, text)| text).collect();
    // The service centre's timestamp, its digits swapped: 2026-01-01, 00:00:01.
    assert!(all.contains("+CMT: ") && all.contains("62101000001000"), "{all}");
}

#[test]
fn pins_switch_the_modem() {
    let said = answers(
        &["--off", "--profile", "SIM800"],
        &[
            &typed(0, "AT\r"),
            "1000000 pwrkey held",
            // Too short.
            "1900000 pwrkey released",
            "3000000 pwrkey held",
            "4200000 pwrkey released",
            &typed(6_000_000, "AT\r"),
            "7000000 reset held",
            "7300000 reset released",
            "9000000 pwrkey held",
            "11000000 pwrkey released",
            "12000000 supply off",
            "12100000 pwrkey held",
            "19000000 supply on",
            // It was not held.
            "19500000 reset released",
            "20000000 trouble now: power on",
            "22000000 trouble at 2 typed octets: power off",
            &typed(23_000_000, "AT\r"),
        ],
    );
    let status: Vec<&str> =
        said.iter().filter(|line| line.contains("status")).map(String::as_str).collect();
    assert_eq!(
        status,
        [
            "0 status off",
            "4000000 status on",
            "7000000 status off",
            "7300000 status on",
            "10500000 status off",
            "20000000 status on",
            "23000000 status off",
        ]
    );
    let first = |start: &str| {
        let written = written(&said);
        let found = written.iter().filter(|(_, text)| text.contains(start));
        found.map(|(time, _)| *time).collect::<Vec<_>>()
    };
    assert_eq!(first("RDY"), [5_000_000, 8_300_000, 21_000_000]);
    assert_eq!(first("OK"), [6_000_000]);
    assert_eq!(first("NORMAL POWER DOWN"), [10_500_000]);
}

#[test]
fn what_is_no_line_is_refused_and_the_next_is_taken() {
    let refused = [
        ("x", "a line begins with the time in microseconds"),
        ("4", "that time has passed"),
        ("5 octets 4", "octets are hexadecimal digits"),
        ("5 pwrkey on", "pwrkey is held or released"),
        ("5 handset 4512345678 to 4512340001", "write handset NUMBER to NUMBER TEXT"),
        ("5 boom", "\"boom\" is none of octets, pwrkey, reset, supply, trouble and handset"),
        ("5 handset 4512345678 to 999 hi", "nobody has the number \"999\"; known are 4512340001"),
    ];
    let lines: Vec<&str> = ["5"].into_iter().chain(refused.map(|(line, _)| line)).collect();
    let said = answers(&[], &lines);
    let expected = ["5 status on".to_owned(), "5 next never".to_owned()].into_iter().chain(
        refused.iter().flat_map(|(_, why)| [format!("5 refused {why}"), "5 next never".to_owned()]),
    );
    assert_eq!(said, expected.collect::<Vec<_>>());
}
