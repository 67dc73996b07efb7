//! The status report that is pushed, and the delivery status codes.

use super::send::TEXT_PLAIN;
use crate::api::check::taken;
use crate::api::{
    Answer, Ask, Call, Method, Op, Recipient, Reply, Report, Stamp, State, Status, Tell,
    TimeFormat, Zone,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// Status report: a GET on the URL of the customer's profile.
#[derive(Clone, Copy, Debug)]
pub struct PushReport;

fields! {
    /// Parameters of the status report.
    pub struct StatusReport<'a> {
        /// To whom the message was sent.
        "msisdn" => msisdn: Text<'a>,
        /// The id of the submission.
        "batch_id" => batch_id: Text<'a>,
        /// What became of the message.
        "status" => status: u16,
        /// When it was, where that is known.
        "completed_time" => completed_time: Option<Stamp<CompletedTime>>,
        /// The customer's id of the submission.
        "source_id" => source_id: Option<Text<'a>>,
    }
}

/// `04-01-20 16:06:40`: year, month and day, in the account's zone.
#[derive(Clone, Copy, Debug)]
pub struct CompletedTime;

impl TimeFormat for CompletedTime {
    const PATTERNS: &'static [&'static str] = &["yy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss"];
    const ZONE: Zone<'static> = Zone::Account;
}

/// Delivery status codes. Each is read as its first state, each state written as its first code.
const STATES: &[(u16, State)] = &[
    (0, State::Waiting),
    (0, State::Scheduled),
    (10, State::EnRoute),
    (11, State::Delivered),
    (29, State::Deleted),
    (32, State::Blacklisted),
    (50, State::GaveUp),
    (50, State::InsufficientFunds),
    (51, State::Undeliverable),
    (51, State::UnknownRecipient),
    (53, State::Expired),
    (70, State::Unknown),
    // These are read only.
    (12, State::EnRoute),
    (22, State::Undeliverable),
    (23, State::Undeliverable),
    (24, State::Undeliverable),
    (25, State::Undeliverable),
    (26, State::Undeliverable),
    (27, State::Undeliverable),
    (28, State::Undeliverable),
    (31, State::Undeliverable),
    (33, State::Undeliverable),
    (40, State::EnRoute),
    (52, State::Undeliverable),
    (54, State::Undeliverable),
    (56, State::Undeliverable),
    (57, State::Undeliverable),
    (60, State::EnRoute),
    (61, State::EnRoute),
    (62, State::EnRoute),
    (63, State::EnRoute),
    (64, State::EnRoute),
];

/// Queued for retry.
const QUEUED: u16 = 63;

/// The state that a code stands for; of a code that is not known, nobody can say.
pub(super) fn state(code: u16) -> State {
    STATES.iter().find(|(own, _)| *own == code).map_or(State::Unknown, |(_, state)| *state)
}

/// The code that stands for a state; `status` is TP-ST.
pub(super) fn code(state: State, status: Option<u8>) -> u16 {
    // Of what is on its way, the network has said that it tries again, or nothing.
    if state == State::EnRoute && status.is_some_and(|status| (0x20..0x40).contains(&status)) {
        return QUEUED;
    }
    STATES.iter().find(|(_, own)| *own == state).map_or(QUEUED, |(code, _)| *code)
}

impl Call for PushReport {
    const NAME: &'static str = "push_report";
    const METHODS: &'static [Method] = &[Method::Get];
    const PATHS: &'static [&'static str] = &[];
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    type Ask<'a> = StatusReport<'a>;
    type Tell<'a> = Something;
}

impl<'a> Ask<'a> for StatusReport<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        Ok(Op::Report(Report {
            id: Some(self.batch_id),
            client_id: self.source_id,
            recipient: Some(Recipient::msisdn(self.msisdn)),
            done: self.completed_time.map(|stamp| stamp.when()),
            ..Report::new(state(self.status))
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Report(report) = *op else { return Err(ErrorKind::Value.at("push_report", 0)) };
        let Report {
            notification: _,
            id,
            client_id,
            recipient,
            state,
            status,
            created: _,
            sent: _,
            done,
            parts: _,
            words: _,
            mcc: _,
            mnc: _,
        } = report;
        Ok(Self {
            msisdn: Recipient::msisdn(recipient.ok_or(ErrorKind::Missing.at("msisdn", 0))?),
            batch_id: id.ok_or(ErrorKind::Missing.at("batch_id", 0))?,
            status: code(state, status),
            // A time of another zone is better left out than wrong.
            completed_time: done.and_then(|when| Stamp::new(&when).ok()),
            source_id: client_id,
        })
    }
}

/// Reply to the status report: a 200 with at least one character takes it; otherwise it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Something {
    /// Whether the reply is that one.
    pub taken: bool,
}

impl<'a> Tell<'a> for Something {
    fn parse(reply: &Reply<'a>) -> Self {
        Self { taken: reply.status == Status::OK && !reply.body.is_empty() }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        if !self.taken {
            return Ok(Status::INTERNAL_SERVER_ERROR);
        }
        w.text("OK")?;
        Ok(Status::OK)
    }

    fn read(self) -> Answer<'a> {
        taken(self.taken)
    }

    fn write(answer: &Answer<'a>) -> Self {
        Self { taken: *answer == Answer::Taken }
    }
}
