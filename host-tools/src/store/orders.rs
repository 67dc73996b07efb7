//! Requests that were accepted, with what became of each of their messages.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use septet::api::{
    Answer, Api, Cancel, Delivery, History, HistoryQuery, Order as Told, Page, Reason, Receipt,
    Recipient, Refusal, Reports, ReportsQuery, Sent, State, When, Zone,
};
use septet::fields::Rows;
use septet::text::Text;

use super::message::Fate;
use super::{AT_ONCE, SqlStore, ms, timestamp};
use crate::clock::{self, Times};
use crate::database::{Row, Value};

/// How long a request is remembered once all its messages are final.
const HISTORY_WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many messages of requests are remembered; the oldest requests go first.
const HISTORY_MAX: i64 = 10_000_000;

/// The largest page of a history.
const PAGE_MAX: u32 = 1_000;

/// A request that was accepted.
#[derive(Debug)]
pub(super) struct Order {
    /// Its id, in the form of the interface.
    pub name: String,
    pub client_id: Option<String>,
    pub sender: Option<String>,
    /// The kind of message, as the vendor calls it.
    pub kind: Option<String>,
    pub created: Timestamp,
    /// When it is to be sent, where that is later.
    pub scheduled: Option<Timestamp>,
    pub messages: Vec<Sms>,
}

/// A message of a request: one to each recipient.
#[derive(Debug)]
pub(super) struct Sms {
    /// Its id, in the form of the interface, where messages have ids of their own.
    pub name: Option<String>,
    pub recipient: String,
    pub text: Arc<str>,
    pub parts: u32,
    pub state: State,
    /// What the network said of it (TP-ST).
    pub status: Option<u8>,
    pub done: Option<Timestamp>,
    /// The number of the SIM that sent it.
    pub sim: Option<String>,
}

/// The columns that [`Order::read`] takes.
macro_rules! select_orders {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, name, client_id, sender, kind, created, scheduled, first, messages FROM request ",
            $($rest),*
        )
    };
}

/// A request without its messages, and which they are.
struct Found {
    order: Order,
    first: i64,
    messages: i64,
}

impl Found {
    fn read(row: Row<'_>) -> Self {
        let owned = |at| row.text(at).map(str::to_owned);
        Self {
            order: Order {
                name: row.string(1),
                client_id: owned(2),
                sender: owned(3),
                kind: owned(4),
                created: timestamp(row.integer(5)),
                scheduled: row.number(6).map(timestamp),
                messages: Vec::new(),
            },
            first: row.integer(7),
            messages: row.integer(8),
        }
    }
}

impl Order {
    /// What is told of it when it is accepted, and when it is asked for again.
    pub(super) fn told<R>(
        &self,
        credits: (Option<u64>, Option<u64>),
        client_id: Option<Text<'_>>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let receipts: Vec<Receipt<'_>> = self
            .messages
            .iter()
            .map(|sms| Receipt {
                id: Text::plain(sms.name.as_ref().unwrap_or(&self.name)),
                sender: Text::plain(self.sender.as_deref().unwrap_or_default()),
                recipient: Text::plain(&sms.recipient),
                characters: sms.text.chars().count() as u32,
                parts: sms.parts,
                client_id: Text::plain(self.client_id.as_deref().unwrap_or_default()),
            })
            .collect();
        let (used, left) = credits;
        reply(&Answer::Sent(Sent {
            id: Some(Text::plain(&self.name)),
            // As it came: in the charset of the request.
            client_id,
            scheduled: self.scheduled.is_some(),
            parts: self.messages.iter().map(|sms| sms.parts).max().unwrap_or(0),
            messages: self.messages.len() as u32,
            used,
            left,
            receipts: Rows::slice(&receipts),
        }))
    }

    fn deliveries(&self, times: &Times, recipient: Option<Text<'_>>) -> Vec<Delivery<'_>> {
        let is_wanted =
            |sms: &&Sms| recipient.is_none_or(|number| is_number(number, &sms.recipient));
        let delivery = |sms| self.delivery(sms, times);
        self.messages.iter().filter(is_wanted).map(delivery).collect()
    }

    fn delivery<'s>(&'s self, sms: &'s Sms, times: &Times) -> Delivery<'s> {
        Delivery {
            status: sms.status,
            text: Some(Text::plain(&sms.text)),
            created: Some(times.when(self.created)),
            done: sms.done.map(|at| times.when(at)),
            credits: Some(sms.parts.into()),
            sender: sms.sim.as_deref().map(Text::plain),
            client_id: self.client_id.as_deref().map(Text::plain),
            ..Delivery::new(Text::plain(&sms.recipient), sms.state)
        }
    }

    /// Whether none of it was given to a modem yet, since it is to be sent later.
    fn waits(&self) -> bool {
        let is_over = |sms: &Sms| matches!(sms.state, State::Scheduled | State::Blacklisted);
        self.messages.iter().all(is_over)
            && self.messages.iter().any(|sms| sms.state == State::Scheduled)
    }
}

/// Whether the number is written so, with or without what stands for dialling abroad.
pub(super) fn is_number(written: Text<'_>, number: &str) -> bool {
    Recipient { country: Text::EMPTY, number: written }.chars().eq(number.chars())
}

/// The first place of a page, and how many places it has.
pub(super) fn page(page: Page) -> (i64, i64) {
    let size = i64::from(page.size.clamp(1, PAGE_MAX));
    (i64::from(page.number.max(1) - 1).saturating_mul(size), size)
}

impl SqlStore {
    /// How an interface tells an account of times.
    pub(super) fn times(&self, account: usize, api: &Api) -> Times {
        match api.times {
            Zone::Account => Times::Account(self.config.accounts[account].zone()),
            _ => Times::Utc,
        }
    }

    /// How an interface tells an account of times that it asked for in the zone of `from`.
    pub(super) fn times_of(&self, account: usize, api: &Api, from: &When<'_>) -> Times {
        match (self.times(account, api), clock::zone(from)) {
            (Times::Account(_), Some(zone)) => Times::Account(zone),
            (times, _) => times,
        }
    }

    /// A request with its messages.
    pub(super) fn order(&mut self, request: i64) -> Option<Order> {
        let sql = select_orders!("WHERE id = $1 AND messages > 0");
        let found = self.database.one(sql, &[request.into()], Found::read)?;
        Some(self.with_messages(found))
    }

    fn with_messages(&mut self, found: Found) -> Order {
        let Found { mut order, first, messages } = found;
        order.messages = self.database.all(
            "SELECT m.name, m.recipient, coalesce(m.text, r.text), m.parts, m.state, m.status, m.done, \
             m.sim FROM message m JOIN request r ON r.id = m.request WHERE m.id BETWEEN $1 AND $2 \
             ORDER BY m.id",
            &[first.into(), (first + messages - 1).into()],
            |row| Sms {
                name: row.text(0).map(str::to_owned),
                recipient: row.string(1),
                text: row.text(2).unwrap_or_default().into(),
                parts: row.small(3).unwrap_or_default(),
                state: State::of_code(row.small(4).unwrap_or(u8::MAX)),
                status: row.small(5),
                done: row.number(6).map(timestamp),
                sim: row.text(7).map(str::to_owned),
            },
        );
        order
    }

    /// The account's request of this id, its own or the gateway's: its number.
    fn named(&mut self, account: usize, api: &Api, name: Text<'_>) -> Option<i64> {
        let name = name.to_string();
        let values: [Value<'_>; 3] =
            [self.accounts[account].into(), api.name.into(), (&name).into()];
        // An own id is the key of its request: the latest has it, where a customer gave it twice.
        let own = "SELECT id FROM request WHERE account = $1 AND api = $2 AND key = $3 \
                   AND own_name = $3";
        let ours = "SELECT id FROM request WHERE account = $1 AND api = $2 AND name = $3 \
                    AND looked_up = 1 ORDER BY id DESC LIMIT 1";
        let found = [own, ours].map(|sql| self.database.one(sql, &values, |row| row.integer(0)));
        let told = self.number_told(&name).and_then(|number| {
            let [account, api, name] = values;
            let sql =
                "SELECT id FROM request WHERE id = $1 AND account = $2 AND api = $3 AND name = $4";
            self.database.one(sql, &[number.into(), account, api, name], |row| row.integer(0))
        });
        found.into_iter().flatten().chain(told).max()
    }

    /// The number of the request that an id tells, where it is of a form that does.
    pub(super) fn number_told(&self, name: &str) -> Option<i64> {
        let of_hex = || i64::from_str_radix(name.get(12..).filter(|_| name.len() == 20)?, 16).ok();
        let number = name.parse().ok().or_else(of_hex)?;
        i64::checked_sub(number, self.first_id)
    }

    pub(super) fn reports<R>(
        &mut self,
        account: usize,
        api: &'static Api,
        query: &ReportsQuery<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let request = self.named(account, api, query.id);
        let Some(order) = request.and_then(|request| self.order(request)) else {
            return reply(&Answer::Refused(Refusal::new(Reason::UnknownId, query.id)));
        };
        let rows = order.deliveries(&self.times(account, api), query.recipient);
        reply(&Answer::Reports(Reports { columns: query.columns, rows: Rows::slice(&rows) }))
    }

    /// Takes back what is to be sent later, and gives back what it cost.
    pub(super) fn cancel<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        cancel: &Cancel<'a>,
    ) -> Result<(), Refusal<'a>> {
        let id = self.accounts[account];
        let requests: Vec<i64> = match cancel.id {
            Some(name) => {
                let unknown = Refusal::new(Reason::UnknownId, name);
                let request = self.named(account, api, name).ok_or(unknown)?;
                let waits = self.order(request).is_some_and(|order| order.waits());
                vec![waits.then_some(request).ok_or(unknown)?]
            }
            None => self.database.all(
                "SELECT DISTINCT r.id FROM message m JOIN request r ON r.id = m.request \
                 WHERE m.scheduled IS NOT NULL AND r.account = $1 AND r.api = $2",
                &[id.into(), api.name.into()],
                |row| row.integer(0),
            ),
        };
        for request in requests {
            let messages = self.database.all(
                "SELECT id FROM message WHERE request = $1 AND scheduled IS NOT NULL \
                 AND id >= (SELECT first FROM request WHERE id = $1) \
                 AND id < (SELECT first + messages FROM request WHERE id = $1)",
                &[request.into()],
                |row| row.integer(0),
            );
            let mut cost = 0;
            for message in messages {
                // Its time may have come meanwhile.
                if let Some(mut message) = self.message(message).filter(|own| own.scheduled) {
                    cost += message.fates.len() as i64;
                    message.fates.fill(Fate::Final(State::Deleted));
                    self.settle(&mut message);
                }
            }
            self.database.execute(
                "UPDATE account SET credits = credits + $1 WHERE id = $2",
                &[cost.into(), id.into()],
            );
            self.uncount_parts(id, request, cost);
        }
        Ok(())
    }

    pub(super) fn history<R>(
        &mut self,
        account: usize,
        api: &'static Api,
        query: &HistoryQuery<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let zone = self.config.accounts[account].zone();
        let times = self.times_of(account, api, &query.from);
        let wrong = |name| Answer::Refused(clock::no_time(name));
        let Some(from) = clock::timestamp(&query.from, &zone) else {
            return reply(&wrong("from"));
        };
        let to = match query.to.map(|to| clock::timestamp(&to, &zone)) {
            None => self.wall(),
            Some(Some(to)) => to,
            Some(None) => return reply(&wrong("to")),
        };
        let number =
            query.recipient.map(|number| Recipient { country: Text::EMPTY, number }.to_string());
        let (first, size) = page(query.page);
        let values: [Value<'_>; 7] = [
            self.accounts[account].into(),
            api.name.into(),
            from.as_millisecond().into(),
            to.as_millisecond().into(),
            number.as_deref().into(),
            size.into(),
            first.into(),
        ];
        let total = self.database.one(
            "SELECT count(*) FROM request WHERE listed = 1 AND account = $1 AND api = $2 AND created BETWEEN $3 AND $4 \
             AND messages > 0 AND (CAST($5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM message m WHERE m.id >= request.first \
             AND m.id < request.first + request.messages AND m.recipient = $5))",
            &values[..5],
            |row| row.integer(0),
        );
        let found = self.database.all(
            select_orders!(
                "WHERE listed = 1 AND account = $1 AND api = $2 AND created BETWEEN $3 AND $4 \
                 AND messages > 0 AND (CAST($5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM message m WHERE m.id >= request.first \
                 AND m.id < request.first + request.messages AND m.recipient = $5)) \
                 ORDER BY created DESC, id DESC LIMIT $6 OFFSET $7"
            ),
            &values,
            Found::read,
        );
        let rows: Vec<Told<'_>> = found
            .iter()
            .map(|Found { order, messages, .. }| Told {
                id: Text::plain(order.client_id.as_ref().unwrap_or(&order.name)),
                created: times.when(order.created),
                scheduled: order.scheduled.map(|at| times.when(at)),
                kind: order.kind.as_deref().map(Text::plain),
                sender: order.sender.as_deref().map(Text::plain),
                recipients: u32::try_from(*messages).unwrap_or(u32::MAX),
            })
            .collect();
        let total = total.and_then(|total| u64::try_from(total).ok()).unwrap_or_default();
        reply(&Answer::History(History { rows: Rows::slice(&rows), page: query.page, total }))
    }

    /// Forgets requests that have been final for long, or are too many. Of one whose key still counts the
    /// key is kept.
    pub(super) fn forget_orders(&mut self) {
        let is_too_many = self.volatile.messages > HISTORY_MAX;
        let over = self.now_ms - ms(HISTORY_WINDOW);
        let until = if is_too_many { i64::MAX } else { over };
        let settled = self.database.all(
            "SELECT id, first, messages, CASE WHEN key IS NOT NULL THEN key_until END FROM request \
             WHERE settled <= $1 AND (messages > 0 OR settled <= $2) ORDER BY settled LIMIT $3 \
             FOR UPDATE SKIP LOCKED",
            &[until.into(), over.into(), AT_ONCE.into()],
            |row| (row.integer(0), row.integer(1), row.integer(2), row.number(3)),
        );
        if settled.len() as i64 == AT_ONCE {
            self.is_due_at(self.now_ms);
        }
        for (request, first, messages, key_until) in settled {
            self.database.execute(
                "DELETE FROM message WHERE id BETWEEN $1 AND $2",
                &[first.into(), (first + messages - 1).into()],
            );
            self.database.execute(
                "DELETE FROM trouble WHERE message BETWEEN $1 AND $2",
                &[first.into(), (first + messages - 1).into()],
            );
            self.database.execute("DELETE FROM latest WHERE request = $1", &[request.into()]);
            match key_until.filter(|until| *until > self.now_ms) {
                Some(until) => self.database.execute(
                    "UPDATE request SET messages = 0, settled = $1, name = '', own_name = NULL, \
                     client_id = NULL, noted = '', text = NULL, body = NULL WHERE id = $2",
                    &[until.into(), request.into()],
                ),
                None => {
                    self.database.execute("DELETE FROM request WHERE id = $1", &[request.into()])
                }
            }
            self.volatile.messages -= messages;
        }
    }
}
