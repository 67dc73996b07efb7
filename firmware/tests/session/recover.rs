//! Restarts, cut lines, answers that come late or never.

use septet_firmware::EventKind;
use septet_firmware::engine::{NotSent, Outcome, Why};
use septet_firmware::profile::GENERIC;

use crate::bench::{Bench, finished};

#[test]
fn an_echo_that_was_off_tells_a_restart_before_the_pdu_goes() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(10_000, &mut |command| {
        command.starts_with("AT+CMGS=").then_some("AT+CMGS=18\r\r\n> ")
    });
    let not_sent = finished(Outcome::NotSent(NotSent::Rebooted));
    assert_eq!(bench.take(), [not_sent, EventKind::Rebooted, EventKind::Ready]);
    assert_eq!(bench.commands[1], "\x1b", "a prompt is open");
    assert_eq!(bench.engine.generation(), 1);
}

#[test]
fn a_restart_while_the_answer_is_awaited_leaves_the_fate_unknown() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(10_000, &mut |command| command.ends_with('\x1a').then_some("\r\nRDY\r\n"));
    let unknown = finished(Outcome::Unknown(Why::Rebooted));
    assert_eq!(bench.take(), [unknown, EventKind::Rebooted, EventKind::Ready]);
}
