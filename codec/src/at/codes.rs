//! Why a modem refuses: the `+CMS ERROR` and `+CME ERROR` tables, and what to do about each.

use crate::codes::codes;

codes! {
    /// The number of a `+CMS ERROR`.
    ///
    /// 0 to 127 is the network's RP cause, 128 to 255 the service centre's TP-FCS, 300 to 511 the
    /// modem's own; 512 and up differ from maker to maker.
    ///
    /// 3GPP TS 27.005, section 3.2.5; TS 24.011, annex E.2; TS 23.040, section 9.2.3.22.
    pub struct CmsError(u16);

    UNASSIGNED_NUMBER = 1 => "unassigned (unallocated) number",
    OPERATOR_DETERMINED_BARRING = 8 => "operator determined barring",
    CALL_BARRED = 10 => "call barred",
    TRANSFER_REJECTED = 21 => "short message transfer rejected",
    RP_MEMORY_EXCEEDED = 22 => "memory capacity exceeded",
    DESTINATION_OUT_OF_ORDER = 27 => "destination out of order",
    UNIDENTIFIED_SUBSCRIBER = 28 => "unidentified subscriber",
    FACILITY_REJECTED = 29 => "facility rejected",
    UNKNOWN_SUBSCRIBER = 30 => "unknown subscriber",
    NETWORK_OUT_OF_ORDER = 38 => "network out of order",
    TEMPORARY_FAILURE = 41 => "temporary failure",
    CONGESTION = 42 => "congestion",
    RESOURCES_UNAVAILABLE = 47 => "resources unavailable, unspecified",
    FACILITY_NOT_SUBSCRIBED = 50 => "requested facility not subscribed",
    FACILITY_NOT_IMPLEMENTED = 69 => "requested facility not implemented",
    INVALID_REFERENCE = 81 => "invalid short message transfer reference value",
    SEMANTICALLY_INCORRECT = 95 => "semantically incorrect message",
    INVALID_MANDATORY_INFORMATION = 96 => "invalid mandatory information",
    MESSAGE_TYPE_NON_EXISTENT = 97 => "message type non-existent or not implemented",
    MESSAGE_NOT_COMPATIBLE = 98 => "message not compatible with short message protocol state",
    ELEMENT_NON_EXISTENT = 99 => "information element non-existent or not implemented",
    PROTOCOL_ERROR = 111 => "protocol error, unspecified",
    INTERWORKING = 127 => "interworking, unspecified",

    TELEMATIC_NOT_SUPPORTED = 0x80 => "telematic interworking not supported",
    TYPE_0_NOT_SUPPORTED = 0x81 => "short message type 0 not supported",
    CANNOT_REPLACE = 0x82 => "cannot replace short message",
    PID_ERROR = 0x8f => "unspecified TP-PID error",
    ALPHABET_NOT_SUPPORTED = 0x90 => "data coding scheme (alphabet) not supported",
    MESSAGE_CLASS_NOT_SUPPORTED = 0x91 => "message class not supported",
    DCS_ERROR = 0x9f => "unspecified TP-DCS error",
    COMMAND_CANNOT_BE_ACTIONED = 0xa0 => "command cannot be actioned",
    COMMAND_UNSUPPORTED = 0xa1 => "command unsupported",
    COMMAND_ERROR = 0xaf => "unspecified TP-command error",
    TPDU_NOT_SUPPORTED = 0xb0 => "TPDU not supported",
    SC_BUSY = 0xc0 => "SC busy",
    NO_SC_SUBSCRIPTION = 0xc1 => "no SC subscription",
    SC_SYSTEM_FAILURE = 0xc2 => "SC system failure",
    INVALID_SME_ADDRESS = 0xc3 => "invalid SME address",
    DESTINATION_SME_BARRED = 0xc4 => "destination SME barred",
    REJECTED_DUPLICATE = 0xc5 => "SM rejected-duplicate SM",
    VPF_NOT_SUPPORTED = 0xc6 => "TP-VPF not supported",
    VP_NOT_SUPPORTED = 0xc7 => "TP-VP not supported",
    SIM_STORAGE_FULL = 0xd0 => "SIM SMS storage full",
    NO_SIM_STORAGE = 0xd1 => "no SMS storage capability in SIM",
    ERROR_IN_MS = 0xd2 => "error in MS",
    MEMORY_EXCEEDED = 0xd3 => "memory capacity exceeded",
    TOOLKIT_BUSY = 0xd4 => "SIM application toolkit busy",
    DATA_DOWNLOAD_ERROR = 0xd5 => "SIM data download error",
    UNSPECIFIED = 0xff => "unspecified error cause",

    ME_FAILURE = 300 => "ME failure",
    SERVICE_RESERVED = 301 => "SMS service of ME reserved",
    NOT_ALLOWED = 302 => "operation not allowed",
    NOT_SUPPORTED = 303 => "operation not supported",
    INVALID_PDU_PARAMETER = 304 => "invalid PDU mode parameter",
    INVALID_TEXT_PARAMETER = 305 => "invalid text mode parameter",
    SIM_NOT_INSERTED = 310 => "SIM not inserted",
    SIM_PIN_REQUIRED = 311 => "SIM PIN required",
    PH_SIM_PIN_REQUIRED = 312 => "PH-SIM PIN required",
    SIM_FAILURE = 313 => "SIM failure",
    SIM_BUSY = 314 => "SIM busy",
    SIM_WRONG = 315 => "SIM wrong",
    SIM_PUK_REQUIRED = 316 => "SIM PUK required",
    SIM_PIN2_REQUIRED = 317 => "SIM PIN2 required",
    SIM_PUK2_REQUIRED = 318 => "SIM PUK2 required",
    MEMORY_FAILURE = 320 => "memory failure",
    INVALID_INDEX = 321 => "invalid memory index",
    MEMORY_FULL = 322 => "memory full",
    SMSC_UNKNOWN = 330 => "SMSC address unknown",
    NO_NETWORK = 331 => "no network service",
    NETWORK_TIMEOUT = 332 => "network timeout",
    NO_ACKNOWLEDGEMENT_EXPECTED = 340 => "no +CNMA acknowledgement expected",
    UNKNOWN = 500 => "unknown error",
}

codes! {
    /// The number of a `+CME ERROR`.
    ///
    /// 3GPP TS 27.007, section 9.2.
    pub struct CmeError(u16);

    PHONE_FAILURE = 0 => "phone failure",
    NO_CONNECTION = 1 => "no connection to phone",
    LINK_RESERVED = 2 => "phone-adaptor link reserved",
    NOT_ALLOWED = 3 => "operation not allowed",
    NOT_SUPPORTED = 4 => "operation not supported",
    PH_SIM_PIN_REQUIRED = 5 => "PH-SIM PIN required",
    PH_FSIM_PIN_REQUIRED = 6 => "PH-FSIM PIN required",
    PH_FSIM_PUK_REQUIRED = 7 => "PH-FSIM PUK required",
    SIM_NOT_INSERTED = 10 => "SIM not inserted",
    SIM_PIN_REQUIRED = 11 => "SIM PIN required",
    SIM_PUK_REQUIRED = 12 => "SIM PUK required",
    SIM_FAILURE = 13 => "SIM failure",
    SIM_BUSY = 14 => "SIM busy",
    SIM_WRONG = 15 => "SIM wrong",
    INCORRECT_PASSWORD = 16 => "incorrect password",
    SIM_PIN2_REQUIRED = 17 => "SIM PIN2 required",
    SIM_PUK2_REQUIRED = 18 => "SIM PUK2 required",
    MEMORY_FULL = 20 => "memory full",
    INVALID_INDEX = 21 => "invalid index",
    NOT_FOUND = 22 => "not found",
    MEMORY_FAILURE = 23 => "memory failure",
    TEXT_TOO_LONG = 24 => "text string too long",
    INVALID_TEXT = 25 => "invalid characters in text string",
    DIAL_STRING_TOO_LONG = 26 => "dial string too long",
    INVALID_DIAL_STRING = 27 => "invalid characters in dial string",
    NO_NETWORK = 30 => "no network service",
    NETWORK_TIMEOUT = 31 => "network timeout",
    NETWORK_NOT_ALLOWED = 32 => "network not allowed - emergency calls only",
    NETWORK_PIN_REQUIRED = 40 => "network personalization PIN required",
    NETWORK_PUK_REQUIRED = 41 => "network personalization PUK required",
    SUBSET_PIN_REQUIRED = 42 => "network subset personalization PIN required",
    SUBSET_PUK_REQUIRED = 43 => "network subset personalization PUK required",
    PROVIDER_PIN_REQUIRED = 44 => "service provider personalization PIN required",
    PROVIDER_PUK_REQUIRED = 45 => "service provider personalization PUK required",
    CORPORATE_PIN_REQUIRED = 46 => "corporate personalization PIN required",
    CORPORATE_PUK_REQUIRED = 47 => "corporate personalization PUK required",
    HIDDEN_KEY_REQUIRED = 48 => "hidden key required",
    EAP_NOT_SUPPORTED = 49 => "EAP method not supported",
    INCORRECT_PARAMETERS = 50 => "incorrect parameters",
    DISABLED = 51 => "command implemented but currently disabled",
    ABORTED = 52 => "command aborted by user",
    NOT_ATTACHED = 53 => "not attached to network due to MT functionality restrictions",
    EMERGENCY_ONLY = 54 => "modem not allowed - MT restricted to emergency calls only",
    RESTRICTED = 55 => "operation not allowed because of MT functionality restrictions",
    FIXED_DIAL_ONLY = 56 => "fixed dial number only allowed - called number is not a fixed dial number",
    OUT_OF_SERVICE = 57 => "temporarily out of service due to other MT usage",
    ALPHABET_NOT_SUPPORTED = 58 => "language/alphabet not supported",
    UNEXPECTED_VALUE = 59 => "unexpected data value",
    SYSTEM_FAILURE = 60 => "system failure",
    DATA_MISSING = 61 => "data missing",
    CALL_BARRED = 62 => "call barred",
    WAITING_INDICATION_FAILURE = 63 => "message waiting indication subscription failure",
    UNKNOWN = 100 => "unknown",
    ILLEGAL_MS = 103 => "illegal MS",
    ILLEGAL_ME = 106 => "illegal ME",
    GPRS_NOT_ALLOWED = 107 => "GPRS services not allowed",
    SERVICES_NOT_ALLOWED = 108 => "GPRS services and non-GPRS services not allowed",
    PLMN_NOT_ALLOWED = 111 => "PLMN not allowed",
    AREA_NOT_ALLOWED = 112 => "location area not allowed",
    ROAMING_NOT_ALLOWED = 113 => "roaming not allowed in this location area",
    OPTION_NOT_SUPPORTED = 132 => "service option not supported",
    OPTION_NOT_SUBSCRIBED = 133 => "requested service option not subscribed",
    OPTION_OUT_OF_ORDER = 134 => "service option temporarily out of order",
    GPRS_ERROR = 148 => "unspecified GPRS error",
    PDP_AUTHENTICATION_FAILURE = 149 => "PDP authentication failure",
    INVALID_MOBILE_CLASS = 150 => "invalid mobile class",
}

/// What to do about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Class {
    /// This message will never go: report it.
    Permanent,
    /// Network, service centre or store: try again later, with pauses that grow.
    Temporary,
    /// The command or the modem's settings are wrong: trying again unchanged is useless.
    Local,
    /// The SIM is missing, locked or broken: nothing will go until somebody sees to it.
    Sim,
    /// The SIM or the modem is not ready yet: try again within seconds.
    Busy,
    /// The modem does not know the command: go on without it.
    Unsupported,
}

/// How a command ends that does not end with `OK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Failure {
    /// `ERROR`, without a reason.
    Error,
    /// `+CMS ERROR: <n>`.
    Cms(CmsError),
    /// `+CME ERROR: <n>`.
    Cme(CmeError),
}

impl CmsError {
    /// What to do about it.
    pub fn class(self) -> Class {
        class_in(&CMS_CLASSES, self.0)
    }

    /// The error that a modem at `AT+CMEE=2` has these words for.
    ///
    /// Letter case, blanks and the standard's `(U)` do not matter. Words that no table has are
    /// [`UNKNOWN`](Self::UNKNOWN).
    pub fn from_words(words: &[u8]) -> Self {
        with_words(&CMS_WORDS.digests, &CMS_WORDS.steps, words).map_or(Self::UNKNOWN, Self)
    }
}

impl CmeError {
    /// What to do about it.
    pub fn class(self) -> Class {
        class_in(&CME_CLASSES, self.0)
    }

    /// The error that a modem at `AT+CMEE=2` has these words for, as
    /// [`CmsError::from_words`].
    pub fn from_words(words: &[u8]) -> Self {
        with_words(&CME_WORDS.digests, &CME_WORDS.steps, words).map_or(Self::UNKNOWN, Self)
    }
}

impl Failure {
    /// What to do about it; [`Class::Unsupported`] where the modem gives no reason.
    pub fn class(self) -> Class {
        match self {
            Self::Error => Class::Unsupported,
            Self::Cms(error) => error.class(),
            Self::Cme(error) => error.class(),
        }
    }
}

/// A code from which on codes have this class, up to the next: both in 16 bits, since the tables would
/// be twice as long.
struct Since(u16);

const fn since(code: u16, class: Class) -> Since {
    Since(code << 3 | class as u16)
}

/// The classes in the order of their numbers.
const CLASSES: [Class; 6] =
    [Class::Permanent, Class::Temporary, Class::Local, Class::Sim, Class::Busy, Class::Unsupported];

fn class_in(table: &[Since], code: u16) -> Class {
    let row = table.iter().rev().find(|Since(row)| code >= row >> 3);
    let class = row.and_then(|Since(row)| CLASSES.get(usize::from(row & 7)));
    class.copied().unwrap_or(Class::Temporary)
}

// 500 is said for anything, and most makers' own numbers mean that the modem is busy.
const CMS_CLASSES: [Since; 32] = [
    since(0, Class::Permanent),
    since(22, Class::Temporary),
    since(23, Class::Permanent),
    since(38, Class::Temporary),
    since(39, Class::Permanent),
    since(41, Class::Temporary),
    since(43, Class::Permanent),
    since(47, Class::Temporary),
    since(48, Class::Permanent),
    since(192, Class::Temporary),
    since(193, Class::Permanent),
    since(194, Class::Temporary),
    since(195, Class::Permanent),
    since(208, Class::Temporary),
    since(209, Class::Permanent),
    since(211, Class::Temporary),
    since(213, Class::Permanent),
    since(256, Class::Temporary),
    since(300, Class::Local),
    since(303, Class::Unsupported),
    since(304, Class::Local),
    since(310, Class::Sim),
    since(314, Class::Busy),
    since(315, Class::Sim),
    since(319, Class::Local),
    since(322, Class::Temporary),
    since(323, Class::Local),
    since(331, Class::Temporary),
    since(333, Class::Local),
    since(500, Class::Temporary),
    since(515, Class::Busy),
    since(516, Class::Temporary),
];

const CME_CLASSES: [Since; 37] = [
    since(0, Class::Temporary),
    since(2, Class::Local),
    since(3, Class::Unsupported),
    since(5, Class::Sim),
    since(14, Class::Busy),
    since(15, Class::Sim),
    since(19, Class::Local),
    since(20, Class::Temporary),
    since(21, Class::Local),
    since(23, Class::Temporary),
    since(24, Class::Local),
    since(30, Class::Temporary),
    since(32, Class::Permanent),
    since(33, Class::Local),
    since(40, Class::Sim),
    since(49, Class::Unsupported),
    since(50, Class::Local),
    since(51, Class::Unsupported),
    since(52, Class::Local),
    since(56, Class::Permanent),
    since(57, Class::Temporary),
    since(58, Class::Unsupported),
    since(59, Class::Local),
    since(60, Class::Temporary),
    since(61, Class::Local),
    since(62, Class::Permanent),
    since(63, Class::Local),
    since(100, Class::Unsupported),
    since(101, Class::Local),
    since(103, Class::Permanent),
    since(114, Class::Local),
    since(132, Class::Unsupported),
    since(133, Class::Permanent),
    since(134, Class::Temporary),
    since(135, Class::Local),
    since(515, Class::Busy),
    since(516, Class::Local),
];

impl core::fmt::Display for Class {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Permanent => "this message will never go",
            Self::Temporary => "to be tried again later",
            Self::Local => "the command or the settings are wrong",
            Self::Sim => "the SIM is missing, locked or broken",
            Self::Busy => "not ready yet",
            Self::Unsupported => "the modem does not know the command",
        })
    }
}

/// As the modem writes it at `AT+CMEE=1`, with the words where they are known.
impl core::fmt::Display for Failure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Error => f.write_str("ERROR"),
            Self::Cms(error) => write!(f, "+CMS ERROR: {error}"),
            Self::Cme(error) => write!(f, "+CME ERROR: {error}"),
        }
    }
}

/// The words of a table's codes, in the order of the codes.
///
/// The words are known by their digests, so that an image which never prints them has not a word of
/// them; no two of a table have the same.
struct Words<const N: usize> {
    digests: [u32; N],
    /// How far each code lies above the one before.
    steps: [u8; N],
}

/// The code with these words.
#[inline(never)]
fn with_words(digests: &[u32], steps: &[u8], words: &[u8]) -> Option<u16> {
    let digest = digest(words);
    let mut code = 0;
    for (listed, step) in digests.iter().zip(steps) {
        code += u16::from(*step);
        if *listed == digest {
            return Some(code);
        }
    }
    None
}

/// Makes the words of a table.
macro_rules! words {
    ($codes:ty) => {{
        let mut words = Words { digests: [0; _], steps: [0; _] };
        let mut before = 0;
        let mut i = 0;
        while i < <$codes>::LISTED.len() {
            let code = <$codes>::LISTED[i];
            if let Some(listed) = code.words() {
                words.digests[i] = digest(listed.as_bytes());
            }
            assert!(before <= code.0 && code.0 - before <= u8::MAX as u16);
            words.steps[i] = (code.0 - before) as u8;
            before = code.0;
            i += 1;
        }
        words
    }};
}

#[allow(clippy::indexing_slicing, reason = "done by the compiler, which checks it")]
const CMS_WORDS: Words<{ CmsError::LISTED.len() }> = words!(CmsError);
#[allow(clippy::indexing_slicing, reason = "done by the compiler, which checks it")]
const CME_WORDS: Words<{ CmeError::LISTED.len() }> = words!(CmeError);

/// FNV-1a of the words, but for what modems write differently: letter case, blanks, a `(U)` before.
const fn digest(words: &[u8]) -> u32 {
    let mut rest = match words {
        [b'(', b'U', b')', rest @ ..] => rest,
        _ => words,
    };
    let mut digest: u32 = 0x811c_9dc5;
    while let [octet, others @ ..] = rest {
        if !octet.is_ascii_whitespace() {
            digest = (digest ^ octet.to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193);
        }
        rest = others;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_and_blanks() {
        assert_eq!(CmsError::from_words(b"SIM not inserted"), CmsError::SIM_NOT_INSERTED);
        assert_eq!(CmsError::from_words(b"(U)SIM busy"), CmsError::SIM_BUSY);
        assert_eq!(CmeError::from_words(b"OperationNotAllowed"), CmeError::NOT_ALLOWED);
        assert_eq!(CmeError::from_words(b"out of paper"), CmeError::UNKNOWN);
    }

    #[test]
    fn every_code_is_found_by_its_words() {
        for words in CmsError::LISTED.iter().filter_map(|code| code.words()) {
            assert_eq!(CmsError::from_words(words.as_bytes()).words(), Some(words));
        }
        for words in CmeError::LISTED.iter().filter_map(|code| code.words()) {
            assert_eq!(CmeError::from_words(words.as_bytes()).words(), Some(words));
        }
    }

    #[test]
    fn classes_say_what_to_do() {
        for (code, class) in [
            (1, Class::Permanent),
            (38, Class::Temporary),
            (0xc0, Class::Temporary),
            (0xc3, Class::Permanent),
            (304, Class::Local),
            (310, Class::Sim),
            (314, Class::Busy),
            (321, Class::Local),
            (322, Class::Temporary),
            (500, Class::Temporary),
            (513, Class::Temporary),
        ] {
            assert_eq!(CmsError(code).class(), class, "{code}");
        }
        assert_eq!(CmeError::SIM_BUSY.class(), Class::Busy);
        assert_eq!(CmeError::UNKNOWN.class(), Class::Unsupported);
    }
}
