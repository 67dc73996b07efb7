//! What is wrong with a configuration, and in which line.

use std::collections::BTreeSet;
use std::fmt;

use toml::de::{DeTable, DeValue};

/// What is wrong, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The line, from 1, where it is in one.
    pub line: Option<usize>,
    /// The sentence.
    pub sentence: String,
}

/// `line 3: …`
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.sentence),
            None => f.write_str(&self.sentence),
        }
    }
}

/// What was found so far in the text of a configuration.
pub struct Troubles<'t> {
    text: &'t str,
    /// What of it could be read, and where that is.
    pub(super) places: DeTable<'t>,
    /// The keys of the outermost table that could not be read, or not all that is in them.
    pub(super) unread: BTreeSet<String>,
    /// In the order in which it was found.
    pub(super) found: Vec<Trouble>,
}

impl<'t> Troubles<'t> {
    /// Nothing is read of the text, and nothing found in it.
    pub fn of(text: &'t str) -> Self {
        Self { text, places: DeTable::new(), unread: BTreeSet::new(), found: Vec::new() }
    }

    /// Notes what is wrong at a place: the names of tables and keys, and the places in lists, from 0, with
    /// dots between: `modem.0.port`. What is not in the file has the line of what it is missing in.
    pub fn wrong(&mut self, at: &str, sentence: impl Into<String>) {
        let trouble = Trouble { line: self.line(at), sentence: sentence.into() };
        self.found.push(trouble);
    }

    /// Notes what a check found at a place.
    pub fn note(&mut self, at: &str, checked: Result<(), impl Into<String>>) {
        if let Err(sentence) = checked {
            self.wrong(at, sentence);
        }
    }

    /// Whether all that is in these could be read, so that what they lack is not there.
    pub fn has_read(&self, keys: &[&str]) -> bool {
        !keys.iter().any(|key| self.unread.contains(*key))
    }

    /// Whether nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All that was found, in the order of lines; first what is in none.
    pub fn sorted(mut self) -> Vec<Trouble> {
        self.found.sort_by_key(|trouble| trouble.line);
        self.found
    }

    /// Notes names that are there before. Each stands at a place, as [`note`](Self::note) has it.
    pub(super) fn note_repeated<'n>(
        &mut self,
        what: &str,
        names: impl IntoIterator<Item = (String, &'n str)>,
    ) {
        for (at, name) in repeated(names) {
            self.wrong(&at, format!("{what} {name:?} is there twice"));
        }
    }

    fn line(&self, at: &str) -> Option<usize> {
        let (first, rest) = at.split_once('.').unwrap_or((at, ""));
        let (key, mut value) = self.places.get_key_value(first)?;
        let mut start = key.span().start;
        for step in rest.split('.') {
            let next = match value.get_ref() {
                DeValue::Table(table) => {
                    table.get_key_value(step).map(|(key, value)| (key.span().start, value))
                }
                DeValue::Array(list) => step.parse::<usize>().ok().and_then(|place| {
                    let value = list.get(place)?;
                    Some((value.span().start, value))
                }),
                _ => None,
            };
            let Some((begins, inner)) = next else { break };
            (start, value) = (begins, inner);
        }
        Some(line(self.text, start))
    }
}

/// The line, from 1, that an octet of a text is in.
pub(super) fn line(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    1 + before.filter(|octet| *octet == b'\n').count()
}

/// The names that are there before, with what each stands with.
pub(super) fn repeated<'n, P>(
    names: impl IntoIterator<Item = (P, &'n str)>,
) -> impl Iterator<Item = (P, &'n str)> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(move |(_, name)| !seen.insert(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_has_the_line_of_the_innermost_thing_that_is_there() {
        let text =
            "a = 1\n[b]\nc = [\n  1,\n  2,\n]\n[[d]]\n\n[[d]]\ne = 1\n[[d.f]]\n[[d.f]]\ng = 1\n";
        for (at, line) in [
            ("a", Some(1)),
            ("b", Some(2)),
            ("b.c", Some(3)),
            ("b.c.1", Some(5)),
            ("b.c.7", Some(3)),
            ("b.x", Some(2)),
            ("d.0", Some(7)),
            ("d.1", Some(9)),
            ("d.1.e", Some(10)),
            ("d.1.f.1", Some(12)),
            ("d.1.f.1.g", Some(13)),
            ("x", None),
        ] {
            let mut troubles = Troubles::of(text);
            troubles.places = DeTable::parse(text).unwrap().into_inner();
            troubles.wrong(at, "wrong");
            assert_eq!(troubles.found, [Trouble { line, sentence: "wrong".to_owned() }], "{at}");
        }
    }
}
