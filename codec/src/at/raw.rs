//! Lines by their form: known, and their values not yet given a meaning.

use super::arguments::{Argument, decimal, split, trim};
use super::codes::{CmeError, CmsError, Failure};
use super::line::Line;
use super::values::{Domain, Pin, Registration, RegistrationState, Store, words};

/// What a line is, told by its words or by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants of `Line` say what they are")]
pub enum Kind {
    Ok,
    Error,
    CmsError,
    CmeError,
    Submitted,
    Full,
    MessageStored,
    ReportStored,
    Message,
    Report,
    Broadcast,
    Stored,
    Listed,
    Pin,
    Ussd,
    Signal,
    Registration(Domain),
    Boot,
    Service,
    PowerDown,
    /// The first line of two, badly received.
    Broken,
    /// Any other that begins with a name.
    Named,
    /// Any other.
    Other,
}

/// How lines are told, and which of their values must be numbers.
struct Form {
    /// Whole lines as they are, or a name with its colon; one a line.
    words: &'static str,
    kind: Kind,
    /// A bit for each value that must be a number, from 0 to 65535.
    numbers: u8,
    /// A bit for each of those that must be an octet.
    octets: u8,
}

const fn line(words: &'static str, kind: Kind) -> Form {
    Form { words, kind, numbers: 0, octets: 0 }
}

const fn numbers(words: &'static str, kind: Kind, octets: u8, numbers: u8) -> Form {
    Form { words, kind, numbers: numbers | octets, octets }
}

const FORMS: [Form; 24] = [
    line("OK", Kind::Ok),
    // Said in place of ERROR by Huawei sticks to an unknown command.
    line("ERROR\nCOMMAND NOT SUPPORT", Kind::Error),
    line("+CMS ERROR:", Kind::CmsError),
    line("+CME ERROR:", Kind::CmeError),
    numbers("+CMGS:", Kind::Submitted, 0b0001, 0),
    numbers("+CMTI:", Kind::MessageStored, 0, 0b0010),
    numbers("+CDSI:", Kind::ReportStored, 0, 0b0010),
    // The first value is a name from the phone book, mostly absent, and left out by some. A report has
    // none, but some leave its place.
    numbers("+CMT:", Kind::Message, 0, 0b0010),
    numbers("+CDS:", Kind::Report, 0, 0b0010),
    numbers("+CBM:", Kind::Broadcast, 0, 0b0001),
    numbers("+CMGR:", Kind::Stored, 0b0001, 0b0100),
    numbers("+CMGL:", Kind::Listed, 0b0010, 0b1001),
    numbers("+CREG:", Kind::Registration(Domain::Circuit), 0b0001, 0),
    numbers("+CGREG:", Kind::Registration(Domain::Packet), 0b0001, 0),
    numbers("+CEREG:", Kind::Registration(Domain::Evolved), 0b0001, 0),
    line("+CPIN:", Kind::Pin),
    numbers("+CSQ:", Kind::Signal, 0b0011, 0),
    numbers("+CUSD:", Kind::Ussd, 0b0001, 0),
    // modem-huawei-smmemfull
    line("^SMMEMFULL:", Kind::Full),
    // Nothing else of it is known than the full store: `+QIND: "smsfull","SM"`.
    line("+QIND:", Kind::Named),
    // By A76xx and SIM7x00 modems: the transcript modem-a7670-sms-full.
    line("+SMS FULL\nSMS FULL", Kind::Full),
    // ^SYSSTART is Siemens', MODEM:STARTUP Neoway's, RDY SIMCom's and Quectel's.
    line("RDY\nMODEM:STARTUP\n^SYSSTART", Kind::Boot),
    // Only once after a start.
    line("Call Ready\nSMS Ready\nSMS DONE\nPB DONE\n+PBREADY\n+CMS READY", Kind::Service),
    // SIMCom's list, with warnings left out.
    line(
        "POWER DOWN\nPOWERED DOWN\nNORMAL POWER DOWN\nUNDER-VOLTAGE POWER DOWN\n\
         OVER-VOLTAGE POWER DOWN\nOVER-TEMPERATURE POWER DOWN",
        Kind::PowerDown,
    ),
];

impl Form {
    #[inline(never)]
    fn of(words: &[u8]) -> Option<&'static Self> {
        FORMS.iter().find(|form| {
            let mut lines = form.words.as_bytes().split(|octet| *octet == b'\n');
            lines.any(|line| line == words)
        })
    }
}

/// A line, its values not yet given a meaning, which [`Line`] does.
///
/// An image that reads lines by this is smaller by what it does not ask for.
#[derive(Clone, Copy, Debug)]
pub struct RawLine<'a> {
    /// What it is.
    pub kind: Kind,
    /// The whole line, without blanks around it.
    pub text: &'a [u8],
    /// Its name with the prefix, where it begins with one and a colon: `+CSCA`.
    pub name: &'a [u8],
    /// What stands behind the colon.
    pub raw: &'a [u8],
    /// The store that it names.
    pub store: Option<Store>,
    values: Values<'a>,
}

impl<'a> RawLine<'a> {
    /// The line that `text` is, which has no CR or LF.
    #[inline(never)]
    pub fn read(text: &'a [u8]) -> Self {
        let text = trim(text);
        let colon = text.iter().position(|octet| *octet == b':');
        let name_len = colon.map_or(text.len(), |colon| colon.saturating_add(1));
        let (head, rest) = text.split_at_checked(name_len).unwrap_or((text, &[]));
        let raw = trim(rest);
        let values = Values::new(raw);
        let name = head.strip_suffix(b":").unwrap_or_default();
        let mut line = Self { kind: Kind::Other, text, name, raw, store: values.store(0), values };
        let Some(form) = Form::of(text).or_else(|| Form::of(head)) else {
            if is_name(name) {
                line.kind = Kind::Named;
            } else {
                line.name = &[];
            }
            return line;
        };
        line.kind = form.kind;
        let [_, second, ..] = values.raw;
        match form.kind {
            Kind::MessageStored if second == b"-1" => line.kind = Kind::Full,
            Kind::Named if line.value(0).text() == Some(b"smsfull") => {
                line.kind = Kind::Full;
                line.store = values.store(1);
            }
            _ if form.numbers & !values.numbers == 0 && form.octets & !values.octets == 0 => {}
            Kind::Message | Kind::Report if values.numbers & 0b11 != 0 => {}
            Kind::Message | Kind::Report | Kind::Broadcast | Kind::Stored | Kind::Listed => {
                line.kind = Kind::Broken;
            }
            _ => line.kind = Kind::Named,
        }
        line
    }

    /// Its first six values, where they are numbers up to 65535.
    pub const fn numbers(&self) -> [u16; 6] {
        self.values.number
    }

    /// The same as octets.
    pub fn octets(&self) -> [u8; 6] {
        self.values.number.map(|number| number as u8)
    }

    /// One of its first six values, counted from 0; absent past them.
    pub fn value(&self, index: usize) -> Argument<'a> {
        self.values.get(index)
    }

    /// Why a command is refused.
    #[inline(never)]
    pub fn failure(&self) -> Failure {
        let code = decimal(self.raw).and_then(|code| u16::try_from(code).ok());
        match (self.kind, code) {
            (Kind::CmsError, Some(code)) => Failure::Cms(CmsError(code)),
            (Kind::CmsError, None) => Failure::Cms(CmsError::from_words(self.raw)),
            (Kind::CmeError, Some(code)) => Failure::Cme(CmeError(code)),
            (Kind::CmeError, None) => Failure::Cme(CmeError::from_words(self.raw)),
            _ => Failure::Error,
        }
    }

    /// Of `+CMT:` and `+CDS:`, octets of the TPDU in the next line.
    pub const fn tpdu_len(&self) -> u16 {
        let [first, second, ..] = self.values.number;
        if self.values.numbers & 0b10 == 0 { first } else { second }
    }

    /// What stands behind the colon, without quotation marks around it; `None` for a list.
    pub fn words(&self) -> Option<&'a [u8]> {
        words(self.raw)
    }

    /// What the SIM waits for.
    pub fn pin(&self) -> Option<Pin<'a>> {
        Pin::read(self.raw)
    }

    /// Whether the modem is registered in the network of the line.
    ///
    /// Asked: `n,stat[,…]`. Unasked: `stat` or `stat,lac,ci[,…]`, where the area may lack its quotation
    /// marks but is no number as small as a state.
    pub fn registration(&self, domain: Domain) -> Registration {
        let [first, second, ..] = self.octets();
        let is_asked = self.values.len != 3 && matches!(self.value(1), Argument::Number(0..=10));
        let (mode, state) = if is_asked { (Some(first), second) } else { (None, first) };
        Registration { domain, mode, state: RegistrationState(state) }
    }

    /// The network's side of a USSD dialogue, [`Line::Ussd`].
    pub fn ussd(&self) -> Option<Line<'a>> {
        let [status, _, coding, ..] = self.octets();
        let text = match self.value(1) {
            Argument::Quoted(text) => Some(text),
            Argument::Absent => None,
            Argument::Number(_) | Argument::Bare(_) => return None,
        };
        let coding = match self.value(2) {
            Argument::Absent => None,
            _ if self.values.octets & 0b0100 == 0 => return None,
            _ => Some(coding),
        };
        Some(Line::Ussd { status, text, coding })
    }
}

/// The first six values of a line, and how many it has. No line has more that matter.
#[derive(Clone, Copy, Debug)]
struct Values<'a> {
    raw: [&'a [u8]; 6],
    /// What they are, where they are numbers.
    number: [u16; 6],
    /// A bit for each that is a number up to 65535, and for each that is an octet.
    numbers: u8,
    octets: u8,
    len: usize,
}

impl<'a> Values<'a> {
    fn get(&self, index: usize) -> Argument<'a> {
        self.raw.get(index).map_or(Argument::Absent, |raw| Argument::read(raw))
    }

    fn store(&self, index: usize) -> Option<Store> {
        Store::new(self.get(index).text()?)
    }

    fn new(raw: &'a [u8]) -> Self {
        let mut values = Self { raw: [&[]; 6], number: [0; 6], numbers: 0, octets: 0, len: 0 };
        let mut places = values.raw.iter_mut().zip(&mut values.number);
        let mut bit = 1;
        let mut rest = Some(raw);
        while let Some(raw) = rest {
            let (first, others) = split(raw);
            rest = others;
            values.len = values.len.saturating_add(1);
            let Some((raw, number)) = places.next() else { continue };
            *raw = first;
            if let Some(value) = Argument::read(first).number()
                && value <= u32::from(u16::MAX)
            {
                *number = value as u16;
                values.numbers |= bit;
                values.octets |= if value <= u32::from(u8::MAX) { bit } else { 0 };
            }
            bit <<= 1;
        }
        values
    }
}

fn is_name(name: &[u8]) -> bool {
    matches!(name, [b'+' | b'^' | b'*' | b'$' | b'#' | b'%' | b'!' | b'@', ..])
        && name.iter().all(|octet| matches!(octet, b' '..=b'~'))
}
