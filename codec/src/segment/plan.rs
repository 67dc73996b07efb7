//! Which alphabet a text is written in, and how far each part goes.

use core::fmt;

use super::Layout;
use super::breaks::{Break, Finder};
use super::search::Search;
use crate::error::{Error, ErrorKind};
use crate::gsm7::{self, Languages, Tables};
use crate::runs::{self, Runs};
use crate::tpdu::dcs::DataCoding;
use crate::tpdu::udh::{NationalLanguage, Shift};
use crate::tpdu::user_data::USER_DATA_MAX;
use crate::ucs2;
use crate::wide::WIDE;

/// What the errors of splitting are about.
pub(super) const FIELD: &str = "text";

/// The alphabet that a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Plan {
    /// The GSM 7-bit alphabet: 160 septets in one message, 153 or 152 in each of several parts; less
    /// with the tables of national languages, which a header has to name.
    Gsm7(Tables),
    /// UCS-2: 70 code units in one message, 67 or 66 in each of several parts.
    Ucs2,
}

impl Plan {
    /// The plan with the fewest parts for `text` that every handset reads: GSM 7-bit in the default
    /// tables when they have every character, else UCS-2.
    pub fn cheapest(mut text: impl Runs) -> Self {
        let gsm7 = Self::Gsm7(Tables::DEFAULT);
        if WIDE {
            let mut extent = Extent::EMPTY;
            loop {
                gsm7.extend(&mut extent, &mut text, usize::MAX);
                match text.next() {
                    None => return gsm7,
                    Some(c) if gsm7.units(c).is_none() => return Self::Ucs2,
                    Some(_) => {}
                }
            }
        }
        // A pair of septets is smaller than a code unit.
        if text.all(|c| gsm7.units(c).is_some()) { gsm7 } else { Self::Ucs2 }
    }

    /// The plan with the fewest parts for `text` when it may be in these languages.
    ///
    /// Any main table may stand beside any extension table, and the elements that name them cost 3
    /// octets each of every part. Where several plans have as many parts, one in GSM 7-bit is taken,
    /// with the fewest septets, headers included.
    ///
    /// `layout` is the one that [`segments`](super::segments) is to be given. A language whose feature is
    /// off counts as not allowed. A handset that does not know the tables shows other characters.
    ///
    /// One pass over the text; what it keeps is at most 1 KiB, on the stack.
    ///
    /// 3GPP TS 23.038, section 6.2.1.2.
    pub fn cheapest_of<'a>(
        text: impl Iterator<Item = char>,
        languages: Languages,
        layout: impl Into<Layout<'a>>,
    ) -> Self {
        Search::run(text, languages, &layout.into())
    }

    /// What `character` takes, 1 or 2 septets or code units; `None` when the alphabet lacks it.
    pub fn units(self, character: char) -> Option<usize> {
        match self {
            Self::Gsm7(tables) => tables.code(character).map(gsm7::Code::len),
            Self::Ucs2 => Some(character.len_utf16()),
        }
    }

    /// TP-DCS for user data in this alphabet, without a class.
    pub const fn coding(self) -> DataCoding {
        match self {
            Self::Gsm7(_) => DataCoding::GSM7,
            Self::Ucs2 => DataCoding::UCS2,
        }
    }

    /// The characters of `text` that make it costly, with their places, counted in characters.
    ///
    /// In GSM 7-bit those are the characters that take two septets; in UCS-2 those that GSM 7-bit
    /// lacks, which are why the text is not in GSM 7-bit.
    pub fn costly<I: Iterator<Item = char>>(self, text: I) -> impl Iterator<Item = (usize, char)> {
        let (gsm7, costly) = match self {
            Self::Gsm7(_) => (self, Some(2)),
            Self::Ucs2 => (Self::Gsm7(Tables::DEFAULT), None),
        };
        text.enumerate().filter(move |(_, c)| gsm7.units(*c) == costly)
    }

    /// The elements that name the tables of national languages.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.15 and 9.2.3.24.16.
    pub(super) fn shifts(self) -> impl Iterator<Item = NationalLanguage> {
        let (single, locking) = match self {
            Self::Gsm7(tables) => (tables.single(), tables.locking()),
            Self::Ucs2 => (None, None),
        };
        let national = |shift| move |language| NationalLanguage { shift, language };
        let single = single.map(national(Shift::Single));
        single.into_iter().chain(locking.map(national(Shift::Locking)))
    }

    /// The octets of a part's header, UDHL included.
    pub(super) fn header_len(self, layout: &Layout<'_>, several: bool) -> usize {
        layout.header_len(self.shifts().count(), several)
    }

    /// The units that a part's header takes, fill bits included.
    pub(super) fn header_units(self, layout: &Layout<'_>, several: bool) -> usize {
        self.units_of(self.header_len(layout, several))
    }

    /// The units that as many octets of a header take, fill bits included.
    pub(super) const fn units_of(self, header: usize) -> usize {
        match self {
            Self::Gsm7(_) => gsm7::header_septets(header),
            Self::Ucs2 => header.div_ceil(2),
        }
    }

    /// How many units a part has room for behind its header.
    pub(super) fn capacity(self, layout: &Layout<'_>, several: bool) -> u8 {
        self.room_behind(self.header_len(layout, several))
    }

    /// How many units a part has room for behind a header of `header` octets.
    pub(super) const fn room_behind(self, header: usize) -> u8 {
        let octets = USER_DATA_MAX.saturating_sub(header);
        match self {
            Self::Gsm7(_) => (octets * 8 / 7) as u8,
            Self::Ucs2 => (octets / 2) as u8,
        }
    }

    /// How far a part goes that begins with `text` and has room for `capacity` units; `text` is then what
    /// follows the part, unless the part is the last one.
    pub(super) fn extent(
        self,
        text: &mut impl Runs,
        capacity: u8,
        breaks: Break,
    ) -> Result<Extent, Error> {
        let mut extent = Extent::EMPTY;
        if WIDE && breaks == Break::Anywhere {
            let capacity = capacity.into();
            let mut octets = 0_usize;
            loop {
                octets = octets.saturating_add(self.extend(&mut extent, text, capacity));
                let before = text.clone();
                let Some(c) = text.next() else {
                    return Ok(Extent { octets: Some(octets), ..extent });
                };
                let Some(units) = self.units(c) else {
                    return Err(ErrorKind::Unencodable(c).at(FIELD, extent.characters));
                };
                if extent.units.saturating_add(units) > capacity {
                    *text = before;
                    return Ok(Extent { last: false, octets: Some(octets), ..extent });
                }
                octets = octets.saturating_add(c.len_utf8());
                extent.characters += 1;
                extent.units += units;
            }
        }
        let mut fill = Fill::default();
        let mut finder = Finder::new(breaks);
        // Characters since the last place where the part may end.
        let mut tail = 0;
        for c in text.clone() {
            let Some(units) = self.units(c) else {
                return Err(ErrorKind::Unencodable(c).at(FIELD, extent.characters));
            };
            let may_break = finder.before(c);
            if may_break {
                tail = 0;
            }
            if let Some(units) = fill.push(units as u8, capacity, may_break) {
                let units = usize::from(units);
                extent.characters -= if units < extent.units { tail } else { 0 };
                let extent = Extent { units, last: false, ..extent };
                extent.skip(text);
                return Ok(extent);
            }
            extent.characters += 1;
            extent.units += units;
            tail += 1;
        }
        Ok(extent)
    }
}

impl Plan {
    /// Takes characters off the front of `text`, as many as it can at a time and as have room, and returns
    /// how many octets they are in UTF-8.
    fn extend(self, extent: &mut Extent, text: &mut impl Runs, capacity: usize) -> usize {
        let (ahead, room) = (text.ahead(), capacity.saturating_sub(extent.units));
        let runs::Count { octets, characters, units } = match self {
            Self::Gsm7(tables) if tables == Tables::DEFAULT => gsm7::count(ahead, room),
            Self::Gsm7(_) => return 0,
            Self::Ucs2 => ucs2::count(ahead, room),
        };
        text.skip_ahead(octets);
        extent.characters = extent.characters.saturating_add(characters);
        extent.units = extent.units.saturating_add(units);
        octets
    }
}

/// How far a part is filled. The only place that decides where a part ends.
#[derive(Clone, Copy, Default)]
pub(super) struct Fill {
    units: u8,
    /// Those of them behind the last place where the part may end.
    tail: u8,
}

impl Fill {
    /// Adds a character, whole, so that neither an escape nor a surrogate pair is ever split.
    ///
    /// When it has no room, gives the units of the part that has ended: before the character, or
    /// before the word that it belongs to, when that word has room in the next part. `self` is then
    /// the next part.
    pub(super) fn push(&mut self, units: u8, capacity: u8, may_break: bool) -> Option<u8> {
        if may_break {
            self.tail = 0;
        }
        if units <= capacity.saturating_sub(self.units) {
            self.units += units;
            self.tail += units;
            return None;
        }
        let is_movable = self.tail < self.units && units <= capacity.saturating_sub(self.tail);
        let moved = if is_movable { self.tail } else { 0 };
        let ended = self.units - moved;
        *self = Self { units: moved + units, tail: moved + units };
        Some(ended)
    }

    /// The units of the part when it ends before a character that its alphabet lacks, or before the
    /// word that it belongs to.
    pub(super) const fn end(self, may_break: bool) -> u8 {
        if may_break || self.tail >= self.units { self.units } else { self.units - self.tail }
    }

    pub(super) const fn units(self) -> u8 {
        self.units
    }
}

/// How far a part goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub(super) characters: usize,
    pub(super) units: usize,
    /// The octets of the characters in UTF-8, where they are known.
    pub(super) octets: Option<usize>,
    /// Whether the text ends with the part.
    pub(super) last: bool,
}

impl Extent {
    /// No character yet.
    const EMPTY: Self = Self { characters: 0, units: 0, octets: None, last: true };

    /// Takes the characters of the part off the front of `text`.
    pub(super) fn skip(self, text: &mut impl Iterator<Item = char>) {
        // Not `nth`: that of a `str` brings a table and 280 octets of code.
        for _ in 0..self.characters {
            text.next();
        }
    }
}

/// `GSM 7-bit, default tables`; `UCS-2`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gsm7(tables) => write!(f, "GSM 7-bit, {tables}"),
            Self::Ucs2 => f.write_str("UCS-2"),
        }
    }
}
