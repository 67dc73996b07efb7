//! Notifications: a delivery report or a received message, POSTed to the customer.

use super::codes;
use super::segments::Segments;
use crate::api::check::is_digits;
use crate::api::{
    Advice, Answer, Ask, Call, Inbound, Method, Op, Payload, Reason, Refusal, Reply, Report, Stamp,
    State, Status, Tell, TimeFormat, Zone,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Body, Carrier, Fields, Sink, Source, fields};
use crate::json;
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// Delivery report of a message: a POST on the URL of the message or the account.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryReport;

/// Received message: a POST on the URL of the account.
#[derive(Clone, Copy, Debug)]
pub struct ReceiveMessage;

macro_rules! notification {
    ($name:ident, $called:literal, $ask:ident) => {
        impl Call for $name {
            const NAME: &'static str = $called;
            const METHODS: &'static [Method] = &[Method::Post];
            const PATHS: &'static [&'static str] = &[];
            const CARRIERS: &'static [Carrier] = &[Carrier::Json];
            const OTHERWISE: Option<Carrier> = Some(Carrier::Json);
            const CONTENT_TYPE: &'static str = "application/json;charset=UTF-8";
            const CHARSET: Charset = Charset::Utf8;
            type Ask<'a> = $ask<'a>;
            type Tell<'a> = NotificationReply<'a>;
        }
    };
}

notification!(DeliveryReport, "deliveryReport", StatusNotification);
notification!(ReceiveMessage, "receiveMessage", ReceivedMessage);

/// ISO 8601 with milliseconds and offset.
#[derive(Clone, Copy, Debug)]
pub struct Iso8601;

impl TimeFormat for Iso8601 {
    const PATTERNS: &'static [&'static str] = &["yyyy-MM-ddTHH:mm:ssfZ"];
    const ZONE: Zone<'static> = Zone::Account;
}

fields! {
    /// Notification of a message's state.
    pub struct StatusNotification<'a> {
        /// `deliveryReport`.
        "messageType" => message_type: Text<'a>,
        /// The gateway's id of the notification.
        "notificationId" => notification_id: Text<'a>,
        /// The gateway's id of the request.
        "transferId" => transfer_id: Text<'a>,
        /// To whom the message was sent.
        "senderAddress" => sender_address: Text<'a>,
        /// What became of the message.
        "deliveryReportMessageStatus" => delivery_report_message_status: Text<'a>,
        /// When the message was sent.
        "sentOn" => sent_on: Option<Stamp<Iso8601>>,
        /// When it was delivered.
        "deliveredOn" => delivered_on: Option<Stamp<Iso8601>>,
        /// How it was delivered: `sms`, `push`, `failover-sms` or `voice`.
        "deliveredAs" => delivered_as: Option<Text<'a>>,
        /// The customer's id of the message.
        "clientMessageId" => client_message_id: Option<Text<'a>>,
    }
}

fields! {
    /// Notification of a received message.
    pub struct ReceivedMessage<'a> {
        /// `text` or `binary`.
        "messageType" => message_type: Text<'a>,
        /// The gateway's id of the notification.
        "notificationId" => notification_id: Text<'a>,
        /// From whom.
        "senderAddress" => sender_address: Text<'a>,
        /// What the sender is: `international`.
        "senderAddressType" => sender_address_type: Option<Text<'a>>,
        /// The number that it was sent to.
        "recipientAddress" => recipient_address: Text<'a>,
        /// What that is: `international`, `national` or `shortcode`.
        "recipientAddressType" => recipient_address_type: Option<Text<'a>>,
        /// Whether it is shown at once; not when absent.
        "messageFlashSms" => message_flash_sms: Option<bool>,
        /// The text, of all parts.
        "textMessageContent" => text_message_content: Option<Text<'a>>,
        /// Whether each part begins with a user data header; not when absent.
        "userDataHeaderPresent" => user_data_header_present: Option<bool>,
        /// The octets of each part.
        "binaryMessageContent" => binary_message_content: Option<Segments<'a, true>>,
    }
}

const DELIVERY_REPORT: &str = "deliveryReport";
const TEXT: &str = "text";
const BINARY: &str = "binary";

/// `deliveryReportMessageStatus`: the first state is the one that a customer reads, and all are those
/// that it is said of.
const STATUSES: [(&str, &[State]); 6] = [
    ("delivered", &[State::Delivered]),
    // Nobody knows what became of it: it was accepted, and that is all.
    ("accepted", &[State::EnRoute, State::Waiting, State::Scheduled, State::Unknown]),
    ("deleted", &[State::Deleted]),
    ("expired", &[State::Expired]),
    (
        "rejected",
        &[
            State::Undeliverable,
            State::UnknownRecipient,
            State::Blacklisted,
            State::InsufficientFunds,
        ],
    ),
    ("undelivered", &[State::GaveUp]),
];

impl<'a> Ask<'a> for StatusNotification<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        if self.message_type != *DELIVERY_REPORT {
            return Err(ErrorKind::Value.at("messageType", 0));
        }
        let status = self.delivery_report_message_status;
        let state = STATUSES.iter().find(|(own, _)| status == **own);
        let state = state.and_then(|(_, states)| states.first());
        let state = state.ok_or(ErrorKind::Value.at("deliveryReportMessageStatus", 0))?;
        Ok(Op::Report(Report {
            notification: Some(self.notification_id),
            id: Some(self.transfer_id),
            client_id: self.client_message_id,
            recipient: Some(self.sender_address),
            sent: self.sent_on.map(|stamp| stamp.when()),
            done: self.delivered_on.map(|stamp| stamp.when()),
            ..Report::new(*state)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Report(report) = *op else { return Err(ErrorKind::Value.at("messageType", 0)) };
        let stamp =
            |name| move |when| Stamp::new(&when).map_err(|error| Error { field: name, ..error });
        let is_delivered = report.state == State::Delivered;
        let done = report.done.filter(|_| is_delivered);
        let status = STATUSES.iter().find(|(_, states)| states.contains(&report.state));
        Ok(Self {
            message_type: Text::plain(DELIVERY_REPORT),
            notification_id: report
                .notification
                .ok_or(ErrorKind::Missing.at("notificationId", 0))?,
            transfer_id: report.id.ok_or(ErrorKind::Missing.at("transferId", 0))?,
            sender_address: report.recipient.ok_or(ErrorKind::Missing.at("senderAddress", 0))?,
            delivery_report_message_status: Text::plain(status.map_or("accepted", |(own, _)| own)),
            sent_on: report.sent.map(stamp("sentOn")).transpose()?,
            delivered_on: done.map(stamp("deliveredOn")).transpose()?,
            delivered_as: is_delivered.then_some(Text::plain("sms")),
            client_message_id: report.client_id,
        })
    }
}

/// The most digits of a short code.
const SHORTCODE_MAX: usize = 6;

impl<'a> Ask<'a> for ReceivedMessage<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let is = |kind: &str| self.message_type == *kind;
        let body = if is(TEXT) {
            // An empty text is one, too.
            source
                .find("textMessageContent")
                .filter(|raw| !raw.is_null())
                .ok_or(ErrorKind::Missing.at("textMessageContent", 0))?;
            Payload::Text(self.text_message_content.unwrap_or(Text::EMPTY))
        } else if is(BINARY) {
            let segments = self.binary_message_content;
            let Segments(segments) =
                segments.ok_or(ErrorKind::Missing.at("binaryMessageContent", 0))?;
            Payload::Octets { segments, has_header: self.user_data_header_present == Some(true) }
        } else {
            return Err(ErrorKind::Value.at("messageType", 0));
        };
        Ok(Op::Inbound(Inbound {
            body: Some(body),
            flash: self.message_flash_sms == Some(true),
            ..Inbound::new(self.notification_id, self.sender_address, self.recipient_address)
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Inbound(inbound) = *op else { return Err(ErrorKind::Value.at("messageType", 0)) };
        let body = inbound.body.ok_or(ErrorKind::Missing.at("textMessageContent", 0))?;
        let (kind, text, segments, has_header) = match body {
            Payload::Text(text) => (TEXT, Some(text), None, None),
            Payload::Octets { segments, has_header } => {
                (BINARY, None, Some(Segments(segments)), Some(has_header))
            }
        };
        Ok(Self {
            message_type: Text::plain(kind),
            notification_id: inbound.id,
            sender_address: inbound.sender,
            sender_address_type: Some(Text::plain(if is_digits(inbound.sender) {
                "international"
            } else {
                "alphanumeric"
            })),
            recipient_address: inbound.recipient,
            recipient_address_type: Some(Text::plain(match inbound.recipient {
                number if number.strip_prefix("0").is_some() => "national",
                number if !number.is_longer_than(SHORTCODE_MAX) => "shortcode",
                _ => "international",
            })),
            message_flash_sms: Some(inbound.flash),
            text_message_content: text,
            user_data_header_present: has_header,
            binary_message_content: segments,
        })
    }
}

fields! {
    /// A customer's answer to a notification.
    pub struct NotificationResponse<'a> {
        /// 2000 takes it; 4000..=4999 drops it.
        "statusCode" => status_code: u16,
        /// What the code means.
        "statusMessage" => status_message: Option<Text<'a>>,
    }
}

/// Reply to a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotificationReply<'a> {
    /// HTTP 200 with JSON.
    Json(NotificationResponse<'a>),
    /// Anything else, with this status code.
    Other(Status),
}

/// `statusMessage` of a notification that is taken.
const TAKEN: &str = "OK";

impl<'a> Tell<'a> for NotificationReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        let response = || {
            let value = json::Value::read(reply.body).ok()?;
            NotificationResponse::parse(Source::of_body(Body::json(value))).ok()
        };
        match response() {
            Some(response) if reply.status == Status::OK => Self::Json(response),
            _ => Self::Other(reply.status),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            Self::Json(response) => {
                let mut sink = Sink::new(w, Carrier::Json, Charset::Utf8)?;
                response.emit(&mut sink)?;
                sink.finish()?;
                Ok(Status::OK)
            }
            Self::Other(status) => Ok(*status),
        }
    }

    fn read(self) -> Answer<'a> {
        let Self::Json(NotificationResponse { status_code, status_message }) = self else {
            return Answer::Refused(Refusal::plain(Reason::Busy));
        };
        let words = status_message.unwrap_or(Text::EMPTY);
        let refused = |reason: Reason, usual: &str| {
            let detail = if words == *usual { Text::EMPTY } else { words };
            Answer::Refused(Refusal { reason, subject: Text::EMPTY, detail })
        };
        match status_code {
            2000..3000 => Answer::Taken,
            4000..5000 => {
                let reason = Reason::Vendor(status_code, Advice::DoNotRetry);
                refused(reason, reason.words())
            }
            _ => refused(Reason::Busy, Reason::Busy.words()),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        let (status_code, words) = match answer {
            Answer::Taken => (codes::OK, Text::plain(TAKEN)),
            Answer::Refused(refusal) => {
                let is_temporary = refusal.reason.is_temporary();
                let number = match refusal.reason {
                    Reason::Vendor(number, _) => number,
                    _ if is_temporary => codes::SERVICE_UNAVAILABLE,
                    _ => codes::REFUSED,
                };
                let usual = Text::plain(refusal.reason.words());
                (number, if refusal.detail.is_empty() { usual } else { refusal.detail })
            }
            // Nothing else is an answer to a notification.
            _ => (codes::INTERNAL_ERROR, Text::plain(Reason::Internal.words())),
        };
        Self::Json(NotificationResponse { status_code, status_message: Some(words) })
    }
}
