//! A modem and the SIM in it.

use std::path::PathBuf;

use serde::Deserialize;

use super::Pace;
use crate::port::TCP;
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

    /// What no type can say.
    pub(super) fn check(&self) -> Result<(), String> {
        let digits =
            |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if let Some(number) = self.numbers().find(|number| !digits(number)) {
            return Err(format!("modem {:?} has number {number:?}: write digits only", self.name));
        }
        if let Some(address) = self.port.strip_prefix(TCP)
            && !address.contains(':')
        {
            return Err(format!(
                "modem {:?} has port {:?}: write {TCP}HOST:PORT",
                self.name, self.port
            ));
        }
        self.limits.check(&self.name)?;
        if !self.is_virtual() && !self.faults.is_empty() {
            return Err(format!("modem {:?} is real: it has no faults on request", self.name));
        }
        Ok(())
    }
}
