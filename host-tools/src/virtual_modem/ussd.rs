//! USSD: what the terminal asks the network, and what that answers later.
//!
//! 3GPP TS 27.007, section 7.15 (`+CUSD`).

use std::time::Instant;

use septet::cbs::Coding;
use septet::gsm7::Tables;
use septet::pdu::hex;
use septet::ussd::{OCTETS_MAX, UssdString};

use super::VirtualModem;
use super::charset::{Charset, unhex};

/// A dialogue with the network.
pub(super) struct Dialogue {
    /// The string that its last answer was to.
    menu: String,
    /// What is answered, and when.
    answer: Option<(Instant, Vec<u8>)>,
    /// Whether it goes on behind the answer.
    goes_on: bool,
}

impl Dialogue {
    /// When the answer comes.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.answer.as_ref().map(|(at, _)| *at)
    }
}

/// The coding of a text in the default alphabet, and of one in UCS-2 (3GPP TS 23.038, section 5).
const GSM7: u8 = 15;
const UCS2: u8 = 72;

/// A text as packed septets in hexadecimal digits.
fn packed(text: &str) -> Vec<u8> {
    let mut buffer = [0; OCTETS_MAX];
    UssdString::new(text.chars(), &mut buffer)
        .map(|ussd| hex(ussd.octets).collect())
        .unwrap_or_default()
}

/// The text of packed septets in hexadecimal digits.
fn unpacked(digits: &[u8]) -> Option<String> {
    let octets = unhex(digits, 1)?;
    let ussd = UssdString { coding: Coding::GSM7, octets: &octets };
    Some(ussd.text()?.collect())
}

impl VirtualModem {
    /// Asks the network, or replies to it.
    pub(super) fn ask_ussd(&mut self, text: &[u8], now: Instant) {
        let charset = self.session.settings.charset;
        let code = match self.profile.packs_ussd {
            true => unpacked(text),
            false => charset.number(text),
        };
        let code = code.unwrap_or_default();
        let menu = self.session.ussd.take().filter(|dialogue| dialogue.goes_on);
        let menu = menu.map(|dialogue| dialogue.menu).unwrap_or_default();
        let answer = self.network.ussd(self.sim, &menu, &code);
        let (line, after, goes_on) = match answer {
            Some(answer) => {
                let is_gsm7 = answer.text.chars().all(|c| Tables::DEFAULT.code(c).is_some());
                let (shown, coding) = if is_gsm7 { (charset, GSM7) } else { (Charset::Ucs2, UCS2) };
                let mut line = format!("+CUSD: {},\"", u8::from(answer.asks)).into_bytes();
                line.extend(match self.profile.packs_ussd && is_gsm7 {
                    true => packed(&answer.text),
                    false => shown.encode(answer.text.chars()),
                });
                line.extend(format!("\",{coding}").bytes());
                (line, answer.after, answer.asks)
            }
            // The network does not support it.
            None => (b"+CUSD: 4".to_vec(), std::time::Duration::ZERO, false),
        };
        self.session.ussd =
            Some(Dialogue { menu: code, answer: Some((now + after, line)), goes_on });
    }

    /// Ends the dialogue; what was still to be answered is not.
    pub(super) fn cancel_ussd(&mut self) {
        self.session.ussd = None;
    }

    /// Tells the answer whose time has come, where that is wanted.
    pub(super) fn answer_ussd(&mut self, now: Instant) {
        let Some(dialogue) = &mut self.session.ussd else { return };
        let Some((_, line)) = dialogue.answer.take_if(|(at, _)| *at <= now) else { return };
        if !dialogue.goes_on {
            self.session.ussd = None;
        }
        if self.session.settings.ussd == 1 {
            self.indicate(&line, false);
        }
    }
}
