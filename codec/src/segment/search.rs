//! The search for the plan with the fewest parts: one pass over the text, and no heap.

use super::Layout;
use super::breaks::Finder;
use super::plan::{Fill, Plan};
use crate::gsm7::{Languages, TABLES, Tables};

/// What a text takes in every alphabet that is looked at, as far as it was read.
pub(super) struct Search {
    /// For each main table the extension tables, as bits, that have every character it lacks.
    alive: [u16; TABLES],
    gsm7: [[Cost; TABLES]; TABLES],
    ucs2: Cost,
}

/// The stack is small where this runs.
const _: () = assert!(size_of::<Search>() <= 1024);

/// What a text takes in one alphabet.
///
/// Without gaps between its fields, of which there are two hundred.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// Units without headers, little-endian.
    units: [u8; 2],
    /// The parts that are full, if it does not fit into one.
    full: u8,
    fill: Fill,
}

impl Cost {
    fn units(self) -> u16 {
        u16::from_le_bytes(self.units)
    }

    fn push(&mut self, units: u8, capacity: u8, may_break: bool) {
        self.units = self.units().saturating_add(units.into()).to_le_bytes();
        if self.fill.push(units, capacity, may_break).is_some() {
            self.full = self.full.saturating_add(1);
        }
    }

    /// What is to be least: the parts, and then the units with the headers.
    fn rank(self, plan: Plan, layout: &Layout<'_>) -> (u16, u32) {
        let one = self.units() <= plan.capacity(layout, false).into();
        let parts = if one { 1 } else { u16::from(self.full) + 1 };
        let header = plan.header_units(layout, !one) as u32;
        (parts, u32::from(self.units()) + header * u32::from(parts))
    }
}

impl Search {
    /// The plan with the fewest parts, then in GSM 7-bit, then with the fewest units.
    pub(super) fn run(
        text: impl Iterator<Item = char>,
        languages: Languages,
        layout: &Layout<'_>,
    ) -> Plan {
        let mut search = Self {
            alive: [0; TABLES],
            gsm7: [[Cost::default(); TABLES]; TABLES],
            ucs2: Cost::default(),
        };
        let is_allowed = |language: Option<_>| language.is_some_and(|l| languages.contains(l));
        let singles = (0..TABLES)
            .filter(|number| *number == 0 || is_allowed(Tables::numbered(0, *number).single()))
            .fold(0, |bits, number| bits | 1 << number);
        for (number, alive) in search.alive.iter_mut().enumerate() {
            if number == 0 || is_allowed(Tables::numbered(number, 0).locking()) {
                *alive = singles;
            }
        }
        // By how many shift elements there are.
        let capacities = [0, 1, 2]
            .map(|shifts| Plan::Gsm7(Tables::DEFAULT).room(layout.header_len(shifts, true)));
        let ucs2_capacity = Plan::Ucs2.capacity(layout, true);
        let mut finder = Finder::new(layout.breaks);
        for c in text {
            let may_break = finder.before(c);
            search.ucs2.push(c.len_utf16() as u8, ucs2_capacity, may_break);
            search.push(c, &capacities, may_break);
            if search.alive == [0; TABLES] {
                return Plan::Ucs2;
            }
        }
        search.best(layout)
    }

    fn push(&mut self, c: char, capacities: &[u8; 3], may_break: bool) {
        let mut escaped = None;
        for (locking, (alive, costs)) in self.alive.iter_mut().zip(&mut self.gsm7).enumerate() {
            if *alive == 0 {
                continue;
            }
            let mut units = 1;
            if !Tables::numbered(locking, 0).main_has(c) {
                *alive &= *escaped.get_or_insert_with(|| extensions_with(c));
                units = 2;
            }
            for (single, cost) in costs.iter_mut().enumerate() {
                let shifts = usize::from(locking != 0) + usize::from(single != 0);
                if *alive >> single & 1 == 1
                    && let Some(capacity) = capacities.get(shifts)
                {
                    cost.push(units, *capacity, may_break);
                }
            }
        }
    }

    fn best(&self, layout: &Layout<'_>) -> Plan {
        let mut best = Plan::Ucs2;
        let (mut fewest, _) = self.ucs2.rank(best, layout);
        let mut least = u32::MAX;
        for (locking, (alive, costs)) in self.alive.iter().zip(&self.gsm7).enumerate() {
            for (single, cost) in costs.iter().enumerate() {
                if *alive >> single & 1 == 0 {
                    continue;
                }
                let plan = Plan::Gsm7(Tables::numbered(locking, single));
                let (parts, units) = cost.rank(plan, layout);
                if (parts, units) < (fewest, least) {
                    (best, fewest, least) = (plan, parts, units);
                }
            }
        }
        best
    }
}

/// The extension tables that have `c`, as bits.
fn extensions_with(c: char) -> u16 {
    (0..TABLES)
        .filter(|number| Tables::numbered(0, *number).extension_has(c))
        .fold(0, |bits, number| bits | 1 << number)
}
