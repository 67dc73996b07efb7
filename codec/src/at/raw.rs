//! Lines by their form: known, and their values not yet given a meaning.

use super::arguments::{Argument, decimal, raw_values, trim, unquoted};
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

/// What a line is, and which of its values must be numbers.
struct Form {
    /// How many of [`WORDS`] are its own.
    len: u8,
    kind: Kind,
    /// A bit for each value that must be a number, from 0 to 65535.
    numbers: u8,
    /// A bit for each of those that must be an octet.
    octets: u8,
}

const fn form(words: &str, kind: Kind, octets: u8, numbers: u8) -> Form {
    Form { len: words.len() as u8, kind, numbers: numbers | octets, octets }
}

/// Makes the two tables of forms: the words, which take less room in one string, and what they tell: a
/// kind, a bit for each value that must be an octet, and one for each other that must be a number.
macro_rules! forms {
    ($($($words:literal),* => $kind:expr, $octets:literal, $numbers:literal;)*) => {
        /// Whole lines as they are, or names with their colons, one behind the other.
        const WORDS: &str = concat!($($($words),*),*);

        /// In the same order.
        const FORMS: &[Form] = &[$($(form($words, $kind, $octets, $numbers),)*)*];
    };
}

forms! {
    "OK" => Kind::Ok, 0, 0;
    // Said in place of ERROR by Huawei sticks to an unknown command.
    "ERROR", "COMMAND NOT SUPPORT" => Kind::Error, 0, 0;
    "+CMS ERROR:" => Kind::CmsError, 0, 0;
    "+CME ERROR:" => Kind::CmeError, 0, 0;
    "+CMGS:" => Kind::Submitted, 0b0001, 0;
    "+CMTI:" => Kind::MessageStored, 0, 0b0010;
    "+CDSI:" => Kind::ReportStored, 0, 0b0010;
    // The first value is a name from the phone book, mostly absent, and left out by some. A report has
    // none, but some leave its place.
    "+CMT:" => Kind::Message, 0, 0b0010;
    "+CDS:" => Kind::Report, 0, 0b0010;
    "+CBM:" => Kind::Broadcast, 0, 0b0001;
    "+CMGR:" => Kind::Stored, 0b0001, 0b0100;
    "+CMGL:" => Kind::Listed, 0b0010, 0b1001;
    "+CREG:" => Kind::Registration(Domain::Circuit), 0b0001, 0;
    "+CGREG:" => Kind::Registration(Domain::Packet), 0b0001, 0;
    "+CEREG:" => Kind::Registration(Domain::Evolved), 0b0001, 0;
    "+CPIN:" => Kind::Pin, 0, 0;
    "+CSQ:" => Kind::Signal, 0b0011, 0;
    "+CUSD:" => Kind::Ussd, 0b0001, 0;
    // modem-huawei-smmemfull
    "^SMMEMFULL:" => Kind::Full, 0, 0;
    // Nothing else of it is known than the full store: `+QIND: "smsfull","SM"`.
    "+QIND:" => Kind::Named, 0, 0;
    // By A76xx and SIM7x00 modems: the transcript modem-a7670-sms-full.
    "+SMS FULL", "SMS FULL" => Kind::Full, 0, 0;
    // ^SYSSTART is Siemens', MODEM:STARTUP Neoway's, RDY SIMCom's and Quectel's.
    "RDY", "MODEM:STARTUP", "^SYSSTART" => Kind::Boot, 0, 0;
    // Only once after a start.
    "Call Ready", "SMS Ready", "SMS DONE", "PB DONE", "+PBREADY", "+CMS READY" => Kind::Service, 0, 0;
    // SIMCom's list, with warnings left out.
    "POWER DOWN", "POWERED DOWN", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN",
    "OVER-VOLTAGE POWER DOWN", "OVER-TEMPERATURE POWER DOWN" => Kind::PowerDown, 0, 0;
}

impl Form {
    /// The form that has the whole line, or else its name.
    fn of(line: &[u8], name: &[u8]) -> Option<&'static Self> {
        let mut rest = WORDS.as_bytes();
        FORMS.iter().find(|form| {
            let (words, others) = rest.split_at_checked(form.len.into()).unwrap_or_default();
            rest = others;
            words == line || words == name
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
    values: Values,
}

impl<'a> RawLine<'a> {
    /// The line that `text` is, which has no CR or LF.
    pub fn read(text: &'a [u8]) -> Self {
        let text = trim(text);
        let colon = text.iter().position(|octet| *octet == b':');
        let name_len = colon.map_or(text.len(), |colon| colon.saturating_add(1));
        let (head, rest) = text.split_at_checked(name_len).unwrap_or((text, &[]));
        let raw = trim(rest);
        let values = Values::new(raw);
        let name = head.strip_suffix(b":").unwrap_or_default();
        let mut line = Self { kind: Kind::Other, text, name, raw, store: None, values };
        line.store = line.store(0);
        let Some(form) = Form::of(text, head) else {
            if is_name(name) {
                line.kind = Kind::Named;
            } else {
                line.name = &[];
            }
            return line;
        };
        line.kind = form.kind;
        match form.kind {
            Kind::MessageStored if line.raw_value(1) == b"-1" => line.kind = Kind::Full,
            Kind::Named if raw.starts_with(b"\"smsfull\"") => {
                line.kind = Kind::Full;
                line.store = line.store(1);
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

    /// One of its values, counted from 0; absent past them.
    pub fn value(&self, index: usize) -> Argument<'a> {
        Argument::read(self.raw_value(index))
    }

    /// The number that one of its values is, as [`value`](Self::value) counts them.
    pub fn number(&self, index: usize) -> Option<u32> {
        decimal(unquoted(self.raw_value(index)))
    }

    #[inline(never)]
    fn raw_value(&self, index: usize) -> &'a [u8] {
        raw_values(self.raw).nth(index).unwrap_or_default()
    }

    fn store(&self, index: usize) -> Option<Store> {
        Store::new(unquoted(self.raw_value(index)))
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
        let [first, second, ..] = self.values.number;
        let is_asked = self.values.len != 3 && matches!(self.raw_value(1), [b'0'..=b'9'] | b"10");
        let (mode, state) = if is_asked { (Some(first as u8), second) } else { (None, first) };
        Registration { domain, mode, state: RegistrationState(state as u8) }
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

/// What numbers the first six values of a line are, and how many values it has. No line has more that
/// matter.
#[derive(Clone, Copy, Debug)]
struct Values {
    number: [u16; 6],
    /// A bit for each that is a number up to 65535, and for each that is an octet.
    numbers: u8,
    octets: u8,
    len: u8,
}

impl Values {
    #[inline(never)]
    fn new(raw: &[u8]) -> Self {
        let mut values = Self { number: [0; 6], numbers: 0, octets: 0, len: 0 };
        let mut places = values.number.iter_mut();
        let mut bit = 1;
        for value in raw_values(raw) {
            values.len = values.len.saturating_add(1);
            if let Some(place) = places.next()
                && let Some(number) = decimal(unquoted(value))
                && number <= u32::from(u16::MAX)
            {
                *place = number as u16;
                values.numbers |= bit;
                values.octets |= if number <= u32::from(u8::MAX) { bit } else { 0 };
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
