//! `sendsms`: a text to one or more recipients.

use super::SESSIONID_WINDOW_S;
use crate::api::check::{at_most, http_url, msisdns, not_empty, sender};
use crate::api::{
    Again, Answer, Ask, Call, Callback, Dedupe, Messages, Method, Noted, Op, Payload, Reason,
    Recipients, Refusal, Reply, Scheme, Sent, Status, Submit, Tell,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{List, Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// A text to one or more recipients.
#[derive(Clone, Copy, Debug)]
pub struct SendSms;

fields! {
    /// Parameters of `sendsms`.
    pub struct Send<'a> {
        /// Recipients: MSISDNs.
        "to" => to: List<'a>,
        /// The recipient's operator: ISO 3166-1 country code, period, operator: `dk.tdc`.
        "smsc" => smsc: Option<Text<'a>>,
        /// What the recipient pays: two decimals and an ISO 4217 code: `10.00DKK`.
        "price" => price: Option<Text<'a>>,
        /// The text.
        "text" => text: Text<'a>,
        /// The customer's id of the message, at most 30 characters.
        "sessionid" => sessionid: Text<'a>,
        /// Sender: at most 11 letters and digits, or at most 15 digits.
        "from" => from: Option<Text<'a>>,
        /// Where the DSN goes.
        "callbackurl" => callbackurl: Option<Text<'a>>,
        /// Message class; `A` when absent.
        "class" => class: Option<Text<'a>>,
        /// Charset of all parameters: `utf-8` or `iso-8859-1`, the latter when absent.
        "charset" => charset: Option<Text<'a>>,
    }
}

/// The `smsc` of an operator that nobody knows, of a message that is not charged.
const UNKNOWN: &str = "dk.unknown";

impl Call for SendSms {
    const NAME: &'static str = "sendsms";
    const METHODS: &'static [Method] = &[Method::Post, Method::Get];
    const PATHS: &'static [&'static str] = &["/legacy/http/v2/sendsms", "/sendsms"];
    const SCHEMES: &'static [Scheme] = &[Scheme::Fields { user: "user", password: "password" }];
    const CONTENT_TYPE: &'static str = "text/plain";
    const CHARSET: Charset = Charset::Latin1;
    const CHARSET_FIELD: Option<&'static str> = Some("charset");
    const RULES: &'static [(&'static str, &'static str)] = &[
        ("to", "must be numbers of 5 to 15 digits, country code first, without + or leading zero"),
        ("price", "must be as 10.00DKK"),
        ("sessionid", "must have at most 30 characters"),
        ("from", "must have at most 11 characters, or 15 digits"),
        ("callbackurl", "must be a URL of http or https"),
        ("charset", "must be utf-8 or iso-8859-1"),
    ];
    type Ask<'a> = Send<'a>;
    type Tell<'a> = SendReply<'a>;
}

impl<'a> Ask<'a> for Send<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        msisdns("to", &self.to)?;
        at_most(30, "sessionid", not_empty("sessionid", self.sessionid)?)?;
        sender("from", self.from)?;
        http_url("callbackurl", self.callbackurl)?;
        if self.price.is_some_and(|price| !is_price(price)) {
            return Err(ErrorKind::Value.at("price", 0));
        }
        let body = Payload::Text(not_empty("text", self.text)?);
        let to = Recipients::numbers(self.to);
        let key = self.sessionid;
        let mut submit = Submit::new(Messages::Same { to, body });
        submit.sender = self.from;
        submit.client_id = Some(key);
        submit.dedupe =
            Some(Dedupe { key, again: Again::SameContent, window_s: SESSIONID_WINDOW_S });
        submit.callback = self.callbackurl.map(|url| Callback { url, carrier: None });
        submit.network = self.smsc.filter(|smsc| *smsc != *UNKNOWN);
        submit.charge = self.price;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, charset: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("sendsms", 0)) };
        let Messages::Same { to, body: Payload::Text(text) } = submit.messages else {
            return Err(ErrorKind::Value.at("text", 0));
        };
        Ok(Self {
            to: to.numbers,
            // The documentation has clients always send it.
            smsc: Some(submit.network.unwrap_or(Text::plain(UNKNOWN))),
            price: submit.charge,
            text,
            sessionid: submit.client_id.ok_or(ErrorKind::Missing.at("sessionid", 0))?,
            from: submit.sender,
            callbackurl: submit.callback.map(|callback| callback.url),
            class: submit.note("class"),
            charset: Some(Text::plain(match charset {
                Charset::Utf8 => "utf-8",
                _ => "iso-8859-1",
            })),
        })
    }
}

impl<'a> Noted<'a> for Send<'a> {
    const NOTED: &'static [&'static str] = &["class"];
}

/// Whether `price` is digits, a period, two digits and three capital letters.
fn is_price(price: Text<'_>) -> bool {
    let Some((whole, _, rest)) = price.split_once(|c| c == '.') else {
        return false;
    };
    let mut rest = rest.chars();
    !whole.is_empty()
        && whole.chars().all(|c| c.is_ascii_digit())
        && rest.by_ref().take(2).filter(char::is_ascii_digit).count() == 2
        && rest.by_ref().take(3).filter(char::is_ascii_uppercase).count() == 3
        && rest.next().is_none()
}

/// Reply to `sendsms`: plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SendReply<'a> {
    /// 200 `Processing:` and the sessionid, in the charset of the request.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Processing(Text<'a>),
    /// 400 with the exception's message, or 503.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Exception(Refusal<'a>),
}

/// What follows the words of a reason in the body of a 400.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// Nothing.
    Nothing,
    /// A value of the request.
    Value,
    /// A value of the request, and these words.
    ValueThen(&'static str),
    /// The name of a parameter, then the detail after a colon.
    Parameter,
    /// The detail after a colon.
    Detail,
}

/// How each reason stands in the body of a 400.
const EXCEPTIONS: &[(Reason, &str, Follows)] = &[
    (Reason::Missing, "Missing required parameter ", Follows::Parameter),
    (Reason::NoCredentials, "Missing required parameter ", Follows::Parameter),
    (Reason::Invalid, "Unsupported parameter ", Follows::Parameter),
    (Reason::UnknownUser, "Invalid username: ", Follows::Value),
    (Reason::WrongPassword, "Invalid password", Follows::Nothing),
    (
        Reason::DuplicateRecipient,
        "A message contains the same recipient more than once. MSISDNs ",
        Follows::ValueThen(" is duplicated"),
    ),
    (Reason::Recipient, "Invalid MSISDN: ", Follows::Value),
    (Reason::Blacklisted, "Blacklisted MSISDN: ", Follows::Value),
    (Reason::TooManyRecipients, "Too many recipients: parameter to", Follows::Detail),
    (Reason::DuplicateClientId, "Not unique: parameter sessionid", Follows::Detail),
    (Reason::Charging, "Charging is not set up: parameter price", Follows::Detail),
    (Reason::Sender, "Sender cannot be carried: parameter from", Follows::Detail),
    (Reason::CallbackUrl, "URL not allowed: parameter callbackurl", Follows::Detail),
    (Reason::Credit, "Insufficient credit", Follows::Nothing),
    (Reason::TooManyParts, "Too many parts: parameter text", Follows::Detail),
    (Reason::Forbidden, "Unauthorized IP-address: ", Follows::Value),
    (Reason::TooLarge, "Request is too large", Follows::Detail),
    (Reason::Unreadable, "Request cannot be read", Follows::Detail),
];

/// The words of a 503 whose refusal has none.
const BUSY: &str = "No room for more messages, try again later";

impl<'a> Tell<'a> for SendReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        // The reply is in the charset of the request, which it does not name.
        let body = reply.body.trim_ascii_end();
        let body = Text::octets(body, Charset::Utf8)
            .or_else(|_| Text::octets(body, Charset::Latin1))
            .unwrap_or(Text::EMPTY);
        if reply.status == Status::OK
            && let Some(sessionid) = body.strip_prefix("Processing:")
        {
            return Self::Processing(sessionid);
        }
        Self::Exception(match reply.status {
            Status(500..) if body == *BUSY => Refusal::plain(Reason::Busy),
            Status(500..) => Refusal::new(Reason::Busy, body),
            Status::BAD_REQUEST => exception(body),
            // What says yes in other words than these may be yes, or a program in between.
            Status(200..300) => Refusal::new(Reason::Unknown, body),
            _ => Refusal::new(Reason::Other, body),
        })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        let refusal = match self {
            Self::Processing(sessionid) => {
                w.text("Processing:")?;
                sessionid.emit(w, sessionid.charset())?;
                return Ok(Status::OK);
            }
            Self::Exception(refusal) => refusal,
        };
        emit_exception(refusal, w)?;
        let is_temporary = refusal.reason.is_temporary();
        Ok(if is_temporary { Status::SERVICE_UNAVAILABLE } else { Status::BAD_REQUEST })
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Processing(sessionid) => {
                Answer::Sent(Sent { client_id: Some(sessionid), ..Sent::new() })
            }
            Self::Exception(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Sent(sent) => Self::Processing(sent.client_id.unwrap_or(Text::EMPTY)),
            Answer::Refused(refusal) => Self::Exception(refusal),
            // Nothing else is an answer to this call.
            _ => Self::Exception(Refusal::plain(Reason::Internal)),
        }
    }
}

/// The refusal that the words of an exception tell.
pub(super) fn exception(body: Text<'_>) -> Refusal<'_> {
    let refusal = |(reason, words, follows): &(Reason, &'static str, Follows)| {
        let rest = body.strip_prefix(words)?;
        let (subject, detail) = match (follows, rest.split_once(|c| c == ':')) {
            (Follows::Nothing | Follows::Detail, None) if !rest.is_empty() => return None,
            (Follows::ValueThen(words), _) => (rest.strip_suffix(words)?, Text::EMPTY),
            (Follows::Parameter | Follows::Detail, Some((name, _, detail))) => {
                (name, detail.trim_start())
            }
            _ => (rest, Text::EMPTY),
        };
        Some(Refusal { reason: *reason, subject, detail })
    };
    EXCEPTIONS.iter().find_map(refusal).unwrap_or(Refusal::new(Reason::Other, body))
}

/// Writes the words of an exception.
pub(super) fn emit_exception(refusal: &Refusal<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    let start = w.len();
    let Refusal { reason, subject, detail } = refusal;
    let (words, follows) = EXCEPTIONS
        .iter()
        .find(|(own, ..)| own == reason)
        .map_or(("", Follows::Value), |(_, words, follows)| (*words, *follows));
    w.text(words)?;
    if *reason == Reason::Busy && subject.is_empty() {
        w.text(BUSY)?;
    }
    if !matches!(follows, Follows::Nothing | Follows::Detail) {
        subject.emit(w, subject.charset())?;
    }
    if let Follows::ValueThen(words) = follows {
        w.text(words)?;
    }
    if matches!(follows, Follows::Parameter | Follows::Detail) && !detail.is_empty() {
        w.text(": ")?;
        detail.emit(w, detail.charset())?;
    }
    // What has no words here has those of its reason.
    if w.len() == start { w.text(reason.words()) } else { Ok(()) }
}
