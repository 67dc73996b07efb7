//! `send_batch`: a message for each recipient, in lines of comma-separated values.

use super::lines::{columns, line};
use super::message::{CODE_UNITS_MAX, Dca, Message, code_units, segment, seven_bit, sixteen_bit};
use super::options::{Options, RULES, cannot};
use super::send::{CARRIERS, METHODS, SCHEMES, TEXT_PLAIN};
use super::sent::BatchReply;
use crate::api::{
    Addressed, AddressedOctets, Alphabet, Ask, Call, Messages, Method, Op, Recipient, Scheme,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Cursor, Pieces, Raw, Rest, Rows, Sink, Source, Value, fields, named};
use crate::octets::{Coding, Octets};
use crate::text::{Charset, Text};

/// A message for each recipient.
#[derive(Clone, Copy, Debug)]
pub struct SendBatch;

fields! {
    /// Parameters of `send_batch`.
    pub struct Batch<'a> {
        /// A line that names the columns, and a line for each message.
        "batch_data" => batch_data: BatchData<'a>,
        ..options: Options,
    }
}

/// Recipients and messages, in lines.
///
/// The first line names the columns, of which `msisdn` and `message` must be there, in any order. A
/// value may stand in quotation marks, where a backslash has a quotation mark, a line break or a
/// backslash stand for itself. A line that has no number or no message is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BatchData<'a> {
    /// As it stands in a request: `dca` says how to read its messages.
    Lines(Text<'a>),
    /// Texts to be written, in `7bit` or `16bit`.
    Texts(Rows<'a, Addressed<'a>>, Dca),
    /// Octets to be written, in `8bit`.
    Octets(Rows<'a, AddressedOctets<'a>>),
}

/// The longest body, in octets.
const BODY_MAX: usize = 32 * 1024 * 1024;

/// The most messages of a batch.
const MESSAGES_MAX: usize = 50_000;

impl Call for SendBatch {
    const NAME: &'static str = "send_batch";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/submission/send_batch/1/1.0"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const BODY_MAX: usize = BODY_MAX;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    const RULES: &'static [(&'static str, &'static str)] = &{
        let mut rules = [BATCH_DATA; RULES.len() + 1];
        if let Some((_, others)) = rules.split_first_mut() {
            others.copy_from_slice(RULES);
        }
        rules
    };
    type Ask<'a> = Batch<'a>;
    type Tell<'a> = BatchReply<'a>;
}

const BATCH_DATA: (&str, &str) = (
    "batch_data",
    "must begin with a line that names the columns msisdn and message, and no other parameter, and \
     have a line that can be sent",
);

impl<'a> Ask<'a> for Batch<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let named = |error| named(error, "batch_data");
        let messages = self.batch_data.read(self.options.alphabet()).map_err(named)?;
        let mut submit = self.options.submit(messages, source)?;
        (submit.cut, submit.skip_invalid) = (true, true);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = op else { return Err(ErrorKind::Value.at("send_batch", 0)) };
        let (batch_data, dca) = match submit.messages {
            Messages::Each(rows) => {
                let dca = match submit.alphabet {
                    Alphabet::Gsm7 => Dca::SevenBit,
                    Alphabet::Ucs2 => Dca::SixteenBit,
                    Alphabet::Any if rows.iter().all(|row| Dca::of(row.text) == Dca::SevenBit) => {
                        Dca::SevenBit
                    }
                    Alphabet::Any => Dca::SixteenBit,
                };
                (BatchData::Texts(rows, dca), dca)
            }
            Messages::EachOctets(rows) => (BatchData::Octets(rows), Dca::EightBit),
            _ => return Err(ErrorKind::Value.at("batch_data", 0)),
        };
        batch_data.check().map_err(|error| named(error, "batch_data"))?;
        Ok(Self { batch_data, options: Options::of(submit, dca)? })
    }
}

impl<'a> BatchData<'a> {
    /// The messages, of which there is at least one.
    fn read(self, dca: Dca) -> Result<Messages<'a>, Error> {
        let messages = match self {
            Self::Texts(rows, _) => Messages::Each(rows),
            Self::Octets(rows) => Messages::EachOctets(rows),
            Self::Lines(lines) => {
                let (columns, rest) = columns(lines).ok_or(ErrorKind::Value.at("", 0))?;
                let [msisdn, message] = columns;
                let layout = [msisdn, message, u8::from(dca == Dca::SixteenBit), 0, 0, 0, 0, 0];
                let cursor = Cursor { rest: Rest::Text(rest), layout };
                match dca {
                    Dca::EightBit => Messages::EachOctets(Rows::wire(cursor, next_octets)),
                    Dca::SevenBit | Dca::SixteenBit => {
                        Messages::Each(Rows::wire(cursor, next_text))
                    }
                }
            }
        };
        match messages.iter().take(MESSAGES_MAX.saturating_add(1)).count() {
            0 => Err(ErrorKind::Value.at("", 0)),
            count if count > MESSAGES_MAX => Err(ErrorKind::TooMany.at("", 0)),
            _ => Ok(messages),
        }
    }

    /// Refuses what would be skipped or cut.
    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Lines(_) => Ok(()),
            Self::Texts(rows, dca) => rows.iter().try_for_each(|Addressed { recipient, text }| {
                number(recipient).ok_or(ErrorKind::Value.at("msisdn", 0))?;
                cannot("message", text.is_empty())?;
                cannot("message", *dca == Dca::SixteenBit && code_units(text) > CODE_UNITS_MAX)
            }),
            Self::Octets(rows) => rows.iter().try_for_each(|row| {
                number(row.recipient).ok_or(ErrorKind::Value.at("msisdn", 0))?;
                cannot("message", !row.has_header)?;
                segment(row.octets).map_err(|error| named(error, "message"))
            }),
        }?;
        self.read(Dca::SevenBit).map(drop)
    }
}

impl<'a> Value<'a> for BatchData<'a> {
    fn unread() -> Self {
        Self::Lines(Text::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        raw.text().map(Self::Lines)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let charset = sink.charset();
        sink.pieces(name, |to| {
            let plain = |to: &mut Pieces<'_, '_>, text| to.text(Text::plain(text), charset);
            if let Self::Lines(mut lines) = *self {
                // What was written for another charset is a text, but for its backslashes.
                let is_text = lines.charset() == Charset::Utf8;
                while is_text && let Some((before, _, rest)) = lines.split_once(|c| c == '\\') {
                    Message::Received(before).write(charset, to)?;
                    plain(to, "\\")?;
                    lines = rest;
                }
                return match is_text {
                    true => Message::Received(lines).write(charset, to),
                    false => to.text(lines, charset),
                };
            }
            plain(to, "msisdn,message\n")?;
            let begin = |to: &mut Pieces<'_, '_>, recipient| {
                plain(to, "\"")?;
                to.text(Recipient::msisdn(recipient), charset)?;
                plain(to, "\",\"")
            };
            match self {
                Self::Lines(_) => Ok(()),
                Self::Texts(rows, dca) => rows.iter().try_for_each(|row| {
                    begin(to, row.recipient)?;
                    quoted(row.text, *dca, charset, to)?;
                    plain(to, "\"\n")
                }),
                Self::Octets(rows) => rows.iter().try_for_each(|row| {
                    begin(to, row.recipient)?;
                    to.hex(&row.octets)?;
                    plain(to, "\"\n")
                }),
            }
        })
    }
}

/// Writes a text as it stands between quotation marks.
fn quoted(
    mut text: Text<'_>,
    dca: Dca,
    charset: Charset,
    to: &mut Pieces<'_, '_>,
) -> Result<(), Error> {
    if dca == Dca::SixteenBit {
        return to.text(text, Charset::HexUtf16);
    }
    let is_utf8 = charset == Charset::Utf8;
    let gsm = if is_utf8 { charset } else { Charset::Latin1Gsm };
    // In ISO 8859-1 no code of an extension character is a backslash, but one is a line break.
    let is_escaped = |c| matches!((c, is_utf8), ('"' | '\n', _) | ('\\', true) | ('\u{C}', false));
    while let Some((before, c, rest)) = text.split_once(is_escaped) {
        to.text(before, gsm)?;
        let escaped = match c {
            '"' => "\\\"",
            '\n' => "\\\n",
            '\\' => "\\\\",
            _ => "\u{BB}\\\n",
        };
        to.text(Text::plain(escaped), charset)?;
        text = rest;
    }
    to.text(text, gsm)
}

/// The number without what stands for dialling abroad, where it is one.
fn number(number: Text<'_>) -> Option<Text<'_>> {
    let is_msisdn = Recipient { country: Text::EMPTY, number }.is_msisdn();
    is_msisdn.then(|| Recipient::msisdn(number))
}

/// The next line that has a number and a text. What is too long for `16bit` is cut.
fn next_text<'a>(cursor: &mut Cursor<'a>) -> Option<Addressed<'a>> {
    let [_, _, is_16bit, ..] = cursor.layout;
    loop {
        let (recipient, message) = next_line(cursor)?;
        let text = match is_16bit {
            0 => seven_bit(message),
            _ => sixteen_bit(message).map(|text| {
                let units = text.chars().scan(0, |units, c| {
                    *units += c.len_utf16();
                    Some(*units)
                });
                text.split_at(units.take_while(|units| *units <= CODE_UNITS_MAX).count()).0
            }),
        };
        if let Ok(text) = text
            && !text.is_empty()
        {
            return Some(Addressed { recipient, text });
        }
    }
}

/// The next line that has a number and octets.
fn next_octets<'a>(cursor: &mut Cursor<'a>) -> Option<AddressedOctets<'a>> {
    loop {
        let (recipient, message) = next_line(cursor)?;
        let octets = Octets::coded(message, Coding::Hex);
        if let Ok(octets) = octets.and_then(|octets| segment(octets).map(|()| octets)) {
            return Some(AddressedOctets { recipient, octets, has_header: true });
        }
    }
}

/// The number and the message of the next line that has both.
fn next_line<'a>(cursor: &mut Cursor<'a>) -> Option<(Text<'a>, Text<'a>)> {
    let [msisdn_column, message_column, ..] = cursor.layout;
    loop {
        let Rest::Text(lines) = cursor.rest else { return None };
        if lines.is_empty() {
            return None;
        }
        let (mut msisdn, mut message) = (None, None);
        let (is_whole, rest) = line(lines, |column, value| {
            if column == msisdn_column {
                msisdn = number(value);
            }
            if column == message_column {
                message = Some(value);
            }
        });
        cursor.rest = Rest::Text(rest);
        if let (true, Some(msisdn), Some(message)) = (is_whole, msisdn, message) {
            return Some((msisdn, message));
        }
    }
}
