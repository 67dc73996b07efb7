//! Messages made up: what the standard allows at its borders, and the oddities that it has a rule for.

use crate::message::{
    Address, Body, Kind, LANGUAGE_LOCKING, LANGUAGE_SINGLE, Message, PART_8, PART_16, Validity,
    Value,
};
use crate::rng::Rng;
use crate::tables::{ESCAPE, Tables};

/// Where packing, fill bits and parts have their borders, in septets.
const BORDERS: [usize; 24] =
    [0, 1, 2, 6, 7, 8, 9, 14, 15, 16, 17, 23, 24, 31, 63, 64, 69, 70, 134, 140, 151, 152, 153, 160];

/// The message `index` of the run with this seed.
pub fn message(tables: &Tables, seed: u64, index: u64) -> Message {
    let rng = &mut Rng::of(seed, index);
    let kind = rng.pick(&[
        Kind::Deliver,
        Kind::Deliver,
        Kind::Deliver,
        Kind::Submit,
        Kind::Submit,
        Kind::StatusReport,
    ]);
    let flags = rng.octet() & if kind == Kind::StatusReport { 0b0010_1100 } else { 0b1010_0100 };
    let mut message = Message {
        kind,
        centre: if rng.per_mille(500) { digits(rng, 1, 15, 10) } else { Vec::new() },
        flags,
        reserved_type: kind == Kind::Deliver && rng.per_mille(5),
        reference: rng.octet(),
        address: address(rng),
        protocol: if rng.per_mille(800) { 0 } else { rng.octet() },
        coding: 0,
        time: time(rng),
        discharge: time(rng),
        status: rng.octet() & if rng.per_mille(800) { 0x63 } else { 0x7F },
        validity: validity(rng),
        header: Vec::new(),
        header_rest: Vec::new(),
        has_data: kind != Kind::StatusReport || rng.per_mille(200),
        body: Body::Octets(Vec::new()),
    };
    header(rng, tables, &mut message);
    body(rng, tables, &mut message);
    message
}

fn digits(rng: &mut Rng, low: usize, high: usize, kinds: usize) -> Vec<u8> {
    let count = low + rng.below(high - low + 1);
    (0..count).map(|_| rng.below(kinds) as u8).collect()
}

fn address(rng: &mut Rng) -> Address {
    let (type_of_address, value) = match rng.below(1000) {
        0..=549 => (0x91, Value::Digits(digits(rng, 1, 15, 10))),
        550..=649 => (0xA1, Value::Digits(digits(rng, 3, 12, 10))),
        650..=729 => {
            (rng.pick(&[0x80, 0x81, 0x92, 0xB1, 0xC8]), Value::Digits(digits(rng, 1, 20, 10)))
        }
        730..=759 => (0x91, Value::Digits(digits(rng, 16, 20, 10))),
        760..=799 => (0x81, Value::Digits(digits(rng, 2, 8, 15))),
        800..=819 => (rng.pick(&[0x81, 0x91]), Value::Digits(Vec::new())),
        // A numbering plan that the standard reserves.
        820..=829 => (0x80 | rng.pick(&[0x12, 0x17, 0x1C]), Value::Digits(digits(rng, 5, 12, 10))),
        _ => {
            let mut septets = Vec::new();
            let count = 1 + rng.below(11);
            while septets.len() < count {
                match rng.below(100) {
                    0..=4 if septets.len() + 2 <= count => {
                        septets.extend([ESCAPE, rng.pick(&[0x28, 0x29, 0x3C, 0x3D, 0x65])]);
                    }
                    0..=9 => septets.push(rng.pick(&[0x00, 0x02, 0x11, 0x5B, 0x7F])),
                    _ => septets.push(rng.pick(
                        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz 0123456789-.",
                    )),
                }
            }
            (if rng.per_mille(970) { 0xD0 } else { 0xD1 }, Value::Name(septets))
        }
    };
    Address { type_of_address, value }
}

fn time(rng: &mut Rng) -> [u8; 7] {
    let swapped = |number: usize| (((number % 10) << 4) | (number / 10)) as u8;
    let month = 1 + rng.below(12);
    let day = 1 + rng.below(if month == 2 { 28 } else { 30 });
    let year = if rng.per_mille(900) { 20 + rng.below(15) } else { rng.below(100) };
    let numbers = [year, month, day, rng.below(24), rng.below(60), rng.below(60)];
    let zone = match rng.below(1000) {
        0..=249 => 0,
        250..=599 => swapped(rng.below(57)),
        600..=989 => swapped(1 + rng.below(48)) | 0x08,
        990..=994 => 0x08,
        _ => swapped(57 + rng.below(23)) | rng.pick(&[0x00, 0x08]),
    };
    let mut octets = [0; 7];
    for (to, number) in octets.iter_mut().zip(numbers) {
        *to = swapped(number);
    }
    octets[6] = zone;
    match rng.below(1000) {
        0..=2 => octets = [0; 7],
        3..=4 => octets = [0xFF; 7],
        5..=7 => octets[1] = swapped(13 + rng.below(80)),
        // A half octet that is no digit.
        8..=10 => octets[rng.pick(&[0, 3, 4, 5])] |= 0xF0,
        _ => {}
    }
    octets
}

fn validity(rng: &mut Rng) -> Validity {
    match rng.below(100) {
        0..=29 => Validity::None,
        30..=69 => Validity::Relative(rng.octet()),
        70..=89 => Validity::Absolute(time(rng)),
        _ => Validity::Enhanced(match rng.below(3) {
            0 => [0x01, rng.octet(), 0, 0, 0, 0, 0],
            1 => [0x02, 1 + rng.below(255) as u8, 0, 0, 0, 0, 0],
            _ => [0x43, 0x10, 0x20, 0x30, 0, 0, 0],
        }),
    }
}

fn header(rng: &mut Rng, tables: &Tables, message: &mut Message) {
    if !message.has_data {
        return;
    }
    let parts = |rng: &mut Rng| {
        let total = if rng.per_mille(900) { 1 + rng.below(7) } else { 1 + rng.below(255) };
        [total as u8, 1 + rng.below(total) as u8]
    };
    let part_8 = |rng: &mut Rng| {
        let [total, number] = parts(rng);
        (PART_8, vec![rng.octet(), total, number])
    };
    let part_16 = |rng: &mut Rng| {
        let [total, number] = parts(rng);
        (PART_16, vec![rng.octet(), rng.octet(), total, number])
    };
    let other = |rng: &mut Rng| match rng.below(4) {
        0 => (0x05, vec![0x0B, 0x84, 0x23, 0xF0]),
        1 => (0x04, vec![rng.octet(), rng.octet()]),
        2 => (0x01, vec![rng.octet() & 0x83, rng.octet()]),
        _ => {
            let len = rng.below(24);
            (0x70 + rng.below(16) as u8, (0..len).map(|_| rng.octet()).collect())
        }
    };
    match rng.below(1000) {
        0..=549 => {}
        550..=719 => message.header.push(part_8(rng)),
        720..=819 => message.header.push(part_16(rng)),
        820..=879 => message.header.push(other(rng)),
        880..=929 => {
            message.header.push(other(rng));
            message.header.push(if rng.per_mille(500) { part_8(rng) } else { part_16(rng) });
        }
        930..=969 => {
            let national = tables.national();
            let language = national[rng.below(national.len())];
            if rng.per_mille(300) {
                message.header.push(part_8(rng));
            }
            if rng.per_mille(500) {
                message.header.push((LANGUAGE_SINGLE, vec![language.id]));
            }
            if message.header.len() < 2 && language.locking.is_some() || message.header.is_empty() {
                message.header.push((LANGUAGE_LOCKING, vec![language.id]));
            }
        }
        // A part that there is none of.
        970..=979 => {
            let [total, number] = rng.pick(&[[0, 1], [0, 0], [3, 0], [3, 4], [1, 255]]);
            message.header.push((PART_8, vec![rng.octet(), total, number]));
        }
        // Two of them: the last one counts.
        980..=989 => {
            message.header.push(part_8(rng));
            message.header.push(if rng.per_mille(500) { part_8(rng) } else { part_16(rng) });
        }
        // Elements that do not end where the header does.
        _ => {
            message.header.push(part_8(rng));
            message.header_rest =
                rng.pick(&[&[0x70][..], &[0x70, 5, 1], &[0x24, 9, 1, 2]]).to_vec();
        }
    }
}

fn body(rng: &mut Rng, tables: &Tables, message: &mut Message) {
    let header = message.header_octets().len();
    let most = if message.kind == Kind::StatusReport { 100 } else { 140 } - header;
    let national = message.languages() != (0, 0);
    match if national { 0 } else { rng.below(100) } {
        0..=59 => {
            message.coding = match rng.below(1000) {
                0..=699 => 0x00,
                700..=799 => rng.pick(&[0x10, 0x11, 0x12, 0x13]),
                800..=899 => rng.pick(&[0xF0, 0xF1, 0xF2, 0xF3]),
                900..=929 => rng.pick(&[0xC0, 0xC8, 0xC9, 0xD0, 0xD8, 0xDB]),
                930..=959 => rng.pick(&[0x40, 0x50, 0x51]),
                960..=979 => rng.pick(&[0x01, 0x02, 0x03]),
                980..=989 => rng.pick(&[0x80, 0x84, 0x8B, 0x9F, 0xB0, 0xBF]),
                990..=994 => rng.pick(&[0x0C, 0x1F]),
                _ => rng.pick(&[0xF8, 0xF9, 0xFB]),
            };
            let most = most.min(140 - header);
            let most = (8 * (header + most)) / 7 - (8 * header).div_ceil(7);
            let count = length(rng, most.min(160), message);
            message.body = Body::Septets(septets(rng, tables, count, message.languages()));
        }
        60..=84 => {
            message.coding = match rng.below(100) {
                0..=79 => 0x08,
                80..=89 => rng.pick(&[0x18, 0x19, 0x1A, 0x1B]),
                90..=94 => rng.pick(&[0xE0, 0xE8, 0xEB]),
                _ => rng.pick(&[0x48, 0x58]),
            };
            let count = length(rng, most / 2, message);
            message.body = Body::Units(units(rng, count));
        }
        _ => {
            message.coding = match rng.below(100) {
                0..=79 => 0x04,
                80..=89 => rng.pick(&[0x14, 0x15, 0x16, 0x17]),
                90..=94 => rng.pick(&[0xF4, 0xF5, 0xF6, 0xF7]),
                _ => rng.pick(&[0x44, 0x54]),
            };
            let count = length(rng, most, message);
            message.body = Body::Octets((0..count).map(|_| rng.octet()).collect());
        }
    }
}

/// A part is full mostly, and the rest is at a border half of the time.
fn length(rng: &mut Rng, most: usize, message: &Message) -> usize {
    let is_part = message.header.iter().any(|(id, _)| matches!(*id, PART_8 | PART_16));
    match rng.below(100) {
        0..=39 if is_part => most,
        0..=59 => rng.pick(&BORDERS).min(most),
        60..=69 => most - rng.below(10).min(most),
        _ => rng.below(most + 1),
    }
}

fn septets(rng: &mut Rng, tables: &Tables, count: usize, (locking, single): (u8, u8)) -> Vec<u8> {
    let extension = tables.extension(single);
    let extended: Vec<u8> = (0..128)
        .filter(|s| extension[usize::from(*s)].is_some() && !matches!(s, 0x0D | 0x1B))
        .collect();
    let main = tables.main(locking);
    let style = rng.below(100);
    let mut septets = Vec::with_capacity(count);
    while septets.len() < count {
        let roll = rng.below(1000);
        let fits = septets.len() + 2 <= count;
        match style {
            0..=4 => septets.push(rng.pick(&[0x00, 0x00, 0x0D])),
            5..=54 if roll < 980 || !fits => septets.push(b'a' + rng.below(26) as u8),
            _ if roll < 900 || !fits => {
                let septet = rng.below(128) as u8;
                let is_there = main[usize::from(septet)].is_some() && septet != ESCAPE;
                septets.push(if is_there { septet } else { b'x' });
            }
            _ => septets.extend([ESCAPE, rng.pick(&extended)]),
        }
    }
    // What stands at the end is where programs differ.
    let tail: &[u8] = match rng.below(1000) {
        0..=49 => &[0x00],
        50..=79 => &[0x0D],
        80..=119 => &[ESCAPE, 0x65],
        120..=124 => &[ESCAPE],
        // An escape that the extension table has nothing for, and one in front of another.
        125..=129 => &[ESCAPE, 0x41],
        130..=134 => &[ESCAPE, ESCAPE, 0x41],
        _ => &[],
    };
    // Not behind an escape, which would make another pair of it.
    let before = count.saturating_sub(tail.len());
    if tail.len() <= count && (before == 0 || septets[before - 1] != ESCAPE) {
        septets[before..].copy_from_slice(tail);
    }
    septets
}

fn units(rng: &mut Rng, count: usize) -> Vec<u16> {
    let script = rng.pick(&[0x0410, 0x03B1, 0x4E00, 0x0041, 0x0627, 0x3042]);
    let has_pairs = rng.per_mille(200);
    let mut units = Vec::with_capacity(count);
    while units.len() < count {
        let emoji = 0x1F600 + rng.below(64) as u32;
        if has_pairs && units.len() + 2 <= count && rng.per_mille(300) {
            units.extend(char::from_u32(emoji).unwrap_or(' ').encode_utf16(&mut [0; 2]).iter());
        } else {
            units.push(script + rng.below(20) as u16);
        }
    }
    if let Some(last) = units.last_mut() {
        match rng.below(1000) {
            // Half of a pair, as at the end of a part of those who cut there.
            0..=4 if !(0xDC00..0xE000).contains(last) => *last = 0xD83D,
            5..=7 if !(0xDC00..0xE000).contains(last) => *last = 0x0000,
            _ => {}
        }
    }
    units
}
