//! Who may send, and what each account has.

use std::net::IpAddr;

use blake2::{Blake2s256, Digest};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};
use septet::api::{APIS, Api, api_named};
use septet::fields::Carrier;
use septet::text::Charset;
use serde::Deserialize;

use super::trouble::Troubles;
use super::{Limits, Lists, OptOut};
use crate::callbacks::Policy;

/// Who may send.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The name that the account logs in with.
    pub name: String,
    /// Argon2id hash of its password, as a PHC string: `$argon2id$…`.
    pub password: String,
    /// Its number, for interfaces that call an account by one.
    pub number: Option<u64>,
    /// BLAKE2s-256 hash of its API key or access token, in hexadecimal digits: see [`key_hash`].
    pub key: Option<String>,
    /// The networks that it may ask from; every one where absent.
    #[serde(default, deserialize_with = "super::written::named_networks")]
    pub networks: Option<Vec<IpNet>>,
    /// Credits that it begins with: a part to a recipient costs one. No limit where absent.
    pub credits: Option<u64>,
    /// How urgent its messages are that do not say so themselves, nor their route, 0 to
    /// [`PRIORITY_MAX`](super::PRIORITY_MAX).
    pub priority: Option<u8>,
    /// The highest priority that its requests may ask for; what they ask changes nothing where absent.
    pub priority_max: Option<u8>,
    /// What it may send.
    #[serde(default)]
    pub limits: Limits,
    /// The senders that it may name; any where there is none.
    #[serde(default)]
    pub senders: Vec<String>,
    /// To whom it sends nothing, and to whom alone.
    #[serde(default)]
    pub lists: Lists,
    /// The words by which handsets want nothing more of it; there are none where absent.
    pub opt_out: Option<OptOut>,
    /// The zone of times that name none, by its name in the IANA database; UTC where absent.
    #[serde(default, deserialize_with = "zone")]
    pub zone: Option<TimeZone>,
    /// What its requests are in where the interface says ISO 8859-1.
    pub input_charset: Option<InputCharset>,
    /// Recipients that have a name together.
    #[serde(default, rename = "group")]
    pub groups: Vec<Group>,
    /// Where delivery reports go whose request names no URL.
    #[serde(default, rename = "report")]
    pub reports: Vec<ReportTo>,
    /// What received messages come to the account by.
    #[serde(default, rename = "keyword")]
    pub keywords: Vec<Keyword>,
}

/// What an account's requests are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum InputCharset {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1.
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

impl InputCharset {
    /// The charset that stands for it.
    pub const fn charset(self) -> Charset {
        match self {
            Self::Utf8 => Charset::Utf8,
            Self::Latin1 => Charset::Latin1,
        }
    }
}

/// Recipients that have a name together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its number.
    pub id: Option<u64>,
    /// Its name.
    pub name: String,
    /// The numbers in it.
    pub members: Vec<String>,
}

/// Where an interface's delivery reports go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportTo {
    /// The interface.
    #[serde(deserialize_with = "api")]
    pub api: &'static Api,
    /// The URL.
    pub url: String,
}

/// What received messages come to an account by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyword {
    /// The number that the message is sent to: a SIM's own or a short code.
    pub number: String,
    /// The first word of the message; upper and lower case are alike. Every message that no other
    /// keyword takes, where absent.
    pub keyword: Option<String>,
    /// What the message has in it, in place of a first word: a regular expression; upper and lower case
    /// are alike.
    #[serde(default, deserialize_with = "pattern")]
    pub pattern: Option<Regex>,
    /// Where the message goes; where absent it waits to be asked for.
    pub url: Option<String>,
    /// The interface in whose form it goes there.
    #[serde(deserialize_with = "api")]
    pub api: &'static Api,
    /// The charset that it goes there in.
    #[serde(default)]
    pub charset: CallbackCharset,
    /// What carries its fields, where the interface has a choice.
    #[serde(default)]
    pub body: Option<CallbackBody>,
}

/// The charset of a callback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum CallbackCharset {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1; a character that it lacks becomes `?`.
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

impl CallbackCharset {
    /// The charset that stands for it.
    pub const fn charset(self) -> Charset {
        match self {
            Self::Utf8 => Charset::Utf8,
            Self::Latin1 => Charset::Latin1,
        }
    }
}

/// What carries the fields of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallbackBody {
    /// A form.
    Form,
    /// JSON.
    Json,
}

impl From<CallbackBody> for Carrier {
    fn from(body: CallbackBody) -> Self {
        match body {
            CallbackBody::Form => Self::Form,
            CallbackBody::Json => Self::Json,
        }
    }
}

/// The hash that a configuration has of a key: BLAKE2s-256, in hexadecimal digits. A key is long and
/// random, so that nobody finds it by trying, and needs no slower hash.
pub fn key_hash(key: &str) -> String {
    Blake2s256::digest(key).iter().map(|octet| format!("{octet:02x}")).collect()
}

fn api<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<&'static Api, D::Error> {
    let name = String::deserialize(deserializer)?;
    api_named(&name).ok_or_else(|| {
        let known: Vec<&str> = APIS.iter().map(|api| api.name).collect();
        serde::de::Error::custom(format!("no interface {name:?}; known: {}", known.join(", ")))
    })
}

fn pattern<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let written = String::deserialize(deserializer)?;
    let pattern = RegexBuilder::new(&written).case_insensitive(true).build();
    // The error shows the pattern on lines of its own; what is wrong is on the last one.
    pattern.map(Some).map_err(|e| {
        let e = e.to_string();
        let why = e.lines().last().unwrap_or_default().trim_start_matches("error: ");
        serde::de::Error::custom(format!("{written:?} is no regular expression: {why}"))
    })
}

pub(super) fn zone<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<TimeZone>, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name)
        .map(Some)
        .map_err(|_| serde::de::Error::custom(format!("no time zone {name:?}")))
}

impl Account {
    /// What no type can say, at its place.
    pub(super) fn check(&self, at: &str, troubles: &mut Troubles<'_>) {
        let Self { name, .. } = self;
        if name.is_empty() {
            troubles.wrong(&format!("{at}.name"), "an account has no name");
        }
        if argon2::password_hash::phc::PasswordHash::new(&self.password).is_err() {
            let why = format!("the password of account {name:?} is no Argon2 hash");
            troubles.wrong(&format!("{at}.password"), why);
        }
        if let Some(key) = &self.key
            && !(key.len() == 64 && key.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        {
            let why = format!(
                "the key of account {name:?} is no BLAKE2s-256 hash of 64 small hexadecimal digits: \
                 `septet account` makes one"
            );
            troubles.wrong(&format!("{at}.key"), why);
        }
        if self.networks.as_ref().is_some_and(Vec::is_empty) {
            let why = format!(
                "account {name:?} may ask from nowhere: name networks, or leave the line out"
            );
            troubles.wrong(&format!("{at}.networks"), why);
        }
        self.limits.check(name, at, troubles);
        if let Some(opt_out) = &self.opt_out {
            opt_out.check(name, at, troubles);
        }
        for (key, priority) in [("priority", self.priority), ("priority_max", self.priority_max)] {
            let named = |e| format!("account {name:?} {e}");
            let checked = super::route::check_priority(priority).map_err(named);
            troubles.note(&format!("{at}.{key}"), checked);
        }
        for (place, group) in self.groups.iter().enumerate() {
            let is_number = |number: &str| (5..=15).contains(&number.len()) && digits(number);
            let members = group.members.iter().enumerate();
            for (member, number) in members.filter(|(_, number)| !is_number(number)) {
                let why = format!(
                    "group {:?} of account {name:?} has {number:?}: write 5 to 15 digits, country \
                     code first",
                    group.name
                );
                troubles.wrong(&format!("{at}.group.{place}.members.{member}"), why);
            }
        }
        for (place, report) in self.reports.iter().enumerate() {
            let (at, api) = (format!("{at}.report.{place}"), report.api.name);
            if Policy::read(&report.url).is_none() {
                let why = format!(
                    "the report of {api} of account {name:?} has a url that is neither http nor https"
                );
                troubles.wrong(&format!("{at}.url"), why);
            }
            if report.api.report.is_none() {
                let why = format!("{api} has no delivery reports as callbacks");
                troubles.wrong(&format!("{at}.api"), why);
            }
        }
        for (place, keyword) in self.keywords.iter().enumerate() {
            keyword.check(name, &format!("{at}.keyword.{place}"), troubles);
        }
    }

    /// Whether it may ask from this address.
    pub fn admits(&self, peer: Option<IpAddr>) -> bool {
        let Some(networks) = &self.networks else { return true };
        let peer = peer.map(|peer| peer.to_canonical());
        peer.is_some_and(|peer| networks.iter().any(|network| network.contains(&peer)))
    }

    /// Where the interface's delivery reports go.
    pub fn report_url(&self, api: &Api) -> Option<&str> {
        let report = self.reports.iter().find(|report| report.api.name == api.name)?;
        Some(&report.url)
    }

    /// The group of this number or name.
    pub fn group(&self, named: &str) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.name == named || group.id.is_some_and(|id| named.parse() == Ok(id)))
    }

    /// The zone of times that name none.
    pub fn zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }
}

pub(super) fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl Keyword {
    /// The word in upper case; empty where every message fits.
    pub fn word(&self) -> String {
        self.keyword.as_deref().unwrap_or_default().to_uppercase()
    }

    /// Whether every message fits that no other keyword takes.
    pub const fn is_fallback(&self) -> bool {
        self.keyword.is_none() && self.pattern.is_none()
    }

    /// What messages about it call it.
    pub(super) fn named(&self, account: &str) -> String {
        match (&self.keyword, &self.pattern) {
            (Some(keyword), _) => format!("keyword {keyword:?} of account {account:?}"),
            (None, Some(pattern)) => {
                format!("the keyword with pattern {:?} of account {account:?}", pattern.as_str())
            }
            (None, None) => format!("the keyword without a word of account {account:?}"),
        }
    }

    fn check(&self, account: &str, at: &str, troubles: &mut Troubles<'_>) {
        let named = self.named(account);
        if self
            .keyword
            .as_ref()
            .is_some_and(|word| word.is_empty() || word.contains(char::is_whitespace))
        {
            troubles.wrong(&format!("{at}.keyword"), format!("{named} is not one word"));
        }
        if self.keyword.is_some() && self.pattern.is_some() {
            let why = format!("{named} has a pattern, too: write one of them");
            troubles.wrong(&format!("{at}.pattern"), why);
        }
        let why = match &self.url {
            Some(url) if Policy::read(url).is_none() => {
                format!("{named} has a url that is neither http nor https")
            }
            Some(_) if self.api.inbound.is_none() => format!(
                "{named} has a url, but {} has no received messages as callbacks: leave the url out",
                self.api.name
            ),
            _ => return,
        };
        troubles.wrong(&format!("{at}.url"), why);
    }
}
