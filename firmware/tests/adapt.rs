//! Ports with the traits of other crates reach the shells.

#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_hal_nb::{nb, serial};
use embedded_io::{ErrorKind, Read, Write};
use septet_firmware::adapt::{Io06, Nb};
use septet_firmware::profile::GENERIC;
use septet_firmware::{EventKind, Instant, blocking};

/// A UART that answers every command with `OK`, and is not ready every other time.
#[derive(Default)]
struct Uart {
    read: VecDeque<Result<u8, serial::ErrorKind>>,
    written: Vec<u8>,
    flushed: bool,
    busy: bool,
    answers: bool,
}

impl Uart {
    fn with(read: impl IntoIterator<Item = Result<u8, serial::ErrorKind>>) -> Self {
        Self { read: read.into_iter().collect(), ..Self::default() }
    }

    fn turn(&mut self) -> nb::Result<(), serial::ErrorKind> {
        self.busy = !self.busy;
        if self.busy { Err(nb::Error::WouldBlock) } else { Ok(()) }
    }
}

impl serial::ErrorType for Uart {
    type Error = serial::ErrorKind;
}

impl serial::Read for Uart {
    fn read(&mut self) -> nb::Result<u8, serial::ErrorKind> {
        match self.read.pop_front() {
            Some(read) => read.map_err(nb::Error::Other),
            None => Err(nb::Error::WouldBlock),
        }
    }
}

impl serial::Write for Uart {
    fn write(&mut self, octet: u8) -> nb::Result<(), serial::ErrorKind> {
        self.turn()?;
        self.written.push(octet);
        if self.answers && octet == b'\r' {
            let answer: &[u8] = match self.written.as_slice() {
                b"AT+CPIN?\r" => b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
                b"AT+CMGF?\r" => b"\r\n+CMGF: 0\r\n\r\nOK\r\n",
                _ => b"\r\nOK\r\n",
            };
            self.read.extend(answer.iter().copied().map(Ok));
            self.written.clear();
        }
        Ok(())
    }

    fn flush(&mut self) -> nb::Result<(), serial::ErrorKind> {
        self.turn()?;
        self.flushed = true;
        Ok(())
    }
}

#[test]
fn an_nb_port_gives_what_is_there_and_waits_only_to_write() {
    let mut port = Nb::new(Uart::with([Ok(b'O'), Ok(b'K')]));
    let mut buffer = [0; 8];
    assert_eq!(port.read(&mut buffer), Ok(2));
    assert_eq!(buffer.get(..2), Some(&b"OK"[..]));
    assert_eq!(port.read(&mut buffer), Ok(0));
    assert_eq!(port.write(b""), Ok(0));
    port.write_all(b"AT\r").unwrap();
    port.flush().unwrap();
    let uart = port.into_inner();
    assert_eq!(uart.written, b"AT\r");
    assert!(uart.flushed);
}

#[test]
fn an_error_of_an_nb_port_loses_no_octet_before_it() {
    use serial::ErrorKind::{Overrun, Parity};
    let mut port = Nb::new(Uart::with([Ok(1), Err(Overrun), Ok(2), Err(Parity), Ok(3)]));
    let mut buffer = [0; 8];
    let reads: Vec<_> = (0..6).map(|_| port.read(&mut buffer)).collect();
    let (overrun, parity) = (Err(ErrorKind::Other), Err(ErrorKind::InvalidData));
    assert_eq!(reads, [Ok(1), overrun, Ok(1), parity, Ok(1), Ok(0)]);
}

#[test]
fn the_blocking_shell_sets_a_modem_up_over_an_nb_port() {
    let time = Cell::new(0);
    let now = || Instant(time.replace(time.get() + 1));
    let uart = Uart { answers: true, ..Uart::default() };
    let mut modem = blocking::Driver::new(&GENERIC, Nb::new(uart), now);
    assert_eq!(modem.wait().unwrap().kind, EventKind::Ready);
}

/// A port of the version before that gives one error, and takes no octet.
struct Port06(embedded_io_06::ErrorKind);

impl embedded_io_06::ErrorType for Port06 {
    type Error = embedded_io_06::ErrorKind;
}

impl embedded_io_06::Read for Port06 {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
        Err(self.0)
    }
}

impl embedded_io_06::Write for Port06 {
    fn write(&mut self, _: &[u8]) -> Result<usize, Self::Error> {
        Ok(0)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Err(self.0)
    }
}

impl embedded_io_async_06::Read for Port06 {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
        Err(self.0)
    }
}

impl embedded_io_async_06::Write for Port06 {
    async fn write(&mut self, _: &[u8]) -> Result<usize, Self::Error> {
        Ok(0)
    }
}

/// What a future that need not wait comes to.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
    .unwrap()
}

#[test]
fn a_port_of_embedded_io_06_keeps_the_kinds_of_its_errors() {
    use embedded_io_06::ErrorKind as Old;
    for (old, new) in [
        (Old::TimedOut, ErrorKind::TimedOut),
        (Old::Interrupted, ErrorKind::Interrupted),
        (Old::InvalidData, ErrorKind::InvalidData),
        (Old::Other, ErrorKind::Other),
    ] {
        let mut port = Io06(Port06(old));
        assert_eq!(Read::read(&mut port, &mut [0; 8]), Err(new));
        assert_eq!(Write::flush(&mut port), Err(new));
        assert_eq!(ready(embedded_io_async::Read::read(&mut port, &mut [0; 8])), Err(new));
    }
}

#[test]
fn a_port_of_embedded_io_06_that_takes_nothing_is_an_error() {
    let mut port = Io06(Port06(embedded_io_06::ErrorKind::Other));
    assert_eq!(Write::write(&mut port, b"AT\r"), Err(ErrorKind::WriteZero));
    assert_eq!(Write::write(&mut port, b""), Ok(0));
    let written = ready(embedded_io_async::Write::write(&mut port, b"AT\r"));
    assert_eq!(written, Err(ErrorKind::WriteZero));
}

/// The shells ignore these two: nothing came.
#[test]
fn the_blocking_shell_goes_on_over_a_port_of_embedded_io_06_that_times_out() {
    struct Silent;

    impl embedded_io_06::ErrorType for Silent {
        type Error = embedded_io_06::ErrorKind;
    }

    impl embedded_io_06::Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
            Err(embedded_io_06::ErrorKind::TimedOut)
        }
    }

    impl embedded_io_06::Write for Silent {
        fn write(&mut self, octets: &[u8]) -> Result<usize, Self::Error> {
            Ok(octets.len())
        }

        fn flush(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
    }

    let time = Cell::new(0);
    let now = || Instant(time.replace(time.get() + 100));
    let mut modem = blocking::Driver::new(&GENERIC, Io06(Silent), now);
    assert!(matches!(modem.wait().unwrap().kind, EventKind::Lost(_)));
}
