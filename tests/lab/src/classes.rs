//! Why programs disagree with the standard: each class with its clause and what that says. The judgement is
//! the standard's, not that of the majority.

use crate::compare::Case;
use crate::features::*;
use crate::message::Field::{self, *};
use crate::message::{Body, Kind, Validity, Value};
use crate::tables::ESCAPE;

pub struct Class {
    pub name: &'static str,
    /// Where the standard has it.
    pub clause: &'static str,
    /// What it says there.
    pub says: &'static str,
    /// The fields that can be wrong for this.
    pub fields: &'static [Field],
    pub cause: Cause,
    pub holds: fn(&Case) -> bool,
}

/// What a class goes by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Something that the message has. It is why a program reads the field wrongly only where the program
    /// does so clearly more often with messages that have it.
    Feature,
    /// How the answer differs, or something so rare that nothing else is likely. Of a message that is
    /// refused it is a feature like others.
    Always,
}

const TEXT: &[Field] = &[Message, Septets, Ucs2, Data, Part];

/// In the order in which a case is tried: what is rare and has a rule of its own first.
pub static CLASSES: [Class; 48] = [
    Class {
        name: "a time with a half octet that is no digit, or no time at all",
        clause: "TS 23.040, 9.2.3.11",
        says: "A digit that is none counts as 0, and the field is kept as received: no message is refused for its time.",
        fields: &[Message, Time, Discharge, Absolute],
        cause: Cause::Always,
        holds: |case| match case.field {
            Time => is_odd(&case.message.time),
            Discharge => is_odd(&case.message.discharge),
            _ => times(case.message).iter().any(is_odd),
        },
    },
    Class {
        name: "the reserved message type",
        clause: "TS 23.040, 9.2.3.1",
        says: "A handset that receives the reserved TP-MTI 11 processes the message as an SMS-DELIVER.",
        fields: &[Message, Type, Number, Name, Time, Part, Septets, Ucs2, Data],
        cause: Cause::Feature,
        holds: |case| case.message.reserved_type,
    },
    Class {
        name: "a header whose elements do not end where it does",
        clause: "TS 23.040, 9.2.3.24",
        says: "Where the last element has too few or too many octets, the whole header is ignored, and the text begins behind it.",
        fields: TEXT,
        cause: Cause::Feature,
        holds: |case| !case.message.header_rest.is_empty(),
    },
    Class {
        name: "a part 0, or a part behind the last",
        clause: "TS 23.040, 9.2.3.24.1",
        says: "The element is ignored, and the message is one of its own.",
        fields: &[Message, Part],
        cause: Cause::Always,
        holds: |case| parts(case.message) > 0 && case.told.part.is_none(),
    },
    Class {
        name: "two elements that say which part this is",
        clause: "TS 23.040, 9.2.3.24",
        says: "Of elements that exclude each other, or come twice, the last one counts.",
        fields: &[Message, Part],
        cause: Cause::Always,
        holds: |case| parts(case.message) > 1,
    },
    Class {
        name: "national languages",
        clause: "TS 23.040, 9.2.3.24.15 and 9.2.3.24.16; TS 23.038, 6.2.1.2",
        says: "The elements 0x24 and 0x25 name the extension table and the main table that the text is read by.",
        fields: &[Message, Septets],
        cause: Cause::Always,
        holds: |case| case.message.languages() != (0, 0),
    },
    Class {
        name: "half of a surrogate pair",
        clause: "TS 23.038, 6.2.3",
        says: "UCS2 is that of ISO/IEC 10646, where half of a pair is no character. A sender does not split it (TS 23.040, 9.2.3.24.1); for a reader the standard has no rule, but who refuses the message loses the rest of its text.",
        fields: &[Message, Ucs2],
        cause: Cause::Always,
        holds: |case| case.told.text.as_ref().is_some_and(|text| text.contains('\u{FFFD}')),
    },
    Class {
        name: "a surrogate pair",
        clause: "TS 23.038, 6.2.3",
        says: "UCS2 is that of ISO/IEC 10646, in which what lies beyond the 16 bits is written as a pair.",
        fields: &[Message, Ucs2],
        cause: Cause::Always,
        holds: |case| {
            case.told.text.as_ref().is_some_and(|text| text.chars().any(|c| c > '\u{FFFF}'))
        },
    },
    Class {
        name: "NUL in a text",
        clause: "TS 23.040, 9.2.3.16",
        says: "TP-UDL says how long the text is; no character ends it.",
        fields: &[Message, Ucs2],
        cause: Cause::Always,
        holds: |case| matches!(&case.message.body, Body::Units(units) if units.contains(&0)),
    },
    Class {
        name: "a message that deletes itself (TP-DCS 01xx)",
        clause: "TS 23.038, 4",
        says: "Bits 5 to 0 say what they say in the group 00xx: the alphabet stands in bits 3 and 2.",
        fields: TEXT,
        cause: Cause::Feature,
        holds: |case| coding(case) >> 6 == 0b01,
    },
    Class {
        name: "message waiting (TP-DCS 1100, 1101, 1110)",
        clause: "TS 23.038, 4",
        says: "1100 and 1101 have the GSM 7-bit default alphabet, 1110 has UCS2; bits 3 to 0 are no alphabet.",
        fields: TEXT,
        cause: Cause::Feature,
        holds: |case| matches!(coding(case) >> 4, 0xC..=0xE),
    },
    Class {
        name: "a reserved coding",
        clause: "TS 23.038, 4",
        says: "A receiving entity takes any reserved coding for the GSM 7-bit default alphabet.",
        fields: TEXT,
        cause: Cause::Feature,
        holds: |case| matches!(coding(case), 0x0C..=0x0F | 0x1C..=0x1F | 0x80..=0xBF),
    },
    Class {
        name: "the reserved bit in the group of the classes (TP-DCS 11111)",
        clause: "TS 23.038, 4",
        says: "Bit 3 is reserved, and means nothing: bit 2 alone says whether the message is 8-bit data.",
        fields: TEXT,
        cause: Cause::Always,
        holds: |case| coding(case) >> 3 == 0b11111,
    },
    Class {
        name: "the group of the classes (TP-DCS 1111)",
        clause: "TS 23.038, 4",
        says: "Bit 2 says whether the message is 8-bit data; bits 1 and 0 are the class.",
        fields: TEXT,
        cause: Cause::Feature,
        holds: |case| coding(case) >> 4 == 0xF,
    },
    Class {
        name: "the class bits where there is no class",
        clause: "TS 23.038, 4",
        says: "With bit 4 at 0, bits 1 and 0 are reserved and mean nothing.",
        fields: TEXT,
        cause: Cause::Feature,
        holds: |case| matches!(coding(case), 0x01..=0x03),
    },
    Class {
        name: "a validity period in the enhanced format",
        clause: "TS 23.040, 9.2.3.12.3",
        says: "It takes seven octets, whatever it says; TP-UDL stands behind them.",
        fields: &[Message, Septets, Ucs2, Data, Part],
        cause: Cause::Feature,
        holds: |case| is_submit(case) && matches!(case.message.validity, Validity::Enhanced(_)),
    },
    Class {
        name: "a reserved numbering plan",
        clause: "TS 23.040, 9.1.2.5",
        says: "A handset takes a reserved value for \"unknown\", and stores it as received.",
        fields: &[Message, Number],
        cause: Cause::Feature,
        holds: |case| matches!(case.message.address.type_of_address & 0x0F, 2 | 7 | 0x0B..=0x0E),
    },
    Class {
        name: "the number of a network or of a subscriber",
        clause: "TS 23.040, 9.1.2.5",
        says: "Types of number 011 and 100 are numbers like others.",
        fields: &[Message, Number],
        cause: Cause::Feature,
        holds: |case| matches!(case.message.address.type_of_address & 0x70, 0x30 | 0x40),
    },
    Class {
        name: "an address without digits",
        clause: "TS 23.040, 9.1.2.5",
        says: "The length counts half octets, and may be 0; the type of address is there all the same.",
        fields: &[
            Message, Type, Number, Time, Discharge, Relative, Absolute, Reference, Status, Part,
            Septets, Ucs2, Data,
        ],
        cause: Cause::Feature,
        holds: |case| matches!(&case.message.address.value, Value::Digits(digits) if digits.is_empty()),
    },
    Class {
        name: "`*`, `#`, `a`, `b` and `c` in a number",
        clause: "TS 23.040, 9.1.2.3",
        says: "The half octets 1010 to 1110 are these characters, in this order.",
        fields: &[Message, Number],
        cause: Cause::Always,
        holds: |case| matches!(&case.message.address.value, Value::Digits(digits) if digits.iter().any(|d| *d > 9)),
    },
    Class {
        name: "an international number without its mark, or another one with it",
        clause: "TS 23.040, 9.1.2.5",
        says: "The type of number, bits 6 to 4 of the type of address, says whether a number is international.",
        fields: &[Number],
        cause: Cause::Always,
        holds: |case| {
            let bare = |address: &Option<String>| {
                address.as_deref().unwrap_or_default().trim_start_matches('+').to_owned()
            };
            bare(&case.told.address) == bare(&case.answer.address)
        },
    },
    Class {
        name: "how many characters a name has",
        clause: "TS 23.040, 9.1.2.5",
        says: "The length counts the half octets that the septets need: there are as many septets as fit, and no more.",
        fields: &[Name],
        cause: Cause::Always,
        holds: |case| {
            let told = case.told.address.as_deref().unwrap_or_default();
            let answer = case.answer.address.as_deref().unwrap_or_default();
            answer.starts_with(told) || !answer.is_empty() && told.starts_with(answer)
        },
    },
    Class {
        name: "the characters of a name",
        clause: "TS 23.040, 9.1.2.5; TS 23.038, 6.2.1",
        says: "A name is in the GSM 7-bit default alphabet, its extension table included.",
        fields: &[Name],
        cause: Cause::Always,
        holds: |_| true,
    },
    Class {
        name: "the status of a message that is still tried, or failed",
        clause: "TS 23.040, 9.2.3.15",
        says: "Each value is told; those that are reserved are taken for \"service rejected\" and stored as received.",
        fields: &[Status],
        cause: Cause::Feature,
        holds: |_| true,
    },
    Class {
        name: "a year from 90 on",
        clause: "TS 23.040, 9.2.3.11",
        says: "The year has two digits; which century they are of is not said.",
        fields: &[Time, Discharge],
        cause: Cause::Feature,
        holds: |case| match case.field {
            Time => year(&case.message.time) >= 90,
            Discharge => year(&case.message.discharge) >= 90,
            _ => false,
        },
    },
    Class {
        name: "a zone west of Greenwich",
        clause: "TS 23.040, 9.2.3.11",
        says: "Bit 3 of the octet is the sign; the other seven are two digits, of quarters of an hour.",
        fields: &[Time, Discharge],
        cause: Cause::Always,
        holds: |case| quarters(case) < 0,
    },
    Class {
        name: "a zone east of Greenwich",
        clause: "TS 23.040, 9.2.3.11",
        says: "Local time, and two digits of quarters of an hour that it is ahead.",
        fields: &[Time, Discharge],
        cause: Cause::Always,
        holds: |case| quarters(case) > 0,
    },
    Class {
        name: "Greenwich time itself",
        clause: "TS 23.040, 9.2.3.11",
        says: "The seventh octet is the zone, and 0 is Greenwich.",
        fields: &[Time, Discharge],
        cause: Cause::Always,
        holds: |case| quarters(case) == 0,
    },
    Class {
        name: "a validity period until a point in time",
        clause: "TS 23.040, 9.2.3.12.2",
        says: "The seven octets are those of a time stamp, with its zone.",
        fields: &[Absolute],
        cause: Cause::Always,
        holds: |_| true,
    },
    Class {
        name: "a validity period of up to 12 hours (0 to 143)",
        clause: "TS 23.040, 9.2.3.12.1",
        says: "(TP-VP + 1) × 5 minutes.",
        fields: &[Relative],
        cause: Cause::Always,
        holds: |case| relative(case).is_some_and(|octet| octet <= 143),
    },
    Class {
        name: "a validity period of up to a day (144 to 167)",
        clause: "TS 23.040, 9.2.3.12.1",
        says: "12 hours + (TP-VP − 143) × 30 minutes.",
        fields: &[Relative],
        cause: Cause::Always,
        holds: |case| relative(case).is_some_and(|octet| (144..=167).contains(&octet)),
    },
    Class {
        name: "a validity period of days (168 to 196)",
        clause: "TS 23.040, 9.2.3.12.1",
        says: "(TP-VP − 166) × 1 day.",
        fields: &[Relative],
        cause: Cause::Always,
        holds: |case| relative(case).is_some_and(|octet| (168..=196).contains(&octet)),
    },
    Class {
        name: "a validity period of weeks (197 to 255)",
        clause: "TS 23.040, 9.2.3.12.1",
        says: "(TP-VP − 192) × 1 week.",
        fields: &[Relative],
        cause: Cause::Always,
        holds: |_| true,
    },
    Class {
        name: "an escape at the end of a part",
        clause: "TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1",
        says: "A character represented by an escape sequence is not split; an escape that extends nothing is shown as a space.",
        fields: &[Message, Septets],
        cause: Cause::Always,
        holds: |case| septets(case.message).last() == Some(&ESCAPE),
    },
    Class {
        name: "an escape before a character that the extension table lacks",
        clause: "TS 23.038, 6.2.1.1",
        says: "The character of the main table is shown; behind two escapes, a space.",
        fields: &[Message, Septets],
        cause: Cause::Always,
        holds: |case| {
            septets(case.message).ends_with(&[ESCAPE, 0x41]) && case.message.languages().1 == 0
        },
    },
    Class {
        name: "no text at all",
        clause: "TS 23.040, 9.2.3.16",
        says: "TP-UDL may be 0, or that of the header alone.",
        fields: &[Message, Septets, Ucs2, Data],
        cause: Cause::Feature,
        holds: |case| {
            case.message.has_data
                && match &case.message.body {
                    Body::Septets(septets) => septets.is_empty(),
                    Body::Units(units) => units.is_empty(),
                    Body::Octets(octets) => octets.is_empty(),
                }
        },
    },
    Class {
        name: "`@` or a carriage return in 7 spare bits",
        clause: "TS 23.038, 6.1.2.1; TS 23.040, 9.2.3.16",
        says: "The bits left over are zero and no character: TP-UDL counts the septets.",
        fields: &[Septets],
        cause: Cause::Always,
        holds: |case| {
            let (told, answer) = texts(case);
            answer.strip_prefix(told).is_some_and(|more| more == "@" || more == "\r")
        },
    },
    Class {
        name: "`@` at the end",
        clause: "TS 23.040, 9.2.3.16",
        says: "Septets of 0 are characters where TP-UDL counts them.",
        fields: &[Septets],
        cause: Cause::Always,
        holds: |case| {
            let (told, answer) = texts(case);
            told.strip_prefix(answer)
                .is_some_and(|lost| !lost.is_empty() && lost.chars().all(|c| c == '@'))
        },
    },
    Class {
        name: "fill bits behind a header",
        clause: "TS 23.040, 9.2.3.24",
        says: "The text begins at the first septet behind the header, its length octet included; TP-UDL counts the septets of both.",
        fields: &[Message, Septets],
        cause: Cause::Feature,
        holds: |case| {
            let in_septets = matches!(case.message.body, Body::Septets(_));
            in_septets && !case.message.header.is_empty() && same_but_characters(case).is_none()
        },
    },
    Class {
        name: "characters of the extension table",
        clause: "TS 23.038, 6.2.1.1",
        says: "Form feed and `^{}\\[~]|€` are an escape and a septet.",
        fields: &[Septets],
        cause: Cause::Always,
        holds: |case| {
            let escaped = septets(case.message).contains(&ESCAPE);
            escaped
                && same_but_characters(case)
                    .is_none_or(|other| other.iter().any(|c| "\u{C}^{}\\[~]|€".contains(*c)))
        },
    },
    Class {
        name: "characters of the default alphabet",
        clause: "TS 23.038, 6.2.1",
        says: "Each septet is one character of the table.",
        fields: &[Septets],
        cause: Cause::Always,
        holds: |case| same_but_characters(case).is_some(),
    },
    Class {
        name: "how long a text is",
        clause: "TS 23.040, 9.2.3.16",
        says: "TP-UDL counts septets, those of the header and its fill bits included.",
        fields: &[Message, Septets],
        cause: Cause::Feature,
        holds: |case| {
            !septets(case.message).is_empty() || matches!(case.message.body, Body::Septets(_))
        },
    },
    Class {
        name: "UCS2 behind a header",
        clause: "TS 23.040, 9.2.3.24",
        says: "TP-UDL counts the octets of both; no fill bits are between them.",
        fields: &[Message, Ucs2],
        cause: Cause::Feature,
        holds: |case| {
            matches!(case.message.body, Body::Units(_)) && !case.message.header.is_empty()
        },
    },
    Class {
        name: "UCS2",
        clause: "TS 23.038, 6.2.3",
        says: "16 bits for each unit, the most significant octet first.",
        fields: &[Message, Ucs2],
        cause: Cause::Feature,
        holds: |case| matches!(case.message.body, Body::Units(_)),
    },
    Class {
        name: "8-bit data",
        clause: "TS 23.040, 9.2.3.24",
        says: "The octets behind the header, as TP-UDL counts them.",
        fields: &[Message, Data],
        cause: Cause::Feature,
        holds: |case| matches!(case.message.body, Body::Octets(_)),
    },
    Class {
        name: "which part of which message",
        clause: "TS 23.040, 9.2.3.24.1 and 9.2.3.24.8",
        says: "The reference has 8 or 16 bits; then the number of parts, and of this one.",
        fields: &[Part],
        cause: Cause::Feature,
        holds: |_| true,
    },
    Class {
        name: "digits of a number",
        clause: "TS 23.040, 9.1.2.3 and 9.1.2.5",
        says: "The length counts digits, the first in bits 3 to 0; 1111 fills the last octet of an odd number.",
        fields: &[Number],
        cause: Cause::Feature,
        holds: |_| true,
    },
    Class {
        name: "a status report",
        clause: "TS 23.040, 9.2.2.3",
        says: "TP-PI and what it announces are optional; the report is there without them.",
        fields: &[Message, Type, Reference],
        cause: Cause::Feature,
        holds: |case| case.message.kind == Kind::StatusReport,
    },
];
