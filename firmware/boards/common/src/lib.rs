//! What the boards share that run embassy: time, progress, the LED, and what a panic said.
#![no_std]

pub mod keep;
pub mod last_words;
pub mod led;
pub mod progress;
pub mod time;
