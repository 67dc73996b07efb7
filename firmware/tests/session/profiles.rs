//! Each field in which a profile differs is needed: with its own value the engine does right by the
//! modem, with GENERIC's it does wrong.

mod board;

use std::cell::Cell;

use septet_firmware::engine::{Answered, Outcome, Why};
use septet_firmware::options::{Pin, SimPin, Wiring};
use septet_firmware::profile::*;
use septet_firmware::{EventKind, Options};

use self::board::{Board, goes_down_in, is_reset_after, is_switched_on_after, starts_in};
use crate::bench::{Act, Bench, MESSAGE, finished, received, silent};

const REFUSED: Option<&str> = Some("\r\nERROR\r\n");

struct Row {
    profile: &'static Profile,
    field: &'static str,
    /// The profile, but for that field.
    without: Profile,
    is_right: fn(&'static Profile) -> bool,
}

macro_rules! row {
    ($profile:ident, power.$field:ident, $is_right:expr) => {
        Row {
            profile: &$profile,
            field: concat!("power.", stringify!($field)),
            without: Profile {
                power: Power { $field: GENERIC.power.$field, ..$profile.power },
                ..$profile
            },
            is_right: $is_right,
        }
    };
    ($profile:ident, $field:ident, $is_right:expr) => {
        Row {
            profile: &$profile,
            field: stringify!($field),
            without: Profile { $field: GENERIC.$field, ..$profile },
            is_right: $is_right,
        }
    };
}

fn rows() -> Vec<Row> {
    vec![
        row!(SIM800, pin_tries, spic),
        row!(SIM800, sleep, |profile| sleeps_on_a_quiet_line(profile, "AT+CSCLK=2")),
        row!(SIM800, submit_ms, gives_up_after_a_minute),
        row!(SIM900, pin_tries, spic),
        row!(SIM900, sleep, |profile| sleeps_on_a_quiet_line(profile, "AT+CSCLK=2")),
        row!(SIM7000, sleep, |profile| sleeps_by_its_pin(profile, 50)),
        row!(SIM7000, power.down_ms, |profile| goes_down_in(6_900, profile)),
        row!(SIM7080, sleep, |profile| sleeps_by_its_pin(profile, 50)),
        row!(SIM7600, indications, stored_reports_are_lost),
        row!(SIM7600, pin_tries, spic),
        row!(SIM7600, restart, |profile| restarts_by(profile, "AT+CRESET")),
        row!(SIM7600, sleep, |profile| sleeps_by_its_pin(profile, 2_000)),
        row!(SIM7600, power.up_ms, |profile| starts_in(20_000, profile)),
        row!(A7670, pin_tries, spic),
        row!(A7670, restart, |profile| restarts_by(profile, "AT+CRESET")),
        row!(A7670, sleep, |profile| sleeps_by_its_pin(profile, 50)),
        row!(A7670, power.reset_ms, |profile| is_reset_after(2_500, profile)),
        row!(A7670, power.up_ms, |profile| starts_in(20_000, profile)),
        row!(M95, pin_tries, |profile| keeps_the_last_try(profile, "AT+QTRPIN", "1,3,10,10")),
        row!(M95, power.on_ms, |profile| is_switched_on_after(2_001, profile)),
        row!(M95, power.off_ms, |profile| {
            let off = 600..1_001;
            Board { off, status: true, wiring: Board::KEY, ..Board::WILLING }.comes_back(profile)
        }),
        row!(M95, power.down_ms, |profile| goes_down_in(12_000, profile)),
        row!(BG96, pin_tries, qpinc),
        row!(BG96, power.on_ms, |profile| {
            let off = 650..1_500;
            Board { off, wiring: Board::KEY, ..Board::WILLING }.comes_back(profile)
        }),
        row!(BG96, power.off_ms, |profile| {
            let off = 650..1_500;
            Board { off, status: true, wiring: Board::KEY, ..Board::WILLING }.comes_back(profile)
        }),
        row!(EC25, indications, stored_reports_are_lost),
        row!(EC25, pin_tries, qpinc),
        row!(EC25, power.up_ms, |profile| starts_in(15_000, profile)),
        row!(SARA_G, pin_tries, upincnt),
        row!(SARA_G, flow_control, |profile| heeds_rts_after(profile, "AT&K3")),
        row!(SARA_G, restart, |profile| restarts_by(profile, "AT+CFUN=16")),
        row!(SARA_G, sleep, |profile| sleeps_on_a_quiet_line(profile, "AT+UPSV=1")),
        row!(SARA_G, gap_ms, |profile| hears_only_after(50, profile)),
        row!(SARA_R4, pin_tries, upincnt),
        row!(SARA_R4, flow_control, |profile| heeds_rts_after(profile, "AT&K3")),
        row!(SARA_R4, restart, |profile| restarts_by(profile, "AT+CFUN=15")),
        row!(SARA_R4, power.reset_ms, |profile| is_reset_after(10_000, profile)),
        row!(SARA_R4, power.down_ms, |profile| goes_down_in(35_000, profile)),
        row!(SARA_R4, gap_ms, |profile| hears_only_after(100, profile)),
        row!(SARA_R5, pin_tries, upincnt),
        row!(SARA_R5, flow_control, |profile| heeds_rts_after(profile, "AT&K3")),
        row!(SARA_R5, restart, |profile| restarts_by(profile, "AT+CFUN=16")),
        row!(SARA_R5, power.down_ms, |profile| goes_down_in(20_000, profile)),
        row!(SARA_R5, power.up_ms, |profile| starts_in(15_000, profile)),
        row!(HUAWEI, more_messages, |profile| {
            // modem-huawei-e1752-cmms-500-not-support
            is_never_refused(profile, |command| command.starts_with("AT+CMMS"))
        }),
        row!(HUAWEI, pin_tries, |profile| {
            keeps_the_last_try(profile, "AT^CPIN?", "SIM PIN,1,10,1,10,3")
        }),
        row!(HUAWEI, packs_ussd, takes_ussd_packed),
        row!(TELIT, pin_tries, |profile| keeps_the_last_try(profile, "AT#PCT", "1")),
        row!(TELIT, flow_control, |profile| heeds_rts_after(profile, "AT&K3")),
        row!(TELIT, restart, |profile| restarts_by(profile, "AT#REBOOT")),
        row!(TELIT, power.on_ms, |profile| is_switched_on_after(5_000, profile)),
        row!(TELIT, power.down_ms, |profile| goes_down_in(15_000, profile)),
        row!(TELIT, power.up_ms, |profile| starts_in(15_000, profile)),
        row!(CINTERION, indications, |profile| {
            // An MC75i: mode 0 to 3, ds 0 or 2, bfr 1.
            reports_come(profile, |values| matches!(values, ["2", "1", "0", "0" | "2", "1"]))
        }),
        row!(CINTERION, pin_tries, |profile| keeps_the_last_try(profile, "AT^SPIC", "1")),
        row!(CINTERION, flow_control, |profile| heeds_rts_after(profile, "AT\\Q3")),
        row!(NEOWAY, restart, |profile| restarts_by(profile, "AT+CFUN=15")),
        row!(WAVECOM, stores, |profile| {
            // modem-wavecom-cpin-without-ok
            is_never_refused(profile, |command| command.contains("\"ME\""))
        }),
        row!(WAVECOM, pin_tries, |profile| keeps_the_last_try(profile, "AT+CPINC?", "1,3,10,10")),
        row!(NRF91, indications, |profile| {
            reports_come(profile, |values| matches!(values, ["3", "2", "0", "1"]))
        }),
        row!(NRF91, acknowledges, is_acknowledged_by_cnma_1),
        row!(NRF91, acknowledge, is_acknowledged_by_cnma_1),
        row!(NRF91, prompts, takes_all_in_one_go),
        row!(NRF91, stores, |profile| {
            is_never_refused(profile, |command| command.starts_with("AT+CPMS="))
        }),
    ]
}

/// The names of the fields in which a profile differs.
fn differs(profile: &Profile) -> Vec<&'static str> {
    macro_rules! fields {
        ($($field:ident $(. $part:ident)?),*) => {
            [$((
                concat!(stringify!($field) $(, ".", stringify!($part))?),
                profile.$field $(.$part)? != GENERIC.$field $(.$part)?,
            )),*]
        };
    }
    let fields = fields![
        init,
        indications,
        acknowledges,
        acknowledge,
        prompts,
        more_messages,
        stores,
        pin_tries,
        packs_ussd,
        flow_control,
        restart,
        sleep,
        power.on_ms,
        power.off_ms,
        power.reset_ms,
        power.down_ms,
        power.up_ms,
        answer_ms,
        prompt_ms,
        submit_ms,
        list_ms,
        gap_ms,
        quiet_ms,
        boot_ms,
        register_ms,
        acknowledge_ms,
        sweep_ms
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

#[test]
fn every_field_in_which_a_profile_differs_is_needed() {
    let mut faults = Vec::new();
    for Row { profile, field, without, is_right } in rows() {
        let without = Box::leak(Box::new(without));
        if (is_right(profile), is_right(without)) != (true, false) {
            faults.push((profile.model, field, is_right(profile), is_right(without)));
        }
    }
    assert_eq!(faults, [], "profile, field, with its value, with GENERIC's");
}

#[test]
fn every_profile_differs_and_each_difference_has_its_row() {
    let rows = rows();
    for profile in PROFILES.iter().filter(|profile| profile.model != GENERIC.model) {
        let fields = differs(profile);
        assert!(!fields.is_empty(), "{}", profile.model);
        for field in fields {
            let is_its_row = |row: &&Row| (row.profile.model, row.field) == (profile.model, field);
            assert!(rows.iter().any(|row| is_its_row(&row)), "{}: {field}", profile.model);
        }
    }
}

fn spic(profile: &'static Profile) -> bool {
    keeps_the_last_try(profile, "AT+SPIC", "1,10,3,10")
}

fn qpinc(profile: &'static Profile) -> bool {
    keeps_the_last_try(profile, "AT+QPINC=\"SC\"", "\"SC\",1,10")
}

fn upincnt(profile: &'static Profile) -> bool {
    keeps_the_last_try(profile, "AT+UPINCNT", "1,3,10,10")
}

/// A SIM whose PIN has one try left, of a modem that tells so by this command only.
fn keeps_the_last_try(profile: &'static Profile, asked: &str, values: &str) -> bool {
    let name = asked.trim_start_matches("AT").split(['=', '?']).next().unwrap();
    let answer: &str = format!("\r\n{name}: {values}\r\n\r\nOK\r\n").leak();
    let pin = SimPin::new("1234");
    let mut bench = Bench::with(Options { pin, ..Options::new(profile) });
    bench.pass(60_000, &mut |command| match command {
        "AT+CPIN?" => Some("\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
        _ if command == asked => Some(answer),
        _ if command.starts_with("AT+CPINR") => REFUSED,
        _ => None,
    });
    bench.count("AT+CPIN=\"1234\"") == 0
}

/// A modem that sleeps on a quiet line loses what wakes it.
fn sleeps_on_a_quiet_line(profile: &'static Profile, command: &str) -> bool {
    let mut bench = Bench::with(Options { sleep: true, ..Options::new(profile) });
    bench.pass(20_000, &mut |_| None);
    let sleeps = bench.count(command) == 1;
    bench.take();
    bench.send().unwrap();
    let mut asleep = true;
    bench.pass(1_000, &mut |_| std::mem::take(&mut asleep).then_some(""));
    sleeps && bench.take() == [finished(Outcome::Sent { reference: 7 })]
}

/// A modem that sleeps while DTR says so hears nothing until it is awake.
fn sleeps_by_its_pin(profile: &'static Profile, wake_ms: u64) -> bool {
    let wiring = Wiring { data_terminal_ready: true, ..Wiring::NONE };
    let mut bench = Bench::with(Options { sleep: true, wiring, ..Options::new(profile) });
    bench.pass(20_000, &mut |_| None);
    let ready = |level| Act::Pin(Pin::DataTerminalReady, level);
    let sleeps = bench.count("AT+CSCLK=1") == 1 && bench.acts.pop().unwrap().1 == ready(false);
    bench.take();
    bench.send().unwrap();
    let wakes = bench.acts.pop().is_some_and(|(_, act)| act == ready(true));
    bench.pass(wake_ms - 1, &mut silent);
    bench.pass(1_000, &mut |_| None);
    sleeps && wakes && bench.take() == [finished(Outcome::Sent { reference: 7 })]
}

/// A modem that says nothing of a message for a minute says nothing of it any more.
fn gives_up_after_a_minute(profile: &'static Profile) -> bool {
    let mut bench = Bench::ready(profile);
    bench.send().unwrap();
    bench.pass(60_000, &mut |command| command.ends_with('\x1a').then_some(""));
    let waits = bench.take().is_empty();
    bench.pass(30_000, &mut |_| None);
    let unknown = finished(Outcome::Unknown(Why::NoAnswer));
    waits && bench.take() == [unknown, EventKind::Rebooted, EventKind::Ready]
}

/// A modem that hangs, but for the command that starts it anew.
fn restarts_by(profile: &'static Profile, restart: &str) -> bool {
    let mut bench = Bench::new(profile);
    let mut hangs = true;
    bench.pass(120_000, &mut |command| {
        let answer = hangs.then_some("");
        hangs &= command != restart;
        answer
    });
    bench.engine.is_ready()
}

/// A modem that refuses to announce reports directly, and loses those that it stores
/// (`modem-sim7600x-cdsi-sr-cms-321`, `modem-quectel-ec25-cdsi-names-wrong-store`).
fn stored_reports_are_lost(profile: &'static Profile) -> bool {
    let mut agreed = None;
    Bench::new(profile).pass(5_000, &mut |command| {
        let values = command.strip_prefix("AT+CNMI=")?;
        let reports = values.split(',').nth(3).unwrap_or("0");
        agreed = (reports != "1").then(|| (reports == "0", values.split(',').nth(1) == Some("1")));
        agreed.is_none().then_some("\r\nERROR\r\n")
    });
    agreed == Some((true, true))
}

/// A modem that takes these values of `AT+CNMI` only.
fn reports_come(profile: &'static Profile, takes: fn(&[&str]) -> bool) -> bool {
    let mut come = false;
    Bench::new(profile).pass(5_000, &mut |command| {
        let values: Vec<_> = command.strip_prefix("AT+CNMI=")?.split(',').collect();
        let taken = takes(&values);
        come |= taken && values.get(3).is_some_and(|reports| *reports != "0");
        if taken { None } else { REFUSED }
    });
    come
}

/// Whether the engine keeps from what a modem refuses, while two messages are sent in a row.
fn is_never_refused(profile: &'static Profile, refuses: fn(&str) -> bool) -> bool {
    let refused = Cell::new(false);
    let mut modem = |command: &str| {
        refused.set(refused.get() | refuses(command));
        if refuses(command) { REFUSED } else { None }
    };
    let mut bench = Bench::new(profile);
    bench.pass(5_000, &mut modem);
    bench.send_more().unwrap();
    bench.pass(1_000, &mut modem);
    !refused.get()
}

/// A modem that heeds RTS and CTS after this command, and knows no other.
fn heeds_rts_after(profile: &'static Profile, known: &str) -> bool {
    let mut bench = Bench::with(Options { flow_control: true, ..Options::new(profile) });
    bench.pass(5_000, &mut |command| {
        (command.starts_with("AT+IFC") && command != known).then_some("\r\nERROR\r\n")
    });
    bench.engine.is_ready() && bench.count(known) == 1
}

/// A modem that does not hear a command that comes too soon after its last answer.
fn hears_only_after(ms: u64, profile: &'static Profile) -> bool {
    let mut bench = Bench::new(profile);
    let (mut answered, mut missed) = (None, 0);
    for now in 0..10_000_u64 {
        bench.pass(1, &mut |_| {
            let deaf = answered.is_some_and(|at| now - at < ms - 1);
            missed += u32::from(deaf);
            answered = if deaf { answered } else { Some(now) };
            deaf.then_some("")
        });
    }
    bench.engine.is_ready() && missed == 0
}

/// A modem that takes packed septets in hexadecimal digits, and no text: asterisk-chan-dongle
/// (wdoekes), issue 38.
fn takes_ussd_packed(profile: &'static Profile) -> bool {
    let mut bench = Bench::ready(profile);
    bench.ussd("*100#").unwrap();
    bench.pass(1_000, &mut |command| match command {
        "AT+CUSD=1,\"AA180C3602\",15" => None,
        _ => REFUSED,
    });
    let fails = |event: &EventKind| matches!(event, EventKind::Answered(Answered::Failed(_)));
    !bench.take().iter().any(fails)
}

/// modem-nrf91-pdu-in-one-go-no-prompt
fn takes_all_in_one_go(profile: &'static Profile) -> bool {
    let mut bench = Bench::ready(profile);
    bench.send().unwrap();
    bench.pass(30_000, &mut |command| {
        let whole = command.starts_with("AT+CMGS=18\r") && command.ends_with('\x1a');
        match command {
            _ if whole => Some("+CMGS: 2\r\nOK\r\n"),
            _ if command.starts_with("AT+CMGS=") => Some(""),
            _ => None,
        }
    });
    bench.take().contains(&finished(Outcome::Sent { reference: 2 }))
}

/// modem-nrf91-pdu-in-one-go-no-prompt: it wants `AT+CNMA=1`, and sends nothing more until then.
fn is_acknowledged_by_cnma_1(profile: &'static Profile) -> bool {
    let mut bench = Bench::ready(profile);
    bench.say(&format!("+CMT: \"\",23\r\n{MESSAGE}\r\n"));
    received(bench.take()).iter().for_each(|(_, ticket)| bench.done(ticket));
    bench.pass(1_000, &mut |command| if command == "AT+CNMA" { REFUSED } else { None });
    bench.count("AT+CNMA=1") == 1
}
