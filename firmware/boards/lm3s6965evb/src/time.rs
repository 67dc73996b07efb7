//! The time, from SysTick.
//!
//! SysTick counts cycles of the system clock down from its reload value and begins anew every 10 ms; its
//! exception adds those up in 64 bits, and what has passed of the round is in the counter. So no counter
//! of the hardware is asked for more than a round. Datasheet, section 3.1.1 (system timer).

use core::cell::Cell;

use cortex_m::asm;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{SCB, SYST};
use cortex_m_rt::exception;
use critical_section::Mutex;
use septet_firmware::Instant;

use crate::system::HERTZ;

/// Milliseconds of a round.
const ROUND_MS: u32 = 10;

/// Cycles of the system clock in a millisecond and in a round, which has to be less than 2^24.
const MILLISECOND: u32 = HERTZ / 1_000;
const ROUND: u32 = ROUND_MS * MILLISECOND;

/// When the round began, in milliseconds.
static BEGAN: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

#[exception]
fn SysTick() {
    critical_section::with(|cs| {
        let began = BEGAN.borrow(cs);
        began.set(began.get() + u64::from(ROUND_MS));
    });
}

/// Starts the clock at this time.
pub fn start(mut timer: SYST, at: Instant) {
    critical_section::with(|cs| BEGAN.borrow(cs).set(at.0));
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(ROUND - 1);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}

/// What time it is.
pub fn now() -> Instant {
    let (began, passed) = read();
    Instant(began + u64::from(passed / MILLISECOND))
}

/// Cycles of the system clock since time 0.
#[cfg(feature = "trial")]
pub fn cycles() -> u64 {
    let (began, passed) = read();
    began * u64::from(MILLISECOND) + u64::from(passed)
}

/// When the round began, in milliseconds, and the cycles that have passed of it.
///
/// Right as long as the exception waits for less than a round, as it does where interrupts are off.
fn read() -> (u64, u32) {
    critical_section::with(|cs| {
        let began = BEGAN.borrow(cs).get();
        let left = SYST::get_current();
        // Where the counter has come round and its exception waits, `left` may be from before that.
        let (began, left) = match SCB::is_pendst_pending() {
            true => (began + u64::from(ROUND_MS), SYST::get_current()),
            false => (began, left),
        };
        // 0 is the first count of a round; the reload value follows.
        (began, if left == 0 { 0 } else { ROUND - left })
    })
}

/// Sleeps until the next interrupt, which comes within 10 ms, if nothing is to be done.
///
/// An interrupt between the question and the sleep ends the sleep at once: interrupts are off, and a
/// pending one wakes the processor all the same.
pub fn sleep_if(is_quiet: impl FnOnce() -> bool) {
    critical_section::with(|_| {
        if is_quiet() {
            asm::wfi();
        }
    });
}

/// Reads the clock for a second, with interrupts off for a millisecond at a time, and returns how
/// often.
///
/// # Panics
/// When the clock goes backwards, or forwards by more than a millisecond.
#[cfg(feature = "trial")]
pub fn reads() -> u32 {
    let (mut reads, mut last) = (0, cycles());
    let end = last + u64::from(HERTZ);
    while last < end {
        critical_section::with(|_| {
            let until = last + u64::from(MILLISECOND);
            while last < until {
                let now = cycles();
                let jumps = now < last || now - last > u64::from(MILLISECOND);
                assert!(!jumps, "{last} cycles, then {now}");
                (last, reads) = (now, reads + 1);
            }
        });
    }
    reads
}
