//! The LM3S6965's registers. Only this file reads and writes them.
//!
//! "Datasheet" is that of the LM3S6965 by Texas Instruments, everywhere in this package.

use core::ptr;

/// The registers of one peripheral: 4 KiB at an address of the memory map.
///
/// Datasheet, section 2.4 (memory model).
#[derive(Clone, Copy, Debug)]
pub struct Block(usize);

impl Block {
    /// Watchdog timer: chapter 10.
    pub const WATCHDOG: Self = Self(0x4000_0000);
    /// General-purpose pins, ports A to G: chapter 8.
    pub const PINS: [Self; 7] = [
        Self(0x4000_4000),
        Self(0x4000_5000),
        Self(0x4000_6000),
        Self(0x4000_7000),
        Self(0x4002_4000),
        Self(0x4002_5000),
        Self(0x4002_6000),
    ];
    /// UART0 to UART2: chapter 12.
    pub const UARTS: [Self; 3] = [Self(0x4000_C000), Self(0x4000_D000), Self(0x4000_E000)];
    /// System control: chapter 5.
    pub const SYSTEM: Self = Self(0x400F_E000);

    /// What the register at this offset, in octets, has.
    pub fn read(self, offset: usize) -> u32 {
        // SAFETY: the address is one of a peripheral's registers, or one that the peripheral reserves.
        // None is memory of the program.
        unsafe { ptr::read_volatile(self.at(offset)) }
    }

    /// Gives the register at this offset, in octets, a value.
    pub fn write(self, offset: usize, value: u32) {
        // SAFETY: as in `read`. No peripheral of the above writes to memory by itself.
        unsafe { ptr::write_volatile(self.at(offset), value) }
    }

    /// Sets bits of a register and leaves the others.
    pub fn set(self, offset: usize, bits: u32) {
        self.write(offset, self.read(offset) | bits);
    }

    /// The register's address, on a whole word inside the block.
    fn at(self, offset: usize) -> *mut u32 {
        ptr::with_exposed_provenance_mut(self.0 + (offset & 0xFFC))
    }
}
