//! Questions and answers over a line, and the transcript of them.

use std::time::Duration;

use embedded_io_async::{Read as _, Write as _};
use septet::at::{Failure, Line as Said};
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

/// How often `AT` is said to a modem that may sleep or have to find the speed.
const ATTENTIONS: usize = 4;

/// Silence after which nothing more of a late answer comes.
const QUIET: Duration = Duration::from_millis(500);

/// The longest that a modem is heard out for silence.
const HEARD_OUT: Duration = Duration::from_secs(5);

impl Dialogue {
    /// A dialogue over a line.
    pub fn new(line: Line) -> Self {
        let clock = TokioClock::start();
        let now: Now = Box::new(move || clock.time());
        let transcript = Transcript::bare(String::new(), Mask::NUMBERS);
        Self { line: Traced::new(line, transcript, now), rest: Vec::new(), heard: 0 }
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
    pub async fn attention(&mut self) -> Result<Option<Answer>, Failed> {
        for _ in 0..ATTENTIONS {
            self.hear_out().await?;
            let answer = self.ask("", ATTENTION).await?;
            if answer.end != End::Silent {
                // A modem that finds the speed by what is said may answer to several at once.
                self.hear_out().await?;
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Says `AT` + `command`, and returns what is answered in `ms`.
    ///
    /// # Errors
    /// One sentence, where the line fails.
    pub async fn ask(&mut self, command: &'static str, ms: u64) -> Result<Answer, Failed> {
        let text = format!("AT{command}");
        let until = Instant::now() + Duration::from_millis(ms);
        // A line whose other end takes nothing must not hold it up.
        match timeout_at(until, self.write(format!("{text}\r").as_bytes())).await {
            Ok(written) => written?,
            Err(_) => return Err(Failed::input("the line takes nothing: is the modem on?")),
        }
        let mut answer = Answer { command, lines: Vec::new(), end: End::Silent, echoed: false };
        loop {
            let Ok(line) = timeout_at(until, self.next_line()).await else { return Ok(answer) };
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
                _ => answer.lines.push(line),
            }
            if answer.end != End::Silent {
                return Ok(answer);
            }
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
    async fn hear_out(&mut self) -> Result<(), Failed> {
        let until = Instant::now() + HEARD_OUT;
        while Instant::now() < until {
            match timeout(QUIET, self.read()).await {
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
                self.rest.extend(&octets[..len]);
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
