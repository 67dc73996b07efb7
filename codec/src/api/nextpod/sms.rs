//! `sms`: a text to one or more recipients.

use super::{Zulu, content_type, stamp};
use crate::api::check::{at_most, http_url, is_digits, not_empty};
use crate::api::{
    Alphabet, Ask, Call, Callback, Duplicates, Messages as Contents, Method, Noted, Op, Payload,
    Recipient, Recipients, Scheme, Stamp, Submit,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Digits, List, Source, Stringly, fields};
use crate::text::{Charset, Text};

mod reply;

pub use reply::{Failed, Message, Messages, SmsReply};

/// A text to one or more recipients.
#[derive(Clone, Copy, Debug)]
pub struct Sms;

fields! {
    /// Parameters of `sms`.
    pub struct Send<'a> {
        /// Sender: 3 to 11 characters, or 3 to 14 digits.
        "from" => from: Text<'a>,
        /// Recipients: MSISDNs; at most 1000 that differ.
        "to" => to: Stringly<List<'a>>,
        /// The text, at most 1500 characters.
        "msg" => msg: Text<'a>,
        /// When it is to be sent; at once when absent.
        "send_time" => send_time: Option<Stamp<Zulu>>,
        /// Where delivery reports go; nowhere when absent.
        "dlr_url" => dlr_url: Option<Text<'a>>,
        /// What delivery reports are: `JSON` or `FORM`, the former when absent.
        "dlr_method" => dlr_method: Option<Text<'a>>,
        /// The customer's own id, at most 100 characters.
        "reference" => reference: Option<Text<'a>>,
        /// A gateway of the vendor's; the account's own when absent.
        "gateway" => gateway: Option<Digits<'a>>,
    }
}

const MSG_MAX: usize = 1500;
const REFERENCE_MAX: usize = 100;

impl Call for Sms {
    const NAME: &'static str = "sms";
    const METHODS: &'static [Method] = &[Method::Post];
    const PATHS: &'static [&'static str] = &["/v2/sms", "/v3/sms"];
    const CARRIERS: &'static [Carrier] = &[Carrier::Json, Carrier::Form, Carrier::Multipart];
    const OTHERWISE: Option<Carrier> = None;
    const SCHEMES: &'static [Scheme] =
        &[Scheme::BasicKey, Scheme::KeyFields { account: "account_id", key: "api_key" }];
    const CONTENT_TYPE: &'static str = content_type(Carrier::Json);
    const CHARSET: Charset = Charset::Utf8;
    // A refusal names the parameter and has no place for what it must be.
    const RULES: &'static [(&'static str, &'static str)] = &[];
    type Ask<'a> = Send<'a>;
    type Tell<'a> = SmsReply<'a>;

    fn content_type(carrier: Carrier) -> &'static str {
        content_type(carrier)
    }
}

impl Send<'_> {
    /// Refuses what the vendor does, as far as the request alone tells.
    fn check(&self) -> Result<(), Error> {
        sender(self.from)?;
        if self.to.0.is_empty() {
            return Err(ErrorKind::Empty.at("to", 0));
        }
        if !self.to.0.iter().all(is_msisdn) {
            return Err(ErrorKind::Value.at("to", 0));
        }
        at_most(MSG_MAX, "msg", not_empty("msg", self.msg)?)?;
        http_url("dlr_url", self.dlr_url)?;
        carrier(self.dlr_method)?;
        self.reference.map_or(Ok(()), |reference| at_most(REFERENCE_MAX, "reference", reference))
    }
}

impl<'a> Ask<'a> for Send<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        self.check()?;
        commas_only(source)?;
        let carrier = carrier(self.dlr_method)?;
        let to = Recipients::numbers(self.to.0);
        let body = Payload::Text(self.msg);
        let mut submit = Submit::new(Contents::Same { to, body });
        submit.sender = Some(self.from);
        submit.client_id = self.reference;
        submit.callback = self.dlr_url.map(|url| Callback { url, carrier: Some(carrier) });
        submit.schedule = self.send_time.map(|stamp| stamp.when());
        submit.duplicates = Duplicates::Strip;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("sms", 0)) };
        // Every field stands here, so that none is lost in silence.
        let Submit {
            messages,
            sender,
            client_id,
            dedupe,
            callback,
            schedule,
            validity,
            class,
            protocol,
            report,
            alphabet,
            parts_max,
            cut,
            duplicates,
            skip_invalid,
            test,
            network: _,
            charge,
            kind: _,
            wants_used,
            wants_left,
            notes: _,
        } = submit;
        let lacks = [
            ("dedupe", dedupe.is_some()),
            ("validity", validity.is_some()),
            ("class", class.is_some()),
            ("protocol", protocol.is_some()),
            ("report", !report && callback.is_some()),
            ("alphabet", alphabet != Alphabet::Any),
            ("parts_max", parts_max.is_some()),
            ("cut", cut),
            ("skip_invalid", skip_invalid),
            ("test", test.is_some()),
            ("charge", charge.is_some()),
            ("wants_used", wants_used),
            ("wants_left", wants_left),
        ];
        if let Some((name, _)) = lacks.iter().find(|(_, is_asked)| *is_asked) {
            return Err(ErrorKind::Value.at(name, 0));
        }
        let Contents::Same { to, body: Payload::Text(msg) } = messages else {
            return Err(ErrorKind::Value.at("msg", 0));
        };
        if !to.country.is_empty() || !to.groups.is_empty() {
            return Err(ErrorKind::Value.at("to", 0));
        }
        // The vendor lets a recipient count once that is there twice.
        if duplicates == Duplicates::Refuse && has_duplicate(&to.numbers) {
            return Err(ErrorKind::Repeated.at("to", 0));
        }
        let dlr_method = callback.map(|callback| method(callback.carrier)).transpose()?;
        let send = Self {
            from: sender.ok_or(ErrorKind::Missing.at("from", 0))?,
            to: Stringly(to.numbers),
            msg,
            send_time: stamp("send_time", schedule)?,
            dlr_url: callback.map(|callback| callback.url),
            dlr_method,
            reference: client_id,
            gateway: submit.note("gateway").map(Digits),
        };
        send.check()?;
        Ok(send)
    }
}

impl<'a> Noted<'a> for Send<'a> {
    /// Which modem sends is the gateway's business.
    const NOTED: &'static [&'static str] = &["gateway"];
}

/// Refuses a sender that is too short or too long, and one of two lines.
fn sender(from: Text<'_>) -> Result<(), Error> {
    not_empty("from", from)?;
    at_most(if is_digits(from) { 14 } else { 11 }, "from", from)?;
    if !from.is_longer_than(2) || from.chars().any(char::is_control) {
        return Err(ErrorKind::Value.at("from", 0));
    }
    Ok(())
}

/// Whether it is 5 to 15 digits, without `+` or leading zero.
fn is_msisdn(number: Text<'_>) -> bool {
    let is_whole = is_digits(number) && number.chars().next() != Some('0');
    is_whole && Recipient { country: Text::EMPTY, number }.is_msisdn()
}

/// Refuses recipients that anything but commas separates. White space may stand around them: a number
/// that is written with spaces would be several others.
fn commas_only(source: &Source<'_>) -> Result<(), Error> {
    let (mut pairs, mut rank) = (*source, None);
    while let Some(pair) = pairs.next_pair() {
        let is_read = rank.is_none_or(|rank| rank == pair.rank);
        if !pair.is_named("to") || pair.value.is_null() || !is_read {
            continue;
        }
        rank = Some(pair.rank);
        // A JSON list has no text as a whole.
        let Ok(mut rest) = pair.value.text() else { continue };
        while !rest.is_empty() {
            let (number, behind) = match rest.split_once(|c| c == ',') {
                Some((number, _, behind)) => (number, behind),
                None => (rest, Text::EMPTY),
            };
            rest = behind;
            let behind = number.trim_start().split_once(|c| !c.is_ascii_digit());
            if behind.is_some_and(|(_, c, rest)| {
                !c.is_whitespace() || rest.chars().any(|c| !c.is_whitespace())
            }) {
                return Err(ErrorKind::Value.at("to", pair.at));
            }
        }
    }
    Ok(())
}

/// Whether a number is there twice.
fn has_duplicate(numbers: &List<'_>) -> bool {
    let mut numbers = numbers.iter();
    while let Some(number) = numbers.next() {
        if numbers.clone().any(|other| other == number) {
            return true;
        }
    }
    false
}

/// The values of `dlr_method`, the one first that is meant when it is absent.
const METHODS: [(&str, Carrier); 2] = [("JSON", Carrier::Json), ("FORM", Carrier::Form)];

/// What a value of `dlr_method` has delivery reports be.
fn carrier(method: Option<Text<'_>>) -> Result<Carrier, Error> {
    let Some(method) = method else { return Ok(Carrier::Json) };
    let is = |known: &str| method.chars().map(|c| c.to_ascii_uppercase()).eq(known.chars());
    let known = METHODS.iter().find(|(known, _)| is(known)).map(|(_, carrier)| *carrier);
    known.ok_or(ErrorKind::Value.at("dlr_method", 0))
}

/// The value of `dlr_method` that has delivery reports be so.
fn method(carrier: Option<Carrier>) -> Result<Text<'static>, Error> {
    let carrier = carrier.unwrap_or(Carrier::Json);
    let known = METHODS.iter().find(|(_, known)| *known == carrier);
    known.map(|(method, _)| Text::plain(method)).ok_or(ErrorKind::Value.at("dlr_method", 0))
}
