//! What modems receive: status reports, and messages for the account that has their keyword.

use septet::api::{Asked, Inbound, Op, State};
use septet::pdu::Pdu;
use septet::reassemble::{self, Added};
use septet::text::{Charset, Text};
use septet::tpdu::{Deliver, Mt, StatusReport};
use tracing::{debug, error, info, warn};

use super::callbacks::emitted;
use super::{MemoryStore, REASSEMBLY_WINDOW};
use crate::callbacks::Policy;
use crate::config::{CallbackCharset, Keyword};

impl MemoryStore {
    /// Takes a message or a status report that a modem received. Afterwards it is safe.
    pub fn received(&mut self, modem: usize, pdu: &Pdu) {
        match pdu.read_tolerant::<Mt<'_>>() {
            Ok(((_, Mt::StatusReport(report)), _)) => self.status_report(modem, &report),
            Ok(((_, Mt::Deliver(deliver)), _)) => self.deliver(modem, &deliver),
            // The answer to a submission, which no modem passes on as a message.
            Ok(((_, Mt::SubmitReport(report)), _)) => {
                warn!(modem, cause = ?report.failure_cause, "received a submit report");
            }
            Err(error) => {
                warn!(modem, octets = pdu.octets().len(), %error, "received what cannot be read");
            }
        }
    }

    fn status_report(&mut self, modem: usize, report: &StatusReport<'_>) {
        let recipient: String = report.recipient.chars().collect();
        let state = State::from(report.status);
        self.reported(modem, report.message_reference, &recipient, state);
    }

    fn deliver(&mut self, modem: usize, deliver: &Deliver<'_>) {
        let sender: String = deliver.originator.chars().collect();
        let sender = sender.trim_start_matches('+').to_owned();
        let now_ms = self.now_ms();
        let text = match self.lines[modem].reassembler.add(deliver, now_ms) {
            Added::Single => deliver.text().map(Iterator::collect::<String>),
            Added::Complete(message) => message.text().map(Iterator::collect::<String>),
            Added::Waiting { missing, .. } => {
                debug!(modem, sender, missing, "received a part");
                return;
            }
            Added::Duplicate => {
                debug!(modem, sender, "received a part again");
                return;
            }
            Added::Conflict(lost) | Added::Evicted(lost) => {
                lost_parts(modem, &lost);
                return;
            }
        };
        let Some(text) = text else {
            info!(modem, sender, "received data, which has no keyword");
            return;
        };
        let (account, keyword, rest) = match self.keyword(modem, &text) {
            Some(found) => found,
            None => {
                info!(modem, sender, "received a message without a keyword that anybody has");
                return;
            }
        };
        info!(modem, sender, account, keyword = keyword.keyword, "received");
        let id = format!("{sender}:{}", self.next_inbound);
        self.next_inbound += 1;
        let charset = match keyword.charset {
            CallbackCharset::Utf8 => Charset::Utf8,
            CallbackCharset::Latin1 => Charset::Latin1,
        };
        let [id, sender, word, rest] =
            [&id, &sender, &keyword.keyword, rest].map(|text| carried(text, charset));
        let inbound = Inbound {
            id: Text::plain(&id),
            sender: Text::plain(&sender),
            recipient: Text::plain(&keyword.number),
            keyword: Text::plain(&word),
            text: Some(Text::plain(&rest)).filter(|rest| !rest.is_empty()),
            network: None,
        };
        let asked = Asked { credentials: None, op: Op::Inbound(inbound) };
        let api = keyword.api;
        let query = emitted(api.inbound, &asked, charset);
        match Policy::read(&keyword.url) {
            Some(url) => self.owe(api, api.inbound, url, &query),
            None => error!(keyword = keyword.keyword, "a keyword whose url is none"),
        }
    }

    fn now_ms(&self) -> u64 {
        self.now.duration_since(self.start).as_millis() as u64
    }

    /// Gives up messages whose parts waited too long.
    pub(super) fn expire_parts(&mut self) {
        let (now_ms, age_ms) = (self.now_ms(), REASSEMBLY_WINDOW.as_millis() as u64);
        for (modem, line) in self.lines.iter_mut().enumerate() {
            while let Some(lost) = line.reassembler.expire(now_ms, age_ms) {
                lost_parts(modem, &lost);
            }
        }
    }

    /// The account and the keyword that a text on this modem's numbers belongs to, and what follows
    /// the keyword.
    fn keyword<'t>(&self, modem: usize, text: &'t str) -> Option<(String, Keyword, &'t str)> {
        let text = text.trim_start();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let numbers: Vec<&str> = self.config.modems[modem].numbers().collect();
        let first = first.to_uppercase();
        self.config.accounts.iter().find_map(|account| {
            let keyword = account.keywords.iter().find(|keyword| {
                numbers.contains(&keyword.number.as_str())
                    && keyword.keyword.to_uppercase() == first
            })?;
            Some((account.name.clone(), keyword.clone(), rest.trim_start()))
        })
    }
}

/// Says which parts are lost: their message will not be whole.
fn lost_parts(modem: usize, lost: &reassemble::Message<'_>) {
    let sender: String = lost.key.originator.chars().collect();
    let parts: Vec<u8> = lost.parts().map(|part| part.number).collect();
    warn!(modem, sender, ?parts, of = lost.key.total, "a message stays without its other parts");
}

/// The text with `?` for what the charset lacks.
fn carried(text: &str, charset: Charset) -> String {
    text.chars().map(|c| if charset.carries(c) { c } else { '?' }).collect()
}
