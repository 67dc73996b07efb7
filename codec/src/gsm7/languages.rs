//! Sets of national languages.

use core::fmt;

use super::{TABLES, Tables};
use crate::tpdu::udh::Language;

/// A set of national languages.
///
/// 3GPP TS 23.038, section 6.2.1.2.4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::serial::LanguageList", into = "crate::serial::LanguageList")
)]
pub struct Languages(u16);

impl Languages {
    /// No language: the default tables only.
    pub const NONE: Self = Self(0);

    /// Every language of the standard.
    pub const ALL: Self = Self(0x3FFE);

    /// This set and `language`, when the standard has it.
    #[must_use]
    pub const fn with(self, language: Language) -> Self {
        match language.0 {
            1..=13 => Self(self.0 | 1 << language.0),
            _ => self,
        }
    }

    /// The languages of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `language` is in the set.
    pub const fn contains(self, language: Language) -> bool {
        language.0 < 16 && self.0 >> language.0 & 1 == 1
    }

    /// Whether the default tables or those of a language of the set have `character`.
    pub fn have(self, character: char) -> bool {
        (0..TABLES).any(|number| {
            let tables = Tables::numbered(number, number);
            let is_here = tables.single().map_or(number == 0, |language| self.contains(language));
            is_here && tables.code(character).is_some()
        })
    }
}

impl FromIterator<Language> for Languages {
    fn from_iter<I: IntoIterator<Item = Language>>(languages: I) -> Self {
        languages.into_iter().fold(Self::NONE, Self::with)
    }
}

/// `Turkish, Spanish`; `no language`.
impl fmt::Display for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for language in Language::LISTED.iter().filter(|language| self.contains(**language)) {
            write!(f, "{before}{}", language.words().unwrap_or_default())?;
            before = ", ";
        }
        if before.is_empty() { f.write_str("no language") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_the_standard_has() {
        let turkish = Languages::NONE.with(Language::TURKISH);
        assert!(turkish.contains(Language::TURKISH) && !turkish.contains(Language::SPANISH));
        assert_eq!(turkish.with(Language(0)).with(Language(14)).with(Language(255)), turkish);
        assert_eq!(Language::LISTED.iter().copied().collect::<Languages>(), Languages::ALL);
        assert!(turkish.have('€') && !turkish.have('ã'));
    }

    #[test]
    #[cfg(feature = "turkish")]
    fn a_set_has_the_characters_of_its_languages() {
        let turkish = Languages::NONE.with(Language::TURKISH);
        assert!(turkish.have('ğ') && !Languages::NONE.have('ğ'));
    }
}
