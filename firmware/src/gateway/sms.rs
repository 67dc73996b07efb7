//! A message that was accepted, as it is known and as it is kept.

use septet::api::State;
use septet::parts::{Envelope, Fate, Parts};
use septet::pdu::Pdu;
use septet::wire::Writer;

use super::keep::{Keep, Key, Kind, Trouble};
use super::record::{FATES_MAX, Known, PARTS_MAX, REQUEST_MAX, Request, read_message};
use crate::engine::Instant;
use crate::msisdn::Msisdn;

/// The most octets of a message's record.
pub const MESSAGE_MAX: usize = 12 + 1 + PARTS_MAX * septet::parts::PART_MAX;

/// A message that was accepted.
#[derive(Clone, Debug)]
pub struct Sms {
    /// Its number, by which it is kept.
    pub number: u32,
    /// The number of its request.
    pub request: u32,
    /// To whom.
    pub to: Msisdn,
    /// The account's number.
    pub account: u16,
    /// The interface's place in the board's list.
    pub api: u8,
    /// Whether its end is to be told.
    pub report: bool,
    /// What is known of it.
    pub known: Known,
    /// How often it was put off.
    pub(super) refusals: u8,
    /// Until when it is put off; of one that was sent, when.
    pub(super) due: Instant,
}

impl Sms {
    /// Its state: the worst of its parts' once all of them are final.
    pub fn state(&self) -> State {
        Fate::whole(self.known.fates.iter().copied()).unwrap_or_else(|| {
            let is_new = self.known.fates.iter().all(|fate| *fate == Fate::Waiting);
            if is_new { State::Waiting } else { State::EnRoute }
        })
    }

    /// Whether nothing more will change.
    pub fn is_final(&self) -> bool {
        Fate::whole(self.known.fates.iter().copied()).is_some()
    }

    pub(super) fn set(&mut self, part: usize, fate: Fate) {
        if let Some(own) = self.known.fates.get_mut(part) {
            *own = fate;
        }
    }

    pub(super) fn next_part(&self) -> Option<usize> {
        self.known.fates.iter().position(|fate| *fate == Fate::Waiting)
    }
}

/// Keeps the fates of a message.
#[inline(never)]
pub(super) fn save(sms: &Sms, keep: &mut impl Keep) -> Result<(), Trouble> {
    let mut room = [0; FATES_MAX];
    let mut w = Writer::new(&mut room);
    sms.known.emit(&mut w).map_err(|_| Trouble::Full)?;
    keep.put(Key::new(Kind::Fates, sms.number), w.written())
}

/// The PDU of a part; `None` where its record is none.
#[inline(never)]
pub(super) fn written(
    sms: &Sms,
    part: usize,
    keep: &mut impl Keep,
) -> Result<Option<Pdu>, Trouble> {
    let mut room = [0; REQUEST_MAX];
    let found = keep.get(Key::new(Kind::Request, sms.request), &mut room)?;
    let common = found.and_then(|len| Request::read(room.get(..len)?));
    let Some(common) = common else { return Ok(None) };
    let mut room = [0; MESSAGE_MAX];
    let found = keep.get(Key::new(Kind::Message, sms.number), &mut room)?;
    let message = found.and_then(|len| read_message(room.get(..len)?));
    let Some(parts) = message.and_then(|(_, _, parts)| Parts::read(parts)) else { return Ok(None) };
    let mut digits = [0; 20];
    let envelope = Envelope {
        to: sms.to.digits(&mut digits),
        service_centre: None,
        report: common.report,
        validity: common.validity,
        class: common.class,
        protocol: common.protocol,
    };
    Ok(parts.pdu(part, &envelope).ok().flatten())
}
