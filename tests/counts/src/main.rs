//! What operations of the codec cost a microcontroller, in instructions.
//!
//! The image runs in QEMU with `-icount shift=0`, where an instruction takes a nanosecond of the
//! board's own time, and reads its timer before and after many runs of an operation. An operation
//! whose result is wrong is not counted. `.ci/counts` builds and runs it.

#![no_std]
#![no_main]

mod inputs;
mod machine;
mod operations;

use core::fmt::Write as _;
use core::hint::black_box;

use machine::{Console, exit, ticks};
use operations::{OPERATIONS, Room, Run};

/// How often an operation is run, so that what one takes is known to a fifth of an instruction.
const TIMES: u32 = 200;

/// Prints for each operation its name, where its function stands, and its instructions.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let empty = instructions(operations::nothing, &mut Room::new());
    for operation in &OPERATIONS {
        let mut room = Room::new();
        if (operation.run)(&mut room).is_none() || !(operation.is_right)(&room) {
            let _ = writeln!(Console, "{}: the result is wrong", operation.name);
            exit(false);
        }
        let taken = instructions(operation.run, &mut room).saturating_sub(empty);
        let place = operation.run as usize;
        let _ = writeln!(Console, "{}\t{place}\t{}", operation.name, taken.div_ceil(TIMES));
    }
    exit(true)
}

/// The instructions of that many runs.
#[inline(never)]
fn instructions(run: Run, room: &mut Room) -> u32 {
    let before = ticks();
    for _ in 0..TIMES {
        black_box(run)(black_box(room));
    }
    // The timer counts down, in 24 bits.
    (before.wrapping_sub(ticks()) & 0x00FF_FFFF) * machine::INSTRUCTIONS_PER_TICK
}
