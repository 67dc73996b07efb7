//! A panic: what it says is kept, and the board starts anew. A fault of the core is one, too.

use core::panic::PanicInfo;

use esp_hal::system::software_reset;
use septet_board::last_words;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    last_words::keep(info);
    software_reset()
}
