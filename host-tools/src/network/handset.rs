//! A handset: what it received, whole and in parts.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use septet::pdu::{Pdu, hex};
use septet::reassemble::{Added, Key, Reassembler};
use septet::tpdu::udh::{Concatenation, Header, Reference};
use septet::tpdu::{Deliver, Mt};
use serde::{Deserialize, Serialize};

/// Parts that a handset can put together: the longest message has 255, and one place is kept free.
const PARTS: usize = 256;

/// What a handset has received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handset {
    /// Its number.
    pub number: String,
    /// Messages, whole, in the order in which they became so.
    pub messages: Vec<Message>,
    /// Parts that wait for others.
    pub waiting: Vec<Part>,
}

/// A message that a handset has received, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The number of its sender, as the handset shows it: `+4512345678`, `1204`.
    pub from: String,
    /// The text; of 8-bit data the hexadecimal digits.
    pub text: String,
    /// Its parts in their order, one at least.
    pub parts: Vec<Part>,
    /// When it became whole.
    #[serde(with = "humantime_serde")]
    pub at: SystemTime,
}

/// One SMS-DELIVER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The number of its sender.
    pub from: String,
    /// The PDU in hexadecimal digits, with the service centre's address.
    pub pdu: String,
    /// The user data header in hexadecimal digits, without its length; empty where there is none.
    #[serde(default)]
    pub header: String,
    /// The number that the parts of one message share; none in a message of one part.
    pub reference: Option<u16>,
    /// Which part it is, 1..=`total`.
    pub number: u8,
    /// How many parts the message has.
    pub total: u8,
    /// When it was received.
    #[serde(with = "humantime_serde")]
    pub at: SystemTime,
}

/// A handset in the network.
pub(super) struct Phone {
    number: String,
    messages: VecDeque<Message>,
    /// Parts that wait, and which message each belongs to.
    waiting: Vec<(Key, Part)>,
    /// Only there while parts wait: it is large, and a network may have many handsets.
    parts: Option<Box<Reassembler<PARTS>>>,
    /// The reference of the last message that it sent.
    reference: u8,
    /// Whether it is off, so that what is for it waits.
    pub(super) is_off: bool,
}

impl Phone {
    /// A handset that has received nothing.
    pub(super) fn new(number: &str) -> Self {
        Self {
            number: number.to_owned(),
            messages: VecDeque::new(),
            waiting: Vec::new(),
            parts: None,
            reference: 0,
            is_off: false,
        }
    }

    /// What it has received.
    pub(super) fn received(&self) -> Handset {
        Handset {
            number: self.number.clone(),
            messages: self.messages.iter().cloned().collect(),
            waiting: self.waiting.iter().map(|(_, part)| part.clone()).collect(),
        }
    }

    /// Forgets the message that it has received first.
    pub(super) fn forget_oldest(&mut self) {
        self.messages.pop_front();
    }

    /// Whether a new handset with its number is the same.
    pub(super) fn is_blank(&self) -> bool {
        self.messages.is_empty() && self.waiting.is_empty() && self.reference == 0 && !self.is_off
    }

    /// The reference for the next message that it sends in parts.
    pub(super) fn next_reference(&mut self) -> u8 {
        self.reference = self.reference.wrapping_add(1);
        self.reference
    }

    /// Receives an SMS-DELIVER and returns the message that is whole by it.
    pub(super) fn receive(&mut self, pdu: &Pdu, at: SystemTime) -> Option<Message> {
        let Ok(((_, Mt::Deliver(deliver)), _)) = pdu.read_tolerant() else { return None };
        let from = deliver.originator.to_string();
        let concatenation = deliver.user_data.header().and_then(Header::concatenation);
        let part = |concatenation: Option<Concatenation>| Part {
            from: from.clone(),
            pdu: digits(pdu.octets()),
            header: digits(deliver.user_data.header().unwrap_or(Header::NONE).octets),
            reference: concatenation.map(|c| match c.reference {
                Reference::Short(reference) => reference.into(),
                Reference::Long(reference) => reference,
            }),
            number: concatenation.map_or(1, |c| c.number),
            total: concatenation.map_or(1, |c| c.total),
            at,
        };
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let reassembler = self.parts.get_or_insert_default();
        let (text, parts) = match reassembler.add(&deliver, since.as_millis() as u64) {
            Added::Single => {
                let text = deliver.text().map(Iterator::collect);
                (text.unwrap_or_else(|| digits(deliver.user_data.body())), vec![part(None)])
            }
            Added::Complete(whole) => {
                let data = || whole.parts().map(|part| digits(part.user_data().body())).collect();
                let text = whole.text().map_or_else(data, Iterator::collect);
                let mut parts: Vec<_> = self
                    .waiting
                    .extract_if(.., |(key, _)| *key == whole.key)
                    .map(|(_, part)| part)
                    .chain([part(concatenation)])
                    .collect();
                parts.sort_by_key(|part| part.number);
                (text, parts)
            }
            Added::Duplicate => return None,
            added @ (Added::Waiting { .. } | Added::Conflict(_) | Added::Evicted(_)) => {
                // The parts of a message that is given up are lost, as in a real handset.
                if let Added::Conflict(lost) | Added::Evicted(lost) = added {
                    self.waiting.retain(|(key, _)| *key != lost.key);
                }
                if let Some(Concatenation { reference, total, .. }) = concatenation {
                    let Deliver { originator, protocol, coding, .. } = deliver;
                    let class = coding.class();
                    let key = Key { originator, reference, total, protocol, class };
                    self.waiting.push((key, part(concatenation)));
                }
                return None;
            }
        };
        if self.waiting.is_empty() {
            self.parts = None;
        }
        let message = Message { from, text, parts, at };
        self.messages.push_back(message.clone());
        Some(message)
    }
}

/// Octets as hexadecimal digits.
fn digits(octets: &[u8]) -> String {
    hex(octets).map(char::from).collect()
}
