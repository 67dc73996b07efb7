//! To whom nothing is sent, and to whom alone.

use std::collections::HashSet;

use serde::Deserialize;

use super::account::digits;

/// Numbers, and what numbers begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    whole: HashSet<String>,
    prefixes: Vec<String>,
}

impl Numbers {
    /// Whether a number is among them.
    pub fn has(&self, number: &str) -> bool {
        self.whole.contains(number) || self.prefixes.iter().any(|own| number.starts_with(own))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.prefixes.is_empty()
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut numbers = Self::default();
        for written in Vec::<String>::deserialize(deserializer)? {
            let prefix = written.strip_suffix('*');
            if !digits(prefix.unwrap_or(&written)) {
                return Err(serde::de::Error::custom(format!(
                    "{written:?} is no number: write digits, country code first, or their beginning and *"
                )));
            }
            match prefix {
                Some(prefix) => numbers.prefixes.push(prefix.to_owned()),
                None => {
                    numbers.whole.insert(written);
                }
            }
        }
        Ok(numbers)
    }
}

/// To whom nothing is sent, and to whom alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lists {
    /// Who gets nothing.
    pub blacklist: Numbers,
    /// Who alone gets something; anybody where there is none.
    pub whitelist: Numbers,
}

impl Lists {
    /// Whether a number may be sent to.
    pub fn allow(&self, number: &str) -> bool {
        !self.blacklist.has(number) && (self.whitelist.is_empty() || self.whitelist.has(number))
    }
}
