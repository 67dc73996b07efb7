//! `smshistory` and `rcptHistory`: what was sent.

use super::query::{Period, RecipientAsk, SmsHistoryAsk, asks_by_query};
use super::reply::{Done, emit_object, object};
use super::values::{Number, Time, told};
use crate::api::{Answer, Ask, HistoryQuery, Op, Order, Page, Recipient, Stamp};
use crate::error::{Error, ErrorKind};
use crate::fields::{Array, Row, Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// The orders of a time.
#[derive(Clone, Copy, Debug)]
pub struct SmsHistory;

/// The orders of a time that went to one recipient.
#[derive(Clone, Copy, Debug)]
pub struct RcptHistory;

asks_by_query! {
    SmsHistory "smshistory" Get ["/API/v1.0/REST/smshistory"] SmsHistoryAsk<'a> => History<'a>;
    RcptHistory "rcptHistory" Get ["/API/v1.0/REST/rcptHistory"] RecipientAsk<'a> => History<'a>;
}

impl<'a> Ask<'a> for SmsHistoryAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let (from, to, page) = self.shared().read()?;
        Ok(Op::History(HistoryQuery { recipient: None, from, to, page }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        match *op {
            Op::History(HistoryQuery { recipient: None, from, to, page }) => {
                Ok(Self::of(Period::write(from, to, page)?))
            }
            Op::History(_) => Err(ErrorKind::Value.at("recipient", 0)),
            _ => Err(ErrorKind::Value.at("smshistory", 0)),
        }
    }
}

impl<'a> Ask<'a> for RecipientAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let recipient = self.recipient.0;
        if !(Recipient { country: Text::EMPTY, number: recipient }).is_msisdn() {
            return Err(ErrorKind::Value.at("recipient", 0));
        }
        let (from, to, page) = self.shared().read()?;
        Ok(Op::History(HistoryQuery { recipient: Some(recipient), from, to, page }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        match *op {
            Op::History(HistoryQuery { recipient: Some(recipient), from, to, page }) => {
                Ok(Self::of(Number(recipient), Period::write(from, to, page)?))
            }
            Op::History(_) => Err(ErrorKind::Missing.at("recipient", 0)),
            _ => Err(ErrorKind::Value.at("rcptHistory", 0)),
        }
    }
}

fields! {
    /// Reply to `smshistory` and `rcptHistory`.
    pub struct History<'a> {
        /// The orders.
        "smshistory" => smshistory: Array<'a, Order<'a>, OrderOf<'a>>,
        /// Which page it is.
        "pageNumber" => page_number: Option<u32>,
        /// How many make a page.
        "pageSize" => page_size: Option<u32>,
        /// How many there are on all pages.
        "total" => total: Option<u64>,
    }
}

fields! {
    /// An order.
    pub struct OrderOf<'a> {
        /// Its id.
        "order_id" => order_id: Text<'a>,
        /// When it was made.
        "create_time" => create_time: Option<Stamp<Time>>,
        /// When it is to be sent.
        "schedule_time" => schedule_time: Option<Stamp<Time>>,
        /// Kind of message.
        "message_type" => message_type: Option<Text<'a>>,
        /// Sender.
        "sender" => sender: Option<Text<'a>>,
        /// How many recipients it has.
        "num_recipients" => num_recipients: u32,
    }
}

impl<'a> Row<'a, Order<'a>> for OrderOf<'a> {
    fn read(self) -> Result<Order<'a>, Error> {
        let created = self.create_time.ok_or(ErrorKind::Missing.at("create_time", 0))?;
        Ok(Order {
            id: self.order_id,
            created: created.when(),
            scheduled: self.schedule_time.map(|time| time.when()),
            kind: self.message_type,
            sender: self.sender,
            recipients: self.num_recipients,
        })
    }

    fn write(value: &Order<'a>) -> Self {
        Self {
            order_id: value.id,
            create_time: told(value.created),
            schedule_time: value.scheduled.and_then(told),
            message_type: value.kind,
            sender: value.sender,
            num_recipients: value.recipients,
        }
    }
}

impl<'a> Done<'a> for History<'a> {
    fn parse(body: &'a [u8]) -> Option<Self> {
        object(body)
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_object(self, w)
    }

    fn read(self) -> Answer<'a> {
        let rows = self.smshistory.0;
        let count = || rows.iter().count() as u64;
        let size = self.page_size.unwrap_or_else(|| count().try_into().unwrap_or(u32::MAX));
        let page = Page { number: self.page_number.unwrap_or(1), size };
        Answer::History(crate::api::History { rows, page, total: self.total.unwrap_or_else(count) })
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        let Answer::History(history) = *answer else { return None };
        Some(Self {
            smshistory: Array::new(history.rows),
            page_number: Some(history.page.number),
            page_size: Some(history.page.size),
            total: Some(history.total),
        })
    }
}
