//! USSD: strings for the network.

use septet::error::{Error, ErrorKind};
use septet::pdu::hex_octet;
use septet::ussd::{OCTETS_MAX, UssdString};
use septet::wire::Writer;

use super::{Answer, Command};

/// `AT+CUSD=1,"*100#",15`.
///
/// 3GPP TS 27.007, section 7.15.
pub(super) struct UssdRequest<'a> {
    pub(super) string: &'a str,
    pub(super) packed: bool,
}

impl Command for UssdRequest<'_> {
    const ANSWER: Answer = Answer::Nothing;
    // The network answers later, by +CUSD; some modems give the result only then.
    const ANSWER_MS: u32 = 30_000;

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let is_text = |octet: u8| matches!(octet, b' '..=b'~') && octet != b'"';
        if self.string.is_empty() || !self.string.bytes().all(is_text) {
            return Err(ErrorKind::Value.at("USSD-String", 0));
        }
        w.text("+CUSD=1,\"")?;
        if self.packed {
            let mut buffer = [0; OCTETS_MAX];
            let packed = UssdString::new(self.string.chars(), &mut buffer)?;
            packed.octets.iter().try_for_each(|octet| w.octets(&hex_octet(*octet)))?;
        } else {
            w.text(self.string)?;
        }
        w.text("\",15")
    }
}
