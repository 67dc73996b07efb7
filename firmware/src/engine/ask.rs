//! Commands of the caller's own.

use heapless::Vec;
use septet::at::{Kind, RawLine};
use septet::error::Error;
use septet::wire::Writer;

use super::time::Timer;
use super::transmit::COMMAND_MAX;
use super::{Answered, Busy, Session, Step};

/// A command of the caller's own: what is written, what of the modem's lines answers it, and for how
/// long to wait.
///
/// ```
/// use septet::error::Error;
/// use septet::wire::Writer;
/// use septet_firmware::engine::{Answer, Command};
///
/// /// The serial number of the modem (3GPP TS 27.007, section 5.4).
/// struct SerialNumber;
///
/// impl Command for SerialNumber {
///     const ANSWER: Answer = Answer::Words;
///     const ANSWER_MS: u32 = 1_000;
///
///     fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
///         w.text("+CGSN")
///     }
/// }
/// ```
pub trait Command {
    /// Which lines belong to its answer.
    const ANSWER: Answer;

    /// Time to its result, in milliseconds.
    const ANSWER_MS: u32;

    /// Writes what stands behind `AT`, without the CR: up to 60 octets.
    ///
    /// # Errors
    /// What has no form on the line, and what has no room.
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error>;
}

/// Which lines answer a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Answer {
    /// None: its result is all.
    Nothing,
    /// Lines that begin with this name and a colon: `+CCLK`.
    Named(&'static str),
    /// Lines without a name, as `AT+CGMI` and `AT+CGSN` have them.
    Words,
}

/// A command of the caller's that has not met its end.
#[derive(Debug)]
pub(super) struct Asked {
    text: Vec<u8, { COMMAND_MAX - 3 }, u8>,
    answer: Answer,
    ms: u32,
}

impl Session {
    /// The caller's command that has not met its end.
    pub(super) const fn asked(&self) -> Option<&Asked> {
        if cfg!(feature = "commands") { self.asked.as_ref() } else { None }
    }

    #[cfg_attr(not(feature = "commands"), allow(dead_code, reason = "nobody asks"))]
    pub(super) fn ask<C: Command>(&mut self, command: &C) -> Result<(), Busy> {
        if self.asked.is_some() || self.answered.is_some() {
            return Err(Busy::Sending);
        }
        if !self.link.is_up() {
            return Err(Busy::NotReady);
        }
        let mut buffer = [0; COMMAND_MAX - 3];
        let mut w = Writer::new(&mut buffer);
        command.emit(&mut w).map_err(|_| Busy::Unwritable)?;
        let text = Vec::from_slice(w.written()).map_err(|_| Busy::Unwritable)?;
        if text.iter().any(u8::is_ascii_control) {
            return Err(Busy::Unwritable);
        }
        self.asked = Some(Asked { text, answer: C::ANSWER, ms: C::ANSWER_MS });
        self.expire();
        Ok(())
    }

    pub(super) fn start_asked(&mut self) -> bool {
        if !cfg!(feature = "commands") {
            return false;
        }
        let Some(Asked { text, ms, .. }) = &self.asked else { return false };
        let ms = *ms;
        self.transmit.command(text);
        self.started(Step::Asked);
        self.timers.set(Timer::Step, ms);
        true
    }

    /// Whether the caller's command is in flight.
    pub(super) fn asked_is_out(&self) -> bool {
        cfg!(feature = "commands") && self.step == Step::Asked
    }

    /// Whether a line answers the caller's command in flight.
    pub(super) fn is_answer(&self, line: &RawLine<'_>) -> bool {
        let (Step::Asked, Some(Asked { answer, .. })) = (self.step, self.asked()) else {
            return false;
        };
        match answer {
            Answer::Nothing => false,
            Answer::Named(name) => {
                let rest = line.text.strip_prefix(name.as_bytes()).unwrap_or_default();
                rest.trim_ascii_start().first() == Some(&b':')
            }
            Answer::Words => line.kind == Kind::Other && !self.transmit.is_echo(line.text),
        }
    }

    /// The caller's command has ended, in whatever way.
    #[inline(never)]
    pub(super) fn end_asked(&mut self, answered: Answered) {
        if self.asked().is_some() {
            self.asked = None;
            self.answered = Some(answered);
        }
    }
}
