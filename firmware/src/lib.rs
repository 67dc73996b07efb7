#![doc = include_str!("../README.md")]
#![no_std]

pub mod adapt;
pub mod blocking;
pub mod board;
pub mod commands;
pub mod driver;
pub mod engine;
#[cfg(feature = "gateway")]
pub mod gateway;
mod lexer;
pub mod options;
pub mod profile;
pub mod reports;
pub mod seen;
pub mod trace;

pub use engine::{Busy, Engine, Event, EventKind, Instant, Output, Ticket};
pub use options::Options;
pub use profile::Profile;
