//! Which part goes to which modem and when, and what the modem says of it.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use septet::api::State;
use septet::at::Class;
use septet::pdu::Pdu;
use septet_firmware::engine::Outcome;
use tracing::{debug, error, info, warn};

use super::message::{Fate, Message, Sent, WaitingPart};
use super::{MessageId, SqlStore};

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

impl SqlStore {
    /// Tells whether a modem takes messages.
    pub fn set_ready(&mut self, modem: usize, ready: bool) {
        self.volatile.lines[modem].ready = ready;
        self.note_able(modem);
    }

    /// Tells whether a modem's network carries messages, as far as it says.
    pub fn set_network(&mut self, modem: usize, carries: bool) {
        self.volatile.lines[modem].without_network = !carries;
        self.note_able(modem);
    }

    /// Whether a modem sends something.
    pub fn is_sending(&self) -> bool {
        self.volatile.lines.iter().any(|line| line.sending.is_some())
    }

    /// The part that an idle modem is to send now.
    pub fn next_part(&mut self, modem: usize) -> Option<Pdu> {
        self.next_part_beside(modem, &HashSet::new())
    }

    /// The part that an idle modem is to send now, where the modems in `idle` found nothing.
    pub(super) fn next_part_beside(&mut self, modem: usize, idle: &HashSet<usize>) -> Option<Pdu> {
        loop {
            if !self.is_idle(modem) {
                return None;
            }
            let id = self.next_message(modem, idle)?;
            let Some(WaitingPart { mut message, number, pdu }) = self.waiting_part(id) else {
                // Nothing that ends leaves a message so.
                error!(sms = id, "a message waits that has no part to send");
                self.database.execute("UPDATE message SET ready = 0 WHERE id = $1", &[id.into()]);
                return None;
            };
            message.modem = self.modems[modem];
            match pdu {
                Some(pdu) => {
                    message.fates[number] = Fate::Sending;
                    self.save(&mut message, None, true);
                    let line = &mut self.volatile.lines[modem];
                    line.current = Some(id);
                    line.sending = Some(number);
                    line.given = self.volatile.last_turn;
                    self.count_part(modem);
                    debug!(
                        request = message.request,
                        sms = id,
                        part = number + 1,
                        of = message.fates.len(),
                        modem = self.config.modems[modem].name,
                        "sending"
                    );
                    return Some(pdu);
                }
                None => {
                    // Recipient and text were checked when the message was accepted.
                    error!(sms = id, "a part that cannot be written");
                    message.fates[number] = Fate::Final(State::Undeliverable);
                    self.keep(&mut message);
                }
            }
        }
    }

    /// Tells that a modem did not take the part that it was given: it is not ready after all.
    pub fn not_taken(&mut self, modem: usize) {
        let line = &mut self.volatile.lines[modem];
        if let (Some(id), Some(number)) = (line.current.take(), line.sending.take())
            && let Some(mut message) = self.message(id)
        {
            message.fates[number] = Fate::Waiting;
            if !message.has_begun() && !message.chosen {
                message.modem = 0;
            }
            self.uncount_part(modem);
            let now = self.now_ms;
            self.save(&mut message, Some(now), false);
        }
        self.set_ready(modem, false);
    }

    /// Tells what became of the part that a modem had.
    pub fn finished(&mut self, modem: usize, outcome: Outcome) {
        let wall = self.wall();
        let config = self.config.clone();
        let name = config.modems[modem].name.as_str();
        let line = &mut self.volatile.lines[modem];
        let early = std::mem::take(&mut line.early);
        let (Some(id), Some(number)) = (line.current.take(), line.sending.take()) else { return };
        let Some(mut message) = self.message(id) else { return };
        let of = message.fates.len();
        if let Some(words) = trouble(&outcome) {
            self.note_trouble(id, &words);
        }
        let unsent = if message.expired { Fate::Final(State::Expired) } else { Fate::Waiting };
        message.fates[number] = match outcome {
            Outcome::Sent { reference } => {
                info!(
                    request = message.request,
                    sms = id,
                    part = number + 1,
                    of,
                    modem = name,
                    reference,
                    "sent"
                );
                message.refusals = 0;
                self.note_works(modem);
                self.note_sent(&mut message, wall, modem);
                if message.expired {
                    Fate::Final(State::Unknown)
                } else if !message.report {
                    // Nobody asked what becomes of it.
                    Fate::Final(State::EnRoute)
                } else {
                    self.database.execute(
                        "INSERT INTO awaited (modem, reference, message, part, recipient) \
                         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                        &[
                            self.modems[modem].into(),
                            reference.into(),
                            id.into(),
                            (number as u32).into(),
                            (&message.recipient).into(),
                        ],
                    );
                    Fate::Sent(reference)
                }
            }
            Outcome::NotSent(why) => {
                info!(request = message.request, sms = id, part = number + 1, of, modem = name, %why, "not sent, will be");
                unsent
            }
            Outcome::Unknown(why) => {
                warn!(request = message.request, sms = id, part = number + 1, of, modem = name, %why, "outcome unknown");
                Fate::Final(State::Unknown)
            }
            Outcome::Refused { class, code } => {
                warn!(request = message.request, sms = id, part = number + 1, of, modem = name, %code, ?class, "refused");
                unsent
            }
        };
        let is_for_good =
            |class| matches!(class, Class::Permanent | Class::Local | Class::Unsupported);
        // What is wrong with the modem is no fault of the message.
        let is_of_the_modem = match outcome {
            Outcome::Refused { code, .. } => self.note_refused(modem, &message, code),
            _ => false,
        };
        if matches!(outcome, Outcome::NotSent(_) | Outcome::Refused { .. }) {
            self.uncount_part(modem);
        }
        let put_off = match outcome {
            Outcome::Refused { class, .. } if is_for_good(class) && !is_of_the_modem => {
                // A text without one of its parts is never shown: the others would be spent for nothing.
                for fate in message.fates.iter_mut().filter(|fate| **fate == Fate::Waiting) {
                    *fate = Fate::Final(State::Undeliverable);
                }
                false
            }
            // The modem had its own patience; it gets a pause before the next try.
            Outcome::Refused { .. } | Outcome::NotSent(_) => message.next_part().is_some(),
            Outcome::Sent { .. } | Outcome::Unknown(_) => false,
        };
        if put_off {
            let last = REFUSED_BACKOFF.len() - 1;
            let backoff = REFUSED_BACKOFF[last.min(message.refusals as usize)];
            message.refusals = message.refusals.saturating_add(1);
            if !message.has_begun() && !message.chosen {
                message.modem = 0;
            }
            let due = self.now_ms + super::ms(backoff);
            self.save(&mut message, Some(due), false);
        } else {
            self.keep(&mut message);
        }
        for (reference, recipient, status) in early {
            self.reported(modem, reference, &recipient, status);
        }
    }

    /// Notes what went wrong with a message.
    pub(super) fn note_trouble(&mut self, id: MessageId, words: &str) {
        self.database.execute(
            "INSERT INTO trouble (message, words) VALUES ($1, $2) \
             ON CONFLICT (message) DO UPDATE SET words = excluded.words",
            &[id.into(), words.into()],
        );
    }

    /// Notes that a part of a message was sent now, which is kept with what else has changed of it.
    fn note_sent(&mut self, message: &mut Message, wall: Timestamp, modem: usize) {
        let sim = self.config.modems[modem].number.clone();
        message.sent = Some(Sent { at: wall.as_millisecond(), sim });
        // What its recipient sends now may answer it.
        let Some(api) = message.api else { return };
        self.database.execute(
            "INSERT INTO latest (account, api, recipient, request) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (account, api, recipient) DO UPDATE SET request = excluded.request",
            &[
                message.account.into(),
                api.name.into(),
                (&message.recipient).into(),
                message.request.into(),
            ],
        );
    }

    /// Keeps a message whose parts have changed: its modem goes on with it where parts wait.
    fn keep(&mut self, message: &mut Message) {
        if message.state().is_some() {
            self.settle(message);
            return;
        }
        let due = message.next_part().map(|_| self.now_ms);
        self.save(message, due, false);
    }

    /// Has messages go whose time has come.
    pub(super) fn release_scheduled(&mut self) {
        let (now, wall) = (self.now_ms, self.wall.as_millisecond());
        let due = self.database.all(
            "SELECT id FROM message WHERE scheduled <= $1 ORDER BY scheduled, id LIMIT $2 \
             FOR UPDATE SKIP LOCKED",
            &[wall.into(), super::AT_ONCE.into()],
            |row| row.integer(0),
        );
        for id in due {
            self.database.execute(
                "UPDATE message SET scheduled = NULL, ready = 1, expires = $1, state = $2 WHERE id = $3",
                &[
                    (now + super::ms(super::MESSAGE_WINDOW)).into(),
                    State::Waiting.code().into(),
                    id.into(),
                ],
            );
            self.volatile.waiting += 1;
            self.volatile.has_work = true;
        }
    }

    /// Has messages go that were put off until now.
    pub(super) fn release_put_off(&mut self) {
        let sql = "UPDATE message SET ready = 1, due = NULL WHERE due <= $1 RETURNING id";
        let released = self.database.all(sql, &[self.now_ms.into()], |_| ());
        self.volatile.has_work |= !released.is_empty();
    }
}

impl super::Line {
    pub(super) const fn takes_messages(&self) -> bool {
        self.ready && !self.without_network
    }
}

/// Why a part was not sent, or may not have been, in words; nothing where it was.
pub(crate) fn trouble(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Sent { .. } => None,
        Outcome::Refused { code, .. } => Some(format!("refused: {code}")),
        Outcome::NotSent(why) => Some(why.to_string()),
        Outcome::Unknown(why) => Some(why.to_string()),
    }
}
