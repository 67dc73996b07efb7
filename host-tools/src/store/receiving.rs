//! What modems receive: status reports, and messages for the account that has their keyword.

use septet::api::{Asked, How, Ids, Op};
use septet::fields::Carrier;
use septet::pdu::Pdu;
use septet::reassemble::{self, Added, Key, Reassembler};
use septet::text::Charset;
use septet::tpdu::dcs::Class;
use septet::tpdu::{Deliver, Mt, StatusReport};
use septet_firmware::seen::Seen;
use tracing::{debug, error, info, warn};
use url::Url;

use super::callbacks::emitted;
use super::inbox::{self, Content};
use super::{CallbackId, SqlStore};
use crate::callbacks::Policy;
use crate::config::{Account, Keyword};

impl SqlStore {
    /// Takes a message or a status report that a modem received. Afterwards it is safe.
    pub fn received(&mut self, modem: usize, pdu: &Pdu) {
        let config = self.config.clone();
        let name = &config.modems[modem].name;
        if !self.is_new(modem, pdu) {
            debug!(modem = name, "received what it had handed over before");
            return;
        }
        match pdu.read_tolerant::<Mt<'_>>() {
            Ok(((_, Mt::StatusReport(report)), _)) => self.status_report(modem, &report),
            Ok(((_, Mt::Deliver(deliver)), _)) => self.deliver(modem, pdu, &deliver),
            // The answer to a submission, which no modem passes on as a message.
            Ok(((_, Mt::SubmitReport(report)), _)) => {
                warn!(modem = name, cause = ?report.failure_cause, "received a submit report");
            }
            Err(error) => {
                warn!(modem = name, octets = pdu.octets().len(), %error, "received what cannot be read");
            }
        }
    }

    fn status_report(&mut self, modem: usize, report: &StatusReport<'_>) {
        let recipient: String = report.recipient.chars().collect();
        self.reported(modem, report.message_reference, &recipient, report.status);
    }

    fn deliver(&mut self, modem: usize, pdu: &Pdu, deliver: &Deliver<'_>) {
        let sender: String = deliver.originator.chars().collect();
        let sender = sender.trim_start_matches('+').to_owned();
        let config = self.config.clone();
        let name = config.modems[modem].name.as_str();
        let now_ms = self.now_ms;
        let id = self.modems[modem];
        let mut known = self.known(modem);
        let mut over = None;
        let content = match known.reassembler.add(deliver, now_ms.unsigned_abs()) {
            Added::Single => match deliver.text() {
                Some(text) => Some(Content::Text(text.collect())),
                None => {
                    let data = &deliver.user_data;
                    Some(Content::Octets(vec![data.octets.to_vec()], data.has_header))
                }
            },
            Added::Complete(message) => {
                over = Some(name_of(&message.key));
                Some(match message.text() {
                    Some(text) => Content::Text(text.collect()),
                    None => Content::Octets(
                        message.parts().map(|part| part.user_data().octets.to_vec()).collect(),
                        true,
                    ),
                })
            }
            Added::Waiting { missing, .. } => {
                debug!(modem = name, sender, missing, "received a part");
                None
            }
            Added::Duplicate => {
                debug!(modem = name, sender, "received a part again");
                self.received[modem] = Some(known);
                return;
            }
            Added::Conflict(lost) | Added::Evicted(lost) => {
                lost_parts(name, &lost);
                over = Some(name_of(&lost.key));
                None
            }
        };
        self.received[modem] = Some(known);
        if let Some(message) = over {
            let sql = "DELETE FROM part WHERE modem = $1 AND message = $2";
            self.database.execute(sql, &[id.into(), (&message).into()]);
        }
        let Some(content) = content else {
            let message = Key::of(deliver).map(|key| name_of(&key)).unwrap_or_default();
            self.database.execute(
                "UPDATE part SET at = $1 WHERE modem = $2 AND message = $3",
                &[now_ms.into(), id.into(), (&message).into()],
            );
            self.database.execute(
                "INSERT INTO part (modem, message, pdu, at) VALUES ($1, $2, $3, $4)",
                &[id.into(), (&message).into(), pdu.octets().into(), now_ms.into()],
            );
            self.is_due_at(now_ms + WINDOW_MS + 1);
            return;
        };
        let text = match &content {
            Content::Text(text) => text.as_str(),
            Content::Octets(..) => "",
        };
        let is_wish = self.take_wish(modem, &sender, text);
        let flash = deliver.coding.class() == Some(Class::Flash);
        let takers: Vec<(usize, Keyword, String)> = self
            .takers(modem, text)
            .map(|(account, keyword, rest)| (account, keyword.clone(), rest.to_owned()))
            .collect();
        if takers.is_empty() && !is_wish {
            self.keep_for_nobody(modem, &sender, &content, flash);
        }
        for (account, keyword, rest) in takers {
            self.hand_over(modem, (account, &keyword), (&sender, &content), rest, flash);
        }
    }

    /// Keeps a message that was received and that no keyword takes, where the operator sees it.
    fn keep_for_nobody(&mut self, modem: usize, sender: &str, content: &Content, flash: bool) {
        let config = self.config.clone();
        let modem = &config.modems[modem];
        let received = inbox::Received {
            api: String::new(),
            id: self.new_inbox_id(),
            sender: sender.to_owned(),
            recipient: modem.number.clone(),
            keyword: None,
            content: content.clone(),
            rest: String::new(),
            flash,
            received: self.wall(),
            answers: None,
        };
        self.add_to_inbox(inbox::NOBODY, &received);
        let inbox::Received { id, recipient, .. } = &received;
        info!(
            modem = modem.name,
            inbox = id,
            sender,
            recipient,
            "received for nobody: no keyword matched"
        );
    }

    /// Gives a message that was received to an account.
    fn hand_over(
        &mut self,
        modem: usize,
        (account, keyword): (usize, &Keyword),
        (sender, content): (&str, &Content),
        rest: String,
        flash: bool,
    ) {
        let latest = self.database.one(
            "SELECT r.name, r.client_id, CASE WHEN r.replies_to_callback = 1 THEN r.callback END \
             FROM latest l JOIN request r ON r.id = l.request \
             WHERE l.account = $1 AND l.api = $2 AND l.recipient = $3",
            &[self.accounts[account].into(), keyword.api.name.into(), sender.into()],
            |row| {
                let replies_to = row.text(2).and_then(|url| Url::parse(url).ok());
                ((row.string(0), row.text(1).map(str::to_owned)), replies_to)
            },
        );
        let (answers, replies_to) = latest.unzip();
        let replies_to = replies_to.flatten();
        let id = self.new_inbox_id();
        let received = inbox::Received {
            api: keyword.api.name.to_owned(),
            id,
            recipient: keyword.number.clone(),
            keyword: if keyword.api.upper_case_keywords {
                keyword.keyword.as_ref().map(|_| keyword.word())
            } else {
                keyword.keyword.clone()
            },
            rest,
            flash,
            received: self.wall(),
            answers,
            sender: sender.to_owned(),
            content: content.clone(),
        };
        self.add_to_inbox(self.accounts[account], &received);
        let callback = self.owe_inbound(account, keyword, &received, replies_to);
        let account_name = &self.config.accounts[account].name;
        let inbox::Received { sender, keyword, .. } = &received;
        let modem = &self.config.modems[modem].name;
        info!(modem, inbox = id, sender, account_name, keyword, callback, "received");
    }

    /// Owes the customer the message, where the message that it answers, or the keyword, has a URL. Returns
    /// the callback's number.
    fn owe_inbound(
        &mut self,
        account: usize,
        keyword: &Keyword,
        received: &inbox::Received,
        replies_to: Option<Url>,
    ) -> Option<CallbackId> {
        let api = keyword.api;
        let endpoint = api.inbound?;
        let own = || {
            let url = keyword.url.as_deref()?;
            let read = Policy::read(url);
            if read.is_none() {
                error!(keyword = keyword.keyword, "a keyword whose url is none");
            }
            read
        };
        let url = replies_to.or_else(own)?;
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
        self.owe(api, (true, received.id), url, callback)
    }

    /// Whether a modem hands over something for the first time. From now on it is known.
    fn is_new(&mut self, modem: usize, pdu: &Pdu) -> bool {
        let mut known = self.known(modem);
        let is_new = known.seen.is_new(pdu);
        if is_new {
            let id = self.modems[modem].into();
            let sql = "INSERT INTO seen (modem, pdu) VALUES ($1, $2)";
            self.database.execute(sql, &[id, pdu.octets().into()]);
            known.rows += 1;
            // Many at a time: finding the first to forget takes as long as all that are kept.
            if known.rows >= 2 * SEEN {
                self.database.execute(
                    "DELETE FROM seen WHERE modem = $1 AND id <= \
                     (SELECT id FROM seen WHERE modem = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                    &[id, (SEEN as u32).into()],
                );
                known.rows = SEEN;
            }
        }
        self.received[modem] = Some(known);
        is_new
    }

    /// What a modem has handed over, taken out; read where it is not known yet.
    fn known(&mut self, modem: usize) -> Box<Received> {
        if let Some(known) = self.received[modem].take() {
            return known;
        }
        let mut known = Box::<Received>::default();
        let id = self.modems[modem].into();
        let sql = "SELECT pdu FROM seen WHERE modem = $1 ORDER BY id";
        self.database.each(sql, &[id], |row| {
            known.rows += 1;
            if let Ok(pdu) = Pdu::from_octets(row.octets(0)) {
                known.seen.is_new(&pdu);
            }
        });
        let sql = "SELECT pdu, at FROM part WHERE modem = $1 ORDER BY id";
        self.database.each(sql, &[id], |row| {
            if let Ok(pdu) = Pdu::from_octets(row.octets(0))
                && let Ok(((_, Mt::Deliver(deliver)), _)) = pdu.read_tolerant::<Mt<'_>>()
            {
                known.reassembler.add(&deliver, row.integer(1).unsigned_abs());
            }
        });
        known
    }

    /// When the last part came of the message that waits longest for others.
    pub(super) fn oldest_part(&mut self) -> Option<i64> {
        self.database.one("SELECT min(at) FROM part", &[], |row| row.number(0)).flatten()
    }

    /// Gives up messages whose parts waited too long.
    pub(super) fn expire_parts(&mut self) {
        let until = self.now_ms - WINDOW_MS;
        if self.oldest_part().is_none_or(|at| at >= until) {
            return;
        }
        let (now_ms, age_ms) = (self.now_ms.unsigned_abs(), WINDOW_MS.unsigned_abs());
        for modem in 0..self.modems.len() {
            let mut known = self.known(modem);
            while let Some(lost) = known.reassembler.expire(now_ms, age_ms) {
                lost_parts(&self.config.modems[modem].name, &lost);
            }
            self.received[modem] = Some(known);
        }
        self.database.execute("DELETE FROM part WHERE at < $1", &[until.into()]);
    }

    /// The accounts that a text on this modem's numbers goes to, each with the keyword that it has, and
    /// what follows that: those that have its first word, or a pattern that it fits, else those that
    /// take whatever nobody has a keyword for.
    fn takers<'s>(
        &'s self,
        modem: usize,
        text: &'s str,
    ) -> impl Iterator<Item = (usize, &'s Keyword, &'s str)> {
        let text = text.trim_start();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (first, rest) = (first.to_uppercase(), rest.trim_start());
        let numbers: Vec<&str> = self.config.modems[modem].numbers().collect();
        let taker = move |(account, own): (usize, &'s Account), fits: &dyn Fn(&Keyword) -> bool| {
            let is_here = |keyword: &&Keyword| numbers.contains(&keyword.number.as_str());
            let found = own.keywords.iter().filter(is_here).find(|keyword| fits(keyword))?;
            Some((account, found, if found.keyword.is_some() { rest } else { text }))
        };
        let accounts = || self.config.accounts.iter().enumerate();
        let by_word = |keyword: &Keyword| keyword.keyword.is_some() && keyword.word() == first;
        let by_pattern =
            |keyword: &Keyword| keyword.pattern.as_ref().is_some_and(|own| own.is_match(text));
        let mut takers: Vec<_> = accounts()
            .filter_map(|account| taker(account, &by_word).or_else(|| taker(account, &by_pattern)))
            .collect();
        if takers.is_empty() {
            takers = accounts().filter_map(|own| taker(own, &Keyword::is_fallback)).collect();
        }
        takers.into_iter()
    }
}

/// What a modem has handed over.
#[derive(Default)]
pub(super) struct Received {
    reassembler: Reassembler<REASSEMBLY_PARTS>,
    /// After a restart a modem, or the network, may hand something over again.
    seen: Seen<SEEN>,
    /// How many of these the database has: twice as many at most.
    rows: usize,
}

/// How many parts of unfinished messages are kept for each modem.
const REASSEMBLY_PARTS: usize = 512;

/// How many messages of each modem are known again.
const SEEN: usize = 512;

/// How long parts of a received message wait for the others, in milliseconds.
pub(super) const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

/// A message whose parts wait, by the name that the database has for it.
fn name_of(key: &Key) -> String {
    serde_json::to_string(key).unwrap_or_default()
}

/// Says which parts are lost: their message will not be whole.
fn lost_parts(modem: &str, lost: &reassemble::Message<'_>) {
    let sender: String = lost.key.originator.chars().collect();
    let parts: Vec<u8> = lost.parts().map(|part| part.number).collect();
    warn!(modem, sender, ?parts, of = lost.key.total, "a message stays without its other parts");
}

impl inbox::Received {
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
