//! `septet.toml`: who may send, through which modems, and where callbacks go.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

mod account;
mod draining;
mod limits;
mod lists;
mod live;
mod opt_out;
mod pace;
mod plan;
mod route;
mod start;

use ipnet::IpNet;
use septet::api::{APIS, Api, RetrySchedule};
use septet::text::Charset;
use serde::Deserialize;

pub use self::account::{
    Account, CallbackCharset, Group, InputCharset, Keyword, ReportTo, key_hash,
};
pub use self::draining::Draining;
pub use self::limits::{Limits, Term};
pub use self::lists::{Lists, Numbers};
pub use self::live::Live;
pub use self::opt_out::{OptOut, Wish};
pub use self::pace::Pace;
pub use self::plan::Plan;
pub use self::route::{PRIORITY_MAX, Route};
pub use self::start::Start;
use crate::database::is_postgres;
use crate::port::TCP;
use crate::shell::AUTO;
use crate::virtual_modem::Fault;
use crate::{Failed, folder};

/// The whole configuration. Unknown keys are errors, so that a misspelt one is seen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address that the HTTP server listens on.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// TLS on that address; plain HTTP where absent.
    pub tls: Option<Tls>,
    /// Whether plain HTTP may be spoken on an address that others reach.
    #[serde(default)]
    pub plain_http: bool,
    /// Networks of proxies that are believed whom they speak for, by `X-Forwarded-For`.
    #[serde(default)]
    pub trusted_proxies: Vec<IpNet>,
    /// Folder of what the running gateway keeps.
    #[serde(default = "default_data")]
    pub data: PathBuf,
    /// The gateway's name, where several work on one store.
    #[serde(default = "default_name")]
    pub name: String,
    /// URL of the PostgreSQL database that everything is kept in; a file in the data folder where absent.
    pub store: Option<String>,
    /// How many messages may wait for a modem before a request is to be tried again later.
    #[serde(default = "default_waiting_max")]
    pub waiting_max: u32,
    /// What is done with a sender that no modem can carry.
    #[serde(default)]
    pub sender: SenderRule,
    /// What customers mean by ISO 8859-1.
    #[serde(default)]
    pub latin1: Latin1,
    /// Callbacks to customers.
    #[serde(default)]
    pub callbacks: Callbacks,
    /// The operator's page; nobody gets in where it is absent.
    #[serde(default)]
    pub operator: Option<Operator>,
    /// Who may send.
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
    /// Through which modems.
    #[serde(default, rename = "modem")]
    pub modems: Vec<Modem>,
    /// Which messages go through which of them; every one goes through any where there is none.
    #[serde(default, rename = "route")]
    pub routes: Vec<Route>,
    /// What is done about a modem that fails.
    #[serde(default)]
    pub draining: Draining,
    /// To whom nothing is sent, and to whom alone, by any account.
    #[serde(default)]
    pub lists: Lists,
    /// How recipients are dialled; they have their country code where absent.
    pub numbers: Option<Plan>,
}

/// What is done with a sender that is not the number of one of the gateway's SIMs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderRule {
    /// The message is sent with the SIM's number; that the sender was not carried is recorded.
    #[default]
    Record,
    /// The message is refused.
    Refuse,
}

/// What the octets 0x80..=0x9F mean where a customer says ISO 8859-1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Latin1 {
    /// Nothing: they are refused.
    #[default]
    #[serde(rename = "iso-8859-1")]
    Strict,
    /// What Windows code page 1252 has there.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Latin1 {
    /// The charset that stands for it.
    pub const fn charset(self) -> Charset {
        match self {
            Self::Strict => Charset::Latin1,
            Self::Windows1252 => Charset::Windows1252,
        }
    }
}

/// The files of TLS, in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The gateway's certificate, and then those that it is signed by.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Who may see the operator's page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Argon2id hash of the password, as a PHC string: `$argon2id$…`.
    pub password: String,
}

/// Callbacks to customers.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callbacks {
    /// Networks that callbacks may go to although they are not public.
    pub allow: Vec<IpNet>,
    /// How long a customer's answer is waited for.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
    /// When a callback that was not accepted is tried again, by interface.
    pub retry: BTreeMap<String, Retry>,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self { allow: Vec::new(), timeout: Duration::from_secs(10), retry: BTreeMap::new() }
    }
}

/// When to try again: after each of `first`, then every `then`, until `until` is over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// From each try to the next.
    first: Vec<Humane>,
    /// Between later tries.
    #[serde(with = "humantime_serde")]
    then: Duration,
    /// From the first try to the last one.
    #[serde(with = "humantime_serde")]
    until: Duration,
}

/// A duration written as `15min` or `200ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Humane(#[serde(with = "humantime_serde")] Duration);

impl Retry {
    /// How long to wait after try number `tries` (from 1), which ended `since_first` after the first
    /// one began; `None` when there is no further try.
    pub fn wait(&self, tries: usize, since_first: Duration) -> Option<Duration> {
        let wait = self.first.get(tries.saturating_sub(1)).map_or(self.then, |wait| wait.0);
        (since_first.saturating_add(wait) <= self.until).then_some(wait)
    }
}

impl From<RetrySchedule> for Retry {
    fn from(schedule: RetrySchedule) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self {
            first: schedule.first.iter().map(|wait| Humane(seconds(*wait))).collect(),
            then: seconds(schedule.then),
            until: seconds(schedule.until),
        }
    }
}

/// A modem and the SIM in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modem {
    /// The name in logs.
    pub name: String,
    /// `virtual`, a serial device or `tcp:HOST:PORT`.
    pub port: String,
    /// Bits a second, on a serial device.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// The modem's profile, or `auto`.
    #[serde(default = "default_profile")]
    pub profile: String,
    /// File with the PIN of the SIM.
    pub pin_file: Option<PathBuf>,
    /// The SIM's own number (MSISDN), which handsets see as the sender.
    pub number: String,
    /// Short codes that the network routes to the SIM.
    #[serde(default)]
    pub short_codes: Vec<String>,
    /// File to which a transcript of what goes over the line is appended.
    pub trace: Option<PathBuf>,
    /// Whether the transcript has telephone numbers as they are, and not fictional digits.
    #[serde(default)]
    pub trace_numbers: bool,
    /// What its SIM may send.
    #[serde(default)]
    pub limits: Pace,
    /// What goes wrong, on a virtual modem.
    #[serde(default, deserialize_with = "faults")]
    pub faults: Vec<Fault>,
}

fn faults<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Fault>, D::Error> {
    let faults = Vec::<String>::deserialize(deserializer)?;
    faults.iter().map(|fault| fault.parse().map_err(serde::de::Error::custom)).collect()
}

impl Modem {
    /// Whether the modem is the one inside this process.
    pub fn is_virtual(&self) -> bool {
        self.port == "virtual"
    }

    /// Every number that a message to this SIM can have been sent to.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.number.as_str()).chain(self.short_codes.iter().map(String::as_str))
    }
}

/// The folder of what a running gateway keeps, where nothing else is said.
pub const DATA: &str = "septet-data";

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_name() -> String {
    "septet".to_owned()
}

const fn default_waiting_max() -> u32 {
    1_000_000
}

fn default_data() -> PathBuf {
    DATA.into()
}

/// Bits a second on a serial device, where nothing else is said.
pub const BAUD: u32 = 115_200;

fn default_baud() -> u32 {
    BAUD
}

fn default_profile() -> String {
    AUTO.to_owned()
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// One sentence with the file, and the line where the text says which.
    pub fn load(path: &Path) -> Result<Self, Failed> {
        let text = fs::read_to_string(path)
            .map_err(|e| Failed::input(format!("cannot read {}: {e}", path.display())))?;
        Self::parse(&text).map_err(|e| Failed::input(format!("{}: {e}", path.display())))
    }

    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// One sentence, with the line where the text says which.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map(|span| 1 + text[..span.start].matches('\n').count());
            match line {
                Some(line) => format!("line {line}: {}", e.message()),
                None => e.message().to_owned(),
            }
        })?;
        config.check()?;
        Ok(config)
    }

    /// What no type can say.
    fn check(&self) -> Result<(), String> {
        if self.tls.is_some() && self.plain_http {
            return Err("plain_http and [tls] exclude each other: leave one out".to_owned());
        }
        unique("account", self.accounts.iter().map(|account| account.name.as_str()))?;
        unique("modem", self.modems.iter().map(|modem| modem.name.as_str()))?;
        unique("number", self.modems.iter().flat_map(Modem::numbers))?;
        if self.name.is_empty() {
            return Err("name is empty".to_owned());
        }
        if self.store.as_ref().is_some_and(|store| !is_postgres(store)) {
            // It may have a password in it, so it is not repeated.
            return Err(
                "store is no URL of the form postgres://USER:PASSWORD@HOST/DATABASE; without \
                        one everything is kept in a file of the data folder"
                    .to_owned(),
            );
        }
        unique("route", self.routes.iter().map(|route| route.name.as_str()))?;
        self.routes.iter().try_for_each(|route| route.check(self))?;
        self.draining.check()?;
        self.numbers.iter().try_for_each(Plan::check)?;
        if self.callbacks.timeout.is_zero() {
            return Err("callbacks.timeout is no time".to_owned());
        }
        for (api, retry) in &self.callbacks.retry {
            if retry.first.iter().chain([&Humane(retry.then)]).any(|wait| wait.0.is_zero()) {
                return Err(format!("callbacks.retry.{api} has a wait of no time"));
            }
        }
        for modem in &self.modems {
            let digits =
                |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            if let Some(number) = modem.numbers().find(|number| !digits(number)) {
                return Err(format!(
                    "modem {:?} has number {number:?}: write digits only",
                    modem.name
                ));
            }
            if let Some(address) = modem.port.strip_prefix(TCP)
                && !address.contains(':')
            {
                return Err(format!(
                    "modem {:?} has port {:?}: write {TCP}HOST:PORT",
                    modem.name, modem.port
                ));
            }
            modem.limits.check(&modem.name)?;
            if !modem.is_virtual() && !modem.faults.is_empty() {
                return Err(format!("modem {:?} is real: it has no faults on request", modem.name));
            }
        }
        for api in self.callbacks.retry.keys() {
            if !APIS.iter().any(|known| known.name == api) {
                return Err(format!("callbacks.retry.{api} names no interface"));
            }
        }
        unique("key", self.accounts.iter().filter_map(|account| account.key.as_deref()))?;
        let numbers: Vec<String> = self
            .accounts
            .iter()
            .filter_map(|account| account.number)
            .map(|n| n.to_string())
            .collect();
        unique("account number", numbers.iter().map(String::as_str))?;
        for account in &self.accounts {
            account.check()?;
            for keyword in &account.keywords {
                let known = self.modems.iter().flat_map(Modem::numbers);
                if !known.into_iter().any(|own| own == keyword.number) {
                    return Err(format!(
                        "{} has number {}, which no modem has",
                        keyword.named(&account.name),
                        keyword.number
                    ));
                }
            }
        }
        if let Some(Operator { password }) = &self.operator {
            argon2::password_hash::phc::PasswordHash::new(password)
                .map_err(|_| "the password of [operator] is no Argon2 hash".to_owned())?;
        }
        // A message does not say which of its SIM's numbers it was sent to, so a keyword of an account can
        // stand for one of them only.
        for modem in &self.modems {
            for account in &self.accounts {
                let keywords = account.keywords.iter().filter(|keyword| {
                    keyword.pattern.is_none() && modem.numbers().any(|own| own == keyword.number)
                });
                let words: Vec<String> = keywords.map(Keyword::word).collect();
                unique("keyword", words.iter().map(String::as_str)).map_err(|e| {
                    format!("account {:?} on modem {:?}: {e}", account.name, modem.name)
                })?;
            }
        }
        Ok(())
    }

    /// Whether what is said on the address stays between the two who say it.
    ///
    /// # Errors
    /// One sentence: plain HTTP would take passwords over a network.
    pub fn check_listen(&self) -> Result<(), Failed> {
        let Self { listen, tls, plain_http, .. } = self;
        if tls.is_some() || *plain_http || listen.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        Err(Failed::input(format!(
            "others reach {listen}, and plain HTTP would show them every password: give [tls] a \
             certificate and a key, or write plain_http = true where something else keeps it secret"
        )))
    }

    /// The schedule of an interface.
    pub fn retry(&self, api: &Api) -> Retry {
        self.callbacks.retry.get(api.name).cloned().unwrap_or_else(|| api.retry.into())
    }

    /// The text of the demo's configuration.
    pub fn demo(password_hash: &str, key_hash: &str) -> String {
        Start::demo(password_hash, key_hash).to_string()
    }

    /// Writes a configuration that is not there yet; only its owner may read it. It lasts, as the password
    /// that is shown once is of no use without it.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn write_new(path: &Path, text: &str) -> Result<(), Failed> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(|e| Failed::input(format!("cannot write {}: {e}", path.display())))?;
        folder::sync_name(path);
        Ok(())
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{what} {name:?} is there twice"));
        }
    }
    Ok(())
}

/// The account of the demo.
pub const DEMO_ACCOUNT: &str = "demo";

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> String {
        Config::demo(&crate::accounts::hash("secret").unwrap(), &key_hash("secret"))
    }

    #[test]
    fn the_demo_is_a_configuration() {
        let config = Config::parse(&demo()).unwrap();
        assert_eq!(config.accounts[0].keywords[0].api.name, "gatewayapi-v2");
        assert!(config.modems[0].is_virtual());
        // The demo shows the vendor's schedule; it does not change it.
        let api = &septet::api::gatewayapi::V2;
        assert_eq!(config.retry(api), Retry::from(api.retry));
    }

    #[test]
    fn errors_name_the_line_or_the_thing() {
        let wrong = |from: &str, to: &str| Config::parse(&demo().replace(from, to)).unwrap_err();
        let line = demo().lines().position(|line| line.starts_with("timeout")).unwrap() + 1;
        let error = wrong("timeout =", "timeuot =");
        assert!(error.starts_with(&format!("line {line}: unknown field `timeuot`")), "{error}");
        let error = wrong("\"10s\"", "\"ten\"");
        assert!(error.starts_with(&format!("line {line}: ")), "{error}");
        assert!(
            wrong("api = \"gatewayapi-v2\"", "api = \"x\"")
                .contains("known: gatewayapi-v1, gatewayapi-v2, ")
        );
        assert_eq!(
            wrong("$argon2id", "argon2id"),
            "the password of account \"demo\" is no Argon2 hash"
        );
        assert_eq!(
            Config::parse("[operator]\npassword = \"secret\"").unwrap_err(),
            "the password of [operator] is no Argon2 hash"
        );
        assert_eq!(
            wrong("number = \"1204\"", "number = \"1205\""),
            "keyword \"TEST\" of account \"demo\" has number 1205, which no modem has"
        );
        assert_eq!(
            wrong("http://127.0.0.1:9000/mo", "ftp://127.0.0.1/mo"),
            "keyword \"TEST\" of account \"demo\" has a url that is neither http nor https"
        );
        assert_eq!(
            wrong("short_codes = [\"1204\"]", "short_codes = [\"1204\", \"1204\"]"),
            "number \"1204\" is there twice"
        );
    }

    /// The waits of an interface's schedule, in minutes, where each try takes a second.
    fn waits(api: &Api) -> Vec<u64> {
        let retry = Retry::from(api.retry);
        let (mut since_first, mut waits) = (Duration::from_secs(1), Vec::new());
        while let Some(wait) = retry.wait(waits.len() + 1, since_first) {
            waits.push(wait.as_secs() / 60);
            since_first += wait + Duration::from_secs(1);
        }
        waits
    }

    #[test]
    fn the_schedules_end() {
        for api in APIS {
            let waits = waits(api);
            if api.name == "bulksms-eapi" {
                assert_eq!(waits, [60, 180, 720]);
            } else {
                assert_eq!(waits[..6], [1, 5, 15, 60, 60, 60], "{}", api.name);
                assert_eq!(waits.len(), 4 + 22, "{}", api.name);
            }
        }
    }
}
