//! The messages between a handset and its service centre (TPDUs).
//!
//! What a message is depends on two bits and on its direction: the same bits say SMS-DELIVER to the
//! handset and SMS-DELIVER-REPORT to the service centre. So there is one enum for each direction.
//!
//! | TP-MTI | [`Mt`]: to the handset | [`Mo`]: to the service centre |
//! |---|---|---|
//! | 00 | [`Deliver`] | [`DeliverReport`] |
//! | 01 | [`SubmitReport`] | [`Submit`] |
//! | 10 | [`StatusReport`] | [`Command`] |
//! | 11 | reserved, read as [`Deliver`] | reserved |
//!
//! ```
//! use septet::Wire;
//! use septet::tpdu::Mt;
//!
//! let octets = b"\x04\x0A\x91\x54\x21\x43\x65\x87\x00\x00\x62\x21\x02\x51\x32\x05\x80\x02\xE8\x34";
//! let Mt::Deliver(deliver) = Mt::from_bytes(octets)? else { panic!("an SMS-DELIVER") };
//! assert_eq!(deliver.originator.to_string(), "+4512345678");
//! assert!(deliver.text().unwrap().eq("hi".chars()));
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.1 (TP-MTI).

pub mod address;
pub mod codes;
pub mod command;
pub mod dcs;
pub mod deliver;
pub mod parameters;
pub mod report;
pub mod status;
pub mod submit;
pub mod time;
pub mod udh;
pub mod user_data;
pub mod waiting;

use core::fmt;

pub use address::Address;
pub use command::Command;
pub use dcs::DataCoding;
pub use deliver::Deliver;
pub use parameters::{Parameters, Reserved};
pub use report::{DeliverReport, SubmitReport};
pub use status::StatusReport;
pub use submit::Submit;
pub use time::Timestamp;
pub use user_data::{Text, UserData};

use crate::error::{Error, ErrorKind};
use crate::wire::{Quirk, Reader, Rejected, Wire, Writer};

/// A message to the handset (mobile terminated).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mt<'a> {
    /// A message from another subscriber or a service.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Deliver(Deliver<'a>),
    /// Whether the service centre took a message or a command.
    #[cfg_attr(feature = "serde", serde(borrow))]
    SubmitReport(SubmitReport<'a>),
    /// What became of a message that the handset sent.
    #[cfg_attr(feature = "serde", serde(borrow))]
    StatusReport(StatusReport<'a>),
}

/// A message to the service centre (mobile originated).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mo<'a> {
    /// A message to another subscriber or a service.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Submit(Submit<'a>),
    /// Whether the handset took a message.
    #[cfg_attr(feature = "serde", serde(borrow))]
    DeliverReport(DeliverReport<'a>),
    /// What is to be done with a message that the handset sent before.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Command(Command<'a>),
}

impl<'a> Mt<'a> {
    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        match self {
            Self::Deliver(deliver) => deliver.text(),
            Self::SubmitReport(report) => report.text(),
            Self::StatusReport(report) => report.text(),
        }
    }
}

impl<'a> Mo<'a> {
    /// The text, or `None` when there is no user data, or 8-bit data, or compressed; a command has
    /// none.
    pub fn text(&self) -> Option<Text<'a>> {
        match self {
            Self::Submit(submit) => submit.text(),
            Self::DeliverReport(report) => report.text(),
            Self::Command(_) => None,
        }
    }
}

impl<'a> Wire<'a> for Mt<'a> {
    /// Reads what a handset receives.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`]; else those of the message.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        match Flags::peek(reader).message_type() {
            0b01 => SubmitReport::parse(reader).map(Self::SubmitReport),
            0b10 => StatusReport::parse(reader).map(Self::StatusReport),
            _ => Deliver::parse(reader).map(Self::Deliver),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Deliver(deliver) => deliver.emit(w),
            Self::SubmitReport(report) => report.emit(w),
            Self::StatusReport(report) => report.emit(w),
        }
    }
}

impl<'a> Wire<'a> for Mo<'a> {
    /// Reads what a handset sends.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::ReservedMti`]; else those of the message.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        match Flags::peek(reader).message_type() {
            0b00 => DeliverReport::parse(reader).map(Self::DeliverReport),
            0b01 => Submit::parse(reader).map(Self::Submit),
            0b10 => Command::parse(reader).map(Self::Command),
            _ => Err(reader.fail(ErrorKind::ReservedMti.at(Flags::FIELD, reader.at()))),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Submit(submit) => submit.emit(w),
            Self::DeliverReport(report) => report.emit(w),
            Self::Command(command) => command.emit(w),
        }
    }
}

/// A message out of the store of a handset or a SIM, which keeps both directions side by side.
///
/// Reports and commands are not stored, so that TP-MTI alone tells a [`Submit`] from what was
/// received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Stored<'a> {
    /// It was received.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Received(Mt<'a>),
    /// It was written here, whether it was sent or not.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Written(Submit<'a>),
}

impl<'a> Wire<'a> for Stored<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        match Flags::peek(reader).message_type() {
            0b01 => Submit::parse(reader).map(Self::Written),
            _ => Mt::parse(reader).map(Self::Received),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Received(mt) => mt.emit(w),
            Self::Written(submit) => submit.emit(w),
        }
    }
}

impl fmt::Display for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received(mt) => mt.fmt(f),
            Self::Written(submit) => submit.fmt(f),
        }
    }
}

impl fmt::Display for Mt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver(deliver) => deliver.fmt(f),
            Self::SubmitReport(report) => report.fmt(f),
            Self::StatusReport(report) => report.fmt(f),
        }
    }
}

impl fmt::Display for Mo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submit(submit) => submit.fmt(f),
            Self::DeliverReport(report) => report.fmt(f),
            Self::Command(command) => command.fmt(f),
        }
    }
}

/// The bits of a first octet, or of TP-PI.
#[derive(Clone, Copy)]
struct Flags(u8);

impl Flags {
    const FIELD: &str = "first octet";

    /// The first octet of a TPDU that is still to be read; 0 where there is none.
    fn peek(reader: &Reader<'_>) -> Self {
        Self(reader.rest().octets().first().copied().unwrap_or(0))
    }

    /// Reads the first octet of a TPDU, which has this type of message.
    fn parse(reader: &mut Reader<'_>, message_type: u8) -> Result<Self, Rejected> {
        let at = reader.at();
        if reader.is_empty() {
            return Err(reader.fail(ErrorKind::Empty.at("TPDU", at)));
        }
        let flags = Self(reader.octet(Self::FIELD)?);
        if flags.message_type() != message_type {
            return Err(reader.fail(ErrorKind::Value.at(Self::FIELD, at)));
        }
        Ok(flags)
    }

    /// TP-MTI: bits 1 and 0.
    const fn message_type(self) -> u8 {
        self.0 & 0b11
    }

    const fn has(self, bit: u8) -> bool {
        self.0 >> bit & 1 != 0
    }

    const fn with(self, bit: u8, set: bool) -> Self {
        Self(self.0 | (set as u8) << bit)
    }
}

impl DataCoding {
    /// Reads TP-DCS; a reserved value is [`Quirk::ReservedDcs`].
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let at = reader.at();
        let coding = Self(reader.octet("TP-DCS")?);
        if coding.reserved() {
            reader.excuse(Quirk::ReservedDcs, ErrorKind::Value.at("TP-DCS", at))?;
        }
        Ok(coding)
    }
}

/// Prints a flag of the first octet in words.
fn flag_line(
    f: &mut fmt::Formatter<'_>,
    field: &str,
    set: bool,
    yes: &str,
    no: &str,
) -> fmt::Result {
    writeln!(f, "{field:<8} {}", if set { yes } else { no })
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    use crate::pdu::read_hex;

    #[test]
    fn every_field_has_words() {
        let octets = read_hex(
            "462A0B919746121611F16221025132058062210251320580300700080A0500031101010041043F",
        );
        let report = Mt::from_bytes(octets.as_deref().unwrap()).unwrap().to_string();
        assert_eq!(
            report.lines().collect::<std::vec::Vec<_>>(),
            [
                "SMS-STATUS-REPORT",
                "TP-MMS   no more messages",
                "TP-LP    not forwarded",
                "TP-SRQ   of an SMS-SUBMIT",
                "TP-MR    42",
                "TP-RA    +79642161111, type 0x91: international, telephone plan",
                "TP-SCTS  26-12-20 15:23:50 +02:00",
                "TP-DT    26-12-20 15:23:50 +02:00",
                "TP-ST    48 (a reason of the service centre's own): not delivered yet",
                "TP-PI    0x07",
                "TP-PID   0 (handset to handset)",
                "TP-DCS   UCS-2",
                "TP-UDL   10 octets",
                "TP-UDH   part of a message, 8-bit reference: part 1 of 1, reference 17 (8 bits)",
                "TP-UD    \"Aп\"",
            ]
        );
    }

    #[test]
    fn a_store_has_both_directions() {
        let written = [0x01, 0x00, 0x02, 0x81, 0x21, 0x00, 0x04, 0x01, 0xAA];
        let stored = Stored::from_bytes(&written).unwrap();
        assert_eq!(stored, Stored::Written(Submit::from_bytes(&written).unwrap()));
        let received = read_hex("0402812100046221025132058001AA").unwrap();
        let stored = Stored::from_bytes(&received).unwrap();
        assert_eq!(stored, Stored::Received(Mt::from_bytes(&received).unwrap()));
    }

    #[test]
    fn octets_after_the_status_never_lose_the_report() {
        let report = "06050581 0531F1 01015061000040 01015061000040 00".replace(' ', "");
        let report = read_hex(report).unwrap();
        let report = StatusReport::from_bytes(&report).unwrap();
        for junk in [&[0xCB, 0x41][..], &[0xE7], &[0x9F, 0x00], &[0xFF; 20], &[0x07, 0x00]] {
            let mut buffer = [0; 64];
            let mut w = Writer::new(&mut buffer);
            report.emit(&mut w).unwrap();
            w.octets(junk).unwrap();
            let (read, quirks) = StatusReport::from_bytes_tolerant(w.written()).unwrap();
            assert!(quirks.contains(Quirk::TrailingOctets), "{junk:02X?}");
            assert_eq!(read, report);
            assert!(StatusReport::from_bytes(w.written()).is_err());
        }
    }
}
