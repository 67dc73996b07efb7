//! `sendsms`: a text to one or more recipients.

use super::given;
use crate::api::{
    Answer, Ask, Asked, Call, Credentials, Method, Op, Reason, Refusal, Reply, Status, Submit,
    Tell, is_msisdn,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{List, fields};
use crate::text::{Charset, Secret, Text};
use crate::wire::Writer;

/// A text to one or more recipients.
#[derive(Clone, Copy, Debug)]
pub struct SendSms;

fields! {
    /// Parameters of `sendsms`.
    pub struct Send<'a> {
        /// Name of the credentials.
        "user" => user: Text<'a>,
        /// Password of the credentials.
        "password" => password: Secret<'a>,
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

impl Call for SendSms {
    const METHODS: &'static [Method] = &[Method::Post, Method::Get];
    const PATHS: &'static [&'static str] = &["/legacy/http/v2/sendsms", "/sendsms"];
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
    fn read(self) -> Result<Asked<'a>, Error> {
        let mut recipients = self.to.iter().peekable();
        if recipients.peek().is_none() {
            return Err(ErrorKind::Empty.at("to", 0));
        }
        if !recipients.all(is_msisdn) {
            return Err(ErrorKind::Value.at("to", 0));
        }
        at_most(30, "sessionid", not_empty("sessionid", self.sessionid)?)?;
        let sender = given(self.from);
        if let Some(sender) = sender {
            let digits = sender.chars().all(|c| c.is_ascii_digit());
            at_most(if digits { 15 } else { 11 }, "from", sender)?;
            if sender.chars().any(char::is_control) {
                return Err(ErrorKind::Value.at("from", 0));
            }
        }
        let callback = given(self.callbackurl);
        if callback.is_some_and(|url| !is_http_url(url)) {
            return Err(ErrorKind::Value.at("callbackurl", 0));
        }
        let price = given(self.price);
        if price.is_some_and(|price| !is_price(price)) {
            return Err(ErrorKind::Value.at("price", 0));
        }
        Ok(Asked {
            credentials: Some(Credentials::Password { user: self.user, password: self.password }),
            op: Op::Send(Submit {
                recipients: self.to,
                text: not_empty("text", self.text)?,
                sender,
                client_id: Some(self.sessionid),
                callback,
                price,
                network: given(self.smsc),
                class: given(self.class),
            }),
        })
    }

    fn write(asked: &Asked<'a>, charset: Charset) -> Result<Self, Error> {
        let Op::Send(Submit {
            recipients,
            text,
            sender,
            client_id,
            callback,
            price,
            network,
            class,
        }) = asked.op
        else {
            return Err(ErrorKind::Value.at("sendsms", 0));
        };
        let Some(Credentials::Password { user, password }) = asked.credentials else {
            return Err(ErrorKind::Missing.at("user", 0));
        };
        Ok(Self {
            user,
            password,
            to: recipients,
            smsc: network,
            price,
            text,
            sessionid: client_id.ok_or(ErrorKind::Missing.at("sessionid", 0))?,
            from: sender,
            callbackurl: callback,
            class,
            charset: Some(Text::plain(match charset {
                Charset::Utf8 => "utf-8",
                Charset::Latin1 | Charset::Windows1252 => "iso-8859-1",
            })),
        })
    }
}

fn not_empty<'a>(name: &'static str, text: Text<'a>) -> Result<Text<'a>, Error> {
    if text.is_empty() { Err(ErrorKind::Empty.at(name, 0)) } else { Ok(text) }
}

fn at_most(characters: usize, name: &'static str, text: Text<'_>) -> Result<(), Error> {
    match text.chars().nth(characters) {
        Some(_) => Err(ErrorKind::TooLong.at(name, 0)),
        None => Ok(()),
    }
}

/// Whether `url` begins as a URL of http or https does and has no white space or control character.
fn is_http_url(url: Text<'_>) -> bool {
    let scheme = |scheme: &str| {
        let mut chars = url.chars();
        scheme.chars().all(|c| chars.next().is_some_and(|own| own.eq_ignore_ascii_case(&c)))
            && chars.next().is_some()
    };
    (scheme("http://") || scheme("https://"))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
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
const EXCEPTIONS: [(Reason, &str, Follows); 10] = [
    (Reason::Missing, "Missing required parameter ", Follows::Parameter),
    (Reason::Invalid, "Unsupported parameter ", Follows::Parameter),
    (Reason::UnknownUser, "Invalid username: ", Follows::Value),
    (Reason::WrongPassword, "Invalid password", Follows::Nothing),
    (
        Reason::DuplicateRecipient,
        "A message contains the same recipient more than once. MSISDNs ",
        Follows::ValueThen(" is duplicated"),
    ),
    (Reason::TooManyRecipients, "Too many recipients: parameter to", Follows::Detail),
    (Reason::DuplicateClientId, "Not unique: parameter sessionid", Follows::Detail),
    (Reason::Charging, "Charging is not set up: parameter price", Follows::Detail),
    (Reason::Sender, "Sender cannot be carried: parameter from", Follows::Detail),
    (Reason::CallbackUrl, "URL not allowed: parameter callbackurl", Follows::Detail),
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
        let refusal = |(reason, words, follows): &(Reason, &str, Follows)| {
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
        Self::Exception(match reply.status {
            Status(500..) if body == *BUSY => Refusal::new(Reason::Busy, Text::EMPTY),
            Status(500..) => Refusal::new(Reason::Busy, body),
            Status::BAD_REQUEST => {
                EXCEPTIONS.iter().find_map(refusal).unwrap_or(Refusal::new(Reason::Other, body))
            }
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
        Ok(if reason.is_temporary() { Status::SERVICE_UNAVAILABLE } else { Status::BAD_REQUEST })
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Processing(sessionid) => Answer::Sent { client_id: Some(sessionid) },
            Self::Exception(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Sent { client_id } => Self::Processing(client_id.unwrap_or(Text::EMPTY)),
            // Only callbacks are taken.
            Answer::Taken => Self::Exception(Refusal::new(Reason::Other, Text::EMPTY)),
            Answer::Refused(refusal) => Self::Exception(refusal),
        }
    }
}
