//! The words by which a handset wants nothing more, and wants it again.

use serde::Deserialize;

use super::account::digits;
use super::trouble::Troubles;

/// The words by which a handset wants nothing more of an account, and wants it again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptOut {
    /// The first word of a message that wants nothing more; upper and lower case are alike.
    #[serde(default = "stop")]
    pub stop: Vec<String>,
    /// The first word of a message that takes that back.
    #[serde(default = "start")]
    pub start: Vec<String>,
    /// The numbers that such messages are sent to; where absent those of the account's keywords, or any
    /// where it has none.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// What is answered to who wants nothing more; nothing where absent.
    pub stop_answer: Option<String>,
    /// What is answered to who takes that back; nothing where absent.
    pub start_answer: Option<String>,
}

fn stop() -> Vec<String> {
    vec!["STOP".to_owned()]
}

fn start() -> Vec<String> {
    vec!["START".to_owned()]
}

/// What a message wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Stop,
    /// More again.
    Start,
}

impl OptOut {
    /// What a received text wants, where it wants something of the kind.
    pub fn wish(&self, text: &str) -> Option<Wish> {
        let first = text.split_whitespace().next()?;
        let first = first.trim_matches(|c: char| !c.is_alphanumeric()).to_uppercase();
        let is_in = |words: &[String]| words.iter().any(|word| word.to_uppercase() == first);
        match (is_in(&self.stop), is_in(&self.start)) {
            (true, _) => Some(Wish::Stop),
            (false, true) => Some(Wish::Start),
            (false, false) => None,
        }
    }

    /// What is answered to a wish.
    pub fn answer(&self, wish: Wish) -> Option<&str> {
        match wish {
            Wish::Stop => self.stop_answer.as_deref(),
            Wish::Start => self.start_answer.as_deref(),
        }
    }

    /// What no type can say, of the account of this name, at its place.
    pub(super) fn check(&self, account: &str, at: &str, troubles: &mut Troubles<'_>) {
        let is_word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphanumeric);
        let named = format!("opt_out of account {account:?}");
        if self.stop.is_empty() {
            troubles.wrong(&format!("{at}.opt_out.stop"), format!("{named} has no word in stop"));
        }
        for (key, words) in [("stop", &self.stop), ("start", &self.start)] {
            for (place, word) in words.iter().enumerate().filter(|(_, word)| !is_word(word)) {
                let why = format!("{named} has {word:?}: write a word of letters and digits");
                troubles.wrong(&format!("{at}.opt_out.{key}.{place}"), why);
            }
        }
        for (place, number) in self.numbers.iter().enumerate().filter(|(_, own)| !digits(own)) {
            let why = format!("{named} has number {number:?}: write digits only");
            troubles.wrong(&format!("{at}.opt_out.numbers.{place}"), why);
        }
    }
}
