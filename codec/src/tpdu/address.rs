//! Addresses: TP-OA, TP-DA, TP-RA and the service centre's.
//!
//! ```text
//! octet 1   length: semi-octets of the value; for a service centre the octets that follow
//! octet 2   type of address: bit 7 is 1, bits 6..4 type of number, bits 3..0 numbering plan
//! octet 3…  the value: a digit in each half octet, the first in bits 3..0, or packed septets
//! ```
//!
//! 3GPP TS 23.040, section 9.1.2.5; TS 24.011, section 8.2.5.1.

use core::fmt;

use nom::Parser;
use nom::bytes::complete::take;
use nom::error::context;

use super::codes::{NumberingPlan, TypeOfNumber};
use super::octet;
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Tables};
use crate::wire::{Input, Parsed, Quirk, Writer};

const VALUE_MAX: usize = 10;
/// The semi-octets that the value of an address can have.
const LEN_MAX: u8 = 20;

/// The digit that fills the last octet of an odd number of digits.
const FILLER: u8 = 0xF;

/// The digits by their half octet. 3GPP TS 23.040, section 9.1.2.3.
const DIGITS: [char; 15] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'a', 'b', 'c'];

/// The address of a subscriber, a service or a service centre: a number, or a name.
///
/// At most 20 digits, or 11 septets of the GSM 7-bit default alphabet.
///
/// 3GPP TS 23.040, section 9.1.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::serial::AddressFields", into = "crate::serial::AddressFields")
)]
pub struct Address {
    type_of_address: u8,
    /// Semi-octets.
    len: u8,
    /// As on the wire; zero behind the value.
    value: [u8; VALUE_MAX],
}

impl Address {
    /// The telephone number `number`: digits, `*`, `#`, `a`, `b`, `c`; a `+` before them makes it
    /// international.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::TooLong`] past 20 digits, [`ErrorKind::Unencodable`] with
    /// the place of the character.
    pub fn number(number: &str) -> Result<Self, Error> {
        let international = number.starts_with('+');
        let type_of_address = if international { 0x91 } else { 0x81 };
        let mut address = Self { type_of_address, len: 0, value: [0; VALUE_MAX] };
        for (at, c) in number.chars().enumerate().skip(usize::from(international)) {
            let Some(digit) = DIGITS.iter().position(|digit| *digit == c) else {
                return Err(ErrorKind::Unencodable(c).at("address", at));
            };
            let Some(octet) = address.value.get_mut(usize::from(address.len / 2)) else {
                return Err(ErrorKind::TooLong.at("address", at));
            };
            *octet = match address.len % 2 {
                0 => FILLER << 4 | digit as u8,
                _ => (digit as u8) << 4 | *octet & 0x0F,
            };
            address.len += 1;
        }
        if address.len == 0 { Err(ErrorKind::Empty.at("address", 0)) } else { Ok(address) }
    }

    /// The name `text`, in the GSM 7-bit default alphabet.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::TooLong`] past 11 septets, [`ErrorKind::Unencodable`] with
    /// the place of the character.
    pub fn name(text: &str) -> Result<Self, Error> {
        let mut septets = arrayvec::ArrayVec::<u8, 11>::new();
        for (at, c) in text.chars().enumerate() {
            let Some(code) = Tables::DEFAULT.code(c) else {
                return Err(ErrorKind::Unencodable(c).at("address", at));
            };
            for septet in code.septets() {
                septets.try_push(septet).map_err(|_| ErrorKind::TooLong.at("address", at))?;
            }
        }
        let mut value = [0; VALUE_MAX];
        let count = gsm7::pack(septets, 0, &mut Writer::new(&mut value))?;
        if count == 0 {
            return Err(ErrorKind::Empty.at("address", 0));
        }
        Ok(Self { type_of_address: 0xD0, len: (count * 7).div_ceil(4) as u8, value })
    }

    /// The address with this type, `len` semi-octets long, whose value is `octets` on the wire.
    ///
    /// # Errors
    /// [`ErrorKind::TooLong`] past 20 semi-octets, [`ErrorKind::Value`] where `octets` are not as many
    /// as `len` asks for.
    pub fn new(type_of_address: u8, len: u8, octets: &[u8]) -> Result<Self, Error> {
        if len > LEN_MAX {
            return Err(ErrorKind::TooLong.at("address", LEN_MAX.into()));
        }
        if octets.len() != usize::from(len.div_ceil(2)) {
            return Err(ErrorKind::Value.at("address", 0));
        }
        let mut value = [0; VALUE_MAX];
        Writer::new(&mut value).octets(octets)?;
        Ok(Self { type_of_address, len, value })
    }

    /// The type of address, as its octet.
    pub const fn type_of_address(&self) -> u8 {
        self.type_of_address
    }

    /// How the number is to be read.
    pub const fn type_of_number(&self) -> TypeOfNumber {
        TypeOfNumber(self.type_of_address >> 4 & 0b111)
    }

    /// Which plan the number belongs to.
    pub const fn numbering_plan(&self) -> NumberingPlan {
        NumberingPlan(self.type_of_address & 0x0F)
    }

    /// Length of the value in semi-octets, 0..=20: the digits of a number.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether the value is empty.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value as it stands on the wire, 0..=10 octets.
    pub fn octets(&self) -> &[u8] {
        self.value.get(..self.len().div_ceil(2)).unwrap_or_default()
    }

    /// Whether the value is a name, not a number.
    pub fn is_name(&self) -> bool {
        self.type_of_number() == TypeOfNumber::ALPHANUMERIC
    }

    /// The digits of a number, without a `+`, or the characters of a name.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + '_ {
        let name = self.is_name().then(|| {
            // As many septets as the semi-octets can hold: `_@` is 4 long, `Telfort` 13.
            Tables::DEFAULT.chars(gsm7::unpack(self.octets(), 0, self.len() * 4 / 7))
        });
        let number = (!self.is_name()).then(|| {
            let halves = self.octets().iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
            halves.take(self.len()).filter_map(|digit| DIGITS.get(usize::from(digit)).copied())
        });
        name.into_iter().flatten().chain(number.into_iter().flatten())
    }

    /// The characters of [`chars`](Self::chars) with a space for each control character: a sender
    /// chooses the name, and a line feed in it would look like the next line of whatever shows it.
    pub fn printable(&self) -> impl Iterator<Item = char> + Clone + '_ {
        self.chars().map(|c| if c.is_control() { ' ' } else { c })
    }

    /// The address with what its type of address says, for people.
    pub fn described(&self) -> impl fmt::Display {
        let Self { type_of_address, .. } = *self;
        let (ton, npi) = (self.type_of_number(), self.numbering_plan());
        core::fmt::from_fn(move |f| {
            if ton == TypeOfNumber::INTERNATIONAL {
                f.write_str("+")?;
            }
            self.printable().try_for_each(|c| write!(f, "{c}"))?;
            write!(f, ", type 0x{type_of_address:02X}: {}", ton.words().unwrap_or("unknown"))?;
            write!(f, ", {} plan", npi.words().unwrap_or("reserved"))
        })
    }

    /// Reads an address whose length counts semi-octets.
    pub(crate) fn parse<'a>(input: Input<'a>, field: &'static str) -> Parsed<'a, Self> {
        let (rest, len) = octet(field).parse(input)?;
        let (rest, type_of_address) = octet(field).parse(rest)?;
        let (rest, octets) = context(field, take(len.div_ceil(2))).parse(rest)?;
        let (rest, address) =
            Self::read(input, rest, field, type_of_address, len, octets.octets())?;
        Ok((address.excuse_filler(input, rest, field)?, address))
    }

    pub(crate) fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.octets(&[self.len, self.type_of_address])?;
        w.octets(self.octets())
    }

    /// Reads the address of a service centre, whose length counts octets; no octets are no address.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`]; to a strict reader what the quirks of an address name.
    pub fn parse_service_centre(input: Input<'_>) -> Parsed<'_, Option<Self>> {
        const FIELD: &str = "SMSC address";
        let (rest, octets) = octet(FIELD).parse(input)?;
        let Some(octets) = octets.checked_sub(1) else {
            return Ok((rest, None));
        };
        let (rest, type_of_address) = octet(FIELD).parse(rest)?;
        let (rest, value) = context(FIELD, take(octets)).parse(rest)?;
        let len = octets.saturating_mul(2);
        let (rest, mut address) =
            Self::read(input, rest, FIELD, type_of_address, len, value.octets())?;
        let filled = address.octets().last().is_some_and(|octet| octet >> 4 == FILLER);
        address.len -= u8::from(filled && !address.is_name());
        Ok((address.excuse_filler(input, rest, FIELD)?, Some(address)))
    }

    /// Writes the address of a service centre, or that there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn emit_service_centre(address: Option<&Self>, w: &mut Writer<'_>) -> Result<(), Error> {
        let Some(address) = address else {
            return w.octet(0);
        };
        w.octets(&[address.octets().len() as u8 + 1, address.type_of_address])?;
        w.octets(address.octets())
    }

    /// The address that began at `start` and ends before `rest`.
    fn read<'a>(
        start: Input<'a>,
        mut rest: Input<'a>,
        field: &'static str,
        type_of_address: u8,
        len: u8,
        octets: &[u8],
    ) -> Parsed<'a, Self> {
        let wrong = |kind: ErrorKind| kind.at(field, start.at());
        if len > LEN_MAX {
            rest = rest.excuse(Quirk::AddressTooLong, wrong(ErrorKind::TooLong))?;
        }
        if type_of_address & 0x80 == 0 {
            rest = rest.excuse(Quirk::ToaBit7Clear, wrong(ErrorKind::Value))?;
        }
        let mut address = Self { type_of_address, len: len.min(LEN_MAX), value: [0; VALUE_MAX] };
        for (to, from) in address.value.iter_mut().zip(octets) {
            *to = *from;
        }
        Ok((rest, address))
    }

    fn excuse_filler<'a>(
        &self,
        start: Input<'a>,
        rest: Input<'a>,
        field: &'static str,
    ) -> Result<Input<'a>, nom::Err<Error>> {
        if self.is_name() || self.chars().count() == self.len() {
            return Ok(rest);
        }
        rest.excuse(Quirk::AddressFillerInside, ErrorKind::Value.at(field, start.at()))
    }
}

/// `+4512345678`, `1204`, `Septet`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.type_of_number() == TypeOfNumber::INTERNATIONAL {
            f.write_str("+")?;
        }
        self.chars().try_for_each(|c| write!(f, "{c}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    #[test]
    fn a_plus_makes_a_number_international() {
        for (number, toa, octets) in [
            ("+4512345678", 0x91, &[0x54, 0x21, 0x43, 0x65, 0x87][..]),
            ("1204*", 0x81, &[0x21, 0x40, 0xFA]),
        ] {
            let address = Address::number(number).unwrap();
            assert_eq!(address.type_of_address(), toa);
            assert_eq!(address.octets(), octets);
            assert_eq!(address.to_string(), number);
        }
    }

    #[test]
    fn a_name_has_as_many_septets_as_it_says() {
        for (name, len) in
            [("_@", 4), ("FONIC", 9), ("Telfort", 13), ("AutoLoadMAX", 20), ("[]", 7)]
        {
            let address = Address::name(name).unwrap();
            assert_eq!(address.len(), len);
            assert_eq!(address.to_string(), name);
        }
    }

    #[test]
    fn what_is_no_address_is_told_with_its_place() {
        let unencodable = |c, at| Err(ErrorKind::Unencodable(c).at("address", at));
        assert_eq!(Address::number("+45 12"), unencodable(' ', 3));
        assert_eq!(Address::name("Ñ日"), unencodable('日', 1));
        assert_eq!(Address::number("+"), Err(ErrorKind::Empty.at("address", 0)));
        assert_eq!(
            Address::number("123456789012345678901"),
            Err(ErrorKind::TooLong.at("address", 20))
        );
        assert_eq!(Address::name("AutoLoadMAX1"), Err(ErrorKind::TooLong.at("address", 11)));
    }

    fn read(octets: &[u8]) -> (Address, crate::wire::Quirks) {
        Input::tolerant(octets).finish(|input| Address::parse(input, "TP-OA")).unwrap()
    }

    #[test]
    fn more_than_20_digits_are_told_and_the_first_20_kept() {
        let octets = [&[22, 0x91][..], &[0x21; 11]].concat();
        let (address, quirks) = read(&octets);
        assert!(quirks.contains(Quirk::AddressTooLong));
        assert_eq!(address.to_string(), "+12121212121212121212");
        let strict = Input::strict(&octets).finish(|input| Address::parse(input, "TP-OA"));
        assert_eq!(strict.map(|_| ()), Err(ErrorKind::TooLong.at("TP-OA", 0)));
        // The longest length there is.
        let octets = [&[0xFF, 0x91][..], &[0x21; 128]].concat();
        assert_eq!(read(&octets).0.len(), 20);
    }

    #[test]
    fn the_length_says_how_many_digits_there_are() {
        // A zero where a filler belongs.
        let (address, quirks) = read(&[1, 0x81, 0x07]);
        assert!(quirks.is_empty());
        assert_eq!(address.to_string(), "7");
        let (address, quirks) = read(&[4, 0x81, 0xF1, 0x32]);
        assert!(quirks.contains(Quirk::AddressFillerInside));
        assert_eq!(address.to_string(), "123");
    }

    #[test]
    fn only_the_type_of_number_tells_a_name() {
        for (type_of_address, name) in
            [(0xD0, true), (0xD1, true), (0xD5, true), (0xB6, false), (0xC8, false)]
        {
            let (address, quirks) = read(&[4, type_of_address, 0x11, 0x00]);
            assert!(quirks.is_empty());
            let text = if name { "_@" } else { "1100" };
            assert_eq!(address.to_string(), text, "{type_of_address:02X}");
        }
    }

    #[test]
    fn a_name_is_shown_on_one_line() {
        let address = Address::name("a\nb\rc").unwrap();
        assert!(address.printable().eq("a b c".chars()));
        assert_eq!(address.described().to_string(), "a b c, type 0xD0: alphanumeric, unknown plan");
        assert_eq!(address.to_string(), "a\nb\rc");
    }

    #[test]
    fn an_address_is_made_of_its_parts() {
        let address = Address::new(0xA1, 3, &[0x21, 0xF3]).unwrap();
        assert_eq!(address.to_string(), "123");
        assert_eq!(Address::new(0xA1, 3, &[0x21]), Err(ErrorKind::Value.at("address", 0)));
        assert_eq!(Address::new(0xA1, 21, &[0; 11]), Err(ErrorKind::TooLong.at("address", 20)));
    }
}
