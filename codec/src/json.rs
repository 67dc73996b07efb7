//! JSON, without a heap: a document is checked once as a whole, then walked without copies.
//!
//! Only this file knows `{`, `[`, `"` and `:`; the escapes of a string are undone by
//! [`Text`]. A string that nobody reads is not decoded, so that what nobody reads cannot be wrong.
//!
//! RFC 8259.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::text::{Charset, Text};
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
        let separates = |octet: &&u8| matches!(**octet, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        self.take(self.rest.iter().take_while(separates).count());
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
    octets.iter().take_while(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// The length of the well-formed value ahead.
fn value_len(octets: &[u8]) -> usize {
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
        at = at.saturating_add(space(octets.get(at..).unwrap_or_default()));
        let rest = octets.get(at..).unwrap_or_default();
        let Some(octet) = rest.first() else {
            let is_whole = expected == Expected::Nothing;
            return if is_whole { Ok(()) } else { Err((ErrorKind::Truncated, at)) };
        };
        let is_object = objects & 1 == 1;
        let after_value = if depth == 0 { Expected::Nothing } else { Expected::CommaOrEnd };
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
    for (i, octet) in octets.iter().enumerate().skip(1) {
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
    for c in text.chars() {
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use proptest::prelude::*;

    /// The value as another library has it.
    fn other(value: Value<'_>) -> serde_json::Value {
        let text = |raw| Text::json(raw).unwrap().to_string();
        match value.kind() {
            Kind::Null => serde_json::Value::Null,
            Kind::Boolean(boolean) => boolean.into(),
            Kind::Number(number) => serde_json::from_str(number.as_str().unwrap()).unwrap(),
            Kind::String(raw) => text(raw).into(),
            Kind::Array(elements) => elements.map(other).collect::<Vec<_>>().into(),
            Kind::Object(members) => serde_json::Value::Object(
                members.map(|(name, value)| (text(name), other(value))).collect(),
            ),
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn errors_say_where() {
        let error = |json: &str| Value::read(json.as_bytes()).unwrap_err().to_string();
        assert_eq!(error(r#"{"a": tru}"#), "JSON is malformed at octet 9");
        assert_eq!(error(r#"{"a": [1,]}"#), "JSON is malformed at octet 9");
        assert_eq!(error(r#"{"a": 01}"#), "JSON is malformed at octet 6");
        assert_eq!(error(r#"{"a": "b"#), "JSON is cut short at octet 8");
        assert_eq!(error("{} x"), "JSON is followed by octets that do not belong to it at octet 3");
        assert_eq!(error("\"a\u{1}\""), "JSON is malformed at octet 2");
        assert_eq!(error(""), "JSON is cut short at octet 0");
        assert_eq!(error(&"[".repeat(1000)), "JSON is nested too deeply at octet 32");
    }

    proptest! {
        /// A document means what another library says, and none of its beginnings is a document.
        #[test]
        fn documents_mean_the_same_to_another_library(json in any_json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
            let text = text.unwrap();
            prop_assert_eq!(other(Value::read(text.as_bytes()).unwrap()), json.clone());
            for (cut, _) in text.char_indices() {
                if Value::read(&text.as_bytes()[..cut]).is_ok() {
                    prop_assert!(json.is_number());
                }
            }
        }

        /// Octets are a document exactly where another library says so, strings aside.
        #[test]
        fn what_is_refused_is_refused_by_another_library(text in "[\\[\\]{},:\"a\\\\ 01.eE+-]{0,12}|[a-z{}\\[\\]\": ,]{0,12}") {
            let ours = Value::read(text.as_bytes());
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            if theirs.is_ok() {
                prop_assert!(ours.is_ok(), "{text}");
            } else if !text.contains('\\') && !text.contains(['e', 'E']) {
                // Escapes are checked when a string is read, and a number may be past what theirs holds.
                prop_assert!(ours.is_err(), "{text}");
            }
        }

        /// A text that is written as a string is the same to another library.
        #[test]
        fn strings_are_written_as_another_library_reads_them(text in any::<String>()) {
            let mut buffer = std::vec![0; 6 * text.len() + 2];
            let mut w = Writer::new(&mut buffer);
            write_string(&mut w, Text::plain(&text)).unwrap();
            prop_assert_eq!(serde_json::from_slice::<String>(w.written()).unwrap(), text);
        }
    }
}
