//! Numbers of rows, which are given one after the other.
//!
//! Where one gateway has the database it goes on from the last row. Several take blocks of numbers, so
//! that one does not wait for the other at each.

use super::SqlStore;

/// What has numbers.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Request,
    Message,
    Callback,
    /// Customers ask for what came after a number, so that later ones must not be seen first.
    Inbox,
}

/// Everything that has numbers: what its last number is called, how that is read, and how many numbers
/// several gateways take at once.
const KINDS: [(Kind, &str, &str, i64); 4] = [
    (Kind::Request, "last request", "SELECT max(id) FROM request", 1000),
    (Kind::Message, "last message", "SELECT max(id) FROM message", 1000),
    (Kind::Callback, "last callback", "SELECT max(id) FROM callback", 1000),
    (Kind::Inbox, "last inbox", "SELECT max(id) FROM inbox", 1),
];

/// Numbers that nobody else gives.
#[derive(Clone, Copy, Default)]
pub(super) struct Numbers {
    next: i64,
    /// After the last one.
    end: i64,
}

impl SqlStore {
    /// Reads which numbers were given.
    pub(super) fn load_numbers(&mut self) {
        for (kind, name, max, _) in KINDS {
            let mut last = self.last(max);
            if let Kind::Inbox = kind {
                last = last.max(self.first_id - 1);
            }
            let numbers = if self.is_shared() {
                let sql = "INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                self.database.execute(sql, &[name.into(), last.into()]);
                Numbers::default()
            } else {
                Numbers { next: last + 1, end: i64::MAX }
            };
            self.volatile.numbers[kind as usize] = numbers;
        }
    }

    /// The number that is given next.
    pub(super) fn next_number(&mut self, kind: Kind) -> i64 {
        self.have_numbers(kind, 1);
        self.volatile.numbers[kind as usize].next
    }

    /// Gives so many numbers in a row: the first of them.
    pub(super) fn numbers(&mut self, kind: Kind, count: i64) -> i64 {
        self.have_numbers(kind, count);
        let own = &mut self.volatile.numbers[kind as usize];
        let first = own.next;
        own.next += count;
        first
    }

    fn have_numbers(&mut self, kind: Kind, count: i64) {
        let own = &self.volatile.numbers[kind as usize];
        if own.end - own.next >= count {
            return;
        }
        let (_, name, _, block) = KINDS[kind as usize];
        let size = count.max(block);
        let last = self.database.one(
            "UPDATE fact SET value = value + $1 WHERE name = $2 RETURNING value",
            &[size.into(), name.into()],
            |row| row.integer(0),
        );
        let end = last.unwrap_or_default() + 1;
        self.volatile.numbers[kind as usize] = Numbers { next: end - size, end };
    }
}
