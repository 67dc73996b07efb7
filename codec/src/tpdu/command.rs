//! SMS-COMMAND: what the service centre is to do with a message that the handset sent before.
//!
//! ```text
//! octets
//! 1       bits 1..0 TP-MTI 10 · bit 5 TP-SRR · bit 6 TP-UDHI
//! 1       TP-MR    message reference of the command
//! 1       TP-PID   protocol identifier
//! 1       TP-CT    what to do
//! 1       TP-MN    message reference of the message
//! 2..12   TP-DA    destination address of the message
//! 1       TP-CDL   length of the command data
//! 0..157  TP-CD    command data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.2.4.

use core::fmt;

use super::address::Address;
use super::codes::{CommandType, ProtocolIdentifier};
use super::dcs::DataCoding;
use super::user_data::{Field, UserData};
use super::{Flags, flag_line};
use crate::error::Error;
use crate::wire::{Reader, Rejected, Wire, Writer};

/// What the service centre is to do with a message.
///
/// 3GPP TS 23.040, section 9.2.2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Command<'a> {
    /// A status report about the command is wanted (TP-SRR, 9.2.3.5).
    pub status_report_request: bool,
    /// The number that a status report names the command by (TP-MR, 9.2.3.6).
    pub message_reference: u8,
    /// The protocol identifier (TP-PID, 9.2.3.9).
    pub protocol: ProtocolIdentifier,
    /// What to do (TP-CT, 9.2.3.19).
    pub command: CommandType,
    /// The reference of the message that it is about (TP-MN, 9.2.3.18).
    pub message_number: u8,
    /// Who that message was for (TP-DA, 9.2.3.8).
    pub destination: Address,
    /// What belongs to the command: octets, which may begin with a header (TP-CDL, 9.2.3.20; TP-CD,
    /// 9.2.3.21).
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub data: UserData<'a>,
}

impl<'a> Wire<'a> for Command<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let flags = Flags::parse(reader, 0b10)?;
        let coding = DataCoding::EIGHT_BIT;
        Ok(Self {
            status_report_request: flags.has(5),
            message_reference: reader.octet("TP-MR")?,
            protocol: ProtocolIdentifier(reader.octet("TP-PID")?),
            command: CommandType(reader.octet("TP-CT")?),
            message_number: reader.octet("TP-MN")?,
            destination: Address::parse(reader, "TP-DA")?,
            data: UserData::parse_field(reader, Field::COMMAND_DATA, coding, flags.has(6))?,
        })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let flags = Flags(0b10).with(5, self.status_report_request).with(6, self.data.has_header);
        let Self { message_reference, protocol, command, message_number, .. } = *self;
        w.put(&[flags.0, message_reference, protocol.0, command.0, message_number]);
        self.destination.put(w);
        self.data.emit(w)
    }
}

/// Each field on a line, with its words.
impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SMS-COMMAND")?;
        flag_line(
            f,
            "TP-SRR",
            self.status_report_request,
            "status report wanted",
            "no status report",
        )?;
        writeln!(f, "TP-MR    {}", self.message_reference)?;
        writeln!(f, "TP-PID   {}", self.protocol)?;
        writeln!(f, "TP-CT    {}", self.command)?;
        writeln!(f, "TP-MN    {}", self.message_number)?;
        writeln!(f, "TP-DA    {}", self.destination.described())?;
        self.data.describe_field(Field::COMMAND_DATA, DataCoding::EIGHT_BIT, f)
    }
}
