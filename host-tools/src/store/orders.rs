//! Requests that were accepted, with what became of each of their messages.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use septet::api::{
    Answer, Api, Cancel, Delivery, History, HistoryQuery, Order as Told, Page, Reason, Receipt,
    Recipient, Refusal, Reports, ReportsQuery, Sent, State, Zone,
};
use septet::fields::{Carrier, Rows};
use septet::text::Text;
use url::Url;

use super::clock::Times;
use super::{MemoryStore, MessageId, PartState, clock};

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
    /// Its id, in the form of the interface.
    pub id: String,
    pub client_id: Option<String>,
    /// Where delivery reports go, and what carries them.
    pub callback: Option<(Url, Option<Carrier>)>,
    pub sender: Option<String>,
    /// The kind of message, as the vendor calls it.
    pub kind: Option<String>,
    pub created: Timestamp,
    /// When it is to be sent, where that is later.
    pub scheduled: Option<Timestamp>,
    pub accepted: Instant,
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

/// The requests that are remembered.
#[derive(Default)]
pub(super) struct Orders {
    pub by_id: BTreeMap<OrderId, Order>,
    /// By account and by the id that customers know it by, own or the gateway's.
    ids: HashMap<(usize, String), OrderId>,
    /// The latest request with a message to this number, by account.
    latest: HashMap<(usize, String), OrderId>,
    next: OrderId,
    messages: usize,
}

impl Orders {
    pub(super) fn add(&mut self, order: Order) -> OrderId {
        self.next += 1;
        let id = self.next;
        let names = [Some(&order.id), order.client_id.as_ref()];
        for name in names.into_iter().flatten() {
            self.ids.insert((order.account, name.clone()), id);
        }
        for sms in &order.sms {
            self.latest.insert((order.account, sms.recipient.clone()), id);
        }
        self.messages += order.sms.len();
        self.by_id.insert(id, order);
        id
    }

    /// Forgets requests that are final and old, or too many.
    pub(super) fn forget(&mut self, now: Instant) {
        while let Some((&id, order)) = self.by_id.first_key_value()
            && order.sms.iter().all(|sms| sms.message.is_none())
            && (now.duration_since(order.accepted) >= HISTORY_WINDOW || self.messages > HISTORY_MAX)
            && let Some(order) = self.by_id.remove(&id)
        {
            self.messages -= order.sms.len();
            for name in [Some(order.id), order.client_id].into_iter().flatten() {
                let key = (order.account, name);
                if self.ids.get(&key) == Some(&id) {
                    self.ids.remove(&key);
                }
            }
            for sms in order.sms {
                let key = (order.account, sms.recipient);
                if self.latest.get(&key) == Some(&id) {
                    self.latest.remove(&key);
                }
            }
        }
    }

    /// The account's request of this id, its own or the gateway's.
    fn named(&self, account: usize, id: Text<'_>) -> Option<&Order> {
        self.by_id.get(self.ids.get(&(account, id.to_string()))?)
    }

    /// The latest request of the account's with a message to this number.
    pub(super) fn latest(&self, account: usize, number: &str) -> Option<&Order> {
        self.by_id.get(self.latest.get(&(account, number.to_owned()))?)
    }

    pub(super) fn sms(&mut self, order: OrderId, index: usize) -> Option<&mut Sms> {
        self.by_id.get_mut(&order)?.sms.get_mut(index)
    }
}

impl Order {
    /// What is told of it when it is accepted, and when it is asked for again.
    pub(super) fn told<R>(
        &self,
        credits: (Option<u64>, Option<u64>),
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
            client_id: self.client_id.as_deref().map(Text::plain),
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
            |sms: &&Sms| recipient.is_none_or(|number| number.chars().eq(sms.recipient.chars()));
        let delivery = |sms| self.delivery(sms, times);
        self.sms.iter().filter(is_wanted).map(delivery).collect()
    }

    fn delivery<'s>(&'s self, sms: &'s Sms, times: &Times) -> Delivery<'s> {
        Delivery {
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
fn is_number(written: Text<'_>, number: &str) -> bool {
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

    pub(super) fn reports<R>(
        &self,
        account: usize,
        api: &'static Api,
        query: &ReportsQuery<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let Some(order) = self.orders.named(account, query.id) else {
            return reply(&Answer::Refused(Refusal::new(Reason::UnknownId, query.id)));
        };
        let rows = order.deliveries(&self.times(account, api), query.recipient);
        reply(&Answer::Reports(Reports { columns: query.columns, rows: Rows::slice(&rows) }))
    }

    /// Takes back what is to be sent later.
    pub(super) fn cancel<'a>(
        &mut self,
        account: usize,
        cancel: &Cancel<'a>,
    ) -> Result<(), Refusal<'a>> {
        let orders: Vec<OrderId> = match cancel.id {
            Some(id) => {
                let known = self.orders.ids.get(&(account, id.to_string())).copied();
                let waits = |order: &OrderId| self.orders.by_id[order].waits();
                vec![known.filter(waits).ok_or(Refusal::new(Reason::UnknownId, id))?]
            }
            None => {
                let own = self.orders.by_id.iter();
                own.filter(|(_, order)| order.account == account && order.waits())
                    .map(|(id, _)| *id)
                    .collect()
            }
        };
        for id in orders {
            let messages: Vec<MessageId> =
                self.orders.by_id[&id].sms.iter().filter_map(|sms| sms.message).collect();
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
        let times = self.times(account, api);
        let wrong = |name| Answer::Refused(Refusal::new(Reason::Invalid, Text::plain(name)));
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
            .filter(|order| order.account == account && (from..=to).contains(&order.created))
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
