//! Named fields, listed once, carried by anything.
//!
//! The macro `fields!` makes the struct, its reader and its writer from one list. A [`Source`] gives
//! the pairs of a request or reply (form, query, multipart, JSON, path), a [`Sink`] takes them. Policy
//! stands here and nowhere else: unknown names are ignored, repeated ones refused, missing ones
//! named, `null` is not given; tolerance stands in the [`Value`] of the type.
//!
//! ```
//! use septet::fields::{Carrier, Sink};
//! use septet::text::{Charset, Text};
//! use septet::wire::Writer;
//!
//! let mut buffer = [0; 64];
//! let mut w = Writer::new(&mut buffer);
//! let mut sink = Sink::new(&mut w, Carrier::Json, Charset::Utf8)?;
//! sink.text("to", Text::plain("4512345678"))?;
//! sink.number("parts", 2)?;
//! sink.finish()?;
//! assert_eq!(w.written(), br#"{"to":"4512345678","parts":2}"#);
//! # Ok::<(), septet::Error>(())
//! ```

mod list;
mod rows;
mod sink;
mod source;
mod values;

pub use self::list::{Change, Items, List, Repeats};
pub use self::rows::{Array, Cursor, Rest, Row, Rows, RowsIter};
pub(crate) use self::sink::Pieces;
pub use self::sink::{Carrier, Sink};
pub(crate) use self::source::captured;
pub use self::source::{Body, Captures, Pair, Rank, Raw, RawOctets, Source};
pub(crate) use self::values::decimal;
pub use self::values::{Bit, Digits, Late, Nullable, Stringly};
use crate::error::{Error, ErrorKind};

/// A type that a field can have.
pub trait Value<'a>: Sized {
    /// Whether the field may be left out.
    const OPTIONAL: bool = false;

    /// What stands in the field until it is read, and for good where it is left out.
    fn unread() -> Self;

    /// Reads the value.
    ///
    /// # Errors
    /// What is wrong, with the octet in the value.
    fn parse(raw: Raw<'a>) -> Result<Self, Error>;

    /// Takes a further value of the same name, from the source that has them all.
    ///
    /// # Errors
    /// [`ErrorKind::Repeated`], for every type but a list.
    fn repeat(&mut self, _raw: Raw<'a>, _all: &Repeats<'a>) -> Result<(), Error> {
        Err(ErrorKind::Repeated.at("", 0))
    }

    /// Writes the value.
    ///
    /// # Errors
    /// The sink's.
    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error>;
}

/// A struct of named fields.
pub trait Fields<'a>: Sized {
    /// The names, in the order of their list; those that any name may stand for are not there.
    const NAMES: &'static [&'static str];

    /// The struct before its fields are read.
    fn unread() -> Self;

    /// Reads the fields, none of which was read before; names that are not listed are ignored.
    ///
    /// # Errors
    /// What is wrong, with the field's name and the octet in its carrier.
    fn fill(&mut self, source: &Source<'a>) -> Result<(), Error>;

    /// Writes the fields in the order of their list.
    ///
    /// # Errors
    /// The sink's, with the field's name.
    fn emit(&self, sink: &mut Sink<'_, '_>) -> Result<(), Error>;

    /// The struct with its fields read.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    fn parse(source: Source<'a>) -> Result<Self, Error> {
        let mut fields = Self::unread();
        fields.fill(&source)?;
        Ok(fields)
    }
}

/// A field that is read, whatever its type is.
pub(crate) trait Reading<'a> {
    /// See [`Value::OPTIONAL`].
    fn is_optional(&self) -> bool;
    /// See [`Value::parse`].
    fn take(&mut self, raw: Raw<'a>) -> Result<(), Error>;
    /// See [`Value::repeat`].
    fn take_more(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error>;
}

impl<'a, V: Value<'a>> Reading<'a> for V {
    fn is_optional(&self) -> bool {
        V::OPTIONAL
    }

    fn take(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        *self = V::parse(raw)?;
        Ok(())
    }

    fn take_more(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error> {
        self.repeat(raw, all)
    }
}

/// A field that is written, whatever its type is.
pub(crate) trait Writing<'a> {
    /// See [`Value::emit`].
    fn write(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error>;
}

impl<'a, V: Value<'a>> Writing<'a> for V {
    fn write(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        self.emit(name, sink)
    }
}

/// The fields of a struct, each by its place in the list: so that what reads and writes them is there
/// once, and not for each struct.
pub(crate) trait ReadPlaces<'a> {
    /// The field at this place, to be read.
    fn reading(&mut self, place: usize) -> Option<&mut dyn Reading<'a>>;
}

/// The same, to be written.
pub(crate) trait WritePlaces<'a> {
    /// The field at this place.
    fn writing(&self, place: usize) -> Option<&dyn Writing<'a>>;
}

/// The most fields of one list.
pub(crate) const FIELDS_MAX: usize = 32;

/// Reads the fields of these names.
pub(crate) fn read<'a>(
    names: &'static [&'static str],
    fields: &mut dyn ReadPlaces<'a>,
    source: &Source<'a>,
) -> Result<(), Error> {
    let mut found = [None::<Rank>; FIELDS_MAX];
    let mut pairs = *source;
    while let Some(pair) = pairs.next_pair() {
        let is_named = |(_, (name, _)): &(usize, (&&'static str, _))| pair.is_named(name);
        let Some((place, (name, rank))) = names.iter().zip(&mut found).enumerate().find(is_named)
        else {
            continue;
        };
        let Some(field) = fields.reading(place) else { continue };
        let read = match *rank {
            _ if pair.value.is_null() => continue,
            Some(rank) if rank < pair.rank => continue,
            Some(rank) => match source.repeating(rank) {
                Some(carrier) => field.take_more(pair.value, &Repeats::new(carrier, name)),
                None => Err(ErrorKind::Repeated.at("", 0)),
            },
            None => {
                *rank = Some(pair.rank);
                field.take(pair.value)
            }
        };
        read.map_err(|error| Error { field: name, at: error.at.saturating_add(pair.at), ..error })?;
    }
    for (place, (name, rank)) in names.iter().zip(found).enumerate() {
        if rank.is_none() && fields.reading(place).is_some_and(|field| !field.is_optional()) {
            return Err(ErrorKind::Missing.at(name, 0));
        }
    }
    Ok(())
}

/// Writes the fields of these names.
pub(crate) fn write<'a>(
    names: &'static [&'static str],
    fields: &dyn WritePlaces<'a>,
    sink: &mut Sink<'_, '_>,
) -> Result<(), Error> {
    for (place, name) in names.iter().enumerate() {
        if let Some(field) = fields.writing(place) {
            field.write(name, sink).map_err(|error| named(error, name))?;
        }
    }
    Ok(())
}

/// Makes a struct of named fields with its reader and its writer.
///
/// Each field is listed once, under its documentation: `"wire name" => rust_name: Type`. Fields that
/// several structs have in common stand in a struct of their own, last: `..rust_name: Struct`.
macro_rules! fields {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(<$lifetime:lifetime>)? {
            $( $(#[$field_meta:meta])* $wire:literal => $field:ident: $type:ty, )*
            $( ..$rest:ident: $common:ident, )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name $(<$lifetime>)? {
            $( $(#[$field_meta])* pub $field: $type, )*
            $( /// The fields that others have, too.
            pub $rest: $common<'a>, )?
        }

        impl<'a> $crate::fields::Fields<'a> for $name $(<$lifetime>)? {
            const NAMES: &'static [&'static str] = {
                const OWN: &[&str] = &[$($wire),*];
                const COMMON: &[&[&str]] =
                    &[$(<$common<'static> as $crate::fields::Fields<'static>>::NAMES)?];
                const NAMES: [&str; $crate::fields::count(OWN, COMMON)] =
                    $crate::fields::joined(OWN, COMMON);
                &NAMES
            };

            fn unread() -> Self {
                Self {
                    $( $field: $crate::fields::Value::unread(), )*
                    $( $rest: $crate::fields::Fields::unread(), )?
                }
            }

            fn fill(
                &mut self,
                source: &$crate::fields::Source<'a>,
            ) -> Result<(), $crate::error::Error> {
                const OWN: &[&str] = &[$($wire),*];
                const { assert!(OWN.len() <= $crate::fields::FIELDS_MAX) };
                $crate::fields::read(OWN, self, source)?;
                $( self.$rest.fill(source)?; )?
                Ok(())
            }

            fn emit(
                &self,
                sink: &mut $crate::fields::Sink<'_, '_>,
            ) -> Result<(), $crate::error::Error> {
                $crate::fields::write(&[$($wire),*], self, sink)?;
                $( self.$rest.emit(sink)?; )?
                Ok(())
            }
        }

        const _: () = {
            /// Where each field stands in the list.
            #[allow(non_camel_case_types)]
            enum Place { $($field),* }

            impl<'a> $crate::fields::ReadPlaces<'a> for $name $(<$lifetime>)? {
                fn reading(
                    &mut self,
                    place: usize,
                ) -> Option<&mut dyn $crate::fields::Reading<'a>> {
                    $( if place == Place::$field as usize { return Some(&mut self.$field); } )*
                    None
                }
            }

            impl<'a> $crate::fields::WritePlaces<'a> for $name $(<$lifetime>)? {
                fn writing(&self, place: usize) -> Option<&dyn $crate::fields::Writing<'a>> {
                    $( if place == Place::$field as usize { return Some(&self.$field); } )*
                    None
                }
            }
        };
    };
}

pub(crate) use fields;

/// How many names there are in all.
pub(crate) const fn count(own: &[&str], common: &[&[&str]]) -> usize {
    match common {
        [common, ..] => own.len() + common.len(),
        [] => own.len(),
    }
}

/// The names of both lists.
pub(crate) const fn joined<const N: usize>(
    mut own: &[&'static str],
    common: &[&[&'static str]],
) -> [&'static str; N] {
    let mut common = match common {
        [common, ..] => *common,
        [] => &[],
    };
    let mut names = [""; N];
    let mut free: &mut [&'static str] = &mut names;
    while let Some((to, rest)) = free.split_first_mut() {
        if let Some((name, others)) = own.split_first() {
            (*to, own) = (*name, others);
        } else if let Some((name, others)) = common.split_first() {
            (*to, common) = (*name, others);
        }
        free = rest;
    }
    names
}

/// The error, in the field where it has none yet.
pub(crate) fn named(error: Error, field: &'static str) -> Error {
    if error.field.is_empty() { Error { field, ..error } } else { error }
}

#[cfg(test)]
mod tests;
