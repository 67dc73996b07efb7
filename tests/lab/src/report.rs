//! `docs/differential.md`: every figure of it is of the run that wrote it.

use std::cmp::Reverse;
use std::fmt::Write;

use crate::answer::Answer;
use crate::classes::CLASSES;
use crate::compare::{self, shown};
use crate::message::{Field, hex};
use crate::peers::{OURS, PEERS};
use crate::run::{self, Example, Result, Source, Written};
use crate::score::Score;
use crate::writing::FAULTS;

const HEAD: &str = "# Who reads what

The codecs that one can install, and Septet, on the same messages: the known answers of `codec/vectors/pdu.json`, and messages that are made up. `.ci/lab` installs them, asks them, and writes this page; no figure of it is written by hand.

What is right is not what most say, nor what Septet says: each made-up message is built field by field from the clauses of 3GPP TS 23.038 and TS 23.040 by a writer of its own (`tests/lab/src/message.rs`), which knows what a reader must find. A program is asked for the fields that it has words for, and for the types of message that it claims to read.
";

/// The page. `versions` has a line for each package: its name, its version.
pub fn page(
    source: Source,
    messages: u64,
    scores: &[Score],
    results: &[Result],
    written: &[Option<Written>],
    versions: &str,
) -> String {
    let mut page = String::from(HEAD);
    let version = |name: &str| {
        let line =
            versions.lines().find_map(|line| line.split_once(' ').filter(|(n, _)| *n == name));
        line.map_or("", |(_, version)| version).to_owned()
    };
    page += "\n## The known answers\n\nWhose address and text are read as the known answer has them, of those that are of a type which the program claims to read; what is no message is to be refused. Septet's own tests compare every field.\n\n";
    page +=
        "| codec | version | from | as known | of | % | broke |\n|---|---|---|---|---|---|---|\n";
    let mut ranked: Vec<&Score> = scores.iter().collect();
    ranked
        .sort_by_key(|score| (Reverse(score.passed * 10_000 / score.applicable), score.peer.name));
    for score in ranked {
        let Score { peer, passed, applicable, broke } = score;
        let (name, from, share) = (peer.name, peer.from, passed * 100 / applicable);
        let version = version(name);
        writeln!(
            page,
            "| {name} | {version} | {from} | {passed} | {applicable} | {share} | {broke} |"
        )
        .unwrap();
    }
    writeln!(page, "\n## {} messages made up\n", spaced(messages)).unwrap();
    writeln!(page, "SMS-DELIVER, SMS-SUBMIT and SMS-STATUS-REPORT of seed {}: each alphabet, coding group and header, parts, texts that end at the borders of packing, addresses, times and validity periods of every kind, and here and there what the standard has a rule for and few have tried. *Refused*: the program said that it cannot read the message. *Broke*: it panicked, threw what is no word of its own, or ended. *Otherwise*: it read a field as something else.", source.seed).unwrap();
    page += "\n| codec | version | asked | as the standard has it | % | otherwise | refused | broke |\n|---|---|---|---|---|---|---|---|\n";
    for (peer, result) in PEERS.iter().zip(results) {
        let Result { asked, agreed, refused, broke, .. } = result;
        let otherwise = asked - agreed - refused - broke;
        // Downwards: 100 is all of them.
        let tenths = agreed * 1000 / asked.max(&1);
        writeln!(
            page,
            "| {} | {} | {} | {} | {}.{} | {} | {} | {} |",
            peer.name,
            version(peer.name),
            spaced(*asked),
            spaced(*agreed),
            tenths / 10,
            tenths % 10,
            spaced(otherwise),
            spaced(*refused),
            spaced(*broke)
        )
        .unwrap();
    }
    let shares = PEERS.iter().filter(|peer| peer.every > 1);
    let shares: Vec<String> =
        shares.map(|peer| format!("{} each {}", peer.name, ordinal(peer.every))).collect();
    writeln!(page, "\nA message counts for who claims to read its type and a field of it. The slow ones get a share: {} message. gsm7 has the alphabet alone, libosmocore functions for fields, tpdu no words for UCS-2; the way to the field is the driver's then.", shares.join(", ")).unwrap();
    page += "\n## Where they differ, and what the standard says\n\nA field that is read otherwise counts in the first class whose feature the message has, if the program is wrong there clearly more often than elsewhere. The example is a small message of the class with few other oddities, which many read otherwise.\n";
    classes(&mut page, source, results);
    texts(&mut page, written);
    page
}

fn texts(page: &mut String, written: &[Option<Written>]) {
    *page += "\n## Texts to be sent\n\nTexts of GSM 7-bit and of UCS2, most of them as long as the borders of packing and of parts, with what takes two septets or two units there. The PDUs are read by the letter of the standard, each by itself, as a handset does. gsm7 and libosmocore pack septets; tpdu leaves parts to the caller.\n";
    *page += "\n| codec | texts | as the standard has it | % |\n|---|---|---|---|\n";
    for (peer, written) in PEERS.iter().zip(written) {
        let Some(Written { asked, agreed, .. }) = written else { continue };
        let tenths = agreed * 1000 / asked.max(&1);
        writeln!(
            page,
            "| {} | {} | {} | {}.{} |",
            peer.name,
            spaced(*asked),
            spaced(*agreed),
            tenths / 10,
            tenths % 10
        )
        .unwrap();
    }
    for (number, fault) in FAULTS.iter().enumerate() {
        let there = PEERS.iter().zip(written).filter_map(|(peer, written)| {
            let (count, text) = written.as_ref()?.faults[number].as_ref()?;
            Some((peer.name, count, text))
        });
        let mut there: Vec<_> = there.collect();
        there.sort_by_key(|(_, count, _)| Reverse(**count));
        let Some((_, _, text)) = there.iter().min_by_key(|(_, _, text)| text.len()) else {
            continue;
        };
        writeln!(page, "\n### {}\n\n*{}.* {}\n", capital(fault.name), fault.clause, fault.says)
            .unwrap();
        let counts: Vec<String> =
            there.iter().map(|(name, count, _)| format!("{name} {}", spaced(**count))).collect();
        let length = text.chars().count();
        writeln!(
            page,
            "{}. The shortest text, {length} characters: {}",
            counts.join(", "),
            quoted(text)
        )
        .unwrap();
    }
}

fn classes(page: &mut String, source: Source, results: &[Result]) {
    // Of each class the programs in it, those that have most first.
    let cells = |class: usize| -> Vec<(usize, u64, Example)> {
        let of = |(peer, result): (usize, &Result)| {
            result.classes[class].map(|(count, example)| (peer, count, example))
        };
        let mut cells: Vec<_> = results.iter().enumerate().filter_map(of).collect();
        cells.sort_by_key(|(peer, count, _)| (Reverse(*count), *peer));
        cells
    };
    let there: Vec<(usize, Vec<_>)> = (0..=CLASSES.len())
        .map(|class| (class, cells(class)))
        .filter(|(_, c)| !c.is_empty())
        .collect();
    let examples: Vec<Example> =
        there.iter().flat_map(|(_, cells)| cells).map(|(.., example)| *example).collect();
    let indices: Vec<u64> = examples.iter().map(|example| example.index).collect();
    let answers = run::answers(source, &indices);
    let mut said = (0..examples.len()).map(|at| {
        let of_this: Vec<&Answer> = answers.iter().map(|answers| &answers[at]).collect();
        Said::of(source, examples[at], &of_this)
    });
    for (class, cells) in there {
        let (name, clause, says) = match CLASSES.get(class) {
            Some(class) => (class.name, class.clause, class.says),
            None => ("something else", "", "It is in no class yet."),
        };
        writeln!(page, "\n### {}\n\n*{clause}.* {says}\n", capital(name)).unwrap();
        let counts: Vec<String> = cells
            .iter()
            .map(|(peer, count, _)| format!("{} {}", PEERS[*peer].name, spaced(*count)))
            .collect();
        writeln!(page, "{}.\n", counts.join(", ")).unwrap();
        // Of the least ones of each program one that most read wrongly, for no other reason.
        let best = said
            .by_ref()
            .take(cells.len())
            .min_by_key(|said| (said.example.oddities, Reverse(said.wrong), said.example));
        if let Some(Said { octets, told, answers, .. }) = best {
            writeln!(page, "`{octets}`\n\n* the standard: {told}").unwrap();
            for (words, names) in answers {
                writeln!(page, "* {}: {words}", names.join(", ")).unwrap();
            }
        }
    }
    let septet = PEERS.iter().zip(results).find(|(peer, _)| peer.name == OURS);
    let (_, septet) = septet.unwrap();
    writeln!(
        page,
        "\nSeptet is in {} of these classes, with {} messages.",
        septet.classes.iter().flatten().count(),
        spaced(septet.asked - septet.agreed)
    )
    .unwrap();
}

/// What everybody says of one field of one message.
struct Said {
    example: Example,
    /// In hexadecimal digits.
    octets: String,
    told: String,
    /// The answers, each with who gives it.
    answers: Vec<(String, Vec<&'static str>)>,
    /// How many programs say something else than the standard.
    wrong: usize,
}

impl Said {
    /// `answers` has one of each program.
    fn of(source: Source, example: Example, answers: &[&Answer]) -> Self {
        let message = source.message(example.index);
        let told = message.told(source.tables);
        let standard = quoted(&shown(example.field, &told));
        let mut said: Vec<(String, Vec<&str>)> = Vec::new();
        for (peer, answer) in PEERS.iter().zip(answers) {
            let fields = compare::fields(peer, &message, &told);
            let is_asked = fields.contains(&example.field) || example.field == Field::Message;
            if fields.is_empty() || !is_asked {
                continue;
            }
            let field = match answer.error.is_some() || answer.crash.is_some() {
                true => Field::Message,
                false => example.field,
            };
            let words = quoted(&shown(field, answer));
            match said.iter_mut().find(|(other, _)| *other == words) {
                Some((_, names)) => names.push(peer.name),
                None => said.push((words, vec![peer.name])),
            }
        }
        let others = said.iter().filter(|(words, _)| *words != standard);
        Self {
            example,
            octets: hex(&message.octets()),
            wrong: others.map(|(_, names)| names.len()).sum(),
            told: standard,
            answers: said,
        }
    }
}

/// On one line, and no longer than that.
fn quoted(words: &str) -> String {
    const MOST: usize = 60;
    let escaped = |c: char| match c {
        '\'' | '"' | '\\' => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    let mut line: String = words.chars().take(MOST).map(escaped).collect();
    if words.chars().count() > MOST {
        line.push('…');
    }
    if line.is_empty() { "nothing".to_owned() } else { format!("`` {line} ``") }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn ordinal(number: u64) -> &'static str {
    match number {
        2 => "second",
        4 => "fourth",
        _ => "further",
    }
}

fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut spaced = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}
