//! The gateways beside this one, as far as their database knows of them.

use crate::database::Database;

/// A gateway that keeps what it has in the same database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// Whether it is connected to the database.
    pub works: bool,
    /// The names of the modems that it has had.
    pub modems: Vec<String>,
}

/// Those that do not have this name.
pub(super) fn others(database: &mut Database, own: &str) -> Vec<Other> {
    let mut others: Vec<Other> = Vec::new();
    // A file is one gateway's alone.
    if database.connection().is_none() {
        return others;
    }
    // One that works has the lock of its number, as `store::gateways` says.
    database.each(
        "SELECT g.name, o.name, EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' \
         AND l.granted AND l.objsubid = 2 AND l.classid = 'gateway'::regclass::oid \
         AND l.objid::bigint = g.id AND l.database = \
         (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) \
         FROM gateway g LEFT JOIN modem o ON o.gateway = g.id WHERE g.name <> $1 \
         ORDER BY g.name, o.id",
        &[own.into()],
        |row| {
            let name = row.string(0);
            if others.last().is_none_or(|last| last.name != name) {
                let other = Other { name: name.clone(), works: row.is(2), modems: Vec::new() };
                others.push(other);
            }
            let modem = row.text(1).and_then(|modem| modem.strip_prefix(&name)?.strip_prefix('/'));
            if let (Some(last), Some(modem)) = (others.last_mut(), modem) {
                last.modems.push(modem.to_owned());
            }
        },
    );
    others
}
