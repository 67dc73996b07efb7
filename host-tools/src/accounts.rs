//! Passwords: hashed at rest, compared without telling how far they agree.

use std::collections::HashSet;
use std::hash::Hasher as _;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use siphasher::sip128::{Hasher128 as _, SipHasher24};
use subtle::ConstantTimeEq;

use crate::Failed;

/// The Argon2id hash of a password, as a PHC string.
///
/// # Errors
/// When the system has no random numbers.
pub fn hash(password: &str) -> Result<String, Failed> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| Failed::input(format!("cannot hash a password: {e}")))
}

/// Fills `octets` with random ones.
///
/// # Errors
/// When the system has none.
pub fn random(octets: &mut [u8]) -> Result<(), Failed> {
    getrandom::fill(octets)
        .map_err(|e| Failed::input(format!("the system gives no random numbers: {e}")))
}

/// Random octets as hexadecimal digits, two for each.
///
/// # Errors
/// When the system has no random numbers.
pub fn random_hex(octets: usize) -> Result<String, Failed> {
    let mut octets = vec![0; octets];
    random(&mut octets)?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}

/// Whether two secrets are equal, in a time that depends on their lengths only.
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// A keyed hash of a secret, with a key that lives as long as the process.
pub type Print = u128;

/// Says whether a password is the one that a hash was made of.
///
/// An Argon2 hash costs tens of milliseconds on purpose. A password that was right once is remembered
/// under a key that lives as long as the process, so that later requests cost next to nothing.
///
/// All hashes are made by one thread, in the same 19 MiB: those of many would stay with the allocator.
pub struct Verifier {
    key: [u8; 16],
    right: Mutex<HashSet<Print>>,
    checks: Sender<Check>,
}

/// Whether `password` is the one that `hash` was made of.
struct Check {
    hash: String,
    password: String,
    /// Who wants to know.
    reply: Sender<bool>,
}

impl Check {
    /// Whether it is, computed in `memory`, which grows to what that takes. A hash that is none is nobody's.
    fn is_right(&self, memory: &mut Vec<Block>) -> Option<bool> {
        let hash = PasswordHash::new(&self.hash).ok()?;
        let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = hash.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
        let params = Params::try_from(&hash).ok()?;
        memory.resize(memory.len().max(params.block_count()), Block::new());
        let mut computed = vec![0; expected.len()];
        let password = self.password.as_bytes();
        Argon2::new(algorithm, version, params)
            .hash_password_into_with_memory(password, salt, &mut computed, memory)
            .ok()?;
        Some(equal(&computed, expected.as_bytes()))
    }
}

impl Verifier {
    /// A verifier that remembers nothing yet.
    ///
    /// # Errors
    /// When the system has no random numbers, or no thread.
    pub fn new() -> Result<Self, Failed> {
        let mut key = [0; 16];
        random(&mut key)?;
        let (checks, asked) = channel::<Check>();
        // It ends with the last that may ask.
        let check_all = move || {
            let mut memory = Vec::new();
            for check in asked {
                let is_right = check.is_right(&mut memory).unwrap_or(false);
                // Who asked may have gone away.
                let _ = check.reply.send(is_right);
            }
        };
        thread::Builder::new()
            .spawn(check_all)
            .map_err(|e| Failed::input(format!("the system gives no thread: {e}")))?;
        Ok(Self { key, right: Mutex::default(), checks })
    }

    /// Whether `password` was found to be the one that `hash` was made of. Costs next to nothing.
    ///
    /// A hash has its own salt, so it stands for the account too.
    pub fn knows(&self, hash: &str, password: &str) -> bool {
        self.knows_print(self.print(hash, password))
    }

    /// The same of the [`print`](Self::print) of both.
    pub fn knows_print(&self, print: Print) -> bool {
        self.right().contains(&print)
    }

    /// Whether `password` is the one that `hash` was made of. Costs tens of milliseconds, and waits for
    /// those who asked before.
    pub fn verify(&self, hash: &str, password: &str) -> bool {
        let (reply, replied) = channel();
        let check = Check { hash: hash.to_owned(), password: password.to_owned(), reply };
        // A thread that has ended leaves the password unknown, which refuses it.
        let right = self.checks.send(check).is_ok() && replied.recv().unwrap_or(false);
        if right {
            self.right().insert(self.print(hash, password));
        }
        right
    }

    fn right(&self) -> MutexGuard<'_, HashSet<Print>> {
        self.right.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A keyed hash of a secret and of whose it is, which tells neither. Who does not have the key finds no
    /// other secret with the same one.
    pub fn print(&self, who: &str, secret: &str) -> Print {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write(&(who.len() as u64).to_le_bytes());
        hasher.write(who.as_bytes());
        hasher.write(secret.as_bytes());
        hasher.finish128().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_is_right_the_first_time_and_later() {
        let hash = hash("right").unwrap();
        assert!(!hash.contains("right"));
        let verifier = Verifier::new().unwrap();
        assert!(!verifier.knows(&hash, "right"));
        for (password, right) in [("right", true), ("Right", false), ("", false)] {
            assert_eq!(verifier.verify(&hash, password), right);
            assert_eq!(verifier.knows(&hash, password), right);
        }
        assert!(!verifier.verify("no hash", "right"));
    }

    #[test]
    fn secrets_are_equal_as_a_whole() {
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd") && !equal(b"abc", b"ab") && !equal(b"", b"a"));
    }
}
