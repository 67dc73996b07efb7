//! A gateway over a flash.

use embassy_time::{Duration, Instant};
use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash};
use septet_firmware::gateway::flash::Flash;
use septet_firmware::gateway::{BoardApi, Gateway};

use crate::last_words::LastWords;
use crate::tapes::tapes;
use crate::time::now;

/// Opens a gateway with these interfaces over a flash, which `flash` makes. What cannot be read is erased,
/// which the gateway tells as what made it start; so it tells a panic, and a hang where there was one.
///
/// # Panics
/// Where the flash cannot be written.
pub fn open<F, const IN: usize, const OUT: usize>(
    mut flash: impl FnMut() -> Flash<F>,
    apis: &'static [&'static BoardApi],
    seed: u64,
    random: u64,
    is_hang: bool,
) -> Gateway<Flash<F>, IN, OUT>
where
    F: NorFlash + MultiwriteNorFlash,
{
    let open = |flash| Gateway::open(flash, apis, seed, random, now());
    let (mut gateway, is_erased) = match open(flash()) {
        Ok(gateway) => (gateway, false),
        Err(_) => {
            let mut flash = flash();
            flash.erase().expect("the flash can be erased");
            (open(flash).expect("an empty flash can be read"), true)
        }
    };
    gateway.set_tapes(tapes());
    match LastWords::take() {
        Some(words) => gateway.started_after(words.text()),
        None if is_hang => gateway.started_after("a hang"),
        None if is_erased => gateway.started_after("its memory could not be read and was erased"),
        None => {}
    }
    gateway
}

/// For how long a line says nothing before a page is erased: some characters at 9 600 bits a second.
const SILENCE: Duration = Duration::from_millis(5);

/// How long that is waited for. A modem without power holds its line low.
const LONGEST: Duration = Duration::from_millis(100);

/// Waits for a pause in what comes over a line, which `speaks` while it is low: on a chip that stands
/// still while a page is erased. What begins just then may be lost.
pub fn wait_for_silence(mut speaks: impl FnMut() -> bool) {
    let begun = Instant::now();
    let mut silent = begun;
    while silent.elapsed() < SILENCE && begun.elapsed() < LONGEST {
        if speaks() {
            silent = Instant::now();
        }
    }
}
