//! Restarts, cut lines, answers that come late or never.

use septet::at::{Failure, Store};
use septet_firmware::engine::{NotSent, Outcome, Trouble, Why};
use septet_firmware::profile::{GENERIC, PROFILES, SIM800};
use septet_firmware::{EventKind, Instant, Options};

use crate::bench::{Bench, MESSAGE, Slots, finished, plain, silent, ticket};

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

#[test]
fn an_echo_that_goes_on_while_the_modem_says_what_it_is_is_no_restart() {
    // modem-sim800-pi-double-echo
    let mut bench = Bench::with(Options { candidates: PROFILES, ..Options::new(&GENERIC) });
    bench.pass(10_000, &mut |command| {
        let words = if command == "AT+CGMM" { "SIMCOM_SIM800L\r\n\r\n" } else { "" };
        let echo = if command == "\x1b" { "" } else { command };
        Some(format!("{echo}\r\r\n{words}{}", plain(command)).leak())
    });
    assert_eq!(bench.take(), [EventKind::Ready]);
    assert_eq!(bench.engine.profile().model, SIM800.model);
}

#[test]
fn a_ready_sim_soon_after_set_up_is_no_restart_and_later_is_one() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CPIN: READY\r\n");
    bench.pass(60_000, &mut |_| None);
    assert_eq!(bench.take(), []);
    bench.say("\r\n+CPIN: READY\r\n");
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Rebooted, EventKind::Ready]);
}

#[test]
fn answers_that_come_late_again_do_not_end_in_a_session_one_answer_behind() {
    let mut bench = Bench::new(&GENERIC);
    let (mut pins, mut late) = (0, None);
    let mut silent_for = 0;
    while bench.send().is_err() {
        let said = bench.commands.len();
        bench.pass(10, &mut |command| {
            pins += u32::from(command == "AT+CPIN?");
            match (pins, command) {
                (_, "\x1b") => None,
                // Three times an answer to something else, then none.
                (1..=3, "AT+CPIN?") => Some("\r\nOK\r\n"),
                (4, "AT+CPIN?") => late.replace(plain(command)).or(Some("")),
                // From then on the answer to each command comes with the next one.
                _ => late.is_some().then(|| late.replace(plain(command)).unwrap()),
            }
        });
        silent_for = if bench.commands.len() == said { silent_for + 10 } else { 0 };
        // A modem that is not asked more catches up.
        if silent_for > 300 && pins > 4 {
            late.take().into_iter().for_each(|answer| bench.say(answer));
        }
        assert!(bench.now < 100_000);
    }
    bench.pass(1_000, &mut |command| late.take().or(Some(plain(command))));
    assert_eq!(bench.take(), [EventKind::Ready, finished(Outcome::Sent { reference: 7 })]);
}

#[test]
fn a_cut_line_ends_the_message_truthfully() {
    for (prompt, outcome) in
        [("", Outcome::NotSent(NotSent::Lost)), ("\r\n> ", Outcome::Unknown(Why::Disconnected))]
    {
        let mut bench = Bench::ready(&GENERIC);
        bench.send().unwrap();
        bench.pass(100, &mut |command| {
            Some(if command.starts_with("AT+CMGS=") { prompt } else { "" })
        });
        bench.disconnected();
        let lost = EventKind::Lost(Trouble::Disconnected);
        assert_eq!(bench.take(), [finished(outcome), lost]);
        bench.disconnected();
        assert_eq!(bench.take(), [], "told once");
        bench.pass(5_000, &mut |_| None);
        assert_eq!(bench.take(), [EventKind::Ready]);
    }
}

#[test]
fn another_trouble_is_told_again_and_the_same_is_not() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(200_000, &mut silent);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::NoAnswer)]);
    let mut locked =
        |command: &str| (command == "AT+CPIN?").then_some("\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n");
    bench.pass(200_000, &mut locked);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::SimPin)]);
    bench.disconnected();
    bench.pass(200_000, &mut locked);
    let disconnected = EventKind::Lost(Trouble::Disconnected);
    assert_eq!(bench.take(), [disconnected, EventKind::Lost(Trouble::SimPin)]);
    bench.pass(10_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_modem_that_comes_back_and_refuses_to_be_set_up_is_told() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(200_000, &mut silent);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::NoAnswer)]);
    let refuses = |command: &str| (command == "AT+CMGF=0").then_some("\r\nERROR\r\n");
    bench.pass(400_000, &mut { refuses });
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::Refused(Failure::Error))]);
}

#[test]
fn a_cut_line_voids_tickets() {
    let mut bench = Bench::ready(&SIM800);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    let stale = ticket(bench.take());
    bench.disconnected();
    bench.done(&stale);
    bench.pass(5_000, &mut |command| slots.answer(command));
    bench.done(&stale);
    bench.pass(5_000, &mut |command| slots.answer(command));
    assert_eq!(slots.0.len(), 1);
    assert_eq!(bench.done_with_all(), [MESSAGE]);
    bench.pass(5_000, &mut |command| slots.answer(command));
    assert!(slots.0.is_empty());
}

#[test]
fn a_line_that_is_cut_before_an_event_is_polled_takes_nothing_away() {
    let mut bench = Bench::ready(&GENERIC);
    let now = Instant(bench.now);
    assert_eq!(bench.engine.receive(b"\r\n+CMTI: \"SM\",3\r\n", now), 16);
    bench.disconnected();
    bench.pass(5_000, &mut |_| None);
    let waiting = EventKind::Waiting { store: Store::SM, index: 3 };
    let lost = EventKind::Lost(Trouble::Disconnected);
    assert_eq!(bench.take(), [waiting, lost, EventKind::Ready]);
}
