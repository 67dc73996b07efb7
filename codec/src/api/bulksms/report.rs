//! `get_report`: what became of the messages of a submission.

use super::message::{read_line, write_line};
use super::options::{cannot, number};
use super::push_report::{code, state};
use super::reply::{
    accepted, caller, emit_refusal, next_line, not_an_answer, plain, split, split_nth, trimmed,
};
use super::send::{CARRIERS, METHODS, SCHEMES, TEXT_PLAIN};
use crate::api::check::{dialled, is_digits};
use crate::api::{
    Answer, Ask, Call, Delivery, Method, Op, Payload, Reason, Recipient, Refusal, Reply, Reports,
    ReportsQuery, Scheme, Stamp, Status, Tell, TimeFormat, When, Zone,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Cursor, Digits, List, Rest, Rows, Source, decimal, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What became of the messages of a submission.
#[derive(Clone, Copy, Debug)]
pub struct GetReport;

fields! {
    /// Parameters of `get_report`.
    pub struct Query<'a> {
        /// The id of the submission.
        "batch_id" => batch_id: Digits<'a>,
        /// Only this recipient.
        "msisdn" => msisdn: Option<Text<'a>>,
        /// What each line has besides, in this order.
        "optional_fields" => optional_fields: Option<List<'a>>,
    }
}

/// `2004-01-20 16:06:40` in the account's zone.
struct Time;

impl TimeFormat for Time {
    const PATTERNS: &'static [&'static str] = &["yyyy-MM-dd HH:mm:ss", "yy-MM-dd HH:mm:ss"];
    const ZONE: Zone<'static> = Zone::Account;
}

/// The point in time that stands in a line.
pub(super) fn read_time(text: Text<'_>) -> Option<When<'static>> {
    Stamp::<Time>::read(trimmed(text)).ok().map(|stamp| stamp.when())
}

/// Writes a point in time, where it has a date.
pub(super) fn write_time(when: Option<When<'_>>, w: &mut Writer<'_>) -> Result<(), Error> {
    match when {
        Some(When::Civil { at, .. }) => Stamp::<Time>::of(at).write(w),
        Some(When::Unix(_)) | None => Ok(()),
    }
}

impl Call for GetReport {
    const NAME: &'static str = "get_report";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/status_reports/get_report/2/2.0"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    const RULES: &'static [(&'static str, &'static str)] = &[
        ("batch_id", "must be a number above 0"),
        ("msisdn", "must be a number of 5 to 15 digits, country code first, without leading zero"),
        (
            "optional_fields",
            "must be some of body, completed_time, created_time, credits, origin_address, \
             source_id, each once",
        ),
    ];
    type Ask<'a> = Query<'a>;
    type Tell<'a> = Results<'a>;
}

/// What a line may have besides recipient and status.
const COLUMNS: [(&str, Column); 6] = [
    ("body", Column::Body),
    ("completed_time", Column::CompletedTime),
    ("created_time", Column::CreatedTime),
    ("credits", Column::Credits),
    ("origin_address", Column::OriginAddress),
    ("source_id", Column::SourceId),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Body,
    CompletedTime,
    CreatedTime,
    Credits,
    OriginAddress,
    SourceId,
}

/// The column of this name, and its number, from 1 on.
fn column(name: Text<'_>) -> Option<(u8, Column)> {
    let columns = (1..).zip(COLUMNS);
    columns.clone().find(|(_, (own, _))| name == **own).map(|(number, (_, own))| (number, own))
}

/// Refuses columns that are none, and one that is there twice.
fn check(columns: &List<'_>) -> Result<(), Error> {
    let is_new = |i: usize, name| !columns.iter().take(i).any(|other| other == name);
    let is_column = |(i, name)| column(name).is_some() && is_new(i, name);
    cannot("optional_fields", !columns.iter().enumerate().all(is_column))
}

impl<'a> Ask<'a> for Query<'a> {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        cannot("batch_id", decimal(self.batch_id.0).map_or(true, |id| id == 0))?;
        self.msisdn.map_or(Ok(()), |number| dialled("msisdn", &List::Slice(&[number])))?;
        let columns = self.optional_fields.unwrap_or(List::EMPTY);
        check(&columns)?;
        let id = number(self.batch_id.0);
        let recipient = self.msisdn.map(Recipient::msisdn);
        Ok(Op::Reports(ReportsQuery { id, recipient, columns }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Reports(ReportsQuery { id, recipient, columns }) = *op else {
            return Err(ErrorKind::Value.at("get_report", 0));
        };
        cannot("batch_id", decimal(id).map_or(true, |id| id == 0))?;
        recipient.map_or(Ok(()), |number| dialled("msisdn", &List::Slice(&[number])))?;
        check(&columns)?;
        Ok(Self {
            batch_id: Digits(id),
            msisdn: recipient.map(Recipient::msisdn),
            optional_fields: (!columns.is_empty()).then_some(columns),
        })
    }
}

/// Reply to `get_report`: `0|Results to follow`, a blank line, and a line for each recipient.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the large one on")]
pub enum Results<'a> {
    /// What became of each message; of a submission that nobody knows, of none.
    Follow(Reports<'a>),
    /// Another code.
    Refused(Refusal<'a>),
}

impl<'a> Results<'a> {
    /// Reads the reply to a request that had these `optional_fields`, which the reply does not name.
    fn with_columns(reply: &Reply<'a>, columns: List<'a>) -> Self {
        let lines = match accepted(reply) {
            Ok(accepted) => accepted.lines,
            Err(refusal) => return Self::Refused(refusal),
        };
        let mut layout = [0; 8];
        for (to, name) in layout.iter_mut().zip(columns.iter()) {
            *to = column(name).map_or(0, |(number, _)| number);
        }
        let rows = Rows::wire(Cursor { rest: Rest::Text(lines), layout }, next_delivery);
        Self::Follow(Reports { columns, rows })
    }
}

/// The delivery that the next line tells. A line without recipient and status is skipped.
fn next_delivery<'a>(cursor: &mut Cursor<'a>) -> Option<Delivery<'a>> {
    loop {
        let line = next_line(cursor)?;
        let (recipient, rest) = split(line, '|');
        let (status, mut rest) = split(rest, '|');
        let status = decimal(trimmed(status)).ok().and_then(|code| u16::try_from(code).ok());
        let Some(status) = status else { continue };
        let recipient = caller(trimmed(recipient));
        // A line that begins with no number is none of a recipient's.
        if !is_digits(recipient) {
            continue;
        }
        let mut delivery = Delivery::new(recipient, state(status));
        let columns = cursor.layout.iter().take_while(|number| **number > 0);
        let fields = rest.chars().filter(|c| *c == '|').count().saturating_add(1);
        // Whatever is too much belongs to the only column that may have a bar in it.
        let more = fields.saturating_sub(columns.clone().count());
        for number in columns {
            let index = usize::from(*number).saturating_sub(1);
            let Some((_, column)) = COLUMNS.get(index) else { continue };
            let bars = if *column == Column::Body { more.saturating_add(1) } else { 1 };
            let (field, behind) = split_nth(rest, '|', bars);
            rest = behind;
            if field.is_empty() {
                continue;
            }
            match column {
                Column::Body => {
                    if let Payload::Text(text) = read_line(field, Default::default()) {
                        delivery.text = Some(text);
                    }
                }
                Column::CompletedTime => delivery.done = read_time(field),
                Column::CreatedTime => delivery.created = read_time(field),
                Column::Credits => {
                    delivery.credits = decimal(trimmed(split(field, '.').0)).ok();
                }
                Column::OriginAddress => delivery.sender = Some(field),
                Column::SourceId => delivery.client_id = Some(field),
            }
        }
        return Some(delivery);
    }
}

impl<'a> Tell<'a> for Results<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        Self::with_columns(reply, List::EMPTY)
    }

    fn parse_to(reply: &Reply<'a>, asked: &Op<'a>) -> Self {
        match asked {
            Op::Reports(query) => Self::with_columns(reply, query.columns),
            _ => Self::parse(reply),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        let reports = match self {
            Self::Follow(reports) => reports,
            Self::Refused(refusal) => return emit_refusal(refusal, w),
        };
        w.text("0|Results to follow\n\n")?;
        // Nothing is told of what is to be sent later.
        let rows = reports.rows.iter().filter(|row| row.state != crate::api::State::Scheduled);
        for delivery in rows {
            let Delivery {
                recipient,
                state,
                status,
                text,
                created,
                done,
                credits,
                sender,
                client_id,
            } = delivery;
            plain(caller(recipient), w)?;
            w.text("|")?;
            w.decimal(code(state, status).into())?;
            for name in reports.columns.iter() {
                w.text("|")?;
                let optional = |text: Option<Text<'_>>, w: &mut Writer<'_>| {
                    plain(text.unwrap_or(Text::EMPTY), w)
                };
                match column(name).map(|(_, column)| column) {
                    None => {}
                    Some(Column::Body) => {
                        let text = Payload::Text(text.unwrap_or(Text::EMPTY));
                        write_line(text, false, w).map(drop)?;
                    }
                    Some(Column::CompletedTime) => write_time(done, w)?,
                    Some(Column::CreatedTime) => write_time(created, w)?,
                    Some(Column::Credits) => {
                        credits.map_or(Ok(()), |credits| w.decimal(credits))?
                    }
                    Some(Column::OriginAddress) => optional(sender, w)?,
                    Some(Column::SourceId) => optional(client_id, w)?,
                }
            }
            w.text("\n")?;
        }
        Ok(Status::OK)
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Follow(reports) => Answer::Reports(reports),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Reports(reports) => Self::Follow(reports),
            Answer::Refused(refusal) if refusal.reason == Reason::UnknownId => {
                Self::Follow(Reports { columns: List::EMPTY, rows: Rows::EMPTY })
            }
            Answer::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(not_an_answer()),
        }
    }
}
