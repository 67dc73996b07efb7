//! A configuration to begin with, as it is written: each value with what it does.

use std::fmt;

use super::{DATA, DEMO_ACCOUNT};

/// What a configuration to begin with has in it.
pub struct Start<'a> {
    /// Argon2id hash of the operator's password.
    pub operator_hash: &'a str,
    /// The name of its account.
    pub account: &'a str,
    /// Argon2id hash of the account's password.
    pub password_hash: &'a str,
    /// Hash of the account's key.
    pub key_hash: &'a str,
    /// The port of its modem.
    pub port: &'a str,
    /// The number of the modem's SIM.
    pub number: &'a str,
    /// Whether it is the demo's, whose customer is this machine.
    pub is_demo: bool,
}

impl<'a> Start<'a> {
    /// That of the demo: one password, and a modem inside the gateway.
    pub const fn demo(password_hash: &'a str, key_hash: &'a str) -> Self {
        Self {
            operator_hash: password_hash,
            account: DEMO_ACCOUNT,
            password_hash,
            key_hash,
            port: "virtual",
            number: "4520001204",
            is_demo: true,
        }
    }
}

impl fmt::Display for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operator_hash, password_hash, key_hash, is_demo, .. } = *self;
        let [account, port, number] = [self.account, self.port, self.number].map(toml::Value::from);
        let demo = if is_demo { ": the demo" } else { "" };
        let key =
            if is_demo { "here the key is the password" } else { "`septet account` makes one" };
        let (allow, network) = match is_demo {
            true => ("\"127.0.0.0/8\", \"::1/128\"", "For the demo: this machine."),
            false => ("", "As \"10.0.0.0/8\"."),
        };
        // What the demo shows, and others begin without.
        let only = if is_demo { "" } else { "# " };
        let is_virtual = self.port == "virtual";
        let profile = if is_virtual { "generic" } else { "auto" };
        let of_virtual = if is_virtual { "" } else { "# " };
        let of_real = if is_virtual { "# " } else { "" };
        write!(
            f,
            r#"# Septet gateway{demo}. Every value can be changed; the gateway reads them when it starts.

# Address that the HTTP server listens on. One that others reach needs [tls] below, or
# `plain_http = true` where something before the gateway speaks TLS, or the network is nobody else's.
listen = "127.0.0.1:8080"
# plain_http = true

# Networks of proxies that are believed whom they speak for, by X-Forwarded-For.
# trusted_proxies = ["127.0.0.0/8", "::1/128"]

# Folder of what the running gateway keeps.
data = "{DATA}"
# Several gateways may keep it together in a PostgreSQL database, each under a name of its own.
# store = "postgres://USER:PASSWORD@HOST/DATABASE?sslmode=require"
# name = "one"

# How many messages may wait for a modem.
# waiting_max = 1000000

# A sender that is not the number of one of the SIMs below cannot be carried by a modem:
# "record" sends with the SIM's number and notes it, "refuse" refuses the message.
sender = "record"

# What the octets 0x80 to 0x9F mean where a customer says ISO 8859-1:
# "iso-8859-1" refuses them, "windows-1252" reads them as Windows does.
latin1 = "iso-8859-1"

# HTTPS on that address: the gateway's certificate, then those that it is signed by, and its private
# key, in PEM. They are read again when they change.
# [tls]
# certificate = "fullchain.pem"
# key = "privkey.pem"

# The operator's page, at / of the address above. Argon2id hash of the password that opens it; the
# password itself is kept nowhere. Without this section nobody gets in.
[operator]
password = "{operator_hash}"

[callbacks]
# Callbacks go to public addresses only, and to these networks. {network}
allow = [{allow}]
timeout = "10s"

# When a callback that was not accepted is tried again, by interface.
[callbacks.retry.gatewayapi-v2]
first = ["1min", "5min", "15min", "1h"]
then = "1h"
until = "24h"

[[account]]
name = {account}
# Argon2id hash; the password itself is kept nowhere.
password = "{password_hash}"
# For interfaces that call an account by number, with a key or token: {key}.
number = 2532
key = "{key_hash}"
# Networks that the account may ask from; everywhere without this line.
# networks = ["192.0.2.0/24", "2001:db8::/32"]
# Times without a zone are in this one.
zone = "UTC"
# `credits = 1000` would count down by one for each part; without it there is no limit.

# Words by which a handset wants nothing more of the account, and takes that back, with what is answered,
# at the numbers of the account's keywords, or at any where it has none.
# [account.opt_out]
# stop = ["STOP"]
# start = ["START"]
# stop_answer = "You get no more messages. START takes it back."
# start_answer = "Welcome back."

# Messages to 1204 whose first word is TEST go to this URL. Until something listens there they are owed;
# `septet api gatewayapi-v2 listen --listen 127.0.0.1:9000` takes them, and shows each.
{only}[[account.keyword]]
{only}number = "1204"
{only}keyword = "TEST"
{only}url = "http://127.0.0.1:9000/mo"
{only}api = "gatewayapi-v2"
{only}charset = "utf-8"

# Which modems send to whom, and how urgent that is: the first route that takes a message counts.
# Without one every modem sends to everybody.
# [[route]]
# name = "denmark"
# prefixes = ["45"]
# modems = ["{name}"]

# A modem: port = "/dev/ttyUSB0" (and baud = 115200), "tcp:HOST:PORT", or "virtual" for one inside the
# gateway, on a virtual network with a handset for every number.
[[modem]]
name = "{name}"
port = {port}
{of_real}baud = 115200
# "auto" chooses by what the modem says of itself.
profile = "{profile}"
# The number of the SIM, and short codes that the network routes to it.
number = {number}
{only}short_codes = ["1204"]
# The PIN of the SIM, in a file of its own.
# pin_file = "pin"
# What goes wrong on a virtual modem: "2=reboot" restarts it in the middle of the second message,
# "1=cms:500" refuses the first; `septet modem --help` lists the rest.
{of_virtual}faults = []
"#,
            name = if is_virtual { "virtual" } else { "modem" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, key_hash};

    #[test]
    fn what_is_written_is_read_whatever_the_names() {
        let hash = crate::accounts::hash("secret").unwrap();
        for (port, account) in [("/dev/ttyUSB0", "office"), ("virtual", "a \"b\"\nc")] {
            let start = Start {
                operator_hash: &hash,
                account,
                password_hash: &hash,
                key_hash: &key_hash("x"),
                port,
                number: "4512340000",
                is_demo: false,
            };
            let config = Config::parse(&start.to_string()).unwrap();
            assert_eq!(config.operator.unwrap().password, hash);
            assert_eq!(config.accounts[0].name, account);
            assert_eq!((config.modems[0].port.as_str(), config.modems.len()), (port, 1));
        }
    }

    /// The text with every line that is a comment and would be TOML without its mark.
    fn with_all(text: &str) -> String {
        let line = |line: &str| {
            let bare = line.strip_prefix("# ").filter(|bare| bare.parse::<toml::Table>().is_ok());
            format!("{}\n", bare.unwrap_or(line))
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn what_is_a_comment_is_right_without_its_mark() {
        let hash = crate::accounts::hash("secret").unwrap();
        let demo = Start::demo(&hash, &hash);
        let own = Start { is_demo: false, port: "/dev/ttyUSB0", ..Start::demo(&hash, &hash) };
        let key = key_hash("x");
        for start in [demo, own] {
            let text = with_all(&Start { key_hash: &key, ..start }.to_string());
            let (config, troubles) = Config::read(&text);
            let found: Vec<String> =
                troubles.sorted().into_iter().map(|own| own.sentence).collect();
            assert_eq!(found, ["plain_http and [tls] exclude each other: leave one out"], "{text}");
            let config = config.unwrap();
            assert!(config.store.is_some() && config.numbers.is_none());
            assert_eq!((config.routes.len(), config.accounts[0].keywords.len()), (1, 1));
            let opt_out = config.accounts[0].opt_out.as_ref().unwrap();
            assert_eq!([&opt_out.stop[..], &opt_out.start[..]].concat(), ["STOP", "START"]);
            assert!(opt_out.stop_answer.is_some() && opt_out.start_answer.is_some());
        }
    }
}
