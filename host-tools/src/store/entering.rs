//! How a request that is accepted is entered, with its messages.

use std::sync::Arc;

use jiff::Timestamp;
use septet::fields::Carrier;

use super::message::{Fate, octets};
use super::numbers::Kind;
use super::orders::Order;
use super::routes::Way;
use super::{SqlStore, ms};
use crate::body::Body;

/// How long after a request of an account the time of a later one is not noted, in milliseconds.
const NOTED_MS: i64 = 10_000;

/// What a request has besides, where it is entered.
pub(super) struct Entry<'e> {
    pub account: i64,
    /// The name of the interface that it came by.
    pub api: &'static str,
    /// Whether the customer may ask for it by the own id.
    pub named: bool,
    /// Whether it is told among all of a time.
    pub listed: bool,
    /// Where delivery reports go, and what carries them.
    pub callback: Option<(&'e str, Option<Carrier>)>,
    /// Whether what recipients answer goes to the callback's URL, in place of their keyword's.
    pub replies_to_callback: bool,
    pub noted: &'e str,
    pub report: bool,
    pub validity: Option<u32>,
    pub class: Option<u8>,
    pub protocol: u8,
    /// The modem that the sender chose.
    pub modem: Option<i64>,
    /// The words that it has for a route, each on a line.
    pub asked: &'e str,
    /// How each message goes.
    pub ways: &'e [Way],
    /// What each message has in it.
    pub bodies: &'e [Arc<Body>],
    /// The key by which it is known when it is made again, what counts of its content, and until when.
    pub key: Option<(&'e str, i64, i64)>,
}

impl SqlStore {
    /// Enters a request that is accepted, with its messages. Returns its number, and that of its first
    /// message; `None` where there is a request with its key: nothing has happened then.
    pub(super) fn enter(&mut self, order: &Order, entry: &Entry<'_>) -> Option<(i64, i64)> {
        let now = self.now_ms;
        let count = order.messages.len() as i64;
        let numbers = self.volatile.numbers;
        let request = self.numbers(Kind::Request, 1);
        let first = self.numbers(Kind::Message, count);
        let scheduled = order.scheduled.map(Timestamp::as_millisecond);
        // Kept once where it is the same to all.
        let common = match (order.messages.first(), entry.bodies.first()) {
            (Some(sms), Some(body)) if entry.bodies.iter().all(|own| Arc::ptr_eq(own, body)) => {
                Some((sms.text.clone(), body.as_octets().to_vec()))
            }
            _ => None,
        };
        let entered = self.database.changed(
            "INSERT INTO request (id, account, api, name, client_id, own_name, first, messages, \
             open, callback, carrier, replies_to_callback, sender, kind, noted, report, validity, \
             class, protocol, chosen, created, scheduled, text, body, asked, key, fingerprint, \
             key_until, looked_up, listed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, \
             $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29) \
             ON CONFLICT (key, account, api) WHERE key IS NOT NULL DO NOTHING",
            &[
                request.into(),
                entry.account.into(),
                entry.api.into(),
                (&order.name).into(),
                order.client_id.as_deref().into(),
                order.client_id.as_deref().filter(|_| entry.named).into(),
                first.into(),
                count.into(),
                entry.callback.map(|(url, _)| url).into(),
                entry.callback.and_then(|(_, carrier)| carrier).map(carrier_number).into(),
                entry.replies_to_callback.into(),
                order.sender.as_deref().into(),
                order.kind.as_deref().into(),
                entry.noted.into(),
                entry.report.into(),
                entry.validity.into(),
                entry.class.into(),
                entry.protocol.into(),
                entry.modem.is_some().into(),
                order.created.as_millisecond().into(),
                scheduled.into(),
                common.as_ref().map(|(text, _)| &**text).into(),
                common.as_ref().map(|(_, body)| body.as_slice()).into(),
                Some(entry.asked).filter(|asked| !asked.is_empty()).into(),
                entry.key.map(|(name, ..)| name).into(),
                entry.key.map(|(_, fingerprint, _)| fingerprint).into(),
                entry.key.map(|(.., until)| until).into(),
                (self.number_told(&order.name) != Some(request)).into(),
                entry.listed.into(),
            ],
        );
        if entered == 0 {
            self.volatile.numbers = numbers;
            return None;
        }
        self.note_request(entry.account, order.created);
        self.volatile.messages += count;
        self.volatile.open += count;
        if scheduled.is_none() {
            self.volatile.waiting += count;
            self.volatile.has_work = true;
        }
        let expires = now + ms(super::MESSAGE_WINDOW);
        match scheduled {
            Some(at) => self.is_due_at_wall(at),
            None => self.is_due_at(expires),
        }
        let each = order.messages.iter().zip(entry.bodies).zip(entry.ways).zip(first..);
        for (((sms, body), way), id) in each {
            let own = common.is_none().then(|| body.as_octets().to_vec());
            let modem = entry.modem.unwrap_or(0);
            let route = way.route.map_or(0, |route| self.routes[route]);
            self.database.execute(
                "INSERT INTO message (id, request, name, recipient, text, body, parts, fates, state, \
                 modem, ready, scheduled, expires, account, route, priority, queue, expired, refusals, \
                 held) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
                 $17, 0, 0, 0)",
                &[
                    id.into(),
                    request.into(),
                    sms.name.as_deref().into(),
                    (&sms.recipient).into(),
                    common.is_none().then_some(&*sms.text).into(),
                    own.as_deref().into(),
                    sms.parts.into(),
                    octets(&vec![Fate::Waiting; sms.parts as usize]).as_slice().into(),
                    sms.state.code().into(),
                    modem.into(),
                    scheduled.is_none().into(),
                    scheduled.into(),
                    scheduled.is_none().then_some(expires).into(),
                    entry.account.into(),
                    route.into(),
                    way.priority.into(),
                    (if modem == 0 { -route } else { modem }).into(),
                ],
            );
            if way.is_stopped {
                self.stop(id);
            }
        }
        Some((request, first))
    }

    /// Notes when an account has made a request, to some seconds.
    fn note_request(&mut self, account: i64, at: Timestamp) {
        let at = at.as_millisecond();
        let noted = self.requested.get(&account);
        if noted.is_some_and(|noted| (*noted..*noted + NOTED_MS).contains(&at)) {
            return;
        }
        self.requested.insert(account, at);
        let sql = "UPDATE account SET last_request = $1 WHERE id = $2";
        self.database.execute(sql, &[at.into(), account.into()]);
    }
}

/// Every carrier, by the number that the database has for it.
const CARRIERS: [Carrier; 3] = [Carrier::Form, Carrier::Multipart, Carrier::Json];

fn carrier_number(carrier: Carrier) -> u8 {
    CARRIERS.iter().position(|own| *own == carrier).unwrap_or_default() as u8
}

/// The carrier that a number stands for.
pub(super) fn carrier_of(number: u8) -> Option<Carrier> {
    CARRIERS.get(usize::from(number)).copied()
}
