//! A message or report that was received, in the words of a log.

use std::fmt;

use septet::pdu::{Pdu, hex};
use septet::tpdu::codes::TypeOfNumber;
use septet::tpdu::{Address, Deliver, Mt, StatusReport};

use super::words::{Word, quoted};

/// What is said of a message or a report; nothing is said of what is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Which of the two.
    kind: Option<MessageKind>,
    details: Vec<(&'static str, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MessageKind {
    Deliver,
    Report,
}

/// The details of a message, in the order in which they are written.
const DELIVER: [&str; 6] = ["from", "text", "data", "part", "time", "smsc"];

/// The details of a report.
const REPORT: [&str; 5] = ["mr", "status", "to", "time", "smsc"];

impl Received {
    /// What the words behind `received` say.
    ///
    /// # Errors
    /// The octet of the line, and what is wrong there.
    pub fn parse(mut words: &[Word]) -> Result<Self, (usize, String)> {
        let kind = match words.first().map(|word| word.text.as_str()) {
            Some("deliver") => Some(MessageKind::Deliver),
            Some("report") => Some(MessageKind::Report),
            _ => None,
        };
        if kind.is_some() {
            words.split_off_first();
        }
        let mut details = Vec::new();
        for word in words {
            details.push(detail(kind, word).map_err(|what| (word.at, what))?);
        }
        Ok(Self { kind, details })
    }

    /// All that the codec reads in a PDU; nothing where it can read nothing.
    pub fn of(pdu: &Pdu) -> Self {
        let Ok(((smsc, tpdu), _)) = pdu.read_tolerant::<Mt<'_>>() else { return Self::default() };
        let smsc = smsc.map(|address| ("smsc", number(&address)));
        let (kind, mut details) = match &tpdu {
            Mt::Deliver(deliver) => (MessageKind::Deliver, of_deliver(deliver)),
            Mt::StatusReport(report) => (MessageKind::Report, of_report(report)),
            Mt::SubmitReport(_) => return Self::default(),
        };
        details.extend(smsc);
        Self { kind: Some(kind), details }
    }

    /// Whether `seen` has each detail that this has.
    pub fn admits(&self, seen: &Self) -> bool {
        self.kind.is_none_or(|kind| seen.kind == Some(kind))
            && self.details.iter().all(|detail| seen.details.contains(detail))
    }
}

fn detail(kind: Option<MessageKind>, word: &Word) -> Result<(&'static str, String), String> {
    let names: &[&str] = match kind {
        Some(MessageKind::Deliver) => &DELIVER,
        Some(MessageKind::Report) => &REPORT,
        None => &[DELIVER.as_slice(), &REPORT].concat(),
    };
    let split = word.text.split_once('=');
    let known = |name: &str| names.iter().copied().find(|known| *known == name);
    let Some((name, value)) = split.and_then(|(name, value)| Some((known(name)?, value))) else {
        let names = names.join("=, ");
        return Err(format!(
            "{:?} is no detail of what is received; there are: {names}=",
            word.text
        ));
    };
    let octet = |digits: Option<&str>| {
        let octet = digits.map_or(value.parse(), |digits| u8::from_str_radix(digits, 16));
        octet.map_err(|_| format!("{value:?} is no octet; write a number to 255 or 0xHH"))
    };
    let value = match name {
        "mr" => octet(value.strip_prefix("0x"))?.to_string(),
        "status" => format!("0x{:02x}", octet(value.strip_prefix("0x"))?),
        "data" => value.to_ascii_uppercase(),
        _ => value.to_owned(),
    };
    Ok((name, value))
}

fn of_deliver(deliver: &Deliver<'_>) -> Vec<(&'static str, String)> {
    let content = match deliver.text() {
        Some(text) => ("text", text.collect()),
        None => ("data", hex(deliver.user_data.body()).map(char::from).collect()),
    };
    let mut details = vec![("from", number(&deliver.originator)), content];
    let header = deliver.user_data.header();
    if let Some(part) = header.and_then(|header| header.concatenation()) {
        details.push(("part", format!("{}/{}", part.number, part.total)));
    }
    details.push(("time", deliver.service_centre_time.to_string()));
    details
}

fn of_report(report: &StatusReport<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("mr", report.message_reference.to_string()),
        ("status", format!("0x{:02x}", report.status.0)),
        ("to", number(&report.recipient)),
        ("time", report.discharge_time.to_string()),
    ]
}

/// The number, with a `+` where it is international; or the name.
fn number(address: &Address) -> String {
    let plus = address.type_of_number() == TypeOfNumber::INTERNATIONAL;
    plus.then_some('+').into_iter().chain(address.chars()).collect()
}

/// As it stands in a log.
impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            None => "received",
            Some(MessageKind::Deliver) => "received deliver",
            Some(MessageKind::Report) => "received report",
        })?;
        for (name, value) in &self.details {
            let plain = |c: char| c.is_ascii_alphanumeric() || "+*#/".contains(c);
            if *name != "text" && value.chars().all(plain) {
                write!(f, " {name}={value}")?;
            } else {
                write!(f, " {name}={}", quoted(value))?;
            }
        }
        Ok(())
    }
}
