//! What was received: `get_inbox`, and the message that is pushed.

use super::message::{Dca, Message, read_line, seven_bit, write_line};
use super::options::cannot;
use super::push_report::CompletedTime;
use super::reply::{
    accepted, caller, emit_refusal, next_line, not_an_answer, plain, split, split_nth, trimmed,
};
use super::report::{read_time, write_time};
use super::send::{CARRIERS, METHODS, SCHEMES, TEXT_PLAIN};
use crate::api::check::is_digits;
use crate::api::{
    Answer, Ask, Call, Inbound, Inbox, InboxQuery, Method, Op, Payload, Reason, Refusal, Reply,
    Scheme, Stamp, Status, Tell,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Cursor, Pieces, Rest, Rows, Source, decimal, fields, named};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What was received.
#[derive(Clone, Copy, Debug)]
pub struct GetInbox;

/// What was received, without the encoding of each message.
#[derive(Clone, Copy, Debug)]
pub struct GetInbox10;

/// Received message: a GET on the URL of the customer's profile.
#[derive(Clone, Copy, Debug)]
pub struct PushInbox;

fields! {
    /// Parameters of `get_inbox`.
    pub struct Retrieve {
        /// The id of the last message that was retrieved, 0 the first time.
        "last_retrieved_id" => last_retrieved_id: u64,
    }
}

fields! {
    /// Parameters of the received message.
    pub struct Received<'a> {
        /// The number that it was sent to.
        "msisdn" => msisdn: Text<'a>,
        /// Who sent it.
        "sender" => sender: Message<'a>,
        /// The message, by `dca`.
        "message" => message: Message<'a>,
        /// How the message is written; `7bit` when absent.
        "dca" => dca: Option<Dca>,
        /// The id of the message, which tells whether it came before.
        "msg_id" => msg_id: Text<'a>,
        /// The customer's id of the submission that it answers.
        "source_id" => source_id: Option<Text<'a>>,
        /// The id of that submission, or 0.
        "referring_batch_id" => referring_batch_id: Option<Text<'a>>,
        /// When the gateway got it, which is not documented: receivers of customers read it.
        "received_time" => received_time: Option<Stamp<CompletedTime>>,
    }
}

/// The most messages of a reply.
const MESSAGES_MAX: u32 = 1000;

impl Call for GetInbox {
    const NAME: &'static str = "get_inbox";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/reception/get_inbox/1/1.1"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    type Ask<'a> = Retrieve;
    type Tell<'a> = Records<'a, true>;
}

impl Call for GetInbox10 {
    const NAME: &'static str = "get_inbox_1.0";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/reception/get_inbox/1/1.0"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    type Ask<'a> = Retrieve;
    type Tell<'a> = Records<'a, false>;
}

impl<'a> Ask<'a> for Retrieve {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let id = self.last_retrieved_id;
        Ok(Op::Inbox(InboxQuery::After { id, recipient: None, limit: MESSAGES_MAX }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Inbox(InboxQuery::After { id, recipient, limit }) = *op else {
            return Err(ErrorKind::Value.at("get_inbox", 0));
        };
        cannot("recipient", recipient.is_some())?;
        cannot("limit", limit < MESSAGES_MAX)?;
        Ok(Self { last_retrieved_id: id })
    }
}

/// Reply to `get_inbox`: `0|records to follow|3`, a blank line, and a line for each message, which
/// ends with its encoding if `ENCODING`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the large one on")]
pub enum Records<'a, const ENCODING: bool> {
    /// The messages, the oldest first.
    Follow(Inbox<'a>),
    /// Another code.
    Refused(Refusal<'a>),
}

/// The message that the next line tells. A line that has too few fields is skipped.
fn next_record<'a, const ENCODING: bool>(cursor: &mut Cursor<'a>) -> Option<Inbound<'a>> {
    loop {
        let line = next_line(cursor)?;
        let (id, rest) = split(line, '|');
        // A line that begins with no number is none of a message's.
        if !is_digits(trimmed(id)) {
            continue;
        }
        let (sender, rest) = split(rest, '|');
        // A bar in the message is none that ends it.
        let behind = if ENCODING { 4 } else { 3 };
        let bars = rest.chars().filter(|c| *c == '|').count();
        let Some(own) = bars.checked_sub(behind) else { continue };
        let (message, rest) = split_nth(rest, '|', own.saturating_add(1));
        let (received, rest) = split(rest, '|');
        let (recipient, rest) = split(rest, '|');
        let (answers, encoding) = split(rest, '|');
        let dca = Dca::named(trimmed(encoding)).unwrap_or_default();
        return Some(Inbound {
            body: Some(read_line(message, dca)),
            received: read_time(received),
            answers: Some(trimmed(answers)).filter(is_id),
            ..Inbound::new(trimmed(id), address(sender), address(recipient))
        });
    }
}

/// A number or a name. Nobody's has a control character, or one that the interface cannot carry.
fn address(text: Text<'_>) -> Text<'_> {
    let text = trimmed(text);
    let text = seven_bit(text).unwrap_or(text);
    let is_carried = is_seven_bit(text) || text.chars().all(|c| Charset::Latin1.carries(c));
    if is_carried && !text.chars().any(char::is_control) { caller(text) } else { Text::EMPTY }
}

/// Writes an address so that no bar and no line break of a name ends its field.
fn write_address(address: Text<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    let address = caller(address);
    if is_seven_bit(address) && !address.chars().any(char::is_control) {
        return Message::SevenBit(address).write(Charset::Latin1, &mut Pieces::plain(w));
    }
    plain(address, w)
}

fn is_seven_bit(text: Text<'_>) -> bool {
    Dca::of(text) == Dca::SevenBit
}

/// Whether the id of a submission is one: a number, and not 0.
fn is_id(id: &Text<'_>) -> bool {
    is_digits(*id) && *id != *"0"
}

impl<'a, const ENCODING: bool> Tell<'a> for Records<'a, ENCODING> {
    fn parse(reply: &Reply<'a>) -> Self {
        let accepted = match accepted(reply) {
            Ok(accepted) => accepted,
            Err(refusal) => return Self::Refused(refusal),
        };
        let cursor = Cursor { rest: Rest::Text(accepted.lines), layout: [0; 8] };
        let rows = Rows::wire(cursor, next_record::<ENCODING>);
        let count = || u64::try_from(rows.iter().count()).unwrap_or(u64::MAX);
        let total = decimal(accepted.third).unwrap_or_else(|_| count());
        Self::Follow(Inbox { rows, page: None, total })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        let inbox = match self {
            Self::Follow(inbox) => inbox,
            Self::Refused(refusal) => return emit_refusal(refusal, w),
        };
        let rows = || inbox.rows.iter().zip(0..MESSAGES_MAX).map(|(inbound, _)| inbound);
        w.text("0|records to follow|")?;
        let is_full = inbox.rows.iter().count() > rows().count();
        w.decimal(if is_full { MESSAGES_MAX.into() } else { inbox.total })?;
        w.text("\n\n")?;
        for inbound in rows() {
            let Inbound {
                id,
                sender,
                recipient,
                keyword: _,
                sub_keyword: _,
                body,
                rest: _,
                flash: _,
                received,
                network: _,
                mcc: _,
                mnc: _,
                answers,
                client_id: _,
            } = inbound;
            plain(id, w)?;
            w.text("|")?;
            write_address(sender, w)?;
            w.text("|")?;
            let text = body.unwrap_or(Payload::Text(Text::EMPTY));
            let dca = write_line(text, ENCODING, w)?;
            w.text("|")?;
            write_time(received, w)?;
            w.text("|")?;
            write_address(recipient, w)?;
            w.text("|")?;
            plain(answers.unwrap_or(Text::plain("0")), w)?;
            if ENCODING {
                w.text("|")?;
                w.text(dca.name())?;
            }
            w.text("\n")?;
        }
        Ok(Status::OK)
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Follow(inbox) => Answer::Inbox(inbox),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Inbox(inbox) => Self::Follow(inbox),
            Answer::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(not_an_answer()),
        }
    }
}

impl Call for PushInbox {
    const NAME: &'static str = "push_inbox";
    const METHODS: &'static [Method] = &[Method::Get];
    const PATHS: &'static [&'static str] = &[];
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    type Ask<'a> = Received<'a>;
    type Tell<'a> = Pushed;
}

impl<'a> Ask<'a> for Received<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        let sender = match self.sender.read(Dca::SevenBit) {
            Ok(Payload::Text(sender)) => sender,
            _ => return Err(ErrorKind::Charset.at("sender", 0)),
        };
        let body = self.message.read(self.dca.unwrap_or_default());
        Ok(Op::Inbound(Inbound {
            body: Some(body.map_err(|error| named(error, "message"))?),
            answers: self.referring_batch_id.filter(is_id),
            client_id: self.source_id,
            received: self.received_time.map(|stamp| stamp.when()),
            ..Inbound::new(self.msg_id, sender, self.msisdn)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Inbound(inbound) = *op else { return Err(ErrorKind::Value.at("push_inbox", 0)) };
        let Inbound {
            id,
            sender,
            recipient,
            keyword: _,
            sub_keyword: _,
            body,
            rest: _,
            flash: _,
            received,
            network: _,
            mcc: _,
            mnc: _,
            answers,
            client_id,
        } = inbound;
        let body = body.ok_or(ErrorKind::Missing.at("message", 0))?;
        let (message, dca) = Message::received(body);
        Ok(Self {
            msisdn: caller(recipient),
            sender: Message::Received(caller(sender)),
            message,
            dca: Some(dca),
            msg_id: id,
            source_id: client_id,
            referring_batch_id: Some(answers.unwrap_or(Text::plain("0"))),
            // A time of another zone is better left out than wrong.
            received_time: received.and_then(|when| Stamp::new(&when).ok()),
        })
    }
}

/// Reply to the received message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Pushed {
    /// A 200 with at least one character.
    Taken,
    /// A 500: it comes again.
    Again,
    /// Anything else: it does not come again.
    Dropped,
}

impl<'a> Tell<'a> for Pushed {
    fn parse(reply: &Reply<'a>) -> Self {
        match reply.status {
            Status::OK if !reply.body.is_empty() => Self::Taken,
            Status::INTERNAL_SERVER_ERROR => Self::Again,
            _ => Self::Dropped,
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        Ok(match self {
            Self::Taken => {
                w.text("OK")?;
                Status::OK
            }
            Self::Again => Status::INTERNAL_SERVER_ERROR,
            Self::Dropped => Status::BAD_REQUEST,
        })
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Taken => Answer::Taken,
            Self::Again => Answer::Refused(Refusal::plain(Reason::Busy)),
            Self::Dropped => Answer::Refused(Refusal::plain(Reason::Other)),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match answer {
            Answer::Taken => Self::Taken,
            Answer::Refused(refusal) if !refusal.reason.is_temporary() => Self::Dropped,
            _ => Self::Again,
        }
    }
}
