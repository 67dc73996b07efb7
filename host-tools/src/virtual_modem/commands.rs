//! The commands that the virtual modem knows.

mod basic;
mod general;
mod messages;
mod security;
mod sms;

use std::ops::RangeInclusive;
use std::time::Instant;

use septet::at::Argument::{self, Number};
use septet::at::{Action, Arguments, CmeError, Command, Domain, Failure, MessageStatus};
use septet::pdu::Pdu;
use septet::tpdu::Address;

use super::VirtualModem;
use super::settings::Settings;
use super::text_mode::CommandHead;
use Does::{Accepts, Has, Keeps, Registers, Runs, Sets, Tells};

/// What a command comes to when it is not refused.
pub(super) enum Reply {
    /// It is done.
    Done,
    /// A PDU or a text is to follow.
    Prompt { purpose: Purpose, entry: Entry },
    /// A message that was stored is to be sent.
    Submit { pdu: Pdu, purpose: Purpose },
    /// Nobody answers a call.
    NoCarrier,
    /// The modem starts anew.
    Restart,
}

/// What follows a prompt.
pub(super) enum Entry {
    /// A PDU in hexadecimal digits.
    Pdu { tpdu_len: usize },
    /// A text, to or from this address.
    Text { address: Address },
    /// The data of an SMS-COMMAND.
    Command(CommandHead),
}

/// What is done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `+CMGS`.
    Send,
    /// `+CMSS`, of the message in this slot.
    SendStored { index: u16 },
    /// `+CMGC`.
    Command,
    /// `+CMGW`.
    Write { status: MessageStatus },
    /// `+CNMA`.
    Acknowledge { positive: bool },
}

impl Purpose {
    /// The name of its command.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Send => "+CMGS",
            Self::SendStored { .. } => "+CMSS",
            Self::Command => "+CMGC",
            Self::Write { .. } => "+CMGW",
            Self::Acknowledge { .. } => "+CNMA",
        }
    }
}

/// What a command does.
enum Does {
    /// Takes these numbers, and nothing comes of it.
    Accepts(RangeInclusive<u32>),
    /// Keeps a number; `wrong` is said to one that is not in the range.
    Sets { setting: fn(&mut Settings) -> &mut u8, range: RangeInclusive<u8>, wrong: Failure },
    /// Keeps a number in an S-parameter.
    Keeps(usize, RangeInclusive<u8>),
    /// Answers with lines, and `=?` with these values.
    Tells(&'static str, fn(&VirtualModem) -> String),
    /// Tells whether the modem is registered, and keeps how much of that is told.
    Registers(Domain),
    /// Takes values.
    Has(Forms),
    /// Something of its own. `=?` is answered with these values, or left to it where there are none.
    Runs(&'static str, Run),
}

type Run = fn(&mut VirtualModem, Action<'_>, Instant) -> Result<Reply, Failure>;

/// The forms of a command that takes values; another is refused with `wrong`.
struct Forms {
    /// The values that may be set.
    test: fn(&VirtualModem) -> String,
    /// The values that are set, of a command that tells them.
    read: Option<fn(&VirtualModem) -> String>,
    /// Takes values.
    set: fn(&mut VirtualModem, Arguments<'_>) -> Result<Reply, Failure>,
    wrong: fn(&VirtualModem) -> Failure,
}

/// A command that keeps its values.
const fn keeps(
    test: fn(&VirtualModem) -> String,
    read: fn(&VirtualModem) -> String,
    set: fn(&mut VirtualModem, Arguments<'_>) -> Result<Reply, Failure>,
    wrong: fn(&VirtualModem) -> Failure,
) -> Does {
    Has(Forms { test, read: Some(read), set, wrong })
}

/// A command that does something with its values.
const fn takes(
    test: fn(&VirtualModem) -> String,
    set: fn(&mut VirtualModem, Arguments<'_>) -> Result<Reply, Failure>,
    wrong: fn(&VirtualModem) -> Failure,
) -> Does {
    Has(Forms { test, read: None, set, wrong })
}

/// Of a command whose values are not told.
fn untold(_: &VirtualModem) -> String {
    String::new()
}

/// A value that a command does not take, or a form that it does not have.
const WRONG: Failure = Failure::Cme(CmeError::INCORRECT_PARAMETERS);
const NOT_ALLOWED: Failure = Failure::Cme(CmeError::NOT_ALLOWED);
/// What modems say to a command that they do not know: `modem-sim800c-probe`.
const UNKNOWN: Failure = Failure::Cme(CmeError::UNKNOWN);

/// Every command.
static COMMANDS: &[(&str, Does)] = &[
    // V.250
    ("A", Runs("", basic::call)),
    ("D", Runs("", basic::call)),
    ("E", Sets { setting: |s| &mut s.echo, range: 0..=1, wrong: Failure::Error }),
    ("H", Accepts(0..=1)),
    ("I", Tells("", basic::identification)),
    ("L", Accepts(0..=3)),
    ("M", Accepts(0..=2)),
    ("O", Runs("", basic::call)),
    ("Q", Sets { setting: |s| &mut s.quiet, range: 0..=1, wrong: Failure::Error }),
    ("S0", Keeps(0, 0..=255)),
    ("S3", Keeps(3, 0..=127)),
    ("S4", Keeps(4, 0..=127)),
    ("S5", Keeps(5, 0..=127)),
    ("S6", Keeps(6, 2..=10)),
    ("S7", Keeps(7, 1..=255)),
    ("S8", Keeps(8, 0..=255)),
    ("S10", Keeps(10, 1..=254)),
    ("T", Accepts(0..=0)),
    ("P", Accepts(0..=0)),
    ("V", Sets { setting: |s| &mut s.verbose, range: 0..=1, wrong: Failure::Error }),
    ("X", Accepts(0..=4)),
    ("Z", Runs("", basic::reset)),
    ("&C", Accepts(0..=1)),
    ("&D", Accepts(0..=2)),
    ("&F", Runs("", basic::reset)),
    ("&K", Accepts(0..=6)),
    ("&S", Accepts(0..=1)),
    ("&V", Tells("", basic::profile)),
    ("&W", Accepts(0..=1)),
    ("+FCLASS", Accepts(0..=0)),
    ("+GCAP", Tells("", |_| "+GCAP: +CGSM".to_owned())),
    ("+GMI", Tells("", basic::manufacturer)),
    ("+GMM", Tells("", basic::model)),
    ("+GMR", Tells("", basic::revision)),
    ("+GSN", Tells("", basic::serial_number)),
    ("+ICF", keeps(|_| "(3),(0-3)".into(), |_| "3,3".into(), basic::line_setting, wrong)),
    ("+IFC", keeps(|_| "(0-2),(0-2)".into(), |_| "0,0".into(), basic::line_setting, wrong)),
    ("+IPR", keeps(|_| "(0,9600,115200)".into(), |_| "0".into(), basic::line_setting, wrong)),
    // 3GPP TS 27.007
    ("+CBC", Tells("(0),(0-100)", |_| "+CBC: 0,100".into())),
    ("+CCLK", keeps(untold, general::clock, general::set_clock, wrong)),
    ("+CESQ", Tells("(0-63,99),(0-7,99),(255),(255),(0-34,255),(0-97,255)", general::quality)),
    (
        "+CFUN",
        keeps(
            |_| "(0,1,4),(0-1)".into(),
            general::functionality,
            general::set_functionality,
            wrong,
        ),
    ),
    ("+CGATT", Sets { setting: |s| &mut s.attached, range: 0..=1, wrong: WRONG }),
    ("+CGMI", Tells("", basic::manufacturer)),
    ("+CGMM", Tells("", basic::model)),
    ("+CGMR", Tells("", basic::revision)),
    ("+CGSN", Tells("", basic::serial_number)),
    ("+CHUP", Tells("", |_| String::new())),
    ("+CIMI", Tells("", general::subscriber)),
    ("+CLAC", Tells("", |_| COMMANDS.iter().map(|(name, _)| format!("AT{name}\n")).collect())),
    ("+CLCK", takes(|_| "(\"SC\")".into(), security::lock, wrong)),
    ("+CLIP", Accepts(0..=1)),
    ("+CMEE", Sets { setting: |s| &mut s.errors, range: 0..=2, wrong: WRONG }),
    ("+CNUM", Tells("", general::own_number)),
    ("+COPS", keeps(general::operators, general::operator, general::set_operator, wrong)),
    ("+CPAS", Tells("(0)", |_| "+CPAS: 0".into())),
    ("+CPIN", Runs("", security::pin)),
    ("+CPINR", Runs("", security::tries)),
    ("+CPWD", takes(|_| "(\"SC\",8)".into(), security::password, wrong)),
    ("+CRC", Accepts(0..=1)),
    ("+CREG", Registers(Domain::Circuit)),
    ("+CGREG", Registers(Domain::Packet)),
    ("+CEREG", Registers(Domain::Evolved)),
    ("+CSCS", keeps(general::charsets, general::charset, general::set_charset, wrong)),
    ("+CSQ", Tells("(0-31,99),(0-7,99)", general::signal)),
    ("+CUSD", Runs("(0-2)", general::ussd)),
    ("+SPIC", Tells("", security::remaining)),
    // 3GPP TS 27.005
    ("+CMGC", takes(untold, messages::command, VirtualModem::wrong)),
    ("+CMGD", takes(messages::used, messages::delete, VirtualModem::wrong)),
    ("+CMGF", Sets { setting: |s| &mut s.format, range: 0..=1, wrong: sms::UNSUPPORTED }),
    ("+CMGL", Runs("", messages::list)),
    ("+CMGR", takes(untold, messages::read, VirtualModem::wrong)),
    ("+CMGS", takes(untold, messages::send, VirtualModem::wrong)),
    ("+CMGW", Runs("", messages::write)),
    ("+CMMS", Sets { setting: |s| &mut s.more_messages, range: 0..=2, wrong: sms::UNSUPPORTED }),
    ("+CMSS", takes(untold, messages::send_stored, VirtualModem::wrong)),
    ("+CNMA", Runs("", sms::acknowledge)),
    ("+CNMI", keeps(sms::every_indication, sms::indications, sms::set_indications, |_| sms::WRONG)),
    ("+CPMS", keeps(sms::every_store, sms::stores, sms::set_stores, |_| sms::WRONG)),
    ("+CSCA", keeps(untold, sms::centre, sms::set_centre, |_| sms::WRONG)),
    (
        "+CSCB",
        keeps(|_| "(0,1)".into(), sms::broadcasts, sms::set_broadcasts, |_| sms::UNSUPPORTED),
    ),
    ("+CSDH", Sets { setting: |s| &mut s.details, range: 0..=1, wrong: sms::UNSUPPORTED }),
    ("+CSMP", keeps(untold, sms::parameters, sms::set_parameters, |_| sms::UNSUPPORTED)),
    ("+CSMS", keeps(|_| "(0,1)".into(), sms::service, sms::set_service, |_| sms::WRONG)),
];

/// The commands that need the SIM.
const OF_THE_SIM: [&str; 12] = [
    "+CIMI", "+CNUM", "+CUSD", "+CMGC", "+CMGD", "+CMGL", "+CMGR", "+CMGS", "+CMGW", "+CMSS",
    "+CPMS", "+CSCA",
];

/// Does what a command asks for.
pub(super) fn run(
    modem: &mut VirtualModem,
    command: &Command<'_>,
    now: Instant,
) -> Result<Reply, Failure> {
    let known = COMMANDS.iter().find(|(name, _)| command.is(name));
    if let Some(reply) = of_the_profile(modem, command) {
        return reply;
    }
    // Basic commands, and those of a maker, are refused without a reason.
    let (name, does) =
        known.ok_or(if command.name.starts_with('+') { UNKNOWN } else { Failure::Error })?;
    if modem.traits.manner.refuses.contains(name) {
        return Err(Failure::Error);
    }
    if OF_THE_SIM.contains(name)
        && let Some((cme, cms)) = modem.card.trouble()
    {
        let general = matches!(*name, "+CIMI" | "+CNUM" | "+CUSD");
        return Err(if general { Failure::Cme(cme) } else { Failure::Cms(cms) });
    }
    let basic = !name.starts_with('+');
    let wrong = if basic { Failure::Error } else { WRONG };
    match (does, command.action) {
        (Accepts(_), Action::Execute) => {}
        (Accepts(range), Action::Set(arguments)) => {
            only(arguments).number().filter(|n| range.contains(n)).ok_or(wrong)?;
        }
        (Accepts(range), Action::Test) => modem.raw_info(name, shown(range)),
        // A basic command without a number has the number 0 (V.250, section 5.3.1).
        (Sets { setting, .. }, Action::Execute) if basic => *setting(modem.settings()) = 0,
        (Sets { setting, range, wrong }, Action::Set(arguments)) => {
            *setting(modem.settings()) = only_octet(arguments, range).ok_or(*wrong)?;
        }
        (Sets { setting, .. }, Action::Read) if !basic => {
            let value = *setting(modem.settings());
            modem.info(name, &[Number(value.into())]);
        }
        (Sets { range, .. }, Action::Test) if !basic => modem.raw_info(name, shown(range)),
        (Keeps(register, range), Action::Set(arguments)) => {
            modem.settings().registers[*register] = only_octet(arguments, range).ok_or(wrong)?;
        }
        (Keeps(register, _), Action::Read) => {
            let value = modem.settings().registers[*register];
            modem.text(&format!("{value:03}"));
        }
        (Keeps(_, range), Action::Test) => modem.text(&format!("S{}", shown(range))),
        (Tells(_, text), Action::Execute) => modem.text(&text(modem)),
        (Tells(_, text), Action::Set(_)) if basic => modem.text(&text(modem)),
        (Tells(test, _), Action::Test) if !basic => modem.values(name, test),
        (Registers(domain), Action::Set(arguments)) => {
            let mode = only_octet(arguments, &(0..=2)).ok_or(wrong)?;
            modem.settings().registration[*domain as usize] = mode;
        }
        (Registers(domain), Action::Read) => {
            modem.values(name, &general::registration(modem, *domain));
        }
        (Registers(_), Action::Test) => modem.values(name, "(0-2)"),
        (Has(forms), Action::Set(arguments)) => return (forms.set)(modem, arguments),
        (Has(forms), Action::Test) => modem.values(name, &(forms.test)(modem)),
        (Has(Forms { read: Some(read), .. }), Action::Read) => modem.values(name, &read(modem)),
        (Has(forms), _) => return Err((forms.wrong)(modem)),
        (Runs(test, _), Action::Test) if !test.is_empty() => modem.values(name, test),
        (Runs(..), Action::Read | Action::Test) if basic => return Err(wrong),
        (Runs(_, run), action) => return run(modem, action, now),
        (Accepts(_) | Sets { .. } | Keeps(..) | Tells(..) | Registers(_), _) => return Err(wrong),
    }
    Ok(Reply::Done)
}

/// What modems of the profile know, or lack.
fn of_the_profile(
    modem: &mut VirtualModem,
    command: &Command<'_>,
) -> Option<Result<Reply, Failure>> {
    let profile = modem.profile;
    let line = command.to_string();
    let is = |text: &str| line.get(2..).is_some_and(|line| line.eq_ignore_ascii_case(text));
    let lacks = |names: &[&str]| names.iter().any(|name| command.is(name));
    if is(profile.restart) {
        return Some(Ok(Reply::Restart));
    }
    if !profile.has_services && lacks(&["+CSMS"])
        || !profile.more_messages && lacks(&["+CMMS"])
        || profile.stores.is_empty() && lacks(&OF_A_STORE)
    {
        return Some(Err(sms::UNSUPPORTED));
    }
    let known = COMMANDS.iter().any(|(name, _)| command.is(name));
    if is(profile.pin_tries.command) && !known {
        let (tries, _) = modem.card.tries_left();
        let before = "0,".repeat(profile.pin_tries.index.into());
        modem.raw_info(command.name, format!("{before}{tries}"));
        return Some(Ok(Reply::Done));
    }
    None
}

/// The commands that need a store.
const OF_A_STORE: [&str; 6] = ["+CMGD", "+CMGL", "+CMGR", "+CMGW", "+CMSS", "+CPMS"];

/// `(0-2)`, `(3)`.
fn shown<T: PartialEq + std::fmt::Display>(range: &RangeInclusive<T>) -> String {
    match (range.start(), range.end()) {
        (start, end) if start == end => format!("({start})"),
        (start, end) => format!("({start}-{end})"),
    }
}

/// The value of a command that takes one; absent where there are more.
fn only(arguments: Arguments<'_>) -> Argument<'_> {
    if arguments.iter().count() > 1 { Argument::Absent } else { arguments.get(0) }
}

/// The number of a command that takes one, where the range has it.
fn only_octet(arguments: Arguments<'_>, range: &RangeInclusive<u8>) -> Option<u8> {
    u8::try_from(only(arguments).number()?).ok().filter(|number| range.contains(number))
}

/// The number that is given at a place, where the range has it.
fn octet(arguments: Arguments<'_>, at: usize, range: &RangeInclusive<u8>) -> Option<u8> {
    u8::try_from(arguments.get(at).number()?).ok().filter(|number| range.contains(number))
}

/// What was written, with or without quotation marks, digits or not.
fn word(argument: Argument<'_>) -> Option<String> {
    match argument {
        Argument::Absent => None,
        Number(number) => Some(number.to_string()),
        Argument::Quoted(text) | Argument::Bare(text) => String::from_utf8(text.to_vec()).ok(),
    }
}

/// What a form that a command of 3GPP TS 27.007 lacks is refused with.
const fn wrong(_: &VirtualModem) -> Failure {
    WRONG
}

impl VirtualModem {
    /// Answers with values, where there are any.
    fn values(&mut self, name: &str, values: &str) {
        if !values.is_empty() {
            self.raw_info(name, values);
        }
    }

    fn settings(&mut self) -> &mut Settings {
        &mut self.session.settings
    }
}
