//! What the store makes of a configuration, and of another one while it runs.

use std::sync::Arc;

use super::SqlStore;
use crate::Failed;
use crate::accounts::random_hex;
use crate::config::Config;

impl SqlStore {
    /// Goes on by another configuration, in a transaction of its own. What waits goes by its routes.
    ///
    /// # Errors
    /// One sentence: why the one before counts still. It does not where its modems are others.
    pub fn reconfigure(&mut self, config: Arc<Config>) -> Result<(), Failed> {
        self.config.can_become(&config).map_err(Failed::input)?;
        let accounts = std::mem::take(&mut self.accounts);
        let user_keys = std::mem::take(&mut self.user_keys);
        let routes = std::mem::take(&mut self.routes);
        let before = std::mem::replace(&mut self.config, config);
        self.begin();
        let loaded = self.load_accounts();
        self.load_routes();
        self.load_paces();
        // They are of other accounts, or of other limits.
        self.volatile.rates.clear();
        let done = self.commit().and(loaded);
        if done.is_err() {
            (self.config, self.accounts) = (before, accounts);
            (self.user_keys, self.routes) = (user_keys, routes);
        }
        done
    }

    /// Enters the accounts of the configuration.
    pub(super) fn load_accounts(&mut self) -> Result<(), Failed> {
        for account in &self.config.clone().accounts {
            let credits = account.credits.map(|credits| i64::try_from(credits).unwrap_or(i64::MAX));
            let user_key = random_hex(12)?;
            self.database.execute(
                "INSERT INTO account (name, credits, began_with, user_key) VALUES ($1, $2, $2, $3) \
                 ON CONFLICT (name) DO NOTHING",
                &[(&account.name).into(), credits.into(), (&user_key).into()],
            );
            // Another number in the configuration is a new beginning.
            self.database.execute(
                "UPDATE account SET credits = $1, began_with = $1 \
                 WHERE name = $2 AND began_with IS DISTINCT FROM $1",
                &[credits.into(), (&account.name).into()],
            );
            let found = self.database.one(
                "SELECT id, user_key FROM account WHERE name = $1",
                &[(&account.name).into()],
                |row| (row.integer(0), row.string(1)),
            );
            let (id, user_key) = found.unwrap_or_default();
            self.accounts.push(id);
            self.user_keys.push(user_key);
        }
        Ok(())
    }
}
