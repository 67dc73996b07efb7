#![doc = include_str!("../README.md")]
#![no_std]

pub mod blocking;
pub mod driver;
pub mod engine;
mod lexer;
pub mod profile;

pub use engine::{Busy, Engine, Event, EventKind, Instant, Output, Ticket};
pub use profile::Profile;
