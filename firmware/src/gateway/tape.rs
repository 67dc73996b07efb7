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
