//! Codes that are one octet: TP-ST, TP-PID, TP-FCS, TP-CT, and the parts of a type of address.

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
    0x03..=0x0F => "reserved",
    0x10..=0x1F => "a reason of the service centre's own",
    0x26..=0x2F => "reserved",
    0x30..=0x3F => "a reason of the service centre's own",
    0x4A..=0x4F => "reserved",
    0x50..=0x5F => "a reason of the service centre's own",
    0x66..=0x6F => "reserved",
    0x70..=0x7F => "a reason of the service centre's own",
    0x80..=0xFF => "reserved",
}

/// What a [`Status`] means for the sender of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
    0x01..=0x1F => "protocol of the two ends",
    0x2E..=0x2F => "reserved telematic device",
    0x33..=0x37 => "reserved message handling",
    0x38..=0x3E => "telematic device of the service centre's own",
    0x3F..=0x3F => "handset, in a data coding that it supports",
    0x49..=0x5D => "reserved",
    0x60..=0x7B => "reserved",
    0x80..=0xBF => "reserved",
    0xC0..=0xFF => "protocol of the service centre's own",
}

codes! {
    /// Why a message was refused, by the report that an RP-ERROR carries.
    ///
    /// 0x80..=0xFF: with bit 7 clear the octet is a TP-PI.
    ///
    /// 3GPP TS 23.040, section 9.2.3.22 (TP-FCS).
    pub struct FailureCause(u8);
    TELEMATIC_NOT_SUPPORTED = 0x80 => "telematic interworking not supported",
    TYPE_0_NOT_SUPPORTED = 0x81 => "short message type 0 not supported",
    CANNOT_REPLACE = 0x82 => "cannot replace the short message",
    PROTOCOL_ERROR = 0x8F => "unspecified error of TP-PID",
    ALPHABET_NOT_SUPPORTED = 0x90 => "data coding scheme not supported",
    CLASS_NOT_SUPPORTED = 0x91 => "message class not supported",
    CODING_ERROR = 0x9F => "unspecified error of TP-DCS",
    COMMAND_NOT_ACTIONED = 0xA0 => "command cannot be carried out",
    COMMAND_NOT_SUPPORTED = 0xA1 => "command not supported",
    COMMAND_ERROR = 0xAF => "unspecified error of TP-CT",
    TPDU_NOT_SUPPORTED = 0xB0 => "message type not supported",
    BUSY = 0xC0 => "service centre busy",
    NO_SUBSCRIPTION = 0xC1 => "no subscription at the service centre",
    SYSTEM_FAILURE = 0xC2 => "failure of the service centre",
    INVALID_ADDRESS = 0xC3 => "invalid address",
    DESTINATION_BARRED = 0xC4 => "destination barred",
    DUPLICATE = 0xC5 => "duplicate rejected",
    VALIDITY_FORMAT_NOT_SUPPORTED = 0xC6 => "format of the validity period not supported",
    VALIDITY_NOT_SUPPORTED = 0xC7 => "validity period not supported",
    SIM_FULL = 0xD0 => "store of the SIM full",
    SIM_NO_STORE = 0xD1 => "SIM without a store",
    HANDSET_ERROR = 0xD2 => "error in the handset",
    MEMORY_EXCEEDED = 0xD3 => "memory capacity exceeded",
    TOOLKIT_BUSY = 0xD4 => "SIM application toolkit busy",
    SIM_DOWNLOAD_ERROR = 0xD5 => "data for the SIM not taken",
    UNSPECIFIED = 0xFF => "unspecified error",
    0x00..=0x7F => "reserved",
    0x83..=0x8E => "reserved error of TP-PID",
    0x92..=0x9E => "reserved error of TP-DCS",
    0xA2..=0xAE => "reserved error of TP-CT",
    0xB1..=0xBF => "reserved error of the message type",
    0xC8..=0xCF => "reserved error of the service centre",
    0xD6..=0xDF => "reserved error of the handset",
    0xE0..=0xFE => "error of an application",
}

codes! {
    /// What an SMS-COMMAND asks the service centre to do with a message that it holds.
    ///
    /// 3GPP TS 23.040, section 9.2.3.19 (TP-CT).
    pub struct CommandType(u8);
    ENQUIRY = 0x00 => "tell what became of the message",
    CANCEL_STATUS_REPORT = 0x01 => "send no status report",
    DELETE = 0x02 => "delete the message",
    ENABLE_STATUS_REPORT = 0x03 => "send a status report",
    0x04..=0xDF => "reserved",
    0xE0..=0xFF => "command of the service centre's own",
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
    0x02..=0x02 => "reserved",
    0x07..=0x07 => "reserved",
    0x0B..=0x0E => "reserved",
}
