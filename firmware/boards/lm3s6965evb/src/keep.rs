//! The memory that a reset leaves alone: for what the gateway keeps, and for numbers by chance.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use septet_firmware::gateway::retained::Retained;

/// Octets of what is kept: settings, 16 messages that were received, and 32 of three parts to be sent.
const ROOM: usize = 24 * 1024;

/// After so many lives that ended by a panic or a hang what was kept is forgotten.
const DEATHS_MAX: u32 = 5;

/// What a start leaves as it was.
#[repr(C)]
#[derive(Debug)]
pub struct Kept {
    /// What the gateway keeps.
    records: [u8; ROOM],
    /// What numbers by chance are made of. Nobody is told.
    chance: [u64; 2],
}

struct Place(UnsafeCell<MaybeUninit<Kept>>);

// SAFETY: it is used by whoever has the one reference to it: see `Kept::found`.
unsafe impl Sync for Place {}

// SAFETY: the script of cortex-m-rt has this section, in RAM, where nothing else is and nothing is cleared.
#[unsafe(link_section = ".uninit.keep")]
static PLACE: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

impl Kept {
    /// What is there from the last life, or by chance.
    ///
    /// # Panics
    /// When it is asked for twice.
    pub fn found() -> &'static mut Self {
        static IS_FOUND: AtomicBool = AtomicBool::new(false);
        assert!(!IS_FOUND.swap(true, Ordering::Relaxed), "what is kept is lent already");
        // SAFETY: nobody else has a reference to it: this is the only place that makes one, once.
        let place = unsafe { &mut *PLACE.0.get() };
        let words = place.as_mut_ptr().cast::<u32>();
        let mut chance = [0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15];
        for at in 0..size_of::<Self>() / size_of::<u32>() {
            // SAFETY: the word is one of the place, which is aligned to eight octets. The RAM has
            // something there, which is read and written as volatile, so that the compiler takes
            // nothing for granted.
            let word = unsafe {
                let word = words.add(at).read_volatile();
                words.add(at).write_volatile(word);
                word
            };
            for (own, prime) in chance.iter_mut().zip([0x0100_0000_01B3, 0xD6E8_FEB8_6659_FD93]) {
                *own = (*own ^ u64::from(word)).wrapping_mul(prime).rotate_left(23);
            }
        }
        // SAFETY: every word of it was written, and any octets are a value of integers.
        let kept = unsafe { place.assume_init_mut() };
        kept.chance = chance;
        kept
    }

    /// What the gateway kept, unless so many lives in a row have ended by a panic or a hang that it may
    /// be the cause.
    pub fn records(&mut self, deaths: u32) -> Retained<'_> {
        let mut records = Retained::open(&mut self.records);
        if deaths >= DEATHS_MAX {
            records.clear();
        }
        records
    }

    /// A number that is another one in each life: the part has no source of chance but what its RAM has
    /// when the power comes, and each life hands on to the next.
    pub fn random(&self) -> u64 {
        let [one, other] = self.chance;
        let mixed = (one ^ one >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ mixed >> 27 ^ other.rotate_left(32)
    }
}
