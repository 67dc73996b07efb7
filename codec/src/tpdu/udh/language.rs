//! The national language that a text is written in.

use core::fmt;

use super::{Element, Identifier};
use crate::codes::codes;
use crate::error::Error;
use crate::wire::Writer;

codes! {
    /// A national language of the GSM 7-bit alphabet.
    ///
    /// 3GPP TS 23.038, section 6.2.1.2.4 (national language identifier).
    pub struct Language(u8);
    TURKISH = 1 => "Turkish",
    SPANISH = 2 => "Spanish",
    PORTUGUESE = 3 => "Portuguese",
    BENGALI = 4 => "Bengali",
    GUJARATI = 5 => "Gujarati",
    HINDI = 6 => "Hindi",
    KANNADA = 7 => "Kannada",
    MALAYALAM = 8 => "Malayalam",
    ORIYA = 9 => "Oriya",
    PUNJABI = 10 => "Punjabi",
    TAMIL = 11 => "Tamil",
    TELUGU = 12 => "Telugu",
    URDU = 13 => "Urdu",
}

/// A national language, and which of its tables the text is written with.
///
/// 3GPP TS 23.040, sections 9.2.3.24.15 and 9.2.3.24.16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NationalLanguage {
    /// Which table.
    pub shift: Shift,
    /// Of which language.
    pub language: Language,
}

/// One of the two tables of a national language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Shift {
    /// The table of a septet behind an escape.
    Single,
    /// The table of every other septet.
    Locking,
}

impl Element<'_> {
    /// The national language, when the element names one.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.15 and 9.2.3.24.16.
    pub const fn national_language(self) -> Option<NationalLanguage> {
        let shift = match self.identifier {
            Identifier::SINGLE_SHIFT => Shift::Single,
            Identifier::LOCKING_SHIFT => Shift::Locking,
            _ => return None,
        };
        match self.data {
            [language, ..] => Some(NationalLanguage { shift, language: Language(*language) }),
            [] => None,
        }
    }
}

impl NationalLanguage {
    /// Writes the information element.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.put(w);
        w.check()
    }

    pub(crate) fn put(&self, w: &mut Writer<'_>) {
        let identifier = match self.shift {
            Shift::Single => Identifier::SINGLE_SHIFT,
            Shift::Locking => Identifier::LOCKING_SHIFT,
        };
        w.put(&[identifier.0, 1, self.language.0]);
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single shift",
            Self::Locking => "locking shift",
        })
    }
}

/// `1 (Turkish), locking shift`.
impl fmt::Display for NationalLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.language, self.shift)
    }
}
