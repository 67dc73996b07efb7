//! What customers ask, accepted whole or not at all.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use septet::api::{
    Again, Answer, Api, Callback, Content, Credentials, Credits, Dedupe, Duplicates, Ids, Login,
    Messages, Op, Reason, Refusal, State, Submit, Test,
};
use septet::error::ErrorKind;
use septet::fields::Carrier;
use septet::text::{Charset, Secret, Text};
use septet::tpdu::udh::Reference;
use tracing::{error, info};
use url::Url;

use super::orders::{Order, OrderId, Sms};
use super::{MemoryStore, Message, Noted, PartState, Used};
use crate::body::{Body, Layout};
use crate::callbacks::Policy;
use crate::clock;
use crate::config::SenderRule;

/// How many messages may wait for a modem, and how many may wait for their reports. A request past
/// that is to be tried again later.
const WAITING_MAX: usize = 100_000;
const OPEN_MAX: usize = 1_000_000;

/// How many years ahead a message may be scheduled.
const SCHEDULE_YEARS: i16 = 2;

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

/// What is to be sent to one recipient.
struct Outgoing {
    recipient: String,
    text: Arc<str>,
    body: Arc<Body>,
}

/// A request that can be accepted.
struct Prepared {
    modem: Option<usize>,
    callback: Option<(Url, Option<Carrier>)>,
    /// Whether what recipients answer goes to the callback's URL.
    replies_to_callback: bool,
    scheduled: Option<Timestamp>,
    outgoing: Vec<Outgoing>,
}

impl Prepared {
    /// Credits: one for each part to each recipient.
    fn cost(&self) -> u64 {
        self.outgoing.iter().map(|one| one.body.len() as u64).sum()
    }
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

    /// Checks a request, and makes what is to be sent.
    fn prepare<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<Prepared, Refusal<'a>> {
        if submit.charge.is_some_and(|charge| charge.chars().any(|c| matches!(c, '1'..='9'))) {
            // Nobody can be charged through a modem.
            return Err(Refusal::plain(Reason::Charging));
        }
        let modem = self.modem_of_sender(submit.sender)?;
        let own = match submit.callback {
            Some(Callback { url, carrier }) => Some((self.callback_url(url)?, carrier)),
            None => None,
        };
        let replies_to_callback = api.replies_to_callback && own.is_some();
        let callback = own.or_else(|| {
            let url = self.config.accounts[account].report_url(api);
            url.and_then(Policy::read).map(|url| (url, None))
        });
        let scheduled = self.scheduled(account, submit)?;
        let recipients = self.recipients(account, api, submit)?;
        let outgoing = self.bodies(submit, recipients)?;
        Ok(Prepared { modem, callback, replies_to_callback, scheduled, outgoing })
    }

    /// When it is to be sent, where that is later than now.
    fn scheduled<'a>(
        &self,
        account: usize,
        submit: &Submit<'a>,
    ) -> Result<Option<Timestamp>, Refusal<'a>> {
        let Some(when) = submit.schedule else { return Ok(None) };
        let refusal = |detail| Refusal {
            reason: Reason::Schedule,
            subject: Text::EMPTY,
            detail: Text::plain(detail),
        };
        let at = clock::timestamp(&when, &self.config.accounts[account].zone());
        let at = at.ok_or(refusal(clock::NO_TIME))?;
        let now = self.wall();
        let last = now.to_zoned(TimeZone::UTC).checked_add(SCHEDULE_YEARS.years());
        if last.is_ok_and(|last| at > last.timestamp()) {
            return Err(refusal("is more than two years ahead"));
        }
        Ok((at > now).then_some(at))
    }

    /// The recipients with what each gets, groups resolved, each once.
    fn recipients<'a>(
        &self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<Vec<(String, Content<'a>)>, Refusal<'a>> {
        let mut seen = HashSet::new();
        let mut recipients = Vec::new();
        let max = match submit.messages {
            Messages::Same { .. } | Messages::Merged { .. } => api.recipients_max,
            Messages::Each(_) | Messages::EachOctets(_) => api.batch_max,
        };
        let max = max as usize;
        let mut add = |number: String, content: Content<'a>, written: Text<'a>| {
            let is_again = !seen.insert(number.clone());
            match (submit.messages, submit.duplicates) {
                _ if !is_again => {}
                // Each has a text of its own: another one to the same number is no repetition.
                (Messages::Merged { .. }, _)
                | (Messages::Each(_) | Messages::EachOctets(_), Duplicates::Refuse) => {}
                (_, Duplicates::Strip) => return Ok(()),
                (Messages::Same { .. }, Duplicates::Refuse) => {
                    return Err(Refusal::new(Reason::DuplicateRecipient, written));
                }
            }
            if recipients.len() >= max {
                return Err(Refusal::plain(Reason::TooManyRecipients));
            }
            recipients.push((number, content));
            Ok(())
        };
        for (recipient, content) in submit.messages.iter() {
            if !recipient.is_msisdn() {
                if submit.skip_invalid {
                    continue;
                }
                return Err(Refusal::new(Reason::Recipient, recipient.number));
            }
            add(recipient.to_string(), content, recipient.number)?;
        }
        if let Some((groups, content)) = submit.messages.groups() {
            for name in groups.iter() {
                let group = self.config.accounts[account].group(&name.to_string());
                let group = group.ok_or(Refusal::new(Reason::UnknownGroup, name))?;
                group.members.iter().try_for_each(|number| add(number.clone(), content, name))?;
            }
        }
        if recipients.is_empty() {
            return Err(Refusal::plain(Reason::Recipient));
        }
        Ok(recipients)
    }

    /// The parts of what each recipient gets; what is the same to all is made once.
    fn bodies<'a>(
        &mut self,
        submit: &Submit<'a>,
        recipients: Vec<(String, Content<'a>)>,
    ) -> Result<Vec<Outgoing>, Refusal<'a>> {
        let mut last: Option<(Content<'a>, Arc<str>, Arc<Body>)> = None;
        let is_same = matches!(submit.messages, Messages::Same { .. });
        let mut outgoing = Vec::with_capacity(recipients.len());
        for (recipient, content) in recipients {
            let (text, body) = match &last {
                Some((_, text, body)) if is_same => (text.clone(), body.clone()),
                _ => {
                    let (text, body) = self.body(submit, &content)?;
                    last = Some((content, text.clone(), body.clone()));
                    (text, body)
                }
            };
            outgoing.push(Outgoing { recipient, text, body });
        }
        Ok(outgoing)
    }

    fn body<'a>(
        &mut self,
        submit: &Submit<'a>,
        content: &Content<'a>,
    ) -> Result<(Arc<str>, Arc<Body>), Refusal<'a>> {
        self.reference = self.reference.wrapping_add(1);
        let (text, body) = match content {
            Content::Text(filled) => {
                if let Some(name) = filled.missing() {
                    return Err(Refusal::new(Reason::NoValue, name));
                }
                let layout = Layout {
                    reference: Reference::Short(self.reference),
                    alphabet: submit.alphabet,
                    parts_max: submit.parts_max,
                    cut: submit.cut,
                };
                // Filled once: to look a value up takes longer than to read it.
                let text: String = filled.chars().collect();
                let body = Body::new(text.chars(), layout);
                (text, body)
            }
            Content::Octets { segments, has_header } => {
                let text = segments.iter().map(|segment| segment.to_string()).collect();
                (text, Body::of_octets(*segments, *has_header, self.reference))
            }
        };
        let refusal = |error: septet::Error| {
            let reason = match (error.kind, content) {
                (ErrorKind::TooManyParts, _) => Reason::TooManyParts,
                (ErrorKind::Unencodable(_), _) => Reason::Unencodable,
                (_, Content::Octets { .. }) => Reason::Segment,
                _ => Reason::Invalid,
            };
            let detail = match reason {
                // What the customer allowed, not what a message can have.
                Reason::TooManyParts if submit.parts_max.is_some() => "",
                _ => error.kind.words(),
            };
            Refusal { reason, subject: Text::EMPTY, detail: Text::plain(detail) }
        };
        Ok((text.into(), Arc::new(body.map_err(refusal)?)))
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

    /// The modem whose SIM has the sender's number; `None` where any may send.
    fn modem_of_sender<'a>(&self, sender: Option<Text<'a>>) -> Result<Option<usize>, Refusal<'a>> {
        let Some(sender) = sender else { return Ok(None) };
        let digits = sender.strip_prefix("+").unwrap_or(sender);
        let modem = self.config.modems.iter().position(|modem| digits == *modem.number);
        match (modem, self.config.sender) {
            (None, SenderRule::Refuse) => Err(Refusal::plain(Reason::Sender)),
            (modem, _) => Ok(modem),
        }
    }

    fn callback_url<'a>(&self, url: Text<'_>) -> Result<Url, Refusal<'a>> {
        let refusal = |detail| Refusal {
            reason: Reason::CallbackUrl,
            subject: Text::EMPTY,
            detail: Text::plain(detail),
        };
        let url = Policy::read(&url.to_string()).ok_or(refusal("it is no URL of http or https"))?;
        self.policy.check(&url).map_err(refusal)?;
        Ok(url)
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
