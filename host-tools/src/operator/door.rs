//! Who may see the operator's page: its password, and the sessions that it opened.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use tokio::sync::Semaphore;

use crate::Failed;
use crate::accounts::{equal, random_hex};

/// The name of the cookie that a session has.
const COOKIE_NAME: &str = "septet-operator";

/// How long a session lasts after it was used last.
const SESSION: Duration = Duration::from_secs(12 * 60 * 60);

/// How many sessions there are at most: the oldest one ends.
const SESSIONS_MAX: usize = 64;

/// How many wrong passwords an address may try within [`TRIES_WINDOW`].
const TRIES: usize = 10;

/// How long a wrong password is remembered.
const TRIES_WINDOW: Duration = Duration::from_secs(10 * 60);

/// How many addresses' wrong passwords are remembered; past that the oldest are forgotten.
const ADDRESSES_MAX: usize = 1024;

/// A session of the page.
#[derive(Clone, Debug)]
pub struct Session {
    key: String,
    /// What every form of the page has, so that no other page's form counts as one.
    pub token: String,
    used: Instant,
}

impl Session {
    /// Whether a form is one of this session's.
    pub fn is_own(&self, token: &str) -> bool {
        equal(self.token.as_bytes(), token.as_bytes())
    }
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The password is wrong.
    Wrong,
    /// Too many wrong passwords came from there.
    TooOften,
    /// The system has no random numbers.
    Failing,
}

/// The page's door.
pub struct Door {
    /// Argon2id hash of the password.
    password: String,
    /// One password is checked at a time: it takes a core for tens of milliseconds.
    check: Semaphore,
    sessions: Mutex<Vec<Session>>,
    wrong: Mutex<BTreeMap<IpAddr, VecDeque<Instant>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// A door that opens to the password that was made into this hash.
    pub fn new(password: String) -> Self {
        Self {
            password,
            check: Semaphore::new(1),
            sessions: Mutex::default(),
            wrong: Mutex::default(),
        }
    }

    /// Whether this is the password. An address that was wrong too often is not asked.
    ///
    /// # Errors
    /// Why not.
    pub async fn knows(&self, password: &str, peer: Option<IpAddr>) -> Result<(), Shut> {
        let Ok(_permit) = self.check.acquire().await else { return Err(Shut::Failing) };
        if peer.is_some_and(|peer| self.was_wrong_too_often(peer)) {
            return Err(Shut::TooOften);
        }
        let (hash, password) = (self.password.clone(), password.to_owned());
        let verify = move || {
            let hash = PasswordHash::new(&hash);
            hash.is_ok_and(|hash| {
                Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
            })
        };
        if tokio::task::spawn_blocking(verify).await.unwrap_or(false) {
            return Ok(());
        }
        if let Some(peer) = peer {
            let mut wrong = lock(&self.wrong);
            if wrong.len() >= ADDRESSES_MAX {
                let oldest = wrong.iter().min_by_key(|(_, times)| times.back().copied());
                if let Some(oldest) = oldest.map(|(peer, _)| *peer) {
                    wrong.remove(&oldest);
                }
            }
            wrong.entry(peer).or_default().push_back(Instant::now());
        }
        Err(Shut::Wrong)
    }

    fn was_wrong_too_often(&self, peer: IpAddr) -> bool {
        let mut wrong = lock(&self.wrong);
        let Some(times) = wrong.get_mut(&peer) else { return false };
        times.retain(|at| at.elapsed() < TRIES_WINDOW);
        times.len() >= TRIES
    }

    /// Opens a session and returns the cookie that stands for it.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn open(&self) -> Result<String, Failed> {
        let session =
            Session { key: random_hex(32)?, token: random_hex(16)?, used: Instant::now() };
        let cookie = cookie(&session.key);
        let mut sessions = lock(&self.sessions);
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
        let mut sessions = lock(&self.sessions);
        let session = sessions
            .iter_mut()
            .find(|own| equal(own.key.as_bytes(), key.as_bytes()))
            .filter(|own| own.used.elapsed() < SESSION)?;
        session.used = Instant::now();
        Some(session.clone())
    }

    /// Ends a session and returns the cookie that stands for none.
    pub fn close(&self, session: &Session) -> String {
        lock(&self.sessions).retain(|own| own.key != session.key);
        format!("{}; Max-Age=0", cookie(""))
    }
}

fn cookie(key: &str) -> String {
    format!("{COOKIE_NAME}={key}; Path=/; HttpOnly; SameSite=Strict")
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
        let door = Door::new(crate::accounts::hash("right").unwrap());
        let peer = Some(IpAddr::from([127, 0, 0, 1]));
        assert_eq!(door.knows("wrong", peer).await, Err(Shut::Wrong));
        assert_eq!(door.knows("right", peer).await, Ok(()));
        let cookie = door.open().unwrap();
        let pair = cookie.split(';').next().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        let session = door.session(&headers(&format!("a=b; {pair}; c=d"))).unwrap();
        assert!(session.is_own(&session.token) && !session.is_own(""));
        for other in [format!("x{pair}"), format!("{COOKIE_NAME}="), format!("{pair}0")] {
            assert!(door.session(&headers(&other)).is_none(), "{other}");
        }
        door.close(&session);
        assert!(door.session(&headers(&pair)).is_none());
    }

    #[tokio::test]
    async fn an_address_that_was_wrong_too_often_is_not_asked() {
        // No hash: nothing is right, at no cost.
        let door = Door::new(String::new());
        let peer = Some(IpAddr::from([127, 0, 0, 1]));
        for _ in 0..TRIES {
            assert_eq!(door.knows("x", peer).await, Err(Shut::Wrong));
        }
        assert_eq!(door.knows("x", peer).await, Err(Shut::TooOften));
        assert_eq!(door.knows("x", Some(IpAddr::from([127, 0, 0, 2]))).await, Err(Shut::Wrong));
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let door = Door::new(String::new());
        let pairs: Vec<String> = (0..=SESSIONS_MAX)
            .map(|_| door.open().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        assert!(door.session(&headers(&pairs[0])).is_none());
        assert!(door.session(&headers(&pairs[1])).is_some());
    }
}
