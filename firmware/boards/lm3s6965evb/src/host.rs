//! The host line: a line with the hexadecimal digits of an SMS-SUBMIT sends it, and each event is told
//! as a line. It stands here until a gateway has this line.
//!
//! What can be said and what is told: README.md of this package.

use core::fmt::{self, Write as _};

use embedded_io::{ErrorKind, Read as _, Write as _};
use heapless::{String, Vec};
use septet::pdu::{PDU_MAX, Pdu};
use septet::tpdu::Submit;
use septet_firmware::blocking::Driver;
use septet_firmware::board::Board;
use septet_firmware::engine::Outcome;
use septet_firmware::{Event, EventKind, Instant};

use crate::panic::Start;
use crate::time::{self, Load};
use crate::uart::Uart;

/// The longest line that is taken: the digits of a PDU, and a carriage return.
const LINE: usize = 2 * PDU_MAX + 1;

/// The longest line that is told, in octets.
const TEXT: usize = 400;

/// The host line.
pub struct Host {
    uart: Uart,
    line: Vec<u8, LINE>,
    /// The line that comes is longer than any that is taken.
    is_long: bool,
    /// The cycles that the processor had been awake when the message in flight was asked for.
    asked: Option<u64>,
}

impl Host {
    /// Begins with how this life of the board began.
    pub fn new(uart: Uart, start: &Start) -> Self {
        let mut host = Self { uart, line: Vec::new(), is_long: false, asked: None };
        host.tell(format_args!("{start}"));
        host
    }

    /// Whether the next event can be told. Until then the modem's octets wait in their queue: it holds
    /// more than comes while this much leaves, since the modem's line is not faster than this one.
    pub fn has_room(&self) -> bool {
        self.uart.room() >= TEXT
    }

    /// Whether a message is on its way.
    pub const fn is_sending(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether nothing is to be done here before an interrupt.
    pub fn is_quiet(&self) -> bool {
        self.uart.is_quiet()
    }

    /// Reads what has come, up to the end of a line, and does what that asks for. It reads no more than
    /// the modem's turn does, so that a host that never stops talking holds nothing up.
    pub fn turn<N, B>(&mut self, modem: &mut Driver<Uart, N, B>, load: &Load)
    where
        N: FnMut() -> Instant,
        B: Board<Uart>,
    {
        let mut octet = [0];
        for _ in 0..64 {
            if self.uart.read(&mut octet).is_err() {
                return;
            }
            match octet {
                [b'\n'] => {
                    self.asked_for(modem, load);
                    self.line.clear();
                    self.is_long = false;
                    return;
                }
                [octet] => self.is_long |= self.line.push(octet).is_err(),
            }
        }
    }

    fn asked_for<N, B>(&mut self, modem: &mut Driver<Uart, N, B>, load: &Load)
    where
        N: FnMut() -> Instant,
        B: Board<Uart>,
    {
        let line = core::mem::take(&mut self.line);
        match line.trim_ascii() {
            _ if self.is_long => self.tell(format_args!("no message: longer than {LINE} octets")),
            b"" => {}
            b"?" => self.tell_state(modem),
            #[cfg(feature = "trial")]
            b"clock" => self.tell(format_args!("clock: {} times", time::reads())),
            #[cfg(feature = "trial")]
            b"panic" => panic!("asked for at the host line"),
            #[cfg(feature = "trial")]
            b"hang" => hang(),
            #[cfg(feature = "trial")]
            b"stop" => critical_section::with(|_| hang()),
            hex => {
                // A PDU of another kind is none that a modem sends.
                let read =
                    Pdu::from_hex(hex).and_then(|pdu| pdu.read::<Submit>().map(drop).map(|()| pdu));
                match read.map(|pdu| modem.send(&pdu)) {
                    Ok(Ok(())) => self.asked = Some(load.cycles()),
                    Ok(Err(busy)) => self.tell(format_args!("not taken: {busy}")),
                    Err(error) => self.tell(format_args!("no message: {error}")),
                }
            }
        }
    }

    /// Tells what came of a turn of the session. A message that came is done with once its line is on
    /// its way.
    pub fn happened<N, B>(
        &mut self,
        turn: Result<Option<Event>, ErrorKind>,
        modem: &mut Driver<Uart, N, B>,
        load: &Load,
    ) where
        N: FnMut() -> Instant,
        B: Board<Uart>,
    {
        let event = match turn {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(_) => return self.tell(format_args!("the modem's line takes no more")),
        };
        match event.kind {
            EventKind::Ready => {
                self.tell(format_args!("ready: {}", modem.engine().profile().model))
            }
            EventKind::Lost(trouble) => self.tell(format_args!("lost: {trouble}")),
            EventKind::Rebooted => self.tell(format_args!("restarted")),
            EventKind::Registered(true) => self.tell(format_args!("registered")),
            EventKind::Registered(false) => self.tell(format_args!("not registered")),
            EventKind::Finished(outcome) => self.finished(outcome, load),
            EventKind::Waiting { store, index } => {
                self.tell(format_args!("waiting: {store} {index}"))
            }
            EventKind::Received { pdu, ticket } => {
                self.tell(format_args!("received: {}", Hex(&pdu)));
                modem.done(&ticket);
            }
            EventKind::Full { .. } => self.tell(format_args!("full")),
            EventKind::Damaged => self.tell(format_args!("damaged")),
            // Nothing is asked of the modem whose answer would come as another event.
            _ => {}
        }
    }

    fn finished(&mut self, outcome: Outcome, load: &Load) {
        let cycles = load.cycles() - self.asked.take().unwrap_or_default();
        match outcome {
            Outcome::Sent { reference } => {
                self.tell(format_args!("sent: {reference} in {cycles} cycles"));
            }
            Outcome::Refused { code, .. } => self.tell(format_args!("refused: {code}")),
            Outcome::NotSent(why) => self.tell(format_args!("not sent: {why}")),
            Outcome::Unknown(why) => self.tell(format_args!("unknown: {why}")),
        }
    }

    fn tell_state<N, B>(&mut self, modem: &mut Driver<Uart, N, B>)
    where
        N: FnMut() -> Instant,
        B: Board<Uart>,
    {
        let (here, there) = (self.uart.counts(), modem.port().counts());
        let is_ready = if modem.engine().is_ready() { "ready" } else { "not ready" };
        self.tell(format_args!(
            "state: {is_ready}, {} ms, modem's line {there}, host's line {here}",
            time::now().0
        ));
    }

    /// Writes a line: whole, since there is room for one whenever anything is told.
    fn tell(&mut self, words: fmt::Arguments<'_>) {
        let mut text = String::<TEXT>::new();
        // What has no room in it is a sentence of the session's own, which can do without its end.
        let _ = text.write_fmt(words);
        text.truncate(TEXT - 2);
        let _ = text.push_str("\r\n");
        let _ = self.uart.write(text.as_bytes());
    }
}

/// A PDU's octets in hexadecimal digits.
struct Hex<'a>(&'a Pdu);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hex().try_for_each(|digit| f.write_char(char::from(digit)))
    }
}

/// Does nothing for ever.
#[cfg(feature = "trial")]
fn hang() -> ! {
    loop {
        cortex_m::asm::nop();
    }
}
