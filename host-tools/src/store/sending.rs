//! Which part goes to which modem, and what becomes of it.

use std::time::Duration;

use septet::api::{Asked, Op, Report, State};
use septet::at::Class;
use septet::pdu::Pdu;
use septet::text::{Charset, Text};
use septet_firmware::engine::Outcome;
use tracing::{debug, info, warn};

use super::callbacks::emitted;
use super::{Message, MessageId, PartState, Store};

/// How long after each refusal that may pass a message is tried again; then it is given up.
const REFUSED_BACKOFF: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
];

/// How many status reports are kept that came before the modem said which message they are of.
const EARLY_REPORTS_MAX: usize = 64;

impl Store {
    /// Tells whether a modem takes messages.
    pub fn set_ready(&mut self, modem: usize, ready: bool) {
        let line = &mut self.lines[modem];
        line.ready = ready;
        // What has not begun can go through another modem.
        if !ready
            && line.sending.is_none()
            && let Some(id) = line.current
            && let Some(message) = self.messages.get(&id)
            && message.modem.is_none()
            && !message.any_part_left()
        {
            line.current = None;
            self.queue.push_front(id);
        }
    }

    /// The part that an idle modem is to send now.
    pub fn next_part(&mut self, modem: usize) -> Option<Pdu> {
        let line = &mut self.lines[modem];
        if !line.ready || line.sending.is_some() {
            return None;
        }
        loop {
            let id = match line.current {
                Some(id) => id,
                None => line.queue.pop_front().or_else(|| self.queue.pop_front())?,
            };
            line.current = None;
            let Some(message) = self.messages.get_mut(&id) else { continue };
            let Some(number) = message.next_part() else { continue };
            line.current = Some(id);
            line.sending = Some(number);
            let part = &mut message.parts[number];
            part.state = PartState::Sending;
            debug!(sms = id, part = number + 1, of = message.parts.len(), modem, "sending");
            return Some(message.parts[number].pdu.clone());
        }
    }

    /// Tells that a modem did not take the part that it was given: it is not ready after all.
    pub fn not_taken(&mut self, modem: usize) {
        let line = &mut self.lines[modem];
        if let (Some(id), Some(number)) = (line.current, line.sending.take())
            && let Some(message) = self.messages.get_mut(&id)
        {
            message.parts[number].state = PartState::Waiting;
        }
        self.set_ready(modem, false);
    }

    /// Tells what became of the part that a modem had.
    pub fn finished(&mut self, modem: usize, outcome: Outcome) {
        let line = &mut self.lines[modem];
        let (Some(id), Some(number)) = (line.current, line.sending.take()) else { return };
        let Some(message) = self.messages.get_mut(&id) else { return };
        let of = message.parts.len();
        let part = &mut message.parts[number];
        match outcome {
            Outcome::Sent { reference } => {
                info!(sms = id, part = number + 1, of, modem, reference, "sent");
                part.state = PartState::Sent;
                line.awaited.entry(reference).or_default().push((id, number));
                let recipient = message.recipient.clone();
                let early = line.early.iter().position(|(own, number, _)| {
                    *own == reference && same_number(number, &recipient)
                });
                if let Some((_, _, state)) = early.and_then(|early| line.early.remove(early)) {
                    self.reported(modem, reference, &recipient, state);
                }
            }
            Outcome::NotSent(why) => {
                info!(sms = id, part = number + 1, of, modem, %why, "not sent, will be");
                part.state = PartState::Waiting;
            }
            Outcome::Unknown(why) => {
                warn!(sms = id, part = number + 1, of, modem, %why, "outcome unknown");
                part.state = PartState::Final(State::Unknown);
            }
            Outcome::Refused { class, code } => {
                warn!(sms = id, part = number + 1, of, modem, %code, ?class, "refused");
                part.state = PartState::Waiting;
                line.current = None;
                let passing =
                    !matches!(class, Class::Permanent | Class::Local | Class::Unsupported);
                match REFUSED_BACKOFF.get(message.refusals).filter(|_| passing) {
                    Some(backoff) => {
                        message.refusals += 1;
                        // Parts of one message come from one number.
                        if message.any_part_left() {
                            message.modem = Some(modem);
                        }
                        self.delayed.insert((self.now + *backoff, id));
                    }
                    None => {
                        for part in &mut message.parts {
                            if part.state == PartState::Waiting {
                                part.state = PartState::Final(State::Undeliverable);
                            }
                        }
                    }
                }
            }
        }
        self.settle(id);
    }

    /// Takes a status report: the message that it is of is the latest with this reference and number.
    pub(super) fn reported(&mut self, modem: usize, reference: u8, recipient: &str, state: State) {
        let line = &mut self.lines[modem];
        let messages = &self.messages;
        let found = line.awaited.get(&reference).and_then(|awaited| {
            awaited.iter().rposition(|(id, _)| {
                messages.get(id).is_some_and(|own| same_number(&own.recipient, recipient))
            })
        });
        let Some(found) = found else {
            debug!(modem, reference, "a report came before its message was known to be sent");
            if line.early.len() >= EARLY_REPORTS_MAX {
                line.early.pop_front();
            }
            line.early.push_back((reference, recipient.to_owned(), state));
            return;
        };
        if state == State::EnRoute {
            return;
        }
        let Some(awaited) = line.awaited.get_mut(&reference) else { return };
        let (id, number) = awaited.remove(found);
        if awaited.is_empty() {
            line.awaited.remove(&reference);
        }
        let Some(message) = self.messages.get_mut(&id) else { return };
        info!(sms = id, part = number + 1, of = message.parts.len(), ?state, "reported");
        message.parts[number].state = PartState::Final(state);
        self.settle(id);
    }

    /// Owes the customer the report of a message whose parts are all final.
    pub(super) fn settle(&mut self, id: MessageId) {
        let Some(state) = self.messages.get(&id).and_then(Message::state) else { return };
        let Some(message) = self.messages.remove(&id) else { return };
        for line in &mut self.lines {
            if line.current == Some(id) {
                line.current = None;
            }
        }
        let account = &self.config.accounts[message.account].name;
        info!(sms = id, account, ?state, "final");
        let Some(url) = message.callback else { return };
        let report = Report { client_id: message.client_id.as_deref().map(Text::plain), state };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        let query = emitted(message.api.report, &asked, Charset::Utf8);
        self.owe(message.api, message.api.report, url, &query);
    }
}

/// Whether two spellings are the same number: equal, or one the end of the other without the digits
/// for dialling abroad.
fn same_number(one: &str, other: &str) -> bool {
    let significant = |number: &str| number.trim_start_matches(['+', '0']).to_owned();
    let (one, other) = (significant(one), significant(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    one == other || short.len() >= 6 && long.ends_with(short.as_str())
}
