//! The modem engine and the virtual modem, each a value without I/O, at virtual time: whatever goes
//! wrong, what the engine says of a message is true.

use std::time::{Duration, Instant};

use septet::at::{CmsError, Failure};
use septet::pdu::Pdu;
use septet::tpdu::Mt;
use septet_firmware::engine::{Outcome, Why};
use septet_firmware::profile::PROFILES;
use septet_firmware::{Engine, EventKind, Instant as Ms, Output, Profile};
use septet_host::network::Network;
use septet_host::virtual_modem::{MANNERS, Manner, Traits, VirtualModem, script};

const HANDSET: &str = "4512345678";

/// `hello` to the handset, with a status report.
const HELLO: &str = "0031000A9154214365870000AA05E8329BFD06";

/// An engine and a modem with a wire between.
struct Pair {
    engine: Engine,
    modem: VirtualModem,
    network: Network,
    start: Instant,
    now_ms: u64,
    /// What the modem wrote and the engine has not taken.
    wire: Vec<u8>,
    /// How many octets arrive at a time.
    chunk: usize,
}

impl Pair {
    fn new(profile: &'static Profile, fault: &str, chunk: usize) -> Self {
        let network = Network::new();
        let sim = network.add_sim("4512340001", &["1204".to_owned()]);
        let faults = (!fault.is_empty()).then(|| fault.parse().unwrap());
        let modem = VirtualModem::new(profile, network.clone(), sim, faults.into_iter().collect());
        let engine = Engine::new(profile, Ms(0));
        Self { engine, modem, network, start: Instant::now(), now_ms: 0, wire: Vec::new(), chunk }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.now_ms)
    }

    /// Goes on until `wanted` finds something in an event; what is received is taken at once.
    fn find<T>(&mut self, mut wanted: impl FnMut(&EventKind) -> Option<T>) -> T {
        const LIMIT_MS: u64 = 3_600_000;
        let end_ms = self.now_ms + LIMIT_MS;
        while self.now_ms < end_ms {
            let wait_ms = match self.engine.poll() {
                Output::Transmit(octets) => {
                    let octets = octets.to_vec();
                    for octets in octets.chunks(self.chunk) {
                        self.modem.receive(octets, self.now());
                    }
                    continue;
                }
                Output::Pin(..) | Output::Baud(_) => continue,
                Output::Event(event) => {
                    if let EventKind::Received { ticket, .. } = &event.kind {
                        self.engine.done(ticket, Ms(self.now_ms));
                    }
                    match wanted(&event.kind) {
                        Some(found) => return found,
                        None => continue,
                    }
                }
                Output::Wait(wait) => wait.0,
            };
            self.wire.extend(self.modem.transmit());
            if !self.wire.is_empty() {
                let chunk = &self.wire[..self.chunk.min(self.wire.len())];
                let taken = self.engine.receive(chunk, Ms(self.now_ms));
                self.wire.drain(..taken);
                continue;
            }
            let due_ms = self.modem.deadline().map(|due| (due - self.start).as_millis() as u64);
            self.now_ms = due_ms.map_or(wait_ms, |due| due.min(wait_ms)).max(self.now_ms + 1);
            self.modem.expire(self.now());
            self.engine.expire(Ms(self.now_ms));
        }
        panic!("nothing for an hour");
    }

    fn ready(&mut self) {
        self.find(|event| (*event == EventKind::Ready).then_some(()));
    }

    fn send(&mut self) -> Outcome {
        self.engine.send(&Pdu::from_hex(HELLO).unwrap(), Ms(self.now_ms)).unwrap();
        self.find(|event| match event {
            EventKind::Finished(outcome) => Some(*outcome),
            _ => None,
        })
    }

    /// The next message as its text, or report as its status.
    fn received(&mut self) -> String {
        self.find(|event| match event {
            EventKind::Received { pdu, .. } => Some(match pdu.read().unwrap().1 {
                Mt::Deliver(deliver) => deliver.text().unwrap().collect(),
                Mt::StatusReport(report) => {
                    format!("{} {}", report.message_reference, report.status)
                }
                Mt::SubmitReport(report) => panic!("no modem passes this on: {report:?}"),
            }),
            _ => None,
        })
    }

    fn delivered(&self) -> usize {
        self.network.handset(HANDSET).messages.len()
    }
}

/// Each profile, with octets that arrive one at a time and all at once.
fn each(fault: &str, test: impl Fn(&mut Pair)) {
    for profile in PROFILES {
        for chunk in [1, 7, usize::MAX] {
            let mut pair = Pair::new(profile, fault, chunk);
            pair.ready();
            test(&mut pair);
        }
    }
}

#[test]
fn messages_go_both_ways_and_reports_come_back() {
    each("", |pair| {
        for reference in 1..=3 {
            assert_eq!(pair.send(), Outcome::Sent { reference });
            assert_eq!(pair.received(), format!("{reference} 0 (received by the handset)"));
            assert_eq!(pair.delivered(), usize::from(reference));
        }
        for text in ["TEST hello", "日本", "three"] {
            pair.network.send_from_handset(HANDSET, "1204", text).unwrap();
        }
        for text in ["TEST hello", "日本", "three"] {
            assert_eq!(pair.received(), text);
        }
    });
}

#[test]
fn a_message_lost_with_the_power_is_of_unknown_fate() {
    each("1=reboot", |pair| {
        assert!(matches!(pair.send(), Outcome::Unknown(_)));
        assert_eq!(pair.delivered(), 0);
        pair.ready();
        assert_eq!(pair.send(), Outcome::Sent { reference: 1 });
    });
}

#[test]
fn a_result_lost_with_the_power_is_no_refusal() {
    each("1=reboot-sent", |pair| {
        assert!(matches!(pair.send(), Outcome::Unknown(_)));
        assert_eq!(pair.delivered(), 1);
        pair.ready();
        assert_eq!(pair.send(), Outcome::Sent { reference: 2 });
    });
}

#[test]
fn silence_is_no_refusal() {
    each("1=silence", |pair| {
        assert_eq!(pair.send(), Outcome::Unknown(Why::NoAnswer));
        assert_eq!(pair.delivered(), 1);
        pair.ready();
        assert_eq!(pair.send(), Outcome::Sent { reference: 2 });
    });
}

#[test]
fn a_refusal_is_told_with_its_code() {
    each("1=cms:38", |pair| {
        let refused = pair.send();
        assert!(
            matches!(refused, Outcome::Refused { code, .. } if code == Failure::Cms(CmsError(38)))
        );
        assert_eq!(pair.delivered(), 0);
        assert_eq!(pair.send(), Outcome::Sent { reference: 1 });
    });
}

#[test]
fn a_late_result_is_waited_for() {
    each("1=late:59000", |pair| {
        assert_eq!(pair.send(), Outcome::Sent { reference: 1 });
    });
}

#[test]
fn a_message_that_ends_badly_is_reported_so() {
    each("1=status:46", |pair| {
        assert_eq!(pair.send(), Outcome::Sent { reference: 1 });
        assert_eq!(pair.received(), "1 70 (validity period expired)");
        assert_eq!(pair.delivered(), 0);
    });
}

/// An engine and a modem that speaks in this manner.
fn in_manner(profile: &'static Profile, manner: &'static Manner, chunk: usize) -> Pair {
    let mut pair = Pair::new(profile, "", chunk);
    let sim = pair.network.add_sim("4512340002", &["1205".to_owned()]);
    let traits = Traits { manner, ..Traits::default() };
    pair.modem = VirtualModem::with_traits(profile, pair.network.clone(), sim, traits);
    pair
}

#[test]
fn messages_go_both_ways_in_every_manner() {
    for profile in PROFILES {
        for manner in MANNERS.iter().filter(|manner| manner.name != "no-validity-period") {
            for chunk in [1, usize::MAX] {
                let mut pair = in_manner(profile, manner, chunk);
                pair.ready();
                for reference in 1..=2 {
                    let told = if manner.name == "reference-0" { 0 } else { reference };
                    assert_eq!(pair.send(), Outcome::Sent { reference: told });
                    assert_eq!(pair.received(), format!("{reference} 0 (received by the handset)"));
                    assert_eq!(pair.delivered(), usize::from(reference));
                }
                for text in ["TEST hello", "日本"] {
                    pair.network.send_from_handset(HANDSET, "1205", text).unwrap();
                }
                for text in ["TEST hello", "日本"] {
                    assert_eq!(pair.received(), text);
                }
            }
        }
    }
}

#[test]
fn a_validity_period_that_is_refused_is_told_as_a_refusal() {
    let manner = MANNERS.iter().find(|manner| manner.name == "no-validity-period").unwrap();
    for profile in PROFILES {
        let mut pair = in_manner(profile, manner, 7);
        pair.ready();
        let refused = pair.send();
        assert!(
            matches!(refused, Outcome::Refused { code, .. } if code == Failure::Cms(CmsError(304)))
        );
        assert_eq!(pair.delivered(), 0);
    }
}

#[test]
fn whatever_happens_on_the_wire_what_is_said_of_a_message_is_true() {
    let troubles = script(
        "one in 150 octets: lose\none in 200 octets: double\none in 200 octets: change\n\
         one in 400 typed octets: lose\none in 12 lines: say RING\none in 15 lines: delay 700\n\
         one in 1500 octets: reboot\none in 900 octets: silence 20000",
    )
    .unwrap();
    for profile in PROFILES {
        for seed in 0..10 {
            let mut pair = Pair::new(profile, "", 7);
            let sim = pair.network.add_sim("4512340002", &["1205".to_owned()]);
            let traits = Traits { seed, troubles: troubles.clone(), ..Traits::default() };
            pair.modem = VirtualModem::with_traits(profile, pair.network.clone(), sim, traits);
            for _ in 0..4 {
                if !pair.engine.is_ready() {
                    pair.ready();
                }
                let before = pair.delivered();
                let outcome = pair.send();
                let delivered = pair.delivered() - before;
                match outcome {
                    Outcome::Sent { .. } => assert_eq!(delivered, 1, "seed {seed}"),
                    Outcome::Refused { .. } | Outcome::NotSent(_) => {
                        assert_eq!(delivered, 0, "seed {seed}: {outcome:?}");
                    }
                    Outcome::Unknown(_) => assert!(delivered <= 1, "seed {seed}"),
                }
            }
        }
    }
}
