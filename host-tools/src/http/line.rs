//! The first line of a connection, as programs write it that paste a text into a URL.

use std::io;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line that is waited for: a longer one goes on as it is.
const LINE_MAX: usize = 64 * 1024;

/// A connection. What stands unescaped in the target of its first request line, where only escapes may
/// stand, is escaped: octets past ASCII, and the characters that no URL has. Spaces are not: where the
/// target ends would be a guess.
pub struct Escaping<S> {
    stream: S,
    state: State,
}

enum State {
    /// What came of the line.
    Line(Vec<u8>),
    /// What came, escaped, and how much of it was read.
    Ready(Vec<u8>, usize),
    /// The line is over.
    Through,
}

impl<S> Escaping<S> {
    pub const fn new(stream: S) -> Self {
        Self { stream, state: State::Line(Vec::new()) }
    }
}

/// The octets of a connection, the target of the line that they begin with escaped.
fn escaped(octets: Vec<u8>) -> Vec<u8> {
    let is_escaped = |octet: u8| !octet.is_ascii() || b"\"#<>\\^`{|}".contains(&octet);
    let end = octets.iter().position(|octet| *octet == b'\n').unwrap_or(octets.len());
    let (line, _) = octets.split_at(end);
    let space = |octet: &u8| *octet == b' ';
    let Some(start) = line.iter().position(space) else { return octets };
    let stop = line.iter().rposition(space).filter(|stop| *stop > start).unwrap_or(line.len());
    let mut out = Vec::with_capacity(octets.len());
    for (at, octet) in octets.iter().enumerate() {
        if (start..stop).contains(&at) && is_escaped(*octet) {
            out.extend(format!("%{octet:02X}").bytes());
        } else {
            out.push(*octet);
        }
    }
    out
}

impl<S: AsyncRead + Unpin> AsyncRead for Escaping<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, state } = self.get_mut();
        loop {
            match state {
                State::Through => return Pin::new(stream).poll_read(cx, buffer),
                State::Ready(octets, read) => {
                    let rest = octets.get(*read..).unwrap_or_default();
                    let now = rest.get(..buffer.remaining()).unwrap_or(rest);
                    buffer.put_slice(now);
                    *read += now.len();
                    if *read >= octets.len() {
                        *state = State::Through;
                    }
                    return Poll::Ready(Ok(()));
                }
                State::Line(line) => {
                    let mut octets = [0; 4096];
                    let mut came = ReadBuf::new(&mut octets);
                    ready!(Pin::new(&mut *stream).poll_read(cx, &mut came))?;
                    let came = came.filled();
                    line.extend(came);
                    if came.is_empty() || came.contains(&b'\n') || line.len() > LINE_MAX {
                        *state = State::Ready(escaped(take(line)), 0);
                    }
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Escaping<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn what_no_url_has_is_escaped_in_the_first_line_however_it_comes() {
        let long = [&b"GET /"[..], &[0xE6; LINE_MAX]].concat();
        let cases: &[(&[u8], &[u8])] = &[
            (
                b"GET /a?b=\xE6\"<>|{}#&c=%20 HTTP/1.1\r\nX: \xE6\r\n\r\nGET /\xE6 HTTP/1.1\r\n",
                b"GET /a?b=%E6%22%3C%3E%7C%7B%7D%23&c=%20 HTTP/1.1\r\nX: \xE6\r\n\r\nGET /\xE6 HTTP/1.1\r\n",
            ),
            (b"GET /\xC3\xA6", b"GET /%C3%A6"),
            (b"GET /a b\xE6 HTTP/1.1\n\xE6", b"GET /a b%E6 HTTP/1.1\n\xE6"),
            (b"\xE6\n \xE6\n", b"\xE6\n \xE6\n"),
            (b"", b""),
        ];
        for (given, expected) in cases {
            for size in [1, 3, 4096] {
                let (mut near, far) = tokio::io::duplex(size);
                let given = given.to_vec();
                tokio::spawn(async move { near.write_all(&given).await });
                let mut read = Vec::new();
                Escaping::new(far).read_to_end(&mut read).await.unwrap();
                assert_eq!(read, *expected, "{size}");
            }
        }
        let mut read = Vec::new();
        Escaping::new(&long[..]).read_to_end(&mut read).await.unwrap();
        assert_eq!(read.len(), long.len() + 2 * LINE_MAX);
    }
}
