#![doc = include_str!("../README.md")]
#![no_std]

pub mod adapt;
#[cfg(feature = "direct")]
pub mod apis;
pub mod blocking;
pub mod board;
pub mod commands;
#[cfg(feature = "direct")]
pub mod direct;
pub mod driver;
pub mod engine;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "direct")]
pub mod http;
mod lexer;
#[cfg(feature = "direct")]
pub mod msisdn;
pub mod options;
pub mod profile;
pub mod reports;
pub mod seen;
#[cfg(feature = "direct")]
mod submit;
pub mod trace;

pub use engine::{Busy, Engine, Event, EventKind, Instant, Output, Ticket};
pub use options::Options;
pub use profile::Profile;
