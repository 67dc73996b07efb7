//! What may follow the mandatory part of a report: each parameter has a bit in TP-PI.
//!
//! ```text
//! octets
//! 1       TP-PI    bit 0 TP-PID · bit 1 TP-DCS · bit 2 TP-UDL · bits 6..3 reserved · bit 7 another TP-PI
//! 0, 1    TP-PID   protocol identifier
//! 0, 1    TP-DCS   data coding
//! 0, 1    TP-UDL   length of the user data
//! 0..159  TP-UD    user data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.27 (TP-PI).

use core::fmt;

use nom::Parser;
use nom::bytes::complete::take;
use nom::combinator::{cond, map};

use super::codes::ProtocolIdentifier;
use super::dcs::DataCoding;
use super::user_data::{Field, Text, UserData};
use super::{Flags, octet};
use crate::error::Error;
use crate::wire::{Input, Parsed, Writer};

/// What may follow the mandatory part of a report, by TP-PI.
///
/// 3GPP TS 23.040, section 9.2.3.27 (TP-PI).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Parameters<'a> {
    /// What is to be done with the report beyond reading it (TP-PID, 9.2.3.9).
    pub protocol: Option<ProtocolIdentifier>,
    /// How the user data is coded (TP-DCS, 9.2.3.10); absent: GSM 7-bit default alphabet.
    pub coding: Option<DataCoding>,
    /// The user data (TP-UDL, TP-UD).
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub user_data: Option<UserData<'a>>,
}

impl<'a> Parameters<'a> {
    /// TP-PI: the bits of what is there.
    ///
    /// 3GPP TS 23.040, section 9.2.3.27.
    pub fn indicator(&self) -> u8 {
        let flags = Flags(0).with(0, self.protocol.is_some()).with(1, self.coding.is_some());
        flags.with(2, self.user_data.is_some()).0
    }

    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.user_data?.text(self.coding.unwrap_or_default())
    }

    /// Whether the user data begins with a header.
    pub(super) fn has_header(&self) -> bool {
        self.user_data.is_some_and(|user_data| user_data.has_header)
    }

    /// Reads TP-PI and those that follow it; those that may come one day say nothing today.
    pub(super) fn parse_indicator(input: Input<'a>) -> Parsed<'a, Flags> {
        let (mut rest, indicator) = map(octet("TP-PI"), Flags).parse(input)?;
        let mut last = indicator;
        while last.has(7) {
            (rest, last) = map(octet("TP-PI"), Flags).parse(rest)?;
        }
        Ok((rest, indicator))
    }

    /// Reads the parameters that `indicator` announces.
    pub(super) fn parse(input: Input<'a>, indicator: Flags, has_header: bool) -> Parsed<'a, Self> {
        let protocol = map(octet("TP-PID"), ProtocolIdentifier);
        let (rest, protocol) = cond(indicator.has(0), protocol).parse(input)?;
        let (rest, coding) = cond(indicator.has(1), DataCoding::parse).parse(rest)?;
        let user_data = |input| {
            UserData::parse_field(input, Field::OF_A_REPORT, coding.unwrap_or_default(), has_header)
        };
        let (mut rest, user_data) = cond(indicator.has(2), user_data).parse(rest)?;
        if indicator.0 & 0x78 != 0 {
            // A reserved bit announces octets that a reader is to discard.
            (rest, _) = take(rest.len()).parse(rest)?;
        }
        Ok((rest, Self { protocol, coding, user_data }))
    }

    /// Writes the parameters; TP-PI stands before them, in some reports not at once.
    pub(super) fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        if let Some(protocol) = self.protocol {
            w.octet(protocol.0)?;
        }
        if let Some(coding) = self.coding {
            w.octet(coding.0)?;
        }
        self.user_data.map_or(Ok(()), |user_data| user_data.emit(w))
    }

    /// The lines that a report prints, each behind a line feed.
    pub(super) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(protocol) = self.protocol {
            write!(f, "\nTP-PID   {protocol}")?;
        }
        if let Some(coding) = self.coding {
            write!(f, "\nTP-DCS   {coding}")?;
        }
        let Some(user_data) = self.user_data else {
            return Ok(());
        };
        f.write_str("\n")?;
        user_data.describe(self.coding.unwrap_or_default(), f)
    }
}
