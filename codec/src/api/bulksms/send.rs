//! `send_sms` and `quote_sms`: one message to one or more recipients or groups.

use super::message::{CODE_UNITS_MAX, Dca, Message, code_units, segment};
use super::options::{Options, RULES, cannot};
use super::sent::{QuoteReply, SendReply};
use crate::api::check::{dialled, is_digits, not_empty};
use crate::api::{
    Alphabet, Ask, Call, Messages, Method, Op, Payload, Recipient, Recipients, Scheme, Submit,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{
    Carrier, Fields, List, Raw, Repeats, Rows, Sink, Source, Value, fields, named,
};
use crate::text::Charset;

/// One message to one or more recipients or groups.
#[derive(Clone, Copy, Debug)]
pub struct SendSms;

/// What it would cost to send it.
#[derive(Clone, Copy, Debug)]
pub struct QuoteSms;

fields! {
    /// Parameters of `send_sms`.
    pub struct Send<'a> {
        /// The message, by `dca`: at most 160 characters, or more where that is allowed; 140 octets; 70
        /// code units.
        "message" => message: Message<'a>,
        /// Recipients.
        "msisdn" => msisdn: Option<Numbers<'a>>,
        /// Groups of recipients.
        "dest_group_id" => dest_group_id: Option<List<'a>>,
        ..options: Options,
    }
}

/// Parameters of `quote_sms`: those of `send_sms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Quote<'a>(pub Send<'a>);

/// Numbers, read and written without what stands for dialling abroad: `+` or `00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Numbers<'a>(pub List<'a>);

impl<'a> Value<'a> for Numbers<'a> {
    fn unread() -> Self {
        Self(List::EMPTY)
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        List::parse(raw)?;
        Ok(Self(List::Each(raw, Recipient::msisdn)))
    }

    fn repeat(&mut self, raw: Raw<'a>, all: &Repeats<'a>) -> Result<(), Error> {
        self.0.repeat(raw, all)?;
        self.0 = List::EachRepeated(*all, Recipient::msisdn);
        Ok(())
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        sink.list(name, self.0.iter().map(Recipient::msisdn))
    }
}

/// The methods of every call.
pub(super) const METHODS: &[Method] = &[Method::Post, Method::Get];

/// The carriers of every call; a body is a form whatever its content type says.
pub(super) const CARRIERS: &[Carrier] = &[Carrier::Form];

/// The credentials of every call.
pub(super) const SCHEMES: &[Scheme] = &[Scheme::Fields { user: "username", password: "password" }];

/// The content type of every reply.
pub(super) const TEXT_PLAIN: &str = "text/plain";

impl Call for SendSms {
    const NAME: &'static str = "send_sms";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/submission/send_sms/2/2.0"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    const RULES: &'static [(&'static str, &'static str)] = RULES;
    type Ask<'a> = Send<'a>;
    type Tell<'a> = SendReply<'a>;
}

impl Call for QuoteSms {
    const NAME: &'static str = "quote_sms";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/submission/quote_sms/2/2.0"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    const RULES: &'static [(&'static str, &'static str)] = RULES;
    type Ask<'a> = Quote<'a>;
    type Tell<'a> = QuoteReply<'a>;
}

impl<'a> Send<'a> {
    fn submit(&self, source: &Source<'a>) -> Result<Submit<'a>, Error> {
        let numbers = self.msisdn.map_or(List::EMPTY, |numbers| numbers.0);
        let groups = self.dest_group_id.unwrap_or(List::EMPTY);
        recipients(&numbers, &groups)?;
        let dca = self.options.alphabet();
        let body = self.message.read(dca).and_then(|body| content(body, dca));
        let body = body.map_err(|error| named(error, "message"))?;
        let to = Recipients { groups, ..Recipients::numbers(numbers) };
        self.options.submit(Messages::Same { to, body }, source)
    }

    fn of(submit: &Submit<'a>) -> Result<Self, Error> {
        let Messages::Same { to, body } = submit.messages else {
            return Err(ErrorKind::Value.at("message", 0));
        };
        let Recipients { country, numbers, groups } = to;
        cannot("msisdn", !country.is_empty())?;
        cannot("cut", submit.cut)?;
        cannot("skip_invalid", submit.skip_invalid)?;
        recipients(&numbers, &groups)?;
        let (message, dca) = match body {
            Payload::Text(text) => match (submit.alphabet, Dca::of(text)) {
                (Alphabet::Ucs2, _) | (Alphabet::Any, Dca::SixteenBit) => {
                    (Message::SixteenBit(text), Dca::SixteenBit)
                }
                _ => (Message::SevenBit(text), Dca::SevenBit),
            },
            Payload::Octets { segments, has_header } => {
                // `8bit` is always with a header.
                cannot("message", !has_header)?;
                (Message::Octets(one(segments)?), Dca::EightBit)
            }
        };
        content(body, dca).map_err(|error| named(error, "message"))?;
        Ok(Self {
            message,
            msisdn: (!numbers.is_empty()).then_some(Numbers(numbers)),
            dest_group_id: (!groups.is_empty()).then_some(groups),
            options: Options::of(submit, dca)?,
        })
    }
}

/// Refuses numbers that are none, groups that are none, and neither of them.
fn recipients(numbers: &List<'_>, groups: &List<'_>) -> Result<(), Error> {
    if numbers.is_empty() && groups.is_empty() {
        return Err(ErrorKind::Missing.at("msisdn", 0));
    }
    if !numbers.is_empty() {
        dialled("msisdn", numbers)?;
    }
    cannot("dest_group_id", !groups.iter().all(is_digits))
}

/// What a message may have in it. How many parts a text has is not asked here.
fn content(body: Payload<'_>, dca: Dca) -> Result<Payload<'_>, Error> {
    match body {
        Payload::Text(text) => {
            not_empty("", text)?;
            let is_long = dca == Dca::SixteenBit && code_units(text) > CODE_UNITS_MAX;
            if is_long { Err(ErrorKind::TooLong.at("", 0)) } else { Ok(body) }
        }
        Payload::Octets { segments, .. } => {
            segments.iter().try_for_each(segment)?;
            Ok(Payload::Octets { segments, has_header: true })
        }
    }
}

/// The segment, where there is exactly one.
fn one<T: Copy>(segments: Rows<'_, T>) -> Result<Rows<'_, T>, Error> {
    match segments.iter().count() {
        1 => Ok(segments),
        0 => Err(ErrorKind::Empty.at("message", 0)),
        _ => Err(ErrorKind::TooLong.at("message", 0)),
    }
}

impl<'a> Ask<'a> for Send<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        self.submit(source).map(Op::Send)
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = op else { return Err(ErrorKind::Value.at("send_sms", 0)) };
        Self::of(submit)
    }
}

impl<'a> Fields<'a> for Quote<'a> {
    const NAMES: &'static [&'static str] = <Send<'static> as Fields<'static>>::NAMES;

    fn unread() -> Self {
        Self(Send::unread())
    }

    fn fill(&mut self, source: &Source<'a>) -> Result<(), Error> {
        self.0.fill(source)
    }

    fn emit(&self, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        self.0.emit(sink)
    }
}

impl<'a> Ask<'a> for Quote<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        self.0.submit(source).map(Op::Quote)
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Quote(submit) = op else { return Err(ErrorKind::Value.at("quote_sms", 0)) };
        Send::of(submit).map(Self)
    }
}
