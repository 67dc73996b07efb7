//! What can be made to go wrong.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use septet::at::CmsError;
use septet::tpdu::codes::Status;

use crate::network::Outcome;

/// Something that goes wrong with one message: `2=reboot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// With which: PDUs that the terminal has given after `AT+CMGS`, counted from 1 and across
    /// reboots.
    pub pdu: u32,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The power goes before the message leaves the modem.
    Reboot,
    /// The power goes after the message has left and before its result.
    RebootSent,
    /// The message leaves, and no result ever comes.
    Silence,
    /// The message is refused.
    Cms(CmsError),
    /// The message leaves, and its result comes after this time.
    Late(Duration),
    /// The message ends with this TP-ST.
    Status(Status),
    /// The message is delivered, and no report comes.
    NoReport,
}

/// What a fault changes in the sending of a message.
#[derive(Default)]
pub(super) struct Course {
    /// Why the message does not leave the modem, when it does not.
    pub(super) refused: Option<CmsError>,
    /// How the message ends, when the network is not to decide.
    pub(super) outcome: Option<Outcome>,
    /// How the command ends.
    pub(super) ending: Ending,
}

/// How the command ends.
#[derive(Default)]
pub(super) enum Ending {
    #[default]
    Result,
    ResultAfter(Duration),
    Silence,
    Reboot,
}

impl Course {
    /// How the sending of the PDU with this number goes.
    pub(super) fn of(pdu: u32, faults: &[Fault]) -> Self {
        let mut course = Self::default();
        for fault in faults.iter().filter(|fault| fault.pdu == pdu) {
            match fault.kind {
                FaultKind::Reboot => {
                    // Nobody hears of the reason.
                    course.refused = Some(CmsError::UNKNOWN);
                    course.ending = Ending::Reboot;
                }
                FaultKind::RebootSent => course.ending = Ending::Reboot,
                FaultKind::Silence => course.ending = Ending::Silence,
                FaultKind::Cms(error) => course.refused = Some(error),
                FaultKind::Late(time) => course.ending = Ending::ResultAfter(time),
                FaultKind::Status(status) => course.outcome = Some(Outcome::status(status)),
                FaultKind::NoReport => course.outcome = Some(Outcome::NO_REPORT),
            }
        }
        course
    }
}

/// A text that is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoFault(String);

impl fmt::Display for NoFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no fault: write N=WHAT, where N counts the PDUs from 1 and WHAT is reboot, \
             reboot-sent, silence, cms:CODE, late:MILLISECONDS, status:HEX or no-report",
            self.0
        )
    }
}

impl std::error::Error for NoFault {}

/// Reads `2=reboot`, `1=cms:331`, `1=late:500`, `3=status:46`.
impl FromStr for Fault {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let fault = || {
            let (pdu, what) = text.split_once('=')?;
            let pdu = pdu.parse().ok().filter(|pdu| *pdu > 0)?;
            let kind = match what.split_once(':').unwrap_or((what, "")) {
                ("reboot", "") => FaultKind::Reboot,
                ("reboot-sent", "") => FaultKind::RebootSent,
                ("silence", "") => FaultKind::Silence,
                ("cms", code) => FaultKind::Cms(CmsError(code.parse().ok()?)),
                ("late", time) => {
                    FaultKind::Late(Duration::from_millis(time.parse::<u32>().ok()?.into()))
                }
                ("status", octet) => FaultKind::Status(Status(u8::from_str_radix(octet, 16).ok()?)),
                ("no-report", "") => FaultKind::NoReport,
                _ => return None,
            };
            Some(Self { pdu, kind })
        };
        fault().ok_or_else(|| NoFault(text.to_owned()))
    }
}

/// As it is read.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.pdu)?;
        match self.kind {
            FaultKind::Reboot => f.write_str("reboot"),
            FaultKind::RebootSent => f.write_str("reboot-sent"),
            FaultKind::Silence => f.write_str("silence"),
            FaultKind::Cms(error) => write!(f, "cms:{}", error.0),
            FaultKind::Late(time) => write!(f, "late:{}", time.as_millis()),
            FaultKind::Status(status) => write!(f, "status:{:02X}", status.0),
            FaultKind::NoReport => f.write_str("no-report"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in [
            "1=reboot",
            "2=reboot-sent",
            "3=silence",
            "4=cms:331",
            "5=late:59000",
            "6=status:46",
            "7=no-report",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_is_one() {
        for text in [
            "",
            "reboot",
            "0=reboot",
            "1=reboot:1",
            "1=cms:",
            "1=late:4294967296",
            "1=status:146",
            "x=late:1",
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "{text:?} is no fault: write N=WHAT, where N counts the PDUs from 1 and WHAT \
                     is reboot, reboot-sent, silence, cms:CODE, late:MILLISECONDS, status:HEX or \
                     no-report"
                )
            );
        }
    }
}
