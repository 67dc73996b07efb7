//! `sms`, `paramsms` and `smstogroups`: a text to numbers, to each its own, to groups.

use super::reply::{Done, Outcome, emit_object, object};
use super::values::{Numbers, Time, recipients};
use super::{JSON, KEYS};
use crate::api::{
    Answer, Ask, Call, Merged, Messages, Method, Noted, Op, Payload, Recipients, Scheme, Sent,
    Stamp, Status, Values,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{
    self, Array, Carrier, Fields, List, ReadPlaces, Reading, Row, Sink, Source, Value, fields,
};
use crate::json;
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// A text to one or more numbers.
#[derive(Clone, Copy, Debug)]
pub struct Sms;

/// A text with places, and what stands in them for each number.
#[derive(Clone, Copy, Debug)]
pub struct ParamSms;

/// A text to groups of the account's.
#[derive(Clone, Copy, Debug)]
pub struct SmsToGroups;

super::sharing! {
    shared {
        /// Kind of message: `N`, `GP`, `PRM` high quality, `L`, `TI` medium, `LL`, `SI` low.
        "message_type" => message_type: Text<'a>,
        /// The text; in `paramsms` with places such as `${name}`.
        "message" => message: Text<'a>,
        /// Alias or number; the account's own when absent.
        "sender" => sender: Option<Text<'a>>,
        /// When it is to be sent; at once when absent.
        "scheduled_delivery_time" => scheduled_delivery_time: Option<Stamp<Time>>,
        /// IANA name of the zone of that time; the account's when absent.
        "scheduled_delivery_timezone" => scheduled_delivery_timezone: Option<Text<'a>>,
        /// The customer's id of the order: `[A-Za-z0-9._-]{1,32}`; made up when absent.
        "order_id" => order_id: Option<Text<'a>>,
        /// Whether the reply tells what was used, and what is left.
        "returnCredits" => return_credits: Option<bool>,
        /// Whether the reply tells what is left.
        "returnRemaining" => return_remaining: Option<bool>,
        /// Whether invalid recipients are left out instead of the request refused.
        "allowInvalidRecipients" => allow_invalid_recipients: Option<bool>,
        /// `gsm` or `ucs2`; the former when absent.
        "encoding" => encoding: Option<Text<'a>>,
        /// The most parts.
        "max_fragments" => max_fragments: Option<u8>,
        /// Whether a text of more parts is cut instead of refused.
        "truncate" => truncate: Option<bool>,
        /// Minutes that the network tries.
        "validity_period" => validity_period: Option<u32>,
        /// The same, as another brand has it.
        "validity_period_min" => validity_period_min: Option<u32>,
        /// Where the delivery report goes.
        "delivery_notification_url" => delivery_notification_url: Option<Text<'a>>,
        /// Whether a recipient that is there twice gets the message twice.
        "allow_duplicate" => allow_duplicate: Option<bool>,
        /// A name for the campaign.
        "campaign_name" => campaign_name: Option<Text<'a>>,
        /// The page that `%PAGESLINK____________%` stands for.
        "id_landing" => id_landing: Option<Text<'a>>,
        /// The URL that `%SHORT_LINK%` stands for.
        "short_link_url" => short_link_url: Option<Text<'a>>,
        /// The URL that `%RICHURL_______%` stands for.
        "richsms_url" => richsms_url: Option<Text<'a>>,
        /// How that URL is shown.
        "richsms_mode" => richsms_mode: Option<Text<'a>>,
    }

    /// Body of `sms`.
    pub struct ToNumbers<'a> {
        /// Recipients.
        "recipient" => recipient: Numbers<'a>,
    }

    /// Body of `paramsms`.
    pub struct ToEach<'a> {
        /// Recipients, each with the values of its places: a list, or an object whose values they are.
        "recipients" => recipients: Array<'a, Merged<'a>, Places<'a>>,
    }

    /// Body of `smstogroups`.
    pub struct ToGroups<'a> {
        /// Names of groups.
        "recipient" => recipient: Option<List<'a>>,
        /// Ids of groups, in place of names.
        "recipientsGroupdIds" => recipients_groupd_ids: Option<List<'a>>,
    }

    all of
    /// What all three calls can say.
    Options
}

macro_rules! sends {
    ($($call:ident $name:literal $path:literal => $ask:ident;)*) => {$(
        impl Call for $call {
            const NAME: &'static str = $name;
            const METHODS: &'static [Method] = &[Method::Post];
            const PATHS: &'static [&'static str] = &[$path];
            const CARRIERS: &'static [Carrier] = &[Carrier::Json];
            const OTHERWISE: Option<Carrier> = Some(Carrier::Json);
            const BODY_MAX: usize = BODY_MAX;
            const SCHEMES: &'static [Scheme] = KEYS;
            const CONTENT_TYPE: &'static str = JSON;
            const CHARSET: Charset = Charset::Utf8;
            const RULES: &'static [(&'static str, &'static str)] = RULES;
            type Ask<'a> = $ask<'a>;
            type Tell<'a> = Outcome<'a, Accepted<'a>>;
        }

        impl<'a> Noted<'a> for $ask<'a> {
            const NOTED: &'static [&'static str] = NOTED;
        }
    )*};
}

sends! {
    Sms "sms" "/API/v1.0/REST/sms" => ToNumbers;
    ParamSms "paramsms" "/API/v1.0/REST/paramsms" => ToEach;
    SmsToGroups "smstogroups" "/API/v1.0/REST/smstogroups" => ToGroups;
}

const RULES: &[(&str, &str)] = &[
    ("message_type", "must be N, L, LL, GP, TI, SI, PRM, AD or EE"),
    ("message", "must have at most 1000 characters, 450 in ucs2, 160 at low quality"),
    ("recipient", "must be international numbers: +393471234567"),
    ("recipients", "must be objects, each with an international number as recipient"),
    ("sender", "must have at most 11 characters, or 15 digits; none at low quality"),
    ("scheduled_delivery_time", "must be as 20171223101010"),
    ("scheduled_delivery_timezone", "must be as Europe/Rome"),
    ("order_id", "must be 1 to 32 letters, digits, periods, underscores and hyphens, and not bulk"),
    ("encoding", "must be gsm or ucs2"),
    ("max_fragments", "must be 1 to 255"),
    ("validity_period", "must be 1 to 71582788 minutes"),
    ("validity_period_min", "must be 1 to 71582788 minutes"),
    ("delivery_notification_url", "must be a URL of http or https"),
    ("returnCredits", "must be true or false"),
    ("returnRemaining", "must be true or false"),
    ("allowInvalidRecipients", "must be true or false"),
    ("truncate", "must be true or false"),
    ("allow_duplicate", "must be true or false"),
];

/// Room for ten thousand recipients with their values.
const BODY_MAX: usize = 8 * 1024 * 1024;

/// Fields that change nothing: there is one way to send, and the text's places for links stay as they
/// are.
const NOTED: &[&str] = &[
    "allow_duplicate",
    "campaign_name",
    "id_landing",
    "short_link_url",
    "richsms_url",
    "richsms_mode",
];

impl<'a> Ask<'a> for ToNumbers<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let options = self.shared();
        let to = Recipients::numbers(self.recipient.list);
        let messages = Messages::Same { to, body: Payload::Text(options.message) };
        let numbers = messages.iter().map(|(recipient, _)| recipient);
        recipients("recipient", numbers, options.allow_invalid_recipients == Some(true))?;
        let mut submit = options.read(messages)?;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("sms", 0)) };
        let Messages::Same { to, body: Payload::Text(message) } = submit.messages else {
            return Err(ErrorKind::Value.at("message", 0));
        };
        if !to.groups.is_empty() {
            return Err(ErrorKind::Value.at("recipientsGroupdIds", 0));
        }
        let recipient = Numbers { country: to.country, list: to.numbers };
        Ok(Self::of(recipient, Options::write(message, &submit)?))
    }
}

impl<'a> Ask<'a> for ToEach<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let options = self.shared();
        let messages = Messages::Merged { template: options.message, rows: self.recipients.0 };
        let numbers = messages.iter().map(|(recipient, _)| recipient);
        recipients("recipients", numbers, options.allow_invalid_recipients == Some(true))?;
        let mut submit = options.read(messages)?;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("paramsms", 0)) };
        let Messages::Merged { template, rows } = submit.messages else {
            return Err(ErrorKind::Value.at("recipients", 0));
        };
        Ok(Self::of(Array::new(rows), Options::write(template, &submit)?))
    }
}

impl<'a> Ask<'a> for ToGroups<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let options = self.shared();
        let ids = self.recipients_groupd_ids.filter(|ids| !ids.is_empty());
        let (name, names) = match (self.recipient, ids) {
            (Some(names), None) => ("recipient", names),
            (Some(names), Some(ids)) if names.is_empty() => ("recipientsGroupdIds", ids),
            (None, Some(ids)) => ("recipientsGroupdIds", ids),
            (Some(_), Some(_)) => return Err(ErrorKind::Repeated.at("recipientsGroupdIds", 0)),
            (None, None) => return Err(ErrorKind::Missing.at("recipient", 0)),
        };
        if names.is_empty() {
            return Err(ErrorKind::Empty.at(name, 0));
        }
        let to = Recipients { groups: names, ..Recipients::numbers(List::EMPTY) };
        let messages = Messages::Same { to, body: Payload::Text(options.message) };
        let mut submit = options.read(messages)?;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("smstogroups", 0)) };
        let Messages::Same { to, body: Payload::Text(message) } = submit.messages else {
            return Err(ErrorKind::Value.at("message", 0));
        };
        if !to.numbers.is_empty() {
            return Err(ErrorKind::Value.at("recipient", 0));
        }
        Ok(Self::of(Some(to.groups), None, Options::write(message, &submit)?))
    }
}

/// A recipient of `paramsms`: the members of an object, of which `recipient` is the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Places<'a>(pub Merged<'a>);

const RECIPIENT: &str = "recipient";

impl<'a> Fields<'a> for Places<'a> {
    const NAMES: &'static [&'static str] = &[RECIPIENT];

    fn unread() -> Self {
        Self(Merged { recipient: Text::EMPTY, values: Values(json::Value::NULL) })
    }

    fn fill(&mut self, source: &Source<'a>) -> Result<(), Error> {
        self.0.values = Values(source.json().ok_or(ErrorKind::Value.at("", 0))?);
        fields::read(Self::NAMES, self, source)
    }

    fn emit(&self, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let Merged { recipient, values } = self.0;
        // A text may have the number in a place: then it stays as it was given.
        if values.iter().any(|(name, value)| name == *RECIPIENT && value == recipient) {
            sink.text(RECIPIENT, recipient)?;
        } else {
            super::Number(recipient).emit(RECIPIENT, sink)?;
        }
        for (name, value) in self.0.values.iter() {
            if name == *RECIPIENT {
                continue;
            }
            let mut buffer = [0; NAME_MAX];
            let name = name.copy_to(&mut buffer).map_err(|_| ErrorKind::TooLong.at("", 0))?;
            // Values in JSON have names; an empty one would be an element of a list.
            if !name.is_empty() {
                sink.text(name, value)?;
            }
        }
        Ok(())
    }
}

impl<'a> ReadPlaces<'a> for Places<'a> {
    fn reading(&mut self, place: usize) -> Option<&mut dyn Reading<'a>> {
        if place == 0 { Some(&mut self.0.recipient) } else { None }
    }
}

/// The most octets of a place's name that our client writes.
const NAME_MAX: usize = 128;

impl<'a> Row<'a, Merged<'a>> for Places<'a> {
    fn read(self) -> Result<Merged<'a>, Error> {
        Ok(self.0)
    }

    fn write(value: &Merged<'a>) -> Self {
        Self(*value)
    }
}

fields! {
    /// Reply to an order: it is scheduled for delivery.
    pub struct Accepted<'a> {
        /// `OK`.
        "result" => result: Text<'a>,
        /// The id of the order, which later calls take.
        "order_id" => order_id: Option<Text<'a>>,
        /// How many messages are sent, or credits used.
        "total_sent" => total_sent: Option<u64>,
        /// Credits that are left.
        "remaining_credits" => remaining_credits: Option<u64>,
        /// The gateway's own id of the order.
        "internal_order_id" => internal_order_id: Option<Text<'a>>,
    }
}

impl<'a> Done<'a> for Accepted<'a> {
    const STATUS: Status = Status::CREATED;

    fn parse(body: &'a [u8]) -> Option<Self> {
        object::<Self>(body).filter(|accepted| accepted.result == *"OK")
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_object(self, w)
    }

    fn read(self) -> Answer<'a> {
        let messages = self.total_sent.unwrap_or(1).try_into().unwrap_or(u32::MAX);
        let id = self.order_id.or(self.internal_order_id);
        Answer::Sent(Sent { id, messages, left: self.remaining_credits, ..Sent::new() })
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        let Answer::Sent(sent) = *answer else { return None };
        Some(Self {
            result: Text::plain("OK"),
            order_id: sent.client_id.or(sent.id),
            total_sent: Some(sent.used.unwrap_or(sent.messages.into())),
            remaining_credits: sent.left,
            internal_order_id: sent.id,
        })
    }
}
