//! `septet split`: how a text becomes parts, and what makes it costly.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Args;
use septet::segment::{Plan, segments};
use septet::tpdu::udh::Reference;
use serde::Serialize;

use crate::Failed;

/// Shows how a text becomes parts: alphabet, septets or code units used and left, what is costly.
#[derive(Debug, Args)]
pub struct Options {
    /// The text
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a text becomes parts.
#[derive(Debug, Serialize)]
struct Split {
    alphabet: &'static str,
    /// What is counted: septets or code units.
    unit: &'static str,
    units: usize,
    parts: Vec<Part>,
    /// Characters that make the text costly, and how often each is there.
    costly: BTreeMap<char, usize>,
}

#[derive(Debug, Serialize)]
struct Part {
    text: String,
    used: usize,
    left: usize,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// A text that needs more than 255 parts.
pub fn run(options: &Options) -> Result<String, Failed> {
    let split = split(&options.text)?;
    if options.json {
        return serde_json::to_string_pretty(&split)
            .map(|json| json + "\n")
            .map_err(|e| Failed::input(e.to_string()));
    }
    Ok(words(&split))
}

fn split(text: &str) -> Result<Split, Failed> {
    let plan = Plan::cheapest(text.chars());
    let parts: Vec<Part> = segments(text.chars(), plan, Reference::Short(0))
        .map_err(|error| Failed::input(format!("the text {}", error.kind)))?
        .map(|part| Part { text: part.chars().collect(), used: part.units(), left: part.left() })
        .collect();
    let mut costly = BTreeMap::new();
    for (_, c) in plan.costly(text.chars()) {
        *costly.entry(c).or_default() += 1;
    }
    let (alphabet, unit) = match plan {
        Plan::Gsm7(_) => ("GSM-7", "septets"),
        Plan::Ucs2 => ("UCS-2", "code units"),
    };
    Ok(Split { alphabet, unit, units: parts.iter().map(|part| part.used).sum(), parts, costly })
}

fn words(split: &Split) -> String {
    let Split { alphabet, unit, units, parts, costly } = split;
    let mut out = String::new();
    let plural = if parts.len() == 1 { "" } else { "s" };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{alphabet}, {} part{plural}, {units} {unit}", parts.len());
    for (i, Part { text, used, left }) in parts.iter().enumerate() {
        let _ = writeln!(out, "part {}: {used} used, {left} left  {text:?}", i + 1);
    }
    for (c, count) in costly {
        let c = if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
        let why = match *alphabet {
            "GSM-7" => "counts two",
            _ => "is not in GSM-7, so the whole text is in UCS-2",
        };
        let times = if *count == 1 { String::new() } else { format!(" ({count} times)") };
        let _ = writeln!(out, "{c} {why}{times}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_words(text: &str) -> String {
        words(&split(text).unwrap())
    }

    #[test]
    fn a_text_is_described() {
        assert_eq!(
            split_words("5 €"),
            "GSM-7, 1 part, 4 septets\npart 1: 4 used, 156 left  \"5 €\"\n€ counts two\n"
        );
        assert_eq!(
            split_words("жж"),
            "UCS-2, 1 part, 2 code units\npart 1: 2 used, 68 left  \"жж\"\n\
             ж is not in GSM-7, so the whole text is in UCS-2 (2 times)\n"
        );
    }

    #[test]
    fn a_text_for_more_than_255_parts_is_refused() {
        assert!(split(&"a".repeat(255 * 153)).is_ok());
        let error = split(&"a".repeat(255 * 153 + 1)).unwrap_err();
        assert!(error.sentence.contains("more than 255 parts"), "{}", error.sentence);
    }
}
