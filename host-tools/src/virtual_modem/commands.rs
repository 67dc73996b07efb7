//! The commands that the virtual modem knows.

mod sms;

use std::ops::RangeInclusive;

use septet::at::Argument::{self, Absent, Number, Quoted};
use septet::at::{
    Action, Arguments, CmeError, Command, Domain, Failure, Line, Pin, Registration,
    RegistrationState,
};

use super::identity::Identity;
use super::settings::Settings;
use super::{Session, State, VirtualModem};
use Does::{Accepts, Runs, Sets, Tells};

/// What a command comes to when it is not refused.
pub(super) enum Reply {
    /// It is done.
    Done,
    /// A PDU is to follow.
    Prompt { purpose: Purpose, tpdu_len: usize },
    /// The modem starts anew.
    Restart,
}

/// What a PDU after the prompt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `+CMGS`.
    Send,
    /// `+CNMA`.
    Acknowledge { positive: bool },
}

/// What a command does.
enum Does {
    /// Takes these numbers, and nothing comes of it.
    Accepts(RangeInclusive<u32>),
    /// Keeps a number; `wrong` is said to one that is not in the range.
    Sets { setting: fn(&mut Settings) -> &mut u8, range: RangeInclusive<u8>, wrong: Failure },
    /// Answers with lines.
    Tells(fn(&VirtualModem) -> String),
    /// Something of its own. `=?` is answered with `test`, or left to it where that is empty.
    Runs { test: &'static str, run: Run },
}

type Run = fn(&mut VirtualModem, Action<'_>) -> Result<Reply, Failure>;

/// A value that a command does not take, or a form that it does not have.
const WRONG: Failure = Failure::Cme(CmeError::INCORRECT_PARAMETERS);
const NOT_ALLOWED: Failure = Failure::Cme(CmeError::NOT_ALLOWED);
/// What modems say to a command that they do not know: `modem-sim800c-probe`.
const UNKNOWN: Failure = Failure::Cme(CmeError::UNKNOWN);

/// Every command.
static COMMANDS: &[(&str, Does)] = &[
    // V.250
    ("E", Sets { setting: |s| &mut s.echo, range: 0..=1, wrong: WRONG }),
    ("I", Tells(identification)),
    ("L", Accepts(0..=3)),
    ("M", Accepts(0..=2)),
    ("Q", Accepts(0..=0)),
    ("S0", Accepts(0..=255)),
    ("S3", Accepts(13..=13)),
    ("S4", Accepts(10..=10)),
    ("S5", Accepts(8..=8)),
    ("S7", Accepts(0..=255)),
    ("V", Accepts(1..=1)),
    ("X", Accepts(0..=4)),
    ("Z", Runs { test: "", run: reset }),
    ("&C", Accepts(0..=1)),
    ("&D", Accepts(0..=2)),
    ("&F", Runs { test: "", run: reset }),
    ("+GMI", Tells(manufacturer)),
    ("+GMM", Tells(model)),
    ("+GMR", Tells(revision)),
    ("+GSN", Tells(serial_number)),
    // 3GPP TS 27.007
    ("+CGMI", Tells(manufacturer)),
    ("+CGMM", Tells(model)),
    ("+CGMR", Tells(revision)),
    ("+CGSN", Tells(serial_number)),
    ("+CIMI", Tells(subscriber)),
    ("+CNUM", Runs { test: "", run: own_number }),
    ("+CMEE", Sets { setting: |s| &mut s.errors, range: 0..=2, wrong: WRONG }),
    ("+CFUN", Runs { test: "(1),(0-1)", run: functionality }),
    ("+CPIN", Runs { test: "", run: pin }),
    ("+CSQ", Runs { test: "(0-31,99),(0-7,99)", run: signal }),
    ("+CREG", Runs { test: "(0-2)", run: |m, a| registration(m, a, Domain::Circuit) }),
    ("+CGREG", Runs { test: "(0-2)", run: |m, a| registration(m, a, Domain::Packet) }),
    ("+CEREG", Runs { test: "(0-2)", run: |m, a| registration(m, a, Domain::Evolved) }),
    ("+COPS", Runs { test: "(2,\"Septet\",\"Septet\",\"00101\"),,(0,3),(0)", run: operator }),
    // 3GPP TS 27.005
    ("+CSMS", Runs { test: "(0,1)", run: sms::service }),
    ("+CPMS", Runs { test: "", run: sms::stores }),
    ("+CMGF", Sets { setting: |s| &mut s.format, range: 0..=0, wrong: sms::UNSUPPORTED }),
    ("+CSCA", Runs { test: "", run: sms::centre }),
    ("+CNMI", Runs { test: "(0-3),(0-2),(0,2),(0-2),(0,1)", run: sms::indications }),
    ("+CNMA", Runs { test: "(0-2)", run: sms::acknowledge }),
    ("+CMMS", Sets { setting: |s| &mut s.more_messages, range: 0..=2, wrong: sms::WRONG }),
    ("+CMGS", Runs { test: "", run: sms::send }),
    ("+CMGL", Runs { test: "(0-4)", run: sms::list }),
    ("+CMGR", Runs { test: "", run: sms::read }),
    ("+CMGD", Runs { test: "", run: sms::delete }),
];

/// Does what a command asks for.
pub(super) fn run(modem: &mut VirtualModem, command: &Command<'_>) -> Result<Reply, Failure> {
    let known = COMMANDS.iter().find(|(name, _)| command.is(name));
    let (name, does) = known.ok_or(UNKNOWN)?;
    let number = |arguments: Arguments<'_>| arguments.get(0).number();
    let basic = !name.starts_with('+');
    match (does, command.action) {
        (Accepts(_), Action::Execute) => {}
        (Accepts(range), Action::Set(arguments)) => {
            number(arguments).filter(|n| range.contains(n)).ok_or(WRONG)?;
        }
        // A basic command without a number has the number 0 (V.250, section 5.3.1).
        (Sets { setting, .. }, Action::Execute) if basic => *setting(modem.settings()) = 0,
        (Sets { setting, range, wrong }, Action::Set(arguments)) => {
            let value = number(arguments).and_then(|n| u8::try_from(n).ok());
            *setting(modem.settings()) = value.filter(|n| range.contains(n)).ok_or(*wrong)?;
        }
        (Sets { setting, .. }, Action::Read) => {
            let value = *setting(modem.settings());
            modem.info(name, &[Number(value.into())]);
        }
        (Sets { range, .. }, Action::Test) => {
            let range = match (range.start(), range.end()) {
                (start, end) if start == end => format!("({start})"),
                (start, end) => format!("({start}-{end})"),
            };
            modem.raw_info(name, &range);
        }
        (Tells(text), Action::Execute) => modem.text(&text(modem)),
        // `ATI3` and its like ask for one part of what is told; here they are given all of it.
        (Tells(text), Action::Set(_)) if basic => modem.text(&text(modem)),
        (Tells(_), Action::Test) => {}
        (Runs { test, .. }, Action::Test) if !test.is_empty() => modem.raw_info(name, test),
        (Runs { run, .. }, action) => return run(modem, action),
        (Accepts(_) | Sets { .. } | Tells(_), _) => return Err(WRONG),
    }
    Ok(Reply::Done)
}

fn manufacturer(modem: &VirtualModem) -> String {
    Identity::of(modem.profile).manufacturer.to_owned()
}

fn model(modem: &VirtualModem) -> String {
    Identity::of(modem.profile).name.to_owned()
}

fn revision(_: &VirtualModem) -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The IMEI that the standard uses as its example (3GPP TS 23.003).
fn serial_number(_: &VirtualModem) -> String {
    "490154203237518".to_owned()
}

/// The IMSI: the test network 001 01 and the end of the number.
fn subscriber(modem: &VirtualModem) -> String {
    let number = modem.network.number(modem.sim);
    let digits: Vec<char> = format!("{number:0>10}").chars().collect();
    format!("00101{}", digits[digits.len() - 10..].iter().collect::<String>())
}

fn identification(modem: &VirtualModem) -> String {
    [manufacturer(modem), model(modem), revision(modem)].join("\n")
}

/// `Z`, `&F`: what was set is lost; what is stored, stays.
fn reset(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Execute | Action::Set(_) => {
            modem.session.settings = Session::new(modem.profile, State::Command).settings;
            Ok(Reply::Done)
        }
        Action::Read | Action::Test => Err(WRONG),
    }
}

fn own_number(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Execute => {
            let number = format!("+{}", modem.network.number(modem.sim));
            modem.info("+CNUM", &[Absent, Quoted(number.as_bytes()), Number(145)]);
            Ok(Reply::Done)
        }
        Action::Test => Ok(Reply::Done),
        Action::Set(_) | Action::Read => Err(WRONG),
    }
}

/// `+CFUN` (27.007, section 8.2): the modem is always on; `1,1` starts it anew.
fn functionality(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => match (arguments.get(0).number(), arguments.get(1).number()) {
            (Some(1), None | Some(0)) => Ok(Reply::Done),
            (Some(1), Some(1)) => Ok(Reply::Restart),
            _ => Err(NOT_ALLOWED),
        },
        Action::Read => {
            modem.info("+CFUN", &[Number(1)]);
            Ok(Reply::Done)
        }
        Action::Execute | Action::Test => Err(WRONG),
    }
}

/// `+CPIN` (27.007, section 8.3): the SIM asks for none.
fn pin(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Read => modem.say(&Line::Pin(Pin::Ready)),
        Action::Test => {}
        Action::Set(_) => return Err(NOT_ALLOWED),
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CSQ` (27.007, section 8.5): the signal is good.
fn signal(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Execute => {
            modem.say(&Line::Signal { rssi: 23, ber: 0 });
            Ok(Reply::Done)
        }
        Action::Set(_) | Action::Read | Action::Test => Err(WRONG),
    }
}

/// `+CREG`, `+CGREG`, `+CEREG` (27.007, sections 7.2, 10.1.20 and 10.1.22): always at home.
fn registration(
    modem: &mut VirtualModem,
    action: Action<'_>,
    domain: Domain,
) -> Result<Reply, Failure> {
    let mode = &mut modem.session.settings.registration[domain as usize];
    match action {
        Action::Set(arguments) => {
            let value = arguments.get(0).number().filter(|mode| *mode <= 2).ok_or(WRONG)?;
            *mode = value as u8;
        }
        Action::Read => {
            let (mode, state) = (Some(*mode), RegistrationState::HOME);
            modem.say(&Line::Registration(Registration { domain, mode, state }));
        }
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+COPS` (27.007, section 7.3): there is one network, and it is chosen automatically.
fn operator(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            // 0 chooses automatically, 3 sets the format of the name only.
            arguments.get(0).number().filter(|mode| matches!(mode, 0 | 3)).ok_or(NOT_ALLOWED)?;
        }
        Action::Read => modem.info("+COPS", &[Number(0), Number(0), Quoted(b"Septet")]),
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

impl VirtualModem {
    fn settings(&mut self) -> &mut Settings {
        &mut self.session.settings
    }

    fn info(&mut self, name: &str, arguments: &[Argument<'_>]) {
        self.say(&Line::Info { name, arguments: Arguments::List(arguments) });
    }

    /// A line with values that are no list of plain ones, as in an answer to `=?`.
    fn raw_info(&mut self, name: &str, values: &str) {
        self.say(&Line::Info { name, arguments: Arguments::Wire(values.as_bytes()) });
    }

    fn text(&mut self, lines: &str) {
        for line in lines.lines() {
            self.say(&Line::Other(line.as_bytes()));
        }
    }
}
