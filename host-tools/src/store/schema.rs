//! The tables, by version.
//!
//! Numbers are 64 bits wide. Times are milliseconds: those of the store's own time, which never goes
//! back, and where it says so those of the clock on the wall, since 1970.

use crate::Failed;
use crate::database::Database;

/// What makes each version of the one before. Nothing of a version that was published is changed.
const VERSIONS: [&str; 8] = [FIRST, GATEWAYS, ROUTES, TROUBLES, KEYS, KEYS_FIRST, SUBJECTS, LISTED];

const FIRST: &str = "
-- A number by name.
CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL);

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- What is left; NULL where there is no limit.
    credits INTEGER,
    -- What the configuration had it begin with.
    began_with INTEGER,
    user_key TEXT NOT NULL
);

-- Number 0 stands for any modem.
CREATE TABLE modem (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- A request that was accepted. Its messages have the numbers from `first` on.
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    api TEXT NOT NULL,
    -- Its id, in the form of the interface.
    name TEXT NOT NULL,
    client_id TEXT,
    -- The id that the customer may ask by, where it is an own one.
    own_name TEXT,
    first INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    -- How many of its messages are not final.
    open INTEGER NOT NULL,
    -- When the last one became final.
    settled INTEGER,
    callback TEXT,
    carrier INTEGER,
    replies_to_callback INTEGER NOT NULL,
    sender TEXT,
    kind TEXT,
    noted TEXT NOT NULL,
    report INTEGER NOT NULL,
    validity INTEGER,
    class INTEGER,
    protocol INTEGER NOT NULL,
    -- Whether the sender chose the modem.
    chosen INTEGER NOT NULL,
    -- By the clock on the wall.
    created INTEGER NOT NULL,
    scheduled INTEGER,
    -- What all messages have in them, where it is the same.
    text TEXT,
    body BLOB
);
CREATE INDEX request_name ON request (account, api, name);
CREATE INDEX request_own_name ON request (account, api, own_name) WHERE own_name IS NOT NULL;
CREATE INDEX request_created ON request (account, created);
CREATE INDEX request_settled ON request (settled) WHERE settled IS NOT NULL;

-- One body to one recipient.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL,
    -- Its id, in the form of the interface, where messages have ids of their own.
    name TEXT,
    recipient TEXT NOT NULL,
    text TEXT,
    body BLOB,
    parts INTEGER NOT NULL,
    -- Two octets for each part: what became of it, and its reference or state.
    fates BLOB NOT NULL,
    state INTEGER NOT NULL,
    status INTEGER,
    -- By the clock on the wall.
    sent INTEGER,
    done INTEGER,
    -- The number of the SIM that sent it.
    sim TEXT,
    modem INTEGER NOT NULL,
    -- When it is to be given to a modem, of what no modem has; until then it waits.
    due INTEGER,
    -- By the clock on the wall: when it is to be sent, where that is later.
    scheduled INTEGER,
    -- When its time is over, of what is neither final nor scheduled.
    expires INTEGER,
    -- Its time was over while a modem had a part of it.
    expired INTEGER NOT NULL,
    -- How often the present part was refused for a passing reason.
    refusals INTEGER NOT NULL,
    -- Whether a modem has it.
    held INTEGER NOT NULL
);
CREATE INDEX message_due ON message (modem, due) WHERE due IS NOT NULL;
CREATE INDEX message_scheduled ON message (scheduled) WHERE scheduled IS NOT NULL;
CREATE INDEX message_expires ON message (expires) WHERE expires IS NOT NULL;
CREATE INDEX message_held ON message (id) WHERE held = 1;

-- Parts whose report is awaited, by the reference that the modem gave them.
CREATE TABLE awaited (
    modem INTEGER NOT NULL,
    reference INTEGER NOT NULL,
    message INTEGER NOT NULL,
    part INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    PRIMARY KEY (modem, reference, message, part)
) WITHOUT ROWID;

-- The latest request with a message to a number.
CREATE TABLE latest (
    account INTEGER NOT NULL,
    api TEXT NOT NULL,
    recipient TEXT NOT NULL,
    request INTEGER NOT NULL,
    PRIMARY KEY (account, api, recipient)
) WITHOUT ROWID;
CREATE INDEX latest_request ON latest (request);

-- The request that a customer's key stands for.
CREATE TABLE used (
    account INTEGER NOT NULL,
    api TEXT NOT NULL,
    key TEXT NOT NULL,
    request INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (account, api, key)
) WITHOUT ROWID;
CREATE INDEX used_until ON used (until);

-- A callback that the customer has not taken yet.
CREATE TABLE callback (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    api TEXT NOT NULL,
    -- Whether it is of a message that was received, and not a report.
    inbound INTEGER NOT NULL,
    posts INTEGER NOT NULL,
    url TEXT NOT NULL,
    content_type TEXT,
    body BLOB NOT NULL,
    tries INTEGER NOT NULL,
    first INTEGER,
    -- When it is tried next, of what is not under way.
    due INTEGER
);
CREATE INDEX callback_due ON callback (host, due);

-- What was received for an account.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    api TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    keyword TEXT,
    text TEXT,
    -- Of what is no text: its parts, each with its length before it.
    octets BLOB,
    has_header INTEGER NOT NULL,
    rest TEXT NOT NULL,
    flash INTEGER NOT NULL,
    -- By the clock on the wall.
    received INTEGER NOT NULL,
    answers TEXT,
    answers_client_id TEXT
);
CREATE INDEX inbox_account ON inbox (account);

-- The last message that an account was told of, by the number that it asked for.
CREATE TABLE told (
    account INTEGER NOT NULL,
    number TEXT NOT NULL,
    inbox INTEGER NOT NULL,
    PRIMARY KEY (account, number)
) WITHOUT ROWID;

-- Parts of messages that are not whole yet.
CREATE TABLE part (
    id INTEGER PRIMARY KEY,
    modem INTEGER NOT NULL,
    message TEXT NOT NULL,
    pdu BLOB NOT NULL,
    -- When the last part of its message came.
    at INTEGER NOT NULL
);
CREATE INDEX part_message ON part (modem, message);

-- What modems have handed over last.
CREATE TABLE seen (id INTEGER PRIMARY KEY, modem INTEGER NOT NULL, pdu BLOB NOT NULL);
CREATE INDEX seen_modem ON seen (modem);

-- Sessions and tokens that logins gave, each by a hash of its key.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL,
    token INTEGER NOT NULL,
    -- When it was given, or used last.
    used INTEGER NOT NULL
);
CREATE INDEX session_account ON session (account);
";

/// Several gateways over one database.
const GATEWAYS: &str = "
CREATE TABLE gateway (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
-- The gateway that has it, and that is to make it.
ALTER TABLE modem ADD COLUMN gateway INTEGER NOT NULL DEFAULT 1;
ALTER TABLE callback ADD COLUMN gateway INTEGER NOT NULL DEFAULT 1;
CREATE INDEX callback_gateway ON callback (gateway);
";

/// Routes, priorities and turns of messages that wait, and what SIMs have sent.
const ROUTES: &str = "
CREATE TABLE route (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- The words that it has for a route, each on a line.
ALTER TABLE request ADD COLUMN asked TEXT;

ALTER TABLE message ADD COLUMN account INTEGER NOT NULL DEFAULT 0;
-- Number 0 stands for any modem.
ALTER TABLE message ADD COLUMN route INTEGER NOT NULL DEFAULT 0;
-- How urgent it is; more is sooner.
ALTER TABLE message ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
-- Where it waits: with a modem, by its number, or a route, by its number below zero.
ALTER TABLE message ADD COLUMN queue INTEGER NOT NULL DEFAULT 0;
-- Whether it waits for a modem. What was put off does not, until it is due.
ALTER TABLE message ADD COLUMN ready INTEGER NOT NULL DEFAULT 0;
-- Whether a part of it was given to a modem, and in which order those go on that were.
ALTER TABLE message ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE message SET account = (SELECT r.account FROM request r WHERE r.id = message.request),
    queue = modem, begun = CASE WHEN sent IS NULL THEN 0 ELSE 1 END
    WHERE expires IS NOT NULL OR scheduled IS NOT NULL;
UPDATE message SET ready = 1, due = NULL WHERE due IS NOT NULL;
DROP INDEX message_due;
CREATE INDEX message_due ON message (due) WHERE due IS NOT NULL;
CREATE INDEX message_ready ON message (queue, priority, account, begun, turn) WHERE ready = 1;
CREATE INDEX message_begun ON message (queue) WHERE begun = 1 AND ready = 1;
CREATE INDEX message_begun_due ON message (queue) WHERE begun = 1 AND due IS NOT NULL;

-- What a SIM has sent, by its number: when it may send next, and how many parts since its day began, by
-- the clock on the wall.
CREATE TABLE sim (
    number TEXT PRIMARY KEY,
    next INTEGER NOT NULL,
    since INTEGER NOT NULL,
    parts INTEGER NOT NULL
);

-- The parts that a SIM has sent within the last minute.
CREATE TABLE paced (sim TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX paced_at ON paced (sim, at);

-- Who wants nothing more of an account, and since when, by the clock on the wall.
CREATE TABLE opt_out (
    account INTEGER NOT NULL,
    number TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (account, number)
);

-- How many parts an account has sent since the present day (0) or month (1) began, by the clock on the
-- wall.
CREATE TABLE quota (
    account INTEGER NOT NULL,
    term INTEGER NOT NULL,
    since INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    PRIMARY KEY (account, term)
);
";

const TROUBLES: &str = "
-- What went wrong last with a message, in words.
CREATE TABLE trouble (message INTEGER PRIMARY KEY, words TEXT NOT NULL);
";

/// Keys are with their requests, and a request whose id tells its number is found by that: what is accepted
/// has few indexes to be entered in.
const KEYS: &str = "
-- The key by which the request is known when it is made again, and until when it is.
ALTER TABLE request ADD COLUMN key TEXT;
ALTER TABLE request ADD COLUMN fingerprint INTEGER;
ALTER TABLE request ADD COLUMN key_until INTEGER;
CREATE INDEX used_request ON used (request);
UPDATE request SET key = (SELECT min(u.key) FROM used u WHERE u.request = request.id),
    fingerprint = (SELECT min(u.fingerprint) FROM used u WHERE u.request = request.id),
    key_until = (SELECT min(u.until) FROM used u WHERE u.request = request.id)
    WHERE id IN (SELECT u.request FROM used u);
-- An own id is a key whose time is over.
UPDATE request SET key = own_name, key_until = 0
    WHERE key IS NULL AND own_name IS NOT NULL AND NOT EXISTS (SELECT 1 FROM request o
    WHERE o.account = request.account AND o.api = request.api AND o.own_name = request.own_name
    AND o.id > request.id);
DROP TABLE used;
DROP INDEX request_own_name;
CREATE UNIQUE INDEX request_key ON request (account, api, key) WHERE key IS NOT NULL;

-- Whether its id does not tell its number.
ALTER TABLE request ADD COLUMN looked_up INTEGER NOT NULL DEFAULT 1;
DROP INDEX request_name;
CREATE INDEX request_name ON request (account, api, name) WHERE looked_up = 1;
";

/// What differs most is compared first.
const KEYS_FIRST: &str = "
DROP INDEX request_key;
CREATE UNIQUE INDEX request_key ON request (key, account, api) WHERE key IS NOT NULL;
";

/// What callbacks are of.
const SUBJECTS: &str = "
-- The number of the message that it is of: of one that was received, or of one that was sent. NULL where
-- an earlier version owed it.
ALTER TABLE callback ADD COLUMN subject INTEGER;
";

/// Only what is told among all of a time is entered in an index of times.
const LISTED: &str = "
-- Whether it is told among all of a time.
ALTER TABLE request ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
-- When it made a request last, by the clock on the wall; those of some seconds after are not noted.
ALTER TABLE account ADD COLUMN last_request INTEGER;
UPDATE account SET last_request = (SELECT max(r.created) FROM request r WHERE r.account = account.id);
DROP INDEX request_created;
CREATE INDEX request_created ON request (account, created) WHERE listed = 1;
";

/// Keeps other gateways that start waiting until the transaction ends.
pub(super) fn alone(database: &mut Database) {
    if database.connection().is_some() {
        // The letters SEPT.
        database.batch("SELECT pg_advisory_xact_lock(1396002900)");
    }
}

/// Brings the tables to the present version.
///
/// # Errors
/// One sentence: what the database says, or that a later program made it.
pub(super) fn prepare(database: &mut Database) -> Result<(), Failed> {
    database.begin();
    alone(database);
    database.batch("CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)");
    let version = database.one("SELECT number FROM version", &[], |row| row.integer(0));
    let known = VERSIONS.len();
    let version = version.unwrap_or_default();
    let Some(missing) = usize::try_from(version).ok().and_then(|done| VERSIONS.get(done..)) else {
        let _ = database.commit();
        return Err(Failed::input(format!(
            "the database {} has version {version} of the tables, and this program knows {known}: a \
             later program made it; run that one, or name another folder with --data",
            database.name()
        )));
    };
    missing.iter().for_each(|statements| database.batch(statements));
    if !missing.is_empty() {
        database.execute("DELETE FROM version", &[]);
        database.execute("INSERT INTO version (number) VALUES ($1)", &[(known as u32).into()]);
    }
    database.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_version_has_left_waits_in_the_present_one() {
        let mut database = Database::in_memory().unwrap();
        database.begin();
        database.batch("CREATE TABLE version (number INTEGER NOT NULL)");
        database.batch("INSERT INTO version (number) VALUES (1)");
        database.batch(FIRST);
        database.batch(
            "INSERT INTO request (id, account, api, name, first, messages, open, replies_to_callback, \
             noted, report, protocol, chosen, created) \
             VALUES (1, 7, 'nextpod', 'x', 1, 4, 3, 0, '', 1, 0, 0, 0)",
        );
        // One waits, one has begun, one is to be sent later, one is final: modem, due, scheduled,
        // expires and sent.
        for (values, id) in [
            "0, 5, NULL, 99, NULL",
            "3, 5, NULL, 99, 4",
            "0, NULL, 50, NULL, NULL",
            "3, NULL, NULL, NULL, 4",
        ]
        .iter()
        .zip(1..)
        {
            database.batch(&format!(
                "INSERT INTO message (id, modem, due, scheduled, expires, sent, request, recipient, \
                 parts, fates, state, expired, refusals, held) \
                 VALUES ({id}, {values}, 1, '45', 1, x'0000', 1, 0, 0, 0)"
            ));
        }
        database.commit().unwrap();
        prepare(&mut database).unwrap();
        let found = database.all(
            "SELECT queue, account, ready, begun FROM message ORDER BY id",
            &[],
            |row| (row.integer(0), row.integer(1), row.is(2), row.is(3)),
        );
        let expected =
            [(0, 7, true, false), (3, 7, true, true), (0, 7, false, false), (0, 0, false, false)];
        assert_eq!(found, expected);
    }

    #[test]
    fn keys_of_the_fourth_version_are_with_their_requests_in_the_present_one() {
        let mut database = Database::in_memory().unwrap();
        database.begin();
        database.batch("CREATE TABLE version (number INTEGER NOT NULL)");
        database.batch("INSERT INTO version (number) VALUES (4)");
        VERSIONS[..4].iter().for_each(|statements| database.batch(statements));
        // Two that had the same own id, one with a key that is none, one without either.
        for (id, own_name) in [(1, "'own'"), (2, "'own'"), (3, "NULL"), (4, "NULL"), (5, "'late'")]
        {
            database.batch(&format!(
                "INSERT INTO request (id, account, api, name, own_name, first, messages, open, \
                 replies_to_callback, noted, report, protocol, chosen, created) \
                 VALUES ({id}, 7, 'nextpod', 'x{id}', {own_name}, {id}, 1, 1, 0, '', 1, 0, 0, 0)"
            ));
        }
        database.batch(
            "INSERT INTO used (account, api, key, request, fingerprint, until) \
             VALUES (7, 'nextpod', 'own', 2, 20, 200), (7, 'nextpod', 'Idempotency-Key: a', 3, 30, 300)",
        );
        database.commit().unwrap();
        prepare(&mut database).unwrap();
        let found = database.all(
            "SELECT key, fingerprint, key_until, looked_up FROM request ORDER BY id",
            &[],
            |row| (row.text(0).map(str::to_owned), row.number(1), row.number(2), row.is(3)),
        );
        let key = |key: &str| Some(key.to_owned());
        let expected = [
            (None, None, None, true),
            (key("own"), Some(20), Some(200), true),
            (key("Idempotency-Key: a"), Some(30), Some(300), true),
            (None, None, None, true),
            (key("late"), None, Some(0), true),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_the_seventh_version_has_is_told_by_its_time_in_the_present_one() {
        let mut database = Database::in_memory().unwrap();
        database.begin();
        database.batch("CREATE TABLE version (number INTEGER NOT NULL)");
        database.batch("INSERT INTO version (number) VALUES (7)");
        VERSIONS[..7].iter().for_each(|statements| database.batch(statements));
        database.batch(
            "INSERT INTO account (id, name, user_key) VALUES (7, 'asked', 'a'), (8, 'silent', 'b')",
        );
        for (id, created) in [(1, 50), (2, 90), (3, 70)] {
            database.batch(&format!(
                "INSERT INTO request (id, account, api, name, first, messages, open, \
                 replies_to_callback, noted, report, protocol, chosen, created) \
                 VALUES ({id}, 7, 'skebby', 'x', {id}, 1, 1, 0, '', 1, 0, 0, {created})"
            ));
        }
        database.commit().unwrap();
        prepare(&mut database).unwrap();
        let last =
            database.all("SELECT last_request FROM account ORDER BY id", &[], |row| row.number(0));
        assert_eq!(last, [Some(90), None]);
        let sql = "SELECT id FROM request WHERE listed = 1 AND account = 7 ORDER BY created DESC";
        let listed = database.all(sql, &[], |row| row.integer(0));
        assert_eq!(listed, [2, 3, 1]);
        let plan = database.all(
            "EXPLAIN QUERY PLAN SELECT id FROM request WHERE listed = 1 AND account = 7 \
             AND created BETWEEN 60 AND 80 ORDER BY created DESC, id DESC",
            &[],
            |row| row.string(3),
        );
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].contains("request_created"), "{plan:?}");
    }
}
