//! Lines: what the modem writes.

use core::fmt;

use nom::bytes::complete::take_while;

use super::arguments::{Argument, Arguments};
use super::codes::Failure;
use super::printed;
use super::raw::{Kind, RawLine};
use super::values::{MessageStatus, Pin, Registration, Store};
use crate::error::{Error, ErrorKind};
use crate::text::hex_digit;
use crate::wire::{Reader, Rejected, Wire, Writer};

/// One line that a modem writes.
///
/// [`read`](Self::read) takes any octets: what is not known is [`Info`](Self::Info) or
/// [`Other`](Self::Other). The [`Wire`] form has the frame of `ATV1`: CR LF before and after, but
/// only after a [`Pdu`](Self::Pdu), since that continues the line above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Line<'a> {
    /// `OK`: the command is done.
    Ok,
    /// `ERROR`, `+CMS ERROR: …` or `+CME ERROR: …`: the command is refused.
    Failed(Failure),
    /// `+CMGS: 17`: the service centre took the message (3GPP TS 27.005, section 4.3).
    Submitted {
        /// TP-MR of the message, 0..=255.
        reference: u8,
        /// Hexadecimal digits of the SMS-SUBMIT-REPORT, which phase 2+ service adds.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::some_octets"))]
        report: Option<&'a [u8]>,
    },
    /// `+CMTI: "SM",3`: a message came and is stored (section 3.4.1).
    MessageStored {
        /// Where.
        store: Store,
        /// In which slot.
        index: u16,
    },
    /// `+CDSI: "SR",8`: a status report came and is stored (section 3.4.1).
    ReportStored {
        /// Where.
        store: Store,
        /// In which slot.
        index: u16,
    },
    /// `+CMT: ,23`: a message comes in the next line (section 3.4.1).
    Message {
        /// Octets of its TPDU.
        tpdu_len: u16,
    },
    /// `+CDS: 25`: a status report comes in the next line (section 3.4.1).
    Report {
        /// Octets of its TPDU.
        tpdu_len: u16,
    },
    /// `+CBM: 88`: a cell-broadcast page comes in the next line (section 3.4.1).
    Broadcast {
        /// Octets of the page.
        len: u16,
    },
    /// `+CMGR: 0,,29`: the message asked for comes in the next line (section 4.2).
    Stored {
        /// Whether it was read or sent before.
        status: MessageStatus,
        /// Octets of its TPDU.
        tpdu_len: u16,
    },
    /// `+CMGL: 0,0,,23`: a stored message comes in the next line (section 4.1).
    Listed {
        /// Its slot.
        index: u16,
        /// Whether it was read or sent before.
        status: MessageStatus,
        /// Octets of its TPDU.
        tpdu_len: u16,
    },
    /// `+CREG: …`, `+CGREG: …`, `+CEREG: …` (3GPP TS 27.007, sections 7.2, 10.1.20, 10.1.22).
    Registration(Registration),
    /// `+CPIN: READY` (3GPP TS 27.007, section 8.3).
    Pin(Pin<'a>),
    /// `+CSQ: 9,99` (3GPP TS 27.007, section 8.5).
    Signal {
        /// 0..=31 in steps of 2 dB from −113 dBm; 99 is unknown.
        rssi: u8,
        /// Bit error rate as RXQUAL, 0..=7; 99 is unknown.
        ber: u8,
    },
    /// `+CUSD: 0,"Balance: 7",15`: the network's side of a USSD dialogue (3GPP TS 27.007, section
    /// 7.15).
    Ussd {
        /// What becomes of the dialogue: 0 nothing more is expected, 1 an answer is, 2 the network
        /// ended it, 3 another client answered, 4 it is not supported, 5 it timed out.
        status: u8,
        /// The string as it came: text, or the hexadecimal digits of octets.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::some_octets"))]
        text: Option<&'a [u8]>,
        /// How it is coded: a cell-broadcast data coding scheme (3GPP TS 23.038, section 5).
        coding: Option<u8>,
    },
    /// A store has no room, and messages wait in the service centre: `+SMS FULL`,
    /// `^SMMEMFULL: "SM"`, `+QIND: "smsfull","SM"`, `+CMTI: "SM",-1`.
    Full {
        /// Which one, where the line says.
        store: Option<Store>,
    },
    /// The modem has just started: `RDY`, `MODEM:STARTUP`, `^SYSSTART`. The text as it came.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Boot(&'a [u8]),
    /// A part of the modem is ready: `Call Ready`, `SMS Ready`, `SMS DONE`, `PB DONE`, `+PBREADY`.
    /// The text as it came.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Service(&'a [u8]),
    /// The modem goes off: `NORMAL POWER DOWN`, `UNDER-VOLTAGE POWER DOWN`. The text as it came.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    PowerDown(&'a [u8]),
    /// Any other line with a name: `+CSCA: "+15550100427",145`, `^RSSI:13`.
    Info {
        /// The name with its prefix: `+CSCA`.
        name: &'a str,
        /// What stands behind the colon.
        arguments: Arguments<'a>,
    },
    /// Hexadecimal digits in pairs, and nothing else.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Pdu(&'a [u8]),
    /// Anything else, without blanks around it: an echo, a maker's name, noise.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    Other(&'a [u8]),
}

impl<'a> Line<'a> {
    /// The line that `text` is, which has no CR or LF.
    pub fn read(text: &'a [u8]) -> Self {
        let line = RawLine::read(text);
        if let Some(line) = Self::known(&line) {
            return line;
        }
        match core::str::from_utf8(line.name) {
            _ if is_hex(line.text) => Self::Pdu(line.text),
            Ok(name) if !name.is_empty() => {
                Self::Info { name, arguments: Arguments::Wire(line.raw) }
            }
            _ => Self::Other(line.text),
        }
    }

    /// The line, where it has a variant of its own.
    fn known(line: &RawLine<'a>) -> Option<Self> {
        let [first, second, third, fourth, ..] = line.numbers();
        let [status, ber, ..] = line.octets();
        let store = line.store;
        Some(match line.kind {
            Kind::Ok => Self::Ok,
            Kind::Error | Kind::CmsError | Kind::CmeError => Self::Failed(line.failure()),
            Kind::Boot => Self::Boot(line.text),
            Kind::Service => Self::Service(line.text),
            Kind::PowerDown => Self::PowerDown(line.text),
            Kind::Submitted => Self::Submitted {
                reference: status,
                report: line.value(1).text().filter(|report| is_hex(report)),
            },
            Kind::Full => Self::Full { store },
            Kind::MessageStored => Self::MessageStored { store: store?, index: second },
            Kind::ReportStored => Self::ReportStored { store: store?, index: second },
            Kind::Message => Self::Message { tpdu_len: line.tpdu_len() },
            Kind::Report => Self::Report { tpdu_len: line.tpdu_len() },
            Kind::Broadcast => Self::Broadcast { len: first },
            Kind::Stored => Self::Stored { status: MessageStatus(status), tpdu_len: third },
            Kind::Listed => {
                Self::Listed { index: first, status: MessageStatus(ber), tpdu_len: fourth }
            }
            Kind::Pin => Self::Pin(line.pin()?),
            Kind::Ussd => return line.ussd(),
            Kind::Signal => Self::Signal { rssi: status, ber },
            Kind::Registration(domain) => Self::Registration(line.registration(domain)),
            Kind::Broken | Kind::Named | Kind::Other => return None,
        })
    }
}

fn is_hex(text: &[u8]) -> bool {
    let digits = text.iter().all(|octet| hex_digit(*octet).is_some());
    digits && !text.is_empty() && text.len().is_multiple_of(2)
}

impl<'a> Wire<'a> for Line<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let blank = |octet: u8| matches!(octet, b'\r' | b'\n' | b' ' | b'\t' | b'\x0c');
        reader.parse(take_while(blank))?;
        let text = reader.parse(take_while(|octet: u8| !matches!(octet, b'\r' | b'\n')))?;
        let end = if reader.rest().octets().starts_with(b"\r\n") { 2 } else { 1 };
        reader.octets(end, "line")?;
        Ok(Self::read(text.octets()))
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        use Argument::{Absent, Number, Quoted};
        let mut named = |name: &str, arguments: &[Argument<'_>]| {
            framed(w, |w| {
                w.text(name)?;
                w.text(": ")?;
                Arguments::List(arguments).emit(w)
            })
        };
        match *self {
            Self::Ok => plain(w, b"OK"),
            Self::Failed(Failure::Error) => plain(w, b"ERROR"),
            Self::Failed(Failure::Cms(code)) => named("+CMS ERROR", &[Number(code.0.into())]),
            Self::Failed(Failure::Cme(code)) => named("+CME ERROR", &[Number(code.0.into())]),
            Self::Submitted { reference, report } => match report {
                Some(report) => named("+CMGS", &[Number(reference.into()), Quoted(report)]),
                None => named("+CMGS", &[Number(reference.into())]),
            },
            Self::MessageStored { store, index } => {
                named("+CMTI", &[Quoted(store.name().as_bytes()), Number(index.into())])
            }
            Self::ReportStored { store, index } => {
                named("+CDSI", &[Quoted(store.name().as_bytes()), Number(index.into())])
            }
            Self::Message { tpdu_len } => named("+CMT", &[Absent, Number(tpdu_len.into())]),
            Self::Report { tpdu_len } => named("+CDS", &[Number(tpdu_len.into())]),
            Self::Broadcast { len } => named("+CBM", &[Number(len.into())]),
            Self::Stored { status, tpdu_len } => {
                named("+CMGR", &[Number(status.0.into()), Absent, Number(tpdu_len.into())])
            }
            Self::Listed { index, status, tpdu_len } => named(
                "+CMGL",
                &[Number(index.into()), Number(status.0.into()), Absent, Number(tpdu_len.into())],
            ),
            Self::Registration(Registration { domain, mode, state }) => match mode {
                Some(mode) => named(domain.name(), &[Number(mode.into()), Number(state.0.into())]),
                None => named(domain.name(), &[Number(state.0.into())]),
            },
            Self::Pin(pin) => framed(w, |w| {
                w.text("+CPIN: ")?;
                text(w, pin.words())
            }),
            Self::Signal { rssi, ber } => named("+CSQ", &[Number(rssi.into()), Number(ber.into())]),
            Self::Ussd { status, text, coding } => {
                let coding = coding.map_or(Absent, |coding| Number(coding.into()));
                let all = [Number(status.into()), text.map_or(Absent, Quoted), coding];
                let len = if coding != Absent {
                    3
                } else if text.is_some() {
                    2
                } else {
                    1
                };
                named("+CUSD", all.get(..len).unwrap_or_default())
            }
            Self::Full { store: Some(store) } => {
                named("^SMMEMFULL", &[Quoted(store.name().as_bytes())])
            }
            Self::Full { store: None } => plain(w, b"+SMS FULL"),
            Self::Boot(words) | Self::Service(words) | Self::PowerDown(words) => plain(w, words),
            Self::Info { name, arguments } => framed(w, |w| {
                w.text(name)?;
                w.text(": ")?;
                arguments.emit(w)
            }),
            Self::Pdu(digits) => {
                text(w, digits)?;
                w.text("\r\n")
            }
            Self::Other(words) => plain(w, words),
        }
    }
}

fn framed(
    w: &mut Writer<'_>,
    line: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    w.text("\r\n")?;
    line(w)?;
    w.text("\r\n")
}

fn plain(w: &mut Writer<'_>, words: &[u8]) -> Result<(), Error> {
    framed(w, |w| text(w, words))
}

fn text(w: &mut Writer<'_>, words: &[u8]) -> Result<(), Error> {
    if words.iter().any(|octet| matches!(octet, b'\r' | b'\n')) {
        return Err(ErrorKind::Value.at("line", w.len()));
    }
    w.octets(words)
}

/// `message stored in SM, slot 3`; what has no words as it came.
impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("OK"),
            Self::Failed(failure) => failure.fmt(f),
            Self::Submitted { reference, .. } => write!(f, "sent, reference {reference}"),
            Self::MessageStored { store, index } => {
                write!(f, "message stored in {store}, slot {index}")
            }
            Self::ReportStored { store, index } => {
                write!(f, "status report stored in {store}, slot {index}")
            }
            Self::Message { tpdu_len } => write!(f, "message of {tpdu_len} octets follows"),
            Self::Report { tpdu_len } => write!(f, "status report of {tpdu_len} octets follows"),
            Self::Broadcast { len } => write!(f, "broadcast page of {len} octets follows"),
            Self::Stored { status, tpdu_len } => {
                write!(f, "stored message of {tpdu_len} octets follows, {status}")
            }
            Self::Listed { index, status, tpdu_len } => {
                write!(f, "stored message of {tpdu_len} octets in slot {index} follows, {status}")
            }
            Self::Registration(registration) => registration.fmt(f),
            Self::Pin(pin) => pin.fmt(f),
            Self::Signal { rssi: 99, .. } => f.write_str("signal strength unknown"),
            Self::Signal { rssi, .. } => {
                write!(f, "signal strength {} dBm", 2 * i16::from(*rssi) - 113)
            }
            Self::Ussd { status, text, .. } => {
                write!(f, "USSD {status}: {}", printed(text.unwrap_or_default()))
            }
            Self::Full { store: Some(store) } => write!(f, "no room in {store}"),
            Self::Full { store: None } => f.write_str("no room for messages"),
            Self::Boot(words) => write!(f, "started: {}", printed(words)),
            Self::Service(words) => write!(f, "in service: {}", printed(words)),
            Self::PowerDown(words) => write!(f, "going off: {}", printed(words)),
            Self::Info { name, arguments } => write!(f, "{name}: {arguments}"),
            Self::Pdu(digits) => write!(f, "PDU {}", printed(digits)),
            Self::Other(words) => printed(words).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::{CmeError, CmsError, Domain, RegistrationState};

    /// Lines as modems write them, and what they are.
    const LINES: &[(&str, Line<'_>)] = &[
        ("OK", Line::Ok),
        ("ERROR", Line::Failed(Failure::Error)),
        ("COMMAND NOT SUPPORT", Line::Failed(Failure::Error)),
        ("+CMS ERROR: 500", Line::Failed(Failure::Cms(CmsError::UNKNOWN))),
        ("+CMS ERROR:500", Line::Failed(Failure::Cms(CmsError::UNKNOWN))),
        ("+CME ERROR: not found", Line::Failed(Failure::Cme(CmeError::NOT_FOUND))),
        ("+CME ERROR: 14", Line::Failed(Failure::Cme(CmeError::SIM_BUSY))),
        ("+CMGS: 249", Line::Submitted { reference: 249, report: None }),
        ("+CMGS: 7,\"00AB\"", Line::Submitted { reference: 7, report: Some(b"00AB") }),
        ("+CMTI: \"SM\",3", Line::MessageStored { store: Store::SM, index: 3 }),
        ("+CDSI: \"MT\",2", Line::ReportStored { store: Store::MT, index: 2 }),
        ("+CMT: ,23", Line::Message { tpdu_len: 23 }),
        ("+CMT: \"\",23", Line::Message { tpdu_len: 23 }),
        ("+CMT: 23", Line::Message { tpdu_len: 23 }),
        ("+CDS: 25", Line::Report { tpdu_len: 25 }),
        ("+CDS: ,24", Line::Report { tpdu_len: 24 }),
        ("+CMGR: 0,,29", Line::Stored { status: MessageStatus::RECEIVED_UNREAD, tpdu_len: 29 }),
        (
            "+CMGL: 0,1,,23",
            Line::Listed { index: 0, status: MessageStatus::RECEIVED_READ, tpdu_len: 23 },
        ),
        ("+CPIN: READY", Line::Pin(Pin::Ready)),
        ("+CPIN: \"READY\"", Line::Pin(Pin::Ready)),
        ("+CPIN: SIM PIN", Line::Pin(Pin::SimPin)),
        ("+CPIN: NOT READY", Line::Pin(Pin::Other(b"NOT READY"))),
        ("+CSQ: 9,99", Line::Signal { rssi: 9, ber: 99 }),
        ("RDY", Line::Boot(b"RDY")),
        ("MODEM:STARTUP", Line::Boot(b"MODEM:STARTUP")),
        ("+PBREADY", Line::Service(b"+PBREADY")),
        ("UNDER-VOLTAGE POWER DOWN", Line::PowerDown(b"UNDER-VOLTAGE POWER DOWN")),
        ("UNDER-VOLTAGE WARNNING", Line::Other(b"UNDER-VOLTAGE WARNNING")),
        ("07911555", Line::Pdu(b"07911555")),
        ("0791155", Line::Other(b"0791155")),
        ("^RSSI:13", Line::Info { name: "^RSSI", arguments: Arguments::Wire(b"13") }),
        ("+CUSD: 5", Line::Ussd { status: 5, text: None, coding: None }),
        ("+CUSD: 0,\"7,00\",15", Line::Ussd { status: 0, text: Some(b"7,00"), coding: Some(15) }),
        ("+CUSD: 2,\"bye\"", Line::Ussd { status: 2, text: Some(b"bye"), coding: None }),
        ("+CUSD: 2,,0", Line::Ussd { status: 2, text: None, coding: Some(0) }),
        ("+SMS FULL", Line::Full { store: None }),
        ("^SMMEMFULL: \"SM\"", Line::Full { store: Some(Store::SM) }),
        ("+CMTI: \"SM\",-1", Line::Full { store: Some(Store::SM) }),
        ("+QIND: \"smsfull\",\"ME\"", Line::Full { store: Some(Store::ME) }),
        ("AT+CMGS=18", Line::Other(b"AT+CMGS=18")),
    ];

    #[test]
    fn lines_are_read_and_read_again_after_writing() {
        for (text, line) in LINES {
            assert_eq!(Line::read(text.as_bytes()), *line, "{text}");
            let mut buffer = [0; 64];
            assert_eq!(Line::from_bytes(line.to_slice(&mut buffer).unwrap()), Ok(*line), "{text}");
        }
    }

    #[test]
    fn registration_is_told_by_its_shape() {
        for (text, domain, mode, state) in [
            ("+CREG: 0,1", Domain::Circuit, Some(0), 1),
            ("+CREG: 2,5,\"9E9A\",\"019607C0\",2", Domain::Circuit, Some(2), 5),
            ("+CREG: 5", Domain::Circuit, None, 5),
            ("+CREG: 5,\"9E9A\",\"0196BDB0\",2", Domain::Circuit, None, 5),
            ("+CREG: 1, 5C9, 39E5", Domain::Circuit, None, 1),
            ("+CGREG: 5,\"9E9A\",\"0196BDB0\",2,\"02\"", Domain::Packet, None, 5),
            ("+CEREG: 2,0", Domain::Evolved, Some(2), 0),
        ] {
            let state = RegistrationState(state);
            let registration = Line::Registration(Registration { domain, mode, state });
            assert_eq!(Line::read(text.as_bytes()), registration, "{text}");
        }
    }

    #[test]
    fn a_line_is_framed_and_a_pdu_continues_the_line_above() {
        let mut buffer = [0; 64];
        let mut w = Writer::new(&mut buffer);
        Line::Message { tpdu_len: 1 }.emit(&mut w).unwrap();
        Line::Pdu(b"0000").emit(&mut w).unwrap();
        assert_eq!(w.written(), b"\r\n+CMT: ,1\r\n0000\r\n");
    }
}
