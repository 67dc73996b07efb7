//! Named fields, listed once, carried by anything.
//!
//! The macro `fields!` makes the struct, its reader and its writer from one list. A [`Source`] gives
//! the pairs of a request or reply (form, query, multipart, JSON, path), a [`Sink`] takes them. Policy
//! stands here and nowhere else: unknown names are ignored, repeated ones refused, missing ones
//! named, `null` is not given; tolerance stands in the [`Value`] of the type.

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
    /// Reads the value.
    ///
    /// # Errors
    /// What is wrong, with the octet in the value.
    fn parse(raw: Raw<'a>) -> Result<Self, Error>;

    /// Takes a further value of the same name, from the source that has them all.
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
    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error>;

    /// The value of a field that is not there, where it need not be.
    fn absent() -> Option<Self> {
        None
    }
}

/// A struct of named fields.
pub trait Fields<'a>: Sized {
    /// The names, in the order of their list; those that any name may stand for are not there.
    const NAMES: &'static [&'static str];

    /// Reads the fields; names that are not listed are ignored.
    ///
    /// # Errors
    /// What is wrong, with the field's name and the octet in its carrier.
    fn parse(source: Source<'a>) -> Result<Self, Error>;

    /// Writes the fields in the order of their list.
    ///
    /// # Errors
    /// The sink's, with the field's name.
    fn emit(&self, sink: &mut Sink<'_, '_>) -> Result<(), Error>;
}

/// A field that is being read.
pub(crate) struct Slot<V> {
    name: &'static str,
    value: Option<(Rank, V)>,
}

impl<'a, V: Value<'a>> Slot<V> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, value: None }
    }

    pub(crate) fn take(&mut self, pair: Pair<'a>, source: &Source<'a>) -> Result<(), Error> {
        let named = |error: Error| Error {
            field: self.name,
            at: error.at.saturating_add(pair.at),
            ..error
        };
        if pair.value.is_null() {
            return Ok(());
        }
        match &mut self.value {
            Some((rank, _)) if *rank < pair.rank => Ok(()),
            Some((rank, value)) if source.may_repeat(*rank) => {
                let all = Repeats::new(*source, *rank, self.name);
                value.repeat(pair.value, all).map_err(named)
            }
            Some(_) => Err(ErrorKind::Repeated.at(self.name, pair.at)),
            None => {
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

            fn parse(
                source: $crate::fields::Source<'a>,
            ) -> Result<Self, $crate::error::Error> {
                $( let mut $field = $crate::fields::Slot::<$type>::new($wire); )*
                let mut pairs = source;
                while let Some(pair) = pairs.next_pair() {
                    $(
                        if pair.is_named($wire) {
                            $field.take(pair, &source)?;
                            continue;
                        }
                    )*
                }
                Ok(Self {
                    $( $field: $field.finish()?, )*
                    $( $rest: $common::parse(source)?, )?
                })
            }

            fn emit(
                &self,
                sink: &mut $crate::fields::Sink<'_, '_>,
            ) -> Result<(), $crate::error::Error> {
                $(
                    $crate::fields::Value::emit(&self.$field, $wire, sink)
                        .map_err(|error| $crate::fields::named(error, $wire))?;
                )*
                $( self.$rest.emit(sink)?; )?
                Ok(())
            }
        }
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
