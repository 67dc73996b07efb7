//! Which modems a message may go through.

use serde::Deserialize;

use super::Config;
use super::account::digits;
use super::trouble::{Troubles, repeated};

/// The highest priority; 0 is the lowest.
pub const PRIORITY_MAX: u8 = 9;

/// Modems for some of the messages. The first route that takes a message has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The name in logs.
    pub name: String,
    /// What the recipient begins with, country code first; any recipient where there is none.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Whose messages; everybody's where there is none.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// What the request says in its field for a route, such as `routing_group`; anything where there
    /// is none.
    #[serde(default)]
    pub asked: Vec<String>,
    /// The modems that share the messages. Of those that are idle the first one gets the next message.
    pub modems: Vec<String>,
    /// The modems that get messages while none of the others takes any.
    #[serde(default)]
    pub spare_modems: Vec<String>,
    /// Whether the modems take turns, in place of the first idle one.
    #[serde(default)]
    pub balanced: bool,
    /// How urgent the messages are that do not say so themselves, 0 to [`PRIORITY_MAX`].
    pub priority: Option<u8>,
}

impl Route {
    /// Whether a message goes by this route. Each line of `asked` is a word that the request has for one.
    pub fn takes(&self, account: &str, recipient: &str, asked: &str) -> bool {
        let is_any = |list: &[String], fits: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|own| fits(own))
        };
        is_any(&self.prefixes, &|prefix| recipient.starts_with(prefix))
            && is_any(&self.accounts, &|name| name == account)
            && is_any(&self.asked, &|own| asked.lines().any(|asked| asked == own))
    }

    /// What no type can say, at its place.
    pub(super) fn check(&self, config: &Config, at: &str, troubles: &mut Troubles<'_>) {
        let Self { name, .. } = self;
        if self.modems.is_empty() {
            troubles.wrong(&format!("{at}.modems"), format!("route {name:?} has no modem"));
        }
        for (place, prefix) in self.prefixes.iter().enumerate().filter(|(_, own)| !digits(own)) {
            let why = format!(
                "route {name:?} has prefix {prefix:?}: write digits only, country code first"
            );
            troubles.wrong(&format!("{at}.prefixes.{place}"), why);
        }
        let is_read = troubles.has_read(&["account"]);
        for (place, account) in self.accounts.iter().enumerate().filter(|_| is_read) {
            if !config.accounts.iter().any(|own| own.name == *account) {
                let why = format!("route {name:?} is for account {account:?}, which is not there");
                troubles.wrong(&format!("{at}.accounts.{place}"), why);
            }
        }
        let placed = |key: &'static str| {
            move |(place, modem)| (format!("{at}.{key}.{place}"), String::as_str(modem))
        };
        let modems = self.modems.iter().enumerate().map(placed("modems"));
        let spare = self.spare_modems.iter().enumerate().map(placed("spare_modems"));
        let modems: Vec<(String, &str)> = modems.chain(spare).collect();
        for (at, modem) in repeated(modems.iter().cloned()) {
            troubles.wrong(&at, format!("in route {name:?} modem {modem:?} is there twice"));
        }
        let is_read = troubles.has_read(&["modem"]);
        for (at, modem) in modems.into_iter().filter(|_| is_read) {
            if !config.modems.iter().any(|own| own.name == modem) {
                let why = format!("route {name:?} has modem {modem:?}, which is not there");
                troubles.wrong(&at, why);
            }
        }
        let named = |e| format!("route {name:?} {e}");
        troubles.note(&format!("{at}.priority"), check_priority(self.priority).map_err(named));
    }
}

impl Config {
    /// The first route that takes a message of an account, by its place.
    pub fn route(&self, account: &str, recipient: &str, asked: &str) -> Option<usize> {
        self.routes.iter().position(|route| route.takes(account, recipient, asked))
    }
}

/// Whether it is a priority.
pub(super) fn check_priority(priority: Option<u8>) -> Result<(), String> {
    match priority {
        Some(priority) if priority > PRIORITY_MAX => {
            Err(format!("has priority {priority}: write 0 to {PRIORITY_MAX}, the highest"))
        }
        _ => Ok(()),
    }
}
