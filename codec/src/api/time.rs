//! Points in time as the vendors write them, both ways by one pattern.

use core::fmt;
use core::marker::PhantomData;

use crate::error::{Error, ErrorKind};
use crate::fields::{Raw, Sink, Value};
use crate::text::{Chars, Charset, Text};
use crate::wire::Writer;

/// A date with its time of day, in some zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DateTime {
    /// 1..=9999.
    pub year: u16,
    /// 1..=12.
    pub month: u8,
    /// 1..=31, as many as the month has.
    pub day: u8,
    /// 0..=23.
    pub hour: u8,
    /// 0..=59.
    pub minute: u8,
    /// 0..=59.
    pub second: u8,
}

/// The zone that a date with its time is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Zone<'a> {
    /// The one of the account.
    Account,
    /// Minutes ahead of UTC, -1439..=1439.
    Offset(i16),
    /// The one of this name in the IANA database: `Europe/Rome`.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Named(Text<'a>),
}

/// A point in time, as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum When<'a> {
    /// A date with its time, in a zone.
    Civil {
        /// Date and time.
        at: DateTime,
        /// Zone.
        #[cfg_attr(feature = "serde", serde(borrow))]
        zone: Zone<'a>,
    },
    /// Seconds since 1970, UTC.
    Unix(u64),
}

impl When<'_> {
    /// A date with its time in UTC.
    pub const fn utc(at: DateTime) -> Self {
        When::Civil { at, zone: Zone::Offset(0) }
    }

    /// The date with its time that it is in UTC; `None` where that takes more than its offset, and
    /// outside the years 1..=9999.
    pub fn in_utc(&self) -> Option<DateTime> {
        match *self {
            Self::Civil { at, zone: Zone::Offset(0) } => Some(at),
            Self::Civil { at, zone: Zone::Offset(minutes) } => {
                DateTime::of_unix(at.to_unix() - 60 * i64::from(minutes))
            }
            Self::Civil { .. } => None,
            Self::Unix(seconds) => DateTime::of_unix(i64::try_from(seconds).ok()?),
        }
    }
}

/// Days of 400 years, after which leap years come again as they came.
const DAYS_OF_400_YEARS: i64 = 146_097;

/// Days from 1 March of the year 0 to 1 January 1970.
const DAYS_TO_1970: i64 = 719_468;

impl DateTime {
    /// Seconds since 1970, as if it were UTC; negative before that.
    pub(crate) fn to_unix(self) -> i64 {
        let Self { year, month, day, hour, minute, second } = self;
        let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
        // A year that begins in March ends with its leap day.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let leap_days = year / 4 - year / 100 + year / 400;
        let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - DAYS_TO_1970;
        86_400 * days + 3600 * i64::from(hour) + 60 * i64::from(minute) + i64::from(second)
    }

    /// The date and time that so many seconds since 1970 are in UTC, in the years 1..=9999.
    pub(crate) fn of_unix(seconds: i64) -> Option<Self> {
        let days = seconds.div_euclid(86_400).checked_add(DAYS_TO_1970)?;
        let of_day = seconds.rem_euclid(86_400);
        let (eras, days) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
        let years = (days - days / 1460 + days / 36_524 - days / 146_096) / 365;
        let of_year = days - (365 * years + years / 4 - years / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = u16::try_from(400 * eras + years + next).ok();
        Some(Self {
            year: year.filter(|year| (1..=9999).contains(year))?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            hour: u8::try_from(of_day / 3600).ok()?,
            minute: u8::try_from(of_day / 60 % 60).ok()?,
            second: u8::try_from(of_day % 60).ok()?,
        })
    }

    /// Whether there is such a date and time.
    pub const fn is_valid(&self) -> bool {
        let Self { year, month, day, hour, minute, second } = *self;
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            _ => 0,
        };
        year > 0 && day > 0 && day <= days && hour < 24 && minute < 60 && second < 60
    }
}

/// `2019-09-25 08:58:00`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// `2019-09-25 08:58:00 +02:00`.
impl fmt::Display for When<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(seconds) => write!(f, "{seconds} s after 1970"),
            Self::Civil { at, zone: Zone::Account } => at.fmt(f),
            Self::Civil { at, zone: Zone::Offset(0) } => write!(f, "{at} UTC"),
            Self::Civil { at, zone: Zone::Offset(minutes) } => {
                let sign = if *minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{at} {sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            Self::Civil { at, zone: Zone::Named(name) } => write!(f, "{at} {name}"),
        }
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How a vendor writes points in time.
pub trait TimeFormat {
    /// The patterns, the one that is written first; of each that is read, the first that fits counts.
    ///
    /// `yyyy`, `yy` (of this century), `MM`, `MMM` (the English abbreviation), `dd`, `d`, `HH`, `h`
    /// (1..=12), `mm`, `ss` and `a` (`AM`, `PM`) are what they are to Java's `SimpleDateFormat`. `f` is a
    /// fraction of a second, of any length with its period, or nothing; it is written as `.000`. `Z` is
    /// `Z` or an offset such as `+02:00`. Anything else stands for itself.
    const PATTERNS: &'static [&'static str];

    /// The zone of what is read without an offset.
    const ZONE: Zone<'static>;
}

/// A point in time, in a vendor's format.
pub struct Stamp<F> {
    /// Date and time.
    pub at: DateTime,
    /// Minutes ahead of UTC, where they are written.
    pub offset: Option<i16>,
    format: PhantomData<F>,
}

impl<F> Clone for Stamp<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Stamp<F> {}

impl<F> PartialEq for Stamp<F> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at && self.offset == other.offset
    }
}

impl<F> Eq for Stamp<F> {}

impl<F> fmt::Debug for Stamp<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.at, self.offset)
    }
}

#[cfg(feature = "defmt")]
impl<F> defmt::Format for Stamp<F> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{} {}", self.at, self.offset);
    }
}

impl<F: TimeFormat> Stamp<F> {
    /// The stamp of a point in time.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] where the format cannot have it: seconds since 1970, or another zone than
    /// the one that it can say.
    pub fn new(when: &When<'_>) -> Result<Self, Error> {
        let pattern = F::PATTERNS.first().copied().unwrap_or_default();
        let When::Civil { at, zone } = *when else { return Err(ErrorKind::Value.at("", 0)) };
        let offset = match zone {
            Zone::Offset(offset) if pattern.as_bytes().last() == Some(&b'Z') => Some(offset),
            zone if pattern.as_bytes().last() != Some(&b'Z') && zone == F::ZONE => None,
            _ => return Err(ErrorKind::Value.at("", 0)),
        };
        Ok(Self { at, offset, format: PhantomData })
    }

    /// The stamp of a date with its time, whatever its zone.
    pub const fn of(at: DateTime) -> Self {
        Self { at, offset: None, format: PhantomData }
    }

    /// The point in time.
    pub fn when(&self) -> When<'static> {
        When::Civil { at: self.at, zone: self.offset.map_or(F::ZONE, Zone::Offset) }
    }

    /// Reads a stamp.
    ///
    /// # Errors
    /// [`ErrorKind::Value`].
    pub fn read(text: Text<'_>) -> Result<Self, Error> {
        F::PATTERNS
            .iter()
            .find_map(|pattern| read(pattern, text))
            .map(|(at, offset)| Self { at, offset, format: PhantomData })
            .ok_or(ErrorKind::Value.at("", 0))
    }

    /// Writes the stamp.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let pattern = F::PATTERNS.first().copied().unwrap_or_default();
        write(pattern, &self.at, self.offset, w)
    }
}

impl<'a, F: TimeFormat> Value<'a> for Stamp<F> {
    fn unread() -> Self {
        Self::of(DateTime { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        Self::read(raw.text()?)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let mut buffer = [0; 40];
        let mut w = Writer::new(&mut buffer);
        self.write(&mut w)?;
        sink.text(name, Text::octets(w.into_written(), Charset::Utf8)?)
    }
}

/// The value of a decimal digit.
fn digit(c: char) -> Option<i16> {
    c.is_ascii_digit().then_some(c as i16 - '0' as i16)
}

/// The next character, where `is` holds for it.
fn next_if(chars: &mut Chars<'_>, is: impl Fn(char) -> bool) -> Option<char> {
    let mut ahead = chars.clone();
    let c = ahead.next().filter(|c| is(*c))?;
    *chars = ahead;
    Some(c)
}

/// The letter at the beginning of a pattern with how often it stands there, and what follows.
fn piece(pattern: &str) -> Option<(char, usize, &str)> {
    let first = *pattern.as_bytes().first()?;
    // Only letters that are known stand for more than themselves.
    let len = if b"yMdHhmsafZ".contains(&first) {
        pattern.bytes().take_while(|octet| *octet == first).count()
    } else {
        1
    };
    Some((char::from(first), len, pattern.get(len..).unwrap_or_default()))
}

fn read(pattern: &str, text: Text<'_>) -> Option<(DateTime, Option<i16>)> {
    let mut at = DateTime { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let (mut offset, mut is_afternoon) = (None, None);
    let mut chars = text.chars();
    let mut pattern = pattern;
    while let Some((letter, len, rest)) = piece(pattern) {
        pattern = rest;
        let mut number = |least: usize, most: usize| {
            let (mut number, mut digits) = (0_u16, 0);
            while digits < most
                && let Some(digit) = next_if(&mut chars, |c| c.is_ascii_digit()).and_then(digit)
            {
                number = number.checked_mul(10)?.checked_add(u16::try_from(digit).ok()?)?;
                digits += 1;
            }
            (digits >= least).then_some(number)
        };
        let mut byte = |least: usize, most: usize| u8::try_from(number(least, most)?).ok();
        match (letter, len) {
            ('y', 2) => at.year = number(2, 2)?.checked_add(2000)?,
            ('y', _) => at.year = number(4, 4)?,
            ('M', 3) => {
                let month = |name: &&str| {
                    let mut ahead = chars.clone();
                    name.chars()
                        .all(|c| ahead.next().is_some_and(|own| own.eq_ignore_ascii_case(&c)))
                };
                at.month = u8::try_from(MONTHS.iter().position(month)?).ok()?.checked_add(1)?;
                chars.by_ref().take(3).for_each(drop);
            }
            ('M', _) => at.month = byte(2, 2)?,
            ('d', len) => at.day = byte(len, 2)?,
            ('H', _) => at.hour = byte(2, 2)?,
            ('h', _) => at.hour = byte(1, 2).filter(|hour| (1..=12).contains(hour))?,
            ('m', _) => at.minute = byte(2, 2)?,
            ('s', _) => at.second = byte(2, 2)?,
            ('a', _) => {
                is_afternoon = Some(match chars.next()?.to_ascii_uppercase() {
                    'A' => false,
                    'P' => true,
                    _ => return None,
                });
                chars.next().filter(|c| matches!(c, 'M' | 'm'))?;
            }
            ('f', _) => {
                if next_if(&mut chars, |c| matches!(c, '.' | ',')).is_some() {
                    chars.next().filter(char::is_ascii_digit)?;
                    while next_if(&mut chars, |c| c.is_ascii_digit()).is_some() {}
                }
            }
            ('Z', _) => {
                offset = Some(match chars.next()? {
                    'Z' | 'z' => 0,
                    sign @ ('+' | '-') => {
                        let mut two = || Some(digit(chars.next()?)? * 10 + digit(chars.next()?)?);
                        let hours = two().filter(|hours| *hours < 24)?;
                        next_if(&mut chars, |c| c == ':');
                        let mut two = || Some(digit(chars.next()?)? * 10 + digit(chars.next()?)?);
                        let minutes = two().filter(|minutes| *minutes < 60)?;
                        let offset = hours * 60 + minutes;
                        if sign == '-' { -offset } else { offset }
                    }
                    _ => return None,
                });
            }
            // What separates a time from its AM or PM is a narrow space in some versions of Java.
            (' ', _) => drop(chars.next().filter(|c| matches!(c, ' ' | '\u{A0}' | '\u{202F}'))?),
            (letter, _) => drop(chars.next().filter(|c| *c == letter)?),
        }
    }
    if let Some(is_afternoon) = is_afternoon {
        at.hour = at.hour % 12 + if is_afternoon { 12 } else { 0 };
    }
    (chars.next().is_none() && at.is_valid()).then_some((at, offset))
}

fn write(
    pattern: &str,
    at: &DateTime,
    offset: Option<i16>,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    let mut pattern = pattern;
    while let Some((letter, len, rest)) = piece(pattern) {
        pattern = rest;
        let two = |w: &mut Writer<'_>, number: u8| {
            w.octets(&[b'0' | (number / 10 % 10), b'0' | (number % 10)])
        };
        match (letter, len) {
            ('y', 2) => two(w, (at.year % 100) as u8)?,
            ('y', _) => {
                two(w, (at.year / 100 % 100) as u8)?;
                two(w, (at.year % 100) as u8)?;
            }
            ('M', 3) => {
                let month = usize::from(at.month).checked_sub(1).and_then(|i| MONTHS.get(i));
                w.text(month.copied().unwrap_or_default())?;
            }
            ('M', _) => two(w, at.month)?,
            ('d', 1) => w.decimal(at.day.into())?,
            ('d', _) => two(w, at.day)?,
            ('H', _) => two(w, at.hour)?,
            ('h', _) => w.decimal(u64::from(at.hour.wrapping_add(11) % 12 + 1))?,
            ('m', _) => two(w, at.minute)?,
            ('s', _) => two(w, at.second)?,
            ('a', _) => w.text(if at.hour < 12 { "AM" } else { "PM" })?,
            ('f', _) => w.text(".000")?,
            ('Z', _) => match offset {
                None | Some(0) => w.octet(b'Z')?,
                Some(offset) => {
                    let minutes = offset.unsigned_abs();
                    w.octet(if offset < 0 { b'-' } else { b'+' })?;
                    two(w, (minutes / 60) as u8)?;
                    w.octet(b':')?;
                    two(w, (minutes % 60) as u8)?;
                }
            },
            (letter, _) => w.text(letter.encode_utf8(&mut [0; 4]))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
