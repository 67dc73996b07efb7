//! What several vendors ask of a value.

use crate::error::{Error, ErrorKind};
use crate::fields::List;
use crate::text::Text;

use super::answer::Answer;
use super::op::Recipient;
use super::refusal::{Reason, Refusal};

/// The text, where it has a character.
pub(crate) fn not_empty<'a>(name: &'static str, text: Text<'a>) -> Result<Text<'a>, Error> {
    if text.is_empty() { Err(ErrorKind::Empty.at(name, 0)) } else { Ok(text) }
}

/// Refuses a text of more characters.
pub(crate) fn at_most(characters: usize, name: &'static str, text: Text<'_>) -> Result<(), Error> {
    if text.is_longer_than(characters) { Err(ErrorKind::TooLong.at(name, 0)) } else { Ok(()) }
}

/// Refuses a list without items, and one of which an item is no MSISDN in digits alone.
pub(crate) fn msisdns(name: &'static str, list: &List<'_>) -> Result<(), Error> {
    let mut numbers = list.iter();
    if numbers.any(|number| number.chars().next() == Some('0') || !is_digits(number)) {
        return Err(ErrorKind::Value.at(name, 0));
    }
    dialled(name, list)
}

/// Refuses a list without items, and one of which an item is no MSISDN, with or without what stands
/// for dialling abroad: `+` or `00`.
pub(crate) fn dialled(name: &'static str, list: &List<'_>) -> Result<(), Error> {
    let mut numbers = list.iter().peekable();
    if numbers.peek().is_none() {
        return Err(ErrorKind::Empty.at(name, 0));
    }
    let is_msisdn = |number| Recipient { country: Text::EMPTY, number }.is_msisdn();
    if numbers.all(is_msisdn) { Ok(()) } else { Err(ErrorKind::Value.at(name, 0)) }
}

/// Refuses a sender of more than 11 characters, or 15 digits, and one of two lines.
pub(crate) fn sender(name: &'static str, sender: Option<Text<'_>>) -> Result<(), Error> {
    let Some(sender) = sender else { return Ok(()) };
    at_most(if is_digits(sender) { 15 } else { 11 }, name, sender)?;
    if sender.chars().any(char::is_control) {
        return Err(ErrorKind::Value.at(name, 0));
    }
    Ok(())
}

/// Refuses what is no URL of http or https.
pub(crate) fn http_url(name: &'static str, url: Option<Text<'_>>) -> Result<(), Error> {
    match url {
        Some(url) if !is_http_url(url) => Err(ErrorKind::Value.at(name, 0)),
        _ => Ok(()),
    }
}

/// Whether `url` begins as a URL of http or https does and has no white space or control character.
pub(crate) fn is_http_url(url: Text<'_>) -> bool {
    let scheme = |scheme: &str| {
        let mut chars = url.chars();
        scheme.chars().all(|c| chars.next().is_some_and(|own| own.eq_ignore_ascii_case(&c)))
            && chars.next().is_some()
    };
    (scheme("http://") || scheme("https://"))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Whether every character is a digit, and there is one.
pub(crate) fn is_digits(text: Text<'_>) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// The customer's answer to a callback: taken, or to be tried again.
pub(crate) const fn taken<'a>(taken: bool) -> Answer<'a> {
    if taken { Answer::Taken } else { Answer::Refused(Refusal::plain(Reason::Busy)) }
}
