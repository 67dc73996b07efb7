//! `application/x-www-form-urlencoded`, in a body and in a query.
//!
//! Only this file writes and finds `%`, `+`, `&` and `=`; reading an escaped value is
//! [`Text`]'s business.
//!
//! WHATWG URL Standard, section 5.

use crate::error::Error;
use crate::fields::{Pair, Raw};
use crate::runs::{self, Runs};
use crate::text::{Charset, ENCODED_MAX, Escapes, Text};
use crate::wide::{self, Stops, WIDE, put, short_span};
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
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub fn next_pair(&mut self) -> Option<Pair<'a>> {
        loop {
            if self.octets.is_empty() {
                return None;
            }
            // Names are short: on small cores an octet after the other is the quickest.
            let name = if WIDE {
                short_span(self.octets, Stops::at([b'=', b'&']))
            } else {
                let end = self.octets.iter().position(|octet| matches!(octet, b'=' | b'&'));
                end.unwrap_or(self.octets.len())
            };
            let (name, behind) = self.octets.split_at_checked(name).unwrap_or_default();
            let (value, rest) = match behind {
                [b'=', behind @ ..] => {
                    let len = short_span(behind, Stops::at([b'&'; 2]));
                    behind.split_at_checked(len).unwrap_or_default()
                }
                behind => (behind.get(..0).unwrap_or_default(), behind),
            };
            let rest = rest.get(1..).unwrap_or_default();
            let len = |octets: &[u8]| self.octets.len().saturating_sub(octets.len());
            let has_value = behind.first() == Some(&b'=');
            let value_at = name.len().saturating_add(has_value.into());
            let at = self.at;
            self.at = at.saturating_add(len(rest));
            self.octets = rest;
            if name.is_empty() && !has_value {
                continue;
            }
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
    let mut chars = text.chars();
    if WIDE
        && charset == Charset::Utf8
        && let Some(octets) = text.utf8()
        && let Some(written) = escape(None, octets, None, w.free())
    {
        w.advance(written);
        return Ok(());
    }
    loop {
        if WIDE && charset == Charset::Utf8 {
            let ahead = chars.ahead();
            // Of a character that is not whole the plain loop finds the rest.
            let octets = ahead.get(..runs::whole(ahead)).unwrap_or_default();
            if let Some(written) = escape(None, octets, None, w.free()) {
                w.advance(written);
                chars.skip_ahead(octets.len());
            }
            if chars.is_done() {
                return Ok(());
            }
        }
        let Some(c) = chars.next() else { return Ok(()) };
        let at = w.len();
        let mut buffer = [0; ENCODED_MAX];
        let octets = charset.encode(c, &mut buffer).map_err(|kind| kind.at("", at))?;
        octets.iter().try_for_each(|octet| write_escaped(w, *octet))?;
    }
}

/// Writes a name and what stands around it.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub(crate) fn write_name(w: &mut Writer<'_>, name: &str, is_first: bool) -> Result<(), Error> {
    let before = (!is_first).then_some(b'&');
    if WIDE && let Some(written) = escape(before, name.as_bytes(), Some(b'='), w.free()) {
        w.advance(written);
        return Ok(());
    }
    before.map_or(Ok(()), |octet| w.octet(octet))?;
    write_value(w, Text::plain(name), Charset::Utf8)?;
    w.octet(b'=')
}

/// How each octet is written, and in the last of the four how many octets that are.
static ESCAPED: [u32; 256] = {
    let mut written = [0; 256];
    let mut place: &mut [u32] = &mut written;
    let mut octet = 0_u8;
    while let Some((own, rest)) = place.split_first_mut() {
        let [high, low] = crate::pdu::hex_octet(octet);
        *own = u32::from_le_bytes(match octet {
            b' ' => [b'+', 0, 0, 1],
            octet if is_plain(octet) => [octet, 0, 0, 1],
            _ => [b'%', high, low, 3],
        });
        place = rest;
        octet = octet.wrapping_add(1);
    }
    written
};

/// Whether the octet stands for itself where it is written.
const fn is_plain(octet: u8) -> bool {
    matches!(octet, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*')
}

/// Writes octets escaped and what stands before and behind them, where there is surely room, and returns how
/// many octets that are. Behind them more may be overwritten.
#[inline]
fn escape(before: Option<u8>, octets: &[u8], behind: Option<u8>, free: &mut [u8]) -> Option<usize> {
    let free = free.get_mut(..octets.len().saturating_mul(3).saturating_add(10))?;
    let mut at = put(before, free, 0);
    let (blocks, last) = octets.as_chunks::<16>();
    for block in blocks {
        if !wide::has(block, is_escaped)
            && let Some(to) = free.get_mut(at..).and_then(<[u8]>::first_chunk_mut)
        {
            *to = block.map(|octet| if octet == b' ' { b'+' } else { octet });
            at = at.wrapping_add(16);
        } else {
            at = escape_each(block, free, at);
        }
    }
    at = escape_each(last, free, at);
    Some(put(behind, free, at))
}

/// Writes octets escaped from a place on, and returns where they end.
#[inline(always)]
fn escape_each(octets: &[u8], free: &mut [u8], mut at: usize) -> usize {
    for octet in octets {
        let written = ESCAPED.get(usize::from(*octet)).copied().unwrap_or_default();
        let Some(to) = free.get_mut(at..).and_then(<[u8]>::first_chunk_mut) else { break };
        *to = written.to_le_bytes();
        at = at.wrapping_add((written >> 24) as usize);
    }
    at
}

/// Whether the octet is written as three; as [`is_plain`] has it, without a branch.
#[inline(always)]
const fn is_escaped(octet: u8) -> bool {
    let is_letter = (octet | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = octet.wrapping_sub(b'0') < 10;
    let is_mark = (octet == b'-') | (octet == b'.') | (octet == b'_') | (octet == b'*');
    !(is_letter | is_digit | is_mark | (octet == b' '))
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
        octet if is_plain(octet) => w.octet(octet),
        b' ' => w.octet(b'+'),
        _ => w.octets(&[b'%', digit(octet >> 4), digit(octet & 0x0F)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    use proptest::prelude::*;

    /// The pairs of a form, cut at each `&` and the first `=` after it.
    fn pairs_agree(form: &[u8]) {
        let pieces = form.split(|octet| *octet == b'&').filter(|pair| !pair.is_empty());
        let plain = pieces.map(|pair| match pair.iter().position(|octet| *octet == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[pair.len()..]),
        });
        let mut reader = FormReader::new(form, Charset::Utf8);
        for (name, value) in plain {
            let pair = reader.next_pair().unwrap();
            assert_eq!(pair.name, name, "{form:?}");
            let Raw::Octets(raw) = pair.value else { panic!("a form has octets") };
            assert_eq!(raw.octets, value);
            assert_eq!(&form[pair.at..pair.at + value.len()], value);
        }
        assert!(reader.next_pair().is_none(), "{form:?}");
    }

    fn written(text: Text<'_>) -> Vec<u8> {
        let mut buffer = std::vec![0; 1000];
        let mut w = Writer::new(&mut buffer);
        write_value(&mut w, text, Charset::Utf8).unwrap();
        w.written().to_vec()
    }

    /// A value is written as each octet of its characters is.
    fn values_agree(text: &str) {
        let mut buffer = std::vec![0; 4 * text.len() + 4];
        let mut w = Writer::new(&mut buffer);
        text.bytes().try_for_each(|octet| write_escaped(&mut w, octet)).unwrap();
        let plain = w.written().to_vec();
        assert_eq!(written(Text::plain(text)), plain, "{text:?}");
        assert_eq!(written(Text::form(&plain, Charset::Utf8).unwrap()), plain, "{text:?}");
        // Just as much room as it takes, and less.
        let mut tight = std::vec![0; plain.len()];
        let mut write = |room| {
            write_value(&mut Writer::new(&mut tight[..room]), Text::plain(text), Charset::Utf8)
        };
        assert_eq!(write(plain.len()), Ok(()));
        assert!(plain.len().checked_sub(1).is_none_or(|less| write(less).is_err()));
    }

    #[test]
    fn short_forms_are_cut_octet_by_octet() {
        let octets = b"a=&%";
        for n in 0..4_usize.pow(6) {
            let form: Vec<u8> = (0..6).map(|at| octets[n / 4_usize.pow(at) % 4]).collect();
            (0..=form.len()).for_each(|len| pairs_agree(&form[..len]));
            pairs_agree(&[&b"name=a longer value&"[..], &form].concat());
        }
    }

    #[test]
    fn every_character_is_written_as_its_octets_are() {
        ('\0'..='\u{300}').chain("日😀".chars()).for_each(|c| values_agree(&String::from(c)));
    }

    /// A character of which the first octet is not escaped and the second is.
    #[test]
    fn a_character_that_is_half_escaped_is_whole() {
        assert_eq!(written(Text::form(b"a\xC3%A5b", Charset::Utf8).unwrap()), b"a%C3%A5b");
    }

    proptest! {
        #[test]
        fn forms_are_cut_octet_by_octet(form in "[a-c=&%+]{0,80}") {
            pairs_agree(form.as_bytes());
        }

        #[test]
        fn values_are_written_as_their_octets_are(text in ".{0,60}") {
            values_agree(&text);
        }
    }
}
