//! What customers ask, answered from the outbox.

use heapless::{String, Vec};
use septet::answer::Store;
use septet::api::{
    Again, Answer, Content, Credentials, Credits, Dedupe, Delivery, Duplicates, Ids, Login, Op,
    Reason, Receipt, Refusal, Reports, ReportsQuery, Sent, Submit, Test,
};
use septet::fields::Rows;
use septet::text::{Secret, Text};
use septet::wire::Writer;

use super::keep::{Keep, Key, Kind, Trouble};
use super::outbox::{self, MESSAGES_MAX, Outbox, RECIPIENTS_MAX};
use super::record::{CALLBACK_MAX, CLIENT_ID_MAX, PARTS_MAX, REQUEST_MAX, Request};
use super::settings::{Sessions, Settings};
use super::sms::Sms;
use super::tape::Tapes;
use crate::apis::BoardApi;
use crate::msisdn::Msisdn;
use crate::submit::{Id, can_be_sent, id, put_parts};

/// What an account without a limit is told that it has left.
const UNLIMITED: u64 = 1_000_000;

/// What requests are answered from.
#[derive(Debug)]
pub(super) struct Desk<'g, K> {
    pub apis: &'static [&'static BoardApi],
    pub outbox: &'g mut Outbox,
    pub keep: &'g mut K,
    pub settings: &'g Settings,
    /// What no other board has, so that ids are its own.
    pub seed: u64,
    /// The keys of sessions.
    pub sessions: &'g Sessions,
    /// What programs on the host read of the board's doings.
    pub tapes: Tapes,
}

/// The id by which a customer knows a message.
pub(super) fn message_id(api: &BoardApi, sms: &Sms, seed: u64) -> Id {
    let is_each = api.ids == Ids::UuidEach;
    id(api.ids, if is_each { sms.number } else { sms.request }, seed)
}

impl<K: Keep> Store<BoardApi> for Desk<'_, K> {
    /// Its number.
    type Account = u16;

    fn admit<'a>(
        &mut self,
        _: &'static BoardApi,
        credentials: &Credentials<'a>,
    ) -> Result<u16, Refusal<'a>> {
        self.settings.admit(credentials, self.sessions)
    }

    fn perform<R>(
        &mut self,
        account: &u16,
        api: &'static BoardApi,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        match op {
            Op::Login(Login::Session) => self.logged_in(*account, reply),
            Op::CheckSession => reply(&Answer::Session(true)),
            Op::Send(submit) => self.submit(*account, api, submit, reply),
            Op::Credits(query) => {
                let hundredths = UNLIMITED * 100;
                reply(&Answer::Credits(Credits { hundredths, aliases: query.aliases }))
            }
            Op::Reports(query) => self.reports(*account, api, query, reply),
            // A board has no clock for schedules and histories, and no room.
            Op::Login(Login::Token)
            | Op::Quote(_)
            | Op::Cancel(_)
            | Op::History(_)
            | Op::Inbox(_)
            | Op::Report(_)
            | Op::Inbound(_) => {
                let detail = Text::plain("a board does not do that");
                let reason = Reason::Other;
                reply(&Answer::Refused(Refusal { reason, subject: Text::EMPTY, detail }))
            }
        }
    }
}

/// The customer's words that a request is kept with.
struct Words {
    client_id: String<CLIENT_ID_MAX>,
    callback: String<CALLBACK_MAX>,
}

impl<K: Keep> Desk<'_, K> {
    fn logged_in<R>(&self, account: u16, reply: impl FnOnce(&Answer<'_>) -> R) -> R {
        let own = self.settings.account(account);
        let user = Text::plain(own.map_or("", |own| &own.name));
        let key = own.map(|own| self.sessions.key(own)).unwrap_or_default();
        reply(&Answer::LoggedIn { user, key: Secret(Text::plain(&key)) })
    }

    #[inline(never)]
    fn submit<R>(
        &mut self,
        account: u16,
        api: &'static BoardApi,
        submit: &Submit<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        match self.accepted(account, api, submit) {
            Ok(request) => self.told(api, submit, request, reply),
            Err(refusal) => reply(&Answer::Refused(refusal)),
        }
    }

    /// Accepts a request, or finds that it was accepted before: its number.
    #[inline(never)]
    fn accepted<'a>(
        &mut self,
        account: u16,
        api: &'static BoardApi,
        submit: &Submit<'a>,
    ) -> Result<u32, Refusal<'a>> {
        let refused = |reason| Err(Refusal::plain(reason));
        let place = self.apis.iter().position(|own| own.name == api.name).unwrap_or_default() as u8;
        let dedupe = submit.dedupe.map(|own| (key(account, place, &own), content(submit)));
        if let (Some(own), Some(dedupe)) = (submit.dedupe, dedupe)
            && let Some((request, before)) = self.known(dedupe.0)
        {
            return match own.again {
                Again::FirstAnswer => Ok(request),
                Again::SameContent if before == dedupe.1 => Ok(request),
                Again::SameContent | Again::Refused => refused(Reason::DuplicateClientId),
            };
        }
        can_be_sent(submit)?;
        let words = Words {
            client_id: kept(submit.client_id, Reason::Invalid)?,
            callback: kept(submit.callback.map(|own| own.url), Reason::CallbackUrl)?,
        };
        match submit.test {
            Some(Test::Fail) => return refused(Reason::Test),
            // Nothing is sent; 0 is the number of no request.
            Some(Test::Succeed) => return self.recipients(submit).map(|_| 0),
            None => {}
        }
        let recipients = self.recipients(submit)?;
        let mut draft = self.outbox.begin(recipients.len(), self.keep).map_err(busy)?;
        let done = self.enter(&mut draft, submit, &recipients).and_then(|()| {
            let common = Request {
                account,
                api: place,
                count: recipients.len() as u8,
                report: submit.report,
                class: submit.class,
                protocol: submit.protocol.unwrap_or(0),
                validity: submit.validity,
                dedupe,
                client_id: &words.client_id,
                callback: &words.callback,
                carrier: submit.callback.and_then(|own| own.carrier),
            };
            self.outbox.accept(&draft, &common, self.keep).map_err(busy)
        });
        if done.is_err() {
            self.outbox.withdraw(&draft, self.keep);
        }
        done.map(|()| draft.request)
    }

    /// The numbers that a request goes to, each once.
    #[inline(never)]
    fn recipients<'a>(
        &self,
        submit: &Submit<'a>,
    ) -> Result<Vec<(Msisdn, Content<'a>), RECIPIENTS_MAX>, Refusal<'a>> {
        let mut found = Vec::<(Msisdn, Content<'a>), RECIPIENTS_MAX>::new();
        for (recipient, content) in submit.messages.iter() {
            let Some(number) = Msisdn::of(&recipient) else {
                if submit.skip_invalid {
                    continue;
                }
                return Err(Refusal::new(Reason::Recipient, recipient.number));
            };
            if found.iter().any(|(own, _)| *own == number) {
                match submit.duplicates {
                    Duplicates::Strip => continue,
                    Duplicates::Refuse => {
                        return Err(Refusal::new(Reason::DuplicateRecipient, recipient.number));
                    }
                }
            }
            found.push((number, content)).map_err(|_| Refusal::plain(Reason::TooManyRecipients))?;
        }
        if found.is_empty() {
            return Err(Refusal::plain(Reason::Recipient));
        }
        Ok(found)
    }

    /// Keeps the messages of a request.
    #[inline(never)]
    fn enter<'a>(
        &mut self,
        draft: &mut outbox::Draft,
        submit: &Submit<'a>,
        recipients: &[(Msisdn, Content<'a>)],
    ) -> Result<(), Refusal<'a>> {
        let reference = draft.request.wrapping_add(self.seed as u32) as u8;
        for (to, content) in recipients {
            let put =
                |w: &mut Writer<'_>| put_parts(submit, content, reference, PARTS_MAX as u8, w);
            self.outbox.add(draft, *to, self.keep, put).map_err(|refused| match refused {
                outbox::Refused::Parts(refusal) => refusal,
                outbox::Refused::Kept(trouble) => busy(trouble),
            })?;
        }
        Ok(())
    }

    /// The request that is known by this key, and the hash of its content.
    fn known(&mut self, key: u64) -> Option<(u32, u32)> {
        for request in &self.requests() {
            let mut room = [0; REQUEST_MAX];
            let dedupe = self.request(*request, &mut room).and_then(|own| own.dedupe);
            if let Some((_, content)) = dedupe.filter(|(own, _)| *own == key) {
                return Some((*request, content));
            }
        }
        None
    }

    /// The numbers of the requests, the oldest first.
    fn requests(&self) -> Vec<u32, MESSAGES_MAX> {
        let mut requests = Vec::new();
        for sms in self.outbox.messages() {
            if requests.last() != Some(&sms.request) {
                let _ = requests.push(sms.request);
            }
        }
        requests
    }

    /// A request that was accepted.
    fn request<'r>(
        &mut self,
        request: u32,
        room: &'r mut [u8; REQUEST_MAX],
    ) -> Option<Request<'r>> {
        let found = self.keep.get(Key::new(Kind::Request, request), room).ok()?;
        Request::read(room.get(..found?)?)
    }

    /// Tells of a request that was accepted.
    #[inline(never)]
    fn told<R>(
        &self,
        api: &'static BoardApi,
        submit: &Submit<'_>,
        request: u32,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let own = |sms: &&Sms| sms.request == request;
        let messages = self.outbox.messages().filter(own);
        let mut ids = Vec::<(Id, [u8; 20], &Sms), RECIPIENTS_MAX>::new();
        for sms in messages {
            let _ = ids.push((message_id(api, sms, self.seed), [0; 20], sms));
        }
        let contents = submit.messages.iter().map(|(_, content)| content);
        let mut receipts = Vec::<Receipt<'_>, RECIPIENTS_MAX>::new();
        let client_id = submit.client_id.unwrap_or(Text::EMPTY);
        let (mut longest, mut used) = (1, 0);
        for ((id, digits, sms), content) in ids.iter_mut().zip(contents) {
            let parts = sms.known.fates.len() as u32;
            longest = parts.max(longest);
            used += u64::from(parts);
            let characters = match content {
                Content::Text(filled) => filled.chars().count(),
                Content::Octets { segments, .. } => segments.iter().map(|own| own.len()).sum(),
            };
            let _ = receipts.push(Receipt {
                id: Text::plain(id),
                sender: submit.sender.unwrap_or(Text::EMPTY),
                recipient: Text::plain(sms.to.digits(digits)),
                characters: characters as u32,
                parts,
                client_id,
            });
        }
        let id = id(api.ids, request, self.seed);
        let count = receipts.len() as u32;
        reply(&Answer::Sent(Sent {
            id: Some(Text::plain(&id)),
            client_id: submit.client_id,
            scheduled: false,
            parts: longest,
            messages: count.max(1),
            used: submit.wants_used.then_some(used),
            left: submit.wants_left.then_some(UNLIMITED),
            receipts: Rows::slice(&receipts),
        }))
    }

    /// Tells what became of the messages of a request.
    #[inline(never)]
    fn reports<R>(
        &mut self,
        account: u16,
        api: &'static BoardApi,
        query: &ReportsQuery<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let place = self.apis.iter().position(|own| own.name == api.name).unwrap_or_default() as u8;
        let mut found = None;
        // The latest one: an own id may be used again.
        for request in &self.requests() {
            let mut room = [0; REQUEST_MAX];
            let Some(own) = self.request(*request, &mut room) else { continue };
            let is_named = query.id == *id(api.ids, *request, self.seed)
                || !own.client_id.is_empty() && query.id == *own.client_id;
            if is_named && (own.account, own.api) == (account, place) {
                found = Some(*request);
            }
        }
        let Some(request) = found else {
            return reply(&Answer::Refused(Refusal::new(Reason::UnknownId, query.id)));
        };
        let mut digits = Vec::<([u8; 20], &Sms), RECIPIENTS_MAX>::new();
        for sms in self.outbox.messages().filter(|sms| sms.request == request) {
            let _ = digits.push(([0; 20], sms));
        }
        let mut rows = Vec::<Delivery<'_>, RECIPIENTS_MAX>::new();
        for (digits, sms) in &mut digits {
            let recipient = Text::plain(sms.to.digits(digits));
            if query.recipient.is_some_and(|own| own != recipient) {
                continue;
            }
            let status = (sms.known.status != 0).then_some(sms.known.status);
            let credits = Some(sms.known.fates.len() as u64);
            let _ =
                rows.push(Delivery { status, credits, ..Delivery::new(recipient, sms.state()) });
        }
        reply(&Answer::Reports(Reports { columns: query.columns, rows: Rows::slice(&rows) }))
    }
}

/// What is said where there is no room, or what keeps the messages does not work: again later.
const fn busy(trouble: Trouble) -> Refusal<'static> {
    Refusal::plain(match trouble {
        Trouble::Full => Reason::Busy,
        Trouble::Broken => Reason::Internal,
    })
}

/// A customer's words as they are kept.
fn kept<'a, const N: usize>(
    words: Option<Text<'a>>,
    reason: Reason,
) -> Result<String<N>, Refusal<'a>> {
    let mut own = String::new();
    for c in words.iter().flat_map(|words| words.chars()) {
        own.push(c).map_err(|_| {
            let detail = Text::plain("it is longer than a board keeps");
            Refusal { reason, subject: words.unwrap_or(Text::EMPTY), detail }
        })?;
    }
    Ok(own)
}

/// FNV-1a, 64 bits, of characters.
fn hash(start: u64, characters: &mut dyn Iterator<Item = char>) -> u64 {
    characters
        .flat_map(|c| u32::from(c).to_le_bytes())
        .fold(start, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3))
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// What stands for a customer's key of a request.
fn key(account: u16, api: u8, own: &Dedupe<'_>) -> u64 {
    let [high, low] = account.to_be_bytes();
    let whose = hash(BASIS, &mut [high, low, api].into_iter().map(char::from));
    hash(whose, &mut own.key.chars())
}

/// What stands for what a request sends to whom.
fn content(submit: &Submit<'_>) -> u32 {
    let mut own = BASIS;
    for (recipient, content) in submit.messages.iter() {
        own = hash(own, &mut recipient.chars());
        own = match content {
            Content::Text(filled) => hash(own, &mut filled.chars()),
            Content::Octets { segments, .. } => {
                let mut segments = segments.iter();
                hash(own, &mut segments.by_ref().flat_map(|own| own.iter()).map(char::from))
            }
        };
    }
    (own ^ own >> 32) as u32
}
