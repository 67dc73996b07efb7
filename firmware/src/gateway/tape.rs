//! What a board has gathered of its own doings, and gives as it is: programs on the host read it.

use core::cell::RefCell;

use critical_section::Mutex;
use septet::Error;
use septet::wire::Writer;

use crate::engine::Instant;
use crate::trace::{Direction, Ring, Trace};

/// The last octets of something, in a form that a program on the host knows.
pub trait Tape: Sync {
    /// Writes all of them.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](septet::ErrorKind::Full): a tape is shorter than the room for a reply.
    fn copy(&self, w: &mut Writer<'_>) -> Result<(), Error>;
}

/// What a board gathers while its gateway reads it: a `static`. Interrupts wait meanwhile.
#[derive(Debug)]
pub struct Shared<T>(Mutex<RefCell<T>>);

impl<T> Shared<T> {
    /// What is shared.
    pub const fn new(gathered: T) -> Self {
        Self(Mutex::new(RefCell::new(gathered)))
    }

    /// Works with it; `None` where it is worked with already.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        critical_section::with(|token| {
            Some(work(&mut *self.0.borrow(token).try_borrow_mut().ok()?))
        })
    }
}

impl<T: Trace> Trace for &Shared<T> {
    fn octets(&mut self, direction: Direction, octets: &[u8], now: Instant) {
        let _ = self.with(|trace| trace.octets(direction, octets, now));
    }
}

/// As [`Ring::save`] writes it.
impl<const N: usize> Tape for Shared<Ring<N>> {
    fn copy(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.with(|ring| ring.save(w)).unwrap_or(Ok(()))
    }
}

/// The last `N` octets of something.
#[derive(Debug)]
pub struct Last<const N: usize> {
    octets: [u8; N],
    /// Where the next one goes.
    next: usize,
    /// How many there are.
    len: usize,
}

impl<const N: usize> Last<N> {
    /// None yet.
    pub const fn new() -> Self {
        Self { octets: [0; N], next: 0, len: 0 }
    }

    /// Takes octets; the oldest make room.
    pub fn push(&mut self, octets: &[u8]) {
        for octet in octets {
            if let Some(place) = self.octets.get_mut(self.next) {
                *place = *octet;
                self.next = if self.next + 1 < N { self.next + 1 } else { 0 };
                self.len = (self.len + 1).min(N);
            }
        }
    }

    /// Writes them, the oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](septet::ErrorKind::Full).
    pub fn save(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        if self.len == N {
            w.octets(self.octets.get(self.next..).unwrap_or_default())?;
        }
        w.octets(self.octets.get(..self.next).unwrap_or_default())
    }
}

impl<const N: usize> Default for Last<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Tape for Shared<Last<N>> {
    fn copy(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.with(|last| last.save(w)).unwrap_or(Ok(()))
    }
}

/// The tapes that a board has.
#[derive(Clone, Copy, Default)]
pub struct Tapes {
    /// What went over the modem's line: `GET /trace`.
    pub trace: Option<&'static dyn Tape>,
    /// What the firmware has logged, as `defmt` encodes it: `GET /log`.
    pub log: Option<&'static dyn Tape>,
}

impl core::fmt::Debug for Tapes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { trace, log } = self;
        write!(f, "Tapes {{ trace: {}, log: {} }}", trace.is_some(), log.is_some())
    }
}
