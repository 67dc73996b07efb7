//! `application/x-www-form-urlencoded`, in a body and in a query.
//!
//! Only this file writes and finds `%`, `+`, `&` and `=`; reading an escaped value is
//! [`Text`]'s business.
//!
//! WHATWG URL Standard, section 5.

use crate::error::Error;
use crate::fields::{List, Pair, Raw, Sink, Source};
use crate::text::{Charset, Text};
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

    /// The value of the first pair that is named `name`, unchecked.
    pub fn find(mut self, name: &str) -> Option<Raw<'a>> {
        self.find_next(name).map(|pair| pair.value)
    }

    /// Goes on to the next pair that is named `name`.
    pub(crate) fn find_next(&mut self, name: &str) -> Option<Pair<'a>> {
        loop {
            let pair = self.next_pair()?;
            if pair.is_named(name) {
                return Some(pair);
            }
        }
    }
}

impl<'a> Source<'a> for FormReader<'a> {
    fn next_pair(&mut self) -> Option<Pair<'a>> {
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
            return Some(Pair {
                name: pair.get(..name_len).unwrap_or_default(),
                value: Raw::Form {
                    octets: pair.get(value_at..).unwrap_or_default(),
                    charset: self.charset,
                },
                at: at.saturating_add(value_at),
                rank: 0,
            });
        }
    }

    fn form(&self, _rank: u8) -> Option<FormReader<'a>> {
        Some(*self)
    }
}

/// Writes pairs as a form or query.
///
/// Octets other than letters, digits and `-._*` are escaped, the space as `+`, so that a raw `+`
/// never stands for a plus sign.
#[derive(Debug)]
pub struct FormWriter<'w, 'b> {
    w: &'w mut Writer<'b>,
    charset: Charset,
    first: bool,
}

impl<'w, 'b> FormWriter<'w, 'b> {
    /// Writes to `w`, values in `charset`.
    pub const fn new(w: &'w mut Writer<'b>, charset: Charset) -> Self {
        Self { w, charset, first: true }
    }

    fn name(&mut self, name: &str) -> Result<(), Error> {
        if !self.first {
            self.w.octet(b'&')?;
        }
        self.first = false;
        for octet in name.bytes() {
            self.escaped(octet)?;
        }
        self.w.octet(b'=')
    }

    fn value(&mut self, text: Text<'_>) -> Result<(), Error> {
        for c in text.chars() {
            let at = self.w.len();
            let mut buffer = [0; 4];
            let octets = self.charset.encode(c, &mut buffer).map_err(|kind| kind.at("", at))?;
            for octet in octets {
                self.escaped(*octet)?;
            }
        }
        Ok(())
    }

    fn escaped(&mut self, octet: u8) -> Result<(), Error> {
        const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
        let digit = |n: u8| DIGITS.get(usize::from(n)).copied().unwrap_or_default();
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                self.w.octet(octet)
            }
            b' ' => self.w.octet(b'+'),
            _ => self.w.octets(&[b'%', digit(octet >> 4), digit(octet & 0x0F)]),
        }
    }
}

impl Sink for FormWriter<'_, '_> {
    fn text(&mut self, name: &'static str, text: Text<'_>) -> Result<(), Error> {
        self.name(name)?;
        self.value(text).map_err(|error| Error { field: name, ..error })
    }

    fn number(&mut self, name: &'static str, number: u64) -> Result<(), Error> {
        self.name(name)?;
        self.w.decimal(number)
    }

    fn list(&mut self, name: &'static str, list: &List<'_>) -> Result<(), Error> {
        self.name(name)?;
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                self.escaped(b',')?;
            }
            self.value(item).map_err(|error| Error { field: name, ..error })?;
        }
        Ok(())
    }
}
