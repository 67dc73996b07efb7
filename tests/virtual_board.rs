//! The gateway of a board, on the host: its host line is a TCP port of loopback, its modem a virtual one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use septet_firmware::board::NoBoard;
use septet_firmware::driver::Driver;
use septet_firmware::gateway::callback::Callbacks;
use septet_firmware::gateway::driver::{Host, Stopped, serve};
use septet_firmware::gateway::keep::Memory;
use septet_firmware::gateway::tape::{Shared, Tapes};
use septet_firmware::gateway::{BoardApi, Gateway, apis};
use septet_firmware::profile::GENERIC;
use septet_firmware::trace::{Ring, Traced};
use septet_host::network::Network;
use septet_host::port::Port;
use septet_host::shell::{Line, TokioClock, options, session};
use septet_host::virtual_modem::VirtualModem;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The number of the board's SIM.
pub const SIM: &str = "4520001204";

/// How many octets are under way on a wire.
const WIRE: usize = 1024;

/// How many octets its trace has.
const TRACE: usize = 1024;

/// How many connections wait at most.
const CONNECTIONS: usize = 4;

/// How often it is looked whether a connection waits, in milliseconds.
const TICK_MS: u32 = 20;
const TICK: Duration = Duration::from_millis(TICK_MS as u64);

/// A board; it ends when it is dropped.
pub struct Board {
    /// Where its host line is: `127.0.0.1:PORT`. It serves one connection after the other, as a cable
    /// that is plugged into one computer after the other.
    pub address: String,
    /// The virtual network of its modem.
    pub network: Network,
    power: Arc<Notify>,
    connections: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Board {
    /// A board whose modem is there.
    pub async fn start() -> Self {
        let board = Self::without_modem().await;
        board.power_modem();
        board
    }

    /// A board whose modem has no power yet.
    pub async fn without_modem() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let network = Network::new();
        let sim = network.add_sim(SIM, &["1204".to_owned()]);
        let modem = VirtualModem::new(&GENERIC, network.clone(), sim, Vec::new());
        let (ours, theirs) = duplex(WIRE);
        let (power, connections) = <(Arc<Notify>, Arc<AtomicUsize>)>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(run_modem(modem, theirs, power.clone()));
        let (host, cable) = duplex(WIRE);
        tasks.spawn(run_cable(listener, cable, connections.clone()));
        tasks.spawn(run_gateway(Box::new(host), Box::new(ours)));
        Self { address, network, power, connections, _tasks: tasks }
    }

    /// A board on a network, whose modem is there: connections come to the gateway itself, which serves one
    /// after the other.
    pub async fn on_network() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let network = Network::new();
        let sim = network.add_sim(SIM, &["1204".to_owned()]);
        let modem = VirtualModem::new(&GENERIC, network.clone(), sim, Vec::new());
        let (ours, theirs) = duplex(WIRE);
        let (power, connections) = <(Arc<Notify>, Arc<AtomicUsize>)>::default();
        power.notify_one();
        let mut tasks = JoinSet::new();
        tasks.spawn(run_modem(modem, theirs, power.clone()));
        let (ready, waiting) = mpsc::channel(CONNECTIONS);
        tasks.spawn(accept(listener, ready, connections.clone()));
        tasks.spawn(serve_network(waiting, Box::new(ours)));
        Self { address, network, power, connections, _tasks: tasks }
    }

    /// Gives its modem power.
    pub fn power_modem(&self) {
        self.power.notify_one();
    }

    /// How many connections its host line has had.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// The URL of a path on its host line.
    pub fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }
}

/// Without power a modem hears nothing.
async fn run_modem(mut modem: VirtualModem, mut wire: DuplexStream, power: Arc<Notify>) {
    let mut lost = [0; WIRE];
    loop {
        tokio::select! {
            () = power.notified() => break,
            read = wire.read(&mut lost) => assert!(read.expect("a wire") > 0),
        }
    }
    modem.run(wire).await.expect("a wire");
}

/// Carries octets between the board and whoever is connected, one after the other.
async fn run_cable(listener: TcpListener, mut board: DuplexStream, connections: Arc<AtomicUsize>) {
    loop {
        let (mut host, _) = listener.accept().await.expect("a connection");
        host.set_nodelay(true).expect("an option");
        connections.fetch_add(1, Ordering::Relaxed);
        let (mut asked, mut said) = ([0; WIRE], [0; WIRE]);
        loop {
            // A host that has gone hears nothing more.
            let written = tokio::select! {
                read = host.read(&mut asked) => match read {
                    Ok(0) | Err(_) => break,
                    Ok(len) => board.write_all(&asked[..len]).await,
                },
                read = board.read(&mut said) => {
                    let len = read.expect("a board");
                    host.write_all(&said[..len]).await
                }
            };
            if written.is_err() {
                break;
            }
        }
    }
}

async fn accept(
    listener: TcpListener,
    ready: mpsc::Sender<TcpStream>,
    connections: Arc<AtomicUsize>,
) {
    loop {
        let (host, _) = listener.accept().await.expect("a connection");
        connections.fetch_add(1, Ordering::Relaxed);
        ready.send(host).await.expect("a board");
    }
}

async fn serve_network(mut waiting: mpsc::Receiver<TcpStream>, modem: Port) {
    let mut clock = TokioClock::start();
    let mut gateway = gateway(apis::CALLING, &clock);
    let mut callbacks = Callbacks::default();
    let mut modem = session(options(None, None), Line(Some(modem)), None);
    loop {
        call(&mut gateway, &mut callbacks, &clock).await;
        let mut nobody = Line(None);
        let host = tokio::select! {
            host = waiting.recv() => host.expect("a listener"),
            stopped = serve(&mut gateway, &mut nobody, &mut modem, &mut clock, || {}) => {
                panic!("the board stopped: {stopped:?}")
            }
            // It is looked whether a callback is due.
            () = sleep(TICK) => continue,
        };
        let mut host = Host::connection(Line(Some(Box::new(host))), &mut gateway, clock.time());
        loop {
            let now = clock.time();
            if !waiting.is_empty() {
                host.hurry(&mut gateway, now);
            }
            match host.serve_until(&mut gateway, &mut modem, &mut clock, now.after(TICK_MS)).await {
                Ok(()) => {}
                Err(Stopped::Host(_)) => break,
                Err(stopped) => panic!("the board stopped: {stopped:?}"),
            }
        }
    }
}

/// Makes the callbacks that are due, one after the other. What is not reached is tried later.
async fn call(gateway: &mut Own, callbacks: &mut Callbacks, clock: &TokioClock) {
    let mut room = [0; 6 * 1024];
    while let Some(callback) = gateway.callback(callbacks, &mut room, clock.time()) {
        let mut reply = Vec::new();
        let address = callback.host.parse().expect("an address");
        if gateway.lets_call(address)
            && let Ok(mut other) = TcpStream::connect((address, callback.port)).await
            && other.write_all(&room[..callback.len]).await.is_ok()
        {
            let _ = other.read_to_end(&mut reply).await;
        }
        gateway.called(callbacks, &reply, clock.time());
    }
}

/// The gateway of a board.
type Own = Gateway<Memory<16384>, 3072, 4096>;

fn gateway(apis: &'static [&'static BoardApi], clock: &TokioClock) -> Own {
    let seed = 0x1234_5678_9ABC_DEF0;
    Gateway::open(Memory::new(), apis, seed, 7, clock.time()).expect("a gateway")
}

async fn run_gateway(host: Port, modem: Port) {
    let mut clock = TokioClock::start();
    let mut gateway = gateway(apis::ALL, &clock);
    // As a board's `static` does, it outlives the gateway.
    let trace: &'static Shared<Ring<TRACE>> = Box::leak(Box::new(Shared::new(Ring::new())));
    gateway.set_tapes(Tapes { trace: Some(trace), log: None });
    let port = Traced::new(Line(Some(modem)), trace, move || clock.time());
    let mut modem = Driver::with(options(None, None), port, clock, NoBoard);
    let mut host = Line(Some(host));
    let Err(stopped) = serve(&mut gateway, &mut host, &mut modem, &mut clock, || {}).await;
    panic!("the board stopped: {stopped:?}");
}
