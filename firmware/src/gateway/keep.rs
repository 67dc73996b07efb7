//! What is kept where a power cut does not reach it: small records by their keys.

use heapless::Vec;

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Kind {
    /// A request that was accepted: what its messages have in common. Without it they are not accepted.
    Request,
    /// A message: to whom, and its parts.
    Message,
    /// What became of the parts of a message.
    Fates,
    /// A message that was received, or a part of one, as the modem gave it.
    Received,
    /// Who may ask, and what the board is told of its surroundings.
    Settings,
}

/// The key of a record: its kind in the upper four bits, a number in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Key(u32);

/// The highest number of a record.
pub const NUMBER_MAX: u32 = 0x0FFF_FFFF;

impl Key {
    /// The key of this record; the number is taken modulo 2²⁸.
    pub const fn new(kind: Kind, number: u32) -> Self {
        let kind = match kind {
            Kind::Request => 1,
            Kind::Message => 2,
            Kind::Fates => 3,
            Kind::Received => 4,
            Kind::Settings => 5,
        };
        Self(kind << 28 | number & NUMBER_MAX)
    }

    /// The record's kind; `None` of a key that this version does not know.
    pub const fn kind(self) -> Option<Kind> {
        Some(match self.0 >> 28 {
            1 => Kind::Request,
            2 => Kind::Message,
            3 => Kind::Fates,
            4 => Kind::Received,
            5 => Kind::Settings,
            _ => return None,
        })
    }

    /// The record's number.
    pub const fn number(self) -> u32 {
        self.0 & NUMBER_MAX
    }

    /// The key as a number.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// The key that was a number.
    pub const fn of_code(code: u32) -> Self {
        Self(code)
    }
}

/// Why a record was not kept or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Trouble {
    /// There is no room.
    Full,
    /// What keeps them does not work, or its content cannot be read.
    Broken,
}

/// What keeps records. Each call is over when the record is safe.
pub trait Keep {
    /// Keeps a record, in place of one with the same key.
    ///
    /// # Errors
    /// [`Trouble`]; what was there before is there still.
    fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble>;

    /// Reads a record into `room`: how many octets it has. A longer one than the room is broken.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble>;

    /// Removes a record, where there is one.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    fn remove(&mut self, key: Key) -> Result<(), Trouble>;

    /// Tells each key, in any order; one may be told twice.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble>;
}

/// Records in `N` octets of memory: they last until the power is cut.
#[derive(Clone, Debug, Default)]
pub struct Memory<const N: usize> {
    /// Of each record its key, its length, and its octets.
    octets: Vec<u8, N>,
}

/// The octets before those of a record in memory: key and length.
const HEAD: usize = 6;

impl<const N: usize> Memory<N> {
    /// Memory without records.
    pub const fn new() -> Self {
        Self { octets: Vec::new() }
    }

    /// Where each record stands, with its key.
    fn places(&self) -> impl Iterator<Item = (Key, core::ops::Range<usize>)> {
        let mut at = 0_usize;
        core::iter::from_fn(move || {
            let rest = self.octets.get(at..)?;
            let (&[a, b, c, d, high, low], _) = rest.split_first_chunk::<HEAD>()?;
            let len = usize::from(u16::from_be_bytes([high, low]));
            let start = at.saturating_add(HEAD);
            at = start.saturating_add(len);
            Some((Key(u32::from_be_bytes([a, b, c, d])), start..at))
        })
    }

    fn place(&self, key: Key) -> Option<core::ops::Range<usize>> {
        self.places().find(|(own, _)| *own == key).map(|(_, place)| place)
    }
}

impl<const N: usize> Keep for Memory<N> {
    fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble> {
        let len = u16::try_from(value.len()).map_err(|_| Trouble::Full)?;
        let old = self.place(key).map_or(0, |place| place.len().saturating_add(HEAD));
        let others = self.octets.len().saturating_sub(old);
        if others.saturating_add(HEAD).saturating_add(value.len()) > N {
            return Err(Trouble::Full);
        }
        self.remove(key)?;
        let head = self.octets.extend_from_slice(&key.0.to_be_bytes());
        head.and_then(|()| self.octets.extend_from_slice(&len.to_be_bytes()))
            .and_then(|()| self.octets.extend_from_slice(value))
            .map_err(|_| Trouble::Full)
    }

    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
        let Some(place) = self.place(key) else { return Ok(None) };
        let value = self.octets.get(place).ok_or(Trouble::Broken)?;
        let room = room.get_mut(..value.len()).ok_or(Trouble::Broken)?;
        room.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        Ok(Some(value.len()))
    }

    fn remove(&mut self, key: Key) -> Result<(), Trouble> {
        let Some(place) = self.place(key) else { return Ok(()) };
        let whole = place.start.saturating_sub(HEAD)..place.end;
        let mut at = 0_usize;
        self.octets.retain(|_| {
            let stays = !whole.contains(&at);
            at = at.saturating_add(1);
            stays
        });
        Ok(())
    }

    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
        self.places().for_each(|(key, _)| tell(key));
        Ok(())
    }
}
