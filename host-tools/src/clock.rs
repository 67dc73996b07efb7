//! Points in time: as customers write them, as the gateway keeps them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use septet::api::{DateTime, Reason, Refusal, When, Zone};
use septet::text::Text;

/// What a customer is told whose time [`timestamp`] does not find.
pub const NO_TIME: &str = "is no time of a zone that is known";

/// The point in time that somebody wrote; `zone` is the account's. A time that the zone leaves out in
/// spring is the one that its clocks then show; of one that it has twice in autumn the first counts.
///
/// `None` where nobody knows the zone.
pub fn timestamp(when: &When<'_>, zone: &TimeZone) -> Option<Timestamp> {
    let (at, named) = match *when {
        When::Unix(seconds) => return Timestamp::from_second(i64::try_from(seconds).ok()?).ok(),
        When::Civil { at, zone: named } => (at, named),
    };
    let DateTime { year, month, day, hour, minute, second } = at;
    let small = |number: u8| i8::try_from(number).ok();
    let at = civil::DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    );
    let zone = match named {
        Zone::Account => zone.clone(),
        Zone::Offset(_) | Zone::Named(_) => self::zone(when)?,
    };
    Some(at.ok()?.to_zoned(zone).ok()?.timestamp())
}

/// The refusal of a time that [`timestamp`] does not find.
pub fn no_time(name: &'static str) -> Refusal<'static> {
    let (subject, detail) = (Text::plain(name), Text::plain(NO_TIME));
    Refusal { reason: Reason::Invalid, subject, detail }
}

/// The zone that a point in time names, where it names one that is known.
pub fn zone(when: &When<'_>) -> Option<TimeZone> {
    match when {
        When::Civil { zone: Zone::Offset(minutes), .. } => {
            Some(TimeZone::fixed(Offset::from_seconds(i32::from(*minutes) * 60).ok()?))
        }
        When::Civil { zone: Zone::Named(name), .. } => TimeZone::get(&name.to_string()).ok(),
        When::Civil { zone: Zone::Account, .. } | When::Unix(_) => None,
    }
}

/// Date and time, in a year from 0 on.
pub fn date_time(at: civil::DateTime) -> Option<DateTime> {
    let small = |number: i8| u8::try_from(number).ok();
    Some(DateTime {
        year: u16::try_from(at.year()).ok()?,
        month: small(at.month())?,
        day: small(at.day())?,
        hour: small(at.hour())?,
        minute: small(at.minute())?,
        second: small(at.second())?,
    })
}

/// How an interface tells an account of times.
pub enum Times {
    /// In UTC.
    Utc,
    /// In the account's zone.
    Account(TimeZone),
}

impl Times {
    /// The point in time as it is told.
    pub fn when(&self, at: Timestamp) -> When<'static> {
        let (shown, told) = match self {
            Self::Utc => (TimeZone::UTC, Zone::Offset(0)),
            Self::Account(zone) => (zone.clone(), Zone::Account),
        };
        match date_time(shown.to_datetime(at)) {
            Some(at) => When::Civil { at, zone: told },
            None => When::Unix(u64::try_from(at.as_second()).unwrap_or_default()),
        }
    }
}

/// How long it is from `now` until `at`; nothing where that is past.
pub fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}
