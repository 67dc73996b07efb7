//! What befalls the modem, and how what it writes gets onto the wire.

use std::mem;
use std::time::Instant;

use septet::at::{CmsError, Line, Pin};

use super::card::Condition;
use super::trouble::What;
use super::{State, VirtualModem};
use crate::network::{SERVICE_CENTRE, delivers};

impl VirtualModem {
    /// Brings what was said onto the wire. The power may go at any octet of it.
    pub(super) fn write(&mut self, now: Instant) {
        let output = mem::take(&mut self.output);
        if output.is_empty() {
            return;
        }
        self.session.waiting.spoke(now, self.traits.gap);
        if self.session.silent_until.is_some() {
            return;
        }
        for octet in output {
            for what in self.wire.write(octet, now) {
                self.befall(what, now);
            }
            if matches!(self.session.state, State::Off { .. })
                || self.session.silent_until.is_some()
            {
                return;
            }
        }
    }

    /// Does what goes wrong.
    pub(super) fn befall(&mut self, what: What, now: Instant) {
        tracing::debug!("{what:?}");
        let Some(what) = self.wire.befall(what, now) else { return };
        match what {
            What::Say(line) => {
                let line = self.indication(line.as_bytes());
                self.wire.arrive(&line);
            }
            What::Answer(line) => self.session.answer = Some(line),
            What::Late(time) => self.session.late += time,
            What::Silence(time) => {
                let until = now + time;
                self.session.silent_until = Some(until);
            }
            What::Reboot => self.power_off(now),
            What::Power(on) => self.switch(on, now),
            What::Sim(condition) => self.card_turns(condition),
            What::SimFull(true) => self.fill_sim(),
            What::SimFull(false) => self.memory.drain_sim(),
            What::Network(state) => self.service = state,
            What::Refuse(code) => {
                self.network.refuse(self.sim, (code != CmsError(0)).then_some(code));
            }
            What::Slow(time) => self.slow = time,
            What::Handset { number, is_on } => self.network.switch_handset(&number, is_on),
            // The wire's own.
            What::Lose(_) | What::Change | What::Double | What::Delay(_) => {}
        }
    }

    /// Fills the SIM with messages that came now and were read.
    fn fill_sim(&mut self) {
        let (now, sender) = (self.network.now(), SERVICE_CENTRE.trim_start_matches('+'));
        self.memory.fill_sim(|number| {
            let text = format!("Message {number} of a full SIM");
            let parts = delivers(sender, &text, 0, now).ok()?;
            parts.into_iter().next()
        });
    }

    fn card_turns(&mut self, condition: Condition) {
        let before = mem::replace(&mut self.card.condition, condition);
        let told = match (before, condition) {
            (Condition::Removed, Condition::Removed) => None,
            (_, Condition::Removed) => Some(Pin::NotInserted),
            (Condition::Removed, _) => Some(self.card.waits_for()),
            _ => None,
        };
        if let Some(pin) = told {
            self.say(&Line::Pin(pin));
        }
    }
}
