//! `text`, `binary` and `simple`: where they are served and how.

use super::check::{CALLBACK, CATEGORY, MESSAGE_TYPE, PARTS_MAX, PRIORITY, SENDER_TYPE, VALIDITY};
use super::codes::{self, RECIPIENTS};
use super::message::{BinaryMessage, TextMessage};
use super::reply::{SendReply, SimpleReply};
use crate::api::{Call, Method, Reason, Scheme};
use crate::error::Error;
use crate::fields::Carrier;
use crate::text::Charset;

/// A text to one or more recipients, in JSON.
#[derive(Clone, Copy, Debug)]
pub struct SendText;

/// Octets to one or more recipients, in JSON.
#[derive(Clone, Copy, Debug)]
pub struct SendBinary;

/// A text to one or more recipients, in a form or query; some clients send JSON here, too.
#[derive(Clone, Copy, Debug)]
pub struct SendSimple;

const SCHEMES: &[Scheme] = &[Scheme::Basic, Scheme::Bearer, Scheme::TokenField("access_token")];

const JSON: &str = "application/json;charset=UTF-8";

const RULES: &[(&str, &str)] = &[
    (RECIPIENTS, "must be 1 to 1000 numbers of 1 to 15 digits, without + or leading zero"),
    (SENDER_TYPE, "must be national, international, alphanumeric or shortcode, as the sender is"),
    ("sendAsFlashSms", "must be true or false"),
    ("userDataHeaderPresent", "must be true or false"),
    ("test", "must be true or false"),
    (MESSAGE_TYPE, "must be default"),
    (PRIORITY, "must be 1 to 9"),
    (CALLBACK, "must be a URL of http or https"),
    (CATEGORY, "must be informational or advertisement"),
    (VALIDITY, "must be 60 to 259200 seconds"),
    (PARTS_MAX, "must be 0 to 255"),
];

impl Call for SendText {
    const NAME: &'static str = "text";
    const METHODS: &'static [Method] = &[Method::Post];
    const PATHS: &'static [&'static str] = &["/rest/smsmessaging/text", "/json/smsmessaging/text"];
    const CARRIERS: &'static [Carrier] = &[Carrier::Json];
    const OTHERWISE: Option<Carrier> = Some(Carrier::Json);
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = JSON;
    const CHARSET: Charset = Charset::Utf8;
    const RULES: &'static [(&'static str, &'static str)] = RULES;
    type Ask<'a> = TextMessage<'a>;
    type Tell<'a> = SendReply<'a>;

    fn reason(error: &Error) -> Option<Reason> {
        codes::reason(error, Reason::Invalid)
    }
}

impl Call for SendBinary {
    const NAME: &'static str = "binary";
    const METHODS: &'static [Method] = &[Method::Post];
    const PATHS: &'static [&'static str] =
        &["/rest/smsmessaging/binary", "/json/smsmessaging/binary"];
    const CARRIERS: &'static [Carrier] = &[Carrier::Json];
    const OTHERWISE: Option<Carrier> = Some(Carrier::Json);
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = JSON;
    const CHARSET: Charset = Charset::Utf8;
    const RULES: &'static [(&'static str, &'static str)] = RULES;
    type Ask<'a> = BinaryMessage<'a>;
    type Tell<'a> = SendReply<'a>;

    fn reason(error: &Error) -> Option<Reason> {
        codes::reason(error, Reason::Segment)
    }
}

impl Call for SendSimple {
    const NAME: &'static str = "simple";
    const METHODS: &'static [Method] = &[Method::Post, Method::Get];
    const PATHS: &'static [&'static str] =
        &["/rest/smsmessaging/simple", "/json/smsmessaging/simple"];
    const CARRIERS: &'static [Carrier] = &[Carrier::Form, Carrier::Multipart, Carrier::Json];
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = JSON;
    const CHARSET: Charset = Charset::Latin1;
    const RULES: &'static [(&'static str, &'static str)] = RULES;
    type Ask<'a> = TextMessage<'a>;
    type Tell<'a> = SimpleReply<'a>;

    fn reason(error: &Error) -> Option<Reason> {
        codes::reason(error, Reason::Invalid)
    }
}
