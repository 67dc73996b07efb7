//! The operations, each as a program does it with the codec: what it is given nobody knows when it is
//! compiled, and its buffers are the caller's.

use core::hint::black_box;

use septet::form::FormReader;
use septet::gsm7::Tables;
use septet::json::{Kind, Value};
use septet::text::Charset;
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::time::ValidityPeriod;
use septet::tpdu::{Address, DataCoding, Deliver, Submit, UserData};
use septet::wire::{Wire, Writer};

use crate::inputs::*;

/// Does the operation once; `None` where the codec refused something.
pub type Run = fn(&mut Room) -> Option<()>;

pub struct Operation {
    /// What it does, in the words of the tables.
    pub name: &'static str,
    pub run: Run,
    /// Whether what it left in the room is right.
    pub is_right: fn(&Room) -> bool,
}

/// What is counted. A further operation is a line here.
pub static OPERATIONS: [Operation; 7] = [
    Operation {
        name: "GSM-7 encode, 160 characters of ASCII",
        run: encode_ascii,
        is_right: |room| room.octets() == ASCII_PACKED,
    },
    Operation {
        name: "GSM-7 encode, 160 septets, mixed",
        run: encode_mixed,
        is_right: |room| room.octets() == MIXED_PACKED,
    },
    Operation {
        name: "GSM-7 decode to UTF-8, 160 septets, mixed",
        run: decode,
        is_right: |room| room.octets() == MIXED.as_bytes(),
    },
    Operation {
        name: "SMS-SUBMIT out of a number and a text, 160 septets, mixed",
        run: submit,
        is_right: |room| room.octets() == SUBMIT,
    },
    Operation {
        name: "SMS-DELIVER to number and text, 160 septets, mixed",
        run: deliver,
        is_right: |room| room.values().eq([NUMBER.trim_start_matches('+'), MIXED]),
    },
    Operation {
        name: "form of 315 octets, seven values",
        run: form,
        is_right: |room| room.values().eq(FIELDS.map(|(_, value)| value)),
    },
    Operation {
        name: "JSON of 292 octets, seven members",
        run: json,
        is_right: |room| room.message == Message::RIGHT,
    },
];

/// Where operations leave their results.
pub struct Room {
    octets: [u8; 512],
    /// Where among the octets the result stands.
    start: usize,
    len: usize,
    /// Where each of several values ends.
    ends: [usize; 8],
    message: Message<'static>,
}

impl Room {
    pub const fn new() -> Self {
        Self { octets: [0xAA; 512], start: 0, len: 0, ends: [0; 8], message: Message::NONE }
    }

    /// What was written.
    fn octets(&self) -> &[u8] {
        &self.octets[self.start..self.start + self.len]
    }

    /// The values, one after the other.
    fn values(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map_while(move |end| {
            let value = self.octets.get(from..*end).filter(|value| !value.is_empty())?;
            from = *end;
            core::str::from_utf8(value).ok()
        })
    }
}

/// What takes no instruction: so much is taken off the others.
pub fn nothing(_: &mut Room) -> Option<()> {
    Some(())
}

fn encode_ascii(room: &mut Room) -> Option<()> {
    encode(black_box(ASCII), room)
}

fn encode_mixed(room: &mut Room) -> Option<()> {
    encode(black_box(MIXED), room)
}

fn encode(text: &str, room: &mut Room) -> Option<()> {
    let mut w = Writer::new(&mut room.octets);
    Tables::DEFAULT.encode(text.chars(), 0, &mut w).ok()?;
    room.len = w.len();
    Some(())
}

fn decode(room: &mut Room) -> Option<()> {
    let octets = black_box(&MIXED_PACKED[..]);
    let user_data = UserData { has_header: false, len: 160, octets };
    let mut w = Writer::new(&mut room.octets);
    user_data.text(DataCoding::GSM7)?.emit(&mut w).ok()?;
    room.len = w.len();
    Some(())
}

fn submit(room: &mut Room) -> Option<()> {
    let (user_data, tpdu) = room.octets.split_at_mut(140);
    let mut w = Writer::new(user_data);
    let len = Tables::DEFAULT.encode(black_box(MIXED).chars(), 0, &mut w).ok()?;
    let submit = Submit {
        reject_duplicates: false,
        status_report_request: false,
        reply_path: false,
        message_reference: 0,
        destination: Address::number(black_box(NUMBER)).ok()?,
        protocol: ProtocolIdentifier::PLAIN,
        coding: DataCoding::GSM7,
        validity_period: ValidityPeriod::NotGiven,
        user_data: UserData { has_header: false, len: len as u8, octets: w.into_written() },
    };
    room.len = submit.to_slice(tpdu).ok()?.len();
    room.start = 140;
    Some(())
}

fn deliver(room: &mut Room) -> Option<()> {
    let (deliver, _) = Deliver::from_bytes_tolerant(black_box(&DELIVER)).ok()?;
    let mut w = Writer::new(&mut room.octets);
    for c in deliver.originator.chars() {
        w.text(c.encode_utf8(&mut [0; 4])).ok()?;
    }
    room.ends[0] = w.len();
    deliver.text()?.emit(&mut w).ok()?;
    room.ends[1] = w.len();
    Some(())
}

fn form(room: &mut Room) -> Option<()> {
    let mut pairs = FormReader::new(black_box(FORM), Charset::Utf8);
    let mut at = 0;
    while let Some(pair) = pairs.next_pair() {
        let place = FIELDS.iter().position(|(name, _)| pair.is_named(name))?;
        let free = room.octets.get_mut(at..)?;
        at += pair.value.copy_to(free).ok()?.len();
        *room.ends.get_mut(place)? = at;
    }
    Some(())
}

/// What an object of JSON asks for.
#[derive(PartialEq)]
struct Message<'a> {
    sender: &'a str,
    recipients: [&'a str; 2],
    message: &'a str,
    class: u64,
    validity: u64,
    report: bool,
    id: &'a str,
}

impl Message<'static> {
    const NONE: Self = Self {
        sender: "",
        recipients: [""; 2],
        message: "",
        class: 0,
        validity: 0,
        report: false,
        id: "",
    };
    /// What [`JSON`] asks for.
    const RIGHT: Self = Self {
        sender: "Septet",
        recipients: ["4512345678", "4587654321"],
        message: ASCII,
        class: 1,
        validity: 600,
        report: true,
        id: "parcel-44710",
    };
}

fn json(room: &mut Room) -> Option<()> {
    fn number(value: Value<'_>) -> Option<u64> {
        let Kind::Number(digits) = value.kind() else { return None };
        digits.as_str()?.parse().ok()
    }
    let message = &mut room.message;
    for (name, value) in Value::read(black_box(JSON)).ok()?.members() {
        match name {
            b"sender" => message.sender = value.as_str()?,
            b"recipients" => {
                let Kind::Array(elements) = value.kind() else { return None };
                for (place, element) in message.recipients.iter_mut().zip(elements) {
                    *place = element.as_str()?;
                }
            }
            b"message" => message.message = value.as_str()?,
            b"class" => message.class = number(value)?,
            b"validity" => message.validity = number(value)?,
            b"report" => message.report = matches!(value.kind(), Kind::Boolean(true)),
            b"id" => message.id = value.as_str()?,
            _ => {}
        }
    }
    Some(())
}
