//! Status lines: `status_code|status_description`, and what follows.

use core::cell::Cell;

use crate::api::check::is_digits;
use crate::api::{Advice, Reason, Refusal, Reply, Status};
use crate::error::Error;
use crate::fields::{Cursor, Rest, decimal};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// A status code of a refusal.
struct StatusCode {
    code: u16,
    /// What its description begins with.
    words: &'static str,
    /// The reason that it is read as.
    read: Reason,
    /// The reasons that are written as it.
    written: &'static [Reason],
}

/// Status codes of refusals.
///
/// A reason is written as a code of which the customer makes the same: what may be accepted later
/// is never fatal.
const STATUS_CODES: &[StatusCode] = &[
    StatusCode {
        code: 22,
        words: "internal fatal error",
        read: Reason::Vendor(22, Advice::DoNotRetry),
        written: &[Reason::Test, Reason::Unknown, Reason::Other],
    },
    StatusCode {
        code: 23,
        words: "invalid credentials",
        read: Reason::WrongPassword,
        written: &[
            Reason::NoCredentials,
            Reason::UnknownUser,
            Reason::WrongPassword,
            Reason::NoSession,
            Reason::Forbidden,
        ],
    },
    StatusCode {
        code: 24,
        words: "data validation failed",
        read: Reason::Invalid,
        written: &[
            Reason::Missing,
            Reason::Invalid,
            Reason::Unreadable,
            Reason::TooLarge,
            Reason::Recipient,
            Reason::DuplicateRecipient,
            Reason::Blacklisted,
            Reason::UnknownGroup,
            Reason::DuplicateClientId,
            Reason::Charging,
            Reason::Sender,
            Reason::CallbackUrl,
            Reason::Schedule,
            Reason::Unencodable,
            Reason::TooManyParts,
            Reason::Segment,
            Reason::NoValue,
            Reason::UnknownId,
        ],
    },
    StatusCode {
        code: 25,
        words: "not enough credits",
        read: Reason::Credit,
        written: &[Reason::Credit],
    },
    StatusCode {
        code: 26,
        words: "upstream credits not available",
        read: Reason::Vendor(26, Advice::RetryLater),
        written: &[],
    },
    StatusCode {
        code: 27,
        words: "daily quota exceeded",
        read: Reason::Vendor(27, Advice::DoNotRetry),
        written: &[],
    },
    StatusCode {
        code: 28,
        words: "upstream quota exceeded",
        read: Reason::Vendor(28, Advice::RetryLater),
        written: &[],
    },
    StatusCode {
        code: 40,
        words: "temporarily unavailable",
        read: Reason::Busy,
        written: &[Reason::Busy, Reason::Internal, Reason::TooManyFailures],
    },
    StatusCode {
        code: 201,
        words: "maximum batch size exceeded",
        read: Reason::TooManyRecipients,
        written: &[Reason::TooManyRecipients],
    },
];

/// The refusal that a status line tells.
fn refusal(code: u16, description: Text<'_>) -> Refusal<'_> {
    let Some(row) = STATUS_CODES.iter().find(|row| row.code == code) else {
        // "All other errors should be considered fatal."
        return Refusal::new(Reason::Vendor(code, Advice::DoNotRetry), description);
    };
    let rest = match description.strip_prefix(row.words) {
        Some(rest) if rest.is_empty() => return Refusal::plain(row.read),
        Some(rest) => rest.strip_prefix(": "),
        None => None,
    };
    let subject = rest.unwrap_or(description);
    let parts = subject.split_once(|c| c == ':');
    match parts.and_then(|(name, _, rest)| Some((name, rest.strip_prefix(" ")?))) {
        Some((subject, detail)) if rest.is_some() => Refusal { reason: row.read, subject, detail },
        _ => Refusal::new(row.read, subject),
    }
}

/// The parameters that reasons are about which do not name one.
const PARAMETERS: &[(Reason, &str)] = &[
    (Reason::Schedule, "send_time"),
    (Reason::TooManyParts, "concat_text_sms_max_parts"),
    (Reason::Sender, "sender"),
    (Reason::Unencodable, "message"),
    (Reason::Segment, "message"),
];

/// Writes the status line of a refusal: `24|data validation failed: msisdn: must be ...`.
pub(super) fn emit_refusal(refusal: &Refusal<'_>, w: &mut Writer<'_>) -> Result<Status, Error> {
    let Refusal { reason, subject, detail } = refusal.about(PARAMETERS);
    let is_row = |row: &&StatusCode| match reason {
        Reason::Vendor(code, _) => row.code == code,
        reason => row.written.contains(&reason),
    };
    let row = STATUS_CODES.iter().find(is_row).or(STATUS_CODES.first());
    let (code, words, is_said) = match (reason, row) {
        (Reason::Vendor(code, _), Some(row)) if row.code != code => (code, reason.words(), true),
        (reason, Some(row)) => (row.code, row.words, reason == row.read),
        (reason, None) => (0, reason.words(), true),
    };
    w.decimal(code.into())?;
    w.text("|")?;
    w.text(words)?;
    let reason = Text::plain(if is_said || matches!(reason, Reason::Vendor(..)) {
        ""
    } else {
        reason.words()
    });
    for more in [reason, subject, detail] {
        if !more.is_empty() {
            w.text(": ")?;
            plain(more, w)?;
        }
    }
    Ok(Status::OK)
}

/// Writes a text as it may stand between bars, on one line.
pub(super) fn plain(text: Text<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    text.chars().try_for_each(|c| {
        w.octet(match u8::try_from(c) {
            Ok(b'|' | 0..0x20 | 0x7F) => b' ',
            Ok(0x80..0xA0) | Err(_) => b'?',
            Ok(octet) => octet,
        })
    })
}

/// The lines of a reply: its first one, and what follows it.
#[derive(Clone, Copy)]
pub(super) struct Accepted<'a> {
    /// 0, or 1 for what is scheduled.
    pub(super) code: u16,
    /// The second field of the first line.
    pub(super) second: Text<'a>,
    /// What else the first line has; empty where there is nothing.
    pub(super) third: Text<'a>,
    /// The other lines.
    pub(super) lines: Text<'a>,
}

/// Reads a reply.
///
/// # Errors
/// The refusal that it is.
pub(super) fn accepted<'a>(reply: &Reply<'a>) -> Result<Accepted<'a>, Refusal<'a>> {
    let body = reply.body.trim_ascii_start();
    let body = [Charset::Latin1, Charset::Utf8, Charset::Windows1252]
        .into_iter()
        .find_map(|charset| Text::octets(body, charset).ok())
        .unwrap_or(Text::EMPTY);
    if reply.status != Status::OK {
        return Err(Refusal::plain(Reason::Busy));
    }
    let (line, lines) = split(body, '\n');
    let (code, rest) = split(line, '|');
    let (second, third) = split(trimmed(rest), '|');
    let code = decimal(trimmed(code)).ok().and_then(|code| u16::try_from(code).ok());
    match code {
        Some(code @ (0 | 1)) => {
            Ok(Accepted { code, second: trimmed(second), third: trimmed(third), lines })
        }
        Some(code) => Err(refusal(code, trimmed(second))),
        None => Err(Refusal::new(Reason::Unknown, trimmed(body))),
    }
}

/// What stands before the first `separator`, and behind it.
pub(super) fn split(text: Text<'_>, separator: char) -> (Text<'_>, Text<'_>) {
    text.split_once(|c| c == separator)
        .map_or((text, Text::EMPTY), |(before, _, behind)| (before, behind))
}

/// What stands before the separator of this number, from 1 on, and behind it.
pub(super) fn split_nth(text: Text<'_>, separator: char, number: usize) -> (Text<'_>, Text<'_>) {
    let passed = Cell::new(0_usize);
    let is_it = |c| {
        passed.set(passed.get().saturating_add(usize::from(c == separator)));
        passed.get() == number
    };
    text.split_once(is_it).map_or((text, Text::EMPTY), |(before, _, behind)| (before, behind))
}

/// The next line that is not blank, without what ends it.
pub(super) fn next_line<'a>(cursor: &mut Cursor<'a>) -> Option<Text<'a>> {
    loop {
        let Rest::Text(lines) = cursor.rest else { return None };
        if lines.is_empty() {
            return None;
        }
        let (line, rest) = split(lines, '\n');
        cursor.rest = Rest::Text(rest);
        let line = line.strip_suffix("\r").unwrap_or(line);
        if !line.trim_start().is_empty() {
            return Some(line);
        }
    }
}

/// The text without white space around it.
pub(super) fn trimmed(text: Text<'_>) -> Text<'_> {
    let text = text.trim_start();
    let len = text.chars().zip(1..).filter(|(c, _)| !c.is_whitespace()).last();
    text.split_at(len.map_or(0, |(_, len)| len)).0
}

/// A number without its plus; a name, and a short number, as it stands.
pub(super) fn caller(address: Text<'_>) -> Text<'_> {
    address.strip_prefix("+").filter(|number| is_digits(*number)).unwrap_or(address)
}

/// Hundredths that a number with decimals is; more than two of them are dropped.
pub(super) fn hundredths(text: Text<'_>) -> Option<u64> {
    let (whole, decimals) = split(text, '.');
    let mut digits = decimals.chars();
    let mut digit = || digits.next().map_or(Some(0), |c| c.to_digit(10));
    let (tens, ones) = (digit()?, digit()?);
    if !digits.all(|c| c.is_ascii_digit()) {
        return None;
    }
    decimal(whole).ok()?.checked_mul(100)?.checked_add(u64::from(tens * 10 + ones))
}

/// Writes hundredths with two decimals.
pub(super) fn emit_hundredths(hundredths: u64, w: &mut Writer<'_>) -> Result<(), Error> {
    w.decimal(hundredths / 100)?;
    w.octets(&[b'.', b'0' | (hundredths / 10 % 10) as u8, b'0' | (hundredths % 10) as u8])
}

/// The refusal of an answer that is none to the call.
pub(super) const fn not_an_answer<'a>() -> Refusal<'a> {
    Refusal::plain(Reason::Internal)
}

/// The refusal of a reply that has not what its call gives.
pub(super) const fn unknown(second: Text<'_>) -> Refusal<'_> {
    Refusal::new(Reason::Unknown, second)
}
