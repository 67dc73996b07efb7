//! `Gateway.aspx`: a text to one recipient, answered by 200 whatever becomes of it.

use super::sendsms::{emit_exception, exception};
use crate::api::check::{at_most, is_digits, not_empty, sender};
use crate::api::{
    Answer, Ask, Call, Messages, Method, Noted, Op, Payload, Reason, Recipient, Recipients,
    Refusal, Reply, Scheme, Sent, Status, Submit, Tell,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{List, Source, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// A text to one recipient. A request whose answer did not come must not be made again, unless the
/// text may come twice: nothing has it be known.
#[derive(Clone, Copy, Debug)]
pub struct GatewayAspx;

fields! {
    /// Arguments of `Gateway.aspx`.
    pub struct Send<'a> {
        /// Subscriber number, without the country code.
        "number" => number: Text<'a>,
        /// Country code: `45`.
        "countryCode" => country_code: Text<'a>,
        /// The text.
        "message" => message: Text<'a>,
        /// Message class; `A` when absent.
        "gatewayclass" => gatewayclass: Option<Text<'a>>,
        /// Sender: at most 11 letters and digits.
        "alphatext" => alphatext: Option<Text<'a>>,
        /// Charset of all parameters: `utf-8` or `iso-8859-1`, the latter when absent.
        "charset" => charset: Option<Text<'a>>,
    }
}

impl Call for GatewayAspx {
    const NAME: &'static str = "sendsms";
    const METHODS: &'static [Method] = &[Method::Get];
    const PATHS: &'static [&'static str] =
        &["/legacy/http/v1/sendsms", "/Gateway/Kunder/Opret/Gateway.aspx"];
    const IGNORE_CASE: bool = true;
    const SCHEMES: &'static [Scheme] = &[Scheme::Fields { user: "username", password: "password" }];
    const CONTENT_TYPE: &'static str = "text/html; charset=iso-8859-1";
    const CHARSET: Charset = Charset::Latin1;
    const CHARSET_FIELD: Option<&'static str> = Some("charset");
    const RULES: &'static [(&'static str, &'static str)] = &[
        ("number", "must be digits without the country code, 5 to 15 with it"),
        ("countryCode", "must be digits, without leading zero"),
        ("alphatext", "must have at most 11 characters"),
        ("charset", "must be utf-8 or iso-8859-1"),
    ];
    type Ask<'a> = Send<'a>;
    type Tell<'a> = HiddenForm<'a>;
}

impl<'a> Ask<'a> for Send<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        if !is_digits(self.country_code) || self.country_code.chars().next() == Some('0') {
            return Err(ErrorKind::Value.at("countryCode", 0));
        }
        let recipient = Recipient { country: self.country_code, number: self.number };
        if !is_digits(self.number) || !recipient.is_msisdn() {
            return Err(ErrorKind::Value.at("number", 0));
        }
        sender("alphatext", self.alphatext)?;
        if let Some(alphatext) = self.alphatext {
            at_most(11, "alphatext", alphatext)?;
        }
        let numbers = List::Joined(self.number);
        let to = Recipients { country: self.country_code, ..Recipients::numbers(numbers) };
        let body = Payload::Text(not_empty("message", self.message)?);
        let mut submit = Submit::new(Messages::Same { to, body });
        submit.sender = self.alphatext;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, charset: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("sendsms", 0)) };
        let Messages::Same { to, body: Payload::Text(message) } = submit.messages else {
            return Err(ErrorKind::Value.at("message", 0));
        };
        let mut numbers = to.numbers.iter();
        let (Some(number), None) = (numbers.next(), numbers.next()) else {
            return Err(ErrorKind::TooLong.at("number", 0));
        };
        let (country_code, number) = if to.country.is_empty() {
            number.split_at(country_code_len(number))
        } else {
            (to.country, number)
        };
        Ok(Self {
            number,
            country_code,
            message,
            gatewayclass: submit.note("gatewayclass"),
            alphatext: submit.sender,
            charset: (charset == Charset::Utf8).then_some(Text::plain("utf-8")),
        })
    }
}

impl<'a> Noted<'a> for Send<'a> {
    const NOTED: &'static [&'static str] = &["gatewayclass"];
}

/// Country codes of two digits; but for 1 and 7, all others have three.
///
/// ITU-T E.164, list of assigned country codes.
const TWO_DIGITS: &[u8] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
    57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// How many digits the country code of an MSISDN has.
fn country_code_len(number: Text<'_>) -> usize {
    let mut digits = number.chars().map_while(|c| c.to_digit(10));
    match (digits.next(), digits.next()) {
        (Some(1 | 7), _) => 1,
        (Some(first), Some(second)) => {
            let two = first * 10 + second;
            if TWO_DIGITS.iter().any(|own| u32::from(*own) == two) { 2 } else { 3 }
        }
        _ => 0,
    }
}

/// Reply to `Gateway.aspx`, always a 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HiddenForm<'a> {
    /// Accepted: a hidden form.
    Form,
    /// Not processed: `Error: ` and why.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Error(Refusal<'a>),
}

/// What our server answers to an accepted message.
const FORM: &str = "<form name=\"form1\" method=\"post\" action=\"Gateway.aspx\" id=\"form1\">\
    <input type=\"hidden\" name=\"__VIEWSTATE\" value=\"\" /></form>";

const ERROR: &str = "Error: ";

/// Where v2's words name a parameter that has another name here.
const OWN_WORDS: &[(Reason, &str)] = &[
    (Reason::TooManyParts, "Too many parts: parameter message"),
    (Reason::Sender, "Sender cannot be carried: parameter alphatext"),
];

/// Whether `wanted` stands in the text, without regard to case.
fn contains(text: Text<'_>, wanted: &str) -> bool {
    let mut rest = text.chars();
    loop {
        let mut ahead = rest.clone();
        if wanted.chars().all(|c| ahead.next().is_some_and(|own| own.eq_ignore_ascii_case(&c))) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

impl<'a> Tell<'a> for HiddenForm<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        let body = reply.body.trim_ascii_end();
        let body = Text::octets(body, Charset::Utf8)
            .or_else(|_| Text::octets(body, Charset::Latin1))
            .unwrap_or(Text::EMPTY);
        if reply.status != Status::OK {
            let reason = if reply.status.0 >= 500 { Reason::Unknown } else { Reason::Other };
            return Self::Error(Refusal::new(reason, body));
        }
        match body.strip_prefix(ERROR) {
            Some(words) => {
                let own = OWN_WORDS.iter().find(|(_, own)| words == **own);
                Self::Error(own.map_or(exception(words), |(reason, _)| Refusal::plain(*reason)))
            }
            None if body.strip_prefix("Error").is_some() => {
                Self::Error(Refusal::new(Reason::Other, body))
            }
            None if contains(body, "<form") || contains(body, "__VIEWSTATE") => Self::Form,
            None => Self::Error(Refusal::new(Reason::Unknown, body)),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            Self::Form => w.text(FORM)?,
            Self::Error(refusal) => {
                w.text(ERROR)?;
                // The reply is a page: a value of the request that could be markup is left out.
                let shown = |text: Text<'a>| {
                    let is_markup = text.chars().any(|c| matches!(c, '<' | '>' | '&'));
                    if is_markup { Text::EMPTY } else { text }
                };
                let Refusal { reason, subject, detail } = *refusal;
                let (subject, detail) = (shown(subject), shown(detail));
                match OWN_WORDS.iter().find(|(own, _)| *own == reason) {
                    Some((_, words)) => w.text(words)?,
                    None => emit_exception(&Refusal { reason, subject, detail }, w)?,
                }
            }
        }
        Ok(Status::OK)
    }

    fn content_type(&self) -> Option<&'static str> {
        matches!(self, Self::Error(_)).then_some("text/html")
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Form => Answer::Sent(Sent::new()),
            Self::Error(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Sent(_) => Self::Form,
            Answer::Refused(refusal) => Self::Error(refusal),
            // Nothing else is an answer to this call.
            _ => Self::Error(Refusal::plain(Reason::Internal)),
        }
    }
}
