//! What the answers of a modem say about its profile.

use septet::at::{Argument, Arguments, Line, Store};
use septet_firmware::Profile;
use septet_firmware::profile::{GENERIC, PROFILES, PinTries};
use serde::Serialize;

use super::dialogue::{Answer, End};

/// What the answers say.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// What `AT+CGMI` answers.
    pub maker: String,
    /// What `AT+CGMM` answers.
    pub model: String,
    /// What `AT+CGMR` answers.
    pub revision: String,
    /// The name of the profile that fits.
    pub profile: &'static str,
    /// Why that one.
    pub why: String,
    /// What differs from the generic profile.
    pub differs: Vec<Difference>,
    /// What no field says, and somebody should know.
    pub notes: Vec<String>,
    /// Whether nothing but `AT` was answered with anything but a refusal.
    pub refuses_everything: bool,
}

/// A field of the profile that is not as in [`GENERIC`].
#[derive(Debug, Serialize)]
pub struct Difference {
    /// Its name.
    pub field: &'static str,
    /// Its value, as Rust writes it.
    pub value: String,
    /// What the modem said.
    pub why: String,
}

/// The answers to look into.
struct Answers<'a>(&'a [Answer]);

impl Findings {
    /// What these answers say.
    pub fn of(answers: &[Answer]) -> Self {
        let all = Answers(answers);
        let (maker, model) = (all.words("+CGMI"), all.words("+CGMM"));
        let (profile, why) = chosen(&maker, &model);
        let mut findings = Self {
            revision: all.words("+CGMR"),
            maker,
            model,
            profile: profile.model,
            why,
            differs: Vec::new(),
            notes: Vec::new(),
            refuses_everything: answers.iter().all(|answer| answer.end != End::Ok),
        };
        findings.indications(&all);
        findings.stores(&all, profile);
        findings.pin_tries(&all, profile);
        findings.more_messages(&all);
        findings.others(&all);
        findings
    }

    fn differs(&mut self, field: &'static str, value: String, why: String) {
        self.differs.push(Difference { field, value, why });
    }

    fn indications(&mut self, all: &Answers<'_>) {
        let Some((values, said)) = all.values("+CNMI", "+CNMI=?") else {
            return self.notes.push(all.missing("+CNMI=?", "how it announces messages"));
        };
        let sets: Vec<Vec<u32>> = values.iter().map(|values| set(values)).collect();
        let takes = |i: usize, value: u32| sets.get(i).is_none_or(|set| set.contains(&value));
        let fits = |command: &&&str| {
            let values = command.trim_start_matches("+CNMI=").split(',');
            values.enumerate().all(|(i, value)| value.parse().is_ok_and(|value| takes(i, value)))
        };
        let kept: Vec<&str> = GENERIC.indications.iter().filter(fits).copied().collect();
        let first = |i: usize, wanted: &[u32]| {
            wanted.iter().copied().find(|value| takes(i, *value)).unwrap_or_default()
        };
        let mt = first(1, &[1, 2]);
        if kept.is_empty() {
            let (mode, ds) = (first(0, &[2, 1, 3]), first(3, &[1, 2]));
            let command = format!("+CNMI={mode},{mt},0,{ds}");
            self.differs("indications", format!("&[{command:?}]"), said.clone());
            if mt == 2 {
                self.differs("acknowledges", "true".to_owned(), said);
            }
        } else if kept != GENERIC.indications {
            self.differs("indications", format!("&{kept:?}"), said);
        }
    }

    fn stores(&mut self, all: &Answers<'_>, profile: &Profile) {
        let Some((values, said)) = all.values("+CPMS", "+CPMS=?") else {
            return self
                .notes
                .push(all.missing("+CPMS=?", "its stores; a modem without a SIM has none"));
        };
        // The first list: what messages are read and deleted from.
        let first = values.first().map(String::as_str).unwrap_or_default();
        let names: Vec<Store> = first
            .split('"')
            .skip(1)
            .step_by(2)
            .filter_map(|name| Store::new(name.as_bytes()))
            .collect();
        let stores: &[Store] = match (names.contains(&Store::ME), names.contains(&Store::SM)) {
            (true, true) => &[Store::ME, Store::SM],
            (true, false) => &[Store::ME],
            (false, _) if names.contains(&Store::MT) => &[Store::MT],
            (false, true) => &[Store::SM],
            (false, false) => &[],
        };
        let names = |stores: &[Store]| -> Vec<String> {
            stores.iter().map(|store| format!("Store::{}", store.name())).collect()
        };
        if stores != profile.stores && profile != &GENERIC {
            let (model, known) = (profile.model, names(profile.stores));
            self.notes.push(format!("the profile {model} has the stores [{}]", known.join(", ")));
        }
        if stores != GENERIC.stores {
            let names = names(stores);
            self.differs("stores", format!("&[{}]", names.join(", ")), said);
        }
    }

    fn pin_tries(&mut self, all: &Answers<'_>, profile: &Profile) {
        // The profile's own first: a modem may know more than one way.
        let ways = [profile].into_iter().chain(PROFILES.iter().copied());
        let told = |tries: &PinTries| {
            let name = tries.command.split(['=', '?']).next().unwrap_or_default();
            let (values, said) = all.values(name, tries.command)?;
            let value: u32 = values.get(usize::from(tries.index))?.parse().ok()?;
            (value <= 10).then_some(said)
        };
        let found = ways.map(|profile| profile.pin_tries).find_map(|t| Some((t, told(&t)?)));
        match found {
            Some((tries, _)) if tries == GENERIC.pin_tries => {}
            Some((PinTries { command, index }, said)) => {
                let value = format!("PinTries {{ command: {command:?}, index: {index} }}");
                self.differs("pin_tries", value, said);
            }
            None => self.notes.push("no command tells how many tries the PIN has left".to_owned()),
        }
    }

    fn more_messages(&mut self, all: &Answers<'_>) {
        if let Some(answer) =
            all.get("+CMMS=?").filter(|answer| matches!(answer.end, End::Refused(_)))
        {
            let said = answer.told();
            self.differs("more_messages", "false".to_owned(), said);
        }
    }

    /// What the profile has no field for, or what an answer alone does not decide.
    fn others(&mut self, all: &Answers<'_>) {
        let takes = |name: &str, command: &str, value: u32| {
            let (values, _) = all.values(name, command)?;
            Some(set(values.first()?).contains(&value))
        };
        if takes("+CMGF", "+CMGF=?", 0) == Some(false) {
            self.notes.push("it has no PDU mode, without which nothing is sent".to_owned());
        }
        if takes("+CSMS", "+CSMS=?", 1) == Some(false) {
            self.notes
                .push("it has no phase 2+ service: messages cannot be acknowledged".to_owned());
        }
        if takes("+CNMA", "+CNMA=?", 0) == Some(false) && takes("+CNMA", "+CNMA=?", 1) == Some(true)
        {
            let said = all.get("+CNMA=?").map(Answer::told).unwrap_or_default();
            self.differs("acknowledge", "\"+CNMA=1\"".to_owned(), said);
        }
        if takes("+IFC", "+IFC=?", 2) != Some(true) {
            self.notes.push(format!(
                "{}: with RTS and CTS wired, `flow_control` must name another command",
                all.get("+IFC=?").map_or_else(|| "AT+IFC=? was not asked".to_owned(), Answer::told)
            ));
        }
        for command in ["+CSCLK=?", "+QSCLK=?"] {
            if let Some(answer) = all.get(command).filter(|answer| answer.end == End::Ok) {
                self.notes.push(format!("{}: `sleep` can be tried", answer.told()));
            }
        }
        self.notes.push(
            "times, the prompt, the pins, `restart` and `packs_ussd` are not asked for: see the manual"
                .to_owned(),
        );
    }
}

/// The profile that fits what a modem says of itself, as the engine chooses it, and why.
fn chosen(maker: &str, model: &str) -> (&'static Profile, String) {
    for (command, words) in [("AT+CGMM", model), ("AT+CGMI", maker)] {
        for profile in PROFILES {
            let lower = words.to_lowercase();
            let says = profile.says.iter().find(|says| lower.contains(&says.to_lowercase()));
            if let Some(says) = says {
                let why = format!("{command} answers {words:?}, which has {says:?} in it");
                return (profile, why);
            }
        }
    }
    (&GENERIC, "no profile is for what it says of itself".to_owned())
}

impl Answers<'_> {
    fn get(&self, command: &str) -> Option<&Answer> {
        self.0.iter().find(|answer| answer.command == command)
    }

    /// What a modem says of itself, in one line.
    fn words(&self, command: &str) -> String {
        let Some(answer) = self.get(command) else { return String::new() };
        let words = |line: &str| {
            let line = line.strip_prefix(&format!("{command}:")).unwrap_or(line);
            line.trim().trim_matches('"').to_owned()
        };
        answer.own().map(words).collect::<Vec<_>>().join(" ")
    }

    /// The values of the first line with this name in the answer to `command`, and what it said.
    fn values(&self, name: &str, command: &str) -> Option<(Vec<String>, String)> {
        let answer = self.get(command).filter(|answer| answer.end == End::Ok)?;
        let line =
            answer.lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let text = |value: Argument<'_>| match value {
            Argument::Absent => String::new(),
            Argument::Number(number) => number.to_string(),
            Argument::Quoted(text) | Argument::Bare(text) => String::from_utf8_lossy(text).into(),
        };
        let values = Arguments::Wire(line.as_bytes()).iter().map(text).collect();
        Some((values, answer.told()))
    }

    /// That an answer does not say `what`.
    fn missing(&self, command: &str, what: &str) -> String {
        let told = self.get(command).map(Answer::told);
        format!("{} does not tell {what}", told.unwrap_or_else(|| format!("AT{command}")))
    }
}

impl Answer {
    /// `AT+CPMS=? says +CPMS: ("SM")`.
    fn told(&self) -> String {
        let command = self.command;
        match self.end {
            End::Silent => format!("AT{command} is not answered"),
            End::Refused(failure) => format!("AT{command} is refused ({failure})"),
            End::Ok => {
                let line = self.named().or(self.own().next()).unwrap_or("OK");
                format!("AT{command} says {line}")
            }
        }
    }

    /// The first line with the command's name.
    fn named(&self) -> Option<&str> {
        let name = self.command.split(['=', '?']).next()?;
        let mut lines = self.lines.iter().map(String::as_str);
        lines.find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    }

    /// The lines that have the command's name or none: a line with another came unasked.
    fn own(&self) -> impl Iterator<Item = &str> {
        let named = self.named();
        self.lines.iter().map(String::as_str).filter(move |line| {
            let is_name = line.starts_with(|c: char| "+^*$#%!@".contains(c));
            let unasked = matches!(Line::read(line.as_bytes()), Line::Boot(_) | Line::Service(_));
            Some(*line) == named || !is_name && !unasked
        })
    }
}

/// The numbers that `(0-2)`, `(0,1)` or `1` stands for.
fn set(values: &str) -> Vec<u32> {
    let values = values.trim_matches(['(', ')', ' ']);
    let range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        Some(first..=last).filter(|_| last <= 255)
    };
    values.split(',').filter_map(range).flatten().collect()
}
