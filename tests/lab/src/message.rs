//! A message whose every field is known, how it stands on the wire, and what is to be read in it: both
//! after 3GPP TS 23.038 and TS 23.040, without the codec.

use crate::answer::{Answer, greenwich};
use crate::tables::Tables;

/// The types that both sides of the air interface read most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Deliver,
    Submit,
    StatusReport,
}

/// A field that a program may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The whole message: it was refused, or the program broke.
    Message,
    Type,
    Number,
    Name,
    Time,
    Discharge,
    Relative,
    Absolute,
    Reference,
    Status,
    Part,
    Septets,
    Ucs2,
    Data,
}

pub const LANGUAGE_SINGLE: u8 = 0x24;
pub const LANGUAGE_LOCKING: u8 = 0x25;
pub const PART_8: u8 = 0x00;
pub const PART_16: u8 = 0x08;

#[derive(Clone, Debug)]
pub struct Address {
    pub type_of_address: u8,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub enum Value {
    /// Half octets, 0..=14.
    Digits(Vec<u8>),
    /// Septets of the default alphabet.
    Name(Vec<u8>),
}

#[derive(Clone, Debug)]
pub enum Validity {
    None,
    Relative(u8),
    Absolute([u8; 7]),
    Enhanced([u8; 7]),
}

#[derive(Clone, Debug)]
pub enum Body {
    Septets(Vec<u8>),
    Units(Vec<u16>),
    Octets(Vec<u8>),
}

#[derive(Clone, Debug)]
pub struct Message {
    pub kind: Kind,
    /// The digits of the service centre's international number.
    pub centre: Vec<u8>,
    /// The first octet without its message type, TP-VPF and TP-UDHI.
    pub flags: u8,
    /// TP-MTI is 11, which a handset reads as SMS-DELIVER.
    pub reserved_type: bool,
    pub reference: u8,
    pub address: Address,
    pub protocol: u8,
    pub coding: u8,
    pub time: [u8; 7],
    pub discharge: [u8; 7],
    pub status: u8,
    pub validity: Validity,
    /// The information elements: identifier and data.
    pub header: Vec<(u8, Vec<u8>)>,
    /// Octets behind the elements that are no element.
    pub header_rest: Vec<u8>,
    /// A status report has user data rarely.
    pub has_data: bool,
    pub body: Body,
}

impl Address {
    fn octets(&self) -> Vec<u8> {
        let (len, value) = match &self.value {
            Value::Digits(digits) => (digits.len(), half_octets(digits)),
            Value::Name(septets) => ((septets.len() * 7).div_ceil(4), packed(septets, 0)),
        };
        [vec![len as u8, self.type_of_address], value].concat()
    }

    pub fn is_name(&self) -> bool {
        matches!(self.value, Value::Name(_))
    }

    fn text(&self, tables: &Tables) -> String {
        match &self.value {
            Value::Digits(digits) => {
                let plus = if self.type_of_address & 0x70 == 0x10 { "+" } else { "" };
                let digits =
                    digits.iter().map(|digit| char::from(b"0123456789*#abc"[usize::from(*digit)]));
                plus.chars().chain(digits).collect()
            }
            Value::Name(septets) => tables.text(septets, 0, 0),
        }
    }
}

/// The first digit in bits 3..0; an odd number is filled with 1111. TS 23.040, 9.1.2.3.
fn half_octets(digits: &[u8]) -> Vec<u8> {
    digits.chunks(2).map(|pair| pair.get(1).copied().unwrap_or(0xF) << 4 | pair[0]).collect()
}

/// Septets behind fill bits, zeros in what is left over. TS 23.038, 6.1.2.1.
pub fn packed(septets: &[u8], fill_bits: usize) -> Vec<u8> {
    let mut octets = vec![0; (fill_bits + 7 * septets.len()).div_ceil(8)];
    for (i, septet) in septets.iter().enumerate() {
        let at = fill_bits + 7 * i;
        let bits = u16::from(septet & 0x7F) << (at % 8);
        octets[at / 8] |= bits as u8;
        if let Some(next) = octets.get_mut(at / 8 + 1) {
            *next |= (bits >> 8) as u8;
        }
    }
    octets
}

/// What a time is, by 9.2.3.11: a digit that is none counts as 0. `None` where even so it is no time.
pub fn civil(octets: &[u8; 7]) -> Option<([u8; 6], i32)> {
    let digit = |half: u8| if half < 10 { half } else { 0 };
    let number = |octet: u8| digit(octet & 0xF) * 10 + digit(octet >> 4);
    let mut local = [0; 6];
    for (to, from) in local.iter_mut().zip(octets) {
        *to = number(*from);
    }
    let [year, month, day, hour, minute, second] = local;
    let days = match month {
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let exists = (1..=12).contains(&month)
        && (1..=days).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let quarters = i32::from(number(octets[6] & 0xF7));
    exists.then_some((local, if octets[6] & 0x08 == 0 { quarters } else { -quarters }))
}

fn time_text(octets: &[u8; 7]) -> Option<String> {
    civil(octets).map(|(local, quarters)| greenwich(local, quarters))
}

impl Message {
    /// The header with its length, or nothing.
    pub fn header_octets(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        for (identifier, data) in &self.header {
            octets.extend([*identifier, data.len() as u8]);
            octets.extend(data);
        }
        octets.extend(&self.header_rest);
        if !octets.is_empty() {
            octets.insert(0, octets.len() as u8);
        }
        octets
    }

    /// TP-UDL and TP-UD.
    pub fn user_data(&self) -> (u8, Vec<u8>) {
        let mut octets = self.header_octets();
        let header = octets.len();
        let len = match &self.body {
            Body::Septets(septets) => {
                let before = (8 * header).div_ceil(7);
                let len = before + septets.len();
                octets.extend(packed(septets, 7 * before - 8 * header));
                // The fill bits are there without a septet, too.
                octets.resize((7 * len).div_ceil(8), 0);
                len
            }
            Body::Units(units) => {
                octets.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
                octets.len()
            }
            Body::Octets(data) => {
                octets.extend(data);
                octets.len()
            }
        };
        (len as u8, octets)
    }

    /// The address of the service centre and the TPDU.
    pub fn octets(&self) -> Vec<u8> {
        let mut octets = match self.centre.as_slice() {
            [] => vec![0],
            digits => {
                let digits = half_octets(digits);
                [vec![digits.len() as u8 + 1, 0x91], digits].concat()
            }
        };
        let (kind, format) = match (self.kind, &self.validity) {
            (Kind::Deliver, _) => (if self.reserved_type { 0b11 } else { 0b00 }, 0),
            (Kind::StatusReport, _) => (0b10, 0),
            (Kind::Submit, Validity::None) => (0b01, 0x00),
            (Kind::Submit, Validity::Enhanced(_)) => (0b01, 0x08),
            (Kind::Submit, Validity::Relative(_)) => (0b01, 0x10),
            (Kind::Submit, Validity::Absolute(_)) => (0b01, 0x18),
        };
        let has_header = self.has_data && !self.header_octets().is_empty();
        octets.push(self.flags | kind | format | u8::from(has_header) << 6);
        if self.kind != Kind::Deliver {
            octets.push(self.reference);
        }
        octets.extend(self.address.octets());
        let (len, data) = self.user_data();
        match self.kind {
            Kind::Deliver => {
                octets.extend([self.protocol, self.coding]);
                octets.extend(self.time);
            }
            Kind::Submit => {
                octets.extend([self.protocol, self.coding]);
                match &self.validity {
                    Validity::None => {}
                    Validity::Relative(octet) => octets.push(*octet),
                    Validity::Absolute(period) | Validity::Enhanced(period) => {
                        octets.extend(period)
                    }
                }
            }
            Kind::StatusReport => {
                octets.extend(self.time);
                octets.extend(self.discharge);
                octets.push(self.status);
                if !self.has_data {
                    return octets;
                }
                // TP-PI: TP-PID, TP-DCS and TP-UDL follow.
                octets.extend([0b111, self.protocol, self.coding]);
            }
        }
        octets.push(len);
        octets.extend(data);
        octets
    }

    /// The digits of [`octets`](Self::octets), behind the direction: the job of a driver.
    pub fn job(&self) -> String {
        let direction = if self.kind == Kind::Submit { "MO" } else { "MT" };
        format!("{direction} {}", hex(&self.octets()))
    }

    /// Where several elements of one kind are, the last one counts; one that names no part, or a part
    /// behind the last, is ignored. TS 23.040, 9.2.3.24 and 9.2.3.24.1.
    fn part(&self) -> Option<[u16; 3]> {
        let mut parts = self.header.iter().filter_map(|(identifier, data)| {
            let (reference, total, number) = match (*identifier, data.as_slice()) {
                (PART_8, [reference, total, number]) => (u16::from(*reference), *total, *number),
                (PART_16, [high, low, total, number]) => {
                    (u16::from_be_bytes([*high, *low]), *total, *number)
                }
                _ => return None,
            };
            (1..=total).contains(&number).then_some([reference, total.into(), number.into()])
        });
        if self.header_rest.is_empty() { parts.next_back() } else { None }
    }

    /// The languages of the main table and of the extension table.
    pub fn languages(&self) -> (u8, u8) {
        let language = |identifier| {
            let named = self.header.iter().rev().find(|(other, _)| *other == identifier);
            named.and_then(|(_, data)| data.first().copied()).unwrap_or(0)
        };
        match self.header_rest.is_empty() {
            true => (language(LANGUAGE_LOCKING), language(LANGUAGE_SINGLE)),
            false => (0, 0),
        }
    }

    /// What the standard has a reader find.
    pub fn told(&self, tables: &Tables) -> Answer {
        let kind = match self.kind {
            Kind::Deliver => "DELIVER",
            Kind::Submit => "SUBMIT",
            Kind::StatusReport => "STATUS-REPORT",
        };
        let mut told = Answer {
            kind: Some(kind.to_owned()),
            address: Some(self.address.text(tables)),
            ..Answer::default()
        };
        match self.kind {
            Kind::Deliver => told.time = time_text(&self.time),
            Kind::Submit => {
                told.reference = Some(self.reference);
                told.validity = match &self.validity {
                    Validity::Relative(octet) => Some(format!("{} min", minutes(*octet))),
                    Validity::Absolute(time) => time_text(time),
                    Validity::None | Validity::Enhanced(_) => None,
                };
            }
            Kind::StatusReport => {
                told.reference = Some(self.reference);
                told.time = time_text(&self.time);
                told.discharge = time_text(&self.discharge);
                told.status = Some(self.status);
            }
        }
        if self.has_data {
            told.part = self.part();
            let (locking, single) = self.languages();
            match &self.body {
                Body::Septets(septets) => told.text = Some(tables.text(septets, locking, single)),
                Body::Units(units) => told.text = Some(String::from_utf16_lossy(units)),
                Body::Octets(octets) => told.data = Some(hex(octets)),
            }
        }
        told
    }
}

/// TS 23.040, 9.2.3.12.1.
fn minutes(octet: u8) -> u32 {
    let value = u32::from(octet);
    match octet {
        0..=143 => (value + 1) * 5,
        144..=167 => 12 * 60 + (value - 143) * 30,
        168..=196 => (value - 166) * 24 * 60,
        197..=255 => (value - 192) * 7 * 24 * 60,
    }
}

pub fn hex(octets: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 0xF)]).collect()
}

pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    let half = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8);
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.as_bytes().chunks(2).map(|pair| Some(half(pair[0])? << 4 | half(pair[1])?)).collect()
}
