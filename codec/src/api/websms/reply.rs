//! `MessageSendResponse`, the reply to all three calls.

use super::codes::{self, Code};
use crate::api::{Answer, Reason, Refusal, Reply, Sent, Status, Tell};
use crate::error::Error;
use crate::fields::{Body, Carrier, Fields, Nullable, Raw, Sink, Source, Value, fields};
use crate::json;
use crate::text::{Charset, Text};
use crate::wire::Writer;

fields! {
    /// Reply to `text`, `binary` and `simple`.
    pub struct MessageSendResponse<'a> {
        /// 2000 or 2001 where the messages are accepted.
        "statusCode" => status_code: u16,
        /// What the code means.
        "statusMessage" => status_message: StatusMessage<'a>,
        /// The customer's id of the message.
        "clientMessageId" => client_message_id: Nullable<Text<'a>>,
        /// The gateway's id of the request: 20 hexadecimal digits; none of a refused one.
        "transferId" => transfer_id: Nullable<Text<'a>>,
        /// How many parts the message to one recipient has; 0 of a refused one.
        "smsCount" => sms_count: Option<u32>,
    }
}

/// What a status code means, and the parameter that 4019 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatusMessage<'a> {
    /// Words.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub words: Text<'a>,
    /// A parameter's name, which follows the words and a colon.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub parameter: Option<Text<'a>>,
}

impl<'a> From<Text<'a>> for StatusMessage<'a> {
    fn from(words: Text<'a>) -> Self {
        Self { words, parameter: None }
    }
}

/// The most octets of a message that has a parameter.
const MESSAGE_MAX: usize = 160;

impl<'a> Value<'a> for StatusMessage<'a> {
    const OPTIONAL: bool = true;

    fn unread() -> Self {
        Text::EMPTY.into()
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        let message = raw.text()?;
        let missing = Code::of_number(codes::PARAMETER_MISSING).map_or("", |code| code.words);
        Ok(match message.split_once(|c| c == ':') {
            Some((words, _, parameter)) if words == *missing => {
                Self { words, parameter: Some(parameter.trim_start()) }
            }
            _ => message.into(),
        })
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        let Some(parameter) = self.parameter else { return sink.text(name, self.words) };
        let mut buffer = [0; MESSAGE_MAX];
        let mut w = Writer::new(&mut buffer);
        // A name that has no room is cut.
        let _ = self
            .words
            .emit(&mut w, Charset::Utf8)
            .and_then(|()| w.text(": "))
            .and_then(|()| parameter.emit(&mut w, Charset::Utf8));
        sink.text(name, Text::octets(w.into_written(), Charset::Utf8)?)
    }
}

/// Reply to `text` and `binary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SendReply<'a> {
    /// JSON: with HTTP 200, or 401 where who asks is not known.
    Json(Status, MessageSendResponse<'a>),
    /// A line of text: 400 or 413, or what no server of this vendor says.
    Line {
        /// Status code.
        status: Status,
        /// The parameter that it is about; empty where it is about none.
        parameter: Text<'a>,
        /// Words.
        words: Text<'a>,
    },
}

/// `Content-Type` of a line of text.
const TEXT_PLAIN: &str = "text/plain;charset=UTF-8";

/// The response of a JSON document.
fn response(body: &[u8]) -> Option<MessageSendResponse<'_>> {
    let value = json::Value::read(body).ok()?;
    MessageSendResponse::parse(Source::of_body(Body::json(value))).ok()
}

impl<'a> Tell<'a> for SendReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        match response(reply.body) {
            Some(response) => Self::Json(reply.status, response),
            None => {
                let body = reply.body.trim_ascii_end();
                let words = Text::octets(body, Charset::Utf8)
                    .or_else(|_| Text::octets(body, Charset::Latin1))
                    .unwrap_or(Text::EMPTY);
                Self::Line { status: reply.status, parameter: Text::EMPTY, words }
            }
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            Self::Json(status, response) => {
                let mut sink = Sink::new(w, Carrier::Json, Charset::Utf8)?;
                response.emit(&mut sink)?;
                sink.finish()?;
                Ok(*status)
            }
            Self::Line { status, parameter, words } => {
                parameter.emit(w, Charset::Utf8)?;
                w.text(if parameter.is_empty() { "" } else { " " })?;
                words.emit(w, Charset::Utf8)?;
                Ok(*status)
            }
        }
    }

    fn content_type(&self) -> Option<&'static str> {
        matches!(self, Self::Line { .. }).then_some(TEXT_PLAIN)
    }

    fn read(self) -> Answer<'a> {
        let (status, response) = match self {
            Self::Json(status, response) => (status, response),
            Self::Line { status, parameter, words } => {
                let reason = match status {
                    Status::BAD_REQUEST => Reason::Unreadable,
                    Status::TOO_LARGE => Reason::TooLarge,
                    Status::UNAUTHORIZED => Reason::WrongPassword,
                    _ => Reason::Unknown,
                };
                let said = words != *reason.words();
                let detail = if said { words } else { Text::EMPTY };
                return Answer::Refused(Refusal { reason, subject: parameter, detail });
            }
        };
        let number = response.status_code;
        match Code::reason_of(number) {
            Some(reason) => Answer::Refused(refusal(status, &response, reason)),
            None if status == Status::OK && matches!(number, codes::OK | codes::OK_QUEUED) => {
                let given = |text: &Text<'_>| !text.is_empty();
                Answer::Sent(Sent {
                    id: response.transfer_id.0.filter(given),
                    client_id: response.client_message_id.0.filter(given),
                    parts: response.sms_count.unwrap_or(1),
                    // Of several it is not said how many.
                    messages: u32::from(number == codes::OK),
                    ..Sent::new()
                })
            }
            None => Answer::Refused(Refusal::new(Reason::Unknown, response.status_message.words)),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Sent(sent) => {
                let is_one = sent.messages == 1 && !sent.scheduled;
                let (status_code, words) = if is_one {
                    (codes::OK, codes::OK_WORDS)
                } else {
                    (codes::OK_QUEUED, codes::OK_QUEUED_WORDS)
                };
                let response = MessageSendResponse {
                    status_code,
                    status_message: Text::plain(words).into(),
                    client_message_id: Nullable(sent.client_id),
                    transfer_id: Nullable(sent.id),
                    sms_count: Some(sent.parts),
                };
                Self::Json(Status::OK, response)
            }
            Answer::Refused(refusal) => refused(&refusal),
            // Nothing else is an answer to these calls.
            _ => refused(&Refusal::plain(Reason::Internal)),
        }
    }
}

/// The refusal that a response tells.
fn refusal<'a>(status: Status, response: &MessageSendResponse<'a>, reason: Reason) -> Refusal<'a> {
    let number = response.status_code;
    let reason = match reason {
        Reason::WrongPassword if status != Status::UNAUTHORIZED => {
            Reason::Vendor(number, reason.advice())
        }
        reason => reason,
    };
    let StatusMessage { words, parameter } = response.status_message;
    let code = Code::of_number(number);
    let named = code.and_then(|code| code.parameters.first());
    let subject = parameter.unwrap_or(Text::plain(named.copied().unwrap_or_default()));
    let is_said = code.is_some_and(|code| words == *code.words);
    Refusal { reason, subject, detail: if is_said { Text::EMPTY } else { words } }
}

/// The reply that tells the refusal.
fn refused<'a>(refusal: &Refusal<'a>) -> SendReply<'a> {
    let Refusal { reason, subject, detail } = *refusal;
    let or_words =
        |text: Text<'a>| if text.is_empty() { Text::plain(reason.words()) } else { text };
    let (status_code, status_message) = match (Code::of_refusal(refusal), reason) {
        (Some(code), _) => {
            let is_missing = code.number == codes::PARAMETER_MISSING && !subject.is_empty();
            let words = Text::plain(code.words);
            (code.number, StatusMessage { words, parameter: is_missing.then_some(subject) })
        }
        (None, Reason::Vendor(number, _)) => (number, or_words(detail).into()),
        (None, _) => {
            let is_too_large = reason == Reason::TooLarge;
            let status = if is_too_large { Status::TOO_LARGE } else { Status::BAD_REQUEST };
            return SendReply::Line { status, parameter: subject, words: or_words(detail) };
        }
    };
    let is_unknown =
        status_code == codes::INVALID_CREDENTIALS && !matches!(reason, Reason::Vendor(..));
    let response = MessageSendResponse {
        status_code,
        status_message,
        client_message_id: Nullable(None),
        transfer_id: Nullable(None),
        sms_count: Some(0),
    };
    SendReply::Json(if is_unknown { Status::UNAUTHORIZED } else { Status::OK }, response)
}

/// Reply to `simple`: as the others, or a text with the status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SimpleReply<'a>(pub SendReply<'a>);

/// The status code that a text begins with, or has behind `statusCode`.
fn status_code(text: Text<'_>) -> Option<u16> {
    const NAME: &str = "statusCode";
    let number = |text: Text<'_>| {
        let mut digits = text.chars();
        let number = digits.by_ref().take(4).try_fold(0_u16, |number, c| {
            number.checked_mul(10)?.checked_add(u16::try_from(c.to_digit(10)?).ok()?)
        });
        let ends = !digits.next().is_some_and(|c| c.is_ascii_alphanumeric());
        number.filter(|number| ends && (2000..6000).contains(number))
    };
    let mut rest = text.trim_start().chars();
    if let Some(number) = number(rest.as_text()) {
        return Some(number);
    }
    loop {
        let mut ahead = rest.clone();
        if NAME.chars().all(|c| ahead.next().is_some_and(|own| own.eq_ignore_ascii_case(&c))) {
            let separators = ahead.clone().take_while(|c| !c.is_alphanumeric()).count();
            return number(ahead.as_text().split_at(separators).1);
        }
        rest.next()?;
    }
}

impl<'a> Tell<'a> for SimpleReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        Self(match SendReply::parse(reply) {
            SendReply::Line { status: Status::OK, parameter, words } => match status_code(words) {
                Some(status_code) => {
                    let response = MessageSendResponse {
                        status_code,
                        status_message: words.into(),
                        client_message_id: Nullable(None),
                        transfer_id: Nullable(None),
                        sms_count: None,
                    };
                    SendReply::Json(Status::OK, response)
                }
                None => SendReply::Line { status: Status::OK, parameter, words },
            },
            reply => reply,
        })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        self.0.emit(w)
    }

    fn content_type(&self) -> Option<&'static str> {
        self.0.content_type()
    }

    fn read(self) -> Answer<'a> {
        self.0.read()
    }

    fn write(answer: &Answer<'a>) -> Self {
        Self(SendReply::write(answer))
    }
}
