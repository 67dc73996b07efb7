//! Values that are written as a string: what is none says what may be written.

use std::fmt;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Duration;

use humantime_serde::re::humantime::parse_duration;
use ipnet::IpNet;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// What `read` makes of a string; `wanted` says what may be written, with an example.
struct Written<T, F> {
    read: F,
    wanted: &'static str,
    made: PhantomData<T>,
}

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Written<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self.wanted))
    }
}

fn written<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> Option<T>,
    wanted: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Written { read, wanted, made: PhantomData })
}

/// An address with its port.
pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let wanted = "an IP address and a port from 0 to 65535, as \"127.0.0.1:8080\"";
    written(deserializer, |text| text.parse().ok(), wanted)
}

/// A network.
#[derive(Deserialize)]
struct Network(#[serde(deserialize_with = "network")] IpNet);

fn network<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IpNet, D::Error> {
    let wanted = "a network, as \"192.0.2.0/24\" or \"2001:db8::/32\"";
    written(deserializer, |text| text.parse().ok(), wanted)
}

/// Networks.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let networks = Vec::<Network>::deserialize(deserializer)?;
    Ok(networks.into_iter().map(|network| network.0).collect())
}

/// Networks where they are named.
pub(super) fn named_networks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<IpNet>>, D::Error> {
    networks(deserializer).map(Some)
}

/// A duration.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let wanted = "numbers with their units, as \"30s\", \"10min\" or \"1h 30min\"";
    written(deserializer, |text| parse_duration(text).ok(), wanted)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn what_is_no_address_says_what_may_be_written() {
        for address in ["127.0.0.1:99999", "127.0.0.1", "8080", "localhost:8080"] {
            assert_eq!(
                Config::parse(&format!("\nlisten = {address:?}")).unwrap_err(),
                format!(
                    "line 2: listen: invalid value: string {address:?}, expected an IP address and a \
                     port from 0 to 65535, as \"127.0.0.1:8080\""
                )
            );
        }
    }

    #[test]
    fn what_is_no_duration_says_what_may_be_written() {
        let wanted = "numbers with their units, as \"30s\", \"10min\" or \"1h 30min\"";
        for (written, what) in [
            ("\"ten\"", "invalid value: string \"ten\""),
            ("\"10\"", "invalid value: string \"10\""),
            ("10", "invalid type: integer `10`"),
        ] {
            for (table, key) in [("callbacks", "timeout"), ("draining", "pause")] {
                assert_eq!(
                    Config::parse(&format!("[{table}]\n{key} = {written}")).unwrap_err(),
                    format!("line 2: {key}: {what}, expected {wanted}")
                );
            }
        }
        let retry = |first: &str, until: &str| {
            let table = "[callbacks.retry.websms]\nthen = \"1h\"";
            let config = Config::parse(&format!("{table}\nfirst = [{first}]\nuntil = {until}"));
            config.map(|config| config.retry(&septet::api::websms::API))
        };
        assert!(retry("\"1min\", \"1h 30min\"", "\"1day\"").is_ok());
        assert_eq!(
            retry("\"1min\", 5", "\"1day\"").unwrap_err(),
            format!("line 3: first: invalid type: integer `5`, expected {wanted}")
        );
    }
}
