//! The host line: messages as lines of text, one way and the other.
//!
//! To the board comes a line with the hexadecimal digits of an SMS-SUBMIT, its service centre in front
//! (`00`: the SIM's own). From the board comes one line for each event.

use core::fmt::{self, Write as _};

use embassy_rp::uart::BufferedUart;
use embassy_rp::watchdog::ResetReason;
use embedded_io_async::{Read, Write};
use heapless::{String, Vec};
use septet::Error;
use septet::pdu::{PDU_MAX, Pdu};
use septet_firmware::EventKind;
use septet_firmware::engine::{Engine, Event, Outcome};

use crate::last_words::LastWords;

/// The longest line: a word and the digits of the longest PDU.
const LINE: usize = 2 * PDU_MAX + 16;

/// The line and what was typed of the next.
pub struct HostLine {
    uart: BufferedUart,
    typed: Vec<u8, LINE>,
}

impl HostLine {
    /// A line of which nothing was typed.
    pub const fn new(uart: BufferedUart) -> Self {
        Self { uart, typed: Vec::new() }
    }

    /// Says that the board starts, and why it had to.
    pub async fn hello(&mut self, reason: Option<ResetReason>) {
        match (LastWords::take(), reason) {
            (Some(words), _) => {
                self.say(format_args!("start after a panic: {}", words.text())).await
            }
            (None, Some(ResetReason::TimedOut)) => self.say("start after a hang").await,
            (None, _) => self.say("start").await,
        }
    }

    /// The next PDU. The future may be dropped at any point.
    ///
    /// # Errors
    /// That of a line that is none.
    pub async fn next(&mut self) -> Result<Pdu, Error> {
        loop {
            let mut octet = [0];
            match self.uart.read(&mut octet).await {
                Ok(_) if matches!(octet, [b'\r' | b'\n']) => {
                    if !self.typed.is_empty() {
                        let typed = core::mem::take(&mut self.typed);
                        return Pdu::from_hex(&typed);
                    }
                }
                // What is too long is no PDU without its end either.
                Ok(_) => drop(self.typed.extend_from_slice(&octet)),
                // Octets were lost.
                Err(_) => self.typed.clear(),
            }
        }
    }

    /// Tells an event.
    pub async fn event(&mut self, event: &Event, engine: &Engine) {
        match &event.kind {
            EventKind::Ready => self.say(format_args!("ready: {}", engine.profile().model)).await,
            EventKind::Lost(trouble) => self.say(format_args!("lost: {trouble}")).await,
            EventKind::Rebooted => self.say("restarted").await,
            EventKind::Registered(true) => self.say("registered").await,
            EventKind::Registered(false) => self.say("not registered").await,
            EventKind::Finished(outcome) => self.outcome(outcome).await,
            EventKind::Received { pdu, .. } => self.say(format_args!("received: {pdu}")).await,
            EventKind::Full { .. } => self.say("full").await,
            EventKind::Damaged => self.say("damaged").await,
            // It will be read.
            EventKind::Waiting { .. } => {}
            _ => {}
        }
    }

    async fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Sent { reference } => self.say(format_args!("sent: {reference}")).await,
            Outcome::Refused { code, .. } => self.say(format_args!("refused: {code}")).await,
            Outcome::NotSent(why) => self.say(format_args!("not sent: {why}")).await,
            Outcome::Unknown(why) => self.say(format_args!("unknown: {why}")).await,
        }
    }

    /// Says a line. Where nobody listens it is lost.
    pub async fn say(&mut self, words: impl fmt::Display) {
        let mut line = String::<LINE>::new();
        let _ = write!(line, "{words}\r\n");
        let _ = self.uart.write_all(line.as_bytes()).await;
    }
}
