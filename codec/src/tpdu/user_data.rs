//! User data: TP-UDL and TP-UD, which is a header and a body.
//!
//! ```text
//! octet 1   TP-UDL: septets of what follows in the GSM 7-bit alphabet, octets otherwise
//! octets    TP-UD: the header, when TP-UDHI says so, fill bits up to the next septet, the body
//! ```
//!
//! 3GPP TS 23.040, sections 9.2.3.16 (TP-UDL) and 9.2.3.24 (TP-UD).

use core::fmt::{self, Write as _};

use super::dcs::{Alphabet, DataCoding};
use super::udh::Header;
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Tables};
use crate::text::{quoted, written};
use crate::ucs2;
use crate::wire::{Quirk, Reader, Rejected, Writer};

/// The octets that user data can have.
pub const USER_DATA_MAX: usize = 140;

/// The names of what [`UserData`] stands in, and how much that can hold.
#[derive(Clone, Copy)]
pub(super) struct Field {
    len: &'static str,
    header: &'static str,
    data: &'static str,
    /// In octets.
    max: usize,
}

impl Field {
    const USER_DATA: Self =
        Self { len: "TP-UDL", header: "TP-UDH", data: "TP-UD", max: USER_DATA_MAX };
    /// In an SMS-DELIVER-REPORT; an SMS-SUBMIT-REPORT has its time to carry besides.
    pub(super) const OF_A_REPORT: Self = Self { max: 159, ..Self::USER_DATA };
    pub(super) const COMMAND_DATA: Self =
        Self { len: "TP-CDL", header: "TP-CDH", data: "TP-CD", max: 157 };
}

/// User data as on the wire: a header, where there is one, and a body.
///
/// What it means depends on TP-DCS, which its methods are given.
///
/// 3GPP TS 23.040, section 9.2.3.24 (TP-UD).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UserData<'a> {
    /// Whether the octets begin with a header: TP-UDHI.
    ///
    /// 3GPP TS 23.040, section 9.2.3.23.
    pub has_header: bool,
    /// Length: septets for GSM 7-bit, octets otherwise; header included.
    ///
    /// 0..=160, in a report 0..=181. Above the octets only in septets. It counts more than there is
    /// where a message was cut.
    ///
    /// 3GPP TS 23.040, section 9.2.3.16 (TP-UDL).
    pub len: u8,
    /// The header and the body, 0..=140 octets; in a report at most 159, in a command 157, and more
    /// where a tolerant reader excused [`Quirk::UdOver140`].
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub octets: &'a [u8],
}

impl<'a> UserData<'a> {
    /// 8-bit data behind a header, or without one ([`Header::NONE`]), written into `buffer`.
    ///
    /// ```
    /// use septet::tpdu::udh::{HEADER_MAX, Header, Information, Ports};
    /// use septet::tpdu::{DataCoding, UserData};
    ///
    /// let ports = Ports::Long { destination: 2948, source: 9200 };
    /// let mut elements = [0; HEADER_MAX];
    /// let header = Header::new(&[Information::Ports(ports)], &mut elements)?;
    /// let mut buffer = [0; 140];
    /// let user_data = UserData::eight_bit(header, &[0x01, 0x06, 0x04], &mut buffer)?;
    /// assert_eq!((user_data.len, user_data.body()), (10, &[0x01, 0x06, 0x04][..]));
    /// assert!(user_data.text(DataCoding::EIGHT_BIT).is_none());
    /// # Ok::<(), septet::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::TooLong`] past 140 octets; [`data_segments`](crate::segment::data_segments) splits
    /// what is longer.
    pub fn eight_bit(
        header: Header<'_>,
        body: &[u8],
        buffer: &'a mut [u8; USER_DATA_MAX],
    ) -> Result<Self, Error> {
        let mut w = Writer::new(buffer);
        if !header.is_empty() {
            w.put(&[header.octets.len() as u8]);
            w.put(header.octets);
        }
        w.put(body);
        w.check().map_err(|error| ErrorKind::TooLong.at("TP-UD", error.at))?;
        let octets = w.into_written();
        Ok(Self { has_header: !header.is_empty(), len: octets.len() as u8, octets })
    }

    /// The information elements, where there is a header that is no longer than the data.
    pub fn header(&self) -> Option<Header<'a>> {
        let (header, _) = self.split()?;
        Some(Header { octets: header })
    }

    /// The octets behind the header; for GSM 7-bit they begin with the [fill bits](Self::fill_bits).
    pub fn body(&self) -> &'a [u8] {
        self.split().map_or(self.octets, |(_, body)| body)
    }

    /// The bits between a header and the first septet, 0..=6; without a header 0.
    pub fn fill_bits(&self) -> u8 {
        let header = self.octets.len().saturating_sub(self.body().len());
        (7 * gsm7::header_septets(header) - 8 * header) as u8
    }

    /// The septets of the body, as many of TP-UDL as there are.
    pub fn septets(&self) -> gsm7::Septets<'a> {
        let header = self.octets.len().saturating_sub(self.body().len());
        let count = usize::from(self.len).saturating_sub(gsm7::header_septets(header));
        gsm7::unpack(self.body(), self.fill_bits(), count)
    }

    /// The tables that septets of the body are read by: those of the national languages that the
    /// header names, else the default ones.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.15 and 9.2.3.24.16.
    pub fn tables(&self) -> Tables {
        let (locking, single) = self.header().map_or((None, None), Header::national_languages);
        match (locking, single) {
            (None, None) => Tables::DEFAULT,
            _ => Tables::national(locking, single),
        }
    }

    /// The characters of the body, or `None` when it is 8-bit data or compressed.
    ///
    /// 3GPP TS 23.038, section 6.
    pub fn text(&self, coding: DataCoding) -> Option<Text<'a>> {
        if coding.compressed() {
            return None;
        }
        match coding.alphabet() {
            Alphabet::Gsm7 => Some(Characters::Gsm7(self.tables().chars(self.septets()))),
            Alphabet::Ucs2 => Some(Characters::Ucs2(ucs2::chars(ucs2::units(self.body())))),
            Alphabet::EightBit => None,
        }
    }

    /// Header without UDHL, and body.
    fn split(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (len, rest) = self.octets.split_first()?;
        if self.has_header { rest.split_at_checked(usize::from(*len)) } else { None }
    }

    /// Reads TP-UDL and TP-UD.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UdhOverrun`]; to a strict reader what the quirks of
    /// user data name.
    pub fn parse(
        reader: &mut Reader<'a>,
        coding: DataCoding,
        has_header: bool,
    ) -> Result<Self, Rejected> {
        Self::parse_field(reader, Field::USER_DATA, coding, has_header)
    }

    /// As [`parse`](Self::parse), where other messages have other data.
    pub(super) fn parse_field(
        reader: &mut Reader<'a>,
        field: Field,
        coding: DataCoding,
        has_header: bool,
    ) -> Result<Self, Rejected> {
        let before = reader.at();
        let len = reader.octet(field.len)?;
        let start = reader.at();
        let octets = match coding.counts_septets() {
            true => (usize::from(len) * 7).div_ceil(8),
            false => usize::from(len),
        };
        if octets > field.max {
            reader.excuse(Quirk::UdOver140, ErrorKind::TooLong.at(field.len, before))?;
        }
        if octets > reader.len() {
            let end = start.saturating_add(reader.len());
            reader.excuse(Quirk::UdlExceedsData, ErrorKind::Truncated.at(field.data, end))?;
        }
        let octets = reader.octets(octets.min(reader.len()), field.data)?;
        let data = Self { has_header, len, octets };
        if has_header {
            let Some(header) = data.header() else {
                return Err(reader.fail(ErrorKind::UdhOverrun.at(field.header, start)));
            };
            if !header.is_well_formed() {
                reader.excuse(Quirk::UdhMalformed, ErrorKind::Value.at(field.header, start))?;
            }
        }
        if coding.alphabet() == Alphabet::Ucs2 && !coding.compressed() {
            let end = start.saturating_add(data.octets.len());
            if !data.body().len().is_multiple_of(2) {
                let error = ErrorKind::Truncated.at(field.data, end);
                reader.excuse(Quirk::OddUcs2Length, error)?;
            }
            if ucs2::has_lone_surrogate(data.body()) {
                reader.excuse(Quirk::LoneSurrogate, ErrorKind::Charset.at(field.data, start))?;
            }
        }
        Ok(data)
    }

    /// Writes TP-UDL and TP-UD.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.put(w);
        w.check()
    }

    pub(super) fn put(&self, w: &mut Writer<'_>) {
        w.put(&[self.len]);
        w.put(self.octets);
    }

    /// The lines that a TPDU prints for its user data.
    pub(super) fn describe(&self, coding: DataCoding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe_field(Field::USER_DATA, coding, f)
    }

    pub(super) fn describe_field(
        &self,
        field: Field,
        coding: DataCoding,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let unit = if coding.counts_septets() { "septets" } else { "octets" };
        writeln!(f, "{:<8} {} {unit}", field.len, self.len)?;
        for element in self.header().into_iter().flat_map(Header::elements) {
            writeln!(f, "{:<8} {element}", field.header)?;
        }
        write!(f, "{:<8} ", field.data)?;
        if let Some(text) = self.text(coding) {
            return write!(f, "{}", quoted(text));
        }
        let mut digits = crate::pdu::hex(self.body());
        digits.try_for_each(|digit| f.write_char(char::from(digit)))
    }
}

/// Characters out of septets `S` or out of code units `U`.
#[derive(Clone, Debug)]
pub enum Characters<S, U: Iterator<Item = u16>> {
    /// Read from the GSM 7-bit alphabet.
    Gsm7(gsm7::Chars<S>),
    /// Read from UCS-2.
    Ucs2(ucs2::Chars<U>),
}

/// The characters of user data, made by [`UserData::text`].
pub type Text<'a> = Characters<gsm7::Septets<'a>, ucs2::Units<'a>>;

impl<S: Iterator<Item = u8>, U: Iterator<Item = u16>> Iterator for Characters<S, U> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Gsm7(chars) => chars.next(),
            Self::Ucs2(chars) => chars.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Gsm7(chars) => chars.size_hint(),
            Self::Ucs2(chars) => chars.size_hint(),
        }
    }
}

impl Text<'_> {
    /// Writes the characters that are left, as UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn emit(self, w: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Gsm7(chars) => chars.emit(w),
            Self::Ucs2(chars) => chars.emit(w),
        }
    }

    /// Copies the characters that are left to the front of `buffer`, as UTF-8. What is behind them may
    /// be overwritten.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn copy_to(self, buffer: &mut [u8]) -> Result<&str, Error> {
        written(buffer, |w| self.emit(w))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gsm7::Code;

    extern crate std;
    use std::string::String;

    #[test]
    fn a_text_stands_at_a_septet_behind_a_header_of_any_length() {
        for header in 0..=138_usize {
            let mut octets = [0xFF; USER_DATA_MAX];
            octets[0] = header as u8;
            let start = (8 * (header + 1)).div_ceil(7);
            let text: String = "Grüß @".chars().cycle().take((160 - start).min(40)).collect();
            let codes = text.chars().filter_map(|c| Tables::DEFAULT.code(c));
            let fill_bits = (7 * start - 8 * (header + 1)) as u8;
            let mut w = Writer::new(&mut octets[header + 1..]);
            let count = gsm7::pack(codes.flat_map(Code::septets), fill_bits, &mut w).unwrap();
            let len = header + 1 + w.len();
            let data =
                UserData { has_header: true, len: (start + count) as u8, octets: &octets[..len] };
            assert_eq!(data.fill_bits(), fill_bits);
            assert!(data.text(DataCoding::GSM7).unwrap().eq(text.chars()), "{header}");
        }
    }
}
