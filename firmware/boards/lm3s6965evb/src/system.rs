//! The system clock, and the clocks of the peripherals.
//!
//! Datasheet, chapter 5 (system control).

use cortex_m::asm;

use crate::registers::Block;

/// The system clock in hertz: the PLL's 200 MHz divided by 4, the fastest that the part allows.
pub const HERTZ: u32 = 50_000_000;

/// RESC: what the last resets were for. A bit stays until it is written.
const RESET_CAUSE: usize = 0x05C;
/// RESC.EXT, POR, BOR.
const PIN: u32 = 1;
const POWER: u32 = 0b11 << 1;
/// USER_REG0 and USER_REG1: three octets each of the board's Ethernet address.
const USER: [usize; 2] = [0x1E0, 0x1E4];
/// RIS: raw interrupt status.
const STATUS: usize = 0x050;
/// RIS.PLLLRIS: the PLL has locked.
const PLL_LOCKED: u32 = 1 << 6;
/// RCC: run-mode clock configuration.
const CLOCK: usize = 0x060;
/// RCC.MOSCDIS: the main oscillator is off.
const OSCILLATOR_OFF: u32 = 1;
/// RCC.OSCSRC: 0 is the main oscillator.
const OSCILLATOR: u32 = 0b11 << 4;
/// RCC.XTAL, and its value for the board's crystal of 8 MHz.
const CRYSTAL: u32 = 0b1111 << 6;
const CRYSTAL_8_MHZ: u32 = 0xE << 6;
/// RCC.BYPASS: the system clock does not come from the PLL.
const BYPASS: u32 = 1 << 11;
/// RCC.PWRDN: the PLL is off.
const PLL_OFF: u32 = 1 << 13;
/// RCC.USESYSDIV: the clock is divided by SYSDIV + 1.
const DIVIDE: u32 = 1 << 22;
const DIVISOR: u32 = 0b1111 << 23;
const DIVISOR_4: u32 = 3 << 23;
/// RCGC0, RCGC1, RCGC2: which peripherals have a clock.
const GATES: [usize; 3] = [0x100, 0x104, 0x108];

/// Runs the system clock at [`HERTZ`].
///
/// Datasheet, section 5.3 (initialization and configuration).
pub fn start() {
    let system = Block::SYSTEM;
    let mut clock = (system.read(CLOCK) | BYPASS) & !(DIVIDE | OSCILLATOR_OFF);
    system.write(CLOCK, clock);
    // A crystal swings after some milliseconds; the internal oscillator of 12 MHz runs until then.
    asm::delay(600_000);
    clock = clock & !(OSCILLATOR | CRYSTAL | PLL_OFF) | CRYSTAL_8_MHZ;
    system.write(CLOCK, clock);
    clock = clock & !DIVISOR | DIVISOR_4 | DIVIDE;
    system.write(CLOCK, clock);
    while system.read(STATUS) & PLL_LOCKED == 0 {}
    system.write(CLOCK, clock & !BYPASS);
}

/// What the last reset was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The power came, or was too low for a moment.
    Power,
    /// The button.
    Button,
    /// The program, or the watchdog.
    Program,
}

/// What the last reset was for. To be asked once in a life: it is forgotten then.
///
/// Datasheet, section 5.2.2 (reset control).
pub fn cause() -> Cause {
    let bits = Block::SYSTEM.read(RESET_CAUSE);
    Block::SYSTEM.write(RESET_CAUSE, 0);
    match bits {
        _ if bits & POWER != 0 => Cause::Power,
        _ if bits & PIN != 0 => Cause::Button,
        _ => Cause::Program,
    }
}

/// A number that no other board has: the Ethernet address, which is written into a board when it is made.
pub fn seed() -> u64 {
    let [low, high] = USER.map(|register| u64::from(Block::SYSTEM.read(register) & 0xFF_FFFF));
    high << 24 | low
}

/// A peripheral that has no clock until it is asked for, by the bit of its gate.
#[derive(Clone, Copy, Debug)]
pub enum Gate {
    /// RCGC0.WDT.
    Watchdog,
    /// RCGC1.UART0 to UART2.
    Uart(usize),
    /// RCGC2.GPIOA to GPIOG.
    Pins(usize),
}

/// Gives a peripheral its clock. Its registers cannot be used before.
pub fn enable(gate: Gate) {
    let (nth, bit) = match gate {
        Gate::Watchdog => (0, 3),
        Gate::Uart(nth) => (1, nth),
        Gate::Pins(port) => (2, port),
    };
    critical_section::with(|_| Block::SYSTEM.set(GATES[nth], 1 << bit));
    // Three cycles have to pass before its registers are used.
    asm::delay(3);
}
