//! A text that was split, for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use septet::text::quoted;

use super::{Folded, Part, Shifts, Split};
use crate::nouns::counted;

/// How a text becomes parts, a line to each, and what makes it costly.
pub(super) fn words(split: &Split) -> String {
    let Split { alphabet, units, parts, costly, .. } = split;
    let mut out = String::new();
    let alphabet = if *alphabet == "gsm7" { "GSM-7" } else { "UCS-2" };
    // Writing to a String cannot fail.
    let shown_shifts = |shifts: Option<Shifts>| shifts.map_or_else(String::new, |s| s.to_string());
    let _ = write!(out, "{alphabet}{}", shown_shifts(split.shifts));
    let _ = writeln!(out, ", {}, {}", counted(parts.len(), "part"), counted(*units, split.one()));
    for (i, Part { text, shifts, used, left, .. }) in parts.iter().enumerate() {
        let shifts = shown_shifts(*shifts);
        let text = quoted(text.chars());
        let _ = writeln!(out, "part {}: {used} used, {left} left{shifts}  {text}", i + 1);
    }
    out += &costly_words(alphabet, costly);
    let mut changes = BTreeMap::<_, usize>::new();
    for Folded { from, to, rung, .. } in &split.changes {
        *changes.entry((from, to, rung)).or_default() += 1;
    }
    for ((from, to, rung), count) in changes {
        let to = if to.is_empty() { "nothing" } else { to };
        let _ = writeln!(out, "{} became {to}, {rung}{}", shown(*from), times(count));
    }
    if !split.changes.is_empty()
        && let Some(before) = split.parts_before
    {
        let _ = writeln!(out, "unfolded: {}", counted(before, "part"));
    }
    out
}

/// What makes a text costly, a character a line.
pub(super) fn costly_words(alphabet: &str, costly: &BTreeMap<char, usize>) -> String {
    let why = match alphabet {
        "GSM-7" => "counts two",
        _ => "is not in GSM-7, so the whole text is in UCS-2",
    };
    costly.iter().map(|(c, count)| format!("{} {why}{}\n", shown(*c), times(*count))).collect()
}

fn shown(c: char) -> String {
    if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
}

fn times(count: usize) -> String {
    if count == 1 { String::new() } else { format!(" ({count} times)") }
}

#[cfg(test)]
mod tests {
    use septet::fold::Rung;

    use super::super::Splitting;
    use super::super::language::language;
    use super::super::tests::EXACT;
    use super::*;

    fn split_words(text: &str, splitting: Splitting) -> String {
        words(&splitting.split(text).unwrap())
    }

    #[test]
    fn a_text_is_described() {
        assert_eq!(
            split_words("5 €", EXACT),
            "GSM-7, 1 part, 4 septets\npart 1: 4 used, 156 left  \"5 €\"\n€ counts two\n"
        );
        assert_eq!(
            split_words("жж", EXACT),
            "UCS-2, 1 part, 2 code units\npart 1: 2 used, 68 left  \"жж\"\n\
             ж is not in GSM-7, so the whole text is in UCS-2 (2 times)\n"
        );
    }

    #[test]
    fn languages_and_folding_are_described() {
        let turkish = Splitting { languages: language("tr").unwrap(), ..EXACT };
        assert_eq!(
            split_words("ğ", turkish),
            "GSM-7, Turkish locking shift, 1 part, 1 septet\npart 1: 1 used, 154 left  \"ğ\"\n"
        );
        let folding = Splitting { fold: Rung::Accents, ..EXACT };
        assert_eq!(
            split_words("“č”", folding),
            "GSM-7, 1 part, 3 septets\npart 1: 3 used, 157 left  \"\\\"c\\\"\"\n\
             č became c, accents\n“ became \", typographic\n” became \", typographic\n\
             unfolded: 1 part\n"
        );
        // What does not help is not done.
        assert_eq!(folding.split("“日”").unwrap().parts[0].text, "“日”");
    }
}
