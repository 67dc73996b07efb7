//! The engine between two lines of the log: octets in pieces, time, and commands that the log does not
//! have.

use septet::at;
use septet_firmware::{Event, EventKind, Instant, Output};

use super::{Cut, Missed, Player, Seen};
use crate::replay::answer::Answer;
use crate::replay::conclusion::Conclusion;
use crate::replay::script::{Play, Step, restarts};

/// Turns of the engine in one log: hours with a modem.
const TURNS_MAX: u32 = 1_000_000;

impl Player<'_> {
    /// Answers a command that the log does not have here.
    pub(super) fn answer(&mut self, gave: &str) {
        if self.silent {
            return;
        }
        let ahead = self.steps.get(self.at..).unwrap_or_default();
        let echoes = is_echoed(ahead).unwrap_or(self.echoes);
        let mut octets = if echoes { format!("{gave}\r").into_bytes() } else { Vec::new() };
        octets.extend(self.modem.answer(gave, self.at, ahead));
        self.feed(&octets);
    }

    /// Goes on to the engine's next deadline, at most to `until`; what it gives is answered.
    pub(super) fn turn(&mut self, until: u64) -> Result<(), Missed> {
        self.turns += 1;
        if self.turns > TURNS_MAX {
            return Err(self.missed("the engine does not come to rest".to_owned()));
        }
        let wake_at = self.pump();
        if let Some(gave) = self.command.take() {
            self.answer(&gave);
            return Ok(());
        }
        self.now = wake_at.min(until).max(self.now);
        self.engine.expire(Instant(self.now));
        self.pump();
        Ok(())
    }

    pub(super) fn feed(&mut self, octets: &[u8]) {
        let cut = match self.cut {
            Cut::Whole => usize::MAX,
            Cut::Chunks(len) => len.max(1),
            Cut::At(at) => at.clamp(1, octets.len().max(1)),
        };
        let (head, tail) = octets.split_at(cut.min(octets.len()));
        let rest = if matches!(self.cut, Cut::Chunks(_)) { cut } else { usize::MAX };
        for mut piece in [head].into_iter().chain(tail.chunks(rest)) {
            while !piece.is_empty() {
                let taken = self.engine.receive(piece, Instant(self.now));
                piece = piece.get(taken..).unwrap_or_default();
                self.pump();
            }
        }
    }

    /// Takes what the engine has to give, and returns when it wants to be woken.
    pub(super) fn pump(&mut self) -> u64 {
        loop {
            match self.engine.poll() {
                Output::Transmit(octets) => match octets {
                    // Leaves a prompt, or a data call.
                    [at::ESC | b'+', ..] => {}
                    [command @ .., at::CR] => {
                        self.command = Some(String::from_utf8_lossy(command).into_owned());
                        self.pdu.clear();
                    }
                    digits => self.pdu.extend(digits.iter().filter(|octet| **octet != at::CTRL_Z)),
                },
                Output::Event(event) => self.happened(event),
                Output::Pin(..) | Output::Baud(_) => {}
                Output::Wait(wake_at) => match self.tickets.pop_front() {
                    Some(ticket) => self.engine.done(&ticket, Instant(self.now)),
                    None => return wake_at.0,
                },
            }
        }
    }

    fn happened(&mut self, event: Event) {
        match &event.kind {
            EventKind::Received { ticket, .. } if !self.holds => {
                self.tickets.push_back(ticket.clone());
            }
            EventKind::Finished(_) => self.sends = self.sends.saturating_sub(1),
            _ => {}
        }
        self.seen.push(Seen {
            ms: self.now - self.began,
            line: self.line,
            conclusion: Conclusion::of(&event.kind),
            event,
            concluded: false,
        });
    }
}

/// Whether the modem repeats the commands that it answers from here on; `None` where nothing tells
/// before it restarts.
fn is_echoed(ahead: &[Step]) -> Option<bool> {
    for (i, step) in ahead.iter().enumerate() {
        match &step.play {
            Play::Command(text) => {
                let answer = Answer::read(text, ahead.get(i + 1..).unwrap_or_default());
                if answer.echoes || answer.end.is_some() {
                    return Some(answer.echoes);
                }
            }
            Play::Modem(octets) if restarts(octets) => return None,
            Play::Outside => return None,
            Play::Modem(_) | Play::Body(_) | Play::Pass(_) | Play::Conclude(_) => {}
        }
    }
    None
}
