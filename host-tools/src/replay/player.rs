//! Plays a log to an engine, at virtual time.
//!
//! The host of a log is not this engine. A command that both give is answered by the octets of the log;
//! one that only the engine gives by what is known of the [`Modem`]; one that only the log's host gives
//! is passed over with its answer, but for lines that are no part of it.

mod check;
mod drive;
mod send;

use std::collections::VecDeque;

use septet::at::Line;
use septet_firmware::profile::PROFILES;
use septet_firmware::{Engine, Instant, Options, Profile, Ticket};

pub use check::{Missed, Played, Seen};

use super::answer::Answer;
use super::beginning::{begins_set_up, is_noise};
use super::conclusion::Conclusion;
use super::exchange::Exchange;
use super::log::Log;
use super::modem::Modem;
use super::script::{self, Play, Step, answers, is_of_engine, lines};
use crate::shell::AUTO;

/// How the octets of the modem are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Each line of the log at once.
    Whole,
    /// So many octets at a time.
    Chunks(usize),
    /// Each line of the log in two, so many octets from its start.
    At(usize),
}

/// Something that the modem says besides the log: what holds must hold all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interjection {
    /// Before which line of the log, or in it; past the last one at the end.
    pub line: usize,
    /// Behind so many octets of that line.
    pub at: usize,
    /// The octets.
    pub octets: Vec<u8>,
}

/// How soon the engine must be about to do something to be waited for.
const SOON_MS: u64 = 6_000;

/// How long the engine is waited for, to give a command that the log's host gives.
const COMMAND_MS: u64 = 30_000;

/// Time after the log's end.
const END_MS: u64 = 1_000;

/// Plays `log` to an engine with this profile. With an interjection `ignored` is not looked at.
pub fn play(
    log: &Log,
    profile: &'static Profile,
    cut: Cut,
    interjection: Option<&Interjection>,
) -> Played {
    let steps = script::steps(log);
    let pin = script::pin(&steps);
    // As the session of the log did.
    let candidates = if log.modem == AUTO { PROFILES } else { &[] };
    let mut player = Player {
        profile,
        modem: Modem::new(&steps, profile),
        exchange: Exchange::None,
        steps: &steps,
        at: 0,
        line: 0,
        engine: Engine::with(Options { candidates, pin, ..Options::new(profile) }, Instant(0)),
        has_pin: pin.is_some(),
        now: 0,
        began: 0,
        cut,
        interjection,
        is_disturbed: interjection.is_some(),
        command: None,
        pdu: Vec::new(),
        tickets: VecDeque::new(),
        holds: false,
        silent: false,
        echoes: false,
        sends: 0,
        seen: Vec::new(),
        mark: 0,
        concluded: 0,
        turns: 0,
    };
    let missed = player.run(log.lexer_only).err();
    let Player { seen, concluded, .. } = player;
    Played { seen, concluded, missed }
}

struct Player<'a> {
    profile: &'static Profile,
    modem: Modem,
    /// The command of the log that is being answered.
    exchange: Exchange,
    steps: &'a [Step],
    at: usize,
    line: usize,
    engine: Engine,
    /// The engine enters the PIN.
    has_pin: bool,
    now: u64,
    /// When the log began.
    began: u64,
    cut: Cut,
    /// What is yet to be said besides the log.
    interjection: Option<&'a Interjection>,
    /// Whether there is such a thing.
    is_disturbed: bool,
    /// What the engine gave and nobody has answered.
    command: Option<String>,
    /// The digits of the PDU that the engine gave.
    pdu: Vec<u8>,
    /// Of what is to be taken over.
    tickets: VecDeque<Ticket>,
    /// The log's host never acknowledges what comes now.
    holds: bool,
    /// The modem answers nothing.
    silent: bool,
    /// The modem repeated the last command.
    echoes: bool,
    /// Messages that were given to the engine and have met no fate.
    sends: usize,
    seen: Vec<Seen>,
    /// How many events there were at the last `=` or `>` line.
    mark: usize,
    concluded: usize,
    turns: u32,
}

impl Player<'_> {
    fn run(&mut self, lexer_only: bool) -> Result<(), Missed> {
        let is_warm = lexer_only || begins_set_up(self.steps, self.profile);
        if is_warm {
            let limit = self.limit_ms();
            while !self.engine.is_ready() && self.now < limit {
                self.turn(limit)?;
            }
            if lexer_only {
                // What the engine does of its own accord is done before the log begins.
                self.pass(2_000)?;
            }
            self.seen.clear();
        } else {
            self.silent = matches!(self.steps.first(), Some(Step { play: Play::Outside, .. }))
                || is_noise(self.steps);
        }
        self.began = self.now;
        let steps = self.steps;
        while let Some(Step { line, play }) = steps.get(self.at) {
            self.at += 1;
            self.line = *line;
            self.interject(*line, 0);
            match play {
                Play::Pass(ms) => self.pass((*ms).into())?,
                Play::Outside => self.silent |= self.is_silent_ahead(),
                Play::Modem(octets) => {
                    let at = self.interjection.filter(|said| said.line == *line);
                    self.holds = self.is_held(octets);
                    let (head, tail) =
                        octets.split_at(at.map_or(0, |said| said.at.min(octets.len())));
                    if !head.is_empty() {
                        self.modem_says(head);
                        self.interject(*line, head.len());
                    }
                    self.modem_says(tail);
                    self.holds = false;
                }
                Play::Conclude(conclusion) => {
                    self.conclude(conclusion)?;
                    self.concluded += 1;
                    self.mark = self.seen.len();
                }
                Play::Command(_) | Play::Body(_) if lexer_only => self.mark = self.seen.len(),
                Play::Command(text) => self.host_gives(text)?,
                Play::Body(body) => self.host_gives_body(body.as_deref()),
            }
        }
        if let Some(said) = self.interjection {
            self.interject(said.line, said.at);
        }
        self.pass(END_MS)?;
        let made_up = self.seen.iter().find(|seen| {
            let fate = seen.conclusion.as_ref().filter(|_| !seen.concluded);
            matches!(fate, Some(Conclusion::NotSent | Conclusion::Unknown))
        });
        match made_up {
            Some(seen) if steps.iter().any(|step| matches!(step.play, Play::Conclude(_))) => {
                Err(self.missed(format!("{seen} is concluded by no line")))
            }
            _ => Ok(()),
        }
    }

    /// Says what is said besides the log, if that is here.
    fn interject(&mut self, line: usize, at: usize) {
        let here = |said: &mut &Interjection| said.line == line && said.at == at;
        if let Some(said) = self.interjection.take_if(here) {
            lines(&said.octets).for_each(|line| self.modem.says(line));
            self.holds |= self.is_held(&said.octets);
            self.feed(&said.octets);
        }
    }

    fn missed(&self, what: String) -> Missed {
        Missed { line: self.line, what }
    }

    /// The longest that the engine takes to come to a conclusion.
    fn limit_ms(&self) -> u64 {
        let Profile { boot_ms, register_ms, submit_ms, sweep_ms, .. } = *self.profile;
        [boot_ms, register_ms, submit_ms, sweep_ms].into_iter().map(u64::from).sum()
    }

    fn ahead(&self) -> &[Step] {
        self.steps.get(self.at..).unwrap_or_default()
    }

    /// Brings the engine to give the command that the log's host gives here, if it does.
    fn host_gives(&mut self, text: &str) -> Result<(), Missed> {
        self.mark = self.seen.len();
        let answer = Answer::read(text, self.ahead());
        // Until the engine gives it, it is yet to come.
        self.at -= 1;
        let given = self.bring(text, &answer)?;
        self.at += 1;
        match given {
            Some(gave) => self.takes(text, &gave, answer),
            None => {
                self.exchange = Exchange::passed_over(text);
                self.answers(text, answer);
                self.silent |= self.is_last();
            }
        }
        Ok(())
    }

    /// Whether the modem says nothing to the end of the log: then it is off.
    fn is_last(&self) -> bool {
        !self.ahead().iter().any(|step| matches!(step.play, Play::Modem(_)))
    }

    /// Notes how the log's modem answers.
    fn answers(&mut self, asked: &str, answer: Answer) {
        if answer.end.is_some() {
            self.echoes = answer.echoes;
        }
        self.modem.answered(asked, answer);
    }

    /// The command that the engine gives in the place of `text`, if it does.
    fn bring(&mut self, text: &str, answer: &Answer) -> Result<Option<String>, Missed> {
        let is_send = answers(text, "AT+CMGS=1", false);
        let is_pin = text.to_ascii_uppercase().starts_with("AT+CPIN=");
        if !is_of_engine(text, self.profile) || is_pin && !self.has_pin || is_send && self.is_left()
        {
            return Ok(None);
        }
        if is_send {
            self.send(text)?;
        }
        let until = self.now + COMMAND_MS;
        loop {
            if let Some(gave) = self.command.take() {
                if answers(text, &gave, matches!(answer.end, Some(Err(_)))) {
                    return Ok(Some(gave));
                }
                self.answer(&gave);
            }
            let wake_at = self.pump();
            if self.command.is_none() {
                if wake_at > self.now + SOON_MS || self.now >= until {
                    return Ok(None);
                }
                self.turn(until)?;
            }
        }
    }

    /// The log answers the engine's command.
    fn takes(&mut self, text: &str, gave: &str, answer: Answer) {
        self.silent = self.is_last();
        if answer.end == Some(Ok(())) {
            self.modem.done(gave, self.at.saturating_sub(1));
        }
        self.answers(gave, answer);
        self.exchange = Exchange::engine(text, gave);
    }

    fn modem_says(&mut self, octets: &[u8]) {
        let last = lines(octets).last().map(Line::read);
        if octets.iter().any(|octet| matches!(octet, b'\r' | b'\n')) {
            self.silent = matches!(last, Some(Line::PowerDown(_)));
        }
        lines(octets).for_each(|line| self.modem.says(line));
        let octets = self.exchange.hears(octets);
        self.feed(&octets);
    }

    /// Whether the engine is not told that what comes directly is safe, since the log's host does not
    /// acknowledge it.
    fn is_held(&self, octets: &[u8]) -> bool {
        let direct = |line| matches!(Line::read(line), Line::Message { .. } | Line::Report { .. });
        let acknowledges = |step: &Step| match &step.play {
            Play::Command(text) => answers(text, "AT+CNMA", false),
            _ => false,
        };
        self.profile.acknowledges
            && lines(octets).any(direct)
            && !self.ahead().iter().any(acknowledges)
    }

    /// Lets `ms` pass. Where the engine gives the log's next command before its host, it is answered.
    fn pass(&mut self, ms: u64) -> Result<(), Missed> {
        let until = self.now + ms;
        while self.now < until {
            self.pump();
            if let Some(gave) = self.command.take() {
                let waits = |step: &&Step| !matches!(step.play, Play::Pass(_));
                let next = self.ahead().iter().position(|step| waits(&step)).unwrap_or_default();
                if let Some(Step { play: Play::Command(text), .. }) = self.ahead().get(next) {
                    let answer =
                        Answer::read(text, self.ahead().get(next + 1..).unwrap_or_default());
                    let refused = matches!(answer.end, Some(Err(_)));
                    if !answers(text, "AT+CMGS=1", false) && answers(text, &gave, refused) {
                        let text = text.clone();
                        for _ in 0..=next {
                            self.line = self.ahead().first().map_or(self.line, |step| step.line);
                            self.interject(self.line, 0);
                            self.at += 1;
                        }
                        self.mark = self.seen.len();
                        self.takes(&text, &gave, answer);
                        return Ok(());
                    }
                }
                self.answer(&gave);
                continue;
            }
            self.turn(until)?;
        }
        Ok(())
    }

    /// Whether nothing comes before the modem has started, or nothing any more.
    fn is_silent_ahead(&self) -> bool {
        let starts =
            |line| matches!(Line::read(line), Line::Boot(_) | Line::Service(_) | Line::Pin(_));
        let next = self.ahead().iter().find_map(|step| match &step.play {
            Play::Modem(octets) => Some(lines(octets).next().is_some_and(starts)),
            Play::Command(_) | Play::Body(_) => Some(false),
            Play::Pass(_) | Play::Outside | Play::Conclude(_) => None,
        });
        next.unwrap_or(true)
    }
}
