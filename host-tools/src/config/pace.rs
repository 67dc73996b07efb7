//! How much a SIM may send, and how fast.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::trouble::Troubles;
use super::written::duration;

/// What a SIM may send. Parts are counted, since that is what a network counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// The most parts within any minute.
    pub per_minute: Option<u32>,
    /// The least time from one part to the next.
    #[serde(deserialize_with = "duration")]
    pub gap: Duration,
    /// The most time that is added to the gap, at random.
    #[serde(deserialize_with = "duration")]
    pub spread: Duration,
    /// The most parts within a day.
    pub per_day: Option<u32>,
    /// When a day begins, by the clocks of its zone: `06:30`; midnight where absent.
    #[serde(deserialize_with = "time")]
    pub day_begins: Time,
    /// The zone of the day, by its name in the IANA database; UTC where absent.
    #[serde(deserialize_with = "super::account::zone")]
    pub zone: Option<TimeZone>,
}

fn time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| serde::de::Error::custom(format!("{text:?} is no time of day: write 06:30")))
}

impl Pace {
    /// When the day began that a point in time lies in, and when the next one begins.
    pub fn day(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let begins = |date: Result<Date, jiff::Error>| {
            let zoned =
                date.and_then(|date| date.to_datetime(self.day_begins).to_zoned(zone.clone()));
            zoned.map(|zoned| zoned.timestamp())
        };
        let date = at.to_zoned(zone.clone()).date();
        let days = (begins(date.yesterday()), begins(Ok(date)), begins(date.tomorrow()));
        match days {
            (_, Ok(today), Ok(tomorrow)) if at >= today => (today, tomorrow),
            (Ok(yesterday), Ok(today), _) => (yesterday, today),
            // The calendar ends here.
            _ => (at, at.checked_add(24.hours()).unwrap_or(Timestamp::MAX)),
        }
    }

    /// What no type can say, of the modem of this name, at its place.
    pub(super) fn check(&self, modem: &str, at: &str, troubles: &mut Troubles<'_>) {
        for (name, limit) in [("per_minute", self.per_minute), ("per_day", self.per_day)] {
            if limit == Some(0) {
                let why = format!(
                    "modem {modem:?} has {name} = 0, so that it sends nothing: leave the modem out"
                );
                troubles.wrong(&format!("{at}.limits.{name}"), why);
            }
        }
    }
}
