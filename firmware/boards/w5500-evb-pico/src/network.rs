//! The network: an address, and connections that wait for the gateway, which serves one at a time.

use core::future::pending;

use embassy_executor::Spawner;
use embassy_net::tcp::{Error, TcpSocket};
use embassy_net::{
    Config, DhcpConfig, Ipv4Address, Ipv4Cidr, Stack, StackResources, StaticConfigV4,
};
use embassy_net_wiznet::chip::W5500;
use embassy_net_wiznet::{Device, Runner, State};
use embassy_rp::clocks::RoscRng;
use embassy_rp::gpio::{Input, Output};
use embassy_rp::peripherals::SPI0;
use embassy_rp::spi::{Async, Spi};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::channel::Channel;
use embassy_time::{Delay, Duration, with_timeout};
use embedded_hal_bus::spi::ExclusiveDevice;
use embedded_io_async::{ErrorType, Read, Write};
use static_cell::StaticCell;

/// The port of HTTP.
const PORT: u16 = 80;

/// Connections at once: one that is served, and those that wait for that.
const CONNECTIONS: usize = 4;

/// How long a client may be silent that has octets to acknowledge, or is asked whether it is there.
const GONE: Duration = Duration::from_secs(20);

/// How long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// The address that the board was built with, and the length of its prefix. Else DHCP gives it one.
const ADDRESS: Option<([u8; 4], u8)> = include!(concat!(env!("OUT_DIR"), "/address.rs"));

/// The W5500 at its wires.
type Spi0 = ExclusiveDevice<Spi<'static, SPI0, Async>, Output<'static>, Delay>;
type Wiznet = Runner<'static, W5500, Spi0, Input<'static>, Output<'static>>;
type Queue = Channel<NoopRawMutex, TcpSocket<'static>, CONNECTIONS>;

/// The connections of the board.
#[derive(Clone, Copy)]
pub struct Network {
    stack: Stack<'static>,
    /// Those that wait for the gateway.
    ready: &'static Queue,
    /// Those that are over.
    over: &'static Queue,
}

impl Network {
    /// Starts the W5500 and what waits for connections. `id` is the board's own number, of which the
    /// hardware address is made.
    pub async fn start(
        spawner: Spawner,
        spi: Spi<'static, SPI0, Async>,
        select: Output<'static>,
        reset: Output<'static>,
        interrupt: Input<'static>,
        id: [u8; 8],
    ) -> Self {
        static STATE: StaticCell<State<4, 4>> = StaticCell::new();
        static RESOURCES: StaticCell<StackResources<{ CONNECTIONS + 3 }>> = StaticCell::new();
        static BUFFERS: StaticCell<[([u8; 2048], [u8; 2048]); CONNECTIONS]> = StaticCell::new();
        static QUEUES: StaticCell<(Queue, Queue)> = StaticCell::new();
        let [.., a, b, c, d, e] = id;
        // An address of one's own has this bit in its first octet: IEEE 802, section 8.2.2.
        let mac = [0x02, a, b, c, d, e];
        let spi: Spi0 = ExclusiveDevice::new(spi, select, Delay).expect("a pin cannot fail");
        let started = embassy_net_wiznet::new(mac, STATE.init(State::new()), spi, interrupt, reset);
        let (device, runner) = started.await.expect("the W5500 answers");
        spawner.spawn(drive(runner).unwrap());
        let resources = RESOURCES.init(StackResources::new());
        let (stack, runner) = embassy_net::new(device, config(), resources, RoscRng.next_u64());
        spawner.spawn(run(runner).unwrap());
        #[cfg(feature = "defmt")]
        spawner.spawn(tell(stack).unwrap());
        let (ready, over) = QUEUES.init((Channel::new(), Channel::new()));
        let network = Self { stack, ready, over };
        for (received, sent) in BUFFERS.init([([0; 2048], [0; 2048]); CONNECTIONS]) {
            let mut socket = TcpSocket::new(stack, received, sent);
            socket.set_timeout(Some(GONE));
            socket.set_keep_alive(Some(GONE / 2));
            spawner.spawn(listen(socket, network).unwrap());
        }
        network
    }

    /// What callbacks go over.
    pub const fn stack(&self) -> Stack<'static> {
        self.stack
    }

    /// Whether the board has an address.
    pub fn has_address(&self) -> bool {
        self.stack.is_config_up()
    }

    /// Whether a connection waits.
    pub fn is_wanted(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The port of no connection.
    pub const fn nobody(self) -> Port {
        Port { socket: None, network: self }
    }

    /// The next connection; the one before is over.
    pub fn next(self, before: Port) -> Port {
        if let Some(socket) = before.socket {
            // It has room for all of them.
            let _ = self.over.try_send(socket);
        }
        Port { socket: self.ready.try_receive().ok(), network: self }
    }
}

fn config() -> Config {
    if let Some((octets, prefix)) = ADDRESS {
        let address = Ipv4Cidr::new(Ipv4Address::from(octets), prefix);
        // Nothing is asked for outside of the board's own network, and callbacks go to addresses alone.
        return Config::ipv4_static(StaticConfigV4 {
            address,
            gateway: None,
            dns_servers: Default::default(),
        });
    }
    let mut dhcp = DhcpConfig::default();
    dhcp.hostname = "septet".try_into().ok();
    Config::dhcpv4(dhcp)
}

#[embassy_executor::task]
async fn drive(runner: Wiznet) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn run(mut runner: embassy_net::Runner<'static, Device<'static>>) -> ! {
    runner.run().await
}

/// Logs the address.
#[cfg(feature = "defmt")]
#[embassy_executor::task]
async fn tell(stack: Stack<'static>) -> ! {
    loop {
        stack.wait_config_up().await;
        defmt::info!("address: {}", stack.config_v4());
        stack.wait_config_down().await;
        defmt::info!("no address");
    }
}

/// Has a connection wait for the gateway, and closes one that is over.
#[embassy_executor::task(pool_size = CONNECTIONS)]
async fn listen(mut socket: TcpSocket<'static>, network: Network) -> ! {
    loop {
        if socket.accept(PORT).await.is_ok() {
            network.ready.send(socket).await;
            socket = network.over.receive().await;
        }
        socket.close();
        // A client that is reset before it has closed may lose what it has not read.
        let closed = async { while socket.read(&mut [0; 64]).await.is_ok_and(|len| len > 0) {} };
        let _ = with_timeout(CLOSING, closed).await;
        socket.abort();
        let _ = with_timeout(CLOSING, socket.flush()).await;
    }
}

/// A connection; where there is none, it ends when one waits.
pub struct Port {
    socket: Option<TcpSocket<'static>>,
    network: Network,
}

impl ErrorType for Port {
    type Error = Error;
}

impl Read for Port {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        match &mut self.socket {
            Some(socket) => socket.read(buffer).await,
            None => {
                self.network.ready.ready_to_receive().await;
                Ok(0)
            }
        }
    }
}

impl Write for Port {
    async fn write(&mut self, octets: &[u8]) -> Result<usize, Error> {
        match &mut self.socket {
            Some(socket) => socket.write(octets).await,
            None => pending().await,
        }
    }

    async fn flush(&mut self) -> Result<(), Error> {
        match &mut self.socket {
            Some(socket) => socket.flush().await,
            None => Ok(()),
        }
    }
}
