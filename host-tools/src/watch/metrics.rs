//! Numbers for Prometheus: counted where things happen, read at `/metrics`.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use septet_firmware::engine::Outcome;

use super::Figures;
use super::live::Modem;
use crate::store::CallbackOutcome;

/// The media type of what [`Metrics::text`] writes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the histogram of commits, in seconds: a good disk syncs in less than a
/// millisecond, a bad one in a tenth of a second.
const COMMIT_SECONDS: [f64; 11] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// It was answered with what it asked for.
    Taken,
    /// It was refused, whatever the status that its interface has for that.
    Refused,
    /// It was refused since the gateway could not take it then.
    Busy,
}

impl Request {
    const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Busy => "busy",
        }
    }
}

type Label = (&'static str, &'static str);
type ModemLabel = [(&'static str, String); 1];

/// Every number that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<[Label; 2], Counter>,
    parts: Family<(ModemLabel, [Label; 1]), Counter>,
    received: Family<ModemLabel, Counter>,
    callbacks: Family<[Label; 1], Counter>,
    commits: Histogram,
    waiting: Gauge,
    scheduled: Gauge,
    on_the_way: Gauge,
    owed: Gauge,
    writable: Gauge,
    ready: Family<ModemLabel, Gauge>,
    registered: Family<ModemLabel, Gauge>,
    signal: Family<ModemLabel, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let own = Self {
            registry: Registry::with_prefix("septet"),
            requests: Family::default(),
            parts: Family::default(),
            received: Family::default(),
            callbacks: Family::default(),
            commits: Histogram::new(COMMIT_SECONDS),
            waiting: Gauge::default(),
            scheduled: Gauge::default(),
            on_the_way: Gauge::default(),
            owed: Gauge::default(),
            writable: Gauge::default(),
            ready: Family::default(),
            registered: Family::default(),
            signal: Family::default(),
        };
        own.registered()
    }
}

impl Metrics {
    /// The numbers by their names, which are kept in the order of this list.
    fn registered(mut self) -> Self {
        let of = &mut self.registry;
        of.register("requests", "Requests, by interface and outcome", self.requests.clone());
        of.register("parts", "Parts given to a modem, by what became of them", self.parts.clone());
        of.register("received", "Messages and reports from modems", self.received.clone());
        of.register("callbacks", "Tries of callbacks, by outcome", self.callbacks.clone());
        of.register_with_unit(
            "commit_duration",
            "How long it took until the disk had a transaction",
            Unit::Seconds,
            self.commits.clone(),
        );
        of.register("messages_waiting", "Messages that wait for a modem", self.waiting.clone());
        of.register("messages_scheduled", "Messages for later", self.scheduled.clone());
        let help = "Messages that are neither final nor scheduled";
        of.register("messages_on_the_way", help, self.on_the_way.clone());
        of.register("callbacks_owed", "Callbacks that were not taken yet", self.owed.clone());
        let help = "Whether the last transaction reached the disk";
        of.register("store_writable", help, self.writable.clone());
        of.register("modem_ready", "Whether a modem takes messages", self.ready.clone());
        let help = "Whether a modem's network carries messages";
        of.register("modem_registered", help, self.registered.clone());
        of.register("modem_signal_dbm", "Strength of a modem's signal", self.signal.clone());
        self
    }

    /// Counts a request to an interface.
    pub fn requested(&self, interface: &'static str, outcome: Request) {
        let labels = [("interface", interface), ("outcome", outcome.name())];
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a part that a modem had.
    pub fn part(&self, modem: &str, outcome: &Outcome) {
        let fate = match outcome {
            Outcome::Sent { .. } => "sent",
            Outcome::Refused { .. } => "refused",
            Outcome::NotSent(_) => "not_sent",
            Outcome::Unknown(_) => "unknown",
        };
        self.parts.get_or_create(&(label(modem), [("fate", fate)])).inc();
    }

    /// Counts what a modem handed over.
    pub fn received(&self, modem: &str) {
        self.received.get_or_create(&label(modem)).inc();
    }

    /// Counts a try of a callback.
    pub fn called(&self, outcome: &CallbackOutcome) {
        let outcome = match outcome {
            CallbackOutcome::Taken => "taken",
            CallbackOutcome::NotTaken => "not_taken",
            CallbackOutcome::Unwanted => "unwanted",
            CallbackOutcome::NoAnswer(_) => "no_answer",
        };
        self.callbacks.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Counts a transaction.
    pub fn committed(&self, took: Duration) {
        self.commits.observe(took.as_secs_f64());
    }

    /// All of it, with what is so now.
    ///
    /// # Errors
    /// None that is known: it is written to memory.
    pub fn text(
        &self,
        figures: &Figures,
        writable: bool,
        modems: &[Modem],
    ) -> Result<String, fmt::Error> {
        self.waiting.set(figures.waiting);
        self.scheduled.set(figures.scheduled);
        self.on_the_way.set(figures.on_the_way);
        self.owed.set(figures.callbacks_owed);
        self.writable.set(writable.into());
        for modem in modems {
            let label = label(&modem.name);
            self.ready.get_or_create(&label).set(modem.ready.into());
            let registered = modem.ready && modem.registered.unwrap_or(true);
            self.registered.get_or_create(&label).set(registered.into());
            match modem.signal {
                Some(signal) => {
                    self.signal.get_or_create(&label).set(signal.into());
                }
                None => {
                    self.signal.remove(&label);
                }
            }
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn label(modem: &str) -> ModemLabel {
    [("modem", modem.to_owned())]
}
