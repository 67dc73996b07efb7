//! Setting up, networks included.

use septet::at::{CmeError, Failure};
use septet_firmware::engine::{Outcome, Trouble};
use septet_firmware::profile::GENERIC;
use septet_firmware::{Busy, EventKind};

use crate::bench::{Bench, finished, plain, silent};

#[test]
fn a_modem_that_refuses_all_it_can_is_used_all_the_same() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(10_000, &mut |command| match command {
        "ATE0" | "AT+CMGF=0" => None,
        _ => Some("\r\nERROR\r\n"),
    });
    assert_eq!(bench.take(), [EventKind::Ready]);
    bench.send().unwrap();
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
}

#[test]
fn a_modem_that_never_answers_is_lost_and_found() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(600_000, &mut silent);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::NoAnswer)]);
    assert_eq!(bench.send(), Err(Busy::NotReady));
    bench.pass(100_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_locked_sim_is_told_and_not_touched() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(200_000, &mut |command| {
        (command == "AT+CPIN?").then_some("\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n")
    });
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::SimPin)]);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CPIN=")));
    bench.pass(10_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_missing_ok_after_cpin_is_not_waited_for() {
    // modem-wavecom-cpin-without-ok
    let mut bench = Bench::new(&GENERIC);
    bench.pass(5_000, &mut |command| (command == "AT+CPIN?").then_some("\r\n+CPIN: READY\r\n"));
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn answers_that_come_late_and_in_a_block_are_not_taken_for_others() {
    // modem-ublox-sara-g450-probe-flood-desync
    let mut bench = Bench::new(&GENERIC);
    let mut commands = 0;
    bench.pass(60_000, &mut |_| {
        commands += 1;
        match commands {
            1..=4 => Some(""),
            5 => Some("\r\nOK\r\n\r\nOK\r\n\r\nOK\r\n"),
            _ => None,
        }
    });
    assert_eq!(bench.take(), [EventKind::Ready]);
    bench.commands.clear();
    bench.send().unwrap();
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
    assert_eq!(bench.commands[0], "AT+CMGS=18");
}

#[test]
fn registration_is_one_verdict_of_three() {
    // modem-sim7000-not-registered-creg-vs-cgreg
    let mut bench = Bench::new(&GENERIC);
    bench.pass(5_000, &mut |command| match command {
        "AT+CREG?" => Some("\r\n+CREG: 0,3\r\n\r\nOK\r\n"),
        "AT+CEREG?" => Some("\r\n+CEREG: 0,1\r\n\r\nOK\r\n"),
        _ => None,
    });
    assert_eq!(bench.take(), [EventKind::Ready]);
    assert_eq!(bench.engine.is_registered(), Some(true));
    bench.say("\r\n+CEREG: 0\r\n");
    assert_eq!(bench.take(), [EventKind::Registered(false)]);
}

#[test]
fn a_network_that_never_comes_does_not_hold_up_for_ever() {
    let mut bench = Bench::new(&GENERIC);
    let mut nowhere = |command: &str| match command {
        "AT+CREG?" => Some("\r\n+CREG: 0,2\r\n\r\nOK\r\n"),
        _ => None,
    };
    bench.pass(50_000, &mut nowhere);
    assert_eq!(bench.take(), []);
    bench.pass(20_000, &mut nowhere);
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_sim_that_is_not_ready_yet_is_asked_again() {
    let mut bench = Bench::new(&GENERIC);
    let mut asked = 0;
    bench.pass(10_000, &mut |command| {
        asked += u32::from(command == "AT+CPIN?");
        let not_yet = command == "AT+CPIN?" && asked <= 5;
        not_yet.then_some("\r\n+CPIN: NOT READY\r\n\r\nOK\r\n")
    });
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_sim_that_does_not_become_ready_is_told() {
    for answer in ["\r\n+CPIN: NOT READY\r\n\r\nOK\r\n", "\r\n+CME ERROR: 14\r\n"] {
        let mut bench = Bench::new(&GENERIC);
        bench.pass(100_000, &mut |command| (command == "AT+CPIN?").then_some(answer));
        let busy = Trouble::Refused(Failure::Cme(CmeError::SIM_BUSY));
        assert_eq!(bench.take(), [EventKind::Lost(busy)]);
        bench.pass(10_000, &mut |_| None);
        assert_eq!(bench.take(), [EventKind::Ready]);
    }
}

#[test]
fn a_second_pin_that_is_locked_is_in_nobodys_way() {
    for words in ["SIM PIN2", "SIM PUK2"] {
        let mut bench = Bench::new(&GENERIC);
        let answer = format!("\r\n+CPIN: {words}\r\n\r\nOK\r\n").leak();
        bench.pass(100_000, &mut |command| (command == "AT+CPIN?").then_some(answer));
        assert_eq!(bench.take(), [EventKind::Ready], "{words}");
    }
}

#[test]
fn a_modem_that_takes_its_time_and_one_that_gives_no_results_are_set_up() {
    // Each answer comes later than a modem needs for `AT`.
    let mut bench = Bench::new(&GENERIC);
    let mut answers = std::collections::VecDeque::new();
    while !bench.engine.is_ready() {
        let now = bench.now;
        bench.pass(10, &mut |command| {
            if command != "\x1b" {
                answers.push_back((now + 1_100, plain(command)));
            }
            Some("")
        });
        if answers.front().is_some_and(|(at, _)| *at <= bench.now) {
            let (_, answer) = answers.pop_front().unwrap();
            bench.say(answer);
        }
        assert!(bench.now < 60_000, "{:?}", bench.commands);
    }
    // Another program has left `ATQ1` (ITU-T V.250, section 6.2.5).
    let mut bench = Bench::new(&GENERIC);
    let mut is_quiet = true;
    bench.pass(60_000, &mut |command| {
        is_quiet &= command != "ATQ0";
        is_quiet.then_some("")
    });
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_lock_that_is_not_the_pin_is_told_as_that() {
    for answer in
        ["\r\n+CPIN: PH-NET PIN\r\n\r\nOK\r\n", "\r\n+CME ERROR: 40\r\n", "\r\n+CMS ERROR: 312\r\n"]
    {
        let mut bench = Bench::new(&GENERIC);
        bench.pass(100_000, &mut |command| (command == "AT+CPIN?").then_some(answer));
        assert_eq!(bench.take(), [EventKind::Lost(Trouble::OtherLock)], "{answer:?}");
    }
    assert_eq!(
        Trouble::OtherLock.to_string(),
        "SIM or modem waits for a code that is neither PIN nor PUK"
    );
}

#[test]
fn numeric_results_are_understood_as_far_as_they_can_be_switched_off() {
    for attention in ["0\r", "4\r"] {
        let mut bench = Bench::new(&GENERIC);
        let mut numeric = true;
        bench.pass(10_000, &mut |command| match command {
            "AT" if numeric => Some(attention),
            "ATV1" => {
                numeric = false;
                None
            }
            _ => numeric.then_some("0\r"),
        });
        assert_eq!(bench.take(), [EventKind::Ready]);
        assert_eq!(bench.commands[..3], ["AT", "ATV1", "ATE0"]);
    }
}

#[test]
fn the_network_is_told_of_when_it_comes_and_goes() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
    for command in ["AT+CREG=1", "AT+CGREG=1", "AT+CEREG=1"] {
        assert_eq!(bench.count(command), 1);
    }
    bench.say("\r\n+CREG: 2\r\n");
    bench.say("\r\n+CREG: 5\r\n");
    assert_eq!(bench.take(), [EventKind::Registered(false), EventKind::Registered(true)]);
}
