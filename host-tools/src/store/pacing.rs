//! What each SIM has sent of late, and when it may send more.
//!
//! It is kept by the number of the SIM, and there after a restart.

use crate::accounts::random;

use super::message::Fate;
use super::{SqlStore, ms};

/// The time of a limit by the minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;

impl SqlStore {
    /// Finds out when each SIM may send next.
    pub(super) fn load_paces(&mut self) {
        for modem in 0..self.modems.len() {
            self.rest(modem);
        }
    }

    /// Counts a part that a modem gets now.
    pub(super) fn count_part(&mut self, modem: usize) {
        let config = self.config.clone();
        let (pace, sim) = (&config.modems[modem].limits, &config.modems[modem].number);
        let now = self.now_ms;
        if !pace.gap.is_zero() || !pace.spread.is_zero() {
            let next = now + ms(pace.gap) + at_random(ms(pace.spread));
            self.database.execute(
                "INSERT INTO sim (number, next, since, parts) VALUES ($1, $2, 0, 0) \
                 ON CONFLICT (number) DO UPDATE SET next = excluded.next",
                &[sim.into(), next.into()],
            );
        }
        if pace.per_minute.is_some() {
            let sql = "DELETE FROM paced WHERE sim = $1 AND at <= $2";
            self.database.execute(sql, &[sim.into(), (now - MINUTE_MS).into()]);
            let sql = "INSERT INTO paced (sim, at) VALUES ($1, $2)";
            self.database.execute(sql, &[sim.into(), now.into()]);
        }
        if pace.per_day.is_some() {
            let (since, used, _) = self.used_today(modem);
            self.database.execute(
                "INSERT INTO sim (number, next, since, parts) VALUES ($1, 0, $2, $3) \
                 ON CONFLICT (number) DO UPDATE SET since = excluded.since, parts = excluded.parts",
                &[sim.into(), since.into(), (used + 1).into()],
            );
        }
        self.rest(modem);
    }

    /// Takes a part back from the day's count: it was not sent.
    pub(super) fn uncount_part(&mut self, modem: usize) {
        let config = self.config.clone();
        let (pace, sim) = (&config.modems[modem].limits, &config.modems[modem].number);
        if pace.per_day.is_some() {
            let sql = "UPDATE sim SET parts = parts - 1 WHERE number = $1 AND parts > 0";
            self.database.execute(sql, &[sim.into()]);
            self.rest(modem);
        }
    }

    /// Finds out when a SIM may send next.
    pub(super) fn rest(&mut self, modem: usize) {
        let config = self.config.clone();
        let (pace, sim) = (&config.modems[modem].limits, &config.modems[modem].number);
        let mut until = 0;
        if !pace.gap.is_zero() || !pace.spread.is_zero() {
            let sql = "SELECT next FROM sim WHERE number = $1";
            until = self.database.one(sql, &[sim.into()], |row| row.integer(0)).unwrap_or_default();
        }
        if let Some(most) = pace.per_minute {
            // The part which is that many ago: a minute after it there is room for another.
            let nth = self.database.one(
                "SELECT at FROM paced WHERE sim = $1 ORDER BY at DESC LIMIT 1 OFFSET $2",
                &[sim.into(), (most - 1).into()],
                |row| row.integer(0),
            );
            until = until.max(nth.map_or(0, |at| at + MINUTE_MS));
        }
        if let Some(most) = pace.per_day {
            let (_, used, next) = self.used_today(modem);
            if used >= i64::from(most) {
                let wait = next - self.wall().as_millisecond();
                until = until.max(self.now_ms + wait.max(1));
            }
        }
        self.volatile.lines[modem].rests_until = until;
    }

    /// How many parts a message may have that a modem begins now.
    pub(super) fn left_today(&mut self, modem: usize) -> i64 {
        let Some(most) = self.config.modems[modem].limits.per_day else { return i64::MAX };
        let (_, used, _) = self.used_today(modem);
        // What has begun is to end today.
        let begun = self.database.all(
            "SELECT fates FROM message WHERE ready = 1 AND queue = $1 AND begun = 1",
            &[self.modems[modem].into()],
            |row| row.octets(0).chunks(2).filter(|fate| Fate::read(fate) == Fate::Waiting).count(),
        );
        let promised: usize = begun.into_iter().sum();
        i64::from(most) - used - i64::try_from(promised).unwrap_or(i64::MAX)
    }

    /// When a SIM's day began, what it has sent since, and when the next day begins, by the clock on the
    /// wall.
    fn used_today(&mut self, modem: usize) -> (i64, i64, i64) {
        let modem = &self.config.modems[modem];
        let (begins, next) = modem.limits.day(self.wall);
        let kept = self.database.one(
            "SELECT since, parts FROM sim WHERE number = $1",
            &[(&modem.number).into()],
            |row| (row.integer(0), row.integer(1)),
        );
        let begins = begins.as_millisecond();
        // A clock that is set back does not begin another day.
        match kept {
            Some((since, parts)) if since >= begins => (since, parts, next.as_millisecond()),
            _ => (begins, 0, next.as_millisecond()),
        }
    }
}

/// A number from 0 to `most`, any of them alike.
fn at_random(most: i64) -> i64 {
    let mut octets = [0; 8];
    // Without random numbers the least is added.
    let _ = random(&mut octets);
    i64::from_ne_bytes(octets).rem_euclid(most.saturating_add(1))
}
