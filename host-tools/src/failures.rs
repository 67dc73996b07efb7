//! Requests that failed, and who is shut out for them, where a vendor does so.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use blake2::{Blake2s256, Digest};
use septet::api::{APIS, Api, Credentials, Lockout, Status};

/// How many keys and addresses are remembered; past that all but the shut out are forgotten, and
/// where those are as many, they, too.
const REMEMBERED_MAX: usize = 100_000;

/// Who asked, as far as a vendor counts failures by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Who {
    api: &'static str,
    /// A hash of the key: the key itself is nobody's business here.
    key: Option<[u8; 32]>,
    peer: Option<IpAddr>,
}

/// The failures of late, by key and by address.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<Who, VecDeque<Instant>>>);

impl Failures {
    /// Who asks, where the interface shuts anybody out.
    pub fn who(api: &'static Api, credentials: Option<&Credentials<'_>>) -> Option<Who> {
        api.lockout?;
        let key = match credentials {
            Some(Credentials::Key { key, .. } | Credentials::Token(key)) => {
                Some(Blake2s256::digest(key.0.to_string()).into())
            }
            _ => None,
        };
        Some(Who { api: api.name, key, peer: None })
    }

    /// Whether somebody is shut out before the request is looked at: a key for its own failures, and
    /// an address where there is no key.
    pub fn is_shut_out(&self, who: &Who, peer: Option<IpAddr>) -> bool {
        let [by_key, by_address] = counted(who, peer);
        self.has_too_many(if who.key.is_some() { &by_key } else { &by_address })
    }

    /// Whether an address is shut out whose key turned out to be none: another one from there may be
    /// right.
    pub fn is_shut_out_for(&self, who: &Who, peer: Option<IpAddr>, status: Status) -> bool {
        let [_, by_address] = counted(who, peer);
        status == Status::UNAUTHORIZED && self.has_too_many(&by_address)
    }

    fn has_too_many(&self, who: &Who) -> bool {
        let Some(lockout) = lockout(who.api) else { return false };
        let mut failures = self.failures();
        let Some(times) = failures.get_mut(who) else { return false };
        forget(times, lockout);
        times.len() >= lockout.failures as usize
    }

    /// Notes how a request went.
    pub fn note(&self, who: Who, peer: Option<IpAddr>, status: Status) {
        let Some(lockout) = lockout(who.api) else { return };
        if !(400..500).contains(&status.0) {
            return;
        }
        let mut failures = self.failures();
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, times| {
                forget(times, lockout);
                times.len() >= lockout.failures as usize
            });
            if failures.len() >= REMEMBERED_MAX {
                failures.clear();
            }
        }
        let [by_key, by_address] = counted(&who, peer);
        // A key that is none is somebody's guess: it counts for the address alone.
        let is_guess = by_key.key.is_none() || status == Status::UNAUTHORIZED;
        let times = failures.entry(if is_guess { by_address } else { by_key }).or_default();
        forget(times, lockout);
        times.push_back(Instant::now());
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<Who, VecDeque<Instant>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lockout(name: &str) -> Option<Lockout> {
    APIS.iter().copied().find(|api: &&Api| api.name == name)?.lockout
}

/// What failures are counted for: the key, where there is one, and the address.
fn counted(who: &Who, peer: Option<IpAddr>) -> [Who; 2] {
    [who.clone(), Who { key: None, peer, ..who.clone() }]
}

fn forget(times: &mut VecDeque<Instant>, lockout: Lockout) {
    let window = Duration::from_secs(lockout.seconds.into());
    while times.front().is_some_and(|first| first.elapsed() >= window) {
        times.pop_front();
    }
}
