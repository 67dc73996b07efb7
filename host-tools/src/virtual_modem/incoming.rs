//! What comes for the SIM: how it is taken, announced and acknowledged.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use septet::at::{CmsError, Domain, Failure, Line, MessageStatus};
use septet::pdu::Pdu;
use septet::tpdu::{DataCoding, Mt};

use super::settings::Route;
use super::store::Stored;
use super::text_mode::Place;
use super::{State, VirtualModem};
use crate::network::{Delivery, is_type_0};

/// The time that a terminal has to acknowledge a message which came directly.
const ACKNOWLEDGE: Duration = Duration::from_secs(15);

/// The silence before an indication where nothing else is said: programs take two of them at once for
/// one, and a real network takes longer for a message.
pub(super) const GAP: Duration = Duration::from_millis(200);

/// The longest that an indication waits for silence while the terminal goes on and on.
const PATIENCE: Duration = Duration::from_secs(2);

/// Indications that wait until they may be written.
pub(super) struct Waiting {
    pub(super) lines: VecDeque<Indication>,
    /// Since when any waits.
    pub(super) since: Option<Instant>,
    /// Until when it is too early for one.
    pub(super) quiet_until: Option<Instant>,
    /// When a validity period ends in the network.
    pub(super) expires: Option<Instant>,
}

/// A line that nobody asked for, with its frame.
pub(super) struct Indication {
    octets: Vec<u8>,
    /// Whether it is held back by `+CNMI`.
    of_message: bool,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self { lines: VecDeque::new(), since: None, quiet_until: None, expires: None }
    }

    /// Something was written.
    pub(super) fn spoke(&mut self, now: Instant, gap: Duration) {
        let quiet_until = now + gap;
        self.quiet_until = Some(self.quiet_until.map_or(quiet_until, |t| t.max(quiet_until)));
    }
}

impl VirtualModem {
    /// Takes what the service centre has for the SIM, and tells the terminal what there is to tell.
    pub(super) fn settle(&mut self, now: Instant) {
        self.write(now);
        if matches!(self.session.state, State::Off { .. }) || self.session.silent_until.is_some() {
            return;
        }
        self.tell_registration();
        self.answer_ussd(now);
        let mut direct_waits = false;
        // What is not acknowledged is still the next that the service centre has.
        while self.registration().carries_messages()
            && self.session.unacknowledged.is_none()
            && let Some(delivery) = self.network.offer(self.sim)
        {
            let taken = self.take(&delivery, now);
            direct_waits = taken.is_none();
            if taken != Some(true) {
                break;
            }
            self.network.taken(self.sim);
        }
        while self.may_indicate(now)
            && let Some(next) = self.next_line()
        {
            self.output.extend(next.octets);
            self.write(now);
            self.session.waiting.since = None;
        }
        let gate = self.session.settings.indications.mode != 0;
        let waits = self.session.waiting.lines.iter().any(|line| gate || !line.of_message);
        let waiting = &mut self.session.waiting;
        waiting.since = (waits || direct_waits && gate).then(|| waiting.since.unwrap_or(now));
        waiting.expires = self.network.next_expiry().map(|time| now + time);
    }

    /// When the next indication may be written, where one waits.
    pub(super) fn next_indication(&self) -> Option<Instant> {
        let waiting = &self.session.waiting;
        let since = waiting.since.filter(|_| self.is_free())?;
        Some(waiting.quiet_until.map_or(since, |until| until.min(since + PATIENCE)))
    }

    fn next_line(&mut self) -> Option<Indication> {
        let gate = self.session.settings.indications.mode != 0;
        let lines = &mut self.session.waiting.lines;
        let at = lines.iter().position(|line| gate || !line.of_message)?;
        lines.remove(at)
    }

    /// Whether an indication may be written: never inside a command line, an entry or an answer, and
    /// not while results are suppressed.
    pub(super) fn is_free(&self) -> bool {
        self.session.line.is_empty()
            && self.session.settings.quiet == 0
            && matches!(self.session.state, State::Command | State::Busy { .. })
    }

    fn may_indicate(&self, now: Instant) -> bool {
        let Waiting { since, quiet_until, .. } = self.session.waiting;
        let quiet = quiet_until.is_none_or(|until| until <= now);
        let patient = since.is_none_or(|since| now < since + PATIENCE);
        self.is_free() && (quiet || !patient)
    }

    /// Notes a line that nobody asked for.
    pub(super) fn indicate(&mut self, line: &[u8], of_message: bool) {
        let octets = self.indication(line);
        self.session.waiting.lines.push_back(Indication { octets, of_message });
    }

    /// Drops the indications of messages that wait (`<bfr>` 1).
    pub(super) fn drop_indications(&mut self) {
        self.session.waiting.lines.retain(|line| !line.of_message);
    }

    /// Tells of the registration where it has changed and that is wanted.
    fn tell_registration(&mut self) {
        let state = self.registration();
        if std::mem::replace(&mut self.session.told, state) == state {
            return;
        }
        for domain in Domain::ALL {
            let mode = self.session.settings.registration[domain as usize];
            if mode > 0 {
                let area = self.area(domain, mode);
                let line = format!("{}: {}{area}", domain.name(), state.0);
                self.indicate(line.as_bytes(), false);
            }
        }
    }

    /// Takes a delivery the way that is set. `Some(false)` when it has to stay in the service centre,
    /// `None` when it has to for a moment.
    fn take(&mut self, delivery: &Delivery, now: Instant) -> Option<bool> {
        let settings = &self.session.settings;
        let (route, pdu) = match delivery {
            Delivery::Message(pdu) if is_type_0(pdu) => return Some(true),
            Delivery::Message(pdu) => (settings.indications.message_route(coding(pdu)), pdu),
            Delivery::Report(pdu) => (settings.indications.report_route(), pdu),
        };
        match route {
            Route::Direct => {
                if settings.indications.mode == 0 || !self.may_indicate(now) {
                    return None;
                }
                self.say_directly(delivery, pdu);
                self.write(now);
                self.session.waiting.since = None;
                let acknowledged = self.session.settings.service == 0 && self.profile.has_services;
                if !acknowledged {
                    self.session.unacknowledged = Some(now + ACKNOWLEDGE);
                }
                Some(acknowledged)
            }
            Route::Store { store, announce } => {
                let store = store.filter(|store| self.memory.has(*store));
                let store = store.unwrap_or(settings.stores.receiving);
                let stored = Stored { status: MessageStatus::RECEIVED_UNREAD, pdu: pdu.clone() };
                let Some(index) = self.memory.add(store, stored) else { return Some(false) };
                if announce {
                    let name = match delivery {
                        Delivery::Message(_) => "+CMTI",
                        Delivery::Report(_) => "+CDSI",
                    };
                    self.indicate(format!("{name}: \"{store}\",{index}").as_bytes(), true);
                }
                Some(true)
            }
        }
    }

    fn say_directly(&mut self, delivery: &Delivery, pdu: &Pdu) {
        if self.session.settings.format == 0 {
            let tpdu_len = pdu.tpdu_len() as u16;
            self.say(&match delivery {
                Delivery::Message(_) => Line::Message { tpdu_len },
                Delivery::Report(_) => Line::Report { tpdu_len },
            });
            return self.say_pdu(pdu);
        }
        let name = match delivery {
            Delivery::Message(_) => "+CMT",
            Delivery::Report(_) => "+CDS",
        };
        let shown = self.view().show(Place::Direct, MessageStatus::RECEIVED_UNREAD, pdu);
        self.say_shown(name, shown);
    }

    /// Ends what the terminal owes for a message that came directly (27.005, section 3.4.4).
    pub(super) fn acknowledge(&mut self, positive: bool) -> Result<(), Failure> {
        if self.session.unacknowledged.take().is_none() {
            return Err(Failure::Cms(CmsError::NO_ACKNOWLEDGEMENT_EXPECTED));
        }
        if positive {
            self.network.taken(self.sim);
        } else {
            self.network.rejected(self.sim);
        }
        Ok(())
    }
}

/// The coding of a message, where it has one.
fn coding(pdu: &Pdu) -> Option<DataCoding> {
    match pdu.read_tolerant().ok()? {
        ((_, Mt::Deliver(deliver)), _) => Some(deliver.coding),
        _ => None,
    }
}
