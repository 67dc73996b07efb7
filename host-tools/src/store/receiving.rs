//! What modems receive: status reports, and messages for the account that has their keyword.

use septet::api::{Asked, How, Ids, Op};
use septet::fields::Carrier;
use septet::pdu::Pdu;
use septet::reassemble::{self, Added};
use septet::text::Charset;
use septet::tpdu::dcs::Class;
use septet::tpdu::{Deliver, Mt, StatusReport};
use tracing::{debug, error, info, warn};
use url::Url;

use super::callbacks::emitted;
use super::inbox::{Content, Received};
use super::{MemoryStore, REASSEMBLY_WINDOW};
use crate::callbacks::Policy;
use crate::config::Keyword;

impl MemoryStore {
    /// Takes a message or a status report that a modem received. Afterwards it is safe.
    pub fn received(&mut self, modem: usize, pdu: &Pdu) {
        if !self.lines[modem].seen.is_new(pdu) {
            debug!(modem, "received what it had handed over before");
            return;
        }
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
        self.reported(modem, report.message_reference, &recipient, report.status);
    }

    fn deliver(&mut self, modem: usize, deliver: &Deliver<'_>) {
        let sender: String = deliver.originator.chars().collect();
        let sender = sender.trim_start_matches('+').to_owned();
        let now_ms = self.now_ms();
        let content = match self.lines[modem].reassembler.add(deliver, now_ms) {
            Added::Single => match deliver.text() {
                Some(text) => Content::Text(text.collect()),
                None => {
                    let data = &deliver.user_data;
                    Content::Octets(vec![data.octets.to_vec()], data.has_header)
                }
            },
            Added::Complete(message) => match message.text() {
                Some(text) => Content::Text(text.collect()),
                None => Content::Octets(
                    message.parts().map(|part| part.user_data().octets.to_vec()).collect(),
                    true,
                ),
            },
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
        let text = match &content {
            Content::Text(text) => text.as_str(),
            Content::Octets(..) => "",
        };
        let Some((account, keyword, rest)) = self.keyword(modem, text) else {
            info!(modem, sender, "received a message without a keyword that anybody has");
            return;
        };
        let account_name = &self.config.accounts[account].name;
        info!(modem, sender, account_name, keyword = keyword.keyword, "received");
        let id = self.next_inbound;
        self.next_inbound += 1;
        let latest = self.orders.latest(account, keyword.api, &sender);
        let replies_to = latest.filter(|order| order.replies_to_callback);
        let replies_to = replies_to.and_then(|order| Some(order.callback.as_ref()?.0.clone()));
        let received = Received {
            api: keyword.api.name,
            id,
            recipient: keyword.number.clone(),
            keyword: if keyword.api.upper_case_keywords {
                keyword.keyword.as_ref().map(|_| keyword.word())
            } else {
                keyword.keyword.clone()
            },
            rest: rest.to_owned(),
            flash: deliver.coding.class() == Some(Class::Flash),
            received: self.wall(),
            answers: latest.map(|order| (order.id.clone(), order.client_id.clone())),
            sender,
            content,
        };
        self.inboxes[account].add(received.clone());
        self.owe_inbound(account, &keyword, &received, replies_to);
    }

    /// Owes the customer the message, where the message that it answers, or the keyword, has a URL.
    fn owe_inbound(
        &mut self,
        account: usize,
        keyword: &Keyword,
        received: &Received,
        replies_to: Option<Url>,
    ) {
        let api = keyword.api;
        let Some(endpoint) = api.inbound else { return };
        let own = || {
            let url = keyword.url.as_deref()?;
            let read = Policy::read(url);
            if read.is_none() {
                error!(keyword = keyword.keyword, "a keyword whose url is none");
            }
            read
        };
        let Some(url) = replies_to.or_else(own) else { return };
        let carrier = keyword.body.map(Into::into).or(endpoint.carriers().first().copied());
        // Only an interface that says no charset has a choice.
        let has_choice = carrier != Some(Carrier::Json) && endpoint.charset() == Charset::Utf8;
        let charset = if has_choice { keyword.charset.charset() } else { Charset::Utf8 };
        let received = received.carried(charset);
        let id = match api.inbound_ids {
            Ids::OfSender => format!("{}:{}", received.sender, received.id),
            Ids::Hex20 => format!("{:020x}", received.id),
            Ids::Number | Ids::Uuid | Ids::UuidEach => received.id.to_string(),
        };
        let segments = received.segments();
        let inbound = received.told(&id, &segments, api, &self.times(account, api));
        let asked = Asked { credentials: None, op: Op::Inbound(inbound) };
        let how = How { carrier, charset: has_choice.then_some(charset), ..How::default() };
        let callback = emitted(endpoint, &asked, &how);
        self.owe(api, endpoint, url, callback);
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
    fn keyword<'t>(&self, modem: usize, text: &'t str) -> Option<(usize, Keyword, &'t str)> {
        let text = text.trim_start();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let numbers: Vec<&str> = self.config.modems[modem].numbers().collect();
        let find = |word: &str| {
            self.config.accounts.iter().enumerate().find_map(|(account, own)| {
                let is_it = |keyword: &&Keyword| {
                    numbers.contains(&keyword.number.as_str()) && keyword.word() == word
                };
                Some((account, own.keywords.iter().find(is_it)?.clone()))
            })
        };
        let first = first.to_uppercase();
        let by_word = Some(first).filter(|first| !first.is_empty()).and_then(|first| find(&first));
        match by_word {
            Some((account, keyword)) => Some((account, keyword, rest.trim_start())),
            None => find("").map(|(account, keyword)| (account, keyword, text)),
        }
    }
}

/// Says which parts are lost: their message will not be whole.
fn lost_parts(modem: usize, lost: &reassemble::Message<'_>) {
    let sender: String = lost.key.originator.chars().collect();
    let parts: Vec<u8> = lost.parts().map(|part| part.number).collect();
    warn!(modem, sender, ?parts, of = lost.key.total, "a message stays without its other parts");
}

impl Received {
    /// The message with `?` for what the charset lacks.
    fn carried(&self, charset: Charset) -> Self {
        let carried = |text: &str| -> String {
            text.chars().map(|c| if charset.carries(c) { c } else { '?' }).collect()
        };
        Self {
            sender: carried(&self.sender),
            keyword: self.keyword.as_deref().map(carried),
            rest: carried(&self.rest),
            content: match &self.content {
                Content::Text(text) => Content::Text(carried(text)),
                octets => octets.clone(),
            },
            ..self.clone()
        }
    }
}
