//! The numbers and texts of a line that is no PDU.

use super::{Mask, overwrite};

/// Lines that have in quotation marks where the modem is: the area and the cell, hexadecimal.
const PLACE: [&[u8]; 3] = [b"+CREG", b"+CGREG", b"+CEREG"];

/// Digits in a row that are as long as a telephone number, an IMEI, an IMSI or an ICCID.
const LONG: usize = 10;

/// Digits in a row that are a number where a `+` or other words of a string stand before them.
const SHORT: usize = 7;

/// Digits of a string that is a number and nothing else. What has fewer is a service's.
const SERVICE: usize = 5;

/// Whether `words` stand somewhere in the line, in any letter case.
pub(super) fn has(line: &[u8], words: &[u8]) -> bool {
    line.windows(words.len()).any(|place| place.eq_ignore_ascii_case(words))
}

/// Overwrites what the mask says.
pub(super) fn mask(line: &mut [u8], mask: Mask) {
    let is_ussd = has(line, b"+CUSD");
    let is_operator = has(line, b"+COPS");
    let is_place = PLACE.into_iter().any(|name| has(line, name));
    let is_card = has(line, b"+CSIM") || has(line, b"+CRSM");
    // Pieces at even places are outside of quotation marks.
    for (i, piece) in line.split_mut(|octet| *octet == b'"').enumerate() {
        let is_string = i % 2 == 1;
        if is_string && is_ussd && mask.texts {
            piece.iter_mut().filter(|octet| octet.is_ascii_alphanumeric()).for_each(|o| *o = b'x');
        }
        if !mask.numbers {
            continue;
        }
        if is_string && is_card {
            overwrite(piece.iter_mut());
        } else if is_string && is_place {
            piece.iter_mut().filter(|octet| octet.is_ascii_hexdigit()).for_each(|o| *o = b'0');
        } else if is_string && !is_operator {
            string(piece);
        } else {
            runs(piece, LONG);
        }
    }
}

/// Overwrites the number that a string is, or those that it has in it.
fn string(text: &mut [u8]) {
    let digits = text.iter().filter(|octet| octet.is_ascii_digit()).count();
    if is_ucs2_number(text) {
        // The last digit of each character.
        overwrite(text.iter_mut().skip(3).step_by(4));
    } else if text.iter().all(|octet| octet.is_ascii_digit() || b"+*#".contains(octet)) {
        if digits >= SERVICE {
            overwrite(text.iter_mut());
        }
    } else {
        runs(text, SHORT);
    }
}

/// Whether a string is a number in the hexadecimal digits of UCS-2, as after `AT+CSCS="UCS2"`.
fn is_ucs2_number(text: &[u8]) -> bool {
    let (characters, rest) = text.as_chunks::<4>();
    let is_dialled = |character: &[u8; 4]| {
        matches!(character, [b'0', b'0', b'3', b'0'..=b'9'])
            || [*b"002B", *b"002b", *b"002A", *b"002a", *b"0023"].contains(character)
    };
    characters.len() >= 3 && rest.is_empty() && characters.iter().all(is_dialled)
}

/// Overwrites each row of at least so many digits, behind a `+` of fewer.
fn runs(text: &mut [u8], long: usize) {
    let mut plus = false;
    for run in text.chunk_by_mut(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
        let digits = if run.iter().all(u8::is_ascii_digit) { run.len() } else { 0 };
        if digits >= if plus { SERVICE } else { long } {
            overwrite(run.iter_mut());
        }
        plus = run.ends_with(b"+");
    }
}
