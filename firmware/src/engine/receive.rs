//! Receiving: announcements, reading, sweeping, acknowledging, deleting (3GPP TS 27.005, sections
//! 3.4 and 4).
//!
//! A message is given to the caller first and deleted or acknowledged after; neither depends on
//! whether anybody can decode it. One stored message is in the caller's hands at a time.

use heapless::Vec;
use septet::at::{Argument, Class, Failure, MessageStatus, Store};
use septet::pdu::Pdu;

use super::known::{Known, Stored, Wish};
use super::{EventKind, Instant, Session, Step, Ticket};

/// Slots that are remembered; more are found by a sweep.
const WAITING_MAX: usize = 8;

/// Time for the second line of a two-line message.
const SECOND_LINE_MS: u32 = 2_000;

/// Pause before the stores are looked through again after one was too busy or did not answer. It
/// doubles with each look that ends so.
const BUSY_MS: u32 = 5_000;

/// Where a message is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) store: Store,
    pub(super) index: u16,
}

/// What is known of messages that have come.
#[derive(Debug)]
pub(super) struct Inbox {
    waiting: Vec<Slot, WAITING_MAX, u8>,
    /// An announcement found no room.
    missed: bool,
    sweep: Option<Sweep>,
    sweep_at: Instant,
    /// Something kept the present look from all messages.
    hindered: bool,
    /// How many looks before the present one were hindered, one after the other.
    hindered_before: u8,
    /// The store that `AT+CPMS` selected, as far as the modem lets it.
    selected: Option<Store>,
    expected: Option<Expected>,
    tickets: u16,
    in_hand: Option<InHand>,
    known: Known,
    duty: Option<Duty>,
    /// Whether the modem agreed to wait for acknowledgements.
    acknowledges: bool,
    /// Whether it goes before the next message to be sent.
    turn: bool,
}

/// A look through all stores, in the order of the profile.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    /// Index into the profile's stores.
    store: u8,
    /// The first slot that was not seen yet.
    from: u16,
    /// There are more messages than could be remembered.
    more: bool,
}

/// What the next line is.
#[derive(Clone, Copy, Debug)]
struct Expected {
    what: What,
    until: Instant,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// A message that is in no store.
    Direct { tpdu_len: u16 },
    /// The message of a slot.
    Stored { slot: Slot, tpdu_len: u16 },
    /// Of no use: in a list, or cell broadcast.
    Ignored,
}

/// A stored message that the caller has.
#[derive(Clone, Copy, Debug)]
struct InHand {
    ticket: u16,
    stored: Stored,
    done: bool,
}

/// A message that the network waits to see acknowledged.
#[derive(Clone, Copy, Debug)]
struct Duty {
    ticket: u16,
    until: Instant,
    done: bool,
}

impl Inbox {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            waiting: Vec::new(),
            missed: false,
            sweep: None,
            sweep_at: now,
            hindered: false,
            hindered_before: 0,
            selected: None,
            expected: None,
            tickets: 0,
            in_hand: None,
            known: Known::new(),
            duty: None,
            acknowledges: false,
            turn: false,
        }
    }

    pub(super) fn has_work(&self) -> bool {
        self.duty.is_some_and(|duty| duty.done)
            || match self.in_hand {
                Some(in_hand) => in_hand.done,
                None => !self.waiting.is_empty() || self.sweep.is_some() || self.missed,
            }
    }

    /// When to look through the stores.
    pub(super) const fn sweep_at(&self) -> Instant {
        self.sweep_at
    }

    pub(super) const fn sweep_soon(&mut self, now: Instant) {
        self.sweep_at = now;
    }

    /// There is something that the present look does not find.
    pub(super) fn look_again(&mut self, now: Instant) {
        self.hindered = true;
        let pause = BUSY_MS << self.hindered_before.min(7);
        self.sweep_at = self.sweep_at.min(now.after(pause));
    }

    /// A store was not selected in time: which one is, is not known.
    pub(super) fn not_selected(&mut self, now: Instant) {
        self.selected = None;
        self.sweep = None;
        self.waiting.clear();
        self.look_again(now);
    }

    /// A message was not deleted in time. It may be gone, and its slot may have another one: it is
    /// not deleted but after it was read again.
    pub(super) fn not_deleted(&mut self, now: Instant) {
        if let Some(in_hand) = self.in_hand.take() {
            self.known.remember(in_hand.stored, Wish::Delete);
        }
        self.look_again(now);
    }

    /// A message was not acknowledged in time: the network sends it again.
    pub(super) fn not_acknowledged(&mut self, now: Instant) {
        self.duty = None;
        self.look_again(now);
    }

    /// All stores were looked through, or one cannot be listed.
    pub(super) const fn end_sweep(&mut self) {
        self.sweep = None;
    }

    /// Whether the second line of a message is waited for.
    pub(super) const fn expects_pdu(&self) -> bool {
        self.expected.is_some()
    }

    /// Stops to wait for the second line; `true` when a message is lost by that.
    pub(super) fn take_expected(&mut self) -> bool {
        let expected = self.expected.take();
        expected.is_some_and(|expected| !matches!(expected.what, What::Ignored))
    }

    fn expects_until(&self) -> Option<Instant> {
        self.expected.map(|expected| expected.until)
    }

    pub(super) fn expires_at(&self) -> Option<Instant> {
        let duty = self.duty.filter(|duty| !duty.done).map(|duty| duty.until);
        self.expects_until().into_iter().chain(duty).min()
    }

    pub(super) const fn acknowledges(&mut self, agreed: bool) {
        self.acknowledges = agreed;
    }

    pub(super) const fn give_turn(&mut self) {
        self.turn = true;
    }

    pub(super) const fn has_turn(&self) -> bool {
        self.turn
    }

    /// Forgets what did not outlive a restart of the modem; tickets stay unique.
    pub(super) fn restart(&mut self, now: Instant) {
        let tickets = self.tickets;
        *self = Self { tickets, ..Self::new(now) };
    }

    fn next_ticket(&mut self) -> u16 {
        self.tickets = self.tickets.wrapping_add(1);
        self.tickets
    }

    /// Remembers a slot, the lowest ones first; `false` when one had to be forgotten.
    fn remember(&mut self, slot: Slot) -> bool {
        if self.waiting.contains(&slot) || self.waiting.push(slot).is_ok() {
            return true;
        }
        let highest = self.waiting.iter_mut().max_by_key(|slot| slot.index);
        if let Some(highest) = highest.filter(|highest| highest.index > slot.index) {
            *highest = slot;
        }
        false
    }
}

impl Session {
    /// `+CMTI`, `+CDSI`: the line names the store.
    pub(super) fn announced(&mut self, slot: Slot) {
        if !self.inbox.remember(slot) {
            self.inbox.missed = true;
        }
        self.tell(EventKind::Waiting { store: slot.store, index: slot.index });
    }

    pub(super) fn expect_direct(&mut self, tpdu_len: u16, now: Instant) {
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
        let Some(Expected { what, .. }) = self.inbox.expected.take() else { return };
        let (tpdu_len, slot) = match what {
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
            self.tell(EventKind::Damaged);
            return;
        };
        let ticket = self.inbox.next_ticket();
        if let Some(slot) = slot {
            let stored = Stored::new(slot, &pdu);
            let wish = self.inbox.known.wish(stored);
            if wish == Some(Wish::Keep) {
                return;
            }
            let done = wish == Some(Wish::Delete);
            self.inbox.in_hand = Some(InHand { ticket, stored, done });
            if done {
                return;
            }
        } else if self.inbox.acknowledges {
            let until = now.after(self.profile.acknowledge_ms);
            self.inbox.duty = Some(Duty { ticket, until, done: false });
        }
        let ticket = Ticket { generation: self.generation, number: ticket };
        self.tell(EventKind::Received { pdu, ticket });
    }

    pub(super) fn done(&mut self, received: &Ticket, now: Instant) {
        if received.generation != self.generation {
            return;
        }
        if let Some(in_hand) = &mut self.inbox.in_hand {
            in_hand.done |= in_hand.ticket == received.number;
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
        let kept = |in_hand: &mut InHand| in_hand.ticket == received.number && !in_hand.done;
        if let Some(in_hand) = self.inbox.in_hand.take_if(kept) {
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
        if self.inbox.duty.is_some_and(|duty| !duty.done && now >= duty.until) {
            self.inbox.duty = None;
            // modem-telit-le910-cmt-cnma: without an acknowledgement in time the modem sets +CNMI
            // to 2,0,0,0,0 and delivers nothing any more.
            self.link.refresh();
            self.inbox.sweep_soon(now);
        }
    }

    /// The network waits for this and for nothing else.
    pub(super) fn start_acknowledge(&mut self, now: Instant) -> bool {
        let due = self.inbox.duty.is_some_and(|duty| duty.done);
        if due {
            self.start_text(Step::Acknowledge, "+CNMA", self.profile.answer_ms, now);
        }
        due
    }

    /// A refusal says that there is nothing to acknowledge (modem-quectel-ec25-cnma-once).
    pub(super) fn acknowledged(&mut self, now: Instant) {
        self.inbox.duty = None;
        self.finish(now);
    }

    /// Starts what is to be done with stored messages, if there is anything.
    pub(super) fn start_inbox(&mut self, now: Instant) -> bool {
        let ms = self.profile.answer_ms;
        if let Some(InHand { stored: Stored { slot, .. }, done, .. }) = self.inbox.in_hand {
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
        }
        self.start_list(now)
    }

    fn start_list(&mut self, now: Instant) -> bool {
        let Some(sweep) = self.inbox.sweep else { return false };
        let Some(store) = self.profile.stores.get(usize::from(sweep.store)) else {
            self.inbox.end_sweep();
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
        if self.inbox.selected == Some(store) {
            return false;
        }
        let name = Argument::Quoted(store.name().as_bytes());
        self.start_set(Step::Select(store), "+CPMS", name, self.profile.answer_ms, now);
        true
    }

    /// A modem that refuses has one store only, or not this one: then its slots are empty or, at
    /// worst, hold a message that is not yet handed over.
    pub(super) fn selected(&mut self, store: Store, result: Result<(), Failure>, now: Instant) {
        self.inbox.selected = Some(store);
        self.inbox_ends(result, now);
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
        let (Some(sweep), Some(store)) = (self.inbox.sweep, self.inbox.selected) else { return };
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
