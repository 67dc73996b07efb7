//! The laws of time. Each is a function that panics where the law is broken, so that the tests and
//! the fuzz targets call the same one.

use septet::tpdu::time::{Civil, Enhanced, Period, Relative, Timestamp, ValidityPeriod};
use septet::tpdu::{Deliver, Submit};
use septet::wire::{Quirk, Wire};

/// The octets are a time that is written as it was read, and a point in time exactly where that point
/// is written as these octets.
pub fn octets_are_a_time(octets: [u8; 7]) {
    let time = Timestamp(octets);
    let civil = time.civil();
    let message = [&[0x04, 1, 0x81, 0xF1, 0x00, 0x04][..], &octets, &[0]].concat();
    let (deliver, quirks) = Deliver::from_bytes_tolerant(&message).unwrap();
    assert_eq!(deliver.service_centre_time, time);
    assert_eq!(quirks.contains(Quirk::BadTimestamp), civil.is_none());
    let mut buffer = [0; 32];
    assert_eq!(deliver.to_slice(&mut buffer).unwrap(), message);
    let _ = time.to_string();

    // A zone of no quarters has no sign to keep.
    let mut own = octets;
    if octets[6] == 0x08 {
        own[6] = 0;
    }
    let again = Timestamp::new(time.digits());
    assert_eq!(civil.is_some(), again == Ok(Timestamp(own)));
    assert!(civil.is_none_or(|civil| civil == time.digits()));
}

/// A time that can be written reads as it was given.
pub fn times_come_back(civil: Civil) {
    let exists = (1..=12).contains(&civil.month)
        && (1..=31).contains(&civil.day)
        && (civil.year < 100 && civil.hour < 24 && civil.minute < 60 && civil.second < 60)
        && civil.zone_quarters.unsigned_abs() < 80;
    match Timestamp::new(civil) {
        Ok(time) => assert_eq!(time.civil(), Some(civil)),
        Err(_) => assert!(!exists || civil.day > 28),
    }
    assert!(exists || Timestamp::new(civil).is_err());
}

/// A validity period of any format and octets is read, and written as it was read.
pub fn validity_periods_read_and_write(format: u8, octets: [u8; 7]) {
    let format = format & 0x18;
    let len = match format {
        0x00 => 0,
        0x10 => 1,
        _ => 7,
    };
    let head = [0x01 | format, 0, 1, 0x81, 0xF1, 0x00, 0x04];
    let message = [&head, &octets[..len], &[0]].concat();
    let (submit, quirks) = Submit::from_bytes_tolerant(&message).unwrap();
    assert_eq!(Submit::from_bytes(&message).is_ok(), quirks.is_empty());
    let mut buffer = [0; 32];
    assert_eq!(submit.to_slice(&mut buffer).unwrap(), message);
    let expected = match format {
        0x00 => ValidityPeriod::NotGiven,
        0x08 => ValidityPeriod::Enhanced(Enhanced(octets)),
        0x10 => ValidityPeriod::Relative(Relative(octets[0])),
        _ => ValidityPeriod::Absolute(Timestamp(octets)),
    };
    assert_eq!(submit.validity_period, expected);
    let _ = submit.validity_period.to_string();
}

/// A period in the enhanced format says what the same octets say in the other formats.
pub fn enhanced_periods_agree(octets: [u8; 7]) {
    let indicator = octets[0];
    let behind = octets.iter().position(|octet| octet & 0x80 == 0).map_or(7, |last| last + 1);
    let mut period = octets[behind..].iter().copied().chain([0; 3]);
    let [first, second, third] = [(); 3].map(|()| period.next().unwrap());
    let enhanced = Enhanced(octets);
    assert_eq!(enhanced.extended(), indicator & 0x80 != 0);
    assert_eq!(enhanced.single_shot(), indicator & 0x40 != 0);
    let form = indicator & 0x07;
    let expected = match form {
        0 => Period::NotGiven,
        1 => Period::Relative(Relative(first)),
        2 => Period::Seconds(first),
        3 => {
            let time = Timestamp([0, 0, 0, first, second, third, 0]).digits();
            Period::HoursMinutesSeconds(time.hour, time.minute, time.second)
        }
        _ => Period::Reserved(form),
    };
    assert_eq!(enhanced.period(), expected);
    let _ = expected.to_string();
}

/// The period that is found for some minutes is the shortest of all that are as long, or the longest
/// that there is.
pub fn relative_periods_suffice(minutes: u32) {
    let found = Relative::at_least(minutes);
    let longest = Relative(0xFF);
    assert!(found.minutes() >= minutes || found == longest);
    assert_eq!(Relative::at_least(found.minutes()), found);
    if let Some(shorter) = found.0.checked_sub(1) {
        assert!(Relative(shorter).minutes() < minutes.min(found.minutes()));
    }
}

/// All of them, of whatever octets.
pub fn holds(octets: &[u8]) {
    let Some(([format, octets @ ..], _)) = octets.split_first_chunk::<8>() else { return };
    octets_are_a_time(*octets);
    validity_periods_read_and_write(*format, *octets);
    enhanced_periods_agree(*octets);
    let [year, month, day, hour, minute, second, zone] = *octets;
    times_come_back(Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        zone_quarters: zone.cast_signed(),
    });
    // Most periods are found below this many minutes.
    relative_periods_suffice(u32::from_be_bytes([0, year, month, day]) >> (format & 0x07));
}
