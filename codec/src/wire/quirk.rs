//! The rules that real messages break.

use core::fmt;

#[cfg(doc)]
use crate::error::ErrorKind;

/// Each quirk once: its name to machines, its words to people.
macro_rules! quirks {
    ($($(#[$attribute:meta])* $quirk:ident = $name:literal => $words:literal,)*) => {
        /// A rule of the standard that real messages break and a tolerant reader excuses.
        ///
        /// Of each: the error of a strict reader, and what a tolerant one reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum Quirk {
            $($(#[$attribute])* #[cfg_attr(feature = "serde", serde(rename = $name))] $quirk,)*
        }

        impl Quirk {
            /// Every quirk.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$quirk),*];

            /// The name in machine-readable output: `udl_exceeds_data`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$quirk => $name,)*
                }
            }

            /// What the message is like, in words.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$quirk => $words,)*
                }
            }
        }
    };
}

quirks! {
    /// TP-UDL counts more than there is: the message was cut by a store or on its way.
    ///
    /// Strict: [`Truncated`](ErrorKind::Truncated) in TP-UD. Tolerant: what is there; the length
    /// stays.
    UdlExceedsData = "udl_exceeds_data" => "the message is shorter than TP-UDL says",
    /// TP-SCTS, TP-DT or an absolute TP-VP is no point in time.
    ///
    /// Strict: [`Value`](ErrorKind::Value). Tolerant: its octets are kept;
    /// [`civil`](crate::tpdu::Timestamp::civil) is `None`.
    BadTimestamp = "bad_timestamp" => "a time is no point in time",
    /// A filler digit (0xF) stands inside an address, not at its end.
    ///
    /// Strict: [`Value`](ErrorKind::Value). Tolerant: the characters leave it out.
    AddressFillerInside = "address_filler_inside" => "an address has a filler among its digits",
    /// An address has more than 20 digits.
    ///
    /// Strict: [`TooLong`](ErrorKind::TooLong). Tolerant: the first 20.
    AddressTooLong = "address_too_long" => "an address has more than 20 digits",
    /// TP-UDL counts more than the octets that such a message can have, mostly 140.
    ///
    /// Strict: [`TooLong`](ErrorKind::TooLong) in TP-UDL. Tolerant: all that is there.
    UdOver140 = "ud_over_140" => "the user data is longer than a message can have",
    /// UCS-2 user data has an odd number of octets.
    ///
    /// Strict: [`Truncated`](ErrorKind::Truncated) in TP-UD. Tolerant: the text ends before the
    /// last octet.
    OddUcs2Length = "odd_ucs2_length" => "the UCS-2 text has half a code unit at its end",
    /// TP-DCS has a reserved value.
    ///
    /// Strict: [`Value`](ErrorKind::Value). Tolerant: GSM 7-bit default alphabet (23.038, section
    /// 4).
    ReservedDcs = "reserved_dcs" => "TP-DCS has a reserved value",
    /// The user data header's elements do not fill it exactly.
    ///
    /// Strict: [`Value`](ErrorKind::Value) in TP-UDH. Tolerant: no elements; the body begins behind
    /// UDHL (9.2.3.24).
    UdhMalformed = "udh_malformed" => "the elements of the user data header do not fill it",
    /// Half of a UTF-16 surrogate pair stands alone.
    ///
    /// Strict: [`Charset`](ErrorKind::Charset) in TP-UD. Tolerant: U+FFFD; joined parts have the
    /// pair.
    LoneSurrogate = "lone_surrogate" => "the text has half a surrogate pair",
    /// Bit 7 of a type-of-address is 0.
    ///
    /// Strict: [`Value`](ErrorKind::Value). Tolerant: the type is kept as it is.
    ToaBit7Clear = "toa_bit7_clear" => "bit 7 of a type of address is 0",
    /// TP-MTI has the value that is reserved in this direction.
    ///
    /// Strict: [`ReservedMti`](ErrorKind::ReservedMti). Tolerant: to a handset an SMS-DELIVER
    /// (9.2.3.1); to a service centre no message can be made.
    ReservedMti = "reserved_mti" => "the message has the reserved type",
    /// Octets follow the message.
    ///
    /// Strict: [`Trailing`](ErrorKind::Trailing), or what is wrong with the parameters of a report.
    /// Tolerant: what is before them; of a report whose parameters cannot be read, its mandatory
    /// part.
    TrailingOctets = "trailing_octets" => "octets follow the message",
    /// A cell-broadcast page has less than 88 octets.
    ///
    /// Strict: [`Truncated`](ErrorKind::Truncated) in its content. Tolerant: what is there.
    ShortPage = "short_page" => "the page has less than 88 octets",
}

/// What the message is like: `octets follow the message`.
impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// A set of [`Quirk`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(from = "crate::serial::QuirkList", into = "crate::serial::QuirkList")
)]
pub struct Quirks(u16);

impl Quirks {
    /// No quirk.
    pub const NONE: Self = Self(0);
    /// Every quirk.
    pub const ALL: Self = Self((1 << Quirk::ALL.len()) - 1);

    /// This set and `quirk`.
    #[must_use]
    pub const fn with(self, quirk: Quirk) -> Self {
        Self(self.0 | 1 << quirk as u16)
    }

    /// This set without `quirk`.
    #[must_use]
    pub const fn without(self, quirk: Quirk) -> Self {
        Self(self.0 & !(1 << quirk as u16))
    }

    /// Whether `quirk` is in the set.
    pub const fn contains(self, quirk: Quirk) -> bool {
        self.0 & 1 << quirk as u16 != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The quirks of the set, in the order of [`Quirk::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.into_iter().filter(move |quirk| self.contains(*quirk))
    }
}

/// The words with commas between; `no quirk`.
impl fmt::Display for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, quirk) in self.iter().enumerate() {
            write!(f, "{}{quirk}", if i > 0 { ", " } else { "" })?;
        }
        if self.is_empty() { f.write_str("no quirk") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirks_keep_what_they_are_given() {
        let quirks = Quirks::NONE.with(Quirk::TrailingOctets).with(Quirk::UdlExceedsData);
        assert!(quirks.iter().eq([Quirk::UdlExceedsData, Quirk::TrailingOctets]));
        assert!(!quirks.contains(Quirk::BadTimestamp));
    }
}
