//! What stands behind `=` in a command and behind `:` in a line: values with commas between.

use core::fmt;

use super::printed;
use crate::error::{Error, ErrorKind};
use crate::wire::Writer;

/// One value of a command or of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Argument<'a> {
    /// Nothing between two commas.
    Absent,
    /// Decimal digits without a leading zero.
    Number(u32),
    /// A string in quotation marks, which cannot hold one itself.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Quoted(&'a [u8]),
    /// Anything else: `0000`, `9E9A`, `(0-2)`, `("SM","ME")`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Bare(&'a [u8]),
}

impl<'a> Argument<'a> {
    /// The number, with or without quotation marks and leading zeros.
    pub fn number(self) -> Option<u32> {
        match self {
            Self::Absent => None,
            Self::Number(number) => Some(number),
            Self::Quoted(text) | Self::Bare(text) => decimal(text),
        }
    }

    /// The text, with or without quotation marks; `None` for a number.
    pub const fn text(self) -> Option<&'a [u8]> {
        match self {
            Self::Quoted(text) | Self::Bare(text) => Some(text),
            Self::Absent | Self::Number(_) => None,
        }
    }

    pub(super) fn read(raw: &'a [u8]) -> Self {
        match raw {
            [] => Self::Absent,
            [b'"', text @ .., b'"'] | [b'"', text @ ..] if !has_quotation_mark(text) => {
                Self::Quoted(text)
            }
            [b'0', _, ..] => Self::Bare(raw),
            _ => decimal(raw).map_or(Self::Bare(raw), Self::Number),
        }
    }

    fn emit(self, w: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Absent => Ok(()),
            Self::Number(number) => w.decimal(number.into()),
            Self::Quoted(text) => {
                if text.iter().any(|octet| matches!(octet, b'"' | b'\r' | b'\n')) {
                    return Err(ErrorKind::Value.at("string", w.len()));
                }
                w.octet(b'"')?;
                w.octets(text)?;
                w.octet(b'"')
            }
            Self::Bare(text) => {
                // What would read back as something else is refused.
                if text.iter().any(|octet| matches!(octet, b'\r' | b'\n'))
                    || split(text) != (text, None)
                    || Self::read(text) != self
                {
                    return Err(ErrorKind::Value.at("argument", w.len()));
                }
                w.octets(text)
            }
        }
    }
}

/// The values of a command or of a line: a list to be written, or what was received.
///
/// Two of them are equal when they have equal values.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Arguments<'a> {
    /// Values to be written.
    List(&'a [Argument<'a>]),
    /// As received: not yet taken apart.
    Wire(&'a [u8]),
}

impl<'a> Arguments<'a> {
    /// The values in their order.
    pub fn iter(self) -> impl Iterator<Item = Argument<'a>> + Clone {
        let (list, wire) = match self {
            Self::List(list) => (list, None),
            Self::Wire(raw) => (Default::default(), (!raw.trim_ascii().is_empty()).then_some(raw)),
        };
        let wire = wire.into_iter().flat_map(raw_values).map(Argument::read);
        list.iter().copied().chain(wire)
    }

    /// The value at `index`, counted from 0; [`Argument::Absent`] past the end.
    pub fn get(self, index: usize) -> Argument<'a> {
        match self {
            Self::List(list) => list.get(index).copied(),
            Self::Wire(raw) => raw_values(raw).nth(index).map(Argument::read),
        }
        .unwrap_or(Argument::Absent)
    }

    /// Writes the values with commas between.
    pub(super) fn emit(self, w: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::List(list) => {
                for (i, argument) in list.iter().enumerate() {
                    if i > 0 {
                        w.octet(b',')?;
                    }
                    argument.emit(w)?;
                }
                Ok(())
            }
            Self::Wire(raw) if raw.iter().any(|octet| matches!(octet, b'\r' | b'\n')) => {
                Err(ErrorKind::Value.at("argument", w.len()))
            }
            Self::Wire(raw) => w.octets(raw),
        }
    }
}

impl PartialEq for Arguments<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Arguments<'_> {}

/// The values as they were received, without the blanks around each.
pub(super) fn raw_values(raw: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = Some(raw);
    core::iter::from_fn(move || {
        let (first, others) = split(rest?);
        rest = others;
        Some(first)
    })
}

/// A value without quotation marks around it; the one behind it may be lost.
#[inline(never)]
pub(super) fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"', text @ .., b'"'] | [b'"', text @ ..] => text,
        _ => value,
    }
}

/// The first value without the blanks around it, and what follows its comma.
///
/// Commas inside quotation marks and inside parentheses belong to the value.
fn split(raw: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut quoted = false;
    let mut depth = 0_usize;
    let comma = raw.iter().position(|octet| {
        match octet {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth = depth.saturating_add(1),
            b')' if !quoted => depth = depth.saturating_sub(1),
            b',' => return !quoted && depth == 0,
            _ => {}
        }
        false
    });
    match comma.and_then(|at| raw.split_at_checked(at)) {
        Some((first, rest)) => (trim(first), rest.get(1..)),
        None => (trim(raw), None),
    }
}

/// The octets without the blanks around them.
// Not `trim_ascii`, which takes twice the flash.
#[inline(never)]
pub(super) const fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b'\t' | b'\n' | b'\x0c' | b'\r' | b' ', rest @ ..]
    | [rest @ .., b'\t' | b'\n' | b'\x0c' | b'\r' | b' '] = octets
    {
        octets = rest;
    }
    octets
}

#[allow(clippy::manual_contains, reason = "that brings a search by words with it")]
fn has_quotation_mark(text: &[u8]) -> bool {
    text.iter().any(|octet| *octet == b'"')
}

/// The number that decimal digits stand for.
pub(super) fn decimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, digit| match digit {
        // Not `checked_mul`, which multiplies to 64 bits.
        b'0'..=b'9' if number <= u32::MAX / 10 => (number * 10).checked_add((digit & 0x0f).into()),
        _ => None,
    })
}

/// As on the line, what is no printable ASCII escaped.
impl fmt::Display for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Number(number) => number.fmt(f),
            Self::Quoted(text) => write!(f, "\"{}\"", printed(text)),
            Self::Bare(text) => printed(text).fmt(f),
        }
    }
}

/// The values with commas between.
impl fmt::Display for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, argument) in self.iter().enumerate() {
            write!(f, "{}{argument}", if i > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Argument::{Absent, Bare, Number, Quoted};

    #[test]
    fn values_are_taken_apart_at_commas_outside_strings_and_lists() {
        for (raw, values) in [
            ("", &[][..]),
            ("17", &[Number(17)]),
            ("\"SM\",3", &[Quoted(b"SM"), Number(3)]),
            ("0,,23", &[Number(0), Absent, Number(23)]),
            (",23", &[Absent, Number(23)]),
            ("1, 5C9, 39E5", &[Number(1), Bare(b"5C9"), Bare(b"39E5")]),
            ("\"a,b\",0000", &[Quoted(b"a,b"), Bare(b"0000")]),
            ("((\"SM\",\"BM\"),(\"SM\"))", &[Bare(b"((\"SM\",\"BM\"),(\"SM\"))")]),
            ("(\"SM\",\"ME\"),(0-1)", &[Bare(b"(\"SM\",\"ME\")"), Bare(b"(0-1)")]),
            ("\"open", &[Quoted(b"open")]),
            ("4294967296", &[Bare(b"4294967296")]),
        ] {
            assert_eq!(Arguments::Wire(raw.as_bytes()), Arguments::List(values), "{raw}");
        }
    }

    #[test]
    fn a_value_that_would_read_back_as_another_is_refused() {
        let mut buffer = [0; 32];
        for argument in [Bare(b"7"), Bare(b"a,b"), Bare(b""), Quoted(b"a\"b"), Quoted(b"a\rb")] {
            let mut w = Writer::new(&mut buffer);
            assert!(Arguments::List(&[argument]).emit(&mut w).is_err(), "{argument:?}");
        }
    }
}
