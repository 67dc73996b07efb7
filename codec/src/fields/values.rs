//! The types that a field can have, and what each of them tolerates.

use super::{List, Raw, Repeats, Sink, Value};
use crate::error::{Error, ErrorKind};
use crate::text::{Secret, Text};

impl<'a> Value<'a> for Text<'a> {
    fn unread() -> Self {
        Self::EMPTY
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text()
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.text(name, *self)
    }
}

impl<'a> Value<'a> for Secret<'a> {
    fn unread() -> Self {
        Self(Text::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text().map(Self)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.text(name, self.0)
    }
}

/// The number that decimal digits spell.
pub(crate) fn decimal(text: Text<'_>) -> Result<u64, Error> {
    if text.is_empty() {
        return Err(ErrorKind::Empty.at("", 0));
    }
    text.chars()
        .try_fold(0_u64, |number, c| number.checked_mul(10)?.checked_add(c.to_digit(10)?.into()))
        .ok_or(ErrorKind::Value.at("", 0))
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        /// A whole number, in decimal digits where it stands in a text.
        impl<'a> Value<'a> for $number {
            fn unread() -> Self {
                0
            }

            fn parse(raw: Raw<'a>) -> Result<Self, Error> {
                decimal(raw.text()?)?.try_into().map_err(|_| ErrorKind::Value.at("", 0))
            }

            fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
                sink.number(name, u64::from(*self))
            }
        }

        /// In JSON the digits stand in a string.
        impl<'a> Value<'a> for Stringly<$number> {
            fn unread() -> Self {
                Self(0)
            }

            fn parse(raw: Raw<'a>) -> Result<Self, Error> {
                Value::parse(raw).map(Self)
            }

            fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
                sink.quoted_number(name, u64::from(self.0))
            }
        }
    )*};
}

whole_numbers!(u8 u16 u32 u64);

/// What is written as a string, although it is a number, a boolean or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stringly<V>(pub V);

/// A boolean: `true` or `false`, as a string, too; a number is `false` if it is 0.
impl<'a> Value<'a> for bool {
    fn unread() -> Self {
        false
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let text = raw.text()?;
        let is = |known: &str| text.chars().map(|c| c.to_ascii_lowercase()).eq(known.chars());
        match decimal(text) {
            Ok(number) => Ok(number != 0),
            Err(_) if is("true") => Ok(true),
            Err(_) if is("false") => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.verbatim(name, Text::plain(if *self { "true" } else { "false" }))
    }
}

impl<'a> Value<'a> for Stringly<bool> {
    fn unread() -> Self {
        Self(false)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        bool::parse(raw).map(Self)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.text(name, Text::plain(if self.0 { "true" } else { "false" }))
    }
}

/// Several texts that are one text with commas in JSON, too.
impl<'a> Value<'a> for Stringly<List<'a>> {
    fn unread() -> Self {
        Self(List::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        List::parse(raw).map(Self)
    }

    fn repeat(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error> {
        self.0.repeat(raw, all)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.joined_list(name, self.0.iter())
    }
}

/// A boolean that is written as `1` or `0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bit(pub bool);

impl<'a> Value<'a> for Bit {
    fn unread() -> Self {
        Self(false)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        bool::parse(raw).map(Self)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.number(name, self.0.into())
    }
}

/// A whole number of any length that is kept as its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Digits<'a>(pub Text<'a>);

impl<'a> Value<'a> for Digits<'a> {
    fn unread() -> Self {
        Self(Text::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let text = raw.text()?;
        if text.is_empty() {
            return Err(ErrorKind::Empty.at("", 0));
        }
        let is_number = text.chars().all(|c| c.is_ascii_digit());
        if is_number { Ok(Self(text)) } else { Err(ErrorKind::Value.at("", 0)) }
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        // JSON has no number that begins with 0.
        let mut digits = self.0.chars();
        match (digits.next(), digits.next()) {
            (Some('0'), Some(_)) => sink.text(name, self.0),
            _ if self.0.chars().all(|c| c.is_ascii_digit()) => sink.verbatim(name, self.0),
            _ => Err(ErrorKind::Value.at("", 0)),
        }
    }
}

/// A field that may be left out. One that is empty is not given.
impl<'a, V: Value<'a>> Value<'a> for Option<V> {
    const OPTIONAL: bool = true;

    fn unread() -> Self {
        None
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        if raw.is_empty() { Ok(None) } else { V::parse(raw).map(Some) }
    }

    fn repeat(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error> {
        match self {
            Some(value) => value.repeat(raw, all),
            None => Err(ErrorKind::Repeated.at("", 0)),
        }
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        self.as_ref().map_or(Ok(()), |value| value.emit(name, sink))
    }
}

/// A field that is always there in JSON: `null` where it has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Nullable<V>(pub Option<V>);

impl<'a, V: Value<'a>> Value<'a> for Nullable<V> {
    const OPTIONAL: bool = true;

    fn unread() -> Self {
        Self(None)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        V::parse(raw).map(|value| Self(Some(value)))
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        match &self.0 {
            Some(value) => value.emit(name, sink),
            None => sink.null(name),
        }
    }
}

/// A value that is checked when it is asked for, so that errors come in the vendor's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Late<V>(pub Result<V, Error>);

impl<V: Copy> Late<V> {
    /// The value.
    ///
    /// # Errors
    /// What is wrong with it, in the field `name`.
    pub fn value(&self, name: &'static str) -> Result<V, Error> {
        self.0.map_err(|error| super::named(error, name))
    }
}

impl<V> From<V> for Late<V> {
    fn from(value: V) -> Self {
        Self(Ok(value))
    }
}

impl<'a, V: Value<'a>> Value<'a> for Late<V> {
    const OPTIONAL: bool = V::OPTIONAL;

    fn unread() -> Self {
        Self(Ok(V::unread()))
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        Ok(Self(V::parse(raw)))
    }

    fn repeat(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error> {
        if let Ok(value) = &mut self.0
            && let Err(error) = value.repeat(raw, all)
        {
            self.0 = Err(error);
        }
        Ok(())
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        match &self.0 {
            Ok(value) => value.emit(name, sink),
            Err(error) => Err(*error),
        }
    }
}
