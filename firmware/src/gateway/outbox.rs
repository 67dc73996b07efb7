//! Messages that were accepted: kept until they are final, and looked at while there is room.
//!
//! What is in memory is an index of what is kept. A part is noted as given before the modem has it, and
//! with what became of it after: so a power cut leaves nothing that was accepted unsent, and nothing
//! sent twice that was known to be sent; what the modem had when the power was cut is unknown.

use heapless::Vec;
use septet::api::State;
use septet::at::Class;
use septet::parts::{Fate, Parts};
use septet::pdu::Pdu;
use septet::tpdu::codes::Status;
use septet::tpdu::{Address, StatusReport, Timestamp};
use septet::wire::Writer;

use super::keep::{Keep, Key, Kind, NUMBER_MAX, Trouble};
use super::record::{FATES_MAX, Known, REQUEST_MAX, Request, emit_message, read_message, sort};
use super::sms::{MESSAGE_MAX, Sms, save, written};
use crate::engine::{Instant, Outcome};
use crate::msisdn::Msisdn;

/// The most messages that are known at a time, those that are final among them.
pub const MESSAGES_MAX: usize = 32;

/// The most recipients of one request.
pub const RECIPIENTS_MAX: usize = 8;

/// How long a message that the modem refuses is put off, in milliseconds: the first time, the second,
/// and each time from the third on.
const PUT_OFF_MS: [u32; 3] = [10_000, 60_000, 300_000];

/// How long a message waits where it cannot be kept that the modem gets it, in milliseconds.
const TROUBLE_MS: u32 = 1_000;

/// How long a report is awaited, in milliseconds: three days.
const AWAITED_MS: u32 = 3 * 24 * 3600 * 1000;

/// How many reports are kept that come before the modem has named their part.
const EARLY_MAX: usize = 2;

/// How often a message is put off before it is given up.
const PUT_OFF_MAX: u8 = 12;

/// What is to be sent next.
#[derive(Clone, Debug)]
pub struct Next {
    /// The part.
    pub pdu: Pdu,
    /// Whether another part of the message follows.
    pub more: bool,
}

/// What was accepted.
#[derive(Debug, Default)]
pub struct Outbox {
    messages: Vec<Sms, MESSAGES_MAX>,
    /// The message and the part that the modem has.
    sending: Option<(u32, usize)>,
    /// Reports that came while the modem had a part, and are of none that is known.
    early: Vec<(u8, Address, Status, Timestamp), EARLY_MAX>,
    /// The highest number that was given.
    last: u32,
}

/// A request that is being accepted.
#[derive(Debug)]
pub struct Draft {
    /// Its number.
    pub request: u32,
    /// Its messages.
    pub messages: Vec<(Msisdn, u8), RECIPIENTS_MAX>,
}

impl Outbox {
    /// The outbox that was kept. What a modem had is unknown from now on, and what was not wholly
    /// accepted is removed.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    pub fn open(keep: &mut impl Keep) -> Result<Self, Trouble> {
        let mut outbox = Self::default();
        let mut numbers: Vec<u32, { MESSAGES_MAX * 2 }> = Vec::new();
        keep.keys(&mut |key| {
            outbox.last = outbox.last.max(key.number());
            if key.kind() == Some(Kind::Message) && !numbers.contains(&key.number()) {
                let _ = numbers.push(key.number());
            }
        })?;
        sort(&mut numbers);
        for number in numbers {
            match outbox.opened(keep, number)? {
                Some(sms) => drop(outbox.messages.push(sms)),
                None => {
                    keep.remove(Key::new(Kind::Message, number))?;
                    keep.remove(Key::new(Kind::Fates, number))?;
                }
            }
        }
        Ok(outbox)
    }

    /// A message that was kept, where its request was accepted.
    #[inline(never)]
    fn opened(&self, keep: &mut impl Keep, number: u32) -> Result<Option<Sms>, Trouble> {
        let mut room = [0; MESSAGE_MAX];
        let found = keep.get(Key::new(Kind::Message, number), &mut room)?;
        let message = found.and_then(|len| read_message(room.get(..len)?));
        let Some((request, to, parts)) = message else { return Ok(None) };
        let parts = Parts::read(parts).map_or(0, |parts| parts.len());
        let mut room = [0; REQUEST_MAX];
        let found = keep.get(Key::new(Kind::Request, request), &mut room)?;
        let common = found.and_then(|len| Request::read(room.get(..len)?));
        let Some(Request { account, api, report, .. }) = common else { return Ok(None) };
        let mut room = [0; FATES_MAX];
        let found = keep.get(Key::new(Kind::Fates, number), &mut room)?;
        let kept = found.and_then(|len| Known::read(room.get(..len)?));
        let mut known = kept.unwrap_or_else(|| Known::new(parts));
        let had = known.fates.iter().position(|fate| *fate == Fate::Sending);
        if let Some(fate) = had.and_then(|at| known.fates.get_mut(at)) {
            *fate = Fate::Final(State::Unknown);
        }
        let sms =
            Sms { number, request, to, account, api, report, known, refusals: 0, due: Instant(0) };
        if had.is_some() {
            save(&sms, keep)?;
        }
        Ok(Some(sms))
    }

    /// The messages, the oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Sms> {
        self.messages.iter()
    }

    /// How many are not final.
    pub fn open_count(&self) -> usize {
        self.messages.iter().filter(|sms| !sms.is_final()).count()
    }

    /// A message by its number.
    pub fn message(&self, number: u32) -> Option<&Sms> {
        self.messages.iter().find(|sms| sms.number == number)
    }

    /// Begins to accept a request of at most `count` messages; of what is final the oldest make room.
    ///
    /// # Errors
    /// [`Trouble::Full`] where too many are not final.
    #[inline(never)]
    pub fn begin(&mut self, count: usize, keep: &mut impl Keep) -> Result<Draft, Trouble> {
        while self.messages.len().saturating_add(count) > MESSAGES_MAX {
            self.forget_oldest(keep)?;
        }
        // Numbers that are in use after 2²⁸ others are passed over.
        let mut request = self.last;
        loop {
            request = if request >= NUMBER_MAX - 255 { 1 } else { request + 1 };
            let used = request..=request.saturating_add(count as u32);
            if !self
                .messages
                .iter()
                .any(|sms| used.contains(&sms.number) || used.contains(&sms.request))
            {
                break;
            }
        }
        Ok(Draft { request, messages: Vec::new() })
    }

    /// Forgets the oldest request whose messages are all final.
    #[inline(never)]
    fn forget_oldest(&mut self, keep: &mut impl Keep) -> Result<(), Trouble> {
        let is_over =
            |request| self.messages.iter().filter(|sms| sms.request == request).all(Sms::is_final);
        // One whose ends are still to be told goes last.
        let is_owed = |own: &u32| {
            self.messages.iter().any(|sms| sms.request == *own && sms.report && !sms.known.told)
        };
        let requests = self.messages.iter().map(|sms| sms.request);
        let over = requests.filter(|request| is_over(*request)).min_by_key(is_owed);
        let request = over.ok_or(Trouble::Full)?;
        // The request goes first: its messages are nothing without it.
        keep.remove(Key::new(Kind::Request, request))?;
        while let Some(at) = self.messages.iter().position(|sms| sms.request == request) {
            let sms = self.messages.remove(at);
            keep.remove(Key::new(Kind::Message, sms.number))?;
            keep.remove(Key::new(Kind::Fates, sms.number))?;
        }
        Ok(())
    }

    /// Keeps one message of a request; `put` writes its parts.
    ///
    /// # Errors
    /// Those of `put`, or what was wrong with what keeps it.
    pub fn add<E>(
        &mut self,
        draft: &mut Draft,
        to: Msisdn,
        keep: &mut impl Keep,
        put: impl FnOnce(&mut Writer<'_>) -> Result<(), E>,
    ) -> Result<(), Refused<E>> {
        let mut room = [0; MESSAGE_MAX];
        let mut w = Writer::new(&mut room);
        emit_message(draft.request, to, &mut w).map_err(|_| Refused::Kept(Trouble::Full))?;
        let before = w.len();
        put(&mut w).map_err(Refused::Parts)?;
        let parts = w.written().get(before..).and_then(Parts::read).map_or(0, |parts| parts.len());
        let number = draft.request.saturating_add(draft.messages.len() as u32 + 1);
        draft.messages.push((to, parts as u8)).map_err(|_| Refused::Kept(Trouble::Full))?;
        keep.put(Key::new(Kind::Message, number), w.written()).map_err(Refused::Kept)
    }

    /// Accepts the request: from here on its messages are sent, whatever happens to the power.
    ///
    /// # Errors
    /// What was wrong with what keeps it: then nothing is accepted.
    #[inline(never)]
    pub fn accept(
        &mut self,
        draft: &Draft,
        common: &Request<'_>,
        keep: &mut impl Keep,
    ) -> Result<(), Trouble> {
        let mut room = [0; REQUEST_MAX];
        let mut w = Writer::new(&mut room);
        common.emit(&mut w).map_err(|_| Trouble::Full)?;
        keep.put(Key::new(Kind::Request, draft.request), w.written())?;
        for ((to, parts), number) in draft.messages.iter().zip(draft.request.saturating_add(1)..) {
            self.last = number;
            let sms = Sms {
                number,
                request: draft.request,
                to: *to,
                account: common.account,
                api: common.api,
                report: common.report,
                known: Known::new(usize::from(*parts)),
                refusals: 0,
                due: Instant(0),
            };
            // There is room: the draft was begun with it.
            let _ = self.messages.push(sms);
        }
        Ok(())
    }

    /// Removes what a request that is not accepted has kept.
    pub fn withdraw(&mut self, draft: &Draft, keep: &mut impl Keep) {
        for (number, _) in (draft.request.saturating_add(1)..).zip(0..=draft.messages.len()) {
            // What stays is removed when the outbox is opened: it has no request.
            let _ = keep.remove(Key::new(Kind::Message, number));
        }
    }

    /// The part to be sent now, if there is one: it is noted as given to the modem.
    ///
    /// # Errors
    /// What was wrong with what keeps it: then it is not to be given to the modem.
    #[inline(never)]
    pub fn next(&mut self, now: Instant, keep: &mut impl Keep) -> Result<Option<Next>, Trouble> {
        if self.sending.is_some() {
            return Ok(None);
        }
        let waits = |sms: &&mut Sms| sms.due <= now && sms.next_part().is_some();
        // One that was begun goes on before others.
        let is_begun = |sms: &Sms| sms.known.fates.iter().any(|fate| *fate != Fate::Waiting);
        let waiting = self.messages.iter_mut().filter(waits).min_by_key(|sms| !is_begun(sms));
        let Some(sms) = waiting else { return Ok(None) };
        let Some(part) = sms.next_part() else { return Ok(None) };
        let mut begin = || {
            let Some(pdu) = written(sms, part, keep)? else {
                // What cannot be read cannot be sent.
                sms.known
                    .fates
                    .iter_mut()
                    .for_each(|fate| *fate = Fate::Final(State::Undeliverable));
                save(sms, keep)?;
                return Ok(None);
            };
            sms.set(part, Fate::Sending);
            save(sms, keep).inspect_err(|_| sms.set(part, Fate::Waiting))?;
            Ok(Some(pdu))
        };
        let begun = begin().inspect_err(|_: &Trouble| sms.due = now.after(TROUBLE_MS))?;
        let Some(pdu) = begun else { return Ok(None) };
        let more = sms.next_part().is_some();
        self.sending = Some((sms.number, part));
        Ok(Some(Next { pdu, more }))
    }

    /// Whether the modem has a part of a message, and has not said what became of it.
    pub const fn is_sending(&self) -> bool {
        self.sending.is_some()
    }

    /// When a message is due that was put off.
    pub fn deadline(&self) -> Option<Instant> {
        if self.sending.is_some() {
            return None;
        }
        let waiting = self.messages.iter().filter(|sms| sms.next_part().is_some());
        waiting.map(|sms| sms.due).min()
    }

    /// Takes back the part that was to be given to the modem, which did not take it.
    pub fn put_back(&mut self, keep: &mut impl Keep) {
        self.settle(Fate::Waiting, keep);
    }

    /// Notes what became of the part that the modem had.
    #[inline(never)]
    pub fn finished(&mut self, outcome: &Outcome, now: Instant, keep: &mut impl Keep) {
        let Some((number, _)) = self.sending else { return };
        let Some(sms) = self.messages.iter_mut().find(|sms| sms.number == number) else { return };
        let mut fate = match outcome {
            Outcome::Sent { reference } if sms.report => Fate::Sent(*reference),
            // Nobody asked what becomes of it.
            Outcome::Sent { .. } => Fate::Final(State::EnRoute),
            Outcome::Unknown(_) => Fate::Final(State::Unknown),
            Outcome::Refused {
                class: Class::Permanent | Class::Local | Class::Unsupported,
                ..
            } => Fate::Final(State::Undeliverable),
            Outcome::Refused { .. } | Outcome::NotSent(_) => Fate::Waiting,
        };
        match fate {
            Fate::Waiting if sms.refusals >= PUT_OFF_MAX => {
                fate = Fate::Final(State::Undeliverable);
            }
            Fate::Waiting => {
                let last = PUT_OFF_MS.last().copied().unwrap_or_default();
                let ms = PUT_OFF_MS.get(usize::from(sms.refusals)).copied().unwrap_or(last);
                sms.refusals = sms.refusals.saturating_add(1);
                sms.due = now.after(ms);
            }
            Fate::Sent(reference) => {
                sms.refusals = 0;
                sms.due = now;
                // Its report may have come before its reference.
                let mut early = self.early.iter();
                let own = early.find(|(own, to, ..)| *own == reference && sms.to.is(to));
                if let Some((_, _, status, done)) = own {
                    sms.known.status = status.0;
                    sms.known.done = *done;
                    fate = Fate::Final(State::from(*status));
                }
            }
            Fate::Sending | Fate::Final(_) => sms.refusals = 0,
        }
        self.early.clear();
        self.settle(fate, keep);
    }

    /// Keeps the fate of the part that the modem had. Where that cannot be kept, it is so until the power
    /// is cut, and unknown then.
    fn settle(&mut self, fate: Fate, keep: &mut impl Keep) {
        let Some((number, part)) = self.sending.take() else { return };
        self.set(number, part, fate, keep);
    }

    fn set(&mut self, number: u32, part: usize, fate: Fate, keep: &mut impl Keep) {
        let Some(sms) = self.messages.iter_mut().find(|sms| sms.number == number) else { return };
        sms.set(part, fate);
        if fate == Fate::Final(State::Undeliverable) {
            // A text without one of its parts is never shown: the others would be sent for nothing.
            let waiting = sms.known.fates.iter_mut().filter(|fate| **fate == Fate::Waiting);
            waiting.for_each(|own| *own = fate);
        }
        let _ = save(sms, keep);
    }

    /// Takes a status report: of the part that was sent last under its reference to its recipient.
    #[inline(never)]
    pub fn reported(&mut self, report: &StatusReport<'_>, keep: &mut impl Keep) {
        let StatusReport { message_reference, recipient, status, discharge_time, .. } = *report;
        let state = State::from(status);
        let awaited = Fate::Sent(message_reference);
        let mut messages = self.messages.iter_mut();
        let of = messages.rfind(|sms| sms.to.is(&recipient) && sms.known.fates.contains(&awaited));
        let Some(sms) = of else {
            if self.sending.is_some() && state != State::EnRoute {
                let _ = self.early.push((message_reference, recipient, status, discharge_time));
            }
            return;
        };
        sms.known.status = status.0;
        sms.known.done = discharge_time;
        if state == State::EnRoute {
            return;
        }
        let part = sms.known.fates.iter().rposition(|fate| *fate == awaited);
        let number = sms.number;
        if let Some(part) = part {
            self.set(number, part, Fate::Final(state), keep);
        }
    }

    /// Ends the parts whose reports did not come in three days: nobody knows what became of them.
    #[inline(never)]
    pub fn expire(&mut self, now: Instant, keep: &mut impl Keep) {
        for sms in &mut self.messages {
            let is_over = now > sms.due.after(AWAITED_MS);
            if is_over && sms.next_part().is_none() && !sms.is_final() {
                let awaited =
                    sms.known.fates.iter_mut().filter(|fate| matches!(fate, Fate::Sent(_)));
                awaited.for_each(|fate| *fate = Fate::Final(State::Unknown));
                let _ = save(sms, keep);
            }
        }
    }

    /// Notes that the end of a message was told.
    ///
    /// # Errors
    /// What was wrong with what keeps it: it may be told again.
    pub fn told(&mut self, number: u32, keep: &mut impl Keep) -> Result<(), Trouble> {
        let Some(sms) = self.messages.iter_mut().find(|sms| sms.number == number) else {
            return Ok(());
        };
        sms.known.told = true;
        save(sms, keep)
    }
}

/// Why a message is not taken into an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused<E> {
    /// Its parts cannot be made.
    Parts(E),
    /// It cannot be kept.
    Kept(Trouble),
}
