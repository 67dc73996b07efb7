//! `sms/{order_id}`: what became of an order, and its deletion.

use super::query::asks_by_query;
use super::reply::{Done, Place, emit_object, object};
use super::values::{BULK, Number, Time, order_id, told};
use crate::api::check::not_empty;
use crate::api::{Answer, Ask, Cancel, Delivery, Op, Reports, ReportsQuery, Stamp, State};
use crate::error::{Error, ErrorKind};
use crate::fields::{Array, List, Row, Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What became of an order: `GET sms/{order_id}`.
#[derive(Clone, Copy, Debug)]
pub struct OrderState;

/// Takes an order back that is scheduled: `DELETE sms/{order_id}`, or all of them: `DELETE sms/bulk`.
#[derive(Clone, Copy, Debug)]
pub struct OrderDelete;

fields! {
    /// The order that is meant.
    pub struct StateAsk<'a> {
        /// Its id.
        "order_id" => order_id: Text<'a>,
    }
}

fields! {
    /// The order that is to be deleted.
    pub struct DeleteAsk<'a> {
        /// Its id; `bulk` for all.
        "order_id" => order_id: Text<'a>,
    }
}

asks_by_query! {
    OrderState "state" Get ["/API/v1.0/REST/sms/{order_id}"] StateAsk<'a> => States<'a>;
    OrderDelete "delete" Delete ["/API/v1.0/REST/sms/{order_id}"] DeleteAsk<'a> => Cancelled;
}

impl<'a> Ask<'a> for StateAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let id = not_empty("order_id", self.order_id)?;
        Ok(Op::Reports(ReportsQuery { id, recipient: None, columns: List::EMPTY }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        match *op {
            Op::Reports(ReportsQuery { id, recipient: None, columns }) if columns.is_empty() => {
                order_id(id).map(|()| Self { order_id: id })
            }
            Op::Reports(ReportsQuery { recipient: Some(_), .. }) => {
                Err(ErrorKind::Value.at("recipient", 0))
            }
            _ => Err(ErrorKind::Value.at("state", 0)),
        }
    }
}

impl<'a> Ask<'a> for DeleteAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let id = not_empty("order_id", self.order_id)?;
        Ok(Op::Cancel(Cancel { id: (id != *BULK).then_some(id) }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Cancel(Cancel { id }) = *op else { return Err(ErrorKind::Value.at("delete", 0)) };
        let Some(id) = id else { return Ok(Self { order_id: Text::plain(BULK) }) };
        order_id(id)?;
        // An order of this name cannot be told from all of them.
        if id == *BULK {
            Err(ErrorKind::Value.at("order_id", 0))
        } else {
            Ok(Self { order_id: id })
        }
    }
}

/// What the states of messages are called. The first row with a state is written, the first one with a
/// name is read.
pub(super) const STATES: &[(&str, State)] = &[
    ("WAITING", State::Waiting),
    ("SCHEDULED", State::Scheduled),
    ("WAIT4DLVR", State::EnRoute),
    ("SENT", State::EnRoute),
    ("DLVRD", State::Delivered),
    // No news from the operator.
    ("TIMEOUT", State::Unknown),
    ("ERROR", State::GaveUp),
    ("ERROR", State::Expired),
    ("ERROR", State::Deleted),
    ("KO", State::Undeliverable),
    ("KO", State::InsufficientFunds),
    ("BLACKLISTED", State::Blacklisted),
    ("INVALIDDST", State::UnknownRecipient),
    ("UNKNRCPT", State::UnknownRecipient),
    ("UNKNPFX", State::UnknownRecipient),
    ("TOOM4USER", State::Undeliverable),
    ("TOOM4NUM", State::Undeliverable),
    ("DEMO", State::Undeliverable),
    ("INVALIDCONTENTS", State::Undeliverable),
];

/// The name of a state.
pub(super) fn name_of(state: State) -> &'static str {
    STATES.iter().find(|(_, own)| *own == state).map_or("ERROR", |(name, _)| name)
}

/// The state of a name.
pub(super) fn state_of(name: Text<'_>) -> Option<State> {
    STATES.iter().find(|(own, _)| name == **own).map(|(_, state)| *state)
}

fields! {
    /// Reply to `state`.
    pub struct States<'a> {
        /// How many recipients there are.
        "recipient_number" => recipient_number: Option<u32>,
        /// `OK`.
        "result" => result: Option<Text<'a>>,
        /// What became of the message to each.
        "recipients" => recipients: Array<'a, Delivery<'a>, DeliveryOf<'a>>,
    }
}

fields! {
    /// What became of the message to one recipient.
    pub struct DeliveryOf<'a> {
        /// State.
        "status" => status: Text<'a>,
        /// The recipient.
        "destination" => destination: Number<'a>,
        /// When the state became what it is.
        "delivery_date" => delivery_date: Option<Stamp<Time>>,
    }
}

impl<'a> Row<'a, Delivery<'a>> for DeliveryOf<'a> {
    fn read(self) -> Result<Delivery<'a>, Error> {
        // A name that another brand may have.
        let state = state_of(self.status).unwrap_or(State::Unknown);
        let done = self.delivery_date.map(|date| date.when());
        Ok(Delivery { done, ..Delivery::new(self.destination.0, state) })
    }

    fn write(value: &Delivery<'a>) -> Self {
        Self {
            status: Text::plain(name_of(value.state)),
            destination: Number(value.recipient),
            delivery_date: value.done.and_then(told),
        }
    }
}

impl<'a> Done<'a> for States<'a> {
    const PLACE: Place = Place::Order;

    fn parse(body: &'a [u8]) -> Option<Self> {
        object::<Self>(body).filter(|states| states.result.is_none_or(|result| result == *"OK"))
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_object(self, w)
    }

    fn read(self) -> Answer<'a> {
        Answer::Reports(Reports { columns: List::EMPTY, rows: self.recipients.0 })
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        let Answer::Reports(Reports { rows, .. }) = *answer else { return None };
        Some(Self {
            recipient_number: rows.iter().count().try_into().ok(),
            result: Some(Text::plain("OK")),
            recipients: Array::new(rows),
        })
    }
}

/// Reply to `delete`: it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cancelled;

fields! {
    /// A body that says how it went.
    pub struct ResultOf<'a> {
        /// `OK`.
        "result" => result: Option<Text<'a>>,
    }
}

impl<'a> Done<'a> for Cancelled {
    const PLACE: Place = Place::Order;

    fn parse(body: &'a [u8]) -> Option<Self> {
        if body.trim_ascii().is_empty() {
            return Some(Self);
        }
        let ResultOf { result } = object(body)?;
        result.is_none_or(|result| result == *"OK").then_some(Self)
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_object(&ResultOf { result: Some(Text::plain("OK")) }, w)
    }

    fn read(self) -> Answer<'a> {
        Answer::Cancelled
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        matches!(answer, Answer::Cancelled).then_some(Self)
    }
}
