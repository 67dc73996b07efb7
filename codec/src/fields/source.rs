//! Where fields are read from: path, body and query, a pair at a time.

use crate::error::{Error, ErrorKind};
use crate::form::FormReader;
use crate::json::{self, Kind};
use crate::multipart::MultipartReader;
use crate::text::{Charset, Escapes, Text, cut, unescape_to, unescaped};
use crate::wide::{self, WIDE};

/// A value as it stands in its carrier, unchecked.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// Octets that may be escaped.
    Octets(RawOctets<'a>),
    /// A JSON value.
    Json(json::Value<'a>),
}

/// Octets of a value, unchecked.
#[derive(Clone, Copy)]
pub struct RawOctets<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) escapes: Escapes,
    pub(crate) charset: Charset,
    /// The value, where it is known that nothing in it is to be decoded.
    plain: Option<&'a str>,
}

/// How many there are: what they are may be secret.
impl core::fmt::Debug for RawOctets<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RawOctets({} octets)", self.octets.len())
    }
}

impl<'a> Raw<'a> {
    pub(crate) const fn new(octets: &'a [u8], escapes: Escapes, charset: Charset) -> Self {
        Self::Octets(RawOctets { octets, escapes, charset, plain: None })
    }

    /// A value of a form, and what it is as a text, where that is known.
    pub(crate) const fn of_form(
        octets: &'a [u8],
        plain: Option<&'a str>,
        charset: Charset,
    ) -> Self {
        Self::Octets(RawOctets { octets, escapes: Escapes::Form, charset, plain })
    }

    /// The value as a text: of JSON a string, or a number or boolean as it is written.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`], [`ErrorKind::Charset`]; [`ErrorKind::Value`] for what is none of these.
    pub fn text(self) -> Result<Text<'a>, Error> {
        match self {
            Self::Octets(RawOctets { plain: Some(text), charset, .. }) => {
                Ok(Text::plain_in(text, charset))
            }
            Self::Octets(RawOctets { octets, escapes, charset, plain: None }) => {
                Text::escaped(octets, escapes, charset)
            }
            Self::Json(value) => value.text(),
        }
    }

    /// The value as a text in UTF-8: where it stands, if it is known to be one there, else written to the front
    /// of `buffer`, which is to have room for it. What is behind it may be overwritten.
    ///
    /// ```
    /// use septet::form::FormReader;
    /// use septet::text::Charset;
    ///
    /// let mut form = FormReader::new(b"to=4512345678&text=Hello+%C3%85se", Charset::Utf8);
    /// let mut buffer = [0; 32];
    /// assert_eq!(form.next_pair().unwrap().value.decoded(&mut buffer)?, "4512345678");
    /// assert_eq!(form.next_pair().unwrap().value.decoded(&mut buffer)?, "Hello Åse");
    /// # Ok::<(), septet::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`text`](Self::text) and of [`Text::copy_to`].
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub fn decoded<'b>(self, buffer: &'b mut [u8]) -> Result<&'b str, Error>
    where
        'a: 'b,
    {
        match self {
            Self::Octets(RawOctets { plain: Some(text), .. }) => Ok(text),
            Self::Octets(_) => self.copy_to(buffer),
            Self::Json(value) => value.decoded(buffer),
        }
    }

    /// Copies the value as a text to the front of `buffer`, as UTF-8. What is behind it may be
    /// overwritten.
    ///
    /// It is [`text`](Self::text) and [`Text::copy_to`] in one.
    ///
    /// # Errors
    /// Those of both.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub fn copy_to(self, buffer: &mut [u8]) -> Result<&str, Error> {
        let RawOctets { octets, escapes, charset, .. } = match self {
            Self::Octets(raw) => raw,
            Self::Json(value) => return value.copy_to(buffer),
        };
        let Some(len) = unescape_to(octets, escapes, charset, buffer) else {
            return self.text()?.copy_to(buffer);
        };
        // What is wrong, and where, the check says.
        let error = |_| self.text().err().unwrap_or(ErrorKind::Charset.at("", 0));
        core::str::from_utf8(buffer.get(..len).unwrap_or_default()).map_err(error)
    }

    /// The octets of the value, their escapes undone, whether or not they are text in its charset; of
    /// JSON none.
    pub fn octets(self) -> impl Iterator<Item = u8> + Clone + use<'a> {
        let (octets, escapes): (&'a [u8], _) = match self {
            Self::Octets(raw) => (raw.octets, raw.escapes),
            Self::Json(_) => (&[], Escapes::None),
        };
        unescaped(octets, escapes)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self, Self::Json(value) if matches!(value.kind(), Kind::Null))
    }

    /// Whether there is nothing in it, or `null`.
    pub fn is_empty(self) -> bool {
        match self {
            Self::Octets(raw) => raw.octets.is_empty(),
            Self::Json(value) => matches!(value.kind(), Kind::Null | Kind::String([])),
        }
    }
}

/// One name and its value.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The name, escaped as its carrier has it.
    pub name: &'a [u8],
    escapes: Escapes,
    /// The value.
    pub value: Raw<'a>,
    /// Octets from the start of the carrier to the value.
    pub at: usize,
    /// Which of several carriers it stands in: the lowest wins.
    pub rank: Rank,
}

/// Which of a request's carriers a pair stands in. Where several have a name, the first one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Rank {
    /// The path.
    Path,
    /// The body.
    Body,
    /// The query.
    Query,
}

impl<'a> Pair<'a> {
    pub(crate) const fn new(
        (name, escapes): (&'a [u8], Escapes),
        value: Raw<'a>,
        at: usize,
    ) -> Self {
        Self { name, escapes, value, at, rank: Rank::Body }
    }

    /// Whether the name is `name`, however it is escaped. One whose escapes are broken is nobody's.
    #[inline]
    pub fn is_named(&self, name: &str) -> bool {
        if WIDE && matches!(self.escapes, Escapes::None) {
            return wide::is_same(self.name, name.as_bytes());
        }
        // Most are another's by their first octet.
        let is_other = match (self.name, name.as_bytes()) {
            ([own, ..], [other, ..]) => own != other && !is_escape(own),
            _ => false,
        };
        !is_other && self.is_named_so(name)
    }

    fn is_named_so(&self, name: &str) -> bool {
        if self.name.iter().any(is_escape) {
            self.name().is_ok_and(|own| own == *name)
        } else {
            self.name == name.as_bytes()
        }
    }

    /// The name.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`], [`ErrorKind::Charset`].
    pub fn name(&self) -> Result<Text<'a>, Error> {
        Text::escaped(self.name, self.escapes, Charset::Utf8)
    }
}

/// Whether a name may be another one than it is written as.
#[inline]
const fn is_escape(octet: &u8) -> bool {
    matches!(octet, b'%' | b'+' | b'\\')
}

/// What a body carries fields as.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing.
    Empty,
    /// A form.
    Form(FormReader<'a>),
    /// A form in parts.
    Multipart(MultipartReader<'a>),
    /// A JSON object; of another value, no fields.
    Json(json::Value<'a>, json::Members<'a>),
}

impl<'a> Body<'a> {
    /// The fields of a JSON object.
    pub fn json(value: json::Value<'a>) -> Self {
        Self::Json(value, value.members())
    }

    fn next_pair(&mut self) -> Option<Pair<'a>> {
        match self {
            Self::Empty => None,
            Self::Form(form) => form.next_pair(),
            Self::Multipart(parts) => {
                // The parts were checked when the reader was made.
                let part = parts.next().ok()??;
                let value = Raw::new(part.value, Escapes::None, parts.charset());
                Some(Pair::new((part.name, Escapes::None), value, part.at))
            }
            Self::Json(_, members) => {
                let (name, value) = members.next()?;
                Some(Pair::new((name, Escapes::Json), Raw::Json(value), value.at()))
            }
        }
    }

    /// Goes on to the next pair that is named `name`.
    pub(super) fn find_next(&mut self, name: &str) -> Option<Pair<'a>> {
        loop {
            let pair = self.next_pair()?;
            if pair.is_named(name) {
                return Some(pair);
            }
        }
    }

    /// The same, the values of a form in `charset`. JSON is always UTF-8.
    #[must_use]
    pub fn with_charset(self, charset: Charset) -> Self {
        match self {
            Self::Form(form) => Self::Form(form.with_charset(charset)),
            Self::Multipart(parts) => Self::Multipart(parts.with_charset(charset)),
            Self::Empty | Self::Json(..) => self,
        }
    }
}

/// The pairs of a request or reply: those of its path, then of its body, then of its query.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    path: Captures<'a>,
    body: Body<'a>,
    query: FormReader<'a>,
}

impl<'a> Source<'a> {
    /// The pairs of a body alone.
    pub const fn of_body(body: Body<'a>) -> Self {
        let query = FormReader::new(&[], Charset::Utf8);
        Self { path: Captures::NONE, body, query }
    }

    /// The pairs of a form or query alone.
    pub const fn of_form(form: FormReader<'a>) -> Self {
        Self::of_body(Body::Form(form))
    }

    /// The pairs of path, body and query.
    pub const fn new(path: Captures<'a>, body: Body<'a>, query: FormReader<'a>) -> Self {
        Self { path, body, query }
    }

    /// The next pair.
    pub fn next_pair(&mut self) -> Option<Pair<'a>> {
        if let Some(pair) = self.path.next_pair() {
            return Some(Pair { rank: Rank::Path, ..pair });
        }
        match self.body.next_pair() {
            Some(pair) => Some(pair),
            None => self.query.next_pair().map(|pair| Pair { rank: Rank::Query, ..pair }),
        }
    }

    /// The first value that wins under `name`, unchecked.
    pub fn find(mut self, name: &str) -> Option<Raw<'a>> {
        loop {
            let pair = self.next_pair()?;
            if pair.is_named(name) {
                return Some(pair.value);
            }
        }
    }

    /// The same pairs, those of forms in `charset`.
    #[must_use]
    pub fn with_charset(self, charset: Charset) -> Self {
        Self {
            path: self.path,
            body: self.body.with_charset(charset),
            query: self.query.with_charset(charset),
        }
    }

    /// The JSON value that the body is.
    pub const fn json(&self) -> Option<json::Value<'a>> {
        match self.body {
            Body::Json(value, _) => Some(value),
            _ => None,
        }
    }

    /// The carrier of `rank`, where a name may stand several times in it.
    pub(super) const fn repeating(&self, rank: Rank) -> Option<Body<'a>> {
        match (rank, self.body) {
            (Rank::Path, _) | (Rank::Body, Body::Json(..)) => None,
            (Rank::Body, body) => Some(body),
            (Rank::Query, _) => Some(Body::Form(self.query)),
        }
    }
}

/// The values that a path has where its template has names: `/sms/{order_id}`.
///
/// Empty segments do not count: `//sms/7` is `/sms/7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captures<'a> {
    /// The template.
    template: &'static str,
    /// The path.
    path: &'a str,
}

/// The name in a template's segment, where it is one.
pub(crate) fn captured(segment: &str) -> Option<&str> {
    let end = segment.len().checked_sub(1)?;
    let is_name =
        segment.as_bytes().first() == Some(&b'{') && segment.as_bytes().get(end) == Some(&b'}');
    if is_name { segment.get(1..end) } else { None }
}

/// The first segment of a path and what follows it.
fn segment(path: &str) -> Option<(&str, &str)> {
    let start = path.bytes().position(|octet| octet != b'/')?;
    let path = path.get(start..)?;
    Some(cut(path, b'/').unwrap_or((path, "")))
}

impl<'a> Captures<'a> {
    /// Those of no path.
    pub const NONE: Captures<'static> = Captures { template: "", path: "" };

    /// The captures of `path`, where it is one of the template's. `ignore_case` has upper and lower
    /// case be alike.
    pub fn new(template: &'static str, path: &'a str, ignore_case: bool) -> Option<Self> {
        let captures = Self { template, path };
        // Most are another's by their first letter.
        if let ([b'/', own, ..], [b'/', other, ..]) = (template.as_bytes(), path.as_bytes())
            && !matches!((own, other), (b'{', _) | (_, b'/'))
            && !own.eq_ignore_ascii_case(other)
        {
            return None;
        }
        let (mut template, mut path) = (template, path);
        loop {
            let (own, own_rest, other, other_rest) = match (segment(template), segment(path)) {
                (None, None) => return Some(captures),
                (Some((own, own_rest)), Some((other, other_rest))) => {
                    (own, own_rest, other, other_rest)
                }
                _ => return None,
            };
            let is_same = own == other || ignore_case && own.eq_ignore_ascii_case(other);
            if captured(own).is_none() && !is_same {
                return None;
            }
            (template, path) = (own_rest, other_rest);
        }
    }

    fn next_pair(&mut self) -> Option<Pair<'a>> {
        loop {
            let ((own, template), (other, path)) = (segment(self.template)?, segment(self.path)?);
            (self.template, self.path) = (template, path);
            if let Some(name) = captured(own) {
                let value = Raw::new(other.as_bytes(), Escapes::Percent, Charset::Utf8);
                return Some(Pair::new((name.as_bytes(), Escapes::None), value, 0));
            }
        }
    }
}
