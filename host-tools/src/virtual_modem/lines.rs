//! What the modem writes: lines in their frame, and results.
//!
//! ITU-T V.250, sections 5.7 and 6.2.6.

use std::mem;
use std::time::Instant;

use septet::Wire as _;
use septet::at::{Argument, Arguments, Failure, Line};
use septet::pdu::Pdu;

use super::VirtualModem;
use super::manner::LineEnd;
use super::settings::{LINE_FEED, TERMINATOR};

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What was asked for, or an indication.
    Information,
    /// What continues the line above.
    Continuation,
    /// How a command ended.
    Result,
}

impl VirtualModem {
    /// Ends a command with its result.
    pub(super) fn end(&mut self, result: Result<(), Failure>, now: Instant) {
        let errors = self.session.settings.errors;
        let Err(failure) = result else { return self.end_with("OK", 0, now) };
        let words = match (failure, failure_words(failure)) {
            (Failure::Error, _) => None,
            (Failure::Cme(_), _) if errors == 0 => None,
            (_, Some((name, words))) if errors == 2 => Some(format!("{name}: {words}")),
            _ => Some(String::from_utf8_lossy(&text(&Line::Failed(failure))).into_owned()),
        };
        match words {
            // What has a name of its own is never a digit.
            Some(words) => self.end_with(&words, None, now),
            None => self.end_with("ERROR", 4, now),
        }
    }

    /// Ends a command with a result that has these words, and under `ATV0` may be a digit.
    pub(super) fn end_with(&mut self, words: &str, digit: impl Into<Option<u8>>, now: Instant) {
        let words = match (self.session.answer.take(), digit.into()) {
            (Some(words), _) => words,
            (None, Some(digit)) if self.session.settings.verbose == 0 => digit.to_string(),
            (None, _) => words.to_owned(),
        };
        let late = mem::take(&mut self.session.late);
        if self.session.settings.quiet == 0 {
            let says = self.framed(Kind::Result, words.as_bytes());
            self.say_after(late, says, now);
        }
    }

    /// Writes a line of the codec's.
    pub(super) fn say(&mut self, line: &Line<'_>) {
        let says = self.framed(Kind::Information, &text(line));
        self.output.extend(says);
    }

    pub(super) fn say_pdu(&mut self, pdu: &Pdu) {
        let digits: Vec<u8> = pdu.hex().collect();
        self.say_more(&digits);
    }

    /// Writes what continues the line above.
    pub(super) fn say_more(&mut self, octets: &[u8]) {
        let says = self.framed(Kind::Continuation, octets);
        self.output.extend(says);
    }

    pub(super) fn info(&mut self, name: &str, arguments: &[Argument<'_>]) {
        self.say(&Line::Info { name, arguments: Arguments::List(arguments) });
    }

    /// A line with values that are no list of plain ones, as in an answer to `=?`.
    pub(super) fn raw_info(&mut self, name: &str, values: impl AsRef<[u8]>) {
        let says = self.indication(&[name.as_bytes(), b": ", values.as_ref()].concat());
        self.output.extend(says);
    }

    /// Lines without a name.
    pub(super) fn text(&mut self, lines: &str) {
        for line in lines.lines() {
            let says = self.framed(Kind::Information, line.as_bytes());
            self.output.extend(says);
        }
    }

    pub(super) fn echo(&mut self, octets: &[u8]) {
        if self.session.settings.echo == 1 && self.traits.manner.echoes {
            self.output.extend(octets);
        }
    }

    /// A line with its frame, to be written later.
    pub(super) fn indication(&self, line: &[u8]) -> Vec<u8> {
        self.framed(Kind::Information, line)
    }

    fn framed(&self, kind: Kind, line: &[u8]) -> Vec<u8> {
        let (manner, settings) = (self.traits.manner, &self.session.settings);
        let (cr, lf) = (settings.registers[TERMINATOR], settings.registers[LINE_FEED]);
        let both = [cr, lf];
        let end = match manner.line_end {
            LineEnd::AsSet => &both[..],
            LineEnd::CrOnly => &both[..1],
        };
        let (before, after) = match (settings.verbose, kind) {
            (0, Kind::Result) => (&[][..], &both[..1]),
            (0, _) | (_, Kind::Continuation) => (&[][..], end),
            _ if !manner.blank_line => (&[][..], end),
            _ => (end, end),
        };
        [before, line, after].concat()
    }
}

/// The words of a refusal, as `AT+CMEE=2` gives them.
fn failure_words(failure: Failure) -> Option<(&'static str, &'static str)> {
    match failure {
        Failure::Error => None,
        Failure::Cms(error) => Some(("+CMS ERROR", error.words()?)),
        Failure::Cme(error) => Some(("+CME ERROR", error.words()?)),
    }
}

/// A line without its frame.
fn text(line: &Line<'_>) -> Vec<u8> {
    let mut buffer = [0; 1024];
    let written = line.to_slice(&mut buffer);
    debug_assert!(written.is_ok(), "{line:?} cannot be written");
    written.unwrap_or_default().trim_ascii().to_vec()
}
