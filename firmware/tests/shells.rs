//! Both shells bring a message from `send` to its reference, over a modem in memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails panics")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use septet::pdu::Pdu;
use septet_firmware::engine::Outcome;
use septet_firmware::profile::GENERIC;
use septet_firmware::{EventKind, Instant, blocking, driver};

/// The virtual time, which passes when nothing else can happen.
#[derive(Default)]
struct Time(Cell<u64>);

/// A modem that answers at once.
#[derive(Default)]
struct Modem {
    command: Vec<u8>,
    answers: VecDeque<u8>,
}

impl Modem {
    fn write(&mut self, octet: u8) {
        self.command.push(octet);
        let answer: &[u8] = match self.command.as_slice() {
            [.., 0x1a] => b"\r\n+CMGS: 42\r\n\r\nOK\r\n",
            b"AT+CMGS=18\r" => b"\r\n> ",
            b"AT+CPIN?\r" => b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
            b"AT+CMGF?\r" => b"\r\n+CMGF: 0\r\n\r\nOK\r\n",
            [.., b'\r'] => b"\r\nOK\r\n",
            _ => return,
        };
        self.answers.extend(answer);
        self.command.clear();
    }
}

/// A port that takes three octets at a time.
struct Port<'a>(&'a RefCell<Modem>);

impl embedded_io::ErrorType for Port<'_> {
    type Error = Infallible;
}

impl embedded_io::Read for Port<'_> {
    /// 0 where a real port would time out.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let mut modem = self.0.borrow_mut();
        let mut len = 0;
        for (place, octet) in
            buffer.iter_mut().zip(std::iter::from_fn(|| modem.answers.pop_front()))
        {
            *place = octet;
            len += 1;
        }
        Ok(len)
    }
}

impl embedded_io::Write for Port<'_> {
    fn write(&mut self, octets: &[u8]) -> Result<usize, Infallible> {
        let taken = octets.len().min(3);
        octets.iter().take(taken).for_each(|octet| self.0.borrow_mut().write(*octet));
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Read for Port<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        match embedded_io::Read::read(self, buffer)? {
            0 => pending().await,
            len => Ok(len),
        }
    }
}

impl embedded_io_async::Write for Port<'_> {
    async fn write(&mut self, octets: &[u8]) -> Result<usize, Infallible> {
        yield_once().await;
        embedded_io::Write::write(self, octets)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

struct Clock<'a>(&'a Time);

impl driver::Clock for Clock<'_> {
    fn now(&mut self) -> Instant {
        Instant(self.0.0.get())
    }

    async fn until(&mut self, at: Instant) {
        yield_once().await;
        self.0.0.set(self.0.0.get().max(at.0));
    }
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Polls `future` at most so often.
fn run<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    })
}

fn pdu() -> Pdu {
    Pdu::from_hex("0011000B915155100024F70000FF04F4F29C0E").unwrap()
}

const SENT: EventKind = EventKind::Finished(Outcome::Sent { reference: 42 });

#[test]
fn the_blocking_shell_sends() {
    let (modem, time) = (RefCell::default(), Time::default());
    let now = || Instant(time.0.replace(time.0.get() + 1));
    let mut driver = blocking::Driver::new(&GENERIC, Port(&modem), now);
    assert_eq!(driver.wait().unwrap().kind, EventKind::Ready);
    driver.send(&pdu()).unwrap();
    assert_eq!(driver.wait().unwrap().kind, SENT);
}

#[test]
fn the_async_shell_sends() {
    let (modem, time) = (RefCell::default(), Time::default());
    let mut driver = driver::Driver::new(&GENERIC, Port(&modem), Clock(&time));
    assert_eq!(run(driver.next(), 10_000).unwrap().unwrap().kind, EventKind::Ready);
    driver.send(&pdu()).unwrap();
    assert_eq!(run(driver.next(), 10_000).unwrap().unwrap().kind, SENT);
}

#[test]
fn a_future_of_the_async_shell_may_be_dropped_at_any_point() {
    let (modem, time) = (RefCell::default(), Time::default());
    let mut driver = driver::Driver::new(&GENERIC, Port(&modem), Clock(&time));
    let mut events = Vec::new();
    for turn in 0..10_000 {
        // Dropped after one, two or three polls.
        if let Some(event) = run(driver.next(), 1 + turn % 3) {
            let event = event.unwrap();
            if event.kind == EventKind::Ready {
                driver.send(&pdu()).unwrap();
            }
            events.push(event.kind);
        }
        if events.len() == 2 {
            break;
        }
    }
    assert_eq!(events, [EventKind::Ready, SENT]);
}

#[test]
fn a_port_that_takes_no_octets_does_not_end_the_blocking_shell() {
    struct Full;

    impl embedded_io::ErrorType for Full {
        type Error = Infallible;
    }

    impl embedded_io::Read for Full {
        fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
            Ok(0)
        }
    }

    impl embedded_io::Write for Full {
        fn write(&mut self, _: &[u8]) -> Result<usize, Infallible> {
            Ok(0)
        }

        fn flush(&mut self) -> Result<(), Infallible> {
            Ok(())
        }
    }

    let time = Time::default();
    let now = || Instant(time.0.replace(time.0.get() + 100));
    let mut driver = blocking::Driver::new(&GENERIC, Full, now);
    assert!(matches!(driver.wait().unwrap().kind, EventKind::Lost(_)));
}
