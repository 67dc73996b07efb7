//! Counts: what waits, what is owed, what went in the last hour, and what accounts have left.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::messages::name_of;
use crate::database::Database;
use crate::store::timestamp;

/// A minute in the database's milliseconds.
const MINUTE_MS: i64 = 60_000;

/// How many minutes are looked back at.
pub const MINUTES: usize = 60;

/// Of how many of the latest messages states and minutes are counted: as many as are read in the blink
/// of an eye.
const LATEST: i64 = 100_000;

/// What happened in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Messages that were accepted.
    pub accepted: i64,
    /// Messages whose last part was sent.
    pub sent: i64,
    /// Messages that were delivered.
    pub delivered: i64,
    /// Messages that ended otherwise.
    pub failed: i64,
}

/// Counts of the whole store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Messages that wait for a modem.
    pub waiting: i64,
    /// Messages that are to be sent later.
    pub scheduled: i64,
    /// Messages that are neither final nor scheduled.
    pub on_the_way: i64,
    /// Callbacks that customers have not taken yet.
    pub callbacks_owed: i64,
    /// How many of the latest messages are in each state, by its name.
    pub states: BTreeMap<String, i64>,
    /// The last hour, minute by minute; the present minute is the last.
    pub minutes: Vec<Minute>,
}

/// Counts, at a time of the clock on the wall.
pub(super) fn figures(database: &mut Database, now: Timestamp) -> Figures {
    let mut count = |sql| database.one(sql, &[], |row| row.integer(0)).unwrap_or_default();
    let waiting = count("SELECT count(*) FROM message WHERE due IS NOT NULL")
        + count("SELECT count(*) FROM message WHERE ready = 1");
    let scheduled = count("SELECT count(*) FROM message WHERE scheduled IS NOT NULL");
    let on_the_way = count("SELECT count(*) FROM message WHERE expires IS NOT NULL");
    let callbacks_owed = count("SELECT count(*) FROM callback");
    let oldest = count("SELECT max(id) FROM message") - LATEST;
    let mut states = BTreeMap::new();
    database.each(
        "SELECT state, count(*) FROM message WHERE id > $1 GROUP BY state",
        &[oldest.into()],
        |row| {
            let name = name_of(row.small(0).unwrap_or_default());
            *states.entry(name.to_owned()).or_default() += row.integer(1);
        },
    );
    let this = now.as_millisecond() / MINUTE_MS;
    let first = this - (MINUTES as i64 - 1);
    let since = first * MINUTE_MS;
    let mut minutes = vec![Minute::default(); MINUTES];
    let mut at = |minute: i64, add: &dyn Fn(&mut Minute)| {
        let place = usize::try_from(minute - first).ok();
        if let Some(minute) = place.and_then(|place| minutes.get_mut(place)) {
            add(minute);
        }
    };
    database.each(
        "SELECT r.created / 60000, count(*) FROM message m JOIN request r ON r.id = m.request \
         WHERE m.id > $1 AND r.created >= $2 GROUP BY r.created / 60000",
        &[oldest.into(), since.into()],
        |row| at(row.integer(0), &|minute| minute.accepted += row.integer(1)),
    );
    database.each(
        "SELECT sent / 60000, count(*) FROM message WHERE id > $1 AND sent >= $2 GROUP BY sent / 60000",
        &[oldest.into(), since.into()],
        |row| at(row.integer(0), &|minute| minute.sent += row.integer(1)),
    );
    database.each(
        "SELECT done / 60000, state, count(*) FROM message WHERE id > $1 AND done >= $2 \
         GROUP BY done / 60000, state",
        &[oldest.into(), since.into()],
        |row| {
            let is_delivered = name_of(row.small(1).unwrap_or_default()) == "delivered";
            at(row.integer(0), &|minute| {
                let place = if is_delivered { &mut minute.delivered } else { &mut minute.failed };
                *place += row.integer(2);
            });
        },
    );
    Figures { waiting, scheduled, on_the_way, callbacks_owed, states, minutes }
}

/// A callback that a customer has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Its number, as the log has it.
    pub id: i64,
    /// Where it goes: scheme, host and port. The rest of the URL may be a secret.
    pub origin: String,
    /// The interface.
    pub interface: String,
    /// Whether it is of a message that was received, and not a report.
    pub inbound: bool,
    /// The number of the message that was received, or of the one that is reported; nothing where an
    /// earlier version owed it.
    pub subject: Option<i64>,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next; nothing where a try is under way.
    pub next: Option<Timestamp>,
}

/// How many callbacks are listed.
const CALLBACKS_MAX: u32 = 100;

/// The callbacks that were owed first.
pub(super) fn callbacks(database: &mut Database) -> Vec<Callback> {
    database.all(
        "SELECT id, url, api, inbound, tries, due, subject FROM callback ORDER BY id LIMIT $1",
        &[CALLBACKS_MAX.into()],
        |row| Callback {
            id: row.integer(0),
            origin: row.text(1).map(origin).unwrap_or_default(),
            interface: row.string(2),
            inbound: row.is(3),
            tries: row.integer(4),
            next: row.number(5).map(timestamp),
            subject: row.number(6),
        },
    )
}

/// Scheme, host and port of a URL; the port where the scheme has another.
fn origin(url: &str) -> String {
    Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// An account, and what it has left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Credits that are left; nothing where there is no limit.
    pub credits: Option<i64>,
    /// Credits that it began with.
    pub began_with: Option<i64>,
    /// When a request of its was accepted last.
    pub last_request: Option<Timestamp>,
}

/// The accounts of these names.
pub(super) fn accounts(database: &mut Database, names: &[String]) -> Vec<Account> {
    let account = |name: &String| {
        database.one(
            "SELECT credits, began_with, last_request FROM account WHERE name = $1",
            &[name.into()],
            |row| Account {
                name: name.clone(),
                credits: row.number(0),
                began_with: row.number(1),
                last_request: row.number(2).map(timestamp),
            },
        )
    };
    names.iter().filter_map(account).collect()
}
