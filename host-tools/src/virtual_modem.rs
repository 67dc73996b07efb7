//! The virtual modem: the other end of the line.
//!
//! It reads commands and writes lines as a modem with a SIM of a virtual [`Network`] does, and
//! behaves as a [`Profile`]. [`Fault`]s make it behave badly where a real one would.
//!
//! It does no I/O and has no clock: octets and the time go in, octets and a deadline come out.
//! [`run`](VirtualModem::run) drives it over a stream.
//!
//! ITU-T V.250, 3GPP TS 27.005, 3GPP TS 27.007.

mod commands;
mod fault;
mod identity;
mod incoming;
mod settings;
mod store;
mod typing;

use std::future::pending;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use septet::Wire as _;
use septet::at::{self, Arguments, CmsError, Failure, Line, Store};
use septet::pdu::Pdu;
use septet_firmware::Profile;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::network::{Network, SERVICE_CENTRE, SimId};
use commands::{Purpose, Reply};
use fault::{Course, Ending};
pub use fault::{Fault, FaultKind, NoFault};
use identity::Identity;
use settings::Settings;
use store::Slots;
use typing::LINE_MAX;

/// From the moment that the power comes back to the first line.
const START: Duration = Duration::from_secs(1);

/// Octets that are kept of what the terminal writes while a result is awaited.
const AHEAD_MAX: usize = 4096;

/// Slots of the SIM.
const SIM_SLOTS: u16 = 20;

/// Slots of every other store.
const SLOTS: u16 = 50;

/// A modem with its SIM.
pub struct VirtualModem {
    profile: &'static Profile,
    network: Network,
    sim: SimId,
    faults: Vec<Fault>,
    /// PDUs that were given after `AT+CMGS`.
    pdus: u32,
    /// `+CSCA`, which the SIM keeps.
    service_centre: String,
    /// The message stores, which keep their content without power.
    stores: Vec<Slots>,
    session: Session,
    /// What the terminal has not been given yet.
    output: Vec<u8>,
}

/// What is lost when the power goes.
struct Session {
    settings: Settings,
    state: State,
    /// The command line so far, from its `AT` on.
    line: Vec<u8>,
    /// What the terminal wrote before the result that it should have waited for.
    ahead: Vec<u8>,
    /// Indications that wait until the line is free.
    indications: Vec<u8>,
    /// Until when the message that came directly must be acknowledged.
    unacknowledged: Option<Instant>,
}

enum State {
    /// Reads command lines.
    Command,
    /// Has shown the prompt and reads a PDU.
    Prompt { purpose: Purpose, tpdu_len: usize, digits: Vec<u8> },
    /// Has sent a message and tells its result later.
    Sending { until: Instant, result: Result<u8, CmsError> },
    /// Has no power.
    Off { until: Instant },
}

impl Session {
    fn new(profile: &Profile, state: State) -> Self {
        Self {
            settings: Settings::new(profile.stores.first().copied().unwrap_or(Store::SM)),
            state,
            line: Vec::new(),
            ahead: Vec::new(),
            indications: Vec::new(),
            unacknowledged: None,
        }
    }
}

impl VirtualModem {
    /// A modem that is on, with its stores empty and nothing set.
    pub fn new(
        profile: &'static Profile,
        network: Network,
        sim: SimId,
        faults: Vec<Fault>,
    ) -> Self {
        let slots =
            |store: &Store| Slots::new(*store, if *store == Store::SM { SIM_SLOTS } else { SLOTS });
        Self {
            profile,
            network,
            sim,
            faults,
            pdus: 0,
            service_centre: SERVICE_CENTRE.to_owned(),
            stores: profile.stores.iter().map(slots).collect(),
            session: Session::new(profile, State::Command),
            output: Vec::new(),
        }
    }

    /// Takes what the terminal writes.
    pub fn receive(&mut self, octets: &[u8], now: Instant) {
        for octet in octets {
            match &mut self.session.state {
                State::Command => self.type_command(*octet, now),
                State::Prompt { .. } => self.type_pdu(*octet, now),
                State::Sending { .. } if self.session.ahead.len() < AHEAD_MAX => {
                    self.session.ahead.push(*octet);
                }
                State::Sending { .. } | State::Off { .. } => {}
            }
        }
        self.settle(now);
    }

    /// What is to be written to the terminal, once.
    #[must_use]
    pub fn transmit(&mut self) -> Vec<u8> {
        mem::take(&mut self.output)
    }

    /// When [`expire`](Self::expire) is to be called.
    pub fn deadline(&self) -> Option<Instant> {
        match self.session.state {
            State::Off { until } => Some(until),
            State::Sending { until, .. } => {
                Some(self.session.unacknowledged.map_or(until, |time| time.min(until)))
            }
            State::Command | State::Prompt { .. } => self.session.unacknowledged,
        }
    }

    /// Does what is due at `now`, and takes what the network has for the SIM.
    pub fn expire(&mut self, now: Instant) {
        match self.session.state {
            State::Off { until } if until <= now => {
                self.session.state = State::Command;
                for words in Identity::of(self.profile).boot {
                    self.say(&Line::Other(words.as_bytes()));
                }
            }
            State::Sending { until, result } if until <= now => {
                self.session.state = State::Command;
                self.answer_submit(result);
                let ahead = mem::take(&mut self.session.ahead);
                self.receive(&ahead, now);
            }
            _ => {}
        }
        if self.session.unacknowledged.is_some_and(|until| until <= now) {
            // A message is offered again and stored then; a report is lost, as with real modems.
            self.session.unacknowledged = None;
            self.session.settings.indications.stop_direct();
        }
        self.settle(now);
    }

    /// Serves a terminal over `stream` until the stream ends; settings and stores stay as they are.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn run(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let arrival = self.network.arrival(self.sim);
        let now = || tokio::time::Instant::now().into_std();
        let mut octets = [0; 1024];
        self.expire(now());
        loop {
            stream.write_all(&self.transmit()).await?;
            stream.flush().await?;
            let due = async {
                match self.deadline() {
                    Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                read = stream.read(&mut octets) => match read? {
                    0 => return Ok(()),
                    len => self.receive(&octets[..len], now()),
                },
                () = due => self.expire(now()),
                () = arrival.notified() => self.expire(now()),
            }
        }
    }

    /// Runs the commands of a line; the first that is refused ends it (V.250, section 5.2.3).
    fn execute(&mut self, line: &[u8], now: Instant) {
        let mut ended = if line.len() < LINE_MAX { Ok(()) } else { Err(Failure::Error) };
        let mut commands = at::commands(line).into_iter().flatten();
        while ended.is_ok()
            && let Some(command) = commands.next()
        {
            let reply = command.map_err(|_| Failure::Error);
            match reply.and_then(|command| commands::run(self, &command)) {
                Ok(Reply::Done) => {}
                // What follows in the line is lost, as on most modems.
                Ok(Reply::Prompt { purpose, tpdu_len }) => {
                    let digits = Vec::new();
                    self.session.state = State::Prompt { purpose, tpdu_len, digits };
                    return self.output.extend(b"\r\n> ");
                }
                Ok(Reply::Restart) => {
                    self.say(&Line::Ok);
                    return self.power_off(now);
                }
                Err(failure) => ended = Err(failure),
            }
        }
        self.end(ended);
    }

    /// Sends a message, as far as its faults let it.
    fn submit(&mut self, pdu: Option<Pdu>, now: Instant) {
        self.pdus += 1;
        let course = Course::of(self.pdus, &self.faults);
        let result = match (course.refused, pdu) {
            (Some(error), _) => Err(error),
            (None, Some(pdu)) => self.network.submit(self.sim, pdu.tpdu(), course.outcome),
            (None, None) => Err(CmsError::INVALID_PDU_PARAMETER),
        };
        match course.ending {
            Ending::Result => self.answer_submit(result),
            Ending::ResultAfter(time) => {
                self.session.state = State::Sending { until: now + time, result };
            }
            Ending::Silence => {}
            Ending::Reboot => self.power_off(now),
        }
    }

    fn answer_submit(&mut self, result: Result<u8, CmsError>) {
        if let Ok(reference) = result {
            self.say(&Line::Submitted { reference, report: None });
        }
        self.end(result.map(drop).map_err(Failure::Cms));
    }

    fn power_off(&mut self, now: Instant) {
        self.session = Session::new(self.profile, State::Off { until: now + START });
    }

    /// Ends a command with its result.
    fn end(&mut self, result: Result<(), Failure>) {
        let errors = self.session.settings.errors;
        self.say(&match result {
            Ok(()) => Line::Ok,
            Err(failure) => match (failure, failure_words(failure)) {
                (Failure::Cme(_), _) if errors == 0 => Line::Failed(Failure::Error),
                (_, Some((name, words))) if errors == 2 => {
                    Line::Info { name, arguments: Arguments::Wire(words.as_bytes()) }
                }
                _ => Line::Failed(failure),
            },
        });
    }

    fn say(&mut self, line: &Line<'_>) {
        self.output.extend(octets(line));
    }

    fn say_pdu(&mut self, pdu: &Pdu) {
        let digits: Vec<u8> = pdu.hex().collect();
        self.say(&Line::Pdu(&digits));
    }

    fn echo(&mut self, octets: &[u8]) {
        if self.session.settings.echo == 1 {
            self.output.extend(octets);
        }
    }
}

/// The words of a refusal, as `AT+CMEE=2` gives them.
fn failure_words(failure: Failure) -> Option<(&'static str, &'static str)> {
    match failure {
        Failure::Error => None,
        Failure::Cms(error) => Some(("+CMS ERROR", error.words()?)),
        Failure::Cme(error) => Some(("+CME ERROR", error.words()?)),
    }
}

/// A line as it is written.
fn octets(line: &Line<'_>) -> Vec<u8> {
    let mut buffer = [0; 1024];
    let written = line.to_slice(&mut buffer);
    debug_assert!(written.is_ok(), "{line:?} cannot be written");
    written.unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests;
