//! Why something is refused, and what a client may do about it.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::text::Text;

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refusal<'a> {
    /// The reason.
    pub reason: Reason,
    /// What it is about: a field's name, a number, the vendor's words; empty where the reason says it.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub subject: Text<'a>,
    /// More about it, in words; empty where there is nothing to say.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub detail: Text<'a>,
}

impl<'a> Refusal<'a> {
    /// A refusal of `subject`, with nothing more to say.
    pub const fn new(reason: Reason, subject: Text<'a>) -> Self {
        Self { reason, subject, detail: Text::EMPTY }
    }

    /// A refusal whose reason says it all.
    pub const fn plain(reason: Reason) -> Self {
        Self::new(reason, Text::EMPTY)
    }

    /// The refusal; one that has no subject is about the parameter of its reason, where there is one.
    pub(crate) fn about(self, parameters: &[(Reason, &'static str)]) -> Self {
        let own = parameters.iter().find(|(reason, _)| *reason == self.reason);
        match own.filter(|_| self.subject.is_empty()) {
            Some((_, name)) => Self { subject: Text::plain(name), ..self },
            None => self,
        }
    }
}

/// What a client may do about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Advice {
    /// Nothing: it is done.
    Done,
    /// The same request again is refused again.
    DoNotRetry,
    /// The same request may be accepted later.
    RetryLater,
    /// The same request in smaller ones.
    Split,
    /// The same request after a new login.
    LogIn,
    /// A request with this id was accepted before: nothing is to be done, if it was this one.
    Duplicate,
    /// Nobody can say whether it was accepted: again it may be sent twice.
    Unknown,
}

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident => $words:literal, $advice:ident;)*) => {
        /// Why something is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$meta])* $name,)*
            /// One that only this vendor has: its code, and what may be done.
            Vendor(u16, Advice),
        }

        impl Reason {
            /// Every reason but the vendors' own.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The reason in words; of a vendor's own, that it is one.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                    Self::Vendor(..) => "refused",
                }
            }

            /// What a client may do about it.
            pub const fn advice(self) -> Advice {
                match self {
                    $(Self::$name => Advice::$advice,)*
                    Self::Vendor(_, advice) => advice,
                }
            }
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Vendor(code, _) => write!(f, "code {code}"),
                    _ => f.write_str(self.words()),
                }
            }
        }
    };
}

reasons! {
    /// A field that must be there is not; the subject is its name.
    Missing => "a field is missing", DoNotRetry;
    /// A field has a value that is not allowed; the subject is its name.
    Invalid => "a field has a value that is not allowed", DoNotRetry;
    /// The body cannot be read; the detail says where.
    Unreadable => "the request cannot be read", DoNotRetry;
    /// The body is longer than the call's may be.
    TooLarge => "the request is too large", Split;
    /// There are no credentials; the subject is the field or header that is missing.
    NoCredentials => "there are no credentials", DoNotRetry;
    /// There is no such account; the subject is its name.
    UnknownUser => "there is no such account", DoNotRetry;
    /// The password or key is wrong.
    WrongPassword => "the password is wrong", DoNotRetry;
    /// The session is over, or never was.
    NoSession => "there is no such session", LogIn;
    /// The account may not do it, or not from there.
    Forbidden => "it is not allowed", DoNotRetry;
    /// Too many requests failed.
    TooManyFailures => "too many requests failed", RetryLater;
    /// The account has too little left.
    Credit => "there is not enough credit", DoNotRetry;
    /// A recipient is no number; the subject is the field's name.
    Recipient => "a recipient is not allowed", DoNotRetry;
    /// The recipient stands in the request more than once; the subject is its number.
    DuplicateRecipient => "a recipient is given twice", DoNotRetry;
    /// There are more recipients than one request may have.
    TooManyRecipients => "there are too many recipients", Split;
    /// No recipient is one that may be sent to: all are on a blacklist, or want nothing more. The
    /// subject is the first one's number.
    Blacklisted => "the recipient is blacklisted", DoNotRetry;
    /// The account has no such group; the subject is its name.
    UnknownGroup => "there is no such group", DoNotRetry;
    /// The customer's id was used for another message.
    DuplicateClientId => "the id was used for another message", Duplicate;
    /// Charging is not set up.
    Charging => "charging is not set up", DoNotRetry;
    /// The sender cannot be carried.
    Sender => "the sender cannot be carried", DoNotRetry;
    /// The callback URL is not allowed.
    CallbackUrl => "the callback URL is not allowed", DoNotRetry;
    /// The time that it is to be sent at is none, or too far ahead.
    Schedule => "it cannot be sent at that time", DoNotRetry;
    /// The text has a character that its alphabet lacks; the subject is the field's name.
    Unencodable => "the text has a character that its alphabet lacks", DoNotRetry;
    /// The text needs more parts than were allowed.
    TooManyParts => "the text needs too many parts", DoNotRetry;
    /// A segment of octets is none that a message can have.
    Segment => "a segment is not allowed", DoNotRetry;
    /// A place of the text has no value; the subject is its name, or that of the text's field.
    NoValue => "a place in the text has no value", DoNotRetry;
    /// There is no request of this id; the subject is the id.
    UnknownId => "there is no such request", DoNotRetry;
    /// The test was to fail.
    Test => "the test was to fail", DoNotRetry;
    /// There is no room: to be tried again later.
    Busy => "it is not taken now", RetryLater;
    /// Something went wrong in the gateway.
    Internal => "something went wrong", RetryLater;
    /// What came is no answer of this vendor: nobody knows whether the request was accepted.
    Unknown => "the answer is not known", Unknown;
    /// Something else, in the vendor's words.
    Other => "refused", DoNotRetry;
}

impl Reason {
    /// Whether the same request may be accepted later.
    pub const fn is_temporary(self) -> bool {
        matches!(self.advice(), Advice::RetryLater)
    }
}

impl From<Error> for Refusal<'_> {
    fn from(error: Error) -> Self {
        let reason = match error.kind {
            ErrorKind::Missing => Reason::Missing,
            ErrorKind::Full => Reason::Busy,
            ErrorKind::TooMany => Reason::TooManyRecipients,
            ErrorKind::TooManyParts => Reason::TooManyParts,
            ErrorKind::Unencodable(_) => Reason::Unencodable,
            ErrorKind::NoValue => Reason::NoValue,
            _ if [crate::json::DOCUMENT, crate::multipart::BODY].contains(&error.field) => {
                Reason::Unreadable
            }
            _ => Reason::Invalid,
        };
        let detail = match reason {
            Reason::Missing | Reason::Busy => "",
            _ => error.kind.words(),
        };
        Self { reason, subject: Text::plain(error.field), detail: Text::plain(detail) }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::DoNotRetry => "the same again is refused again",
            Self::RetryLater => "try again later",
            Self::Split => "try again in smaller requests",
            Self::LogIn => "log in and try again",
            Self::Duplicate => "a request with this id was accepted before",
            Self::Unknown => "it may have been done, and again be done twice",
        })
    }
}

/// `a field is missing: to`.
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, subject, detail } = self;
        reason.fmt(f)?;
        for more in [subject, detail] {
            if !more.is_empty() {
                write!(f, ": {more}")?;
            }
        }
        Ok(())
    }
}
