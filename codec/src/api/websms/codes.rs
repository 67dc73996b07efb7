//! Status codes: what each refusal is, in both directions.

use crate::api::{Advice, Reason, Refusal};
use crate::error::{Error, ErrorKind};

/// A status code that refuses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    /// The number.
    pub number: u16,
    /// `statusMessage`.
    pub words: &'static str,
    /// The reason that it has.
    pub reason: Reason,
    /// The parameters whose value it refuses; the first one is what our client names.
    pub parameters: &'static [&'static str],
    /// Further reasons for which our server says it.
    pub also: &'static [Reason],
}

/// 2000: the message is accepted.
pub(super) const OK: u16 = 2000;
/// Its `statusMessage`.
pub(super) const OK_WORDS: &str = "Request accepted, Message(s) sent.";
/// 2001: the messages are accepted.
pub(super) const OK_QUEUED: u16 = 2001;
/// Its `statusMessage`.
pub(super) const OK_QUEUED_WORDS: &str = "Request accepted, Message(s) queued.";
/// 4001: who asks is not known.
pub(super) const INVALID_CREDENTIALS: u16 = 4001;
/// 4019: a parameter is missing, whose name follows.
pub(super) const PARAMETER_MISSING: u16 = 4019;
/// 4000: what a customer's answer says whose reason has no code.
pub(super) const REFUSED: u16 = 4000;
/// 4022: what our server says of a reason that has no code, and stays.
const ACCESS_DENIED: u16 = 4022;
/// 5000: what our server says of a reason that has no code, and passes.
pub(super) const INTERNAL_ERROR: u16 = 5000;
/// 5003: there is no room.
pub(super) const SERVICE_UNAVAILABLE: u16 = 5003;

/// The parameter that has the content of a message.
pub(super) const MESSAGE_CONTENT: &str = "messageContent";
/// The parameter that has the recipients.
pub(super) const RECIPIENTS: &str = "recipientAddressList";

const fn code(number: u16, reason: Reason, words: &'static str) -> Code {
    Code { number, words, reason, parameters: &[], also: &[] }
}

/// A code that our server has no reason for.
const fn only_read(number: u16, advice: Advice, words: &'static str) -> Code {
    code(number, Reason::Vendor(number, advice), words)
}

impl Code {
    const fn of(self, parameters: &'static [&'static str]) -> Self {
        Self { parameters, ..self }
    }

    const fn and(self, also: &'static [Reason]) -> Self {
        Self { also, ..self }
    }
}

/// Every code that refuses.
pub(super) const CODES: &[Code] = &[
    // With HTTP 200, which is said of an inactive account, it has no reason of its own.
    code(
        INVALID_CREDENTIALS,
        Reason::WrongPassword,
        "Invalid Credentials. Inactive account or customer.",
    )
    .and(&[Reason::NoCredentials, Reason::UnknownUser, Reason::NoSession]),
    code(
        4002,
        Reason::Recipient,
        "One or more recipients are not in the correct format or are containing invalid MSISDNs.",
    )
    .of(&[RECIPIENTS])
    .and(&[Reason::DuplicateRecipient, Reason::UnknownGroup]),
    code(4003, Reason::Sender, "Invalid Sender. Sender address or type is invalid.")
        .of(&["senderAddress", "senderAddressType"]),
    code(4004, Reason::Invalid, "Invalid messageType.").of(&["messageType"]),
    code(4008, Reason::Invalid, "Invalid clientMessageId.")
        .of(&["clientMessageId"])
        .and(&[Reason::DuplicateClientId]),
    code(4009, Reason::Invalid, "Message text (messageContent) is invalid.")
        .of(&[MESSAGE_CONTENT])
        .and(&[Reason::Unencodable, Reason::NoValue]),
    // The limit of an account may be another one later, so the reason is none that stays.
    only_read(4013, Advice::RetryLater, "Message limit is reached.").and(&[Reason::Credit]),
    code(4014, Reason::Forbidden, "Sender IP address is not authorized."),
    // The table of the guide has "Invalid Message Priority."; this is its example.
    code(4015, Reason::Invalid, "message priority is invalid").of(&["priority"]),
    code(4016, Reason::CallbackUrl, "Invalid notificationCallbackUrl.")
        .of(&["notificationCallbackUrl"]),
    code(PARAMETER_MISSING, Reason::Missing, "A required parameter was not given"),
    only_read(4021, Advice::DoNotRetry, "Account is invalid."),
    only_read(ACCESS_DENIED, Advice::DoNotRetry, "Access to the API was denied."),
    code(4023, Reason::TooManyFailures, "Request limit exceeded for this IP address."),
    code(
        4025,
        Reason::TooManyRecipients,
        "Transfer rate for immediate transmissions exceeded. Too many recipients in this request \
         (1000).",
    ),
    code(
        4026,
        Reason::TooManyParts,
        "The message content results in too many (automatically generated) sms segments.",
    )
    .of(&["maxSmsPerMessage"]),
    code(4027, Reason::Segment, "A messageContent segment is invalid").of(&[MESSAGE_CONTENT]),
    only_read(4029, Advice::DoNotRetry, "Recipients not allowed"),
    code(4031, Reason::Blacklisted, "All recipients blacklisted."),
    only_read(4034, Advice::DoNotRetry, "Invalid attachment."),
    only_read(4035, Advice::DoNotRetry, "Not allowed to send sms messages."),
    code(4040, Reason::Invalid, "Invalid contentCategory.").of(&["contentCategory"]),
    code(4041, Reason::Invalid, "Invalid validityPeriode.").of(&["validityPeriode"]),
    // Newer than the guide, which has no words for them.
    only_read(4042, Advice::DoNotRetry, "All recipients blocked by quality rating."),
    only_read(4043, Advice::DoNotRetry, "All recipients blocked by spam check."),
    code(INTERNAL_ERROR, Reason::Internal, "Internal error."),
    code(SERVICE_UNAVAILABLE, Reason::Busy, "Service unavailable."),
];

impl Code {
    /// The code of this number.
    pub(super) fn of_number(number: u16) -> Option<&'static Self> {
        CODES.iter().find(|code| code.number == number)
    }

    /// The code that says the refusal.
    pub(super) fn of_refusal(refusal: &Refusal<'_>) -> Option<&'static Self> {
        let Refusal { reason, subject, .. } = *refusal;
        let is_parameter =
            |code: &&Code| code.parameters.iter().any(|parameter| subject == **parameter);
        CODES
            .iter()
            .filter(|code| code.reason == reason)
            .find(|code| reason != Reason::Invalid || is_parameter(code))
            .or_else(|| CODES.iter().find(|code| code.also.contains(&reason)))
            .or_else(|| match reason {
                Reason::Vendor(number, _) => Self::of_number(number),
                // A line of text says them.
                Reason::Invalid | Reason::Unreadable | Reason::TooLarge => None,
                reason if reason.is_temporary() => Self::of_number(INTERNAL_ERROR),
                Reason::Unknown => Self::of_number(INTERNAL_ERROR),
                _ => Self::of_number(ACCESS_DENIED),
            })
    }

    /// The reason that the number has: an unknown one may be tried again from 5000 on.
    ///
    /// `None` where it does not refuse.
    pub(super) fn reason_of(number: u16) -> Option<Reason> {
        match Self::of_number(number) {
            Some(code) => Some(code.reason),
            None if number >= 5000 => Some(Reason::Vendor(number, Advice::RetryLater)),
            None if number >= 4000 => Some(Reason::Vendor(number, Advice::DoNotRetry)),
            None => None,
        }
    }
}

/// The reason of a refusal for `error`, which is `content` where it is the content's.
pub(super) fn reason(error: &Error, content: Reason) -> Option<Reason> {
    let is_parameter = |code: &&Code| code.parameters.contains(&error.field);
    match (error.kind, error.field) {
        (ErrorKind::Missing | ErrorKind::Full | ErrorKind::TooManyParts, _) => None,
        (_, MESSAGE_CONTENT) => Some(content),
        (ErrorKind::TooLong, RECIPIENTS) => Some(Reason::TooManyRecipients),
        _ => CODES.iter().find(is_parameter).map(|code| code.reason),
    }
}
