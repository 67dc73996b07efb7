//! Modems that fail: their messages go through others.
//!
//! What no modem has begun waits in the queue of its route, so that any other modem of the route takes
//! it. What a modem has begun waits for it for a time.

use septet::api::State;
use septet::at::{Class, CmeError, CmsError, Failure};
use tracing::{info, warn};

use super::message::{Fate, Message};
use super::{AT_ONCE, MessageId, SqlStore, ms};

/// Refusals that are about the SIM or its network and not about the message, besides those of the
/// [`Sim`](Class::Sim) class: barred, not subscribed, no network.
const CMS_OF_THE_SIM: [CmsError; 5] = [
    CmsError::OPERATOR_DETERMINED_BARRING,
    CmsError::CALL_BARRED,
    CmsError::FACILITY_NOT_SUBSCRIBED,
    CmsError::NO_NETWORK,
    CmsError::NETWORK_TIMEOUT,
];
const CME_OF_THE_SIM: [CmeError; 10] = [
    CmeError::NO_NETWORK,
    CmeError::NETWORK_TIMEOUT,
    CmeError::NETWORK_NOT_ALLOWED,
    CmeError::CALL_BARRED,
    CmeError::ILLEGAL_MS,
    CmeError::ILLEGAL_ME,
    CmeError::PLMN_NOT_ALLOWED,
    CmeError::AREA_NOT_ALLOWED,
    CmeError::ROAMING_NOT_ALLOWED,
    CmeError::OPTION_NOT_SUBSCRIBED,
];

/// Whether a refusal is about the SIM or its network.
fn is_of_the_sim(code: Failure) -> bool {
    match code {
        Failure::Cms(code) => code.class() == Class::Sim || CMS_OF_THE_SIM.contains(&code),
        Failure::Cme(code) => code.class() == Class::Sim || CME_OF_THE_SIM.contains(&code),
        Failure::Error => false,
    }
}

impl SqlStore {
    /// Whether a modem takes messages, now and by what it has done of late.
    pub(super) fn is_able(&self, modem: usize) -> bool {
        let line = &self.volatile.lines[modem];
        line.takes_messages()
            && self.now_ms >= line.drained_until
            && self.now_ms >= line.rests_until
    }

    /// Notes that a modem takes messages, or takes none any more.
    pub(super) fn note_able(&mut self, modem: usize) {
        let now = self.now_ms;
        let line = &mut self.volatile.lines[modem];
        if line.takes_messages() && line.refused_for.is_empty() {
            line.stopped_since = None;
        } else {
            line.stopped_since.get_or_insert(now);
            self.is_given_up_soon(modem);
        }
    }

    /// Notes that something which a modem has begun waits for it, where it takes no messages.
    pub(super) fn is_given_up_soon(&mut self, modem: usize) {
        if let Some(at) = self.gives_up_at(modem) {
            self.is_due_at(at);
        }
    }

    /// Notes that a modem has sent a part: whatever was wrong with it is over.
    pub(super) fn note_works(&mut self, modem: usize) {
        let line = &mut self.volatile.lines[modem];
        line.refused_for.clear();
        line.drained_until = 0;
        line.stopped_since = None;
    }

    /// Notes a refusal. Returns whether the message may go all the same, by this modem or another one,
    /// however final the words are.
    pub(super) fn note_refused(&mut self, modem: usize, message: &Message, code: Failure) -> bool {
        if !is_of_the_sim(code) {
            return false;
        }
        let (config, now) = (self.config.clone(), self.now_ms);
        let draining = &config.draining;
        let line = &mut self.volatile.lines[modem];
        line.stopped_since.get_or_insert(now);
        self.is_given_up_soon(modem);
        let line = &mut self.volatile.lines[modem];
        // One number that is barred is no reason to stop: it is counted once.
        let most = draining.refusals as usize;
        if line.refused_for.len() < most {
            line.refused_for.insert(message.recipient.clone());
        }
        let is_sim = code.class() != Class::Permanent;
        if line.refused_for.len() >= most || is_sim && message.refusals + 1 >= draining.refusals {
            line.drained_until = now + ms(draining.pause);
            let modem = &self.config.modems[modem].name;
            let pause_s = draining.pause.as_secs();
            warn!(modem, %code, pause_s, "drained: messages that it has not begun go by others");
        }
        is_sim || message.refusals + 1 < draining.refusals
    }

    /// When modems that rest go on, where something waits for them.
    pub(super) fn next_line_due(&self) -> Option<i64> {
        if self.volatile.waiting == 0 {
            return None;
        }
        let lines = self.volatile.lines.iter().filter(|line| line.takes_messages());
        let times = lines.flat_map(|line| [line.drained_until, line.rests_until]);
        times.filter(|at| *at > self.now_ms).min()
    }

    /// When what modems have begun is ended that take no messages any more.
    pub(super) fn begun_is_due(&mut self) -> Option<i64> {
        let modems = 0..self.modems.len();
        let times = modems.filter_map(|modem| {
            let at = self.gives_up_at(modem).filter(|at| *at > self.now_ms)?;
            (!self.begun(modem, 1).is_empty()).then_some(at)
        });
        times.min()
    }

    /// When a modem that takes no messages is given up.
    fn gives_up_at(&self, modem: usize) -> Option<i64> {
        Some(self.volatile.lines[modem].stopped_since? + ms(self.config.draining.begun))
    }

    /// Ends what a modem has begun that takes none any more: the parts that it has not sent never will
    /// be.
    pub(super) fn end_begun(&mut self) {
        for modem in 0..self.modems.len() {
            if self.gives_up_at(modem).is_none_or(|at| at > self.now_ms) {
                continue;
            }
            for id in self.begun(modem, AT_ONCE) {
                let Some(mut message) = self.message(id) else { continue };
                let name = &self.config.modems[modem].name;
                info!(
                    sms = id,
                    modem = name,
                    "its modem did not come back: its other parts are not sent"
                );
                for fate in message.fates.iter_mut().filter(|fate| **fate == Fate::Waiting) {
                    *fate = Fate::Final(State::Expired);
                }
                if message.state().is_some() {
                    self.settle(&mut message);
                } else {
                    self.save(&mut message, None, false);
                }
            }
        }
    }

    /// Some of the messages that a modem has begun and that wait for it.
    fn begun(&mut self, modem: usize, most: i64) -> Vec<MessageId> {
        let values = [self.modems[modem].into(), most.into()];
        let ready = "SELECT id FROM message WHERE ready = 1 AND queue = $1 AND begun = 1 LIMIT $2";
        let put_off =
            "SELECT id FROM message WHERE due IS NOT NULL AND queue = $1 AND begun = 1 LIMIT $2";
        let found =
            [ready, put_off].map(|sql| self.database.all(sql, &values, |row| row.integer(0)));
        found.concat()
    }
}
