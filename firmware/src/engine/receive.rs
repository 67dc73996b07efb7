//! Receiving: announcements, reading, sweeping, acknowledging, deleting (3GPP TS 27.005, sections
//! 3.4 and 4).
//!
//! A message is given to the caller first and deleted or acknowledged after; neither depends on
//! whether anybody can decode it. One stored message is in the caller's hands at a time.

use heapless::Vec;
use septet::at::{Argument, Class, Failure, Line, MessageStatus, Store};
use septet::pdu::{PDU_MAX, Pdu, hex};

use super::inbox::{Duty, Expected, InHand, Selected, Slot, Stage, Sweep, What};
use super::known::{Stored, Wish};
use super::setup::Setup;
use super::{Care, EventKind, Instant, Session, Step, Ticket, Words};

/// Time for the second line of a two-line message.
const SECOND_LINE_MS: u32 = 2_000;

/// Less time than a modem takes to restart.
const RESTART_MS: u32 = 1_000;

impl Session {
    /// `+CMTI`, `+CDSI`: the line names the store.
    pub(super) fn announced(&mut self, slot: Slot) {
        if !self.inbox.remember(slot) {
            self.inbox.missed = true;
        }
        self.tell(EventKind::Waiting { store: slot.store, index: slot.index });
    }

    /// The modem has no room: what is there must go, and nothing may be announced any more.
    pub(super) fn full(&mut self, store: Option<Store>, now: Instant) {
        self.inbox.sweep_soon(now);
        self.tell(EventKind::Full { store });
    }

    pub(super) fn expect_direct(&mut self, tpdu_len: u16, now: Instant) {
        // The modem waits for the one before no more: an acknowledgement would be taken for this one's.
        self.inbox.duty = None;
        self.expect(What::Direct { tpdu_len }, now);
    }

    pub(super) fn expect_stored(&mut self, slot: Slot, tpdu_len: u16, now: Instant) {
        self.expect(What::Stored { slot, tpdu_len }, now);
    }

    pub(super) fn expect_ignored(&mut self, now: Instant) {
        self.expect(What::Ignored, now);
    }

    fn expect(&mut self, what: What, now: Instant) {
        self.inbox.expected = Some(Expected { what, until: now.after(SECOND_LINE_MS) });
    }

    /// A line of hexadecimal digits: the second line of a message, or the echo of what was sent.
    pub(super) fn pdu_line(&mut self, octets: &[u8], now: Instant) {
        let Some(expected) = self.inbox.expected.take() else {
            return self.digits(octets);
        };
        let (tpdu_len, slot) = match expected.what {
            What::Direct { tpdu_len } => (tpdu_len, None),
            What::Stored { slot, tpdu_len } => (tpdu_len, Some(slot)),
            What::Ignored => return,
        };
        let announced = usize::from(tpdu_len);
        let octets = without_padding(octets, announced);
        let pdu = Pdu::from_octets(octets).ok();
        // Some count the service-centre address too; any other difference is octets lost on the way.
        let whole = |pdu: &Pdu| announced == pdu.tpdu_len() || announced == octets.len();
        let Some(pdu) = pdu.filter(whole) else {
            self.inbox.lost(expected);
            self.tell_damaged();
            return;
        };
        let ticket = self.inbox.next_ticket();
        if let Some(slot) = slot {
            let stored = Stored::new(slot, &pdu);
            let wish = self.inbox.known.wish(stored);
            if wish == Some(Wish::Keep) {
                return;
            }
            let stage = if wish.is_some() { Stage::Done } else { Stage::Given };
            let agreed = self.inbox.selected.is_some_and(|selected| selected.agreed);
            self.inbox.in_hand = Some(InHand { ticket, stored, agreed, stage });
            if stage == Stage::Done {
                return;
            }
        } else if self.inbox.acknowledges {
            let until = now.after(self.profile.acknowledge_ms);
            self.inbox.duty = Some(Duty { ticket, until, done: false });
        }
        let ticket = Ticket { generation: self.generation, number: ticket };
        self.tell(EventKind::Received { pdu, ticket });
    }

    /// A word that happens to be pairs of hexadecimal digits: `EC25`, a serial number.
    fn digits(&mut self, octets: &[u8]) {
        let digits: Vec<u8, PDU_MAX> = hex(octets).take(PDU_MAX).collect();
        match self.step {
            Step::Setup(Setup::Maker | Setup::Model) => self.named(&digits),
            Step::Asked if self.is_answer(&digits, Line::Other(&digits)) => {
                self.tell(EventKind::Answer(Words::new(&digits)));
            }
            _ => {}
        }
    }

    pub(super) fn done(&mut self, received: &Ticket, now: Instant) {
        if received.generation != self.generation {
            return;
        }
        if let Some(in_hand) = &mut self.inbox.in_hand
            && in_hand.ticket == received.number
            && in_hand.stage == Stage::Given
        {
            in_hand.stage = Stage::Done;
        }
        if let Some(duty) = &mut self.inbox.duty {
            duty.done |= duty.ticket == received.number;
        }
        self.expire(now);
    }

    pub(super) fn keep(&mut self, received: &Ticket, now: Instant) {
        if received.generation != self.generation {
            return;
        }
        let given = |in_hand: &mut InHand| {
            in_hand.ticket == received.number && in_hand.stage == Stage::Given
        };
        if let Some(in_hand) = self.inbox.in_hand.take_if(given) {
            self.inbox.known.remember(in_hand.stored, Wish::Keep);
        }
        self.expire(now);
    }

    pub(super) fn expire_inbox(&mut self, now: Instant) {
        if self.inbox.expects_until().is_some_and(|until| now >= until)
            && self.event.is_none()
            && self.inbox.take_expected()
        {
            self.tell_damaged();
        }
        let acknowledging = matches!(self.step, Step::Acknowledge);
        if !acknowledging && self.inbox.duty.is_some_and(|duty| now >= duty.until) {
            self.inbox.duty = None;
            // modem-telit-le910-cmt-cnma: without an acknowledgement in time the modem sets +CNMI
            // to 2,0,0,0,0 and delivers nothing any more.
            self.link.refresh();
            self.inbox.sweep_soon(now);
        }
    }

    /// The network waits for this and for nothing else.
    pub(super) fn start_acknowledge(&mut self, now: Instant) -> bool {
        let ms = self.profile.answer_ms;
        let Some(duty) = self.inbox.duty.as_mut().filter(|duty| duty.done) else { return false };
        duty.until = now.after(ms);
        self.start_text(Step::Acknowledge, self.profile.acknowledge, ms, now);
        true
    }

    /// A refusal says that there is nothing to acknowledge (modem-quectel-ec25-cnma-once).
    pub(super) fn acknowledged(&mut self, now: Instant) {
        self.inbox.duty = None;
        self.finish(now);
    }

    /// Starts what is to be done with stored messages, if there is anything.
    pub(super) fn start_inbox(&mut self, now: Instant) -> bool {
        if let Some(care) = self.care.take() {
            self.start_care(care, now);
            return true;
        }
        let ms = self.profile.answer_ms;
        if let Some(InHand { stored: Stored { slot, .. }, stage, .. }) = self.inbox.in_hand {
            if stage == Stage::Done && now >= self.deadline.after(RESTART_MS) {
                // The modem may have restarted and selected another store by that. The echo of this
                // command tells, and it is one that does no harm.
                self.inbox.selected = None;
            }
            let done = stage != Stage::Given;
            if done && !self.start_select(slot.store, now) {
                let index = Argument::Number(slot.index.into());
                self.start_set(Step::Delete, "+CMGD", index, ms, now);
            }
            if now >= self.inbox.sweep_at {
                // Once the caller is done with this one.
                self.inbox.missed = true;
                self.inbox.sweep_at = now.after(self.profile.sweep_ms);
            }
            return done;
        }
        self.inbox.turn = false;
        if let Some(slot) = self.inbox.waiting.first().copied() {
            if !self.start_select(slot.store, now) {
                self.inbox.waiting.remove(0);
                let index = Argument::Number(slot.index.into());
                self.start_set(Step::Read(slot), "+CMGR", index, ms, now);
            }
            return true;
        }
        if now >= self.inbox.sweep_at || self.inbox.missed {
            self.inbox.missed = false;
            self.inbox.sweep_at = now.after(self.profile.sweep_ms);
            let hindered = core::mem::take(&mut self.inbox.hindered);
            self.inbox.hindered_before =
                if hindered { self.inbox.hindered_before.saturating_add(1) } else { 0 };
            // A refusal does not count for ever.
            self.inbox.selected = None;
            self.inbox.sweep = Some(Sweep { store: 0, from: 0, more: false });
            if now >= self.link.settled_at() {
                self.start_care(Care::PduMode, now);
                return true;
            }
        }
        self.start_list(now)
    }

    fn start_list(&mut self, now: Instant) -> bool {
        let Some(sweep) = self.inbox.sweep else { return false };
        let Some(store) = self.profile.stores.get(usize::from(sweep.store)) else {
            self.inbox.sweep = None;
            return false;
        };
        if !self.start_select(*store, now) {
            // 4 is all messages, read ones too: nobody may have taken them over.
            self.start_set(Step::List, "+CMGL", Argument::Number(4), self.profile.list_ms, now);
        }
        true
    }

    /// Starts `AT+CPMS=` where another store is selected; `false` when that is not needed.
    fn start_select(&mut self, store: Store, now: Instant) -> bool {
        if self.inbox.selected.is_some_and(|selected| selected.store == store) {
            return false;
        }
        let name = Argument::Quoted(store.name().as_bytes());
        self.start_set(Step::Select(store), "+CPMS", name, self.profile.answer_ms, now);
        true
    }

    pub(super) fn selected(&mut self, store: Store, result: Result<(), Failure>, now: Instant) {
        let agreed = result.is_ok();
        self.inbox.selected = Some(Selected { store, agreed });
        self.inbox_ends(result, now);
        match &mut self.inbox.in_hand {
            Some(in_hand) if in_hand.agreed == agreed => in_hand.stage = Stage::Selected,
            // It was read from another one.
            Some(_) => self.inbox.not_deleted(now),
            None => {}
        }
    }

    /// A command for a store has its result; one that is too busy is looked through again.
    pub(super) fn inbox_ends(&mut self, result: Result<(), Failure>, now: Instant) {
        let class = result.err().map(Failure::class);
        if matches!(class, Some(Class::Busy | Class::Temporary)) {
            self.inbox.look_again(now);
        }
        self.finish(now);
    }

    pub(super) fn listed(&mut self, index: u16, status: MessageStatus, now: Instant) {
        self.expect_ignored(now);
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

    pub(super) fn list_ends(&mut self, result: Result<(), Failure>, now: Instant) {
        let highest = self.inbox.waiting.iter().map(|slot| slot.index).max();
        self.inbox.sweep = self.inbox.sweep.map(|sweep| match highest {
            Some(highest) if sweep.more => {
                Sweep { from: highest.saturating_add(1), more: false, ..sweep }
            }
            _ => Sweep { store: sweep.store.saturating_add(1), from: 0, more: false },
        });
        self.inbox_ends(result, now);
    }

    /// What was not deleted will be, the next time that the stores are looked through.
    pub(super) fn deleted(&mut self, result: Result<(), Failure>, now: Instant) {
        if let Some(in_hand) = self.inbox.in_hand.take()
            && result.is_err()
        {
            self.inbox.known.remember(in_hand.stored, Wish::Delete);
        }
        self.inbox_ends(result, now);
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
