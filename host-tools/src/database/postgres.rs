//! PostgreSQL: a server, and several gateways that work on its tables at the same time.

use std::collections::HashMap;
use std::error::Error as _;
use std::time::Duration;

use bytes::BytesMut;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Error, Statement};
use tracing::{info, warn};

use super::address::{Address, why_not};
use super::{Columns, Engine, Row, Trouble, Value};
use crate::callbacks::causes;

/// How long a connection may take, and how long a server that is gone may be taken for slow.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a connection begins with. Nobody waits long for a gateway that has stopped in the middle of a
/// transaction, a commit returns when the disk has it, and a gateway that is gone is found out.
const SETTINGS: &str = "
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '10s';
SET tcp_keepalives_idle = 5;
SET tcp_keepalives_interval = 2;
SET tcp_keepalives_count = 3;
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off';
";

/// The channel by which gateways tell each other of work.
const CHANNEL: &str = "septet";

/// How long a listener listens before it asks whether it is still wanted, and waits after a failure.
const LISTENING: Duration = Duration::from_secs(1);

/// Whether a store is a URL of PostgreSQL's.
pub fn is_postgres(store: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| store.starts_with(scheme))
}

/// Whether a URL is one of PostgreSQL's.
pub(super) fn check(url: &str) -> Result<(), String> {
    Address::read(url).map(drop)
}

/// The connection, and the statements that it has seen.
pub(super) struct Postgres {
    address: Address,
    client: Client,
    statements: HashMap<&'static str, Statement>,
    connections: u64,
    /// Whether it only reads, each statement by itself.
    reads: bool,
}

fn connected(address: &Address) -> Result<Client, Error> {
    let mut client = address.connect()?;
    client.batch_execute(SETTINGS)?;
    Ok(client)
}

impl Postgres {
    pub(super) fn connect(url: &str) -> Result<Self, String> {
        Self::connect_as(url, false)
    }

    pub(super) fn connect_reading(url: &str) -> Result<Self, String> {
        Self::connect_as(url, true)
    }

    fn connect_as(url: &str, reads: bool) -> Result<Self, String> {
        let mut address = Address::read(url)?;
        let config = &mut address.config;
        config
            .application_name("septet")
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(PATIENCE)
            .keepalives_idle(PATIENCE);
        if reads {
            let own = config.get_options().unwrap_or_default().to_owned();
            config.options(&format!("{own} -cdefault_transaction_read_only=on"));
        }
        let client = connected(&address).map_err(|e| why_not(&e))?;
        Ok(Self { address, client, statements: HashMap::new(), connections: 1, reads })
    }

    fn reconnected(&mut self) -> Result<(), Error> {
        self.statements.clear();
        self.client = connected(&self.address)?;
        self.connections += 1;
        info!(connections = self.connections, "connected to the database again");
        Ok(())
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// Another gateway may be in the way: it has what this one waits for, they wait for each other, or it has
/// entered under the same key meanwhile what this one entered.
fn trouble(error: Error) -> Trouble {
    const PASSING: [SqlState; 4] = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::UNIQUE_VIOLATION,
    ];
    let passing = error.code().is_some_and(|code| PASSING.contains(code));
    let why = match error.source() {
        // "db error" says nothing.
        Some(cause) => causes(cause),
        None => error.to_string(),
    };
    Trouble { why, passing }
}

impl Engine for Postgres {
    fn run(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>),
    ) -> Result<u64, Trouble> {
        let mut run = || {
            if self.reads && self.client.is_closed() {
                self.reconnected()?;
            }
            let statement = self.statement(sql)?;
            let mut rows = self.client.query_raw(&statement, values)?;
            while let Some(row) = rows.next()? {
                each(Row(&row));
            }
            Ok(rows.rows_affected().unwrap_or_default())
        };
        run().map_err(trouble)
    }

    fn batch(&mut self, sql: &str) -> Result<(), Trouble> {
        self.client.batch_execute(&in_own_words(sql)).map_err(trouble)
    }

    fn begin(&mut self) -> Result<(), Trouble> {
        if self.client.is_closed() {
            self.reconnected().map_err(trouble)?;
        }
        self.client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").map_err(trouble)
    }

    fn connection(&self) -> Option<u64> {
        Some(self.connections)
    }

    fn listener(&self) -> Option<Listener> {
        Some(Listener(self.address.clone()))
    }
}

/// Definitions of tables, from the words of SQLite.
fn in_own_words(sql: &str) -> String {
    sql.replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        .replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(" WITHOUT ROWID", "")
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) if *of == Type::INT4 => i32::try_from(number)?.to_sql(of, out),
            Self::Integer(number) => number.to_sql(of, out),
            // There is no place for it in a text of PostgreSQL's.
            Self::Text(text) if text.contains('\0') => {
                text.replace('\0', "\u{2400}").to_sql(of, out)
            }
            Self::Text(text) => text.to_sql(of, out),
            Self::Octets(octets) => octets.to_sql(of, out),
        }
    }

    fn accepts(of: &Type) -> bool {
        [Type::INT4, Type::INT8, Type::TEXT, Type::BYTEA].contains(of)
    }

    to_sql_checked!();
}

impl Columns for postgres::Row {
    fn column(&self, at: usize) -> Value<'_> {
        fn read<'r, T: FromSql<'r> + Into<Value<'r>>>(
            row: &'r postgres::Row,
            at: usize,
        ) -> Value<'r> {
            row.try_get::<_, Option<T>>(at).ok().flatten().map_or(Value::Null, Into::into)
        }
        match self.columns().get(at).map(|column| column.type_()) {
            Some(&Type::INT8) => read::<i64>(self, at),
            Some(&Type::INT4) => read::<i32>(self, at),
            Some(&Type::BOOL) => read::<bool>(self, at),
            Some(&Type::TEXT) => read::<&str>(self, at),
            Some(&Type::BYTEA) => read::<&[u8]>(self, at),
            _ => Value::Null,
        }
    }
}

/// Hears what gateways tell each other.
pub struct Listener(Address);

impl Listener {
    /// Hands `hear` each word of another gateway's, with who said it, and `None` every second. It returns
    /// when `hear` wants no more, and blocks until then.
    pub fn run(self, mut hear: impl FnMut(Option<i64>) -> bool) {
        loop {
            match self.listen(&mut hear) {
                Ok(()) => return,
                Err(error) => {
                    warn!(why = trouble(error).why, "does not hear the other gateways");
                    std::thread::sleep(LISTENING);
                    if !hear(None) {
                        return;
                    }
                }
            }
        }
    }

    fn listen(&self, hear: &mut impl FnMut(Option<i64>) -> bool) -> Result<(), Error> {
        let mut client = connected(&self.0)?;
        client.batch_execute(&format!("LISTEN {CHANNEL}"))?;
        // What was told before is not heard.
        let mut wanted = hear(Some(0));
        while wanted {
            {
                let mut notifications = client.notifications();
                let mut heard = notifications.timeout_iter(LISTENING);
                while let Some(notification) = heard.next()? {
                    let who = notification.payload().parse().unwrap_or_default();
                    wanted = wanted && hear(Some(who));
                }
            }
            client.is_valid(PATIENCE)?;
            wanted = wanted && hear(None);
        }
        Ok(())
    }
}
