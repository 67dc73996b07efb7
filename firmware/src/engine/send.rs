//! Sending: `AT+CMGS=`, the prompt, the PDU, its fate (3GPP TS 27.005, section 4.3).

use septet::at::{Class, Failure};
use septet::pdu::Pdu;

use super::time::Timer;
use super::{Busy, NotSent, Outcome, Session, Step, Why};

impl Session {
    pub(super) fn send(&mut self, pdu: &Pdu, more: bool) -> Result<(), Busy> {
        if !self.outgoing.is_empty() || self.outcome.is_some() {
            return Err(Busy::Sending);
        }
        if !self.link.is_up() {
            return Err(Busy::NotReady);
        }
        // It has room for the longest.
        let _ = self.outgoing.extend_from_slice(pdu.octets());
        self.more = more && self.options.profile.more_messages && !self.link.refuses_more;
        self.expire();
        Ok(())
    }

    pub(super) fn start_send(&mut self) -> bool {
        let Some(tpdu_len) = tpdu_len(&self.outgoing) else { return false };
        if self.more {
            self.start_text(Step::More, "+CMMS=1");
            return true;
        }
        self.reference = None;
        self.start_number(Step::Prompt, "+CMGS=", tpdu_len);
        self.timers.set(Timer::Step, self.options.profile.prompt_ms);
        if !self.options.profile.prompts {
            self.prompt();
        }
        true
    }

    /// The link is kept, or the modem cannot do that: then it is not asked again.
    pub(super) fn more_ends(&mut self, result: Result<(), Failure>) {
        self.more = false;
        self.link.refuses_more |= result.is_err();
        self.finish();
    }

    /// The modem asks for the PDU.
    #[inline(never)]
    pub(super) fn prompt(&mut self) {
        self.step = Step::Result;
        self.timers.set(Timer::Step, self.options.profile.submit_ms);
        self.transmit.begin_pdu();
    }

    /// The modem says what became of the message, or refuses to ask for it.
    pub(super) fn send_ends(&mut self, result: Result<(), Failure>) {
        let outcome = match (result, self.reference) {
            (Ok(()), _) if self.step == Step::Prompt => return,
            (Ok(()), Some(reference)) => Outcome::Sent { reference },
            // The rest of it, or the answer itself, may be yet to come.
            (Ok(()), None) | (Err(_), Some(_)) => {
                self.abandon_send(NotSent::NoPrompt, Why::Contradiction);
                return self.resync();
            }
            (Err(failure), None) => {
                // A modem that gives no reason may take the next one.
                let class = match failure {
                    Failure::Error => Class::Temporary,
                    Failure::Cms(_) | Failure::Cme(_) => failure.class(),
                };
                Outcome::Refused { class, code: failure }
            }
        };
        self.end_send(outcome);
        self.finish();
    }

    /// The message in flight, if any, ends: by a contradiction, a time-out, a restart or a power-down.
    #[inline(never)]
    pub(super) fn abandon_send(&mut self, not_sent: NotSent, unknown: Why) {
        match self.step {
            Step::Result if !self.transmit.has_pdu() => self.end_send(Outcome::Unknown(unknown)),
            _ if !self.outgoing.is_empty() => self.end_send(Outcome::NotSent(not_sent)),
            _ => {}
        }
    }

    #[inline(never)]
    fn end_send(&mut self, outcome: Outcome) {
        self.outgoing.clear();
        self.transmit.end_pdu();
        self.inbox.turn = true;
        self.outcome = Some((self.generation, outcome));
    }
}

/// How many octets the TPDU of a PDU has; `None` where there is no PDU.
pub(super) fn tpdu_len(pdu: &[u8]) -> Option<u32> {
    let (service_centre, rest) = pdu.split_first()?;
    u32::try_from(rest.len()).ok()?.checked_sub((*service_centre).into())
}
