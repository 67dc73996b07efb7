//! Which message a modem sends a part of next.
//!
//! The most urgent goes first. Of the same urgency accounts take turns, by the part, so that what one
//! has in bulk does not keep another waiting. Of one account's messages the earliest goes first, and
//! each part of one that has begun is followed by a part of another, so that a long message does not
//! keep the short ones waiting. No more than a few are under way at once, since a network gives up a
//! message whose parts come minutes apart.

use std::collections::HashSet;

use septet::pdu::Pdu;

use super::{MessageId, SqlStore};

/// How many messages of an account a modem has begun and not ended; past that only those of one part
/// go between their parts.
const UNDER_WAY_MAX: u32 = 4;

impl SqlStore {
    /// What idle modems are to send now.
    pub fn next_parts(&mut self) -> Vec<(usize, Pdu)> {
        let mut parts = Vec::new();
        // What other gateways have accepted is not counted here.
        if self.volatile.waiting == 0 && !self.is_shared() {
            return parts;
        }
        // Who found nothing, or left it to a modem that is to have it first.
        let mut idle = HashSet::new();
        loop {
            let mut modems: Vec<usize> =
                (0..self.modems.len()).filter(|modem| self.is_idle(*modem)).collect();
            modems.sort_by_key(|modem| self.volatile.lines[*modem].given);
            let mut is_over = true;
            for modem in modems {
                match self.next_part_beside(modem, &idle) {
                    Some(part) => {
                        parts.push((modem, part));
                        is_over = false;
                    }
                    // Another one may have left to it what it does not want.
                    None => is_over &= !idle.insert(modem) || self.config.routes.is_empty(),
                }
            }
            if is_over {
                return parts;
            }
        }
    }

    /// Whether a modem could be given a part now.
    pub(super) fn is_idle(&self, modem: usize) -> bool {
        self.is_able(modem) && self.volatile.lines[modem].sending.is_none()
    }

    /// The message that a modem is to send a part of next. `idle` are modems that found nothing.
    pub(super) fn next_message(
        &mut self,
        modem: usize,
        idle: &HashSet<usize>,
    ) -> Option<MessageId> {
        let queues = self.queues(modem, idle);
        let mut left = None;
        let mut below = i64::MAX;
        loop {
            let most_urgent = |queue: &i64| {
                let found = self.database.one(
                    "SELECT max(priority) FROM message WHERE ready = 1 AND queue = $1 AND priority < $2",
                    &[(*queue).into(), below.into()],
                    |row| row.number(0),
                );
                Some((*queue, found.flatten()?))
            };
            let waiting: Vec<(i64, i64)> = queues.iter().filter_map(most_urgent).collect();
            let priority = waiting.iter().map(|(_, priority)| *priority).max()?;
            let of_it = waiting.iter().filter(|(_, own)| *own == priority);
            let of_it: Vec<i64> = of_it.map(|(queue, _)| *queue).collect();
            let left = *left.get_or_insert_with(|| self.left_today(modem));
            if let Some(id) = self.next_of_priority(modem, &of_it, priority, left) {
                return Some(id);
            }
            below = priority;
        }
    }

    /// The next message of a priority: that of the account behind the one whose turn it was last.
    fn next_of_priority(
        &mut self,
        modem: usize,
        queues: &[i64],
        priority: i64,
        left: i64,
    ) -> Option<MessageId> {
        let last = self.volatile.lines[modem].account;
        for (from, until) in [(last, i64::MAX), (i64::MIN, last)] {
            let mut behind = from;
            loop {
                let next = |queue: &i64| {
                    self.database.one(
                        "SELECT min(account) FROM message \
                         WHERE ready = 1 AND queue = $1 AND priority = $2 AND account > $3",
                        &[(*queue).into(), priority.into(), behind.into()],
                        |row| row.number(0),
                    )
                };
                let account = queues.iter().filter_map(next).flatten().min();
                let Some(account) = account.filter(|account| *account <= until) else { break };
                if let Some(id) = self.next_of_account(modem, queues, (priority, account), left) {
                    self.volatile.lines[modem].account = account;
                    return Some(id);
                }
                behind = account;
            }
        }
        None
    }

    /// The next message of an account: one that has begun and one that has not in turn.
    fn next_of_account(
        &mut self,
        modem: usize,
        queues: &[i64],
        (priority, account): (i64, i64),
        left: i64,
    ) -> Option<MessageId> {
        let own = self.modems[modem];
        let begun = match queues.contains(&own) {
            true => self.database.all(
                "SELECT id FROM message WHERE ready = 1 AND queue = $1 AND priority = $2 \
                 AND account = $3 AND begun = 1 ORDER BY turn, id LIMIT $4 FOR UPDATE SKIP LOCKED",
                &[own.into(), priority.into(), account.into(), UNDER_WAY_MAX.into()],
                |row| row.integer(0),
            ),
            false => Vec::new(),
        };
        let is_full = begun.len() >= UNDER_WAY_MAX as usize;
        let parts_max = if is_full { left.min(1) } else { left };
        let first = |queue: &i64| {
            self.database.one(
                "SELECT id FROM message WHERE ready = 1 AND queue = $1 AND priority = $2 \
                 AND account = $3 AND begun = 0 AND parts <= $4 ORDER BY turn, id LIMIT 1 \
                 FOR UPDATE SKIP LOCKED",
                &[(*queue).into(), priority.into(), account.into(), parts_max.into()],
                |row| row.integer(0),
            )
        };
        let new = queues.iter().filter_map(first).min();
        let continued = &mut self.volatile.lines[modem].continued;
        match (begun.first().copied(), new) {
            (Some(begun), Some(new)) => {
                // In turn.
                Some(if continued.remove(&account) {
                    new
                } else {
                    continued.insert(account);
                    begun
                })
            }
            (begun, new) => begun.or(new),
        }
    }

    /// Where messages wait that a modem may send: those that only it may, and those of routes.
    fn queues(&self, modem: usize, idle: &HashSet<usize>) -> Vec<i64> {
        let own = self.modems[modem];
        if self.config.routes.is_empty() {
            return vec![own, 0];
        }
        let routes = self.config.routes.iter().zip(&self.routes);
        let is_open = |(route, _): &(&crate::config::Route, &i64)| {
            let places = |names: &[String]| -> Vec<usize> {
                let place =
                    |name: &String| self.config.modems.iter().position(|own| own.name == *name);
                names.iter().filter_map(place).collect()
            };
            let modems = places(&route.modems);
            match modems.iter().position(|own| *own == modem) {
                Some(_) if route.balanced => true,
                // One before it that is idle is to have it first.
                Some(place) => {
                    !modems.iter().take(place).any(|own| self.is_idle(*own) && !idle.contains(own))
                }
                None => {
                    places(&route.spare_modems).contains(&modem)
                        && !modems.iter().any(|own| self.is_able(*own))
                }
            }
        };
        std::iter::once(own).chain(routes.filter(is_open).map(|(_, id)| -id)).collect()
    }
}
