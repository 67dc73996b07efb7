//! Texts to be sent: what each program makes of them, read by the letter of the standard.

use crate::answer::Answer;
use crate::message::{PART_8, PART_16, hex, packed, unhex};
use crate::rng::Rng;
use crate::tables::{ESCAPE, Tables};

/// The number that all of them go to.
const NUMBER: &str = "4512345678";

/// What is wrong with the PDUs of a text; the first that holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub name: &'static str,
    pub clause: &'static str,
    pub says: &'static str,
}

macro_rules! faults {
    ($($id:ident: $name:literal, $clause:literal, $says:literal;)*) => {
        $(const $id: &Fault = &Fault { name: $name, clause: $clause, says: $says };)*
        pub static FAULTS: &[&Fault] = &[$($id),*];
    };
}

faults! {
    REFUSED: "nothing is written", "TS 23.038, 6.2",
        "Every text has an alphabet: GSM 7-bit where it has all characters, else UCS2.";
    BROKEN: "the program breaks", "TS 23.038, 6.2",
        "Every text has an alphabet: GSM 7-bit where it has all characters, else UCS2.";
    NO_SUBMIT: "no SMS-SUBMIT", "TS 23.040, 9.2.2.2",
        "Its fields stand in this order, and TP-UDL counts what TP-UD has.";
    ADDRESS: "another number", "TS 23.040, 9.1.2.5",
        "The type of address is 0x91 for an international number, the length counts its digits.";
    TOO_LONG: "more than 140 octets of user data", "TS 23.040, 9.2.3.24",
        "A message has 140 octets, or 160 septets, its header included.";
    PARTS: "parts that are not told as such", "TS 23.040, 9.2.3.24.1",
        "Each part has the number of parts, its own number from 1 on, and the reference that all share.";
    ESCAPE_CUT: "an escape and its character in two parts", "TS 23.040, 9.2.3.24.1",
        "A character represented by an escape sequence is not split; a receiver may show a space and a letter.";
    SURROGATE_CUT: "a surrogate pair in two parts", "TS 23.040, 9.2.3.24.1",
        "A UCS2 character is not split; half of a pair in each part is no text.";
    SPARE_BITS: "7 spare bits that are not zero", "TS 23.038, 6.1.2.1",
        "The last octet is completed with zeros; the carriage return is the padding of USSD alone (6.1.2.3).";
    CHARACTERS: "other characters", "TS 23.038, 6.2.1 and 6.2.1.1",
        "What is read back is the text.";
    LENGTH: "a text that is cut, or goes on", "TS 23.040, 9.2.3.16",
        "What is read back is the text.";
    ALPHABET: "UCS2 for a text of the GSM 7-bit alphabet", "TS 23.038, 6.2.1",
        "It is in the default alphabet and its extension: UCS2 takes more than twice the parts.";
    MORE_PARTS: "more parts than the text needs", "TS 23.040, 9.2.3.24.1",
        "A part has 160 septets or 140 octets, less its header: with a reference of 8 bits 153 septets, or 67 units of UCS2.";
}

/// A text, and who may be asked to write it.
pub struct Text(pub String);

impl Text {
    /// The text `index` of a run with this seed.
    pub fn of(tables: &Tables, seed: u64, index: u64) -> Self {
        let rng = &mut Rng::of(!seed, index);
        let is_gsm7 = rng.per_mille(650);
        let borders: &[usize] = match is_gsm7 {
            true => &[
                1, 2, 6, 7, 8, 9, 15, 16, 17, 23, 152, 153, 154, 159, 160, 161, 305, 306, 307, 459,
            ],
            false => &[1, 2, 66, 67, 68, 69, 70, 71, 133, 134, 135, 201, 202],
        };
        let border = rng.pick(borders);
        let count =
            if rng.per_mille(700) { border } else { 1 + rng.below(borders[borders.len() - 1]) };
        let plain = rng.per_mille(300);
        let mut text: Vec<char> = (0..count)
            .map(|_| match (is_gsm7, plain) {
                (true, true) => char::from(b'a' + rng.below(26) as u8),
                (true, false) => {
                    let septet = rng.below(128);
                    let character =
                        tables.main(0)[septet].filter(|_| septet != usize::from(ESCAPE));
                    character.filter(|c| *c != '\r').unwrap_or('x')
                }
                _ => char::from_u32(0x0416 + rng.below(24) as u32).unwrap_or('ж'),
            })
            .collect();
        // What takes two septets, or two units, stands anywhere, and where parts may end.
        let pairs: &[char] =
            if is_gsm7 { &['€', '{', ']', '~', '^', '|'] } else { &['😀', '🚀'] };
        let part = if is_gsm7 { 153 } else { 67 };
        for at in [part - 1, 2 * part - 1, rng.below(count)] {
            if rng.per_mille(250) && at < text.len() {
                text[at] = rng.pick(pairs);
                // As long as before.
                if text.len() > 1 && rng.per_mille(700) {
                    text.pop();
                }
            }
        }
        if rng.per_mille(60)
            && let Some(last) = text.last_mut()
        {
            *last = '@';
        }
        Self(text.into_iter().collect())
    }

    pub fn job(&self) -> String {
        format!("TO +{NUMBER} {}", hex(self.0.as_bytes()))
    }

    /// Its septets in the default tables, where they have all of it.
    fn septets(&self, tables: &Tables) -> Option<Vec<Vec<u8>>> {
        let code = |c: char| {
            let find = |table: &[Option<char>; 128]| table.iter().position(|cell| *cell == Some(c));
            let main = find(tables.main(0)).filter(|septet| *septet != usize::from(ESCAPE));
            let single = || Some(vec![ESCAPE, find(tables.extension(0))? as u8]);
            main.map(|septet| vec![septet as u8]).or_else(single)
        };
        self.0.chars().map(code).collect()
    }

    /// How many parts there must be, where each of several has so many octets of header.
    fn parts(&self, tables: &Tables, header: usize) -> usize {
        let (costs, whole, part): (Vec<usize>, _, _) = match self.septets(tables) {
            Some(codes) => {
                (codes.iter().map(Vec::len).collect(), 160, 160 - (8 * header).div_ceil(7))
            }
            None => (self.0.chars().map(char::len_utf16).collect(), 70, (140 - header) / 2),
        };
        if costs.iter().sum::<usize>() <= whole {
            return 1;
        }
        let (mut parts, mut left) = (0, 0);
        for cost in costs {
            if cost > left {
                (parts, left) = (parts + 1, part);
            }
            left -= cost;
        }
        parts
    }

    /// What is wrong with what a program made of it; `None` where it does not write such texts.
    pub fn judge(&self, tables: &Tables, answer: &Answer) -> Option<Result<(), &'static Fault>> {
        if answer.error.is_some() {
            return Some(Err(REFUSED));
        }
        if answer.crash.is_some() {
            return Some(Err(BROKEN));
        }
        if let Some(octets) = &answer.packed {
            return Some(self.judge_packed(tables, octets));
        }
        answer.pdus.as_ref().map(|pdus| self.judge_pdus(tables, pdus))
    }

    fn judge_packed(&self, tables: &Tables, octets: &str) -> Result<(), &'static Fault> {
        let septets = self.septets(tables).unwrap_or_default().concat();
        let expected = packed(&septets, 0);
        let octets = unhex(octets).ok_or(NO_SUBMIT)?;
        let (last, others) = (octets.last(), octets.len().saturating_sub(1));
        match octets.len() == expected.len() {
            _ if octets == expected => Ok(()),
            true if octets[..others] == expected[..others] && last != expected.last() => {
                Err(SPARE_BITS)
            }
            true => Err(CHARACTERS),
            false => Err(LENGTH),
        }
    }

    fn judge_pdus(&self, tables: &Tables, pdus: &[String]) -> Result<(), &'static Fault> {
        let read = |pdu: &String| Part::read(&unhex(pdu)?);
        let parts: Vec<Part> = pdus.iter().map(read).collect::<Option<_>>().ok_or(NO_SUBMIT)?;
        if parts.is_empty() {
            return Err(NO_SUBMIT);
        }
        if parts.iter().any(|part| part.address != NUMBER) {
            return Err(ADDRESS);
        }
        if parts.iter().any(|part| part.octets > 140) {
            return Err(TOO_LONG);
        }
        for (at, part) in parts.iter().enumerate() {
            let told =
                part.part.map(|[_, total, number]| (usize::from(total), usize::from(number)));
            let same = part.part.map(|part| part[0]) == parts[0].part.map(|part| part[0]);
            if parts.len() > 1 && (told != Some((parts.len(), at + 1)) || !same) {
                return Err(PARTS);
            }
        }
        let ends = |body: &Units| match body {
            Units::Septets(septets) if septets.last() == Some(&ESCAPE) => Some(ESCAPE_CUT),
            Units::Ucs2(units) if units.last().is_some_and(|unit| unit & 0xFC00 == 0xD800) => {
                Some(SURROGATE_CUT)
            }
            _ => None,
        };
        if let Some(fault) = parts.iter().find_map(|part| ends(&part.body)) {
            return Err(fault);
        }
        let text: String = parts.iter().map(|part| part.body.text(tables)).collect();
        if text != self.0 {
            let same_length = text.chars().count() == self.0.chars().count();
            return Err(if same_length { CHARACTERS } else { LENGTH });
        }
        if parts.iter().any(|part| part.has_spare_bits) {
            return Err(SPARE_BITS);
        }
        if self.septets(tables).is_some()
            && parts.iter().any(|part| matches!(part.body, Units::Ucs2(_)))
        {
            return Err(ALPHABET);
        }
        let header = parts.iter().map(|part| part.header).max().unwrap_or(0);
        if parts.len() > self.parts(tables, header) { Err(MORE_PARTS) } else { Ok(()) }
    }
}

enum Units {
    Septets(Vec<u8>),
    Ucs2(Vec<u16>),
}

impl Units {
    fn text(&self, tables: &Tables) -> String {
        match self {
            Self::Septets(septets) => tables.text(septets, 0, 0),
            Self::Ucs2(units) => String::from_utf16_lossy(units),
        }
    }
}

/// An SMS-SUBMIT by the letter of TS 23.040, 9.2.2.2; nothing is excused.
struct Part {
    address: String,
    part: Option<[u16; 3]>,
    /// Octets.
    header: usize,
    octets: usize,
    body: Units,
    has_spare_bits: bool,
}

impl Part {
    fn read(pdu: &[u8]) -> Option<Self> {
        let tpdu = pdu.get(usize::from(*pdu.first()?) + 1..)?;
        let [first, _reference, len, type_of_address, rest @ ..] = tpdu else {
            return None;
        };
        if first & 0b11 != 0b01 {
            return None;
        }
        let (digits, rest) = rest.split_at_checked(usize::from(len.div_ceil(2)))?;
        let digits = digits.iter().flat_map(|octet| [octet & 0xF, octet >> 4]).take((*len).into());
        let address = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        let [_protocol, coding, rest @ ..] = rest else {
            return None;
        };
        let period = [0, 7, 1, 7][usize::from(first >> 3 & 0b11)];
        let (len, data) = rest.get(period..)?.split_first()?;
        let len = usize::from(*len);
        let mut part = None;
        let mut header = 0;
        if first & 0x40 != 0 {
            header = usize::from(*data.first()?) + 1;
            let mut elements = data.get(1..header)?;
            while let [identifier, len, rest @ ..] = elements {
                let (data, rest) = rest.split_at_checked((*len).into())?;
                match (*identifier, data) {
                    (PART_8, [reference, total, number]) => {
                        part = Some([*reference, *total, *number].map(u16::from));
                    }
                    (PART_16, [high, low, total, number]) => {
                        let reference = u16::from_be_bytes([*high, *low]);
                        part = Some([reference, (*total).into(), (*number).into()]);
                    }
                    _ => {}
                }
                elements = rest;
            }
            if !elements.is_empty() {
                return None;
            }
        }
        let body = data.get(header..)?;
        let (octets, body, has_spare_bits) = match coding {
            0x00 | 0x10..=0x13 | 0xF0..=0xF3 => {
                let before = (8 * header).div_ceil(7);
                let (fill_bits, count) = (7 * before - 8 * header, len.checked_sub(before)?);
                let bit = |at: usize| body.get(at / 8).map_or(0, |octet| octet >> (at % 8) & 1);
                let septet = |n| (0..7).map(|i| bit(fill_bits + 7 * n + i) << i).sum();
                let end = fill_bits + 7 * count;
                let spare = (end..8 * body.len()).any(|at| bit(at) != 0);
                ((len * 7).div_ceil(8), Units::Septets((0..count).map(septet).collect()), spare)
            }
            0x08 | 0x18..=0x1B if body.len() % 2 == 0 => {
                let unit = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
                (len, Units::Ucs2(body.chunks(2).map(unit).collect()), false)
            }
            _ => return None,
        };
        let fits = octets == data.len() && *type_of_address == 0x91;
        fits.then_some(Self { address, part, header, octets, body, has_spare_bits })
    }
}
