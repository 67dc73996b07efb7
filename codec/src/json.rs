//! JSON, without a heap: a document is checked once as a whole, then walked without copies.
//!
//! Only this file knows `{`, `[`, `"` and `:`; the escapes of a string are undone by
//! [`Text`]. A string that nobody reads is not decoded, so that what nobody reads cannot be wrong.
//!
//! RFC 8259.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::runs::{self, Runs};
use crate::text::{Charset, Text};
use crate::wide::{Stops, WIDE, span};
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
        let at = document.len().saturating_sub(octets.len());
        check(octets).map_err(|(kind, within)| kind.at(DOCUMENT, at.saturating_add(within)))?;
        let space = space(octets);
        let octets = octets.get(space..).unwrap_or_default().trim_ascii_end();
        Ok(Self { octets, at: at.saturating_add(space) })
    }

    /// `null`.
    pub(crate) const NULL: Value<'static> = Value { octets: b"null", at: 0 };

    /// What the value is.
    pub fn kind(self) -> Kind<'a> {
        let inside = || self.octets.get(1..self.octets.len().saturating_sub(1)).unwrap_or_default();
        let at = self.at.saturating_add(1);
        match self.octets.first() {
            Some(b'n') | None => Kind::Null,
            Some(b't') => Kind::Boolean(true),
            Some(b'f') => Kind::Boolean(false),
            Some(b'"') => Kind::String(inside()),
            Some(b'[') => Kind::Array(Elements { rest: inside(), at }),
            Some(b'{') => Kind::Object(Members(Elements { rest: inside(), at })),
            // A number is ASCII.
            Some(_) => {
                Kind::Number(Text::octets(self.octets, Charset::Utf8).unwrap_or(Text::EMPTY))
            }
        }
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
            _ => Members(Elements { rest: &[], at: self.at }),
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
    at: usize,
}

impl<'a> Elements<'a> {
    /// Goes past `len` octets and returns them.
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        self.at = self.at.saturating_add(taken.len());
        taken
    }

    /// Goes past white space and what separates values.
    fn skip(&mut self) {
        let separates = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        while self.rest.first().is_some_and(separates) {
            self.take(1);
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.skip();
        let at = self.at;
        let octets = self.take(value_len(self.rest));
        (!octets.is_empty()).then_some(Value { octets, at })
    }
}

/// The names and values of an object, in their order.
#[derive(Clone, Copy)]
pub struct Members<'a>(Elements<'a>);

impl<'a> Iterator for Members<'a> {
    /// What stands between the quotation marks of the name, and the value.
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let Kind::String(name) = self.0.next()?.kind() else { return None };
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

/// The length of white space ahead.
fn space(octets: &[u8]) -> usize {
    octets.iter().take_while(|octet| is_space(octet)).count()
}

const fn is_space(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r')
}

/// What ends a run inside of a string.
const IN_STRING: Stops = Stops::at([b'"', b'\\']);

/// How many octets a well-formed string ahead has, with its quotation marks.
fn well_formed_string_len(octets: &[u8]) -> usize {
    let mut at = 1_usize;
    loop {
        let rest = octets.get(at..).unwrap_or_default();
        let run = span(rest, IN_STRING);
        at = at.saturating_add(run);
        match rest.get(run) {
            Some(b'\\') => at = at.saturating_add(2),
            Some(_) => return at.saturating_add(1),
            None => return octets.len(),
        }
    }
}

/// The length of the well-formed value ahead.
fn value_len(octets: &[u8]) -> usize {
    if let [b'"', ..] = octets {
        return well_formed_string_len(octets);
    }
    let separates = |octet: &u8| matches!(octet, b',' | b':' | b' ' | b'\t' | b'\n' | b'\r');
    let mut depth = 0_usize;
    let mut at = 0_usize;
    loop {
        let rest = octets.get(at..).unwrap_or_default();
        let Some(octet) = rest.first() else { return octets.len() };
        let len = match octet {
            b'"' => well_formed_string_len(rest),
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                1
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                1
            }
            octet if depth == 0 && separates(octet) => return at,
            // Outside of lists and objects it is a number or a literal, up to its end.
            _ => {
                at = at.saturating_add(1);
                continue;
            }
        };
        at = at.saturating_add(len);
        if depth == 0 {
            return at.min(octets.len());
        }
    }
}

/// The length of the well-formed value ahead, octet by octet.
#[cfg(test)]
fn plain_value_len(octets: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut is_string = false;
    let mut is_escaped = false;
    for (i, octet) in octets.iter().enumerate() {
        if is_string {
            match octet {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    is_string = false;
                    if depth == 0 {
                        return i.saturating_add(1);
                    }
                }
                _ => {}
            }
            continue;
        }
        match octet {
            b'"' => is_string = true,
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i.saturating_add(1);
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return i,
            _ => {}
        }
    }
    octets.len()
}

/// What may stand next in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// Checks a document, without recursion: a bit for each level says whether it is an object.
fn check(octets: &[u8]) -> Result<(), (ErrorKind, usize)> {
    let (mut at, mut depth, mut objects) = (0_usize, 0_u32, 0_u32);
    let mut expected = Expected::Value;
    loop {
        while octets.get(at).is_some_and(is_space) {
            at = at.saturating_add(1);
        }
        let rest = octets.get(at..).unwrap_or_default();
        let Some(octet) = rest.first() else {
            let is_whole = expected == Expected::Nothing;
            return if is_whole { Ok(()) } else { Err((ErrorKind::Truncated, at)) };
        };
        let is_object = objects & 1 == 1;
        let after_value = if depth == 0 { Expected::Nothing } else { Expected::CommaOrEnd };
        // What most of a document is.
        if WIDE && *octet == b'"' {
            let next = match expected {
                Expected::Name | Expected::NameOrEnd => Expected::Colon,
                Expected::Value | Expected::ValueOrEnd => after_value,
                Expected::Nothing => return Err((ErrorKind::Trailing, at)),
                Expected::Colon | Expected::CommaOrEnd => return Err((ErrorKind::Malformed, at)),
            };
            let len = string_len(rest);
            at =
                at.saturating_add(len.map_err(|(kind, within)| (kind, at.saturating_add(within)))?);
            expected = next;
            continue;
        }
        let mut len = 1;
        expected = match (expected, octet) {
            (Expected::Nothing, _) => return Err((ErrorKind::Trailing, at)),
            (Expected::Value | Expected::ValueOrEnd, b'[' | b'{') => {
                if depth >= DEPTH_MAX {
                    return Err((ErrorKind::TooDeep, at));
                }
                depth = depth.saturating_add(1);
                objects = objects << 1 | u32::from(*octet == b'{');
                if *octet == b'{' { Expected::NameOrEnd } else { Expected::ValueOrEnd }
            }
            (Expected::ValueOrEnd, b']')
            | (Expected::NameOrEnd, b'}')
            | (Expected::CommaOrEnd, b']' | b'}')
                if is_object == (*octet == b'}') =>
            {
                depth = depth.saturating_sub(1);
                objects >>= 1;
                if depth == 0 { Expected::Nothing } else { Expected::CommaOrEnd }
            }
            (Expected::CommaOrEnd, b',') => {
                if is_object {
                    Expected::Name
                } else {
                    Expected::Value
                }
            }
            (Expected::Colon, b':') => Expected::Value,
            (Expected::Name | Expected::NameOrEnd, b'"') => {
                len =
                    string_len(rest).map_err(|(kind, within)| (kind, at.saturating_add(within)))?;
                Expected::Colon
            }
            (Expected::Value | Expected::ValueOrEnd, _) => {
                len =
                    scalar_len(rest).map_err(|(kind, within)| (kind, at.saturating_add(within)))?;
                after_value
            }
            _ => return Err((ErrorKind::Malformed, at)),
        };
        at = at.saturating_add(len);
    }
}

/// The length of the string ahead, with its quotation marks.
fn string_len(octets: &[u8]) -> Result<usize, (ErrorKind, usize)> {
    let mut is_escaped = false;
    let inside = octets.get(1..).unwrap_or_default();
    let run = span(inside, IN_STRING.and_controls());
    if inside.get(run) == Some(&b'"') {
        return Ok(run.saturating_add(2));
    }
    for (i, octet) in octets.iter().enumerate().skip(run.saturating_add(1)) {
        match octet {
            0..0x20 => return Err((ErrorKind::Malformed, i)),
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Ok(i.saturating_add(1)),
            _ => {}
        }
    }
    Err((ErrorKind::Truncated, octets.len()))
}

/// The length of the string, number or literal ahead.
fn scalar_len(octets: &[u8]) -> Result<usize, (ErrorKind, usize)> {
    let literal = |word: &[u8]| {
        let same = octets.iter().zip(word).take_while(|(own, other)| own == other).count();
        match same {
            _ if same == word.len() => Ok(same),
            _ if same == octets.len() => Err((ErrorKind::Truncated, same)),
            _ => Err((ErrorKind::Malformed, same)),
        }
    };
    match octets.first() {
        Some(b'"') => string_len(octets),
        Some(b't') => literal(b"true"),
        Some(b'f') => literal(b"false"),
        Some(b'n') => literal(b"null"),
        _ => number_len(octets),
    }
}

fn number_len(octets: &[u8]) -> Result<usize, (ErrorKind, usize)> {
    let octet = |at: usize| octets.get(at).copied();
    // One digit at least, and how far they go.
    let digits = |from: usize| {
        let len = octets.iter().skip(from).take_while(|octet| octet.is_ascii_digit()).count();
        match (len, octet(from)) {
            (0, None) => Err((ErrorKind::Truncated, from)),
            (0, Some(_)) => Err((ErrorKind::Malformed, from)),
            _ => Ok(from.saturating_add(len)),
        }
    };
    let start = usize::from(octet(0) == Some(b'-'));
    let mut end = digits(start)?;
    if octet(start) == Some(b'0') && end > start.saturating_add(1) {
        return Err((ErrorKind::Malformed, start));
    }
    if octet(end) == Some(b'.') {
        end = digits(end.saturating_add(1))?;
    }
    if let Some(b'e' | b'E') = octet(end) {
        let sign = end.saturating_add(1);
        end = digits(sign.saturating_add(usize::from(matches!(octet(sign), Some(b'+' | b'-')))))?;
    }
    Ok(end)
}

/// Writes a text as a string.
///
/// # Errors
/// [`ErrorKind::Full`].
pub(crate) fn write_string(w: &mut Writer<'_>, text: Text<'_>) -> Result<(), Error> {
    w.octet(b'"')?;
    write_characters(w, text)?;
    w.octet(b'"')
}

/// Writes what stands between the quotation marks of a string.
///
/// # Errors
/// [`ErrorKind::Full`].
pub(crate) fn write_characters(w: &mut Writer<'_>, text: Text<'_>) -> Result<(), Error> {
    let mut chars = text.chars();
    if WIDE
        && let Some(octets) = text.utf8()
        && span(octets, IN_STRING.and_controls()) == octets.len()
    {
        return w.octets(octets);
    }
    loop {
        if WIDE {
            let ahead = chars.ahead();
            let run = ahead.get(..span(ahead, IN_STRING.and_controls())).unwrap_or_default();
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
