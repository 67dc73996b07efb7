//! A third serial line for a test of the board, UART2: what only a test may ask, and what it is told.
//!
//! Lines, which end with a line feed: `state` tells the time, what went wrong on the lines and how long
//! the longest turn was; `panic`, `hang` and `stop` (with interrupts off) do what they say; `clock` reads
//! the clock for a second and panics if it jumps. For each part that the modem has sent a line tells
//! what it took, from the first octet of its request.

use core::fmt::{self, Write as _};

use embedded_io::{Read as _, Write as _};
use heapless::{String, Vec};
use septet::parts::Fate;

use crate::gateway::Host;
use crate::time;
use crate::uart::{Queues, Uart};

/// Bits a second.
const BAUD: u32 = 115_200;

/// The line, and what a message has taken so far.
pub struct Trial {
    uart: Uart,
    line: Vec<u8, 16>,
    /// The cycles that the processor had been awake when the last request began.
    asked: u64,
    /// The last message whose cost was told.
    told: u32,
    /// The cycles that it had been awake when the turn began, and those of the longest turn.
    began: u64,
    longest: u64,
}

impl Trial {
    pub fn new(line: &'static mut Queues) -> Self {
        let uart = Uart::new(2, line, BAUD);
        Self { uart, line: Vec::new(), asked: 0, told: 0, began: 0, longest: 0 }
    }

    /// Before the gateway's turn: whether a request begins.
    pub fn begins(&mut self, host: &Host) {
        self.began = time::awake();
        if host.gateway.is_idle() && host.port.has_come() {
            self.asked = self.began;
        }
    }

    /// After it: whether a message was sent, and what is asked here.
    pub fn turn(&mut self, host: &Host, modem: &Uart) {
        let now = time::awake();
        self.longest = self.longest.max(now - self.began);
        let last = host.gateway.outbox().messages().next_back();
        if let Some(sms) = last.filter(|sms| sms.number != self.told)
            && sms.fates.iter().all(|fate| !matches!(fate, Fate::Waiting | Fate::Sending))
        {
            self.told = sms.number;
            self.tell(format_args!("sent in {} cycles", now - self.asked));
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
