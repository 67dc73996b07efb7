//! HTTP/1.1 on a line that is shared by one client after the other: one request at a time.
//!
//! A serial cable has no connections: where a request begins is known by where the last one ended. So
//! what is no request is read over until the line was silent for [`QUIET_MS`], and what stays incomplete
//! is dropped after [`STALL_MS`]. RFC 9112.

pub(crate) mod reply;

use heapless::Vec;
use septet::api::Status;
use septet::wire::Writer;

use crate::engine::Instant;

/// The most header fields of a request.
pub const HEADERS_MAX: usize = 24;

/// After how many milliseconds without an octet what follows a broken request is read as a new one.
pub const QUIET_MS: u32 = 50;

/// After how many milliseconds without an octet a request that is not whole is dropped.
pub const STALL_MS: u32 = 2_000;

/// What comes over the line, up to the end of one request of at most `N` octets.
#[derive(Debug)]
pub struct Line<const N: usize> {
    buffer: Vec<u8, N>,
    state: State,
    /// When the last octet came.
    heard: Instant,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its head comes.
    Head,
    /// Its body comes.
    Body { head: Head, rest: Rest },
    /// It is whole.
    Whole(Head),
    /// It cannot be read, and is read over until the line is silent.
    Broken(Status),
    /// It is too long: so many octets of it are still to come.
    TooLong(usize),
    /// It is refused: all of it was read, or its client may send its body all the same.
    Refused(Status, Unread),
    /// It was refused: what comes is read over until the line is silent.
    Skipping,
}

/// What may follow of a request that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    /// Nothing.
    None,
    /// Its body.
    Body,
}

/// The head of a request in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    /// How many octets it has; the body stands behind it.
    len: usize,
    /// Whether the client waits for `100 Continue`.
    expects: bool,
    /// Whether the connection stays open.
    keeps: bool,
}

/// What is left of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// So many octets.
    Octets(usize),
    /// The size of a chunk, as far as it was read, and whether its digits are over.
    Size(usize, bool),
    /// So many octets of a chunk.
    Chunk(usize),
    /// The line end behind a chunk.
    ChunkEnd,
    /// The lines behind the last chunk; how many octets the present one has.
    Trailer(usize),
}

/// A request that is whole.
#[derive(Clone, Debug)]
pub struct Incoming<'a> {
    /// Method, as it is written.
    pub method: &'a str,
    /// Path, from its first `/`, without the query.
    pub path: &'a str,
    /// What follows the `?`; empty where there is none.
    pub query: &'a str,
    /// Names and values of its header fields; those whose value is no UTF-8 are left out.
    pub headers: Vec<(&'a str, &'a str), HEADERS_MAX>,
    /// Body.
    pub body: &'a [u8],
    /// Whether the client keeps the connection open.
    pub keeps: bool,
}

impl<const N: usize> Default for Line<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Line<N> {
    /// A line on which nothing has come.
    pub const fn new() -> Self {
        Self { buffer: Vec::new(), state: State::Head, heard: Instant(0) }
    }

    /// Takes octets that came, up to the end of a request, and returns how many. None are taken while a
    /// request waits for [`answered`](Self::answered).
    pub fn receive(&mut self, octets: &[u8], now: Instant) -> usize {
        self.pass(now);
        if octets.is_empty() {
            return 0;
        }
        self.heard = now;
        for (taken, octet) in octets.iter().enumerate() {
            if matches!(self.state, State::Whole(_) | State::Refused(..)) {
                return taken;
            }
            self.push(*octet);
        }
        octets.len()
    }

    /// Tells the time.
    pub fn pass(&mut self, now: Instant) {
        let silent = now.0.saturating_sub(self.heard.0);
        match self.state {
            State::Broken(status) if silent >= u64::from(QUIET_MS) => {
                self.state = State::Refused(status, Unread::None);
            }
            State::Skipping if silent >= u64::from(QUIET_MS) => self.begin(),
            State::TooLong(_) | State::Body { .. } if silent >= u64::from(STALL_MS) => self.begin(),
            State::Head if silent >= u64::from(STALL_MS) => self.begin(),
            _ => {}
        }
    }

    /// When [`pass`](Self::pass) is to be called though nothing comes.
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Broken(_) | State::Skipping => Some(self.heard.after(QUIET_MS)),
            State::Head if self.buffer.is_empty() => None,
            State::Head | State::Body { .. } | State::TooLong(_) => {
                Some(self.heard.after(STALL_MS))
            }
            State::Whole(_) | State::Refused(..) => None,
        }
    }

    /// Whether nothing of a request has come.
    pub fn is_idle(&self) -> bool {
        self.state == State::Head && self.buffer.is_empty()
    }

    /// Whether the client waits for `100 Continue`; told once.
    pub fn expects(&mut self) -> bool {
        match &mut self.state {
            State::Body { head, .. } => core::mem::take(&mut head.expects),
            _ => false,
        }
    }

    /// The request, once it is whole; or with what status it is to be refused.
    pub fn request(&self) -> Option<Result<Incoming<'_>, Status>> {
        match self.state {
            State::Whole(head) => Some(self.incoming(head).ok_or(Status::BAD_REQUEST)),
            State::Refused(status, _) => Some(Err(status)),
            _ => None,
        }
    }

    /// Tells that the request was answered: the next one is read.
    pub fn answered(&mut self) {
        match self.state {
            State::Whole(_) | State::Refused(_, Unread::None) => self.begin(),
            State::Refused(_, Unread::Body) => {
                self.buffer.clear();
                self.state = State::Skipping;
            }
            _ => {}
        }
    }

    fn begin(&mut self) {
        self.buffer.clear();
        self.state = State::Head;
    }

    fn push(&mut self, octet: u8) {
        match self.state {
            State::Head => self.head(octet),
            State::Body { head, rest } => self.body(head, rest, octet),
            State::TooLong(left) => {
                self.state = match left.saturating_sub(1) {
                    0 => State::Refused(Status::TOO_LARGE, Unread::None),
                    left => State::TooLong(left),
                };
            }
            State::Whole(_) | State::Broken(_) | State::Refused(..) | State::Skipping => {}
        }
    }

    #[inline(never)]
    fn head(&mut self, octet: u8) {
        // Empty lines before a request are none of it.
        if self.buffer.is_empty() && matches!(octet, b'\r' | b'\n') {
            return;
        }
        if self.buffer.push(octet).is_err() {
            self.state = State::Broken(HEAD_TOO_LARGE);
        } else if self.buffer.ends_with(b"\r\n\r\n") || self.buffer.ends_with(b"\n\n") {
            self.state = self.read_head().unwrap_or_else(State::Broken);
        }
    }

    /// What follows a head that is whole.
    #[inline(never)]
    fn read_head(&self) -> Result<State, Status> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&self.buffer) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(HEAD_TOO_LARGE),
            Ok(httparse::Status::Partial) | Err(_) => return Err(Status::BAD_REQUEST),
        }
        let mut framing = None;
        let mut head =
            Head { len: self.buffer.len(), expects: false, keeps: request.version == Some(1) };
        for header in request.headers.iter() {
            let value = header.value.trim_ascii();
            if header.name.eq_ignore_ascii_case("content-length") {
                let octets = length(value).ok_or(Status::BAD_REQUEST)?;
                // One that differs, or stands beside chunks, may be an attempt to hide a request.
                if framing
                    .replace(Rest::Octets(octets))
                    .is_some_and(|own| own != Rest::Octets(octets))
                {
                    return Err(Status::BAD_REQUEST);
                }
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                if framing.replace(Rest::Size(0, false)).is_some() {
                    return Err(Status::BAD_REQUEST);
                }
                if !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(NOT_IMPLEMENTED);
                }
            } else if header.name.eq_ignore_ascii_case("expect") {
                head.expects = value.eq_ignore_ascii_case(b"100-continue");
            } else if header.name.eq_ignore_ascii_case("connection") {
                head.keeps = match value {
                    _ if value.eq_ignore_ascii_case(b"close") => false,
                    _ if value.eq_ignore_ascii_case(b"keep-alive") => true,
                    _ => head.keeps,
                };
            }
        }
        let room = N.saturating_sub(self.buffer.len());
        Ok(match framing {
            None | Some(Rest::Octets(0)) => State::Whole(head),
            // A client that waits for a word sends no body that was refused.
            Some(Rest::Octets(len)) if len > room && head.expects => {
                State::Refused(Status::TOO_LARGE, Unread::Body)
            }
            Some(Rest::Octets(len)) if len > room => State::TooLong(len),
            Some(rest) => State::Body { head, rest },
        })
    }

    #[inline(never)]
    fn body(&mut self, head: Head, rest: Rest, octet: u8) {
        let keeps = match rest {
            Rest::Octets(_) | Rest::Chunk(_) => self.buffer.push(octet).is_ok(),
            _ => true,
        };
        self.state = match next(rest, octet) {
            _ if !keeps => State::Broken(Status::TOO_LARGE),
            Ok(Some(rest)) => State::Body { head, rest },
            Ok(None) => State::Whole(head),
            Err(status) => State::Broken(status),
        };
    }

    #[inline(never)]
    fn incoming(&self, head: Head) -> Option<Incoming<'_>> {
        let (octets, body) = self.buffer.split_at_checked(head.len)?;
        let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut room);
        request.parse(octets).ok()?;
        let target = request.path?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let text = |octets| core::str::from_utf8(octets).ok();
        let mut headers = Vec::new();
        for header in request.headers.iter() {
            if let Some(value) = text(header.value) {
                // There are no more than it has room for.
                let _ = headers.push((header.name, value));
            }
        }
        Some(Incoming { method: request.method?, path, query, headers, body, keeps: head.keeps })
    }
}

/// What follows an octet of a body; `None` at its end.
fn next(rest: Rest, octet: u8) -> Result<Option<Rest>, Status> {
    Ok(Some(match (rest, octet) {
        (Rest::Octets(0 | 1), _) => return Ok(None),
        (Rest::Octets(left), _) => Rest::Octets(left - 1),
        (Rest::Size(0, _), b'\n') => Rest::Trailer(0),
        (Rest::Size(size, _), b'\n') => Rest::Chunk(size),
        (Rest::Size(size, _), b'\r') => Rest::Size(size, true),
        (Rest::Size(size, true), _) => Rest::Size(size, true),
        (Rest::Size(size, false), b';' | b' ' | b'\t') => Rest::Size(size, true),
        (Rest::Size(size, false), _) => {
            let digit = char::from(octet).to_digit(16).ok_or(Status::BAD_REQUEST)?;
            // Longer than any buffer.
            if size > 0xFFFF {
                return Err(Status::TOO_LARGE);
            }
            Rest::Size(size << 4 | digit as usize, false)
        }
        (Rest::Chunk(0 | 1), _) => Rest::ChunkEnd,
        (Rest::Chunk(left), _) => Rest::Chunk(left - 1),
        (Rest::ChunkEnd, b'\r') => Rest::ChunkEnd,
        (Rest::ChunkEnd, b'\n') => Rest::Size(0, false),
        (Rest::ChunkEnd, _) => return Err(Status::BAD_REQUEST),
        (Rest::Trailer(0), b'\n') => return Ok(None),
        (Rest::Trailer(_), b'\n') => Rest::Trailer(0),
        (Rest::Trailer(len), b'\r') => Rest::Trailer(len),
        (Rest::Trailer(len), _) => Rest::Trailer(len.saturating_add(1)),
    }))
}

/// The number that a `Content-Length` is.
fn length(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_usize, |length, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        length.checked_mul(10)?.checked_add(digit as usize)
    })
}

/// 408, 431, 501: of what HTTP itself refuses.
const HEAD_TOO_LARGE: Status = Status(431);
const NOT_IMPLEMENTED: Status = Status(501);

/// What clients show of a status.
pub fn phrase(status: Status) -> &'static str {
    let own = PHRASES.iter().find(|(own, _)| *own == status.0);
    own.map_or("Status", |(_, phrase)| phrase)
}

static PHRASES: [(u16, &str); 16] = [
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (204, "No Content"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (413, "Content Too Large"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (503, "Service Unavailable"),
];

/// Writes the head of a reply with a body of `len` octets.
///
/// # Errors
/// [`ErrorKind::Full`](septet::ErrorKind::Full).
pub fn write_head(
    head: &septet::api::Head,
    len: usize,
    keeps: bool,
    challenges: bool,
    w: &mut Writer<'_>,
) -> Result<(), septet::Error> {
    w.text("HTTP/1.1 ")?;
    w.decimal(head.status.0.into())?;
    w.text(" ")?;
    w.text(if head.phrase.is_empty() { phrase(head.status) } else { &head.phrase })?;
    w.text("\r\nContent-Type: ")?;
    w.text(head.content_type)?;
    // RFC 9110, section 8.6: a 204 has none.
    if head.status.0 != 204 {
        w.text("\r\nContent-Length: ")?;
        w.decimal(len as u64)?;
    }
    if challenges {
        w.text("\r\nWWW-Authenticate: Basic realm=\"septet\"")?;
    }
    w.text(if keeps { "\r\n\r\n" } else { "\r\nConnection: close\r\n\r\n" })
}
