//! A third serial line for a test of the board, UART2: what only a test may ask, and what it is told.
//!
//! The board tells `start` when it does. Lines, which end with a line feed: `state` tells the time, what
//! went wrong on the lines and how long the longest turn was; `panic`, `hang` and `stop` (with interrupts
//! off) do what they say; `clock` reads the clock for a second and panics if it jumps. For each message
//! that the modem has sent a line tells what it took, from the first octet of its request: the cycles of
//! the turns that did something. After `hold` a request is read once it has come, so that no turn waits
//! for its octets.

use core::fmt::{self, Write as _};

use embedded_io::{Read as _, Write as _};
use heapless::{String, Vec};
use septet::parts::Fate;

use crate::gateway::Host;
use crate::time;
use crate::uart::{Queues, Uart};

/// Bits a second.
const BAUD: u32 = 115_200;

/// How long a request takes to come, in milliseconds, where it has no speed.
const HOLD_MS: u32 = 30;

/// The line, and what a message has taken so far.
pub struct Trial {
    uart: Uart,
    line: Vec<u8, 16>,
    /// Whether a turn that begins a request waits until all of it is there.
    holds: bool,
    /// The cycles of all turns that did something, and those before the last request began.
    spent: u64,
    asked: u64,
    /// The last message whose cost was told.
    told: u32,
    /// When the turn began, and the cycles of the longest one.
    began: u64,
    longest: u64,
}

impl Trial {
    pub fn new(line: &'static mut Queues) -> Self {
        let uart = Uart::new(2, line, BAUD);
        let mut own = Self {
            uart,
            line: Vec::new(),
            holds: false,
            spent: 0,
            asked: 0,
            told: 0,
            began: 0,
            longest: 0,
        };
        own.tell(format_args!("start"));
        own
    }

    /// Before the gateway's turn: whether a request begins.
    pub fn begins(&mut self, host: &Host) {
        if host.gateway.is_idle() && host.port.has_come() {
            let until = time::now().after(HOLD_MS);
            while self.holds && time::now() < until {
                cortex_m::asm::wfi();
            }
            self.asked = self.spent;
        }
        self.began = time::cycles();
    }

    /// After it: whether a message was sent, and what is asked here.
    pub fn turn(&mut self, host: &Host, modem: &Uart, is_quiet: bool) {
        let took = time::cycles() - self.began;
        self.longest = self.longest.max(took);
        self.spent += if is_quiet { 0 } else { took };
        let last = host.gateway.outbox().messages().next_back();
        if let Some(sms) = last.filter(|sms| sms.number != self.told)
            && sms.known.fates.iter().all(|fate| !matches!(fate, Fate::Waiting | Fate::Sending))
        {
            self.told = sms.number;
            self.tell(format_args!("sent in {} cycles", self.spent - self.asked));
        }
        let mut octet = [0];
        while self.uart.read(&mut octet).is_ok() {
            match octet {
                [b'\n'] => self.asked(host, modem),
                [octet] => drop(self.line.push(octet)),
            }
        }
    }

    fn asked(&mut self, host: &Host, modem: &Uart) {
        match core::mem::take(&mut self.line).as_slice() {
            b"panic" => panic!("asked for by a test"),
            b"hang" => hang(),
            b"stop" => critical_section::with(|_| hang()),
            b"hold" => self.holds = true,
            b"clock" => self.tell(format_args!("clock: {} times", time::reads())),
            b"state" => {
                let longest = self.longest;
                self.tell(format_args!(
                    "state: {} ms, modem's line {}, host's line {}, longest turn {longest} cycles",
                    time::now().0,
                    modem.counts(),
                    host.port.counts(),
                ));
            }
            _ => self.tell(format_args!("what?")),
        }
    }

    fn tell(&mut self, words: fmt::Arguments<'_>) {
        let mut text = String::<160>::new();
        let _ = write!(text, "{words}\r\n");
        let _ = self.uart.write(text.as_bytes());
    }
}

/// Does nothing for ever.
fn hang() -> ! {
    loop {
        cortex_m::asm::nop();
    }
}
