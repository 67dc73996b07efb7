//! DSN: the delivery status notification.

use crate::api::check::taken;
use crate::api::{Answer, Ask, Call, Method, Op, Reply, Report, State, Status, Tell};
use crate::error::{Error, ErrorKind};
use crate::fields::{Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// Delivery status notification: a GET on the customer's callback URL.
#[derive(Clone, Copy, Debug)]
pub struct Dsn;

fields! {
    /// Parameters of the DSN.
    pub struct Notification<'a> {
        /// The customer's id of the message.
        "sessionid" => sessionid: Option<Text<'a>>,
        /// What became of the message: 1..=8.
        "statuscode" => statuscode: u32,
    }
}

/// `statuscode` of the DSN. What the network gave up is undeliverable, and anything else unknown.
const STATUS_CODES: [(u32, State); 8] = [
    (1, State::Delivered),
    (2, State::InsufficientFunds),
    (3, State::Blacklisted),
    (4, State::UnknownRecipient),
    (5, State::Unknown),
    (6, State::Expired),
    (7, State::Undeliverable),
    (8, State::Deleted),
];

impl Call for Dsn {
    const NAME: &'static str = "dsn";
    const METHODS: &'static [Method] = &[Method::Get];
    const PATHS: &'static [&'static str] = &[];
    const CONTENT_TYPE: &'static str = "text/plain";
    const CHARSET: Charset = Charset::Utf8;
    const KEEPS_QUERY: bool = false;
    type Ask<'a> = Notification<'a>;
    type Tell<'a> = Exactly200;
}

impl<'a> Ask<'a> for Notification<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let (_, state) = STATUS_CODES
            .iter()
            .find(|(code, _)| *code == self.statuscode)
            .ok_or(ErrorKind::Value.at("statuscode", 0))?;
        Ok(Op::Report(Report { client_id: self.sessionid, ..Report::new(*state) }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Report(report) = *op else { return Err(ErrorKind::Value.at("statuscode", 0)) };
        let code = STATUS_CODES.iter().find(|(_, own)| *own == report.state);
        let otherwise = if report.state == State::GaveUp { 7 } else { 5 };
        let statuscode = code.map_or(otherwise, |(code, _)| *code);
        Ok(Self { sessionid: report.client_id, statuscode })
    }
}

/// Reply to the DSN: only 200 takes it, 204 does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exactly200(pub Status);

impl<'a> Tell<'a> for Exactly200 {
    fn parse(reply: &Reply<'a>) -> Self {
        Self(reply.status)
    }

    fn emit(&self, _: &mut Writer<'_>) -> Result<Status, Error> {
        Ok(self.0)
    }

    fn read(self) -> Answer<'a> {
        taken(self.0 == Status::OK)
    }

    fn write(answer: &Answer<'a>) -> Self {
        Self(if *answer == Answer::Taken { Status::OK } else { Status::SERVICE_UNAVAILABLE })
    }
}
