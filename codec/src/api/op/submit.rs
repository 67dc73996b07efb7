//! What is to be sent, and how.

use core::fmt;

use super::messages::{Content, Messages};
use crate::api::refusal::{Reason, Refusal};
use crate::api::time::When;
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Cursor, Fields, Rest, Rows, Source};
use crate::parts::Layout;
use crate::text::Text;
use crate::tpdu::udh::Reference;

/// Messages to be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Submit<'a> {
    /// What goes to whom.
    pub messages: Messages<'a>,
    /// The sender that is wished for: digits, or letters that a modem cannot carry.
    pub sender: Option<Text<'a>>,
    /// The customer's own id, which comes back in replies and callbacks.
    pub client_id: Option<Text<'a>>,
    /// What has a request that is made again be known.
    pub dedupe: Option<Dedupe<'a>>,
    /// Where delivery reports go.
    pub callback: Option<Callback<'a>>,
    /// When it is to be sent; at once where absent or past.
    pub schedule: Option<When<'a>>,
    /// How long the network tries, in seconds (TP-VP); its own time where absent.
    pub validity: Option<u32>,
    /// Message class, 0..=3 (TP-DCS); 0 is shown at once.
    ///
    /// 3GPP TS 23.038, section 4.
    pub class: Option<u8>,
    /// TP-PID; 0x41..=0x47 replace an earlier message of the same type.
    ///
    /// 3GPP TS 23.040, section 9.2.3.9.
    pub protocol: Option<u8>,
    /// Whether a delivery report is wanted.
    pub report: bool,
    /// What the text is written in.
    pub alphabet: Alphabet,
    /// The most parts that a text may become; any number where absent.
    pub parts_max: Option<u8>,
    /// Whether a text of more parts is cut instead of refused.
    pub cut: bool,
    /// What is done with a recipient that is there twice.
    pub duplicates: Duplicates,
    /// Whether recipients that are no numbers are left out instead of the request refused.
    pub skip_invalid: bool,
    /// Whether nothing is sent, and what is answered.
    pub test: Option<Test>,
    /// The network of the recipient, in the vendor's form.
    pub network: Option<Text<'a>>,
    /// What the handset's owner is to be charged, in the vendor's form; nothing where no digit in it is
    /// other than 0.
    pub charge: Option<Text<'a>>,
    /// The kind of message, as the vendor calls it; a history tells it.
    pub kind: Option<Text<'a>>,
    /// Whether the reply tells what was used.
    pub wants_used: bool,
    /// Whether the reply tells what is left.
    pub wants_left: bool,
    /// What was asked besides and changes nothing.
    pub notes: Rows<'a, Note<'a>>,
}

impl<'a> Submit<'a> {
    /// Messages with nothing asked besides; delivery reports are wanted.
    #[inline(never)]
    pub const fn new(messages: Messages<'a>) -> Self {
        Self {
            messages,
            sender: None,
            client_id: None,
            dedupe: None,
            callback: None,
            schedule: None,
            validity: None,
            class: None,
            protocol: None,
            report: true,
            alphabet: Alphabet::Any,
            parts_max: None,
            cut: false,
            duplicates: Duplicates::Refuse,
            skip_invalid: false,
            test: None,
            network: None,
            charge: None,
            kind: None,
            wants_used: false,
            wants_left: false,
            notes: Rows::EMPTY,
        }
    }

    /// How a text of it becomes parts that share this reference.
    pub const fn layout(&self, reference: u8) -> Layout {
        Layout {
            reference: Reference::Short(reference),
            alphabet: self.alphabet,
            parts_max: self.parts_max,
            cut: self.cut,
        }
    }

    /// The refusal of content that cannot be made into parts.
    pub fn refusal(&self, content: &Content<'_>, error: Error) -> Refusal<'static> {
        let reason = match (error.kind, content) {
            (ErrorKind::TooManyParts, _) => Reason::TooManyParts,
            (ErrorKind::Unencodable(_), _) => Reason::Unencodable,
            (_, Content::Octets { .. }) => Reason::Segment,
            _ => Reason::Invalid,
        };
        let detail = match reason {
            // What the customer allowed, not what a message can have.
            Reason::TooManyParts if self.parts_max.is_some() => "",
            _ => error.kind.words(),
        };
        Refusal { reason, subject: Text::EMPTY, detail: Text::plain(detail) }
    }

    /// The value of a note.
    pub fn note(&self, name: &str) -> Option<Text<'a>> {
        self.notes.iter().find(|note| note.name == name).map(|note| note.value)
    }
}

/// What has a request that is made again be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Dedupe<'a> {
    /// The customer's key of the request.
    pub key: Text<'a>,
    /// What the same key again means.
    pub again: Again,
    /// How long the key stands for the request, in seconds.
    pub window_s: u32,
}

/// What the same key again means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Again {
    /// With the same content the answer is the first one; with another it is refused.
    SameContent,
    /// The answer is the first one, whatever the content.
    FirstAnswer,
    /// It is refused.
    Refused,
}

/// Where delivery reports go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Callback<'a> {
    /// An http or https URL.
    pub url: Text<'a>,
    /// What carries its fields, where the customer may choose.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub carrier: Option<Carrier>,
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Alphabet {
    /// The GSM alphabet where every character fits, else UCS-2.
    #[default]
    Any,
    /// The GSM alphabet: a text that does not fit is refused.
    Gsm7,
    /// UCS-2.
    Ucs2,
}

/// What is done with a recipient that is there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Duplicates {
    /// The request is refused.
    Refuse,
    /// It counts once.
    Strip,
}

/// A request that sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Test {
    /// It is answered as if it had been accepted.
    Succeed,
    /// It is answered as if it had failed.
    Fail,
}

/// What was asked and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Note<'a> {
    /// The field, as the vendor calls it.
    pub name: &'static str,
    /// Its value.
    pub value: Text<'a>,
}

/// A vendor's request that has fields which change nothing.
pub trait Noted<'a>: Fields<'a> {
    /// Their names.
    const NOTED: &'static [&'static str];

    /// What they are in `source`, as far as they say something.
    fn notes(source: &Source<'a>) -> Rows<'a, Note<'a>> {
        let cursor = Cursor { rest: Rest::Source(*source), layout: [0; 8] };
        Rows::wire(cursor, next_note::<Self>)
    }
}

fn next_note<'a, N: Noted<'a>>(cursor: &mut Cursor<'a>) -> Option<Note<'a>> {
    next_of(N::NOTED, cursor)
}

/// The same, for the notes of these names.
#[inline(never)]
fn next_of<'a>(names: &'static [&'static str], cursor: &mut Cursor<'a>) -> Option<Note<'a>> {
    let Rest::Source(source) = cursor.rest else { return None };
    let [next, ..] = &mut cursor.layout;
    loop {
        let name = names.get(usize::from(*next)).copied()?;
        *next = next.saturating_add(1);
        let raw = source.find(name).filter(|raw| !raw.is_empty());
        if let Some(value) = raw.and_then(|raw| raw.text().ok()) {
            return Some(Note { name, value });
        }
    }
}

/// `to 4512345678 from 1204: "Hello"`.
impl fmt::Display for Submit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sender = |f: &mut fmt::Formatter<'_>| match self.sender {
            Some(sender) => write!(f, " from {sender}"),
            None => Ok(()),
        };
        if let Messages::Same { to, body } = self.messages {
            let numbers = self.messages.iter().map(|(recipient, _)| recipient);
            for (i, recipient) in numbers.enumerate() {
                write!(f, "{}{recipient}", if i > 0 { ", " } else { "to " })?;
            }
            for (i, group) in to.groups.iter().enumerate() {
                write!(f, "{}{group}", if i > 0 { ", " } else { "to group " })?;
            }
            sender(f)?;
            return write!(f, ": {}", body.content());
        }
        for (i, (recipient, content)) in self.messages.iter().enumerate() {
            write!(f, "{}{recipient}", if i > 0 { "; to " } else { "to " })?;
            sender(f)?;
            write!(f, ": {content}")?;
        }
        Ok(())
    }
}
