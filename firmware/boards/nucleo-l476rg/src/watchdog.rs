//! The watchdog, which only progress feeds: the session's, and that of the flash where room is made.

use embassy_stm32::pac::iwdg::vals::Key;
use embassy_stm32::peripherals::IWDG;
use embassy_stm32::wdg::IndependentWatchdog;
use embassy_stm32::{Peri, pac};
use septet_board::progress::Progress;

/// What it allows between two looks, in microseconds, by a clock that is some percent off.
const PATIENCE_US: u32 = 8_000_000;

/// The watchdog of the board.
pub struct Guard(IndependentWatchdog<'static, IWDG>);

impl Guard {
    /// Starts it, and says whether it has had the board start anew.
    pub fn start(place: Peri<'static, IWDG>) -> (Self, bool) {
        let is_hang = pac::RCC.csr().read().iwdgrstf();
        pac::RCC.csr().modify(|w| w.set_rmvf(true));
        // A debugger that holds the core holds it too: RM0351, section 48.16.4.
        pac::DBGMCU.apb1fzr1().modify(|w| w.set_iwdg(true));
        let mut watchdog = IndependentWatchdog::new(place, PATIENCE_US);
        watchdog.unleash();
        (Self(watchdog), is_hang)
    }

    /// Feeds it where a page of the flash was erased: what makes room for a record erases each page a few
    /// times at most, and the session has to wait meanwhile.
    pub fn erased() {
        // One write of a register, which nothing else has to know of.
        pac::IWDG.kr().write(|w| w.set_key(Key::RESET));
    }

    /// Feeds it where the session gets on.
    pub fn look(&mut self, progress: &Progress) {
        if progress.is_there() {
            self.0.pet();
        }
    }
}
