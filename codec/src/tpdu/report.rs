//! SMS-DELIVER-REPORT and SMS-SUBMIT-REPORT: whether the other end took a message.
//!
//! ```text
//! octets
//! 1       bits 1..0 TP-MTI 00, in an SMS-SUBMIT-REPORT 01 · bit 6 TP-UDHI
//! 1       TP-FCS   failure cause; only in an RP-ERROR
//! 1       TP-PI    which of the last four follow
//! 7       TP-SCTS  service-centre time; only in an SMS-SUBMIT-REPORT
//! 1       TP-PID   protocol identifier
//! 1       TP-DCS   data coding
//! 1       TP-UDL   length of the user data
//! 0..159  TP-UD    user data
//! ```
//!
//! An RP-ACK and an RP-ERROR carry different reports, and a report alone does not say which it is.
//! Its second octet does: a failure cause has bit 7 set, and a TP-PI has it clear as long as the
//! standard defines no second one.
//!
//! 3GPP TS 23.040, sections 9.2.2.1a and 9.2.2.2a.

use core::fmt;

use super::Flags;
use super::codes::FailureCause;
use super::parameters::Parameters;
use super::time::Timestamp;
use super::user_data::Text;
use crate::error::{Error, ErrorKind};
use crate::wire::{Reader, Rejected, Wire, Writer};

/// Whether the handset took an SMS-DELIVER or an SMS-STATUS-REPORT.
///
/// 3GPP TS 23.040, section 9.2.2.1a.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DeliverReport<'a> {
    /// Why it was refused, in an RP-ERROR; `None` in an RP-ACK (TP-FCS, 9.2.3.22).
    pub failure_cause: Option<FailureCause>,
    /// What else the report says (TP-PI).
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub parameters: Parameters<'a>,
}

/// Whether the service centre took an SMS-SUBMIT or an SMS-COMMAND.
///
/// 3GPP TS 23.040, section 9.2.2.2a.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubmitReport<'a> {
    /// Why it was refused, in an RP-ERROR; `None` in an RP-ACK (TP-FCS, 9.2.3.22).
    pub failure_cause: Option<FailureCause>,
    /// When the service centre received the message (TP-SCTS, 9.2.3.11).
    pub service_centre_time: Timestamp,
    /// What else the report says (TP-PI).
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub parameters: Parameters<'a>,
}

impl<'a> DeliverReport<'a> {
    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.parameters.text()
    }
}

impl<'a> SubmitReport<'a> {
    /// The text, or `None` when there is no user data, or 8-bit data, or compressed.
    pub fn text(&self) -> Option<Text<'a>> {
        self.parameters.text()
    }
}

impl<'a> Wire<'a> for DeliverReport<'a> {
    /// Reads an SMS-DELIVER-REPORT; parameters that cannot be read never lose the report.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let (flags, failure_cause) = parse_cause(reader, 0b00)?;
        let indicator = Parameters::parse_indicator(reader)?;
        let parameters = Parameters::parse_or_excuse(reader, Some(indicator), flags.has(6))?;
        Ok(Self { failure_cause, parameters: parameters.unwrap_or_default() })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_cause(0b00, self.failure_cause, &self.parameters, w)?;
        self.parameters.put(w);
        w.check()
    }
}

impl<'a> Wire<'a> for SubmitReport<'a> {
    /// Reads an SMS-SUBMIT-REPORT; parameters that cannot be read never lose the report.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        let (flags, failure_cause) = parse_cause(reader, 0b01)?;
        let indicator = Parameters::parse_indicator(reader)?;
        let service_centre_time = Timestamp::parse(reader, "TP-SCTS")?;
        let parameters = Parameters::parse_or_excuse(reader, Some(indicator), flags.has(6))?;
        let parameters = parameters.unwrap_or_default();
        Ok(Self { failure_cause, service_centre_time, parameters })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_cause(0b01, self.failure_cause, &self.parameters, w)?;
        w.put(&self.service_centre_time.0);
        self.parameters.put(w);
        w.check()
    }
}

/// Reads the first octet, which has this type of message, and TP-FCS where there is one.
fn parse_cause(
    reader: &mut Reader<'_>,
    message_type: u8,
) -> Result<(Flags, Option<FailureCause>), Rejected> {
    let flags = Flags::parse(reader, message_type)?;
    let has_cause = reader.rest().octets().first().is_some_and(|octet| octet & 0x80 != 0);
    let cause = if has_cause { Some(FailureCause(reader.octet("TP-FCS")?)) } else { None };
    Ok((flags, cause))
}

/// Writes everything up to TP-PI.
fn emit_cause(
    message_type: u8,
    cause: Option<FailureCause>,
    parameters: &Parameters<'_>,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    w.put(&[Flags(message_type).with(6, parameters.has_header()).0]);
    if let Some(cause) = cause {
        if cause.0 & 0x80 == 0 {
            return Err(ErrorKind::Value.at("TP-FCS", w.len()));
        }
        w.put(&[cause.0]);
    }
    parameters.put_indicator(w);
    Ok(())
}

/// Each field on a line, with its words.
impl fmt::Display for DeliverReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SMS-DELIVER-REPORT")?;
        describe_cause(self.failure_cause, f)?;
        write!(f, "TP-PI    0x{:02X}", self.parameters.indicator())?;
        self.parameters.describe(f)
    }
}

/// Each field on a line, with its words.
impl fmt::Display for SubmitReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SMS-SUBMIT-REPORT")?;
        describe_cause(self.failure_cause, f)?;
        writeln!(f, "TP-PI    0x{:02X}", self.parameters.indicator())?;
        write!(f, "TP-SCTS  {}", self.service_centre_time)?;
        self.parameters.describe(f)
    }
}

fn describe_cause(cause: Option<FailureCause>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    cause.map_or(Ok(()), |cause| writeln!(f, "TP-FCS   {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    use crate::wire::Quirk;

    #[test]
    fn bit_7_of_the_second_octet_tells_a_failure_cause_from_what_follows() {
        let failed = DeliverReport::from_bytes(&[0x00, 0xD3, 0x00]).unwrap();
        assert_eq!(failed.failure_cause, Some(FailureCause::MEMORY_EXCEEDED));
        let taken = DeliverReport::from_bytes(&[0x00, 0x00]).unwrap();
        assert_eq!(taken, DeliverReport::default());
        let no_cause = DeliverReport { failure_cause: Some(FailureCause(0x7F)), ..taken };
        let refused = no_cause.to_slice(&mut [0; 8]).map(<[u8]>::len);
        assert_eq!(refused, Err(ErrorKind::Value.at("TP-FCS", 1)));
        assert_eq!(
            DeliverReport::from_bytes(&[0x00, 0xD3]),
            Err(ErrorKind::Truncated.at("TP-PI", 2))
        );
    }

    #[test]
    fn parameters_that_are_cut_never_lose_the_report() {
        let octets = [0x00, 0xD3, 0x07, 0x00];
        let (report, quirks) = DeliverReport::from_bytes_tolerant(&octets).unwrap();
        assert_eq!(report.failure_cause, Some(FailureCause::MEMORY_EXCEEDED));
        assert!(quirks.contains(Quirk::TrailingOctets));
        assert_eq!(DeliverReport::from_bytes(&octets), Err(ErrorKind::Truncated.at("TP-DCS", 4)));
    }

    #[test]
    fn a_report_has_words() {
        let octets = [0x01, 0xC5, 0x01, 0x70, 0x50, 0x51, 0x51, 0x10, 0x11, 0x21, 0x41];
        assert_eq!(
            SubmitReport::from_bytes(&octets).unwrap().to_string(),
            "SMS-SUBMIT-REPORT\nTP-FCS   197 (duplicate rejected)\nTP-PI    0x01\n\
             TP-SCTS  07-05-15 15:01:11 +03:00\n\
             TP-PID   65 (replaces a short message of type 1)"
        );
    }
}
