//! Parts that outlive a restart.
//!
//! ```text
//! 1     1, the version of this layout
//! 2     how many parts there are
//! then for each part
//!   8   when its message was touched, in milliseconds of the caller's clock
//!   1   length of what follows
//!   …   the part as an SMS-DELIVER
//! 4     CRC-32 of all before it
//! ```
//!
//! Numbers have their most significant octet first.

use super::{Part, Reassembler};
use crate::error::{Error, ErrorKind};
use crate::tpdu::Deliver;
use crate::wire::{Wire, Writer};

const VERSION: u8 = 1;

/// What the errors of this file are about.
const FIELD: &str = "saved parts";

/// An SMS-DELIVER with an address of 20 digits and full user data.
const DELIVER_MAX: usize = 163;

impl<const N: usize> Reassembler<N> {
    /// The octets that a save can have.
    pub const SAVED_MAX: usize = 1 + 2 + N * (8 + 1 + DELIVER_MAX) + 4;

    /// Writes the parts that wait; messages that were handed out are not among them.
    ///
    /// # Errors
    /// [`ErrorKind::Full`]; [`SAVED_MAX`](Self::SAVED_MAX) octets always suffice.
    pub fn save(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let start = w.len();
        let count = u16::try_from(self.len()).map_err(|_| ErrorKind::TooLong.at(FIELD, start))?;
        w.octet(VERSION)?;
        w.octets(&count.to_be_bytes())?;
        for part in self.waiting() {
            let mut buffer = [0; DELIVER_MAX];
            let deliver = part.deliver().to_slice(&mut buffer)?;
            w.octets(&part.touched_ms.to_be_bytes())?;
            w.octet(deliver.len() as u8)?;
            w.octets(deliver)?;
        }
        let sum = crc32(w.written().get(start..).unwrap_or_default());
        w.octets(&sum.to_be_bytes())
    }

    /// Puts the parts of a save in the place of those that are there. After an error there are none.
    ///
    /// A clock that has begun again since is no harm: what it has yet to reach counts as `now_ms`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`]; [`ErrorKind::TooLong`] for more parts than there is room for;
    /// [`ErrorKind::Value`] for what [`save`](Self::save) does not write: another version, a wrong
    /// sum, parts that would not wait.
    pub fn load(&mut self, octets: &[u8], now_ms: u64) -> Result<(), Error> {
        self.parts.clear();
        let loaded = self.read(octets, now_ms);
        if loaded.is_err() {
            self.parts.clear();
        }
        loaded
    }

    fn read(&mut self, octets: &[u8], now_ms: u64) -> Result<(), Error> {
        let Some((octets, sum)) = octets.split_last_chunk() else {
            return Err(ErrorKind::Truncated.at(FIELD, octets.len()));
        };
        if crc32(octets) != u32::from_be_bytes(*sum) {
            return Err(ErrorKind::Value.at(FIELD, octets.len()));
        }
        let [VERSION, high, low, rest @ ..] = octets else {
            return Err(ErrorKind::Value.at(FIELD, 0));
        };
        let mut rest = rest;
        for _ in 0..u16::from_be_bytes([*high, *low]) {
            let at = octets.len().saturating_sub(rest.len());
            let part;
            (part, rest) = saved_part(rest, now_ms).ok_or(ErrorKind::Value.at(FIELD, at))?;
            if !self.would_wait(&part) {
                return Err(ErrorKind::Value.at(FIELD, at));
            }
            let has_room = self.parts.len().saturating_add(1) < N;
            if !has_room || self.parts.try_push(part).is_err() {
                return Err(ErrorKind::TooLong.at(FIELD, at));
            }
        }
        match rest {
            [] => Ok(()),
            _ => Err(ErrorKind::Value.at(FIELD, octets.len().saturating_sub(rest.len()))),
        }
    }

    /// Whether `part` is neither there already nor the last one of its message.
    fn would_wait(&self, part: &Part) -> bool {
        let of_message = || self.parts.iter().filter(|there| there.key == part.key);
        of_message().count().saturating_add(1) < part.key.total.into()
            && of_message().all(|there| there.number != part.number)
    }
}

/// The part at the front of `octets`, and what follows.
fn saved_part(octets: &[u8], now_ms: u64) -> Option<(Part, &[u8])> {
    let (touched_ms, rest) = octets.split_first_chunk()?;
    let (len, rest) = rest.split_first()?;
    let (deliver, rest) = rest.split_at_checked((*len).into())?;
    let (deliver, _) = Deliver::from_bytes_tolerant(deliver).ok()?;
    Some((Part::new(&deliver, u64::from_be_bytes(*touched_ms).min(now_ms))?, rest))
}

/// The CRC-32 of IEEE 802.3. A save is short and rare: no table.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |sum, octet| {
        (0..8).fold(sum ^ u32::from(*octet), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
