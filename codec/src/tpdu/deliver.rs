//! SMS-DELIVER: a message on its way from the service centre to the handset.
//!
//! ```text
//! octets
//! 1       bits 1..0 TP-MTI 00 · bit 2 TP-MMS · bit 3 TP-LP · bit 5 TP-SRI · bit 6 TP-UDHI · bit 7 TP-RP
//! 2..12   TP-OA    originating address
//! 1       TP-PID   protocol identifier
//! 1       TP-DCS   data coding
//! 7       TP-SCTS  service-centre time
//! 1       TP-UDL   length of the user data
//! 0..140  TP-UD    user data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.2.1.

use core::fmt;

use super::address::Address;
use super::codes::ProtocolIdentifier;
use super::dcs::DataCoding;
use super::time::Timestamp;
use super::user_data::{Text, UserData};
use super::{Flags, flag_line};
use crate::error::{Error, ErrorKind};
use crate::wire::{Quirk, Reader, Rejected, Wire, Writer};

/// A message to the handset.
///
/// 3GPP TS 23.040, section 9.2.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Deliver<'a> {
    /// No more messages are waiting in the service centre (TP-MMS, 9.2.3.2).
    pub no_more_messages: bool,
    /// The message was forwarded, or made by the network, and must not cause another (TP-LP,
    /// 9.2.3.28).
    pub loop_prevention: bool,
    /// The sender gets a status report (TP-SRI, 9.2.3.4).
    pub status_report_indication: bool,
    /// A reply is to go through the same service centre (TP-RP, 9.2.3.17).
    pub reply_path: bool,
    /// Who sent it (TP-OA, 9.2.3.7).
    pub originator: Address,
    /// What is to be done with it beyond showing it (TP-PID, 9.2.3.9).
    pub protocol: ProtocolIdentifier,
    /// How the user data is coded (TP-DCS, 9.2.3.10).
    pub coding: DataCoding,
    /// When the service centre received it (TP-SCTS, 9.2.3.11).
    pub service_centre_time: Timestamp,
    /// The user data (TP-UDL, TP-UD).
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub user_data: UserData<'a>,
}

impl<'a> Deliver<'a> {
    /// The text, or `None` when the user data is 8-bit data or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.user_data.text(self.coding)
    }
}

impl<'a> Wire<'a> for Deliver<'a> {
    /// Reads an SMS-DELIVER; the reserved message type is read as one, as the standard asks.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let reserved = Flags::peek(reader).message_type() == 0b11;
        if reserved {
            let error = ErrorKind::ReservedMti.at(Flags::FIELD, reader.at());
            reader.excuse(Quirk::ReservedMti, error)?;
        }
        let flags = Flags::parse(reader, if reserved { 0b11 } else { 0b00 })?;
        let originator = Address::parse(reader, "TP-OA")?;
        let protocol = ProtocolIdentifier(reader.octet("TP-PID")?);
        let coding = DataCoding::parse(reader)?;
        Ok(Self {
            no_more_messages: flags.has(2),
            loop_prevention: flags.has(3),
            status_report_indication: flags.has(5),
            reply_path: flags.has(7),
            originator,
            protocol,
            coding,
            service_centre_time: Timestamp::parse(reader, "TP-SCTS")?,
            user_data: UserData::parse(reader, coding, flags.has(6))?,
        })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let flags = Flags(0b00)
            .with(2, self.no_more_messages)
            .with(3, self.loop_prevention)
            .with(5, self.status_report_indication)
            .with(6, self.user_data.has_header)
            .with(7, self.reply_path);
        w.put(&[flags.0]);
        self.originator.put(w);
        w.put(&[self.protocol.0, self.coding.0]);
        w.put(&self.service_centre_time.0);
        self.user_data.emit(w)
    }
}

/// Each field on a line, with its words.
impl fmt::Display for Deliver<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SMS-DELIVER")?;
        flag_line(f, "TP-MMS", self.no_more_messages, "no more messages", "more messages wait")?;
        flag_line(f, "TP-LP", self.loop_prevention, "forwarded", "not forwarded")?;
        flag_line(
            f,
            "TP-SRI",
            self.status_report_indication,
            "the sender gets a status report",
            "no status report",
        )?;
        flag_line(
            f,
            "TP-RP",
            self.reply_path,
            "reply through the same service centre",
            "no reply path",
        )?;
        writeln!(f, "TP-OA    {}", self.originator.described())?;
        writeln!(f, "TP-PID   {}", self.protocol)?;
        writeln!(f, "TP-DCS   {}", self.coding)?;
        writeln!(f, "TP-SCTS  {}", self.service_centre_time)?;
        self.user_data.describe(self.coding, f)
    }
}
