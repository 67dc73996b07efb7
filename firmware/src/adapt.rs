//! Ports that have other traits than [`embedded_io`] and [`embedded_io_async`], as the shells take
//! them.
//!
//! | the port has | wrap it in | shell | feature |
//! |---|---|---|---|
//! | `embedded_hal_nb::serial` 1.0 | `Nb` | [`blocking`](crate::blocking) | `nb` |
//! | `embedded_io` 0.6 | `Io06` | [`blocking`](crate::blocking) | `embedded-io-06` |
//! | `embedded_io_async` 0.6 | `Io06` | [`driver`](crate::driver) | `embedded-io-06` |
//!
//! Of an error the kind is kept: it is what the shells look at.

#[cfg(feature = "embedded-io-06")]
mod io06;
#[cfg(feature = "nb")]
mod nb;

#[cfg(feature = "embedded-io-06")]
pub use io06::Io06;
#[cfg(feature = "nb")]
pub use nb::Nb;
