//! A message that is not final, and what became of its parts.

use septet::api::{Api, State, api_named};
pub(crate) use septet::parts::Fate;
use septet::parts::{Envelope, Parts};
use septet::pdu::Pdu;

use super::{MessageId, SqlStore};
use crate::database::Row;

/// The fates of the parts of a message that the database has.
pub(crate) fn fates(octets: &[u8]) -> Vec<Fate> {
    octets.chunks(2).map(Fate::read).collect()
}

/// The fates of the parts of a message, as the database has them.
pub(super) fn octets(fates: &[Fate]) -> Vec<u8> {
    fates.iter().flat_map(|fate| fate.octets()).collect()
}

/// A part of a message that was sent.
pub(super) struct Sent {
    /// By the clock on the wall.
    pub at: i64,
    /// The number of the SIM.
    pub sim: String,
}

/// A message that is not final, with what it has of its request.
pub(super) struct Message {
    pub id: MessageId,
    pub request: i64,
    pub recipient: String,
    pub fates: Vec<Fate>,
    /// The modem that sends it, once one does: parts of one message come from one number. 0 for any.
    pub modem: i64,
    /// The route that it goes by where no modem has begun it. 0 for any modem.
    route: i64,
    pub refusals: u32,
    pub status: Option<u8>,
    pub expired: bool,
    /// Whether it is to be sent later.
    pub scheduled: bool,
    pub account: i64,
    /// The interface that it came by, and its report goes by.
    pub api: Option<&'static Api>,
    /// Whether a delivery report is wanted.
    pub report: bool,
    /// Whether the sender chose the modem.
    pub chosen: bool,
    pub noted: String,
    /// Whether the request names a URL that is told what becomes of it.
    pub has_callback: bool,
    /// When a part of it was sent, and by which SIM, where that is not kept yet.
    pub sent: Option<Sent>,
    /// Whether it counted among those that wait, when it was read.
    waited: bool,
}

/// The columns that [`Message::read`] takes, and more behind them.
macro_rules! select_message {
    ($($more:literal)?) => {
        concat!(
            "SELECT m.id, m.request, m.recipient, m.fates, m.modem, m.refusals, m.status, m.expired, \
             m.scheduled, r.account, r.api, r.report, r.chosen, r.noted, m.route, \
             CASE WHEN r.callback IS NULL THEN 0 ELSE 1 END",
            $($more,)?
            " FROM message m JOIN request r ON r.id = m.request WHERE m.id = $1 FOR UPDATE OF m"
        )
    };
}

/// A part of a message that waits.
pub(super) struct WaitingPart {
    pub message: Message,
    /// Which part, from 0.
    pub number: usize,
    /// What a modem is to send, where it can be written.
    pub pdu: Option<Pdu>,
}

impl Message {
    fn read(row: Row<'_>) -> Self {
        let fates = fates(row.octets(3));
        let scheduled = row.number(8).is_some();
        Self {
            id: row.integer(0),
            request: row.integer(1),
            recipient: row.string(2),
            waited: waits(&fates, scheduled),
            fates,
            modem: row.integer(4),
            refusals: row.small(5).unwrap_or_default(),
            status: row.small(6),
            expired: row.is(7),
            scheduled,
            account: row.integer(9),
            api: row.text(10).and_then(api_named),
            report: row.is(11),
            chosen: row.is(12),
            noted: row.string(13),
            route: row.integer(14),
            has_callback: row.is(15),
            sent: None,
        }
    }

    pub(super) fn next_part(&self) -> Option<usize> {
        self.fates.iter().position(|fate| *fate == Fate::Waiting)
    }

    /// Whether a part of it was given to a modem.
    pub(super) fn has_begun(&self) -> bool {
        self.fates.iter().any(|fate| *fate != Fate::Waiting)
    }

    /// The state of the whole, once every part is final: the worst of theirs.
    pub(super) fn state(&self) -> Option<State> {
        Fate::whole(self.fates.iter().copied())
    }
}

fn waits(fates: &[Fate], scheduled: bool) -> bool {
    !scheduled && fates.iter().any(|fate| matches!(fate, Fate::Waiting | Fate::Sending))
}

impl SqlStore {
    /// A message that is not final.
    pub(super) fn message(&mut self, id: MessageId) -> Option<Message> {
        let message = self.database.one(select_message!(), &[id.into()], Message::read)?;
        message.state().is_none().then_some(message)
    }

    /// The first part of a message that waits, where one does.
    pub(super) fn waiting_part(&mut self, id: MessageId) -> Option<WaitingPart> {
        let sql = select_message!(", r.validity, r.class, r.protocol, coalesce(m.body, r.body)");
        let found = self.database.one(sql, &[id.into()], |row| {
            let message = Message::read(row);
            let number = message.next_part()?;
            let envelope = Envelope {
                to: &message.recipient,
                service_centre: None,
                report: message.report,
                validity: row.small(16),
                class: row.small(17),
                protocol: row.small(18).unwrap_or_default(),
            };
            let parts = Parts::read(row.octets(19));
            let pdu = parts.and_then(|parts| parts.pdu(number, &envelope).ok().flatten());
            Some(WaitingPart { message, number, pdu })
        });
        found.flatten()
    }

    /// Keeps what has changed of a message. It waits from `due` on, or a modem has it, or neither.
    pub(super) fn save(&mut self, message: &mut Message, due: Option<i64>, held: bool) {
        let is_ready = due.is_some_and(|due| due <= self.now_ms);
        let queue = if message.modem == 0 { -message.route } else { message.modem };
        let begun = message.has_begun();
        if begun {
            self.volatile.last_turn += 1;
        }
        let turn = if begun { self.volatile.last_turn } else { 0 };
        let sent = message.sent.take();
        self.database.execute(
            "UPDATE message SET fates = $1, modem = $2, refusals = $3, status = $4, expired = $5, \
             due = $6, held = $7, queue = $8, ready = $9, begun = $10, turn = $11, \
             state = coalesce($12, state), sent = coalesce($13, sent), sim = coalesce($14, sim) \
             WHERE id = $15",
            &[
                octets(&message.fates).as_slice().into(),
                message.modem.into(),
                message.refusals.into(),
                message.status.into(),
                message.expired.into(),
                due.filter(|_| !is_ready).into(),
                held.into(),
                queue.into(),
                is_ready.into(),
                begun.into(),
                turn.into(),
                sent.as_ref().map(|_| State::EnRoute.code()).into(),
                sent.as_ref().map(|sent| sent.at).into(),
                sent.as_ref().map(|sent| sent.sim.as_str()).into(),
                message.id.into(),
            ],
        );
        self.volatile.has_work |= due.is_some();
        if let Some(due) = due {
            if !is_ready {
                self.is_due_at(due);
            }
            let modem = self.modems.iter().position(|own| begun && *own == message.modem);
            modem.into_iter().for_each(|modem| self.is_given_up_soon(modem));
        }
        self.count_waiting(message);
    }

    /// Keeps a message that is over: its state, and when that was final, by the clock on the wall.
    pub(super) fn end(&mut self, message: &mut Message, state: State, done: Option<i64>) {
        let sent = message.sent.take();
        self.database.execute(
            "UPDATE message SET fates = $1, modem = $2, status = $3, expired = $4, state = $5, \
             done = $6, sent = coalesce($7, sent), sim = coalesce($8, sim), body = NULL, due = NULL, \
             scheduled = NULL, expires = NULL, held = 0, ready = 0, begun = 1 WHERE id = $9",
            &[
                octets(&message.fates).as_slice().into(),
                message.modem.into(),
                message.status.into(),
                message.expired.into(),
                state.code().into(),
                done.into(),
                sent.as_ref().map(|sent| sent.at).into(),
                sent.as_ref().map(|sent| sent.sim.as_str()).into(),
                message.id.into(),
            ],
        );
        self.count_waiting(message);
    }

    /// Counts a message among those that wait, or no more.
    fn count_waiting(&mut self, message: &mut Message) {
        let waits = waits(&message.fates, message.scheduled);
        self.volatile.waiting += i64::from(waits) - i64::from(message.waited);
        message.waited = waits;
    }
}
