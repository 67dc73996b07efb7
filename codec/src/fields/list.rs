//! Several texts in one field.

use core::fmt;

use super::{Body, Raw, Sink, Value};
use crate::error::{Error, ErrorKind};
use crate::json::{Elements, Kind};
use crate::text::Text;

/// Every value that a carrier has under one name.
#[derive(Clone, Copy, Debug)]
pub struct Repeats<'a> {
    carrier: Body<'a>,
    name: &'static str,
}

impl<'a> Repeats<'a> {
    pub(super) const fn new(carrier: Body<'a>, name: &'static str) -> Self {
        Self { carrier, name }
    }
}

/// Several texts in one field.
///
/// In a form they stand in one value, separated by commas, semicolons or white space, or in several
/// values of one name, or both; empty items are skipped. In JSON they are a list of strings or numbers,
/// or one text as in a form. Written, they are a list in JSON, and elsewhere separated by commas.
///
/// Two lists are equal when they have equal items.
#[derive(Clone, Copy)]
pub enum List<'a> {
    /// Texts to be written.
    Slice(&'a [Text<'a>]),
    /// Items in one value.
    Joined(Text<'a>),
    /// Items in several values of one name, all of them checked.
    Repeated(Repeats<'a>),
    /// A JSON list, each of its elements checked.
    Json(Elements<'a>),
    /// Items in one value, each of them changed when it is read.
    Each(Raw<'a>, Change),
    /// Items in several values of one name, each of them changed when it is read.
    EachRepeated(Repeats<'a>, Change),
}

/// What makes another text of an item.
pub type Change = for<'a> fn(Text<'a>) -> Text<'a>;

impl<'a> List<'a> {
    /// A list without items.
    pub const EMPTY: List<'static> = List::Slice(&[]);

    /// The items, in their order.
    pub fn iter(&self) -> Items<'a> {
        let none =
            Items { texts: &[], joined: Text::EMPTY, repeats: None, elements: None, change: None };
        match *self {
            Self::Slice(texts) => Items { texts, ..none },
            Self::Joined(joined) => Items { joined, ..none },
            Self::Repeated(repeats) => Items { repeats: Some(repeats), ..none },
            Self::Json(elements) => Items { elements: Some(elements), ..none },
            Self::EachRepeated(repeats, change) => {
                Items { change: Some(change), ..Self::Repeated(repeats).iter() }
            }
            // The value was checked when the list was read.
            Self::Each(raw, change) => {
                Items { change: Some(change), ..Self::parse(raw).unwrap_or(Self::EMPTY).iter() }
            }
        }
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for List<'_> {}

/// The items, and nothing else of the form that has them, where a password may stand.
impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for List<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        for (i, item) in self.iter().enumerate() {
            defmt::write!(f, "{}\"{}\"", if i > 0 { ", " } else { "" }, item);
        }
        defmt::write!(f, "]");
    }
}

/// The items of a [`List`].
#[derive(Clone, Debug)]
pub struct Items<'a> {
    texts: &'a [Text<'a>],
    joined: Text<'a>,
    repeats: Option<Repeats<'a>>,
    elements: Option<Elements<'a>>,
    change: Option<Change>,
}

impl<'a> Iterator for Items<'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
        let item = self.next_written()?;
        Some(self.change.map_or(item, |change| change(item)))
    }
}

impl<'a> Items<'a> {
    /// The next item as it is written.
    fn next_written(&mut self) -> Option<Text<'a>> {
        if let Some(elements) = &mut self.elements {
            // Elements were checked when the list was read.
            return elements.next().and_then(|value| Raw::Json(value).text().ok());
        }
        loop {
            if let Some((first, rest)) = self.texts.split_first() {
                self.texts = rest;
                return Some(*first);
            }
            while !self.joined.is_empty() {
                let (item, rest) =
                    match self.joined.split_once(|c| matches!(c, ',' | ';') || c.is_whitespace()) {
                        Some((item, _, rest)) => (item, rest),
                        None => (self.joined, Text::EMPTY),
                    };
                self.joined = rest;
                if !item.is_empty() {
                    return Some(item);
                }
            }
            let Repeats { carrier, name } = self.repeats.as_mut()?;
            match carrier.find_next(name) {
                Some(pair) => self.joined = pair.value.text().unwrap_or(Text::EMPTY),
                None => self.repeats = None,
            }
        }
    }
}

impl<'a> Value<'a> for List<'a> {
    fn unread() -> Self {
        Self::EMPTY
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        if let Raw::Json(value) = raw
            && let Kind::Array(elements) = value.kind()
        {
            for element in elements {
                let within = element.at().saturating_sub(value.at());
                if !matches!(element.kind(), Kind::String(_) | Kind::Number(_)) {
                    return Err(ErrorKind::Value.at("", within));
                }
                Raw::Json(element).text()?;
            }
            return Ok(Self::Json(elements));
        }
        raw.text().map(Self::Joined)
    }

    fn repeat(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error> {
        raw.text()?;
        *self = Self::Repeated(*all);
        Ok(())
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.list(name, self.iter())
    }
}
