//! `multipart/form-data`, as a browser or `curl -F` sends a form.
//!
//! Only this file knows boundaries and the headers of a part.
//!
//! ```
//! use septet::fields::{Body, Source};
//! use septet::multipart::MultipartReader;
//! use septet::text::Charset;
//!
//! let body = b"--x\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n4512345678\r\n--x--\r\n";
//! let parts = MultipartReader::new(body, "multipart/form-data; boundary=x", Charset::Utf8)?;
//! let to = Source::of_body(Body::Multipart(parts)).find("to").unwrap();
//! assert_eq!(to.text()?, *"4512345678");
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! RFC 7578 and RFC 2046, section 5.1.

use crate::error::{Error, ErrorKind};
use crate::text::{Charset, cut, pieces};
use crate::wire::Writer;

/// The boundary that is written.
pub(crate) const BOUNDARY: &str = "septet-7d1f0c9b2e64a853";

/// The name that errors of the body as a whole have for a field.
pub const BODY: &str = "multipart body";

/// The parts of a body, in their order.
#[derive(Clone, Copy, Debug)]
pub struct MultipartReader<'a> {
    body: &'a [u8],
    boundary: &'a str,
    at: usize,
    charset: Charset,
}

/// A part: its name, its value, and where the value begins.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
    pub at: usize,
}

impl<'a> MultipartReader<'a> {
    /// The parts of `body`, whose boundary stands in the content type.
    ///
    /// # Errors
    /// In [`BODY`]: [`ErrorKind::Missing`] without a boundary, [`ErrorKind::Truncated`] without the
    /// last delimiter, [`ErrorKind::Malformed`] where a part has no name.
    pub fn new(body: &'a [u8], content_type: &'a str, charset: Charset) -> Result<Self, Error> {
        let boundary = parameter(content_type, "boundary");
        let boundary = boundary.filter(|boundary| !boundary.is_empty());
        let boundary = boundary.ok_or(ErrorKind::Missing.at("boundary", 0))?;
        let (at, is_last) = find(body, boundary, true).ok_or(ErrorKind::Truncated.at(BODY, 0))?;
        let reader = Self { body, boundary, at: if is_last { body.len() } else { at }, charset };
        let mut parts = reader;
        while parts.next()?.is_some() {}
        Ok(reader)
    }

    /// The charset of the values.
    pub const fn charset(&self) -> Charset {
        self.charset
    }

    /// The same parts, their values in `charset`.
    #[must_use]
    pub const fn with_charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }

    /// The next part.
    pub(crate) fn next(&mut self) -> Result<Option<Part<'a>>, Error> {
        let start = self.at;
        let rest = self.body.get(start..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        // Behind a delimiter comes the end of its line.
        let line = rest.iter().position(|octet| *octet == b'\n');
        let head = line.map_or(rest.len(), |line| line.saturating_add(1));
        let rest = rest.get(head..).unwrap_or_default();
        let (len, is_last) =
            find(rest, self.boundary, false).ok_or(ErrorKind::Truncated.at(BODY, start))?;
        let part_at = start.saturating_add(head);
        self.at = if is_last { self.body.len() } else { part_at.saturating_add(len) };
        let part = delimited(rest, self.boundary);
        let (headers, value) = split_headers(part);
        let name = headers.and_then(|headers| name(headers));
        let name = name.ok_or(ErrorKind::Malformed.at(BODY, part_at))?;
        let at = part_at.saturating_add(part.len().saturating_sub(value.len()));
        Ok(Some(Part { name, value, at }))
    }
}

/// Where the octets behind the next delimiter begin, and whether it is the last one. At the
/// beginning of a body it needs no line before it.
fn find(octets: &[u8], boundary: &str, at_beginning: bool) -> Option<(usize, bool)> {
    let mut from = 0;
    loop {
        let dashes = position(octets.get(from..)?, b"--")?.saturating_add(from);
        let behind = octets.get(dashes.saturating_add(2)..)?;
        let line_begins = dashes == 0 && at_beginning
            || octets.get(..dashes).and_then(<[u8]>::last) == Some(&b'\n');
        if line_begins && let Some(behind) = behind.strip_prefix(boundary.as_bytes()) {
            let at = octets.len().saturating_sub(behind.len());
            if behind.starts_with(b"--") {
                return Some((at, true));
            }
            // Not the beginning of a longer line.
            if matches!(behind.trim_ascii_start().len(), len if len < behind.len()) {
                return Some((at, false));
            }
        }
        from = dashes.saturating_add(1);
    }
}

/// The octets before the line of the next delimiter.
fn delimited<'a>(octets: &'a [u8], boundary: &str) -> &'a [u8] {
    let Some((behind, _)) = find(octets, boundary, false) else { return octets };
    let end = behind.saturating_sub(boundary.len()).saturating_sub(2);
    let part = octets.get(..end).unwrap_or_default();
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

/// The headers of a part and what follows their empty line.
fn split_headers(part: &[u8]) -> (Option<&[u8]>, &[u8]) {
    for end in [b"\r\n\r\n".as_slice(), b"\n\n"] {
        if let Some(at) = position(part, end) {
            let value = part.get(at.saturating_add(end.len())..).unwrap_or_default();
            return (part.get(..at), value);
        }
    }
    (None, part)
}

/// The name in a part's `Content-Disposition`.
fn name(headers: &[u8]) -> Option<&[u8]> {
    headers.split(|octet| *octet == b'\n').find_map(|line| {
        let colon = line.iter().position(|octet| *octet == b':')?;
        let (header, value) = line.split_at_checked(colon)?;
        header.trim_ascii().eq_ignore_ascii_case(b"Content-Disposition").then_some(())?;
        // A name is in the charset of the form; those that are listed are ASCII.
        parameter(core::str::from_utf8(value).ok()?, "name").map(str::as_bytes)
    })
}

/// The value of a parameter of a header, without its quotation marks.
pub(crate) fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    pieces(header, b';').skip(1).find_map(|parameter| {
        let (own, value) = cut(parameter, b'=')?;
        let value = value.trim();
        let end = value.len().saturating_sub(1);
        let is_quoted = value.as_bytes().first() == Some(&b'"')
            && value.as_bytes().get(1..).unwrap_or_default().last() == Some(&b'"');
        let unquoted = if is_quoted { value.get(1..end) } else { None };
        own.trim().eq_ignore_ascii_case(name).then_some(unquoted.unwrap_or(value))
    })
}

/// Where `wanted` begins.
fn position(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    (0..octets.len()).find(|at| octets.get(*at..).unwrap_or_default().starts_with(wanted))
}

/// Writes what stands before the value of a part.
pub(crate) fn write_head(w: &mut Writer<'_>, name: &str) -> Result<(), Error> {
    w.text("--")?;
    w.text(BOUNDARY)?;
    w.text("\r\nContent-Disposition: form-data; name=\"")?;
    w.text(name)?;
    w.text("\"\r\n\r\n")
}

/// Writes what stands behind the value that began at `start`.
pub(crate) fn write_tail(w: &mut Writer<'_>, start: usize) -> Result<(), Error> {
    let value = w.written().get(start..).unwrap_or_default();
    if position(value, BOUNDARY.as_bytes()).is_some() {
        return Err(ErrorKind::Value.at("", start));
    }
    w.text("\r\n")
}

/// Writes the last delimiter.
pub(crate) fn write_end(w: &mut Writer<'_>) -> Result<(), Error> {
    w.text("--")?;
    w.text(BOUNDARY)?;
    w.text("--\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::{String, ToString};
    use std::vec::Vec;

    const TYPE: &str = "multipart/form-data; boundary=\"b-1\"";

    fn parts(body: &str) -> Result<Vec<(String, String)>, Error> {
        let mut reader = MultipartReader::new(body.as_bytes(), TYPE, Charset::Utf8)?;
        let mut parts = Vec::new();
        while let Some(Part { name, value, at }) = reader.next()? {
            assert!(body.as_bytes()[at..].starts_with(value));
            let text = |octets| String::from_utf8_lossy(octets).into_owned();
            parts.push((text(name), text(value)));
        }
        Ok(parts)
    }

    #[test]
    fn parts_are_read() {
        let body = "preamble\r\n--b-1\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n45\r\n\
                    --b-1 \r\ncontent-type: text/plain\r\ncontent-disposition: form-data; filename=x; name=text\r\n\
                    \r\n--b\r\n--b-12\r\n\r\n--b-1--\r\nepilogue";
        let expected = [("to", "45"), ("text", "--b\r\n--b-12\r\n")];
        assert_eq!(parts(body).unwrap(), expected.map(|(a, b)| (a.to_string(), b.to_string())));
        assert_eq!(parts("--b-1--").unwrap(), []);
        let lines = "--b-1\nContent-Disposition: form-data; name=\"to\"\n\n45\n--b-1--\n";
        assert_eq!(parts(lines).unwrap(), [("to".to_string(), "45".to_string())]);
    }

    #[test]
    fn no_beginning_of_a_body_is_a_body() {
        let body = "--b-1\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n45\r\n--b-1--";
        assert_eq!(parts(body).unwrap().len(), 1);
        for (cut, _) in body.char_indices() {
            assert!(parts(body.split_at(cut).0).is_err(), "{cut}");
        }
        let error = parts("--b-1\r\n\r\nx\r\n--b-1--").unwrap_err();
        assert_eq!(error, ErrorKind::Malformed.at(BODY, 7));
        let missing = MultipartReader::new(b"", "multipart/form-data", Charset::Utf8);
        assert_eq!(missing.unwrap_err(), ErrorKind::Missing.at("boundary", 0));
    }
}
