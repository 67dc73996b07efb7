//! A modem and the SIM in it.

use std::path::PathBuf;

use serde::Deserialize;

use super::Pace;
use super::account::digits;
use super::trouble::Troubles;
use crate::port::{TCP, check_tcp};
use crate::shell::AUTO;
use crate::virtual_modem::Fault;

/// Bits a second on a serial device, where nothing else is said.
pub const BAUD: u32 = 115_200;

fn default_baud() -> u32 {
    BAUD
}

fn default_profile() -> String {
    AUTO.to_owned()
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

    /// Where each of [`numbers`](Self::numbers) stands, for a modem at a place.
    pub(super) fn places(at: &str) -> impl Iterator<Item = String> {
        let codes = (0_u32..).map(move |place| format!("{at}.short_codes.{place}"));
        std::iter::once(format!("{at}.number")).chain(codes)
    }

    /// What no type can say, at its place.
    pub(super) fn check(&self, at: &str, troubles: &mut Troubles<'_>) {
        let Self { name, port, .. } = self;
        for (at, number) in Self::places(at).zip(self.numbers()) {
            if !digits(number) {
                let why = format!("modem {name:?} has number {number:?}: write digits only");
                troubles.wrong(&at, why);
            }
        }
        if let Some(address) = port.strip_prefix(TCP) {
            let named = |why| format!("modem {name:?} has port {port:?}: {why}");
            troubles.note(&format!("{at}.port"), check_tcp(address).map_err(named));
        }
        self.limits.check(name, at, troubles);
        if !self.is_virtual() && !self.faults.is_empty() {
            let why = format!("modem {name:?} is real: it has no faults on request");
            troubles.wrong(&format!("{at}.faults"), why);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_port_of_tcp_has_a_host_and_a_number_that_fits() {
        let read = |port: &str| {
            Config::parse(&format!("[[modem]]\nname = \"m\"\nnumber = \"45\"\nport = {port:?}"))
        };
        for port in ["tcp:host:1", "tcp:192.0.2.1:65535", "tcp:[2001:db8::1]:4000"] {
            assert!(read(port).is_ok(), "{port}");
        }
        for port in ["tcp:host", "tcp:host:99999", "tcp:host:0", "tcp:host:", "tcp::4000", "tcp:"] {
            assert_eq!(
                read(port).unwrap_err(),
                format!(
                    "line 4: modem \"m\" has port {port:?}: write tcp:HOST:PORT, with a port from 1 to \
                     65535"
                )
            );
        }
    }
}
