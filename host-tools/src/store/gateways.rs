//! The gateways that work on one database, each with its own modems.
//!
//! A gateway keeps a lock as long as it is connected, which ends with the connection however that ends.
//! Who gets the lock of another one knows that it is gone, and takes up what it has left.

use std::thread::sleep;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::{SqlStore, ms};

/// How often it is looked whether another gateway is gone.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often messages are counted anew: those of other gateways come and go as well.
const COUNT_EVERY: Duration = Duration::from_secs(60);

/// How often, and how long after each try, the lock of an earlier run is waited for.
const LOCK_TRIES: usize = 60;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// This gateway among the others.
#[derive(Default)]
pub(super) struct Gateways {
    /// Its number.
    pub own: i64,
    /// The connection that has its lock; `None` before there is one.
    locked: Option<u64>,
    looked: i64,
    counted: i64,
}

impl SqlStore {
    /// Whether other gateways may work on the database.
    pub fn is_shared(&self) -> bool {
        self.database.connection().is_some()
    }

    /// Enters this gateway and its modems, at the start.
    pub(super) fn join(&mut self) {
        let name = self.config.name.clone();
        self.database.execute(
            "INSERT INTO gateway (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
            &[(&name).into()],
        );
        let own =
            self.database.one("SELECT id FROM gateway WHERE name = $1", &[(&name).into()], |row| {
                row.integer(0)
            });
        self.gateways.own = own.unwrap_or_default();
        for modem in &self.config.clone().modems {
            // Each gateway has its own names.
            let name = if self.is_shared() {
                format!("{name}/{}", modem.name)
            } else {
                modem.name.clone()
            };
            let id = self.database.one(
                "INSERT INTO modem (name, gateway) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET gateway = excluded.gateway RETURNING id",
                &[(&name).into(), self.gateways.own.into()],
                |row| row.integer(0),
            );
            self.modems.push(id.unwrap_or_default());
        }
        for _ in 0..LOCK_TRIES {
            if self.is_locked() {
                return;
            }
            sleep(LOCK_PAUSE);
        }
        self.have_lock();
    }

    /// Has the transaction fail where this gateway has lost its lock and does not get it again.
    pub(super) fn have_lock(&mut self) {
        if !self.is_locked() {
            let name = &self.config.name;
            self.database.refuse(format!(
                "another gateway with the name {name:?} works on it: give each a `name` of its own"
            ));
        }
    }

    fn is_locked(&mut self) -> bool {
        let connection = self.database.connection();
        if self.gateways.locked != connection {
            // Of these tables: others may be in the same database.
            let sql = "SELECT pg_try_advisory_lock('gateway'::regclass::oid::integer, $1::integer)";
            let locked = self.database.one(sql, &[self.gateways.own.into()], |row| row.is(0));
            if locked == Some(true) {
                self.gateways.locked = connection;
            }
        }
        self.gateways.locked == connection
    }

    /// Takes up what gateways have left that are gone, and counts what all of them have, every so often.
    pub(super) fn tend(&mut self) {
        if !self.is_shared() {
            return;
        }
        if self.now_ms >= self.gateways.looked + ms(LOOK_EVERY) {
            self.gateways.looked = self.now_ms;
            self.take_up();
        }
        if self.now_ms >= self.gateways.counted + ms(COUNT_EVERY) {
            self.gateways.counted = self.now_ms;
            self.count();
        }
    }

    /// When the other gateways are to be looked at next, where there can be some.
    pub fn next_look(&self) -> Option<Instant> {
        self.is_shared().then(|| self.instant(self.gateways.looked + ms(LOOK_EVERY)))
    }

    fn take_up(&mut self) {
        let own = self.gateways.own;
        // Who has nothing left has nothing to take up.
        let others = self.database.all(
            "SELECT id, name FROM gateway g WHERE id <> $1 AND (EXISTS \
             (SELECT 1 FROM callback c WHERE c.gateway = g.id) OR EXISTS (SELECT 1 FROM message m \
             WHERE m.held = 1 AND m.modem IN (SELECT o.id FROM modem o WHERE o.gateway = g.id)))",
            &[own.into()],
            |row| (row.integer(0), row.string(1)),
        );
        for (other, name) in others {
            // It is kept until the end of the transaction.
            let sql =
                "SELECT pg_try_advisory_xact_lock('gateway'::regclass::oid::integer, $1::integer)";
            if self.database.one(sql, &[other.into()], |row| row.is(0)) != Some(true) {
                continue;
            }
            warn!(gateway = name, "is gone: what it had is taken up");
            self.recover(other);
            self.database.execute(
                "UPDATE callback SET gateway = $1 WHERE gateway = $2",
                &[own.into(), other.into()],
            );
            self.knows_hosts = false;
        }
    }

    /// Ends what was under way when a gateway ended: a part that a modem had may have been sent, or
    /// not.
    pub(super) fn recover(&mut self, gateway: i64) {
        let held = self.database.all(
            "SELECT id FROM message WHERE held = 1 \
             AND modem IN (SELECT id FROM modem WHERE gateway = $1) FOR UPDATE",
            &[gateway.into()],
            |row| row.integer(0),
        );
        if !held.is_empty() {
            info!(messages = held.len(), "were with modems when the gateway ended");
        }
        for id in held {
            self.orphaned(id);
        }
        // A callback that was under way is made again: nobody knows whether it was taken.
        self.database.execute(
            "UPDATE callback SET due = $1 WHERE due IS NULL AND gateway = $2",
            &[self.now_ms.into(), gateway.into()],
        );
    }

    /// Counts the messages that there are, that are not final, and that wait.
    pub(super) fn count(&mut self) {
        self.volatile.messages = self.last("SELECT count(*) FROM message");
        self.volatile.waiting = self.last("SELECT count(*) FROM message WHERE due IS NOT NULL")
            + self.last("SELECT count(*) FROM message WHERE ready = 1");
        self.volatile.open = self.last("SELECT count(*) FROM message WHERE expires IS NOT NULL")
            + self.last("SELECT count(*) FROM message WHERE scheduled IS NOT NULL");
    }

    /// Tells the other gateways that there is work for their modems, once the transaction is safe.
    pub(super) fn tell_others(&mut self) {
        if std::mem::take(&mut self.volatile.has_work) && self.is_shared() {
            let own = self.gateways.own.to_string();
            let sql = "SELECT pg_notify('septet', $1)";
            self.database.execute(sql, &[(&own).into()]);
        }
    }

    /// What hears that other gateways have work.
    pub fn listener(&self) -> Option<(crate::database::Listener, i64)> {
        Some((self.database.listener()?, self.gateways.own))
    }
}
