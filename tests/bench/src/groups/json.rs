//! JSON: a request read, and a reply written.

use std::borrow::Cow;

use septet::fields::{Carrier, Sink};
use septet::json::{Kind, Value};
use septet::text::{Charset, Text};
use septet::wire::Writer;
use serde::{Deserialize, Serialize};

use super::{Candidate, Group, Input, OURS, Scratch, See, claim};
use crate::inputs;

pub static IN: Group = Group {
    name: "JSON in",
    work: "reads a request of seven members, one of them a list, and its strings as UTF-8",
    inputs: || {
        vec![
            Input::octets("clean", inputs::json_clean()),
            Input::octets("escaped", inputs::json_escaped()),
        ]
    },
    candidates: &[
        Candidate::new(OURS, septet),
        Candidate::new("serde_json, borrowed", |input, _, see| {
            serde_json::from_slice::<Request<'_>>(&input.octets).unwrap().show(see);
        }),
        Candidate::new("serde_json, owned", |input, _, see| {
            let request: Owned = serde_json::from_slice(&input.octets).unwrap();
            let [first, second] = &request.recipients[..] else { panic!("two recipients") };
            Request {
                sender: Cow::Borrowed(&request.sender),
                message: Cow::Borrowed(&request.message),
                recipients: [Cow::Borrowed(first), Cow::Borrowed(second)],
                priority: request.priority,
                flash: request.flash,
                reference: Cow::Borrowed(&request.reference),
                validity: request.validity,
            }
            .show(see);
        }),
        Candidate::new("sonic-rs, borrowed", |input, _, see| {
            sonic_rs::from_slice::<Request<'_>>(&input.octets).unwrap().show(see);
        }),
        // What is escaped stays so.
        Candidate::only(
            "serde-json-core",
            |input, _, see| {
                let (request, _) = serde_json_core::from_slice::<Plain<'_>>(&input.octets).unwrap();
                let Plain { sender, message, recipients: [first, second], .. } = request;
                Request {
                    sender: Cow::Borrowed(sender),
                    message: Cow::Borrowed(message),
                    recipients: [Cow::Borrowed(first), Cow::Borrowed(second)],
                    priority: request.priority,
                    flash: request.flash,
                    reference: Cow::Borrowed(request.reference),
                    validity: request.validity,
                }
                .show(see);
            },
            &["clean"],
        ),
    ],
    claims: &[claim("clean", &["serde_json, borrowed"], 0.9, 1.3)],
};

/// A string as a slice: its own octets, or a copy where something is escaped.
fn string<'a>(value: Value<'a>, free: &mut &'a mut [u8]) -> &'a str {
    value.as_str().unwrap_or_else(|| {
        let (front, back) = core::mem::take(free).split_at_mut(1024);
        *free = back;
        value.copy_to(front).unwrap()
    })
}

fn number(value: Value<'_>) -> u64 {
    std::str::from_utf8(value.octets()).unwrap().parse().unwrap()
}

/// The members are taken as they come; what is no text is read as what it is.
fn septet(input: &Input, scratch: &mut Scratch, see: See<'_>) {
    let (mut recipients, mut priority, mut validity, mut flash) = (0, 0_u64, 0_u64, false);
    let mut buffer = &mut scratch.octets[..];
    let (mut sender, mut message, mut reference, mut to) = ("", "", "", [""; 2]);
    for (name, value) in Value::read(&input.octets).unwrap().members() {
        match name {
            b"sender" => sender = string(value, &mut buffer),
            b"message" => message = string(value, &mut buffer),
            b"recipients" => {
                let Kind::Array(elements) = value.kind() else { panic!("recipients") };
                for (place, element) in to.iter_mut().zip(elements) {
                    *place = string(element, &mut buffer);
                    recipients += 1;
                }
            }
            b"priority" => priority = number(value),
            b"flash" => flash = matches!(value.kind(), Kind::Boolean(true)),
            b"reference" => reference = string(value, &mut buffer),
            b"validity" => validity = number(value),
            _ => {}
        }
    }
    assert_eq!(recipients, 2);
    [sender, message, to[0], to[1], reference].iter().for_each(|text| see(text.as_bytes()));
    show_numbers([priority, validity, flash.into()], see);
}

fn show_numbers(numbers: [u64; 3], see: See<'_>) {
    numbers.iter().for_each(|number| see(&number.to_be_bytes()));
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    sender: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "pair")]
    recipients: [Cow<'a, str>; 2],
    priority: u64,
    flash: bool,
    #[serde(borrow)]
    reference: Cow<'a, str>,
    validity: u64,
}

/// Two texts that are borrowed where they can be: of an array serde borrows none.
fn pair<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[Cow<'de, str>; 2], D::Error> {
    #[derive(Deserialize)]
    struct One<'a>(#[serde(borrow)] Cow<'a, str>);
    let [first, second] = <[One<'de>; 2]>::deserialize(from)?;
    Ok([first.0, second.0])
}

impl Request<'_> {
    fn show(&self, see: See<'_>) {
        let Self { sender, message, recipients: [first, second], reference, .. } = self;
        [sender, message, first, second, reference].iter().for_each(|text| see(text.as_bytes()));
        show_numbers([self.priority, self.validity, self.flash.into()], see);
    }
}

#[derive(Deserialize)]
struct Owned {
    sender: String,
    message: String,
    recipients: Vec<String>,
    priority: u64,
    flash: bool,
    reference: String,
    validity: u64,
}

#[derive(Deserialize)]
struct Plain<'a> {
    sender: &'a str,
    message: &'a str,
    #[serde(borrow)]
    recipients: [&'a str; 2],
    priority: u64,
    flash: bool,
    reference: &'a str,
    validity: u64,
}

pub static OUT: Group = Group {
    name: "JSON out",
    work: "writes a reply of six members, one of them a list",
    inputs: || vec![Input::text("reply", inputs::ASCII), Input::text("mixed", inputs::MIXED)],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            let mut sink = Sink::new(&mut w, Carrier::Json, Charset::Utf8).unwrap();
            let reply = Reply::of(&input.text);
            sink.text("id", Text::plain(reply.id)).unwrap();
            sink.text("status", Text::plain(reply.status)).unwrap();
            sink.number("parts", reply.parts).unwrap();
            sink.list("recipients", reply.recipients.into_iter().map(Text::plain)).unwrap();
            sink.text("text", Text::plain(reply.text)).unwrap();
            sink.number("credits", reply.credits).unwrap();
            sink.finish().unwrap();
            see(w.written());
        }),
        Candidate::new("serde_json, to_writer", |input, scratch, see| {
            let mut free = &mut scratch.octets[..];
            let room = free.len();
            serde_json::to_writer(&mut free, &Reply::of(&input.text)).unwrap();
            let len = room - free.len();
            see(&scratch.octets[..len]);
        }),
        Candidate::new("serde_json, to_string", |input, _, see| {
            see(serde_json::to_string(&Reply::of(&input.text)).unwrap().as_bytes());
        }),
        Candidate::new("sonic-rs, to_string", |input, _, see| {
            see(sonic_rs::to_string(&Reply::of(&input.text)).unwrap().as_bytes());
        }),
        Candidate::new("serde-json-core", |input, scratch, see| {
            let len =
                serde_json_core::to_slice(&Reply::of(&input.text), &mut scratch.octets).unwrap();
            see(&scratch.octets[..len]);
        }),
    ],
    claims: &[claim("reply", &["serde_json, to_writer"], 2.5, 3.5)],
};

#[derive(Serialize)]
struct Reply<'a> {
    id: &'a str,
    status: &'a str,
    parts: u64,
    recipients: [&'a str; 2],
    text: &'a str,
    credits: u64,
}

impl<'a> Reply<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            id: "7f1c2ab09d",
            status: "queued",
            parts: 1,
            recipients: ["4512345678", "4587654321"],
            text,
            credits: 129_600,
        }
    }
}
