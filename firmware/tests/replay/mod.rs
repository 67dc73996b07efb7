//! Plays a transcript to the engine: what the modem said comes from the transcript, what it would
//! have said to commands that the transcript lacks comes from [`plain_answer`].

use septet::pdu::Pdu;
use septet_firmware::engine::Outcome;
use septet_firmware::{Engine, Event, EventKind, Instant, Output, Profile};

/// How the octets of the modem are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Each line of the transcript at once.
    Whole,
    /// Octet by octet.
    Octets,
    /// Each line of the transcript in two, so many octets from its start.
    At(usize),
}

#[derive(Debug)]
enum Item {
    Host(Vec<u8>),
    Modem(Vec<u8>),
    Pass(u64),
    Outside,
    Conclude(String),
}

/// Plays `transcript` and returns every event; panics where a conclusion is missed.
pub fn replay(transcript: &str, profile: &'static Profile, cut: Cut) -> Vec<Event> {
    let mut replay = Replay {
        items: transcript.lines().filter_map(item).collect(),
        at: 0,
        engine: Engine::new(profile, Instant(0)),
        now: 0,
        host: Vec::new(),
        events: Vec::new(),
        concluded: 0,
        cut,
        silent: false,
    };
    replay.run();
    replay.events
}

/// The longest modem line of the transcript, in octets.
pub fn longest_line(transcript: &str) -> usize {
    let len = |item| if let Item::Modem(octets) = item { octets.len() } else { 0 };
    transcript.lines().filter_map(item).map(len).max().unwrap_or(0)
}

/// What a modem with nothing special answers; it has no prompt, which a transcript must bring.
pub fn plain_answer(command: &str) -> &'static str {
    match command {
        "AT+CPIN?" => "\r\n+CPIN: READY\r\n\r\nOK\r\n",
        "AT+CMGF?" => "\r\n+CMGF: 0\r\n\r\nOK\r\n",
        "AT+CREG?" => "\r\n+CREG: 0,1\r\n\r\nOK\r\n",
        "AT+CGREG?" => "\r\n+CGREG: 0,1\r\n\r\nOK\r\n",
        "AT+CEREG?" => "\r\n+CME ERROR: 100\r\n",
        "AT+CSMS=0" => "\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n",
        _ => "\r\nOK\r\n",
    }
}

fn item(line: &str) -> Option<Item> {
    let (kind, rest) = line.split_at_checked(2).unwrap_or((line, ""));
    Some(match kind.trim_end() {
        ">" => Item::Host(unescape(rest)),
        "<" => Item::Modem(unescape(rest)),
        "~" => Item::Pass(rest.trim().parse().unwrap()),
        "!" => Item::Outside,
        "=" => Item::Conclude(rest.split(';').next().unwrap().trim().to_owned()),
        "#" | "" => return None,
        _ => panic!("no line of a transcript: {line}"),
    })
}

fn unescape(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'\\' => match rest.next() {
                Some(b'r') => b'\r',
                Some(b'n') => b'\n',
                Some(b'\\') => b'\\',
                Some(b'x') => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => panic!("no escape: {other:?} in {text}"),
            },
            _ => octet,
        });
    }
    octets
}

/// `+CMGS=` of `AT+CMGS=18`: what is asked for, without the values.
fn name(command: &[u8]) -> &[u8] {
    let end = command.iter().position(|octet| matches!(octet, b'=' | b'?'));
    let end = end.map_or(command.len(), |end| end + 1);
    command[..end].trim_ascii_end()
}

struct Replay {
    items: Vec<Item>,
    at: usize,
    engine: Engine,
    now: u64,
    /// What the engine wrote and nobody has looked at yet.
    host: Vec<u8>,
    events: Vec<Event>,
    concluded: usize,
    cut: Cut,
    /// The modem is not on yet.
    silent: bool,
}

impl Replay {
    fn run(&mut self) {
        let first = self.items.iter().find_map(|item| match item {
            Item::Host(octets) => Some(octets.clone()),
            _ => None,
        });
        self.silent = matches!(self.items[0], Item::Outside);
        let set_up = ["AT", "ATE0", "AT+CMEE=", "AT+CPIN?", "AT+CMGF=", "AT+CSMS="];
        if !set_up.iter().any(|set_up| name(first.as_deref().unwrap()) == set_up.as_bytes()) {
            self.until("ready");
            self.pass(2_000);
        }
        while self.at < self.items.len() {
            self.at += 1;
            match &self.items[self.at - 1] {
                Item::Pass(ms) => self.pass(*ms),
                Item::Outside => {}
                Item::Modem(octets) => {
                    // A modem that has gone off answers nothing until it says something again.
                    self.silent = octets.ends_with(b"POWER DOWN\r\n");
                    let octets = octets.clone();
                    self.feed(&octets);
                }
                Item::Conclude(what) => {
                    let what = what.clone();
                    self.until(&what);
                }
                Item::Host(octets) => {
                    let octets = octets.clone();
                    self.host_writes(&octets);
                }
            }
        }
        self.pass(1_000);
        self.conclude(self.events.len(), "the end");
    }

    /// Takes the next events as concluded, of which none may be a fate that the transcript lacks.
    fn conclude(&mut self, end: usize, what: &str) {
        let mut passed_over = self.events[self.concluded..end].iter();
        let fate = passed_over.find(|event| matches!(event.kind, EventKind::Finished(_)));
        assert_eq!(fate, None, "before {what}");
        self.concluded = end;
    }

    /// Brings the engine to write `octets`, or something later in the transcript.
    fn host_writes(&mut self, octets: &[u8]) {
        if octets.ends_with(b"\x1a") {
            self.pump();
            assert_eq!(self.host, octets, "the PDU, which follows the prompt at once");
            self.host.clear();
            return;
        }
        self.at -= 1;
        let start = self.at;
        if name(octets) == b"AT+CMGS=" {
            let digits = self.items[self.at..].iter().find_map(|item| match item {
                Item::Host(octets) => octets.strip_suffix(b"\x1a"),
                _ => None,
            });
            let pdu = Pdu::from_hex(digits.unwrap()).unwrap();
            while !self.engine.is_ready() {
                self.step(self.now + 1_000);
            }
            self.engine.send(&pdu, Instant(self.now)).unwrap();
        }
        let until = self.now + 30_000;
        while self.at == start && self.now < until {
            self.step(until);
        }
        if self.at == start {
            // The engine does not say that: its answers are passed over.
            self.at += 1;
            while matches!(self.items.get(self.at), Some(Item::Modem(_))) {
                self.at += 1;
            }
        }
    }

    /// Lets time pass until the engine concludes `what`.
    fn until(&mut self, what: &str) {
        let until = self.now + 200_000;
        loop {
            if let Some(at) = self.events[self.concluded..].iter().position(|e| is(e, what)) {
                self.conclude(self.concluded + at, what);
                self.concluded += 1;
                return;
            }
            assert!(self.now < until, "not concluded: {what}; but {:?}", self.events);
            self.step(until);
        }
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        while self.now < until {
            self.step(until);
        }
    }

    /// Goes on to the engine's next deadline, at most to `until`.
    fn step(&mut self, until: u64) {
        let wake_at = self.pump().0;
        if self.host.ends_with(b"\r") {
            let command = std::mem::take(&mut self.host);
            self.command(command.trim_ascii());
            return;
        }
        self.now = wake_at.clamp(self.now, until);
        self.engine.expire(Instant(self.now));
        self.pump();
    }

    fn command(&mut self, command: &[u8]) {
        if command == b"\x1b" {
            return;
        }
        // Where the transcript has this command next, apart from some that the engine does not say.
        let ahead = &self.items[self.at..];
        let said = ahead
            .iter()
            .take_while(|item| !matches!(item, Item::Conclude(_)))
            .position(|item| matches!(item, Item::Host(octets) if name(octets) == name(command)));
        if let Some(ahead) = said {
            self.at += ahead + 1;
            return;
        }
        if self.silent {
            return;
        }
        let mut answer = Vec::new();
        if self.echoes() {
            answer.extend_from_slice(command);
            answer.push(b'\r');
        }
        answer.extend_from_slice(plain_answer(std::str::from_utf8(command).unwrap()).as_bytes());
        self.feed(&answer);
    }

    /// Whether the modem of the transcript echoes its next command.
    fn echoes(&self) -> bool {
        let mut ahead = self.items[self.at..].iter();
        ahead.find(|item| matches!(item, Item::Host(_)));
        ahead.any(|item| matches!(item, Item::Modem(octets) if octets.starts_with(b"AT")))
    }

    fn feed(&mut self, octets: &[u8]) {
        let pieces: Vec<&[u8]> = match self.cut {
            Cut::Whole => vec![octets],
            Cut::Octets => octets.chunks(1).collect(),
            Cut::At(at) => {
                let (head, tail) = octets.split_at(at.min(octets.len()));
                vec![head, tail]
            }
        };
        for mut piece in pieces {
            while !piece.is_empty() {
                let taken = self.engine.receive(piece, Instant(self.now));
                piece = &piece[taken..];
                self.pump();
            }
        }
    }

    fn pump(&mut self) -> Instant {
        loop {
            match self.engine.poll() {
                Output::Transmit(octets) => self.host.extend_from_slice(octets),
                Output::Event(event) => self.events.push(event),
                Output::Pin(..) | Output::Baud(_) => {}
                Output::Wait(at) => {
                    let Some(event) = self.events.last() else { return at };
                    let EventKind::Received { ticket, .. } = &event.kind else { return at };
                    let ticket = ticket.clone();
                    self.engine.done(&ticket, Instant(self.now));
                    match self.engine.poll() {
                        Output::Transmit(octets) => self.host.extend_from_slice(octets),
                        Output::Event(event) => self.events.push(event),
                        Output::Pin(..) | Output::Baud(_) => {}
                        Output::Wait(at) => return at,
                    }
                }
            }
        }
    }
}

/// Whether `event` is what the transcript concludes.
fn is(event: &Event, what: &str) -> bool {
    let words: Vec<&str> = what.split_whitespace().collect();
    let code = |what: &str| what.split_once('=').map(|(_, code)| code.parse::<u16>().unwrap());
    match (words.as_slice(), &event.kind) {
        (["ready"], EventKind::Ready)
        | (["reboot"], EventKind::Rebooted)
        | (["lost"], EventKind::Lost(_))
        | (["received"], EventKind::Received { .. })
        | (["unknown"], EventKind::Finished(Outcome::Unknown(_)))
        | (["not", "sent"], EventKind::Finished(Outcome::NotSent(_))) => true,
        (["sent", mr], EventKind::Finished(Outcome::Sent { reference })) => {
            code(mr) == Some((*reference).into())
        }
        (["refused", rest @ ..], EventKind::Finished(Outcome::Refused { code: failure, .. })) => {
            use septet::at::Failure;
            match (rest, failure) {
                ([], Failure::Error) => true,
                ([what], Failure::Cms(error)) => {
                    what.starts_with("cms=") && code(what) == Some(error.0)
                }
                ([what], Failure::Cme(error)) => {
                    what.starts_with("cme=") && code(what) == Some(error.0)
                }
                _ => false,
            }
        }
        (["waiting", store, index], EventKind::Waiting { store: at, index: slot }) => {
            *store == at.name() && index.parse() == Ok(*slot)
        }
        (["ready" | "reboot" | "lost" | "received" | "unknown"], _)
        | (["not", "sent"] | ["sent", _] | ["refused", ..] | ["waiting", _, _], _) => false,
        _ => panic!("no conclusion: {what}"),
    }
}
