//! What a board says whose flash cannot be read or written: it accepts nothing.

use embassy_time::{Duration, with_timeout};
use embedded_io_async::{Read, Write};
use septet_board::rp2040::watchdog::Guard;

/// After how long without an octet a request is taken to be whole.
const QUIET: Duration = Duration::from_millis(50);

/// How long is waited for one at a time.
const TURN: Duration = Duration::from_secs(1);

const ANSWER: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n\
Content-Length: 36\r\nConnection: close\r\n\r\nthe flash cannot be read or written\n";

/// Answers every request with that.
pub async fn answer(mut host: impl Read + Write, guard: &mut Guard) -> ! {
    let mut octets = [0; 64];
    loop {
        guard.feed();
        if with_timeout(TURN, host.read(&mut octets)).await.is_err() {
            continue;
        }
        while with_timeout(QUIET, host.read(&mut octets)).await.is_ok() {
            guard.feed();
        }
        let _ = host.write_all(ANSWER).await;
    }
}
