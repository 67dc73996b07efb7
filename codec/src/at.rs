//! AT in both roles: what a terminal writes and a modem reads, and the other way round.
//!
//! | | terminal | modem |
//! |---|---|---|
//! | [`Command`] | [`emit`](crate::Wire::emit) | [`commands`] |
//! | [`Line`] | [`Line::read`] | [`emit`](crate::Wire::emit) |
//!
//! What a line *means* depends on the command in flight; that is decided by who holds the session,
//! not here. A `+CREG: 1` is the same [`Line`] whether it was asked for or not.
//!
//! ITU-T V.250 (command lines, results), 3GPP TS 27.007 (general commands), 3GPP TS 27.005 (SMS).
//!
//! ```
//! use septet::Wire;
//! use septet::at::{Argument, Command, Line, commands};
//!
//! let mut line = [0; 32];
//! let line = Command::set("+CMGS", &[Argument::Number(18)]).to_slice(&mut line)?;
//! assert_eq!(line, b"AT+CMGS=18\r");
//! assert!(commands(line)?.all(|command| command.is_ok_and(|command| command.is("+cmgs"))));
//! assert_eq!(Line::read(b"+CMGS: 7"), Line::Submitted { reference: 7, report: None });
//! # Ok::<(), septet::Error>(())
//! ```

use core::fmt::{self, Write};

mod arguments;
mod codes;
mod command;
mod line;
mod raw;
mod values;

pub use arguments::{Argument, Arguments};
pub use codes::{Class, CmeError, CmsError, Failure};
pub use command::{Action, Command, Commands, commands};
pub use line::Line;
pub use raw::{Kind, RawLine};
pub use values::{Domain, MessageStatus, Pin, Registration, RegistrationState, Store};

/// Ends a command line; what follows is the next one.
pub const CR: u8 = b'\r';
/// Ends a PDU at the prompt and gives it to the modem (Ctrl-Z).
pub const CTRL_Z: u8 = 0x1a;
/// Leaves the prompt without sending.
pub const ESC: u8 = 0x1b;

/// Octets as text, what is no printable ASCII escaped.
fn printed(octets: &[u8]) -> impl fmt::Display + '_ {
    fmt::from_fn(move |f| {
        octets.iter().try_for_each(|octet| match octet {
            b' '..=b'~' => f.write_char(char::from(*octet)),
            _ => write!(f, "\\x{octet:02X}"),
        })
    })
}
