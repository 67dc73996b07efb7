//! What is told of a network.

use std::fmt;

use septet::text::quoted;
use septet::tpdu::codes::Status;

use super::Message;

/// What happened in the network.
#[derive(Clone, Debug)]
pub enum Event {
    /// A handset has a message, whole.
    Received {
        /// The handset's number.
        number: String,
        /// The message.
        message: Message,
    },
    /// The service centre made a status report for a SIM.
    Reported {
        /// The SIM's number.
        sim: String,
        /// Who the message was for.
        recipient: String,
        /// TP-MR of the message.
        reference: u8,
        /// What became of it.
        status: Status,
    },
}

/// `4512345678 received from +4512340001: "Hello"`, `report 17 on 4512345678: 0 (received by …)`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received { number, message } => {
                let text = quoted(message.text.chars());
                write!(f, "{number} received from {}: {text}", message.from)
            }
            Self::Reported { recipient, reference, status, .. } => {
                write!(f, "report {reference} on {recipient}: {status}")
            }
        }
    }
}
