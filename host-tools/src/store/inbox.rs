//! Messages that were received for an account, for those that ask for them.

use std::collections::HashMap;

use jiff::Timestamp;
use septet::api::{Answer, Api, Inbound, Inbox, InboxQuery, Payload, Recipient};
use septet::fields::Rows;
use septet::octets::Octets;
use septet::text::Text;

use super::MemoryStore;
use super::orders::{is_number, page};
use crate::clock::{self, Times};

/// How many messages are kept for each account; the oldest go first.
const INBOX_MAX: usize = 100_000;

/// The most messages in one answer.
const ANSWER_MAX: u32 = 1_000;

/// What a message has in it.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A text.
    Text(String),
    /// The octets of each part, and whether each begins with a header of its own.
    Octets(Vec<Vec<u8>>, bool),
}

/// A message that was received.
#[derive(Clone, Debug)]
pub(super) struct Received {
    /// The name of the interface of its keyword.
    pub api: &'static str,
    pub id: u64,
    pub sender: String,
    pub recipient: String,
    pub keyword: Option<String>,
    pub content: Content,
    /// What follows the keyword.
    pub rest: String,
    pub flash: bool,
    pub received: Timestamp,
    /// The id of the request that it seems to answer, and the customer's own.
    pub answers: Option<(String, Option<String>)>,
}

/// What was received for one account.
#[derive(Default)]
pub(super) struct Messages {
    list: Vec<Received>,
    /// The last one that was told of, by the number that was asked for.
    told: HashMap<String, u64>,
}

impl Messages {
    pub(super) fn add(&mut self, message: Received) {
        if self.list.len() >= INBOX_MAX {
            // Half of them at once, so that the others are moved seldom.
            self.list.drain(..INBOX_MAX / 2);
        }
        self.list.push(message);
    }
}

/// The kinds that a first word makes a message of; any other message is of none of them.
const KINDS: [&str; 2] = ["STOP", "CONTACT"];

impl Received {
    /// Whether it is of this kind, by its first word.
    fn is_kind(&self, kind: Text<'_>) -> bool {
        let Content::Text(text) = &self.content else { return false };
        let first = text.split_whitespace().next().unwrap_or_default();
        let is = |kind: &&str| first.eq_ignore_ascii_case(kind);
        match KINDS.iter().find(|own| kind == ***own) {
            Some(own) => is(own),
            None => !KINDS.iter().any(is),
        }
    }

    /// The octets of each part, where it has octets.
    pub(super) fn segments(&self) -> Vec<Octets<'_>> {
        match &self.content {
            Content::Text(_) => Vec::new(),
            Content::Octets(parts, _) => parts.iter().map(|part| Octets::plain(part)).collect(),
        }
    }

    /// The message as customers are told of it, under this id, with its
    /// [segments](Self::segments).
    pub(super) fn told<'s>(
        &'s self,
        id: &'s str,
        segments: &'s [Octets<'s>],
        api: &Api,
        times: &Times,
    ) -> Inbound<'s> {
        let body = match &self.content {
            Content::Text(text) => Payload::Text(Text::plain(text)),
            Content::Octets(_, has_header) => {
                Payload::Octets { segments: Rows::slice(segments), has_header: *has_header }
            }
        };
        let (sender, recipient) = (Text::plain(&self.sender), Text::plain(&self.recipient));
        // Another interface's ids say nothing there.
        let answers = self.answers.as_ref().filter(|_| self.api == api.name);
        Inbound {
            keyword: self.keyword.as_deref().map(Text::plain),
            body: Some(body),
            rest: Some(Text::plain(&self.rest)).filter(|rest| !rest.is_empty()),
            flash: self.flash,
            received: Some(times.when(self.received)),
            answers: answers.map(|(id, _)| Text::plain(id)),
            client_id: answers.and_then(|(_, id)| id.as_deref()).map(Text::plain),
            ..Inbound::new(Text::plain(id), sender, recipient)
        }
    }
}

impl MemoryStore {
    pub(super) fn inbox<R>(
        &mut self,
        account: usize,
        api: &'static Api,
        query: &InboxQuery<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let times = match query {
            InboxQuery::Between { from, .. } => self.times_of(account, api, from),
            _ => self.times(account, api),
        };
        let zone = self.config.accounts[account].zone();
        let wall = self.wall();
        let messages = &mut self.inboxes[account];
        let is_to = |recipient: Option<Text<'_>>, message: &Received| {
            recipient.is_none_or(|number| is_number(number, &message.recipient))
        };
        let wrong = |name| Answer::Refused(clock::no_time(name));
        let take = |limit: u32| limit.min(ANSWER_MAX) as usize;
        let (found, paged, total): (Vec<&Received>, _, _) = match *query {
            InboxQuery::After { id, recipient, limit } => {
                let later = messages.list.iter().filter(|message| message.id > id);
                let found: Vec<_> =
                    later.filter(|message| is_to(recipient, message)).take(take(limit)).collect();
                let total = found.len();
                (found, None, total)
            }
            InboxQuery::New { recipient, limit } => {
                // However it is written, it is one number.
                let number = recipient.map_or(String::new(), |number| {
                    Recipient { country: Text::EMPTY, number }.to_string()
                });
                let told = messages.told.get(&number).copied().unwrap_or(0);
                let found: Vec<_> = messages
                    .list
                    .iter()
                    .filter(|message| message.id > told && is_to(recipient, message))
                    .take(take(limit))
                    .collect();
                if let Some(last) = found.last() {
                    messages.told.insert(number, last.id);
                }
                let total = found.len();
                (found, None, total)
            }
            InboxQuery::Between { recipient, from, to, page: wanted, kind } => {
                let Some(from) = clock::timestamp(&from, &zone) else {
                    return reply(&wrong("from"));
                };
                let to = match to.map(|to| clock::timestamp(&to, &zone)) {
                    None => wall,
                    Some(Some(to)) => to,
                    Some(None) => return reply(&wrong("to")),
                };
                let found: Vec<_> = messages
                    .list
                    .iter()
                    .filter(|message| (from..=to).contains(&message.received))
                    .filter(|message| is_to(recipient, message))
                    .filter(|message| kind.is_none_or(|kind| message.is_kind(kind)))
                    .collect();
                let total = found.len();
                (page(found, wanted), Some(wanted), total)
            }
        };
        let ids: Vec<String> = found.iter().map(|message| message.id.to_string()).collect();
        let segments: Vec<_> = found.iter().map(|message| message.segments()).collect();
        let rows: Vec<Inbound<'_>> = found
            .iter()
            .zip(&ids)
            .zip(&segments)
            .map(|((message, id), segments)| message.told(id, segments, api, &times))
            .collect();
        let rows = Rows::slice(&rows);
        reply(&Answer::Inbox(Inbox { rows, page: paged, total: total as u64 }))
    }
}
