//! Message stores: slots that keep their content when the power goes.
//!
//! 3GPP TS 27.005, section 3.1 (`<mem1>`, `<index>`, `<stat>`).

use septet::at::{MessageStatus, Store};
use septet::pdu::Pdu;

/// The slots of one store, counted from 1.
pub(super) struct Slots {
    pub(super) store: Store,
    slots: Vec<Option<Stored>>,
}

/// A message in a store.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) status: MessageStatus,
    pub(super) pdu: Pdu,
}

impl Stored {
    /// The message as it is told; from then on it counts as read.
    pub(super) fn read(&mut self) -> Self {
        let told = self.clone();
        if self.status == MessageStatus::RECEIVED_UNREAD {
            self.status = MessageStatus::RECEIVED_READ;
        }
        told
    }
}

impl Slots {
    /// An empty store with `total` slots.
    pub(super) fn new(store: Store, total: u16) -> Self {
        Self { store, slots: vec![None; total.into()] }
    }

    /// How many slots there are.
    pub(super) fn total(&self) -> usize {
        self.slots.len()
    }

    /// The messages with their slots.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u16, &mut Stored)> {
        (1..).zip(&mut self.slots).filter_map(|(index, slot)| Some((index, slot.as_mut()?)))
    }

    /// The messages with their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, &Stored)> {
        (1..).zip(&self.slots).filter_map(|(index, slot)| Some((index, slot.as_ref()?)))
    }

    /// Puts a message into the first slot that is free; `None` when none is.
    pub(super) fn add(&mut self, message: Stored) -> Option<u16> {
        let (index, slot) = (1..).zip(&mut self.slots).find(|(_, slot)| slot.is_none())?;
        *slot = Some(message);
        Some(index)
    }

    /// The message in a slot.
    pub(super) fn get_mut(&mut self, index: u16) -> Option<&mut Stored> {
        self.slot(index)?.as_mut()
    }

    /// Empties a slot, which may be empty already; `None` when there is no such slot.
    pub(super) fn delete(&mut self, index: u16) -> Option<()> {
        *self.slot(index)? = None;
        Some(())
    }

    /// Empties the slots whose message `unwanted` chooses.
    pub(super) fn delete_if(&mut self, unwanted: impl Fn(MessageStatus) -> bool) {
        for slot in &mut self.slots {
            slot.take_if(|message| unwanted(message.status));
        }
    }

    fn slot(&mut self, index: u16) -> Option<&mut Option<Stored>> {
        self.slots.get_mut(usize::from(index.checked_sub(1)?))
    }
}
