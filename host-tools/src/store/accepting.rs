//! What customers ask, accepted whole or not at all.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use septet::api::{Answer, Api, Credentials, Op, Reason, Refusal, Submit};
use septet::text::Text;
use septet::tpdu::udh::Reference;
use tracing::info;
use url::Url;

use super::{MemoryStore, Message, Noted, PartState};
use crate::body::Body;
use crate::callbacks::Policy;
use crate::config::SenderRule;

/// How many messages may wait for a modem, and how many may wait for their reports. A request past
/// that is to be tried again later.
const WAITING_MAX: usize = 100_000;
const OPEN_MAX: usize = 1_000_000;

/// How many recipients a request may have.
const RECIPIENTS_MAX: usize = 1_000;

impl septet::answer::Store for MemoryStore {
    type Account = usize;

    fn admit<'a>(&mut self, credentials: &Credentials<'a>) -> Result<usize, Refusal<'a>> {
        let Credentials::Password { user, password } = *credentials;
        let account = self.config.accounts.iter().position(|account| user == *account.name);
        let Some(account) = account else {
            return Err(Refusal::new(Reason::UnknownUser, user));
        };
        let hash = &self.config.accounts[account].password;
        if self.verifier.knows(hash, &password.0.to_string()) {
            Ok(account)
        } else {
            Err(Refusal::new(Reason::WrongPassword, Text::EMPTY))
        }
    }

    fn perform<'a>(&'a mut self, account: &usize, api: &'static Api, op: &Op<'a>) -> Answer<'a> {
        match op {
            Op::Send(submit) => match self.submit(*account, api, submit) {
                Ok(()) => Answer::Sent { client_id: submit.client_id },
                Err(refusal) => Answer::Refused(refusal),
            },
            // Callbacks are what the gateway asks, not what it is asked.
            Op::Report(_) | Op::Inbound(_) => {
                Answer::Refused(Refusal::new(Reason::Other, Text::EMPTY))
            }
        }
    }
}

impl MemoryStore {
    /// Accepts a text for each of its recipients, or nothing of it.
    fn submit<'a>(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: &Submit<'a>,
    ) -> Result<(), Refusal<'a>> {
        let client_id = submit.client_id.map(|id| (account, id.to_string()));
        let fingerprint = fingerprint(submit);
        match client_id.as_ref().and_then(|id| self.client_ids.get(id)) {
            None => {}
            Some(known) if *known == fingerprint => return Ok(()),
            Some(_) => {
                return Err(Refusal {
                    reason: Reason::DuplicateClientId,
                    subject: Text::EMPTY,
                    detail: Text::plain("another message had it within a day"),
                });
            }
        }
        if let Some(price) = submit.price
            && price.chars().any(|c| matches!(c, '1'..='9'))
        {
            return Err(Refusal::new(Reason::Charging, Text::EMPTY));
        }
        let modem = self.modem_of_sender(submit.sender)?;
        let callback = match submit.callback {
            Some(url) => Some(self.callback_url(url)?),
            None => None,
        };
        let recipients = recipients(submit)?;
        if self.waiting() + recipients.len() > WAITING_MAX
            || self.messages.len() + recipients.len() > OPEN_MAX
        {
            return Err(Refusal::new(Reason::Busy, Text::EMPTY));
        }
        self.reference = self.reference.wrapping_add(1);
        let body = Body::new(submit.text.chars(), Reference::Short(self.reference))?;
        let body = Arc::new(body);
        let noted = Noted {
            sender_not_carried: submit.sender.filter(|_| modem.is_none()).map(owned),
            network: submit.network.map(owned),
            class: submit.class.map(owned),
        };
        let account_name = &self.config.accounts[account].name;
        for recipient in recipients {
            let id = self.next_message;
            self.next_message += 1;
            let Noted { sender_not_carried, network, class } = &noted;
            let parts = body.len();
            info!(sms = id, account_name, parts, ?sender_not_carried, ?network, ?class, "accepted");
            self.accepted.insert((self.now, id));
            match modem {
                Some(modem) => self.lines[modem].queue.push_back(id),
                None => self.queue.push_back(id),
            }
            let message = Message {
                account,
                api,
                client_id: client_id.as_ref().map(|(_, id)| id.clone()),
                recipient,
                callback: callback.clone(),
                noted: noted.clone(),
                modem,
                modem_chosen: modem.is_some(),
                body: body.clone(),
                parts: vec![PartState::Waiting; parts],
                refusals: 0,
                accepted: self.now,
                expired: false,
            };
            self.messages.insert(id, message);
        }
        if let Some(id) = client_id {
            self.used.push_back((self.now, id.clone()));
            self.client_ids.insert(id, fingerprint);
        }
        Ok(())
    }

    /// The modem whose SIM has the sender's number; `None` where any may send.
    fn modem_of_sender<'a>(&self, sender: Option<Text<'a>>) -> Result<Option<usize>, Refusal<'a>> {
        let Some(sender) = sender else { return Ok(None) };
        let modem = self.config.modems.iter().position(|modem| sender == *modem.number);
        match (modem, self.config.sender) {
            (None, SenderRule::Refuse) => Err(Refusal::new(Reason::Sender, Text::EMPTY)),
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

/// The recipients, each once.
fn recipients<'a>(submit: &Submit<'a>) -> Result<Vec<String>, Refusal<'a>> {
    let mut seen = BTreeSet::new();
    let mut recipients = Vec::new();
    for recipient in submit.recipients.iter() {
        let number = recipient.to_string();
        if !seen.insert(number.clone()) {
            return Err(Refusal::new(Reason::DuplicateRecipient, recipient));
        }
        recipients.push(number);
        if recipients.len() > RECIPIENTS_MAX {
            return Err(Refusal::new(Reason::TooManyRecipients, Text::EMPTY));
        }
    }
    Ok(recipients)
}

fn owned(text: Text<'_>) -> String {
    text.to_string()
}

/// What tells one request from another with the same id.
fn fingerprint(submit: &Submit<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut add = |text: Option<Text<'_>>| text.map(|text| text.to_string()).hash(&mut hasher);
    let Submit { recipients, text, sender, client_id, callback, price, network, class } = *submit;
    recipients.iter().for_each(|recipient| add(Some(recipient)));
    for field in [Some(text), sender, client_id, callback, price, network, class] {
        add(field);
    }
    hasher.finish()
}
