//! What fields are written to.

use super::{Fields, captured};
use crate::error::{Error, ErrorKind};
use crate::octets::{Coding, Octets};
use crate::text::{Charset, Text, cut, pieces};
use crate::wide::WIDE;
use crate::wire::Writer;
use crate::{form, json, multipart};

/// What carries fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Carrier {
    /// `application/x-www-form-urlencoded`; the query of a URL, too.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// A JSON object.
    Json,
}

impl Carrier {
    /// The `Content-Type` of a body that this crate writes.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded",
            Self::Multipart => "multipart/form-data; boundary=septet-7d1f0c9b2e64a853",
            Self::Json => "application/json",
        }
    }

    /// The carrier that a `Content-Type` names, whatever parameters follow it.
    pub fn of_content_type(content_type: &str) -> Option<Self> {
        let media_type = cut(content_type, b';').map_or(content_type, |(own, _)| own).trim();
        [
            ("application/x-www-form-urlencoded", Self::Form),
            ("multipart/form-data", Self::Multipart),
            ("application/json", Self::Json),
        ]
        .into_iter()
        .find(|(name, _)| media_type.eq_ignore_ascii_case(name))
        .map(|(_, carrier)| carrier)
    }
}

/// What named values are written to, in a carrier.
///
/// In an object or list of JSON that stands in another one, in the same way.
#[derive(Debug)]
pub struct Sink<'w, 'b> {
    w: &'w mut Writer<'b>,
    carrier: Carrier,
    charset: Charset,
    is_first: bool,
    selection: Selection,
}

/// Which fields are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selection {
    /// All but those that stand in a path of this template.
    Without(&'static str),
    /// The value of this one alone, as a segment of a path.
    Only(&'static str),
}

impl<'w, 'b> Sink<'w, 'b> {
    /// Fields of a body or query, their values in `charset`; JSON is UTF-8 whatever it says.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn new(w: &'w mut Writer<'b>, carrier: Carrier, charset: Charset) -> Result<Self, Error> {
        if carrier == Carrier::Json {
            w.octet(b'{')?;
        }
        Ok(Self { w, carrier, charset, is_first: true, selection: Selection::Without("") })
    }

    /// The value of the field `name` alone, as it stands in a path.
    pub(crate) const fn only(w: &'w mut Writer<'b>, name: &'static str) -> Self {
        let (carrier, charset) = (Carrier::Form, Charset::Utf8);
        Self { w, carrier, charset, is_first: true, selection: Selection::Only(name) }
    }

    /// The same, without the fields that stand in a path of this template.
    pub(crate) const fn without(self, template: &'static str) -> Self {
        Self { selection: Selection::Without(template), ..self }
    }

    /// Ends the fields.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn finish(self) -> Result<(), Error> {
        match self.carrier {
            Carrier::Form => Ok(()),
            Carrier::Multipart => multipart::write_end(self.w),
            Carrier::Json => self.w.octet(b'}'),
        }
    }

    /// What carries the fields.
    pub const fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// The charset of the fields.
    pub const fn charset(&self) -> Charset {
        self.charset
    }

    /// Writes a text.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    pub fn text(&mut self, name: &str, text: Text<'_>) -> Result<(), Error> {
        self.text_in(name, text, self.charset)
    }

    /// Writes a text in another charset than the other fields.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    pub fn text_in(&mut self, name: &str, text: Text<'_>, charset: Charset) -> Result<(), Error> {
        if self.is_whole_json() {
            let is_first = core::mem::replace(&mut self.is_first, false);
            return json::write_member(self.w, is_first, name, text);
        }
        self.field(name, |sink| match sink.carrier {
            Carrier::Json => json::write_string(sink.w, None, text, None),
            _ => sink.characters(text, charset),
        })
    }

    /// Whether every field is written, as a member of JSON: what is so on large cores takes a shorter way.
    fn is_whole_json(&self) -> bool {
        WIDE && self.carrier == Carrier::Json && self.selection == Selection::Without("")
    }

    /// Writes one text that is made of several, in their order.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    pub fn joined(&mut self, name: &str, texts: &[Text<'_>]) -> Result<(), Error> {
        self.field(name, |sink| {
            sink.quote()?;
            texts.iter().try_for_each(|text| sink.characters(*text, sink.charset))?;
            sink.quote()
        })
    }

    /// Writes a quotation mark, where texts stand between them.
    fn quote(&mut self) -> Result<(), Error> {
        if self.carrier == Carrier::Json { self.w.octet(b'"') } else { Ok(()) }
    }

    /// Writes the characters of a text.
    #[inline(never)]
    fn characters(&mut self, text: Text<'_>, charset: Charset) -> Result<(), Error> {
        match self.carrier {
            Carrier::Form if matches!(self.selection, Selection::Only(_)) => {
                form::write_segment(self.w, text)
            }
            Carrier::Form => form::write_value(self.w, text, charset),
            Carrier::Multipart => text.emit(self.w, charset),
            Carrier::Json => json::write_characters(self.w, text),
        }
    }

    /// Writes a number.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn number(&mut self, name: &str, number: u64) -> Result<(), Error> {
        if self.is_whole_json() {
            let is_first = core::mem::replace(&mut self.is_first, false);
            json::write_name(self.w, is_first, name)?;
            return self.w.decimal(number);
        }
        self.field(name, |sink| sink.w.decimal(number))
    }

    /// Writes a number as a text, also where there are numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn quoted_number(&mut self, name: &str, number: u64) -> Result<(), Error> {
        self.field(name, |sink| {
            sink.quote()?;
            sink.w.decimal(number)?;
            sink.quote()
        })
    }

    /// Writes `text` as it stands: a number, `true`, `false`, or a text of characters that no carrier
    /// escapes.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub(crate) fn verbatim(&mut self, name: &str, text: Text<'_>) -> Result<(), Error> {
        self.field(name, |sink| text.emit(sink.w, Charset::Utf8))
    }

    /// Writes `null`, where the carrier has one.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn null(&mut self, name: &str) -> Result<(), Error> {
        if self.carrier == Carrier::Json {
            return self.field(name, |sink| sink.w.text("null"));
        }
        Ok(())
    }

    /// Writes octets as digits.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn octets(&mut self, name: &str, octets: &Octets<'_>, coding: Coding) -> Result<(), Error> {
        self.field(name, |sink| sink.digits(octets, coding))
    }

    /// Writes a value in pieces.
    ///
    /// # Errors
    /// As `value`; [`ErrorKind::Value`] in JSON, whose texts are of one piece.
    pub(crate) fn pieces(
        &mut self,
        name: &str,
        value: impl FnOnce(&mut Pieces<'_, '_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.carrier == Carrier::Json {
            return Err(ErrorKind::Value.at("", self.w.len()));
        }
        self.field(name, |sink| {
            value(&mut Pieces { is_escaped: sink.carrier == Carrier::Form, w: sink.w })
        })
    }

    fn digits(&mut self, octets: &Octets<'_>, coding: Coding) -> Result<(), Error> {
        match (self.carrier, coding) {
            (Carrier::Json, _) => {
                self.quote()?;
                octets.emit(self.w, coding)?;
                self.quote()
            }
            // The digits of Base64 that a form escapes.
            (Carrier::Form, Coding::Base64 | Coding::Base64Url) => {
                let mut groups = octets.iter();
                loop {
                    let group = crate::octets::group(&mut groups);
                    if group.is_empty() {
                        return Ok(());
                    }
                    let mut digits = [0; 4];
                    let mut w = Writer::new(&mut digits);
                    Octets::plain(&group).emit(&mut w, coding)?;
                    let digits = Text::octets(w.into_written(), Charset::Utf8)?;
                    form::write_value(self.w, digits, Charset::Utf8)?;
                }
            }
            _ => octets.emit(self.w, coding),
        }
    }

    /// Writes texts: a list in JSON, elsewhere one text with commas.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    pub fn list<'t>(
        &mut self,
        name: &str,
        texts: impl Iterator<Item = Text<'t>>,
    ) -> Result<(), Error> {
        if self.carrier == Carrier::Json {
            let mut array = self.array(name)?;
            for text in texts {
                array.text("", text)?;
            }
            return array.finish_array();
        }
        self.joined_list(name, texts)
    }

    /// Writes texts as one text with commas, also where there are lists.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], [`ErrorKind::Unencodable`].
    pub fn joined_list<'t>(
        &mut self,
        name: &str,
        texts: impl Iterator<Item = Text<'t>>,
    ) -> Result<(), Error> {
        self.field(name, |sink| {
            sink.quote()?;
            for (i, text) in texts.enumerate() {
                let separator = Text::plain(if i > 0 { "," } else { "" });
                for text in [separator, text] {
                    sink.characters(text, sink.charset)?;
                }
            }
            sink.quote()
        })
    }

    /// Writes the fields of an object.
    ///
    /// # Errors
    /// As the fields; [`ErrorKind::Value`] where the carrier has no objects.
    pub fn object<'f>(&mut self, name: &str, fields: &impl Fields<'f>) -> Result<(), Error> {
        if self.carrier != Carrier::Json {
            return Err(ErrorKind::Value.at("", self.w.len()));
        }
        self.name(name)?;
        let mut object = Sink::new(self.w, Carrier::Json, Charset::Utf8)?;
        fields.emit(&mut object)?;
        object.finish()
    }

    /// Begins a JSON list, whose values have no names: `""`.
    ///
    /// # Errors
    /// [`ErrorKind::Full`]; [`ErrorKind::Value`] where the carrier has no lists.
    pub fn array(&mut self, name: &str) -> Result<Sink<'_, 'b>, Error> {
        if self.carrier != Carrier::Json {
            return Err(ErrorKind::Value.at("", self.w.len()));
        }
        self.name(name)?;
        Sink::list_of(self.w)
    }

    /// A JSON list that stands alone, whose values have no names: `""`.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn list_of(w: &'w mut Writer<'b>) -> Result<Self, Error> {
        w.octet(b'[')?;
        let (carrier, charset) = (Carrier::Json, Charset::Utf8);
        Ok(Self { w, carrier, charset, is_first: true, selection: Selection::Without("") })
    }

    /// Ends a list.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn finish_array(self) -> Result<(), Error> {
        self.w.octet(b']')
    }

    /// Writes a name, a value and what stands around them.
    fn field(
        &mut self,
        name: &str,
        value: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.is_whole_json() {
            self.name(name)?;
            return value(self);
        }
        if let Some(start) = self.begin(name)? {
            value(self)?;
            if self.carrier == Carrier::Multipart {
                multipart::write_tail(self.w, start)?;
            }
        }
        Ok(())
    }

    /// Writes a name and what stands before its value, where it is to be written. Returns where the value
    /// begins.
    #[inline(never)]
    fn begin(&mut self, name: &str) -> Result<Option<usize>, Error> {
        match self.selection {
            Selection::Only(only) if only == name => {}
            Selection::Only(_) => return Ok(None),
            Selection::Without(template) if !template.is_empty() && captures(template, name) => {
                return Ok(None);
            }
            Selection::Without(_) => self.name(name)?,
        }
        Ok(Some(self.w.len()))
    }

    fn name(&mut self, name: &str) -> Result<(), Error> {
        let is_first = core::mem::replace(&mut self.is_first, false);
        match self.carrier {
            Carrier::Form => form::write_name(self.w, name, is_first),
            Carrier::Multipart => multipart::write_head(self.w, name),
            Carrier::Json => json::write_name(self.w, is_first, name),
        }
    }
}

/// Takes a value in pieces, one behind the other.
pub(crate) struct Pieces<'w, 'b> {
    w: &'w mut Writer<'b>,
    is_escaped: bool,
}

impl<'w, 'b> Pieces<'w, 'b> {
    /// Pieces of what has no escapes.
    pub(crate) const fn plain(w: &'w mut Writer<'b>) -> Self {
        Self { w, is_escaped: false }
    }

    /// Writes a text in `charset`.
    pub(crate) fn text(&mut self, text: Text<'_>, charset: Charset) -> Result<(), Error> {
        if self.is_escaped {
            return form::write_value(self.w, text, charset);
        }
        text.emit(self.w, charset)
    }

    /// Writes octets in hexadecimal digits.
    pub(crate) fn hex(&mut self, octets: &Octets<'_>) -> Result<(), Error> {
        octets.emit(self.w, Coding::Hex)
    }
}

/// Whether a template has this name.
fn captures(template: &str, name: &str) -> bool {
    let inside = |segment: &str| captured(segment).map(|own| own == name);
    !name.is_empty() && pieces(template, b'/').any(|segment| inside(segment) == Some(true))
}
