//! Which plan each part has: one for the whole text, or the one that takes the part farthest.

use core::fmt;

use super::breaks::{Break, Finder};
use super::plan::{Extent, FIELD, Fill};
use super::search::{Pair, Pairs};
use super::{Layout, Plan, segments};
use crate::error::{Error, ErrorKind};
use crate::gsm7::{Languages, Tables};
use crate::runs::Runs;

/// What has a plan for each part of a text: a [`Plan`], the same for all, or a [`Choice`].
///
/// A program that only ever uses the one does not link the other.
pub trait Plans: Parts {}

impl Plans for Plan {}
impl Plans for Choice {}

/// What only this crate can implement.
pub trait Parts: Copy {
    /// The room in a part, for every plan that it may have.
    type Room: Copy;
    /// What tells the plan of a part. Nothing where all have the same: to return that with each part
    /// took 400 octets of flash.
    type Chosen: Copy + fmt::Debug;

    /// The plan with the shortest header.
    fn shortest(self) -> Plan;

    /// The room in the only part, or in each of several.
    fn room(self, layout: &Layout<'_>, several: bool) -> Self::Room;

    /// How far a part goes that begins with `text`, and what tells its plan; `text` is then what follows
    /// the part, unless the part is the last one.
    fn part(
        self,
        text: &mut impl Runs,
        room: Self::Room,
        breaks: Break,
    ) -> Result<(Extent, Self::Chosen), Error>;

    fn plan(self, chosen: Self::Chosen) -> Plan;
}

impl Parts for Plan {
    /// Units.
    type Room = u8;
    type Chosen = ();

    fn shortest(self) -> Plan {
        self
    }

    fn room(self, layout: &Layout<'_>, several: bool) -> u8 {
        self.capacity(layout, several)
    }

    fn part(
        self,
        text: &mut impl Runs,
        capacity: u8,
        breaks: Break,
    ) -> Result<(Extent, ()), Error> {
        self.extent(text, capacity, breaks).map(|extent| (extent, ()))
    }

    fn plan(self, (): ()) -> Plan {
        self
    }
}

/// One plan for a text, or a plan for each of its parts.
///
/// The elements that name the tables stand in the header of each part, so that each may have its own
/// pair. The alphabet is the same in all: TP-DCS has to be, so that no part is in UCS-2 where another
/// is in GSM 7-bit.
///
/// 3GPP TS 23.040, section 9.2.3.24.1; sections 9.2.3.24.15 and 9.2.3.24.16 (national languages).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Choice {
    /// The same plan for every part.
    Whole(Plan),
    /// GSM 7-bit, each part in the pair of tables that takes it farthest: of the default ones and
    /// those of these languages. Of several pairs the one with the fewest septets is taken, the
    /// header included.
    ///
    /// Where parts may end anywhere, no other choice of pairs and places has fewer parts.
    PerPart(Languages),
}

impl Choice {
    /// The choice with the fewest parts for `text` when it may be in these languages; one plan where
    /// that has no more parts.
    ///
    /// Three passes over the text; what they keep is at most 1 KiB, on the stack.
    pub fn cheapest_of<'a, I: Runs>(
        text: I,
        languages: Languages,
        layout: impl Into<Layout<'a>>,
    ) -> Self {
        let layout = layout.into();
        let plan = Plan::cheapest_of(text.clone(), languages, layout);
        let whole = segments(text.clone(), plan, layout).map_or(usize::MAX, |parts| parts.len());
        let per_part = Self::PerPart(languages);
        match segments(text, per_part, layout) {
            Ok(parts) if parts.len() < whole => per_part,
            _ => Self::Whole(plan),
        }
    }
}

/// The plan, or `each part in its own tables: Turkish, Hindi`.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(plan) => plan.fmt(f),
            Self::PerPart(languages) => write!(f, "each part in its own tables: {languages}"),
        }
    }
}

impl From<Plan> for Choice {
    fn from(plan: Plan) -> Self {
        Self::Whole(plan)
    }
}

impl Parts for Choice {
    /// By how many elements name the tables.
    type Room = [Room; 3];
    type Chosen = Plan;

    fn shortest(self) -> Plan {
        match self {
            Self::Whole(plan) => plan,
            Self::PerPart(_) => Plan::Gsm7(Tables::DEFAULT),
        }
    }

    fn room(self, layout: &Layout<'_>, several: bool) -> [Room; 3] {
        let plan = self.shortest();
        [0, 1, 2].map(|shifts| {
            let header = match self {
                Self::Whole(plan) => plan.header_len(layout, several),
                Self::PerPart(_) => layout.header_len(shifts, several),
            };
            Room { header: plan.units_of(header), capacity: plan.room_behind(header) }
        })
    }

    fn part(
        self,
        text: &mut impl Runs,
        rooms: [Room; 3],
        breaks: Break,
    ) -> Result<(Extent, Plan), Error> {
        match self {
            Self::Whole(plan) => {
                plan.extent(text, rooms[0].capacity, breaks).map(|extent| (extent, plan))
            }
            Self::PerPart(languages) => {
                let (extent, plan) = farthest(text.clone(), rooms, languages, breaks)?;
                extent.skip(text);
                Ok((extent, plan))
            }
        }
    }

    fn plan(self, chosen: Plan) -> Plan {
        chosen
    }
}

/// The units that a header takes, and those behind it.
#[derive(Clone, Copy)]
pub struct Room {
    header: usize,
    capacity: u8,
}

/// The stack is small where this runs.
const _: () = assert!(size_of::<Pairs<Fill>>() + size_of::<Farthest>() <= 1024);

/// The pair that goes farthest, of those that were looked at.
struct Farthest {
    plan: Plan,
    extent: Extent,
    /// Septets, header included.
    cost: usize,
}

impl Farthest {
    fn offer(&mut self, pair: Pair, extent: Extent, room: Room) {
        let cost = extent.units.saturating_add(room.header);
        let reached = self.extent.characters;
        if extent.characters > reached || (extent.characters == reached && cost < self.cost) {
            *self = Self { plan: pair.plan(), extent, cost };
        }
    }
}

/// Every part as long as can be has the fewest parts: a part that begins later ends no earlier.
fn farthest(
    text: impl Runs,
    rooms: [Room; 3],
    languages: Languages,
    breaks: Break,
) -> Result<(Extent, Plan), Error> {
    let mut pairs = Pairs::<Fill>::new(languages);
    let mut farthest = Farthest {
        plan: Plan::Gsm7(Tables::DEFAULT),
        extent: Extent { characters: 0, units: 0, octets: None, last: false },
        cost: usize::MAX,
    };
    let mut finder = Finder::new(breaks);
    let mut characters = 0_usize;
    // Those of them since the last place where the part may end.
    let mut tail = 0_usize;
    for c in text {
        let may_break = finder.before(c);
        if may_break {
            tail = 0;
        }
        pairs.retain(c, |pair, fill, units| {
            let before = fill.units();
            let ended = match units {
                Some(units) => fill.push(units, pair.of(rooms).capacity, may_break),
                None => Some(fill.end(may_break)),
            };
            if let Some(units) = ended {
                let moved = if units < before { tail } else { 0 };
                let characters = characters.saturating_sub(moved);
                let extent = Extent { characters, units: units.into(), octets: None, last: false };
                farthest.offer(pair, extent, pair.of(rooms));
            }
            ended.is_none()
        });
        if pairs.is_empty() {
            return match farthest.extent.characters {
                0 if !languages.have(c) => Err(ErrorKind::Unencodable(c).at(FIELD, 0)),
                _ => Ok((farthest.extent, farthest.plan)),
            };
        }
        characters = characters.saturating_add(1);
        tail = tail.saturating_add(1);
    }
    for (pair, fill) in pairs.iter() {
        let extent = Extent { characters, units: fill.units().into(), octets: None, last: true };
        // However far the others go, they end before the text does.
        farthest.offer(pair, extent, pair.of(rooms));
    }
    Ok((farthest.extent, farthest.plan))
}
