//! USSD strings: what a subscriber and the network send each other in a dialogue, such as `*100#` and
//! its answer.
//!
//! ```
//! use septet::ussd::UssdString;
//!
//! let mut buffer = [0; 160];
//! let ussd = UssdString::new("*100#".chars(), &mut buffer)?;
//! assert_eq!(ussd.octets, [0xAA, 0x18, 0x0C, 0x36, 0x02]);
//! assert!(ussd.text().is_some_and(|text| text.eq("*100#".chars())));
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! They are coded as pages of cell broadcast are. 3GPP TS 23.038, sections 5 and 6.1.2.3; TS 24.080,
//! section 4.5 (USSD-String).

use core::fmt::{self, Write as _};
use core::iter::Skip;

use crate::cbs::Coding;
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Code, Tables};
use crate::runs::OneByOne;
use crate::text::quoted;
use crate::tpdu::dcs::Alphabet;
use crate::tpdu::user_data::Characters;
use crate::ucs2;
use crate::wire::Writer;

/// The octets that a USSD string can have: 182 septets, 80 code units.
///
/// 3GPP TS 24.080, section 4.5 (maxUSSD-StringLength).
pub const OCTETS_MAX: usize = 160;

/// A USSD string, as on the wire.
///
/// 3GPP TS 24.080, section 4.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UssdString<'a> {
    /// How the octets are coded (USSD-DataCodingScheme).
    pub coding: Coding,
    /// The string, 1..=160 octets.
    pub octets: &'a [u8],
}

/// The characters of a USSD string, made by [`UssdString::text`].
pub type Text<'a> = Characters<Skip<gsm7::Septets<'a>>, ucs2::Units<'a>>;

impl<'a> UssdString<'a> {
    /// The string that says `text`, in `buffer`: in the GSM 7-bit default alphabet where that has every
    /// character, else in UCS-2.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], and [`ErrorKind::TooLong`] past 160 octets, with the place in UTF-8 of the
    /// character that has no room.
    pub fn new(
        text: impl Iterator<Item = char> + Clone,
        buffer: &'a mut [u8; OCTETS_MAX],
    ) -> Result<Self, Error> {
        let is_gsm7 = text.clone().all(|c| Tables::DEFAULT.code(c).is_some());
        let (coding, capacity) = match is_gsm7 {
            true => (Coding::GSM7, OCTETS_MAX * 8 / 7),
            false => (Coding::UCS2, OCTETS_MAX / 2),
        };
        let (mut used, mut at) = (0_usize, 0_usize);
        for c in text.clone() {
            let code = Tables::DEFAULT.code(c).filter(|_| is_gsm7);
            used = used.saturating_add(code.map_or(c.len_utf16(), Code::len));
            if used > capacity {
                return Err(ErrorKind::TooLong.at(FIELD, at));
            }
            at = at.saturating_add(c.len_utf8());
        }
        if used == 0 {
            return Err(ErrorKind::Empty.at(FIELD, 0));
        }
        let mut w = Writer::new(buffer);
        if is_gsm7 {
            let codes = text.filter_map(|c| Tables::DEFAULT.code(c));
            gsm7::pack_ussd(codes.flat_map(Code::septets), &mut w)?;
        } else {
            ucs2::emit(OneByOne(text), &mut w)?;
        }
        Ok(Self { coding, octets: w.into_written() })
    }

    /// The text, without its language; `None` when the octets are 8-bit data or compressed.
    ///
    /// A carriage return that only fills the last octet is left out.
    pub fn text(&self) -> Option<Text<'a>> {
        if self.coding.compressed() {
            return None;
        }
        let language = self.coding.split_language(self.octets);
        match self.coding.alphabet() {
            Alphabet::Gsm7 => {
                // Two letters and a carriage return.
                let letters = if language.is_some() { 3 } else { 0 };
                let septets = gsm7::unpack_ussd(self.octets).skip(letters);
                Some(Characters::Gsm7(Tables::DEFAULT.chars(septets)))
            }
            Alphabet::Ucs2 => {
                let octets = language.map_or(self.octets, |(_, rest)| rest);
                Some(Characters::Ucs2(ucs2::chars(ucs2::units(octets))))
            }
            Alphabet::EightBit => None,
        }
    }

    /// The language of the text, two letters of ISO 639, when the coding or the text says it.
    pub fn language(&self) -> Option<[char; 2]> {
        self.coding.language_of(self.octets)
    }
}

/// The text in quotation marks, or the octets.
impl fmt::Display for UssdString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = self.text() else {
            return crate::pdu::hex(self.octets).try_for_each(|digit| f.write_char(digit.into()));
        };
        write!(f, "{}", quoted(text))
    }
}

/// What the errors of writing are about.
const FIELD: &str = "USSD-String";

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::{String, ToString};

    fn comes_back(text: &str) -> Coding {
        let mut buffer = [0; OCTETS_MAX];
        let ussd = UssdString::new(text.chars(), &mut buffer).unwrap();
        assert_eq!(ussd.text().unwrap().collect::<String>(), text);
        ussd.coding
    }

    #[test]
    fn any_text_that_fits_comes_back() {
        for text in ["*100#", "@", "1234567", "123456@", "Smørrebrød {10 €}"] {
            assert_eq!(comes_back(text), Coding::GSM7);
        }
        assert_eq!(comes_back("Ваш баланс: 10 ₽"), Coding::UCS2);
        assert_eq!(comes_back(&"a".repeat(182)), Coding::GSM7);
        // 8n - 1 septets, and as many with the padding as without.
        assert_eq!(comes_back(&"a".repeat(15)), Coding::GSM7);
    }

    #[test]
    fn what_has_no_room_is_told_with_its_place() {
        let mut buffer = [0; OCTETS_MAX];
        let mut refused = |text: &str| UssdString::new(text.chars(), &mut buffer).err();
        assert_eq!(refused(&"a".repeat(183)), Some(ErrorKind::TooLong.at("USSD-String", 182)));
        assert_eq!(refused(&"ж".repeat(81)), Some(ErrorKind::TooLong.at("USSD-String", 160)));
        let text = "a".repeat(181) + "€";
        assert_eq!(refused(&text), Some(ErrorKind::TooLong.at("USSD-String", 181)));
        assert_eq!(refused(""), Some(ErrorKind::Empty.at("USSD-String", 0)));
    }

    #[test]
    fn a_language_may_stand_before_the_text_or_in_the_coding() {
        let mut buffer = [0; OCTETS_MAX];
        let packed = UssdString::new("da\rHej".chars(), &mut buffer).unwrap();
        let ussd = UssdString { coding: Coding::GSM7_WITH_LANGUAGE, ..packed };
        assert_eq!(
            (ussd.language(), ussd.to_string()),
            (Some(['d', 'a']), String::from("\"Hej\""))
        );
        let octets = [b'r', b'u', 0x04, 0x14, 0x04, 0x30];
        let ussd = UssdString { coding: Coding::UCS2_WITH_LANGUAGE, octets: &octets };
        assert_eq!((ussd.language(), ussd.to_string()), (Some(['r', 'u']), String::from("\"Да\"")));
        let ussd = UssdString { coding: Coding(0x00), octets: &[0x41] };
        assert_eq!(ussd.language(), Some(['d', 'e']));
        let ussd = UssdString { coding: Coding(0x44), octets: &[0x41, 0xFF] };
        assert_eq!((ussd.text().is_none(), ussd.to_string()), (true, String::from("41FF")));
    }
}
