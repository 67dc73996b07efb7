//! SMS-STATUS-REPORT: what became of a message, from the service centre to the handset.
//!
//! ```text
//! octets
//! 1       bits 1..0 TP-MTI 10 · bit 2 TP-MMS · bit 3 TP-LP · bit 5 TP-SRQ · bit 6 TP-UDHI
//! 1       TP-MR    message reference
//! 2..12   TP-RA    recipient address
//! 7       TP-SCTS  service-centre time
//! 7       TP-DT    discharge time
//! 1       TP-ST    status
//! the rest may be absent
//! 1       TP-PI    which follow: bit 0 TP-PID · bit 1 TP-DCS · bit 2 TP-UDL · bit 7 another TP-PI
//! 1       TP-PID   protocol identifier
//! 1       TP-DCS   data coding
//! 1       TP-UDL   length of the user data
//! 0..131  TP-UD    user data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.2.3.

use core::fmt;

use nom::Parser;
use nom::bytes::complete::take;
use nom::combinator::{cond, map};

use super::address::Address;
use super::codes::{ProtocolIdentifier, Status};
use super::dcs::DataCoding;
use super::time::Timestamp;
use super::user_data::{Text, UserData};
use super::{Flags, flag_line, octet};
use crate::error::{Error, ErrorKind};
use crate::wire::{Input, Parsed, Quirk, Wire, Writer};

/// What became of a message.
///
/// 3GPP TS 23.040, section 9.2.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StatusReport<'a> {
    /// No more messages are waiting in the service centre (TP-MMS, 9.2.3.2).
    pub no_more_messages: bool,
    /// The report was forwarded, or made by the network, and must not cause another (TP-LP,
    /// 9.2.3.28).
    pub loop_prevention: bool,
    /// The report is the result of an SMS-COMMAND, not of an SMS-SUBMIT (TP-SRQ, 9.2.3.26).
    pub of_command: bool,
    /// The reference of the message (TP-MR, 9.2.3.6).
    pub message_reference: u8,
    /// Who the message was for (TP-RA, 9.2.3.14).
    pub recipient: Address,
    /// When the service centre received the message (TP-SCTS, 9.2.3.11).
    pub service_centre_time: Timestamp,
    /// When the status came to be (TP-DT, 9.2.3.13).
    pub discharge_time: Timestamp,
    /// What became of the message (TP-ST, 9.2.3.15).
    pub status: Status,
    /// What may follow; `None` when TP-PI is absent.
    pub parameters: Option<Parameters<'a>>,
}

/// What may follow the mandatory part of a report, by TP-PI.
///
/// 3GPP TS 23.040, section 9.2.3.27 (TP-PI).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Parameters<'a> {
    /// What is to be done with the report beyond reading it (TP-PID, 9.2.3.9).
    pub protocol: Option<ProtocolIdentifier>,
    /// How the user data is coded (TP-DCS, 9.2.3.10); absent: GSM 7-bit default alphabet.
    pub coding: Option<DataCoding>,
    /// The user data (TP-UDL, TP-UD).
    pub user_data: Option<UserData<'a>>,
}

impl<'a> StatusReport<'a> {
    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        let parameters = self.parameters?;
        parameters.user_data?.text(parameters.coding.unwrap_or_default())
    }
}

impl<'a> Parameters<'a> {
    /// TP-PI: the bits of what is there.
    ///
    /// 3GPP TS 23.040, section 9.2.3.27.
    pub fn indicator(&self) -> u8 {
        let flags = Flags(0).with(0, self.protocol.is_some()).with(1, self.coding.is_some());
        flags.with(2, self.user_data.is_some()).0
    }

    fn parse(input: Input<'a>, has_header: bool) -> Parsed<'a, Self> {
        let (mut rest, indicator) = map(octet("TP-PI"), Flags).parse(input)?;
        let mut last = indicator;
        while last.has(7) {
            (rest, last) = map(octet("TP-PI"), Flags).parse(rest)?;
        }
        let protocol = map(octet("TP-PID"), ProtocolIdentifier);
        let (rest, protocol) = cond(indicator.has(0), protocol).parse(rest)?;
        let (rest, coding) = cond(indicator.has(1), DataCoding::parse).parse(rest)?;
        let user_data = |input| UserData::parse(input, coding.unwrap_or_default(), has_header);
        let (mut rest, user_data) = cond(indicator.has(2), user_data).parse(rest)?;
        if indicator.0 & 0x78 != 0 {
            // A reserved bit announces octets that a reader is to discard.
            (rest, _) = take(rest.len()).parse(rest)?;
        }
        Ok((rest, Self { protocol, coding, user_data }))
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.octet(self.indicator())?;
        if let Some(protocol) = self.protocol {
            w.octet(protocol.0)?;
        }
        if let Some(coding) = self.coding {
            w.octet(coding.0)?;
        }
        self.user_data.map_or(Ok(()), |user_data| user_data.emit(w))
    }
}

impl<'a> Wire<'a> for StatusReport<'a> {
    /// Reads an SMS-STATUS-REPORT.
    ///
    /// What follows TP-ST and is no TP-PI with its parameters never loses the report: stores and
    /// modems leave all kinds of octets there.
    fn parse(input: Input<'a>) -> Parsed<'a, Self> {
        let (rest, flags) = Flags::parse(input)?;
        if flags.message_type() != 0b10 {
            return Err(input.error(ErrorKind::Value, Flags::FIELD));
        }
        let (rest, message_reference) = octet("TP-MR").parse(rest)?;
        let (rest, recipient) = Address::parse(rest, "TP-RA")?;
        let (rest, service_centre_time) = Timestamp::parse(rest, "TP-SCTS")?;
        let (rest, discharge_time) = Timestamp::parse(rest, "TP-DT")?;
        let (mut rest, status) = map(octet("TP-ST"), Status).parse(rest)?;
        let mut parameters = None;
        if !rest.is_empty() {
            match Parameters::parse(rest, flags.has(6)) {
                Ok((after, read)) => (rest, parameters) = (after, Some(read)),
                Err(nom::Err::Error(error)) => rest = rest.excuse(Quirk::TrailingOctets, error)?,
                Err(refused) => return Err(refused),
            }
        }
        let report = Self {
            no_more_messages: flags.has(2),
            loop_prevention: flags.has(3),
            of_command: flags.has(5),
            message_reference,
            recipient,
            service_centre_time,
            discharge_time,
            status,
            parameters,
        };
        Ok((rest, report))
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let user_data = self.parameters.and_then(|parameters| parameters.user_data);
        let flags = Flags(0b10)
            .with(2, self.no_more_messages)
            .with(3, self.loop_prevention)
            .with(5, self.of_command)
            .with(6, user_data.is_some_and(|user_data| user_data.has_header));
        w.octets(&[flags.0, self.message_reference])?;
        self.recipient.emit(w)?;
        w.octets(&self.service_centre_time.0)?;
        w.octets(&self.discharge_time.0)?;
        w.octet(self.status.0)?;
        self.parameters.map_or(Ok(()), |parameters| parameters.emit(w))
    }
}

/// Each field on a line, with its words.
impl fmt::Display for StatusReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SMS-STATUS-REPORT")?;
        flag_line(f, "TP-MMS", self.no_more_messages, "no more messages", "more messages wait")?;
        flag_line(f, "TP-LP", self.loop_prevention, "forwarded", "not forwarded")?;
        flag_line(f, "TP-SRQ", self.of_command, "of an SMS-COMMAND", "of an SMS-SUBMIT")?;
        writeln!(f, "TP-MR    {}", self.message_reference)?;
        writeln!(f, "TP-RA    {}", self.recipient.described())?;
        writeln!(f, "TP-SCTS  {}", self.service_centre_time)?;
        writeln!(f, "TP-DT    {}", self.discharge_time)?;
        write!(f, "TP-ST    {}: {}", self.status, self.status.outcome())?;
        let Some(parameters) = self.parameters else {
            return Ok(());
        };
        write!(f, "\nTP-PI    0x{:02X}", parameters.indicator())?;
        if let Some(protocol) = parameters.protocol {
            write!(f, "\nTP-PID   {protocol}")?;
        }
        if let Some(coding) = parameters.coding {
            write!(f, "\nTP-DCS   {coding}")?;
        }
        let Some(user_data) = parameters.user_data else {
            return Ok(());
        };
        f.write_str("\n")?;
        user_data.describe(parameters.coding.unwrap_or_default(), f)
    }
}
