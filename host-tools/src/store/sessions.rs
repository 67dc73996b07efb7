//! Who is let in: passwords, keys, and the sessions that logins begin.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use septet::api::{Credentials, Login, Reason, Refusal};
use septet::text::Text;

use super::MemoryStore;
use crate::Failed;
use crate::accounts::{equal, random_hex};
use crate::config::key_hash;

/// How long a session lives without a request.
const SESSION_TIME: Duration = Duration::from_secs(5 * 60);

/// How many sessions and tokens are kept for each account; the oldest go first.
const KEYS_MAX: usize = 1000;

/// A session or token.
struct Key {
    account: usize,
    kind: Login,
    /// When it was given, or used last.
    used: Instant,
}

/// The sessions and tokens that logins gave.
pub(super) struct Sessions {
    /// The user key of each account.
    users: Vec<String>,
    keys: HashMap<String, Key>,
    /// The keys of each account, the oldest first.
    given: Vec<VecDeque<String>>,
    /// The key that asks now.
    asking: Option<String>,
}

impl Sessions {
    /// None yet, for so many accounts.
    pub(super) fn new(accounts: usize) -> Result<Self, Failed> {
        let users = (0..accounts).map(|_| random_hex(12)).collect::<Result<_, Failed>>()?;
        let given = (0..accounts).map(|_| VecDeque::new()).collect();
        Ok(Self { users, keys: HashMap::new(), given, asking: None })
    }

    /// The user key of an account, and a key for it.
    pub(super) fn log_in(
        &mut self,
        account: usize,
        kind: Login,
        now: Instant,
    ) -> Result<(&str, String), Failed> {
        let key = random_hex(16)?;
        let given = &mut self.given[account];
        if given.len() >= KEYS_MAX
            && let Some(oldest) = given.pop_front()
        {
            self.keys.remove(&oldest);
        }
        given.push_back(key.clone());
        self.keys.insert(key.clone(), Key { account, kind, used: now });
        Ok((&self.users[account], key))
    }

    /// The account of a key of this kind.
    fn account(&mut self, user: &str, key: &str, kind: Login, now: Instant) -> Option<usize> {
        self.asking = None;
        let known = self.keys.get(key).filter(|known| known.kind == kind)?;
        let is_over = kind == Login::Session && now - known.used >= SESSION_TIME;
        if is_over || !equal(self.users[known.account].as_bytes(), user.as_bytes()) {
            return None;
        }
        self.asking = Some(key.to_owned());
        Some(known.account)
    }

    /// Begins the time of the session anew that asks now.
    pub(super) fn renew(&mut self, now: Instant) {
        if let Some(key) = self.asking.take()
            && let Some(known) = self.keys.get_mut(&key)
        {
            known.used = now;
        }
    }
}

impl MemoryStore {
    pub(super) fn admitted<'a>(
        &mut self,
        credentials: &Credentials<'a>,
    ) -> Result<usize, Refusal<'a>> {
        self.sessions.asking = None;
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
                let kind = match credentials {
                    Credentials::AccessToken { .. } => Login::Token,
                    _ => Login::Session,
                };
                let (user, key) = (user.to_string(), key.0.to_string());
                if !self.sessions.users.contains(&user) {
                    return Err(Refusal::plain(Reason::UnknownUser));
                }
                let account = self.sessions.account(&user, &key, kind, self.now);
                account.ok_or(Refusal::plain(Reason::NoSession))
            }
        }
    }
}
