//! An engine on a virtual clock, against a modem of a few lines.

use septet::pdu::Pdu;
use septet_firmware::engine::Outcome;
use septet_firmware::{Busy, Engine, EventKind, Instant, Output, Profile, Ticket};

pub(crate) const MESSAGE: &str = "07911555010042F7040B915155100024F700002270513254128004D4F29C0E";
pub(crate) const READ: &str = "\r\n+CMGR: 0,,23\r\n07911555010042F7040B915155100024F700002270513254128004D4F29C0E\r\n\r\nOK\r\n";

/// A modem as a function: what it answers to a command, `None` for what a plain one does.
pub(crate) type Modem<'a> = &'a mut dyn FnMut(&str) -> Option<&'static str>;

pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) now: u64,
    written: Vec<u8>,
    pub(crate) commands: Vec<String>,
    pub(crate) events: Vec<EventKind>,
}

impl Bench {
    pub(crate) fn new(profile: &'static Profile) -> Self {
        let engine = Engine::new(profile, Instant(0));
        Self { engine, now: 0, written: Vec::new(), commands: Vec::new(), events: Vec::new() }
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
        let sent = self.engine.send(
            &Pdu::from_hex("0011000B915155100024F70000FF04F4F29C0E").unwrap(),
            Instant(self.now),
        );
        self.poll();
        sent
    }

    pub(crate) fn done(&mut self, ticket: &Ticket) {
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

    pub(crate) fn pass(&mut self, ms: u64, modem: Modem<'_>) {
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

pub(crate) fn ticket(events: &[EventKind]) -> Ticket {
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
