//! What people see of a gateway that runs: messages, callbacks owed, accounts, modems, throughput.
//!
//! Nothing here holds up the writer. The store is read over a connection of its own; what is so now is
//! told by those who do it, to [`Live`].

mod figures;
pub mod live;
mod messages;
pub mod metrics;
mod others;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::figures::{Account, Callback, Figures, MINUTES, Minute};
use self::live::{Live, Modem};
pub use self::messages::{Message, PAGE_MAX, Part, Received, STATES, Tone, Wanted, state_name};
pub use self::others::Other;
use crate::Failed;
use crate::config::Live as Configured;
use crate::database::Database;

/// How old counts may be that are shown: many may look at them.
const FIGURES_AGE: Duration = Duration::from_secs(1);

/// The reading end of a gateway; a clone reads over the same connection.
#[derive(Clone)]
pub struct Watch {
    database: Arc<Mutex<Database>>,
    figures: Arc<Mutex<Option<(Instant, Figures)>>>,
    /// The gateway's own name.
    name: Arc<str>,
    configured: Configured,
    live: Arc<Live>,
}

/// How the gateway is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Whether it does its work.
    pub health: Health,
    /// Counts.
    pub figures: Figures,
    /// The modems.
    pub modems: Vec<Modem>,
    /// The callbacks that were owed first.
    pub callbacks: Vec<Callback>,
}

/// Whether a gateway does its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether a message can be accepted and sent now.
    pub ready: bool,
    /// Why it cannot, in words; that it can.
    pub words: String,
}

impl Watch {
    /// Reads over a connection that only reads.
    pub fn new(database: Database, configured: Configured, live: Arc<Live>) -> Self {
        Self {
            database: Arc::new(Mutex::new(database)),
            figures: Arc::default(),
            name: configured.get().name.as_str().into(),
            configured,
            live,
        }
    }

    /// Reads on a thread where that may take its time.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Database) -> T + Send + 'static,
    ) -> Result<T, Failed> {
        let database = self.database.clone();
        let read = move || {
            let mut database = database.lock().unwrap_or_else(PoisonError::into_inner);
            let found = read(&mut database);
            database.checked().map(|()| found)
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|e| Failed::input(format!("the store cannot be read: {e}")))?
    }

    /// The messages that are wanted, newest first.
    ///
    /// # Errors
    /// One sentence: why the store cannot be read.
    pub async fn messages(&self, wanted: Wanted) -> Result<Vec<Message>, Failed> {
        self.read(move |database| messages::list(database, &wanted)).await
    }

    /// The message with this number.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn message(&self, id: i64) -> Result<Option<Message>, Failed> {
        self.read(move |database| messages::one(database, id)).await
    }

    /// The messages that were received before one of them, newest first.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn received(&self, before: Option<i64>, limit: u32) -> Result<Vec<Received>, Failed> {
        self.read(move |database| messages::received(database, before, limit)).await
    }

    /// Counts; at most as old as they may be.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn figures(&self) -> Result<Figures, Failed> {
        let known = || self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, figures)) = &*known()
            && at.elapsed() < FIGURES_AGE
        {
            return Ok(figures.clone());
        }
        let figures = self.read(|database| figures::figures(database, Timestamp::now())).await?;
        *known() = Some((Instant::now(), figures.clone()));
        Ok(figures)
    }

    /// The callbacks that were owed first.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn callbacks(&self) -> Result<Vec<Callback>, Failed> {
        self.read(figures::callbacks).await
    }

    /// The accounts, in the order of the configuration.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn accounts(&self) -> Result<Vec<Account>, Failed> {
        let names = self.account_names();
        self.read(move |database| figures::accounts(database, &names)).await
    }

    /// The names of the accounts, in the order of the configuration.
    pub fn account_names(&self) -> Vec<String> {
        self.configured.get().accounts.iter().map(|account| account.name.clone()).collect()
    }

    /// The modems, in the order of the configuration.
    pub fn modems(&self) -> Vec<Modem> {
        self.live.modems()
    }

    /// The gateways that keep what they have in the same database, by their names.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn others(&self) -> Result<Vec<Other>, Failed> {
        let name = self.name.clone();
        self.read(move |database| others::others(database, &name)).await
    }

    /// Whether a message can be accepted and sent now.
    pub fn health(&self) -> Health {
        let modems = self.modems();
        let trouble = if self.live.is_stopping() {
            Some("the gateway stops: its modems finish what they send".to_owned())
        } else if !self.live.is_writable() {
            Some("the store does not take what it is told: see the log".to_owned())
        } else if modems.is_empty() {
            Some("there is no modem".to_owned())
        } else if !modems.iter().any(Modem::carries) {
            let state = |modem: &Modem| format!("{}: {}", modem.name, modem.state());
            let states: Vec<String> = modems.iter().map(state).collect();
            Some(format!("no modem is ready ({})", states.join(", ")))
        } else {
            None
        };
        Health { ready: trouble.is_none(), words: trouble.unwrap_or_else(|| "ready".to_owned()) }
    }

    /// How the gateway is.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn status(&self) -> Result<Status, Failed> {
        let (figures, callbacks) = (self.figures().await?, self.callbacks().await?);
        Ok(Status { health: self.health(), figures, modems: self.modems(), callbacks })
    }

    /// Everything that is counted, for Prometheus.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn metrics(&self) -> Result<String, Failed> {
        let figures = self.figures().await?;
        let text = self.live.metrics.text(&figures, self.live.is_writable(), &self.modems());
        text.map_err(|e| Failed::input(format!("the metrics cannot be written: {e}")))
    }
}
