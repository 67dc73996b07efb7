//! Questions and answers over a line, and the transcript of them.

use std::time::Duration;

use embedded_io_async::{Read as _, Write as _};
use septet::at::{ESC, Failure, Line as Said};
use septet_firmware::trace::{Mask, Traced, Transcript};
use tokio::time::{Instant, timeout, timeout_at};

use crate::Failed;
use crate::shell::{Line, Now, TokioClock};

/// The dialogue with a modem.
pub struct Dialogue {
    line: Traced<Line, Transcript<String>, Now>,
    /// The end of what came, up to the end of its line.
    rest: Vec<u8>,
    /// Octets that came in all.
    heard: usize,
    /// Whether text has come since attention was asked for.
    is_text: bool,
}

/// How a modem that is there answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Whether commands are echoed.
    pub echoed: bool,
    /// Whether results are digits: `ATV0`.
    pub digits: bool,
    /// Whether results had to be switched on: `ATQ1` was left.
    pub silenced: bool,
}

/// What was answered to a command.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The command, without `AT`.
    pub command: &'static str,
    /// The lines before the result, without the command's echo.
    pub lines: Vec<String>,
    /// How it ended.
    pub end: End,
    /// Whether the command was echoed.
    pub echoed: bool,
    /// Whether its result is a digit.
    pub digits: bool,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With `OK`.
    Ok,
    /// With a refusal.
    Refused(Failure),
    /// Not in its time.
    Silent,
}

/// Time to answer `AT`: a modem that is there does at once.
const ATTENTION: u64 = 1_000;

/// Time to answer it for a modem of which text has come already.
const PATIENCE: u64 = 5_000;

/// Switches results on (V.250, section 6.2.5).
const RESULTS: &str = "Q0";

/// What is said to a modem that may sleep, have to find the speed, wait behind a prompt for a message that
/// another program left, or have its results switched off: what is written before the command, and it.
const ATTENTIONS: [(&[u8], &str); 4] = [(b"", ""), (&[ESC], ""), (b"", RESULTS), (b"", "")];

/// How a modem is heard out: up to a silence so long, or for so long at most.
#[derive(Clone, Copy)]
struct HearOut {
    quiet: Duration,
    at_most: Duration,
}

/// Nothing more of a late answer comes.
const ONE: HearOut = HearOut { quiet: Duration::from_millis(500), at_most: Duration::from_secs(5) };

/// Nor of several.
const SEVERAL: HearOut =
    HearOut { quiet: Duration::from_secs(5), at_most: Duration::from_secs(20) };

impl Dialogue {
    /// A dialogue over a line.
    pub fn new(line: Line) -> Self {
        let clock = TokioClock::start();
        let now: Now = Box::new(move || clock.time());
        let transcript = Transcript::bare(String::new(), Mask::NUMBERS);
        Self {
            line: Traced::new(line, transcript, now),
            rest: Vec::new(),
            heard: 0,
            is_text: false,
        }
    }

    /// What was said so far, with the numbers overwritten.
    pub fn transcript(&mut self) -> &str {
        let transcript = self.line.trace();
        transcript.finish();
        transcript.sink()
    }

    /// Octets that came in all.
    pub const fn heard(&self) -> usize {
        self.heard
    }

    /// Says `AT` until the modem answers to it; `None` where it does not.
    ///
    /// # Errors
    /// One sentence, where the line fails.
    pub async fn attention(&mut self) -> Result<Option<Attention>, Failed> {
        self.is_text = false;
        for (at, (before, command)) in ATTENTIONS.into_iter().enumerate() {
            self.hear_out(ONE).await?;
            if !before.is_empty() {
                self.say(before, Instant::now() + Duration::from_millis(ATTENTION)).await?;
                self.hear_out(ONE).await?;
            }
            let began = Instant::now();
            let mut answer = self.ask(command, ATTENTION).await?;
            if self.is_text {
                self.hear(&mut answer, began + Duration::from_millis(PATIENCE)).await?;
            }
            if answer.end != End::Silent {
                // A modem that finds the speed by what is said may answer to several at once, and a
                // slow one to each in turn.
                let heard = self.heard;
                self.hear_out(if at == 0 { ONE } else { SEVERAL }).await?;
                let is_late = self.heard > heard;
                let Answer { echoed, digits, .. } = answer;
                let silenced = command == RESULTS && !is_late;
                return Ok(Some(Attention { echoed, digits, silenced }));
            }
        }
        Ok(None)
    }

    /// Says `AT` + `command`, and returns what is answered in `ms`.
    ///
    /// # Errors
    /// One sentence, where the line fails.
    pub async fn ask(&mut self, command: &'static str, ms: u64) -> Result<Answer, Failed> {
        let until = Instant::now() + Duration::from_millis(ms);
        self.say(format!("AT{command}\r").as_bytes(), until).await?;
        let (lines, end) = (Vec::new(), End::Silent);
        let mut answer = Answer { command, lines, end, echoed: false, digits: false };
        self.hear(&mut answer, until).await?;
        Ok(answer)
    }

    /// Hears an answer until it ends or the time is over.
    async fn hear(&mut self, answer: &mut Answer, until: Instant) -> Result<(), Failed> {
        let text = format!("AT{}", answer.command);
        while answer.end == End::Silent {
            let Ok(line) = timeout_at(until, self.next_line()).await else { break };
            let line = line?;
            match Said::read(line.as_bytes()) {
                Said::Ok => answer.end = End::Ok,
                Said::Failed(failure) => answer.end = End::Refused(failure),
                // Results as digits (V.250, section 6.2.6).
                Said::Other(b"0") if answer.lines.is_empty() => answer.end = End::Ok,
                Said::Other(b"4") if answer.lines.is_empty() => {
                    answer.end = End::Refused(Failure::Error);
                }
                _ if line == text => answer.echoed = true,
                _ => answer.lines.push(line.clone()),
            }
            answer.digits = answer.end != End::Silent && matches!(&*line, "0" | "4");
        }
        Ok(())
    }

    /// Writes, unless the line takes nothing: then its other end must not hold this up.
    async fn say(&mut self, octets: &[u8], until: Instant) -> Result<(), Failed> {
        match timeout_at(until, self.write(octets)).await {
            Ok(written) => written,
            Err(_) => Err(Failed::input("the line takes nothing: is the modem on?")),
        }
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), Failed> {
        let mut rest = octets;
        while !rest.is_empty() {
            match self.line.write(rest).await.map_err(failed)? {
                0 => return Err(CLOSED.into()),
                len => rest = &rest[len..],
            }
        }
        self.line.flush().await.map_err(failed)
    }

    /// Passes over what comes until nothing does.
    async fn hear_out(&mut self, HearOut { quiet, at_most }: HearOut) -> Result<(), Failed> {
        let until = Instant::now() + at_most;
        while Instant::now() < until {
            match timeout(quiet, self.read()).await {
                Ok(read) => read?,
                Err(_) => break,
            }
        }
        self.rest.clear();
        Ok(())
    }

    /// The next line that is not empty. May be dropped while it waits.
    async fn next_line(&mut self) -> Result<String, Failed> {
        loop {
            let end = self.rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
            let Some(end) = end else {
                self.read().await?;
                continue;
            };
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line =
                String::from_utf8_lossy(&line).trim_matches(['\0', '\r', '\n', ' ']).to_owned();
            if !line.is_empty() {
                return Ok(line);
            }
        }
    }

    async fn read(&mut self) -> Result<(), Failed> {
        let mut octets = [0; 256];
        match self.line.read(&mut octets).await.map_err(failed)? {
            0 => Err(CLOSED.into()),
            len => {
                self.heard += len;
                let octets = &octets[..len];
                let in_text = |octet: &u8| matches!(octet, b'\r' | b'\n' | b' '..=b'~');
                self.is_text |=
                    octets.iter().all(in_text) && octets.iter().any(u8::is_ascii_alphanumeric);
                self.rest.extend(octets);
                Ok(())
            }
        }
    }
}

const CLOSED: &str = "the line was closed at the other end: is another program using the modem?";

impl From<&str> for Failed {
    fn from(sentence: &str) -> Self {
        Self::input(sentence)
    }
}

fn failed(error: std::io::Error) -> Failed {
    Failed::input(format!("the line failed: {error}; check the cable and the supply"))
}
