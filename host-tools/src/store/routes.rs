//! Which route a message goes by, and how urgent it is.

use std::hash::{Hash, Hasher};

use septet::api::{Reason, Refusal, Submit};
use septet::text::Text;
use tracing::info;

use super::SqlStore;
use super::digest::Digest;
use super::preparing::Preparing;

/// The fields that ask for a route, as the vendors call them. The recipient's network and the kind of
/// message are such, too.
const ROUTING: [&str; 5] = ["gateway", "routing_group", "cost_route", "class", "gatewayclass"];

/// The field that asks for a priority, as the vendors call it.
const PRIORITY: &str = "priority";

/// What no modem is allowed to send, in the words of a refusal's detail.
const NO_ROUTE: &str = "no route takes it";

/// How a message goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// The route, by its place in the configuration; any modem where there is none.
    pub route: Option<usize>,
    /// How urgent it is; more is sooner.
    pub priority: u8,
    /// Whether it does not go, since the account may not send to its recipient.
    pub is_stopped: bool,
}

/// What a request says that bears on its way.
pub(super) struct Asked {
    /// The words for a route, each on a line.
    pub route: String,
    /// The priority, where the account may ask for one.
    priority: Option<u8>,
}

impl Preparing<'_> {
    /// What a request says that bears on its way.
    ///
    /// # Errors
    /// A priority above that of the account.
    pub(super) fn asked<'a>(
        &self,
        submit: &Submit<'a>,
        notes: &[(&'static str, String)],
    ) -> Result<Asked, Refusal<'a>> {
        let note =
            |name: &str| notes.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        let words = ROUTING.iter().filter_map(|name| note(name));
        let own = submit.network.into_iter().chain(submit.kind).map(|word| word.to_string());
        let route: Vec<String> = words.chain(own).collect();
        let wanted = note(PRIORITY).and_then(|text| text.parse::<u8>().ok());
        // 0 is none.
        let wanted = wanted.filter(|wanted| *wanted > 0);
        let priority = match (wanted, self.own().priority_max) {
            (Some(wanted), Some(max)) if wanted > max => {
                return Err(Refusal::new(Reason::Invalid, Text::plain(PRIORITY)));
            }
            (wanted, max) => wanted.filter(|_| max.is_some()),
        };
        Ok(Asked { route: route.join("\n"), priority })
    }

    /// How a message to a recipient goes.
    ///
    /// # Errors
    /// A refusal of `written` where there are routes, and none takes it.
    pub(super) fn way<'a>(
        &self,
        recipient: &str,
        asked: &Asked,
        written: Text<'a>,
    ) -> Result<Way, Refusal<'a>> {
        let own = self.own();
        let priority = |route: Option<u8>| asked.priority.or(route).or(own.priority).unwrap_or(0);
        if self.config.routes.is_empty() {
            return Ok(Way { priority: priority(None), ..Way::default() });
        }
        let route = self.config.route(&own.name, recipient, &asked.route).ok_or(Refusal {
            reason: Reason::Recipient,
            subject: written,
            detail: Text::plain(NO_ROUTE),
        })?;
        let priority = priority(self.config.routes[route].priority);
        Ok(Way { route: Some(route), priority, is_stopped: false })
    }
}

impl SqlStore {
    /// Reads which routes there are, and has messages that wait go by them where they have changed.
    pub(super) fn load_routes(&mut self) {
        for route in &self.config.clone().routes {
            let name = [(&route.name).into()];
            let sql = "INSERT INTO route (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
            self.database.execute(sql, &name);
            let sql = "SELECT id FROM route WHERE name = $1";
            let id = self.database.one(sql, &name, |row| row.integer(0));
            self.routes.push(id.unwrap_or_default());
        }
        let mut digest = Digest::default();
        format!("{:?}", self.config.routes).hash(&mut digest);
        let now = digest.finish().cast_signed();
        if self.fact("routes") != Some(now) {
            self.reroute();
            self.set_fact("routes", now);
        }
    }

    /// Gives what no modem has begun to the route that takes it now. What none takes waits for one.
    fn reroute(&mut self) {
        let waiting = self.database.all(
            "SELECT m.id, m.route, m.account, m.recipient, coalesce(r.asked, ''), m.modem \
             FROM message m JOIN request r ON r.id = m.request \
             WHERE (m.expires IS NOT NULL OR m.scheduled IS NOT NULL) AND m.begun = 0 AND m.held = 0",
            &[],
            |row| {
                let message = (row.integer(0), row.integer(5));
                (message, row.integer(1), row.integer(2), row.string(3), row.string(4))
            },
        );
        let mut moved = 0;
        for ((id, modem), before, account, recipient, asked) in waiting {
            let found = match self.account(account) {
                Some(_) if self.config.routes.is_empty() => None,
                Some(account) => {
                    let name = &self.config.accounts[account].name;
                    self.config.route(name, &recipient, &asked)
                }
                None => None,
            };
            let route = found.map_or(0, |route| self.routes[route]);
            if route == before {
                continue;
            }
            moved += 1;
            let queue = if modem == 0 { -route } else { modem };
            let sql = "UPDATE message SET route = $1, queue = $2 WHERE id = $3";
            self.database.execute(sql, &[route.into(), queue.into(), id.into()]);
        }
        if moved > 0 {
            info!(messages = moved, "the routes have changed, and messages that wait go by them");
        }
    }
}
