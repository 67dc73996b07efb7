#![doc = include_str!("../README.md")]
#![no_std]

pub mod at;
mod codes;
pub mod error;
pub mod pdu;
pub mod wire;

pub use error::{Error, ErrorKind};
pub use wire::Wire;
