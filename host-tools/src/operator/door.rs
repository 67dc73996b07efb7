//! Who may see the operator's page: its password, and the sessions that it opened.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::Failed;
use crate::accounts::{Verifier, equal, random_hex};
use crate::guesses::{Guess, Guesses, Known};

/// The name of the cookie that a session has.
const COOKIE_NAME: &str = "septet-operator";

/// How long a session lasts after it was used last.
const SESSION: Duration = Duration::from_secs(12 * 60 * 60);

/// How many sessions there are at most: the oldest one ends.
const SESSIONS_MAX: usize = 64;

/// A session of the page.
#[derive(Clone, Debug)]
pub struct Session {
    key: String,
    /// What every form of the page has, so that no other page's form counts as one.
    pub token: String,
    used: Instant,
}

impl Session {
    /// Whether a form with this token was made for this login.
    pub fn is_own(&self, token: &str) -> bool {
        equal(self.token.as_bytes(), token.as_bytes())
    }
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The password is wrong.
    Wrong,
    /// Too many passwords were guessed from there.
    TooOften,
    /// The system has no random numbers.
    Failing,
}

/// The page's door.
pub struct Door {
    /// Argon2id hash of the password.
    password: String,
    /// Whether the page is behind TLS: then its cookie is for that alone.
    is_tls: bool,
    verifier: Arc<Verifier>,
    guesses: Guesses,
    /// One password is checked at a time: it takes a core for tens of milliseconds.
    check: Semaphore,
    sessions: Mutex<Vec<Session>>,
}

impl Door {
    /// A door that opens to the password that was made into this hash; `is_tls` says whether the page
    /// is behind TLS.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(password: String, is_tls: bool) -> Result<Self, Failed> {
        Ok(Self {
            password,
            is_tls,
            verifier: Arc::new(Verifier::new()?),
            guesses: Guesses::default(),
            check: Semaphore::new(1),
            sessions: Mutex::default(),
        })
    }

    /// Whether this is the password. An address that guesses is not listened to.
    ///
    /// # Errors
    /// Why not.
    pub async fn knows(&self, password: &str, peer: IpAddr) -> Result<(), Shut> {
        let Ok(_permit) = self.check.acquire().await else { return Err(Shut::Failing) };
        let print = self.verifier.print("", password);
        let guess = Guess { place: peer.into(), account: None, print };
        match self.guesses.known(&guess, Instant::now()) {
            Known::ShutOut => return Err(Shut::TooOften),
            Known::Wrong => return Err(Shut::Wrong),
            Known::Nothing if self.verifier.knows(&self.password, password) => return Ok(()),
            Known::Nothing => {}
        }
        let (verifier, hash) = (self.verifier.clone(), self.password.clone());
        let password = password.to_owned();
        // A check that panics refuses the password.
        let right =
            spawn_blocking(move || verifier.verify(&hash, &password)).await.unwrap_or(false);
        if !right {
            self.guesses.wrong(&guess, Instant::now());
            return Err(Shut::Wrong);
        }
        Ok(())
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session and returns the cookie that stands for it.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn open(&self) -> Result<String, Failed> {
        let session =
            Session { key: random_hex(32)?, token: random_hex(16)?, used: Instant::now() };
        let cookie = self.cookie(&session.key);
        let mut sessions = self.sessions();
        sessions.retain(|session| session.used.elapsed() < SESSION);
        if sessions.len() >= SESSIONS_MAX {
            sessions.remove(0);
        }
        sessions.push(session);
        Ok(cookie)
    }

    /// The session that a request belongs to.
    pub fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let key = key(headers)?;
        let mut sessions = self.sessions();
        let session = sessions
            .iter_mut()
            .find(|own| equal(own.key.as_bytes(), key.as_bytes()))
            .filter(|own| own.used.elapsed() < SESSION)?;
        session.used = Instant::now();
        Some(session.clone())
    }

    /// Ends a session and returns the cookie that stands for none.
    pub fn close(&self, session: &Session) -> String {
        self.sessions().retain(|own| own.key != session.key);
        format!("{}; Max-Age=0", self.cookie(""))
    }

    fn cookie(&self, key: &str) -> String {
        let secure = if self.is_tls { "; Secure" } else { "" };
        format!("{COOKIE_NAME}={key}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }
}

/// The key in a request's cookies.
fn key(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';'));
    cookies.find_map(|cookie| cookie.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())])
    }

    #[tokio::test]
    async fn only_the_password_opens_and_only_its_cookie_is_a_session() {
        let door = Door::new(crate::accounts::hash("right").unwrap(), false).unwrap();
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(door.knows("wrong", peer).await, Err(Shut::Wrong));
        assert_eq!(door.knows("right", peer).await, Ok(()));
        let cookie = door.open().unwrap();
        let pair = cookie.split(';').next().unwrap().to_owned();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
        let session = door.session(&headers(&format!("a=b; {pair}; c=d"))).unwrap();
        assert!(session.is_own(&session.token) && !session.is_own(""));
        for other in [format!("x{pair}"), format!("{COOKIE_NAME}="), format!("{pair}0")] {
            assert!(door.session(&headers(&other)).is_none(), "{other}");
        }
        door.close(&session);
        assert!(door.session(&headers(&pair)).is_none());
    }

    #[tokio::test]
    async fn an_address_that_guesses_is_not_listened_to() {
        // No hash: nothing is right, at no cost.
        let door = Door::new(String::new(), false).unwrap();
        let [peer, other] = [1, 2].map(|host| IpAddr::from([127, 0, 0, host]));
        let mut guesses = 0;
        while door.knows(&guesses.to_string(), peer).await == Err(Shut::Wrong) {
            // The same again is no guess.
            assert_ne!(door.knows("0", peer).await, Ok(()));
            guesses += 1;
        }
        assert!(guesses > 1, "{guesses}");
        assert_eq!(door.knows("right", peer).await, Err(Shut::TooOften));
        assert_eq!(door.knows("0", other).await, Err(Shut::Wrong));
    }

    #[test]
    fn behind_tls_the_cookie_is_for_that_alone() {
        let door = Door::new(String::new(), true).unwrap();
        assert!(door.open().unwrap().ends_with("; Secure"));
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let door = Door::new(String::new(), false).unwrap();
        let pairs: Vec<String> = (0..=SESSIONS_MAX)
            .map(|_| door.open().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        assert!(door.session(&headers(&pairs[0])).is_none());
        assert!(door.session(&headers(&pairs[1])).is_some());
    }
}
