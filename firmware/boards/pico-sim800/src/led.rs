//! The LED: what it shows of the modem.

use core::sync::atomic::{AtomicU16, Ordering};

use embassy_rp::gpio::{Level, Output};
use embassy_time::{Duration, Ticker};
use septet_firmware::EventKind;
use septet_firmware::engine::{Engine, Trouble};

/// How long one bit of a pattern is shown. A pattern has 16 and repeats every 2 s.
const BIT: Duration = Duration::from_millis(125);

/// No modem: one flash.
const NO_MODEM: u16 = 0b0000_0000_0000_0001;
/// The SIM is locked, or there is none: two flashes.
const SIM_LOCKED: u16 = 0b0000_0000_0000_0101;
/// No network: on and off for half a second each.
const SEARCHING: u16 = 0b0000_1111_0000_1111;
/// Messages can be sent: on.
const READY: u16 = 0b1111_1111_1111_1111;
/// One is being sent: a flicker.
const SENDING: u16 = 0b0101_0101_0101_0101;

static PATTERN: AtomicU16 = AtomicU16::new(NO_MODEM);

/// The LED, as the main loop has it.
#[derive(Clone, Copy)]
pub struct Led(());

impl Led {
    /// The one LED, with the pattern of no modem.
    pub fn new() -> Self {
        PATTERN.store(NO_MODEM, Ordering::Relaxed);
        Self(())
    }

    /// Shows what an event has changed.
    pub fn event(self, event: &EventKind, engine: &Engine) {
        let locked = |trouble: &Trouble| {
            matches!(
                trouble,
                Trouble::SimPin
                    | Trouble::WrongPin
                    | Trouble::LastPinTry
                    | Trouble::SimPuk
                    | Trouble::OtherLock
                    | Trouble::NoSim
            )
        };
        let pattern = match event {
            EventKind::Lost(trouble) if locked(trouble) => SIM_LOCKED,
            EventKind::Lost(_) | EventKind::Rebooted => NO_MODEM,
            EventKind::Ready | EventKind::Registered(_) | EventKind::Finished(_) => {
                match (engine.is_ready(), engine.is_registered()) {
                    (true, Some(true)) => READY,
                    (true, _) | (false, Some(false)) => SEARCHING,
                    (false, _) => return,
                }
            }
            _ => return,
        };
        PATTERN.store(pattern, Ordering::Relaxed);
    }

    /// Shows that a message is being sent.
    pub fn sends(self) {
        PATTERN.store(SENDING, Ordering::Relaxed);
    }
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
