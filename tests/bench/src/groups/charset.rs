//! Charsets and digits.

use septet::pdu;
use septet::text::{Charset, Text};
use septet::ucs2;
use septet::wire::Writer;

use super::{Candidate, Group, Input, OURS, claim};
use crate::inputs;

const ENCODING_RS: &[&str] = &["encoding_rs"];

fn texts() -> Vec<Input> {
    vec![
        Input::text("Cyrillic", inputs::CYRILLIC),
        Input::text("ascii", inputs::ASCII),
        Input::text("emoji", inputs::EMOJI),
    ]
}

pub static UCS2_ENCODE: Group = Group {
    name: "UCS-2 encode",
    work: "UTF-8 to UTF-16, most significant octet first",
    inputs: texts,
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            ucs2::emit(input.text.chars(), &mut w).unwrap();
            see(w.written());
        }),
        Candidate::new("encoding_rs", |input, scratch, see| {
            let mut units = [0_u16; 512];
            let len = encoding_rs::mem::convert_str_to_utf16(&input.text, &mut units);
            let octets = &mut scratch.octets[..2 * len];
            for (to, unit) in octets.as_chunks_mut::<2>().0.iter_mut().zip(&units[..len]) {
                *to = unit.to_be_bytes();
            }
            see(octets);
        }),
        Candidate::new("std", |input, scratch, see| {
            let mut len = 0;
            for unit in input.text.encode_utf16() {
                scratch.octets[len..len + 2].copy_from_slice(&unit.to_be_bytes());
                len += 2;
            }
            see(&scratch.octets[..len]);
        }),
    ],
    claims: &[claim("Cyrillic", ENCODING_RS, 0.7, 1.0), claim("ascii", ENCODING_RS, 0.7, 1.0)],
};

pub static UCS2_DECODE: Group = Group {
    name: "UCS-2 decode",
    work: "UTF-16, most significant octet first, to UTF-8",
    inputs: || {
        let utf16 = |input: Input| {
            let octets = input.text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            Input::octets(input.name, octets)
        };
        texts().into_iter().map(utf16).collect()
    },
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            ucs2::chars(ucs2::units(&input.octets)).emit(&mut w).unwrap();
            see(w.written());
        }),
        Candidate::new("encoding_rs", |input, scratch, see| {
            let mut units = [0_u16; 512];
            let octets = input.octets.as_chunks::<2>().0;
            for (unit, octets) in units.iter_mut().zip(octets) {
                *unit = u16::from_be_bytes(*octets);
            }
            let units = &units[..octets.len()];
            let len = encoding_rs::mem::convert_utf16_to_utf8(units, &mut scratch.octets);
            see(&scratch.octets[..len]);
        }),
        Candidate::new("encoding_rs, to a string", |input, _, see| {
            see(encoding_rs::UTF_16BE.decode_without_bom_handling(&input.octets).0.as_bytes());
        }),
        Candidate::new("std", |input, scratch, see| {
            let units = input.octets.as_chunks::<2>().0.iter().map(|two| u16::from_be_bytes(*two));
            scratch.string.clear();
            scratch.string.extend(
                char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
            );
            see(scratch.string.as_bytes());
        }),
    ],
    claims: &[claim("Cyrillic", ENCODING_RS, 0.7, 1.0), claim("ascii", ENCODING_RS, 0.7, 1.0)],
};

/// Octets of ISO 8859-1.
fn octets_of(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

pub static LATIN1_DECODE: Group = Group {
    name: "Latin-1 decode",
    work: "ISO 8859-1 to UTF-8",
    inputs: || vec![Input::octets("mixed", octets_of(&inputs::latin1()))],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            let text = Text::octets(&input.octets, Charset::Latin1).unwrap();
            text.emit(&mut w, Charset::Utf8).unwrap();
            see(w.written());
        }),
        Candidate::new("encoding_rs", |input, scratch, see| {
            let len = encoding_rs::mem::convert_latin1_to_utf8(&input.octets, &mut scratch.octets);
            see(&scratch.octets[..len]);
        }),
        Candidate::new("std", |input, scratch, see| {
            scratch.string.clear();
            scratch.string.extend(input.octets.iter().map(|octet| char::from(*octet)));
            see(scratch.string.as_bytes());
        }),
    ],
    claims: &[claim("mixed", ENCODING_RS, 0.7, 1.0)],
};

pub static LATIN1_ENCODE: Group = Group {
    name: "Latin-1 encode",
    work: "UTF-8 to ISO 8859-1",
    inputs: || vec![Input::text("mixed", inputs::latin1())],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            Text::plain(&input.text).emit(&mut w, Charset::Latin1).unwrap();
            see(w.written());
        }),
        Candidate::new("encoding_rs", |input, scratch, see| {
            assert!(encoding_rs::mem::is_str_latin1(&input.text));
            let len = encoding_rs::mem::convert_utf8_to_latin1_lossy(
                input.text.as_bytes(),
                &mut scratch.octets,
            );
            see(&scratch.octets[..len]);
        }),
        Candidate::new("std", |input, scratch, see| {
            let mut len = 0;
            for c in input.text.chars() {
                scratch.octets[len] = u8::try_from(c).unwrap();
                len += 1;
            }
            see(&scratch.octets[..len]);
        }),
    ],
    claims: &[claim("mixed", ENCODING_RS, 0.7, 1.0)],
};

/// As many octets as the longest TPDU has.
fn tpdu() -> Vec<u8> {
    (0..164_u32).map(|n| (n * 37 + 11) as u8).collect()
}

pub static HEX_DECODE: Group = Group {
    name: "hex decode",
    work: "reads the digits of 164 octets",
    inputs: || vec![Input::text("PDU", hex::encode_upper(tpdu()))],
    candidates: &[
        Candidate::new(OURS, |input, _, see| see(&pdu::read_hex(&input.octets).unwrap())),
        Candidate::new("hex", |input, scratch, see| {
            let octets = &mut scratch.octets[..input.octets.len() / 2];
            hex::decode_to_slice(&input.octets, octets).unwrap();
            see(octets);
        }),
        Candidate::new("const-hex", |input, scratch, see| {
            let octets = &mut scratch.octets[..input.octets.len() / 2];
            const_hex::decode_to_slice(&input.octets, octets).unwrap();
            see(octets);
        }),
    ],
    claims: &[],
};

pub static HEX_ENCODE: Group = Group {
    name: "hex encode",
    work: "writes the digits of 164 octets",
    inputs: || vec![Input::octets("PDU", tpdu())],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut len = 0;
            for (to, digit) in scratch.octets.iter_mut().zip(pdu::hex(&input.octets)) {
                *to = digit;
                len += 1;
            }
            see(&scratch.octets[..len]);
        }),
        Candidate::new("hex", |input, _, see| see(hex::encode_upper(&input.octets).as_bytes())),
        Candidate::new("const-hex", |input, _, see| {
            see(const_hex::encode_upper(&input.octets).as_bytes());
        }),
    ],
    claims: &[],
};
