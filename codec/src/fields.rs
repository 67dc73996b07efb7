//! Named fields, listed once, carried by anything.
//!
//! The macro `fields!` makes the struct, its reader and its writer from one list. A [`Source`] gives the
//! pairs of one carrier (a form, a query), a [`Sink`] takes them. Policy stands here and nowhere
//! else: unknown names are ignored, repeated ones refused, missing ones named; tolerance stands in
//! the [`Value`] of the type.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::form::FormReader;
use crate::text::{Charset, Secret, Text};

/// A value as it stands in its carrier, unchecked.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// Octets of a form or query, escaped.
    Form {
        /// The octets.
        octets: &'a [u8],
        /// The charset that they are in once their escapes are undone.
        charset: Charset,
    },
}

impl<'a> Raw<'a> {
    /// The value as a text.
    ///
    /// # Errors
    /// [`ErrorKind::Escape`], [`ErrorKind::Charset`].
    pub fn text(self) -> Result<Text<'a>, Error> {
        match self {
            Self::Form { octets, charset } => Text::form(octets, charset),
        }
    }
}

/// One name and its value.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The name, escaped as its carrier has it.
    pub name: &'a [u8],
    /// The value.
    pub value: Raw<'a>,
    /// Octets from the start of the carrier to the value.
    pub at: usize,
    /// Which of several carriers it stands in, see [`Merge`]: the lowest wins.
    pub rank: u8,
}

impl Pair<'_> {
    /// Whether the name is `name`, however it is escaped.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name.as_bytes()
            || self.name.contains(&b'%')
                && Text::form(self.name, Charset::Utf8).is_ok_and(|own| own == *name)
    }
}

/// What gives pairs.
pub trait Source<'a>: Clone {
    /// The next pair.
    fn next_pair(&mut self) -> Option<Pair<'a>>;

    /// The form that pairs of `rank` come from, where it is one: there a name may repeat.
    fn form(&self, rank: u8) -> Option<FormReader<'a>>;
}

/// A body and a query: a name that the body has is taken from the body.
#[derive(Clone, Copy, Debug)]
pub struct Merge<B, Q> {
    /// The body.
    pub body: B,
    /// The query.
    pub query: Q,
}

impl<'a, B: Source<'a>, Q: Source<'a>> Source<'a> for Merge<B, Q> {
    fn next_pair(&mut self) -> Option<Pair<'a>> {
        match self.body.next_pair() {
            Some(pair) => Some(pair),
            None => self.query.next_pair().map(|pair| Pair { rank: 1, ..pair }),
        }
    }

    fn form(&self, rank: u8) -> Option<FormReader<'a>> {
        if rank == 0 { self.body.form(0) } else { self.query.form(0) }
    }
}

/// What takes named values.
pub trait Sink {
    /// Takes a text.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    fn text(&mut self, name: &'static str, text: Text<'_>) -> Result<(), Error>;

    /// Takes a number.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    fn number(&mut self, name: &'static str, number: u64) -> Result<(), Error>;

    /// Takes a list.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    fn list(&mut self, name: &'static str, list: &List<'_>) -> Result<(), Error>;
}

/// A type that a field can have.
pub trait Value<'a>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// What is wrong, with the octet in the value.
    fn parse(raw: Raw<'a>) -> Result<Self, Error>;

    /// Takes a further value of the same name, from the form that has them all.
    ///
    /// # Errors
    /// [`ErrorKind::Repeated`], for every type but a list.
    fn repeat(&mut self, _raw: Raw<'a>, _all: Repeats<'a>) -> Result<(), Error> {
        Err(ErrorKind::Repeated.at("", 0))
    }

    /// Writes the value.
    ///
    /// # Errors
    /// The sink's.
    fn emit(&self, name: &'static str, sink: &mut impl Sink) -> Result<(), Error>;

    /// The value of a field that is not there, where it need not be.
    fn absent() -> Option<Self> {
        None
    }
}

/// A struct of named fields.
pub trait Fields<'a>: Sized {
    /// Reads the fields; names that are not listed are ignored.
    ///
    /// # Errors
    /// What is wrong, with the field's name and the octet in its carrier.
    fn parse(source: impl Source<'a>) -> Result<Self, Error>;

    /// Writes the fields in the order of their list.
    ///
    /// # Errors
    /// The sink's.
    fn emit(&self, sink: &mut impl Sink) -> Result<(), Error>;
}

/// A field that is being read.
pub(crate) struct Slot<V> {
    name: &'static str,
    value: Option<(u8, V)>,
}

impl<'a, V: Value<'a>> Slot<V> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, value: None }
    }

    pub(crate) fn take(&mut self, pair: Pair<'a>, source: &impl Source<'a>) -> Result<(), Error> {
        let named = |error: Error| Error {
            field: self.name,
            at: error.at.saturating_add(pair.at),
            ..error
        };
        match (&mut self.value, source.form(pair.rank)) {
            (Some((rank, _)), _) if *rank < pair.rank => Ok(()),
            (Some((_, value)), Some(form)) => {
                value.repeat(pair.value, Repeats { form, name: self.name }).map_err(named)
            }
            (Some(_), None) => Err(ErrorKind::Repeated.at(self.name, pair.at)),
            (None, _) => {
                self.value = Some((pair.rank, V::parse(pair.value).map_err(named)?));
                Ok(())
            }
        }
    }

    pub(crate) fn finish(self) -> Result<V, Error> {
        match self.value {
            Some((_, value)) => Ok(value),
            None => V::absent().ok_or(ErrorKind::Missing.at(self.name, 0)),
        }
    }
}

/// Makes a struct of named fields with its reader and its writer.
///
/// Each field is listed once, under its documentation: `"wire name" => rust_name: Type`.
macro_rules! fields {
    (
        $(#[$meta:meta])*
        pub struct $name:ident<'a> {
            $( $(#[$field_meta:meta])* $wire:literal => $field:ident: $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name<'a> {
            $( $(#[$field_meta])* pub $field: $type, )*
        }

        impl<'a> $crate::fields::Fields<'a> for $name<'a> {
            fn parse(
                source: impl $crate::fields::Source<'a>,
            ) -> Result<Self, $crate::error::Error> {
                $( let mut $field = $crate::fields::Slot::<$type>::new($wire); )*
                let mut pairs = source.clone();
                while let Some(pair) = pairs.next_pair() {
                    $(
                        if pair.is_named($wire) {
                            $field.take(pair, &source)?;
                            continue;
                        }
                    )*
                }
                Ok(Self { $( $field: $field.finish()?, )* })
            }

            fn emit(
                &self,
                sink: &mut impl $crate::fields::Sink,
            ) -> Result<(), $crate::error::Error> {
                $( $crate::fields::Value::emit(&self.$field, $wire, sink)?; )*
                Ok(())
            }
        }
    };
}

pub(crate) use fields;

impl<'a> Value<'a> for Text<'a> {
    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text()
    }

    fn emit(&self, name: &'static str, sink: &mut impl Sink) -> Result<(), Error> {
        sink.text(name, *self)
    }
}

impl<'a> Value<'a> for Secret<'a> {
    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text().map(Self)
    }

    fn emit(&self, name: &'static str, sink: &mut impl Sink) -> Result<(), Error> {
        sink.text(name, self.0)
    }
}

/// A whole number, in decimal digits where the carrier has only text.
impl<'a> Value<'a> for u32 {
    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let mut number: Self = 0;
        let text = raw.text()?;
        if text.is_empty() {
            return Err(ErrorKind::Empty.at("", 0));
        }
        for c in text.chars() {
            number = c
                .to_digit(10)
                .and_then(|digit| number.checked_mul(10)?.checked_add(digit))
                .ok_or(ErrorKind::Value.at("", 0))?;
        }
        Ok(number)
    }

    fn emit(&self, name: &'static str, sink: &mut impl Sink) -> Result<(), Error> {
        sink.number(name, u64::from(*self))
    }
}

/// A field that may be left out.
impl<'a, V: Value<'a>> Value<'a> for Option<V> {
    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        V::parse(raw).map(Some)
    }

    fn repeat(&mut self, raw: Raw<'a>, all: Repeats<'a>) -> Result<(), Error> {
        match self {
            Some(value) => value.repeat(raw, all),
            None => Err(ErrorKind::Repeated.at("", 0)),
        }
    }

    fn emit(&self, name: &'static str, sink: &mut impl Sink) -> Result<(), Error> {
        self.as_ref().map_or(Ok(()), |value| value.emit(name, sink))
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Every value that a form has under one name.
#[derive(Clone, Copy, Debug)]
pub struct Repeats<'a> {
    form: FormReader<'a>,
    name: &'static str,
}

/// Several texts in one field.
///
/// In a form they stand in one value, separated by commas, semicolons or white space, or in several
/// values of one name, or both. Empty items are skipped. Written, they are separated by commas.
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
}

impl<'a> List<'a> {
    /// The items, in their order.
    pub fn iter(&self) -> Items<'a> {
        match *self {
            Self::Slice(texts) => Items { texts, joined: Text::EMPTY, repeats: None },
            Self::Joined(joined) => Items { texts: &[], joined, repeats: None },
            Self::Repeated(repeats) => {
                Items { texts: &[], joined: Text::EMPTY, repeats: Some(repeats) }
            }
        }
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
}

impl<'a> Iterator for Items<'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
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
            let Repeats { form, name } = self.repeats.as_mut()?;
            match form.find_next(name) {
                Some(pair) => self.joined = pair.value.text().unwrap_or(Text::EMPTY),
                None => self.repeats = None,
            }
        }
    }
}

impl<'a> Value<'a> for List<'a> {
    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text().map(Self::Joined)
    }

    fn repeat(&mut self, raw: Raw<'a>, all: Repeats<'a>) -> Result<(), Error> {
        raw.text()?;
        *self = Self::Repeated(all);
        Ok(())
    }

    fn emit(&self, name: &'static str, sink: &mut impl Sink) -> Result<(), Error> {
        sink.list(name, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormWriter;
    use crate::wire::Writer;

    extern crate std;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use proptest::prelude::*;

    fields! {
        /// A request.
        pub struct Ask<'a> {
            /// To whom.
            "to" => to: List<'a>,
            /// What.
            "text" => text: Text<'a>,
            /// How many.
            "count" => count: Option<u32>,
        }
    }

    fn form(octets: &str) -> FormReader<'_> {
        FormReader::new(octets.as_bytes(), Charset::Utf8)
    }

    fn items(ask: &Ask<'_>) -> Vec<String> {
        ask.to.iter().map(|item| item.to_string()).collect()
    }

    #[test]
    fn unknown_names_are_ignored_and_escaped_names_are_known() {
        let ask = Ask::parse(form("&x=%&te%78t=a+b&&to=1&count=07&X")).unwrap();
        assert_eq!(ask.text, *"a b");
        assert_eq!(ask.count, Some(7));
    }

    #[test]
    fn errors_name_field_and_octet() {
        let error = |octets| Ask::parse(form(octets)).unwrap_err().to_string();
        assert_eq!(error("to=1"), "text is missing at octet 0");
        assert_eq!(error("to=1&text=a%"), "text has a broken escape at octet 11");
        assert_eq!(error("to=1&text=a&text=b"), "text is given twice at octet 17");
        assert_eq!(
            error("to=1&text=a&count=4294967296"),
            "count has a value that is not allowed at octet 18"
        );
        assert_eq!(error("to=1&text=a&count="), "count is empty at octet 18");
    }

    #[test]
    fn lists_are_joined_or_repeated_or_both() {
        let ask = Ask::parse(form("to=1,2%3B3+4,,&text=&to=5%2C6&to=")).unwrap();
        assert_eq!(items(&ask), ["1", "2", "3", "4", "5", "6"]);
    }

    #[test]
    fn the_body_wins_over_the_query() {
        let merge = Merge { body: form("to=1&to=2"), query: form("to=3&text=q&to=4") };
        let ask = Ask::parse(merge).unwrap();
        assert_eq!(
            (items(&ask), ask.text.to_string()),
            (["1", "2"].map(String::from).into(), "q".into())
        );
    }

    proptest! {
        /// Any string survives the carrier, and what was written reads back equal.
        #[test]
        fn what_is_written_reads_back(text in ".*", to in proptest::collection::vec("[0-9a-z+%&=é😀]{1,9}", 1..4), count: Option<u32>) {
            let to: Vec<Text> = to.iter().map(|item| Text::plain(item)).collect();
            let ask = Ask { to: List::Slice(&to), text: Text::plain(&text), count };
            let mut buffer = [0; 4096];
            let mut w = Writer::new(&mut buffer);
            ask.emit(&mut FormWriter::new(&mut w, Charset::Utf8)).unwrap();
            prop_assert!(w.written().iter().all(u8::is_ascii_graphic));
            let back = Ask::parse(FormReader::new(w.written(), Charset::Utf8)).unwrap();
            prop_assert_eq!(back, ask);
        }

        /// No octets make the reader panic.
        #[test]
        fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut form = b"to=".to_vec();
            form.extend(octets);
            form.extend(b"&text=x");
            if let Ok(ask) = Ask::parse(FormReader::new(&form, Charset::Latin1)) {
                prop_assert!(ask.to.iter().count() <= form.len());
            }
        }
    }
}
