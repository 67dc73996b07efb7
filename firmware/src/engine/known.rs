//! Stored messages that the caller has seen and that are still in their slots.

use heapless::Vec;
use septet::pdu::Pdu;

use super::inbox::Slot;

/// Messages that are remembered. For one more the oldest is forgotten, and handed over again when
/// the stores are looked through.
const KNOWN_MAX: usize = 4;

/// What the caller wants done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To leave it where it is.
    Keep,
    /// To delete it, which has not succeeded yet.
    Delete,
}

/// A message and its slot, by which it is known again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    pub(super) slot: Slot,
    /// FNV-1a of its octets, time stamp included.
    digest: u32,
}

impl Stored {
    pub(super) fn new(slot: Slot, pdu: &Pdu) -> Self {
        let octets = pdu.octets().iter();
        let digest = octets.fold(0x811c_9dc5, |digest, octet| {
            (digest ^ u32::from(*octet)).wrapping_mul(0x0100_0193)
        });
        Self { slot, digest }
    }
}

/// The messages that are known, the oldest first.
#[derive(Debug)]
pub(super) struct Known(Vec<(Stored, Wish), KNOWN_MAX, u8>);

impl Known {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn remember(&mut self, stored: Stored, wish: Wish) {
        self.0.retain(|(known, _)| known.slot != stored.slot);
        if self.0.is_full() {
            self.0.remove(0);
        }
        let pushed = self.0.push((stored, wish));
        debug_assert!(pushed.is_ok(), "there is room now");
    }

    /// What the caller wanted done with this message, if it is one that was seen.
    pub(super) fn wish(&self, stored: Stored) -> Option<Wish> {
        let same = |known: &&(Stored, Wish)| {
            known.0.slot == stored.slot && known.0.digest == stored.digest
        };
        self.0.iter().find(same).map(|(_, wish)| *wish)
    }
}
