//! `newsrsmsmessage`, `srsmshistory` and `mosmshistory`: what was received.

use super::query::{OfKindAsk, Period, ReceivedAsk, asks_by_query};
use super::reply::Done;
use super::values::{Number, Time, told};
use crate::api::check::is_digits;
use crate::api::{Answer, Ask, Inbound, Inbox, InboxQuery, Op, Payload, Stamp};
use crate::error::{Error, ErrorKind};
use crate::fields::{Array, Digits, Row, Sink, Source, fields};
use crate::json;
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What was received since the account asked last.
#[derive(Clone, Copy, Debug)]
pub struct NewSrSmsMessage;

/// What was received in a time, or after a message.
#[derive(Clone, Copy, Debug)]
pub struct SrSmsHistory;

/// What was received in a time, of one kind.
#[derive(Clone, Copy, Debug)]
pub struct MoSmsHistory;

fields! {
    /// Parameters of `newsrsmsmessage`.
    pub struct NewestAsk<'a> {
        /// The number that the messages were sent to; any when absent.
        "id_sim" => id_sim: Option<Text<'a>>,
        /// The most messages, 1..=100; 100 when absent.
        "limit" => limit: Option<u32>,
    }
}

asks_by_query! {
    NewSrSmsMessage "newsrsmsmessage" Get
        ["/API/v1.0/REST/newsrsmsmessage/{id_sim}" "/API/v1.0/REST/newsrsmsmessage"]
        NewestAsk<'a> => Received<'a>;
    SrSmsHistory "srsmshistory" Get [
            "/API/v1.0/REST/srsmshistory/{id_sim}/{id_message}"
            "/API/v1.0/REST/srsmshistory/{id_sim}"
            "/API/v1.0/REST/srsmshistory"
        ]
        ReceivedAsk<'a> => Received<'a>;
    MoSmsHistory "mosmshistory" Get ["/API/v1.0/REST/mosmshistory"]
        OfKindAsk<'a> => Received<'a>;
}

/// The most messages of one reply, and how many where the request does not say.
const LIMIT: u32 = 100;

fn limit(limit: Option<u32>) -> Result<u32, Error> {
    let limit = limit.unwrap_or(LIMIT);
    if (1..=LIMIT).contains(&limit) { Ok(limit) } else { Err(ErrorKind::Value.at("limit", 0)) }
}

/// The number of a SIM, which may be a short one.
fn id_sim(id: Option<Text<'_>>) -> Result<Option<Text<'_>>, Error> {
    let is_number = |id: Text<'_>| is_digits(id.strip_prefix("+").unwrap_or(id));
    if id.is_none_or(is_number) { Ok(id) } else { Err(ErrorKind::Value.at("id_sim", 0)) }
}

impl<'a> Ask<'a> for NewestAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let (recipient, limit) = (id_sim(self.id_sim)?, limit(self.limit)?);
        Ok(Op::Inbox(InboxQuery::New { recipient, limit }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Inbox(InboxQuery::New { recipient, limit: most }) = *op else {
            return Err(ErrorKind::Value.at("newsrsmsmessage", 0));
        };
        Ok(Self { id_sim: id_sim(recipient)?, limit: Some(limit(Some(most))?) })
    }
}

impl<'a> Ask<'a> for ReceivedAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let recipient = id_sim(self.id_sim)?;
        if let Some(id) = self.id_message {
            let limit = limit(self.limit)?;
            return match recipient {
                Some(_) => Ok(Op::Inbox(InboxQuery::After { id, recipient, limit })),
                None => Err(ErrorKind::Missing.at("id_sim", 0)),
            };
        }
        let (from, to, page) = self.shared().read()?;
        Ok(Op::Inbox(InboxQuery::Between { recipient, from, to, kind: None, page }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        match *op {
            Op::Inbox(InboxQuery::After { id, recipient, limit: most }) => {
                let recipient = recipient.ok_or(ErrorKind::Missing.at("id_sim", 0))?;
                let most = limit(Some(most))?;
                Ok(Self::of(id_sim(Some(recipient))?, Some(id), Some(most), Period::NONE))
            }
            Op::Inbox(InboxQuery::Between { recipient, from, to, kind: None, page }) => {
                Ok(Self::of(id_sim(recipient)?, None, None, Period::write(from, to, page)?))
            }
            Op::Inbox(InboxQuery::Between { .. }) => Err(ErrorKind::Value.at("type", 0)),
            _ => Err(ErrorKind::Value.at("srsmshistory", 0)),
        }
    }
}

/// What a received message can be.
const KINDS: &[&str] = &["STOP", "CONTACT", "OTHER"];

fn kind(kind: Option<Text<'_>>) -> Result<Option<Text<'_>>, Error> {
    let is_known = |kind: Text<'_>| KINDS.iter().any(|known| kind == **known);
    if kind.is_none_or(is_known) { Ok(kind) } else { Err(ErrorKind::Value.at("type", 0)) }
}

impl<'a> Ask<'a> for OfKindAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let (from, to, page) = self.shared().read()?;
        let kind = kind(self.kind)?;
        Ok(Op::Inbox(InboxQuery::Between { recipient: None, from, to, kind, page }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        match *op {
            Op::Inbox(InboxQuery::Between { recipient: None, from, to, kind: own, page }) => {
                Ok(Self::of(kind(own)?, Period::write(from, to, page)?))
            }
            Op::Inbox(InboxQuery::Between { .. }) => Err(ErrorKind::Value.at("id_sim", 0)),
            _ => Err(ErrorKind::Value.at("mosmshistory", 0)),
        }
    }
}

/// Reply to all three: a list of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Received<'a>(pub Array<'a, Inbound<'a>, MessageOf<'a>>);

fields! {
    /// A message that was received.
    pub struct MessageOf<'a> {
        /// Its id.
        "id" => id: Digits<'a>,
        /// From whom.
        "phoneNumber" => phone_number: Number<'a>,
        /// Its text.
        "text" => text: Text<'a>,
        /// When it came.
        "receivedDate" => received_date: Option<Stamp<Time>>,
        /// The number that it was sent to: the sender of what it answers.
        "sender" => sender: Number<'a>,
    }
}

impl<'a> Row<'a, Inbound<'a>> for MessageOf<'a> {
    fn read(self) -> Result<Inbound<'a>, Error> {
        Ok(Inbound {
            body: Some(Payload::Text(self.text)),
            received: self.received_date.map(|date| date.when()),
            ..Inbound::new(self.id.0, self.phone_number.0, self.sender.0)
        })
    }

    fn write(value: &Inbound<'a>) -> Self {
        let text = match value.body {
            Some(Payload::Text(text)) => Some(text),
            Some(Payload::Octets { .. }) => None,
            None => value.rest.or(value.keyword),
        };
        Self {
            id: Digits(value.id),
            phone_number: Number(value.sender),
            text: text.unwrap_or(Text::EMPTY),
            received_date: value.received.and_then(told),
            sender: Number(value.recipient),
        }
    }
}

impl<'a> Done<'a> for Received<'a> {
    fn parse(body: &'a [u8]) -> Option<Self> {
        let value = json::Value::read(body).ok()?;
        matches!(value.kind(), json::Kind::Array(_)).then(|| Array::of(value).ok())?.map(Self)
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let mut list = Sink::list_of(w)?;
        for inbound in self.0.0.iter() {
            list.object("", &MessageOf::write(&inbound))?;
        }
        list.finish_array()
    }

    fn read(self) -> Answer<'a> {
        let rows = self.0.0;
        Answer::Inbox(Inbox { rows, page: None, total: rows.iter().count() as u64 })
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        let Answer::Inbox(inbox) = answer else { return None };
        Some(Self(Array::new(inbox.rows)))
    }
}
