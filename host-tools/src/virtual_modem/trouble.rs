//! What can be made to go wrong at any octet and at any time: `at 120 octets: lose 2`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use septet::at::{CmsError, RegistrationState};

use super::card::Condition;

/// Something that goes wrong, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When.
    pub when: When,
    /// What.
    pub what: What,
}

/// When something goes wrong. Octets and lines count from the moment that the trouble is made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `now`.
    Now,
    /// `after 500 ms`.
    After(Duration),
    /// `at 120 octets`: once the modem has written so many.
    Written(u64),
    /// `at 120 typed octets`: once the terminal has.
    Typed(u64),
    /// `at 7 lines`: once the modem has ended so many lines.
    Lines(u64),
    /// `one in 1000 octets`: behind each octet that the modem writes, by chance.
    OneInWritten(u32),
    /// `one in 1000 typed octets`.
    OneInTyped(u32),
    /// `one in 20 lines`.
    OneInLines(u32),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `lose 2`: the next octets do not arrive.
    Lose(u32),
    /// `change`: the next octet arrives as another.
    Change,
    /// `double`: the next octet arrives twice.
    Double,
    /// `delay 500`: what is written arrives later by these milliseconds.
    Delay(Duration),
    /// `say RING`: this line is written, wherever the modem is.
    Say(String),
    /// `answer +CMS ERROR: 500`: this is the next result, whatever was done.
    Answer(String),
    /// `late 30000`: the next result comes later by these milliseconds.
    Late(Duration),
    /// `silence 5000`: for these milliseconds nothing is heard and nothing said.
    Silence(Duration),
    /// `reboot`: the power goes and comes back.
    Reboot,
    /// `power off`, `power on`: the power goes and stays away, as after a brown-out, until `PWRKEY` is
    /// held; the modem is switched on as `PWRKEY` does.
    Power(bool),
    /// `sim ready`, `sim busy`, `sim removed`.
    Sim(Condition),
    /// `sim full`, `sim empty`: what is free of it is filled with messages that were read, which can be
    /// deleted; or those are gone again.
    SimFull(bool),
    /// `network home`, `lost`, `searching`, `denied`, `roaming`.
    Network(RegistrationState),
    /// `refuse 38`: the network takes no message, for this reason; `refuse 0` ends it.
    Refuse(CmsError),
    /// `slow 30000`: each message that is sent has its result after these milliseconds.
    Slow(Duration),
    /// `handset 4512345678 off`, `on`.
    Handset {
        /// Its number.
        number: String,
        /// Whether it is on.
        is_on: bool,
    },
}

/// The words of the states of a network.
const STATES: [(&str, RegistrationState); 5] = [
    ("home", RegistrationState::HOME),
    ("lost", RegistrationState::NOT_REGISTERED),
    ("searching", RegistrationState::SEARCHING),
    ("denied", RegistrationState::DENIED),
    ("roaming", RegistrationState::ROAMING),
];

/// The words of the conditions of a SIM.
const CONDITIONS: [(&str, Condition); 3] =
    [("ready", Condition::Ready), ("busy", Condition::Busy), ("removed", Condition::Removed)];

/// The words of what is on or off.
const POWER: [(&str, bool); 2] = [("on", true), ("off", false)];

/// A text that is no trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTrouble(String);

impl fmt::Display for NoTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no trouble: write WHEN: WHAT, where WHEN is now, after N ms, at N octets, at N \
             typed octets, at N lines, one in N octets, one in N typed octets or one in N lines, and \
             WHAT is lose N, change, double, delay MS, say LINE, answer LINE, late MS, silence MS, \
             reboot, power on|off, sim ready|busy|removed|full|empty, network home|lost|searching|denied|roaming, \
             refuse CODE, slow MS or handset NUMBER on|off",
            self.0
        )
    }
}

impl std::error::Error for NoTrouble {}

/// The troubles of a script: one on each line; empty lines and those that begin with `#` are none.
///
/// # Errors
/// A sentence with the first line that is no trouble.
pub fn script(text: &str) -> Result<Vec<Trouble>, NoTrouble> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::parse).collect()
}

impl FromStr for Trouble {
    type Err = NoTrouble;

    fn from_str(text: &str) -> Result<Self, NoTrouble> {
        let trouble = || {
            let (when, what) = text.split_once(':')?;
            Some(Self { when: read_when(when.trim())?, what: read_what(what.trim())? })
        };
        trouble().ok_or_else(|| NoTrouble(text.to_owned()))
    }
}

fn read_when(text: &str) -> Option<When> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(match *words {
        ["now"] => When::Now,
        ["after", ms, "ms"] => When::After(milliseconds(ms)?),
        ["at", n, "octets" | "octet"] => When::Written(n.parse().ok()?),
        ["at", n, "typed", "octets" | "octet"] => When::Typed(n.parse().ok()?),
        ["at", n, "lines" | "line"] => When::Lines(n.parse().ok()?),
        ["one", "in", n, "octets"] => When::OneInWritten(positive(n)?),
        ["one", "in", n, "typed", "octets"] => When::OneInTyped(positive(n)?),
        ["one", "in", n, "lines"] => When::OneInLines(positive(n)?),
        _ => return None,
    })
}

fn read_what(text: &str) -> Option<What> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    Some(match (verb, rest) {
        ("lose", "") => What::Lose(1),
        ("lose", n) => What::Lose(n.parse().ok()?),
        ("change", "") => What::Change,
        ("double", "") => What::Double,
        ("delay", ms) => What::Delay(milliseconds(ms)?),
        ("say", line) => What::Say(line.to_owned()),
        ("answer", line) => What::Answer(line.to_owned()),
        ("late", ms) => What::Late(milliseconds(ms)?),
        ("silence", ms) => What::Silence(milliseconds(ms)?),
        ("reboot", "") => What::Reboot,
        ("power", word) => What::Power(found(&POWER, word)?),
        ("sim", "full") => What::SimFull(true),
        ("sim", "empty") => What::SimFull(false),
        ("sim", word) => What::Sim(found(&CONDITIONS, word)?),
        ("network", word) => What::Network(found(&STATES, word)?),
        ("refuse", code) => What::Refuse(CmsError(code.parse().ok()?)),
        ("slow", ms) => What::Slow(milliseconds(ms)?),
        ("handset", rest) => {
            let (number, power) = rest.split_once(' ')?;
            let is_on = found(&POWER, power)?;
            What::Handset { number: number.to_owned(), is_on }
        }
        _ => return None,
    })
}

fn milliseconds(text: &str) -> Option<Duration> {
    Some(Duration::from_millis(text.parse::<u32>().ok()?.into()))
}

fn positive(text: &str) -> Option<u32> {
    text.parse().ok().filter(|n| *n > 0)
}

fn found<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_read_with_when_and_what() {
        let ms = Duration::from_millis;
        for (text, when, what) in [
            ("now: reboot", When::Now, What::Reboot),
            ("at 60 typed octets: power off", When::Typed(60), What::Power(false)),
            ("at 120 octets: lose 2", When::Written(120), What::Lose(2)),
            ("at 1 octet: lose", When::Written(1), What::Lose(1)),
            ("at 3 typed octets: double", When::Typed(3), What::Double),
            (
                "at 7 lines: say +CMTI: \"SM\",1",
                When::Lines(7),
                What::Say("+CMTI: \"SM\",1".into()),
            ),
            (
                "after 500 ms: network lost",
                When::After(ms(500)),
                What::Network(RegistrationState(0)),
            ),
            ("one in 9 octets: change", When::OneInWritten(9), What::Change),
            ("one in 9 typed octets: change", When::OneInTyped(9), What::Change),
            ("one in 9 lines: delay 5", When::OneInLines(9), What::Delay(ms(5))),
            ("now: refuse 38", When::Now, What::Refuse(CmsError(38))),
            (
                "now: handset 4512345678 off",
                When::Now,
                What::Handset { number: "4512345678".to_owned(), is_on: false },
            ),
        ] {
            assert_eq!(text.parse(), Ok(Trouble { when, what }), "{text}");
        }
    }

    #[test]
    fn what_is_no_trouble_is_refused_with_what_is_one() {
        for text in ["", "reboot", "at x octets: reboot", "one in 0 octets: change", "now: explode"]
        {
            let error = text.parse::<Trouble>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} is no trouble: write WHEN: WHAT")));
        }
        assert_eq!(script("# nothing\n\n now: reboot \n").map(|script| script.len()), Ok(1));
    }
}
