//! Connections, one after the other, in virtual time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{ErrorType, Read, Write};
use septet_firmware::Instant;
use septet_firmware::driver::{Clock, Driver, Error};
use septet_firmware::gateway::driver::{HURRY_MS, Host, IDLE_MS, PATIENCE_MS, Stopped};
use septet_firmware::gateway::{Gateway, apis};
use septet_firmware::profile::GENERIC;

use super::bench::{Kept, settings};

/// The virtual time, which passes when nothing else can happen.
#[derive(Default)]
struct Time {
    now: Cell<u64>,
    next: Cell<u64>,
}

impl Clock for &Time {
    fn now(&mut self) -> Instant {
        Instant(self.now.get())
    }

    async fn until(&mut self, at: Instant) {
        poll_fn(|_| {
            if self.now.get() >= at.0 {
                return Poll::Ready(());
            }
            self.next.set(self.next.get().min(at.0));
            Poll::Pending
        })
        .await;
    }
}

impl Time {
    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            self.next.set(u64::MAX);
            let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if let Poll::Ready(value) = polled {
                return value;
            }
            assert!(self.next.get() < u64::MAX, "it waits for nothing");
            self.now.set(self.next.get());
        }
    }
}

/// A client that says what comes to it in its time, an octet at a time.
#[derive(Default)]
struct Client {
    /// From when each octet is there.
    says: VecDeque<(u64, u8)>,
    hears: Vec<u8>,
    hangs_up: bool,
}

struct Wire<'a> {
    client: &'a RefCell<Client>,
    time: &'a Time,
}

impl ErrorType for Wire<'_> {
    type Error = Infallible;
}

impl Read for Wire<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let first = self.client.borrow().says.front().copied();
        if let Some((at, _)) = first {
            let mut time = self.time;
            time.until(Instant(at)).await;
            let mut client = self.client.borrow_mut();
            let due = client.says.iter().take(buffer.len()).filter(|own| own.0 <= at).count();
            buffer.iter_mut().zip(client.says.drain(..due)).for_each(|(to, (_, own))| *to = own);
            return Ok(due);
        }
        if self.client.borrow().hangs_up { Ok(0) } else { pending().await }
    }
}

impl Write for Wire<'_> {
    async fn write(&mut self, octets: &[u8]) -> Result<usize, Infallible> {
        // Not all at once.
        let some = octets.len().div_ceil(2);
        self.client.borrow_mut().hears.extend(&octets[..some]);
        Ok(some)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A modem that says nothing.
struct Silent;

impl ErrorType for Silent {
    type Error = Infallible;
}

impl Read for Silent {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        pending().await
    }
}

impl Write for Silent {
    async fn write(&mut self, octets: &[u8]) -> Result<usize, Infallible> {
        Ok(octets.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

struct Board<'a> {
    gateway: Gateway<Kept, 512, 4096>,
    modem: Driver<Silent, &'a Time>,
    time: &'a Time,
}

impl<'a> Board<'a> {
    fn new(time: &'a Time) -> Self {
        let mut keep = Kept::new();
        settings().save(&mut keep).unwrap();
        let gateway = Gateway::open(keep, apis::ALL, 1, 2, Instant(0)).unwrap();
        Self { gateway, modem: Driver::new(&GENERIC, Silent, time), time }
    }

    /// Serves a connection until it is over, in pieces of `tick_ms`: when that is. Another one waits from
    /// `others`.
    fn serve(&mut self, client: &RefCell<Client>, tick_ms: u32, others: u64) -> u64 {
        let wire = Wire { client, time: self.time };
        let mut host = Host::connection(wire, &mut self.gateway, Instant(self.time.now.get()));
        loop {
            let now = Instant(self.time.now.get());
            if now.0 >= others {
                host.hurry(&mut self.gateway, now);
            }
            let until = now.after(tick_ms);
            let (gateway, modem, mut clock) = (&mut self.gateway, &mut self.modem, self.time);
            let served = host.serve_until(gateway, modem, &mut clock, until);
            match self.time.run(served) {
                Ok(()) => {}
                Err(stopped) => {
                    assert_eq!(stopped, Stopped::Host(Error::Closed));
                    return self.time.now.get();
                }
            }
        }
    }
}

fn client(says: &[(u64, &str)]) -> RefCell<Client> {
    let octets = |(at, text): &(u64, &str)| text.bytes().map(|own| (*at, own)).collect::<Vec<_>>();
    let says = says.iter().flat_map(octets).collect();
    RefCell::new(Client { says, ..Client::default() })
}

fn heard(client: &RefCell<Client>) -> String {
    String::from_utf8(client.borrow().hears.clone()).unwrap()
}

const NEVER: u64 = u64::MAX;
const GET: &str = "GET /settings HTTP/1.1\r\n\r\n";
const EVENTS: &str = "GET /events HTTP/1.1\r\n\r\n";

#[test]
fn a_connection_is_over_when_its_client_has_asked_for_that() {
    let time = Time::default();
    let mut board = Board::new(&time);
    for says in
        ["GET /settings HTTP/1.1\r\nConnection: close\r\n\r\n", "GET /settings HTTP/1.0\r\n\r\n"]
    {
        let client = client(&[(0, says)]);
        assert_eq!(board.serve(&client, 100, NEVER), 0);
        assert!(heard(&client).contains("\r\nConnection: close\r\n"), "{}", heard(&client));
    }
}

#[test]
fn a_client_that_hangs_up_after_its_requests_has_their_replies() {
    let time = Time::default();
    let client = client(&[(0, GET), (0, GET), (7, GET)]);
    client.borrow_mut().hangs_up = true;
    assert_eq!(Board::new(&time).serve(&client, 1, NEVER), 7);
    assert_eq!(heard(&client).matches("HTTP/1.1 200 OK").count(), 3);
}

#[test]
fn a_connection_that_asks_nothing_is_over() {
    for (says, others, ends) in [
        (&[][..], NEVER, u64::from(PATIENCE_MS)),
        (&[(40_000, GET)], NEVER, 40_000 + u64::from(PATIENCE_MS)),
        // What has just connected has time to ask.
        (&[], 0, u64::from(IDLE_MS)),
        (&[], 10_000, 10_000),
        (&[(400, GET)], 0, 400),
        (&[(0, GET)], 10_000, 10_000),
    ] {
        let time = Time::default();
        let client = client(says);
        let ended = Board::new(&time).serve(&client, 10, others);
        assert_eq!(ended, ends, "{says:?}, others from {others}");
        assert_eq!(heard(&client).contains("200 OK"), !says.is_empty());
    }
}

#[test]
fn a_request_that_takes_too_long_ends_its_connection() {
    // An octet each second: it never stalls.
    let drops: Vec<(u64, &str)> = (0..200).map(|at| (at * 1_000, "X")).collect();
    for (others, ends) in [(NEVER, u64::from(PATIENCE_MS)), (10_000, 10_000 + u64::from(HURRY_MS))]
    {
        let time = Time::default();
        let client = client(&drops);
        assert_eq!(Board::new(&time).serve(&client, 100, others), ends);
        assert_eq!(heard(&client), "");
    }
}

#[test]
fn who_waits_for_an_event_lets_others_pass() {
    let time = Time::default();
    let mut board = Board::new(&time);
    let client = client(&[(0, EVENTS)]);
    assert_eq!(board.serve(&client, 100, 5_000), 5_000);
    let said = heard(&client);
    assert!(
        said.starts_with("HTTP/1.1 204 ") && said.contains("\r\nConnection: close\r\n"),
        "{said}"
    );
}

#[test]
fn who_waits_for_an_event_after_a_pause_waits_as_long() {
    let time = Time::default();
    let client = client(&[(50_000, EVENTS)]);
    let ends = 80_000 + u64::from(PATIENCE_MS);
    assert_eq!(Board::new(&time).serve(&client, 1_000, NEVER), ends);
    assert!(heard(&client).starts_with("HTTP/1.1 204 "));
}

#[test]
fn nothing_of_a_connection_is_left_to_the_next() {
    let time = Time::default();
    let mut board = Board::new(&time);
    let half = client(&[(0, "GET /settings HTTP/1.1\r\nX-Half: ")]);
    half.borrow_mut().hangs_up = true;
    board.serve(&half, 100, NEVER);
    let waits = client(&[(0, EVENTS)]);
    waits.borrow_mut().hangs_up = true;
    board.serve(&waits, 100, NEVER);
    let next = client(&[(0, GET)]);
    next.borrow_mut().hangs_up = true;
    board.serve(&next, 100, NEVER);
    assert_eq!((heard(&half), heard(&waits)), (String::new(), String::new()));
    let said = heard(&next);
    assert!(said.starts_with("HTTP/1.1 200 OK") && !said.contains("Connection: close"), "{said}");
}

#[test]
fn what_is_asked_behind_another_request_outlives_any_pause() {
    for tick_ms in [1, 2, 3, 7] {
        let time = Time::default();
        let says: String = [GET; 5].concat();
        let client = client(&[(0, &says)]);
        client.borrow_mut().hangs_up = true;
        Board::new(&time).serve(&client, tick_ms, NEVER);
        assert_eq!(heard(&client).matches("HTTP/1.1 200 OK").count(), 5);
    }
}
