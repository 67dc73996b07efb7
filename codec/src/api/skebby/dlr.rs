//! DLR: the delivery report.

use super::orders::{name_of, state_of};
use super::values::{Number, Time, told};
use crate::api::check::not_empty;
use crate::api::gatewayapi::Exactly200;
use crate::api::{Ask, Call, Method, Op, Report, Stamp};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Source, fields};
use crate::text::{Charset, Text};

/// Delivery report: a GET on the URL that the customer has for the account or the order.
#[derive(Clone, Copy, Debug)]
pub struct Dlr;

fields! {
    /// Parameters of the delivery report.
    pub struct DlrAsk<'a> {
        /// When the state became what it is.
        "delivery_date" => delivery_date: Option<Stamp<Time>>,
        /// The id of the order.
        "order_id" => order_id: Text<'a>,
        /// State.
        "status" => status: Text<'a>,
        /// The recipient.
        "recipient" => recipient: Option<Number<'a>>,
    }
}

impl Call for Dlr {
    const NAME: &'static str = "dlr";
    const METHODS: &'static [Method] = &[Method::Get, Method::Post];
    const PATHS: &'static [&'static str] = &[];
    const CARRIERS: &'static [Carrier] = &[Carrier::Form];
    const CONTENT_TYPE: &'static str = "text/plain";
    const CHARSET: Charset = Charset::Utf8;
    const RULES: &'static [(&'static str, &'static str)] = super::query::RULES;
    type Ask<'a> = DlrAsk<'a>;
    type Tell<'a> = Exactly200;
}

impl<'a> Ask<'a> for DlrAsk<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let id = not_empty("order_id", self.order_id)?;
        let state = state_of(self.status).ok_or(ErrorKind::Value.at("status", 0))?;
        Ok(Op::Report(Report {
            id: Some(id),
            recipient: self.recipient.map(|recipient| recipient.0),
            done: self.delivery_date.map(|date| date.when()),
            ..Report::new(state)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Report(report) = *op else { return Err(ErrorKind::Value.at("status", 0)) };
        let id = report.client_id.or(report.id);
        Ok(Self {
            delivery_date: report.done.and_then(told),
            order_id: id.ok_or(ErrorKind::Missing.at("order_id", 0))?,
            status: Text::plain(name_of(report.state)),
            recipient: report.recipient.map(Number),
        })
    }
}
