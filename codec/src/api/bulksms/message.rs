//! `message`, which `dca` says how to read.

use crate::api::Payload;
use crate::error::{Error, ErrorKind};
use crate::fields::{Pieces, Raw, Rows, Sink, Value};
use crate::octets::{Coding, Octets};
use crate::text::{Charset, Escapes, Text};
use crate::tpdu::udh::HEADER_MAX;
use crate::wire::Writer;

/// Data coding alphabet: how a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Dca {
    /// `7bit`: the GSM alphabet, in octets of ISO 8859-1.
    #[default]
    SevenBit,
    /// `8bit`: octets, in hexadecimal digits.
    EightBit,
    /// `16bit`: UTF-16, big-endian, in hexadecimal digits.
    SixteenBit,
}

/// The names of the alphabets.
const ALPHABETS: [(&str, Dca); 3] =
    [("7bit", Dca::SevenBit), ("8bit", Dca::EightBit), ("16bit", Dca::SixteenBit)];

impl Dca {
    /// The alphabet of this name.
    pub(super) fn named(name: Text<'_>) -> Option<Self> {
        ALPHABETS.iter().find(|(own, _)| name == **own).map(|(_, dca)| *dca)
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        ALPHABETS.iter().find(|(_, own)| *own == self).map_or("7bit", |(name, _)| name)
    }

    /// The alphabet that a text is written in: `7bit` where every character has a place in it.
    pub(super) fn of(text: Text<'_>) -> Self {
        let is_gsm = text.chars().all(|c| Charset::Latin1Gsm.carries(c));
        if is_gsm { Self::SevenBit } else { Self::SixteenBit }
    }
}

impl<'a> Value<'a> for Dca {
    fn unread() -> Self {
        Self::default()
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        Self::named(raw.text()?).ok_or(ErrorKind::Value.at("", 0))
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.text(name, Text::plain(self.name()))
    }
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Message<'a> {
    /// As it stands in a request: `dca` says how to read it.
    Raw(Text<'a>),
    /// A text to be written in the GSM alphabet, for the gateway.
    SevenBit(Text<'a>),
    /// The same for a customer, who reads what ISO 8859-1 has as it stands.
    Received(Text<'a>),
    /// A text to be written in UTF-16.
    SixteenBit(Text<'a>),
    /// Octets to be written, one segment behind the other.
    Octets(Rows<'a, Octets<'a>>),
}

impl<'a> Message<'a> {
    /// What the message has in it. Of octets nothing says whether they begin with a header.
    pub(super) fn read(self, dca: Dca) -> Result<Payload<'a>, Error> {
        Ok(match (self, dca) {
            (Self::Raw(raw), Dca::SevenBit) => Payload::Text(seven_bit(raw)?),
            (Self::Raw(raw), Dca::SixteenBit) => Payload::Text(sixteen_bit(raw)?),
            (Self::Raw(raw), Dca::EightBit) => {
                let octets = Octets::coded(raw, Coding::Hex)?;
                Payload::Octets { segments: Rows::one(octets), has_header: false }
            }
            (Self::SevenBit(text) | Self::Received(text) | Self::SixteenBit(text), _) => {
                Payload::Text(text)
            }
            (Self::Octets(segments), _) => Payload::Octets { segments, has_header: false },
        })
    }

    /// What a customer gets, and how it is written.
    pub(super) fn received(body: Payload<'a>) -> (Self, Dca) {
        match body {
            Payload::Text(text) => match Dca::of(text) {
                Dca::SixteenBit => (Self::SixteenBit(text), Dca::SixteenBit),
                dca => (Self::Received(text), dca),
            },
            Payload::Octets { segments, .. } => (Self::Octets(segments), Dca::EightBit),
        }
    }

    /// Writes the message in pieces; `charset` is that of the other fields.
    pub(super) fn write(&self, charset: Charset, to: &mut Pieces<'_, '_>) -> Result<(), Error> {
        let gsm = if charset == Charset::Utf8 { charset } else { Charset::Latin1Gsm };
        match *self {
            // What was written for another charset is a text, or digits.
            Self::Raw(text) if text.charset() == Charset::Utf8 => to.text(text, gsm),
            Self::Raw(text) => to.text(text, charset),
            Self::SevenBit(text) => to.text(text, gsm),
            Self::SixteenBit(text) => to.text(text, Charset::HexUtf16),
            Self::Octets(segments) => segments.iter().try_for_each(|octets| to.hex(&octets)),
            Self::Received(mut text) => {
                while let Some((before, c, rest)) =
                    text.split_once(|c| matches!(c, '^' | '{' | '}' | '[' | ']' | '~' | '|'))
                {
                    to.text(before, gsm)?;
                    to.text(Text::plain(c.encode_utf8(&mut [0; 4])), charset)?;
                    text = rest;
                }
                to.text(text, gsm)
            }
        }
    }
}

impl<'a> Value<'a> for Message<'a> {
    fn unread() -> Self {
        Self::Raw(Text::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text().map(Self::Raw)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let charset = sink.charset();
        sink.pieces(name, |to| self.write(charset, to))
    }
}

/// Writes what a customer gets, on one line: line breaks as `\r` and `\n`. Returns how it is written. A
/// text with a page break, whose code has a line break in it, is in `16bit`. A customer who is not told
/// how it is written gets a line break for it, and a text of ISO 8859-1 as it stands, where it cannot be
/// taken for one in the GSM alphabet.
pub(super) fn write_line(
    body: Payload<'_>,
    is_told: bool,
    w: &mut Writer<'_>,
) -> Result<Dca, Error> {
    let (message, dca) = match Message::received(body) {
        (Message::Received(text), _) if is_told && text.chars().any(|c| c == PAGE_BREAK) => {
            (Message::SixteenBit(text), Dca::SixteenBit)
        }
        received => received,
    };
    let (mut text, is_plain) = match message {
        Message::Received(text) => (text, false),
        Message::SixteenBit(text) if !is_told && is_latin1_only(text) => (text, true),
        message => {
            message.write(Charset::Latin1, &mut Pieces::plain(w))?;
            return Ok(dca);
        }
    };
    let write = |text: Text<'_>, w: &mut Writer<'_>| match is_plain {
        true => text.emit(w, Charset::Latin1),
        false => Message::Received(text).write(Charset::Latin1, &mut Pieces::plain(w)),
    };
    while let Some((before, c, rest)) = text.split_once(is_break) {
        write(before, w)?;
        w.text(if c == '\r' { "\\r" } else { "\\n" })?;
        text = rest;
    }
    write(text, w)?;
    Ok(dca)
}

const PAGE_BREAK: char = '\u{C}';

/// Whether a character cannot stand on a line.
fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | PAGE_BREAK)
}

/// Whether a text is one of ISO 8859-1 whose octets are none in the GSM alphabet, and which has no
/// backslash that could be taken for one of a line break.
fn is_latin1_only(text: Text<'_>) -> bool {
    let mut chars = text.chars().map(|c| if is_break(c) { '\\' } else { c });
    let mut next = || chars.next().and_then(|c| u8::try_from(c).ok());
    let mut read = core::iter::from_fn(|| Charset::Latin1Gsm.decode(&mut next));
    read.any(|c| c.is_err()) && text.chars().all(|c| c != '\\' && Charset::Latin1.carries(c))
}

/// Reads what stands on one line; what cannot be read stands for itself.
pub(super) fn read_line(line: Text<'_>, dca: Dca) -> Payload<'_> {
    let mut chars = line.chars();
    let mut is_escaped = false;
    while let Some(c) = chars.next() {
        if c == '\\' {
            is_escaped = matches!(chars.next(), Some('r' | 'n'));
            if !is_escaped {
                break;
            }
        }
    }
    let text = match dca {
        Dca::SevenBit => {
            let text = seven_bit(line).unwrap_or(line);
            if is_escaped { text.with_escapes(Escapes::Json).unwrap_or(text) } else { text }
        }
        Dca::SixteenBit => sixteen_bit(line).unwrap_or(line),
        Dca::EightBit => return Message::Raw(line).read(dca).unwrap_or(Payload::Text(line)),
    };
    Payload::Text(text)
}

/// A text in the GSM alphabet; that of an account whose requests are in UTF-8 stands as it is.
pub(super) fn seven_bit(raw: Text<'_>) -> Result<Text<'_>, Error> {
    match raw.charset() {
        Charset::Latin1 | Charset::Windows1252 => raw.with_charset(Charset::Latin1Gsm),
        Charset::Utf8 | Charset::Latin1Gsm | Charset::HexUtf16 => Ok(raw),
    }
}

/// A text in hexadecimal digits, without a byte order mark.
pub(super) fn sixteen_bit(raw: Text<'_>) -> Result<Text<'_>, Error> {
    let text = raw.with_charset(Charset::HexUtf16)?;
    Ok(text.strip_prefix("\u{FEFF}").unwrap_or(text))
}

/// The most code units of a text in `16bit`: it is never split.
pub(super) const CODE_UNITS_MAX: usize = 70;

/// How many UTF-16 code units a text has.
pub(super) fn code_units(text: Text<'_>) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The octets of a message in `8bit`, which begin with a header that ends before they do, or where
/// they do.
pub(super) fn segment(octets: Octets<'_>) -> Result<(), Error> {
    let header = octets.iter().next().map(usize::from).ok_or(ErrorKind::Empty.at("", 0))?;
    let len = octets.len();
    if len > HEADER_MAX + 1 {
        return Err(ErrorKind::TooLong.at("", 0));
    }
    if header >= len { Err(ErrorKind::UdhOverrun.at("", 0)) } else { Ok(()) }
}
