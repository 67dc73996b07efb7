//! The configuration that counts now, and what of it can be another one while the gateway runs.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Config, Modem, Pace};

/// The configuration that counts now.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Arc<Config>>>);

impl Live {
    /// One that counts until another is set.
    pub fn new(config: Arc<Config>) -> Self {
        Self(Arc::new(RwLock::new(config)))
    }

    /// The configuration.
    pub fn get(&self) -> Arc<Config> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has another one count.
    pub fn set(&self, config: Arc<Config>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

impl Config {
    /// Whether a gateway that runs by this configuration can go on by another one: accounts, routes,
    /// limits, lists, numbers, draining and the rule for senders may differ.
    ///
    /// # Errors
    /// One sentence: what is only read at the start.
    pub fn can_become(&self, other: &Self) -> Result<(), String> {
        let modems = |config: &Self| -> Vec<Modem> {
            let without_limits = |modem: &Modem| Modem { limits: Pace::default(), ..modem.clone() };
            config.modems.iter().map(without_limits).collect()
        };
        // What they are in words is all that there is in them.
        let pairs = [
            ("listen", format!("{:?}", self.listen), format!("{:?}", other.listen)),
            ("plain_http", format!("{:?}", self.plain_http), format!("{:?}", other.plain_http)),
            ("tls", format!("{:?}", self.tls), format!("{:?}", other.tls)),
            ("operator", format!("{:?}", self.operator), format!("{:?}", other.operator)),
            (
                "trusted_proxies",
                format!("{:?}", self.trusted_proxies),
                format!("{:?}", other.trusted_proxies),
            ),
            ("name", format!("{:?}", self.name), format!("{:?}", other.name)),
            ("store", format!("{:?}", self.store), format!("{:?}", other.store)),
            ("data", format!("{:?}", self.data), format!("{:?}", other.data)),
            ("latin1", format!("{:?}", self.latin1), format!("{:?}", other.latin1)),
            ("callbacks", format!("{:?}", self.callbacks), format!("{:?}", other.callbacks)),
            ("modem", format!("{:?}", modems(self)), format!("{:?}", modems(other))),
        ];
        match pairs.into_iter().find(|(_, own, other)| own != other) {
            Some((name, ..)) => Err(format!(
                "{name} is another one, which is only read at the start: start the gateway again"
            )),
            None => Ok(()),
        }
    }
}
