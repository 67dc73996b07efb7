//! What a request's values must be.

use super::codes::{MESSAGE_CONTENT, RECIPIENTS};
use crate::api::check::is_digits;
use crate::error::{Error, ErrorKind};
use crate::fields::{Digits, Late, List, Rows};
use crate::octets::Octets;
use crate::text::Text;

pub(super) const SENDER: &str = "senderAddress";
pub(super) const SENDER_TYPE: &str = "senderAddressType";
pub(super) const MESSAGE_TYPE: &str = "messageType";
pub(super) const CLIENT_MESSAGE_ID: &str = "clientMessageId";
pub(super) const PRIORITY: &str = "priority";
pub(super) const CALLBACK: &str = "notificationCallbackUrl";
pub(super) const CATEGORY: &str = "contentCategory";
pub(super) const VALIDITY: &str = "validityPeriode";
pub(super) const PARTS_MAX: &str = "maxSmsPerMessage";

/// The most recipients of one request.
const RECIPIENTS_MAX: usize = 1000;

/// Refuses numbers that are not 1 to 15 digits, none of them, and too many.
pub(super) fn check_recipients(numbers: &List<'_>) -> Result<(), Error> {
    let is_number = |number: Text<'_>| {
        is_digits(number) && !number.is_longer_than(15) && number.chars().next() != Some('0')
    };
    if numbers.is_empty() {
        return Err(ErrorKind::Empty.at(RECIPIENTS, 0));
    }
    if !numbers.iter().all(is_number) {
        return Err(ErrorKind::Value.at(RECIPIENTS, 0));
    }
    match numbers.iter().nth(RECIPIENTS_MAX) {
        Some(_) => Err(ErrorKind::TooLong.at(RECIPIENTS, 0)),
        None => Ok(()),
    }
}

/// Refuses a type that there is not, and a sender that is not of its type.
pub(super) fn check_sender(
    sender: Option<Text<'_>>,
    sender_type: Late<Option<Text<'_>>>,
) -> Result<(), Error> {
    const ALPHANUMERIC: &str = "alphanumeric";
    one_of(SENDER_TYPE, &["national", "international", ALPHANUMERIC, "shortcode"], sender_type)?;
    let (Some(sender), Ok(Some(sender_type))) = (sender, sender_type.0) else { return Ok(()) };
    let is_number = is_digits(sender.strip_prefix("+").unwrap_or(sender));
    if is_number || sender_type == *ALPHANUMERIC {
        Ok(())
    } else {
        Err(ErrorKind::Value.at(SENDER, 0))
    }
}

/// Refuses a value that is none of these.
pub(super) fn one_of(
    name: &'static str,
    values: &[&str],
    value: Late<Option<Text<'_>>>,
) -> Result<(), Error> {
    match value.value(name)? {
        Some(value) if !values.iter().any(|own| value == **own) => {
            Err(ErrorKind::Value.at(name, 0))
        }
        _ => Ok(()),
    }
}

/// Whether it is 0..=9.
pub(super) fn is_one_digit(Digits(digits): Digits<'_>) -> bool {
    is_digits(digits) && digits.chars().skip_while(|c| *c == '0').nth(1).is_none()
}

/// The most octets of a part, header included.
///
/// 3GPP TS 23.040, section 9.2.3.24 (TP-UD).
const SEGMENT_MAX: usize = 140;

/// How many octets the header takes that joins parts: its length, and an element of three octets with
/// its own type and length.
///
/// 3GPP TS 23.040, section 9.2.3.24.1.
const CONCATENATION_LEN: usize = 6;

/// The most parts that a header can join.
const CONCATENATED_MAX: usize = 255;

/// Refuses parts that are empty or too long, or that have a broken header, and none or too many.
pub(super) fn check_segments(
    segments: &Rows<'_, Octets<'_>>,
    has_header: bool,
) -> Result<(), Error> {
    let count = segments.iter().count();
    let header = if has_header || count == 1 { 0 } else { CONCATENATION_LEN };
    let most = SEGMENT_MAX.saturating_sub(header);
    if count == 0 {
        return Err(ErrorKind::Empty.at(MESSAGE_CONTENT, 0));
    }
    for segment in segments.iter() {
        let mut octets = segment.iter();
        let Some(first) = octets.next() else {
            return Err(ErrorKind::Empty.at(MESSAGE_CONTENT, 0));
        };
        let rest = octets.take(most).count();
        if rest >= most {
            return Err(ErrorKind::TooLong.at(MESSAGE_CONTENT, 0));
        }
        if has_header && usize::from(first) > rest {
            return Err(ErrorKind::UdhOverrun.at(MESSAGE_CONTENT, 0));
        }
    }
    if header > 0 && count > CONCATENATED_MAX {
        return Err(ErrorKind::TooManyParts.at(MESSAGE_CONTENT, 0));
    }
    Ok(())
}
