//! Octets of messages as a JSON list of Base64.

use crate::error::{Error, ErrorKind};
use crate::fields::{Cursor, Raw, Rest, Rows, Sink, Value};
use crate::json::{self, Kind};
use crate::octets::{Coding, Octets};
use crate::text::Text;

/// The octets of each part of a message, as a JSON list of Base64.
///
/// Read in the standard alphabet and the one for URLs; written in the latter where `FOR_URLS` says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Segments<'a, const FOR_URLS: bool>(pub Rows<'a, Octets<'a>>);

fn segment(value: json::Value<'_>) -> Result<Octets<'_>, Error> {
    let Kind::String(raw) = value.kind() else { return Err(ErrorKind::Value.at("", value.at())) };
    let octets = Text::json(raw).and_then(|text| Octets::coded(text, Coding::Base64));
    octets.map_err(|error| Error { at: value.at(), ..error })
}

fn next<'a>(cursor: &mut Cursor<'a>) -> Option<Octets<'a>> {
    let Rest::Elements(elements) = &mut cursor.rest else { return None };
    // Each was checked when the list was read.
    segment(elements.next()?).ok()
}

impl<'a, const FOR_URLS: bool> Value<'a> for Segments<'a, FOR_URLS> {
    fn unread() -> Self {
        Self(Rows::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let Raw::Json(value) = raw else { return Err(ErrorKind::Value.at("", 0)) };
        let Kind::Array(elements) = value.kind() else { return Err(ErrorKind::Value.at("", 0)) };
        // A field's error counts from its value.
        elements
            .into_iter()
            .try_for_each(|element| segment(element).map(drop))
            .map_err(|error| Error { at: error.at.saturating_sub(value.at()), ..error })?;
        Ok(Self(Rows::wire(Cursor { rest: Rest::Elements(elements), layout: [0; 8] }, next)))
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let coding = if FOR_URLS { Coding::Base64Url } else { Coding::Base64 };
        let mut array = sink.array(name)?;
        self.0.iter().try_for_each(|segment| array.octets("", &segment, coding))?;
        array.finish_array()
    }
}
