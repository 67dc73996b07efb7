//! What customers ask to be sent, checked and made into parts, before anything of it is accepted.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use septet::api::{
    Api, Callback, Content, Duplicates, Messages, Reason, Recipient, Refusal, Submit,
};
use septet::error::ErrorKind;
use septet::fields::Carrier;
use septet::text::Text;
use septet::tpdu::udh::Reference;
use url::Url;

use super::SqlStore;
use super::routes::{Asked, Way};
use crate::body::{Body, Layout};
use crate::callbacks::Policy;
use crate::clock;
use crate::config::SenderRule;

/// How many years ahead a message may be scheduled.
const SCHEDULE_YEARS: i16 = 2;

/// What is to be sent to one recipient.
pub(super) struct Outgoing {
    pub recipient: String,
    pub way: Way,
    pub text: Arc<str>,
    pub body: Arc<Body>,
}

/// A request that can be accepted.
pub(super) struct Prepared {
    pub modem: Option<usize>,
    pub callback: Option<(Url, Option<Carrier>)>,
    /// Whether what recipients answer goes to the callback's URL.
    pub replies_to_callback: bool,
    pub scheduled: Option<Timestamp>,
    /// The words that it has for a route, each on a line.
    pub asked: String,
    /// The fields of the vendor's that change nothing, or bear on its way.
    pub notes: Vec<(&'static str, String)>,
    pub outgoing: Vec<Outgoing>,
}

impl Prepared {
    /// Credits: one for each part to each recipient that gets it.
    pub fn cost(&self) -> u64 {
        let sent = self.outgoing.iter().filter(|one| !one.way.is_stopped);
        sent.map(|one| one.body.len() as u64).sum()
    }
}

impl SqlStore {
    /// Checks a request, and makes what is to be sent.
    pub(super) fn prepare<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<Prepared, Refusal<'a>> {
        if submit.charge.is_some_and(|charge| charge.chars().any(|c| matches!(c, '1'..='9'))) {
            // Nobody can be charged through a modem.
            return Err(Refusal::plain(Reason::Charging));
        }
        self.check_sender(account, submit.sender)?;
        let modem = self.modem_of_sender(submit.sender)?;
        let own = match submit.callback {
            Some(Callback { url, carrier }) => Some((self.callback_url(url)?, carrier)),
            None => None,
        };
        let replies_to_callback = api.replies_to_callback && own.is_some();
        let callback = own.or_else(|| {
            let url = self.config.accounts[account].report_url(api);
            url.and_then(Policy::read).map(|url| (url, None))
        });
        let scheduled = self.scheduled(account, submit)?;
        let notes: Vec<_> =
            submit.notes.iter().map(|note| (note.name, note.value.to_string())).collect();
        let asked = self.asked(account, submit, &notes)?;
        let recipients = self.recipients(account, api, submit, (&asked, modem))?;
        let outgoing = self.bodies(submit, recipients)?;
        let asked = asked.route;
        Ok(Prepared { modem, callback, replies_to_callback, scheduled, asked, notes, outgoing })
    }

    /// When it is to be sent, where that is later than now.
    fn scheduled<'a>(
        &self,
        account: usize,
        submit: &Submit<'a>,
    ) -> Result<Option<Timestamp>, Refusal<'a>> {
        let Some(when) = submit.schedule else { return Ok(None) };
        let refusal = |detail| Refusal {
            reason: Reason::Schedule,
            subject: Text::EMPTY,
            detail: Text::plain(detail),
        };
        let at = clock::timestamp(&when, &self.config.accounts[account].zone());
        let at = at.ok_or(refusal(clock::NO_TIME))?;
        let now = self.wall();
        let last = now.to_zoned(TimeZone::UTC).checked_add(SCHEDULE_YEARS.years());
        if last.is_ok_and(|last| at > last.timestamp()) {
            return Err(refusal("is more than two years ahead"));
        }
        Ok((at > now).then_some(at))
    }

    /// The recipients with what each gets, groups resolved, each once.
    fn recipients<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
        (asked, modem): (&Asked, Option<usize>),
    ) -> Result<Vec<(String, Way, Content<'a>)>, Refusal<'a>> {
        let mut seen = HashSet::new();
        let mut recipients = Vec::new();
        let max = match submit.messages {
            Messages::Same { .. } | Messages::Merged { .. } => api.recipients_max,
            Messages::Each(_) | Messages::EachOctets(_) => api.batch_max,
        };
        let max = max as usize;
        let mut first_stopped = None;
        // Most have none: it is not looked at for every recipient.
        let has_list = self.has_opted_out(account);
        let mut add =
            |store: &mut Self, number: String, content: Content<'a>, written: Text<'a>| {
                let is_again = !seen.insert(number.clone());
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
                if recipients.len() >= max {
                    return Err(Refusal::plain(Reason::TooManyRecipients));
                }
                let mut way = match (store.way(account, &number, asked, written), modem) {
                    (Ok(way), _) => way,
                    // The sender chose the SIM.
                    (Err(_), Some(_)) => Way::default(),
                    (Err(_), None) if submit.skip_invalid => return Ok(()),
                    (Err(refusal), None) => return Err(refusal),
                };
                way.is_stopped = !store.may_send_to(account, &number, has_list);
                first_stopped = first_stopped.or(way.is_stopped.then_some(written));
                recipients.push((number, way, content));
                Ok(())
            };
        for (recipient, content) in submit.messages.iter() {
            match self.msisdn(&recipient) {
                Some(number) => add(self, number, content, recipient.number)?,
                None if submit.skip_invalid => {}
                None => return Err(Refusal::new(Reason::Recipient, recipient.number)),
            }
        }
        if let Some((groups, content)) = submit.messages.groups() {
            for name in groups.iter() {
                let group = self.config.accounts[account].group(&name.to_string());
                let group = group.ok_or(Refusal::new(Reason::UnknownGroup, name))?;
                for number in group.members.clone() {
                    add(self, number, content, name)?;
                }
            }
        }
        if recipients.is_empty() {
            return Err(Refusal::plain(Reason::Recipient));
        }
        match first_stopped {
            // None of them would get it.
            Some(number) if recipients.iter().all(|(_, way, _)| way.is_stopped) => {
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
        &mut self,
        submit: &Submit<'a>,
        recipients: Vec<(String, Way, Content<'a>)>,
    ) -> Result<Vec<Outgoing>, Refusal<'a>> {
        let mut last: Option<(Content<'a>, Arc<str>, Arc<Body>)> = None;
        let is_same = matches!(submit.messages, Messages::Same { .. });
        let mut outgoing = Vec::with_capacity(recipients.len());
        for (recipient, way, content) in recipients {
            let (text, body) = match &last {
                Some((_, text, body)) if is_same => (text.clone(), body.clone()),
                _ => {
                    let (text, body) = self.body(submit, &content)?;
                    last = Some((content, text.clone(), body.clone()));
                    (text, body)
                }
            };
            outgoing.push(Outgoing { recipient, way, text, body });
        }
        Ok(outgoing)
    }

    fn body<'a>(
        &mut self,
        submit: &Submit<'a>,
        content: &Content<'a>,
    ) -> Result<(Arc<str>, Arc<Body>), Refusal<'a>> {
        self.volatile.reference = self.volatile.reference.wrapping_add(1);
        let (text, body) = match content {
            Content::Text(filled) => {
                if let Some(name) = filled.missing() {
                    return Err(Refusal::new(Reason::NoValue, name));
                }
                let layout = Layout {
                    reference: Reference::Short(self.volatile.reference),
                    alphabet: submit.alphabet,
                    parts_max: submit.parts_max,
                    cut: submit.cut,
                };
                // Filled once: to look a value up takes longer than to read it.
                let text: String = match filled.plain() {
                    Some(text) => text.to_string(),
                    None => filled.chars().collect(),
                };
                let body = Body::new(text.chars(), layout);
                (text, body)
            }
            Content::Octets { segments, has_header } => {
                let text = segments.iter().map(|segment| segment.to_string()).collect();
                (text, Body::of_octets(*segments, *has_header, self.volatile.reference))
            }
        };
        let refusal = |error: septet::Error| {
            let reason = match (error.kind, content) {
                (ErrorKind::TooManyParts, _) => Reason::TooManyParts,
                (ErrorKind::Unencodable(_), _) => Reason::Unencodable,
                (_, Content::Octets { .. }) => Reason::Segment,
                _ => Reason::Invalid,
            };
            let detail = match reason {
                // What the customer allowed, not what a message can have.
                Reason::TooManyParts if submit.parts_max.is_some() => "",
                _ => error.kind.words(),
            };
            Refusal { reason, subject: Text::EMPTY, detail: Text::plain(detail) }
        };
        Ok((text.into(), Arc::new(body.map_err(refusal)?)))
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
        self.policy.check(&url).map_err(refusal)?;
        Ok(url)
    }
}
