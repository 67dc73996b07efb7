//! The last octets of a line, in a few octets of memory.

use core::fmt;

use septet::Error;
use septet::wire::Writer;

use super::secret::Secret;
use super::transcript::Transcript;
use super::{Direction, PAUSE_MS, Trace};
use crate::engine::Instant;

/// The last octets that went over a line: about `N`, with their directions and times.
///
/// Two octets stand before each run of up to 32 that went the same way at the same time. Pauses are
/// kept to one part in 32, up to 34 minutes.
///
/// ```
/// use septet_firmware::Instant;
/// use septet_firmware::trace::{Direction, Mask, Ring, Trace, Transcript};
///
/// let mut ring = Ring::<64>::new();
/// ring.octets(Direction::ToModem, b"AT\r", Instant(1_000));
/// ring.octets(Direction::ToHost, b"\r\nOK\r\n", Instant(1_120));
/// let mut text = String::new();
/// ring.dump(&mut Transcript::bare(&mut text, Mask::NUMBERS));
/// assert_eq!(text, "> AT\\r\n~ 120\n< \\r\\nOK\\r\\n\n");
/// ```
#[derive(Clone, Debug)]
pub struct Ring<const N: usize> {
    octets: [u8; N],
    /// Where the oldest run begins.
    start: usize,
    /// Octets in use.
    len: usize,
    /// Where the newest run begins.
    newest: Option<usize>,
    /// The time up to which pauses are in the runs.
    until: Instant,
    /// Octets were overwritten.
    lost: bool,
    secrets: [Secret; 2],
}

/// What stands before the octets of a run, in two octets: bit 15 the direction, bits 14..10 its octets
/// less one, bits 9..7 an exponent and 6..0 a number: the pause before it, in milliseconds, is the
/// number shifted by twice the exponent.
#[derive(Clone, Copy)]
struct Run {
    direction: Direction,
    len: u8,
    pause: Pause,
}

#[derive(Clone, Copy)]
struct Pause {
    exponent: u8,
    number: u8,
}

/// Octets that stand before a run.
const RUN: usize = 2;

/// The octets that a run can have.
const RUN_MAX: u8 = 32;

impl Pause {
    fn new(ms: u64) -> Self {
        let longest = Self { exponent: 7, number: 0x7f };
        let fits = |exponent: u8| {
            let number =
                u8::try_from(ms >> (2 * exponent)).ok().filter(|number| *number <= 0x7f)?;
            Some(Self { exponent, number })
        };
        (0..=7).find_map(fits).unwrap_or(longest)
    }

    const fn ms(self) -> u64 {
        (self.number as u64) << (2 * self.exponent)
    }
}

impl Run {
    fn octets(self) -> [u8; RUN] {
        let direction = u8::from(self.direction == Direction::ToHost);
        let len = self.len.saturating_sub(1) & 0x1f;
        let Pause { exponent, number } = self.pause;
        [direction << 7 | len << 2 | exponent >> 1, exponent << 7 | number]
    }

    const fn new([high, low]: [u8; RUN]) -> Self {
        let direction = if high & 0x80 == 0 { Direction::ToModem } else { Direction::ToHost };
        let pause = Pause { exponent: (high & 0b11) << 1 | low >> 7, number: low & 0x7f };
        Self { direction, len: (high >> 2 & 0x1f) + 1, pause }
    }
}

impl<const N: usize> Ring<N> {
    /// A ring with nothing in it. `N` is at least 8.
    pub const fn new() -> Self {
        const { assert!(N >= 8, "a run must fit") };
        Self {
            octets: [0; N],
            start: 0,
            len: 0,
            newest: None,
            until: Instant(0),
            lost: false,
            secrets: [Secret::NEW; 2],
        }
    }

    /// Gives what the ring holds to a transcript.
    pub fn dump<W: fmt::Write>(&self, transcript: &mut Transcript<W>) {
        if self.lost {
            transcript.lines_go_on();
        }
        let (mut at, end) = (self.start, self.start.saturating_add(self.len));
        let mut now = Instant(0);
        while at < end {
            let run = self.run(at);
            now = Instant(now.0.saturating_add(run.pause.ms()));
            let first = at.saturating_add(RUN);
            at = first.saturating_add(run.len.into());
            for place in first..at {
                transcript.octets(run.direction, &[self.octet(place)], now);
            }
        }
        transcript.finish();
    }

    /// Writes what the ring holds, in as many octets and one: a host reads it by [`load`](Self::load).
    ///
    /// # Errors
    /// [`ErrorKind::Full`](septet::ErrorKind::Full).
    pub fn save(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.octet(self.lost.into())?;
        let mut held = self.start..self.start.saturating_add(self.len);
        held.try_for_each(|at| w.octet(self.octet(at)))
    }

    /// A ring that holds what was [saved](Self::save); `None` of octets that no ring has written, or that
    /// are more than `N` and one.
    pub fn load(octets: &[u8]) -> Option<Self> {
        let (&[lost @ (0 | 1)], held) = octets.split_first_chunk()? else { return None };
        let mut ring = Self { lost: lost == 1, len: held.len(), ..Self::new() };
        let room = ring.octets.get_mut(..held.len())?;
        room.iter_mut().zip(held).for_each(|(to, from)| *to = *from);
        let mut at = 0_usize;
        while at < held.len() {
            ring.newest = Some(at);
            let len = ring.run(at).len;
            at = at.saturating_add(RUN).saturating_add(len.into());
        }
        (at == held.len()).then_some(ring)
    }

    fn octet(&self, at: usize) -> u8 {
        self.octets.get(at % N).copied().unwrap_or_default()
    }

    fn put(&mut self, at: usize, octet: u8) {
        if let Some(place) = self.octets.get_mut(at % N) {
            *place = octet;
        }
    }

    fn run(&self, at: usize) -> Run {
        Run::new([self.octet(at), self.octet(at.saturating_add(1))])
    }

    fn put_run(&mut self, at: usize, run: Run) {
        let [high, low] = run.octets();
        self.put(at, high);
        self.put(at.saturating_add(1), low);
    }

    /// Lets the oldest octets go until there is room for so many.
    fn make_room(&mut self, octets: usize) {
        while self.len.saturating_add(octets) > N && self.len > 0 {
            self.lost = true;
            let (oldest, run) = (self.start, self.run(self.start));
            let gone = if run.len > 1 {
                self.put_run(oldest.saturating_add(1), Run { len: run.len - 1, ..run });
                1
            } else {
                RUN + 1
            };
            if self.newest == Some(oldest) {
                self.newest = (run.len > 1).then_some((oldest.saturating_add(1)) % N);
            }
            self.start = oldest.saturating_add(gone) % N;
            self.len = self.len.saturating_sub(gone);
        }
    }

    fn push(&mut self, direction: Direction, octet: u8, pause: Option<Pause>) {
        let end = |ring: &Self| ring.start.saturating_add(ring.len);
        self.make_room(1);
        if let (Some(newest), None) = (self.newest, pause) {
            let run = self.run(newest);
            if run.direction == direction && run.len < RUN_MAX {
                self.put_run(newest, Run { len: run.len + 1, ..run });
                self.put(end(self), octet);
                self.len += 1;
                return;
            }
        }
        self.make_room(RUN + 1);
        let at = end(self) % N;
        let pause = pause.unwrap_or(Pause { exponent: 0, number: 0 });
        self.put_run(at, Run { direction, len: 1, pause });
        self.put(at.saturating_add(RUN), octet);
        self.newest = Some(at);
        self.len = self.len.saturating_add(RUN + 1);
    }
}

impl<const N: usize> Default for Ring<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Trace for Ring<N> {
    fn octets(&mut self, direction: Direction, octets: &[u8], now: Instant) {
        if self.len == 0 {
            self.until = now;
        }
        for octet in octets {
            let [to_modem, to_host] = &mut self.secrets;
            let octet = match direction {
                Direction::ToModem => to_modem.pass(*octet),
                Direction::ToHost => to_host.pass(*octet),
            };
            let passed = now.0.saturating_sub(self.until.0);
            let pause = (passed >= PAUSE_MS).then(|| Pause::new(passed));
            if pause.is_some() {
                self.until = now;
            }
            self.push(direction, octet, pause);
        }
    }
}
