//! Commands of the caller's own, USSD, and what the modem tells of itself.

use septet::at::{CmeError, Failure, Store};
use septet::error::Error;
use septet::wire::Writer;
use septet_firmware::commands::Clock;
use septet_firmware::engine::{Answer, Answered, Command, Outcome};
use septet_firmware::profile::{self, GENERIC, HUAWEI, NRF91, PROFILES};
use septet_firmware::{Busy, EventKind, Options, Profile};

use crate::bench::{Bench, MESSAGE, finished, plain, received};

struct Text(&'static str);

impl Command for Text {
    const ANSWER: Answer = Answer::Words;
    const ANSWER_MS: u32 = 1_000;

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.text(self.0)
    }
}

/// What was answered to a command, and how it ended.
fn ask(bench: &mut Bench, command: &impl Command, answer: &'static str) -> Vec<String> {
    bench.command(command).unwrap();
    bench.pass(2_000, &mut |said| {
        (!said.starts_with("AT+C") || said == "AT+CCLK?" || said == "AT+CGSN").then_some(answer)
    });
    let told = bench.take();
    let told = told.iter().map(|event| match event {
        EventKind::Answer(words) => String::from_utf8(words.octets().to_vec()).unwrap(),
        other => format!("{other:?}"),
    });
    told.collect()
}

#[test]
fn the_lines_of_an_answer_come_and_then_its_end() {
    let mut bench = Bench::ready(&GENERIC);
    let said = "\r\n867123456789012\r\n\r\n+CMTI: \"SM\",3\r\n\r\nOK\r\n";
    let waiting = "Waiting { store: Store([83, 77]), index: 3 }";
    assert_eq!(ask(&mut bench, &Text("+CGSN"), said), ["867123456789012", waiting, "Answered(Ok)"]);
    // As many digits as octets have.
    let said = "\r\n8671234567890123\r\n\r\nOK\r\n";
    assert_eq!(ask(&mut bench, &Text("+CGSN"), said), ["8671234567890123", "Answered(Ok)"]);
    let said = "\r\n^RSSI:13\r\n\r\n+CCLK: \"26/11/22,12:00:00+04\"\r\n\r\nOK\r\n";
    assert_eq!(ask(&mut bench, &Clock, said), ["+CCLK: \"26/11/22,12:00:00+04\"", "Answered(Ok)"]);
}

#[test]
fn the_clock_is_read_from_its_answer() {
    let mut bench = Bench::ready(&GENERIC);
    bench.command(&Clock).unwrap();
    let said = "\r\n+CCLK: \"26/11/22,17:04:00+04\"\r\n\r\nOK\r\n";
    bench.pass(1_000, &mut |command| (command == "AT+CCLK?").then_some(said));
    let told = bench.take();
    let time = told.iter().find_map(Clock::read).and_then(|time| time.civil()).unwrap();
    assert_eq!(time.to_string(), "26-11-22 17:04:00 +01:00");
}

#[test]
fn a_command_ends_once_also_where_it_is_refused_or_not_answered() {
    let mut bench = Bench::ready(&GENERIC);
    assert_eq!(
        ask(&mut bench, &Clock, "\r\n+CME ERROR: 100\r\n"),
        ["Answered(Failed(Cme(CmeError(100))))"]
    );
    bench.command(&Clock).unwrap();
    assert_eq!(bench.command(&Clock), Err(Busy::Sending));
    bench.pass(10_000, &mut |said| (said == "AT+CCLK?").then_some(""));
    let no_answer = EventKind::Answered(Answered::NoAnswer);
    assert_eq!(bench.take(), [no_answer.clone(), EventKind::Ready]);
    bench.command(&Clock).unwrap();
    bench.pass(10_000, &mut |said| (said == "AT+CCLK?").then_some("\r\nRDY\r\n"));
    let told = bench.take();
    assert_eq!(told, [EventKind::Rebooted, no_answer.clone(), EventKind::Ready]);
    bench.command(&Clock).unwrap();
    bench.disconnected();
    assert!(bench.take().contains(&no_answer));
}

#[test]
fn what_has_no_form_on_the_line_is_refused() {
    let mut bench = Bench::ready(&GENERIC);
    let long = "+X=\"123456789012345678901234567890123456789012345678901234567890\"";
    for text in [long, "+X\rAT+CFUN=0", "+X\x1a"] {
        assert_eq!(bench.command(&Text(text)), Err(Busy::Unwritable), "{text:?}");
    }
    for string in ["", "*100#\"", "*100#\r", "é"] {
        assert_eq!(bench.ussd(string), Err(Busy::Unwritable), "{string:?}");
    }
}

#[test]
fn a_ussd_string_goes_out_as_the_modem_wants_it_and_comes_back() {
    for (profile, command) in
        [(&GENERIC, "AT+CUSD=1,\"*100#\",15"), (&HUAWEI, "AT+CUSD=1,\"AA180C3602\",15")]
    {
        let mut bench = Bench::ready(profile);
        bench.ussd("*100#").unwrap();
        bench.pass(1_000, &mut |_| None);
        assert_eq!(bench.count(command), 1);
        assert_eq!(bench.take(), [EventKind::Answered(Answered::Ok)]);
        bench.say("\r\n+CUSD: 0,\"Balance:\r\n7,00\",15\r\n");
        let [EventKind::Ussd(ussd)] = &bench.take()[..] else { panic!("no USSD") };
        assert_eq!((ussd.status, ussd.coding), (0, Some(15)));
        assert_eq!(ussd.string.octets(), b"Balance:\n\n7,00");
    }
}

#[test]
fn a_late_error_of_a_ussd_dialogue_ends_no_other_command() {
    // modem-ussd-late-cme-after-ok
    let mut bench = Bench::ready(&GENERIC);
    bench.ussd("*100#").unwrap();
    bench.pass(1_000, &mut |_| None);
    bench.send().unwrap();
    bench.pass(1_000, &mut |command| {
        command
            .ends_with('\x1a')
            .then_some("\r\n+CME ERROR: 258\r\n\r\n+CUSD: 5\r\n\r\n+CMGS: 9\r\n\r\nOK\r\n")
    });
    let told = bench.take();
    assert_eq!(told[0], EventKind::Answered(Answered::Ok));
    assert_eq!(told.last(), Some(&finished(Outcome::Sent { reference: 9 })));
}

#[test]
fn the_signal_is_asked_for_and_may_be_told() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(5_000, &mut |said| (said == "AT+CSQ").then_some("\r\n+CSQ: 9,99\r\n\r\nOK\r\n"));
    assert_eq!(bench.engine.signal(), Some(-95));
    bench.say("\r\n+CSQ: 31,0\r\n");
    assert_eq!(bench.engine.signal(), Some(-51));
    bench.say("\r\n+CSQ: 99,99\r\n");
    assert_eq!(bench.engine.signal(), None);
    // An LTE modem tells it otherwise.
    let mut bench = Bench::new(&GENERIC);
    bench.pass(5_000, &mut |said| match said {
        "AT+CSQ" => Some("\r\n+CSQ: 99,99\r\n\r\nOK\r\n"),
        "AT+CESQ" => Some("\r\n+CESQ: 99,99,255,255,20,45\r\n\r\nOK\r\n"),
        _ => None,
    });
    assert_eq!(bench.engine.signal(), Some(-96));
}

#[test]
fn a_profile_is_chosen_by_what_the_modem_says_of_itself() {
    for (maker, model, expected) in [
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "SIM800"),
        ("SIMCOM INCORPORATED", "+CGMM: SIM7080G", "SIM7080"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "SIM7600"),
        ("INCORPORATED", "A7670E-FASE", "A7670"),
        ("Quectel_Ltd", "Quectel_M95", "M95"),
        ("Quectel", "EC25", "EC25"),
        ("Quectel", "BG96", "BG96"),
        ("u-blox", "SARA-G450", "SARA-G"),
        ("u-blox", "SARA-R410M-02B", "SARA-R4"),
        ("u-blox", "SARA-R510M8S", "SARA-R5"),
        ("huawei", "E1752", "Huawei"),
        ("Telit", "LE910-EUG", "Telit"),
        ("SIEMENS", "MC35i", "Cinterion"),
        ("NEOWAY", "M590", "Neoway"),
        ("WAVECOM MODEM", "MULTIBAND 900E 1800", "Wavecom"),
        ("Nordic Semiconductor ASA", "nRF9160-SICA", "nRF91"),
        ("Example", "One", "generic"),
    ] {
        let mut bench = Bench::with(Options { candidates: PROFILES, ..Options::new(&GENERIC) });
        bench.pass(30_000, &mut |said| match said {
            "AT+CGMI" => Some(format!("AT+CGMI\r\r\n{maker}\r\n\r\nOK\r\n").leak()),
            "AT+CGMM" => Some(format!("\r\n{model}\r\n\r\nOK\r\n").leak()),
            _ => None,
        });
        assert_eq!(bench.engine.profile().model, expected);
        assert_eq!(bench.take(), [EventKind::Ready], "{model}");
    }
}

#[test]
fn a_store_that_is_full_is_told_and_emptied() {
    for (line, store) in [
        ("+SMS FULL", None),
        ("^SMMEMFULL: \"SM\"", Some(Store::SM)),
        ("+CMTI: \"ME\",-1", Some(Store::ME)),
        ("+CMS ERROR: 322", None),
    ] {
        let mut bench = Bench::ready(&GENERIC);
        bench.say(&format!("\r\n{line}\r\n"));
        assert_eq!(bench.take(), [EventKind::Full { store }]);
        bench.pass(1_000, &mut |_| None);
        assert_eq!(bench.count("AT+CMGL=4"), 2, "{line}");
    }
}

#[test]
fn settings_that_a_modem_forgot_are_set_again() {
    // modem-telit-le910-cmt-cnma
    let mut bench = Bench::ready(&GENERIC);
    bench.pass(600_000, &mut |_| None);
    assert_eq!(bench.count("AT+CMGF=0"), 1);
    assert_eq!(bench.count("AT+CNMI=2,1,0,1,0"), 1);
    assert_eq!(bench.take(), [], "and nobody need know");
}

#[test]
fn a_link_is_kept_for_all_parts_but_the_last() {
    let mut bench = Bench::ready(&GENERIC);
    let sent = finished(Outcome::Sent { reference: 7 });
    bench.send_more().unwrap();
    bench.pass(1_000, &mut |_| None);
    bench.send().unwrap();
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.take(), [sent.clone(), sent.clone()]);
    let said: Vec<_> = bench.commands.iter().filter(|said| said.starts_with("AT")).collect();
    assert_eq!(said, ["AT+CMMS=1", "AT+CMGS=18", "AT+CMGS=18"]);
    // modem-huawei-e1752-cmms-500-not-support: it is asked once.
    for _ in 0..2 {
        bench.send_more().unwrap();
        bench.pass(1_000, &mut |said| (said == "AT+CMMS=1").then_some("\r\n+CMS ERROR: 500\r\n"));
    }
    assert_eq!(bench.take(), [sent.clone(), sent]);
    assert_eq!(bench.count("AT+CMMS=1"), 2);
}

#[test]
fn a_modem_without_a_prompt_is_given_the_pdu_at_once_and_its_messages_are_acknowledged() {
    // modem-nrf91-pdu-in-one-go-no-prompt
    let mut bench = Bench::ready(&NRF91);
    bench.send().unwrap();
    bench.pass(1_000, &mut |said| {
        Some(if said.ends_with('\x1a') { "+CMGS: 2\r\nOK\r\n" } else { "" })
    });
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 2 })]);
    assert_eq!(bench.commands, ["AT+CMGS=18\r0011000B915155100024F70000FF04F4F29C0E\x1a"]);
    bench.say(&format!("+CMT: \"\",23\r\n{MESSAGE}\r\n"));
    let [(digits, ticket)] = &received(bench.take())[..] else { panic!("no message") };
    assert_eq!(digits, MESSAGE);
    bench.done(ticket);
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.count("AT+CNMA=1"), 1);
}

#[test]
fn a_direct_message_that_is_damaged_is_not_acknowledged_and_indications_are_set_again() {
    static DIRECT: Profile =
        Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..profile::GENERIC };
    let mut bench = Bench::ready(&DIRECT);
    bench.say("\r\n+CMT: ,23\r\n07911555010042F7040B91515510\r\n");
    bench.pass(30_000, &mut |said| Some(plain(said)));
    assert_eq!(bench.take(), [EventKind::Damaged, EventKind::Ready]);
    assert_eq!(bench.count("AT+CNMA"), 0);
    assert_eq!(bench.count("AT+CNMI=2,2,0,1,0"), 1);
    assert_eq!(bench.engine.damaged(), 1);
}

#[test]
fn a_refusal_is_a_refusal_of_the_command_in_flight() {
    let mut bench = Bench::ready(&GENERIC);
    bench.ussd("*100#").unwrap();
    bench.pass(1_000, &mut |_| Some("\r\n+CME ERROR: 258\r\n"));
    let failed = Answered::Failed(Failure::Cme(CmeError(258)));
    assert_eq!(bench.take(), [EventKind::Answered(failed)]);
}
