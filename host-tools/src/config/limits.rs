//! How much an account may send, and how fast.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::trouble::Troubles;

/// What an account may send. Parts are counted, one for each recipient.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How many requests to send it may make at once, and then within a second.
    pub requests_per_second: Option<u32>,
    /// How many requests to send it may make at once, and then within a minute.
    pub requests_per_minute: Option<u32>,
    /// How many parts it may send at once, and then within a minute. A request of more goes where nothing
    /// went for long.
    pub parts_per_minute: Option<u32>,
    /// The most parts within a day of the account's zone.
    pub parts_per_day: Option<u32>,
    /// The most parts within a month of the account's zone.
    pub parts_per_month: Option<u32>,
}

/// A time over which parts are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// A day.
    Day,
    /// A month.
    Month,
}

impl Term {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// When the one began that a point in time lies in.
    pub fn began(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        let date: Date = at.to_zoned(zone.clone()).date();
        let first = match self {
            Self::Day => date,
            Self::Month => date.first_of_month(),
        };
        // No midnight is too early for the calendar that has the point in time.
        first.to_zoned(zone.clone()).map_or(at, |zoned| zoned.timestamp())
    }
}

impl Limits {
    /// Whether any of them is of parts.
    pub const fn has_parts(&self) -> bool {
        self.parts_per_minute.is_some()
            || self.parts_per_day.is_some()
            || self.parts_per_month.is_some()
    }

    /// The most parts within a term.
    pub const fn parts(&self, term: Term) -> Option<u32> {
        match term {
            Term::Day => self.parts_per_day,
            Term::Month => self.parts_per_month,
        }
    }

    /// What no type can say, of the account of this name, at its place.
    pub(super) fn check(&self, account: &str, at: &str, troubles: &mut Troubles<'_>) {
        for (name, limit) in [
            ("requests_per_second", self.requests_per_second),
            ("requests_per_minute", self.requests_per_minute),
            ("parts_per_minute", self.parts_per_minute),
            ("parts_per_day", self.parts_per_day),
            ("parts_per_month", self.parts_per_month),
        ] {
            if limit == Some(0) {
                let why = format!(
                    "account {account:?} has {name} = 0, so that it sends nothing: leave the account out"
                );
                troubles.wrong(&format!("{at}.limits.{name}"), why);
            }
        }
    }
}
