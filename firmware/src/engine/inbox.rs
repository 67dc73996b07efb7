//! What is known of messages that have come.

use heapless::Vec;
use septet::at::Store;

use super::known::{Known, Stored, Wish};
use super::time::{Timer, Timers};

/// Slots that are remembered; more are found by a sweep.
const WAITING_MAX: usize = 8;

/// Pause before the stores are looked through again after one was too busy or did not answer. It
/// doubles with each look that ends so.
const BUSY_MS: u32 = 5_000;

/// Time after which the network has noticed that a message was not acknowledged.
const RESENT_MS: u32 = 15_000;

/// Less time than a modem takes to restart.
pub(super) const RESTART_MS: u32 = 1_000;

/// Where a message is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) store: Store,
    pub(super) index: u16,
}

impl Slot {
    /// Before there is one.
    pub(super) const NONE: Self = Self { store: Store::SM, index: 0 };
}

/// What is known of messages that have come.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Inbox {
    pub(super) expected: What,
    pub(super) stage: Stage,
    pub(super) duty: Duty,
    /// Whether the modem agreed to wait for acknowledgements.
    pub(super) acknowledges: bool,
    /// Whether it goes before the next message to be sent.
    pub(super) turn: bool,
    /// An announcement found no room.
    pub(super) missed: bool,
    /// Something kept the present look from all messages.
    pub(super) hindered: bool,
    /// How many looks before the present one were hindered, one after the other.
    pub(super) hindered_before: u8,
    pub(super) selected: Option<Selected>,
    /// Whether the modem had agreed to the store that the message in hand was read from.
    pub(super) agreed: bool,
    /// The look through the stores that is under way.
    pub(super) sweep: Option<Sweep>,
    /// Octets of the TPDU of the message whose second line is expected.
    pub(super) tpdu_len: u16,
    /// The slot that is read, and the store that is selected, by the command in flight.
    pub(super) slot: Slot,
    /// The last ticket.
    pub(super) tickets: u16,
    /// Of the stored message that the caller has, and of the one to be acknowledged.
    pub(super) ticket: u16,
    pub(super) duty_ticket: u16,
    /// The stored message that the caller has.
    pub(super) stored: Stored,
    /// Slots with messages, in the order in which they are read.
    pub(super) waiting: Vec<Slot, WAITING_MAX, u8>,
    pub(super) known: Known,
}

/// The store that `AT+CPMS` asked for last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected {
    pub(super) store: Store,
    /// Whether the modem agreed. One that refuses has this store only, or has not this one: then its
    /// slots are empty or, at worst, hold a message that is not yet handed over.
    pub(super) agreed: bool,
}

/// A look through all stores, in the order of the profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    /// Index into the profile's stores.
    pub(super) store: u8,
    /// The first slot that was not seen yet.
    pub(super) from: u16,
    /// There are more messages than could be remembered.
    pub(super) more: bool,
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing that the line before has told.
    Nothing,
    /// A message that is in no store.
    Direct,
    /// The message of the slot that is read.
    Stored,
    /// Of no use: in a list, or cell broadcast.
    Ignored,
}

/// How far a stored message that the caller has is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// There is none.
    None,
    /// The caller has it.
    Given,
    /// The caller has it safe: it is to be deleted.
    Done,
    /// And its store was selected for that right before.
    Selected,
}

/// Whether the network waits to see a message acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// It does not.
    None,
    /// It does, and the caller does not have the message safe yet.
    Given,
    /// It does, and the caller has.
    Done,
}

impl Inbox {
    pub(super) const fn new() -> Self {
        Self {
            expected: What::Nothing,
            stage: Stage::None,
            duty: Duty::None,
            acknowledges: false,
            turn: false,
            missed: false,
            hindered: false,
            hindered_before: 0,
            selected: None,
            agreed: false,
            sweep: None,
            tpdu_len: 0,
            slot: Slot::NONE,
            tickets: 0,
            ticket: 0,
            duty_ticket: 0,
            stored: Stored::NONE,
            waiting: Vec::new(),
            known: Known::new(),
        }
    }

    pub(super) fn has_work(&self) -> bool {
        self.duty == Duty::Done
            || match self.stage {
                Stage::None => !self.waiting.is_empty() || self.sweep.is_some() || self.missed,
                Stage::Given => false,
                Stage::Done | Stage::Selected => true,
            }
    }

    /// There is something that the present look does not find.
    #[inline(never)]
    pub(super) fn look_again(&mut self, timers: &mut Timers) {
        self.hindered = true;
        timers.shorten(Timer::Sweep, BUSY_MS << self.hindered_before.min(7));
    }

    /// A store was not selected in time: which one is, is not known.
    pub(super) fn not_selected(&mut self, timers: &mut Timers) {
        self.selected = None;
        self.sweep = None;
        self.waiting.clear();
        self.look_again(timers);
    }

    /// A message was not deleted, or that is not known. It may be gone, and its slot may have another
    /// one: it is not deleted but after it was read again.
    pub(super) fn not_deleted(&mut self, timers: &mut Timers) {
        self.forget(Some(Wish::Delete));
        self.look_again(timers);
    }

    /// A message was not acknowledged in time: the network sends it again.
    pub(super) fn not_acknowledged(&mut self, timers: &mut Timers) {
        self.duty = Duty::None;
        self.look_again(timers);
    }

    /// The caller no longer has a stored message; what is to be known of it, if it may be there still.
    pub(super) fn forget(&mut self, wish: Option<Wish>) {
        if self.stage != Stage::None
            && let Some(wish) = wish
        {
            self.known.remember(self.stored, wish);
        }
        self.stage = Stage::None;
    }

    /// What was selected for a deletion is that for the very next command only.
    pub(super) fn command_ends(&mut self) {
        if self.stage == Stage::Selected {
            self.stage = Stage::Done;
        }
    }

    /// Whether the second line of a message is waited for.
    pub(super) fn expects_pdu(&self) -> bool {
        self.expected != What::Nothing
    }

    /// Whether the network waits for an acknowledgement.
    pub(super) fn is_owing(&self) -> bool {
        self.duty != Duty::None
    }

    /// Stops to wait for the second line; `true` when a message is lost by that.
    pub(super) fn take_expected(&mut self, timers: &mut Timers) -> bool {
        let expected = core::mem::replace(&mut self.expected, What::Nothing);
        self.lost(expected, timers);
        matches!(expected, What::Direct | What::Stored)
    }

    /// A message did not come whole. Where the network waits to see it acknowledged, it sends it again,
    /// and the modem may give nothing directly any more: that is seen to once its time is over.
    #[inline(never)]
    pub(super) fn lost(&mut self, expected: What, timers: &mut Timers) {
        if expected == What::Direct && self.acknowledges {
            self.duty_ticket = self.next_ticket();
            self.duty = Duty::Given;
            timers.set(Timer::Duty, timers.left(Timer::SecondLine).saturating_add(RESENT_MS));
        }
    }

    /// Forgets what did not outlive a restart of the modem; tickets stay unique.
    pub(super) fn restart(&mut self) {
        self.expected = What::Nothing;
        self.stage = Stage::None;
        self.duty = Duty::None;
        self.acknowledges = false;
        self.turn = false;
        self.missed = false;
        self.hindered = false;
        self.hindered_before = 0;
        self.selected = None;
        self.sweep = None;
        self.waiting.clear();
        self.known.clear();
    }

    pub(super) const fn next_ticket(&mut self) -> u16 {
        self.tickets = self.tickets.wrapping_add(1);
        self.tickets
    }

    /// Remembers a slot, the lowest ones first; `false` when one had to be forgotten.
    pub(super) fn remember(&mut self, slot: Slot) -> bool {
        if self.waiting.contains(&slot) || self.waiting.push(slot).is_ok() {
            return true;
        }
        let highest = self.waiting.iter_mut().max_by_key(|slot| slot.index);
        if let Some(highest) = highest.filter(|highest| highest.index > slot.index) {
            *highest = slot;
        }
        false
    }

    /// The first slot is read.
    #[inline(never)]
    pub(super) fn take_first(&mut self) {
        // Not `remove`, which brings a function of its own to move octets.
        let mut next = Slot::NONE;
        self.waiting.iter_mut().rev().for_each(|slot| core::mem::swap(slot, &mut next));
        self.waiting.pop();
        self.slot = next;
    }
}
