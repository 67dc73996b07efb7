//! The host line: UART0, or with the feature `usb` the USB of the Pico.

#[cfg(not(feature = "usb"))]
mod uart;
#[cfg(feature = "usb")]
mod usb;

#[cfg(not(feature = "usb"))]
pub use uart::{Line, start};
#[cfg(feature = "usb")]
pub use usb::{Line, start};
