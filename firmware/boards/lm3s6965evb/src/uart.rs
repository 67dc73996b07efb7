//! The serial lines: PL011 with FIFOs that an interrupt empties and fills.
//!
//! What comes waits in a queue of the line until it is read, and what is written waits in another until
//! it has left. Nothing waits for a line but [`flush`](Write::flush), and no line for another.
//! Datasheet, chapter 12.

use core::cell::RefCell;
use core::fmt;
use core::iter;

use critical_section::Mutex;
use embedded_io::{ErrorKind, ErrorType, Read, Write};
use heapless::spsc::{Consumer, Producer, Queue};

use crate::gpio::{Pin, Port};
use crate::interrupts::Interrupt;
use crate::registers::Block;
use crate::system::{self, Gate, HERTZ};

/// UARTDR: an octet, and in what comes what was wrong with it.
const OCTET: usize = 0x000;
/// UARTDR.FE, PE, BE: the octet is damaged.
const DAMAGED: u32 = 0b111 << 8;
/// UARTDR.OE: octets were lost before this one, since the FIFO was full.
const LOST: u32 = 1 << 11;
/// UARTFR: flags.
const FLAGS: usize = 0x018;
const BUSY: u32 = 1 << 3;
const RECEIVED_NONE: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
/// UARTIBRD and UARTFBRD: the divisor for the speed, and its 64ths.
const DIVISOR: usize = 0x024;
const DIVISOR_64THS: usize = 0x028;
/// UARTLCRH: eight bits, no parity, one stop bit, FIFOs. Writing it makes the divisor known.
const FORM: usize = 0x02C;
const EIGHT_BITS_AND_FIFOS: u32 = 0b111 << 4;
/// UARTCTL.UARTEN, TXE, RXE.
const CONTROL: usize = 0x030;
const RUN: u32 = 0b11 << 8 | 1;
/// UARTIFLS: a FIFO asks for service when it is an eighth full, both ways: 2 of its 16 octets.
const LEVELS: usize = 0x034;
const EIGHTHS: u32 = 0;
/// UARTIM: which interrupts come.
const MASK: usize = 0x038;
/// UARTICR: clears them.
const CLEAR: usize = 0x044;
/// The FIFO has octets, it has room, octets lie in it for 32 bits' time.
const RECEIVED: u32 = 1 << 4;
const TRANSMITTED: u32 = 1 << 5;
const RECEIVED_FEW: u32 = 1 << 6;

/// How many of the part's three lines are used: the host's, the modem's, and in a trial a test's.
const LINES: usize = if cfg!(feature = "trial") { 3 } else { 2 };

/// Octets of a queue, one of which stays free: 89 ms at 115 200 bits a second, longer than a turn takes.
const QUEUE: usize = 1_024;

/// What went wrong on a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// How often octets were lost because nobody took those before: the FIFO was full, and the queue.
    pub overruns: u32,
    /// Octets that came damaged, and were dropped: a speed that differs, noise, or a break.
    pub framing: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} overruns {} damaged", self.overruns, self.framing)
    }
}

/// The interrupt's half of a line.
struct Fifos {
    registers: Block,
    received: Producer<'static, u8>,
    transmit: Consumer<'static, u8>,
    /// The queue of what comes is full: what follows waits in the FIFO.
    is_full: bool,
    counts: Counts,
}

static FIFOS: [Mutex<RefCell<Option<Fifos>>>; LINES] =
    [const { Mutex::new(RefCell::new(None)) }; LINES];

impl Fifos {
    fn serve(&mut self) {
        // Before the FIFOs: what comes after this asks anew.
        self.registers.write(CLEAR, RECEIVED | TRANSMITTED | RECEIVED_FEW);
        self.is_full = false;
        while self.registers.read(FLAGS) & RECEIVED_NONE == 0 {
            self.is_full = !self.received.ready();
            if self.is_full {
                break;
            }
            let octet = self.registers.read(OCTET);
            if octet & LOST != 0 {
                self.counts.overruns = self.counts.overruns.saturating_add(1);
            }
            if octet & DAMAGED != 0 {
                self.counts.framing = self.counts.framing.saturating_add(1);
            } else {
                // It has room.
                let _ = self.received.enqueue(octet as u8);
            }
        }
        // What waits in the FIFO asks again when there is room.
        let came = if self.is_full { 0 } else { RECEIVED | RECEIVED_FEW };
        self.registers.write(MASK, came | TRANSMITTED);
        self.transmit();
    }

    /// Fills the FIFO. It asks for more once it is nearly empty, if it was full.
    fn transmit(&mut self) {
        while self.registers.read(FLAGS) & TRANSMIT_FULL == 0
            && let Some(octet) = self.transmit.dequeue()
        {
            self.registers.write(OCTET, octet.into());
        }
    }
}

/// Serves the interrupt of the nth UART.
pub fn interrupt(nth: usize) {
    with(nth, Fifos::serve);
}

fn with<T>(nth: usize, act: impl FnOnce(&mut Fifos) -> T) -> Option<T> {
    critical_section::with(|cs| FIFOS[nth].borrow_ref_mut(cs).as_mut().map(act))
}

/// A serial line: the program's half.
pub struct Uart {
    nth: usize,
    received: Consumer<'static, u8>,
    transmit: Producer<'static, u8>,
    /// The last read found nothing.
    is_drained: bool,
}

/// The queues of a line.
pub struct Queues {
    received: Queue<u8, QUEUE>,
    transmit: Queue<u8, QUEUE>,
}

impl Queues {
    /// Empty ones.
    pub const fn new() -> Self {
        Self { received: Queue::new(), transmit: Queue::new() }
    }
}

impl Uart {
    /// UART0 at PA0 (in) and PA1 (out), UART1 at PD2 (in) and PD3 (out), or UART2 at PG0 (in) and PG1
    /// (out), at this speed in bits a second.
    ///
    /// Datasheet, section 20 (signal tables).
    pub fn new(nth: usize, queues: &'static mut Queues, baud: u32) -> Self {
        let (port, pin) = match nth {
            0 => (Port::A, 0),
            #[cfg(feature = "trial")]
            2 => (Port::G, 0),
            _ => (Port::D, 2),
        };
        Pin::new(port, pin).alternate();
        Pin::new(port, pin + 1).alternate();
        system::enable(Gate::Uart(nth));
        let registers = Block::UARTS[nth];
        let (ours, received) = queues.received.split();
        let (transmit, theirs) = queues.transmit.split();
        let fifos = Fifos {
            registers,
            received: ours,
            transmit: theirs,
            is_full: false,
            counts: Counts::default(),
        };
        critical_section::with(|cs| FIFOS[nth].borrow(cs).replace(Some(fifos)));
        let mut uart = Self { nth, received, transmit, is_drained: false };
        uart.set_baud(baud);
        registers.write(LEVELS, EIGHTHS);
        registers.write(MASK, RECEIVED | TRANSMITTED | RECEIVED_FEW);
        Interrupt::UARTS[nth].unmask();
        uart
    }

    /// Switches to a speed, in bits a second: the divisor is to a 64th of the system clock divided by
    /// 16. What was written should have left.
    ///
    /// Datasheet, section 12.3.2 (baud-rate generation).
    pub fn set_baud(&mut self, baud: u32) {
        let baud = baud.max(1);
        let divisor_64ths = ((HERTZ * 4 + baud / 2) / baud).clamp(64, 0x3F_FFFF);
        with(self.nth, |line| {
            line.registers.write(CONTROL, 0);
            line.registers.write(DIVISOR, divisor_64ths / 64);
            line.registers.write(DIVISOR_64THS, divisor_64ths % 64);
            line.registers.write(FORM, EIGHT_BITS_AND_FIFOS);
            line.registers.write(CONTROL, RUN);
        });
    }

    /// What went wrong so far.
    #[cfg(feature = "trial")]
    pub fn counts(&self) -> Counts {
        with(self.nth, |line| line.counts).unwrap_or_default()
    }

    /// Whether nothing is to be done before an interrupt: nothing has come, and who reads knows it.
    pub fn is_quiet(&self) -> bool {
        self.is_drained && !self.received.ready()
    }

    /// Whether octets have come that were not read.
    #[cfg(feature = "trial")]
    pub fn has_come(&self) -> bool {
        self.received.ready()
    }
}

impl ErrorType for Uart {
    type Error = ErrorKind;
}

impl Read for Uart {
    /// Reads what has come; [`ErrorKind::TimedOut`] where nothing has.
    fn read(&mut self, octets: &mut [u8]) -> Result<usize, ErrorKind> {
        let came = iter::from_fn(|| self.received.dequeue());
        let len = octets.iter_mut().zip(came).map(|(place, octet)| *place = octet).count();
        self.is_drained = len == 0;
        with(self.nth, |line| {
            if line.is_full {
                line.serve()
            }
        });
        if len == 0 && !octets.is_empty() { Err(ErrorKind::TimedOut) } else { Ok(len) }
    }
}

impl Write for Uart {
    /// Writes what there is room for; [`ErrorKind::WriteZero`] where there is none.
    fn write(&mut self, octets: &[u8]) -> Result<usize, ErrorKind> {
        let len = octets.iter().take_while(|octet| self.transmit.enqueue(**octet).is_ok()).count();
        with(self.nth, Fifos::transmit);
        if len == 0 && !octets.is_empty() { Err(ErrorKind::WriteZero) } else { Ok(len) }
    }

    /// Waits until everything has left: for a queue that is full, 90 ms at 115 200 bits a second.
    fn flush(&mut self) -> Result<(), ErrorKind> {
        while !self.transmit.is_empty() || Block::UARTS[self.nth].read(FLAGS) & BUSY != 0 {}
        Ok(())
    }
}
