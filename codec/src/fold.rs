//! Texts made to fit the GSM 7-bit alphabet, by a ladder from what nobody sees to what everybody does.
//!
//! One character outside the alphabet puts a whole text into UCS-2 and more than doubles its parts.
//! Folding replaces such characters, each on the lowest rung that has something for it, and no
//! others; it goes no higher than the caller allows. It is never done unasked.
//!
//! ```
//! use septet::fold::{Rung, changes, fold};
//! use septet::gsm7::Languages;
//!
//! let text = "“Déjà vu”…";
//! let folded: String = fold(text.chars(), Rung::Typographic, Languages::NONE).collect();
//! assert_eq!(folded, "\"Déjà vu\"...");
//! let mut changes = changes(text.chars(), Rung::Typographic, Languages::NONE);
//! assert_eq!(changes.next().unwrap().to_string(), "character 0: “ to \" (typographic)");
//! ```

mod tables;

use core::fmt;
use core::iter::{Enumerate, FusedIterator};
use core::str;

use crate::error::Error;
use crate::gsm7::Languages;
use crate::runs::Runs;
use crate::segment::{Layout, Plan, segments};

/// How far a text may be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Rung {
    /// Not at all.
    #[default]
    Exact,
    /// Quotes, dashes, spaces, dots, ligatures and full-width forms become the plain ones.
    Typographic,
    /// Letters lose their accents.
    Accents,
    /// Greek, Cyrillic and other signs become what looks like them, or else sounds like them.
    Transliteration,
    /// Whatever is left becomes `?`.
    #[cfg_attr(feature = "serde", serde(rename = "?"))]
    Question,
}

impl Rung {
    /// Every rung, the lowest first.
    pub const ALL: [Self; 5] =
        [Self::Exact, Self::Typographic, Self::Accents, Self::Transliteration, Self::Question];

    /// The name: `exact`, `typographic`, `accents`, `transliteration`, `?`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Typographic => "typographic",
            Self::Accents => "accents",
            Self::Transliteration => "transliteration",
            Self::Question => "?",
        }
    }

    /// The rung of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }

    /// What `c` becomes, and on which rung, when the ladder may be climbed up to this one.
    fn replace(self, c: char, languages: Languages) -> Option<(Self, &'static str)> {
        if self == Self::Exact || languages.have(c) {
            return None;
        }
        let rungs = tables::LADDER.iter().take_while(|(rung, _)| *rung <= self);
        let found = |(rung, rows): &(Self, &[tables::Row])| {
            rows.iter().find_map(|row| row.replace(c)).map(|to| (*rung, to))
        };
        let question = (self == Self::Question).then_some((Self::Question, "?"));
        rungs.filter_map(found).next().or(question)
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The characters of `text`, those that neither the default tables nor the languages have replaced
/// as far as `highest` allows.
pub fn fold<I: Iterator<Item = char>>(text: I, highest: Rung, languages: Languages) -> Fold<I> {
    Fold { text, highest, languages, replacement: "".chars() }
}

/// Characters made to fit the GSM 7-bit alphabet, made by [`fold`].
#[derive(Clone, Debug)]
pub struct Fold<I> {
    text: I,
    highest: Rung,
    languages: Languages,
    /// What is left of the last replacement.
    replacement: str::Chars<'static>,
}

impl<I: Iterator<Item = char>> Iterator for Fold<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            if let Some(c) = self.replacement.next() {
                return Some(c);
            }
            let c = self.text.next()?;
            match self.highest.replace(c, self.languages) {
                None => return Some(c),
                Some((_, to)) => self.replacement = to.chars(),
            }
        }
    }
}

impl<I: FusedIterator<Item = char>> FusedIterator for Fold<I> {}
impl<I: Iterator<Item = char> + Clone> Runs for Fold<I> {}

/// A character that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Change {
    /// Where, in characters from the start of the text.
    pub at: usize,
    /// What was there.
    pub from: char,
    /// What stands there now; empty where a mark that nobody sees was left out.
    pub to: &'static str,
    /// The rung that has it.
    pub rung: Rung,
}

/// `character 7: é to e (accents)`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, from, to, rung } = self;
        let to = if to.is_empty() { "nothing" } else { to };
        write!(f, "character {at}: {} to {to} ({rung})", from.escape_debug())
    }
}

/// What [`fold`] changes in `text`, in order.
pub fn changes<I: Iterator<Item = char>>(
    text: I,
    highest: Rung,
    languages: Languages,
) -> Changes<I> {
    Changes { text: text.enumerate(), highest, languages }
}

/// The changes to a text, made by [`changes`].
#[derive(Clone, Debug)]
pub struct Changes<I> {
    text: Enumerate<I>,
    highest: Rung,
    languages: Languages,
}

impl<I: Iterator<Item = char>> Iterator for Changes<I> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        self.text.by_ref().find_map(|(at, from)| {
            let (rung, to) = self.highest.replace(from, self.languages)?;
            Some(Change { at, from, to, rung })
        })
    }
}

impl<I: FusedIterator<Item = char>> FusedIterator for Changes<I> {}

/// How many parts a text has as it is, and folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Parts {
    /// As it is; `None` where it has more than 255.
    pub before: Option<u8>,
    /// Folded.
    pub after: u8,
}

/// How many parts `text` has by the cheapest plan, as it is and folded.
///
/// # Errors
/// Those of [`segments`] for the folded text.
pub fn parts<'a, I: Runs>(
    text: I,
    highest: Rung,
    languages: Languages,
    layout: impl Into<Layout<'a>>,
) -> Result<Parts, Error> {
    let layout = layout.into();
    let folded = fold(text.clone(), highest, languages);
    Ok(Parts {
        before: total(text, languages, layout).ok(),
        after: total(folded, languages, layout)?,
    })
}

fn total<I: Runs>(text: I, languages: Languages, layout: Layout<'_>) -> Result<u8, Error> {
    let plan = Plan::cheapest_of(text.clone(), languages, layout);
    segments(text, plan, layout).map(|parts| parts.total())
}

/// `3 parts, folded 1`.
impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.before {
            Some(before) => write!(f, "{before} parts, folded {}", self.after),
            None => write!(f, "more than 255 parts, folded {}", self.after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::String;

    use crate::gsm7::Tables;
    use crate::tpdu::udh::Reference;

    fn folded(text: &str, highest: Rung) -> String {
        fold(text.chars(), highest, Languages::NONE).collect()
    }

    #[test]
    fn each_rung_takes_what_is_left_by_those_below() {
        let text = "‘é’ – Č, ж, 日…";
        for (rung, wanted) in Rung::ALL.into_iter().zip([
            "‘é’ – Č, ж, 日…",
            "'é' - Č, ж, 日...",
            "'é' - C, ж, 日...",
            "'é' - C, zh, 日...",
            "'é' - C, zh, ?...",
        ]) {
            assert_eq!(folded(text, rung), wanted);
            assert_eq!(Rung::named(rung.name()), Some(rung));
        }
    }

    #[test]
    fn look_alikes_come_before_sounds() {
        let all = Rung::Transliteration;
        assert_eq!(folded("МОСКВА, Αθήνα, Ґудзь", all), "MOCKBA, AΘHNA, Gydz'");
        assert_eq!(folded("ＡＢＣ＿ｘ！ ﬁn\u{200B}e ngày Việt", all), "ABC_x! fine ngày Viet");
        assert_eq!(folded("\u{FF5E}\u{FF3B}\u{FF3C}｀", all), "~[\\'");
        assert_eq!(folded("Ђ щ Џ ѐ џ ґ Я", all), "Dj shch Dz e dz g Ya");
    }

    #[test]
    #[cfg(feature = "turkish")]
    fn what_a_language_has_is_left_alone() {
        let turkish = Languages::NONE.with(crate::tpdu::udh::Language::TURKISH);
        let text = "“Yağmur” č";
        assert!(fold(text.chars(), Rung::Accents, turkish).eq("\"Yağmur\" c".chars()));
        let changes: std::vec::Vec<Change> =
            changes(text.chars(), Rung::Accents, turkish).collect();
        assert_eq!(changes[2], Change { at: 9, from: 'č', to: "c", rung: Rung::Accents });
        assert_eq!(changes.len(), 3);
    }

    #[test]
    fn parts_are_told_before_and_after() {
        let text = "Naïve – ".repeat(20);
        let parts =
            |highest| parts(text.chars(), highest, Languages::NONE, Reference::Short(0)).unwrap();
        assert_eq!(parts(Rung::Exact), Parts { before: Some(3), after: 3 });
        assert_eq!(parts(Rung::Typographic), Parts { before: Some(3), after: 3 });
        assert_eq!(parts(Rung::Accents), Parts { before: Some(3), after: 1 });
    }

    #[test]
    fn all_that_is_put_in_is_in_the_default_tables() {
        for c in (char::MIN..=char::MAX).filter(|c| u32::from(*c) < 0x1_0000) {
            let replaced = Rung::Question.replace(c, Languages::NONE);
            assert_eq!(replaced.is_none(), Tables::DEFAULT.code(c).is_some(), "{c:?}");
            let mut to = replaced.map_or("", |(_, to)| to).chars();
            assert!(to.all(|c| Tables::DEFAULT.code(c).is_some()), "{c:?}");
        }
    }
}
