//! What the boards share that run embassy: time, progress, the LED, and what a panic said.
#![no_std]

#[cfg(feature = "embassy")]
pub mod keep;
pub mod last_words;
#[cfg(feature = "embassy")]
pub mod led;
#[cfg(feature = "log")]
pub mod log;
#[cfg(feature = "embassy")]
pub mod progress;
#[cfg(feature = "rp2040")]
pub mod rp2040;
#[cfg(feature = "embassy")]
pub mod tapes;
#[cfg(feature = "embassy")]
pub mod time;
