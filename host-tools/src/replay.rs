//! `septet replay`: plays logs of modem dialogues to the engine and checks what it concludes.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};

use clap::Args;
use septet_firmware::profile::{GENERIC, PROFILES};
use septet_firmware::{EventKind, Profile};

use crate::{Failed, serve};

mod answer;
mod beginning;
mod conclusion;
mod exchange;
mod log;
mod modem;
mod player;
mod received;
mod script;
mod words;

pub use answer::unsolicited;
pub use conclusion::Conclusion;
pub use log::{Item, Kind, Log, Wrong};
pub use player::{Cut, Interjection, Missed, Played, Seen};

/// Plays logs of dialogues with modems to the engine and checks what it concludes.
///
/// A log has octets from host to modem behind `> `, from modem to host behind `< `, milliseconds that
/// pass behind `~ `, and what the engine must have concluded by then behind `= `.
/// `firmware/transcripts/README.md` describes it.
///
/// Prints each event: the line of the log, the time since its beginning, and the event in the words of
/// an `= ` line. The exit code is 1 where one is not concluded.
#[derive(Debug, Args)]
pub struct Options {
    /// Logs; - is standard input
    #[arg(required = true)]
    files: Vec<String>,
    /// How the modem is driven (default: as the one that the log names, else generic)
    #[arg(long, value_parser = serve::profile)]
    profile: Option<&'static Profile>,
    /// How the modem's octets are cut: each line of the log whole, octet by octet, or N at a time
    #[arg(long, value_name = "whole|octet|N", default_value = "whole", value_parser = cut)]
    chunk: Cut,
    /// Print only whether the logs are ok
    #[arg(short, long)]
    quiet: bool,
}

fn cut(text: &str) -> Result<Cut, String> {
    match text {
        "whole" => Ok(Cut::Whole),
        "octet" => Ok(Cut::Chunks(1)),
        _ => match text.parse() {
            Ok(0) | Err(_) => Err("write whole, octet or a number of octets from 1".to_owned()),
            Ok(len) => Ok(Cut::Chunks(len)),
        },
    }
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// A file that cannot be read, that is no log, or that does not lead to its conclusions.
pub fn run(options: &Options) -> Result<String, Failed> {
    let mut output = String::new();
    let mut wrong = Vec::new();
    for name in &options.files {
        let played = read(name).and_then(|text| {
            let log = Log::parse(&text).map_err(|wrong| wrong.to_string())?;
            Ok((play(&log, options.profile, options.chunk), log.lexer_only))
        });
        let is_alone = options.files.len() == 1;
        let played = played.and_then(|(played, lexer_only)| {
            if !options.quiet {
                if !is_alone {
                    let _ = writeln!(output, "{name}");
                }
                output.push_str(&events(&played));
            }
            match &played.missed {
                Some(missed) => Err(missed.to_string()),
                None => Ok((played.concluded, lexer_only)),
            }
        });
        match played {
            Ok((concluded, lexer_only)) => {
                let prefix = if is_alone { String::new() } else { format!("{name}: ") };
                let s = if concluded == 1 { "" } else { "s" };
                let only = if lexer_only { ", lexer only" } else { "" };
                // Writing to a String cannot fail.
                let _ = writeln!(output, "{prefix}ok, {concluded} conclusion{s}{only}");
            }
            Err(sentence) => {
                if !is_alone {
                    let _ = writeln!(output, "{name}: not ok, {sentence}");
                }
                wrong.push(format!("{name}: {sentence}"));
            }
        }
    }
    match wrong.as_slice() {
        [] => Ok(output),
        [sentence] => Err(Failed { sentence: sentence.clone(), output }),
        _ => {
            let sentence = format!("{} of {} logs are not ok", wrong.len(), options.files.len());
            Err(Failed { sentence, output })
        }
    }
}

fn read(name: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = match name {
        "-" => io::stdin().read_to_string(&mut text).map(|_| text),
        _ => fs::read_to_string(name),
    };
    read.map_err(|error| format!("cannot be read: {error}"))
}

/// Plays `log` to an engine with this profile, or with the one of the modem that the log names.
pub fn play(log: &Log, profile: Option<&'static Profile>, cut: Cut) -> Played {
    play_with(log, profile, cut, None)
}

/// Plays `log`, and lets the modem say something besides it; `ignored` is not looked at then.
pub fn play_with(
    log: &Log,
    profile: Option<&'static Profile>,
    cut: Cut,
    interjection: Option<&Interjection>,
) -> Played {
    let profile = profile.unwrap_or_else(|| profile_of(&log.modem));
    player::play(log, script::fitting(log, profile), cut, interjection)
}

/// The profile of the modem that a log names so: the one whose longest word stands in it.
fn profile_of(modem: &str) -> &'static Profile {
    let modem = modem.to_ascii_uppercase();
    let longest = |profile: &Profile| {
        let says = profile.says.iter().chain([&profile.model]);
        says.filter(|says| modem.contains(&says.to_ascii_uppercase())).map(|says| says.len()).max()
    };
    let named = PROFILES.iter().filter_map(|profile| Some((longest(profile)?, *profile)));
    named.max_by_key(|(len, _)| *len).map_or(&GENERIC, |(_, profile)| profile)
}

/// How often an event is printed; what is repeated more often tells nothing more.
const REPEATS_MAX: usize = 500;

/// Each event on a line; those that are repeated over and over are counted at the end.
fn events(played: &Played) -> String {
    let mut out = String::new();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for seen in &played.seen {
        let words = match (&seen.conclusion, &seen.event.kind) {
            (Some(conclusion), EventKind::Lost(trouble)) => format!("{conclusion} ; {trouble}"),
            (Some(conclusion), _) => conclusion.to_string(),
            (None, kind) => format!("{kind:?}"),
        };
        let known = counts.iter().position(|(known, _)| *known == words);
        let count = match known.and_then(|at| counts.get_mut(at)) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                counts.push((words.clone(), 1));
                1
            }
        };
        if count <= REPEATS_MAX {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{:>5} {:>8} ms  {words}", seen.line, seen.ms);
        }
    }
    for (words, count) in counts.iter().filter(|(_, count)| *count > REPEATS_MAX) {
        let _ = writeln!(out, "and {} times more  {words}", count - REPEATS_MAX);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_repeats_over_and_over_is_counted() {
        let log = Log::parse("< \\r\\n+CMTI: \"SM\",3\\r\\n\n").unwrap();
        let mut played = play(&log, None, Cut::Whole);
        let waiting = played.seen.first().cloned().unwrap();
        played.seen.extend(vec![waiting; 2_000]);
        let words = events(&played);
        assert_eq!(words.matches("ms  waiting SM 3\n").count(), REPEATS_MAX);
        let is_equal = |seen: &&Seen| seen.event == played.seen[0].event;
        let more = played.seen.iter().filter(is_equal).count() - REPEATS_MAX;
        assert!(words.ends_with(&format!("and {more} times more  waiting SM 3\n")), "{words}");
    }
}
