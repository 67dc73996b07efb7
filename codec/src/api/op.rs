//! The neutral model: what can be asked, in no vendor's words.
//!
//! It is what the vendors share, and `Option`s for what several have. What one vendor has alone and
//! changes nothing is a [`Note`]. Who needs one vendor's extra uses that vendor's own struct.

use core::fmt;

use crate::fields::{Carrier, Cursor, Fields, Items, List, Rest, Rows, RowsIter, Source};
use crate::json;
use crate::octets::Octets;
use crate::text::{Chars, Text};
use crate::tpdu::codes::{Outcome, Status};

use super::credentials::Credentials;
use super::time::When;

/// What is asked, and by whom.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Asked<'a> {
    /// Who asks; `None` in a callback.
    pub credentials: Option<Credentials<'a>>,
    /// What is asked.
    pub op: Op<'a>,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Op<'a> {
    /// Begin a session, or give a token.
    Login(Login),
    /// Whether the session lives still.
    CheckSession,
    /// Send messages.
    Send(Submit<'a>),
    /// What it would cost to send them.
    Quote(Submit<'a>),
    /// What the account has left.
    Credits(CreditsQuery),
    /// What became of the messages of one request.
    Reports(ReportsQuery<'a>),
    /// Take back what is scheduled and not sent.
    Cancel(Cancel<'a>),
    /// What was sent.
    History(HistoryQuery<'a>),
    /// What was received.
    Inbox(InboxQuery<'a>),
    /// The state of a message that was sent: a callback.
    Report(Report<'a>),
    /// A message was received: a callback.
    Inbound(Inbound<'a>),
}

/// What a login gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Login {
    /// The key of a session, which ends when it is not used.
    Session,
    /// A token, which does not end by itself.
    Token,
}

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

    /// The value of a note.
    pub fn note(&self, name: &str) -> Option<Text<'a>> {
        self.notes.iter().find(|note| note.name == name).map(|note| note.value)
    }
}

/// What goes to whom.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the large one on")]
pub enum Messages<'a> {
    /// The same to all.
    Same {
        /// To whom.
        to: Recipients<'a>,
        /// What.
        body: Body<'a>,
    },
    /// A text with places, and what each recipient has in them.
    Merged {
        /// The text, its places written `${name}`.
        template: Text<'a>,
        /// The recipients.
        rows: Rows<'a, Merged<'a>>,
    },
    /// A text for each.
    Each(Rows<'a, Addressed<'a>>),
    /// Octets for each.
    EachOctets(Rows<'a, AddressedOctets<'a>>),
}

/// Who gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Recipients<'a> {
    /// The country code that the numbers lack; empty where they have one.
    pub country: Text<'a>,
    /// Numbers.
    pub numbers: List<'a>,
    /// Groups of the account's, by id or name.
    pub groups: List<'a>,
}

impl<'a> Recipients<'a> {
    /// Numbers that have their country code.
    pub const fn numbers(numbers: List<'a>) -> Self {
        Self { country: Text::EMPTY, numbers, groups: List::EMPTY }
    }
}

/// A recipient with the values that stand in the places of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Merged<'a> {
    /// Number.
    pub recipient: Text<'a>,
    /// Values, by name.
    pub values: Values<'a>,
}

/// A text for one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Addressed<'a> {
    /// Number.
    pub recipient: Text<'a>,
    /// Text.
    pub text: Text<'a>,
}

/// Octets for one recipient, in the 8-bit alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AddressedOctets<'a> {
    /// Number.
    pub recipient: Text<'a>,
    /// Octets of the one part.
    pub octets: Octets<'a>,
    /// Whether they begin with a user data header.
    pub has_header: bool,
}

/// Values by name: the texts, numbers and booleans of a JSON object.
#[derive(Clone, Copy)]
pub struct Values<'a>(pub json::Value<'a>);

impl<'a> Values<'a> {
    /// Names and values, in their order; what is no text, number or boolean is left out.
    pub fn iter(&self) -> impl Iterator<Item = (Text<'a>, Text<'a>)> + Clone + use<'a> {
        self.0.members().filter_map(|(name, value)| {
            Some((Text::json(name).ok()?, crate::fields::Raw::Json(value).text().ok()?))
        })
    }

    /// The value of this name.
    pub fn get(&self, name: Text<'_>) -> Option<Text<'a>> {
        self.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

impl PartialEq for Values<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Values<'_> {}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Values<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.iter().for_each(|(name, value)| defmt::write!(f, "{}: {}, ", name, value));
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Values<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// What a message has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Body<'a> {
    /// A text.
    Text(Text<'a>),
    /// The octets of each part, in the 8-bit alphabet.
    Octets {
        /// The parts, in their order.
        segments: Rows<'a, Octets<'a>>,
        /// Whether each begins with a user data header of its own.
        has_header: bool,
    },
}

/// A number, perhaps without its country code, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// The country code that the number lacks; empty where it has one.
    pub country: Text<'a>,
    /// Number.
    pub number: Text<'a>,
}

impl<'a> Recipient<'a> {
    /// The number without what stands for dialling abroad: `+` or `00`.
    pub fn bare(number: Text<'a>) -> Text<'a> {
        number.strip_prefix("+").or_else(|| number.strip_prefix("00")).unwrap_or(number)
    }

    /// The characters of the whole number, without what stands for dialling abroad: `+` or `00`.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let Self { country, number } = *self;
        let (first, second) =
            if country.is_empty() { (number, Text::EMPTY) } else { (country, number) };
        Self::bare(first).chars().chain(second.chars())
    }

    /// Whether it is an MSISDN: 5 to 15 digits, country code first, no leading zero.
    pub fn is_msisdn(&self) -> bool {
        let mut len = 0_u8;
        for (i, c) in self.chars().enumerate() {
            if i >= 15 || !c.is_ascii_digit() || i == 0 && c == '0' {
                return false;
            }
            len = len.saturating_add(1);
        }
        len >= 5
    }
}

/// The digits, as far as they are.
impl fmt::Display for Recipient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// What one recipient gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content<'a> {
    /// A text, its places filled.
    Text(Filled<'a>),
    /// The octets of each part.
    Octets {
        /// The parts, in their order.
        segments: Rows<'a, Octets<'a>>,
        /// Whether each begins with a user data header of its own.
        has_header: bool,
    },
}

/// A text with values for its places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filled<'a> {
    /// The text.
    pub text: Text<'a>,
    /// What stands in its places; `None` where it has none.
    pub values: Option<Values<'a>>,
}

impl<'a> Filled<'a> {
    /// The characters, each place filled. A place without a value stays as it is written.
    pub const fn chars(&self) -> FilledChars<'a> {
        FilledChars { text: self.text.chars(), values: self.values, value: None }
    }

    /// The name of a place that has no value.
    pub fn missing(&self) -> Option<Text<'a>> {
        let values = self.values?;
        let mut rest = self.text;
        loop {
            let (_, _, behind) = rest.split_once(|c| c == '$')?;
            rest = behind;
            if let Some((name, behind)) = place(rest) {
                rest = behind;
                if values.get(name).is_none() {
                    return Some(name);
                }
            }
        }
    }
}

/// The name in the place that a text behind its `$` begins with, and what follows the place.
///
/// A name is `[A-Za-z0-9]+`.
fn place(text: Text<'_>) -> Option<(Text<'_>, Text<'_>)> {
    // Not further than the name: a text may have many places that are none.
    let (name, end, rest) = text.strip_prefix("{")?.split_once(|c| !c.is_ascii_alphanumeric())?;
    (!name.is_empty() && end == '}').then_some((name, rest))
}

/// The characters of [`Filled`].
#[derive(Clone)]
pub struct FilledChars<'a> {
    text: Chars<'a>,
    values: Option<Values<'a>>,
    /// What is left of the value in the present place.
    value: Option<Chars<'a>>,
}

impl Iterator for FilledChars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            if let Some(value) = &mut self.value {
                if let Some(c) = value.next() {
                    return Some(c);
                }
                self.value = None;
            }
            let c = self.text.next()?;
            if c == '$'
                && let Some(values) = self.values
                && let Some((name, rest)) = place(self.text.as_text())
                && let Some(value) = values.get(name)
            {
                self.text = rest.chars();
                self.value = Some(value.chars());
                continue;
            }
            return Some(c);
        }
    }
}

impl<'a> Messages<'a> {
    /// Each recipient that is a number, and what it gets. Groups are not among them: see
    /// [`groups`](Self::groups).
    pub fn iter(&self) -> MessagesIter<'a> {
        MessagesIter(match *self {
            Self::Same { to, body } => Left::Same(to.country, to.numbers.iter(), body.content()),
            Self::Merged { template, rows } => Left::Merged(template, rows.iter()),
            Self::Each(rows) => Left::Each(rows.iter()),
            Self::EachOctets(rows) => Left::EachOctets(rows.iter()),
        })
    }

    /// The groups that get the message, and what they get.
    pub fn groups(&self) -> Option<(List<'a>, Content<'a>)> {
        match *self {
            Self::Same { to, body } if !to.groups.is_empty() => Some((to.groups, body.content())),
            _ => None,
        }
    }
}

impl<'a> Body<'a> {
    /// What each recipient gets.
    pub const fn content(&self) -> Content<'a> {
        match *self {
            Self::Text(text) => Content::Text(Filled { text, values: None }),
            Self::Octets { segments, has_header } => Content::Octets { segments, has_header },
        }
    }
}

/// Recipients with what they get.
#[derive(Clone)]
pub struct MessagesIter<'a>(Left<'a>);

#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the large one on")]
enum Left<'a> {
    Same(Text<'a>, Items<'a>, Content<'a>),
    Merged(Text<'a>, RowsIter<'a, Merged<'a>>),
    Each(RowsIter<'a, Addressed<'a>>),
    EachOctets(RowsIter<'a, AddressedOctets<'a>>),
}

impl<'a> Iterator for MessagesIter<'a> {
    type Item = (Recipient<'a>, Content<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let whole = |number| Recipient { country: Text::EMPTY, number };
        Some(match &mut self.0 {
            Left::Same(country, numbers, content) => {
                (Recipient { country: *country, number: numbers.next()? }, *content)
            }
            Left::Merged(text, rows) => {
                let Merged { recipient, values } = rows.next()?;
                (whole(recipient), Content::Text(Filled { text: *text, values: Some(values) }))
            }
            Left::Each(rows) => {
                let Addressed { recipient, text } = rows.next()?;
                (whole(recipient), Content::Text(Filled { text, values: None }))
            }
            Left::EachOctets(rows) => {
                let AddressedOctets { recipient, octets, has_header } = rows.next()?;
                (whole(recipient), Content::Octets { segments: Rows::one(octets), has_header })
            }
        })
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
    fn notes(source: Source<'a>) -> Rows<'a, Note<'a>> {
        let cursor = Cursor { rest: Rest::Source(source), layout: [0; 8] };
        Rows::wire(cursor, next_note::<Self>)
    }
}

fn next_note<'a, N: Noted<'a>>(cursor: &mut Cursor<'a>) -> Option<Note<'a>> {
    let Rest::Source(source) = cursor.rest else { return None };
    let [next, ..] = &mut cursor.layout;
    loop {
        let name = N::NOTED.get(usize::from(*next)).copied()?;
        *next = next.saturating_add(1);
        let raw = source.find(name).filter(|raw| !raw.is_empty());
        if let Some(value) = raw.and_then(|raw| raw.text().ok()) {
            return Some(Note { name, value });
        }
    }
}

/// What a question for the account's credits says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CreditsQuery {
    /// Whether money is asked for, too.
    pub money: bool,
    /// Whether kinds of message are called by the vendor's later names.
    pub aliases: bool,
}

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportsQuery<'a> {
    /// The id of the request that they belong to.
    pub id: Text<'a>,
    /// Only this recipient.
    pub recipient: Option<Text<'a>>,
    /// What is wished for besides recipient and state, as the vendor calls it, in this order.
    pub columns: List<'a>,
}

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Cancel<'a> {
    /// The id of the request; all of the account where absent.
    pub id: Option<Text<'a>>,
}

/// A part of something longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Page {
    /// Which one, from 1 on.
    pub number: u32,
    /// How many of them make a page.
    pub size: u32,
}

/// What is asked for of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HistoryQuery<'a> {
    /// Only to this recipient.
    pub recipient: Option<Text<'a>>,
    /// From when on.
    pub from: When<'a>,
    /// Until when; now where absent.
    pub to: Option<When<'a>>,
    /// Which page.
    pub page: Page,
}

/// What is asked for of what was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum InboxQuery<'a> {
    /// What came after the message of this id, the oldest first; 0 for all.
    After {
        /// The id.
        id: u64,
        /// The number that it was sent to; any where absent.
        recipient: Option<Text<'a>>,
        /// The most that are wanted.
        limit: u32,
    },
    /// What came since the account asked last.
    New {
        /// The number that it was sent to; any where absent.
        recipient: Option<Text<'a>>,
        /// The most that are wanted.
        limit: u32,
    },
    /// What came within a time.
    Between {
        /// The number that it was sent to; any where absent.
        recipient: Option<Text<'a>>,
        /// From when on.
        from: When<'a>,
        /// Until when; now where absent.
        to: Option<When<'a>>,
        /// Only what is of this kind, as the vendor calls it.
        kind: Option<Text<'a>>,
        /// Which page.
        page: Page,
    },
}

/// The state of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Report<'a> {
    /// The gateway's id of the notification, by which a customer knows one that comes twice.
    pub notification: Option<Text<'a>>,
    /// The gateway's id of the message, or of the request that it came with.
    pub id: Option<Text<'a>>,
    /// The customer's own id, as given with the message.
    pub client_id: Option<Text<'a>>,
    /// To whom.
    pub recipient: Option<Text<'a>>,
    /// State.
    pub state: State,
    /// The vendor's own words for the state, where they are others than its usual ones.
    pub words: Option<Text<'a>>,
    /// What the network said of it (TP-ST).
    pub status: Option<u8>,
    /// The recipient's network: mobile country code.
    pub mcc: Option<u16>,
    /// The recipient's network: mobile network code.
    pub mnc: Option<u16>,
    /// When the gateway took it.
    pub created: Option<When<'a>>,
    /// When it was sent.
    pub sent: Option<When<'a>>,
    /// When its state became what it is.
    pub done: Option<When<'a>>,
    /// How many parts it has.
    pub parts: Option<u32>,
}

impl Report<'_> {
    /// A report that tells nothing but the state.
    pub const fn new(state: State) -> Self {
        Self {
            notification: None,
            id: None,
            client_id: None,
            recipient: None,
            state,
            words: None,
            status: None,
            mcc: None,
            mnc: None,
            created: None,
            sent: None,
            done: None,
            parts: None,
        }
    }
}

/// What became of a message.
///
/// Ordered from best to worst, so that the state of several parts is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum State {
    /// On the handset.
    Delivered,
    /// Not sent yet: not final.
    Waiting,
    /// To be sent later, as was asked: not final.
    Scheduled,
    /// On its way: not final.
    EnRoute,
    /// Nobody can say: it may have been delivered, or not.
    Unknown,
    /// Deleted before it was delivered.
    Deleted,
    /// Its validity period is over.
    Expired,
    /// The recipient cannot be charged.
    InsufficientFunds,
    /// The network blocks the recipient.
    Blacklisted,
    /// The network does not know the recipient.
    UnknownRecipient,
    /// The network gave up after it had tried.
    GaveUp,
    /// It cannot be delivered.
    Undeliverable,
}

impl State {
    /// Whether nothing more will change.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Scheduled | Self::EnRoute)
    }
}

/// What a status report says of a message.
///
/// 3GPP TS 23.040, section 9.2.3.15 (TP-ST).
impl From<Status> for State {
    fn from(status: Status) -> Self {
        match (status, status.outcome()) {
            (Status::NOT_OBTAINABLE, _) => Self::UnknownRecipient,
            (Status::EXPIRED, _) => Self::Expired,
            (Status::DELETED_BY_SENDER | Status::DELETED_BY_SERVICE_CENTRE, _) => Self::Deleted,
            (_, Outcome::Delivered) => Self::Delivered,
            (_, Outcome::StillTrying) => Self::EnRoute,
            (_, Outcome::GaveUp) => Self::GaveUp,
            (_, Outcome::Failed) => Self::Undeliverable,
        }
    }
}

/// A message that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Inbound<'a> {
    /// The gateway's id of the message.
    pub id: Text<'a>,
    /// From whom: an MSISDN, or a name.
    pub sender: Text<'a>,
    /// The number that it was sent to.
    pub recipient: Text<'a>,
    /// The keyword that its first word is, as the customer has it.
    pub keyword: Option<Text<'a>>,
    /// The second word, where the customer has that as a keyword, too.
    pub sub_keyword: Option<Text<'a>>,
    /// What it has in it: the whole, keyword included, where the vendor tells the whole.
    pub body: Option<Body<'a>>,
    /// What follows the keyword; `None` where nothing does.
    pub rest: Option<Text<'a>>,
    /// Whether it is shown at once (class 0).
    pub flash: bool,
    /// When it came.
    pub received: Option<When<'a>>,
    /// The network of the sender, in the vendor's form.
    pub network: Option<Text<'a>>,
    /// The network of the sender: mobile country code.
    pub mcc: Option<u16>,
    /// The network of the sender: mobile network code.
    pub mnc: Option<u16>,
    /// The id of the request whose message it seems to answer.
    pub answers: Option<Text<'a>>,
    /// The customer's own id of that request.
    pub client_id: Option<Text<'a>>,
}

impl<'a> Inbound<'a> {
    /// A message with nothing known of it besides.
    pub const fn new(id: Text<'a>, sender: Text<'a>, recipient: Text<'a>) -> Self {
        Self {
            id,
            sender,
            recipient,
            keyword: None,
            sub_keyword: None,
            body: None,
            rest: None,
            flash: false,
            received: None,
            network: None,
            mcc: None,
            mnc: None,
            answers: None,
            client_id: None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::Waiting => "not sent yet",
            Self::Scheduled => "to be sent later",
            Self::EnRoute => "on its way",
            Self::Unknown => "unknown: it may have been delivered, or not",
            Self::Deleted => "deleted before it was delivered",
            Self::Expired => "not delivered in time",
            Self::InsufficientFunds => "not delivered: the recipient cannot be charged",
            Self::Blacklisted => "not delivered: the network blocks the recipient",
            Self::UnknownRecipient => "not delivered: the network does not know the recipient",
            Self::GaveUp => "not delivered: the network gave up",
            Self::Undeliverable => "not delivered: it cannot be",
        })
    }
}

/// `message 7: delivered`.
impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.client_id.or(self.id) {
            Some(id) => write!(f, "message {id}")?,
            None => f.write_str("a message")?,
        }
        if let Some(recipient) = self.recipient {
            write!(f, " to {recipient}")?;
        }
        write!(f, ": {}", self.state)
    }
}

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(filled) => write!(f, "{}", crate::text::quoted(filled.chars())),
            Self::Octets { segments, .. } => {
                for (i, segment) in segments.iter().enumerate() {
                    write!(f, "{}octets {segment}", if i > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
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

/// `from 4512345678 to 1204: "TEST hello"`.
impl fmt::Display for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, recipient, keyword, body, rest, .. } = self;
        write!(f, "from {sender} to {recipient}: ")?;
        match (body, keyword) {
            (Some(body), _) => write!(f, "{}", body.content()),
            (None, Some(keyword)) => {
                write!(f, "keyword {keyword:?}")?;
                rest.map_or(Ok(()), |rest| write!(f, ", {rest:?}"))
            }
            (None, None) => f.write_str("nothing"),
        }
    }
}

/// `send to 4512345678: "Hello"`.
impl fmt::Display for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(Login::Session) => f.write_str("begin a session"),
            Self::Login(Login::Token) => f.write_str("give a token"),
            Self::CheckSession => f.write_str("does the session live"),
            Self::Send(submit) => write!(f, "send {submit}"),
            Self::Quote(submit) => write!(f, "what it costs to send {submit}"),
            Self::Credits(_) => f.write_str("what is left"),
            Self::Reports(query) => write!(f, "what became of {}", query.id),
            Self::Cancel(Cancel { id: Some(id) }) => write!(f, "take {id} back"),
            Self::Cancel(Cancel { id: None }) => f.write_str("take everything back"),
            Self::History(query) => write!(f, "what was sent from {} on", query.from),
            Self::Inbox(_) => f.write_str("what was received"),
            Self::Report(report) => write!(f, "report of {report}"),
            Self::Inbound(inbound) => write!(f, "received {inbound}"),
        }
    }
}
