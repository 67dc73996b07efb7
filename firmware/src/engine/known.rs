//! Stored messages that the caller has seen and that are still in their slots.

use super::inbox::Slot;

/// Messages that are remembered. For one more the oldest is forgotten, and handed over again when
/// the stores are looked through.
const KNOWN_MAX: usize = 4;

/// What the caller wants done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To leave it where it is.
    // Not 0, which then says that there is no message: a place that is empty is all zeros.
    Keep = 1,
    /// To delete it, which has not succeeded yet.
    Delete,
}

/// A message and its slot, by which it is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) slot: Slot,
    /// FNV-1a of its octets, time stamp included.
    digest: u32,
}

impl Stored {
    pub(super) const NONE: Self = Self { slot: Slot::NONE, digest: 0 };

    pub(super) fn new(slot: Slot, pdu: &[u8]) -> Self {
        let digest = pdu.iter().fold(0x811c_9dc5, |digest, octet| {
            (digest ^ u32::from(*octet)).wrapping_mul(0x0100_0193)
        });
        Self { slot, digest }
    }
}

/// The messages that are known, the oldest first.
#[derive(Debug)]
pub(super) struct Known([Option<(Stored, Wish)>; KNOWN_MAX]);

impl Known {
    pub(super) const fn new() -> Self {
        Self([None; KNOWN_MAX])
    }

    pub(super) fn clear(&mut self) {
        self.0.iter_mut().for_each(|known| *known = None);
    }

    /// Puts a message behind the others. What was known of its slot goes, or else the oldest.
    pub(super) fn remember(&mut self, stored: Stored, wish: Wish) {
        let mut put = Some((stored, wish));
        for place in self.0.iter_mut().rev() {
            core::mem::swap(place, &mut put);
            if put.is_some_and(|(known, _)| known.slot == stored.slot) {
                return;
            }
        }
    }

    /// What the caller wanted done with this message, if it is one that was seen.
    pub(super) fn wish(&self, stored: Stored) -> Option<Wish> {
        self.0.iter().flatten().find(|(known, _)| *known == stored).map(|(_, wish)| *wish)
    }
}
