//! The law of the session with a modem that has a store, in one place for the property tests and for
//! the fuzzer.
//!
//! The modem does what it is told, in order, though perhaps late; it refuses, restarts, and leaves one
//! command unanswered for ever. Whatever it does: no message is deleted or acknowledged that the
//! caller did not say it has, every message is handed over, `Sent` carries the reference that the
//! modem gave to that very message, and what is `NotSent` or `Refused` did not go.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use septet::pdu::Pdu;
use septet_firmware::engine::Outcome;
use septet_firmware::profile::{GENERIC, SIM800};
use septet_firmware::{Engine, Event, EventKind, Instant, Output, Profile, Ticket};

/// They look through the stores often, so that little time need pass.
static PROFILES: [Profile; 3] = [
    Profile { sweep_ms: 60_000, ..GENERIC },
    Profile { sweep_ms: 60_000, ..SIM800 },
    Profile { sweep_ms: 60_000, acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC },
];

/// Commands of which one may stay unanswered.
const UNANSWERED: [Option<&str>; 8] = [
    None,
    None,
    None,
    Some("AT+CMGD="),
    Some("AT+CNMA"),
    Some("AT+CMGR=1"),
    Some("AT+CMGL="),
    Some("AT+CPMS="),
];

const REFUSALS: [&str; 4] = [
    "\r\nERROR\r\n",
    "\r\n+CMS ERROR: 314\r\n",
    "\r\n+CME ERROR: 14\r\n",
    "\r\n+CMS ERROR: 500\r\n",
];

/// What a modem says when it has started.
const SIGNS: [&str; 3] = ["\r\nRDY\r\n", "\r\nCall Ready\r\n", ""];

/// How late an answer comes.
const LATE_MS: [u64; 8] = [100, 400, 1_100, 5_200, 6_000, 11_000, 40_000, 130_000];

const SLOTS: u16 = 4;

/// Time in which everything that was begun ends: the longest answer, three looks through the stores
/// and what an unanswered command takes of each.
const CALM_MS: u64 = 600_000;

/// Reads `script` as what happens to a session and checks the law.
///
/// The first octet chooses profile and unanswered command, each other one is a deed: some time, a
/// message that comes or goes, a ticket given back, a restart, or what befalls the next command.
pub fn holds(script: &[u8]) {
    let Some((choice, deeds)) = script.split_first() else { return };
    let whole = World::new(*choice, usize::MAX).run(deeds);
    let octets = World::new(*choice, 1).run(deeds);
    assert_eq!(whole, octets, "a stream means the same however it is cut");
}

/// A message with this number.
fn message(number: u32) -> String {
    format!("07911555010042F7040B915155100024F70000{number:08X}54128004D4F29C0E")
}

struct World {
    engine: Engine,
    modem: Modem,
    now: u64,
    /// How many octets are given at a time.
    cut: usize,
    events: Vec<Event>,
    /// Messages that the caller has and said nothing of.
    tickets: Vec<(Ticket, u32)>,
    handed_over: BTreeSet<u32>,
    kept: BTreeSet<u32>,
    /// Messages that came to the modem.
    came: u32,
    /// The number of the message being sent, and of the last one.
    sending: Option<u8>,
    sent: u8,
    lost: bool,
}

impl World {
    fn new(choice: u8, cut: usize) -> Self {
        let profile = &PROFILES[usize::from(choice) % 3];
        Self {
            engine: Engine::new(profile, Instant(0)),
            modem: Modem::new(profile, UNANSWERED[usize::from(choice / 3) % UNANSWERED.len()]),
            now: 0,
            cut,
            events: Vec::new(),
            tickets: Vec::new(),
            handed_over: BTreeSet::new(),
            kept: BTreeSet::new(),
            came: 0,
            sending: None,
            sent: 0,
            lost: false,
        }
    }

    fn run(mut self, deeds: &[u8]) -> Vec<Event> {
        self.pass(5_000);
        for deed in deeds {
            let deed = usize::from(*deed);
            match deed {
                0..=111 => self.pass(1 << (deed % 18)),
                112..=151 => self.arrive(deed),
                152..=175 => self.send(),
                176..=207 => self.give_back(deed, true),
                208..=215 => self.give_back(deed, false),
                216..=231 => self.modem.fault = Some(Fault::Late(LATE_MS[deed % 8])),
                232..=247 => self.modem.fault = Some(Fault::Refused(REFUSALS[deed % 4])),
                248..=251 => self.modem.fault = Some(Fault::Restart(SIGNS[deed % 3])),
                _ => self.modem.restart(SIGNS[deed % 3], self.now),
            }
        }
        self.modem.fault = None;
        for _ in 0..CALM_MS / 10_000 {
            while !self.tickets.is_empty() {
                self.give_back(0, true);
            }
            self.modem.repeat_direct();
            self.pass(10_000);
        }
        // Set-up may be on its way again.
        let patience = self.modem.profile.boot_ms + self.modem.profile.register_ms;
        for _ in 0..patience / 1_000 {
            if !self.engine.is_ready() {
                self.pass(1_000);
            }
        }
        self.check();
        self.events
    }

    /// A message comes: directly, or into a slot, with an announcement or without.
    fn arrive(&mut self, deed: usize) {
        let stores = self.modem.profile.stores;
        let store = stores[deed / 2 % stores.len()].name().to_owned();
        let index =
            (1..=SLOTS).find(|index| !self.modem.store.contains_key(&(store.clone(), *index)));
        let number = self.came + 1;
        match index {
            _ if self.modem.acknowledged && deed.is_multiple_of(2) => {
                if self.modem.direct.is_some() {
                    return;
                }
                self.modem.direct = Some(number);
                self.modem.repeat_direct();
            }
            Some(index) => {
                self.modem.store.insert((store.clone(), index), number);
                if !deed.is_multiple_of(5) {
                    self.modem.says(&format!("\r\n+CMTI: \"{store}\",{index}\r\n"));
                }
            }
            None => return,
        }
        self.came = number;
        self.pass(0);
    }

    fn send(&mut self) {
        let number = self.sent.wrapping_add(1);
        let pdu =
            Pdu::from_hex(format!("0011{number:02X}0B915155100024F70000FF04F4F29C0E")).unwrap();
        if self.engine.send(&pdu, Instant(self.now)).is_ok() {
            assert_eq!(self.sending, None, "two messages at a time");
            self.modem.sent.retain(|(sent, _)| *sent != number);
            self.sending = Some(number);
            self.sent = number;
        }
        self.pass(0);
    }

    fn give_back(&mut self, deed: usize, done: bool) {
        if self.tickets.is_empty() {
            return;
        }
        let (ticket, number) = self.tickets.remove(deed % self.tickets.len());
        if done {
            self.modem.safe.insert(number);
            self.engine.done(&ticket, Instant(self.now));
        } else {
            self.kept.insert(number);
            self.engine.keep(&ticket, Instant(self.now));
        }
        self.pass(0);
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        let mut turns = 0;
        loop {
            let wake_at = self.poll();
            let said = self.modem.turn(self.now);
            if !said.is_empty() {
                self.feed(&said);
                continue;
            }
            let next = wake_at.min(self.modem.wake_at());
            if next > until {
                break;
            }
            self.now = self.now.max(next);
            if wake_at <= self.now {
                self.engine.expire(Instant(self.now));
            }
            turns += 1;
            assert!(turns < 100_000, "the engine does not come to rest");
        }
        self.now = until;
    }

    fn feed(&mut self, octets: &[u8]) {
        for mut piece in octets.chunks(self.cut.min(octets.len())) {
            while !piece.is_empty() {
                let taken = self.engine.receive(piece, Instant(self.now));
                piece = &piece[taken..];
                self.poll();
            }
        }
    }

    fn poll(&mut self) -> u64 {
        loop {
            match self.engine.poll() {
                Output::Wait(at) => return at.0,
                Output::Pin(..) | Output::Baud(_) => {}
                Output::Transmit(octets) => self.modem.typed.extend(octets),
                Output::Event(event) => self.happened(event),
            }
        }
    }

    fn happened(&mut self, event: Event) {
        match &event.kind {
            EventKind::Ready => self.lost = false,
            EventKind::Lost(_) => self.lost = true,
            EventKind::Received { pdu, ticket } => {
                let digits: String = pdu.hex().map(char::from).collect();
                let number = u32::from_str_radix(&digits[38..46], 16).unwrap();
                assert_eq!(digits, message(number), "it never came");
                self.handed_over.insert(number);
                self.tickets.push((ticket.clone(), number));
            }
            EventKind::Finished(outcome) => {
                let number = self.sending.take().expect("a fate without a message");
                let went = self.modem.sent.iter().find(|(sent, _)| *sent == number);
                match outcome {
                    Outcome::Sent { reference } => assert_eq!(went, Some(&(number, *reference))),
                    Outcome::NotSent(_) | Outcome::Refused { .. } => assert_eq!(went, None),
                    Outcome::Unknown(_) => {}
                }
            }
            _ => {}
        }
        self.events.push(event);
    }

    /// Nothing is left undone that the modem lets the engine do.
    fn check(&self) {
        assert_eq!(self.sending, None, "a message met no fate");
        assert!(self.engine.is_ready() || self.lost, "neither ready nor lost");
        let unanswered = self.modem.unanswered;
        if matches!(unanswered, Some("AT+CMGL=" | "AT+CPMS=")) {
            return;
        }
        assert!(self.engine.is_ready());
        for number in 1..=self.came {
            let unreadable = unanswered == Some("AT+CMGR=1")
                && self
                    .modem
                    .store
                    .iter()
                    .any(|((_, index), stored)| *index == 1 && *stored == number);
            assert!(unreadable || self.handed_over.contains(&number), "{number} not handed over");
        }
        if unanswered.is_none() {
            let left = self.modem.store.values().find(|number| !self.kept.contains(number));
            assert_eq!(left, None, "not deleted");
        }
    }
}

/// What befalls the next command.
enum Fault {
    Late(u64),
    Refused(&'static str),
    Restart(&'static str),
}

struct Modem {
    profile: &'static Profile,
    unanswered: Option<&'static str>,
    fault: Option<Fault>,
    /// What was written to it and not read yet: it reads nothing while it is busy.
    typed: VecDeque<u8>,
    line: Vec<u8>,
    prompt: bool,
    echo: bool,
    busy_until: u64,
    /// Until when it starts: what is written to it is lost.
    off_until: u64,
    /// What it says when it is no longer busy.
    answer: Vec<u8>,
    /// What it says at once.
    unasked: Vec<u8>,
    selected: String,
    store: BTreeMap<(String, u16), u32>,
    /// The message that waits to be acknowledged, where that was agreed.
    direct: Option<u32>,
    acknowledged: bool,
    /// Messages that the caller said it has.
    safe: BTreeSet<u32>,
    /// Messages that went, with the reference of each.
    sent: Vec<(u8, u8)>,
    reference: u8,
}

impl Modem {
    fn new(profile: &'static Profile, unanswered: Option<&'static str>) -> Self {
        Self {
            profile,
            unanswered,
            fault: None,
            typed: VecDeque::new(),
            line: Vec::new(),
            prompt: false,
            echo: true,
            busy_until: 0,
            off_until: 0,
            answer: Vec::new(),
            unasked: Vec::new(),
            selected: "ME".to_owned(),
            store: BTreeMap::new(),
            direct: None,
            acknowledged: false,
            safe: BTreeSet::new(),
            sent: Vec::new(),
            reference: 100,
        }
    }

    fn says(&mut self, text: &str) {
        self.unasked.extend_from_slice(text.as_bytes());
    }

    fn repeat_direct(&mut self) {
        if let Some(number) = self.direct {
            self.says(&format!("\r\n+CMT: ,23\r\n{}\r\n", message(number)));
        }
    }

    fn wake_at(&self) -> u64 {
        if self.answer.is_empty() && self.typed.is_empty() { u64::MAX } else { self.busy_until }
    }

    /// Reads and does what it can by now, and returns what it says.
    fn turn(&mut self, now: u64) -> Vec<u8> {
        if now < self.off_until {
            self.typed.clear();
        }
        let mut said = std::mem::take(&mut self.unasked);
        while now >= self.busy_until {
            said.append(&mut self.answer);
            let Some(octet) = self.typed.pop_front() else { break };
            match (self.prompt, octet) {
                (true, 0x1a) => {
                    let digits = String::from_utf8(std::mem::take(&mut self.line)).unwrap();
                    self.prompt = false;
                    self.obeys(now, |modem| modem.submit(&digits));
                }
                (true, 0x1b) => {
                    self.line.clear();
                    self.prompt = false;
                    self.answer.extend(b"\r\nOK\r\n");
                }
                (false, 0x1b) => {}
                (false, b'\r') => {
                    let command = String::from_utf8(std::mem::take(&mut self.line)).unwrap();
                    if self.echo {
                        said.extend_from_slice(command.as_bytes());
                        said.push(b'\r');
                    }
                    if command.starts_with("AT") {
                        let unanswered =
                            self.unanswered.is_some_and(|name| command.starts_with(name));
                        self.obeys(now, |modem| modem.command(&command));
                        if unanswered {
                            self.answer.clear();
                        }
                    }
                }
                _ => self.line.push(octet),
            }
        }
        said
    }

    /// Does what it was told, unless something befalls it.
    fn obeys(&mut self, now: u64, deed: impl FnOnce(&mut Self) -> String) {
        let answer = match self.fault.take() {
            Some(Fault::Refused(refusal)) => refusal.to_owned(),
            Some(Fault::Restart(sign)) => {
                // It may have done it.
                let _ = deed(self);
                return self.restart(sign, now);
            }
            Some(Fault::Late(ms)) => {
                self.busy_until = now + ms;
                deed(self)
            }
            None => deed(self),
        };
        self.answer.extend(answer.into_bytes());
    }

    fn restart(&mut self, sign: &str, now: u64) {
        self.typed.clear();
        self.line.clear();
        self.prompt = false;
        self.echo = true;
        self.acknowledged = false;
        self.selected = "ME".to_owned();
        self.off_until = now + 3_000;
        self.busy_until = self.off_until;
        self.answer = sign.as_bytes().to_vec();
    }

    fn submit(&mut self, digits: &str) -> String {
        let Ok(pdu) = Pdu::from_hex(digits) else { return "\r\n+CMS ERROR: 304\r\n".to_owned() };
        self.reference = self.reference.wrapping_add(1);
        self.sent.push((pdu.octets()[2], self.reference));
        format!("\r\n+CMGS: {}\r\n\r\nOK\r\n", self.reference)
    }

    fn command(&mut self, command: &str) -> String {
        let (name, argument) = command.split_once('=').unwrap_or((command, ""));
        let slot = (self.selected.clone(), argument.parse().unwrap_or(0));
        let answer = match name {
            "ATE0" => {
                self.echo = false;
                String::new()
            }
            "AT+CPIN?" => "\r\n+CPIN: READY\r\n".to_owned(),
            "AT+CMGF?" => "\r\n+CMGF: 0\r\n".to_owned(),
            "AT+CREG?" => "\r\n+CREG: 1,1\r\n".to_owned(),
            "AT+CGREG?" | "AT+CEREG?" => return "\r\n+CME ERROR: 100\r\n".to_owned(),
            "AT+CSMS" => {
                self.acknowledged = argument == "1";
                String::new()
            }
            "AT+CNMA" => {
                let Some(number) = self.direct.take() else {
                    return "\r\n+CMS ERROR: 340\r\n".to_owned();
                };
                assert!(self.safe.contains(&number), "acknowledged before anybody has it");
                String::new()
            }
            "AT+CPMS" => {
                self.selected = argument.trim_matches('"').to_owned();
                String::new()
            }
            "AT+CMGL" => {
                let listed = |(slot, number): (&(String, u16), &u32)| {
                    let (store, index) = slot;
                    let digits = message(*number);
                    (*store == self.selected)
                        .then(|| format!("\r\n+CMGL: {index},1,,23\r\n{digits}\r\n"))
                };
                self.store.iter().filter_map(listed).collect()
            }
            "AT+CMGR" => match self.store.get(&slot) {
                Some(number) => format!("\r\n+CMGR: 1,,23\r\n{}\r\n", message(*number)),
                None => return "\r\n+CMS ERROR: 321\r\n".to_owned(),
            },
            "AT+CMGD" => {
                if let Some(number) = self.store.remove(&slot) {
                    assert!(self.safe.contains(&number), "deleted before anybody has it");
                }
                String::new()
            }
            "AT+CMGS" => {
                self.prompt = true;
                return "\r\n> ".to_owned();
            }
            _ => String::new(),
        };
        format!("{answer}\r\nOK\r\n")
    }
}
