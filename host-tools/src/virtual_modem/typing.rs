//! What the terminal types: command lines, and PDUs after the prompt.

use std::mem;
use std::time::Instant;

use septet::at::{CR, CTRL_Z, ESC};
use septet::pdu::Pdu;

use super::commands::Purpose;
use super::{State, VirtualModem};

const LF: u8 = b'\n';
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7F;

/// The longest command line; a longer one is refused.
pub(super) const LINE_MAX: usize = 1024;

/// The most digits that are kept of a PDU: more than any has.
const DIGITS_MAX: usize = 512;

impl VirtualModem {
    /// Takes one octet of a command line (V.250, section 5.2).
    pub(super) fn type_command(&mut self, octet: u8, now: Instant) {
        let line = &mut self.session.line;
        match octet {
            // Behind the CR of a line it is only a part of that line's end.
            LF if line.is_empty() => {}
            CR | LF => {
                let line = mem::take(line);
                self.echo(&[octet]);
                if !line.is_empty() {
                    self.execute(&line, now);
                }
            }
            BACKSPACE | DELETE => {
                if line.pop().is_some() {
                    self.echo(&[BACKSPACE, b' ', BACKSPACE]);
                }
            }
            // Control characters are passed over: some programs begin with ESC.
            0..b' ' => {}
            _ => {
                // Whatever stands before `AT` does not count.
                match (line.as_slice(), octet.to_ascii_uppercase()) {
                    ([], b'A') | ([_], b'T') => line.push(octet),
                    ([], _) | ([_], b'A') => {}
                    ([_], _) => line.clear(),
                    _ if line.len() < LINE_MAX => line.push(octet),
                    _ => {}
                }
                self.echo(&[octet]);
            }
        }
    }

    /// Takes one octet of a PDU (3GPP TS 27.005, section 4.3).
    pub(super) fn type_pdu(&mut self, octet: u8, now: Instant) {
        let State::Prompt { purpose, tpdu_len, digits } = &mut self.session.state else { return };
        match octet {
            CTRL_Z => {
                let pdu = Pdu::from_hex(&*digits).ok().filter(|pdu| pdu.tpdu_len() == *tpdu_len);
                let purpose = *purpose;
                self.session.state = State::Command;
                // As a Huawei E1750 does: `modem-huawei-e1750-echo-send`.
                self.echo(b"\r\n");
                match purpose {
                    Purpose::Send => self.submit(pdu, now),
                    Purpose::Acknowledge { positive } => {
                        let acknowledged = self.acknowledge(positive);
                        self.end(acknowledged);
                    }
                }
            }
            ESC => {
                self.session.state = State::Command;
                self.end(Ok(()));
            }
            BACKSPACE | DELETE => {
                if digits.pop().is_some() {
                    self.echo(&[BACKSPACE, b' ', BACKSPACE]);
                }
            }
            0..b' ' => {}
            _ => {
                if digits.len() < DIGITS_MAX {
                    digits.push(octet);
                }
                self.echo(&[octet]);
            }
        }
    }
}
