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

use super::codes::{NumberingPlan, TypeOfNumber};
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Tables};
use crate::wire::{Input, Quirk, Reader, Rejected, Writer};

const VALUE_MAX: usize = 10;
/// The semi-octets that the value of an address can have.
const LEN_MAX: u8 = 20;

/// The digit that fills the last octet of an odd number of digits.
const FILLER: u8 = 0xF;

/// The digits by their half octet. 3GPP TS 23.040, section 9.1.2.3.
const DIGITS: &str = "0123456789*#abc";

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
        for (at, octet) in number.bytes().enumerate().skip(usize::from(international)) {
            let digit = match octet {
                b'0'..=b'9' => Some(octet - b'0'),
                _ => DIGITS
                    .bytes()
                    .zip(0..)
                    .find(|(digit, _)| *digit == octet)
                    .map(|(_, value)| value),
            };
            let Some(digit) = digit else {
                // Every digit is one octet, so that this is where the character begins.
                let c = number.get(at..).and_then(|rest| rest.chars().next()).unwrap_or_default();
                return Err(ErrorKind::Unencodable(c).at("address", at));
            };
            let Some(octet) = address.value.get_mut(usize::from(address.len / 2)) else {
                return Err(ErrorKind::TooLong.at("address", at));
            };
            *octet = match address.len % 2 {
                0 => FILLER << 4 | digit,
                _ => digit << 4 | *octet & 0x0F,
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
        for (number, (at, c)) in text.char_indices().enumerate() {
            let Some(code) = Tables::DEFAULT.code(c) else {
                return Err(ErrorKind::Unencodable(c).at("address", number));
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
    pub fn chars(&self) -> Chars<'_> {
        // As many septets as the semi-octets can hold: `_@` is 4 long, `Telfort` 13.
        let septets = if self.is_name() { self.len() * 4 / 7 } else { 0 };
        let name = Tables::DEFAULT.chars(gsm7::unpack(self.octets(), 0, septets));
        Chars { name, number: if self.is_name() { Digits::NONE } else { self.digits() } }
    }

    /// The half octets of the value, 0..=15.
    fn digits(&self) -> Digits<'_> {
        Digits { octets: &self.value, at: 0, end: self.len }
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
    pub(crate) fn parse(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, Rejected> {
        let at = reader.at();
        let len = reader.octet(field)?;
        let address = Self::parse_value(reader, field, at, len.into())?;
        address.excuse_filler(reader, field, at)?;
        Ok(address)
    }

    /// The address that data of an information element begins with, and what follows it.
    pub(super) fn parse_element(data: &[u8]) -> Option<(Self, &[u8])> {
        let mut reader = Reader::new(Input::tolerant(data));
        let address = Self::parse(&mut reader, "TP-UDH").ok()?;
        Some((address, reader.rest().octets()))
    }

    /// Writes the address among the data of an information element.
    pub(super) fn emit_element(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.put(w);
        w.check()
    }

    pub(crate) fn put(&self, w: &mut Writer<'_>) {
        w.put(&[self.len, self.type_of_address]);
        w.put(self.octets());
    }

    /// Reads the address of a service centre, whose length counts octets; no octets are no address.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`]; to a strict reader what the quirks of an address name.
    pub fn parse_service_centre(reader: &mut Reader<'_>) -> Result<Option<Self>, Rejected> {
        const FIELD: &str = "SMSC address";
        let at = reader.at();
        let Some(octets) = reader.octet(FIELD)?.checked_sub(1) else {
            return Ok(None);
        };
        let mut address = Self::parse_value(reader, FIELD, at, 2 * u16::from(octets))?;
        let filled = address.octets().last().is_some_and(|octet| octet >> 4 == FILLER);
        address.len -= u8::from(filled && !address.is_name());
        address.excuse_filler(reader, FIELD, at)?;
        Ok(Some(address))
    }

    /// Writes the address of a service centre, or that there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn emit_service_centre(address: Option<&Self>, w: &mut Writer<'_>) -> Result<(), Error> {
        let Some(address) = address else {
            return w.octet(0);
        };
        let mut address = *address;
        // Nothing but the filler tells that the last octet has one digit.
        if !address.len.is_multiple_of(2)
            && !address.is_name()
            && let Some(last) = address.value.get_mut(usize::from(address.len / 2))
        {
            *last |= FILLER << 4;
        }
        w.octets(&[address.octets().len() as u8 + 1, address.type_of_address])?;
        w.octets(address.octets())
    }

    /// Reads the type and the `len` semi-octets of the address that began `at`.
    fn parse_value(
        reader: &mut Reader<'_>,
        field: &'static str,
        at: usize,
        len: u16,
    ) -> Result<Self, Rejected> {
        let type_of_address = reader.octet(field)?;
        let octets = reader.octets(len.div_ceil(2).into(), field)?;
        if len > LEN_MAX.into() {
            reader.excuse(Quirk::AddressTooLong, ErrorKind::TooLong.at(field, at))?;
        }
        if type_of_address & 0x80 == 0 {
            reader.excuse(Quirk::ToaBit7Clear, ErrorKind::Value.at(field, at))?;
        }
        let len = len.min(LEN_MAX.into()) as u8;
        let mut address = Self { type_of_address, len, value: [0; VALUE_MAX] };
        for (to, from) in address.value.iter_mut().zip(octets) {
            *to = *from;
        }
        Ok(address)
    }

    fn excuse_filler(
        &self,
        reader: &mut Reader<'_>,
        field: &'static str,
        at: usize,
    ) -> Result<(), Rejected> {
        if self.is_name() || self.digits().all(|digit| digit < FILLER) {
            return Ok(());
        }
        reader.excuse(Quirk::AddressFillerInside, ErrorKind::Value.at(field, at))
    }
}

/// The half octets of an address.
#[derive(Clone, Debug)]
struct Digits<'a> {
    octets: &'a [u8],
    at: u8,
    end: u8,
}

impl Digits<'_> {
    const NONE: Self = Self { octets: &[], at: 0, end: 0 };
}

impl Iterator for Digits<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.at == self.end {
            return None;
        }
        let octet = self.octets.get(usize::from(self.at / 2))?;
        let digit = if self.at.is_multiple_of(2) { octet & 0x0F } else { octet >> 4 };
        self.at += 1;
        Some(digit)
    }
}

/// The characters of an address, made by [`Address::chars`].
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    name: gsm7::Chars<gsm7::Septets<'a>>,
    number: Digits<'a>,
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        // One of the two is empty. Fillers are no digits.
        let digit = self.number.by_ref().find(|digit| *digit < FILLER);
        digit.map_or_else(
            || self.name.next(),
            |digit| DIGITS.as_bytes().get(usize::from(digit)).copied().map(char::from),
        )
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
        Input::tolerant(octets).finish(|reader| Address::parse(reader, "TP-OA")).unwrap()
    }

    #[test]
    fn more_than_20_digits_are_told_and_the_first_20_kept() {
        let octets = [&[22, 0x91][..], &[0x21; 11]].concat();
        let (address, quirks) = read(&octets);
        assert!(quirks.contains(Quirk::AddressTooLong));
        assert_eq!(address.to_string(), "+12121212121212121212");
        let strict = Input::strict(&octets).finish(|reader| Address::parse(reader, "TP-OA"));
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
    fn a_service_centre_keeps_an_odd_number_of_digits() {
        let (address, _) = read(&[3, 0x81, 0x21, 0x03]);
        let mut buffer = [0; 4];
        let mut w = Writer::new(&mut buffer);
        Address::emit_service_centre(Some(&address), &mut w).unwrap();
        assert_eq!(w.written(), [3, 0x81, 0x21, 0xF3]);
        let (again, _) = Input::strict(w.written()).finish(Address::parse_service_centre).unwrap();
        assert_eq!(again.unwrap().to_string(), "123");
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
