//! Who is let in: passwords, keys, and the sessions that logins begin.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use septet::api::{Api, Credentials, Login, Reason, Refusal};
use septet::text::Text;

use super::MemoryStore;
use crate::Failed;
use crate::accounts::{equal, random_hex};
use crate::config::key_hash;

/// How long a session lives without a request.
const SESSION_TIME: Duration = Duration::from_secs(5 * 60);

/// How many sessions and tokens are kept; past that nobody gets another one.
const SESSIONS_MAX: usize = 100_000;

/// The sessions and tokens that logins gave.
pub(super) struct Sessions {
    /// The user key of each account.
    users: Vec<String>,
    /// The account of each key, and when it was used last; a token does not end.
    keys: HashMap<String, (usize, Option<Instant>)>,
}

impl Sessions {
    /// None yet, for so many accounts.
    pub(super) fn new(accounts: usize) -> Result<Self, Failed> {
        let users = (0..accounts).map(|_| random_hex(12)).collect::<Result<_, Failed>>()?;
        Ok(Self { users, keys: HashMap::new() })
    }

    /// The user key of an account, and a key for it.
    pub(super) fn log_in(
        &mut self,
        account: usize,
        login: Login,
        now: Instant,
    ) -> Result<(&str, String), Failed> {
        if self.keys.len() >= SESSIONS_MAX {
            self.keys.retain(|_, (_, used)| used.is_none_or(|used| now - used < SESSION_TIME));
        }
        if self.keys.len() >= SESSIONS_MAX {
            return Err(Failed::input("too many sessions and tokens"));
        }
        let key = random_hex(16)?;
        let used = match login {
            Login::Session => Some(now),
            Login::Token => None,
        };
        self.keys.insert(key.clone(), (account, used));
        Ok((&self.users[account], key))
    }

    /// The account of a key; `renew` begins its time anew.
    fn account(
        &mut self,
        user: &str,
        key: &str,
        renew: Option<Instant>,
        now: Instant,
    ) -> Option<usize> {
        let (account, used) = self.keys.get_mut(key)?;
        if used.is_some_and(|used| now - used >= SESSION_TIME)
            || !equal(self.users[*account].as_bytes(), user.as_bytes())
        {
            return None;
        }
        if let (Some(used), Some(renew)) = (used.as_mut(), renew) {
            *used = renew;
        }
        Some(*account)
    }
}

impl MemoryStore {
    pub(super) fn admitted<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<usize, Refusal<'a>> {
        let accounts = &self.config.accounts;
        let by_key = |key: &str| {
            let hash = key_hash(key);
            accounts.iter().position(|account| {
                account.key.as_ref().is_some_and(|own| equal(own.as_bytes(), hash.as_bytes()))
            })
        };
        match *credentials {
            Credentials::Password { user, password } => {
                let account = accounts.iter().position(|account| user == *account.name);
                let account = account.ok_or(Refusal::new(Reason::UnknownUser, user))?;
                if self.verifier.knows(&accounts[account].password, &password.0.to_string()) {
                    Ok(account)
                } else {
                    Err(Refusal::plain(Reason::WrongPassword))
                }
            }
            Credentials::Key { account: number, key } => {
                let account = by_key(&key.0.to_string());
                let account = account.ok_or(Refusal::plain(Reason::WrongPassword))?;
                let own = accounts[account].number.map(|number| number.to_string());
                let is_own = |number: Text<'_>| own.as_deref().is_some_and(|own| number == *own);
                if number.is_none_or(is_own) {
                    Ok(account)
                } else {
                    Err(Refusal::plain(Reason::WrongPassword))
                }
            }
            Credentials::Token(token) => {
                by_key(&token.0.to_string()).ok_or(Refusal::plain(Reason::WrongPassword))
            }
            Credentials::Session { user, key } | Credentials::AccessToken { user, token: key } => {
                let (user, key) = (user.to_string(), key.0.to_string());
                let account = self.sessions.account(&user, &key, Some(self.now), self.now);
                account.ok_or(Refusal::plain(Reason::NoSession))
            }
        }
    }
}
