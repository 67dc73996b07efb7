//! The names of national languages.

use septet::gsm7::Languages;
use septet::tpdu::udh::Language;

/// The names of the languages that are two letters long: ISO 639-1.
const SHORT_NAMES: [(&str, Language); 13] = [
    ("tr", Language::TURKISH),
    ("es", Language::SPANISH),
    ("pt", Language::PORTUGUESE),
    ("bn", Language::BENGALI),
    ("gu", Language::GUJARATI),
    ("hi", Language::HINDI),
    ("kn", Language::KANNADA),
    ("ml", Language::MALAYALAM),
    ("or", Language::ORIYA),
    ("pa", Language::PUNJABI),
    ("ta", Language::TAMIL),
    ("te", Language::TELUGU),
    ("ur", Language::URDU),
];

/// The language of a name, or all.
pub(super) fn language(name: &str) -> Result<Languages, String> {
    let is_name = |other: &str| other.eq_ignore_ascii_case(name);
    if is_name("all") {
        return Ok(Languages::ALL);
    }
    let short = SHORT_NAMES.into_iter().find(|(short, _)| is_name(short)).map(|(_, found)| found);
    let mut listed = Language::LISTED.iter().copied();
    let found = short
        .or_else(|| listed.find(|l| l.words().is_some_and(is_name) || l.0.to_string() == name));
    let found = found.ok_or_else(|| {
        let names: Vec<&str> = SHORT_NAMES.iter().map(|(short, _)| *short).collect();
        format!("no language with tables is called {name}; these are: {}", names.join(", "))
    })?;
    Ok(Languages::NONE.with(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_three_names_each() {
        for (name, wanted) in SHORT_NAMES {
            let wanted = Ok(Languages::NONE.with(wanted));
            assert_eq!(language(name), wanted);
        }
        assert_eq!(language("turkish"), language("1"));
        assert_eq!(language("ALL"), Ok(Languages::ALL));
        assert!(language("14").is_err());
    }
}
