//! What a network has: SIMs, handsets, and what waits for either.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use septet::at::CmsError;
use tokio::sync::Notify;

use super::held::Held;
use super::phones::Phones;
use super::{Delivery, Outcome, centre, digits};

/// All of it.
#[derive(Default)]
pub(super) struct State {
    pub(super) sims: Vec<Sim>,
    pub(super) phones: Phones,
    pub(super) outcomes: HashMap<String, VecDeque<Outcome>>,
    /// What waits for handsets that are off, in the order in which it came.
    pub(super) held: Vec<Held>,
}

/// A SIM of one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SimId(pub(super) usize);

pub(super) struct Sim {
    pub(super) number: String,
    pub(super) short_codes: Vec<String>,
    /// TP-MR of the last message. A SIM keeps it while its modem is off (3GPP TS 31.102, EF SMSS).
    pub(super) reference: u8,
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) arrival: Arc<Notify>,
    /// Why its operator takes nothing from it, where that is so.
    pub(super) refusal: Option<CmsError>,
}

/// What waits in the service centre for a SIM.
pub(super) struct Waiting {
    pub(super) delivery: Delivery,
    /// The report that its sender wants once it is delivered.
    pub(super) report: Option<ReportWanted>,
    /// When its validity period ends.
    pub(super) expires: Option<SystemTime>,
}

pub(super) struct ReportWanted {
    pub(super) to: SimId,
    pub(super) report: centre::Report,
}

impl State {
    pub(super) fn sim_with(&self, number: &str) -> Option<SimId> {
        let number = digits(number);
        let has = |sim: &Sim| sim.number == number || sim.short_codes.iter().any(|c| c == number);
        self.sims.iter().position(has).map(SimId)
    }

    pub(super) fn known_numbers(&self) -> Vec<String> {
        let all = |sim: &Sim| [std::slice::from_ref(&sim.number), &sim.short_codes].concat();
        self.sims.iter().flat_map(all).collect()
    }

    /// The TP-MR of the next message of a SIM.
    pub(super) fn next_reference(&mut self, sim: SimId) -> u8 {
        let sim = &mut self.sims[sim.0];
        sim.reference = sim.reference.wrapping_add(1);
        sim.reference
    }

    pub(super) fn bring(
        &mut self,
        sim: SimId,
        delivery: Delivery,
        report: Option<ReportWanted>,
        expires: Option<SystemTime>,
    ) {
        let sim = &mut self.sims[sim.0];
        sim.waiting.push_back(Waiting { delivery, report, expires });
        sim.arrival.notify_one();
    }
}
