//! What waits for the subscriber elsewhere, by everything that a message can say it with.
//!
//! A voice mail system tells of its messages in one of three ways, and old and new handsets know
//! different ones, so that one message often has several:
//!
//! * an information element, which has a number (3GPP TS 23.040, section 9.2.3.24.2),
//! * TP-DCS, which says whether there are any (3GPP TS 23.038, section 4),
//! * an originator of two characters that is no name (Common PCN Handset Specification, CPHS, section
//!   B.4.2.1): of the first, bits 6..4 are 001, bits 3..1 what waits (000: a voice message) and bit 0
//!   whether any does; of the second, bit 0 is the line and the others are 0.
//!
//! Where they disagree, the information elements are right; the message is to be stored if any of them
//! or TP-DCS says so (section 9.2.3.24.2).

use core::fmt;

use super::Deliver;
use super::dcs;
use super::udh::Information;
use super::udh::information::{SpecialMessage, Waiting};

/// Something that waits for the subscriber, or no longer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Indication {
    /// What waits.
    pub kind: Waiting,
    /// Whether anything waits; `false` takes the indication away.
    pub active: bool,
    /// How many wait; 255 stands for 255 and more. `None`: it is not said.
    pub count: Option<u8>,
    /// Whether the text of the message is to be stored; `false`: it may be discarded once the
    /// indication is shown.
    pub store: bool,
    /// Which profile or line of the subscriber it is for, 1..=4.
    pub profile: u8,
}

impl<'a> Deliver<'a> {
    /// What waits for the subscriber, in the order of the elements.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.2; TS 23.038, section 4.
    pub fn waiting(&self) -> impl Iterator<Item = Indication> + use<'a> {
        let elements = self.user_data.header().into_iter().flat_map(|header| header.information());
        let by_element = elements.filter_map(|information| match information {
            Information::SpecialMessage(special) => Some(Indication::from(special)),
            _ => None,
        });
        let by_coding = self.coding.message_waiting().map(Indication::from);
        let store = by_element.clone().chain(by_coding).any(|indication| indication.store);
        let mut by_element = by_element.map(move |indication| Indication { store, ..indication });
        let first = by_element.next().or(by_coding).or_else(|| self.cphs());
        first.into_iter().chain(by_element)
    }

    /// What the originator says who is no one.
    fn cphs(&self) -> Option<Indication> {
        let originator = &self.originator;
        match *originator.octets() {
            // The two characters packed.
            [first, 0]
                if (originator.len(), originator.type_of_address()) == (4, 0xD0)
                    && first & 0x7E == 0x10 =>
            {
                Some(Indication {
                    kind: Waiting::VOICE,
                    active: first & 0x01 != 0,
                    count: None,
                    // A text of a space is none.
                    store: self.text().is_some_and(|mut text| text.any(|c| c != ' ')),
                    profile: 1 + (first >> 7),
                })
            }
            _ => None,
        }
    }
}

impl From<SpecialMessage> for Indication {
    fn from(special: SpecialMessage) -> Self {
        let SpecialMessage { store, profile, kind, count } = special;
        Self { kind, active: count > 0, count: Some(count), store, profile }
    }
}

impl From<dcs::MessageWaiting> for Indication {
    fn from(waiting: dcs::MessageWaiting) -> Self {
        let dcs::MessageWaiting { kind, active, store } = waiting;
        let kind = match kind {
            dcs::Waiting::Voicemail => Waiting::VOICE,
            dcs::Waiting::Fax => Waiting::FAX,
            dcs::Waiting::Email => Waiting::EMAIL,
            dcs::Waiting::Other => Waiting::OTHER,
        };
        Self { kind, active, count: None, store, profile: 1 }
    }
}

/// `3 of kind 0 (voice message) waiting, text to be stored`.
impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.active, self.count) {
            (false, _) => f.write_str("none")?,
            (true, None) => f.write_str("some")?,
            (true, Some(count)) => write!(f, "{count}")?,
        }
        let text = if self.store { "stored" } else { "discarded" };
        write!(f, " of kind {} waiting, text to be {text}", self.kind)?;
        if self.profile == 1 { Ok(()) } else { write!(f, ", profile {}", self.profile) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use crate::pdu::read_hex;
    use crate::wire::Wire;

    fn waiting(tpdu: &str) -> Vec<String> {
        let octets = read_hex(tpdu.replace(' ', "")).unwrap();
        let deliver = Deliver::from_bytes(&octets).unwrap();
        deliver.waiting().map(|indication| indication.to_string()).collect()
    }

    #[test]
    fn elements_are_right_where_the_coding_says_otherwise() {
        // Two elements: three voice messages to be stored, a fax for profile 2.
        let by_element = "40 04 81 2143 00 C9 62210251320580 0B 08 01 02 80 03 01 02 21 01 00";
        assert_eq!(
            waiting(by_element),
            [
                "3 of kind 0 (voice message) waiting, text to be stored",
                "1 of kind 1 (fax) waiting, text to be stored, profile 2",
            ]
        );
        // An element that may be discarded, of a coding that is to be stored, and the other way round.
        let both = |coding, element| {
            waiting(&std::format!("40 04812143 00{coding} 62210251320580 06 0401{element} 00"))
        };
        let stored = ["3 of kind 0 (voice message) waiting, text to be stored"];
        assert_eq!(both("D9", "020003"), stored);
        assert_eq!(both("C9", "028003"), stored);
        let discarded = ["3 of kind 0 (voice message) waiting, text to be discarded"];
        assert_eq!(both("C9", "020003"), discarded);
        assert_eq!(
            waiting("00 04 81 2143 00 DA 62210251320580 00"),
            ["some of kind 2 (electronic mail) waiting, text to be stored"]
        );
        assert_eq!(
            waiting("00 04 81 2143 00 C0 62210251320580 00"),
            ["none of kind 0 (voice message) waiting, text to be discarded"]
        );
        assert_eq!(waiting("00 04 81 2143 00 00 62210251320580 00"), [""; 0]);
    }

    #[test]
    fn an_originator_of_two_characters_may_be_an_indication() {
        let by = |originator: &str, text: &str| {
            waiting(&(String::from("00") + originator + "000062210251320580" + text))
        };
        let voice = |some, text| {
            [String::from(some) + " of kind 0 (voice message) waiting, text to be " + text]
        };
        assert_eq!(by("04D01100", "0120"), voice("some", "discarded"));
        assert_eq!(by("04D01000", "0141"), voice("none", "stored"));
        assert_eq!(by("04D09100", "0120"), voice("some", "discarded, profile 2"));
        // Another kind, a number, a name of other letters.
        for originator in ["04D01300", "04811100", "04D04100", "03D01100"] {
            assert_eq!(by(originator, "0120"), [""; 0], "{originator}");
        }
    }
}
