//! Messages that were handed over already.
//!
//! The engine hands over each message at least once: where it cannot know whether the caller has one
//! (the modem restarted, an acknowledgement was lost), it hands it over again, and so does the network.
//! [`Seen`] is the caller's filter, with which each is taken exactly once.

use heapless::Deque;
use septet::pdu::Pdu;

/// FNV-1a, 64 bits: two of a million different messages are the same to it once in thirty million
/// cases.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// TP-MMS and TP-LP: they may differ when the same message comes again.
const TRANSIENT_BITS: u8 = 0b0000_1100;

/// The last `N` messages. Each takes eight octets.
///
/// Two messages are the same where everything is that the service centre says of them: originator,
/// service-centre time, content, header. So are two equal texts that one sender sends within one second
/// in messages of one part; a phone does not, a machine might.
#[derive(Clone, Debug, Default)]
pub struct Seen<const N: usize> {
    digests: Deque<u64, N>,
}

impl<const N: usize> Seen<N> {
    /// A filter that has seen nothing.
    pub const fn new() -> Self {
        Self { digests: Deque::new() }
    }

    /// Whether a message is seen for the first time. From now on it is known.
    pub fn is_new(&mut self, pdu: &Pdu) -> bool {
        let mut digest = BASIS;
        for (at, octet) in pdu.tpdu().iter().enumerate() {
            let octet = if at == 0 { octet & !TRANSIENT_BITS } else { *octet };
            digest = (digest ^ u64::from(octet)).wrapping_mul(PRIME);
        }
        if self.digests.iter().any(|seen| *seen == digest) {
            return false;
        }
        if self.digests.is_full() {
            self.digests.pop_front();
        }
        // Only a filter without room keeps nothing, and then all is new.
        let _ = self.digests.push_back(digest);
        true
    }
}
