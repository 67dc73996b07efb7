//! What may follow the mandatory part of a report: each parameter has a bit in TP-PI.
//!
//! ```text
//! octets
//! 1…      TP-PI    bit 0 TP-PID · bit 1 TP-DCS · bit 2 TP-UDL · bits 6..3 reserved · bit 7 another TP-PI
//! 0, 1    TP-PID   protocol identifier
//! 0, 1    TP-DCS   data coding
//! 0, 1    TP-UDL   length of the user data
//! 0..159  TP-UD    user data
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.27 (TP-PI).

use core::fmt;

use super::Flags;
use super::codes::ProtocolIdentifier;
use super::dcs::DataCoding;
use super::user_data::{Field, Text, UserData};
use crate::wire::{Quirk, Reader, Rejected, Writer};

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
    /// What has no meaning yet. It survives that the report is written again.
    pub reserved: Reserved<'a>,
}

/// What a TP-PI says that the standard has no meaning for yet; a receiver is to ignore it.
///
/// 3GPP TS 23.040, section 9.2.3.27.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reserved<'a> {
    /// Bits 6..3 of TP-PI; the others are 0.
    pub bits: u8,
    /// The TP-PI octets behind the first; bit 7 is set in all but the last of them.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub indicators: &'a [u8],
    /// The octets behind the parameters, which bits that are reserved announce.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub octets: &'a [u8],
}

impl Reserved<'_> {
    /// Whether bits announce octets behind the parameters.
    fn announces(&self) -> bool {
        self.bits != 0 || self.indicators.iter().any(|indicator| indicator & 0x7F != 0)
    }
}

impl<'a> Parameters<'a> {
    /// TP-PI, the first octet of it: the bits of what is there.
    ///
    /// 3GPP TS 23.040, section 9.2.3.27.
    pub fn indicator(&self) -> u8 {
        Flags(self.reserved.bits & 0x78)
            .with(0, self.protocol.is_some())
            .with(1, self.coding.is_some())
            .with(2, self.user_data.is_some())
            .with(7, !self.reserved.indicators.is_empty())
            .0
    }

    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.user_data?.text(self.coding.unwrap_or_default())
    }

    /// Whether the user data begins with a header.
    pub(super) fn has_header(&self) -> bool {
        self.user_data.is_some_and(|user_data| user_data.has_header)
    }

    /// Reads TP-PI, all octets of it.
    pub(super) fn parse_indicator(reader: &mut Reader<'a>) -> Result<&'a [u8], Rejected> {
        let octets = reader.rest().octets();
        let further = octets.iter().take_while(|octet| **octet & 0x80 != 0).count();
        reader.octets(further.saturating_add(1), "TP-PI")
    }

    /// Writes TP-PI.
    pub(super) fn put_indicator(&self, w: &mut Writer<'_>) {
        w.put(&[self.indicator()]);
        w.put(self.reserved.indicators);
    }

    /// Reads the parameters that `indicator` announces; without one TP-PI is read first. What cannot
    /// be read is left behind the message.
    pub(super) fn parse_or_excuse(
        reader: &mut Reader<'a>,
        indicator: Option<&'a [u8]>,
        has_header: bool,
    ) -> Result<Option<Self>, Rejected> {
        let start = reader.rest();
        match Self::parse(reader, indicator, has_header) {
            Ok(parameters) => Ok(Some(parameters)),
            Err(Rejected) => reader.excuse_from(start, Quirk::TrailingOctets).map(|()| None),
        }
    }

    fn parse(
        reader: &mut Reader<'a>,
        indicator: Option<&'a [u8]>,
        has_header: bool,
    ) -> Result<Self, Rejected> {
        let indicator = match indicator {
            Some(indicator) => indicator,
            None => Self::parse_indicator(reader)?,
        };
        // There is one at least.
        let (first, indicators) = indicator.split_first().unwrap_or((&0, &[]));
        let indicator = Flags(*first);
        let reserved = Reserved { bits: first & 0x78, indicators, octets: &[] };
        let mut parameters = Self { reserved, ..Self::default() };
        if indicator.has(0) {
            parameters.protocol = Some(ProtocolIdentifier(reader.octet("TP-PID")?));
        }
        if indicator.has(1) {
            parameters.coding = Some(DataCoding::parse(reader)?);
        }
        if indicator.has(2) {
            let coding = parameters.coding.unwrap_or_default();
            let user_data = UserData::parse_field(reader, Field::OF_A_REPORT, coding, has_header)?;
            parameters.user_data = Some(user_data);
        }
        if reserved.announces() {
            parameters.reserved.octets = reader.octets(reader.len(), "TP-PI")?;
        }
        Ok(parameters)
    }

    /// Writes the parameters; TP-PI stands before them, in some reports not at once.
    pub(super) fn put(&self, w: &mut Writer<'_>) {
        if let Some(protocol) = self.protocol {
            w.put(&[protocol.0]);
        }
        if let Some(coding) = self.coding {
            w.put(&[coding.0]);
        }
        if let Some(user_data) = &self.user_data {
            user_data.put(w);
        }
        w.put(self.reserved.octets);
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
