//! Several values of one kind, in memory or still in the wire form.

use core::fmt;
use core::marker::PhantomData;

use super::{Body, Fields, Raw, Sink, Source, Value};
use crate::error::{Error, ErrorKind};
use crate::json::{self, Kind};
use crate::text::Text;

/// Several values: in memory, or read one after the other from where they stand.
///
/// Two are equal when they have equal values.
#[derive(Clone, Copy)]
pub struct Rows<'a, T>(Kept<'a, T>);

#[derive(Clone, Copy)]
enum Kept<'a, T> {
    One(T),
    Slice(&'a [T]),
    Wire(Cursor<'a>, fn(&mut Cursor<'a>) -> Option<T>),
}

/// Where values are read from, one after the other.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    /// What is not read yet: a text, or the elements of a JSON list.
    pub rest: Rest<'a>,
    /// What the reader must know beside it, such as which column holds what.
    pub layout: [u8; 8],
}

/// What is not read yet.
#[derive(Clone, Copy)]
pub enum Rest<'a> {
    /// A text.
    Text(Text<'a>),
    /// Elements of a JSON list.
    Elements(json::Elements<'a>),
    /// Members of a JSON object.
    Members(json::Members<'a>),
    /// The pairs of a request.
    Source(Source<'a>),
}

impl<'a, T: Copy> Rows<'a, T> {
    /// No values.
    pub const EMPTY: Self = Self(Kept::Slice(&[]));

    /// One value.
    pub const fn one(value: T) -> Self {
        Self(Kept::One(value))
    }

    /// Values in memory.
    pub const fn slice(values: &'a [T]) -> Self {
        Self(Kept::Slice(values))
    }

    /// Values that `next` reads, one after the other, until there is none.
    pub const fn wire(cursor: Cursor<'a>, next: fn(&mut Cursor<'a>) -> Option<T>) -> Self {
        Self(Kept::Wire(cursor, next))
    }

    /// The values, in their order.
    pub const fn iter(&self) -> RowsIter<'a, T> {
        RowsIter(match self.0 {
            Kept::One(value) => Left::One(Some(value)),
            Kept::Slice(values) => Left::Slice(values),
            Kept::Wire(cursor, next) => Left::Wire(cursor, next),
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// The values of [`Rows`].
#[derive(Clone)]
pub struct RowsIter<'a, T>(Left<'a, T>);

#[derive(Clone)]
enum Left<'a, T> {
    One(Option<T>),
    Slice(&'a [T]),
    Wire(Cursor<'a>, fn(&mut Cursor<'a>) -> Option<T>),
}

impl<T: Copy> Iterator for RowsIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Left::One(value) => value.take(),
            Left::Slice(values) => {
                let (first, rest) = values.split_first()?;
                *values = rest;
                Some(*first)
            }
            Left::Wire(cursor, next) => next(cursor),
        }
    }
}

impl<T: Copy + PartialEq> PartialEq for Rows<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Copy + Eq> Eq for Rows<'_, T> {}

impl<T: Copy + fmt::Debug> fmt::Debug for Rows<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl<T: Copy + defmt::Format> defmt::Format for Rows<'_, T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        self.iter().for_each(|value| defmt::write!(f, "{}, ", value));
        defmt::write!(f, "]");
    }
}

#[cfg(feature = "serde")]
impl<T: Copy + serde::Serialize> serde::Serialize for Rows<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A vendor's object for a neutral value, both ways.
pub trait Row<'a, T>: Fields<'a> {
    /// The value that the object stands for.
    ///
    /// # Errors
    /// The field that has a value which is not allowed.
    fn read(self) -> Result<T, Error>;

    /// The object that stands for the value.
    fn write(value: &T) -> Self;
}

/// A list of a vendor's objects, as the neutral values that they stand for. In place of the list there
/// may be an object whose values are the objects.
pub struct Array<'a, T, V>(pub Rows<'a, T>, PhantomData<V>);

impl<T: Copy, V> Clone for Array<'_, T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy, V> Copy for Array<'_, T, V> {}

impl<T: Copy + PartialEq, V> PartialEq for Array<'_, T, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Copy + Eq, V> Eq for Array<'_, T, V> {}

impl<T: Copy + fmt::Debug, V> fmt::Debug for Array<'_, T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl<T: Copy + defmt::Format, V> defmt::Format for Array<'_, T, V> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.0.format(f);
    }
}

impl<'a, T: Copy, V: Row<'a, T>> Array<'a, T, V> {
    /// The list that stands for the values.
    pub const fn new(rows: Rows<'a, T>) -> Self {
        Self(rows, PhantomData)
    }

    fn row(value: json::Value<'a>) -> Result<T, Error> {
        if !matches!(value.kind(), Kind::Object(_)) {
            return Err(ErrorKind::Value.at("", value.at()));
        }
        V::parse(Source::of_body(Body::json(value)))?.read()
    }

    fn next(cursor: &mut Cursor<'a>) -> Option<T> {
        let value = match &mut cursor.rest {
            Rest::Elements(elements) => elements.next()?,
            Rest::Members(members) => members.next()?.1,
            Rest::Text(_) | Rest::Source(_) => return None,
        };
        // Each was checked when the list was read.
        Self::row(value).ok()
    }
}

impl<'a, T: Copy, V: Row<'a, T>> Array<'a, T, V> {
    /// The values of a JSON list or object, each checked.
    ///
    /// # Errors
    /// As [`Row`]; [`ErrorKind::Value`] for anything else. Offsets count in the document.
    pub fn of(value: json::Value<'a>) -> Result<Self, Error> {
        let rest = match value.kind() {
            Kind::Array(elements) => {
                elements.into_iter().try_for_each(|value| Self::row(value).map(drop))?;
                Rest::Elements(elements)
            }
            Kind::Object(members) => {
                members.into_iter().try_for_each(|(_, value)| Self::row(value).map(drop))?;
                Rest::Members(members)
            }
            _ => return Err(ErrorKind::Value.at("", value.at())),
        };
        Ok(Self::new(Rows::wire(Cursor { rest, layout: [0; 8] }, Self::next)))
    }
}

impl<'a, T: Copy, V: Row<'a, T>> Value<'a> for Array<'a, T, V> {
    fn unread() -> Self {
        Self::new(Rows::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let Raw::Json(value) = raw else { return Err(ErrorKind::Value.at("", 0)) };
        // A field's error counts from its value.
        Self::of(value).map_err(|error| Error { at: error.at.saturating_sub(value.at()), ..error })
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let mut array = sink.array(name)?;
        for value in self.0.iter() {
            array.object("", &V::write(&value))?;
        }
        array.finish_array()
    }
}
