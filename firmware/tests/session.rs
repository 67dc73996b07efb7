//! What the session promises, one claim a test, against a modem of a few lines.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

use septet::at::{Class, CmsError, Failure, Store};
use septet::pdu::Pdu;
use septet_firmware::engine::{NotSent, Outcome, Trouble, Why};
use septet_firmware::profile::{GENERIC, PROFILES, SIM800};
use septet_firmware::{Busy, Engine, EventKind, Instant, Output, Profile, Ticket};

const MESSAGE: &str = "07911555010042F7040B915155100024F700002270513254128004D4F29C0E";
const READ: &str = "\r\n+CMGR: 0,,23\r\n07911555010042F7040B915155100024F700002270513254128004D4F29C0E\r\n\r\nOK\r\n";

/// A modem as a function: what it answers to a command, `None` for what a plain one does.
type Modem<'a> = &'a mut dyn FnMut(&str) -> Option<&'static str>;

struct Bench {
    engine: Engine,
    now: u64,
    written: Vec<u8>,
    commands: Vec<String>,
    events: Vec<EventKind>,
}

impl Bench {
    fn new(profile: &'static Profile) -> Self {
        let engine = Engine::new(profile, Instant(0));
        Self { engine, now: 0, written: Vec::new(), commands: Vec::new(), events: Vec::new() }
    }

    /// A session that is set up and has looked through the stores.
    fn ready(profile: &'static Profile) -> Self {
        let mut bench = Self::new(profile);
        bench.pass(5_000, &mut |_| None);
        assert_eq!(bench.take(), [EventKind::Ready]);
        bench.commands.clear();
        bench
    }

    fn take(&mut self) -> Vec<EventKind> {
        std::mem::take(&mut self.events)
    }

    fn say(&mut self, text: &str) {
        let mut octets = text.as_bytes();
        while !octets.is_empty() {
            octets = &octets[self.engine.receive(octets, Instant(self.now))..];
            self.poll();
        }
    }

    fn send(&mut self) -> Result<(), Busy> {
        let sent = self.engine.send(
            &Pdu::from_hex("0011000B915155100024F70000FF04F4F29C0E").unwrap(),
            Instant(self.now),
        );
        self.poll();
        sent
    }

    fn done(&mut self, ticket: &Ticket) {
        self.engine.done(ticket, Instant(self.now));
        self.poll();
    }

    fn poll(&mut self) -> u64 {
        loop {
            match self.engine.poll() {
                Output::Transmit(octets) => self.written.extend_from_slice(octets),
                Output::Event(event) => self.events.push(event.kind),
                Output::Wait(at) => return at.0,
            }
        }
    }

    fn pass(&mut self, ms: u64, modem: Modem<'_>) {
        let until = self.now + ms;
        loop {
            let wake_at = self.poll();
            if self.written.ends_with(b"\r") || self.written.ends_with(b"\x1a") {
                let command = String::from_utf8(std::mem::take(&mut self.written)).unwrap();
                let command = command.trim_end_matches('\r').to_owned();
                let answer = modem(&command).unwrap_or_else(|| plain(&command));
                self.commands.push(command);
                self.say(answer);
            } else if wake_at > until {
                self.now = until;
                return;
            } else {
                self.now = self.now.max(wake_at);
                self.engine.expire(Instant(self.now));
            }
        }
    }
}

fn plain(command: &str) -> &'static str {
    match command {
        "\x1b" => "",
        "AT+CPIN?" => "\r\n+CPIN: READY\r\n\r\nOK\r\n",
        "AT+CMGF?" => "\r\n+CMGF: 0\r\n\r\nOK\r\n",
        "AT+CREG?" => "\r\n+CREG: 0,1\r\n\r\nOK\r\n",
        "AT+CGREG?" | "AT+CEREG?" => "\r\nERROR\r\n",
        _ if command.starts_with("AT+CMGS=") => "\r\n> ",
        _ if command.ends_with('\x1a') => "\r\n+CMGS: 7\r\n\r\nOK\r\n",
        _ => "\r\nOK\r\n",
    }
}

fn silent(_: &str) -> Option<&'static str> {
    Some("")
}

fn finished(outcome: Outcome) -> EventKind {
    EventKind::Finished(outcome)
}

fn ticket(events: &[EventKind]) -> Ticket {
    let mut tickets = events.iter().filter_map(|event| match event {
        EventKind::Received { pdu, ticket } => {
            assert_eq!(*pdu, Pdu::from_hex(MESSAGE).unwrap());
            Some(ticket.clone())
        }
        _ => None,
    });
    let ticket = tickets.next().unwrap();
    assert!(tickets.next().is_none());
    ticket
}

#[test]
fn a_session_needs_little_memory() {
    assert!(size_of::<Engine>() <= 900, "{} octets", size_of::<Engine>());
}

#[test]
fn every_line_of_every_profile_fits_the_transmit_buffer() {
    for profile in PROFILES {
        for line in profile.init.iter().chain(profile.indications) {
            assert!("AT\r".len() + line.len() <= 64, "{line}");
        }
    }
}

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
fn a_message_without_a_prompt_certainly_did_not_go() {
    let mut bench = Bench::ready(&SIM800);
    bench.send().unwrap();
    assert_eq!(bench.send(), Err(Busy::Sending));
    bench.pass(10_000, &mut |command| command.starts_with("AT+CMGS=").then_some(""));
    let not_sent = finished(Outcome::NotSent(NotSent::NoPrompt));
    assert_eq!(bench.take(), [not_sent, EventKind::Ready]);
    assert_eq!(bench.commands[1], "\x1b", "the prompt may come yet");
}

#[test]
fn a_late_reference_is_not_taken_for_that_of_the_next_message() {
    let mut bench = Bench::ready(&SIM800);
    bench.send().unwrap();
    bench.pass(70_000, &mut |command| command.ends_with('\x1a').then_some(""));
    assert_eq!(bench.take(), [finished(Outcome::Unknown(Why::NoAnswer)), EventKind::Ready]);
    bench.send().unwrap();
    bench.say("\r\n+CMGS: 6\r\n\r\nOK\r\n");
    bench.pass(5_000, &mut |_| None);
    assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
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
fn an_ok_without_a_reference_is_no_success() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(1_000, &mut |command| command.ends_with('\x1a').then_some("\r\nOK\r\n"));
    assert_eq!(bench.take(), [finished(Outcome::Unknown(Why::Contradiction))]);
}

#[test]
fn a_refusal_tells_its_class() {
    let mut bench = Bench::ready(&GENERIC);
    bench.send().unwrap();
    bench.pass(1_000, &mut |command| command.ends_with('\x1a').then_some("\r\n+CMS ERROR: 38\r\n"));
    let code = Failure::Cms(CmsError::NETWORK_OUT_OF_ORDER);
    assert_eq!(bench.take(), [finished(Outcome::Refused { class: Class::Temporary, code })]);
}

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
fn a_stored_message_is_deleted_only_after_the_caller_has_it() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CMTI: \"ME\",0\r\n");
    bench.pass(1_000, &mut |command| (command == "AT+CMGR=0").then_some(READ));
    assert_eq!(bench.commands, ["AT+CPMS=\"ME\"", "AT+CMGR=0"]);
    assert_eq!(bench.events[0], EventKind::Waiting { store: Store::ME, index: 0 });
    let ticket = ticket(&bench.take());
    bench.pass(3_600_000, &mut |_| None);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CMGD")));
    bench.done(&ticket);
    bench.pass(1_000, &mut |_| None);
    assert!(bench.commands.contains(&"AT+CMGD=0".to_owned()));
}

#[test]
fn messages_that_wait_at_the_start_are_found_though_more_than_are_remembered() {
    let mut bench = Bench::new(&SIM800);
    let mut stored: Vec<u16> = (1..=20).collect();
    for _ in 0..100 {
        let mut modem = |command: &str| {
            if let Some(index) = command.strip_prefix("AT+CMGD=") {
                stored.retain(|stored| stored.to_string() != index);
            }
            if command == "AT+CMGL=4" {
                let list: String = stored
                    .iter()
                    .map(|i| format!("\r\n+CMGL: {i},1,,23\r\n{MESSAGE}\r\n"))
                    .collect();
                return Some(&*Box::leak(format!("{list}\r\nOK\r\n").into_boxed_str()));
            }
            command.starts_with("AT+CMGR=").then_some(READ)
        };
        bench.pass(1_000, &mut modem);
        for event in bench.take() {
            if let EventKind::Received { ticket, .. } = event {
                bench.done(&ticket);
            }
        }
    }
    assert_eq!(stored, []);
}

#[test]
fn an_empty_slot_is_no_message_and_holds_nothing_up() {
    // modem-quectel-ec25-cdsi-names-wrong-store, modem-sim7600x-cdsi-sr-cms-321
    for answer in ["\r\nOK\r\n", "\r\n+CMS ERROR: 321\r\n"] {
        let mut bench = Bench::ready(&GENERIC);
        bench.say("\r\n+CDSI: \"SM\",0\r\n");
        bench.pass(1_000, &mut |command| (command == "AT+CMGR=0").then_some(answer));
        assert_eq!(bench.take(), [EventKind::Waiting { store: Store::SM, index: 0 }]);
        bench.send().unwrap();
        bench.pass(1_000, &mut |_| None);
        assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
    }
}

#[test]
fn what_is_no_pdu_is_told_and_not_deleted() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(1_000, &mut |command| {
        (command == "AT+CMGR=3").then_some("\r\n+CMGR: 0,,23\r\n0791155?\r\n\r\nOK\r\n")
    });
    assert_eq!(bench.take()[1..], [EventKind::Damaged]);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CMGD")));
}

#[test]
fn a_direct_message_is_acknowledged_once_the_caller_has_it() {
    static DIRECT: Profile =
        Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };
    let mut bench = Bench::ready(&DIRECT);
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    bench.pass(1_000, &mut |_| None);
    assert!(bench.commands.is_empty());
    let ticket = ticket(&bench.take());
    bench.done(&ticket);
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.commands, ["AT+CNMA"]);

    // modem-telit-le910-cmt-cnma: late, and the modem forgets +CNMI.
    bench.commands.clear();
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    bench.pass(20_000, &mut |_| None);
    assert!(bench.commands.contains(&"AT+CNMI=2,2,0,1,0".to_owned()));
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
