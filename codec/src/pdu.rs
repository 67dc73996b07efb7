//! What PDU mode carries: the service centre's address, then the TPDU, in hexadecimal digits.
//!
//! ```
//! use septet::pdu::Pdu;
//! use septet::tpdu::Deliver;
//!
//! let pdu = Pdu::from_hex("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")?;
//! let (service_centre, deliver) = pdu.read::<Deliver>()?;
//! assert_eq!(service_centre.map(|address| address.to_string()).as_deref(), Some("+27381000015"));
//! assert_eq!(pdu.tpdu_len(), 28);
//! assert_eq!(deliver.user_data.len, 10);
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 27.005, section 3.1 (`<pdu>`): the service-centre address as in TS 24.011, the TPDU as in
//! TS 23.040, each octet as two digits.

use core::fmt;

use arrayvec::ArrayVec;

use crate::error::{Error, ErrorKind};
use crate::text::hex_digit;
use crate::tpdu::Address;
use crate::wire::{Input, Quirks, Reader, Rejected, Wire, Writer};

/// The longest PDU, in octets: 12 for the service-centre address, 164 for the TPDU.
pub const PDU_MAX: usize = 176;

/// A service-centre address and a TPDU, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::serial::PduOctets", into = "crate::serial::PduOctets")
)]
pub struct Pdu {
    // Never shorter than its service-centre part says.
    octets: ArrayVec<u8, PDU_MAX>,
}

/// TP-MTI, its value for an SMS-SUBMIT, and TP-RD: 3GPP TS 23.040, sections 9.2.3.1 and 9.2.3.25.
const MESSAGE_TYPE: u8 = 0b11;
const SUBMIT: u8 = 0b01;
const REJECT_DUPLICATES: u8 = 0b100;

impl Pdu {
    /// The PDU that brings `tpdu` to a modem; without a service centre the modem takes its own.
    ///
    /// # Errors
    /// Those of [`Wire::emit`] for the TPDU.
    pub fn new<'a>(service_centre: Option<Address>, tpdu: &impl Wire<'a>) -> Result<Self, Error> {
        let mut buffer = [0; PDU_MAX];
        let mut w = Writer::new(&mut buffer);
        Address::emit_service_centre(service_centre.as_ref(), &mut w)?;
        tpdu.emit(&mut w)?;
        Self::from_octets(w.written())
    }

    /// The PDU that `octets` are: a length octet, the service-centre address, the TPDU.
    ///
    /// Octets after the TPDU, as stores and SIM cards pad with, stay a part of it.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::TooLong`] past 176 octets, [`ErrorKind::Truncated`] when
    /// the service-centre address is longer than the octets.
    pub fn from_octets(octets: &[u8]) -> Result<Self, Error> {
        match ArrayVec::try_from(octets) {
            Ok(octets) => Self::new_checked(octets),
            Err(_) => Err(ErrorKind::TooLong.at("PDU", PDU_MAX)),
        }
    }

    /// The PDU that `hex` spells, in upper or lower case, as a modem prints it after `+CMT:`.
    ///
    /// # Errors
    /// As [`read_hex`] and [`from_octets`](Self::from_octets).
    pub fn from_hex(hex: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new_checked(read_hex(hex)?)
    }

    fn new_checked(octets: ArrayVec<u8, PDU_MAX>) -> Result<Self, Error> {
        match octets.first() {
            None => Err(ErrorKind::Empty.at("PDU", 0)),
            Some(len) if usize::from(*len) >= octets.len() => {
                Err(ErrorKind::Truncated.at("SMSC address", 1))
            }
            Some(_) => Ok(Self { octets }),
        }
    }

    /// The service centre's address, where there is one, and the TPDU, by the letter of the
    /// standard.
    ///
    /// # Errors
    /// As [`Wire::from_bytes`]; `at` counts from the start of the PDU.
    pub fn read<'a, T: Wire<'a>>(&'a self) -> Result<(Option<Address>, T), Error> {
        Input::strict(&self.octets).finish(parse).map(|(read, _)| read)
    }

    /// The service centre's address, where there is one, and the TPDU, as far as they can be read,
    /// and which rules they broke.
    ///
    /// To excuse some rules only: `Input::tolerating(pdu.octets(), quirks).finish(pdu::parse)`.
    ///
    /// # Errors
    /// As [`Wire::from_bytes_tolerant`]; `at` counts from the start of the PDU.
    pub fn read_tolerant<'a, T: Wire<'a>>(
        &'a self,
    ) -> Result<((Option<Address>, T), Quirks), Error> {
        Input::tolerant(&self.octets).finish(parse)
    }

    /// The same SMS-SUBMIT, to be sent again since nobody knows whether it was sent: the service centre
    /// is to reject it where it holds one to the same recipient with the same TP-MR still (TP-RD). Any
    /// other PDU as it is.
    ///
    /// A modem that counts TP-MR itself gives it another one, and then it is no duplicate.
    ///
    /// 3GPP TS 23.040, section 9.2.3.25.
    #[must_use]
    pub fn rejecting_duplicates(mut self) -> Self {
        let at = self.tpdu_at();
        if let Some(first) = self.octets.get_mut(at)
            && *first & MESSAGE_TYPE == SUBMIT
        {
            *first |= REJECT_DUPLICATES;
        }
        self
    }

    /// The service centre's address, where there is one that can be read.
    pub fn service_centre(&self) -> Option<Address> {
        let mut reader = Reader::new(Input::tolerant(&self.octets));
        Address::parse_service_centre(&mut reader).ok().flatten()
    }

    /// Every octet.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Every octet as two upper-case hexadecimal digits, in ASCII: what follows the prompt of
    /// `AT+CMGS=`.
    pub fn hex(&self) -> impl Iterator<Item = u8> + Clone + '_ {
        hex(&self.octets)
    }

    /// How many octets the TPDU has: what `AT+CMGS=` is given.
    pub fn tpdu_len(&self) -> usize {
        self.tpdu().len()
    }

    /// The TPDU.
    pub fn tpdu(&self) -> &[u8] {
        self.octets.get(self.tpdu_at()..).unwrap_or_default()
    }

    fn tpdu_at(&self) -> usize {
        self.octets.first().map_or(0, |len| usize::from(*len).saturating_add(1))
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Pdu {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{:02X}", self.octets.as_slice());
    }
}

/// Reads a service centre's address, where there is one, and the TPDU behind it.
///
/// # Errors
/// What is wrong, with field and octet.
pub fn parse<'a, T: Wire<'a>>(reader: &mut Reader<'a>) -> Result<(Option<Address>, T), Rejected> {
    Ok((Address::parse_service_centre(reader)?, T::parse(reader)?))
}

/// The octets that `hex` spells, in upper or lower case.
///
/// For what is not a whole [`Pdu`]: a TPDU that stands without a service-centre address.
///
/// # Errors
/// [`ErrorKind::Empty`], [`ErrorKind::OddHex`], [`ErrorKind::BadHex`] at the octet that the digit
/// belongs to, [`ErrorKind::TooLong`] past 176 octets.
pub fn read_hex(hex: impl AsRef<[u8]>) -> Result<ArrayVec<u8, PDU_MAX>, Error> {
    let (pairs, odd) = hex.as_ref().as_chunks::<2>();
    let mut octets = ArrayVec::new();
    for (at, [high, low]) in pairs.iter().enumerate() {
        match read_hex_octet([*high, *low]) {
            Some(octet) if octets.try_push(octet).is_ok() => {}
            Some(_) => return Err(ErrorKind::TooLong.at("PDU", at)),
            None => return Err(ErrorKind::BadHex.at("hex", at)),
        }
    }
    match odd {
        [] if octets.is_empty() => Err(ErrorKind::Empty.at("PDU", 0)),
        [] => Ok(octets),
        _ => Err(ErrorKind::OddHex.at("hex", pairs.len())),
    }
}

/// The octet that two hexadecimal digits spell, in upper or lower case.
pub fn read_hex_octet([high, low]: [u8; 2]) -> Option<u8> {
    Some(hex_digit(high)? << 4 | hex_digit(low)?)
}

/// Each octet as two upper-case hexadecimal digits, in ASCII.
pub fn hex(octets: &[u8]) -> impl Iterator<Item = u8> + Clone + '_ {
    octets.iter().flat_map(|octet| hex_octet(*octet))
}

/// The octet as two upper-case hexadecimal digits, in ASCII.
pub const fn hex_octet(octet: u8) -> [u8; 2] {
    const fn digit(nibble: u8) -> u8 {
        if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble }
    }
    [digit(octet >> 4), digit(octet & 0xF)]
}

/// Its hexadecimal digits.
impl fmt::Display for Pdu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hex().try_for_each(|digit| fmt::Write::write_char(f, char::from(digit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    const HEX: &[u8] = b"0791447758100650040C914477581006500000";

    #[test]
    fn only_a_message_to_be_sent_rejects_duplicates() {
        let submit = Pdu::from_hex("0011000B915155100024F70000FF04F4F29C0E").unwrap();
        let again = submit.clone().rejecting_duplicates();
        assert_eq!(again.octets()[..2], [0x00, 0x15]);
        assert_eq!(again.octets()[2..], submit.octets()[2..]);
        let deliver = Pdu::from_hex(HEX).unwrap();
        assert_eq!(deliver.clone().rejecting_duplicates(), deliver);
    }

    #[test]
    fn hexadecimal_digits_come_back_in_upper_case() {
        let pdu = Pdu::from_hex(HEX.to_ascii_lowercase()).unwrap();
        assert_eq!(pdu.hex().collect::<Vec<_>>(), HEX);
        assert_eq!(pdu.tpdu(), &pdu.octets()[8..]);
        assert_eq!(pdu.tpdu_len(), HEX.len() / 2 - 8);
    }

    #[test]
    fn a_wrong_digit_is_told_with_its_octet() {
        assert_eq!(Pdu::from_hex("0011G0"), Err(ErrorKind::BadHex.at("hex", 2)));
        assert_eq!(Pdu::from_hex("00110"), Err(ErrorKind::OddHex.at("hex", 2)));
        assert_eq!(Pdu::from_hex(""), Err(ErrorKind::Empty.at("PDU", 0)));
        assert_eq!(Pdu::from_hex("0B91974612"), Err(ErrorKind::Truncated.at("SMSC address", 1)));
        let long = [b'0'; 2 * PDU_MAX + 2];
        assert_eq!(Pdu::from_hex(long), Err(ErrorKind::TooLong.at("PDU", PDU_MAX)));
    }
}
