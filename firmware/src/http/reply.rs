//! A reply, from its body to the last octet of it on the line.

use core::ops::Range;

use septet::Error;
use septet::api::{Head, Status};
use septet::wire::Writer;

use super::write_head;

/// The most octets of the head of a reply.
pub const HEAD_MAX: usize = 272;

/// A reply of at most `N` octets, its head among them.
#[derive(Debug)]
pub struct Reply<const N: usize> {
    octets: [u8; N],
    /// Which of them are still to go.
    left: Range<usize>,
}

/// How a reply goes.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Whether another request may follow.
    pub keeps: bool,
    /// Whether its body goes.
    pub has_body: bool,
    /// Whether one who is not known is asked for a password by HTTP Basic.
    pub challenges: bool,
}

impl How {
    /// That of what is no request: none may follow.
    pub const LAST: Self = Self { keeps: false, has_body: true, challenges: false };
}

impl<const N: usize> Reply<N> {
    /// None.
    pub const fn new() -> Self {
        Self { octets: [0; N], left: 0..0 }
    }

    /// Where a body is written. The head has its room before it, since it tells the body's length.
    pub fn body(&mut self) -> Writer<'_> {
        Writer::new(self.octets.get_mut(HEAD_MAX..).unwrap_or_default())
    }

    /// Has a reply go whose body of so many octets was written.
    pub fn send(&mut self, head: Result<Head, Error>, body: usize, how: How) {
        let How { keeps, has_body, challenges } = how;
        let (head, body) = match head {
            Ok(head) => (head, body),
            Err(_) => (Head::new(Status::INTERNAL_SERVER_ERROR, "text/plain"), 0),
        };
        #[cfg(feature = "defmt")]
        defmt::info!("answered {}, {} octets", head.status, body);
        let mut room = [0; HEAD_MAX];
        let mut w = Writer::new(&mut room);
        // It has room: the longest phrase and content type are shorter.
        let _ = write_head(&head, body, keeps, challenges, &mut w);
        let start = HEAD_MAX.saturating_sub(w.len());
        let to = self.octets.get_mut(start..).unwrap_or_default();
        to.iter_mut().zip(w.written()).for_each(|(to, from)| *to = *from);
        let end = if has_body { HEAD_MAX.saturating_add(body) } else { HEAD_MAX };
        self.left = start..end;
    }

    /// Has the client send the body that it has announced.
    pub fn go_on(&mut self) {
        let mut w = Writer::new(&mut self.octets);
        w.put(b"HTTP/1.1 100 Continue\r\n\r\n");
        self.left = 0..w.len();
    }

    /// What is still to go.
    pub fn left(&self) -> &[u8] {
        self.octets.get(self.left.clone()).unwrap_or_default()
    }

    /// Whether nothing is to go.
    pub fn is_gone(&self) -> bool {
        self.left.is_empty()
    }

    /// Tells that so many octets of it went.
    pub fn written(&mut self, octets: usize) {
        self.left.start = self.left.start.saturating_add(octets).min(self.left.end);
    }
}

/// A reply of words.
pub fn plain(status: Status, words: &str, w: &mut Writer<'_>) -> Result<Head, Error> {
    w.text(words)?;
    w.text("\n")?;
    Ok(Head::new(status, "text/plain"))
}
