//! Septets packed into octets, and unpacked.
//!
//! 3GPP TS 23.038, section 6.1.2.

use core::iter::FusedIterator;

use super::{Code, ESCAPE, Tables};
use crate::error::Error;
use crate::runs::Runs;
use crate::wide::WIDE;
use crate::wire::Writer;

/// Carriage return, which pads a USSD string.
const CR: u8 = 0x0D;

/// Writes `septets` packed, behind `fill_bits` zero bits (0..=6), and returns how many they are.
///
/// The bits that are left over in the last octet are zero. No septets write nothing; user data of a
/// header alone needs an octet for the fill bits, since TP-UDL counts them.
///
/// 3GPP TS 23.038, section 6.1.2.1; TS 23.040, section 9.2.3.24 (fill bits).
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub fn pack(
    septets: impl IntoIterator<Item = u8>,
    fill_bits: u8,
    w: &mut Writer<'_>,
) -> Result<usize, Error> {
    let mut packer = Packer::new(fill_bits, w);
    let mut septets = septets.into_iter();
    if WIDE {
        let mut some = [0; 64];
        let mut len = some.len();
        while len == some.len() {
            len = 0;
            for (to, septet) in some.iter_mut().zip(&mut septets) {
                *to = septet & 0x7F;
                len = len.saturating_add(1);
            }
            packer.push_all(some.get(..len).unwrap_or_default());
        }
    } else {
        septets.for_each(|septet| packer.push(septet));
    }
    let count = packer.finish();
    w.check().map(|()| count)
}

/// Packs septets into octets, one after the other.
pub(crate) struct Packer<'w, 'b> {
    pub(super) w: &'w mut Writer<'b>,
    /// Bits that do not fill an octet yet, and how many they are.
    pub(super) waiting: u32,
    pub(super) bits: u32,
    pub(super) count: usize,
}

impl<'w, 'b> Packer<'w, 'b> {
    pub(crate) const fn new(fill_bits: u8, w: &'w mut Writer<'b>) -> Self {
        Self { w, waiting: 0, bits: fill_bits as u32, count: 0 }
    }

    pub(crate) fn push(&mut self, septet: u8) {
        self.waiting |= u32::from(septet & 0x7F) << self.bits;
        self.bits += 7;
        self.count = self.count.saturating_add(1);
        if self.bits >= 8 {
            self.w.push(self.waiting as u8);
            self.waiting >>= 8;
            self.bits -= 8;
        }
    }

    /// Packs characters, up to one that the tables lack, which is returned.
    pub(crate) fn push_text(&mut self, tables: Tables, mut text: impl Runs) -> Option<char> {
        loop {
            if tables.is_default() {
                if WIDE {
                    self.push_ahead(&mut text)
                } else {
                    self.push_narrow(&mut text)
                };
            }
            let c = text.next()?;
            let Some(code) = tables.quick_code(c) else { return Some(c) };
            self.push_code(code);
        }
    }

    /// As [`push_text`](Self::push_text), for characters that are all in the tables: where flash is dear, one
    /// after the other, which takes a thousand octets less.
    pub(crate) fn push_part(&mut self, tables: Tables, text: impl Runs) {
        if WIDE {
            self.push_text(tables, text);
            return;
        }
        for code in text.filter_map(|c| tables.code(c)) {
            self.push_code(code);
        }
    }

    pub(super) fn push_code(&mut self, code: Code) {
        let septet = match code {
            Code::Main(septet) => septet,
            Code::Extension(septet) => {
                self.push(ESCAPE);
                septet
            }
        };
        self.push(septet);
    }

    /// How many septets there were.
    pub(crate) fn finish(self) -> usize {
        if self.bits > 0 && self.count > 0 {
            self.w.push(self.waiting as u8);
        }
        self.count
    }
}

/// Writes `septets` packed as a USSD string is, and returns how many they are without the padding.
///
/// There nothing tells how many septets there are. Seven bits that are left over are filled with a
/// carriage return, not with zeros, which would read as `@`; a text that ends in a carriage return
/// at the end of an octet gets another one, so that it is not taken for padding.
///
/// 3GPP TS 23.038, section 6.1.2.3.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub fn pack_ussd<S>(septets: S, w: &mut Writer<'_>) -> Result<usize, Error>
where
    S: IntoIterator<Item = u8>,
    S::IntoIter: Clone,
{
    let septets = septets.into_iter();
    let (count, last) =
        septets.clone().fold((0_usize, None), |(n, _), septet| (n + 1, Some(septet)));
    let padded = count % 8 == 7 || (count % 8 == 0 && last == Some(CR));
    pack(septets.chain(padded.then_some(CR)), 0, w)?;
    Ok(count)
}

/// The septets of packed `octets`: `count` of them behind `fill_bits` bits (0..=6), or as many as
/// there are.
///
/// The count decides: an `@`, whose septet is zero, is never taken for padding.
///
/// 3GPP TS 23.038, section 6.1.2.1.
pub fn unpack(octets: &[u8], fill_bits: u8, count: usize) -> Septets<'_> {
    let bits = octets.len().saturating_mul(8).saturating_sub(usize::from(fill_bits));
    Septets { octets, bit: usize::from(fill_bits), left: count.min(bits / 7) }
}

/// The septets of a packed USSD string.
///
/// A carriage return that fills the last octet is padding, and left out. A text that ended in one of
/// its own at the end of an octet reads with a second one, which by the standard means the same.
///
/// 3GPP TS 23.038, section 6.1.2.3.1.
pub fn unpack_ussd(octets: &[u8]) -> Septets<'_> {
    let count = octets.len().saturating_mul(8) / 7;
    let padded = octets.len().is_multiple_of(7) && octets.last().is_some_and(|o| o >> 1 == CR);
    unpack(octets, 0, count.saturating_sub(usize::from(padded)))
}

/// Writes `septets` unpacked, an octet each, and returns how many they are.
///
/// No TPDU has them so; SMPP and several HTTP interfaces do.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub fn emit_unpacked(
    septets: impl IntoIterator<Item = u8>,
    w: &mut Writer<'_>,
) -> Result<usize, Error> {
    let start = w.len();
    septets.into_iter().try_for_each(|septet| w.octet(septet & 0x7F))?;
    Ok(w.len().saturating_sub(start))
}

/// The septets of octets that have one each, in bits 6..0.
pub fn unpacked(octets: &[u8]) -> impl ExactSizeIterator<Item = u8> + Clone + '_ {
    octets.iter().map(|octet| octet & 0x7F)
}

/// The septets of packed octets, made by [`unpack`].
#[derive(Clone, Debug)]
pub struct Septets<'a> {
    pub(super) octets: &'a [u8],
    /// Where the next septet begins.
    pub(super) bit: usize,
    pub(super) left: usize,
}

impl Iterator for Septets<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        let low = *self.octets.get(self.bit / 8)?;
        let high = self.octets.get(self.bit / 8 + 1).copied().unwrap_or(0);
        let septet = u16::from_le_bytes([low, high]) >> (self.bit % 8) & 0x7F;
        self.bit = self.bit.saturating_add(7);
        Some(septet as u8)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Septets<'_> {}
impl FusedIterator for Septets<'_> {}
