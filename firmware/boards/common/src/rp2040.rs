//! What the boards with an RP2040 share: the watchdog, and where a panic ends.

mod panic;
pub mod watchdog;
