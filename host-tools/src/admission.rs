//! Who is looked at before the store is asked: passwords are checked here, so many at once, and
//! guesses are counted.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use septet::answer;
use septet::api::{APIS, Credentials, Reason};
use septet::text::Charset;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::accounts::Verifier;
use crate::config::{Account, Config, Live};
use crate::gateway::OwnedRequest;
use crate::guesses::{Guess, Guesses, Known};

/// How many passwords are checked at once: each takes a core and 19 MiB for tens of milliseconds.
const CHECKS_AT_ONCE: usize = 1;

/// How many requests wait for that; further ones are to be made again. After a start, all connections
/// of a customer may wait for one check together.
const CHECKS_WAITING: usize = 1024;

/// The way in.
pub struct Admission {
    config: Live,
    verifier: Arc<Verifier>,
    checks: Semaphore,
    waiting: Semaphore,
    guesses: Guesses,
}

/// A password that may be that of an account.
struct Password {
    config: Arc<Config>,
    /// The account's place there.
    account: usize,
    password: String,
}

impl Admission {
    /// The way in for these accounts.
    pub fn new(config: Live, verifier: Arc<Verifier>) -> Self {
        Self {
            config,
            verifier,
            checks: Semaphore::new(CHECKS_AT_ONCE),
            waiting: Semaphore::new(CHECKS_WAITING),
            guesses: Guesses::default(),
        }
    }

    /// Lets the verifier know the password of a request, where it is right and not known yet. Tells
    /// what the request says who asks, if guesses are counted for that: an interface with a lockout of
    /// its own has that only.
    ///
    /// # Errors
    /// Why the request is refused without a look at its credentials.
    pub async fn look(
        &self,
        request: &OwnedRequest,
        latin1: Charset,
    ) -> Result<Option<Guess>, Reason> {
        let Some((guess, password)) = self.said(request, latin1) else { return Ok(None) };
        let known = self.guesses.known(&guess, Instant::now());
        match (known, password) {
            (Known::ShutOut, _) => Err(Reason::TooManyFailures),
            // The store says that it is wrong, or not to be asked from there.
            (Known::Wrong, _) | (_, None) => Ok(Some(guess)),
            (Known::Nothing, Some(password)) => {
                self.check(&guess, password).await?;
                Ok(Some(guess))
            }
        }
    }

    /// Notes what became of a request.
    pub fn note(&self, guess: &Guess, refused: Option<Reason>) {
        // A session that is over is told as one that never was: it is nobody's guess.
        let is_wrong = [Reason::UnknownUser, Reason::WrongPassword];
        if refused.is_some_and(|reason| is_wrong.contains(&reason)) {
            self.guesses.wrong(guess, Instant::now());
        }
    }

    /// What a request says who asks, and the password to be checked, where the account may be asked for
    /// from there.
    fn said(&self, request: &OwnedRequest, latin1: Charset) -> Option<(Guess, Option<Password>)> {
        let place = request.peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).into();
        request.with(latin1, |asked| {
            let (api, credentials) = answer::credentials(APIS, asked)?;
            if api.lockout.is_some() {
                return None;
            }
            let (user, secret) = match credentials {
                Credentials::Password { user, password } => (user.to_string(), password),
                Credentials::Key { account, key } => {
                    (account.map(|account| account.to_string()).unwrap_or_default(), key)
                }
                Credentials::Token(token) => (String::new(), token),
                Credentials::Session { user, key }
                | Credentials::AccessToken { user, token: key } => (user.to_string(), key),
            };
            let secret = secret.0.to_string();
            let print = self.verifier.print(&user, &secret);
            let is_named = matches!(credentials, Credentials::Password { .. });
            let named = |(_, account): &(usize, &Account)| account.name == user;
            let config = self.config.get();
            let account = config.accounts.iter().enumerate().find(named);
            let account = account.filter(|_| is_named);
            let password = account.filter(|(_, own)| own.admits(request.peer));
            let password = password.map(|(account, _)| Password {
                config: config.clone(),
                account,
                password: secret,
            });
            Some((Guess { place, account: account.map(|(at, _)| at), print }, password))
        })
    }

    async fn check(&self, guess: &Guess, wanted: Password) -> Result<(), Reason> {
        let Password { config, account, password } = wanted;
        let Some(own) = config.accounts.get(account) else { return Ok(()) };
        if self.verifier.knows(&own.password, &password) {
            self.guesses.right(guess.place, account);
            return Ok(());
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(Reason::Busy) };
        let Ok(_permit) = self.checks.acquire().await else { return Ok(()) };
        // Others were checked meanwhile: this one may have been among them, or one guess too many.
        match self.guesses.known(guess, Instant::now()) {
            Known::ShutOut => return Err(Reason::TooManyFailures),
            Known::Wrong => return Ok(()),
            Known::Nothing if self.verifier.knows(&own.password, &password) => return Ok(()),
            Known::Nothing => {}
        }
        let (verifier, hash) = (self.verifier.clone(), own.password.clone());
        // A check that panics leaves the password unknown, which refuses it.
        let right =
            spawn_blocking(move || verifier.verify(&hash, &password)).await.unwrap_or(false);
        if right {
            self.guesses.right(guess.place, account);
        } else {
            self.guesses.wrong(guess, Instant::now());
        }
        Ok(())
    }
}
