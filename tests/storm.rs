//! Messages both ways through a modem that restarts and a line that loses and changes octets, on a
//! virtual clock.
//!
//! Each message that the engine took ends exactly once; each that ended as sent is with its recipient,
//! under the reference that was told; each that came for the modem is handed over, and by the caller's
//! filter once. A seed makes each storm happen again.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant, SystemTime};

use septet::at::Store;
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::time::ValidityPeriod;
use septet::tpdu::udh::Reference;
use septet::tpdu::{Address, Mt, Submit};
use septet_firmware::engine::Outcome;
use septet_firmware::profile::GENERIC;
use septet_firmware::seen::Seen;
use septet_firmware::{Engine, EventKind, Instant as Ms, Output, Profile};
use septet_host::network::Network;
use septet_host::virtual_modem::VirtualModem;

const HANDSET: &str = "4598765432";

/// They look through the stores often, so that little virtual time need pass.
static PROFILES: [Profile; 3] = [
    Profile { sweep_ms: 120_000, ..GENERIC },
    Profile { sweep_ms: 120_000, stores: &[Store::SM], ..GENERIC },
    Profile { sweep_ms: 120_000, acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC },
];

/// One octet of so many is lost, one is changed, and before one of so many the modem loses its power.
const LOSS: u64 = 4_000;
const CHANGE: u64 = 4_000;
const RESTART: u64 = 3_000;

thread_local! {
    static NOW_MS: Cell<u64> = const { Cell::new(0) };
}

fn wall() -> SystemTime {
    SystemTime::UNIX_EPOCH
        + Duration::from_secs(1_800_000_000)
        + Duration::from_millis(NOW_MS.get())
}

/// xorshift64*.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn one_of(&mut self, many: u64) -> bool {
        self.next().is_multiple_of(many)
    }
}

#[derive(Debug, Default)]
struct Ledger {
    sent: HashMap<u32, u8>,
    refused: usize,
    not_sent: usize,
    unknown: HashSet<u32>,
    /// Messages whose result came over a line that was disturbed meanwhile.
    disturbed: HashSet<u32>,
    handed_over: usize,
    cut: usize,
    /// How often the filter let each received message pass.
    taken: HashMap<String, u32>,
    restarts: usize,
    losses: usize,
    changes: usize,
}

struct Storm {
    engine: Engine,
    modem: VirtualModem,
    network: Network,
    start: Instant,
    now_ms: u64,
    wire: Vec<u8>,
    chance: Chance,
    calm: bool,
    /// The message that the engine has.
    sending: Option<u32>,
    taken: u32,
    seen: Seen<256>,
    ledger: Ledger,
}

impl Storm {
    fn new(profile: &'static Profile, seed: u64) -> Self {
        NOW_MS.set(0);
        let network = Network::with_clock(wall);
        let sim = network.add_sim("4512340001", &["1204".to_owned()]);
        Self {
            engine: Engine::new(profile, Ms(0)),
            modem: VirtualModem::new(profile, network.clone(), sim, Vec::new()),
            network,
            start: Instant::now(),
            now_ms: 0,
            wire: Vec::new(),
            chance: Chance(seed),
            calm: false,
            sending: None,
            taken: 0,
            seen: Seen::new(),
            ledger: Ledger::default(),
        }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.now_ms)
    }

    /// What is left of octets on a bad line.
    fn disturb(&mut self, octets: &[u8], may_lose: bool) -> Vec<u8> {
        if self.calm {
            return octets.to_vec();
        }
        let mut left = Vec::with_capacity(octets.len());
        for octet in octets {
            if may_lose && self.chance.one_of(LOSS) {
                self.ledger.losses += 1;
                self.ledger.disturbed.extend(self.sending);
            } else if self.chance.one_of(CHANGE) {
                self.ledger.changes += 1;
                self.ledger.disturbed.extend(self.sending);
                // As a bad stop bit leaves it.
                left.push(octet | 0x80);
            } else {
                left.push(*octet);
            }
        }
        left
    }

    /// Behind how many of these octets the power is cut, if it is.
    fn power_cut(&mut self, octets: usize) -> Option<usize> {
        let cut = (0..octets).find(|_| self.chance.one_of(RESTART));
        cut.filter(|_| !self.calm)
    }

    /// The modem loses its power, and what it had not yet written.
    fn restart(&mut self) {
        self.ledger.restarts += 1;
        // Out of a prompt, and what was typed of a command is none.
        self.modem.receive(b"\x1b\x80\rAT+CFUN=1,1\r", self.now());
        let _ = self.modem.transmit();
    }

    /// One turn: whatever the engine wants, or some time.
    fn turn(&mut self, limit_ms: u64) {
        let wait_ms = match self.engine.poll() {
            Output::Transmit(octets) => {
                let octets = octets.to_vec();
                if let Some(at) = self.power_cut(octets.len()) {
                    self.modem.receive(&octets[..at], self.now());
                    self.restart();
                    return;
                }
                // A digit that is lost on the way to the modem would name another slot: no dialogue
                // without check sums is safe from that.
                let octets = self.disturb(&octets, false);
                self.modem.receive(&octets, self.now());
                return;
            }
            Output::Event(event) => return self.happened(event.kind),
            Output::Pin(..) | Output::Baud(_) => return,
            Output::Wait(wait) => wait.0,
        };
        let mut written = self.modem.transmit();
        if let Some(at) = self.power_cut(written.len()) {
            written.truncate(at);
            self.restart();
        }
        let written = self.disturb(&written, true);
        self.wire.extend(written);
        if !self.wire.is_empty() {
            let taken = self.engine.receive(&self.wire, Ms(self.now_ms));
            self.wire.drain(..taken);
            return;
        }
        let due_ms = self.modem.deadline().map(|due| (due - self.start).as_millis() as u64);
        let next = due_ms.map_or(wait_ms, |due| due.min(wait_ms)).max(self.now_ms + 1);
        self.now_ms = next.min(limit_ms.max(self.now_ms + 1));
        NOW_MS.set(self.now_ms);
        self.modem.expire(self.now());
        self.engine.expire(Ms(self.now_ms));
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while self.now_ms < until {
            self.turn(until);
        }
    }

    fn happened(&mut self, kind: EventKind) {
        match kind {
            EventKind::Finished(outcome) => {
                let number = self.sending.take().expect("a fate of no message");
                match outcome {
                    Outcome::Sent { reference } => {
                        assert_eq!(self.ledger.sent.insert(number, reference), None);
                    }
                    Outcome::Refused { .. } => self.ledger.refused += 1,
                    Outcome::NotSent(_) => self.ledger.not_sent += 1,
                    Outcome::Unknown(_) => {
                        self.ledger.unknown.insert(number);
                    }
                }
            }
            EventKind::Received { pdu, ticket } => {
                match pdu.read() {
                    Ok((_, Mt::Deliver(deliver))) => {
                        self.ledger.handed_over += 1;
                        if self.seen.is_new(&pdu) {
                            let text = deliver.text().expect("text").collect();
                            *self.ledger.taken.entry(text).or_default() += 1;
                        }
                    }
                    Ok(_) => {}
                    // A power cut can end a PDU where it has as many octets as its TPDU would have, and
                    // some modems count that way. It comes again, whole.
                    Err(_) => self.ledger.cut += 1,
                }
                self.engine.done(&ticket, Ms(self.now_ms));
            }
            _ => {}
        }
    }

    fn send(&mut self) {
        if self.engine.is_ready() && self.sending.is_none() {
            let number = self.taken + 1;
            if self.engine.send(&submit(&format!("out {number}")), Ms(self.now_ms)).is_ok() {
                self.taken = number;
                self.sending = Some(number);
            }
        }
    }

    /// So many messages each way, and then calm until everything has arrived.
    fn rage(mut self, messages: u32) -> (Ledger, HashMap<String, usize>) {
        let mut came = 0;
        while came < messages || self.taken < messages {
            if came < messages && self.chance.one_of(3) {
                came += 1;
                let text = format!("in {came}");
                self.network.send_from_handset(HANDSET, "1204", &text).expect("sent");
            }
            if self.taken < messages {
                self.send();
            }
            let ms = self.chance.next() % 2_000;
            self.pass(ms);
        }
        self.calm = true;
        let mut patience = 0;
        while self.sending.is_some() || self.ledger.taken.len() < messages as usize {
            self.pass(60_000);
            patience += 1;
            assert!(patience < 120, "two hours of calm: {} of {came}", self.ledger.taken.len());
        }
        self.pass(600_000);
        let mut delivered = HashMap::new();
        for message in self.network.handset(HANDSET).messages {
            *delivered.entry(message.text).or_default() += 1;
        }
        (self.ledger, delivered)
    }
}

fn submit(text: &str) -> Pdu {
    let plan = Plan::cheapest(text.chars());
    let mut parts = segments(text.chars(), plan, Reference::Short(0)).expect("short");
    let part = parts.next().expect("one part");
    let mut user_data = [0; 140];
    let submit = Submit {
        reject_duplicates: false,
        status_report_request: true,
        reply_path: false,
        message_reference: 0,
        destination: Address::number(&format!("+{HANDSET}")).expect("a number"),
        protocol: ProtocolIdentifier::PLAIN,
        coding: part.coding(),
        validity_period: ValidityPeriod::NotGiven,
        user_data: part.user_data(&mut user_data),
    };
    Pdu::new(None, &submit).expect("short")
}

fn holds(messages: u32, seed: u64) {
    for (i, profile) in PROFILES.iter().enumerate() {
        let (ledger, delivered) = Storm::new(profile, seed + i as u64).rage(messages);
        let Ledger { sent, refused, not_sent, unknown, .. } = &ledger;
        assert_eq!(sent.len() + refused + not_sent + unknown.len(), messages as usize);
        for number in sent.keys() {
            let times = delivered.get(&format!("out {number}"));
            assert_eq!(times, Some(&1), "message {number} is called sent");
        }
        for (text, times) in &delivered {
            let number: u32 = text.trim_start_matches("out ").parse().expect("a number");
            let known = sent.contains_key(&number) || unknown.contains(&number);
            assert!(known, "{text} arrived and is called neither sent nor unknown");
            assert_eq!(*times, 1, "{text}");
        }
        for number in 1..=messages {
            assert_eq!(ledger.taken.get(&format!("in {number}")), Some(&1), "in {number}");
        }
        println!(
            "{messages} each way, {i}: {} sent, {refused} refused, {not_sent} not sent, {} unknown; {} \
             handed over, {} cut; {} restarts, {} octets lost, {} changed",
            sent.len(),
            unknown.len(),
            ledger.handed_over,
            ledger.cut,
            ledger.restarts,
            ledger.losses,
            ledger.changes,
        );
    }
}

#[test]
fn no_message_is_lost_or_called_sent_that_was_not() {
    for seed in 1..=3 {
        holds(300, seed * 1_000);
    }
}

#[test]
#[ignore = "takes longer: docs/long.md"]
fn ten_thousand_messages_each_way() {
    for seed in 0..40 {
        holds(10_000, 7 + seed);
    }
}
