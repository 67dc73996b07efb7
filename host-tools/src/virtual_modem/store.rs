//! Message stores: slots that keep their content when the power goes.
//!
//! 3GPP TS 27.005, section 3.1 (`<mem1>`, `<index>`, `<stat>`).

use septet::at::{MessageStatus, Store};
use septet::pdu::Pdu;
use septet_firmware::Profile;

/// Slots of the SIM.
pub(super) const SIM_SLOTS: u16 = 20;
/// Slots of every other store.
const SLOTS: u16 = 50;

/// Every store of a modem.
pub(super) struct Memory {
    stores: Vec<Slots>,
    /// What the SIM was filled with.
    filling: Vec<Pdu>,
}

/// The slots of one store, counted from 1.
struct Slots {
    store: Store,
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

impl Memory {
    /// The empty stores of a modem: its profile's, and with several of them one for reports.
    pub(super) fn new(profile: &Profile) -> Self {
        let reports = (profile.stores.len() > 1).then_some(Store::SR);
        let slots = |store: Store| {
            let total = if store == Store::SM { SIM_SLOTS } else { SLOTS };
            Slots { store, slots: vec![None; total.into()] }
        };
        let stores = profile.stores.iter().copied().chain(reports).map(slots).collect();
        Self { stores, filling: Vec::new() }
    }

    /// The names of the stores, and of all of them together where they are several.
    pub(super) fn names(&self) -> Vec<Store> {
        let mut names: Vec<_> = self.stores.iter().map(|slots| slots.store).collect();
        if names.contains(&Store::SR) {
            names.insert(names.len() - 1, Store::MT);
        }
        names
    }

    pub(super) fn has(&self, store: Store) -> bool {
        self.names().contains(&store)
    }

    /// How many slots of a store are used, and how many there are.
    pub(super) fn fullness(&self, store: Store) -> (usize, usize) {
        let slots = || self.stores.iter().filter(move |slots| slots.belongs_to(store));
        let total = slots().map(|slots| slots.slots.len()).sum();
        (self.iter(store).count(), total)
    }

    /// Fills what is free of the SIM with messages that were read.
    pub(super) fn fill_sim(&mut self, message: impl Fn(usize) -> Option<Pdu>) {
        let Self { stores, filling } = self;
        let sim = stores.iter_mut().filter(|slots| slots.store == Store::SM);
        let slots = (1..).zip(sim.flat_map(|slots| &mut slots.slots));
        for (number, slot) in slots.filter(|(_, slot)| slot.is_none()) {
            *slot = message(number).map(|pdu| {
                filling.push(pdu.clone());
                Stored { status: MessageStatus::RECEIVED_READ, pdu }
            });
        }
    }

    /// Takes away what is left of what the SIM was filled with.
    pub(super) fn drain_sim(&mut self) {
        let filling = std::mem::take(&mut self.filling);
        for slot in self.slots_mut(Store::SM) {
            slot.take_if(|message| filling.contains(&message.pdu));
        }
    }

    /// The messages of a store with their slots.
    pub(super) fn iter_mut(&mut self, store: Store) -> impl Iterator<Item = (u16, &mut Stored)> {
        (1..).zip(self.slots_mut(store)).filter_map(|(index, slot)| Some((index, slot.as_mut()?)))
    }

    /// The messages of a store with their slots.
    pub(super) fn iter(&self, store: Store) -> impl Iterator<Item = (u16, &Stored)> {
        let slots = self.stores.iter().filter(move |slots| slots.belongs_to(store));
        (1..)
            .zip(slots.flat_map(|slots| &slots.slots))
            .filter_map(|(index, slot)| Some((index, slot.as_ref()?)))
    }

    /// Puts a message into the first slot of a store that is free; `None` when none is.
    pub(super) fn add(&mut self, store: Store, message: Stored) -> Option<u16> {
        let mut slots = (1..).zip(self.slots_mut(store));
        let (index, slot) = slots.find(|(_, slot)| slot.is_none())?;
        *slot = Some(message);
        Some(index)
    }

    /// The message in a slot.
    pub(super) fn get_mut(&mut self, store: Store, index: u16) -> Option<&mut Stored> {
        self.slot(store, index)?.as_mut()
    }

    /// Empties a slot, which may be empty already; `None` when there is no such slot.
    pub(super) fn delete(&mut self, store: Store, index: u16) -> Option<()> {
        *self.slot(store, index)? = None;
        Some(())
    }

    /// Empties the slots whose message `unwanted` chooses.
    pub(super) fn delete_if(&mut self, store: Store, unwanted: impl Fn(MessageStatus) -> bool) {
        for slot in self.slots_mut(store) {
            slot.take_if(|message| unwanted(message.status));
        }
    }

    fn slot(&mut self, store: Store, index: u16) -> Option<&mut Option<Stored>> {
        self.slots_mut(store).nth(usize::from(index.checked_sub(1)?))
    }

    fn slots_mut(&mut self, store: Store) -> impl Iterator<Item = &mut Option<Stored>> {
        let slots = self.stores.iter_mut().filter(move |slots| slots.belongs_to(store));
        slots.flat_map(|slots| &mut slots.slots)
    }
}

impl Slots {
    /// Whether the slots are a part of what is called `store`.
    fn belongs_to(&self, store: Store) -> bool {
        self.store == store || store == Store::MT && self.store != Store::SR
    }
}
