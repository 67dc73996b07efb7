//! What becomes of a message: reports on its parts, the end of its time, and what its customer is told.

use jiff::Timestamp;
use septet::api::{Api, Asked, How, Op, Report, State};
use septet::text::Text;
use septet::tpdu::codes::Status;
use tracing::{debug, info, warn};
use url::Url;

use super::entering::carrier_of;
use super::message::{Fate, Message, octets};
use super::{CallbackId, MessageId, SqlStore};
use crate::watch::state_name;

/// How many status reports are kept that come before the modem has named their part.
const EARLY_REPORTS_MAX: usize = 16;

impl SqlStore {
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
            let modem = self.config.modems[modem].name.as_str();
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
            state = state_name(state),
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
        let wall = self.wall();
        let done = state.is_final().then_some(wall);
        self.end(message, state, done.map(Timestamp::as_millisecond));
        self.volatile.open -= 1;
        for line in &mut self.volatile.lines {
            if line.current == Some(message.id) {
                line.current = None;
            }
        }
        self.database.execute(
            "UPDATE request SET open = open - 1, \
             settled = CASE WHEN open = 1 THEN $1 ELSE settled END WHERE id = $2",
            &[self.now_ms.into(), message.request.into()],
        );
        let account = self.account(message.account);
        let callback = match (message.report, message.api, account) {
            // Who took it back knows.
            (true, Some(api), Some(account)) if message.has_callback && !message.scheduled => {
                self.owe_report(message, api, account, state)
            }
            _ => None,
        };
        let account_name = account.map(|account| self.config.accounts[account].name.as_str());
        let Message { id, request, noted, .. } = message;
        let api = message.api.map(|api| api.name);
        let noted = Some(noted).filter(|noted| !noted.is_empty());
        let state = state_name(state);
        info!(request, sms = id, api, account_name, state, callback, noted, "final");
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
        self.owe(api, (false, message.id), url, callback)
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
