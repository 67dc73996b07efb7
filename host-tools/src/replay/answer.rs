//! Which lines of a log's modem answer a command, and which nobody asked for.

use septet::at::{Action, CmsError, Failure, Line};

use super::log::Log;
use super::script::{Play, Step, command, lines, steps};

/// What an nRF91 says, unasked, when it left the message service: an error that answers nothing.
const CLIENT_LEFT: CmsError = CmsError(524);

/// The octets but for NUL, which a break on the wire leaves and nobody heeds.
fn without_nul(octets: &[u8]) -> impl Iterator<Item = u8> + '_ {
    octets.iter().copied().filter(|octet| *octet != 0x00)
}

/// What a line of a modem is while a command is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The command itself.
    Echo,
    /// Belongs to the answer.
    Answer,
    /// Does, and is true whoever asked.
    Fact,
    /// Ends the answer.
    End(Result<(), Failure>),
    /// Has nothing to do with it.
    Unsolicited,
    /// So has this, and the line behind it.
    UnsolicitedPair,
}

/// What `line` is in the answer to `asked`, a command line.
pub fn part(line: &[u8], asked: &str) -> Part {
    if line == asked.as_bytes() {
        return Part::Echo;
    }
    let command = command(asked);
    let asks = |name: &str| command.is_some_and(|command| command.is(name));
    let read = Line::read(line);
    let is_answer = match read {
        Line::Ok => return Part::End(Ok(())),
        Line::Failed(Failure::Cms(CLIENT_LEFT)) => false,
        Line::Failed(failure) => return Part::End(Err(failure)),
        Line::Message { .. } | Line::Report { .. } | Line::Broadcast { .. } => {
            return Part::UnsolicitedPair;
        }
        Line::MessageStored { .. }
        | Line::ReportStored { .. }
        | Line::Boot(_)
        | Line::Service(_)
        | Line::PowerDown(_)
        | Line::Full { .. }
        | Line::Ussd { .. } => false,
        Line::Registration(registration) => {
            let asked = command.is_some_and(|command| command.action == Action::Read);
            if asked && asks(registration.domain.name()) {
                return Part::Fact;
            }
            false
        }
        Line::Pin(_) => asks("+CPIN") && command.is_some_and(|c| c.action == Action::Read),
        Line::Signal { .. } => asks("+CSQ"),
        Line::Info { name, .. } => asks(name),
        Line::Other(_) => !asks("+CMGS"),
        _ => true,
    };
    if is_answer { Part::Answer } else { Part::Unsolicited }
}

/// Every line of the log's modem that answers nothing, in its frame; with the line behind it where the
/// two are one.
pub fn unsolicited(log: &Log) -> Vec<Vec<u8>> {
    let mut unsolicited: Vec<Vec<u8>> = Vec::new();
    let steps = steps(log);
    let is_command = |step: &Step| matches!(step.play, Play::Command(_));
    for exchange in steps.chunk_by(|_, next| !is_command(next)) {
        let mut asked = None;
        let mut body = Vec::new();
        let mut octets = Vec::new();
        for step in exchange {
            match &step.play {
                Play::Command(text) => asked = Some(text.as_str()),
                Play::Body(given) => {
                    body = given.as_deref().unwrap_or_default().trim_ascii().to_vec()
                }
                Play::Modem(said) => octets.extend(without_nul(said)),
                Play::Pass(_) | Play::Outside | Play::Conclude(_) => {}
            }
        }
        // What has no end is no line.
        let end =
            octets.iter().rposition(|octet| matches!(octet, b'\r' | b'\n')).unwrap_or_default();
        let mut is_second = false;
        for line in lines(octets.get(..end).unwrap_or_default()) {
            if is_second
                && let (Line::Pdu(_), Some(first)) = (Line::read(line), unsolicited.last_mut())
            {
                first.extend([line, b"\r\n"].concat());
                is_second = false;
                continue;
            }
            let part = part(line, asked.unwrap_or_default());
            is_second = match part {
                Part::Unsolicited | Part::UnsolicitedPair => true,
                Part::End(end) if asked.is_some() || end.is_ok() => {
                    asked = None;
                    false
                }
                _ => asked.is_none(),
            };
            if is_second && line != body && !line.starts_with(b">") {
                unsolicited.push([b"\r\n", line, b"\r\n"].concat());
            }
        }
    }
    unsolicited
}

/// The answer to a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its lines, but for the last.
    pub lines: Vec<Vec<u8>>,
    /// How it ends, if it does.
    pub end: Option<Result<(), Failure>>,
    /// Whether the command is repeated before it.
    pub echoes: bool,
}

impl Answer {
    /// The answer to `asked` in the steps that follow it, up to the next command.
    pub fn read(asked: &str, steps: &[Step]) -> Self {
        let mut octets = Vec::new();
        for step in steps {
            match &step.play {
                Play::Command(_) => break,
                Play::Modem(said) => octets.extend(without_nul(said)),
                Play::Body(_) | Play::Pass(_) | Play::Outside | Play::Conclude(_) => {}
            }
        }
        let mut answer = Self::default();
        let mut unsolicited_next = false;
        for line in lines(&octets) {
            if std::mem::take(&mut unsolicited_next) {
                continue;
            }
            match part(line, asked) {
                Part::Echo => answer.echoes = true,
                Part::Answer | Part::Fact => answer.lines.push(line.to_vec()),
                Part::End(end) => {
                    answer.end = Some(end);
                    break;
                }
                Part::Unsolicited => {}
                Part::UnsolicitedPair => unsolicited_next = true,
            }
        }
        answer
    }

    /// The octets that a modem writes for it.
    pub fn octets(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        let end = match self.end {
            None => None,
            Some(Ok(())) => Some("OK".to_owned()),
            Some(Err(Failure::Error)) => Some("ERROR".to_owned()),
            Some(Err(Failure::Cms(code))) => Some(format!("+CMS ERROR: {}", code.0)),
            Some(Err(Failure::Cme(code))) => Some(format!("+CME ERROR: {}", code.0)),
        };
        for line in self.lines.iter().map(Vec::as_slice).chain(end.as_deref().map(str::as_bytes)) {
            // A PDU continues the line above it.
            if !matches!(Line::read(line), Line::Pdu(_)) {
                octets.extend_from_slice(b"\r\n");
            }
            octets.extend_from_slice(line);
            octets.extend_from_slice(b"\r\n");
        }
        octets
    }
}
