//! An engine on a virtual clock, against a modem of a few lines.

use std::collections::BTreeMap;

use septet::at::Store;
use septet::pdu::Pdu;
use septet_firmware::engine::{Command, Outcome};
use septet_firmware::options::Pin;
use septet_firmware::profile::GENERIC;
use septet_firmware::{Busy, Engine, EventKind, Instant, Options, Output, Profile, Ticket};

pub(crate) const MESSAGE: &str = "07911555010042F7040B915155100024F700002270513254128004D4F29C0E";
/// Another message, in as many octets.
pub(crate) const OTHER: &str = "07911555010042F7040B915155100024F700002270513254128004C1F29C0E";
pub(crate) const READ: &str = "\r\n+CMGR: 0,,23\r\n07911555010042F7040B915155100024F700002270513254128004D4F29C0E\r\n\r\nOK\r\n";

/// A modem whose messages wait in one place.
pub(crate) static ONE_STORE: Profile = Profile { stores: &[Store::SM], ..GENERIC };

/// A modem as a function: what it answers to a command, `None` for what a plain one does.
pub(crate) type Modem<'a> = &'a mut dyn FnMut(&str) -> Option<&'static str>;

pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) now: u64,
    written: Vec<u8>,
    pub(crate) commands: Vec<String>,
    pub(crate) events: Vec<EventKind>,
    /// What was asked of the board, and when.
    pub(crate) acts: Vec<(u64, Act)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Pin(Pin, bool),
    Baud(u32),
}

impl Bench {
    pub(crate) fn new(profile: &'static Profile) -> Self {
        Self::with(Options::new(profile))
    }

    pub(crate) fn with(options: Options) -> Self {
        Self {
            engine: Engine::with(options, Instant(0)),
            now: 0,
            written: Vec::new(),
            commands: Vec::new(),
            events: Vec::new(),
            acts: Vec::new(),
        }
    }

    /// A session that is set up and has looked through the stores.
    pub(crate) fn ready(profile: &'static Profile) -> Self {
        let mut bench = Self::new(profile);
        bench.pass(5_000, &mut |_| None);
        assert_eq!(bench.take(), [EventKind::Ready]);
        bench.commands.clear();
        bench
    }

    pub(crate) fn take(&mut self) -> Vec<EventKind> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn say(&mut self, text: &str) {
        let mut octets = text.as_bytes();
        while !octets.is_empty() {
            octets = &octets[self.engine.receive(octets, Instant(self.now))..];
            self.poll();
        }
    }

    pub(crate) fn send(&mut self) -> Result<(), Busy> {
        let pdu = Pdu::from_hex("0011000B915155100024F70000FF04F4F29C0E").unwrap();
        let sent = self.engine.send(&pdu, Instant(self.now));
        self.poll();
        sent
    }

    pub(crate) fn send_more(&mut self) -> Result<(), Busy> {
        let pdu = Pdu::from_hex("0011000B915155100024F70000FF04F4F29C0E").unwrap();
        let sent = self.engine.send_more(&pdu, Instant(self.now));
        self.poll();
        sent
    }

    pub(crate) fn command(&mut self, command: &impl Command) -> Result<(), Busy> {
        let taken = self.engine.command(command, Instant(self.now));
        self.poll();
        taken
    }

    pub(crate) fn ussd(&mut self, string: &str) -> Result<(), Busy> {
        let taken = self.engine.ussd(string, Instant(self.now));
        self.poll();
        taken
    }

    pub(crate) fn done(&mut self, ticket: &Ticket) {
        self.engine.done(ticket, Instant(self.now));
        self.poll();
    }

    pub(crate) fn keep(&mut self, ticket: &Ticket) {
        self.engine.keep(ticket, Instant(self.now));
        self.poll();
    }

    pub(crate) fn powered(&mut self, on: bool) {
        self.engine.powered(on, Instant(self.now));
        self.poll();
    }

    pub(crate) fn disconnected(&mut self) {
        self.written.clear();
        self.engine.disconnected(Instant(self.now));
        self.poll();
    }

    /// Says of every message that came that it is safe, and returns them.
    pub(crate) fn done_with_all(&mut self) -> Vec<String> {
        let received = received(self.take());
        received.iter().for_each(|(_, ticket)| self.done(ticket));
        received.into_iter().map(|(digits, _)| digits).collect()
    }

    pub(crate) fn count(&self, command: &str) -> usize {
        self.commands.iter().filter(|said| *said == command).count()
    }

    fn poll(&mut self) -> u64 {
        loop {
            match self.engine.poll() {
                Output::Transmit(octets) => self.written.extend_from_slice(octets),
                Output::Event(event) => self.events.push(event.kind),
                Output::Pin(pin, level) => self.acts.push((self.now, Act::Pin(pin, level))),
                Output::Baud(baud) => self.acts.push((self.now, Act::Baud(baud))),
                Output::Wait(at) => return at.0,
            }
        }
    }

    pub(crate) fn pass(&mut self, ms: u64, modem: Modem<'_>) {
        let until = self.now + ms;
        loop {
            let wake_at = self.poll();
            if self.written.ends_with(b"\r")
                || self.written.ends_with(b"\x1a")
                || self.written == b"+++"
            {
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

pub(crate) fn plain(command: &str) -> &'static str {
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

pub(crate) fn silent(_: &str) -> Option<&'static str> {
    Some("")
}

pub(crate) fn finished(outcome: Outcome) -> EventKind {
    EventKind::Finished(outcome)
}

/// The messages among the events, in digits, each with its ticket.
pub(crate) fn received(events: Vec<EventKind>) -> Vec<(String, Ticket)> {
    let digits = |pdu: &Pdu| pdu.hex().map(char::from).collect();
    let message = |event| match event {
        EventKind::Received { pdu, ticket } => Some((digits(&pdu), ticket)),
        _ => None,
    };
    events.into_iter().filter_map(message).collect()
}

pub(crate) fn ticket(events: Vec<EventKind>) -> Ticket {
    let [(digits, ticket)] = received(events).try_into().unwrap();
    assert_eq!(digits, MESSAGE);
    ticket
}

/// The messages of a store, by slot.
pub(crate) struct Slots(pub(crate) BTreeMap<u16, &'static str>);

impl Slots {
    /// What a modem answers that has these messages.
    pub(crate) fn answer(&mut self, command: &str) -> Option<&'static str> {
        let (name, argument) = command.split_once('=')?;
        let answer = match name {
            "AT+CMGL" => {
                let listed = |(slot, digits)| format!("\r\n+CMGL: {slot},1,,23\r\n{digits}\r\n");
                self.0.iter().map(listed).collect()
            }
            "AT+CMGR" => match self.0.get(&argument.parse().unwrap()) {
                Some(digits) => format!("\r\n+CMGR: 1,,23\r\n{digits}\r\n"),
                None => String::new(),
            },
            "AT+CMGD" => {
                self.0.remove(&argument.parse().unwrap());
                String::new()
            }
            _ => return None,
        };
        Some(format!("{answer}\r\nOK\r\n").leak())
    }
}
