//! Pins, speeds and sleep: what the engine asks of the board, and when.

use septet_firmware::engine::{Outcome, Trouble};
use septet_firmware::options::{Pin, Wiring};
use septet_firmware::profile::{GENERIC, SARA_R4, SIM800, SIM7000};
use septet_firmware::{EventKind, Options, Profile};

use crate::bench::{Act, Bench, finished, silent};

const ALL: Wiring =
    Wiring { power_key: true, reset: true, data_terminal_ready: true, supply: true };

fn options(profile: &'static Profile) -> Options {
    Options { wiring: ALL, ..Options::new(profile) }
}

#[test]
fn without_wires_a_silent_modem_is_asked_to_leave_a_call_and_to_restart() {
    let mut bench = Bench::new(&SARA_R4);
    bench.pass(45_000, &mut silent);
    let asks = ["AT", "ATQ0", "\x1b"];
    let rest: Vec<_> =
        bench.commands.iter().filter(|said| !asks.contains(&said.as_str())).collect();
    assert_eq!(rest, ["+++", "AT+CFUN=15"]);
    assert_eq!(bench.acts, []);
}

#[test]
fn every_rung_is_climbed_in_its_order_and_time() {
    let mut bench = Bench::with(options(&GENERIC));
    bench.pass(140_000, &mut silent);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::NoAnswer)]);
    let acts: Vec<_> = bench.acts.iter().map(|(_, act)| *act).collect();
    let pulse = |pin| [Act::Pin(pin, true), Act::Pin(pin, false)];
    let ground = [
        Act::Pin(Pin::Supply, true),
        Act::Pin(Pin::DataTerminalReady, true),
        Act::Pin(Pin::Reset, false),
        Act::Pin(Pin::PowerKey, false),
    ];
    let hang_up = [Act::Pin(Pin::DataTerminalReady, false), Act::Pin(Pin::DataTerminalReady, true)];
    let supply = [Act::Pin(Pin::Supply, false), Act::Pin(Pin::Supply, true)];
    let mut expected = ground.to_vec();
    expected.extend(hang_up);
    expected.extend(pulse(Pin::Reset));
    expected.extend(pulse(Pin::PowerKey));
    expected.extend(pulse(Pin::PowerKey));
    expected.extend(supply);
    expected.extend(pulse(Pin::PowerKey));
    assert_eq!(acts[..expected.len()], expected);
    // Each key is held for as long as the profile says.
    let held = bench.acts.windows(2).filter_map(|pair| match pair {
        [(from, Act::Pin(Pin::PowerKey, true)), (to, _)] => Some(to - from),
        _ => None,
    });
    let held: Vec<_> = held.collect();
    assert_eq!(held, [1_500, 1_500, 1_500]);
}

#[test]
fn a_modem_that_status_says_is_off_is_switched_on_at_once() {
    let mut bench = Bench::with(options(&SIM800));
    bench.powered(false);
    bench.pass(1_000, &mut silent);
    let key = |(_, act): &&(u64, Act)| *act == Act::Pin(Pin::PowerKey, true);
    assert_eq!(bench.acts.iter().find(key).map(|(at, _)| *at), Some(500));
    assert!(bench.commands.is_empty(), "nobody is there to be asked");
    bench.powered(true);
    bench.pass(15_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_modem_that_went_off_is_switched_on_and_its_restart_told() {
    let mut bench = Bench::with(options(&SIM800));
    bench.powered(true);
    bench.pass(15_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
    bench.acts.clear();
    bench.say("\r\nUNDER-VOLTAGE POWER DOWN\r\n");
    bench.powered(false);
    bench.pass(7_000, &mut silent);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::PoweredDown)]);
    let acts: Vec<_> = bench.acts.iter().map(|(_, act)| *act).collect();
    assert_eq!(acts, [Act::Pin(Pin::PowerKey, true), Act::Pin(Pin::PowerKey, false)]);
    bench.powered(true);
    bench.pass(20_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Rebooted, EventKind::Ready]);
}

#[test]
fn a_modem_that_loses_power_without_a_word_is_told_by_its_status_pin() {
    let mut bench = Bench::ready(&GENERIC);
    bench.powered(true);
    bench.powered(false);
    bench.pass(100, &mut silent);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::PoweredDown)]);
}

#[test]
fn a_modem_at_another_speed_is_found() {
    let mut bench =
        Bench::with(Options { bauds: &[115_200, 9_600, 57_600], ..Options::new(&GENERIC) });
    let mut baud = 115_200;
    for _ in 0..600 {
        bench.pass(100, &mut |_| if baud == 57_600 { None } else { Some("f`f") });
        if let Some((_, Act::Baud(to))) = bench.acts.pop() {
            baud = to;
        }
    }
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn a_modem_that_reset_brings_back_is_met_at_the_first_speed() {
    let bauds = &[115_200, 9_600];
    let mut bench = Bench::with(Options { bauds, ..options(&GENERIC) });
    let (mut port, mut is_well) = (115_200, false);
    for _ in 0..1_000 {
        bench.pass(100, &mut |_| if is_well && port == 115_200 { None } else { Some("") });
        while let Some((_, act)) = bench.acts.pop() {
            match act {
                Act::Baud(to) => port = to,
                Act::Pin(Pin::Reset, true) => is_well = true,
                Act::Pin(..) => assert!(!is_well || act == Act::Pin(Pin::Reset, false), "{act:?}"),
            }
        }
    }
    assert!(is_well);
    assert_eq!(bench.take(), [EventKind::Ready]);
}

#[test]
fn the_speed_is_switched_and_switched_back_where_nothing_is_heard_then() {
    for deaf in [false, true] {
        let bauds = &[115_200];
        let mut bench =
            Bench::with(Options { bauds, baud: Some(460_800), ..Options::new(&GENERIC) });
        let (mut modem, mut port) = (115_200, 115_200);
        for _ in 0..3_000 {
            bench.pass(10, &mut |command| {
                if modem != port {
                    return Some("");
                }
                if command == "AT+IPR=460800" && !deaf {
                    modem = 460_800;
                }
                None
            });
            while let Some((_, Act::Baud(to))) = bench.acts.pop() {
                port = to;
            }
        }
        assert_eq!(bench.take(), [EventKind::Ready]);
        assert_eq!(port, if deaf { 115_200 } else { 460_800 });
        assert_eq!(bench.count("AT+IPR=460800"), 1);
    }
}

#[test]
fn a_line_that_was_cut_begins_at_its_first_speed() {
    let bauds = &[115_200, 9_600];
    let mut bench = Bench::with(Options { bauds, baud: Some(460_800), ..Options::new(&GENERIC) });
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Ready]);
    bench.acts.clear();
    bench.disconnected();
    bench.pass(400, &mut |_| None);
    let baud = |to| Act::Baud(to);
    assert_eq!(bench.acts.pop().map(|(_, act)| act), Some(baud(115_200)));
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::Disconnected), EventKind::Ready]);
    assert_eq!(bench.count("AT+IPR=460800"), 2);
    let acts: Vec<_> = bench.acts.iter().map(|(_, act)| *act).collect();
    assert_eq!(acts, [baud(460_800)]);
}

#[test]
fn a_modem_that_sleeps_on_a_quiet_line_is_woken_before_a_command() {
    let mut bench = Bench::with(Options { sleep: true, ..Options::new(&SIM800) });
    bench.pass(20_000, &mut |_| None);
    assert!(bench.commands.iter().any(|command| command == "AT+CSCLK=2"));
    bench.take();
    bench.commands.clear();
    bench.send().unwrap();
    // What wakes it is lost.
    bench.pass(1_000, &mut |command| (command == "AT").then_some(""));
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
    assert_eq!(bench.commands[..2], ["AT", "AT+CMGS=18"]);
    bench.commands.clear();
    bench.send().unwrap();
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.commands[0], "AT+CMGS=18", "it is awake");
}

#[test]
fn a_modem_that_sleeps_by_its_pin_is_woken_by_it() {
    let wiring = Wiring { data_terminal_ready: true, ..Wiring::NONE };
    let mut bench = Bench::with(Options { sleep: true, wiring, ..Options::new(&SIM7000) });
    bench.pass(20_000, &mut |_| None);
    bench.take();
    let asleep = bench.acts.pop().unwrap().1;
    assert_eq!(asleep, Act::Pin(Pin::DataTerminalReady, false));
    bench.acts.clear();
    bench.commands.clear();
    bench.send().unwrap();
    assert_eq!(bench.acts, [(20_000, Act::Pin(Pin::DataTerminalReady, true))]);
    bench.pass(99, &mut |_| None);
    assert_eq!(bench.commands, [""; 0], "it wakes");
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
    assert_eq!(bench.acts.last().unwrap().1, Act::Pin(Pin::DataTerminalReady, false));
}
