//! The handsets of a network, and how much they remember together.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use septet::pdu::Pdu;

use super::handset::{Message, Phone};

/// Every handset that has received or sent anything.
pub(super) struct Phones {
    phones: BTreeMap<String, Phone>,
    /// Whose each message is that is remembered, the oldest first.
    remembered: VecDeque<String>,
    /// How many messages are remembered; the oldest are forgotten first.
    room: usize,
}

impl Default for Phones {
    fn default() -> Self {
        Self { phones: BTreeMap::new(), remembered: VecDeque::new(), room: usize::MAX }
    }
}

impl Phones {
    /// Remembers no more messages than this from now on.
    pub(super) fn set_room(&mut self, room: usize) {
        self.room = room;
        self.forget();
    }

    /// The handset with this number, where it has received or sent anything.
    pub(super) fn get(&self, number: &str) -> Option<&Phone> {
        self.phones.get(number)
    }

    /// The handset with this number.
    pub(super) fn phone(&mut self, number: &str) -> &mut Phone {
        self.phones.entry(number.to_owned()).or_insert_with(|| Phone::new(number))
    }

    /// Whether the handset with this number is off.
    pub(super) fn is_off(&self, number: &str) -> bool {
        self.get(number).is_some_and(|phone| phone.is_off)
    }

    /// The numbers of all.
    pub(super) fn numbers(&self) -> Vec<String> {
        self.phones.keys().cloned().collect()
    }

    /// Brings an SMS-DELIVER to a handset, and returns the message that is whole by it.
    pub(super) fn receive(
        &mut self,
        number: &str,
        deliver: &Pdu,
        at: SystemTime,
    ) -> Option<Message> {
        let message = self.phone(number).receive(deliver, at)?;
        self.remembered.push_back(number.to_owned());
        self.forget();
        Some(message)
    }

    /// Forgets the oldest messages where there are too many, and handsets of which nothing is left.
    fn forget(&mut self) {
        while self.remembered.len() > self.room {
            let Some(number) = self.remembered.pop_front() else { return };
            let Some(phone) = self.phones.get_mut(&number) else { continue };
            phone.forget_oldest();
            if phone.is_blank() {
                self.phones.remove(&number);
            }
        }
    }
}
