//! Sending what the log's host sends.

use septet::pdu::Pdu;
use septet_firmware::Instant;

use super::{Missed, Player};
use crate::replay::beginning::stand_in;
use crate::replay::script::{self, Play, Step};

impl Player<'_> {
    /// The steps behind the command that the log's host gives here.
    fn behind(&self) -> &[Step] {
        self.steps.get(self.at + 1..).unwrap_or_default()
    }

    /// Whether the host leaves the prompt that it asked for here.
    pub(super) fn is_left(&self) -> bool {
        let next = self.behind().iter().find_map(|step| match &step.play {
            Play::Body(body) => Some(body.is_none()),
            Play::Command(_) => Some(false),
            Play::Modem(_) | Play::Pass(_) | Play::Outside | Play::Conclude(_) => None,
        });
        next == Some(true)
    }

    /// Gives the engine the message that the log's host sends.
    pub(super) fn send(&mut self, text: &str) -> Result<(), Missed> {
        let body = self.behind().iter().find_map(|step| match &step.play {
            Play::Body(body) => Some(body.as_deref()),
            Play::Command(_) => Some(None),
            Play::Modem(_) | Play::Pass(_) | Play::Outside | Play::Conclude(_) => None,
        });
        let digits = body.flatten().map(<[u8]>::trim_ascii).filter(|digits| !digits.is_empty());
        let len = script::command(text).and_then(|command| script::first_number(&command));
        // A message in text mode, or one of which there is no PDU, is another one for the engine.
        let pdu = digits.filter(|_| len.is_some()).map(Pdu::from_hex);
        let pdu = match pdu {
            Some(Ok(pdu)) => pdu,
            Some(Err(error)) => {
                return Err(self.missed(format!("what is given at the prompt is no PDU: {error}")));
            }
            None => stand_in(len),
        };
        let until = self.now + self.limit_ms();
        while self.engine.send(&pdu, Instant(self.now)).is_err() {
            if self.now >= until {
                return Err(self.missed("the engine takes no message here".to_owned()));
            }
            self.turn(until)?;
        }
        self.sends += 1;
        self.pump();
        Ok(())
    }

    /// The log's host gives what the prompt asked for; so does the engine.
    pub(super) fn host_gives_body(&mut self, body: Option<&[u8]>) {
        let (Some(body), true) = (body, self.exchange.is_send()) else { return };
        if self.pdu.is_empty() {
            // Some modems show no prompt, and some logs have none.
            self.feed(b"\r\n> ");
        }
        let given = std::mem::take(&mut self.pdu);
        self.exchange.gives(body, &given);
        self.silent |= self.is_last();
        self.mark = self.seen.len();
    }
}
