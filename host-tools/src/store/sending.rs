//! Which part goes to which modem, and what becomes of it.

use std::time::Duration;

use septet::api::{Asked, How, Op, Report, State};
use septet::at::Class;
use septet::pdu::Pdu;
use septet::text::Text;
use septet::tpdu::codes::Status;
use septet_firmware::engine::Outcome;
use tracing::{debug, error, info, warn};

use super::{MemoryStore, MessageId, PartState};
use crate::body::Envelope;

/// How long after each refusal that may pass a message is tried again; after the last of these every
/// time, until its time is over.
const REFUSED_BACKOFF: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
];

/// How many status reports are kept that come before the modem has named their part.
const EARLY_REPORTS_MAX: usize = 16;

impl MemoryStore {
    /// Tells whether a modem takes messages.
    pub fn set_ready(&mut self, modem: usize, ready: bool) {
        self.lines[modem].ready = ready;
        self.release(modem);
    }

    /// Tells whether a modem's network carries messages, as far as it says.
    pub fn set_network(&mut self, modem: usize, carries: bool) {
        self.lines[modem].without_network = !carries;
        self.release(modem);
    }

    /// Gives what a modem that takes none has not begun to another one.
    fn release(&mut self, modem: usize) {
        let line = &mut self.lines[modem];
        if line.takes_messages() || line.sending.is_some() {
            return;
        }
        if let Some(id) = line.current
            && let Some(message) = self.messages.get_mut(&id)
            && !message.modem_chosen
            && !message.has_begun()
        {
            message.modem = None;
            line.current = None;
            self.queue.push_front(id);
        }
    }

    /// The part that an idle modem is to send now.
    pub fn next_part(&mut self, modem: usize) -> Option<Pdu> {
        loop {
            let line = &mut self.lines[modem];
            if !line.takes_messages() || line.sending.is_some() {
                return None;
            }
            let id = match line.current.take() {
                Some(id) => id,
                None => line.queue.pop_front().or_else(|| self.queue.pop_front())?,
            };
            let Some(message) = self.messages.get_mut(&id) else { continue };
            let Some(number) = message.next_part() else { continue };
            message.modem = Some(modem);
            let envelope = Envelope {
                to: &message.recipient,
                service_centre: None,
                report: message.report,
                validity: message.validity,
                class: message.class,
                protocol: message.protocol,
            };
            match message.body.pdu(number, &envelope) {
                Ok(Some(pdu)) => {
                    message.parts[number] = PartState::Sending;
                    line.current = Some(id);
                    line.sending = Some(number);
                    debug!(sms = id, part = number + 1, of = message.parts.len(), modem, "sending");
                    return Some(pdu);
                }
                wrong => {
                    // Recipient and text were checked when the message was accepted.
                    error!(sms = id, ?wrong, "a part that cannot be written");
                    message.parts[number] = PartState::Final(State::Undeliverable);
                    self.settle(id);
                }
            }
        }
    }

    /// Tells that a modem did not take the part that it was given: it is not ready after all.
    pub fn not_taken(&mut self, modem: usize) {
        let line = &mut self.lines[modem];
        if let (Some(id), Some(number)) = (line.current, line.sending.take())
            && let Some(message) = self.messages.get_mut(&id)
        {
            message.parts[number] = PartState::Waiting;
        }
        self.set_ready(modem, false);
    }

    /// Tells what became of the part that a modem had.
    pub fn finished(&mut self, modem: usize, outcome: Outcome) {
        let wall = self.wall();
        let line = &mut self.lines[modem];
        let early = std::mem::take(&mut line.early);
        let (Some(id), Some(number)) = (line.current, line.sending.take()) else { return };
        let Some(message) = self.messages.get_mut(&id) else { return };
        let of = message.parts.len();
        let unsent =
            if message.expired { PartState::Final(State::Expired) } else { PartState::Waiting };
        message.parts[number] = match outcome {
            Outcome::Sent { reference } => {
                info!(sms = id, part = number + 1, of, modem, reference, "sent");
                message.refusals = 0;
                if let Some(sms) = self.orders.sms(message.order, message.index) {
                    sms.state = State::EnRoute;
                    sms.sent = Some(wall);
                    sms.from = Some(self.config.modems[modem].number.clone());
                }
                self.orders.sent(message.order, &message.recipient);
                if message.expired {
                    PartState::Final(State::Unknown)
                } else if !message.report {
                    // Nobody asked what becomes of it.
                    PartState::Final(State::EnRoute)
                } else {
                    line.awaited.entry(reference).or_default().push((id, number));
                    PartState::Sent(reference)
                }
            }
            Outcome::NotSent(why) => {
                info!(sms = id, part = number + 1, of, modem, %why, "not sent, will be");
                unsent
            }
            Outcome::Unknown(why) => {
                warn!(sms = id, part = number + 1, of, modem, %why, "outcome unknown");
                PartState::Final(State::Unknown)
            }
            Outcome::Refused { class, code } => {
                warn!(sms = id, part = number + 1, of, modem, %code, ?class, "refused");
                unsent
            }
        };
        if message.next_part().is_none() {
            line.current = None;
        }
        match outcome {
            Outcome::Refused { class, .. } => self.refused(modem, id, class),
            // The modem had its own patience; it gets a pause before the next try.
            Outcome::NotSent(_) => self.put_off(modem, id),
            Outcome::Sent { .. } | Outcome::Unknown(_) => {}
        }
        for (reference, recipient, status) in early {
            self.reported(modem, reference, &recipient, status);
        }
        self.settle(id);
    }

    /// Ends a message that was refused for good, or puts it off.
    fn refused(&mut self, modem: usize, id: MessageId, class: Class) {
        if !matches!(class, Class::Permanent | Class::Local | Class::Unsupported) {
            return self.put_off(modem, id);
        }
        let Some(message) = self.messages.get_mut(&id) else { return };
        // A text without one of its parts is never shown: the others would be spent for nothing.
        for part in message.parts.iter_mut().filter(|part| **part == PartState::Waiting) {
            *part = PartState::Final(State::Undeliverable);
        }
    }

    /// Has a message wait before its next part is tried again.
    fn put_off(&mut self, modem: usize, id: MessageId) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        if message.next_part().is_none() {
            return;
        }
        let last = REFUSED_BACKOFF.len() - 1;
        let backoff = REFUSED_BACKOFF[message.refusals.min(last)];
        message.refusals += 1;
        if !message.has_begun() && !message.modem_chosen {
            message.modem = None;
        }
        self.lines[modem].current = None;
        self.delayed.insert((self.now + backoff, id));
    }

    /// Takes a status report: the part that it is of is the latest with this reference and number.
    pub(super) fn reported(
        &mut self,
        modem: usize,
        reference: u8,
        recipient: &str,
        status: Status,
    ) {
        let state = State::from(status);
        let line = &mut self.lines[modem];
        let messages = &self.messages;
        let found = line.awaited.get(&reference).and_then(|awaited| {
            awaited.iter().rev().copied().find(|(id, _)| {
                messages.get(id).is_some_and(|own| same_number(&own.recipient, recipient))
            })
        });
        let Some((id, number)) = found else {
            // A modem may hand a report over before it tells the reference of the part that it has.
            // Any other is of no message of ours: one that was reported, or that another program sent.
            let is_early = line.sending.is_some() && line.early.len() < EARLY_REPORTS_MAX;
            debug!(modem, reference, is_early, "a report of no message that is known to be sent");
            if is_early {
                line.early.push((reference, recipient.to_owned(), status));
            }
            return;
        };
        if state == State::EnRoute {
            info!(sms = id, part = number + 1, status = status.0, "reported: not delivered yet");
            let Some((order, index)) = self.messages.get(&id).map(|own| (own.order, own.index))
            else {
                return;
            };
            if let Some(sms) = self.orders.sms(order, index) {
                sms.status = Some(status.0);
            }
            return;
        }
        line.forget(reference, id, number);
        let Some(message) = self.messages.get_mut(&id) else { return };
        message.status = Some(status.0);
        info!(sms = id, part = number + 1, of = message.parts.len(), ?state, "reported");
        message.parts[number] = PartState::Final(state);
        self.settle(id);
    }

    /// Owes the customer the report of a message whose parts are all final.
    pub(super) fn settle(&mut self, id: MessageId) {
        let Some(state) = self.messages.get(&id).and_then(|message| message.state()) else {
            return;
        };
        let Some(message) = self.messages.remove(&id) else { return };
        match message.scheduled {
            Some(at) => self.scheduled.remove(&(at, id)),
            None => self.accepted.remove(&(message.accepted, id)),
        };
        for line in &mut self.lines {
            if line.current == Some(id) {
                line.current = None;
            }
        }
        let wall = self.wall();
        let times = self.times(message.account, message.api);
        let account = &self.config.accounts[message.account].name;
        info!(sms = id, api = message.api.name, account, ?state, noted = %message.noted, "final");
        self.orders.settle(message.order, self.now);
        let Some(order) = self.orders.by_id.get_mut(&message.order) else { return };
        let Some(sms) = order.sms.get_mut(message.index) else { return };
        (sms.state, sms.status, sms.message) = (state, message.status, None);
        if state.is_final() {
            sms.done = Some(wall);
        }
        if message.scheduled.is_some() {
            // The customer took it back, and knows.
            return;
        }
        let Some((url, carrier)) = order.callback.clone() else { return };
        let Some(endpoint) = message.api.report.filter(|_| message.report) else { return };
        self.next_id += 1;
        // Twenty digits: what the longest ids have.
        let notification = format!("{:012x}{:08x}", wall.as_millisecond(), self.next_id);
        let own = if sms.id.is_empty() { &order.id } else { &sms.id };
        let report = Report {
            notification: Some(Text::plain(&notification)),
            id: Some(Text::plain(own)),
            client_id: order.client_id.as_deref().map(Text::plain),
            recipient: Some(Text::plain(&sms.recipient)),
            status: sms.status,
            created: Some(times.when(order.created)),
            sent: sms.sent.map(|at| times.when(at)),
            done: sms.done.map(|at| times.when(at)),
            parts: Some(sms.parts),
            ..Report::new(state)
        };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        let how = How { carrier, ..How::default() };
        let callback = super::callbacks::emitted(endpoint, &asked, &how);
        self.owe(message.api, endpoint, url, callback);
    }
}

impl super::Line {
    const fn takes_messages(&self) -> bool {
        self.ready && !self.without_network
    }
}

/// Whether two spellings are the same number: equal, or one the end of the other without the digits
/// for dialling abroad.
pub fn same_number(one: &str, other: &str) -> bool {
    let significant = |number: &str| number.trim_start_matches(['+', '0']).to_owned();
    let (one, other) = (significant(one), significant(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    one == other || short.len() >= 6 && long.ends_with(short.as_str())
}
