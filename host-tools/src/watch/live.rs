//! What is so now: what the modems' sessions say, and whether the store takes what it is told.
//!
//! None of it is in the database. Whoever has something to say says it here and goes on; a lock is held
//! for as long as it takes to copy a line.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use septet_firmware::{Event, EventKind};
use serde::{Deserialize, Serialize};

use super::metrics::Metrics;
use crate::config::Config;
use crate::store::trouble;

/// A modem, as its session has told of it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modem {
    /// Its name in the configuration.
    pub name: String,
    /// The SIM's own number.
    pub number: String,
    /// Short codes that the network routes to the SIM.
    pub short_codes: Vec<String>,
    /// Whether there is a line to it.
    pub connected: bool,
    /// Whether it takes messages.
    pub ready: bool,
    /// Whether its network carries messages, where it says.
    pub registered: Option<bool>,
    /// The strength of its signal in dBm, where it says.
    pub signal: Option<i16>,
    /// Whether it has a part that it has not told the fate of.
    pub sending: bool,
    /// How many parts it has sent since the gateway started.
    pub sent: u64,
    /// How many messages and reports it has handed over since then.
    pub received: u64,
    /// How often it was seen to restart since then.
    pub restarts: u64,
    /// What went wrong last, in words.
    pub trouble: Option<String>,
    /// When that was.
    pub trouble_at: Option<Timestamp>,
}

impl Modem {
    fn trouble(&mut self, why: String) {
        self.trouble = Some(why);
        self.trouble_at = Some(Timestamp::now());
    }

    /// How it is, in a few words.
    pub const fn state(&self) -> &'static str {
        match (self.connected, self.ready, self.registered, self.sending) {
            (false, ..) => "no line",
            (_, false, ..) => "not ready",
            (.., Some(false), _) => "no network",
            (.., true) => "sending",
            (.., false) => "ready",
        }
    }

    /// Whether messages can go through it.
    pub fn carries(&self) -> bool {
        self.connected && self.ready && self.registered != Some(false)
    }
}

/// What is so now, and what was counted.
#[derive(Debug)]
pub struct Live {
    /// What was counted.
    pub metrics: Metrics,
    modems: Vec<Mutex<Modem>>,
    /// Whether the last transaction reached the disk.
    writable: AtomicBool,
    stopping: AtomicBool,
}

impl Live {
    /// Nothing is known of the modems of a configuration yet.
    pub fn new(config: &Config) -> Self {
        let modem = |modem: &crate::config::Modem| {
            Mutex::new(Modem {
                name: modem.name.clone(),
                number: modem.number.clone(),
                short_codes: modem.short_codes.clone(),
                ..Modem::default()
            })
        };
        Self {
            metrics: Metrics::default(),
            modems: config.modems.iter().map(modem).collect(),
            writable: AtomicBool::new(true),
            stopping: AtomicBool::new(false),
        }
    }

    fn modem(&self, number: usize) -> Option<MutexGuard<'_, Modem>> {
        let modem = self.modems.get(number)?;
        Some(modem.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every modem, in the order of the configuration.
    pub fn modems(&self) -> Vec<Modem> {
        let copy =
            |modem: &Mutex<Modem>| modem.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.modems.iter().map(copy).collect()
    }

    /// Tells that there is a line to a modem.
    pub fn connected(&self, modem: usize) {
        if let Some(mut modem) = self.modem(modem) {
            modem.connected = true;
        }
    }

    /// Tells that there is no line to a modem, and why.
    pub fn disconnected(&self, modem: usize, why: String) {
        if let Some(mut modem) = self.modem(modem) {
            modem.connected = false;
            modem.ready = false;
            modem.signal = None;
            modem.trouble(why);
        }
    }

    /// Tells that a modem was given a part.
    pub fn sending(&self, modem: usize) {
        if let Some(mut modem) = self.modem(modem) {
            modem.sending = true;
        }
    }

    /// Tells what a session said, and the strength of the signal that it knows, in dBm.
    pub fn told(&self, modem: usize, event: &Event, signal: Option<i16>) {
        let Some(mut modem) = self.modem(modem) else { return };
        modem.signal = signal;
        match &event.kind {
            EventKind::Ready => modem.ready = true,
            EventKind::Lost(why) => {
                modem.ready = false;
                modem.trouble(why.to_string());
            }
            EventKind::Rebooted => {
                modem.ready = false;
                modem.restarts += 1;
                modem.trouble("modem restarted".to_owned());
            }
            EventKind::Registered(carries) => modem.registered = Some(*carries),
            EventKind::Finished(outcome) => {
                modem.sending = false;
                self.metrics.part(&modem.name, outcome);
                match trouble(outcome) {
                    None => modem.sent += 1,
                    Some(why) => modem.trouble(why),
                }
            }
            EventKind::Received { .. } => {
                modem.received += 1;
                self.metrics.received(&modem.name);
            }
            EventKind::Full { .. } => modem.trouble("a store of the modem is full".to_owned()),
            EventKind::Damaged => modem.trouble("a received message was damaged".to_owned()),
            _ => {}
        }
    }

    /// Tells whether a transaction reached the disk.
    pub fn committed(&self, safe: bool) {
        self.writable.store(safe, Ordering::Relaxed);
    }

    /// Whether the last transaction reached the disk.
    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }

    /// From now on the gateway accepts nothing: it stops.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the gateway stops.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use septet_firmware::engine::{NotSent, Outcome, Trouble};

    use super::*;

    #[test]
    fn a_modem_is_what_its_session_said_last() {
        let config = "[[modem]]\nname = \"one\"\nport = \"virtual\"\nnumber = \"4520001204\"";
        let live = Live::new(&Config::parse(config).unwrap());
        let told = |kind| live.told(0, &Event { generation: 0, kind }, Some(-71));
        let state = || live.modems()[0].state();
        assert_eq!(state(), "no line");
        live.connected(0);
        assert_eq!(state(), "not ready");
        told(EventKind::Ready);
        assert_eq!((state(), live.modems()[0].signal), ("ready", Some(-71)));
        live.sending(0);
        assert_eq!(state(), "sending");
        told(EventKind::Finished(Outcome::NotSent(NotSent::NoPrompt)));
        assert_eq!((state(), live.modems()[0].sent), ("ready", 0));
        told(EventKind::Finished(Outcome::Sent { reference: 1 }));
        assert_eq!(live.modems()[0].sent, 1);
        told(EventKind::Registered(false));
        assert_eq!((state(), live.modems()[0].carries()), ("no network", false));
        told(EventKind::Registered(true));
        told(EventKind::Lost(Trouble::NoSim));
        assert_eq!(state(), "not ready");
        assert_eq!(live.modems()[0].trouble.as_deref(), Some("modem has no usable SIM"));
        // What nobody has configured is nobody's.
        live.sending(7);
    }
}
