//! Whether the engine concludes what the log says, and what it concludes instead.

use std::fmt;

use septet_firmware::Event;

use super::Player;
use crate::replay::answer::Answer;
use crate::replay::conclusion::Conclusion;
use crate::replay::script::{Play, Step};

/// What a log led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Every event, in order.
    pub seen: Vec<Seen>,
    /// How many `= ` lines were reached.
    pub concluded: usize,
    /// The first one that was not.
    pub missed: Option<Missed>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Milliseconds since the log began.
    pub ms: u64,
    /// The line of the log that was played.
    pub line: usize,
    /// What happened.
    pub event: Event,
    /// The same in the words of a log; `None` for what has none.
    pub conclusion: Option<Conclusion>,
    /// Whether an `= ` line is about it.
    pub(super) concluded: bool,
}

/// A line of the log that was not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Which one.
    pub line: usize,
    /// Why.
    pub what: String,
}

impl Player<'_> {
    /// Lets time pass until the engine concludes this.
    pub(super) fn conclude(&mut self, conclusion: &Conclusion) -> Result<(), Missed> {
        match conclusion {
            Conclusion::Ok | Conclusion::Error(_) => return self.conclude_answer(conclusion),
            Conclusion::Ignored if self.is_disturbed => return Ok(()),
            Conclusion::Ignored => {
                let seen = self.seen.get(self.mark..).and_then(<[Seen]>::first);
                let what = seen.map(|seen| format!("not ignored, but concluded: {seen}"));
                return what.map_or(Ok(()), |what| Err(self.missed(what)));
            }
            _ => {}
        }
        let until = self.now + self.limit_ms();
        loop {
            if self.find(conclusion)? {
                return Ok(());
            }
            if self.now >= until {
                break;
            }
            self.turn(until)?;
        }
        let last = self.seen.iter().rev().find(|seen| !seen.concluded);
        Err(self.missed(match last {
            Some(seen) => format!("{conclusion} is not concluded, but {seen}"),
            None => format!("{conclusion} is not concluded, nor anything else"),
        }))
    }

    /// Whether the engine has concluded this: after what was found last, or before.
    fn find(&mut self, conclusion: &Conclusion) -> Result<bool, Missed> {
        let holds = match conclusion {
            Conclusion::Registered(registered) => {
                let holds = self.engine.is_registered() == Some(*registered);
                if !holds {
                    return Ok(false);
                }
                true
            }
            Conclusion::Ready if !self.engine.is_ready() => return Ok(false),
            _ => false,
        };
        if conclusion.is_fate() {
            return self.find_fate(conclusion);
        }
        let after = self.seen.iter().rposition(|seen| seen.concluded).map_or(0, |at| at + 1);
        let is = |seen: &Seen| {
            !seen.concluded && seen.conclusion.as_ref().is_some_and(|seen| conclusion.admits(seen))
        };
        let later = self.seen.get(after..).and_then(|later| later.iter().position(is));
        let found = later.map(|at| after + at).or_else(|| self.seen.iter().position(is));
        if let Some(seen) = found.and_then(|at| self.seen.get_mut(at)) {
            seen.concluded = true;
        }
        Ok(holds || found.is_some())
    }

    /// Fates come in order. One that the modem told may have no line of its own.
    fn find_fate(&mut self, conclusion: &Conclusion) -> Result<bool, Missed> {
        let mut other = None;
        for seen in &mut self.seen {
            let Some(fate) = seen.conclusion.as_ref().filter(|fate| fate.is_fate()) else {
                continue;
            };
            if seen.concluded {
                continue;
            }
            if conclusion.admits(fate) {
                seen.concluded = true;
                return Ok(true);
            }
            other = Some(seen.to_string());
            if matches!(fate, Conclusion::NotSent | Conclusion::Unknown) {
                break;
            }
        }
        match other {
            Some(other) if self.sends == 0 => {
                Err(self.missed(format!("{conclusion} is not concluded, but {other}")))
            }
            _ => Ok(false),
        }
    }

    /// How the log's own command was answered.
    fn conclude_answer(&self, conclusion: &Conclusion) -> Result<(), Missed> {
        let played = self.steps.get(..self.at).unwrap_or_default();
        let last = played.iter().rposition(|step| matches!(step.play, Play::Command(_)));
        let asked = last.and_then(|last| played.split_at_checked(last));
        let Some((_, [Step { play: Play::Command(text), .. }, answer @ ..])) = asked else {
            return Err(
                self.missed(format!("no command before this line, so that none is {conclusion}"))
            );
        };
        let seen = match Answer::read(text, answer).end {
            Some(Ok(())) => Conclusion::Ok,
            Some(Err(failure)) => Conclusion::Error(Some(failure)),
            None => return Err(self.missed(format!("{text} has no answer that is {conclusion}"))),
        };
        if conclusion.admits(&seen) {
            return Ok(());
        }
        Err(self.missed(format!("the answer to {text} is not {conclusion}, but {seen}")))
    }
}

/// `sent mr=17 (line 14)`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.conclusion {
            Some(conclusion) => conclusion.fmt(f)?,
            None => write!(f, "{:?}", self.event.kind)?,
        }
        write!(f, " (line {})", self.line)
    }
}

/// `line 14: sent mr=17 is not concluded, but unknown (line 13)`.
impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}
