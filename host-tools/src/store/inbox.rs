//! Messages that were received: for an account, for those that ask for them; for nobody, for the operator.

use jiff::Timestamp;
use septet::api::{Answer, Api, Inbound, Inbox, InboxQuery, Payload, Recipient};
use septet::fields::Rows;
use septet::octets::Octets;
use septet::text::Text;

use super::SqlStore;
use super::numbers::Kind;
use super::orders::page;
use crate::clock::{self, Times};
use crate::database::Row;

/// What stands in place of an account, of a message that is for nobody.
pub(super) const NOBODY: i64 = 0;

/// How many messages are kept for each account, and for nobody; the oldest go first.
const INBOX_MAX: u32 = 100_000;

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
    /// The name of the interface of its keyword; empty where it is for nobody.
    pub api: String,
    pub id: i64,
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

/// The kinds that a first word makes a message of; any other message is of none of them.
const KINDS: [&str; 2] = ["STOP", "CONTACT"];

/// Whether a text is of this kind, by its first word.
fn is_kind(text: Option<&str>, kind: Text<'_>) -> bool {
    let Some(text) = text else { return false };
    let first = text.split_whitespace().next().unwrap_or_default();
    let is = |kind: &&str| first.eq_ignore_ascii_case(kind);
    match KINDS.iter().find(|own| kind == ***own) {
        Some(own) => is(own),
        None => !KINDS.iter().any(is),
    }
}

impl Received {
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

/// The columns that [`Received::read`] takes.
macro_rules! select_inbox {
    ($rest:literal) => {
        concat!(
            "SELECT id, api, sender, recipient, keyword, text, octets, has_header, rest, flash, \
             received, answers, answers_client_id FROM inbox ",
            $rest
        )
    };
}

impl Received {
    fn read(row: Row<'_>) -> Self {
        let owned = |at| row.text(at).map(str::to_owned);
        Self {
            id: row.integer(0),
            api: row.string(1),
            sender: row.string(2),
            recipient: row.string(3),
            keyword: owned(4),
            content: match owned(5) {
                Some(text) => Content::Text(text),
                None => Content::Octets(pieces(row.octets(6)), row.is(7)),
            },
            rest: row.string(8),
            flash: row.is(9),
            received: super::timestamp(row.integer(10)),
            answers: owned(11).map(|name| (name, owned(12))),
        }
    }
}

/// The parts of what is no text, each with its length before it.
fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&[part.len() as u8], part.as_slice()].concat()).collect()
}

fn pieces(mut joined: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    while let Some((len, rest)) = joined.split_first()
        && let Some((part, rest)) = rest.split_at_checked(usize::from(*len))
    {
        parts.push(part.to_vec());
        joined = rest;
    }
    parts
}

impl SqlStore {
    /// The number of the next message that is received.
    pub(super) fn new_inbox_id(&mut self) -> i64 {
        let id = self.numbers(Kind::Inbox, 1);
        self.volatile.inbox_grew |= id % 1024 == 0;
        id
    }

    /// Keeps a message for the account that has this number in the database, or for [`NOBODY`].
    pub(super) fn add_to_inbox(&mut self, account: i64, message: &Received) {
        let (text, octets, has_header) = match &message.content {
            Content::Text(text) => (Some(text.as_str()), None, false),
            Content::Octets(parts, has_header) => (None, Some(joined(parts)), *has_header),
        };
        self.database.execute(
            "INSERT INTO inbox (id, account, api, sender, recipient, keyword, text, octets, has_header, \
             rest, flash, received, answers, answers_client_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            &[
                message.id.into(),
                account.into(),
                (&message.api).into(),
                (&message.sender).into(),
                (&message.recipient).into(),
                message.keyword.as_deref().into(),
                text.into(),
                octets.as_deref().into(),
                has_header.into(),
                (&message.rest).into(),
                message.flash.into(),
                message.received.as_millisecond().into(),
                message.answers.as_ref().map(|(name, _)| name.as_str()).into(),
                message.answers.as_ref().and_then(|(_, id)| id.as_deref()).into(),
            ],
        );
    }

    /// Forgets the oldest messages of inboxes that have too many.
    pub(super) fn forget_inbox(&mut self) {
        // Every so often: to count takes longer than to keep a few more.
        if !std::mem::take(&mut self.volatile.inbox_grew) {
            return;
        }
        for account in self.accounts.clone().into_iter().chain([NOBODY]) {
            self.database.execute(
                "DELETE FROM inbox WHERE account = $1 AND id <= \
                 (SELECT id FROM inbox WHERE account = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                &[account.into(), INBOX_MAX.into()],
            );
        }
    }

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
        let id = self.accounts[account];
        let number = |recipient: Option<Text<'_>>| {
            // However it is written, it is one number.
            recipient.map(|number| Recipient { country: Text::EMPTY, number }.to_string())
        };
        let wrong = |name| Answer::Refused(clock::no_time(name));
        let (found, paged, total): (Vec<Received>, _, _) = match *query {
            InboxQuery::After { id: after, recipient, limit } => {
                let after = i64::try_from(after).unwrap_or(i64::MAX);
                let found = self.received_after(id, after, number(recipient).as_deref(), limit);
                let total = found.len();
                (found, None, total)
            }
            InboxQuery::New { recipient, limit } => {
                let number = number(recipient);
                let asked = number.as_deref().unwrap_or_default();
                let told = self.database.one(
                    "SELECT inbox FROM told WHERE account = $1 AND number = $2",
                    &[id.into(), asked.into()],
                    |row| row.integer(0),
                );
                let after = told.unwrap_or_default();
                let found = self.received_after(id, after, number.as_deref(), limit);
                if let Some(last) = found.last() {
                    self.database.execute(
                        "INSERT INTO told (account, number, inbox) VALUES ($1, $2, $3) \
                         ON CONFLICT (account, number) DO UPDATE SET inbox = excluded.inbox",
                        &[id.into(), asked.into(), last.id.into()],
                    );
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
                // The kind is a matter of words, which the database does not read.
                let (first, size) = page(wanted);
                let (mut total, mut found) = (0, Vec::new());
                self.database.each(
                    select_inbox!(
                        "WHERE account = $1 AND received BETWEEN $2 AND $3 \
                         AND (CAST($4 AS TEXT) IS NULL OR recipient = $4) ORDER BY id"
                    ),
                    &[
                        id.into(),
                        from.as_millisecond().into(),
                        to.as_millisecond().into(),
                        number(recipient).as_deref().into(),
                    ],
                    |row| {
                        let is_wanted = kind.is_none_or(|kind| is_kind(row.text(5), kind));
                        if is_wanted {
                            if (first..first.saturating_add(size)).contains(&total) {
                                found.push(Received::read(row));
                            }
                            total += 1;
                        }
                    },
                );
                (found, Some(wanted), usize::try_from(total).unwrap_or_default())
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

    /// What was received for an account after the message of this number, the oldest first.
    fn received_after(
        &mut self,
        account: i64,
        after: i64,
        number: Option<&str>,
        limit: u32,
    ) -> Vec<Received> {
        self.database.all(
            select_inbox!(
                "WHERE account = $1 AND id > $2 AND (CAST($3 AS TEXT) IS NULL OR recipient = $3) ORDER BY id LIMIT $4"
            ),
            &[account.into(), after.into(), number.into(), limit.min(ANSWER_MAX).into()],
            Received::read,
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::accounts::Verifier;
    use crate::config::Config;
    use crate::database::Database;

    #[test]
    fn of_what_is_for_nobody_the_oldest_goes_first() {
        let config = Arc::new(Config::parse("").unwrap());
        let (verifier, database) = (Verifier::new().unwrap(), Database::in_memory().unwrap());
        let verifier = Arc::new(verifier);
        let mut store = SqlStore::new(config, verifier, database, Instant::now()).unwrap();
        store.begin();
        store.database.batch(&format!(
            "WITH RECURSIVE own(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM own WHERE n <= {INBOX_MAX}) \
             INSERT INTO inbox (account, api, sender, recipient, has_header, rest, flash, received) \
             SELECT {NOBODY}, '', '', '', 0, '', 0, n FROM own"
        ));
        store.volatile.inbox_grew = true;
        store.forget_inbox();
        let sql = "SELECT count(*), min(received) FROM inbox";
        let kept = store.database.one(sql, &[], |row| (row.integer(0), row.integer(1)));
        assert_eq!(kept, Some((INBOX_MAX.into(), 2)));
    }
}
