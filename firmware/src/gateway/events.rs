//! What the host is to know: ends of messages, and messages that were received.
//!
//! `GET /events` tells the oldest event that was not acknowledged, or waits for one;
//! `DELETE /events/{id}` acknowledges it. An event that is told again has the same id. The ids of ends
//! are even, those of received messages odd: their numbers are counted apart.

use heapless::Vec;
use septet::Error;
use septet::api::State;
use septet::pdu::{PDU_MAX, Pdu};
use septet::reassemble::{self, Added, Reassembler};
use septet::tpdu::{Deliver, Mt};
use septet::wire::Writer;

use super::keep::{Keep, Key, Kind, NUMBER_MAX, Trouble};
use super::outbox::{Outbox, Sms};
use super::record::{PARTS_MAX, REQUEST_MAX, Request, sort};
use super::serve::{BoardApi, id};
use super::settings::Settings;

/// The most messages, or parts of them, that were received and not acknowledged.
pub const RECEIVED_MAX: usize = 16;

/// Messages that were received, or parts of them: their numbers, the oldest first.
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
        let mut inbox = Self::default();
        keep.keys(&mut |key| {
            if key.kind() == Some(Kind::Received) && !inbox.received.contains(&key.number()) {
                inbox.last = inbox.last.max(key.number());
                let _ = inbox.received.push(key.number());
            }
        })?;
        sort(&mut inbox.received);
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
        self.last = if self.last >= NUMBER_MAX { 1 } else { self.last + 1 };
        keep.put(Key::new(Kind::Received, self.last), pdu.octets())?;
        self.received.push(self.last).map_err(|_| Trouble::Full)
    }

    /// Removes the messages or parts with these numbers.
    fn remove(&mut self, numbers: &[u32], keep: &mut impl Keep) -> Result<(), Trouble> {
        for number in numbers {
            keep.remove(Key::new(Kind::Received, *number))?;
            self.received.retain(|own| own != number);
        }
        Ok(())
    }

    /// Hands the first message that is whole to `tell`, with the numbers of its parts and its characters
    /// twice: to look for its first word, and to write. Where there is no
    /// room for more and none is whole, the oldest part is taken for a message.
    #[inline(never)]
    fn first(&self, keep: &mut impl Keep, tell: &mut Tell<'_>) {
        let mut reassembler = Reassembler::<PARTS_MAX>::new();
        for number in &self.received {
            let Some(pdu) = read(*number, keep) else { continue };
            let Some(deliver) = deliver(&pdu) else { continue };
            match reassembler.add(&deliver, 0) {
                Added::Single => return tell_single(*number, &deliver, tell),
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
                    return tell(&numbers, &deliver, &mut word, &mut text);
                }
                _ => {}
            }
        }
        let Some(number) = self.received.first().filter(|_| self.received.is_full()) else {
            return;
        };
        let Some(pdu) = read(*number, keep) else { return };
        if let Some(deliver) = deliver(&pdu) {
            tell_single(*number, &deliver, tell);
        }
    }
}

/// Is handed a message, once at most: see [`Inbox::first`].
type Tell<'t> = dyn FnMut(&[u32], &Deliver<'_>, &mut Chars<'_>, &mut Chars<'_>) + 't;

/// Hands over a message that is whole in itself.
#[inline(never)]
fn tell_single(number: u32, deliver: &Deliver<'_>, tell: &mut Tell<'_>) {
    let [mut word, mut text] = [(); 2].map(|()| deliver.text().into_iter().flatten());
    tell(&[number], deliver, &mut word, &mut text);
}

/// The message to a handset that a PDU is.
#[inline(never)]
fn deliver(pdu: &Pdu) -> Option<Deliver<'_>> {
    match pdu.read_tolerant::<Mt<'_>>() {
        Ok(((_, Mt::Deliver(deliver)), _)) => Some(deliver),
        _ => None,
    }
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
type Chars<'c> = dyn Iterator<Item = char> + 'c;

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
fn is_owed(sms: &&Sms) -> bool {
    sms.report && !sms.told && sms.is_final()
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
        self.inbox.first(self.keep, &mut |numbers, deliver, word, text| {
            let number = numbers.first().copied().unwrap_or_default();
            told = received(number, deliver, self.settings.url(word), text, w).map(|()| true);
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
        let mut first = Vec::<u32, RECEIVED_MAX>::new();
        self.inbox.first(self.keep, &mut |numbers, _, _, _| {
            let _ = first.extend_from_slice(numbers);
        });
        if first.first() != Some(&number) {
            return Ok(false);
        }
        self.inbox.remove(&first, self.keep).map(|()| true)
    }

    /// The end of a message.
    #[inline(never)]
    fn report(&mut self, sms: &Sms, w: &mut Writer<'_>) -> Result<(), Error> {
        let mut room = [0; REQUEST_MAX];
        let found = self.keep.get(Key::new(Kind::Request, sms.request), &mut room).ok().flatten();
        let own = found.and_then(|len| Request::read(room.get(..len)?));
        let api = self.apis.get(usize::from(sms.api));
        let account = self.settings.accounts.get(usize::from(sms.account));
        let mut digits = [0; 20];
        w.text("{\"id\":")?;
        w.decimal(u64::from(sms.number) << 1)?;
        w.text(",\"type\":\"report\",\"state\":\"")?;
        w.text(state_name(sms.state()))?;
        w.text("\",\"status\":")?;
        w.decimal(sms.status.into())?;
        w.text(",\"parts\":")?;
        w.decimal(sms.fates.len() as u64)?;
        let message = api.map(|api| {
            let is_each = api.ids == septet::api::Ids::UuidEach;
            id(api.ids, if is_each { sms.number } else { sms.request }, self.seed)
        });
        member("to", sms.to.digits(&mut digits).chars(), w)?;
        member("message", message.iter().flat_map(|id| id.chars()), w)?;
        member("interface", api.map_or("", |api| api.name).chars(), w)?;
        member("account", account.map_or("", |own| &own.name).chars(), w)?;
        member("client_id", own.map_or("", |own| own.client_id).chars(), w)?;
        member("callback", own.map_or("", |own| own.callback).chars(), w)?;
        w.text("}\n")
    }
}

/// A message that was received.
#[inline(never)]
fn received(
    number: u32,
    deliver: &Deliver<'_>,
    url: Option<&str>,
    text: &mut Chars<'_>,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    w.text("{\"id\":")?;
    w.decimal(u64::from(number) << 1 | 1)?;
    w.text(",\"type\":\"received\"")?;
    member("from", deliver.originator.printable(), w)?;
    if let Some(civil) = deliver.service_centre_time.civil() {
        let two = |number: u8| [number / 10, number % 10].map(|digit| char::from(b'0' + digit));
        let septet::tpdu::time::Civil { year, month, day, hour, minute, second, zone_quarters } =
            civil;
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
        member("at", pieces.iter().flat_map(|(mark, own)| mark.chars().chain(two(*own))), w)?;
    }
    member("url", url.unwrap_or_default().chars(), w)?;
    member("text", text, w)?;
    w.text("}\n")
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
