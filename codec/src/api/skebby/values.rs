//! Types that several calls have.

use arrayvec::ArrayString;

use crate::api::check::{at_most, is_digits, not_empty};
use crate::api::{Recipient, Stamp, TimeFormat, When, Zone};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, List, Raw, Sink, Value};
use crate::text::Text;

/// The format of times, in the zone of the account.
#[derive(Clone, Copy, Debug)]
pub struct Time;

impl TimeFormat for Time {
    const PATTERNS: &'static [&'static str] = &[
        "yyyyMMddHHmmss",
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd HH:mm.0",
        "ddMMyyHHmm",
        "yyyyMMdd",
        "ddMMyy",
        // The quick start's programs in Python and C#.
        "yyyy-MM-ddTHH:mm:ssf",
        "yyyy-MM-ddTHH:mm:ssfZ",
        // What Gson makes of a Date, until Java 8 and since.
        "MMM d, yyyy h:mm:ss a",
        "MMM d, yyyy, h:mm:ss a",
    ];
    const ZONE: Zone<'static> = Zone::Account;
}

/// The zone that our client writes for the offset 0.
const UTC: &str = "UTC";

/// The point in time that a stamp is in the zone of this name; the account's where there is none.
pub(super) fn when<'a>(stamp: Stamp<Time>, zone: Option<Text<'a>>) -> When<'a> {
    let zone = match (stamp.offset, zone) {
        (Some(offset), _) => Zone::Offset(offset),
        (None, Some(name)) if name == *UTC => Zone::Offset(0),
        (None, Some(name)) => Zone::Named(name),
        (None, None) => Zone::Account,
    };
    When::Civil { at: stamp.at, zone }
}

/// The stamp of a point in time, and the name of its zone.
///
/// # Errors
/// `field`, where the zone has no name.
pub(super) fn stamp<'a>(
    field: &'static str,
    when: When<'a>,
) -> Result<(Stamp<Time>, Option<Text<'a>>), Error> {
    let When::Civil { at, zone } = when else { return Err(ErrorKind::Value.at(field, 0)) };
    let zone = match zone {
        Zone::Account => None,
        Zone::Offset(0) => Some(Text::plain(UTC)),
        Zone::Offset(_) => return Err(ErrorKind::Value.at(field, 0)),
        Zone::Named(name) => Some(name),
    };
    Ok((Stamp::of(at), zone))
}

/// The stamp of a point in time, as a reply tells it: in the zone that it is given in.
pub(super) fn told(when: When<'_>) -> Option<Stamp<Time>> {
    match when {
        When::Civil { at, .. } => Some(Stamp::of(at)),
        When::Unix(_) => None,
    }
}

/// Refuses what is no name of a zone by its characters.
pub(super) fn zone(field: &'static str, name: Option<Text<'_>>) -> Result<(), Error> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    match name {
        Some(name) if !name.chars().all(is_part) => Err(ErrorKind::Value.at(field, 0)),
        _ => Ok(()),
    }
}

/// A number, written with a `+` where it is an MSISDN, and read as one without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Number<'a>(pub Text<'a>);

/// `+` and 15 digits.
type Written = ArrayString<16>;

/// The number with its `+`; `None` where it is no MSISDN.
fn written(recipient: Recipient<'_>) -> Option<Written> {
    let mut written = Written::new();
    let is_msisdn = recipient.is_msisdn();
    let mut chars = core::iter::once('+').chain(recipient.chars());
    (is_msisdn && chars.all(|c| written.try_push(c).is_ok())).then_some(written)
}

impl<'a> Value<'a> for Number<'a> {
    fn unread() -> Self {
        Self(Text::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text().map(|number| Self(Recipient::msisdn(number)))
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let recipient = Recipient { country: Text::EMPTY, number: self.0 };
        match written(recipient) {
            Some(written) => sink.text(name, Text::plain(&written)),
            None => sink.text(name, self.0),
        }
    }
}

/// Numbers, each written with a `+` where it is an MSISDN, and read as one without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Numbers<'a> {
    /// The country code that they lack; empty where they have one.
    pub country: Text<'a>,
    /// The numbers.
    pub list: List<'a>,
}

impl<'a> Value<'a> for Numbers<'a> {
    fn unread() -> Self {
        Self { country: Text::EMPTY, list: List::EMPTY }
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        List::parse(raw)?;
        Ok(Self { country: Text::EMPTY, list: List::Each(raw, Recipient::msisdn) })
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        if sink.carrier() != Carrier::Json {
            return self.list.emit(name, sink);
        }
        let mut array = sink.array(name)?;
        for number in self.list.iter() {
            match written(Recipient { country: self.country, number }) {
                Some(written) => array.text("", Text::plain(&written))?,
                None => array.joined("", &[self.country, number])?,
            }
        }
        array.finish_array()
    }
}

/// The most recipients of one request.
const RECIPIENTS_MAX: usize = 10_000;

/// Refuses recipients that are none, too many, or no MSISDNs, unless `allow_invalid`.
pub(super) fn recipients<'a>(
    field: &'static str,
    mut numbers: impl Iterator<Item = Recipient<'a>> + Clone,
    allow_invalid: bool,
) -> Result<(), Error> {
    match numbers.clone().take(RECIPIENTS_MAX.saturating_add(1)).count() {
        0 => Err(ErrorKind::Empty.at(field, 0)),
        1..=RECIPIENTS_MAX if allow_invalid || numbers.all(|number| number.is_msisdn()) => Ok(()),
        1..=RECIPIENTS_MAX => Err(ErrorKind::Value.at(field, 0)),
        _ => Err(ErrorKind::TooMany.at(field, 0)),
    }
}

/// Refuses an alias of more than 11 characters, a number of more than 15 digits, and one of two lines.
pub(super) fn sender(field: &'static str, sender: Option<Text<'_>>) -> Result<(), Error> {
    let Some(sender) = sender else { return Ok(()) };
    let digits = sender.strip_prefix("+").unwrap_or(sender);
    let (most, counted) = if is_digits(digits) { (15, digits) } else { (11, sender) };
    at_most(most, field, counted)?;
    if sender.chars().any(char::is_control) {
        return Err(ErrorKind::Value.at(field, 0));
    }
    Ok(())
}

/// What `DELETE /sms/bulk` has in place of an order's id.
pub(super) const BULK: &str = "bulk";

/// Refuses what is no `[A-Za-z0-9._-]{1,32}`, and what stands for all orders.
pub(super) fn own_order_id(id: Text<'_>) -> Result<(), Error> {
    at_most(32, "order_id", id)?;
    if id == *BULK { Err(ErrorKind::Value.at("order_id", 0)) } else { order_id(id) }
}

/// Refuses what is no own id, nor the UUID that is made up for who has none.
pub(super) fn order_id(id: Text<'_>) -> Result<(), Error> {
    at_most(36, "order_id", not_empty("order_id", id)?)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if id.chars().all(is_part) { Ok(()) } else { Err(ErrorKind::Value.at("order_id", 0)) }
}

/// What nothing is told of: written as `null`, and read as whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Untold;

impl<'a> Value<'a> for Untold {
    const OPTIONAL: bool = true;

    fn unread() -> Self {
        Self
    }

    fn parse(_: Raw<'a>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.null(name)
    }
}
