//! What goes to whom: the same to all, a text with places, or a text for each.

use core::fmt;

use crate::fields::{Items, List, Raw, Rows, RowsIter};
use crate::json;
use crate::octets::Octets;
use crate::runs::Runs;
use crate::text::{Chars, Text, quoted};

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
            Some((Text::json(name).ok()?, Raw::Json(value).text().ok()?))
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
    fn bare(number: Text<'a>) -> Text<'a> {
        number.strip_prefix("+").or_else(|| number.strip_prefix("00")).unwrap_or(number)
    }

    /// The number without what stands for dialling abroad, where it is an MSISDN; else as it is.
    pub fn msisdn(number: Text<'_>) -> Text<'_> {
        let is_msisdn = Recipient { country: Text::EMPTY, number }.is_msisdn();
        if is_msisdn { Recipient::bare(number) } else { number }
    }

    /// The characters of the whole number, without what stands for dialling abroad: `+` or `00`.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let (first, second) = self.pieces();
        first.chars().chain(second.chars())
    }

    /// The two texts that the whole number is.
    fn pieces(&self) -> (Text<'a>, Text<'a>) {
        let Self { country, number } = *self;
        let (first, second) =
            if country.is_empty() { (number, Text::EMPTY) } else { (country, number) };
        (Self::bare(first), second)
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
        let (first, second) = self.pieces();
        fmt::Display::fmt(&first, f)?;
        fmt::Display::fmt(&second, f)
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

    /// The text as it is written, where it has no places.
    pub const fn plain(&self) -> Option<Text<'a>> {
        match self.values {
            None => Some(self.text),
            Some(_) => None,
        }
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

impl Runs for FilledChars<'_> {
    fn ahead(&self) -> &[u8] {
        match (&self.value, self.values) {
            (Some(value), _) => value.ahead(),
            (None, None) => self.text.ahead(),
            // A place may be among them.
            (None, Some(_)) => &[],
        }
    }

    fn skip_ahead(&mut self, octets: usize) {
        self.value.as_mut().unwrap_or(&mut self.text).skip_ahead(octets);
    }
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

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(filled) => match filled.plain() {
                Some(text) => fmt::Debug::fmt(&text, f),
                None => write!(f, "{}", quoted(filled.chars())),
            },
            Self::Octets { segments, .. } => {
                for (i, segment) in segments.iter().enumerate() {
                    write!(f, "{}octets {segment}", if i > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}
