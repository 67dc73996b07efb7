//! Points in time: as customers write them, as the gateway keeps them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use septet::api::{DateTime, When, Zone};

/// The point in time that somebody wrote; `zone` is the account's. `None` where the zone has no such
/// time or nobody knows the zone.
pub(super) fn timestamp(when: &When<'_>, zone: &TimeZone) -> Option<Timestamp> {
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
        Zone::Offset(minutes) => {
            TimeZone::fixed(Offset::from_seconds(i32::from(minutes) * 60).ok()?)
        }
        Zone::Named(name) => TimeZone::get(&name.to_string()).ok()?,
    };
    Some(at.ok()?.to_zoned(zone).ok()?.timestamp())
}

/// Date and time in a zone.
pub(super) fn date_time(at: Timestamp, zone: &TimeZone) -> DateTime {
    let at = at.to_zoned(zone.clone());
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    DateTime {
        year: u16::try_from(at.year()).unwrap_or_default(),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
        second: small(at.second()),
    }
}

/// How an interface tells an account of times.
pub(super) enum Times {
    /// In UTC.
    Utc,
    /// In the account's zone.
    Account(TimeZone),
}

impl Times {
    /// The point in time as it is told.
    pub(super) fn when(&self, at: Timestamp) -> When<'static> {
        match self {
            Self::Utc => When::utc(date_time(at, &TimeZone::UTC)),
            Self::Account(zone) => When::Civil { at: date_time(at, zone), zone: Zone::Account },
        }
    }
}

/// How long it is from `now` until `at`; nothing where that is past.
pub(super) fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}
