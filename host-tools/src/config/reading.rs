//! Reading a configuration as far as it can be read, so that one thing that is wrong hides no other.

use std::mem;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::trouble::{Trouble, Troubles, line};

/// Reads a text that is TOML. What cannot be read is noted and taken out, until the rest can be; that has
/// the places in which more may be found. Nothing where the text is no TOML: then what makes it none is
/// noted.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> (Option<T>, Troubles<'_>) {
    let (mut whole, broken) = DeTable::parse_recoverable(text);
    let mut troubles = Troubles::of(text);
    for error in &broken {
        troubles.found.push(trouble(text, error, None));
    }
    if !broken.is_empty() {
        return (None, troubles);
    }
    // The keys that were taken out, each with the table that lacks it now.
    let mut lacking: Vec<(Range<usize>, String)> = Vec::new();
    loop {
        let error = match T::deserialize(Deserializer::from(whole.clone())) {
            Ok(read) => {
                troubles.places = whole.into_inner();
                return (Some(read), troubles);
            }
            Err(error) => error,
        };
        let mut cut = Cut { at: error.span().unwrap_or_default(), ..Cut::default() };
        let is_out = cut.table(whole.get_mut(), 0..0);
        let is_known = lacking.iter().any(|(table, key)| {
            *table == cut.at && error.message() == format!("missing field `{key}`")
        });
        let trouble = trouble(text, &error, cut.key.as_deref());
        if !is_known && !troubles.found.contains(&trouble) {
            troubles.found.push(trouble);
        }
        if !is_out {
            return (None, troubles);
        }
        lacking.extend(cut.lacking);
        troubles.unread.extend(cut.section);
    }
}

/// What an error says, with the key whose value it is about where it does not name that.
fn trouble(text: &str, error: &toml::de::Error, key: Option<&str>) -> Trouble {
    let line = error.span().map(|span| line(text, span.start));
    let message = error.message();
    let sentence = match key.filter(|key| !message.contains(&format!("`{key}`"))) {
        Some(key) => format!("{key}: {message}"),
        None => message.to_owned(),
    };
    Trouble { line, sentence }
}

/// Takes out what is at a place in the text: the innermost thing, where several have the same place.
#[derive(Default)]
struct Cut {
    at: Range<usize>,
    /// The key whose value it was, or was in.
    key: Option<String>,
    /// The same key of the outermost table.
    section: Option<String>,
    /// The key that is not there any more, and the table that had it.
    lacking: Option<(Range<usize>, String)>,
}

/// Where the thing is.
#[derive(PartialEq, Eq)]
enum Place {
    Elsewhere,
    /// It was in here, and is out.
    Inside,
    /// It is this, which is for the caller to take out.
    Here,
}

impl Cut {
    /// Whether it was in the table, which is at `there`.
    fn table(&mut self, table: &mut DeTable<'_>, there: Range<usize>) -> bool {
        let found = table.iter_mut().find_map(|(key, value)| {
            let place = if key.span() == self.at { Place::Here } else { self.value(value) };
            (place != Place::Elsewhere).then(|| (key.get_ref().to_string(), place))
        });
        let Some((key, place)) = found else { return false };
        if place == Place::Here {
            table.remove(key.as_str());
            self.lacking = Some((there, key.clone()));
        }
        self.key.get_or_insert_with(|| key.clone());
        self.section = Some(key);
        true
    }

    /// A list of which nothing is left goes with the last thing in it: an empty one may mean something else.
    fn list(&mut self, list: &mut DeArray<'_>) -> Place {
        let found = list.iter_mut().enumerate().find_map(|(at, value)| {
            let place = self.value(value);
            (place != Place::Elsewhere).then_some((at, place))
        });
        match found {
            Some((at, Place::Here)) if list.len() > 1 => {
                let values = mem::replace(list, DeArray::new()).into_iter().enumerate();
                *list = values.filter(|(own, _)| *own != at).map(|(_, value)| value).collect();
                Place::Inside
            }
            found => found.map_or(Place::Elsewhere, |(_, place)| place),
        }
    }

    fn value(&mut self, value: &mut Spanned<DeValue<'_>>) -> Place {
        let there = value.span();
        let is_here = there == self.at;
        let place = match value.get_mut() {
            DeValue::Table(table) => match self.table(table, there) {
                true => Place::Inside,
                false => Place::Elsewhere,
            },
            DeValue::Array(list) => self.list(list),
            _ => Place::Elsewhere,
        };
        if place == Place::Elsewhere && is_here { Place::Here } else { place }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    /// The lines of what is wrong with a configuration.
    fn lines(text: &str) -> Vec<usize> {
        Config::read(text).1.sorted().iter().map(|trouble| trouble.line.unwrap()).collect()
    }

    #[test]
    fn what_is_wrong_alone_is_told_among_all_that_is_wrong() {
        let demo = Config::demo("no hash", "no hash");
        let values: Vec<usize> = (1..)
            .zip(demo.lines())
            .filter(|(_, line)| !line.starts_with('#') && line.contains(" = "))
            .map(|(number, _)| number)
            .collect();
        assert!(values.len() > 20, "{values:?}");
        // No value of a configuration is a date.
        let spoilt = |which: &[usize]| -> String {
            let line = |(number, line): (usize, &str)| match line.split_once(" = ") {
                Some((key, _)) if which.contains(&number) => format!("{key} = 1979-05-27\n"),
                _ => format!("{line}\n"),
            };
            (1..).zip(demo.lines()).map(line).collect()
        };
        for value in &values {
            assert!(lines(&spoilt(&[*value])).contains(value), "{value}");
        }
        assert_eq!(lines(&spoilt(&values)), values);
    }
}
