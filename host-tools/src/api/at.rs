//! When a text is to be sent, as people write it and as interfaces do.

use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::TimeZone;
use septet::api::{DateTime, When, Zone};
use septet::text::Text;

use crate::clock::{self, Times};

/// A point in time, as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    at: DateTime,
    zone: AtZone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum AtZone {
    Account,
    Offset(i16),
    Named(String),
}

/// Reads a point in time.
pub fn at(text: &str) -> Result<At, String> {
    let wrong = || "write a time as 2026-12-31T18:00:00+01:00".to_owned();
    let pieces = Pieces::parse(text).map_err(|_| wrong())?;
    let civil = pieces.date().to_datetime(pieces.time().ok_or_else(wrong)?);
    let at = clock::date_time(civil).ok_or_else(wrong)?;
    let zone = match (pieces.time_zone_annotation(), pieces.offset()) {
        (Some(_), _) => {
            let zone =
                pieces.to_time_zone().map_err(|_| "there is no such time zone".to_owned())?;
            let name = zone.as_ref().and_then(TimeZone::iana_name).ok_or_else(wrong)?;
            AtZone::Named(name.to_owned())
        }
        (None, Some(PiecesOffset::Zulu)) => AtZone::Offset(0),
        (None, Some(offset)) => {
            let seconds = offset.to_numeric_offset().seconds();
            let minutes = i16::try_from(seconds / 60).ok().filter(|_| seconds % 60 == 0);
            AtZone::Offset(minutes.ok_or_else(wrong)?)
        }
        (None, None) => AtZone::Account,
    };
    Ok(At { at, zone })
}

impl At {
    /// The same, as it is asked for.
    pub fn when(&self) -> When<'_> {
        let zone = match &self.zone {
            AtZone::Account => Zone::Account,
            AtZone::Offset(minutes) => Zone::Offset(*minutes),
            AtZone::Named(name) => Zone::Named(Text::plain(name)),
        };
        When::Civil { at: self.at, zone }
    }
}

/// The ways to write a time: as it was given, and where its zone is known, in UTC and in seconds.
pub fn ways(given: When<'_>) -> Vec<Option<When<'_>>> {
    let at = clock::zone(&given).and_then(|zone| clock::timestamp(&given, &zone));
    let unix = at.and_then(|at| u64::try_from(at.as_second()).ok());
    let others = [at.map(|at| Times::Utc.when(at)), unix.map(When::Unix)];
    std::iter::once(given).chain(others.into_iter().flatten()).map(Some).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_zone() {
        let when = |text: &str| at(text).map(|at| at.when().to_string());
        assert_eq!(when("2026-12-31T18:00:00+01:00").unwrap(), "2026-12-31 18:00:00 +01:00");
        assert_eq!(when("2026-12-31 18:00Z").unwrap(), "2026-12-31 18:00:00 UTC");
        assert_eq!(when("2026-12-31T18:00:00").unwrap(), "2026-12-31 18:00:00");
        assert_eq!(
            when("2026-12-31T18:00:00[Europe/Rome]").unwrap(),
            "2026-12-31 18:00:00 Europe/Rome"
        );
        for text in ["", "soon", "2026-12-31", "2026-02-30T00:00", "18:00"] {
            assert!(at(text).is_err(), "{text}");
        }
        let all = |text: &str| {
            let at = at(text).unwrap();
            ways(at.when()).iter().flatten().map(When::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            all("2027-01-01T00:30:00+01:00"),
            ["2027-01-01 00:30:00 +01:00", "2026-12-31 23:30:00 UTC", "1798759800 s after 1970"]
        );
        assert_eq!(
            all("2027-01-01T00:30:00[Europe/Rome]")[1..],
            ["2026-12-31 23:30:00 UTC", "1798759800 s after 1970"]
        );
        assert_eq!(all("2027-01-01T00:30:00"), ["2027-01-01 00:30:00"]);
    }
}
