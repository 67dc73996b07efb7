//! Whose answers are right: the same question to all who can be asked, and what each makes of it.

use septet::Wire;
use septet::form::FormReader;
use septet::gsm7::{self, Tables};
use septet::segment::{Plan, segments};
use septet::text::Charset;
use septet::tpdu::udh::Reference;
use septet::tpdu::{DataCoding, Deliver, UserData};
use septet::wire::Writer;
use sms_pdu::gsm_encoding::GsmMessageData;
use sms_pdu::pdu::MessageEncoding;

#[cfg(feature = "c")]
use crate::c;
use crate::groups::OURS;

/// What one of them answers.
pub struct Answer {
    pub who: &'static str,
    pub is_right: bool,
    pub words: String,
}

/// What all are asked.
pub struct Question {
    pub words: &'static str,
    pub answers: Vec<Answer>,
}

fn answer(who: &'static str, is_right: bool, words: impl Into<String>) -> Answer {
    Answer { who, is_right, words: words.into() }
}

/// So many of so many are right.
fn share(who: &'static str, right: usize, all: usize) -> Answer {
    answer(who, right == all, format!("{right} of {all}"))
}

pub fn all() -> Vec<Question> {
    vec![
        packing(),
        unpacking(),
        boundary(),
        parts_read(),
        pairs(),
        broken_escape(),
        not_utf8(),
        cut_short(),
    ]
}

fn of_length(len: usize) -> String {
    "a".repeat(len)
}

/// 3GPP TS 23.038, section 6.1.2.1: bits that are left over are zero.
fn plainly_packed(len: usize) -> Vec<u8> {
    let septets = vec![b'a'; len];
    let mut octets = vec![0; len];
    crate::groups::plain_pack(&septets, &mut octets).to_vec()
}

fn count(right: impl Fn(usize) -> bool) -> usize {
    (1..=160).filter(|len| right(*len)).count()
}

fn packing() -> Question {
    let ours = count(|len| {
        let mut octets = [0; 140];
        let mut w = Writer::new(&mut octets);
        Tables::DEFAULT.encode(of_length(len).chars(), 0, &mut w).is_ok()
            && w.written() == plainly_packed(len)
    });
    let sms_pdu = count(|len| {
        GsmMessageData::encode_message(&of_length(len))[0].bytes == plainly_packed(len)
    });
    let tpdu = count(|len| tpdu::pack_gsm7(&of_length(len)).unwrap().0 == plainly_packed(len));
    let gsm7 = count(|len| {
        let mut writer = ::gsm7::Gsm7Writer::new(Vec::new());
        writer.write_str(&of_length(len)).unwrap();
        writer.into_writer().unwrap() == plainly_packed(len)
    });
    Question {
        words: "texts of 1 to 160 septets packed as TS 23.038 has it, spare bits zero",
        answers: Vec::from([
            share(OURS, ours, 160),
            share("sms-pdu", sms_pdu, 160),
            share("tpdu", tpdu, 160),
            share("gsm7", gsm7, 160),
            #[cfg(feature = "c")]
            share("libgammu", packed_by(c::gammu_pack), 160),
            #[cfg(feature = "c")]
            share("libosmocore", packed_by(c::osmocore_pack), 160),
        ]),
    }
}

#[cfg(feature = "c")]
fn packed_by(peer: c::Peer) -> usize {
    count(|len| {
        let text = of_length(len);
        c::last(|see| c::run(peer, text.as_bytes(), see)) == Some(plainly_packed(len))
    })
}

#[cfg(feature = "c")]
fn unpacked_by(peer: c::Peer) -> usize {
    count(|len| {
        let text = c::last(|see| c::unpack(peer, &plainly_packed(len), len, see));
        text == Some(of_length(len).into_bytes())
    })
}

fn unpacking() -> Question {
    let ours = count(|len| {
        let octets = plainly_packed(len);
        Tables::DEFAULT.chars(gsm7::unpack(&octets, 0, len)).eq(of_length(len).chars())
    });
    let sms_pdu = count(|len| {
        let data = GsmMessageData {
            encoding: MessageEncoding::Gsm7Bit,
            udh: false,
            bytes: plainly_packed(len),
            user_data_len: len as u8,
        };
        data.decode_message().is_ok_and(|message| message.text == of_length(len))
    });
    let tpdu = count(|len| {
        tpdu::unpack_gsm7(&plainly_packed(len), len).is_ok_and(|text| text == of_length(len))
    });
    let gsm7 = count(|len| {
        let octets = plainly_packed(len);
        let text: Result<String, _> = ::gsm7::Gsm7Reader::new(&octets[..]).collect();
        text.is_ok_and(|text| text == of_length(len))
    });
    Question {
        words: "the same octets read back: no character more than TP-UDL says",
        answers: Vec::from([
            share(OURS, ours, 160),
            share("sms-pdu", sms_pdu, 160),
            share("tpdu", tpdu, 160),
            share("gsm7", gsm7, 160),
            #[cfg(feature = "c")]
            share("libgammu", unpacked_by(c::gammu_unpack), 160),
            #[cfg(feature = "c")]
            share("libosmocore", unpacked_by(c::osmocore_unpack), 160),
        ]),
    }
}

/// TP-UDL and TP-UD.
type Part = (u8, Vec<u8>);

/// The text that parts are, each read by itself, as a handset does that has them one after the other.
fn read(parts: impl Iterator<Item = Part>, coding: DataCoding) -> String {
    parts
        .flat_map(|(len, octets)| {
            let data = UserData { has_header: true, len, octets: &octets };
            data.text(coding).unwrap().collect::<Vec<_>>()
        })
        .collect()
}

fn ours(text: &str) -> Vec<Part> {
    let plan = Plan::cheapest(text.chars());
    segments(text.chars(), plan, Reference::Short(7))
        .unwrap()
        .map(|part| {
            let mut buffer = [0; 140];
            let data = part.user_data(&mut buffer);
            (data.len, data.octets.to_vec())
        })
        .collect()
}

fn theirs(text: &str) -> Vec<Part> {
    let parts = GsmMessageData::encode_message(text).into_iter();
    parts.map(|part| (part.user_data_len, part.bytes)).collect()
}

/// What came of the place where the parts meet.
fn around(who: &'static str, sent: &str, got: &str, from: usize) -> Answer {
    let some = |text: &str| text.chars().skip(from).take(4).collect::<String>();
    answer(who, sent == got, format!("…{}…", some(got).escape_debug()))
}

fn boundary() -> Question {
    let text = of_length(152) + "€" + &"b".repeat(20);
    let read = |parts: Vec<_>| read(parts.into_iter(), DataCoding::GSM7);
    Question {
        words: "a euro sign where the first part ends: `…aa€b…`",
        answers: vec![
            around(OURS, &text, &read(ours(&text)), 150),
            around("sms-pdu", &text, &read(theirs(&text)), 150),
        ],
    }
}

fn pairs() -> Question {
    let text = "ж".repeat(66) + "😀" + &"ж".repeat(20);
    let read = |parts: Vec<_>| read(parts.into_iter(), DataCoding::UCS2);
    Question {
        words: "an emoji where the first part ends, in UCS-2: `…жж😀ж…`",
        answers: vec![
            around(OURS, &text, &read(ours(&text)), 64),
            around("sms-pdu", &text, &read(theirs(&text)), 64),
        ],
    }
}

fn parts_read() -> Question {
    let sent: String = crate::inputs::long_ascii().chars().take(200).collect();
    let parts = ours(&sent);
    let joined = |read: &dyn Fn(&Part) -> Option<String>| -> bool {
        parts.iter().map(|part| read(part).unwrap_or_default()).collect::<String>() == sent
    };
    let words = |is_right| if is_right { "the text" } else { "another text" };
    let septet = joined(&|(len, octets)| {
        let data = UserData { has_header: true, len: *len, octets };
        data.text(DataCoding::GSM7).map(Iterator::collect)
    });
    let sms_pdu = joined(&|(len, octets)| {
        let encoding = MessageEncoding::Gsm7Bit;
        let data =
            GsmMessageData { encoding, udh: true, bytes: octets.clone(), user_data_len: *len };
        data.decode_message().ok().map(|message| message.text)
    });
    let tpdu = joined(&|(len, octets)| {
        tpdu::unpack_gsm7_with_header(octets, (*len).into()).ok().map(|(_, text)| text)
    });
    Question {
        words: "two parts with a header and fill bits, read and joined",
        answers: vec![
            answer(OURS, septet, words(septet)),
            answer("sms-pdu", sms_pdu, words(sms_pdu)),
            answer("tpdu", tpdu, words(tpdu)),
        ],
    }
}

/// What a form's only value reads as.
fn value(form: &'static [u8]) -> Result<String, septet::Error> {
    let pair = FormReader::new(form, Charset::Utf8).next_pair().expect("a pair");
    pair.value.text().map(|text| text.to_string())
}

fn form_question(words: &'static str, form: &'static [u8]) -> Question {
    let ours = match value(form) {
        Err(error) => answer(OURS, true, format!("refused: {error}")),
        Ok(text) => answer(OURS, false, accepted(&text)),
    };
    let (_, text) = form_urlencoded::parse(form).next().expect("a pair");
    let theirs = answer("form_urlencoded", false, accepted(&text));
    let pairs: Result<Vec<(String, String)>, _> = serde_urlencoded::from_bytes(form);
    let serde = match pairs {
        Err(error) => answer("serde_urlencoded", true, format!("refused: {error}")),
        Ok(pairs) => answer("serde_urlencoded", false, accepted(&pairs[0].1)),
    };
    let raw = &form[form.iter().position(|octet| *octet == b'=').expect("a value") + 1..];
    let decoded = match String::from_utf8(urlencoding::decode_binary(raw).into_owned()) {
        Err(error) => answer("urlencoding", true, format!("refused: {error}")),
        Ok(text) => answer("urlencoding", false, accepted(&text)),
    };
    let answers = Vec::from([
        ours,
        theirs,
        serde,
        decoded,
        #[cfg(feature = "c")]
        form_of_c("Kannel", c::kannel_form_parse, form),
        #[cfg(feature = "c")]
        form_of_c("libcurl", c::libcurl_form_parse, form),
        #[cfg(feature = "c")]
        form_of_c("glib", c::glib_form_parse, form),
    ]);
    Question { words, answers }
}

#[cfg(feature = "c")]
fn form_of_c(who: &'static str, peer: c::Peer, form: &[u8]) -> Answer {
    match c::last(|see| c::run(peer, form, see)).map(String::from_utf8) {
        None => answer(who, true, "refused"),
        Some(Ok(text)) => answer(who, false, accepted(&text)),
        Some(Err(_)) => answer(who, true, "its octets, for the caller to look at"),
    }
}

fn accepted(text: &str) -> String {
    format!("accepted as `{}`", text.escape_debug())
}

fn broken_escape() -> Question {
    form_question("a broken escape in a message's text, `text=5%`: told to the sender", b"text=5%")
}

fn not_utf8() -> Question {
    form_question(
        "a text that is not in the charset it says, `text=bl%E5`: told, not changed",
        b"text=bl%E5",
    )
}

fn cut_short() -> Question {
    // TP-UDL says ten septets; there are eight octets.
    let deliver =
        b"\x04\x04\x81\x21\x43\x00\x00\x62\x21\x02\x51\x32\x05\x80\x0A\xE8\x32\x9B\xFD\x06";
    let ours = match Deliver::from_bytes(deliver) {
        Err(error) => answer(OURS, true, format!("refused: {error}")),
        Ok(_) => answer(OURS, false, "accepted"),
    };
    let tpdu = match tpdu::SmsDeliver::decode(deliver) {
        Err(error) => answer("tpdu", true, format!("refused: {error}")),
        Ok(_) => answer("tpdu", false, "accepted"),
    };
    let pdu = [&[0][..], deliver].concat();
    let sms_pdu = match sms_pdu::pdu::DeliverPdu::try_from(&pdu[..]) {
        Err(error) => answer("sms-pdu", true, format!("refused: {error}")),
        Ok(deliver) => {
            let text = deliver.get_message_data().decode_message().map(|message| message.text);
            answer("sms-pdu", false, accepted(&text.unwrap_or_default()))
        }
    };
    #[cfg(feature = "c")]
    let libgammu = match c::last(|see| c::run(c::gammu_deliver, deliver, see)) {
        None => answer("libgammu", true, "refused"),
        Some(text) => answer("libgammu", false, accepted(&String::from_utf8_lossy(&text))),
    };
    Question {
        words: "an SMS-DELIVER whose text was cut: told, not shown as if whole",
        answers: Vec::from([
            ours,
            sms_pdu,
            tpdu,
            #[cfg(feature = "c")]
            libgammu,
        ]),
    }
}
