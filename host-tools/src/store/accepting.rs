//! What customers ask, accepted whole or not at all.

use std::borrow::Borrow;
use std::fmt::Write as _;

use septet::api::{
    Answer, Api, Credentials, Credits, Ids, Login, Op, Reason, Refusal, State, Submit, Test,
};
use septet::text::{Charset, Secret, Text};
use tracing::{Level, enabled, error, info};

use super::SqlStore;
use super::entering::Entry;
use super::keys::{Key, Known};
use super::numbers::Kind;
use super::orders::{Order, Sms};
use super::preparing::{Outgoing, Prepared, Preparing};
use crate::config::Config;

/// How many messages may not be final. A request past that is to be tried
/// again later.
const OPEN_MAX: i64 = 10_000_000;

impl septet::answer::Store for SqlStore {
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
            self.renew_session();
        }
        match op {
            Op::Login(login) => self.log_in(account, *login, reply),
            // Who has no session was not let in.
            Op::CheckSession => reply(&Answer::Session(true)),
            Op::Send(submit) => match self.submit(account, api, submit) {
                Ok(taken) => taken.told(submit.client_id, reply),
                Err(refusal) => reply(&Answer::Refused(refusal)),
            },
            Op::Quote(submit) => match self.prepare(account, api, submit) {
                Ok(prepared) => reply(&Answer::Quoted(prepared.cost() * 100)),
                Err(refusal) => reply(&Answer::Refused(refusal)),
            },
            Op::Credits(query) => {
                let hundredths = self.credits(account).unwrap_or(UNLIMITED).saturating_mul(100);
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
pub(super) enum Accepted {
    /// It is accepted, now or when it came first.
    Order(Order),
    /// It was a test: this is what would have been accepted.
    Test(Order),
}

/// What a customer wants to know of credits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// What the request costs.
    used: bool,
    /// What is left then.
    left: bool,
}

impl Wanted {
    /// What a request wants to know.
    pub(super) const fn of(submit: &Submit<'_>) -> Self {
        Self { used: submit.wants_used, left: submit.wants_left }
    }
}

/// A request that is accepted, as it is told to who asked.
#[derive(Debug)]
pub struct Taken {
    order: Order,
    /// What it costs, and what is left, where that is told.
    credits: (Option<u64>, Option<u64>),
}

impl Taken {
    /// Hands the answer to `reply`. The customer's id is told as it came: in the charset of the request.
    pub fn told<R>(&self, client_id: Option<Text<'_>>, reply: impl FnOnce(&Answer<'_>) -> R) -> R {
        self.order.told(self.credits, client_id, reply)
    }
}

impl SqlStore {
    fn log_in<R>(
        &mut self,
        account: usize,
        login: Login,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        match self.new_session(account, login) {
            Ok(key) => {
                let (user, key) =
                    (Text::plain(&self.user_keys[account]), Secret(Text::plain(&key)));
                reply(&Answer::LoggedIn { user, key })
            }
            Err(failed) => {
                error!(failed = failed.sentence, "no session");
                reply(&Answer::Refused(Refusal::plain(Reason::Internal)))
            }
        }
    }

    /// What an account has left; `None` where it has no limit.
    fn credits(&mut self, account: usize) -> Option<u64> {
        let sql = "SELECT credits FROM account WHERE id = $1";
        let left = self.database.one(sql, &[self.accounts[account].into()], |row| row.number(0));
        left.flatten().map(|left| u64::try_from(left).unwrap_or_default())
    }

    /// Accepts a message for each recipient, or nothing of it.
    fn submit<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<Taken, Refusal<'a>> {
        self.count_request(account)?;
        let key = Key::of(submit, self.request_key.take().as_deref())?;
        let prepare = |store: &mut Self| store.prepare(account, api, submit);
        let accepted = self.accepted(account, api, key.as_ref(), prepare)?;
        Ok(self.taken(account, Wanted::of(submit), accepted))
    }

    /// Checks a request, and makes what is to be sent.
    fn prepare<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<Prepared, Refusal<'a>> {
        let config = &self.config.clone();
        let preparing = Preparing { config, account, api, wall: self.wall() };
        // Most have none: it is not looked at for every recipient.
        let has_list = self.has_opted_out(account);
        preparing.prepare(submit, &mut |number| has_list && self.is_opted_out(account, number))
    }

    /// Accepts what `prepare` makes, or finds that it was accepted before where it has a key.
    pub(super) fn accepted<'a, P: Borrow<Prepared>>(
        &mut self,
        account: usize,
        api: &'static Api,
        key: Option<&Key>,
        prepare: impl FnOnce(&mut Self) -> Result<P, Refusal<'a>>,
    ) -> Result<Accepted, Refusal<'a>> {
        if let Some(key) = key {
            let order = match self.known_by(account, api, key) {
                Known::New => None,
                // A key may outlive its request: that was accepted, and that is all that is known.
                Known::Same(request) => Some(self.order(request)),
                Known::Other => Some(None),
            };
            if let Some(order) = order {
                return order.map(Accepted::Order).ok_or(Refusal {
                    reason: Reason::DuplicateClientId,
                    subject: Text::EMPTY,
                    detail: Text::plain("another message had it before"),
                });
            }
        }
        let prepared = prepare(self)?;
        let prepared = prepared.borrow();
        match prepared.test {
            Some(Test::Fail) => return Err(Refusal::plain(Reason::Test)),
            Some(Test::Succeed) => return Ok(Accepted::Test(self.new_order(api, prepared))),
            None => {}
        }
        if !self.has_room(prepared) {
            return Err(Refusal::plain(Reason::Busy));
        }
        self.charge(account, prepared)?;
        match self.accept(account, api, (prepared, key)) {
            Some(order) => Ok(Accepted::Order(order)),
            // Nobody else enters anything meanwhile, but for another gateway with the same key.
            None => {
                self.database.outrun();
                Err(Refusal::plain(Reason::Busy))
            }
        }
    }

    /// Accepts what is prepared, where nothing else than its key may refuse it: whether that is known, the
    /// database tells with the entry. `None` where it is, or something may; nothing has happened then.
    pub(super) fn accepted_at_once(
        &mut self,
        account: usize,
        api: &'static Api,
        (prepared, key): (&Prepared, Option<&Key>),
    ) -> Option<Order> {
        let own = &self.config.accounts[account];
        let has_limit = own.credits.is_some() || own.limits.has_parts();
        if has_limit || prepared.test.is_some() || !self.has_room(prepared) {
            return None;
        }
        self.accept(account, api, (prepared, key))
    }

    /// Whether so many more messages may wait.
    fn has_room(&self, prepared: &Prepared) -> bool {
        let count = prepared.outgoing.len() as i64;
        let waiting_max = i64::from(self.config.waiting_max);
        self.volatile.waiting + count <= waiting_max && self.volatile.open + count <= OPEN_MAX
    }

    /// What is told of what was accepted.
    pub(super) fn taken(&mut self, account: usize, wanted: Wanted, accepted: Accepted) -> Taken {
        match accepted {
            Accepted::Order(order) => {
                let sent = order.messages.iter().filter(|sms| sms.state != State::Blacklisted);
                let used = sent.map(|sms| u64::from(sms.parts)).sum();
                let left = wanted.left.then(|| self.credits(account).unwrap_or(UNLIMITED));
                Taken { order, credits: (wanted.used.then_some(used), left) }
            }
            Accepted::Test(order) => Taken { order, credits: (None, None) },
        }
    }

    /// Takes what a request costs of the account's credits and quotas, or nothing of it.
    fn charge<'a>(&mut self, account: usize, prepared: &Prepared) -> Result<(), Refusal<'a>> {
        let cost = i64::try_from(prepared.cost()).unwrap_or(i64::MAX);
        let id = self.accounts[account];
        let has_limit = self.config.accounts[account].credits.is_some();
        if has_limit {
            let left = self.database.one(
                "UPDATE account SET credits = credits - $1 WHERE id = $2 AND credits >= $1 \
                 RETURNING credits",
                &[cost.into(), id.into()],
                |row| row.integer(0),
            );
            left.ok_or(Refusal::plain(Reason::Credit))?;
        }
        self.count_parts(account, prepared.cost()).inspect_err(|_| {
            if has_limit {
                self.database.execute(
                    "UPDATE account SET credits = credits + $1 WHERE id = $2",
                    &[cost.into(), id.into()],
                );
            }
        })
    }

    /// What is remembered of a request.
    fn new_order(&mut self, api: &'static Api, prepared: &Prepared) -> Order {
        let scheduled = prepared.scheduled;
        let state = if scheduled.is_some() { State::Scheduled } else { State::Waiting };
        let sms = |one: &Outgoing| Sms {
            name: (api.ids == Ids::UuidEach).then(new_uuid),
            recipient: one.recipient.clone(),
            text: one.text.clone(),
            parts: one.body.len() as u32,
            state: if one.way.is_stopped { State::Blacklisted } else { state },
            status: None,
            done: None,
            sim: None,
        };
        Order {
            name: self.new_id(api.ids),
            client_id: prepared.client_id.clone(),
            sender: prepared.sender.clone(),
            kind: prepared.kind.clone(),
            created: self.wall(),
            scheduled,
            messages: prepared.outgoing.iter().map(sms).collect(),
        }
    }

    /// Enters a request that is accepted. `None` where there is one with its key: nothing has happened then.
    fn accept(
        &mut self,
        account: usize,
        api: &'static Api,
        (prepared, key): (&Prepared, Option<&Key>),
    ) -> Option<Order> {
        let order = self.new_order(api, prepared);
        let Prepared { callback, outgoing, noted, .. } = prepared;
        let bodies: Vec<_> = outgoing.iter().map(|one| one.body.clone()).collect();
        let ways: Vec<_> = outgoing.iter().map(|one| one.way).collect();
        let (request, first) = self.enter(
            &order,
            &Entry {
                account: self.accounts[account],
                api: api.name,
                named: prepared.named,
                listed: api.history,
                callback: callback.as_ref().map(|(url, carrier)| (url.as_str(), *carrier)),
                replies_to_callback: prepared.replies_to_callback,
                noted,
                report: prepared.report,
                validity: prepared.validity,
                class: prepared.class,
                protocol: prepared.protocol,
                modem: prepared.modem.map(|modem| self.modems[modem]),
                asked: &prepared.asked,
                ways: &ways,
                bodies: &bodies,
                key: key.map(|key| (key.name.as_str(), key.fingerprint, self.key_until(key))),
            },
        )?;
        if enabled!(Level::INFO) {
            self.entered.push(Entered {
                request,
                first,
                messages: outgoing.len(),
                parts: prepared.cost(),
                api: api.name,
                account,
                noted: Some(noted).filter(|noted| !noted.is_empty()).cloned(),
            });
        }
        Some(order)
    }

    /// An id that nothing else has, in the form of an interface.
    fn new_id(&mut self, ids: Ids) -> String {
        // The number that the request gets.
        let number = self.first_id + self.next_number(Kind::Request);
        match ids {
            Ids::Number | Ids::OfSender => number.to_string(),
            Ids::Hex20 => format!("{:012x}{number:08x}", self.wall().as_millisecond()),
            Ids::Uuid | Ids::UuidEach => new_uuid(),
        }
    }
}

/// What the log has of a request that was accepted, once that is safe.
pub(super) struct Entered {
    request: i64,
    first: i64,
    messages: usize,
    parts: u64,
    api: &'static str,
    /// The account's place in the configuration.
    account: usize,
    noted: Option<String>,
}

impl Entered {
    pub(super) fn log(&self, config: &Config) {
        let Self { request, first, messages, parts, api, account, ref noted } = *self;
        let account_name = &config.accounts[account].name;
        info!(request, first, messages, parts, api, account_name, noted, "accepted");
    }
}

fn new_uuid() -> String {
    uuid::Uuid::new_v4().to_string().to_uppercase()
}

/// The text, decoded.
pub(crate) fn owned(text: Text<'_>) -> String {
    if let Some(text) = text.as_str() {
        return text.to_owned();
    }
    let mut owned = String::with_capacity(text.chars().size_hint().1.unwrap_or_default());
    // A string takes everything.
    let _ = write!(owned, "{text}");
    owned
}
