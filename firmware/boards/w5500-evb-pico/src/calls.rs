//! The callbacks of the gateway: one at a time, made beside what it serves.
//!
//! What looks a name up and what talks to the other end is a task of its own; the gateway, which the main
//! loop has, says what is called, and whether it may be.

use core::net::Ipv4Addr;

use embassy_executor::Spawner;
use embassy_net::dns::DnsQueryType;
use embassy_net::tcp::TcpSocket;
use embassy_net::{IpAddress, Stack};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::channel::Channel;
use embassy_time::{Duration, with_timeout};
use embedded_io_async::Write;
use heapless::String;
use septet_board::time::now;
use septet_firmware::gateway::callback::{Callback, Callbacks, HOST_MAX};
use static_cell::{ConstStaticCell, StaticCell};

use crate::keep::Gateway;

/// Room for a request as it is made, and for its reply.
type Room = [u8; 6 * 1024];

/// How long a callback may take from its connection to the end of its reply.
const PATIENCE: Duration = Duration::from_secs(20);

enum Asked {
    /// To look a name up.
    Address(String<HOST_MAX>),
    /// To write so many octets of the room to an address and port, and read the reply into it.
    Call(Ipv4Addr, u16, usize, &'static mut Room),
}

enum Told {
    Address(Option<Ipv4Addr>),
    /// The octets of the reply.
    Reply(usize, &'static mut Room),
}

type Line<T> = Channel<NoopRawMutex, T, 1>;

/// The callbacks.
pub struct Calls {
    asked: &'static Line<Asked>,
    told: &'static Line<Told>,
    callbacks: Callbacks,
    /// `None` while the other end is talked to.
    room: Option<&'static mut Room>,
    /// The one that is made.
    under_way: Option<Callback>,
}

impl Calls {
    /// Starts what talks to other ends.
    pub fn start(spawner: Spawner, stack: Stack<'static>) -> Self {
        static LINES: StaticCell<(Line<Asked>, Line<Told>)> = StaticCell::new();
        static ROOM: ConstStaticCell<Room> = ConstStaticCell::new([0; 6 * 1024]);
        static BUFFERS: ConstStaticCell<([u8; 1024], [u8; 1024])> =
            ConstStaticCell::new(([0; 1024], [0; 1024]));
        let (asked, told) = LINES.init((Channel::new(), Channel::new()));
        let (received, sent) = BUFFERS.take();
        let socket = TcpSocket::new(stack, received, sent);
        spawner.spawn(make(stack, socket, asked, told).unwrap());
        Self {
            asked,
            told,
            callbacks: Callbacks::default(),
            room: Some(ROOM.take()),
            under_way: None,
        }
    }

    /// Whether one is being made: then a turn is due soon.
    pub const fn is_busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// Goes on with the one that is being made, or begins the next.
    pub fn turn(&mut self, gateway: &mut Gateway) {
        match (self.told.try_receive(), &mut self.room) {
            (Ok(Told::Address(address)), room) => {
                let address = address.filter(|address| gateway.lets_call(*address));
                if let (Some(address), Some(Callback { port, len, .. }), Some(room)) =
                    (address, &self.under_way, room.take())
                {
                    // It has taken what it was asked before.
                    let _ = self.asked.try_send(Asked::Call(address, *port, *len, room));
                } else {
                    gateway.called(&mut self.callbacks, &[], now());
                    self.under_way = None;
                }
            }
            (Ok(Told::Reply(len, room)), own) => {
                let reply = room.get(..len).unwrap_or_default();
                gateway.called(&mut self.callbacks, reply, now());
                *own = Some(room);
                self.under_way = None;
            }
            (Err(_), Some(room)) if self.under_way.is_none() => {
                self.under_way = gateway.callback(&mut self.callbacks, *room, now());
                if let Some(Callback { host, .. }) = &self.under_way {
                    let _ = self.asked.try_send(Asked::Address(host.clone()));
                }
            }
            (Err(_), _) => {}
        }
    }
}

#[embassy_executor::task]
async fn make(
    stack: Stack<'static>,
    mut socket: TcpSocket<'static>,
    asked: &'static Line<Asked>,
    told: &'static Line<Told>,
) -> ! {
    loop {
        match asked.receive().await {
            Asked::Address(host) => {
                let found = with_timeout(PATIENCE, stack.dns_query(&host, DnsQueryType::A)).await;
                let first =
                    found.ok().and_then(Result::ok).and_then(|found| found.first().copied());
                told.send(Told::Address(first.map(|IpAddress::Ipv4(address)| address))).await;
            }
            Asked::Call(address, port, len, room) => {
                let reply = with_timeout(PATIENCE, call(&mut socket, (address, port), len, room));
                let len = reply.await.unwrap_or(0);
                socket.abort();
                let _ = with_timeout(PATIENCE, socket.flush()).await;
                told.send(Told::Reply(len, room)).await;
            }
        }
    }
}

/// Writes the first `len` octets of the room, and reads into it until the other end closes: how many came.
/// 0 where it could not be reached, or answers more than there is room for.
async fn call(
    socket: &mut TcpSocket<'static>,
    to: (Ipv4Addr, u16),
    len: usize,
    room: &mut Room,
) -> usize {
    if socket.connect(to).await.is_err() {
        return 0;
    }
    let request = room.get(..len).unwrap_or_default();
    if socket.write_all(request).await.is_err() || socket.flush().await.is_err() {
        return 0;
    }
    let mut came = 0;
    loop {
        match socket.read(room.get_mut(came..).unwrap_or_default()).await {
            // Its end, or that of the room.
            Ok(0) if came < room.len() => return came,
            Ok(len @ 1..) => came += len,
            _ => return 0,
        }
    }
}
