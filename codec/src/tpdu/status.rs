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

use super::address::Address;
use super::codes::Status;
use super::parameters::Parameters;
use super::time::Timestamp;
use super::user_data::Text;
use super::{Flags, flag_line};
use crate::error::Error;
use crate::wire::{Reader, Rejected, Wire, Writer};

/// What became of a message.
///
/// 3GPP TS 23.040, section 9.2.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatusReport<'a> {
    /// No more messages are waiting in the service centre (TP-MMS, 9.2.3.2).
    pub no_more_messages: bool,
    /// The report was forwarded, or made by the network, and must not cause another (TP-LP,
    /// 9.2.3.28).
    pub loop_prevention: bool,
    /// The report is the result of an SMS-COMMAND, not of an SMS-SUBMIT (TP-SRQ, 9.2.3.26).
    pub of_command: bool,
    /// The reference of the message, as `+CMGS:` gave it ([`Line::Submitted`](crate::at::Line)). It comes
    /// round after 256 messages, so that the recipient counts too (TP-MR, 9.2.3.6).
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
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub parameters: Option<Parameters<'a>>,
}

impl<'a> StatusReport<'a> {
    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.parameters?.text()
    }
}

impl<'a> Wire<'a> for StatusReport<'a> {
    /// Reads an SMS-STATUS-REPORT.
    ///
    /// What follows TP-ST and is no TP-PI with its parameters never loses the report: stores and
    /// modems leave all kinds of octets there.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let flags = Flags::parse(reader, 0b10)?;
        Ok(Self {
            no_more_messages: flags.has(2),
            loop_prevention: flags.has(3),
            of_command: flags.has(5),
            message_reference: reader.octet("TP-MR")?,
            recipient: Address::parse(reader, "TP-RA")?,
            service_centre_time: Timestamp::parse(reader, "TP-SCTS")?,
            discharge_time: Timestamp::parse(reader, "TP-DT")?,
            status: Status(reader.octet("TP-ST")?),
            parameters: match reader.is_empty() {
                true => None,
                false => Parameters::parse_or_excuse(reader, None, flags.has(6))?,
            },
        })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let flags = Flags(0b10)
            .with(2, self.no_more_messages)
            .with(3, self.loop_prevention)
            .with(5, self.of_command)
            .with(6, self.parameters.is_some_and(|parameters| parameters.has_header()));
        w.put(&[flags.0, self.message_reference]);
        self.recipient.put(w);
        w.put(&self.service_centre_time.0);
        w.put(&self.discharge_time.0);
        w.put(&[self.status.0]);
        if let Some(parameters) = &self.parameters {
            parameters.put_indicator(w);
            parameters.put(w);
        }
        w.check()
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
        parameters.describe(f)
    }
}
