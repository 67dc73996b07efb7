//! The body of a request, as it arrives.

use axum::body::{Body, HttpBody};
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A body that is there, whole.
pub struct Arrived<'s> {
    /// What it says.
    pub octets: Vec<u8>,
    /// Its room among the bodies that are in memory.
    pub room: Option<SemaphorePermit<'s>>,
}

/// Why a body is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is longer than it may be, or says so.
    TooLarge,
    /// The bodies in memory leave no room.
    NoRoom,
    /// It ends early, or its chunks are none.
    Broken,
}

impl<'s> Arrived<'s> {
    /// A body that says nothing.
    pub const fn empty() -> Self {
        Self { octets: Vec::new(), room: None }
    }

    /// Reads a body of at most `max` octets. It takes room, counted in KiB, for what has come, not for
    /// what it says that will: who says much and sends nothing holds nobody up.
    ///
    /// # Errors
    /// Why it is not there.
    pub async fn read(mut body: Body, max: usize, room: &'s Semaphore) -> Result<Self, Trouble> {
        if body.size_hint().lower() > max as u64 {
            return Err(Trouble::TooLarge);
        }
        let mut arrived = Self { octets: Vec::new(), room: None };
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Trouble::Broken)?.into_data() else { continue };
            if data.len() > max - arrived.octets.len() {
                return Err(Trouble::TooLarge);
            }
            arrived.take_room(data.len(), room)?;
            arrived.octets.extend_from_slice(&data);
        }
        Ok(arrived)
    }

    /// Takes room for so many more octets.
    fn take_room(&mut self, more: usize, room: &'s Semaphore) -> Result<(), Trouble> {
        let wanted = (self.octets.len() + more).div_ceil(1024);
        let taken = self.room.as_ref().map_or(0, SemaphorePermit::num_permits);
        let more = u32::try_from(wanted.saturating_sub(taken)).map_err(|_| Trouble::NoRoom)?;
        let more = room.try_acquire_many(more).map_err(|_| Trouble::NoRoom)?;
        match &mut self.room {
            Some(room) => room.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}
