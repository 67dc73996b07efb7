//! The one error of the crate: what, which field, which octet.
//!
//! ```
//! use septet::pdu::Pdu;
//!
//! let error = Pdu::from_hex("0011").and_then(|pdu| pdu.read::<septet::tpdu::Mo>().map(|_| ()));
//! assert_eq!(error.unwrap_err().to_string(), "TP-MR is cut short at octet 2");
//! ```

use core::fmt;

use nom::error::{ContextError, ErrorKind as NomKind, ParseError};

use crate::wire::Input;

/// What is wrong, in which field, at which octet.
///
/// `Display` makes the sentence: `TP-OA is cut short at octet 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The field, in the spelling of the standard (`TP-OA`) or of the vendor (`sessionid`).
    ///
    /// Empty where nothing is known of the field.
    pub field: &'static str,
    /// Octets from the start of what was parsed.
    ///
    /// For text of hexadecimal digits these are the octets that the digits stand for. For a value
    /// that is refused when it is written it is the place in the output. Of a text that is split or
    /// encoded ([`ErrorKind::Unencodable`], [`ErrorKind::TooManyParts`]) characters are counted, since
    /// it may be in any encoding, or in none.
    pub at: usize,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
// Without it the code of every check for an error would have a constant of its own to compare with.
#[repr(u32)]
pub enum ErrorKind {
    /// Octets are missing at the end.
    Truncated,
    /// Octets are left over after the end.
    Trailing,
    /// There is nothing.
    Empty,
    /// A field that must be there is not.
    Missing,
    /// A field that may be there once is there twice.
    Repeated,
    /// The value is longer than its field may be.
    TooLong,
    /// There are more items than the field may have.
    TooMany,
    /// The value is not one that the field may have.
    Value,
    /// A place in the text has no value.
    NoValue,
    /// The number of hexadecimal digits is odd.
    OddHex,
    /// A character is no hexadecimal digit.
    BadHex,
    /// An octet is none that can stand where it does.
    Malformed,
    /// Lists and objects stand in one another deeper than is read.
    TooDeep,
    /// A percent or backslash escape is unfinished or wrong.
    Escape,
    /// Octets are not text in the charset of the field.
    Charset,
    /// The user data header is longer than the user data.
    UdhOverrun,
    /// TP-MTI has the value that is reserved in this direction.
    ReservedMti,
    /// The alphabet has no such character.
    Unencodable(char),
    /// The text needs more parts than a message can have (255).
    TooManyParts,
    /// The buffer that is written to is full.
    Full,
}

impl ErrorKind {
    /// This kind of error in `field`, at octet `at`.
    pub const fn at(self, field: &'static str, at: usize) -> Error {
        Error { kind: self, field, at }
    }
}

impl ErrorKind {
    /// The name in machine-readable output: `udh_overrun`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Trailing => "trailing",
            Self::Empty => "empty",
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Value => "value",
            Self::NoValue => "no_value",
            Self::OddHex => "odd_hex",
            Self::BadHex => "bad_hex",
            Self::Malformed => "malformed",
            Self::TooDeep => "too_deep",
            Self::Escape => "escape",
            Self::Charset => "charset",
            Self::UdhOverrun => "udh_overrun",
            Self::ReservedMti => "reserved_mti",
            Self::Unencodable(_) => "unencodable",
            Self::TooManyParts => "too_many_parts",
            Self::Full => "full",
        }
    }

    /// What is wrong, in words that follow the field's name.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Truncated => "is cut short",
            Self::Trailing => "is followed by octets that do not belong to it",
            Self::Empty => "is empty",
            Self::Missing => "is missing",
            Self::Repeated => "is given twice",
            Self::TooLong => "is too long",
            Self::TooMany => "has too many items",
            Self::Value => "has a value that is not allowed",
            Self::NoValue => "has a place without a value",
            Self::OddHex => "has an odd number of hexadecimal digits",
            Self::BadHex => "has a character that is no hexadecimal digit",
            Self::Malformed => "is malformed",
            Self::TooDeep => "is nested too deeply",
            Self::Escape => "has a broken escape",
            Self::Charset => "has an octet that is not in its charset",
            Self::UdhOverrun => "has a header that is longer than the user data",
            Self::ReservedMti => "has the reserved message type",
            Self::Unencodable(_) => "has a character that its alphabet lacks",
            Self::TooManyParts => "needs more than 255 parts",
            Self::Full => "does not fit into the buffer",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())?;
        match self {
            Self::Unencodable(c) => write!(f, ", {c:?},"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, unit) = match self.kind {
            ErrorKind::Full => ("output", "octet"),
            ErrorKind::Unencodable(_) | ErrorKind::TooManyParts => ("text", "character"),
            _ => ("input", "octet"),
        };
        let field = if self.field.is_empty() { field } else { self.field };
        write!(f, "{field} {} at {unit} {}", self.kind, self.at)
    }
}

impl core::error::Error for Error {}

impl<'a> ParseError<Input<'a>> for Error {
    fn from_error_kind(input: Input<'a>, kind: NomKind) -> Self {
        let kind = match kind {
            NomKind::Eof | NomKind::Complete => ErrorKind::Truncated,
            _ => ErrorKind::Value,
        };
        kind.at("", input.at())
    }

    fn append(_: Input<'a>, _: NomKind, inner: Self) -> Self {
        inner
    }
}

/// The innermost name stays: `context("TP-DA", …)` names what has no name yet.
impl<'a> ContextError<Input<'a>> for Error {
    fn add_context(_: Input<'a>, field: &'static str, inner: Self) -> Self {
        if inner.field.is_empty() { Self { field, ..inner } } else { inner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    #[test]
    fn an_error_is_a_sentence() {
        let error = ErrorKind::Truncated.at("TP-OA", 1);
        assert_eq!(error.to_string(), "TP-OA is cut short at octet 1");
        let error = ErrorKind::Unencodable('å').at("TP-DA", 0);
        assert_eq!(
            error.to_string(),
            "TP-DA has a character that its alphabet lacks, 'å', at character 0"
        );
    }
}
