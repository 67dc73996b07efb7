//! gsm7: the alphabet alone. What stands around the septets is read here.

use std::io::Cursor;

use gsm7::{Gsm7Reader, Gsm7Writer};

use crate::answer::Answer;
use crate::message::hex;

pub fn read(direction: &str, octets: &[u8]) -> Answer {
    let Some(packed) = packed(direction, octets) else {
        return Answer::default();
    };
    let Ok(reader) = Gsm7Reader::new_with_bit_offset(Cursor::new(packed.octets), packed.fill_bits)
    else {
        return Answer { text: Some(String::new()), ..Answer::default() };
    };
    // It reads to the end of the octets: how many septets there are is the caller's knowledge, and a
    // character of the extension takes two of them.
    let mut text = String::new();
    let mut left = packed.septets;
    for character in reader {
        let character = match character {
            Ok(character) => character,
            Err(error) => return Answer::refused(error),
        };
        let takes = if "\u{C}^{}\\[~]|€".contains(character) { 2 } else { 1 };
        if takes > left {
            break;
        }
        left -= takes;
        text.push(character);
    }
    Answer { text: Some(text), ..Answer::default() }
}

/// A text of one message; where it lacks a character, the alphabet of the text is the caller's choice.
pub fn write(_: &str, text: &str) -> Answer {
    let mut writer = Gsm7Writer::new(Vec::new());
    if writer.write_str(text).is_err() || text.chars().count() > 140 {
        return Answer::default();
    }
    match writer.into_writer() {
        Ok(octets) => Answer { packed: Some(hex(&octets)), ..Answer::default() },
        Err(error) => Answer::refused(error),
    }
}

struct Packed<'a> {
    octets: &'a [u8],
    fill_bits: u32,
    septets: usize,
}

/// The packed text of an SMS-DELIVER or SMS-SUBMIT in the default alphabet.
fn packed<'a>(direction: &str, octets: &'a [u8]) -> Option<Packed<'a>> {
    let tpdu = octets.get(usize::from(*octets.first()?) + 1..)?;
    let first = *tpdu.first()?;
    let submit = direction == "MO";
    let address = if submit { 2 } else { 1 };
    let coding = address + 2 + usize::from(tpdu.get(address)?.div_ceil(2)) + 1;
    let between = match (submit, first & 0x18) {
        (true, 0x00) => 0,
        (true, 0x10) => 1,
        _ => 7,
    };
    if !submit && first & 0b11 == 0b10
        || tpdu::user_data_coding(*tpdu.get(coding)?) != tpdu::UserDataCoding::Gsm7Bit
    {
        return None;
    }
    let (len, data) = tpdu.get(coding + 1 + between..)?.split_first()?;
    let header = if first & 0x40 != 0 { usize::from(*data.first()?) + 1 } else { 0 };
    let septets = (8 * header).div_ceil(7);
    Some(Packed {
        octets: data.get(header..)?,
        fill_bits: (7 * septets - 8 * header) as u32,
        septets: usize::from(*len).checked_sub(septets)?,
    })
}
