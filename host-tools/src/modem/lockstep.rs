//! `septet modem --lockstep`: the virtual modem in the time of another program.
//!
//! It has no clock. Each line on standard input says what time it is, in microseconds from the start,
//! and what comes to the modem then; lines on standard output answer it, the last of them with `next`.
//! The same input has the same output, whenever it comes.

use std::fmt::Display;
use std::io::{self, BufRead, Write};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use septet::pdu;
use septet_firmware::trace::Direction;
use tokio::sync::broadcast::Receiver;

use crate::Failed;
use crate::network::{Event, Network};
use crate::virtual_modem::{Inbox, Trouble, VirtualModem};

/// What time it is in the network when the other program begins: 2026-01-01, 00:00:00 UTC.
const EPOCH: Duration = Duration::from_secs(1_767_225_600);

/// The time, in microseconds from the start.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<AtomicU64>);

impl Clock {
    /// A network that goes by this clock.
    pub(super) fn network(&self) -> Network {
        let clock = self.clone();
        Network::with_clock(move || SystemTime::UNIX_EPOCH + EPOCH + clock.time())
    }

    fn time(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, time: Duration) {
        self.0.store(micros(time), Ordering::Relaxed);
    }
}

/// A modem and what it is driven with.
pub(super) struct Lockstep {
    modem: VirtualModem,
    inbox: Arc<Inbox>,
    network: Network,
    events: Receiver<Event>,
    clock: Clock,
    /// What the modem takes for the start.
    start: Instant,
    was_on: bool,
    /// What was not answered yet.
    answer: String,
}

/// What comes to the modem.
enum Input<'a> {
    Nothing,
    Octets(Vec<u8>),
    Key(bool),
    Reset(bool),
    Supply(bool),
    Trouble(Trouble),
    Text { from: &'a str, to: &'a str, text: &'a str },
}

impl Lockstep {
    pub(super) fn new(modem: VirtualModem, network: Network, clock: Clock) -> Self {
        Self {
            inbox: modem.inbox(),
            events: network.subscribe(),
            start: modem.made_at(),
            // So that the first answer says how it is.
            was_on: !modem.is_on(),
            answer: String::new(),
            modem,
            network,
            clock,
        }
    }

    /// Answers each line until there is no more.
    ///
    /// # Errors
    /// One sentence, when a line cannot be read or answered.
    pub(super) fn run(mut self, input: impl BufRead, mut output: impl Write) -> Result<(), Failed> {
        let failed = |error: io::Error| Failed::input(format!("the other program failed: {error}"));
        for line in input.lines() {
            let answer = self.step(&line.map_err(failed)?);
            output.write_all(answer.as_bytes()).and_then(|()| output.flush()).map_err(failed)?;
        }
        Ok(())
    }

    /// Takes one line and returns the answer.
    fn step(&mut self, line: &str) -> String {
        let (time, rest) = line.split_once(' ').unwrap_or((line, ""));
        match time.parse().map(Duration::from_micros) {
            Ok(time) if time >= self.clock.time() => {
                self.go_on(time);
                match read(rest).and_then(|input| self.take(input)) {
                    Ok(()) => {}
                    Err(why) => self.say("refused", why),
                }
                self.modem.expire(self.now());
                self.tell();
            }
            Ok(_) => self.say("refused", "that time has passed"),
            Err(_) => self.say("refused", "a line begins with the time in microseconds"),
        }
        match self.modem.deadline().map(|deadline| self.since_start(deadline)) {
            Some(next) => self.say("next", micros(next)),
            None => self.say("next", "never"),
        }
        std::mem::take(&mut self.answer)
    }

    /// Does what is due until then, each at its own time.
    fn go_on(&mut self, time: Duration) {
        while let Some(deadline) = self.modem.deadline().map(|at| self.since_start(at))
            && deadline <= time
        {
            self.clock.set(deadline.max(self.clock.time()));
            self.modem.expire(self.now());
            self.tell();
        }
        self.clock.set(time);
    }

    fn take(&mut self, input: Input<'_>) -> Result<(), String> {
        let now = self.now();
        match input {
            Input::Nothing => {}
            Input::Octets(octets) => {
                self.modem.show(Direction::ToModem, &octets, now);
                self.modem.receive(&octets, now);
            }
            Input::Key(held) => self.modem.key(held, now),
            Input::Reset(held) => self.modem.reset(held, now),
            Input::Supply(on) => self.modem.supply(on),
            Input::Trouble(trouble) => self.inbox.put(vec![trouble]),
            Input::Text { from, to, text } => {
                self.network.send_from_handset(from, to, text).map_err(|e| e.to_string())?;
            }
        }
        Ok(())
    }

    /// Tells what has happened.
    fn tell(&mut self) {
        let octets = self.modem.transmit();
        self.modem.show(Direction::ToHost, &octets, self.now());
        if !octets.is_empty() {
            let digits: String = pdu::hex(&octets).map(char::from).collect();
            self.say("octets", digits);
        }
        let is_on = self.modem.is_on();
        if is_on != std::mem::replace(&mut self.was_on, is_on) {
            self.say("status", if is_on { "on" } else { "off" });
        }
        while let Ok(event) = self.events.try_recv() {
            self.say("event", event);
        }
    }

    fn say(&mut self, word: &str, what: impl Display) {
        self.answer += &format!("{} {word} {what}\n", micros(self.clock.time()));
    }

    fn now(&self) -> Instant {
        self.start + self.clock.time()
    }

    /// Rounded up, so that it has come when it is said to have come.
    fn since_start(&self, at: Instant) -> Duration {
        let time = at.saturating_duration_since(self.start);
        Duration::from_micros(time.as_nanos().div_ceil(1_000) as u64)
    }
}

fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks();
    rest.is_empty().then(|| pairs.iter().map(|pair| pdu::read_hex_octet(*pair)).collect())?
}

/// Reads what comes to the modem.
fn read(text: &str) -> Result<Input<'_>, String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let held = |input: fn(bool) -> Input<'static>, on: &str, off: &str| match rest {
        rest if rest == on => Ok(input(true)),
        rest if rest == off => Ok(input(false)),
        _ => Err(format!("{word} is {on} or {off}")),
    };
    match word {
        "" => Ok(Input::Nothing),
        "octets" => Ok(Input::Octets(octets(rest).ok_or("octets are hexadecimal digits")?)),
        "pwrkey" => held(Input::Key, "held", "released"),
        "reset" => held(Input::Reset, "held", "released"),
        "supply" => held(Input::Supply, "on", "off"),
        "trouble" => Trouble::from_str(rest).map(Input::Trouble).map_err(|e| e.to_string()),
        "handset" => {
            let mut words = rest.splitn(4, ' ');
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some(from), Some("to"), Some(to), Some(text)) if !text.is_empty() => {
                    Ok(Input::Text { from, to, text })
                }
                _ => Err("write handset NUMBER to NUMBER TEXT".to_owned()),
            }
        }
        _ => Err(format!("{word:?} is none of octets, pwrkey, reset, supply, trouble and handset")),
    }
}
