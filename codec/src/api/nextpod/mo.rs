//! MO: the received message.

use super::{Any2xx, content_type, stamp};
use crate::api::{Ask, Call, Inbound, Method, Op, Payload, Stamp, TimeFormat, Zone};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Source, Stringly, fields};
use crate::text::{Charset, Text};

/// Received message: a POST on the URL that the customer has for the keyword or number.
#[derive(Clone, Copy, Debug)]
pub struct Mo;

fields! {
    /// Parameters of the received message.
    pub struct Received<'a> {
        /// The gateway's id of the message.
        "id" => id: Text<'a>,
        /// From whom: an MSISDN.
        "from" => from: Text<'a>,
        /// The short code or number that it was sent to.
        "to" => to: Text<'a>,
        /// The full message, keyword included.
        "msg" => msg: Text<'a>,
        /// The keyword, where there is one, in upper case.
        "keyword" => keyword: Option<Text<'a>>,
        /// The second keyword, where there is one, in upper case.
        "sub_keyword" => sub_keyword: Option<Text<'a>>,
        /// Whether rules of the keyword were followed before.
        "keyword_rules" => keyword_rules: Option<Stringly<bool>>,
        /// The sender's network: mobile country code.
        "mcc" => mcc: Option<Stringly<u16>>,
        /// The sender's network: mobile network code.
        "mnc" => mnc: Option<Stringly<u16>>,
        /// When it came.
        "received_time" => received_time: Option<Stamp<Zoneless>>,
    }
}

/// `2019-08-28T15:00:00`, which is UTC.
#[derive(Clone, Copy, Debug)]
pub struct Zoneless;

impl TimeFormat for Zoneless {
    const PATTERNS: &'static [&'static str] =
        &["yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssf", "yyyy-MM-ddTHH:mm:ssfZ"];
    const ZONE: Zone<'static> = Zone::Offset(0);
}

impl Call for Mo {
    const NAME: &'static str = "mo";
    const METHODS: &'static [Method] = &[Method::Post];
    const PATHS: &'static [&'static str] = &[];
    const CARRIERS: &'static [Carrier] = &[Carrier::Json, Carrier::Form];
    const OTHERWISE: Option<Carrier> = None;
    const CONTENT_TYPE: &'static str = "text/plain";
    const CHARSET: Charset = Charset::Utf8;
    type Ask<'a> = Received<'a>;
    type Tell<'a> = Any2xx;

    fn content_type(carrier: Carrier) -> &'static str {
        content_type(carrier)
    }
}

impl<'a> Ask<'a> for Received<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        Ok(Op::Inbound(Inbound {
            keyword: self.keyword,
            sub_keyword: self.sub_keyword,
            body: Some(Payload::Text(self.msg)),
            received: self.received_time.map(|stamp| stamp.when()),
            mcc: self.mcc.map(|mcc| mcc.0),
            mnc: self.mnc.map(|mnc| mnc.0),
            ..Inbound::new(self.id, self.from, self.to)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Inbound(inbound) = *op else { return Err(ErrorKind::Value.at("msg", 0)) };
        let msg = match inbound.body {
            Some(Payload::Text(text)) => text,
            Some(Payload::Octets { .. }) => return Err(ErrorKind::Value.at("msg", 0)),
            None => return Err(ErrorKind::Missing.at("msg", 0)),
        };
        let keyword = |text: Option<Text<'a>>| text.filter(|text| !text.is_empty());
        Ok(Self {
            id: inbound.id,
            from: inbound.sender,
            to: inbound.recipient,
            msg,
            keyword: keyword(inbound.keyword),
            sub_keyword: keyword(inbound.sub_keyword),
            keyword_rules: Some(Stringly(false)),
            mcc: inbound.mcc.map(Stringly),
            mnc: inbound.mnc.map(Stringly),
            received_time: stamp("received_time", inbound.received)?,
        })
    }
}
