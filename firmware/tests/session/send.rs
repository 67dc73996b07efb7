//! Sending: each message meets its fate, and truthfully.

use septet::at::{Class, CmsError, Failure};
use septet_firmware::engine::{NotSent, Outcome, Why};
use septet_firmware::profile::{GENERIC, SIM800};
use septet_firmware::{Busy, EventKind};

use crate::bench::{Bench, finished};

#[test]
fn a_message_without_a_prompt_certainly_did_not_go() {
    let mut bench = Bench::ready(&SIM800);
    bench.send().unwrap();
    assert_eq!(bench.send(), Err(Busy::Sending));
    bench.pass(15_000, &mut |command| command.starts_with("AT+CMGS=").then_some(""));
    let not_sent = finished(Outcome::NotSent(NotSent::NoPrompt));
    assert_eq!(bench.take(), [not_sent, EventKind::Ready]);
    assert_eq!(bench.commands[1], "\x1b", "the prompt may come yet");
}

#[test]
fn a_late_reference_is_not_taken_for_that_of_the_next_message() {
    let mut bench = Bench::ready(&SIM800);
    bench.send().unwrap();
    bench.pass(90_000, &mut |command| command.ends_with('\x1a').then_some(""));
    // A modem that answers commands while its message is out would give its result with the next one.
    let unknown = finished(Outcome::Unknown(Why::NoAnswer));
    assert_eq!(bench.take(), [unknown, EventKind::Rebooted, EventKind::Ready]);
    let is_restart = |command: &&String| **command == format!("AT{}", SIM800.restart);
    assert_eq!(bench.commands.iter().filter(is_restart).count(), 1, "{:?}", bench.commands);
    bench.send().unwrap();
    bench.say("\r\n+CMGS: 6\r\n\r\nOK\r\n");
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
}

#[test]
fn an_ok_without_a_reference_is_no_success() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(1_000, &mut |command| command.ends_with('\x1a').then_some("\r\nOK\r\n"));
    assert_eq!(bench.take(), [finished(Outcome::Unknown(Why::Contradiction)), EventKind::Ready]);
}

#[test]
fn a_result_that_follows_a_contradiction_is_not_taken_for_that_of_the_next_message() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(50, &mut |command| command.ends_with('\x1a').then_some("\r\nOK\r\n"));
    assert_eq!(bench.send(), Err(Busy::NotReady));
    bench.say("\r\n+CMGS: 41\r\n\r\nOK\r\n");
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Unknown(Why::Contradiction)), EventKind::Ready]);
    bench.send().unwrap();
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
}

#[test]
fn a_prompt_that_comes_twice_hides_no_result() {
    for prompt in ["\r\n> > ", ">\r\n>", "\r\n> \r\n> "] {
        let mut bench = Bench::ready(&GENERIC);
        bench.send().unwrap();
        bench.pass(1_000, &mut |command| match command {
            _ if command.starts_with("AT+CMGS=") => Some(prompt),
            _ if command.ends_with('\x1a') => Some("+CMGS: 7\r\n\r\nOK\r\n"),
            _ => None,
        });
        assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })], "{prompt:?}");
    }
}

#[test]
fn a_result_may_follow_the_echo_of_the_pdu_at_once() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(1_000, &mut |command| {
        command.ends_with('\x1a').then(|| &*format!("{command}+CMGS: 7\r\nOK\r\n").leak())
    });
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
}

#[test]
fn a_modem_that_says_it_left_the_message_service_does_not_end_a_message_by_that() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    let left = "\r\n+CMS ERROR: 524\r\n";
    bench.pass(1_000, &mut |command| command.ends_with('\x1a').then_some(left));
    bench.say("\r\n+CMGS: 7\r\n");
    bench.say(left);
    bench.say("\r\nOK\r\n");
    bench.commands.clear();
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 }), EventKind::Ready]);
    assert_eq!(bench.count("AT+CNMI=2,1,0,1,0"), 1, "it forgot that it is to tell of messages");
}

#[test]
fn a_refusal_tells_its_class() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(1_000, &mut |command| command.ends_with('\x1a').then_some("\r\n+CMS ERROR: 38\r\n"));
    let code = Failure::Cms(CmsError::NETWORK_OUT_OF_ORDER);
    assert_eq!(bench.take(), [finished(Outcome::Refused { class: Class::Temporary, code })]);
}
