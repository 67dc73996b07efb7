//! The format of `firmware/transcripts`, as it is written.

use core::fmt::{self, Write};

use heapless::Vec;
use septet::at::{CR, CTRL_Z, ESC, Failure, Store};

use super::mask::{Mask, Masking};
use super::secret::Secret;
use super::{Direction, PAUSE_MS, Trace};
use crate::engine::{Event, EventKind, Instant, Outcome};

/// Octets of a line that are held until its end: the 352 digits of the longest PDU, and more.
const LINE_MAX: usize = 400;

/// Conclusions that wait for the end of a line.
const CONCLUSIONS_MAX: usize = 4;

/// Writes what goes over a line into `W` as text, in the format of `firmware/transcripts`.
///
/// A line of it is what went one way up to the end of a line with something in it, to a prompt, or to
/// octets of the other direction. One line is held, of at most 400 octets; [`finish`](Self::finish)
/// and dropping write what is held. Where the sink takes no more, nothing more is written and the
/// session goes on.
#[derive(Debug)]
pub struct Transcript<W: Write> {
    sink: W,
    masking: Masking,
    secrets: [Secret; 2],
    direction: Direction,
    line: Vec<u8, LINE_MAX>,
    /// What came before the held octets in their line was written already, for each direction.
    goes_on: [bool; 2],
    conclusions: Vec<Conclusion, CONCLUSIONS_MAX>,
    /// The time up to which pauses are written.
    until: Option<Instant>,
    failed: bool,
}

/// What a `=` line says.
#[derive(Clone, Copy, Debug)]
enum Conclusion {
    Ready,
    Sent(u8),
    Refused(Failure),
    Unknown,
    NotSent,
    Rebooted,
    Lost,
    Waiting(Store, u16),
    Received,
}

impl<W: Write> Transcript<W> {
    /// A transcript with its head: what modem it is about, and whether numbers are masked.
    pub fn new(sink: W, modem: &str, mask: Mask) -> Self {
        let mut transcript = Self::bare(sink, mask);
        transcript.note("format", "1");
        transcript.note("modem", modem);
        transcript.note("framing", "exact");
        let numbers = match mask.numbers {
            true => "overwritten with fictional digits of the same length",
            false => "as they were; overwrite them before anybody sees this",
        };
        transcript.note("numbers", numbers);
        if mask.texts {
            transcript.note("texts", "overwritten with letters x");
        }
        transcript
    }

    /// A transcript without a head.
    pub const fn bare(sink: W, mask: Mask) -> Self {
        Self {
            sink,
            masking: Masking::new(mask),
            secrets: [Secret::NEW; 2],
            direction: Direction::ToModem,
            line: Vec::new(),
            goes_on: [false; 2],
            conclusions: Vec::new(),
            until: None,
            failed: false,
        }
    }

    /// Writes a line `# name: words`.
    pub fn note(&mut self, name: &str, words: &str) {
        self.finish();
        // A line end would begin a line of its own.
        let words = words.split(char::is_control);
        self.write(|sink| {
            write!(sink, "# {name}:")?;
            words
                .filter(|words| !words.is_empty())
                .try_for_each(|words| write!(sink, " {words}"))?;
            sink.write_char('\n')
        });
    }

    /// Writes what is held.
    pub fn finish(&mut self) {
        let is_whole = matches!(self.line.last(), Some(&CR | b'\n'));
        self.give(is_whole);
    }

    /// The sink, with what was written so far.
    pub const fn sink(&self) -> &W {
        &self.sink
    }

    /// Whether the sink has taken everything.
    pub const fn is_whole(&self) -> bool {
        !self.failed
    }

    /// What comes first, in either direction, goes on a line whose beginning is not known.
    pub(super) const fn lines_go_on(&mut self) {
        self.goes_on = [true; 2];
    }

    fn write(&mut self, what: impl FnOnce(&mut W) -> fmt::Result) {
        // Half a line is worse than none.
        self.failed = self.failed || what(&mut self.sink).is_err();
    }

    fn octet(&mut self, direction: Direction, octet: u8, now: Instant) {
        if direction != self.direction {
            let is_prompt = self.line.ends_with(b"> ") || self.line.ends_with(b">");
            let is_whole = is_prompt || matches!(self.line.last(), Some(&CR | b'\n'));
            self.give(is_whole);
            self.direction = direction;
        }
        if self.line.is_full() {
            self.give(false);
        }
        if self.line.is_empty() {
            self.pause(now);
        }
        // There is room now.
        let _ = self.line.push(octet);
        let ended = match direction {
            Direction::ToModem => matches!(octet, CR | CTRL_Z | ESC),
            // A PDU is echoed with its Ctrl-Z. Line ends before a line belong to it.
            Direction::ToHost => {
                octet == CTRL_Z || octet == b'\n' && !self.line.trim_ascii().is_empty()
            }
        };
        if ended {
            self.give(true);
        }
    }

    /// Writes the pause before a line, where it is one.
    fn pause(&mut self, now: Instant) {
        let until = *self.until.get_or_insert(now);
        let ms = now.0.saturating_sub(until.0);
        if ms >= PAUSE_MS {
            self.write(|sink| writeln!(sink, "~ {ms}"));
            self.until = Some(now);
        }
    }

    /// Writes the held octets; `is_whole` where their line ends with them.
    fn give(&mut self, is_whole: bool) {
        let mut line = core::mem::take(&mut self.line);
        if !line.is_empty() {
            let [to_modem, to_host] = &mut self.goes_on;
            let goes_on = match self.direction {
                Direction::ToModem => to_modem,
                Direction::ToHost => to_host,
            };
            self.masking.line(self.direction, &mut line, is_whole && !*goes_on);
            *goes_on = !is_whole;
            let direction = self.direction;
            self.write(|sink| write_line(sink, direction, &line));
        }
        for conclusion in core::mem::take(&mut self.conclusions) {
            self.write(|sink| writeln!(sink, "= {conclusion}"));
        }
    }
}

fn write_line(sink: &mut impl Write, direction: Direction, octets: &[u8]) -> fmt::Result {
    sink.write_str(match direction {
        Direction::ToModem => "> ",
        Direction::ToHost => "< ",
    })?;
    let (last, before) = match octets.split_last() {
        // An editor would drop it.
        Some((b' ', before)) => ("\\x20", before),
        _ => ("", octets),
    };
    for octet in before {
        match octet {
            b'\r' => sink.write_str("\\r")?,
            b'\n' => sink.write_str("\\n")?,
            b'\\' => sink.write_str("\\\\")?,
            b' '..=b'~' => sink.write_char(char::from(*octet))?,
            _ => write!(sink, "\\x{octet:02x}")?,
        }
    }
    writeln!(sink, "{last}")
}

impl<W: Write> Trace for Transcript<W> {
    fn octets(&mut self, direction: Direction, octets: &[u8], now: Instant) {
        for octet in octets {
            let [to_modem, to_host] = &mut self.secrets;
            let octet = match direction {
                Direction::ToModem => to_modem.pass(*octet),
                Direction::ToHost => to_host.pass(*octet),
            };
            self.octet(direction, octet, now);
        }
    }

    /// Writes a `=` line, behind the line that is held.
    fn concluded(&mut self, event: &Event) {
        let Some(conclusion) = Conclusion::of(&event.kind) else { return };
        if self.conclusions.is_full() {
            self.finish();
        }
        let _ = self.conclusions.push(conclusion);
        if self.line.is_empty() {
            self.give(true);
        }
    }
}

impl<W: Write> Drop for Transcript<W> {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Conclusion {
    /// What a transcript says of an event; `None` where it has no word for it.
    const fn of(kind: &EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::Ready => Self::Ready,
            EventKind::Lost(_) => Self::Lost,
            EventKind::Rebooted => Self::Rebooted,
            EventKind::Finished(Outcome::Sent { reference }) => Self::Sent(*reference),
            EventKind::Finished(Outcome::Refused { code, .. }) => Self::Refused(*code),
            EventKind::Finished(Outcome::NotSent(_)) => Self::NotSent,
            EventKind::Finished(Outcome::Unknown(_)) => Self::Unknown,
            EventKind::Waiting { store, index } => Self::Waiting(*store, *index),
            EventKind::Received { .. } => Self::Received,
            EventKind::Registered(_)
            | EventKind::Full { .. }
            | EventKind::Ussd(_)
            | EventKind::Answer(_)
            | EventKind::Answered(_)
            | EventKind::Damaged => return None,
        })
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::Sent(reference) => return write!(f, "sent mr={reference}"),
            Self::Refused(Failure::Error) => "refused",
            Self::Refused(Failure::Cms(error)) => return write!(f, "refused cms={}", error.0),
            Self::Refused(Failure::Cme(error)) => return write!(f, "refused cme={}", error.0),
            Self::Unknown => "unknown",
            Self::NotSent => "not sent",
            Self::Rebooted => "reboot",
            Self::Lost => "lost",
            Self::Waiting(store, index) => return write!(f, "waiting {} {index}", store.name()),
            Self::Received => "received",
        })
    }
}
