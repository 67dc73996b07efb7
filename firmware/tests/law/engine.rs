//! The law of the session, in one place for the property tests and for the fuzzer.
//!
//! Whatever the modem says, and however its octets are cut: nothing panics, `Ready` or `Lost` comes
//! within the time that the profile allows, a message ends exactly once, and it is `Sent` only after
//! `+CMGS:` and `OK` came behind its PDU.

use septet::pdu::Pdu;
use septet_firmware::engine::{Answered, Outcome};
use septet_firmware::options::{SimPin, Wiring};
use septet_firmware::profile::{GENERIC, NRF91, PROFILES, SIM800};
use septet_firmware::{Engine, Event, EventKind, Instant, Options, Output, Profile, Ticket};

static ACKNOWLEDGING: Profile =
    Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };

/// Lines and pieces of lines that mean something, so that random streams come far.
const PHRASES: [&[u8]; 40] = [
    b"\r\nOK\r\n",
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n> ",
    b">\r\n",
    b"\r\n+CMGS: 7\r\n",
    b"\r\n+CMS ERROR: 500\r\n",
    b"\r\n+CME ERROR: 14\r\n",
    b"\r\n+CPIN: READY\r\n",
    b"\r\n+CPIN: SIM PIN\r\n",
    b"\r\n+CMGF: 0\r\n",
    b"\r\n+CMGF: 1\r\n",
    b"\r\n+CREG: 0,1\r\n",
    b"\r\n+CREG: 2\r\n",
    b"\r\n+CMTI: \"SM\",3\r\n",
    b"\r\n+CDSI: \"SR\",8\r\n",
    b"\r\n+CMT: ,23\r\n",
    b"\r\n+CDS: 25\r\n",
    b"\r\n+CMGR: 0,,23\r\n",
    b"\r\n+CMGL: 1,0,,23\r\n",
    b"07911555010042F7040B915155100024F700002270513254128004D4F29C0E\r\n",
    b"079151551000243706400C91515510002437511090718384225110907183252200\r\n",
    b"0791155\r\n",
    b"\r\nRDY\r\n",
    b"\r\nCall Ready\r\n",
    b"\r\nSMS Ready\r\n",
    b"\r\nNORMAL POWER DOWN\r\n",
    b"AT\r\r\n",
    b"AT+CMGS=18\r\r\n",
    b"\r\n+CMGS:",
    b"\r\n^RSSI:13\r\n",
    b"\xff\x00",
    b"\r\n+CUSD: 1,\"1 Yes\r\n2 No\",15\r\n",
    b"\r\n+CUSD: 0,\"",
    b"\r\n+SMS FULL\r\n",
    b"\r\n+CPINR: SIM PIN,2\r\n",
    b"\r\n+CSQ: 9,99\r\n",
    b"\r\n+CME ERROR: 258\r\n",
    b"\r\n+CMS ERROR: 524\r\n",
    b"\r\nSIM800\r\n",
];

/// A message to be sent.
const PDU: &str = "0011000B915155100024F70000FF04F4F29C0E";

/// Reads `script` as what a modem and its user do, octet by octet, and checks the law.
///
/// Each octet of the script is one deed: a phrase, a plain answer to the command in flight, some
/// time, a message to send, a ticket given back, a command of the caller's, or the octet after it as it
/// is.
pub fn holds(script: &[u8]) {
    let options = options(script.len());
    // The same stream in two cuts: as it is, and octet by octet.
    let whole = Session::new(options, usize::MAX).run(script);
    let octets = Session::new(options, 1).run(script);
    assert_eq!(whole, octets, "a stream means the same however it is cut");
}

/// The surroundings of a session: each profile of three, plain and with all that there can be.
fn options(choice: usize) -> Options {
    let plain = Options::new([&GENERIC, &SIM800, &ACKNOWLEDGING, &NRF91][choice % 4]);
    if choice.is_multiple_of(8) {
        let wiring =
            Wiring { power_key: true, reset: true, data_terminal_ready: true, supply: true };
        let bauds = &[115_200, 9_600];
        let (pin, baud) = (SimPin::new("1234"), Some(460_800));
        let (flow_control, sleep) = (true, true);
        Options { candidates: PROFILES, pin, wiring, bauds, baud, flow_control, sleep, ..plain }
    } else {
        plain
    }
}

struct Session {
    engine: Engine,
    now: u64,
    /// How many octets are given at a time.
    cut: usize,
    /// The command or PDU that was written last, and what came since.
    written: Vec<u8>,
    heard: Vec<u8>,
    events: Vec<Event>,
    tickets: Vec<Ticket>,
    /// Messages taken for sending that have not met their fate.
    sending: usize,
    /// Since when neither `Ready` nor `Lost` came though one of them should.
    unsettled_since: Option<u64>,
    was_ready: bool,
    /// `Lost` was told since the last look.
    lost: bool,
    /// Whether the message being sent was handed to the modem.
    handed_over: bool,
    /// Commands of the caller's that have not ended.
    asked: usize,
    /// How often the PIN was entered without being told that it was right.
    pins: usize,
}

impl Session {
    fn new(options: Options, cut: usize) -> Self {
        Self {
            engine: Engine::with(options, Instant(0)),
            now: 0,
            cut,
            written: Vec::new(),
            heard: Vec::new(),
            events: Vec::new(),
            tickets: Vec::new(),
            sending: 0,
            unsettled_since: Some(0),
            was_ready: false,
            lost: false,
            handed_over: false,
            asked: 0,
            pins: 0,
        }
    }

    fn run(mut self, script: &[u8]) -> Vec<Event> {
        self.poll();
        let mut deeds = script.iter();
        while let Some(deed) = deeds.next() {
            match deed {
                0..=39 => self.feed(PHRASES[usize::from(*deed)]),
                40..=127 => self.feed(&self.answer()),
                128..=191 => {
                    // 0 ms to 131 s.
                    let ms = (1_u64 << ((deed - 128) / 4)) * (u64::from(deed % 4) + 1) - 1;
                    self.pass(ms);
                }
                192..=207 => {
                    let pdu = Pdu::from_hex(PDU).unwrap();
                    if self.engine.send(&pdu, Instant(self.now)).is_ok() {
                        self.sending += 1;
                        self.handed_over = false;
                    }
                    self.poll();
                }
                208..=223 => {
                    if let Some(ticket) = self.tickets.pop() {
                        self.engine.done(&ticket, Instant(self.now));
                        self.poll();
                    }
                }
                224..=231 => {
                    let taken = self.engine.ussd("*100#", Instant(self.now));
                    self.asked += usize::from(taken.is_ok());
                    self.poll();
                }
                232..=235 => {
                    self.engine.powered(*deed == 235, Instant(self.now));
                    self.poll();
                }
                236..=255 => {
                    if let Some(octet) = deeds.next() {
                        self.feed(&[*octet]);
                    }
                }
            }
        }
        // Then silence: everything that was begun ends.
        self.pass(400_000);
        assert_eq!(self.sending, 0, "a message met no fate");
        assert_eq!(self.asked, 0, "a command did not end");
        self.events
    }

    fn feed(&mut self, octets: &[u8]) {
        for mut piece in octets.chunks(self.cut.min(octets.len().max(1))) {
            while !piece.is_empty() {
                let taken = self.engine.receive(piece, Instant(self.now));
                self.heard.extend_from_slice(&piece[..taken]);
                piece = &piece[taken..];
                self.poll();
            }
        }
    }

    /// What a plain modem answers to what was written last.
    fn answer(&self) -> Vec<u8> {
        let command = self.written.trim_ascii();
        let answer: &[u8] = match command {
            _ if command.ends_with(b"\x1a") => b"\r\n+CMGS: 7\r\n\r\nOK\r\n",
            _ if command.starts_with(b"AT+CMGS=") => b"\r\n> ",
            b"AT+CPIN?" => b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
            b"AT+CMGF?" => b"\r\n+CMGF: 0\r\n\r\nOK\r\n",
            b"AT+CREG?" => b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
            _ if command.starts_with(b"AT+CMGR=") => {
                b"\r\n+CMGR: 0,,23\r\n07911555010042F7040B915155100024F700002270513254128004D4F29C0E\r\n\r\nOK\r\n"
            }
            _ => b"\r\nOK\r\n",
        };
        answer.to_vec()
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now.saturating_add(ms);
        let mut turns = 0;
        loop {
            let wake_at = self.poll();
            if wake_at > until {
                break;
            }
            self.now = self.now.max(wake_at);
            self.engine.expire(Instant(self.now));
            turns += 1;
            assert!(turns < 100_000, "the engine does not come to rest");
        }
        self.now = until;
    }

    fn poll(&mut self) -> u64 {
        loop {
            match self.engine.poll() {
                Output::Wait(at) => {
                    self.check_patience(at.0);
                    return at.0;
                }
                Output::Transmit(octets) => {
                    let octets = octets.to_vec();
                    self.transmitted(&octets);
                }
                Output::Event(event) => self.happened(event),
                Output::Pin(..) | Output::Baud(_) => {}
            }
        }
    }

    /// The engine wakes in time to tell that no message can be sent, and then tells it.
    fn check_patience(&mut self, wake_at: u64) {
        if self.engine.is_ready() {
            self.unsettled_since = None;
            self.was_ready = true;
        } else if std::mem::take(&mut self.was_ready) {
            self.unsettled_since = self.unsettled_since.or(Some(self.now)).filter(|_| !self.lost);
        }
        self.lost = false;
        if let Some(since) = self.unsettled_since {
            let profile = self.engine.profile();
            let patience = u64::from(profile.boot_ms + profile.register_ms);
            assert!(wake_at <= since + patience, "neither ready nor lost");
        }
    }

    fn transmitted(&mut self, octets: &[u8]) {
        if octets.starts_with(b"AT") || octets.starts_with(b"\x1b") || self.written.ends_with(b"\r")
        {
            self.written.clear();
        }
        self.written.extend_from_slice(octets);
        self.heard.clear();
        self.handed_over |= octets.ends_with(b"\x1a");
        if octets.starts_with(b"AT+CPIN=") {
            self.pins += 1;
            assert!(self.pins <= 1, "a PIN is entered again though nothing says that it was right");
        }
    }

    fn happened(&mut self, event: Event) {
        match &event.kind {
            EventKind::Lost(_) => {
                self.unsettled_since = None;
                self.lost = true;
            }
            EventKind::Received { ticket, .. } => self.tickets.push(ticket.clone()),
            EventKind::Answered(answered) => {
                assert_eq!(self.asked, 1, "an end of no command");
                self.asked = 0;
                let heard = self.heard.windows(2).any(|heard| heard == b"OK");
                assert!(*answered != Answered::Ok || heard, "answered without OK");
            }
            EventKind::Finished(outcome) => {
                assert_eq!(self.sending, 1, "a fate without a message");
                self.sending = 0;
                match outcome {
                    Outcome::Sent { reference } => {
                        assert!(self.handed_over, "sent before it was handed over");
                        let heard = String::from_utf8_lossy(&self.heard).into_owned();
                        let told = format!("{reference}");
                        let at = heard.find("+CMGS:").expect("sent without +CMGS");
                        assert!(heard[at..].contains(&told), "another reference");
                        assert!(heard[at..].contains("OK"), "sent without OK");
                    }
                    Outcome::NotSent(_) => {
                        assert!(!self.handed_over, "not sent though it was handed over");
                    }
                    Outcome::Unknown(_) => {
                        assert!(self.handed_over, "unknown though it never left")
                    }
                    Outcome::Refused { .. } => {}
                }
            }
            _ => {}
        }
        self.events.push(event);
    }
}
