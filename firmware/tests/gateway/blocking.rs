//! The gateway in a superloop: neither line waits for the other.

use std::cell::RefCell;
use std::collections::VecDeque;

use embedded_io::ErrorKind;
use septet_firmware::blocking::Driver;
use septet_firmware::direct::{self, Account, Direct};
use septet_firmware::engine::Instant;
use septet_firmware::gateway::blocking::{Host, Turn};
use septet_firmware::gateway::{Gateway, apis};
use septet_firmware::profile::GENERIC;

use crate::bench::{Kept, form, get, settings};

/// A line as that of a UART with queues, which says so where one is empty or full.
#[derive(Default)]
struct Line {
    /// What comes, for the program to read.
    coming: VecDeque<u8>,
    /// What the program has written.
    written: Vec<u8>,
    /// How many octets more can be written now.
    room: usize,
    /// What the next read reports.
    fails: Option<ErrorKind>,
    /// How many octets the turn has read.
    read: usize,
}

struct Port<'a>(&'a RefCell<Line>);

impl embedded_io::ErrorType for Port<'_> {
    type Error = ErrorKind;
}

impl embedded_io::Read for Port<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let mut line = self.0.borrow_mut();
        if let Some(error) = line.fails {
            return Err(error);
        }
        let len = buffer.len().min(line.coming.len());
        buffer.iter_mut().zip(line.coming.drain(..len)).for_each(|(to, from)| *to = from);
        line.read += len;
        if len == 0 { Err(ErrorKind::TimedOut) } else { Ok(len) }
    }
}

impl embedded_io::Write for Port<'_> {
    fn write(&mut self, octets: &[u8]) -> Result<usize, ErrorKind> {
        let mut line = self.0.borrow_mut();
        let len = octets.len().min(line.room);
        line.written.extend(&octets[..len]);
        line.room -= len;
        if len == 0 && !octets.is_empty() { Err(ErrorKind::WriteZero) } else { Ok(len) }
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// Both lines and what a turn came to; the modem answers at once.
struct Loop<'a> {
    lines: &'a [RefCell<Line>; 2],
    turn: Box<dyn FnMut(Instant) -> Turn<ErrorKind, ErrorKind> + 'a>,
    now: Instant,
    /// What the modem has heard of a command.
    command: Vec<u8>,
    /// How many messages the modem has sent.
    sent: usize,
}

type Modem<'a> = Driver<Port<'a>, Box<dyn FnMut() -> Instant + 'a>>;

impl<'a> Loop<'a> {
    fn new(lines: &'a [RefCell<Line>; 2]) -> Self {
        let mut keep = Kept::new();
        settings().save(&mut keep).unwrap();
        let gateway = Gateway::<_, 2048, 2048>::open(keep, apis::ALL, 1, 2, Instant(0)).unwrap();
        let mut host = Host::new(gateway, Port(&lines[0]));
        Self::with(lines, move |modem, now| host.turn(modem, now))
    }

    /// The loop of the gateway that keeps nothing.
    fn direct(lines: &'a [RefCell<Line>; 2]) -> Self {
        let account = Account { name: "demo", secret: "secret" };
        let gateway = Direct::<2048, 1024>::new(apis::ALL, account, 1, 2);
        let mut host = direct::Host::new(gateway, Port(&lines[0]));
        Self::with(lines, move |modem, now| host.turn(modem, now))
    }

    fn with(
        lines: &'a [RefCell<Line>; 2],
        mut turn: impl FnMut(&mut Modem<'a>, Instant) -> Turn<ErrorKind, ErrorKind> + 'a,
    ) -> Self {
        let modem = &lines[1];
        modem.borrow_mut().room = usize::MAX;
        let time = std::rc::Rc::new(std::cell::Cell::new(Instant(0)));
        let clock = time.clone();
        let clock: Box<dyn FnMut() -> Instant + 'a> = Box::new(move || clock.get());
        let mut modem = Driver::new(&GENERIC, Port(modem), clock);
        let turn = Box::new(move |now| {
            time.set(now);
            turn(&mut modem, now)
        });
        Self { lines, turn, now: Instant(0), command: Vec::new(), sent: 0 }
    }

    fn turn(&mut self) -> Turn<ErrorKind, ErrorKind> {
        self.now = self.now.after(1);
        self.lines.iter().for_each(|line| line.borrow_mut().read = 0);
        let turn = (self.turn)(self.now);
        for line in self.lines {
            let Line { read, .. } = *line.borrow();
            assert!(read <= 64, "a turn reads {read} octets");
        }
        let mut modem = self.lines[1].borrow_mut();
        for octet in std::mem::take(&mut modem.written) {
            self.command.push(octet);
            let answer: &[u8] = match self.command.as_slice() {
                [.., 0x1A] => b"\r\n+CMGS: 42\r\n\r\nOK\r\n",
                [b'A', b'T', b'+', b'C', b'M', b'G', b'S', b'=', .., b'\r'] => b"\r\n> ",
                b"AT+CPIN?\r" => b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
                b"AT+CMGF?\r" => b"\r\n+CMGF: 0\r\n\r\nOK\r\n",
                [.., b'\r'] => b"\r\nOK\r\n",
                _ => continue,
            };
            modem.coming.extend(answer);
            self.sent += usize::from(self.command.ends_with(b"\x1A"));
            self.command.clear();
        }
        turn
    }

    fn turns(&mut self, count: usize) {
        for _ in 0..count {
            self.turn();
        }
    }

    fn asks(&self, request: &str) {
        self.lines[0].borrow_mut().coming.extend(request.bytes());
    }

    /// Turns until this was said, with room for a few octets at a time.
    fn says(&mut self, words: &str) {
        for _ in 0..30_000 {
            self.turn();
            let mut host = self.lines[0].borrow_mut();
            host.room = 3;
            let said = String::from_utf8_lossy(&host.written).into_owned();
            if said.contains(words) {
                host.written.clear();
                return;
            }
        }
        panic!("{words}: {}", String::from_utf8_lossy(&self.lines[0].borrow().written));
    }

    /// Turns until the modem takes messages.
    fn ready(&mut self) {
        self.turns(20_000);
        self.asks(&get("/status"));
        self.says("\"ready\":true");
    }
}

fn send() -> String {
    let pairs = "username=demo&password=secret&message=hello&msisdn=4512345678";
    form("/eapi/submission/send_sms/2/2.0", "", pairs)
}

#[test]
fn a_line_without_room_is_no_trouble_and_its_reply_goes_when_there_is_some() {
    let lines = Default::default();
    let mut board = Loop::new(&lines);
    board.asks(&get("/status"));
    for _ in 0..50 {
        assert!(matches!(board.turn(), Turn::Quiet | Turn::Busy));
    }
    board.says("\"messages\":[]}");
}

#[test]
fn a_turn_that_took_octets_is_not_quiet() {
    let lines = Default::default();
    let mut board = Loop::new(&lines);
    lines[0].borrow_mut().room = usize::MAX;
    board.turns(20);
    // The second request came in one read with the first, and what follows waits in the line.
    board.asks("GET / HTTP/1.1\r\n\r\nGET /settings HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\n");
    while board.turn() != Turn::Quiet {}
    let said = String::from_utf8(lines[0].borrow().written.clone()).unwrap();
    assert_eq!(said.matches("HTTP/1.1 ").count(), 3, "{said}");
}

#[test]
fn a_host_that_never_stops_and_reads_nothing_holds_no_message_up() {
    let lines = Default::default();
    let mut board = Loop::new(&lines);
    board.ready();
    for _ in 0..3 {
        board.asks(&send());
        board.says("0|");
    }
    // What follows is no request, and no reply has room.
    lines[0].borrow_mut().room = 0;
    for _ in 0..3_000 {
        lines[0].borrow_mut().coming.extend([b'x'; 64]);
        board.turn();
    }
    assert_eq!(board.sent, 3);
}

#[test]
fn a_modem_that_never_stops_holds_no_host_up() {
    let lines = Default::default();
    let mut board = Loop::new(&lines);
    board.ready();
    for _ in 0..10 {
        lines[1].borrow_mut().coming.extend([b'x'; 50_000]);
        board.asks(&get("/settings"));
        board.says("\"accounts\":[\"demo\"]");
        assert!(!lines[1].borrow().coming.is_empty());
    }
}

#[test]
fn a_reply_goes_though_the_line_cannot_be_read() {
    let lines = Default::default();
    let mut board = Loop::new(&lines);
    board.asks(&get("/settings"));
    board.turns(5);
    lines[0].borrow_mut().fails = Some(ErrorKind::InvalidData);
    lines[0].borrow_mut().room = usize::MAX;
    for _ in 0..5 {
        assert!(matches!(board.turn(), Turn::Host(ErrorKind::InvalidData)));
    }
    assert!(lines[0].borrow().written.ends_with(b"}}\n"));
}

#[test]
fn a_board_that_keeps_nothing_sends_and_tells_that_it_did() {
    let lines = Default::default();
    let mut board = Loop::direct(&lines);
    board.asks(&send());
    // The modem is not set up yet.
    board.says("40|");
    board.turns(20_000);
    for sent in 1..4 {
        // The next request comes before the reply to this one.
        board.asks(&send());
        board.asks(&get("/"));
        board.says("\r\n\r\n0|");
        assert_eq!(board.sent, sent);
        board.says("ready\n");
    }
    // What is no request is answered once, and what follows after a pause is read.
    board.asks("\u{1}\u{2}\r\n\r\n");
    board.turns(200);
    board.says("400 Bad Request");
    board.asks(&send());
    board.says("\r\n\r\n0|");
}

#[test]
fn what_happened_with_the_modem_is_not_lost_with_the_host_line() {
    let lines: [[RefCell<Line>; 2]; 2] = Default::default();
    for (lines, make) in lines.iter().zip([Loop::new, Loop::direct]) {
        let mut board = make(lines);
        board.turns(20_000);
        board.asks(&send());
        let [host, _] = lines;
        while !host.borrow().coming.is_empty() {
            board.turn();
        }
        host.borrow_mut().fails = Some(ErrorKind::InvalidData);
        board.turns(20_000);
        assert_eq!(board.sent, 1);
        let mut line = host.borrow_mut();
        (line.fails, line.room) = (None, usize::MAX);
        drop(line);
        board.turns(200);
        host.borrow_mut().written.clear();
        // It is known that the first one was sent: the second one goes.
        board.asks(&send());
        board.turns(5_000);
        assert_eq!(board.sent, 2);
    }
}
