//! The watchdog: a program that makes no progress is started anew.
//!
//! Its first time-out is an interrupt, which resets the part; where that cannot come, the second one does.
//! Datasheet, chapter 10.

use septet_firmware::Instant;

use crate::interrupts::Interrupt;
use crate::registers::Block;
use crate::system::{self, Gate, HERTZ};

/// WDTLOAD: where the counter begins, in cycles of the system clock.
const LOAD: usize = 0x000;
/// WDTCTL: bit 0 the interrupt and the counter, bit 1 the reset.
const CONTROL: usize = 0x008;
const RUN: u32 = 0b11;
/// WDTICR: a write clears the interrupt and begins anew.
const CLEAR: usize = 0x00C;
/// WDTLOCK: any value but the key locks the other registers.
const LOCK: usize = 0xC00;
const KEY: u32 = 0x1ACC_E551;

/// Seconds until the interrupt, and from there to the reset.
const SECONDS: u32 = 2;

/// A watchdog that runs, and cannot be stopped.
#[derive(Debug)]
pub struct Watchdog {
    fed: Instant,
}

impl Watchdog {
    /// Starts it.
    pub fn start(now: Instant) -> Self {
        system::enable(Gate::Watchdog);
        Block::WATCHDOG.write(LOCK, KEY);
        Block::WATCHDOG.write(LOAD, SECONDS * HERTZ);
        Block::WATCHDOG.write(CONTROL, RUN);
        Block::WATCHDOG.write(LOCK, 0);
        Interrupt::WATCHDOG.unmask();
        Self { fed: now }
    }

    /// Feeds it where there was progress: the loop has come round, and time has passed since it did
    /// last. So it bites where the loop hangs and where the clock stands, by which everything waits.
    pub fn feed(&mut self, now: Instant) {
        if now > self.fed {
            self.fed = now;
            Block::WATCHDOG.write(LOCK, KEY);
            Block::WATCHDOG.write(CLEAR, 1);
            Block::WATCHDOG.write(LOCK, 0);
        }
    }
}
