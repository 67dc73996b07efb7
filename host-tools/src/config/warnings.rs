//! What is right in a configuration, and still seldom meant.

use super::{Account, Config, Troubles};
use crate::callbacks::Policy;

impl Config {
    /// Notes what a gateway cannot do that starts with this configuration.
    pub fn warnings(&self, warnings: &mut Troubles<'_>) {
        if self.accounts.is_empty() {
            let why =
                "there is no account, so that nobody can send: `septet account NAME` prints one";
            warnings.wrong("account", why);
        }
        // With a store that several gateways have, the others send.
        if self.modems.is_empty() && self.store.is_none() {
            let why = "there is no modem, so that nothing is sent: name one in [[modem]]";
            warnings.wrong("modem", why);
        }
        let policy = Policy::new(self.callbacks.allow.clone());
        for (at, account) in self.accounts.iter().enumerate() {
            for (place, url) in urls(account) {
                // Nothing of it but the host is told: the rest may be a secret.
                if let Some(url) = Policy::read(url)
                    && let Err(why) = policy.check(&url)
                {
                    let (name, host) = (&account.name, url.host_str().unwrap_or_default());
                    let why = format!(
                        "account {name:?} gets nothing at {host}, since {why}: name its network under \
                         [callbacks] allow"
                    );
                    warnings.wrong(&format!("account.{at}.{place}.url"), why);
                }
            }
        }
    }
}

/// Where an account has callbacks, with the places.
fn urls(account: &Account) -> impl Iterator<Item = (String, &str)> {
    let keywords = account.keywords.iter().enumerate();
    let keywords =
        keywords.filter_map(|(place, own)| Some((format!("keyword.{place}"), own.url.as_deref()?)));
    let reports = account.reports.iter().enumerate();
    keywords.chain(reports.map(|(place, own)| (format!("report.{place}"), own.url.as_str())))
}
