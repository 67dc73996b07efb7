use super::*;

extern crate std;
use std::string::{String, ToString};

use proptest::prelude::*;

struct All;

impl TimeFormat for All {
    const PATTERNS: &'static [&'static str] = &[
        "yyyy-MM-ddTHH:mm:ssfZ",
        "yyyy-MM-ddTHH:mm:ssf",
        "yyyyMMddHHmmss",
        "yyyy-MM-dd HH:mm.0",
        "yyyy-MM-dd HH:mm",
        "ddMMyyHHmm",
        "yyyyMMdd",
        "ddMMyy",
        "MMM d, yyyy h:mm:ss a",
    ];
    const ZONE: Zone<'static> = Zone::Account;
}

fn read(text: &str) -> Option<String> {
    Stamp::<All>::read(Text::plain(text)).ok().map(|stamp| stamp.when().to_string())
}

#[test]
fn each_form_is_told_from_the_others() {
    for (text, when) in [
        ("2019-09-25T08:58:00Z", "2019-09-25 08:58:00 UTC"),
        ("2013-05-27T13:36:00.000+02:00", "2013-05-27 13:36:00 +02:00"),
        ("2013-05-27T13:36:00-0330", "2013-05-27 13:36:00 -03:30"),
        ("2017-12-23T10:10:10.123456", "2017-12-23 10:10:10"),
        ("20171223101010", "2017-12-23 10:10:10"),
        ("2017-12-23 10:10", "2017-12-23 10:10:00"),
        ("2017-12-23 10:10.0", "2017-12-23 10:10:00"),
        ("2312171010", "2017-12-23 10:10:00"),
        ("20171223", "2017-12-23 00:00:00"),
        ("231217", "2017-12-23 00:00:00"),
        ("Dec 23, 2017 10:10:10 AM", "2017-12-23 10:10:10"),
        ("Dec 3, 2017 12:00:00\u{202F}am", "2017-12-03 00:00:00"),
        ("Dec 23, 2017 12:10:10 PM", "2017-12-23 12:10:10"),
        ("Feb 29, 2016 1:10:10 PM", "2016-02-29 13:10:10"),
    ] {
        assert_eq!(read(text).as_deref(), Some(when), "{text}");
    }
    for text in [
        "",
        "20171323101010",
        "20170229000000",
        "2019-09-25T24:00:00Z",
        "Dec 23, 2017 13:10:10 AM",
        "2019-09-25T08:58:00Zx",
        "2019-09-25T08:58:00+24:00",
        "tomorrow",
        "2019-09-25T08:58:00.Z",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn what_is_in_utc_is_known_of_offsets_and_of_seconds() {
    let utc = |when: When<'_>| when.in_utc().map(|at| at.to_string());
    for (text, expected) in [
        ("2020-03-01T00:30:00+01:00", "2020-02-29 23:30:00"),
        ("2019-12-31T23:59:59-00:01", "2020-01-01 00:00:59"),
        ("1900-03-01T00:00:00+00:01", "1900-02-28 23:59:00"),
    ] {
        let when = Stamp::<All>::read(Text::plain(text)).unwrap().when();
        assert_eq!(utc(when).as_deref(), Some(expected));
    }
    assert_eq!(utc(When::Unix(1_569_401_880)).as_deref(), Some("2019-09-25 08:58:00"));
    assert_eq!(utc(When::Unix(253_402_300_799)).as_deref(), Some("9999-12-31 23:59:59"));
    let first = DateTime { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    assert_eq!(utc(When::utc(first)).as_deref(), Some("0001-01-01 00:00:00"));
    for when in [
        When::Unix(253_402_300_800),
        When::Unix(u64::MAX),
        When::Civil { at: first, zone: Zone::Offset(1) },
        When::Civil { at: first, zone: Zone::Account },
    ] {
        assert_eq!(utc(when), None);
    }
}

proptest! {
    /// Seconds of a date and time are those of a date and time.
    #[test]
    fn seconds_come_back(seconds in -62_135_596_800..=253_402_300_799_i64) {
        let at = DateTime::of_unix(seconds).unwrap();
        prop_assert!(at.is_valid());
        prop_assert_eq!(at.to_unix(), seconds);
    }

    /// What is written reads back equal, by every pattern that says all of it.
    #[test]
    fn stamps_come_back(year in 1..=9999_u16, month in 1..=12_u8, day in 1..=28_u8, hour in 0..24_u8,
        minute in 0..60_u8, second in 0..60_u8, offset in -1439..=1439_i16) {
        let at = DateTime { year, month, day, hour, minute, second };
        for pattern in ["yyyy-MM-ddTHH:mm:ssfZ", "MMM d, yyyy h:mm:ss aZ", "yyyyMMddHHmmssZ"] {
            let mut buffer = [0; 40];
            let mut w = Writer::new(&mut buffer);
            super::write(pattern, &at, Some(offset), &mut w).unwrap();
            let text = core::str::from_utf8(w.written()).unwrap();
            prop_assert_eq!(super::read(pattern, Text::plain(text)), Some((at, Some(offset))), "{}", text);
        }
    }
}
