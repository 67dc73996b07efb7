//! TP-DCS: the alphabet of the user data and how the message is to be treated.
//!
//! 3GPP TS 23.038, section 4.
//!
//! ```text
//! bits 7..4
//! 00c m  general; c: compressed, m: bits 1..0 are a class     bits 3..2 the alphabet
//! 01c m  the same, and the message deletes itself once read
//! 1000 to 1011  reserved
//! 1100   message waiting, discard the text      GSM 7-bit     bit 3: active, bits 1..0 which
//! 1101   message waiting, store the text        GSM 7-bit
//! 1110   message waiting, store the text        UCS-2
//! 1111   class                                  bit 2: 8-bit data, bits 1..0 the class
//! ```

use core::fmt;

/// How user data is coded and treated, as the octet on the wire.
///
/// A reserved value counts as the GSM 7-bit default alphabet, as the standard asks.
///
/// 3GPP TS 23.040, section 9.2.3.10 (TP-DCS); TS 23.038, section 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DataCoding(pub u8);

/// What the octets of user data are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Alphabet {
    /// Packed septets of the GSM 7-bit alphabet.
    Gsm7,
    /// Data of the application.
    EightBit,
    /// UCS-2, in real messages UTF-16, most significant octet first.
    Ucs2,
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Class {
    /// Class 0: shown at once, not stored.
    Flash,
    /// Class 1: the handset.
    Handset,
    /// Class 2: the SIM.
    Sim,
    /// Class 3: the equipment behind the handset.
    Terminal,
}

/// A message-waiting indication: something waits for the subscriber elsewhere.
///
/// 3GPP TS 23.038, section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MessageWaiting {
    /// What waits.
    pub kind: Waiting,
    /// Whether the indication is to be shown; `false` takes it away.
    pub active: bool,
    /// Whether the text of the message is to be stored; `false`: it may be discarded.
    pub store: bool,
}

/// What waits for the subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Waiting {
    /// A voice message.
    Voicemail,
    /// A fax.
    Fax,
    /// An electronic mail.
    Email,
    /// Anything else.
    Other,
}

impl DataCoding {
    /// GSM 7-bit default alphabet, no class.
    pub const GSM7: Self = Self(0x00);
    /// 8-bit data, no class.
    pub const EIGHT_BIT: Self = Self(0x04);
    /// UCS-2, no class.
    pub const UCS2: Self = Self(0x08);

    /// This alphabet, for where `class` says, in the general group, which every reader since
    /// Release 96 knows.
    pub const fn new(alphabet: Alphabet, class: Option<Class>) -> Self {
        let alphabet = match alphabet {
            Alphabet::Gsm7 => 0x00,
            Alphabet::EightBit => 0x04,
            Alphabet::Ucs2 => 0x08,
        };
        match class {
            None => Self(alphabet),
            Some(class) => Self(0x10 | alphabet | class as u8),
        }
    }

    /// The same in the group of the classes, 1111, which is all that readers of phase 1 know.
    ///
    /// `None` where there is no class, or the coding says what that group cannot: UCS-2, compression,
    /// deletion once read.
    pub const fn in_class_group(self) -> Option<Self> {
        let alphabet = match self.alphabet() {
            Alphabet::Gsm7 => 0x00,
            Alphabet::EightBit => 0x04,
            Alphabet::Ucs2 => return None,
        };
        match self.class() {
            Some(class) if !self.compressed() && !self.deletes_itself() => {
                Some(Self(0xF0 | alphabet | class as u8))
            }
            _ => None,
        }
    }

    /// The coding that the lengths speak for, where the coding has the reserved bit 3 of the group of
    /// the classes set: TP-UDL is `len`, and the message has `octets` octets behind it.
    ///
    /// By the standard the bit is ignored, and the text is GSM 7-bit or 8-bit data. Some senders mean
    /// the alphabet that the same bits have in the general group. Where TP-UDL counts the very octets
    /// that are there, and as septets would count fewer, they have written UCS-2.
    ///
    /// 3GPP TS 23.038, section 4 (bit 3 is reserved, set to 0).
    pub fn hint(self, len: u8, octets: usize) -> Option<Self> {
        let meant = self.0 & 0xFC == 0xF8
            && usize::from(len) == octets
            && len.is_multiple_of(2)
            && (octets * 7).div_ceil(8) < octets;
        meant.then_some(Self(0x18 | self.0 & 0b11))
    }

    /// What the octets of the user data are, once they are decompressed.
    pub const fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            0x0..=0x7 => match self.0 >> 2 & 0b11 {
                1 => Alphabet::EightBit,
                2 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            0xE => Alphabet::Ucs2,
            0xF if self.0 & 0x04 != 0 => Alphabet::EightBit,
            _ => Alphabet::Gsm7,
        }
    }

    /// Where the message belongs, when the coding says so.
    pub const fn class(self) -> Option<Class> {
        if !(self.0 >> 4 == 0xF || self.0 & 0x90 == 0x10) {
            return None;
        }
        Some(match self.0 & 0b11 {
            0 => Class::Flash,
            1 => Class::Handset,
            2 => Class::Sim,
            _ => Class::Terminal,
        })
    }

    /// Whether the user data is compressed (TS 23.042), so that its text cannot be read here.
    pub const fn compressed(self) -> bool {
        self.0 & 0xA0 == 0x20
    }

    /// Whether the message is to be deleted once it was read.
    pub const fn deletes_itself(self) -> bool {
        self.0 >> 6 == 0b01
    }

    /// The message-waiting indication, when the coding has one.
    pub const fn message_waiting(self) -> Option<MessageWaiting> {
        let store = match self.0 >> 4 {
            0xC => false,
            0xD | 0xE => true,
            _ => return None,
        };
        let kind = match self.0 & 0b11 {
            0 => Waiting::Voicemail,
            1 => Waiting::Fax,
            2 => Waiting::Email,
            _ => Waiting::Other,
        };
        Some(MessageWaiting { kind, active: self.0 & 0x08 != 0, store })
    }

    /// Whether the value is one that the standard reserves.
    pub const fn reserved(self) -> bool {
        match self.0 >> 4 {
            0x0..=0x7 => self.0 & 0x0C == 0x0C,
            0x8..=0xB => true,
            _ => false,
        }
    }

    /// Whether TP-UDL counts septets: GSM 7-bit that is not compressed.
    pub(crate) const fn counts_septets(self) -> bool {
        matches!(self.alphabet(), Alphabet::Gsm7) && !self.compressed()
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gsm7 => "GSM 7-bit",
            Self::EightBit => "8-bit data",
            Self::Ucs2 => "UCS-2",
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flash => "class 0, shown at once",
            Self::Handset => "class 1, for the handset",
            Self::Sim => "class 2, for the SIM",
            Self::Terminal => "class 3, for the equipment behind the handset",
        })
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Voicemail => "voice message",
            Self::Fax => "fax",
            Self::Email => "electronic mail",
            Self::Other => "other message",
        })
    }
}

impl fmt::Display for MessageWaiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let no = if self.active { "" } else { "no " };
        let text = if self.store { "stored" } else { "discarded" };
        write!(f, "{no}{} waiting, text to be {text}", self.kind)
    }
}

/// The alphabet, and what else the value says: `GSM 7-bit, class 1, for the handset`.
impl fmt::Display for DataCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.alphabet())?;
        if self.compressed() {
            f.write_str(", compressed")?;
        }
        if let Some(class) = self.class() {
            write!(f, ", {class}")?;
        }
        if self.deletes_itself() {
            f.write_str(", deleted once read")?;
        }
        if let Some(waiting) = self.message_waiting() {
            write!(f, ", {waiting}")?;
        }
        if self.reserved() {
            write!(f, " (reserved value 0x{:02X})", self.0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_the_default_alphabet() {
        // The reserved bit 3 of the last group is ignored, and the class is there with bit 4 only.
        for coding in [0x0C, 0x83, 0xBF, 0xF9, 0xFB, 0x03] {
            assert_eq!(DataCoding(coding).alphabet(), Alphabet::Gsm7, "{coding:02X}");
        }
        assert_eq!(DataCoding(0xF9).class(), Some(Class::Handset));
        assert_eq!(DataCoding(0x03).class(), None);
        assert_eq!(DataCoding(0x10).class(), DataCoding(0xF0).class());
    }

    #[test]
    fn a_class_has_two_forms() {
        let flash = DataCoding::new(Alphabet::Gsm7, Some(Class::Flash));
        assert_eq!((flash, flash.in_class_group()), (DataCoding(0x10), Some(DataCoding(0xF0))));
        let data = DataCoding::new(Alphabet::EightBit, Some(Class::Terminal));
        assert_eq!((data, data.in_class_group()), (DataCoding(0x17), Some(DataCoding(0xF7))));
        let ucs2 = DataCoding::new(Alphabet::Ucs2, Some(Class::Sim));
        assert_eq!((ucs2, ucs2.in_class_group()), (DataCoding(0x1A), None));
        assert_eq!(DataCoding::new(Alphabet::Ucs2, None), DataCoding::UCS2);
        for coding in [DataCoding::GSM7, DataCoding(0x30), DataCoding(0x50)] {
            assert_eq!(coding.in_class_group(), None, "{coding}");
        }
        // What both forms say is the same.
        for octet in 0..=0xFF {
            if let Some(old) = DataCoding(octet).in_class_group() {
                assert_eq!(old.class(), DataCoding(octet).class());
                assert_eq!(old.alphabet(), DataCoding(octet).alphabet());
            }
        }
    }

    #[test]
    fn lengths_speak_for_ucs2_behind_a_reserved_bit() {
        // Ten octets of UCS-2; ten septets would be nine octets.
        assert_eq!(DataCoding(0xF9).hint(10, 10), Some(DataCoding(0x19)));
        assert_eq!(DataCoding(0xFB).hint(10, 9), None);
        assert_eq!(DataCoding(0xF1).hint(10, 10), None);
        assert_eq!(DataCoding(0xFD).hint(10, 10), None);
        assert_eq!(DataCoding(0xF9).hint(4, 4), None);
    }
}
