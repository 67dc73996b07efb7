//! Calls without a body: what their parameters must be, and those of a page of a time.

use super::values::{Number, Time, stamp, when, zone};
use crate::api::{Page, Stamp, When};
use crate::error::{Error, ErrorKind};
use crate::text::Text;

/// A call without a body.
macro_rules! asks_by_query {
    ($($call:ident $name:literal $method:ident [$($path:literal)*] $ask:ty => $tell:ty;)*) => {$(
        impl $crate::api::Call for $call {
            const NAME: &'static str = $name;
            const METHODS: &'static [$crate::api::Method] = &[$crate::api::Method::$method];
            const PATHS: &'static [&'static str] = &[$($path),*];
            const SCHEMES: &'static [$crate::api::Scheme] = $crate::api::skebby::KEYS;
            const CONTENT_TYPE: &'static str = $crate::api::skebby::JSON;
            const CHARSET: $crate::text::Charset = $crate::text::Charset::Utf8;
            const RULES: &'static [(&'static str, &'static str)] =
                $crate::api::skebby::query::RULES;
            type Ask<'a> = $ask;
            type Tell<'a> = $crate::api::skebby::Outcome<'a, $tell>;
        }
    )*};
}

pub(super) use asks_by_query;

/// What a history's parameters must be.
pub(super) const RULES: &[(&str, &str)] = &[
    ("getMoney", "must be true or false"),
    ("typeAliases", "must be true or false"),
    ("order_id", "must be 1 to 32 letters, digits, periods, underscores and hyphens"),
    ("recipient", "must be an international number: +393471234567"),
    ("from", "must be as 20171223101010"),
    ("to", "must be as 20171223101010"),
    ("timezone", "must be as Europe/Rome"),
    ("pageNumber", "must be a number greater than 0"),
    ("pageSize", "must be a number greater than 0"),
    ("limit", "must be 1 to 100"),
    ("id_sim", "must be a number"),
    ("id_message", "must be a number"),
    ("type", "must be STOP, CONTACT or OTHER"),
];

super::sharing! {
    shared {
        /// From when on.
        "from" => from: Option<Stamp<Time>>,
        /// Until when; now when absent.
        "to" => to: Option<Stamp<Time>>,
        /// IANA name of the zone of both; the account's when absent.
        "timezone" => timezone: Option<Text<'a>>,
        /// Which page; the first one when absent.
        "pageNumber" => page_number: Option<u32>,
        /// How many make a page; 10 when absent.
        "pageSize" => page_size: Option<u32>,
    }

    /// Parameters of `smshistory`.
    pub struct SmsHistoryAsk<'a> {}

    /// Parameters of `rcptHistory`.
    pub struct RecipientAsk<'a> {
        /// The recipient.
        "recipient" => recipient: Number<'a>,
    }

    /// Parameters of `srsmshistory`.
    pub struct ReceivedAsk<'a> {
        /// The number that the messages were sent to; any when absent.
        "id_sim" => id_sim: Option<Text<'a>>,
        /// Only what came after the message of this id.
        "id_message" => id_message: Option<u64>,
        /// The most messages after that one, 1..=100; 100 when absent.
        "limit" => limit: Option<u32>,
    }

    /// Parameters of `mosmshistory`.
    pub struct OfKindAsk<'a> {
        /// `STOP`, `CONTACT` or `OTHER`; any when absent.
        "type" => kind: Option<Text<'a>>,
    }

    all of
    /// A page of a time.
    Period
}

/// How many make a page where the request does not say.
const PAGE_SIZE: u32 = 10;

impl<'a> Period<'a> {
    /// None of it.
    pub(super) const NONE: Self =
        Self { from: None, to: None, timezone: None, page_number: None, page_size: None };

    /// From when until when, and which page.
    ///
    /// # Errors
    /// The parameter that is missing or 0.
    pub fn read(self) -> Result<(When<'a>, Option<When<'a>>, Page), Error> {
        let Self { from, to, timezone, page_number, page_size } = self;
        zone("timezone", timezone)?;
        let from = from.ok_or(ErrorKind::Missing.at("from", 0))?;
        let (number, size) = (page_number.unwrap_or(1), page_size.unwrap_or(PAGE_SIZE));
        for (name, value) in [("pageNumber", number), ("pageSize", size)] {
            if value == 0 {
                return Err(ErrorKind::Value.at(name, 0));
            }
        }
        let to = to.map(|to| when(to, timezone));
        Ok((when(from, timezone), to, Page { number, size }))
    }

    /// The parameters that say so.
    ///
    /// # Errors
    /// `from` or `to`, where the zone of one has no name or is not that of the other.
    pub fn write(from: When<'a>, to: Option<When<'a>>, page: Page) -> Result<Self, Error> {
        let (from, timezone) = stamp("from", from)?;
        let (to, zone) = to.map(|to| stamp("to", to)).transpose()?.unzip();
        if zone.is_some_and(|zone| zone != timezone) {
            return Err(ErrorKind::Value.at("to", 0));
        }
        let (page_number, page_size) = (Some(page.number), Some(page.size));
        Ok(Self { from: Some(from), to, timezone, page_number, page_size })
    }
}
