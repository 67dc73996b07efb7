//! A log as steps: what its host says, taken apart, and what that means to an engine.

use std::sync::LazyLock;

use septet::at::{self, Action, Argument, Command, Line, Store};
use septet_firmware::Profile;
use septet_firmware::options::SimPin;
use septet_firmware::profile::PROFILES;

use super::beginning;
use super::conclusion::Conclusion;
use super::log::{Kind, Log};

/// What happens next in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line of the log.
    pub line: usize,
    /// What happens.
    pub play: Play,
}

/// What happens in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Play {
    /// The host gives a command, from its `AT` to before its end.
    Command(String),
    /// The host gives what a prompt asked for, empty where the log does not have it; `None` where it
    /// leaves the prompt, or wakes the modem.
    Body(Option<Vec<u8>>),
    /// The modem says something.
    Modem(Vec<u8>),
    /// So many milliseconds pass.
    Pass(u32),
    /// Something happens outside the serial line.
    Outside,
    /// The engine must have concluded this.
    Conclude(Conclusion),
}

/// The steps of a log. One that begins with an answer has the command before it.
pub fn steps(log: &Log) -> Vec<Step> {
    let mut steps = Vec::new();
    // Of a command that goes on in the next line.
    let mut open = Vec::new();
    for item in &log.items {
        let mut push = |play| steps.push(Step { line: item.line, play });
        match &item.kind {
            Kind::Host(octets) => {
                open.extend_from_slice(octets);
                said(&mut open, &mut push);
            }
            Kind::Modem(octets) => push(Play::Modem(octets.clone())),
            Kind::Pass(ms) => push(Play::Pass(*ms)),
            Kind::Outside => push(Play::Outside),
            Kind::Conclude(conclusion) => push(Play::Conclude(conclusion.clone())),
        }
    }
    if !log.lexer_only {
        beginning::add(&mut steps);
    }
    steps
}

/// The PIN that the log's host enters, for the engine to enter; `None` also where the engine is to
/// conclude before that no message can be sent.
pub fn pin(steps: &[Step]) -> Option<SimPin> {
    steps.iter().find_map(|step| match &step.play {
        Play::Conclude(Conclusion::Lost(_)) => Some(None),
        Play::Command(text) => {
            let command = command(text).filter(|command| command.is("+CPIN"))?;
            Some(SimPin::new(&code(values(&command)?)?))
        }
        _ => None,
    })?
}

/// The profile for a log: one that acknowledges where the log's host does, or asks to, and that looks
/// through every store where the log's host selects one that it would not look through.
pub fn fitting(log: &Log, profile: &'static Profile) -> &'static Profile {
    const STORES: &[Store] = &[Store::ME, Store::SM, Store::MT];
    /// Every profile with acknowledgements, with every store, and with both.
    static FITTING: LazyLock<Vec<Profile>> = LazyLock::new(|| {
        let fitting = PROFILES.iter().flat_map(|profile| {
            [(true, profile.stores), (profile.acknowledges, STORES), (true, STORES)]
                .map(|(acknowledges, stores)| Profile { acknowledges, stores, ..**profile })
        });
        fitting.collect()
    });
    let steps = steps(log);
    let gives = |is: &dyn Fn(&Command<'_>) -> bool| {
        steps.iter().any(|step| match &step.play {
            Play::Command(text) => command(text).is_some_and(|command| is(&command)),
            _ => false,
        })
    };
    let acknowledges = profile.acknowledges
        || gives(&|command| {
            command.is("+CNMA") || command.is("+CSMS") && first_number(command) == Some(1)
        });
    let selects = gives(&|command| {
        let store = values(command).and_then(|values| Store::new(values.get(0).text()?));
        let others = |store: Store| STORES.contains(&store) && !profile.stores.contains(&store);
        command.is("+CPMS") && store.is_some_and(others)
    });
    let stores = if selects { STORES } else { profile.stores };
    let fits = |other: &&Profile| {
        other.model == profile.model && other.acknowledges == acknowledges && other.stores == stores
    };
    if fits(&profile) { profile } else { FITTING.iter().find(fits).unwrap_or(profile) }
}

/// Takes apart what the host wrote; what is not at its end stays.
fn said(open: &mut Vec<u8>, push: &mut impl FnMut(Play)) {
    loop {
        let blank = |octet: &u8| matches!(octet, b'\r' | b'\n' | b' ' | 0x00);
        open.drain(..open.iter().take_while(|octet| blank(octet)).count());
        let is_command = open.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"AT"));
        let body_end = open.iter().position(|octet| matches!(*octet, at::CTRL_Z | at::ESC));
        let line_end = open.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
        match (body_end, line_end) {
            (_, Some(end)) if is_command && body_end.is_none_or(|body_end| end < body_end) => {
                let command: Vec<u8> = open.drain(..=end).collect();
                push(Play::Command(String::from_utf8_lossy(&command).trim_end().to_owned()));
            }
            (Some(end), _) => {
                let body: Vec<u8> = open.drain(..=end).collect();
                let (text, end) = body.split_at(end);
                push(Play::Body((end != [at::ESC]).then(|| text.to_vec())));
            }
            (None, Some(end)) => {
                let line: Vec<u8> = open.drain(..=end).collect();
                let digits = line.trim_ascii();
                // Some log a PDU without the Ctrl-Z.
                if digits.len() > 20 && digits.iter().all(u8::is_ascii_hexdigit) {
                    push(Play::Body(Some(digits.to_vec())));
                }
            }
            (None, None) => {
                if !is_command {
                    // `+++`
                    open.clear();
                }
                return;
            }
        }
    }
}

/// The lines of what a modem says, without blanks around them.
pub fn lines(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = octets.split(|octet| matches!(octet, b'\r' | b'\n' | &at::CTRL_Z));
    lines.map(clean).filter(|line| !line.is_empty())
}

/// Whether the modem begins or ends a life with what it says.
pub fn restarts(octets: &[u8]) -> bool {
    lines(octets).any(|line| matches!(Line::read(line), Line::Boot(_) | Line::PowerDown(_)))
}

/// A line without what cannot begin one: blanks, control characters, noise of a modem that starts.
pub fn clean(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|octet| matches!(octet, 0x21..=0x7e)).unwrap_or(line.len());
    line.get(start..).unwrap_or_default().trim_ascii()
}

/// The one command of a command line.
pub fn command(text: &str) -> Option<Command<'_>> {
    let mut commands = at::commands(text.as_bytes()).ok()?;
    let command = commands.next().unwrap_or(Ok(Command::ATTENTION)).ok()?;
    commands.next().is_none().then_some(command)
}

/// The values of a command that sets.
fn values<'a>(command: &Command<'a>) -> Option<at::Arguments<'a>> {
    match command.action {
        Action::Set(values) => Some(values),
        Action::Execute | Action::Read | Action::Test => None,
    }
}

/// The PIN that `AT+CPIN=` enters, with or without quotation marks.
fn code(values: at::Arguments<'_>) -> Option<String> {
    match values.get(0) {
        Argument::Number(number) => Some(number.to_string()),
        digits => String::from_utf8(digits.text()?.to_vec()).ok(),
    }
}

/// The first value of a command, where it is a number.
pub fn first_number(command: &Command<'_>) -> Option<u32> {
    values(command)?.get(0).number()
}

/// Whether the engine ever gives this command, perhaps with other values.
pub fn is_of_engine(text: &str, profile: &Profile) -> bool {
    let Some(command) = command(text) else { return false };
    let is = |name: &&str| command.is(name);
    let own = match command.action {
        Action::Execute => ["", "+CNMA"].iter().any(is),
        Action::Read => ["+CPIN", "+CREG", "+CGREG", "+CEREG"].iter().any(is),
        Action::Test => false,
        Action::Set(values) if is(&"E") || is(&"+CMGF") => values.get(0).number() == Some(0),
        Action::Set(values) if is(&"+CMGL") || is(&"+CMGR") => values.get(0).number().is_some(),
        Action::Set(_) => SETTINGS.iter().any(is),
    };
    let of_profile =
        |init: &&str| text.get(2..).is_some_and(|text| text.eq_ignore_ascii_case(init));
    own || profile.init.iter().any(of_profile)
}

const SETTINGS: [&str; 12] = [
    "+CMEE", "+CPIN", "+CSMS", "+CNMI", "+CREG", "+CGREG", "+CEREG", "+CMGS", "+CPMS", "+CMGD",
    "+CNMA", "V",
];

/// Whether the log's answer to the command `logged` is one to what the engine `gave`.
///
/// What was `refused` may have been so for its values, and answers no others.
pub fn answers(logged: &str, gave: &str, refused: bool) -> bool {
    let (Some(logged), Some(gave)) = (command(logged), command(gave)) else { return false };
    if !logged.is(gave.name) {
        return false;
    }
    let (Some(values), Some(gave_values)) = (values(&logged), values(&gave)) else {
        return logged.action == gave.action || gave.is("+CNMA");
    };
    let first = values.get(0) == gave_values.get(0);
    match gave.name {
        "+CMGS" | "+CNMA" => true,
        "+CMGL" => values.get(0).number().is_some(),
        // Not one that deletes others, too.
        "+CMGD" => first && matches!(values.get(1), Argument::Absent | Argument::Number(0)),
        "+CPIN" => code(values) == code(gave_values),
        "+CPMS" => first && (!refused || values == gave_values),
        "+CNMI" | "+CMEE" | "+CSMS" | "+CREG" | "+CGREG" | "+CEREG" => {
            !refused || values == gave_values
        }
        _ => values == gave_values,
    }
}
