#![doc = include_str!("../README.md")]
#![no_std]

pub mod at;
mod codes;
pub mod error;
pub mod gsm7;
pub mod pdu;
pub mod reassemble;
pub mod segment;
pub mod tpdu;
pub mod ucs2;
pub mod wire;

pub use error::{Error, ErrorKind};
pub use wire::Wire;
