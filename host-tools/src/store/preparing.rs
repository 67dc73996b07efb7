//! What customers ask to be sent, checked and made into parts, before anything of it is accepted.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use septet::api::{
    Api, Callback, Content, Duplicates, Messages, Reason, Recipient, Refusal, Submit, Test,
};
use septet::fields::Carrier;
use septet::text::Text;
use url::Url;

use super::accepting::owned;
use super::routes::{Asked, Way};
use crate::body::{Body, next_reference};
use crate::callbacks::Policy;
use crate::clock;
use crate::config::{Account, Config, SenderRule};

/// How many years ahead a message may be scheduled.
const SCHEDULE_YEARS: i16 = 2;

/// What is to be sent to one recipient.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub recipient: String,
    pub way: Way,
    pub text: Arc<str>,
    pub body: Arc<Body>,
}

/// A recipient, and what is to be sent.
struct Addressee<'a> {
    recipient: String,
    way: Way,
    content: Content<'a>,
}

/// A request that can be accepted.
#[derive(Debug)]
pub(super) struct Prepared {
    pub client_id: Option<String>,
    pub sender: Option<String>,
    /// The kind of message, as the vendor calls it.
    pub kind: Option<String>,
    /// Whether the customer may ask for it by the own id.
    pub named: bool,
    /// The modem that the sender chose.
    pub modem: Option<usize>,
    pub callback: Option<(Url, Option<Carrier>)>,
    /// Whether what recipients answer goes to the callback's URL.
    pub replies_to_callback: bool,
    pub scheduled: Option<Timestamp>,
    pub report: bool,
    pub validity: Option<u32>,
    pub class: Option<u8>,
    pub protocol: u8,
    /// The words that it has for a route, each on a line.
    pub asked: String,
    /// What it asks and a modem cannot do, in words.
    pub noted: String,
    pub test: Option<Test>,
    pub outgoing: Vec<Outgoing>,
}

impl Prepared {
    /// Credits: one for each part to each recipient that gets it.
    pub fn cost(&self) -> u64 {
        let sent = self.outgoing.iter().filter(|one| !one.way.is_stopped);
        sent.map(|one| one.body.len() as u64).sum()
    }
}

/// What a modem cannot do of what a customer asks.
struct Noted<'n> {
    /// A sender that is not carried: the handset sees the number of the SIM.
    sender_not_carried: Option<&'n str>,
    /// The recipient's network, as the customer says.
    network: Option<Text<'n>>,
    /// Fields of the vendor's that change nothing.
    others: &'n [(&'static str, String)],
}

impl Noted<'_> {
    /// `sender="Acme" not carried network="dk.x" price="0.00DKK"`; empty where there is nothing.
    fn words(&self) -> String {
        let sender = self.sender_not_carried.map(|sender| format!("sender={sender:?} not carried"));
        let network = self.network.map(|network| format!("network={:?}", network.to_string()));
        let others = self.others.iter().map(|(name, value)| format!("{name}={value:?}"));
        let all: Vec<String> = sender.into_iter().chain(network).chain(others).collect();
        all.join(" ")
    }
}

/// Whether two texts have the same characters: mostly nothing of either needs decoding.
fn is_same(one: Text<'_>, other: Text<'_>) -> bool {
    one.as_str().zip(other.as_str()).map_or_else(|| one == other, |(one, other)| one == other)
}

/// Prepares the requests of an account to an interface, by what needs no database.
#[derive(Clone, Copy)]
pub(super) struct Preparing<'c> {
    pub config: &'c Config,
    /// The account's place in the configuration.
    pub account: usize,
    pub api: &'static Api,
    /// The time that the clock on the wall shows.
    pub wall: Timestamp,
}

impl Preparing<'_> {
    /// Checks a request, and makes what is to be sent. `is_opted_out` says of a number whether it wants
    /// nothing of the account.
    ///
    /// # Errors
    /// The refusal.
    pub fn prepare<'a>(
        &self,
        submit: &Submit<'a>,
        is_opted_out: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Prepared, Refusal<'a>> {
        if submit.charge.is_some_and(|charge| charge.chars().any(|c| matches!(c, '1'..='9'))) {
            // Nobody can be charged through a modem.
            return Err(Refusal::plain(Reason::Charging));
        }
        self.check_sender(submit.sender)?;
        let modem = self.modem_of_sender(submit.sender)?;
        let own = match submit.callback {
            Some(Callback { url, carrier }) => Some((self.callback_url(url)?, carrier)),
            None => None,
        };
        let replies_to_callback = self.api.replies_to_callback && own.is_some();
        let callback = own.or_else(|| {
            let url = self.own().report_url(self.api);
            url.and_then(Policy::read).map(|url| (url, None))
        });
        let scheduled = self.scheduled(submit)?;
        let notes: Vec<_> =
            submit.notes.iter().map(|note| (note.name, owned(note.value))).collect();
        let asked = self.asked(submit, &notes)?;
        let recipients = self.recipients(submit, (&asked, modem), is_opted_out)?;
        let outgoing = Self::bodies(submit, recipients)?;
        let sender = submit.sender.map(owned);
        let noted = Noted {
            sender_not_carried: sender.as_deref().filter(|_| modem.is_none()),
            network: submit.network,
            others: &notes,
        };
        Ok(Prepared {
            client_id: submit.client_id.map(owned),
            kind: submit.kind.map(owned),
            // An id that tells requests apart is one to ask by.
            named: submit
                .dedupe
                .zip(submit.client_id)
                .is_some_and(|(own, id)| is_same(own.key, id)),
            modem,
            callback,
            replies_to_callback,
            scheduled,
            report: submit.report,
            validity: submit.validity,
            class: submit.class,
            protocol: submit.protocol.unwrap_or(0),
            asked: asked.route,
            noted: noted.words(),
            test: submit.test,
            outgoing,
            sender,
        })
    }

    /// The account, as the configuration has it.
    pub fn own(&self) -> &Account {
        &self.config.accounts[self.account]
    }

    /// When it is to be sent, where that is later than now.
    fn scheduled<'a>(&self, submit: &Submit<'a>) -> Result<Option<Timestamp>, Refusal<'a>> {
        let Some(when) = submit.schedule else { return Ok(None) };
        let refusal = |detail| Refusal {
            reason: Reason::Schedule,
            subject: Text::EMPTY,
            detail: Text::plain(detail),
        };
        let at = clock::timestamp(&when, &self.own().zone());
        let at = at.ok_or(refusal(clock::NO_TIME))?;
        let now = self.wall;
        let last = now.to_zoned(TimeZone::UTC).checked_add(SCHEDULE_YEARS.years());
        if last.is_ok_and(|last| at > last.timestamp()) {
            return Err(refusal("is more than two years ahead"));
        }
        Ok((at > now).then_some(at))
    }

    /// The recipients with what each gets, groups resolved, each once.
    fn recipients<'a>(
        &self,
        submit: &Submit<'a>,
        (asked, modem): (&Asked, Option<usize>),
        is_opted_out: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Vec<Addressee<'a>>, Refusal<'a>> {
        // Most requests have one number: it is looked for among others where there is a second.
        let (mut one, mut seen) = (None, HashSet::new());
        let mut recipients: Vec<Addressee<'a>> = Vec::new();
        let max = match submit.messages {
            Messages::Same { .. } | Messages::Merged { .. } => self.api.recipients_max,
            Messages::Each(_) | Messages::EachOctets(_) => self.api.batch_max,
        };
        let mut first_stopped = None;
        let mut add = |number: String, content: Content<'a>, written: Text<'a>| {
            let is_again = match &one {
                None => {
                    one = Some(number.clone());
                    false
                }
                Some(one) => {
                    if seen.is_empty() {
                        seen.insert(one.clone());
                    }
                    !seen.insert(number.clone())
                }
            };
            match (submit.messages, submit.duplicates) {
                _ if !is_again => {}
                // Each has a text of its own: another one to the same number is no repetition.
                (Messages::Merged { .. }, _)
                | (Messages::Each(_) | Messages::EachOctets(_), Duplicates::Refuse) => {}
                (_, Duplicates::Strip) => return Ok(()),
                (Messages::Same { .. }, Duplicates::Refuse) => {
                    return Err(Refusal::new(Reason::DuplicateRecipient, written));
                }
            }
            if recipients.len() >= max as usize {
                return Err(Refusal::plain(Reason::TooManyRecipients));
            }
            let mut way = match (self.way(&number, asked, written), modem) {
                (Ok(way), _) => way,
                // The sender chose the SIM.
                (Err(_), Some(_)) => Way::default(),
                (Err(_), None) if submit.skip_invalid => return Ok(()),
                (Err(refusal), None) => return Err(refusal),
            };
            way.is_stopped = !self.may_send_to(&number) || is_opted_out(&number);
            first_stopped = first_stopped.or(way.is_stopped.then_some(written));
            recipients.push(Addressee { recipient: number, way, content });
            Ok(())
        };
        for (recipient, content) in submit.messages.iter() {
            match self.msisdn(&recipient) {
                Some(number) => add(number, content, recipient.number)?,
                None if submit.skip_invalid => {}
                None => return Err(Refusal::new(Reason::Recipient, recipient.number)),
            }
        }
        if let Some((groups, content)) = submit.messages.groups() {
            for name in groups.iter() {
                let group = self.own().group(&name.to_string());
                let group = group.ok_or(Refusal::new(Reason::UnknownGroup, name))?;
                for number in &group.members {
                    add(number.clone(), content, name)?;
                }
            }
        }
        if recipients.is_empty() {
            return Err(Refusal::plain(Reason::Recipient));
        }
        match first_stopped {
            // None of them would get it.
            Some(number) if recipients.iter().all(|one| one.way.is_stopped) => {
                Err(Refusal::new(Reason::Blacklisted, number))
            }
            _ => Ok(recipients),
        }
    }

    /// The number of a recipient, country code first; `None` where it is none.
    fn msisdn(&self, recipient: &Recipient<'_>) -> Option<String> {
        match &self.config.numbers {
            Some(plan) if recipient.country.is_empty() => {
                plan.msisdn(&recipient.number.to_string())
            }
            _ => recipient.is_msisdn().then(|| recipient.to_string()),
        }
    }

    /// The parts of what each recipient gets; what is the same to all is made once.
    fn bodies<'a>(
        submit: &Submit<'a>,
        recipients: Vec<Addressee<'a>>,
    ) -> Result<Vec<Outgoing>, Refusal<'a>> {
        let mut last: Option<(Content<'a>, Arc<str>, Arc<Body>)> = None;
        let is_same = matches!(submit.messages, Messages::Same { .. });
        let mut outgoing = Vec::with_capacity(recipients.len());
        for Addressee { recipient, way, content } in recipients {
            let (text, body) = match &last {
                Some((_, text, body)) if is_same => (text.clone(), body.clone()),
                _ => {
                    let (text, body) = Self::body(submit, &content)?;
                    last = Some((content, text.clone(), body.clone()));
                    (text, body)
                }
            };
            outgoing.push(Outgoing { recipient, way, text, body });
        }
        Ok(outgoing)
    }

    fn body<'a>(
        submit: &Submit<'a>,
        content: &Content<'a>,
    ) -> Result<(Arc<str>, Arc<Body>), Refusal<'a>> {
        let reference = next_reference();
        let (text, body) = match content {
            Content::Text(filled) => {
                if let Some(name) = filled.missing() {
                    return Err(Refusal::new(Reason::NoValue, name));
                }
                // Filled once: to look a value up takes longer than to read it.
                let text: String = match filled.plain() {
                    Some(text) => owned(text),
                    None => filled.chars().collect(),
                };
                let body = Body::new(text.chars(), submit.layout(reference));
                (text, body)
            }
            Content::Octets { segments, has_header } => {
                let text = segments.iter().map(|segment| segment.to_string()).collect();
                (text, Body::of_octets(*segments, *has_header, reference))
            }
        };
        Ok((text.into(), Arc::new(body.map_err(|error| submit.refusal(content, error))?)))
    }

    /// The modem whose SIM has the sender's number; `None` where any may send.
    fn modem_of_sender<'a>(&self, sender: Option<Text<'a>>) -> Result<Option<usize>, Refusal<'a>> {
        let Some(sender) = sender else { return Ok(None) };
        let digits = sender.strip_prefix("+").unwrap_or(sender);
        let modem = self.config.modems.iter().position(|modem| digits == *modem.number);
        match (modem, self.config.sender) {
            (None, SenderRule::Refuse) => Err(Refusal::plain(Reason::Sender)),
            (modem, _) => Ok(modem),
        }
    }

    fn callback_url<'a>(&self, url: Text<'_>) -> Result<Url, Refusal<'a>> {
        let refusal = |detail| Refusal {
            reason: Reason::CallbackUrl,
            subject: Text::EMPTY,
            detail: Text::plain(detail),
        };
        let url = Policy::read(&url.to_string()).ok_or(refusal("it is no URL of http or https"))?;
        Policy::new(self.config.callbacks.allow.clone()).check(&url).map_err(refusal)?;
        Ok(url)
    }
}
