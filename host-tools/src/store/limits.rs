//! What accounts may send: how fast, how much, under which name and to whom.

use std::time::Duration;

use septet::api::{Reason, Refusal};
use septet::text::Text;

use super::SqlStore;
use super::preparing::Preparing;
use crate::config::Term;

/// A request that comes too soon, or is too much for now, in the words of a refusal's detail.
const TOO_FAST: &str = "the account sends too fast";
const USED_UP: &str = "the account has sent what it may until the day or the month is over";

/// How fast an account sends: for each limit, when it is as if nothing had been sent, in microseconds of
/// the store's own time.
#[derive(Clone, Copy, Default)]
pub(super) struct Rates([i64; 3]);

/// Whether `count` more are within `limit` for each `period`, where the bucket is empty at `free`. They
/// are counted if so.
///
/// What is more than the limit by itself is taken where the bucket is empty, and fills it for longer.
fn takes(free: &mut i64, now: i64, (count, limit): (u64, u32), period: Duration) -> bool {
    let period = i64::try_from(period.as_micros()).unwrap_or(i64::MAX);
    let one = period / i64::from(limit.max(1));
    let start = (*free).max(now);
    let end = start.saturating_add(one.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)));
    let is_taken = start == now || end <= now.saturating_add(period);
    if is_taken {
        *free = end;
    }
    is_taken
}

fn later<'a>(detail: &'static str) -> Refusal<'a> {
    Refusal { reason: Reason::Busy, subject: Text::EMPTY, detail: Text::plain(detail) }
}

impl SqlStore {
    /// Counts a request to send.
    ///
    /// # Errors
    /// That it is to be made again later.
    pub(super) fn count_request<'a>(&mut self, account: usize) -> Result<(), Refusal<'a>> {
        let limits = &self.config.accounts[account].limits;
        let now = self.now_ms.saturating_mul(1000);
        let Rates([second, minute, _]) = self.volatile.rates.entry(account).or_default();
        for (free, limit, seconds) in
            [(second, limits.requests_per_second, 1), (minute, limits.requests_per_minute, 60)]
        {
            if let Some(limit) = limit
                && !takes(free, now, (1, limit), Duration::from_secs(seconds))
            {
                return Err(later(TOO_FAST));
            }
        }
        Ok(())
    }

    /// Counts the parts of a request that is accepted.
    ///
    /// # Errors
    /// That it is to be made again later: nothing is counted then.
    pub(super) fn count_parts<'a>(
        &mut self,
        account: usize,
        parts: u64,
    ) -> Result<(), Refusal<'a>> {
        let (limits, zone) = {
            let own = &self.config.accounts[account];
            (own.limits.clone(), own.zone())
        };
        let id = self.accounts[account];
        let parts_i64 = i64::try_from(parts).unwrap_or(i64::MAX);
        let mut counted = Vec::new();
        for (term, number) in Term::ALL.into_iter().zip(0_u8..) {
            let Some(most) = limits.parts(term) else { continue };
            let began = term.began(self.wall(), &zone).as_millisecond();
            let kept = self.database.one(
                "SELECT since, parts FROM quota WHERE account = $1 AND term = $2 FOR UPDATE",
                &[id.into(), number.into()],
                |row| (row.integer(0), row.integer(1)),
            );
            // A clock that is set back does not begin another day.
            let (since, used) = kept.filter(|(since, _)| *since >= began).unwrap_or((began, 0));
            let used = used.saturating_add(parts_i64);
            if used > i64::from(most) {
                return Err(later(USED_UP));
            }
            counted.push((number, since, used));
        }
        if let Some(limit) = limits.parts_per_minute {
            let now = self.now_ms.saturating_mul(1000);
            let Rates([.., free]) = self.volatile.rates.entry(account).or_default();
            if !takes(free, now, (parts, limit), Duration::from_secs(60)) {
                return Err(later(TOO_FAST));
            }
        }
        for (number, since, used) in counted {
            self.database.execute(
                "INSERT INTO quota (account, term, since, parts) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (account, term) DO UPDATE SET since = excluded.since, \
                 parts = excluded.parts",
                &[id.into(), number.into(), since.into(), used.into()],
            );
        }
        Ok(())
    }

    /// Gives back the parts of a request that is taken back, where its day and month are not over.
    pub(super) fn uncount_parts(&mut self, account: i64, request: i64, parts: i64) {
        self.database.execute(
            "UPDATE quota SET parts = parts - $1 WHERE account = $2 AND parts >= $1 \
             AND since <= (SELECT created FROM request WHERE id = $3)",
            &[parts.into(), account.into(), request.into()],
        );
    }
}

impl Preparing<'_> {
    /// Refuses a sender that the account may not use.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn check_sender<'a>(&self, sender: Option<Text<'a>>) -> Result<(), Refusal<'a>> {
        let own = &self.own().senders;
        let bare = |sender: Text<'a>| sender.strip_prefix("+").unwrap_or(sender);
        match sender {
            Some(sender) if !own.is_empty() && !own.iter().any(|own| bare(sender) == **own) => {
                Err(Refusal::plain(Reason::Sender))
            }
            _ => Ok(()),
        }
    }

    /// Whether the configuration lets the account send to a number.
    pub(super) fn may_send_to(&self, number: &str) -> bool {
        self.config.lists.allow(number) && self.own().lists.allow(number)
    }
}
