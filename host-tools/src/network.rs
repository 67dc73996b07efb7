//! The virtual network: SIMs, handsets, and a service centre that stores and forwards.
//!
//! What a SIM submits reaches a handset as a real network would bring it: with the SIM's number as
//! its sender, since an SMS-SUBMIT has no place for another. What is for a SIM waits here until its
//! modem has taken it, and what is for a handset that is off until that is on; either expires with
//! its validity period.

mod centre;
mod error;
mod event;
mod handset;
mod held;
mod phones;
mod state;
mod ussd;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use septet::at::CmsError;
use septet::pdu::Pdu;
use septet::tpdu::codes::{self, Status};
use septet::tpdu::{Mo, Submit};
use tokio::sync::{Notify, broadcast};

pub(crate) use centre::{delivers, is_type_0, point_in_time, timestamp};
pub use error::NetworkError;
pub use event::Event;
use handset::Phone;
pub use handset::{Handset, Message, Part};
use held::Held;
pub use state::SimId;
use state::{ReportWanted, Sim, State};
pub use ussd::UssdAnswer;

/// The service centre's own number.
pub const SERVICE_CENTRE: &str = "+15550100427";

/// How many messages the handsets of a network remember that runs as long as somebody likes: some
/// thousands of octets each at most, a thousand as a rule.
pub const REMEMBERED: usize = 10_000;

/// Events that a slow subscriber may lag behind before it misses some.
const EVENTS: usize = 1024;

/// A virtual network; a clone is the same network.
#[derive(Clone)]
pub struct Network {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    state: Mutex<State>,
    events: broadcast::Sender<Event>,
}

/// What the service centre has for a SIM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An SMS-DELIVER.
    Message(Pdu),
    /// An SMS-STATUS-REPORT.
    Report(Pdu),
}

/// How a message to a handset ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// TP-ST of the report; the handset gets the message where it says so.
    pub status: Status,
    /// Whether a report is given to a sender who wants one.
    pub report: bool,
}

impl Outcome {
    /// The handset gets the message.
    pub const DELIVERED: Self = Self::status(Status::RECEIVED);
    /// The handset gets the message, and its sender never hears of it.
    pub const NO_REPORT: Self = Self { report: false, ..Self::DELIVERED };

    /// The message ends with this TP-ST.
    pub const fn status(status: Status) -> Self {
        Self { status, report: true }
    }

    fn delivers(self) -> bool {
        self.status.outcome() == codes::Outcome::Delivered
    }
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

impl Network {
    /// A network without SIMs, which goes by the system's clock.
    pub fn new() -> Self {
        Self::with_clock(SystemTime::now)
    }

    /// A network without SIMs, which goes by `clock`.
    pub fn with_clock(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let (events, _) = broadcast::channel(EVENTS);
        let clock = Box::new(clock);
        Self { shared: Arc::new(Shared { clock, state: Mutex::default(), events }) }
    }

    /// The same network, whose handsets remember so many messages together; the oldest are forgotten first.
    /// Without this they remember all.
    #[must_use]
    pub fn remembering(self, messages: usize) -> Self {
        self.lock().phones.set_room(messages);
        self
    }

    /// Adds a SIM that has `number` and to which messages for `short_codes` go as well.
    pub fn add_sim(&self, number: &str, short_codes: &[String]) -> SimId {
        let mut state = self.lock();
        state.sims.push(Sim {
            number: digits(number).to_owned(),
            short_codes: short_codes.to_vec(),
            reference: 0,
            waiting: VecDeque::new(),
            arrival: Arc::default(),
            refusal: None,
        });
        SimId(state.sims.len() - 1)
    }

    /// The digits of a SIM's number, without a `+`.
    pub fn number(&self, sim: SimId) -> String {
        self.lock().sims[sim.0].number.clone()
    }

    /// What the handset with this number has received, which is nothing at first.
    pub fn handset(&self, number: &str) -> Handset {
        let number = digits(number);
        let state = self.lock();
        state.phones.get(number).map_or_else(|| Phone::new(number).received(), Phone::received)
    }

    /// The numbers of the handsets that have received or sent anything, as far as that is remembered.
    pub fn handsets(&self) -> Vec<String> {
        self.lock().phones.numbers()
    }

    /// Sends `text` from a handset to the SIM that has the number or short code `to`, and returns
    /// in how many parts.
    ///
    /// # Errors
    /// The sentence that [`NetworkError`] makes.
    pub fn send_from_handset(&self, from: &str, to: &str, text: &str) -> Result<u8, NetworkError> {
        let from = handset_number(from)
            .ok_or_else(|| NetworkError::NotAHandset(from.to_owned()))?
            .to_owned();
        let mut state = self.lock();
        let sim = state.sim_with(to).ok_or_else(|| NetworkError::NoSuchNumber {
            to: to.to_owned(),
            known: state.known_numbers(),
        })?;
        let reference = state.phones.phone(&from).next_reference();
        let parts =
            centre::delivers(&from, text, reference, self.now()).map_err(NetworkError::Text)?;
        // A text has at most 255 parts.
        let count = parts.len() as u8;
        for pdu in parts {
            state.bring(sim, Delivery::Message(pdu), None, None);
        }
        Ok(count)
    }

    /// Decides how the next messages to a handset end, one outcome for each part; those after the
    /// last are delivered.
    pub fn set_outcomes(&self, number: &str, outcomes: impl IntoIterator<Item = Outcome>) {
        self.lock().outcomes.insert(digits(number).to_owned(), outcomes.into_iter().collect());
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.shared.events.subscribe()
    }

    /// Takes nothing more from a SIM, for this reason, or everything again.
    pub fn refuse(&self, sim: SimId, refusal: Option<CmsError>) {
        self.lock().sims[sim.0].refusal = refusal;
    }

    /// Takes an SMS-SUBMIT or an SMS-COMMAND from a SIM and returns the TP-MR that it was given.
    ///
    /// The reference of the TPDU itself is passed over, as most modems do. `outcome` comes before
    /// those of [`set_outcomes`](Self::set_outcomes).
    ///
    /// # Errors
    /// [`CmsError::INVALID_PDU_PARAMETER`] for octets that are neither,
    /// [`CmsError::UNASSIGNED_NUMBER`] for an address that no handset or SIM can have, what
    /// [`refuse`](Self::refuse) was given, [`CmsError::COMMAND_UNSUPPORTED`].
    pub fn submit(
        &self,
        from: SimId,
        tpdu: &[u8],
        outcome: Option<Outcome>,
    ) -> Result<u8, CmsError> {
        let sent = centre::read(tpdu)?;
        let now = self.now();
        let mut state = self.current();
        if let Some(refusal) = state.sims[from.0].refusal {
            return Err(refusal);
        }
        match sent {
            Mo::Submit(submit) => self.forward(&mut state, from, &submit, outcome, now),
            Mo::Command(command) => self.command(&mut state, from, &command, now),
            Mo::DeliverReport(_) => Err(CmsError::INVALID_PDU_PARAMETER),
        }
    }

    fn forward(
        &self,
        state: &mut State,
        from: SimId,
        submit: &Submit<'_>,
        outcome: Option<Outcome>,
        now: SystemTime,
    ) -> Result<u8, CmsError> {
        let recipient: String = submit.destination.chars().collect();
        let to_sim = state.sim_with(&recipient);
        if to_sim.is_none() && handset_number(&recipient).is_none() {
            return Err(CmsError::UNASSIGNED_NUMBER);
        }
        let sender = state.sims[from.0].number.clone();
        let deliver =
            centre::deliver(&sender, submit, now).map_err(|_| CmsError::INVALID_PDU_PARAMETER)?;
        let reference = state.next_reference(from);
        let report = centre::Report::new(submit, reference, now);
        let wanted = submit.status_report_request.then_some(ReportWanted { to: from, report });
        let expires = centre::expiry(submit.validity_period, now);
        if let Some(sim) = to_sim {
            state.bring(sim, Delivery::Message(deliver), wanted, expires);
            return Ok(reference);
        }
        let outcome = outcome.or_else(|| state.outcomes.get_mut(&recipient)?.pop_front());
        if outcome.is_none() && state.phones.is_off(&recipient) {
            let (number, received) = (recipient, now);
            state.held.push(Held { number, from, reference, deliver, wanted, expires, received });
            return Ok(reference);
        }
        let outcome = outcome.unwrap_or(Outcome::DELIVERED);
        if outcome.delivers() {
            self.hand_over(state, &recipient, &deliver, now);
        }
        if outcome.report
            && let Some(wanted) = wanted
        {
            self.report(state, &wanted, outcome.status);
        }
        Ok(reference)
    }

    /// Brings a message to a handset that is on; of type 0 it shows nothing and keeps nothing.
    fn hand_over(&self, state: &mut State, number: &str, deliver: &Pdu, now: SystemTime) {
        if is_type_0(deliver) {
            return;
        }
        if let Some(message) = state.phones.receive(number, deliver, now) {
            self.tell(Event::Received { number: number.to_owned(), message });
        }
    }

    /// The next message or report for a SIM, which stays here until it is [`taken`](Self::taken) or
    /// [`rejected`](Self::rejected): a modem that loses it is given it again.
    pub fn offer(&self, sim: SimId) -> Option<Delivery> {
        let state = self.current();
        state.sims[sim.0].waiting.front().map(|waiting| waiting.delivery.clone())
    }

    /// The SIM's modem has what was offered: RP-ACK.
    pub fn taken(&self, sim: SimId) {
        self.ended(sim, Status::RECEIVED);
    }

    /// The SIM's modem does not want what was offered: RP-ERROR. It is not offered again.
    pub fn rejected(&self, sim: SimId) {
        self.ended(sim, Status::CONNECTION_REJECTED);
    }

    /// Notified each time that something comes for a SIM.
    pub fn arrival(&self, sim: SimId) -> Arc<Notify> {
        Arc::clone(&self.lock().sims[sim.0].arrival)
    }

    fn ended(&self, sim: SimId, status: Status) {
        let mut state = self.lock();
        let wanted = state.sims[sim.0].waiting.pop_front().and_then(|waiting| waiting.report);
        if let Some(wanted) = wanted {
            self.report(&mut state, &wanted, status);
        }
    }

    fn report(&self, state: &mut State, wanted: &ReportWanted, status: Status) {
        // A report that cannot be written is none: its fields were all read from a message.
        let Ok(pdu) = wanted.report.pdu(status, self.now()) else { return };
        state.bring(wanted.to, Delivery::Report(pdu), None, None);
        self.tell(Event::Reported {
            sim: state.sims[wanted.to.0].number.clone(),
            recipient: wanted.report.recipient(),
            reference: wanted.report.reference(),
            status,
        });
    }

    fn tell(&self, event: Event) {
        // Nobody has to listen.
        let _ = self.shared.events.send(event);
    }

    /// The time of the network.
    pub fn now(&self) -> SystemTime {
        (self.shared.clock)()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number without the `+` of its international form.
fn digits(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

/// The digits of a number that a handset can have.
fn handset_number(number: &str) -> Option<&str> {
    let digits = digits(number);
    let all = digits.bytes().all(|octet| octet.is_ascii_digit());
    (all && (5..=15).contains(&digits.len())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    use septet::tpdu::Mt;

    const SIM: &str = "4512340001";
    const HANDSET: &str = "4512345678";

    fn network() -> (Network, SimId) {
        let network = Network::with_clock(|| SystemTime::UNIX_EPOCH);
        let sim = network.add_sim(SIM, &["1204".to_owned()]);
        (network, sim)
    }

    /// The text of a part that waits for a SIM, and its sender.
    fn take(network: &Network, sim: SimId) -> Option<(String, String)> {
        let delivery = network.offer(sim)?;
        network.taken(sim);
        let Delivery::Message(pdu) = delivery else { panic!("a report") };
        let (_, Mt::Deliver(deliver)) = pdu.read().unwrap() else { panic!("a report") };
        Some((deliver.originator.to_string(), deliver.text().unwrap().collect()))
    }

    /// The status that waits for a SIM, and which message it is of.
    fn take_report(network: &Network, sim: SimId) -> Option<(u8, Status)> {
        let delivery = network.offer(sim)?;
        network.taken(sim);
        let Delivery::Report(pdu) = delivery else { panic!("a message") };
        let (_, Mt::StatusReport(report)) = pdu.read().unwrap() else { panic!("a message") };
        Some((report.message_reference, report.status))
    }

    /// An SMS-SUBMIT of 8-bit data with a header, and a report wanted.
    fn submit(to: &str, number: u8, total: u8, data: u8) -> Vec<u8> {
        let to = septet::tpdu::Address::number(to).unwrap();
        let address = [&[to.len() as u8, to.type_of_address()], to.octets()].concat();
        let user_data = [7, 5, 0, 3, 9, total, number, data];
        [&[0x61, 0], &address[..], &[0, 0x04], &user_data].concat()
    }

    #[test]
    fn a_text_reaches_every_number_of_a_sim_in_parts() {
        let (network, sim) = network();
        for (to, text, parts) in [
            (SIM, "TEST hello".to_owned(), 1),
            ("+4512340001", "x".repeat(161), 2),
            ("1204", "😀".repeat(40), 2),
        ] {
            assert_eq!(network.send_from_handset(HANDSET, to, &text), Ok(parts));
            let mut whole = String::new();
            for _ in 0..parts {
                let (from, part) = take(&network, sim).unwrap();
                assert_eq!(from, "+4512345678");
                whole += &part;
            }
            assert_eq!(whole, text);
        }
        assert_eq!(take(&network, sim), None);
    }

    #[test]
    fn a_number_that_nobody_has_is_told_with_those_that_are() {
        let (network, _) = network();
        let error = |from, to| network.send_from_handset(from, to, "hi").unwrap_err().to_string();
        assert_eq!(
            error(HANDSET, "1205"),
            "nobody has the number \"1205\"; known are 4512340001, 1204"
        );
        assert_eq!(error("1234", SIM), "\"1234\" is no handset: a number has 5 to 15 digits");
    }

    #[test]
    fn parts_in_any_order_are_one_message_at_the_handset() {
        let (network, sim) = network();
        let mut events = network.subscribe();
        for number in [3, 1] {
            network.submit(sim, &submit("+4512345678", number, 3, number), None).unwrap();
        }
        let handset = network.handset("+4512345678");
        assert!(handset.messages.is_empty());
        let waiting = handset.waiting.iter().map(|part| (part.reference, part.number, part.total));
        assert!(waiting.eq([(Some(9), 3, 3), (Some(9), 1, 3)]));

        network.submit(sim, &submit("+4512345678", 2, 3, 2), None).unwrap();
        let handset = network.handset(HANDSET);
        assert!(handset.waiting.is_empty());
        let [message] = &handset.messages[..] else { panic!() };
        assert_eq!((&*message.from, &*message.text), ("+4512340001", "010203"));
        assert!(message.parts.iter().map(|part| part.number).eq(1..=3));
        let json = serde_json::to_string(&handset).unwrap();
        assert_eq!(serde_json::from_str::<Handset>(&json).unwrap(), handset);

        let said = std::iter::from_fn(|| events.try_recv().ok()).map(|event| event.to_string());
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                "report 1 on 4512345678: 0 (received by the handset)",
                "report 2 on 4512345678: 0 (received by the handset)",
                "4512345678 received from +4512340001: \"010203\"",
                "report 3 on 4512345678: 0 (received by the handset)",
            ]
        );
    }

    #[test]
    fn the_oldest_messages_are_forgotten_with_handsets_that_had_nothing_else() {
        let (network, sim) = network();
        let network = network.remembering(3);
        network.switch_handset("4512345670", false);
        network.switch_handset("4512345670", true);
        let send = |number: &str| {
            network.submit(sim, &submit(number, 1, 1, 0), None).unwrap();
        };
        ["4512345671", "4512345672", "4512345672", "4512345673"].into_iter().for_each(send);
        assert_eq!(network.handsets(), ["4512345670", "4512345672", "4512345673"]);
        assert_eq!(network.handset("4512345672").messages.len(), 2);
        send("4512345673");
        assert_eq!(network.handset("4512345672").messages.len(), 1);
        // One that has sent in parts goes on with its references.
        network.send_from_handset("4512345673", SIM, "hi").unwrap();
        (0..3).for_each(|_| send("4512345674"));
        assert_eq!(network.handsets(), ["4512345670", "4512345673", "4512345674"]);
        assert!(network.handset("4512345673").messages.is_empty());
    }

    #[test]
    fn parts_may_end_differently() {
        let (network, sim) = network();
        let outcomes = [Outcome::status(Status::EXPIRED), Outcome::NO_REPORT];
        network.set_outcomes(HANDSET, outcomes);
        for number in 1..=3 {
            network.submit(sim, &submit(HANDSET, number, 3, number), None).unwrap();
        }
        assert_eq!(take_report(&network, sim), Some((1, Status::EXPIRED)));
        assert_eq!(take_report(&network, sim), Some((3, Status::RECEIVED)));
        assert_eq!(take_report(&network, sim), None);
        let waiting = network.handset(HANDSET).waiting;
        assert!(waiting.iter().map(|part| part.number).eq([2, 3]));
    }

    #[test]
    fn a_message_to_a_sim_is_reported_once_its_modem_has_it() {
        let (network, sim) = network();
        let other = network.add_sim("4512340002", &[]);
        for _ in 0..2 {
            network.submit(sim, &submit("4512340002", 1, 1, 0), None).unwrap();
        }
        assert_eq!(network.offer(sim), None);
        network.taken(other);
        network.rejected(other);
        assert_eq!(take_report(&network, sim), Some((1, Status::RECEIVED)));
        assert_eq!(take_report(&network, sim), Some((2, Status::CONNECTION_REJECTED)));
    }
}
