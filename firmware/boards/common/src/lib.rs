//! What the boards share that run embassy: time, progress, the LED, and what a panic said.
#![no_std]

pub mod keep;
pub mod last_words;
pub mod led;
#[cfg(feature = "log")]
mod log;
pub mod progress;
pub mod tapes;
pub mod time;
