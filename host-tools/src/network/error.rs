//! Why the network does not send a text, in words.

use std::fmt;

/// Why the network does not send a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkError {
    /// This is no number of a handset.
    NotAHandset(String),
    /// No SIM has the number.
    NoSuchNumber {
        /// The number.
        to: String,
        /// Every number and short code that a SIM has.
        known: Vec<String>,
    },
    /// The text cannot be sent.
    Text(septet::Error),
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAHandset(number) => {
                write!(f, "{number:?} is no handset: a number has 5 to 15 digits")
            }
            Self::NoSuchNumber { to, known } if known.is_empty() => {
                write!(f, "nobody has the number {to:?}: the network has no SIM")
            }
            Self::NoSuchNumber { to, known } => {
                write!(f, "nobody has the number {to:?}; known are {}", known.join(", "))
            }
            Self::Text(error) => write!(f, "text cannot be sent: {error}"),
        }
    }
}

impl std::error::Error for NetworkError {}
