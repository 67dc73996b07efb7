//! Digits that nobody may see.

use septet::at::CR;

/// The commands with a PIN or a password in them, in upper case and without blanks.
///
/// 3GPP TS 27.007, sections 8.3 (`+CPIN`), 7.4 (`+CLCK`), 7.5 (`+CPWD`), 8.17 (`+CSIM`: an APDU may
/// verify a PIN).
const COMMANDS: [&[u8]; 5] = [b"+CPIN=", b"+CPIN2=", b"+CLCK=", b"+CPWD=", b"+CSIM="];

/// What went one way, as far as it matters: octets in, octets without secrets out.
///
/// However the octets are cut, no digit of a secret is given out, so that none is ever held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secret {
    /// The last eight octets of the line without blanks, in upper case; the last one lowest.
    recent: u64,
    /// The rest of the line is secret.
    hides: bool,
}

impl Secret {
    /// Nothing has gone yet.
    pub(super) const NEW: Self = Self { recent: 0, hides: false };

    /// The octet as it may be seen.
    pub(super) fn pass(&mut self, octet: u8) -> u8 {
        match octet {
            CR => *self = Self::NEW,
            b'0'..=b'9' if self.hides => return b'0',
            0x21..=0x7e => {
                self.recent = self.recent << 8 | u64::from(octet.to_ascii_uppercase());
                self.hides = self.hides || COMMANDS.into_iter().any(|name| self.ends_with(name));
            }
            _ => {}
        }
        octet
    }

    fn ends_with(&self, name: &[u8]) -> bool {
        let recent = self.recent.to_be_bytes();
        recent.ends_with(name)
    }
}
