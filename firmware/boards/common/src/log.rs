//! A log of `defmt` in memory: the last frames, which `septet board log` reads.

use core::cell::UnsafeCell;

use critical_section::RestoreState;
use septet_firmware::gateway::tape::{Last, Shared, Tape};

/// Octets of the log, which go into a reply together.
const LOG: usize = 1024;

static FRAMES: Shared<Last<LOG>> = Shared::new(Last::new());

/// The log for the gateway.
pub fn tape() -> &'static dyn Tape {
    &FRAMES
}

#[defmt::global_logger]
struct Logger;

/// What is used between `acquire` and `release`, with the interrupts off.
struct State {
    encoder: defmt::Encoder,
    restore: RestoreState,
}

struct Place(UnsafeCell<State>);

// SAFETY: it is reached between `acquire` and `release` alone, with the interrupts off on the one core.
unsafe impl Sync for Place {}

static PLACE: Place = Place(UnsafeCell::new(State {
    encoder: defmt::Encoder::new(),
    restore: RestoreState::invalid(),
}));

fn keep(octets: &[u8]) {
    // Nobody else works with it: the interrupts are off.
    let _ = FRAMES.with(|frames| frames.push(octets));
}

// SAFETY: the interrupts are off from `acquire` to `release`, which `defmt` calls in pairs.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        // SAFETY: `release` follows.
        let restore = unsafe { critical_section::acquire() };
        // SAFETY: the interrupts are off.
        let state = unsafe { &mut *PLACE.0.get() };
        state.restore = restore;
        state.encoder.start_frame(keep);
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: the interrupts are off.
        let state = unsafe { &mut *PLACE.0.get() };
        state.encoder.end_frame(keep);
        // SAFETY: `acquire` came before.
        unsafe { critical_section::release(state.restore) };
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: the interrupts are off.
        let state = unsafe { &mut *PLACE.0.get() };
        state.encoder.write(bytes, keep);
    }
}
