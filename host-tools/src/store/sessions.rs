//! Who is let in: passwords, keys, and the sessions that logins begin.

use std::net::IpAddr;
use std::time::Duration;

use septet::api::{Credentials, Login, Reason, Refusal};
use septet::text::Secret;

use super::SqlStore;
use crate::Failed;
use crate::accounts::random_hex;
use crate::admission::{account_of, let_in};
use crate::config::{Account, key_hash};

/// How long a session lives without a request.
const SESSION_TIME: Duration = Duration::from_secs(5 * 60);

/// How many sessions and tokens are kept for each account; the oldest go first.
const KEYS_MAX: u32 = 1000;

/// The session that asks now.
#[derive(Default)]
pub(super) struct Sessions {
    asking: Option<i64>,
    /// Where the request comes from.
    peer: Option<IpAddr>,
}

impl SqlStore {
    /// A key for an account. Only its hash is kept.
    pub(super) fn new_session(&mut self, account: usize, kind: Login) -> Result<String, Failed> {
        let key = random_hex(16)?;
        let hash = self.session_hash(account, &key);
        let account = self.accounts[account];
        self.database.execute(
            "INSERT INTO session (key, account, token, used) VALUES ($1, $2, $3, $4)",
            &[(&hash).into(), account.into(), (kind == Login::Token).into(), self.now_ms.into()],
        );
        self.database.execute(
            "DELETE FROM session WHERE id IN \
             (SELECT id FROM session WHERE account = $1 ORDER BY id DESC LIMIT 8 OFFSET $2)",
            &[account.into(), KEYS_MAX.into()],
        );
        Ok(key)
    }

    /// What is kept of a key. It is another one with another password, which so ends what the one before
    /// began.
    fn session_hash(&self, account: usize, key: &str) -> String {
        key_hash(&format!("{key} {}", self.config.accounts[account].password))
    }

    /// Whether a key of this kind is one of the account's.
    fn has_session(&mut self, account: usize, key: &str, kind: Login) -> bool {
        self.sessions.asking = None;
        let hash = self.session_hash(account, key);
        let found = self.database.one(
            "SELECT id, used FROM session WHERE key = $1 AND token = $2 AND account = $3",
            &[(&hash).into(), (kind == Login::Token).into(), self.accounts[account].into()],
            |row| (row.integer(0), row.integer(1)),
        );
        let Some((id, used)) = found else { return false };
        if kind == Login::Session && self.now_ms - used >= super::ms(SESSION_TIME) {
            return false;
        }
        self.sessions.asking = Some(id);
        true
    }

    /// Begins the time of the session anew that asks now.
    pub(super) fn renew_session(&mut self) {
        if let Some(id) = self.sessions.asking.take() {
            let sql = "UPDATE session SET used = $1 WHERE id = $2";
            self.database.execute(sql, &[self.now_ms.into(), id.into()]);
        }
    }

    /// Tells where the next requests come from.
    pub fn asked_from(&mut self, peer: Option<IpAddr>) {
        self.sessions.peer = peer;
    }

    /// The account whose credentials these are.
    pub(super) fn admitted<'a>(
        &mut self,
        credentials: &Credentials<'a>,
    ) -> Result<usize, Refusal<'a>> {
        self.sessions.asking = None;
        let (config, peer) = (self.config.clone(), self.sessions.peer);
        let is_right = |own: &Account, password: Secret<'_>| {
            self.verifier.knows(&own.password, &password.0.to_string())
        };
        if let Some(account) = account_of(&config, peer, credentials, is_right)? {
            return Ok(account);
        }
        let (user, key, kind) = match *credentials {
            Credentials::Session { user, key } => (user, key, Login::Session),
            Credentials::AccessToken { user, token } => (user, token, Login::Token),
            // These the configuration has.
            Credentials::Password { .. } | Credentials::Key { .. } | Credentials::Token(_) => {
                return Err(Refusal::plain(Reason::NoCredentials));
            }
        };
        let (user, key) = (user.to_string(), key.0.to_string());
        let named = self.user_keys.iter().position(|own| *own == user);
        let account = named.ok_or(Refusal::plain(Reason::UnknownUser))?;
        let_in(&config, peer, account)?;
        let is_its = self.has_session(account, &key, kind);
        is_its.then_some(account).ok_or(Refusal::plain(Reason::NoSession))
    }
}
