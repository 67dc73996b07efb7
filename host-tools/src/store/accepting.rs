//! What customers ask, accepted whole or not at all.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use septet::api::{
    Again, Answer, Api, Credentials, Credits, Dedupe, Ids, Login, Op, Reason, Refusal, State,
    Submit, Test,
};
use septet::text::{Charset, Secret, Text};
use tracing::{error, info};

use super::orders::{Order, OrderId, Sms};
use super::preparing::{Outgoing, Prepared};
use super::{MemoryStore, Message, Noted, PartState, Used};

/// How many messages may wait for a modem, and how many may wait for their reports. A request past
/// that is to be tried again later.
const WAITING_MAX: usize = 100_000;
const OPEN_MAX: usize = 1_000_000;

impl septet::answer::Store for MemoryStore {
    type Account = usize;

    fn admit<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<usize, Refusal<'a>> {
        self.admitted(credentials)
    }

    fn charset(&self, account: &usize, _: &'static Api) -> Option<Charset> {
        self.config.accounts[*account].input_charset.map(|charset| charset.charset())
    }

    fn perform<R>(
        &mut self,
        account: &usize,
        api: &'static Api,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let account = *account;
        if !matches!(op, Op::CheckSession) {
            self.sessions.renew(self.now);
        }
        match op {
            Op::Login(login) => self.log_in(account, *login, reply),
            // Who has no session was not let in.
            Op::CheckSession => reply(&Answer::Session(true)),
            Op::Send(submit) => match self.submit(account, api, submit) {
                Ok(Accepted::Order(order)) => match self.orders.by_id.get(&order) {
                    Some(order) => {
                        let credits = self.credits_told(account, submit, order);
                        order.told(credits, submit.client_id, reply)
                    }
                    // Its key outlived it: it was accepted, and that is all that is known.
                    None => reply(&Answer::Refused(Refusal::plain(Reason::DuplicateClientId))),
                },
                Ok(Accepted::Test(order)) => order.told((None, None), submit.client_id, reply),
                Err(refusal) => reply(&Answer::Refused(refusal)),
            },
            Op::Quote(submit) => match self.prepare(account, api, submit) {
                Ok(prepared) => reply(&Answer::Quoted(prepared.cost() * 100)),
                Err(refusal) => reply(&Answer::Refused(refusal)),
            },
            Op::Credits(query) => {
                let hundredths = self.credits[account].unwrap_or(UNLIMITED).saturating_mul(100);
                reply(&Answer::Credits(Credits { hundredths, aliases: query.aliases }))
            }
            Op::Reports(query) => self.reports(account, api, query, reply),
            Op::Cancel(cancel) => match self.cancel(account, api, cancel) {
                Ok(()) => reply(&Answer::Cancelled),
                Err(refusal) => reply(&Answer::Refused(refusal)),
            },
            Op::History(query) => self.history(account, api, query, reply),
            Op::Inbox(query) => self.inbox(account, api, query, reply),
            // Callbacks are what the gateway asks, not what it is asked.
            Op::Report(_) | Op::Inbound(_) => {
                reply(&Answer::Refused(Refusal::plain(Reason::Other)))
            }
        }
    }
}

/// What an account without a limit is told that it has left.
const UNLIMITED: u64 = 1_000_000;

/// What became of a request to send.
enum Accepted {
    /// It is accepted, now or when it came first.
    Order(OrderId),
    /// It was a test: this is what would have been accepted.
    Test(Box<Order>),
}

impl MemoryStore {
    fn log_in<R>(
        &mut self,
        account: usize,
        login: Login,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        match self.sessions.log_in(account, login, self.now) {
            Ok((user, key)) => {
                let (user, key) = (Text::plain(user), Secret(Text::plain(&key)));
                reply(&Answer::LoggedIn { user, key })
            }
            Err(failed) => {
                error!(failed = failed.sentence, "no session");
                reply(&Answer::Refused(Refusal::plain(Reason::Internal)))
            }
        }
    }

    /// Credits that a request used and that the account has left, as far as it wants to know.
    fn credits_told(
        &self,
        account: usize,
        submit: &Submit<'_>,
        order: &Order,
    ) -> (Option<u64>, Option<u64>) {
        let used = order.sms.iter().map(|sms| u64::from(sms.parts)).sum();
        let left = self.credits[account].unwrap_or(UNLIMITED);
        (submit.wants_used.then_some(used), submit.wants_left.then_some(left))
    }

    /// Accepts a message for each recipient, or nothing of it.
    fn submit<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<Accepted, Refusal<'a>> {
        // Only where it is asked for: a batch may be long.
        let by_content = submit.dedupe.is_some_and(|own| own.again == Again::SameContent);
        let fingerprint = if by_content { fingerprint(submit) } else { 0 };
        let key = submit.dedupe.map(|dedupe| (account, api.name, dedupe.key.to_string()));
        if let (Some(known), Some(Dedupe { again, .. })) =
            (key.as_ref().and_then(|key| self.used.get(key)), submit.dedupe)
        {
            match again {
                Again::FirstAnswer => return Ok(Accepted::Order(known.order)),
                Again::SameContent if known.fingerprint == fingerprint => {
                    return Ok(Accepted::Order(known.order));
                }
                Again::SameContent | Again::Refused => {
                    return Err(Refusal {
                        reason: Reason::DuplicateClientId,
                        subject: Text::EMPTY,
                        detail: Text::plain("another message had it before"),
                    });
                }
            }
        }
        let prepared = self.prepare(account, api, submit)?;
        match submit.test {
            Some(Test::Fail) => return Err(Refusal::plain(Reason::Test)),
            Some(Test::Succeed) => {
                let order = self.order(account, api, submit, &prepared);
                return Ok(Accepted::Test(Box::new(order)));
            }
            None => {}
        }
        if self.waiting() + prepared.outgoing.len() > WAITING_MAX
            || self.messages.len() + prepared.outgoing.len() > OPEN_MAX
        {
            return Err(Refusal::plain(Reason::Busy));
        }
        let cost = prepared.cost();
        if let Some(credits) = &mut self.credits[account] {
            *credits = credits.checked_sub(cost).ok_or(Refusal::plain(Reason::Credit))?;
        }
        let order = self.order(account, api, submit, &prepared);
        let order = self.orders.add(order);
        self.enter(account, api, submit, prepared, order);
        if let (Some(key), Some(Dedupe { window_s, .. })) = (key, submit.dedupe) {
            let until = self.now + Duration::from_secs(window_s.into());
            self.used_until.insert((until, key.clone()));
            self.used.insert(key, Used { fingerprint, order });
        }
        Ok(Accepted::Order(order))
    }

    /// What is remembered of a request.
    fn order(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'_>,
        prepared: &Prepared,
    ) -> Order {
        let scheduled = prepared.scheduled;
        let id = self.new_id(api.ids);
        let state = if scheduled.is_some() { State::Scheduled } else { State::Waiting };
        let sms = |one: &Outgoing| Sms {
            id: if api.ids == Ids::UuidEach { new_uuid() } else { id.clone() },
            recipient: one.recipient.clone(),
            text: one.text.clone(),
            parts: one.body.len() as u32,
            state,
            status: None,
            sent: None,
            done: None,
            from: None,
            message: None,
        };
        let sms = prepared.outgoing.iter().map(sms).collect();
        let open = prepared.outgoing.len();
        Order {
            account,
            api: api.name,
            // An id that tells requests apart is one to ask by.
            named: submit.dedupe.is_some_and(|own| Some(own.key) == submit.client_id),
            open,
            id,
            client_id: submit.client_id.map(owned),
            callback: prepared.callback.clone(),
            replies_to_callback: prepared.replies_to_callback,
            sender: submit.sender.map(owned),
            kind: submit.kind.map(owned),
            created: self.wall(),
            scheduled,
            sms,
        }
    }

    /// Enters the messages of a request that is accepted.
    fn enter(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'_>,
        prepared: Prepared,
        order: OrderId,
    ) {
        let Prepared { modem, scheduled, outgoing, .. } = prepared;
        let account_name = &self.config.accounts[account].name;
        let noted = Arc::new(Noted {
            sender_not_carried: submit.sender.filter(|_| modem.is_none()).map(owned),
            others: submit
                .network
                .map(|network| ("network", owned(network)))
                .into_iter()
                .chain(submit.notes.iter().map(|note| (note.name, owned(note.value))))
                .collect(),
        });
        for (index, Outgoing { recipient, body, .. }) in outgoing.into_iter().enumerate() {
            let id = self.next_message;
            self.next_message += 1;
            let parts = body.len();
            info!(sms = id, api = api.name, account_name, parts, %noted, "accepted");
            match (scheduled, modem) {
                (Some(at), _) => {
                    self.scheduled.insert((at, id));
                }
                (None, Some(modem)) => self.lines[modem].queue.push_back(id),
                (None, None) => self.queue.push_back(id),
            }
            if scheduled.is_none() {
                self.accepted.insert((self.now, id));
            }
            let message = Message {
                account,
                api,
                order,
                index,
                recipient,
                report: submit.report,
                validity: submit.validity,
                class: submit.class,
                protocol: submit.protocol.unwrap_or(0),
                noted: noted.clone(),
                modem,
                modem_chosen: modem.is_some(),
                body,
                parts: vec![PartState::Waiting; parts],
                status: None,
                refusals: 0,
                scheduled,
                accepted: self.now,
                expired: false,
            };
            self.messages.insert(id, message);
            if let Some(sms) = self.orders.sms(order, index) {
                sms.message = Some(id);
            }
        }
    }

    /// An id that nothing else has, in the form of an interface.
    fn new_id(&mut self, ids: Ids) -> String {
        self.next_id += 1;
        match ids {
            Ids::Number | Ids::OfSender => self.next_id.to_string(),
            Ids::Hex20 => format!("{:012x}{:08x}", self.wall().as_millisecond(), self.next_id),
            Ids::Uuid | Ids::UuidEach => new_uuid(),
        }
    }

    /// The time that the clock on the wall shows.
    pub(super) const fn wall(&self) -> Timestamp {
        self.wall
    }

    /// Forgets ids whose time is over.
    pub(super) fn forget_used(&mut self, now: Instant) {
        while let Some((until, _)) = self.used_until.first()
            && *until <= now
            && let Some((_, key)) = self.used_until.pop_first()
        {
            self.used.remove(&key);
        }
    }
}

fn new_uuid() -> String {
    uuid::Uuid::new_v4().to_string().to_uppercase()
}

fn owned(text: Text<'_>) -> String {
    text.to_string()
}

/// What tells one request from another with the same id.
fn fingerprint(submit: &Submit<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (recipient, content) in submit.messages.iter() {
        recipient.to_string().hash(&mut hasher);
        content.to_string().hash(&mut hasher);
    }
    let Submit {
        messages: _,
        sender,
        client_id,
        network,
        charge,
        kind,
        dedupe: _,
        callback,
        schedule,
        validity,
        class,
        protocol,
        report,
        alphabet: _,
        parts_max,
        cut,
        duplicates: _,
        skip_invalid,
        test: _,
        wants_used: _,
        wants_left: _,
        notes,
    } = submit;
    for text in
        [*sender, *client_id, *network, *charge, *kind, callback.map(|callback| callback.url)]
    {
        text.map(owned).hash(&mut hasher);
    }
    for note in notes.iter() {
        (note.name, owned(note.value)).hash(&mut hasher);
    }
    schedule.map(|when| when.to_string()).hash(&mut hasher);
    (validity, class, protocol, report, parts_max, cut, skip_invalid).hash(&mut hasher);
    hasher.finish()
}
