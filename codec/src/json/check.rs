//! Whether a document is well-formed.
//!
//! RFC 8259.

use super::{DEPTH_MAX, after_space};
use crate::error::ErrorKind;
use crate::wide::{Stops, behind, short_span};

/// What is left of a document where something is wrong, and what that is.
type Fault<'a> = (ErrorKind, &'a [u8]);

/// Checks a document, without recursion: a bit for each level says whether it is an object. Says whether
/// anything in it is escaped.
pub(super) fn check(document: &[u8]) -> Result<bool, Fault<'_>> {
    let (mut rest, mut has_escapes) = (document, false);
    let (mut depth, mut objects) = (0_u32, 0_u32);
    loop {
        rest = after_space(rest);
        rest = match rest {
            [b'"', inside @ ..] => string(inside, &mut has_escapes)?,
            [open @ (b'{' | b'['), inside @ ..] => {
                if depth >= DEPTH_MAX {
                    return Err((ErrorKind::TooDeep, rest));
                }
                depth = depth.saturating_add(1);
                objects = objects << 1 | u32::from(*open == b'{');
                match (open, after_space(inside)) {
                    (b'{', end @ [b'}', ..]) | (b'[', end @ [b']', ..]) => end,
                    (b'{', inside) => {
                        rest = name(inside, &mut has_escapes)?;
                        continue;
                    }
                    (_, inside) => {
                        rest = inside;
                        continue;
                    }
                }
            }
            [b't', ..] => literal(rest, b"true")?,
            [b'f', ..] => literal(rest, b"false")?,
            [b'n', ..] => literal(rest, b"null")?,
            _ => number(rest)?,
        };
        // Behind a value, or before the end of what has none.
        loop {
            rest = after_space(rest);
            if depth == 0 {
                let is_whole = rest.is_empty();
                return if is_whole { Ok(has_escapes) } else { Err((ErrorKind::Trailing, rest)) };
            }
            rest = match (rest, objects & 1) {
                ([b',', after @ ..], 1) => {
                    rest = name(after_space(after), &mut has_escapes)?;
                    break;
                }
                ([b',', after @ ..], _) => {
                    rest = after;
                    break;
                }
                ([b'}', after @ ..], 1) | ([b']', after @ ..], 0) => after,
                _ => return Err(fault(rest)),
            };
            depth = depth.saturating_sub(1);
            objects >>= 1;
        }
    }
}

/// What is wrong where something else had to be.
const fn fault(rest: &[u8]) -> Fault<'_> {
    (if rest.is_empty() { ErrorKind::Truncated } else { ErrorKind::Malformed }, rest)
}

/// What is behind a name and its colon.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn name<'a>(octets: &'a [u8], has_escapes: &mut bool) -> Result<&'a [u8], Fault<'a>> {
    let [b'"', inside @ ..] = octets else { return Err(fault(octets)) };
    match after_space(string(inside, has_escapes)?) {
        [b':', rest @ ..] => Ok(rest),
        rest => Err(fault(rest)),
    }
}

/// What is behind a string that `inside` begins within.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn string<'a>(mut inside: &'a [u8], has_escapes: &mut bool) -> Result<&'a [u8], Fault<'a>> {
    loop {
        inside = match behind(inside, short_span(inside, Stops::IN_STRING)) {
            [b'"', rest @ ..] => return Ok(rest),
            // What it escapes is no matter here, but for control characters.
            [b'\\', 0x20..=0xFF, rest @ ..] => rest,
            [b'\\', rest @ ..] => return Err(fault(rest)),
            rest => return Err(fault(rest)),
        };
        *has_escapes = true;
    }
}

fn literal<'a>(mut rest: &'a [u8], word: &[u8]) -> Result<&'a [u8], Fault<'a>> {
    for octet in word {
        match rest {
            [own, after @ ..] if own == octet => rest = after,
            _ => return Err(fault(rest)),
        }
    }
    Ok(rest)
}

fn number(octets: &[u8]) -> Result<&[u8], Fault<'_>> {
    let start = octets.strip_prefix(b"-").unwrap_or(octets);
    if let [b'0', b'0'..=b'9', ..] = start {
        return Err((ErrorKind::Malformed, start));
    }
    let mut rest = digits(start)?;
    if let [b'.', after @ ..] = rest {
        rest = digits(after)?;
    }
    if let [b'e' | b'E', b'+' | b'-', after @ ..] | [b'e' | b'E', after @ ..] = rest {
        rest = digits(after)?;
    }
    Ok(rest)
}

/// What is behind one digit at least.
fn digits(octets: &[u8]) -> Result<&[u8], Fault<'_>> {
    let mut rest = octets;
    while let [b'0'..=b'9', after @ ..] = rest {
        rest = after;
    }
    if rest.len() < octets.len() { Ok(rest) } else { Err(fault(rest)) }
}
