//! Which part of which message a message is.

use core::fmt;

use super::{Element, Identifier};
use crate::error::Error;
use crate::wire::Writer;

/// The number that the parts of one message share, and its width on the wire.
///
/// References of different widths are different, also where the numbers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reference {
    /// 8 bits.
    Short(u8),
    /// 16 bits, which two messages are less likely to share.
    Long(u16),
}

/// Which part of which message this is.
///
/// 3GPP TS 23.040, sections 9.2.3.24.1 and 9.2.3.24.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Concatenation {
    /// What the parts of the message share.
    pub reference: Reference,
    /// How many parts the message has, 1..=255.
    pub total: u8,
    /// Which of them this is, 1..=`total`.
    pub number: u8,
}

impl Element<'_> {
    /// Which part of which message this is, when the element says so.
    ///
    /// A part 0, or one after the last, is none: such an element is to be ignored.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.1 and 9.2.3.24.8.
    pub const fn concatenation(self) -> Option<Concatenation> {
        let (reference, total, number) = match (self.identifier, self.data) {
            (Identifier::CONCATENATION_8, [reference, total, number, ..]) => {
                (Reference::Short(*reference), *total, *number)
            }
            (Identifier::CONCATENATION_16, [high, low, total, number, ..]) => {
                (Reference::Long(u16::from_be_bytes([*high, *low])), *total, *number)
            }
            _ => return None,
        };
        if number == 0 || number > total {
            return None;
        }
        Some(Concatenation { reference, total, number })
    }
}

impl Concatenation {
    /// Writes the information element.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.put(w);
        w.check()
    }

    pub(crate) fn put(&self, w: &mut Writer<'_>) {
        let Self { reference, total, number } = *self;
        match reference {
            Reference::Short(reference) => w.put(&[0x00, 3, reference, total, number]),
            Reference::Long(reference) => {
                let [high, low] = reference.to_be_bytes();
                w.put(&[0x08, 4, high, low, total, number]);
            }
        }
    }
}

/// `17 (8 bits)`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(reference) => write!(f, "{reference} (8 bits)"),
            Self::Long(reference) => write!(f, "{reference} (16 bits)"),
        }
    }
}

/// `part 2 of 3, reference 17 (8 bits)`.
impl fmt::Display for Concatenation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "part {} of {}, reference {}", self.number, self.total, self.reference)
    }
}
