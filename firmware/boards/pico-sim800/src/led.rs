//! The LED: what it shows of the modem.

use core::sync::atomic::{AtomicU16, Ordering};

use embassy_rp::gpio::{Level, Output};
use embassy_time::{Duration, Ticker};
use septet::parts::Fate;
use septet_firmware::engine::{Engine, Trouble};
use septet_firmware::gateway::Gateway;
use septet_firmware::gateway::keep::Keep;

/// How long one bit of a pattern is shown. A pattern has 16 and repeats every 2 s.
const BIT: Duration = Duration::from_millis(125);

/// No modem: one flash.
const NO_MODEM: u16 = 0b0000_0000_0000_0001;
/// The SIM is locked, or there is none: two flashes.
const SIM_LOCKED: u16 = 0b0000_0000_0000_0101;
/// The flash cannot be read or written: four flashes.
const NO_FLASH: u16 = 0b0000_0000_0101_0101;
/// No network: on and off for half a second each.
const SEARCHING: u16 = 0b0000_1111_0000_1111;
/// Messages can be sent: on.
const READY: u16 = 0b1111_1111_1111_1111;
/// One is being sent: a flicker.
const SENDING: u16 = 0b0101_0101_0101_0101;

static PATTERN: AtomicU16 = AtomicU16::new(NO_MODEM);

/// Shows how the gateway and its modem are.
pub fn show<K: Keep, const IN: usize, const OUT: usize>(
    gateway: &Gateway<K, IN, OUT>,
    engine: &Engine,
) {
    let is_sending = || {
        let mut messages = gateway.outbox().messages();
        messages.any(|sms| sms.known.fates.contains(&Fate::Sending))
    };
    let pattern = match gateway.modem() {
        Ok(()) if is_sending() => SENDING,
        Ok(()) if engine.is_registered() == Some(true) => READY,
        Ok(()) => SEARCHING,
        Err(Some(
            Trouble::SimPin
            | Trouble::WrongPin
            | Trouble::LastPinTry
            | Trouble::SimPuk
            | Trouble::OtherLock
            | Trouble::NoSim,
        )) => SIM_LOCKED,
        Err(_) if engine.is_registered() == Some(false) => SEARCHING,
        Err(_) => NO_MODEM,
    };
    PATTERN.store(pattern, Ordering::Relaxed);
}

/// Shows that there is no gateway, for want of a flash.
pub fn show_no_flash() {
    PATTERN.store(NO_FLASH, Ordering::Relaxed);
}

/// Shows the pattern.
#[embassy_executor::task]
pub async fn blink(mut pin: Output<'static>) {
    let mut tick = Ticker::every(BIT);
    loop {
        for bit in 0..16 {
            let is_lit = PATTERN.load(Ordering::Relaxed) >> bit & 1 == 1;
            pin.set_level(if is_lit { Level::High } else { Level::Low });
            tick.next().await;
        }
    }
}
