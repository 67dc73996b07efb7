//! What a message has in it, as parts, and the PDU of each part to somebody.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use septet::error::{Error, ErrorKind};
use septet::fields::Rows;
use septet::octets::Octets;
use septet::parts::{PART_MAX, Parts};
use septet::pdu::Pdu;
use septet::runs::Runs;
use septet::wire::Writer;

pub use septet::parts::{Envelope, Layout};

/// The user data of every part of a message; the same whoever gets it.
#[derive(Debug)]
pub struct Body {
    /// As [`Parts`] has it.
    kept: Vec<u8>,
    parts: usize,
}

/// How many parts have room at first, and at most.
const PARTS_FIRST: usize = 8;
const PARTS_MAX: usize = 255;

/// The reference of the last message of several parts. A fresh process does not start with those that the
/// last one started with, so that a handset does not take its parts for those of an old message.
static REFERENCE: LazyLock<AtomicU8> =
    LazyLock::new(|| AtomicU8::new(RandomState::new().hash_one(()) as u8));

/// The reference that the parts of another message share, of those that this process sends.
pub fn next_reference() -> u8 {
    REFERENCE.fetch_add(1, Ordering::Relaxed)
}

impl Body {
    /// The parts of `text`.
    ///
    /// # Errors
    /// As [`Parts::put_text`], with as much room as it takes.
    pub fn new(text: impl Runs, layout: Layout) -> Result<Self, Error> {
        Self::put(|w| Parts::put_text(text.clone(), layout, w))
    }

    /// Parts of octets; where there are several without headers of their own, each gets one.
    ///
    /// # Errors
    /// As [`Parts::put_octets`], with as much room as it takes.
    pub fn of_octets(
        segments: Rows<'_, Octets<'_>>,
        has_header: bool,
        reference: u8,
    ) -> Result<Self, Error> {
        Self::put(|w| Parts::put_octets(segments, has_header, reference, w))
    }

    /// The body that `put` writes, given room enough.
    fn put(put: impl Fn(&mut Writer<'_>) -> Result<(), Error>) -> Result<Self, Error> {
        let written = |buffer: &mut [u8]| {
            let mut w = Writer::new(buffer);
            put(&mut w).map(|()| w.written().to_vec())
        };
        let kept = match written(&mut [0; 1 + PARTS_FIRST * PART_MAX]) {
            Err(Error { kind: ErrorKind::Full, .. }) => {
                written(&mut vec![0; 1 + PARTS_MAX * PART_MAX])?
            }
            kept => kept?,
        };
        let parts = Parts::read(&kept).map_or(0, |parts| parts.len());
        Ok(Self { kept, parts })
    }

    /// How many parts there are, 1..=255.
    pub const fn len(&self) -> usize {
        self.parts
    }

    /// Whether there is no part: never so.
    pub const fn is_empty(&self) -> bool {
        self.parts == 0
    }

    /// The body as octets, for who keeps it.
    pub fn as_octets(&self) -> &[u8] {
        &self.kept
    }

    /// The SMS-SUBMIT of every part.
    ///
    /// # Errors
    /// What is wrong with a number.
    pub fn pdus(&self, envelope: &Envelope<'_>) -> Result<Vec<Pdu>, Error> {
        let Some(parts) = Parts::read(&self.kept) else { return Ok(Vec::new()) };
        parts.iter().map(|part| parts.submit(part, envelope)).collect()
    }
}
