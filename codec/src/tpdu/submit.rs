//! SMS-SUBMIT: a message on its way from the handset to the service centre.
//!
//! ```text
//! octets
//! 1       bits 1..0 TP-MTI 01 · bit 2 TP-RD · bits 4..3 TP-VPF · bit 5 TP-SRR · bit 6 TP-UDHI · bit 7 TP-RP
//! 1       TP-MR    message reference
//! 2..12   TP-DA    destination address
//! 1       TP-PID   protocol identifier
//! 1       TP-DCS   data coding
//! 0, 1, 7 TP-VP    validity period, in the format of TP-VPF
//! 1       TP-UDL   length of the user data
//! 0..140  TP-UD    user data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.2.2.

use core::fmt;

use super::address::Address;
use super::codes::ProtocolIdentifier;
use super::dcs::DataCoding;
use super::time::ValidityPeriod;
use super::user_data::{Text, UserData};
use super::{Flags, flag_line};
use crate::error::Error;
use crate::wire::{Reader, Rejected, Wire, Writer};

/// A message from the handset.
///
/// 3GPP TS 23.040, section 9.2.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Submit<'a> {
    /// The service centre is to refuse a message with the same reference and destination as one
    /// that it still holds (TP-RD, 9.2.3.25).
    pub reject_duplicates: bool,
    /// A status report is wanted (TP-SRR, 9.2.3.5).
    pub status_report_request: bool,
    /// A reply may go through the same service centre (TP-RP, 9.2.3.17).
    pub reply_path: bool,
    /// The number that a status report names the message by; most modems put in their own (TP-MR,
    /// 9.2.3.6).
    pub message_reference: u8,
    /// Who gets it (TP-DA, 9.2.3.8).
    pub destination: Address,
    /// What is to be done with it beyond showing it (TP-PID, 9.2.3.9).
    pub protocol: ProtocolIdentifier,
    /// How the user data is coded (TP-DCS, 9.2.3.10).
    pub coding: DataCoding,
    /// How long the service centre keeps trying (TP-VPF, 9.2.3.3; TP-VP, 9.2.3.12).
    pub validity_period: ValidityPeriod,
    /// The user data (TP-UDL, TP-UD).
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub user_data: UserData<'a>,
}

impl<'a> Submit<'a> {
    /// The text, or `None` when the user data is 8-bit data or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.user_data.text(self.coding)
    }
}

impl<'a> Wire<'a> for Submit<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let flags = Flags::parse(reader, 0b01)?;
        let message_reference = reader.octet("TP-MR")?;
        let destination = Address::parse(reader, "TP-DA")?;
        let protocol = ProtocolIdentifier(reader.octet("TP-PID")?);
        let coding = DataCoding::parse(reader)?;
        Ok(Self {
            reject_duplicates: flags.has(2),
            status_report_request: flags.has(5),
            reply_path: flags.has(7),
            message_reference,
            destination,
            protocol,
            coding,
            validity_period: ValidityPeriod::parse(reader, flags.0)?,
            user_data: UserData::parse(reader, coding, flags.has(6))?,
        })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let flags = Flags(0b01 | self.validity_period.format())
            .with(2, self.reject_duplicates)
            .with(5, self.status_report_request)
            .with(6, self.user_data.has_header)
            .with(7, self.reply_path);
        w.put(&[flags.0, self.message_reference]);
        self.destination.put(w);
        w.put(&[self.protocol.0, self.coding.0]);
        self.validity_period.put(w);
        self.user_data.emit(w)
    }
}

/// Each field on a line, with its words.
impl fmt::Display for Submit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SMS-SUBMIT")?;
        flag_line(f, "TP-RD", self.reject_duplicates, "reject duplicates", "accept duplicates")?;
        flag_line(
            f,
            "TP-SRR",
            self.status_report_request,
            "status report wanted",
            "no status report",
        )?;
        flag_line(
            f,
            "TP-RP",
            self.reply_path,
            "reply through the same service centre",
            "no reply path",
        )?;
        writeln!(f, "TP-MR    {}", self.message_reference)?;
        writeln!(f, "TP-DA    {}", self.destination.described())?;
        writeln!(f, "TP-PID   {}", self.protocol)?;
        writeln!(f, "TP-DCS   {}", self.coding)?;
        writeln!(f, "TP-VP    {}", self.validity_period)?;
        self.user_data.describe(self.coding, f)
    }
}
