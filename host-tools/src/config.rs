//! `septet.toml`: who may send, through which modems, and where callbacks go.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

mod account;
mod callbacks;
mod draining;
mod limits;
mod lists;
mod live;
mod modem;
mod opt_out;
mod pace;
mod plan;
mod reading;
mod route;
mod start;
mod trouble;
mod warnings;
mod written;

use ipnet::IpNet;
use septet::api::Api;
use septet::text::Charset;
use serde::Deserialize;

pub use self::account::{
    Account, CallbackCharset, Group, InputCharset, Keyword, ReportTo, key_hash,
};
pub use self::callbacks::{Callbacks, Retry};
pub use self::draining::Draining;
pub use self::limits::{Limits, Term};
pub use self::lists::{Lists, Numbers};
pub use self::live::Live;
pub use self::modem::{BAUD, Modem};
pub use self::opt_out::{OptOut, Wish};
pub use self::pace::Pace;
pub use self::plan::Plan;
pub use self::route::{PRIORITY_MAX, Route};
pub use self::start::Start;
use self::trouble::repeated;
pub use self::trouble::{Trouble, Troubles};
use crate::database::is_postgres;
use crate::{Failed, folder};

/// The whole configuration. Unknown keys are errors, so that a misspelt one is seen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address that the HTTP server listens on.
    #[serde(default = "default_listen", deserialize_with = "written::address")]
    pub listen: SocketAddr,
    /// TLS on that address; plain HTTP where absent.
    pub tls: Option<Tls>,
    /// Whether plain HTTP may be spoken on an address that others reach.
    #[serde(default)]
    pub plain_http: bool,
    /// Networks of proxies that are believed whom they speak for, by `X-Forwarded-For`.
    #[serde(default, deserialize_with = "written::networks")]
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
    /// The first thing that is wrong, as one sentence, with the line where it is in one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (config, troubles) = Self::read(text);
        match (config, troubles.sorted().first()) {
            (Some(config), None) => Ok(config),
            (_, first) => Err(first.map_or_else(|| "it is wrong".to_owned(), Trouble::to_string)),
        }
    }

    /// Reads the text of a configuration, and notes all that is wrong with it. What cannot be read is
    /// left out of what is returned; of a text that is no TOML that is all.
    pub fn read(text: &str) -> (Option<Self>, Troubles<'_>) {
        let (config, mut troubles) = reading::read::<Self>(text);
        if let Some(config) = &config {
            config.check(&mut troubles);
        }
        (config, troubles)
    }

    /// What no type can say.
    fn check(&self, troubles: &mut Troubles<'_>) {
        if self.tls.is_some() && self.plain_http {
            let why = "plain_http and [tls] exclude each other: leave one out";
            troubles.wrong("plain_http", why);
        }
        let accounts = || (0_u32..).zip(&self.accounts);
        let modems = || (0_u32..).zip(&self.modems);
        let names = accounts().map(|(at, own)| (format!("account.{at}.name"), own.name.as_str()));
        troubles.note_repeated("account", names);
        let names = modems().map(|(at, own)| (format!("modem.{at}.name"), own.name.as_str()));
        troubles.note_repeated("modem", names);
        let numbers = modems().flat_map(|(at, own)| {
            Modem::places(&format!("modem.{at}")).zip(own.numbers()).collect::<Vec<_>>()
        });
        troubles.note_repeated("number", numbers);
        if self.name.is_empty() {
            troubles.wrong("name", "name is empty");
        }
        if self.store.as_ref().is_some_and(|store| !is_postgres(store)) {
            // It may have a password in it, so it is not repeated.
            let why = "store is no URL of the form postgres://USER:PASSWORD@HOST/DATABASE; without \
                       one everything is kept in a file of the data folder";
            troubles.wrong("store", why);
        }
        let routes = || (0_u32..).zip(&self.routes);
        let names = routes().map(|(at, own)| (format!("route.{at}.name"), own.name.as_str()));
        troubles.note_repeated("route", names);
        for (at, route) in routes() {
            route.check(self, &format!("route.{at}"), troubles);
        }
        self.draining.check(troubles);
        if let Some(numbers) = &self.numbers {
            numbers.check(troubles);
        }
        self.callbacks.check(troubles);
        for (at, modem) in modems() {
            modem.check(&format!("modem.{at}"), troubles);
        }
        let keys = accounts()
            .filter_map(|(at, own)| Some((format!("account.{at}.key"), own.key.as_deref()?)));
        troubles.note_repeated("key", keys);
        let numbers: Vec<(String, String)> = accounts()
            .filter_map(|(at, own)| Some((format!("account.{at}.number"), own.number?.to_string())))
            .collect();
        let numbers = numbers.iter().map(|(at, number)| (at.clone(), number.as_str()));
        troubles.note_repeated("account number", numbers);
        for (at, account) in accounts() {
            account.check(&format!("account.{at}"), troubles);
            // Where several gateways have one store, another one may have the modem.
            let is_read = troubles.has_read(&["modem"]) && self.store.is_none();
            for (place, keyword) in (0_u32..).zip(&account.keywords).filter(|_| is_read) {
                let known = self.modems.iter().flat_map(Modem::numbers);
                if !known.into_iter().any(|own| own == keyword.number) {
                    let (named, number) = (keyword.named(&account.name), &keyword.number);
                    let why = format!("{named} has number {number}, which no modem has");
                    troubles.wrong(&format!("account.{at}.keyword.{place}.number"), why);
                }
            }
        }
        if let Some(Operator { password }) = &self.operator
            && argon2::password_hash::phc::PasswordHash::new(password).is_err()
        {
            let why = "the password of [operator] is no Argon2 hash";
            troubles.wrong("operator.password", why);
        }
        // A message does not say which of its SIM's numbers it was sent to, so a keyword of an account can
        // stand for one of them only.
        let is_read = troubles.has_read(&["account", "modem"]);
        for modem in self.modems.iter().filter(|_| is_read) {
            for (at, account) in accounts() {
                let keywords = (0_u32..).zip(&account.keywords).filter(|(_, keyword)| {
                    keyword.pattern.is_none() && modem.numbers().any(|own| own == keyword.number)
                });
                let words: Vec<(u32, String)> =
                    keywords.map(|(place, keyword)| (place, keyword.word())).collect();
                let words = words.iter().map(|(place, word)| (place, word.as_str()));
                for (place, word) in repeated(words) {
                    let (account, modem) = (&account.name, &modem.name);
                    let why = format!(
                        "account {account:?} on modem {modem:?}: keyword {word:?} is there twice"
                    );
                    troubles.wrong(&format!("account.{at}.keyword.{place}"), why);
                }
            }
        }
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
            .map_err(|e| {
                let path = path.display();
                Failed::input(match e.kind() {
                    ErrorKind::AlreadyExists => format!(
                        "{path} is there already, and is not overwritten: name another file with \
                         --config, or move it away"
                    ),
                    _ => format!("cannot write {path}: {e}"),
                })
            })?;
        folder::sync_name(path);
        Ok(())
    }
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
            Config::parse("[operator]\npassword = \"secret\"").unwrap_err(),
            "line 2: the password of [operator] is no Argon2 hash"
        );
        let at = |beginning: &str, nth: usize| {
            let demo = demo();
            let mut lines = (1..).zip(demo.lines()).filter(|(_, own)| own.starts_with(beginning));
            lines.nth(nth).unwrap().0
        };
        assert_eq!(
            wrong("$argon2id", "argon2id"),
            format!("line {}: the password of [operator] is no Argon2 hash", at("password = ", 0))
        );
        assert_eq!(
            wrong("number = \"1204\"", "number = \"1205\""),
            format!(
                "line {}: keyword \"TEST\" of account \"demo\" has number 1205, which no modem has",
                at("number = \"1204\"", 0)
            )
        );
        let shared = demo().replacen("number = \"1204\"", "number = \"1205\"", 1);
        let shared =
            format!("store = \"postgres://db.example.com/septet?sslmode=require\"\n{shared}");
        assert!(Config::parse(&shared).is_ok(), "another gateway may have its modem");
        assert_eq!(
            wrong("http://127.0.0.1:9000/mo", "ftp://127.0.0.1/mo"),
            format!(
                "line {}: keyword \"TEST\" of account \"demo\" has a url that is neither http nor \
                 https",
                at("url = ", 0)
            )
        );
        assert_eq!(
            wrong("short_codes = [\"1204\"]", "short_codes = [\"1204\", \"1204\"]"),
            format!("line {}: number \"1204\" is there twice", at("short_codes = ", 0))
        );
    }
}
