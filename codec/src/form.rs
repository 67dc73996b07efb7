//! `application/x-www-form-urlencoded`, in a body and in a query.
//!
//! Only this file writes and finds `%`, `+`, `&` and `=`; reading an escaped value is
//! [`Text`]'s business.
//!
//! WHATWG URL Standard, section 5.

use crate::error::Error;
use crate::fields::{Pair, Raw};
use crate::text::{Charset, ENCODED_MAX, Escapes, Text};
use crate::wire::Writer;

/// The pairs of a form or query, in their order.
///
/// `a=1&b` has two pairs, the second with an empty value; empty pairs (`&&`) are skipped. Names and
/// values are checked when they are asked for, so that what nobody reads cannot be wrong.
#[derive(Clone, Copy, Debug)]
pub struct FormReader<'a> {
    octets: &'a [u8],
    at: usize,
    charset: Charset,
}

impl<'a> FormReader<'a> {
    /// The pairs of `octets`, whose values are in `charset`.
    pub const fn new(octets: &'a [u8], charset: Charset) -> Self {
        Self { octets, at: 0, charset }
    }

    /// The same octets, their values in `charset`.
    #[must_use]
    pub const fn with_charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }
}

impl<'a> FormReader<'a> {
    /// The next pair.
    pub fn next_pair(&mut self) -> Option<Pair<'a>> {
        loop {
            if self.octets.is_empty() {
                return None;
            }
            let end = self.octets.iter().position(|octet| *octet == b'&');
            let (pair, rest) = match end {
                Some(end) => (
                    self.octets.get(..end).unwrap_or_default(),
                    self.octets.get(end.saturating_add(1)..).unwrap_or_default(),
                ),
                None => (self.octets, self.octets.get(..0).unwrap_or_default()),
            };
            let at = self.at;
            self.at = at.saturating_add(self.octets.len().saturating_sub(rest.len()));
            self.octets = rest;
            if pair.is_empty() {
                continue;
            }
            let name_len = pair.iter().position(|octet| *octet == b'=').unwrap_or(pair.len());
            let value_at = name_len.saturating_add(1).min(pair.len());
            let name = pair.get(..name_len).unwrap_or_default();
            let value = pair.get(value_at..).unwrap_or_default();
            let value = Raw::new(value, Escapes::Form, self.charset);
            return Some(Pair::new((name, Escapes::Form), value, at.saturating_add(value_at)));
        }
    }
}

/// Writes a name or value in `charset`.
///
/// Octets other than letters, digits and `-._*` are escaped, the space as `+`, so that a raw `+`
/// never stands for a plus sign.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full),
/// [`ErrorKind::Unencodable`](crate::ErrorKind::Unencodable).
pub(crate) fn write_value(
    w: &mut Writer<'_>,
    text: Text<'_>,
    charset: Charset,
) -> Result<(), Error> {
    for c in text.chars() {
        let at = w.len();
        let mut buffer = [0; ENCODED_MAX];
        let octets = charset.encode(c, &mut buffer).map_err(|kind| kind.at("", at))?;
        octets.iter().try_for_each(|octet| write_escaped(w, *octet))?;
    }
    Ok(())
}

/// Writes a segment of a path: in it a space is escaped, too.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub(crate) fn write_segment(w: &mut Writer<'_>, text: Text<'_>) -> Result<(), Error> {
    text.chars().try_for_each(|c| match c {
        ' ' => w.text("%20"),
        c => {
            let mut buffer = [0; 4];
            c.encode_utf8(&mut buffer).bytes().try_for_each(|octet| write_escaped(w, octet))
        }
    })
}

fn write_escaped(w: &mut Writer<'_>, octet: u8) -> Result<(), Error> {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().unwrap_or_default();
    match octet {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => w.octet(octet),
        b' ' => w.octet(b'+'),
        _ => w.octets(&[b'%', digit(octet >> 4), digit(octet & 0x0F)]),
    }
}
