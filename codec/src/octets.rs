//! Octets that stay in hexadecimal or Base64 digits until they are read.
//!
//! ```
//! use septet::octets::{Coding, Octets};
//! use septet::text::Text;
//!
//! let octets = Octets::coded(Text::plain("c2VwdGV0"), Coding::Base64)?;
//! assert!(octets.iter().eq(*b"septet"));
//! assert!(Octets::coded(Text::plain("73657"), Coding::Hex).is_err());
//! # Ok::<(), septet::Error>(())
//! ```

use core::fmt;

use arrayvec::ArrayVec;

use crate::error::{Error, ErrorKind};
use crate::pdu::hex;
use crate::text::{Chars, Text, hex_digit};
use crate::wire::Writer;

/// How digits stand for octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Coding {
    /// Two hexadecimal digits for each octet, in upper or lower case.
    Hex,
    /// Base64, with or without padding, in the standard alphabet or the one for URLs.
    ///
    /// RFC 4648, sections 4 and 5.
    Base64,
    /// The same, written in the alphabet for URLs, with padding.
    Base64Url,
}

/// Octets borrowed from a wire form and decoded only when they are read.
///
/// They are checked when they are made, so reading cannot fail. Two are equal when they read alike.
#[derive(Clone, Copy)]
pub struct Octets<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Plain(&'a [u8]),
    Coded(Text<'a>, Coding),
}

impl<'a> Octets<'a> {
    /// The octets as they are.
    pub const fn plain(octets: &'a [u8]) -> Self {
        Self(Source::Plain(octets))
    }

    /// The octets that the digits of `text` stand for.
    ///
    /// # Errors
    /// [`ErrorKind::BadHex`], [`ErrorKind::OddHex`]; of Base64 [`ErrorKind::Malformed`] and
    /// [`ErrorKind::Truncated`].
    pub fn coded(text: Text<'a>, coding: Coding) -> Result<Self, Error> {
        let mut groups = Groups { digits: text.chars(), coding };
        while let Some(group) = groups.next() {
            group?;
        }
        Ok(Self(Source::Coded(text, coding)))
    }

    /// The octets.
    pub fn iter(&self) -> Iter<'a> {
        match self.0 {
            Source::Plain(plain) => Iter { plain, groups: None, ready: ArrayVec::new() },
            Source::Coded(text, coding) => Iter {
                plain: &[],
                groups: Some(Groups { digits: text.chars(), coding }),
                ready: ArrayVec::new(),
            },
        }
    }

    /// How many octets there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Writes the digits that stand for the octets.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn emit(&self, w: &mut Writer<'_>, coding: Coding) -> Result<(), Error> {
        let mut octets = self.iter();
        loop {
            let group = group(&mut octets);
            if group.is_empty() {
                return Ok(());
            }
            match coding {
                Coding::Hex => hex(&group).try_for_each(|digit| w.octet(digit))?,
                Coding::Base64 => w.octets(&base64_digits(&group, BASE64))?,
                Coding::Base64Url => w.octets(&base64_digits(&group, BASE64_URL))?,
            }
        }
    }
}

/// The next three octets, or as many as there are.
pub(crate) fn group(octets: &mut impl Iterator<Item = u8>) -> ArrayVec<u8, 3> {
    let mut group = ArrayVec::new();
    while !group.is_full()
        && let Some(octet) = octets.next()
    {
        let _ = group.try_push(octet);
    }
    group
}

/// Digits, as many at a time as stand for whole octets.
#[derive(Clone)]
struct Groups<'a> {
    digits: Chars<'a>,
    coding: Coding,
}

impl Groups<'_> {
    fn next(&mut self) -> Option<Result<ArrayVec<u8, 3>, Error>> {
        let len = match self.coding {
            Coding::Hex => 2,
            Coding::Base64 | Coding::Base64Url => 4,
        };
        // What is not ASCII is no digit of either.
        let ascii = |c: char| u8::try_from(c).unwrap_or(b'!');
        let mut digits = ArrayVec::<u8, 4>::new();
        while digits.len() < len
            && let Some(c) = self.digits.next()
        {
            let _ = digits.try_push(ascii(c));
        }
        if digits.is_empty() {
            return None;
        }
        Some(match self.coding {
            Coding::Hex => hex_octet(&digits),
            Coding::Base64 | Coding::Base64Url => {
                base64(digits, self.digits.clone().next().is_none())
            }
        })
    }
}

fn hex_octet(digits: &[u8]) -> Result<ArrayVec<u8, 3>, Error> {
    let digit = |digit: &u8| hex_digit(*digit).ok_or(ErrorKind::BadHex.at("", 0));
    let [high, low] = digits else {
        digits.iter().try_for_each(|one| digit(one).map(drop))?;
        return Err(ErrorKind::OddHex.at("", 0));
    };
    let octet = digit(high)? << 4 | digit(low)?;
    Ok(group(&mut [octet].into_iter()))
}

/// A group of four digits, or the last one.
fn base64(mut digits: ArrayVec<u8, 4>, is_last: bool) -> Result<ArrayVec<u8, 3>, Error> {
    while is_last && digits.last() == Some(&b'=') {
        digits.pop();
    }
    let count = match digits.len() {
        0 => return Err(ErrorKind::Malformed.at("", 0)),
        1 => return Err(ErrorKind::Truncated.at("", 0)),
        len => len.saturating_sub(1),
    };
    // What pads the last group stands for nothing, nor do bits of its last digit that are left over.
    while digits.try_push(b'A').is_ok() {}
    let bits = digits.iter().try_fold(0, |bits, digit| Some(bits << 6 | base64_bits(*digit)?));
    let [_, octets @ ..] = bits.ok_or(ErrorKind::Malformed.at("", 0))?.to_be_bytes();
    Ok(group(&mut octets.into_iter().take(count)))
}

/// The digits 62 and 63 of Base64; those before them are letters and digits in both alphabets.
const BASE64: [u8; 2] = *b"+/";
const BASE64_URL: [u8; 2] = *b"-_";

/// The six bits that a digit stands for, in either alphabet.
fn base64_bits(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// The digits that stand for up to three octets, padded.
fn base64_digits(group: &[u8], [digit_62, digit_63]: [u8; 2]) -> [u8; 4] {
    let mut octets = group.iter().copied().chain([0; 3]);
    let mut octet = || u32::from(octets.next().unwrap_or_default());
    let bits = octet() << 16 | octet() << 8 | octet();
    [18, 12, 6, 0].map(|shift| match (bits >> shift & 0x3F) as u8 {
        // So many octets have one digit more.
        _ if shift / 6 + group.len() < 3 => b'=',
        bits @ 0..26 => b'A' + bits,
        bits @ 26..52 => b'a' + (bits - 26),
        bits @ 52..62 => b'0' + (bits - 52),
        62 => digit_62,
        _ => digit_63,
    })
}

/// The octets of [`Octets`].
#[derive(Clone)]
pub struct Iter<'a> {
    plain: &'a [u8],
    groups: Option<Groups<'a>>,
    /// What is decoded and not yielded yet, the last octet first.
    ready: ArrayVec<u8, 3>,
}

impl Iterator for Iter<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some((first, rest)) = self.plain.split_first() {
            self.plain = rest;
            return Some(*first);
        }
        while self.ready.is_empty() {
            self.ready = self.groups.as_mut()?.next()?.ok()?;
            self.ready.reverse();
        }
        self.ready.pop()
    }
}

impl PartialEq for Octets<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Octets<'_> {}

/// The octets in hexadecimal digits.
impl fmt::Display for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hexadecimal digits.
#[cfg(feature = "serde")]
impl serde::Serialize for Octets<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Octets<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.iter().for_each(|octet| defmt::write!(f, "{=u8:02x}", octet));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    use proptest::prelude::*;

    fn base64(text: &str) -> Result<Vec<u8>, ErrorKind> {
        let octets = Octets::coded(Text::plain(text), Coding::Base64);
        octets.map(|octets| octets.iter().collect()).map_err(|error| error.kind)
    }

    #[test]
    fn base64_is_read_in_both_alphabets_padded_or_not() {
        for text in ["+/+/YQ==", "-_-_YQ==", "+/+/YQ", "+/-_YR=="] {
            assert_eq!(base64(text).unwrap(), b"\xFB\xFF\xBFa", "{text}");
        }
        assert_eq!(base64("").unwrap(), b"");
        for text in ["YQ==YQ==", "====", "Y!==", "YQ=a"] {
            assert_eq!(base64(text), Err(ErrorKind::Malformed), "{text}");
        }
        assert_eq!(base64("YWJjZ"), Err(ErrorKind::Truncated));
    }

    #[test]
    fn base64_is_written_in_the_alphabet_that_is_asked_for() {
        let written = |coding| {
            let mut buffer = [0; 8];
            let mut w = Writer::new(&mut buffer);
            Octets::plain(b"\xFB\xFF\xBFa").emit(&mut w, coding).unwrap();
            w.written().to_vec()
        };
        assert_eq!(written(Coding::Base64), b"+/+/YQ==");
        assert_eq!(written(Coding::Base64Url), b"-_-_YQ==");
    }

    #[test]
    fn hexadecimal_digits_are_read_in_both_cases() {
        let hex = |text| Octets::coded(Text::plain(text), Coding::Hex).map_err(|error| error.kind);
        assert_eq!(hex("0aFf").unwrap().to_string(), "0aff");
        assert_eq!(hex("0aF"), Err(ErrorKind::OddHex));
        assert_eq!(hex("0x"), Err(ErrorKind::BadHex));
        assert_eq!(hex("é0"), Err(ErrorKind::BadHex));
    }

    proptest! {
        /// What is written reads back equal, in each coding.
        #[test]
        fn octets_come_back(octets in proptest::collection::vec(any::<u8>(), 0..20)) {
            for coding in [Coding::Hex, Coding::Base64, Coding::Base64Url] {
                let mut buffer = [0; 64];
                let mut w = Writer::new(&mut buffer);
                Octets::plain(&octets).emit(&mut w, coding).unwrap();
                let digits = core::str::from_utf8(w.written()).unwrap();
                let back = Octets::coded(Text::plain(digits), coding).unwrap();
                prop_assert_eq!(back, Octets::plain(&octets));
                prop_assert_eq!(back.len(), octets.len());
            }
        }
    }
}
