//! Receiving: announcements, reading, sweeping, acknowledging, deleting (3GPP TS 27.005, sections
//! 3.4 and 4).
//!
//! A message is given to the caller first and deleted or acknowledged after; neither depends on
//! whether anybody can decode it. One stored message is in the caller's hands at a time.

use septet::at::{Class, Failure, MessageStatus, Store};

use super::event::Notice;
use super::inbox::{Duty, Selected, Slot, Stage, Sweep, What};
use super::known::{Stored, Wish};
use super::send::tpdu_len;
use super::setup::Setup;
use super::time::Timer;
use super::{Session, Step, Ticket};

/// Time for the second line of a two-line message.
const SECOND_LINE_MS: u32 = 2_000;

impl Session {
    /// `+CMTI`, `+CDSI`: the line names the store.
    pub(super) fn announced(&mut self, slot: Slot) {
        self.inbox.missed |= !self.inbox.remember(slot);
        self.noted = slot;
        self.tell(Notice::Waiting);
    }

    /// The modem has no room: what is there must go, and nothing may be announced any more.
    pub(super) fn full(&mut self, store: Option<Store>) {
        self.timers.set(Timer::Sweep, 0);
        match store {
            Some(store) => {
                self.noted.store = store;
                self.tell(Notice::Full);
            }
            None => self.tell(Notice::FullSomewhere),
        }
    }

    pub(super) fn expect(&mut self, what: What, tpdu_len: u16) {
        if what == What::Direct {
            // The modem waits for the one before no more: an acknowledgement would be taken for this
            // one's.
            self.inbox.duty = Duty::None;
        }
        self.inbox.expected = what;
        self.inbox.tpdu_len = tpdu_len;
        self.timers.set(Timer::SecondLine, SECOND_LINE_MS);
    }

    /// A line of hexadecimal digits: the second line of a message, or the echo of what was sent.
    #[inline(never)]
    pub(super) fn pdu_line(&mut self, octets: &[u8]) {
        let expected = core::mem::replace(&mut self.inbox.expected, What::Nothing);
        if !matches!(expected, What::Direct | What::Stored) {
            return;
        }
        let announced = self.inbox.tpdu_len.into();
        let octets = without_padding(octets, announced);
        // Some count the service-centre address too; any other difference is octets lost on the way.
        let is_whole = tpdu_len(octets)
            .is_some_and(|len| len as usize == announced || octets.len() == announced);
        if !is_whole {
            self.inbox.lost(expected, &mut self.timers);
            return self.tell_damaged();
        }
        let ticket = self.inbox.next_ticket();
        if expected == What::Stored {
            let stored = Stored::new(self.inbox.slot, octets);
            let stage = match self.inbox.known.wish(stored) {
                Some(Wish::Keep) => return,
                Some(Wish::Delete) => Stage::Done,
                None => Stage::Given,
            };
            self.inbox.agreed = self.inbox.selected.is_some_and(|selected| selected.agreed);
            self.inbox.stored = stored;
            self.inbox.ticket = ticket;
            self.inbox.stage = stage;
            if stage == Stage::Done {
                return;
            }
        } else if self.inbox.acknowledges {
            self.inbox.duty = Duty::Given;
            self.inbox.duty_ticket = ticket;
            self.timers.set(Timer::Duty, self.options.profile.acknowledge_ms);
        }
        self.noted_len = octets.len() as u8;
        self.tell(Notice::Received);
    }

    pub(super) fn done(&mut self, received: &Ticket) {
        if received.generation != self.generation {
            return;
        }
        if self.inbox.stage == Stage::Given && self.inbox.ticket == received.number {
            self.inbox.stage = Stage::Done;
        }
        if self.inbox.duty == Duty::Given && self.inbox.duty_ticket == received.number {
            self.inbox.duty = Duty::Done;
        }
        self.expire();
    }

    pub(super) fn keep(&mut self, received: &Ticket) {
        if received.generation != self.generation {
            return;
        }
        if self.inbox.stage == Stage::Given && self.inbox.ticket == received.number {
            self.inbox.forget(Some(Wish::Keep));
        }
        self.expire();
    }

    pub(super) fn expire_inbox(&mut self) {
        if self.inbox.expects_pdu()
            && self.timers.is_over(Timer::SecondLine)
            && self.event.is_none()
            && self.inbox.take_expected(&mut self.timers)
        {
            self.tell_damaged();
        }
        let acknowledging = matches!(self.step, Step::Acknowledge);
        if self.inbox.is_owing() && self.timers.is_over(Timer::Duty) && !acknowledging {
            self.inbox.duty = Duty::None;
            // modem-telit-le910-cmt-cnma: without an acknowledgement in time the modem sets +CNMI
            // to 2,0,0,0,0 and delivers nothing any more.
            self.link.refresh();
            self.timers.set(Timer::Sweep, 0);
        }
    }

    /// The network waits for this and for nothing else.
    pub(super) fn start_acknowledge(&mut self) -> bool {
        let due = self.inbox.duty == Duty::Done;
        if due {
            self.start_text(Step::Acknowledge, self.options.profile.acknowledge);
            self.timers.set(Timer::Duty, self.timers.left(Timer::Step));
        }
        due
    }

    /// A refusal says that there is nothing to acknowledge (modem-quectel-ec25-cnma-once).
    pub(super) fn acknowledged(&mut self) {
        self.inbox.duty = Duty::None;
        self.finish();
    }

    /// Starts what is to be done with stored messages, if there is anything.
    pub(super) fn start_inbox(&mut self) -> bool {
        if let Some(care) = self.care.take() {
            self.start_care(care);
            return true;
        }
        if self.inbox.stage != Stage::None {
            if self.timers.is_over(Timer::Sweep) {
                // Once the caller is done with this one.
                self.inbox.missed = true;
                self.timers.set(Timer::Sweep, self.options.profile.sweep_ms);
            }
            return self.start_delete();
        }
        self.inbox.turn = false;
        if let Some(slot) = self.inbox.waiting.first().copied() {
            if !self.start_select(slot.store) {
                self.inbox.take_first();
                self.start_number(Step::Read, "+CMGR=", slot.index.into());
            }
            return true;
        }
        if self.inbox.missed || self.timers.is_over(Timer::Sweep) {
            self.timers.set(Timer::Sweep, self.options.profile.sweep_ms);
            self.inbox.missed = false;
            let hindered = core::mem::take(&mut self.inbox.hindered);
            self.inbox.hindered_before =
                if hindered { self.inbox.hindered_before.saturating_add(1) } else { 0 };
            // A refusal does not count for ever.
            self.inbox.selected = None;
            self.inbox.sweep = Some(Sweep { store: 0, from: 0, more: false });
            if self.timers.is_over(Timer::Settled) {
                self.start_care(Setup::PduMode);
                return true;
            }
        }
        self.start_list()
    }

    /// Starts to delete the message that the caller had, once it has it safe.
    fn start_delete(&mut self) -> bool {
        if self.inbox.stage == Stage::Given {
            return false;
        }
        if self.inbox.stage == Stage::Done && self.timers.is_over(Timer::Fresh) {
            // The modem may have restarted and selected another store by that. The echo of this
            // command tells, and it is one that does no harm.
            self.inbox.selected = None;
        }
        let slot = self.inbox.stored.slot;
        if !self.start_select(slot.store) {
            self.start_number(Step::Delete, "+CMGD=", slot.index.into());
        }
        true
    }

    fn start_list(&mut self) -> bool {
        let Some(sweep) = self.inbox.sweep else { return false };
        let Some(store) = self.options.profile.stores.get(usize::from(sweep.store)) else {
            self.inbox.sweep = None;
            return false;
        };
        if !self.start_select(*store) {
            // 4 is all messages, read ones too: nobody may have taken them over.
            self.start_text(Step::List, "+CMGL=4");
            self.timers.set(Timer::Step, self.options.profile.list_ms);
        }
        true
    }

    /// Starts `AT+CPMS=` where another store is selected; `false` when that is not needed.
    fn start_select(&mut self, store: Store) -> bool {
        if self.inbox.selected.is_some_and(|selected| selected.store == store) {
            return false;
        }
        self.inbox.slot.store = store;
        self.start_quoted(Step::Select, "+CPMS=", store.octets());
        true
    }

    pub(super) fn selected(&mut self, result: Result<(), Failure>) {
        let agreed = result.is_ok();
        self.inbox.selected = Some(Selected { store: self.inbox.slot.store, agreed });
        self.inbox_ends(result);
        if self.inbox.stage == Stage::None {
            return;
        }
        if self.inbox.agreed == agreed {
            self.inbox.stage = Stage::Selected;
        } else {
            // It was read from another one.
            self.inbox.not_deleted(&mut self.timers);
        }
    }

    /// A command for a store has its result; one that is too busy is looked through again.
    pub(super) fn inbox_ends(&mut self, result: Result<(), Failure>) {
        if result.is_err_and(|failure| matches!(failure.class(), Class::Busy | Class::Temporary)) {
            self.inbox.look_again(&mut self.timers);
        }
        self.finish();
    }

    pub(super) fn listed(&mut self, index: u16, status: MessageStatus) {
        self.expect(What::Ignored, 0);
        let (Some(sweep), Some(Selected { store, .. })) = (self.inbox.sweep, self.inbox.selected)
        else {
            return;
        };
        let received =
            matches!(status, MessageStatus::RECEIVED_UNREAD | MessageStatus::RECEIVED_READ);
        if received && index >= sweep.from && !self.inbox.remember(Slot { store, index }) {
            self.inbox.sweep = Some(Sweep { more: true, ..sweep });
        }
    }

    pub(super) fn list_ends(&mut self, result: Result<(), Failure>) {
        let highest = self.inbox.waiting.iter().map(|slot| slot.index).max();
        if let Some(sweep) = &mut self.inbox.sweep {
            *sweep = match highest {
                Some(highest) if sweep.more => {
                    Sweep { from: highest.saturating_add(1), more: false, ..*sweep }
                }
                _ => Sweep { store: sweep.store.saturating_add(1), from: 0, more: false },
            };
        }
        self.inbox_ends(result);
    }

    /// What was not deleted will be, the next time that the stores are looked through.
    pub(super) fn deleted(&mut self, result: Result<(), Failure>) {
        self.inbox.forget(result.is_err().then_some(Wish::Delete));
        self.inbox_ends(result);
    }
}

/// The PDU with a TPDU of `tpdu_len` octets at the start of a record, whose other octets are 0xFF
/// (3GPP TS 51.011, section 10.5.3); anything else as it is.
fn without_padding(record: &[u8], tpdu_len: usize) -> &[u8] {
    let service_centre = record.first().map_or(0, |len| usize::from(*len).saturating_add(1));
    match record.split_at_checked(service_centre.saturating_add(tpdu_len)) {
        Some((pdu, padding)) if padding.iter().all(|octet| *octet == 0xff) => pdu,
        _ => record,
    }
}
