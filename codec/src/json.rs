//! JSON, without a heap: a document is checked once as a whole, then walked without copies.
//!
//! Only this file knows `{`, `[`, `"` and `:`; the escapes of a string are undone by
//! [`Text`]. A string that nobody reads is not decoded, so that what nobody reads cannot be wrong. Where
//! a document is UTF-8 and nothing in it is escaped, as most are, no string is looked at again.
//!
//! ```
//! use septet::json::{Kind, Value};
//!
//! let object = Value::read(br#"{"to": ["4512345678"], "flash": true}"#)?;
//! let (name, to) = object.members().next().unwrap();
//! let Kind::Array(mut numbers) = to.kind() else { panic!("{to:?}") };
//! assert_eq!((name, numbers.next().unwrap().as_str()), (&b"to"[..], Some("4512345678")));
//! assert_eq!(Value::read(b"[1, 2").unwrap_err().to_string(), "JSON is cut short at octet 5");
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! RFC 8259.

mod check;

use core::fmt;

use self::check::check;
use crate::error::{Error, ErrorKind};
use crate::fields;
use crate::runs::{self, Runs};
use crate::text::{Charset, Escapes, Text};
use crate::wide::{Stops, WIDE, behind, copy_all, short_span, span};
use crate::wire::Writer;

/// How deep lists and objects may stand in one another.
pub const DEPTH_MAX: u32 = 32;

/// The name that errors of a document as a whole have for a field.
pub const DOCUMENT: &str = "JSON";

/// A well-formed value.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    octets: &'a [u8],
    at: usize,
    /// The document, where it is UTF-8 and nothing in it is escaped; else nothing.
    plain: &'a str,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as it is written.
    Number(Text<'a>),
    /// What stands between the quotation marks of a string: see [`Text::json`].
    String(&'a [u8]),
    /// A list.
    Array(Elements<'a>),
    /// An object.
    Object(Members<'a>),
}

impl<'a> Value<'a> {
    /// The value that a document is. White space around it, and a byte order mark before it, are
    /// skipped.
    ///
    /// # Errors
    /// In [`DOCUMENT`]: [`ErrorKind::Truncated`], [`ErrorKind::Malformed`], [`ErrorKind::Trailing`],
    /// and [`ErrorKind::TooDeep`] past [`DEPTH_MAX`].
    pub fn read(document: &'a [u8]) -> Result<Self, Error> {
        let octets = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        let has_escapes = check(octets)
            .map_err(|(kind, rest)| kind.at(DOCUMENT, document.len().saturating_sub(rest.len())))?;
        let plain = if has_escapes { None } else { core::str::from_utf8(document).ok() };
        let octets = after_space(octets);
        let at = document.len().saturating_sub(octets.len());
        Ok(Self { octets: octets.trim_ascii_end(), at, plain: plain.unwrap_or_default() })
    }

    /// `null`.
    pub(crate) const NULL: Value<'static> = Value { octets: b"null", at: 0, plain: "" };

    /// What the value is.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub fn kind(self) -> Kind<'a> {
        let inside = || self.octets.get(1..self.octets.len().saturating_sub(1)).unwrap_or_default();
        let elements = || {
            let end = self.at.saturating_add(self.octets.len()).saturating_sub(1);
            Elements { rest: inside(), end, plain: self.plain }
        };
        match self.octets.first() {
            Some(b'n') | None => Kind::Null,
            Some(b't') => Kind::Boolean(true),
            Some(b'f') => Kind::Boolean(false),
            Some(b'"') => Kind::String(inside()),
            Some(b'[') => Kind::Array(elements()),
            Some(b'{') => Kind::Object(Members(elements())),
            Some(_) => Kind::Number(Text::of_utf8(self.octets)),
        }
    }

    /// The value as a text: a string, or a number or boolean as it is written.
    ///
    /// # Errors
    /// Those of [`Text::json`]; [`ErrorKind::Value`] of `null`, a list and an object.
    pub fn text(self) -> Result<Text<'a>, Error> {
        match self.kind() {
            Kind::String(raw) if !self.plain.is_empty() => Ok(Text::of_utf8(raw)),
            Kind::String(raw) => Text::json(raw),
            Kind::Number(number) => Ok(number),
            Kind::Boolean(true) => Ok(Text::plain("true")),
            Kind::Boolean(false) => Ok(Text::plain("false")),
            Kind::Null | Kind::Array(_) | Kind::Object(_) => Err(ErrorKind::Value.at("", 0)),
        }
    }

    /// The string as a slice, where nothing in it is escaped and it is UTF-8.
    pub fn as_str(self) -> Option<&'a str> {
        let Kind::String(raw) = self.kind() else { return None };
        if !self.plain.is_empty() {
            let start = self.at.saturating_add(1);
            return self.plain.get(start..start.saturating_add(raw.len()));
        }
        let is_escaped = span(raw, BACKSLASH) < raw.len();
        if is_escaped { None } else { core::str::from_utf8(raw).ok() }
    }

    /// Copies the value as a text to the front of `buffer`, as UTF-8. What is behind it may be
    /// overwritten.
    ///
    /// # Errors
    /// Those of [`text`](Self::text), and [`ErrorKind::Full`].
    pub fn copy_to(self, buffer: &mut [u8]) -> Result<&str, Error> {
        match self.kind() {
            Kind::String(raw) if self.plain.is_empty() => {
                fields::Raw::new(raw, Escapes::Json, Charset::Utf8).copy_to(buffer)
            }
            _ => self.text()?.copy_to(buffer),
        }
    }

    /// The value as a text in UTF-8: where it stands, if it is a string and nothing in it is escaped, else
    /// written to the front of `buffer`. What is behind it may be overwritten.
    ///
    /// # Errors
    /// Those of [`copy_to`](Self::copy_to).
    pub fn decoded<'b>(self, buffer: &'b mut [u8]) -> Result<&'b str, Error>
    where
        'a: 'b,
    {
        self.as_str().map_or_else(|| self.copy_to(buffer), Ok)
    }

    /// Octets from the start of the document to the value.
    pub const fn at(self) -> usize {
        self.at
    }

    /// The value as it is written.
    pub const fn octets(self) -> &'a [u8] {
        self.octets
    }

    /// The members of an object; none of anything else.
    pub fn members(self) -> Members<'a> {
        match self.kind() {
            Kind::Object(members) => members,
            _ => Members(Elements { rest: &[], end: self.at, plain: "" }),
        }
    }
}

/// The value as it is written.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.octets.escape_ascii())
    }
}

/// The values of a list, in their order.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    rest: &'a [u8],
    /// Octets from the start of the document to the end of `rest`.
    end: usize,
    plain: &'a str,
}

impl<'a> Elements<'a> {
    /// Goes past white space and what separates values.
    #[cfg_attr(target_pointer_width = "64", inline)]
    fn skip_separators(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r' | b',' | b':', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[cfg_attr(target_pointer_width = "64", inline)]
    fn next(&mut self) -> Option<Value<'a>> {
        self.skip_separators();
        let ahead = self.rest;
        self.rest = after_value(ahead, self.plain);
        let octets = before(ahead, self.rest);
        let at = self.end.saturating_sub(ahead.len());
        (!octets.is_empty()).then_some(Value { octets, at, plain: self.plain })
    }
}

/// The names and values of an object, in their order.
#[derive(Clone, Copy)]
pub struct Members<'a>(Elements<'a>);

impl<'a> Iterator for Members<'a> {
    /// What stands between the quotation marks of the name, and the value.
    type Item = (&'a [u8], Value<'a>);

    #[cfg_attr(target_pointer_width = "64", inline)]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.skip_separators();
        let [b'"', inside @ ..] = self.0.rest else { return None };
        self.0.rest = after_string(inside, self.0.plain);
        let name = before(inside, self.0.rest).split_last().map_or(inside, |(_, name)| name);
        Some((name, self.0.next()?))
    }
}

macro_rules! octets_are_private {
    ($($name:ident)*) => {$(
        /// How many octets are left: what they are may be secret.
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} octets)"), self.len())
            }
        }
    )*};
}

impl Elements<'_> {
    const fn len(&self) -> usize {
        self.rest.len()
    }
}

impl Members<'_> {
    const fn len(&self) -> usize {
        self.0.len()
    }
}

octets_are_private!(Elements Members);

/// What is before the `rest` that octets end with.
fn before<'a>(octets: &'a [u8], rest: &[u8]) -> &'a [u8] {
    octets.get(..octets.len().saturating_sub(rest.len())).unwrap_or_default()
}

/// What is behind white space.
fn after_space(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = octets {
        octets = rest;
    }
    octets
}

/// What ends a run inside of a string that is well-formed.
const MARKS: Stops = Stops::at([b'"', b'\\']);
const QUOTATION_MARK: Stops = Stops::at([b'"'; 2]);
const BACKSLASH: Stops = Stops::at([b'\\'; 2]);

/// What is behind a well-formed string that `inside` begins within, of a document that may be
/// [plain](Value::plain).
#[cfg_attr(target_pointer_width = "64", inline)]
fn after_string<'a>(mut inside: &'a [u8], plain: &str) -> &'a [u8] {
    if !plain.is_empty() {
        return behind(inside, short_span(inside, QUOTATION_MARK).saturating_add(1));
    }
    loop {
        inside = match behind(inside, span(inside, MARKS)) {
            [b'\\', _, rest @ ..] => rest,
            [_, rest @ ..] => return rest,
            [] => return &[],
        };
    }
}

/// What is behind the well-formed value ahead.
#[cfg_attr(target_pointer_width = "64", inline)]
fn after_value<'a>(octets: &'a [u8], plain: &str) -> &'a [u8] {
    match octets {
        [b'"', inside @ ..] => after_string(inside, plain),
        [b'[' | b'{', inside @ ..] => after_nested(inside, plain),
        // A number or a literal, up to its end.
        _ => {
            let mut rest = octets;
            while let [octet, after @ ..] = rest
                && !matches!(octet, b',' | b':' | b' ' | b'\t' | b'\n' | b'\r')
            {
                rest = after;
            }
            rest
        }
    }
}

/// What is behind the well-formed list or object that `inside` begins within.
fn after_nested<'a>(inside: &'a [u8], plain: &str) -> &'a [u8] {
    let (mut rest, mut depth) = (inside, 1_usize);
    while depth > 0 {
        rest = match rest {
            [b'"', inside @ ..] => after_string(inside, plain),
            [b'[' | b'{', rest @ ..] => {
                depth = depth.saturating_add(1);
                rest
            }
            [b']' | b'}', rest @ ..] => {
                depth = depth.saturating_sub(1);
                rest
            }
            [_, rest @ ..] => rest,
            [] => break,
        };
    }
    rest
}

/// Writes a text as a string, and what stands before and behind it.
///
/// # Errors
/// [`ErrorKind::Full`].
pub(crate) fn write_string(
    w: &mut Writer<'_>,
    before: Option<u8>,
    text: Text<'_>,
    behind: Option<u8>,
) -> Result<(), Error> {
    if WIDE
        && let Some(octets) = text.utf8()
        && let Some(written) = copy_string(before, octets, behind, w.free())
    {
        w.advance(written);
        return Ok(());
    }
    before.map_or(Ok(()), |octet| w.octet(octet))?;
    w.octet(b'"')?;
    write_characters(w, text)?;
    w.octet(b'"')?;
    behind.map_or(Ok(()), |octet| w.octet(octet))
}

/// Writes what stands before a value in an object or a list: a comma, and a name where there is one.
///
/// # Errors
/// [`ErrorKind::Full`].
pub(crate) fn write_name(w: &mut Writer<'_>, is_first: bool, name: &str) -> Result<(), Error> {
    let before = (!is_first).then_some(b',');
    if name.is_empty() {
        return before.map_or(Ok(()), |octet| w.octet(octet));
    }
    write_string(w, before, Text::plain(name), Some(b':'))
}

/// Writes a name, where there is one, and a string: in an object or a list.
///
/// # Errors
/// [`ErrorKind::Full`].
#[inline(never)]
pub(crate) fn write_member(
    w: &mut Writer<'_>,
    is_first: bool,
    name: &str,
    text: Text<'_>,
) -> Result<(), Error> {
    let before = (!is_first).then_some(b',');
    if WIDE
        && let Some(octets) = text.utf8()
        && let Some(written) = copy_member(before, name.as_bytes(), octets, w.free())
    {
        w.advance(written);
        return Ok(());
    }
    if name.is_empty() {
        return write_string(w, before, text, None);
    }
    write_string(w, before, Text::plain(name), Some(b':'))?;
    write_string(w, None, text, None)
}

/// As [`write_member`], of octets none of which is escaped, where there is room.
#[inline(always)]
fn copy_member(before: Option<u8>, name: &[u8], text: &[u8], free: &mut [u8]) -> Option<usize> {
    if name.is_empty() {
        return copy_string(before, text, None, free);
    }
    let len = copy_string(before, name, Some(b':'), free)?;
    Some(copy_string(None, text, None, free.get_mut(len..)?)?.wrapping_add(len))
}

/// Writes a string of octets none of which is escaped, where there is room.
#[inline(always)]
fn copy_string(
    before: Option<u8>,
    octets: &[u8],
    behind: Option<u8>,
    free: &mut [u8],
) -> Option<usize> {
    // Room for the marks, and what is around them.
    let free = free.get_mut(..octets.len().saturating_add(4))?;
    let (head, _) = free.split_first_chunk_mut()?;
    *head = before.map_or([b'"', 0], |before| [before, b'"']);
    let start = if before.is_some() { 2 } else { 1 };
    let (to, tail) = free.get_mut(start..)?.split_at_mut_checked(octets.len())?;
    if !copy_all(octets, to, Stops::IN_STRING, |octet| octet) {
        return None;
    }
    *tail.first_chunk_mut()? = [b'"', behind.unwrap_or_default()];
    let end = if behind.is_some() { 2 } else { 1 };
    Some(octets.len().wrapping_add(start).wrapping_add(end))
}

/// Writes what stands between the quotation marks of a string.
///
/// # Errors
/// [`ErrorKind::Full`].
pub(crate) fn write_characters(w: &mut Writer<'_>, text: Text<'_>) -> Result<(), Error> {
    let mut chars = text.chars();
    if WIDE
        && let Some(octets) = text.utf8()
        && span(octets, Stops::IN_STRING) == octets.len()
    {
        return w.octets(octets);
    }
    loop {
        if WIDE {
            let ahead = chars.ahead();
            let run = ahead.get(..span(ahead, Stops::IN_STRING)).unwrap_or_default();
            let len = runs::whole(run);
            w.octets(run.get(..len).unwrap_or_default())?;
            chars.skip_ahead(len);
            if chars.is_done() {
                return Ok(());
            }
        }
        let Some(c) = chars.next() else { return Ok(()) };
        let short = match c {
            '"' | '\\' => Some(c),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        match short {
            Some(short) => {
                w.octet(b'\\')?;
                w.text(short.encode_utf8(&mut [0; 4]))?;
            }
            None if c < ' ' => {
                w.text("\\u00")?;
                w.octet(b'0' | c as u8 >> 4)?;
                w.octet(b"0123456789abcdef".get(c as usize & 0xF).copied().unwrap_or_default())?;
            }
            None => w.text(c.encode_utf8(&mut [0; 4]))?,
        }
    }
}

#[cfg(test)]
mod tests;
