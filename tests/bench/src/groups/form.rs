//! Forms: the fields of a request found and decoded, and written.

use std::borrow::Cow;

use septet::fields::{Carrier, Sink};
use septet::form::FormReader;
use septet::text::{Charset, Text};
use septet::wire::Writer;
use serde::{Deserialize, Serialize};

#[cfg(feature = "c")]
use super::Run;
use super::{Candidate, Group, Input, OURS, Scratch, See, claim};
#[cfg(feature = "c")]
use crate::c;
use crate::inputs::{self, KEYS};

const BASELINE: &[&str] = &["form_urlencoded"];

pub static PARSE: Group = Group {
    name: "form parse",
    work: "finds seven fields by name and decodes their values to UTF-8",
    inputs: || {
        vec![
            Input::octets("short", inputs::form_short()),
            Input::octets("160 mixed", inputs::form_mixed()),
            Input::octets("bulk 1000", inputs::form_bulk()),
            Input::octets("all %XX", inputs::form_all_escaped()),
        ]
    },
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            parse(FormReader::new(&input.octets, Charset::Utf8), scratch, see);
        }),
        Candidate::new("form_urlencoded", |input, _, see| {
            for (name, value) in form_urlencoded::parse(&input.octets) {
                if KEYS.contains(&&*name) {
                    see(value.as_bytes());
                }
            }
        }),
        Candidate::new("serde_urlencoded, Cow", |input, _, see| {
            let request: Borrowed<'_> = serde_urlencoded::from_bytes(&input.octets).unwrap();
            request.values().iter().for_each(|value| see(value.as_bytes()));
        }),
        Candidate::new("serde_urlencoded, String", |input, _, see| {
            let request: Owned = serde_urlencoded::from_bytes(&input.octets).unwrap();
            request.values().iter().for_each(|value| see(value.as_bytes()));
        }),
        Candidate::new("split, urlencoding", |input, _, see| {
            for pair in input.octets.split(|octet| *octet == b'&') {
                let at = pair.iter().position(|octet| *octet == b'=').unwrap_or(pair.len());
                let (name, value) = (&pair[..at], pair.get(at + 1..).unwrap_or_default());
                if !KEYS.iter().any(|key| key.as_bytes() == name) {
                    continue;
                }
                // It leaves a plus as it is.
                let spaces: Vec<u8> =
                    value.iter().map(|octet| if *octet == b'+' { b' ' } else { *octet }).collect();
                let value = urlencoding::decode_binary(&spaces);
                see(std::str::from_utf8(&value).unwrap().as_bytes());
            }
        }),
        #[cfg(feature = "c")]
        Candidate::new("Kannel", |input, _, see| c::run(c::kannel_form_parse, &input.octets, see)),
        #[cfg(feature = "c")]
        Candidate::new("libcurl", |input, _, see| {
            c::run(c::libcurl_form_parse, &input.octets, see);
        }),
        #[cfg(feature = "c")]
        Candidate::new("glib", |input, _, see| c::run(c::glib_form_parse, &input.octets, see)),
    ],
    claims: &[
        claim("short", BASELINE, 2.0, 3.0),
        claim("160 mixed", BASELINE, 2.0, 3.0),
        claim("bulk 1000", BASELINE, 10.0, 20.0),
        claim("all %XX", BASELINE, 2.5, 4.0),
        #[cfg(feature = "c")]
        claim("short", &["Kannel"], 10.0, 15.0),
        #[cfg(feature = "c")]
        claim("160 mixed", &["Kannel"], 4.0, 8.0),
    ],
};

fn parse(mut form: FormReader<'_>, scratch: &mut Scratch, see: See<'_>) {
    while let Some(pair) = form.next_pair() {
        if KEYS.iter().any(|key| pair.is_named(key)) {
            see(pair.value.decoded(&mut scratch.octets).unwrap().as_bytes());
        }
    }
}

#[derive(Deserialize)]
struct Borrowed<'a> {
    #[serde(borrow)]
    user: Cow<'a, str>,
    #[serde(borrow)]
    password: Cow<'a, str>,
    #[serde(borrow)]
    to: Cow<'a, str>,
    #[serde(borrow)]
    from: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow)]
    flash: Cow<'a, str>,
    #[serde(borrow)]
    reference: Cow<'a, str>,
}

impl Borrowed<'_> {
    fn values(&self) -> [&str; 7] {
        let Self { user, password, to, from, text, flash, reference } = self;
        [user, password, to, from, text, flash, reference]
    }
}

#[derive(Deserialize)]
struct Owned {
    user: String,
    password: String,
    to: String,
    from: String,
    text: String,
    flash: String,
    reference: String,
}

impl Owned {
    fn values(&self) -> [&str; 7] {
        let Self { user, password, to, from, text, flash, reference } = self;
        [user, password, to, from, text, flash, reference]
    }
}

pub static LATIN1: Group = Group {
    name: "form parse, Windows-1252",
    work: "the same, its values in another charset",
    inputs: || vec![Input::octets("160 mixed", inputs::form_latin1())],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            parse(FormReader::new(&input.octets, Charset::Windows1252), scratch, see);
        }),
        Candidate::new("split, urlencoding, encoding_rs", |input, _, see| {
            for pair in input.octets.split(|octet| *octet == b'&') {
                let at = pair.iter().position(|octet| *octet == b'=').unwrap_or(pair.len());
                let (name, value) = (&pair[..at], pair.get(at + 1..).unwrap_or_default());
                if !KEYS.iter().any(|key| key.as_bytes() == name) {
                    continue;
                }
                let spaces: Vec<u8> =
                    value.iter().map(|octet| if *octet == b'+' { b' ' } else { *octet }).collect();
                let value = urlencoding::decode_binary(&spaces);
                see(encoding_rs::WINDOWS_1252.decode(&value).0.as_bytes());
            }
        }),
    ],
    claims: &[],
};

pub static EMIT: Group = Group {
    name: "form emit",
    work: "writes seven fields, one of them a text of 160 septets",
    inputs: || vec![Input::text("ascii", inputs::ASCII), Input::text("mixed", inputs::MIXED)],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut w = Writer::new(&mut scratch.octets);
            let mut sink = Sink::new(&mut w, Carrier::Form, Charset::Utf8).unwrap();
            for (name, value) in KEYS.iter().zip(values(input)) {
                sink.text(name, Text::plain(value)).unwrap();
            }
            sink.finish().unwrap();
            see(w.written());
        }),
        Candidate::new("form_urlencoded", |input, _, see| {
            let mut form = form_urlencoded::Serializer::new(String::new());
            KEYS.iter().zip(values(input)).for_each(|(name, value)| {
                form.append_pair(name, value);
            });
            see(form.finish().as_bytes());
        }),
        Candidate::new("form_urlencoded, String reused", |input, scratch, see| {
            scratch.string.clear();
            let string = core::mem::take(&mut scratch.string);
            let mut form = form_urlencoded::Serializer::new(string);
            KEYS.iter().zip(values(input)).for_each(|(name, value)| {
                form.append_pair(name, value);
            });
            scratch.string = form.finish();
            see(scratch.string.as_bytes());
        }),
        Candidate::new("serde_urlencoded", |input, _, see| {
            let [user, password, to, from, text, flash, reference] = values(input);
            let request = Request { user, password, to, from, text, flash, reference };
            see(serde_urlencoded::to_string(request).unwrap().as_bytes());
        }),
        #[cfg(feature = "c")]
        spelt("Kannel", |input, _, see| c::run(c::kannel_form_emit, &input.octets, see)),
        #[cfg(feature = "c")]
        spelt("libcurl", |input, _, see| c::run(c::libcurl_form_emit, &input.octets, see)),
        #[cfg(feature = "c")]
        spelt("glib", |input, _, see| c::run(c::glib_form_emit, &input.octets, see)),
    ],
    claims: &[
        claim("ascii", BASELINE, 3.0, 5.0),
        claim("mixed", BASELINE, 3.0, 5.0),
        claim("ascii", BEST, 2.0, 3.5),
        claim("mixed", BEST, 2.0, 3.5),
    ],
};

const BEST: &[&str] =
    &["form_urlencoded, String reused", "serde_urlencoded", "Kannel", "libcurl", "glib"];

/// Leaves a tilde as it is, which others escape, and may write a space as `%20`.
#[cfg(feature = "c")]
const fn spelt(name: &'static str, run: Run) -> Candidate {
    Candidate {
        spelling: |form| {
            let mut plain = form_urlencoded::Serializer::new(String::new());
            plain.extend_pairs(form_urlencoded::parse(form)).finish().into_bytes().into()
        },
        ..Candidate::new(name, run)
    }
}

fn values(input: &Input) -> [&str; 7] {
    ["acme", "s3cret", "4512345678", "Septet", &input.text, "0", "7731"]
}

#[derive(Serialize)]
struct Request<'a> {
    user: &'a str,
    password: &'a str,
    to: &'a str,
    from: &'a str,
    text: &'a str,
    flash: &'a str,
    reference: &'a str,
}
