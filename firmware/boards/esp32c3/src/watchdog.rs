//! The watchdog, which only progress feeds: the session's, and that of the flash where room is made.

use esp_hal::peripherals::TIMG1;
use esp_hal::rtc_cntl::SocResetReason;
use esp_hal::system::reset_reason;
use esp_hal::time::Duration;
use esp_hal::timer::timg::{MwdtStage, TimerGroup, Wdt};
use septet_board::progress::Progress;

/// What it allows between two looks.
const PATIENCE: Duration = Duration::from_secs(8);

/// What unlocks its registers (ESP32-C3 technical reference manual, `TIMG_WDTWPROTECT_REG`).
const WRITABLE: u32 = 0x50D8_3AA1;

/// The watchdog of the board.
pub struct Guard(Wdt<TIMG1<'static>>);

impl Guard {
    /// Starts it, and says whether it has had the board start anew.
    pub fn start(place: TIMG1<'static>) -> (Self, bool) {
        let reason = reset_reason();
        let is_hang = matches!(reason, Some(SocResetReason::CoreMwdt1 | SocResetReason::Cpu0Mwdt1));
        let mut watchdog = TimerGroup::new(place).wdt;
        watchdog.set_timeout(MwdtStage::Stage0, PATIENCE);
        watchdog.enable();
        (Self(watchdog), is_hang)
    }

    /// Feeds it where a page of the flash was erased: what makes room for a record erases each page a few
    /// times at most, and the session has to wait meanwhile.
    pub fn erased() {
        let registers = TIMG1::regs();
        // SAFETY: any value may be written; nothing but the watchdog goes by them.
        unsafe {
            registers.wdtwprotect().write(|w| w.wdt_wkey().bits(WRITABLE));
            registers.wdtfeed().write(|w| w.bits(1));
            registers.wdtwprotect().write(|w| w.wdt_wkey().bits(0));
        }
    }

    /// Feeds it where the session gets on.
    pub fn look(&mut self, progress: &Progress) {
        if progress.is_there() {
            self.0.feed();
        }
    }
}
