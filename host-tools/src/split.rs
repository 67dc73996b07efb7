//! `septet split`: how a text becomes parts, and what makes it costly.

mod language;
mod words;

use std::collections::BTreeMap;
use std::fmt;

use clap::{Args, ValueEnum};
use septet::Error;
use septet::fold::{self, Change, Rung};
use septet::gsm7::Languages;
use septet::pdu;
use septet::segment::{Break, Choice, Layout, Plan, segments};
use septet::tpdu::udh::{Language, Reference};
use septet::tpdu::user_data::USER_DATA_MAX;
use serde::Serialize;
use serde_json::{Value, json};

use self::language::language;
use self::words::{costly_words, words};
use crate::nouns::counted;
use crate::tpdu_json::Wrong;
use crate::{Failed, jsonl};

/// Shows how a text becomes parts: alphabet, septets or code units used and left, what is costly.
#[derive(Debug, Args)]
pub struct Options {
    /// The text
    #[arg(required_unless_present = "jsonl", allow_hyphen_values = true)]
    text: Option<String>,
    /// Print JSON: an object as `--jsonl` has it
    #[arg(long)]
    json: bool,
    /// Read a JSON object with `text` on each line of standard input, and write one with its parts
    ///
    /// In: `{"text": "…"}`; for itself it may have `languages` (a list), `per_part`, `reference`,
    /// `reference_bits` (8 or 16) and `fold`.
    ///
    /// Out: `alphabet` (`gsm7` or `ucs2`), the languages of its tables (`locking`, `single`, 0 for the
    /// default ones; with `per_part` those of each part), `units` used and what a `unit` is, `parts`
    /// (each with `text`, `used`, `left`, `udl` and the `hex` of its user data), `parts_before` folding,
    /// `costly` characters with how often they are there, and `changes` by folding (`at`, `from`, `to`,
    /// `rung`). Or `{"error": {"kind", "field", "at", "message"}}`; a line longer than 1 MiB is such an
    /// error.
    #[arg(long, conflicts_with_all = ["text", "json"])]
    jsonl: bool,
    /// A national language whose tables may be used: `tr`, `Turkish` or 1; `all` for every one
    #[arg(long = "language", value_name = "LANGUAGE", value_delimiter = ',', value_parser = language)]
    languages: Vec<Languages>,
    /// Let each part have tables of its own where that needs fewer parts
    ///
    /// `locking` and `single` of the JSON, the languages of the tables, are then those of each part.
    #[arg(long)]
    per_part: bool,
    /// How far to change the text so that it fits the GSM 7-bit alphabet: `typographic`, `accents`,
    /// `transliteration` or `?`
    #[arg(long, value_name = "RUNG", default_value = "exact", value_parser = rung)]
    fold: Rung,
    /// Reference that the parts share; above 255 in 16 bits
    #[arg(long, value_name = "0..65535", default_value_t = 0)]
    reference: u16,
    /// What is to stay whole where a part ends
    #[arg(long, value_enum, value_name = "WHAT")]
    whole: Option<Whole>,
}

/// What is to stay whole where a part ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Whole {
    /// Words
    Words,
    /// What a reader takes for one character, such as a flag
    Clusters,
}

fn rung(name: &str) -> Result<Rung, String> {
    Rung::named(name).ok_or_else(|| {
        let names = Rung::ALL.map(Rung::name);
        format!("no rung is called {name}; these are: {}", names.join(", "))
    })
}

/// How texts are split.
#[derive(Clone, Copy, Debug)]
struct Splitting {
    languages: Languages,
    per_part: bool,
    fold: Rung,
    layout: Layout<'static>,
}

impl Splitting {
    fn new(options: &Options) -> Self {
        let languages = options.languages.iter().copied();
        let reference = match u8::try_from(options.reference) {
            Ok(reference) => Reference::Short(reference),
            Err(_) => Reference::Long(options.reference),
        };
        let breaks = match options.whole {
            None => Break::Anywhere,
            Some(Whole::Words) => Break::Words,
            Some(Whole::Clusters) => Break::Graphemes,
        };
        Self {
            languages: languages.fold(Languages::NONE, Languages::union),
            per_part: options.per_part,
            fold: options.fold,
            layout: Layout { breaks, ..reference.into() },
        }
    }

    /// The text and how `object` wants it split; what it does not say is as for all.
    fn of(self, object: &Value) -> Result<(&str, Self), Value> {
        let mut splitting = self;
        let text = object.get("text").and_then(Value::as_str);
        let text = text.ok_or_else(|| wrong("text", "is no text"))?;
        if let Some(names) = given(object, "languages") {
            let names = match names {
                Value::Array(names) => names.as_slice(),
                name => std::slice::from_ref(name),
            };
            splitting.languages = Languages::NONE;
            for name in names {
                let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
                let language = language(&name).map_err(|message| wrong("languages", &message))?;
                splitting.languages = splitting.languages.union(language);
            }
        }
        if let Some(per_part) = given(object, "per_part") {
            let per_part = per_part.as_bool();
            splitting.per_part =
                per_part.ok_or_else(|| wrong("per_part", "is neither true nor false"))?;
        }
        if let Some(name) = given(object, "fold") {
            let name = name.as_str().ok_or_else(|| wrong("fold", "is no text"))?;
            splitting.fold = rung(name).map_err(|message| wrong("fold", &message))?;
        }
        let reference = given(object, "reference").map_or(Ok(0), |reference| {
            let reference = reference.as_u64().and_then(|reference| u16::try_from(reference).ok());
            reference.ok_or_else(|| wrong("reference", "is not one of 0 to 65535"))
        })?;
        let bits = given(object, "reference_bits").map(Value::as_u64);
        splitting.layout.reference = match (u8::try_from(reference), bits) {
            (Ok(reference), None | Some(Some(8))) => Reference::Short(reference),
            (_, None | Some(Some(16))) => Reference::Long(reference),
            (Err(_), Some(Some(8))) => return Err(wrong("reference", "does not fit into 8 bits")),
            _ => return Err(wrong("reference_bits", "is not 8 or 16")),
        };
        Ok((text, splitting))
    }

    /// The choice with the fewest parts, of those that are allowed.
    fn cheapest(self, text: &str) -> Choice {
        if self.per_part {
            Choice::cheapest_of(text.chars(), self.languages, self.layout)
        } else {
            Plan::cheapest_of(text.chars(), self.languages, self.layout).into()
        }
    }

    /// The text that is sent, and its plan or plans. It is folded only where that gives GSM 7-bit: in
    /// UCS-2 every character has room as it is.
    fn choice(self, text: &str) -> (String, Choice, Languages) {
        let exact = (text.to_owned(), self.cheapest(text), Languages::ALL);
        if exact.1 != UCS2 {
            return exact;
        }
        // No two tables may have what all of them together have; the default ones have the most.
        for keep in [self.languages, Languages::NONE] {
            let folded: String = fold::fold(text.chars(), self.fold, keep).collect();
            let choice = self.cheapest(&folded);
            if choice != UCS2 {
                return (folded, choice, keep);
            }
        }
        exact
    }

    fn split(self, text: &str) -> Result<Split, Error> {
        let (sent, choice, kept) = self.choice(text);
        let mut buffer = [0; USER_DATA_MAX];
        let mut costly = BTreeMap::new();
        let parts = segments(sent.chars(), choice, self.layout)?
            .map(|part| {
                for (_, c) in part.plan().costly(part.chars()) {
                    // What an allowed language has is not why the text is in UCS-2.
                    if choice != UCS2 || !self.languages.have(c) {
                        *costly.entry(c).or_default() += 1;
                    }
                }
                let data = part.user_data(&mut buffer);
                Ok(Part {
                    text: part.chars().collect(),
                    shifts: self.per_part.then(|| part.plan().into()),
                    used: part.units(),
                    left: part.left(),
                    udl: data.len,
                    hex: pdu::hex(data.octets).map(char::from).collect(),
                })
            })
            .collect::<Result<Vec<Part>, Error>>()?;
        let changes: Vec<Change> = match sent == text {
            true => Vec::new(),
            false => fold::changes(text.chars(), self.fold, kept).collect(),
        };
        let before = segments(text.chars(), self.cheapest(text), self.layout);
        let (alphabet, unit) = match choice {
            UCS2 => ("ucs2", "code units"),
            Choice::Whole(Plan::Gsm7(_)) | Choice::PerPart(_) => ("gsm7", "septets"),
        };
        let shifts = match choice {
            Choice::Whole(plan) if !self.per_part => Some(plan.into()),
            Choice::Whole(_) | Choice::PerPart(_) => None,
        };
        Ok(Split {
            alphabet,
            shifts,
            unit,
            units: parts.iter().map(|part| part.used).sum(),
            parts_before: before.ok().map(|parts| parts.total()),
            parts,
            costly,
            changes: changes.into_iter().map(Folded::from).collect(),
        })
    }
}

const UCS2: Choice = Choice::Whole(Plan::Ucs2);

fn given<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    object.get(key).filter(|value| !value.is_null())
}

fn wrong(field: &str, message: &str) -> Value {
    let message = format!("{field}: {message}");
    json!({ "error": { "kind": "value", "field": field, "at": 0, "message": message } })
}

/// How a text becomes parts.
#[derive(Debug, Serialize)]
struct Split {
    alphabet: &'static str,
    /// Those of every part; nothing where each has its own.
    #[serde(flatten)]
    shifts: Option<Shifts>,
    /// What is counted: septets or code units.
    unit: &'static str,
    units: usize,
    /// The parts that the text has without folding; nothing where they are too many.
    parts_before: Option<u8>,
    parts: Vec<Part>,
    /// Characters that make the text costly, and how often each is there.
    costly: BTreeMap<char, usize>,
    changes: Vec<Folded>,
}

impl Split {
    /// One of what is counted.
    fn one(&self) -> &'static str {
        self.unit.trim_end_matches('s')
    }
}

/// The national languages of a pair of tables.
#[derive(Clone, Copy, Debug, Serialize)]
struct Shifts {
    /// That of the main table, 0 for the default one.
    locking: u8,
    /// That of the extension table, 0 for the default one.
    single: u8,
}

impl From<Plan> for Shifts {
    fn from(plan: Plan) -> Self {
        let (locking, single) = match plan {
            Plan::Gsm7(tables) => (tables.locking(), tables.single()),
            Plan::Ucs2 => (None, None),
        };
        Self { locking: locking.unwrap_or_default().0, single: single.unwrap_or_default().0 }
    }
}

/// `, Turkish locking shift, Spanish single shift`; nothing for the default tables.
impl fmt::Display for Shifts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (shift, language) in [("locking", self.locking), ("single", self.single)] {
            if let Some(language) = Language(language).words() {
                write!(f, ", {language} {shift} shift")?;
            }
        }
        Ok(())
    }
}

#[derive(Debug, Serialize)]
struct Part {
    text: String,
    /// Where each part may have its own.
    #[serde(flatten)]
    shifts: Option<Shifts>,
    used: usize,
    left: usize,
    udl: u8,
    /// The user data with its header.
    hex: String,
}

#[derive(Debug, Serialize)]
struct Folded {
    at: usize,
    from: char,
    to: &'static str,
    rung: &'static str,
}

impl From<Change> for Folded {
    fn from(Change { at, from, to, rung }: Change) -> Self {
        Self { at, from, to, rung: rung.name() }
    }
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// A text that needs more than 255 parts.
pub fn run(options: &Options) -> Result<String, Failed> {
    let splitting = Splitting::new(options);
    let Some(text) = &options.text else {
        return jsonl::stdio(jsonl::LINE_MAX, |object| {
            line(object, splitting).unwrap_or_else(|error| error)
        });
    };
    let split = splitting.split(text).map_err(|error| failed(&error))?;
    if options.json {
        return serde_json::to_string_pretty(&split)
            .map(|json| json + "\n")
            .map_err(|e| Failed::input(e.to_string()));
    }
    Ok(words(&split))
}

/// The answer to a line.
fn line(object: &Value, splitting: Splitting) -> Result<Value, Value> {
    let (text, splitting) = splitting.of(object)?;
    let split = splitting.split(text).map_err(|error| Wrong::from(error).to_json())?;
    serde_json::to_value(split).map_err(|error| wrong("text", &error.to_string()))
}

fn failed(error: &Error) -> Failed {
    Failed::input(format!("the {} {}", error.field, error.kind))
}

/// A text as it is counted while it is typed: alphabet, parts, what is left, and what is costly.
///
/// # Errors
/// A text that needs more than 255 parts.
pub fn brief(text: &str) -> Result<String, Failed> {
    let exact = Splitting {
        languages: Languages::NONE,
        per_part: false,
        fold: Rung::Exact,
        layout: Reference::Short(0).into(),
    };
    let split = exact.split(text).map_err(|error| failed(&error))?;
    let alphabet = if split.alphabet == "gsm7" { "GSM-7" } else { "UCS-2" };
    let parts = split.parts.len();
    let left = split.parts.last().map_or(0, |part| part.left);
    let of = if parts == 1 { "" } else { " in the last" };
    let costly = costly_words(alphabet, &split.costly);
    Ok(format!(
        "{alphabet}, {}, {} left{of}\n{costly}",
        counted(parts, "part"),
        counted(left, split.one())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const EXACT: Splitting = Splitting {
        languages: Languages::NONE,
        per_part: false,
        fold: Rung::Exact,
        layout: Layout {
            reference: Reference::Short(0),
            elements: septet::tpdu::udh::Header { octets: &[] },
            breaks: Break::Anywhere,
        },
    };

    #[test]
    fn a_line_is_answered() {
        let object = json!({ "text": "ğ".repeat(160), "languages": ["tr"], "reference": 300 });
        let answer = line(&object, EXACT).unwrap();
        assert_eq!(answer["alphabet"], "gsm7");
        assert_eq!((&answer["locking"], &answer["single"]), (&json!(1), &json!(0)));
        let part = &answer["parts"][1];
        let hex = part["hex"].as_str().unwrap();
        assert!(hex.starts_with("090804012C0202250101"), "{hex}");
        assert_eq!(part["udl"], 12 + part["text"].as_str().unwrap().chars().count());
        let wide = json!({ "text": "a".repeat(161), "reference_bits": 16 });
        let hex = line(&wide, EXACT).unwrap()["parts"][0]["hex"].clone();
        assert!(hex.as_str().unwrap().starts_with("06080400000201"), "{hex}");
        for (object, field) in [
            (json!({}), "text"),
            (json!({ "text": "", "fold": "none" }), "fold"),
            (json!({ "text": "", "languages": ["Danish"] }), "languages"),
            (json!({ "text": "", "reference": 65536 }), "reference"),
            (json!({ "text": "", "reference": 300, "reference_bits": 8 }), "reference"),
            (json!({ "text": "", "reference_bits": 12 }), "reference_bits"),
            (json!({ "text": "", "reference_bits": "16" }), "reference_bits"),
            (json!({ "text": "", "per_part": 1 }), "per_part"),
            (json!({ "text": "ж".repeat(255 * 67 + 1) }), "text"),
        ] {
            assert_eq!(line(&object, EXACT).unwrap_err()["error"]["field"], field);
        }
    }

    #[test]
    fn each_part_may_have_languages_of_its_own() {
        let text = "ğ".repeat(149) + "नम";
        let object = json!({ "text": text, "languages": ["tr", "hi"], "per_part": true });
        let answer = line(&object, EXACT).unwrap();
        assert_eq!((answer.get("locking"), answer.get("single")), (None, None));
        for (part, locking) in answer["parts"].as_array().unwrap().iter().zip([1, 6]) {
            assert_eq!((&part["locking"], &part["single"]), (&json!(locking), &json!(0)));
            let shift = format!("25010{locking}");
            assert!(part["hex"].as_str().unwrap().contains(&shift), "{part}");
        }
        let languages = Languages::NONE.with(Language::TURKISH).with(Language::HINDI);
        let whole = Splitting { languages, ..EXACT };
        assert_eq!(whole.split(&text).unwrap().parts.len(), 3);
        let words = words(&Splitting { per_part: true, ..whole }.split(&text).unwrap());
        let (first, rest) = words.split_once('\n').unwrap();
        assert_eq!(first, "GSM-7, 2 parts, 151 septets");
        assert!(rest.starts_with("part 1: 149 used, 0 left, Turkish locking shift  \"ğ"), "{rest}");
        assert!(
            rest.ends_with("part 2: 2 used, 147 left, Hindi locking shift  \"नम\"\n"),
            "{rest}"
        );
        // Where it does not help, the parts have the same.
        let answer = line(&json!({ "text": "ğ", "languages": "tr", "per_part": true }), EXACT);
        assert_eq!(answer.unwrap()["parts"][0]["locking"], 1);
    }

    #[test]
    fn a_text_for_more_than_255_parts_is_refused() {
        assert!(EXACT.split(&"a".repeat(255 * 153)).is_ok());
        let error = failed(&EXACT.split(&"a".repeat(255 * 153 + 1)).unwrap_err());
        assert!(error.sentence.contains("more than 255 parts"), "{}", error.sentence);
    }
}
