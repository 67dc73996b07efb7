//! What all replies have in common: done, or refused by one table.

use crate::api::{Advice, Answer, Reason, Refusal, Reply, Status, Tell};
use crate::error::Error;
use crate::fields::{Body, Carrier, Fields, Sink, Source, fields};
use crate::json;
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What a call that was done is answered.
pub trait Done<'a>: Sized {
    /// Its status.
    const STATUS: Status = Status::OK;
    /// `Content-Type`.
    const CONTENT_TYPE: &'static str = super::JSON;
    /// Which words a refusal has.
    const PLACE: Place = Place::Other;

    /// Reads the body; `None` where it says nothing of the kind.
    fn parse(body: &'a [u8]) -> Option<Self>;

    /// Writes the body.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error>;

    /// The answer that it gives.
    fn read(self) -> Answer<'a>;

    /// What gives the answer; `None` where it is none to this call.
    fn write(answer: &Answer<'a>) -> Option<Self>;
}

/// Which calls a refusal's words belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Place {
    /// Those that give keys.
    Login,
    /// Those that are about one order.
    Order,
    /// All others.
    Other,
}

/// A reply: done, or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome<'a, T> {
    /// Done.
    Done(T),
    /// Refused, in JSON.
    Refused(Refusal<'a>),
}

impl<'a, T: Done<'a>> Tell<'a> for Outcome<'a, T> {
    fn parse(reply: &Reply<'a>) -> Self {
        if !matches!(reply.status, Status::OK | Status::CREATED) {
            return Self::Refused(refusal(reply.status, words(reply.body), T::PLACE));
        }
        match T::parse(reply.body) {
            Some(done) => Self::Done(done),
            None => Self::Refused(match result(reply.body) {
                Some(text) => refusal(Status::BAD_REQUEST, text, T::PLACE),
                // What says yes in other words than these may be yes, or a program in between.
                None => Refusal::new(Reason::Unknown, words(reply.body)),
            }),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            Self::Done(done) => done.emit(w).map(|()| T::STATUS),
            Self::Refused(refusal) => emit_refusal(refusal, T::PLACE, w),
        }
    }

    fn content_type(&self) -> Option<&'static str> {
        Some(match self {
            Self::Done(_) => T::CONTENT_TYPE,
            Self::Refused(_) => super::JSON,
        })
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Done(done) => done.read(),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match (T::write(answer), answer) {
            (Some(done), _) => Self::Done(done),
            (None, Answer::Refused(refusal)) => Self::Refused(*refusal),
            // Nothing else is an answer to this call.
            (None, _) => Self::Refused(Refusal::plain(Reason::Internal)),
        }
    }
}

/// The fields of a JSON object; `None` where `body` is none that has them.
pub(super) fn object<'a, F: Fields<'a>>(body: &'a [u8]) -> Option<F> {
    let value = json::Value::read(body).ok()?;
    let is_object = matches!(value.kind(), json::Kind::Object(_));
    is_object.then(|| F::parse(Source::of_body(Body::json(value))).ok()).flatten()
}

/// Writes fields as a JSON object.
pub(super) fn emit_object<'a>(fields: &impl Fields<'a>, w: &mut Writer<'_>) -> Result<(), Error> {
    let mut sink = Sink::new(w, Carrier::Json, Charset::Utf8)?;
    fields.emit(&mut sink)?;
    sink.finish()
}

/// What follows the words of a reason, behind a colon.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// Nothing.
    Nothing,
    /// The subject.
    Subject,
    /// The subject, which is a parameter's name, and the detail behind another colon.
    Parameter,
}

/// Several places, a bit for each.
#[derive(Clone, Copy)]
struct Places(u8);

const LOGIN: Places = Places(1 << Place::Login as u8);
const ORDER: Places = Places(1 << Place::Order as u8);
const OTHER: Places = Places(1 << Place::Other as u8);
const KEYS: Places = Places(ORDER.0 | OTHER.0);
const ALL: Places = Places(LOGIN.0 | KEYS.0);

impl Places {
    const fn has(self, place: Place) -> bool {
        self.0 & 1 << place as u8 != 0
    }
}

const INVALID_KEYS: &str = "User_key, Token or Session_key are invalid or not provided";
const INVALID_CREDENTIALS: &str = "Credentials are incorrect";

/// How each reason stands in a refusal. Of several with the same status and words, the first one is
/// read; where there are no words, any are.
const REFUSALS: &[(Reason, u16, &str, Follows, Places)] = {
    use Follows::{Nothing, Parameter, Subject};
    &[
        (Reason::Missing, 400, "Missing parameter", Parameter, ALL),
        (Reason::Invalid, 400, "Invalid parameter", Parameter, ALL),
        (Reason::Unreadable, 400, "Request cannot be read", Parameter, ALL),
        (Reason::TooLarge, 400, "Request is too large", Nothing, ALL),
        (Reason::Forbidden, 400, "Not allowed", Nothing, ALL),
        (Reason::Credit, 400, "Not enough credits", Nothing, ALL),
        (Reason::Recipient, 400, "Invalid recipient", Parameter, ALL),
        (Reason::DuplicateRecipient, 400, "Recipient given twice", Subject, ALL),
        (Reason::Blacklisted, 400, "Recipient is blacklisted", Subject, ALL),
        (Reason::TooManyRecipients, 400, "Too many recipients", Parameter, ALL),
        (Reason::UnknownGroup, 400, "Groups could not be found", Nothing, ALL),
        (Reason::DuplicateClientId, 400, "Order_id was used before", Subject, ALL),
        (Reason::Sender, 400, "Sender is not allowed", Parameter, ALL),
        (Reason::Schedule, 400, "Delivery time is not allowed", Parameter, ALL),
        (Reason::CallbackUrl, 400, "URL is not allowed", Parameter, ALL),
        (Reason::Unencodable, 400, "Character is not in the encoding", Parameter, ALL),
        (Reason::TooManyParts, 400, "Too many parts", Parameter, ALL),
        (Reason::NoValue, 400, "Placeholder without a value", Parameter, ALL),
        (Reason::WrongPassword, 404, INVALID_CREDENTIALS, Nothing, LOGIN),
        (Reason::UnknownUser, 404, INVALID_CREDENTIALS, Nothing, LOGIN),
        (Reason::NoCredentials, 401, "Credentials are not provided", Subject, LOGIN),
        (Reason::NoSession, 401, INVALID_KEYS, Nothing, KEYS),
        (Reason::NoCredentials, 401, INVALID_KEYS, Nothing, KEYS),
        (Reason::WrongPassword, 401, INVALID_KEYS, Nothing, KEYS),
        (Reason::UnknownUser, 404, "The User_key was not found", Nothing, KEYS),
        (Reason::UnknownId, 404, "The order was not found", Subject, ALL),
        (Reason::TooManyFailures, 429, "Too many requests", Nothing, ALL),
        (Reason::Busy, 503, "No room for more messages, try again later", Nothing, ALL),
        (Reason::Internal, 500, "Internal error", Nothing, ALL),
        (Reason::Other, 400, "", Subject, ALL),
        (Reason::WrongPassword, 401, "", Subject, LOGIN),
        (Reason::WrongPassword, 404, "", Subject, LOGIN),
        (Reason::NoSession, 401, "", Subject, KEYS),
        (Reason::UnknownId, 404, "", Subject, ORDER),
        (Reason::UnknownUser, 404, "", Subject, OTHER),
        (Reason::Vendor(429, Advice::RetryLater), 429, "", Subject, ALL),
    ]
};

fields! {
    /// What is read of a refusal.
    pub struct Words<'a> {
        /// Words.
        "message" => message: Option<Text<'a>>,
        /// Words, as some brands have them.
        "error_message" => error_message: Option<Text<'a>>,
        /// Words, or `KO`.
        "result" => result: Option<Text<'a>>,
    }
}

/// The words of a refusal.
fn words(body: &[u8]) -> Text<'_> {
    let words = object::<Words<'_>>(body)
        .and_then(|Words { message, error_message, result }| message.or(error_message).or(result));
    words.unwrap_or_else(|| {
        let body = body.trim_ascii();
        Text::octets(body, Charset::Utf8)
            .or_else(|_| Text::octets(body, Charset::Latin1))
            .unwrap_or(Text::EMPTY)
    })
}

/// The words of a body that says it is not done.
fn result(body: &[u8]) -> Option<Text<'_>> {
    let Words { message, error_message, result } = object(body)?;
    let result = result.filter(|result| *result != *"OK")?;
    Some(message.or(error_message).unwrap_or(result))
}

/// The refusal that status and words tell.
fn refusal(status: Status, text: Text<'_>, place: Place) -> Refusal<'_> {
    let row = |row: &(Reason, u16, &'static str, Follows, Places)| {
        let (reason, own, words, follows, places) = *row;
        if own != status.0 || !places.has(place) {
            return None;
        }
        let rest = text.strip_prefix(words)?;
        let more = match follows {
            _ if words.is_empty() => rest,
            _ if rest.is_empty() => Text::EMPTY,
            Follows::Nothing => return None,
            Follows::Subject | Follows::Parameter => rest.strip_prefix(": ")?,
        };
        let (subject, detail) = match more.split_once(|c| c == ':') {
            Some((subject, _, detail)) if follows == Follows::Parameter => {
                (subject, detail.trim_start())
            }
            _ => (more, Text::EMPTY),
        };
        Some(Refusal { reason, subject, detail })
    };
    REFUSALS.iter().find_map(row).unwrap_or_else(|| {
        let is_temporary = status.0 >= 500;
        let reason = Reason::Vendor(status.0, Advice::RetryLater);
        Refusal::new(if is_temporary { reason } else { Reason::Unknown }, text)
    })
}

/// The parameters that reasons are about which do not name one.
const PARAMETERS: &[(Reason, &str)] = &[
    (Reason::Schedule, "scheduled_delivery_time"),
    (Reason::CallbackUrl, "delivery_notification_url"),
    (Reason::TooManyParts, "max_fragments"),
    (Reason::Sender, "sender"),
    (Reason::Unencodable, "message"),
];

/// Writes a refusal.
fn emit_refusal(refusal: &Refusal<'_>, place: Place, w: &mut Writer<'_>) -> Result<Status, Error> {
    let Refusal { reason, subject, detail } = refusal.about(PARAMETERS);
    let row = REFUSALS.iter().find(|(own, .., places)| *own == reason && places.has(place));
    let (code, words, follows) = match row {
        Some((_, code, words, follows, _)) => (*code, Text::plain(words), *follows),
        None => (if reason.is_temporary() { 503 } else { 400 }, Text::EMPTY, Follows::Subject),
    };
    // What has no words here has those of its reason.
    let is_silent = words.is_empty() && subject.is_empty();
    let words = if is_silent { Text::plain(reason.words()) } else { words };
    let colon = Text::plain(": ");
    let has_subject = follows != Follows::Nothing && !subject.is_empty();
    let has_detail = has_subject && follows == Follows::Parameter && !detail.is_empty();
    let joint = if words.is_empty() { Text::EMPTY } else { colon };
    let pieces = [
        words,
        if has_subject { joint } else { Text::EMPTY },
        if has_subject { subject } else { Text::EMPTY },
        if has_detail { colon } else { Text::EMPTY },
        if has_detail { detail } else { Text::EMPTY },
    ];
    let mut sink = Sink::new(w, Carrier::Json, Charset::Utf8)?;
    sink.joined("result", &pieces)?;
    sink.joined("message", &pieces)?;
    sink.number("code", code.into())?;
    sink.finish()?;
    Ok(Status(code))
}
