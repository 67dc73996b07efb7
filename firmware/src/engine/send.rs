//! Sending: `AT+CMGS=`, the prompt, the PDU, its fate (3GPP TS 27.005, section 4.3).

use septet::at::{Argument, Class, Failure};
use septet::pdu::Pdu;

use super::{Busy, Instant, NotSent, Outcome, Session, Step, Why};

impl Session {
    pub(super) fn send(&mut self, pdu: &Pdu, more: bool, now: Instant) -> Result<(), Busy> {
        if self.outgoing.is_some() || self.outcome.is_some() {
            return Err(Busy::Sending);
        }
        if !self.link.is_up() {
            return Err(Busy::NotReady);
        }
        self.outgoing = Some(pdu.clone());
        self.more = more && self.profile.more_messages && !self.link.refuses_more;
        self.expire(now);
        Ok(())
    }

    pub(super) fn start_send(&mut self, now: Instant) -> bool {
        let Some(len) = self.outgoing.as_ref().and_then(|pdu| u32::try_from(pdu.tpdu_len()).ok())
        else {
            return false;
        };
        if self.more {
            self.start_set(Step::More, "+CMMS", Argument::Number(1), self.profile.answer_ms, now);
            return true;
        }
        let ms = self.profile.prompt_ms;
        self.start_set(Step::Prompt, "+CMGS", Argument::Number(len), ms, now);
        if !self.profile.prompts {
            self.prompt(now);
        }
        true
    }

    /// The link is kept, or the modem cannot do that: then it is not asked again.
    pub(super) fn more_ends(&mut self, result: Result<(), Failure>, now: Instant) {
        self.more = false;
        self.link.refuses_more |= result.is_err();
        self.finish(now);
    }

    /// The modem asks for the PDU.
    pub(super) fn prompt(&mut self, now: Instant) {
        self.step = Step::Result(None);
        self.deadline = now.after(self.profile.submit_ms);
        self.pdu_at = Some(0);
    }

    pub(super) fn refused(&mut self, failure: Failure, now: Instant) {
        let class = match failure {
            // A modem that gives no reason may take the next one.
            Failure::Error => Class::Temporary,
            Failure::Cms(_) | Failure::Cme(_) => failure.class(),
        };
        self.conclude(Outcome::Refused { class, code: failure }, now);
    }

    /// The message has met its fate, told by the modem.
    pub(super) fn conclude(&mut self, outcome: Outcome, now: Instant) {
        self.end_send(outcome);
        self.finish(now);
    }

    /// The answer contradicts itself: the rest of it, or the answer itself, may be yet to come.
    pub(super) fn contradicted(&mut self, now: Instant) {
        self.abandon_send(NotSent::NoPrompt, Why::Contradiction);
        self.resync(now);
    }

    /// The message in flight, if any, ends: by a contradiction, a time-out, a restart or a power-down.
    pub(super) fn abandon_send(&mut self, not_sent: NotSent, unknown: Why) {
        match self.step {
            Step::Result(_) if self.pdu_at.is_none() => self.end_send(Outcome::Unknown(unknown)),
            _ if self.outgoing.is_some() => self.end_send(Outcome::NotSent(not_sent)),
            _ => {}
        }
    }

    fn end_send(&mut self, outcome: Outcome) {
        self.outgoing = None;
        self.pdu_at = None;
        self.inbox.turn = true;
        self.outcome = Some((self.generation, outcome));
    }
}
