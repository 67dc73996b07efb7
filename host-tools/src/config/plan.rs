//! How recipients are dialled, so that every spelling of a number comes to one MSISDN.

use serde::Deserialize;

use super::account::digits;
use super::trouble::Troubles;

/// How numbers are dialled where the customers are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The country code of a number that has none.
    pub country: String,
    /// What a number without a country code begins with; nothing where it is empty.
    #[serde(default = "national")]
    pub national: String,
    /// What a number with a country code may begin with, besides `+`.
    #[serde(default = "international")]
    pub international: String,
    /// How many digits a number without a country code has that begins with nothing of the kind.
    #[serde(default)]
    pub lengths: Vec<usize>,
}

fn national() -> String {
    "0".to_owned()
}

fn international() -> String {
    "00".to_owned()
}

/// What may stand between the digits of a number.
const SEPARATORS: [char; 7] = [' ', '\u{A0}', '-', '.', '/', '(', ')'];

impl Plan {
    /// The MSISDN that a number stands for: 5 to 15 digits, country code first. `None` where it is none.
    pub fn msisdn(&self, written: &str) -> Option<String> {
        let dense: String = written.chars().filter(|c| !SEPARATORS.contains(c)).collect();
        let abroad = dense.strip_prefix('+').or_else(|| {
            dense.strip_prefix(&self.international).filter(|_| !self.international.is_empty())
        });
        let at_home = || {
            let national = dense.strip_prefix(&self.national).filter(|_| !self.national.is_empty());
            national.or_else(|| self.lengths.contains(&dense.len()).then_some(dense.as_str()))
        };
        let whole = match abroad {
            Some(whole) => whole.to_owned(),
            None => match at_home() {
                Some(rest) => format!("{}{rest}", self.country),
                None => dense,
            },
        };
        let is_msisdn =
            digits(&whole) && !whole.starts_with('0') && (5..=15).contains(&whole.len());
        is_msisdn.then_some(whole)
    }

    /// What no type can say.
    pub(super) fn check(&self, troubles: &mut Troubles<'_>) {
        if !digits(&self.country) || self.country.starts_with('0') {
            let why = format!("numbers.country is {:?}: write it as 45", self.country);
            troubles.wrong("numbers.country", why);
        }
        let is_prefix = |prefix: &str| prefix.is_empty() || digits(prefix);
        for (name, prefix) in [("national", &self.national), ("international", &self.international)]
        {
            if !is_prefix(prefix) {
                let at = format!("numbers.{name}");
                troubles.wrong(&at, format!("{at} is {prefix:?}: write digits only"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(more: &str) -> Plan {
        toml::from_str(&format!("country = \"45\"\n{more}")).unwrap()
    }

    #[test]
    fn every_spelling_comes_to_one_number() {
        let plan = plan("lengths = [8]");
        for written in [
            "4512345678",
            "+4512345678",
            "004512345678",
            "0045 12 34 56 78",
            "+45 12-34-56-78",
            "(0)12345678",
            "012345678",
            "12 34 56 78",
            "12.34.56.78",
        ] {
            assert_eq!(plan.msisdn(written).as_deref(), Some("4512345678"), "{written}");
        }
        assert_eq!(plan.msisdn("46123456789").as_deref(), Some("46123456789"));
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for written in ["", "+", "0", "00", "abc", "+45a2345678", "12+345678", "0000123456", "123"]
        {
            assert_eq!(plan("").msisdn(written), None, "{written}");
        }
        assert_eq!(plan("").msisdn(&"1".repeat(16)), None);
        // Where nothing says that eight digits are at home, they have their country code.
        assert_eq!(plan("").msisdn("12345678").as_deref(), Some("12345678"));
        assert_eq!(plan("national = \"\"").msisdn("012345678"), None);
    }

    #[test]
    fn what_comes_out_comes_out_again() {
        let plan = plan("");
        for written in ["+4512345678", "012345678", "0046123456789"] {
            let once = plan.msisdn(written).unwrap();
            assert_eq!(plan.msisdn(&once), Some(once.clone()));
        }
    }
}
