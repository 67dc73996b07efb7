//! A string that stays in its wire encoding until it is read.
//!
//! Two lazy stages: escapes are undone, then the charset is read. Both are checked when the
//! [`Text`] is made, so reading cannot fail, and an HTTP body flows into septets with no buffer
//! between.
//!
//! ```
//! use septet::text::{Charset, Text};
//!
//! let text = Text::form(b"5+%80", Charset::Windows1252)?;
//! assert!(text.chars().eq("5 €".chars()));
//! assert!(Text::form(b"5+%8", Charset::Windows1252).is_err());
//! # Ok::<(), septet::Error>(())
//! ```

mod chars;
mod charset;
mod escapes;
mod narrow;
mod quoted;
mod wide;

use core::fmt::{self, Write as _};

pub use self::chars::Chars;
pub use self::charset::Charset;
pub(crate) use self::charset::ENCODED_MAX;
use self::escapes::{Encoding, Unescaped};
pub(crate) use self::escapes::{Escapes, hex_digit, unescaped};
pub use self::quoted::quoted;
use self::quoted::write_quoted;
use crate::error::{Error, ErrorKind};
use crate::runs::Runs;
use crate::wide::{WIDE, span};
use crate::wire::Writer;

/// Writes what escaped octets stand for to the front of `buffer`, without a look at the charset, and returns
/// how many octets that are; `None` where something is wrong with them, where that is not so simple, or
/// where there may be no room.
pub(crate) fn unescape_to(
    raw: &[u8],
    escapes: Escapes,
    charset: Charset,
    buffer: &mut [u8],
) -> Option<usize> {
    if WIDE {
        wide::unescape_to(raw, escapes, charset, buffer)
    } else {
        narrow::unescape_to(raw, escapes, charset, buffer)
    }
}

/// A string borrowed from a wire form and decoded only when it is read.
///
/// Two texts are equal when they read alike, however they are escaped.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    raw: &'a [u8],
    encoding: Encoding,
}

/// What stands before and behind the first `octet`, which is ASCII. Unlike `split_once` it has nothing
/// in it that could panic.
pub(crate) fn cut(text: &str, octet: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|own| own == octet)?;
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}

/// What stands between the octets of this kind, which are ASCII: `split` without what could panic.
pub(crate) fn pieces(text: &str, octet: u8) -> impl Iterator<Item = &str> + Clone {
    core::iter::successors(Some((cut(text, octet), text)), move |(cut_here, _)| {
        let (_, rest) = (*cut_here)?;
        Some((cut(rest, octet), rest))
    })
    .map(|(cut_here, whole)| cut_here.map_or(whole, |(piece, _)| piece))
}

/// The text that `write` writes to the front of `buffer`.
pub(crate) fn written<'b>(
    buffer: &'b mut [u8],
    write: impl FnOnce(&mut Writer<'b>) -> Result<(), Error>,
) -> Result<&'b str, Error> {
    let mut w = Writer::new(buffer);
    write(&mut w)?;
    core::str::from_utf8(w.into_written()).map_err(|_| ErrorKind::Charset.at("", 0))
}

impl<'a> Text<'a> {
    /// A text that has no characters.
    pub const EMPTY: Text<'static> = Text::plain("");

    /// `s` as it stands.
    pub const fn plain(s: &'a str) -> Self {
        Self::unchecked(s.as_bytes(), Escapes::None, Charset::Utf8)
    }

    /// Text that has the same octets in `charset`.
    pub(crate) const fn plain_in(s: &'a str, charset: Charset) -> Self {
        Self::unchecked(s.as_bytes(), Escapes::None, charset)
    }

    /// Octets that were seen to be UTF-8.
    pub(crate) const fn of_utf8(raw: &'a [u8]) -> Self {
        Self::unchecked(raw, Escapes::None, Charset::Utf8)
    }

    /// Octets in `charset`, without escapes.
    ///
    /// # Errors
    /// [`ErrorKind::Charset`] with its offset.
    pub fn octets(raw: &'a [u8], charset: Charset) -> Result<Self, Error> {
        Self::unchecked(raw, Escapes::None, charset).checked()
    }

    /// A name or value of a form or query, in `charset` once its escapes are undone.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`] or [`ErrorKind::Charset`] with its offset in `raw`.
    pub fn form(raw: &'a [u8], charset: Charset) -> Result<Self, Error> {
        Self::unchecked(raw, Escapes::Form, charset).checked()
    }

    /// What stands between the quotation marks of a JSON string, which is UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`], or [`ErrorKind::Charset`] also where half of a surrogate pair stands
    /// alone, with its offset in `raw`.
    ///
    /// RFC 8259, section 7.
    pub fn json(raw: &'a [u8]) -> Result<Self, Error> {
        Self::unchecked(raw, Escapes::Json, Charset::Utf8).checked()
    }

    /// The same octets, their escapes undone, in another charset.
    ///
    /// # Errors
    /// [`ErrorKind::Charset`] with its offset.
    pub fn with_charset(self, charset: Charset) -> Result<Self, Error> {
        Self { encoding: self.encoding.with_charset(charset), ..self }.checked()
    }

    /// The same text, where a backslash has the character after it stand for itself.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`] where nothing follows a backslash.
    pub fn with_backslashes(self) -> Result<Self, Error> {
        Self { encoding: self.encoding.with_backslashes(), ..self }.checked()
    }

    /// Octets that are escaped in one of these ways.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`], [`ErrorKind::Charset`].
    pub(crate) fn escaped(
        raw: &'a [u8],
        escapes: Escapes,
        charset: Charset,
    ) -> Result<Self, Error> {
        Self::unchecked(raw, escapes, charset).checked()
    }

    /// The same octets, escaped in another way.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`], [`ErrorKind::Charset`].
    pub(crate) fn with_escapes(self, escapes: Escapes) -> Result<Self, Error> {
        Self { encoding: self.encoding.with_escapes(escapes), ..self }.checked()
    }

    const fn unchecked(raw: &'a [u8], escapes: Escapes, charset: Charset) -> Self {
        Self { raw, encoding: Encoding::new(escapes, charset) }
    }

    fn checked(self) -> Result<Self, Error> {
        let mut chars = self.chars();
        if wide::is_plain(&chars.0) {
            return Ok(Self { encoding: self.encoding.with_escapes(Escapes::None), ..self });
        }
        loop {
            if WIDE {
                chars.skip_ahead(wide::faultless(&chars.0));
                if chars.is_done() {
                    return Ok(self);
                }
            }
            chars.skip_ahead(chars.run().len());
            let at = self.raw.len().saturating_sub(chars.0.raw.len());
            match chars.try_next() {
                None => return Ok(self),
                Some(Ok(_)) => {}
                Some(Err(kind)) => return Err(kind.at("", at)),
            }
        }
    }

    /// The characters.
    pub const fn chars(&self) -> Chars<'a> {
        let Self { raw, encoding } = *self;
        Chars(Unescaped { raw, encoding })
    }

    /// Whether there are more than `characters` characters.
    pub fn is_longer_than(&self, characters: usize) -> bool {
        self.chars().nth(characters).is_some()
    }

    /// The octets of the text, where they are UTF-8 as they stand.
    pub(crate) const fn utf8(&self) -> Option<&'a [u8]> {
        if self.encoding.is_utf8() { Some(self.raw) } else { None }
    }

    /// Whether there is no character.
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The charset that the text is kept in.
    pub const fn charset(&self) -> Charset {
        self.encoding.charset()
    }

    /// The text as a slice, where nothing needs decoding.
    pub fn as_str(&self) -> Option<&'a str> {
        let Self { raw: _, encoding } = *self;
        let plain = match (encoding.escapes(), encoding.charset(), encoding.has_backslashes()) {
            (Escapes::None, Charset::Utf8, false) => self.raw,
            _ => match encoding.stops() {
                Some(stops) => Some(self.raw).filter(|raw| span(raw, stops) == raw.len())?,
                None => Some(self.chars().run()).filter(|run| run.len() == self.raw.len())?,
            },
        };
        core::str::from_utf8(plain).ok()
    }

    /// Copies the text to the front of `buffer`, as UTF-8. What is behind it may be overwritten.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Error> {
        let (raw, room) = (self.raw, buffer.len());
        if WIDE && self.encoding.is_utf8() && raw.len() <= room {
            let (to, _) = buffer.split_at_mut_checked(raw.len()).unwrap_or_default();
            // Not `copy_from_slice`: see `Writer`.
            to.iter_mut().zip(raw).for_each(|(to, from)| *to = *from);
            return core::str::from_utf8(to).map_err(|_| ErrorKind::Charset.at("", 0));
        }
        written(buffer, |w| self.emit(w, Charset::Utf8))
    }

    /// Writes the text in `charset`, without escapes.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    pub fn emit(&self, w: &mut Writer<'_>, charset: Charset) -> Result<(), Error> {
        let mut chars = self.chars();
        loop {
            match charset {
                _ if WIDE => chars.emit_wide(charset, w),
                Charset::Utf8 => chars.emit_narrow(w),
                _ => {}
            }
            if chars.is_done() {
                return Ok(());
            }
            let Some(c) = chars.next() else { return Ok(()) };
            let at = w.len();
            w.octets(charset.encode(c, &mut [0; ENCODED_MAX]).map_err(|kind| kind.at("", at))?)?;
        }
    }

    /// The texts before and after the first character for which `separator` holds, and that
    /// character.
    ///
    /// An escaped separator is one too: `a%2Cb` is cut as `a,b` is.
    pub fn split_once(&self, separator: impl Fn(char) -> bool) -> Option<(Self, char, Self)> {
        let mut chars = self.chars();
        loop {
            let before = chars.0.raw.len();
            let c = chars.next()?;
            if separator(c) {
                let front = self.raw.len().saturating_sub(before);
                return Some((
                    Self { raw: self.raw.get(..front).unwrap_or_default(), ..*self },
                    c,
                    Self { raw: chars.0.raw, ..*self },
                ));
            }
        }
    }

    /// The first `characters` characters, and the others.
    pub fn split_at(&self, characters: usize) -> (Self, Self) {
        let mut chars = self.chars();
        chars.by_ref().take(characters).for_each(drop);
        let rest = chars.as_text();
        let front = self.raw.len().saturating_sub(rest.raw.len());
        (Self { raw: self.raw.get(..front).unwrap_or_default(), ..*self }, rest)
    }

    /// The text without the white space at its beginning.
    #[must_use]
    pub fn trim_start(&self) -> Self {
        let mut chars = self.chars();
        loop {
            let rest = Self { raw: chars.0.raw, ..*self };
            if !chars.next().is_some_and(char::is_whitespace) {
                return rest;
            }
        }
    }

    /// What comes before `suffix`, where the text ends with it.
    pub fn strip_suffix(&self, suffix: &str) -> Option<Self> {
        let mut chars = self.chars();
        loop {
            let front = self.raw.len().saturating_sub(chars.0.raw.len());
            if chars.clone().eq(suffix.chars()) {
                return Some(Self { raw: self.raw.get(..front).unwrap_or_default(), ..*self });
            }
            chars.next()?;
        }
    }

    /// What follows `prefix`, where the text begins with it.
    pub fn strip_prefix(&self, prefix: &str) -> Option<Self> {
        let mut chars = self.chars();
        for c in prefix.chars() {
            if chars.next() != Some(c) {
                return None;
            }
        }
        Some(Self { raw: chars.0.raw, ..*self })
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(s: &'a str) -> Self {
        Self::plain(s)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.chars();
        loop {
            f.write_str(chars.take_run())?;
            match chars.next() {
                Some(c) => f.write_char(c)?,
                None => return Ok(()),
            }
        }
    }
}

/// The text [`quoted`].
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut chars = self.chars();
        loop {
            let run = chars.run();
            let stands_for_itself =
                |octet: &u8| matches!(octet, b' '..=b'~') && !matches!(octet, b'"' | b'\\');
            let end = run.iter().position(|octet| !stands_for_itself(octet)).unwrap_or(run.len());
            f.write_str(chars.take_octets(end))?;
            match chars.next() {
                Some(c) => write_quoted(f, c)?,
                None => return f.write_char('"'),
            }
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.chars().for_each(|c| defmt::write!(f, "{}", c));
    }
}

/// A text that is never printed: a password, a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret<'a>(pub Text<'a>);

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Secret<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "***");
    }
}

#[cfg(test)]
mod tests;
