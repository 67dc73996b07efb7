//! What comes for the SIM: how it is taken, announced and acknowledged.

use std::time::{Duration, Instant};

use septet::at::{CmsError, Failure, Line, MessageStatus};

use super::settings::Route;
use super::store::Stored;
use super::{State, VirtualModem, octets};
use crate::network::Delivery;

/// The time that a terminal has to acknowledge a message which came directly.
const ACKNOWLEDGE: Duration = Duration::from_secs(15);

impl VirtualModem {
    /// Takes what the service centre has for the SIM, and tells the terminal of it.
    pub(super) fn settle(&mut self, now: Instant) {
        if matches!(self.session.state, State::Off { .. }) {
            return;
        }
        // What is not acknowledged is still the next that the service centre has.
        while self.session.unacknowledged.is_none()
            && let Some(delivery) = self.network.offer(self.sim)
            && self.take(&delivery, now)
        {
            self.network.taken(self.sim);
        }
        if self.is_free() {
            self.output.append(&mut self.session.indications);
        }
    }

    /// Whether an indication may be written: never inside a command line, a PDU or an answer.
    fn is_free(&self) -> bool {
        self.session.settings.indications.mode != 0
            && self.session.line.is_empty()
            && matches!(self.session.state, State::Command | State::Sending { .. })
    }

    /// Takes a delivery the way that is set; `false` when it has to stay in the service centre.
    fn take(&mut self, delivery: &Delivery, now: Instant) -> bool {
        let settings = &self.session.settings;
        let (route, pdu) = match delivery {
            Delivery::Message(pdu) => (settings.indications.message_route(), pdu),
            Delivery::Report(pdu) => (settings.indications.report_route(), pdu),
        };
        match route {
            Route::Drop => true,
            Route::Direct => {
                if !self.is_free() {
                    return false;
                }
                let tpdu_len = pdu.tpdu_len() as u16;
                self.say(&match delivery {
                    Delivery::Message(_) => Line::Message { tpdu_len },
                    Delivery::Report(_) => Line::Report { tpdu_len },
                });
                self.say_pdu(pdu);
                let acknowledged = self.session.settings.service == 0;
                if !acknowledged {
                    self.session.unacknowledged = Some(now + ACKNOWLEDGE);
                }
                acknowledged
            }
            Route::Store { announce } => {
                let store = settings.stores.receiving;
                let stored = Stored { status: MessageStatus::RECEIVED_UNREAD, pdu: pdu.clone() };
                let slots = self.stores.iter_mut().find(|slots| slots.store == store);
                let Some(index) = slots.and_then(|slots| slots.add(stored)) else { return false };
                if announce {
                    self.session.indications.extend(octets(&match delivery {
                        Delivery::Message(_) => Line::MessageStored { store, index },
                        Delivery::Report(_) => Line::ReportStored { store, index },
                    }));
                }
                true
            }
        }
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
