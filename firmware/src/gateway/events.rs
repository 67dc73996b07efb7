//! What the host is to know: ends of messages, and messages that were received.
//!
//! `GET /events` tells the oldest event that was not acknowledged, or waits for one;
//! `DELETE /events/{id}` acknowledges it. An event that is told again has the same id. The ids of ends
//! are even, those of received messages odd: their numbers are counted apart.

use heapless::Vec;
use septet::Error;
use septet::api::State;
use septet::octets::{Coding, Octets};
use septet::pdu::{PDU_MAX, Pdu};
use septet::reassemble::{self, Added, Part, Reassembler};
use septet::tpdu::user_data::UserData;
use septet::tpdu::{Deliver, Mt, Timestamp};
use septet::wire::Writer;

use super::keep::{Keep, Key, Kind, NUMBER_MAX, Trouble};
use super::outbox::Outbox;
use super::record::{CARRIERS, PARTS_MAX, REQUEST_MAX, Request, sort};
use super::serve::message_id;
use super::settings::Settings;
use super::sms::Sms;
use crate::apis::BoardApi;

/// The most messages, or parts of them, that were received and not acknowledged.
pub const RECEIVED_MAX: usize = 16;

/// Messages that were received, or parts of them: their numbers, the oldest first.
///
/// The record with the last number stays, empty, when its message is acknowledged, so that no number is
/// given twice after a restart.
#[derive(Debug, Default)]
pub struct Inbox {
    received: Vec<u32, RECEIVED_MAX>,
    last: u32,
}

impl Inbox {
    /// The inbox that was kept.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    pub fn open(keep: &mut impl Keep) -> Result<Self, Trouble> {
        let mut found = Vec::<u32, { RECEIVED_MAX * 2 }>::new();
        keep.keys(&mut |key| {
            if key.kind() == Some(Kind::Received) && !found.contains(&key.number()) {
                let _ = found.push(key.number());
            }
        })?;
        sort(&mut found);
        let last = found.last().copied().unwrap_or_default();
        let mut inbox = Self { received: Vec::new(), last };
        for number in found {
            if read(number, keep).is_some() {
                let _ = inbox.received.push(number);
            } else if number != last {
                keep.remove(Key::new(Kind::Received, number))?;
            }
        }
        Ok(inbox)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.received.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.received.len()
    }

    /// Keeps what was received.
    ///
    /// # Errors
    /// [`Trouble`]: then it stays with the modem.
    pub fn add(&mut self, pdu: &Pdu, keep: &mut impl Keep) -> Result<(), Trouble> {
        if self.received.is_full() {
            return Err(Trouble::Full);
        }
        let before = self.last;
        let next = if before >= NUMBER_MAX { 1 } else { before + 1 };
        keep.put(Key::new(Kind::Received, next), pdu.octets())?;
        self.last = next;
        self.received.push(next).map_err(|_| Trouble::Full)?;
        if !self.received.contains(&before) {
            // Where it stays it is removed at the next start.
            let _ = keep.remove(Key::new(Kind::Received, before));
        }
        Ok(())
    }

    /// Removes the messages or parts with these numbers.
    fn remove(&mut self, numbers: &[u32], keep: &mut impl Keep) -> Result<(), Trouble> {
        for number in numbers {
            let key = Key::new(Kind::Received, *number);
            // Where there is no room for that, the message goes nevertheless.
            if *number != self.last || keep.put(key, &[]).is_err() {
                keep.remove(key)?;
            }
            self.received.retain(|own| own != number);
        }
        Ok(())
    }

    /// Hands each message that is whole to `tell`, with the numbers of its parts, until one is what it
    /// looks for. Where there is no room for more, the oldest part is taken for a message at the end.
    #[inline(never)]
    pub(super) fn visit(&self, keep: &mut impl Keep, tell: &mut Tell<'_>) {
        let mut reassembler = Reassembler::<PARTS_MAX>::new();
        for number in &self.received {
            let Some(pdu) = read(*number, keep) else { continue };
            let Some(deliver) = deliver(&pdu) else { continue };
            match reassembler.add(&deliver, 0) {
                Added::Single if tell_single(*number, &deliver, tell) => return,
                Added::Complete(message) => {
                    let key = message.key;
                    let mut numbers = Vec::<u32, RECEIVED_MAX>::new();
                    for own in &self.received {
                        if read(*own, keep).and_then(|pdu| key_of(&pdu)) == Some(key) {
                            let _ = numbers.push(*own);
                        }
                    }
                    let [mut word, mut text] =
                        [(); 2].map(|()| message.text().into_iter().flatten());
                    let octets = message.text().is_none().then(|| message.parts());
                    let whole = Whole {
                        deliver: &deliver,
                        word: &mut word,
                        text: &mut text,
                        octets: &mut octets.into_iter().flatten().map(Part::user_data),
                    };
                    if tell(&numbers, whole) {
                        return;
                    }
                }
                _ => {}
            }
        }
        let Some(number) = self.received.first().filter(|_| self.received.is_full()) else {
            return;
        };
        let Some(pdu) = read(*number, keep) else { return };
        if let Some(deliver) = deliver(&pdu) {
            let _ = tell_single(*number, &deliver, tell);
        }
    }

    /// Whether there is no room for another one.
    pub(super) fn is_full(&self) -> bool {
        self.received.is_full()
    }

    /// Whether a message, or a part of one, has this number.
    pub(super) fn has(&self, number: u32) -> bool {
        self.received.contains(&number)
    }
}

/// Is handed messages, and tells whether one is what it looks for: see [`Inbox::visit`].
pub(super) type Tell<'t> = dyn FnMut(&[u32], Whole<'_, '_>) -> bool + 't;

/// Hands over a message that is whole in itself.
#[inline(never)]
fn tell_single(number: u32, deliver: &Deliver<'_>, tell: &mut Tell<'_>) -> bool {
    let [mut word, mut text] = [(); 2].map(|()| deliver.text().into_iter().flatten());
    let mut octets = deliver.text().is_none().then_some(deliver.user_data).into_iter();
    tell(&[number], Whole { deliver, word: &mut word, text: &mut text, octets: &mut octets })
}

/// The message to a handset that a PDU is.
#[inline(never)]
fn deliver(pdu: &Pdu) -> Option<Deliver<'_>> {
    match pdu.read_tolerant::<Mt<'_>>() {
        Ok(((_, Mt::Deliver(deliver)), _)) => Some(deliver),
        _ => None,
    }
}

/// A message that was received, whole.
pub(super) struct Whole<'c, 'd> {
    /// Its one part, or the last one that came.
    pub deliver: &'c Deliver<'d>,
    /// Its characters, to look for the first word.
    pub word: &'c mut Chars<'d>,
    /// Its characters.
    pub text: &'c mut Chars<'d>,
    /// The user data of each part, where it is no text.
    pub octets: &'c mut (dyn Iterator<Item = UserData<'d>> + 'd),
}

/// A record of what was received, as the modem gave it.
fn read(number: u32, keep: &mut impl Keep) -> Option<Pdu> {
    let mut room = [0; PDU_MAX];
    let len = keep.get(Key::new(Kind::Received, number), &mut room).ok()??;
    Pdu::from_octets(room.get(..len)?).ok()
}

/// The key of the message that a PDU is a part of.
fn key_of(pdu: &Pdu) -> Option<reassemble::Key> {
    reassemble::Key::of(&deliver(pdu)?)
}

/// The characters of a message.
pub(super) type Chars<'c> = dyn Iterator<Item = char> + 'c;

/// Where events come from.
#[derive(Debug)]
pub(super) struct Events<'g, K> {
    pub apis: &'static [&'static BoardApi],
    pub outbox: &'g mut Outbox,
    pub inbox: &'g mut Inbox,
    pub keep: &'g mut K,
    pub settings: &'g Settings,
    pub seed: u64,
}

/// Whether the end of a message is to be told.
pub(super) fn is_owed(sms: &&Sms) -> bool {
    sms.report && !sms.known.told && sms.is_final()
}

impl<K: Keep> Events<'_, K> {
    /// Writes the oldest event as JSON, where there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](septet::ErrorKind::Full).
    pub fn first(&mut self, w: &mut Writer<'_>) -> Result<bool, Error> {
        let owed = self.outbox.messages().find(is_owed).cloned();
        if let Some(sms) = owed {
            return self.report(&sms, w).map(|()| true);
        }
        let mut told = Ok(false);
        self.inbox.visit(self.keep, &mut |numbers, whole| {
            let number = numbers.first().copied().unwrap_or_default();
            told = received(number, whole, self.settings, w).map(|()| true);
            true
        });
        told
    }

    /// Acknowledges an event: whether there was one.
    ///
    /// # Errors
    /// [`Trouble`]: it will be told again.
    pub fn acknowledge(&mut self, id: u32) -> Result<bool, Trouble> {
        let number = id >> 1;
        if id & 1 == 0 {
            if !self.outbox.messages().filter(is_owed).any(|sms| sms.number == number) {
                return Ok(false);
            }
            return self.outbox.told(number, self.keep).map(|()| true);
        }
        let mut found = Vec::<u32, RECEIVED_MAX>::new();
        self.inbox.visit(self.keep, &mut |numbers, _| {
            let is_it = numbers.first() == Some(&number);
            if is_it {
                let _ = found.extend_from_slice(numbers);
            }
            is_it
        });
        if found.is_empty() {
            return Ok(false);
        }
        self.inbox.remove(&found, self.keep).map(|()| true)
    }

    /// The end of a message.
    #[inline(never)]
    fn report(&mut self, sms: &Sms, w: &mut Writer<'_>) -> Result<(), Error> {
        let mut room = [0; REQUEST_MAX];
        let found = self.keep.get(Key::new(Kind::Request, sms.request), &mut room).ok().flatten();
        let own = found.and_then(|len| Request::read(room.get(..len)?));
        let carrier = own.and_then(|own| own.carrier);
        let api = self.apis.get(usize::from(sms.api));
        let account = self.settings.account(sms.account);
        let mut digits = [0; 20];
        w.text("{\"id\":")?;
        w.decimal(u64::from(sms.number) << 1)?;
        w.text(",\"type\":\"report\",\"state\":\"")?;
        w.text(state_name(sms.state()))?;
        w.text("\",\"status\":")?;
        w.decimal(sms.known.status.into())?;
        w.text(",\"parts\":")?;
        w.decimal(sms.known.fates.len() as u64)?;
        let message = api.map(|api| message_id(api, sms, self.seed));
        member("to", sms.to.digits(&mut digits).chars(), w)?;
        member("message", message.iter().flat_map(|id| id.chars()), w)?;
        member("interface", api.map_or("", |api| api.name).chars(), w)?;
        member("account", account.map_or("", |own| &own.name).chars(), w)?;
        member("client_id", own.map_or("", |own| own.client_id).chars(), w)?;
        member("callback", own.map_or("", |own| own.callback).chars(), w)?;
        let carrier = CARRIERS.iter().find(|(own, _)| Some(*own) == carrier);
        member("carrier", carrier.map_or("", |(_, name)| name).chars(), w)?;
        at(sms.known.done, w)?;
        w.text("}\n")
    }
}

/// A message that was received.
#[inline(never)]
fn received(
    number: u32,
    Whole { deliver, word, text, octets }: Whole<'_, '_>,
    settings: &Settings,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    w.text("{\"id\":")?;
    w.decimal(u64::from(number) << 1 | 1)?;
    w.text(",\"type\":\"received\"")?;
    member("from", deliver.originator.printable(), w)?;
    at(deliver.service_centre_time, w)?;
    member("url", settings.url(word).unwrap_or_default().chars(), w)?;
    member("text", text, w)?;
    if deliver.text().is_none() {
        let has_header = deliver.user_data.has_header;
        w.text(if has_header { ",\"has_header\":true" } else { ",\"has_header\":false" })?;
        w.text(",\"octets\":[")?;
        for (place, part) in octets.enumerate() {
            w.text(if place > 0 { ",\"" } else { "\"" })?;
            Octets::plain(part.octets).emit(w, Coding::Base64)?;
            w.text("\"")?;
        }
        w.text("]")?;
    }
    w.text("}\n")
}

/// Writes a point in time as `at`, where it is one.
#[inline(never)]
fn at(time: Timestamp, w: &mut Writer<'_>) -> Result<(), Error> {
    let Some(civil) = time.civil() else { return Ok(()) };
    let two = |number: u8| [number / 10, number % 10].map(|digit| char::from(b'0' + digit));
    let septet::tpdu::time::Civil { year, month, day, hour, minute, second, zone_quarters } = civil;
    let zone = zone_quarters.unsigned_abs();
    let pieces = [
        ("20", year),
        ("-", month),
        ("-", day),
        ("T", hour),
        (":", minute),
        (":", second),
        (if zone_quarters < 0 { "-" } else { "+" }, zone / 4),
        (":", zone % 4 * 15),
    ];
    member("at", pieces.iter().flat_map(|(mark, own)| mark.chars().chain(two(*own))), w)
}

/// Writes a further member of a JSON object.
pub(super) fn member(
    name: &str,
    mut value: impl Iterator<Item = char>,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    w.text(",\"")?;
    w.text(name)?;
    w.text("\":")?;
    string(&mut value, w)
}

/// Writes a string of JSON: one function for whatever has characters.
pub(super) fn string(value: &mut Chars<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    w.text("\"")?;
    for c in value {
        match c {
            '"' | '\\' => w.octets(&[b'\\', c as u8])?,
            // The short forms: a text of nothing else is not to outgrow a reply.
            '\n' => w.text("\\n")?,
            '\r' => w.text("\\r")?,
            '\u{C}' => w.text("\\f")?,
            c if u32::from(c) < 0x20 => {
                w.text("\\u00")?;
                w.octets(&septet::pdu::hex_octet(c as u8))?;
            }
            c => w.text(c.encode_utf8(&mut [0; 4]))?,
        }
    }
    w.text("\"")
}

/// What a state is called.
pub(super) const fn state_name(state: State) -> &'static str {
    match state {
        State::Delivered => "delivered",
        State::Waiting => "waiting",
        State::Scheduled => "scheduled",
        State::EnRoute => "en_route",
        State::Unknown => "unknown",
        State::Deleted => "deleted",
        State::Expired => "expired",
        State::InsufficientFunds => "insufficient_funds",
        State::Blacklisted => "blacklisted",
        State::UnknownRecipient => "unknown_recipient",
        State::GaveUp => "gave_up",
        State::Undeliverable => "undeliverable",
    }
}
