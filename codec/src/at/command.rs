//! Commands: what the terminal writes.

use core::fmt;

use nom::Input as _;
use nom::bytes::complete::take_while;

use super::CR;
use super::arguments::{Argument, Arguments};
use crate::error::{Error, ErrorKind};
use crate::wire::{Input, Parsed, Reader, Rejected, Wire, Writer};

/// One command, as `AT+CMGS=18` is.
///
/// As a [`Wire`] form it is a whole command line with one command in it. A modem reads command lines
/// with [`commands`], since a terminal may put several into one.
///
/// ITU-T V.250, section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Command<'a> {
    /// The name with its prefix and without `AT`: `+CMGS`, `^RSSI`, `E`, `&F`, `S3`.
    ///
    /// Empty for the bare `AT`. Letters are as received; [`is`](Self::is) takes either case.
    pub name: &'a str,
    /// What is asked of it.
    pub action: Action<'a>,
}

/// What a command asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Action<'a> {
    /// `AT+CNMA`, `ATZ`: do it.
    Execute,
    /// `AT+CMGF=0`, `ATE0`: do it with these values.
    Set(Arguments<'a>),
    /// `AT+CMGF?`: tell the present values.
    Read,
    /// `AT+CMGF=?`: tell the possible values.
    Test,
}

impl<'a> Command<'a> {
    /// The bare `AT`, which asks whether anybody is there.
    pub const ATTENTION: Self = Self::execute("");

    /// `AT` + name.
    pub const fn execute(name: &'a str) -> Self {
        Self { name, action: Action::Execute }
    }

    /// `AT` + name + `=` + values; without `=` for a basic command.
    pub const fn set(name: &'a str, arguments: &'a [Argument<'a>]) -> Self {
        Self { name, action: Action::Set(Arguments::List(arguments)) }
    }

    /// `AT` + name + `?`.
    pub const fn read(name: &'a str) -> Self {
        Self { name, action: Action::Read }
    }

    /// `AT` + name + `=?`.
    pub const fn test(name: &'a str) -> Self {
        Self { name, action: Action::Test }
    }

    /// Whether the name is `name`, in capital or small letters.
    pub const fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl<'a> Wire<'a> for Command<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let line = reader.parse(line)?;
        let end = reader.at();
        reader.octets(1, "command line")?;
        let mut commands = body(line).map_err(|error| reader.fail(error))?;
        let command = commands.next().unwrap_or(Ok(Self::ATTENTION));
        let command = command.map_err(|error| reader.fail(error))?;
        if commands.rest.is_some() {
            return Err(reader.fail(ErrorKind::Trailing.at("command", end)));
        }
        Ok(command)
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.text("AT")?;
        w.text(self.name)?;
        match self.action {
            Action::Execute => {}
            Action::Set(arguments) => {
                if !is_basic(self.name) {
                    w.octet(b'=')?;
                }
                arguments.emit(w)?;
            }
            Action::Read => w.octet(b'?')?,
            Action::Test => w.text("=?")?,
        }
        w.octet(CR)
    }
}

/// The commands of a command line, which ends at its CR if it has one.
///
/// `AT` alone has none of them. Blanks outside strings are passed over.
///
/// # Errors
/// [`ErrorKind::Value`] in `AT` when the line does not begin with it.
pub fn commands(octets: &[u8]) -> Result<Commands<'_>, Error> {
    match line(Input::strict(octets)) {
        Ok((_, line)) => body(line),
        Err(_) => Err(ErrorKind::Value.at("AT", 0)),
    }
}

/// What stands before the CR; an LF in its place is let pass.
fn line(input: Input<'_>) -> Parsed<'_, Input<'_>> {
    take_while(|octet| !matches!(octet, CR | b'\n'))(input)
}

fn body(line: Input<'_>) -> Result<Commands<'_>, Error> {
    let start = line.octets().iter().take_while(|octet| **octet == b' ').count();
    let line = line.take_from(start);
    match line.octets() {
        [b'A' | b'a', b'T' | b't', ..] => Ok(Commands { rest: skip_blanks(line.take_from(2)) }),
        _ => Err(ErrorKind::Value.at("AT", line.at())),
    }
}

/// The commands of one command line; see [`commands`].
///
/// What cannot be read is an error, and the last item: the modem answers `ERROR` to the line.
#[derive(Clone, Debug)]
pub struct Commands<'a> {
    rest: Option<Input<'a>>,
}

impl<'a> Iterator for Commands<'a> {
    type Item = Result<Command<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match command(self.rest.take()?) {
            Ok((rest, command)) => {
                self.rest = skip_blanks(rest);
                Some(Ok(command))
            }
            Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Some(Err(error)),
            Err(nom::Err::Incomplete(_)) => None,
        }
    }
}

/// The input behind blanks and semicolons, or nothing when that is all.
fn skip_blanks(input: Input<'_>) -> Option<Input<'_>> {
    let blank = |octet: &&u8| matches!(**octet, b' ' | b';');
    let rest = input.take_from(input.octets().iter().take_while(blank).count());
    (!rest.is_empty()).then_some(rest)
}

/// A command without the `AT`.
fn command<'a>(input: Input<'a>) -> Parsed<'a, Command<'a>> {
    let (rest, name) = name(input)?;
    let action = |action, len| (rest.take_from(len), Command { name, action });
    let basic = is_basic(name);
    Ok(match rest.octets().trim_ascii_start() {
        // The next command may stand right behind the digits of a register: `ATS7=45S0=0E1`.
        [b'=', tail @ ..]
            if is_register(name) && tail.trim_ascii_start().first() != Some(&b'?') =>
        {
            let (blanks, digits) = digits(tail);
            let values = tail.get(blanks..).and_then(|tail| tail.get(..digits)).unwrap_or_default();
            let used = rest.len().saturating_sub(tail.len()).saturating_add(blanks + digits);
            action(Action::Set(Arguments::Wire(values)), used)
        }
        [b'=', tail @ ..] if !basic => {
            let len = arguments_len(tail);
            let values = tail.get(..len).unwrap_or_default().trim_ascii();
            let used = rest.len().saturating_sub(tail.len()).saturating_add(len);
            match values {
                b"?" => action(Action::Test, used),
                _ => action(Action::Set(Arguments::Wire(values)), used),
            }
        }
        [b'?', tail @ ..] => action(Action::Read, rest.len().saturating_sub(tail.len())),
        // A dial string takes the rest of the line.
        tail if name.eq_ignore_ascii_case("D") => {
            let values = tail.trim_ascii();
            action(Action::Set(Arguments::Wire(values)), rest.len())
        }
        tail if basic => {
            let digits = tail.iter().take_while(|octet| octet.is_ascii_digit()).count();
            let values = tail.get(..digits).unwrap_or_default();
            let used = rest.len().saturating_sub(tail.len()).saturating_add(digits);
            if digits == 0 {
                action(Action::Execute, 0)
            } else {
                action(Action::Set(Arguments::Wire(values)), used)
            }
        }
        [] | [b';', ..] => action(Action::Execute, 0),
        _ => return Err(rest.error(ErrorKind::Value, "command")),
    })
}

/// The name in front: `+CMGS`, `E`, `&F`, `S3`.
fn name(input: Input<'_>) -> Parsed<'_, &str> {
    let len = match input.octets() {
        [b'+' | b'^' | b'*' | b'$' | b'#' | b'%' | b'!' | b'@', tail @ ..] => {
            let len = tail.iter().take_while(|octet| is_name(**octet)).count();
            if len == 0 { 0 } else { len.saturating_add(1) }
        }
        [b'&' | b'\\', letter, ..] if letter.is_ascii_alphabetic() => 2,
        [b'S' | b's', tail @ ..] => {
            tail.iter().take_while(|octet| octet.is_ascii_digit()).count().saturating_add(1)
        }
        [letter, ..] if letter.is_ascii_alphabetic() => 1,
        _ => 0,
    };
    let (rest, name) = input.take_split(len);
    match core::str::from_utf8(name.octets()) {
        Ok(name) if !name.is_empty() => Ok((rest, name)),
        _ => Err(input.error(ErrorKind::Value, "command")),
    }
}

/// Whether `octet` may stand in the name of an extended command (V.250, section 5.4.1).
const fn is_name(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'!' | b'%' | b'-' | b'.' | b'/' | b':' | b'_')
}

/// How many blanks `tail` begins with, and how many digits follow them.
fn digits(tail: &[u8]) -> (usize, usize) {
    let blanks = tail.iter().take_while(|octet| **octet == b' ').count();
    let digits = tail.iter().skip(blanks).take_while(|octet| octet.is_ascii_digit()).count();
    (blanks, digits)
}

/// Whether `name` is that of an S-parameter (V.250, section 5.3.2).
const fn is_register(name: &str) -> bool {
    matches!(name.as_bytes(), [b'S' | b's', ..])
}

/// Whether a value follows `name` without `=`, as in `ATE0` (V.250, section 5.3.1).
fn is_basic(name: &str) -> bool {
    match name.as_bytes() {
        // A register takes its value behind `=`: `ATS3=13`.
        _ if is_register(name) => false,
        [first, ..] => first.is_ascii_alphabetic() || matches!(first, b'&' | b'\\'),
        [] => true,
    }
}

/// How many octets there are before the semicolon that ends the values.
fn arguments_len(raw: &[u8]) -> usize {
    let mut quoted = false;
    raw.iter()
        .position(|octet| {
            quoted ^= *octet == b'"';
            *octet == b';' && !quoted
        })
        .unwrap_or(raw.len())
}

/// `AT+CMGS=18`.
impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equals = if is_basic(self.name) { "" } else { "=" };
        match self.action {
            Action::Execute => write!(f, "AT{}", self.name),
            Action::Set(arguments) => write!(f, "AT{}{equals}{arguments}", self.name),
            Action::Read => write!(f, "AT{}?", self.name),
            Action::Test => write!(f, "AT{}=?", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Argument::{Number, Quoted};

    extern crate std;
    use std::vec::Vec;

    fn read(line: &str) -> Vec<Command<'_>> {
        commands(line.as_bytes()).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_kind_of_command_is_read_and_written() {
        let destination = &[Quoted(b"0000")];
        for (line, command) in [
            ("AT\r", Command::ATTENTION),
            ("ATE0\r", Command::set("E", &[Number(0)])),
            ("ATZ\r", Command::execute("Z")),
            ("AT&F\r", Command::execute("&F")),
            ("ATS3=13\r", Command::set("S3", &[Number(13)])),
            ("ATS3?\r", Command::read("S3")),
            ("AT+CMGS=18\r", Command::set("+CMGS", &[Number(18)])),
            ("AT+CREG?\r", Command::read("+CREG")),
            ("AT+CPMS=?\r", Command::test("+CPMS")),
            ("AT+CNMA\r", Command::execute("+CNMA")),
            ("AT+CPIN=\"0000\"\r", Command::set("+CPIN", destination)),
            ("AT^CURC=0\r", Command::set("^CURC", &[Number(0)])),
        ] {
            assert_eq!(Command::from_bytes(line.as_bytes()), Ok(command), "{line}");
            let mut buffer = [0; 32];
            assert_eq!(command.to_slice(&mut buffer), Ok(line.as_bytes()));
        }
    }

    #[test]
    fn what_follows_the_digits_of_a_register_is_the_next_command() {
        let [hangup, answer, class] = [45, 0, 1].map(|n| [Number(n)]);
        // As Device::Modem begins.
        assert_eq!(
            read("AT S7=45 S0=0 L1 &c1 S3? S4=?\r"),
            [
                Command::set("S7", &hangup),
                Command::set("S0", &answer),
                Command::set("L", &class),
                Command::set("&c", &class),
                Command::read("S3"),
                Command::test("S4"),
            ]
        );
    }

    #[test]
    fn several_commands_in_a_line_come_one_by_one() {
        assert_eq!(
            read("ATE0V1+CMEE=1;+CMGF=0"),
            [
                Command::set("E", &[Number(0)]),
                Command::set("V", &[Number(1)]),
                Command::set("+CMEE", &[Number(1)]),
                Command::set("+CMGF", &[Number(0)]),
            ]
        );
        assert_eq!(
            read("at+cusd=1,\"*1;2#\";+csq; +creg?"),
            [
                Command { name: "+cusd", action: Action::Set(Arguments::Wire(b"1,\"*1;2#\"")) },
                Command::execute("+csq"),
                Command::read("+creg"),
            ]
        );
        assert!(read("at+cmgf=0").first().is_some_and(|command| command.is("+CMGF")));
        assert!(read("AT").is_empty());
    }

    #[test]
    fn what_is_no_command_line_is_refused() {
        let refused = |line: &'static str| match commands(line.as_bytes()) {
            Ok(mut commands) => commands.find_map(Result::err),
            Err(error) => Some(error),
        };
        assert_eq!(refused("0011000B91"), Some(ErrorKind::Value.at("AT", 0)));
        assert_eq!(refused("AT=1"), Some(ErrorKind::Value.at("command", 2)));
        assert_eq!(refused("AT+CMGF 0"), Some(ErrorKind::Value.at("command", 7)));
    }
}
