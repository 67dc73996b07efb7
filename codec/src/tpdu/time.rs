//! Points in time and validity periods: TP-SCTS, TP-DT and TP-VP.
//!
//! ```text
//! octet    1     2     3     4     5     6     7
//!         year month  day  hour minute second zone    two decimal digits each, the units in bits 7..4
//!                                             zone: quarters of an hour, bit 3 set: west of Greenwich
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.11 (TP-SCTS), section 9.2.3.12 (TP-VP).

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::wire::{Quirk, Reader, Rejected, Writer};

/// A point in time as its seven octets, which may also be none.
///
/// A message is never lost for a wrong clock: the octets are kept as they are.
///
/// 3GPP TS 23.040, section 9.2.3.11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp(pub [u8; 7]);

/// A point in time in local time, and the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Civil {
    /// Year without the century, 0..=99.
    pub year: u8,
    /// 1..=12.
    pub month: u8,
    /// 1..=31.
    pub day: u8,
    /// 0..=23.
    pub hour: u8,
    /// 0..=59.
    pub minute: u8,
    /// 0..=59.
    pub second: u8,
    /// Local time minus Greenwich time in quarters of an hour, -79..=79.
    pub zone_quarters: i8,
}

impl Timestamp {
    /// The seven octets for a point in time.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] when `civil` is no point in time.
    pub fn new(civil: Civil) -> Result<Self, Error> {
        let sign = if civil.zone_quarters < 0 { 0x08 } else { 0 };
        let time = Self([
            swapped(civil.year),
            swapped(civil.month),
            swapped(civil.day),
            swapped(civil.hour),
            swapped(civil.minute),
            swapped(civil.second),
            swapped(civil.zone_quarters.unsigned_abs()) | sign,
        ]);
        // A number that two digits cannot hold does not read back as itself.
        if time.civil() == Some(civil) { Ok(time) } else { Err(ErrorKind::Value.at("time", 0)) }
    }

    /// The point in time, or `None` when the octets are none.
    pub fn civil(self) -> Option<Civil> {
        let digits = self.0.iter().enumerate().all(|(i, octet)| {
            // The zone's tens have three bits; the fourth is the sign.
            let tens = if i == 6 { octet & 0x07 } else { octet & 0x0F };
            tens < 10 && octet >> 4 < 10
        });
        let civil = self.digits();
        let days = match civil.month {
            2 if civil.year.is_multiple_of(4) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let exists = digits
            && (1..=12).contains(&civil.month)
            && (1..=days).contains(&civil.day)
            && civil.hour < 24
            && civil.minute < 60
            && civil.second < 60;
        exists.then_some(civil)
    }

    /// What the octets say, whether it is a point in time or not. A half octet that is no digit counts
    /// as 0, as the standard has a handset take it.
    pub const fn digits(self) -> Civil {
        let Self([year, month, day, hour, minute, second, zone]) = self;
        let quarters = unswapped(zone & 0xF7) as i8;
        Civil {
            year: unswapped(year),
            month: unswapped(month),
            day: unswapped(day),
            hour: unswapped(hour),
            minute: unswapped(minute),
            second: unswapped(second),
            zone_quarters: if zone & 0x08 == 0 { quarters } else { -quarters },
        }
    }

    /// Reads a timestamp; one that is no point in time is [`Quirk::BadTimestamp`].
    pub(crate) fn parse(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, Rejected> {
        let at = reader.at();
        let time = Self(reader.array(field)?);
        if time.civil().is_none() {
            reader.excuse(Quirk::BadTimestamp, ErrorKind::Value.at(field, at))?;
        }
        Ok(time)
    }
}

/// `26-12-20 15:23:50 +02:00`, or the octets when they are no point in time.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(civil) = self.civil() else {
            f.write_str("no point in time,")?;
            return self.0.iter().try_for_each(|octet| write!(f, " {octet:02X}"));
        };
        civil.fmt(f)
    }
}

/// How long the service centre keeps trying to deliver a message.
///
/// 3GPP TS 23.040, section 9.2.3.12 (TP-VP), section 9.2.3.3 (TP-VPF).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ValidityPeriod {
    /// As long as the service centre likes.
    #[default]
    NotGiven,
    /// From the receipt at the service centre.
    Relative(Relative),
    /// Until this point in time.
    Absolute(Timestamp),
    /// One of several forms.
    Enhanced(Enhanced),
}

/// A period after the receipt at the service centre, as its octet.
///
/// 5 minutes to 63 weeks, in growing steps. 3GPP TS 23.040, section 9.2.3.12.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Relative(pub u8);

impl Relative {
    /// The shortest period that is not shorter than `minutes`; at most 63 weeks.
    pub const fn at_least(minutes: u32) -> Self {
        let mut octet = 0;
        while octet < 0xFF && Self(octet).minutes() < minutes {
            octet += 1;
        }
        Self(octet)
    }

    /// The period in minutes.
    pub const fn minutes(self) -> u32 {
        let value = self.0 as u32;
        match value {
            0..=143 => (value + 1) * 5,
            144..=167 => 12 * 60 + (value - 143) * 30,
            168..=196 => (value - 166) * 24 * 60,
            _ => (value - 192) * 7 * 24 * 60,
        }
    }
}

/// A validity period in the enhanced format, as its seven octets.
///
/// ```text
/// octet 1  functionality indicator   bit 7: another one follows, bit 6: a single shot,
///                                    bits 2..0: the form of the period
/// octet 2… the period, then zeros
/// ```
///
/// 3GPP TS 23.040, section 9.2.3.12.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Enhanced(pub [u8; 7]);

/// The period of an [`Enhanced`] validity period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Period {
    /// None: as long as the service centre likes.
    NotGiven,
    /// From the receipt at the service centre.
    Relative(Relative),
    /// Seconds from the receipt at the service centre, 0..=255; 0 is reserved.
    Seconds(u8),
    /// Hours, minutes and seconds from the receipt at the service centre.
    HoursMinutesSeconds(u8, u8, u8),
    /// A form that the standard reserves, 4..=7.
    Reserved(u8),
}

impl Enhanced {
    /// The functionality indicator.
    pub const fn indicator(self) -> u8 {
        self.0[0]
    }

    /// Whether another functionality indicator follows the first.
    pub const fn extended(self) -> bool {
        self.indicator() & 0x80 != 0
    }

    /// Whether the service centre is to try once only.
    pub const fn single_shot(self) -> bool {
        self.indicator() & 0x40 != 0
    }

    /// The period, which stands behind the last functionality indicator.
    pub fn period(self) -> Period {
        let further = self.0.iter().take_while(|indicator| **indicator & 0x80 != 0).count();
        let octet = |i| self.0.get(further.saturating_add(i)).copied().unwrap_or(0);
        match self.indicator() & 0b111 {
            0 => Period::NotGiven,
            1 => Period::Relative(Relative(octet(1))),
            2 => Period::Seconds(octet(1)),
            3 => {
                let [hours, minutes, seconds] = [1, 2, 3].map(|i| unswapped(octet(i)));
                Period::HoursMinutesSeconds(hours, minutes, seconds)
            }
            form => Period::Reserved(form),
        }
    }
}

impl ValidityPeriod {
    /// TP-VPF, bits 4 and 3 of the first octet of an SMS-SUBMIT.
    pub(crate) const fn format(self) -> u8 {
        match self {
            Self::NotGiven => 0x00,
            Self::Enhanced(_) => 0x08,
            Self::Relative(_) => 0x10,
            Self::Absolute(_) => 0x18,
        }
    }

    /// Reads the period in the format that `first_octet` has in bits 4 and 3.
    pub(crate) fn parse(reader: &mut Reader<'_>, first_octet: u8) -> Result<Self, Rejected> {
        Ok(match first_octet & 0x18 {
            0x08 => Self::Enhanced(Enhanced(reader.array("TP-VP")?)),
            0x10 => Self::Relative(Relative(reader.octet("TP-VP")?)),
            0x18 => Self::Absolute(Timestamp::parse(reader, "TP-VP")?),
            _ => Self::NotGiven,
        })
    }

    pub(crate) fn put(&self, w: &mut Writer<'_>) {
        match self {
            Self::NotGiven => {}
            Self::Relative(relative) => w.put(&[relative.0]),
            Self::Absolute(Timestamp(octets)) | Self::Enhanced(Enhanced(octets)) => w.put(octets),
        }
    }
}

/// `4 d`, `12 h 30 min`.
impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.minutes();
        let (days, hours) = (minutes / (24 * 60), minutes / 60 % 24);
        let mut space = "";
        for (count, unit) in [(days, "d"), (hours, "h"), (minutes % 60, "min")] {
            if count > 0 {
                write!(f, "{space}{count} {unit}")?;
                space = " ";
            }
        }
        Ok(())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven => f.write_str("not given"),
            Self::Relative(relative) => relative.fmt(f),
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
            Self::HoursMinutesSeconds(h, m, s) => write!(f, "{h} h {m} min {s} s"),
            Self::Reserved(form) => write!(f, "reserved form {form}"),
        }
    }
}

impl fmt::Display for ValidityPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven => f.write_str("not given"),
            Self::Relative(relative) => relative.fmt(f),
            Self::Absolute(time) => write!(f, "until {time}"),
            Self::Enhanced(enhanced) => enhanced.fmt(f),
        }
    }
}

/// A number of two digits, the units in the high half; wrong from 160 on.
const fn swapped(number: u8) -> u8 {
    ((number % 10) << 4) | ((number / 10) & 0x0F)
}

/// A number of two digits; what is no digit counts as 0.
const fn unswapped(octet: u8) -> u8 {
    const fn digit(half: u8) -> u8 {
        if half < 10 { half } else { 0 }
    }
    digit(octet & 0x0F) * 10 + digit(octet >> 4)
}

/// `26-12-20 15:23:50 +02:00`.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, zone_quarters } = self;
        write!(f, "{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} ")?;
        let sign = if *zone_quarters < 0 { '-' } else { '+' };
        let quarters = zone_quarters.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", quarters / 4, quarters % 4 * 15)
    }
}

/// `30 s, one attempt`.
impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.period().fmt(f)?;
        if self.single_shot() { f.write_str(", one attempt") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    #[test]
    fn a_zone_west_of_greenwich_is_negative() {
        let time = Timestamp([0x62, 0x21, 0x02, 0x51, 0x32, 0x05, 0x8A]);
        assert_eq!(time.to_string(), "26-12-20 15:23:50 -07:00");
        assert_eq!(Timestamp::new(time.civil().unwrap()), Ok(time));
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_point_in_time() {
        let time = Timestamp([0x62, 0x20, 0x92, 0x51, 0x32, 0x05, 0x80]);
        assert_eq!(time.digits().day, 29);
        assert_eq!(time.civil(), None);
        assert_eq!(Timestamp::new(time.digits()), Err(ErrorKind::Value.at("time", 0)));
        assert_eq!(Timestamp([0xFF; 7]).to_string(), "no point in time, FF FF FF FF FF FF FF");
    }

    #[test]
    fn a_half_octet_that_is_no_digit_counts_as_0() {
        // The month has 1 and 15, the hour 11 and 5.
        let time = Timestamp([0x62, 0xF1, 0x02, 0x5B, 0x32, 0x05, 0x80]);
        assert_eq!(time.civil(), None);
        assert_eq!(time.digits().to_string(), "26-10-20 05:23:50 +02:00");
        assert_eq!(Timestamp([0xFF; 7]).digits().to_string(), "00-00-00 00:00:00 -17:30");
    }

    #[test]
    fn zones_that_no_place_has_are_read_all_the_same() {
        let zone = |octet| Timestamp([0x62, 0x21, 0x02, 0x51, 0x32, 0x05, octet]).civil();
        let quarters = |octet| zone(octet).map(|civil| civil.zone_quarters);
        assert_eq!(quarters(0x08), Some(0));
        assert_eq!(quarters(0x65), Some(56));
        assert_eq!(quarters(0x9F), Some(-79));
        assert_eq!(quarters(0xA0), None);
    }

    #[test]
    fn a_period_stands_behind_every_functionality_indicator() {
        let period = |octets| Enhanced(octets).period();
        assert_eq!(period([0x02, 5, 0, 0, 0, 0, 0]), Period::Seconds(5));
        assert_eq!(period([0xC2, 0x00, 5, 0, 0, 0, 0]), Period::Seconds(5));
        assert_eq!(period([0x81, 0x80, 0x00, 167, 0, 0, 0]), Period::Relative(Relative(167)));
        let hours = Period::HoursMinutesSeconds(1, 2, 3);
        assert_eq!(period([0x83, 0x00, 0x10, 0x20, 0x30, 0, 0]), hours);
        assert_eq!(period([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), Period::Seconds(0));
    }

    #[test]
    fn relative_periods_have_four_scales() {
        let minutes = [0, 143, 144, 167, 168, 196, 197, 255].map(|octet| Relative(octet).minutes());
        let day = 24 * 60;
        assert_eq!(minutes, [5, 720, 750, 1440, 2 * day, 30 * day, 35 * day, 441 * day]);
        assert_eq!(Relative::at_least(0), Relative(0));
        assert_eq!(Relative::at_least(day), Relative(167));
        assert_eq!(Relative::at_least(u32::MAX), Relative(255));
        assert_eq!(Relative(144).to_string(), "12 h 30 min");
    }
}
