//! Messages that were accepted and messages that were received, as people read them.

use jiff::Timestamp;
use septet::api::State;
use septet::tpdu::codes::Status;
use serde::{Deserialize, Serialize};

use crate::database::{Database, Row};
use crate::store::{Fate, fates, timestamp};

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// It is not over.
    Open,
    /// It went well.
    Good,
    /// Nobody knows.
    Doubtful,
    /// It did not go well.
    Bad,
}

/// The states in words: what each is called, how good it is, and what it means.
pub const STATES: [(State, &str, Tone, &str); 12] = [
    (State::Waiting, "waiting", Tone::Open, "waits for a modem"),
    (State::Scheduled, "scheduled", Tone::Open, "is to be sent later"),
    (State::EnRoute, "sent", Tone::Open, "the service centre has it"),
    (State::Delivered, "delivered", Tone::Good, "is on the handset"),
    (State::Unknown, "unknown", Tone::Doubtful, "may have been delivered, or not"),
    (State::Deleted, "deleted", Tone::Bad, "was taken back before it was delivered"),
    (State::Expired, "expired", Tone::Bad, "its time was over before it was delivered"),
    (State::InsufficientFunds, "not charged", Tone::Bad, "the recipient cannot be charged"),
    (State::Blacklisted, "blocked", Tone::Bad, "the network blocks the recipient"),
    (State::UnknownRecipient, "no number", Tone::Bad, "the network does not know the recipient"),
    (State::GaveUp, "given up", Tone::Bad, "the network gave up after it had tried"),
    (State::Undeliverable, "failed", Tone::Bad, "cannot be delivered"),
];

/// The name, the tone and the meaning of a state.
fn words_of(state: State) -> (&'static str, Tone, &'static str) {
    let found = STATES.iter().find(|(own, ..)| *own == state);
    found.map_or(("unknown", Tone::Doubtful, ""), |(_, name, tone, words)| (*name, *tone, *words))
}

/// What a state is called.
pub fn state_name(state: State) -> &'static str {
    words_of(state).0
}

/// The name of a state that the database has a number for.
pub(super) fn name_of(number: u8) -> &'static str {
    state_name(State::of_code(number))
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which one, from 1.
    pub number: usize,
    /// What became of it, in words.
    pub fate: String,
}

/// A message that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Its number, as the log has it (`sms`).
    pub id: i64,
    /// The number of its request.
    pub request: i64,
    /// The id that the customer was told.
    pub name: String,
    /// The customer's own id.
    pub client_id: Option<String>,
    /// The account.
    pub account: String,
    /// The interface that it came by.
    pub interface: String,
    /// Who gets it.
    pub recipient: String,
    /// The sender that was asked for.
    pub sender: Option<String>,
    /// The number of the SIM that sent it.
    pub sim: Option<String>,
    /// The modem that sends it, or has sent it.
    pub modem: Option<String>,
    /// The text; nothing where it is none.
    pub text: String,
    /// What became of it: `waiting`, `sent`, `delivered`, …
    pub state: String,
    /// How good that is.
    pub tone: Tone,
    /// The same in words, with what the network said.
    pub words: String,
    /// What was asked and could not be done.
    pub noted: String,
    /// Its parts.
    pub parts: Vec<Part>,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// When it is to be sent, where that is later.
    pub scheduled: Option<Timestamp>,
    /// When its last part was sent.
    pub sent: Option<Timestamp>,
    /// When it was final.
    pub done: Option<Timestamp>,
}

/// The columns that [`Message::read`] takes, and where they come from.
macro_rules! select_messages {
    ($($rest:literal)*) => {
        concat!(
            "SELECT m.id, m.request, coalesce(m.name, r.name), r.client_id, a.name, r.api, \
             m.recipient, r.sender, m.sim, d.name, coalesce(m.text, r.text), m.fates, m.state, \
             m.status, t.words, m.held, r.noted, r.created, m.scheduled, m.sent, m.done, r.report \
             FROM message m JOIN request r ON r.id = m.request \
             LEFT JOIN account a ON a.id = r.account LEFT JOIN modem d ON d.id = m.modem \
             LEFT JOIN trouble t ON t.message = m.id ",
            $($rest),*
        )
    };
}

impl Message {
    fn read(row: Row<'_>) -> Self {
        let owned = |at| row.text(at).map(str::to_owned);
        let state = State::of_code(row.small(12).unwrap_or_default());
        let fates = fates(row.octets(11));
        let (name, mut tone, meaning) = words_of(state);
        let is_unreported = state == State::EnRoute && !row.is(21);
        if is_unreported {
            tone = Tone::Good;
        }
        let mut words = match row.small(13).map(Status) {
            Some(status) => format!("{meaning}; the network reports {status}"),
            None if row.is(15) => "a modem has it".to_owned(),
            None if is_unreported => format!("{meaning}, no report was asked for"),
            None => meaning.to_owned(),
        };
        // What went wrong on the way to where all is well is nobody's worry.
        if let Some(trouble) = row.text(14).filter(|_| tone != Tone::Good) {
            words = format!("{words}; {trouble}");
        }
        let part = |(number, fate): (usize, &Fate)| Part { number, fate: fate_words(*fate) };
        Self {
            id: row.integer(0),
            request: row.integer(1),
            name: row.string(2),
            client_id: owned(3),
            account: row.string(4),
            interface: row.string(5),
            recipient: row.string(6),
            sender: owned(7),
            sim: owned(8),
            modem: owned(9),
            text: row.string(10),
            state: name.to_owned(),
            tone,
            words,
            noted: row.string(16),
            parts: (1..).zip(&fates).map(part).collect(),
            accepted: timestamp(row.integer(17)),
            scheduled: row.number(18).map(timestamp),
            sent: row.number(19).map(timestamp),
            done: row.number(20).map(timestamp),
        }
    }
}

fn fate_words(fate: Fate) -> String {
    match fate {
        Fate::Waiting => "waits for a modem".to_owned(),
        Fate::Sending => "a modem has it".to_owned(),
        Fate::Sent(reference) => format!("sent, reference {reference}, no report yet"),
        Fate::Final(state) => {
            let (name, _, meaning) = words_of(state);
            format!("{name}: {meaning}")
        }
    }
}

/// Which messages are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Those with this in their number, in their text or in one of their ids; all where it is empty.
    pub search: String,
    /// Those in this state, by its name; all where it is empty.
    pub state: String,
    /// Those that were accepted before this one.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u32,
}

/// The most messages of a page.
pub const PAGE_MAX: u32 = 1000;

/// The messages that are wanted, newest first. None is in a state that is no state.
pub(super) fn list(database: &mut Database, wanted: &Wanted) -> Vec<Message> {
    let state = match wanted.state.as_str() {
        "" => -1,
        name => {
            let found = STATES.iter().find(|(_, own, ..)| *own == name);
            let Some((state, ..)) = found else { return Vec::new() };
            i64::from(state.code())
        }
    };
    let search = wanted.search.trim();
    // A `+` and blanks are how people write numbers.
    let number: String = search.chars().filter(|c| !matches!(c, '+' | ' ' | '-')).collect();
    let id = number.parse().unwrap_or(-1_i64);
    let (number, text) = (pattern(&number), pattern(search));
    database.all(
        select_messages!(
            "WHERE m.id < $1 AND (m.state = $2 OR $2 < 0) \
             AND (m.recipient LIKE $3 ESCAPE '!' OR coalesce(m.text, r.text) LIKE $4 ESCAPE '!' \
             OR lower(coalesce(m.text, r.text)) LIKE $5 ESCAPE '!' OR m.id = $6 \
             OR r.name = $7 OR m.name = $7 OR r.client_id = $7) \
             ORDER BY m.id DESC LIMIT $8"
        ),
        &[
            wanted.before.unwrap_or(i64::MAX).into(),
            state.into(),
            (&number).into(),
            (&text).into(),
            (&text.to_lowercase()).into(),
            id.into(),
            search.into(),
            wanted.limit.clamp(1, PAGE_MAX).into(),
        ],
        Message::read,
    )
}

/// The pattern of LIKE for texts that have `part` in them.
fn pattern(part: &str) -> String {
    let escaped = part.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// The message with this number.
pub(super) fn one(database: &mut Database, id: i64) -> Option<Message> {
    database.one(select_messages!("WHERE m.id = $1"), &[id.into()], Message::read)
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Its number.
    pub id: i64,
    /// The account; nothing where no keyword matched, and it is for nobody.
    pub account: Option<String>,
    /// From whom.
    pub sender: String,
    /// The number that it was sent to.
    pub recipient: String,
    /// The keyword that it begins with.
    pub keyword: Option<String>,
    /// The text; nothing where it is none.
    pub text: String,
    /// When it came.
    pub received: Timestamp,
}

/// The messages that were received before one of them, newest first.
pub(super) fn received(database: &mut Database, before: Option<i64>, limit: u32) -> Vec<Received> {
    database.all(
        "SELECT i.id, a.name, i.sender, i.recipient, i.keyword, i.text, i.received \
         FROM inbox i LEFT JOIN account a ON a.id = i.account \
         WHERE i.id < $1 ORDER BY i.id DESC LIMIT $2",
        &[before.unwrap_or(i64::MAX).into(), limit.clamp(1, PAGE_MAX).into()],
        |row| Received {
            id: row.integer(0),
            account: row.text(1).map(str::to_owned),
            sender: row.string(2),
            recipient: row.string(3),
            keyword: row.text(4).map(str::to_owned),
            text: row.string(5),
            received: timestamp(row.integer(6)),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_words_of_its_own() {
        for (i, (state, name, ..)) in STATES.iter().enumerate() {
            assert_eq!(words_of(*state).0, *name);
            assert_eq!(name_of(state.code()), *name);
            assert!(STATES[..i].iter().all(|(other, called, ..)| other != state && called != name));
        }
    }

    #[test]
    fn what_like_reads_as_a_sign_stands_for_itself() {
        assert_eq!(pattern("100%_!"), "%100!%!_!!%");
        assert_eq!(pattern(""), "%%");
    }
}
