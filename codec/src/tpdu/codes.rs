//! Codes that are one octet: TP-ST, TP-PID, and the parts of a type of address.

use core::fmt;

use crate::codes::codes;

codes! {
    /// What became of a message, by its status report.
    ///
    /// [`outcome`](Self::outcome) tells what it means for the sender.
    ///
    /// 3GPP TS 23.040, section 9.2.3.15 (TP-ST).
    pub struct Status(u8);
    RECEIVED = 0x00 => "received by the handset",
    FORWARDED = 0x01 => "forwarded to the handset, but the service centre cannot confirm delivery",
    REPLACED = 0x02 => "replaced by the service centre",
    CONGESTION = 0x20 => "congestion, still trying",
    BUSY = 0x21 => "handset busy, still trying",
    NO_RESPONSE = 0x22 => "no response from the handset, still trying",
    SERVICE_REJECTED = 0x23 => "service rejected, still trying",
    QUALITY_NOT_AVAILABLE = 0x24 => "quality of service not available, still trying",
    HANDSET_ERROR = 0x25 => "error in the handset, still trying",
    REMOTE_PROCEDURE_ERROR = 0x40 => "remote procedure error, given up",
    INCOMPATIBLE_DESTINATION = 0x41 => "incompatible destination, given up",
    CONNECTION_REJECTED = 0x42 => "connection rejected by the handset, given up",
    NOT_OBTAINABLE = 0x43 => "not obtainable, given up",
    QUALITY_NOT_AVAILABLE_FINAL = 0x44 => "quality of service not available, given up",
    NO_INTERWORKING = 0x45 => "no interworking available, given up",
    EXPIRED = 0x46 => "validity period expired",
    DELETED_BY_SENDER = 0x47 => "deleted by the sender",
    DELETED_BY_SERVICE_CENTRE = 0x48 => "deleted by the service centre",
    UNKNOWN_MESSAGE = 0x49 => "the message does not exist",
    CONGESTION_STOPPED = 0x60 => "congestion, no longer trying",
    BUSY_STOPPED = 0x61 => "handset busy, no longer trying",
    NO_RESPONSE_STOPPED = 0x62 => "no response from the handset, no longer trying",
    SERVICE_REJECTED_STOPPED = 0x63 => "service rejected, no longer trying",
    QUALITY_NOT_AVAILABLE_STOPPED = 0x64 => "quality of service not available, no longer trying",
    HANDSET_ERROR_STOPPED = 0x65 => "error in the handset, no longer trying",
}

/// What a [`Status`] means for the sender of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The message is where it should be; no more reports follow.
    Delivered,
    /// Not delivered yet; the service centre tries again, and reports again.
    StillTrying,
    /// Not delivered for a passing reason, but the service centre has given up.
    GaveUp,
    /// Not delivered, and sending it again would not help.
    Failed,
}

impl Status {
    /// What it means for the sender.
    ///
    /// Values that the standard reserves count as "service rejected", no longer trying, as it asks;
    /// those left to the service centre count as the group that they are in.
    ///
    /// 3GPP TS 23.040, section 9.2.3.15.
    pub const fn outcome(self) -> Outcome {
        match self.0 {
            0x00..=0x02 | 0x10..=0x1F => Outcome::Delivered,
            0x20..=0x25 | 0x30..=0x3F => Outcome::StillTrying,
            0x40..=0x49 | 0x50..=0x5F => Outcome::Failed,
            _ => Outcome::GaveUp,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::StillTrying => "not delivered yet",
            Self::GaveUp => "not delivered, given up",
            Self::Failed => "not delivered, for good",
        })
    }
}

codes! {
    /// What is to be done with a message beyond showing it, or how it travels on.
    ///
    /// 3GPP TS 23.040, section 9.2.3.9 (TP-PID).
    pub struct ProtocolIdentifier(u8);
    PLAIN = 0x00 => "handset to handset",
    TELEMATIC = 0x20 => "telematic device, of a kind that the service centre knows",
    TELEX = 0x21 => "telex",
    FAX_GROUP_3 = 0x22 => "group 3 fax",
    FAX_GROUP_4 = 0x23 => "group 4 fax",
    VOICE = 0x24 => "voice telephone",
    ERMES = 0x25 => "European radio messaging system",
    PAGING = 0x26 => "national paging system",
    VIDEOTEX = 0x27 => "videotex",
    TELETEX = 0x28 => "teletex, carrier unspecified",
    TELETEX_PSPDN = 0x29 => "teletex over a packet-switched network",
    TELETEX_CSPDN = 0x2A => "teletex over a circuit-switched network",
    TELETEX_PSTN = 0x2B => "teletex over the telephone network",
    TELETEX_ISDN = 0x2C => "teletex over ISDN",
    UCI = 0x2D => "universal computer interface",
    MESSAGE_HANDLING = 0x30 => "message handling facility",
    X400 = 0x31 => "X.400 message handling",
    EMAIL = 0x32 => "Internet mail",
    TYPE_0 = 0x40 => "short message type 0, to be discarded unseen",
    REPLACE_1 = 0x41 => "replaces a short message of type 1",
    REPLACE_2 = 0x42 => "replaces a short message of type 2",
    REPLACE_3 = 0x43 => "replaces a short message of type 3",
    REPLACE_4 = 0x44 => "replaces a short message of type 4",
    REPLACE_5 = 0x45 => "replaces a short message of type 5",
    REPLACE_6 = 0x46 => "replaces a short message of type 6",
    REPLACE_7 = 0x47 => "replaces a short message of type 7",
    DEVICE_TRIGGERING = 0x48 => "device triggering",
    ENHANCED = 0x5E => "enhanced message service",
    RETURN_CALL = 0x5F => "return call",
    ANSI_136 = 0x7C => "ANSI-136 R-DATA",
    HANDSET_DOWNLOAD = 0x7D => "data for the handset",
    DEPERSONALISE = 0x7E => "de-personalises the handset",
    SIM_DOWNLOAD = 0x7F => "data for the SIM",
}

codes! {
    /// How a number is to be read; bits 6 to 4 of a type of address.
    ///
    /// 0..=7. 3GPP TS 23.040, section 9.1.2.5.
    pub struct TypeOfNumber(u8);
    UNKNOWN = 0 => "unknown",
    INTERNATIONAL = 1 => "international",
    NATIONAL = 2 => "national",
    NETWORK_SPECIFIC = 3 => "network specific",
    SUBSCRIBER = 4 => "subscriber",
    ALPHANUMERIC = 5 => "alphanumeric",
    ABBREVIATED = 6 => "abbreviated",
    RESERVED = 7 => "reserved for extension",
}

codes! {
    /// Which plan a number belongs to; bits 3 to 0 of a type of address.
    ///
    /// 0..=15. 3GPP TS 23.040, section 9.1.2.5.
    pub struct NumberingPlan(u8);
    UNKNOWN = 0 => "unknown",
    TELEPHONE = 1 => "telephone",
    DATA = 3 => "data",
    TELEX = 4 => "telex",
    SERVICE_CENTRE_5 = 5 => "service centre specific",
    SERVICE_CENTRE_6 = 6 => "service centre specific",
    NATIONAL = 8 => "national",
    PRIVATE = 9 => "private",
    ERMES = 10 => "European radio messaging system",
    RESERVED = 15 => "reserved for extension",
}
