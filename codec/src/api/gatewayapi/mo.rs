//! MO: the received message.

use crate::api::check::taken;
use crate::api::{Answer, Ask, Call, Inbound, Method, Op, Reply, Status, Tell};
use crate::error::{Error, ErrorKind};
use crate::fields::{Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// Received message: a GET on the URL that the customer has for the keyword.
#[derive(Clone, Copy, Debug)]
pub struct Mo;

fields! {
    /// Parameters of the MO callback.
    pub struct MoSms<'a> {
        /// From whom: an MSISDN.
        "sender" => sender: Text<'a>,
        /// The sender's operator; `unknown` occurs.
        "smsc" => smsc: Option<Text<'a>>,
        /// The gateway's id of the message.
        "sessionid" => sessionid: Text<'a>,
        /// The number that it was sent to.
        "appnr" => appnr: Text<'a>,
        /// The keyword.
        "keyword" => keyword: Text<'a>,
        /// What follows the keyword; left out when nothing does.
        "text" => text: Option<Text<'a>>,
    }
}

impl Call for Mo {
    const NAME: &'static str = "mo";
    const METHODS: &'static [Method] = &[Method::Get];
    const PATHS: &'static [&'static str] = &[];
    const CONTENT_TYPE: &'static str = "text/plain";
    const CHARSET: Charset = Charset::Utf8;
    type Ask<'a> = MoSms<'a>;
    type Tell<'a> = AsynchNoTrace;
}

impl<'a> Ask<'a> for MoSms<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        Ok(Op::Inbound(Inbound {
            keyword: Some(self.keyword),
            rest: self.text,
            network: self.smsc.filter(|smsc| *smsc != *"unknown"),
            ..Inbound::new(self.sessionid, self.sender, self.appnr)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Inbound(inbound) = *op else { return Err(ErrorKind::Value.at("keyword", 0)) };
        Ok(Self {
            sender: inbound.sender,
            smsc: Some(inbound.network.unwrap_or(Text::plain("unknown"))),
            sessionid: inbound.id,
            appnr: inbound.recipient,
            // A number that needs no keyword has none.
            keyword: inbound.keyword.unwrap_or(Text::EMPTY),
            text: inbound.rest.filter(|rest| !rest.is_empty()),
        })
    }
}

/// Reply to the MO callback: 200, `text/plain`, and exactly `cmd=asynch-no-trace` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AsynchNoTrace {
    /// Whether the reply is that one.
    pub taken: bool,
}

const ASYNCH_NO_TRACE: &str = "cmd=asynch-no-trace";

impl<'a> Tell<'a> for AsynchNoTrace {
    fn parse(reply: &Reply<'a>) -> Self {
        let media_type = reply.content_type.as_bytes().split(|octet| *octet == b';').next();
        Self {
            taken: reply.status == Status::OK
                && media_type.unwrap_or_default().trim_ascii().eq_ignore_ascii_case(b"text/plain")
                && reply.body == ASYNCH_NO_TRACE.as_bytes(),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        if !self.taken {
            return Ok(Status::SERVICE_UNAVAILABLE);
        }
        w.text(ASYNCH_NO_TRACE)?;
        Ok(Status::OK)
    }
    fn read(self) -> Answer<'a> {
        taken(self.taken)
    }

    fn write(answer: &Answer<'a>) -> Self {
        Self { taken: *answer == Answer::Taken }
    }
}
