//! Which octets of a log's modem the engine hears, while a command of the log is answered.

use super::answer::{Part, part};
use super::script::{answers, clean};

/// The command of the log that was given last.
#[derive(Debug)]
pub enum Exchange {
    /// None yet.
    None,
    /// The log's host gave it and the engine did not: its answer is not heard.
    PassedOver {
        /// As the log has it.
        asked: String,
        /// The line so far.
        line: Vec<u8>,
        /// The line before was the first of two that are no part of the answer.
        is_second: bool,
        /// The answer has ended: all is heard.
        is_over: bool,
    },
    /// Both gave it: all is heard, and echoes are of what the engine gave.
    Engine {
        /// Whether it is `AT+CMGS=`.
        is_send: bool,
        /// What the log's host gave, and what the engine.
        given: Vec<(Vec<u8>, Vec<u8>)>,
    },
}

impl Exchange {
    /// The host's command `asked`, which the engine does not give.
    pub fn passed_over(asked: &str) -> Self {
        Self::PassedOver {
            asked: asked.to_owned(),
            line: Vec::new(),
            is_second: false,
            is_over: false,
        }
    }

    /// The host's command `asked`, for which the engine `gave` its own.
    pub fn engine(asked: &str, gave: &str) -> Self {
        let given = vec![(asked.as_bytes().to_vec(), gave.as_bytes().to_vec())];
        Self::Engine { is_send: answers(asked, "AT+CMGS=1", false), given }
    }

    /// Whether the engine sends a message.
    pub const fn is_send(&self) -> bool {
        matches!(self, Self::Engine { is_send: true, .. })
    }

    /// Notes what the prompt was answered with.
    pub fn gives(&mut self, body: &[u8], gave: &[u8]) {
        if let Self::Engine { given, .. } = self {
            given.push((body.trim_ascii().to_vec(), gave.to_vec()));
        }
    }

    /// The octets that the engine hears when the log's modem says `octets`.
    pub fn hears(&mut self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::None => octets.to_vec(),
            Self::PassedOver { asked, line, is_second, is_over } => {
                let mut heard = Vec::new();
                for octet in octets {
                    if *is_over {
                        heard.push(*octet);
                        continue;
                    }
                    if !matches!(octet, b'\r' | b'\n') {
                        line.extend(Some(*octet).filter(|octet| *octet != 0x00));
                        continue;
                    }
                    let text = clean(line);
                    if text.is_empty() {
                        continue;
                    }
                    let before: &[u8] = if *is_second { b"" } else { b"\r\n" };
                    let part = if *is_second { Part::Unsolicited } else { part(text, asked) };
                    *is_second = part == Part::UnsolicitedPair;
                    match part {
                        Part::End(_) => *is_over = true,
                        Part::Unsolicited | Part::UnsolicitedPair | Part::Fact => {
                            heard.extend([before, text, b"\r\n"].concat());
                        }
                        Part::Echo | Part::Answer => {}
                    }
                    line.clear();
                }
                heard
            }
            Self::Engine { given, .. } => {
                let mut heard = Vec::new();
                for line in octets.split_inclusive(|octet| matches!(octet, b'\r' | b'\n')) {
                    heard.extend(echo(line, given).unwrap_or_else(|| line.to_vec()));
                }
                heard
            }
        }
    }
}

/// The line as an echo of what the engine gave, where it is one of what the log's host gave.
fn echo(line: &[u8], given: &[(Vec<u8>, Vec<u8>)]) -> Option<Vec<u8>> {
    let text = line.trim_ascii();
    let text = text.strip_suffix(&[septet::at::CTRL_Z]).unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return None;
    }
    let (_, gave) = given.iter().find(|(said, _)| said == text)?;
    let end = line.iter().rposition(|octet| !octet.is_ascii_whitespace())?;
    Some([gave.as_slice(), line.get(end + 1..).unwrap_or_default()].concat())
}
