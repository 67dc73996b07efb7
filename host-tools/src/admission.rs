//! Who is looked at before the store is asked: passwords are checked here, so many at once, and
//! guesses are counted.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use septet::api::{Api, Credentials, Reason, Refusal};
use septet::text::{Secret, Text};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::accounts::{Verifier, equal};
use crate::config::{Account, Config, key_hash};
use crate::guesses::{Guess, Guesses, Known};
use crate::store::owned;

/// How many passwords are checked at once: each takes a core and 19 MiB for tens of milliseconds.
const CHECKS_AT_ONCE: usize = 1;

/// How many requests wait for that; further ones are to be made again. After a start, all connections
/// of a customer may wait for one check together.
const CHECKS_WAITING: usize = 1024;

/// The way in.
pub struct Admission {
    verifier: Arc<Verifier>,
    checks: Semaphore,
    waiting: Semaphore,
    guesses: Guesses,
}

/// What was found of who asks.
#[derive(Clone, Copy, Default)]
pub struct Looked {
    /// What they say, if guesses are counted for that: an interface with a lockout of its own has that
    /// only.
    pub guess: Option<Guess>,
    /// Whether the password is that of the account that they name.
    pub is_right: bool,
}

/// The account of a password or key; `None` of a session, which the store has. An account that may not be
/// asked for from `peer` is refused before its password is looked at: from there, nobody learns whether
/// that is right.
///
/// # Errors
/// The refusal.
pub fn account_of<'a>(
    config: &Config,
    peer: Option<IpAddr>,
    credentials: &Credentials<'a>,
    is_right: impl FnOnce(&Account, Secret<'a>) -> bool,
) -> Result<Option<usize>, Refusal<'a>> {
    let wrong = Refusal::plain(Reason::WrongPassword);
    let (number, key) = match *credentials {
        Credentials::Password { user, password } => {
            let account = config.accounts.iter().position(|account| user == *account.name);
            let account =
                let_in(config, peer, account.ok_or(Refusal::new(Reason::UnknownUser, user))?)?;
            let is_right = is_right(&config.accounts[account], password);
            return is_right.then_some(Some(account)).ok_or(wrong);
        }
        Credentials::Key { account, key } => (account, key),
        Credentials::Token(token) => (None, token),
        Credentials::Session { .. } | Credentials::AccessToken { .. } => return Ok(None),
    };
    let hash = key_hash(&key.0.to_string());
    let is_its = |account: &Account| {
        account.key.as_ref().is_some_and(|own| equal(own.as_bytes(), hash.as_bytes()))
    };
    let account = config.accounts.iter().position(is_its).ok_or(wrong)?;
    let own = config.accounts[account].number.map(|number| number.to_string());
    let is_own = |number: Text<'_>| own.as_deref().is_some_and(|own| number == *own);
    if number.is_none_or(is_own) { let_in(config, peer, account).map(Some) } else { Err(wrong) }
}

/// The account, if it may be asked for from `peer`.
///
/// # Errors
/// The refusal.
pub fn let_in<'a>(
    config: &Config,
    peer: Option<IpAddr>,
    account: usize,
) -> Result<usize, Refusal<'a>> {
    match config.accounts.get(account) {
        Some(own) if own.admits(peer) => Ok(account),
        _ => Err(Refusal::plain(Reason::Forbidden)),
    }
}

impl Admission {
    /// The way in for whom `verifier` knows.
    pub fn new(verifier: Arc<Verifier>) -> Self {
        Self {
            verifier,
            checks: Semaphore::new(CHECKS_AT_ONCE),
            waiting: Semaphore::new(CHECKS_WAITING),
            guesses: Guesses::default(),
        }
    }

    /// Lets the verifier know the password of a request, where it is right and not known yet.
    ///
    /// # Errors
    /// Why the request is refused without a look at its credentials.
    pub async fn look(
        &self,
        config: &Config,
        (api, credentials): (&'static Api, &Credentials<'_>),
        peer: Option<IpAddr>,
    ) -> Result<Looked, Reason> {
        if api.lockout.is_some() {
            return Ok(Looked::default());
        }
        let (user, secret) = match *credentials {
            Credentials::Password { user, password } => (user, password),
            Credentials::Key { account, key } => (account.unwrap_or(Text::EMPTY), key),
            Credentials::Token(token) => (Text::EMPTY, token),
            Credentials::Session { user, key } | Credentials::AccessToken { user, token: key } => {
                (user, key)
            }
        };
        let (user, secret) = (owned(user), owned(secret.0));
        let is_named = matches!(credentials, Credentials::Password { .. });
        let account = config.accounts.iter().position(|own| is_named && own.name == user);
        let own = account.map(|account| &config.accounts[account]);
        let guess = Guess {
            place: peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).into(),
            account,
            print: self.verifier.print(own.map_or(&user, |own| &own.password), &secret),
        };
        let is_right = match (self.guesses.known(&guess, Instant::now()), own) {
            (Known::ShutOut, _) => return Err(Reason::TooManyFailures),
            (Known::Nothing, Some(own)) if own.admits(peer) => {
                self.check(&guess, &own.password, secret).await?
            }
            // The store says that it is wrong, or not to be asked from there.
            (Known::Wrong | Known::Nothing, _) => false,
        };
        Ok(Looked { guess: Some(guess), is_right })
    }

    /// Notes what became of a request.
    pub fn note(&self, guess: &Guess, refused: Option<Reason>) {
        // A session that is over is told as one that never was: it is nobody's guess.
        let is_wrong = [Reason::UnknownUser, Reason::WrongPassword];
        if refused.is_some_and(|reason| is_wrong.contains(&reason)) {
            self.guesses.wrong(guess, Instant::now());
        }
    }

    /// Whether a password is the one that a hash was made of.
    async fn check(&self, guess: &Guess, hash: &str, password: String) -> Result<bool, Reason> {
        let note = || {
            if let Some(account) = guess.account {
                self.guesses.right(guess.place, account);
            }
        };
        let is_known = || self.verifier.knows_print(guess.print);
        if is_known() {
            note();
            return Ok(true);
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(Reason::Busy) };
        let Ok(_permit) = self.checks.acquire().await else { return Ok(false) };
        // Others were checked meanwhile: this one may have been among them, or one guess too many.
        match self.guesses.known(guess, Instant::now()) {
            Known::ShutOut => return Err(Reason::TooManyFailures),
            Known::Wrong => return Ok(false),
            Known::Nothing if is_known() => return Ok(true),
            Known::Nothing => {}
        }
        let (verifier, hash) = (self.verifier.clone(), hash.to_owned());
        // A check that panics leaves the password unknown, which refuses it.
        let is_right =
            spawn_blocking(move || verifier.verify(&hash, &password)).await.unwrap_or(false);
        if is_right {
            note();
        } else {
            self.guesses.wrong(guess, Instant::now());
        }
        Ok(is_right)
    }
}
