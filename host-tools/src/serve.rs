//! `septet serve`: the gateway.

mod check;
mod welcome;

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use septet_firmware::options::SimPin;
use septet_firmware::profile::{GENERIC, PROFILES, Profile};
use tokio::net::TcpListener;
use tokio::runtime::Handle as Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;
use tracing::{info, warn};

use crate::accounts::Verifier;
use crate::config::{Config, DEMO_ACCOUNT, Modem, Troubles, key_hash};
use crate::control::{Air, Control, Lines, Reach, Served};
use crate::database::Database;
use crate::gateway::{Gateway, Handle};
use crate::http::{Address, App, Certificates, Taking};
use crate::network::{Network, REMEMBERED};
use crate::port::Port;
use crate::shell::Line;
use crate::store::SqlStore;
use crate::virtual_modem::{Traits, VirtualModem};
use crate::watch::Watch;
use crate::{
    Failed, accounts, callbacks, control, folder, http, line, operator, pin, port, shell, trace,
};

/// Runs the gateway. Without a configuration it makes one for a demo, with a virtual modem.
///
/// SEPTET_DEMO_PASSWORD in the environment sets the password of the account `demo` for this run.
#[derive(Debug, Args)]
pub struct Options {
    /// Configuration; it is made when it is not there
    #[arg(long, value_name = "FILE", default_value = "septet.toml")]
    config: PathBuf,
    /// Data folder, in place of the one in the configuration
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only check the configuration and the files that it names, and say what is wrong with them
    ///
    /// Nothing is started or written; what is wrong is printed, a line each.
    #[arg(long)]
    check: bool,
    /// Port, or address and port, to listen on, in place of the one in the configuration
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<Address>,
}

impl Options {
    /// Has what is given here count in place of what the configuration says.
    fn overrule(&self, config: &mut Config) {
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        if let Some(listen) = self.listen {
            config.listen = listen.0;
        }
    }
}

/// The environment variable that sets the password of the demo's account.
const PASSWORD_VARIABLE: &str = "SEPTET_DEMO_PASSWORD";

/// The password of the demo's account, as far as it is known.
enum Password {
    /// Made just now: nobody knows it yet.
    Made(String),
    /// The environment has it.
    Given,
    /// It was made by an earlier run.
    Earlier,
}

/// The file in the data folder that has all that is kept.
const DATABASE: &str = "septet.db";

/// How long modems may take to finish what they send when the gateway ends: longer than a network takes
/// to answer.
const SENDING_TIME: Duration = Duration::from_secs(75);

/// The modem inside this process: one that needs no pause between two commands.
const VIRTUAL: Profile = Profile { model: "virtual", gap_ms: 0, ..GENERIC };

/// The octets that fit into the in-process line between the gateway and its virtual modem.
const LINE: usize = 4096;

/// How many USSD strings wait for a modem's session.
const QUESTIONS_MAX: usize = 4;

/// Runs until Ctrl-C or SIGTERM, or only checks the configuration. Returns what is printed at the end.
///
/// # Errors
/// One sentence: what is wrong with the configuration, the data folder or the address.
pub async fn run(options: &Options) -> Result<String, Failed> {
    if options.check {
        return check::check(options);
    }
    let Settings { config, new_file, password } = settings(options)?;
    let mut running = Running::start(config).await?;
    // Only now: a demo whose password was never shown would be of no use.
    if let Some(text) = new_file {
        Config::write_new(&options.config, &text)?;
    }
    welcome::welcome(&running, &password)?;
    let reloads = reloads(options, running.handle.clone());
    let ended = tokio::select! {
        () = stopped() => None,
        () = reloads => None,
        why = running.tasks.join_next() => Some(why),
    };
    tokio::select! {
        () = running.stop() => {}
        // Asked twice, it ends at once.
        () = stopped() => {}
    }
    match ended {
        None => Ok(String::new()),
        // Each runs as long as the gateway does.
        Some(why) => Err(Failed::input(format!("a part of the gateway ended: {why:?}"))),
    }
}

/// A gateway that runs. Dropped, it ends at once.
pub struct Running {
    /// Its address: `http://127.0.0.1:8080`.
    pub url: String,
    /// The virtual network, where one of its modems is virtual.
    pub network: Option<Network>,
    /// The way to its writer.
    pub handle: Handle,
    config: Arc<Config>,
    /// Ends the servers.
    stop: watch::Sender<()>,
    servers: JoinSet<()>,
    /// The writer and the modems' sessions.
    tasks: JoinSet<()>,
    /// Keeps other gateways out of the data folder.
    _lock: File,
}

impl Running {
    /// Starts a gateway.
    ///
    /// # Errors
    /// One sentence: what is wrong with the configuration, the data folder or the address.
    pub async fn start(config: Config) -> Result<Self, Failed> {
        config.check_listen()?;
        let certificates = config.tls.as_ref().map(Certificates::load).transpose()?;
        let config = Arc::new(config);
        let data = &config.data;
        // An address that is taken leaves no folder behind. A folder that is there comes first: the gateway
        // that has it may have the address, too, and is the better reason.
        let early = if data.exists() { None } else { Some(listen(config.listen).await?) };
        folder::make(data).map_err(|e| {
            Failed::input(format!("cannot make the folder {}: {e}", data.display()))
        })?;
        let lock = Control::lock(data)?;
        let (listener, address) = match early {
            Some(listening) => listening,
            None => listen(config.listen).await?,
        };

        let mut tasks = JoinSet::new();
        let (air, handle, lines) = sessions(&config, &mut tasks).await?;
        let network = air.as_ref().map(|air| air.network.clone());
        let proxies = config.trusted_proxies.clone();
        let (stop, _) = watch::channel(());
        let stopped = || {
            let mut stopping = stop.subscribe();
            async move {
                let _ = stopping.changed().await;
            }
        };
        // Commands on this machine have a port of its loopback where the other speaks TLS: they are
        // none whom a certificate is for.
        let own = match certificates {
            Some(_) => Some(listen(Address::default().0).await?),
            None => None,
        };
        let control_address = own.as_ref().map_or(address, |(_, own)| *own);
        let control = Control::new(format!("http://{control_address}"))?;
        let reading = opened(&config, |config| match &config.store {
            None => Database::open_reading(&config.data.join(DATABASE)),
            Some(url) => Database::connect_reading(url),
        });
        let watch = Watch::new(reading.await?, handle.configured().clone(), handle.live().clone());
        let reach = Reach { gateway: handle.clone(), lines };
        let served = Served { watch: watch.clone(), reach };
        let commands = control::router(&control, air, Some(served));
        let mut pages = operator::router(&config, watch, handle.clone(), network.clone())?;
        let mut servers = JoinSet::new();
        match own {
            Some((own, _)) => {
                servers.spawn(http::serve(own, Taking::default(), App::pages(commands), stopped()));
            }
            None => pages = pages.merge(commands),
        }
        let tls = certificates.as_ref().map(Certificates::acceptor);
        let app = App::new(handle.clone(), pages);
        servers.spawn(http::serve(listener, Taking { tls, proxies }, app, stopped()));
        control.write(data)?;
        let scheme = if certificates.is_some() { "https" } else { "http" };
        if let Some(certificates) = certificates {
            tasks.spawn(Arc::new(certificates).watch());
        }
        let url = format!("{scheme}://{address}");
        Ok(Self { url, network, handle, config, stop, servers, tasks, _lock: lock })
    }

    /// Has the modems finish what they send, answers what was asked, then ends.
    pub async fn stop(mut self) {
        if timeout(SENDING_TIME, self.handle.drain()).await.is_err() {
            warn!("a modem does not come to an end: what it sends is unknown");
        }
        let _ = self.stop.send(());
        // A server that panicked has ended as well.
        while self.servers.join_next().await.is_some() {}
        // The writer ends when nobody is left that tells it something.
        drop(self.handle);
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        Control::remove(&self.config.data);
    }
}

/// A listener on this address, and where that is.
async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failed> {
    let failed = |e: std::io::Error| {
        Failed::input(format!("cannot listen on {address}: {e}; --listen takes another address"))
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// What `open` makes of the configuration, where that may take a while.
async fn opened<T: Send + 'static>(
    config: &Arc<Config>,
    open: impl FnOnce(Arc<Config>) -> Result<T, Failed> + Send + 'static,
) -> Result<T, Failed> {
    let config = config.clone();
    let opened = spawn_blocking(move || open(config)).await;
    opened.map_err(|e| Failed::input(e.to_string())).flatten()
}

/// What a run begins with.
struct Settings {
    config: Config,
    /// The text of a configuration that is not there yet.
    new_file: Option<String>,
    password: Password,
}

/// The configuration, one for a demo where there is none.
fn settings(options: &Options) -> Result<Settings, Failed> {
    let path = &options.config;
    let given = std::env::var(PASSWORD_VARIABLE).ok().filter(|password| !password.is_empty());
    let (mut config, new_file, password) = if path.exists() {
        let mut config = Config::load(path)?;
        let demo = config.accounts.iter_mut().find(|account| account.name == DEMO_ACCOUNT);
        if let (Some(demo), Some(given)) = (demo, &given) {
            let hash = accounts::hash(given)?;
            // The demo's page opens to the password of its account.
            if let Some(operator) = &mut config.operator
                && operator.password == demo.password
            {
                operator.password.clone_from(&hash);
            }
            demo.password = hash;
            demo.key = Some(key_hash(given));
        }
        (config, None, given.map_or(Password::Earlier, |_| Password::Given))
    } else {
        let (made, password) = match given {
            Some(given) => (given, Password::Given),
            None => {
                let made = accounts::random_hex(12)?;
                (made.clone(), Password::Made(made))
            }
        };
        let text = Config::demo(&accounts::hash(&made)?, &key_hash(&made));
        let config = Config::parse(&text).map_err(Failed::input)?;
        (config, Some(text), password)
    };
    options.overrule(&mut config);
    Ok(Settings { config, new_file, password })
}

/// The profile with this name.
///
/// # Errors
/// One sentence with the known names.
pub fn profile(name: &str) -> Result<&'static Profile, String> {
    let known = |profile: &&&Profile| profile.model.eq_ignore_ascii_case(name);
    PROFILES.iter().find(known).copied().ok_or_else(|| {
        let known: Vec<&str> = PROFILES.iter().map(|profile| profile.model).collect();
        format!("no profile {name:?}; known: {}", known.join(", "))
    })
}

/// What the configuration of a modem names: the profile, where it is not to be chosen by what the modem
/// says, and the PIN.
fn of_modem(modem: &Modem) -> (Result<Chosen, Failed>, Result<Option<SimPin>, Failed>) {
    let about = |failed: String| Failed::input(format!("modem {:?}: {failed}", modem.name));
    let chosen = (modem.profile != shell::AUTO).then(|| profile(&modem.profile));
    let pin = modem.pin_file.as_deref().map(pin::from_file);
    let pin = pin.transpose().map_err(|failed| about(failed.sentence));
    (chosen.transpose().map_err(about), pin)
}

/// A profile that the configuration names, where it names one.
type Chosen = Option<&'static Profile>;

/// Starts the writer and a session for each modem.
async fn sessions(
    config: &Arc<Config>,
    tasks: &mut JoinSet<()>,
) -> Result<(Option<Air>, Handle, Lines), Failed> {
    let verifier = Arc::new(Verifier::new()?);
    let (handle, inputs) = Handle::new(config.clone(), verifier.clone());
    let mut air = Air { network: Network::new().remembering(REMEMBERED), modems: Vec::new() };
    let (mut modems, mut lines) = (Vec::new(), Lines::new());
    for (number, modem) in config.modems.iter().enumerate() {
        let (chosen, pin) = of_modem(modem);
        let (chosen, pin) = (chosen?, pin?);
        let (work, receiver) = mpsc::unbounded_channel();
        modems.push(work);
        let (ask, asked) = mpsc::channel(QUESTIONS_MAX);
        lines.insert(modem.name.clone(), ask);
        let (name, gateway) = (modem.name.clone(), handle.clone());
        let trace = modem.trace.as_deref();
        let trace = trace
            .map(|path| trace::append(path, shell::model(chosen), modem.trace_numbers))
            .transpose()?;
        let is_particular = |own: &&'static Profile| own.model != GENERIC.model;
        let chosen = match modem.is_virtual() {
            true => chosen.filter(is_particular).or(Some(&VIRTUAL)),
            false => chosen,
        };
        let session = shell::session(shell::options(chosen, pin), Line::default(), trace);
        if modem.is_virtual() {
            let network = air.network.clone();
            let sim = network.add_sim(&modem.number, &modem.short_codes);
            let profile = chosen.unwrap_or(&VIRTUAL);
            // The session needs no silence to tell one indication from the next.
            let traits =
                Traits { faults: modem.faults.clone(), gap: Duration::ZERO, ..Traits::default() };
            let mut modem = VirtualModem::with_traits(profile, network, sim, traits);
            air.modems.push(modem.inbox());
            let (ours, theirs) = tokio::io::duplex(LINE);
            tasks.spawn(async move {
                if let Err(error) = modem.run(theirs).await {
                    warn!(%error, "the virtual modem ended");
                }
            });
            // This line does not fail: both ends end with the process.
            let ours = Mutex::new(Some(Box::new(ours) as Port));
            let open = move || {
                let port = ours.lock().unwrap_or_else(PoisonError::into_inner).take();
                async { port.ok_or_else(|| Failed::input("the virtual modem has ended")) }
            };
            tasks.spawn(line::run(number, name, session, open, gateway, receiver, asked));
        } else {
            let (port, baud) = (modem.port.clone(), modem.baud);
            let open = move || {
                let port = port.clone();
                async move { port::open(&port, baud).await }
            };
            tasks.spawn(line::run(number, name, session, open, gateway, receiver, asked));
        }
    }
    let store = opened(config, |config| {
        let database = match &config.store {
            None => Database::open(&config.data.join(DATABASE))?,
            Some(url) => Database::connect(url)?,
        };
        SqlStore::new(config, verifier, database, Instant::now())
    })
    .await?;
    let callbacks = callbacks::Client::new(&config.callbacks)?;
    // The file is not looked at again for the lines.
    let mut warnings = Troubles::of("");
    config.warnings(&mut warnings);
    for warning in warnings.sorted() {
        warn!("{warning}");
    }
    let gateway = Gateway::new(store, (&handle, inputs), modems, callbacks);
    let runtime = Runtime::current();
    tasks.spawn_blocking(move || gateway.run(&runtime));
    Ok(((!air.modems.is_empty()).then_some(air), handle, lines))
}

/// Reads the configuration again each time that the process is asked to (SIGHUP). One that is wrong
/// changes nothing. Never returns.
async fn reloads(options: &Options, handle: Handle) {
    let Ok(mut asked) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
    else {
        warn!("the system tells no SIGHUP: another configuration counts from the next start on");
        return std::future::pending().await;
    };
    while asked.recv().await.is_some() {
        let file = options.config.display();
        let read = settings(options);
        let done = match read {
            Ok(Settings { new_file: Some(_), .. }) => Err(Failed::input("it is not there")),
            Ok(Settings { config, .. }) => handle.reconfigure(config).await,
            Err(failed) => Err(failed),
        };
        match done {
            Ok(()) => info!(%file, "the configuration was read again, and counts"),
            Err(Failed { sentence: why, .. }) => {
                warn!(%file, why, "the configuration that was read before counts still");
            }
        }
    }
    std::future::pending().await
}

/// Returns when the process is asked to stop.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
