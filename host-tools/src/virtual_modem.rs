//! The virtual modem: the other end of the line.
//!
//! It reads commands and writes lines as a modem with a SIM of a virtual [`Network`] does, and
//! behaves as a [`Profile`], in a [`Manner`]. [`Fault`]s and [`Trouble`]s make it behave badly where a
//! real one would.
//!
//! It does no I/O and has no clock: octets and the time go in, octets and a deadline come out.
//! [`run`](VirtualModem::run) drives it over a stream.
//!
//! ITU-T V.250, 3GPP TS 27.005, 3GPP TS 27.007.

mod befall;
mod card;
mod charset;
mod commands;
mod fault;
mod identity;
mod incoming;
mod lines;
mod manner;
mod power;
mod serving;
mod settings;
mod store;
mod text_mode;
mod trouble;
mod typing;
mod ussd;
mod wire;

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use septet::at::{self, CmsError, Failure, Line, RegistrationState, Store};
use septet::pdu::Pdu;
use septet_firmware::Profile;

use crate::network::{Network, SERVICE_CENTRE, SimId};
use card::Card;
pub use card::{Condition, PUK, is_pin};
use commands::{Entry, Purpose, Reply};
use fault::{Course, Ending};
pub use fault::{Fault, FaultKind, NoFault};
use identity::Identity;
use incoming::Waiting;
pub use manner::{MANNERS, Manner, STANDARD, manner};
use power::Power;
pub use serving::{Inbox, Trace};
use settings::Settings;
use store::Memory;
pub use trouble::{NoTrouble, Trouble, What, When, script};
use typing::LINE_MAX;
use ussd::Dialogue;
use wire::Wire;

/// From the moment that the power comes back to the first line.
const START: Duration = Duration::from_secs(1);

/// Octets that are kept of what the terminal writes while a result is awaited.
const AHEAD_MAX: usize = 4096;

/// What is particular about a modem.
#[derive(Clone, Debug)]
pub struct Traits {
    /// How it speaks.
    pub manner: &'static Manner,
    /// The PIN that its SIM asks for.
    pub pin: Option<String>,
    /// What chance goes by.
    pub seed: u64,
    /// What goes wrong with its messages.
    pub faults: Vec<Fault>,
    /// What else goes wrong.
    pub troubles: Vec<Trouble>,
    /// The silence before an indication.
    pub gap: Duration,
    /// Whether it is off until its `PWRKEY` is held.
    pub off: bool,
}

impl Default for Traits {
    fn default() -> Self {
        let (faults, troubles) = (Vec::new(), Vec::new());
        let (gap, off) = (incoming::GAP, false);
        Self { manner: &STANDARD, pin: None, seed: 1, faults, troubles, gap, off }
    }
}

/// A modem with its SIM.
pub struct VirtualModem {
    profile: &'static Profile,
    traits: Traits,
    network: Network,
    sim: SimId,
    card: Card,
    /// The state of its registration when it is on.
    service: RegistrationState,
    /// How long the network takes for each message.
    slow: Duration,
    /// PDUs that were given after `AT+CMGS`.
    pdus: u32,
    /// `+CSCA`, which the SIM keeps.
    service_centre: String,
    /// By how many seconds the modem's clock is ahead of the network's.
    clock_ahead_s: i64,
    /// The message stores, which keep their content without power.
    memory: Memory,
    session: Session,
    power: Power,
    /// What goes onto the wire next.
    output: Vec<u8>,
    wire: Wire,
    inbox: Arc<Inbox>,
    trace: Option<Trace>,
    /// When the modem was made, which traces count from.
    powered: tokio::time::Instant,
    /// Whether it was ever asked to do anything.
    started: bool,
}

/// What is lost when the power goes.
struct Session {
    settings: Settings,
    state: State,
    /// Whether the radio is on (`+CFUN`).
    radio: bool,
    /// The command line so far, from its `AT` on, and the one before, which `A/` repeats.
    line: Vec<u8>,
    last_line: Vec<u8>,
    /// What the terminal wrote before the result that it should have waited for.
    ahead: Vec<u8>,
    /// Indications that wait until the line is free.
    waiting: Waiting,
    /// The registration that was told last.
    told: RegistrationState,
    /// Until when the message that came directly must be acknowledged.
    unacknowledged: Option<Instant>,
    /// Until when nothing is heard and nothing said.
    silent_until: Option<Instant>,
    /// The next result, where it is not what it should be.
    answer: Option<String>,
    /// How late the next result is.
    late: Duration,
    ussd: Option<Dialogue>,
}

enum State {
    /// Reads command lines.
    Command,
    /// Has shown the prompt and reads a PDU or a text.
    Prompt { purpose: Purpose, entry: Entry, typed: Vec<u8> },
    /// Is at work, and says this later.
    Busy { until: Instant, says: Vec<u8> },
    /// Is off, until then or until it is switched on.
    Off { until: Option<Instant> },
}

impl Session {
    fn new(profile: &Profile, state: State) -> Self {
        Self {
            settings: Settings::new(profile.stores.first().copied().unwrap_or(Store::SM)),
            state,
            radio: true,
            line: Vec::new(),
            last_line: Vec::new(),
            ahead: Vec::new(),
            waiting: Waiting::new(),
            told: RegistrationState::HOME,
            unacknowledged: None,
            silent_until: None,
            answer: None,
            late: Duration::ZERO,
            ussd: None,
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
        Self::with_traits(profile, network, sim, Traits { faults, ..Traits::default() })
    }

    /// A modem that is on, with its stores empty and nothing set, which is particular.
    pub fn with_traits(
        profile: &'static Profile,
        network: Network,
        sim: SimId,
        traits: Traits,
    ) -> Self {
        let state = if traits.off { State::Off { until: None } } else { State::Command };
        Self {
            profile,
            network,
            sim,
            card: Card::new(traits.pin.as_deref()),
            service: RegistrationState::HOME,
            slow: Duration::ZERO,
            pdus: 0,
            service_centre: SERVICE_CENTRE.to_owned(),
            clock_ahead_s: 0,
            memory: Memory::new(profile),
            session: Session::new(profile, state),
            power: Power::default(),
            output: Vec::new(),
            wire: Wire::new(traits.seed),
            inbox: Arc::default(),
            trace: None,
            powered: tokio::time::Instant::now(),
            started: false,
            traits,
        }
    }

    /// Where troubles can be put while the modem runs.
    pub fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }

    /// Takes what the terminal writes.
    pub fn receive(&mut self, octets: &[u8], now: Instant) {
        self.start(now);
        for octet in octets {
            let ((arrived, len), befalls) = self.wire.read(*octet, now);
            for octet in &arrived[..len] {
                self.hear(*octet, now);
            }
            befalls.into_iter().for_each(|what| self.befall(what, now));
            // How the octets are cut changes nothing.
            if self.is_free() {
                self.settle(now);
            } else {
                self.write(now);
            }
        }
    }

    /// What is to be written to the terminal, once.
    #[must_use]
    pub fn transmit(&mut self) -> Vec<u8> {
        self.wire.transmit()
    }

    /// When [`expire`](Self::expire) is to be called.
    pub fn deadline(&self) -> Option<Instant> {
        let session = &self.session;
        let state = match session.state {
            State::Off { until } => until,
            State::Busy { until, .. } => Some(until),
            State::Command | State::Prompt { .. } => None,
        };
        // What there is to tell waits for the end of a silence.
        let tells = [
            session.waiting.expires,
            session.ussd.as_ref().and_then(Dialogue::deadline),
            self.next_indication(),
        ];
        let times = [
            state,
            self.power.deadline(),
            session.unacknowledged,
            session.silent_until,
            self.wire.deadline(),
            tells.into_iter().flatten().min().max(session.silent_until),
        ];
        times.into_iter().flatten().min()
    }

    /// Does what is due at `now`, and takes what the network has for the SIM.
    pub fn expire(&mut self, now: Instant) {
        self.start(now);
        for what in self.wire.due(now) {
            self.befall(what, now);
        }
        self.session.silent_until.take_if(|until| *until <= now);
        self.hold(now);
        match &mut self.session.state {
            State::Off { until: Some(until) } if *until <= now => {
                self.session.state = State::Command;
                self.card.restart();
                for words in Identity::of(self.profile).boot {
                    self.say(&Line::Other(words.as_bytes()));
                }
            }
            State::Busy { until, says } if *until <= now => {
                let says = mem::take(says);
                self.session.state = State::Command;
                self.output.extend(says);
                let ahead = mem::take(&mut self.session.ahead);
                self.write(now);
                for octet in ahead {
                    self.hear(octet, now);
                }
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

    /// Arms what is to go wrong, once the time is known.
    fn start(&mut self, now: Instant) {
        if !mem::replace(&mut self.started, true) {
            let banner = self.traits.manner.banner;
            if !banner.is_empty() && self.is_on() {
                self.say(&Line::Other(banner.as_bytes()));
            }
            self.inbox.put(mem::take(&mut self.traits.troubles));
        }
        for trouble in self.inbox.take() {
            self.wire.arm(trouble, now);
        }
    }

    /// Takes one octet that has arrived from the terminal.
    fn hear(&mut self, octet: u8, now: Instant) {
        if self.session.silent_until.is_some() {
            return;
        }
        match &mut self.session.state {
            State::Command => self.type_command(octet, now),
            State::Prompt { .. } => self.type_entry(octet, now),
            State::Busy { .. } if self.session.ahead.len() < AHEAD_MAX => {
                self.session.ahead.push(octet);
            }
            State::Busy { .. } | State::Off { .. } => {}
        }
    }

    /// Runs the commands of a line; the first that is refused ends it (V.250, section 5.2.3).
    fn execute(&mut self, line: &[u8], now: Instant) {
        line.clone_into(&mut self.session.last_line);
        // Blanks mean nothing outside of strings (V.250, section 5.2.1).
        let mut quoted = false;
        let meant = |octet: &u8| {
            quoted ^= *octet == b'"';
            quoted || *octet != b' '
        };
        let line: Vec<u8> = line.iter().copied().filter(meant).collect();
        let mut ended = if line.len() < LINE_MAX { Ok(()) } else { Err(Failure::Error) };
        let mut commands = at::commands(&line).into_iter().flatten().peekable();
        if commands.peek().is_none() && self.traits.manner.refuses.contains(&"") {
            ended = Err(Failure::Error);
        }
        while ended.is_ok()
            && let Some(command) = commands.next()
        {
            let reply = command.map_err(|_| Failure::Error);
            match reply.and_then(|command| commands::run(self, &command, now)) {
                Ok(Reply::Done) => {}
                // What follows in the line is lost, as on most modems.
                Ok(Reply::Prompt { purpose, entry }) => {
                    self.session.state = State::Prompt { purpose, entry, typed: Vec::new() };
                    return self.prompt();
                }
                Ok(Reply::Submit { pdu, purpose }) => return self.submit(Ok(pdu), purpose, now),
                Ok(Reply::NoCarrier) => return self.end_with("NO CARRIER", 3, now),
                Ok(Reply::Restart) => {
                    self.end(Ok(()), now);
                    self.write(now);
                    return self.power_off(now);
                }
                Err(failure) => ended = Err(failure),
            }
        }
        self.end(ended, now);
    }

    /// Sends a message, as far as its faults let it.
    fn submit(&mut self, pdu: Result<Pdu, CmsError>, purpose: Purpose, now: Instant) {
        self.pdus = self.pdus.saturating_add(1);
        let course = Course::of(self.pdus, &self.traits.faults);
        let result = match (course.refused, pdu) {
            (Some(error), _) | (None, Err(error)) => Err(error),
            (None, Ok(_)) if !self.registration().carries_messages() => Err(CmsError::NO_NETWORK),
            (None, Ok(pdu)) if self.refuses_period(&pdu) => Err(CmsError::INVALID_PDU_PARAMETER),
            (None, Ok(pdu)) => self.network.submit(self.sim, pdu.tpdu(), course.outcome),
        };
        let reference = self.traits.manner.reference;
        let result = result.map(|given| reference.unwrap_or(given));
        if result.is_ok() {
            let direct_after = self.traits.manner.direct_after;
            self.session.waiting.quiet_until = Some(now + direct_after);
            self.sent(purpose);
        }
        self.session.late += self.slow;
        match course.ending {
            Ending::Result => {}
            Ending::ResultAfter(time) => self.session.late += time,
            Ending::Silence => return self.session.late = Duration::ZERO,
            Ending::Reboot => return self.power_off(now),
        }
        let late = mem::take(&mut self.session.late);
        let before = mem::take(&mut self.output);
        if let Ok(reference) = result {
            self.info(purpose.name(), &[at::Argument::Number(reference.into())]);
        }
        self.end(result.map(drop).map_err(Failure::Cms), now);
        let says = mem::replace(&mut self.output, before);
        self.say_after(late, says, now);
    }

    /// Writes what a command comes to, at once or later.
    fn say_after(&mut self, late: Duration, says: Vec<u8>, now: Instant) {
        if late.is_zero() {
            self.output.extend(says);
        } else {
            self.session.state = State::Busy { until: now + late, says };
        }
    }

    /// Asks for what follows, where the profile's modems do.
    fn prompt(&mut self) {
        if self.profile.prompts {
            self.output.extend(self.traits.manner.prompt);
        }
    }

    fn refuses_period(&self, pdu: &Pdu) -> bool {
        // TP-VPF of an SMS-SUBMIT.
        let has_period =
            pdu.tpdu().first().is_some_and(|flags| flags & 0b11 == 1 && flags & 0x18 != 0);
        self.traits.manner.refuses_validity_period && has_period
    }

    fn power_off(&mut self, now: Instant) {
        self.output.clear();
        self.session = Session::new(self.profile, State::Off { until: Some(now + START) });
    }

    /// How the modem is registered.
    fn registration(&self) -> RegistrationState {
        if self.session.radio && self.card.trouble().is_none() {
            self.service
        } else {
            RegistrationState::NOT_REGISTERED
        }
    }
}

#[cfg(test)]
mod tests;
