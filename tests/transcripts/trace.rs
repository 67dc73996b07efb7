//! A trace from the field is a test as it stands.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;

use septet::pdu::Pdu;
use septet_firmware::blocking::Driver;
use septet_firmware::profile::GENERIC;
use septet_firmware::trace::{Mask, Traced, Transcript};
use septet_firmware::{Event, EventKind, Instant};
use septet_host::replay::{Conclusion, Cut, Log, play};

/// A modem that answers at once, a minute after the PDU.
#[derive(Default)]
struct Modem {
    command: Vec<u8>,
    answers: VecDeque<u8>,
}

struct Port<'a>(&'a RefCell<Modem>, &'a Cell<u64>);

impl embedded_io::ErrorType for Port<'_> {
    type Error = Infallible;
}

impl embedded_io::Read for Port<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let mut modem = self.0.borrow_mut();
        let len = buffer.len().min(modem.answers.len());
        buffer.iter_mut().zip(modem.answers.drain(..len)).for_each(|(to, from)| *to = from);
        Ok(len)
    }
}

impl embedded_io::Write for Port<'_> {
    fn write(&mut self, octets: &[u8]) -> Result<usize, Infallible> {
        let mut modem = self.0.borrow_mut();
        let taken = octets.len().min(5);
        for octet in &octets[..taken] {
            modem.command.push(*octet);
            let answer: &[u8] = match modem.command.as_slice() {
                [.., 0x1a] => {
                    self.1.set(self.1.get() + 59_000);
                    b"\r\n+CMTI: \"SM\",3\r\n\r\n+CMGS: 42\r\n\r\nOK\r\n"
                }
                b"AT+CMGS=18\r" => b"\r\n> ",
                b"AT+CPIN?\r" => b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
                b"AT+CMGF?\r" => b"\r\n+CMGF: 0\r\n\r\nOK\r\n",
                b"AT+CREG?\r" => b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
                b"AT+CMGR=3\r" => {
                    b"\r\n+CMGR: 0,,23\r\n00040B915421436587F900002270513254128004D4F29C0E\r\n\r\nOK\r\n"
                }
                [.., b'\r'] => b"\r\nOK\r\n",
                _ => continue,
            };
            modem.answers.extend(answer);
            modem.command.clear();
        }
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[test]
fn a_trace_from_the_field_is_a_test_as_it_stands() {
    let (modem, time) = (RefCell::default(), Cell::new(0));
    let now = || Instant(time.replace(time.get() + 1));
    let mut text = String::new();
    let transcript = Transcript::new(&mut text, GENERIC.model, Mask::NUMBERS);
    let port = Traced::new(Port(&modem, &time), transcript, now);
    let mut driver = Driver::new(&GENERIC, port, now);
    let pdu = Pdu::from_hex("0011000B915421436587F90000FF04F4F29C0E").unwrap();
    let mut events: Vec<Event> = Vec::new();
    while !events.iter().any(|event| matches!(event.kind, EventKind::Received { .. })) {
        let event = driver.wait().unwrap();
        driver.port().concluded(&event);
        match &event.kind {
            EventKind::Ready => driver.send(&pdu).unwrap(),
            EventKind::Received { ticket, .. } => driver.done(ticket),
            _ => {}
        }
        events.push(event);
    }
    drop(driver);
    assert!(text.contains("= sent mr=42\n"), "{text}");
    assert!(text.contains("= received\n"), "{text}");
    assert!(!text.contains("21436587"), "{text}");
    let log = Log::parse(&text).unwrap();
    let replayed = play(&log, Some(&GENERIC), Cut::Whole);
    assert_eq!(replayed.missed, None, "{text}");
    let mut seen = replayed.seen.iter().filter_map(|seen| seen.conclusion.as_ref());
    assert!(seen.any(|seen| *seen == Conclusion::Sent(Some(42))), "{text}");
}
