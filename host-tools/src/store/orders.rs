//! Requests that were accepted, with what became of each of their messages.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use septet::api::{
    Answer, Api, Cancel, Delivery, History, HistoryQuery, Order as Told, Page, Reason, Receipt,
    Recipient, Refusal, Reports, ReportsQuery, Sent, State, When, Zone,
};
use septet::fields::{Carrier, Rows};
use septet::text::Text;
use url::Url;

use super::{MemoryStore, MessageId, PartState};
use crate::clock::{self, Times};

/// Number of a request, in the order of acceptance.
pub(super) type OrderId = u64;

/// How long a request is remembered once all its messages are final.
const HISTORY_WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many messages of requests are remembered; the oldest requests go first.
const HISTORY_MAX: usize = 1_000_000;

/// The largest page of a history.
const PAGE_MAX: u32 = 1_000;

/// A request that was accepted.
pub(super) struct Order {
    pub account: usize,
    /// The name of the interface that it came by.
    pub api: &'static str,
    /// Whether the customer may ask for it by the own id.
    pub named: bool,
    /// How many of its messages are not final.
    pub open: usize,
    /// Its id, in the form of the interface.
    pub id: String,
    pub client_id: Option<String>,
    /// Where delivery reports go, and what carries them.
    pub callback: Option<(Url, Option<Carrier>)>,
    /// Whether what recipients answer goes to the callback's URL, in place of their keyword's.
    pub replies_to_callback: bool,
    pub sender: Option<String>,
    /// The kind of message, as the vendor calls it.
    pub kind: Option<String>,
    pub created: Timestamp,
    /// When it is to be sent, where that is later.
    pub scheduled: Option<Timestamp>,
    pub sms: Vec<Sms>,
}

/// A message of a request: one to each recipient.
pub(super) struct Sms {
    /// Its id, in the form of the interface, where messages have ids of their own.
    pub id: String,
    pub recipient: String,
    pub text: Arc<str>,
    pub parts: u32,
    pub state: State,
    /// What the network said of it (TP-ST).
    pub status: Option<u8>,
    pub sent: Option<Timestamp>,
    pub done: Option<Timestamp>,
    /// The number of the SIM that sent it.
    pub from: Option<String>,
    /// The message that waits or is on its way.
    pub message: Option<MessageId>,
}

/// An id or number of an account's, within one interface.
type Name = (usize, &'static str, String);

/// The requests that are remembered.
#[derive(Default)]
pub(super) struct Orders {
    pub by_id: BTreeMap<OrderId, Order>,
    /// By the id that a customer knows it by, own or the gateway's.
    ids: HashMap<Name, OrderId>,
    /// The latest request with a message to this number.
    latest: HashMap<Name, OrderId>,
    /// Requests all of whose messages are final, with the time since when, the oldest first.
    settled: VecDeque<(Instant, OrderId)>,
    next: OrderId,
    messages: usize,
}

impl Orders {
    pub(super) fn add(&mut self, order: Order) -> OrderId {
        self.next += 1;
        let id = self.next;
        for name in order.names() {
            self.ids.insert((order.account, order.api, name.clone()), id);
        }
        self.messages += order.sms.len();
        self.by_id.insert(id, order);
        id
    }

    /// Notes that a message of a request was sent: what its recipient sends now may answer it.
    pub(super) fn sent(&mut self, id: OrderId, recipient: &str) {
        if let Some(order) = self.by_id.get(&id) {
            self.latest.insert((order.account, order.api, recipient.to_owned()), id);
        }
    }

    /// Notes that one of its messages is final.
    pub(super) fn settle(&mut self, id: OrderId, now: Instant) {
        let Some(order) = self.by_id.get_mut(&id) else { return };
        order.open = order.open.saturating_sub(1);
        if order.open == 0 {
            self.settled.push_back((now, id));
        }
    }

    /// Forgets requests that have been final for long, or are too many.
    pub(super) fn forget(&mut self, now: Instant) {
        while let Some(&(settled, id)) = self.settled.front()
            && (now.duration_since(settled) >= HISTORY_WINDOW || self.messages > HISTORY_MAX)
        {
            self.settled.pop_front();
            let Some(order) = self.by_id.remove(&id) else { continue };
            self.messages -= order.sms.len();
            for name in order.names() {
                forget(&mut self.ids, (order.account, order.api, name.clone()), id);
            }
            for sms in &order.sms {
                forget(&mut self.latest, (order.account, order.api, sms.recipient.clone()), id);
            }
        }
    }

    /// The account's request of this id, its own or the gateway's.
    fn named(&self, account: usize, api: &Api, id: Text<'_>) -> Option<(OrderId, &Order)> {
        let id = *self.ids.get(&(account, api.name, id.to_string()))?;
        Some((id, self.by_id.get(&id)?))
    }

    /// The latest request of the account's with a message to this number.
    pub(super) fn latest(&self, account: usize, api: &Api, number: &str) -> Option<&Order> {
        self.by_id.get(self.latest.get(&(account, api.name, number.to_owned()))?)
    }

    pub(super) fn sms(&mut self, order: OrderId, index: usize) -> Option<&mut Sms> {
        self.by_id.get_mut(&order)?.sms.get_mut(index)
    }
}

/// Forgets that a name stands for a request, where it still does.
fn forget(names: &mut HashMap<Name, OrderId>, name: Name, id: OrderId) {
    if names.get(&name) == Some(&id) {
        names.remove(&name);
    }
}

impl Order {
    /// The ids that a customer may ask for it by.
    fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.id).chain(self.client_id.as_ref().filter(|_| self.named))
    }

    /// What is told of it when it is accepted, and when it is asked for again.
    pub(super) fn told<R>(
        &self,
        credits: (Option<u64>, Option<u64>),
        client_id: Option<Text<'_>>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let receipts: Vec<Receipt<'_>> = self
            .sms
            .iter()
            .map(|sms| Receipt {
                id: Text::plain(&sms.id),
                sender: Text::plain(self.sender.as_deref().unwrap_or_default()),
                recipient: Text::plain(&sms.recipient),
                characters: sms.text.chars().count() as u32,
                parts: sms.parts,
                client_id: Text::plain(self.client_id.as_deref().unwrap_or_default()),
            })
            .collect();
        let (used, left) = credits;
        reply(&Answer::Sent(Sent {
            id: Some(Text::plain(&self.id)),
            // As it came: in the charset of the request.
            client_id,
            scheduled: self.scheduled.is_some(),
            parts: self.sms.iter().map(|sms| sms.parts).max().unwrap_or(0),
            messages: self.sms.len() as u32,
            used,
            left,
            receipts: Rows::slice(&receipts),
        }))
    }

    fn deliveries(&self, times: &Times, recipient: Option<Text<'_>>) -> Vec<Delivery<'_>> {
        let is_wanted =
            |sms: &&Sms| recipient.is_none_or(|number| is_number(number, &sms.recipient));
        let delivery = |sms| self.delivery(sms, times);
        self.sms.iter().filter(is_wanted).map(delivery).collect()
    }

    fn delivery<'s>(&'s self, sms: &'s Sms, times: &Times) -> Delivery<'s> {
        Delivery {
            status: sms.status,
            text: Some(Text::plain(&sms.text)),
            created: Some(times.when(self.created)),
            done: sms.done.map(|at| times.when(at)),
            credits: Some(sms.parts.into()),
            sender: sms.from.as_deref().map(Text::plain),
            client_id: self.client_id.as_deref().map(Text::plain),
            ..Delivery::new(Text::plain(&sms.recipient), sms.state)
        }
    }

    /// Whether none of it was given to a modem yet, since it is to be sent later.
    fn waits(&self) -> bool {
        self.sms.iter().all(|sms| sms.state == State::Scheduled)
    }
}

/// Whether the number is written so, with or without what stands for dialling abroad.
pub(super) fn is_number(written: Text<'_>, number: &str) -> bool {
    Recipient { country: Text::EMPTY, number: written }.chars().eq(number.chars())
}

/// The items of a page.
pub(super) fn page<T>(items: Vec<T>, page: Page) -> Vec<T> {
    let size = page.size.clamp(1, PAGE_MAX) as usize;
    let first = (page.number.max(1) as usize - 1).saturating_mul(size);
    items.into_iter().skip(first).take(size).collect()
}

impl MemoryStore {
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

    pub(super) fn reports<R>(
        &self,
        account: usize,
        api: &'static Api,
        query: &ReportsQuery<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let Some((_, order)) = self.orders.named(account, api, query.id) else {
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
        let orders: Vec<OrderId> = match cancel.id {
            Some(id) => {
                let known = self.orders.named(account, api, id);
                let known = known.filter(|(_, order)| order.waits()).map(|(id, _)| id);
                vec![known.ok_or(Refusal::new(Reason::UnknownId, id))?]
            }
            None => {
                let is_own = |order: &Order| {
                    order.account == account && order.api == api.name && order.waits()
                };
                let own = self.orders.by_id.iter().filter(|(_, order)| is_own(order));
                own.map(|(id, _)| *id).collect()
            }
        };
        for id in orders {
            let Some(order) = self.orders.by_id.get(&id) else { continue };
            let messages: Vec<MessageId> = order.sms.iter().filter_map(|sms| sms.message).collect();
            let cost: u64 = order.sms.iter().map(|sms| u64::from(sms.parts)).sum();
            if let Some(credits) = &mut self.credits[account] {
                *credits = credits.saturating_add(cost);
            }
            for message in messages {
                if let Some(message) = self.messages.get_mut(&message) {
                    message.parts.fill(PartState::Final(State::Deleted));
                }
                self.settle(message);
            }
        }
        Ok(())
    }

    pub(super) fn history<R>(
        &self,
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
        let found: Vec<&Order> = self
            .orders
            .by_id
            .values()
            .rev()
            .filter(|order| order.account == account && order.api == api.name)
            .filter(|order| (from..=to).contains(&order.created))
            .filter(|order| {
                query.recipient.is_none_or(|number| {
                    order.sms.iter().any(|sms| is_number(number, &sms.recipient))
                })
            })
            .collect();
        let total = found.len() as u64;
        let rows: Vec<Told<'_>> = page(found, query.page)
            .into_iter()
            .map(|order| Told {
                id: Text::plain(order.client_id.as_ref().unwrap_or(&order.id)),
                created: times.when(order.created),
                scheduled: order.scheduled.map(|at| times.when(at)),
                kind: order.kind.as_deref().map(Text::plain),
                sender: order.sender.as_deref().map(Text::plain),
                recipients: order.sms.len() as u32,
            })
            .collect();
        reply(&Answer::History(History { rows: Rows::slice(&rows), page: query.page, total }))
    }
}
