//! Which part goes to which modem, and what becomes of it.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use septet::api::{Api, Asked, How, Op, Report, State};
use septet::at::Class;
use septet::pdu::Pdu;
use septet::text::Text;
use septet::tpdu::codes::Status;
use septet_firmware::engine::Outcome;
use tracing::{debug, error, info, warn};
use url::Url;

use super::message::{Fate, Message, octets};
use super::orders::carrier_of;
use super::{CallbackId, MessageId, SqlStore};
use crate::body::{Body, Envelope};

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
            let waiting = self.message(id);
            let Some((mut message, number)) =
                waiting.and_then(|message| message.next_part().map(|number| (message, number)))
            else {
                // Nothing that ends leaves a message so.
                error!(sms = id, "a message waits that has no part to send");
                self.database.execute("UPDATE message SET ready = 0 WHERE id = $1", &[id.into()]);
                return None;
            };
            message.modem = self.modems[modem];
            let envelope = self.database.one(
                "SELECT r.report, r.validity, r.class, r.protocol, coalesce(m.body, r.body) \
                 FROM message m JOIN request r ON r.id = m.request WHERE m.id = $1",
                &[id.into()],
                |row| {
                    let envelope = Envelope {
                        to: &message.recipient,
                        service_centre: None,
                        report: row.is(0),
                        validity: row.small(1),
                        class: row.small(2),
                        protocol: row.small(3).unwrap_or_default(),
                    };
                    let body = Body::from_octets(row.octets(4))?;
                    body.pdu(number, &envelope).ok().flatten()
                },
            );
            match envelope.flatten() {
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
                        modem,
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
                    modem,
                    reference,
                    "sent"
                );
                message.refusals = 0;
                self.note_works(modem);
                self.note_sent(&message, wall, modem);
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
                info!(request = message.request, sms = id, part = number + 1, of, modem, %why, "not sent, will be");
                unsent
            }
            Outcome::Unknown(why) => {
                warn!(request = message.request, sms = id, part = number + 1, of, modem, %why, "outcome unknown");
                Fate::Final(State::Unknown)
            }
            Outcome::Refused { class, code } => {
                warn!(request = message.request, sms = id, part = number + 1, of, modem, %code, ?class, "refused");
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
    fn note_trouble(&mut self, id: MessageId, words: &str) {
        self.database.execute(
            "INSERT INTO trouble (message, words) VALUES ($1, $2) \
             ON CONFLICT (message) DO UPDATE SET words = excluded.words",
            &[id.into(), words.into()],
        );
    }

    /// Notes that a part of a message was sent now.
    fn note_sent(&mut self, message: &Message, wall: Timestamp, modem: usize) {
        self.database.execute(
            "UPDATE message SET state = $1, sent = $2, sim = $3 WHERE id = $4",
            &[
                super::state_number(State::EnRoute).into(),
                wall.as_millisecond().into(),
                (&self.config.modems[modem].number).into(),
                message.id.into(),
            ],
        );
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

    /// Takes a status report: the part that it is of is the latest with this reference and number.
    pub(super) fn reported(
        &mut self,
        modem: usize,
        reference: u8,
        recipient: &str,
        status: Status,
    ) {
        let state = State::from(status);
        let awaited = self.database.all(
            "SELECT message, part, recipient FROM awaited WHERE modem = $1 AND reference = $2 \
             ORDER BY message DESC, part DESC",
            &[self.modems[modem].into(), reference.into()],
            |row| (row.integer(0), row.small::<usize>(1).unwrap_or_default(), row.string(2)),
        );
        let found = awaited.iter().find(|(_, _, own)| same_number(own, recipient));
        let Some(&(id, number, _)) = found else {
            // A modem may hand a report over before it tells the reference of the part that it has.
            // Any other is of no message of ours: one that was reported, or that another program sent.
            let line = &mut self.volatile.lines[modem];
            let is_early = line.sending.is_some() && line.early.len() < EARLY_REPORTS_MAX;
            debug!(modem, reference, is_early, "a report of no message that is known to be sent");
            if is_early {
                line.early.push((reference, recipient.to_owned(), status));
            }
            return;
        };
        if state == State::EnRoute {
            info!(sms = id, part = number + 1, status = status.0, "reported: not delivered yet");
            let sql = "UPDATE message SET status = $1 WHERE id = $2";
            self.database.execute(sql, &[status.0.into(), id.into()]);
            return;
        }
        self.forget_awaited(self.modems[modem], reference, id, number);
        let Some(mut message) = self.message(id) else { return };
        message.status = Some(status.0);
        info!(
            request = message.request,
            sms = id,
            part = number + 1,
            of = message.fates.len(),
            ?state,
            "reported"
        );
        let Some(fate) = message.fates.get_mut(number) else { return };
        *fate = Fate::Final(state);
        if message.state().is_some() {
            return self.settle(&mut message);
        }
        self.database.execute(
            "UPDATE message SET fates = $1, status = $2 WHERE id = $3",
            &[octets(&message.fates).as_slice().into(), message.status.into(), id.into()],
        );
    }

    /// Awaits no report of a part any more.
    fn forget_awaited(&mut self, modem: i64, reference: u8, id: MessageId, number: usize) {
        self.database.execute(
            "DELETE FROM awaited WHERE modem = $1 AND reference = $2 AND message = $3 AND part = $4",
            &[modem.into(), reference.into(), id.into(), (number as u32).into()],
        );
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
                    super::state_number(State::Waiting).into(),
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

    /// Ends messages whose time is over.
    pub(super) fn expire(&mut self) {
        let over = self.database.all(
            "SELECT id FROM message WHERE expires <= $1 ORDER BY expires, id LIMIT $2 \
             FOR UPDATE SKIP LOCKED",
            &[self.now_ms.into(), super::AT_ONCE.into()],
            |row| row.integer(0),
        );
        for id in over {
            let sql = "UPDATE message SET expires = NULL WHERE id = $1";
            self.database.execute(sql, &[id.into()]);
            let Some(mut message) = self.message(id) else { continue };
            message.expired = true;
            for number in 0..message.fates.len() {
                message.fates[number] = match message.fates[number] {
                    Fate::Waiting => Fate::Final(State::Expired),
                    Fate::Sent(reference) => {
                        self.forget_awaited(message.modem, reference, id, number);
                        Fate::Final(State::Unknown)
                    }
                    // The modem tells soon.
                    fate @ (Fate::Sending | Fate::Final(_)) => fate,
                };
            }
            if message.state().is_some() {
                self.settle(&mut message);
            } else {
                self.save(&mut message, None, true);
            }
        }
    }

    /// Takes up a message that a modem had when the last run ended: a part that was given to it may have
    /// been sent, or not.
    pub(super) fn orphaned(&mut self, id: MessageId) {
        let Some(mut message) = self.message(id) else { return };
        for fate in message.fates.iter_mut().filter(|fate| **fate == Fate::Sending) {
            warn!(
                request = message.request,
                sms = id,
                "outcome unknown: the gateway ended while a modem had it"
            );
            *fate = Fate::Final(State::Unknown);
            self.note_trouble(id, "the gateway ended while a modem had it");
        }
        if message.state().is_some() {
            return self.settle(&mut message);
        }
        let due = message.next_part().map(|_| self.now_ms);
        if !message.has_begun() && !message.chosen {
            message.modem = 0;
        }
        self.save(&mut message, due, false);
    }

    /// Owes the customer the report of a message whose parts are all final.
    pub(super) fn settle(&mut self, message: &mut Message) {
        let Some(state) = message.state() else { return };
        self.save(message, None, false);
        self.volatile.open -= 1;
        for line in &mut self.volatile.lines {
            if line.current == Some(message.id) {
                line.current = None;
            }
        }
        let wall = self.wall();
        let done = state.is_final().then_some(wall);
        self.database.execute(
            "UPDATE message SET state = $1, done = $2, body = NULL, scheduled = NULL, expires = NULL \
             WHERE id = $3",
            &[
                super::state_number(state).into(),
                done.map(Timestamp::as_millisecond).into(),
                message.id.into(),
            ],
        );
        self.database.execute(
            "UPDATE request SET open = open - 1, \
             settled = CASE WHEN open = 1 THEN $1 ELSE settled END WHERE id = $2",
            &[self.now_ms.into(), message.request.into()],
        );
        let account = self.account(message.account);
        let callback = match (message.report, message.api, account) {
            // Who took it back knows.
            (true, Some(api), Some(account)) if !message.scheduled => {
                self.owe_report(message, api, account, state)
            }
            _ => None,
        };
        let account_name = account.map(|account| self.config.accounts[account].name.as_str());
        let Message { id, request, noted, .. } = message;
        let api = message.api.map(|api| api.name);
        info!(request, sms = id, api, account_name, ?state, callback, noted, "final");
    }

    /// Owes the customer the report of a message, where the request names a URL. Returns its number.
    fn owe_report(
        &mut self,
        message: &Message,
        api: &'static Api,
        account: usize,
        state: State,
    ) -> Option<CallbackId> {
        let endpoint = api.report?;
        let found = self.database.one(
            "SELECT r.callback, r.carrier, coalesce(m.name, r.name), r.client_id, r.created, m.sent, \
             m.done, m.parts FROM message m JOIN request r ON r.id = m.request \
             WHERE m.id = $1 AND r.callback IS NOT NULL",
            &[message.id.into()],
            |row| {
                let callback = (Url::parse(row.text(0)?).ok()?, row.small(1).and_then(carrier_of));
                let client_id = row.text(3).map(str::to_owned);
                let times = (row.integer(4), row.number(5), row.number(6));
                Some((callback, row.string(2), client_id, times, row.small(7)))
            },
        );
        let ((url, carrier), name, client_id, (created, sent, done), parts) = found??;
        let times = self.times(account, api);
        // Twenty digits: what the longest ids have.
        let number = self.first_id + message.id;
        let notification = format!("{:012x}{number:08x}", self.wall().as_millisecond());
        let when = |at: i64| times.when(super::timestamp(at));
        let report = Report {
            notification: Some(Text::plain(&notification)),
            id: Some(Text::plain(&name)),
            client_id: client_id.as_deref().map(Text::plain),
            recipient: Some(Text::plain(&message.recipient)),
            status: message.status,
            created: Some(when(created)),
            sent: sent.map(when),
            done: done.map(when),
            parts,
            ..Report::new(state)
        };
        let asked = Asked { credentials: None, op: Op::Report(report) };
        let how = How { carrier, ..How::default() };
        let callback = super::callbacks::emitted(endpoint, &asked, &how);
        self.owe(api, false, url, callback)
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

/// Whether two spellings are the same number: equal, or one the end of the other without the digits
/// for dialling abroad.
pub fn same_number(one: &str, other: &str) -> bool {
    let significant = |number: &str| number.trim_start_matches(['+', '0']).to_owned();
    let (one, other) = (significant(one), significant(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    one == other || short.len() >= 6 && long.ends_with(short.as_str())
}
