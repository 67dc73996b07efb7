//! What PDU mode carries: the service centre's address, then the TPDU, in hexadecimal digits.
//!
//! 3GPP TS 27.005, section 3.1 (`<pdu>`): the service-centre address as in TS 24.011, the TPDU as in
//! TS 23.040, each octet as two digits.

use arrayvec::ArrayVec;

use crate::error::{Error, ErrorKind};

/// The longest PDU, in octets: 12 for the service-centre address, 164 for the TPDU.
pub const PDU_MAX: usize = 176;

/// A service-centre address and a TPDU, owned: the one owner of octets in this crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdu {
    octets: ArrayVec<u8, PDU_MAX>,
}

impl Pdu {
    /// The PDU that `octets` are: a length octet, the service-centre address, the TPDU.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::TooLong`] past 176 octets, [`ErrorKind::Truncated`] when
    /// the service-centre address is longer than the octets.
    pub fn from_octets(octets: &[u8]) -> Result<Self, Error> {
        let Some(smsc_len) = octets.first() else {
            return Err(ErrorKind::Empty.at("pdu", 0));
        };
        if usize::from(*smsc_len) >= octets.len() {
            return Err(ErrorKind::Truncated.at("smsc", 1));
        }
        match ArrayVec::try_from(octets) {
            Ok(octets) => Ok(Self { octets }),
            Err(_) => Err(ErrorKind::TooLong.at("pdu", PDU_MAX)),
        }
    }

    /// Every octet.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// How many octets the TPDU has: what `AT+CMGS=` is given.
    pub fn tpdu_len(&self) -> usize {
        self.tpdu().len()
    }

    /// The TPDU.
    pub fn tpdu(&self) -> &[u8] {
        let smsc_len = self.octets.first().map_or(0, |len| usize::from(*len));
        self.octets.get(smsc_len.saturating_add(1)..).unwrap_or_default()
    }
}
