//! Wrong passwords, keys and tokens of late: whose guesses are not looked at any more.
//!
//! The same wrong secret again is no new guess: a program that was not told of a new password shuts
//! nobody out who asks from the same address.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::warn;

use crate::accounts::Print;

/// How long a guess counts.
const WINDOW: Duration = Duration::from_secs(20 * 60);

/// How many guesses an address has, whomever it means.
const OF_ADDRESS: usize = 20;

/// How many guesses there are at the password of an account, from all addresses together. Those that
/// were right before have their own only.
const OF_ACCOUNT: usize = 100;

/// How many addresses are remembered, in each of the lists; past that those that are shut out, and
/// where those are as many, none.
const REMEMBERED_MAX: usize = 10_000;

/// Somebody who says who they are.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    /// Where they ask from.
    pub place: Place,
    /// The account that they name, by its place in the configuration, where that is one.
    pub account: Option<usize>,
    /// A keyed hash of what they say.
    pub print: Print,
}

/// An address, as far as one person has it alone: of IPv6 that is a network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(IpAddr);

impl From<IpAddr> for Place {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                Ipv6Addr::from_bits(network).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// What is known of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it may be right.
    Nothing,
    /// It was wrong before.
    Wrong,
    /// Nobody looks whether it is right.
    ShutOut,
}

/// The guesses of late that were wrong.
#[derive(Default)]
pub struct Guesses(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_place: HashMap<Place, Wrong>,
    by_account: HashMap<usize, Wrong>,
    /// Who was right before.
    right: HashSet<(Place, usize)>,
}

/// When each guess was made first, oldest first.
#[derive(Default)]
struct Wrong(VecDeque<(Instant, Print)>);

impl Wrong {
    fn forget(&mut self, now: Instant) {
        while self.0.front().is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW) {
            self.0.pop_front();
        }
    }

    fn has(&self, print: Print) -> bool {
        self.0.iter().any(|(_, own)| *own == print)
    }

    /// Adds a guess that is new; whether it is the last one of `max`.
    fn add(&mut self, now: Instant, print: Print, max: usize) -> bool {
        self.forget(now);
        if self.0.len() >= max || self.has(print) {
            return false;
        }
        self.0.push_back((now, print));
        self.0.len() == max
    }
}

impl Guesses {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a guess before anybody looks at it.
    pub fn known(&self, guess: &Guess, now: Instant) -> Known {
        let Guess { place, account, print } = guess;
        let mut kept = self.kept();
        if let Some(wrong) = kept.by_place.get_mut(place) {
            wrong.forget(now);
            if wrong.0.len() >= OF_ADDRESS {
                return Known::ShutOut;
            }
            if wrong.has(*print) {
                return Known::Wrong;
            }
        }
        let Some(account) = account else { return Known::Nothing };
        let is_right = kept.right.contains(&(*place, *account));
        let Some(wrong) = kept.by_account.get_mut(account) else { return Known::Nothing };
        wrong.forget(now);
        if wrong.0.len() >= OF_ACCOUNT && !is_right { Known::ShutOut } else { Known::Nothing }
    }

    /// Notes a guess that was wrong.
    pub fn wrong(&self, guess: &Guess, now: Instant) {
        let Guess { place, account, print } = *guess;
        let mut kept = self.kept();
        if kept.by_place.len() >= REMEMBERED_MAX && !kept.by_place.contains_key(&place) {
            make_room(&mut kept.by_place, now);
        }
        if kept.by_place.entry(place).or_default().add(now, print, OF_ADDRESS) {
            warn!(address = %place.0, "it has guessed too often: nobody is let in from there now");
        }
        if let Some(account) = account
            && !kept.right.contains(&(place, account))
            && kept.by_account.entry(account).or_default().add(now, print, OF_ACCOUNT)
        {
            warn!(account, "its password was guessed too often: no new address is let in now");
        }
    }

    /// Notes that the password of an account was right.
    pub fn right(&self, place: Place, account: usize) {
        let mut kept = self.kept();
        if kept.right.len() >= REMEMBERED_MAX {
            kept.right.clear();
        }
        kept.right.insert((place, account));
    }
}

fn make_room(by_place: &mut HashMap<Place, Wrong>, now: Instant) {
    by_place.retain(|_, wrong| {
        wrong.forget(now);
        wrong.0.len() >= OF_ADDRESS
    });
    if by_place.len() >= REMEMBERED_MAX {
        by_place.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(address: &str, print: u32) -> Guess {
        let address: IpAddr = address.parse().unwrap();
        Guess { place: address.into(), account: Some(0), print: print.into() }
    }

    #[test]
    fn an_address_has_so_many_guesses_and_later_as_many_again() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for n in 0..OF_ADDRESS as u32 {
            assert_eq!(guesses.known(&guess("192.0.2.1", n), now), Known::Nothing);
            // The same again counts once.
            for _ in 0..3 {
                guesses.wrong(&guess("192.0.2.1", n), now);
            }
            let known = guesses.known(&guess("192.0.2.1", n), now);
            let last = n as usize + 1 == OF_ADDRESS;
            assert_eq!(known, if last { Known::ShutOut } else { Known::Wrong });
        }
        let right = guess("192.0.2.1", 1000);
        guesses.right(right.place, 0);
        assert_eq!(guesses.known(&right, now), Known::ShutOut);
        assert_eq!(guesses.known(&right, now + WINDOW), Known::Nothing);
        assert_eq!(guesses.known(&guess("192.0.2.2", 1000), now), Known::Nothing);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for n in 0..OF_ADDRESS as u32 {
            guesses.wrong(&guess(&format!("2001:db8::{n:x}"), n), now);
        }
        assert_eq!(guesses.known(&guess("2001:db8::ffff", 1000), now), Known::ShutOut);
        assert_eq!(guesses.known(&guess("2001:db8:0:1::1", 1000), now), Known::Nothing);
        assert_eq!(Place::from(guess("::ffff:192.0.2.1", 0).place.0), guess("192.0.2.1", 0).place);
    }

    #[test]
    fn an_account_that_many_guess_is_closed_to_all_who_were_not_right_before() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        guesses.right(guess("192.0.2.1", 0).place, 0);
        for n in 0..OF_ACCOUNT as u32 {
            let from = format!("198.51.100.{}", n / 5);
            assert_eq!(guesses.known(&guess("203.0.113.1", 1000), now), Known::Nothing, "{n}");
            guesses.wrong(&guess(&from, n), now);
        }
        assert_eq!(guesses.known(&guess("203.0.113.1", 1000), now), Known::ShutOut);
        assert_eq!(guesses.known(&guess("192.0.2.1", 1000), now), Known::Nothing);
        let other = Guess { account: Some(1), ..guess("203.0.113.1", 1000) };
        assert_eq!(guesses.known(&other, now), Known::Nothing);
    }

    #[test]
    fn who_is_shut_out_stays_so_while_others_come() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for n in 0..OF_ADDRESS as u32 {
            guesses.wrong(&guess("192.0.2.1", n), now);
        }
        for n in 0..2 * REMEMBERED_MAX as u32 {
            let from = std::net::Ipv4Addr::from_bits(0x0A00_0000 + n).to_string();
            guesses.wrong(&guess(&from, n), now);
        }
        assert!(guesses.kept().by_place.len() <= REMEMBERED_MAX);
        assert_eq!(guesses.known(&guess("192.0.2.1", 1000), now), Known::ShutOut);
    }
}
