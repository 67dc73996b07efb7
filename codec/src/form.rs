//! `application/x-www-form-urlencoded`, in a body and in a query.
//!
//! Only this file writes and finds `%`, `+`, `&` and `=`; reading an escaped value is
//! [`Text`]'s business.
//!
//! ```
//! use septet::form::FormReader;
//! use septet::text::Charset;
//!
//! let mut form = FormReader::new(b"to=4512345678&text=5+%E2%82%AC", Charset::Utf8);
//! assert!(form.next_pair().is_some_and(|pair| pair.is_named("to")));
//! let pair = form.next_pair().unwrap();
//! assert_eq!(pair.value.text()?, *"5 €");
//! // Octets from the start, for what is wrong with a value.
//! assert_eq!(pair.at, 19);
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! WHATWG URL Standard, section 5.

use core::fmt;

use crate::error::Error;
use crate::fields::{Pair, Raw};
use crate::runs::{self, Runs};
use crate::text::{Charset, ENCODED_MAX, Escapes, Text};
use crate::wide::{self, BLOCK, ONES, Stops, WIDE, WORD, behind, in_word, put, span};
use crate::wire::Writer;

/// The pairs of a form or query, in their order.
///
/// `a=1&b` has two pairs, the second with an empty value; empty pairs (`&&`) are skipped. Names and
/// values are checked when they are asked for, so that what nobody reads cannot be wrong.
#[derive(Clone, Copy)]
pub struct FormReader<'a> {
    octets: &'a [u8],
    /// Where the next pair begins.
    at: usize,
    charset: Charset,
    /// The octets, where they are known to be UTF-8 in their charset as well; else nothing.
    text: &'a str,
}

/// How many octets are left: what they are may be secret.
impl fmt::Debug for FormReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormReader({} octets)", behind(self.octets, self.at).len())
    }
}

impl<'a> FormReader<'a> {
    /// The pairs of `octets`, whose values are in `charset`.
    pub const fn new(octets: &'a [u8], charset: Charset) -> Self {
        Self { octets, at: 0, charset, text: text(octets, charset) }
    }

    /// The same octets, their values in `charset`.
    #[must_use]
    pub const fn with_charset(self, charset: Charset) -> Self {
        Self { charset, text: text(self.octets, charset), ..self }
    }
}

/// What the octets are in UTF-8 and in their charset alike; nothing where that is not so, and where it takes
/// longer to see than it saves.
const fn text(octets: &[u8], charset: Charset) -> &str {
    let is_alike = match charset {
        Charset::Utf8 => WIDE,
        Charset::Latin1 | Charset::Windows1252 => WIDE && octets.is_ascii(),
        Charset::Latin1Gsm | Charset::HexUtf16 => false,
    };
    if !is_alike {
        return "";
    }
    match core::str::from_utf8(octets) {
        Ok(text) => text,
        Err(_) => "",
    }
}

impl<'a> FormReader<'a> {
    /// The next pair.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn next_pair(&mut self) -> Option<Pair<'a>> {
        loop {
            let at = self.at;
            let rest = behind(self.octets, at);
            if rest.is_empty() {
                return None;
            }
            let (len, is_marked) = span_of::<b'='>(rest);
            let (name, rest) = rest.split_at_checked(len).unwrap_or_default();
            let escapes = if is_marked { Escapes::Form } else { Escapes::None };
            let start = at.wrapping_add(len).wrapping_add(1);
            let [b'=', rest @ ..] = rest else {
                self.at = start;
                if name.is_empty() {
                    continue;
                }
                let value = Raw::of_form(&[], None, self.charset);
                return Some(Pair::new((name, escapes), value, start.wrapping_sub(1)));
            };
            let (len, is_marked) = span_of::<b'&'>(rest);
            let end = start.wrapping_add(len);
            self.at = end.wrapping_add(1);
            let plain = if is_marked { None } else { self.text.get(start..end) };
            let value = rest.get(..len).unwrap_or_default();
            let value = Raw::of_form(value, plain, self.charset);
            return Some(Pair::new((name, escapes), value, start));
        }
    }
}

/// What may stand for another octet.
const ESCAPES: Stops = Stops::at([b'%', b'+']);

/// How many octets there are before the first `&` or `END`, and whether one of them may stand for another.
#[inline(always)]
fn span_of<const END: u8>(octets: &[u8]) -> (usize, bool) {
    let ends = Stops::at([b'&', END]);
    if !WIDE {
        if END == b'&' {
            return (span(octets, ends), true);
        }
        // Names are short: on small cores an octet after the other is the quickest.
        let end = octets.iter().position(|octet| ends.stop(*octet)).unwrap_or(octets.len());
        return (end, true);
    }
    let mut at = 0;
    while at < 2 * WORD
        && let Some(word) = word_at(octets, at)
    {
        let end = in_word(word, END);
        // A name seldom ends with `&`, which is `%` but for two bits.
        let percent =
            if END == b'&' { in_word(word, b'%') } else { in_word(word | (3 * ONES), b'%' | 3) };
        let found = end | percent | in_word(word, b'+');
        if found != 0 {
            if end & found & found.wrapping_neg() == 0 {
                break;
            }
            return (found.trailing_zeros() as usize / 8 + at, false);
        }
        at += WORD;
        if at >= octets.len() {
            return (octets.len(), false);
        }
    }
    far_span_of::<END>(octets)
}

/// The octets at a place among them as a word, zeros behind the last; `None` of fewer octets than a word has.
#[inline(always)]
fn word_at(octets: &[u8], at: usize) -> Option<u64> {
    if let Some(word) = behind(octets, at).first_chunk() {
        return Some(u64::from_le_bytes(*word));
    }
    let missing = at.wrapping_add(WORD).wrapping_sub(octets.len());
    Some(u64::from_le_bytes(*octets.last_chunk()?) >> (8 * (missing % WORD)))
}

/// As [`span_of`], where the first words do not tell.
#[inline(never)]
fn far_span_of<const END: u8>(octets: &[u8]) -> (usize, bool) {
    let ends = Stops::at([b'&', END]);
    let mut rest = octets;
    while let Some(block) = rest.first_chunk::<BLOCK>()
        && ![ends, ESCAPES].iter().any(|stops| wide::has(block, |octet| stops.stop(octet)))
    {
        rest = behind(rest, BLOCK);
    }
    let plain = octets.len().wrapping_sub(rest.len());
    let len = span(rest, ends);
    let rest = rest.get(..len).unwrap_or_default();
    (plain.wrapping_add(len), span(rest, ESCAPES) < len)
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
        let charsets = [Charset::Utf8, Charset::Latin1, Charset::HexUtf16];
        for charset in charsets {
            let mut reader = FormReader::new(form, Charset::Utf8).with_charset(charset);
            for (name, value) in plain.clone() {
                let pair = reader.next_pair().unwrap();
                assert_eq!(pair.name, name, "{form:?}");
                assert_eq!(&form[pair.at..pair.at + value.len()], value);
                for other in ["", "a", "b", "a b", "name", "%"] {
                    let is_named = Text::form(name, Charset::Utf8).is_ok_and(|own| own == *other);
                    assert_eq!(pair.is_named(other), is_named, "{form:?} {other}");
                }
                let Raw::Octets(raw) = pair.value else { panic!("a form has octets") };
                assert_eq!(raw.octets, value);
                let text = Text::form(value, charset);
                assert_eq!(pair.value.text(), text);
                let charset_of = |text: Result<Text<'_>, _>| text.map(|text| text.charset());
                assert_eq!(charset_of(pair.value.text()), charset_of(text), "{form:?}");
                let mut buffer = std::vec![0; 4 * value.len() + 4];
                let decoded = pair.value.decoded(&mut buffer).map(String::from);
                assert_eq!(
                    decoded,
                    text.map(|text| text.chars().collect()),
                    "{form:?} {charset:?}"
                );
            }
            assert!(reader.next_pair().is_none(), "{form:?}");
        }
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
        let octets = b"a=&%+'";
        for n in 0..6_usize.pow(5) {
            let form: Vec<u8> = (0..5).map(|at| octets[n / 6_usize.pow(at) % 6]).collect();
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
        fn forms_are_cut_octet_by_octet(
            form in "[a-c=&%+]{0,80}",
            lengths in proptest::collection::vec(0..40_usize, 0..6),
            text in "[ -~Åß日]{0,40}",
            any in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            pairs_agree(form.as_bytes());
            pairs_agree(&any);
            // Names and values of any length.
            let form: Vec<_> = lengths.iter().map(|len| "x".repeat(*len) + "=" + &text).collect();
            pairs_agree(form.join("&").as_bytes());
        }

        #[test]
        fn values_are_written_as_their_octets_are(text in ".{0,60}") {
            values_agree(&text);
        }
    }
}
