//! The board, as QEMU has it: its timer, and what it says to the machine that it runs on.

use core::arch::global_asm;
use core::fmt;
use core::panic::PanicInfo;

/// With `-icount shift=0` an instruction takes 1 ns; the processor's clock has 25 MHz.
pub const INSTRUCTIONS_PER_TICK: u32 = 40;

/// SysTick: control and status, reload value, current value. ARMv7-M Architecture Reference Manual,
/// section B3.3.
const CONTROL: *mut u32 = 0xE000_E010 as *mut u32;
const RELOAD: *mut u32 = 0xE000_E014 as *mut u32;
const CURRENT: *mut u32 = 0xE000_E018 as *mut u32;

/// The timer, which counts down.
pub fn ticks() -> u32 {
    // SAFETY: the registers of the timer, which nothing else uses.
    unsafe {
        if CONTROL.read_volatile() & 1 == 0 {
            RELOAD.write_volatile(0x00FF_FFFF);
            CURRENT.write_volatile(0);
            // Enabled, from the processor's clock.
            CONTROL.write_volatile(0b101);
        }
        CURRENT.read_volatile()
    }
}

// Semihosting for AArch32, section 3.2: the operation in r0, its argument in r1.
global_asm!(
    ".section .text.semihosting",
    ".global semihosting",
    ".type semihosting, %function",
    ".thumb_func",
    "semihosting:",
    "bkpt 0xAB",
    "bx lr",
);

unsafe extern "C" {
    fn semihosting(operation: u32, argument: usize) -> u32;
}

const SYS_WRITEC: u32 = 0x03;
const SYS_EXIT: u32 = 0x18;
const STOPPED: usize = 0x2_0026;
const FAILED: usize = 0x2_0023;

/// Where QEMU prints what the board says.
pub struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for octet in s.bytes() {
            // SAFETY: the operation reads the octet that it is given the place of.
            unsafe { semihosting(SYS_WRITEC, &raw const octet as usize) };
        }
        Ok(())
    }
}

/// Ends QEMU.
pub fn exit(is_right: bool) -> ! {
    loop {
        // SAFETY: the operation takes a number.
        unsafe { semihosting(SYS_EXIT, if is_right { STOPPED } else { FAILED }) };
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(false)
}

extern "C" fn fault() -> ! {
    exit(false)
}

/// What the table of vectors has: where the stack begins, and functions.
#[repr(C)]
union Vector {
    place: usize,
    function: extern "C" fn() -> !,
}

// SAFETY: nobody but the processor reads it.
unsafe impl Sync for Vector {}

/// ARMv7-M Architecture Reference Manual, section B1.5.3: the stack, the reset, and the exceptions.
#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: [Vector; 16] = {
    let mut vectors = [const { Vector { function: fault } }; 16];
    vectors[0] = Vector { place: 0x2040_0000 };
    vectors[1] = Vector { function: crate::_start };
    vectors
};
