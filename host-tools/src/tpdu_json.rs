//! TPDUs as JSON objects, both ways.
//!
//! An object has what a person asks about a message, and most of it twice: the octets, and what they
//! mean. Either is enough to build the message again. Where both are given they must agree, and one
//! check holds for all of them: what was built is read again, and must say everything that was given.

mod build;
mod describe;

use std::fmt::{self, Display};

use clap::ValueEnum;
use septet::error::Error;
use septet::pdu;
use septet::tpdu::dcs::{Alphabet, DataCoding};
use serde_json::{Value, json};

pub use describe::describe;

/// Which way a TPDU goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// From the service centre to the handset
    Mt,
    /// From the handset to the service centre
    Mo,
}

/// How octets are to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Which way the TPDU goes.
    pub direction: Direction,
    /// The service centre's address stands before it.
    pub smsc_prefix: bool,
    /// What breaks a rule is refused.
    pub strict: bool,
}

/// Why an object is no message, or octets are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    kind: &'static str,
    field: String,
    at: usize,
    message: String,
}

impl Wrong {
    /// A key that has a value which it cannot have, or that is missing.
    fn new(kind: &'static str, field: impl Into<String>, message: impl Display) -> Self {
        let field = field.into();
        let message = format!("{field} {message}");
        Self { kind, field, at: 0, message }
    }

    /// `{"error": {"kind", "field", "at", "message"}}`.
    pub fn to_json(&self) -> Value {
        let Self { kind, field, at, message } = self;
        json!({ "error": { "kind": kind, "field": field, "at": at, "message": message } })
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        let (kind, field) = (error.kind.name(), error.field.to_owned());
        Self { kind, field, at: error.at, message: error.to_string() }
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Direction {
    /// `MT` or `MO`, in upper or lower case.
    fn from_name(name: &str) -> Option<Self> {
        [Self::Mt, Self::Mo].into_iter().find(|way| name.eq_ignore_ascii_case(way.name()))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Mt => "MT",
            Self::Mo => "MO",
        }
    }
}

/// The octets that `hex` spells, as many as there are.
///
/// # Errors
/// As [`pdu::read_hex`], which reads at most one PDU.
pub fn octets(hex: &str) -> Result<Vec<u8>, Error> {
    let mut octets = Vec::with_capacity(hex.len() / 2);
    for digits in hex.as_bytes().chunks(2 * pdu::PDU_MAX) {
        let at = octets.len();
        let read = pdu::read_hex(digits).map_err(|e| e.kind.at(e.field, at + e.at))?;
        octets.extend(read);
    }
    if octets.is_empty() { pdu::read_hex(hex).map(|octets| octets.to_vec()) } else { Ok(octets) }
}

fn hex(octets: &[u8]) -> String {
    pdu::hex(octets).map(|digit| char::from(digit.to_ascii_lowercase())).collect()
}

/// The message that the `hex` of `object` is; its `direction` and `smsc` say how to read it, where
/// they are given.
///
/// # Errors
/// What is wrong with the object or with the message.
pub fn decode(object: &Value, reading: Reading) -> Result<Value, Wrong> {
    let fields = Fields { object, path: "" };
    let direction = match fields.optional("direction", Value::as_str, "a text")? {
        None => reading.direction,
        Some(name) => Direction::from_name(name)
            .ok_or_else(|| Wrong::new("value", "direction", "is neither MT nor MO"))?,
    };
    let smsc_prefix = fields.optional("smsc", Value::as_bool, "true or false")?;
    let smsc_prefix = smsc_prefix.unwrap_or(reading.smsc_prefix);
    let octets = octets(fields.needed("hex", Value::as_str, "a text")?)?;
    Ok(describe(&octets, Reading { direction, smsc_prefix, ..reading })?)
}

/// The octets, as `{"hex"}`, of the message that `object` describes.
///
/// # Errors
/// What is missing, wrong, or not what the rest of the object says.
pub fn encode(object: &Value) -> Result<Value, Wrong> {
    if object["error"].is_object() {
        // What could not be read cannot be written either, and says why.
        return Ok(json!({ "error": object["error"] }));
    }
    let fields = Fields { object, path: "" };
    let octets = build::octets(fields)?;
    let direction = build::direction(fields)?;
    let reading = Reading { direction, smsc_prefix: build::smsc_prefix(fields)?, strict: false };
    let mut read = describe(&octets, reading)?;
    if has_quirk(&read, "ud_over_140")
        && !has_quirk(&read, "udl_exceeds_data")
        && !has_quirk(object, "ud_over_140")
    {
        return Err(build::too_long(fields));
    }
    if let Some(direction) = object.get("direction") {
        // Compared already; it may be in lower case.
        read["direction"] = direction.clone();
    }
    let given = |key: &str| object.get(key).is_some_and(|value| !value.is_null());
    if object["body"] == "" && !given("ud") && !given("text") && read["septets"] == 0 {
        // The octet that the fill bits behind a header stand in is no body of anybody's.
        read["body"] = object["body"].clone();
    }
    agree(object, &read, "")?;
    // A length that is wrong is written where the object says that it is.
    if !object.get("quirks").is_some_and(Value::is_array)
        && ["udl_exceeds_data", "trailing_octets"].iter().any(|quirk| has_quirk(&read, quirk))
    {
        return Err(Wrong::new("disagree", "udl", "does not agree with the user data"));
    }
    let hex: String = pdu::hex(&octets).map(char::from).collect();
    Ok(json!({ "hex": hex }))
}

/// Whether the message of `object` breaks the rule of this name.
fn has_quirk(object: &Value, name: &str) -> bool {
    let quirks = object.get("quirks").and_then(Value::as_array);
    quirks.is_some_and(|quirks| quirks.iter().any(|quirk| quirk == name))
}

/// Each thing that was given is what was read.
fn agree(given: &Value, read: &Value, path: &str) -> Result<(), Wrong> {
    let wrong = |read: &Value| {
        let message = format!("does not agree with the rest, which says {read}");
        Err(Wrong::new("disagree", path.trim_end_matches('.'), message))
    };
    match (given, read) {
        (Value::Object(given), Value::Object(read)) => {
            given.iter().filter(|(key, _)| !ignored(path, key)).try_for_each(|(key, given)| {
                // What is not there and what is nothing are the same.
                let read = read.get(key).unwrap_or(&Value::Null);
                agree(given, read, &format!("{path}{key}."))
            })
        }
        (Value::Array(given), Value::Array(read)) if given.len() == read.len() => {
            let mut pairs = given.iter().zip(read);
            pairs.try_for_each(|(given, read)| agree(given, read, path))
        }
        (Value::String(given), Value::String(read)) if is_hex(path) => {
            if given.eq_ignore_ascii_case(read) { Ok(()) } else { wrong(&json!(read)) }
        }
        // No octets, as with a `trailing` that is empty.
        (Value::String(given), Value::Null) if given.is_empty() && is_hex(path) => Ok(()),
        (Value::Null, read) if path == "vp." && read["format"] == "none" => Ok(()),
        _ if given == read => Ok(()),
        _ => wrong(read),
    }
}

/// Whether the key says nothing about the message; whoever has notes may keep them in the object.
fn ignored(path: &str, key: &str) -> bool {
    #[rustfmt::skip]
    const KNOWN: [&str; 47] = [
        "body", "cd", "cdl", "concat", "ct", "da", "dcs", "direction", "dt", "fcs", "fill_bits",
        "first_octet", "lp", "mms", "mn", "mr", "nl_locking", "nl_single", "oa", "pi", "pi_further",
        "pi_octets", "pid", "ports", "quirks", "ra", "rd", "rp", "scts", "septets", "smsc",
        "smsc_prefix", "sri", "srq", "srr", "st", "text", "tpdu_len", "trailing", "type", "ud",
        "udh", "udhi", "udhl", "udl", "utf16", "vp",
    ];
    // The octets of an address are written as they are given.
    let address = ["oa.", "da.", "ra.", "smsc."].contains(&path) && key == "raw";
    address || path.is_empty() && !KNOWN.contains(&key)
}

fn is_hex(path: &str) -> bool {
    ["ud.", "body.", "cd.", "utf16.", "trailing.", "raw.", "data.", "pi_further.", "pi_octets."]
        .iter()
        .any(|key| path.ends_with(key))
}

/// An object and where it stands in the whole.
#[derive(Clone, Copy)]
struct Fields<'a> {
    object: &'a Value,
    /// Of the keys that lead to it, each with a dot behind it.
    path: &'a str,
}

impl<'a> Fields<'a> {
    /// What `key` has, where it is given and not null.
    fn optional<T>(
        self,
        key: &str,
        read: impl Fn(&'a Value) -> Option<T>,
        what: &str,
    ) -> Result<Option<T>, Wrong> {
        match self.object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match read(value) {
                Some(value) => Ok(Some(value)),
                None => Err(Wrong::new("value", self.name(key), format!("is not {what}"))),
            },
        }
    }

    fn needed<T>(
        self,
        key: &str,
        read: impl Fn(&'a Value) -> Option<T>,
        what: &str,
    ) -> Result<T, Wrong> {
        let value = self.optional(key, read, what)?;
        value.ok_or_else(|| Wrong::new("missing", self.name(key), "is missing"))
    }

    fn name(self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    fn number<T: TryFrom<i64>>(self, key: &str) -> Result<Option<T>, Wrong> {
        let read = |value: &Value| T::try_from(value.as_i64()?).ok();
        self.optional(key, read, "a number that fits")
    }

    fn octet(self, key: &str) -> Result<u8, Wrong> {
        let number = self.number(key)?;
        number.ok_or_else(|| Wrong::new("missing", self.name(key), "is missing"))
    }

    fn flag(self, key: &str) -> Result<bool, Wrong> {
        Ok(self.optional(key, Value::as_bool, "true or false")?.unwrap_or(false))
    }

    /// The octets of hexadecimal digits; no digits are no octets.
    fn octets(self, key: &str) -> Result<Option<Vec<u8>>, Wrong> {
        match self.optional(key, Value::as_str, "a text")? {
            None => Ok(None),
            Some("") => Ok(Some(Vec::new())),
            Some(digits) => {
                let named =
                    |error: Error| Wrong::new(error.kind.name(), self.name(key), error.kind);
                octets(digits).map(Some).map_err(named)
            }
        }
    }

    /// The object that `key` has.
    fn inner<T>(
        self,
        key: &str,
        read: impl FnOnce(Fields<'_>) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Wrong> {
        let object = |value: &'a Value| value.is_object().then_some(value);
        match self.optional(key, object, "an object")? {
            None => Ok(None),
            Some(object) => {
                read(Fields { object, path: &format!("{}.", self.name(key)) }).map(Some)
            }
        }
    }

    fn needed_inner<T>(
        self,
        key: &str,
        read: impl FnOnce(Fields<'_>) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        let inner = self.inner(key, read)?;
        inner.ok_or_else(|| Wrong::new("missing", self.name(key), "is missing"))
    }
}

/// Whether the user data is packed septets.
fn counts_septets(coding: DataCoding) -> bool {
    coding.alphabet() == Alphabet::Gsm7 && !coding.compressed()
}
