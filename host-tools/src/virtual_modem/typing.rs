//! What the terminal types: command lines, and PDUs and texts after the prompt.

use std::mem;
use std::time::Instant;

use septet::at::{CTRL_Z, CmsError, ESC, Failure, MessageStatus};
use septet::pdu::Pdu;

use super::commands::{Entry, Purpose};
use super::settings::{BACKSPACE, TERMINATOR};
use super::store::Stored;
use super::{State, VirtualModem};
use crate::network::timestamp;

const CR: u8 = b'\r';
const LF: u8 = b'\n';
/// What shows that a character is deleted.
const DELETED: &[u8] = b"\x08 \x08";
const DELETE: u8 = 0x7F;

/// The longest command line; a longer one is refused.
pub(super) const LINE_MAX: usize = 1024;

/// The most octets that are kept of an entry: more than any needs.
const ENTRY_MAX: usize = 1024;

impl VirtualModem {
    /// Takes one octet of a command line (V.250, section 5.2).
    pub(super) fn type_command(&mut self, octet: u8, now: Instant) {
        let registers = &self.session.settings.registers;
        let (terminator, backspace) = (registers[TERMINATOR], registers[BACKSPACE]);
        let line = &mut self.session.line;
        match octet {
            _ if octet == terminator => {
                let line = mem::take(line);
                self.echo(&[octet]);
                if line.len() > 1 {
                    self.execute(&line, now);
                }
            }
            _ if octet == backspace || octet == DELETE => {
                if line.pop().is_some() {
                    self.echo(DELETED);
                }
            }
            // Control characters are passed over: LF behind a CR, ESC that programs begin with.
            0..b' ' => {}
            _ => {
                // Whatever stands before `AT` does not count.
                match (line.as_slice(), octet.to_ascii_uppercase()) {
                    ([], b'A') | ([_], b'T') => line.push(octet),
                    ([_], b'/') => {
                        line.clear();
                        self.echo(&[octet]);
                        let last = self.session.last_line.clone();
                        return if last.is_empty() {
                            self.end(Ok(()), now)
                        } else {
                            self.execute(&last, now)
                        };
                    }
                    ([], _) | ([_], b'A') => {}
                    ([_], _) => line.clear(),
                    _ if line.len() < LINE_MAX => line.push(octet),
                    _ => {}
                }
                self.echo(&[octet]);
            }
        }
    }

    /// Takes one octet of a PDU or a text (3GPP TS 27.005, sections 3.5.1 and 4.3).
    pub(super) fn type_entry(&mut self, octet: u8, now: Instant) {
        let backspace = self.session.settings.registers[BACKSPACE];
        let State::Prompt { entry, typed, .. } = &mut self.session.state else { return };
        let is_text = !matches!(entry, Entry::Pdu { .. });
        match octet {
            CTRL_Z => {
                let state = mem::replace(&mut self.session.state, State::Command);
                // As a Huawei E1750 does: `modem-huawei-e1750-echo-send`.
                self.echo(b"\r\n");
                if let State::Prompt { purpose, entry, typed } = state {
                    self.enter(purpose, &entry, &typed, now);
                }
            }
            ESC => {
                self.session.state = State::Command;
                self.end(Ok(()), now);
            }
            _ if octet == backspace || octet == DELETE => {
                if typed.pop().is_some() {
                    self.echo(DELETED);
                }
            }
            // The end of the command line.
            LF if typed.is_empty() => {}
            CR if is_text => {
                typed.push(octet);
                self.prompt();
            }
            0..b' ' if !is_text => {}
            _ => {
                if typed.len() < ENTRY_MAX {
                    typed.push(octet);
                }
                self.echo(&[octet]);
            }
        }
    }

    /// Does what the entry was for.
    fn enter(&mut self, purpose: Purpose, entry: &Entry, typed: &[u8], now: Instant) {
        if let Purpose::Acknowledge { positive } = purpose {
            let acknowledged = self.acknowledge(positive);
            return self.end(acknowledged, now);
        }
        let pdu = self.entered(purpose, entry, typed);
        match purpose {
            Purpose::Write { status } => {
                let written = pdu.and_then(|pdu| self.keep(Stored { status, pdu }));
                self.end(written, now);
            }
            Purpose::Send | Purpose::Command | Purpose::SendStored { .. } => {
                let refused = |failure| match failure {
                    Failure::Cms(error) => error,
                    Failure::Error | Failure::Cme(_) => CmsError::INVALID_TEXT_PARAMETER,
                };
                self.submit(pdu.map_err(refused), purpose, now);
            }
            Purpose::Acknowledge { .. } => {}
        }
    }

    /// The PDU that was typed, or that the text makes.
    fn entered(&self, purpose: Purpose, entry: &Entry, typed: &[u8]) -> Result<Pdu, Failure> {
        let settings = &self.session.settings;
        match entry {
            Entry::Pdu { tpdu_len } => {
                let pdu = Pdu::from_hex(typed).ok().filter(|pdu| pdu.tpdu_len() == *tpdu_len);
                pdu.ok_or(Failure::Cms(CmsError::INVALID_PDU_PARAMETER))
            }
            Entry::Text { address } => {
                let (parameters, charset) = (&settings.parameters, settings.charset);
                match purpose {
                    Purpose::Write {
                        status: MessageStatus::RECEIVED_UNREAD | MessageStatus::RECEIVED_READ,
                    } => {
                        let now =
                            timestamp(self.network.now()).map_err(|_| super::text_mode::WRONG)?;
                        parameters.deliver(*address, typed, charset, now)
                    }
                    _ => parameters.submit(*address, typed, charset),
                }
            }
            Entry::Command(head) => head.pdu(typed),
        }
    }
}
