//! The GSM 7-bit alphabet: text to packed octets and back, and the packing alone.

use septet::gsm7::{self, Tables};
use septet::wire::Writer;
use sms_pdu::gsm_encoding::GsmMessageData;
use sms_pdu::pdu::MessageEncoding;

use super::{Candidate, Group, Input, OURS, claim};
#[cfg(feature = "c")]
use crate::c;
use crate::inputs;

fn texts() -> Vec<Input> {
    vec![
        Input::text("ascii", inputs::ASCII),
        Input::text("mixed", inputs::MIXED),
        Input::text("all escaped", inputs::all_escape()),
    ]
}

pub static ENCODE: Group = Group {
    name: "GSM-7 encode",
    work: "maps 160 septets of text and packs them",
    inputs: texts,
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            Tables::DEFAULT.encode(input.text.chars(), 0, &mut w).unwrap();
            see(w.written());
        }),
        Candidate::new("sms-pdu", |input, _, see| {
            see(&GsmMessageData::encode_message(&input.text)[0].bytes);
        }),
        Candidate::new("tpdu", |input, _, see| {
            see(&tpdu::pack_gsm7(&input.text).unwrap().0);
        }),
        Candidate::new("gsm7", |input, _, see| {
            let mut writer = ::gsm7::Gsm7Writer::new(Vec::new());
            writer.write_str(&input.text).unwrap();
            see(&writer.into_writer().unwrap());
        }),
        #[cfg(feature = "c")]
        Candidate::new("libgammu", |input, _, see| c::run(c::gammu_pack, &input.octets, see)),
        // Its text is ISO 8859-1.
        #[cfg(feature = "c")]
        Candidate::only(
            "libosmocore",
            |input, _, see| c::run(c::osmocore_pack, &input.octets, see),
            &["ascii"],
        ),
    ],
    claims: &[claim("ascii", PEERS, 6.0, 12.0), claim("mixed", PEERS, 4.0, 8.0)],
};

/// Those that map and pack, of them the fastest.
const PEERS: &[&str] = &["sms-pdu", "tpdu", "gsm7", "libgammu", "libosmocore"];

/// The texts, packed.
fn packed() -> Vec<Input> {
    let pack = |input: Input| Input::octets(input.name, tpdu::pack_gsm7(&input.text).unwrap().0);
    texts().into_iter().map(pack).collect()
}

pub static DECODE: Group = Group {
    name: "GSM-7 decode",
    work: "unpacks 160 septets and maps them to UTF-8",
    inputs: packed,
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let text = Tables::DEFAULT.chars(gsm7::unpack(&input.octets, 0, 160));
            see(text.copy_to(&mut scratch.octets).unwrap().as_bytes());
        }),
        Candidate::new("sms-pdu", |input, _, see| {
            let data = GsmMessageData {
                encoding: MessageEncoding::Gsm7Bit,
                udh: false,
                bytes: input.octets.clone(),
                user_data_len: 160,
            };
            see(data.decode_message().unwrap().text.as_bytes());
        }),
        Candidate::new("tpdu", |input, _, see| {
            see(tpdu::unpack_gsm7(&input.octets, 160).unwrap().as_bytes());
        }),
        Candidate::new("gsm7", |input, _, see| {
            let reader = ::gsm7::Gsm7Reader::new(&input.octets[..]);
            see(reader.collect::<Result<String, _>>().unwrap().as_bytes());
        }),
        #[cfg(feature = "c")]
        Candidate::new("libgammu", |input, _, see| {
            c::unpack(c::gammu_unpack, &input.octets, 160, see);
        }),
        #[cfg(feature = "c")]
        Candidate::only(
            "libosmocore",
            |input, _, see| c::unpack(c::osmocore_unpack, &input.octets, 160, see),
            &["ascii"],
        ),
    ],
    claims: &[claim("ascii", PEERS, 4.0, 6.0), claim("mixed", PEERS, 2.0, 4.0)],
};

/// Septets, one an octet.
fn septets() -> Vec<Input> {
    let many = |count: usize| (0..count).map(|n| (n * 31 % 128) as u8).collect();
    vec![Input::octets("160", many(160)), Input::octets("64 Ki", many(64 * 1024))]
}

pub static PACK: Group = Group {
    name: "pack",
    work: "packs septets, eight in seven octets",
    inputs: septets,
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            gsm7::pack(input.octets.iter().copied(), 0, &mut w).unwrap();
            see(w.written());
        }),
        Candidate::new("loop over bits", |input, scratch, see| {
            see(plain_pack(&input.octets, &mut scratch.octets));
        }),
    ],
    claims: &[],
};

/// What packing is, in the fewest words.
pub fn plain_pack<'a>(septets: &[u8], octets: &'a mut [u8]) -> &'a [u8] {
    let (mut bits, mut waiting, mut len) = (0, 0_u32, 0);
    for septet in septets {
        waiting |= u32::from(*septet) << bits;
        bits += 7;
        if bits >= 8 {
            octets[len] = waiting as u8;
            len += 1;
            waiting >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        octets[len] = waiting as u8;
        len += 1;
    }
    &octets[..len]
}

pub static UNPACK: Group = Group {
    name: "unpack",
    work: "unpacks septets, an octet each",
    inputs: || {
        let pack = |input: Input| {
            let mut octets = vec![0; input.octets.len()];
            Input::octets(input.name, plain_pack(&input.octets, &mut octets).to_vec())
        };
        septets().into_iter().map(pack).collect()
    },
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let count = input.octets.len() * 8 / 7;
            let mut w = Writer::new(&mut scratch.octets);
            gsm7::emit_unpacked(gsm7::unpack(&input.octets, 0, count), &mut w).unwrap();
            see(w.written());
        }),
        Candidate::new("loop over bits", |input, scratch, see| {
            let (mut bits, mut waiting, mut len) = (0, 0_u32, 0);
            for octet in &input.octets {
                waiting |= u32::from(*octet) << bits;
                bits += 8;
                while bits >= 7 {
                    scratch.octets[len] = waiting as u8 & 0x7F;
                    len += 1;
                    waiting >>= 7;
                    bits -= 7;
                }
            }
            see(&scratch.octets[..len]);
        }),
    ],
    claims: &[],
};
