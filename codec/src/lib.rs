#![doc = include_str!("../README.md")]
#![no_std]

pub mod answer;
pub mod api;
pub mod at;
pub mod cbs;
mod codes;
pub mod error;
pub mod fields;
pub mod fold;
pub mod form;
pub mod gsm7;
pub mod json;
pub mod multipart;
pub mod octets;
pub mod parts;
pub mod pdu;
pub mod reassemble;
pub mod runs;
pub mod segment;
#[cfg(feature = "serde")]
mod serial;
pub mod text;
pub mod tpdu;
pub mod ucs2;
pub mod ussd;
mod wide;
pub mod wire;

pub use error::{Error, ErrorKind};
pub use text::Text;
pub use wire::Wire;
