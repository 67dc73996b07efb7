//! The search for the plan with the fewest parts: one pass over the text, and no heap.

use super::Layout;
use super::breaks::Finder;
use super::plan::{Fill, Plan};
use crate::gsm7::{Languages, TABLES, Tables};

/// Every pair of tables that is in play, with what is known of a text in it.
pub(super) struct Pairs<T> {
    /// For each main table the extension tables, as bits, that are in play beside it.
    alive: [u16; TABLES],
    each: [[T; TABLES]; TABLES],
}

/// A main table and an extension, by their numbers.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    locking: usize,
    single: usize,
}

impl Pair {
    pub(super) fn plan(self) -> Plan {
        Plan::Gsm7(Tables::numbered(self.locking, self.single))
    }

    /// The one for as many shift elements as name the pair: none, one or two.
    pub(super) const fn of<R: Copy>(self, [none, one, two]: [R; 3]) -> R {
        match (self.locking, self.single) {
            (0, 0) => none,
            (0, _) | (_, 0) => one,
            _ => two,
        }
    }
}

impl<T: Copy + Default> Pairs<T> {
    /// Those of `languages` and of the default tables.
    pub(super) fn new(languages: Languages) -> Self {
        let is_allowed = |language: Option<_>| language.is_some_and(|l| languages.contains(l));
        let singles = (0..TABLES)
            .filter(|number| *number == 0 || is_allowed(Tables::numbered(0, *number).single()))
            .fold(0, |bits, number| bits | 1 << number);
        let mut alive = [0; TABLES];
        for (number, alive) in alive.iter_mut().enumerate() {
            if number == 0 || is_allowed(Tables::numbered(number, 0).locking()) {
                *alive = singles;
            }
        }
        Self { alive, each: [[T::default(); TABLES]; TABLES] }
    }

    /// Keeps in play the pairs for which `stays`, told the septets of `c` where they have it.
    pub(super) fn retain(
        &mut self,
        c: char,
        mut stays: impl FnMut(Pair, &mut T, Option<u8>) -> bool,
    ) {
        let mut escaped = None;
        for (locking, (alive, each)) in self.alive.iter_mut().zip(&mut self.each).enumerate() {
            if *alive == 0 {
                continue;
            }
            let (units, has) = if Tables::numbered(locking, 0).main_has(c) {
                (1, u16::MAX)
            } else {
                (2, *escaped.get_or_insert_with(|| extensions_with(c)))
            };
            for (single, known) in each.iter_mut().enumerate() {
                let units = (has >> single & 1 == 1).then_some(units);
                if *alive >> single & 1 == 1 && !stays(Pair { locking, single }, known, units) {
                    *alive &= !(1 << single);
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.alive == [0; TABLES]
    }

    /// Those in play.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Pair, T)> {
        let rows = self.alive.iter().zip(&self.each).enumerate();
        rows.flat_map(|(locking, (alive, each))| {
            let row = each.iter().enumerate().filter(|(single, _)| *alive >> single & 1 == 1);
            row.map(move |(single, known)| (Pair { locking, single }, *known))
        })
    }
}

/// What a text takes in every alphabet that is looked at, as far as it was read.
pub(super) struct Search {
    gsm7: Pairs<Cost>,
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
        let mut search = Self { gsm7: Pairs::new(languages), ucs2: Cost::default() };
        // By how many shift elements there are.
        let capacities = [0, 1, 2]
            .map(|shifts| Plan::Gsm7(Tables::DEFAULT).room_behind(layout.header_len(shifts, true)));
        let ucs2_capacity = Plan::Ucs2.capacity(layout, true);
        let mut finder = Finder::new(layout.breaks);
        for c in text {
            let may_break = finder.before(c);
            search.ucs2.push(c.len_utf16() as u8, ucs2_capacity, may_break);
            search.gsm7.retain(c, |pair, cost, units| {
                units.is_some_and(|units| {
                    cost.push(units, pair.of(capacities), may_break);
                    true
                })
            });
            if search.gsm7.is_empty() {
                return Plan::Ucs2;
            }
        }
        search.best(layout)
    }

    fn best(&self, layout: &Layout<'_>) -> Plan {
        let mut best = Plan::Ucs2;
        let (mut fewest, _) = self.ucs2.rank(best, layout);
        let mut least = u32::MAX;
        for (pair, cost) in self.gsm7.iter() {
            let (parts, units) = cost.rank(pair.plan(), layout);
            if (parts, units) < (fewest, least) {
                (best, fewest, least) = (pair.plan(), parts, units);
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
