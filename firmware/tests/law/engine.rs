//! The law of the session, in one place for the property tests and for the fuzzer.
//!
//! Whatever the modem says, and however its octets are cut: nothing panics, `Ready` or `Lost` comes
//! within the time that the profile allows, a message ends exactly once, and it is `Sent` only after
//! `+CMGS:` and `OK` came behind its PDU.

use septet::pdu::Pdu;
use septet_firmware::engine::Outcome;
use septet_firmware::profile::{GENERIC, SIM800};
use septet_firmware::{Engine, Event, EventKind, Instant, Output, Profile, Ticket};

static ACKNOWLEDGING: Profile =
    Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };

/// Lines and pieces of lines that mean something, so that random streams come far.
const PHRASES: [&[u8]; 32] = [
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
];

/// A message to be sent.
const PDU: &str = "0011000B915155100024F70000FF04F4F29C0E";

/// Reads `script` as what a modem and its user do, octet by octet, and checks the law.
///
/// Each octet of the script is one deed: a phrase, a plain answer to the command in flight, some
/// time, a message to send, a ticket given back, or the octet after it as it is.
pub fn holds(script: &[u8]) {
    let profile = [&GENERIC, &SIM800, &ACKNOWLEDGING][script.len() % 3];
    // The same stream in two cuts: as it is, and octet by octet.
    let whole = Session::new(profile, usize::MAX).run(script);
    let octets = Session::new(profile, 1).run(script);
    assert_eq!(whole, octets, "a stream means the same however it is cut");
}

struct Session {
    profile: &'static Profile,
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
}

impl Session {
    fn new(profile: &'static Profile, cut: usize) -> Self {
        Self {
            profile,
            engine: Engine::new(profile, Instant(0)),
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
        }
    }

    fn run(mut self, script: &[u8]) -> Vec<Event> {
        self.poll();
        let mut deeds = script.iter();
        while let Some(deed) = deeds.next() {
            match deed {
                0..=31 => self.feed(PHRASES[usize::from(*deed)]),
                32..=127 => self.feed(&self.answer()),
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
                224..=255 => {
                    if let Some(octet) = deeds.next() {
                        self.feed(&[*octet]);
                    }
                }
            }
        }
        // Then silence: everything that was begun ends.
        self.pass(400_000);
        assert_eq!(self.sending, 0, "a message met no fate");
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
            let patience = u64::from(self.profile.boot_ms + self.profile.register_ms);
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
    }

    fn happened(&mut self, event: Event) {
        match &event.kind {
            EventKind::Lost(_) => {
                self.unsettled_since = None;
                self.lost = true;
            }
            EventKind::Received { ticket, .. } => self.tickets.push(ticket.clone()),
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
