//! The characters of a text, one after the other or a run at a time.

use super::Text;
use super::escapes::{Escapes, Unescaped};
use crate::error::ErrorKind;
use crate::runs::Runs;
use crate::wide::{WIDE, span};

/// The characters of a [`Text`].
#[derive(Clone)]
pub struct Chars<'a>(pub(super) Unescaped<'a>);

impl<'a> Chars<'a> {
    /// The longest slice ahead that is plain ASCII: each octet stands for itself.
    ///
    /// [`skip_run`](Self::skip_run) goes past a part of it. What works on slices goes on by runs and
    /// takes single characters only between them.
    pub fn run(&self) -> &'a [u8] {
        let raw = self.0.raw;
        let end = match self.0.encoding.stops() {
            Some(stops) if WIDE => span(raw, stops.and_non_ascii()),
            _ => raw.iter().position(|octet| !self.is_plain(*octet)).unwrap_or(raw.len()),
        };
        raw.get(..end).unwrap_or_default()
    }

    /// Whether the octet, where a character begins, stands for itself and is of ASCII.
    fn is_plain(&self, octet: u8) -> bool {
        let encoding = self.0.encoding;
        encoding.charset().is_ascii(octet)
            && match encoding.escapes() {
                Escapes::None => true,
                Escapes::Form => !matches!(octet, b'%' | b'+'),
                Escapes::Percent => octet != b'%',
                Escapes::Json => octet != b'\\',
            }
            && !(encoding.has_backslashes() && octet == b'\\')
    }

    /// Goes past the [`run`](Self::run) ahead, and returns it.
    pub(super) fn take_run(&mut self) -> &'a str {
        self.take_octets(self.run().len())
    }

    /// Goes past `len` octets that are of the [`run`](Self::run) ahead, and returns them.
    pub(super) fn take_octets(&mut self, len: usize) -> &'a str {
        let (run, rest) = self.0.raw.split_at_checked(len).unwrap_or_default();
        self.0.raw = rest;
        core::str::from_utf8(run).unwrap_or_default()
    }

    /// Goes past `len` octets of the [`run`](Self::run) ahead.
    pub fn skip_run(&mut self, len: usize) {
        let len = len.min(self.run().len());
        self.0.raw = self.0.raw.get(len..).unwrap_or_default();
    }

    /// The text that the characters ahead are.
    pub const fn as_text(&self) -> Text<'a> {
        let Unescaped { raw, encoding } = self.0;
        Text { raw, encoding }
    }

    /// Whether no character is left.
    pub(crate) const fn is_done(&self) -> bool {
        self.0.raw.is_empty()
    }

    pub(super) fn try_next(&mut self) -> Option<Result<char, ErrorKind>> {
        // Most characters, without a look at what else there could be.
        if let [octet, rest @ ..] = self.0.raw
            && self.is_plain(*octet)
        {
            self.0.raw = rest;
            return Some(Ok(char::from(*octet)));
        }
        let mut broken = None;
        let octets = &mut self.0;
        let (escapes, charset) = (octets.encoding.escapes(), octets.encoding.charset());
        if let (Escapes::Form, [b'+', rest @ ..]) = (escapes, octets.raw)
            && charset.is_ascii(b' ')
        {
            octets.raw = rest;
            return Some(Ok(' '));
        }
        if let (Escapes::Json, [b'\\', rest @ ..]) = (escapes, octets.raw) {
            octets.raw = rest;
            return Some(octets.json_escape());
        }
        let c = charset.decode(|| match octets.next()? {
            Ok(octet) => Some(octet),
            Err(kind) => {
                broken = Some(kind);
                None
            }
        });
        match broken {
            Some(kind) => Some(Err(kind)),
            None => c,
        }
    }
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.try_next()?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.0.raw.len()))
    }
}

impl Runs for Chars<'_> {
    fn ahead(&self) -> &[u8] {
        let Unescaped { raw, encoding } = self.0;
        if encoding.is_utf8() {
            return raw;
        }
        encoding.stops().and_then(|stops| raw.get(..span(raw, stops))).unwrap_or_default()
    }

    fn skip_ahead(&mut self, octets: usize) {
        self.0.raw = self.0.raw.get(octets..).unwrap_or_default();
    }
}
