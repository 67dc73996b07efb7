//! What the service centre holds for handsets that are off, and what can still be done about it.

use std::sync::MutexGuard;
use std::time::{Duration, SystemTime};

use septet::at::CmsError;
use septet::pdu::Pdu;
use septet::tpdu::Command;
use septet::tpdu::codes::{CommandType, Status};

use super::state::{ReportWanted, State, Waiting};
use super::{Network, SimId, centre};

/// A message that waits for a handset to be on.
pub(super) struct Held {
    /// Whose number it is for.
    pub(super) number: String,
    pub(super) from: SimId,
    /// TP-MR, by which a command names it.
    pub(super) reference: u8,
    pub(super) deliver: Pdu,
    pub(super) wanted: Option<ReportWanted>,
    /// When its validity period ends.
    pub(super) expires: Option<SystemTime>,
    /// When the service centre received it.
    pub(super) received: SystemTime,
}

impl Network {
    /// Switches a handset on or off. What came for it while it was off is delivered when it is on.
    pub fn switch_handset(&self, number: &str, is_on: bool) {
        let number = super::digits(number);
        let now = self.now();
        let mut state = self.current();
        state.phones.phone(number).is_off = !is_on;
        if is_on {
            let held: Vec<_> = state.held.extract_if(.., |held| held.number == number).collect();
            for held in held {
                self.hand_over(&mut state, number, &held.deliver, now);
                if let Some(wanted) = held.wanted {
                    self.report(&mut state, &wanted, Status::RECEIVED);
                }
            }
        }
    }

    /// How long until a validity period ends.
    pub fn next_expiry(&self) -> Option<Duration> {
        let now = self.now();
        let state = self.lock();
        let held = state.held.iter().map(|held| held.expires);
        let waiting = state.sims.iter().flat_map(|sim| &sim.waiting).map(|waiting| waiting.expires);
        let first = held.chain(waiting).flatten().min()?;
        Some(first.duration_since(now).unwrap_or_default())
    }

    /// The state without what has expired.
    pub(super) fn current(&self) -> MutexGuard<'_, State> {
        let now = self.now();
        let past = |expires: Option<SystemTime>| expires.is_some_and(|expires| expires <= now);
        let mut guard = self.lock();
        let state = &mut *guard;
        let held = state.held.extract_if(.., |held| past(held.expires));
        let held: Vec<_> = held.filter_map(|held| held.wanted).collect();
        let waiting = state.sims.iter_mut().flat_map(|sim| {
            let all = std::mem::take(&mut sim.waiting);
            let (gone, left) = all.into_iter().partition(|waiting| past(waiting.expires));
            sim.waiting = Vec::into(left);
            let gone: Vec<Waiting> = gone;
            gone
        });
        let waiting: Vec<_> = waiting.filter_map(|waiting| waiting.report).collect();
        let expired = held.into_iter().chain(waiting);
        for wanted in expired {
            self.report(state, &wanted, Status::EXPIRED);
        }
        guard
    }

    /// Does what an SMS-COMMAND asks for (3GPP TS 23.040, section 9.2.3.19).
    pub(super) fn command(
        &self,
        state: &mut State,
        from: SimId,
        command: &Command<'_>,
        now: SystemTime,
    ) -> Result<u8, CmsError> {
        let number: String = command.destination.chars().collect();
        let meant = |held: &Held| {
            (held.from, held.reference) == (from, command.message_number) && held.number == number
        };
        let at = state.held.iter().position(meant);
        let received = at.and_then(|at| state.held.get(at)).map_or(now, |held| held.received);
        let status = match (command.command, at) {
            (CommandType::ENQUIRY, Some(_)) => Status::NO_RESPONSE,
            (CommandType::DELETE, Some(at)) => {
                state.held.remove(at);
                Status::DELETED_BY_SENDER
            }
            (CommandType::CANCEL_STATUS_REPORT, Some(at)) => {
                if let Some(held) = state.held.get_mut(at) {
                    held.wanted = None;
                }
                Status::NO_RESPONSE
            }
            (
                CommandType::ENQUIRY | CommandType::DELETE | CommandType::CANCEL_STATUS_REPORT,
                None,
            ) => Status::UNKNOWN_MESSAGE,
            _ => return Err(CmsError::COMMAND_UNSUPPORTED),
        };
        let reference = state.next_reference(from);
        if command.status_report_request {
            let report = centre::Report::of_command(command, reference, received);
            self.report(state, &ReportWanted { to: from, report }, status);
        }
        Ok(reference)
    }
}
